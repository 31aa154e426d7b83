"""Whether the name that stands beside a place code is that unit's, and what name matches."""

from __future__ import annotations

import polars as pl

from waystation.tracking.places.place_list import PlaceList

_PAIR = ["country", "level", "code", "name"]
# Of a hundred: spelling differs and the name is the same; one letter in a short name passes.
_ALIKE = 75
# A score from which a candidate that bears the code itself counts as agreement.
_AMONG_CANDIDATES = 0.3
SURE = ("exact", "accepted")


def matched_names(questions: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Match names against a list, each distinct question once.

    Args:
        questions: ``country``, ``level``, ``name`` and ``parent_code`` (null: not known).
        listed: The list.

    Returns:
        The rows in their order with ``named_code`` (null unless the match is sure),
        ``decision`` and ``candidates``.
    """
    key = ["country", "level", "name", "parent_code"]
    distinct = questions.select(key).unique(maintain_order=True)
    if not distinct.height:
        return questions.with_columns(
            named_code=pl.lit(None, pl.String),
            decision=pl.lit(None, pl.String),
            candidates=pl.lit(None, _CANDIDATES),
        )
    found = listed.gazetteer.match(distinct).select(
        *key,
        named_code=pl.when(pl.col("decision").is_in(SURE)).then("matched_code"),
        decision=pl.col("decision").cast(pl.String),
        candidates=pl.col("candidates").cast(_CANDIDATES),
    )
    return questions.join(found, on=key, how="left", nulls_equal=True, maintain_order="left")


_CANDIDATES = pl.List(pl.Struct({"code": pl.String, "name": pl.String, "score": pl.Float64}))


def agreement(pairs: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Tell whether names and codes that stand side by side mean the same unit.

    Spelling, language and script may differ. A name that no list knows is not held against
    the code where it stands with this code, and the code with this name, more often than with
    any other: it may be how this file calls the unit.

    Args:
        pairs: Distinct ``country``, ``level``, ``code`` (listed) and ``name``; ``parent_code``
            is the parent given beside them (null: not known), ``rows`` how often they stand.
        listed: The list.

    Returns:
        One row a pair: its four columns, ``agrees`` (null: not known) and ``named_code``, the
        unit that the name means where that is another one for sure.
    """
    pairs = pairs.with_columns(fold=folded_names(pairs["name"]))
    names = names_of_units(listed.units)
    same = pairs.join(names, on=["country", "level", "code", "fold"], how="semi")
    rest = pairs.join(same, on=_PAIR, how="anti")
    rest = _with_likeness(rest, names)
    namesakes = _namesakes(rest, names, listed.units)
    rest = rest.join(namesakes, on=_PAIR, how="left")
    is_another = pl.col("beside").is_not_null() | (
        pl.col("elsewhere").is_not_null() & (pl.col("likeness") < _ALIKE)
    )
    another = rest.filter(is_another)
    alike = rest.filter(~is_another, pl.col("likeness") >= _ALIKE)
    asked = rest.filter(~is_another, pl.col("likeness") < _ALIKE)
    return pl.concat(
        [
            same.select(*_PAIR, agrees=pl.lit(value=True), named_code=_NOTHING),
            alike.select(*_PAIR, agrees=pl.lit(value=True), named_code=_NOTHING),
            another.select(
                *_PAIR,
                agrees=pl.lit(value=False),
                named_code=pl.coalesce("beside", "elsewhere"),
            ),
            _asked(asked, pairs, listed),
        ]
    )


_NOTHING = pl.lit(None, pl.String)


def folded_names(names: pl.Series) -> pl.Series:
    """Return names in small Latin letters without accents and signs, each distinct one once.

    A name of signs only, or in a script without a rule, is kept in small letters.
    """
    from waystation.geography.transliteration import folded

    distinct = names.drop_nulls().unique()
    plain = distinct.str.strip_chars().str.to_lowercase()
    short = folded(distinct)
    chosen = short.zip_with(short != "", plain)
    return names.replace_strict(distinct, chosen, default=None, return_dtype=pl.String)


def names_of_units(units: pl.DataFrame) -> pl.DataFrame:
    """Return every name of every unit, folded: country, level, code, fold."""
    exploded = units.select(
        "country", "level", "code", name=pl.concat_list(pl.concat_list("name"), "names")
    ).explode("name")
    folded = exploded.with_columns(fold=folded_names(exploded["name"])).drop("name")
    return folded.filter(pl.col("fold") != "").unique()


def _with_likeness(pairs: pl.DataFrame, names: pl.DataFrame) -> pl.DataFrame:
    """Add how alike the name and the nearest name of the code's unit are, 0 to 100."""
    from rapidfuzz import fuzz, process

    both = pairs.select(*_PAIR, "fold").join(
        names.rename({"fold": "own"}), on=["country", "level", "code"]
    )
    if not both.height:
        return pairs.with_columns(likeness=pl.lit(0.0))
    scores = process.cpdist(both["fold"].to_list(), both["own"].to_list(), scorer=fuzz.ratio)
    best = (
        both.with_columns(likeness=pl.Series(scores, dtype=pl.Float64))
        .group_by(_PAIR)
        .agg(pl.col("likeness").max())
    )
    return pairs.join(best, on=_PAIR, how="left").with_columns(
        pl.col("likeness").fill_null(0.0)
    )


def _namesakes(pairs: pl.DataFrame, names: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Return other units of the name: under the same parent, or the only one there is."""
    parents = units.select("country", "level", "code", "parent_code")
    others = (
        pairs.select(*_PAIR, "fold", given="parent_code")
        .join(parents, on=["country", "level", "code"], how="left")
        .join(names.rename({"code": "other"}), on=["country", "level", "fold"])
        .filter(pl.col("other") != pl.col("code"))
        .join(
            parents.rename({"code": "other", "parent_code": "other_parent"}),
            on=["country", "level", "other"],
            how="left",
        )
    )
    is_near = (pl.col("other_parent") == pl.col("parent_code")) | (
        pl.col("other_parent") == pl.col("given")
    )
    return others.group_by(_PAIR).agg(
        beside=pl.col("other").filter(is_near).first(),
        elsewhere=pl.when(pl.len() == 1).then(pl.col("other").first()),
    )


def _asked(asked: pl.DataFrame, pairs: pl.DataFrame, listed: PlaceList) -> pl.DataFrame:
    """Judge the names that are neither the unit's nor plainly another's."""
    matched = matched_names(asked, listed)
    among = (
        pl.col("candidates")
        .list.eval(
            pl.when(pl.element().struct.field("score") >= _AMONG_CANDIDATES).then(
                pl.element().struct.field("code")
            )
        )
        .list.contains(pl.col("code"))
        .fill_null(value=False)
    )
    usual = _usual(pairs)
    is_own = (pl.col("named_code") == pl.col("code")).fill_null(value=False)
    is_other = pl.col("named_code").is_not_null() & ~is_own
    # The habit of a file outweighs a likeness, and not a name that is plainly another's.
    by_habit = pl.col("is_usual") & (
        ~is_other | ((pl.col("rows") > 1) & (pl.col("decision") != "exact"))
    )
    agrees = pl.when(~by_habit | is_own).then(is_own | (among & ~is_other))
    return (
        matched.join(usual, on=_PAIR, how="left")
        .with_columns(agrees=agrees)
        .select(*_PAIR, "agrees", named_code=pl.when(~pl.col("agrees")).then("named_code"))
    )


def _usual(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return the pairs that are each the other's most frequent one."""
    most_of_code = pl.col("rows").max().over("country", "level", "code")
    most_of_name = pl.col("rows").max().over("country", "level", "name")
    return pairs.select(
        *_PAIR,
        is_usual=(pl.col("rows") == most_of_code) & (pl.col("rows") == most_of_name),
    )
