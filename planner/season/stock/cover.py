"""Cover: how many hours and days each shelf lasts from a moment of the campaign on.

Meets demand world by world with what is on the shelf and on its way. Knows nothing of how demand
was learnt or of what to do about it.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook.rest_by_hour import MarketRest
from planner.season.outlook.sightings import hour_shares
from planner.season.stock.unit_worth import unit_worth

LOW_LEVEL = 0.10
HOURS = 24
TINY_UNITS = 1e-9


class Shelf(NamedTuple):
    """One market's shelf on the days ahead; row i belongs to row i of the sight's keys."""

    stock: np.ndarray
    """shape (n_sku,): sellable at the moment; NaN if unknown. [units]"""
    arriving: np.ndarray
    """shape (n_sku, n_ahead): sellable from that day on. [units]"""


class Run(NamedTuple):
    """What each world's demand does to a shelf."""

    unmet: np.ndarray
    """shape (n_sku, n_ahead, n_draws): asked for and not served. [units]"""
    left: np.ndarray
    """shape (n_sku, n_draws): after the last day. [units]"""


def shelf_of(
    rest: MarketRest, stock_today: pd.DataFrame, arrivals: pd.DataFrame, today: pd.DataFrame | None
) -> Shelf:
    """Return the shelf of one market at the moment.

    Parameters
    ----------
    rest : MarketRest
    stock_today, arrivals : DataFrame
        As `counts.stock_today` and `counts.arrivals` return them, for the start of the day.
    today : DataFrame, optional
        Sales of the day before the moment; they have left the shelf.
    """
    index = pd.MultiIndex.from_frame(rest.sight.keys[KEYS])
    counted = stock_today.set_index(KEYS)["stock_units"].reindex(index).to_numpy(dtype=float)
    gone = np.zeros(len(index))
    if today is not None:
        gone = today.groupby(KEYS)["units"].sum().reindex(index, fill_value=0).to_numpy(dtype=float)
    stock = np.where(counted < 0, np.nan, np.maximum(counted - gone, 0.0))
    days = rest.sight.days[rest.ahead]
    arriving = np.zeros((len(index), len(days)))
    row = index.get_indexer(pd.MultiIndex.from_frame(arrivals[KEYS]))
    column = days.get_indexer(pd.DatetimeIndex(arrivals["day"]))
    known = (row >= 0) & (column >= 0)
    units = arrivals["units"].to_numpy(dtype=float)[known]
    np.add.at(arriving, (row[known], column[known]), units)
    return Shelf(stock, arriving)


def run_worlds(stock: np.ndarray, arriving: np.ndarray, demand: np.ndarray) -> Run:
    """Return what a shelf cannot serve and what it keeps, world by world.

    Parameters
    ----------
    stock : ndarray, shape (n_sku,) or (n_sku, n_draws)
    arriving : ndarray, shape (n_sku, n_days) or (n_sku, n_days, n_draws)
    demand : ndarray, shape (n_sku, n_days, n_draws)
        [units/day]

    Examples
    --------
    >>> run = run_worlds(np.array([10.0]), np.array([[0, 5.0]]), np.array([[[8.0, 14.0], [4, 4]]]))
    >>> run.unmet.sum(axis=1).tolist(), run.left.tolist()
    ([[0.0, 4.0]], [[3.0, 1.0]])
    """
    held = np.zeros(demand[:, 0].shape) + (stock[:, None] if stock.ndim == 1 else stock)
    coming = arriving[:, :, None] if arriving.ndim == 2 else arriving
    unmet = np.zeros(demand.shape)
    for day in range(demand.shape[1]):
        held = held + coming[:, day]
        sold = np.minimum(held, demand[:, day])
        unmet[:, day] = demand[:, day] - sold
        held = held - sold
    unmet[unmet < TINY_UNITS] = 0.0
    return Run(unmet, held)


def cover_hours(
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    *,
    scope: Scope,
    hours: pd.DataFrame,
    today: pd.DataFrame | None = None,
    economics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return how long each shelf lasts.

    Parameters
    ----------
    rests : list of MarketRest
        As `rest_by_hour.rest_by_hour` returns them.
    stock_today, arrivals : DataFrame
        As `counts.stock_today` and `counts.arrivals` return them.
    scope : Scope
    hours : DataFrame
        Table `HourProfile`: at which hour of its day a shelf runs empty.
    today : DataFrame, optional
        Sales of the looking day before the moment.
    economics : DataFrame, optional
        Table `UnitEconomics`: what a missed unit would have earned; without it nobody knows. See
        `unit_worth.UnitWorth.missed`: goods on their way are paid for.

    Returns
    -------
    DataFrame
        Table `CoverHours`, the first to run out on top. Cover is empty where the count is unknown
        and where the middle world does not run out before the next ordinary replenishment; the
        reason tells which.
    """
    parts = [
        _rows(rest, shelf_of(rest, stock_today, arrivals, today), hours, economics)
        for rest in rests
        if rest.market in scope.markets
    ]
    if not parts:
        return tables.empty(tables.CoverHours)
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.assign(currency=scope.seller.currency)
    frame = frame.sort_values(["cover_hours", "low_cover_hours", *KEYS], na_position="last")
    return tables.checked(tables.CoverHours, frame.reset_index(drop=True))


def _rows(
    rest: MarketRest, shelf: Shelf, hours: pd.DataFrame, economics: pd.DataFrame | None
) -> pd.DataFrame:
    demand = rest.by_day()
    run = run_worlds(shelf.stock, shelf.arriving, demand)
    curve = hour_shares(hours, rest.sight.keys)
    emptied = _hours_to_empty(rest, run, demand, curve)
    is_known = ~np.isnan(shelf.stock)
    middle, low = (_level(emptied, level, is_known) for level in (0.5, LOW_LEVEL))
    event = run.unmet[:, rest.is_event_day]
    lost = event.sum(axis=1)
    at = rest.sight.at
    reason = np.where(np.isnan(middle), "reason.cover_lasts", "reason.cover_ends")
    return rest.sight.keys.assign(
        looking_at=at,
        stock_units=shelf.stock,
        coming_units=shelf.arriving[:, rest.is_event_day].sum(axis=1),
        hour_units=_next_day(rest, demand, curve) / HOURS,
        cover_hours=middle,
        low_cover_hours=low,
        cover_days=middle / HOURS,
        runs_out_at=_moments(at, middle),
        low_runs_out_at=_moments(at, low),
        stock_out_rate=np.where(is_known, (lost > 0).mean(axis=1), np.nan),
        lost_units=np.where(is_known, lost.mean(axis=1), np.nan),
        lost_profit=np.where(is_known, _lost_profit(rest, shelf, event, economics), np.nan),
        reason=pd.array(np.where(is_known, reason, "reason.track_no_count"), dtype="str"),
    )


def _lost_profit(
    rest: MarketRest, shelf: Shelf, unmet: np.ndarray, economics: pd.DataFrame | None
) -> np.ndarray:
    """Return for each SKU what the event's missed units would have earned; NaN if unknown."""
    if economics is None:
        return np.full(len(unmet), np.nan)
    worth, event = unit_worth(rest, economics), rest.is_event_day
    worth = worth._replace(gains=worth.gains[:, event])
    return worth.missed(unmet.mean(axis=2), shelf.arriving.sum(axis=1))


def _moments(at: pd.Timestamp, hours: np.ndarray) -> pd.DatetimeIndex:
    """Return the moment so many hours later, to the minute; none where hours are not known."""
    gap = pd.to_timedelta(np.round(hours * 60), unit="m")
    return (at + gap).astype("datetime64[us]")


def _hours_to_empty(
    rest: MarketRest, run: Run, demand: np.ndarray, curve: np.ndarray
) -> np.ndarray:
    """Return for each world the hours until the shelf is empty; infinite where it never is."""
    short = run.unmet > 0
    day = short.argmax(axis=1)
    never = ~short.any(axis=1)
    rows, worlds = np.indices(day.shape)
    asked = np.maximum(demand[rows, day, worlds], TINY_UNITS)
    served = 1.0 - run.unmet[rows, day, worlds] / asked
    clock = (rest.sight.at - rest.sight.at.normalize()) / pd.Timedelta(hours=1)
    ends = np.concatenate([np.zeros((len(curve), 1)), np.cumsum(curve, axis=1)], axis=1)
    gone = np.array([np.interp(clock, np.arange(HOURS + 1), row) for row in ends])
    part = np.where(day == 0, gone[:, None] + served * (1 - gone[:, None]), served)
    hour = np.stack(
        [np.interp(at, row, np.arange(HOURS + 1)) for at, row in zip(part, ends, strict=True)]
    )
    return np.where(never, np.inf, np.maximum(day * HOURS + hour - clock, 0.0))


def _level(emptied: np.ndarray, level: float, is_known: np.ndarray) -> np.ndarray:
    """Return the hours by which a share of the worlds has run out; NaN where fewer ever do."""
    place = min(int(np.ceil(level * emptied.shape[1])), emptied.shape[1]) - 1
    found = np.sort(emptied, axis=1)[:, max(place, 0)]
    return np.where(np.isfinite(found) & is_known, found, np.nan)


def _next_day(rest: MarketRest, demand: np.ndarray, curve: np.ndarray) -> np.ndarray:
    """Return mean demand of the next 24 hours: what is left of today and the start of tomorrow."""
    mean = demand.mean(axis=2)
    clock = (rest.sight.at - rest.sight.at.normalize()) / pd.Timedelta(hours=1)
    early = curve @ np.clip(clock - np.arange(HOURS), 0.0, 1.0)
    tomorrow = mean[:, 1] if mean.shape[1] > 1 else np.zeros(len(mean))
    return mean[:, 0] + early * tomorrow
