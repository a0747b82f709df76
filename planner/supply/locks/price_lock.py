"""Price lock: what a unit may earn at a price that can no longer be changed, and what to do.

Puts the worlds of cost beside demand and exits: refuse, lock at most so many, ask for a higher
price, or register. Knows nothing of the order; that is `allocation`.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.prices import LOCKED_PHASES
from planner.supply.leftovers.exits import exit_ladder, ladder_value
from planner.supply.locks.lock_reasons import lock_reasons, settle_days
from planner.supply.locks.lock_stock import (
    LATER_PHASES,
    WHOLE_TOLERANCE,
    Ladder,
    demand_in,
    with_later_sales,
    with_plan,
    withdrawn_gain,
)
from planner.supply.locks.lock_worlds import SKUS_AT_A_TIME, LockWorlds, lock_worlds
from planner.supply.quantity.newsvendor import KEYS, expected_leftover, expected_sold
from planner.supply.trips.lanes import bound

LOW_QUANTILE, HIGH_QUANTILE = 0.05, 0.95


def guard_prices(
    catalogue: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame | None,
    draws: pd.DataFrame,
    exits: pd.DataFrame,
    fees: pd.DataFrame,
    *,
    scope: Scope,
    lanes: pd.DataFrame,
    duty_rates: pd.DataFrame,
    return_rates: pd.DataFrame,
    bounds: pd.DataFrame,
    plan: pd.DataFrame | None = None,
    position: pd.DataFrame | None = None,
    gates: pd.DataFrame | None = None,
    n: int = 2000,
    spread: float = 1.0,
) -> pd.DataFrame:
    """Return for every market and SKU what a unit earns at the locked price, and the advice.

    Parameters
    ----------
    catalogue, economics, draws, exits : DataFrame
        Tables `Catalogue`, `UnitEconomics`, `DemandDraws` and `Exits`.
    ways : DataFrame or None
        Table `SkuWays`: freight of the way a SKU takes; without it freight has no range.
    fees, lanes, duty_rates, return_rates, bounds : DataFrame
        Registers `Fees`, `Lanes`, `DutyRates`, `ReturnRates` and `Bounds`, rows in force.
    scope : Scope
    plan : DataFrame, optional
        Table `StockPlan`: no more can be locked than will be at hand when the sale starts. Without
        it that is what the sale asks for in 95 of 100 worlds.
    position : DataFrame, optional
        Table `StockPosition`: with the plan it says what not registering would earn.
    gates : DataFrame, optional
        Table `Gates`: what may not be ordered cannot be listed either.
    n : int
        Worlds of cost, drawn from the scope's seed.
    spread : float
        Widens (above 1) or narrows every range of cost about its mean.

    Returns
    -------
    DataFrame
        Table `PriceLocks`.

    Notes
    -----
    The lock binds in the phase `sale` alone: the price is the campaign's, demand that of the
    sale. What it leaves goes on at the ordinary price, as many as are expected to be asked for in
    the rest of the horizon, and only then to the exits; neither ever counts for more than a sale
    at the locked price.

    ``unit profit = price * (1 - share) - cost - leftovers``, where `leftovers` is the expected
    loss on units left over of `max_units`, spread over those sold. In each world freight lies
    evenly in its published range; the exchange rate moves the goods by ``normal * yearly spread *
    sqrt(years to the end)``; the return rate and the creators' share (where the seller names
    none) lie evenly in their bounds; duty under DDU lies evenly from nothing to all of it, a duty
    nobody knows in the bound `duty_unknown`.

    ``G(N) = net * E[min(D, N)] + E[exits((N - D)+)] - landed * N``; `max_units` is the last N
    for which ``G(N) - G(N - 1) > 0`` at the mean cost.

    ==============  ===============================================================
    advice          when
    ==============  ===============================================================
    unlisted        a gate keeps the SKU off the platform
    unknown         price, landed or selling cost are not known
    refuse          a unit sold loses money at the mean of the costs known, or nobody will buy
    raise_price     the chance of a loss is above the bound `price_lock_loss_chance`
    cap             the sale may ask for more of what is at hand, by a full carton, than is worth
                    locking
    register        else
    ==============  ===============================================================

    What will be at hand when the sale starts is stock and order less the mean demand before. Units
    beyond `max_units` (a minimum order, old stock, a rule that is not profit's) bring more by
    their exits than in the sale, so that a lock of all of them is the costly habit; an order
    rounded up to a carton is not. Without a plan any demand above `max_units` counts.

    What is only guessed (creators, an unknown duty, DDU) never refuses: it raises the price asked.
    `least_price` is the lowest at which that chance is kept; unknown where costs by price eat
    all of it.
    """
    if economics.empty:
        return tables.empty(tables.PriceLocks)
    worlds = lock_worlds(
        catalogue,
        economics,
        ways,
        fees,
        scope=scope,
        lanes=lanes,
        duty_rates=duty_rates,
        return_rates=return_rates,
        bounds=bounds,
        n=n,
        spread=spread,
    )
    level = bound(bounds, "price_lock_loss_chance").high
    frame = _figures(worlds, draws, exits, level)
    if plan is not None:
        frame = with_plan(frame, plan, catalogue, draws)
    if plan is not None and position is not None:
        frame["withdrawn_gain"] = withdrawn_gain(frame, plan, position, draws, exits)
    frame = _advised(frame, level, gates)
    frame["settle_by"] = settle_days(frame["market"], scope)
    frame["currency"] = scope.seller.currency
    frame["reason"] = lock_reasons(frame, level, scope)
    return tables.checked(tables.PriceLocks, frame[tables.columns(tables.PriceLocks)])


def last_worth(
    demand: np.ndarray, ladder: Ladder, net_revenue: np.ndarray, landed_cost: np.ndarray
) -> np.ndarray:
    """Return the last unit that is still worth locking.

    Parameters
    ----------
    demand : ndarray, shape (n_sku, n_draws)
        [units]
    ladder : tuple of ndarray
        Exits as `exits.exit_ladder` tells them.
    net_revenue, landed_cost : ndarray, shape (n_sku,)
        Of a unit sold, before its landed cost; of a unit on the shelf. [currency/unit]

    Returns
    -------
    ndarray, shape (n_sku,)
        Whole units, at most the largest demand; NaN where a figure is unknown.

    Notes
    -----
    What one more unit earns falls with their number, so that halving the interval finds the
    last one that earns. A SKU without a known exit loses all of a unit left over.
    """
    most = np.ceil(demand.max(axis=1)) if demand.shape[1] else np.zeros(len(demand))
    low, high = np.zeros(len(demand)), most.copy()
    while np.any(low < high):
        middle = np.ceil((low + high) / 2)
        pays = _one_more(middle, demand, ladder, net_revenue, landed_cost) > 0
        low = np.where((low < high) & pays, middle, low)
        high = np.where((low < high) & ~pays, middle - 1, high)
    return np.where(np.isnan(net_revenue) | np.isnan(landed_cost), np.nan, low)


def _one_more(
    units: np.ndarray,
    demand: np.ndarray,
    ladder: Ladder,
    net_revenue: np.ndarray,
    landed_cost: np.ndarray,
) -> np.ndarray:
    """Return what the last of `units` earns."""
    sold = expected_sold(demand, units) - expected_sold(demand, units - 1)
    left = _exit_worth(ladder, units, demand) - _exit_worth(ladder, units - 1, demand)
    return net_revenue * sold + left - landed_cost


def _exit_worth(ladder: Ladder, units: np.ndarray, demand: np.ndarray) -> np.ndarray:
    left = np.maximum(units[:, None] - demand, 0.0)
    return np.nan_to_num(ladder_value(*ladder, left)).mean(axis=1)


def _figures(
    worlds: LockWorlds, draws: pd.DataFrame, exits: pd.DataFrame, level: float
) -> pd.DataFrame:
    frame = worlds.frame.reset_index(drop=True)
    keys = pd.MultiIndex.from_frame(frame[KEYS])
    demand = demand_in(draws, keys, LOCKED_PHASES)
    later = demand_in(draws, keys, LATER_PHASES).mean(axis=1)
    ladder = with_later_sales(exit_ladder(exits, keys=keys), frame, later)
    parts = []
    for first in range(0, len(frame), SKUS_AT_A_TIME):
        here = slice(first, first + SKUS_AT_A_TIME)
        some = LockWorlds(frame.iloc[here], *(values[here] for values in worlds[1:]))
        parts.append(_block(some, demand[here], (ladder[0][here], ladder[1][here]), level))
    return pd.concat(parts)


def _block(worlds: LockWorlds, demand: np.ndarray, ladder: Ladder, level: float) -> pd.DataFrame:
    """Return the figures of some SKUs."""
    price = worlds.frame["price"].to_numpy(dtype=float)
    profit = price[:, None] * (1 - worlds.share) - worlds.cost
    margin = profit.mean(axis=1)
    net = margin + worlds.landed
    most = last_worth(demand, ladder, net, worlds.landed)
    held = np.nan_to_num(most)
    sold = expected_sold(demand, held)
    lost = worlds.landed * expected_leftover(demand, held) - _exit_worth(ladder, held, demand)
    leftovers = np.divide(lost, sold, out=np.zeros_like(sold), where=sold > 0)
    profit, cost = profit - leftovers[:, None], worlds.cost + leftovers[:, None]
    return worlds.frame.assign(
        margin=margin,
        mean_unit_profit=profit.mean(axis=1),
        low_unit_profit=np.quantile(profit, LOW_QUANTILE, axis=1),
        high_unit_profit=np.quantile(profit, HIGH_QUANTILE, axis=1),
        mean_unit_loss=np.where(np.isnan(margin), np.nan, np.maximum(-profit, 0.0).mean(axis=1)),
        loss_chance=np.where(np.isnan(margin), np.nan, (profit < 0).mean(axis=1)),
        max_units=most,
        asked_units=np.quantile(demand, HIGH_QUANTILE, axis=1),
        sale_units=demand.mean(axis=1),
        slack_units=0.0,
        cap_term="reason.lock_cap",
        withdrawn_gain=np.nan,
        least_price=_least_price(cost, worlds.share, level),
    )


def _least_price(cost: np.ndarray, share: np.ndarray, level: float) -> np.ndarray:
    even = np.divide(cost, 1 - share, out=np.full(cost.shape, np.inf), where=share < 1)
    place = int(np.ceil((1 - level) * cost.shape[1] - 1e-9)) - 1
    price = np.sort(even, axis=1)[:, max(place, 0)]
    return np.where(np.isfinite(price), np.maximum(price, 0.0), np.nan)


def _advice(frame: pd.DataFrame, level: float) -> np.ndarray:
    chosen = [
        frame["margin"].isna(),
        (frame["margin_profit"] < 0) | ((frame["margin"] >= 0) & (frame["max_units"] == 0)),
        frame["loss_chance"] > level,
        frame["max_units"] + frame["slack_units"] < np.ceil(frame["asked_units"] - WHOLE_TOLERANCE),
    ]
    return np.select(chosen, ["unknown", "refuse", "raise_price", "cap"], "register")


def _advised(frame: pd.DataFrame, level: float, gates: pd.DataFrame | None) -> pd.DataFrame:
    """Return the figures with the advice; what is not to be registered locks nothing."""
    advice = np.where(_is_shut(frame, gates), "unlisted", _advice(frame, level))
    is_out = np.isin(advice, ["refuse", "unlisted"])
    return frame.assign(advice=advice, max_units=frame["max_units"].mask(is_out, 0.0))


def _is_shut(frame: pd.DataFrame, gates: pd.DataFrame | None) -> np.ndarray:
    if gates is None:
        return np.zeros(len(frame), dtype=bool)
    shut = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] == "order", KEYS])
    return pd.MultiIndex.from_frame(frame[KEYS]).isin(shut)
