"""Opens what somebody corrected: quarantine.xlsx or a list made by hand, its rows judged as any.

A file whose header has `source_file` and `source_row` is a correction. Who counts in the end is
decided in `corrections`.
"""

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

import pandas as pd

from planner.errors import InputError
from planner.intake import sheets, texts
from planner.intake.cells import fold, quoted, tidy
from planner.intake.dialects import FIELDS, Dialect
from planner.intake.faults import judged
from planner.intake.files import RawTable
from planner.intake.grids import Grid, framed
from planner.intake.headers import layout_of, missing_fields
from planner.intake.lines import parsed
from planner.intake.messages import names_told, refusal
from planner.seller import Shop

SOURCE = ("source_file", "source_row")
SOURCE_KEY = "source_key"
"""Column that tells of which rejected row a correction is, whatever the file now holds there."""
STILL_WRONG = "?"
"""Verdict on a row that bears the fault of the row it stands in for."""
SIGN = b"source_row"
LOOKED_AT_BYTES = 8_000_000
LOOKED_AT_PARTS = 40
HEAD_BYTES = 10_000


class Corrections(NamedTuple):
    """One file of corrections, its rows judged."""

    sha256: str
    rows: pd.DataFrame | None
    """As `faults.judged`, with `source_file`, `source_row`, `source_key` (empty in a list made by
    hand) and `texts`, JSON by field of all that a good row holds; `code` may be `STILL_WRONG`;
    without rows if none is the shop's, None if the file is no correction at all."""
    foreign_rows: int = 0
    """Rows that name another shop: left to it."""


class _Table(NamedTuple):
    """A sheet or file with the header of a correction."""

    header: texts.Record
    records: list[texts.Record]


def is_correction(data: bytes) -> bool:
    """Return whether the bytes of a file may be a correction, at a glance.

    Examples
    --------
    >>> is_correction(b"source_file,source_row,Order ID"), is_correction(b"Order ID,Quantity")
    (True, False)
    """
    if not data.startswith(b"PK"):
        return SIGN in data[:HEAD_BYTES].replace(b"\x00", b"")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = [name for name in archive.namelist() if _may_hold_texts(name)]
            return any(_holds_sign(archive, name) for name in names[:LOOKED_AT_PARTS])
    except (zipfile.BadZipFile, zlib.error, OSError, RuntimeError, ValueError, EOFError):
        return False  # whatever it is, the reader of exports says so


def read_corrections(
    data: bytes,
    *,
    name: str,
    shop: Shop,
    dialect: Dialect,
    skus: Collection[str] | None = None,
    shops: Collection[str] | None = None,
) -> Corrections:
    """Return the rows of a file of corrections that are this shop's.

    Parameters
    ----------
    data : bytes
        A CSV or XLSX file.
    name : str
        How messages call the file.
    shop : Shop
        Rows whose cell `shop` names another one are left alone.
    dialect : Dialect
        How the shop's exports write.
    skus : collection of str, optional
        The seller's SKUs; with them any other SKU is a fault.
    shops : collection of str, optional
        The seller's shops; with them a row that names none of them bears E_CORRECTION.

    Raises
    ------
    InputError
        If the file cannot be opened, or lacks columns that an export must have.
    """
    tables = list(_tables(data, name))
    parts = [_of_shop(table, shop, dialect, shops) for table in tables]
    judgements = [
        _judged(table, own, name=name, shop=shop, dialect=dialect, skus=skus)
        for table, (own, _) in zip(tables, parts, strict=True)
        if own
    ]
    rows = pd.concat(judgements, ignore_index=True) if judgements else pd.DataFrame()
    foreign = sum(count for _, count in parts)
    digest = hashlib.sha256(data).hexdigest()
    return Corrections(digest, rows if tables else None, foreign)


def _may_hold_texts(name: str) -> bool:
    return name == "xl/sharedStrings.xml" or sheets.WORKSHEET.fullmatch(name) is not None


def _holds_sign(archive: zipfile.ZipFile, name: str) -> bool:
    limit = LOOKED_AT_BYTES if name.startswith("xl/shared") else HEAD_BYTES
    with archive.open(name) as part:
        return SIGN in part.read(limit)


def _tables(data: bytes, name: str) -> Iterator[_Table]:
    heads: list[list[texts.Record]] = []
    if data.startswith(b"PK"):
        try:
            for sheet in sheets.sheets(data):
                heads.append([texts.Record(n, row) for n, row in enumerate(sheet.rows, 1)])
        except sheets.WorkbookError as fault:
            raise refusal(fault.code, name, str(fault)) from None
    elif said := texts.decoded(data):
        for mark in texts.DELIMITERS:
            if not any(_is_header(record) for record in texts.head_records(said.text, mark)):
                continue
            try:
                heads.append(list(texts.records(said.text, mark)))
            except texts.QuoteError as fault:
                what = "a quotation mark is opened and not closed, or closed too early"
                raise refusal("E_QUOTE", name, what, row=fault.line) from None
    for records in heads:
        for place, record in enumerate(records[: texts.MAX_HEAD_RECORDS]):
            if _is_header(record):
                yield _Table(record, records[place + 1 :])
                break


def _is_header(record: texts.Record) -> bool:
    return set(SOURCE) <= {fold(str(cell)) for cell in record.cells}


def _columns(table: _Table) -> dict[str, int]:
    cells = [tidy(str(cell)) for cell in table.header.cells]
    return {fold(text): place for place, text in reversed(list(enumerate(cells)))}


def _text(cell: object, dialect: Dialect) -> str:
    return tidy(sheets.as_text(cell, dialect.time_formats[0]))


def _of_shop(
    table: _Table, shop: Shop, dialect: Dialect, shops: Collection[str] | None
) -> tuple[list[texts.Record], int]:
    """Return the rows of a table that are this shop's or nobody's, and how many are another's."""
    columns, width = _columns(table), len(table.header.cells)
    filled = [_whole(record, width) for record in table.records]
    filled = [r for r in filled if any(_text(cell, dialect) for cell in r.cells)]
    if "shop" not in columns:
        return filled, 0
    place = columns["shop"]
    named = [_text(record.cells[place], dialect) for record in filled]
    others = {name for name in named if shops is None or name in shops} - {"", shop.shop}
    own = [record for record, name in zip(filled, named, strict=True) if name not in others]
    return own, len(filled) - len(own)


def _judged(
    table: _Table,
    own: list[texts.Record],
    *,
    name: str,
    shop: Shop,
    dialect: Dialect,
    skus: Collection[str] | None,
) -> pd.DataFrame:
    """Return rows of one table, judged."""
    head = texts.Record(table.header.line, [tidy(str(cell)) for cell in table.header.cells])
    read, columns = partial(_text, dialect=dialect), _columns(table)
    layout = layout_of([head], dialect)
    missing = [dialect.header_of(field) for field in missing_fields(layout, dialect)]
    if missing:
        what = f"missing: {names_told(missing)}"
        raise refusal("E_MISSING_COLUMN", name, what, row=head.line, column=missing[0])
    frame = framed(Grid(layout, own, read, is_text=False), dialect)
    frame["is_repeat"] = False
    raw = RawTable(name, "", frame, layout.headers, [])
    rows = _verdicts(raw, shop=shop, dialect=dialect, skus=skus)
    for column in (*SOURCE, SOURCE_KEY, "shop"):
        place = columns.get(column)
        said = ["" if place is None else read(record.cells[place]) for record in own]
        rows[column] = pd.Series(said, dtype="str")
    is_nobodys = ~rows["shop"].isin(["", shop.shop])
    told = {"code": "E_CORRECTION", "column": "shop", "value": "", "cells": "{}", "texts": "{}"}
    for column, text in told.items():
        rows[column] = rows[column].mask(is_nobodys, text)
    return rows.drop(columns="shop")


def _verdicts(
    raw: RawTable, *, shop: Shop, dialect: Dialect, skus: Collection[str] | None
) -> pd.DataFrame:
    try:
        rows = judged(raw, shop=shop, dialect=dialect, skus=skus).rows.copy()
    except InputError:  # not one row is mended: nothing to refuse a file for
        rows = parsed(raw, shop=shop, dialect=dialect)
        told = {"code": STILL_WRONG, "column": "", "value": "", "cells": "{}"}
        for column, text in told.items():
            rows[column] = pd.Series([text] * len(rows), dtype="str")
    is_good = rows["code"] == ""
    whole = [_filled(raw, n) if good else {} for n, good in enumerate(is_good)]
    may_show = partial(_may_show, shop=shop, dialect=dialect)
    shown = [
        {raw.headers[f]: text for f, text in one.items() if may_show(f, text, rows.iloc[n])}
        for n, one in enumerate(whole)
    ]
    rows["texts"] = pd.Series([json.dumps(one, ensure_ascii=False) for one in whole], dtype="str")
    rows["cells"] = rows["cells"].mask(
        is_good, pd.Series([json.dumps(one, ensure_ascii=False) for one in shown])
    )
    return rows


def _may_show(field: str, text: str, row: pd.Series, *, shop: Shop, dialect: Dialect) -> bool:
    """Return whether a cell of a good row has been understood, or looks like its column.

    What is understood is never lost: the next workbook stands in for this file.
    """
    kind = FIELDS[field]
    if field in ("order_id", "units", "returned_units") or quoted(text, kind):
        return True
    if field in ("status", "substatus"):
        return bool(dialect.status_of(text))
    if kind == "sku":
        return bool(text == row["sku"])
    if kind in ("money", "time"):  # nobody reads the total of the order: it may be anything
        return field != "order_total" and bool(pd.notna(row[field]))
    words = [dialect.cod_words, dialect.returned_words, dialect.countries.get(shop.market, ())]
    for named in (dialect.kind_words, dialect.channel_words, dialect.source_words):
        words += named.values()
    words += dialect.fulfilment_words.values()
    return kind == "word" and fold(text) in {fold(word) for known in words for word in known}


def _filled(raw: RawTable, n: int) -> dict[str, str]:
    row = raw.frame.iloc[n]
    return {field: row[field] for field in raw.headers if row[field]}


def _whole(record: texts.Record, width: int) -> texts.Record:
    cells = [*record.cells, *[""] * (width - len(record.cells))]
    return texts.Record(record.line, cells[:width])
