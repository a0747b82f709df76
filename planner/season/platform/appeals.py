"""Appeals against a platform's penalties: which metric allows how many days, and until when.

A rule on appeals holds for the metric that it names and for no other. Nothing is sent from here.
"""

from typing import NamedTuple

import pandas as pd

APPEAL = "_appeal_days"
"""Ending of the rows of the register `Metrics` that say in how many days a first appeal goes."""
SECOND = "_second_appeal_days"
"""The same for a second one; its days count from the day on which the first is turned down."""
RATE = "_rate"

Days = dict[tuple[str, str], float]


class AppealDays(NamedTuple):
    """Days of first and second appeals, by market and metric."""

    first: Days
    second: Days


class AppealUntil(NamedTuple):
    """The last day of an appeal, NaT where nobody says, and which round it is."""

    until: pd.Timestamp
    round: int | None


def appeal_days(metrics: pd.DataFrame | None) -> AppealDays:
    """Return the days that a register allows for appeals.

    Parameters
    ----------
    metrics : DataFrame, optional
        Register `Metrics`, rows in force.

    Examples
    --------
    >>> row = {"market": ["US"], "metric": ["on_time_delivery_appeal_days"], "threshold": [30.0]}
    >>> appeal_days(pd.DataFrame(row)).first
    {('US', 'on_time_delivery'): 30.0}
    """
    first: Days = {}
    second: Days = {}
    rows = [] if metrics is None else metrics[["market", "metric", "threshold"]].to_numpy().tolist()
    for market, name, days in rows:
        for ending, found in ((SECOND, second), (APPEAL, first)):
            if name.endswith(ending):
                found[market, name.removesuffix(ending)] = float(days)
                break
    return AppealDays(first, second)


def appeal_until(
    days: AppealDays, market: str, metric: str, found_on: pd.Timestamp, rejected_on: pd.Timestamp
) -> AppealUntil:
    """Return until when a breach of one metric can be appealed.

    Parameters
    ----------
    days : AppealDays
    market, metric : str
    found_on : Timestamp
        Day on which the breach was found; the penalty's own day may be earlier.
    rejected_on : Timestamp
        Day on which the first appeal was turned down; NaT if it was not.
    """
    subject = (market, metric.partition(RATE)[0])
    is_second = not pd.isna(rejected_on)
    allowed = (days.second if is_second else days.first).get(subject)
    begun = rejected_on if is_second else found_on
    if allowed is None or pd.isna(begun):
        return AppealUntil(pd.NaT, None)
    until = pd.Timestamp(begun).normalize() + pd.Timedelta(days=allowed)
    return AppealUntil(until, 2 if is_second else 1)
