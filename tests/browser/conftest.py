"""A real server, real Chromium, and what every page is held to.

A test takes ``page`` (a visitor's) or ``signed_in_page("amina", Role.ADMINISTRATOR)``, looks at
it with ``axe(page)`` and keeps it with ``screenshot(page, "name")``. At its end the test fails
if a page wrote an error to its console, broke the content security policy, or asked anything of
another server; ``watch.allow("text")`` lets an expected one through.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

ROOT = Path(__file__).resolve().parents[2]
BUILT = ROOT / "src/waystation/web/static/dist/manifest.json"
AXE = ROOT / "frontend/node_modules/axe-core/axe.min.js"
PICTURES = ROOT / "build" / "screenshots"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
START_SECONDS = 300  # with the exercise, on a machine that is busy
ARGUMENTS = ["--no-sandbox", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage"]
VIOLATION = """addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@contextlib.contextmanager
def running_server(folder: Path, *options: str) -> Iterator[str]:
    """Start ``waystation serve`` on a free port and give its address.

    Args:
        folder: The data folder.
        options: More options of the command, such as ``--exercise``.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.browser.settings",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
    }
    variables.pop("DATABASE_URL", None)
    command = [sys.executable, "-m", "waystation", "serve", "--port", str(port)]
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(  # the command line is ours
            [*command, "--data", str(folder), *options],
            cwd=ROOT,
            env=variables,
            stdout=output,
            stderr=output,
        )
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(address, server, log)
            yield address
        finally:
            server.terminate()
            try:
                server.wait(20)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_for(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        with (
            contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError),
            urllib.request.urlopen(f"{address}/healthz", timeout=5),
        ):
            return
        time.sleep(0.2)
    raise AssertionError(f"the server did not start:\n{log.read_text()[-3000:]}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Return the path of Chromium."""
    path = os.environ.get("WAYSTATION_CHROMIUM", "/usr/bin/chromium")
    if not shutil.which(path):
        pytest.skip(f"there is no Chromium at {path} (set WAYSTATION_CHROMIUM)")
    if not BUILT.exists():
        pytest.skip("the front end is not built (run npm ci && npm run build in frontend/)")
    return path


@pytest.fixture(scope="session")
def server(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of a server with nothing in it."""
    with running_server(tmp_path_factory.mktemp("server")) as address:
        yield address


# A module's, not the session's: while it runs, Django's tests in this process could not.
@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """Give a browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield started
        started.close()


class Watch:
    """What pages did that they should not."""

    def __init__(self, server: str) -> None:
        self.server = server
        self.allowed: list[str] = []
        self.seen: list[str] = []

    def allow(self, text: str) -> None:
        """Let errors of the console through that hold this text."""
        self.allowed.append(text)

    def on(self, page: Any) -> None:
        """Watch a page."""
        page.add_init_script(VIOLATION)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._note(f"script: {error}"))
        page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type == "error":
            self._note(f"console: {message.text} {message.location.get('url', '')}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.server, "data:", "blob:", "about:")):
            self._note(f"request: {request.url}")

    def _note(self, text: str) -> None:
        self.seen.append(text)

    def check(self) -> None:
        """Fail if something was seen that is not allowed."""
        left = [t for t in self.seen if not any(allowed in t for allowed in self.allowed)]
        assert not left, "\n".join(left)


@pytest.fixture
def watch(server: str) -> Iterator[Watch]:
    """Watch the pages of one test; fails at its end."""
    watched = Watch(server)
    yield watched
    watched.check()


@pytest.fixture
def new_page(browser: Any, server: str, watch: Watch) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page of its own cookies.

    Its arguments are those of Playwright's contexts: ``locale="ar"``, ``color_scheme="dark"``,
    ``viewport={"width": 390, "height": 844}``, ``reduced_motion="reduce"``.
    """
    contexts = []

    def opened(**options: Any) -> Any:
        options = {"viewport": {"width": 1280, "height": 900}, "locale": "en", **options}
        context = browser.new_context(base_url=server, **options)
        context.set_default_timeout(20_000)
        contexts.append(context)
        page = context.new_page()
        watch.on(page)
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_page: Callable[..., Any]) -> Any:
    """Give a visitor's page."""
    return new_page()


@pytest.fixture
def signed_in_page(new_page: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that opens a page as a person, who is made where there is none."""

    def opened(
        person: str,
        *roles: str,
        scope: tuple[str, str] = ("organisation", ""),
        has_second_factor: bool = True,
        **options: Any,
    ) -> Any:
        page = new_page(**options)
        query: dict[str, Any] = {"person": person, "role": [str(role) for role in roles]}
        query |= {"scope_kind": scope[0], "scope_id": scope[1]}
        query |= {"second_factor": "yes" if has_second_factor else "no"}
        page.goto(f"/test/sign-in?{urlencode(query, doseq=True)}")
        return page

    return opened


@pytest.fixture
def axe() -> Callable[..., None]:
    """Return a check of WCAG 2.0 to 2.2, levels A and AA, by axe-core."""

    def check(page: Any, *, leave_out: tuple[str, ...] = ()) -> None:
        page.evaluate(AXE.read_text("utf-8"))
        context = {"exclude": [[selector] for selector in leave_out]}
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = page.evaluate("([c, o]) => axe.run(c, o)", [context, options])
        lines = [
            f"{rule['id']}: {rule['help']}\n  {node['html'][:200]}\n  {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]
        assert not lines, f"{page.url}\n" + "\n".join(lines)

    return check


@pytest.fixture(scope="session")
def screenshot() -> Callable[..., Path]:
    """Return a function that keeps a picture of a page in ``build/screenshots``."""

    def keep(page: Any, name: str, *, whole: bool = True) -> Path:
        PICTURES.mkdir(parents=True, exist_ok=True)
        path = PICTURES / f"{re.sub(r'[^a-z0-9-]+', '-', name.lower())}.png"
        page.screenshot(path=path, full_page=whole)
        return path

    return keep


def overflow(page: Any) -> int:
    """Return how many pixels a page is wider than its window."""
    script = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(script))
