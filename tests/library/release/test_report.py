"""The report says what the build holds, in four languages, whatever the build lacks."""

from __future__ import annotations

import dataclasses
import html.parser
import io
import re
from typing import Any

import polars as pl
import pypdf
import pytest

from waystation.errors import InvalidChoice
from waystation.release.report import figures
from waystation.release.report.certainty import split_of_change
from waystation.release.report.content import report_from_build
from waystation.release.report.page import page_from_report, write_report_page
from waystation.release.report.pdf import pdf_from_report, write_report_pdf
from waystation.release.report.people import age_bounds
from waystation.tracking.indicators import LANGUAGES

FIGURE = {"en": "42,322", "fr": "42 322", "es": "42.322", "ar": "42,322"}


def emptied(build):
    frames = {
        f.name: getattr(build, f.name).clear()
        for f in dataclasses.fields(build)
        if isinstance(getattr(build, f.name), pl.DataFrame)
    }
    return dataclasses.replace(build, **frames, sources=())


def without_figures(build):
    null = pl.lit(None, pl.Float64)
    return dataclasses.replace(
        build,
        matrix=build.matrix.with_columns(value=null),
        totals=build.totals.with_columns(value=null, locations=pl.lit(0, pl.Int64)),
        changes=build.changes.clear(),
        findings=build.findings.clear(),
    )


def pdf_of(build, language="en"):
    return pypdf.PdfReader(io.BytesIO(pdf_from_report(report_from_build(build, language), [])))


def plain(text):
    return re.sub(r"\s+", " ", text.replace("\u202f", " ").replace("\u00a0", " "))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_says_the_headline_figure_in_four_to_eight_pages(build, tmp_path, language):
    path = write_report_pdf(build, tmp_path / "report.pdf", language=language)
    reader = pypdf.PdfReader(path)
    assert 4 <= len(reader.pages) <= 8
    assert FIGURE[language] in plain(reader.pages[0].extract_text())
    assert path.stat().st_size < 2_000_000
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"], "tagged for screen readers"
    assert root["/Lang"] == language
    assert [p.name for p in tmp_path.iterdir()] == ["report.pdf"]


def test_every_font_of_the_pdf_is_embedded(build):
    for page in pdf_of(build, "ar").pages:
        for font in page["/Resources"].get("/Font", {}).values():
            (descendant,) = font.get_object()["/DescendantFonts"]
            assert "/FontFile2" in descendant.get_object()["/FontDescriptor"].get_object()


def test_the_english_pdf_keeps_the_standards_for_archives_and_screen_readers(build):
    metadata = pdf_of(build).trailer["/Root"]["/Metadata"].get_object().get_data().decode()
    assert "pdfuaid:part>1" in metadata
    assert "pdfaid:part>2" in metadata


def test_running_head_and_page_numbers_stand_on_every_page(build):
    reader = pdf_of(build)
    for number, page in enumerate(reader.pages, start=1):
        text = plain(page.extract_text())
        assert "Highlands displacement" in text
        assert "As of 11 Oct 2025" in text
        assert f"Page {number} of {len(reader.pages)}" in text


def test_the_last_page_holds_sources_and_the_line_on_boundaries(build):
    text = plain(pdf_of(build).pages[-1].extract_text())
    assert "Made-up mission: Round files" in text
    assert "CC-BY-4.0" in text
    assert "do not imply official endorsement" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lacking", [emptied, without_figures])
def test_a_build_that_lacks_everything_has_sentences_and_no_empty_chart(
    build, lacking, language
):
    report = report_from_build(lacking(build), language)
    for exhibit in report.exhibits():
        assert (exhibit.spec is None) == bool(exhibit.sentence), exhibit.name
    assert report.map.spec is None
    assert 4 <= len(pdf_of(lacking(build), language).pages) <= 8
    assert "<h1>" in page_from_report(report)


def test_null_is_said_to_be_not_reported_and_never_zero(build):
    report = report_from_build(without_figures(build))
    assert report.headlines[0].value == "not reported"
    assert report.sentences[0].startswith("No location reported this figure in Round 3")
    areas = next(s for s in report.sections if s.name == "tables").tables[0]
    assert {row[2] for row in areas.rows} == {"not reported"}


def test_with_one_round_nothing_is_compared(new_build):
    report = report_from_build(new_build(rounds=1))
    assert report.sentences[1].startswith("This is the first round")
    charts = {exhibit.name: exhibit.spec for exhibit in report.exhibits()}
    assert charts["rounds"] is None
    assert charts["change"] is None
    assert charts["areas"] is not None


def test_without_boundaries_there_is_a_sentence_instead_of_a_map(new_build):
    report = report_from_build(new_build(boundaries=False))
    assert report.map.sentence.startswith("No boundaries")


def test_without_changes_the_difference_is_said_but_not_its_parts(build):
    report = report_from_build(dataclasses.replace(build, changes=build.changes.clear()))
    assert "3,946 fewer" in report.sentences[1]
    assert "Movement" not in report.sentences[1]
    change = next(e for e in report.exhibits() if e.name == "change")
    assert change.sentence.startswith("The parts of the change were not computed")


def test_three_hundred_units_still_fit(new_build):
    build = new_build(rounds=2, locations=700, admin1=60, admin2_each=5)
    assert len(pdf_of(build).pages) <= 8
    report = report_from_build(build)
    annex = next(s for s in report.sections if s.name == "annex").tables[0]
    assert len(annex.rows) == 100
    assert "200 further rows are in the released files." in annex.note


def test_the_three_sentences_add_up(build):
    report = report_from_build(build)
    assert report.sentences[0] == (
        "42,322 people were internally displaced in Westmark on 11 Oct 2025."
    )
    assert "3,946 fewer than in Round 2 (May 2025) (−8.5%)" in report.sentences[1]
    assert "accounts for −4,096; +150 comes from coverage" in report.sentences[1]
    shares = [int(n) for n in re.findall(r"(\d+)%", report.sentences[2])]
    assert sum(shares) == 100


def test_movement_and_coverage_add_up_to_the_difference(build):
    series = figures.main_series(build)
    assert series is not None
    rounds = figures.snapshots(build, series)
    parts = figures.change_parts(build, series, rounds[-1])
    moved, covered = split_of_change(parts)
    assert moved + covered == (rounds[-1].value or 0) - (rounds[-2].value or 0)


def test_values_that_rest_on_others_are_marked(build):
    report = report_from_build(build)
    annex = next(s for s in report.sections if s.name == "annex").tables[0]
    marked = [row[2] for place, row in enumerate(annex.rows) if annex.is_unsure(place)]
    assert marked
    assert all(figure.endswith("*") for figure in marked)
    assert "asterisk" in annex.note


def test_a_unit_that_nobody_assessed_is_told_apart_from_none(build):
    annex = next(s for s in report_from_build(build).sections if s.name == "annex").tables[0]
    (row,) = [row for row in annex.rows if row[1] == "XW0402"]
    assert row[2] == "not assessed"


def test_the_latest_date_counts_and_not_the_largest_round_number(build):
    swap = pl.col("round_number").replace({1: 9})
    renamed = dataclasses.replace(
        build,
        matrix=build.matrix.with_columns(swap),
        totals=build.totals.with_columns(swap),
        changes=build.changes.clear(),
    )
    assert report_from_build(renamed).headlines[0].value == "42,322"


def test_another_operation_is_named_and_not_added(build):
    other = build.totals.with_columns(
        operation=pl.lit("Coast returns"), value=pl.col("value") * 9
    )
    both = dataclasses.replace(build, totals=pl.concat([build.totals, other]))
    report = report_from_build(both)
    assert report.headlines[0].value == "42,322"
    method = next(s for s in report.sections if s.name == "method")
    assert "Coast returns" in method.paragraphs[0]


def test_age_bands_are_read_from_their_codes():
    assert age_bounds("under_1") == (0, 0)
    assert age_bounds("6_17") == (6, 17)
    assert age_bounds("60_plus") == (60, float("inf"))


def test_an_unknown_language_is_refused(build, tmp_path):
    with pytest.raises(InvalidChoice):
        write_report_pdf(build, tmp_path / "r.pdf", language="de")
    with pytest.raises(InvalidChoice):
        write_report_page(build, tmp_path / "r.html", language="de")
    assert list(tmp_path.iterdir()) == []


class Outline(html.parser.HTMLParser):
    """Collects what a page asks for, its headings, and whether its tags close."""

    VOID = frozenset({"meta", "link", "br", "img", "hr", "rect", "path", "circle"})

    def __init__(self):
        super().__init__()
        self.asked: list[str] = []
        self.headings: list[int] = []
        self.open: list[str] = []
        self.captions = 0
        self.tables = 0

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        self.asked += [
            v for k, v in values.items() if k in {"src", "href"} and v and v[0] != "#"
        ]
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.captions += tag == "caption"
        self.tables += tag == "table"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_is_one_file_that_asks_nothing_of_a_network(build, tmp_path, language):
    path = write_report_page(build, tmp_path / "report.html", language=language)
    text = path.read_text("utf-8")
    assert path.stat().st_size < 3_000_000
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in text
    outline = Outline()
    outline.feed(text)
    assert outline.asked == []
    assert outline.open == []
    assert outline.headings[0] == 1
    assert all(b - a <= 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
    assert outline.captions == outline.tables >= 6
    assert FIGURE[language] in plain(text)


def test_the_page_reads_without_javascript(build):
    text = page_from_report(report_from_build(build))
    visible = re.sub(r"<script.*?</script>", "", text, flags=re.DOTALL)
    assert visible.count("<svg") > 10
    assert "Amber Coast" in visible
    assert "42,322 people were internally displaced" in visible


def test_names_from_the_field_cannot_add_to_the_page(build):
    named = build.units.with_columns(
        name=pl.when(pl.col("code") == "XW02")
        .then(pl.lit("</script><script>alert(1)</script>"))
        .otherwise("name")
    )
    text = page_from_report(report_from_build(dataclasses.replace(build, units=named)))
    assert "<script>alert(1)" not in text


def test_names_from_the_field_cannot_add_to_the_pdf(build):
    named = build.units.with_columns(
        name=pl.when(pl.col("code") == "XW02")
        .then(pl.lit("#panic() $x$ *b*"))
        .otherwise("name")
    )
    reader = pdf_of(dataclasses.replace(build, units=named))
    assert "#panic()" in "".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize(
    "name", ["አማራ", "Ко̀в", "A\x00\x07B", "\ud7ff", "ولاية & <b>", "x" * 400]
)
def test_no_name_from_the_field_stops_the_report(build, name):
    named = build.units.with_columns(
        name=pl.when(pl.col("code") == "XW02").then(pl.lit(name)).otherwise("name")
    )
    report = report_from_build(dataclasses.replace(build, units=named))
    assert len(pypdf.PdfReader(io.BytesIO(pdf_from_report(report, []))).pages) >= 4
    Outline().feed(page_from_report(report))
