"""Position: the stock that can serve the promotion before anything new is ordered.

Knows what lies on the shelf, what arrives in time or while the campaign runs, what is sold
before the start and what comes back from buyers. A SKU without any stock row is unknown: its
figures are 0, returns included, and `is_known` says that they mean nothing.
"""

from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.intake.known import newest_known, sold_since
from planner.scope import Scope
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.returning import replenished_on, units_back
from planner.supply.trips.lanes import STEP

HORIZON_PHASES = ("warm_up", "sale", "tail", "after")
"""Phases the promo order must cover."""
COUNTS = ["on_hand_units", "inbound_units", "late_units"]


class Midway(NamedTuple):
    """Goods that land while the campaign runs, each of shape (n_sku, n_draws). [units]."""

    served: np.ndarray
    """Of them, what demand from their day on takes."""
    left: np.ndarray
    """What it does not."""


def stock_position(
    stock: pd.DataFrame,
    draws: pd.DataFrame,
    *,
    scope: Scope,
    return_rates: pd.DataFrame,
    daily: pd.DataFrame,
    catalogue: pd.DataFrame,
) -> pd.DataFrame:
    """Return for each market and SKU the stock that can serve the promotion.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; of each warehouse the newest known snapshot counts, whole.
    draws : DataFrame
        Table `DemandDraws`; its markets and SKUs are those of the answer.
    scope : Scope
        Places warehouses in markets; shops that share one are served from the same units.
    return_rates : DataFrame
        Register `ReturnRates`.
    daily : DataFrame
        Table `DailySales`: sales since the snapshot, and sales still to come back.
    catalogue : DataFrame
        Table `Catalogue`, for the category.

    Returns
    -------
    DataFrame
        Table `StockPosition`.

    Notes
    -----
    ``on_hand = counted - sold since the count``, each warehouse from its own count on, not below
    zero; a snapshot of day D is taken as made before the sales of D. Inbound counts where its date
    lies not before its snapshot and not after the first phase day; without a date, overdue or later
    it is `late_units`. Of these, what is dated within the horizon is `later_units`: it serves
    demand from `later_on` on, the day by which all of it is there, see `midway`; the rest counts
    nowhere.
    ``available = mean over worlds of max(on_hand + inbound + early - before, 0) + returning +
    served``: what comes back before the campaign serves what sells before it.

    Units come back as `returning.units_back` has it; none where the stock of a SKU is not known.
    """
    keys, before = market_draws(draws, phases=("before",))
    goods = keys.to_frame(index=False)
    held = _held(stock, daily, scope)
    frame = goods.merge(held, on=KEYS, how="left")
    frame["is_known"] = frame["on_hand_units"].notna()
    counts = [*COUNTS, "later_units"]
    frame[counts] = frame[counts].fillna(0).astype("int64")
    frame["demand_before_units"] = before.mean(axis=1)
    back = units_back(goods, draws, daily, return_rates, catalogue, scope=scope)
    frame["early_units"] = np.where(frame["is_known"], back.early, 0.0)
    frame["returning_units"] = np.where(frame["is_known"], back.units, 0.0)
    frame["later_left_units"] = midway(frame, draws).left.mean(axis=1)
    frame["again_units"] = np.where(frame["is_known"], back.again, 0.0)
    frame["available_units"] = _stock_by_world(frame, before, draws).mean(axis=1)
    return tables.checked(tables.StockPosition, frame)


def available_by_world(
    position: pd.DataFrame, draws: pd.DataFrame
) -> tuple[pd.MultiIndex, np.ndarray]:
    """Return the available units world by world: much sold before leaves little to sell.

    Parameters
    ----------
    position : DataFrame
        Table `StockPosition` of the same draws.
    draws : DataFrame
        Table `DemandDraws`.

    Returns
    -------
    keys : MultiIndex, shape (n_sku,)
    units : ndarray, shape (n_sku, n_draws)
        Its mean over worlds is the position's `available_units`. [units]
    """
    keys, before = market_draws(draws, phases=("before",))
    return keys, _stock_by_world(position.set_index(KEYS).loc[keys].reset_index(), before, draws)


def midway(position: pd.DataFrame, draws: pd.DataFrame) -> Midway:
    """Return what goods that land while the campaign runs serve, and what of them is left.

    Parameters
    ----------
    position : DataFrame
        Table `StockPosition`; the order of its rows is kept.
    draws : DataFrame
        Table `DemandDraws`; a phase's demand is spread evenly over its days.

    Notes
    -----
    ``served = min(later_units, demand from later_on on)`` of each world. Demand of those days
    takes these goods first, which changes nothing in what all goods together sell: a unit of
    stock that is spared serves the next buyer, and is left over if there is none.
    """
    later = position["later_units"].to_numpy(dtype=float)[:, None]
    wanted = np.zeros((len(position), max((len(row) for row in draws["draws"]), default=1)))
    rows = np.flatnonzero(later[:, 0] > 0)
    if len(rows):
        days = position.iloc[rows].set_index(KEYS)["later_on"]
        keys, units = market_draws(_from_day_on(draws, days), phases=HORIZON_PHASES)
        wanted[rows] = units[keys.get_indexer(days.index)]
    served = np.minimum(later, wanted)
    return Midway(served, later - served)


def without_midway(plan: pd.DataFrame, position: pd.DataFrame) -> pd.DataFrame:
    """Return a plan whose available units are those at hand when the campaign starts.

    Parameters
    ----------
    plan, position : DataFrame
        Tables `StockPlan` and `StockPosition`: goods that land later can be neither locked nor
        shared out among channels before they are there.
    """
    served = position["later_units"] - position["later_left_units"]
    served = served.set_axis(pd.MultiIndex.from_frame(position[KEYS]))
    late = served.reindex(pd.MultiIndex.from_frame(plan[KEYS])).fillna(0.0).to_numpy()
    return plan.assign(available_units=(plan["available_units"] - late).clip(lower=0.0))


def by_warehouse(
    stock: pd.DataFrame, draws: pd.DataFrame, *, scope: Scope, daily: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return what lies in each warehouse of the seller, those in China and elsewhere included.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`.
    draws : DataFrame
        Table `DemandDraws`; its SKUs are those of the answer.
    scope : Scope
    daily : DataFrame, optional
        Table `DailySales`: what the shops of a warehouse sold since its count is gone from it.

    Returns
    -------
    DataFrame
        warehouse, market, sku, on_hand_units, inbound_units, late_units, is_known; one row per
        warehouse and SKU, in the order of seller.yml and of SKUs.

    Notes
    -----
    Inbound is in time as in `stock_position`; at a warehouse outside the campaign's markets none
    is. A SKU that a counted warehouse does not name lies not there, if another warehouse names
    it; in a warehouse that nobody counted, or where no warehouse names it, it is unknown.
    """
    houses = [(house.warehouse, house.market) for house in scope.seller.warehouses]
    places = pd.DataFrame(houses, columns=["warehouse", "market"]).astype("str")
    skus = pd.DataFrame({"sku": sorted(set(draws["sku"]))}).astype("str")
    frame = places.merge(skus, how="cross")
    held = _held_at(stock, daily, scope)
    frame = frame.merge(held, on=["warehouse", "sku"], how="left")
    is_counted = frame["warehouse"].isin(held["warehouse"]) & frame["sku"].isin(held["sku"])
    frame["is_known"] = frame["on_hand_units"].notna() | is_counted
    frame[COUNTS] = frame[COUNTS].fillna(0).astype("int64")
    return frame


def horizon_days(scope: Scope) -> dict[str, int]:
    """Return by market the days from the first phase day to the last before replenishment."""
    return {
        market: (plan.next_replenishment_on - plan.phases.start) // timedelta(days=1)
        for market, plan in scope.plans.items()
    }


def _stock_by_world(frame: pd.DataFrame, before: np.ndarray, draws: pd.DataFrame) -> np.ndarray:
    parts = ["on_hand_units", "inbound_units", "early_units"]
    shelf = frame[parts].sum(axis=1).to_numpy(dtype=float)
    left = np.maximum(shelf[:, None] - before, 0.0) + midway(frame, draws).served
    return left + frame["returning_units"].to_numpy(dtype=float)[:, None]


def _from_day_on(draws: pd.DataFrame, days: pd.Series) -> pd.DataFrame:
    """Return of each SKU's draws the share that falls on its day or later."""
    part = draws[pd.MultiIndex.from_frame(draws[KEYS]).isin(days.index)]
    first = part[KEYS].join(days.rename("first"), on=KEYS)["first"]
    whole = (part["ends_on"] - part["starts_on"]).dt.days + 1
    past = (first - part["starts_on"]).dt.days.clip(lower=0)
    share = (1.0 - past / whole.where(whole > 0)).clip(lower=0.0).fillna(0.0)
    drawn = [np.asarray(row, dtype=float) * s for row, s in zip(part["draws"], share, strict=True)]
    return part.assign(draws=pd.Series(drawn, index=part.index, dtype=object))


def _held(stock: pd.DataFrame, daily: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    newest = _newest(stock, scope)
    newest = newest[newest["market"].isin(scope.markets)]
    held = _counted(newest, KEYS, scope).merge(_later(newest, scope), on=KEYS, how="left")
    return _less_sold(held, newest, daily, scope)


def _held_at(stock: pd.DataFrame, daily: pd.DataFrame | None, scope: Scope) -> pd.DataFrame:
    newest = _newest(stock, scope)
    held = _counted(newest, ["warehouse", "sku"], scope)
    return held if daily is None else _less_sold(held, newest, daily, scope)


def _less_sold(
    held: pd.DataFrame, newest: pd.DataFrame, daily: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    """Return the rows less what sold since, each warehouse from the day of its own count on."""
    keys = [name for name in ("warehouse", *KEYS) if name in held]
    sums = sold_since(newest, daily, scope.as_of(STEP), seller=scope.seller)
    sold = sums.groupby(keys)["units"].sum().reindex(pd.MultiIndex.from_frame(held[keys]))
    left = held["on_hand_units"] - sold.fillna(0).to_numpy(dtype="int64")
    return held.assign(on_hand_units=left.clip(lower=0))


def _later(newest: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return what is dated after the first phase day and before the horizon ends."""
    due = newest["available_on"]
    is_later = (newest["stage"] != "on_hand") & (due >= newest["as_of"])
    is_later &= (due > _starts_on(newest, scope)) & (due < replenished_on(newest["market"], scope))
    named = {"later_units": ("units", "sum"), "later_on": ("available_on", "max")}
    return newest[is_later].groupby(KEYS, as_index=False).agg(**named)


def _starts_on(newest: pd.DataFrame, scope: Scope) -> pd.Series:
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    return pd.to_datetime(newest["market"].map(starts))


def _counted(newest: pd.DataFrame, keys: list[str], scope: Scope) -> pd.DataFrame:
    is_shelf = newest["stage"] == "on_hand"
    due = newest["available_on"]
    is_timely = ~is_shelf & (due >= newest["as_of"]) & (due <= _starts_on(newest, scope))
    parts = newest.assign(
        on_hand_units=newest["units"].where(is_shelf, 0),
        inbound_units=newest["units"].where(is_timely, 0),
        late_units=newest["units"].where(~is_shelf & ~is_timely, 0),
    )
    sums = {name: (name, "sum") for name in COUNTS}
    return parts.groupby(keys, as_index=False).agg(**sums)


def _newest(stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    known = newest_known(stock, scope.as_of(STEP), seller=scope.seller)
    known = known[known["warehouse"].isin(places)]
    return known.assign(market=known["warehouse"].map(places).astype("str"))
