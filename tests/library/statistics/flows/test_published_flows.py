"""The flows that Abel and Cohen published, from the stocks and population figures they used."""

from __future__ import annotations

import polars as pl
import pytest

from waystation.statistics.flows.areas import ABEL_COHEN_2022, AreaRules
from waystation.statistics.flows.choices import AbsentPairs
from waystation.statistics.flows.inputs import flow_inputs, population_from_accounts
from waystation.statistics.flows.many import FlowSet, estimate_all

pytestmark = pytest.mark.slow

COLUMNS = {
    "sd_drop_neg": "stock-diff-drop",
    "sd_rev_neg": "stock-diff-reverse",
    "mig_rate": "migration-rate",
    "da_min_open": "da-min-open",
    "da_min_closed": "da-min-closed",
    "da_pb_closed": "da-pb-closed",
}
KEYS = ["period", "sex", "method", "origin", "destination"]


@pytest.fixture(scope="module")
def published(statistics_data) -> pl.DataFrame:
    wide = pl.read_csv(
        statistics_data / "abel_cohen" / "bilat_mig_sex_ims2020_wpp2022.csv.gz",
        infer_schema_length=None,
    )
    return wide.unpivot(
        on=list(COLUMNS), index=["year0", "sex", "orig", "dest"], value_name="published"
    ).select(
        period=pl.format("{}-{}", "year0", pl.col("year0") + 5),
        sex="sex",
        method=pl.col("variable").replace(COLUMNS),
        origin="orig",
        destination="dest",
        published="published",
    )


@pytest.fixture(scope="module")
def sources(statistics_data) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return foreign born, population and vitals; births and deaths by sex are not there."""
    areas = pl.read_csv(
        statistics_data / "undesa" / "dict_ims_area_codes.csv", infer_schema_length=None
    )
    codes = areas.filter("ims").select(country_code="iso3n", area="iso3c")
    foreign = pl.read_csv(
        statistics_data / "undesa" / "ims2020_origin_destination_by_sex_long.csv.gz",
        infer_schema_length=None,
    ).select("year", "sex", birthplace="origin", residence="destination", persons="stock")
    wpp = pl.read_csv(
        statistics_data / "wpp" / "wpp2022_births_deaths_rates_netmig_annual.csv",
        infer_schema_length=None,
    ).join(codes, on="country_code")
    annual = wpp.select(
        "area", "year", birth_rate="cbr", death_rate="cdr", net_migration=pl.col("mig") * 1000,
        births=pl.col("births") * 1000, deaths=pl.col("deaths") * 1000,
    )  # fmt: skip
    both = pl.lit("both").alias("sex")
    return (
        foreign,
        population_from_accounts(annual).with_columns(both),
        annual.with_columns(both),
    )


def periods_of(published: pl.DataFrame) -> list[tuple[int, int]]:
    firsts = {int(str(period)[:4]) for period in published["period"].unique()}
    return [(first, first + 5) for first in sorted(firsts)]


def beside(flows: pl.DataFrame, published: pl.DataFrame) -> pl.DataFrame:
    """Return every pair that is in either, 0 where the other has none."""
    ours = flows.with_columns(pl.col("method", "sex").cast(pl.String))
    theirs = published.join(ours.select(KEYS[:3]).unique(), on=KEYS[:3], how="semi")
    both = ours.join(theirs, on=KEYS, how="full", coalesce=True)
    return both.with_columns(pl.col("persons", "published").fill_null(0.0))


@pytest.fixture(scope="module")
def made(published, sources) -> FlowSet:
    inputs = flow_inputs(
        *sources,
        periods=periods_of(published),
        rules=ABEL_COHEN_2022,
        absent_pairs=AbsentPairs.NOBODY,
    )
    return estimate_all(inputs.stocks, inputs.demography, with_types=True)


@pytest.fixture(scope="module")
def compared(made, published) -> pl.DataFrame:
    return (
        beside(made.flows, published)
        .group_by("period", "method")
        .agg(
            share=pl.col("persons").sum() / pl.col("published").sum() - 1,
            correlation=pl.corr("persons", "published"),
        )
    )


def test_every_period_and_method_is_compared(compared, published):
    assert compared.height == 6 * len(periods_of(published)) >= 24


@pytest.mark.parametrize("method", COLUMNS.values())
def test_the_published_totals_come_out(compared, method):
    """Populations of the vintage are recovered from its births, deaths and migration."""
    of = compared.filter(pl.col("method") == method)
    assert of["correlation"].to_numpy().min() >= 0.999
    # The Netherlands Antilles, which the published files leave out before 2010, are in here.
    limit = 0.0005 if method.startswith("stock") else 0.004
    assert of["share"].abs().to_numpy().max() <= limit
    assert of.filter(pl.col("period") >= "1995")["share"].abs().to_numpy().max() <= min(
        limit, 0.003
    )


def test_stock_differences_are_the_published_ones_in_every_cell(published, sources):
    gone = pl.DataFrame(
        [
            (area, None, 2010, "Not yet an area in the published files")
            for area in ("CUW", "SXM")
        ],
        schema=ABEL_COHEN_2022.table.schema,
        orient="row",
    )
    foreign, people, vitals = sources
    by_sex = [pl.lit(sex).alias("sex") for sex in ("both", "male", "female")]
    inputs = flow_inputs(
        foreign,
        pl.concat(people.with_columns(sex) for sex in by_sex),
        pl.concat(vitals.with_columns(sex) for sex in by_sex),
        periods=periods_of(published),
        rules=AreaRules(pl.concat([ABEL_COHEN_2022.table, gone])),
        absent_pairs=AbsentPairs.NOBODY,
    )
    methods = ["stock-diff-drop", "stock-diff-reverse"]
    flows = estimate_all(inputs.stocks, inputs.demography, methods=methods).flows
    cells = beside(flows, published)
    assert cells.height > 200_000
    assert (cells["persons"] - cells["published"]).abs().max() == 0
    assert set(cells["sex"]) == {"both", "male", "female"}


def test_the_published_types_come_out(made, statistics_data):
    path = statistics_data / "abel_cohen" / "bilat_mig_type_ims2020_wpp2022.csv.gz"
    columns = {name: method for name, method in COLUMNS.items() if name.startswith("da_")}
    keys = ["period", "method", "move", "origin", "destination"]
    published = (
        pl.read_csv(path, infer_schema_length=None)
        .unpivot(on=list(columns), index=["year0", "type", "orig", "dest"])
        .select(
            period=pl.format("{}-{}", "year0", pl.col("year0") + 5),
            method=pl.col("variable").replace(columns),
            move="type",
            origin="orig",
            destination="dest",
            published="value",
        )
    )
    ours = made.by_type.with_columns(pl.col("method", "move").cast(pl.String))
    both = ours.join(published, on=keys, how="full", coalesce=True)
    by_type = (
        both.with_columns(pl.col("persons", "published").fill_null(0.0))
        .group_by(keys[:3])
        .agg(
            share=pl.col("persons").sum() / pl.col("published").sum() - 1,
            correlation=pl.corr("persons", "published"),
        )
    )
    assert by_type.height >= 36
    assert by_type["correlation"].to_numpy().min() >= 0.9997
    assert by_type["share"].abs().to_numpy().max() <= 0.006
