"""Network: which goods to keep in a market, which to mail from China, and where to open a place.

Knows what speed costs by the order. What a longer wait costs in buyers is not known;
it is told as the share that must still buy.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.tariffs import DAYS_A_MONTH
from planner.supply.charges.way_choice import whatever_the_day
from planner.supply.quantity.newsvendor import (
    KEYS,
    expected_leftover,
    expected_profit,
    market_draws,
    optimal_units,
)
from planner.supply.quantity.position import HORIZON_PHASES

MAIL_MODES = ("express", "air")
"""Modes by which single parcels leave China; of those known the cheapest is taken."""
UNKNOWN = "unknown"


def direct_mail(
    draws: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    *,
    scope: Scope,
    sla_days: float,
    mail_rates: Mapping[str, float] | None = None,
    gates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each market and SKU whether to keep stock there or to mail by the order.

    Parameters
    ----------
    draws, economics, ways : DataFrame
        Tables `DemandDraws`, `UnitEconomics`, `SkuWays`; the landed cost by express or air is
        what a parcel from China costs.
    scope : Scope
    sla_days : float
        Days in which a parcel is expected in the market, NaN where not known. [days]
    mail_rates : mapping of str to float, optional
        By market, the share of buyers who still buy with the longer wait; unknown without it.
    gates : DataFrame, optional
        Table `Gates`: what may not be ordered cannot be listed, and is left out.

    Returns
    -------
    DataFrame
        Table `DirectMail`. Advice is `stock` (mailing loses), `mail` (stock loses, mailing does
        not, or the share known is above the break-even), `fallback` (keep stock, mail what runs
        short) or `unknown`.

    Notes
    -----
    ``stock profit`` is that of the newsvendor order. ``mail unit profit = price - selling cost -
    landed cost by parcel``; a parcel leaves nothing over. ``break-even = stock profit / (mean
    demand * mail unit profit)``: above 1 stock earns more whatever buyers do.
    """
    keys, units = market_draws(_listed(draws, gates), phases=HORIZON_PHASES)
    goods = keys.to_frame(index=False)
    frame = goods.merge(economics, on=KEYS, how="left").merge(_parcels(ways), on=KEYS, how="left")
    over = frame["over_cost"].to_numpy(dtype=float)
    best = np.nan_to_num(optimal_units(units, frame["critical_ratio"].to_numpy(dtype=float)))
    penalty = (frame["under_cost"] - frame["margin_profit"]).to_numpy(dtype=float)
    money = {"margin_profit": frame["margin_profit"], "over_cost": over, "penalty_cost": penalty}
    frame["stock_profit"] = expected_profit(units, best, **money)
    frame["left_units"] = expected_leftover(units, best)
    frame["mail_unit_profit"] = frame["price"] - frame["selling_cost"] - frame["parcel_cost"]
    frame["mean_units"] = units.mean(axis=1)
    sum_mail = frame["mean_units"] * frame["mail_unit_profit"]
    rate = frame["stock_profit"].clip(lower=0) / sum_mail.where(sum_mail > 0)
    frame["break_even_rate"] = rate
    frame["sla_days"] = float(sla_days)
    frame["is_late"] = (frame["mail_days"] > sla_days).astype(bool)
    known = {} if mail_rates is None else mail_rates
    told = [_advised(row, known.get(str(row.market))) for row in frame.itertuples()]
    frame["mail_advice"] = [advice for advice, _ in told]
    frame["reason"] = [reason for _, reason in told]
    frame["missing"] = np.where(frame["mail_unit_profit"].isna(), "cost.head_haul", "")
    frame["mode"] = frame["mode"].fillna("").astype("str")
    frame["currency"] = scope.seller.currency
    return tables.checked(tables.DirectMail, frame[tables.columns(tables.DirectMail)])


def advise_network(
    draws: pd.DataFrame, *, scope: Scope, houses: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return where to keep the goods of each market that has no warehouse of the seller.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.
    scope : Scope
    houses : DataFrame, optional
        Table `WarehouseChoice`: its cheapest kind is taken; without it the kind is not known.

    Returns
    -------
    DataFrame
        Table `NetworkAdvice`; empty where every market has a warehouse.

    Notes
    -----
    Orders a month are the campaign's mean units a day times 30, one unit an order: an upper end.
    """
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    keys, units = market_draws(draws, phases=HORIZON_PHASES)
    means = pd.Series(units.mean(axis=1), index=keys).groupby(level="market").sum()
    rows = []
    for market in scope.markets:
        if market in places.values():
            continue
        served = [shop.warehouse for shop in scope.shops if shop.market == market]
        plan = scope.plans[market]
        days = (plan.next_replenishment_on - plan.phases.start).days
        orders = float(means.get(market, 0.0)) / days * DAYS_A_MONTH
        kind, cost, why = _cheapest(market, houses)
        rows.append({
            "market": market,
            "monthly_orders": orders,
            "served_from": served[0],
            "kind": kind,
            "order_cost": cost,
            "reason": f"{why}|market={market}|place={served[0]}|orders={orders:.6g}|kind={kind}",
            "currency": scope.seller.currency,
        })  # fmt: skip
    if not rows:
        return tables.empty(tables.NetworkAdvice)
    return tables.checked(tables.NetworkAdvice, pd.DataFrame(rows))


def _listed(draws: pd.DataFrame, gates: pd.DataFrame | None) -> pd.DataFrame:
    if gates is None:
        return draws
    shut = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] == "order", KEYS])
    return draws[~pd.MultiIndex.from_frame(draws[KEYS]).isin(shut)]


def _parcels(ways: pd.DataFrame) -> pd.DataFrame:
    rows = whatever_the_day(ways[ways["mode"].isin(MAIL_MODES)]).drop_duplicates(KEYS)
    named = {"landed_cost": "parcel_cost", "lead_days": "mail_days"}
    return rows.rename(columns=named)[[*KEYS, "mode", *named.values()]]


def _advised(row: Any, rate: float | None) -> tuple[str, str]:
    facts = f"|days={row.mail_days:g}|sla={row.sla_days:g}|left={row.left_units:.6g}"
    if np.isnan(row.mail_unit_profit) or np.isnan(row.stock_profit):
        return UNKNOWN, "reason.mail_unpriced"
    if row.mail_unit_profit <= 0:
        loss = f"|loss={-row.mail_unit_profit:.6g}|currency={row.currency}"
        return "stock", f"reason.mail_loses{facts}{loss}"
    if row.stock_profit <= 0:
        return "mail", f"reason.stock_loses{facts}"
    share = f"|rate={row.break_even_rate:.6g}"
    if rate is not None and rate > row.break_even_rate:
        return "mail", f"reason.mail_pays{facts}{share}"
    return "fallback", f"reason.mail_fallback{facts}{share}"


def _cheapest(market: str, houses: pd.DataFrame | None) -> tuple[str, float, str]:
    if houses is not None:
        best = houses[(houses["market"] == market) & houses["is_cheapest"]]
        if len(best):
            row = best.iloc[0]
            return str(row["kind"]), float(row["order_cost"]), "reason.network_open"
    return UNKNOWN, float("nan"), "reason.network_open_unknown"
