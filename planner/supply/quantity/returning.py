"""Returning: units that buyers send back and that lie on the shelf again in time to be sold.

Knows return rates, sales so far and demand by phase. Knows no stock and no money.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.trips.lanes import ANY_MARKET, STEP

BEFORE = "before"
"""The phase ahead of the horizon."""


class Returning(NamedTuple):
    """Units back on the shelf before the horizon ends, each of shape (n_sku,). [units]."""

    early: np.ndarray
    """Back before its first day: they serve what sells ahead of it."""
    units: np.ndarray
    """Back on one of its days, whenever they were sold."""
    again: np.ndarray
    """Of them, those sold in the horizon: what a sale earns holds their worth already."""


def units_back(
    goods: pd.DataFrame,
    draws: pd.DataFrame,
    daily: pd.DataFrame,
    return_rates: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
) -> Returning:
    """Return how many units come back and can be sold again before the horizon ends.

    Parameters
    ----------
    goods : DataFrame
        market, sku; the order of its rows is kept.
    draws, daily, catalogue : DataFrame
        Tables `DemandDraws`, `DailySales` and `Catalogue`.
    return_rates : DataFrame
        Register `ReturnRates`, rows in force.
    scope : Scope

    Notes
    -----
    ``rate * resaleable share * units`` sold that are back on the shelf `lag_days` later, by the
    day they are back; future sales are spread evenly over the days of their phase. Where the
    register has no rate none is counted: supply is never assumed.
    """
    rates = returns_of(return_rates, goods, catalogue)
    keys = pd.MultiIndex.from_frame(goods)
    lag = pd.Series(rates["lag_days"].to_numpy(), index=keys)
    ahead, inside = draws[draws["phase"] == BEFORE], draws[draws["phase"] != BEFORE]
    parts = (
        _past_units_back(daily, lag, scope, until=_first_on),
        _past_units_back(daily, lag, scope, until=replenished_on),
        _future_units_back(ahead, lag, scope, until=_first_on),
        _future_units_back(ahead, lag, scope, until=replenished_on),
        _future_units_back(inside, lag, scope, until=replenished_on),
    )
    share = (rates["return_rate"] * rates["resale_rate"]).fillna(0.0).to_numpy()
    past_early, past, ahead_early, before, again = (
        share * part.reindex(keys, fill_value=0.0).to_numpy() for part in parts
    )
    early = past_early + ahead_early
    return Returning(early, past + before + again - early, again)


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


def looking_on(markets: pd.Series, scope: Scope) -> pd.Series:
    """Return for each row the planning day of its market; elsewhere the first of all."""
    days = {market: pd.Timestamp(day) for market, day in scope.as_of(STEP).items()}
    first = pd.Timestamp(scope.first_day(STEP))
    return pd.to_datetime(markets.map(days)).fillna(first)


def replenished_on(markets: pd.Series, scope: Scope) -> pd.Series:
    """Return for each row the first day after the horizon of its market."""
    ends = {
        market: pd.Timestamp(plan.next_replenishment_on) for market, plan in scope.plans.items()
    }
    return pd.to_datetime(markets.map(ends))


def _first_on(markets: pd.Series, scope: Scope) -> pd.Series:
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    return pd.to_datetime(markets.map(starts))


def _past_units_back(
    daily: pd.DataFrame, lag: pd.Series, scope: Scope, *, until: Callable[..., pd.Series]
) -> pd.Series:
    longest = pd.Timedelta(days=np.ceil(lag.max())) if lag.notna().any() else pd.Timedelta(0)
    recent = daily["day"] >= pd.Timestamp(scope.first_day(STEP)) - longest
    sales = daily.loc[recent, [*KEYS, "day", "units"]].join(lag.rename("lag"), on=KEYS)
    sales = sales[sales["lag"].notna()]
    looking = looking_on(sales["market"], scope)
    back = sales["day"] + pd.to_timedelta(np.ceil(sales["lag"]), unit="D")
    is_back = (sales["day"] < looking) & (back >= looking) & (back < until(sales["market"], scope))
    return sales[is_back].groupby(KEYS)["units"].sum().astype(float)


def _future_units_back(
    draws: pd.DataFrame, lag: pd.Series, scope: Scope, *, until: Callable[..., pd.Series]
) -> pd.Series:
    parts = draws[[*KEYS, "starts_on", "ends_on"]].join(lag.rename("lag"), on=KEYS)
    means = np.array([worlds.mean() for worlds in draws["draws"]], dtype=float)
    days = (parts["ends_on"] - parts["starts_on"]).dt.days + 1
    last_sold = until(parts["market"], scope) - pd.to_timedelta(
        np.ceil(parts["lag"].fillna(0)) + 1, unit="D"
    )
    in_time = ((last_sold - parts["starts_on"]).dt.days + 1).clip(lower=0)
    share = np.minimum(in_time, days) / days.where(days > 0)
    parts["units"] = np.where(parts["lag"].notna(), means * share, 0.0)
    return parts.groupby(KEYS)["units"].sum()
