"""Choosing between readings of a total: which columns make it, and what decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from waystation.tracking.indicators import is_indicator
from waystation.tracking.proposal.breakdowns import Parts, agreement
from waystation.tracking.proposal.figures import Figure, calls_itself_part
from waystation.tracking.proposal.hxl_hints import field_of_tag
from waystation.tracking.proposal.sheet_view import SheetView
from waystation.tracking.proposal.stated import Statement, Statements
from waystation.tracking.proposal.subjects import household_size

# How far the place where the subject was told can be trusted.
_BY_SOURCE = {"heading": 0.95, "group": 0.92, "sum": 0.9, "neighbour": 0.85, "sheet": 0.8,
              "arrival": 0.75, "tag": 0.7}  # fmt: skip
_ORDER = ("sex", "sex_age", "age_group", "period", "shelter", "site_type", "reason", "origin",
          "nationality")  # fmt: skip
_LEAST = 0.6  # below this a total is not to be taken without asking
_SMALL = 0.5  # a column with less of the people than this is no other count of them all
_CLOSE = 0.25  # two candidates that score nearer than this cannot be told apart


@dataclass(slots=True)
class Reading:
    """How the figures of a sheet are read.

    Attributes:
        view: The sheet.
        certainty: Of the least certain total, 0 to 1.
        doubts: What could not be told, in words.
        choices: What was chosen, in words.
        stated: Totals that the file states, by indicator.
        sources: Columns that feed each total.
    """

    view: SheetView
    certainty: float = 1.0
    doubts: list[str] = field(default_factory=list)
    choices: list[str] = field(default_factory=list)
    stated: dict[str, float] = field(default_factory=dict)
    sources: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def sums(self) -> dict[str, float]:
        """Return the sum of each total."""
        return {
            code: sum(self.view.total(at) for at in positions)
            for code, positions in self.sources.items()
        }

    def doubt(self, certainty: float, sentence: str) -> None:
        """Record what could not be told, and how certain the reading still is."""
        self.certainty = min(self.certainty, certainty)
        self.doubts.append(sentence)


def reading_of(
    view: SheetView, totals: list[Figure], parts: list[Parts], statements: Statements
) -> Reading:
    """Return how the figures of a sheet are read, and record it in the view.

    Args:
        view: The sheet.
        totals: Figures without a dimension, subject and unit told.
        parts: Breakdowns.
        statements: Numbers that the file states elsewhere.
    """
    reading = Reading(view)
    codes = dict.fromkeys(f.total_code for f in totals)
    for code in sorted(codes, key=lambda one: not str(one).startswith("idp_")):
        if code is None or not is_indicator(code):
            continue
        candidates = [f for f in totals if f.total_code == code]
        _choose(reading, code, candidates, parts, statements)
    _use_parts(reading, parts)
    _totals_from_parts(reading, parts, statements)
    _add_people_from_abroad(reading, parts, statements)
    _add_kinds_of_returnees(reading)
    _check_households(reading)
    return reading


def _choose(
    reading: Reading,
    code: str,
    candidates: list[Figure],
    parts: list[Parts],
    statements: Statements,
) -> None:
    """Record the best column for a total; the others are not used."""
    view = reading.view
    but = view.grid.sheet
    scores = {f: _score(view, f, code, candidates, parts) for f in candidates}
    found = {f: statements.of(view.total(f.position), but=but) for f in candidates}
    for figure, statement in found.items():
        if statement is not None:
            scores[figure] += 0.6 if _is_about(statement, code) else 0.3
    best = max(candidates, key=lambda f: (scores[f], -f.position))
    statement = found[best]
    certainty = _BY_SOURCE.get(best.source, 0.8)
    if best.source != "tag" and field_of_tag(view.header.tags[best.position]) == code:
        certainty = max(certainty, 0.9)
    if statement is not None:
        certainty = max(certainty, 0.97)
        reading.stated[code] = statement.value
    reason = _reason(view, best, statement)
    view.use(best.position, (code,), certainty, reason)
    reading.sources[code] = (best.position,)
    reading.certainty = min(reading.certainty, certainty)
    rivals = [f for f in candidates if f != best]
    _explain_rivals(reading, code, best, rivals, scores, statement)


def _explain_rivals(
    reading: Reading,
    code: str,
    best: Figure,
    rivals: list[Figure],
    scores: dict[Figure, float],
    statement: Statement | None,
) -> None:
    view = reading.view
    total = view.total(best.position)
    chosen = view.heading(best.position)
    differing = []
    for rival in rivals:
        other = view.total(rival.position)
        view.use(rival.position, (), 0.7, f"column {chosen!r} is read as {code} instead")
        if abs(other - total) > 0.5 and other > 0:
            differing.append((scores[rival], other, rival))
    if not differing:
        return
    if statement is not None:
        reading.choices.append(
            f"{code} is read from column {chosen!r}: its sum {total:,.0f} is stated "
            f"{statement.where} ({statement.label})."
        )
        return
    nearest, other, rival = max(differing, key=lambda one: one[0])
    name = view.heading(rival.position)
    is_close = scores[best] - nearest < _CLOSE and not _is_within(view, rival, best)
    if is_close and not code.startswith("idp") and _has_idps(reading):
        # What is beside the point is left out rather than guessed or asked.
        view.use(best.position, (), 0.4, f"may be {code}, and so may column {name!r}")
        del reading.sources[code]
        reading.choices.append(
            f"{code} is not read: columns {chosen!r} and {name!r} may both be it; name one of "
            "them in the mapping."
        )
    elif is_close:
        reading.doubt(
            0.45,
            f"columns {chosen!r} (sum {total:,.0f}) and {name!r} (sum {other:,.0f}) may both "
            f"be {code}, and no total stated in the file decides",
        )
    else:
        reading.choices.append(
            f"{code} is read from column {chosen!r} (sum {total:,.0f}) and not from {name!r} "
            f"(sum {other:,.0f})."
        )


def _is_within(view: SheetView, rival: Figure, best: Figure) -> bool:
    """Return whether a column can only be a part: less everywhere, and with more words."""
    part, whole = (view.numbers(f.position).fill_null(0) for f in (rival, best))
    has_more_words = len(view.own[rival.position].words) > len(view.own[best.position].words)
    is_less = bool((part <= whole).all())
    return has_more_words and is_less and float(part.sum()) < _SMALL * float(whole.sum())


def _has_idps(reading: Reading) -> bool:
    """Return whether the sheet's IDPs have been told; they are chosen before all others."""
    return any(code.startswith("idp_") for code in reading.sources)


def _score(
    view: SheetView, figure: Figure, code: str, candidates: list[Figure], parts: list[Parts]
) -> float:
    at = figure.position
    own = view.own[at]
    score = _BY_SOURCE.get(figure.source, 0.8) + 0.6 * own.coverage
    score += 0.3 * own.has("mark.total") + 0.3 * view.columns[at].filled
    score -= min(0.15 * len(own.unknown), 0.45)
    score += 0.4 * (field_of_tag(view.header.tags[at]) == code)
    score += 0.3 * (figure.unit in own.of("unit"))
    score += 0.4 * any(p.total == at for p in parts)
    score -= 0.3 * own.has("mark.service") + 0.4 * figure.is_part_of
    score -= 0.2 * (len(own.words) > 12) + 0.3 * own.has("field.status", "field.type")
    largest = max((view.total(f.position) for f in candidates), default=0.0)
    # A part is never more than its total: where names tie, the larger column is the total.
    score += 0.3 * (view.total(at) / largest if largest > 0 else 0.0)
    return score - 0.0005 * at


def _is_about(statement: Statement, code: str) -> bool:
    """Return whether the words beside a stated number speak of the same people."""
    says = statement.says
    if code.startswith("idp"):
        return says.has("subject.idp", "subject.displaced") and not says.has("subject.returnee")
    subject = code.split("_")[0]
    return says.has(f"subject.{subject}")


def _reason(view: SheetView, figure: Figure, statement: Statement | None) -> str:
    how = {
        "heading": "its heading says so",
        "group": "the heading of its group says so",
        "neighbour": "the column beside it counts the same people",
        "sheet": "the sheet is about these people",
        "tag": "its HXL tag says so, and its heading nothing else",
        "arrival": "no other column counts the IDPs present",
        "sum": "it adds up from other columns",
    }[figure.source]
    if statement is not None:
        return f"{how}; its sum {statement.value:,.0f} is stated {statement.where}"
    tag = field_of_tag(view.header.tags[figure.position])
    if figure.source != "tag" and tag == figure.total_code:
        return f"{how}, and its HXL tag agrees"
    return how


def _use_parts(reading: Reading, parts: list[Parts]) -> None:
    """Record the columns of breakdowns; a part told twice is used once."""
    view = reading.view
    told: set[str] = set()
    # Parts that add up come first: a second run of the same parts is about something else.
    for group in sorted(parts, key=lambda p: (p.total is None, p.figures[0].position)):
        codes = {str(f.code) for f in group.figures}
        is_again = bool(codes & told)
        chosen = reading.sources.get(str(group.figures[0].total_code))
        is_of_rival = (
            group.total is not None and chosen is not None and group.total not in chosen
        )
        for figure in group.figures:
            if is_again or is_of_rival:
                view.use(figure.position, (), 0.6, "parts of a total that is not used")
                continue
            view.use(figure.position, (str(figure.code),), *_part_reason(view, group))
        if not is_again and not is_of_rival:
            told |= codes


def _part_reason(view: SheetView, group: Parts) -> tuple[float, str]:
    if group.total is not None:
        name = view.heading(group.total)
        share = f"{group.agreement:.0%}"
        return 0.95, f"with its neighbours it adds up to {name!r} in {share} of the rows"
    if group.figures[0].source == "neighbour":
        return 0.65, "it stands beside the total it is a part of"
    return 0.8, "its heading says so"


def _totals_from_parts(reading: Reading, parts: list[Parts], statements: Statements) -> None:
    """Let parts make a total that has no column of its own."""
    view = reading.view
    used = [p for p in parts if view.mapped[p.figures[0].position].fields]
    for code in dict.fromkeys(str(p.figures[0].total_code) for p in used):
        if code in reading.sources or not is_indicator(code):
            continue
        groups = [p for p in used if p.figures[0].total_code == code]
        sums = {id(g): sum(view.total(f.position) for f in g.figures) for g in groups}
        stated = {id(g): statements.of(sums[id(g)], but=view.grid.sheet) for g in groups}
        best = max(
            groups,
            key=lambda g: (
                stated[id(g)] is not None,
                len(g.figures) > 1,
                -_ORDER.index(str(g.figures[0].dimension)),
            ),
        )
        statement = stated[id(best)]
        is_whole = len(best.figures) > 1 and best.is_clear and not _is_told_again(best, parts)
        certainty = 0.95 if statement else 0.75 if is_whole else 0.55
        if certainty < _LEAST and not code.startswith("idp_") and _has_idps(reading):
            continue  # a total made of some parts only is none
        positions = tuple(f.position for f in best.figures)
        for figure in best.figures:
            mapping = view.mapped[figure.position]
            view.use(figure.position, (str(figure.code), code), certainty, mapping.reason)
        reading.sources[code] = positions
        names = ", ".join(repr(view.heading(at)) for at in positions[:6])
        sentence = (
            f"{code} has no column of its own: it is the sum of its parts by "
            f"{best.figures[0].dimension} ({names}), {sums[id(best)]:,.0f}."
        )
        reading.choices.append(sentence)
        if statement is not None:
            reading.stated[code] = statement.value
        if certainty < _LEAST:
            reading.doubt(certainty, f"{code} is known by some of its parts only ({names})")
        reading.certainty = min(reading.certainty, certainty)


def _is_told_again(group: Parts, parts: list[Parts]) -> bool:
    """Return whether other columns tell the same parts, of people who may be others."""
    codes = {f.code for f in group.figures}
    return any(codes & {f.code for f in p.figures} for p in parts if p is not group)


def _add_people_from_abroad(
    reading: Reading, parts: list[Parts], statements: Statements
) -> None:
    """Decide whether IDPs previously abroad stand in the total of IDPs, or add to it."""
    told: tuple[bool, str] | None = None
    for unit in ("individuals", "households"):
        whole, abroad = f"idp_{unit}", f"idp_previously_abroad_{unit}"
        if abroad not in reading.sources or whole not in reading.sources:
            continue
        # What holds for persons holds for their households.
        told = told or _adds(reading, whole, abroad, parts, statements)
        is_added, why = told
        if is_added:
            for at in reading.sources[abroad]:
                mapping = reading.view.mapped[at]
                reading.view.use(at, (abroad, whole), mapping.certainty, mapping.reason)
            reading.sources[whole] = (*reading.sources[whole], *reading.sources[abroad])
        verb = "adds to" if is_added else "is within"
        total = sum(reading.view.total(at) for at in reading.sources[whole])
        reading.choices.append(f"{abroad} {verb} {whole}, {total:,.0f} in all: {why}.")


def _adds(
    reading: Reading, whole: str, abroad: str, parts: list[Parts], statements: Statements
) -> tuple[bool, str]:
    """Return whether people previously abroad add to a total, and what says so."""
    view = reading.view
    base = sum(view.total(at) for at in reading.sources[whole])
    extra = sum(view.total(at) for at in reading.sources[abroad])
    both = statements.of(base + extra, but=view.grid.sheet)
    alone = statements.of(base, but=view.grid.sheet)
    if both is not None:
        reading.stated[whole] = both.value
        return True, f"the sum with them is stated {both.where} ({both.label})"
    apart = statements.of(extra, but=view.grid.sheet)
    if alone is not None and (apart is None or alone.says.has("mark.total")):
        return False, f"the sum without them is stated {alone.where} ({alone.label})"
    at, more = reading.sources[whole][0], reading.sources[abroad]
    if any(calls_itself_part(view.own[one]) for one in more):
        return False, "its heading calls it a part"
    if (view.numbers(more[0]).fill_null(0) > view.numbers(at).fill_null(0)).any():
        return True, "some places have more of them than the other column has people"
    for group in parts:
        positions = [f.position for f in group.figures]
        if group.total == at and agreement(view, positions, at) >= 0.8:
            return True, "the parts make the other column without them, so they stand apart"
    reading.certainty = min(reading.certainty, 0.7)
    return True, "they stand in a column of their own, and nothing states a total"


def _add_kinds_of_returnees(reading: Reading) -> None:
    """Let returnees from displacement and from abroad make the total that has no column."""
    view = reading.view
    for unit in ("individuals", "households"):
        whole = f"returnee_{unit}"
        kinds = [f"returnee_{kind}_{unit}" for kind in ("internal", "abroad")]
        if whole in reading.sources or any(kind not in reading.sources for kind in kinds):
            continue
        positions = [at for kind in kinds for at in reading.sources[kind]]
        for at in positions:
            mapping = view.mapped[at]
            view.use(at, (*mapping.fields, whole), mapping.certainty, mapping.reason)
        reading.sources[whole] = tuple(positions)
        total = sum(view.total(at) for at in positions)
        reading.choices.append(
            f"{whole} has no column of its own: it is the sum of those from displacement and "
            f"from abroad, {total:,.0f}."
        )


def _check_households(reading: Reading) -> None:
    """Doubt a reading in which most places have fewer persons than households."""
    for stem in _stems(reading.sources):
        households = reading.sources.get(f"{stem}_households", ())
        persons = reading.sources.get(f"{stem}_individuals", ())
        if len(households) != 1 or len(persons) != 1:
            continue
        size = household_size(reading.view, households[0], persons[0])
        if size is not None and size < 1:
            names = [reading.view.heading(at) for at in (*households, *persons)]
            reading.doubt(
                0.5,
                f"most places have fewer persons ({names[1]!r}) than households "
                f"({names[0]!r}), so the two columns may be swapped",
            )


def _stems(codes: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(c.rsplit("_", 1)[0] for c in codes if "__" not in c))
