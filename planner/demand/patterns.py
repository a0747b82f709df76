"""What a promotion's own place and size tell of its ratio, before any driver is known.

Knows three things that every history holds: how long a promotion runs, how long the SKU
rested before it, and how much the SKU sells on ordinary days. Knows nothing of tables.
"""

import numpy as np

from planner.demand.clean import Codes, Floats
from planner.demand.promo_runs import Runs

MAX_REST_DAYS = 60
"""A rest longer than this is over for certain. [days]"""
FATIGUE_DAYS = 7.0
"""Days of rest in which what is left of the last promotion falls to a third. [days]"""
MIN_DAILY_UNITS = 0.05
"""Keeps the logarithm of a silent SKU's daily units finite. [units/day]"""
PATTERNS = ("promo_days", "rest_days", "daily_units")
"""Columns of the arrays here: log of the length, ``exp(-rest / 7)``, log of daily units."""
EXPECTED_SLOPES = (-0.15, 0.0, 0.0)
"""Slope of the log ratio on each before a seller's own promotions tell: a promotion twice as long
sells a tenth less a day (told by public groceries -.09, by public shops -.18 and -.25)."""


def of_runs(runs: Runs) -> Floats:
    """Return the pattern of each past run.

    Parameters
    ----------
    runs : Runs
        Past promotions of one phase; those of one series lie side by side in order of time.

    Returns
    -------
    array, shape (n_runs, 3)
        Log of the length, what is left of the last run after the days since it ended (since the
        history began for the first of a series), log of ordinary units a day. NaN for a run that
        is only remembered.
    """
    stop = runs.start + runs.days
    rest = runs.start.copy()
    follows = runs.series[1:] == runs.series[:-1]
    rest[1:] = np.where(follows, runs.start[1:] - stop[:-1], runs.start[1:])
    daily = runs.expected / np.maximum(runs.days, 1)
    pattern = _pattern(np.maximum(runs.days, 1), rest, daily)
    pattern[runs.is_memory] = np.nan
    return pattern


def with_whole_length(patterns: Floats, runs: Runs, *, start: Codes, days: Codes) -> Floats:
    """Return the patterns, the run of the promotion ahead, if it has begun, in its whole length.

    Parameters
    ----------
    patterns : array, shape (n_runs, 3)
        What `of_runs` gave.
    runs : Runs
    start, days : array, shape (n_series,)
        Column of the first day of the promotion ahead, and its length. [days]
    """
    first, length = start[runs.series], days[runs.series]
    begun = (runs.series >= 0) & (first <= runs.start) & (runs.start < first + length)
    whole = patterns.copy()
    whole[begun, 0] = np.log(length[begun])
    return whole


def of_target(*, start: Codes, days: Codes, last_stop: Codes, daily_units: Floats) -> Floats:
    """Return the pattern of the promotion ahead of each series.

    Parameters
    ----------
    start, days : array, shape (n_series,)
        Column of its first day, and its length. [days]
    last_stop : array, shape (n_series,)
        Column after the last day of the promotion before it; very negative without one.
    daily_units : array, shape (n_series,)
        Level of ordinary days. [units/day]

    Examples
    --------
    >>> of_target(start=np.array([40]), days=np.array([5]), last_stop=np.array([33]),
    ...           daily_units=np.array([1.0])).round(3).tolist()
    [[1.609, 0.368, 0.0]]
    """
    return _pattern(days, start - last_stop, daily_units)


def last_stops(runs: Runs, n_series: int, *, before: Codes | None = None) -> Codes:
    """Return the column after the last day of each series' last run; -60 without one.

    Parameters
    ----------
    runs : Runs
        Past promotions.
    n_series : int
    before : array, shape (n_series,), optional
        Only runs that began before this column count: a sale that runs already is not its own
        forerunner.
    """
    stops = np.full(n_series, -MAX_REST_DAYS)
    own = (runs.series >= 0) & ~runs.is_memory
    if before is not None:
        own &= runs.start < before[runs.series]
    np.maximum.at(stops, runs.series[own], (runs.start + runs.days)[own])
    return stops


def _pattern(days: Codes, rest: Codes, daily: Floats) -> Floats:
    return np.column_stack(
        [
            np.log(days),
            np.exp(-np.clip(rest, 0, MAX_REST_DAYS) / FATIGUE_DAYS),
            np.log(np.maximum(daily, MIN_DAILY_UNITS)),
        ]
    )
