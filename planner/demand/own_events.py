"""Events as people bring them: promotions, closed days, and what is known of them beforehand.

Knows the plain table of events and what can be wrong in it; knows no sales.
"""

import difflib

import pandas as pd

from planner.demand.drivers import DRIVER_COLUMNS
from planner.demand.own_cells import (
    days_of,
    numbers_of,
    refuse_cell,
    refuse_missing,
    sku_texts,
)
from planner.errors import PlanningError
from planner.intake.masters import SAME_EVENT_DAYS

EVENT_COLUMNS = ("event", "kind", "start", "end")
KNOWN_AHEAD = (*DRIVER_COLUMNS, "display_rate")
"""Columns of the events that may say what is known of a promotion beforehand."""
CLOSED = "closed"
"""Kind of the rows that are no promotion but days on which nothing can be sold."""


def read_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return the events with each cell checked; a blank SKU holds for all.

    Returns
    -------
    DataFrame
        event, kind, start, end, sku, and each of `KNOWN_AHEAD` that the file has (NaN where
        unknown).

    Raises
    ------
    PlanningError
        Names row, column and value that cannot be read, or an end before its start.
    """
    refuse_missing(events, EVENT_COLUMNS, "events")
    events = events.reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "event": events["event"].astype("str"),
            "kind": events["kind"].fillna("").astype("str"),
            "start": days_of(events["start"], "events", "start"),
            "end": days_of(events["end"], "events", "end"),
            "sku": sku_texts(events["sku"]) if "sku" in events else "",
        }
    )
    for name in KNOWN_AHEAD:
        if name in events:
            rows[name] = numbers_of(events, name, "events")
    backwards = rows["end"] < rows["start"]
    if backwards.any():
        refuse_cell("events", backwards, "end", rows["end"], "a day on or after the start")
    return rows


def rows_ahead(rows: pd.DataFrame, event: str, *, today: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of the next edition of one event.

    Raises
    ------
    PlanningError
        If no promotion bears the name (the nearest is told, or that the days of that name are
        closed), or all its editions are over.
    """
    closed, rows = rows[rows["kind"] == CLOSED], rows[rows["kind"] != CLOSED]
    named = rows[rows["event"] == str(event)]
    if named.empty and (closed["event"] == str(event)).any():
        raise PlanningError(
            f"events: {event} is of kind {CLOSED}, so nothing is sold on it; give its promotion a "
            "row of its own, with another kind"
        )
    if named.empty:
        near = difflib.get_close_matches(str(event), rows["event"].unique(), 1, cutoff=0.0)
        hint = f"; the nearest is {near[0]!r}" if near else "; the events table names no promotion"
        raise PlanningError(f"events: no event {event!r}{hint}")
    ahead = named[named["end"] >= today]
    if ahead.empty:
        raise PlanningError(
            f"events: {event} ended on {named['end'].max():%Y-%m-%d}, before the as-of day "
            f"{today:%Y-%m-%d}; add a row with its next days, or choose an earlier as-of day"
        )
    edition = ahead["start"].min() + pd.Timedelta(days=SAME_EVENT_DAYS)
    return ahead[ahead["start"] <= edition]
