"""Random totals of demand, coupled by the world they belong to.

Knows means and what they may be off by; draw k of every series is one and the same
world, so sums over series have the right spread. Every draw follows from texts.
"""

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from planner.demand.clean import Floats

N_DRAWS = 500
MIN_EXCESS = 1e-3
"""Least excess of variance over mean; below it a gamma law cannot be drawn. [unitless]"""
MAX_UNITS = 1e9


class Doubt(NamedTuple):
    """What a total may be off by; arrays of shape (n_series,) or (n_series, n_phases)."""

    dispersion: Floats
    drift_sd: Floats
    common_drift_sd: float
    ratio_sd: Floats
    """Shape (n_series, n_phases): doubt in the ratio; 0 outside promotions."""
    common_ratio_sd: Floats
    """Shape (n_phases,): the part that all SKUs of the event share."""


def draw_totals(
    expected: Floats,
    doubt: Doubt,
    *,
    names: Sequence[str],
    event: str,
    seed_text: str,
    n_draws: int = N_DRAWS,
) -> Floats:
    """Return draws of totals, coupled over series and phases by the world they belong to.

    Parameters
    ----------
    expected : array, shape (n_series, n_phases)
        Mean totals. [units]
    doubt : Doubt
        What they may be off by.
    names : sequence of str, length n_series
        Names of the series; each seeds its own draws.
    event : str
        Name of the event, whose shock all series share.
    seed_text : str
        What the draws follow from.

    Returns
    -------
    array, shape (n_series, n_phases, n_draws)
        Whole units, never negative. [units]
    """
    drift = _factor(_scores(f"{seed_text}|drift", n_draws), doubt.common_drift_sd)
    shock = _scores(f"{seed_text}|{event}", n_draws)
    shared = drift * _factor(shock, doubt.common_ratio_sd[:, None])
    excess = np.maximum(doubt.dispersion - 1.0, MIN_EXCESS)
    totals = np.empty((*expected.shape, n_draws))
    ladder = _ladder(n_draws)
    for row, name in enumerate(names):
        rng = _generator(f"{seed_text}|{name}")
        own = _factor(rng.permutation(ladder), doubt.drift_sd[row])
        ratio = _factor(rng.permutation(ladder), doubt.ratio_sd[row][:, None])
        mean = np.minimum(expected[row][:, None] * shared * own * ratio, MAX_UNITS)
        rate = rng.standard_gamma(mean / excess[row]) * excess[row]
        totals[row] = rng.poisson(rate)
    return totals


def _ladder(n_draws: int) -> Floats:
    """Return normal scores of equal chance: a sample without sampling error."""
    return ndtri((np.arange(n_draws) + 0.5) / n_draws)


def _scores(text: str, n_draws: int) -> Floats:
    return _generator(text).permutation(_ladder(n_draws))


def _factor(scores: Floats, sd: float | Floats) -> Floats:
    """Return a lognormal factor with mean 1."""
    return np.exp(sd * scores - 0.5 * np.square(sd))


def _generator(text: str) -> np.random.Generator:
    return np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode()).digest()[:16]))
