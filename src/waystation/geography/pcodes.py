"""Place codes: read whatever way a form writes them, repaired only where one unit fits."""

from __future__ import annotations

from itertools import pairwise, product

import polars as pl

from waystation.geography.countries import country_codes, iso3_by_text

_SIGNS = r"[^\p{L}\p{N}]+"
_PLACE = ["country", "level", "code"]
# A number that lost its zeros, or a segment written too long: never more than this many.
_ZEROS = 2
_MAX_LEVEL = 5


def repaired_pcodes(codes: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Find the listed code that each code means, and say what was repaired.

    Repaired are: small letters, spaces and signs, ``1001.0`` for 1001, the other ISO prefix
    (``NGA008`` for ``NG008``) or a missing one, and zeros missing or too many by the lengths
    that the country's list has at each level (``NG8001`` for ``NG008001``). A code that could
    mean two units is not repaired, nor is one whose digits differ. Codes in the list stay.

    Args:
        codes: ``country`` (ISO 3166-1 alpha-3), ``level`` and ``code``; others are kept.
        units: Shape ``Units``.

    Returns:
        The rows in their order, with ``matched_code`` (as the list writes it; null: no unit
        fits) and ``repair`` (what was done, in words; null where nothing was).
    """
    wanted = codes.select(
        pl.col("country").cast(pl.String),
        pl.col("level").cast(pl.Int64),
        pl.col("code").cast(pl.String),
    )
    distinct = wanted.drop_nulls().unique(maintain_order=True)
    known = distinct.join(
        units.select(_PLACE), on=_PLACE, how="inner", maintain_order="left"
    ).with_columns(matched_code="code")
    rest = distinct.join(known, on=_PLACE, how="anti", maintain_order="left")
    if rest.height:
        found = _with_words(pl.concat([known, _found(rest, units)]), units)
    else:
        found = known.with_columns(repair=pl.lit(None, pl.String))
    answers = wanted.join(found, on=_PLACE, how="left", maintain_order="left")
    return codes.with_columns(answers["matched_code"], answers["repair"])


def canonical(code: pl.Expr, country: pl.Expr, prefix: pl.Expr) -> pl.Expr:
    """Return what a code says below its country: ``008`` of ``NG008`` and of ``NGA 008``.

    Args:
        code: Codes in any case, with spaces or signs between.
        country: ISO 3166-1 alpha-3.
        prefix: The country's other prefix: alpha-2, or the one its list uses.
    """
    compact = code.str.to_uppercase().str.replace_all(_SIGNS, "")
    after_long, after_short = (
        compact.str.strip_prefix(country),
        compact.str.strip_prefix(prefix),
    )
    return (
        pl.when(compact.str.starts_with(country) & after_long.str.contains(r"^\d"))
        .then(after_long)
        .when(compact.str.starts_with(prefix) & (after_short != ""))
        .then(after_short)
        .otherwise(compact)
    )


def prefixes(units: pl.DataFrame) -> pl.DataFrame:
    """Return the prefixes of each country's codes: ``country``, ``iso2``, ``prefix``.

    ``prefix`` is the one that most of its codes bear; ``iso2`` falls back on it where the
    country is in no standard.
    """
    borne = (
        units.filter(pl.col("level") > 0)
        .select("country", prefix=pl.col("code").str.extract(r"^([A-Za-z]+)\d"))
        .drop_nulls()
        .group_by("country", "prefix")
        .len()
        .sort("len", "prefix", descending=[True, False])
        .unique("country", keep="first", maintain_order=True)
        .select("country", pl.col("prefix").str.to_uppercase())
    )
    return (
        units.select(pl.col("country").unique())
        .join(borne, on="country", how="left")
        .join(country_codes(), left_on="country", right_on="iso3", how="left")
        .with_columns(iso2=pl.coalesce("iso2", "prefix", "country"))
        .with_columns(prefix=pl.coalesce("prefix", "iso2"))
        .select("country", "iso2", "prefix")
    )


def code_keys(units: pl.DataFrame) -> pl.DataFrame:
    """Return what each code says below its country: ``country, level, key, found``.

    Keys that two units share are left out, so that a join finds one unit or none.
    """
    return (
        units.filter(pl.col("level") > 0)
        .join(prefixes(units), on="country", how="left")
        .select(
            "country",
            "level",
            key=canonical(pl.col("code"), pl.col("country"), pl.col("iso2")),
            found="code",
        )
        .unique()
        .filter(pl.len().over("country", "level", "key") == 1)
    )


def code_widths(units: pl.DataFrame) -> pl.DataFrame:
    """Return the digits of each level's codes: ``country``, ``level``, ``width``.

    The width is what most codes of the level have below the country's prefix; levels whose
    codes are not digits are left out.
    """
    return (
        code_keys(units)
        .with_columns(width=pl.col("key").str.len_chars().cast(pl.Int64))
        .with_columns(is_digits=pl.col("key").str.contains(r"^\d+$"))
        .filter(pl.col("is_digits").mean().over("country", "level") > 0.5)
        .filter("is_digits")
        .group_by("country", "level")
        .agg(pl.col("width").mode().min())
        .sort("country", "level")
    )


def _found(codes: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Return the codes that mean one unit, in steps from the surest to the least sure."""
    countries = codes.filter(pl.col("level") == 0)
    named = countries.with_columns(matched_code=iso3_by_text(countries["code"]))
    found = [named.filter(pl.col("matched_code") == pl.col("country"))]
    keys = code_keys(units)
    rest = (
        codes.filter(pl.col("level") > 0)
        .join(prefixes(units), on="country", how="inner", maintain_order="left")
        .with_columns(compact=_compact())
        .with_columns(bare=_digits())
    )
    widths = code_widths(units)
    for step in (_same_key, _padded_number, _padded_segments):
        matched = step(rest, keys, widths).select(*_PLACE, "matched_code")
        matched = matched.unique().filter(pl.len().over(_PLACE) == 1)
        found.append(matched)
        rest = rest.join(matched, on=_PLACE, how="anti", maintain_order="left")
    return pl.concat(found)


def _compact() -> pl.Expr:
    without_fraction = pl.col("code").str.strip_chars().str.replace(r"(\d)\.0+$", "$1")
    return without_fraction.str.to_uppercase().str.replace_all(_SIGNS, "")


def _digits() -> pl.Expr:
    """Return the digits below the country's prefix; null where there are others."""
    stripped = [
        pl.col("compact").str.strip_prefix(pl.col(c)) for c in ("country", "iso2", "prefix")
    ]
    return pl.coalesce([pl.when(s.str.contains(r"^\d+$")).then(s) for s in stripped])


def _same_key(rest: pl.DataFrame, keys: pl.DataFrame, _widths: pl.DataFrame) -> pl.DataFrame:
    compact = pl.col("compact")
    forms = rest.with_columns(
        key=pl.concat_list(
            compact,
            *[compact.str.strip_prefix(pl.col(c)) for c in ("country", "iso2", "prefix")],
        ).list.unique()
    ).explode("key")
    return forms.join(keys, on=["country", "level", "key"]).rename({"found": "matched_code"})


def _padded_number(
    rest: pl.DataFrame, keys: pl.DataFrame, widths: pl.DataFrame
) -> pl.DataFrame:
    """Give a code that was read as a number its first zeros back."""
    numbers = rest.filter(pl.col("compact").str.contains(r"^\d+$")).join(
        widths, on=["country", "level"]
    )
    padded = numbers.filter(pl.col("bare").str.len_chars() < pl.col("width")).with_columns(
        key=pl.col("bare").str.pad_start(pl.col("width"), "0")
    )
    return padded.join(keys, on=["country", "level", "key"]).rename({"found": "matched_code"})


def _padded_segments(
    rest: pl.DataFrame, keys: pl.DataFrame, widths: pl.DataFrame
) -> pl.DataFrame:
    """Cut the digits into one part a level in every way that fits, and pad each part."""
    digits = rest.filter(pl.col("bare").is_not_null()).with_columns(
        length=pl.col("bare").str.len_chars().cast(pl.Int64)
    )
    # Digits of the right length say another unit, or none: cut anew they could say any.
    digits = digits.join(widths, on=["country", "level"]).filter(
        pl.col("length") != pl.col("width")
    )
    cuts = _cuts(digits.select("country", "level", "length").unique(), widths)
    cut = digits.join(cuts, on=["country", "level", "length"])
    offset, parts = pl.lit(0, pl.Int64), []
    for number in range(_MAX_LEVEL):
        taken, width = pl.col(f"taken{number}"), pl.col(f"width{number}")
        part = pl.col("bare").str.slice(offset, taken).str.strip_chars_start("0")
        parts.append(part.str.pad_start(width, "0"))
        offset = offset + taken
    padded = cut.with_columns(key=pl.concat_str(parts))
    return padded.join(keys, on=["country", "level", "key"]).rename({"found": "matched_code"})


def _cuts(shapes: pl.DataFrame, widths: pl.DataFrame) -> pl.DataFrame:
    """Return each way to cut so many digits into the levels of a country."""
    segments: dict[str, dict[int, int]] = {}
    for country, level, width in widths.iter_rows():
        segments.setdefault(country, {0: 0})[level] = width
    rows = [
        (country, level, length, *cut)
        for country, level, length in shapes.iter_rows()
        for cut in _cuts_of_length(_segments(segments.get(country, {}), level), length)
    ]
    names = [f"{kind}{n}" for n in range(_MAX_LEVEL) for kind in ("taken", "width")]
    schema = {"country": pl.String, "level": pl.Int64, "length": pl.Int64}
    return pl.DataFrame(rows, {**schema, **dict.fromkeys(names, pl.Int64)}, orient="row")


def _segments(width_by_level: dict[int, int], level: int) -> list[int]:
    """Return the digits that each level adds, or the whole where a level is not listed."""
    if level not in width_by_level:
        return []
    whole = [width_by_level.get(lv) for lv in range(level + 1)]
    given = [width for width in whole if width is not None]
    return [b - a for a, b in pairwise(given)]


def _cuts_of_length(segments: list[int], length: int) -> list[list[int]]:
    if not segments or min(segments) < 1 or len(segments) > _MAX_LEVEL:
        return []
    choices = [range(max(1, s - _ZEROS), s + _ZEROS + 1) for s in segments]
    unused = [0, 0] * (_MAX_LEVEL - len(segments))
    return [
        [n for pair in zip(taken, segments, strict=True) for n in pair] + unused
        for taken in product(*choices)
        if sum(taken) == length
    ]


def _with_words(found: pl.DataFrame, units: pl.DataFrame) -> pl.DataFrame:
    """Add what was repaired, in words."""
    code, letters = pl.col("code"), r"^(\p{L}*)"
    whole = code.str.strip_chars().str.replace(r"(\d)\.0+$", "$1")
    before = _compact().str.extract(letters)
    after = pl.col("matched_code").str.to_uppercase().str.extract(letters)
    digits_before = _compact().str.strip_prefix(before)
    digits_after = pl.col("matched_code").str.to_uppercase().str.strip_prefix(after)
    words = pl.concat_list(
        pl.when(whole != code.str.strip_chars()).then(pl.lit('".0" of a number removed')),
        pl.when(whole.str.contains(_SIGNS) | (code != code.str.strip_chars())).then(
            pl.lit("spaces or signs removed")
        ),
        pl.when(code != code.str.to_uppercase()).then(pl.lit("small letters made capital")),
        pl.when(before == after)
        .then(None)
        .when(before == "")
        .then(pl.format("prefix {} added", after))
        .when(after == "")
        .then(pl.format("prefix {} removed", before))
        .otherwise(pl.format("prefix {} read as {}", before, after)),
        pl.when(digits_before.str.len_chars() < digits_after.str.len_chars())
        .then(pl.format("zeros added, {} read as {}", digits_before, digits_after))
        .when(digits_before.str.len_chars() > digits_after.str.len_chars())
        .then(pl.format("zeros removed, {} read as {}", digits_before, digits_after)),
    ).list.drop_nulls()
    country = units.select(pl.col("country").unique(), is_listed=pl.lit(value=True))
    return found.join(country, on="country", how="left").select(
        *_PLACE,
        "matched_code",
        repair=pl.when(code != pl.col("matched_code")).then(
            pl.when(words.list.len() > 0, pl.col("level") > 0)
            .then(words.list.join(", "))
            .otherwise(pl.format("{} read as {}", code, "matched_code"))
        ),
    )
