"""The season of a market: one Prophet fit on the clean demand of all its SKUs together.

Knows when a history is long enough for a season and whether one would have helped;
knows nothing of levels or promotions. Prophet is wrapped here, and here alone made quiet.
"""

import logging
from typing import Any

import holidays
import numpy as np
import pandas as pd

from planner.demand import level as levels
from planner.demand.clean import Codes, Flags, Floats, Panel

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
INDEX_SHARE = 0.1
"""A day tells the index if SKUs worth this share of the level are clean on it. [unitless]"""
INDEX_MIN_UNITS = 5.0
"""A market that sells less a day shows no season beyond chance (house judgement). [units/day]"""
COUNTRIES = {"UK": "GB"}
"""Markets whose ISO code is not their name."""
SEED = 1


def market_seasons(
    panel: Panel, cut: Floats, clean: Flags, *, factor: Floats, market: Codes
) -> Floats:
    """Return the season of each series and day, 1 where none is told.

    Parameters
    ----------
    panel : Panel
        Daily sales.
    cut, clean : array, shape (n_series, n_days)
        Units without spikes [units/day], and the days that count.
    factor : array, shape (n_series, n_days + horizon)
        Weekday of each day. [unitless]
    market : array, shape (n_series,)
        Code of each series' market.

    Notes
    -----
    One Prophet fit per market, from 400 days of history on, kept only where it would have
    foretold the past better.
    """
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
