"""Requests a second for 10,000 admin 2 rows: ours, Django ORM + JsonResponse, and Datasette.

Three real servers give the same rows; one load generator (wrk, keep-alive, gzip as clients ask
for it) measures each alone. Two kinds of load: one question again and again, which ours answers
from memory, and questions that all differ, which no cache can help. In a second round of the
peers, both compress their answers (Django's own GZipMiddleware), since ours does.

Usage: python benchmarks/dtm_api.py [--rows 10000] [--seconds 8] [--connections 4]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import polars as pl

LIMIT = 5.0
DJANGO = "waystation.web.project.settings.local"
SERVER = "--interface asginl --no-ws --host 127.0.0.1 --workers 1"
# One edition is written where the application keeps it: the rows, not how they came to be, are
# what is measured here.
OURS = """
import sys, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
import dtm_api
print(dtm_api.publish(int(sys.argv[1])))
"""
PEER = """
from django.conf import settings
from waystation.web.project.settings.local import *
ROOT_URLCONF = "peer"
# Of our middleware the peer pays for none: for what every Django project has, and what the
# accounts among the installed apps insist on.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
if {packed}:
    MIDDLEWARE = ["django.middleware.gzip.GZipMiddleware", *MIDDLEWARE]
DATABASES = {{"default": {{"ENGINE": "django.db.backends.sqlite3", "NAME": {path!r}}}}}
"""
VIEW = """
from django.db import models
from django.http import JsonResponse
from django.urls import path

class Row(models.Model):
{fields}
    class Meta:
        app_label, db_table, managed = "tracking", "idps", False

FIELDS = [field.name for field in Row._meta.fields]

def admin2(request):
    found = Row.objects.filter(
        admin0Pcode=request.GET["Admin0Pcode"],
        reportingDate__gte=request.GET["FromReportingDate"],
    )
    rows = list(found.order_by("id").values(*FIELDS))
    return JsonResponse({{"result": rows, "statusCode": 200, "isSuccess": True,
                         "errorMessages": [], "totalRecordsCount": len(rows)}})

urlpatterns = [path("admin2", admin2)]
"""
SCRIPT = """
local turn = 0
request = function()
  turn = turn + 1
  local day = {expression}
  local path = "{path}" .. string.format("{form}", 1900 + day % 100,
    1 + math.floor(day / 100) % 12, 1 + math.floor(day / 1200) % 28)
  return wrk.format("GET", path)
end
response = function(status) if status ~= 200 then wrk.thread:stop() end end
"""


def publish(rows: int) -> str:
    """Write an edition of made rows, and return a key; runs in a process with Django."""
    from waystation.web.accounts.actions import create_key
    from waystation.web.tracking import served, storage
    from waystation.web.tracking.actions.operations import create_operation

    operation = create_operation("Benchmark", "XWS", by=None)
    operation.edition = 1
    operation.save()
    folder = storage.edition_folder(operation) / "derived"
    folder.mkdir(parents=True)
    frame = made_rows(rows)
    for level in (0, 2):
        frame.write_parquet(folder / f"dtm-{level}-{served.FORMAT}.parquet")
    database = sqlite3.connect(storage.data_folder() / "peer.sqlite3")
    columns = ", ".join(
        f'"{name}" {"INTEGER" if kind == pl.Int64 else "TEXT"}'
        for name, kind in frame.schema.items()
    ).replace('"id" INTEGER', '"id" INTEGER PRIMARY KEY')
    database.execute(f"CREATE TABLE idps ({columns})")
    marks = ", ".join("?" * frame.width)
    database.executemany(f"INSERT INTO idps VALUES ({marks})", frame.rows())
    database.execute("CREATE INDEX by_country ON idps (admin0Pcode, reportingDate)")
    database.commit()
    database.close()
    return create_key("benchmark", by=None)


def made_rows(rows: int) -> pl.DataFrame:
    """Return rows as the API serves them: 40 rounds of areas by reason, of one country."""
    row = pl.int_range(rows, dtype=pl.Int64)
    round_number = row * 40 // rows + 1
    area = row % max(rows // 40, 1)
    year, month = 2017 + (round_number - 1) // 12, 1 + (round_number - 1) % 12
    reasons = pl.Series(["Conflict", "Natural disaster", "Insecurity", "Other reason"])
    males = (row * 7919) % 900 + 1
    return pl.select(
        id=row + 1,
        operation=pl.lit("Returns and displacement, a benchmark"),
        admin0Name=pl.lit("Exercise"),
        admin0Pcode=pl.lit("XWS"),
        admin1Name=pl.format("Province of {}", area // 12),
        admin1Pcode=pl.format("XW{}", (area // 12).cast(pl.String).str.zfill(2)),
        admin2Name=pl.format("District of {}", area),
        admin2Pcode=pl.format("XW{}", area.cast(pl.String).str.zfill(4)),
        numPresentIdpInd=males + (row * 104729) % 900 + 1,
        reportingDate=pl.format("{}-{}-28T00:00:00", year, month.cast(pl.String).str.zfill(2)),
        yearReportingDate=year,
        monthReportingDate=month,
        roundNumber=round_number,
        displacementReason=(row % 4).replace_strict(dict(enumerate(reasons.to_list()))),
        numberMales=pl.when(row % 3 == 0).then(males),
        numberFemales=pl.when(row % 3 == 0).then((row * 104729) % 900 + 1),
        idpOriginAdmin1Name=pl.lit("Not available"),
        idpOriginAdmin1Pcode=pl.lit("Not available"),
        assessmentType=pl.lit("BA"),
    )


@dataclass
class Target:
    """A server to measure.

    Attributes:
        name: What it is.
        command: How it is started; ``{port}`` is its port.
        environment: What it is started with.
        path: Address and query up to the date that differs.
        key: Sent in the header of the DTM API, where it wants one.
    """

    name: str
    command: list[str]
    environment: dict[str, str]
    path: str
    key: str = ""


def main() -> None:
    """Start, measure and compare the servers."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--connections", type=int, default=4)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="dtm-api-") as folder:
        measured = {
            target.name: measure(target, arguments, Path(folder))
            for target in targets(Path(folder), arguments.rows)
        }
    ours = measured.pop("waystation")
    print(f"\n{'':34}{'repeated':>10}{'ratio':>8}{'all differ':>12}{'ratio':>8}  per second")
    print(f"{'waystation':34}{ours[0]:10.1f}{'':8}{ours[1]:12.1f}")
    worst = 1e9
    for name, (repeated, differing) in measured.items():
        ratios = ours[0] / repeated, ours[1] / differing
        worst = min(worst, *ratios)
        print(f"{name:34}{repeated:10.1f}{ratios[0]:7.1f}x{differing:12.1f}{ratios[1]:7.1f}x")
    print(f"\nLowest ratio {worst:.1f}, limit {LIMIT}")
    if worst < LIMIT:
        sys.exit(1)


def targets(folder: Path, rows: int) -> list[Target]:
    """Fill the stores of all servers with the same rows, and say how each starts."""
    here = Path(__file__).resolve().parent
    base = {
        **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
        "WAYSTATION_DATA": str(folder / "data"),
        "DJANGO_SETTINGS_MODULE": DJANGO,
        # The application counts requests of a program; a benchmark is one.
        "WAYSTATION_RATE_LIMIT": "0",
        "PYTHONPATH": os.pathsep.join(
            [str(folder), str(here), os.environ.get("PYTHONPATH", "")]
        ),
    }
    made = subprocess.run(
        [sys.executable, "-c", OURS, str(rows)],
        env=base, check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    database = folder / "data" / "peer.sqlite3"
    (folder / "peer.py").write_text(VIEW.format(fields=_fields(database)))
    for number, packed in enumerate((False, True)):
        text = PEER.format(packed=packed, path=str(database))
        (folder / f"peer_settings_{number}.py").write_text(text)
    granian = [sys.executable, "-m", "granian", *SERVER.split(), "--port", "{port}"]
    application = "waystation.web.project.asgi:application"
    query = "Admin0Pcode=XWS&FromReportingDate="
    datasette = (
        "/peer/idps.json?_shape=objects&_size=max&_nocount=1&_nofacet=1&_nosuggest=1"
        "&_sort=id&admin0Pcode__exact=XWS&reportingDate__gte="
    )
    return [
        Target(
            "waystation", [*granian, application], base, f"/v3/displacement/admin2?{query}",
            made.stdout.strip(),
        ),
        *(
            Target(
                f"Django ORM + JsonResponse{', gzip' if number else ''}",
                [*granian, application],
                {**base, "DJANGO_SETTINGS_MODULE": f"peer_settings_{number}"},
                f"/admin2?{query}",
            )
            for number in (0, 1)
        ),
        Target(
            "Datasette",
            [sys.executable, "-m", "datasette", "serve", "--immutable", str(database), "--port",
             "{port}", "--setting", "max_returned_rows", str(rows + 1), "--setting",
             "sql_time_limit_ms", "20000"],
            base,
            datasette,
        ),
    ]  # fmt: skip


def _fields(database: Path) -> str:
    """Return the fields of Django's model of the same table."""
    with sqlite3.connect(database) as connection:
        columns = connection.execute("PRAGMA table_info(idps)").fetchall()
    kinds = {"INTEGER": "models.BigIntegerField(null=True)", "TEXT": "models.TextField()"}
    lines = [
        f"    {name} = {'models.BigIntegerField(primary_key=True)' if is_key else kinds[kind]}"
        for _, name, kind, _, _, is_key in columns
    ]
    return "\n".join(lines)


def measure(target: Target, arguments: argparse.Namespace, folder: Path) -> tuple[float, float]:
    """Return a server's requests a second: the same question, and questions that differ."""
    port = _free_port()
    command = [part.replace("{port}", str(port)) for part in target.command]
    log = (folder / "log").open("wb")
    process = subprocess.Popen(command, env=target.environment, stdout=log, stderr=log)
    try:
        _wait_until_right(target, port, arguments.rows)
        return (
            _load(target, port, arguments, folder, differs=False),
            _load(target, port, arguments, folder, differs=True),
        )
    finally:
        process.terminate()
        process.wait(60)
        log.close()


def _wait_until_right(target: Target, port: int, rows: int) -> None:
    """Wait for a server, then see that it answers with every row."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{target.path}1900-01-01")
    request.add_header("Accept-Encoding", "gzip, deflate")
    request.add_header("Ocp-Apim-Subscription-Key", target.key)
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                sent = answer.read()
                is_packed = answer.headers["Content-Encoding"] == "gzip"
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    body = json.loads(gzip.decompress(sent) if is_packed else sent)
    found = body.get("result", body.get("rows"))
    assert len(found) == rows, (target.name, len(found))
    assert found[-1]["numPresentIdpInd"] > 0
    print(f"{target.name}: {len(found):,} rows in {len(sent) / 1e6:.2f} MB on the wire")


def _load(
    target: Target, port: int, arguments: argparse.Namespace, folder: Path, *, differs: bool
) -> float:
    """Return the requests a second under load, every answer one of status 200."""
    script = folder / "load.lua"
    text = SCRIPT.format(
        expression="turn + wrk_offset" if differs else "0", path=target.path,
        form="%04d-%02d-%02d",
    )  # fmt: skip
    # Each thread of wrk has its own count; one thread, so that no date comes twice.
    script.write_text("wrk_offset = 0\n" + text)
    command = [
        "wrk", "-t1", f"-c{arguments.connections}", f"-d{arguments.seconds}s",
        "--timeout", "60s", "-s", str(script), "-H", "Accept-Encoding: gzip, deflate",
    ]  # fmt: skip
    if target.key:
        command += ["-H", f"Ocp-Apim-Subscription-Key: {target.key}"]
    done = subprocess.run(
        [*command, f"http://127.0.0.1:{port}"], check=True, stdout=subprocess.PIPE, text=True
    )
    assert "Non-2xx" not in done.stdout, done.stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    assert rate is not None, done.stdout
    return float(rate[1])


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


if __name__ == "__main__":
    main()
