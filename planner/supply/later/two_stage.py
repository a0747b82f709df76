"""Two stages: an order now by the slow way, and a second by the fast way after the first news.

Pure arithmetic on worlds of demand: arrays with one row per SKU and one column per equally likely
world. Knows neither modes nor days; `freight_option` reads those off the tables.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from planner.supply.quantity.newsvendor import optimal_units

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


class Worlds(NamedTuple):
    """Demand and stock of n SKUs in k worlds, in units, each of shape (n, k)."""

    stock: Floats
    """At hand when the horizon begins."""
    warm: Floats
    """Demand before fast goods can be on the shelf."""
    rest: Floats
    """Demand from then on."""
    seen: Floats
    """The part of `warm` that is sold by the day of decision."""
    news: Floats
    """Sales looked at on that day."""


class Terms(NamedTuple):
    """Money and chances of n SKUs, each of shape (n,) unless told otherwise."""

    net_price: Floats
    """Price less what selling costs. [currency/unit]"""
    penalty_cost: Floats
    """Of a sale missed, beyond its margin. [currency/unit]"""
    slow_cost: Floats
    fast_cost: Floats
    """Landed cost by each way. [currency/unit]"""
    slow_on_time: Floats
    fast_on_time: Floats
    """Chance to be on the shelf in time."""
    late_warm: Floats
    late_rest: Floats
    """Share of `warm` and of `rest` that late slow goods miss."""
    is_late_known: Flags
    """Whether one knows on the day of decision that the slow goods are late."""
    exit_revenue: Floats
    exit_units: Floats
    """Of the exits in order, best first, and units up to which they last; shape (n, j)."""


class Rule(NamedTuple):
    """Bring stock up to ``exp(level + slope * log(news + 1)) - 1``; each of shape (n,)."""

    level: Floats
    slope: Floats


class Lots(NamedTuple):
    """What waits at its origin; each of shape (n,), in units."""

    carton: Floats
    held: Floats


def earned(
    worlds: Worlds,
    terms: Terms,
    now: Floats,
    rule: Rule | None,
    *,
    ratio: Floats | None = None,
    lots: Lots | None = None,
) -> tuple[Floats, Floats]:
    """Return profit world by world of a first order and a rule, and the mean second order.

    Parameters
    ----------
    worlds, terms : Worlds, Terms
    now : array, shape (n,)
        [units]
    rule : Rule, optional
        Without one nothing is sent later.
    ratio : array, shape (n,), optional
        Where it is 0 nothing is sent later.
    lots : Lots, optional
        Then the nearest number of whole cartons is sent, and no more than is held.

    Returns
    -------
    profit, later : array, shape (n, k)
        Means over being late or not. [currency], [units]

    Notes
    -----
    A sale missed is lost. Late fast goods come too late for any sale and take an exit. Late slow
    goods miss a share of demand and serve what follows; where that is known on the day of
    decision, fast goods also cover what is missed.
    """
    on_time, late = second_orders(worlds, terms, now, rule)
    if lots is not None:
        on_time, late = (_in_cartons(units, lots) for units in (on_time, late))
    if ratio is not None:
        on_time, late = (np.where((ratio > 0)[:, None], units, 0.0) for units in (on_time, late))
    share = terms.slow_on_time[:, None]
    profit = _with_late_fast(worlds, terms, now, on_time, is_late=False)
    if (terms.slow_on_time < 1).any():
        rest = _with_late_fast(worlds, terms, now, late, is_late=True)
        profit = share * profit + (1 - share) * rest
    return profit - (terms.slow_cost * now)[:, None], share * on_time + (1 - share) * late


def second_orders(
    worlds: Worlds, terms: Terms, now: Floats, rule: Rule | None
) -> tuple[Floats, Floats]:
    """Return what the rule sends later where slow goods are in time, and where they are late."""
    if rule is None:
        nothing = np.zeros_like(worlds.seen)
        return nothing, nothing
    wanted = up_to(rule, worlds.news)
    left = worlds.stock - worlds.seen
    on_time = np.maximum(wanted - np.maximum(left + now[:, None], 0.0), 0.0)
    bare = np.maximum(left, 0.0)
    gap = terms.late_rest[:, None] * wanted - bare
    late = np.maximum(np.maximum(wanted - bare - now[:, None], gap), 0.0)
    return on_time, np.where(terms.is_late_known[:, None], late, on_time)


def up_to(rule: Rule, news: Floats) -> Floats:
    """Return the stock that news asks for, shape (n, k) in units."""
    return np.expm1(rule.level[:, None] + rule.slope[:, None] * np.log1p(news))


def ratio_of_fast(terms: Terms, worlds: Worlds) -> Floats:
    """Return the critical ratio of a unit sent fast; 0 where it costs more than it can earn."""
    return ratio_of(terms, worlds, terms.fast_cost, terms.fast_on_time)


def salvage(terms: Terms, left: Floats) -> Floats:
    """Return what units left over bring through their exits, shape of `left`."""
    after = np.pad(terms.exit_revenue, ((0, 0), (0, 1)))[:, 1:]
    revenue = np.zeros_like(left)
    for step in range(terms.exit_revenue.shape[1]):
        worth = terms.exit_revenue[:, step] - after[:, step]
        if not worth.any():
            continue
        revenue += worth[:, None] * np.minimum(left, terms.exit_units[:, step, None])
    return revenue


def _in_cartons(units: Floats, lots: Lots) -> Floats:
    carton, held = lots.carton[:, None], lots.held[:, None]
    return np.minimum(np.floor(units / carton + 0.5) * carton, held)


def _with_late_fast(
    worlds: Worlds, terms: Terms, now: Floats, later: Floats, *, is_late: bool
) -> Floats:
    revenue = _revenue(worlds, terms, now, later, is_late=is_late)
    if (terms.fast_on_time < 1).any() and later.any():
        missed = _revenue(worlds, terms, now, 0.0 * later, is_late=is_late, extra=later)
        share = terms.fast_on_time[:, None]
        revenue = share * revenue + (1 - share) * missed
    return revenue - terms.fast_cost[:, None] * later


def _revenue(
    worlds: Worlds,
    terms: Terms,
    now: Floats,
    later: Floats,
    *,
    is_late: bool,
    extra: Floats | float = 0.0,
) -> Floats:
    """Return sales and exits less penalties; `extra` units come after all demand."""
    order = np.broadcast_to(now[:, None], worlds.stock.shape)
    if not is_late:
        parts = ((order, worlds.warm), (later, worlds.rest))
    else:
        warm, rest = terms.late_warm[:, None], terms.late_rest[:, None]
        early = np.where(warm < 1, order, 0.0)
        parts = (
            (0.0, warm * worlds.warm),
            (early, (1 - warm) * worlds.warm),
            (later, rest * worlds.rest),
            (order - early, (1 - rest) * worlds.rest),
        )
    held, sold = worlds.stock, np.zeros_like(worlds.stock)
    for arriving, wanted in parts:
        held = held + arriving
        part = np.minimum(held, wanted)
        held, sold = held - part, sold + part
    lost = worlds.warm + worlds.rest - sold
    revenue = terms.net_price[:, None] * sold + salvage(terms, held + extra)
    return revenue - terms.penalty_cost[:, None] * lost


def ratio_of(terms: Terms, worlds: Worlds, cost: Floats, on_time: Floats) -> Floats:
    """Return the level up to which a unit of this cost pays, at the exit its leftovers reach."""
    row = np.arange(len(cost))
    demand = worlds.warm + worlds.rest
    step = np.zeros(len(cost), dtype=int)
    ratio = np.zeros(len(cost))
    for _ in range(2):
        exit_worth = terms.exit_revenue[row, step]
        gain = on_time * (terms.net_price + terms.penalty_cost - exit_worth)
        loss = np.divide(cost - exit_worth, gain, out=np.ones_like(gain), where=gain > 0)
        ratio = np.clip(1.0 - loss, 0.0, 1.0)
        order = optimal_units(np.maximum(demand - worlds.stock, 0.0), ratio)
        left = np.maximum(worlds.stock + order[:, None] - demand, 0.0).mean(axis=1)
        reached = (terms.exit_units < left[:, None]).sum(axis=1)
        step = np.minimum(reached, terms.exit_units.shape[1] - 1)
    return ratio
