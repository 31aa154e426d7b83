"""What the report says, computed from a build; the PDF and the page are set from it."""

from __future__ import annotations

import polars as pl

from waystation.release.report import certainty, people, where
from waystation.release.report.figures import change_parts, other_series
from waystation.release.report.parts import Exhibit, Headline, Report, Section, Table
from waystation.release.report.sources import protection_lines, source_lines
from waystation.release.report.telling import Telling
from waystation.release.report.words import Words
from waystation.tracking.build import Build

MOST_AREAS = 45
MOST_ANNEX = 100
METHOD = ("stock", "blank", "carry", "change", "limits")
FIXED = (
    "contents", "skip", "show_table", "sources_heading", "not_assessed", "section_overview",
    "boundaries_disclaimer",
)  # fmt: skip
UNSURE = ("carried_forward", "estimated")


def report_from_build(build: Build, language: str = "en") -> Report:
    """Return the report of a build.

    It follows one series: the first headline indicator that the operation reports (people
    internally displaced before all others), in the component that covers most. It is whole
    whatever the build lacks: where there is nothing to draw, a sentence says why.

    Args:
        build: The build.
        language: en, fr, es or ar.

    Raises:
        InvalidChoice: If the language is another.
    """
    telling = Telling.of(build, language)
    words = telling.words
    latest = telling.latest
    return Report(
        language=language,
        direction=words.direction,
        title=words.say("title", country=telling.country),
        operation=telling.operation,
        round_label=telling.round_label(latest) if latest else "",
        as_of=words.say("as_of", date=latest.date) if latest else "",
        headlines=_headlines(telling),
        sentences=told_sentences(telling),
        map=where.area_map(telling),
        sections=_sections(telling),
        sources=source_lines(build, words),
        disclaimer=words.say("boundaries_disclaimer"),
        words={name: words.say(name) for name in FIXED},
    )


def _headlines(telling: Telling) -> tuple[Headline, ...]:
    words, latest = telling.words, telling.latest
    unknown = words.say("not_known")
    if latest is None:
        return (Headline(telling.label, unknown),)
    figure = (
        words.number(latest.value) if latest.value is not None else words.say("not_reported")
    )
    return (
        Headline(
            telling.label,
            figure,
            words.say("as_of", date=latest.date),
            is_unsure=telling.is_unsure(latest),
        ),
        _change_headline(telling),
        Headline(
            words.say("figure_locations"),
            words.number(latest.locations),
            words.say("note_blank", n=latest.not_reported),
        ),
        Headline(
            words.say("figure_observed"),
            words.percent(_observed(telling)),
            words.say("note_of_figure"),
        ),
    )


def _change_headline(telling: Telling) -> Headline:
    words, latest, previous = telling.words, telling.latest, telling.previous
    if latest is None or previous is None:
        note = words.say("note_first")
        return Headline(words.say("figure_change_none"), words.say("not_known"), note)
    label = words.say("figure_change", round=telling.round_within(previous))
    if latest.value is None or previous.value is None:
        return Headline(label, words.say("not_known"))
    share = (latest.value - previous.value) / previous.value if previous.value else None
    note = words.percent(share, signed=True) if share is not None else ""
    return Headline(label, words.signed(latest.value - previous.value), note)


def _observed(telling: Telling) -> float | None:
    """Return the share of the last figure that was observed in its round."""
    if not telling.shares:
        return None
    return 1 - sum(telling.shares.get(state, 0.0) for state in UNSURE)


def told_sentences(telling: Telling) -> tuple[str, ...]:
    """Return the three sentences: how many, what changed, how sure."""
    words, latest = telling.words, telling.latest
    if latest is None or latest.value is None:
        if latest is None:
            return (words.say("no_figure"),)
        none = words.say("stock_none", round=telling.round_within(latest))
        return (none, _change_sentence(telling), _sure(telling))
    told = {"country": telling.country, "date": latest.date}
    if telling.indicator.code == "idp_individuals":
        stock = words.say("stock_idps", n=latest.value, **told)
    else:
        stock = words.say("stock_other", n=latest.value, indicator=telling.label, **told)
    return (stock, _change_sentence(telling), _sure(telling))


def _change_sentence(telling: Telling) -> str:
    words, latest, previous = telling.words, telling.latest, telling.previous
    if latest is None or previous is None:
        return words.say("change_first")
    label = telling.round_within(previous)
    if latest.value is None or previous.value is None:
        return words.say("change_unknown", round=label)
    gap = latest.value - previous.value
    if gap == 0:
        return words.say("change_same", round=label)
    percent = words.percent(gap / previous.value if previous.value else None, signed=True)
    name = "change_more" if gap > 0 else "change_fewer"
    told = words.say(name, n=abs(gap), round=label, percent=percent)
    parts = change_parts(telling.build, telling.series, latest) if telling.series else None
    if parts is None or parts.is_empty():
        return told
    moved, covered = certainty.split_of_change(parts)
    split = words.say("change_split", moved=words.signed(moved), coverage=words.signed(covered))
    return f"{told} {split}"


def _sure(telling: Telling) -> str:
    words, observed = telling.words, _observed(telling)
    if observed is None:
        return words.say("sure_unknown")
    carried, estimated = (telling.shares.get(state, 0.0) for state in UNSURE)
    if all(share == 0 or share > 0.0995 for share in (carried, estimated)):
        observed = 1 - round(carried, 2) - round(estimated, 2)  # the three are read as 100%
    return words.say(
        "sure",
        observed=words.percent(observed),
        carried=words.percent(carried),
        estimated=words.percent(estimated),
    )


def _sections(telling: Telling) -> tuple[Section, ...]:
    words = telling.words

    def section(name: str, *exhibits: Exhibit, tables: tuple[Table, ...] = ()) -> Section:
        return Section(name, words.say(f"section_{name}"), exhibits, tables)

    people_parts = (
        people.sex_and_age(telling),
        people.breakdown_bars(telling, "reason"),
        people.breakdown_bars(telling, "shelter"),
        people.needs(telling),
    )
    return (
        section(
            "where",
            where.area_bars(telling),
            where.over_rounds(telling),
            where.circle_map(telling),
        ),
        section("change", certainty.change_explained(telling)),
        section("certainty", certainty.coverage(telling), certainty.quality(telling)),
        section("who", *people_parts),
        section("tables", tables=_area_table(telling, 1, "table_areas", MOST_AREAS)),
        section("annex", tables=_area_table(telling, 2, "table_annex", MOST_ANNEX)),
        Section("method", words.say("section_method"), paragraphs=method_paragraphs(telling)),
    )


def method_paragraphs(telling: Telling) -> tuple[str, ...]:
    """Return how the figures are to be read, and what a report of one series leaves out."""
    words = telling.words
    method = [words.say(f"method_{part}") for part in METHOD]
    method += protection_lines(telling.build, words)
    others = other_series(telling.build, telling.series) if telling.series else []
    if telling.series and others:
        component = words.say_or(f"component_{telling.series.component}", "")
        named = "; ".join(
            ", ".join((operation, words.say_or(f"component_{code}", code)))
            for operation, code in others
        )
        scope = words.say(
            "method_scope", operation=telling.operation, component=component, others=named
        )
        method.insert(0, scope)
    return tuple(method)


def _area_table(telling: Telling, level: int, caption: str, most: int) -> tuple[Table, ...]:
    """Return the table of a level, at most so many rows; nothing where no area is known."""
    words, latest = telling.words, telling.latest
    rows = telling.areas(level)
    if latest is None or rows.is_empty():
        return ()
    unsure = (pl.col("carried") + pl.col("estimated")) > 0.5
    shown = rows.head(most).with_columns(is_unsure=unsure.fill_null(value=False))
    marks = tuple(shown["is_unsure"].to_list())
    note = [words.say("unsure_note")] if any(marks) else []
    if rows.height > most:
        note.append(words.say("more_rows", n=rows.height - most))
    columns = ("area", "code", "figure", "change", "share", "locations", "blank")
    return (
        Table(
            caption=words.say(
                caption, indicator=telling.label, round=telling.round_label(latest)
            ),
            headings=tuple(words.say(f"column_{name}") for name in columns),
            rows=tuple(area_cells(row, words) for row in shown.iter_rows(named=True)),
            unsure=marks,
            note=" ".join(note),
        ),
    )


def area_cells(row: dict[str, object], words: Words) -> tuple[str, ...]:
    """Return an area's cells as written: name, code, figure, change, share, counts."""
    value, change, share = (_number(row[name]) for name in ("value", "change", "share"))
    if not row["is_assessed"]:
        figure = words.say("not_assessed")
    elif value is None:
        figure = words.say("not_reported")
    else:
        figure = words.number(value) + ("*" if row["is_unsure"] else "")
    return (
        str(row["name"]),
        str(row["code"] or ""),
        figure,
        words.signed(change) if change is not None else "–",
        words.percent(share) if share is not None else "–",
        words.number(_number(row["locations"])),
        words.number(_number(row["not_reported"])),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, (int, float)) else None
