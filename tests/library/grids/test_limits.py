"""Files nobody can use are refused in one sentence, before they cost time or memory."""

from __future__ import annotations

import zipfile

import pytest
import xlsxwriter

from waystation.errors import (
    InputTooLarge,
    NotFound,
    NothingToRead,
    UnreadableFile,
    UnusableInput,
)
from waystation.grids import read_grids


def write(folder, name, content):
    path = folder / name
    path.write_bytes(content)
    return path


PROTECTED = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "EncryptedPackage".encode("utf-16-le")
)
ERROR = b'{"result": null, "isSuccess": false, "errorMessages": ["No data."]}'


@pytest.mark.parametrize(
    ("name", "content", "error", "said"),
    [
        ("empty.csv", b"", NothingToRead, "0 bytes"),
        ("blank.csv", b"\n\n  \n", NothingToRead, "only blanks"),
        ("commas.csv", b",,\n,,\n", NothingToRead, "no cell"),
        ("report.xlsx", b"%PDF-1.7 report", UnreadableFile, "a PDF document"),
        ("text.xlsx", b"a,b\n1,2\n", UnreadableFile, "text or another format"),
        ("page.xls", b"<html><table>", UnreadableFile, "a web page"),
        ("page.csv", b"\n<!DOCTYPE html><html>", UnreadableFile, "a web page"),
        ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, UnreadableFile, ".xls"),
        ("locked.xlsx", PROTECTED, UnreadableFile, "password"),
        ("locked.xls", PROTECTED, UnreadableFile, "password"),
        ("cut.xlsx", b"PK\x03\x04 cut off", UnreadableFile, "damaged"),
        ("bytes.csv", bytes(range(256)) * 50, UnreadableFile, "not text"),
        ("wide.csv", b",".join([b"1"] * 10_000), InputTooLarge, "10,000 columns"),
        ("half.csv", b"\xff\xfea\0,\0\x00\xd8", UnreadableFile, "not valid"),
        ("cut.json", b'{"result": [', UnreadableFile, "not valid JSON at line 1"),
        ("deep.json", b"[" * 100_000, UnreadableFile, "not valid JSON"),
        ("none.json", b'{"result": [], "isSuccess": true}', NothingToRead, "no records"),
        ("error.json", ERROR, UnreadableFile, "No data"),
        ("number.json", b"12", UnreadableFile, "no list of records"),
        ("cut.parquet", b"PAR1 cut off", UnreadableFile, "damaged"),
        ("letter.doc", b"Dear colleague", UnreadableFile, "format is not known"),
    ],
)
def test_a_file_nobody_can_use_is_refused_in_one_sentence(tmp_path, name, content, error, said):
    with pytest.raises(error, match=said) as caught:
        read_grids(write(tmp_path, name, content))
    assert caught.value.details["file"] == name
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        read_grids(tmp_path / "absent.csv")


def test_a_workbook_named_csv_is_told_by_its_content(tmp_path):
    book = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(book)) as made:
        made.add_worksheet().write(0, 0, 1)
    with pytest.raises(UnreadableFile, match=r"an Excel workbook\. Rename it to \.xlsx"):
        read_grids(book.rename(tmp_path / "book.csv"))


def test_a_csv_beyond_the_limit_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as stream:
        stream.write(b"a,b\n1,2\n")
        stream.truncate(2 << 30)
    with pytest.raises(InputTooLarge, match="2,048 MiB"):
        read_grids(path)


def bomb(folder, *, stated=None):
    """Write a workbook whose sheet is 200 MiB of blanks; the directory may lie about it."""
    path = folder / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        with archive.open("xl/worksheets/sheet1.xml", "w") as sheet:
            for _ in range(200):
                sheet.write(b" " * (1 << 20))
        if stated is not None:
            archive.getinfo("xl/worksheets/sheet1.xml").file_size = stated
    return path


@pytest.mark.parametrize("stated", [None, 5_000])
def test_a_zip_bomb_is_refused_even_if_its_directory_lies(tmp_path, stated):
    with pytest.raises(InputTooLarge, match="unpacks to more"):
        read_grids(bomb(tmp_path, stated=stated))


def test_a_zip_archive_that_is_no_workbook_is_damaged(tmp_path):
    path = tmp_path / "letters.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("letter.txt", "Dear colleague")
    with pytest.raises(UnreadableFile, match="damaged"):
        read_grids(path)


def test_a_workbook_cut_in_the_middle_is_damaged(tmp_path):
    whole = tmp_path / "whole.xlsx"
    with xlsxwriter.Workbook(str(whole)) as book:
        sheet = book.add_worksheet()
        for row in range(500):
            sheet.write_row(row, 0, [row * 7919 % 1009, row * 104729 % 997])
    content = bytearray(whole.read_bytes())
    start = content.index(b"xl/worksheets/sheet1.xml") + 200
    content[start : start + 400] = b"\xff" * 400
    with pytest.raises(UnreadableFile, match="damaged"):
        read_grids(write(tmp_path, "cut.xlsx", bytes(content)))


def test_two_cells_in_opposite_corners_are_refused(tmp_path):
    path = tmp_path / "corners.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, 1)
        sheet.write(1_048_575, 16_383, 2)
    with pytest.raises(InputTooLarge, match="30 million cells"):
        read_grids(path)


def test_formats_on_empty_cells_far_away_do_no_harm(tmp_path):
    path = tmp_path / "styled.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, 1)
        sheet.write_blank(1_048_575, 16_383, None, book.add_format({"bold": True}))
    assert read_grids(path)[0].cells.rows() == [("1",)]


def test_an_open_document_that_repeats_a_cell_without_end_is_refused(tmp_path):
    path = tmp_path / "repeated.ods"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "content.xml",
            '<table:table><table:table-row table:number-rows-repeated="4000"><table:table-cell '
            'table:number-columns-repeated="16000" office:value="1"><text:p>1</text:p>'
            "</table:table-cell></table:table-row></table:table>",
        )
    with pytest.raises(InputTooLarge, match="30 million cells"):
        read_grids(path)


def test_a_sheet_wider_than_the_limit_is_refused(tmp_path):
    path = tmp_path / "wide.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, [1] * 5_000)
    with pytest.raises(InputTooLarge, match="5,000 columns"):
        read_grids(path)


def test_every_refusal_names_what_to_do(tmp_path):
    with pytest.raises(UnusableInput) as caught:
        read_grids(write(tmp_path, "empty.csv", b""))
    assert set(caught.value.details) == {"file", "reason", "action"}
