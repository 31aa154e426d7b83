"""Checks of single figures: impossible ones, blank ones, and persons against households.

Source: bounds of persons a household as measured in published rounds (median 4 to 6, first to
last percentile 1 to 14); flagged below 1.5 or above 12, impossible below 1 or above 20.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import polars as pl

from waystation.tracking.indicators import indicator_by_code
from waystation.tracking.quality.reports import Reports, findings_by_rules
from waystation.tracking.quality.wording import Rule, figure, file_findings, value_or_null

MOST_AT_ONE_SITE = 2_000_000  # the largest sites of the world hold under a million persons
UNUSUAL_SIZES = (1.5, 12.0)
POSSIBLE_SIZES = (1.0, 20.0)
FEWEST_HOUSEHOLDS = 4  # fewer say little about a typical size
MANY_PERSONS = 60  # in very few households they are a slip whatever the place
MOSTLY = 0.2  # above this share a gap belongs to the file, not to its rows


def check_figures(reports: Reports) -> list[pl.DataFrame]:
    """Return findings on single figures and on persons against households (TRK-130 to 138)."""
    rules = [*_rules_of_impossible_figures(reports), *_rules_of_blanks(reports)]
    earlier: list[tuple[str, str]] = []
    for persons, households in pairs(reports):
        # The same two figures under another heading are the same slip, said once.
        again = pl.any_horizontal(
            pl.lit(value=False),
            *(
                (pl.col(p) == pl.col(persons)) & (pl.col(h) == pl.col(households))
                for p, h in earlier
            ),
        )
        rules += [
            replace(rule, holds=rule.holds & ~again.fill_null(value=False))
            for rule in _rules_of_pair(reports, persons, households)
        ]
        earlier.append((persons, households))
    found = findings_by_rules(reports, rules)
    for persons, households in pairs(reports):
        found += _constant_sizes(reports, persons, households)
    return found


def pairs(reports: Reports) -> Iterator[tuple[str, str]]:
    """Yield the columns that count the same people's persons and households."""
    for name in reports.figures:
        indicator = indicator_by_code(name)
        if indicator.total is None and indicator.households in reports.figures:
            yield name, indicator.households


def label_of(name: str) -> str:
    """Return the English label as it stands inside a sentence, the acronym where it has one."""
    label = indicator_by_code(name).label()
    acronym = re.search(r"\(([A-Z]\w+)\)(.*)$", label)
    if acronym:
        return acronym.group(1) + acronym.group(2)
    return label if label[:2].isupper() else label[0].lower() + label[1:]


def _rules_of_impossible_figures(reports: Reports) -> Iterator[Rule]:
    """Yield rules for columns that have an impossible figure at all: most have none."""
    if not reports.figures:
        return
    columns = [pl.col(name) for name in reports.figures]
    lazy = reports.frame.lazy()
    lowest, highest, broken = pl.collect_all(
        [
            lazy.select(c.min() for c in columns),
            lazy.select(c.max() for c in columns),
            lazy.select((c != c.floor()).any() for c in columns),
        ]
    )
    for name in reports.figures:
        value, label = pl.col(name), label_of(name)
        indicator = indicator_by_code(name)
        if (lowest[name][0] or 0) < 0:
            yield Rule(
                "TRK-130",
                value < 0,
                pl.format("{} is {}, below zero", pl.lit(label), figure(value)),
                column=name,
                reported=figure(value),
                expected=figure(-value),
            )
        if indicator.unit in {"persons", "households", "sites"} and broken[name][0]:
            whole, expected = _whole_figure(reports, name)
            yield Rule(
                "TRK-131",
                whole,
                pl.format("{} is {}, not a whole number", pl.lit(label), figure(value)),
                column=name,
                reported=figure(value),
                expected=expected,
                limit=MOSTLY,
                file_says=f"{label} are not whole numbers",
            )
        if (highest[name][0] or 0) > min(MOST_AT_ONE_SITE, indicator.maximum):
            is_site = (
                pl.col("location_id").is_not_null() | pl.col("location_name").is_not_null()
            )
            most = (
                pl.when(is_site)
                .then(min(MOST_AT_ONE_SITE, indicator.maximum))
                .otherwise(indicator.maximum)
            )
            yield Rule(
                "TRK-132",
                (value > most) & value.is_not_nan(),
                pl.format(
                    "{} is {}, more than the {} that one place can hold",
                    pl.lit(label),
                    figure(value),
                    figure(most.cast(pl.Float64)),
                ),
                column=name,
                reported=figure(value),
            )


def _whole_figure(reports: Reports, name: str) -> tuple[pl.Expr, pl.Expr]:
    """Return where a figure is not whole, and the whole figure that it probably is.

    "1.234" in a file whose writer separates thousands by a point is 1234: three decimals,
    and no other reading makes persons of it. Halves and thirds are rounded averages.
    """
    value = pl.col(name)
    is_broken = (value != value.floor()) & value.is_finite()
    thousand = value * 1000
    is_grouped = ((thousand - thousand.round()).abs() < 1e-6) & (
        ((value * 100) - (value * 100).round()).abs() > 1e-6
    )
    households = indicator_by_code(name).households
    if households in reports.figures:
        size = thousand / pl.col(households)
        is_grouped = is_grouped | size.is_between(*UNUSUAL_SIZES).fill_null(value=False)
    return is_broken, pl.when(is_grouped).then(figure(thousand)).otherwise(
        figure(value.round())
    )


def _rules_of_blanks(reports: Reports) -> Iterator[Rule]:
    """Yield a rule for each total left blank in files that have figures for it."""
    totals = [n for n in reports.figures if indicator_by_code(n).total is None]
    told = reports.rows.group_by("_file").agg(pl.col(n).count() for n in totals).collect()
    given = told.join(reports.files.select("_file", "rows"), on="_file")
    for name in totals:
        gaps = given.filter((pl.col(name) > 0) & (pl.col(name) < pl.col("rows")))
        if not len(gaps):
            continue
        label = label_of(name)
        yield Rule(
            "TRK-134",
            pl.col(name).is_null() & pl.col("_file").is_in(gaps["_file"].implode()),
            pl.lit(f"{label}: no figure, not even 0"),
            column=name,
            expected=_total_of_parts(reports, name),
            limit=MOSTLY,
            file_says=f"{label}: no figure, not even 0",
        )


def _total_of_parts(reports: Reports, name: str) -> pl.Expr:
    """Return males plus females, or men, women and children, where all are known."""
    complete = [
        [f"{name}__sex__{c}" for c in ("male", "female")],
        [f"{name}__age_group__{c}" for c in ("men", "women", "children")],
    ]
    sums = [
        value_or_null(sum((pl.col(c) for c in columns), start=pl.lit(0.0)))
        for columns in complete
        if reports.has(*columns)
    ]
    return pl.coalesce(*sums) if sums else pl.lit(None, dtype=pl.String)


def _rules_of_pair(reports: Reports, persons: str, households: str) -> Iterator[Rule]:
    p, h = pl.col(persons), pl.col(households)
    size = p / h
    words = [figure(p), pl.lit(label_of(persons)), figure(h), pl.lit(label_of(households))]
    says = "{} {} and {} {} make {} persons a household"
    counted = (p > 0) & (h > 0) & (p != h)
    is_judged = counted & (h >= FEWEST_HOUSEHOLDS)
    is_impossible = (
        (is_judged & ~size.is_between(*POSSIBLE_SIZES))
        | (counted & (p < h) & (h >= 2))
        | (counted & (p > POSSIBLE_SIZES[1] * h) & (p >= MANY_PERSONS))
    )
    yield Rule(
        "TRK-135",
        ((p > 0) & (h == 0)) | ((p == 0) & (h > 0)),
        pl.format("{} {} but {} {}", *words),
        column=pl.when(p == 0).then(pl.lit(persons)).otherwise(pl.lit(households)),
        reported=pl.lit("0"),
    )
    yield Rule(
        "TRK-136",
        is_judged & ~is_impossible & ~size.is_between(*UNUSUAL_SIZES),
        pl.format(says, *words, figure(size.round(1))),
        column=persons,
        reported=figure(p),
    )
    why, meant = _slip_of_size(p, h, _typical_size(reports, persons, households))
    yield Rule(
        "TRK-137",
        is_impossible,
        pl.concat_str(pl.format(says, *words, figure(size.round(2))), why),
        column=persons,
        reported=figure(p),
        expected=meant,
    )
    yield Rule(
        "TRK-138",
        (p == h) & (h >= FEWEST_HOUSEHOLDS),
        pl.format("{} {} equal {} {}", *words),
        column=persons,
        reported=figure(p),
        limit=MOSTLY,
    )


def _slip_of_size(p: pl.Expr, h: pl.Expr, typical: float) -> tuple[pl.Expr, pl.Expr]:
    """Return what slip would explain an impossible size, in words, and the persons meant."""
    swapped = (p < h) & (h / p).is_between(*UNUSUAL_SIZES)
    # Of two readings the one nearer to the usual size: 51 persons in 100 households are 510.
    swapped = swapped & ((h / p / typical).log().abs() <= (p * 10 / h / typical).log().abs())
    meant: pl.Expr = pl.when(swapped).then(figure(h))
    a_digit = pl.lit(value=False)
    for factor in (10, 0.1, 100, 0.01):
        times = p * factor
        # A digit added by a slip leaves a whole number when it is taken away.
        fits = ((times / h) / typical).log().abs() < 0.5
        fits = fits & ((times == times.floor()) if factor < 1 else pl.lit(value=True))
        meant = pl.coalesce(meant, pl.when(fits).then(figure(times)))
        a_digit = a_digit | fits
    why = (
        pl.when(swapped)
        .then(pl.lit("; the two look swapped"))
        .when(a_digit)
        .then(pl.lit("; a digit looks added or lost"))
        .otherwise(pl.lit(""))
    )
    return why, meant


def _typical_size(reports: Reports, persons: str, households: str) -> float:
    size = pl.col(persons) / pl.col(households)
    found = reports.frame.select(size.filter(size.is_between(*UNUSUAL_SIZES)).median()).item()
    return float(found or 5.0)


def _constant_sizes(reports: Reports, persons: str, households: str) -> list[pl.DataFrame]:
    """Return one finding for each file or enumerator that multiplies households (TRK-148)."""
    p, h = pl.col(persons), pl.col(households)
    # An enumerator's round, or the file where nobody is named.
    key = pl.coalesce("_who", pl.col("_file").cast(pl.UInt64)).alias("_source")
    rows = reports.rows.filter((p > 0) & (h >= 2)).select(key, "_index", persons, households)
    size = p / h
    usual = rows.filter(size.is_between(*UNUSUAL_SIZES))
    narrow = usual.group_by("_source").agg(rows=pl.len(), spread=size.std())
    narrow = narrow.filter((pl.col("rows") >= 6) & (pl.col("spread") < 0.3))
    constants = (
        usual.join(narrow, on="_source", how="semi")
        .group_by("_source")
        .agg(constant=size.median())
        .collect()
    )
    if not len(constants):
        return []
    constant = pl.col("constant").round(2)
    is_multiple = (p - h * constant).abs() <= 0.51
    groups = (
        rows.join(constants.lazy(), on="_source")
        .group_by("_source")
        .agg(
            pl.col("_index").min(),
            rows=pl.len(),
            hits=is_multiple.sum(),
            sizes=h.n_unique(),
            constant=constant.first(),
        )
        .filter((pl.col("hits") >= 0.95 * pl.col("rows")) & (pl.col("sizes") >= 4))
        .collect()
    )
    return _multiples(reports, groups.sort("_index"), persons, households)


def _multiples(
    reports: Reports, groups: pl.DataFrame, persons: str, households: str
) -> list[pl.DataFrame]:
    """Return one finding a file and constant, naming the enumerator where there is one."""
    if not len(groups):
        return []
    by_file = reports.rows_at(groups, ["enumerator", "_file"]).group_by(
        "_file", "constant", maintain_order=True
    )
    files = by_file.agg(
        pl.col("file", "round_number").first(),
        pl.col("rows", "hits").sum(),
        who=pl.col("enumerator").drop_nulls().head(3).str.join(", "),
    )
    says = pl.concat_str(
        pl.format(
            "{} are {} times {}",
            pl.lit(label_of(persons)),
            pl.lit(label_of(households)),
            figure(pl.col("constant")),
        ),
        pl.when(pl.col("who") != "").then(pl.format(" (enumerators {})", "who")),
        ignore_nulls=True,
    )
    return [file_findings("TRK-148", files, says, column=persons)]
