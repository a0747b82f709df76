"""What an ordinary day sells: weekday profile x level x season, past days and days ahead.

Knows clean days, levels and the one Prophet fit per market; knows nothing of what
a promotion adds.
"""

import logging
from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple

import holidays
import numpy as np
import pandas as pd

from planner.demand import level as levels
from planner.demand import spread
from planner.demand.clean import KEYS, Codes, Flags, Floats, Panel, capped, panel_of
from planner.tables import BaselineDaily, BaselineFit, checked

SEASON_MIN_DAYS = 400
"""Below about 400 days of history a season index hurts (forecasting, section 1). [days]"""
YEARLY_MIN_DAYS = 730
"""Yearly seasonality is never fitted on less than two years (house, decision 4). [days]"""
YEAR_DAYS = 365
TRIAL_STEP_DAYS = 56
"""Between trials of a yearly season, which a few weeks of one season cannot tell. [days]"""
SEASON_RANGE = (0.5, 2.0)
"""Season against the recent level, at most (forecasting, section 3). [unitless]"""
TREND_FLEXIBILITY = 0.03
"""Prophet's changepoint_prior_scale for an index of many SKUs. [unitless]"""
WEEKDAY_SLACK = 2.0
"""A day of up to three medians may be a busy weekday; beyond, it is a spike. [unitless]"""
INDEX_SHARE = 0.1
"""A day tells the index if SKUs worth this share of the level are clean on it. [unitless]"""
INDEX_MIN_UNITS = 5.0
"""A market that sells less a day shows no season beyond chance (house judgement). [units/day]"""
COUNTRIES = {"UK": "GB"}
"""Markets whose ISO code is not their name."""
SEED = 1


class PanelFit(NamedTuple):
    """The baseline of a panel; arrays of shape (n_series,) unless said otherwise."""

    level: Floats
    """Units an ordinary day sells now. [units/day]"""
    half_life_days: float
    expected: Floats
    """Shape (n_series, n_days + horizon): units an ordinary day would sell. [units/day]"""
    is_clean: Flags
    """Shape (n_series, n_days): days that took part."""
    dispersion: Floats
    """Variance over mean of a day. [unitless]"""
    drift_sd: Floats
    """Doubt in the series' level at the campaign, as sd of its logarithm."""
    common_drift_sd: float
    """The same for what all SKUs of the seller share."""
    has_season: Flags
    has_own_level: Flags


def fit_baseline(
    daily: pd.DataFrame, *, until: Mapping[str, date], catalogue: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the level of ordinary days and what an ordinary day sells, to the horizon's end.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales` up to the planning day.
    until : Mapping of str to date
        By market, the first day after the horizon.
    catalogue : DataFrame
        Table `Catalogue`; its categories pool weekdays and levels.

    Returns
    -------
    fit : DataFrame
        Table `BaselineFit`.
    baseline : DataFrame
        Table `BaselineDaily`.

    Raises
    ------
    PlanningError
        If there is no row of sales, or a day stands twice.
    """
    panel = panel_of(daily, catalogue=catalogue)
    stops = panel.keys["market"].map({m: pd.Timestamp(day) for m, day in until.items()})
    horizon = max(int((stops.max() - panel.end).days), 0) if stops.notna().any() else 0
    fitted = fit_panel(panel, horizon_days=horizon)
    return checked(BaselineFit, fit_table(panel, fitted)), checked(
        BaselineDaily, _daily_table(panel, fitted, stops.fillna(panel.end))
    )


def fit_panel(panel: Panel, *, horizon_days: int) -> PanelFit:
    """Return the baseline of a panel and `horizon_days` beyond it.

    Notes
    -----
    Level: exponentially weighted mean of capped clean days without weekday and season, one
    half-life per seller. Past days: mean of the clean days up to four weeks on both sides of
    the gap a day lies in, so that a promotion is judged by what stood round it.
    """
    n_days = panel.units.shape[1]
    weekday = panel.days_ahead(0, n_days + horizon_days).day_of_week.to_numpy()
    market = pd.factorize(panel.keys["market"])[0]
    group = panel.keys.groupby(["market", "category"]).ngroup().to_numpy()
    cut, profile = _weekdays(panel, weekday[:n_days], group)
    factor = profile[:, weekday]
    clean = panel.is_clean & (factor[:, :n_days] > 0)
    season = _season(panel, cut, clean, factor, market)
    factor = factor * season
    divisor = np.where(factor > 0, factor, 1.0)[:, :n_days]
    flat, raw = cut / divisor, panel.units / divisor
    promo = panel.is_known & ~panel.is_stock_out & panel.is_promo
    mean, doubt = levels.long_mean(flat, raw, is_clean=clean, is_promo=promo, group=group)
    half_life = levels.pick_half_life(flat, clean)
    level, weight = levels.weighted_level(
        flat, clean, half_life_days=half_life, prior=mean, end=n_days
    )
    lift = spread.spike_ratio(raw, flat, clean, mean)
    noise = spread.day_noise(panel.units, mean[:, None] * factor[:, :n_days], clean)
    drift = spread.lead_drift(
        flat, raw, clean, half_life_days=half_life, dispersion=noise.dispersion, lift=lift
    )
    level = level * lift
    past = levels.mean_around(flat, clean, mean) * lift[:, None] * factor[:, :n_days]
    ahead = level[:, None] * factor[:, n_days:]
    own = drift.own_sd**2 + noise.dispersion / (weight * level + 1) + doubt
    return PanelFit(
        level=level,
        half_life_days=half_life,
        expected=np.concatenate([past, ahead], axis=1),
        is_clean=clean,
        dispersion=noise.dispersion,
        drift_sd=np.sqrt(np.minimum(own, spread.MAX_LOG_VARIANCE)),
        common_drift_sd=drift.common_sd,
        has_season=(season != 1).any(axis=1),
        has_own_level=clean.sum(axis=1) >= levels.MIN_CLEAN_DAYS,
    )


def fit_table(panel: Panel, fitted: PanelFit) -> pd.DataFrame:
    """Return the fit as rows of `BaselineFit`, not yet checked."""
    method = np.where(fitted.has_season, "method.weighted_season", "method.weighted")
    return panel.keys[KEYS].assign(
        level_units=fitted.level,
        half_life_days=fitted.half_life_days,
        clean_days=fitted.is_clean.sum(axis=1),
        masked_promo_days=(panel.is_promo & panel.is_known).sum(axis=1),
        masked_stock_out_days=(panel.is_stock_out & ~panel.is_promo).sum(axis=1),
        dispersion_ratio=fitted.dispersion,
        drift_sd=fitted.drift_sd,
        common_drift_sd=fitted.common_drift_sd,
        method=np.where(fitted.has_own_level, method, "method.pooled"),
    )


def season_index(index: Floats, *, first_on: pd.Timestamp, n_days: int, market: str = "") -> Floats:
    """Return the season of one market by one Prophet fit: days of history and beyond.

    Parameters
    ----------
    index : array, shape (n_known,)
        Logarithm of the clean demand index; NaN where too few SKUs tell. [unitless]
    first_on : Timestamp
        Day of its first element.
    n_days : int
        Days to return, from `first_on` on. [days]
    market : str
        Whose holidays to take; none without one.

    Returns
    -------
    array, shape (n_days,)
        Season against the recent level, between 0.5 and 2. [unitless]
    """
    days = pd.date_range(first_on, periods=n_days, freq="D")
    model = quiet_prophet(
        holidays=_holidays(market, days),
        uncertainty_samples=0,
        yearly_seasonality=len(index) >= YEARLY_MIN_DAYS,
        weekly_seasonality=False,
        daily_seasonality=False,
        changepoint_prior_scale=TREND_FLEXIBILITY,
    )
    model.fit(pd.DataFrame({"ds": days[: len(index)], "y": index}), seed=SEED)
    curve = model.predict(pd.DataFrame({"ds": days}))["yhat"].to_numpy()
    decay = 0.5 ** (np.arange(len(index))[::-1] / levels.DEFAULT_HALF_LIFE_DAYS)
    recent = (curve[: len(index)] * decay).sum() / decay.sum()
    return np.exp(np.clip(curve - recent, *np.log(SEASON_RANGE)))


def quiet_prophet(**options: Any) -> Any:
    """Return a Prophet model whose fitting writes nothing to the report.

    Notes
    -----
    The import costs a second, so it waits until a model is wanted. cmdstanpy logs each fit
    to stderr; its logger is held to errors here and nowhere else, after the model is made,
    because making the first one imports cmdstanpy, which sets its own level.
    """
    from prophet import Prophet

    model = Prophet(**options)
    for name in ("cmdstanpy", "prophet"):
        logging.getLogger(name).setLevel(logging.ERROR)
    return model


def _weekdays(panel: Panel, weekday: Codes, group: Codes) -> tuple[Floats, Floats]:
    """Return units without spikes, and weekday factors; a busy weekday is no spike."""
    rough = capped(panel.units, panel.is_clean, slack=WEEKDAY_SLACK)
    profile = levels.weekday_profile(rough, panel.is_clean, weekday, group)
    factor = np.maximum(profile[:, weekday], levels.CLOSED_SHARE)
    cut = capped(panel.units, panel.is_clean, factor=factor)
    return cut, levels.weekday_profile(cut, panel.is_clean, weekday, group)


def _season(panel: Panel, cut: Floats, clean: Flags, factor: Floats, market: Codes) -> Floats:
    season = np.ones(factor.shape)
    n_days = panel.units.shape[1]
    if n_days < SEASON_MIN_DAYS:
        return season
    flat = cut / np.where(factor > 0, factor, 1.0)[:, :n_days]
    for code in range(int(market.max()) + 1):
        rows = market == code
        name = panel.keys["market"].to_numpy()[rows][0]
        index = _demand_index(flat[rows], clean[rows])
        if np.isfinite(index).sum() < SEASON_MIN_DAYS:
            continue
        if _season_helps(flat[rows], clean[rows], index, panel.first_on, name):
            season[rows] = season_index(
                index, first_on=panel.first_on, n_days=factor.shape[1], market=name
            )
    return season


def _demand_index(flat: Floats, clean: Flags) -> Floats:
    mean = levels.mean_before(flat, clean, flat.shape[1])
    sold, usual = (flat * clean).sum(axis=0), mean @ clean
    tells = (usual > INDEX_SHARE * mean.sum()) & (mean.sum() >= INDEX_MIN_UNITS)
    return np.where(tells, np.log1p(sold) - np.log1p(usual), np.nan)


def _season_helps(
    flat: Floats, clean: Flags, index: Floats, first_on: pd.Timestamp, market: str
) -> bool:
    half_life = levels.pick_half_life(flat, clean)
    plain = seasonal = 0.0
    for origin in _trial_origins(flat.shape[1]):
        known = _known_to_trial(index, origin)
        season = season_index(known, first_on=first_on, n_days=flat.shape[1], market=market)
        plain += levels.level_error(flat, clean, half_life_days=half_life, origin=origin)
        seasonal += levels.level_error(
            flat, clean, half_life_days=half_life, origin=origin, season=season
        )
    return seasonal < plain


def _holidays(market: str, days: pd.DatetimeIndex) -> pd.DataFrame | None:
    if not market:
        return None
    years = range(days[0].year, days[-1].year + 1)
    named = holidays.country_holidays(COUNTRIES.get(market, market), years=years)
    rows = [(name, pd.Timestamp(day)) for day, name in sorted(named.items())]
    return pd.DataFrame(rows, columns=["holiday", "ds"]) if rows else None


def _daily_table(panel: Panel, fitted: PanelFit, stops: pd.Series) -> pd.DataFrame:
    """Return known days and days ahead; a market's days ahead begin after its own last day."""
    n_days = panel.units.shape[1]
    days = panel.days_ahead(0, fitted.expected.shape[1])
    last = np.where(panel.is_known, np.arange(n_days), -1).max(axis=1)
    first_ahead = pd.Series(last + 1).groupby(panel.keys["market"]).transform("max").to_numpy()
    is_future = np.arange(len(days))[None, :] >= first_ahead[:, None]
    shown = is_future & (days.to_numpy()[None, :] < stops.to_numpy()[:, None])
    shown[:, :n_days] |= panel.is_known
    masked = np.zeros(shown.shape, dtype=bool)
    masked[:, :n_days] = panel.is_known & ~fitted.is_clean
    series, column = np.nonzero(shown)
    return (
        panel.keys[KEYS]
        .take(series)
        .reset_index(drop=True)
        .assign(
            day=days.take(column),
            baseline_units=fitted.expected[series, column],
            is_masked=masked[series, column],
            is_future=is_future[series, column],
        )
    )


def _trial_origins(n_days: int) -> list[int]:
    """Return the days at which a season is tried out: with two years, all round the last one."""
    if n_days < YEARLY_MIN_DAYS:
        return levels.pseudo_origins(n_days)
    return [n_days - back for back in range(levels.LEAD_DAYS[1], YEAR_DAYS, TRIAL_STEP_DAYS)]


def _known_to_trial(index: Floats, origin: int) -> Floats:
    """Return the index that a trial at `origin` may see.

    What comes after the origin is cut off. Where that would leave less than the two years a
    yearly term needs, though all of history has them, only the days to be foretold are hidden.
    """
    if len(index) < YEARLY_MIN_DAYS or origin >= YEARLY_MIN_DAYS:
        return index[:origin]
    hidden = index.copy()
    hidden[origin : origin + levels.LEAD_DAYS[1]] = np.nan
    return hidden
