"""Shelves: what units of a SKU are worth in a warehouse, and what one more or fewer changes.

Knows demand and money of each warehouse, world by world. Knows nothing of how a unit
gets from one to another.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.way_choice import first_ways
from planner.supply.places.moves import served_markets
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES

MAX_STEPS = 64
"""Steps by which the worth of a SKU at a place is told; more only make the solver slow. [count]"""


class Shelf(NamedTuple):
    """One SKU at one warehouse, world by world."""

    on_hand_units: int
    inbound_units: int
    returning_units: float
    before: np.ndarray
    """Demand before the campaign, shape (n_draws,). [units]"""
    demand: np.ndarray
    """Demand of the campaign's horizon, shape (n_draws,). [units]"""
    sale_worth: float
    """Of a unit sold: price less selling cost, and the penalty that it spares. [currency]"""
    left_worth: float
    """Of a unit left over. [currency]"""
    buy_cost: float
    """Landed cost of one more unit; infinite where none can be bought. [currency]"""


class Steps(NamedTuple):
    """Pieces of a concave worth: how many units each has, and what a unit of it is worth."""

    units: np.ndarray
    worth: np.ndarray


def warehouse_draws(
    draws: pd.DataFrame, *, scope: Scope, phases: tuple[str, ...]
) -> tuple[pd.MultiIndex, np.ndarray]:
    """Return demand by warehouse and SKU: of the shops that draw on it, world by world.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.
    scope : Scope
    phases : tuple of str

    Returns
    -------
    keys : MultiIndex, shape (n,)
        warehouse and sku, sorted.
    units : ndarray, shape (n, n_draws)
        [units]
    """
    houses = {shop.shop: shop.warehouse for shop in scope.shops}
    known = draws[draws["shop"].isin(houses)]
    moved = known.assign(market=known["shop"].map(houses).astype("str"))
    keys, units = market_draws(moved, phases=phases)
    return keys.set_names(["warehouse", "sku"]), units


def shelves_of(
    held: pd.DataFrame,
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
) -> dict[tuple[str, str], Shelf]:
    """Return by warehouse and SKU the shelves whose stock and worth are known.

    Parameters
    ----------
    held : DataFrame
        As `position.by_warehouse` returns it.
    draws, position, economics, ways, catalogue : DataFrame
        Tables `DemandDraws`, `StockPosition`, `UnitEconomics`, `SkuWays`, `Catalogue`.
    scope : Scope

    Notes
    -----
    Units where no shop of the campaign is served are worth what the market's leftovers are, or
    what policy keeps of their cost in China and where the seller does not sell. In a market where
    the seller sells outside the campaign their worth is not known here.
    """
    rows = held[held["is_known"]].merge(catalogue[["sku", "unit_cost"]], on="sku", how="left")
    rows["served"] = rows["warehouse"].map(served_markets(scope))
    rows["priced"] = rows["served"].fillna(rows["market"]).astype("str")
    money = economics.rename(columns={"market": "priced"})
    columns = ["price", "selling_cost", "leftover_revenue"]
    rows = rows.merge(money[["priced", "sku", *columns]], on=["priced", "sku"], how="left")
    bought = first_ways(ways).set_index(KEYS)["landed_cost"].to_dict()
    keys, demand = warehouse_draws(draws, scope=scope, phases=HORIZON_PHASES)
    before = warehouse_draws(draws, scope=scope, phases=("before",))[1]
    returning = _returning(position, keys, demand, scope, "returning_units")
    early = _returning(position, keys, before, scope, "early_units")
    before = np.maximum(before - early[:, None], 0.0)  # what comes back first serves it
    nothing = np.zeros(demand.shape[1])
    places = {key: place for place, key in enumerate(keys)}
    found = {}
    for row in rows.itertuples():
        place = places.get((row.warehouse, row.sku), -1)
        sale, left = _unit_worth(row, scope)
        cost = bought.get((row.served, row.sku), math.nan)
        if not math.isnan(sale + left):
            found[row.warehouse, row.sku] = Shelf(
                row.on_hand_units,
                row.inbound_units,
                returning[place] if place >= 0 else 0.0,
                before[place] if place >= 0 else nothing,
                demand[place] if place >= 0 else nothing,
                sale,
                left,
                math.inf if math.isnan(cost) else float(cost),
            )
    return found


def worth_of(shelf: Shelf, net_units: np.ndarray) -> np.ndarray:
    """Return the expected worth of a shelf after `net_units` came to it, or left it (below 0).

    Parameters
    ----------
    shelf : Shelf
    net_units : ndarray, shape (n,)
        Units that leave do so now, ahead of the demand before the campaign; those that come are
        there for the campaign only. [units]

    Returns
    -------
    ndarray, shape (n,)
        Concave in `net_units`. [currency]

    Examples
    --------
    >>> worlds = np.array([10.0, 30.0])
    >>> shelf = Shelf(20, 0, 0.0, np.zeros(2), worlds, 5.0, 1.0, math.inf)
    >>> worth_of(shelf, np.array([-10.0, 0.0, 10.0])).tolist()
    [50.0, 80.0, 110.0]
    """
    net = np.asarray(net_units, dtype=float)
    back = shelf.returning_units
    own = shelf.on_hand_units + shelf.inbound_units + np.minimum(net, 0.0)
    extra = np.maximum(shelf.demand - back, 0.0)
    kept = shelf.on_hand_units + shelf.inbound_units - shelf.before
    short = np.maximum(shelf.demand - back - np.maximum(kept, 0.0), 0.0)
    before = mean_served(shelf.before, own)
    during = mean_served(shelf.before + extra, own) - before + (shelf.demand - extra).mean()
    during = during + mean_served(short, np.maximum(net, 0.0))
    over = own - before + back + np.maximum(net, 0.0) - during
    return shelf.sale_worth * (before + during) + shelf.left_worth * over


def mean_served(demand: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return the mean over worlds of what a stock serves, ``min(demand, units)``.

    Parameters
    ----------
    demand : ndarray, shape (n_draws,)
    units : ndarray, shape (n,)

    Returns
    -------
    ndarray, shape (n,)
        [units]

    Examples
    --------
    >>> mean_served(np.array([10.0, 30.0]), np.array([0.0, 20.0, 40.0])).tolist()
    [0.0, 15.0, 20.0]
    """
    ranked = np.sort(demand)
    sums = np.concatenate([[0.0], np.cumsum(ranked)])
    place = np.searchsorted(ranked, units)
    return (sums[place] + units * (len(ranked) - place)) / len(ranked)


def giving(shelf: Shelf) -> Steps:
    """Return what each unit that leaves a shelf costs it, the cheapest first.

    Notes
    -----
    A unit that is missed by the campaign can be bought again; one missed before it cannot.
    """
    own = shelf.on_hand_units + shelf.inbound_units
    over = own - shelf.before - np.maximum(shelf.demand - shelf.returning_units, 0.0)
    units = _grid(np.concatenate([own - shelf.before, over]), shelf.on_hand_units)
    if len(units) == 1:
        return Steps(np.empty(0), np.empty(0))
    loss = -np.diff(worth_of(shelf, -units)) / np.diff(units)
    sold_before = mean_served(shelf.before, own - units)
    for_good = -np.diff(sold_before) / np.diff(units) * shelf.sale_worth
    return Steps(np.diff(units), np.maximum.accumulate(np.minimum(loss, for_good + shelf.buy_cost)))


def taking(shelf: Shelf, most: int) -> Steps:
    """Return what each unit that comes to a shelf, up to `most`, is worth there; the best first.

    Notes
    -----
    Where a unit can be bought, none is worth more than its landed cost.
    """
    own = np.maximum(shelf.on_hand_units + shelf.inbound_units - shelf.before, 0.0)
    units = _grid(shelf.demand - own - shelf.returning_units, most)
    if len(units) == 1:
        return Steps(np.empty(0), np.empty(0))
    gain = np.diff(worth_of(shelf, units)) / np.diff(units)
    return Steps(np.diff(units), np.minimum.accumulate(np.minimum(gain, shelf.buy_cost)))


def _unit_worth(row: Any, scope: Scope) -> tuple[float, float]:
    """Return what a unit sold and one left over are worth there; NaN where it is not known."""
    if isinstance(row.served, str):
        penalty = scope.policy.stock_out_penalty_rate * row.price
        sale = row.price - row.selling_cost + penalty
        return max(sale, 0.0), min(row.leftover_revenue, max(sale, 0.0))
    if row.market in scope.markets:
        return 0.0, row.leftover_revenue
    is_elsewhere = row.market in scope.seller.markets
    return 0.0, math.nan if is_elsewhere else row.unit_cost * scope.policy.leftover_value_rate


def _returning(
    position: pd.DataFrame, keys: pd.MultiIndex, demand: np.ndarray, scope: Scope, name: str
) -> np.ndarray:
    """Return units that come back, by place: a market's, shared by what its places sell."""
    frame = keys.to_frame(index=False)
    frame["market"] = frame["warehouse"].map(served_markets(scope)).astype("str")
    frame["mean_units"] = demand.mean(axis=1)
    frame = frame.merge(position[[*KEYS, name]], on=KEYS, how="left")
    total = frame.groupby(KEYS)["mean_units"].transform("sum")
    share = frame["mean_units"] / total.where(total > 0)
    return (share * frame[name]).fillna(0.0).to_numpy()


def _grid(breaks: np.ndarray, most: int) -> np.ndarray:
    points = np.concatenate([np.floor(breaks), np.ceil(breaks)])
    points = np.unique(np.concatenate([[0.0, most], np.clip(points, 0.0, most)]))
    if len(points) > MAX_STEPS + 1:
        points = points[np.linspace(0, len(points) - 1, MAX_STEPS + 1).round().astype(int)]
    return points
