"""Legs: the days from the order to the shelf of one market and mode, seasons and all.

Knows in which season which stage takes longer, by which day goods must leave, and when they are
ready. Knows nothing of prices, of the modes a seller allows or of the brief's warnings about time.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from planner.scope import Scope
from planner.supply.trips.spreads import Days, Spread, sum_of
from planner.supply.trips.stage_parts import (
    ANY,
    PREPARATION,
    TRIP,
    Stage,
    receiving_stage,
    trip_stages,
)
from planner.words import is_known

WHOLE_TRIP = "trip"
"""Stage of a season that stretches the head haul as a whole."""

Span = tuple[date, date]


class Window(NamedTuple):
    """A season in which one stage takes longer; how much is NaN where nobody says."""

    event: str
    stage: str
    starts_on: date
    ends_on: date
    added_days: float

    @property
    def season(self) -> str:
        """Term of the season without its year; the event as it is where the glossary has none."""
        term = f"window.{self.event.lstrip('0123456789-').replace('-', '_')}"
        return term if is_known(term) else self.event

    def meets(self, start: date, end: date) -> bool:
        """Return whether the season touches these days, both ends included."""
        return self.starts_on <= end and self.ends_on >= start


class Leg(NamedTuple):
    """The way from the ship day to the shelf."""

    parts: tuple[Stage, ...]
    """Of the trip, in order."""
    received: Stage
    spread: Spread
    """Of the trip, and of receiving beyond its typical days; no season in it."""
    ship_by: date
    arrive_by: date
    added: Mapping[str, float]
    """By stage, days that seasons add; `trip` for the whole."""
    touched: tuple[Window, ...]
    """Seasons that the trip meets."""

    @property
    def added_days(self) -> float:
        """Days that seasons add to the trip."""
        return float(sum(self.added.values()))


def leg_of(
    days: Days,
    *,
    market: str,
    mode: str,
    scope: Scope,
    windows: Sequence[Window],
    lane_stages: pd.DataFrame | None,
    confidence: float,
    inbound_rules: pd.DataFrame | None = None,
    source: str = "",
) -> Leg:
    """Return the way of one market and mode, backwards from the shelf day.

    Parameters
    ----------
    days : (shortest, typical, longest)
        Door to door. [days]
    windows : sequence of Window
        As `windows_of` returns them.
    lane_stages, inbound_rules : DataFrame or None
        Without `lane_stages` the trip is one stage, without `inbound_rules` receiving is fixed.
    confidence : float
        Chance to arrive in time that the latest ship day must leave.

    Notes
    -----
    ``arrive_by = shelf - receiving``, ``ship_by = arrive_by - (safe + added)`` in whole days
    rounded away from the shelf; `safe` are the days within which a share of `confidence`
    arrives. A stage takes the days of every season it meets. As a longer trip may meet more of
    them, this is repeated until nothing is added.
    """
    parts = trip_stages(lane_stages, market=market, mode=mode, days=days, source=source)
    received = receiving_stage(scope, market, inbound_rules)
    low, middle, high = received.days
    spread = sum_of([*(part.days for part in parts), (low - middle, 0.0, high - middle)])
    shelf, safe = scope.plans[market].shelf_day, spread.days_for(confidence)
    arrive_by = shelf - whole(middle)
    arrive_by -= whole(added_by(meeting(windows, received.stage, (arrive_by, shelf))))
    leg = Leg(parts, received, spread, arrive_by, arrive_by, {}, ())
    while True:
        ship_by = arrive_by - whole(safe + leg.added_days)
        later = _met(leg._replace(ship_by=ship_by), windows)
        if later.added == leg.added:
            return later
        leg = later


def sent_on(leg: Leg, ship_by: date, windows: Sequence[Window]) -> Leg:
    """Return the leg of goods that leave on another day, with the seasons that they then meet."""
    leg = leg._replace(ship_by=ship_by, added={}, touched=())
    while True:
        later = _met(leg, windows)
        if later.added == leg.added:
            return later
        leg = later


def windows_of(risk_windows: pd.DataFrame, market: str, *, by_stage: bool) -> tuple[Window, ...]:
    """Return the seasons of a market; without stages those of the head haul hold for all of it."""
    rows = risk_windows[risk_windows["market"].isin([market, ANY])]
    if "stage" not in rows:
        rows = rows.assign(stage=WHOLE_TRIP)
    if not by_stage:
        rows = rows[rows["stage"].isin([*TRIP, WHOLE_TRIP])].assign(stage=WHOLE_TRIP)
    return tuple(
        Window(
            str(row.event), str(row.stage), row.starts_on.date(), row.ends_on.date(),
            float(row.added_days),
        )
        for row in rows.itertuples()
    )  # fmt: skip


def ready_on(start: date, scope: Scope, windows: Sequence[Window]) -> date:
    """Return the day on which goods ordered on `start` can leave: materials, making, waiting."""
    for stage, days in own_days(scope).items():
        end = start + whole(days)
        start = end + whole(added_by(meeting(windows, stage, (start, end)))) if days else end
    return start


def latest_start(ship_by: date, scope: Scope, windows: Sequence[Window]) -> date:
    """Return the last day on which to order goods that leave on `ship_by`."""
    start = ship_by - sum((whole(days) for days in own_days(scope).values()), timedelta())
    while ready_on(start, scope, windows) > ship_by:
        start -= timedelta(days=1)
    return start


def own_days(scope: Scope) -> dict[str, float]:
    """Return the days of the seller's own stages, in order."""
    return {stage: getattr(scope.policy, f"{stage}_days") for stage in PREPARATION}


def meeting(windows: Iterable[Window], stage: str, span: Span) -> list[Window]:
    """Return the seasons that stretch a stage while it runs, both ends included."""
    return [window for window in windows if window.stage == stage and window.meets(*span)]


def added_by(windows: Iterable[Window]) -> float:
    """Return the days that seasons add; one of which nobody says how many adds none."""
    return float(sum(w.added_days for w in windows if not math.isnan(w.added_days)))


def laid_out(start: date, end: date, days: Sequence[float]) -> list[Span]:
    """Return spans without a gap from start to end, as long as `days` are to each other.

    Examples
    --------
    >>> [str(day) for _, day in laid_out(date(2026, 1, 1), date(2026, 1, 11), [1.0, 4.0])]
    ['2026-01-03', '2026-01-11']
    """
    total, width = sum(days), (end - start).days
    done, cuts = 0.0, [start]
    for part in days:
        done += part
        cuts.append(start + timedelta(days=round(width * done / total)) if total else end)
    return list(pairwise(cuts))


def whole(days: float) -> timedelta:
    """Return days rounded up to whole ones."""
    return timedelta(days=math.ceil(days))


def _met(leg: Leg, windows: Sequence[Window]) -> Leg:
    """Return the leg with the seasons its stages meet; days once added are never taken off."""
    span = (leg.ship_by, leg.arrive_by)
    days = [part.days[1] + leg.added.get(part.stage, 0.0) for part in leg.parts]
    touched = meeting(windows, WHOLE_TRIP, span)
    for part, own in zip(leg.parts, laid_out(*span, days), strict=True):
        touched += meeting(windows, part.stage, own)
    added = dict(leg.added)
    for stage in {window.stage for window in touched}:
        total = added_by(window for window in touched if window.stage == stage)
        if total > added.get(stage, 0.0):
            added[stage] = total
    return leg._replace(added=added, touched=tuple(touched))
