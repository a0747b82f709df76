"""One SKU on its shelf, what an action changes on it, and the arithmetic that actions share.

Worlds and money of a single SKU; knows no action by name.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.season.stock.cover import run_worlds


class Case(NamedTuple):
    """One SKU on its shelf; days are those ahead, the running one first."""

    market: str
    sku: str
    at: pd.Timestamp
    days: pd.DatetimeIndex
    event_days: int
    """Of the days, those before the last phase ends; later demand is an ordinary order's."""
    stock: float
    arriving: np.ndarray
    """shape (n_days,). [units]"""
    demand: np.ndarray
    """shape (n_days, n_draws). [units/day]"""
    gains: np.ndarray
    """shape (n_days,): a unit sold on the day, its price less selling cost and the penalty saved.
    """
    keep: float
    """A unit left over. [currency]"""
    penalty: float
    """Of a unit asked for and not served. [currency]"""

    unmet: np.ndarray
    """shape (n_days, n_draws): asked for and not served, if nothing is done. [units/day]"""
    left: np.ndarray
    """shape (n_draws,): after the last day, if nothing is done. [units]"""

    @property
    def gain(self) -> float:
        """A unit sold, mean over what goes unserved or, where nothing does, over what is asked."""
        short = self.unmet.mean(axis=1)
        weights = short if short.sum() > 0 else self.demand.mean(axis=1)
        if weights.sum() <= 0:
            return float(self.gains.mean())
        return float(self.gains @ weights / weights.sum())


class Choice(NamedTuple):
    """One action for one SKU."""

    action: str
    place: str
    units: float
    value: float
    """[currency]"""
    last_at: pd.Timestamp
    reason: str
    lands_at: pd.Timestamp = pd.NaT
    """When the units fetched are on the shelf."""
    event_units: float = 0.0
    """Sales saved before the last phase ends. [units]"""
    event_value: float = 0.0
    """What the action brings before the last phase ends. [currency]"""
    event_last_at: pd.Timestamp = pd.NaT
    """Begun later, it changes nothing before the last phase ends."""
    cost: float = 0.0
    """What has to be paid for it; the value is net of it. [currency]"""


def on_other_terms(case: Case, *, demand: np.ndarray, arriving: np.ndarray) -> Case:
    """Return the case with other demand or other goods coming, what goes unserved with it."""
    run = run_worlds(np.array([case.stock]), arriving[None], demand[None])
    return case._replace(demand=demand, arriving=arriving, unmet=run.unmet[0], left=run.left[0])


def changed(case: Case, demand: np.ndarray) -> float:
    """Return the profit that other demand makes more than the case's own."""
    new = on_other_terms(case, demand=demand, arriving=case.arriving)
    unmet, new_unmet, new_left = case.unmet, new.unmet, new.left
    sold, new_sold = case.demand - unmet, demand - new_unmet
    price = (case.gains - case.penalty) @ (new_sold - sold)
    paid = price - case.penalty * (new_unmet.sum(0) - unmet.sum(0))
    return float((paid + case.keep * (new_left - case.left)).mean())


def fetchable(need: np.ndarray, most: float) -> np.ndarray:
    """Return the numbers of units that could be fetched, from none to all that finds a buyer."""
    wanted = need[-1].max() if len(need) else 0.0
    return np.arange(int(np.floor(min(np.ceil(wanted), most))) + 1)


def sales_worth(need: np.ndarray, gains: np.ndarray, most: float) -> np.ndarray:
    """Return what the sales of 0, 1, 2... units bring, in order of time, each day at its gain.

    Parameters
    ----------
    need : ndarray, shape (n_days, n_draws)
        Unserved to the end of each day. [units]
    gains : ndarray, shape (n_days,)
        Of a unit sold on the day rather than left over. [currency]
    """
    counts = fetchable(need, most)
    if not len(need):
        return np.zeros(len(counts))
    ends = np.flatnonzero(np.diff(gains, append=np.inf))
    steps = gains[ends] - np.append(gains[ends[1:]], 0.0)
    return sum(
        step * _mean_capped(need[end], counts) for end, step in zip(ends, steps, strict=True)
    )


def best_units(need: np.ndarray, gain: float, cost: float, most: float) -> float:
    """Return the units whose last is still worth its cost; `need` is sorted. [units]."""
    if gain <= cost or not len(need):
        return 0.0
    if cost <= 0:
        return float(np.floor(min(need[-1], most)))
    place = int(np.ceil((1 - cost / gain) * len(need))) - 1
    return float(np.floor(min(need[max(place, 0)], most)))


def _mean_capped(values: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the mean of ``min(values, count)`` for each count.

    Examples
    --------
    >>> _mean_capped(np.array([1.0, 4.0]), np.arange(4)).tolist()
    [0.0, 1.0, 1.5, 2.0]
    """
    ordered = np.sort(values)
    below = np.searchsorted(ordered, counts)
    sums = np.concatenate([[0.0], np.cumsum(ordered)])
    return (sums[below] + counts * (len(ordered) - below)) / len(ordered)
