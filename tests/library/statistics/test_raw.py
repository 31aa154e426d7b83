"""Files as received: kept once, under their hash, with their source."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from waystation.errors import NotFound, UnreadableFile
from waystation.sources import Source
from waystation.statistics.raw import keep_raw, raw_files, require_unchanged

DAY = dt.date(2026, 11, 24)


def test_a_file_is_kept_with_its_source(tmp_path):
    path = tmp_path / "stock.csv"
    path.write_text("year,stock\n2020,1\n")
    told = Source(producer="UN DESA", title="Stock", version="2020", licence="CC BY 3.0 IGO")
    raw = keep_raw(path, tmp_path / "raw", source=told, received=DAY)
    assert raw.path.read_bytes() == path.read_bytes()
    assert raw.path.parent.name == raw.source.sha256 == Source.of_file(path).sha256
    written = json.loads((raw.path.parent / "stock.csv.source.json").read_text())
    assert Source.of_dict(written) == raw.source
    assert (raw.source.version, raw.source.retrieved) == ("2020", DAY)


def test_the_same_content_is_kept_once_and_another_beside_it(tmp_path):
    folder = tmp_path / "raw"
    path = tmp_path / "stock.csv"
    path.write_text("a\n1\n")
    first = keep_raw(path, folder, received=DAY)
    again = keep_raw(path, folder, received=DAY + dt.timedelta(days=1))
    assert again == first
    path.write_text("a\n2\n")
    other = keep_raw(path, folder)
    assert {raw.path for raw in raw_files(folder)} == {first.path, other.path}


def test_what_a_download_wrote_beside_a_file_is_taken_over(tmp_path):
    path = tmp_path / "stock.csv"
    path.write_text("a\n1\n")
    own = Source.of_file(path)
    told = Source(address="https://example.org/stock.csv", sha256=own.sha256, retrieved=DAY)
    (tmp_path / "stock.csv.source.json").write_text(json.dumps(told.as_dict()))
    assert keep_raw(path, tmp_path / "one").source.address == "https://example.org/stock.csv"
    path.write_text("a\n2\n")  # no longer the file that was downloaded
    assert keep_raw(path, tmp_path / "two").source.address == ""


def test_a_kept_file_that_was_changed_is_refused(tmp_path):
    path = tmp_path / "stock.csv"
    path.write_text("a\n1\n")
    raw = keep_raw(path, tmp_path / "raw")
    raw.path.chmod(0o644)
    raw.path.write_text("a\n9\n")
    for use in (lambda: require_unchanged(raw), lambda: raw_files(tmp_path / "raw")):
        with pytest.raises(UnreadableFile, match="hash"):
            use()


def test_a_file_that_is_not_there_is_not_kept(tmp_path):
    with pytest.raises(NotFound):
        keep_raw(tmp_path / "absent.csv", tmp_path / "raw")
    assert raw_files(tmp_path / "raw") == []
