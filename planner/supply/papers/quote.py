"""Quote: the eight things a forwarder asks for before giving a price, filled from the plan.

What the plan or the seller does not say is left open and named; nothing is guessed.
"""

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.seller import Contract
from planner.supply.charges.duty import TERMS as TAXES
from planner.supply.charges.duty import unit_duty
from planner.supply.charges.packing import TRAVEL_FLAGS
from planner.supply.order.limit_words import in_money
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
NO_SIZES: Mapping[str, float] = MappingProxyType({})


def quote_request(
    ship: pd.DataFrame,
    facts: pd.DataFrame,
    catalogue: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    scope: Scope,
    mode_plan: pd.DataFrame | None = None,
    houses: pd.DataFrame | None = None,
    units_per_order: Mapping[str, float] = NO_SIZES,
    taxes: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the eight fields of a request for a quote, for each market of the plan.

    Parameters
    ----------
    ship : DataFrame
        Table `ShipLines`.
    facts, catalogue : DataFrame
        Tables `GoodsFacts` and `Catalogue`.
    forecast : DataFrame
        Table `Forecast`: units of warm-up, sale and tail.
    scope : Scope
        Cut-off, warehouses, contract and platforms.
    mode_plan : DataFrame, optional
        Table `ModePlan`: the warehouses that goods go to; without it all of a market's.
    houses : DataFrame, optional
        Table `WarehouseChoice`: orders of an ordinary month.
    units_per_order : Mapping of str to float
        By shop; without a shop's, its units are told and not its orders. [units/order]
    taxes : DataFrame, optional
        As `taxes_beside` returns them: what a price without tax leaves to pay.

    Returns
    -------
    DataFrame
        Table `QuoteRequest`; `value` is a glossary term with facts.

    Notes
    -----
    ``orders = sum over shops of units / units an order``, of an ordinary month and of the days of
    the campaign apart: a warehouse staffs for both.
    """
    rows = []
    for market in scope.markets:
        goods = ship[ship["market"] == market]
        there = facts[facts["sku"].isin(goods["sku"])]
        told = {
            "products": _products(goods, there),
            "weight_and_volume": _size(goods),
            "warehouse": _warehouse(market, mode_plan, scope),
            "cut_off": f"quote.day|day={scope.plans[market].shelf_day}",
            "sensitive": _sensitive(goods, catalogue),
            "double_clearance": _clearance(scope),
            "monthly_orders": _orders(
                forecast[forecast["market"] == market], _ordinary(market, houses), units_per_order
            ),
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
                    "reason": _asked(field, is_known, _tax_of(market, taxes, scope)),
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


def taxes_beside(
    ship: pd.DataFrame,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    duty_rates: pd.DataFrame,
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Return duty and import tax of what is shipped, as if no contract had them in its price.

    Parameters
    ----------
    ship, ways, catalogue : DataFrame
        Tables `ShipLines`, `SkuWays` and `Catalogue`.
    duty_rates : DataFrame
        Register `DutyRates`, rows in force on the planning day.
    scope : Scope

    Returns
    -------
    DataFrame
        market, tax_cost (NaN where nothing of it is known), unknown_skus: of which a rate or the
        cost is not known; what is known of them is in the sum.
    """
    freight = ways[[*KEYS, "mode", "unit_freight_cost", "unit_surcharge_cost"]]
    rows = ship[[*KEYS, "mode", "units"]].merge(freight, on=[*KEYS, "mode"], how="left")
    rows = rows.merge(catalogue[["sku", "category", "unit_cost"]], on="sku", how="left")
    rows["carriage_cost"] = rows["unit_freight_cost"] + rows["unit_surcharge_cost"].fillna(0.0)
    alone = scope.seller.model_copy(update={"contract": Contract()})
    due = unit_duty(rows, duty_rates, scope=scope.model_copy(update={"seller": alone}))
    parts = due[[f"{term}_cost" for term in TAXES]]
    rows["tax_cost"] = parts.sum(axis=1, min_count=1) * rows["units"]
    lacking = rows[parts.isna().any(axis=1)]
    told = rows.groupby("market", as_index=False)["tax_cost"].sum(min_count=1)
    skus = lacking.groupby("market")["sku"].nunique()
    return told.assign(unknown_skus=told["market"].map(skus).fillna(0).astype(int))


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


def _warehouse(market: str, mode_plan: pd.DataFrame | None, scope: Scope) -> str:
    """Return where the goods go, each warehouse with its own address; all where nothing goes."""
    houses = [house for house in scope.seller.warehouses if house.market == market]
    sent = set() if mode_plan is None else set(mode_plan["warehouse"])
    houses = [house for house in houses if house.warehouse in sent] or houses
    if not houses:
        return "quote.open_recommend"
    told = "; ".join(f"{house.warehouse}: {house.address}" for house in houses if house.address)
    blank = ", ".join(house.warehouse for house in houses if not house.address)
    if not told:
        return f"quote.open_address|warehouse={blank}"
    facts = f"address={told}"
    return f"quote.open_addresses|{facts}|warehouse={blank}" if blank else f"quote.address|{facts}"


def _sensitive(goods: pd.DataFrame, catalogue: pd.DataFrame) -> str:
    sent = catalogue[catalogue["sku"].isin(goods["sku"])]
    counts = [f"{flag}={int(sent[f'has_{flag}'].sum())}" for flag in TRAVEL_FLAGS]
    return "|".join(["quote.flags", *counts])


def _clearance(scope: Scope) -> str:
    duty = scope.seller.contract.duty
    return f"quote.{duty.lower()}" if duty else "quote.open"


def _ordinary(market: str, houses: pd.DataFrame | None) -> float:
    rows = [] if houses is None else houses.loc[houses["market"] == market, "monthly_orders"]
    return float(rows.iloc[0]) if len(rows) else float("nan")


def _orders(forecast: pd.DataFrame, monthly: float, units_per_order: Mapping[str, float]) -> str:
    promo = forecast[forecast["phase"].isin(tables.PROMO_PHASES)]
    if promo.empty:
        return "quote.open"
    days = (promo["ends_on"].max() - promo["starts_on"].min()).days + 1
    units = promo["mean_units"]
    orders = (units / promo["shop"].map(dict(units_per_order)).astype(float))[units > 0]
    if orders.isna().any() or pd.isna(monthly):
        return f"quote.open_orders|days={days}|units={units.sum():.0f}"
    return f"quote.orders|monthly={monthly:.0f}|days={days}|orders={orders.sum():.0f}"


def _tax_of(market: str, taxes: pd.DataFrame | None, scope: Scope) -> str:
    """Return the sentence on what a price without tax leaves to pay."""
    rows = None if taxes is None else taxes[taxes["market"] == market]
    if rows is None or rows.empty:
        return ""
    row = rows.iloc[0]
    amount, lacks = row["tax_cost"], int(row["unknown_skus"])
    if pd.isna(amount) or (lacks and not amount):
        return "quote.tax_unknown"
    facts = f"tax={in_money(amount)}|currency={scope.seller.currency}"
    return f"quote.tax_least|{facts}|lacks={lacks}" if lacks else f"quote.tax|{facts}"


def _asked(field: str, is_known: bool, tax: str) -> str:
    """Return what to ask for: what is open, and the price with and without tax."""
    beside = tax if field == "double_clearance" else ""
    return ";".join(part for part in ("" if is_known else f"quote.{field}.ask", beside) if part)


def _system(market: str, scope: Scope) -> str:
    dialects = dict.fromkeys(shop.dialect for shop in scope.shops if shop.market == market)
    return f"quote.system|dialects={', '.join(dialects)}"
