"""Reads the records of a regular text file by columns: the wanted ones, and only those.

Regular is a file whose every quotation mark opens or closes a whole cell: there a parser of
columns and one of cells say the same, and the former makes no text of sixty cells a record. Of
any other file nothing is said here; `texts.records` reads it. Knows no platform.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import csv as columns_csv

from planner.intake.headers import Layout
from planner.intake.texts import MAX_CELL_CHARS, Record

LINE_FEED, RETURN, QUOTE, NUL = b"\n"[0], b"\r"[0], b'"'[0], b"\0"
MAX_ODD_RATIO = 0.05  # share of records to look at one by one above which this is not faster
MIN_ODD_RECORDS = 20
TAIL = "tail."
"""Before the number of a cell that stands beyond the header."""


class Plain(NamedTuple):
    """The records below a header, blank ones left out; arrays and columns align."""

    lines: np.ndarray
    """Physical line on which each record begins, 1-based."""
    is_whole: np.ndarray
    """Whether a record has as many cells as it should; the cells of others are empty."""
    cells: dict[str, pa.Array]
    """By field: the cells as they stand in the file."""
    is_repeat: np.ndarray
    """Whether an equal record stands above."""
    odd: dict[int, Record]
    """By place: records that are not whole, with all their cells."""
    tall: list[Record]
    """Records that span several lines, with all their cells."""


class _Shape(NamedTuple):
    """Where each record of a file begins and ends in its bytes, and what shape it has."""

    starts: np.ndarray
    ends: np.ndarray
    lines: np.ndarray
    widths: np.ndarray
    """Cells of each record; 0 for an empty line."""
    is_tall: np.ndarray


def plain_records(
    data: bytes, layout: Layout, *, key: Sequence[str], described: Callable[[str], bool]
) -> Plain | None:
    """Return the records of a file below its header, None if the file is not regular.

    Parameters
    ----------
    data : bytes
        The file as UTF-8 without a byte order mark.
    layout : Layout
        Where the header stands, and which cell holds which field.
    key : sequence of str
        Fields in which equal records agree and few others do. No record is blank whose cell
        of the first of them is filled.
    described : callable
        Tells from its first key cell whether a record at the top describes the columns; such
        records are left out.

    Notes
    -----
    What is returned is what `texts.records` says of the same file, record by record.
    """
    shape = _shape(data, layout)
    if shape is None or not len(shape.starts):
        return None
    own = len(layout.header)
    usual = int(np.bincount(shape.widths).argmax())
    width = max(own, usual)
    is_whole = shape.widths == width
    few = max(MIN_ODD_RECORDS, MAX_ODD_RATIO * len(is_whole))
    if (~is_whole & (shape.widths > 0)).sum() > few:
        return None
    places = {**layout.places, **{f"{TAIL}{place}": place for place in range(own, width)}}
    cells = _columns(data, shape, layout.delimiter, width=width, places=places)
    if cells is None:
        return None
    tails = [cells.pop(name) for name in list(cells) if name.startswith(TAIL)]
    if any(not _is_blank(tail).all() for tail in tails):
        return None
    return _plain(data, shape, cells, layout, is_whole=is_whole, key=key, described=described)


def _shape(data: bytes, layout: Layout) -> _Shape | None:
    """Return where the records below the header are, None if the file is not regular."""
    signs = np.frombuffer(data, dtype=np.uint8)
    feeds = np.flatnonzero(signs == LINE_FEED)
    returns = np.count_nonzero(signs == RETURN)
    if NUL in data or returns != np.count_nonzero(signs[feeds[feeds > 0] - 1] == RETURN):
        return None
    begin = int(feeds[layout.line - 2]) + 1 if layout.line > 1 else 0
    quotes = np.flatnonzero(signs == QUOTE)
    quotes = quotes[quotes >= begin]
    mark = layout.delimiter.encode()[0]
    if not _quotes_whole_cells(signs, quotes, begin, mark):
        return None
    below = feeds[feeds >= begin]
    ends = below[np.searchsorted(quotes, below) % 2 == 0]
    if not len(ends) or ends[-1] != len(signs) - 1:
        ends = np.append(ends, len(signs))
    starts = np.append(begin, ends[:-1] + 1)
    lengths = ends - starts
    if lengths.max() > MAX_CELL_CHARS:
        return None
    has_return = (lengths > 0) & (signs[ends - 1] == RETURN)
    widths = 1 + _marks(np.flatnonzero(signs == mark), starts, ends, quotes)
    widths[lengths - has_return == 0] = 0
    lines = np.searchsorted(feeds, starts) + 1
    is_tall = np.searchsorted(feeds, ends) + 1 > lines
    return _Shape(*(array[1:] for array in (starts, ends, lines, widths, is_tall)))


def _quotes_whole_cells(signs: np.ndarray, quotes: np.ndarray, begin: int, mark: int) -> bool:
    """Return whether every quotation mark opens or closes a cell, or is doubled within one."""
    if len(quotes) % 2:
        return False
    opens, closes = quotes[::2], quotes[1::2]
    before = np.where(opens > begin, signs[opens - 1], LINE_FEED)
    is_fit = (before == mark) | (before == LINE_FEED)
    after = np.where(closes < len(signs) - 1, signs[np.minimum(closes + 1, len(signs) - 1)], mark)
    ends = (after == mark) | (after == LINE_FEED) | (after == RETURN)
    is_doubled = opens[1:] == closes[:-1] + 1
    is_fit[1:] |= is_doubled
    ends[:-1] |= is_doubled
    return bool(is_fit.all() and ends.all())


def _marks(
    marks: np.ndarray, starts: np.ndarray, ends: np.ndarray, quotes: np.ndarray
) -> np.ndarray:
    """Return how many delimiters outside quotation marks each record has."""
    total = np.searchsorted(marks, ends) - np.searchsorted(marks, starts)
    inside = np.searchsorted(marks, quotes[1::2]) - np.searchsorted(marks, quotes[::2])
    owner = np.searchsorted(starts, quotes[::2], side="right") - 1
    return total - np.bincount(owner, inside, len(starts)).astype(total.dtype)


def _columns(
    data: bytes, shape: _Shape, delimiter: str, *, width: int, places: Mapping[str, int]
) -> dict[str, pa.Array] | None:
    """Return the cells of whole records by field, None if the parser counts other records."""
    body = pa.py_buffer(memoryview(data)[shape.starts[0] :])
    table = columns_csv.read_csv(
        body,
        read_options=columns_csv.ReadOptions(
            use_threads=False,
            block_size=body.size + 1,
            column_names=[str(place) for place in range(width)],
        ),
        parse_options=columns_csv.ParseOptions(
            delimiter=delimiter,
            newlines_in_values=bool(shape.is_tall.any()),
            invalid_row_handler=lambda row: "skip",
        ),
        convert_options=columns_csv.ConvertOptions(
            include_columns=[str(place) for place in places.values()],
            column_types={str(place): pa.string() for place in places.values()},
            strings_can_be_null=False,
        ),
    )
    if table.num_rows != (shape.widths == width).sum():
        return None
    return {field: table[str(place)].combine_chunks() for field, place in places.items()}


def _plain(
    data: bytes,
    shape: _Shape,
    cells: dict[str, pa.Array],
    layout: Layout,
    *,
    is_whole: np.ndarray,
    key: Sequence[str],
    described: Callable[[str], bool],
) -> Plain | None:
    def record(place: int) -> Record:
        return _record(data, shape, place, layout.delimiter)

    whole = np.flatnonzero(is_whole)
    is_kept = shape.widths > 0
    odd = {place: record(place) for place in np.flatnonzero(is_kept & ~is_whole).tolist()}
    unsure = {place: record(place) for place in whole[_is_blank(cells[key[0]])].tolist()}
    for place, found in (odd | unsure).items():
        is_kept[place] = bool("".join(found.cells).strip())
    if 2 * (is_kept & is_whole).sum() <= is_kept.sum():
        return None
    tall = [record(place) for place in np.flatnonzero(is_kept & shape.is_tall).tolist()]
    for place in np.flatnonzero(is_kept).tolist():
        if not _tells_key(record(place), layout.places[key[0]], described):
            break
        is_kept[place] = False
    kept = np.flatnonzero(is_kept)
    cells = _taken(cells, is_whole, is_kept)
    alike = pd.DataFrame({field: cells[field].to_pandas() for field in key}).duplicated(keep=False)
    new_place = np.cumsum(is_kept) - 1
    return Plain(
        lines=shape.lines[kept],
        is_whole=is_whole[kept],
        cells=cells,
        is_repeat=_repeats(len(kept), {n: record(kept[n]) for n in np.flatnonzero(alike)}),
        odd={int(new_place[place]): one for place, one in odd.items() if is_kept[place]},
        tall=tall,
    )


def _record(data: bytes, shape: _Shape, place: int, delimiter: str) -> Record:
    text = data[shape.starts[place] : shape.ends[place]].decode("utf-8")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return Record(int(shape.lines[place]), next(reader))


def _tells_key(record: Record, place: int, described: Callable[[str], bool]) -> bool:
    return len(record.cells) > place and described(record.cells[place])


def _taken(
    cells: dict[str, pa.Array], is_whole: np.ndarray, is_kept: np.ndarray
) -> dict[str, pa.Array]:
    """Return the cells of kept records, empty for those that are not whole."""
    if is_whole.all() and is_kept.sum() == len(is_kept) - is_kept.argmax():  # all from one on
        return {field: cell.slice(is_kept.argmax()) for field, cell in cells.items()}
    places = (np.cumsum(is_whole) - 1)[is_kept]
    taken = pa.array(places, mask=~is_whole[is_kept])
    return {field: cell.take(taken).fill_null("") for field, cell in cells.items()}


def _is_blank(cells: pa.Array) -> np.ndarray:
    return np.array([not cell.strip() for cell in cells.to_pylist()], dtype=bool)


def _repeats(count: int, alike: Mapping[int, Record]) -> np.ndarray:
    """Return which of the records that look alike have an equal one above."""
    seen: set[tuple[str, ...]] = set()
    repeats = np.zeros(count, dtype=bool)
    for place, record in alike.items():
        cells = tuple(record.cells)
        repeats[place] = cells in seen
        seen.add(cells)
    return repeats
