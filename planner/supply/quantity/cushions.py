"""Cushions: what each rule adds to expected demand, and what holding it would mean.

Knows the three rules of the trade, `profit`, `service_level` and `extremes`, and the
factor on the forecast that they are held against.
Looks at all SKUs at once and decides nothing; `sizing` chooses the rule.
"""

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.seller import RULE_BUFFER_RATES, Policy
from planner.supply.charges.packing import round_order
from planner.supply.leftovers.leftover_ladder import Ladder, ladder_of, ladder_units, sorted_rows
from planner.supply.quantity import newsvendor, safety_stock
from planner.supply.quantity.history import daily_figures
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.order_worth import Case, consequences
from planner.supply.quantity.position import (
    HORIZON_PHASES,
    available_by_world,
    horizon_days,
    midway,
)
from planner.supply.trips.lanes import lead_spread, receiving_days
from planner.supply.trips.legs import own_days

FACTOR_RATES = {"seed_style": 0.15, "seed_style_10": 0.10, "seed_style_20": 0.20}
"""What spreadsheets put on the forecast: the brief's 10 to 20 %, and their middle."""
HELD = [
    "available_units", "again_units", "later_units", "later_on", "later_left_units", "is_known",
]  # fmt: skip
"""What the rules take from the position."""
MIDDLE = 0.5
"""Quantiles below it are the low end of demand, those above it the high end."""


def gather(
    draws: pd.DataFrame,
    daily: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    lane_options: pd.DataFrame,
    catalogue: pd.DataFrame | None,
    scope: Scope,
    *,
    exits: pd.DataFrame | None = None,
    late_costs: pd.Series | None = None,
) -> Case:
    """Return what the rules look at; see `sizing.size_stock` for the tables.

    Parameters
    ----------
    exits : DataFrame, optional
        Table `Exits`: leftovers then bring what their exits do, best first, as in `value_curves`.
    late_costs : Series, optional
        By market and SKU, what being late costs a unit of the order; see `order_ways.late_costs`.
    """
    keys, demand = newsvendor.market_draws(draws, phases=HORIZON_PHASES)
    _, stock = available_by_world(position, draws)
    frame = pd.DataFrame(index=keys)
    frame["demand_units"] = demand.mean(axis=1)
    frame["demand_sd_units"] = demand.std(axis=1)
    held = position.set_index(KEYS).loc[keys]
    frame = frame.join(held[HELD])
    frame = frame.join(economics.set_index(KEYS))
    frame["missing"] = frame["missing"].fillna("")
    frame = frame.join(daily_figures(daily)).join(_lead_times(lane_options, scope), on="market")
    frame["horizon_days"] = keys.get_level_values("market").map(horizon_days(scope))
    packs = pd.DataFrame(columns=["moq_units", "carton_units"], index=pd.Index([], name="sku"))
    if catalogue is not None:
        packs = catalogue.set_index("sku")[["moq_units", "carton_units"]]
    frame["late_cost"] = 0.0
    if late_costs is not None:
        frame["late_cost"] = late_costs.reindex(keys).fillna(0.0).to_numpy()
    ladder = None if exits is None else ladder_of(exits, keys, frame["leftover_revenue"])
    short = None if exits is None else sorted_rows(demand - stock)
    later = midway(held.reset_index(), draws).left
    return Case(frame.join(packs.astype("Int64"), on="sku"), demand, stock, ladder, short, later)


def apply_rule(case: Case, rule: str, scope: Scope) -> pd.DataFrame:
    """Return all terms of one rule for every market and SKU.

    Parameters
    ----------
    case : Case
    rule : {"profit", "service_level", "extremes"}
    scope : Scope

    Returns
    -------
    DataFrame
        Indexed as the case: the terms of the target, the order and its consequences; the
        target is NaN where the rule cannot be computed. [units], profit in [currency]

    Notes
    -----
    The profit rule orders nothing where rounding up to the minimum order and full cartons
    would earn less than that.
    """
    frame = case.frame
    result = frame[["demand_units", "available_units"]].copy()
    result["safety_units"] = _safety(case, rule, scope.policy)
    result["buffer_units"] = buffer_rate(scope.policy, rule) * frame["demand_units"]
    terms = ["demand_units", "safety_units", "buffer_units"]
    result["target_units"] = result[terms].sum(axis=1, skipna=False).clip(lower=0)
    needed = (result["target_units"] - frame["available_units"]).clip(lower=0)
    result["needed_units"] = needed
    result["order_units"] = _order(case, rule, result["target_units"])
    result["raw_history_units"] = np.nan
    if rule == "extremes":
        raw = _extremes(frame, "raw_")
        result["raw_history_units"] = frame["demand_units"] + raw + result["buffer_units"]
    return result.assign(**consequences(case, result["order_units"]))


def apply_factor(case: Case, rule: str) -> pd.DataFrame:
    """Return the order of a forecast with a factor on top, as spreadsheets have it.

    Parameters
    ----------
    case : Case
    rule : str
        A name of `FACTOR_RATES`.

    Returns
    -------
    DataFrame
        As `apply_rule`: no safety stock, the factor stands as the buffer. [units]
    """
    frame = case.frame
    result = frame[["demand_units", "available_units"]].copy()
    result["safety_units"] = 0.0
    result["buffer_units"] = FACTOR_RATES[rule] * frame["demand_units"]
    result["target_units"] = frame["demand_units"] + result["buffer_units"]
    result["needed_units"] = (result["target_units"] - frame["available_units"]).clip(lower=0)
    result["order_units"] = _order(case, rule, result["target_units"])
    return result.assign(raw_history_units=np.nan, rule=rule)


def order_at(case: Case, result: pd.DataFrame, *, rule: str, quantile: float) -> pd.Series:
    """Return what a rule would order if demand were at its low or high end.

    Parameters
    ----------
    case : Case
    result : DataFrame
        What `apply_rule` gave for the same case and rule.
    rule : {"profit", "service_level", "extremes"}
    quantile : float
        Below one half for the low end, above it for the high end.

    Returns
    -------
    Series of int, shape (n_sku,)
        At the low end never above the order of the result, at the high end never below it. [units]

    Notes
    -----
    Demand of every world and with it the target is scaled by ``quantile of demand / its mean``,
    at most 1 at the low end and at least 1 at the high end, where a long tail draws the mean out
    of the range. Packs and the question whether they are worth it are then decided anew.
    """
    mean = case.demand.mean(axis=1)
    end = newsvendor.optimal_units(case.demand, quantile)
    ratio = np.divide(end, mean, out=np.ones_like(mean), where=mean > 0)
    is_low = quantile < MIDDLE
    ratio = np.minimum(ratio, 1.0) if is_low else np.maximum(ratio, 1.0)
    demand = case.demand * ratio[:, None]
    short = None if case.short is None else sorted_rows(demand - case.stock)
    scaled = case._replace(demand=demand, short=short)
    order = _order(scaled, rule, result["target_units"] * ratio)
    planned = result["order_units"]
    return order.clip(upper=planned) if is_low else order.clip(lower=planned)


def buffer_rate(policy: Policy, rule: str) -> float:
    """Return the buffer that a rule carries: the policy's, else the rule's own."""
    return RULE_BUFFER_RATES[rule] if policy.buffer_rate is None else policy.buffer_rate


def _order(case: Case, rule: str, target: pd.Series) -> pd.Series:
    """Return the order that brings stock up to `target`; 0 where it is unknown or not worth it."""
    frame = case.frame
    needed = (target - frame["available_units"]).clip(lower=0).fillna(0)
    units = round_order(needed, moq_units=frame["moq_units"], carton_units=frame["carton_units"])
    order = pd.Series(units, index=frame.index)
    return _unless_a_loss(case, order) if rule == "profit" else order


def _unless_a_loss(case: Case, order: pd.Series) -> pd.Series:
    """Return 0 for orders that cartons and minimum orders make worse than ordering nothing."""
    nothing = consequences(case, pd.Series(0, index=order.index))["expected_profit"]
    is_worse = consequences(case, order)["expected_profit"] < nothing
    return order.where(~is_worse, 0)


def _lead_times(lane_options: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return by market the slowest lane that is in time, or the fastest if none is.

    From order to shelf: production, trip and receiving.
    """
    lanes = lane_options.assign(lead_sd_days=lead_spread(lane_options))
    lanes["order"] = lanes["lead_days"].where(~lanes["is_feasible"], -lanes["lead_days"])
    lanes = lanes.sort_values(["market", "is_feasible", "order"], ascending=[True, False, True])
    lanes = lanes.drop_duplicates("market").set_index("market")
    at_both_ends = sum(own_days(scope).values()) + receiving_days(scope)
    return pd.DataFrame(
        {
            "mean_lead_days": lanes["lead_days"] + at_both_ends,
            "longest_lead_days": lanes["max_lead_days"] + at_both_ends,
            "lead_sd_days": lanes["lead_sd_days"],
            "has_lane": lanes["is_feasible"],
        }
    )


def _safety(case: Case, rule: str, policy: Policy) -> pd.Series:
    frame = case.frame
    if rule == "profit":
        return _most_profitable(case) - frame["demand_units"]
    if rule == "extremes":
        return _extremes(frame, "")
    days = frame["horizon_days"]
    daily_units = frame["mean_daily_units"].fillna(frame["demand_units"] / days)
    return safety_stock.by_service_level(
        daily_units,
        frame["demand_sd_units"] / np.sqrt(days),
        days,
        frame["lead_sd_days"],
        service_level=policy.service_level,
    )


def _most_profitable(case: Case) -> np.ndarray:
    frame = case.frame
    best = newsvendor.optimal_units(case.demand, frame["critical_ratio"])
    if case.ladder is None:
        return best
    units = ladder_units(
        case.demand,
        under_cost=frame["under_cost"],
        over_cost=frame["over_cost"],
        ladder=_beside(case.ladder, case.midway_left),
        late_cost=frame["late_cost"],
    )
    return np.where(np.isnan(best), np.nan, units)


def _beside(ladder: Ladder, left: np.ndarray | None) -> Ladder:
    """Return the ladder of what is left beside goods that landed midway, which take exits too."""
    if left is None:
        return ladder
    return ladder._replace(before=np.maximum(ladder.before - left.mean(axis=1)[:, None], 0.0))


def _extremes(frame: pd.DataFrame, prefix: str) -> pd.Series:
    return safety_stock.by_extremes(
        frame[f"{prefix}mean_daily_units"],
        frame[f"{prefix}peak_daily_units"],
        frame["mean_lead_days"],
        frame["longest_lead_days"],
    )
