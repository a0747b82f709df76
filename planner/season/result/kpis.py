"""The figures of a review beside what the plan expected and what was asked for.

Reads the outcome and the plan's own tables. Knows nothing of why they differ.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.result.leftovers import leftover_loss, missed_loss
from planner.season.result.outcome import (
    HIGH_LEVEL,
    LOW_LEVEL,
    demand_seen,
    measures,
    number_of,
    paired_share,
)
from planner.supply.trips.lanes import bound

RANGE_SHARE = HIGH_LEVEL - LOW_LEVEL
"""Share of SKUs that a range of 80 % should hold. [unitless]"""
CHANCE_SDS = 2.0
"""A share of few SKUs that misses its target by less than this may be chance. [deviations]"""
CHANCES = {"coverage": "is_covered", "service_rate": "stock_out_days"}
"""Measures that are a share of SKUs, and the column in which a SKU is judged."""


MONEY_PARTS = ("revenue", "cost", "left_revenue", "bought_cost")
"""What profit is made of, in the order in which it is added up."""


class Figure(NamedTuple):
    """One figure of a market: planned, as it came, its unit, and the SKUs that it leaves out."""

    planned: float
    actual: float
    unit: str
    unknown: int = 0


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
    parts: pd.DataFrame | None = None,
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
    parts : DataFrame, optional
        As `profit_parts.profit_parts` returns it; without it, or without a SKU of which profit is
        known, profit and what it is made of are not told.
    left : DataFrame, optional
        Table `LeftoverExits`; without it the loss on what is left is not told.

    Returns
    -------
    DataFrame
        Table `ReviewMeasures`; a plan, an outcome or a target that nobody knows is empty.

    Notes
    -----
    The plan expects to sell ``demand - lost``. Planned turnover takes the mean of the stock at the
    start and at the end. ``fill = sold / (sold + lost)``; service is the share of SKUs that never
    ran out; ``sell-through = sold / (sold + left over)``. Money lost is what the units missed would
    have earned, see `leftovers.missed_loss`; money left over is landed cost less what the exits
    bring. Profit, revenue, cost, what leftovers bring and goods bought beside the order are of the
    SKUs that can be replayed, and add up; the target of profit is the best attainable. A share of
    SKUs misses its target only by more than chance would: two deviations.
    """
    if outcome.empty:
        return tables.empty(tables.ReviewMeasures)
    known = measures(outcome)
    frame = outcome.merge(_planned(plan, economics, rates), on=KEYS, how="left")
    frame = _with_losses(frame, left)
    rows = []
    for market, part in frame.groupby("market"):
        own = known[known["market"] == market].set_index("measure")["value"]
        targets = _targets(part, scope, bounds)
        found = _figures(part, own)
        earned = None if parts is None else parts[parts["market"] == market]
        if earned is not None and len(earned):
            found |= _earned(earned, int((~part["sku"].isin(earned["sku"])).sum()))
            targets["profit"] = Target(float(earned["best_profit"].sum()), True, "asked.best")
        rows += [
            _row(str(market), name, figure, targets.get(name), part)
            for name, figure in found.items()
        ]
    told = pd.DataFrame(rows, columns=tables.columns(tables.ReviewMeasures))
    values = ["planned_value", "actual_value", "target_value"]
    told = told.astype(dict.fromkeys(values, float) | {"is_met": "boolean"})
    return tables.checked(tables.ReviewMeasures, told)


def _with_losses(frame: pd.DataFrame, left: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows with what units left over lost, and what units missed would have earned."""
    told = frame.assign(
        leftover_units_seen=frame["leftover_units"],
        lost_units_seen=frame["lost_units"],
        under_cost=frame["short_cost"],
    )
    none = tables.empty(tables.LeftoverExits)
    return frame.assign(
        left_loss=np.nan if left is None else leftover_loss(told, left),
        missed_loss=missed_loss(told, none if left is None else left),
    )


def _earned(parts: pd.DataFrame, gone: int) -> dict[str, Figure]:
    """Return profit of a market and what it is made of, told where every SKU replayed knows it."""
    currency = str(parts["currency"].iloc[0])
    sums = parts.sum(numeric_only=True, skipna=False)
    return {
        name: Figure(float(sums[f"planned_{name}"]), float(sums[f"actual_{name}"]), currency, gone)
        for name in (*MONEY_PARTS, "profit")
    }


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


def _figures(part: pd.DataFrame, own: pd.Series) -> dict[str, Figure]:
    """Return the figures of a market by measure."""
    currency = str(part["cost_currency"].iloc[0])
    sold, lost, left = part["actual_units"], part["lost_units"], part["leftover_units"]
    planned, back = part["plan_sold"], part["returned_units"].astype(float)
    forecast, out = _gone(part["forecast_units"] + demand_seen(part)), part["stock_out_days"]
    return {
        "forecast_wape": Figure(np.nan, own["forecast_wape"], "rate", forecast),
        "forecast_bias": Figure(np.nan, own["forecast_bias"], "rate", forecast),
        "coverage": Figure(np.nan, own["coverage"], "rate", _gone(part["is_covered"])),
        "fill_rate": Figure(paired_share(planned, part["plan_demand"]),
                            paired_share(sold, sold + lost), "rate", _gone(lost)),
        "service_rate": Figure(part["plan_service"].mean(), (out.dropna() == 0).mean(), "rate",
                               _gone(out)),
        "stock_out_days": Figure(np.nan, own["stock_out_days"], "days", _gone(out)),
        "lost_units": Figure(_sum(part["plan_lost"]), own["lost_units"], "units", _gone(lost)),
        "lost_profit": Figure(_sum(part["plan_lost"] * part["short_cost"]),
                              _sum(part["missed_loss"]), currency, _gone(part["missed_loss"])),
        "sell_through_rate": Figure(paired_share(planned, planned + part["plan_left"]),
                                    paired_share(sold, sold + left), "rate", _gone(left)),
        "turnover": Figure(paired_share(planned, part["plan_stock"]), own["turnover"], "ratio",
                           _gone(part["mean_stock_units"])),
        "leftover_units": Figure(_sum(part["plan_left"]), _sum(left), "units", _gone(left)),
        "leftover_cost": Figure(_sum(part["plan_left"] * part["unit_over"]),
                                _sum(part["left_loss"]), currency, _gone(part["left_loss"])),
        "dead_stock_rate": Figure(np.nan, own["dead_stock_rate"], "rate",
                                  _gone(part["is_dead_stock"])),
        "return_rate": Figure(paired_share(part["plan_return"] * planned, planned),
                              own["return_rate"], "rate", _gone(back)),
        "revenue": Figure(_sum(planned * part["price"]), own["revenue"], currency,
                          _gone(part["sold_revenue"])),
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
    market: str, name: str, figure: Figure, target: Target | None, part: pd.DataFrame
) -> tuple[object, ...]:
    planned, actual = number_of(figure.planned), number_of(figure.actual)
    if target is None or name == "profit":
        value, reason = (np.nan, "") if target is None else (target.value, target.reason)
        return market, name, planned, actual, value, None, figure.unknown, figure.unit, reason
    room, reason = 0.0, target.reason
    if name in CHANCES:
        n_skus = max(int(part[CHANCES[name]].notna().sum()), 1)
        room = CHANCE_SDS * float(np.sqrt(target.value * (1.0 - target.value) / n_skus))
        reason = f"asked.few_skus|skus={n_skus}|share={max(target.value - room, 0.0):.4g}"
    gap = (actual - target.value) * (1.0 if target.is_floor else -1.0)
    is_met = None if np.isnan(gap) else bool(gap >= -room)
    return market, name, planned, actual, target.value, is_met, figure.unknown, figure.unit, reason


def _gone(values: pd.Series) -> int:
    """Return of how many SKUs a figure is unknown."""
    return int(values.isna().sum())


def _sum(values: pd.Series) -> float:
    return float(values.sum(min_count=1))
