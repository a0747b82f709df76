"""Judges the records of one return export: which row is refused, for which cell, and why.

A value is told only where the rest of its row is sound and it looks like its column. Buyers'
names and notes are in no field that is read.
"""

import json
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from planner.intake.cells import CONTROL, PRECISION_LOST, fold, is_sku, marked, quoted, units
from planner.intake.dialects import RETURN_FIELDS, Dialect
from planner.intake.files import RawTable
from planner.intake.messages import refusal
from planner.intake.written_times import times
from planner.seller import Shop

VERDICT = ("code", "column", "value")
MIN_SAME_REASONS = 3
"""Sound rows of a file that give a reason in the same words: a buyer's own words are not
repeated (house judgement). [count]"""
MAX_SPAN_DAYS = 1_000  # from the middle day of an export; it covers months, not years


def judged_returns(
    raw: RawTable, *, shop: Shop, dialect: Dialect, skus: Collection[str] | None = None
) -> tuple[pd.DataFrame, list[tuple[str, str]]]:
    """Return the records of one export, each a good line or a fault told, and findings.

    Returns
    -------
    tuple of DataFrame and list
        The columns of ReturnLines without shop, market and file, `last_at`, and `code`,
        `column`, `value` and `cells` of a fault, empty for a good line.

    Raises
    ------
    InputError
        If not one row can be used.
    """
    rows = _parsed(raw, shop, dialect)
    text = raw.frame
    known = None if skus is None else set(skus)
    bad_sku = marked(rows["sku"], lambda sku: not (is_sku(sku) if known is None else sku in known))
    right_id = text["order_id"].str.fullmatch(dialect.order_id_pattern).to_numpy(dtype=bool)
    rounded = {
        name: marked(text[name], PRECISION_LOST.fullmatch) for name in ("return_id", "sku_id")
    }
    lost_id = marked(text["order_id"], PRECISION_LOST.fullmatch) & ~right_id
    controls = [(f, "E_CONTROL_CHAR", marked(text[f], CONTROL.search)) for f in raw.headers]
    faults = [
        *controls,
        ("order_id", "E_ID_PRECISION", lost_id),
        ("order_id", "E_ID", ~right_id & ~lost_id),
        ("return_id", "E_ID_PRECISION", rounded["return_id"]),
        ("sku_id", "E_ID_PRECISION", rounded["sku_id"]),
        ("units", "E_QTY", (rows["units"].fillna(0) < 1).to_numpy(dtype=bool)),
        ("requested_at", "E_DATE", _is_implausible(rows["requested_at"], dialect.first_year)),
        ("return_status", "E_STATUS", (rows["state"] == "").to_numpy()),
        ("return_type", "E_RETURN_TYPE", (rows["kind"] == "").to_numpy()),
        (dialect.sku_from[0], "E_SKU", bad_sku),
        ("order_id", "E_DUPLICATE", text["is_repeat"].to_numpy(dtype=bool)),
    ]
    rows = _with_verdicts(rows, raw, faults)
    if not (rows["code"] == "").any():
        first = rows.iloc[0]
        what = f"not one of {len(rows)} rows can be used"
        raise refusal(first["code"], raw.name, what, row=int(first["row"]), column=first["column"])
    rows["reason"] = _usual(rows["reason"], is_good=rows["code"] == "")
    return rows, [*raw.findings, *_findings(raw, rows)]


def _parsed(raw: RawTable, shop: Shop, dialect: Dialect) -> pd.DataFrame:
    text = raw.frame
    rows = pd.DataFrame({"row": text["row"], "order_id": text["order_id"]})
    rows["return_id"] = text["return_id"].where(text["return_id"] != "", text["order_id"])
    sku = text[dialect.sku_from[0]]
    for field in dialect.sku_from[1:]:
        sku = sku.where(sku != "", text[field])
    rows["sku"] = sku
    given = pd.Series(dialect.units_per_row, index=rows.index, dtype="Int64")
    rows["units"] = units(text["units"]) if "units" in raw.headers else given
    states = text[["return_status", "return_substatus"]].map(dialect.status_of)
    first, second = states["return_status"], states["return_substatus"]
    rows["state"] = first.where(first != "", second).astype("str")
    # A layout without the kind of a return is one of goods that came back.
    kinds = text["return_type"].map(lambda word: dialect.kind_by_word.get(fold(word), ""))
    rows["kind"] = kinds.where(text["return_type"] != "", "return").astype("str")
    for field in ("requested_at", "refunded_at"):
        moments = times(text[field], dialect.time_formats)
        if dialect.clock == "utc":
            moments = moments.dt.tz_localize("UTC").dt.tz_convert(shop.zone).dt.tz_localize(None)
        rows[field] = moments
    rows["reason"] = text["reason"].map(lambda word: quoted(word, "word")).astype("str")
    rows["last_at"] = rows[["requested_at", "refunded_at"]].max(axis=1)
    return rows


def _is_implausible(moments: pd.Series, first_year: int) -> np.ndarray:
    far = (moments - moments.median()).abs() > pd.Timedelta(days=MAX_SPAN_DAYS)
    return (moments.isna() | far | (moments.dt.year < first_year)).to_numpy(dtype=bool)


def _usual(reasons: pd.Series, *, is_good: pd.Series) -> pd.Series:
    """Return the reasons that are of the platform's list, by their number; else nothing."""
    counts = reasons[is_good].value_counts()
    usual = counts.index[counts >= MIN_SAME_REASONS]
    return reasons.where(reasons.isin(usual), "").astype("str")


def _with_verdicts(
    rows: pd.DataFrame, raw: RawTable, faults: Sequence[tuple[str, str, np.ndarray]]
) -> pd.DataFrame:
    text = raw.frame
    verdict = {name: text[name].to_numpy(dtype=object).copy() for name in VERDICT[:2]}
    value = np.full(len(rows), "", dtype=object)
    is_shapeless = verdict["code"] != ""
    n_faults = sum((marks.astype(int) for _, _, marks in faults), np.zeros(len(rows), dtype=int))
    for field, code, marks in faults:
        fresh = marks & (verdict["code"] == "")
        verdict["code"][fresh] = code
        verdict["column"][fresh] = raw.headers.get(field, field)
        for place in np.flatnonzero(fresh & (n_faults == 1)):
            value[place] = quoted(text[field].iloc[place], RETURN_FIELDS[field])
    cells = np.full(len(rows), "{}", dtype=object)
    # A row with several faults may be shifted: a name or a telephone stands anywhere then.
    for place in np.flatnonzero((n_faults == 1) & ~is_shapeless):
        shown = {
            header: quoted(text[field].iloc[place], RETURN_FIELDS[field])
            for field, header in raw.headers.items()
            if RETURN_FIELDS[field] != "word"
        }
        told = {header: cell for header, cell in shown.items() if cell}
        cells[place] = json.dumps(told, ensure_ascii=False)
    said = {**verdict, "value": value, "cells": cells}
    return rows.assign(**{name: pd.Series(found, dtype="str") for name, found in said.items()})


def _findings(raw: RawTable, rows: pd.DataFrame) -> list[tuple[str, str]]:
    good = (rows["code"] == "").to_numpy()
    found = []
    assumed = int((good & (raw.frame["return_type"] == "").to_numpy()).sum())
    if assumed:
        found.append(("W_RETURN_KIND", f"rows={assumed}"))
    unread = rows["refunded_at"].isna() & (raw.frame["refunded_at"] != "")
    if (good & unread.to_numpy()).any():
        count = int((good & unread.to_numpy()).sum())
        found.append(("W_TIME", f"rows={count}|column={raw.headers['refunded_at']}"))
    return found
