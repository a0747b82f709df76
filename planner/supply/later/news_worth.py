"""News worth: what waiting for the first sales adds to the best order at once.

Learns how news tells of demand to come, and values what was learnt on worlds it was not learnt on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from planner.supply.later.two_stage import (
    Flags,
    Floats,
    Lots,
    Rule,
    Terms,
    Worlds,
    earned,
    ratio_of,
    ratio_of_fast,
    up_to,
)
from planner.supply.quantity.newsvendor import optimal_units

NEWS_SIGMAS = 2.5
"""The gain of waiting counts from so many standard errors on: chance passes 6 times in 1000."""
SKUS_AT_A_TIME = 128
"""Worlds of so many fit into a processor's cache. [SKUs]"""
NOW_LEVELS = np.array([0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.87, 0.94, 1.0])
"""Orders that are tried for the first stage, as shares of the level of the plain order."""
HELD_SHARES = np.array([0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.65, 0.8])
"""Parts of an order in cartons that are tried for the second stage. [unitless]"""


class Order(NamedTuple):
    """An order that is to be parted; each of shape (n,), in units."""

    units: Floats
    carton: Floats
    """Units in a carton; what is held back is whole cartons."""
    least: Floats
    """Least first order that the factory takes."""


class Weighed(NamedTuple):
    """What the two stages earn beside one; each of shape (n,)."""

    plain_units: Floats
    """The order given; without one the best of all at once, by the slow way."""
    now_units: Floats
    """First stage, where waiting pays; else the plain order."""
    later_units: Floats
    """Mean of the second stage, or what is held of a given order; 0 where waiting pays not."""
    trigger_units: Floats
    """News from which the second stage is sent; NaN where none can trigger it."""
    single_profit: Floats
    """Of the plain order."""
    gain: Floats
    """What waiting adds; 0 where the news teaches nothing."""


def weigh(worlds: Worlds, terms: Terms, order: Order | None = None) -> Weighed:
    """Return the best plan of two stages and what it adds; see `weigh_block`.

    Notes
    -----
    SKUs are weighed some at a time, so that all that is tried of them stays near the processor.
    """
    blocks = [
        slice(first, first + SKUS_AT_A_TIME)
        for first in range(0, max(len(worlds.stock), 1), SKUS_AT_A_TIME)
    ]
    parts = [
        weigh_block(
            Worlds(*(values[block] for values in worlds)),
            Terms(*(values[block] for values in terms)),
            None if order is None else Order(*(values[block] for values in order)),
        )
        for block in blocks
    ]
    return Weighed(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def weigh_block(worlds: Worlds, terms: Terms, order: Order | None = None) -> Weighed:
    """Return the best plan of two stages and what it adds to all at once.

    Notes
    -----
    Of a given order whole cartons are held back, and at most these follow, again in whole
    cartons. Without one both stages are free, and all at once is the best order by either way.

    The rule of the second stage and the first order are learnt on half of the worlds and valued
    on the other half, both ways, so that news that means nothing gains nothing. A gain counts
    where it is at least `NEWS_SIGMAS` standard errors above 0.
    """
    ratio = ratio_of_fast(terms, worlds)
    if order is None:
        plain, single, at_once = _free(worlds, terms)
        tried, lots = first_orders(worlds, terms), None
    else:
        plain = order.units
        single = at_once = earned(worlds, terms, plain, None)[0]
        tried, lots = parted_orders(order)
    value, later = crossed(worlds, terms, tried, ratio, lots)
    gain = _chosen_elsewhere(value) - at_once
    doubt = gain.std(axis=1) / np.sqrt(gain.shape[1])
    pays = (gain.mean(axis=1) > NEWS_SIGMAS * doubt) & (ratio > 0) & (doubt > 0)
    best = value.mean(axis=2).argmax(axis=0)
    row = np.arange(len(plain))
    now = np.where(pays, np.rint(tried[best, row]), plain)
    held = later.mean(axis=2)[best, row] if order is None else plain - now
    least = 0.5 if order is None else order.carton / 2
    rule = learn(worlds, ratio)
    return Weighed(
        plain_units=plain,
        now_units=now,
        later_units=np.where(pays, held, 0.0),
        trigger_units=np.where(pays, trigger(rule, worlds, now, least=least), np.nan),
        single_profit=single.mean(axis=1),
        gain=np.where(pays, gain.mean(axis=1), 0.0),
    )


def learn(worlds: Worlds, ratio: Floats, part: slice = slice(None)) -> Rule:
    """Return the rule that some of the worlds teach.

    Notes
    -----
    Log demand still to come on log news by least squares, the slope not below 0, so that more
    news never sends less; the level then is the quantile `ratio` of what the line leaves over.
    """
    news = np.log1p(worlds.news[:, part])
    ahead = np.log1p((worlds.warm + worlds.rest - worlds.seen)[:, part])
    off = news - news.mean(axis=1, keepdims=True)
    square = np.square(off).sum(axis=1)
    slope = np.maximum((off * ahead).sum(axis=1), 0.0)
    slope = np.divide(slope, square, out=np.zeros_like(slope), where=square > 0)
    over = ahead - slope[:, None] * news
    least = over.min(axis=1)  # quantiles are told of what is not below 0
    return Rule(least + optimal_units(over - least[:, None], ratio), slope)


def trigger(rule: Rule, worlds: Worlds, now: Floats, *, least: Floats | float = 0.5) -> Floats:
    """Return the least whole number sold from which `least` units are sent; NaN without one.

    Notes
    -----
    Stock left falls and stock asked for rises with every unit sold, so there is one such number;
    looked for up to three times the most that any world sells.
    """
    low = np.zeros(len(now))
    top = np.ceil(3.0 * worlds.news.max(axis=1)) + 1.0
    mean_news = worlds.news.mean(axis=1)
    seen_rate = np.divide(
        worlds.seen.mean(axis=1), mean_news, out=np.zeros_like(top), where=mean_news > 0
    )
    stock = worlds.stock.mean(axis=1) + now

    def sends(sold: Floats) -> Flags:
        left = np.maximum(stock - seen_rate * sold, 0.0)
        return up_to(rule, sold[:, None])[:, 0] - left >= least

    never = ~sends(top)
    high = np.where(sends(low), 0.0, top)
    for _ in range(int(np.ceil(np.log2(top.max() + 1))) + 1):
        middle = np.floor((low + high) / 2)
        hit = sends(middle)
        high = np.where(hit, middle, high)
        low = np.where(hit, low, np.minimum(middle + 1, high))
    return np.where(never, np.nan, high)


def first_orders(worlds: Worlds, terms: Terms) -> Floats:
    """Return the first orders that are tried, none of them above the plain one, shape (g, n)."""
    ratio = ratio_of(terms, worlds, terms.slow_cost, np.ones(len(worlds.stock)))
    short = np.maximum(worlds.warm + worlds.rest - worlds.stock, 0.0)
    return optimal_units(short, ratio * NOW_LEVELS[:, None])


def parted_orders(order: Order) -> tuple[Floats, list[Lots]]:
    """Return the first orders that are tried, shape (g, n), and the lots that wait beside each."""
    cartons = np.floor(order.units / order.carton)
    held = np.ceil(HELD_SHARES[:, None] * cartons) * order.carton
    held = np.where(order.units - held >= order.least, held, 0.0)
    return order.units - held, [Lots(order.carton, units) for units in held]


def crossed(
    worlds: Worlds,
    terms: Terms,
    tried: Floats,
    ratio: Floats,
    lots: Sequence[Lots] | None = None,
) -> tuple[Floats, Floats]:
    """Return profit and second order of first orders, shape (g, n, k), each world held out."""
    profit = np.empty((len(tried), *worlds.seen.shape))
    later = np.empty_like(profit)
    for own, other in _halves():
        rule = learn(worlds, ratio, other)
        held = Worlds(*(values[:, own] for values in worlds))
        for place, now in enumerate(tried):
            profit[place][:, own], later[place][:, own] = earned(
                held, terms, now, rule, ratio=ratio, lots=None if lots is None else lots[place]
            )
    return profit, later


def _chosen_elsewhere(value: Floats) -> Floats:
    """Return the profit of the first order that the other half of the worlds would choose."""
    found = np.empty(value.shape[1:])
    row = np.arange(len(found))
    for own, other in _halves():
        best = value[:, :, other].mean(axis=2).argmax(axis=0)
        found[:, own] = value[:, :, own][best, row]
    return found


def _free(worlds: Worlds, terms: Terms) -> tuple[Floats, Floats, Floats]:
    """Return the best order at once, its profit by world, and that of the better of both ways."""
    plain, single = _best_at_once(worlds, terms)
    fast = _best_at_once(worlds, _all_fast(terms))[1]
    is_fast = fast.mean(axis=1) > single.mean(axis=1)
    return plain, single, np.where(is_fast[:, None], fast, single)


def _best_at_once(worlds: Worlds, terms: Terms) -> tuple[Floats, Floats]:
    """Return the best order without a second stage, and its profit world by world."""
    tried = first_orders(worlds, terms)[::-1]  # of equals the plain one is taken
    made = np.stack([earned(worlds, terms, now, None)[0] for now in tried])
    best, row = made.mean(axis=2).argmax(axis=0), np.arange(made.shape[1])
    return np.rint(tried[best, row]), made[best, row]


def _all_fast(terms: Terms) -> Terms:
    """Return the terms of an order that goes fast at once; late it serves nothing."""
    ones = np.ones_like(terms.late_warm)
    return terms._replace(
        slow_cost=terms.fast_cost,
        slow_on_time=terms.fast_on_time,
        late_warm=ones,
        late_rest=ones,
    )


def _halves() -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    even, odd = slice(0, None, 2), slice(1, None, 2)
    return (even, odd), (odd, even)
