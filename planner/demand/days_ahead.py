"""Demand of each day of the horizon: the draws of a phase laid on its days.

Knows totals of phases, ordinary days and curves; the days of a phase always add up to
the phase. Knows nothing of how any of them was told.
"""

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from planner.demand.clean import KEYS, Floats
from planner.demand.day_curve import Z_80
from planner.tables import ForecastDaily, checked, columns


def daily_forecast(
    draws: pd.DataFrame,
    baseline: pd.DataFrame,
    curve: pd.DataFrame,
    *,
    fit: pd.DataFrame | None = None,
    quiet: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return demand of each day of the horizon; the days' means add up to the phase's mean.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws` to plan with.
    baseline : DataFrame
        Table `BaselineDaily`: weekday and season of the days ahead.
    curve : DataFrame
        Table `DayCurve`.
    fit : DataFrame, optional
        Table `BaselineFit`, for each series' day noise; without it that of a Poisson law.
    quiet : DataFrame, optional
        What `quiet.quiet_days` gave: how days before and after the campaign differ.

    Returns
    -------
    DataFrame
        Table `ForecastDaily`.

    Notes
    -----
    A day's part is ``p = ordinary x curve / sum of the same over the phase``, its mean
    ``m = p M`` with `M` the mean of the draws. Its law is a gamma law of that mean and of
    variance ``p^2 max(V - dispersion M, 0) + dispersion m + (m s)^2``: spread of the worlds,
    day noise, and the doubt `s` in the curve.
    """
    phases = _phase_moments(draws, fit)
    ordinary = baseline.loc[baseline["is_future"], [*KEYS, "day", "baseline_units"]]
    days = _days_of(draws).merge(ordinary, on=["market", "day"])
    days = days.merge(phases, on=[*KEYS, "phase"]).merge(
        _weights(curve), on=["market", "phase", "day"], how="left"
    )
    days["weight"] = days["weight"].fillna(1.0)
    days["log_sd"] = days["log_sd"].fillna(0.0)
    if quiet is not None:
        days = days.merge(quiet[[*KEYS, "day", "day_ratio"]], on=[*KEYS, "day"], how="left")
        days["weight"] *= days["day_ratio"].fillna(1.0)
    groups = days.groupby([*KEYS, "phase"], sort=False)
    total = (days["baseline_units"] * days["weight"]).groupby(groups.ngroup()).transform("sum")
    even = days["weight"] / groups["weight"].transform("sum")
    share = (days["baseline_units"] * days["weight"] / total).where(total > 0, even)
    table = days.assign(mean_units=share * days["mean"], **_quantiles(days, share.to_numpy()))
    return checked(ForecastDaily, table.sort_values([*KEYS, "day"])[columns(ForecastDaily)])


def _phase_moments(draws: pd.DataFrame, fit: pd.DataFrame | None) -> pd.DataFrame:
    worlds = np.stack(draws["draws"].to_list()) if len(draws) else np.zeros((0, 1))
    moments = draws[[*KEYS, "phase"]].assign(mean=worlds.mean(axis=1), variance=worlds.var(axis=1))
    if fit is None:
        return moments.assign(dispersion=1.0)
    noise = fit[[*KEYS, "dispersion_ratio"]].rename(columns={"dispersion_ratio": "dispersion"})
    moments = moments.merge(noise, on=KEYS, how="left")
    return moments.assign(dispersion=moments["dispersion"].fillna(1.0))


def _days_of(draws: pd.DataFrame) -> pd.DataFrame:
    """Return market, phase and day: the phases of a market are alike for all its SKUs."""
    spans = draws[["market", "phase", "starts_on", "ends_on"]].drop_duplicates()
    count = (spans["ends_on"] - spans["starts_on"]).dt.days.to_numpy() + 1
    days = spans.loc[spans.index.repeat(count), ["market", "phase", "starts_on"]]
    step = np.concatenate([np.arange(length) for length in count]) if len(count) else []
    after = pd.to_timedelta(np.asarray(step, dtype=int), unit="D")
    return days.assign(day=days["starts_on"] + after).drop(columns="starts_on")


def _weights(curve: pd.DataFrame) -> pd.DataFrame:
    spread = np.log(curve["share_high_rate"] / curve["share_low_rate"]) / (2 * Z_80)
    return curve[["market", "phase", "day"]].assign(weight=curve["share_rate"], log_sd=spread)


def _quantiles(days: pd.DataFrame, share: Floats) -> dict[str, Floats]:
    mean = share * days["mean"].to_numpy()
    dispersion = days["dispersion"].to_numpy()
    between = np.maximum(days["variance"].to_numpy() - dispersion * days["mean"].to_numpy(), 0.0)
    doubt = mean * days["log_sd"].to_numpy()
    variance = share**2 * between + dispersion * mean + doubt**2
    is_sold = mean > 0
    scale = variance[is_sold] / mean[is_sold]
    told = {}
    for column, level in (("q10_units", 0.1), ("q50_units", 0.5), ("q90_units", 0.9)):
        told[column] = np.zeros(len(mean))
        told[column][is_sold] = gammaincinv(mean[is_sold] / scale, level) * scale
    return told
