"""What an ordinary day sells: weekday profile x level x season, past days and days ahead.

Knows clean days, levels and the one Prophet fit per market; knows nothing of what
a promotion adds.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand import cold_start, neighbours, spread
from planner.demand import launch as launches
from planner.demand import level as levels
from planner.demand.clean import KEYS, Codes, Flags, Floats, Panel, capped, panel_of
from planner.demand.last_year import last_year_ratio
from planner.demand.newcomers import launch_days
from planner.demand.seasons import market_seasons
from planner.tables import BaselineDaily, BaselineFit, checked

WEEKDAY_SLACK = 2.0
"""A day of up to three medians may be a busy weekday; beyond, it is a spike. [unitless]"""
MIN_PROMO_UNITS = 5.0
"""Units sold in promotions from which a SKU silent between them is on sale in them only."""
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
    """Whether one was fitted; what last year alone says of days ahead is none."""
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
    days = _days_of(panel, horizon_days, launch, launch_days(panel.keys, catalogue))
    n_days, clean, factor, flat, raw = days.n_days, days.is_clean, days.factor, days.flat, days.raw
    start = _start(panel, days, catalogue)
    mean, leans = start.level, start.source >= 0
    weights = levels.half_life_weights(flat, clean)
    half_life = sum(age * share for age, share in weights.items())
    level, weight = levels.mixed_level(flat, clean, weights=weights, prior=mean, end=n_days)
    lift = spread.spike_ratio(raw, flat, clean, mean)
    level = np.where(leans, mean, level) * lift
    around = levels.mean_around(flat, clean, mean)
    noise = spread.day_noise(panel.units, around * factor[:, :n_days], clean)
    drift = spread.lead_drift(
        flat, raw, clean, half_life_days=half_life, dispersion=noise.dispersion, lift=lift
    )
    past = around * lift[:, None] * factor[:, :n_days]
    chance = np.where(leans, start.doubt, noise.dispersion / (weight * level + 1))
    young = launches.is_young(days.first, n_days)
    own = np.where(young, max(drift.own_sd, days.curve.level_sd), drift.own_sd) ** 2 + chance
    most = np.where(leans, MAX_COLD_VARIANCE, spread.MAX_LOG_VARIANCE)
    return PanelFit(
        level=level,
        half_life_days=half_life,
        expected=np.concatenate([past, level[:, None] * factor[:, n_days:]], axis=1),
        weekday_ratio=days.weekday_ratio,
        season_ratio=days.season_ratio,
        is_clean=clean,
        dispersion=noise.dispersion,
        drift_sd=np.sqrt(np.minimum(own, most)),
        common_drift_sd=drift.common_sd,
        has_season=(days.season_ratio[:, :n_days] != 1).any(axis=1),
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


class _Days(NamedTuple):
    """What each day of a panel sells against a mean day, and its units without that."""

    n_days: int
    group: Codes
    first: Codes
    """Shape (n_series,): column of the first day of each series' life."""
    curve: launches.Curve
    weekday_ratio: Floats
    season_ratio: Floats
    factor: Floats
    """Shape (n_series, n_days + horizon): weekday times season times launch. [unitless]"""
    is_clean: Flags
    flat: Floats
    """Units free of `factor` and of spikes. [units/day]"""
    raw: Floats
    """The same with the spikes."""


def _days_of(
    panel: Panel, horizon_days: int, launch: pd.DataFrame | None, launch_on: pd.Series
) -> _Days:
    n_days = panel.units.shape[1]
    weekday = panel.days_ahead(0, n_days + horizon_days).day_of_week.to_numpy()
    market = pd.factorize(panel.keys["market"])[0]
    group = panel.keys.groupby(["market", "category"]).ngroup().to_numpy()
    cut, profile = _weekdays(panel, weekday[:n_days], group)
    factor = profile[:, weekday]
    clean = panel.is_clean & (factor[:, :n_days] > 0) & ~_sells_in_promotions_only(panel)
    season = market_seasons(panel, cut, clean, factor=factor, market=market)
    season *= _last_year(cut, clean, factor=factor, market=market, season=season)
    factor = factor * season
    first = launches.first_days(panel.units, panel.is_known)
    first = launches.planned_first_days(first, launch_on, first_on=panel.first_on, n_days=n_days)
    flat = cut / np.where(factor > 0, factor, 1.0)[:, :n_days]
    shipped = launches.shipped_curve(launch)
    curve = launches.fit_launch(flat, is_clean=clean, first=first, shipped=shipped)
    factor = factor * launches.launch_factor(curve, first, n_days=n_days, n_total=len(weekday))
    divisor = np.where(factor > 0, factor, 1.0)[:, :n_days]
    return _Days(
        n_days=n_days,
        group=group,
        first=first,
        curve=curve,
        weekday_ratio=profile[:, weekday],
        season_ratio=season,
        factor=factor,
        is_clean=clean,
        flat=cut / divisor,
        raw=panel.units / divisor,
    )


def _last_year(
    cut: Floats, clean: Flags, *, factor: Floats, market: Codes, season: Floats
) -> Floats:
    """Return what last year says of each market of which no season is told."""
    ratio, n_days = np.ones(factor.shape), cut.shape[1]
    flat = cut / np.where(factor > 0, factor, 1.0)[:, :n_days]
    for code in range(int(market.max()) + 1):
        rows = market == code
        if (season[rows] == 1).all():
            ratio[rows] = last_year_ratio(flat[rows], clean[rows], n_total=factor.shape[1])
    return ratio


def _start(panel: Panel, days: _Days, catalogue: pd.DataFrame | None) -> cold_start.Start:
    return cold_start.starting_levels(
        days.flat,
        days.raw,
        is_clean=days.is_clean,
        is_promo=panel.is_known & ~panel.is_stock_out & panel.is_promo,
        group=days.group,
        shop=panel.keys.groupby(["shop", "market"]).ngroup().to_numpy(),
        price=neighbours.prices_of(panel.keys, catalogue),
        like=neighbours.like_pairs(panel.keys, catalogue),
        first=days.first,
        is_newcomer=launches.launched(days.first, days.n_days),
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
