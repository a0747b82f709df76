"""Spreads of days: a triangle of shortest, typical and longest, and the sum of several.

Knows chances and days. Knows nothing of lanes, stages, dates or money.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Days = tuple[float, float, float]
"""Shortest, typical and longest. [days]"""
STEP_DAYS = 1 / 32
"""Grid on which triangles are added; halving it moves no chance by more than 0.0001. [days]"""


class Spread(NamedTuple):
    """How long something takes: one triangle, or the chances of a sum on a grid of days."""

    triangle: Days
    """Of the sum, where only one part varies; else shortest, typical and longest of the sum."""
    start_days: float
    chances: Floats
    """Chance of no more than `start_days` plus 0, 1, 2 ... steps; empty for one triangle."""

    def chance(self, days: float) -> float:
        """Return the chance of no more than `days`."""
        if not len(self.chances):
            return on_time_chance(days, *self.triangle)
        return float(np.interp(days, self._grid(), self.chances))

    def days_for(self, chance: float) -> float:
        """Return the days within which it ends with this chance."""
        if not len(self.chances):
            return safe_days(chance, *self.triangle)
        return float(np.interp(chance, self.chances, self._grid()))

    def late_days(self, days: float) -> float:
        """Return the mean days beyond `days` of those that take longer; 0 where none does."""
        if not len(self.chances):
            return late_days(days, *self.triangle)
        beyond = 1 - self.chance(days)
        if beyond <= 0:
            return 0.0
        grid = self._grid()
        later = np.concatenate([[days], grid[grid > days]])
        lost = np.trapezoid(1 - np.interp(later, grid, self.chances), later)
        return float(lost / beyond)

    def _grid(self) -> Floats:
        return self.start_days + STEP_DAYS * np.arange(len(self.chances))


def sum_of(parts: Sequence[Days]) -> Spread:
    """Return the spread of a sum of parts that vary independently.

    Parameters
    ----------
    parts : sequence of (shortest, typical, longest)
        Each triangular with its peak at the typical days; one without width is fixed. [days]

    Notes
    -----
    With at most one part that varies the sum is that triangle, moved. Otherwise the parts are
    convolved on a grid: the weight of each step stands in its middle, chances are read off
    linearly between the edges.

    Examples
    --------
    >>> spread = sum_of([(15, 20, 30), (2, 2, 2)])
    >>> spread.triangle, spread.chance(22)
    ((17, 22, 32), 0.3333333333333333)
    >>> two = sum_of([(0, 5, 10), (0, 5, 10)])
    >>> round(two.chance(10), 3), round(two.days_for(0.5), 2)
    (0.5, 10.0)
    """
    low, middle, high = (sum(part[place] for part in parts) for place in range(3))
    varying = [part for part in parts if part[2] > part[0]]
    if len(varying) <= 1:
        return Spread((low, middle, high), low, np.empty(0))
    weights = np.ones(1)
    for part in varying:
        weights = np.convolve(weights, _weights(part))
    start = low + (len(varying) - 1) / 2 * STEP_DAYS
    chances = np.concatenate([[0.0], np.minimum(np.cumsum(weights), 1.0)])
    chances[-1] = 1.0
    return Spread((low, middle, high), start, chances)


def on_time_chance(
    days_left: float, min_days: float, typical_days: float, max_days: float
) -> float:
    """Return the chance that a trip takes no longer than `days_left`.

    Parameters
    ----------
    days_left, min_days, typical_days, max_days : float
        [days]

    Notes
    -----
    Triangular distribution with its peak at `typical_days`.

    Examples
    --------
    >>> on_time_chance(20, 15, 20, 30)
    0.3333333333333333
    >>> on_time_chance(31, 15, 20, 30)
    1.0
    """
    if days_left >= max_days:
        return 1.0
    if days_left < min_days:
        return 0.0
    width = max_days - min_days
    if days_left <= typical_days and typical_days > min_days:
        return (days_left - min_days) ** 2 / (width * (typical_days - min_days))
    return 1 - (max_days - days_left) ** 2 / (width * (max_days - typical_days))


def safe_days(chance: float, min_days: float, typical_days: float, max_days: float) -> float:
    """Return the days within which this share of trips arrives: `on_time_chance` turned round.

    Parameters
    ----------
    chance : float
        0 to 1.
    min_days, typical_days, max_days : float
        [days]

    Examples
    --------
    >>> safe_days(1.0, 15, 20, 30), safe_days(1 / 3, 15, 20, 30)
    (30.0, 20.0)
    """
    width = max_days - min_days
    if chance * width <= typical_days - min_days:
        return min_days + math.sqrt(chance * width * (typical_days - min_days))
    return max_days - math.sqrt((1 - chance) * width * (max_days - typical_days))


def late_days(days_left: float, min_days: float, typical_days: float, max_days: float) -> float:
    """Return the mean days late of the trips that take longer than `days_left`.

    Parameters
    ----------
    days_left, min_days, typical_days, max_days : float
        [days]

    Returns
    -------
    float
        0 where no trip takes longer. [days]

    Notes
    -----
    From the peak on a triangle's tail is ``(max - x)^2``, whose mean excess is a third of what
    is left: ``(max - days_left) / 3``. Before the peak the area between is added.

    Examples
    --------
    >>> late_days(24, 15, 20, 30), late_days(30, 15, 20, 30)
    (2.0, 0.0)
    """
    beyond = 1 - on_time_chance(days_left, min_days, typical_days, max_days)
    if beyond <= 0:
        return 0.0
    if days_left >= typical_days:
        return (max_days - days_left) / 3
    width, rise = max_days - min_days, typical_days - min_days
    lost = (max_days - typical_days) ** 2 / (3 * width) if width else 0.0
    inside = max(days_left, min_days)
    if rise:
        lost += typical_days - inside - (rise**3 - (inside - min_days) ** 3) / (3 * width * rise)
    return (lost + inside - days_left) / beyond


def _weights(part: Days) -> Floats:
    """Return the chance that a part ends in each step of the grid, counted from its shortest."""
    low, middle, high = part
    edges = low + STEP_DAYS * np.arange(math.ceil((high - low) / STEP_DAYS) + 1)
    rising, falling = edges <= middle, edges > middle
    chances = np.zeros(len(edges))
    if middle > low:
        chances[rising] = (edges[rising] - low) ** 2 / ((high - low) * (middle - low))
    if high > middle:
        left = np.maximum(high - edges[falling], 0)
        chances[falling] = 1 - left**2 / ((high - low) * (high - middle))
    chances[-1] = 1.0
    return np.diff(chances)
