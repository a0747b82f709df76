"""CSV twins: each sheet of a workbook as a file that any program reads, cell for cell.

A twin is read off the workbook itself, so that the two cannot differ: row 5 of one is row 5 of
the other, and a formula stands with the value it has. Nothing here touches disk.
"""

import csv
import io
import re
from collections.abc import Sequence
from datetime import date, datetime

import python_calamine

BOM = "\ufeff"
"""By it a Chinese Excel knows UTF-8."""
SIGNS = "=+@\\-\uff1d\uff0b\uff20\uff0d"
ACTIVE = re.compile(rf"(?:^(?= *[{SIGNS}\t\r\n])|(?<=[;\t\r\n])(?= *[{SIGNS}]))")
"""Where a spreadsheet could begin to read a formula: at the start of a text, and after what it may
take for the end of a cell or a line (https://owasp.org/www-community/attacks/CSV_Injection)."""
WRITTEN = re.compile(rf"(?:^'(?= *[{SIGNS}\t\r\n])|(?<=[;\t\r\n])'(?= *[{SIGNS}]))")


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
        open; numbers bare, days as year-month-day.
    """
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return {
        name: _file(workbook.get_sheet_by_index(place).to_python(skip_empty_area=False))
        for place, name in enumerate(names)
    }


def as_inert(text: str) -> str:
    r"""Return a text that no spreadsheet takes for a formula.

    Notes
    -----
    An apostrophe goes before a text that begins with ``= + - @``, a tab or a line end, in ASCII
    or full width; likewise within, after a semicolon, tab or line end, since some programs begin
    a new cell there.

    Examples
    --------
    >>> as_inert("=1+1"), as_inert("MOP-360"), as_inert("A;@SUM(1)")
    ("'=1+1", 'MOP-360', "A;'@SUM(1)")
    """
    return ACTIVE.sub("'", text)


def as_written(text: str) -> str:
    """Return a text that `as_inert` made safe as it was written.

    Examples
    --------
    >>> as_written("'-10 %"), as_written("it's")
    ('-10 %', "it's")
    """
    return WRITTEN.sub("", text)


def _file(rows: Sequence[Sequence[object]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    writer.writerows([_cell(value) for value in row] for row in rows)
    return (BOM + stream.getvalue()).encode()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    if isinstance(value, datetime) and not (value.hour or value.minute or value.second):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return as_inert(value) if isinstance(value, str) else value
