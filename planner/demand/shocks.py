"""How log ratios of promotions stray: within a SKU, between SKUs, and all SKUs at once.

Pure arithmetic on the rests that a ratio leaves; what the ratio is stands in `pooling`.
"""

from typing import NamedTuple

import numpy as np

from planner.demand.clean import Codes, Floats
from planner.demand.spread import MAX_LOG_ERROR, MAX_LOG_VARIANCE

SHOCK_SD, SHOCK_EVENTS = 0.18, 2.0
"""Prior shock that all SKUs of an event share, and its weight in events."""
QUIET_SHOCK_SD = 0.12
"""The same of a warm-up or a tail. On two public sets the weeks after promotions stray together
by .09 (CJ) and .08 (R), promotions by .16 and .10; at .12 ranges of simulated tails hold."""
RATIO_SD, RATIO_RUNS = 0.30, 3.0
"""Prior spread of a log ratio round its group's, and its weight in past promotions."""
WITHIN_SHARE, WITHIN_RANGE = 0.5, (0.1, 0.95)
"""Share of that spread between the events of one SKU: where unknown, and its bounds."""
MIN_RUNS_TO_SPLIT = 20
"""Promotions of SKUs that had two or more, needed to tell that share from data."""
MIN_SHOCK_SERIES = 5
"""SKUs an event needs to show the shock it shares. [SKUs]"""
EVENT_VARIANCE = 0.05
"""What one SKU's ratio strays within an event beyond chance, when an event's shock is told."""


class Spreads(NamedTuple):
    """Variances of log ratios: within a SKU, between SKUs, and shared by an event."""

    within: float
    between: float
    shock: float


def told_spreads(rest: Floats, chance: Floats, *, series: Codes, shock: float) -> Spreads:
    """Return the variances that past log ratios show beyond chance.

    Parameters
    ----------
    rest : array, shape (n_runs,)
        Log ratio of each run against its group's, the shock of its event taken off.
    chance : array, shape (n_runs,)
        Variance of `rest` that day noise explains.
    series : array, shape (n_runs,)
        Position of each run's SKU.
    shock : float
        Variance that all SKUs of an event share.
    """
    prior = RATIO_RUNS * RATIO_SD**2
    if not rest.size:
        total = RATIO_SD**2
        return Spreads(WITHIN_SHARE * total, (1 - WITHIN_SHARE) * total, shock)
    rest = np.clip(rest, -MAX_LOG_ERROR, MAX_LOG_ERROR)
    noise = np.minimum(chance, 1.0)
    total = ((rest**2 - noise).sum() + prior) / (rest.size + RATIO_RUNS)
    total = float(np.clip(total, 0.03**2, MAX_LOG_VARIANCE))
    count = np.bincount(series)
    mean = np.bincount(series, rest) / np.maximum(count, 1)
    often = count[series] >= 2
    within = WITHIN_SHARE * total
    if often.sum() >= MIN_RUNS_TO_SPLIT:
        square = (rest - mean[series]) ** 2 * count[series] / np.maximum(count[series] - 1, 1)
        low, high = (share * total for share in WITHIN_RANGE)
        within = float(np.clip((square - noise)[often].mean(), low, high))
    return Spreads(within, max(total - within, 0.02 * total), shock)


def without_shock(
    rest: Floats, chance: Floats, occurrence: Codes, held: Floats, *, is_quiet: bool = False
) -> tuple[Floats, float]:
    """Return the rests without what their events share, and the variance of that.

    Parameters
    ----------
    rest, chance : array, shape (n_runs,)
        As for `told_spreads`, the shock still in them.
    occurrence : array, shape (n_runs,)
        Which event each run belongs to.
    held : array, shape (n_events,)
        How far each event sets the ratio it is judged by. [unitless]
    is_quiet : bool
        Whether the runs are warm-ups or tails, whose shock is expected to be smaller.

    Notes
    -----
    An event's mean rest is shrunk by chance. Only how events differ from each other is taken
    off, not the mean over all of them, which belongs to the ratio itself. An event that sets
    the ratio it is judged by shows the less of its shock: it counts as ``1 - held`` events.
    """
    prior = (QUIET_SHOCK_SD if is_quiet else SHOCK_SD) ** 2
    if not rest.size:
        return rest, prior
    size = np.maximum(np.bincount(occurrence), 1)
    mean = np.bincount(occurrence, np.clip(rest, -MAX_LOG_ERROR, MAX_LOG_ERROR)) / size
    noise = np.bincount(occurrence, np.minimum(chance, 1.0) + EVENT_VARIANCE) / size**2
    shared = (mean * prior / (prior + noise))[occurrence]
    many = np.bincount(occurrence) >= MIN_SHOCK_SERIES
    seen = max(float((mean**2 - noise)[many].sum()), 0.0)
    left = float((1.0 - held[: len(many)])[many].sum())
    shock = (seen + SHOCK_EVENTS * prior) / (left + SHOCK_EVENTS)
    return rest - (shared - np.average(shared, weights=1 / (0.1 + chance))), shock
