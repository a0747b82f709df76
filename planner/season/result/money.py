"""The money of a review as orders tell it: what came in, and what went back.

Costs stand in `spent`.
"""

import numpy as np
import pandas as pd

from planner.demand.lost_rows import worth_of_minor_unit
from planner.intake.bundles import explode
from planner.intake.known import telling_shops
from planner.scope import Scope
from planner.season.days import KEYS


def returned_units(
    lines: pd.DataFrame,
    keys: pd.DataFrame,
    days: pd.DataFrame,
    *,
    bundles: pd.DataFrame | None = None,
) -> pd.Series:
    """Return units of the campaign's orders that came back, aligned with `keys`. [units].

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known on the review day.
    keys : DataFrame
        market, sku.
    days : DataFrame
        market, day: the order days that count.
    bundles : DataFrame, optional
        Table `Bundles`; a returned bundle counts as its components.

    Returns
    -------
    Series
        Empty of a SKU that a shop sold which tells no returns, and of a market in which no shop
        tells them: nobody knows whether anything came back.
    """
    back = lines.loc[lines["returned_units"] > 0, [*KEYS, "returned_units", "ordered_at"]]
    is_told = lines["shop"].isin(telling_shops(lines))
    telling = lines.loc[is_told, "market"].unique()
    silent = _sold_as(lines[lines["is_demand"] & ~is_told], days, bundles)
    back = back.assign(day=back["ordered_at"].dt.normalize())
    back = back.merge(days[["market", "day"]], on=["market", "day"])
    if bundles is not None and len(bundles):
        parts = back.merge(bundles, on="sku", how="left")
        back = parts.assign(
            sku=parts["component"].fillna(parts["sku"]),
            returned_units=parts["returned_units"] * parts["units"].fillna(1),
        )
    sums = back.groupby(KEYS)["returned_units"].sum()
    places = pd.MultiIndex.from_frame(keys[KEYS])
    found = sums.reindex(places, fill_value=0)
    units = pd.Series(found.to_numpy(dtype="int64"), index=keys.index).astype("Int64")
    return units.where(keys["market"].isin(telling) & ~places.isin(silent))


def revenue_by_sku(
    daily: pd.DataFrame,
    keys: pd.DataFrame,
    days: pd.DataFrame,
    *,
    scope: Scope,
    lines: pd.DataFrame | None = None,
    bundles: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each SKU took in, in the shops' currency and in the seller's.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    keys : DataFrame
        market, sku: the rows to return.
    days : DataFrame
        market, day: the days that count.
    scope : Scope
        Its shops give currencies, its seller exchange rates.
    lines, bundles : DataFrame, optional
        Tables `OrderLines` as known on the review day and `Bundles`: a SKU with a sale whose
        amount no export tells has an unknown revenue, not a small one.

    Returns
    -------
    DataFrame
        market, sku, revenue_minor (minor units of `currency`, empty where a market's shops use
        several or an amount is unknown), currency, sold_revenue (in `cost_currency`, the
        seller's; empty without an exchange rate or with an unknown amount), cost_currency.
    """
    sales = daily[["shop", *KEYS, "day", "revenue_minor"]].merge(
        days[["market", "day"]], on=["market", "day"]
    )
    worth = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    sales["sold_revenue"] = sales["revenue_minor"] * sales["shop"].map(worth).astype(float)
    grouped = sales.groupby(KEYS)
    places = pd.MultiIndex.from_frame(keys[KEYS])
    minor = grouped["revenue_minor"].sum().reindex(places, fill_value=0)
    major = grouped["sold_revenue"].sum(skipna=False).reindex(places, fill_value=0.0)
    currency = keys["market"].map(_currencies(scope))
    is_mixed = (currency == "").to_numpy()
    is_unpriced = np.zeros(len(keys), dtype=bool)
    if lines is not None:
        unpriced = lines[lines["is_demand"] & lines["amount_minor"].isna()]
        is_unpriced = places.isin(_sold_as(unpriced, days, bundles))
    minor = pd.Series(minor.to_numpy(), index=keys.index).astype("Int64")
    return keys[KEYS].assign(
        revenue_minor=minor.mask(is_mixed | is_unpriced),
        currency=currency,
        sold_revenue=np.where(is_unpriced, np.nan, major.to_numpy()),
        cost_currency=scope.seller.currency,
    )


def _sold_as(
    lines: pd.DataFrame, days: pd.DataFrame, bundles: pd.DataFrame | None
) -> pd.MultiIndex:
    """Return market and SKU of lines of the days that count, components of bundles too."""
    sales = lines[[*KEYS, "ordered_at"]].assign(day=lines["ordered_at"].dt.normalize())
    sales = sales.merge(days[["market", "day"]], on=["market", "day"])
    if bundles is not None and len(bundles):
        sales = explode(sales, bundles, counts=())
    return pd.MultiIndex.from_frame(sales[KEYS].drop_duplicates())


def _currencies(scope: Scope) -> dict[str, str]:
    """Return each market's currency, empty if its shops use several."""
    found = {
        market: {s.currency for s in scope.shops if s.market == market} for market in scope.markets
    }
    return {market: next(iter(names)) if len(names) == 1 else "" for market, names in found.items()}
