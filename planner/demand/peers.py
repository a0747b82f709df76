"""What others would forecast for the same window: the contract, the naive week, the spreadsheet.

A peer sees arrays that end at the cut-off, and of the days ahead only what anyone may know. It
knows no file, no table of this project and no truth. Peers that need another package are in
`peers_learned` and `peers_boosted`.
"""

import importlib
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from planner.demand.clean import Codes, Flags, Floats
from planner.demand.level import NEIGHBOUR_DAYS, WEEK_DAYS
from planner.errors import PlanningError

LEVELS = (0.025, 0.1, 0.5, 0.8, 0.9, 0.95, 0.975)
"""Levels at which the total of a window is told."""
N_PATHS = 200
"""Sample paths of a peer that draws. [paths]"""
MIN_RULE_DAYS = 5
"""Clean days before a promotion without which a spreadsheet gives no multiplier. [days]"""


class Windows(NamedTuple):
    """What a peer may see: n series, L days known, H days ahead, k inputs known ahead."""

    first_on: pd.Timestamp
    """Day of column 0."""
    units: Floats
    """Units sold, shape (n, L). [units/day]"""
    is_known: Flags
    """Days in stock and open, shape (n, L)."""
    drivers: Floats
    """Inputs of the known days, shape (n, L, k); the first is the promo flag."""
    drivers_ahead: Floats
    """The same of the days ahead, shape (n, H, k)."""
    is_open_ahead: Flags
    """Days ahead on which anything can be sold, shape (n, H)."""
    window: Flags
    """Days ahead whose total is asked for, shape (n, H)."""
    category: Codes
    """Code of each series' category, shape (n,)."""

    @property
    def is_promo(self) -> Flags:
        """Whether a known day belongs to a promotion, shape (n, L)."""
        return self.drivers[:, :, 0] > 0.5

    @property
    def is_promo_ahead(self) -> Flags:
        """Whether a day ahead belongs to a promotion, shape (n, H)."""
        return self.drivers_ahead[:, :, 0] > 0.5

    @property
    def counted(self) -> Flags:
        """Days ahead that count: in the window and open, shape (n, H)."""
        return self.window & self.is_open_ahead

    @property
    def days(self) -> pd.DatetimeIndex:
        """Every day, known and ahead, shape (L + H,)."""
        n_days = self.units.shape[1] + self.window.shape[1]
        return pd.date_range(self.first_on, periods=n_days, freq="D")


class Told(NamedTuple):
    """What a forecaster says of each window's total."""

    mean: Floats
    """Shape (n,). [units]"""
    quantiles: Floats
    """At `LEVELS`, shape (n, 7). [units]"""


def seasonal_naive(windows: Windows) -> Told:
    """Return every day as the same weekday of the last week; the error grows week by week.

    Notes
    -----
    Unknown days take the value of the day before. The spread is that of the weekly difference
    in sample, added up over the weeks ahead (Hyndman and Athanasopoulos, 5.5).
    """
    units = filled(windows)
    n_series, n_ahead = windows.window.shape
    ahead = np.arange(n_ahead)
    last = units[:, -WEEK_DAYS:]
    last = np.pad(last, ((0, 0), (WEEK_DAYS - last.shape[1], 0)), mode="edge")[:, ahead % WEEK_DAYS]
    change = units[:, WEEK_DAYS:] - units[:, :-WEEK_DAYS]
    spread = change.std(axis=1) if change.shape[1] else units.std(axis=1)
    weeks = -(-n_ahead // WEEK_DAYS)
    stream = np.random.default_rng(0)
    steps = stream.standard_normal((n_series, weeks, WEEK_DAYS, N_PATHS)).cumsum(axis=1)
    error = steps.reshape(n_series, -1, N_PATHS)[:, :n_ahead] * spread[:, None, None]
    mean = (last * windows.counted).sum(axis=1)
    return of_paths(windows, last[:, :, None] + error)._replace(mean=mean)


def excel_rule(windows: Windows, *, keeps_promo_days: bool = False) -> Told:
    """Return what an analyst does: the last promotion's multiplier x the mean of 28 days.

    Parameters
    ----------
    windows : Windows
        What is known.
    keeps_promo_days : bool
        Whether promo days stay in the mean, as in a spreadsheet that nobody cleans.

    Notes
    -----
    A series without a promotion takes the median multiplier of the others. The spread is that
    of clean days, times the multiplier, times the root of the days.
    """
    n_days = windows.units.shape[1]
    clean = windows.is_known & ~windows.is_promo
    counted = windows.is_known if keeps_promo_days else clean
    base = _mean(windows.units, counted, n_days - NEIGHBOUR_DAYS, n_days)
    base = np.where(np.isnan(base), _mean(windows.units, counted, 0, n_days), base)
    base = np.nan_to_num(base, nan=float(windows.units.mean()))
    multiplier = _multipliers(windows, counted)
    known = multiplier[np.isfinite(multiplier)]
    multiplier = np.where(np.isnan(multiplier), np.median(known) if known.size else 1.0, multiplier)
    mean = _mean(windows.units, counted, 0, n_days)
    squares = np.where(counted, (windows.units - mean[:, None]) ** 2, 0.0).sum(axis=1)
    spread = np.sqrt(squares / np.maximum(counted.sum(axis=1), 1))
    ratio = np.where(windows.is_promo_ahead, multiplier[:, None], 1.0)
    return of_normal(windows, base[:, None] * ratio, spread[:, None] * ratio)


def of_paths(windows: Windows, paths: Floats) -> Told:
    """Return what sample paths of daily units, shape (n, H, K), say of the windows."""
    totals = (np.maximum(paths, 0.0) * windows.counted[:, :, None]).sum(axis=1)
    return Told(totals.mean(axis=1), np.quantile(totals, LEVELS, axis=1).T)


def of_normal(windows: Windows, mean: Floats, spread: Floats) -> Told:
    """Return what daily means and independent spreads, shape (n, H), say of the windows."""
    total = (np.maximum(mean, 0.0) * windows.counted).sum(axis=1)
    width = np.sqrt((spread**2 * windows.counted).sum(axis=1))
    return Told(total, np.maximum(total[:, None] + width[:, None] * norm.ppf(LEVELS), 0.0))


def filled(windows: Windows) -> Floats:
    """Return units with unknown days taken from the day before, or after at the beginning."""
    known = pd.DataFrame(np.where(windows.is_known, windows.units, np.nan)).T
    return known.ffill().bfill().fillna(0.0).to_numpy().T


def package(name: str) -> Any:
    """Return a module of a package that only peers need.

    Raises
    ------
    PlanningError
        If it is not installed; says how to install it.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as problem:
        raise PlanningError(
            f"this peer needs the package {problem.name}, which is not installed; install the"
            ' peers with pip install -e ".[bench]", or leave this peer out'
        ) from problem


def promo_runs(windows: Windows) -> Codes:
    """Return the past promotions as rows of series, first column, column after the last.

    Notes
    -----
    Unknown days inside a promotion do not end it.
    """
    n_series, n_days = windows.units.shape
    column = np.broadcast_to(np.arange(n_days), (n_series, n_days))
    ordinary = windows.is_known & ~windows.is_promo
    gap = np.cumsum(ordinary, axis=1)
    inside = windows.is_known & windows.is_promo
    series, day = np.nonzero(inside)
    label = series * (n_days + 1) + gap[series, day]
    _, first, inverse = np.unique(label, return_index=True, return_inverse=True)
    last = np.zeros(len(first), dtype=int)
    np.maximum.at(last, inverse, column[series, day])
    return np.stack([series[first], day[first], last + 1], axis=1).astype(int)


def _mean(units: Floats, mask: Flags, start: int, stop: int) -> Floats:
    chosen = mask[:, max(start, 0) : stop]
    count = chosen.sum(axis=1)
    total = (units[:, max(start, 0) : stop] * chosen).sum(axis=1)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _multipliers(windows: Windows, counted: Flags) -> Floats:
    multiplier = np.full(len(windows.units), np.nan)
    for series, start, stop in promo_runs(windows):  # in order of time: the last one stays
        before = slice(max(start - NEIGHBOUR_DAYS, 0), start)
        usual, inside = counted[series, before], windows.is_known[series, start:stop]
        multiplier[series] = np.nan
        level = windows.units[series, before][usual].mean() if usual.any() else 0.0
        if usual.sum() >= MIN_RULE_DAYS and level > 0:
            multiplier[series] = windows.units[series, start:stop][inside].mean() / level
    return multiplier
