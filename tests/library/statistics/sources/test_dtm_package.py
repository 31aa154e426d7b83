"""Displacement packages of this platform, read as files."""

from __future__ import annotations

import hashlib
import json

import polars as pl
import pytest

from waystation.errors import UnknownLayout, UnreadableFile
from waystation.statistics.sources import dtm_package

(LAYOUT,) = dtm_package.layouts()
HEAD = (
    "country,operation,component,admin_level,code,name,parent_code,indicator,unit,"
    "round_number,reference_date,value,locations,not_reported,estimated,carried_forward\n"
)
ROWS = (
    "XWS,Highlands,baseline_location,0,XWS,Westmark,,idp_individuals,persons,1,2025-03-15,"
    "1200,10,0,0,0\n"
    "XWS,Highlands,baseline_location,0,XWS,Westmark,,idp_individuals,persons,2,2025-05-16,"
    "1300,10,1,50,0\n"
    "XWS,Highlands,baseline_location,0,XWS,Westmark,,idp_individuals__sex__female,persons,2,"
    "2025-05-16,,0,10,0,0\n"
    "XWS,Highlands,baseline_location,1,XW01,North,XWS,idp_individuals,persons,2,2025-05-16,"
    "700,5,0,0,0\n"
    "XWS,Highlands,baseline_location,0,XWS,Westmark,,share_x,percent,2,2025-05-16,4,5,0,0,0\n"
)


def package(folder, rows=ROWS, **changes):
    content = ("\ufeff" + HEAD + rows).encode()
    (folder / "totals.csv").write_bytes(content)
    entry = {"path": "totals.csv", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
    descriptor = {
        "profile": "data-package",
        "name": "displacement-xws-highlands",
        "title": "Displacement in Westmark",
        "asOf": "2025-05-16",
        "resources": [entry],
    }
    path = folder / "datapackage.json"
    path.write_text(json.dumps(descriptor | changes), "utf-8")
    return path


def test_totals_of_the_country_are_read_round_by_round(tmp_path):
    path = package(tmp_path)
    assert LAYOUT.recognises(path)
    assert LAYOUT.recognises(tmp_path)
    clean = LAYOUT.read(path)
    shown = clean.observations.select("measure", "area", "sex", "period", "value", "flag")
    assert shown.rows() == [
        ("dtm_idp_individuals", "XWS", "both", "2025-03-15", 1200, "observed"),
        ("dtm_idp_individuals", "XWS", "both", "2025-05-16", 1300, "estimated"),
        ("dtm_idp_individuals", "XWS", "female", "2025-05-16", None, "not_reported"),
    ]
    assert clean.source.title == "Displacement in Westmark"
    assert str(clean.source.as_of) == "2025-05-16"


def test_rounds_are_told_apart(tmp_path):
    breakdowns = LAYOUT.read(package(tmp_path)).observations["breakdown"].unique()
    assert "operation=Highlands; component=baseline_location; round=1" in breakdowns.to_list()


def test_a_file_that_was_changed_since_is_refused(tmp_path):
    path = package(tmp_path)
    (tmp_path / "totals.csv").write_text(HEAD + ROWS.replace("1300", "9300"), "utf-8")
    with pytest.raises(UnreadableFile, match="hash differs"):
        LAYOUT.read(path)


def test_a_package_without_its_totals_is_refused(tmp_path):
    path = package(tmp_path)
    (tmp_path / "totals.csv").unlink()
    with pytest.raises(UnreadableFile, match="not there"):
        LAYOUT.read(path)
    with pytest.raises(UnknownLayout, match="totals"):
        LAYOUT.read(package(tmp_path, resources=[]))


def test_another_package_is_not_recognised(tmp_path):
    path = package(tmp_path, name="gdp")
    assert not LAYOUT.recognises(path)
    with pytest.raises(UnknownLayout, match="displacement"):
        LAYOUT.read(path)


def test_text_that_is_no_json_is_refused(tmp_path):
    path = tmp_path / "datapackage.json"
    path.write_text("<html></html>", "utf-8")
    assert not LAYOUT.recognises(path)
    with pytest.raises(UnreadableFile, match="JSON"):
        LAYOUT.read(path)


def test_a_release_of_the_library_is_read(tmp_path):
    """What ``release`` writes today is what this room reads, without importing it in src."""
    from waystation.release.datapackage import csv_resource
    from waystation.release.published import PublishedTable
    from waystation.release.tabular import write_csv
    from waystation.tracking.matrix import Totals

    row = dict.fromkeys(Totals.column_names()) | {
        "country": "XWS", "operation": "Highlands", "component": "baseline_location",
        "admin_level": 0, "code": "XWS", "name": "Westmark", "indicator": "idp_individuals",
        "unit": "persons", "round_number": 1, "reference_date": "2025-03-15", "value": 12.0,
        "locations": 1, "not_reported": 0, "estimated": 0.0, "carried_forward": 0.0,
    }  # fmt: skip
    frame = pl.DataFrame([row]).with_columns(pl.col("reference_date").str.to_date())
    table = PublishedTable("totals", Totals.require(frame), (), {})
    path = write_csv(table.frame, tmp_path / "totals.csv")
    descriptor = {"profile": "data-package", "name": "displacement-xws", "resources": [
        csv_resource(path, table)]}  # fmt: skip
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    assert LAYOUT.read(tmp_path).observations["value"].to_list() == [12]
