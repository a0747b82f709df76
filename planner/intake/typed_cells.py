"""Reads one column of a table that people keep: text, numbers, yes and no, days, moments.

A cell is read as its column's kind or not at all; nothing is guessed. Knows no tables.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import pandas as pd
import pandera.pandas as pa

from planner.intake.cells import EXCEL_DAMAGE, PRECISION_LOST, unwrapped
from planner.intake.sheets import SAFE_WHOLE, as_text

DATE_PATTERN = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})", re.ASCII)
MOMENT_PATTERN = re.compile(DATE_PATTERN.pattern + r"[ T](\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
NUMBER_PATTERN = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)
PERCENT_PATTERN = re.compile(r"(-?\d{1,9}(?:\.\d{1,6})?) ?[%\uff05]", re.ASCII)
WHOLE_PATTERN = re.compile(r"-?\d{1,12}", re.ASCII)
YES_WORDS = ("yes", "true", "1", "y", "是")
NO_WORDS = ("no", "false", "0", "n", "否", "")
SPOILT = (
    "a spreadsheet program has changed it and what was typed is lost; type it again in a cell "
    "formatted as text"
)
Broken = Iterator[tuple[int, str]]
"""Places of wrong cells, and what is wrong with each."""


def kind_of(name: str, column: pa.Column) -> str:
    """Return the kind of a column's cells; by the house's names a day is `_on`, a moment `_at`.

    `as_of` is a day, or a moment of it.
    """
    day = {"_at": "moment", "_of": "when"}.get(name[-3:], "day")
    kinds = {"str": "str", "flo": "float", "int": "int", "Int": "Int", "boo": "bool", "dat": day}
    return kinds[str(column.dtype)[:3]]


def cell_text(value: object, kind: str, *, is_code: bool) -> str:
    """Return a cell as a CSV would hold it, by what its column holds."""
    if isinstance(value, str):
        return unwrapped(value) if is_code else value
    if value is None:
        return ""
    if isinstance(value, float) and kind == "float":
        return f"{value:.9f}".rstrip("0").rstrip(".")
    has_time = isinstance(value, datetime) and value.time() != datetime.min.time()
    return as_text(value, "%Y-%m-%d %H:%M:%S" if has_time or kind == "moment" else "%Y-%m-%d")


def spoilt(cells: Sequence[object]) -> Broken:
    """Yield the cells of a column of codes with which a spreadsheet program has counted."""
    for place, cell in enumerate(cells):
        if _is_spoilt(cell):
            yield place, f"{str(cell)[:40]!r}: {SPOILT}"


def typed(kind: str, cells: Sequence[str]) -> pd.Series:
    """Return the cells of a column by its kind; 0 or no where a whole column has no unknown."""
    reader, _, dtype = READERS[kind]
    read = {text: reader(text) for text in set(cells)}
    values = [read[text] for text in cells]
    if dtype in ("int64", "bool"):  # a cell that cannot be read is told beside, never used
        values = [value or 0 for value in values]
    return pd.Series(values, dtype=dtype)


def unread(kind: str, cells: Sequence[str], *, may_be_empty: bool) -> Broken:
    """Yield the cells of a column that its kind cannot be read from."""
    reader, wanted, _ = READERS[kind]
    wrong = {text for text in set(cells) if (text or not may_be_empty) and reader(text) is None}
    if not wrong:
        return
    for place, text in enumerate(cells):
        if text in wrong:
            yield (
                place,
                f"{repr(text[:40]) if text else 'empty'} is not {wanted}{_hint(text, kind)}",
            )


def _is_spoilt(cell: object) -> bool:
    if isinstance(cell, str):
        return bool(PRECISION_LOST.fullmatch(cell) or EXCEL_DAMAGE.fullmatch(cell))
    if isinstance(cell, (int, float)):
        is_whole = float(cell).is_integer() and not isinstance(cell, bool)
        return not is_whole or abs(cell) >= SAFE_WHOLE
    return isinstance(cell, date)


def _hint(text: str, kind: str) -> str:
    """Return what to write in the place of a percentage."""
    share = PERCENT_PATTERN.fullmatch(text) if kind == "float" else None
    return f"; write {float(share[1]) / 100:g}" if share else ""


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


def _as_when(text: str) -> datetime | None:
    return _as_day(text) or _as_moment(text)


READERS: dict[str, tuple[Callable[[str], Any], str, str]] = {
    "str": (_as_text, "a text", "str"),
    "float": (
        _as_number,
        "a number, with a point and without separators, such as 1234.5",
        "float64",
    ),
    "int": (_as_whole, "a whole number", "int64"),
    "Int": (_as_whole, "a whole number", "Int64"),
    "bool": (_as_flag, "yes or no", "bool"),
    "day": (_as_day, "a day, such as 2026-11-22", "datetime64[us]"),
    "when": (_as_when, "a day, such as 2026-11-22, or a moment of it", "datetime64[us]"),
    "moment": (_as_moment, "a day and hour, such as 2026-11-22 20:00", "datetime64[us]"),
}
