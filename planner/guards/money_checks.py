"""Checks of money and cushions: losses at the locked price, unknown costs, too much or too little.

Each function returns the alerts of one subject, priced where it can be priced.
"""

import pandas as pd

from planner.campaign import Scope
from planner.guards.entries import KEYS, SEPARATOR, Entry, as_terms, by_sku, entry, shared
from planner.supply.economics import NEEDED_TERMS
from planner.supply.lanes import bound

STEP = 3


def loss_makers(plan: pd.DataFrame, economics: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return alerts for SKUs that lose money at the campaign price, until the price is locked."""
    losing = economics[economics["margin_profit"] < 0].merge(
        plan[[*KEYS, "demand_units"]], on=KEYS, how="inner"
    )
    losing["loss"] = -losing["margin_profit"]
    losing["risk_cost"] = losing["loss"] * losing["demand_units"]
    found = []
    for market, rows in losing.groupby("market"):
        plan_there = scope.plans[str(market)]
        ends = [plan_there.price_lock_on, plan_there.sign_up.end if plan_there.sign_up else None]
        today = scope.as_of(STEP)[str(market)]
        known = [day for day in ends if day is not None and day >= today]
        found += by_sku(
            "price_below_cost", "stop", rows, scope=scope,
            act_by=min(known, default=None),
        )  # fmt: skip
    return found


def unknown_costs(economics: pd.DataFrame, plan: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market with cost terms that nobody gave a figure for.

    Notes
    -----
    It warns where a term is missing without which nothing can be reckoned, else it is a note;
    those terms are named first.
    """
    asked = economics.merge(plan[KEYS], on=KEYS, how="inner")
    named = asked.assign(term=asked["missing"].str.split(";")).explode("term")
    named = named[named["term"].fillna("") != ""]
    found = []
    asked_there = asked["market"].value_counts()
    for market, rows in named.groupby("market"):
        names = sorted(set(rows["term"].str.removeprefix("cost.")))
        names.sort(key=lambda name: name not in NEEDED_TERMS)
        severity = "warn" if names[0] in NEEDED_TERMS else "note"
        terms = SEPARATOR.join(as_terms("cost", names))
        facts = {"terms": terms, "all": int(asked_there[market])}
        found.append(shared("missing_cost", severity, rows[KEYS], scope=scope, **facts))
    return found


def exchange_rates(lane_options: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each currency of a lane that seller.yml gives no rate for."""
    lost = lane_options[lane_options["currency"] != scope.seller.currency]
    return [
        entry("missing_fx_rate", "warn", scope=scope, rate_of=currency, n=len(rows))
        for currency, rows in lost.groupby("currency")
    ]


def buffers(
    plan: pd.DataFrame, economics: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return alerts for a buffer outside the brief's range and for two cushions at once."""
    found, expected, rate = [], bound(bounds, "buffer"), scope.policy.buffer_rate
    if rate is not None and not expected.low <= rate <= expected.high:
        facts = {"rate": rate, "low": expected.low, "high": expected.high}
        found.append(entry("buffer_outside_range", "warn", scope=scope, **facts))
    both = plan[(plan["safety_units"] > 0) & (plan["buffer_units"] > 0)]
    both = both.merge(economics[[*KEYS, "over_cost"]], on=KEYS, how="left")
    both["risk_cost"] = both["buffer_units"] * both["over_cost"]
    for _, rows in both.groupby("market"):
        level = rows["service_level"].mean()
        found.append(
            shared(
                "cushions_double", "note", rows, scope=scope,
                facts=("safety_units", "buffer_units"), level=level,
            )
        )  # fmt: skip
    return found


def raw_history(
    rules: pd.DataFrame, economics: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return for each market what the brief's formula would add if promotions were left in."""
    limit = bound(bounds, "raw_history_gap").high
    fed = rules[rules["raw_history_units"].notna()].copy()
    fed["gap_units"] = fed["raw_history_units"] - fed["target_units"]
    fed = fed[fed["gap_units"] > limit * fed["target_units"]]
    fed = fed.merge(economics[[*KEYS, "landed_cost"]], on=KEYS, how="left")
    fed["risk_cost"] = fed["gap_units"] * fed["landed_cost"]
    facts = ("gap_units", "target_units", "raw_history_units")
    return [
        shared("raw_history_gap", "note", rows, scope=scope, facts=facts)
        for _, rows in fed.groupby("market")
    ]


def dead_stock(
    plan: pd.DataFrame, economics: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return alerts for SKUs of which a large share is expected to be left over.

    Notes
    -----
    Only what is ordered can be ordered less: a blocked SKU, or one of which nothing is ordered,
    raises none.
    """
    limit = bound(bounds, "leftover_share").high
    ordered = plan[~plan["is_blocked"] & (plan["order_units"] > 0)]
    held = ordered.merge(economics[[*KEYS, "over_cost"]], on=KEYS, how="left")
    held["share"] = held["leftover_units"] / (held["available_units"] + held["order_units"])
    held = held[held["leftover_units"] >= 1]
    held["risk_cost"] = held["leftover_units"] * held["over_cost"]
    facts = ("leftover_units",)
    return by_sku("dead_stock_risk", "warn", held[held["share"] > limit], scope=scope, facts=facts)


def stock_outs(
    plan: pd.DataFrame, economics: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return alerts for SKUs that will sooner run out than not, blocked ones left out."""
    limit = bound(bounds, "stock_out_chance").high
    short = plan[~plan["is_blocked"] & (1 - plan["service_level"] > limit)]
    short = short.merge(economics[[*KEYS, "under_cost"]], on=KEYS, how="left")
    short["risk_cost"] = short["lost_units"] * short["under_cost"].clip(lower=0)
    return by_sku("stock_out_risk", "warn", short, scope=scope, facts=("lost_units",))
