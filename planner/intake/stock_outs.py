"""Days on which a SKU sold less than buyers wanted because there was nothing to sell.

Stock reports decide where there are any; else the SKU's own rate, the hour of its last sale and
the days before and after tell how likely it was. Marks days and estimates; changes none.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.chances import chance_of_more, log_chance, mean_at_least
from planner.intake.day_grid import Flags, Floats, Grid, first_weight, grid_of
from planner.intake.expected import Expected, dispersion_of, expected_units
from planner.intake.first_look import first_capped, first_low, usual_units
from planner.intake.moments import Moments, moments_of, no_moments
from planner.intake.shelf_states import (
    EMPTY,
    OPENINGS,
    how_often,
    lasting,
    likelihoods,
    of_one_shelf,
    openings,
    orders_of,
    reports_of,
    smoothed,
)

ROUNDS = 3
"""Looks at what is ordinary and what was cut, each with the last one's answer."""
PROMO_LOW_RATIO = 0.5
"""A promotion day below this share of a usual one does not tell its lift at a first look."""
QUIET_SHARE = 0.7
"""A day expected below this share of an ordinary one, the shop standing still, tells no level."""
LEAST_RATE = 0.02
"""Chances below this are told as none. [unitless]"""
STOCK_COLUMNS = (
    "rate", "is_stock_out", "in_stock_share", "demand_units", "expected_units", "ordinary_units",
    "dispersion_ratio",
)  # fmt: skip


class Judgement(NamedTuple):
    """What became of each day; arrays of shape (n_series, n_days)."""

    expected: Expected
    rate: Floats
    """Chance that lack of stock cut the day. [unitless]"""
    is_stock_out: Flags
    in_stock_share: Floats
    """Share of the day's demand that met stock. [unitless]"""
    demand: Floats
    """Units wanted: units sold and what lack of stock cut. [units/day]"""


def judged(grid: Grid, stock_history: pd.DataFrame, moments: Moments | None = None) -> Judgement:
    """Return for each series and day how likely lack of stock cut it, and what buyers wanted.

    Parameters
    ----------
    grid : Grid
        Daily sales.
    stock_history : DataFrame
        Keeps the contract StockHistory; may be empty, or hold some SKUs and days only.
    moments : Moments, optional
        When each day's first and last sales were; without them a day's total has to tell.

    Notes
    -----
    A chain of four states runs through each series' days: in stock, runs out during the day, out,
    comes in during the day; forward and backward passes weigh all days together. In stock a day
    sells a negative binomial of mean m and shape r, out a trickle. A shelf that runs out at share
    u of the day (by the hour profile, the last sale's) with x units sold is likelier than one
    that does not by ``((r/m + 1) / (r/m + u)) ** (x + r) / (m + 1)``. Demand given that is
    ``x + (1 - u) (x + r) / (u + r/m)``; without moments and on days out ``E[D | D >= x]``. How
    often a shop runs out at all is learnt from its faster SKUs; shops of a market that are out of
    a SKU on the same days tell its state together.
    """
    moments = moments or no_moments(grid.units.shape)
    reports = reports_of(grid, stock_history)
    weight = first_weight(grid)
    units = first_capped(grid, weight)
    low = first_low(grid, units, weight)
    telling = ~low & (grid.units > PROMO_LOW_RATIO * usual_units(grid, weight))
    weight = weight * ~low
    alpha = _first_dispersion(grid, units, weight)
    in_stock = np.where(grid.promo >= 0, telling, weight > 0).astype(float)
    states, often = None, np.ones(len(grid.keys))
    for _ in range(ROUNDS):
        expected = expected_units(grid, units, weight, in_stock=in_stock, dispersion=alpha)
        told = likelihoods(grid, expected, reports, moments)
        told = told if states is None else of_one_shelf(grid, told, states)
        states = smoothed(told, often)
        states = lasting(grid, states, reports)
        often = how_often(grid, expected.ordinary, states)
        in_stock = np.where(grid.is_known, states[..., 0], 0.0)
        far = chance_of_more(grid.units, expected.ordinary, expected.dispersion) < 1e-5
        units = grid.units
        is_quiet = expected.mean < QUIET_SHARE * expected.ordinary
        weight = first_weight(grid) * in_stock * ~far * ~is_quiet
        alpha = dispersion_of(grid, units, expected.ordinary, weight)
    expected = expected_units(grid, units, weight, in_stock=in_stock, dispersion=alpha)
    return _told(grid, expected, states, reports, moments)


def stock_outs(
    daily: pd.DataFrame, stock_history: pd.DataFrame, *, lines: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return for every day of sales the chance that lack of stock cut it, and the demand.

    Parameters
    ----------
    daily : DataFrame
        Rows of DailySales, `is_stock_out` not read.
    stock_history : DataFrame
        Keeps the contract StockHistory; may be empty.
    lines : DataFrame, optional
        Keeps the contract OrderLines, bundles exploded: tells the moments of a day's sales.

    Returns
    -------
    DataFrame
        Aligned with `daily`: `rate`, `is_stock_out`, `in_stock_share` [unitless],
        `demand_units`, `expected_units` (from a full shelf, promotion and all), `ordinary_units`
        (without promotion) [units/day], `dispersion_ratio` (alpha, [unitless]).
    """
    if daily.empty:
        return pd.DataFrame(columns=STOCK_COLUMNS, index=daily.index)
    grid = grid_of(daily)
    told = judged(grid, stock_history, None if lines is None else moments_of(grid, lines))
    usual = told.expected
    grids = (told.rate, told.is_stock_out, told.in_stock_share, told.demand)
    grids = (*grids, usual.mean, usual.ordinary, usual.dispersion)
    values = {name: grid.in_rows(part) for name, part in zip(STOCK_COLUMNS, grids, strict=True)}
    return pd.DataFrame(values, index=daily.index)


def _first_dispersion(grid: Grid, units: Floats, weight: Floats) -> Floats:
    flat = np.zeros(len(units)) + 0.1
    expected = expected_units(grid, units, weight, in_stock=weight, dispersion=flat)
    return dispersion_of(grid, units, expected.ordinary, weight)


def _told(
    grid: Grid,
    expected: Expected,
    states: Floats,
    reports: tuple[Floats, Floats],
    moments: Moments,
) -> Judgement:
    units, mean = grid.units, expected.mean
    alpha = expected.dispersion
    shape = 1.0 / alpha
    _, runs_out, out, comes_in = np.moveaxis(states, -1, 0)
    at_least = mean_at_least(units, mean, alpha)
    rest = 1.0 - np.where(moments.has, moments.last, 1.0)
    count = orders_of(units, moments) + shape
    by_time = units + rest * count / (1.0 - rest + shape / mean)
    wanted_out = np.where(moments.has, by_time, at_least)
    none_more = ((shape / mean + 1 - rest) / (shape / mean + 1)) ** count
    more = 1.0 - np.exp(log_chance(units, mean, alpha)) / np.maximum(
        chance_of_more(units, mean, alpha), 1e-300
    )
    cut = np.where(moments.has, 1.0 - none_more, np.clip(more, 0.0, 1.0))
    cut = np.where(reports[0] == EMPTY, cut, 1.0)
    chance = np.exp(openings(units, mean, alpha, moments, log_chance(units, mean, alpha)))
    gone = np.array(OPENINGS)[:, None, None]
    later = units + gone * (units + shape) / (1.0 - gone + shape / mean)
    wanted_in = (chance * later).sum(axis=0) / np.maximum(chance.sum(axis=0), 1e-300)
    wanted_in = np.where(chance.sum(axis=0) > 0, wanted_in, units)
    rate = np.clip(out + comes_in + runs_out * cut, 0.0, 1.0)
    lost = (
        out * (at_least - units) + comes_in * (wanted_in - units) + runs_out * (wanted_out - units)
    )
    seen = (rate >= LEAST_RATE) & grid.is_known
    demand = units + np.where(seen, np.maximum(lost, 0.0), 0.0)
    share = np.where(demand > 0, units / np.maximum(demand, 1e-9), 1 - rate)
    return Judgement(
        expected,
        np.where(seen, rate, 0.0),
        seen & (rate >= 0.5),
        share,
        demand,
    )
