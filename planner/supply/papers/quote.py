"""Quote: the eight things a forwarder asks for before giving a price, filled from the plan.

What the plan or the seller does not say is left open and named; nothing is guessed.
"""

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.packing import TRAVEL_FLAGS
from planner.supply.charges.tariffs import DAYS_A_MONTH
from planner.supply.quantity.newsvendor import KEYS

FIELDS = (
    "products",
    "weight_and_volume",
    "warehouse",
    "cut_off",
    "sensitive",
    "double_clearance",
    "monthly_orders",
    "order_system",
)
"""The eight fields of the brief, in its order."""
PRODUCT_FACTS = ("hs_code", "material", "purpose")
"""Without one of these of any product the list is not complete."""


def quote_request(
    ship: pd.DataFrame,
    facts: pd.DataFrame,
    catalogue: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Return the eight fields of a request for a quote, for each market of the plan.

    Parameters
    ----------
    ship : DataFrame
        Table `ShipLines`.
    facts, catalogue : DataFrame
        Tables `GoodsFacts` and `Catalogue`.
    forecast : DataFrame
        Table `Forecast`: units a month, one unit an order.
    scope : Scope
        Cut-off, warehouses, contract and platforms.

    Returns
    -------
    DataFrame
        Table `QuoteRequest`; `value` is a glossary term with facts.

    Notes
    -----
    Orders a month are the mean demand of warm-up, sale and tail over their days, times 30: the
    month that the warehouse must be able to handle.
    """
    rows = []
    for market in scope.markets:
        goods = ship[ship["market"] == market]
        there = facts[facts["sku"].isin(goods["sku"])]
        told = {
            "products": _products(goods, there),
            "weight_and_volume": _size(goods),
            "warehouse": _warehouse(market, scope),
            "cut_off": f"quote.day|day={scope.plans[market].shelf_day}",
            "sensitive": _sensitive(goods, catalogue),
            "double_clearance": _clearance(scope),
            "monthly_orders": _orders(forecast[forecast["market"] == market]),
            "order_system": _system(market, scope),
        }
        for field in FIELDS:
            is_known = not told[field].startswith("quote.open")
            rows.append(
                {
                    "market": market,
                    "field": f"quote.{field}",
                    "value": told[field],
                    "is_known": is_known,
                    "reason": "" if is_known else f"quote.{field}.ask",
                }
            )
    return tables.checked(tables.QuoteRequest, pd.DataFrame(rows))


def quote_products(
    ship: pd.DataFrame, facts: pd.DataFrame, catalogue: pd.DataFrame
) -> pd.DataFrame:
    """Return the product list of a quote: HS code, material, use and price of what is shipped.

    Returns
    -------
    DataFrame
        market, sku, name, hs_code, material, purpose, unit_cost, declared_cost, units, weight_kg,
        volume_cbm; weight and volume of all the units.
    """
    sums = ship.groupby(KEYS, as_index=False)[["units", "weight_kg", "volume_cbm"]].sum(min_count=1)
    names = ["sku", "hs_code", "material", "purpose", "unit_cost", "declared_cost"]
    listed = sums.merge(facts[names], on="sku", how="left")
    listed = listed.merge(catalogue[["sku", "name"]], on="sku", how="left")
    texts = ["name", "hs_code", "material", "purpose"]
    listed[texts] = listed[texts].fillna("")
    order = [*KEYS, *texts, "unit_cost", "declared_cost", "units", "weight_kg", "volume_cbm"]
    return listed[order]


def _products(goods: pd.DataFrame, facts: pd.DataFrame) -> str:
    skus = goods["sku"].nunique()
    if not skus:
        return "quote.nothing"
    blank = facts[list(PRODUCT_FACTS)].apply(lambda text: text.str.strip() == "").any(axis=1)
    lacks = int(blank.sum()) + skus - len(facts)
    return f"quote.open_products|n={skus}|lacks={lacks}" if lacks else f"quote.skus|n={skus}"


def _size(goods: pd.DataFrame) -> str:
    weight, volume = goods["weight_kg"], goods["volume_cbm"]
    if goods.empty:
        return "quote.nothing"
    facts = f"kg={weight.sum():.1f}|cbm={volume.sum():.2f}"
    lacks = int((weight.isna() | volume.isna()).sum())
    return f"quote.open_size|{facts}|lacks={lacks}" if lacks else f"quote.size|{facts}"


def _warehouse(market: str, scope: Scope) -> str:
    houses = [house for house in scope.seller.warehouses if house.market == market]
    if not houses:
        return "quote.open_recommend"
    names = ", ".join(house.warehouse for house in houses)
    address = "; ".join(house.address for house in houses if house.address)
    if not address:
        return f"quote.open_address|warehouse={names}"
    return f"quote.address|warehouse={names}|address={address}"


def _sensitive(goods: pd.DataFrame, catalogue: pd.DataFrame) -> str:
    sent = catalogue[catalogue["sku"].isin(goods["sku"])]
    counts = [f"{flag}={int(sent[f'has_{flag}'].sum())}" for flag in TRAVEL_FLAGS]
    return "|".join(["quote.flags", *counts])


def _clearance(scope: Scope) -> str:
    duty = scope.seller.contract.duty
    return f"quote.{duty.lower()}" if duty else "quote.open"


def _orders(forecast: pd.DataFrame) -> str:
    promo = forecast[forecast["phase"].isin(tables.PROMO_PHASES)]
    if promo.empty:
        return "quote.open"
    days = (promo["ends_on"].max() - promo["starts_on"].min()).days + 1
    return f"quote.orders|orders={promo['mean_units'].sum() / days * DAYS_A_MONTH:.0f}"


def _system(market: str, scope: Scope) -> str:
    dialects = dict.fromkeys(shop.dialect for shop in scope.shops if shop.market == market)
    return f"quote.system|dialects={', '.join(dialects)}"
