"""A real server over TLS, and a proxy that leads to it whoever asks for ``dtmapi.iom.int``."""

from __future__ import annotations

import os
import select
import socket
import socketserver
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

HOST = "dtmapi.iom.int"
SEED = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from waystation.web.accounts.actions import create_key
from waystation.web.tracking.exercise import seed_exercise
seed_exercise(sites=40, rounds=3, seed=2)
print(create_key("clients", by=None))
"""


@dataclass(frozen=True)
class Server:
    """A server under test.

    Attributes:
        port: Where it answers, over TLS.
        key: A key that it accepts.
        certificates: File of the authority that its certificate is from.
        proxy: Address of the proxy.
        data: Its data folder.
    """

    port: int
    key: str
    certificates: Path
    proxy: str
    data: Path


class _Connect(socketserver.StreamRequestHandler):
    """One ``CONNECT dtmapi.iom.int:443``, joined to the server; anything else is refused."""

    port = 0

    def handle(self):
        wanted = self.rfile.readline().split()
        while self.rfile.readline().strip():
            pass
        if wanted[:2] != [b"CONNECT", f"{HOST}:443".encode()]:
            self.wfile.write(b"HTTP/1.1 403 Forbidden\r\n\r\n")
            return
        with socket.create_connection(("127.0.0.1", self.port)) as there:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _join(self.connection, there)


def _join(here, there):
    other = {here: there, there: here}
    while True:
        for ready in select.select(list(other), [], [], 60)[0]:
            content = ready.recv(1 << 16)
            if not content:
                return
            other[ready].sendall(content)


def _free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def _wait_for(port, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            pytest.fail(f"the server ended: {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("the server does not answer")


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """Return a running server with the exercise in it, as ``dtmapi.iom.int`` over TLS."""
    folder = tmp_path_factory.mktemp("clients")
    environment = {
        **{k: v for k, v in os.environ.items() if k != "DATABASE_URL"},
        "WAYSTATION_DATA": str(folder / "data"),
        "WAYSTATION_ALLOWED_HOSTS": HOST,
        "DJANGO_SETTINGS_MODULE": "waystation.web.project.settings.local",
    }
    seeded = subprocess.run(
        [sys.executable, "-c", SEED],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    authority = trustme.CA()
    certificate = authority.issue_cert(HOST, "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    (folder / "chain.pem").write_bytes(
        b"".join(part.bytes() for part in certificate.cert_chain_pems)
    )
    private = load_pem_private_key(certificate.private_key_pem.bytes(), None)
    key_form = (Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (folder / "key.pem").write_bytes(private.private_bytes(*key_form))
    port = _free_port()
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [
                sys.executable, "-m", "granian", "--interface", "asginl", "--no-ws",
                "--host", "127.0.0.1", "--port", str(port),
                "--ssl-certificate", str(folder / "chain.pem"),
                "--ssl-keyfile", str(folder / "key.pem"),
                "waystation.web.project.asgi:application",
            ],
            env=environment, stdout=log, stderr=log,
        )  # fmt: skip
    handler = type("Connect", (_Connect,), {"port": port})
    proxy = socketserver.ThreadingTCPServer(("127.0.0.1", 0), handler)
    proxy.daemon_threads = True
    threading.Thread(target=proxy.serve_forever, daemon=True).start()
    try:
        _wait_for(port, process)
        yield Server(
            port=port,
            key=seeded.stdout.strip(),
            certificates=folder / "authority.pem",
            proxy=f"http://127.0.0.1:{proxy.server_address[1]}",
            data=folder / "data",
        )
    finally:
        proxy.shutdown()
        proxy.server_close()
        process.terminate()
        process.wait(20)


@pytest.fixture
def pointed(server, monkeypatch):
    """Point programs at the server by their environment alone, as a person would."""
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, server.proxy)
    for name in ("NO_PROXY", "no_proxy", "DTMAPI_SUBSCRIPTION_KEY", "DTMHNA_SUBSCRIPTION_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(server.certificates))
    return server
