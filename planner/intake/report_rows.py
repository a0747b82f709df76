"""Rows of an inventory report: each judged, the good ones summed to one count per SKU and day.

Knows what a report's name and cells may say; opens no file, and knows no hand-kept stock.
"""

import re
from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.intake.cells import CONTROL, PRECISION_LOST, each, is_sku, marked, quoted
from planner.intake.fields import INVENTORY_FIELDS
from planner.intake.files import RawTable
from planner.intake.messages import refusal
from planner.intake.owned_files import OwnedFile
from planner.tables.contract import checked, columns
from planner.tables.stock import Stock

DAY_IN_NAME = re.compile(r"(?<!\d)(20\d{2})(-?)(\d{2})\2(\d{2})(?:T(\d{2}))?(?!\d)", re.ASCII)
"""A day, perhaps with an hour: 2025-11-11, 20251111, 2025-11-11T14."""
WHOLE = re.compile(r"\d{1,7}", re.ASCII)
COUNTS = ("available", "in_transit")
PLACE = ["warehouse", "day", "sku"]
SNAPSHOT = {
    "warehouse": "str", "day": "datetime64[us]", "sku": "str", "available": "Int64",
    "in_transit": "Int64", "file": "str",
}  # fmt: skip


def report_day(file: OwnedFile) -> datetime:
    """Return the day in a report's name, with its hour if it has one.

    Raises
    ------
    InputError
        If the name bears no day, or more than one.
    """
    found = {
        (year, month, day, hour or "0")
        for year, _, month, day, hour in DAY_IN_NAME.findall(file.path.name)
    }
    days = set()
    for parts in found:
        try:
            days.add(datetime(*(int(part) for part in parts)))
        except ValueError:
            continue
    if len(days) != 1:
        what = "no day" if not days else "more than one day"
        raise InputError(
            f"{file.name}: the name bears {what}, and the report does not say of which it is; put "
            "the day of the report into the name, for instance fbt_inventory_2026-11-22.csv"
        )
    return days.pop()


def refuse_two_of_a_day(files: Sequence[OwnedFile], days: dict[str, datetime]) -> None:
    """Raise if two reports of one warehouse bear the same day.

    Raises
    ------
    InputError
        Names both reports.
    """
    seen: dict[tuple[str, datetime], OwnedFile] = {}
    for file in files:
        first = seen.setdefault((file.owner, days[file.name]), file)
        if first is not file:
            raise InputError(
                f"{file.name}: {first.name} is a report of the same day; keep the newer of the "
                "two, or put the hour into both names, for instance 2026-11-22T14"
            )


def judged_rows(raw: RawTable, skus: Collection[str] | None) -> pd.DataFrame:
    """Return the records of a report as counts [units], each with what is wrong with it.

    Parameters
    ----------
    raw : RawTable
        One report, all cells as text.
    skus : collection of str, optional
        The seller's SKUs; with them any other reference code is a fault.

    Returns
    -------
    DataFrame
        `row`, `sku` and the counts; `code`, `column` and `value` of the first fault, blank where
        there is none.

    Raises
    ------
    InputError
        If not one row can be used.
    """
    text = raw.frame
    code = text["seller_sku"]
    rows = pd.DataFrame({"row": text["row"], "sku": code})
    for name in COUNTS:
        rows[name] = each(text[name], _count, "Int64")
    known = None if skus is None else set(skus)
    bad_sku = marked(code, lambda sku: not (is_sku(sku) if known is None else sku in known))
    rounded = marked(code, PRECISION_LOST.fullmatch)
    unread = {name: rows[name].isna().to_numpy() for name in COUNTS}
    unread["in_transit"] = unread["in_transit"] & (text["in_transit"] != "").to_numpy()
    faults = [
        *((field, "E_CONTROL_CHAR", marked(text[field], CONTROL.search)) for field in raw.headers),
        ("seller_sku", "E_ID_PRECISION", rounded),
        ("seller_sku", "E_SKU", bad_sku),
        *((name, "E_STOCK_UNITS", marks) for name, marks in unread.items()),
    ]
    codes, names = (text[name].to_numpy(dtype=object).copy() for name in ("code", "column"))
    values = np.full(len(rows), "", dtype=object)
    for field, fault, marks in faults:
        fresh = marks & (codes == "")
        codes[fresh], names[fresh] = fault, raw.headers.get(field, field)
        for place in np.flatnonzero(fresh):
            values[place] = quoted(text[field].iloc[place], INVENTORY_FIELDS[field])
    said = {"code": codes, "column": names, "value": values}
    rows = rows.assign(**{name: pd.Series(cells, dtype="str") for name, cells in said.items()})
    if not (codes == "").any():
        what = f"not one of {len(rows)} rows can be used"
        row, column = int(rows["row"].iloc[0]), str(names[0])
        raise refusal(str(codes[0]), raw.name, what, row=row, column=column)
    return rows


def summed_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per SKU of a report; a count that no row of a SKU tells stays missing."""
    keys = ["warehouse", "day", "sku", "file"]
    return rows.groupby(keys, as_index=False)[list(COUNTS)].sum(min_count=1)


def snapshots_of(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the summed rows of all reports in order of warehouse, day and SKU."""
    whole = pd.concat(parts, ignore_index=True).astype(SNAPSHOT)
    return whole[list(SNAPSHOT)].sort_values(PLACE, ignore_index=True)


def no_snapshots() -> pd.DataFrame:
    """Return what `snapshots_of` would of no report."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in SNAPSHOT.items()})


def stock_of(snapshots: pd.DataFrame) -> pd.DataFrame:
    """Return the reports' snapshots as rows of Stock."""
    parts = [
        snapshots.assign(stage=stage, units=snapshots[name])
        for stage, name in (("on_hand", "available"), ("in_transit", "in_transit"))
    ]
    parts[1] = parts[1][parts[1]["units"].fillna(0) > 0]
    rows = pd.concat(parts, ignore_index=True).rename(columns={"day": "as_of"})
    rows["available_on"] = pd.Series(pd.NaT, index=rows.index, dtype="datetime64[us]")
    return checked(Stock, rows[columns(Stock)].astype({"units": "int64"}).astype({"stage": "str"}))


def _count(text: str) -> int | None:
    return int(text) if WHOLE.fullmatch(text) else None
