"""The figures of a review beside what the plan expected and what was asked for.

Reads the outcome and the plan's own tables. Knows nothing of why they differ.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.result.leftovers import leftover_loss
from planner.season.result.outcome import HIGH_LEVEL, LOW_LEVEL, measures
from planner.supply.trips.lanes import bound

RANGE_SHARE = HIGH_LEVEL - LOW_LEVEL
"""Share of SKUs that a range of 80 % should hold. [unitless]"""
CHANCE_SDS = 2.0
"""A share of few SKUs that misses its target by less than this may be chance. [deviations]"""
CHANCES = ("coverage", "service_rate")
"""Measures that are a share of SKUs."""


class Target(NamedTuple):
    """What was asked for: the value, whether more is better, and who asked."""

    value: float
    is_floor: bool
    reason: str


def plan_against_outcome(
    outcome: pd.DataFrame,
    plan: pd.DataFrame,
    economics: pd.DataFrame,
    rates: pd.DataFrame,
    *,
    scope: Scope,
    bounds: pd.DataFrame,
    profits: pd.DataFrame | None = None,
    costs: pd.DataFrame | None = None,
    left: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return each figure of the review beside its plan and its target.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`.
    plan, economics : DataFrame
        Tables `StockPlan` and `UnitEconomics`.
    rates : DataFrame
        market, sku, return_rate: as the plan expected them, see `position.returns_of`.
    scope : Scope
        Its policy sets targets.
    bounds : DataFrame
        Register `Bounds`: `leftover_share` sets the target of sell-through.
    profits, costs, left : DataFrame, optional
        Tables `SeasonProfits`, `CostReview` and `LeftoverExits`; without them profit, cost and
        the loss on what is left are not told.

    Returns
    -------
    DataFrame
        Table `ReviewMeasures`; a plan, an outcome or a target that nobody knows is empty.

    Notes
    -----
    The plan expects to sell ``demand - lost``. Planned turnover takes the mean of the stock at the
    start and at the end. ``fill = sold / (sold + lost)``; service is the share of SKUs that never
    ran out; ``sell-through = sold / (sold + left over)``. Money lost is at the margin and the
    penalty of a unit, money left over is landed cost less what the exits bring. Profit is of the
    SKUs that can be replayed, its target the best attainable. Cost is of the terms known in both.
    A share of SKUs misses its target only by more than chance would: two deviations.
    """
    if outcome.empty:
        return tables.empty(tables.ReviewMeasures)
    known = measures(outcome)
    frame = outcome.merge(_planned(plan, economics, rates), on=KEYS, how="left")
    frame["left_loss"] = np.nan if left is None else _left_loss(frame, left)
    rows = _earned(profits) + _spent(costs)
    for market, part in frame.groupby("market"):
        own = known[known["market"] == market].set_index("measure")["value"]
        targets = _targets(part, scope, bounds)
        for name, (planned, actual, unit) in _figures(part, own).items():
            rows.append(_row(str(market), name, planned, actual, unit, targets.get(name), part))
    told = pd.DataFrame(rows, columns=tables.columns(tables.ReviewMeasures))
    values = ["planned_value", "actual_value", "target_value"]
    told = told.astype(dict.fromkeys(values, float) | {"is_met": "boolean"})
    return tables.checked(tables.ReviewMeasures, told)


def _left_loss(frame: pd.DataFrame, left: pd.DataFrame) -> np.ndarray:
    return leftover_loss(frame.assign(leftover_units_seen=frame["leftover_units"]), left)


def _earned(profits: pd.DataFrame | None) -> list[tuple[object, ...]]:
    """Return profit by market: planned where all SKUs know it, as it came, the best attainable."""
    if profits is None:
        return []
    known = profits[profits["actual_profit"].notna()]
    names = ["planned_profit", "actual_profit", "best_profit"]
    sums = known.reindex(columns=["market", *names]).groupby("market")[names]
    currency = _currency(profits)
    return [
        (market, "profit", *map(_number, row), None, currency, "asked.best")
        for market, *row in sums.sum(skipna=False).itertuples()
    ]


def _spent(costs: pd.DataFrame | None) -> list[tuple[object, ...]]:
    if costs is None:
        return []
    known = costs[costs["actual_cost"].notna() & costs["planned_cost"].notna()]
    sums = known.groupby("market")[["planned_cost", "actual_cost"]].sum()
    return [
        (market, "cost", float(planned), float(actual), np.nan, None, _currency(costs), "")
        for market, planned, actual in sums.itertuples()
    ]


def _currency(frame: pd.DataFrame) -> str:
    return str(frame["currency"].iloc[0]) if len(frame) else ""


def _planned(plan: pd.DataFrame, economics: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    money = economics[[*KEYS, "price", "landed_cost", "under_cost", "over_cost"]]
    frame = plan.merge(money, on=KEYS, how="left").merge(rates, on=KEYS, how="left")
    stock = frame["available_units"] + frame["order_units"]
    return frame[KEYS].assign(
        plan_demand=frame["demand_units"],
        plan_sold=frame["demand_units"] - frame["lost_units"],
        plan_lost=frame["lost_units"],
        plan_left=frame["leftover_units"],
        plan_stock=(stock + frame["leftover_units"]) / 2.0,
        plan_service=frame["service_level"],
        price=frame["price"],
        short_cost=frame["under_cost"].clip(lower=0),
        unit_over=frame["over_cost"].clip(lower=0),
        over_cost=frame["over_cost"],
        landed_cost=frame["landed_cost"],
        plan_return=frame["return_rate"],
    )


def _figures(part: pd.DataFrame, own: pd.Series) -> dict[str, tuple[float, float, str]]:
    """Return by measure: planned, actual, unit."""
    currency = str(part["cost_currency"].iloc[0])
    sold, lost, left = part["actual_units"], part["lost_units"], part["leftover_units"]
    planned = part["plan_sold"]
    none = np.nan
    never_out = (part["stock_out_days"] == 0).mean()
    return {
        "forecast_wape": (none, own["forecast_wape"], "rate"),
        "forecast_bias": (none, own["forecast_bias"], "rate"),
        "coverage": (none, own["coverage"], "rate"),
        "fill_rate": (_share(planned, part["plan_demand"]), _share(sold, sold + lost), "rate"),
        "service_rate": (part["plan_service"].mean(), never_out, "rate"),
        "stock_out_days": (none, own["stock_out_days"], "days"),
        "lost_units": (_sum(part["plan_lost"]), own["lost_units"], "units"),
        "lost_profit": (_worth(part["plan_lost"], part["short_cost"]),
                        _worth(lost, part["short_cost"]), currency),
        "sell_through_rate": (_share(planned, planned + part["plan_left"]),
                              _share(sold, sold + left), "rate"),
        "turnover": (_share(planned, part["plan_stock"]), own["turnover"], "ratio"),
        "leftover_units": (_sum(part["plan_left"]), _sum(left), "units"),
        "leftover_cost": (_worth(part["plan_left"], part["unit_over"]),
                          _sum(part["left_loss"]), currency),
        "dead_stock_rate": (none, own["dead_stock_rate"], "rate"),
        "return_rate": (_share(part["plan_return"] * planned, planned), own["return_rate"], "rate"),
        "revenue": (_worth(planned, part["price"]), own["revenue"], currency),
    }  # fmt: skip


def _targets(part: pd.DataFrame, scope: Scope, bounds: pd.DataFrame) -> dict[str, Target]:
    policy = scope.policy
    left = bound(bounds, "leftover_share").high
    found = {
        "coverage": Target(RANGE_SHARE, True, ""),
        "sell_through_rate": Target(1.0 - left, True, f"asked.leftover_most|share={left:g}"),
    }
    if policy.rule == "service_level":
        found["service_rate"] = Target(policy.service_level, True, "")
    return found


def _row(
    market: str,
    name: str,
    planned: float,
    actual: float,
    unit: str,
    target: Target | None,
    part: pd.DataFrame,
) -> tuple[object, ...]:
    if target is None:
        return market, name, _number(planned), _number(actual), np.nan, None, unit, ""
    room, reason = 0.0, target.reason
    if name in CHANCES:
        n_skus = max(int(part["is_covered"].notna().sum()) if name == "coverage" else len(part), 1)
        room = CHANCE_SDS * float(np.sqrt(target.value * (1.0 - target.value) / n_skus))
        reason = f"asked.few_skus|skus={n_skus}|share={max(target.value - room, 0.0):.4g}"
    gap = (_number(actual) - target.value) * (1.0 if target.is_floor else -1.0)
    is_met = None if np.isnan(gap) else bool(gap >= -room)
    return (
        market, name, _number(planned), _number(actual), target.value, is_met, unit, reason
    )  # fmt: skip


def _share(above: pd.Series, below: pd.Series) -> float:
    """Return the share of sums over the rows that know both."""
    known = above.notna() & below.notna()
    whole = below[known].sum()
    return float(above[known].sum() / whole) if known.any() and whole > 0 else np.nan


def _sum(units: pd.Series) -> float:
    return float(units.sum(min_count=1))


def _worth(units: pd.Series, money: pd.Series) -> float:
    return _sum(units * money)


def _number(value: object) -> float:
    return float("nan") if pd.isna(value) else float(value)
