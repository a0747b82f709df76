"""What the platform holds against a running campaign, and the exception log over all of tracking.

Joins the rooms of `season` after `campaign_track`; does no arithmetic of its own.
"""

from typing import NamedTuple

import pandas as pd

from planner.scope import Scope
from planner.season.campaign_track import Seen, Tracked
from planner.season.platform import cases, dispatch, exceptions, order_caps
from planner.season.platform import tickets as ticket_rows
from planner.season.platform.order_clock import order_clock

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
    ageing = dispatch.ageing_orders(
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
    )
    found = cases.Evidence(
        now.checks, ageing, marks, caps, now.partitions, now.delays, now.sessions
    )
    log = exceptions.exception_log(found, scope=scope, notes=watch.notes, metrics=watch.metrics)
    asked = ticket_rows.tickets(
        log, scope=scope, ageing=ageing, marks=marks, notes=watch.notes, metrics=watch.metrics
    )
    return Watched(marks, ageing, caps, log, asked)


def _soon_hours(bounds: pd.DataFrame) -> float:
    rows = bounds.loc[bounds["rule"] == SOON, "high"]
    return float(rows.iloc[-1]) if len(rows) else 0.0
