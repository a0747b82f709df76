"""The clock: until which moment an action still changes something.

Arithmetic on moments only: a deadline less what the action takes. Knows nothing of money.
"""

import numpy as np
import pandas as pd

LEAST_UNITS = 0.5
"""Fewer units are nothing to save. [units]"""


def last_useful(deadline: pd.Timestamp, lead_hours: float) -> pd.Timestamp:
    """Return the last moment at which an action begun still counts.

    Parameters
    ----------
    deadline : Timestamp
        By then it must have taken effect; NaT if there is none.
    lead_hours : float
        What it takes. NaN if not known: then no moment is known either. [hours]

    Examples
    --------
    >>> last_useful(pd.Timestamp("2025-11-13"), 36.0)
    Timestamp('2025-11-11 12:00:00')
    >>> last_useful(pd.Timestamp("2025-11-13"), float("nan"))
    NaT
    """
    if pd.isna(deadline) or np.isnan(lead_hours):
        return pd.NaT
    return deadline - pd.Timedelta(minutes=round(lead_hours * 60))


def in_time(at: pd.Timestamp, last: pd.Timestamp) -> bool:
    """Return whether an action can still be begun; never where its last moment is not known.

    Examples
    --------
    >>> noon = pd.Timestamp("2025-11-11 12:00")
    >>> in_time(noon, noon), in_time(noon + pd.Timedelta(minutes=1), noon), in_time(noon, pd.NaT)
    (True, False, False)
    """
    return bool(pd.notna(last) and at <= last)


def landing_deadline(unmet: np.ndarray, days: pd.DatetimeIndex) -> pd.Timestamp:
    """Return the last day on which units that land still find a buyer, NaT if there is none.

    Parameters
    ----------
    unmet : ndarray, shape (n_days,)
        Expected demand that finds the shelf empty. [units/day]
    days : DatetimeIndex, length n_days

    Notes
    -----
    Units that land on a day are there as it begins. The day is the last from which on at least
    `LEAST_UNITS` are expected to go unserved.

    Examples
    --------
    >>> days = pd.date_range("2025-11-11", periods=4)
    >>> landing_deadline(np.array([0.0, 5.0, 2.0, 0.1]), days)
    Timestamp('2025-11-13 00:00:00')
    """
    ahead = np.cumsum(unmet[::-1])[::-1]
    useful = np.flatnonzero(ahead >= LEAST_UNITS)
    return days[useful[-1]] if len(useful) else pd.NaT


def landing_day(at: pd.Timestamp, lead_hours: float, days: pd.DatetimeIndex) -> int:
    """Return the place of the first day as which begins units begun now are there.

    Returns
    -------
    int
        Of `days`; their number if it is none of them. Units that land within a day count from the
        next: what they could still sell of their own day is not promised.

    Examples
    --------
    >>> days = pd.date_range("2025-11-11", periods=4)
    >>> landing_day(pd.Timestamp("2025-11-11 06:00"), 24.0, days)
    2
    >>> landing_day(pd.Timestamp("2025-11-11"), 24.0, days)
    1
    """
    if np.isnan(lead_hours):
        return len(days)
    lands = at + pd.Timedelta(minutes=round(lead_hours * 60))
    return int(days.searchsorted(lands, side="left"))
