"""Takes the wanted cells of a file's records into a frame, and marks records out of shape.

Only fields that a dialect names get in; what stands in any other column stays behind.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from planner.intake.cells import TEXT, fold, tidy, unwrapped
from planner.intake.dialects import Dialect, fields_of
from planner.intake.headers import Layout
from planner.intake.plain import Plain, plain_records
from planner.intake.texts import SURROGATE, Record

SHAPELESS = ("E_COLUMN_COUNT", "E_REPEATED_HEADER")
"""Codes of records whose cells mean nothing."""
UNKNOWN_LETTER = "\ufffd"
ALIKE = ("seller_sku", "sku_id", "units", "ordered_at")
"""Fields that, with the key, few records share that are not equal."""


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
    place = grid.layout.places[dialect.key]
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
        good one), `is_repeat` (whether an equal record stands above), and every field of the
        dialect's kind, empty where the file has no such column.
    """
    codes, columns = _faults(grid, dialect.key)
    lost = {n for n, code in enumerate(codes) if code in SHAPELESS}
    frame: dict[str, Any] = {
        "row": [record.line for record in grid.records],
        "code": codes,
        "column": columns,
        "is_repeat": _repeats(grid.records),
    }
    fields = fields_of(dialect.kind)
    for field, kind in fields.items():
        place = grid.layout.places.get(field)
        if place is None:
            frame[field] = [""] * len(codes)
            continue
        raw = ["" if n in lost else r.cells[place] for n, r in enumerate(grid.records)]
        frame[field] = _read(raw, kind, grid, dialect)
    return pd.DataFrame(frame).astype({name: "str" for name in ("code", "column", *fields)})


def plain_grid(data: bytes, layout: Layout, dialect: Dialect) -> Plain | None:
    """Return the records of a regular file by columns, None if the file is not regular."""
    descriptions = {fold(text) for text in dialect.descriptions}
    alike = [field for field in (dialect.key, *ALIKE) if field in layout.places]
    return plain_records(
        data,
        layout,
        key=list(dict.fromkeys(alike)),
        described=lambda cell: fold(tidy(cell)) in descriptions,
    )


def framed_plain(plain: Plain, layout: Layout, dialect: Dialect) -> pd.DataFrame:
    """Return the same frame as `framed`, made of columns."""
    count = len(plain.lines)
    is_header = plain.is_whole & _says(plain.cells[dialect.key], layout, dialect.key)
    code = np.select([~plain.is_whole, is_header], SHAPELESS, "")
    column = np.where(code == "", "", layout.headers[dialect.key])
    frame: dict[str, Any] = {
        "row": plain.lines,
        "code": pd.Series(code, dtype="str"),
        "column": pd.Series(column, dtype="str"),
        "is_repeat": plain.is_repeat,
    }
    blank = pd.Series([""] * count, dtype="str")
    is_lost = pa.array(is_header) if is_header.any() else None
    for field, kind in fields_of(dialect.kind).items():
        cells = plain.cells.get(field)
        if cells is None:
            frame[field] = blank
            continue
        if is_lost is not None:
            cells = pa.compute.if_else(is_lost, "", cells)
        frame[field] = _read_column(cells, kind, dialect)
    return pd.DataFrame(frame)


def _says(cells: pa.Array, layout: Layout, key: str) -> np.ndarray:
    """Return which cells of the key repeat its header."""
    name = fold(layout.header[layout.places[key]])
    may = np.ones(len(cells), dtype=bool)
    if not any(sign.isdigit() for sign in name):  # an id has digits, and folding keeps them
        may = ~pa.compute.match_substring_regex(cells, "[0-9]").to_numpy(zero_copy_only=False)
    for place in np.flatnonzero(may):
        may[place] = fold(tidy(cells[place].as_py())) == name
    return may


def _read_column(cells: pa.Array, kind: str, dialect: Dialect) -> pd.Series:
    if pa.compute.all(pa.compute.string_is_ascii(cells)).as_py():
        cells = pa.compute.ascii_trim(cells, " \t\r\n")
    else:
        cells = _each(cells, tidy)
    has_mark = pa.compute.match_substring_regex(cells, "^[='].") if kind in ("id", "sku") else None
    if has_mark is not None and pa.compute.any(has_mark).as_py():
        cells = _each(cells, unwrapped)
    if kind == "flag":
        cells = pa.compute.if_else(pa.compute.equal(cells, ""), "", "yes")
    if kind == "time" and dialect.blank_words:
        is_blank = pa.compute.is_in(cells, pa.array(dialect.blank_words))
        cells = pa.compute.if_else(is_blank, "", cells)
    return pd.Series(TEXT.__from_arrow__(cells))


def _each(cells: pa.Array, read: Callable[[str], str]) -> pa.Array:
    coded = cells.dictionary_encode()
    answers = pa.array([read(text) for text in coded.dictionary.to_pylist()], pa.string())
    return answers.take(coded.indices)


def _read(raw: list[Any], kind: str, grid: Grid, dialect: Dialect) -> list[str]:
    # Only texts may share an answer: the numbers 1 and 1.0 and TRUE are one key.
    known = {cell: grid.read(cell) for cell in set(raw) if isinstance(cell, str)}
    cells = [known[cell] if isinstance(cell, str) else grid.read(cell) for cell in raw]
    if kind in ("id", "sku"):
        cells = [unwrapped(cell) for cell in cells]
    if kind == "money" and dialect.decimal != ".":  # a number of a workbook knows no language
        cells = [
            text.replace(".", dialect.decimal) if isinstance(cell, float) else text
            for cell, text in zip(raw, cells, strict=True)
        ]
    if kind == "flag":
        cells = ["yes" if cell else "" for cell in cells]
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


def _faults(grid: Grid, key: str) -> tuple[list[str], list[str]]:
    layout = grid.layout
    place = layout.places[key]
    name = fold(layout.header[place])
    width = _width(layout, grid.records) if grid.is_text else 0
    codes = [""] * len(grid.records)
    columns = [""] * len(grid.records)
    for n, (_, cells) in enumerate(grid.records):
        if grid.is_text and len(cells) != width:
            codes[n], columns[n] = "E_COLUMN_COUNT", layout.headers[key]
        elif fold(grid.read(cells[place])) == name:
            codes[n], columns[n] = "E_REPEATED_HEADER", layout.headers[key]
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
