"""Published totals against recomputed ones, and why they differ.

Two questions, two tables: is an aggregate the sum of its members, and is a total over all
origins the sum of the origins listed? "Others" is a row of its own and never lost.
"""

from __future__ import annotations

import polars as pl

from waystation.errors import MissingColumns
from waystation.geography.concordance import aggregates, area_name, kind_of, members_of
from waystation.statistics.series import require_one_dataset
from waystation.statistics.tables import Observations, Sex

RESIDUALS = ("2003", "OTHER_NORTH", "OTHER_SOUTH")
UNKNOWN = ("XXX", "XXA", "TIB", "RNC")
# Areas that some revisions give as one, and some in parts.
PARTS = {"CHI": ("GGY", "JEY")}
_SYSTEMS = ("world", "continent", "subregion", "sdg", "development", "income")
_GROUPS_OF = "2020"  # the revision whose income and development groups the concordance has
_KEY = ["dataset", "measure", "sex", "age", "period", "year"]


def origins_against_total(
    observations: pl.DataFrame, *, measure: str = "migrant_stock"
) -> pl.DataFrame:
    """Return each total over all origins against the sum of the origins listed.

    Args:
        observations: Judged, of one dataset; shape ``Observations``.
        measure: A measure with counterparts.

    Returns:
        One row for each residence, sex, age and period with a total: area, published, known
        (areas listed as origins), others ("Others", "Other North", "Other South"), unknown
        (unknown and stateless), recomputed (their sum), difference (published less
        recomputed), share_known in percent, reason. All in the measure's unit; sorted by area
        and period. The reason is "none", "rounding", "origins not listed", or "parts above
        the total".

    Raises:
        MissingColumns: If columns are absent.
        MixedRevisions: If several datasets hold the measure.
    """
    rows = _one_measure(observations, measure)
    total = rows.filter(pl.col("counterpart").is_null()).select(
        *_KEY, "area", published="value"
    )
    parts = rows.filter(
        pl.col("counterpart").is_not_null(), ~pl.col("counterpart").is_in(aggregates())
    )
    kind = (
        pl.when(pl.col("counterpart").is_in(RESIDUALS)).then(pl.lit("others"))
        .when(pl.col("counterpart").is_in(UNKNOWN)).then(pl.lit("unknown"))
        .otherwise(pl.lit("known"))
    )  # fmt: skip
    sums = (
        parts.group_by([*_KEY, "area", kind.alias("kind")])
        .agg(value=pl.col("value").sum(), listed=pl.col("value").count())
    )  # fmt: skip
    wide = sums.group_by([*_KEY, "area"]).agg(
        *(
            pl.col("value").filter(pl.col("kind") == name).sum().alias(name)
            for name in ("known", "others", "unknown")
        ),
        listed=pl.col("listed").sum(),
    )
    joined = total.drop_nulls("published").join(wide, on=[*_KEY, "area"], how="inner")
    recomputed = pl.col("known") + pl.col("others") + pl.col("unknown")
    return (
        joined.with_columns(recomputed=recomputed)
        .with_columns(difference=pl.col("published") - pl.col("recomputed"))
        .with_columns(
            share_known=100 * pl.col("known") / pl.col("published"),
            reason=_reason_of_total(),
        )
        .drop("listed")
        .sort("area", "period", "sex", "age")
    )


def aggregates_against_members(
    observations: pl.DataFrame, *, measure: str = "migrant_stock"
) -> pl.DataFrame:
    """Return each published aggregate against the sum of its members.

    Args:
        observations: Judged, of one dataset; figures without counterpart are compared.
        measure: A measure that adds up: people, money, movements.

    Returns:
        One row for each aggregate, sex, age and period: area, system, published, recomputed,
        difference (published less recomputed), members, members_reported, missing (members
        without a figure, joined by spaces), reason. Sorted by area and period. The reason is
        "none", "rounding", "areas missing", "no member reported", or "revision of members":
        figures or membership changed.

    Raises:
        MissingColumns: If columns are absent.
        MixedRevisions: If several datasets hold the measure.
    """
    rows = _one_measure(observations, measure).filter(pl.col("counterpart").is_null())
    names = [
        code for code in rows["area"].unique() if kind_of(code) in _SYSTEMS and members_of(code)
    ]
    known_areas = set(rows["area"])
    pairs = pl.DataFrame(
        [(code, m) for code in sorted(names) for m in _members_among(code, known_areas)],
        schema={"aggregate": pl.String, "area": pl.String},
        orient="row",
    )
    published = rows.filter(pl.col("area").is_in(names)).select(
        *_KEY, aggregate="area", published="value"
    )
    listed = published.join(pairs, on="aggregate").join(
        rows.select(*_KEY, "area", "value"), on=[*_KEY, "area"], how="left"
    )
    # An area that no row ever names is not missing: it is counted with another.
    known = rows["area"].unique().implode()
    absent = pl.col("area").filter(pl.col("value").is_null() & pl.col("area").is_in(known))
    summed = listed.group_by([*_KEY, "aggregate"]).agg(
        published=pl.col("published").first(),
        recomputed=pl.col("value").sum(),
        members=pl.len(),
        members_reported=pl.col("value").count(),
        missing=absent.sort().str.join(" "),
    )
    return (
        summed.drop_nulls("published")
        .with_columns(
            system=pl.col("aggregate").map_elements(kind_of, return_dtype=pl.String),
            difference=pl.col("published") - pl.col("recomputed"),
        )
        .with_columns(reason=_reason_of_aggregate())
        .rename({"aggregate": "area"})
        .sort("area", "period", "sex", "age")
        .select(
            *_KEY, "area", "system", "published", "recomputed", "difference",
            "members", "members_reported", "missing", "reason",
        )
    )  # fmt: skip


def world_totals(
    observations: pl.DataFrame, *, measure: str = "migrant_stock", sex: str = Sex.BOTH
) -> pl.DataFrame:
    """Return the world's published total of each year, and the sum of the areas.

    Areas are added with all they are: the Channel Islands, and people of unknown origin, who
    are in each area's total.

    Returns:
        year, published, recomputed, difference; in the measure's unit, by year.

    Raises:
        MissingColumns: If columns are absent.
        MixedRevisions: If several datasets hold the measure.
    """
    rows = _one_measure(observations, measure).filter(
        pl.col("counterpart").is_null(), pl.col("sex") == sex, pl.col("age") == "total"
    )
    is_area = ~pl.col("area").is_in(aggregates())
    return (
        rows.group_by("year")
        .agg(
            published=pl.col("value").filter(pl.col("area") == "900").first(),
            recomputed=pl.col("value").filter(is_area).sum(),
        )
        .with_columns(difference=pl.col("published") - pl.col("recomputed"))
        .sort("year")
    )


def differences_in_words(table: pl.DataFrame) -> list[str]:
    """Return one sentence for each row of a reconciliation that does not agree."""
    rows = table.filter(~pl.col("reason").is_in(["none", "rounding"]))
    return [
        f"{area_name(r['area']) or r['area']}, {r['period']}, {r['sex']}: published "
        f"{r['published']:,.0f}, recomputed {r['recomputed']:,.0f} ({r['reason']})"
        for r in rows.iter_rows(named=True)
    ]


def _one_measure(observations: pl.DataFrame, measure: str) -> pl.DataFrame:
    missing = [n for n in Observations.column_names() if n not in observations.columns]
    if missing:
        raise MissingColumns(table="Observations", columns=", ".join(missing))
    return require_one_dataset(observations.filter(pl.col("measure") == measure), measure)


def _members_among(aggregate: str, known: set[str]) -> list[str]:
    """Return the members of an aggregate; Guernsey and Jersey where they stand apart."""
    members = list(members_of(aggregate))
    for area, parts in PARTS.items():
        if area in members and area not in known and known & set(parts):
            members[members.index(area) : members.index(area) + 1] = parts
    return members


def _reason_of_total() -> pl.Expr:
    rounding = 0.5 * pl.col("listed") + 1e-6 * pl.col("published")
    return (
        pl.when(pl.col("difference") == 0).then(pl.lit("none"))
        .when(pl.col("difference").abs() <= rounding.clip(upper_bound=10))
        .then(pl.lit("rounding"))
        .when(pl.col("difference") > 0).then(pl.lit("origins not listed"))
        .otherwise(pl.lit("parts above the total"))
    )  # fmt: skip


def _reason_of_aggregate() -> pl.Expr:
    is_of_groups = pl.col("dataset").str.ends_with(_GROUPS_OF)
    # One unit a member: figures of men and women are rounded apart before they are added.
    rounding = pl.col("members_reported") + 1e-6 * pl.col("published").abs()
    return (
        pl.when(pl.col("difference") == 0).then(pl.lit("none"))
        .when(pl.col("members_reported") == 0).then(pl.lit("no member reported"))
        .when(pl.col("difference").abs() <= rounding).then(pl.lit("rounding"))
        .when(pl.col("system").is_in(["income", "development"]) & ~is_of_groups)
        .then(pl.lit("revision of members"))
        .when(pl.col("missing") != "").then(pl.lit("areas missing"))
        .otherwise(pl.lit("revision of members"))
    )  # fmt: skip
