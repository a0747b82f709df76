"""One campaign replayed: what was sent, when it stood on the shelf, what it sold and earned.

Pure arithmetic on arrays, one row per market and SKU, one column per day, and as many replays
at once as are asked for, each with other causes of loss repaired. Knows nothing of tables.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.season.stock import shelf
from planner.supply.charges.packing import round_order

SAME_UNITS = 1e-6
OTHER_UNITS = 0.5
"""Less than this apart, what was sent is what was asked for. [units]"""


class Order(NamedTuple):
    """How the order came about, step by step; each of shape (n_sku,) unless said. [units]."""

    model_units: np.ndarray
    """What the plan needed on the model's figures alone."""
    planned_units: np.ndarray
    """The same with what people changed."""
    limited_units: np.ndarray
    """What cartons, minimum orders and limits made of that."""
    cap_units: np.ndarray
    """Most that the limits let through; infinite where none bound."""
    least_units: np.ndarray
    """An order not above this was not worth a carton, and none was placed."""
    moq_units: np.ndarray
    carton_units: np.ndarray
    is_refused: np.ndarray
    sent_units: np.ndarray
    """What really came, or was sent, to this market."""
    misplaced_units: np.ndarray
    """Of it, sent here though meant for elsewhere; below zero where it is missing here."""
    planned_share: np.ndarray
    """By day on the shelf, shape (n_sku, n_days); sums to 1. [unitless]"""
    actual_share: np.ndarray
    """The same as it came; sums to less than 1 where some came too late for the window."""


class Money(NamedTuple):
    """Of one unit, each of shape (n_sku,) unless said. [currency/unit]."""

    net_price: np.ndarray
    """Price of each day less selling cost, shape (n_sku, n_days)."""
    free_net_price: np.ndarray
    """The same had no price been locked."""
    landed_cost: np.ndarray
    exit_units: np.ndarray
    """What each exit takes of the units left, best first, shape (n_sku, n_exits); the last one
    any number. [units]"""
    exit_revenue: np.ndarray
    """What a unit brings there, shape (n_sku, n_exits)."""
    penalty_cost: np.ndarray
    """Of a sale missed, beyond its margin."""
    returned_revenue: np.ndarray
    """What the selling cost counts on for a unit that comes back."""
    once_cost: np.ndarray
    """Paid once if any unit is sent. [currency]"""


class Course(NamedTuple):
    """What happened in a campaign; row i of every part is the same market and SKU."""

    keys: pd.DataFrame
    """market, sku."""
    wanted: np.ndarray
    """Demand by day, shape (n_sku, n_days). [units]"""
    free_wanted: np.ndarray
    """Demand by day had the price not been locked. [units]"""
    opening: np.ndarray
    """On the shelf before the first day, the campaign's order left out; below zero where some of
    the order was sold before that day. [units]"""
    bought: np.ndarray
    """Of the opening, bought after the planning day beside the campaign's order. [units]"""
    unmoved: np.ndarray
    """Counted on by the plan, left lying in another warehouse. [units]"""
    again: np.ndarray
    """Of what came, sold in the window and returned, shape (n_sku,). [units]"""
    arriving: np.ndarray
    """What else came, by day; below zero where parcels went out that came back later. [units]"""
    moved: np.ndarray
    """Of that, taken from the day late shipments came and put on the day they were due. [units]"""
    gone: np.ndarray
    """What left the shelf without a sale, by day. [units]"""
    stranded: np.ndarray
    """What lay there and could not be sold, by day. [units]"""
    late: np.ndarray
    """Sentence of the late shipment, blank where none was."""
    order: Order
    money: Money


class Ending(NamedTuple):
    """How replays end; each of shape (n_replays, n_sku)."""

    profit: np.ndarray
    """[currency]"""
    missed_units: np.ndarray
    left_units: np.ndarray
    sent_units: np.ndarray


class Repairs(NamedTuple):
    """Which causes each replay repairs."""

    causes: tuple[str, ...]
    flags: np.ndarray
    """shape (n_replays, n_causes)."""

    def of(self, cause: str) -> np.ndarray:
        """Return in which replays a cause is repaired, shape (n_replays, 1)."""
        if cause not in self.causes:
            return np.zeros((len(self.flags), 1), dtype=bool)
        return self.flags[:, [self.causes.index(cause)]]


def replay(course: Course, repairs: Repairs) -> Ending:
    """Return how the campaign ends in every replay.

    Parameters
    ----------
    course : Course
    repairs : Repairs
        Nothing repaired gives what happened, all repaired the best that could be attained.

    Notes
    -----
    ``profit = net price of the day * sold + exits of what is left - landed cost * bought - what is
    paid once if anything was sent - penalty * missed - returned units of the window at what their
    sale counted on for them``. Goods that
    were owned on the planning day cost nothing more, as in the plan; of the order, units sold
    before the first day are not this window's cost. A returned unit is on the shelf again and
    earns there, so what the selling cost counts on for it is taken off: it earns once. Demand that
    finds no stock is lost. What comes after the window is left over, and so is what the plan
    counted on from another warehouse and nobody brought.
    """
    return ending_of(course, repairs, sent_units(course, repairs))


def ending_of(course: Course, repairs: Repairs, sent: np.ndarray) -> Ending:
    """Return how the campaign ends if `sent` units were sent, shape (n_replays, n_sku)."""
    late, lost = repairs.of("lateness"), repairs.of("stock_loss")
    is_free, is_placed = repairs.of("price_lock"), repairs.of("placement")
    order, money = course.order, course.money
    in_time = timely_share(order)
    away = np.where(repairs.of("execution"), 0.0, course.unmoved)
    held = course.opening + course.unmoved - np.broadcast_to(away, sent.shape)
    earned, missed = np.zeros(sent.shape), np.zeros(sent.shape)
    for day in range(course.wanted.shape[1]):
        share = np.where(late, in_time[:, day], order.actual_share[:, day])
        other = course.arriving[:, day] + np.where(late, course.moved[:, day], 0.0)
        held = np.maximum(held + other + sent * share, 0.0)
        held = held - np.where(lost, 0.0, np.minimum(course.gone[:, day], held))
        ready = held - np.where(is_placed, 0.0, np.minimum(course.stranded[:, day], held))
        asked = np.where(is_free, course.free_wanted[:, day], course.wanted[:, day])
        served = np.minimum(asked, ready)
        price = np.where(is_free, money.free_net_price[:, day], money.net_price[:, day])
        held, missed, earned = held - served, missed + asked - served, earned + price * served
    came = np.where(late, in_time.sum(axis=1), order.actual_share.sum(axis=1))
    never = np.where(late, 0.0, np.maximum(course.moved.sum(axis=1), 0.0))
    left = held + sent * np.maximum(1.0 - came, 0.0) + never + away
    bought = course.bought + np.maximum(sent + np.minimum(course.opening, 0.0), 0.0)
    profit = earned + worth_of_left(money, left) - money.landed_cost * bought
    profit = profit - money.penalty_cost * missed - money.returned_revenue * course.again
    profit = profit - money.once_cost * (sent > SAME_UNITS)
    return Ending(profit, missed, left, sent)


def worth_of_left(money: Money, units: np.ndarray) -> np.ndarray:
    """Return what units left over bring, the best exits filled first. [currency].

    Parameters
    ----------
    money : Money
    units : ndarray, shape (..., n_sku)
    """
    ends = np.cumsum(money.exit_units, axis=1)
    worth = np.zeros(np.shape(units))
    for step in range(ends.shape[1]):
        start = ends[:, step - 1] if step else 0.0
        worth = worth + money.exit_revenue[:, step] * np.clip(
            units - start, 0.0, money.exit_units[:, step]
        )
    return worth


def is_done_otherwise(order: Order) -> np.ndarray:
    """Return where something else was sent than the plan asked for, shape (n_sku,)."""
    asked = np.where(order.is_refused, 0.0, order.limited_units)
    return np.abs(order.sent_units - order.misplaced_units - asked) > OTHER_UNITS


def sent_units(course: Course, repairs: Repairs) -> np.ndarray:
    """Return what would have been sent in every replay, shape (n_replays, n_sku). [units].

    Notes
    -----
    ``needed = need as the model saw it (demand repaired: as it was) + what people added``; then
    cartons and limits, then refusals, then what was done otherwise, then what went elsewhere.
    What was done otherwise than asked stays as it was whatever the plan would have said: a better
    plan that nobody follows changes nothing. There, what people changed and what a gate refused
    had no effect either, and both are put right together with what was done. The need as it was
    is what the shelf, had nothing else gone wrong, would have been short of; no cushion, and
    nothing that earns less than it costs.
    """
    order = course.order
    needed = _needed(course, repairs)
    asked = np.where(repairs.of("rounding"), needed, limited(order, needed))
    rightly, is_other = order.sent_units - order.misplaced_units, is_done_otherwise(order)
    is_let = np.where(is_other, repairs.of("execution"), repairs.of("refusals"))
    asked = np.where(order.is_refused & ~is_let, 0.0, asked)
    done = np.where(is_other & ~repairs.of("execution"), rightly, asked)
    done = done + np.where(repairs.of("placement"), 0.0, order.misplaced_units)
    return np.maximum(done, 0.0)


def limited(order: Order, needed: np.ndarray) -> np.ndarray:
    """Return what cartons, minimum orders and limits leave of an order. [units]."""
    rounded = round_order(needed, moq_units=order.moq_units, carton_units=order.carton_units)
    kept = np.minimum(np.where(needed <= order.least_units + SAME_UNITS, 0, rounded),
                      order.cap_units)  # fmt: skip
    return np.where(np.abs(needed - order.planned_units) < SAME_UNITS, order.limited_units, kept)


def true_need(course: Course, *, is_free: bool = False) -> np.ndarray:
    """Return what the shelf would have been short of without an order, shape (n_sku,). [units].

    Notes
    -----
    Of what an order could serve: demand before its planned day on the shelf is not counted.
    """
    return _short_by_day(course, is_free=is_free).sum(axis=1)


def best_need(course: Course, *, is_free: bool = False) -> np.ndarray:
    """Return what of the need would have earned more than it costs, shape (n_sku,). [units].

    Notes
    -----
    Who comes first is served first: the need up to the day that makes the sum of ``net price +
    penalty - landed cost`` over the units short largest; none where that sum is less than what is
    paid once.
    """
    short, money = _short_by_day(course, is_free=is_free), course.money
    price = np.maximum(money.net_price, money.free_net_price)
    gain = price + (money.penalty_cost - money.landed_cost)[:, None]
    none = np.zeros((len(short), 1))
    until, worth = (
        np.concatenate([none, np.cumsum(part, axis=1)], axis=1) for part in (short, short * gain)
    )
    need = np.take_along_axis(until, worth.argmax(axis=1)[:, None], axis=1)[:, 0]
    return np.where(worth.max(axis=1) > money.once_cost, need, 0.0)


def timely_share(order: Order) -> np.ndarray:
    """Return the share on the shelf by day had nothing come later than planned."""
    planned, actual = (np.cumsum(s, axis=1) for s in (order.planned_share, order.actual_share))
    return np.diff(np.maximum(planned, actual), axis=1, prepend=0.0)


def _short_by_day(course: Course, *, is_free: bool) -> np.ndarray:
    wanted = course.free_wanted if is_free else course.wanted
    owned = course.opening + course.unmoved
    alone = shelf.run_down(owned, course.arriving + course.moved, wanted).unmet_units
    first = (course.order.planned_share > 0).argmax(axis=1)
    return np.where(np.arange(wanted.shape[1]) >= first[:, None], alone, 0.0)


def _needed(course: Course, repairs: Repairs) -> np.ndarray:
    order = course.order
    is_undone = np.where(is_done_otherwise(order), repairs.of("execution"), repairs.of("override"))
    people = np.where(is_undone, 0.0, order.planned_units - order.model_units)
    stock = course.opening + course.unmoved + course.arriving.sum(axis=1)
    whole = course.wanted.sum(axis=1)
    ratio = np.divide(
        course.free_wanted.sum(axis=1), whole, out=np.ones_like(whole), where=whole > 0
    )
    model = np.where(
        (ratio == 1.0) | (order.model_units <= 0),
        order.model_units,
        np.maximum((order.model_units + stock) * ratio - stock, 0.0),
    )
    knows = repairs.of("demand")
    locked = np.where(knows, best_need(course), order.model_units)
    free = np.where(knows, best_need(course, is_free=True), model)
    return np.maximum(np.where(repairs.of("price_lock"), free, locked) + people, 0.0)
