"""What a request of SDMX wants: keys, filters, periods."""

from __future__ import annotations

import contextlib
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.library.statistics.made_up import made_observations

from waystation.errors import InvalidChoice
from waystation.release.sdmx.figures import figures_from_observations
from waystation.release.sdmx.keys import (
    Wanted,
    filters_3_0,
    first_day,
    keys_2_1,
    keys_3_0,
    last_day,
)

FIGURES = figures_from_observations(made_observations())


def values(wanted):
    return sorted(v for v in wanted.of(FIGURES).rows["OBS_VALUE"] if v is not None)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("all", [0, 5, 7, 100, 120.5, 150, 12_345_678_901]),
        (".......", [0, 5, 7, 100, 120.5, 150, 12_345_678_901]),
        ("A.TCD.SDN._T....", [100, 120.5]),
        (".TCD.SDN+_T._T....", [100, 120.5, 150]),
        ("A5.......", [7]),
        (".XXX......", []),
    ],
)
def test_a_key_of_2_1_chooses_by_place(key, expected):
    assert values(Wanted(keys_2_1(key))) == expected


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("*", [0, 5, 7, 100, 120.5, 150, 12_345_678_901]),
        ("A.TCD", [0, 100, 120.5, 150]),
        ("A.TCD.SDN.M,A5.*", [0, 7]),
        ("*.*.*.M", [0]),
    ],
)
def test_keys_of_3_0_leave_places_out_and_stand_side_by_side(key, expected):
    assert values(Wanted(keys_3_0(key))) == expected


@pytest.mark.parametrize("key", ["A.TCD", "A", "A.B.C.D.E.F.G.H.I", "." * 50])
def test_a_key_of_2_1_has_a_place_for_each_dimension(key):
    with pytest.raises(InvalidChoice, match="REF_AREA"):
        keys_2_1(key)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"c[REF_AREA]": "SDN"}, [5, 7, 12_345_678_901]),
        ({"c[REF_AREA]": "SDN,TCD", "c[SEX]": "M"}, [0]),
        ({"c[SEX]": "ne:_T"}, [0]),
        ({"c[TIME_PERIOD]": "ge:2012+le:2016"}, [7, 100, 150]),
        ({"c[TIME_PERIOD]": "ge:2012 le:2016"}, [7, 100, 150]),
        ({"c[TIME_PERIOD]": "2010,gt:2019"}, [0, 5, 120.5, 12_345_678_901]),
        ({"c[TIME_PERIOD]": "eq:2015-Q3"}, [7]),
        ({"c[REF_AREA]": "XXX,SDN,sw:S"}, [5, 7, 12_345_678_901]),
        ({"c[OBS_VALUE]": "ge:100+lt:150"}, [100, 120.5]),
        ({"c[OBS_STATUS]": "P,E"}, [5, 120.5]),
        ({"c[AGE]": "sw:Y"}, [0]),
        ({"c[INDICATOR]": "co:STOCK", "other": "x", "c[AGE]": "nc:_T"}, [0]),
    ],
)
def test_filters_of_3_0_hold_together(written, expected):
    assert values(Wanted(filters=filters_3_0(written.items()))) == expected


@pytest.mark.parametrize(
    "written",
    [
        {"c[NOTHING]": "A"}, {"c[REF_AREA]": ""}, {"c[TIME_PERIOD]": "ge:soon"},
        {"c[OBS_VALUE]": "many"}, {"c[OBS_VALUE]": "nan"}, {"c[SEX]": "eq:"},
        {"c[SEX]": "M" + ",M" * 3000}, {"c[SEX]": "M" + ",ne:M" * 101},
        {"c[TIME_PERIOD]": "2010" + "+2010" * 101},
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_understood_is_refused(written):
    with pytest.raises(InvalidChoice):
        filters_3_0(written.items())


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2015", "2015-01-01", "2015-12-31"),
        ("2015-02", "2015-02-01", "2015-02-28"),
        ("2015-12", "2015-12-01", "2015-12-31"),
        ("2015-Q4", "2015-10-01", "2015-12-31"),
        ("2015-S1", "2015-01-01", "2015-06-30"),
        ("2015-W01", "2014-12-29", "2015-01-04"),
        ("2015-M03", "2015-03-01", "2015-03-31"),
        ("2015-D032", "2015-02-01", "2015-02-01"),
        ("2015-07-01", "2015-07-01", "2015-07-01"),
        ("2015-07-01T12:00:00", "2015-07-01", "2015-07-01"),
    ],
)
def test_a_period_has_a_first_and_a_last_day(period, first, last):
    assert first_day(period) == dt.date.fromisoformat(first)
    assert last_day(period) == dt.date.fromisoformat(last)


@pytest.mark.parametrize(
    "period", ["", "15", "2015-13", "2015-Q5", "2015-02-30", "0000", "٢٠١٥"]
)
def test_what_is_no_period_is_refused(period):
    with pytest.raises(InvalidChoice, match="period"):
        first_day(period)


def test_periods_are_chosen_by_the_day_they_begin():
    wanted = Wanted(start=first_day("2015-06"), end=last_day("2019"))
    assert values(wanted) == [7]


def test_the_ends_of_each_series_and_a_page_of_all():
    key = keys_2_1("A.TCD.SDN._T....")
    assert values(Wanted(key, first=1)) == [100]
    assert values(Wanted(key, last=1)) == [120.5]
    assert values(Wanted(key, first=1, last=1)) == [100, 120.5]
    assert Wanted(offset=2, limit=3).of(FIGURES).rows.equals(FIGURES.rows[2:5])


@given(st.text(max_size=60))
def test_whatever_is_asked_is_answered_or_refused(text):
    for read in (keys_2_1, keys_3_0, first_day, lambda t: filters_3_0([("c[REF_AREA]", t)])):
        with contextlib.suppress(InvalidChoice):
            read(text)
