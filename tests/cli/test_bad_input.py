"""Input nobody can use: one sentence, exit code 2, bounded, and nothing left behind."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
import xlsxwriter


def empty(folder):
    path = folder / "empty.csv"
    path.write_bytes(b"")
    return path


def not_a_workbook(folder):
    path = folder / "report.xlsx"
    path.write_bytes(b"%PDF-1.7 this is a report and not a workbook")
    return path


def password_protected(folder):
    path = folder / "protected.xlsx"
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 504
    path.write_bytes(header + "EncryptedPackage".encode("utf-16-le") + b"\x00" * 4096)
    return path


def zip_bomb(folder):
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(375):
                sheet.write(b" " * (8 << 20))
    return path


def huge_csv(folder):
    path = folder / "huge.csv"
    with path.open("wb") as stream:
        stream.write(b"admin1,admin2,idps\nNorthern,Alder,1\n")
        stream.truncate(2 << 30)
    return path


def no_numbers(folder):
    path = folder / "words.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet("Notes")
        for row, words in enumerate(("Method", "Interviews with key informants", "No figures")):
            sheet.write(row, 0, words)
    return path


def ten_thousand_columns(folder):
    path = folder / "wide.csv"
    heading = ",".join(f"q{i}" for i in range(10_000))
    path.write_text(heading + "\n" + ",".join("1" * 10_000) + "\n", "utf-8")
    return path


def only_headings(folder):
    path = folder / "headings.csv"
    path.write_text("Admin 1,Admin 2,IDP individuals\n", "utf-8")
    return path


BAD = [
    empty, not_a_workbook, password_protected, zip_bomb, huge_csv, no_numbers,
    ten_thousand_columns, only_headings,
]  # fmt: skip


def watched(process):
    """Wait for a process; return the most memory it had, in MiB.

    What the system adds up for a child counts the memory of the parent that it came from.
    """
    peak = 0
    while process.poll() is None:
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{process.pid}/status").read_text()
            if found := re.search(r"VmHWM:\s+(\d+) kB", status):
                peak = int(found[1])
        time.sleep(0.01)
    return peak / 1024


@pytest.mark.parametrize("make", BAD, ids=lambda make: make.__name__)
def test_unusable_input_is_refused_in_one_sentence(make, tmp_path, pcodes):
    path, out = make(tmp_path), tmp_path / "out"
    command = [
        sys.executable, "-m", "waystation", "matrix", "build", str(path),
        "--pcodes", str(pcodes), "--country", "ZWE", "--out", str(out),
    ]  # fmt: skip
    said = tmp_path / "said.txt"
    start = time.monotonic()
    with said.open("w") as stream:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=stream)
        peak_mib = watched(process)
    answer = said.read_text()
    assert process.returncode == 2, answer
    assert path.name in answer
    assert "Traceback" not in answer
    assert len(answer.strip().splitlines()) == 1
    assert not out.exists()
    assert time.monotonic() - start < 60
    assert peak_mib < 1500


def test_an_output_folder_with_other_files_keeps_them_when_input_is_unusable(
    waystation, tmp_path, pcodes
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("keep")
    answer = waystation("matrix", "build", empty(tmp_path), "--pcodes", pcodes, "--out", out)
    assert answer.exit_code == 2
    assert [p.name for p in out.iterdir()] == ["mine.txt"]


ROWS = "admin1,admin2,site name,IDP households,IDP individuals\n"


def test_windows_encoding_is_read_and_said(waystation, tmp_path, pcodes):
    path = tmp_path / "latin.csv"
    rows = ROWS + "Northern,Alder,Déplacés de l’été,2,11\nSouthern,Cedar,Café,3,15\n"
    path.write_bytes(rows.encode("windows-1252"))
    answer = waystation(
        "matrix", "build", path, "--pcodes", pcodes, "--country", "ZWE", "--out", tmp_path / "o"
    )
    assert answer.exit_code == 0, answer.output
    assert "26" in answer.output


def test_a_formula_in_a_name_stays_text_in_what_is_released(waystation, tmp_path, pcodes):
    path = tmp_path / "attack.csv"
    rows = ROWS + "Northern,Alder,=cmd|' /C calc'!A0,2,11\nSouthern,Cedar,Camp,3,15\n"
    path.write_text(rows, "utf-8")
    out, public = tmp_path / "o", tmp_path / "public"
    build = ("matrix", "build", path, "--pcodes", pcodes, "--country", "ZWE", "--out", out)
    answer = waystation(*build)
    assert answer.exit_code == 0, answer.output
    answer = waystation("release", "files", out, "--out", public, "--format", "csv")
    assert answer.exit_code == 0, answer.output
    for written in public.rglob("*.csv"):
        for line in written.read_text("utf-8-sig").splitlines():
            assert not any(cell.strip('"').startswith("=") for cell in line.split(","))


def test_namibia_is_a_country_and_not_a_missing_value(waystation, tmp_path):
    lists = tmp_path / "na.csv"
    lists.write_text(
        "Location,Admin Level,P-Code,Name,Parent P-Code,Valid from date\n"
        "NAM,1,NA01,Erongo,NAM,2020-01-01\nNAM,1,NA02,Hardap,NAM,2020-01-01\n"
    )
    path = tmp_path / "namibia.csv"
    path.write_text(
        "country,admin1,IDP households,IDP individuals\nNA,Erongo,2,9\nNA,Hardap,1,6\n"
    )
    out = tmp_path / "o"
    answer = waystation("matrix", "build", path, "--pcodes", lists, "--out", out, "--json")
    assert answer.exit_code == 0, answer.output
    assert "NAM" in (out / "totals.csv").read_text()
