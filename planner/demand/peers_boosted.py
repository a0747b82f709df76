"""Peers that learn one model for all series with LightGBM: day after day, or each day at once.

They see what `peers.Windows` holds and nothing else. Packages are imported when a peer is asked.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import norm

from planner.demand.clean import Codes, Flags, Floats
from planner.demand.level import (
    MIN_CLEAN_DAYS,
    WEEK_DAYS,
    mean_before,
    weekday_profile,
    weighted_level,
)
from planner.demand.peers import LEVELS, Told, Windows, filled, of_normal, package

RECURSIVE = {"n_estimators": 300, "learning_rate": 0.05, "num_leaves": 31}
DIRECT = {
    "n_estimators": 250,
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_child_samples": 50,
    "subsample": 0.8,
    "subsample_freq": 1,
    "colsample_bytree": 0.8,
    "random_state": 0,
}
QUIET = {"verbosity": -1, "n_jobs": 1, "objective": "tweedie"}
LAGS_DAYS = (1, 7, 14, 28)
LEADS_DAYS = (28, 63)
"""Leads that the direct model learns, the last not included. [days]"""
FIRST_ORIGIN = 51
"""First origin of the direct model, if the history has one so late. [days]"""
HALF_LIVES_DAYS = (14.0, 42.0)
PROMO_GUESS, GUESS_DAYS = 1.5, 10.0
"""Ratio of a promotion and the days that stand behind it, where a series has few."""
CATEGORICAL = [7, 8]
"""Places of category and weekday among the features."""
MIN_RESIDUALS = 60
"""Tried-out totals below which the direct model's spread is assumed. [totals]"""
ASSUMED_LOG_SD = 0.5


def boosted_recursive(windows: Windows) -> Told:
    """Return what mlforecast with LightGBM says: lags, rolling means, weekday, inputs.

    Notes
    -----
    The spread is that of the weekly difference in sample, over the root of two.
    """
    mlforecast, lightgbm = package("mlforecast"), package("lightgbm")
    transforms = package("mlforecast.lag_transforms")
    units = filled(windows)
    n_days, n_ahead = units.shape[1], windows.window.shape[1]
    model = mlforecast.MLForecast(
        models={"told": lightgbm.LGBMRegressor(**RECURSIVE, **QUIET)},
        freq="D",
        lags=list(LAGS_DAYS),
        lag_transforms={1: [transforms.RollingMean(7), transforms.RollingMean(28)]},
        date_features=[weekday_of],
    )
    past = _long(windows.days[:n_days], windows.drivers).assign(y=units.ravel())
    model.fit(past, static_features=[])
    ahead = model.predict(n_ahead, X_df=_long(windows.days[n_days:], windows.drivers_ahead))
    mean = ahead.sort_values(["unique_id", "ds"])["told"].to_numpy().reshape(-1, n_ahead)
    change = windows.units[:, WEEK_DAYS:] - windows.units[:, :-WEEK_DAYS]
    spread = change.std(axis=1) / np.sqrt(2.0)
    return of_normal(windows, mean, np.repeat(spread[:, None], n_ahead, axis=1))


def boosted_direct(windows: Windows) -> Told:
    """Return what one LightGBM model over all series, origins and leads says.

    Notes
    -----
    Levels, promo ratio and weekday of each series are features; the target is sales over the
    level. The spread of totals is that of a model fitted without the last quarter of the
    origins, by thirds of size.
    """
    lightgbm = package("lightgbm")
    table = _features_of(windows)
    n_days, n_ahead = windows.units.shape[1], windows.window.shape[1]
    last_lead = min(n_ahead, LEADS_DAYS[1])
    leads = np.arange(LEADS_DAYS[0] if n_ahead > LEADS_DAYS[0] else 0, last_lead)
    last_origin = max(n_days - int(leads.max()) - 1, 1)
    origins = range(last_origin, min(FIRST_ORIGIN, last_origin) - 1, -7)
    lessons = [_lesson(windows, table, origin, leads) for origin in origins]

    def fitted(chosen: list["_Lesson"]) -> object:
        values, target, weight = (np.concatenate(part) for part in zip(*chosen, strict=True))
        learner = lightgbm.LGBMRegressor(**DIRECT, **QUIET)
        return learner.fit(values, target, sample_weight=weight, categorical_feature=CATEGORICAL)

    def told(model: object, origin: int, days: Codes) -> Floats:
        values, level = _features(windows, table, origin, days)
        ratio = model.predict(values.reshape(-1, values.shape[2]))
        return np.maximum(ratio.reshape(values.shape[:2]) * level[:, None], 0.0)

    mean = (told(fitted(lessons), n_days, np.arange(n_ahead)) * windows.counted).sum(axis=1)
    held = max(1, len(lessons) // 4)
    later = held + 4 if len(lessons) > held + 6 else held
    trial = fitted(lessons[later:] if len(lessons) > held + 2 else lessons)
    tried = [
        _tried(windows, origin, leads, told(trial, origin, leads))
        for origin in list(origins)[:held]
    ]
    error, size = (np.concatenate(part) for part in zip(*tried, strict=True))
    return Told(mean, _spread(mean, error, size))


def weekday_of(days: pd.DatetimeIndex) -> pd.Index:
    """Return the weekday of each day, 0 for Monday."""
    return days.day_of_week


class _Lesson(NamedTuple):
    values: Floats
    target: Floats
    weight: Floats


class _Table(NamedTuple):
    """What features are made of: clean days, weekday factors, inputs and place in a promotion."""

    is_clean: Flags
    profile: Floats
    drivers: Floats
    promo_day: Codes
    weekday: Codes


def _long(days: pd.DatetimeIndex, drivers: Floats) -> pd.DataFrame:
    n_series, n_days, n_drivers = drivers.shape
    table = pd.DataFrame(
        {"unique_id": np.repeat(np.arange(n_series), n_days), "ds": np.tile(days, n_series)}
    )
    return table.assign(**{f"x{one}": drivers[:, :, one].ravel() for one in range(n_drivers)})


def _features_of(windows: Windows) -> _Table:
    clean = windows.is_known & ~windows.is_promo
    clean = np.where((clean.sum(axis=1) < MIN_CLEAN_DAYS)[:, None], windows.is_known, clean)
    weekday = windows.days.day_of_week.to_numpy().astype(int)
    known = weekday[: windows.units.shape[1]]
    profile = weekday_profile(windows.units, clean, known, windows.category)
    drivers = np.concatenate([windows.drivers, windows.drivers_ahead], axis=1)
    column = np.broadcast_to(np.arange(drivers.shape[1]), drivers.shape[:2])
    is_promo = drivers[:, :, 0] > 0.5
    last_ordinary = np.maximum.accumulate(np.where(is_promo, -1, column), axis=1)
    return _Table(clean, profile, drivers, column - last_ordinary, weekday)


def _features(windows: Windows, table: _Table, origin: int, days: Codes) -> tuple[Floats, Floats]:
    units, clean = windows.units[:, :origin], table.is_clean[:, :origin]
    promo = (windows.is_promo & windows.is_known)[:, :origin]
    mean = mean_before(units, clean, origin)
    short, level = (
        weighted_level(units, clean, half_life_days=life, prior=mean, end=origin)[0]
        for life in HALF_LIVES_DAYS
    )
    square = ((units - mean[:, None]) ** 2 * clean).sum(axis=1)
    spread = np.sqrt(square / np.maximum(clean.sum(axis=1), 1))
    sold = (units * promo).sum(axis=1) + GUESS_DAYS * mean * PROMO_GUESS
    usual = mean * promo.sum(axis=1) + GUESS_DAYS * mean + 1e-6
    zeros = (units == 0)[:, -56:].mean(axis=1)
    of_series = [
        np.log1p(short),
        np.log1p(level),
        short / (mean + 0.05),
        spread / (mean + 0.05),
        np.log(sold / usual + 0.05),
        promo.sum(axis=1),
        zeros,
        windows.category,
    ]
    at = origin + days
    shape = (len(units), len(days))
    of_day = [
        np.broadcast_to(table.weekday[at], shape),
        table.profile[:, table.weekday[at]],
        table.promo_day[:, at],
        np.broadcast_to(days, shape),
        *np.moveaxis(table.drivers[:, at], 2, 0),
    ]
    repeated = [np.broadcast_to(one[:, None], shape) for one in of_series]
    return np.stack([*repeated, *of_day], axis=2).astype(float), np.maximum(level, 0.1)


def _lesson(windows: Windows, table: _Table, origin: int, leads: Codes) -> _Lesson:
    values, level = _features(windows, table, origin, leads)
    sold, known = windows.units[:, origin + leads], windows.is_known[:, origin + leads]
    levels = np.broadcast_to(level[:, None], sold.shape)
    return _Lesson(values[known], (sold / levels)[known], levels[known])


def _tried(windows: Windows, origin: int, leads: Codes, told: Floats) -> tuple[Floats, Floats]:
    """Return log errors and sizes of the totals of promo weeks after an origin."""
    at = origin + leads
    inside = (windows.is_known & windows.is_promo)[:, at]
    errors, sizes = [np.zeros(0)], [np.zeros(0)]
    for start in range(0, len(leads) - WEEK_DAYS + 1, WEEK_DAYS):
        week = slice(start, start + WEEK_DAYS)
        sold = (windows.units[:, at[week]] * inside[:, week]).sum(axis=1)
        guess = (told[:, week] * inside[:, week]).sum(axis=1)
        enough = inside[:, week].sum(axis=1) >= 3
        errors.append(np.log((sold + 1.0) / (guess + 1.0))[enough])
        sizes.append(guess[enough])
    return np.concatenate(errors), np.concatenate(sizes)


def _spread(mean: Floats, error: Floats, size: Floats) -> Floats:
    if len(error) < MIN_RESIDUALS:
        low = (mean[:, None] + 1.0) * np.exp(ASSUMED_LOG_SD * norm.ppf(LEVELS)) - 1.0
        return np.maximum(low, 0.0)
    cuts = np.quantile(size, [1 / 3, 2 / 3])
    third, own = np.digitize(size, cuts), np.digitize(mean, cuts)
    width = np.stack(
        [
            np.quantile(error[third == one] if (third == one).any() else error, LEVELS)
            for one in range(3)
        ]
    )
    return np.maximum((mean[:, None] + 1.0) * np.exp(width[own]) - 1.0, 0.0)
