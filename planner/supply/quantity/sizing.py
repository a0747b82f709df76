"""Sizing: how many units to order under each rule, every term of it shown.

Knows demand draws, stock in time, economics and lead times, and puts the three
rules of the trade side by side. Knows nothing of the total cost of the plan;
that is `costs`.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.once_costs import once_by_sku
from planner.supply.charges.way_choice import first_ways
from planner.supply.order.allocation import Allocation
from planner.supply.order.rule_room import Room, fitted, room_of
from planner.supply.quantity.allotment import (
    allotted_reasons,
    allotted_units,
    as_allotted,
    as_planned,
    least_lots,
)
from planner.supply.quantity.cushions import (
    Case,
    apply_factor,
    apply_rule,
    consequences,
    gather,
    order_at,
)
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.order_worth import profit_range
from planner.supply.quantity.size_reasons import NO_GRADE, block_reason, order_reason, told_by_row
from planner.tables.supply import COMPARED_RULES, FACTOR_RULES

LOW_QUANTILE, HIGH_QUANTILE = 0.20, 0.80
PROFITS = ["expected_profit", "low_profit", "high_profit"]
FALLBACK_RULE = "service_level"
"""The rule that needs nothing but the draws and a lane."""
MIDWAY = ["later_units", "later_on", "later_left_units"]
"""Columns of the position that tell of goods landing while the campaign runs."""
HOPELESS = ("reason.loss_at_price", "reason.too_late_for_all")
"""Blocks that no demand lifts: the range is 0 to 0. Grade D keeps its range for people."""


def compare_rules(
    draws: pd.DataFrame,
    daily: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    lane_options: pd.DataFrame,
    *,
    scope: Scope,
    catalogue: pd.DataFrame | None = None,
    forecast: pd.DataFrame | None = None,
    case: Case | None = None,
    gates: pd.DataFrame | None = None,
    ways: pd.DataFrame | None = None,
    terms: pd.DataFrame | None = None,
    plan: pd.DataFrame | None = None,
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
    forecast : DataFrame, optional
        Table `Forecast`; without it no SKU counts as grade D.
    case : Case, optional
        What `cushions.gather` made of the same tables, if it is at hand.
    gates : DataFrame, optional
        Table `Gates`: what one blocks is ordered under no rule.
    ways, terms : DataFrame, optional
        Tables `SkuWays` and `WayTerms`: profit is then less what is paid once for the SKU and for
        the shipment, on the first way of each SKU, which is also the one whose booked space binds.
    plan : DataFrame, optional
        Table `StockPlan`: the row of the policy's rule is then the plan, to the unit.

    Returns
    -------
    DataFrame
        Table `RuleComparison`: for every rule the same SKUs. A SKU that a rule cannot be computed
        for carries the order of the service-level rule, as in the plan: under `profit` where
        economics are unknown, under `extremes` without a clean day. Blocked orders are 0 under
        every rule. All rules order full cartons and at least the minimum order, those with a target
        rounded up, and no more than the seller's limits let through; see `rule_room.fitted`.
        `raw_history_units` is the target of `extremes` if its figures came from all days,
        promotions left in.

    Notes
    -----
    Beside the rules stands what a spreadsheet does: the forecast with a factor on top. Those rows
    (`tables.supply.FACTOR_RULES`) are no policy and add up to no plan.
    """
    if draws.empty:
        return tables.empty(tables.RuleComparison)
    if case is None:
        case = gather(draws, daily, position, economics, lane_options, catalogue, scope)
    results = {rule: apply_rule(case, rule, scope) for rule in tables.RULES}
    is_blocked = _blocks(case, None if forecast is None else _grades(forecast)) != ""
    is_blocked |= _shut(case, gates)
    compared = [_in_force(results, rule).assign(rule=rule) for rule in tables.RULES]
    compared += [apply_factor(case, rule) for rule in FACTOR_RULES]
    parts, room = [], _room(case, ways, catalogue, scope)
    for part in compared:
        part["order_units"] = part["order_units"].where(~is_blocked, 0)
        part = _held_to(part, case, room)
        told = consequences(case, part["order_units"]) | profit_range(case, part["order_units"])
        part = part.assign(**told)
        part[PROFITS] = part[PROFITS].sub(_once(part["order_units"], ways, terms), axis=0)
        parts.append(part.reset_index())
    if plan is not None:
        own = tables.RULES.index(scope.policy.rule)
        parts[own] = as_planned(parts[own].set_index(KEYS), case, plan).reset_index()
    frame = pd.concat(parts)
    frame["currency"] = scope.seller.currency
    frame["rule"] = pd.Categorical(frame["rule"], COMPARED_RULES, ordered=True)
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
    allocation: Allocation | None = None,
    case: Case | None = None,
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
    allocation : Allocation, optional
        What the limits leave of the order, made with `allotment.fixed_units` of the plan without.
    case : Case, optional
        What `cushions.gather` made of the same tables, if it is at hand.

    Returns
    -------
    DataFrame
        Table `StockPlan`. `low_units` and `high_units` are what the same rule would order if
        demand were at its 20 % and 80 % quantile; see `cushions.order_at`.

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

    An order is blocked, and 0, where selling loses money at the horizon's mean price and no
    stock-out penalty makes up for it, where no lane arrives in time, and for grade D, whose range
    is for people to decide on. In every other row the order lies within low and high.

    With an allocation the terms stay those of the rule, and the order, its consequences and its
    reason are those of the allocation; profit is then reckoned with the landed cost of the ways
    taken in place of that of the cheapest.

    Raises
    ------
    PlanningError
        If the allocation orders what is blocked, or knows other SKUs.
    """
    if draws.empty:
        return tables.empty(tables.StockPlan)
    if case is None:
        case = gather(draws, daily, position, economics, lane_options, catalogue, scope)
    results = {rule: apply_rule(case, rule, scope) for rule in tables.RULES}
    plan = _in_force(results, scope.policy.rule)
    ends = _ends(case, results, plan["rule"])
    plan = plan.join(_grades(forecast)).fillna({"grade": NO_GRADE, "grade_reason": ""})
    blocks = _blocks(case, plan[["grade", "grade_reason"]])
    plan["is_blocked"] = blocks != ""
    plan["order_units"] = plan["order_units"].where(~plan["is_blocked"], 0)
    plan["limited"] = ""
    if allocation is not None:
        plan["order_units"] = allotted_units(plan, allocation)
        plan["limited"] = allotted_reasons(plan, case, allocation)
    plan["is_stock_known"] = case.frame["is_known"].astype(bool)
    facts = plan.join(case.frame[["missing", *MIDWAY]]).join(least_lots(case))
    told = told_by_row(facts, lambda row: order_reason(row, scope.policy))
    plan["reason"] = blocks.where(plan["is_blocked"], told)
    plan = plan.join(ends.where(~blocks.str.startswith(HOPELESS), 0))
    plan = plan.assign(**consequences(case, plan["order_units"]), currency=scope.seller.currency)
    if allocation is not None:
        plan = as_allotted(plan, case, allocation)
    plan = plan.reset_index()
    return tables.checked(tables.StockPlan, plan[tables.columns(tables.StockPlan)])


def _shut(case: Case, gates: pd.DataFrame | None) -> np.ndarray:
    keys = case.frame.index
    if gates is None:
        return np.zeros(len(keys), dtype=bool)
    return keys.isin(pd.MultiIndex.from_frame(gates.loc[gates["blocks"] == "order", KEYS]))


def _once(orders: pd.Series, ways: pd.DataFrame | None, terms: pd.DataFrame | None) -> pd.Series:
    """Return what is paid once for orders that go the first way of each SKU."""
    if ways is None or terms is None or terms.empty:
        return pd.Series(0.0, index=orders.index)
    moved = first_ways(ways)[[*KEYS, "mode"]].join(orders.rename("units"), on=KEYS)
    return once_by_sku(terms, moved, orders.index)


def _room(
    case: Case, ways: pd.DataFrame | None, catalogue: pd.DataFrame | None, scope: Scope
) -> Room:
    """Return what the seller's limits leave, every SKU on its first way."""
    keys = case.frame.index
    modes = pd.Series("", index=keys)
    if ways is not None:
        modes = first_ways(ways).set_index(KEYS)["mode"].reindex(keys)
    goods = pd.DataFrame({"sku": [], "volume_cbm": []}) if catalogue is None else catalogue
    return room_of(keys.to_frame(index=False), modes, case.frame.reset_index(), goods, scope=scope)


def _held_to(part: pd.DataFrame, case: Case, room: Room) -> pd.DataFrame:
    """Return the orders of a rule that there is room for, and what the limits held back."""
    asked = part["order_units"].reindex(case.frame.index)
    packs = {
        name: case.frame[name].to_numpy(dtype=float, na_value=np.nan)
        for name in ("moq_units", "carton_units")
    }
    kept = fitted(asked.to_numpy(dtype=float), room, np.zeros(len(room.caps)), **packs)
    kept = pd.Series(kept.round().astype("int64"), index=asked.index)
    return part.assign(order_units=kept, held_back_units=asked - kept)


def _in_force(results: dict[str, pd.DataFrame], rule: str) -> pd.DataFrame:
    """Return the terms of a rule, those of the fallback where it cannot be computed."""
    own = results[rule].assign(rule=rule)
    can = own["target_units"].notna()
    fallback = results[FALLBACK_RULE].assign(rule=FALLBACK_RULE)
    return pd.concat([own[can], fallback[~can]]).reindex(own.index)


def _ends(case: Case, results: dict[str, pd.DataFrame], rule: pd.Series) -> pd.DataFrame:
    ends = {"low_units": LOW_QUANTILE, "high_units": HIGH_QUANTILE}
    frame = pd.DataFrame(0, index=rule.index, columns=list(ends))
    for name, quantile in ends.items():
        for used in rule.unique():
            orders = order_at(case, results[used], rule=used, quantile=quantile)
            frame[name] = frame[name].where(rule != used, orders)
    return frame


def _blocks(case: Case, grades: pd.DataFrame | None) -> pd.Series:
    """Return why an order is blocked, empty where it is not."""
    facts = case.frame[["margin_profit", "under_cost", "has_lane", "currency"]]
    if grades is None:
        return told_by_row(facts.assign(grade="", grade_reason=""), block_reason)
    graded = facts.join(grades).fillna({"grade": NO_GRADE, "grade_reason": ""})
    return told_by_row(graded, block_reason)


def _grades(forecast: pd.DataFrame) -> pd.DataFrame:
    whole = forecast[forecast["phase"] == "horizon"].sort_values("mean_units", ascending=False)
    return whole.drop_duplicates(KEYS).set_index(KEYS)[["grade", "grade_reason"]]
