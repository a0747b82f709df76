"""Reads the text of a CSV or the cells of a sheet that people keep, by their table's contract.

The contract says which columns there are and what a cell may hold; every cell that breaks it
is found, with row, column and value. Nothing here knows files, or what the facts are for.
"""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd
import pandera.pandas as pa

from planner.intake.cells import fold
from planner.intake.texts import (
    DELIMITERS,
    MAX_HEAD_RECORDS,
    QuoteError,
    Record,
    head_records,
    records,
)
from planner.intake.typed_cells import cell_text, kind_of, spoilt, typed, unread
from planner.tables.contract import Table, columns
from planner.words import LANGS, is_known, say, unit

CODES = ("sku", "component", "barcode", "hs_code", "shipment")
"""Columns of names that look like numbers: a spreadsheet must not have counted with them."""
EDGES = " \t\r\n\u00a0\u200b\ufeff"
ROW = "row"
CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
"""Where a word begins in the name of a table."""
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
        with row, column, value and what would be right. With findings the cells that they name
        mean nothing, and there are no columns if the header is wrong.

    Examples
    --------
    >>> from planner.tables.goods import Bundles
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
        name for name, column in table.to_schema().columns.items() if kind_of(name, column) == "str"
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
    findings = _wrong_columns(names, table, optional) if names else []
    findings += _wrong_lengths(names, body)
    if findings or not names:
        return pd.DataFrame(), findings or ["the file is empty; it needs a header row"]
    frame: dict[str, Any] = {ROW: [record.line for record in body]}
    wrong: dict[tuple[int, str], str] = {}
    for name, contract in kinds.items():
        place = names.index(name) if name in names else None
        raw = ["" if place is None else record.cells[place] for record in body]
        kind = kind_of(name, contract)
        is_code = name in CODES
        cells = [cell_text(cell, kind, is_code=is_code) for cell in raw]
        may_be_empty = contract.nullable or name in optional or kind in ("str", "bool")
        frame[name] = typed(kind, cells)
        found = [*spoilt(raw if is_code else ()), *unread(kind, cells, may_be_empty=may_be_empty)]
        for place, what in found:
            wrong.setdefault((place, name), what)
    rows = pd.DataFrame(frame)
    for place, name, what in _broken_checks(table, rows):
        wrong.setdefault((place, name), what)
    return rows, [
        f'row {body[place].line}, column "{_shown(name, shown)}": {what}'
        for (place, name), what in sorted(wrong.items(), key=lambda one: one[0][0])
    ]


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
    """Return the column of every header: its name, its glossary words, what else people write."""
    names = columns(table)
    own = [(word, name) for name in names for word in _glossary_words(name)]
    other = [(word, name) for name in names for word in _other_words(name, table)]
    return _only_once(other) | _only_once(own) | {_word(name): name for name in names}


def _glossary_words(name: str) -> Iterator[str]:
    for lang in LANGS if is_known(name) else ():
        word, of = say(name, lang), unit(name, lang)
        yield from (word, f"{word}({of})") if of else (word,)


def _other_words(name: str, table: type[Table]) -> list[str]:
    """Return what else people call a column, anywhere and in this table alone."""
    own = CAPITAL.sub("_", table.__name__).lower()
    terms = [term for term in (f"also.{name}", f"also.{own}.{name}") if is_known(term)]
    return [word for term in terms for lang in LANGS for word in say(term, lang).split("|")]


def _only_once(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return the column of every word that means one column alone."""
    found: dict[str, set[str]] = {}
    for word, name in words:
        found.setdefault(_word(word), set()).add(name)
    return {word: next(iter(names)) for word, names in found.items() if len(names) == 1}


def _words_of(table: type[Table]) -> dict[str, str]:
    """Return by column its Chinese word in brackets, where a header may say it."""
    known = _column_by_word(table)
    told = {name: say(name, "zh") if is_known(name) else "" for name in columns(table)}
    return {
        name: f" ({word})" if known.get(_word(word)) == name != _word(word) else ""
        for name, word in told.items()
    }


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


def _wrong_columns(
    header: Sequence[str], table: type[Table], optional: Collection[str]
) -> list[str]:
    known = columns(table)
    words = _words_of(table)
    strange = [name for name in dict.fromkeys(header) if name not in known]
    findings = [f"unknown column {name!r}{did_you_mean(name, known)}" for name in strange]
    twice = sorted({name for name in header if header.count(name) > 1})
    findings += [f"column {name!r} stands twice" for name in twice]
    absent = [name for name in known if name not in header and name not in optional]
    findings += [f"column {name!r}{words[name]} is missing" for name in absent]
    told = ", ".join(f"{name}{words[name]}" for name in known)
    return [*findings, f"it may have: {told}"] if findings else []


def _wrong_lengths(header: Sequence[str], body: Sequence[Record]) -> list[str]:
    return [
        f"row {line}: {len(cells)} cells where the header has {len(header)}; a comma inside a cell "
        "needs quotation marks around the cell"
        for line, cells in body
        if len(cells) != len(header)
    ]


def _broken_checks(table: type[Table], frame: pd.DataFrame) -> Iterator[tuple[int, str, str]]:
    """Yield place, column and rule of every cell that breaks a check of the contract."""
    try:
        table.validate(frame[columns(table)], lazy=True)
    except pa.errors.SchemaErrors as problem:
        cases = problem.failure_cases.dropna(subset="index").drop_duplicates(["check", "index"])
        for case in cases.itertuples():
            what = _what_is_wrong(case.failure_case, str(case.check))
            yield int(case.index), str(case.column), what


def _what_is_wrong(value: object, check: str) -> str:
    if check == "field_uniqueness":
        return f"{value!s} stands more than once; keep one row"
    name, _, limit = check.partition("(")
    words = RULE_WORDS.get(name, name.replace("_", " "))
    right = f"{words} {limit.rstrip(')').lstrip('(')}".rstrip()
    if value == "":
        return f"empty; give {right}" if name == "isin" else "empty; fill it in"
    return f"{value!s} must be {right}"
