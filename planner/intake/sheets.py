"""Turns the bytes of an XLSX workbook into rows, after a look at what it would cost to open.

The look comes first because some files of a few kilobytes end the process that opens them: a
bomb, a cell in the last row and column, an entity. Knows nothing of columns or platforms.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from datetime import MAXYEAR, date, datetime, timedelta
from typing import Any, NamedTuple

import python_calamine

MAX_PARTS = 1_000
MAX_UNPACKED_BYTES = 400_000_000
MAX_RATIO = 200  # of unpacked to packed; real exports stay below 20
MIN_RATIO_BYTES = 1_000_000  # smaller parts may be packed as tightly as they like
MAX_ROWS = 300_000
LAST_COLUMN = "IV"  # the 256th; real exports end before the 100th
WORKSHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
ENTITIES = (b"<!DOCTYPE", b"<!ENTITY")
FAR = rb"(?:(?:[A-Z]{3}|[J-Z][A-Z]|I[W-Z])[0-9]|[A-Z]*([0-9]{6,}))"
FAR_CELL = re.compile(rb'r="' + FAR)
ODD_FAR_CELL = re.compile(rb"\br\s*=\s*[\"']" + FAR)
HIDDEN_ROW = re.compile(rb'<row\b([^>]*\bhidden="(?:1|true)"[^>]*)>')
ROW_NUMBER = re.compile(rb'\br="([0-9]+)"')
SAFE_WHOLE = 10**15  # above it a double does not hold every whole number


class Sheet(NamedTuple):
    """One sheet: every row from row 1 on, and how many rows a filter hides."""

    rows: list[list[object]]
    hidden_rows: int


class WorkbookError(Exception):
    """A workbook that cannot be opened, or must not be."""

    def __init__(self, code: str, what: str) -> None:
        super().__init__(what)
        self.code = code


def sheets(data: bytes) -> Iterator[Sheet]:
    """Yield the sheets of a workbook in order.

    Raises
    ------
    WorkbookError
        E_CONTAINER (cut, damaged, locked or no workbook), E_ZIP_BOMB, E_SHEET_SIZE or E_XML.
    """
    hidden = _looked_through(data)
    workbook = _unbroken(lambda: python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)))
    for place in range(len(workbook.sheet_names)):
        rows = _unbroken(
            lambda place=place: workbook.get_sheet_by_index(place).to_python(skip_empty_area=False)
        )
        yield Sheet(rows, hidden)


def as_text(value: object, time_format: str) -> str:
    """Return a cell as the text a CSV export would hold.

    Parameters
    ----------
    value : object
        What the workbook holds: text, number, truth value, day or moment.
    time_format : str
        How the export writes a moment.

    Notes
    -----
    A whole number of 16 digits or more keeps its exponent: its last digits are lost, and the
    reader of ids must see that.

    Examples
    --------
    >>> as_text(123.0, ""), as_text(19.9, ""), as_text(5.76859e17, "")
    ('123', '19.9', '5.76859e+17')
    >>> as_text(date(2026, 1, 5), "%d/%m/%Y %H:%M:%S")
    '05/01/2026 00:00:00'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        if abs(value) >= SAFE_WHOLE:
            return repr(value)
        return str(int(value)) if value.is_integer() else format(value, ".12g")
    if isinstance(value, datetime):
        half_second = timedelta(microseconds=500_000 if value.year < MAXYEAR else 0)
        return (value + half_second).strftime(time_format)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day).strftime(time_format)
    return str(value)


def _unbroken(read: Callable[[], Any]) -> Any:
    try:
        return read()
    except python_calamine.PasswordError:
        raise WorkbookError("E_CONTAINER", "the workbook is locked with a password") from None
    except (python_calamine.CalamineError, ValueError, OSError):
        raise WorkbookError("E_CONTAINER", "the workbook is damaged") from None
    except BaseException as problem:
        if type(problem).__name__ != "PanicException":  # how the reader's own language gives up
            raise
        raise WorkbookError("E_CONTAINER", "the workbook is damaged") from None


def _looked_through(data: bytes) -> int:
    """Return the number of hidden rows, or refuse what must not be opened."""
    hidden = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise WorkbookError("E_CONTAINER", "an archive that holds no XLSX workbook")
            for part in parts:
                body = _unpacked(archive, part)
                is_xml = part.filename.endswith((".xml", ".rels"))
                if is_xml and (any(mark in body for mark in ENTITIES) or b"\x00" in body[:200]):
                    raise WorkbookError("E_XML", "the workbook defines entities of its own")
                if WORKSHEET.fullmatch(part.filename):
                    _refuse_far_cells(body)
                    hidden += _hidden_rows(body)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError):
        raise WorkbookError(
            "E_CONTAINER", "the workbook is cut short, damaged or locked with a password"
        ) from None
    return hidden


def _refuse_bomb(parts: list[zipfile.ZipInfo]) -> None:
    size = sum(part.file_size for part in parts)
    tight = [
        part
        for part in parts
        if part.file_size > MIN_RATIO_BYTES and part.file_size > MAX_RATIO * part.compress_size
    ]
    if len(parts) > MAX_PARTS or size > MAX_UNPACKED_BYTES or tight:
        raise WorkbookError("E_ZIP_BOMB", f"the workbook unpacks to {size / 1e6:,.0f} MB")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    with archive.open(part) as stream:
        body = stream.read(part.file_size + 1)
        if len(body) > part.file_size or stream.read(1):
            raise WorkbookError("E_ZIP_BOMB", "the workbook unpacks to more than it declares")
    return body


def _refuse_far_cells(body: bytes) -> None:
    odd = b"r='" in body or b"r =" in body or b"r= " in body  # as no program writes it
    for far in (ODD_FAR_CELL if odd else FAR_CELL).finditer(body):
        if far.group(1) and int(far.group(1)) <= MAX_ROWS:
            continue
        raise WorkbookError(
            "E_SHEET_SIZE", f"a sheet has cells beyond column {LAST_COLUMN} or row {MAX_ROWS:,}"
        )


def _hidden_rows(body: bytes) -> int:
    if b'hidden="' not in body:
        return 0
    numbers = [ROW_NUMBER.search(tag) for tag in HIDDEN_ROW.findall(body)]
    return len({number.group(1) for number in numbers if number})
