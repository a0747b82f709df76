"""Opens one export file: container, header row, shape of records; the wanted columns only.

Personal columns are left behind here: only fields that a dialect names enter a frame. A file
that cannot be used at all is refused in one message; a record out of shape is marked.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from stat import S_ISREG
from typing import Any, NamedTuple

import pandas as pd

from planner.intake import sheets, texts
from planner.intake.cells import fold, may_hold_control, tidy
from planner.intake.contracts import did_you_mean
from planner.intake.dialects import Dialect
from planner.intake.grids import Grid, framed, framed_plain, plain_grid, without_descriptions
from planner.intake.headers import (
    Heads,
    Layout,
    fields_found,
    layout_of,
    missing_fields,
    repeated_fields,
    unknown_headers,
)
from planner.intake.messages import OtherDialectError, names_told, printable, refusal
from planner.intake.recognise import advice_for

MAX_BYTES = 200_000_000
MIN_FIELDS = 2  # with fewer known headers a file is something else
SWALLOWED_RATIO = 0.5  # a line inside a cell with this share of the columns is a record
WORKBOOK_SUFFIXES = (".xlsx", ".xlsm")
STRANGERS = (
    (b"%pdf", "a PDF"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"version https://git-lfs", "a pointer of Git LFS, not the file itself"),
    (b"{", "an error message, not an export"),
    (b"<!doctype", "a web page, not an export"),
    (b"<html", "a web page, not an export"),
)
OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
ZIP = b"PK"
LINE_END = re.compile(r"\r\n|\r|\n")

Finding = tuple[str, str]


class RawTable(NamedTuple):
    """What one file holds, as text, and what was noticed on the way."""

    name: str
    sha256: str
    frame: pd.DataFrame
    """One row per record: `row` (physical, 1-based), `code` and `column` of a record out of
    shape, `is_repeat`, and every field of `dialects.FIELDS` as text, empty if absent."""
    headers: dict[str, str]
    """By field that the file has: its declared header."""
    findings: list[Finding]
    has_control: bool = True
    """Whether a wanted cell may hold a control sign; False is sure."""
    heads: Heads = ()
    """The first records as each sheet or delimiter gives them; only to say whose the file is."""


class _Opened(NamedTuple):
    """What a container holds: where the header is, its records, what was noticed."""

    layout: Layout
    frame: pd.DataFrame
    findings: list[Finding]
    heads: Heads


def read_raw(path: Path, dialect: Dialect, *, name: str | None = None) -> RawTable:
    """Return the records of one export file.

    Parameters
    ----------
    path : Path
        A CSV or XLSX file; which of them, its bytes decide.
    dialect : Dialect
        Which headers to look for.
    name : str, optional
        How messages call the file; its own name by default.

    Returns
    -------
    RawTable
        All cells as text.

    Raises
    ------
    InputError
        If the file is not usable; names file, row, column and remedy, and bears a code.
    """
    shown = printable(name or path.name)
    data = _bytes_of(path, shown)
    is_workbook = data.startswith(ZIP)
    opened = (_of_workbook if is_workbook else _of_text)(data, dialect, shown)
    findings = list(opened.findings)
    if is_workbook != (path.suffix.lower() in WORKBOOK_SUFFIXES):
        findings.append(("W_EXTENSION", f"suffix={printable(path.suffix, limit=10)}"))
    unknown = unknown_headers(opened.layout, dialect)
    if unknown:
        findings.append(("W_UNKNOWN_COLUMN", f"columns={names_told(unknown)}"))
    if opened.frame.empty:
        raise refusal("E_NO_ROWS", shown, "there is a header row and not one order below it")
    digest = hashlib.sha256(data).hexdigest()
    headers = opened.layout.headers
    has_control = any(may_hold_control(opened.frame[field]) for field in headers)
    return RawTable(shown, digest, opened.frame, headers, findings, has_control, opened.heads)


def _bytes_of(path: Path, shown: str) -> bytes:
    try:
        before = path.lstat()
    except OSError:
        raise refusal("E_NOT_A_FILE", shown, "there is no such file") from None
    if not S_ISREG(before.st_mode):
        raise refusal("E_NOT_A_FILE", shown, "a folder, link or device, not a file")
    if before.st_size > MAX_BYTES:
        raise refusal("E_TOO_LARGE", shown, f"larger than {MAX_BYTES / 1e6:.0f} MB")
    try:
        with path.open("rb") as file:
            opened = os.fstat(file.fileno())
            data = file.read(before.st_size + 1)  # never more than was looked at
        after = path.lstat()
    except FileNotFoundError:
        raise refusal("E_CHANGED", shown, "the file was taken away while it was read") from None
    except OSError as problem:
        what = f"the file cannot be read: {problem.strerror}"
        raise refusal("E_NOT_A_FILE", shown, what) from None
    said = {(one.st_ino, one.st_size, one.st_mtime_ns) for one in (before, opened, after)}
    if len(said) > 1 or len(data) != before.st_size:
        raise refusal("E_CHANGED", shown, "the file changed while it was read")
    stranger = _stranger(data)
    if stranger:
        raise refusal("E_CONTAINER", shown, stranger)
    return data


def _stranger(data: bytes) -> str:
    head = data[:200].removeprefix(texts.BOM_UTF8).lstrip(b" \t\r\n").lower()
    if not head.strip(b"\xff\xfe\x00"):
        return "the file is empty"
    if data.startswith(OLD_EXCEL):
        return "locked with a password" if ENCRYPTED in data else "an old Excel workbook (.xls)"
    return next((what for start, what in STRANGERS if head.startswith(start)), "")


def _of_text(data: bytes, dialect: Dialect, shown: str) -> _Opened:
    said = texts.decoded(data)
    if said is None:
        raise refusal("E_CONTAINER", shown, "neither text nor a workbook")
    heads = [(texts.head_records(said.text, mark), mark) for mark in texts.DELIMITERS]
    layout = max((layout_of(head, dialect, mark) for head, mark in heads), key=fields_found)
    first = [head for head, _ in heads]
    _refuse_columns(layout, dialect, shown, first)
    found = [("W_ENCODING", f"encoding={said.encoding}")] if said.encoding == "gb18030" else []
    is_damaged = said.is_damaged
    plain = None if is_damaged else plain_grid(_as_utf8(data, said), layout, dialect)
    if plain is not None:
        _refuse_swallowed(plain.tall, layout, dialect, shown)
        return _Opened(layout, framed_plain(plain, layout, dialect), found, first)
    try:
        lines = texts.records(said.text, layout.delimiter, from_line=layout.line)
        records = [record for record in lines if "".join(record.cells).strip()][1:]
    except texts.QuoteError as fault:
        what = "a quotation mark is opened and not closed, or closed too early"
        raise refusal("E_QUOTE", shown, what, row=fault.line) from None
    _refuse_swallowed(records, layout, dialect, shown)
    grid = Grid(layout, records, tidy, is_text=True, is_damaged=is_damaged)
    return _Opened(layout, _frame_of(grid, dialect), found, first)


def _as_utf8(data: bytes, said: texts.Text) -> bytes:
    return data.removeprefix(texts.BOM_UTF8) if said.encoding == "utf-8" else said.text.encode()


def _of_workbook(data: bytes, dialect: Dialect, shown: str) -> _Opened:
    best = Layout(1, [], {}, {})
    heads: list[list[texts.Record]] = []
    found: list[tuple[Grid, int]] = []

    def read(cell: object) -> str:
        return tidy(sheets.as_text(cell, dialect.time_formats[0]))

    try:
        for sheet in sheets.sheets(data):
            rows = [texts.Record(number, row) for number, row in enumerate(sheet.rows, 1)]
            head = [
                texts.Record(row.line, [read(cell) for cell in row.cells])
                for row in rows[: texts.MAX_HEAD_RECORDS]
            ]
            heads.append(head)
            layout = layout_of(head, dialect)
            best = max(best, layout, key=fields_found)
            if not missing_fields(layout, dialect):
                records = [row for row in rows[layout.line :] if _is_filled(row.cells)]
                found.append((Grid(layout, records, read, is_text=False), sheet.hidden_rows))
    except sheets.WorkbookError as fault:
        raise refusal(fault.code, shown, str(fault)) from None
    # A row is told by its number: rows of a second sheet would be told as rows of the first.
    filled = [one for one in found if one[0].records] or found[:1]
    if len(filled) > 1:
        raise refusal("E_SHEETS", shown, f"{len(filled)} sheets hold an export each")
    _refuse_columns(filled[0][0].layout if filled else best, dialect, shown, heads)
    if not filled:
        return _Opened(best, pd.DataFrame(), [], heads)
    grid, count = filled[0]
    hidden = [("W_HIDDEN_ROWS", f"rows={count}")] * bool(count)
    return _Opened(grid.layout, _frame_of(grid, dialect), hidden, heads)


def _frame_of(grid: Grid, dialect: Dialect) -> pd.DataFrame:
    grid = without_descriptions(grid, dialect)
    return framed(grid, dialect) if grid.records else pd.DataFrame()


def _is_filled(cells: Sequence[Any]) -> bool:
    return any(cell != "" and (not isinstance(cell, str) or cell.strip()) for cell in cells)


def _refuse_columns(layout: Layout, dialect: Dialect, shown: str, heads: Heads) -> None:
    missing = [dialect.header_of(field) for field in missing_fields(layout, dialect)]
    advice = advice_for(heads, dialect) if missing else ""
    if advice:
        raise OtherDialectError(shown, advice)
    if missing and fields_found(layout) < MIN_FIELDS:
        kind = {"orders": "order"}.get(dialect.kind, dialect.kind)
        what = f"no sheet and no row with the headers of a {dialect.name} {kind} export"
        column = dialect.header_of(dialect.key)
        raise refusal("E_MISSING_COLUMN", shown, what, column=column, dialect=dialect)
    if missing:
        strange = [printable(head) for head in unknown_headers(layout, dialect)]
        what = f"missing: {names_told(missing)}{did_you_mean(missing[0], strange)}"
        if dialect.platform == "own" and strange:
            what += f"; the list has these besides: {names_told(strange)}"
        place = {"row": layout.line, "column": missing[0]}
        raise refusal("E_MISSING_COLUMN", shown, what, **place, dialect=dialect)
    for field in repeated_fields(layout, dialect):
        column = layout.headers[field]
        what = "the column stands twice"
        raise refusal("E_DUPLICATE_COLUMN", shown, what, row=layout.line, column=column)


def _refuse_swallowed(
    records: Sequence[texts.Record], layout: Layout, dialect: Dialect, shown: str
) -> None:
    free = {fold(header) for header in (*dialect.free_text, *dialect.marked)}
    limit = max(2, SWALLOWED_RATIO * len(layout.header))
    for record in records:
        whole = "".join(record.cells)
        if "\n" not in whole and "\r" not in whole:
            continue
        for place, cell in enumerate(record.cells):
            lines = LINE_END.split(cell.strip())
            if len(lines) < 2:
                continue
            head = layout.header[place] if place < len(layout.header) else ""
            is_free = fold(head) in free or fold(head) not in dialect.known_headers
            if not is_free or any(line.count(layout.delimiter) >= limit for line in lines):
                what = "a stray quotation mark makes several lines one"
                raise refusal("E_QUOTE", shown, what, row=record.line, column=printable(head))
