"""The level of ordinary days, for many series at once.

Pure arithmetic on arrays of shape (n_series, n_days). Knows weekday profile, long,
weighted and local means; knows nothing of seasons or tables.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from planner.demand.clean import Codes, Flags, Floats, reach

WEEK_DAYS = 7
HALF_LIVES_DAYS = (21.0, 42.0, 84.0, 168.0)
DEFAULT_HALF_LIFE_DAYS = 42.0
"""Half-life where the history is too short to try one out. [days]"""
ERROR_POWER = 4.0
"""How much a half-life that errs less outweighs the others; they differ by a few percent."""
PSEUDO_ORIGIN_DAYS = tuple(range(56, 281, 28))
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
PRIOR_UNITS, PRIOR_DAYS_RANGE = 30.0, (1.0, 60.0)
"""Units of the series' long mean that stand behind its recent level, and the days that may make:
the level of a small SKU is mostly chance, that of a big one is not (30 units took 2 % off the
loss of the windows of set CJ, and changed nothing on windows that nobody had looked at; 20 and 40
do as well)."""
PRIOR_DAYS = 3.0
"""Days of other SKUs' level that stand behind a SKU of few days. [days]"""
NEIGHBOUR_DAYS = 28
"""Days on each side of a past promotion from which its ordinary sales are told. [days]"""
MIN_LEVEL_UNITS = 1e-9
"""Keeps the logarithm of a silent SKU's level finite. [units/day]"""
MIN_CLEAN_DAYS = 14
"""With fewer clean days a SKU's own level is not told by them alone. [days]"""


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
        Level of the 30 pseudo-units that stand behind each series. [units/day]
    end : int
        First column that is not yet known.

    Returns
    -------
    level : array, shape (n_series,)
        [units/day]
    weight : array, shape (n_series,)
        Effective number of days, three of the pseudo-days among them: they are days of the same
        series and tell no more. [days]

    Examples
    --------
    >>> level, weight = weighted_level(
    ...     np.array([[8.0, 2.0]]), np.array([[True, True]]),
    ...     half_life_days=1.0, prior=np.array([6.0]), end=2,
    ... )
    >>> level.round(3), weight
    (array([5.538]), array([4.5]))
    """
    level, weight = _weighted_levels(values, is_clean, (half_life_days,), prior, end)
    return level[:, 0], weight[:, 0]


def half_life_weights(values: Floats, is_clean: Flags) -> dict[float, float]:
    """Return how much each half-life counts for the seller: the less it errs 4 to 8 weeks ahead.

    Parameters
    ----------
    values, is_clean : array, shape (n_series, n_days)
        Units free of weekday and season [units/day], and the days that count.

    Returns
    -------
    dict of float to float
        Weight of each half-life [days]; they sum to 1.

    Notes
    -----
    ``weight ~ error^-4``. Mixing the levels beats choosing the best half-life: on real
    promotions its quantile loss fell by 2 to 3 %.
    """
    origins = pseudo_origins(values.shape[1])
    misses = (level_errors(values, is_clean, HALF_LIVES_DAYS, origin=end) for end in origins)
    errors = np.sum(list(misses), axis=0) if origins else np.zeros(1)
    if errors.min() <= 0:
        return {DEFAULT_HALF_LIFE_DAYS: 1.0}
    weights = (errors.min() / errors) ** ERROR_POWER
    return dict(zip(HALF_LIVES_DAYS, weights / weights.sum(), strict=True))


def mixed_level(
    values: Floats, is_clean: Flags, *, weights: Mapping[float, float], prior: Floats, end: int
) -> tuple[Floats, Floats]:
    """Return the level at column `end` as a mix of half-lives, and the days it rests on.

    Parameters
    ----------
    values, is_clean, prior, end
        As for `weighted_level`.
    weights : Mapping of float to float
        As `half_life_weights` gives them.

    Returns
    -------
    level, weight : array, shape (n_series,)
        [units/day] and [days]; the mix of levels is geometric.
    """
    shares = np.array(list(weights.values()))
    level, weight = _weighted_levels(values, is_clean, tuple(weights), prior, end)
    mixed = np.exp(np.log(np.maximum(level, MIN_LEVEL_UNITS)) @ shares)
    return np.where(mixed > 2 * MIN_LEVEL_UNITS, mixed, 0.0), weight @ shares


def pseudo_origins(n_days: int) -> list[int]:
    """Return the columns at which a history of `n_days` can be cut to try the level out."""
    ends = (n_days - days for days in PSEUDO_ORIGIN_DAYS)
    return [end for end in ends if end >= MIN_TRAINING_DAYS]


def level_errors(
    values: Floats,
    is_clean: Flags,
    half_lives_days: Sequence[float],
    *,
    origin: int,
    season: Floats | None = None,
) -> Floats:
    """Return how far levels at `origin` miss what clean days sold over the lead time.

    Parameters
    ----------
    values, is_clean : array, shape (n_series, n_days)
        Units free of weekday [units/day], and the days that count.
    half_lives_days : sequence of float, length k
        Half-lives to try. [days]
    origin : int
        First column that is not yet known.
    season : array, shape (n_series, n_days) or (n_days,), optional
        Season to take out before and put back after. [unitless]

    Returns
    -------
    array, shape (k,)
        Sum of absolute errors over series. [units]
    """
    index = np.ones(values.shape[1]) if season is None else season
    index = np.broadcast_to(index, values.shape)[:, : origin + LEAD_DAYS[1]]
    free = values[:, :origin] / index[:, :origin]
    prior = mean_before(free, is_clean, origin)
    level, _ = _weighted_levels(free, is_clean, half_lives_days, prior, origin)
    ahead = slice(origin + LEAD_DAYS[0], origin + LEAD_DAYS[1])
    clean = is_clean[:, ahead]
    compared = clean.sum(axis=1) >= MIN_COMPARED_DAYS
    sold = (values[:, ahead] * clean).sum(axis=1)
    usual = (index[:, LEAD_DAYS[0] + origin :] * clean).sum(axis=1)
    return np.abs(sold[:, None] - level * usual[:, None])[compared].sum(axis=0)


def mean_around(values: Floats, is_clean: Flags, mean: Floats) -> Floats:
    """Return for each day the mean of the clean days round the gap it lies in.

    Parameters
    ----------
    values, is_clean : array, shape (n_series, n_days)
        Units free of weekday and season [units/day], and the days that count.
    mean : array, shape (n_series,)
        Level of the pseudo-units that stand behind. [units/day]

    Notes
    -----
    Up to four weeks on both sides of a promotion or stock-out, so that it is judged by what
    stood round it, not by what came before it alone; 30 units at the mean stand behind.
    """
    prior_days = _prior_days(mean)[:, None]
    start, stop = reach(is_clean, NEIGHBOUR_DAYS)
    zero = np.zeros((len(values), 1))
    sold = np.concatenate([zero, np.cumsum(values * is_clean, axis=1)], axis=1)
    count = np.concatenate([zero, np.cumsum(is_clean, axis=1)], axis=1)

    def between(sums: Floats) -> Floats:
        return np.take_along_axis(sums, stop, 1) - np.take_along_axis(sums, start, 1)

    return (between(sold) + prior_days * mean[:, None]) / (between(count) + prior_days)


def _weighted_levels(
    values: Floats, is_clean: Flags, half_lives_days: Sequence[float], prior: Floats, end: int
) -> tuple[Floats, Floats]:
    """Return levels and the days they rest on, shape (n_series, n_half_lives)."""
    age = (end - 1 - np.arange(end))[:, None]
    decay = 0.5 ** (age / np.array(half_lives_days))
    clean = is_clean[:, :end].astype(float)
    weight, prior_days = clean @ decay, _prior_days(prior)[:, None]
    sold = (values[:, :end] * clean) @ decay
    level = (sold + prior_days * prior[:, None]) / (weight + prior_days)
    return level, weight + np.minimum(prior_days, PRIOR_DAYS)


def _prior_days(level: Floats) -> Floats:
    """Return the days that make the pseudo-units behind each series."""
    return np.clip(PRIOR_UNITS / np.maximum(level, MIN_LEVEL_UNITS), *PRIOR_DAYS_RANGE)
