"""What a seller has handed in of what the brief asks for, and what is known of returns.

Knows which materials there are and where each would show. Judges no figure.
"""

import pandas as pd

from planner.guards.data_checks import days_exported
from planner.intake.came_back import return_lags
from planner.intake.driver_rows import AMOUNTS
from planner.scope import Scope
from planner.supply.trips.lanes import bound

PRICING = ("unit_cost", "price", "weight_kg", "volume_cbm")
"""Columns of the catalogue without which a unit cannot be priced."""
EFFORTS = (*AMOUNTS, "creators", "has_gift")
"""What a seller does beside price and tier to sell more in a promotion."""


def handed_in(
    daily: pd.DataFrame,
    return_lines: pd.DataFrame,
    catalogue: pd.DataFrame,
    bounds: pd.DataFrame,
    *,
    lines: pd.DataFrame,
    bundles: pd.DataFrame,
    stock: pd.DataFrame,
    stock_days: pd.DataFrame,
    joined: pd.DataFrame,
    live_plan: pd.DataFrame,
    drivers: pd.DataFrame,
    scope: Scope,
    gaps: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the materials of the brief, one row each: there, in part, or missing.

    Parameters
    ----------
    daily, return_lines, catalogue, lines, bundles, stock : DataFrame
        Tables `DailySales`, `ReturnLines`, `Catalogue`, `OrderLines`, `Bundles` and `Stock`.
    stock_days, joined, live_plan, drivers : DataFrame
        Tables `StockHistory`, `CampaignsJoined`, `LivePlan` and `Drivers`.
    bounds : DataFrame
        Register `Bounds`; its rule `history` says how many days are asked for.
    scope : Scope
    gaps : DataFrame, optional
        As `intake.coverage.missing_days` returns it: these days are not handed in.

    Returns
    -------
    DataFrame
        material, state ("have", "partly", "missing", "optional"), found: a term and its facts.
    """
    asked = int(bound(bounds, "history").low)
    skus = pd.Index(daily["sku"].unique())
    rows = [
        _orders(daily, asked, gaps),
        _returns(lines, return_lines),
        _hours(lines),
        _catalogue(catalogue, skus),
        _count("bundles", len(bundles["sku"].unique()), needed=False),
        _stock(stock, stock_days, skus),
        _count("campaigns_joined", len(joined), needed=False),
        _count("live_plan", len(live_plan), needed=False),
        _drivers(drivers, scope),
        _certificates(catalogue, skus),
        _contract(scope),
    ]
    return pd.DataFrame(rows, columns=["material", "state", "found"])


def returns_before(return_lines: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return the lines of returns that were asked for before the day from which 01 looks.

    Parameters
    ----------
    return_lines : DataFrame
        Table `ReturnLines`, as the exports hold it.
    scope : Scope
    """
    days = {market: pd.Timestamp(day) for market, day in scope.as_of(1).items()}
    ends = pd.to_datetime(return_lines["market"].map(days))
    return return_lines[return_lines["requested_at"] < ends]


def returns_by_shop(lines: pd.DataFrame, return_lines: pd.DataFrame) -> pd.DataFrame:
    """Return how much of what was sold came back, from which source, and after how long.

    Parameters
    ----------
    lines, return_lines : DataFrame
        Tables `OrderLines` and `ReturnLines`.

    Returns
    -------
    DataFrame
        shop, returned_from, sold_units, returned_units, return_rate, and the days from order to
        request within which half and nine tenths of the returns were asked for: unknown
        without a return export.
    """
    sold = lines[lines["is_demand"]]
    grouped = sold.groupby("shop", as_index=False).agg(
        sold_units=("units", "sum"), returned_units=("returned_units", "sum")
    )
    told = lines[lines["returned_from"] != ""].groupby("shop")["returned_from"].max()
    sources = pd.Series([str(told.get(shop, "")) for shop in grouped["shop"]], dtype="str")
    grouped["returned_from"] = sources
    share = grouped["returned_units"] / grouped["sold_units"].clip(lower=1)
    grouped["return_rate"] = share.where(grouped["returned_from"] != "")
    known = grouped["returned_from"] != ""
    grouped["returned_units"] = grouped["returned_units"].astype("Int64").mask(~known)
    lags = return_lags(lines, return_lines).set_index("shop")
    for name, found in (("half_back_days", "median_days"), ("most_back_days", "p90_days")):
        grouped[name] = grouped["shop"].map(lags[found]).astype(float)
    order = ["shop", "returned_from", "sold_units", "returned_units", "return_rate"]
    return grouped[[*order, "half_back_days", "most_back_days"]]


def _orders(daily: pd.DataFrame, asked: int, gaps: pd.DataFrame | None) -> tuple[str, str, str]:
    days = days_exported(daily, gaps)
    missing = 0 if gaps is None else int(gaps["days"].sum())
    state = "have" if days >= asked and not missing else "partly" if days else "missing"
    found = f"days={days}|asked={asked}"
    if missing:
        return "orders", state, f"material_found.days_missing|{found}|missing={missing}"
    return "orders", state, f"material_found.days|{found}"


def _returns(lines: pd.DataFrame, return_lines: pd.DataFrame) -> tuple[str, str, str]:
    if len(return_lines):
        return "returns", "have", f"material_found.rows|rows={len(return_lines)}"
    if (lines["returned_from"] == "orders").any():
        return "returns", "partly", "material_found.from_orders"
    return "returns", "missing", "material_found.nothing"


def _hours(lines: pd.DataFrame) -> tuple[str, str, str]:
    moments = lines["ordered_at"]
    has_clock = bool((moments != moments.dt.normalize()).any())
    found = "material_found.derived" if has_clock else "material_found.no_clock"
    return "hot_hours", "have" if has_clock else "missing", found


def _catalogue(catalogue: pd.DataFrame, skus: pd.Index) -> tuple[str, str, str]:
    own = catalogue[catalogue["sku"].isin(skus)]
    whole = int(own[list(PRICING)].notna().all(axis=1).sum())
    some = int(own[list(PRICING)].notna().any(axis=1).sum())
    state = "have" if len(skus) and whole == len(skus) else "partly" if some else "missing"
    return "catalogue", state, f"material_found.skus|known={whole}|n={len(skus)}"


def _stock(stock: pd.DataFrame, stock_days: pd.DataFrame, skus: pd.Index) -> tuple[str, str, str]:
    now = int(pd.Series(skus.isin(stock["sku"])).sum())
    past = int(pd.Series(skus.isin(stock_days["sku"])).sum())
    state = "have" if now and past else "partly" if now or past else "missing"
    return "stock", state, f"material_found.stock|now={now}|past={past}|n={len(skus)}"


def _count(material: str, rows: int, *, needed: bool) -> tuple[str, str, str]:
    if rows:
        return material, "have", f"material_found.rows|rows={rows}"
    return material, "missing" if needed else "optional", "material_found.nothing"


def _drivers(drivers: pd.DataFrame, scope: Scope) -> tuple[str, str, str]:
    """Return whether past promotions and the one ahead say what was done to sell more."""
    told = drivers[drivers[list(EFFORTS)].notna().any(axis=1)]
    is_past = told["starts_on"] < pd.to_datetime(told["market"].map(scope.as_of(1)))
    past, ahead = _editions(told[is_past]), _editions(told[~is_past])
    state = "have" if past and ahead else "partly" if past or ahead else "missing"
    return "drivers", state, f"material_found.drivers|past={past}|ahead={ahead}"


def _editions(told: pd.DataFrame) -> int:
    """Return how many promotions rows speak of; each phase of one has a first day of its own."""
    starts = told.groupby(["event", "market", "phase"])["starts_on"].nunique()
    return int(starts.groupby(["event", "market"]).max().sum())


def _certificates(catalogue: pd.DataFrame, skus: pd.Index) -> tuple[str, str, str]:
    own = catalogue[catalogue["sku"].isin(skus)]
    named = int((own["certificates"].str.strip() != "").sum())
    state = "have" if named == len(skus) and named else "partly" if named else "missing"
    return "certificates", state, f"material_found.skus|known={named}|n={len(skus)}"


def _contract(scope: Scope) -> tuple[str, str, str]:
    terms = scope.seller.contract
    known = [value is not None for _, value in terms if value is not None]
    count = len(type(terms).model_fields)
    state = "missing" if not terms.is_signed else "have" if len(known) == count else "partly"
    return "contract", state, f"material_found.terms|known={len(known)}|n={count}"
