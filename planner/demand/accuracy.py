"""How good a forecast was: the measures of the design, on arrays.

Pure arithmetic; knows nothing of tables. An empty or all-zero truth gives NaN
where a share of it is asked for, because unknown is not zero.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike

SCORED_LEVELS = (0.5, 0.8, 0.9, 0.95)
"""Levels at which stock is decided: half, and the upper side (forecasting, head)."""


def wape(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Return the sum of absolute errors over the sum of demand [unitless].

    Examples
    --------
    >>> wape([10, 30], [14, 26])
    0.2
    """
    truth, guess = _pair(actual, forecast)
    return _share(np.abs(truth - guess).sum(), truth.sum())


def bias(actual: ArrayLike, forecast: ArrayLike) -> float:
    """Return the summed error over the sum of demand; above 0 is too much [unitless].

    Examples
    --------
    >>> bias([10, 30], [14, 30])
    0.1
    """
    truth, guess = _pair(actual, forecast)
    return _share((guess - truth).sum(), truth.sum())


def pinball(actual: ArrayLike, quantile: ArrayLike, *, level: float) -> np.ndarray:
    """Return the pinball loss of each quantile forecast, in the unit of the demand.

    Examples
    --------
    >>> pinball([10.0, 10.0], [8.0, 12.0], level=0.9)
    array([1.8, 0.2])
    """
    truth, guess = _pair(actual, quantile)
    return np.maximum(level * (truth - guess), (level - 1.0) * (truth - guess))


def weighted_quantile_loss(actual: ArrayLike, quantiles: Mapping[float, ArrayLike]) -> float:
    """Return twice the mean pinball loss over levels, over the sum of demand [unitless].

    Parameters
    ----------
    actual : array, shape (n,)
        Demand. [units]
    quantiles : Mapping of float to array, shape (n,)
        Forecast by level; the design scores 0.5, 0.8, 0.9 and 0.95.

    Examples
    --------
    >>> weighted_quantile_loss([10.0], {0.5: [8.0], 0.9: [12.0]})
    0.12
    """
    losses = [pinball(actual, guess, level=level).sum() for level, guess in quantiles.items()]
    return _share(2.0 * float(np.mean(losses)), np.asarray(actual, dtype=float).sum())


def coverage(actual: ArrayLike, low: ArrayLike, high: ArrayLike) -> float:
    """Return the share of demand inside the interval, both ends included [unitless].

    Examples
    --------
    >>> coverage([1, 5, 9], [0, 6, 8], [2, 7, 9]).__round__(3)
    0.667
    """
    truth = np.asarray(actual, dtype=float)
    if not truth.size:
        return float("nan")
    inside = (truth >= np.asarray(low, dtype=float)) & (truth <= np.asarray(high, dtype=float))
    return float(inside.mean())


def _pair(actual: ArrayLike, forecast: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    return np.asarray(actual, dtype=float), np.asarray(forecast, dtype=float)


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole > 0 else float("nan")
