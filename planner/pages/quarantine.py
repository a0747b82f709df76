"""quarantine.xlsx: the rows of the exports that do not count, to be mended and put back.

One sheet per shop holds rows to mend and rows already mended, so that a new file may replace the
last one; a sheet of rows without loss and a note follow. Cells are those of `RejectedRows`, text
every one of them. Nothing here touches disk.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pandas as pd
from xlsxwriter.worksheet import Worksheet

from planner.intake.cells import fold
from planner.intake.correction_files import SOURCE, SOURCE_KEY
from planner.intake.corrections import fields_told, source_key
from planner.intake.dialects import Dialect, dialect_of
from planner.intake.overlaps import NOT_LOST
from planner.pages.bilingual import both
from planner.pages.kinds import tell_text
from planner.pages.sheets import Book, Column, write_table, write_title
from planner.scope import Scope
from planner.seller import Shop
from planner.words import LANGS, say

MENDED = "E_CORRECTED"
TOLD = (*SOURCE, SOURCE_KEY, "shop", "problem_column", "value", "code", "reason_zh", "reason_en",
        "remedy_zh", "remedy_en")  # fmt: skip
"""Columns before those of the export; their headings are these names, for the reader of files."""
MENDABLE = (
    "E_ARITHMETIC", "E_CONTROL_CHAR", "E_DATE", "E_ENCODING", "E_ID", "E_ID_PRECISION", "E_MONEY",
    "E_QTY", "E_RETURN", "E_SKU", "E_STATUS",
)  # fmt: skip
"""Codes of rows in which one cell is wrong and can be mended in the sheet itself."""
WIDE = ("reason_zh", "reason_en", "remedy_zh", "remedy_en")
NOTES = ("what", "mend", "back", "blank", "again", "loss")
MAX_ROWS = 20_000
"""Rows that a sheet tells at most; a file with more is exported again, not mended by hand."""
MAX_SHEETS = 20


def quarantine_workbook(rejected: pd.DataFrame, files: pd.DataFrame, *, scope: Scope) -> bytes:
    """Return the workbook of the rows that were rejected.

    Parameters
    ----------
    rejected : DataFrame
        RejectedRows.
    files : DataFrame
        Reconciliation: the shop of each file, and its SHA-256.
    scope : Scope
        The seller's shops, and the day that the file is dated by.

    Returns
    -------
    bytes
        An .xlsx file without formulas, macros or links; the same rows give the same bytes. Laid
        whole into ``orders/<shop>/`` it is a file of corrections, of every shop it names.
    """
    title = f"{scope.seller.name.zh} / {scope.seller.name.en}"
    book = Book(created=scope.first_day(1), title=title)
    shop_of_file = dict(zip(files["file"], files["shop"], strict=True))
    owners = rejected["file"].map(shop_of_file)
    digests = dict(zip(files["file"], files["sha256"], strict=True))
    shops = [shop for shop in scope.seller.shops if (owners == shop.shop).any()][:MAX_SHEETS]
    for n, shop in enumerate(shops):
        sheet = book.sheet("sheet.to_mend", number=n + 1 if len(shops) > 1 else 0)
        _write_rows(book, sheet, _rows_of(rejected[owners == shop.shop], shop, digests), shop)
    _write_no_loss(book, book.sheet("sheet.no_loss"), rejected)
    _write_note(book, book.sheet("sheet.mend_note"), title)
    return book.finished()


def _rows_of(
    rejected: pd.DataFrame, shop: Shop, digests: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return one shop's rows, those to mend first; each by what it stands in for in the end."""
    dialect = dialect_of(shop)
    rows = []
    for row in rejected[
        rejected["code"].isin([MENDED]) | ~rejected["code"].isin(NOT_LOST)
    ].itertuples():
        cells = json.loads(row.cells)
        is_correction = set(SOURCE) <= set(cells)
        file, number, key = (cells.pop(name, "") for name in (*SOURCE, SOURCE_KEY))
        if not (is_correction or key):  # a row of an export as it came
            key = source_key(cells, digests[row.file], dialect)
        told = {
            "source_file": file or row.file,
            "source_row": number or str(row.row),
            SOURCE_KEY: key,
            "shop": shop.shop,
            "problem_column": row.column,
            "value": row.value,
            "code": row.code,
        }
        rows.append({**told, "cells": fields_told(cells, dialect)})
    open_rows = [row for row in rows if row["code"] != MENDED]
    open_keys = {_key(row) for row in open_rows}
    done = [row for row in rows if row["code"] == MENDED and _key(row) not in open_keys]
    return [*open_rows, *done][:MAX_ROWS]


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["source_file"], row["source_row"]


def _write_rows(
    book: Book, sheet: Worksheet, rows: Sequence[Mapping[str, Any]], shop: Shop
) -> None:
    dialect = dialect_of(shop)
    told = {name: [row[name] for row in rows] for name in TOLD if name not in WIDE}
    for lang in LANGS:
        told[f"reason_{lang}"] = [say(f"reject.{row['code']}", lang) for row in rows]
        told[f"remedy_{lang}"] = [_remedy(row["code"], row["problem_column"], lang) for row in rows]
    columns = [Column(name, told[name], heading=name, wide=name in WIDE) for name in TOLD]
    for field in _fields(rows, dialect):
        cells = [row["cells"].get(field, "") for row in rows]
        columns.append(Column("cell", cells, heading=dialect.header_of(field)))
    write_title(book, sheet, f"{both('sheet.to_mend')} · {shop.shop}", both("sheet.to_mend_note"))
    write_table(book, sheet, columns)


def _remedy(code: str, column: str, lang: str) -> str:
    """Return what to do about a row: which cell to mend, or what else."""
    remedy = say(f"remedy.{code}", lang)
    if code not in MENDABLE or not column:
        return remedy
    return say("quarantine.mend", lang, column=column, remedy=remedy)


def _fields(rows: Iterable[Mapping[str, Any]], dialect: Dialect) -> list[str]:
    """Return the fields to write: filled or blamed ones, and what a file must have beside them."""
    headers = {fold(head): field for head, (field, _) in dialect.field_by_header.items()}
    named = {headers.get(fold(row["problem_column"]), "") for row in rows}
    named |= {field for row in rows for field in row["cells"]}
    named |= set(dialect.missing(dict.fromkeys(named - {""}, 0)))
    return [field for field in dialect.columns if field in named]


def _write_no_loss(book: Book, sheet: Worksheet, rejected: pd.DataFrame) -> None:
    rows = rejected[rejected["code"].isin(NOT_LOST)].head(MAX_ROWS)
    codes = rows["code"].to_list()
    columns = [
        Column("file", rows["file"].to_list()),
        Column("row", [str(row) for row in rows["row"]]),
        Column("code", codes),
        Column("reason", [both(f"reject.{code}") for code in codes], wide=True),
        Column("head.do", [both(f"remedy.{code}") for code in codes], wide=True),
    ]
    write_title(book, sheet, both("sheet.no_loss"), both("sheet.no_loss_note"))
    write_table(book, sheet, columns)


def _write_note(book: Book, sheet: Worksheet, title: str) -> None:
    wrapped = book.format(text_wrap=True)
    sheet.set_column(0, 1, 70)
    write_title(book, sheet, tell_text(title), both("sheet.mend_note"))
    for row, name in enumerate(NOTES, 3):
        for place, lang in enumerate(LANGS):
            sheet.write_string(row, place, say(f"sheet.mend_{name}", lang), wrapped)
