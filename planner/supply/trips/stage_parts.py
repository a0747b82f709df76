"""Parts of a way: the stages of a trip and of receiving, each with its shortest and longest days.

Knows which stages there are and how the published days of a trip are shared out over them. Knows
nothing of dates, seasons or prices.
"""

import math
from typing import NamedTuple

import pandas as pd

from planner.errors import ConfigError
from planner.scope import Scope
from planner.supply.trips.spreads import Days

PREPARATION = ("materials", "production", "waiting")
"""The seller's own stages, before the goods leave."""
TRIP = ("pickup", "export_customs", "line_haul", "import_customs", "truck")
"""Stages of the head haul, whose days are published door to door."""
ANY = "any"
SHARE_SLACK = 1e-6
"""By how much shares may miss 1, from rounding."""


class Stage(NamedTuple):
    """One stage, how long it takes, and where that stands."""

    stage: str
    days: Days
    reason: str
    source: str


def trip_stages(
    lane_stages: pd.DataFrame | None, *, market: str, mode: str, days: Days, source: str = ""
) -> tuple[Stage, ...]:
    """Return the stages of a trip whose days are known door to door only.

    Parameters
    ----------
    lane_stages : DataFrame or None
        Register `LaneStages`. Rows of the market come before those of `any`; a mode without
        rows is one stage.
    days : (shortest, typical, longest)
        Door to door. [days]

    Raises
    ------
    ConfigError
        If the shares of a mode do not add up to 1.

    Notes
    -----
    A stage takes its share of the typical days. It may end earlier by its share of
    ``typical - shortest`` and run longer by its part of ``longest - typical``, in proportion to
    ``share * (max_ratio - 1)``; one with a `max_ratio` of 1 does not vary. Stages that vary on
    their own even out, so that their sum would spread less than the trip that was published.
    All widths are therefore stretched by one factor, which brings the variance of the sum back
    to that of the published triangle; for one stage that varies the factor is 1.
    """
    rows = _rows_of(lane_stages, market, mode)
    if rows.empty:
        return (Stage("line_haul", days, "reason.stage_whole", source),)
    _refuse_shares(rows, market, mode)
    low, middle, high = days
    swell = rows["share_rate"] * (rows["max_ratio"] - 1)
    varies = rows["share_rate"].where(swell > 0, 0.0)
    if not varies.sum():
        swell = varies = rows["share_rate"]
    below, above = (middle - low) * varies / varies.sum(), (high - middle) * swell / swell.sum()
    typical = rows["share_rate"] * middle
    factor = _factor(below, above, middle - low, high - middle)
    shortest = (typical - factor * below).clip(lower=0)
    longest = typical + factor * above
    told = rows.assign(low=shortest, middle=typical, high=longest).itertuples()
    return tuple(
        Stage(
            str(row.stage), (float(row.low), float(row.middle), float(row.high)),
            f"reason.stage_share|share={row.share_rate:g}",
            f"{row.source} ({row.confidence}, {row.as_of:%Y-%m-%d})",
        )
        for row in told
    )  # fmt: skip


def receiving_days(scope: Scope, market: str = "") -> float:
    """Return the days from the warehouse's door to the shelf, the longest that anyone names.

    Parameters
    ----------
    market : str
        Only warehouses that the seller's shops there draw on; blank for all of the plan. [days]
    """
    shops = [shop for shop in scope.shops if market in ("", shop.market)]
    used = {shop.warehouse for shop in shops}
    houses = [house for house in scope.seller.warehouses if house.warehouse in used]
    told = [house.receiving_days or 0 for house in houses]
    return max([scope.policy.receiving_days, scope.seller.contract.receiving_days or 0, *told])


def receiving_stage(scope: Scope, market: str, inbound_rules: pd.DataFrame | None) -> Stage:
    """Return receiving: fixed where it is agreed, else up to the longest that is usual.

    Notes
    -----
    The contract or a warehouse of seller.yml agrees on it. Where neither does, receiving takes at
    least what is usual for that kind of warehouse and may take the longest that is usual.
    """
    used = {shop.warehouse for shop in scope.shops if shop.market == market}
    houses = [house for house in scope.seller.warehouses if house.warehouse in used]
    days = receiving_days(scope, market)
    agreed = scope.seller.contract.receiving_days is not None
    if agreed or all(house.receiving_days is not None for house in houses):
        return Stage("receiving", (days, days, days), "reason.stage_agreed", "seller.yml")
    kinds = sorted({house.kind for house in houses if house.receiving_days is None})
    rules = [inbound_rule(inbound_rules, market, kind, "receiving_days") for kind in kinds]
    longest = [inbound_rule(inbound_rules, market, kind, "receiving_max_days") for kind in kinds]
    days = max([days, *(value for value in rules if not math.isnan(value))])
    high = max([days, *(value for value in longest if not math.isnan(value))])
    reason = "reason.stage_receiving" if high > days else "reason.stage_policy"
    source = "inbound_rules.csv" if high > days else "seller.yml"
    return Stage("receiving", (days, days, high), reason, source)


def inbound_rule(inbound_rules: pd.DataFrame | None, market: str, kind: str, rule: str) -> float:
    """Return one rule on how goods arrive, NaN where it is not known.

    Notes
    -----
    The nearest row counts: market and kind, `any` market, `any` kind, `any` of both.
    """
    if inbound_rules is None:
        return math.nan
    named = inbound_rules[inbound_rules["rule"] == rule]
    for place, house in ((market, kind), (ANY, kind), (market, ANY), (ANY, ANY)):
        row = named[(named["market"] == place) & (named["kind"] == house)]
        if len(row):
            return float(row["value"].iloc[-1])
    return math.nan


def _rows_of(lane_stages: pd.DataFrame | None, market: str, mode: str) -> pd.DataFrame:
    """Return the rows of a mode in order: those of the market, else those of any market."""
    if lane_stages is None:
        return pd.DataFrame()
    rows = lane_stages[lane_stages["mode"] == mode]
    own = rows[rows["market"] == market]
    return (rows[rows["market"] == ANY] if own.empty else own).sort_values("place")


def _refuse_shares(rows: pd.DataFrame, market: str, mode: str) -> None:
    total = rows["share_rate"].sum()
    if abs(total - 1) > SHARE_SLACK:
        place = rows["market"].iloc[0]
        raise ConfigError(
            f"lane_stages.csv, rows {place} {mode}: share_rate adds up to {total:g}, not 1; "
            f"mend the shares of {', '.join(rows['stage'])} (asked for {market})"
        )
    strange = [stage for stage in rows["stage"] if stage not in TRIP]
    if strange:
        raise ConfigError(
            f"lane_stages.csv, row {rows['market'].iloc[0]} {mode} {strange[0]}: no stage of a "
            f"trip; it has {', '.join(TRIP)}"
        )


def _factor(below: pd.Series, above: pd.Series, rise: float, fall: float) -> float:
    """Return what stretches all widths so that their sum spreads as the whole trip does."""
    apart = float((below**2 + above**2 + below * above).sum())
    return math.sqrt((rise**2 + fall**2 + rise * fall) / apart) if apart else 1.0
