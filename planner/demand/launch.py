"""How a new SKU's sales rise or fall with its age, against what it sells later.

Pure arithmetic on arrays of shape (n_series, n_days). Knows the seller's own launches and
the shipped curve; knows no table but the register's rows, and no campaign.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import Codes, Flags, Floats

WEEK_DAYS = 7
CURVE_WEEKS = 6
"""Weeks after the first sale that may differ from later ones. [weeks]"""
SHOP_DAYS = 14
"""A first sale so soon after the shop's own tells no launch: the exports begin there. [days]"""
LATER_DAYS = (42, 90)
"""Age over which a launch's later level is told; a launch younger than 60 days tells none."""
MIN_AGE_DAYS = 60
MIN_LATER_DAYS = 14
"""Clean days that a later level takes. [days]"""
EARLY_DAYS = 28
MIN_EARLY_UNITS = 5.0
"""Age up to which a launch is compared with its later level, and units it takes. [days]"""
RATIO_RANGE = (0.3, 3.0)
FLAT_LOG_SD = 0.5
"""Doubt in a curve that nobody has measured: flat, between 0.6 and 1.6. [unitless]"""
LAUNCH_SD = 0.5
"""Spread of one launch's week round the seller's curve. [unitless]"""
LEVEL_SD, LEVEL_LAUNCHES = 0.4, 3.0
"""Spread of one launch's later level round its first weeks, and its weight in launches."""
LEVEL_SD_RANGE = (0.2, 1.2)
MAX_LOG_ERROR = 3.0


class Curve(NamedTuple):
    """Sales by week since the first sale over the later level, shape (CURVE_WEEKS,)."""

    ratio: Floats
    log_sd: Floats
    """Doubt in the curve itself. [unitless]"""
    level_sd: float
    """How far the later level of one launch lies from what its first weeks say. [unitless]"""
    launches: int
    """Launches of the seller that told it."""


def shipped_curve(register: pd.DataFrame | None = None) -> Curve:
    """Return the curve of the register `LaunchCurve`; flat and wide without one.

    Examples
    --------
    >>> shipped_curve().ratio.tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    ratio, log_sd = np.ones(CURVE_WEEKS), np.full(CURVE_WEEKS, FLAT_LOG_SD)
    if register is not None and len(register):
        rows = register[register["week"].between(1, CURVE_WEEKS)]
        week = rows["week"].to_numpy(dtype=int) - 1
        ratio[week], log_sd[week] = rows["launch_ratio"], rows["log_sd"]
    return Curve(ratio, log_sd, LEVEL_SD, 0)


def first_days(units: Floats, is_known: Flags) -> Codes:
    """Return each series' column of first sale; the number of days where nothing sold."""
    sold = is_known & (units > 0)
    return np.where(sold.any(axis=1), sold.argmax(axis=1), units.shape[1])


def planned_first_days(
    first: Codes, launch_on: pd.Series, *, first_on: pd.Timestamp, n_days: int
) -> Codes:
    """Return the columns of first sale, a planned launch where a series has not sold yet.

    Parameters
    ----------
    first : array, shape (n_series,)
        What `first_days` gave.
    launch_on : Series, shape (n_series,)
        Day of the launch, NaT where none is planned.
    first_on : Timestamp
        Day of the first column.
    n_days : int
        Days of history; a launch planned for one of them that did not sell is yet to come. [days]
    """
    planned = ((pd.to_datetime(launch_on) - first_on) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    waits = (first >= n_days) & (np.nan_to_num(planned, nan=-1.0) > n_days)
    return np.where(waits, np.nan_to_num(planned), first).astype(int)


def launched(first: Codes, n_days: int) -> Flags:
    """Return which series began to sell well after the shop did, or have yet to begin."""
    told = first[first < n_days]
    opened = int(told.min()) if told.size else 0
    return first > opened + SHOP_DAYS


def fit_launch(
    flat: Floats,
    *,
    is_clean: Flags,
    first: Codes,
    shipped: Curve,
    dispersion: float = 1.0,
) -> Curve:
    """Return the seller's own launch curve, shrunk to the shipped one.

    Parameters
    ----------
    flat : array, shape (n_series, n_days)
        Units free of weekday and season. [units/day]
    is_clean : array, shape (n_series, n_days)
        Ordinary days.
    first : array, shape (n_series,)
        Column of each series' first sale.
    shipped : Curve
        Stands behind each week as much as its spread says.
    dispersion : float
        Variance over mean of a day. [unitless]

    Notes
    -----
    Of every launch 60 days old or more, units of a week over what its later level (age 42 to
    90 days) would have sold, weighed by ``1 / (phi + sd^2 * expected)``; the day of the first
    sale is left out, because it was chosen for having sold. Weeks are made to rise or to fall
    throughout, whichever is nearer. Launches are not chosen by what they sold later: one that
    died tells as much as one that lived.
    """
    n_days = flat.shape[1]
    rows = np.flatnonzero(launched(first, n_days) & (first <= n_days - MIN_AGE_DAYS))
    age = np.arange(n_days)[None, :] - first[rows, None]
    values, clean = flat[rows], is_clean[rows]
    later = clean & (age >= LATER_DAYS[0]) & (age < LATER_DAYS[1])
    days, units = later.sum(axis=1), (values * later).sum(axis=1)
    tells = days >= MIN_LATER_DAYS
    level = units / np.maximum(days, 1)
    week = [clean & (age >= max(w * WEEK_DAYS, 1)) & (age < (w + 1) * WEEK_DAYS) for w in _WEEKS]
    sold = np.stack([(values * part).sum(axis=1) for part in week])[:, tells]
    usual = (np.stack([part.sum(axis=1) for part in week]) * level)[:, tells]
    weight = 1.0 / (dispersion + LAUNCH_SD**2 * usual)
    told = (weight * usual).sum(axis=1)
    behind = 1.0 / (shipped.ratio * shipped.log_sd) ** 2
    ratio = ((weight * sold).sum(axis=1) + behind * shipped.ratio) / (told + behind)
    ratio = np.clip(_monotone(ratio, told + behind), *RATIO_RANGE)
    spread = _level_sd(values, clean, age, level * tells, days, ratio=ratio, dispersion=dispersion)
    return Curve(ratio, 1.0 / np.sqrt(told + behind) / ratio, spread, int(tells.sum()))


def launch_ratio(curve: Curve, age_days: Codes) -> Floats:
    """Return what a SKU sells at an age over its later level; 1 before its first sale.

    Examples
    --------
    >>> rising = Curve(np.array([0.5, 0.6, 0.7, 0.8, 0.9, 1.0]), np.zeros(6), 0.4, 0)
    >>> launch_ratio(rising, np.array([-3, 0, 8, 400])).tolist()
    [1.0, 0.5, 0.6, 1.0]
    """
    week = np.asarray(age_days) // WEEK_DAYS
    inside = (week >= 0) & (week < CURVE_WEEKS)
    return np.where(inside, curve.ratio[np.clip(week, 0, CURVE_WEEKS - 1)], 1.0)


def is_young(first: Codes, n_days: int) -> Flags:
    """Return which series were launched less than 60 days before the history ends."""
    return launched(first, n_days) & (n_days - first < MIN_AGE_DAYS)


def launch_factor(curve: Curve, first: Codes, *, n_days: int, n_total: int) -> Floats:
    """Return each day's factor by the age of its SKU, shape (n_series, n_total).

    Parameters
    ----------
    n_days, n_total : int
        Days of history, and with the horizon. A series that has not sold yet is taken to start
        on the first day ahead. [days]
    """
    factor = np.ones((len(first), n_total))
    rows = np.flatnonzero(launched(first, n_days))
    factor[rows] = launch_ratio(curve, np.arange(n_total)[None, :] - first[rows, None])
    return factor


_WEEKS = range(CURVE_WEEKS)


def _level_sd(
    values: Floats,
    clean: Flags,
    age: Codes,
    level: Floats,
    later_days: Codes,
    *,
    ratio: Floats,
    dispersion: float,
) -> float:
    """Return how far later levels lie from what the first four weeks say, beyond chance."""
    early = clean & (age >= 1) & (age < EARLY_DAYS)
    share = ratio[np.clip(age // WEEK_DAYS, 0, CURVE_WEEKS - 1)]
    sold, days = (values * early).sum(axis=1), (share * early).sum(axis=1)
    enough = (sold >= MIN_EARLY_UNITS) & (later_days >= MIN_LATER_DAYS)
    foretold = (sold / np.maximum(days, 1e-9) * later_days)[enough]
    came = (level * later_days)[enough]
    error = np.clip(np.log1p(came) - np.log1p(foretold), -MAX_LOG_ERROR, MAX_LOG_ERROR)
    chance = dispersion / (sold[enough] + 1) + dispersion / (foretold + 1)
    seen = float((error**2 - np.minimum(chance, 1.0)).sum()) + LEVEL_LAUNCHES * LEVEL_SD**2
    seen = max(seen / (len(error) + LEVEL_LAUNCHES), 0.0)
    return float(np.clip(np.sqrt(seen), *LEVEL_SD_RANGE))


def _monotone(values: Floats, weight: Floats) -> Floats:
    rising = _pooled_rising(values, weight)
    falling = -_pooled_rising(-values, weight)
    errors = [float((weight * (values - fit) ** 2).sum()) for fit in (rising, falling)]
    return rising if errors[0] <= errors[1] else falling


def _pooled_rising(values: Floats, weight: Floats) -> Floats:
    """Return the nearest series that never falls (pool adjacent violators)."""
    blocks: list[tuple[float, float, int]] = []
    for value, mass in zip(values, weight, strict=True):
        mean, total, count = float(value), float(mass), 1
        while blocks and blocks[-1][0] > mean:
            before, behind, size = blocks.pop()
            mean = (before * behind + mean * total) / (behind + total)
            total, count = behind + total, size + count
        blocks.append((mean, total, count))
    return np.concatenate([np.full(count, mean) for mean, _, count in blocks])
