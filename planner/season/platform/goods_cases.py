"""Cases of goods: counts that do not add up, deliveries that are short, slow or late.

Reads the tables of stock and of shipments; knows nothing of orders or of a platform's rules.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from planner.season.days import KEYS
from planner.season.stock.partitions import EATEN
from planner.supply.trips.stage_parts import PREPARATION

DAY = pd.Timedelta(days=1)
SHIPMENT = ["market", "shipment", "sku"]
SHELVING = ("receiving", "shelf")
"""Stages inside the warehouse: what comes late there has come late on its way."""

Row = dict[str, Any]


def unexplained(checks: pd.DataFrame) -> Iterator[Row]:
    """Yield the SKUs of which units are gone on the whole; those that came back are no case.

    Parameters
    ----------
    checks : DataFrame
        Table `StockCheck`.
    """
    odd = checks[checks["unexplained_units"].abs() > 0]
    for sku, spans in odd.groupby("sku"):
        units = spans["unexplained_units"].sum()
        if units >= 0:
            continue
        since, until = spans["from_on"].min(), spans["to_on"].max()
        facts = f"units={-units:.0f}|from_on={since:%Y-%m-%d}|to_on={until:%Y-%m-%d}"
        yield {
            "case_kind": "stock_unexplained",
            "market": "",
            "about": str(sku),
            "sku": str(sku),
            "key": "",
            "happened_at": until,
            "extent": -units,
            "proof": f"proof.stock_unexplained|{facts}",
            "is_due_today": True,
            "stake": -units * _unit_cost(spans),
        }


def oversold(stages: pd.DataFrame) -> Iterator[Row]:
    """Yield the SKUs of which a platform shows buyers more than can be sold.

    Parameters
    ----------
    stages : DataFrame
        Table `StockStages`.
    """
    for row in stages[stages["platform_gap_units"].fillna(0) > 0].to_dict("records"):
        facts = f"units={row['platform_gap_units']}|shown={row['platform_units']}"
        yield {
            "case_kind": "stock_oversold",
            "market": row["market"],
            "about": row["warehouse"],
            "sku": row["sku"],
            "key": "",
            "happened_at": row["platform_on"],
            "extent": float(row["platform_gap_units"]),
            "proof": f"proof.stock_oversold|{facts}|held={row['sellable_units']}",
            "is_due_today": True,
        }


def short_deliveries(
    receipts: pd.DataFrame, costs: pd.DataFrame | None, exact: frozenset[str] = frozenset()
) -> Iterator[Row]:
    """Yield the shipments of which fewer units arrived than were sent.

    Parameters
    ----------
    receipts : DataFrame
        Table `Receipts`.
    costs : DataFrame, optional
        Table `UnitEconomics`: what a unit that is missing has cost to land.
    exact : frozenset of str
        Warehouses where fewer units than told are a violation.
    """
    landed = {} if costs is None else costs.set_index(KEYS)["landed_cost"].to_dict()
    for row in receipts[receipts["missing_units"].fillna(0) > 0].to_dict("records"):
        missing = float(row["missing_units"])
        rule = ";proof.exact_counts" if row["warehouse"] in exact else ""
        yield {
            "case_kind": "arrived_short",
            "market": row["market"],
            "about": row["shipment"],
            "sku": row["sku"],
            "key": "",
            "happened_at": row["arrived_on"],
            "extent": missing,
            "proof": f"proof.arrived_short|sent={row['sent_units']}|came={row['came_units']}{rule}",
            "is_due_today": True,
            "stake": missing * landed.get((row["market"], row["sku"]), np.nan),
        }


def slow_shelving(receipts: pd.DataFrame, receiving_days: float) -> Iterator[Row]:
    """Yield the shipments that arrived and are not on the shelf in the days that it may take.

    Parameters
    ----------
    receipts : DataFrame
        Table `Receipts`; where nobody tells what was shelved, nothing is known to be stuck.
    receiving_days : float
        From arrival to the shelf, as agreed; NaN if nobody says. [days]
    """
    is_slow = (receipts["stuck_units"].fillna(0) > 0) & (receipts["stuck_days"] > receiving_days)
    for row in receipts[is_slow].to_dict("records"):
        facts = f"units={row['stuck_units']}|days={row['stuck_days']:.0f}"
        yield {
            "case_kind": "shelving_late",
            "market": row["market"],
            "about": row["shipment"],
            "sku": row["sku"],
            "key": "",
            "happened_at": row["arrived_on"] + receiving_days * DAY,
            "extent": float(row["stuck_units"]),
            "proof": f"proof.shelving_late|{facts}|limit={receiving_days:.0f}",
            "is_due_today": True,
        }


def partitions(use: pd.DataFrame) -> Iterator[Row]:
    """Yield the channels that sold what was kept for another.

    Parameters
    ----------
    use : DataFrame
        Table `PartitionUse`.
    """
    for row in use[use["is_breached"].fillna(False).astype(bool)].to_dict("records"):
        facts = f"units={row['over_units']:.0f}|limit={row['limit_units']:.0f}"
        is_locked = row["reason"].startswith(EATEN)
        yield {
            "case_kind": "partition_breached",
            "market": row["market"],
            "about": row["channel"],
            "sku": row["sku"],
            "key": row["warehouse"],
            "extent": float(row["over_units"]),
            "proof": row["reason"] if is_locked else f"proof.partition_breached|{facts}",
            "is_due_today": True,
            "stake": row["over_profit"],
        }


def delays(stages: pd.DataFrame) -> Iterator[Row]:
    """Yield the shipments that are late, by the stage in which they are stuck.

    Parameters
    ----------
    stages : DataFrame
        Table `MilestoneDelays`.

    Notes
    -----
    Goods are stuck in the first stage after the last one known to be over. Goods of which nothing
    was heard since they left may be anywhere: no stage is blamed. Goods that have arrived are
    not stuck on their way either; those on the shelf, or in time for it after all, are no case.
    """
    is_behind = stages["expected_shelf_on"] > stages["planned_shelf_on"]
    late = stages[is_behind | (stages["late_days"] > 0)]
    whole = stages.merge(late[SHIPMENT].drop_duplicates(), on=SHIPMENT)
    for _, own in whole.sort_values("place").groupby(SHIPMENT, sort=False):
        end = own.iloc[-1]
        behind = (end["expected_shelf_on"] - end["planned_shelf_on"]) / DAY
        if behind <= 0 or (end["is_over"] and end["stage"] in SHELVING):
            continue
        row, term = _stuck(own)
        days = f"days={own['late_days'].max() if np.isnan(behind) else behind:.0f}"
        named = f"|stage={row['stage']}" if term == "proof.milestone_late" else ""
        yield {
            "case_kind": "milestone_late",
            "market": row["market"],
            "about": row["shipment"],
            "sku": row["sku"],
            "key": "",
            "happened_at": row["planned_on"] if pd.isna(row["actual_on"]) else row["actual_on"],
            "extent": float(row["place"]),
            "proof": f"{term}{named}|{days}",
            "act_until_at": row["expected_shelf_on"],
            "stake": row["lost_profit"],
        }


def _stuck(own: pd.DataFrame) -> tuple[Row, str]:
    """Return the stage by which a late shipment is told, and how it is told."""
    rows = own.to_dict("records")
    known = [place for place, row in enumerate(rows) if pd.notna(row["actual_on"])]
    last = max(known, default=-1)
    after = rows[last + 1] if last + 1 < len(rows) else rows[last]
    if last >= 0 and rows[last]["stage"] in PREPARATION:
        return rows[last], "proof.shipment_silent"
    if last >= 0 and (last + 1 == len(rows) or after["stage"] in SHELVING):
        return rows[last], "proof.shipment_arrived"
    return after, "proof.milestone_late" if after["stage"] else "proof.shipment_late"


def _unit_cost(spans: pd.DataFrame) -> float:
    """Return the landed cost of a unit by the spans that tell it, NaN if none does."""
    gone = spans[(spans["unexplained_units"] < 0) & spans["gone_cost"].notna()]
    return gone["gone_cost"].sum() / -gone["unexplained_units"].sum() if len(gone) else np.nan
