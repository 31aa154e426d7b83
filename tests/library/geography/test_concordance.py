"""One code for each area of statistics, whoever publishes it and in whichever year."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import InvalidChoice, NotFound
from waystation.geography.concordance import (
    Scheme,
    aggregates,
    area_events,
    area_name,
    area_names,
    area_of,
    areas_by_code,
    code_of,
    concordance,
    existed,
    fitting_scheme,
    is_aggregate,
    kind_of,
    members_of,
    membership,
    predecessors_of,
    successors_of,
)
from waystation.geography.countries import LANGUAGES, country_codes

ISO3 = country_codes()["iso3"].to_list()


@pytest.mark.parametrize(
    ("code", "scheme", "area"),
    [
        ("4", "m49", "AFG"),
        ("004", "m49", "AFG"),
        ("830", "m49", "CHI"),  # Channel Islands: below 900, and no ISO code
        ("900", "m49", "900"),
        ("1", "m49", "900"),  # M49 itself calls the world 001
        ("2003", "m49", "2003"),
        ("736", "m49", "SUD"),
        ("NA", "iso2", "NAM"),
        ("NA", "eurostat", "NAM"),
        ("EL", "eurostat", "GRC"),
        ("GR", "eurostat", None),
        ("UK", "eurostat", "GBR"),
        ("EU27_2020", "eurostat", "EU27_2020"),
        ("CHI", "unhcr", "CHN"),
        ("CHI", "world_bank", "CHI"),
        ("GFR", "unhcr", "DEU"),
        ("AUS", "unhcr", "AUT"),
        ("STA", "unhcr", "XXA"),
        ("UKN", "unhcr", "XXX"),
        ("WLD", "world_bank", "900"),
        ("SSF", "world_bank", "WB_SSF"),
        ("ZAR", "world_bank", "COD"),
        ("Egypt, Arab Rep.", "name", "EGY"),
        ("Korea, Dem. Rep.", "name", "PRK"),
        ("Micronesia", "name", "954"),
        ("Micronesia (Fed. States of)", "name", "FSM"),
        ("Polynesia*", "name", "957"),
        ("SUB-SAHARAN AFRICA", "name", "947"),
        ("Afrique subsaharienne", "name", "947"),
        ("Others", "name", "2003"),
        ("Nowhere", "name", None),
        ("999", "m49", None),
        (None, "m49", None),
    ],
)
def test_a_code_means_an_area(code, scheme, area):
    assert area_of(code, scheme) == area


@pytest.mark.parametrize(
    ("code", "scheme", "year", "area"),
    [
        ("YUG", "iso3", 1985, "YUG"),
        ("YUG", "iso3", 1995, "SCG"),
        ("CS", "iso2", 1990, "CSK"),
        ("CS", "iso2", 2004, "SCG"),
        ("CS", "iso2", 2015, None),
        ("YUG", "unhcr", 1999, "SCG"),
    ],
)
def test_the_year_decides_what_a_code_that_was_used_twice_means(code, scheme, year, area):
    assert area_of(code, scheme, year) == area


def test_a_scheme_that_is_not_known_is_refused():
    with pytest.raises(InvalidChoice, match="fips"):
        area_of("AF", "fips")


@settings(deadline=None)
@given(st.lists(st.sampled_from([*ISO3, "YUG", "CSK", "QQ", None]), max_size=30), st.data())
def test_a_column_is_read_as_its_cells_are(codes, data):
    years = data.draw(
        st.lists(st.integers(1980, 2020), min_size=len(codes), max_size=len(codes))
    )
    column = pl.Series("area", codes, dtype=pl.String)
    found = areas_by_code(column, Scheme.ISO3, pl.Series(years, dtype=pl.Int64))
    assert found.name == "area"
    assert found.to_list() == [area_of(c, "iso3", y) for c, y in zip(codes, years, strict=True)]


@pytest.mark.parametrize("scheme", ["m49", "iso2", "iso3", "unhcr", "world_bank", "eurostat"])
def test_the_code_of_an_area_leads_back_to_it(scheme):
    for area in ISO3:
        code = code_of(area, scheme)
        assert code is None or area_of(code, scheme) == area


def test_each_country_has_one_m49_code_of_its_own():
    codes = [code_of(area, "m49") for area in ISO3]
    assert None not in codes
    assert len(set(codes)) == len(codes)


def test_the_scheme_of_codes_is_the_one_stated_unless_another_clearly_fits():
    iso = pl.Series(["DEU", "NLD", "CHE", "ESP", "AUS", "AUS"])
    assert fitting_scheme(iso, "unhcr") == "iso3"
    assert fitting_scheme(pl.Series(["GFR", "AUS"]), "unhcr") == "unhcr"
    assert fitting_scheme(pl.Series(["what", "is", "this"]), "unhcr") == "unhcr"
    assert fitting_scheme(pl.Series([], dtype=pl.String), "m49") == "m49"


def test_aggregates_are_looked_up_and_not_told_from_their_size():
    assert is_aggregate("900")
    assert is_aggregate("019")
    assert is_aggregate("WB_EAS")
    assert not is_aggregate("CHI")
    assert not is_aggregate("2003")  # a part of the world's total
    assert not is_aggregate("AFG")
    assert not is_aggregate("no such area")
    assert kind_of("2003") == "residual"
    assert kind_of("1803") == "heading"
    assert kind_of("no such area") is None


def test_members_are_those_of_the_united_nations():
    assert members_of("927") == ("AUS", "NZL")
    assert "JPN" in members_of("901")
    assert set(members_of("901")) & set(members_of("902")) == set()
    # "Excluding China" leaves out Hong Kong, Macao and Taiwan Province as well.
    assert set(members_of("902")) - set(members_of("948")) == {"CHN", "HKG", "MAC", "TWN"}
    assert len(members_of("EU27_2020")) == 27
    assert set(members_of("EU28")) - set(members_of("EU27_2020")) == {"GBR"}
    with pytest.raises(NotFound):
        members_of("AFG")


@pytest.mark.parametrize("system", ["continent", "subregion", "sdg"])
def test_each_area_belongs_to_one_group_of_a_system(system):
    table = membership(system).filter(pl.col("aggregate") != "019")
    assert not table["area"].is_duplicated().any()
    assert set(table["area"]) == set(members_of("900"))


def test_a_system_that_is_not_known_is_refused():
    with pytest.raises(InvalidChoice, match="continent"):
        membership("weather")


def test_splits_and_joins_have_their_days():
    assert successors_of("SUD") == ("SDN", "SSD")
    assert successors_of("SCG") == ("MNE", "SRB")
    assert set(successors_of("ANT")) == {"ABW", "BES", "CUW", "SXM"}
    assert len(successors_of("SUN")) == 15
    assert predecessors_of("DEU") == ("DDR", "FRG")
    assert predecessors_of("YEM") == ("YAR", "YMD")
    assert predecessors_of("ERI") == ("ETI",)
    days = area_events().filter(pl.col("before").list.contains("SUD"))["day"]
    assert str(days.item()) == "2011-07-09"


@pytest.mark.parametrize(
    ("area", "year", "there"),
    [
        ("SSD", 2010, False),
        ("SSD", 2011, True),
        ("MNE", 2005, False),
        ("CSK", 1992, True),
        ("CSK", 1993, False),
        ("SCG", 2006, True),
        ("ETH", 1990, True),
        ("FRA", 1950, True),
    ],
)
def test_an_area_exists_from_its_first_year_to_its_last(area, year, there):
    assert existed(area, year) is there


def test_names_are_neutral_and_in_four_languages():
    assert area_name("XKX") == "Kosovo (under UNSC resolution 1244)"
    assert area_name("TWN") == "China, Taiwan Province of China"
    assert area_name("PSE", "fr") == "État de Palestine"
    assert area_name("947", "es") == "África Subsahariana"
    assert area_name("KEN", "ar") == "كينيا"
    assert area_name("942", "ar") == area_name("942", "en")  # not translated
    with pytest.raises(InvalidChoice):
        area_name("KEN", "de")
    table = area_names()
    assert table.select(pl.col(LANGUAGES).null_count().sum()).row(0) == (0, 0, 0, 0)
    real = [code for code in aggregates() if kind_of(code) != "made_up_region"]
    assert table.filter("is_aggregate").height == len(real)


def test_the_concordance_is_one_table():
    table = concordance()
    assert {"m49", "iso2", "iso3", "unhcr", "world_bank", "eurostat"} <= set(table["scheme"])
    assert not table.select("scheme", "code", "area", "first_year").is_duplicated().any()
