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
ODD_MARKS = (
    b"r='",
    *(mark + blank for mark in (b"r", b"r=") for blank in (b" ", b"\t", b"\n", b"\r")),
)
"""What stands where a cell is named as no program writes it; elsewhere too, at worst."""
HIDDEN_ROW = re.compile(rb'<row\b([^>]*\bhidden="(?:1|true)"[^>]*)>')
ROW_NUMBER = re.compile(rb'\br="([0-9]+)"')
BLOCK_BYTES = 1 << 20
OVERLAP_BYTES = 100  # longer than any mark that is sought
SAFE_WHOLE = 10**15  # above it a double does not hold every whole number


class Sheet(NamedTuple):
    """One sheet: every row from row 1 on, how many rows a filter hides, and its name."""

    rows: list[list[object]]
    hidden_rows: int
    name: str = ""


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
    for place, name in enumerate(workbook.sheet_names):
        rows = _unbroken(
            lambda place=place: workbook.get_sheet_by_index(place).to_python(skip_empty_area=False)
        )
        yield Sheet(rows, hidden, name)


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
    """Return the number of hidden rows, or refuse what must not be opened.

    Parts are looked at block by block, so that no part is ever held whole.
    """
    hidden = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
            _refuse_bomb(parts)
            if not any(part.filename == "xl/workbook.xml" for part in parts):
                raise WorkbookError("E_CONTAINER", "an archive that holds no XLSX workbook")
            for part in parts:
                is_xml = part.filename.endswith((".xml", ".rels"))
                is_sheet = WORKSHEET.fullmatch(part.filename) is not None
                numbers: set[bytes] = set()
                for number, block in enumerate(_blocks(archive, part, keeps_tags=is_sheet)):
                    if is_xml:
                        _refuse_entities(block, is_first=number == 0)
                    if is_sheet:
                        _refuse_far_cells(block)
                        numbers |= _hidden_rows(block)
                hidden += len(numbers)
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


def _blocks(
    archive: zipfile.ZipFile, part: zipfile.ZipInfo, *, keeps_tags: bool
) -> Iterator[bytes]:
    """Yield a part in blocks; each begins with the end of the one before, or its last tag.

    So no mark and no tag is missed between two blocks, however it is padded.
    """
    size = 0
    tail = b""
    with archive.open(part) as stream:
        while block := stream.read(BLOCK_BYTES):
            size += len(block)
            if size > part.file_size:
                raise WorkbookError("E_ZIP_BOMB", "the workbook unpacks to more than it declares")
            block = tail + block
            yield block
            begin = block.rfind(b"<") if keeps_tags else len(block)
            tail = block[max(0, min(begin, len(block) - OVERLAP_BYTES)) :]
            if len(tail) > BLOCK_BYTES:
                raise WorkbookError("E_CONTAINER", "the workbook is damaged")


def _refuse_entities(block: bytes, *, is_first: bool) -> None:
    if any(mark in block for mark in ENTITIES) or (is_first and b"\x00" in block[:200]):
        raise WorkbookError("E_XML", "the workbook defines entities of its own")


def _refuse_far_cells(block: bytes) -> None:
    odd = any(mark in block for mark in ODD_MARKS)
    for far in (ODD_FAR_CELL if odd else FAR_CELL).finditer(block):
        if far.group(1) and int(far.group(1)) <= MAX_ROWS:
            continue
        raise WorkbookError(
            "E_SHEET_SIZE", f"a sheet has cells beyond column {LAST_COLUMN} or row {MAX_ROWS:,}"
        )


def _hidden_rows(block: bytes) -> set[bytes]:
    if b'hidden="' not in block:
        return set()
    numbers = [ROW_NUMBER.search(tag) for tag in HIDDEN_ROW.findall(block)]
    return {number.group(1) for number in numbers if number}
