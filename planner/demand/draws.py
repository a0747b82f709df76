"""Random totals of demand, coupled by the world they belong to.

Knows means and what they may be off by; draw k of every series is one and the same
world, so sums over series have the right spread. Every draw follows from texts.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.special import ndtri

from planner.demand.clean import Codes, Floats

Seeds = NDArray[np.uint64]

N_DRAWS = 500
MIN_EXCESS = 1e-3
"""Least excess of variance over mean; below it a gamma law cannot be drawn. [unitless]"""
MAX_UNITS = 1e9
MANY_DISPERSIONS = 3.0
"""From so many dispersions on, three moments give a total's quantiles to 0.1 sd and better."""
FEW_UNITS, MAX_COUNTED_UNITS = 15.0, 60.0
"""Totals expected up to here are counted from 0 up, in worlds up to there. [units]"""
N_ORDERS = 256
"""Orders of the draws that series share; each may also begin anywhere in its order."""
CHUNK_SERIES = 64
"""Series drawn at once: their draws stay in the processor's cache."""


class Doubt(NamedTuple):
    """What a total may be off by; arrays of shape (n_series,) or (n_series, n_phases)."""

    dispersion: Floats
    drift_sd: Floats
    common_drift_sd: float
    ratio_sd: Floats
    """Shape (n_series, n_phases): doubt in the ratio, each phase apart; 0 outside promotions."""
    common_ratio_sd: Floats
    """Shape (n_phases,), or (n_series, n_phases) where some take no part: what all SKUs share in
    one phase of the event."""


def draw_totals(
    expected: Floats,
    doubt: Doubt,
    *,
    names: Sequence[str],
    event: str,
    seed_text: str,
    phases: Sequence[str] = ("sale",),
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
        Name of the event, whose shocks all series share.
    seed_text : str
        What the draws follow from.
    phases : sequence of str, length n_phases
        Names of the columns; shocks and ratios of one phase say nothing of the next.

    Returns
    -------
    array, shape (n_series, n_phases, n_draws)
        Whole units, never negative. [units]

    Notes
    -----
    The level's drift, of the seller and of the SKU, is one for all phases. What is doubted in a
    ratio is told apart by phase, as the ratios are: a warm-up that surprises tells little of the
    sale, and one score for all would add their spreads up instead of their variances.
    """
    drift = _factor(_scores(f"{seed_text}|drift", n_draws), doubt.common_drift_sd)
    shock = np.stack([_scores(f"{seed_text}|{event}|{name}", n_draws) for name in phases])
    together = np.broadcast_to(doubt.common_ratio_sd, expected.shape)
    is_one = bool((together == together[:1]).all())
    shared = drift * _factor(shock, together[0][:, None]) if is_one and len(names) else drift
    seeds = _seeds(seed_text, names)
    totals = np.empty((*expected.shape, n_draws))
    for start in range(0, len(names), CHUNK_SERIES):
        part = slice(start, start + CHUNK_SERIES)
        own = doubt._replace(
            dispersion=doubt.dispersion[part],
            drift_sd=doubt.drift_sd[part],
            ratio_sd=doubt.ratio_sd[part],
        )
        if not is_one:
            shared = drift * _factor(shock, together[part][:, :, None])
        mean = _means(expected[part], own, shared, seeds[part], phases)
        totals[part] = _totals(expected[part], mean, own.dispersion, seeds[part])
    return totals


def quantiles_of(worlds: Floats, levels: Sequence[float]) -> Floats:
    """Return quantiles of each row's draws.

    Parameters
    ----------
    worlds : array, shape (n_rows, n_draws)
        Draws. [units]
    levels : sequence of float, length k
        Between 0 and 1.

    Returns
    -------
    array, shape (k, n_rows)
        As `numpy.quantile` gives them, by one sort and so several times as fast.

    Examples
    --------
    >>> quantiles_of(np.array([[4.0, 1.0, 3.0, 2.0]]), [0.5, 1.0]).tolist()
    [[2.5], [4.0]]
    """
    place = np.asarray(levels) * (worlds.shape[1] - 1)
    below = np.minimum(np.floor(place).astype(int), max(worlds.shape[1] - 2, 0))
    above = np.minimum(below + 1, worlds.shape[1] - 1)
    ordered = np.sort(worlds, axis=1)
    low, high = ordered[:, below], ordered[:, above]
    return (low + (place - below) * (high - low)).T


def _means(
    expected: Floats, doubt: Doubt, shared: Floats, seeds: Seeds, phases: Sequence[str]
) -> Floats:
    """Return the mean total of each world, shape (n_series, n_phases, n_draws)."""
    n_draws = shared.shape[-1]
    ladder = _ladder(n_draws)
    mean = np.empty((*expected.shape, n_draws))
    for place, name in zip(range(expected.shape[1]), phases, strict=True):
        own = ladder[_own_orders(seeds, _purpose(name), n_draws)]
        np.multiply(doubt.ratio_sd[:, place, None], own, out=mean[:, place])
    mean += (doubt.drift_sd[:, None] * ladder[_own_orders(seeds, 0, n_draws)])[:, None]
    mean -= 0.5 * (np.square(doubt.drift_sd)[:, None] + np.square(doubt.ratio_sd))[:, :, None]
    np.exp(mean, out=mean)
    mean *= shared
    mean *= expected[:, :, None]
    return np.minimum(mean, MAX_UNITS, out=mean)


def _totals(expected: Floats, mean: Floats, dispersion: Floats, seeds: Seeds) -> Floats:
    """Return gamma-Poisson totals of such means, by the cheapest way that is true enough."""
    n_draws = mean.shape[2]
    dispersion = np.maximum(dispersion, 1.0 + MIN_EXCESS)
    is_many = expected >= MANY_DISPERSIONS * dispersion[:, None]
    is_few = ~is_many & (expected <= FEW_UNITS)
    totals = np.empty(mean.shape)
    for phase in range(expected.shape[1]):
        for chosen, draw in ((is_many, _many), (is_few, _few)):
            rows = np.flatnonzero(chosen[:, phase])
            order = _own_orders(seeds[rows], 2 + phase, n_draws)
            totals[rows, phase] = draw(mean[rows, phase], dispersion[rows, None], order)
    for row, phase in np.argwhere(~is_many & ~is_few):
        rng = np.random.default_rng([*seeds[row].tolist(), int(phase)])
        excess = dispersion[row] - 1.0
        totals[row, phase] = rng.poisson(rng.standard_gamma(mean[row, phase] / excess) * excess)
    return totals


def _many(mean: Floats, dispersion: Floats, order: Codes) -> Floats:
    """Return totals of many units by the first three moments (Cornish and Fisher)."""
    ladder = _ladder(mean.shape[1])
    totals = np.sqrt(dispersion * mean)
    totals *= ladder[order]
    totals += (2.0 * dispersion - 1.0) / 6.0 * (np.square(ladder) - 1.0)[order]
    totals += mean
    return np.maximum(np.rint(totals, out=totals), 0.0, out=totals)


def _few(mean: Floats, dispersion: Floats, order: Codes) -> Floats:
    """Return totals of few units: the chances of 0, 1, 2 ... are added up to each world's own."""
    totals = _many(mean, dispersion, order)
    flat = totals.reshape(-1)
    place = np.flatnonzero(mean.ravel() <= MAX_COUNTED_UNITS)
    law = np.broadcast_to(dispersion, mean.shape).ravel()[place]
    shape, share = mean.ravel()[place] / (law - 1.0), (law - 1.0) / law
    chance = np.exp(-shape * np.log(law))
    left = (order.ravel()[place] + 0.5) / mean.shape[1] - chance
    total, units = np.zeros(len(place)), 0
    while place.size:
        is_more = left > 0
        n_more = np.count_nonzero(is_more)
        if 2 * n_more < place.size:  # the finished ones cost as much as the others
            flat[place] = total
            kept, rest = np.flatnonzero(is_more), (place, shape, share, chance, left, total)
            place, shape, share, chance, left, total = (part.take(kept) for part in rest)
            is_more = np.ones(n_more, dtype=bool)
        total += is_more
        units += 1
        chance *= shape * share / units
        shape += 1.0
        left -= chance
    return totals


@lru_cache(maxsize=16)
def _purpose(phase: str) -> int:
    """Return the number that seeds the ratios of one phase."""
    return int.from_bytes(hashlib.sha256(phase.encode()).digest()[:8])


def _own_orders(seeds: Seeds, purpose: int, n_draws: int) -> Codes:
    """Return the order of each series' draws for one purpose, shape (n_series, n_draws)."""
    mixed = seeds[:, 0] + np.uint64(purpose) * seeds[:, 1]
    order = (mixed >> np.uint64(32)) % np.uint64(N_ORDERS)
    turn = mixed % np.uint64(n_draws)
    windows = sliding_window_view(_orders(n_draws), n_draws, axis=1)
    return windows[order.astype(int), turn.astype(int)]


@lru_cache(maxsize=4)
def _orders(n_draws: int) -> Codes:
    """Return permutations of the draws, each written twice so that it can begin anywhere."""
    rng = _generator("orders")
    once = rng.permuted(np.tile(np.arange(n_draws), (N_ORDERS, 1)), axis=1)
    return np.concatenate([once, once], axis=1)


def _seeds(seed_text: str, names: Sequence[str]) -> Seeds:
    """Return two random words for each name, shape (n_series, 2)."""
    digests = [hashlib.sha256(f"{seed_text}|{name}".encode()).digest()[:16] for name in names]
    return np.frombuffer(b"".join(digests), dtype="<u8").astype(np.uint64).reshape(-1, 2)


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
