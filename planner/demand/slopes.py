"""How a promotion's ratio bends with what is known of it: depth, tier, live hours, length ...

Pure arithmetic on arrays: a ridge of unit sales on known drivers. Missing is missing:
a driver that is unknown bends nothing. Knows neither tables nor what a driver means.
"""

from typing import NamedTuple

import numpy as np

from planner.demand.clean import Flags, Floats

RIDGE = 20.0
"""Penalty on a slope per standard deviation of its driver, in runs of weight 1."""
RATIO_VARIANCE = 0.2
"""Variance of a log ratio that neither drivers nor noise explain, for the weights."""
SOFT_UNITS = 1.0
"""Units behind each run, so that one sale where none was expected bends little. [units]"""
STEPS = 4
"""Steps of the reweighted least squares; further ones move a slope by less than 1 %."""
MAX_DEVIATIONS = 3.0
"""A driver ahead counts at most so far from the past's mean: beyond lies no experience."""
MAX_LOG_EFFECT = 2.0
MAX_STEP = 1.5
"""An expected slope holds so far from the past's mean, in the driver's own unit."""


class Slopes(NamedTuple):
    """Slope of the log ratio per standard deviation of each driver; shape (n_drivers,)."""

    slope: Floats
    centre: Floats
    unit: Floats
    """Standard deviation of each driver over past promotions; infinite where it never varied."""
    least: Floats
    """Smallest value seen, NaN where none was; beyond it lies no experience."""
    most: Floats
    expected: Floats | float = 0.0
    """Slope per unit of the driver that was expected beforehand; `slope` is what the past adds."""


def fit_slopes(
    drivers: Floats,
    sold: Floats,
    usual: Floats,
    *,
    rises: Flags,
    dispersion: float,
    expected: Floats | float = 0.0,
) -> Slopes:
    """Return how sales of past promotions bend with their drivers.

    Parameters
    ----------
    drivers : array, shape (n_runs, n_drivers)
        What is known of each promotion; NaN where it is not.
    sold, usual : array, shape (n_runs,)
        Units sold, and expected if the drivers were not known. [units]
    rises : array, shape (n_drivers,)
        Drivers that can only raise sales: deeper discounts stand beside weak goods so often that
        the past alone would now and then say the opposite.
    dispersion : float
        Variance over mean of sales. [unitless]
    expected : array, shape (n_drivers,), optional
        Slope per unit of each driver that holds until the past says otherwise.

    Notes
    -----
    Penalised quasi-likelihood: ``sold ~ usual exp(x b)`` with weights
    ``1 / (0.2 + dispersion / mean)`` and a ridge on what `b` has beyond the expected slope.
    Unlike a regression of logarithms it sees no slope where small numbers merely round to
    nothing.

    References
    ----------
    Breslow and Clayton (1993), Approximate inference in generalized linear mixed models,
    Journal of the American Statistical Association 88.
    """
    n_drivers = drivers.shape[1]
    known = np.isfinite(drivers)
    count = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, drivers, 0.0).sum(axis=0) / count
    centred = np.where(known, drivers - centre, 0.0)
    spread = np.sqrt((centred**2).sum(axis=0) / count)
    unit = np.where(spread > 1e-9, spread, np.inf)
    x = centred / unit
    slope = np.zeros(n_drivers)
    if not n_drivers or not len(sold):
        unseen = np.full(n_drivers, np.nan)
        return Slopes(slope, centre, unit, unseen, unseen)
    usual = usual * np.exp(_steps(drivers, centre) @ np.broadcast_to(expected, n_drivers))
    for _ in range(STEPS):
        mean = usual * np.exp(np.clip(x @ slope, -MAX_LOG_EFFECT, MAX_LOG_EFFECT))
        rest = np.clip((sold - mean) / (mean + SOFT_UNITS), -1.0, MAX_DEVIATIONS)
        weight = 1.0 / (RATIO_VARIANCE + dispersion / np.maximum(mean, 0.05))
        normal = x.T @ (weight[:, None] * x) + RIDGE * np.eye(n_drivers)
        slope = slope + np.linalg.solve(normal, x.T @ (weight * rest) - RIDGE * slope)
        slope = np.where(rises, np.maximum(slope, 0.0), slope)
    seen = known.any(axis=0)
    least = np.where(seen, np.where(known, drivers, np.inf).min(axis=0), np.nan)
    most = np.where(seen, np.where(known, drivers, -np.inf).max(axis=0), np.nan)
    return Slopes(slope, centre, unit, least, most, expected)


def effects_by_driver(drivers: Floats, slopes: Slopes) -> Floats:
    """Return what each driver adds to the log ratio, shape of `drivers`; 0 where it is unknown."""
    expected = np.where(np.isfinite(slopes.least), slopes.expected, 0.0)
    beforehand = _steps(drivers, slopes.centre) * expected
    return _deviations(drivers, slopes) * slopes.slope + beforehand


def effect_of(drivers: Floats, slopes: Slopes) -> Floats:
    """Return what drivers add to the log ratio; nothing where they are unknown.

    A driver beyond what past promotions had counts as the furthest of them; an expected slope
    goes on.

    Examples
    --------
    >>> told = Slopes(*(np.array([x]) for x in (0.1, 0.2, 0.05, 0.1, 0.3)))
    >>> effect_of(np.array([[0.25], [np.nan]]), told).round(3).tolist()
    [0.1, 0.0]
    """
    return effects_by_driver(drivers, slopes).sum(axis=1)


def unknown_variance(drivers: Floats, slopes: Slopes) -> Floats:
    """Return the variance that drivers leave in the log ratio where they are not known ahead."""
    return np.isnan(drivers) @ slopes.slope**2


def _steps(drivers: Floats, centre: Floats) -> Floats:
    return np.clip(np.nan_to_num(drivers - centre), -MAX_STEP, MAX_STEP)


def _deviations(drivers: Floats, slopes: Slopes) -> Floats:
    within = np.clip(drivers, slopes.least, slopes.most)
    x = np.nan_to_num((within - slopes.centre) / slopes.unit)
    return np.clip(x, -MAX_DEVIATIONS, MAX_DEVIATIONS)
