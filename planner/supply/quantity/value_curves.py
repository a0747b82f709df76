"""Value curves: what a supply of new units is worth, before it is paid for.

Knows demand world by world, stock at hand, the price of a unit and the exits of
what is left over. Knows nothing of ways, limits or cartons: those are
`order_model` and `allocation`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.leftovers.exits import exit_ladder
from planner.supply.quantity import newsvendor
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.position import HORIZON_PHASES, available_by_world, midway

LEVEL_TOLERANCE = 1e-9
"""Breakpoints nearer than this are one. [units]"""
TAIL_LEVELS = (0.975, 0.99, 0.995)
"""Chances of no stock-out looked at beside an even grid: a dear missed sale lies out there."""
LeftoverValue = Callable[[np.ndarray], np.ndarray]
"""From units left over, shape (n_sku, n_worlds), to what they bring, of the same shape."""


class Curves(NamedTuple):
    """Worth of new units by market and SKU, as breakpoints of a concave line."""

    keys: pd.MultiIndex
    """market and sku of every row."""
    units: np.ndarray
    """Units newly supplied, shape (n_sku, n_points), rising; the first is 0. [units]"""
    value: np.ndarray
    """Expected worth before its landed cost, same shape; NaN where unknown. [currency]"""


def plain_curves(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    exits: pd.DataFrame | LeftoverValue | None,
    *,
    scope: Scope,
    n_points: int = 24,
) -> Curves:
    """Return what a supply that is on the shelf in time is worth, for every market and SKU.

    Parameters
    ----------
    draws, position, economics : DataFrame
        Tables `DemandDraws`, `StockPosition` and `UnitEconomics`.
    exits : DataFrame, callable or None
        Table `Exits`; or what units left over bring; without it each brings the constant
        `leftover_revenue` of the economics.
    scope : Scope
        Penalty of a missed sale, and the buffer under the profit rule.
    n_points : int
        Breakpoints of a curve, at least 8.

    Returns
    -------
    Curves
        Breakpoints at quantiles of what demand leaves short, one of them at the critical ratio;
        the last lies beyond any demand drawn. Values at breakpoints are exact, between them the
        straight line lies at most a little below.

    Notes
    -----
    ``net price * sold + value of leftovers - penalty * lost``, each with the stock of its world,
    ``net price = price - selling cost``. Exits are used best first, by what is left of goods that
    landed while the campaign ran too. Where a leftover would bring more than a sale the line is
    no longer concave; its upper hull is taken then.

    A buffer that the policy sets under the profit rule is extra demand that every world is
    planned for, as `cushions` adds it to the target; 0 unless set.
    """
    keys, demand = newsvendor.market_draws(draws, phases=HORIZON_PHASES)
    _, stock = available_by_world(position, draws)
    also = midway(position.set_index(KEYS).loc[keys].reset_index(), draws).left
    facts = economics.set_index(KEYS).reindex(keys)
    buffer = scope.policy.buffer if scope.policy.rule == "profit" else 0.0
    short = demand + buffer * demand.mean(axis=1, keepdims=True) - stock
    units = _breakpoints(np.maximum(short, 0.0), facts["critical_ratio"].to_numpy(), n_points)
    bring = _bringing(exits, keys, facts["leftover_revenue"].to_numpy(dtype=float))
    price = facts["price"].to_numpy(dtype=float)
    net = price - facts["selling_cost"].to_numpy(dtype=float)
    penalty = scope.policy.stock_out_penalty_rate * price
    wanted = np.maximum(demand, 0.0).mean(axis=1)
    value = np.empty_like(units)
    for point in range(units.shape[1]):
        left = units[:, [point]] - short
        lost = np.maximum(-left, 0.0).mean(axis=1)
        brought = bring(np.maximum(left, 0.0) + also).mean(axis=1)
        value[:, point] = net * (wanted - lost) + brought - penalty * lost
    return Curves(keys, units, _hulls(units, value))


def slopes_of(curves: Curves) -> np.ndarray:
    """Return what one unit more is worth from each breakpoint on.

    Parameters
    ----------
    curves : Curves

    Returns
    -------
    ndarray, shape (n_sku, n_points)
        Falling; beyond the last breakpoint that of the last piece. [currency/unit]
    """
    pieces = np.diff(curves.value, axis=1) / np.diff(curves.units, axis=1)
    return np.concatenate([pieces, pieces[:, -1:]], axis=1)


def worth_at(curves: Curves, units: np.ndarray) -> np.ndarray:
    """Return what a supply of `units` is worth, read off the curves.

    Parameters
    ----------
    curves : Curves
    units : ndarray, shape (n_sku,)
        [units]

    Returns
    -------
    ndarray, shape (n_sku,)
        [currency]

    Examples
    --------
    >>> keys = pd.MultiIndex.from_tuples([("TH", "A")])
    >>> curves = Curves(keys, np.array([[0.0, 10.0, 20.0]]), np.array([[0.0, 50.0, 60.0]]))
    >>> worth_at(curves, np.array([15.0])).tolist(), worth_at(curves, np.array([30.0])).tolist()
    ([55.0], [70.0])
    """
    asked = np.asarray(units, dtype=float)
    piece = (curves.units <= asked[:, None]).sum(axis=1) - 1
    row = np.arange(len(asked))
    start, base = curves.units[row, piece], curves.value[row, piece]
    return base + slopes_of(curves)[row, piece] * (asked - start)


def exit_ladders(
    exits: pd.DataFrame, keys: pd.MultiIndex, otherwise: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return the open exits of every SKU, best first, as units each takes and what one brings.

    Parameters
    ----------
    exits : DataFrame
        Table `Exits`.
    keys : MultiIndex, shape (n_sku,)
    otherwise : ndarray, shape (n_sku,)
        What a unit brings where no exit is open and known. [currency/unit]

    Returns
    -------
    room, revenue : ndarray, shape (n_sku, n_exits)
        The last exit of a SKU takes all that is left. [units], [currency/unit]
    """
    room, revenue = exit_ladder(exits, keys=keys)
    constant = np.asarray(otherwise, dtype=float)[:, None]
    return room, np.where(np.isnan(revenue), constant, revenue)


def _bringing(
    exits: pd.DataFrame | LeftoverValue | None, keys: pd.MultiIndex, constant: np.ndarray
) -> LeftoverValue:
    if callable(exits):
        return exits
    if exits is None:
        return lambda left: constant[:, None] * left
    room, revenue = exit_ladders(exits, keys, constant)
    before = np.concatenate([np.zeros((len(keys), 1)), np.cumsum(room, axis=1)[:, :-1]], axis=1)

    def bring(left: np.ndarray) -> np.ndarray:
        total = np.zeros_like(left)
        for place in np.flatnonzero(room.any(axis=0)):
            taken = np.clip(left - before[:, [place]], 0.0, room[:, [place]])
            total += taken * revenue[:, [place]]
        return total

    return bring


def _breakpoints(short: np.ndarray, ratio: np.ndarray, n_points: int) -> np.ndarray:
    """Return rising breakpoints: quantiles of what is short, each once, the spare ones beyond."""
    even = np.linspace(0.0, 1.0, n_points - len(TAIL_LEVELS) - 3)[1:]
    levels = np.array([*even, *TAIL_LEVELS])
    columns = newsvendor.optimal_units(short, levels[:, None])
    best = np.nan_to_num(newsvendor.optimal_units(short, ratio))
    nothing = np.zeros(len(short))
    points = np.sort(np.column_stack([nothing, best, short.min(axis=1), *columns]), axis=1)
    is_again = np.diff(points, axis=1, prepend=-1.0) <= LEVEL_TOLERANCE
    points = np.sort(np.where(is_again, np.inf, points), axis=1)
    points = np.column_stack([points, np.full(len(points), np.inf)])
    most = short.max(axis=1)
    spare = np.isinf(points)
    step = (
        np.maximum(most, 1.0)[:, None] * np.cumsum(spare, axis=1) / spare.sum(axis=1, keepdims=True)
    )
    return np.where(spare, most[:, None] + step, points)


def _hulls(units: np.ndarray, value: np.ndarray) -> np.ndarray:
    """Return the least concave line above each row; rows that are concave come back as they are."""
    slopes = np.diff(value, axis=1) / np.diff(units, axis=1)
    room = 1e-9 * (1.0 + np.abs(slopes[:, :1]))
    hulls = value.copy()
    for row in np.flatnonzero((np.diff(slopes, axis=1) > room).any(axis=1)):
        corner = _corners(units[row], value[row])
        hulls[row] = np.interp(units[row], units[row][corner], value[row][corner])
    return hulls


def _corners(units: np.ndarray, value: np.ndarray) -> list[int]:
    corners: list[int] = []
    for place in range(len(units)):
        while len(corners) > 1 and _is_below(corners[-2], corners[-1], place, units, value):
            corners.pop()
        corners.append(place)
    return corners


def _is_below(first: int, middle: int, last: int, units: np.ndarray, value: np.ndarray) -> bool:
    rise = (value[last] - value[first]) * (units[middle] - units[first])
    return value[middle] - value[first] <= rise / (units[last] - units[first])
