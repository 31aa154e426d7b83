"""Checks of what should stay: a place's name, unit and position from round to round."""

from __future__ import annotations

import polars as pl

from waystation.tracking.quality.distances import kilometres, position_words
from waystation.tracking.quality.reports import Reports
from waystation.tracking.quality.wording import plain, row_findings

MOVED_KM = 3.0  # positions are taken anew each round, at another corner of the same place
_PLACE = pl.col("_place")


def check_alterations(
    reports: Reports, is_usable: pl.Series, units: pl.DataFrame | None = None
) -> list[pl.DataFrame]:
    """Return findings on places that moved, were renamed or changed unit (TRK-164, 165, 168).

    A value that differs in one round and is back in the next is said once, and a slip in a
    place's first round is said there and not at all later ones.

    Args:
        reports: The submissions.
        is_usable: Which positions can be compared (see ``check_coordinates``).
        units: Shape ``Units``, to say the names of units beside their codes.
    """
    return [*_renamed(reports), *_other_unit(reports, units), *_moved(reports, is_usable)]


def _departures(history: pl.DataFrame, same: list[pl.Expr]) -> pl.DataFrame:
    """Return rows whose value is not the one the place has before and after.

    Args:
        history: Sorted by place and order.
        same: Whether the row agrees with the one 1 before, 2 before, 1 after, and whether
            the next two agree with each other; null across places or where not known.

    Returns:
        ``_index`` of the rows, and of the row that shows the usual value as ``_usual``.
    """
    with_before, with_two_before, with_after, next_two = same
    follows = (_PLACE.shift() == _PLACE).fill_null(value=False)
    is_second = follows & (_PLACE.shift(2) != _PLACE).fill_null(value=True)
    marked = history.lazy().select(
        "_index",
        before=pl.col("_index").shift(),
        after=pl.col("_index").shift(-1),
        differs=~with_before
        & ~with_two_before.fill_null(value=False)
        # A slip in the first row shows at the second, which agrees with all that follow.
        & ~(is_second & with_after.fill_null(value=False)),
        first_differs=~follows & ~with_after & next_two,
    )
    usual = pl.when("differs").then("before").otherwise("after")
    return (
        marked.with_columns(pl.col("differs", "first_differs").fill_null(value=False))
        .filter(pl.col("differs") | pl.col("first_differs"))
        .select("_index", _usual=usual)
        .collect()
        .sort("_index")
    )


def _agreement(column: str) -> list[pl.Expr]:
    """Return the four comparisons of ``_departures`` for a column."""
    value = pl.col(column)

    def same(a: int, b: int) -> pl.Expr:
        return pl.when(_PLACE.shift(a) == _PLACE.shift(b)).then(
            value.shift(a) == value.shift(b)
        )

    return [same(0, 1), same(0, 2), same(0, -1), same(-1, -2)]


def _beside_usual(reports: Reports, hits: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Return hits with columns of their own and, as ``usual_*``, of the usual row."""
    usual = reports.frame.select(pl.col(n).alias(f"usual_{n}") for n in names)[hits["_usual"]]
    return reports.rows_at(pl.concat([hits, usual], how="horizontal"), names)


def _renamed(reports: Reports) -> list[pl.DataFrame]:
    named = reports.history.select("_index", "_place", "_name").filter(
        pl.col("_name").is_not_null()
    )
    changes = (pl.col("_name") != pl.col("_name").shift()) & (_PLACE.shift() == _PLACE)
    restless = named.filter(changes)["_place"].unique()
    named = reports.rows_at(named.filter(_PLACE.is_in(restless.implode())))
    # Case, accents and punctuation are no other name.
    hits = _departures(named.with_columns(name=plain("location_name")), _agreement("name"))
    rows = _beside_usual(reports, hits, ["location_name"])
    return [
        row_findings(
            "TRK-165",
            rows,
            pl.format("called {}, otherwise {}", "location_name", "usual_location_name"),
            column="location_name",
            reported=pl.col("location_name"),
            expected=pl.col("usual_location_name"),
        )
    ]


def _other_unit(reports: Reports, units: pl.DataFrame | None) -> list[pl.DataFrame]:
    named = reports.history.filter(pl.col("_name").is_not_null())
    hits = _departures(named, _agreement("_unit"))
    codes = ["admin3_code", "admin2_code", "admin1_code"]
    rows = _beside_usual(reports, hits, codes).with_columns(
        unit=pl.coalesce(codes), usual_unit=pl.coalesce(f"usual_{c}" for c in codes)
    )
    # A code of another depth names the same place more or less finely.
    differs = ~pl.col("unit").str.starts_with(pl.col("usual_unit")) & ~pl.col(
        "usual_unit"
    ).str.starts_with(pl.col("unit"))
    deepest = pl.coalesce(pl.when(pl.col(c).is_not_null()).then(pl.lit(c)) for c in codes)
    return [
        row_findings(
            "TRK-168",
            rows.filter(differs),
            pl.format(
                "reported in unit {}, otherwise in {}",
                _with_name("unit", units),
                _with_name("usual_unit", units),
            ),
            column=deepest,
            reported=pl.col("unit"),
            expected=pl.col("usual_unit"),
        )
    ]


def _with_name(code: str, units: pl.DataFrame | None) -> pl.Expr:
    """Return codes with the name of their unit, where the list has one."""
    if units is None or not len(units):
        return pl.col(code)
    known = units.unique("code", keep="first")
    name = pl.col(code).replace_strict(
        known["code"], known["name"], default=None, return_dtype=pl.String
    )
    return pl.concat_str(code, pl.format(" ({})", name), ignore_nulls=True)


def _moved(reports: Reports, is_usable: pl.Series) -> list[pl.DataFrame]:
    latitude, longitude = pl.col("latitude"), pl.col("longitude")
    history = reports.history.select("_place", "_index", "latitude", "longitude")
    usable = is_usable.gather(history["_index"]) & history["latitude"].is_not_null()
    given = history.filter(usable & history["longitude"].is_not_null())
    # Trigonometry only for places whose position ever changes by more than a little.
    step = (latitude - latitude.shift()).abs() + (longitude - longitude.shift()).abs()
    changes = given.filter((step > 0.02) & (_PLACE.shift() == _PLACE))["_place"].unique()
    restless = given.filter(_PLACE.is_in(changes.implode()))

    def near(a: int, b: int) -> pl.Expr:
        apart = kilometres(
            latitude.shift(a), longitude.shift(a), latitude.shift(b), longitude.shift(b)
        )
        return pl.when(_PLACE.shift(a) == _PLACE.shift(b)).then(apart <= MOVED_KM)

    hits = _departures(restless, [near(0, 1), near(0, 2), near(0, -1), near(-1, -2)])
    rows = _beside_usual(reports, hits, ["latitude", "longitude"])
    usual = pl.col("usual_latitude"), pl.col("usual_longitude")
    apart = kilometres(latitude, longitude, *usual)
    return [
        row_findings(
            "TRK-164",
            rows,
            pl.format("position is {} km from where it is otherwise", apart.round(1)),
            column="latitude",
            reported=position_words(latitude, longitude),
            expected=position_words(*usual),
        )
    ]
