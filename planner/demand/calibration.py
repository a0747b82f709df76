"""How wide past promotions say the ranges must be: one factor per seller, told by replays.

Knows what was known so many days before each past promotion, and how far the truth lay
from what that would have said. A factor below one narrows all spreads, one above widens.
"""

import numpy as np
import pandas as pd
from scipy.special import ndtri

from planner.demand import level as levels
from planner.demand.clean import Codes, Flags, Floats, Panel, capped
from planner.demand.pooling import Pooled
from planner.demand.promo_runs import Runs
from planner.demand.spread import spike_ratio, with_unknown

Z_80 = 1.2816
"""Half-width of an 80 % interval. [standard deviations]"""
LEVEL = 0.8
"""Share of replays that the calibrated range is to hold."""
MIN_HISTORY_DAYS = 56
"""History a replay needs before its cut-off. [days]"""
MIN_REPLAYS = 30
"""Runs below which no factor is told. [runs]"""
MIN_SERIES = 3
"""Runs of one event that make it count as an event. [runs]"""
PRIOR_EVENTS = 6.0
"""Events behind a factor of 1. [events]"""
NOISE_SHARE = 2.0
"""Runs whose expected units are below this many dispersions tell of noise only. [unitless]"""
RANGE = (0.5, 1.6)
"""The factor at least and at most."""


def spread_factor(
    panel: Panel,
    *,
    factor: Floats,
    is_clean: Flags,
    half_life_days: float,
    drift_variance: Floats,
    dispersion: Floats,
    runs: Runs,
    pooled: Pooled,
    lead_days: int,
) -> float:
    """Return by what the spreads of level and ratio are to be multiplied.

    Parameters
    ----------
    panel : Panel
        Daily sales.
    factor, is_clean : array, shape (n_series, n_days)
        What a day sells against a mean day, by weekday and season [unitless], and the days
        that count.
    half_life_days : float
        Of the level. [days]
    drift_variance, dispersion : array, shape (n_series,)
        Variance of the log level, own and common, and variance over mean of days.
    runs, pooled
        Past promotions of the sale, and what was made of them.
    lead_days : int
        From the cut-off to the first day of the promotion ahead. [days]

    Notes
    -----
    Split conformal in logarithms: each past run is foretold from the level `lead_days` before
    it and the ratio that all other runs tell; ``|log sold - log foretold| / sd`` should hold
    80 % below 1.28. What the quantile says is shrunk to 1 by six events.

    References
    ----------
    Vovk, Gammerman and Shafer (2005), Algorithmic learning in a random world.
    """
    divisor = np.where(factor > 0, factor, 1.0)
    flat = capped(panel.units, is_clean, factor=divisor) / divisor
    mean = levels.mean_before(flat, is_clean, flat.shape[1])
    lift = spike_ratio(panel.units / divisor, flat, is_clean, mean)
    own = (runs.series >= 0) & ~runs.is_memory
    scores, events = [], 0
    for occurrence in np.unique(runs.occurrence[own]):
        of_event = np.flatnonzero(own & (runs.occurrence == occurrence))
        cut = int(runs.start[of_event].min()) - max(lead_days, 1)
        if cut < MIN_HISTORY_DAYS:
            continue
        series = runs.series[of_event]
        level, _ = levels.weighted_level(
            flat[series],
            is_clean[series],
            half_life_days=half_life_days,
            prior=levels.mean_before(flat[series], is_clean[series], cut),
            end=cut,
        )
        days = _mean_factor_days(panel, factor, runs, of_event)
        told = level * lift[series] * days * np.exp(pooled.others_log_ratio[of_event])
        noise = dispersion[series] / (told + 1)
        variance = drift_variance[series] + pooled.others_variance[of_event] + noise
        variance += pooled.common_log_sd**2
        score = (np.log1p(runs.sold[of_event]) - np.log1p(told)) / np.sqrt(variance)
        tells = told > NOISE_SHARE * dispersion[series]
        scores.append(np.abs(score[tells]))
        events += int(tells.sum() >= MIN_SERIES)
    together = np.concatenate(scores) if scores else np.zeros(0)
    if len(together) < MIN_REPLAYS:
        return 1.0
    seen = max(np.quantile(together, LEVEL) / ndtri(0.5 + LEVEL / 2), 1e-3)
    return float(np.clip(seen ** (events / (events + PRIOR_EVENTS)), *RANGE))


def calibrated_noise(dispersion: Floats, spread_ratio: Floats | float) -> Floats:
    """Return the variance over mean of days, narrowed where replays say that ranges are too wide.

    Parameters
    ----------
    dispersion : array, shape (n_series,)
        As clean days show it, what all SKUs do on one day included. [unitless]
    spread_ratio : array, shape (n_series,), or float
        What `spread_factor` gave. [unitless]

    Notes
    -----
    The factor is told by whole errors, noise among them. It narrows noise as well, down to that
    of counts; it never widens it, because many days tell noise better than few promotions do.

    Examples
    --------
    >>> calibrated_noise(np.array([4.0, 1.2, 4.0]), np.array([0.5, 0.5, 1.5])).tolist()
    [1.0, 1.0, 4.0]
    """
    return np.maximum(dispersion * np.minimum(spread_ratio, 1.0) ** 2, 1.0)


def widened(table: pd.DataFrame, spread_ratio: float) -> pd.DataFrame:
    """Return uplifts whose doubt is multiplied, and the range that follows from it.

    Parameters
    ----------
    table : DataFrame
        Columns of `Uplift` but for range and factor, and `unknown_variance`: what drives a ratio
        and is not known ahead. Replays of promotions of which it was known cannot narrow it.
    spread_ratio : float
        What `calibration.spread_factor` gave. [unitless]
    """
    unknown = table["unknown_variance"].to_numpy()
    table = table.drop(columns="unknown_variance").assign(
        log_sd=with_unknown(table["log_sd"].to_numpy() * spread_ratio, unknown),
        common_log_sd=table["common_log_sd"] * spread_ratio,
        spread_ratio=spread_ratio,
    )
    variance = table["log_sd"] ** 2 + table["common_log_sd"] ** 2
    middle, half = np.log(table["uplift_ratio"]) - 0.5 * variance, Z_80 * np.sqrt(variance)
    return table.assign(low_ratio=np.exp(middle - half), high_ratio=np.exp(middle + half))


def _mean_factor_days(panel: Panel, factor: Floats, runs: Runs, chosen: Codes) -> Floats:
    """Return each run's days in stock, each counted by what it sells against a mean day."""
    series, start = runs.series[chosen], runs.start[chosen]
    longest = int(runs.days[chosen].max())
    column = start[:, None] + np.arange(longest)
    inside = np.arange(longest) < runs.days[chosen][:, None]
    column = np.minimum(column, panel.units.shape[1] - 1)
    rows = series[:, None]
    counted = inside & panel.is_known[rows, column] & ~panel.is_stock_out[rows, column]
    return (factor[rows, column] * counted).sum(axis=1)
