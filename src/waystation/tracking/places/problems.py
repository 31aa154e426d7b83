"""What is said of places: problems of distinct places, joined to the rows that have them."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.tracking.checks import CHECKS
from waystation.tracking.places.place_list import LEVELS

_SEVERITY = Findings.columns()["severity"].dtype
_PROBLEM = {
    "place": pl.UInt32,
    "code": pl.String,
    "detail": pl.String,
    "column": pl.String,
    "reported": pl.String,
    "expected": pl.String,
}
_COLUMN = ["file", "sheet", "country", "column"]
_CANDIDATES_SHOWN = 3
# From how many rows on a repair that most codes of a column need is said once for them all.
_HABIT_ROWS = 20


def problems_of_places(places: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Return what is wrong with distinct places, several rows a place or none.

    Args:
        places: As `waystation.tracking.places.evidence.resolved_by_evidence` gives them, with
            ``place``, their number.
        units: Shape ``Units``, for the names of units.

    Returns:
        ``place``, ``code`` (TRK-102 to 107), ``detail``, ``column``, ``reported`` and
        ``expected``.
    """
    names = units.select("country", unit="code", unit_name="name", unit_level="level")
    checks = (
        _unknown_codes, _wrong_parents, _wrong_names, _repairs, _open_names, _wrong_levels,
    )  # fmt: skip
    found = [check(places, level, names) for check in checks for level in LEVELS]
    return pl.concat([*found, _swapped_names(places)])


def findings_on_rows(rows: pl.DataFrame, problems: pl.DataFrame) -> pl.DataFrame:
    """Say the problems of places of each row that has them; shape ``Findings``.

    A repair that most codes of a column need is one finding for the column (TRK-105).

    Args:
        rows: Shape ``Submissions``, with ``place``, the number of the row's place.
        problems: As `problems_of_places` gives them.
    """
    is_repair = pl.col("code") == "TRK-105"
    kinds = problems.with_columns(
        kind=pl.when(is_repair).then(
            pl.col("detail").str.replace(r"^.*?: ", "").str.replace_all(r"\w*\d\w*", "")
        )
    )
    # Files hold each place many times over: what is usual in a file is told from its places.
    codes = [f"admin{level}_reported_code" for level in LEVELS]
    spots = rows.group_by("file", "sheet", "place", maintain_order=True).agg(
        pl.col("country", *codes).first(), rows=pl.len()
    )
    told = kinds.join(spots, on="place", maintain_order="left")
    usual = _usual_repairs(told.filter(is_repair), spots)
    each = told.join(usual, on=[*_COLUMN, "kind"], how="anti", nulls_equal=True)
    spot = ["file", "sheet", "place"]
    concerned = rows.join(each.select(spot).unique(), on=spot, how="semi", nulls_equal=True)
    labelled = concerned.select("place", *_OF_ROW, label=label_of_place())
    each = each.select(*_PROBLEM, "file", "sheet")
    said = _said(each.join(labelled, on=spot, nulls_equal=True, maintain_order="left"))
    return pl.concat([said, _said_of_columns(usual)])


_OF_ROW = ["file", "sheet", "row", "submission_id", "location_id", "round_number"]


def label_of_place() -> pl.Expr:
    """Return what a reader knows a place by."""
    named = ["location_name", *(f"admin{level}_name" for level in reversed(LEVELS))]
    coded = [f"admin{level}_reported_code" for level in reversed(LEVELS)]
    return pl.coalesce(*named, "location_id", *coded, pl.lit("place without name"))


def said_of_rows(rows: pl.DataFrame, code: str) -> pl.DataFrame:
    """Return one finding a row that has ``label, detail, column, reported, expected``."""
    return _said(rows.with_columns(code=pl.lit(code)))


def _said(told: pl.DataFrame) -> pl.DataFrame:
    codes = pl.col("code")
    where = (
        pl.when(pl.col("row").is_not_null())
        .then(pl.format("Row {}", "row"))
        .otherwise(pl.format("Record {}", "submission_id"))
    )
    action = codes.replace_strict({c.code: c.action for c in CHECKS.values()})
    severity = codes.replace_strict({c.code: c.severity.value for c in CHECKS.values()})
    return Findings.complete(
        told.select(
            "code",
            severity=severity.cast(_SEVERITY),
            message=pl.format("{}, {}: {}. {}", where, "label", "detail", action),
            file="file",
            sheet="sheet",
            row=pl.col("row").cast(pl.Int64),
            submission_id="submission_id",
            location_id="location_id",
            place="label",
            round_number="round_number",
            column="column",
            reported="reported",
            expected="expected",
        )
    )


def _usual_repairs(told: pl.DataFrame, spots: pl.DataFrame) -> pl.DataFrame:
    """Return the kinds of repair that most codes of a column need, with an example."""
    kinds = told.group_by(*_COLUMN, "kind").agg(
        pl.col("reported", "expected", "detail").first(),
        pl.col("rows").sum(),
        codes=pl.col("reported").n_unique(),
    )
    given = pl.concat(
        [
            spots.group_by("file", "sheet", "country").agg(
                column=pl.lit(f"admin{level}_code"),
                of=pl.col(f"admin{level}_reported_code").drop_nulls().n_unique(),
            )
            for level in LEVELS
        ]
    )
    return kinds.join(given, on=_COLUMN, nulls_equal=True).filter(
        pl.col("rows") > _HABIT_ROWS, pl.col("codes") * 2 >= pl.col("of")
    )


def _said_of_columns(usual: pl.DataFrame) -> pl.DataFrame:
    check = CHECKS["TRK-105"]
    where = pl.when(pl.col("sheet").is_not_null()).then(
        pl.format("{}, sheet {}", "file", "sheet")
    )
    return Findings.complete(
        usual.sort(*_COLUMN, "kind").select(
            code=pl.lit(check.code),
            severity=pl.lit(check.severity.value, _SEVERITY),
            message=pl.format(
                "{}: {} codes of {} in {} rows were repaired the same way; for example {}. {}",
                where.fill_null(pl.col("file")), "codes", "column", "rows", "detail",
                pl.lit(check.action),
            ),
            file="file",
            sheet="sheet",
            column="column",
            reported="reported",
            expected="expected",
        )
    )  # fmt: skip


def _problem(places: pl.DataFrame, code: str, column: str, **what: pl.Expr) -> pl.DataFrame:
    return places.select(
        "place", code=pl.lit(code), column=pl.lit(column), **what
    ).select(pl.col(name).cast(dtype) for name, dtype in _PROBLEM.items())  # fmt: skip


def _with_unit(places: pl.DataFrame, names: pl.DataFrame, column: str, to: str) -> pl.DataFrame:
    """Add a unit in words, "Borno (NG008)", for the codes of a column."""
    called = names.select(
        "country",
        pl.col("unit").alias(column),
        pl.format("{} ({})", "unit_name", "unit").alias(to),
    ).unique(["country", column], keep="first")
    joined = places.join(called, on=["country", column], how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(to, column).alias(to))


def _unknown_codes(places: pl.DataFrame, level: int, names: pl.DataFrame) -> pl.DataFrame:
    reported, final = f"reported{level}", f"final{level}"
    wrong = places.filter(
        pl.col(reported).is_not_null(),
        pl.col(f"coded{level}").is_null(),
        pl.col(f"elsewhere{level}").is_null(),
        ~pl.col(f"is_kept{level}"),
    )
    wrong = _with_unit(wrong, names, final, "unit")
    found = pl.when(pl.col(final).is_not_null()).then(
        pl.format("; by its other particulars the place lies in {}", "unit")
    )
    detail = pl.concat_str(
        pl.format("code {} is not in the list at level {}", reported, pl.lit(level)),
        found.fill_null(""),
    )
    return _problem(
        wrong, "TRK-102", f"admin{level}_code",
        detail=detail, reported=pl.col(reported), expected=pl.col(final),
    )  # fmt: skip


def _wrong_parents(places: pl.DataFrame, level: int, names: pl.DataFrame) -> pl.DataFrame:
    if f"parent{level}" not in places.columns:
        return _nothing()
    wrong = places.filter(pl.col(f"parent{level}").is_not_null())
    for column, to in ((f"parent{level}", "is_under"), (f"given_parent{level}", "given")):
        wrong = _with_unit(wrong, names, column, to)
    wrong = _with_unit(wrong, names, f"final{level}", "unit")
    is_taken = pl.col(f"final{level}") == pl.col(f"coded{level}")
    result = (
        pl.when(is_taken)
        .then(pl.lit("the code was followed"))
        .when(pl.col(f"final{level}").is_not_null())
        .then(pl.format("by its name it is {}", "unit"))
        .otherwise(pl.lit("its name does not confirm the code, which was not followed"))
    )
    reported = pl.coalesce(f"reported{level}", f"coded{level}")
    return _problem(
        wrong, "TRK-103", f"admin{level}_code",
        detail=pl.format(
            "code {} lies under {}, not under {} as given; {}",
            reported, "is_under", "given", result,
        ),
        reported=reported,
        expected=pl.when(~is_taken).then(f"final{level}"),
    )  # fmt: skip


def _wrong_names(places: pl.DataFrame, level: int, names: pl.DataFrame) -> pl.DataFrame:
    # Where the code was not followed, the contradiction with the parent says why.
    is_followed = pl.coalesce(f"coded{level}", f"final{level}") == pl.col(f"final{level}")
    wrong = places.filter(~pl.col(f"agrees{level}"), is_followed)
    wrong = _with_unit(wrong, names, f"final{level}", "unit")
    wrong = _with_unit(wrong, names, f"named{level}", "other")
    bears = pl.when(pl.col(f"named{level}").is_not_null()).then(
        pl.format(", and the name is that of {}", "other")
    )
    reported = pl.col(f"reported{level}").fill_null(pl.col(f"final{level}"))
    detail = pl.concat_str(
        pl.format("name {} and code {} disagree: the code is that of {}",
                  f"name{level}", reported, "unit"),
        bears.fill_null(""),
    )  # fmt: skip
    return _problem(
        wrong, "TRK-104", f"admin{level}_code",
        detail=detail, reported=reported, expected=pl.col(f"named{level}"),
    )  # fmt: skip


def _repairs(places: pl.DataFrame, level: int, _names: pl.DataFrame) -> pl.DataFrame:
    reported, matched = f"reported{level}", f"coded{level}"
    repaired = places.filter(pl.col(f"repair{level}").is_not_null())
    return _problem(
        repaired, "TRK-105", f"admin{level}_code",
        detail=pl.format("code {} read as {}: {}", reported, matched, f"repair{level}"),
        reported=pl.col(reported),
        expected=pl.col(matched),
    )  # fmt: skip


def _open_names(places: pl.DataFrame, level: int, _names: pl.DataFrame) -> pl.DataFrame:
    name = f"name{level}"
    is_open = pl.all_horizontal(
        pl.col(f"final{level}").is_null(),
        pl.col(name).is_not_null(),
        pl.col(f"reported{level}").is_null(),
        pl.col(f"is_listed{level}"),
    )
    candidates = (
        pl.col(f"candidates{level}")
        .list.head(_CANDIDATES_SHOWN)
        .list.eval(
            pl.format(
                "{} ({}, {} %)",
                pl.element().struct.field("name"),
                pl.element().struct.field("code"),
                (pl.element().struct.field("score") * 100).round().cast(pl.Int64),
            )
        )
        .list.join(", ")
        .fill_null("")
    )
    near = pl.when(candidates != "").then(pl.format("; nearest: {}", candidates))
    detail = pl.concat_str(
        pl.format("name {} matches no unit of level {} for sure", name, pl.lit(level)),
        near.fill_null("; the list has nothing like it"),
    )
    return _problem(
        places.filter(is_open), "TRK-106", f"admin{level}_name",
        detail=detail, reported=pl.col(name), expected=pl.lit(None),
    )  # fmt: skip


def _wrong_levels(places: pl.DataFrame, level: int, names: pl.DataFrame) -> pl.DataFrame:
    elsewhere, reported = f"elsewhere{level}", f"reported{level}"
    wrong = places.filter(pl.col(elsewhere).is_not_null())
    wrong = _with_unit(wrong, names, elsewhere, "unit")
    detail = pl.format(
        "code {} stands at level {} and is that of {}, of level {}",
        reported, pl.lit(level), "unit", f"elsewhere_level{level}",
    )  # fmt: skip
    return _problem(
        wrong, "TRK-107", f"admin{level}_code",
        detail=detail, reported=pl.col(reported), expected=pl.col(f"final{level}"),
    )  # fmt: skip


def _swapped_names(places: pl.DataFrame) -> pl.DataFrame:
    return _problem(
        places.filter("is_swapped"), "TRK-107", "admin1_name",
        detail=pl.lit("the names of two levels stand in each other's columns"),
        reported=pl.col("name1"),
        expected=pl.lit(None),
    )  # fmt: skip


def _nothing() -> pl.DataFrame:
    return pl.DataFrame(schema=_PROBLEM)
