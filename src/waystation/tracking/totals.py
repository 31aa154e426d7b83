"""Totals of the matrix by administrative unit, levels that agree, and inputs that do not."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.tracking.cells import (
    CODES,
    NOT_PLACED,
    SNAPSHOT,
    CellStatus,
    Totals,
    indicator_columns,
)
from waystation.tracking.estimates import ratio_of
from waystation.tracking.indicators import indicators
from waystation.tracking.submissions import Submissions

LEVELS = 4


def totals_from_matrix(matrix: pl.DataFrame, units: pl.DataFrame | None = None) -> pl.DataFrame:
    """Add the matrix up by unit at the levels 0 (country) to 3.

    Every location counts once at every level, so the values of a unit's children add up to its
    own exactly (for whole numbers; fractions to the last bit). Locations whose code lacks at a
    level stand in a row of that level with the code null and the name "not placed". Levels
    that no location of a snapshot has a code for are left out.

    Args:
        matrix: Shape ``Matrix``.
        units: Shape ``Units``; gives names, and the units above a code where the matrix leaves
            them blank.

    Returns:
        Shape ``Totals``, sorted by snapshot, indicator in the order of the matrix, level,
        parent and code.
    """
    cells = with_parents(matrix, units)
    order = pl.DataFrame({"indicator": matrix["indicator"].unique(maintain_order=True)})
    levels = [_level(cells, level) for level in range(LEVELS)]
    totals = _with_names(pl.concat(levels), units)
    totals = totals.join(order.with_row_index("rank"), on="indicator", how="left")
    # "Not placed" rows come last in their parent.
    totals = totals.sort(
        *SNAPSHOT, "rank", "admin_level", "parent_code", "code", nulls_last=True
    )
    return Totals.require(totals.select(Totals.column_names()))


def with_parents(matrix: pl.DataFrame, units: pl.DataFrame | None) -> pl.DataFrame:
    """Fill the codes above a known one from the list, where a frame leaves them blank.

    Args:
        matrix: Any frame with ``country`` and the codes of the levels 1 to 3.
        units: Shape ``Units``; without it nothing is filled.
    """
    if units is None:
        return matrix
    cells = matrix
    for level in (3, 2):
        parents = units.filter(pl.col("level") == level).select(
            "country", "parent_code", code="code"
        )
        parents = parents.unique(["country", "code"])
        below, above = CODES[level - 1], CODES[level - 2]
        cells = (
            cells.join(
                parents,
                left_on=["country", below],
                right_on=["country", "code"],
                how="left",
                maintain_order="left",
            )
            .with_columns(pl.coalesce(above, "parent_code").alias(above))
            .drop("parent_code")
        )
    return cells


def _level(cells: pl.DataFrame, level: int) -> pl.DataFrame:
    path = list(CODES[:level])
    if level:
        has_code = pl.col(path[-1]).is_not_null().any().over(SNAPSHOT)
        cells = cells.filter(has_code)
    group = [*SNAPSHOT, *path, "indicator", "unit"]
    value = pl.col("value")
    sums = cells.group_by(group).agg(
        value=pl.when(value.is_not_null().any()).then(value.sum()),
        locations=value.is_not_null().sum().cast(pl.Int64),
        not_reported=value.is_null().sum().cast(pl.Int64),
        estimated=value.filter(pl.col("status") == CellStatus.ESTIMATED).sum(),
        carried_forward=value.filter(pl.col("status") == CellStatus.CARRIED_FORWARD).sum(),
    )
    sums = _with_ratios_of_sums(sums, cells, group)
    code = pl.col(path[-1]) if level else pl.col("country")
    above = {0: pl.lit(None, pl.String), 1: pl.col("country")}
    parent = above.get(level, pl.col(path[-2]) if level > 1 else code)
    return sums.with_columns(
        admin_level=pl.lit(level, pl.Int64), code=code, parent_code=parent
    ).drop(path)


def _with_ratios_of_sums(
    sums: pl.DataFrame, cells: pl.DataFrame, group: list[str]
) -> pl.DataFrame:
    """Put in place of added ratios those of the sums, over locations that report both sides."""
    place = [c for c in group if c not in ("indicator", "unit")]
    for ratio in (entry for entry in indicators().values() if entry.how == "ratio"):
        key = [*SNAPSHOT, "location_id"]
        computed = cells.filter(
            (pl.col("indicator") == ratio.code) & pl.col("value").is_not_null()
        )
        if computed.is_empty():
            continue
        sides = cells.filter(pl.col("indicator").is_in([ratio.numerator, ratio.denominator]))
        above, below = (
            pl.col("value").filter(pl.col("indicator") == code).sum()
            for code in (ratio.numerator, ratio.denominator)
        )
        of_sums = (
            sides.join(computed.select(key), on=key, how="semi")
            .group_by(place)
            .agg(of_sums=ratio_of(above, below))
            .with_columns(indicator=pl.lit(ratio.code))
        )
        sums = (
            sums.join(of_sums, on=[*place, "indicator"], how="left", nulls_equal=True)
            .with_columns(
                value=pl.coalesce("of_sums", "value"),
                estimated=_unless_ratio("estimated", ratio.code),
                carried_forward=_unless_ratio("carried_forward", ratio.code),
            )
            .drop("of_sums")
        )
    return sums


def _unless_ratio(column: str, ratio: str) -> pl.Expr:
    return pl.when(pl.col("indicator") == ratio).then(None).otherwise(column)


def _with_names(totals: pl.DataFrame, units: pl.DataFrame | None) -> pl.DataFrame:
    own_name = pl.when(pl.col("admin_level") == 0).then("country")
    named = totals.with_columns(name=own_name)
    if units is not None:
        names = units.select("country", "code", admin_level="level", listed="name").unique(
            ["country", "admin_level", "code"]
        )
        named = named.join(names, on=["country", "admin_level", "code"], how="left")
        named = named.with_columns(name=pl.coalesce("listed", "name")).drop("listed")
    is_placed = pl.col("code").is_not_null()
    return named.with_columns(
        name=pl.when(is_placed).then("name").otherwise(pl.lit(NOT_PLACED))
    )


def check_levels(submissions: pl.DataFrame) -> pl.DataFrame:
    """Compare the levels of an input that states several, such as a country and its units.

    Rows about areas only are compared; exact repeats are left out at every level.

    Args:
        submissions: Shape ``Submissions``, snapshots filled, set-aside rows included.

    Returns:
        TRK-203, one for each area, snapshot and indicator whose own figure differs from the
        sum of the rows below it; ``reported`` is its own, ``expected`` the sum. Areas without
        rows below are left out. Shape ``Findings``.
    """
    codes = indicator_columns(submissions.columns)
    frame = Submissions.complete(submissions)
    areas = frame.filter(
        pl.all_horizontal(pl.col("location_id", "location_name").is_null())
    ).with_columns(
        pl.coalesce(
            f"admin{level}_code", f"admin{level}_reported_code", f"admin{level}_name"
        ).alias(f"unit{level}")
        for level in (1, 2, 3)
    )
    areas = areas.with_columns(
        depth=pl.coalesce(
            pl.when(pl.col(f"unit{level}").is_not_null()).then(level) for level in (3, 2, 1)
        ).fill_null(0)
    )
    # Only what tells one row from the next: the same figures twice are one report.
    told = [c for c in areas.columns if c not in ("submission_id", "row", "is_counted", "sheet",
                                                  "record_uuid")]  # fmt: skip
    areas = areas.unique(told, keep="first", maintain_order=True)
    compared = [_compared(areas, codes, level) for level in (0, 1, 2)]
    return Findings.complete(pl.concat(compared))


def _compared(areas: pl.DataFrame, codes: list[str], level: int) -> pl.DataFrame:
    """Compare the rows of one level with the next deeper level that has rows below them."""
    key = [*SNAPSHOT, "file", *(f"unit{above}" for above in range(1, level + 1))]
    own = _sums(areas.filter(pl.col("depth") == level), key, codes, "own")
    below = areas.filter(pl.col("depth") > level)
    nearest = pl.col("depth") == pl.col("depth").min().over(key)
    children = _sums(below.filter(nearest), key, codes, "children")
    both = own.join(children, on=[*key, "column"], nulls_equal=True)
    differing = both.filter((pl.col("own") - pl.col("children")).abs() > 0.5).sort(
        *key, "column"
    )
    place = pl.col(key[-1]) if level else pl.col("country")
    own_text, sum_text = (
        pl.col(c).round().cast(pl.Int64).cast(pl.String) for c in ("own", "children")
    )
    return differing.select(
        code=pl.lit("TRK-203"),
        severity=pl.lit("warning", dtype=Findings.columns()["severity"].dtype),
        message=pl.format(
            "Round {}, {}: {} is {} in the row of the area and {} in the rows below it. Find "
            "the rows missing at one level; the rows below were counted.",
            "round_number",
            place,
            "column",
            own_text,
            sum_text,
        ),
        file="file",
        place=place,
        round_number="round_number",
        column="column",
        reported=own_text,
        expected=sum_text,
    )


def _sums(areas: pl.DataFrame, key: list[str], codes: list[str], name: str) -> pl.DataFrame:
    sums = areas.group_by(key).agg(
        pl.when(pl.col(c).is_not_null().any()).then(pl.col(c).sum()).alias(c) for c in codes
    )
    return sums.unpivot(codes, index=key, variable_name="column", value_name=name)
