"""How far sales of ordinary days stray: spikes, day noise and drift of the level.

Pure arithmetic on arrays of shape (n_series, n_days); what a level is stands in
`level`. Raw units are used here, not capped ones: a spike must stay in the spread.
"""

from typing import NamedTuple

import numpy as np

from planner.demand.clean import Flags, Floats
from planner.demand.level import (
    LEAD_DAYS,
    MIN_COMPARED_DAYS,
    mean_before,
    pseudo_origins,
    weighted_level,
)

SPIKE_DAYS = 28.0
"""Clean days at which a series' own mass of spikes counts as much as the seller's. [days]"""
MAX_LIFT = 3.0
"""Spikes make no more than two thirds of what a series is said to sell; one odd figure of a
million must not lift the SKUs beside it. [unitless]"""
NOISE_DAYS = 20.0
"""Days at which a series' own noise counts as much as the seller's. [days]"""
DEFAULT_EXCESS = 0.3
"""alpha in var = mean + alpha mean^2 where no series shows it (forecasting 3.5). [unitless]"""
MAX_EXCESS = 4.0
MAX_DISPERSION = 100.0
"""Beyond it a series' days are no noise the seller shares. [unitless]"""
COMMON_DRIFT_SD, COMMON_DRIFT_COUNT = 0.10, 2.0
"""Prior drift that all SKUs of a seller share over a lead time, and its weight in origins."""
OWN_DRIFT_SD, OWN_DRIFT_COUNT = 0.25, 3.0
"""Prior drift of one SKU over a lead time, and its weight in series."""
MAX_LOG_VARIANCE = 0.8
MAX_COMMON_VARIANCE = 0.25
MAX_LOG_ERROR = 2.0


class Noise(NamedTuple):
    """Day noise: variance over mean per series, and for the seller as a whole."""

    dispersion: Floats
    pooled: float


class Drift(NamedTuple):
    """How far a level moves over a lead time, as standard deviations of its logarithm."""

    own_sd: float
    common_sd: float


def with_unknown(log_sd: Floats, unknown_variance: Floats) -> Floats:
    """Return a doubt to which that of drivers not known ahead is added, as far as it is believed.

    Examples
    --------
    >>> with_unknown(np.array([0.3, 0.0]), np.array([0.16, 5.0])).round(3).tolist()
    [0.5, 0.894]
    """
    return np.sqrt(log_sd**2 + np.minimum(unknown_variance, MAX_LOG_VARIANCE))


def spike_ratio(raw: Floats, capped_values: Floats, is_clean: Flags, mean: Floats) -> Floats:
    """Return how much higher the raw mean lies than the capped one, shrunk to the seller's.

    Notes
    -----
    A viral day must not set the level it falls on, but such days come again: their mass is
    spread over the whole history.
    """
    total, cut = (raw * is_clean).sum(axis=1), (capped_values * is_clean).sum(axis=1)
    believed = np.minimum(total, MAX_LIFT * cut)
    seller = believed.sum() / max(cut.sum(), 1e-9) if cut.sum() > 0 else 1.0
    weight = SPIKE_DAYS * np.maximum(mean, 0.05)
    return np.minimum((total + seller * weight) / (cut + weight), MAX_LIFT)


def day_noise(units: Floats, expected: Floats, is_clean: Flags) -> Noise:
    """Return each series' variance over mean of a clean day, shrunk to the seller's.

    Notes
    -----
    The seller's law is ``var = mean + alpha mean^2`` with `alpha` the median over series
    that sell enough to show it, so that small SKUs are not given big ones' dispersion.
    """
    residual = np.where(is_clean, units - expected, 0.0)
    squares = (residual**2).sum(axis=1)
    mean = (expected * is_clean).sum(axis=1)
    mean_squares = (expected**2 * is_clean).sum(axis=1)
    excess = np.clip((squares - mean) / np.maximum(mean_squares, 1e-9), 0.0, MAX_EXCESS)
    telling = excess[mean > 20]
    alpha = float(np.median(telling)) if telling.size else DEFAULT_EXCESS
    days = is_clean.sum(axis=1)
    daily = np.maximum(np.where(days > 0, mean / np.maximum(days, 1), expected.mean(axis=1)), 0.05)
    weight = NOISE_DAYS * np.maximum(daily, 0.2)
    dispersion = (squares + weight * (1.0 + alpha * daily)) / (mean + weight)
    believed = np.minimum(squares, MAX_DISPERSION * mean)
    pooled = believed.sum() / max(mean.sum(), 1e-9) if mean.sum() > 0 else 1.0
    return Noise(np.maximum(dispersion, 1.0), max(float(pooled), 1.0))


def lead_drift(
    values: Floats,
    raw: Floats,
    is_clean: Flags,
    *,
    half_life_days: float,
    dispersion: Floats,
    lift: Floats,
) -> Drift:
    """Return how far levels moved over past lead times: of one SKU, and of all together.

    Notes
    -----
    At each pseudo-origin the log ratio of sold to expected is split into the median over
    SKUs (common) and the rest (own); what day noise explains is taken off the rest.
    """
    common: list[float] = []
    own = OWN_DRIFT_COUNT * OWN_DRIFT_SD**2
    count = OWN_DRIFT_COUNT
    for origin in pseudo_origins(values.shape[1]):
        prior = mean_before(values, is_clean, origin)
        level, weight = weighted_level(
            values, is_clean, half_life_days=half_life_days, prior=prior, end=origin
        )
        level = level * lift
        ahead = slice(origin + LEAD_DAYS[0], origin + LEAD_DAYS[1])
        days = is_clean[:, ahead].sum(axis=1)
        ok = days >= MIN_COMPARED_DAYS
        if ok.sum() < 3:
            continue
        expected = level * days
        error = np.log1p((raw[:, ahead] * is_clean[:, ahead]).sum(axis=1)) - np.log1p(expected)
        chance = dispersion / (expected + 1) + dispersion / (weight * level + 1)
        middle = float(np.median(error[ok]))
        rest = np.clip(error[ok] - middle, -MAX_LOG_ERROR, MAX_LOG_ERROR)
        common.append(middle)
        own += float((rest**2 - np.minimum(chance[ok], 1.0)).sum())
        count += int(ok.sum())
    shared = float(np.square(common).sum()) + COMMON_DRIFT_COUNT * COMMON_DRIFT_SD**2
    shared /= len(common) + COMMON_DRIFT_COUNT
    return Drift(
        own_sd=float(np.sqrt(np.clip(own / count, 0.02**2, MAX_LOG_VARIANCE))),
        common_sd=float(np.sqrt(min(shared, MAX_COMMON_VARIANCE))),
    )
