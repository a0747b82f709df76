"""Protection: how many units to keep for the channels that earn more, and what that is worth.

Pure arithmetic on demand draws of classes, best first. Knows nothing of warehouses,
campaigns or tables.

References
----------
Littlewood, K. (1972), Forecasting and control of passenger bookings, AGIFORS Symposium 12.
Belobaba, P. (1992), Optimal vs. heuristic methods for nested seat allocation, AGIFORS.
Talluri, K. and van Ryzin, G. (2004), The Theory and Practice of Revenue Management, chapter 2.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planner.supply.places.shelves import mean_served
from planner.supply.quantity.newsvendor import optimal_units

WORLDS_AT_A_TIME = 8192
"""So many worlds of some classes fit into a processor's cache. [worlds]"""


class Sold(NamedTuple):
    """What each class sells, and what is left of the stock, world by world."""

    units: np.ndarray
    """Shape (n_class, n_draws). [units]"""
    left_units: np.ndarray
    """Shape (n_draws,). [units]"""


def protection_levels(demand: np.ndarray, worth: npt.ArrayLike) -> np.ndarray:
    """Return the units to keep for each class and those above it, by EMSR-b.

    Parameters
    ----------
    demand : ndarray, shape (n_class or n_class - 1, n_draws)
        Best class first; that of the last class is not needed. [units]
    worth : array_like, shape (n_class,)
        Above a unit left over, falling from class to class. [currency/unit]

    Returns
    -------
    ndarray, shape (n_class - 1,)
        Rising from class to class. [units]

    Notes
    -----
    ``y_j`` protects the demand of classes 1 to j, taken as one class that earns their mean worth
    weighted by mean demand, against class j + 1 by Littlewood's rule. Exact for two classes.
    """
    earned = np.maximum(np.asarray(worth, dtype=float), 0.0)
    n_levels = len(earned) - 1
    above = np.cumsum(demand[:n_levels], axis=0)
    means = demand[:n_levels].mean(axis=1)
    weight = np.cumsum(means)
    total = np.cumsum(means * earned[:n_levels])
    mean_worth = np.divide(total, weight, out=earned[:n_levels].copy(), where=weight > 0)
    share = np.divide(earned[1:], mean_worth, out=np.ones(n_levels), where=mean_worth > 0)
    levels = optimal_units(above, np.clip(1.0 - share, 0.0, 1.0))
    return np.maximum.accumulate(levels)


def sell_low_first(demand: np.ndarray, stock_units: npt.ArrayLike, levels: npt.ArrayLike) -> Sold:
    """Return what is sold if each class comes after all lower ones, the best one last.

    Parameters
    ----------
    demand : ndarray, shape (n_class, n_draws)
        Best class first. [units]
    stock_units : array_like, scalar or shape (n_draws,)
    levels : array_like, shape (n_class - 1,) or (n_class - 1, n_draws)
        Protection levels; zeros share the stock with no protection. [units]

    Examples
    --------
    >>> sold = sell_low_first(np.array([[6.0], [9.0]]), 10.0, [6.0])
    >>> sold.units.ravel().tolist(), sold.left_units.tolist()
    ([6.0, 4.0], [0.0])
    """
    kept, left = _kept(levels), np.zeros(demand.shape[1]) + stock_units
    units = np.zeros(demand.shape)
    for place in range(len(demand) - 1, -1, -1):
        units[place] = np.minimum(demand[place], np.maximum(left - kept[place], 0.0))
        left = left - units[place]
    return Sold(units, left)


def sell_mixed(
    demand: np.ndarray, stock_units: npt.ArrayLike, levels: npt.ArrayLike, *, releases: int = 1
) -> Sold:
    """Return what is sold if all classes come evenly mixed over the campaign.

    Parameters
    ----------
    demand, stock_units, levels
        As in `sell_low_first`.
    releases : int
        Times at which what is protected is cut to the share of the campaign still to come; 1
        holds it to the end, and strands what the better classes then do not ask for. [count]

    Notes
    -----
    A class is shut once the stock has fallen to what is kept from it, until the next release.

    Examples
    --------
    >>> demand = np.array([[4.0], [16.0]])
    >>> [sell_mixed(demand, 16.0, [8.0], releases=n).left_units.item() for n in (1, 4)]
    [5.6, 1.28]
    """
    kept, left = _kept(levels), np.zeros(demand.shape[1]) + stock_units
    units = np.zeros(demand.shape)
    turns = releases if kept.any() else 1
    for first in range(0, demand.shape[1], WORLDS_AT_A_TIME):
        here = slice(first, first + WORLDS_AT_A_TIME)
        own, held = demand[:, here] / turns, kept if kept.ndim == 1 else kept[:, here]
        flows = np.stack([own[: place + 1].sum(axis=0) for place in range(len(own))])
        for turn in range(turns):
            part = _flowing(own, flows, left[here], held * (1 - turn / turns))
            units[:, here] += part.units
            left[here] = part.left_units
    return Sold(units, left)


def best_shares(
    demand: np.ndarray, worth: npt.ArrayLike, stock_units: int, groups: npt.ArrayLike
) -> np.ndarray:
    """Return the units of each group of classes that cannot draw on each other's.

    Parameters
    ----------
    demand : ndarray, shape (n_class, n_draws)
        Best class first. [units]
    worth : array_like, shape (n_class,)
    stock_units : int
    groups : array_like of int, shape (n_class,)
        Number of the group of each class, from 0.

    Returns
    -------
    ndarray of int, shape (n_group,)
        Their sum is the stock. What nobody is expected to buy goes by mean demand.

    Notes
    -----
    A group's worth of units is concave, so taking the best next piece again and again is the best
    there is. Within a group units are taken to serve the better classes first.
    """
    earned, of_group = np.maximum(np.asarray(worth, dtype=float), 0.0), np.asarray(groups)
    n_groups = int(of_group.max()) + 1
    if n_groups == 1:
        return np.array([stock_units], dtype="int64")
    pieces = []
    for group in range(n_groups):
        own = of_group == group
        edges, slopes = _pieces(demand[own], earned[own], stock_units)
        pieces.append(np.column_stack([slopes, np.diff(edges), np.full(len(slopes), group)]))
    ranked = np.concatenate(pieces)
    ranked = ranked[np.argsort(-ranked[:, 0], kind="stable")]
    ranked = ranked[ranked[:, 0] > 0]
    filled = np.minimum(np.cumsum(ranked[:, 1]), stock_units)
    given = np.bincount(ranked[:, 2].astype(int), np.diff(filled, prepend=0.0), minlength=n_groups)
    rest = stock_units - given.sum()
    means = np.bincount(of_group, demand.mean(axis=1), minlength=n_groups)
    return whole_units(given + rest * _parts(means), stock_units)


def whole_units(units: npt.ArrayLike, total: int) -> np.ndarray:
    """Return whole units that add up to `total`, the largest fractions rounded up.

    Examples
    --------
    >>> whole_units([1.5, 2.25, 1.25], 5).tolist()
    [2, 2, 1]
    """
    exact = np.asarray(units, dtype=float)
    low = np.floor(exact + 1e-9)
    missing = round(total - low.sum())
    order = np.argsort(-(exact - low), kind="stable")
    low[order[: max(missing, 0)]] += 1
    return low.astype("int64")


def by_means(demand: np.ndarray, total: int) -> np.ndarray:
    """Return the stock split in proportion to mean demand, in whole units."""
    return whole_units(total * _parts(demand.mean(axis=1)), total)


def _kept(levels: npt.ArrayLike) -> np.ndarray:
    """Return what is kept from each class: nothing from the best."""
    known = np.asarray(levels, dtype=float)
    return np.concatenate([np.zeros((1, *known.shape[1:])), known])


def _flowing(demand: np.ndarray, flows: np.ndarray, left: np.ndarray, kept: np.ndarray) -> Sold:
    """Return what is sold at once; `flows` are the sums of the first class, the first two ..."""
    open_from, units = np.zeros(demand.shape[1]), np.zeros(demand.shape)
    for place in range(len(demand) - 1, -1, -1):
        rate, flow = demand[: place + 1], flows[place]
        spare = np.maximum(left - kept[place], 0.0)
        share = np.divide(spare, flow, out=np.full(flow.shape, np.inf), where=flow > 0)
        share = np.minimum(share, 1.0 - open_from)
        units[: place + 1] += rate * share
        left = left - flow * share
        open_from = open_from + share
    return Sold(units, left)


def _parts(means: np.ndarray) -> np.ndarray:
    total = means.sum()
    return means / total if total > 0 else np.full(len(means), 1 / len(means))


def _pieces(demand: np.ndarray, worth: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    above = np.cumsum(demand, axis=0)
    points = np.concatenate([np.floor(above).ravel(), np.ceil(above).ravel()])
    edges = np.unique(np.concatenate([[0.0, float(most)], np.clip(points, 0.0, most)]))
    values = np.zeros(len(edges))
    below = np.zeros(len(edges))
    for place, earned in enumerate(worth):
        served = mean_served(above[place], edges)
        values += earned * (served - below)
        below = served
    if len(edges) == 1:
        return edges, np.empty(0)
    return edges, np.diff(values) / np.diff(edges)
