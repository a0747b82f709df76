"""Costs: the money the plan will spend, term by term, each with its source.

Knows the plan, the freight and the tariffs. A term whose tariff nobody gave is
listed without an amount: unknown is not zero.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.supply.newsvendor import KEYS, market_draws
from planner.supply.packing import choose_lanes, own_freight
from planner.supply.position import HORIZON_PHASES, horizon_days, returns_of
from planner.supply.tariffs import (
    BRIEF_TERMS,
    OPTIONAL_TERMS,
    figures,
    has_term,
    per_unit,
    sources,
    storage_per_cbm,
    tariffs_in_force,
)

TERMS = (*BRIEF_TERMS, "commission", "transaction", *OPTIONAL_TERMS, "duty", "goods")
"""The six terms of the brief, the platform's fees, then duty and the goods themselves."""
ORDER_TERMS = ("head_haul", "clearance", "inbound", "duty", "goods")
"""Terms that arise only if something is ordered."""


def cost_lines(
    plan: pd.DataFrame,
    ship: pd.DataFrame,
    economics: pd.DataFrame,
    draws: pd.DataFrame,
    fees: pd.DataFrame,
    *,
    scope: Scope,
    catalogue: pd.DataFrame,
    lane_options: pd.DataFrame,
    return_rates: pd.DataFrame,
) -> pd.DataFrame:
    """Return what the plan will spend for each market, SKU and cost term.

    Parameters
    ----------
    plan, ship : DataFrame
        Tables `StockPlan` and `ShipLines`.
    economics, draws : DataFrame
        Tables `UnitEconomics` and `DemandDraws`.
    fees, return_rates : DataFrame
        Registers `Fees` and `ReturnRates`, rows in force on the planning day.
    scope : Scope
    catalogue, lane_options : DataFrame
        Tables `Catalogue` and `LaneOptions`.

    Returns
    -------
    DataFrame
        Table `CostLines`, in the seller's currency: head_haul, clearance, inbound, storage,
        outbound, returns, commission, transaction, order_fee (where the market has one), duty
        and goods.

    Notes
    -----
    Goods, freight, clearance, inbound and duty are those of the order; an order of 0 costs 0 of
    each. Outbound, commission and the like follow ``sold = mean demand - lost``; returns handling
    follows ``sold * return rate``; refunds are lost revenue, no cost, and stand in the economics.
    Storage holds the stock of the plan over the horizon, falling evenly to the expected leftover;
    a contract that does not say how many days are free is taken to give none.
    """
    if plan.empty:
        return tables.empty(tables.CostLines)
    tariffs = tariffs_in_force(fees, scope=scope)
    goods = _goods(plan, economics, draws, catalogue, return_rates)
    amounts = {
        "head_haul": _freight(goods, ship),
        "clearance": _clearance(goods, tariffs),
        "inbound": goods["order_units"] * per_unit(tariffs, "inbound", goods),
        "storage": _storage(goods, tariffs, scope),
        "outbound": goods["sold_units"] * per_unit(tariffs, "outbound", goods),
        "returns": goods["back_units"] * per_unit(tariffs, "returns", goods),
        "commission": goods["sold_units"] * per_unit(tariffs, "commission", goods),
        "transaction": goods["sold_units"] * per_unit(tariffs, "transaction", goods),
        "order_fee": goods["sold_units"] * per_unit(tariffs, "order_fee", goods),
        "duty": goods["order_units"] * per_unit(tariffs, "duty", goods),
        "goods": goods["order_units"] * goods["unit_cost"],
    }
    parts = []
    for term in TERMS:
        part = goods[KEYS].assign(term=term, amount_cost=amounts[term])
        part["source"] = _source(term, goods, tariffs, lane_options, catalogue, scope)
        if term in ORDER_TERMS:
            is_free = goods["order_units"] == 0
            part["amount_cost"] = part["amount_cost"].where(~is_free, 0.0)
            part["source"] = part["source"].where(~is_free, "nothing ordered")
        exists = term not in OPTIONAL_TERMS or has_term(tariffs, term, goods["market"])
        parts.append(part[exists] if term in OPTIONAL_TERMS else part)
    frame = pd.concat(parts, ignore_index=True)
    frame["is_known"] = frame["amount_cost"].notna()
    frame["currency"] = scope.seller.currency
    frame["place"] = frame["term"].map({term: place for place, term in enumerate(TERMS)})
    frame = frame.sort_values([*KEYS, "place"]).drop(columns="place")
    return tables.checked(tables.CostLines, frame)


def _goods(
    plan: pd.DataFrame,
    economics: pd.DataFrame,
    draws: pd.DataFrame,
    catalogue: pd.DataFrame,
    return_rates: pd.DataFrame,
) -> pd.DataFrame:
    keys, units = market_draws(draws, phases=HORIZON_PHASES)
    demand = pd.Series(units.mean(axis=1), index=keys, name="mean_units")
    goods = plan[[*KEYS, "order_units", "available_units", "lost_units", "leftover_units"]]
    goods = (
        goods.join(demand, on=KEYS)
        .merge(economics[[*KEYS, "price"]], on=KEYS, how="left")
        .merge(catalogue[["sku", "unit_cost", "weight_kg", "volume_cbm"]], on="sku", how="left")
    )
    rates = returns_of(return_rates, goods, catalogue)
    goods["sold_units"] = goods["mean_units"] - goods["lost_units"]
    goods["back_units"] = goods["sold_units"] * rates["return_rate"]
    return goods


def _freight(goods: pd.DataFrame, ship: pd.DataFrame) -> pd.Series:
    paid = ship.groupby(KEYS)["freight_cost"].sum(min_count=1)
    known = ship.groupby(KEYS)["freight_cost"].count() == ship.groupby(KEYS).size()
    return goods[KEYS].join(paid.where(known), on=KEYS)["freight_cost"].astype(float)


def _clearance(goods: pd.DataFrame, tariffs: pd.DataFrame) -> pd.Series:
    """Return clearance; a tariff per shipment is shared out over the units of the market."""
    rows = tariffs[tariffs["term"] == "clearance"].set_index("market")
    is_shipment = goods["market"].map(rows["unit"]) == "shipment"
    ordered = goods.groupby("market")["order_units"].transform("sum")
    share = goods["order_units"] / ordered.where(ordered > 0)
    per_shipment = share * figures(tariffs, "clearance", goods["market"])
    by_unit = goods["order_units"] * per_unit(tariffs, "clearance", goods)
    return by_unit.where(~is_shipment, per_shipment)


def _storage(goods: pd.DataFrame, tariffs: pd.DataFrame, scope: Scope) -> pd.Series:
    opening = goods["available_units"] + goods["order_units"]
    left_share = (goods["leftover_units"] / opening.where(opening > 0)).clip(upper=1).fillna(0)
    result = pd.Series(np.nan, index=goods.index)
    for market, days in horizon_days(scope).items():
        rows = goods["market"] == market
        per_cbm = storage_per_cbm(
            tariffs,
            market,
            days=days,
            free_days=scope.seller.contract.free_storage_days or 0.0,
            left_share=left_share[rows].to_numpy(),
        )
        result[rows] = per_cbm * (opening * goods["volume_cbm"])[rows]
    return result


def _source(
    term: str,
    goods: pd.DataFrame,
    tariffs: pd.DataFrame,
    lane_options: pd.DataFrame,
    catalogue: pd.DataFrame,
    scope: Scope,
) -> pd.Series:
    if term == "goods":
        return pd.Series("catalogue.csv: unit_cost", index=goods.index)
    if term != "head_haul":
        return sources(tariffs, term, goods["market"])
    lanes = choose_lanes(goods, catalogue, lane_options, scope=scope).set_index(KEYS)
    told = goods[KEYS].join(lanes["source"], on=KEYS)["source"].astype("str")
    told = told.fillna("not in lanes.csv")
    return told.where(own_freight(goods["market"], scope).isna(), "seller.yml: fees")
