"""Peers that fit one model per series, Prophet and AutoETS; and all peers by name.

Each sees what `peers.Windows` holds and nothing else; packages are imported when a peer is asked.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import Floats
from planner.demand.level import WEEK_DAYS
from planner.demand.peers import (
    N_PATHS,
    Told,
    Windows,
    excel_rule,
    filled,
    of_paths,
    package,
    seasonal_naive,
)
from planner.demand.peers_boosted import boosted_direct, boosted_recursive
from planner.demand.seasons import quiet_prophet

PROPHET_PATHS = 300
"""Draws of one Prophet model. [paths]"""
LONG_HISTORY_DAYS = 400
"""History from which a forced yearly season is a variant worth trying. [days]"""
MAX_LOG_UNITS = 20.0
"""Cap of a forecast of log units, before it is undone. [log units]"""
CREDIBLE_TIMES_PEAK = 50.0
"""A path is cut at so many times the best day known, plus a unit. [unitless]"""


def prophet(
    windows: Windows, *, promo: str = "additive", is_log: bool = False, yearly: bool | str = "auto"
) -> Told:
    """Return what one Prophet model per series says.

    Parameters
    ----------
    windows : Windows
        What is known; days that are not known are left out of the fit.
    promo : {"", "additive", "multiplicative"}
        How promo flag and other inputs enter as regressors; "" leaves them out.
    is_log : bool
        Fit log(1 + units) and undo it at the end.
    yearly : bool or "auto"
        As Prophet takes it; "auto" wants two years.

    Notes
    -----
    A series whose fit fails gets NaN. Prophet draws from numpy's global stream, which is set to
    the series' place before each fit and put back at the end.
    """
    package("prophet")
    before = np.random.get_state()
    try:
        told = [
            _one_prophet(windows, series, promo, is_log, yearly)
            for series in range(len(windows.units))
        ]
    finally:
        np.random.set_state(before)
    paths = np.stack(told)
    answer = of_paths(windows, paths)
    if is_log:
        return answer
    mean = np.maximum(paths.mean(axis=2), 0.0)
    return answer._replace(mean=(mean * windows.counted).sum(axis=1))


def auto_ets(windows: Windows) -> Told:
    """Return what AutoETS of statsforecast says, with a week as season; paths are simulated.

    Notes
    -----
    It takes no gaps and no inputs: an unknown day holds the value of the day before.
    """
    models = package("statsforecast.models")
    units, n_ahead = filled(windows), windows.window.shape[1]
    stream = np.random.default_rng(0)
    means, paths = [], []
    for series in units:
        fitted = models.AutoETS(season_length=WEEK_DAYS).fit(series)
        means.append(fitted.predict(h=n_ahead)["mean"])
        paths.append(_ets_paths(fitted.model_, n_ahead, stream))
    peak = CREDIBLE_TIMES_PEAK * (units.max(axis=1) + 1.0)
    drawn = np.clip(np.nan_to_num(np.stack(paths)), 0.0, peak[:, None, None])
    mean = np.clip(np.nan_to_num(np.stack(means)), 0.0, peak[:, None])
    return of_paths(windows, drawn)._replace(mean=(mean * windows.counted).sum(axis=1))


class Peer(NamedTuple):
    """One peer: whose variant it is, what is called, and the history it needs."""

    family: str
    forecast: Callable[[Windows], Told]
    min_days: int = 0
    """History below which the variant makes no sense. [days]"""


PEERS: dict[str, Peer] = {
    "snaive": Peer("seasonal naive", seasonal_naive),
    "excel": Peer("Excel rule", excel_rule),
    "excel_raw": Peer("Excel rule, promo days left in", partial(excel_rule, keeps_promo_days=True)),
    "prophet": Peer("Prophet, no promo", partial(prophet, promo="")),
    "prophet_add": Peer("Prophet + promo", prophet),
    "prophet_mult": Peer("Prophet + promo", partial(prophet, promo="multiplicative")),
    "prophet_log": Peer("Prophet + promo", partial(prophet, is_log=True)),
    "prophet_add_year": Peer("Prophet + promo", partial(prophet, yearly=True), LONG_HISTORY_DAYS),
    "prophet_mult_year": Peer(
        "Prophet + promo",
        partial(prophet, promo="multiplicative", yearly=True),
        LONG_HISTORY_DAYS,
    ),
    "autoets": Peer("AutoETS", auto_ets),
    "lgbm_recursive": Peer("LightGBM", boosted_recursive),
    "lgbm_direct": Peer("LightGBM", boosted_direct),
}
"""Every peer by its short name."""


def _one_prophet(
    windows: Windows, series: int, promo: str, is_log: bool, yearly: bool | str
) -> Floats:
    n_days, n_ahead = windows.units.shape[1], windows.window.shape[1]
    units = windows.units[series]
    values = np.log1p(units) if is_log else units
    past = pd.DataFrame({"ds": windows.days[:n_days]})
    past["y"] = np.where(windows.is_known[series], values, np.nan)
    ahead = pd.DataFrame({"ds": windows.days[n_days:]})
    model = quiet_prophet(
        uncertainty_samples=PROPHET_PATHS,
        seasonality_mode=promo or "additive",
        yearly_seasonality=yearly,
    )
    for place in range(windows.drivers.shape[2] if promo else 0):
        name = f"x{place}"
        past[name] = windows.drivers[series, :, place]
        ahead[name] = windows.drivers_ahead[series, :, place]
        if past[name].std() > 0:
            model.add_regressor(name, standardize=False)
    np.random.seed(series)
    try:
        model.fit(past)
        paths = model.predictive_samples(ahead)["yhat"]
    except (ValueError, RuntimeError):
        return np.full((n_ahead, PROPHET_PATHS), np.nan)
    return np.expm1(np.minimum(paths, MAX_LOG_UNITS)) if is_log else paths


def _ets_paths(model: dict[str, Any], n_ahead: int, stream: np.random.Generator) -> Floats:
    """Return paths of a fitted exponential smoothing model, shape (H, K).

    Notes
    -----
    The recursions of Hyndman et al., *Forecasting with Exponential Smoothing*, tables 2.2 and
    2.3, without multiplicative trends, which AutoETS does not try.
    """
    error, trend, season, damped = model["components"][:4]
    alpha, beta, gamma, phi = np.nan_to_num(model["par"][:4])
    phi = phi if damped == "D" else 1.0
    state = model["states"][-1]
    level = np.full(N_PATHS, state[0])
    slope = np.full(N_PATHS, state[1] if trend == "A" else 0.0)
    seasons = np.repeat(state[1 + (trend == "A") :][:, None], N_PATHS, axis=1)
    shocks = stream.standard_normal((n_ahead, N_PATHS)) * np.sqrt(model["sigma2"])
    paths = np.zeros((n_ahead, N_PATHS))
    for day, shock in enumerate(shocks):
        plain = level + phi * slope
        own = seasons[-1] if season != "N" else float(season == "M")
        told = plain * own if season == "M" else plain + own
        paths[day] = told + shock * (told if error == "M" else 1.0)
        safe_own = np.where(np.abs(own) > 1e-9, own, 1e-9)
        freed = paths[day] / safe_own if season == "M" else paths[day] - own
        grown = plain + alpha * (freed - plain)
        if trend == "A":
            slope = phi * slope + beta / max(alpha, 1e-9) * (grown - level - phi * slope)
        if season != "N":
            safe = np.where(np.abs(plain) > 1e-9, plain, 1e-9)
            seen = paths[day] / safe if season == "M" else paths[day] - plain
            seasons = np.concatenate([[own + gamma * (seen - own)], seasons[:-1]])
        level = grown
    return paths
