"""Checks of the goods: lanes they may not take, returns they bring; and the papers they need.

Each check returns the alerts of one subject. Papers and rates come from the registers; what a
missing paper blocks is the business of `gates`.
"""

import pandas as pd

from planner.guards.entries import KEYS, Entry, entry, named, shared
from planner.scope import Scope
from planner.supply.charges.packing import TRAVEL_FLAGS, travel_flags
from planner.supply.quantity.returning import returns_of
from planner.supply.trips.lanes import ANY_MARKET, bound

SURE = ("primary", "secondary", "measured")
"""Confidence at which a missing paper stops a shipment; that of a weak source warns."""
FLYING_MODES = ("air", "express")
"""Modes whose carriers ask for papers on batteries, liquids and powders."""


def sensitive(
    plan: pd.DataFrame, ways: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return one alert for each market whose batteries, liquids or powders can only fly in time.

    Parameters
    ----------
    plan, ways, catalogue : DataFrame
        Tables `StockPlan`, `SkuWays` and `Catalogue`.
    scope : Scope
    """
    flagged = wanted(plan).merge(travel_flags(catalogue), on="sku", how="inner")
    ready = ways[ways["is_allowed"]].sort_values("lead_days")
    ground = pd.MultiIndex.from_frame(ready.loc[~ready["mode"].isin(FLYING_MODES), KEYS])
    flagged = flagged[~pd.MultiIndex.from_frame(flagged[KEYS]).isin(ground)]
    flagged = flagged.merge(ready.drop_duplicates(KEYS, keep="last")[[*KEYS, "mode"]], on=KEYS)
    found = []
    for _, rows in flagged.groupby("market"):
        counts = {flag: int((rows["flag"] == flag).sum()) for flag in TRAVEL_FLAGS}
        mode = rows["mode"].iloc[0]
        found.append(shared("sensitive_goods", "warn", rows, scope=scope, mode=mode, **counts))
    return found


def returns(
    plan: pd.DataFrame,
    economics: pd.DataFrame,
    catalogue: pd.DataFrame,
    return_rates: pd.DataFrame,
    bounds: pd.DataFrame,
    scope: Scope,
) -> list[Entry]:
    """Return one alert for each market where returns reach the rate that the brief warns of."""
    limit = bound(bounds, "return_rate_indonesia").high
    goods = plan[[*KEYS, "demand_units", "lost_units"]].merge(
        economics[[*KEYS, "price"]], on=KEYS, how="left"
    )
    goods["return_rate"] = returns_of(return_rates, goods, catalogue)["return_rate"]
    high = goods[goods["return_rate"] >= limit].copy()
    high["back_units"] = (high["demand_units"] - high["lost_units"]) * high["return_rate"]
    high["risk_cost"] = high["back_units"] * high["price"]
    return [
        shared(
            "return_rate_high", "warn", rows, scope=scope, facts=("back_units",),
            rate=rows["return_rate"].max(), limit=limit,
        )
        for _, rows in high.groupby("market")
    ]  # fmt: skip


def unsure(plan: pd.DataFrame, forecast: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market with SKUs whose forecast is no basis for an order."""
    weak = plan.loc[plan["grade"] == "D", KEYS]
    whole = forecast[forecast["phase"] == "horizon"]
    ranges = whole.groupby(KEYS)[["q10_units", "q90_units"]].sum()
    weak = weak.join(ranges, on=KEYS)
    found = []
    for market, rows in weak.groupby("market"):
        names = rows["sku"].to_list()
        facts = {"n": len(names), "skus": named(names)}
        facts |= {"low": rows["q10_units"].sum(), "high": rows["q90_units"].sum()}
        sku = names[0] if len(names) == 1 else ""
        found.append(entry("grade_d", "warn", scope=scope, market=str(market), sku=sku, **facts))
    return found


def wanted(plan: pd.DataFrame) -> pd.DataFrame:
    """Return market and sku of what the plan orders, or would order if demand were high."""
    return plan.loc[(plan["order_units"] > 0) | (plan["high_units"] > 0), KEYS]


def needs_of(
    goods: pd.DataFrame, catalogue: pd.DataFrame, certificates: pd.DataFrame
) -> pd.DataFrame:
    """Return the papers that goods need: market, sku, category, certificate, confidence, source.

    Parameters
    ----------
    goods : DataFrame
        market, sku.
    catalogue : DataFrame
        Table `Catalogue`.
    certificates : DataFrame
        Register `Certificates`; `any` stands for every market or category.
    """
    kinds = pd.concat(
        [
            catalogue[["sku", "category"]],
            travel_flags(catalogue).rename(columns={"flag": "category"}),
            catalogue[["sku"]].assign(category=ANY_MARKET),
        ]
    )
    kinds["category"] = kinds["category"].str.strip().str.lower()
    register = certificates[["market", "category", "certificate", "confidence", "source"]]
    everywhere = register[register["market"] == ANY_MARKET].drop(columns="market")
    sought = goods.merge(kinds, on="sku")
    needs = pd.concat(
        [
            sought.merge(register, on=["market", "category"]),
            sought.merge(everywhere, on="category"),
        ]
    )
    return needs.drop_duplicates([*KEYS, "certificate"])


def listed(text: str) -> set[str]:
    """Return the papers that a cell of the catalogue names, parted by `;`."""
    return {part.strip().upper() for part in text.split(";") if part.strip()}


def alternatives(paper: str) -> set[str]:
    """Return the papers of which each will do: `UKCA/CE` is met by either."""
    return {part.strip().upper() for part in paper.split("/")}
