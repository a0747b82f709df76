"""Judges the records of one export: which row is refused, for which cell, and why.

A row bears one fault, the first in the order below; a file in which every row bears one, or in
which one cause runs through all rows, is refused as a whole. A value is told only where the rest
of its row is sound and it looks like its column: a shifted row puts a telephone number anywhere.
"""

import json
from collections.abc import Collection, Iterator
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.cells import (
    CONTROL,
    FOREIGN_MONEY,
    PRECISION_LOST,
    each,
    is_sku,
    marked,
    quoted,
)
from planner.intake.dialects import FIELDS, Dialect
from planner.intake.doubts import findings_of
from planner.intake.files import Finding, RawTable
from planner.intake.grids import SHAPELESS
from planner.intake.lines import MONEY_FIELDS, parsed
from planner.intake.messages import refusal
from planner.intake.refusals import (
    is_place,
    refuse_rounded_ids,
    refuse_swapped_days,
    refuse_without_a_good_row,
)
from planner.seller import Shop

MAX_SPAN_DAYS = 1_000  # from the middle day of an export; it covers months, not years
ABSURD_RATIO = 1_000  # an amount so far above the file's median is a telephone number, or the like
TELEPHONE = r"[0-9]{1,15}"  # E.164: at most 15 digits; an order id of so few may be one


class Fault(NamedTuple):
    """One kind of fault: the rows that bear it, and the field to blame."""

    field: str
    code: str
    rows: np.ndarray


class Judged(NamedTuple):
    """One file's records with their verdicts, and what was noticed."""

    rows: pd.DataFrame
    """As `lines.parsed`, with `code`, `column` and `value`: the fault, empty for a good line;
    and `cells`, JSON of header and text: what may be shown of a refused row."""
    findings: list[Finding]


def judged(
    raw: RawTable, *, shop: Shop, dialect: Dialect, skus: Collection[str] | None = None
) -> Judged:
    """Return the records of one export, each a good line or a fault told.

    Parameters
    ----------
    raw : RawTable
        The file's wanted cells as text.
    shop : Shop
        Whose export it is.
    dialect : Dialect
        How the export writes.
    skus : collection of str, optional
        The seller's SKUs; with them any other SKU is a fault.

    Raises
    ------
    InputError
        If one cause runs through the file: rounded ids, months before days, another seller's
        SKUs, or no good row at all.
    """
    rows = parsed(raw, shop=shop, dialect=dialect)
    refuse_rounded_ids(raw)
    refuse_swapped_days(raw, rows, dialect, shop)
    rows = _with_verdicts(rows, raw, list(_faults(raw, rows, shop, dialect, skus)), dialect)
    if skus is not None and not rows["sku"].isin(set(skus)).any():
        what = "not one SKU of this seller in the file"
        column = raw.headers[_sku_field(raw, dialect)]
        raise refusal("E_WRONG_SELLER", raw.name, what, column=column)
    refuse_without_a_good_row(raw, rows, dialect, shop)
    is_total = (rows["units"].isna() & rows["ordered_at"].isna() & (rows["sku"] == "")).to_numpy()
    is_bad = (rows["code"] != "").to_numpy()
    no_money = is_total | _is_absurd(rows["amount_minor"], ~is_bad)
    lost = rows["code"].isin(SHAPELESS).to_numpy() | (no_money & is_bad)
    rows["amount_minor"] = rows["amount_minor"].mask(lost)
    return Judged(rows, [*raw.findings, *findings_of(raw, rows, dialect)])


def _faults(
    raw: RawTable,
    rows: pd.DataFrame,
    shop: Shop,
    dialect: Dialect,
    skus: Collection[str] | None,
) -> Iterator[Fault]:
    text = raw.frame
    for field in raw.headers if getattr(raw, "has_control", True) else ():
        yield Fault(field, "E_CONTROL_CHAR", _holds_control(text[field]))
    yield from _id_faults(text, dialect)
    counts = rows["units"].fillna(0).to_numpy()
    yield Fault("units", "E_QTY", counts < 1)
    returned = rows["returned_units"]
    too_many = returned.isna() | (returned > rows["units"]).fillna(False).astype(bool)
    yield Fault("returned_units", "E_RETURN", too_many.to_numpy() & (counts > 0))
    yield from _money_faults(raw, rows, dialect)
    yield Fault("ordered_at", "E_DATE", _implausible(rows["ordered_at"], dialect.first_year))
    status = "status" if "status" in raw.headers else "substatus"
    yield Fault(status, "E_STATUS", (rows["status"] == "").to_numpy())
    known = None if skus is None else rows["sku"].isin(set(skus)).to_numpy()
    bad_sku = marked(rows["sku"], lambda sku: not is_sku(sku)) if known is None else ~known
    yield Fault(_sku_field(raw, dialect), "E_SKU", bad_sku)
    yield Fault("country", "E_MARKET", ~is_place(text["country"], dialect, shop.market))
    if dialect.repeated_line == "copy":
        yield Fault("order_id", "E_DUPLICATE", text["is_repeat"].to_numpy())
    if "line_id" in raw.headers:  # an item of an order has one line, whatever else it says
        is_told = text["line_id"] != ""
        is_again = text[["order_id", "line_id"]].duplicated()
        yield Fault("line_id", "E_DUPLICATE", (is_told & is_again).to_numpy())


def _sku_field(raw: RawTable, dialect: Dialect) -> str:
    """Return the first field of the file that names the SKU."""
    return next((field for field in dialect.sku_from if field in raw.headers), dialect.sku_from[0])


def _holds_control(text: pd.Series) -> np.ndarray:
    if "".join(text.tolist()).isprintable():  # control signs are not: the usual case, found fast
        return np.zeros(len(text), dtype=bool)
    return marked(text, CONTROL.search)


def _id_faults(text: pd.DataFrame, dialect: Dialect) -> Iterator[Fault]:
    right = text["order_id"].str.fullmatch(dialect.order_id_pattern).to_numpy(dtype=bool)
    wrong = text["order_id"].where(~right, "")
    lost = marked(wrong, PRECISION_LOST.fullmatch)
    yield Fault("order_id", "E_ID_PRECISION", lost & ~right)
    yield Fault("order_id", "E_ID", ~right & ~lost)
    yield Fault("sku_id", "E_ID_PRECISION", marked(text["sku_id"], PRECISION_LOST.fullmatch))


def _money_faults(raw: RawTable, rows: pd.DataFrame, dialect: Dialect) -> Iterator[Fault]:
    has = [field for field in MONEY_FIELDS if field in raw.headers and field != "order_total"]
    for field in has:
        unread = rows[field].isna().to_numpy()
        foreign = unread & marked(raw.frame[field].where(unread, ""), FOREIGN_MONEY.fullmatch)
        yield Fault(field, "E_CURRENCY", foreign)
        yield Fault(field, "E_MONEY", unread & ~foreign)
    present = [*has, "units"]
    for total, one, other in dialect.products:
        if {total, one, other} <= set(present):
            yield Fault(total, "E_ARITHMETIC", _differs(rows[total], rows[one] * rows[other]))
    for total, whole, *less in dialect.differences:
        if {total, whole, *less} <= set(present):
            rest = rows[whole] - sum(rows[field] for field in less)
            yield Fault(total, "E_ARITHMETIC", _differs(rows[total], rest))


def _differs(said: pd.Series, computed: pd.Series) -> np.ndarray:
    return (said != computed).fillna(False).to_numpy(dtype=bool)


def _implausible(moments: pd.Series, first_year: int) -> np.ndarray:
    middle = moments.median()
    far = (moments - middle).abs() > pd.Timedelta(days=MAX_SPAN_DAYS)
    return (moments.isna() | far | (moments.dt.year < first_year)).to_numpy()


def _with_verdicts(
    rows: pd.DataFrame, raw: RawTable, faults: list[Fault], dialect: Dialect
) -> pd.DataFrame:
    code = raw.frame["code"].to_numpy(dtype=object).copy()
    column = raw.frame["column"].to_numpy(dtype=object).copy()
    value = np.full(len(rows), "", dtype=object)
    is_sound = code == ""
    blamed: dict[str, np.ndarray] = {}
    for fault in faults:
        blamed[fault.field] = blamed.get(fault.field, False) | fault.rows
    count = sum(marks.astype("int8") for marks in blamed.values())
    places = np.flatnonzero(is_sound & (count > 0))
    nowhere = np.zeros(len(rows), dtype=bool)
    blame = {field: blamed.get(field, nowhere) for field in raw.headers}
    shown = _shown(raw, rows, blame, places, alone=count[places] == 1, dialect=dialect)
    for fault in faults:
        fresh = fault.rows & (code == "")
        code[fresh] = fault.code
        column[fresh] = raw.headers.get(fault.field, fault.field)
        if fault.field in shown:
            mine = fresh[places] & (count[places] == 1)
            value[places[mine]] = shown[fault.field][mine]
    cells = np.full(len(rows), "{}", dtype=object)
    headers = [raw.headers[field] for field in shown]
    for place, texts in zip(places, zip(*shown.values(), strict=True), strict=True):
        told = {header: text for header, text in zip(headers, texts, strict=True) if text}
        cells[place] = json.dumps(told, ensure_ascii=False)
    verdicts = {"code": code, "column": column, "value": value, "cells": cells}
    return rows.assign(**{name: pd.Series(said, dtype="str") for name, said in verdicts.items()})


def _shown(
    raw: RawTable,
    rows: pd.DataFrame,
    blamed: dict[str, np.ndarray],
    places: np.ndarray,
    *,
    alone: np.ndarray,
    dialect: Dialect,
) -> dict[str, np.ndarray]:
    """Return by field what may be shown of refused rows, empty where nothing may.

    A row with one fault shows what looks like its column; a row with several may be shifted, and
    shows only what can be nothing else: an id, a count, a SKU that a good row of the file has.
    """
    texts: dict[str, np.ndarray] = {}
    if not len(places):
        return texts
    refused = raw.frame.iloc[places]
    good = (raw.frame["code"] == "").to_numpy() & ~np.any(list(blamed.values()), axis=0)
    for field in raw.headers:
        kind = FIELDS[field]
        if kind in ("flag", "mark"):
            continue
        text = refused[field]
        looks_right = each(text, partial(quoted, kind=kind))
        if field == "country":
            looks_right = looks_right.where(is_place(text, dialect, *dialect.countries), "")
        is_sure = np.zeros(len(places), dtype=bool)
        if field == "order_id":
            is_id = text.str.fullmatch(dialect.order_id_pattern).to_numpy(dtype=bool)
            is_sure = is_id & ~text.str.fullmatch(TELEPHONE).to_numpy(dtype=bool)
        elif field == "units":
            is_sure = rows["units"].iloc[places].notna().to_numpy()
        elif kind == "sku":
            is_sure = text.isin(raw.frame.loc[good, field].unique()).to_numpy()
            looks_right = looks_right.mask(is_sure, text)
        elif kind == "word":  # a name looks like a word: only those that sound rows have
            is_usual = text.isin(raw.frame.loc[good, field].unique())
            looks_right = looks_right.where(is_usual | blamed[field][places], "")
            if field in ("status", "substatus"):
                looks_right = looks_right.mask(marked(text, dialect.status_of), text)
        elif kind == "money":
            looks_right = looks_right.mask(_is_absurd(rows[field], good)[places], "")
        sure = np.where(is_sure, text.to_numpy(dtype=object), "")
        texts[field] = np.where(alone, looks_right.to_numpy(dtype=object), sure)
    return texts


def _is_absurd(amounts: pd.Series, good: np.ndarray) -> np.ndarray:
    """Return which amounts are so far above the file's good ones that they are something else."""
    usual = amounts[good].median()
    if pd.isna(usual) or usual <= 0:
        return np.zeros(len(amounts), dtype=bool)
    return (amounts > ABSURD_RATIO * usual).fillna(False).to_numpy(dtype=bool)
