"""Sizing: how many units to order under each rule, every term of it shown.

Knows demand draws, stock in time, economics and lead times, and puts the three
rules of the trade side by side. Knows nothing of the total cost of the plan;
that is `costs`.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.seller import Policy
from planner.supply.cushions import apply_rule, consequences, gather, order_for
from planner.supply.newsvendor import KEYS, optimal_units

LOW_QUANTILE, HIGH_QUANTILE = 0.20, 0.80
FALLBACK_RULE = "service_level"
"""The rule that needs nothing but the draws and a lane."""
NO_GRADE = "D"


def compare_rules(
    draws: pd.DataFrame,
    daily: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    lane_options: pd.DataFrame,
    *,
    scope: Scope,
    catalogue: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what each rule would hold, order and earn, for every market and SKU.

    Parameters
    ----------
    draws, daily : DataFrame
        Tables `DemandDraws` and `DailySales`.
    position, economics, lane_options : DataFrame
        Tables `StockPosition`, `UnitEconomics` and `LaneOptions`.
    scope : Scope
    catalogue : DataFrame, optional
        Table `Catalogue`, for minimum order and cartons; without it orders are whole units.

    Returns
    -------
    DataFrame
        Table `RuleComparison`. A rule that cannot be computed for a SKU has no row: `profit`
        where economics are unknown, `extremes` without a clean day. `raw_history_units` is the
        target of `extremes` if its figures came from all days, promotions left in.
    """
    if draws.empty:
        return tables.empty(tables.RuleComparison)
    case = gather(draws, daily, position, economics, lane_options, catalogue, scope)
    parts = [apply_rule(case, rule, scope).assign(rule=rule) for rule in tables.RULES]
    frame = pd.concat([part[part["target_units"].notna()].reset_index() for part in parts])
    frame["currency"] = scope.seller.currency
    frame["rule"] = pd.Categorical(frame["rule"], tables.RULES, ordered=True)
    frame = frame.sort_values([*KEYS, "rule"]).astype({"rule": "str"})
    return tables.checked(tables.RuleComparison, frame[tables.columns(tables.RuleComparison)])


def size_stock(
    draws: pd.DataFrame,
    daily: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    forecast: pd.DataFrame,
    lane_options: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Return the order of every market and SKU under the policy's rule.

    Parameters
    ----------
    draws, daily : DataFrame
        Tables `DemandDraws` and `DailySales`.
    position, economics : DataFrame
        Tables `StockPosition` and `UnitEconomics`.
    forecast : DataFrame
        Table `Forecast`: grade and its reason, of the shop that sells most of the SKU.
    lane_options, catalogue : DataFrame
        Tables `LaneOptions` and `Catalogue`.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `StockPlan`. `low_units` and `high_units` are the orders for the 20 % and 80 %
        quantile of demand.

    Notes
    -----
    ``target = demand + safety + buffer``, ``needed = max(target - available, 0)``, the order is
    rounded up to the minimum order and full cartons. Demand is the mean of the draws; safety is

    - profit: the quantile at the critical ratio less the mean; below zero where a leftover costs
      more than a missed sale,
    - service_level: ``z * sqrt(variance of the draws + mean day**2 * variance of lead days)``,
    - extremes: the brief's formula on clean days.

    The buffer is a share of demand. Service level, lost, leftover and profit are then read off
    the draws, world by world with what is sold before the start. Where the rule cannot be
    computed the service-level rule takes its place and the reason says so.

    An order is blocked, and 0, where selling loses money at the campaign price and no stock-out
    penalty makes up for it, where no lane arrives in time, and for grade D, whose range is for
    people to decide on.
    """
    if draws.empty:
        return tables.empty(tables.StockPlan)
    case = gather(draws, daily, position, economics, lane_options, catalogue, scope)
    results = {rule: apply_rule(case, rule, scope) for rule in tables.RULES}
    rule = _rule_in_force(results, scope.policy)
    plan = pd.concat([results[name][rule == name].assign(rule=name) for name in tables.RULES])
    plan = plan.reindex(case.frame.index)
    plan = plan.join(_grades(forecast)).fillna({"grade": NO_GRADE, "grade_reason": ""})
    facts = plan.join(
        case.frame[["margin_profit", "under_cost", "missing", "has_lane", "is_known"]]
    )
    blocks = _told(facts, _block)
    plan["is_blocked"] = blocks != ""
    plan["order_units"] = plan["order_units"].where(~plan["is_blocked"], 0)
    facts["order_units"] = plan["order_units"]
    told = _told(facts, lambda row: _reason(row, scope.policy))
    plan["reason"] = blocks.where(plan["is_blocked"], told)
    is_loss = blocks.str.startswith("reason.loss_at_price")
    for name, quantile in (("low_units", LOW_QUANTILE), ("high_units", HIGH_QUANTILE)):
        target = optimal_units(case.demand, quantile)
        plan[name] = np.where(is_loss, 0, order_for(case, pd.Series(target, plan.index)))
    plan = plan.assign(**consequences(case, plan["order_units"]), currency=scope.seller.currency)
    plan = plan.reset_index()
    return tables.checked(tables.StockPlan, plan[tables.columns(tables.StockPlan)])


def _rule_in_force(results: dict[str, pd.DataFrame], policy: Policy) -> pd.Series:
    can = results[policy.rule]["target_units"].notna()
    rule = pd.Series(policy.rule, index=can.index, dtype="str")
    return rule.where(can, FALLBACK_RULE)


def _grades(forecast: pd.DataFrame) -> pd.DataFrame:
    whole = forecast[forecast["phase"] == "horizon"].sort_values("mean_units", ascending=False)
    return whole.drop_duplicates(KEYS).set_index(KEYS)[["grade", "grade_reason"]]


def _told(facts: pd.DataFrame, tell: Callable[[dict], str]) -> pd.Series:
    return pd.Series([tell(row) for row in facts.to_dict("records")], facts.index, dtype="str")


def _block(row: dict) -> str:
    if row["margin_profit"] < 0 and not row["under_cost"] > 0:
        return f"reason.loss_at_price|margin={row['margin_profit']:.2f}"
    if not row["has_lane"]:
        return "reason.too_late_for_all"
    if row["grade"] == NO_GRADE:
        return ";".join(part for part in ("reason.grade_d", row["grade_reason"]) if part)
    return ""


def _reason(row: dict, policy: Policy) -> str:
    parts = []
    if row["rule"] != policy.rule:
        unknown = "reason.economics_unknown" if policy.rule == "profit" else "reason.no_clean_days"
        parts = [
            unknown,
            *[name for name in row["missing"].split(";") if name and "econ" in unknown],
        ]
    if not row["is_known"]:
        parts.append("reason.stock_unknown")
    if row["order_units"] == 0 and row["needed_units"] >= 1:
        parts.append(f"reason.pack_not_worth|needed={row['needed_units']:.0f}")
    elif row["order_units"] == 0:
        parts.append(f"reason.enough_stock|available={row['available_units']:.0f}")
    elif row["order_units"] > 2 * row["needed_units"]:
        parts.append(f"reason.moq_raises|needed={row['needed_units']:.0f}")
    return ";".join(parts or [f"reason.by_{row['rule']}"])
