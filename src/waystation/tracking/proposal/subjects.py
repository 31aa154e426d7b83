"""Whom the total columns of a sheet count, where their headings alone do not tell."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import polars as pl

from waystation.tracking.proposal.breakdowns import agreement
from waystation.tracking.proposal.figures import Figure, subject_in
from waystation.tracking.proposal.hxl_hints import field_of_tag
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.vocabulary import Heading, heading_of

_OTHER_UNIT = {"individuals": "households", "households": "individuals"}
_KINDS = {
    "returnee": ("returnee_internal", "returnee_abroad"),
    "idp": ("idp_previously_abroad",),
}
_PEOPLE_BESIDE_IDPS = (
    "returnee", "returnee_internal", "returnee_abroad", "refugee", "relocated", "migrant",
    "idp_previously_abroad",
)  # fmt: skip


def with_subjects(
    view: SheetView, totals: list[Figure], file_words: str
) -> tuple[list[Figure], list[str]]:
    """Return total figures with subject and unit told, and the choices made, in words.

    Figures whose people cannot be told are recorded as not used.

    Args:
        view: The sheet.
        totals: Figures without a dimension.
        file_words: Name of the file.
    """
    choices: list[str] = []
    told = [_with_unit(view, figure) for figure in totals]
    told = _arrivals_that_are_stocks(view, told, choices)
    told = [_told_elsewhere(view, f, told, file_words) for f in told]
    told = _sums_of_all(view, told, choices)
    kept = []
    for figure in told:
        if figure.subject is None or figure.unit is None:
            view.use(figure.position, (), 0.6, "neither heading nor sheet says whom it counts")
        else:
            kept.append(figure)
    return kept, choices


def _with_unit(view: SheetView, figure: Figure) -> Figure:
    """Return a figure that names people and no unit as persons."""
    if figure.subject is None:
        return figure
    tagged = field_of_tag(view.header.tags[figure.position]) or ""
    unit = figure.unit or "individuals"
    if figure.unit is None and tagged == f"{figure.subject}_households":
        unit = "households"
    finer = tagged.removesuffix(f"_{unit}")
    # The tag may say which returnees, where the heading says only that they returned.
    subject = finer if finer in _KINDS.get(figure.subject, ()) else figure.subject
    return replace(figure, subject=subject, unit=unit)


def _arrivals_that_are_stocks(
    view: SheetView, totals: list[Figure], choices: list[str]
) -> list[Figure]:
    """Return "arrival IDPs" as IDPs present where no other column counts those.

    Some missions call the IDPs a place hosts its arrival IDPs, beside those who fled from it
    and those who came back; arrivals since the last round are another thing.
    """
    has_stock = {f.unit for f in totals if f.subject in ("idp", "displaced")}
    told = []
    for figure in totals:
        is_stock = figure.subject == "arrival" and view.has(
            figure.position, "subject.idp", "subject.displaced"
        )
        is_recent = view.has(figure.position, "way.recent")
        if is_stock and figure.unit not in has_stock and not is_recent:
            name = view.heading(figure.position)
            choices.append(
                f"{name!r} is read as IDPs present: no other column counts them, and nothing "
                "says that they came since the last round."
            )
            figure = replace(figure, subject="idp", source="arrival")
        told.append(figure)
    return told


def _told_elsewhere(
    view: SheetView, figure: Figure, totals: list[Figure], file_words: str
) -> Figure:
    """Return a figure that names nobody with the people its neighbour, sheet or tag names."""
    if figure.subject is not None:
        return figure
    if figure.is_part_of:
        return _part_of_the_one_before(view, figure, totals)
    if (near := _neighbour(view, figure, totals)) is not None:
        return replace(figure, subject=near.subject, source="neighbour")
    tagged = field_of_tag(view.header.tags[figure.position])
    explicit = {f.subject for f in totals if f.unit == figure.unit and f.subject is not None}
    about = subject_of_sheet(view, file_words)
    if about is not None and about not in explicit:
        return replace(figure, subject=about, source="sheet")
    if tagged is not None and figure.unit is not None and tagged.endswith(f"_{figure.unit}"):
        subject = tagged.removesuffix(f"_{figure.unit}")
        if subject not in explicit:
            return replace(figure, subject=subject, source="tag")
    return figure


def _part_of_the_one_before(view: SheetView, figure: Figure, totals: list[Figure]) -> Figure:
    """Return "of whom previously abroad" as a part of the IDPs counted just before it."""
    near = [f for f in totals if 0 < figure.position - f.position <= 2 and f.subject == "idp"]
    if near and view.own[figure.position].has("way.abroad"):
        return replace(
            figure, subject="idp_previously_abroad", unit=figure.unit or near[-1].unit
        )
    return figure


def _neighbour(view: SheetView, figure: Figure, totals: list[Figure]) -> Figure | None:
    """Return the column beside it that counts the same people in the other unit."""
    for near in totals:
        if near.subject is None or near.unit != _OTHER_UNIT.get(figure.unit or ""):
            continue
        if abs(near.position - figure.position) != 1:
            continue
        is_told = any(f.subject == near.subject and f.unit == figure.unit for f in totals)
        households, persons = (figure, near) if figure.unit == "households" else (near, figure)
        ratio = household_size(view, households.position, persons.position)
        if not is_told and ratio is not None and 1.2 <= ratio <= 15:
            return near
    return None


def household_size(view: SheetView, households: int, persons: int) -> float | None:
    """Return the middle household size of the rows that have both, None where none has."""
    sizes = pl.DataFrame({"h": view.numbers(households), "p": view.numbers(persons)}).filter(
        (pl.col("h") > 0) & (pl.col("p") > 0)
    )
    middle = (sizes["p"] / sizes["h"]).median()
    return float(middle) if isinstance(middle, int | float) else None


def subject_of_sheet(view: SheetView, file_words: str) -> str | None:
    """Return the one population that the sheet's name, titles or the file's name speak of."""
    for text in (view.grid.sheet or "", *view.header.titles[:6], file_words):
        heading = heading_of(text)
        named = _named(heading)
        if len(named) == 1:
            return named.pop()
        if len(named) > 1:
            return None
    return None


def _named(heading: Heading) -> set[str]:
    names = {
        name for name in ("idp", "returnee", "migrant", "refugee", "displaced")
        if heading.has(f"subject.{name}")
    }  # fmt: skip
    if "displaced" in names:
        names = (names - {"displaced"}) | {"idp"}
    if names == {"returnee"}:
        return {subject_in(heading) or "returnee"}
    return names


def _sums_of_all(view: SheetView, totals: list[Figure], choices: list[str]) -> list[Figure]:
    """Return totals of all displaced people as such, and "displaced" as IDPs where it is."""
    told: list[Figure] = []
    for figure in totals:
        if figure.subject not in ("idp", "displaced", None):
            told.append(figure)
            continue
        parts = _that_make(view, figure, totals)
        if parts:
            names = ", ".join(repr(view.own[p.position].text) for p in parts)
            choices.append(f"{view.own[figure.position].text!r} is the sum of {names}.")
            told.append(replace(figure, subject="displaced", source="sum"))
        elif figure.subject == "displaced" and not _has_idps(figure, totals):
            told.append(replace(figure, subject="idp"))
        else:
            told.append(figure)
    return told


def _has_idps(figure: Figure, totals: list[Figure]) -> bool:
    return any(f.subject == "idp" and f.unit == figure.unit for f in totals)


def _that_make(view: SheetView, figure: Figure, totals: list[Figure]) -> tuple[Figure, ...]:
    """Return the totals of IDPs and of others that make a figure row by row."""
    unit = figure.unit or "individuals"
    idps = [f for f in totals if f.subject == "idp" and f.unit == unit and f != figure]
    others = [f for f in totals if f.subject in _PEOPLE_BESIDE_IDPS and f.unit == unit]
    whole = view.total(figure.position)
    for idp in idps[:4]:
        base = view.total(idp.position)
        for size in (1, 2, 3):
            for added in combinations(others[:6], size):
                extra = sum(view.total(f.position) for f in added)
                # Only where the sums fit is it worth looking row by row.
                if extra <= 0 or abs(base + extra - whole) > 0.01 * max(whole, 1):
                    continue
                if any(f.subject == "idp_previously_abroad" for f in added) and size == 1:
                    continue  # all IDPs, which is what the total of IDPs means
                positions = [idp.position, *(f.position for f in added)]
                if agreement(view, positions, figure.position) >= 0.9:
                    return (idp, *added)
    return ()
