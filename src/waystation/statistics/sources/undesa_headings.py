"""Where the columns of a UN DESA sheet stand and what each holds, in all revisions.

Revisions of 2013 to 2019 have headings of two rows, groups above labels; from 2020 the groups
stand above one row of names. Labels are years, periods, ages or areas of origin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from waystation.grids import Grid
from waystation.statistics.tables import Sex

_LOOKED_AT = 40
_GROUPS_WITHIN = 4
_YEAR = re.compile(r"(19|20)\d\d(\.0)?")
_PERIOD = re.compile(r"((?:19|20)\d\d)\s*[-–]\s*((?:19|20)\d\d)")
_AGE = re.compile(r"\d{1,3}\s*[-–]\s*\d{1,3}|\d{1,3}\s*\+|total", re.IGNORECASE)
_REVISION = re.compile(
    r"Rev\.?\s*(20\d\d)|International Migrant Stock:?(?: The)? (20\d\d)|Stock\w*_(20\d\d)\b",
    re.IGNORECASE,
)
_CITED = re.compile(r"\s*(table \d|suggested|copyright|pop/)", re.IGNORECASE)
_ANY_YEAR = re.compile(r"\b(?:19|20)\d\d\b")

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of figures.

    Attributes:
        position: Counted from 0.
        kind: "year", "period", "age" or "origin".
        label: As written: 1990, 1990-1995, 0-4, Afghanistan.
        sex: Whom it counts.
        group: What stands above it, for the measure.
    """

    position: int
    kind: str
    label: str
    sex: Sex
    group: str


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a sheet.

    Attributes:
        roles: Position of each role: name, code, origin_name, origin_code, notes, type, year.
        columns: The columns of figures, in order.
        first_row: The first row of figures, counted from 0.
        title: What the sheet says it holds.
        revision: The revision it states, or None.
        year: The one year its title states, or None.
        sex: Whom its title says it counts.
    """

    roles: dict[str, int]
    columns: tuple[Column, ...]
    first_row: int
    title: str
    revision: str | None
    year: int | None
    sex: Sex


def heading_of(grid: Grid) -> Heading | None:
    """Return the heading of a sheet, or None where it has none of UN DESA's."""
    rows = grid.cells.head(_LOOKED_AT).rows()
    for i, row in enumerate(rows):
        roles = roles_of(row)
        if ("code" in roles or "origin_code" in roles) and {"name", "origin_name"} & set(roles):
            return _heading(grid, rows, i, roles)
    return None


def roles_of(row: Row) -> dict[str, int]:
    """Return which column of a row of names plays which role; the first one wins."""
    roles: dict[str, int] = {}
    for position, cell in enumerate(row):
        role = _role(" ".join((cell or "").lower().split()))
        if role:
            roles.setdefault(role, position)
    return roles


def sex_of(text: str) -> Sex | None:
    """Return whom a text speaks of, or None where it does not say."""
    words = text.lower()
    if "both" in words or "(mf)" in words:
        return Sex.BOTH
    if re.search(r"\bfemales?\b|\(f\)", words):
        return Sex.FEMALE
    return Sex.MALE if re.search(r"\bmales?\b|\(m\)", words) else None


def _role(text: str) -> str:
    if not text or len(text) > 120:
        return ""
    if "code" in text:
        if re.fullmatch(r"location code of origin", text):
            return "origin_code"
        is_code = re.fullmatch(r"(location |country )?code( of destination)?", text)
        return "code" if is_code else ""
    if "country or area" in text and ("region" in text or "major area" in text):
        return "origin_name" if "of origin" in text else "name"
    starts = {
        "notes": "notes",
        "coverage": "notes",
        "type of data": "type",
        "data type": "type",
    }
    for start, role in starts.items():
        if text.startswith(start):
            return role
    return {"year": "year", "index": "index", "sort order": "index"}.get(text, "")


def _heading(grid: Grid, rows: list[Row], i: int, roles: dict[str, int]) -> Heading:
    after = max(roles.values()) + 1
    labels, groups, first = _labels(rows, i, after)
    above = [cell.strip() for row in rows[:i] for cell in row if cell and cell.strip()]
    title = _title(above)
    sex = sex_of(title) or Sex.BOTH
    return Heading(
        roles=roles,
        columns=_columns(labels, groups, after, sex),
        first_row=first,
        title=title,
        revision=_revision(above),
        year=_one_year(title, grid.sheet or ""),
        sex=sex,
    )


def _labels(rows: list[Row], i: int, after: int) -> tuple[Row, list[str], int]:
    """Return the labels, what stands above each, and the first row below."""
    filled = [cell for cell in rows[i][after:] if cell]
    own = [cell for cell in filled if _kind(cell) != "origin"]
    if filled and 2 * len(own) >= len(filled):
        above = [row[after:] for row in rows[max(i - _GROUPS_WITHIN, 0) : i]]
        groups = [_carried(cells) for cells in above if _is_group(cells)]
        joined = [" ".join(x for x in texts if x) for texts in zip(*groups, strict=True)]
        return rows[i][after:], joined or [""] * len(rows[i][after:]), i + 1
    below = rows[i + 1] if i + 1 < len(rows) else ()
    return below[after:], _carried(rows[i][after:]), i + 2


def _is_group(cells: Row) -> bool:
    """Return whether a row above the labels groups them, and is no title or citation."""
    text = next((cell for cell in cells if cell and cell.strip()), "")
    return bool(text) and not _CITED.match(text)


def _carried(cells: Row) -> list[str]:
    """Return the texts of merged cells: each goes on to the right until the next."""
    carried, last = [], ""
    for cell in cells:
        last = (cell or "").strip() or last
        carried.append(last)
    return carried


def _columns(labels: Row, groups: list[str], after: int, sex: Sex) -> tuple[Column, ...]:
    """Return the columns of figures; without groups, repeated years are the sexes in order."""
    found: list[Column] = []
    times: dict[str, int] = {}
    kinds = {_kind(label) for label in labels if label and label.lower().strip() != "total"}
    for offset, (label, group) in enumerate(zip(labels, groups, strict=False)):
        if not label or not label.strip():
            continue
        text = " ".join(label.split())
        kind = "origin" if "origin" in kinds else _kind(text)
        times[text] = times.get(text, 0) + 1
        stated = sex_of(group)
        if stated is None and not group and 1 < times[text] <= len(Sex):
            stated = tuple(Sex)[times[text] - 1]
        found.append(Column(after + offset, kind, text, stated or sex, group))
    return tuple(found)


def _kind(label: str) -> str:
    text = label.strip()
    if _YEAR.fullmatch(text):
        return "year"
    if _PERIOD.fullmatch(text):
        return "period"
    return "age" if _AGE.fullmatch(text) else "origin"


def _title(above: list[str]) -> str:
    for text in above:
        if re.match(r"table \d+\b.*\w{4}", text, re.IGNORECASE) and len(text) > len(
            "Table 10. "
        ):
            return text
    words = ("migrant stock", "population", "refugee")
    return next((t for t in above if any(w in t.lower() for w in words)), "")


def _revision(above: list[str]) -> str | None:
    for text in above:
        found = _REVISION.search(text)
        if found:
            return next(group for group in found.groups() if group)
    return None


def _one_year(title: str, sheet: str) -> int | None:
    years = set(_ANY_YEAR.findall(title)) or set(_ANY_YEAR.findall(sheet))
    return int(years.pop()) if len(years) == 1 else None
