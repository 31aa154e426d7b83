"""Checks of positions: zero, swapped, outside the unit or the country, coarse, shared."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from waystation.tracking.quality.distances import position_words
from waystation.tracking.quality.outlines import COVERS_PART, boxes, outlying_points
from waystation.tracking.quality.reports import Reports, findings_of_mask, findings_of_rule
from waystation.tracking.quality.wording import Rule, place_name, row_findings

LATITUDE, LONGITUDE = pl.col("latitude"), pl.col("longitude")
MARGIN = 1.0  # extents of a country's own reports widened by so many times their width
LEAST_MARGIN = 1.0  # degrees
ENOUGH_ROWS = 100_000  # to see where a country lies


@dataclass(frozen=True, slots=True)
class Positions:
    """What was found on positions, and which ones can be trusted further on.

    Attributes:
        findings: Shape ``Findings``, a list of frames.
        is_usable: One a row of the reports: a counted row's position that is
            not zero, swapped or abroad.
    """

    findings: list[pl.DataFrame]
    is_usable: pl.Series


def check_coordinates(reports: Reports, boundaries: pl.DataFrame | None = None) -> Positions:
    """Return findings on positions (TRK-109 to 114) and which positions are usable.

    Args:
        reports: The submissions.
        boundaries: Shape ``Boundaries``; without them the country's extent is read from
            the bulk of its own positions, and no position is held against its unit.
    """
    extents = _extents(reports, boundaries)
    if not len(extents):
        return Positions([], reports.counted)

    def edge(name: str) -> pl.Expr:
        if len(extents) == 1:
            return pl.lit(extents[name][0])
        return pl.col("country").replace_strict(
            extents["country"], extents[name], default=None, return_dtype=pl.Float64
        )

    def is_inside(latitude: pl.Expr, longitude: pl.Expr) -> pl.Expr:
        return latitude.is_between(edge("south"), edge("north")) & longitude.is_between(
            edge("west"), edge("east")
        )

    given = LATITUDE.is_not_null() & LONGITUDE.is_not_null()
    states = reports.frame.lazy().select(
        zero=(LATITUDE == 0) & (LONGITUDE == 0),
        zero_one=(LATITUDE == 0) ^ (LONGITUDE == 0),
        inside=is_inside(LATITUDE, LONGITUDE),
        swapped=is_inside(LONGITUDE, LATITUDE),
        given=given,
    )
    flags = (
        states.select(
            zero=pl.col("given")
            & (pl.col("zero") | (pl.col("zero_one") & ~pl.col("inside").fill_null(value=True))),
            swapped=pl.col("given") & ~pl.col("inside") & pl.col("swapped") & ~pl.col("zero"),
            abroad=pl.col("given")
            & ~pl.col("inside")
            & ~pl.col("swapped")
            & ~(pl.col("zero") | pl.col("zero_one")),
        )
        .with_columns(pl.all().fill_null(value=False))
        .collect()
    )
    found = []
    for rule, mask in _rules(flags, extents):
        found += findings_of_mask(reports, rule, mask)
    is_usable = reports.counted & ~(flags["zero"] | flags["swapped"] | flags["abroad"])
    if boundaries is not None and len(boundaries):
        found += outlying_points(reports, boundaries, is_usable)
    found += _coarse(reports, is_usable) + _shared(reports, is_usable)
    return Positions(found, is_usable)


def _extents(reports: Reports, boundaries: pl.DataFrame | None) -> pl.DataFrame:
    """Return, by country, the box its positions should lie in."""
    # The bulk of positions shows in a part of them as well.
    few = reports.rows.select("country", "latitude", "longitude").gather_every(
        max(1, len(reports.frame) // ENOUGH_ROWS)
    )
    usual = (
        few.filter(LATITUDE.is_not_null() & LONGITUDE.is_not_null() & (LATITUDE != 0))
        .group_by("country")
        .agg(
            south=LATITUDE.quantile(0.1),
            north=LATITUDE.quantile(0.9),
            west=LONGITUDE.quantile(0.1),
            east=LONGITUDE.quantile(0.9),
            rows=pl.len(),
        )
        .with_columns(
            tall=pl.max_horizontal(
                (pl.col("north") - pl.col("south")) * MARGIN, pl.lit(LEAST_MARGIN)
            ),
            wide=pl.max_horizontal(
                (pl.col("east") - pl.col("west")) * MARGIN, pl.lit(LEAST_MARGIN)
            ),
        )
        .select(
            "country",
            south=pl.col("south") - pl.col("tall"),
            north=pl.col("north") + pl.col("tall"),
            west=pl.col("west") - pl.col("wide"),
            east=pl.col("east") + pl.col("wide"),
        )
        .collect()
    )
    if boundaries is None or not len(boundaries):
        return usual
    known = boxes(boundaries).select(usual.columns)
    # Outlines of a part of the country say nothing of the rest.
    inside = LATITUDE.is_between("south", "north") & LONGITUDE.is_between("west", "east")
    covered = (
        reports.rows.select("country", "latitude", "longitude")
        .join(known.lazy(), on="country")
        .group_by("country")
        .agg(share=inside.mean())
        .filter(pl.col("share") > 1 - COVERS_PART)
        .collect()
    )
    known = known.join(covered, on="country", how="semi")
    return pl.concat([known, usual.join(known, on="country", how="anti")])


def _rules(flags: pl.DataFrame, extents: pl.DataFrame) -> list[tuple[Rule, pl.Series]]:
    position = position_words(LATITUDE, LONGITUDE)
    none = pl.lit(value=True)  # the masks are known already
    words = pl.format("position {} is in the sea or on a meridian of zeros", position)
    swapped = Rule(
        "TRK-110",
        none,
        pl.format("position {} fits the country only with the two exchanged", position),
        column="latitude",
        reported=position,
        expected=position_words(LONGITUDE, LATITUDE),
    )
    options: list[pl.Expr] = []
    for north, east in (
        (-LATITUDE, LONGITUDE),
        (LATITUDE, -LONGITUDE),
        (-LATITUDE, -LONGITUDE),
    ):
        fits = pl.any_horizontal(
            (pl.col("country") == country)
            & north.is_between(south, top)
            & east.is_between(west, right)
            for country, south, top, west, right in extents.select(
                "country", "south", "north", "west", "east"
            ).iter_rows()
        )
        options.append(pl.when(fits).then(position_words(north, east)))
    abroad = Rule(
        "TRK-112",
        none,
        pl.format("position {} lies outside the country", position),
        column="latitude",
        reported=position,
        expected=pl.coalesce(*options),
    )
    zero = Rule("TRK-109", none, words, column="latitude", reported=position)
    return [(zero, flags["zero"]), (swapped, flags["swapped"]), (abroad, flags["abroad"])]


def _coarse(reports: Reports, is_usable: pl.Series) -> list[pl.DataFrame]:
    """Return positions with at most two decimals, once a place and position (TRK-113)."""

    def is_coarse(value: pl.Expr) -> pl.Expr:
        hundredths = value * 100
        return (hundredths - hundredths.round()).abs() < 1e-7

    news = reports.news.filter(is_usable.gather(reports.news["_index"]))
    index = news.filter(is_coarse(LATITUDE) & is_coarse(LONGITUDE))["_index"].sort()
    if not len(index):
        return []
    position = position_words(LATITUDE, LONGITUDE)
    rule = Rule(
        "TRK-113",
        pl.lit(value=True),
        pl.format("position {} is only good to a kilometre", position),
        column="latitude",
        reported=position,
        limit=0.2,
        file_says="positions are only good to a kilometre",
    )
    return findings_of_rule(reports, rule, index)


def _shared(reports: Reports, is_usable: pl.Series) -> list[pl.DataFrame]:
    """Return places that stand exactly where another one does (TRK-114).

    Said when it begins: of two places, the one whose position is new; in the first round
    each but the first.
    """
    spots = (
        reports.news.filter(is_usable.gather(reports.news["_index"]))
        .select("_place", "latitude", "longitude")
        .drop_nulls()
        .unique()
        .filter(pl.struct("latitude", "longitude").is_duplicated())
        .select("latitude", "longitude")
        .unique()
    )
    if not len(spots):
        return []
    follows = pl.col("_place") == pl.col("_place").shift()
    stood = (LATITUDE.shift() == LATITUDE) & (LONGITUDE.shift() == LONGITUDE)
    rows = (
        reports.history.lazy()
        .select(
            "_index",
            "_place",
            "_snapshot",
            "latitude",
            "longitude",
            same_before=(follows & stood).fill_null(value=False),
        )
        .join(spots.lazy(), on=["latitude", "longitude"], how="semi")
        .with_columns(_spot=pl.struct("_snapshot", "latitude", "longitude").hash())
        .filter(pl.col("_spot").is_duplicated())
        .collect()
        .sort("_index")
    )
    named = reports.rows_at(rows).with_columns(name=place_name())
    rank = pl.int_range(pl.len()).over("_spot")
    old = pl.col("same_before").any().over("_spot")
    named = named.with_columns(
        anchor=pl.col("name")
        .sort_by(pl.col("same_before"), descending=True)
        .first()
        .over("_spot"),
        places=pl.col("_place").n_unique().over("_spot"),
        is_new=~pl.col("same_before") & (old | (rank > 0)),
    ).filter("is_new")
    position = position_words(LATITUDE, LONGITUDE)
    says = pl.format(
        "position {} is also that of {} ({} places in all)", position, "anchor", "places"
    )
    return [row_findings("TRK-114", named, says, column="latitude", reported=position)]
