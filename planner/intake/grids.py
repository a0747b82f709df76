"""Takes the wanted cells of a file's records into a frame, and marks records out of shape.

Only fields that a dialect names get in; what stands in any other column stays behind.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import pandas as pd

from planner.intake.cells import fold, unwrapped
from planner.intake.dialects import FIELDS, Dialect
from planner.intake.headers import Layout
from planner.intake.texts import SURROGATE, Record

SHAPELESS = ("E_COLUMN_COUNT", "E_REPEATED_HEADER")
"""Codes of records whose cells mean nothing."""
UNKNOWN_LETTER = "\ufffd"


class Grid(NamedTuple):
    """The records below a header, and how their cells become text."""

    layout: Layout
    records: list[Record]
    read: Callable[[Any], str]
    is_text: bool
    """Whether records may differ in length: those of a sheet do not."""
    is_damaged: bool = False
    """Whether some bytes of the file fit no letter."""


def without_descriptions(grid: Grid, dialect: Dialect) -> Grid:
    """Return the records without the leading ones that describe the columns."""
    described = {fold(text) for text in dialect.descriptions}
    place = grid.layout.places["order_id"]
    for skipped, record in enumerate(grid.records):
        if len(record.cells) <= place or fold(grid.read(record.cells[place])) not in described:
            return grid._replace(records=grid.records[skipped:])
    return grid._replace(records=[])


def framed(grid: Grid, dialect: Dialect) -> pd.DataFrame:
    """Return the wanted cells as text, each record with its verdict so far.

    Returns
    -------
    DataFrame, shape (n_records, ...)
        `row` (physical, 1-based), `code` and `column` of a record out of shape (empty for a
        good one), `is_repeat` (whether an equal record stands above), and every field of
        `dialects.FIELDS`, empty where the file has no such column.
    """
    codes, columns = _faults(grid)
    lost = {n for n, code in enumerate(codes) if code in SHAPELESS}
    frame: dict[str, Any] = {
        "row": [record.line for record in grid.records],
        "code": codes,
        "column": columns,
        "is_repeat": _repeats(grid.records),
    }
    for field, kind in FIELDS.items():
        place = grid.layout.places.get(field)
        if place is None:
            frame[field] = [""] * len(codes)
            continue
        raw = ["" if n in lost else r.cells[place] for n, r in enumerate(grid.records)]
        frame[field] = _read(raw, kind, grid, dialect)
    return pd.DataFrame(frame).astype({name: "str" for name in ("code", "column", *FIELDS)})


def _read(raw: list[Any], kind: str, grid: Grid, dialect: Dialect) -> list[str]:
    # Only texts may share an answer: the numbers 1 and 1.0 and TRUE are one key.
    known = {cell: grid.read(cell) for cell in set(raw) if isinstance(cell, str)}
    cells = [known[cell] if isinstance(cell, str) else grid.read(cell) for cell in raw]
    if kind in ("id", "sku"):
        cells = [unwrapped(cell) for cell in cells]
    if kind == "time" and dialect.blank_words:
        cells = ["" if cell in dialect.blank_words else cell for cell in cells]
    return [SURROGATE.sub(UNKNOWN_LETTER, cell) for cell in cells] if grid.is_damaged else cells


def _repeats(records: Sequence[Record]) -> list[bool]:
    seen: set[tuple[Any, ...]] = set()
    repeats = []
    for record in records:
        before = len(seen)
        seen.add(tuple(record.cells))
        repeats.append(len(seen) == before)
    return repeats


def _faults(grid: Grid) -> tuple[list[str], list[str]]:
    layout = grid.layout
    place = layout.places["order_id"]
    name = fold(layout.header[place])
    width = _width(layout, grid.records) if grid.is_text else 0
    codes = [""] * len(grid.records)
    columns = [""] * len(grid.records)
    for n, (_, cells) in enumerate(grid.records):
        if grid.is_text and len(cells) != width:
            codes[n], columns[n] = "E_COLUMN_COUNT", layout.headers["order_id"]
        elif fold(grid.read(cells[place])) == name:
            codes[n], columns[n] = "E_REPEATED_HEADER", layout.headers["order_id"]
        elif grid.is_damaged:
            columns[n] = _damaged_column(layout, cells)
            codes[n] = "E_ENCODING" if columns[n] else ""
    return codes, columns


def _width(layout: Layout, records: Sequence[Record]) -> int:
    """Return how many cells a record should have; a surplus is forgiven only to the whole file."""
    own = len(layout.header)
    usual = Counter(len(record.cells) for record in records).most_common(1)[0][0]
    if usual <= own:
        return own
    tails = ("".join(r.cells[own:]).strip() for r in records if len(r.cells) == usual)
    return own if any(tails) else usual


def _damaged_column(layout: Layout, cells: Sequence[str]) -> str:
    for name, cell in zip(layout.header, cells, strict=False):
        if SURROGATE.search(cell):
            return "".join(sign if sign.isprintable() else "?" for sign in name)
    return ""
