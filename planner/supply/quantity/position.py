"""Position: the stock that can serve the promotion before anything new is ordered.

Knows what lies on the shelf, what arrives in time, what is sold before the start
and what comes back from buyers. A SKU without any stock row is unknown: its
figures are 0, returns included, and `is_known` says that they mean nothing.
"""

from datetime import date, timedelta

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.trips.lanes import ANY_MARKET, STEP

HORIZON_PHASES = ("warm_up", "sale", "tail", "after")
"""Phases the promo order must cover."""
COUNTS = ["on_hand_units", "inbound_units", "late_units"]


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
        Table `Stock`; of each SKU and warehouse the newest snapshot counts.
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
    ``on_hand = counted - sold since the count``, not below zero; a snapshot of day D is taken as
    made before the sales of D. Inbound counts where its date lies not before its snapshot and not
    after the first phase day; without a date, overdue or later it is `late_units` and counts
    nowhere. ``available = mean over worlds of max(on_hand + inbound - before, 0) + returning``.

    ``returning = rate * resaleable share * units`` sold that are back on the shelf `lag_days`
    later, on a day of the horizon; future sales are spread evenly over the days of their phase.
    Where the register has no rate, or the stock of a SKU is not known, none is counted: supply is
    never assumed.
    """
    keys, before = market_draws(draws, phases=("before",))
    goods = keys.to_frame(index=False)
    held = _held(stock, daily, scope)
    frame = goods.merge(held, on=KEYS, how="left")
    frame["is_known"] = frame["on_hand_units"].notna()
    frame[COUNTS] = frame[COUNTS].fillna(0).astype("int64")
    frame["demand_before_units"] = before.mean(axis=1)
    returning = _returning(goods, draws, daily, return_rates, catalogue, scope)
    frame["returning_units"] = np.where(frame["is_known"], returning, 0.0)
    frame["available_units"] = _stock_by_world(frame, before).mean(axis=1)
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
    return keys, _stock_by_world(position.set_index(KEYS).loc[keys], before)


def returns_of(
    return_rates: pd.DataFrame, goods: pd.DataFrame, catalogue: pd.DataFrame
) -> pd.DataFrame:
    """Return the return rate of each market and SKU: of its category, else of any.

    Parameters
    ----------
    return_rates : DataFrame
        Register `ReturnRates`, rows in force.
    goods : DataFrame
        market, sku; the order of its rows is kept.
    catalogue : DataFrame
        Table `Catalogue`.

    Returns
    -------
    DataFrame
        market, sku, return_rate, lag_days, resale_rate, source; NaN where the register is silent.
    """
    columns = ["return_rate", "lag_days", "resale_rate", "source"]
    sought = goods[KEYS].merge(catalogue[["sku", "category"]], on="sku", how="left")
    sought["category"] = sought["category"].fillna("").str.strip().str.lower()
    rates = return_rates[["market", "category", *columns]]
    rates = rates.drop_duplicates(["market", "category"], keep="last")
    exact = sought.merge(rates, on=["market", "category"], how="left")
    general = rates[rates["category"] == ANY_MARKET].drop(columns="category")
    fallback = sought.merge(general, on="market", how="left")
    found = exact["return_rate"].notna()
    return pd.concat([sought[KEYS], exact[columns].where(found, fallback[columns])], axis=1)


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


def _stock_by_world(frame: pd.DataFrame, before: np.ndarray) -> np.ndarray:
    shelf = (frame["on_hand_units"] + frame["inbound_units"]).to_numpy(dtype=float)
    left = np.maximum(shelf[:, None] - before, 0.0)
    return left + frame["returning_units"].to_numpy(dtype=float)[:, None]


def _held(stock: pd.DataFrame, daily: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    newest = _newest(stock, scope)
    held = _counted(newest[newest["market"].isin(scope.markets)], KEYS, scope)
    held["on_hand_units"] = (held["on_hand_units"] - _sold_since(daily, held, scope)).clip(lower=0)
    return held.drop(columns="counted_on")


def _held_at(stock: pd.DataFrame, daily: pd.DataFrame | None, scope: Scope) -> pd.DataFrame:
    keys = ["warehouse", "sku"]
    held = _counted(_newest(stock, scope), keys, scope)
    if daily is None or held.empty:
        return held.drop(columns="counted_on")
    houses = {shop.shop: shop.warehouse for shop in scope.seller.shops}
    recent = daily["day"] >= held["counted_on"].min()
    sales = daily.loc[recent, ["shop", "market", "sku", "day", "units"]]
    sales = sales.assign(warehouse=sales["shop"].map(houses)).merge(
        held[[*keys, "counted_on"]], on=keys
    )
    is_since = sales["day"] >= sales["counted_on"]
    is_known = sales["day"] < _looking(sales["market"], scope)
    sums = sales[is_since & is_known].groupby(keys)["units"].sum()
    sold = sums.reindex(pd.MultiIndex.from_frame(held[keys]), fill_value=0).to_numpy("int64")
    held["on_hand_units"] = (held["on_hand_units"] - sold).clip(lower=0)
    return held.drop(columns="counted_on")


def _counted(newest: pd.DataFrame, keys: list[str], scope: Scope) -> pd.DataFrame:
    is_shelf = newest["stage"] == "on_hand"
    starts_on = pd.to_datetime(
        newest["market"].map(
            {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
        )
    )
    due = newest["available_on"]
    is_timely = ~is_shelf & (due >= newest["as_of"]) & (due <= starts_on)
    parts = newest.assign(
        on_hand_units=newest["units"].where(is_shelf, 0),
        inbound_units=newest["units"].where(is_timely, 0),
        late_units=newest["units"].where(~is_shelf & ~is_timely, 0),
    )
    sums = {name: (name, "sum") for name in COUNTS}
    return parts.groupby(keys, as_index=False).agg(counted_on=("as_of", "min"), **sums)


def _newest(stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    known = stock.assign(market=stock["warehouse"].map(places).astype("str"))
    known = known[known["warehouse"].isin(places)]
    known = known[known["as_of"] <= _looking(known["market"], scope)]
    latest = known.groupby([*KEYS, "warehouse"])["as_of"].transform("max")
    return known[known["as_of"] == latest]


def _sold_since(daily: pd.DataFrame, held: pd.DataFrame, scope: Scope) -> np.ndarray:
    recent = daily.loc[daily["day"] >= held["counted_on"].min(), [*KEYS, "day", "units"]]
    sales = recent.merge(held[[*KEYS, "counted_on"]], on=KEYS)
    is_since = sales["day"] >= sales["counted_on"]
    is_known = sales["day"] < _looking(sales["market"], scope)
    sums = sales[is_since & is_known].groupby(KEYS)["units"].sum()
    keys = pd.MultiIndex.from_frame(held[KEYS])
    return sums.reindex(keys, fill_value=0).to_numpy(dtype="int64")


def _looking(markets: pd.Series, scope: Scope) -> pd.Series:
    days = {market: pd.Timestamp(day) for market, day in scope.as_of(STEP).items()}
    first = pd.Timestamp(scope.first_day(STEP))
    return pd.to_datetime(markets.map(days)).fillna(first)


def _returning(
    goods: pd.DataFrame,
    draws: pd.DataFrame,
    daily: pd.DataFrame,
    return_rates: pd.DataFrame,
    catalogue: pd.DataFrame,
    scope: Scope,
) -> np.ndarray:
    rates = returns_of(return_rates, goods, catalogue)
    keys = pd.MultiIndex.from_frame(goods)
    lag = pd.Series(rates["lag_days"].to_numpy(), index=keys)
    past = _past_units_back(daily, lag, scope)
    future = _future_units_back(draws, lag, scope)
    units = past.reindex(keys, fill_value=0.0) + future.reindex(keys, fill_value=0.0)
    share = (rates["return_rate"] * rates["resale_rate"]).fillna(0.0)
    return share.to_numpy() * units.to_numpy()


def _past_units_back(daily: pd.DataFrame, lag: pd.Series, scope: Scope) -> pd.Series:
    longest = pd.Timedelta(days=np.ceil(lag.max())) if lag.notna().any() else pd.Timedelta(0)
    recent = daily["day"] >= pd.Timestamp(scope.first_day(STEP)) - longest
    sales = daily.loc[recent, [*KEYS, "day", "units"]].join(lag.rename("lag"), on=KEYS)
    sales = sales[sales["lag"].notna()]
    looking = _looking(sales["market"], scope)
    back = sales["day"] + pd.to_timedelta(np.ceil(sales["lag"]), unit="D")
    is_back = (sales["day"] < looking) & (back >= looking) & (back < _ends(sales["market"], scope))
    return sales[is_back].groupby(KEYS)["units"].sum().astype(float)


def _future_units_back(draws: pd.DataFrame, lag: pd.Series, scope: Scope) -> pd.Series:
    parts = draws[[*KEYS, "starts_on", "ends_on"]].join(lag.rename("lag"), on=KEYS)
    means = np.array([worlds.mean() for worlds in draws["draws"]], dtype=float)
    days = (parts["ends_on"] - parts["starts_on"]).dt.days + 1
    last_sold = _ends(parts["market"], scope) - pd.to_timedelta(
        np.ceil(parts["lag"].fillna(0)) + 1, unit="D"
    )
    in_time = ((last_sold - parts["starts_on"]).dt.days + 1).clip(lower=0)
    share = np.minimum(in_time, days) / days.where(days > 0)
    parts["units"] = np.where(parts["lag"].notna(), means * share, 0.0)
    return parts.groupby(KEYS)["units"].sum()


def _ends(markets: pd.Series, scope: Scope) -> pd.Series:
    ends: dict[str, date] = {
        market: plan.next_replenishment_on for market, plan in scope.plans.items()
    }
    return pd.to_datetime(markets.map({market: pd.Timestamp(day) for market, day in ends.items()}))
