"""What the figures of a column count: whom, in persons or households, and of which part."""

from __future__ import annotations

import re
from dataclasses import dataclass

from waystation.tracking.proposal.cells import Column, Kind
from waystation.tracking.proposal.hxl_hints import field_of_tag
from waystation.tracking.proposal.known_units import PlaceList, country_in
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.text_dates import names_month
from waystation.tracking.proposal.vocabulary import Heading, heading_of, plain, slug

_BOTH = re.compile(
    r"\b(?:idps?|pdis?|deplace\w*|displaced|نازح\w*)\b[^a-z]*(?:and|&|et|\+|y|e|و)?\s*"
    r"(?:and|&|et|\+|y|e)\s*(?:\w+\s){0,2}(?:returnee|retourn|retorn|returned)"
)
_OF_WHICH = re.compile(r"\b(?:of which|of whom|of these|dont|de los cuales|dos quais|منهم)\b")
_BANDS: dict[tuple[int, int | None], str] = {
    (0, 0): "under_1", (0, 1): "under_1", (1, 5): "1_5", (6, 12): "6_12", (13, 17): "13_17",
    (6, 17): "6_17", (0, 17): "0_17", (18, 59): "18_59", (60, None): "60_plus",
    (18, None): "18_plus",
}  # fmt: skip
_CHILDREN = {"boy", "girl", "garcon", "fille", "nino", "nina", "menino", "menina", "rapaz"}
_SIMPLE = ("refugee", "migrant", "relocated", "event")


@dataclass(frozen=True, slots=True)
class Figure:
    """What one column of figures counts, as far as its headings tell.

    Attributes:
        position: Column of the grid, from 0.
        subject: Start of an indicator's code, e.g. "idp" or "returnee_abroad"; None: not told.
        unit: "individuals" or "households"; None: not told.
        dimension: For a part, the dimension it is a part in.
        category: For a part, its category.
        source: Where the subject was told: "heading", "group", "neighbour", "sheet", "tag" or
            "sum" (it adds up to a total).
        is_part_of: Whether the heading says that it is a part of the total before it.
    """

    position: int
    subject: str | None = None
    unit: str | None = None
    dimension: str | None = None
    category: str | None = None
    source: str = "heading"
    is_part_of: bool = False

    @property
    def total_code(self) -> str | None:
        """The code of the indicator it counts, or is a part of."""
        return f"{self.subject}_{self.unit}" if self.subject and self.unit else None

    @property
    def code(self) -> str | None:
        """The code of the indicator or breakdown it feeds."""
        if self.total_code is None or self.dimension is None:
            return self.total_code
        return f"{self.total_code}__{self.dimension}__{self.category}"


def figures_of(view: SheetView, places: PlaceList, round_number: int | None) -> list[Figure]:
    """Return what the columns of figures count, by their headings; record those set aside.

    Args:
        view: The sheet, columns of places and particulars already recorded.
        places: Units of the country, whose names head columns by area of origin.
        round_number: The round of the file, where known; figures of others are set aside.
    """
    current = _current_round(view, round_number)
    found = []
    for column in view.columns:
        at = column.position
        if at in view.mapped or column.kind is not Kind.NUMBER:
            continue
        reason = _set_aside(view, column, current)
        if reason is not None:
            view.use(at, (), 0.8, reason)
            continue
        figure = _figure(view, at, places) or _by_tag(view, at)
        if figure is not None:
            found.append(figure)
    return found


def _by_tag(view: SheetView, at: int) -> Figure | None:
    """Return what the HXL tag says a column counts, where its heading says nothing."""
    told = field_of_tag(view.header.tags[at]) or ""
    subject, _, unit = told.rpartition("_")
    if at in view.mapped or unit not in ("individuals", "households"):
        return None
    return Figure(at, subject, unit, source="tag")


def _current_round(view: SheetView, round_number: int | None) -> int | None:
    named = [r for own in view.own for r in own.rounds]
    return max([*named, *([round_number] if round_number is not None else [])], default=None)


def _set_aside(view: SheetView, column: Column, current: int | None) -> str | None:
    """Return why a column of numbers counts nobody, or nobody of this round."""
    at = column.position
    own = view.own[at]
    if own.rounds and current is not None and max(own.rounds) < current:
        return f"figures of round {max(own.rounds)}, not of round {current}"
    tests = (
        (view.has(at, "mark.difference"), "a change since another round, not people"),
        (view.has(at, "mark.previous"), "figures of an earlier round"),
        (view.has(at, "mark.percent"), "a share, not a number of people"),
        (view.has(at, "mark.average"), "an average, not a number of people"),
        (view.has(at, "mark.destination"), "about where people mean to go"),
        (own.has("mark.comment", "problem.any", "field.date"), "not a number of people"),
        (own.has("field.informants", "field.latitude", "field.longitude"), "particulars"),
        (own.has("mark.repeat") or own.text.startswith("_"), "numbers of the collecting tool"),
        (own.has("is.id", "is.code") and not own.of("unit"), "numbers that name things"),
        (_is_yes_or_no(own, column), "yes or no as 1 and 0"),
    )  # fmt: skip
    return next((reason for is_so, reason in tests if is_so), None)


def _is_yes_or_no(own: Heading, column: Column) -> bool:
    is_choice = "/" in own.text or not own.of("unit")
    return is_choice and "/" in own.text and set(column.values) <= {"0", "1"}


def _figure(view: SheetView, at: int, places: PlaceList) -> Figure | None:
    """Return what a column counts by its own heading, then by those of its groups."""
    own, groups = view.own[at], view.groups[at]
    subject, source = _subject(view, at, places)
    unit = _unit_in(own) or next((u for g in reversed(groups) if (u := _unit_in(g))), None)
    part = _part(view, at, places, subject)
    if part == ("", ""):
        view.use(at, (), 0.7, "a part that the indicator dictionary does not hold")
        return None
    dimension, category = part or (None, None)
    figure = Figure(at, subject, unit, dimension, category, source, calls_itself_part(own))
    return None if _counts_nobody(view, figure) else figure


def _counts_nobody(view: SheetView, figure: Figure) -> bool:
    """Return whether a heading asks about people, or counts things, rather than people."""
    own = view.own[figure.position]
    is_whole = figure.dimension is None
    if figure.subject is None and is_whole and not (_is_plain(own) or figure.is_part_of):
        return True
    if figure.source == "group":
        # A question about the people of the group; those who left, beside them.
        is_question = is_whole and bool(own.unknown) and not own.of("unit")
        has_left = own.has("way.departure") and figure.subject != "departure"
        if is_question or has_left:
            return True
    is_service = own.has("mark.service") and not own.of("unit")
    return is_service and not _is_shelter_group(view, figure.position)


def _subject(view: SheetView, at: int, places: PlaceList) -> tuple[str | None, str]:
    """Return whom a column is about, and whether its heading or its group says so."""
    own, groups = view.own[at], view.groups[at]
    subject, source = subject_in(own), "heading"
    if subject is None or subject in ("arrival", "departure"):
        told = next((t for g in reversed(groups) if (t := subject_in(g)) is not None), None)
        if told is not None:
            subject, source = _joint(subject, _refined(told, own), own), "group"
    if subject == "host" and any(subject_in(group) == "idp" for group in groups):
        return "idp", "group"  # IDPs who live with host families
    if subject == "returnee" and (country_in(own.text) or places.country) != places.country:
        return "returnee_abroad", source
    return subject, source


def _refined(group: str, own: Heading) -> str:
    """Return the people of a group, of which a heading says where they were or came from."""
    if own.has("way.abroad"):
        return {"idp": "idp_previously_abroad", "returnee": "returnee_abroad"}.get(group, group)
    if own.has("way.internal") and group == "returnee":
        return "returnee_internal"
    return group


def _is_shelter_group(view: SheetView, at: int) -> bool:
    """Return whether a column stands in a group about shelter, where a school is a shelter."""
    return any(g.has("shelters.any") for g in view.groups[at]) or len(view.own[at].words) <= 2


def _joint(subject: str | None, group: str, own: Heading) -> str:
    """Return the subject of a column whose heading says only that people came or left."""
    if subject is None:
        return group
    return group if own.years or group != "idp" else subject


def _is_plain(own: Heading) -> bool:
    """Return whether a heading says nothing but a unit: "HH", "Total individuals"."""
    others = own.concepts - {"is.name", "is.id"}
    generic = ("unit.", "mark.total", "mark.number")
    return not own.unknown and all(c.startswith(generic) for c in others)


def subject_in(heading: Heading) -> str | None:
    """Return whom a heading is about, as the start of an indicator's code."""
    if _BOTH.search(plain(heading.text)):
        return "displaced"
    if heading.has("subject.returnee"):
        return _returnee(heading)
    if heading.has("subject.idp"):
        return _idp(heading)
    for name in _SIMPLE:
        if heading.has(f"subject.{name}"):
            return name
    is_moving = heading.has("way.arrival") or heading.has("way.departure")
    if heading.has("subject.displaced"):
        return _idp(heading) if is_moving or heading.has("way.abroad") else "displaced"
    if heading.has("subject.host"):
        return "host"
    if heading.has("subject.population"):
        return "population"
    if is_moving and heading.of("unit"):
        return "departure" if heading.has("way.departure") else "arrival"
    return None


def _returnee(heading: Heading) -> str:
    if heading.has("way.abroad") or heading.has("subject.refugee"):
        return "returnee_abroad"
    if heading.has("way.internal") or heading.has("subject.idp", "subject.displaced"):
        return "returnee_internal"
    return "returnee"


def _idp(heading: Heading) -> str:
    if heading.has("way.abroad"):
        return "idp_previously_abroad"
    if heading.has("way.departure"):
        return "departure"
    if heading.has("way.arrival") and not heading.years:
        return "arrival"
    return "idp"


def _unit_in(heading: Heading) -> str | None:
    """Return the unit a heading names; of two, the one in brackets or last."""
    units = heading.of("unit")
    units = [unit for unit in units if unit != "sites"]
    if len(units) < 2:
        return units[0] if units else None
    if re.search(r"&|\band\b|\bet\b|/", heading.text):
        return None
    for word in reversed(heading.words):
        if told := heading_of(word).of("unit"):
            return told[0] if told[0] != "sites" else None
    return None


def _part(
    view: SheetView, at: int, places: PlaceList, subject: str | None
) -> tuple[str, str] | None:
    """Return dimension and category of a part; two empty texts if the dictionary has none."""
    own = view.own[at]
    parts = [
        part
        for part in (
            _by_sex_and_age(view, at),
            _by_reason(view, at, subject),
            _by_shelter(view, at, subject),
            _by_period(view, at),
            _by_origin(view, at, places),
        )
        if part is not None
    ]
    if not parts:
        generic = own.of("generic")
        return ("generic", generic[0]) if generic and len(own.words) <= 3 else None
    return parts[0] if len(parts) == 1 else ("", "")


def _by_sex_and_age(view: SheetView, at: int) -> tuple[str, str] | None:
    own = view.own[at]
    sexes = own.of("sex") or [s for g in view.groups[at] for s in g.of("sex")]
    ages = [age for age in own.of("age") if age != "adult"]
    if own.band is not None:
        band = _BANDS.get(own.band)
        if band is None or len(sexes) != 1:
            return ("", "")
        return ("sex_age", f"{sexes[0]}_{band}")
    if own.has("mark.service") or own.has("field.type"):
        return None
    if ages and not own.of("sex"):
        return ("age_group", ages[0]) if len(ages) == 1 else None
    if len(own.of("sex")) != 1:
        return None
    if "children" in ages or (own.has("age.adult") and not ages):
        return ("sex_age", f"{sexes[0]}_{'0_17' if 'children' in ages else '18_plus'}")
    if _CHILDREN.intersection(own.words):
        return ("sex_age", f"{sexes[0]}_0_17")
    # "Men" and "Women" are ages beside "Children", and sexes otherwise: told from the run.
    return ("sex", sexes[0])


def _by_reason(view: SheetView, at: int, subject: str | None) -> tuple[str, str] | None:
    own = view.own[at]
    named = own.of("reason")
    if not named or (subject is None and not view.has(at, "reasons.any")):
        return None
    return ("reason", named[0]) if len(named) == 1 or "other" not in named else None


def _by_shelter(view: SheetView, at: int, subject: str | None) -> tuple[str, str] | None:
    own = view.own[at]
    named = own.of("shelter")
    if subject == "host" or not named:
        return None
    if view.has(at, "field.type") and own.of("site_type") and not view.has(at, "shelters.any"):
        return ("site_type", own.of("site_type")[0])
    return ("shelter", named[0])


def _by_period(view: SheetView, at: int) -> tuple[str, str] | None:
    own = view.own[at]
    if not own.years:
        in_group = any(g.has("mark.period") for g in view.groups[at])
        is_wave = in_group or (names_month(own.text) and not own.unknown)
        return ("period", slug(_without_people(own))) if is_wave else None
    text = plain(own.text)
    span = "_".join(str(year) for year in dict.fromkeys(own.years))
    if re.search(r"\b(?:before|pre|avant|antes|up to|until|قبل)", text.replace("_", " ")):
        return ("period", f"{span}_and_before" if "et avant" in text else f"before_{span}")
    if re.search(
        r"\b(?:after|post|since|apres|depuis|desde|despues|بعد)", text.replace("_", " ")
    ):
        return ("period", f"since_{span}")
    return ("period", span)


def _without_people(own: Heading) -> str:
    """Return a heading without the words that say whom it counts and in which unit."""
    kept = [
        word
        for word in own.words
        if not any(c.startswith(("subject.", "unit.")) for c in heading_of(word).concepts)
    ]
    return " ".join(kept)


def _by_origin(view: SheetView, at: int, places: PlaceList) -> tuple[str, str] | None:
    own = view.own[at]
    in_group = any(g.has("mark.origin") for g in view.groups[at])
    if any(g.has("mark.nationality") for g in view.groups[at]):
        return ("nationality", slug(own.text))
    names = places.names.get(1, frozenset())
    is_name = re.sub(r"[\W_]+", "", plain(own.text)) in names
    if in_group or is_name:
        return ("origin", slug(own.text))
    return None


def calls_itself_part(heading: Heading) -> bool:
    """Return whether a heading says that it counts some of the people counted before."""
    return _OF_WHICH.search(plain(heading.text)) is not None
