"""How likely so many units are in a day, and how many were wanted if at least so many were.

Knows the negative binomial only: arrays of units [units/day], mean [units/day] and dispersion
(alpha in ``variance = mean + alpha mean**2``, [unitless]) that broadcast against each other.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

Floats = NDArray[np.float64]


def log_chance(units: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return the logarithm of the negative binomial's probability of `units`.

    Examples
    --------
    >>> log_chance(np.array([0.0]), np.array([2.0]), np.array([0.5])).round(4)  # (1 / 2) ** 2
    array([-1.3863])
    """
    shape = 1.0 / dispersion
    rest = shape * np.log1p(mean * dispersion)
    ways = gammaln(units + shape) - gammaln(shape) - gammaln(units + 1.0)
    return ways - rest + units * np.log(mean / (mean + shape))


def chance_of_more(units: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return the chance of `units` or more, 1 for 0.

    Examples
    --------
    >>> chance_of_more(np.array([0.0, 1.0]), np.array([2.0]), np.array([0.5]))
    array([1.  , 0.75])
    """
    shape = 1.0 / dispersion
    odds = mean / (mean + shape)
    return _at_least(units, shape, odds)


def mean_at_least(units: Floats, mean: Floats, dispersion: Floats) -> Floats:
    """Return the mean of demand [units/day] that was `units` or more.

    Notes
    -----
    ``E[D | D >= x] = mean * P(D' >= x - 1) / P(D >= x)`` with D' of shape r + 1 and the same odds.

    Examples
    --------
    >>> mean_at_least(np.array([0.0, 1.0]), np.array([2.0]), np.array([0.5])).round(4)
    array([2.    , 2.6667])
    """
    shape = 1.0 / dispersion
    odds = mean / (mean + shape)
    above = _at_least(units - 1.0, shape + 1, odds)
    chance = chance_of_more(units, mean, dispersion)
    told = np.where(chance > 1e-12, mean * above / np.maximum(chance, 1e-12), units + 1.0)
    return np.maximum(told, units)


def _at_least(units: Floats, shape: Floats, odds: Floats) -> Floats:
    """Return the chance of `units` or more; days without a sale, most of all, cost nothing."""
    count, shape, odds = np.broadcast_arrays(units, shape, odds)
    chance, some = np.ones(count.shape), count > 0
    chance[some] = betainc(count[some], shape[some], odds[some])
    return chance
