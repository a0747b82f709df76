"""Order ways: what a unit costs on each way that is open, lateness included, cheapest first.

Leaves out ways that can never be part of the best plan and those whose cost is not known.
Knows nothing of packs or pieces of worth; those are `order_goods`.
"""

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.way_choice import comparable, first_ways, known_cost
from planner.supply.order.order_places import sale_days
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves, slopes_of
from planner.terms import Limits


def late_rates(ways: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return the share of a late sale's worth that a unit loses on average by each way.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`.
    scope : Scope

    Notes
    -----
    ``(1 - on time) * min(late days / days of the campaign, 1)``; see `allocation.allocate`.
    """
    days = ways["market"].map(sale_days(scope)).astype(float)
    return (1.0 - ways["on_time_rate"]) * (ways["late_days"] / days).clip(upper=1.0)


def late_costs(ways: pd.DataFrame, curves: Curves, *, scope: Scope) -> pd.Series:
    """Return by market and SKU what being late costs a unit on the way it takes if nothing binds.

    Parameters
    ----------
    ways : DataFrame
        Table `SkuWays`.
    curves : Curves
    scope : Scope

    Returns
    -------
    Series
        As the allocation reckons it; SKUs without a way are not in it. [currency/unit]
    """
    first = first_ways(ways).set_index(KEYS)
    rates = late_rates(first.reset_index(), scope).set_axis(first.index)
    lost = pd.Series(late_loss(slopes_of(curves)), index=curves.keys)
    return (rates * lost.reindex(rates.index)).dropna()


def late_loss(slopes: np.ndarray) -> np.ndarray:
    """Return what a unit earns more in the sale than left over; 0 where unknown."""
    return np.nan_to_num(slopes[:, 0] - slopes[:, -1])


def routes_of(
    keys: pd.MultiIndex, ways: pd.DataFrame, slopes: np.ndarray, scope: Scope
) -> pd.DataFrame:
    """Return the ways allowed, each with the money a unit costs that way, lateness included."""
    routes = comparable(ways)
    routes["row"] = keys.get_indexer(pd.MultiIndex.from_frame(routes[KEYS]))
    routes = routes[routes["row"] >= 0].reset_index(drop=True)
    routes["late_cost"] = late_rates(routes, scope) * late_loss(slopes)[routes["row"]]
    routes["landed"] = routes["landed_cost"]
    routes["freight"] = routes["unit_freight_cost"]
    # A way of unknown cost is the only one of goods of unknown worth: neither is in the sum.
    routes["cost"] = known_cost(routes).fillna(0.0) + routes["late_cost"]
    return routes


def with_prices(
    routes: pd.DataFrame,
    boxes: pd.DataFrame,
    charges: pd.DataFrame,
    fees: list[tuple[float, pd.MultiIndex]],
) -> pd.DataFrame:
    """Return the ways with the container and least charge they come under, and what is paid.

    `has_fee` says whether a fee is owed once for goods that go this way and not for all others.
    """
    for name, frame in (("box", boxes), ("charge", charges)):
        places = pd.MultiIndex.from_frame(frame[["market", "mode"]])
        routes[name] = places.get_indexer(pd.MultiIndex.from_frame(routes[["market", "mode"]]))
    ways = pd.MultiIndex.from_frame(routes[[*KEYS, "mode"]])
    routes["has_fee"] = False
    for _, members in fees:
        owed = pd.Series(ways.isin(members), index=routes.index)
        routes["has_fee"] |= owed & ~owed.groupby(routes["row"]).transform("all")
    boxed = routes["freight"].where(routes["box"] >= 0, 0.0).fillna(0.0)
    routes["paid"] = routes["cost"] - boxed
    return routes


def in_turn(routes: pd.DataFrame) -> pd.DataFrame:
    """Return the ways of each SKU, cheapest first, slow before fast."""
    order = ["row", "paid", "lead_days", "mode"]
    return routes.sort_values(order, ascending=[True, True, False, True]).reset_index(drop=True)


def without_worse(routes: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    """Leave out ways that cost no less than an earlier way which nothing of its own limits."""
    named = set(limits.mode_cbm)
    bound = routes["mode"].isin(named) | (routes["market"] + "." + routes["mode"]).isin(named)
    is_open = ~bound & (routes["box"] < 0) & (routes["charge"] < 0) & ~routes["has_fee"]
    spent = routes["landed"].fillna(np.inf)
    least = spent.where(is_open, np.inf).groupby(routes["row"]).cummin()
    before = least.groupby(routes["row"]).shift(fill_value=np.inf)
    is_cheaper = (spent < before) & (limits.budget is not None)
    seen = is_open.groupby(routes["row"]).cumsum() - is_open
    return routes[(seen == 0) | is_cheaper].reset_index(drop=True)
