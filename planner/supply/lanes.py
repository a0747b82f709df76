"""Lanes: by which day goods must be made, shipped and received, and whether that still works.

Knows lead times, seasons in which goods are late, and the brief's two warnings
about time (45 days ahead in risk seasons, no sea trip within two weeks). Knows
nothing of single SKUs, quantities or money beyond the price of a lane.
"""

import math
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.errors import ConfigError
from planner.seller import Seller

STEP = 3
"""The notebook that plans stock; its looking day is today."""
SEA_MODES = ("sea", "sea_fast")
"""Modes that wait in ports, to which the brief's two warnings about time apply."""
ANY_MARKET = "any"
SHIP_BY_CONFIDENCE = 0.90
"""Chance to arrive in time that the latest ship day must leave. House judgement, no source."""


class Bound(NamedTuple):
    """The range in which a figure is expected; an open end is NaN."""

    low: float
    high: float


class _Trip(NamedTuple):
    ship_by: date
    added_days: float
    is_in_risk_window: bool


def chain_dates(
    lanes: pd.DataFrame, risk_windows: pd.DataFrame, bounds: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return for every market and mode the chain of days, backwards from the shelf.

    Parameters
    ----------
    lanes, risk_windows, bounds : DataFrame
        Registers `Lanes`, `RiskWindows` and `Bounds`, rows in force on the planning day.
    scope : Scope
        Gives the cut-off, production, receiving, the modes allowed and the day of looking.

    Returns
    -------
    DataFrame
        Table `LaneOptions`, one row per market and mode. `freight_rate` is the middle of the
        published range in the seller's currency; it is unknown where the register has no price,
        or where the seller gives no exchange rate (`currency` then stays the register's).

    Raises
    ------
    ConfigError
        If the register has no lane for a market of the plan, or a bound is missing.

    Notes
    -----
    ``arrive_by = shelf_by - receiving``, ``ship_by = arrive_by - (safe + added)``,
    ``produce_by = ship_by - production``, all in whole days rounded away from the shelf;
    ``slack_days = produce_by - today``. `safe` are the days within which a share of
    `SHIP_BY_CONFIDENCE` of all trips arrive; `lead_days` shows the typical ones. Sea trips in a
    risk window leave at the latest 45 days ahead. `added_days` sums the risk windows the trip
    touches; as a longer trip may touch more of them, the sum is repeated until it is stable.
    Receiving is the longer of policy and contract. As long as the provider has not confirmed lead
    times, and where only one trip is known, the longest trip is stretched by the bound
    `unconfirmed_lead_ratio`.

    `on_time_rate` is the chance that goods shipped on `ship_by` arrive by `arrive_by`, also where
    that day has passed. Lead days are triangular over shortest, typical and longest, all with the
    added days. A triangle has more weight in its tails than the smoother PERT curve and needs
    nothing but the three figures that forwarders publish.
    """
    _refuse_missing_lanes(lanes, scope)
    known = lanes[lanes["market"].isin(scope.markets)].sort_values(["market", "mode"])
    rows = [_option(lane, risk_windows, bounds, scope) for lane in known.to_dict("records")]
    frame = pd.DataFrame(rows)
    days = ["produce_by", "ship_by", "arrive_by", "shelf_by"]
    frame[days] = frame[days].astype("datetime64[us]")
    return tables.checked(tables.LaneOptions, frame)


def on_time_chance(
    days_left: float, min_days: float, typical_days: float, max_days: float
) -> float:
    """Return the chance that a trip takes no longer than `days_left`.

    Parameters
    ----------
    days_left, min_days, typical_days, max_days : float
        [days]

    Notes
    -----
    Triangular distribution with its peak at `typical_days`.

    Examples
    --------
    >>> on_time_chance(20, 15, 20, 30)
    0.3333333333333333
    >>> on_time_chance(31, 15, 20, 30)
    1.0
    """
    if days_left >= max_days:
        return 1.0
    if days_left < min_days:
        return 0.0
    width = max_days - min_days
    if days_left <= typical_days and typical_days > min_days:
        return (days_left - min_days) ** 2 / (width * (typical_days - min_days))
    return 1 - (max_days - days_left) ** 2 / (width * (max_days - typical_days))


def safe_days(chance: float, min_days: float, typical_days: float, max_days: float) -> float:
    """Return the days within which this share of trips arrives: `on_time_chance` turned round.

    Parameters
    ----------
    chance : float
        0 to 1.
    min_days, typical_days, max_days : float
        [days]

    Examples
    --------
    >>> safe_days(1.0, 15, 20, 30), safe_days(1 / 3, 15, 20, 30)
    (30.0, 20.0)
    """
    width = max_days - min_days
    if chance * width <= typical_days - min_days:
        return min_days + math.sqrt(chance * width * (typical_days - min_days))
    return max_days - math.sqrt((1 - chance) * width * (max_days - typical_days))


def lead_spread(options: pd.DataFrame) -> pd.Series:
    """Return the standard deviation of lead days, triangular as in `on_time_chance`, in days."""
    low, mode, high = options["min_lead_days"], options["lead_days"], options["max_lead_days"]
    squares = low**2 + mode**2 + high**2 - low * mode - low * high - mode * high
    return np.sqrt(squares.clip(lower=0) / 18)


def bound(bounds: pd.DataFrame, rule: str) -> Bound:
    """Return the range that a rule of thumb expects.

    Raises
    ------
    ConfigError
        If the register lacks the rule.
    """
    row = bounds[bounds["rule"] == rule]
    if row.empty:
        raise ConfigError(f"bounds.csv has no row in force for the rule {rule!r}; add one")
    return Bound(float(row["low"].iloc[-1]), float(row["high"].iloc[-1]))


def known_rate(seller: Seller, currency: str) -> float:
    """Return the exchange rate to the seller's currency, NaN where seller.yml gives none."""
    if currency != seller.currency and currency not in seller.fx_rates:
        return math.nan
    return seller.fx_rate(currency)


def receiving_days(scope: Scope) -> float:
    """Return the days from the warehouse's door to the shelf: the longer of policy and contract."""
    return max(scope.policy.receiving_days, scope.seller.contract.receiving_days or 0)


def _refuse_missing_lanes(lanes: pd.DataFrame, scope: Scope) -> None:
    missing = sorted(set(scope.markets) - set(lanes["market"]))
    if missing:
        raise ConfigError(
            f"lanes.csv has no row in force for {', '.join(missing)}; add one row per mode "
            "with days, source and date, or mark it unverified"
        )


def _option(
    lane: dict, risk_windows: pd.DataFrame, bounds: pd.DataFrame, scope: Scope
) -> dict[str, object]:
    plan, today = scope.plans[lane["market"]], scope.as_of(STEP)[lane["market"]]
    arrive_by = plan.shelf_day - _whole(receiving_days(scope))
    days = [lane["min_days"], lane["typical_days"], _longest_days(lane, bounds, scope)]
    safe = safe_days(SHIP_BY_CONFIDENCE, *days)
    trip = _trip(arrive_by, safe, _windows(risk_windows, lane["market"]))
    ahead_by = plan.shelf_day - _whole(bound(bounds, "ship_ahead_in_risk_season").low)
    must_be_ahead = trip.is_in_risk_window and lane["mode"] in SEA_MODES
    ship_by = min(trip.ship_by, ahead_by) if must_be_ahead else trip.ship_by
    ready = today + _whole(scope.policy.production_days)
    shortest, typical, longest = (number + trip.added_days for number in days)
    reason = _reason(lane, trip, ship_by, ready, bounds, scope)
    return {
        "market": lane["market"],
        "mode": lane["mode"],
        "produce_by": ship_by - _whole(scope.policy.production_days),
        "ship_by": ship_by,
        "arrive_by": arrive_by,
        "shelf_by": plan.shelf_day,
        "min_lead_days": shortest,
        "lead_days": typical,
        "max_lead_days": longest,
        "added_days": trip.added_days,
        "slack_days": (ship_by - ready).days,
        "on_time_rate": on_time_chance((arrive_by - ship_by).days, shortest, typical, longest),
        "is_feasible": reason.startswith("reason.in_time"),
        "reason": reason,
        "source": f"{lane['source']} ({lane['confidence']}, {lane['as_of']:%Y-%m-%d})",
        **_price(lane, scope),
    }


def _windows(risk_windows: pd.DataFrame, market: str) -> pd.DataFrame:
    return risk_windows[risk_windows["market"].isin([market, ANY_MARKET])]


def _trip(arrive_by: date, safe_days: float, windows: pd.DataFrame) -> _Trip:
    added_days = 0.0
    while True:
        ship_by = arrive_by - _whole(safe_days + added_days)
        touched = windows[
            (windows["starts_on"] <= pd.Timestamp(arrive_by))
            & (windows["ends_on"] >= pd.Timestamp(ship_by))
        ]
        total = float(touched["added_days"].sum())
        if total <= added_days:
            return _Trip(ship_by, added_days, not touched.empty)
        added_days = total


def _longest_days(lane: dict, bounds: pd.DataFrame, scope: Scope) -> float:
    is_confirmed = scope.seller.contract.confirmed_lead_time_on is not None
    if is_confirmed and lane["max_days"] > lane["min_days"]:
        return lane["max_days"]
    return lane["max_days"] * bound(bounds, "unconfirmed_lead_ratio").high


def _reason(
    lane: dict, trip: _Trip, ship_by: date, ready: date, bounds: pd.DataFrame, scope: Scope
) -> str:
    mode, least = lane["mode"], bound(bounds, "sea_lead").low
    if scope.policy.lanes and mode not in scope.policy.lanes:
        return f"reason.mode_not_allowed|mode={mode}"
    if mode in SEA_MODES and lane["typical_days"] < least:
        return f"reason.lead_time_implausible|days={lane['typical_days']:g}|least={least:g}"
    is_by_rule, ahead = ship_by < trip.ship_by, bound(bounds, "ship_ahead_in_risk_season").low
    if ready > ship_by:
        if is_by_rule:
            return f"reason.needs_45_days|days={ahead:g}|ship_by={ship_by}|ready_on={ready}"
        return f"reason.too_late_for_{mode}|ship_by={ship_by}|ready_on={ready}"
    slack = (ship_by - ready).days
    if is_by_rule:
        return f"reason.in_time_45|days={ahead:g}|slack={slack}|ship_by={ship_by}"
    return f"reason.in_time|slack={slack}|ship_by={ship_by}"


def _price(lane: dict, scope: Scope) -> dict[str, object]:
    rates = [lane[name] for name in ("low_rate", "high_rate") if not pd.isna(lane[name])]
    rate = known_rate(scope.seller, lane["currency"])
    return {
        "freight_rate": float(np.mean(rates)) * rate if rates else math.nan,
        "rate_unit": lane["rate_unit"],
        "cbm_divisor_kg": lane["cbm_divisor_kg"],
        "min_charge": lane["min_charge"],
        "currency": lane["currency"] if math.isnan(rate) else scope.seller.currency,
    }


def _whole(days: float) -> timedelta:
    return timedelta(days=math.ceil(days))
