"""Lanes: by which day goods must be made, shipped and received, and whether that still works.

Knows lead times, seasons in which goods are late, and the brief's two warnings
about time (45 days ahead in risk seasons, no sea trip within two weeks). Knows
nothing of single SKUs, quantities or money beyond the price of a lane.
"""

import math
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.errors import ConfigError
from planner.scope import Scope
from planner.seller import Seller
from planner.supply.trips.legs import (
    Leg,
    Window,
    latest_start,
    leg_of,
    ready_on,
    sent_on,
    whole,
    windows_of,
)
from planner.supply.trips.spreads import Days, on_time_chance, safe_days
from planner.supply.trips.stage_parts import ANY, receiving_days
from planner.terms import ORIGIN

__all__ = [
    "Bound",
    "bound",
    "chain_dates",
    "known_rate",
    "lead_spread",
    "on_time_chance",
    "receiving_days",
    "safe_days",
]

STEP = 3
"""The notebook that plans stock; its looking day is today."""
ANY_MARKET = ANY
SEA_MODES = ("sea", "sea_fast")
"""Modes that wait in ports, to which the brief's two warnings about time apply."""


class Bound(NamedTuple):
    """The range in which a figure is expected; an open end is NaN."""

    low: float
    high: float


class _Rules(NamedTuple):
    """Registers that the dates of a lane follow from."""

    risk_windows: pd.DataFrame
    bounds: pd.DataFrame
    lane_stages: pd.DataFrame | None
    inbound_rules: pd.DataFrame | None


def chain_dates(
    lanes: pd.DataFrame,
    risk_windows: pd.DataFrame,
    bounds: pd.DataFrame,
    *,
    scope: Scope,
    lane_stages: pd.DataFrame | None = None,
    inbound_rules: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for every market and mode the chain of days, backwards from the shelf.

    Parameters
    ----------
    lanes, risk_windows, bounds : DataFrame
        Registers `Lanes`, `RiskWindows` and `Bounds`, rows in force on the planning day.
    scope : Scope
        Gives the cut-off, production, receiving, the modes allowed and the day of looking.
    lane_stages : DataFrame, optional
        Register `LaneStages`. Without it a trip is one stage, which every season of the head
        haul stretches, and no season stretches what the seller does.
    inbound_rules : DataFrame, optional
        Register `InboundRules`. Without it receiving never takes longer than told.

    Returns
    -------
    DataFrame
        Table `LaneOptions`, one row per market and mode. `freight_rate` is the middle of the
        published range in the seller's currency; it is unknown where the register has no price,
        or where the seller gives no exchange rate (`currency` then stays the register's).

    Raises
    ------
    ConfigError
        If the register has no lane for a market of the plan, or two of one mode, or days out of
        order; if the cut-off has passed or lies behind the campaign; if a bound is missing.

    Notes
    -----
    ``arrive_by = shelf_by - receiving``, ``ship_by = arrive_by - (safe + added)``,
    ``produce_by = ship_by - (materials + production + waiting)``, all in whole days rounded away
    from the shelf; ``slack_days = produce_by - today``. `safe` are the days within which a share
    of all trips arrive, the bound `ship_by_confidence`; `lead_days` shows the typical ones. Sea
    trips in a risk window leave at the latest 45 days ahead. `added_days` sums the seasons that
    the trip meets, see `legs.leg_of`. As long as the provider has not confirmed lead times, and
    where only one trip is known, the longest is stretched by the bound `unconfirmed_lead_ratio`.

    `on_time_rate` is the chance that goods shipped on `ship_by` arrive in time, also where that
    day has passed, and `late_days` the mean days late of those that do not. Lead days are a sum
    of triangular stages, see `stage_parts.trip_stages`; without stages they are one triangle over
    shortest, typical and longest. It has more weight in its tails than the smoother PERT curve
    and needs nothing but the three figures that forwarders publish.
    """
    known = _known_lanes(lanes, scope)
    rules = _Rules(risk_windows, bounds, lane_stages, inbound_rules)
    rows = [_option(lane, rules, scope) for lane in known.to_dict("records")]
    frame = pd.DataFrame(rows)
    days = ["produce_by", "ship_by", "arrive_by", "shelf_by"]
    frame[days] = frame[days].astype("datetime64[us]")
    return tables.checked(tables.LaneOptions, frame)


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


def _known_lanes(lanes: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the lanes of the plan's markets from the one origin, or say what is wrong."""
    if "origin" in lanes:
        lanes = lanes[lanes["origin"] == ORIGIN]
    missing = sorted(set(scope.markets) - set(lanes["market"]))
    if missing:
        raise ConfigError(
            f"lanes.csv has no row in force for {', '.join(missing)}; add one row per mode "
            "with days, source and date, or mark it unverified"
        )
    known = lanes[lanes["market"].isin(scope.markets)].sort_values(["market", "mode"])
    twice = known[known.duplicated(["market", "mode"])]
    _refuse(twice, "stands more than once in force; end the older one by valid_to")
    disordered = (known["min_days"] > known["typical_days"]) | (
        known["typical_days"] > known["max_days"]
    )
    what = "min_days, typical_days and max_days must not fall; put them in order"
    _refuse(known[disordered], what)
    _refuse_cut_off(scope)
    return known


def _refuse(rows: pd.DataFrame, what: str) -> None:
    if len(rows):
        row = rows.iloc[0]
        days = " / ".join(f"{row[f'{kind}_days']:g}" for kind in ("min", "typical", "max"))
        raise ConfigError(f"lanes.csv, row {row['market']} {row['mode']} ({days} days): {what}")


def _refuse_cut_off(scope: Scope) -> None:
    for market, plan in scope.plans.items():
        where = f"campaign {scope.campaign.campaign}, seller {scope.seller.seller}"
        today = scope.as_of(STEP)[market]
        if plan.shelf_by is not None and plan.shelf_by < today:
            raise ConfigError(
                f"{where}: markets.{market}.shelf_by {plan.shelf_by} lies before the planning day "
                f"{today}; give a later cut-off, or plan from an earlier day"
            )
        if plan.shelf_by is not None and plan.shelf_by > plan.phases.end:
            raise ConfigError(
                f"{where}: markets.{market}.shelf_by {plan.shelf_by} lies behind the last day of "
                f"the campaign {plan.phases.end}; stock would be on the shelf when it is over"
            )


def _option(lane: dict, rules: _Rules, scope: Scope) -> dict[str, object]:
    market, mode = lane["market"], lane["mode"]
    source = f"{lane['source']} ({lane['confidence']}, {lane['as_of']:%Y-%m-%d})"
    is_staged = rules.lane_stages is not None
    windows = windows_of(rules.risk_windows, market, by_stage=is_staged)
    days = (lane["min_days"], lane["typical_days"], _longest_days(lane, rules.bounds, scope))
    leg = leg_of(
        days, market=market, mode=mode, scope=scope, windows=windows, source=source,
        lane_stages=rules.lane_stages, inbound_rules=rules.inbound_rules,
        confidence=bound(rules.bounds, "ship_by_confidence").low,
    )  # fmt: skip
    ship_by, shelf = _ship_by(leg, mode, rules.bounds, scope, market), scope.plans[market].shelf_day
    is_by_rule = ship_by < leg.ship_by
    if is_by_rule and is_staged:
        leg = sent_on(leg, ship_by, windows)
    produce_by = latest_start(ship_by, scope, windows)
    slack_days = (produce_by - scope.as_of(STEP)[market]).days
    reason = _reason(lane, ship_by, slack_days, windows, rules.bounds, scope, is_by_rule=is_by_rule)
    left = (leg.arrive_by - ship_by).days - leg.added_days
    return {
        "market": market,
        "mode": mode,
        "produce_by": produce_by,
        "ship_by": ship_by,
        "arrive_by": leg.arrive_by,
        "shelf_by": shelf,
        **_lead(days, leg.added_days),
        "slack_days": slack_days,
        "on_time_rate": leg.spread.chance(left),
        "late_days": leg.spread.late_days(left),
        "is_feasible": reason.startswith("reason.in_time"),
        "reason": reason,
        "source": source,
        **_price(lane, scope),
    }


def _lead(days: Days, added_days: float) -> dict[str, float]:
    shortest, typical, longest = (number + added_days for number in days)
    return {
        "min_lead_days": shortest,
        "lead_days": typical,
        "max_lead_days": longest,
        "added_days": added_days,
    }


def _ship_by(leg: Leg, mode: str, bounds: pd.DataFrame, scope: Scope, market: str) -> date:
    """Return the last day to ship; a sea trip in a season of delays leaves 45 days ahead."""
    ahead = whole(bound(bounds, "ship_ahead_in_risk_season").low)
    if mode in SEA_MODES and leg.touched:
        return min(leg.ship_by, scope.plans[market].shelf_day - ahead)
    return leg.ship_by


def _longest_days(lane: dict, bounds: pd.DataFrame, scope: Scope) -> float:
    is_confirmed = scope.seller.contract.confirmed_lead_time_on is not None
    if is_confirmed and lane["max_days"] > lane["min_days"]:
        return lane["max_days"]
    return lane["max_days"] * bound(bounds, "unconfirmed_lead_ratio").high


def _reason(
    lane: dict,
    ship_by: date,
    slack_days: int,
    windows: Iterable[Window],
    bounds: pd.DataFrame,
    scope: Scope,
    *,
    is_by_rule: bool,
) -> str:
    mode, least = lane["mode"], bound(bounds, "sea_lead").low
    if scope.policy.lanes and mode not in scope.policy.lanes:
        return f"reason.mode_not_allowed|mode={mode}"
    if mode in SEA_MODES and lane["typical_days"] < least:
        return f"reason.lead_time_implausible|days={lane['typical_days']:g}|least={least:g}"
    ahead = bound(bounds, "ship_ahead_in_risk_season").low
    if slack_days < 0:
        ready = ready_on(scope.as_of(STEP)[lane["market"]], scope, tuple(windows))
        if is_by_rule:
            return f"reason.needs_45_days|days={ahead:g}|ship_by={ship_by}|ready_on={ready}"
        return f"reason.too_late_for_{mode}|ship_by={ship_by}|ready_on={ready}"
    if is_by_rule:
        return f"reason.in_time_45|days={ahead:g}|slack={slack_days}|ship_by={ship_by}"
    return f"reason.in_time|slack={slack_days}|ship_by={ship_by}"


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
