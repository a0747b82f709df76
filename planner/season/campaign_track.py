"""A campaign while it runs: the steps in their order, and what each left.

Joins the rooms of `season`; does no arithmetic of its own. Notebook 04 calls it, and whoever
wants the same tables without a notebook.
"""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd

from planner.intake.bundles import explode
from planner.scope import Scope
from planner.season import track
from planner.season.acting import agreement, choices, milestones
from planner.season.outlook import event_totals, hindsight, rest_by_hour, sightings
from planner.season.stock import (
    counts,
    cover,
    daily_check,
    live_stock,
    partitions,
    receipts,
    stock_check,
)


class Plan(NamedTuple):
    """What notebooks 02 and 03 left; each a table named as in `planner.tables`."""

    forecast: pd.DataFrame
    draws: pd.DataFrame
    """`DemandDraws`."""
    by_day: pd.DataFrame
    """`ForecastDaily`."""
    curve: pd.DataFrame
    """`DayCurve`."""
    fit: pd.DataFrame
    """`BaselineFit`."""
    hours: pd.DataFrame
    """`HourProfile`."""
    catalogue: pd.DataFrame
    options: pd.DataFrame
    """`LaneOptions`."""
    stages: pd.DataFrame
    """`StageDays`."""
    economics: pd.DataFrame
    """`UnitEconomics`."""
    ways: pd.DataFrame
    """`SkuWays`."""
    reserves: pd.DataFrame
    exits: pd.DataFrame
    channels: pd.DataFrame
    """`ChannelPlan`."""


class Seen(NamedTuple):
    """What is known at the looking moment."""

    plan: Plan
    lines: pd.DataFrame
    """`OrderLines` as known, bundles as sold."""
    daily: pd.DataFrame
    """`DailySales` of whole days."""
    bundles: pd.DataFrame
    stock: pd.DataFrame
    stock_history: pd.DataFrame
    moves: pd.DataFrame
    """`StockMoves`."""
    shown: pd.DataFrame
    """`PlatformCounts`."""
    shipments: pd.DataFrame
    stages_over: pd.DataFrame
    """Table `Milestones`."""
    live_plan: pd.DataFrame
    rules: pd.DataFrame
    """Register `ActionRules`, rows in force."""
    bounds: pd.DataFrame
    at: Mapping[str, pd.Timestamp] | None = None
    """By market the moment up to which its orders are known; without it the scope's."""


class Tracked(NamedTuple):
    """What tracking left; each a table named as in `planner.tables` unless said otherwise."""

    days: pd.DataFrame
    """`TrackDaily`."""
    status: pd.DataFrame
    """`TrackStatus`."""
    rest: pd.DataFrame
    """`RestOfEvent`."""
    totals: pd.DataFrame
    """`RestTotals`."""
    curve: pd.DataFrame
    """`EventCurve`."""
    ranges: pd.DataFrame
    """`RangeChecks`."""
    cover: pd.DataFrame
    """`CoverHours`."""
    choices: pd.DataFrame
    """`ActionChoices`."""
    first: pd.DataFrame
    """`ActionChoices`, of each SKU the one to begin with."""
    sessions: pd.DataFrame
    """`SessionStock`."""
    stages: pd.DataFrame
    """`StockStages`."""
    receipts: pd.DataFrame
    checks: pd.DataFrame
    """`StockCheck`."""
    partitions: pd.DataFrame
    """`PartitionUse`."""
    delays: pd.DataFrame
    """`MilestoneDelays`."""
    daily: pd.DataFrame
    """`DailyCheck`."""


def track_campaign(seen: Seen, *, scope: Scope) -> Tracked:
    """Return where the campaign stands, what is still to come, and what can be done until when.

    Parameters
    ----------
    seen : Seen
        What is known at the looking moment.
    scope : Scope
        Campaign, seller and scenario; its looking days of step 4.

    Notes
    -----
    A market whose campaign has not begun, or whose horizon is over, has a status and no rest.
    """
    plan, sold = seen.plan, explode(seen.lines, seen.bundles)
    at = sightings.moments(scope, seen.at)
    today = sightings.sales_today(sold, at=at)
    days = track.track_daily(seen.daily, plan.forecast, scope=scope, by_day=plan.by_day)
    rests = rest_by_hour.rest_by_hour(
        plan.draws, plan.by_day, days, scope=scope, at=at, hours=plan.hours, today=today,
        curve=plan.curve, fit=plan.fit,
    )  # fmt: skip
    held = counts.stock_today(seen.stock, seen.daily, scope=scope)
    delays, coming = _coming(seen, rests, held, today, scope)
    shelf = (rests, held, coming)
    options = _choices(seen, shelf, today, scope)
    shelves, places = _shelves(seen, shelf, today, scope), _places(seen, sold, scope)
    status = _status(seen, days, shelf, scope)
    status = agreement.agreed(status, options, shelves["cover"])
    first = choices.first_choices(options)
    return Tracked(
        days=days,
        status=status,
        rest=rest_by_hour.rest_table(rests),
        totals=event_totals.rest_totals(rests),
        curve=event_totals.event_curve(rests),
        ranges=hindsight.range_checks(
            plan.draws,
            plan.by_day,
            days,
            scope=scope,
            curve=plan.curve,
            fit=plan.fit,
            days_back=hindsight.days_back_of(seen.bounds),
        ),
        choices=options,
        first=first,
        **shelves,
        **places,
        delays=delays,
        daily=daily_check.daily_check(
            status, places["checks"], seen.daily, scope=scope, first=first
        ),
        partitions=_partitions(seen, sold, held, days, shelves["cover"], scope),
    )


def _status(
    seen: Seen,
    days: pd.DataFrame,
    shelf: tuple,
    scope: Scope,
) -> pd.DataFrame:
    """Return each SKU's status; by hour where every market runs, else by day."""
    plan, (rests, held, coming) = seen.plan, shelf
    is_running = len(rests) == len(scope.markets)
    return track.track_status(
        days,
        plan.draws,
        held,
        coming,
        plan.options,
        plan.economics,
        scope=scope,
        bounds=seen.bounds,
        by_day=plan.by_day,
        rest=rest_by_hour.as_rest(rests) if is_running else None,
    )


def _choices(seen: Seen, shelf: tuple, today: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    plan = seen.plan
    planned = choices.Planned(
        plan.economics,
        plan.ways,
        plan.catalogue,
        seen.stock,
        seen.rules,
        reserves=plan.reserves,
        exits=plan.exits,
        channels=plan.channels,
        live_plan=seen.live_plan,
    )
    return choices.action_choices(*shelf, planned, scope=scope, hours=plan.hours, today=today)


def _shelves(
    seen: Seen, shelf: tuple, today: pd.DataFrame, scope: Scope
) -> dict[str, pd.DataFrame]:
    """Return how long each shelf lasts, and what each live session needs on it."""
    told = {"scope": scope, "hours": seen.plan.hours, "today": today}
    return {
        "cover": cover.cover_hours(*shelf, economics=seen.plan.economics, **told),
        "sessions": live_stock.session_stock(
            seen.live_plan,
            *shelf,
            level=live_stock.level_of(seen.bounds),
            economics=seen.plan.economics,
            **told,
        ),
    }


def _coming(
    seen: Seen,
    rests: list[rest_by_hour.MarketRest],
    held: pd.DataFrame,
    today: pd.DataFrame,
    scope: Scope,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is late on its way, and what comes when as is now expected."""
    plan, announced = seen.plan, counts.arrivals(seen.stock, scope=scope)
    delays = milestones.milestone_delays(
        seen.shipments, plan.stages, rests, held, announced, plan.economics, plan.ways,
        scope=scope, seen_stages=seen.stages_over, today=today,
    )  # fmt: skip
    return delays, milestones.as_expected(announced, delays)


def _places(seen: Seen, sold: pd.DataFrame, scope: Scope) -> dict[str, pd.DataFrame]:
    """Return where units stand, and what counts leave unexplained."""
    plan = seen.plan
    return {
        "stages": receipts.stock_by_stage(seen.stock, seen.shown, scope=scope),
        "receipts": receipts.receipts(seen.shipments, seen.moves, scope=scope),
        "checks": stock_check.check_stock(
            seen.daily,
            seen.stock_history,
            scope=scope,
            stock=seen.stock,
            moves=_told(seen.moves),
            lines=sold,
            economics=plan.economics,
            bounds=seen.bounds,
        ),
    }


def _partitions(
    seen: Seen,
    sold: pd.DataFrame,
    held: pd.DataFrame,
    days: pd.DataFrame,
    lasting: pd.DataFrame,
    scope: Scope,
) -> pd.DataFrame:
    """Return what each channel took of its part, and what it would have been of what came."""
    plan = seen.plan
    goods = partitions.Goods(plan.draws, plan.economics, plan.by_day, held, days)
    there = partitions.partitions_there(plan.channels, goods, scope=scope)
    return partitions.partition_use(plan.channels, sold, scope=scope, cover=lasting, there=there)


def _told(moves: pd.DataFrame) -> pd.DataFrame | None:
    """Return the movements, nothing where no file tells any: then none is known."""
    return moves if len(moves) else None
