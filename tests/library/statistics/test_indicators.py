"""Indicators: worked by hand, held against published ones, and what is refused."""

from __future__ import annotations

import math

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import BrokenRules, InvalidChoice, MissingColumns, MixedRevisions
from waystation.statistics.indicators import LANGUAGES, indicator, indicators
from waystation.statistics.sources.observed import observations

UNITS = {"new_displacements_conflict": "movements", "remittances_received": "USD"}


def rows(*given_rows, **more):
    columns = ("measure", "area", "counterpart", "year", "value")
    more = {"unit": UNITS.get(given_rows[0][0], "persons")} | more
    frame = pl.DataFrame(
        [(*r, None)[: len(columns)] for r in given_rows],
        schema={"measure": pl.String, "area": pl.String, "counterpart": pl.String,
                "year": pl.Int64, "value": pl.Float64},
        orient="row",
    )  # fmt: skip
    defaults = {"dataset": "undesa_stock_2020", "period": None} | more
    period = (
        pl.lit(defaults["period"]) if defaults["period"] else pl.col("year").cast(pl.String)
    )
    extra = {n: pl.lit(v) for n, v in defaults.items() if n != "period"}
    return observations(frame.with_columns(period=period, **extra))


def values(name, *frames, **options):
    table = indicator(name, *frames, **options)
    return table.select("area", "period", "value").rows()


STOCK = rows(
    ("migrant_stock", "AAA", None, 1990, 100), ("migrant_stock", "AAA", None, 1995, 150),
    ("migrant_stock", "BBB", None, 1990, 0), ("migrant_stock", "BBB", None, 1995, 20),
    ("population", "AAA", None, 1990, 1000), ("population", "AAA", None, 1995, None),
)  # fmt: skip


def test_a_share_is_the_stock_by_the_population_and_null_without_it():
    table = indicator("migrant_share", STOCK)
    assert table.select("area", "year", "value", "flag", "note").rows() == [
        ("AAA", 1990, 10.0, "observed", None),
        ("AAA", 1995, None, "not_reported", "population is missing"),
        ("BBB", 1990, None, "not_reported", "population is missing"),
        ("BBB", 1995, None, "not_reported", "population is missing"),
    ]


def test_growth_is_the_logarithm_by_the_years_between():
    table = indicator("migrant_stock_growth", STOCK)
    assert table["period"].to_list() == ["1990/P5Y", "1990/P5Y"]
    assert table["value"][0] == pytest.approx(100 * math.log(1.5) / 5)
    assert table["value"][1] is None
    assert table["note"][1] == "growth from or to 0 is not defined"


def test_a_step_of_four_years_counts_as_four():
    frame = rows(("migrant_stock", "AAA", None, 2020, 100), ("migrant_stock", "AAA", None, 2024,
                 110))  # fmt: skip
    table = indicator("migrant_stock_growth", frame)
    assert table["value"][0] == pytest.approx(100 * math.log(1.1) / 4)
    assert table["period"].to_list() == ["2020/P4Y"]


def test_change_is_null_where_one_of_two_figures_is():
    frame = rows(("migrant_stock", "AAA", None, 1990, 100), ("migrant_stock", "AAA", None, 1995,
                 None), ("migrant_stock", "AAA", None, 2000, 130))  # fmt: skip
    assert values("migrant_stock_change", frame) == [
        ("AAA", "1990/P5Y", None), ("AAA", "1995/P5Y", None),
    ]  # fmt: skip


def test_the_female_share_is_of_both_sexes():
    both = rows(("migrant_stock", "AAA", None, 1990, 100), ("migrant_stock", "BBB", None, 1990,
                8))  # fmt: skip
    female = rows(("migrant_stock", "AAA", None, 1990, 45), sex="female")
    assert values("migrant_female_share", both, female) == [
        ("AAA", "1990", 45.0), ("BBB", "1990", None),
    ]  # fmt: skip


def test_emigrants_are_summed_over_destinations_without_sums_of_areas():
    frame = rows(
        ("migrant_stock", "DEU", "TUR", 2020, 70), ("migrant_stock", "FRA", "TUR", 2020, 30),
        ("migrant_stock", "900", "TUR", 2020, 100), ("migrant_stock", "DEU", "947", 2020, 90),
        ("migrant_stock", "DEU", None, 2020, 75), ("migrant_stock", "DEU", "2003", 2020, 5),
    )  # fmt: skip
    table = {area: value for area, _, value in values("emigrant_stock", frame)}
    assert table["TUR"] == 100
    assert "947" not in table


def test_corridors_are_pairs_of_areas():
    frame = rows(
        ("migrant_stock", "DEU", "TUR", 2020, 70), ("migrant_stock", "900", "TUR", 2020, 99),
    )  # fmt: skip
    table = indicator("corridors", frame)
    assert table.select("area", "counterpart", "value").rows() == [("DEU", "TUR", 70)]


def refugees(*pairs):
    frame = rows(*[("refugees", a, c, 2023, v) for a, c, v, _ in pairs],
                 dataset="unhcr_population", period="2023-12-31")  # fmt: skip
    small = pl.Series([is_small for *_, is_small in pairs])
    return frame.with_columns(
        low=pl.when(small).then(1.0), high=pl.when(small).then(5.0),
        flag=pl.when(small).then(pl.lit("estimated")).otherwise(pl.lit("observed"))
        .cast(frame.schema["flag"]),
    )  # fmt: skip


def test_refugees_by_host_and_origin_have_the_interval_of_small_counts():
    frame = refugees(
        ("DEU", "SYR", 700, False), ("DEU", "AFG", 5, True), ("DEU", "IRQ", 5, True),
        ("FRA", "SYR", 300, False),
    )  # fmt: skip
    by_host = indicator("refugees_by_host", frame)
    assert by_host.select("area", "value", "low", "high", "flag").rows() == [
        ("DEU", 710, 702, 710, "estimated"), ("FRA", 300, None, None, "observed"),
    ]  # fmt: skip
    by_origin = indicator("refugees_by_origin", frame)
    assert dict(by_origin.select("area", "value").rows()) == {"AFG": 5, "IRQ": 5, "SYR": 1000}


def test_refugees_per_1000_need_a_population_of_the_same_year():
    people = rows(("population", "DEU", None, 2023, 10_000), dataset="wpp_2024")
    frame = refugees(("DEU", "SYR", 20, False), ("DEU", "AFG", 5, True))
    table = indicator("refugees_per_1000", frame, people)
    assert table.select("value", "low", "high", "source").rows() == [
        (2.5, 2.1, 2.5, "unhcr_population; wpp_2024")
    ]


def test_only_new_applications_of_persons_are_counted():
    frame = rows(*[("asylum_applications", "DEU", "SYR", 2023, n) for n in (100, 20, 7, 3)],
                 dataset="unhcr_asylum_applications")  # fmt: skip
    frame = frame.with_columns(
        breakdown=pl.Series([f"procedure=G; application={k}; level=FI" for k in
                             ("N", "NR", "R", "N")]),
        unit=pl.Series(["persons", "persons", "persons", "cases"]),
    )  # fmt: skip
    assert values("asylum_applications", frame) == [("DEU", "2023", 120)]


def test_a_sum_is_of_what_is_known_and_says_how_much_is_not():
    frame = refugees(("DEU", "SYR", 20, False), ("DEU", "AFG", None, False),
                     ("FRA", "AFG", None, False))  # fmt: skip
    table = indicator("refugees_by_host", frame)
    assert table.select("area", "value", "note", "flag").rows() == [
        ("DEU", 20, "1 of 2 parts are not reported", "observed"),
        ("FRA", None, None, "not_reported"),
    ]


def test_people_displaced_are_added_where_none_of_one_kind_were_recorded():
    frame = rows(
        ("idps_conflict", "AAA", None, 2022, 100), ("idps_disaster", "AAA", None, 2022, 20),
        ("idps_conflict", "BBB", None, 2022, 100), ("idps_disaster", "BBB", None, 2022, None),
        ("idps_conflict", "CCC", None, 2012, 100), ("idps_disaster", "CCC", None, 2012, None),
        dataset="idmc_gidd",
    )  # fmt: skip
    notes = [None, None, None, "none recorded", None, "before the producer collected it"]
    frame = frame.with_columns(note=pl.Series(notes))
    assert values("idps", frame) == [
        ("AAA", "2022", 120), ("BBB", "2022", 100), ("CCC", "2012", None),
    ]  # fmt: skip


def test_a_rate_of_five_years_is_yearly_and_of_the_people_between_its_ends():
    flow = rows(
        ("net_migration", "AAA", None, 1990, -50), dataset="wpp_2019", period="1990/P5Y"
    )
    people = rows(("population", "AAA", None, 1990, 1000), ("population", "AAA", None, 1995,
                  3000), dataset="wpp_2019")  # fmt: skip
    assert values("net_migration_rate", flow, people) == [("AAA", "1990/P5Y", -5.0)]


def test_a_flow_of_five_years_is_not_taken_for_one_of_a_year():
    five = rows(("net_migration", "AAA", None, 1992, -50), dataset="worldbank_wdi",
                unit="persons in five years")  # fmt: skip
    people = rows(("population", "AAA", None, 1992, 1000), dataset="worldbank_wdi")
    assert indicator("net_migration_rate", five, people).is_empty()


def test_movements_and_money_have_their_units():
    moves = rows(("new_displacements_conflict", "AAA", None, 2022, 9), dataset="idmc_gidd")
    assert indicator("new_displacements_conflict", moves)["unit"].to_list() == ["movements"]
    money = rows(("remittances_received", "AAA", None, 2022, 9), dataset="worldbank_wdi")
    assert indicator("remittances_received", money)["unit"].to_list() == ["USD"]


def test_revisions_are_not_mixed_unless_asked_for():
    one = rows(("migrant_stock", "AAA", None, 2020, 100))
    two = rows(("migrant_stock", "AAA", None, 2024, 150), dataset="undesa_stock_2024")
    with pytest.raises(MixedRevisions, match=r"undesa_stock_2020, undesa_stock_2024"):
        indicator("migrant_stock", one, two)
    mixed = indicator("migrant_stock", one, two, mix_revisions=True)
    assert mixed["source"].to_list() == ["undesa_stock_2020", "undesa_stock_2024"]
    assert indicator("migrant_stock_growth", one, two, mix_revisions=True).is_empty()


def test_of_several_tables_the_usual_one_of_the_indicator_is_taken():
    pairs = rows(
        ("migrant_stock", "AAA", "BBB", 2020, 7), ("migrant_stock", "AAA", None, 2020, 9),
        dataset="undesa_stock_origin_2020",
    )  # fmt: skip
    total = rows(("migrant_stock", "AAA", None, 2020, 10))
    assert indicator("migrant_stock", pairs, total)["value"].to_list() == [10]
    assert indicator("corridors", pairs, total)["value"].to_list() == [7]
    assert indicator("migrant_stock", pairs)["value"].to_list() == [9]
    older = pairs.with_columns(dataset=pl.lit("undesa_stock_origin_2024"))
    with pytest.raises(MixedRevisions):
        indicator("corridors", pairs, total, older)


def test_the_population_of_the_same_revision_is_taken_before_another():
    other = rows(("population", "AAA", None, 1990, 500), dataset="wpp_2024")
    table = indicator("migrant_share", STOCK, other, areas=["AAA"])
    assert table["value"][0] == 10.0
    assert table["source"][0] == "undesa_stock_2020"


def test_a_figure_that_stands_twice_is_refused():
    twice = rows(("migrant_stock", "AAA", None, 1990, 1), ("migrant_stock", "AAA", None, 1990,
                 2))  # fmt: skip
    with pytest.raises(BrokenRules, match="AAA has several figures for 1990"):
        indicator("migrant_stock", twice)


def test_the_gravest_flag_of_the_inputs_counts():
    stock = rows(("migrant_stock", "AAA", None, 1990, 100), flag="provisional")
    people = rows(("population", "AAA", None, 1990, 1000), flag="break")
    assert indicator("migrant_share", stock, people)["flag"].to_list() == ["break"]


def test_areas_are_chosen_on_either_side():
    frame = rows(
        ("migrant_stock", "DEU", "TUR", 2020, 70), ("migrant_stock", "FRA", "DZA", 2020, 9),
    )  # fmt: skip
    assert indicator("corridors", frame, areas=["TUR"])["area"].to_list() == ["DEU"]


def test_an_unknown_indicator_and_a_table_without_columns_are_refused():
    with pytest.raises(InvalidChoice, match="migrant_share"):
        indicator("happiness")
    with pytest.raises(MissingColumns, match="flag"):
        indicator("migrant_stock", STOCK.drop("flag"))


def test_without_observations_there_are_no_values():
    for name in indicators():
        assert indicator(name).is_empty()


def test_every_indicator_is_named_in_four_languages_and_defined():
    for entry in indicators().values():
        assert set(entry.labels) == set(LANGUAGES)
        assert all(entry.labels.values())
        assert entry.definition.endswith(".")
        assert entry.measures
    assert len({entry.label("fr") for entry in indicators().values()}) == len(indicators())


@settings(max_examples=40, deadline=None)
@given(
    stocks=st.lists(st.none() | st.integers(0, 10**9), min_size=1, max_size=6),
    people=st.lists(st.none() | st.integers(0, 10**9), min_size=6, max_size=6),
)
def test_a_share_is_null_just_where_an_input_is_missing_or_nobody_lives(stocks, people):
    years = range(1990, 1990 + 5 * len(stocks), 5)
    frame = rows(
        *[("migrant_stock", "AAA", None, y, s) for y, s in zip(years, stocks, strict=True)],
        *[("population", "AAA", None, y, p) for y, p in zip(years, people, strict=False)],
    )
    found = indicator("migrant_share", frame)["value"].to_list()
    for value, stock, population in zip(found, stocks, people, strict=False):
        if stock is None or not population:
            assert value is None
        else:
            assert value == pytest.approx(100 * stock / population)


# --- real files


@pytest.fixture(scope="module")
def stock_2020(statistics_data):
    from waystation.statistics.judged import judged_from_clean
    from waystation.statistics.sources.registry import read_source

    path = statistics_data / "undesa" / "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx"
    return judged_from_clean(read_source(path)).observations


@pytest.mark.parametrize(
    ("name", "published", "at_least"),
    [
        ("migrant_share", "migrant_share", 5_300),
        ("migrant_female_share", "migrant_female_share", 1_900),
        ("migrant_stock_growth", "migrant_growth", 4_900),
    ],
)
def test_every_cell_is_the_one_that_un_desa_publishes(stock_2020, name, published, at_least):
    """UN DESA prints shares and growth beside the stock, to nine digits after the point."""
    own = indicator(name, stock_2020).with_columns(pl.col("sex").cast(pl.String))
    theirs = stock_2020.filter(pl.col("measure") == published).select(
        "area", pl.col("sex").cast(pl.String), "year", theirs="value"
    )
    both = own.join(theirs, on=["area", "sex", "year"]).drop_nulls(["value", "theirs"])
    assert both.height >= at_least
    assert ((both["value"] - both["theirs"]).abs() < 1e-8).all()


@pytest.mark.parametrize(
    ("file", "name", "area", "year", "value"),
    [
        ("eurostat/estat_tps00176_en.csv", "immigration", "AUT", 2011, 82_230),
        ("eurostat/estat_tps00177_en.csv", "emigration", "AUT", 2011, 51_197),
        ("oecd/oecd_imd_inflows_sdmxcsv_2014_2022.csv", "inflows_foreign_population", "GRC",
         2014, 29_510),
        ("mmp/MissingMigrants_2014_2021.csv", "migrant_deaths", "900", 2016, 8_084),
    ],
)  # fmt: skip
def test_figures_go_from_the_real_file_to_the_indicator(
    statistics_data, file, name, area, year, value
):
    from waystation.statistics.judged import judged_from_clean
    from waystation.statistics.sources.registry import read_source

    judged = judged_from_clean(read_source(statistics_data / file)).observations
    table = indicator(name, judged, areas=[area]).filter(pl.col("year") == year)
    assert table["value"].to_list() == [value]


def test_real_refugees_by_host_add_up_to_the_world(statistics_data):
    from waystation.statistics.judged import judged_from_clean
    from waystation.statistics.sources.registry import read_source

    path = statistics_data / "unhcr" / "refugees_population.csv.gz"
    judged = judged_from_clean(read_source(path)).observations
    judged = judged.filter(pl.col("year") >= 2022)
    for name in ("refugees_by_host", "refugees_by_origin"):
        table = indicator(name, judged)
        sums = dict(table.group_by("year").agg(pl.col("value").sum()).rows())
        assert sums == {2022: 29_429_078, 2023: 31_637_408}
        low = dict(table.group_by("year").agg(pl.coalesce("low", "value").sum()).rows())
        # 831 counts of 5 in 2023 may each stand for as little as 1.
        assert sums[2023] - low[2023] == 4 * 831
