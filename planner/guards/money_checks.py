"""Checks of money and cushions: losses at the locked price, unknown costs, too much or too little.

Each function returns the alerts of one subject, priced where it can be priced.
"""

from collections.abc import Sequence

import pandas as pd

from planner.guards.entries import (
    KEYS,
    SEPARATOR,
    Entry,
    as_terms,
    by_sku,
    entry,
    named_terms,
    shared,
)
from planner.scope import Scope
from planner.supply.charges.duty import TERMS as DUTY_TERMS
from planner.supply.charges.economics import NEEDED_TERMS
from planner.supply.charges.packing import TRAVEL_FLAGS, travel_flags
from planner.supply.trips.lanes import ANY_MARKET, bound

STEP = 3
HELD_BACK = r"reason\.(?:limit_binds|fixed_cut)"
"""Reasons of an order that limits made smaller."""
TOLD_AS = {
    "DutyRates": "cost.duty",
    "ReturnRates": "return_rate",
    "Surcharges": "cost.surcharge",
}
"""By register, what its facts are told as; those of the others tell themselves."""


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
    told = asked.assign(term=asked["missing"].str.split(";")).explode("term")
    told = told[told["term"].fillna("") != ""]
    found = []
    asked_there = asked["market"].value_counts()
    for market, rows in told.groupby("market"):
        names = sorted(set(rows["term"].str.removeprefix("cost.")))
        names.sort(key=lambda name: name not in NEEDED_TERMS)
        severity = "warn" if names[0] in NEEDED_TERMS else "note"
        terms = SEPARATOR.join(as_terms("cost", names))
        facts = {"terms": terms, "all": int(asked_there[market])}
        found.append(shared("missing_cost", severity, rows[KEYS], scope=scope, **facts))
    return found


def exchange_rates(
    lane_options: pd.DataFrame, scope: Scope, *, registers: Sequence[pd.DataFrame] = ()
) -> list[Entry]:
    """Return one alert for each currency that a price stands in and seller.yml gives no rate for.

    Parameters
    ----------
    lane_options : DataFrame
        Table `LaneOptions`.
    scope : Scope
    registers : sequence of DataFrame
        Registers with value and currency (fees, surcharges, handling), rows in force; only rows
        with a figure, of the plan's markets, count.
    """
    known = {scope.seller.currency, *scope.seller.fx_rates}
    parts = [lane_options[["market", "currency"]]]
    for frame in registers:
        is_price = frame["value"].notna() & ~frame["unit"].str.startswith("share")
        here = frame["market"].isin([*scope.markets, ANY_MARKET])
        parts.append(frame.loc[is_price & here, ["market", "currency"]])
    both = pd.concat(parts)
    lost = both[~both["currency"].isin(known)]
    return [
        entry("missing_fx_rate", "warn", scope=scope, rate_of=currency, n=len(rows))
        for currency, rows in lost.groupby("currency")
    ]


def duty_at_door(moved: pd.DataFrame, terms: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose goods meet unpaid duty on arrival (DDU).

    Parameters
    ----------
    moved : DataFrame
        Table `ModePlan` or `ShipLines`: market, sku, mode, units.
    terms : DataFrame
        Table `WayTerms`.

    Notes
    -----
    The money at risk is duty and import tax of the units under way; unknown where the rate is.
    """
    if scope.seller.contract.duty != "DDU":
        return []
    way = [*KEYS, "mode"]
    owed = terms[terms["term"].isin(DUTY_TERMS)]
    due = owed.groupby(way, as_index=False)["risk_cost"].sum(min_count=1)
    lost = moved[moved["units"] > 0].merge(due, on=way, how="left")
    lost["risk_cost"] = lost["units"] * lost["risk_cost"]
    sums = lost.groupby(KEYS, as_index=False)[["units", "risk_cost"]].sum(min_count=1)
    return [
        shared("duty_at_door", "warn", rows, scope=scope, facts=("units",))
        for _, rows in sums.groupby("market")
    ]


def weak_in_use(
    weak: pd.DataFrame, economics: pd.DataFrame, catalogue: pd.DataFrame
) -> pd.DataFrame:
    """Return the weak facts that move the money of these goods and are not told otherwise.

    Parameters
    ----------
    weak, economics, catalogue : DataFrame
        Tables `WeakRows`, `UnitEconomics` and `Catalogue`.

    Notes
    -----
    Fees, surcharges on the flags the goods bear, duty and return rates of their categories;
    whatever has expired counts. A cost that a SKU of the market lacks is told with the SKU;
    stages of lanes and papers have alerts of their own.
    """
    kinds = {ANY_MARKET, *catalogue["category"].str.strip().str.lower()}
    flags = set(travel_flags(catalogue)["flag"])
    told = economics.assign(fact=economics["missing"].str.split(";")).explode("fact")
    lacks = pd.MultiIndex.from_frame(told[["market", "fact"]])
    name = weak["fact"].str.split("category.").str[-1]
    register = weak["register"]
    is_used = (register == "Fees") & ~pd.MultiIndex.from_frame(weak[["market", "fact"]]).isin(lacks)
    is_used |= register.isin(["DutyRates", "ReturnRates"]) & name.isin(kinds)
    is_used |= (register == "Surcharges") & (name.isin(flags) | ~name.isin(TRAVEL_FLAGS))
    return weak[is_used | (weak["state"] == "expired")]


def weak_facts(weak: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market and state of the facts that a plan should not rest on.

    Parameters
    ----------
    weak : DataFrame
        Table `WeakRows`.
    """
    found = []
    for (market, state), rows in weak.groupby(["market", "state"]):
        terms = rows["register"].map(TOLD_AS).fillna(rows["fact"])
        severity = "warn" if state == "expired" else "note"
        code = f"facts_{state}"
        found.append(
            entry(
                code,
                severity,
                scope=scope,
                market=market,
                n=len(rows),
                facts=named_terms(terms.to_list()),
            )
        )
    return found


def buffers(
    plan: pd.DataFrame, economics: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return alerts for a buffer outside the brief's range and for two cushions at once.

    Notes
    -----
    The level that cushions imply is told where the order covers them; where limits or cartons
    leave less than the target, that is told instead, with the level of what is left. Of a SKU of
    grade D people set the order: no limit stands in its way, and a cushion of it is none.
    """
    found, expected, rate = [], bound(bounds, "buffer"), scope.policy.buffer_rate
    if rate is not None and not expected.low <= rate <= expected.high:
        facts = {"rate": rate, "low": expected.low, "high": expected.high}
        found.append(entry("buffer_outside_range", "warn", scope=scope, **facts))
    has_both = (plan["safety_units"] > 0) & (plan["buffer_units"] > 0)
    both = plan[has_both & (plan["grade"] != "D")]
    both = both.merge(economics[[*KEYS, "over_cost"]], on=KEYS, how="left")
    both["risk_cost"] = both["buffer_units"] * both["over_cost"]
    both["is_cut"] = both["order_units"] + both["available_units"] < both["target_units"]
    cushions = ("safety_units", "buffer_units")
    for (_, is_cut), rows in both.groupby(["market", "is_cut"]):
        told = {"facts": cushions, "level": rows["service_level"].mean()}
        if is_cut:
            told["facts"] = (*cushions, "order_units", "needed_units")
            rows = rows.drop(columns="risk_cost")
        code = "cushions_cut" if is_cut else "cushions_double"
        found.append(shared(code, "note", rows, scope=scope, **told))
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
    plan: pd.DataFrame,
    economics: pd.DataFrame,
    position: pd.DataFrame,
    bounds: pd.DataFrame,
    scope: Scope,
) -> list[Entry]:
    """Return alerts for SKUs of which a large share is expected to be left over.

    Notes
    -----
    Only what is ordered can be ordered less: a blocked SKU, or one of which nothing is ordered,
    raises none. What is left of goods that land while the campaign runs is told by `inbound`.
    """
    limit = bound(bounds, "leftover_share").high
    ordered = plan[~plan["is_blocked"] & (plan["order_units"] > 0)]
    held = ordered.merge(economics[[*KEYS, "over_cost"]], on=KEYS, how="left")
    held = held.merge(position[[*KEYS, "later_left_units"]], on=KEYS, how="left")
    held["leftover_units"] -= held["later_left_units"].fillna(0.0)
    held["share"] = held["leftover_units"] / (held["available_units"] + held["order_units"])
    held = held[held["leftover_units"] >= 1]
    held["risk_cost"] = held["leftover_units"] * held["over_cost"]
    facts = ("leftover_units",)
    return by_sku("dead_stock_risk", "warn", held[held["share"] > limit], scope=scope, facts=facts)


def stock_outs(
    plan: pd.DataFrame, economics: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> list[Entry]:
    """Return alerts for SKUs that will sooner run out than not, blocked ones left out.

    Notes
    -----
    Those that limits hold back stand apart: no margin and no other rule would order more of them.
    """
    limit = bound(bounds, "stock_out_chance").high
    short = plan[~plan["is_blocked"] & (1 - plan["service_level"] > limit)]
    short = short.merge(economics[[*KEYS, "under_cost"]], on=KEYS, how="left")
    short["risk_cost"] = short["lost_units"] * short["under_cost"].clip(lower=0)
    is_held = short["reason"].str.contains(HELD_BACK)
    told = {"scope": scope, "facts": ("lost_units",)}
    return [
        *by_sku("stock_out_risk", "warn", short[~is_held], **told),
        *by_sku("stock_out_limits", "warn", short[is_held], **told),
    ]
