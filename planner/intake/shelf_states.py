"""A chain of four states through a series' days: in stock, runs out, out, comes in.

Knows what each state makes likely: units, moments, stock reports. `stock_outs` draws the
conclusions.
"""

import numpy as np
import pandas as pd

from planner.intake.chances import chance_of_more, log_chance
from planner.intake.day_grid import Flags, Floats, Grid
from planner.intake.expected import Expected
from planner.intake.first_look import has_fallen
from planner.intake.moments import Moments

LONGEST_END_DAYS = 28
"""A longer run of zeros at the end of the history: the SKU has ended. [days]"""
LAUNCH_DAYS = 28
"""First days of a SKU on which low sales are a start, no lack of stock. [days]"""
TELLING_UNITS = 0.5
"""A SKU that sells less a day cannot tell a lack of stock by its sales. [units/day]"""
TRICKLE = ((0.85, 0.02, 0.03), (0.15, 0.12, 0.05))
"""Weight, share of the mean and units/day of what an empty shelf still sells: late returns."""
MOVES = np.array(
    [
        [0.990, 0.006, 0.003, 0.001],
        [0.170, 0.030, 0.750, 0.050],
        [0.090, 0.010, 0.850, 0.050],
        [0.940, 0.050, 0.009, 0.001],
    ]
)
"""Chance of tomorrow's state by today's: in stock, runs out, out, comes in. At these about one
day in twenty lacks stock and an outage lasts a week."""
START = np.array([0.97, 0.01, 0.01, 0.01])
OFTEN_DAYS, OFTEN_UNITS, OFTEN_RANGE = 1000.0, 2.0, (0.1, 5.0)
"""Days that stand behind the rate of `MOVES`, units/day from which a SKU's days tell the shop's
own rate, and how far that may lie from it."""
SHARED_OVERLAP, LEAST_TOLD = 0.3, 1e-6
"""Shops whose days out overlap so far (days all lack stock over days any does) have one shelf;
what one of them tells against a state of it counts no less than this. [unitless]"""
SPREAD_OF_MEAN = 0.03
"""What the mean's own doubt adds to alpha when a day is judged. [unitless]"""
OPENINGS = (0.125, 0.375, 0.625, 0.875)
"""Shares of a day gone when goods came in: the middles of four equal parts. [unitless]"""
NO_REPORT, WITH_STOCK, EMPTY = -1, 1, 0
REPORTS = {
    (WITH_STOCK, WITH_STOCK): (1.0, 0.0, 0.0, 0.0),
    (EMPTY, WITH_STOCK): (1.0, 0.0, 0.0, 1.0),
    (NO_REPORT, WITH_STOCK): (1.0, 0.0, 0.0, 0.3),
    (WITH_STOCK, EMPTY): (0.0, 1.0, 0.2, 0.0),
    (EMPTY, EMPTY): (0.02, 0.3, 1.0, 0.0),
    (NO_REPORT, EMPTY): (0.005, 1.0, 1.0, 0.0),
}
"""How likely the reports of the evening before and of the day make each state. An empty shelf
that sells as usual for days on end is another warehouse's."""


def reports_of(grid: Grid, stock_history: pd.DataFrame) -> tuple[Floats, Floats]:
    """Return each day's report and that of the evening before, by the codes above.

    Parameters
    ----------
    grid : Grid
        The days; a report of a SKU counts for every shop that sells it.
    stock_history : DataFrame
        Keeps the contract StockHistory.
    """
    today = np.full(grid.units.shape, NO_REPORT)
    place = pd.Index(grid.keys["sku"].unique()).get_indexer(stock_history["sku"])
    day = ((stock_history["day"] - grid.first_on) // pd.Timedelta(days=1)).to_numpy()
    inside = (place >= 0) & (day >= -1) & (day < today.shape[1])
    by_sku = np.full((grid.keys["sku"].nunique(), today.shape[1] + 1), NO_REPORT)
    left = stock_history["units"].to_numpy()[inside]
    by_sku[place[inside], day[inside] + 1] = np.where(left > 0, WITH_STOCK, EMPTY)
    own = by_sku[pd.factorize(grid.keys["sku"])[0]]
    return own[:, 1:], own[:, :-1]


def likelihoods(
    grid: Grid, expected: Expected, reports: tuple[Floats, Floats], moments: Moments
) -> Floats:
    """Return the likelihood of each state, shape (n_series, n_days, 4), 1 on unknown days.

    Notes
    -----
    Slow SKUs, starts and SKUs that have ended are in stock unless a report says otherwise.
    """
    units, mean = grid.units, expected.test_mean
    alpha = expected.dispersion + SPREAD_OF_MEAN
    shape = 1.0 / alpha
    steady = log_chance(units, mean, alpha)
    last = np.where(moments.has, moments.last, 1.0)
    count = orders_of(units, moments) + shape
    by_time = count * (np.log(shape / mean + 1) - np.log(shape / mean + last)) + steady
    rarely = np.where(moments.has, 0.0, units)  # moments tell more than the day's total
    by_total = np.log(np.maximum(chance_of_more(rarely, mean, alpha), 1e-300))
    runs_out = np.where(moments.has, by_time, by_total) - np.log(mean + 1)
    runs_out = np.where(units > 0, runs_out, -np.inf)
    comes_in = np.logaddexp.reduce(openings(units, mean, alpha, moments, steady), axis=0)
    out = _trickle(units, mean)
    told = np.stack([steady, runs_out, out, comes_in - np.log(len(OPENINGS))], axis=-1)
    told = np.exp(told - told.max(axis=-1, keepdims=True))
    is_slow = (expected.test_mean < TELLING_UNITS) & (reports[0] == NO_REPORT)
    told[~grid.is_known | is_slow | _is_excused(grid, expected)] = 1.0
    told[(is_slow | _is_excused(grid, expected)) & (reports[0] == NO_REPORT)] = (1, 0, 0, 0)
    for (before, today), weights in REPORTS.items():
        here = (reports[0] == today) & (reports[1] == before)
        told[here] *= weights
    told[reports[0] != NO_REPORT] += 1e-30 * np.array([1.0, 1.0, 1.0, 1.0])
    return told


def smoothed(likelihood: Floats, often: Floats) -> Floats:
    """Return the chance of each state on each day, all days considered.

    Parameters
    ----------
    likelihood : array, shape (n_series, n_days, 4)
        Of each state, whatever the days round it.
    often : array, shape (n_series,)
        How much oftener than in `MOVES` stock runs out. [unitless]
    """
    n_days = likelihood.shape[1]
    more = (often - 1.0)[:, None]
    leaving = MOVES[0] - np.eye(4)[0]
    forward = np.empty_like(likelihood)
    state = START * likelihood[:, 0]
    for day in range(n_days):
        if day:
            before = forward[:, day - 1]
            state = (before @ MOVES + more * before[:, :1] * leaving) * likelihood[:, day]
        forward[:, day] = state / np.maximum(state.sum(axis=1, keepdims=True), 1e-300)
    state = np.ones_like(forward[:, 0])
    for day in range(n_days - 1, -1, -1):
        seen = state * likelihood[:, day]
        told = forward[:, day] * state
        forward[:, day] = told / np.maximum(told.sum(axis=1, keepdims=True), 1e-300)
        state = seen @ MOVES.T
        state[:, 0] += more[:, 0] * (seen @ leaving)
        state = state / np.maximum(state.sum(axis=1, keepdims=True), 1e-300)
    return forward


def how_often(grid: Grid, ordinary: Floats, states: Floats) -> Floats:
    """Return how much oftener than in `MOVES` each series' shop runs out of stock, shape (n,).

    Notes
    -----
    ``(starts + 1000 p) / (days + 1000) / p`` with p the chance in `MOVES`; a start is a rise of
    the chance that stock lacked. A seller who never runs out needs more proof on each slow day
    than one who often does; only SKUs above two units a day tell, slower ones echo what they
    were told.
    """
    chance = 1.0 - MOVES[0, 0]
    tells = grid.is_known & (ordinary >= OFTEN_UNITS)
    lacks = np.where(tells, 1.0 - states[..., 0], 0.0)
    starts = np.maximum(np.diff(lacks, axis=1), 0.0).sum(axis=1) + lacks[:, 0]
    days = (tells * states[..., 0]).sum(axis=1)
    shop = grid.shop
    starts, days = np.bincount(shop, starts), np.bincount(shop, days)
    rate = (starts + OFTEN_DAYS * chance) / (days + OFTEN_DAYS)
    return np.clip(rate / chance, *OFTEN_RANGE)[shop]


def of_one_shelf(grid: Grid, told: Floats, states: Floats) -> Floats:
    """Return likelihoods in which shops of a market that share a SKU's shelf tell it together.

    Parameters
    ----------
    grid : Grid
        The days.
    told, states : array, shape (n_series, n_days, 4)
        Likelihoods of each series alone, and the chances at the last look: shops that are out on
        the same days have one shelf. A shop that runs out alone has its own.
    """
    pair = grid.keys.groupby(["market", "sku"]).ngroup().to_numpy()
    n_pair = int(pair.max()) + 1
    if n_pair == len(pair):
        return told
    lacks = np.where(grid.is_known, 1.0 - states[..., 0], 0.0)
    every, some = np.ones((n_pair, lacks.shape[1])), np.zeros((n_pair, lacks.shape[1]))
    np.minimum.at(every, pair, lacks)
    np.maximum.at(some, pair, lacks)
    is_shared = every.sum(axis=1) > SHARED_OVERLAP * np.maximum(some.sum(axis=1), 1.0)
    is_sure = (told[..., 1:] == 0).all(axis=2)  # slow, or a start: tells nothing of the shelf
    share = told / np.maximum(told.max(axis=2, keepdims=True), 1e-300)
    share = np.where(is_sure[..., None], 1.0, np.maximum(share, LEAST_TOLD))
    whole = np.zeros((n_pair, *share.shape[1:]))
    np.add.at(whole, pair, np.log(share))
    others = np.exp(whole[pair] - np.log(share))
    others = others / others.max(axis=2, keepdims=True)
    return np.where(is_shared[pair, None, None], told * others, told)


def lasting(grid: Grid, states: Floats, reports: tuple[Floats, Floats]) -> Floats:
    """Return the states with a trickle of many weeks taken as a level that has fallen."""
    low = (reports[0] == NO_REPORT) & grid.is_known & (states[..., 0] < 0.5)
    states[has_fallen(grid, low)] = (1.0, 0.0, 0.0, 0.0)
    return states


def openings(
    units: Floats, mean: Floats, alpha: Floats, moments: Moments, steady: Floats
) -> Floats:
    """Return log-likelihoods of goods that came in at each of the openings.

    Parameters
    ----------
    units, mean, alpha : array, shape (n_series, n_days)
        Units sold, mean [units/day] and dispersion [unitless].
    moments : Moments
        No opening lies after the first order.
    steady : array, shape (n_series, n_days)
        Log-likelihood of a day in stock.

    Returns
    -------
    array, shape (4, n_series, n_days)
    """
    shape = 1.0 / alpha
    parts = []
    for gone in OPENINGS:
        by_time = steady + (orders_of(units, moments) + shape) * (
            np.log(shape / mean + 1) - np.log(shape / mean + 1 - gone)
        )
        by_time = np.where(moments.first >= gone, by_time, -np.inf)
        by_total = log_chance(units, (1 - gone) * mean, alpha)
        parts.append(np.where(moments.has, by_time, by_total))
    return np.stack(parts)


def orders_of(units: Floats, moments: Moments) -> Floats:
    """Return units, at most two per order line: a bulk order is one decision, not many."""
    return np.where(moments.has, np.minimum(units, 2.0 * moments.lines), units)


def _trickle(units: Floats, mean: Floats) -> Floats:
    parts = [
        np.log(weight) + log_chance(units, share * mean + own, np.array(0.1))
        for weight, share, own in TRICKLE
    ]
    return np.logaddexp(*parts)


def _is_excused(grid: Grid, expected: Expected) -> Flags:
    """Return the days of a start before the first usual one, and of a SKU that has ended."""
    n_days = grid.units.shape[1]
    column = np.arange(n_days)
    first = np.argmax(grid.is_known, axis=1)[:, None]
    is_usual = grid.is_known & (grid.units >= 0.5 * expected.mean)
    started = np.where(is_usual.any(axis=1), np.argmax(is_usual, axis=1), n_days)[:, None]
    is_start = (column < started) & (column < first + LAUNCH_DAYS)
    sold = grid.units > 0
    last = np.where(sold.any(axis=1), n_days - 1 - np.argmax(sold[:, ::-1], axis=1), -1)[:, None]
    has_ended = (column > last) & (n_days - 1 - last > LONGEST_END_DAYS)
    return is_start | has_ended
