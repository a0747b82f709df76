"""Reads the text of a CSV that people keep, by the contract of its table.

The contract says which columns there are and what a cell may hold; every cell that breaks it
is found, with row, column and value. Nothing here knows files, or what the facts are for.
"""

import difflib
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import pandas as pd
import pandera.pandas as pa

from planner.intake.texts import DELIMITERS, QuoteError, Record, head_records, records
from planner.tables.contract import Table, columns

DATE_PATTERN = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
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
        header, body = _records(text, columns(table))
    except QuoteError as fault:
        found = f"row {fault.line}: a quotation mark is opened and not closed; close it"
        return pd.DataFrame(), [found]
    kinds = table.to_schema().columns
    findings = _wrong_columns(header, list(kinds), optional) if header else []
    findings += _wrong_lengths(header, body)
    if findings or not header:
        return pd.DataFrame(), findings or ["the file is empty; it needs a header row"]
    typed: dict[str, Any] = {ROW: [record.line for record in body]}
    for name, contract in kinds.items():
        place = header.index(name) if name in header else None
        cells = ["" if place is None else record.cells[place] for record in body]
        kind = _kind(contract)
        may_be_empty = contract.nullable or name in optional or kind in ("str", "bool")
        typed[name] = _typed(kind, cells)
        findings += _unread(name, kind, cells, typed[ROW], may_be_empty=may_be_empty)
    frame = pd.DataFrame(typed)
    return frame, findings or _broken_checks(table, frame)


def text_columns(table: type[Table]) -> list[str]:
    """Return the columns of a contract that hold text."""
    return [name for name, column in table.to_schema().columns.items() if _kind(column) == "str"]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return a hint at the nearest known name, empty if none is near.

    Examples
    --------
    >>> did_you_mean("unit_cots", ["unit_cost", "price"])
    '; did you mean unit_cost?'
    """
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]}?" if near else ""


def _records(text: str, names: Sequence[str]) -> tuple[list[str], list[Record]]:
    delimiter = max(DELIMITERS, key=lambda mark: _names_found(text, mark, names))
    found = (
        Record(record.line, [cell.strip(EDGES) for cell in record.cells])
        for record in records(text, delimiter)
    )
    filled = [record for record in found if any(record.cells)]
    header = [cell.lower() for cell in filled[0].cells] if filled else []
    return header, filled[1:]


def _names_found(text: str, delimiter: str, names: Collection[str]) -> int:
    first = next((record for record in head_records(text, delimiter) if record.cells), None)
    return len({cell.strip(EDGES).lower() for cell in first.cells} & set(names)) if first else 0


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


READERS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "str": (_as_text, "a text", "str"),
    "float": (_as_number, "a number, with a point and without separators, 1234.5", "float64"),
    "int": (_as_whole, "a whole number", "int64"),
    "Int": (_as_whole, "a whole number", "Int64"),
    "bool": (_as_flag, "yes or no", "bool"),
    "day": (_as_day, "a day, 2026-11-22", "datetime64[us]"),
}


def _kind(column: pa.Column) -> str:
    kinds = {"str": "str", "flo": "float", "int": "int", "Int": "Int", "boo": "bool", "dat": "day"}
    return kinds[str(column.dtype)[:3]]


def _broken_checks(table: type[Table], frame: pd.DataFrame) -> list[str]:
    by_row = frame[columns(table)].set_axis(frame[ROW], axis=0)
    try:
        table.validate(by_row, lazy=True)
    except pa.errors.SchemaErrors as problem:
        cases = problem.failure_cases.dropna(subset="index").drop_duplicates(["check", "index"])
        return [
            f'row {case.index}, column "{case.column}": {case.failure_case!s} '
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
