"""Checks of what the exports say and leave out: days, gifts, samples, returns, routes, stock.

Each function returns the alerts of one subject, one for all SKUs of a shop, so that
a reader is told once. Thresholds stand in the register `Bounds`.
"""

import pandas as pd

from planner.guards.entries import Entry, entry, named, shared
from planner.scope import Scope
from planner.supply.trips.lanes import bound

TOKOPEDIA = "tokopedia"
"""Name, in small letters, of the channel whose orders stand in TikTok's Indonesian exports."""


def missing_days(gaps: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each shop with days whose orders are missing, wholly or in part.

    Notes
    -----
    Days whose rows are there and were rejected are told for themselves: no export helps.
    """
    found = []
    places = {shop.shop: shop.market for shop in scope.seller.shops}
    is_rejected = gaps["reason"] == "rejected"
    for (shop, were_there), part in gaps.groupby(["shop", is_rejected.rename("were_there")]):
        spans = [
            f"{row.first_on:%Y-%m-%d}" + (f"..{row.last_on:%Y-%m-%d}" if row.days > 1 else "")
            for row in part.sort_values("first_on").itertuples()
        ]
        facts = {"shop": shop, "days": int(part["days"].sum()), "spans": named(spans)}
        code = "days_rejected" if were_there else "days_missing"
        found.append(entry(code, "warn", scope=scope, market=places[str(shop)], **facts))
    return found


def spikes(trail: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each market with spikes that no event explains, the largest by name."""
    rows = trail[trail["is_spike"] & (trail["spike_units"] < 0)]
    found = []
    for _, part in rows.groupby("market"):
        largest = part.sort_values(["spike_units", "sku", "day"])
        told = {
            "days": part["day"].nunique(),
            "units": -part["spike_units"].sum(),
            "largest": named(
                [
                    f"{row.sku} {row.day:%Y-%m-%d} (+{-row.spike_units:,.0f})"
                    for row in largest.itertuples()
                ]
            ),
        }
        found.append(shared("spikes", "note", part[["market", "sku"]], scope=scope, **told))
    return found


def gifts(gifts_alone: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each market whose gifts no recipe in bundles.csv names."""
    return [
        shared("gifts_unnamed", "note", part, scope=scope, facts=("units",))
        for _, part in gifts_alone.groupby("market")
    ]


def returns_known(lines: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each shop whose returns come from order columns, or from nowhere."""
    found = []
    for (shop, market), part in lines.groupby(["shop", "market"]):
        if (part["returned_from"] == "returns").any():
            continue
        has_some = (part["returned_from"] == "orders").any()
        code = "returns_from_orders" if has_some else "returns_unknown"
        found.append(entry(code, "note", scope=scope, market=str(market), shop=shop))
    return found


def kinds_high(lines: pd.DataFrame, bounds: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return alerts for shops with many samples, or many orders cancelled after shipping."""
    found = []
    checks = (
        ("samples_high", ("sample", "gift"), "sample_units"),
        ("cancelled_after_high", ("cancelled_after",), "cancelled_after_units"),
    )
    for (shop, market), part in lines.groupby(["shop", "market"]):
        for code, kinds, rule in checks:
            units = int(part.loc[part["kind"].isin(kinds), "units"].sum())
            rate = units / max(int(part["units"].sum()), 1)
            if rate > bound(bounds, rule).high:
                facts = {"shop": shop, "units": units, "rate": rate}
                found.append(entry(code, "note", scope=scope, market=str(market), **facts))
    return found


def routes(lines: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return alerts for shops whose orders come by two channels or leave from two stocks."""
    found = []
    demand = lines[lines["is_demand"]]
    for (shop, market), part in demand.groupby(["shop", "market"]):
        total = max(int(part["units"].sum()), 1)
        is_toko = part["channel"].str.lower().str.contains(TOKOPEDIA)
        if is_toko.any():
            rate = int(part.loc[is_toko, "units"].sum()) / total
            facts = {"shop": shop, "rate": rate}
            found.append(entry("channel_mixed", "note", scope=scope, market=str(market), **facts))
        shares = part[part["fulfilment"] != ""].groupby("fulfilment")["units"].sum()
        if len(shares) > 1:
            facts = {"shop": shop, "rate": shares["fbt"] / shares.sum()}
            found.append(
                entry("fulfilment_mixed", "warn", scope=scope, market=str(market), **facts)
            )
    return found


def stock_fresh(stock: pd.DataFrame, lines: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return an alert for each warehouse whose newest stock is older than the newest order."""
    found = []
    newest = stock.groupby("warehouse")["as_of"].max()
    for house in scope.seller.warehouses:
        shops = [shop.shop for shop in scope.shops if shop.warehouse == house.warehouse]
        orders = lines.loc[lines["shop"].isin(shops), "ordered_at"]
        if house.warehouse not in newest or orders.empty:
            continue
        last, counted = orders.max().normalize(), newest[house.warehouse]
        if counted < last:
            facts = {"warehouse": house.warehouse, "day": counted, "last": last}
            late = (last - counted).days
            found.append(
                entry("stock_older", "warn", scope=scope, market=house.market, days=late, **facts)
            )
    return found
