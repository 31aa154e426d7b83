"""Which units the codes and names of a place mean together, and where they contradict."""

from __future__ import annotations

import polars as pl

from waystation.geography.pcodes import code_widths, prefixes, repaired_pcodes
from waystation.tracking.places.names import agreement, matched_names
from waystation.tracking.places.place_list import LEVELS, PlaceList

_NOTHING = pl.lit(None, pl.String)


def resolved_by_evidence(places: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Decide which units places lie in: codes first, then names, contradictions weighed.

    The deepest code that is known wins and its parents follow from the list, unless its name
    speaks against it as well as the parent given: then the name's unit under that parent is
    taken, or none. A name alone counts where the match is sure and lies under what is known.

    Args:
        places: Distinct places, all of countries in the list: ``place`` (number),
            ``country``, ``reported1`` to ``reported3`` (codes), ``name1`` to ``name3``,
            ``rows`` (how often).
        listed: The list.

    Returns:
        The places in their order, with for each level ``coded`` (unit of the code),
        ``repair``, ``elsewhere`` and ``elsewhere_level`` (unit of another level that the code
        names), ``agrees`` and ``named`` (name against code; where no code is given, against
        the unit that a deeper code implies), ``given_parent`` and ``parent`` where they
        contradict, ``candidates`` of a name that is not sure, ``is_listed``, ``is_kept``
        (code as reported, no list has its level), and ``final``, the decision;
        ``is_swapped`` where names stood in each other's column.
    """
    coded = _without_misplaced(_coded(places, listed), listed)
    compared = _compared(coded, listed, "matched")
    for level in (3, 2):
        compared = _weighed(compared, level, listed)
    finals = {f"final{level}": pl.col(f"matched{level}") for level in LEVELS}
    chained = _filled_upward(compared.with_columns(**finals), listed)
    chained = _above_unlisted(chained, listed)
    chained = _compared(chained, listed, "final")
    for level in LEVELS:
        chained = _named(listed.with_is_listed(chained, level), level, listed)
    chained = _filled_upward(_swapped(chained, listed), listed)
    for level in LEVELS:
        chained = _kept(chained, level)
    return chained


def _coded(places: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Match the codes at the level they stand at."""
    for level in LEVELS:
        answers = repaired_pcodes(_asked(places, level, level), listed.units)
        places = places.with_columns(
            answers["matched_code"].alias(f"coded{level}"),
            answers["matched_code"].alias(f"matched{level}"),
            answers["repair"].alias(f"repair{level}"),
        )
    return places


def _asked(places: pl.DataFrame, column: int, level: int) -> pl.DataFrame:
    return places.select(
        "country", level=pl.lit(level, pl.Int64), code=pl.col(f"reported{column}")
    )


def _without_misplaced(places: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Find codes that stand in the column of another level, and use them at their own."""
    for column in LEVELS:
        found = []
        for level in LEVELS:
            if level == column:
                continue
            asked = _asked(places, column, level).with_columns(
                code=pl.when(places[f"coded{column}"].is_null()).then("code")
            )
            answers = repaired_pcodes(asked, listed.units)
            # Only zeros make this a code of that level: too little to move it there.
            as_it_stands = ~answers["repair"].fill_null("").str.contains("zeros")
            found.append(
                pl.when(as_it_stands)
                .then(
                    pl.struct(
                        level=pl.lit(level, pl.Int64),
                        code=answers["matched_code"],
                    )
                )
                .otherwise(None)
            )
        usable = [pl.when(f.struct.field("code").is_not_null()).then(f) for f in found]
        places = places.with_columns(pl.coalesce(usable).alias("found")).with_columns(
            pl.col("found").struct.field("level").alias(f"elsewhere_level{column}"),
            pl.col("found").struct.field("code").alias(f"elsewhere{column}"),
        )
    for level in LEVELS:
        moved = [
            pl.when(pl.col(f"elsewhere_level{c}") == level).then(f"elsewhere{c}")
            for c in LEVELS
        ]
        places = places.with_columns(
            pl.coalesce(f"matched{level}", *moved).alias(f"matched{level}")
        )
    return places.drop("found")


def _compared(places: pl.DataFrame, listed: PlaceList, column: str) -> pl.DataFrame:
    """Compare each name with the unit beside it, under the parent given, where not yet done."""
    is_first = "agrees1" not in places.columns
    if is_first:
        unknown = {f"agrees{lv}": pl.lit(None, pl.Boolean) for lv in LEVELS}
        places = places.with_columns(**unknown, **{f"named{lv}": _NOTHING for lv in LEVELS})
    pairs = [_pairs(places, level, column) for level in LEVELS]
    distinct = (
        pl.concat(pairs)
        .group_by("country", "level", "code", "name", maintain_order=True)
        .agg(pl.col("parent_code").drop_nulls().first(), pl.col("rows").sum())
    )
    judged = agreement(distinct, listed)
    for level in LEVELS:
        answers = judged.filter(pl.col("level") == level).select(
            "country",
            pl.col("code").alias(f"{column}{level}"),
            pl.col("name").alias(f"name{level}"),
            pl.col("agrees").alias("new_agrees"),
            pl.col("named_code").alias("new_named"),
        )
        key = ["country", f"{column}{level}", f"name{level}"]
        is_new = pl.col(f"agrees{level}").is_null()
        places = places.join(answers, on=key, how="left", maintain_order="left").with_columns(
            pl.when(is_new).then("new_agrees").otherwise(f"agrees{level}").alias(f"agrees{level}"),
            pl.when(is_new).then("new_named").otherwise(f"named{level}").alias(f"named{level}"),
        ).drop("new_agrees", "new_named")  # fmt: skip
    return places


def _pairs(places: pl.DataFrame, level: int, column: str) -> pl.DataFrame:
    above = pl.col(f"{column}{level - 1}") if level > 1 else pl.col("country")
    open_pairs = places.filter(
        pl.col(f"{column}{level}").is_not_null(),
        pl.col(f"name{level}").is_not_null(),
        pl.col(f"agrees{level}").is_null(),
    )
    return open_pairs.select(
        "country",
        "rows",
        level=pl.lit(level, pl.Int64),
        code=f"{column}{level}",
        name=f"name{level}",
        parent_code=above,
    )


def _weighed(places: pl.DataFrame, level: int, listed: PlaceList) -> pl.DataFrame:
    """Weigh a code against the parent given beside it, and drop it where it stands alone."""
    places = listed.with_parent(places, level, f"matched{level}", "above")
    given = pl.col(f"matched{level - 1}")
    parent = pl.col("above")
    if level == 3:
        places = listed.with_parent(places, 2, "above", "far_above")
        # Without a second level, the code is held against the first.
        is_far = given.is_null()
        given = pl.when(is_far).then("matched1").otherwise(given)
        parent = pl.when(is_far).then("far_above").otherwise(parent)
    contradicts = (given != parent).fill_null(value=False)
    places = places.with_columns(
        pl.when(contradicts).then(given).alias(f"given_parent{level}"),
        pl.when(contradicts).then(parent).alias(f"parent{level}"),
    )
    places = listed.with_parent(places, level, f"named{level}", "named_parent")
    disagrees = (~pl.col(f"agrees{level}")).fill_null(value=False)
    is_unconfirmed = (
        pl.col(f"agrees{level}").is_null()
        & pl.col(f"name{level}").is_not_null()
        & pl.col(f"agrees{level - 1}")
    )
    is_alone = pl.col(f"parent{level}").is_not_null() & (disagrees | is_unconfirmed)
    by_name = pl.when(pl.col("named_parent") == pl.col(f"given_parent{level}")).then(
        f"named{level}"
    )
    return places.with_columns(
        pl.when(is_alone.fill_null(value=False))
        .then(by_name)
        .otherwise(f"matched{level}")
        .alias(f"matched{level}"),
    ).drop("above", "named_parent", "far_above", strict=False)


def _filled_upward(places: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Put above each unit the one that the list has above it."""
    for level in (3, 2):
        places = listed.with_parent(places, level, f"final{level}", "above")
        places = places.with_columns(
            pl.coalesce("above", f"final{level - 1}").alias(f"final{level - 1}")
        ).drop("above")
    return places


def _named(places: pl.DataFrame, level: int, listed: PlaceList) -> pl.DataFrame:
    """Resolve by name what no code resolves, under what is known already."""
    above = pl.col(f"final{level - 1}") if level > 1 else pl.col("country")
    is_open = (
        pl.col(f"final{level}").is_null()
        & pl.col(f"name{level}").is_not_null()
        & pl.col(f"is_listed{level}")
    )
    asked = places.filter(is_open)
    questions = asked.select(
        "place",
        "country",
        level=pl.lit(level, pl.Int64),
        name=f"name{level}",
        parent_code=above,
    )
    answers = matched_names(questions, listed)
    answers = listed.with_parent(answers, level, "named_code", "above")
    answers = listed.with_parent(answers, level - 1, "above", "far_above")
    lies_there = pl.col("parent_code").is_null() | (pl.col("above") == pl.col("parent_code"))
    answers = answers.select(
        "place",
        pl.when(lies_there).then("named_code").alias("found"),
        pl.when(lies_there).then("above").alias("found_above"),
        pl.when(lies_there).then("far_above").alias("found_far_above"),
        pl.col("candidates").alias(f"candidates{level}"),
    )
    places = places.join(answers, on="place", how="left", maintain_order="left")
    if level == 3:
        # The first level may be known where the second is not: the two must not contradict.
        fits = pl.col("final1").is_null() | (pl.col("final1") == pl.col("found_far_above"))
        places = places.with_columns(found=pl.when(fits).then("found"))
    filled = {f"final{level}": pl.coalesce(f"final{level}", "found")}
    is_found = pl.col("found").is_not_null()
    for up, column in ((1, "found_above"), (2, "found_far_above")):
        if level - up >= 1:
            filled[f"final{level - up}"] = pl.coalesce(
                f"final{level - up}", pl.when(is_found).then(column)
            )
    return places.with_columns(**filled).drop("found", "found_above", "found_far_above")


def _swapped(places: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Try names of two neighbouring levels in each other's column where neither was found."""
    places = places.with_columns(is_swapped=pl.lit(value=False))
    for upper in (1, 2):
        lower = upper + 1
        is_open = pl.all_horizontal(
            pl.col(f"final{upper}", f"final{lower}").is_null(),
            pl.col(f"name{upper}", f"name{lower}").is_not_null(),
            pl.col(f"is_listed{upper}", f"is_listed{lower}"),
        )
        above = pl.col("country") if upper == 1 else pl.col("final1")
        asked = places.filter(is_open).select(
            "place", "country", f"name{upper}",
            level=pl.lit(upper, pl.Int64), name=f"name{lower}", parent_code=above,
        )  # fmt: skip
        first = matched_names(asked, listed).filter(pl.col("named_code").is_not_null())
        second = matched_names(
            first.select(
                "place", "country", level=pl.lit(lower, pl.Int64),
                name=f"name{upper}", parent_code="named_code", found_upper="named_code",
            ),
            listed,
        )  # fmt: skip
        second = listed.with_parent(second, lower, "named_code", "above")
        found = second.filter(pl.col("above") == pl.col("found_upper")).select(
            "place", "found_upper", found_lower="named_code"
        )
        places = places.join(found, on="place", how="left", maintain_order="left").with_columns(
            pl.coalesce(f"final{upper}", "found_upper").alias(f"final{upper}"),
            pl.coalesce(f"final{lower}", "found_lower").alias(f"final{lower}"),
            is_swapped=pl.col("is_swapped") | pl.col("found_upper").is_not_null(),
        ).drop("found_upper", "found_lower")  # fmt: skip
    return places


def _kept(places: pl.DataFrame, level: int) -> pl.DataFrame:
    """Keep a code as reported where the list has no units of its level to hold it against."""
    is_kept = pl.all_horizontal(
        pl.col(f"final{level}").is_null(),
        pl.col(f"reported{level}").is_not_null(),
        # A listed code that was not followed lies elsewhere, and is no code of this place.
        pl.col(f"coded{level}", f"elsewhere{level}").is_null(),
        ~pl.col(f"is_listed{level}"),
    )
    as_reported = pl.col(f"reported{level}").str.strip_chars()
    final = pl.when(is_kept).then(as_reported).otherwise(f"final{level}")
    return places.with_columns(final.alias(f"final{level}"), is_kept.alias(f"is_kept{level}"))


def _above_unlisted(places: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Read the second level out of a third-level code that the list is too short for."""
    widths = code_widths(listed.units).filter(pl.col("level") == 2).select("country", "width")
    known = places.join(widths, on="country", how="left", maintain_order="left").join(
        prefixes(listed.units), on="country", how="left", maintain_order="left"
    )
    digits = pl.col("reported3").str.extract(r"(\d+)$")
    longer = digits.str.len_chars().cast(pl.Int64) > pl.col("width")
    is_open = pl.all_horizontal(pl.col("coded3", "elsewhere3", "final2").is_null())
    asked = known.select(
        "country",
        level=pl.lit(2, pl.Int64),
        code=pl.when(is_open & longer).then(
            pl.concat_str("prefix", digits.str.slice(0, pl.col("width")))
        ),
    )
    found = repaired_pcodes(asked, listed.units)["matched_code"]
    places = places.with_columns(found=found)
    places = listed.with_parent(places, 2, "found", "above")
    fits = pl.col("final1").is_null() | (pl.col("final1") == pl.col("above"))
    return places.with_columns(
        final2=pl.coalesce("final2", pl.when(fits).then("found")),
        final1=pl.coalesce("final1", "above"),
    ).drop("found", "above")
