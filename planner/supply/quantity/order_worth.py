"""Order worth: what holding an order would mean, in units and in money, over all worlds.

Knows demand and stock world by world and what a unit earns, costs and brings when left over.
Chooses no order; `cushions` and `allocation` do.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.supply.leftovers.leftover_ladder import Ladder, Sorted, ladder_mean, ladder_worth
from planner.supply.quantity import newsvendor

LOW_SHARE, HIGH_SHARE = 0.05, 0.95
"""Shares of worlds that earn less than the low and the high profit shown."""


class Case(NamedTuple):
    """All that the rules look at: row i of every part is the same market and SKU."""

    frame: pd.DataFrame
    """Indexed by market and SKU: demand, stock, economics, history, lead times, packs."""
    demand: np.ndarray
    """Demand of the horizon, shape (n_sku, n_draws). [units]"""
    stock: np.ndarray
    """Stock available without a new order, shape (n_sku, n_draws). [units]"""
    ladder: Ladder | None = None
    """Where leftovers go; without it each brings what the economics say."""
    short: Sorted | None = None
    """Demand less stock in rising order, beside a ladder. [units]"""
    midway_left: np.ndarray | None = None
    """Left of goods that land while the campaign runs, shape (n_sku, n_draws); see
    `position.midway`. [units]"""


def consequences(case: Case, order: pd.Series) -> dict[str, np.ndarray]:
    """Return what an order means: level of service, lost and leftover units, profit.

    Parameters
    ----------
    case : Case
    order : Series, shape (n_sku,)
        [units]

    Returns
    -------
    dict of str to ndarray, each of shape (n_sku,)
        Means over the worlds; profit is NaN where economics are unknown.

    Notes
    -----
    Profit is the money from the planning day on: what stock and order bring, less what the order
    costs. ``net price * sold + leftover worth * (leftover - again) - penalty * lost - landed *
    order``; leftovers beyond the best exit bring what the next ones do, and being late costs the
    units ordered. What is owned or bought already is paid for whatever is decided: it brings what
    it sells or leaves for, and costs nothing; so do goods that land while the campaign runs. So a
    dearer lane never makes stock at hand dearer, and with the exits and late costs of the
    allocation this is what the allocation makes largest.

    What a sale earns holds the worth of the units that come back of it. Of those, `again` are back
    in the horizon, where they sell or are left like stock: that worth is taken off once.
    """
    held = case.stock + order.to_numpy(dtype=float)[:, None]
    return {
        "service_level": newsvendor.implied_level(case.demand, held),
        "lost_units": newsvendor.expected_lost(case.demand, held),
        "leftover_units": newsvendor.expected_leftover(case.demand, held)
        + _midway_left(case).mean(axis=1),
        "expected_profit": newsvendor.expected_profit(case.demand, held, **_money(case))
        + _paid_before(case).mean(axis=1)
        + _beyond_mean(case, order),
    }


def profit_range(case: Case, order: pd.Series) -> dict[str, np.ndarray]:
    """Return the profit that few worlds fall short of, and the one that few exceed.

    Parameters
    ----------
    case : Case
    order : Series, shape (n_sku,)
        [units]

    Returns
    -------
    dict of str to ndarray, each of shape (n_sku,)
        low_profit and high_profit: quantiles of 5 % and 95 %. [currency]
    """
    held = case.stock + order.to_numpy(dtype=float)[:, None]
    by_world = newsvendor.profit_by_world(case.demand, held, **_money(case))
    by_world += _beyond(case, order, held) + _paid_before(case)
    low, high = np.quantile(by_world, [LOW_SHARE, HIGH_SHARE], axis=1)
    return {"low_profit": low, "high_profit": high}


def _money(case: Case) -> dict[str, pd.Series]:
    frame = case.frame
    return {
        "margin_profit": frame["margin_profit"],
        "over_cost": frame["over_cost"],
        "penalty_cost": frame["under_cost"] - frame["margin_profit"],
    }


def _paid_before(case: Case) -> np.ndarray:
    """Return by world the landed cost of stock that is owned, which `margin` and `over` charge.

    Less the worth of units that come back in the horizon, which they pay twice.
    """
    landed, leftover, again = (
        case.frame[name].to_numpy(dtype=float)[:, None]
        for name in ("landed_cost", "leftover_revenue", "again_units")
    )
    return landed * case.stock - leftover * again


def _midway_left(case: Case) -> np.ndarray:
    return np.zeros((len(case.frame), 1)) if case.midway_left is None else case.midway_left


def _beyond_mean(case: Case, order: pd.Series) -> np.ndarray:
    late = (case.frame["late_cost"] * order).to_numpy(dtype=float)
    left = _midway_left(case)
    more = case.frame["leftover_revenue"].to_numpy(dtype=float) * left.mean(axis=1)
    if case.ladder is None or case.short is None:
        return more - late
    worth = ladder_mean(case.short, order.to_numpy(dtype=float), case.ladder)
    rows = np.flatnonzero(left.any(axis=1))
    if len(rows):
        held = case.stock[rows] + order.to_numpy(dtype=float)[rows, None]
        ladder = Ladder(*(part[rows] for part in case.ladder))
        worth[rows] = ladder_worth(case.demand[rows], held, ladder, more=left[rows]).mean(axis=1)
    return worth + more - late


def _beyond(case: Case, order: pd.Series, held: np.ndarray) -> np.ndarray:
    """Return what later exits, goods landed midway and lateness add to the profit of a world."""
    late = (case.frame["late_cost"] * order).to_numpy(dtype=float)[:, None]
    left = _midway_left(case)
    more = case.frame["leftover_revenue"].to_numpy(dtype=float)[:, None] * left
    if case.ladder is None:
        return more - late
    return ladder_worth(case.demand, held, case.ladder, more=left) + more - late
