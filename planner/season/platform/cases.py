"""Cases: what each table of the season says has gone wrong, one case each, with its evidence.

Reads what was found and tells it; names, owners, states and deadlines stand in `exceptions`.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner.season.platform.dispatch import LATE, ON_TIME

DAY = pd.Timedelta(days=1)

Row = dict[str, Any]


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
    over a partition or short for a session, the place of a shipment's late stage.
    """
    told: list[Row] = []
    for name, read in READERS.items():
        frame = getattr(found, name)
        if frame is not None and len(frame):
            told += read(frame)
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


def _unexplained(checks: pd.DataFrame) -> Iterator[Row]:
    """Yield the SKUs of which units are gone on the whole; those that came back are no case."""
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


def _unit_cost(spans: pd.DataFrame) -> float:
    """Return the landed cost of a unit by the spans that tell it, NaN if none does."""
    gone = spans[(spans["unexplained_units"] < 0) & spans["gone_cost"].notna()]
    return gone["gone_cost"].sum() / -gone["unexplained_units"].sum() if len(gone) else np.nan


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


def _partitions(use: pd.DataFrame) -> Iterator[Row]:
    for row in use[use["is_breached"].fillna(False).astype(bool)].to_dict("records"):
        facts = f"units={row['over_units']:.0f}|limit={row['limit_units']:.0f}"
        yield {
            "case_kind": "partition_breached",
            "market": row["market"],
            "about": row["channel"],
            "sku": row["sku"],
            "key": row["warehouse"],
            "extent": float(row["over_units"]),
            "proof": f"proof.partition_breached|{facts}",
            "stake": row["over_profit"],
        }


def _delays(delays: pd.DataFrame) -> Iterator[Row]:
    """Yield the shipments that are late, by the last of their stages that is."""
    late = delays[delays["late_days"] > 0].sort_values("place")
    for row in late.drop_duplicates(["shipment", "sku"], keep="last").to_dict("records"):
        behind = (row["expected_shelf_on"] - row["planned_shelf_on"]) / DAY
        days = f"days={np.fmax(behind, row['late_days']):.0f}"
        told = f"milestone_late|stage={row['stage']}|" if row["stage"] else "shipment_late|"
        yield {
            "case_kind": "milestone_late",
            "market": row["market"],
            "about": row["shipment"],
            "sku": row["sku"],
            "key": "",
            "happened_at": row["planned_on"],
            "extent": float(row["place"]),
            "proof": f"proof.{told}{days}",
            "act_until_at": row["expected_shelf_on"],
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
        }


READERS: dict[str, Callable[[pd.DataFrame], Iterator[Row]]] = {
    "checks": _unexplained,
    "ageing": _late_orders,
    "marks": _breaches,
    "caps": _caps,
    "partitions": _partitions,
    "delays": _delays,
    "sessions": _sessions,
}
"""Of each part of `Evidence`: how its exceptions are told."""
