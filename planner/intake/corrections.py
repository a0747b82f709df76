"""Rows that somebody corrected: they stand in for the rejected rows that they name.

A file whose header has `source_file` and `source_row` is a correction, be it quarantine.xlsx or a
list made by hand. Its rows are judged as any; who counts in the end is decided here.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from planner.errors import InputError
from planner.intake import sheets, texts
from planner.intake.cells import fold, quoted, tidy
from planner.intake.dialects import FIELDS, Dialect
from planner.intake.faults import judged
from planner.intake.files import RawTable, names_told, printable, refusal
from planner.intake.grids import Grid, framed
from planner.intake.headers import layout_of, missing_fields
from planner.intake.lines import parsed
from planner.seller import Shop

SOURCE = ("source_file", "source_row")
VERDICT = ("code", "column", "value")
NOT_LOST = ("E_DUPLICATE", "E_SUPERSEDED", "E_CORRECTED")
"""Codes of rows that are rejected because their order is kept, or judged, from another row."""
STILL_WRONG = "?"
"""Verdict on a row that bears the fault of the row it stands in for."""
FILE_NAME = re.compile(r"([\w.() -]+/)?[\w.() -]+\.(csv|tsv|txt|xls|xlsm|xlsx)", re.IGNORECASE)
WHOLE = re.compile("[0-9]{1,9}")
SIGN = b"source_row"
LOOKED_AT_BYTES = 8_000_000
LOOKED_AT_PARTS = 40
HEAD_BYTES = 10_000


class Corrections(NamedTuple):
    """One file of corrections, its rows judged."""

    sha256: str
    rows: pd.DataFrame | None
    """As `faults.judged`, with `source_file`, `source_row` and `texts`, JSON by field of all that
    a good row holds; `code` may be `STILL_WRONG`; None if no row is the shop's."""


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
    data: bytes, *, name: str, shop: Shop, dialect: Dialect, skus: Collection[str] | None = None
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

    Raises
    ------
    InputError
        If the file cannot be opened, or lacks columns that an export must have.
    """
    judgements = [
        _judged(table, name=name, shop=shop, dialect=dialect, skus=skus)
        for table in _tables(data, name)
    ]
    found = [rows for rows in judgements if rows is not None]
    rows = pd.concat(found, ignore_index=True) if found else None
    return Corrections(hashlib.sha256(data).hexdigest(), rows)


def corrected(
    rows: pd.DataFrame, fixes: pd.DataFrame, names: Mapping[str, int], dialect: Dialect
) -> pd.DataFrame:
    """Return the rows of a shop's exports and of its corrections, each counted once.

    Parameters
    ----------
    rows : DataFrame
        Judged rows with `place`, the number of their file, and its `age`.
    fixes : DataFrame
        As `Corrections.rows`, with `place`, the newest file last.
    names : Mapping
        Number of a file by each name it may be called.
    dialect : Dialect

    Returns
    -------
    DataFrame
        A row that is stood in for bears E_CORRECTED and the cells that count now; what stands in
        for it has the age of its file. A correction that names no rejected row bears
        E_CORRECTION, all but the best of several for one row E_SUPERSEDED.

    Notes
    -----
    A good correction goes before one that is still wrong, a newer before an older one. A row in
    which nothing was changed has the fault that it had.
    """
    if fixes.empty:
        return rows
    wrong = rows[(rows["code"] != "") & ~rows["code"].isin(NOT_LOST)]
    wrong = wrong.set_index(["place", "row"])[["code", "column", "value", "cells", "age"]]
    olds = wrong.to_dict("index")
    news = fixes.to_dict("records")
    rivals: dict[tuple[int, int], list[tuple[bool, int]]] = defaultdict(list)
    for n, new in enumerate(news):
        new["age"] = -1
        aim = _aim(new, names)
        old = olds.get(aim)
        if old is None:
            _tell(new, "E_CORRECTION", *_strange(new, aim))
            continue
        if new["code"] == STILL_WRONG or (not new["code"] and _is_unchanged(new, old, dialect)):
            _tell(new, old["code"], old["column"], old["value"])
        rivals[aim].append((new["code"] == "", n))
    best = {aim: max(candidates)[1] for aim, candidates in rivals.items()}
    for aim, candidates in rivals.items():
        for _, n in candidates:
            news[n]["age"] = olds[aim]["age"]
            if n != best[aim]:
                _tell(news[n], "E_SUPERSEDED", SOURCE[1], news[n]["source_row"])
    marked = rows.copy()
    index = pd.MultiIndex.from_frame(rows[["place", "row"]])
    done = rows.index[index.get_indexer(list(best))] if best else rows.index[:0]
    marked.loc[done, "code"] = "E_CORRECTED"
    marked.loc[done, "cells"] = [news[n]["cells"] for n in best.values()]
    told = fixes.assign(
        **{name: pd.array([new[name] for new in news], dtype="str") for name in VERDICT},
        cells=pd.array([_with_source(new) for new in news], dtype="str"),
        age=[new["age"] for new in news],
    )
    return pd.concat([marked, told[list(rows.columns)]], ignore_index=True)


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
    else:
        said = texts.decoded(data)
        if said is None:
            raise refusal("E_CONTAINER", name, "neither text nor a workbook")
        try:
            heads += [list(texts.records(said.text, mark)) for mark in texts.DELIMITERS]
        except texts.QuoteError as fault:
            what = "a quotation mark is opened and not closed, or closed too early"
            raise refusal("E_QUOTE", name, what, row=fault.line) from None
    for records in heads:
        for place, record in enumerate(records[: texts.MAX_HEAD_RECORDS]):
            if set(SOURCE) <= {fold(str(cell)) for cell in record.cells}:
                yield _Table(record, records[place + 1 :])
                break


def _judged(
    table: _Table, *, name: str, shop: Shop, dialect: Dialect, skus: Collection[str] | None
) -> pd.DataFrame | None:
    """Return the rows of one table that are the shop's, judged; None if there are none."""
    head = texts.Record(table.header.line, [tidy(str(cell)) for cell in table.header.cells])

    def read(cell: object) -> str:
        return tidy(sheets.as_text(cell, dialect.time_formats[0]))

    columns = {fold(text): place for place, text in reversed(list(enumerate(head.cells)))}
    own = [_whole(record, len(head.cells)) for record in table.records]
    own = [record for record in own if any(read(cell) for cell in record.cells)]
    if "shop" in columns:
        own = [r for r in own if read(r.cells[columns["shop"]]) in ("", shop.shop)]
    if not own:
        return None
    layout = layout_of([head], dialect)
    missing = [dialect.header_of(field) for field in missing_fields(layout, dialect)]
    if missing:
        what = f"missing: {names_told(missing)}"
        raise refusal("E_MISSING_COLUMN", name, what, row=head.line, column=missing[0])
    frame = framed(Grid(layout, own, read, is_text=False), dialect)
    frame["is_repeat"] = False
    raw = RawTable(name, "", frame, layout.headers, [])
    rows = _verdicts(raw, shop=shop, dialect=dialect, skus=skus)
    for column in SOURCE:
        rows[column] = pd.Series([read(r.cells[columns[column]]) for r in own], dtype="str")
    return rows


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
    shown = [
        {raw.headers[field]: text for field, text in one.items() if quoted(text, FIELDS[field])}
        for one in whole
    ]
    rows["texts"] = pd.Series([_json(one) for one in whole], dtype="str")
    rows["cells"] = rows["cells"].mask(is_good, pd.Series([_json(one) for one in shown]))
    return rows


def _filled(raw: RawTable, n: int) -> dict[str, str]:
    row = raw.frame.iloc[n]
    return {field: row[field] for field in raw.headers if row[field]}


def _whole(record: texts.Record, width: int) -> texts.Record:
    cells = [*record.cells, *[""] * (width - len(record.cells))]
    return texts.Record(record.line, cells[:width])


def _aim(new: Mapping[str, Any], names: Mapping[str, int]) -> tuple[int, int]:
    row = new["source_row"]
    return names.get(new["source_file"], -1), int(row) if WHOLE.fullmatch(row) else -1


def _strange(new: Mapping[str, Any], aim: tuple[int, int]) -> tuple[str, str]:
    """Return the column to blame, and its cell if it looks like a file's name or a number."""
    if aim[0] >= 0:
        return SOURCE[1], str(aim[1]) if aim[1] >= 0 else ""
    file = new["source_file"]
    return SOURCE[0], printable(file, limit=60) if FILE_NAME.fullmatch(file) else ""


def _tell(new: dict[str, Any], code: str, column: str, value: str) -> None:
    new["code"], new["column"], new["value"] = code, column, value


def _is_unchanged(new: Mapping[str, Any], old: Mapping[str, Any], dialect: Dialect) -> bool:
    before = json.loads(old["cells"])
    fields = {dialect.field_by_header.get(fold(head), ("", ""))[0]: before[head] for head in before}
    return json.loads(new["texts"]) == {f: text for f, text in fields.items() if f and text}


def _with_source(new: Mapping[str, Any]) -> str:
    """Return the cells of a correction with what they stand in for, so that it can be told."""
    return _json({**{name: new[name] for name in SOURCE}, **json.loads(new["cells"])})


def _json(cells: Mapping[str, str]) -> str:
    return json.dumps(cells, ensure_ascii=False)
