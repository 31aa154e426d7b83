"""Which sheets of a file hold its data, so that no person is counted twice."""

from __future__ import annotations

from dataclasses import dataclass

from waystation.tracking.proposal.readings import Reading
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.vocabulary import heading_of

_SAME = 0.005  # sums that differ by less tell the same people
_LEVEL_FIELDS = (
    ("country",), ("admin1_name", "admin1_reported_code"),
    ("admin2_name", "admin2_reported_code"), ("admin3_name", "admin3_reported_code"),
    ("location_name", "location_id"),
)  # fmt: skip
CORE = (
    "idp",
    "returnee",
    "migrant",
    "refugee",
    "displaced",
    "relocated",
    "arrival",
    "departure",
)


@dataclass(slots=True)
class SheetReading:
    """A sheet with figures, and how well it tells where people are.

    Attributes:
        view: The sheet.
        reading: Its figures.
        places: Certainty that its places are told, 0 to 1.
    """

    view: SheetView
    reading: Reading
    places: float

    @property
    def name(self) -> str:
        """Name of the sheet."""
        return self.view.grid.sheet or self.view.grid.file

    @property
    def depth(self) -> int:
        """Deepest level of its places: 0 country to 3, 4 for locations; -1 for none."""
        levels = [
            level
            for level, names in enumerate(_LEVEL_FIELDS)
            if any(self.view.positions(name) for name in names)
        ]
        return max(levels, default=-1)

    @property
    def totals(self) -> dict[str, float]:
        """Sums of the total indicators of displaced people."""
        return {
            code: value
            for code, value in self.reading.sums().items()
            if "__" not in code and code.startswith(CORE)
        }

    @property
    def rows(self) -> int:
        """Rows of data."""
        return self.view.height

    @property
    def is_repeated(self) -> bool:
        """Whether places stand in several rows, told apart by something no field holds."""
        names = [n for names in _LEVEL_FIELDS for n in names] + ["displacement_reason"]
        keys = [at for name in names for at in self.view.positions(name)]
        if not keys or self.rows == 0:
            return True
        return self.view.body(keys).n_unique() < 0.6 * self.rows

    @property
    def quality(self) -> float:
        """How well the sheet serves as the one to read: places, particulars, no checking."""
        view = self.view
        says = heading_of(self.view.grid.sheet or "")
        score = 2 * self.places + 0.5 * self.reading.certainty
        score += 0.4 * (view.header.hxl_row is not None)
        score += 0.2 * bool(view.positions("latitude")) + 0.2 * bool(view.positions("country"))
        score += 0.2 * bool(view.positions("reference_date") or view.positions("collected_on"))
        score += 0.15 * min(len(self.totals), 6)
        score -= 1.0 * says.has("sheet.checking") + 0.8 * says.has("sheet.summary")
        score -= 0.3 * bool(self.earlier) + 0.6 * self.is_repeated
        return score

    @property
    def earlier(self) -> int:
        """Columns that compare with an earlier round."""
        return sum(own.has("mark.difference", "mark.previous") for own in self.view.own)


def chosen_sheets(found: list[SheetReading]) -> tuple[list[SheetReading], dict[str, str]]:
    """Return the sheets to read, and why each other one with figures is left out.

    Of sheets that count the same people, one is read: the most detailed that agrees with the
    others. A sheet is read beside it if it counts people that the first does not.

    Args:
        found: Sheets with figures, in the file's order.
    """
    left_out: dict[str, str] = {}
    usable = []
    for sheet in found:
        reason = _unusable(sheet)
        if reason is None:
            usable.append(sheet)
        else:
            left_out[sheet.name] = reason
    chosen: list[SheetReading] = []
    waiting = list(usable)
    while waiting:
        best = _best(waiting)
        chosen.append(best)
        waiting.remove(best)
        for other in list(waiting):
            reason = _why_not_beside(other, chosen)
            if reason is not None:
                left_out[other.name] = reason
                waiting.remove(other)
    order = {id(sheet): at for at, sheet in enumerate(found)}
    return sorted(chosen, key=lambda sheet: order[id(sheet)]), left_out


def _unusable(sheet: SheetReading) -> str | None:
    if not sheet.totals:
        return "no column counts displaced people, returnees or migrants"
    if sheet.depth < 0:
        return "no column says where the people are"
    if heading_of(sheet.view.grid.sheet or "").has("sheet.origin") or _is_by_origin(sheet.view):
        return "its rows are areas of origin, not the places where people are"
    return None


def _is_by_origin(view: SheetView) -> bool:
    return any(heading_of(t).has("mark.origin") for t in view.header.titles[:2])


def _best(sheets: list[SheetReading]) -> SheetReading:
    """Return the sheet to read first: the best, or a more detailed one that agrees with it."""
    if len(sheets) == 1:
        return sheets[0]
    best = max(sheets, key=lambda s: (s.quality, s.rows))
    for other in sorted(sheets, key=lambda s: (s.depth, s.rows), reverse=True):
        is_deeper = (other.depth, other.rows) > (
            best.depth,
            best.rows,
        ) and other.depth >= best.depth
        is_sound = not other.is_repeated and other.places >= 0.6 and not other.earlier
        if is_deeper and is_sound and _says_all_of(other, best):
            return other
    return best


def _says_all_of(other: SheetReading, best: SheetReading) -> bool:
    """Return whether a sheet has every total of another, with the same sums."""
    return all(_same(value, other.totals.get(code)) for code, value in best.totals.items())


def _same(one: float, other: float | None) -> bool:
    return other is not None and abs(one - other) <= _SAME * max(abs(one), 1.0)


def _why_not_beside(other: SheetReading, chosen: list[SheetReading]) -> str | None:
    """Return why a sheet is not read beside those chosen, None if it is still of use."""
    for sheet in chosen:
        if _is_another_part(other, sheet):
            return None
    shared: list[tuple[str, float, float, SheetReading]] = [
        (code, value, sheet.totals[code], sheet)
        for sheet in chosen
        for code, value in other.totals.items()
        if code in sheet.totals
    ]
    if not shared:
        return None
    code, value, counted, sheet = shared[0]
    name = sheet.name
    if other.earlier > 2 or heading_of(other.name).has("sheet.checking"):
        return f"compares rounds for checking; sheet {name!r} has the figures themselves"
    if all(_same(v, c) for _, v, c, _ in shared):
        return f"repeats the totals of sheet {name!r}, which are read from there"
    return (
        f"counts people that sheet {name!r} counts ({code}: {value:,.0f} here, {counted:,.0f} "
        "there); reading both would count them twice"
    )


def _is_another_part(other: SheetReading, sheet: SheetReading) -> bool:
    """Return whether two sheets are one table cut up: same headings, other places or round."""
    if other.view.header.levels != sheet.view.header.levels:
        return _has_other_locations(other, sheet)
    places = [_places(s) for s in (other, sheet)]
    if places[0].isdisjoint(places[1]):
        return True
    return _round(other) is not None and _round(other) != _round(sheet)


def _has_other_locations(other: SheetReading, sheet: SheetReading) -> bool:
    """Return whether two sheets list different locations: camps here, villages there."""
    if other.depth < 4 or sheet.depth < 4 or other.is_repeated or other.earlier:
        return False
    field = next(
        (
            name
            for name in ("location_id", "location_name")
            if other.view.positions(name) and sheet.view.positions(name)
        ),
        None,
    )
    if field is None or heading_of(other.view.grid.sheet or "").has("sheet.checking"):
        return False
    names = [
        set(s.view.text(s.view.positions(field)[0]).drop_nulls().to_list())
        for s in (other, sheet)
    ]
    return bool(names[0]) and len(names[0] & names[1]) <= 0.02 * len(names[0])


def _round(sheet: SheetReading) -> tuple[int, ...] | None:
    at = sheet.view.positions("round_number")
    values = sheet.view.columns[at[0]].values if at else ()
    named = heading_of(sheet.name).rounds
    return tuple(int(v) for v in values if v.isdigit()) or named or None


def _places(sheet: SheetReading) -> set[tuple[str | None, ...]]:
    keys = [
        at for names in _LEVEL_FIELDS[1:] for name in names for at in sheet.view.positions(name)
    ]
    return set(sheet.view.body(keys).rows()) if keys else set()
