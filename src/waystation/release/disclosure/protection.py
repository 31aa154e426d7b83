"""`protected_build`: from a build that only its makers may see to one for everybody."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from waystation.release.disclosure.chance import Chance
from waystation.release.disclosure.figures import (
    PEOPLE,
    Figures,
    rounded_changes,
    rounded_figures,
)
from waystation.release.disclosure.history import changes_into
from waystation.release.disclosure.inside import (
    counted_findings,
    known_locations,
    named_sources,
)
from waystation.release.disclosure.rules import DisclosureReport, DisclosureRule
from waystation.release.disclosure.withholding import (
    assessments_of_units,
    cells_of_units,
    matrix_of_cells,
    parts_of_units,
)
from waystation.tracking.aggregates import stock_parts_from_submissions
from waystation.tracking.build import Build
from waystation.tracking.cells import SNAPSHOT, Matrix
from waystation.tracking.changes import changes_from_matrix
from waystation.tracking.corrections import Corrections
from waystation.tracking.indicators import indicators
from waystation.tracking.submissions import Submissions
from waystation.tracking.totals import totals_from_matrix

CELL = (*SNAPSHOT, "location_id", "indicator")
LEVELS = (0, 1, 2, 3)
TOTAL = (*SNAPSHOT, "admin_level", "parent_code", "code", "indicator")


def protected_build(
    build: Build, rule: DisclosureRule, *, previous: Build | None = None
) -> tuple[Build, DisclosureReport]:
    """Return a build that anyone may see, and what was done to it.

    Reports never leave: submissions and corrections are empty, findings say their kind and
    round, sources who made the data. What writers of releases need of the reports is added up
    first (``parts``, ``assessments``).

    With rounding, all figures of persons and households become the multiple of the base just
    below or above, and add up as before: locations to units of every level, complete
    breakdowns to their total. The same figure of the same place is rounded the same way in
    every round and version unless others around it force it to the other side, so repeated
    publication gives no second view of it. Shares are computed from the rounded sides; sites
    are not people and stay.

    With withholding, figures of units of a level stand in the place of those of locations, and
    are rounded too unless the rule's base is None. Small cells are never blanked: a blank means
    "not reported" here, and blanks that can be computed from the margins of five nested levels,
    crossing breakdowns and forty rounds protect nobody.

    Args:
        build: The build, with everything that is known.
        rule: The rule.
        previous: The protected build of the rounds before, by the same rule; without it the
            change into the first round of the build is not told.

    Returns:
        The build for everybody, and the report for the publisher.
    """
    own_parts = build.parts
    if own_parts.is_empty():
        own_parts = stock_parts_from_submissions(build.submissions)
    cells = build.matrix.select(Matrix.column_names())
    figures = true = Figures(cells=cells, parts=own_parts)
    level, base, chance = rule.withholds_below, rule.rounds_to, Chance(rule.seed)
    if level is not None:
        figures = true = Figures(
            cells=cells_of_units(cells, build.units, level),
            parts=parts_of_units(own_parts, build.units, level),
        )
    if base is not None:
        by_status = level is not None
        figures = rounded_figures(
            figures, build.units, base=base, chance=chance, by_status=by_status
        )
    safe = replace(
        build,
        submissions=Submissions.empty_frame(),
        corrections=Corrections.empty_frame(),
        findings=counted_findings(build.findings),
        locations=known_locations(build.locations),
        sources=named_sources(build.sources),
        matrix=figures.cells,
        parts=figures.parts,
        rounded_to=base,
        deepest_level=level,
    )
    if level is not None:
        safe = _without_places(safe, build, level)
    if base is not None:
        safe = replace(safe, totals=_totals(figures.cells, build, is_counted=level is None))
        safe = replace(safe, changes=_changes(safe, build, previous, base, chance))
    return safe, _report(
        build, safe, rule, matrix_of_cells(true.cells) if level else true.cells
    )


def _without_places(safe: Build, build: Build, level: int) -> Build:
    """Take out what is below a level; figures are those of units already."""
    return replace(
        safe,
        matrix=matrix_of_cells(safe.matrix),
        totals=build.totals.filter(pl.col("admin_level") <= level),
        changes=build.changes.filter(pl.col("admin_level") <= level),
        locations=safe.locations.clear(),
        units=build.units.filter(pl.col("level") <= level),
        boundaries=build.boundaries.filter(pl.col("level") <= level),
        assessments=assessments_of_units(build.matrix, safe.matrix, build.units, level),
    )


def _totals(cells: pl.DataFrame, build: Build, *, is_counted: bool) -> pl.DataFrame:
    """Add the figures that leave up; locations are counted where these are known."""
    totals = totals_from_matrix(cells, build.units)
    if is_counted:
        return totals
    counts = build.totals.group_by(TOTAL).agg(pl.col("locations", "not_reported").sum())
    joined = totals.drop("locations", "not_reported").join(
        counts, on=list(TOTAL), how="left", nulls_equal=True, maintain_order="left"
    )
    # Rows without code and parent look alike: the first of them has all that they count.
    is_first = pl.struct(TOTAL).is_first_distinct()
    counted = pl.col("locations", "not_reported")
    return joined.with_columns(
        pl.when(is_first).then(counted).otherwise(0).fill_null(0)
    ).select(totals.columns)


def _changes(
    safe: Build, build: Build, previous: Build | None, base: int, chance: Chance
) -> pl.DataFrame:
    """Return changes whose parts add up to the difference of the totals that leave."""
    if safe.deepest_level is not None:
        totals = safe.totals
        if previous is not None:
            earlier = previous.totals.join(totals, on=list(SNAPSHOT), how="anti")
            totals = pl.concat([earlier.select(totals.columns), totals])
        return rounded_changes(safe.changes, totals, base=base, chance=chance)
    if previous is None:
        return changes_from_matrix(safe.matrix, units=safe.units, locations=build.locations)
    return changes_into(
        safe.matrix, previous.matrix, units=safe.units, locations=build.locations
    )


def _report(
    build: Build, safe: Build, rule: DisclosureRule, true: pl.DataFrame
) -> DisclosureReport:
    before = true.select(*CELL, "unit", before="value").filter(pl.col("unit").is_in(PEOPLE))
    both = before.join(safe.matrix.select(*CELL, "value"), on=list(CELL), how="inner")
    gap = (pl.col("value") - pl.col("before")).abs()
    told = both.filter(pl.col("before").is_not_null()).select(
        cells=pl.len(),
        rounded=(gap > 0).sum(),
        mean=gap.mean().fill_null(0.0),
        largest=gap.max().fill_null(0.0),
    )
    cells, rounded, mean, largest = told.row(0)
    withheld: tuple[str, ...] = ()
    if rule.withholds_below is not None:
        deeper = (f"admin {n}" for n in LEVELS if n > rule.withholds_below)
        withheld = ("location", *deeper)
    totals = _compared(build.totals, safe.totals)
    return DisclosureReport(
        rule=rule,
        cells=cells,
        rounded=rounded,
        mean_difference=mean,
        largest_difference=largest,
        largest_by_level=_by_level(totals),
        levels_withheld=withheld,
        removed=_removed(build, safe),
        totals=totals.filter(pl.col("admin_level") == 0),
    )


def _compared(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Return totals of people as they were and as they leave."""
    true = before.filter(pl.col("unit").is_in(PEOPLE)).select(*TOTAL, before="value")
    left = after.select(*TOTAL, after="value")
    return true.join(left, on=list(TOTAL), how="inner", nulls_equal=True)


def _by_level(totals: pl.DataFrame) -> dict[int, float]:
    parts = [entry.code for entry in indicators().values() if entry.part_of]
    is_part = pl.col("indicator").str.contains("__", literal=True)
    whole = totals.filter(~is_part, ~pl.col("indicator").is_in(parts))
    gaps = whole.group_by("admin_level").agg((pl.col("after") - pl.col("before")).abs().max())
    return dict(gaps.drop_nulls().sort("admin_level").iter_rows())


def _removed(build: Build, safe: Build) -> dict[str, int]:
    """Return how many rows of each table stay inside."""
    names = ("submissions", "corrections", "matrix", "totals", "changes", "locations", "units",
             "boundaries")  # fmt: skip
    gone = {name: getattr(build, name).height - getattr(safe, name).height for name in names}
    return {name: rows for name, rows in gone.items() if rows > 0}
