"""CSV twins: each table of a workbook as a file that any program reads, cell for cell.

A twin is read off the workbook itself, so that the two cannot differ; a formula stands with the
value it has. Row 1 holds the headings, each on one line: title, note and sums of a sheet stay in
the workbook, its titles also in the twin of the read-me. What belongs to no workbook is written
the same way by `excel_csv`. Nothing here touches disk.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import pandas as pd
import python_calamine

from planner.intake.inert import as_inert
from planner.pages.bilingual import both
from planner.pages.sheets import TABLE_TOP

BOM = "\ufeff"
"""By it a Chinese Excel knows UTF-8."""

LARGE, DIGITS, DIGITS_OF_LARGE = 1000, 4, 2
"""A number of this size and more has two decimals, a smaller one four: none is a digit of noise."""
README = "readme"
"""The sheet that is a text, not a table: its lines get headings of their own."""
README_HEADS = ("sheet.topic", "sheet.in_zh", "sheet.in_en")


def csv_twins(book: bytes, names: Sequence[str]) -> dict[str, bytes]:
    """Return the sheets of a workbook as CSV files by name.

    Parameters
    ----------
    book : bytes
        An .xlsx file.
    names : sequence of str
        Of its sheets, in their order.

    Returns
    -------
    dict
        UTF-8 with a byte order mark, lines ended by CR LF, texts in quotation marks and safe to
        open; numbers bare, days as year-month-day. Row 1 is the headings, every further row one
        of the table; a table without rows is its headings alone.
    """
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    sheets = {
        name: workbook.get_sheet_by_index(place).to_python(skip_empty_area=False)
        for place, name in enumerate(names)
    }
    return {
        name: _file(_readme(sheets) if name == README else _table(rows))
        for name, rows in sheets.items()
    }


def excel_csv(frame: pd.DataFrame, *, float_format: str | None = None) -> bytes:
    """Return a table as CSV that a Chinese Excel opens: with its mark, lines ended by CR LF.

    Parameters
    ----------
    frame : DataFrame
        Texts already safe to open; days become year-month-day.
    float_format : str, optional
        As pandas takes it; without it numbers stand in full.
    """
    text = frame.to_csv(
        index=False, lineterminator="\r\n", date_format="%Y-%m-%d", float_format=float_format
    )
    return f"{BOM}{text}".encode()


def _table(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    """Return the headings and rows of a sheet, without what stands above them."""
    heads = [" ".join(str(text).split()) for text in rows[TABLE_TOP]]
    below = [list(row) for row in rows[TABLE_TOP + 1 :]]
    is_empty = len(below) == 1 and below[0][0] == both("empty.table")
    return [list(heads), *([] if is_empty else below)]


def _readme(sheets: Mapping[str, Sequence[Sequence[object]]]) -> list[list[object]]:
    """Return the lines of the read-me, then what each sheet is: its name, title and note."""
    lines = [list(row[: len(README_HEADS)]) for row in sheets[README][TABLE_TOP:]]
    titles = [
        [name, rows[0][0], rows[1][0] if len(rows) > 1 else ""]
        for name, rows in sheets.items()
        if name != README
    ]
    return [[both(term) for term in README_HEADS], *lines, *titles]


def _file(rows: Sequence[Sequence[object]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return (BOM + stream.getvalue()).encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        rounded = round(value, DIGITS if abs(value) < LARGE else DIGITS_OF_LARGE)
        return int(rounded) if rounded.is_integer() else rounded
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return as_inert(value) if isinstance(value, str) else value
