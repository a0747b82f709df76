"""Checks of the goods: papers they need, lanes they may not take, returns they bring.

Each function returns the alerts of one subject. Papers and rates come from the
registers; a paper whose source is weak warns, it does not stop.
"""

import pandas as pd

from planner.campaign import Scope
from planner.guards.entries import KEYS, SEPARATOR, Entry, as_terms, entry, named, shared
from planner.supply.lanes import ANY_MARKET, bound
from planner.supply.packing import TRAVEL_FLAGS, travel_flags
from planner.supply.position import returns_of

SURE = ("primary", "secondary", "measured")
"""Confidence at which a missing paper stops a shipment."""
BATCH_TERMS = ("goods", "head_haul", "clearance", "inbound", "duty")
"""Cost terms lost with a batch that is refused."""
FLYING_MODES = ("air", "express")
"""Modes whose carriers ask for papers on batteries, liquids and powders."""


def codes_missing(plan: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market where goods to be shipped have no HS code."""
    lost = wanted(plan).merge(catalogue[["sku", "hs_code"]], on="sku", how="left")
    lost = lost[lost["hs_code"].fillna("").str.strip() == ""]
    return [
        shared("missing_hs_code", "warn", rows, scope=scope) for _, rows in lost.groupby("market")
    ]


def papers(
    plan: pd.DataFrame,
    costs: pd.DataFrame,
    catalogue: pd.DataFrame,
    certificates: pd.DataFrame,
    scope: Scope,
) -> list[Entry]:
    """Return one alert for each market and certificate that goods to be shipped lack.

    Notes
    -----
    Goods need what the register asks of their category or of a flag (battery, liquid, powder), in
    their market or in any. `UKCA/CE` is met by either. The money at risk is the whole batch.
    """
    needs = _needs(wanted(plan), catalogue, certificates)
    if needs.empty:
        return []
    has = dict(zip(catalogue["sku"], catalogue["certificates"].map(_listed), strict=True))
    lacks = [
        not (_alternatives(paper) & has.get(sku, set()))
        for paper, sku in zip(needs["certificate"], needs["sku"], strict=True)
    ]
    lost = needs[lacks].merge(_batch_cost(costs), on=KEYS, how="left")
    found = []
    for (_, paper), rows in lost.groupby(["market", "certificate"]):
        severity = "stop" if rows["confidence"].isin(SURE).any() else "warn"
        categories = SEPARATOR.join(as_terms("category", sorted(set(rows["category"]))))
        found.append(
            shared(
                "missing_certificate", severity, rows, scope=scope,
                certificate=paper, categories=categories,
            )
        )  # fmt: skip
    return found


def sensitive(
    plan: pd.DataFrame, lane_options: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return one alert for each market whose batteries, liquids or powders might have to fly.

    Notes
    -----
    It warns where only lanes by air are in time, and notes it where the goods can go by land or
    sea as well.
    """
    flagged = wanted(plan).merge(travel_flags(catalogue), on="sku", how="inner")
    ready = lane_options[lane_options["is_feasible"]]
    is_flying = ready["mode"].isin(FLYING_MODES)
    modes = ready[is_flying].sort_values("lead_days").groupby("market")["mode"].last()
    ground = set(ready.loc[~is_flying, "market"])
    found = []
    for market, rows in flagged[flagged["market"].isin(modes.index)].groupby("market"):
        counts = {flag: int((rows["flag"] == flag).sum()) for flag in TRAVEL_FLAGS}
        severity = "note" if market in ground else "warn"
        found.append(
            shared("sensitive_goods", severity, rows, scope=scope, mode=modes[market], **counts)
        )
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


def _needs(
    goods: pd.DataFrame, catalogue: pd.DataFrame, certificates: pd.DataFrame
) -> pd.DataFrame:
    kinds = pd.concat(
        [
            catalogue[["sku", "category"]],
            travel_flags(catalogue).rename(columns={"flag": "category"}),
            catalogue[["sku"]].assign(category=ANY_MARKET),
        ]
    )
    kinds["category"] = kinds["category"].str.strip().str.lower()
    register = certificates[["market", "category", "certificate", "confidence"]]
    everywhere = register[register["market"] == ANY_MARKET].drop(columns="market")
    sought = goods.merge(kinds, on="sku")
    needs = pd.concat(
        [
            sought.merge(register, on=["market", "category"]),
            sought.merge(everywhere, on="category"),
        ]
    )
    return needs.drop_duplicates([*KEYS, "certificate"])


def _batch_cost(costs: pd.DataFrame) -> pd.DataFrame:
    batch = costs[costs["term"].isin(BATCH_TERMS)]
    sums = batch.groupby(KEYS)["amount_cost"].sum(min_count=1)
    return sums.rename("risk_cost").reset_index()


def _listed(text: str) -> set[str]:
    return {part.strip().upper() for part in text.split(";") if part.strip()}


def _alternatives(paper: str) -> set[str]:
    return {part.strip().upper() for part in paper.split("/")}
