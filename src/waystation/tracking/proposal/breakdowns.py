"""Which columns are parts of which total, told by numbers that add up row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from waystation.tracking.indicators import is_indicator
from waystation.tracking.proposal.figures import Figure
from waystation.tracking.proposal.sheet_view import SheetView

_PEOPLE = ("sex", "age_group", "sex_age")
_GAP = 20  # columns between two parts of one breakdown: questions about the first part
_ADDS_UP = 0.8  # share of rows whose parts make the total


@dataclass(frozen=True, slots=True)
class Parts:
    """A run of columns that are parts of one total.

    Attributes:
        figures: The parts, subject and unit told.
        total: The column of the total they add up to; None where none was found.
        agreement: Share of rows whose parts make the total.
        is_clear: Whether each part stands once; a part told twice may have lost people.
    """

    figures: tuple[Figure, ...]
    total: int | None
    agreement: float
    is_clear: bool = True


def agreement(view: SheetView, parts: Iterable[int], total: int) -> float:
    """Return the share of rows with people whose parts add up to the total.

    Args:
        view: The sheet.
        parts: Columns of the parts.
        total: Column of the total.
    """
    whole = view.numbers(total)
    columns = [view.numbers(at).alias(str(at)) for at in parts]
    if not columns:
        return 0.0
    summed = pl.DataFrame(columns).sum_horizontal(ignore_nulls=True)
    counted = (whole.fill_null(0) > 0) | (summed > 0)
    rows = int(counted.sum())
    if rows == 0:
        return 0.0
    same = ((summed - whole.fill_null(0)).abs() <= 0.5) & counted
    return int(same.sum()) / rows


def with_totals_told(view: SheetView, figures: list[Figure]) -> list[Figure]:
    """Return figures, those with a period or category in their heading as totals if they are.

    "Arrival IDPs 2012-2020" beside a column for each year is their total, not one more period.

    Args:
        view: The sheet.
        figures: All figures of a sheet, in the order of columns.
    """
    totals: set[int] = set()
    for run in _runs(view, [f for f in figures if f.dimension is not None]):
        for alike in _by_unit_and_subject(run):
            ends = {alike[0], alike[-1], *(f for f in alike if _says_total(view, f))}
            for figure in ends if len(alike) > 2 else ():
                others = [f.position for f in alike if f != figure]
                is_some = view.total(figure.position) > 0
                if is_some and agreement(view, others, figure.position) >= _ADDS_UP:
                    totals.add(figure.position)
    return [
        replace(f, dimension=None, category=None) if f.position in totals else f
        for f in figures
    ]


def _says_total(view: SheetView, figure: Figure) -> bool:
    return view.own[figure.position].has("mark.total")


def parts_of(view: SheetView, figures: list[Figure], totals: list[Figure]) -> list[Parts]:
    """Return the breakdowns of a sheet, each with the total it adds up to.

    Args:
        view: The sheet.
        figures: Figures with a dimension, in the order of columns.
        totals: Figures without one, subject and unit told.
    """
    found: list[Parts] = []
    for run in _runs(view, figures):
        for alike in _by_unit_and_subject(run):
            for one in _by_dimension(_one_dimension(alike)):
                parts = _placed(view, list(one), totals)
                if parts is not None:
                    found.append(parts)
    return found


def _family(figure: Figure) -> str:
    return "people" if figure.dimension in _PEOPLE else str(figure.dimension)


def _runs(view: SheetView, figures: list[Figure]) -> list[list[Figure]]:
    """Return figures in runs of one kind of part; "other" belongs to the run it follows."""
    runs: list[list[Figure]] = []
    for figure in sorted(figures, key=lambda one: one.position):
        run = runs[-1] if runs else []
        if run and _goes_on(view, run, figure):
            if figure.dimension == "generic":
                figure = replace(figure, dimension=run[-1].dimension)
            run.append(figure)
        elif figure.dimension != "generic":
            runs.append([figure])
    return [run for run in runs if len(run) > 0]


def _goes_on(view: SheetView, run: list[Figure], figure: Figure) -> bool:
    last = run[-1]
    if figure.dimension != "generic" and _family(figure) != _family(last):
        return False
    if figure.position - last.position > _GAP:
        return False
    tops = [view.groups[f.position][:1] for f in (last, figure)]
    # Ages of men and ages of women often stand in groups of their own.
    is_by_sex = figure.dimension == last.dimension == "sex_age"
    if tops[0] != tops[1] and not (is_by_sex and all(top and top[0].of("sex") for top in tops)):
        return False
    first = run[0]
    is_again = (figure.dimension, figure.category, figure.unit, figure.subject) == (
        first.dimension, first.category, first.unit, first.subject,
    )  # fmt: skip
    # Two kinds of rent side by side are one category twice, not a second breakdown.
    return not is_again or last.category == first.category


def _by_unit_and_subject(run: list[Figure]) -> list[list[Figure]]:
    found: dict[tuple[str | None, str | None], list[Figure]] = {}
    for figure in run:
        found.setdefault((figure.unit, figure.subject), []).append(figure)
    return list(found.values())


def _one_dimension(run: list[Figure]) -> list[Figure]:
    """Return parts by sex and age in one dimension: men, women and children; or the sexes."""
    if _family(run[0]) != "people":
        return run
    dimensions = {figure.dimension for figure in run}
    categories = {figure.category for figure in run}
    if categories <= {"men", "women"}:
        sexes = {"men": "male", "women": "female"}
        return [replace(f, dimension="sex", category=sexes[str(f.category)]) for f in run]
    if dimensions == {"sex", "age_group"} and "children" in categories:
        ages = {"male": "men", "female": "women"}
        return [
            replace(f, dimension="age_group", category=ages.get(str(f.category), f.category))
            for f in run
        ]
    is_by_children = dimensions == {"sex", "sex_age"} and len(categories) == 4
    if dimensions == {"age_group", "sex_age"} or is_by_children:
        adults = {"men": "male_18_plus", "women": "female_18_plus",
                  "male": "male_18_plus", "female": "female_18_plus"}  # fmt: skip
        return [
            replace(f, dimension="sex_age", category=adults.get(str(f.category), f.category))
            for f in run
        ]
    return run


def _placed(view: SheetView, run: list[Figure], totals: list[Figure]) -> Parts | None:
    """Return the parts with the total they add up to, or the one their heading names."""
    fitting = [t for t in totals if _may_be_total(t, run[0])]
    # Of totals that fit equally, the nearest one before the parts is theirs.
    fitting.sort(
        key=lambda t: (t.position > run[0].position, abs(t.position - run[0].position))
    )
    for parts in dict.fromkeys((tuple(run), tuple(_first_of_each(run)))):
        for total in fitting:
            share = agreement(view, [f.position for f in parts], total.position)
            if share >= _ADDS_UP:
                told = tuple(_as_part(f, total.subject, total.unit, "sum") for f in parts)
                return _kept(view, told, total.position, share)
    first = run[0]
    if first.subject is None:
        before = [t for t in fitting if t.position < first.position]
        return _of_total_before(view, run, before[:1])
    unit = first.unit or "individuals"
    told = tuple(_as_part(f, first.subject, unit, f.source) for f in _first_of_each(run))
    same = [t for t in fitting if t.total_code == told[0].total_code]
    share = agreement(view, [f.position for f in told], same[0].position) if same else 0.0
    kept = _kept(view, told, None, share)
    return kept if kept is None else replace(kept, is_clear=len(told) == len(run))


def _of_total_before(view: SheetView, run: list[Figure], before: list[Figure]) -> Parts | None:
    """Return parts that name nobody as those of the total before them, in the same group."""
    at = run[0].position
    for total in before:
        is_near = at - total.position <= 3
        if is_near or (view.groups[at] and view.groups[at] == view.groups[total.position]):
            positions = [f.position for f in run]
            told = tuple(_as_part(f, total.subject, total.unit, "neighbour") for f in run)
            share = agreement(view, positions, total.position)
            return _kept(view, told, None, share)
    return None


def _may_be_total(total: Figure, part: Figure) -> bool:
    if part.subject is not None and not _same_people(part.subject, total.subject):
        return False
    return part.unit is None or total.unit is None or part.unit == total.unit


def _same_people(part: str, total: str | None) -> bool:
    """Return whether a part's heading may speak of the people of a total."""
    if part in ("displaced", "arrival"):
        return total in ("idp", "displaced", "arrival")
    return part == total or (part == "idp" and total == "displaced")


def _first_of_each(run: list[Figure]) -> list[Figure]:
    return list({(f.dimension, f.category): f for f in reversed(run)}.values())[::-1]


def _by_dimension(run: list[Figure]) -> list[tuple[Figure, ...]]:
    """Return the parts of each dimension, where sexes and ages stand side by side."""
    names = dict.fromkeys(figure.dimension for figure in run)
    return [tuple(f for f in run if f.dimension == name) for name in names]


def _as_part(figure: Figure, subject: str | None, unit: str | None, source: str) -> Figure:
    return replace(figure, subject=subject, unit=unit, source=source)


def _kept(
    view: SheetView, told: tuple[Figure, ...], total: int | None, share: float
) -> Parts | None:
    """Return the parts that the dictionary knows; record the others as not used."""
    kept = []
    for figure in told:
        if figure.code is not None and is_indicator(figure.code):
            kept.append(figure)
        else:
            view.use(
                figure.position, (), 0.7, "a part that the indicator dictionary does not hold"
            )
    return Parts(tuple(kept), total, share) if kept else None
