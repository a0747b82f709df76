"""What the platform holds against a running campaign, and the exception log over all of tracking.

Joins the rooms of `season` after `campaign_track`; does no arithmetic of its own.
"""

from typing import NamedTuple

import pandas as pd

from planner.scope import Scope
from planner.season.campaign_track import Seen, Tracked
from planner.season.platform import cases, dispatch, exceptions, order_caps, waiting_orders
from planner.season.platform import tickets as ticket_rows
from planner.season.platform.order_clock import order_clock
from planner.supply.trips.stage_parts import inbound_rule

EXACT_COUNTS = "exact_counts"
"""Row of the register `InboundRules`: 1 where a count that differs is a violation."""
SOON = "dispatch_soon"
"""Row of the register `Bounds`: waiting orders whose last moment comes within so many hours are
listed too; without it only late ones are. [h]"""


class Watch(NamedTuple):
    """What the platform's rules are, and what people wrote of exceptions."""

    parcels: pd.DataFrame
    """Table `Parcels` as known at the moment."""
    metrics: pd.DataFrame
    """Register `Metrics`, rows in force."""
    caps: pd.DataFrame
    """Register `OrderCapRules`, rows in force."""
    notes: pd.DataFrame
    """Table `ExceptionNotes`."""
    inbound: pd.DataFrame | None = None
    """Register `InboundRules`, rows in force; without it no warehouse is known to count exactly."""


class Watched(NamedTuple):
    """What was found; each a table named as in `planner.tables`."""

    marks: pd.DataFrame
    """`PlatformMetrics`."""
    ageing: pd.DataFrame
    """`AgeingOrders`: late ones, and those that soon will be."""
    caps: pd.DataFrame
    """`CapRisks`."""
    log: pd.DataFrame
    """`Exceptions`."""
    tickets: pd.DataFrame


def watch_platform(seen: Seen, now: Tracked, watch: Watch, *, scope: Scope) -> Watched:
    """Return platform metrics, waiting orders, caps, the exception log and its tickets.

    Parameters
    ----------
    seen : Seen
        What is known at the looking moment.
    now : Tracked
        What tracking left.
    watch : Watch
    scope : Scope
        Its looking moments of step 4.
    """
    told = {"scope": scope, "parcels": watch.parcels}
    told["orders"] = order_clock(seen.lines, watch.metrics, **told)
    marks = dispatch.dispatch_metrics(seen.lines, watch.metrics, bounds=seen.bounds, **told)
    ageing = waiting_orders.ageing_orders(
        seen.lines,
        metrics=watch.metrics,
        within_hours=_soon_hours(seen.bounds),
        economics=seen.plan.economics,
        bundles=seen.bundles,
        **told,
    )
    caps = order_caps.cap_risks(
        seen.lines,
        marks,
        watch.caps,
        by_day=seen.plan.by_day,
        economics=seen.plan.economics,
        scope=scope,
        rest=now.rest,
        bundles=seen.bundles,
        metrics=watch.metrics,
    )
    agreed = scope.seller.contract.receiving_days or 0.0
    found = cases.Evidence(
        now.checks, ageing, marks, caps, now.partitions, now.delays, now.sessions,
        stages=now.stages, receipts=now.receipts, costs=seen.plan.economics,
        receiving_days=max(scope.policy.receiving_days, agreed),
        exact=_exact(watch.inbound, scope),
    )  # fmt: skip
    log = exceptions.exception_log(found, scope=scope, notes=watch.notes, metrics=watch.metrics)
    asked = ticket_rows.tickets(
        log, scope=scope, ageing=ageing, marks=marks, notes=watch.notes, metrics=watch.metrics
    )
    return Watched(marks, ageing, caps, log, asked)


def _exact(rules: pd.DataFrame | None, scope: Scope) -> frozenset[str]:
    """Return the warehouses that ask for as many units as were told, neither more nor less."""
    houses = [] if rules is None else scope.seller.warehouses
    return frozenset(
        house.warehouse
        for house in houses
        if inbound_rule(rules, house.market, house.kind, EXACT_COUNTS) == 1
    )


def _soon_hours(bounds: pd.DataFrame) -> float:
    rows = bounds.loc[bounds["rule"] == SOON, "high"]
    return float(rows.iloc[-1]) if len(rows) else 0.0
