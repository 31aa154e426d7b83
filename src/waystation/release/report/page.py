"""The report as one self-contained page: readable without JavaScript, interactive with it.

The page asks nothing of any network: styles, scripts and charts are inside, and its security
policy forbids requests.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from waystation.folders import write_file_whole
from waystation.release.charts import hatchings
from waystation.release.report.content import report_from_build
from waystation.release.report.parts import Exhibit, Headline, Report, Section, Table
from waystation.release.report.pictures import svg_from_spec, swatch
from waystation.release.theme import dark_by_light, number_locale, time_locale
from waystation.tracking.build import Build

ACROSS = {"map", "circles", "change"}
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'; "
    "img-src data:; base-uri 'none'; form-action 'none'"
)


def write_report_page(build: Build, path: Path, *, language: str = "en") -> Path:
    """Write the report of a build as one HTML page.

    Args:
        build: The build.
        path: The file, replaced if there; it appears whole or not at all.
        language: en, fr, es or ar.

    Returns:
        The path.

    Raises:
        InvalidChoice: If the language is another.
    """
    text = page_from_report(report_from_build(build, language))
    return write_file_whole(path, text.encode())


def page_from_report(report: Report) -> str:
    """Return a report as an HTML document."""
    sections = [section for section in report.sections if _has_content(section)]
    links = [("overview", report.words["section_overview"])]
    links += [(section.name, section.heading) for section in sections]
    contents = "".join(
        f'<li><a href="#{name}">{_text(label)}</a></li>' for name, label in links
    )
    body = f"""<a class="skip" href="#overview">{_text(report.words["skip"])}</a>
{_shared_fills()}
<header>
<h1>{_text(report.title)}</h1>
<p class="quiet">{_joined(report.operation, report.round_label, report.as_of)}</p>
</header>
<nav aria-label="{_text(report.words["contents"])}"><ul>{contents}</ul></nav>
<main>
{_overview(report)}
{"".join(_section(section, report) for section in sections)}
<section><h3>{_text(report.words["sources_heading"])}</h3>
{"".join(f"<p class='note'>{_text(line)}</p>" for line in report.sources)}</section>
</main>
<footer><p>{_text(report.disclaimer)}</p></footer>
{_scripts(report)}"""
    title = _joined(report.title, report.operation)
    return f"""<!doctype html>
<html lang="{report.language}" dir="{report.direction}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{title}</title>
<style>{_packaged("page.css")}</style>
</head>
<body>
{body}
</body>
</html>
"""


def _packaged(name: str) -> str:
    return files("waystation.release.report").joinpath(name).read_text("utf-8")


def _text(value: str) -> str:
    return escape(value, quote=True)


def _joined(*parts: str) -> str:
    return " · ".join(_text(part) for part in parts if part)


def _has_content(section: Section) -> bool:
    return bool(section.exhibits or section.tables or section.paragraphs)


def _shared_fills() -> str:
    """Return the hatchings that all charts refer to."""
    fills = _recoloured(hatchings())
    return (
        f'<svg width="0" height="0" style="position:absolute" aria-hidden="true">{fills}</svg>'
    )


def _recoloured(svg: str) -> str:
    """Return SVG whose fills the script can change to the reader's colours."""
    return re.sub(r'fill="(#[0-9a-f]{6})"', r'fill="\1" data-fill="\1"', svg)


def _overview(report: Report) -> str:
    figures = "".join(_headline(headline) for headline in report.headlines)
    sentences = "".join(f"<p>{_text(sentence)}</p>" for sentence in report.sentences)
    return f"""<section id="overview"><h2>{_text(report.words["section_overview"])}</h2>
<dl class="figures">{figures}</dl>
<div class="sentences">{sentences}</div>
<div class="exhibits" style="margin-block-start:1.5rem">{_exhibit(report.map, report)}</div>
<p class="note">{_text(report.disclaimer)}</p></section>"""


def _headline(headline: Headline) -> str:
    mark = " unsure" if headline.is_unsure else ""
    return (
        f"<div><dt>{_text(headline.label)}</dt>"
        f'<dd class="value{mark}"><bdi>{_text(headline.value)}</bdi></dd>'
        f'<dd class="quiet">{_text(headline.note)}</dd></div>'
    )


def _section(section: Section, report: Report) -> str:
    exhibits = "".join(_exhibit(exhibit, report) for exhibit in section.exhibits)
    shown = f'<div class="exhibits">{exhibits}</div>' if exhibits else ""
    tables = "".join(_table(table) for table in section.tables)
    paragraphs = "".join(f"<p>{_text(paragraph)}</p>" for paragraph in section.paragraphs)
    heading = f"<h2>{_text(section.heading)}</h2>"
    return f'<section id="{section.name}">{heading}{shown}{tables}{paragraphs}</section>\n'


def _exhibit(exhibit: Exhibit, report: Report) -> str:
    wide = ' class="wide"' if exhibit.name in ACROSS else ""
    if exhibit.spec is None:
        return f'<div{wide}><p class="instead">{_text(exhibit.sentence)}</p></div>'
    picture = svg_from_spec(exhibit.spec, report.language, defined=False)
    legend = "".join(
        f"<li>{_recoloured(swatch(entry.fill, defined=False))}{_text(entry.label)}</li>"
        for entry in exhibit.legend
    )
    table = ""
    if exhibit.table is not None:
        summary = _text(report.words["show_table"])
        table = f"<details><summary>{summary}</summary>{_table(exhibit.table)}</details>"
    label = _text(f"{exhibit.title}. {exhibit.subtitle}")
    return f"""<figure{wide} id="chart-{exhibit.name}">
<figcaption><h3>{_text(exhibit.title)}</h3>
<p class="subtitle">{_text(exhibit.subtitle)}</p></figcaption>
<div class="chart" data-chart="{exhibit.name}" role="img" aria-label="{label}">{picture}</div>
{f'<ul class="legend">{legend}</ul>' if legend else ""}
<p class="source">{_text(exhibit.source)}</p>{table}</figure>
"""


def _table(table: Table) -> str:
    classes = ['class="n" ' if figure else "" for figure in table.figure_columns]
    head = "".join(
        f'<th {kind}scope="col">{_text(heading)}</th>'
        for kind, heading in zip(classes, table.headings, strict=True)
    )
    rows = []
    for number, row in enumerate(table.rows):
        mark = ' class="unsure"' if table.is_unsure(number) else ""
        cells = "".join(
            f"<td {kind}>{_text(cell)}</td>"
            for kind, cell in zip(classes[1:], row[1:], strict=True)
        )
        rows.append(f'<tr{mark}><th scope="row">{_text(row[0])}</th>{cells}</tr>')
    note = f'<p class="note">{_text(table.note)}</p>' if table.note else ""
    caption = _text(table.caption)
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{caption}">'
        f"<table><caption>{caption}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>{note}"
    )


def _scripts(report: Report) -> str:
    """Return the specifications and the scripts that draw them; nothing without charts."""
    specs = {e.name: e.spec for e in report.exhibits() if e.spec is not None}
    if not specs:
        return ""
    given: dict[str, Any] = {
        "specs": specs,
        "dark": dark_by_light(),
        "numbers": number_locale(report.language),
        "times": time_locale(report.language),
    }
    # A "<" could end the script or begin another; in JSON it can be written otherwise.
    text = json.dumps(given, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return (
        f'<script type="application/json" id="given">{text}</script>\n'
        f"<script>{_drawing_library()}</script>\n<script>{_packaged('page.js')}</script>"
    )


@cache
def _drawing_library() -> str:
    """Return Vega, Vega-Lite and Vega-Embed in one script."""
    import vl_convert

    bundle: str = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;")
    return bundle.replace("</script", "<\\/script").replace("<!--", "<\\!--")
