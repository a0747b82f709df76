"""Economics: what a unit sold earns and a unit left over loses.

Knows price, landed cost and selling cost of one unit. Knows nothing of demand.
What is unknown stays unknown, is named, and never becomes zero.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.packing import choose_lanes
from planner.supply.charges.tariffs import OPTIONAL_TERMS, has_term, per_unit, tariffs_in_force
from planner.supply.charges.ways import LANDED_TERMS as WAY_TERMS
from planner.supply.quantity.newsvendor import KEYS, critical_ratio
from planner.supply.quantity.returning import returns_of

NEEDED_TERMS = ("price", "goods", "head_haul", "commission")
"""Without one of these no margin can be stated."""
LANDED_TERMS = ("clearance", "inbound", "duty")
SELLING_TERMS = ("commission", "transaction", "outbound", *OPTIONAL_TERMS)


def unit_economics(
    catalogue: pd.DataFrame,
    lane_options: pd.DataFrame,
    fees: pd.DataFrame,
    return_rates: pd.DataFrame,
    *,
    scope: Scope,
    ways: pd.DataFrame | None = None,
    exits: pd.DataFrame | None = None,
    unit_prices: pd.DataFrame | None = None,
    rush: pd.Series | None = None,
) -> pd.DataFrame:
    """Return what one unit of each SKU earns and loses in each market of the plan.

    Parameters
    ----------
    catalogue : DataFrame
        Table `Catalogue`.
    lane_options : DataFrame
        Table `LaneOptions`.
    fees, return_rates : DataFrame
        Registers `Fees` and `ReturnRates`, rows in force on the planning day.
    scope : Scope
        Its policy says what a leftover unit is worth and what a missed sale costs beyond.
    ways : DataFrame, optional
        Table `SkuWays`: the landed cost is then that of the cheapest way the goods may take, with
        surcharges, import tax, handling and cover; where none is open, of the cheapest of all.
    exits : DataFrame, optional
        Table `Exits`: a leftover is then worth what its best open exit brings, not the share of
        its landed cost that the policy names, and never more than it cost.
    unit_prices : DataFrame, optional
        As `prices.unit_prices` tells them; without it every unit sells at the campaign price.
    rush : Series, optional
        By market and SKU, the share that an event adds to the outbound fee of a unit; see
        `prices.rush_of_units`.

    A leftover is never worth more than a sale at the mean price net of its selling costs, for
    a unit short would then save money; nothing, where a sale brings nothing either.

    Returns
    -------
    DataFrame
        Table `UnitEconomics`, one row per market and SKU of the catalogue, in the seller's
        currency. `missing` names unknown terms as `cost.<term>`, joined by `;`.

    Notes
    -----
    ``price = mean over the horizon's expected units``: the campaign price binds in the sale
    alone, others around it, see `prices.unit_prices`; every term that goes by the price goes by
    this mean
    ``landed = unit cost + freight on the cheapest lane in time + clearance + inbound + duty``;
    with `ways` as in `ways_and_terms`
    ``selling = commission + transaction + order fee + affiliate + ads + outbound + returns``, the
    outbound fee with what an event adds to it on its days
    ``returns = rate * (price + handling - resaleable share * leftover value)``: a returned unit
    earns nothing, is handled, and the resaleable share keeps the value of a leftover, at most
    its price
    ``margin = price - landed - selling``; ``under = margin + penalty rate * price``
    ``over = landed - leftover value``; ``ratio = under / (under + over)``

    Price, unit cost, freight and commission must be known, or the margin is not. Each other term
    that is unknown is left out of the sum and named, so that the margin shown is an upper end.
    """
    if catalogue.empty:
        return tables.empty(tables.UnitEconomics)
    tariffs = tariffs_in_force(fees, scope=scope)
    goods = _goods(catalogue, lane_options, scope, ways, unit_prices)
    rates = returns_of(return_rates, goods, catalogue)
    more = _rush_of(rush, goods)
    selling_terms = _selling(goods, tariffs, more)
    landed, landed_unknown = _landed(goods, tariffs, ways)
    handling = per_unit(tariffs, "returns", goods)
    fees_paid = _known_sum(selling_terms).where(selling_terms["commission"].notna())
    most = _most_kept(rates, goods["price"], handling, fees_paid)
    leftover = _leftover(landed, goods, exits, scope, most=most)
    selling = fees_paid + _return_cost(rates, goods["price"], handling, leftover)
    frame = goods.assign(
        landed_cost=landed,
        selling_cost=selling,
        margin_profit=goods["price"] - landed - selling,
        leftover_revenue=leftover,
        over_cost=landed - leftover,
    )
    penalty_rate = scope.policy.stock_out_penalty_rate
    frame["under_cost"] = frame["margin_profit"] + penalty_rate * goods["price"]
    frame["critical_ratio"] = critical_ratio(frame["under_cost"], frame["over_cost"])
    unknown = {
        "price": goods["price"].isna(),
        **landed_unknown,
        **_unknown(selling_terms, tariffs, goods["market"]),
        "returns": handling.isna() | rates["return_rate"].isna(),
    }
    unknown["surcharge"] = more.isna() | unknown.get("surcharge", False)
    frame = frame.assign(missing=_named(unknown), currency=scope.seller.currency)
    return tables.checked(tables.UnitEconomics, frame[tables.columns(tables.UnitEconomics)])


def in_the_rush(
    economics: pd.DataFrame,
    catalogue: pd.DataFrame,
    fees: pd.DataFrame,
    *,
    scope: Scope,
    rush: pd.Series,
    full: pd.Series,
) -> pd.DataFrame:
    """Return what a unit earns if it is sold on the days on which an event's rush is paid.

    Parameters
    ----------
    economics, catalogue : DataFrame
        Tables `UnitEconomics`, reckoned with `rush`, and `Catalogue`.
    fees : DataFrame
        Register `Fees`, rows in force.
    scope : Scope
    rush : Series
        By market and SKU, the mean share of the outbound fee that the event adds to a unit.
    full : Series
        By market, the share that it adds on its days; an unknown one is left out, as there.

    Returns
    -------
    DataFrame
        Table `UnitEconomics`: selling cost higher, margin and cost of a missed sale lower.
    """
    sizes = catalogue[["sku", "unit_cost", "weight_kg", "volume_cbm"]]
    goods = economics[[*KEYS, "price"]].merge(sizes, on="sku", how="left")
    outbound = per_unit(tariffs_in_force(fees, scope=scope), "outbound", goods).to_numpy()
    mean = _rush_of(rush, goods).to_numpy()
    share = goods["market"].map(full).to_numpy(dtype=float) - mean
    more = np.nan_to_num(outbound * share)
    return economics.assign(
        selling_cost=economics["selling_cost"] + more,
        margin_profit=economics["margin_profit"] - more,
        under_cost=economics["under_cost"] - more,
    )


def _goods(
    catalogue: pd.DataFrame,
    lane_options: pd.DataFrame,
    scope: Scope,
    ways: pd.DataFrame | None,
    unit_prices: pd.DataFrame | None,
) -> pd.DataFrame:
    markets = pd.DataFrame({"market": pd.Series(scope.markets, dtype="str")})
    columns = ["sku", "unit_cost", "weight_kg", "volume_cbm"]
    goods = markets.merge(catalogue[columns], how="cross")
    if unit_prices is None:
        unit_prices = goods[KEYS].merge(_campaign_prices(catalogue), on="sku")
    goods = goods.merge(unit_prices, on=KEYS, how="left")
    goods["price_source"] = goods["price_source"].fillna("price_source.none")
    lanes = choose_lanes(goods, catalogue, lane_options, scope=scope, ways=ways)
    goods = goods.merge(lanes[[*KEYS, "mode", "unit_freight_cost"]], on=KEYS, how="left")
    return goods.sort_values(KEYS).reset_index(drop=True)


def _rush_of(rush: pd.Series | None, goods: pd.DataFrame) -> pd.Series:
    """Return what the event adds to the outbound fee of each row's goods; 0 where none was told."""
    if rush is None:
        return pd.Series(0.0, index=goods.index)
    found = rush.reindex(pd.MultiIndex.from_frame(goods[KEYS]), fill_value=0.0)
    return found.astype(float).set_axis(goods.index)


def _selling(goods: pd.DataFrame, tariffs: pd.DataFrame, more: pd.Series) -> dict[str, pd.Series]:
    """Return the terms of a sale by name, of those that exist anywhere."""
    terms = {
        term: per_unit(tariffs, term, goods)
        for term in SELLING_TERMS
        if has_term(tariffs, term, goods["market"]).any()
    }
    terms["outbound"] = terms["outbound"] * (1.0 + more.fillna(0.0))
    return terms


def _campaign_prices(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return prices by SKU as if all that is sold were sold in the sale."""
    price = catalogue["promo_price"].fillna(catalogue["price"])
    is_listed = catalogue["price"].notna()
    source = is_listed.map({True: "price_source.catalogue", False: "price_source.campaign"})
    return catalogue[["sku"]].assign(
        price=price,
        sale_price=price,
        warm_up_price=catalogue["price"].fillna(price),
        tail_price=catalogue["price"].fillna(price),
        ordinary_price=catalogue["price"].fillna(price),
        price_source=source.mask(price.isna(), "price_source.none").astype("str"),
    )


def _landed(
    goods: pd.DataFrame, tariffs: pd.DataFrame, ways: pd.DataFrame | None
) -> tuple[pd.Series, dict[str, pd.Series]]:
    """Return the landed cost of a unit, and by term where it is unknown."""
    if ways is None:
        terms = {term: per_unit(tariffs, term, goods) for term in LANDED_TERMS}
        unknown = {
            "goods": goods["unit_cost"].isna(),
            "head_haul": goods["unit_freight_cost"].isna(),
            **_unknown(terms, tariffs, goods["market"]),
        }
        return goods["unit_cost"] + goods["unit_freight_cost"] + _known_sum(terms), unknown
    way = [*KEYS, "mode"]
    taken = goods[way].merge(ways[[*way, "landed_cost", "missing"]], on=way, how="left")
    named = taken["missing"].fillna("cost.head_haul").str.split(";")
    unknown = {
        term: named.map(lambda names, term=term: f"cost.{term}" in names) for term in WAY_TERMS
    }
    return taken["landed_cost"], unknown


def _leftover(
    landed: pd.Series,
    goods: pd.DataFrame,
    exits: pd.DataFrame | None,
    scope: Scope,
    *,
    most: pd.Series,
) -> pd.Series:
    worth = landed * scope.policy.leftover_value_rate
    if exits is not None:
        ranked = exits[exits["is_open"]].sort_values("rank").drop_duplicates(KEYS)
        best = goods[KEYS].merge(ranked[[*KEYS, "unit_revenue"]], on=KEYS, how="left")
        worth = np.minimum(best["unit_revenue"], landed).fillna(worth)
    return worth.mask(worth > most, most)


def _most_kept(
    rates: pd.DataFrame, price: pd.Series, handling: pd.Series, fees_paid: pd.Series
) -> pd.Series:
    """Return the worth of a leftover at which a sale brings just as much; at least nothing.

    What a returned unit keeps is itself part of the net price: ``most = first + back * most``.
    """
    back = rates["return_rate"].fillna(0.0) * rates["resale_rate"].fillna(0.0)
    first = price - fees_paid - _return_cost(rates, price, handling, 0.0 * price)
    return (first.clip(lower=0) / (1 - back).where(back < 1)).mask(back >= 1, 0.0)


def _return_cost(
    rates: pd.DataFrame, price: pd.Series, handling: pd.Series, leftover: pd.Series
) -> pd.Series:
    kept = rates["resale_rate"].fillna(0.0) * np.minimum(leftover, price)
    return rates["return_rate"].fillna(0.0) * (price + handling.fillna(0.0) - kept)


def _unknown(
    terms: dict[str, pd.Series], tariffs: pd.DataFrame, markets: pd.Series
) -> dict[str, pd.Series]:
    return {
        term: values.isna() & has_term(tariffs, term, markets) for term, values in terms.items()
    }


def _known_sum(terms: dict[str, pd.Series]) -> pd.Series:
    return pd.concat(terms, axis=1).sum(axis=1, skipna=True)


def _named(unknown: dict[str, pd.Series]) -> pd.Series:
    names = np.array([f"cost.{term}" for term in unknown])
    flags = np.column_stack([flag.to_numpy(dtype=bool) for flag in unknown.values()])
    return pd.Series([";".join(names[row]) for row in flags], dtype="str")
