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

from planner.demand import cold_start, neighbours, spread
from planner.demand import launch as launches
from planner.demand import level as levels
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
MIN_PROMO_UNITS = 5.0
"""Units sold in promotions from which a SKU silent between them is on sale in them only."""
SEED = 1
LEANING = np.array([f"method.{name}" for name in neighbours.SOURCES])
"""Methods of series whose level rests on other SKUs, by position in SOURCES."""
MAX_COLD_VARIANCE = 2.0
"""Most that the level of a SKU without a past is doubted, as variance of its logarithm."""


class PanelFit(NamedTuple):
    """The baseline of a panel; arrays of shape (n_series,) unless said otherwise."""

    level: Floats
    """Units an ordinary day sells now. [units/day]"""
    half_life_days: float
    """Mean of the half-lives that make the level, by their weights. [days]"""
    expected: Floats
    """Shape (n_series, n_days + horizon): units an ordinary day would sell. [units/day]"""
    weekday_ratio: Floats
    """Shape of `expected`: what the weekday sells against a mean day. [unitless]"""
    season_ratio: Floats
    """Shape of `expected`: the season against the recent level. [unitless]"""
    is_clean: Flags
    """Shape (n_series, n_days): days that took part."""
    dispersion: Floats
    """Variance over mean of a day. [unitless]"""
    drift_sd: Floats
    """Doubt in the series' level at the campaign, as sd of its logarithm."""
    common_drift_sd: float
    """The same for what all SKUs of the seller share."""
    has_season: Flags
    source: Codes
    """Position in `neighbours.SOURCES` of who spoke for a series of few days, else -1."""


def fit_baseline(
    daily: pd.DataFrame,
    *,
    until: Mapping[str, date],
    catalogue: pd.DataFrame,
    launch: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the level of ordinary days and what an ordinary day sells, to the horizon's end.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales` up to the planning day.
    until : Mapping of str to date
        By market, the first day after the horizon.
    catalogue : DataFrame
        Table `Catalogue`; its categories pool weekdays and levels, its prices and like items
        tell the level of SKUs without a past.
    launch : DataFrame, optional
        Register `LaunchCurve`; flat and wide without it.

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
    fitted = fit_panel(panel, horizon_days=horizon, catalogue=catalogue, launch=launch)
    return checked(BaselineFit, fit_table(panel, fitted)), checked(
        BaselineDaily, _daily_table(panel, fitted, stops.fillna(panel.end))
    )


def fit_panel(
    panel: Panel,
    *,
    horizon_days: int,
    catalogue: pd.DataFrame | None = None,
    launch: pd.DataFrame | None = None,
) -> PanelFit:
    """Return the baseline of a panel and `horizon_days` beyond it.

    Notes
    -----
    Level: exponentially weighted means of capped clean days without weekday and season, mixed
    over half-lives by how they err for the seller. Past days: mean of the clean days up to four
    weeks on both sides of the gap a day lies in, so that a promotion is judged by what stood
    round it.
    """
    n_days = panel.units.shape[1]
    weekday = panel.days_ahead(0, n_days + horizon_days).day_of_week.to_numpy()
    market = pd.factorize(panel.keys["market"])[0]
    group = panel.keys.groupby(["market", "category"]).ngroup().to_numpy()
    cut, profile = _weekdays(panel, weekday[:n_days], group)
    factor = profile[:, weekday]
    clean = panel.is_clean & (factor[:, :n_days] > 0) & ~_sells_in_promotions_only(panel)
    season = _season(panel, cut, clean, factor, market)
    factor = factor * season
    first = launches.first_days(panel.units, panel.is_known)
    curve = _launch_curve(cut, clean, factor, first, launch)
    factor = factor * launches.launch_factor(curve, first, n_days=n_days, n_total=len(weekday))
    divisor = np.where(factor > 0, factor, 1.0)[:, :n_days]
    flat, raw = cut / divisor, panel.units / divisor
    start = _start(panel, flat, raw, clean, group, first, catalogue)
    mean, leans = start.level, start.source >= 0
    weights = levels.half_life_weights(flat, clean)
    half_life = sum(days * share for days, share in weights.items())
    level, weight = levels.mixed_level(flat, clean, weights=weights, prior=mean, end=n_days)
    level = np.where(leans, mean, level)
    lift = spread.spike_ratio(raw, flat, clean, mean)
    around = levels.mean_around(flat, clean, mean)
    noise = spread.day_noise(panel.units, around * factor[:, :n_days], clean)
    drift = spread.lead_drift(
        flat, raw, clean, half_life_days=half_life, dispersion=noise.dispersion, lift=lift
    )
    level = level * lift
    past = around * lift[:, None] * factor[:, :n_days]
    ahead = level[:, None] * factor[:, n_days:]
    chance = np.where(leans, start.doubt, noise.dispersion / (weight * level + 1))
    young = max(drift.own_sd, curve.level_sd)
    own = np.where(launches.is_young(first, n_days), young, drift.own_sd) ** 2 + chance
    most = np.where(leans, MAX_COLD_VARIANCE, spread.MAX_LOG_VARIANCE)
    return PanelFit(
        level=level,
        half_life_days=half_life,
        expected=np.concatenate([past, ahead], axis=1),
        weekday_ratio=profile[:, weekday],
        season_ratio=season,
        is_clean=clean,
        dispersion=noise.dispersion,
        drift_sd=np.sqrt(np.minimum(own, most)),
        common_drift_sd=drift.common_sd,
        has_season=(season != 1).any(axis=1),
        source=start.source,
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
        method=np.where(fitted.source < 0, method, LEANING[fitted.source]),
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


def _launch_curve(
    cut: Floats, clean: Flags, factor: Floats, first: Codes, shipped: pd.DataFrame | None
) -> launches.Curve:
    flat = cut / np.where(factor > 0, factor, 1.0)[:, : cut.shape[1]]
    prior = launches.shipped_curve(shipped)
    return launches.fit_launch(flat, is_clean=clean, first=first, shipped=prior)


def _start(
    panel: Panel,
    flat: Floats,
    raw: Floats,
    clean: Flags,
    group: Codes,
    first: Codes,
    catalogue: pd.DataFrame | None,
) -> cold_start.Start:
    return cold_start.starting_levels(
        flat,
        raw,
        is_clean=clean,
        is_promo=panel.is_known & ~panel.is_stock_out & panel.is_promo,
        group=group,
        shop=panel.keys.groupby(["shop", "market"]).ngroup().to_numpy(),
        price=neighbours.prices_of(panel.keys, catalogue),
        like=neighbours.like_pairs(panel.keys, catalogue),
        first=first,
        is_newcomer=launches.launched(first, panel.units.shape[1]),
    )


def _weekdays(panel: Panel, weekday: Codes, group: Codes) -> tuple[Floats, Floats]:
    """Return units without spikes, and weekday factors; a busy weekday is no spike."""
    rough = capped(panel.units, panel.is_clean, slack=WEEKDAY_SLACK)
    profile = levels.weekday_profile(rough, panel.is_clean, weekday, group)
    factor = np.maximum(profile[:, weekday], levels.CLOSED_SHARE)
    cut = capped(panel.units, panel.is_clean, factor=factor)
    return cut, levels.weekday_profile(cut, panel.is_clean, weekday, group)


def _sells_in_promotions_only(panel: Panel) -> Flags:
    """Return the series whose quiet days tell nothing: they sell in promotions, and never else."""
    between = (panel.units * panel.is_clean).sum(axis=1)
    inside = (panel.units * (panel.is_promo & panel.is_known)).sum(axis=1)
    return ((between <= 0) & (inside >= MIN_PROMO_UNITS))[:, None]


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
    weights = levels.half_life_weights(flat, clean)
    half_life = sum(days * share for days, share in weights.items())
    plain = seasonal = 0.0
    for origin in _trial_origins(flat.shape[1]):
        known = _known_to_trial(index, origin)
        season = season_index(known, first_on=first_on, n_days=flat.shape[1], market=market)
        plain += levels.level_errors(flat, clean, [half_life], origin=origin)[0]
        seasonal += levels.level_errors(flat, clean, [half_life], origin=origin, season=season)[0]
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
            weekday_ratio=fitted.weekday_ratio[series, column],
            season_ratio=fitted.season_ratio[series, column],
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
