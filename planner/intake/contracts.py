"""Reads the text of a CSV or the cells of a sheet that people keep, by their table's contract.

The contract says which columns there are and what a cell may hold; every cell that breaks it
is found, with row, column and value. Nothing here knows files, or what the facts are for.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from planner.intake.cells import EXCEL_DAMAGE, PRECISION_LOST, fold, unwrapped
from planner.intake.sheets import SAFE_WHOLE, as_text
from planner.intake.texts import (
    DELIMITERS,
    MAX_HEAD_RECORDS,
    QuoteError,
    Record,
    head_records,
    records,
)
from planner.tables.contract import Table, columns
from planner.words import LANGS, is_known, say, unit

CODES = ("sku", "component", "barcode", "hs_code", "shipment")
"""Columns of names that look like numbers: a spreadsheet must not have counted with them."""
DATE_PATTERN = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
MOMENT_PATTERN = re.compile(DATE_PATTERN.pattern + r"[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
NUMBER_PATTERN = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)
WHOLE_PATTERN = re.compile(r"-?\d{1,12}", re.ASCII)
YES_WORDS = ("yes", "true", "1", "y", "是")
NO_WORDS = ("no", "false", "0", "n", "否", "")
EDGES = " \t\r\n\u00a0\u200b\ufeff"
ROW = "row"
RULE_WORDS = {"isin": "one of", "str_length": "of length", "in_range": "in the range"}


def rows_by_contract(
    text: str, table: type[Table], *, optional: Collection[str] = ()
) -> tuple[pd.DataFrame, list[str]]:
    r"""Return the rows of a CSV with typed cells, and all that is wrong with them.

    Parameters
    ----------
    text : str
        Comma, semicolon or tab; the first record that is not blank is the header.
    table : type of Table
        Its columns, their kinds and their checks.
    optional : collection of str
        Columns of the contract that may be left out: their cells are then unknown.

    Returns
    -------
    tuple of DataFrame and list of str
        The contract's columns with `row`, the physical line, 1-based; and the findings, each
        with row, column, value and what would be right. With findings the frame means nothing.

    Examples
    --------
    >>> from planner.tables.intake import Bundles
    >>> frame, findings = rows_by_contract("sku,component,units\nA,B,0\n", Bundles)
    >>> findings
    ['row 2, column "units": 0 must be greater than or equal to 1']
    """
    try:
        header, body = _records(text, table)
    except QuoteError as fault:
        found = f"row {fault.line}: a quotation mark is opened and not closed; close it"
        return pd.DataFrame(), [found]
    return _by_contract(header, body, table, optional)


def sheet_rows_by_contract(
    sheets: Iterable[Sequence[Sequence[object]]], table: type[Table], *, optional: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return the rows of a workbook as `rows_by_contract` does those of a CSV.

    Parameters
    ----------
    sheets : iterable of sequence of sequence of object
        Rows of every sheet, from row 1 on, as the workbook types its cells. The first sheet with
        every header counts, else the one with the most.
    table : type of Table
        Its columns, their kinds and their checks.
    optional : collection of str
        Columns of the contract that may be left out.

    Notes
    -----
    A code (SKU, barcode) that the workbook holds as a day, a fraction or a number of 16 digits
    or more is a finding: what was typed is lost.
    """
    needed = set(columns(table)) - set(optional)
    best: tuple[list[object], list[Record]] = ([], [])
    most = -1
    for rows in sheets:
        filled = [
            Record(n, [cell.strip(EDGES) if isinstance(cell, str) else cell for cell in row])
            for n, row in enumerate(rows, 1)
            if any(cell not in ("", None) for cell in row)
        ]
        head = max(
            filled[:MAX_HEAD_RECORDS], key=lambda row: _known(row.cells, table), default=None
        )
        if head is None:
            continue
        found = set(_names_of(head.cells, table))
        if len(found & set(columns(table))) > most:
            most = len(found & set(columns(table)))
            best = (head.cells, filled[filled.index(head) + 1 :])
        if needed <= found:
            break
    return _by_contract(*best, table, optional)


def text_columns(table: type[Table]) -> list[str]:
    """Return the columns of a contract that hold text."""
    return [
        name for name, column in table.to_schema().columns.items() if _kind(name, column) == "str"
    ]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known name, empty if none is near.

    Examples
    --------
    >>> did_you_mean("unit_cots", ["unit_cost", "price"])
    '; did you mean unit_cost?'
    """
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _by_contract(
    header: Sequence[Any], body: Sequence[Record], table: type[Table], optional: Collection[str]
) -> tuple[pd.DataFrame, list[str]]:
    """Return typed cells and findings; cells may be text, or what a workbook makes of them."""
    header, body = _without_blank_columns(list(header), body)
    names = _names_of(header, table)
    shown = dict(zip(names, (str(cell) for cell in header), strict=True))
    kinds = table.to_schema().columns
    findings = _wrong_columns(names, list(kinds), optional) if names else []
    findings += _wrong_lengths(names, body)
    if findings or not names:
        return pd.DataFrame(), findings or ["the file is empty; it needs a header row"]
    typed: dict[str, Any] = {ROW: [record.line for record in body]}
    for name, contract in kinds.items():
        place = names.index(name) if name in names else None
        raw = ["" if place is None else record.cells[place] for record in body]
        kind = _kind(name, contract)
        column = _shown(name, shown)
        findings += _spoilt(column, raw, typed[ROW]) if name in CODES else []
        cells = [_cell_text(cell, kind, is_code=name in CODES) for cell in raw]
        may_be_empty = contract.nullable or name in optional or kind in ("str", "bool")
        typed[name] = _typed(kind, cells)
        findings += _unread(column, kind, cells, typed[ROW], may_be_empty=may_be_empty)
    frame = pd.DataFrame(typed)
    return frame, findings or _broken_checks(table, frame, shown)


def _records(text: str, table: type[Table]) -> tuple[list[str], list[Record]]:
    delimiter = max(DELIMITERS, key=lambda mark: _names_found(text, mark, table))
    found = (
        Record(record.line, [cell.strip(EDGES) for cell in record.cells])
        for record in records(text, delimiter)
    )
    filled = [record for record in found if any(record.cells)]
    return (filled[0].cells if filled else []), filled[1:]


def _names_found(text: str, delimiter: str, table: type[Table]) -> int:
    first = next((record for record in head_records(text, delimiter) if record.cells), None)
    return _known([cell.strip(EDGES) for cell in first.cells], table) if first else 0


def _known(cells: Sequence[object], table: type[Table]) -> int:
    return len(set(_names_of(cells, table)) & set(columns(table)))


def _names_of(cells: Sequence[object], table: type[Table]) -> list[str]:
    """Return the contract's name of every header, a strange one as it stands."""
    words = _column_by_word(table)
    texts = [str(cell) for cell in cells]
    return [words.get(_word(text), text.lower()) for text in texts]


@cache
def _column_by_word(table: type[Table]) -> dict[str, str]:
    """Return the column of every header: its name, its glossary words, these with their unit."""
    found: dict[str, set[str]] = {}
    for name in columns(table):
        for lang in LANGS if is_known(name) else ():
            word, of = say(name, lang), unit(name, lang)
            for text in (word, f"{word}({of})") if of else (word,):
                found.setdefault(_word(text), set()).add(name)
    told = {word: next(iter(names)) for word, names in found.items() if len(names) == 1}
    return told | {_word(name): name for name in columns(table)}


def _word(text: str) -> str:
    return fold(text).replace(" (", "(")


def _shown(name: str, headers: Mapping[str, str]) -> str:
    """Return what a message calls a column: as the file does, if by another word."""
    header = headers.get(name, name)
    return name if _word(header) == name else header


def _without_blank_columns(
    header: list[Any], body: Sequence[Record]
) -> tuple[list[Any], Sequence[Record]]:
    """Return the columns that have a header or a cell, as a spreadsheet leaves empty ones."""
    if "" not in header or any(len(record.cells) != len(header) for record in body):
        return header, body
    kept = [n for n, cell in enumerate(header) if cell != "" or any(r.cells[n] != "" for r in body)]
    return [header[n] for n in kept], [Record(r.line, [r.cells[n] for n in kept]) for r in body]


def _cell_text(value: object, kind: str, *, is_code: bool) -> str:
    """Return a cell as a CSV would hold it, by what its column holds."""
    if isinstance(value, str):
        return unwrapped(value) if is_code else value
    if value is None:
        return ""
    if isinstance(value, float) and kind == "float":
        return f"{value:.9f}".rstrip("0").rstrip(".")
    has_time = isinstance(value, datetime) and value.time() != datetime.min.time()
    return as_text(value, "%Y-%m-%d %H:%M:%S" if has_time or kind == "moment" else "%Y-%m-%d")


def _spoilt(column: str, cells: Sequence[object], rows: Sequence[int]) -> list[str]:
    return [
        f'row {row}, column "{column}": {str(cell)[:40]!r}: a spreadsheet program has changed it '
        "and what was typed is lost; type it again in a cell formatted as text"
        for cell, row in zip(cells, rows, strict=True)
        if _is_spoilt(cell)
    ]


def _is_spoilt(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(PRECISION_LOST.fullmatch(cell) or EXCEL_DAMAGE.fullmatch(cell))
    if isinstance(cell, (int, float)):
        is_whole = float(cell).is_integer() and not isinstance(cell, bool)
        return not is_whole or abs(cell) >= SAFE_WHOLE
    return isinstance(cell, date)


def _wrong_columns(
    header: Sequence[str], known: Sequence[str], optional: Collection[str]
) -> list[str]:
    strange = [name for name in dict.fromkeys(header) if name not in known]
    findings = [f"unknown column {name!r}{did_you_mean(name, known)}" for name in strange]
    twice = sorted({name for name in header if header.count(name) > 1})
    findings += [f"column {name!r} stands twice" for name in twice]
    absent = [name for name in known if name not in header and name not in optional]
    findings += [f"column {name!r} is missing" for name in absent]
    return [*findings, f"it may have: {', '.join(known)}"] if findings else []


def _wrong_lengths(header: Sequence[str], body: Sequence[Record]) -> list[str]:
    return [
        f"row {line}: {len(cells)} cells where the header has {len(header)}; a comma inside a cell "
        "needs quotation marks around the cell"
        for line, cells in body
        if len(cells) != len(header)
    ]


def _typed(kind: str, cells: Sequence[str]) -> pd.Series:
    reader, _, dtype = READERS[kind]
    values = [reader(text) for text in cells]
    if dtype in ("int64", "bool"):  # a cell that cannot be read is told beside, never used
        values = [value or 0 for value in values]
    return pd.Series(values, dtype=dtype)


def _unread(
    name: str, kind: str, cells: Sequence[str], rows: Sequence[int], *, may_be_empty: bool
) -> list[str]:
    reader, wanted, _ = READERS[kind]
    return [
        f'row {row}, column "{name}": {repr(text[:40]) if text else "empty"} is not {wanted}'
        for text, row in zip(cells, rows, strict=True)
        if (text or not may_be_empty) and reader(text) is None
    ]


def _as_text(text: str) -> str:
    return text


def _as_number(text: str) -> float | None:
    return float(text) if NUMBER_PATTERN.fullmatch(text) else None


def _as_whole(text: str) -> int | None:
    return int(text) if WHOLE_PATTERN.fullmatch(text) else None


def _as_flag(text: str) -> bool | None:
    word = text.casefold()
    return True if word in YES_WORDS else False if word in NO_WORDS else None


def _as_day(text: str) -> datetime | None:
    found = DATE_PATTERN.fullmatch(text)
    try:
        return datetime(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


def _as_moment(text: str) -> datetime | None:
    found = MOMENT_PATTERN.fullmatch(text)
    try:
        return datetime(*(int(part or 0) for part in found.groups())) if found else None
    except ValueError:
        return None


READERS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "str": (_as_text, "a text", "str"),
    "float": (_as_number, "a number, with a point and without separators, 1234.5", "float64"),
    "int": (_as_whole, "a whole number", "int64"),
    "Int": (_as_whole, "a whole number", "Int64"),
    "bool": (_as_flag, "yes or no", "bool"),
    "day": (_as_day, "a day, 2026-11-22", "datetime64[us]"),
    "moment": (_as_moment, "a day and hour, 2026-11-22 20:00", "datetime64[us]"),
}


def _kind(name: str, column: pa.Column) -> str:
    """Return the kind of a column's cells; by the house's names a day is `_on`, a moment `_at`."""
    day = "moment" if name.endswith("_at") else "day"
    kinds = {"str": "str", "flo": "float", "int": "int", "Int": "Int", "boo": "bool", "dat": day}
    return kinds[str(column.dtype)[:3]]


def _broken_checks(table: type[Table], frame: pd.DataFrame, shown: Mapping[str, str]) -> list[str]:
    by_row = frame[columns(table)].set_axis(frame[ROW], axis=0)
    try:
        table.validate(by_row, lazy=True)
    except pa.errors.SchemaErrors as problem:
        cases = problem.failure_cases.dropna(subset="index").drop_duplicates(["check", "index"])
        return [
            f'row {case.index}, column "{_shown(str(case.column), shown)}": {case.failure_case!s} '
            f"{_rule_broken(str(case.check))}"
            for case in cases.itertuples()
        ]
    return []


def _rule_broken(check: str) -> str:
    if check == "field_uniqueness":
        return "stands more than once; keep one row"
    name, _, limit = check.partition("(")
    words = RULE_WORDS.get(name, name.replace("_", " "))
    return f"must be {words} {limit.rstrip(')').lstrip('(')}".rstrip()
