"""Dates in texts, HXL tags, and codes and names of units."""

from __future__ import annotations

import datetime as dt

import pytest

from waystation.tracking.proposal.hxl_hints import field_of_tag
from waystation.tracking.proposal.known_units import (
    code_tail,
    country_in,
    country_of_codes,
    country_of_names,
    joined,
    letters_of_units,
    place_list,
)
from waystation.tracking.proposal.text_dates import date_in, names_month


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("master_list_20240325_locality.csv", dt.date(2024, 3, 25)),
        ("IDP Master List 25-03-2024", dt.date(2024, 3, 25)),
        ("Period: August-September 2024", dt.date(2024, 9, 30)),
        ("évaluation du 16 mars 2022", dt.date(2022, 3, 16)),
        ("الجولة 5 - مارس 2022", dt.date(2022, 3, 31)),
        ("Ronda 3, febrero 2024", dt.date(2024, 2, 29)),
        ("R3_mars2023", dt.date(2023, 3, 31)),
        ("31-02-2024", None),
        ("Round 12", None),
    ],
)
def test_the_day_a_text_names(text, day):
    assert date_in(text) == day


def test_waves_name_months():
    assert names_month("Pre-June14")
    assert not names_month("May need water")


@pytest.mark.parametrize(
    ("tag", "field"),
    [
        ("#affected+idps+ind", "idp_individuals"),
        ("# affected +idps +hh", "idp_households"),
        ("#affected+ret+abroad+ind", "returnee_abroad_individuals"),
        ("Country+code", "country"),
        ("#adm2+pcode", "admin2_reported_code"),
        ("#adm4+name+i_ar", "location_name"),
        ("#geo+lat", "latitude"),
        ("#affected+idps+ind+cause+conflict", None),
        ("#adm1+name+origin", None),
        ("Show location", None),
        (None, None),
    ],
)
def test_what_a_tag_says(tag, field):
    assert field_of_tag(tag) == field


def test_codes_are_compared_without_the_letters_of_the_country():
    assert code_tail("NGA008", "NGA") == code_tail("ng008", "NGA") == code_tail("NG 008", "NGA")
    assert code_tail("TD070401LWA-019", "TCD") == "070401LWA019"
    assert joined("Far-North (Nord)") == "farnorthnord"


def test_a_country_is_told_by_letters_names_and_words(units):
    assert country_of_codes(["XW01", "XW0203"], letters_of_units(units)) == "XWS"
    assert country_of_codes(["CAF62", "CF621", "x"]) == "CAF"
    assert country_of_codes(["DAG-0001", "ENUM-2"]) is None
    assert country_of_names(units, ["Norvalle", "Sudara", "Borlo", "Jorun"]) == "XWS"
    assert country_of_names(units, ["Paris", "Norvalle", "Lyon", "Nice"]) is None
    assert country_in("dtm south sudan baseline") == "SSD"
    assert country_in("from Chad to Niger") is None


def test_shares_of_codes_names_and_deeper_codes(units):
    places = place_list(units, "XWS")
    assert places.code_shares(["XWS01", "XW02", "XW99"])[1] == pytest.approx(2 / 3)
    assert places.name_shares(["norvalle", "ABENNA"]) == {1: 0.5, 2: 0.5}
    assert places.deeper_share(["XW010199", "XW0101", "XW0304A-1"]) == pytest.approx(2 / 3)
