"""Costs: the money the plan will spend, term by term, each with its source.

Knows the plan, the freight and the tariffs. A term whose tariff nobody gave is
listed without an amount: unknown is not zero.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.once_costs import once_lines
from planner.supply.charges.packing import choose_lanes, own_freight
from planner.supply.charges.tariffs import (
    BRIEF_TERMS,
    OPTIONAL_TERMS,
    figures,
    free_days,
    has_term,
    per_unit,
    sources,
    storage_per_cbm,
    tariffs_in_force,
)
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES, horizon_days
from planner.supply.quantity.returning import returns_of

ENTRY_TERMS = ("import_tax", "surcharge", "insurance", "handling", "integration")
"""Terms that are told only where the ways of the goods were priced."""
WAY_TERMS = ("clearance", "inbound", "duty", *ENTRY_TERMS)
"""Terms that follow the way the goods go."""
TERMS = (
    *BRIEF_TERMS, "commission", "transaction", *OPTIONAL_TERMS, "duty", *ENTRY_TERMS, "goods",
)  # fmt: skip
"""The six terms of the brief, the platform's fees, entry, then the goods themselves."""
ORDER_TERMS = ("head_haul", *WAY_TERMS, "goods")
"""Terms that arise only if something is ordered."""
SOLD_TERMS = ("outbound", "commission", "transaction", *OPTIONAL_TERMS)
"""Terms paid for each unit sold."""


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
    mode_plan: pd.DataFrame | None = None,
    ways: pd.DataFrame | None = None,
    terms: pd.DataFrame | None = None,
    rush: pd.Series | None = None,
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
    mode_plan : DataFrame, optional
        Table `ModePlan`: units by way; without it those of `ship`.
    ways, terms : DataFrame, optional
        Tables `SkuWays` and `WayTerms`. With `terms` clearance, inbound and duty follow the ways
        that the units take, and import tax, surcharge, insurance, handling and integration are
        told as well. `ways` names the lane whose price is meant, where a SKU has no ship line.
    rush : Series, optional
        By market and SKU, the share that an event adds to the outbound fee of a unit.

    Returns
    -------
    DataFrame
        Table `CostLines`, in the seller's currency: head_haul, clearance, inbound, storage,
        outbound, returns, commission, transaction, order_fee, affiliate and ads (where somebody
        gave a figure), duty and what else `terms` tells, goods. `is_known` is false of an amount
        that lacks a part.

    Notes
    -----
    Goods, freight, clearance, inbound and duty are those of the order; an order of 0 costs 0 of
    each. Outbound, commission and the like follow ``sold = mean demand - lost``; returns handling
    follows ``sold * return rate``; refunds are lost revenue, no cost, and stand in the economics.
    Storage is the mean over the worlds of the draws: in each the stock of the plan falls evenly by
    what is wanted there, to its leftover or to nothing before the end. Free days are those of the
    contract, else of the register, else none. What a shipment or a SKU costs once is told as
    `once_costs` has it, the same money that the order was weighed with.
    """
    if plan.empty:
        return tables.empty(tables.CostLines)
    tariffs = tariffs_in_force(fees, scope=scope)
    goods = _goods(plan, economics, draws, catalogue, return_rates)
    amounts = {
        "head_haul": _freight(goods, ship),
        "clearance": _clearance(goods, tariffs),
        "inbound": goods["order_units"] * per_unit(tariffs, "inbound", goods),
        "storage": _storage(goods, draws, tariffs, scope),
        "returns": goods["back_units"] * per_unit(tariffs, "returns", goods),
        "duty": goods["order_units"] * per_unit(tariffs, "duty", goods),
        "goods": goods["order_units"] * goods["unit_cost"],
        **{term: goods["sold_units"] * per_unit(tariffs, term, goods) for term in SOLD_TERMS},
    }
    lines = {term: _line(goods, amount) for term, amount in amounts.items()}
    if rush is not None:
        lines["outbound"] = _with_rush(lines["outbound"], goods, rush)
    for term, line in lines.items():
        line["source"] = _source(term, goods, tariffs, lane_options, catalogue, scope, ways)
    if terms is not None:
        lines |= _by_way(goods, terms, ship if mode_plan is None else mode_plan)
    return _told(lines, goods, tariffs, scope)


def _told(
    lines: dict[str, pd.DataFrame], goods: pd.DataFrame, tariffs: pd.DataFrame, scope: Scope
) -> pd.DataFrame:
    parts = []
    for place, term in enumerate(name for name in TERMS if name in lines):
        part = lines[term].assign(term=term, place=place)
        if term in ORDER_TERMS:
            part = _nothing_ordered(part, goods)
        exists = has_term(tariffs, term, goods["market"])
        parts.append(part[exists] if term in OPTIONAL_TERMS else part)
    frame = pd.concat(parts, ignore_index=True).assign(currency=scope.seller.currency)
    frame = frame.sort_values([*KEYS, "place"]).drop(columns="place")
    return tables.checked(tables.CostLines, frame)


def _line(goods: pd.DataFrame, amount: pd.Series) -> pd.DataFrame:
    return goods[KEYS].assign(amount_cost=amount, is_known=amount.notna())


def _with_rush(line: pd.DataFrame, goods: pd.DataFrame, rush: pd.Series) -> pd.DataFrame:
    keys = pd.MultiIndex.from_frame(goods[KEYS])
    more = rush.reindex(keys, fill_value=0.0).to_numpy(dtype=float)
    amount = line["amount_cost"] * (1.0 + np.nan_to_num(more))
    return line.assign(amount_cost=amount, is_known=line["is_known"] & ~np.isnan(more))


def _nothing_ordered(part: pd.DataFrame, goods: pd.DataFrame) -> pd.DataFrame:
    is_free = goods["order_units"] == 0
    return part.assign(
        amount_cost=part["amount_cost"].where(~is_free, 0.0),
        is_known=part["is_known"] | is_free,
        source=part["source"].where(~is_free, "nothing ordered"),
    )


def _by_way(
    goods: pd.DataFrame, terms: pd.DataFrame, moved: pd.DataFrame
) -> dict[str, pd.DataFrame]:
    """Return amount, whether all of it is known and source of each term that follows the way."""
    way = [*KEYS, "mode"]
    units = moved[moved["units"] > 0].groupby(way, as_index=False)["units"].sum()
    used = units.merge(terms[terms["term"].isin(WAY_TERMS)], on=way, how="inner")
    used["amount"] = used["units"] * used["unit_cost"]
    grouped = used.groupby([*KEYS, "term"])
    sums = grouped.agg(
        amount_cost=("amount", lambda column: column.sum(min_count=1)),
        is_known=("is_known", "all"),
        moved_units=("units", "sum"),
        source=("source", lambda told: "; ".join(dict.fromkeys(told))),
    )
    once = once_lines(terms[terms["term"].isin(WAY_TERMS)], moved).set_index(sums.index.names)
    owed = once["amount"].reindex(sums.index)
    sums["amount_cost"] = sums["amount_cost"].add(owed, fill_value=0)
    lines = {}
    for term in [name for name in WAY_TERMS if name in set(terms["term"])]:
        there = (
            sums.xs(term, level="term")
            if term in set(used["term"])
            else sums.iloc[:0].droplevel("term")
        )
        line = goods[[*KEYS, "order_units"]].join(there, on=KEYS)
        is_whole = line["moved_units"] == line["order_units"]
        line["amount_cost"] = line["amount_cost"].astype(float).where(is_whole)
        line["is_known"] = line["is_known"].fillna(False).astype(bool) & line["amount_cost"].notna()
        line["source"] = line["source"].astype("str").fillna("no way for these goods")
        lines[term] = line.drop(columns=["order_units", "moved_units"])
    return lines


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


def _storage(
    goods: pd.DataFrame, draws: pd.DataFrame, tariffs: pd.DataFrame, scope: Scope
) -> pd.Series:
    keys, units = market_draws(draws, phases=HORIZON_PHASES)
    wanted = units[keys.get_indexer(pd.MultiIndex.from_frame(goods[KEYS]))]
    opening = (goods["available_units"] + goods["order_units"]).to_numpy(dtype=float)
    left_share = 1 - wanted / np.where(opening > 0, opening, np.nan)[:, None]
    result = pd.Series(np.nan, index=goods.index)
    for market, days in horizon_days(scope).items():
        rows = (goods["market"] == market).to_numpy()
        per_cbm = storage_per_cbm(
            tariffs,
            market,
            days=days,
            free_days=free_days(tariffs, market, scope=scope),
            left_share=np.nan_to_num(left_share[rows], nan=0.0),
        )
        result[rows] = per_cbm.mean(axis=1) * (opening * goods["volume_cbm"])[rows]
    return result


def _source(
    term: str,
    goods: pd.DataFrame,
    tariffs: pd.DataFrame,
    lane_options: pd.DataFrame,
    catalogue: pd.DataFrame,
    scope: Scope,
    ways: pd.DataFrame | None,
) -> pd.Series:
    if term == "goods":
        return pd.Series("catalogue.csv: unit_cost", index=goods.index)
    if term != "head_haul":
        return sources(tariffs, term, goods["market"])
    lanes = choose_lanes(goods, catalogue, lane_options, scope=scope, ways=ways).set_index(KEYS)
    told = goods[KEYS].join(lanes["source"], on=KEYS)["source"].astype("str")
    told = told.fillna("not in lanes.csv")
    return told.where(own_freight(goods["market"], scope).isna(), "seller.yml: fees")
