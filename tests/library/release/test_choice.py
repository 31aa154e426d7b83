"""What a reader chooses of a build is told as it stood, from the part that is needed."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
from tests.library.release.conftest import TOTAL, create_build

from waystation.release.report.choice import (
    build_of_series,
    coverage_of,
    rounds_of,
    series_of,
    telling_at,
)
from waystation.release.report.closer import by_kind_of_place, change_by_area
from waystation.release.report.content import told_sentences
from waystation.release.report.figures import at as of_snapshot
from waystation.release.report.figures import states
from waystation.release.report.words import Words

ENGLISH = Words("en")


def test_series_are_stocks_the_displaced_first_and_never_breakdowns(build):
    codes = [series.indicator for series in series_of(build.totals)]
    assert codes == [TOTAL, "idp_households", "sites"]


def test_a_component_that_covers_areas_widely_comes_before_one_of_sites(build):
    sites = build.totals.with_columns(component=pl.lit("site_assessment"))
    both = pl.concat([sites, build.totals])
    assert [s.component for s in series_of(both)][::3] == [
        "baseline_location",
        "site_assessment",
    ]


def test_of_several_operation_names_the_newest_stands_for_a_component(build):
    renamed = build.totals.with_columns(
        operation=pl.when(pl.col("round_number") == 3)
        .then(pl.lit("New name"))
        .otherwise("operation")
    )
    assert {series.operation for series in series_of(renamed)} == {"New name"}


def test_a_round_of_several_dates_counts_once_with_its_last(build):
    series = series_of(build.totals)[0]
    last = pl.col("round_number") == 3
    later = build.totals.filter(last).with_columns(pl.col("reference_date").dt.offset_by("9d"))
    rounds = rounds_of(pl.concat([build.totals, later]), series)
    assert [r.round_number for r in rounds] == [1, 2, 3]
    assert rounds[-1].date == later["reference_date"][0]


def test_the_part_of_a_series_tells_the_same_as_the_whole(build):
    series = series_of(build.totals)[0]
    part = build_of_series(build, series)
    assert part.matrix.height < build.matrix.height
    for at in rounds_of(build.totals, series):
        whole, own = (telling_at(b, ENGLISH, series, at=at) for b in (build, part))
        assert told_sentences(own) == told_sentences(whole)
        assert own.areas(2).equals(whole.areas(2))


def test_what_came_later_is_left_out(build):
    series = series_of(build.totals)[0]
    rounds = rounds_of(build.totals, series)
    telling = telling_at(build, ENGLISH, series, at=rounds[1])
    earlier = create_build(rounds=2)
    assert telling.latest == rounds[1]
    assert told_sentences(telling) == told_sentences(telling_at(earlier, ENGLISH, series))


def test_coverage_counts_the_assessed_among_the_known(build):
    # Of 25 locations 2, 10 and 18 are carried forward after round 1: the 3 that the change
    # says were not reassessed. 7 and 17 were observed and left the figure blank.
    series = series_of(build.totals)[0]
    last = rounds_of(build.totals, series)[-1]
    coverage = coverage_of(build, series, last)
    assert (coverage.known, coverage.assessed, coverage.blank) == (25, 22, 2)
    told = {
        r["state"]: r["locations"] for r in of_snapshot(states(build, series), last).to_dicts()
    }
    assert told["carried_forward"] == 3
    assert sum(told.values()) == 25  # none is counted twice
    more = pl.concat([build.locations, build.locations])
    assert coverage_of(replace(build, locations=more), series, last).known == 50
    closed = more.with_columns(closed_on=pl.lit(last.date))
    assert coverage_of(replace(build, locations=closed), series, last).known == 25


def test_the_parts_of_an_area_s_change_add_up_to_it(build):
    series = series_of(build.totals)[0]
    telling = telling_at(build, ENGLISH, series)
    table = change_by_area(telling)
    assert table is not None
    assert table.headings[0] == "Area"
    assert table.headings[-1] == "Difference"
    changes = {row["name"]: row["change"] for row in telling.areas(1).iter_rows(named=True)}
    for row in table.rows:
        numbers = [
            0.0 if cell == "–" else float(cell.replace("\u2212", "-").replace(",", ""))
            for cell in row[1:]
        ]
        assert sum(numbers[:-1]) == numbers[-1] == changes[row[0]]


def test_a_first_round_has_no_change_by_area():
    build = create_build(rounds=1)
    assert change_by_area(telling_at(build, ENGLISH, series_of(build.totals)[0])) is None


def test_kinds_of_places_come_from_the_master_list_where_none_were_reported(build):
    series = series_of(build.totals)[0]
    assert by_kind_of_place(telling_at(build, ENGLISH, series)).spec is None
    kinds = (
        pl.when(pl.col("location_id") < "XWL00005")
        .then(pl.lit("Camp"))
        .otherwise("location_type")
    )
    known = replace(build, locations=build.locations.with_columns(location_type=kinds))
    exhibit = by_kind_of_place(telling_at(known, ENGLISH, series))
    assert exhibit.table is not None
    assert [row[0] for row in exhibit.table.rows] == ["Village", "Camp"]


def test_an_origin_that_names_a_unit_is_written_as_the_unit_is(build):
    telling = telling_at(build, ENGLISH, series_of(build.totals)[0])
    assert telling.unit_names["northern_hills"] == "Northern Hills"
    assert telling.unit_names["xw01"] == "Northern Hills"


def test_digits_of_arabic_readers():
    words = Words("ar", "arab")
    assert words.number(1234567) == "١٬٢٣٤٬٥٦٧"
    assert Words("ar").number(1234567) == "1,234,567"
    assert Words("fr", "arab").number(12) == "12"
    assert "٧٫٣" in words.percent(0.073)
    assert words.in_prose(1_200_000)[0].startswith("١٫٢")
