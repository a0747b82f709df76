"""Checks of what a seller handed in: history, files, contract, master data, sign-up.

Each function returns the alerts of one subject. Nothing here knows of forecasts
or plans.
"""

import math
from collections.abc import Mapping
from datetime import date

import pandas as pd

from planner.guards.entries import Entry, as_terms, entry, named, named_terms, shared
from planner.intake.orders import NOT_LOST
from planner.scope import Scope
from planner.supply.trips.lanes import bound

STEP = 1
BARCODE_DIGITS = (8, 12, 13, 14)
"""GTIN-8, UPC-A, EAN-13 and GTIN-14. Source: GS1 General Specifications, section 7.9."""
EXPORT_CAP = "EXPORT_CAP"
"""Part of the finding that a file has exactly as many rows as a platform exports at most."""


def days_exported(daily: pd.DataFrame, gaps: pd.DataFrame | None = None) -> int:
    """Return how many days of a history at least one shop exported whole. [days].

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    gaps : DataFrame, optional
        As `intake.coverage.missing_days` returns it: these days of a shop do not count.
    """
    days: set[pd.Timestamp] = set()
    for shop, own in daily.groupby("shop"):
        missing: set[pd.Timestamp] = set()
        if gaps is not None:
            for hole in gaps[gaps["shop"] == shop].itertuples():
                missing |= {*pd.date_range(hole.first_on, hole.last_on)}
        days |= {*pd.date_range(own["day"].min(), own["day"].max())} - missing
    return len(days)


def history(
    daily: pd.DataFrame, bounds: pd.DataFrame, scope: Scope, *, gaps: pd.DataFrame | None = None
) -> list[Entry]:
    """Return an alert for each market whose history is shorter than the brief asks for."""
    least = bound(bounds, "history").low
    found = []
    for market in scope.markets:
        days = days_exported(daily[daily["market"] == market], gaps)
        if days < least:
            severity = "warn" if days else "stop"
            facts = {"days": days, "least": least}
            found.append(entry("history_short", severity, scope=scope, market=market, **facts))
    return found


def files(
    reconciliation: pd.DataFrame,
    findings: pd.DataFrame,
    rejected: pd.DataFrame,
    bounds: pd.DataFrame,
    scope: Scope,
) -> list[Entry]:
    """Return alerts for rows that were lost and for files that were probably cut off."""
    found = []
    places = {shop.shop: shop.market for shop in scope.seller.shops}
    limit = min(bound(bounds, "rejected_rows").high, scope.policy.max_lost_ratio)
    for shop, part in reconciliation.groupby("shop"):
        own = rejected["file"].isin(part["file"]) & ~rejected["code"].isin(NOT_LOST)
        rows, lost = part["rows_in"].sum(), own.sum()
        if lost:
            codes = rejected.loc[own, "code"].value_counts()
            facts = {
                "shop": shop,
                "rows": lost,
                "rate": lost / rows,
                "codes": named(as_terms("reject", list(codes.index))),
            }
            severity = "stop" if lost / rows > limit else "warn"
            market = places.get(str(shop), "")
            found.append(entry("rows_rejected", severity, scope=scope, market=market, **facts))
    capped = findings[findings["code"].str.contains(EXPORT_CAP)]
    if len(capped):
        names = named(sorted(set(capped["file"])))
        found.append(entry("export_cut_off", "warn", scope=scope, n=len(capped), files=names))
    return found


def contract(scope: Scope) -> list[Entry]:
    """Return an alert for a contract that is not signed."""
    terms, found = scope.seller.contract, []
    if not terms.is_signed:
        open_terms = {
            "receiving": terms.receiving_days,
            "compensation": terms.loss_compensation_rate,
            "storage": terms.free_storage_days,
        }
        found.append(entry("contract_missing", "warn", scope=scope, **open_terms))
    return found


def confirmations(scope: Scope) -> list[Entry]:
    """Return an alert for what the provider has not confirmed, and what each gap means.

    Notes
    -----
    It stops: goods are not booked on days that nobody stands by. Only trips whose lead time is
    not confirmed are stretched; a customs or last mile nobody confirmed changes no day.
    """
    terms = scope.seller.contract
    days = {
        "lead_time_on": terms.confirmed_lead_time_on,
        "customs_on": terms.confirmed_customs_on,
        "last_mile_on": terms.confirmed_last_mile_on,
    }
    open_terms = [name.replace("_on", "_open", 1) for name, day in days.items() if day is None]
    if not open_terms:
        return []
    facts = {"n": len(open_terms), "open": named_terms(as_terms("confirm", open_terms))}
    return [entry("contract_unconfirmed", "stop", scope=scope, **facts, **days)]


def warehouses(scope: Scope, risks: Mapping[str, float] | None = None) -> list[Entry]:
    """Return alerts for stock that several channels draw on, or that may be taken for shared.

    Parameters
    ----------
    scope : Scope
    risks : mapping of str to float, optional
        By warehouse, what is lost if nobody parts its stock; see `pool_worth.free_for_all_cost`.

    Notes
    -----
    A warehouse of more than one shop or channel warns; once seller.yml puts all of them into one
    pool it is a note that says so. Stock in a platform's warehouse and beside it, in one market,
    is counted apart until somebody confirms that it is shared.
    """
    pools: dict[str, dict[str, str]] = {shop.warehouse: {} for shop in scope.shops}
    told = {part.channel: part.pool for part in scope.seller.channels}
    for shop in scope.shops:
        pools[shop.warehouse][shop.shop] = told.get(shop.shop, "")
    own = {shop.shop for shop in scope.seller.shops}
    for part in scope.seller.channels:
        if part.channel not in own and part.warehouse in pools:
            pools[part.warehouse][part.channel] = part.pool
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    found = []
    for house, channels in pools.items():
        facts = {"warehouse": house, "n": len(channels), "shops": named([*channels])}
        names = set(channels.values())
        where = {"scope": scope, "market": places[house]}
        if len(channels) > 1 and len(names) == 1 and names != {""}:
            found.append(entry("pool_shared", "note", **where, **facts, pool=names.pop()))
        elif len(channels) > 1:
            risk = (risks or {}).get(house, math.nan)
            found.append(entry("shared_warehouse", "warn", risk_cost=risk, **where, **facts))
    return found + _platform_stock(scope)


def carriers(
    forecast_daily: pd.DataFrame, scope: Scope, *, units_per_order: float = 1.0
) -> list[Entry]:
    """Return an alert for each market whose strongest day is more than its carriers can take.

    Parameters
    ----------
    forecast_daily : DataFrame
        Table `ForecastDaily`.
    scope : Scope
        Carriers of seller.yml; of a market without any it is told that nobody named one.
    units_per_order : float
        1 takes every unit for a parcel of its own, the most there can be. [units/order]
    """
    found = []
    for market in scope.markets:
        known = [part for part in scope.seller.carriers if part.market == market]
        own = forecast_daily[forecast_daily["market"] == market]
        if own.empty:
            continue
        orders = own.groupby("day")["mean_units"].sum() / units_per_order
        facts = {
            "day": orders.idxmax(),
            "orders": math.ceil(orders.max()),
            "most": sum(part.daily_orders or 0 for part in known),
            "carriers": named([part.carrier for part in known]),
        }
        if not known:
            told = {name: facts[name] for name in ("day", "orders")}
            found.append(entry("carrier_nobody", "note", scope=scope, market=market, **told))
            continue
        if facts["most"] >= facts["orders"]:
            continue
        unknown = [part.carrier for part in known if part.daily_orders is None]
        if unknown:
            facts["unknown"] = named(unknown)
            found.append(entry("carrier_unknown", "note", scope=scope, market=market, **facts))
        else:
            found.append(entry("carrier_short", "warn", scope=scope, market=market, **facts))
    return found


def sign_up(bounds: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return for each market how long sellers can still sign up, or that nobody knows."""
    found = []
    for market, plan in scope.plans.items():
        today = scope.as_of(STEP)[market]
        if plan.sign_up is None:
            found.append(entry("sign_up_unknown", "note", scope=scope, market=market))
        elif plan.sign_up.end < today:
            facts = {"end": plan.sign_up.end}
            found.append(entry("sign_up_closed", "warn", scope=scope, market=market, **facts))
        else:
            found.append(_sign_up_open(market, plan.sign_up.end, today, bounds, scope))
    return found


def barcodes(catalogue: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for barcodes of a wrong length or check digit; an empty one is unknown."""
    known = catalogue[catalogue["barcode"].str.strip() != ""]
    wrong = known[[not is_barcode(text) for text in known["barcode"]]]
    if wrong.empty:
        return []
    return [shared("barcode_wrong", "warn", wrong[["sku"]].assign(market=""), scope=scope)]


def bundles_known(bundles: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for components that the catalogue does not know."""
    lost = bundles[~bundles["component"].isin(catalogue["sku"])]
    if lost.empty:
        return []
    parts = pd.DataFrame({"sku": lost["component"].unique(), "market": ""})
    return [shared("component_unknown", "warn", parts, scope=scope)]


def is_barcode(text: str) -> bool:
    """Return whether a barcode has a known length and the right check digit.

    Notes
    -----
    From the right, digits weigh 3, 1, 3, 1 ... without the check digit; the check digit brings
    the sum to a multiple of ten.

    Examples
    --------
    >>> is_barcode("4006381333931"), is_barcode("4006381333932")
    (True, False)
    """
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) in BARCODE_DIGITS):
        return False
    weighed = sum(
        int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(digits[-2::-1])
    )
    return (weighed + int(digits[-1])) % 10 == 0


def _sign_up_open(market: str, end: date, today: date, bounds: pd.DataFrame, scope: Scope) -> Entry:
    days = (end - today).days
    near = bound(bounds, "deadline_near").high
    severity = "warn" if not math.isnan(near) and days <= near else "note"
    return entry(
        "sign_up_deadline", severity, scope=scope, market=market, act_by=end, days=days, end=end
    )


def _platform_stock(scope: Scope) -> list[Entry]:
    found = []
    for market in scope.markets:
        houses = [house for house in scope.seller.warehouses if house.market == market]
        platform = [house.warehouse for house in houses if house.kind == "fbt"]
        beside = [house.warehouse for house in houses if house.kind != "fbt"]
        if platform and beside:
            facts = {"platform": named(platform), "beside": named(beside)}
            found.append(entry("pool_platform", "note", scope=scope, market=market, **facts))
    return found
