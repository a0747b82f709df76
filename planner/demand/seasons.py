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
from planner.demand.feasts import FEAST_NAMES, LEARN_DAYS, feast_days

SEASON_MIN_DAYS = LEARN_DAYS
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
FEAST_SD, NEAR_DAYS = 0.3, 28
"""Spread of feasts' log effects before data tell, and days beside one that it is held against
(house judgement). [unitless], [days]"""
COUNTRIES = {"UK": "GB"}
"""Markets whose ISO code is not their name."""
ESTIMATED = " (estimated)"
"""Added to the name of a holiday whose day is told by reckoning; the effect is the same."""
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
    foretold the past better. Where it is not kept, the feasts alone are told by `feast_season`:
    the trials hardly ever fall on one, so that they say nothing of feasts.
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
        else:
            season[rows] = feast_season(
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


def feast_season(index: Floats, *, first_on: pd.Timestamp, n_days: int, market: str) -> Floats:
    """Return what feasts alone do to the days of one market: days of history and beyond.

    Parameters
    ----------
    index, first_on, n_days, market
        As for `season_index`; 1 throughout without a market.

    Notes
    -----
    A feast's effect is the mean index of its days less that of the days within four weeks of
    them that belong to no feast, times ``FEAST_SD^2 / (FEAST_SD^2 + 2 v / weeks + d / days)`` with
    `v` the variance of those days' weekly means and `d` that of the days: one edition of a day
    tells little, a month much.
    """
    days = pd.date_range(first_on, periods=n_days, freq="D")
    told = np.zeros(n_days)
    rows = feast_days(market, days[0], days[-1])
    inside = {name: days.isin(part["ds"]) for name, part in rows.groupby("holiday", sort=True)}
    known = np.isfinite(np.append(index, np.full(n_days - len(index), np.nan)))
    values = np.where(known, np.append(index, np.zeros(n_days - len(index))), 0.0)
    plain = known & ~np.any([*inside.values(), np.zeros(n_days, dtype=bool)], axis=0)
    near = np.ones(2 * NEAR_DAYS + 1)
    for is_feast in inside.values():
        seen = is_feast & known
        beside = plain & (np.convolve(seen, near, mode="same") > 0)
        if seen.any() and beside.sum() >= NEAR_DAYS:
            effect = values[seen].mean() - values[beside].mean()
            weeks = np.array_split(values[beside], max(beside.sum() // 7, 2))
            chance = 2.0 * np.var([week.mean() for week in weeks]) / max(seen.sum() / 7, 1.0)
            chance += values[beside].var() / seen.sum()
            told[is_feast] += effect * FEAST_SD**2 / (FEAST_SD**2 + chance)
    return np.exp(np.clip(told, *np.log(SEASON_RANGE)))


def quiet_prophet(**options: Any) -> Any:
    """Return a Prophet model whose fitting writes nothing to the report.

    Notes
    -----
    The import costs a second, so it waits until a model is wanted. cmdstanpy logs each fit
    to stderr; its logger is held to errors here and nowhere else. It sets its own level at its
    first fit unless it has a handler by then, so it is given one that writes nothing.
    """
    from prophet import Prophet

    model = Prophet(**options)
    for name in ("cmdstanpy", "prophet"):
        logger = logging.getLogger(name)
        logger.setLevel(logging.ERROR)
        if not logger.handlers:
            logger.addHandler(logging.NullHandler())
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
    """Return holiday and ds of a market: its fixed holidays, and the feasts with days before."""
    if not market:
        return None
    years = range(days[0].year, days[-1].year + 1)
    country = COUNTRIES.get(market, market)
    named = holidays.country_holidays(country, years=years, language="en_US")
    rows = [
        (name.removesuffix(ESTIMATED), pd.Timestamp(day))
        for day, names in sorted(named.items())
        for name in names.split("; ")
        if not any(feast in name for feast in FEAST_NAMES)
    ]
    plain = pd.DataFrame(rows, columns=["holiday", "ds"]).astype({"ds": "datetime64[us]"})
    told = pd.concat([plain, feast_days(market, days[0], days[-1])], ignore_index=True)
    return told if len(told) else None


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
