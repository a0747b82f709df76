"""Reads inventory reports of the platform's own warehouses, and joins them to hand-kept stock.

A report says what is there and what is on its way, several rows a SKU; it does not say when. Its
day stands in its name: nothing is read from the clock, and no path is built from a name.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake import confined, masters
from planner.intake.confined import Answer, Task
from planner.intake.dialects import dialect_of
from planner.intake.files import read_raw
from planner.intake.known import known_counts, newest_known
from planner.intake.messages import names_told
from planner.intake.owned_files import owned_files, task_of
from planner.intake.report_rows import (
    PLACE,
    SNAPSHOT,
    judged_rows,
    no_snapshots,
    refuse_two_of_a_day,
    report_day,
    snapshots_of,
    stock_of,
    summed_rows,
)
from planner.seller import Seller, Shop
from planner.tables.contract import checked, columns, empty
from planner.tables.intake import Findings, RejectedRows
from planner.tables.stock import Stock, StockHistory


class Inventory(NamedTuple):
    """What the inventory reports said, and what became of every row."""

    snapshots: pd.DataFrame
    """One row per warehouse, day and SKU: `available` and `in_transit` [units], the latter
    missing where the report has no such column."""
    rejected: pd.DataFrame
    """Keeps the contract RejectedRows."""
    findings: pd.DataFrame
    """Keeps the contract Findings."""
    unknown: pd.DataFrame
    """`warehouse`, `day` and `sku` of which a row was rejected: what is left of it is no count,
    and no snapshot has it."""


def read_inventory(
    folder: Path, seller: Seller, *, skus: Collection[str] | None = None
) -> Inventory:
    """Return every snapshot of a seller's inventory reports.

    Parameters
    ----------
    folder : Path
        The seller's folder: reports lie in ``inventory/<warehouse>/``, or in ``inventory/`` if
        there is one warehouse. There may be none.
    seller : Seller
        Names the warehouses and the shops that draw on them.
    skus : collection of str, optional
        The seller's SKUs; with them any other reference code is rejected and told.

    Raises
    ------
    InputError
        If a file cannot be used at all, its name bears no day (YYYY-MM-DD or YYYYMMDD, perhaps
        with an hour as 2025-11-11T14), or two reports of a warehouse bear the same.
    """
    houses = [house.warehouse for house in seller.warehouses]
    files = owned_files(folder / "inventory", houses, what="warehouse")
    if not files:
        none = no_snapshots()
        return Inventory(none, empty(RejectedRows), empty(Findings), none[PLACE])
    days = {file.name: report_day(file) for file in files}
    refuse_two_of_a_day(files, days)
    tasks = [task_of(file, _shop_of(seller, file.owner), skus) for file in files]
    parts, lost, told = [], [], []
    for file, answer in zip(
        files, confined.each("planner.intake.inventory:read_confined", tasks), strict=True
    ):
        if not isinstance(answer, Answer):
            raise answer
        rows = answer.frames["rows"].assign(
            file=file.name, warehouse=file.owner, day=pd.Timestamp(days[file.name])
        )
        good = rows["code"] == ""
        lost.append(rows[~good])
        parts.append(summed_rows(rows[good & ~rows["sku"].isin(lost[-1]["sku"])]))
        told += [(file.name, code, facts) for code, facts in answer.facts["findings"]]
    unknown = pd.concat(lost, ignore_index=True).drop_duplicates(PLACE)
    unknown = unknown[PLACE].astype({name: SNAPSHOT[name] for name in PLACE})
    return Inventory(snapshots_of(parts), _rejected(lost), _findings(told), unknown)


def read_confined(task: Task) -> Answer:
    """Return one file read and judged, in the form in which a child process tells it."""
    shop = Shop.model_validate(task["shop"])
    raw = read_raw(Path(task["path"]), dialect_of(shop, kind="inventory"), name=task["name"])
    rows = judged_rows(raw, task["skus"])
    findings = list(raw.findings)
    lost = rows[rows["code"] != ""]
    if len(lost):
        first = f"column={lost['column'].iloc[0]}|row={lost['row'].iloc[0]}"
        findings.append(("W_STOCK_ROWS", f"rows={len(lost)}|{first}"))
    unknown = sorted(set(rows.loc[rows["code"] == "E_SKU", "value"]) - {""})
    if unknown and task["skus"] is not None:
        count = int((rows["code"] == "E_SKU").sum())
        findings.append(("W_STOCK_UNKNOWN_SKU", f"rows={count}|sku={names_told(unknown[:1])}"))
    return Answer({"rows": rows}, {"findings": findings})


def read_stock(
    folder: Path,
    seller: Seller,
    as_of: date | Mapping[str, date],
    *,
    counted: Inventory | None = None,
) -> pd.DataFrame:
    """Return each warehouse's newest stock known on a day, from its reports and by hand.

    Parameters
    ----------
    folder, seller, counted
        As `read_snapshots` takes them.
    as_of : date or datetime, or mapping of market to one
        The day or moment from which a step looks; later snapshots are not known to it.

    Returns
    -------
    DataFrame
        Keeps the contract Stock: of a warehouse the newest snapshot, whole.
    """
    known = read_snapshots(folder, seller, as_of, counted=counted)
    return checked(Stock, newest_known(known, _looking(as_of), seller=seller))


def read_snapshots(
    folder: Path,
    seller: Seller,
    until: date | Mapping[str, date],
    *,
    counted: Inventory | None = None,
) -> pd.DataFrame:
    """Return every stock count known on a day, from reports and by hand.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads ``inventory/`` and `stock.csv` or `.xlsx`.
    seller : Seller
        Names the warehouses, and the markets they stand in.
    until : date or datetime, or mapping of market to one
        The day or moment from which a step looks; of a warehouse in a market that the mapping
        leaves out, the latest of them.
    counted : Inventory, optional
        The reports, where `read_inventory` has read them already.

    Returns
    -------
    DataFrame
        Keeps the contract Stock. Are a report and hand-kept rows of one warehouse and day, the
        report says what is on hand, and the hand-kept rows what is on its way and when.
    """
    kept = masters.read_stock_file(folder)
    counted = counted or read_inventory(folder, seller)
    report = stock_of(counted.snapshots)
    is_coming = kept["stage"] != "on_hand"
    kept_by_hand = kept[is_coming | ~_stands_in(kept, report)]
    dated = kept[kept["stage"] == "in_transit"]
    told = report[(report["stage"] != "in_transit") | ~_stands_in(report, dated)]
    parts = [part for part in (kept_by_hand, told) if len(part)]
    if not parts:
        return empty(Stock)
    both = pd.concat(parts, ignore_index=True)
    return checked(Stock, known_counts(both, _looking(until), seller=seller))


def read_stock_history(
    folder: Path, seller: Seller, *, counted: Inventory | None = None
) -> pd.DataFrame:
    """Return sellable units at the end of past days, by hand and from the reports' days.

    Parameters
    ----------
    folder : Path
        Folder of the seller; reads ``inventory/`` and `stock_history.csv` or `.xlsx`.
    seller : Seller
        Names the warehouses.
    counted : Inventory, optional
        The reports, where `read_inventory` has read them already.

    Returns
    -------
    DataFrame
        Keeps the contract StockHistory.

    Notes
    -----
    The table counts a seller's stock as a whole: a day of reports counts only if every warehouse
    that a shop draws on has one, and for a SKU only if none of them lost a row of it. Where both
    sources name a SKU and day, the hand-kept row stands.
    """
    kept = masters.read_stock_history_file(folder)
    counted = counted or read_inventory(folder, seller)
    needed = {shop.warehouse for shop in seller.shops}
    told, unknown = (
        rows[rows["warehouse"].isin(needed)] for rows in (counted.snapshots, counted.unknown)
    )
    houses = told.groupby("day")["warehouse"].transform("nunique")
    in_doubt = pd.MultiIndex.from_frame(unknown[["day", "sku"]])
    is_whole = ~pd.MultiIndex.from_frame(told[["day", "sku"]]).isin(in_doubt)
    is_day = told["day"] == told["day"].dt.normalize()  # what is counted at noon is no day's end
    whole = told[(houses == len(needed)) & is_whole & is_day]
    sums = whole.groupby(["sku", "day"], as_index=False)["available"].sum()
    sums = sums.rename(columns={"available": "units"}).astype({"units": "int64"})
    parts = [part for part in (kept, sums) if len(part)]
    if not parts:
        return empty(StockHistory)
    both = pd.concat(parts, ignore_index=True).drop_duplicates(["sku", "day"], keep="first")
    return checked(StockHistory, both.sort_values(["day", "sku"]))


def findings_of_stock(stock: pd.DataFrame, lines: pd.DataFrame, *, max_days: int) -> pd.DataFrame:
    """Return a finding for every warehouse whose stock is older than the orders by too much.

    Parameters
    ----------
    stock, lines : DataFrame
        Keep the contracts Stock and OrderLines, as known on one day.
    max_days : int
        Days by which a snapshot may lag behind the last order. [days]
    """
    last = lines["ordered_at"].max()
    rows = []
    for house, day in stock.groupby("warehouse")["as_of"].max().items():
        late = (last.normalize() - day).days if not pd.isna(last) else 0
        if late > max_days:
            facts = f"as_of={day:%Y-%m-%d}|last={last:%Y-%m-%d}|days={late}"
            rows.append((f"stock/{house}", "W_STOCK_OLD", facts))
    return _findings(rows)


def _shop_of(seller: Seller, warehouse: str) -> Shop:
    """Return a shop whose platform runs the warehouse: one that draws on it, if there is one."""
    market = next(one.market for one in seller.warehouses if one.warehouse == warehouse)
    own = [shop for shop in seller.shops if shop.warehouse == warehouse]
    near = [shop for shop in seller.shops if shop.market == market]
    shops = own or near or list(seller.shops)
    return next((shop for shop in shops if shop.platform == "tiktok"), shops[0])


def _stands_in(rows: pd.DataFrame, other: pd.DataFrame) -> np.ndarray:
    """Return row by row whether the other rows hold a count of the same warehouse and moment."""
    moments = [pd.MultiIndex.from_frame(part[["warehouse", "as_of"]]) for part in (rows, other)]
    return moments[0].isin(moments[1])


def _looking(as_of: date | Mapping[str, date]) -> Mapping[str, date]:
    """Return by market the day one looks from; one day for all stands under no market's name."""
    return as_of if isinstance(as_of, Mapping) else {"": as_of}


def _rejected(parts: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = pd.concat(parts, ignore_index=True)
    if rows.empty:
        return empty(RejectedRows)
    amount = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    return checked(
        RejectedRows, rows.assign(amount_minor=amount, cells="{}")[columns(RejectedRows)]
    )


def _findings(rows: Sequence[tuple[str, str, str]]) -> pd.DataFrame:
    if not rows:
        return empty(Findings)
    return checked(Findings, pd.DataFrame(rows, columns=columns(Findings)).astype("str"))
