"""Turns the bytes of a text file into records: encoding, delimiter, quotes, physical lines.

Knows CSV as people and programs save it; knows nothing of columns or platforms, and guesses
only what the bytes decide.
"""

import csv
import io
import itertools
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

DELIMITERS = (",", ";", "\t", "|")
MAX_CELL_CHARS = 5_000_000  # the csv module's own limit of 131,072 is shorter than a long note
MAX_HEAD_RECORDS = 30
BOM_UTF8 = b"\xef\xbb\xbf"
BOMS_UTF16 = (b"\xff\xfe", b"\xfe\xff")
LOOKED_AT_CHARS = 20_000
CONTROL_RATIO = 0.05  # share of control characters above which bytes are no text
BROKEN_RATIO = 0.3  # share of bytes that fit no letter above which they are none either
MOST_LETTERS_PER_BROKEN = 2
"""Common words of GB2312, taken for UTF-8, hold up to 3 letters on 2 broken bytes; a file of UTF-8
of which one row is broken holds many more."""
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
SURROGATE = re.compile(r"[\udc80-\udcff]")


class Record(NamedTuple):
    """One record and the physical line on which it begins, 1-based."""

    line: int
    cells: list[str]


class Text(NamedTuple):
    """What bytes say: bytes that fit no letter stand as lone surrogates."""

    text: str
    encoding: str

    @property
    def is_damaged(self) -> bool:
        """Whether some bytes fit no letter."""
        try:
            self.text.encode("utf-8")  # far faster than a search, and fails on surrogates alone
        except UnicodeEncodeError:
            return True
        return False


class QuoteError(Exception):
    """A quotation mark is opened or closed where it must not be."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def decoded(data: bytes) -> Text | None:
    """Return bytes as text, or None if they are no text.

    Notes
    -----
    A byte order mark of UTF-16 decides. Else the file is UTF-8; it is GB18030 (Chinese Excel) only
    if all of it decodes strictly and UTF-8 fails more often than it finds a letter. Behind the
    mark of UTF-8 it must be GB2312, of which a stray Latin letter makes none; and so where UTF-8
    fails less often, for some Chinese words are letters in it. One row in another encoding leaves
    the file UTF-8, and the row damaged.

    Examples
    --------
    >>> decoded("红色,1".encode("gb18030"))
    Text(text='红色,1', encoding='gb18030')
    >>> decoded("默认款式,1".encode("gb18030")).encoding
    'gb18030'
    >>> decoded(b"a,b").encoding
    'utf-8'
    """
    try:
        found = _decoded(data)
    except UnicodeDecodeError:
        return None
    head = found.text[:LOOKED_AT_CHARS]
    controls, broken = (len(pattern.findall(head)) for pattern in (CONTROL, SURROGATE))
    is_text = controls <= CONTROL_RATIO * len(head) and broken <= BROKEN_RATIO * len(head)
    return found if is_text else None


def head_records(text: str, delimiter: str) -> list[Record]:
    """Return the first records, read forgivingly: what stands above a header may be anything."""
    csv.field_size_limit(MAX_CELL_CHARS)
    found: list[Record] = []
    for length in (LOOKED_AT_CHARS, MAX_CELL_CHARS):
        lines = io.StringIO(text[:length], newline="")
        reader = csv.reader(lines, delimiter=delimiter)
        found = list(_numbered(itertools.islice(reader, MAX_HEAD_RECORDS), reader))
        if next(lines, None) is not None or length >= len(text):
            break  # the last record is not cut
    return found


def records(text: str, delimiter: str, *, from_line: int = 1) -> Iterator[Record]:
    r"""Yield every record from a physical line on; blank lines too, as records without cells.

    Raises
    ------
    QuoteError
        If a quotation mark is not closed, or closes where text goes on; bears the line on which
        the record begins.

    Examples
    --------
    >>> [record.line for record in records('a,b\n"x\ny",1\nz,2\n', ",")]
    [1, 2, 4]
    """
    csv.field_size_limit(MAX_CELL_CHARS)
    lines = io.StringIO(text, newline="")
    for _ in range(from_line - 1):
        next(lines, None)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    line = from_line
    try:
        for cells in reader:
            yield Record(line, cells)
            line = reader.line_num + from_line
    except csv.Error:
        raise QuoteError(line) from None


def _numbered(cells: Iterable[list[str]], reader: Any) -> Iterator[Record]:
    line = 1
    for record in cells:
        yield Record(line, record)
        line = reader.line_num + 1


def _decoded(data: bytes) -> Text:
    if data.startswith(BOMS_UTF16):
        return Text(data.decode("utf-16"), "utf-16")
    if data[1:200:2].count(0) > len(data[1:200:2]) // 2:
        return Text(data.decode("utf-16-le"), "utf-16")
    body = data.removeprefix(BOM_UTF8)
    try:
        return Text(body.decode("utf-8"), "utf-8")
    except UnicodeDecodeError:
        text = body.decode("utf-8", "surrogateescape")
    broken = len(SURROGATE.findall(text))
    letters = sum(not char.isascii() for char in text) - broken
    if letters <= MOST_LETTERS_PER_BROKEN * broken:
        is_clear = broken > letters and not data.startswith(BOM_UTF8)
        with suppress(UnicodeDecodeError):
            return Text(body.decode("gb18030" if is_clear else "gb2312"), "gb18030")
    return Text(text, "utf-8")
