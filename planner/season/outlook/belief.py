"""How much each world of demand is believed once sales are seen.

Pure arithmetic on arrays, one row per SKU and one column per world. Knows nothing of
days, tables or stock.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

PASSING_LOG_SD = 0.2
"""How far, in logarithms, a single SKU's sales to date may be lifted by what does not last, such as
one video. House estimate: on simulated sellers it keeps 80 % ranges honest. [unitless]"""
MIN_EFFECTIVE_RATE = 0.10
"""Share of the worlds that must still have a say after sales are seen. [unitless]"""
LEAST_DOUBT = 1e-6
HALF_UNIT = 0.5
FLATTENING_STEPS = 40


class Belief(NamedTuple):
    """What sales to date teach: row i of both belongs to row i of the keys handed in."""

    weights: np.ndarray
    """Share of belief in each world; every row sums to 1. [unitless]"""
    scale: np.ndarray
    """Factor on the rest of demand where no world came near what was sold. [unitless]"""


def believe(
    to_date: np.ndarray,
    rest: np.ndarray,
    sold: np.ndarray,
    *,
    market: np.ndarray,
    doubt: np.ndarray,
    is_censored: np.ndarray,
) -> Belief:
    """Return how much each world is believed after `sold` units.

    Parameters
    ----------
    to_date, rest : ndarray, shape (n_sku, n_draws)
        Each world's demand up to the tracking day, and from it to the horizon's end. [units]
    sold : ndarray, shape (n_sku,)
        Units sold to date; NaN if nothing was seen yet. [units]
    market : ndarray, shape (n_sku,)
        Market of each SKU: worlds share what moves all SKUs of a market, such as a stronger event.
    doubt : ndarray, shape (n_sku,)
        As `doubt_of_days` returns it. [unitless]
    is_censored : ndarray of bool, shape (n_sku,)
        Whether stock ran out, so that sales are only a floor under demand.

    Notes
    -----
    Importance weights: the worlds are draws from the forecast, so a world's belief in a SKU is
    the likelihood of the sales it has to explain: those of the SKU itself, times those of the
    market's other SKUs in one sum. Both are gamma-Poisson round the world's demand to date, with
    variance ``demand + doubt * demand ** 2``; to a SKU's own doubt comes ``PASSING_LOG_SD ** 2``,
    because what lifts it alone may pass. Where stock ran out, every world with at least the
    units sold is believed in full, and the SKU stays out of the sum of the others.

    If fewer than `MIN_EFFECTIVE_RATE` of the worlds remain effective (the inverse of the sum of
    squared weights), the likelihood is flattened until they do, and the rest of every world is
    scaled to where the log-normal regression of rest on both sums puts its mean. Without this a
    seller at five times plan would be told no more than the boldest draw.

    References
    ----------
    Kish, Survey Sampling (1965), effective sample size; Beaumont, Zhang and Balding, Genetics
    162 (2002), regression adjustment.
    """
    n_sku, n_draws = to_date.shape
    if not n_sku:
        return Belief(np.zeros((0, n_draws)), np.ones(0))
    own = _Sight(to_date, sold, doubt + PASSING_LOG_SD**2)
    others = _sight_of_others(own, market, is_censored)
    likelihood = _likelihood(own, is_floor=is_censored) + _likelihood(others)
    power = _flattening(likelihood, least=MIN_EFFECTIVE_RATE * n_draws)
    weights = _normalised(likelihood * power[:, None])
    is_explained = is_censored & (to_date >= sold[:, None]).any(axis=1)
    sights = (own._replace(sold=np.where(is_explained, np.nan, sold)), others)
    shift = np.where(power < 1.0, _log_shift(sights, rest, weights), 0.0)
    return Belief(weights, np.exp(shift))


class _Sight(NamedTuple):
    """What was seen, beside what each world says of it; NaN where nothing was seen."""

    demand: np.ndarray
    sold: np.ndarray
    doubt: np.ndarray

    @property
    def is_seen(self) -> np.ndarray:
        return np.isfinite(self.sold)

    @property
    def logs(self) -> np.ndarray:
        return np.log(self.demand + HALF_UNIT)


def _sight_of_others(own: _Sight, market: np.ndarray, is_censored: np.ndarray) -> _Sight:
    """Return for each SKU what the market's other SKUs sold in sum."""
    counts = own.is_seen & ~is_censored
    codes = pd.factorize(market)[0]
    demand, sold = own.demand * counts[:, None], np.where(counts, own.sold, 0.0)
    sizes = demand.mean(axis=1)
    totals = np.zeros((codes.max() + 1, demand.shape[1]))
    np.add.at(totals, codes, demand)
    left = np.bincount(codes, counts)[codes] - counts
    whole = np.bincount(codes, sizes)[codes]
    shared = own.doubt - PASSING_LOG_SD**2
    stray = np.bincount(codes, shared * sizes)[codes] / np.where(whole > 0, whole, 1.0)
    rest_sold = np.where(left > 0, np.bincount(codes, sold)[codes] - sold, np.nan)
    return _Sight(totals[codes] - demand, rest_sold, np.maximum(stray, LEAST_DOUBT))


def _likelihood(sight: _Sight, *, is_floor: np.ndarray | None = None) -> np.ndarray:
    """Return the gamma-Poisson log-likelihood of each world, without terms all worlds share."""
    sold = np.where(sight.is_seen, sight.sold, 0.0)[:, None]
    doubt = sight.doubt[:, None]
    demand = np.maximum(sight.demand, HALF_UNIT)
    if is_floor is not None:
        demand = np.where(is_floor[:, None] & (demand > sold), np.maximum(sold, HALF_UNIT), demand)
    stretch = np.log1p(doubt * demand)
    likelihood = sold * (np.log(demand) - stretch) - stretch / doubt
    return np.where(sight.is_seen[:, None], likelihood, 0.0)


def _normalised(log_weights: np.ndarray) -> np.ndarray:
    weights = np.exp(log_weights - log_weights.max(axis=1, keepdims=True))
    return weights / weights.sum(axis=1, keepdims=True)


def _flattening(likelihood: np.ndarray, *, least: float) -> np.ndarray:
    """Return the greatest power up to 1 that leaves `least` worlds effective, by bisection."""
    low, high = np.zeros(len(likelihood)), np.ones(len(likelihood))
    power = np.ones(len(likelihood))
    for _ in range(FLATTENING_STEPS):
        weights = _normalised(likelihood * power[:, None])
        enough = 1.0 / (weights**2).sum(axis=1) >= least
        low, high = np.where(enough, power, low), np.where(enough, high, power)
        power = np.where(low >= 1.0, 1.0, (low + high) / 2.0)
    return low


def _log_shift(sights: tuple[_Sight, _Sight], rest: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return how far the logarithm of rest lies from the mean that the regression gives it."""
    logs = np.stack([sight.logs for sight in sights], axis=1)
    noise = np.stack([s.doubt + 1.0 / (s.demand.mean(axis=1) + 1.0) for s in sights], axis=1)
    is_seen = np.stack([sight.is_seen for sight in sights], axis=1)
    targets = np.stack(
        [np.log(np.where(s.is_seen, s.sold, 0.0) + HALF_UNIT) for s in sights], axis=1
    )
    ahead = np.log(rest + HALF_UNIT)
    spread = logs - logs.mean(axis=2, keepdims=True)
    spread = np.where(is_seen[:, :, None], spread, 0.0)
    gap = np.where(is_seen, targets - logs.mean(axis=2), 0.0)
    shared = np.einsum("sik,sjk->sij", spread, spread) / rest.shape[1]
    with_rest = np.einsum("sik,sk->si", spread, ahead) / rest.shape[1]
    whole = shared + np.eye(2) * noise[:, :, None]
    slope = np.linalg.solve(whole, with_rest[:, :, None])[:, :, 0]
    mean = ahead.mean(axis=1) + (slope * gap).sum(axis=1)
    return mean - (weights * ahead).sum(axis=1)
