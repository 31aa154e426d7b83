"""Imports keep raw, clean and judged apart, and the latest one counts."""

from __future__ import annotations

import hashlib
import json

import polars as pl
import pytest

from waystation.errors import InvalidChoice, NotFound, UnknownLayout
from waystation.statistics.imports import import_file, imports, judged_observations

HEAD = "year,coo,coo_iso,coo_name,coa,coa_iso,coa_name,refugees,asylum_seekers\n"


def unhcr(folder, refugees=700):
    path = folder / f"population{refugees}.csv"
    path.write_text(f"{HEAD}2023,CHI,CHN,China,GFR,DEU,Germany,{refugees},-\n", "utf-8")
    return path


def test_the_three_stages_stand_apart_under_the_hash(tmp_path):
    path = unhcr(tmp_path)
    done = import_file(path, tmp_path / "data")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert done.folder == tmp_path / "data" / "statistics" / "unhcr_population" / digest
    raw = list((done.folder / "raw").rglob(path.name))
    assert [file.read_bytes() for file in raw] == [path.read_bytes()]
    clean = pl.read_parquet(done.folder / "clean.parquet")
    judged = pl.read_parquet(done.folder / "judged.parquet")
    assert clean["area"].unique().to_list() == ["GFR"]
    assert judged["area"].unique().to_list() == ["DEU"]
    assert (done.layout, done.first_year, done.last_year) == ("unhcr-population", 2023, 2023)


def test_importing_the_same_file_again_makes_no_second_import(tmp_path):
    first = import_file(unhcr(tmp_path), tmp_path / "data")
    second = import_file(unhcr(tmp_path), tmp_path / "data")
    assert first == second
    assert len(imports(tmp_path / "data")) == 1


def test_the_file_imported_last_counts_where_no_day_is_known(tmp_path):
    data = tmp_path / "data"
    import_file(unhcr(tmp_path, 700), data)
    import_file(unhcr(tmp_path, 800), data)
    (frame,) = judged_observations(data, measures=["refugees"])
    assert frame["value"].to_list() == [800]
    assert len(imports(data)) == 2


def test_measures_of_one_dataset_may_come_from_several_files(tmp_path):
    data = tmp_path / "data"
    country = {"id": "CD", "value": "Chad"}
    for code, value in (("SM.POP.NETM", 5), ("SP.POP.TOTL", 1000)):
        row = {
            "indicator": {"id": code, "value": code}, "country": country,
            "countryiso3code": "TCD", "date": "2023", "value": value,
        }  # fmt: skip
        meta = {"page": 1, "pages": 1, "per_page": 50, "total": 1, "lastupdated": "2026-01-01"}
        path = tmp_path / f"{code}.json"
        path.write_text(json.dumps([meta, [row]]), "utf-8")
        import_file(path, data, producer="worldbank")
    (frame,) = judged_observations(data, measures=["net_migration", "population"])
    assert dict(frame.select("measure", "value").rows()) == {
        "net_migration": 5,
        "population": 1000,
    }


def test_incidents_are_kept_with_their_own_table(tmp_path):
    path = tmp_path / "mmp.csv"
    path.write_text(
        "Main ID,Incident ID,Region of Incident,Incident Date,Incident Year,Number of Dead,"
        "Minimum Estimated Number of Missing,Cause of Death\n"
        "a,a,Europe,2024-02-03,2024,3,,Drowning\n",
        "utf-8",
    )
    done = import_file(path, tmp_path / "data")
    incidents = pl.read_parquet(done.folder / "incidents.parquet")
    assert incidents.select("incident", "dead", "missing", "total").rows() == [
        ("a", 3, None, 3)
    ]


def test_the_folder_of_a_displacement_package_is_imported_with_its_descriptor(tmp_path):
    package = tmp_path / "round 2"
    package.mkdir()
    (package / "totals.csv").write_text(
        "country,operation,component,admin_level,code,name,indicator,unit,round_number,"
        "reference_date,value,not_reported,estimated,carried_forward\n"
        "TCD,Lake,baseline_location,0,TCD,Tchad,idp_individuals,persons,2,2025-05-16,1300,0,0,0\n",
        "utf-8",
    )
    content = (package / "totals.csv").read_bytes()
    told = {
        "profile": "data-package",
        "name": "displacement-tcd-lake",
        "resources": [
            {"path": "totals.csv", "hash": f"sha256:{hashlib.sha256(content).hexdigest()}"}
        ],
    }
    (package / "datapackage.json").write_text(json.dumps(told), "utf-8")
    for path in (package, package / "datapackage.json"):
        done = import_file(path, tmp_path / "data", producer="dtm")
        assert (done.dataset, done.measures) == ("dtm_totals", ("dtm_idp_individuals",))
        kept = {file.name for file in (done.folder / "raw").rglob("*") if file.is_file()}
        assert {"totals.csv", "datapackage.json"} <= kept


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        import_file(tmp_path / "none.csv", tmp_path / "data")


def test_a_file_of_another_producer_is_refused(tmp_path):
    with pytest.raises(UnknownLayout, match="file of unhcr"):
        import_file(unhcr(tmp_path), tmp_path / "data", producer="oecd")
    with pytest.raises(InvalidChoice, match="unhcr"):
        import_file(unhcr(tmp_path), tmp_path / "data", producer="unhrc")
    assert not (tmp_path / "data").exists()


def test_a_renamed_column_is_told_with_the_nearest_layout(tmp_path):
    path = tmp_path / "next_year.csv"
    path.write_text(HEAD.replace("asylum_seekers", "applicants") + "2027,CHI,,,GFR,,,1,2\n")
    with pytest.raises(UnknownLayout, match=r"unhcr-population.*asylum_seekers.*applicants"):
        import_file(path, tmp_path / "data", producer="unhcr")


def test_what_was_not_imported_is_not_found(tmp_path):
    with pytest.raises(NotFound, match="refugees"):
        judged_observations(tmp_path, measures=["refugees"])
    import_file(unhcr(tmp_path), tmp_path)
    with pytest.raises(NotFound, match="idmc_gidd"):
        judged_observations(tmp_path, datasets=["idmc_gidd"])
