"""What to do with each SKU today, and until when that still helps.

Weighs the demand to come against the shelf, the lanes and the margin. Knows nothing
of how either was estimated.
"""

import math
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook.rest import Rest
from planner.season.stock import shelf

MIDDLE_LEVEL = 0.5
HIGH_LEVEL = 0.9
LEAST_UNITS = 0.5
"""Less than this rounds to no unit at all. [units]"""


class Verdict(NamedTuple):
    """One SKU's action: how many units, the last useful day, and why."""

    action: str
    units: float
    act_by: pd.Timestamp
    reason: str


class Case(NamedTuple):
    """What is known of one SKU on the looking day; days are counted from it."""

    looking: pd.Timestamp
    last_phase_day: int
    empty_day: int
    """First day short at the level worth covering; -1 if none. [days]"""
    high_empty_day: int
    short_low: float
    short_high: float
    short: float
    """Short at the level worth covering. [units]"""
    landed_short: float
    """Of these, what units by the fastest lane could still serve. [units]"""
    left_high: float
    """Left at the horizon's end though demand is high. [units]"""
    spare: float
    """Of these, more than ordinary days will sell in good time; NaN if not known. [units]"""
    mode: str
    lead_days: float
    margin: float


def sizes(
    rest: Rest,
    stock: np.ndarray,
    arriving: np.ndarray,
    lanes: pd.DataFrame,
    economics: pd.DataFrame,
    *,
    scope: Scope,
    dead_stock_days: float,
) -> list[Case]:
    """Return for each SKU what is short and what is left, row by row of `rest.keys`.

    Parameters
    ----------
    rest : Rest
        Demand to come.
    stock : ndarray, shape (n_sku,)
        Sellable today; NaN if unknown. [units]
    arriving : ndarray, shape (n_sku, n_days)
        Units sellable from that day on. [units]
    lanes, economics : DataFrame
        Tables `LaneOptions`, `UnitEconomics`.
    scope : Scope
    dead_stock_days : float
        Days of ordinary sales beyond which stock is dead; NaN if not known. [days]

    Notes
    -----
    The level worth covering is the critical ratio, held between `MIDDLE_LEVEL` and
    `HIGH_LEVEL`; without a critical ratio it is the middle.
    """
    value = rest.keys.merge(
        economics[[*KEYS, "critical_ratio", "margin_profit"]], on=KEYS, how="left"
    )
    fast = rest.keys.merge(fastest_lanes(lanes), on="market", how="left")
    ratio = value["critical_ratio"].fillna(MIDDLE_LEVEL).clip(MIDDLE_LEVEL, HIGH_LEVEL)
    low, high = rest.quantile((MIDDLE_LEVEL, HIGH_LEVEL)).T
    totals = (low, high, rest.quantile_at(ratio.to_numpy(dtype=float)))
    at_low, at_high, at_worth = (
        shelf.run_down(stock, arriving, rest.course(total)) for total in totals
    )
    lead = fast["lead_days"].to_numpy(dtype=float)
    columns = {
        "looking": pd.to_datetime(rest.keys["market"].map(scope.as_of(4))),
        "last_phase_day": _last_phase_day(rest.keys["market"], scope),
        "empty_day": shelf.first_empty_day(at_worth),
        "high_empty_day": shelf.first_empty_day(at_high),
        "short_low": at_low.unmet_units.sum(axis=1),
        "short_high": at_high.unmet_units.sum(axis=1),
        "short": at_worth.unmet_units.sum(axis=1),
        "landed_short": shelf.unmet_from(at_worth, lead),
        "left_high": at_high.left_units,
        "spare": at_high.left_units - dead_stock_days * rest.after,
        "mode": fast["mode"].fillna(""),
        "lead_days": lead,
        "margin": value["margin_profit"].to_numpy(dtype=float),
    }
    return [Case(*row) for row in pd.DataFrame(columns).itertuples(index=False)]


def decide(case: Case) -> Verdict:
    """Return the action of a SKU whose stock and demand are known.

    Notes
    -----
    Replenish if units are short at the level worth covering and a lane lands some of them in
    time; slow down (cap ads, hold the live slot) if none does or if a unit sold loses money;
    watch if only high demand would run short; clear what is left even though demand is high.
    """
    if case.short >= LEAST_UNITS:
        return _shortage(case)
    if case.short_high >= LEAST_UNITS:
        return Verdict("watch", 0, _order_by(case, case.high_empty_day), _tight(case))
    spare = case.left_high if math.isnan(case.spare) else case.spare
    if spare >= 1:
        day = case.looking + pd.Timedelta(days=max(case.last_phase_day, 0))
        return Verdict("clear", math.floor(spare), day, f"reason.track_left_over|units={spare:.0f}")
    return Verdict("none", 0, pd.NaT, "reason.track_enough")


def fastest_lanes(lanes: pd.DataFrame) -> pd.DataFrame:
    """Return the lane with the shortest lead time of each market: market, mode, lead_days.

    Lead days are whole days, rounded up.
    """
    ordered = lanes.sort_values(["lead_days", "mode"])[["market", "mode", "lead_days"]]
    fast = ordered.drop_duplicates("market")
    return fast.assign(lead_days=np.ceil(fast["lead_days"].to_numpy(dtype=float)))


def _last_phase_day(markets: pd.Series, scope: Scope) -> pd.Series:
    ends: Mapping[str, object] = {name: plan.phases.end for name, plan in scope.plans.items()}
    gap = pd.to_datetime(markets.map(ends)) - pd.to_datetime(markets.map(scope.as_of(4)))
    return gap.dt.days


def _shortage(case: Case) -> Verdict:
    facts = (
        f"low={case.short_low:.0f}|high={case.short_high:.0f}"
        f"|empty_on={_day(case, case.empty_day):%Y-%m-%d}"
    )
    held_back = _day(case, max(case.empty_day - 1, 0))
    if case.margin <= 0:
        reason = f"reason.track_sells_at_a_loss|{facts}"
        return Verdict("slow_down", math.ceil(case.short), held_back, reason)
    if not case.mode:
        reason = f"reason.track_no_lane_known|{facts}"
        return Verdict("slow_down", math.ceil(case.short), held_back, reason)
    facts += f"|mode={case.mode}|lead_days={case.lead_days:.0f}"
    if case.lead_days <= case.empty_day:
        last = _order_by(case, case.empty_day)
        return Verdict("replenish", math.ceil(case.short), last, f"reason.track_short|{facts}")
    if case.lead_days <= case.last_phase_day and case.landed_short >= LEAST_UNITS:
        facts += f"|missed={case.short - case.landed_short:.0f}"
        last = _order_by(case, case.last_phase_day)
        reason = f"reason.track_short_before_landing|{facts}"
        return Verdict("replenish", math.ceil(case.landed_short), last, reason)
    reason = f"reason.track_no_lane_in_time|{facts}"
    return Verdict("slow_down", math.ceil(case.short), held_back, reason)


def _tight(case: Case) -> str:
    day = _day(case, case.high_empty_day)
    return f"reason.track_short_if_strong|high={case.short_high:.0f}|empty_on={day:%Y-%m-%d}"


def _order_by(case: Case, landing_day: int) -> pd.Timestamp:
    """Return the last day on which the fastest lane still lands by `landing_day`."""
    if not case.mode or landing_day < case.lead_days:
        return pd.NaT
    return _day(case, landing_day - case.lead_days)


def _day(case: Case, days: float) -> pd.Timestamp:
    return case.looking + pd.Timedelta(days=int(days))
