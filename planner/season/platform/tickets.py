"""Tickets to a provider and appeals to a platform: what each asks to be told, ready to send.

A ticket bears order number, SKU, description and screenshot; an appeal bears its last day where a
register knows it for this very metric. Nothing is sent from here.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.platform.appeals import AppealDays, appeal_days, appeal_until
from planner.season.platform.exceptions import APPEALED, CLOSED

TO_PROVIDER = (
    "stock_unexplained", "order_late", "milestone_late", "partition_breached", "arrived_short",
    "shelving_late",
)  # fmt: skip
OF_SHIPMENT = ("milestone_late", "arrived_short", "shelving_late")
"""Kinds that are about a shipment: its name stands where others name an order."""
MAX_ORDERS = 500
"""Orders that one export of tickets names; a ticket with more is nobody's reading."""
UNPUNISHED = "recommended"
"""Consequence of a limit that the platform only advises: there is nothing to appeal against."""
PLATFORM = "platform"

Row = dict[str, Any]


class Behind(NamedTuple):
    """What stands behind the cases."""

    late: pd.DataFrame
    """Table `AgeingOrders`."""
    marks: pd.DataFrame
    """Table `PlatformMetrics`."""
    days: AppealDays
    said: dict[str, Row]
    """Notes by case."""


def tickets(
    log: pd.DataFrame,
    *,
    scope: Scope,
    ageing: pd.DataFrame | None = None,
    marks: pd.DataFrame | None = None,
    notes: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the tickets and appeals that open cases call for.

    Parameters
    ----------
    log : DataFrame
        Table `Exceptions`.
    scope : Scope
    ageing : DataFrame, optional
        Table `AgeingOrders`: the numbers and SKUs of orders that are late.
    marks : DataFrame, optional
        Table `PlatformMetrics`: the numbers of the orders that fail a metric.
    notes : DataFrame, optional
        Table `ExceptionNotes`: file names of screenshots, and when an appeal was turned down.
    metrics : DataFrame, optional
        Register `Metrics` in force: days in which a penalty can be appealed.

    Returns
    -------
    DataFrame
        Table `Tickets`, one row per order where orders are named, in the order of the log.

    Notes
    -----
    The last day of a first appeal counts from the day on which the case was found: from the
    penalty's own day on fewer are left. That of a second one counts from the day on which the
    first was turned down. Where no register has the days of the metric, it is empty.
    """
    written = tables.empty(tables.ExceptionNotes) if notes is None else notes
    behind = Behind(
        tables.empty(tables.AgeingOrders) if ageing is None else ageing,
        tables.empty(tables.PlatformMetrics) if marks is None else marks,
        appeal_days(metrics),
        {row["case"]: row for row in written.to_dict("records")},
    )
    is_open = ~log["case_state"].isin(CLOSED) & log["is_seen"]
    rows: list[Row] = []
    for case in log[is_open].to_dict("records"):
        rows += _rows(case, behind)
    kinds = tables.empty(tables.Tickets).dtypes.to_dict()
    return tables.checked(tables.Tickets, pd.DataFrame(rows, columns=list(kinds)).astype(kinds))


def _rows(case: Row, behind: Behind) -> Iterator[Row]:
    kind = case["case_kind"]
    if kind not in (*TO_PROVIDER, *APPEALED):
        return
    shot = behind.said.get(case["case"], {}).get("screenshot", "")
    told = {
        "case": case["case"],
        "send_to": PLATFORM if kind in APPEALED else "provider",
        "order_id": "",
        "sku": "",
        "proof": case["proof"],
        "screenshot": shot or f"shot.{kind}",
        "appeal_by": pd.NaT,
        "appeal_round": pd.NA,
        "case_state": case["case_state"],
        "owner": case["owner"],
    }
    if kind == "order_late":
        late = behind.late
        is_own = (late["shop"] == case["about"]) & (late["dispatch_by"] == case["due_on"])
        own = late[is_own & (late["hours_left"] <= 0)]
        for row in own.head(MAX_ORDERS).to_dict("records"):
            yield {**told, "order_id": row["order_id"], "sku": row["sku"]}
    elif kind in APPEALED:
        yield from _appeal(case, told, behind)
    else:
        shipment = case["about"] if kind in OF_SHIPMENT else ""
        yield {**told, "order_id": shipment, "sku": case["sku"]}


def _appeal(case: Row, told: Row, behind: Behind) -> Iterator[Row]:
    """Yield the appeal of a case with the orders that fail its own metric."""
    marks = behind.marks
    own = marks[(marks["shop"] == case["about"]) & (marks["metric"] == case["metric"])]
    own = own.sort_values("counted_over", key=lambda of: of != PLATFORM, kind="stable")
    mark = own.iloc[0] if len(own) else None
    is_breach = case["case_kind"] == "metric_breached"
    if is_breach and mark is not None and mark["consequence"] == UNPUNISHED:
        return
    rejected = behind.said.get(case["case"], {}).get("rejected_on", pd.NaT)
    last = appeal_until(behind.days, case["market"], case["metric"], case["found_on"], rejected)
    yield {
        **told,
        "order_id": "" if mark is None else mark["failed_ids"],
        "appeal_by": last.until,
        "appeal_round": pd.NA if last.round is None else last.round,
    }
