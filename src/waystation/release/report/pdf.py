"""The report as a PDF: A4, four to eight pages, fonts embedded, tagged for screen readers."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from waystation.folders import write_file_whole
from waystation.release.report.content import report_from_build
from waystation.release.report.parts import Exhibit, Report, Section, Table
from waystation.release.report.pictures import svg_from_spec, swatch
from waystation.release.report.words import Words
from waystation.release.theme import LIGHT, font_folders
from waystation.tracking.build import Build

# Sections that begin a page, and exhibits that go across it.
BEGIN_A_PAGE = {"where", "change", "tables"}
ACROSS = {"map", "circles", "change"}
# PDF/UA and PDF/A; a report with Arabic charts cannot claim them (see `_compiled`).
STANDARDS = ["ua-1", "a-2a"]


def write_report_pdf(build: Build, path: Path, *, language: str = "en") -> Path:
    """Write the report of a build as a PDF.

    Args:
        build: The build.
        path: The file, replaced if there; it appears whole or not at all.
        language: en, fr, es or ar.

    Returns:
        The path.

    Raises:
        InvalidChoice: If the language is another.
    """
    report = report_from_build(build, language)
    producers = list(dict.fromkeys(s.producer for s in build.sources if s.producer))
    return write_file_whole(path, pdf_from_report(report, producers))


def pdf_from_report(report: Report, producers: list[str]) -> bytes:
    """Return a report as the bytes of a PDF.

    Args:
        report: What it says.
        producers: Who made the data; named as the document's authors.
    """
    with tempfile.TemporaryDirectory(prefix="waystation-") as name:
        folder = Path(name)
        setting = _Setting(folder, report.language, {})
        document = setting.document(report) | {"producers": producers}
        (folder / "report.json").write_text(json.dumps(document, ensure_ascii=False), "utf-8")
        template = files("waystation.release.report").joinpath("report.typ")
        (folder / "report.typ").write_bytes(template.read_bytes())
        return _compiled(folder / "report.typ")


def _compiled(template: Path) -> bytes:
    """Return the PDF, in the standards for archives and screen readers where that is possible.

    A standard wants every glyph tied to a letter: the joined letters of Arabic inside a picture
    cannot be, nor letters of a script whose font is absent. Such a report is tagged all the
    same, without claiming the standard.
    """
    import typst

    def compiled(standards: list[Any]) -> bytes:
        return typst.compile(
            str(template),
            root=str(template.parent),
            font_paths=[str(folder) for folder in font_folders()],
            ignore_system_fonts=True,
            pdf_standards=standards,
            format="pdf",
        )

    try:
        return compiled(STANDARDS)
    except typst.TypstError:
        return compiled([])


@dataclass(frozen=True)
class _Setting:
    """Turns a report into what the template reads, and its charts into files beside it."""

    folder: Path
    language: str
    swatches: dict[str, str]

    def document(self, report: Report) -> dict[str, Any]:
        words = Words(report.language)
        return {
            "language": report.language,
            "direction": report.direction,
            "title": report.title,
            "operation": report.operation,
            "subtitle": " · ".join(p for p in (report.operation, report.round_label) if p),
            "head": " · ".join(p for p in (report.round_label, report.as_of) if p),
            "page_number": words.say("page_number", page="PAGE", pages="ALL"),
            "colours": {
                name: getattr(LIGHT, name)
                for name in ("ink", "quiet", "line", "primary", "accent", "panel")
            },
            "headlines": [
                {"label": h.label, "value": h.value, "note": h.note, "unsure": h.is_unsure}
                for h in report.headlines
            ],
            "sentences": list(report.sentences),
            "map": self._exhibit(report.map),
            "sections": [self._section(section) for section in report.sections],
            "sources": list(report.sources),
            "sources_heading": report.words["sources_heading"],
            "disclaimer": report.disclaimer,
        }

    def _section(self, section: Section) -> dict[str, Any]:
        return {
            "heading": section.heading,
            "breaks": section.name in BEGIN_A_PAGE,
            "exhibits": [self._exhibit(exhibit) for exhibit in section.exhibits],
            "tables": [_table(table) for table in section.tables],
            "paragraphs": list(section.paragraphs),
        }

    def _exhibit(self, exhibit: Exhibit) -> dict[str, Any]:
        file = None
        if exhibit.spec is not None:
            file = f"{exhibit.name}.svg"
            svg = svg_from_spec(exhibit.spec, self.language)
            (self.folder / file).write_text(svg, "utf-8")
        return {
            "title": exhibit.title,
            "subtitle": exhibit.subtitle,
            "source": exhibit.source,
            "sentence": exhibit.sentence,
            "file": file,
            "alt": f"{exhibit.title}. {exhibit.subtitle}",
            "wide": exhibit.name in ACROSS,
            "legend": [
                {"file": self._swatch(entry.fill), "label": entry.label}
                for entry in exhibit.legend
            ],
        }

    def _swatch(self, fill: str) -> str:
        if fill not in self.swatches:
            file = f"swatch{len(self.swatches)}.svg"
            (self.folder / file).write_text(swatch(fill), "utf-8")
            self.swatches[fill] = file
        return self.swatches[fill]


def _table(table: Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "headings": list(table.headings),
        "rows": [
            {"cells": list(row), "unsure": table.is_unsure(place)}
            for place, row in enumerate(table.rows)
        ],
        "note": table.note,
    }
