"""From clean to judged: one code for each area, documented corrections, figures looked over.

Nothing is invented: a code that is not known loses its figures and is reported; a zero of an
area that did not exist becomes not reported; a figure that stands twice is kept once.
Aggregates stay among the rows, told by `waystation.geography.concordance.is_aggregate`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import xor

import polars as pl

from waystation.findings import Finding, findings_table
from waystation.geography.concordance import (
    Scheme,
    aggregates,
    area_of,
    areas_by_code,
    first_years,
    fitting_scheme,
    kind_of,
)
from waystation.sources import Source
from waystation.statistics.clean import Clean
from waystation.statistics.corrections import Correction, corrected, documented_corrections
from waystation.statistics.sanity import check_figures
from waystation.statistics.sources.cells import finding
from waystation.statistics.sources.observed import FLAGS
from waystation.statistics.tables import CellFlag

KEY = ("dataset", "measure", "area", "counterpart", "sex", "age", "period", "unit")
_WORLD = "900"
_SHOWN = 20
# Measures that may be below zero.
_SIGNED = r"growth|net_|change|balance"
# Measures that count people or things, of which an area that was not there has none.
_COUNTED = ("persons", "USD", "movements")


@dataclass(frozen=True, slots=True)
class Judged:
    """A file judged.

    Attributes:
        observations: Shape ``Observations`` in the codes of the concordance; aggregates are
            among the rows, the world as counterpart is null. Further columns stay.
        findings: Shape ``Findings``: those of the clean stage, and what judging found.
        source: Where the figures come from.
    """

    observations: pl.DataFrame
    findings: pl.DataFrame
    source: Source


def judged_from_clean(
    clean: Clean,
    *,
    corrections: Iterable[Correction] | None = None,
    population: pl.DataFrame | None = None,
) -> Judged:
    """Return a clean file in common codes, corrected where documented, and looked over.

    Args:
        clean: What an importer returned. Its ``areas`` may have the columns ``code_system``
            (a ``Scheme``; m49 where absent) and ``iso3`` for codes of no scheme.
        corrections: Those to apply; those of the library when left out.
        population: Judged observations with the measure population, to hold stocks against;
            those of the file itself when left out.

    Returns:
        The observations in their order. Findings come from looking on the way in (codes, signs,
        duplicates, zeros of areas that did not exist) and on the way out (totals, sexes, jumps,
        population).
    """
    findings: list[Finding] = []
    rows = _with_areas(clean, findings)
    rows = _without_negatives(rows, findings)
    rows = _without_duplicates(rows, findings)
    rows = _not_yet_there(rows, findings)
    chosen = documented_corrections() if corrections is None else tuple(corrections)
    rows, applied = corrected(rows, chosen)
    findings += applied
    findings += check_figures(rows, population=population)
    own = findings_table(findings)
    return Judged(rows, pl.concat([clean.findings, own], how="diagonal_relaxed"), clean.source)


def areas_only(observations: pl.DataFrame) -> pl.DataFrame:
    """Return the rows in which neither side is an aggregate; "Others" and unknown stay.

    Totals over all counterparts (null) stay too: filter them apart.
    """
    groups = list(aggregates())
    return observations.filter(
        ~pl.col("area").is_in(groups),
        ~pl.col("counterpart").is_in(groups).fill_null(value=False),
    )


def _with_areas(clean: Clean, findings: list[Finding]) -> pl.DataFrame:
    rows = clean.observations
    systems = _systems(clean.areas, findings)
    found = {
        side: _areas_of_column(rows, side, systems, clean.areas)
        for side in ("area", "counterpart")
    }
    for side, areas in found.items():
        unknown = rows.filter(rows[side].is_not_null() & areas.is_null())
        for code, number in unknown[side].value_counts(sort=True).iter_rows():
            message = f"{side} {code!r} is not known; {number:,} figures were left out"
            findings.append(finding("STA-110", message, column=side, reported=code))
    is_heading = found["area"].replace_strict(
        {code: True for code in found["area"].drop_nulls().unique() if _is_heading(code)},
        default=False,
        return_dtype=pl.Boolean,
    )
    known = found["area"].is_not_null() & ~is_heading
    known &= found["counterpart"].is_not_null() | rows["counterpart"].is_null()
    world = pl.lit(None, dtype=pl.String)
    counterpart = pl.lit(found["counterpart"])
    placed = rows.with_columns(
        area=pl.lit(found["area"]),
        counterpart=pl.when(counterpart == _WORLD).then(world).otherwise(counterpart),
    )
    return placed if known.all() else placed.filter(known)


def _is_heading(area: str) -> bool:
    return kind_of(area) == "heading"


def _systems(areas: pl.DataFrame, findings: list[Finding]) -> dict[str, str]:
    """Return the scheme of each code: the one stated, unless the codes clearly are others."""
    if "code_system" not in areas.columns:
        return {}
    found: dict[str, str] = {}
    stated = areas.select("code", "code_system").drop_nulls()
    for (name,), group in stated.group_by("code_system", maintain_order=True):
        system = better = str(name)
        if system in tuple(Scheme):
            better = fitting_scheme(group["code"], system)
        if better != system:
            message = f"codes stated to be of {system} were read as {better}, which they fit"
            findings.append(finding("STA-118", message, reported=system, expected=better))
        found |= dict.fromkeys(group["code"], better)
    return found


def _areas_of_column(
    rows: pl.DataFrame, side: str, systems: dict[str, str], areas: pl.DataFrame
) -> pl.Series:
    codes = rows[side]
    distinct = codes.drop_nulls().unique()
    used = {systems.get(code, Scheme.M49.value) for code in distinct}
    if len(used) == 1 and used <= set(Scheme):
        found = areas_by_code(codes, used.pop(), rows["year"])
        if "iso3" not in areas.columns or found.null_count() == codes.null_count():
            return found
        # A code that its scheme does not know may have an ISO code beside it.
        given = areas_by_code(codes.replace_strict(_iso3(areas), default=None), Scheme.ISO3)
        return found.to_frame("a").select(pl.coalesce("a", pl.lit(given)))["a"]
    given_codes = _iso3(areas)
    meant = []
    for code in distinct:
        system = systems.get(code, Scheme.M49.value)
        own = area_of(code, system) if system in tuple(Scheme) else None
        meant.append(own or area_of(given_codes.get(code), Scheme.ISO3))
    answer = codes.replace_strict(distinct, pl.Series(meant, dtype=pl.String), default=None)
    return answer.cast(pl.String)


def _iso3(areas: pl.DataFrame) -> dict[str, str]:
    """Return the ISO codes that an importer gives beside the producer's."""
    if "iso3" not in areas.columns:
        return {}
    return dict(areas.select("code", "iso3").drop_nulls().iter_rows())


def _without_negatives(rows: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    is_negative = (pl.col("value") < 0) & ~pl.col("measure").str.contains(_SIGNED)
    low = rows["value"].min()
    if low is None or float(str(low)) >= 0:
        return rows
    wrong = rows.filter(is_negative)
    for row in wrong.head(_SHOWN).iter_rows(named=True):
        message = f"{_place(row)}: {row['value']:,.0f} is below zero; it was left out"
        findings.append(finding("STA-115", message, reported=str(row["value"])))
    return rows.with_columns(
        value=pl.when(is_negative).then(None).otherwise("value"),
        flag=pl.when(is_negative)
        .then(pl.lit(CellFlag.NOT_REPORTED.value, FLAGS))
        .otherwise(pl.col("flag").cast(FLAGS)),
    )


def _without_duplicates(rows: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    names = [n for n in rows.columns if n in KEY or n == "breakdown"]
    # Two keys may share a hash: rows whose hash stands twice are compared by their keys.
    hashes = (pl.col(name).hash(seed=i) for i, name in enumerate(names))
    hashed = rows.select(reduce(xor, hashes).alias("hash"))["hash"]
    twice = hashed.is_duplicated()
    if not twice.any():
        return rows
    suspects = rows.with_row_index("_row").filter(twice)
    grouped = suspects.group_by(names, maintain_order=True).agg(
        pl.col("value").first(),
        n=pl.len(),
        low=pl.col("value").min(),
        high=pl.col("value").max(),
        values=pl.col("value").n_unique(),
        again=pl.col("_row").slice(1),
    )
    repeated = grouped.filter(pl.col("n") > 1)
    for row in repeated.filter(pl.col("values") > 1).head(_SHOWN).iter_rows(named=True):
        message = f"{_place(row)} stands {row['n']} times, from {row['low']} to {row['high']}"
        findings.append(finding("STA-112", message, reported=str(row["value"])))
    agree = repeated.filter(pl.col("values") == 1)
    for area, number in agree["area"].value_counts(sort=True).iter_rows():
        message = f"{area}: {number:,} figures stand twice and agree; one of each was kept"
        findings.append(finding("STA-111", message))
    again = repeated["again"].explode()
    return rows.filter(~pl.int_range(pl.len(), dtype=pl.UInt32).is_in(again.implode()))


def _not_yet_there(rows: pl.DataFrame, findings: list[Finding]) -> pl.DataFrame:
    """Set zeros of areas that did not exist, and that were not cast back, to not reported.

    An area with a figure above zero in a year before it existed was cast back by the producer
    (the republics of the Soviet Union in 1990): its zeros are zeros.
    """
    years = first_years()
    since = pl.DataFrame({"code": list(years), "since": list(years.values())})
    early = pl.lit(value=False)
    for side in ("area", "counterpart"):
        before = (
            rows.lazy()
            .select(side, "year", "value", "unit", "measure", _row=pl.int_range(pl.len()))
            .filter(
                pl.col(side).is_in(list(years)),
                pl.col("unit").is_in(_COUNTED),
                ~pl.col("measure").str.contains(_SIGNED),
            )
            .join(since.lazy(), left_on=side, right_on="code")
            .filter(pl.col("year") < pl.col("since"), pl.col("value").is_not_null())
            .with_columns(most=pl.col("value").max().over(side, "year", "measure"))
            .collect()
        )
        if not before.height:
            continue
        zero = before.filter(pl.col("most") == 0)
        _say_early(before, zero, side, findings)
        if zero.height:
            early = early | pl.int_range(pl.len()).is_in(zero["_row"].implode())
    flag = pl.lit(CellFlag.NOT_REPORTED.value, FLAGS)
    return rows.with_columns(
        value=pl.when(early).then(None).otherwise("value"),
        flag=pl.when(early).then(flag).otherwise(pl.col("flag").cast(FLAGS)),
    )


def _say_early(
    before: pl.DataFrame, zero: pl.DataFrame, side: str, findings: list[Finding]
) -> None:
    for code, rows in (("STA-113", zero), ("STA-114", before.filter(pl.col("most") > 0))):
        by_area = rows.group_by(side, "since").agg(pl.col("year").unique().sort(), n=pl.len())
        for area, since, years, number in by_area.sort(side).iter_rows():
            span = f"{years[0]} to {years[-1]}" if len(years) > 1 else str(years[0])
            fate = (
                "set to not reported" if code == "STA-113" else "kept: the series is cast back"
            )
            message = (
                f"{area} as {side}, apart since {since}: {number:,} figures of {span} {fate}"
            )
            findings.append(finding(code, message, column=side))


def _place(row: dict[str, object]) -> str:
    other = f" from {row['counterpart']}" if row.get("counterpart") else ""
    return f"{row['measure']} {row['area']}{other}, {row['period']}, {row['sex']}"
