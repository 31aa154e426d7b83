"""Holdings: what a data folder holds of statistics."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest
from tests.library.statistics.made_up import SOURCE, keep_made_up, made_observations

from waystation.errors import InvalidChoice, MissingColumns, NotFound
from waystation.statistics.holdings import Holdings

DATASET = "made_up_2024"


def test_what_is_kept_is_what_is_held(tmp_path):
    holdings = keep_made_up(tmp_path)
    assert holdings.datasets() == (DATASET,)
    assert holdings.source(DATASET) == SOURCE
    assert holdings.observations(DATASET).collect().equals(made_observations())
    assert holdings.findings(DATASET)["code"].to_list() == ["STA-113", "STA-112"]
    assert holdings.areas(DATASET).columns == ["code", "name"]
    place = tmp_path / "statistics" / DATASET / SOURCE.sha256[:16]
    names = {"judged.parquet", "areas.parquet", "findings.parquet", "source.json"}
    assert {path.name for path in place.iterdir()} == names


def test_further_columns_are_kept(tmp_path):
    keep_made_up(tmp_path, observations=made_observations().with_columns(breakdown=pl.lit("x")))
    columns = Holdings(tmp_path).observations(DATASET).collect_schema().names()
    assert columns[-1] == "breakdown"


def test_the_file_received_last_holds_and_the_older_is_kept(tmp_path):
    newer = replace(SOURCE, sha256="cd" * 32, retrieved=dt.date(2026, 5, 1), version="2025")
    older = replace(SOURCE, sha256="ef" * 32, retrieved=dt.date(2025, 5, 1), version="2023")
    keep_made_up(tmp_path)
    before = Holdings(tmp_path).revision_tag(DATASET)
    revised = made_observations().with_columns(pl.col("value") * 2)
    keep_made_up(tmp_path, source=newer, observations=revised)
    assert Holdings(tmp_path).revision_tag(DATASET) != before
    keep_made_up(tmp_path, source=older)
    holdings = Holdings(tmp_path)
    assert holdings.source(DATASET).version == "2025"
    assert holdings.observations(DATASET).collect().equals(revised)
    assert len(list((tmp_path / "statistics" / DATASET).iterdir())) == 3


def test_files_of_other_measures_and_sexes_stand_side_by_side(tmp_path):
    rows = made_observations()
    men = rows[:1].with_columns(sex=pl.lit("male").cast(rows.schema["sex"]), value=1.0)
    women = men.with_columns(sex=pl.lit("female").cast(rows.schema["sex"]), value=2.0)
    for number, part in enumerate((rows[:1], men, women)):
        source = replace(SOURCE, sha256=f"{number:02}" * 32)
        keep_made_up(tmp_path, source=source, observations=part)
    held = Holdings(tmp_path).observations(DATASET).collect()
    assert held.height == 3
    assert set(held["sex"].cast(pl.String)) == {"male", "female", rows["sex"][0]}


def test_the_same_file_judged_anew_replaces_itself_and_changes_the_tag(tmp_path):
    holdings = keep_made_up(tmp_path)
    before = holdings.revision_tag(DATASET)
    keep_made_up(tmp_path, observations=made_observations()[:3])
    assert holdings.observations(DATASET).collect().height == 3
    assert holdings.revision_tag(DATASET) != before
    assert len(list((tmp_path / "statistics" / DATASET).iterdir())) == 1


def test_a_folder_that_was_not_finished_is_not_there(tmp_path):
    holdings = keep_made_up(tmp_path)
    unfinished = tmp_path / "statistics" / "other" / ("12" * 8)
    unfinished.mkdir(parents=True)
    (unfinished / "judged.parquet").write_bytes(b"")
    assert holdings.datasets() == (DATASET,)
    with pytest.raises(NotFound):
        holdings.source("other")


@pytest.mark.parametrize(
    "name", ["", "..", "../made_up_2024", "Made", "a\x00b", "é", "x" * 200]
)
def test_a_name_that_is_none_is_not_found_and_not_kept(tmp_path, name):
    holdings = keep_made_up(tmp_path)
    with pytest.raises(NotFound):
        holdings.observations(name)
    with pytest.raises(InvalidChoice):
        holdings.keep(name, made_observations(), source=SOURCE)


def test_what_cannot_be_kept_leaves_nothing_behind(tmp_path):
    holdings = Holdings(tmp_path)
    with pytest.raises(MissingColumns):
        holdings.keep(DATASET, made_observations().drop("value"), source=SOURCE)
    with pytest.raises(InvalidChoice, match="hash"):
        holdings.keep(DATASET, made_observations(), source=replace(SOURCE, sha256=""))
    assert holdings.datasets() == ()
