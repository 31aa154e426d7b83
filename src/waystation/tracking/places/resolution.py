"""Places of submissions: codes and names resolved to units, and named across rounds."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.geography.pcodes import repaired_pcodes
from waystation.tracking.checks import CHECKS
from waystation.tracking.places.evidence import resolved_by_evidence
from waystation.tracking.places.names import folded_names
from waystation.tracking.places.place_list import LEVELS, PlaceList
from waystation.tracking.places.plain import plain_places
from waystation.tracking.places.problems import (
    findings_on_rows,
    label_of_place,
    problems_of_places,
    said_of_rows,
)
from waystation.tracking.submissions import Submissions

_REPORTED = [f"admin{level}_reported_code" for level in LEVELS]
_NAMES = [f"admin{level}_name" for level in LEVELS]
_KEY = ["country", *_REPORTED, *_NAMES]
_FINAL = [f"final{level}" for level in LEVELS]
_ROW = [
    "submission_id", "file", "sheet", "row", "round_number", "location_id", "location_name",
    "latitude", "longitude", *_KEY,
]  # fmt: skip
_NOT_GIVEN = ("", "-", "--", "n/a", "#n/a", "na", "nan", "nat", "null", "none", "unknown",
              "not available", "not applicable")  # fmt: skip
# From this share of its rows on, a file is taken to fill in a column for every row.
_IN_USE = 0.5


def resolved_places(
    submissions: pl.DataFrame,
    units: pl.DataFrame | None,
    boundaries: pl.DataFrame | None = None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Say which units each submission lies in, and what names its place across rounds.

    Codes come first, repaired where only one unit fits; then names; then, where boundaries
    are given, the coordinates of rows that neither resolves. The deepest known unit wins and
    those above it follow from the list. Evidence that contradicts is weighed, and what stays
    open stays null. Levels deeper than the list keep their codes as reported. Without a list
    for a country, codes as reported (else names) stand for its units.

    Args:
        submissions: Shape ``Submissions``; absent nullable columns are added.
        units: Shape ``Units``; None or empty where there is no list.
        boundaries: Shape ``Boundaries``.

    Returns:
        The submissions in their order with ``admin1_code`` to ``admin3_code`` and
        ``location_key`` (never null) filled, and the findings TRK-101 to 107 and 205, shape
        ``Findings``. Each problem of a row is said once; a repair that most codes of a column
        need is said once for the column, and a country without a list once.
    """
    frame = _with_country(Submissions.complete(submissions), units)
    rows = frame.select(_ROW)
    listed = pl.DataFrame({"country": []}, {"country": pl.String}) if units is None else (
        units.filter(pl.col("level") > 0).select("country").unique()
    )  # fmt: skip
    places, rows = _distinct(rows)
    known = places.join(listed, on="country", how="semi", maintain_order="left")
    unknown = places.join(listed, on="country", how="anti", maintain_order="left")
    findings = []
    judged = [_without_list(unknown)]
    if units is not None and known.height:
        units = units.join(known.select("country").unique(), on="country", how="semi")
        list_of_known = PlaceList(units, boundaries)
        plain, open_places = plain_places(known, list_of_known)
        judged.append(_judgement(plain, has_list=True))
        if open_places.height:
            resolved = resolved_by_evidence(open_places, list_of_known)
            findings.append(findings_on_rows(rows, problems_of_places(resolved, units)))
            judged.append(_judgement(resolved, has_list=True))
    rows = rows.join(pl.concat(judged), on="place", how="left", maintain_order="left")
    if units is not None and boundaries is not None and boundaries.height:
        rows = _by_position(rows, units, boundaries)
    findings += [_no_code(rows), _under_no_unit(rows), _no_list(rows, units)]
    placed = frame.with_columns(
        *[
            rows[final].alias(f"admin{lv}_code")
            for lv, final in zip(LEVELS, _FINAL, strict=True)
        ],
        _location_keys(rows),
    )
    said = pl.concat([f.select(Findings.column_names()) for f in findings])
    return placed, said.sort(
        "file", "sheet", "row", "code", nulls_last=True, maintain_order=True
    )


def _with_country(frame: pl.DataFrame, units: pl.DataFrame | None) -> pl.DataFrame:
    """Fill the country where the list has one only, or where the code is in the list."""
    if "country" not in frame.columns:
        frame = frame.with_columns(country=pl.lit(None, pl.String))
    if units is None or not units.height or not frame["country"].null_count():
        return frame
    countries = units["country"].unique()
    if countries.len() == 1:
        return frame.with_columns(pl.col("country").fill_null(countries.first()))
    owners = units.select("country", "code").unique("code", keep="none")
    codes = dict(owners.select("code", "country").iter_rows())
    return frame.with_columns(
        pl.coalesce(
            "country",
            *[pl.col(c).replace_strict(codes, default=None) for c in reversed(_REPORTED)],
        ).alias("country")
    )


def _distinct(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the distinct places, cleaned and numbered, and the rows with their number."""
    distinct = rows.group_by(_KEY, maintain_order=True).agg(rows=pl.len().cast(pl.Int64))
    distinct = distinct.with_row_index("place")
    numbered = rows.join(
        distinct.select("place", *_KEY), on=_KEY, how="left", nulls_equal=True,
        maintain_order="left",
    )  # fmt: skip
    places = distinct.select(
        "place",
        "country",
        "rows",
        **{
            f"reported{lv}": _given(column)
            for lv, column in zip(LEVELS, _REPORTED, strict=True)
        },
        **{f"name{lv}": _given(column) for lv, column in zip(LEVELS, _NAMES, strict=True)},
    )
    return places, numbered


def _given(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars()
    # The cell as received is what is repaired and shown; only "no answer" becomes null.
    return (
        pl.when(~text.str.to_lowercase().is_in(_NOT_GIVEN)).then(pl.col(column)).alias(column)
    )


def _judgement(places: pl.DataFrame, *, has_list: bool) -> pl.DataFrame:
    """Return what the rows need to know of their place."""
    return places.select(
        "place",
        *_FINAL,
        *[f"is_listed{level}" for level in LEVELS],
        has_list=pl.lit(has_list),
        **{f"folded{level}": folded_names(places[f"name{level}"]) for level in LEVELS},
        **{f"has_code{level}": pl.col(f"reported{level}").is_not_null() for level in LEVELS},
        **{f"has_name{level}": pl.col(f"name{level}").is_not_null() for level in LEVELS},
    )


def _without_list(places: pl.DataFrame) -> pl.DataFrame:
    """Let codes as reported stand for units, else names; a name of two parents bears both."""
    for level in LEVELS:
        name = pl.col(f"name{level}").str.strip_chars().str.replace_all(r"\s+", " ")
        if level > 1:
            above = f"final{level - 1}"
            is_shared = pl.col(above).n_unique().over("country", f"name{level}") > 1
            name = pl.when(is_shared).then(pl.format("{}/{}", above, name)).otherwise(name)
        code = pl.col(f"reported{level}").str.strip_chars()
        places = places.with_columns(
            pl.coalesce(code, name).alias(f"final{level}"),
            pl.lit(value=True).alias(f"is_listed{level}"),
        )
    return _judgement(places, has_list=False)


def _by_position(
    rows: pl.DataFrame, units: pl.DataFrame, boundaries: pl.DataFrame
) -> pl.DataFrame:
    """Place what nothing else resolves by its coordinates, where these contradict nothing."""
    from waystation.geography.boundaries import units_at_points

    rows = rows.with_row_index("position")
    is_location = pl.col("location_name").is_not_null() | pl.col("location_id").is_not_null()
    is_open = [
        pl.col(f"final{level}").is_null()
        & pl.col(f"is_listed{level}")
        & (is_location | pl.col(f"has_name{level}") | pl.col(f"has_code{level}"))
        for level in LEVELS
    ]
    asked = rows.filter(
        pl.any_horizontal(is_open), pl.col("has_list"),
        pl.col("latitude").is_not_null(), pl.col("longitude").is_not_null(),
    ).select("position", "country", "latitude", "longitude")  # fmt: skip
    if not asked.height:
        return rows.drop("position")
    found = units_at_points(asked, boundaries, tolerance=0).filter(
        pl.col("admin0_code") == pl.col("country")
    )
    for level in LEVELS:
        column = f"admin{level}_code"
        code = pl.col(column) if column in found.columns else pl.lit(None, pl.String)
        codes = found.select("country", level=pl.lit(level, pl.Int64), code=code)
        matched = repaired_pcodes(codes, units)["matched_code"]
        found = found.with_columns(matched.alias(f"point{level}"))
    points = found.select("position", *[f"point{level}" for level in LEVELS])
    rows = rows.join(points, on="position", how="left", maintain_order="left")
    fits = pl.lit(value=True)
    filled = {}
    for level, may_fill in zip(LEVELS, is_open, strict=True):
        final, point = pl.col(f"final{level}"), pl.col(f"point{level}")
        filled[f"final{level}"] = pl.coalesce(final, pl.when(fits & may_fill).then(point))
        fits = fits & (filled[f"final{level}"] == point).fill_null(value=False)
    rows = rows.with_columns(**filled)
    return rows.drop("position", *[f"point{level}" for level in LEVELS])


def _in_use(rows: pl.DataFrame) -> pl.DataFrame:
    """Add whether a row's file fills in codes and names of each level."""
    columns = [f"has_{what}{level}" for what in ("code", "name") for level in LEVELS]
    use = rows.group_by("file", "sheet").agg(
        (pl.col(column).mean() >= _IN_USE).alias(column.replace("has_", "uses_"))
        for column in columns
    )
    return rows.join(use, on=["file", "sheet"], how="left", nulls_equal=True)


def _no_code(rows: pl.DataFrame) -> pl.DataFrame:
    """Return TRK-101: a row lacks the code, or everything, of a level that its file gives."""
    is_location = pl.col("location_name").is_not_null() | pl.col("location_id").is_not_null()
    lacking = [_lacks(level, is_location) for level in LEVELS]
    lacks = _in_use(rows).with_columns(
        level=pl.coalesce(
            *[
                pl.when(lacks_it).then(pl.lit(level))
                for level, lacks_it in reversed(list(zip(LEVELS, lacking, strict=True)))
            ]
        )
    ).filter(pl.col("level").is_not_null())  # fmt: skip
    at = [pl.col("level") == level for level in LEVELS]
    name, final = (
        pl.coalesce(*[pl.when(at[i]).then(columns[i]) for i in range(len(LEVELS))])
        for columns in (_NAMES, _FINAL)
    )
    found = pl.when(final.is_not_null()).then(pl.format("; it lies in {}", final))
    lies = found.fill_null("")
    named = pl.format("no code of level {} beside the name {}{}", "level", name, lies)
    nothing = pl.format("neither code nor name of level {}{}", "level", lies)
    told = lacks.with_columns(
        label=label_of_place(),
        detail=pl.when(name.is_not_null()).then(named).otherwise(nothing),
        column=pl.format("admin{}_code", "level"),
        reported=pl.lit(None, pl.String),
        expected=final,
    )
    return said_of_rows(told, "TRK-101")


def _lacks(level: int, is_location: pl.Expr) -> pl.Expr:
    has_code, has_name = pl.col(f"has_code{level}"), pl.col(f"has_name{level}")
    uses_code, uses_name = pl.col(f"uses_code{level}"), pl.col(f"uses_name{level}")
    lacks_code = has_name & ~has_code & uses_code
    lacks_all = is_location & ~has_name & ~has_code & (uses_code | uses_name)
    deeper = [pl.col(f"has_code{lv}") for lv in LEVELS if lv > level]
    # A deeper code says the levels above it.
    is_implied = pl.any_horizontal(deeper) if deeper else pl.lit(value=False)
    return pl.col(f"is_listed{level}") & (lacks_code | lacks_all) & ~is_implied


def _under_no_unit(rows: pl.DataFrame) -> pl.DataFrame:
    """Return TRK-205: a row that says something of its place and lies in no unit."""
    says = pl.any_horizontal(
        *[pl.col(f"has_code{lv}") | pl.col(f"has_name{lv}") for lv in LEVELS],
        pl.col("location_name").is_not_null(),
        pl.col("location_id").is_not_null(),
    )
    lost = rows.filter(pl.col("has_list"), pl.all_horizontal(pl.col(_FINAL).is_null()), says)
    return said_of_rows(
        lost.with_columns(
            label=label_of_place(),
            detail=pl.lit("the place lies in no unit of the list"),
            column=pl.lit("admin1_code"),
            reported=pl.coalesce(*reversed(_REPORTED)),
            expected=pl.lit(None, pl.String),
        ),
        "TRK-205",
    )


def _no_list(rows: pl.DataFrame, units: pl.DataFrame | None) -> pl.DataFrame:
    """Return one finding a country that the list does not have (TRK-102)."""
    check = CHECKS["TRK-102"]
    severity = "info" if units is None else check.severity.value
    without = rows.filter(~pl.col("has_list")).group_by("country", maintain_order=True).len()
    return Findings.complete(
        without.select(
            code=pl.lit(check.code),
            severity=pl.lit(severity, Findings.columns()["severity"].dtype),
            message=pl.format(
                "{}: no list of its units is given, so that places of {} rows could not be "
                "checked; codes as reported, else names, stand for units. Give a p-code list "
                "or a COD table of the country.",
                pl.col("country").fill_null("Country not known"),
                "len",
            ),
            place="country",
        )
    )


def _location_keys(rows: pl.DataFrame) -> pl.Series:
    """Return what names each place across rounds."""
    deepest = pl.coalesce(*reversed(_FINAL))
    below = [
        pl.when(pl.all_horizontal(pl.col(_FINAL[level - 1 :]).is_null())).then(f"folded{level}")
        for level in LEVELS
    ]
    place = pl.concat_str(
        deepest, *below, folded_names(rows["location_name"]), separator="/", ignore_nulls=True
    )
    return rows.select(
        location_key=pl.coalesce(
            "location_id", pl.when(place != "").then(place), "country", pl.lit("not known")
        )
    ).to_series()
