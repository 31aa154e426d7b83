"""One table as an Excel sheet: text stays text, numbers stay numbers."""

from __future__ import annotations

from pathlib import Path

import polars as pl

WIDEST = 60
OPTIONS = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "nan_inf_to_errors": True,
    "default_date_format": "yyyy-mm-dd",
}


def write_spreadsheet(frame: pl.DataFrame, path: Path, *, sheet: str) -> Path:
    """Write a table as a workbook of one sheet, its first row the headings.

    Args:
        frame: Any table of texts, numbers and dates.
        path: The file, replaced if there.
        sheet: Name of the sheet, at most 31 characters.

    Returns:
        The path.
    """
    import xlsxwriter

    with xlsxwriter.Workbook(str(path), OPTIONS) as book:
        page = book.add_worksheet(sheet[:31])
        bold = book.add_format({"bold": True})
        for number, name in enumerate(frame.columns):
            page.write_string(0, number, name, bold)
            values = frame[name].cast(pl.String).fill_null("").to_list()
            width = max([len(name), *map(len, values[:200])])
            page.set_column(number, number, min(width + 2, WIDEST))
            if frame.schema[name].is_numeric():
                page.write_column(1, number, frame[name].to_list())
            else:
                for row, value in enumerate(values, 1):
                    if value:
                        page.write_string(row, number, value[:32_767])
        page.freeze_panes(1, 0)
    return path
