"""What can be told of a series before its level is known: its usual week, and days far too low.

Knows no stock report. A first look only: `stock_outs` judges all days again with a level.
"""

import numpy as np
from scipy.ndimage import median_filter

from planner.intake.chances import chance_of_more, log_chance
from planner.intake.day_grid import WEEK_DAYS, Flags, Floats, Grid, rolling_sum
from planner.intake.expected import FIRST_DISPERSION

MEDIAN_DAYS = 29
"""Days of the running median that a first look is capped by. [days]"""
FIRST_CAP_RATIO = 3.0
SEASON_DAYS, USUAL_QUANTILE, MIN_WEEK_DAYS = 91, 0.6, 3
LOW_WINDOWS, LOW_RATIO, LOW_CHANCE = (3, 7, 14), 0.35, 0.003
"""Windows [days] that sell less than such a share of the season's usual, at such a chance, leave
the level at a first look, before stock is judged."""
CHANCE = 0.01
"""A run of zeros rarer than this leaves the level at a first look."""
LONGEST_TRICKLE_DAYS = 28
"""Few sales for longer than this are a level that has fallen, no lack of stock. [days]"""
FALLEN_SHARE = 0.3
"""Share of days with a sale above which it is one. [unitless]"""
AFTER_DAYS, BACK_RATIO, LONGEST_OUTAGE_DAYS = 14, 3.0, 63
"""A trickle of up to nine weeks was an empty shelf if the days after sell thrice as much."""


def first_capped(grid: Grid, weight: Floats) -> Floats:
    """Return units cut to three times the running median of four weeks: a first look."""
    blank = np.where(weight > 0, grid.units, np.nan)
    with np.errstate(all="ignore"):
        usual = _median(blank)
    smooth = median_filter(
        np.where(np.isnan(blank), usual[:, None], blank), size=(1, MEDIAN_DAYS), mode="nearest"
    )
    middle = np.maximum(smooth, 0.0)
    return np.minimum(grid.units, FIRST_CAP_RATIO * middle + 3.0 * np.sqrt(middle) + 5.0)


def usual_units(grid: Grid, weight: Floats) -> Floats:
    """Return the 60th percentile of weekly means [units/day] in the 13 weeks round each day.

    Notes
    -----
    Five weeks without stock in a quarter do not pull it down, as they do a mean. At the ends the
    13 weeks lie inside the history: mirrored, a shelf that has just emptied would count twice.
    """
    n_days = grid.units.shape[1]
    season = min(SEASON_DAYS, n_days)
    days = rolling_sum(weight, WEEK_DAYS)
    means = rolling_sum(grid.units * weight, WEEK_DAYS) / np.maximum(days, 1)
    values = np.where(days >= MIN_WEEK_DAYS, means, np.nan)
    first = np.arange(0, n_days, WEEK_DAYS) - season // 2
    windows = np.lib.stride_tricks.sliding_window_view(values, season, axis=1)
    ordered = np.sort(windows[:, np.clip(first, 0, n_days - season)], axis=2)  # NaN comes last
    count = (~np.isnan(ordered)).sum(axis=2)
    place = (USUAL_QUANTILE * np.maximum(count - 1, 0)).astype(int)
    weekly = np.nan_to_num(np.take_along_axis(ordered, place[..., None], axis=2)[..., 0])
    return weekly[:, np.minimum((np.arange(n_days) + 3) // WEEK_DAYS, weekly.shape[1] - 1)]


def first_low(grid: Grid, units: Floats, weight: Floats) -> Flags:
    """Return the days too low for chance at a first look: runs of zeros, weeks of crumbs."""
    usual = usual_units(grid, weight)
    due = usual * grid.is_known
    sold = np.minimum(units, 2 * usual + 1)
    low = _long_zero_runs(grid, units, weight)
    for days in LOW_WINDOWS:
        wanted, found = rolling_sum(due, days), rolling_sum(sold, days)
        alpha = np.array(FIRST_DISPERSION / days + 0.02)
        chance = 1.0 - chance_of_more(found + 1, np.maximum(wanted, 1e-6), alpha)
        short = (found < LOW_RATIO * wanted) & (chance < LOW_CHANCE)
        low |= (rolling_sum(short.astype(float), days + 1 - days % 2) > 0) & (units < usual)
    return low & grid.is_known & ~has_fallen(grid, low)


def _long_zero_runs(grid: Grid, units: Floats, weight: Floats) -> Flags:
    """Return the days of runs without a sale too long for chance at the rate round them."""
    alpha = np.full(len(units), 0.2)
    nonzero = weight * (units > 0)
    share = nonzero.sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
    mean = (units * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1)
    per_day = log_chance(np.zeros(len(units)), np.maximum(mean, 1e-6), alpha)
    wanted = np.log(CHANCE) / np.minimum(per_day, -1e-9)
    enough = (share > 0.1) & (nonzero.sum(axis=1) >= 5)
    length = _run_length(grid.is_known & (grid.units == 0))
    return (length >= np.maximum(wanted, 2.0)[:, None]) & enough[:, None]


def has_fallen(grid: Grid, low: Flags) -> Flags:
    """Return the low days of runs too long for an empty shelf that still sells on many days.

    Notes
    -----
    More than four weeks with a sale on three days of ten are a level that has fallen, unless they
    end within nine weeks and the two weeks after sell thrice as much.
    """
    n_days = low.shape[1]
    column = np.broadcast_to(np.arange(n_days), low.shape)
    start = np.maximum.accumulate(np.where(~low, column, -1), axis=1) + 1
    end = np.minimum.accumulate(np.where(~low, column, n_days)[:, ::-1], axis=1)[:, ::-1]
    sold = np.cumsum(grid.units > 0, axis=1)
    sold = np.concatenate([np.zeros((len(low), 1)), sold], axis=1)
    rows = np.arange(len(low))[:, None]
    days = sold[rows, end] - sold[rows, np.minimum(start, n_days)]
    length = np.maximum(end - start, 1)
    total = np.concatenate([np.zeros((len(low), 1)), np.cumsum(grid.units, axis=1)], axis=1)
    since, until = np.minimum(start, n_days), np.minimum(end + AFTER_DAYS, n_days)
    here = (total[rows, end] - total[rows, since]) / length
    after = (total[rows, until] - total[rows, end]) / np.maximum(until - end, 1)
    comes_back = (after > BACK_RATIO * here) & (length <= LONGEST_OUTAGE_DAYS)
    long = low & (length > LONGEST_TRICKLE_DAYS) & ~comes_back
    return long & (days > FALLEN_SHARE * length)


def _run_length(flags: Flags) -> Floats:
    """Return for each flagged day the length of its run, 0 for the others."""
    n_days = flags.shape[1]
    column = np.broadcast_to(np.arange(n_days), flags.shape)
    before = np.maximum.accumulate(np.where(~flags, column, -1), axis=1)
    after = np.minimum.accumulate(np.where(~flags, column, n_days)[:, ::-1], axis=1)[:, ::-1]
    return np.where(flags, after - before - 1, 0)


def _median(values: Floats) -> Floats:
    """Return each row's median without NaN, 0 for a row without any."""
    count = (~np.isnan(values)).sum(axis=1)
    ordered = np.sort(values, axis=1)  # NaN comes last
    rows = np.arange(len(values))
    middle = ordered[rows, np.maximum(count - 1, 0) // 2] + ordered[rows, count // 2 * (count > 1)]
    return np.where(count > 0, np.nan_to_num(middle) / 2, 0.0)
