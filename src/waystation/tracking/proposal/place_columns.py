"""Which columns hold the codes and names of places, level by level, and of locations."""

from __future__ import annotations

from dataclasses import dataclass

from waystation.tracking.proposal.cells import SAMPLE, Column, Kind
from waystation.tracking.proposal.known_units import PlaceList
from waystation.tracking.proposal.sheet_view import SheetView

_RANKS = {"one": 1, "two": 2, "three": 3, "site": 4}
_NOT_HERE = (
    "mark.origin", "mark.destination", "mark.comment", "mark.presence", "mark.verified",
    "mark.majority", "mark.percent", "field.type", "field.status", "problem.any", "needs.any",
    "reasons.any", "field.enumerator", "field.date",
)  # fmt: skip
_ENOUGH = 0.5  # share of a column's distinct values that must be in the list


@dataclass(frozen=True, slots=True)
class _Candidate:
    position: int
    level: int
    certainty: float
    reason: str
    is_code: bool
    quality: float


def map_places(view: SheetView, places: PlaceList) -> None:
    """Record which columns hold codes and names of units and of locations.

    Codes and names that the list of units knows decide; a level stated in the heading, the
    word for an administrative type, and the order of columns decide where the list does not.
    """
    columns = [c for c in view.columns if _may_be_place(view, c)]
    known = [found for column in columns if (found := _in_list(view, column, places))]
    _take_best(view, known)
    listed = {found.position for found in known}
    rest = [c for c in columns if c.position not in listed]
    names = [c for c in rest if not _is_code(view, c)]
    _take_best(view, [f for c in names if (f := _by_heading(view, c))])
    codes = [c for c in rest if _is_code(view, c)]
    _take_best(view, [f for c in codes if (f := _code_by_heading(view, c, places))])
    # Names with a number in them, "Camp 12", look like codes.
    left = [
        c
        for c in codes
        if c.position not in view.mapped
        and c.kind is Kind.CODE
        and not view.own[c.position].has("is.code", "is.id")
    ]
    _take_best(view, [f for c in left if (f := _by_heading(view, c))])
    _say_why_not(view, known)


def _may_be_place(view: SheetView, column: Column) -> bool:
    at = column.position
    if at in view.mapped or column.kind not in (Kind.TEXT, Kind.CODE, Kind.NUMBER):
        return False
    own = view.own[at]
    if own.has(*_NOT_HERE) or any(g.has("mark.origin") for g in view.groups[at]):
        return False
    is_named = own.has("is.code", "is.id") or view.level(at) is not None
    return column.kind is not Kind.NUMBER or (
        is_named and column.whole and not own.has("field.round")
    )


def _is_code(view: SheetView, column: Column) -> bool:
    """Return whether a column holds codes: by its content, not by what its heading says."""
    if column.kind is Kind.CODE:
        return True
    return column.kind is Kind.NUMBER and view.own[column.position].has("is.code", "is.id")


def _in_list(view: SheetView, column: Column, places: PlaceList) -> _Candidate | None:
    """Return the level at which the list of units knows most of a column's values."""
    is_code = _is_code(view, column)
    shares = places.code_shares(column.values) if is_code else places.name_shares(column.values)
    if not shares:
        return None
    level_stated = view.level(column.position)
    stated = level_stated or _rank(view, column.position)
    # Where levels tie (a capital that is its own region), the heading's word decides.
    level = max(shares, key=lambda one: (round(shares[one], 1), one == stated, -one))
    share = shares[level]
    if share < _ENOUGH or len(column.values) == 0:
        return None
    if not is_code and level_stated is not None and level_stated != level:
        return None  # names of one level often stand at another as well
    what = "codes" if is_code else "names"
    return _Candidate(
        column.position,
        level,
        0.97 if is_code else 0.9,
        f"{share:.0%} of its {what} are in the list of units at level {level}",
        is_code,
        share + _heading_bonus(view, column.position),
    )


def _heading_bonus(view: SheetView, at: int) -> float:
    """Return how much better a column is than another with the same values."""
    own = view.own[at]
    bonus = 0.05 if own.of("place") or view.level(at) is not None else 0.0
    return bonus - (0.1 if own.has("is.arabic", "mark.verified", "mark.previous") else 0.0)


def _rank(view: SheetView, at: int) -> int | None:
    """Return the usual level of the administrative type that a heading names."""
    ranks = [_RANKS[name] for name in view.own[at].of("place") if name in _RANKS]
    return min(ranks) if ranks else None


def _name_of(level: int, *, is_code: bool) -> str:
    """Return the field of ``Submissions`` for a level; below the third stand locations."""
    if level > 3:
        return "location_id" if is_code else "location_name"
    return f"admin{level}_reported_code" if is_code else f"admin{level}_name"


def _take_best(view: SheetView, candidates: list[_Candidate]) -> None:
    """Record for each field the best candidate: quality first, then position."""
    for found in sorted(candidates, key=lambda one: (-one.quality, one.position)):
        name = _name_of(found.level, is_code=found.is_code)
        if not view.positions(name):
            view.use(found.position, (name,), found.certainty, found.reason)


def _level_taken(view: SheetView, level: int, *, is_code: bool) -> bool:
    return bool(view.positions(_name_of(level, is_code=is_code)))


def _by_heading(view: SheetView, column: Column) -> _Candidate | None:
    """Return the level of a column of names that its heading and place in the row tell."""
    at = column.position
    own = view.own[at]
    stated, rank = view.level(at), _rank(view, at)
    if stated == 0 or (column.kind is not Kind.TEXT and column.kind is not Kind.CODE):
        return None
    if stated is not None:
        return _Candidate(at, stated, 0.85, f"its heading states level {stated}", False, 1.0)
    if rank is None or _is_question(view, column):
        return None
    # A level left of this one pushes it down: a commune right of a commune's parent is third.
    level = rank
    while level <= 3 and (taken := view.positions(_name_of(level, is_code=False))):
        if len(column.values) < len(view.columns[taken[0]].values):
            return None  # fewer units than at that level, so none below it
        level += 1
    unknown = len(own.unknown)
    bonus = _heading_bonus(view, at) - 0.2 * unknown - (0.3 if "new" in own.words else 0.0)
    what = "a location" if level > 3 else f"level {level}"
    # Of several columns for locations, the one with most names is the finest.
    distinct = min(len(column.values) / SAMPLE, 1.0)
    quality = 0.6 + column.filled / 10 + distinct / 5 + bonus
    return _Candidate(at, level, 0.75, f"its heading names {what}", False, quality)


def _is_question(view: SheetView, column: Column) -> bool:
    """Return whether a column with a word for places asks about people: "IDPs in Hai"."""
    own = view.own[column.position]
    if own.has("unit.households", "unit.individuals"):
        return True
    # "IDP site" heads names, which differ from row to row; a question has few answers.
    is_about_people = own.has("subject.idp", "subject.returnee", "subject.displaced")
    return is_about_people and len(column.values) < 0.3 * min(view.grid.cells.height, SAMPLE)


def _code_by_heading(view: SheetView, column: Column, places: PlaceList) -> _Candidate | None:
    """Return the level of a column of codes that the list does not know."""
    at = column.position
    own = view.own[at]
    deeper = places.deeper_share(column.values)
    is_named = own.has("is.code", "is.id") or view.level(at) is not None
    if not is_named and (deeper < 0.7 or not own.of("place")):
        return None
    if own.text.startswith("_") and not own.of("place"):
        return None  # a collecting tool's own counters
    level = view.level(at) or _level_of_partner(view, at)
    if level is None and deeper >= 0.7:
        level = 3
    if level is None:
        is_site = own.has("is.id") and (len(own.words) > 1 or own.words[0] != "id")
        level = 4 if is_site or own.of("place") == ["site"] else None
    if level is None or level == 0:
        return None
    if level < 4 and deeper < 0.5 and (places.codes.get(level) or _looks_like_own(view, level)):
        return None  # the mission's own numbering beside the codes of the list
    certainty = 0.9 if deeper >= 0.7 else 0.75
    reason = (
        f"{deeper:.0%} of its codes lie below codes of the list"
        if deeper >= 0.7
        else "its heading says so"
    )
    return _Candidate(at, level, certainty, reason, True, deeper + _heading_bonus(view, at))


def _looks_like_own(view: SheetView, level: int) -> bool:
    return _level_taken(view, level, is_code=True)


def _level_of_partner(view: SheetView, at: int) -> int | None:
    """Return the level of the column of names whose heading shares a word with this one."""
    words = {w for w in view.own[at].words if not w.isdigit()} - _COMMON
    for other, mapping in view.mapped.items():
        if words.intersection(view.own[other].words):
            for level in (1, 2, 3):
                if _name_of(level, is_code=False) in mapping.fields:
                    return level
            if "location_name" in mapping.fields:
                return 4
    return None


_COMMON = {
    "code", "pcode", "p", "pcod", "id", "name", "nom", "nombre", "nome", "of", "de", "du", "la",
    "le", "des", "adm", "admin", "en", "ar", "displacement", "cod", "the", "d", "eng", "الرمز",
    "اسم", "رمز", "ocha", "number", "no",
}  # fmt: skip


def _say_why_not(view: SheetView, known: list[_Candidate]) -> None:
    """Say of columns whose values the list knows, and which are not used, what they repeat."""
    for found in known:
        if found.position in view.mapped:
            continue
        name = _name_of(found.level, is_code=found.is_code)
        taken = view.positions(name)
        if taken:
            other = view.heading(taken[0])
            view.use(found.position, (), 0.8, f"says the same level as column {other!r}")


def places_certainty(view: SheetView, places: PlaceList) -> float:
    """Return how sure it is where the rows of a sheet are, 0 to 1.

    The surest column of places counts. Names that should be units of a list that is given,
    and none of which it knows, make it doubtful.
    """
    names = [
        _name_of(level, is_code=is_code) for level in (1, 2, 3, 4) for is_code in (True, False)
    ]
    found = [view.mapped[at] for name in names for at in view.positions(name)]
    if not found:
        return 0.7 if view.positions("country") else 0.0
    best = max(column.certainty for column in found)
    is_known = any("list" in column.reason for column in found)
    values = [v for c in found for v in view.columns[c.position].values]
    is_latin = sum(v.isascii() for v in values) > 0.5 * len(values)
    if not is_known and places.names and is_latin and len(set(values)) >= 4:
        return 0.55
    return best
