"""Demand of each day of the horizon: the draws of a phase laid on its days.

Knows totals of phases, ordinary days and curves; the days of a phase always add up to
the phase. Knows nothing of how any of them was told.
"""

import numpy as np
import pandas as pd
from scipy.special import gammaincinv

from planner.demand.calibration import Z_80
from planner.demand.clean import KEYS, Floats
from planner.tables import ForecastDaily, checked, columns

QUANTILES = {"q10_units": 0.1, "q50_units": 0.5, "q90_units": 0.9}


def daily_forecast(
    draws: pd.DataFrame,
    baseline: pd.DataFrame,
    curve: pd.DataFrame,
    *,
    fit: pd.DataFrame | None = None,
    quiet: pd.DataFrame | None = None,
    limited: pd.DataFrame | None = None,
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
    limited : DataFrame, optional
        Days on which a shop's order limit holds, as `caps.capped_draws` told them: the mean of
        each SKU there, and what the shop can take. No day says more than that.

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
    days = day_shares(draws, baseline, curve, quiet=quiet)
    days = days.merge(_phase_moments(draws, fit), on=[*KEYS, "phase"])
    if limited is not None and len(limited):
        days = _with_limits(days, limited)
    share = days["share"].to_numpy()
    table = days.assign(mean_units=share * days["mean"], **_quantiles(days, share))
    if limited is not None and len(limited):
        table = _held_to_limits(table)
    return checked(ForecastDaily, table.sort_values([*KEYS, "day"])[columns(ForecastDaily)])


def day_shares(
    draws: pd.DataFrame,
    baseline: pd.DataFrame,
    curve: pd.DataFrame,
    *,
    quiet: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the share of its phase that each day has, SKU by SKU.

    Parameters
    ----------
    draws, baseline, curve, quiet
        As for `daily_forecast`.

    Returns
    -------
    DataFrame
        shop, market, sku, phase, day, share, and log_sd, the doubt in the curve; the shares of
        a phase sum to 1.
    """
    ordinary = baseline.loc[baseline["is_future"], [*KEYS, "day", "baseline_units"]]
    days = _days_of(draws).merge(ordinary, on=["market", "day"])
    days = days.merge(draws[[*KEYS, "phase"]], on=[*KEYS, "phase"])
    days = days.merge(_weights(curve), on=["market", "phase", "day"], how="left")
    days["weight"] = days["weight"].fillna(1.0)
    days["log_sd"] = days["log_sd"].fillna(0.0)
    if quiet is not None:
        days = days.merge(quiet[[*KEYS, "day", "day_ratio"]], on=[*KEYS, "day"], how="left")
        days["weight"] *= days["day_ratio"].fillna(1.0)
    groups = days.groupby([*KEYS, "phase"], sort=False)
    total = (days["baseline_units"] * days["weight"]).groupby(groups.ngroup()).transform("sum")
    even = days["weight"] / groups["weight"].transform("sum")
    share = (days["baseline_units"] * days["weight"] / total).where(total > 0, even)
    return days.assign(share=share)[[*KEYS, "phase", "day", "share", "log_sd"]]


def _phase_moments(draws: pd.DataFrame, fit: pd.DataFrame | None) -> pd.DataFrame:
    worlds = np.stack(draws["draws"].to_list()) if len(draws) else np.zeros((0, 1))
    moments = draws[[*KEYS, "phase"]].assign(mean=worlds.mean(axis=1), variance=worlds.var(axis=1))
    if fit is None:
        return moments.assign(dispersion=1.0)
    noise = fit[[*KEYS, "dispersion_ratio"]].rename(columns={"dispersion_ratio": "dispersion"})
    moments = moments.merge(noise, on=KEYS, how="left")
    return moments.assign(dispersion=moments["dispersion"].fillna(1.0))


def _with_limits(days: pd.DataFrame, limited: pd.DataFrame) -> pd.DataFrame:
    """Return the days with the shares that a limit leaves, and what the shop can take."""
    days = days.merge(limited, on=[*KEYS, "phase", "day"], how="left")
    left = days["mean_units"] / days["mean"].where(days["mean"] > 0)
    share = days["share"].mask(days["mean_units"].notna(), left.fillna(0.0))
    return days.drop(columns="mean_units").assign(share=share)


def _held_to_limits(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days with no shop's sum of a mean or quantile above what it can take."""
    shop_day = [days["shop"], days["market"], days["day"]]
    for column in ("mean_units", *QUANTILES):
        total = days[column].groupby(shop_day).transform("sum")
        held = (days["limit_units"] / total.where(total > 0)).clip(upper=1.0).fillna(1.0)
        days[column] *= held
    return days


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
    for column, level in QUANTILES.items():
        told[column] = np.zeros(len(mean))
        told[column][is_sold] = gammaincinv(mean[is_sold] / scale, level) * scale
    return told
