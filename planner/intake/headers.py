"""Finds the header row of an export, and which cell of a record holds which field.

Works on the first records of a file, whatever stands above the header; matches trimmed,
case-folded names, never positions.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from planner.intake.cells import fold, tidy
from planner.intake.dialects import Dialect
from planner.intake.texts import Record

Heads = Sequence[Sequence[Record]]
"""The first records of a file as each of its sheets, or each delimiter, gives them."""


class Layout(NamedTuple):
    """Where the table of a file begins, and which cell holds which field."""

    line: int
    header: list[str]
    places: dict[str, int]
    headers: dict[str, str]
    """By field that the file has: its header as the dialect declares it."""
    delimiter: str = ""


def layout_of(head: Iterable[Record], dialect: Dialect, delimiter: str = "") -> Layout:
    """Return the layout that the record with the most known headers gives.

    Parameters
    ----------
    head : iterable of Record
        The first records of a sheet or file, cells as text.
    dialect : Dialect
        Whose headers to look for.
    delimiter : str, optional
        What the records were parted by, kept in the layout.

    Returns
    -------
    Layout
        Of the first such record; without places if no record holds a known header.
    """
    best = Layout(1, [], {}, {}, delimiter)
    for record in head:
        names = [tidy(cell) for cell in record.cells]
        places: dict[str, int] = {}
        headers: dict[str, str] = {}
        for place, name in enumerate(names):
            field, declared = dialect.field_by_header.get(fold(name), ("", ""))
            if field and field not in places:
                places[field], headers[field] = place, declared
        if len(places) > len(best.places):
            while not names[-1]:
                names.pop()
            best = Layout(record.line, names, places, headers, delimiter)
    return best


def fields_found(layout: Layout) -> int:
    """Return how many fields a layout places."""
    return len(layout.places)


def missing_fields(layout: Layout, dialect: Dialect) -> list[str]:
    """Return the fields that a file of this dialect must have and this one has not.

    See `Dialect.missing` for what a trimmed export may leave out.
    """
    return dialect.missing(layout.places)


def unknown_headers(layout: Layout, dialect: Dialect) -> list[str]:
    """Return the headers that the dialect does not declare."""
    return [head for head in layout.header if head and fold(head) not in dialect.known_headers]


def repeated_fields(layout: Layout, dialect: Dialect) -> list[str]:
    """Return the fields for which two columns stand."""
    fields = [dialect.field_by_header.get(fold(head), ("", ""))[0] for head in layout.header]
    return sorted({field for field in fields if field and fields.count(field) > 1})
