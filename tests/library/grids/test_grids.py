"""Reading cells: nothing is interpreted, positions and row numbers stay true."""

from __future__ import annotations

import datetime as dt
import json
import zipfile

import polars as pl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from waystation.errors import NothingToRead, UnreadableFile
from waystation.grids import Grid, read_grids, require_numbers
from waystation.grids.files import forget_kept


def csv_of(folder, content, name="file.csv"):
    path = folder / name
    path.write_bytes(content)
    return path


def only(path) -> Grid:
    (grid,) = read_grids(path)
    return grid


def test_only_an_empty_cell_is_null(tmp_path):
    grid = only(csv_of(tmp_path, b'country,idps,note\nNA,N/A,""\n-,0,NULL\n'))
    assert grid.cells.columns == ["c0", "c1", "c2"]
    assert grid.cells.rows() == [
        ("country", "idps", "note"),
        ("NA", "N/A", None),
        ("-", "0", "NULL"),
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_from_the_content(tmp_path, delimiter):
    rows = [["place", "idps", "date"], ["Alder", "12", "1 March, 2026"]]
    text = "\n".join(delimiter.join(f'"{c}"' for c in row) for row in rows)
    assert only(csv_of(tmp_path, text.encode())).cells.rows() == [tuple(r) for r in rows]


@pytest.mark.parametrize(
    ("text", "encoding", "said"),
    [
        ("lieu;déplacés\nÉté;12\n", "utf-8", ""),
        ("lieu;déplacés\nÉté;12\n", "utf-8-sig", ""),
        ("lieu;déplacés\nÉté;12\n", "utf-16", ""),
        ("lieu;déplacés\nÉté;12\n", "utf-16-le", "utf-16"),
        ("lieu;déplacés\nÉté;12\n", "windows-1252", "windows-1252"),
        ("المحافظة;النازحون\nالأنبار;12\n", "windows-1256", "windows-1256"),
        ("область;люди\nКиевская;12\n", "windows-1251", "windows-1251"),
    ],
)
def test_the_encoding_is_told_from_the_content_and_a_guess_is_said(
    tmp_path, text, encoding, said
):
    grid = only(csv_of(tmp_path, text.encode(encoding)))
    assert grid.cells.rows() == [tuple(line.split(";")) for line in text.splitlines()]
    assert said in " ".join(grid.notes)
    assert bool(grid.notes) == bool(said)


def test_one_damaged_character_does_not_change_the_encoding_of_the_rest(tmp_path):
    content = b"lieu,n\n" + "été,1\n".encode() * 20 + b"\xff,2\n"
    grid = only(csv_of(tmp_path, content))
    assert grid.cells.row(1) == ("été", "1")
    assert grid.cells.row(21) == ("\ufffd", "2")
    assert "damaged" in grid.notes[0]


def test_ragged_blank_and_broken_lines_keep_their_row_numbers(tmp_path):
    grid = only(csv_of(tmp_path, b'Title\n\na,b\n1,"two\nlines"\n1,2,3,4\n'))
    assert grid.first_row == 1
    assert grid.cells.rows() == [
        ("Title", None, None, None),
        (None, None, None, None),
        ("a", "b", None, None),
        ("1", "two\nlines", None, None),
        ("1", "2", "3", "4"),
    ]


def test_a_long_line_far_below_widens_the_sheet(tmp_path):
    content = b"a,b\n" + b"1,2\n" * 100_000 + b"1,2,3\n"
    grid = only(csv_of(tmp_path, content))
    assert (grid.cells.height, grid.cells.width) == (100_002, 3)


def test_separators_stated_for_excel_and_old_line_ends_are_understood(tmp_path):
    assert only(csv_of(tmp_path, b"sep=;\r\na;b\r\n1;2\r\n")).cells.rows()[1] == ("1", "2")
    assert only(csv_of(tmp_path, b"a,b\r1,2\r", "mac.csv")).cells.rows()[1] == ("1", "2")


def test_null_bytes_are_left_out_and_said(tmp_path):
    grid = only(csv_of(tmp_path, b"a,b\n" + b"1,2\n" * 50 + b"3\x00,4\n"))
    assert grid.cells.row(-1) == ("3", "4")
    assert grid.notes == ("Null bytes were left out.",)


def test_quotation_marks_that_do_not_pair_are_refused_unless_harmless(tmp_path):
    assert only(csv_of(tmp_path, b'a,b\n5" pipe,"x\n')).cells.row(1) == ('5" pipe', '"x')
    with pytest.raises(UnreadableFile, match="quotation mark"):
        read_grids(csv_of(tmp_path, b'a,b\n1,"x\n2,z\n3,"w,y"\n', "unpaired.csv"))


def test_formulas_and_commands_stay_text(tmp_path):
    grid = only(csv_of(tmp_path, b"a,b\n=1+1,\"=cmd|' /C calc'!A0\"\n"))
    assert grid.cells.row(1) == ("=1+1", "=cmd|' /C calc'!A0")


@pytest.fixture
def workbook(tmp_path):
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        time = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        data = book.add_worksheet("Data")
        data.write_row(3, 2, ["place", "idps", "share", "is open", "day", "time", "sum", "bad"])
        data.write_row(4, 2, ["NA", 12, 2.5, True])
        data.write_datetime(4, 6, dt.date(2026, 3, 1), day)
        data.write_datetime(4, 7, dt.datetime.fromisoformat("2026-03-01T12:30"), time)
        data.write_formula(4, 8, "=D5*2", None, 24)
        data.write_formula(4, 9, "=1/0", None, "#DIV/0!")
        book.add_worksheet("Empty")
        hidden = book.add_worksheet("Hidden")
        hidden.write(0, 0, "=cmd|' /C calc'!A0")
        hidden.hide()
    return path


def test_cells_of_a_workbook_are_text_in_their_true_places(workbook):
    data, hidden = read_grids(workbook)
    assert (data.sheet, data.first_row) == ("Data", 1)
    assert data.cells.row(4) == (
        None, None, "NA", "12", "2.5", "true", "2026-03-01", "2026-03-01 12:30:00", "24",
        "#DIV/0!",
    )  # fmt: skip
    assert data.cells.row(3)[2] == "place"
    assert hidden.sheet == "Hidden"


def test_a_workbook_with_dangling_parts_reads(workbook, tmp_path):
    broken = tmp_path / "dangling.xlsx"
    with zipfile.ZipFile(workbook) as source, zipfile.ZipFile(broken, "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/'
            'package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.'
            'openxmlformats.org/officeDocument/2006/relationships/drawing" '
            'Target="../drawings/drawing1.xml"/></Relationships>',
        )
    assert [g.cells.rows() for g in read_grids(broken)] == [
        g.cells.rows() for g in read_grids(workbook)
    ]


def test_an_open_document_table_reads(tmp_path):
    path = tmp_path / "table.ods"
    spaces = (
        'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
        'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
        'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    )
    word = '<table:table-cell office:value-type="string"><text:p>NA</text:p></table:table-cell>'
    figure = '<table:table-cell office:value-type="float" office:value="5"/>'
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {spaces}><office:body><office:spreadsheet>"
            f'<table:table table:name="Data"><table:table-row><table:table-cell/>'
            f"</table:table-row><table:table-row><table:table-cell/>{word}{figure}"
            '</table:table-row><table:table-row table:number-rows-repeated="1048570">'
            '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>",
        )
    grid = only(path)
    assert grid.cells.rows() == [(None, None, None), (None, "NA", "5")]


@pytest.mark.parametrize(
    "wrap",
    [
        lambda rows: rows,
        lambda rows: {
            "result": rows,
            "statusCode": 200,
            "isSuccess": True,
            "errorMessages": [],
        },
        lambda rows: {
            "result": {"result": {"data": rows, "pagination": {}}},
            "exception": None,
        },
        lambda rows: {"count": 2, "results": rows},
        lambda rows: {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": r, "geometry": None} for r in rows],
        },
    ],
)
def test_records_are_found_in_their_envelopes(tmp_path, wrap):
    path = tmp_path / "answer.json"
    rows = [{"admin0Pcode": "NA", "n": 3, "x": 1.0}, {"n": None, "deep": {"is": True}}]
    path.write_text(json.dumps(wrap(rows)), "utf-8")
    assert only(path).cells.rows() == [
        ("admin0Pcode", "n", "x", "deep/is"),
        ("NA", "3", "1", None),
        (None, None, None, "true"),
    ]


def test_a_point_gives_its_position(tmp_path):
    path = tmp_path / "sites.geojson"
    point = {"type": "Point", "coordinates": [15.5, -4.25]}
    feature = {"type": "Feature", "properties": {"n": 1}, "geometry": point}
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}))
    assert only(path).cells.rows() == [("n", "latitude", "longitude"), ("1", "-4.25", "15.5")]


def test_parquet_keeps_its_types_beside_a_sample_as_text(tmp_path):
    path = tmp_path / "table.parquet"
    frame = pl.DataFrame(
        {"country": ["NA"] * 1500, "idps": [1.0] * 1500, "day": [dt.date(2026, 3, 1)] * 1500}
    )
    frame.write_parquet(path)
    grid = only(path)
    assert grid.cells.height == 1001
    assert grid.height == 1501
    assert grid.cells.rows()[:2] == [("country", "idps", "day"), ("NA", "1", "2026-03-01")]
    assert grid.frame is not None
    assert grid.frame.collect().equals(frame)


def test_files_without_a_number_are_refused_where_numbers_are_needed(tmp_path):
    words = read_grids(csv_of(tmp_path, b"Admin 1,IDP 2026\nNorth,many\n"))
    with pytest.raises(NothingToRead, match="no sheet holds a number"):
        require_numbers(words)
    figures = read_grids(csv_of(tmp_path, b'Admin 1,IDPs\nNorth,"1,200"\n', "figures.csv"))
    assert require_numbers(figures) == figures


def test_a_file_that_changes_is_read_again(tmp_path):
    path = csv_of(tmp_path, b"a\n1\n")
    first = only(path)
    assert only(path).cells is first.cells
    path.write_bytes(b"a\n22\n")
    assert only(path).cells.rows() == [("a",), ("22",)]
    forget_kept()
    assert only(path).cells.rows() == [("a",), ("22",)]


texts = st.text(
    st.characters(min_codepoint=32, max_codepoint=0x6FF, exclude_characters='",'), max_size=8
)


@settings(deadline=None)
@given(st.lists(st.lists(texts, min_size=3, max_size=3), min_size=1, max_size=6))
def test_what_is_written_as_csv_comes_back(tmp_path_factory, rows):
    rows = [["a", "b", "c"], *rows, ["1", "2", "3"]]
    path = tmp_path_factory.mktemp("csv") / "rows.csv"
    path.write_text("\n".join(",".join(f'"{c}"' for c in row) for row in rows), "utf-8")
    assert only(path).cells.rows() == [tuple(c or None for c in row) for row in rows]


def test_every_published_workbook_reads(field_data):
    paths = sorted(field_data.rglob("*.xlsx"))
    assert paths
    for path in paths:
        assert require_numbers(read_grids(path)), path.name
