"""What the profit of each SKU is made of, as planned and as it came: the same terms, the same sum.

Reads the plan's expectation and the campaign replayed as it was. Judges nothing.
"""

import numpy as np
import pandas as pd

from planner.season.days import KEYS
from planner.season.replays.replay import Course, Repairs, replay, worth_of_left


def profit_parts(
    course: Course,
    outcome: pd.DataFrame,
    plan: pd.DataFrame,
    economics: pd.DataFrame,
    profits: pd.DataFrame,
    position: pd.DataFrame,
    once: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return revenue, cost, what leftovers bring and goods bought beside the order, SKU by SKU.

    Parameters
    ----------
    course : Course
        As `course.campaign_course` returns it.
    outcome, plan, economics, profits, position : DataFrame
        Tables `Outcome`, `StockPlan`, `UnitEconomics`, `SeasonProfits` and `StockPosition`.
    once : DataFrame, optional
        market, sku, once_cost: what the plan pays once for an order, part of its cost.

    Returns
    -------
    DataFrame
        market, sku and, each with `planned_` and `actual_` before it, revenue, cost, left_revenue,
        bought_cost and profit; best_profit and currency. Empty where nothing tells a part; SKUs
        that cannot be replayed are not in it. [currency]

    Notes
    -----
    ``profit = revenue - cost + left - bought``. As it came, cost is the order at landed cost, what
    selling takes of the revenue, and the penalty of units missed; a unit that came back in the
    window earns once, so what selling counted on for it is cost; so is what is paid once for a
    SKU or a shipment. Goods bought after the planning
    day beside the order stand apart. In the plan, what leftovers bring is what of its profit the
    other parts do not explain: their exits, less what being late is expected to cost.
    """
    own = profits[profits["actual_profit"].notna()]
    names = ["planned_profit", "actual_profit", "best_profit", "currency"]
    frame = course.keys[KEYS].merge(own[[*KEYS, *names]], on=KEYS)
    frame = frame.merge(_came(course, outcome), on=KEYS, how="left")
    frame = frame.merge(_expected(plan, economics, position), on=KEYS, how="left")
    if once is not None:
        fees = frame[KEYS].merge(once, on=KEYS, how="left")["once_cost"].fillna(0.0)
        frame["planned_cost"] += fees.to_numpy()
    sold = frame["actual_profit"] - frame["actual_left_revenue"] + frame["actual_bought_cost"]
    frame["actual_cost"] = frame["actual_revenue"] - sold
    spent = frame["planned_revenue"] - frame["planned_cost"] - frame["planned_bought_cost"]
    frame["planned_left_revenue"] = frame["planned_profit"] - spent
    return frame


def _came(course: Course, outcome: pd.DataFrame) -> pd.DataFrame:
    """Return what came in by orders, what is left brings, and what was bought beside the order."""
    end = replay(course, Repairs((), np.zeros((1, 0), dtype=bool)))
    found = course.keys[KEYS].assign(
        actual_left_revenue=worth_of_left(course.money, end.left_units)[0],
        actual_bought_cost=course.money.landed_cost * course.bought,
    )
    taken = outcome[[*KEYS, "sold_revenue"]].rename(columns={"sold_revenue": "actual_revenue"})
    return found.merge(taken, on=KEYS, how="left")


def _expected(plan: pd.DataFrame, economics: pd.DataFrame, position: pd.DataFrame) -> pd.DataFrame:
    """Return what the plan took in and paid by its own figures."""
    names = ["price", "selling_cost", "landed_cost", "under_cost", "margin_profit"]
    money = economics[[*KEYS, *names, "leftover_revenue"]]
    frame = plan.merge(money, on=KEYS, how="left")
    frame = frame.merge(position[[*KEYS, "again_units"]], on=KEYS, how="left")
    sold = frame["demand_units"] - frame["lost_units"]
    penalty = (frame["under_cost"] - frame["margin_profit"]).fillna(0.0) * frame["lost_units"]
    order = frame["landed_cost"] * frame["order_units"]
    again = (frame["leftover_revenue"] * frame["again_units"]).fillna(0.0)
    return frame[KEYS].assign(
        planned_revenue=sold * frame["price"],
        planned_cost=sold * frame["selling_cost"] + order + penalty + again,
        planned_bought_cost=0.0,
    )
