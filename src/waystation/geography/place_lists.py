"""Place lists as their makers write them: which column is which, one row a unit and level."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from waystation.geography.place_files import SPATIAL_SUFFIXES, read_attributes
from waystation.grids import read_grids

LISTED: dict[str, pl.DataType | type[pl.DataType]] = {
    "country": pl.String,
    "level": pl.Int64,
    "code": pl.String,
    "parent_code": pl.String,
    "name": pl.String,
    "name_en": pl.String,
    "name_fr": pl.String,
    "name_es": pl.String,
    "name_ar": pl.String,
    "names": pl.List(pl.String),
    "valid_on": pl.Date,
    "is_own_level": pl.Boolean,
}

_CODE = re.compile(r"adm(?:in)?([0-5])p?cod(?:e)?(?:vpcode)?")
_NAME = re.compile(
    r"adm(?:in)?([0-5])(ref|alt)?(?:name|nam|na)?(\d)?(?:i?(en|fr|es|pt|ar|uk|ru|[a-z]{2,3}))?(?:name)?(\d)?"
)
_LISTING = {
    "country": {
        "location", "country", "iso3", "countrycode", "countryiso3", "adm0iso3", "iso3code",
    },
    "level": {"adminlevel", "admlevel", "level", "geoadminlevel"},
    "code": {"pcode", "code", "admcode", "admpcode", "admcodevpcode"},
    "name": {"name", "admname"},
    "parent": {"parentpcode", "parentcode", "parent", "admcodeparent"},
    "valid_on": {"validfromdate", "validon", "validfrom", "datestart"},
}  # fmt: skip
_LANGUAGE = re.compile(r"lang(\d?)")
_NOT_GIVEN = ("", "<null>", "null", "none", "nan", "n/a", "-")
_LATIN = r"\p{Latin}"


@dataclass(frozen=True, slots=True)
class _Name:
    """One column of names: its language, and whether it is the main one of its language."""

    column: str
    language: str | None
    is_main: bool


@dataclass(slots=True)
class _Layout:
    """Which column of a table is which; ``listing`` for one row a unit of any level."""

    listing: dict[str, str] = field(default_factory=dict)
    codes: dict[int, str] = field(default_factory=dict)
    names: dict[int, list[_Name]] = field(default_factory=dict)

    @property
    def is_listing(self) -> bool:
        """Whether one column holds the level and another the code."""
        return {"level", "code", "name"} <= self.listing.keys()

    @property
    def recognised(self) -> int:
        """How many columns say something, 0 where no column holds codes."""
        if self.is_listing:
            return len(self.listing)
        return len(self.codes) + sum(map(len, self.names.values())) if self.codes else 0


def read_listed_units(path: Path) -> list[pl.DataFrame]:
    """Return the units that each table or layer of a file lists; shape ``LISTED``.

    A table without recognisable codes gives no frame; rows without a code are left out.

    Raises:
        UnusableInput: If the file cannot be read.
    """
    suffix = path.suffix.lower()
    if suffix in SPATIAL_SUFFIXES:
        tables = [_with_headings(layer) for layer in read_attributes(path)]
    else:
        grids = read_grids(path)
        tables = [_under_headings(grid.cells) for grid in grids]
    found = [listed_units(table) for table in tables if table is not None]
    return [frame for frame in found if frame is not None]


def own_units(layer: pl.DataFrame) -> pl.DataFrame | None:
    """Return the shapes of the deepest level that a layer has codes for, or None.

    Args:
        layer: Attributes as text, and the column ``geometry``.

    Returns:
        Shape ``LISTED`` and ``geometry``, in the layer's order.
    """
    attributes = layer.drop("geometry", strict=False)
    layout = _layout(attributes.columns)
    if not layout.recognised or "geometry" not in layer.columns:
        return None
    cleaned = _cleaned(attributes)
    if layout.is_listing:
        units = _listed_by_row(cleaned, layout)
    else:
        units = _listed_by_level(
            cleaned, layout, max(layout.codes), _languages(cleaned), is_own_level=True
        )
    return units.with_columns(layer["geometry"]).pipe(_with_code)


def listed_units(table: pl.DataFrame) -> pl.DataFrame | None:
    """Return the units of one table under its headings; shape ``LISTED``, or None.

    A table that lists other things by unit (towns, lines, electoral districts) has its
    deepest codes many times over or not at all, and is not taken for a list of units.
    """
    layout = _layout(table.columns)
    if not layout.recognised:
        return None
    cleaned = _cleaned(table)
    if layout.is_listing:
        return _with_code(_listed_by_row(cleaned, layout))
    deepest = max(layout.codes)
    if not _lists_units(cleaned[layout.codes[deepest]]):
        return None
    languages = _languages(cleaned)
    levels = [
        _listed_by_level(cleaned, layout, level, languages, is_own_level=level == deepest)
        for level in sorted(layout.codes)
    ]
    return _with_code(pl.concat(levels))


def _with_code(units: pl.DataFrame) -> pl.DataFrame:
    return units.filter(pl.col("code").is_not_null(), pl.col("level").is_between(0, 5))


def _cleaned(table: pl.DataFrame) -> pl.DataFrame:
    """Return the cells without marks of direction and needless spaces; "<Null>" is null."""
    return table.with_columns(
        pl.when(~pl.all().str.to_lowercase().str.strip_chars().is_in(_NOT_GIVEN)).then(
            pl.all().str.replace_all(r"[\s\u200e\u200f]+", " ").str.strip_chars()
        )
    )


def _lists_units(codes: pl.Series) -> bool:
    given = codes.drop_nulls()
    return given.len() >= 0.9 * codes.len() > 0 and given.n_unique() >= 0.8 * given.len()


def _under_headings(cells: pl.DataFrame) -> pl.DataFrame | None:
    """Return the rows below the best row of headings; a row of HXL tags is left out."""
    best, best_row = 0, None
    for row in range(min(10, cells.height)):
        recognised = _layout([str(h or "") for h in cells.row(row)]).recognised
        if recognised > best:
            best, best_row = recognised, row
    if best_row is None:
        return None
    headings = [str(h or "") for h in cells.row(best_row)]
    body = cells.slice(best_row + 1)
    if body.height and _is_hxl([str(h or "") for h in body.row(0)]):
        body = body.slice(1)
    return _named(body, headings)


def _with_headings(layer: pl.DataFrame) -> pl.DataFrame | None:
    return layer if layer.width and layer.height else None


def _named(body: pl.DataFrame, headings: list[str]) -> pl.DataFrame:
    seen: set[str] = set()
    names = []
    for position, heading in enumerate(headings):
        names.append(heading if heading and heading not in seen else f"column {position}")
        seen.add(heading)
    return body.rename(dict(zip(body.columns, names, strict=True)))


def _is_hxl(cells: list[str]) -> bool:
    given = [cell for cell in cells if cell.strip()]
    return bool(given) and sum(c.strip().startswith("#") for c in given) > len(given) / 2


def _layout(headings: list[str]) -> _Layout:
    layout = _Layout()
    for heading in headings:
        plain = _plain(heading)
        code = _CODE.fullmatch(plain)
        if code:
            layout.codes.setdefault(int(code.group(1)), heading)
            continue
        kind = next((k for k, words in _LISTING.items() if plain in words), None)
        if kind:
            layout.listing.setdefault(kind, heading)
            continue
        name = _NAME.fullmatch(plain)
        if name:
            level, other, number, language, last = name.groups()
            is_main = other is None and number is None and last is None
            layout.names.setdefault(int(level), []).append(_Name(heading, language, is_main))
    return layout


def _plain(heading: str) -> str:
    """Return a heading in small letters without signs; "#country" is level 0."""
    plain = re.sub(r"[^a-z0-9]", "", heading.strip().lower())
    return re.sub(r"^country(?=code|name|i[a-z]{2})", "adm0", plain)


def _languages(table: pl.DataFrame) -> dict[str, str]:
    """Return the language of "name", "name1", ... where columns "lang", "lang1" say it."""
    found = {}
    for column in table.columns:
        number = _LANGUAGE.fullmatch(column.strip().lower())
        value = table[column].drop_nulls().first() if number else None
        if number and isinstance(value, str):
            found[number.group(1)] = value.strip().lower()[:2]
    return found


def _listed_by_row(table: pl.DataFrame, layout: _Layout) -> pl.DataFrame:
    listing = layout.listing
    parent = pl.col(listing["parent"]) if "parent" in listing else pl.lit(None, pl.String)
    return _complete(
        table.select(
            country=_stated_country(layout),
            level=pl.col(listing["level"]).cast(pl.Float64, strict=False).cast(pl.Int64),
            code=_code(listing["code"]),
            parent_code=parent,
            name=pl.col(listing["name"]),
            valid_on=_valid_on(listing),
            is_own_level=pl.lit(True),
        )
    )


def _listed_by_level(
    table: pl.DataFrame,
    layout: _Layout,
    level: int,
    languages: dict[str, str],
    *,
    is_own_level: bool,
) -> pl.DataFrame:
    names = [
        _in_language(name, languages)
        for name in layout.names.get(level, [])
        if _holds_words(table[name.column])
    ]
    above = max((lv for lv in layout.codes if lv < level), default=None)
    units = table.select(
        country=_stated_country(layout),
        level=pl.lit(level, pl.Int64),
        code=_code(layout.codes[level]),
        # A level may be left out of a table; the parent is then not what it names.
        parent_code=_code(layout.codes[level - 1])
        if above == level - 1
        else pl.lit(None, pl.String),
        name=_main_name(names),
        **{f"name_{lang}": _name_in(names, lang) for lang in ("en", "fr", "es", "ar")},
        names=_all_names(names),
        valid_on=_valid_on(layout.listing),
        is_own_level=pl.lit(is_own_level),
    )
    return _complete(
        units if is_own_level else units.unique(["country", "code"], maintain_order=True)
    )


def _in_language(name: _Name, languages: dict[str, str]) -> _Name:
    number = re.search(r"name(\d?)$", name.column.lower())
    language = name.language or (languages.get(number.group(1)) if number else None)
    return _Name(name.column, language, name.is_main or bool(number and name.language is None))


def _holds_words(column: pl.Series) -> bool:
    """Whether a column of that heading holds names, and not numbers or ids."""
    given = column.drop_nulls()
    return given.str.contains(r"\pL{2}").sum() > 0.5 * given.len()


def _stated_country(layout: _Layout) -> pl.Expr:
    stated = [pl.col(layout.listing["country"])] if "country" in layout.listing else []
    if 0 in layout.codes:
        stated.append(pl.col(layout.codes[0]))
    stated += [pl.col(name.column) for name in layout.names.get(0, [])]
    return pl.coalesce(stated) if stated else pl.lit(None, pl.String)


def _code(column: str) -> pl.Expr:
    # A code of digits only that a spreadsheet took for a number comes as "3501000.0".
    return pl.col(column).str.replace(r"^(\d+)\.0$", "$1")


def _main_name(names: list[_Name]) -> pl.Expr:
    order = {None: 0, "en": 1, "fr": 2, "es": 3, "pt": 4}
    ranked = sorted(names, key=lambda n: (not n.is_main, order.get(n.language, 5)))
    columns = [pl.col(name.column) for name in ranked]
    latin = [pl.when(c.str.contains(_LATIN)).then(c) for c in columns]
    return pl.coalesce(*latin, *columns) if columns else pl.lit(None, pl.String)


def _name_in(names: list[_Name], language: str) -> pl.Expr:
    ranked = sorted((n for n in names if n.language == language), key=lambda n: not n.is_main)
    columns = [pl.col(name.column) for name in ranked]
    return pl.coalesce(columns) if columns else pl.lit(None, pl.String)


def _all_names(names: list[_Name]) -> pl.Expr:
    columns = [pl.col(name.column) for name in names]
    return pl.concat_list(columns) if columns else pl.lit([], pl.List(pl.String))


def _valid_on(listing: dict[str, str]) -> pl.Expr:
    if "valid_on" not in listing:
        return pl.lit(None, pl.Date)
    text = pl.col(listing["valid_on"])
    # A file may say the day four ways, and one of them is milliseconds since 1970.
    since = pl.from_epoch(text.str.extract(r"^(\d{11,13})(?:\.0)?$").cast(pl.Int64), "ms")
    first = text.str.extract(r"^([\dA-Za-z/-]+)")
    return pl.coalesce(
        first.str.to_date("%Y-%m-%d", strict=False),
        first.str.to_date("%m/%d/%Y", strict=False),
        first.str.to_date("%Y-%b-%d", strict=False),
        first.str.to_date("%Y/%m/%d", strict=False),
        since.dt.date(),
    )


def _complete(units: pl.DataFrame) -> pl.DataFrame:
    empty = {"names": pl.lit([], pl.List(pl.String))}
    absent = [
        empty.get(name, pl.lit(None, dtype)).cast(dtype).alias(name)
        for name, dtype in LISTED.items()
        if name not in units.columns
    ]
    return units.with_columns(absent).select(
        pl.col(name).cast(dtype) for name, dtype in LISTED.items()
    )
