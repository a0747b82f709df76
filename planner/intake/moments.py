"""When in the day a SKU's first and last orders came, by the shop's own hour profile.

Knows order lines and clocks. A moment is told as the share of an ordinary day's units that come
before it, so that a quiet night and a busy evening count for what they are.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.day_grid import Codes, Flags, Floats, Grid

HOURS = 24
SHOP_UNITS = 300.0
"""Lines at which a SKU's own hours count as much as its shop's. [lines]"""
LEAST_MOMENTS = 12
FLAT_LINES = 5.0
"""Lines per shop that stand behind its profile, spread evenly. [lines]"""


class Moments(NamedTuple):
    """Of each series and day; arrays of shape (n_series, n_days)."""

    has: Flags
    """Whether any order of the day is known by its moment."""
    first: Floats
    """Share of a day before the first order of the SKU. [unitless]"""
    last: Floats
    """Share of a day before the last order of the SKU in its market. [unitless]"""
    lines: Floats
    """Order lines of the SKU in its own shop."""


def no_moments(shape: tuple[int, int]) -> Moments:
    """Return the moments of days of which only totals are known."""
    return Moments(np.zeros(shape, dtype=bool), np.zeros(shape), np.ones(shape), np.zeros(shape))


def moments_of(grid: Grid, lines: pd.DataFrame) -> Moments:
    """Return the first and last moment of each series' days.

    Parameters
    ----------
    grid : Grid
        The days.
    lines : DataFrame
        `shop`, `market`, `sku`, `ordered_at`; every order that shows that the SKU could be
        ordered, cancelled ones too, bundles as their components.

    Notes
    -----
    Shops of one market share a shelf: the last order of any of them shows stock. Exports whose
    orders bear fewer than twelve different times of day (dates without a clock) tell no moment.
    """
    key = pd.MultiIndex.from_frame(grid.keys[["shop", "sku"]])
    series = _codes(lines[["shop", "sku"]], key)
    stamp = lines["ordered_at"].to_numpy().astype("datetime64[s]").astype("int64")
    start = np.datetime64(grid.first_on, "s").astype("int64")
    day, second = np.divmod(stamp - start, 86_400)
    inside = (series >= 0) & (day >= 0) & (day < grid.units.shape[1])
    series, day, second = series[inside], day[inside], second[inside]
    if len(np.unique(second)) < LEAST_MOMENTS:
        return no_moments(grid.units.shape)
    is_promo = (grid.promo[series, day] >= 0).astype("int64")
    clock = _clocks(grid, series, second // 3600, is_promo)
    hour = second // 3600
    before, here = clock[is_promo, series, hour], clock[is_promo, series, hour + 1]
    share = before + (here - before) * (second % 3600) / 3600.0
    cell = series * grid.units.shape[1] + day
    first, last = np.full(grid.units.size, 1.0), np.full(grid.units.size, 0.0)
    np.minimum.at(first, cell, share)
    np.maximum.at(last, cell, share)
    lines_on = np.bincount(cell, minlength=grid.units.size).astype(float)
    parts = (lines_on > 0, first, last, lines_on)
    return _shared(grid, *(part.reshape(grid.units.shape) for part in parts))


def _codes(pairs: pd.DataFrame, key: pd.MultiIndex) -> Codes:
    shops, skus = (pd.Index(key.get_level_values(place).unique()) for place in (0, 1))
    table = np.full((len(shops) + 1, len(skus) + 1), -1)
    table[shops.get_indexer(key.get_level_values(0)), skus.get_indexer(key.get_level_values(1))] = (
        np.arange(len(key))
    )
    return table[_places(pairs["shop"], shops), _places(pairs["sku"], skus)]


def _places(values: pd.Series, known: pd.Index) -> Codes:
    codes, words = pd.factorize(values)
    return known.get_indexer(words)[codes]


def _clocks(grid: Grid, series: Codes, hour: Codes, is_promo: Codes) -> Floats:
    """Return the share of units before each hour, shape (2, n_series, 25)."""
    n_series = len(grid.keys)
    counts = np.zeros((2, n_series, HOURS))
    place = (is_promo * n_series + series) * HOURS + hour
    counts += np.bincount(place, minlength=counts.size).reshape(counts.shape)
    shops = np.eye(int(grid.shop.max()) + 1)[:, grid.shop]
    shop = np.stack([shops @ part for part in counts])
    shop[0] += FLAT_LINES / HOURS
    shop[0] /= shop[0].sum(axis=1, keepdims=True)
    shop[1] += SHOP_UNITS * shop[0]
    shop[1] /= shop[1].sum(axis=1, keepdims=True)
    own = counts + SHOP_UNITS * shop[:, grid.shop]
    own /= own.sum(axis=2, keepdims=True)
    return np.concatenate([np.zeros((2, n_series, 1)), np.cumsum(own, axis=2)], axis=2)


def _shared(grid: Grid, has: Flags, first: Floats, last: Floats, lines: Floats) -> Moments:
    pair = grid.keys.groupby(["market", "sku"]).ngroup().to_numpy()
    if pair.max() + 1 < len(pair):
        any_has = np.zeros((pair.max() + 1, has.shape[1]), dtype=bool)
        latest = np.zeros(any_has.shape)
        np.logical_or.at(any_has, pair, has)
        np.maximum.at(latest, pair, last)
        has, last = any_has[pair], latest[pair]
    return Moments(has, first, last, lines)
