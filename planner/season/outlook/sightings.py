"""What has been seen of a campaign at a moment: days, the hours of today, and what was in doubt.

Lays plan and sales of one market on the same days. Knows nothing of belief, stock or money.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.calibration import Z_80
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook import worlds as draws_of

PHASES = ("warm_up", "sale", "tail", "after")
DAY_HOURS = 24.0


class Sight(NamedTuple):
    """One market at one moment; row i of every array belongs to row i of `keys`."""

    keys: pd.DataFrame
    """market, sku."""
    at: pd.Timestamp
    """The moment, by the shop's clock."""
    days: pd.DatetimeIndex
    """From the first phase day to the horizon's last."""
    phase: np.ndarray
    """shape (n_days,): place in `PHASES`."""
    expected: np.ndarray
    """shape (n_sku, n_days): the plan's mean. [units/day]"""
    past: np.ndarray
    """shape (n_sku, n_days): share of the day that lies before the moment. [unitless]"""
    sold: np.ndarray
    """shape (n_sku, n_days): of that share. [units]"""
    is_floor: np.ndarray
    """shape (n_sku, n_days): the shelf was empty or nothing is known: demand was `sold` or more."""
    day_sd: np.ndarray
    """shape (n_days,): how far a day's share strays, in logarithms; NaN if not told."""
    worlds: np.ndarray
    """shape (n_sku, n_phases, n_draws): the plan's draws. [units]"""


def moments(scope: Scope, at: Mapping[str, pd.Timestamp] | None = None) -> dict[str, pd.Timestamp]:
    """Return by market the moment from which is looked: the scope's, or another of its day.

    Parameters
    ----------
    scope : Scope
        Its looking days of step 4.
    at : Mapping of str to Timestamp, optional
        By market, by the shop's clock; a market without one is looked at as the scope says.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> look = SimpleNamespace(moments=lambda step: {"TH": pd.Timestamp("2025-11-12")})
    >>> moments(look, {"TH": pd.Timestamp("2025-11-12 06:00")})["TH"].hour
    6
    """
    given = at or {}
    return {name: given.get(name, pd.Timestamp(seen)) for name, seen in scope.moments(4).items()}


def sales_today(
    lines: pd.DataFrame, *, at: Mapping[str, pd.Timestamp], shops: tuple[str, ...] = ()
) -> pd.DataFrame:
    """Return what each market sold on the day of a moment, up to it.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines`, bundles exploded.
    at : Mapping of str to Timestamp
        By market.
    shops : tuple of str
        Of these only; empty for all.

    Returns
    -------
    DataFrame
        market, sku, day, units [units].
    """
    moment = pd.to_datetime(lines["market"].map(at))
    since = moment.dt.normalize()
    inside = lines["is_demand"] & (lines["ordered_at"] >= since) & (lines["ordered_at"] < moment)
    if shops:
        inside &= lines["shop"].isin(shops)
    part = lines[inside].assign(day=since)
    return part.groupby([*KEYS, "day"], as_index=False)["units"].sum()


def share_before(hours: pd.DataFrame, keys: pd.DataFrame, at: pd.Timestamp) -> np.ndarray:
    """Return by SKU the share of a day's units that falls before a moment of it.

    Parameters
    ----------
    hours : DataFrame
        Table `HourProfile`; the shops of a market count by their units.
    keys : DataFrame
        market, sku: the rows to return. A SKU without a profile takes its market's.
    at : Timestamp

    Returns
    -------
    ndarray, shape (n_sku,)
        Even over the hours where no profile is known. [unitless]
    """
    curve = hour_shares(hours, keys)
    clock = at - at.normalize()
    passed = clock / pd.Timedelta(hours=1)
    inside = np.clip(passed - np.arange(int(DAY_HOURS)), 0.0, 1.0)
    return np.clip(curve @ inside, 0.0, 1.0)


def hour_shares(hours: pd.DataFrame, keys: pd.DataFrame) -> np.ndarray:
    """Return the share of a day's units by hour, shape (n_sku, 24); rows add up to 1."""
    n_hours = int(DAY_HOURS)
    if hours.empty:
        return np.full((len(keys), n_hours), 1.0 / n_hours)
    total = hours.groupby(["shop", *KEYS])["units"].transform("sum").to_numpy(dtype=float)
    told = hours[[*KEYS, "hour"]].assign(part=hours["share_rate"] * (total + 1.0))
    grid = told.pivot_table(index=KEYS, columns="hour", values="part", aggfunc="sum")
    grid = grid.reindex(columns=range(n_hours), fill_value=0.0)
    own = grid.reindex(pd.MultiIndex.from_frame(keys[KEYS]))
    whole = grid.reindex(pd.MultiIndex.from_frame(keys[KEYS].assign(sku=""))).to_numpy()
    found = np.where(own.isna().to_numpy(), whole, own.to_numpy())
    sums = found.sum(axis=1, keepdims=True)
    even = np.full(found.shape, 1.0 / n_hours)
    return np.divide(found, sums, out=even, where=np.nan_to_num(sums) > 0)


def sight_of(
    market: str,
    draws: pd.DataFrame,
    by_day: pd.DataFrame,
    track: pd.DataFrame,
    *,
    scope: Scope,
    at: pd.Timestamp,
    hours: pd.DataFrame | None = None,
    today: pd.DataFrame | None = None,
    curve: pd.DataFrame | None = None,
) -> Sight:
    """Return one market's plan and sales on the days of its campaign.

    Parameters
    ----------
    market : str
    draws, by_day, track : DataFrame
        Tables `DemandDraws`, `ForecastDaily` and `TrackDaily` (whole days before the moment).
    scope : Scope
    at : Timestamp
        Moment from which is looked.
    hours, today, curve : DataFrame, optional
        Table `HourProfile`; sales of the moment's own day as `sales_today` returns them, with
        `is_stock_out` if known; table `DayCurve`. Without `today` the hours of the moment's day
        that are past are unknown.
    """
    found = draws_of.market_worlds(draws[draws["market"] == market])
    keys = found.keys[KEYS].drop_duplicates().sort_values(KEYS, ignore_index=True)
    plan = scope.plans[market]
    last = plan.next_replenishment_on - timedelta(days=1)
    days = pd.date_range(plan.phases.start, last, unit="us")
    phase = np.full(len(days), PHASES.index("after"))
    for name, span in plan.phases.named().items():
        inside = (days >= pd.Timestamp(span.start)) & (days <= pd.Timestamp(span.end))
        phase[inside] = PHASES.index(name)
    cube = _cube(found, keys)
    expected = _expected(by_day, keys, days, phase, cube)
    past = np.where(days < at.normalize(), 1.0, 0.0) * np.ones((len(keys), 1))
    sold, is_floor = _sold(track, keys, days, past)
    if at > at.normalize():
        place = days.get_indexer([at.normalize()])[0]
        if place >= 0:
            told = pd.DataFrame() if hours is None else hours
            past[:, place] = share_before(told, keys, at)
            sold[:, place], is_floor[:, place] = _today(today, keys)
    day_sd = _day_sd(curve, market, days)
    return Sight(keys, at, days, phase, expected, past, sold, is_floor, day_sd, cube)


def _cube(found: draws_of.Worlds, keys: pd.DataFrame) -> np.ndarray:
    kept = found.keys["phase"].isin(PHASES).to_numpy()
    rows = found.keys[kept]
    cube = np.zeros((len(keys), len(PHASES), found.units.shape[1]))
    sku = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(rows[KEYS]))
    place = pd.Index(PHASES).get_indexer(rows["phase"])
    np.add.at(cube, (sku, place), found.units[kept])
    return cube


def _grid(frame: pd.DataFrame, keys: pd.DataFrame, days: pd.DatetimeIndex, value: str):
    """Return the values of a long table by SKU and day, NaN where it has none."""
    grid = np.full((len(keys), len(days)), np.nan)
    row = pd.MultiIndex.from_frame(keys).get_indexer(pd.MultiIndex.from_frame(frame[KEYS]))
    column = days.get_indexer(pd.DatetimeIndex(frame["day"]))
    known = (row >= 0) & (column >= 0)
    grid[row[known], column[known]] = frame[value].to_numpy(dtype=float)[known]
    return grid


def _expected(
    by_day: pd.DataFrame,
    keys: pd.DataFrame,
    days: pd.DatetimeIndex,
    phase: np.ndarray,
    cube: np.ndarray,
) -> np.ndarray:
    """Return the plan's mean of each day; a phase without days of its own falls evenly."""
    sums = by_day.groupby([*KEYS, "day"], as_index=False)["mean_units"].sum()
    told = np.nan_to_num(_grid(sums, keys, days, "mean_units"))
    for place in np.unique(phase):
        inside = phase == place
        blank = told[:, inside].sum(axis=1) <= 0
        even = cube[:, place].mean(axis=1) / inside.sum()
        told[np.ix_(blank, inside)] = even[blank, None]
    return told


def _sold(
    track: pd.DataFrame, keys: pd.DataFrame, days: pd.DatetimeIndex, past: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return sales of past days and whether they are only a floor: shelf empty, or no data."""
    units = _grid(track, keys, days, "units")
    empty = _grid(track.assign(out=track["is_stock_out"].astype(float)), keys, days, "out")
    is_floor = (past > 0) & (np.isnan(units) | (np.nan_to_num(empty) > 0))
    return np.where(past > 0, np.nan_to_num(units), 0.0), is_floor


def _today(today: pd.DataFrame | None, keys: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    if today is None:
        return np.zeros(len(keys)), np.ones(len(keys), dtype=bool)
    rows = today.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys))
    units = rows["units"].fillna(0.0).to_numpy(dtype=float)
    is_out = rows["is_stock_out"].eq(True).to_numpy() if "is_stock_out" in rows else False
    return units, np.zeros(len(keys), dtype=bool) | is_out


def _day_sd(curve: pd.DataFrame | None, market: str, days: pd.DatetimeIndex) -> np.ndarray:
    """Return how far each day's share strays, told by the 80 % range of the day curve."""
    if curve is None or curve.empty:
        return np.full(len(days), np.nan)
    own = curve[curve["market"] == market]
    spread = np.log(own["share_high_rate"] / own["share_low_rate"]) / (2 * Z_80)
    return spread.set_axis(pd.DatetimeIndex(own["day"])).reindex(days).to_numpy(dtype=float)
