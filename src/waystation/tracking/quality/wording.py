"""Findings as sentences, built for whole frames at once.

Every sentence has the same order: where (row, place, round), what is wrong, what to do.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.findings import Findings
from waystation.tracking.checks import CHECKS

PLACE_COLUMNS = (
    "submission_id",
    "file",
    "sheet",
    "row",
    "location_id",
    "location_key",
    "location_name",
    "admin1_name",
    "admin2_name",
    "admin3_name",
    "round_number",
)
Words = pl.Expr | str | None
_SCHEMA = pl.Schema({name: column.dtype for name, column in Findings.columns().items()})


def figure(value: pl.Expr) -> pl.Expr:
    """Return numbers as text: whole ones without a decimal point, null as "blank"."""
    whole = value.cast(pl.Int64, strict=False)
    return (
        pl.when(whole.cast(pl.Float64) == value)
        .then(whole.cast(pl.String))
        .otherwise(value.round(6).cast(pl.String))
        .fill_null("blank")
    )


def value_or_null(value: pl.Expr) -> pl.Expr:
    """Return numbers as text, null staying null."""
    return pl.when(value.is_not_null()).then(figure(value))


def place_name() -> pl.Expr:
    """Return the name a reader knows the place by."""
    names = ("location_name", "admin3_name", "admin2_name", "admin1_name", "location_key")
    return pl.coalesce(*names)


def plain(name: str) -> pl.Expr:
    """Return a name without case, accents, punctuation and double spaces."""
    return (
        pl.col(name)
        .str.normalize("NFKD")
        .str.replace_all(r"\p{M}", "")
        .str.to_lowercase()
        .str.replace_all(r"[^\p{L}\p{N}]+", " ")
        .str.strip_chars()
    )


def _where() -> pl.Expr:
    row = pl.when(pl.col("row").is_not_null()).then(pl.format("Row {}", "row"))
    record = pl.when(pl.col("submission_id").is_not_null()).then(
        pl.format("Record {}", "submission_id")
    )
    round_number = pl.when(pl.col("round_number").is_not_null()).then(
        pl.format("round {}", "round_number")
    )
    parts = [pl.coalesce(row, record), place_name(), round_number]
    return pl.concat_str(parts, separator=", ", ignore_nulls=True)


def _text(words: Words) -> pl.Expr:
    return words if isinstance(words, pl.Expr) else pl.lit(words, dtype=pl.String)


def row_findings(
    code: str,
    rows: pl.DataFrame,
    says: Words,
    *,
    column: Words = None,
    reported: Words = None,
    expected: Words = None,
) -> pl.DataFrame:
    """Return one finding a row; shape ``Findings``.

    Args:
        code: Code of the catalogue.
        rows: Rows with a problem; they have ``PLACE_COLUMNS`` and what the words need.
        says: What is wrong, without a full stop.
        column: Field or indicator it is about.
        reported: The value found.
        expected: The value that would be right.
    """
    check = CHECKS[code]
    return rows.select(
        code=pl.lit(code),
        severity=pl.lit(check.severity.value).cast(_SCHEMA["severity"]),
        message=pl.concat_str(
            _where(), pl.lit(": "), _text(says), pl.lit(f". {check.action}"), ignore_nulls=True
        ),
        file=pl.col("file"),
        sheet=pl.col("sheet"),
        row=pl.col("row"),
        submission_id=pl.col("submission_id"),
        location_id=pl.coalesce("location_id", "location_key"),
        place=place_name(),
        round_number=pl.col("round_number"),
        column=_text(column),
        reported=_text(reported),
        expected=_text(expected),
    ).cast(_SCHEMA)


def file_findings(
    code: str, files: pl.DataFrame, says: Words = None, *, column: Words = None
) -> pl.DataFrame:
    """Return one finding a file, where a list of rows would hide the pattern.

    Args:
        code: Code of the catalogue.
        files: ``file``, ``hits`` (rows with the problem), ``rows`` (rows looked at), and
            ``round_number`` where it is about one round; about a round whose files are many
            where ``file`` is null.
        says: What is wrong; the title of the check where nothing is given.
        column: Field or indicator it is about.
    """
    check = CHECKS[code]
    title = check.title[0].lower() + check.title[1:]
    named = files if "round_number" in files.columns else files.with_columns(round_number=None)
    is_file = pl.col("file").is_not_null()
    round_number = pl.col("round_number").cast(pl.String).fill_null("not given")
    where = (
        pl.when(is_file)
        .then(pl.format("File {}: in {} of {} rows, ", "file", "hits", "rows"))
        .otherwise(pl.format("Round {}: {} of {} places: ", round_number, "hits", "rows"))
    )
    present = named.select(
        code=pl.lit(code),
        severity=pl.lit(check.severity.value),
        message=pl.concat_str(
            where,
            _text(says if says is not None else title),
            pl.lit(f". {check.action}"),
        ),
        file=pl.col("file"),
        round_number=pl.col("round_number").cast(pl.Int64),
        column=_text(column),
        reported=pl.format("{} of {}", "hits", "rows"),
    )
    return Findings.complete(present).select(_SCHEMA.names()).cast(_SCHEMA)


@dataclass(frozen=True, slots=True)
class Rule:
    """A check of single rows, said in expressions over the submissions.

    Attributes:
        code: Code of the catalogue.
        holds: True where a row has the problem.
        says: What is wrong with the row, without a full stop.
        column: Field or indicator it is about.
        reported: The value found.
        expected: The value that would be right.
        limit: Share of a file's rows above which one finding speaks for the file: a list
            that names every row helps nobody.
        file_says: What is wrong with the file, where a list of rows is not given.
    """

    code: str
    holds: pl.Expr
    says: Words
    column: Words = None
    reported: Words = None
    expected: Words = None
    limit: float = 0.5
    file_says: str | None = None

    def needs(self) -> set[str]:
        """Return the columns that its words need."""
        words = (self.says, self.column, self.reported, self.expected)
        return {
            name
            for part in words
            if isinstance(part, pl.Expr)
            for name in part.meta.root_names()
        }
