"""Where the figures come from and how they are protected, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from waystation.release.report.words import Words
from waystation.sources import Source
from waystation.tracking.build import Build

MOST_FILES = 40


def source_lines(build: Build, words: Words) -> tuple[str, ...]:
    """Return the sources, files of one producer, version, licence and date on one line.

    Each line names the producer, titles or files (not all of many), version, date, licence.
    """
    together: dict[Source, list[str]] = {}
    for source in build.sources:
        is_only_a_file = not source.title or source.title == PurePath(source.file).stem
        name = source.file if is_only_a_file else source.title
        together.setdefault(replace(source, title="", file="", sha256=""), []).append(name)
    lines = [_source_line(source, names, words) for source, names in together.items()]
    return tuple(lines) or (words.say("sources_none"),)


def protection_lines(build: Build, words: Words) -> tuple[str, ...]:
    """Return how the figures were protected before they left; nothing where they were not."""
    lines = []
    if build.rounded_to is not None:
        lines.append(words.say("method_rounded", base=build.rounded_to))
    if build.deepest_level is not None:
        lines.append(words.say("method_withheld", level=build.deepest_level))
    return tuple(lines)


def _source_line(source: Source, names: list[str], words: Words) -> str:
    known = [name for name in dict.fromkeys(names) if name]
    shown = ", ".join(known[:MOST_FILES])
    if len(known) > MOST_FILES:
        rest = words.number(len(known) - MOST_FILES)
        shown = f"{shown} {words.say('sources_more', number=rest)}"
    parts = [
        words.isolated(": ".join(part for part in (source.producer, shown) if part)),
        words.isolated(source.version),
        words.date(source.as_of) if source.as_of else "",
        words.say("source_licence", licence=source.licence) if source.licence else "",
    ]
    return ". ".join(part for part in parts if part)
