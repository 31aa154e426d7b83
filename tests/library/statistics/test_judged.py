"""From clean to judged: common codes, documented corrections, figures looked over."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import InvalidMapping, MissingColumns, MixedRevisions
from waystation.sources import Source
from waystation.statistics.clean import Clean
from waystation.statistics.corrections import (
    Correction,
    corrected,
    documented_corrections,
    read_corrections,
)
from waystation.statistics.judged import areas_only, judged_from_clean
from waystation.statistics.sanity import (
    check_jumps,
    check_population,
    check_sexes,
    check_totals,
)
from waystation.statistics.series import series_from_observations
from waystation.statistics.sources.cells import no_findings
from waystation.statistics.sources.registry import read_source
from waystation.statistics.sources.rows import areas_of, observations_of
from waystation.statistics.tables import CellFlag, Observations


def rows(*cells, dataset="made_2020", measure="migrant_stock"):
    """Observations of (area, counterpart, year, value), of both sexes unless a fifth says."""
    columns = ["area", "counterpart", "year", "value", "sex"]
    kinds = [pl.String(), pl.String(), pl.Int64(), pl.Float64(), pl.String()]
    made = pl.DataFrame(
        [(*cell, "both")[:5] for cell in cells],
        schema=dict(zip(columns, kinds, strict=True)),
        orient="row",
    ).with_columns(
        dataset=pl.lit(dataset), measure=pl.lit(measure), period=pl.format("{}-07-01", "year")
    )
    return observations_of([made], flag=CellFlag.OBSERVED)


def clean(observations, system="m49"):
    codes = pl.concat([observations["area"], observations["counterpart"]]).drop_nulls()
    source = Source(producer="Made up", title="Figures")
    return Clean(observations, areas_of(codes, system=system), no_findings(), source)


def codes_of(judged):
    return sorted(set(judged.findings["code"]))


def test_codes_become_those_of_the_concordance():
    judged = judged_from_clean(
        clean(rows(("516", "900", 2020, 9), ("516", "2003", 2020, 2), ("903", "4", 2020, 7)))
    )
    Observations.require(judged.observations)
    assert judged.observations.select("area", "counterpart").rows() == [
        ("NAM", None), ("NAM", "2003"), ("903", "AFG"),
    ]  # fmt: skip
    assert judged.findings.height == 0
    assert judged.source.producer == "Made up"


def test_a_code_that_is_not_known_is_reported_with_its_figures():
    judged = judged_from_clean(clean(rows(("516", "4", 2020, 9), ("999", "4", 2020, 2))))
    assert judged.observations["area"].to_list() == ["NAM"]
    finding = judged.findings.row(0, named=True)
    assert (finding["code"], finding["reported"]) == ("STA-110", "999")


def test_na_is_namibia():
    judged = judged_from_clean(clean(rows(("NA", "EL", 2020, 9)), system="eurostat"))
    assert judged.observations.select("area", "counterpart").rows() == [("NAM", "GRC")]


def test_the_year_decides_between_areas_of_one_code():
    judged = judged_from_clean(
        clean(rows(("DEU", "YUG", 1990, 5), ("DEU", "YUG", 2000, 4)), system="iso3")
    )
    assert judged.observations["counterpart"].to_list() == ["YUG", "SCG"]


def test_codes_of_no_scheme_are_read_by_the_iso_code_beside_them():
    made = clean(rows(("QQ1", None, 2020, 9)), system="another")
    areas = made.areas.with_columns(iso3=pl.lit("KEN"))
    judged = judged_from_clean(Clean(made.observations, areas, made.findings, made.source))
    assert judged.observations["area"].to_list() == ["KEN"]


@pytest.mark.parametrize(("iso3", "areas"), [("KEN", ["NAM", "KEN"]), (None, ["NAM"])])
def test_a_code_its_scheme_does_not_know_may_have_an_iso_code_beside_it(iso3, areas):
    made = clean(rows(("516", None, 2020, 9), ("999", None, 2020, 9)))
    beside = pl.Series("iso3", [None, iso3], dtype=pl.String)
    judged = judged_from_clean(
        Clean(made.observations, made.areas.with_columns(beside), made.findings, made.source)
    )
    assert judged.observations["area"].to_list() == areas


def test_codes_of_another_scheme_than_stated_are_told():
    # ISO codes passed on as those of UNHCR, in which AUS is Austria.
    cells = [(area, "AUS", 2020, 9) for area in ("DEU", "NLD", "CHE", "ESP", "IRL", "AUT")]
    judged = judged_from_clean(clean(rows(*cells), system="unhcr"))
    assert set(judged.observations["counterpart"]) == {"AUS"}
    assert judged.observations["area"].to_list() == [area for area, *_ in cells]
    assert codes_of(judged) == ["STA-118"]


def test_a_figure_that_stands_twice_is_kept_once():
    judged = judged_from_clean(clean(rows(("927", None, 2020, 9), ("927", None, 2020, 9))))
    assert judged.observations.height == 1
    assert codes_of(judged) == ["STA-111"]


def test_figures_of_one_key_that_disagree_are_an_error():
    judged = judged_from_clean(clean(rows(("516", None, 2020, 9), ("516", None, 2020, 8))))
    assert judged.observations["value"].to_list() == [9]
    assert codes_of(judged) == ["STA-112"]


def test_a_stock_below_zero_is_left_out_and_net_migration_is_not():
    stock = judged_from_clean(clean(rows(("516", None, 2020, -9))))
    assert stock.observations.select("value", "flag").rows() == [(None, "not_reported")]
    assert codes_of(stock) == ["STA-115"]
    net = judged_from_clean(clean(rows(("516", None, 2020, -9), measure="net_migration")))
    assert net.observations["value"].to_list() == [-9]
    assert net.findings.height == 0


def test_a_zero_of_an_area_that_did_not_exist_becomes_not_reported():
    judged = judged_from_clean(
        clean(rows(("728", None, 2005, 0), ("728", None, 2015, 0), ("516", "728", 1990, 0)))
    )
    assert judged.observations.select("value", "flag").rows() == [
        (None, "not_reported"), (0, "observed"), (None, "not_reported"),
    ]  # fmt: skip
    assert codes_of(judged) == ["STA-113"]


def test_zeros_of_a_series_that_was_cast_back_stay_zeros():
    # Kazakhstan, independent since 1991: the producer divided the figures of 1990.
    judged = judged_from_clean(
        clean(rows(("398", None, 1990, 3_600_000), ("398", "516", 1990, 0)))
    )
    assert judged.observations["value"].to_list() == [3_600_000, 0]
    assert codes_of(judged) == ["STA-114"]


def test_a_balance_of_zero_is_a_balance():
    judged = judged_from_clean(clean(rows(("728", None, 1990, 0), measure="net_migration")))
    assert judged.observations["value"].to_list() == [0]


def test_headings_among_the_areas_are_no_figures():
    judged = judged_from_clean(clean(rows(("1803", None, 2020, None), ("516", None, 2020, 1))))
    assert judged.observations["area"].to_list() == ["NAM"]
    assert judged.findings.height == 0


def test_areas_only_leaves_aggregates_out_and_others_in():
    judged = judged_from_clean(
        clean(
            rows(
                ("900", None, 2020, 9), ("516", None, 2020, 9), ("516", "903", 2020, 5),
                ("516", "4", 2020, 5), ("516", "2003", 2020, 4),
            )
        )
    )  # fmt: skip
    kept = areas_only(judged.observations)
    assert kept.select("area", "counterpart").rows() == [
        ("NAM", None), ("NAM", "AFG"), ("NAM", "2003"),
    ]  # fmt: skip


def test_a_total_below_its_parts_is_found():
    table = rows(("NAM", None, 2020, 9), ("NAM", "AFG", 2020, 6), ("NAM", "KEN", 2020, 6))
    assert [f.code for f in check_totals(table)] == ["STA-120"]
    assert check_totals(table.with_columns(value=pl.col("value").replace(6.0, 4.0))) == []


def test_a_stock_above_the_population_is_found():
    people = rows(("NAM", None, 2020, 9), measure="population")
    stock = rows(("NAM", None, 2020, 10))
    assert [f.code for f in check_population(stock, people)] == ["STA-121"]
    assert check_population(rows(("NAM", None, 2020, 9)), people) == []
    assert check_population(stock) == []


def test_a_jump_is_found_and_a_small_area_may_jump():
    table = rows(("NAM", None, 2015, 10_000), ("NAM", None, 2020, 30_001))
    assert [f.code for f in check_jumps(table)] == ["STA-122"]
    assert check_jumps(rows(("NAM", None, 2015, 100), ("NAM", None, 2020, 900))) == []
    assert check_jumps(rows(("NAM", None, 2015, 10_000), ("NAM", None, 2020, 30_000))) == []


def test_sexes_that_do_not_add_up_are_found():
    table = rows(
        ("NAM", None, 2020, 100, "both"), ("NAM", None, 2020, 50, "male"),
        ("NAM", None, 2020, 40, "female"),
    )  # fmt: skip
    assert [f.code for f in check_sexes(table)] == ["STA-123"]


def test_only_the_first_findings_of_a_kind_are_listed():
    cells = [(area, None, 2020, 9) for area in map(str, range(40))]
    parts = [(area, "AFG", 2020, 99) for area, _, _, _ in cells]
    found = check_totals(rows(*cells, *parts))
    assert len(found) == 21
    assert "20 more" in found[-1].message


def correction(**given):
    usual = {"id": "made", "datasets": ("made_*",), "reason": "Because.", "source": "A note."}
    return Correction(**{**usual, **given})


@pytest.mark.parametrize(
    ("given_correction", "value", "flag"),
    [
        ({"action": "flag", "flag": "break"}, 9, "break"),
        ({"action": "not_reported"}, None, "not_reported"),
        ({"action": "value", "old": 9, "new": 7, "flag": "estimated"}, 7, "estimated"),
        ({"action": "multiply", "by": 1000}, 9000, "observed"),
    ],
)
def test_a_correction_touches_the_rows_it_names_and_no_other(given_correction, value, flag):
    table = rows(("NAM", None, 2010, 9), ("NAM", None, 2020, 9), ("AFG", None, 2010, 9))
    found, findings = corrected(
        table, [correction(areas=("NAM",), years=(2010,), sexes=("both",), **given_correction)]
    )
    assert found.select("value", "flag").row(0) == (value, flag)
    assert found[1:].equals(table[1:])
    assert [f.code for f in findings] == ["STA-116"]
    assert "A note." in findings[0].message


def test_a_correction_of_a_figure_that_is_no_longer_there_says_so():
    table = rows(("NAM", None, 2010, 8))
    found, findings = corrected(table, [correction(action="value", old=9, new=7)])
    assert found.equals(table)
    assert [f.code for f in findings] == ["STA-117"]
    other = rows(("NAM", None, 2010, 8), dataset="other")
    assert corrected(other, [correction(action="value", old=9, new=7)])[1] == []


def test_corrections_have_reason_and_source(tmp_path):
    for documented in documented_corrections():
        assert documented.reason.endswith(".")
        assert documented.source
    path = tmp_path / "own.yaml"
    path.write_text("- {id: a, datasets: [x], action: flag, flag: break, reason: R}\n")
    with pytest.raises(InvalidMapping, match="source"):
        read_corrections(path)
    path.write_text("- {id: a, datasets: [x], action: guess, reason: R, source: S}\n")
    with pytest.raises(InvalidMapping, match="guess"):
        read_corrections(path)


def test_revisions_are_not_mixed_unless_asked():
    mixed = pl.concat(
        [rows(("NAM", None, 2015, 9), dataset="stock_2019"), rows(("NAM", None, 2020, 8))]
    )
    with pytest.raises(MixedRevisions, match=r"made_2020, stock_2019"):
        series_from_observations(mixed, "migrant_stock")
    both = series_from_observations(mixed, "migrant_stock", area="NAM", mix_revisions=True)
    assert both["dataset"].to_list() == ["stock_2019", "made_2020"]
    one = mixed.filter(dataset="made_2020")
    assert series_from_observations(one, "migrant_stock")["value"].to_list() == [8]
    with pytest.raises(MissingColumns, match="sex"):
        series_from_observations(mixed.drop("sex"), "migrant_stock")


def test_a_series_is_of_one_counterpart_or_of_each():
    table = rows(("NAM", None, 2020, 9), ("NAM", "AFG", 2020, 6), ("NAM", "KEN", 2020, 3))
    one = series_from_observations(table, "migrant_stock", counterpart="AFG")
    assert one["value"].to_list() == [6]
    each = series_from_observations(table, "migrant_stock", counterpart="*")
    assert each["value"].to_list() == [9, 6, 3]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["516", "4", "728", "900", "830"]),
            st.sampled_from([None, "516", "4", "2003", "903"]),
            st.integers(1990, 2020),
            st.one_of(st.none(), st.integers(0, 10**9)),
        ),
        min_size=1,
        unique_by=lambda cell: cell[:3],
    )
)
def test_judging_neither_invents_nor_loses_a_figure(cells):
    judged = judged_from_clean(clean(rows(*cells)), corrections=()).observations
    before = [value for *_, value in cells if value]
    assert sorted(judged.filter(pl.col("value") > 0)["value"]) == sorted(before)
    assert judged.height == len(cells)
    missing = judged.filter(pl.col("value").is_null())
    assert set(missing["flag"]) <= {"not_reported"}


def test_the_stock_of_2020_is_judged_without_unknown_codes(statistics_data):
    path = statistics_data / "undesa" / "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx"
    judged = judged_from_clean(read_source(path))
    found = judged.observations
    assert set(codes_of(judged)) == {"STA-111", "STA-114", "STA-116", "STA-122"}
    assert found.filter(area="927", measure="migrant_stock", year=2020, sex="both").height == 1
    sudan = found.filter(area="SDN", measure="migrant_stock", sex="both").sort("year")
    assert dict(sudan.select("year", "flag").iter_rows())[2010] == "break"
    south = found.filter(area="SSD", measure="migrant_stock", sex="both", year=1990)
    assert south.select("value", "flag").row(0) == (None, "not_reported")


def test_judging_finds_more_migrants_than_people_in_bonaire(statistics_data):
    # Before 2010 the stock is that of the Netherlands Antilles, the population Bonaire's.
    path = statistics_data / "undesa" / "undesa_pd_2019_migrant_stock_total_dataset.xlsx"
    judged = judged_from_clean(read_source(path))
    above = judged.findings.filter(code="STA-121")["message"].to_list()
    assert any("BES, 1990" in message for message in above)
