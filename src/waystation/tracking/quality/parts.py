"""Checks of parts against wholes: sex, age, reasons, origins, shelter, periods."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from waystation.tracking.indicators import breakdown_code, dimensions, indicators
from waystation.tracking.quality.figures import label_of
from waystation.tracking.quality.reports import FEW_ROWS, Reports, findings_of_mask
from waystation.tracking.quality.wording import (
    Rule,
    figure,
    file_findings,
    row_findings,
    value_or_null,
)

CODES = {
    "sex": "TRK-139",
    "age_group": "TRK-140",
    "sex_age": "TRK-140",
    "reason": "TRK-142",
    "origin": "TRK-143",
    "nationality": "TRK-143",
    "shelter": "TRK-144",
    "period": "TRK-144",
    "site_type": "TRK-144",
}
CLOSED = ("sex", "age_group")  # all categories, or no complete breakdown
BLANK_IS_NOT_ZERO = ("sex", "age_group", "sex_age")
NOT_A_PARTITION = 0.4  # share of a file's rows that do not add up, above which it is no slip
AGES = {  # a wide band, and the narrower ones that make it up
    "0_17": (("under_1", "1_5", "6_17"), ("under_1", "1_5", "6_12", "13_17")),
    "6_17": (("6_12", "13_17"),),
    "18_plus": (("18_59", "60_plus"),),
}
EVERY_AGE = ("0_17", "18_plus")


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The columns that break one total down by one dimension.

    Attributes:
        total: Code of the total.
        dimension: Code of the dimension.
        parts: Columns that add up, without bands that others make up.
        is_complete: Whether they leave nobody out, judged by the categories.
    """

    total: str
    dimension: str
    parts: tuple[str, ...]
    is_complete: bool

    @property
    def name(self) -> str:
        """The name of the columns that hold helper values of it."""
        return f"{self.total}/{self.dimension}"

    def added(self) -> pl.Expr:
        """The sum of the parts, blanks as nothing."""
        return pl.sum_horizontal(self.parts)

    def blanks(self) -> pl.Expr:
        """How many parts are blank."""
        terms = [pl.col(part).is_null().cast(pl.UInt8) for part in self.parts]
        return sum(terms, start=pl.lit(0, pl.UInt8))


def check_parts(reports: Reports) -> list[pl.DataFrame]:
    """Return findings on parts and wholes (TRK-139 to 145).

    A total that two breakdowns agree to be another number is one slip, said once, with the
    number they agree on. A breakdown that most rows of a file do not complete is said once.
    """
    found = []
    for total in reports.totals_of_all:
        if total not in reports.figures:
            continue
        breakdowns = [b for b in breakdowns_of(reports, total) if len(b.parts) > 1]
        found += _findings_of_total(reports, total, breakdowns)
    return found + _parts_of_other_indicators(reports)


def breakdowns_of(reports: Reports, total: str) -> Iterator[Breakdown]:
    """Yield the breakdowns of a total that the submissions have."""
    for dimension in indicators()[total].dimensions:
        prefix = breakdown_code(total, dimension, "")
        present = [name for name in reports.figures if name.startswith(prefix)]
        if not present or not dimensions()[dimension].is_partition:
            continue
        categories = [name.removeprefix(prefix) for name in present]
        if dimension == "sex_age":
            bands = {sex: _narrow_bands(categories, sex) for sex in ("male", "female")}
            chosen = [f"{sex}_{age}" for sex, ages in bands.items() for age in ages or ()]
            is_complete = all(bands.values())
            parts = tuple(prefix + c for c in (chosen if is_complete else categories))
        else:
            needed = dimensions()[dimension].categories if dimension in CLOSED else ()
            is_complete = set(needed) <= set(categories)
            parts = tuple(present)
        yield Breakdown(total, dimension, parts, is_complete)


def _narrow_bands(categories: list[str], sex: str) -> list[str] | None:
    """Return the narrowest bands of one sex that cover every age; None if there are none."""
    ages = {c.removeprefix(f"{sex}_") for c in categories if c.startswith(f"{sex}_")}

    def cover(band: str) -> list[str] | None:
        for narrower in AGES.get(band, ()):
            parts = [cover(n) for n in narrower]
            if all(parts):
                return [age for part in parts if part for age in part]
        return [band] if band in ages else None

    covered = [cover(band) for band in EVERY_AGE]
    return [age for part in covered if part for age in part] if all(covered) else None


def _findings_of_total(
    reports: Reports, total: str, breakdowns: list[Breakdown]
) -> list[pl.DataFrame]:
    if not breakdowns:
        return []
    whole = pl.col(total)
    work = reports.frame.lazy().select(
        whole,
        "_file",
        *(b.added().alias(b.name) for b in breakdowns),
        *(b.blanks().alias(f"{b.name}/blanks") for b in breakdowns),
    )
    masks = work.select("_file", *_masks(total, breakdowns, reports.counted)).collect()
    found = []
    partitions = []
    for b in breakdowns:
        wrong, incomplete = masks[b.name], masks[f"{b.name}/incomplete"]
        if incomplete.any() and b.dimension in BLANK_IS_NOT_ZERO:
            found += findings_of_mask(reports, _blank_parts(b), incomplete)
        kept, said = _named_rows(reports, b, wrong, masks)
        found += said
        if kept is not None:
            partitions.append((b, kept))
    return found + _mismatches(reports, total, partitions, breakdowns)


def _masks(total: str, breakdowns: list[Breakdown], counted: pl.Series) -> Iterator[pl.Expr]:
    """Yield, for each breakdown, where it does not add up, where compared, where incomplete.

    A total that cannot be, negative or not whole, is said by itself (TRK-130, 131).
    """
    whole = pl.col(total)
    whole = pl.when((whole >= 0) & (whole == whole.floor())).then(whole)
    for b in breakdowns:
        added, blanks = pl.col(b.name), pl.col(f"{b.name}/blanks")
        some = blanks < len(b.parts)
        if b.dimension in BLANK_IS_NOT_ZERO:
            compared = whole.is_not_null() & (blanks == 0) & pl.lit(b.is_complete)
            # Blanks cannot make up for parts that are too large already.
            too_large = some & (added > whole + 0.5)
            wrong = (compared & ((added - whole).abs() > 0.5)) | too_large
            yield (some & (blanks > 0)).fill_null(value=False).alias(f"{b.name}/incomplete")
        else:
            compared = whole.is_not_null() & some
            wrong = compared & ((added - whole).abs() > 0.5)
            yield pl.lit(value=False).alias(f"{b.name}/incomplete")
        yield (wrong & pl.lit(counted)).fill_null(value=False).alias(b.name)
        yield (compared & (whole > 0)).fill_null(value=False).alias(f"{b.name}/compared")


def _named_rows(
    reports: Reports, b: Breakdown, wrong: pl.Series, masks: pl.DataFrame
) -> tuple[pl.Series | None, list[pl.DataFrame]]:
    """Return the rows to name one by one, and findings on files where most rows are wrong."""
    if not wrong.any():
        return None, []
    by_file = (
        masks.lazy()
        .group_by("_file")
        .agg(hits=pl.col(b.name).sum(), rows=pl.col(f"{b.name}/compared").sum())
        .filter(
            (pl.col("hits") >= min(FEW_ROWS, 10))
            & (pl.col("hits") > NOT_A_PARTITION * pl.col("rows"))
        )
        .collect()
    )
    if not len(by_file):
        return wrong, []
    named = by_file.join(reports.files.select("_file", "file"), on="_file")
    says = (
        f"{dimensions()[b.dimension].labels['en'].lower()} categories of {label_of(b.total)} "
        "do not add up to it; they were not taken as a complete breakdown"
    )
    file_level = file_findings(CODES[b.dimension], named, says, column=b.total)
    kept = wrong & ~masks["_file"].is_in(by_file["_file"].implode())
    return (kept if kept.any() else None), [file_level]


def _blank_parts(b: Breakdown) -> Rule:
    blanks, added = b.blanks(), b.added()
    left = pl.col(b.total) - added
    first_blank = pl.coalesce(
        *(pl.when(pl.col(part).is_null()).then(pl.lit(part)) for part in b.parts)
    )
    is_known = pl.lit(b.is_complete) & (((blanks == 1) & (left >= 0)) | (left == 0))
    expected = pl.when(is_known).then(figure(left))
    dimension = dimensions()[b.dimension].labels["en"].lower()
    return Rule(
        "TRK-141",
        blanks > 0,
        pl.format(
            "{} of {} figures by " + dimension + " are blank; the others add up to {} of {} {}",
            blanks,
            pl.lit(len(b.parts)),
            figure(added),
            figure(pl.col(b.total)),
            pl.lit(label_of(b.total)),
        ),
        column=first_blank,
        expected=expected,
        limit=0.2,
        file_says=f"some figures by {dimension} are blank",
    )


def _mismatches(
    reports: Reports,
    total: str,
    partitions: list[tuple[Breakdown, pl.Series]],
    breakdowns: list[Breakdown],
) -> list[pl.DataFrame]:
    """Return one finding for each sum that fails; one in all where the total is the slip."""
    if not partitions:
        return []
    index = pl.select(pl.any_horizontal(*(mask for _, mask in partitions))).to_series()
    rows = reports.rows_at(
        pl.DataFrame({"_index": index.arg_true()}),
        [total, *(part for b in breakdowns for part in b.parts)],
    )
    names = [b.name for b in breakdowns]
    hits = rows.with_columns(
        *(b.added().alias(b.name) for b in breakdowns),
        *(b.blanks().alias(f"{b.name}/blanks") for b in breakdowns),
        *(mask.gather(rows["_index"]).alias(f"{b.name}/wrong") for b, mask in partitions),
    )
    # A blank reason means none, a blank age means not known: the latter is no witness.
    witness = {
        b.name: pl.when(
            pl.col(f"{b.name}/blanks")
            <= (0 if b.dimension in BLANK_IS_NOT_ZERO else len(b.parts) - 1)
        ).then(pl.col(b.name))
        for b in breakdowns
        if b.is_complete
    }
    whole = pl.col(total)
    agreed = pl.concat_list(list(witness.values()) or [pl.lit(None, dtype=pl.Float64)])
    hits = hits.with_columns(_sums=agreed.list.drop_nulls()).with_columns(
        _total_is_wrong=(pl.col("_sums").list.len() >= 2)
        & (pl.col("_sums").list.n_unique() == 1)
        & (pl.col("_sums").list.first() != whole)
    )
    said = pl.lit(value=False)
    found = []
    for b, _ in partitions:
        wrong = pl.col(f"{b.name}/wrong")
        mine = hits.filter(wrong & ~(pl.col("_total_is_wrong") & said))
        found.append(_sum_findings(b, mine, names))
        said = said | wrong
    return found


def _sum_findings(b: Breakdown, rows: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    added, whole = pl.col(b.name), pl.col(b.total)
    label, dimension = label_of(b.total), dimensions()[b.dimension].labels["en"].lower()
    others = [pl.col(n) == whole for n in names if n != b.name]
    is_confirmed = pl.any_horizontal(pl.lit(value=False), *others).fill_null(value=False)
    column, meant = _slipped_part(b, added - whole)
    if b.dimension == "sex":
        column, meant = _by_bands(b, rows, column, meant)
    is_digit = pl.any_horizontal(
        whole == added * 10, (whole / 10).floor() == added, (added / 10).floor() == whole
    )
    complete = (pl.col(f"{b.name}/blanks") == 0) & pl.lit(b.is_complete) & (added > 0)
    total_is_wrong = pl.col("_total_is_wrong") | (is_digit & complete & ~is_confirmed)
    says = pl.concat_str(
        pl.format(
            "figures by " + dimension + " add up to {}, not to the total of {} " + label,
            figure(added),
            figure(whole),
        ),
        pl.when(pl.col("_total_is_wrong"))
        .then(pl.lit("; the other breakdowns agree with the sum, so the total looks wrong"))
        .when(total_is_wrong)
        .then(pl.lit("; a digit of the total looks added or lost"))
        .when(is_confirmed)
        .then(pl.lit("; the other breakdowns agree with the total"))
        .otherwise(pl.lit("")),
    )
    is_part = ~total_is_wrong & column.is_not_null()
    part_value = pl.coalesce(
        pl.when(column == part).then(value_or_null(pl.col(part))) for part in b.parts
    )
    return row_findings(
        CODES[b.dimension],
        rows,
        says,
        column=pl.when(is_part).then(column).otherwise(pl.lit(b.total)),
        reported=pl.when(is_part).then(part_value).otherwise(value_or_null(whole)),
        expected=pl.when(total_is_wrong).then(figure(added)).when(is_part).then(meant),
    )


def _by_bands(
    b: Breakdown, rows: pl.DataFrame, column: pl.Expr, meant: pl.Expr
) -> tuple[pl.Expr, pl.Expr]:
    """Return the sex, and its figure, that its own age bands say otherwise."""
    for sex in ("male", "female"):
        part = breakdown_code(b.total, "sex", sex)
        prefix = breakdown_code(b.total, "sex_age", f"{sex}_")
        categories = [n.removeprefix(prefix) for n in rows.columns if n.startswith(prefix)]
        bands = _narrow_bands([f"{sex}_{c}" for c in categories], sex)
        if bands is None or part not in rows.columns:
            continue
        # Adding keeps a blank blank: bands that are not all known say nothing.
        added = sum((pl.col(prefix + band) for band in bands), start=pl.lit(0.0))
        says_otherwise = (added != pl.col(part)).fill_null(value=False)
        column = pl.when(says_otherwise).then(pl.lit(part)).otherwise(column)
        meant = pl.when(says_otherwise).then(figure(added)).otherwise(meant)
    return column, meant


def _slipped_part(b: Breakdown, excess: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    """Return the part, and its value, that a digit too many or too few would explain."""
    column: pl.Expr = pl.lit(None, dtype=pl.String)
    meant: pl.Expr = pl.lit(None, dtype=pl.String)
    for part in b.parts:
        value = pl.col(part)
        right = value - excess
        slipped = (value != 0) & (right > 0) & ((value == right * 10) | (right == value * 10))
        slipped = slipped | ((value < 0) & (right == -value))
        column = pl.when(slipped.fill_null(value=False)).then(pl.lit(part)).otherwise(column)
        meant = pl.when(slipped.fill_null(value=False)).then(figure(right)).otherwise(meant)
    return column, meant


def _parts_of_other_indicators(reports: Reports) -> list[pl.DataFrame]:
    """Return rows where people counted within others are more than those (TRK-145)."""
    found = []
    for name in reports.totals_of_all:
        whole = indicators()[name].part_of
        if whole not in reports.figures:
            continue
        part, total = pl.col(name), pl.col(whole)
        mask = reports.frame.select((part > total).fill_null(value=False)).to_series()
        if mask.any():
            says = pl.format(
                "{} {} are more than all {} {}",
                figure(part),
                pl.lit(label_of(name)),
                figure(total),
                pl.lit(label_of(whole)),
            )
            rule = Rule("TRK-145", part > total, says, column=name, reported=figure(part))
            found += findings_of_mask(reports, rule, mask)
    return found
