"""Which columns hold dates, coordinates, rounds, ids and other particulars of a report."""

from __future__ import annotations

import re
from collections.abc import Callable

from waystation.tracking.proposal.cells import Column, Kind
from waystation.tracking.proposal.known_units import country_named
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.vocabulary import Heading, rounds_in

_ELSEWHERE = ("mark.origin", "mark.destination", "mark.comment", "field.enumerator")
_SCORES = {"green", "orange", "yellow", "amber", "red", "high", "medium", "low"}
_PLACE_FIELDS = (
    "location_id", "location_name", "admin3_reported_code", "admin3_name",
    "admin2_reported_code", "admin2_name", "admin1_reported_code", "admin1_name",
)  # fmt: skip
Test = Callable[[Heading, Column], bool]


def map_attributes(view: SheetView) -> None:
    """Record the columns of country, dates, coordinates, round, ids and how a report came."""
    _map_country(view)
    _map_dates(view)
    for name, (test, certainty, reason) in _TESTS.items():
        _take_first(view, name, test, certainty, reason)
    _map_needs(view)


def _take_first(view: SheetView, name: str, test: Test, certainty: float, reason: str) -> None:
    for column in view.columns:
        at = column.position
        if at in view.mapped or column.kind is Kind.EMPTY:
            continue
        if test(view.own[at], column):
            view.use(at, (name,), certainty, reason)
            return


def _is_coordinate(concept: str, limit: float) -> Test:
    def test(own: Heading, column: Column) -> bool:
        if column.kind is not Kind.NUMBER or not own.has(f"field.{concept}"):
            return False
        plain = [v.replace(",", ".") for v in column.values]
        figures = [float(v) for v in plain if re.fullmatch(r"-?\d+(\.\d+)?", v)]
        inside = [f for f in figures if abs(f) <= limit]
        return len(inside) >= 0.8 * len(column.values) and not column.whole

    return test


def _is_round(own: Heading, column: Column) -> bool:
    if not own.has("field.round") or len(column.values) > 40 or own.of("unit"):
        return False
    return all((v.isdigit() and int(v) < 500) or rounds_in(v) for v in column.values)


def _is_enumerator(own: Heading, column: Column) -> bool:
    is_sex = own.has("sex.male", "sex.female") or "sex" in own.words
    return own.has("field.enumerator") and not is_sex and not own.has("mark.comment")


def _is_informants(own: Heading, column: Column) -> bool:
    is_part = own.has("sex.male", "sex.female")
    return column.kind is Kind.NUMBER and own.has("field.informants") and not is_part


def _is_credibility(own: Heading, column: Column) -> bool:
    words = {v.strip().lower() for v in column.values}
    is_score = column.kind is Kind.NUMBER or words <= _SCORES
    return bool(words) and is_score and own.has("field.credibility")


def _is_status(own: Heading, column: Column) -> bool:
    few = 0 < len(column.values) <= 6
    words = {w for v in column.values for w in v.lower().split()}
    says = words & {"open", "closed", "close", "ouvert", "ferme", "fermé", "active", "inactive",
                    "abierto", "cerrado", "aberto", "fechado", "مفتوح", "مغلق"}  # fmt: skip
    return few and bool(says) and own.has("field.status")


def _is_type(own: Heading, column: Column) -> bool:
    is_place = own.has("place.site", "place.three", "place.two", "shelter.camp")
    named = not own.unknown and (is_place or len(own.words) <= 3)
    is_text = column.kind in (Kind.TEXT, Kind.CODE)
    return (
        own.has("field.type") and named and is_text and len(column.values) <= 25
        and not own.has("reasons.any", "shelters.any")
    )  # fmt: skip


def _is_uuid(own: Heading, column: Column) -> bool:
    return column.kind is Kind.UUID and own.has("field.uuid", "is.id")


def _is_operation(own: Heading, column: Column) -> bool:
    return own.words[-1:] in (("operation",), ("operacion",)) and column.kind is Kind.TEXT


def _is_access(own: Heading, column: Column) -> bool:
    is_short = len(own.words) <= 4 and not own.has("mark.service", "need.water")
    answers = column.kind is Kind.ANSWER or len(column.values) <= 5
    return own.has("field.access") and is_short and answers and column.kind is not Kind.NUMBER


_TESTS: dict[str, tuple[Test, float, str]] = {
    "latitude": (_is_coordinate("latitude", 90), 0.95, "its heading, and figures within 90"),
    "longitude": (
        _is_coordinate("longitude", 180),
        0.95,
        "its heading, and figures within 180",
    ),
    "round_number": (_is_round, 0.95, "its heading, and numbers of rounds in it"),
    "key_informants": (_is_informants, 0.9, "its heading, and small numbers in it"),
    "credibility": (_is_credibility, 0.85, "its heading, and numbers in it"),
    "enumerator": (_is_enumerator, 0.8, "its heading"),
    "location_status": (_is_status, 0.9, "its heading, and words for open and closed in it"),
    "location_type": (_is_type, 0.8, "its heading, and few distinct words in it"),
    "record_uuid": (_is_uuid, 0.95, "unique ids of records stand in it"),
    "operation": (_is_operation, 0.9, "its heading"),
    "access": (_is_access, 0.75, "its heading, and answers in it"),
}


def _map_country(view: SheetView) -> None:
    """Record the column of the country: codes before names."""
    found = []
    for column in view.columns:
        at = column.position
        own = view.own[at]
        is_country = own.has("place.country") or view.level(at) == 0
        if not is_country or is_about_elsewhere(view, column):
            continue
        named = [v for v in column.values if country_named(v)]
        if named and len(named) >= 0.8 * len(column.values):
            is_code = all(len(v) <= 3 for v in named)
            found.append((not is_code, at))
    for rank, (_, at) in enumerate(sorted(found)):
        if rank == 0:
            view.use(at, ("country",), 0.97, "its heading, and countries in it")
        else:
            view.use(at, (), 0.9, "says the country again")


def is_about_elsewhere(view: SheetView, column: Column) -> bool:
    """Return whether a column of countries is about where people came from or go to."""
    at = column.position
    own = view.own[at]
    return (
        column.filled < 0.5
        or view.has(at, "mark.origin", "mark.destination")
        or own.has(*_ELSEWHERE)
        or bool(own.of("subject") or own.of("way"))
    )


def _map_dates(view: SheetView) -> None:
    """Record the date of the figures and the day each place was assessed."""
    reported: list[tuple[int, int]] = []
    collected: list[tuple[int, int]] = []
    for column in view.columns:
        own = view.own[column.position]
        if column.kind is not Kind.DATE:
            continue
        if own.has("field.other_date", "mark.origin", "way.arrival", "subject.returnee"):
            continue
        if own.has("field.reported"):
            reported.append((len(own.unknown), column.position))
        elif own.has("field.collected", "field.date"):
            is_general = not own.has("field.collected")
            collected.append((is_general + len(own.unknown), column.position))
    if not reported and collected:
        _single_date(view, collected)
        return
    if reported:
        at = min(reported)[1]
        view.use(at, ("reference_date",), 0.9, "its heading, and dates in it")
    if collected:
        view.use(min(collected)[1], ("collected_on",), 0.9, "its heading, and dates in it")


def _single_date(view: SheetView, found: list[tuple[int, int]]) -> None:
    """Record a lone column of dates: one date for all is the reference date."""
    at = min(found)[1]
    if len(view.columns[at].values) == 1:
        view.use(at, ("reference_date",), 0.85, "its heading, and one date for all rows")
    else:
        view.use(at, ("collected_on",), 0.9, "its heading, and several dates in it")


def _map_needs(view: SheetView) -> None:
    """Record the columns that name priority needs, in order: first, second, third."""
    for column in view.columns:
        at = column.position
        own = view.own[at]
        if at in view.mapped or column.kind is not Kind.TEXT or not own.has("needs.any"):
            continue
        if own.has("problem.any", "mark.comment", "field.type") or "/" in own.text:
            continue
        if own.unknown and not own.has("mark.majority"):
            continue
        if view.positions("priority_needs") and len(view.positions("priority_needs")) == 3:
            break
        view.use(at, ("priority_needs",), 0.8, "its heading, and words for needs in it")


def map_reason(view: SheetView) -> None:
    """Record the reason where rows are split by it; one main reason a place is left out."""
    for column in view.columns:
        at = column.position
        own = view.own[at]
        if at in view.mapped or column.kind is not Kind.TEXT or not own.has("reasons.any"):
            continue
        if (
            own.has("problem.any", "mark.comment", "subject.returnee")
            or len(column.values) > 30
        ):
            continue
        if _splits_places(view, at):
            view.use(at, ("displacement_reason",), 0.85, "places have one row for each reason")
            return
        view.use(at, (), 0.7, "a main reason of each place, not of all people in the row")


def _splits_places(view: SheetView, at: int) -> bool:
    """Return whether places repeat, and never with the same value of a column."""
    keys = [p for name in _PLACE_FIELDS for p in view.positions(name)]
    if not keys:
        return False
    distinct = view.body(keys).n_unique()
    split = view.body([*keys, at]).n_unique()
    return distinct < 0.9 * view.height and split >= 0.98 * view.height
