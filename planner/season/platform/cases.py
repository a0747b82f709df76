"""Cases: what each table of the season says has gone wrong, one case each, with its evidence.

Reads what was found and tells it; names, owners, states and deadlines stand in `exceptions`.
"""

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pandas as pd

from planner.season.platform import goods_cases
from planner.season.platform.dispatch import LATE, ON_TIME
from planner.season.platform.goods_cases import Row

DAY = pd.Timedelta(days=1)


class Evidence(NamedTuple):
    """What was found; a table that nobody made is absent, and says nothing."""

    checks: pd.DataFrame | None = None
    """Table `StockCheck`."""
    ageing: pd.DataFrame | None = None
    """Table `AgeingOrders`."""
    marks: pd.DataFrame | None = None
    """Table `PlatformMetrics`."""
    caps: pd.DataFrame | None = None
    """Table `CapRisks`."""
    partitions: pd.DataFrame | None = None
    """Table `PartitionUse`."""
    delays: pd.DataFrame | None = None
    """Table `MilestoneDelays`."""
    sessions: pd.DataFrame | None = None
    """Table `SessionStock`."""
    stages: pd.DataFrame | None = None
    """Table `StockStages`."""
    receipts: pd.DataFrame | None = None
    """Table `Receipts`."""
    costs: pd.DataFrame | None = None
    """Table `UnitEconomics`: what missing units have cost."""
    receiving_days: float = math.nan
    """From arrival to the shelf, as agreed. [days]"""
    exact: frozenset[str] = frozenset()
    """Warehouses where fewer units than told are a violation."""


def cases(found: Evidence) -> list[Row]:
    """Return what went wrong, a row for each case, as far as the evidence itself tells it.

    Returns
    -------
    list of dict
        case_kind, market, about, key (what makes it this case and no other of its kind), proof
        and extent; where they are known sku, metric, happened_at, due_on, act_until_at, stake and
        is_due_today.

    Notes
    -----
    The extent grows with the evidence: units gone, orders late or failed, the tier of a cap, units
    over a partition or short for a session, the place of the stage where a shipment is stuck.
    """
    told: list[Row] = []
    for name, read in READERS.items():
        frame = getattr(found, name)
        if frame is not None and len(frame):
            told += read(frame)
    if found.receipts is not None and len(found.receipts):
        told += goods_cases.short_deliveries(found.receipts, found.costs, found.exact)
        told += goods_cases.slow_shelving(found.receipts, found.receiving_days)
    return told


def breached(marks: pd.DataFrame) -> pd.DataFrame:
    """Return one row per shop and broken limit, of the platform's own window where it has one.

    Parameters
    ----------
    marks : DataFrame
        Table `PlatformMetrics`.
    """
    broken = marks[marks["is_breached"].fillna(False).astype(bool) & (marks["metric"] != ON_TIME)]
    ranked = broken.sort_values("counted_over", ascending=False, kind="stable")
    return ranked.drop_duplicates(["shop", "metric"])


def _late_orders(ageing: pd.DataFrame) -> Iterator[Row]:
    late = ageing[ageing["hours_left"] <= 0]
    for (shop, market, day), group in late.groupby(["shop", "market", "dispatch_by"]):
        yield {
            "case_kind": "order_late",
            "market": market,
            "about": shop,
            "key": f"{day:%Y-%m-%d}",
            "happened_at": day + DAY,
            "due_on": day,
            "extent": float(len(group)),
            "proof": f"proof.order_late|orders={len(group)}|day={day:%Y-%m-%d}",
            "act_until_at": group["cancel_at"].min(),
            "stake": group["order_profit"].sum(skipna=False),
        }


def _breaches(marks: pd.DataFrame) -> Iterator[Row]:
    for row in breached(marks).to_dict("records"):
        facts = (
            f"metric={row['metric']}|rate={row['value_rate']:.4f}|"
            f"limit={row['threshold_rate']:.4f}|failed={row['failed_orders']}|"
            f"orders={row['orders']}|recover={row['recover_orders']}"
        )
        yield {
            "case_kind": "metric_breached",
            "market": row["market"],
            "about": row["shop"],
            "metric": row["metric"],
            "key": row["metric"],
            "extent": float(row["failed_orders"]),
            "proof": f"proof.metric_breached|{facts}",
        }


def _caps(caps: pd.DataFrame) -> Iterator[Row]:
    reached = caps[caps["is_reached"].fillna(False).astype(bool)]
    worst = reached.sort_values("cap_tier").drop_duplicates("shop", keep="last")
    for row in worst.to_dict("records"):
        proof = f"proof.order_cap_unknown|rate={row['late_rate']:.4f}|tier={row['cap_tier']}"
        if not pd.isna(row["lost_orders"]):
            facts = f"rate={row['late_rate']:.4f}|orders={row['cap_orders']:.0f}"
            proof = f"proof.order_cap|{facts}|lost={row['lost_orders']:.0f}"
        yield {
            "case_kind": "order_cap",
            "market": row["market"],
            "about": row["shop"],
            "metric": LATE,
            "key": "",
            "extent": float(row["cap_tier"]),
            "proof": proof,
            "stake": row["lost_profit"],
        }


def _sessions(sessions: pd.DataFrame) -> Iterator[Row]:
    for row in sessions[sessions["short_units"] >= 1].to_dict("records"):
        facts = f"units={row['short_units']:.0f}|day={row['starts_at']:%Y-%m-%d}"
        yield {
            "case_kind": "session_short",
            "market": row["market"],
            "about": row["shop"],
            "sku": row["sku"],
            "key": f"{row['starts_at']:%Y-%m-%dT%H:%M}",
            "extent": float(row["short_units"]),
            "proof": f"proof.session_short|{facts}",
            "act_until_at": row["starts_at"],
            "stake": row["short_profit"],
        }


READERS: dict[str, Callable[[pd.DataFrame], Iterator[Row]]] = {
    "checks": goods_cases.unexplained,
    "ageing": _late_orders,
    "marks": _breaches,
    "caps": _caps,
    "partitions": goods_cases.partitions,
    "delays": goods_cases.delays,
    "sessions": _sessions,
    "stages": goods_cases.oversold,
}
"""Of each part of `Evidence`: how its exceptions are told."""
