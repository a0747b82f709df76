"""Leftover ladder: what leftovers bring exit by exit, as steps away from one constant worth.

Arithmetic on demand draws for the rules, which reckon with one worth of a leftover; the steps
make it the worth that `value_curves` and with it the allocation reckon with.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner.supply.leftovers.exits import exit_ladder
from planner.supply.quantity.newsvendor import QUANTILE_TOLERANCE

HALF = 0.5
"""Within the empty unit at the end of a row. [units]"""
MONEY_TOLERANCE = 1e-12
"""Share of the costs of a unit below which a gain is rounding."""


class Ladder(NamedTuple):
    """How the worth of a leftover changes with their number, exit by exit."""

    before: np.ndarray
    """Units that better exits take, shape (n_sku, n_exits); infinite where none is left. [units]"""
    change: np.ndarray
    """What a unit brings more than on the step before; the first: than the constant. [currency]"""


class Sorted(NamedTuple):
    """Units world by world, sorted, so that worlds below a level are counted without a look."""

    rows: np.ndarray
    """Shape (n_sku, n_draws), rising. [units]"""
    sums: np.ndarray
    """Sums of the first 0, 1, 2 ... of them, shape (n_sku, n_draws + 1). [units]"""
    line: np.ndarray
    """All rows one behind the other without overlap, so that one search serves them all."""
    low: float
    high: float
    """Bounds that no unit reaches."""

    def count(self, levels: np.ndarray) -> np.ndarray:
        """Return in how many worlds each level, shape (n_sku, k), is reached or passed."""
        if not self.rows.size:
            return np.zeros(levels.shape, dtype=int)
        row = np.arange(len(self.rows))[:, None]
        asked = np.clip(levels, self.low, self.high - HALF) + row * (self.high - self.low)
        return np.searchsorted(self.line, asked, side="right") - row * self.rows.shape[1]


def sorted_rows(units: np.ndarray) -> Sorted:
    """Return units world by world in rising order, with their sums."""
    rows = np.sort(units, axis=1)
    sums = np.column_stack([np.zeros(len(rows)), np.cumsum(rows, axis=1)])
    low, high = rows.min(initial=0.0) - 1.0, rows.max(initial=0.0) + 1.0
    line = (rows + np.arange(len(rows))[:, None] * (high - low)).ravel()
    return Sorted(rows, sums, line, float(low), float(high))


def ladder_of(exits: pd.DataFrame, keys: pd.MultiIndex, constant: npt.ArrayLike) -> Ladder:
    """Return the open exits of every SKU as steps from a constant worth of a leftover.

    Parameters
    ----------
    exits : DataFrame
        Table `Exits`.
    keys : MultiIndex, shape (n_sku,)
        market and sku.
    constant : array_like, shape (n_sku,)
        What a leftover brings in the formula to be mended. [currency/unit]

    Returns
    -------
    Ladder
        Without steps for a SKU of which no exit is known: the constant then stands.
    """
    room, revenue = exit_ladder(exits, keys=keys)
    before = np.column_stack([np.zeros(len(room)), np.cumsum(room, axis=1)[:, :-1]])
    whole = np.column_stack([np.asarray(constant, dtype=float), revenue])
    return Ladder(before, np.nan_to_num(np.diff(whole, axis=1)))


def ladder_worth(
    draws: np.ndarray, units: npt.ArrayLike, ladder: Ladder, *, more: npt.ArrayLike = 0.0
) -> np.ndarray:
    """Return in every world what leftovers bring beyond the constant of the first formula.

    Parameters
    ----------
    draws : ndarray, shape (n_sku, n_draws)
    units : array_like, shape (n_sku,) or (n_sku, n_draws)
    ladder : Ladder
    more : array_like, scalar or shape (n_sku, n_draws)
        Left over beside what demand leaves of `units`. [units]

    Returns
    -------
    ndarray, shape (n_sku, n_draws)
        ``sum over steps of change * max(leftover - before, 0)``. [currency]

    Examples
    --------
    >>> ladder = Ladder(np.array([[0.0, 5.0]]), np.array([[0.0, -3.0]]))
    >>> ladder_worth(np.array([[10.0, 30.0]]), [20.0], ladder).tolist()
    [[-15.0, 0.0]]
    """
    held = np.asarray(units, dtype=float)
    held = held[:, None] if held.ndim == 1 else held
    left = np.maximum(held - draws, 0.0) + np.asarray(more, dtype=float)
    total = np.zeros_like(left)
    most = left.max(axis=1, initial=0.0)
    for before, change in zip(ladder.before.T, ladder.change.T, strict=True):
        row = np.flatnonzero((before < most) & (change != 0))
        beyond = np.maximum(left[row] - before[row, None], 0.0)
        total[row] += change[row, None] * beyond
    return total


def ladder_mean(short: Sorted, units: npt.ArrayLike, ladder: Ladder) -> np.ndarray:
    """Return the mean over worlds of `ladder_worth`, for an order on top of stock.

    Parameters
    ----------
    short : Sorted
        Demand less stock at hand, world by world.
    units : array_like, shape (n_sku,)
        Units ordered. [units]
    ladder : Ladder

    Returns
    -------
    ndarray, shape (n_sku,)
        [currency]
    """
    edge = np.asarray(units, dtype=float)[:, None] - ladder.before
    count = short.count(edge)
    row = np.arange(len(edge))[:, None]
    left = np.where(count > 0, edge, 0.0) * count - short.sums[row, count]
    return (ladder.change * left).sum(axis=1) / max(short.rows.shape[1], 1)


def ladder_units(
    draws: np.ndarray,
    *,
    under_cost: npt.ArrayLike,
    over_cost: npt.ArrayLike,
    ladder: Ladder,
    late_cost: npt.ArrayLike = 0.0,
) -> np.ndarray:
    """Return the whole units at which one more no longer pays, leftovers falling in worth.

    Parameters
    ----------
    draws : ndarray, shape (n_sku, n_draws)
        [units]
    under_cost, over_cost : array_like, shape (n_sku,)
        [currency/unit]
    ladder : Ladder
    late_cost : array_like, shape (n_sku,)
        Of every unit. [currency/unit]

    Returns
    -------
    ndarray, shape (n_sku,)
        NaN where a cost is unknown. With a constant worth of leftovers and no late cost that is
        `optimal_units` at the critical ratio, rounded up. [units]

    Notes
    -----
    ``under * P(D > Q) - over * P(D <= Q) + sum of change * P(D <= Q - before) - late <= 0``; the
    left side falls with Q, so that halving the interval finds the first such Q.
    """
    under, over, late = (
        np.broadcast_to(np.asarray(cost, dtype=float), draws.shape[:1])
        for cost in (under_cost, over_cost, late_cost)
    )
    low, high = np.zeros(len(draws)), np.ceil(draws.max(axis=1, initial=0.0))
    room = MONEY_TOLERANCE * (1.0 + np.abs(under) + np.abs(over))
    worlds = sorted_rows(draws)
    while np.any(low < high):
        middle = np.floor((low + high) / 2)
        edges = np.column_stack([middle, middle[:, None] - ladder.before]) + QUANTILE_TOLERANCE
        chances = worlds.count(edges) / max(draws.shape[1], 1)
        chance = chances[:, 0]
        gain = under * (1.0 - chance) - over * chance - late
        gain = gain + (ladder.change * chances[:, 1:]).sum(axis=1)
        enough = ~(gain > room)
        high = np.where((low < high) & enough, middle, high)
        low = np.where((low < high) & ~enough, middle + 1, low)
    return np.where(np.isnan(under) | np.isnan(over), np.nan, low)
