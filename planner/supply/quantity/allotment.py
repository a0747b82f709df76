"""Allotment: what an allocation makes of the order that a rule asked for.

Carries orders from a plan to the allocation and back, with reasons and the money
of the ways taken. Solves nothing.
"""

import numpy as np
import pandas as pd

from planner.errors import PlanningError
from planner.supply.charges.packing import round_order
from planner.supply.order.allocation import Allocation
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.order_worth import Case, consequences, profit_range

PROFIT = "profit"
WANTED_UNITS = r"reason\.(?:limit_binds|fixed_cut|no_container_for)[^;]*\|wanted=(\d+)"
"""Where the plan's reason says what would be ordered had no limit held it back."""


def fixed_units(plan: pd.DataFrame) -> pd.Series:
    """Return the orders that are not up to profit, as `allocation.allocate` takes them.

    Parameters
    ----------
    plan : DataFrame
        Table `StockPlan`, made without an allocation.

    Returns
    -------
    Series
        By market and SKU: 0 where the order is blocked, else that of a rule other than profit.
        SKUs under the profit rule are not in it. [units]
    """
    held = plan[plan["is_blocked"] | (plan["rule"] != PROFIT)].set_index(KEYS)
    return held["order_units"].where(~held["is_blocked"], 0)


def allotted_units(plan: pd.DataFrame, allocation: Allocation) -> pd.Series:
    """Return the order of every SKU of the plan as the allocation has it.

    Parameters
    ----------
    plan : DataFrame
        Indexed by market and SKU: is_blocked.
    allocation : Allocation

    Raises
    ------
    PlanningError
        If the allocation orders what is blocked, or does not know a SKU of the plan.
    """
    units = allocation.units.reindex(plan.index)
    wrong = units.isna() | (plan["is_blocked"] & (units > 0))
    if wrong.any():
        named = ", ".join(" ".join(key) for key in plan.index[wrong][:5])
        raise PlanningError(
            f"the allocation orders what is blocked or does not know {named}; "
            "make it with the curves of the same draws and fixed_units of the plan"
        )
    return units.astype("int64")


def allotted_reasons(plan: pd.DataFrame, case: Case, allocation: Allocation) -> pd.Series:
    """Return what the allocation says of each order, and where real costs alone moved it.

    Parameters
    ----------
    plan : DataFrame
        Indexed by market and SKU: rule, needed_units, and the order_units of the allocation.
    case : Case
    allocation : Allocation

    Returns
    -------
    Series of str
        Blank where the order is the rule's, packs aside.
    """
    said = allocation.reasons.reindex(plan.index).fillna("")
    order, needed = plan["order_units"], plan["needed_units"]
    carton = case.frame["carton_units"].fillna(1).astype(float)
    moq = case.frame["moq_units"].fillna(0).astype(float)
    is_moved = (order - needed).abs() >= carton + 1
    is_moved &= (said == "") & (order > moq + carton) & (plan["rule"] == PROFIT)
    moved = "reason.by_real_costs|needed=" + needed.fillna(0).round().astype("int64").astype(str)
    return said.where(~is_moved, moved).astype("str")


def least_lots(case: Case) -> pd.DataFrame:
    """Return what a carton holds and the least that can be ordered, by market and SKU.

    Parameters
    ----------
    case : Case

    Returns
    -------
    DataFrame
        carton, least_lot; 1 where unknown. [units]
    """
    packs = case.frame[["moq_units", "carton_units"]]
    one = round_order(
        np.ones(len(packs)), moq_units=packs["moq_units"], carton_units=packs["carton_units"]
    )
    return pd.DataFrame(
        {"carton": packs["carton_units"].fillna(1).astype(float), "least_lot": one},
        index=packs.index,
    )


def as_planned(row: pd.DataFrame, case: Case, plan: pd.DataFrame) -> pd.DataFrame:
    """Return the row of a rule with the order and the money of the plan in place of its own.

    Parameters
    ----------
    row : DataFrame
        Indexed by market and SKU: rows of `RuleComparison` of the policy's rule.
    case : Case
    plan : DataFrame
        Table `StockPlan`.

    Notes
    -----
    The ends of profit are those of the order, less what the plan pays beyond the cheapest way.
    What limits held back is what the plan's own reason says.
    """
    planned = plan.set_index(KEYS).reindex(row.index)
    same = ["target_units", "order_units", "service_level", "lost_units", "leftover_units"]
    order = planned["order_units"]
    usual = consequences(case, order)["expected_profit"]
    dearer = usual - planned["expected_profit"]
    ends = {name: end - dearer for name, end in profit_range(case, order).items()}
    money = {"expected_profit": planned["expected_profit"]}
    wanted = planned["reason"].str.extract(WANTED_UNITS, expand=False).astype(float)
    held = (wanted - order).fillna(0).clip(lower=0).astype("int64")
    return row.assign(**planned[same], held_back_units=held, **money, **ends)


def as_allotted(plan: pd.DataFrame, case: Case, allocation: Allocation) -> pd.DataFrame:
    """Return the plan with the landed cost of the ways taken, its range wide enough for it.

    Parameters
    ----------
    plan : DataFrame
        Indexed by market and SKU, with the allocation's orders and what they mean.
    case : Case
    allocation : Allocation

    Returns
    -------
    DataFrame
        Profit is unknown where the cost of a way taken is.

    Notes
    -----
    Profit is then what the allocation made largest: with the landed cost of the ways taken in
    place of that of the cheapest, and with what being late, slow receiving, least charges and
    what is paid once cost on them. The case must hold the exits that the curves of the allocation
    were made with.
    """
    lines = allocation.mode_plan.groupby(KEYS)["landed_cost"].agg(
        lambda costs: costs.sum(skipna=False)
    )
    is_ordered = plan["order_units"] > 0
    usual = case.frame["landed_cost"] * plan["order_units"]
    extra = allocation.extra_costs.reindex(plan.index).fillna(0.0)
    extra -= case.frame["late_cost"] * plan["order_units"]
    dearer = (lines.reindex(plan.index) - usual + extra).where(is_ordered, 0.0)
    is_open = ~plan["is_blocked"]
    units = plan["order_units"]
    return plan.assign(
        expected_profit=plan["expected_profit"] - dearer,
        low_units=plan["low_units"].where(~is_open | (plan["low_units"] < units), units),
        high_units=plan["high_units"].where(~is_open | (plan["high_units"] > units), units),
    )
