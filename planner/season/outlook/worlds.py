"""The demand draws of a market as worlds: what each asks for on given days.

A world is one equally likely course of demand: draw k of every shop, SKU and phase
is the same world k. Nothing here knows of sales, stock or money.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.errors import PlanningError
from planner.season.days import KEYS

DAY_LOG_SD = 0.4
"""How far, in logarithms, a single day strays from an even share of its phase: a first day at one
and a half times the mean of the sale is one such step. House estimate. [unitless]"""


CURVE_LOG_SD = 0.2
"""The same where the day's own share is forecast. House estimate. [unitless]"""


class Worlds(NamedTuple):
    """Demand by market, SKU and phase: row i of `units` holds the draws of row i of `keys`."""

    keys: pd.DataFrame
    units: np.ndarray


def market_worlds(draws: pd.DataFrame) -> Worlds:
    """Return the draws with the shops of a market added up, world by world.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.

    Raises
    ------
    PlanningError
        If rows hold different numbers of draws, so that world k is not one world.
    """
    columns = [*KEYS, "phase", "starts_on", "ends_on"]
    sizes = {len(row) for row in draws["draws"]}
    if len(sizes) > 1:
        raise PlanningError(
            f"DemandDraws holds rows of {min(sizes)} and of {max(sizes)} draws; make 02 again, "
            "every row needs the same number"
        )
    if draws.empty:
        return Worlds(draws[columns].reset_index(drop=True), np.zeros((0, 1)))
    grouped = draws.groupby(columns, sort=True)
    keys = grouped.size().index.to_frame(index=False)
    units = np.zeros((len(keys), sizes.pop()))
    np.add.at(units, grouped.ngroup().to_numpy(), np.stack(draws["draws"].to_numpy()))
    return Worlds(keys, units)


def demand_between(
    worlds: Worlds,
    first: Mapping[str, date],
    end: Mapping[str, date],
    *,
    by_day: pd.DataFrame | None = None,
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return each world's demand on the days from `first` up to, not including, `end`.

    Parameters
    ----------
    worlds : Worlds
        Demand by market, SKU and phase.
    first, end : Mapping of str to date
        By market.
    by_day : DataFrame, optional
        Table `ForecastDaily`: how a phase falls on its days.

    Returns
    -------
    DataFrame
        market, sku: one row each, sorted.
    ndarray, shape (n_sku, n_draws)
        [units]

    Notes
    -----
    A phase cut by the window counts by what its days inside are forecast to sell; without
    `by_day` units are taken as spread evenly over the days of a phase.
    """
    share = _share_inside(worlds.keys, first, end, by_day)
    grouped = worlds.keys.groupby(KEYS, sort=True)
    keys = grouped.size().index.to_frame(index=False)
    total = np.zeros((len(keys), worlds.units.shape[1]))
    np.add.at(total, grouped.ngroup().to_numpy(), worlds.units * share[:, None])
    return keys, total


def doubt_of_days(
    worlds: Worlds,
    first: Mapping[str, date],
    end: Mapping[str, date],
    *,
    by_day: pd.DataFrame | None = None,
) -> np.ndarray:
    """Return by SKU how far the days seen may stray from their even share of the phases.

    Returns
    -------
    ndarray, shape (n_sku,)
        Variance of the logarithm of demand to date; 0 where every phase seen is complete.

    Notes
    -----
    ``(DAY_LOG_SD * part) ** 2 * (1 / days seen - 1 / days of the phase)`` for the phase still
    running, `part` being its share of expected demand to date: as more of its days are seen,
    the peak on the first of them matters less. With `by_day` days stray by `CURVE_LOG_SD`.
    """
    inside, whole = _days_inside(worlds.keys, first, end), _phase_days(worlds.keys)
    expected = worlds.units.mean(axis=1) * _share_inside(worlds.keys, first, end, by_day)
    day_sd = DAY_LOG_SD if by_day is None else CURVE_LOG_SD
    stray = day_sd**2 * (1.0 / np.where(inside > 0, inside, whole) - 1.0 / whole)
    frame = worlds.keys[KEYS].assign(seen=expected, stray=stray * expected**2)
    sums = frame.groupby(KEYS, sort=True)[["seen", "stray"]].sum()
    return (sums["stray"] / sums["seen"].where(sums["seen"] > 0) ** 2).fillna(0.0).to_numpy()


def quantiles(units: np.ndarray, weights: np.ndarray, levels: tuple[float, ...]) -> np.ndarray:
    """Return weighted quantiles of each row.

    Parameters
    ----------
    units, weights : ndarray, shape (n_sku, n_draws)
        Each row of weights sums to 1.
    levels : tuple of float
        Between 0 and 1. [unitless]

    Returns
    -------
    ndarray, shape (n_sku, n_levels)
        The smallest draw whose worlds and all below it hold the level. [units]
    """
    order = np.argsort(units, axis=1, kind="stable")
    ranked = np.take_along_axis(units, order, axis=1)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=1), axis=1)
    last = units.shape[1] - 1
    places = [np.minimum((reached < level - 1e-12).sum(axis=1), last) for level in levels]
    rows = np.arange(len(units))
    return np.stack([ranked[rows, place] for place in places], axis=1)


def _share_inside(
    keys: pd.DataFrame,
    first: Mapping[str, date],
    end: Mapping[str, date],
    by_day: pd.DataFrame | None,
) -> np.ndarray:
    """Return the share of each phase's demand that falls on the days of a window."""
    even = _days_inside(keys, first, end) / _phase_days(keys)
    if by_day is None:
        return even
    since = pd.to_datetime(by_day["market"].map(first))
    until = pd.to_datetime(by_day["market"].map(end))
    inside = (by_day["day"] >= since) & (by_day["day"] < until)
    rows = by_day[[*KEYS, "phase"]].assign(
        whole=by_day["mean_units"], part=by_day["mean_units"].where(inside, 0.0)
    )
    sums = rows.groupby([*KEYS, "phase"])[["part", "whole"]].sum()
    told = sums["part"] / sums["whole"].where(sums["whole"] > 0)
    found = told.reindex(pd.MultiIndex.from_frame(keys[[*KEYS, "phase"]])).to_numpy(dtype=float)
    return np.where(np.isnan(found), even, found)


def _phase_days(keys: pd.DataFrame) -> np.ndarray:
    return ((keys["ends_on"] - keys["starts_on"]).dt.days + 1).to_numpy(dtype=float)


def _days_inside(
    keys: pd.DataFrame, first: Mapping[str, date], end: Mapping[str, date]
) -> np.ndarray:
    since = pd.to_datetime(keys["market"].map(first))
    until = pd.to_datetime(keys["market"].map(end))
    begins = keys["starts_on"].where(keys["starts_on"] > since, since)
    stops = keys["ends_on"] + pd.Timedelta(days=1)
    stops = stops.where(stops < until, until)
    return (stops - begins).dt.days.fillna(0).clip(lower=0).to_numpy(dtype=float)
