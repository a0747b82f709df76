"""Checks of the exception log: limits and partitions that are broken while a campaign runs.

Reads cases that are open; finds none itself.
"""

import math

import pandas as pd

from planner.guards.entries import Entry, entry
from planner.scope import Scope

SEVERITIES = {"order_cap": "stop", "metric_breached": "warn", "partition_breached": "warn"}
"""Kinds of case that raise an alert, and how grave each is."""
CLOSED = ("done", "dropped")


def broken_limits(log: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each cap and broken metric, and one a channel for its partitions.

    Parameters
    ----------
    log : DataFrame
        Table `Exceptions`; a case that is closed or no longer shows raises nothing.
    scope : Scope

    Returns
    -------
    list of dict
        Codes `order_cap`, `metric_breached` and `partition_breached`, the most urgent first; money
        is what the cases have at stake, NaN if none of them knows it.
    """
    is_open = log["is_seen"] & ~log["case_state"].isin(CLOSED)
    cases = log[is_open & log["case_kind"].isin(SEVERITIES)]
    found = []
    for (kind, market, about, metric), part in cases.groupby(
        ["case_kind", "market", "about", "metric"]
    ):
        names = [name for name in part["sku"] if name]
        facts: dict[str, object] = {"shop": about, "n": len(part)}
        if metric:
            facts["metric"] = metric
        found.append(
            entry(
                str(kind), SEVERITIES[str(kind)], scope=scope, market=str(market),
                sku=names[0] if len(names) == 1 else "", act_by=_first(part["act_until_at"]),
                risk_cost=_sum(part["stake"]), units=_sum(part["extent"]), **facts,
            )
        )  # fmt: skip
    return sorted(found, key=_urgency)


def _urgency(found: Entry) -> tuple[bool, object, bool, float]:
    """Return what orders alerts: the nearest day to act by, then the most money."""
    day, money = found["act_by"], float(found["risk_cost"])
    is_open, is_unknown = pd.isna(day), math.isnan(money)
    return is_open, pd.Timestamp.max if is_open else day, is_unknown, 0.0 if is_unknown else -money


def _first(moments: pd.Series) -> pd.Timestamp | None:
    first = moments.min()
    return None if pd.isna(first) else pd.Timestamp(first).normalize()


def _sum(figures: pd.Series) -> float:
    return float(figures.sum()) if figures.notna().any() else math.nan
