"""The level of ordinary days, for many series at once.

Pure arithmetic on arrays of shape (n_series, n_days). Knows weekday profile, long,
weighted and local means; knows nothing of seasons or tables.
"""

import numpy as np

from planner.demand.clean import Codes, Flags, Floats, masked_median, reach

WEEK_DAYS = 7
HALF_LIVES_DAYS = (14.0, 28.0, 56.0, 112.0)
DEFAULT_HALF_LIFE_DAYS = 28.0
"""Half-life where the history is too short to choose one. [days]"""
PSEUDO_ORIGIN_DAYS = (56, 84, 112)
"""How long before the end of the history the level is tried out. [days]"""
LEAD_DAYS = (28, 56)
"""Days after a pseudo-origin that are compared: the brief's start 4 to 8 weeks ahead. [days]"""
MIN_COMPARED_DAYS = 10
"""Clean days in a lead time below which a series is not compared. [days]"""
MIN_TRAINING_DAYS = 42
"""History a pseudo-origin needs before it. [days]"""
PROFILE_UNITS = 2000.0
"""Units a category must sell before its weekdays count as much as the seller's. [units]"""
FLAT_UNITS = 15.0
"""Units per weekday at which a seller's own profile counts as much as a flat one. [units]"""
CLOSED_SHARE = 0.02
"""A weekday below this share of a mean day is a closed one. [unitless]"""
PRIOR_DAYS = 3.0
"""Days of the series' long mean that stand behind its weighted level. [days]"""
NEIGHBOUR_DAYS = 28
"""Days on each side of a past promotion from which its ordinary sales are told. [days]"""
LEVEL_SD = 1.0
"""Spread of the logarithm of levels between SKUs, for one whose own is unknown. [unitless]"""
MIN_CLEAN_DAYS = 14
"""Below this the long mean leans on promo days and on other SKUs. [days]"""


def weekday_profile(units: Floats, is_clean: Flags, weekday: Codes, group: Codes) -> Floats:
    """Return each series' weekday factors, pooled over its group and shrunk to the seller's.

    Parameters
    ----------
    units, is_clean : array, shape (n_series, n_days)
        Capped units [units/day] and the days that count.
    weekday : array, shape (n_days,)
        0 for Monday.
    group : array, shape (n_series,)
        Code of each series' group.

    Returns
    -------
    array, shape (n_series, 7)
        Factors round 1; 0 marks a weekday on which the shops are closed. [unitless]
    """
    on_weekday = np.eye(WEEK_DAYS)[weekday]
    in_group = np.eye(int(group.max()) + 1)[:, group]
    sold = in_group @ ((units * is_clean) @ on_weekday)
    mean = (units * is_clean).sum(axis=1) / np.maximum(is_clean.sum(axis=1), 1)
    expected = in_group @ ((is_clean @ on_weekday) * mean[:, None])
    seller = (sold.sum(axis=0) + FLAT_UNITS) / (expected.sum(axis=0) + FLAT_UNITS)
    weight = np.clip(expected.sum() / WEEK_DAYS, FLAT_UNITS, PROFILE_UNITS)
    factors = ((sold + weight * seller) / (expected + weight))[group]
    return np.where(factors < CLOSED_SHARE, 0.0, factors)


def mean_before(values: Floats, is_clean: Flags, end: int) -> Floats:
    """Return each series' mean of clean days before column `end` [units/day]."""
    clean = is_clean[:, :end]
    return (values[:, :end] * clean).sum(axis=1) / np.maximum(clean.sum(axis=1), 1)


def weighted_level(
    values: Floats, is_clean: Flags, *, half_life_days: float, prior: Floats, end: int
) -> tuple[Floats, Floats]:
    """Return the exponentially weighted level at column `end`, and the days it rests on.

    Parameters
    ----------
    values, is_clean : array, shape (n_series, n_days)
        Units free of weekday and season [units/day], and the days that count.
    half_life_days : float
        Age at which a day counts half. [days]
    prior : array, shape (n_series,)
        Level of the pseudo-days that stand behind each series. [units/day]
    end : int
        First column that is not yet known.

    Returns
    -------
    level : array, shape (n_series,)
        [units/day]
    weight : array, shape (n_series,)
        Effective number of days. [days]

    Examples
    --------
    >>> level, weight = weighted_level(
    ...     np.array([[8.0, 2.0]]), np.array([[True, True]]),
    ...     half_life_days=1.0, prior=np.array([4.0]), end=2,
    ... )
    >>> level.round(3), weight
    (array([4.]), array([4.5]))
    """
    decay = 0.5 ** ((end - 1 - np.arange(end)) / half_life_days)
    clean = is_clean[:, :end]
    weight = clean @ decay + PRIOR_DAYS
    return ((values[:, :end] * clean) @ decay + PRIOR_DAYS * prior) / weight, weight


def pick_half_life(values: Floats, is_clean: Flags) -> float:
    """Return the half-life whose level errs least 4 to 8 weeks ahead, one for the seller [days]."""
    origins = pseudo_origins(values.shape[1])
    if not origins:
        return DEFAULT_HALF_LIFE_DAYS
    errors = [
        sum(level_error(values, is_clean, half_life_days=days, origin=o) for o in origins)
        for days in HALF_LIVES_DAYS
    ]
    return HALF_LIVES_DAYS[int(np.argmin(errors))] if max(errors) > 0 else DEFAULT_HALF_LIFE_DAYS


def pseudo_origins(n_days: int) -> list[int]:
    """Return the columns at which a history of `n_days` can be cut to try the level out."""
    ends = (n_days - days for days in PSEUDO_ORIGIN_DAYS)
    return [end for end in ends if end >= MIN_TRAINING_DAYS]


def level_error(
    values: Floats,
    is_clean: Flags,
    *,
    half_life_days: float,
    origin: int,
    season: Floats | None = None,
) -> float:
    """Return the summed absolute error of the level over the lead time after one origin [units].

    Parameters
    ----------
    values, is_clean : array, shape (n_series, n_days)
        Units free of weekday [units/day], and the days that count.
    half_life_days : float
        Age at which a day counts half. [days]
    origin : int
        First column that is not yet known.
    season : array, shape (n_days,) or (n_series, n_days), optional
        Season index to take out before the origin and to put back after it. [unitless]
    """
    index = np.ones(values.shape[1]) if season is None else season
    index = np.broadcast_to(index, values.shape)
    free = values / index
    level, _ = weighted_level(
        free,
        is_clean,
        half_life_days=half_life_days,
        prior=mean_before(free, is_clean, origin),
        end=origin,
    )
    ahead = slice(origin + LEAD_DAYS[0], origin + LEAD_DAYS[1])
    clean = is_clean[:, ahead]
    miss = np.abs(((values[:, ahead] - level[:, None] * index[:, ahead]) * clean).sum(axis=1))
    return float(miss[clean.sum(axis=1) >= MIN_COMPARED_DAYS].sum())


def long_mean(
    flat: Floats, raw: Floats, *, is_clean: Flags, is_promo: Flags, group: Codes
) -> tuple[Floats, Floats]:
    """Return the mean of clean days, leaning on promo days and on other SKUs where they are few.

    Parameters
    ----------
    flat, raw : array, shape (n_series, n_days)
        Units free of weekday and season, capped and not. [units/day]
    is_clean, is_promo : array, shape (n_series, n_days)
        Ordinary days, and promo days in stock.
    group : array, shape (n_series,)
        Code of each series' group.

    Returns
    -------
    mean : array, shape (n_series,)
        [units/day]
    doubt : array, shape (n_series,)
        Variance of its logarithm where it leans, 0 elsewhere. [unitless]

    Notes
    -----
    Below 14 clean days, promo days count too, divided by what promotions of the other SKUs
    add; three pseudo-days at the middle SKU of the group stand behind them. Where no SKU has
    14 clean days, the middle is taken over those with any.
    """
    count = is_clean.sum(axis=1)
    total = (flat * is_clean).sum(axis=1)
    is_telling = count >= MIN_CLEAN_DAYS
    mean = total / np.maximum(count, 1)
    promo_days = is_promo.sum(axis=1)
    sold, usual = (raw * is_promo)[is_telling].sum(), (mean * promo_days)[is_telling].sum()
    ratio = max(sold / usual, 1.0) if usual > 0 else 1.0
    days = count + promo_days
    total = total + (raw * is_promo).sum(axis=1) / ratio
    shown = total / np.maximum(days, 1)
    typical = _typical_level(shown, is_telling if is_telling.any() else days > 0, group)
    leaning = (total + PRIOR_DAYS * typical) / (days + PRIOR_DAYS)
    doubt = LEVEL_SD**2 * PRIOR_DAYS / (days + PRIOR_DAYS)
    return np.where(is_telling, mean, leaning), np.where(is_telling, 0.0, doubt)


def mean_around(values: Floats, is_clean: Flags, mean: Floats) -> Floats:
    """Return for each day the mean of the clean days round the gap it lies in.

    Parameters
    ----------
    values, is_clean : array, shape (n_series, n_days)
        Units free of weekday and season [units/day], and the days that count.
    mean : array, shape (n_series,)
        Level of the pseudo-days that stand behind. [units/day]

    Notes
    -----
    Up to four weeks on both sides of a promotion or stock-out, so that it is judged by what
    stood round it, not by what came before it alone.
    """
    start, stop = reach(is_clean, NEIGHBOUR_DAYS)
    zero = np.zeros((len(values), 1))
    sold = np.concatenate([zero, np.cumsum(values * is_clean, axis=1)], axis=1)
    count = np.concatenate([zero, np.cumsum(is_clean, axis=1)], axis=1)

    def between(sums: Floats) -> Floats:
        return np.take_along_axis(sums, stop, 1) - np.take_along_axis(sums, start, 1)

    return (between(sold) + PRIOR_DAYS * mean[:, None]) / (between(count) + PRIOR_DAYS)


def _typical_level(mean: Floats, is_telling: Flags, group: Codes) -> Floats:
    if not is_telling.any():
        return np.zeros(len(mean))
    n_groups = int(group.max()) + 1
    overall = float(np.median(mean[is_telling]))
    in_group = (group[None, :] == np.arange(n_groups)[:, None]) & is_telling[None, :]
    medians = masked_median(np.broadcast_to(mean, in_group.shape), in_group)
    return np.where(in_group.any(axis=1), medians, overall)[group]
