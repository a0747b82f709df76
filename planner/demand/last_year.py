"""What the same weeks of last year did, where a history is too short for a yearly season.

Knows a market's clean demand of little more than one year; says how days ahead lay against their
then recent weeks a year ago. Knows no promotions and no feasts; fits nothing.
"""

import numpy as np

from planner.demand import level as levels
from planner.demand.clean import Flags, Floats

YEAR_DAYS = 365
DAYS_RANGE = (400, 730)
"""Histories that hold one edition of the weeks ahead, not two (`seasons` tells those). [days]"""
AROUND_DAYS = 10
"""Days on each side of last year's day that stand for it. [days]"""
RECENT_DAYS = 42
"""Days before last year's planning day that it is held against: what the level rests on. [days]"""
MIN_DAYS = 14
"""Clean days that either side of the comparison needs. [days]"""
WEIGHT = 0.6
"""Share of last year's change that comes again (shops of set R with 450 and 600 days: loss -5 %;
all of it does worse). [unitless]"""
MAX_LOG = float(np.log(2.0))
"""As the yearly season, at most half or double. [unitless]"""
INDEX_MIN_UNITS = 5.0
"""A market that sells less a day shows no season beyond chance (house judgement). [units/day]"""


def last_year_ratio(flat: Floats, is_clean: Flags, *, n_total: int) -> Floats:
    """Return what days ahead sell against the recent level, as they did a year ago.

    Parameters
    ----------
    flat, is_clean : array, shape (n_series, n_days)
        Units of one market free of weekdays [units/day], and the days that count.
    n_total : int
        Days of history and beyond. [days]

    Returns
    -------
    array, shape (n_total,)
        1 on all days known, and wherever a year ago is not known well enough. [unitless]

    Notes
    -----
    ``change = index a year before the day - index of the six weeks before last year's today``; of
    it ``0.6 max(0, 1 - v / change^2)`` is taken, `v` being the variance that weeks of the
    market show by chance: a change that chance explains counts nothing.
    """
    n_days = flat.shape[1]
    ratio = np.ones(n_total)
    mean = levels.mean_before(flat, is_clean, n_days)
    if not DAYS_RANGE[0] <= n_days < DAYS_RANGE[1] or mean.sum() < INDEX_MIN_UNITS:
        return ratio
    usual = mean @ is_clean
    known = usual > 0.1 * mean.sum()
    index = np.log1p((flat * is_clean).sum(axis=0)) - np.log1p(usual)
    index = np.where(known, index, 0.0)
    day = np.arange(n_days, n_total) - YEAR_DAYS
    then, n_then = _means(index, known, day - AROUND_DAYS, day + AROUND_DAYS + 1)
    today = np.array([n_days - YEAR_DAYS])
    before, n_before = _means(index, known, today - RECENT_DAYS, today)
    change = np.where((n_then >= MIN_DAYS) & (n_before >= MIN_DAYS), then - before, 0.0)
    weeks = levels.WEEK_DAYS
    chance = _week_variance(index, known) * (
        weeks / np.maximum(n_then, 1) + weeks / n_before.max(initial=1)
    )
    share = WEIGHT * np.maximum(1.0 - chance / np.maximum(change**2, 1e-9), 0.0)
    ratio[n_days:] = np.exp(np.clip(share * change, -MAX_LOG, MAX_LOG))
    return ratio


def _means(
    index: Floats, known: Flags, start: np.ndarray, stop: np.ndarray
) -> tuple[Floats, Floats]:
    """Return mean index and number of known days of each span of columns."""
    start, stop = (np.clip(edge, 0, len(index)) for edge in (start, stop))
    sums, counts = (np.concatenate([[0.0], np.cumsum(part)]) for part in (index * known, known))
    count = counts[stop] - counts[start]
    return (sums[stop] - sums[start]) / np.maximum(count, 1), count


def _week_variance(index: Floats, known: Flags) -> float:
    """Return the variance of a week's mean by chance: half that of steps from week to week."""
    edges = np.arange(0, len(index) - levels.WEEK_DAYS + 1, levels.WEEK_DAYS)
    week, count = _means(index, known, edges, edges + levels.WEEK_DAYS)
    steps = np.diff(week[count >= levels.WEEK_DAYS // 2])
    return float(0.5 * np.mean(steps**2)) if len(steps) else 0.0
