"""How well findings hit the defects of an exercise.

The rule. A finding hits a row of ``expected`` when it bears the row's code, one of the codes
that find the same defect as well (``Kind.also``), or one that follows from it
(``Kind.causes``), and it points at the same file and row, or at the same location in the same
round; what a defect causes may also show at the location's report of the round after. What is
wrong with a whole file (001, 005) is hit by any finding of the code in that file. A finding
without row and location also hits the habits of an enumerator in its file (125, 147, 148),
and natural findings of its round, which a checker may sum up in one line. That two places
resemble each other (122, 124) may be said in any round of either. A defect is found when a
finding with its own code or one of ``also`` hits any row of its group: what merely follows
from it does not count. A finding is right when it hits any row, injected or natural, required
or not. Codes that only tell how the files were read or what was done (002, 004, 006, 201-205)
are left out of precision. What a defect of any figure does to a file's stated total (005) is
right as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.tracking.exercise.kinds import KINDS

NOT_JUDGED = ("TRK-002", "TRK-004", "TRK-006", "TRK-201", "TRK-202", "TRK-203", "TRK-204",
              "TRK-205")  # fmt: skip


OF_ENUMERATORS = ("TRK-125", "TRK-147", "TRK-148")
OF_ANY_ROUND = ("TRK-122", "TRK-124")


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision and recall of findings.

    Attributes:
        precision: Right findings among those judged; 1 when there is none.
        strict_precision: The same, where what merely follows from a defect, and what a
            checker may as well leave unsaid, counts as wrong.
        recall: Injected defects found; 1 when there is none.
        by_code: code, defects, found, recall, findings, right, precision.
        by_kind: kind, code, defects, found, recall.
        missed: Rows of the defects that were not found.
        wrong: Findings that hit nothing.
    """

    precision: float
    strict_precision: float
    recall: float
    by_code: pl.DataFrame
    by_kind: pl.DataFrame
    missed: pl.DataFrame
    wrong: pl.DataFrame


def score_findings(findings: pl.DataFrame, defects: pl.DataFrame) -> Scores:
    """Return precision and recall of findings against what an exercise holds.

    Args:
        findings: Shape ``Findings``.
        defects: Shape ``Expected``: the rows of ``truth/expected.csv``. With those of
            ``defects.csv`` alone, natural findings (gaps of coverage, real shocks) count as
            wrong.

    Returns:
        The scores; the rule stands in this module's docstring.
    """
    judged = findings.filter(~pl.col("code").is_in(NOT_JUDGED)).with_row_index("finding")
    marks = _marks(defects)
    hits = pl.concat(
        [
            _hits(judged, marks.filter(pl.col("shift") == 0), ["file", "row"]),
            _hits(judged, marks, ["location_id", "round_number"]),
            _hits(judged, marks.filter(_is_of_file()), ["file"]),
            _hits(_about_files(judged), marks.filter(_is_habit()), ["file"]),
            _hits(_about_files(judged), marks.filter(kind="natural"), ["round_number"]),
            _hits(
                judged, marks.filter(pl.col("hit_code").is_in(OF_ANY_ROUND)), ["location_id"]
            ),
        ]
    )
    firm = hits.filter("is_firm")["finding"]
    right = judged.with_columns(
        is_right=pl.col("finding").is_in(hits["finding"].implode()),
        is_firm=pl.col("finding").is_in(firm.implode()),
    )
    found = hits.filter("is_find")["group"].unique()
    injected = defects.filter("injected").with_columns(
        is_found=pl.col("group").is_in(found.implode())
    )
    groups = injected.group_by("group", maintain_order=True).agg(
        pl.first("code", "kind", "is_found")
    )
    return Scores(
        precision=_share(right["is_right"]),
        strict_precision=_share(right["is_firm"]),
        recall=_share(groups["is_found"]),
        by_code=_by_code(groups, right),
        by_kind=_recall_by(groups, ["kind", "code"]),
        missed=injected.filter(~pl.col("is_found")).drop("is_found"),
        wrong=right.filter(~pl.col("is_right")).drop("finding", "is_right", "is_firm"),
    )


def _share(claims: pl.Series) -> float:
    mean = claims.mean()
    return float(mean) if isinstance(mean, (int, float)) else 1.0


def _rules() -> pl.DataFrame:
    rows: list[tuple[str, str, bool, int]] = []
    for kind in KINDS.values():
        finds = {kind.code} | kind.also
        rows += [(kind.name, code, True, 0) for code in sorted(finds)]
        follows = finds | kind.causes
        rows += [
            (kind.name, code, False, shift) for code in sorted(follows) for shift in (0, 1)
        ]
        rows += [(kind.name, "TRK-005", False, 0)]
    return pl.DataFrame(
        rows,
        schema={
            "kind": pl.String,
            "hit_code": pl.String,
            "is_find": pl.Boolean,
            "shift": pl.Int64,
        },
        orient="row",
    )


def _marks(defects: pl.DataFrame) -> pl.DataFrame:
    """Return what may be said of each expected row, and where."""
    columns = ["group", "kind", "hit_code", "is_find", "is_firm", "shift", "file", "row",
               "location_id", "round_number"]  # fmt: skip
    injected = (
        defects.filter("injected")
        .join(_rules(), on="kind")
        .with_columns(pl.col("round_number") + pl.col("shift"), is_firm="is_find")
        .select(columns)
    )
    stated = (
        injected.filter(pl.col("hit_code") == "TRK-005")
        .with_columns(
            pl.lit(None, pl.Int64).alias("row"), pl.lit(None, pl.String).alias("location_id")
        )
        .unique(subset=["file"])
    )
    natural = (
        defects.filter(~pl.col("injected"))
        .with_columns(
            hit_code="code",
            is_find=pl.lit(value=False),
            is_firm="is_required",
            shift=pl.lit(0, pl.Int64),
        )
        .select(columns)
    )
    return pl.concat([injected, stated, natural])


def _about_files(findings: pl.DataFrame) -> pl.DataFrame:
    return findings.filter(pl.col("row").is_null() & pl.col("location_id").is_null())


def _is_of_file() -> pl.Expr:
    return pl.col("row").is_null() & pl.col("location_id").is_null()


def _is_habit() -> pl.Expr:
    return pl.col("hit_code").is_in(OF_ENUMERATORS)


def _hits(findings: pl.DataFrame, marks: pl.DataFrame, place: list[str]) -> pl.DataFrame:
    keys = ["code", *place]
    return (
        findings.select("finding", *keys)
        .drop_nulls()
        .join(
            marks.rename({"hit_code": "code"})
            .select(*keys, "group", "is_find", "is_firm")
            .drop_nulls(),
            on=keys,
        )
        .select("finding", "group", "is_find", "is_firm")
    )


def _recall_by(groups: pl.DataFrame, keys: list[str]) -> pl.DataFrame:
    return (
        groups.group_by(keys)
        .agg(defects=pl.len(), found=pl.col("is_found").sum())
        .with_columns(recall=pl.col("found") / pl.col("defects"))
        .sort(keys)
    )


def _by_code(groups: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    said = right.group_by("code").agg(findings=pl.len(), right=pl.col("is_right").sum())
    return (
        _recall_by(groups, ["code"])
        .join(said, on="code", how="full", coalesce=True)
        .with_columns(precision=pl.col("right") / pl.col("findings"))
        .sort("code")
    )
