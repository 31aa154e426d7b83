"""Checks of place lists: prefixes, nesting, names, missing levels; vectorised."""

from __future__ import annotations

import polars as pl

from waystation.findings import Findings
from waystation.geography.checks import CHECKS
from waystation.geography.countries import country_by_prefix
from waystation.geography.pcodes import canonical, prefixes

_SEVERITY = Findings.columns()["severity"].dtype
_SHOWN = 5


def check_units(units: pl.DataFrame) -> pl.DataFrame:
    """Check the units of a list: prefix, nesting, duplicates, names, missing levels.

    Where a whole country does something its own way (codes without prefix and digits, codes
    of several lengths), that is one finding and not one a unit.

    Args:
        units: Shape ``Units``; a code may stand twice.

    Returns:
        GEO-101 to GEO-109, shape ``Findings``, sorted by code.

    Source:
        OCHA, specification of common operational datasets of administrative boundaries:
        a code begins with its parent's, level 1 with the country's ISO code.
    """
    keyed = units.join(prefixes(units), on="country", how="left", maintain_order="left")
    keyed = keyed.with_columns(
        key=canonical(pl.col("code"), pl.col("country"), pl.col("iso2")),
        parent_key=canonical(pl.col("parent_code"), pl.col("country"), pl.col("iso2")),
    )
    below = keyed.filter(pl.col("level") > 0)
    checks = (
        _foreign_prefixes, _codes_outside_their_parent, _codes_twice, _names_twice,
        _parents_not_listed, _unusual_codes, _unusual_lengths, _units_without_name,
    )  # fmt: skip
    return pl.concat([check(below) for check in checks] + [_missing_levels(keyed)]).sort(
        "code", maintain_order=True
    )


def findings_on_units(
    units: pl.DataFrame, code: str, message: pl.Expr, *, expected: pl.Expr | None = None
) -> pl.DataFrame:
    """Return one finding a row of units; shape ``Findings``.

    Args:
        units: Rows with ``code`` and ``name``.
        code: In the catalogue of this room.
        message: What is wrong, a sentence without its full stop.
        expected: The code that would be right, where there is one.
    """
    check = CHECKS[code]
    return units.select(
        code=pl.lit(check.code),
        severity=pl.lit(check.severity.value, _SEVERITY),
        message=pl.format("{}. {}", message, pl.lit(check.action)),
        place="name",
        reported="code",
        expected=pl.lit(None, pl.String) if expected is None else expected,
    ).pipe(Findings.complete)


def _unit() -> pl.Expr:
    return pl.format("{} {} (level {})", "code", "name", "level")


def _letters() -> pl.Expr:
    return pl.col("code").str.to_uppercase().str.extract(r"^([A-Z]{2,3})\d")


def _bears_own_prefix() -> pl.Expr:
    capitals = pl.col("code").str.to_uppercase()
    return capitals.str.starts_with(pl.col("country")) | capitals.str.starts_with(
        pl.col("iso2")
    )


def _foreign_prefixes(units: pl.DataFrame) -> pl.DataFrame:
    strange = units.with_columns(letters=_letters()).filter(
        ~_bears_own_prefix(), pl.col("letters").is_not_null()
    )
    owners = {letters: country_by_prefix(letters) for letters in strange["letters"].unique()}
    foreign = strange.with_columns(
        owner=pl.col("letters").replace_strict(owners, default=None, return_dtype=pl.String)
    ).filter(pl.col("owner").is_not_null())
    message = pl.format(
        "{} is listed under {} and bears the prefix of {}", _unit(), "country", "owner"
    )
    return findings_on_units(foreign, "GEO-101", message)


def _codes_outside_their_parent(units: pl.DataFrame) -> pl.DataFrame:
    key, parent = pl.col("key"), pl.col("parent_key")
    # Codes of one length at all levels fill up with zeros: KG02205000000 in KG02000000000.
    root = (
        pl.when(key.str.len_chars() == parent.str.len_chars())
        .then(parent.str.strip_chars_end("0"))
        .otherwise(parent)
    )
    outside = units.filter(pl.col("level") > 1, ~key.str.starts_with(root))
    message = pl.format(
        "{} does not begin with the code of its parent {}", _unit(), "parent_code"
    )
    return findings_on_units(outside, "GEO-102", message)


def _codes_twice(units: pl.DataFrame) -> pl.DataFrame:
    twice = (
        units.with_columns(times=pl.len().over("country", "level", "key"))
        .filter(pl.col("times") > 1)
        .unique(["country", "level", "key"], keep="first", maintain_order=True)
    )
    message = pl.format("{} stands {} times in the list", _unit(), "times")
    return findings_on_units(twice, "GEO-103", message)


def _names_twice(units: pl.DataFrame) -> pl.DataFrame:
    named = units.filter(pl.col("name") != pl.col("code")).unique(
        ["country", "level", "key"], keep="first", maintain_order=True
    )
    key = ["country", "level", "parent_code", pl.col("name").str.to_lowercase().alias("folded")]
    twice = (
        named.group_by(key, maintain_order=True)
        .agg(pl.col("code", "name").first(), codes=pl.col("code").str.join(", "), n=pl.len())
        .filter(pl.col("n") > 1)
    )
    message = pl.format(
        "{} is the name of {} units under {} (level {}): {}",
        "name", "n", "parent_code", "level", "codes",
    )  # fmt: skip
    return findings_on_units(twice, "GEO-104", message)


def _parents_not_listed(units: pl.DataFrame) -> pl.DataFrame:
    listed = units.select("country", pl.col("level") + 1, parent_code="code").unique()
    deeper = units.filter(pl.col("level") > 1)
    # Where the level above is missing as a whole, that is said once (GEO-106).
    deeper = deeper.join(listed.select("country", "level").unique(), on=["country", "level"])
    orphans = deeper.join(listed, on=["country", "level", "parent_code"], how="anti")
    message = pl.format(
        "{} has the parent {}, which the list does not have",
        _unit(),
        pl.col("parent_code").fill_null("none"),
    )
    return findings_on_units(orphans, "GEO-105", message)


def _missing_levels(units: pl.DataFrame) -> pl.DataFrame:
    present = units.group_by("country").agg(pl.col("level").unique(), deepest=pl.max("level"))
    expected = present.with_columns(
        missing=pl.int_ranges(0, pl.col("deepest"), dtype=pl.Int64).list.set_difference("level")
    ).explode("missing")
    gaps = expected.filter(pl.col("missing").is_not_null()).sort("country", "missing")
    whole = findings_on_units(
        gaps.select("missing", "deepest", code="country", name="country", country="country"),
        "GEO-106",
        pl.format(
            "{} has units of level {} and none of level {}", "country", "deepest", "missing"
        ),
    )
    return pl.concat([whole, _units_without_children(units)])


def _units_without_children(units: pl.DataFrame) -> pl.DataFrame:
    parents = units.select("country", pl.col("level") - 1, code="parent_code").unique()
    divided = parents.select("country", "level").unique()
    childless = (
        units.filter(pl.col("level") > 0)
        .join(divided, on=["country", "level"])
        .join(parents, on=["country", "level", "code"], how="anti")
        .sort("country", "level", "code")
        .group_by("country", "level", maintain_order=True)
        .agg(pl.col("code", "name").first(), codes=pl.col("code").head(_SHOWN), n=pl.len())
    )
    message = pl.format(
        "{} units of {} at level {} have no unit below them, while others do: {}",
        "n", "country", "level", _some("codes"),
    )  # fmt: skip
    return findings_on_units(childless, "GEO-106", message)


def _some(column: str) -> pl.Expr:
    more = pl.when(pl.col("n") > _SHOWN).then(pl.lit(", ...")).otherwise(pl.lit(""))
    return pl.concat_str(pl.col(column).list.join(", "), more)


def _unusual_codes(units: pl.DataFrame) -> pl.DataFrame:
    unusual = units.with_columns(
        is_unusual=~pl.col("key").str.contains(r"^\d+$") | ~_bears_own_prefix()
    ).with_columns(
        share=pl.col("is_unusual").mean().over("country"),
        n=pl.col("is_unusual").sum().over("country"),
    )
    unusual = unusual.filter("is_unusual")
    few = unusual.filter(pl.col("share") <= 0.5)
    many = (
        unusual.filter(pl.col("share") > 0.5)
        .group_by("country", maintain_order=True)
        .agg(pl.col("code", "name", "n").first(), codes=pl.col("code").head(_SHOWN))
    )
    each = pl.format("{} is not the country's prefix and digits", _unit())
    whole = pl.format(
        "{} codes of {} are not the country's prefix and digits: {}",
        "n", "country", _some("codes"),
    )  # fmt: skip
    return pl.concat(
        [findings_on_units(few, "GEO-107", each), findings_on_units(many, "GEO-107", whole)]
    )


def _unusual_lengths(units: pl.DataFrame) -> pl.DataFrame:
    place = ["country", "level"]
    lengths = (
        units.filter(_bears_own_prefix())
        .with_columns(length=pl.col("key").str.len_chars())
        .group_by(*place, "length", maintain_order=True)
        .agg(pl.col("code", "name").first(), codes=pl.col("code").head(_SHOWN), n=pl.len())
        .with_columns(usual=pl.col("length").sort_by("n", descending=True).first().over(place))
        .filter(pl.col("length") != pl.col("usual"))
    )
    message = pl.format(
        "{} codes of {} at level {} have {} characters after the prefix where most have {}: {}",
        "n", "country", "level", "length", "usual", _some("codes"),
    )  # fmt: skip
    return findings_on_units(lengths, "GEO-108", message)


def _units_without_name(units: pl.DataFrame) -> pl.DataFrame:
    # A unit that no source names is listed under its code.
    nameless = units.filter(pl.col("name").is_null() | (pl.col("name") == pl.col("code")))
    message = pl.format("{} (level {}) has no name in any language", "code", "level")
    return findings_on_units(nameless, "GEO-109", message)
