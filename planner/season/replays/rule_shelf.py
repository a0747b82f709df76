"""The rules sellers use today, each with a shelf of its own: what it orders, sells and misses.

Pure arithmetic on arrays, one row per market and SKU, one column per day. A rule sees the sales
that its own shelf allowed, up to the day before, and nothing of what is to come.
"""

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from planner.supply.charges.packing import round_order
from planner.supply.order.rule_room import Room, fitted
from planner.supply.quantity.cushions import FACTOR_RATES
from planner.supply.quantity.safety_stock import by_extremes

AVERAGE_DAYS = (3, 7, 14, 30, 60, 90)
"""Windows of a weighted average, as Lingxing's replenishment rules have them. [days]"""
EQUAL_WEIGHTS = dict.fromkeys(AVERAGE_DAYS, 1.0 / len(AVERAGE_DAYS))
"""What an ERP starts with; a seller may give the weights it has set. [unitless]"""
LARGEST_DAYS = (30, 60, 90)
"""Windows of the rule that takes the largest average, as Shopee's own warehouses do. [days]"""
TURNOVER_DAYS = 60
"""Days of stock that rule keeps overseas, its default. [days]"""
SAFETY_DAYS = 7
"""On top of the lead time; no default is known. House estimate. [days]"""
REVIEW_DAYS = 7
"""Between two orders, added to what an order must last for. House estimate. [days]"""
FORECAST_FACTOR = 1.0 + FACTOR_RATES["seed_style"]
"""The brief puts 10 to 20 % on the forecast. [unitless]"""
FORMULA_DAYS = 180
"""History that the brief's formula looks at: three to six months. [days]"""


class RuleTerms(NamedTuple):
    """What a seller has set in its rules."""

    weights: Mapping[int, float] = EQUAL_WEIGHTS
    safety_days: float = SAFETY_DAYS
    review_days: float = REVIEW_DAYS
    turnover_days: float = TURNOVER_DAYS
    factor: float = FORECAST_FACTOR


class Start(NamedTuple):
    """Where every rule starts; row i of every part is the same market and SKU."""

    history: np.ndarray
    """Units sold by day up to the day before, shape (n_sku, n_past). [units]"""
    wanted: np.ndarray
    """Demand by day, shape (n_sku, n_days). [units]"""
    opening: np.ndarray
    """shape (n_sku,). [units]"""
    arriving: np.ndarray
    """What else came to the shelf or left it, by day, shape (n_sku, n_days). [units]"""
    known: np.ndarray
    """Of that, what every rule knew to be on its way on the first morning, shape (n_sku,)."""
    lead_days: np.ndarray
    """From order to shelf, whole days, shape (n_sku,). [days]"""
    longest_lead_days: np.ndarray
    moq_units: np.ndarray
    carton_units: np.ndarray
    is_refused: np.ndarray
    """A gate lets nothing through: no rule orders, shape (n_sku,)."""
    room: Room
    """What all orders of a rule may take together."""


class Run(NamedTuple):
    """What a rule did; every part of shape (n_sku, n_days). [units]."""

    daily: np.ndarray
    """Rate it went by; NaN where it goes by none. [units/day]"""
    orders: np.ndarray
    held_back: np.ndarray
    """Asked for by the rule and not ordered, for want of room or money."""
    ends: np.ndarray
    coming: np.ndarray
    sold: np.ndarray
    lost: np.ndarray


Rule = Callable[[np.ndarray], tuple[np.ndarray, np.ndarray]]
"""From the sales seen to the daily rate and the level that an order fills up to."""


def weighted_average(
    history: np.ndarray, weights: Mapping[int, float] = EQUAL_WEIGHTS
) -> np.ndarray:
    """Return the weighted mean of the averages of the last days.

    Parameters
    ----------
    history : ndarray, shape (n_sku, n_past)
        Units by day, promotions and empty shelves left in, as the trade does. [units]
    weights : Mapping of int to float
        By window. A history shorter than a window counts by the days there are.

    Returns
    -------
    ndarray, shape (n_sku,)
        [units/day]

    Examples
    --------
    Seven days at five times the usual rate of 10:

    >>> week = np.array([[10.0] * 83 + [50.0] * 7])
    >>> float(weighted_average(week)[0].round(1))
    29.5
    """
    total = sum(weights.values())
    return sum(_mean(history, days) * weight for days, weight in weights.items()) / total


def largest_average(history: np.ndarray, windows: tuple[int, ...] = LARGEST_DAYS) -> np.ndarray:
    """Return the largest of the averages of the last days, shape (n_sku,). [units/day].

    Examples
    --------
    >>> float(largest_average(np.array([[1.0] * 60 + [4.0] * 30]))[0])
    4.0
    """
    return np.max([_mean(history, days) for days in windows], axis=0)


def averaging_rule(start: Start, terms: RuleTerms) -> Rule:
    """Return the rule ``weighted average * (lead + review + safety days)``."""
    days = start.lead_days + terms.review_days + terms.safety_days
    return lambda seen: _level(weighted_average(seen, terms.weights), days)


def largest_rule(start: Start, terms: RuleTerms) -> Rule:
    """Return the rule ``largest average * turnover days``, at least the lead time's."""
    days = np.maximum(terms.turnover_days, start.lead_days)
    return lambda seen: _level(largest_average(seen), days)


def formula_rule(start: Start, terms: RuleTerms) -> Rule:
    """Return the brief's formula: mean over the lead time and the safety stock of extremes.

    Notes
    -----
    ``mean * (lead + review days) + (largest day * longest lead - mean * mean lead)``.
    """

    def rule(seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        mean = _mean(seen, FORMULA_DAYS)
        peak = np.maximum(seen[:, -FORMULA_DAYS:].max(axis=1, initial=0.0), mean)
        safety = by_extremes(mean, peak, start.lead_days, start.longest_lead_days)
        return mean, mean * (start.lead_days + terms.review_days) + safety

    return rule


def run_rule(start: Start, rule: Rule) -> Run:
    """Return what a rule does that looks at its shelf every morning.

    Notes
    -----
    Ordered in the morning is ``level - shelf - coming``, rounded up to minimum order and cartons;
    it is on the shelf `lead_days` later. Demand that finds no stock is lost; where a gate refuses
    the SKU nothing is ordered, and what the seller's limits have no room for neither.
    """
    past, n_days = start.history.shape[1], start.wanted.shape[1]
    seen = np.concatenate([start.history, np.zeros(start.wanted.shape)], axis=1)
    run, rows = _blank(start), np.arange(len(start.wanted))
    own = np.zeros((len(rows), n_days + 1))
    due = _still_due(start)
    held, ordered = start.opening.astype(float), np.zeros(len(rows))
    used, packs = np.zeros(len(start.room.caps)), _packs(start)
    for day in range(n_days):
        run.daily[:, day], level = rule(seen[:, : past + day])
        asked = np.maximum(level - held - ordered - due[:, day], 0.0)
        asked = np.where(start.is_refused, 0.0, asked)
        wished = np.where(asked > 0, round_order(asked, **packs), 0).astype(float)
        units = fitted(wished, start.room, used, **packs)
        used = used + start.room.sizes @ units
        run.orders[:, day], run.held_back[:, day] = units, wished - units
        np.add.at(own, (rows, np.minimum(day + start.lead_days, n_days).astype(int)), units)
        ordered = ordered + units - own[:, day]
        held = _serve(run, start, held + own[:, day], ordered, day)
        seen[:, past + day] = run.sold[:, day]
    return run


def run_once(start: Start, units: np.ndarray, arriving: np.ndarray) -> Run:
    """Return what one order does that is placed on the first morning.

    Parameters
    ----------
    start : Start
    units : ndarray, shape (n_sku,)
        Ordered. [units]
    arriving : ndarray, shape (n_sku, n_days)
        When it is on the shelf; what comes after the last day may be left out. [units]
    """
    run = _blank(start)
    run.daily[:] = np.nan
    run.orders[:, 0] = units
    held, ordered = start.opening.astype(float), units.astype(float)
    for day in range(start.wanted.shape[1]):
        ordered = ordered - arriving[:, day]
        held = _serve(run, start, held + arriving[:, day], ordered, day)
    return run


def _serve(run: Run, start: Start, held: np.ndarray, coming: np.ndarray, day: int) -> np.ndarray:
    """Sell a day from the shelf, write it down, and return what is left."""
    held = np.maximum(held + start.arriving[:, day], 0.0)
    run.sold[:, day] = np.minimum(held, start.wanted[:, day])
    run.lost[:, day] = start.wanted[:, day] - run.sold[:, day]
    run.coming[:, day] = np.maximum(coming, 0.0)
    run.ends[:, day] = held - run.sold[:, day]
    return run.ends[:, day]


def _packs(start: Start) -> dict[str, np.ndarray]:
    return {"moq_units": start.moq_units, "carton_units": start.carton_units}


def _still_due(start: Start) -> np.ndarray:
    """Return by morning what of the units known to be on their way has not come. [units]."""
    came = np.cumsum(np.maximum(start.arriving, 0.0), axis=1)
    before = np.concatenate([np.zeros((len(came), 1)), came[:, :-1]], axis=1)
    return np.maximum(start.known[:, None] - before, 0.0)


def _blank(start: Start) -> Run:
    return Run(*(np.zeros(start.wanted.shape) for _ in Run._fields))


def _level(rate: np.ndarray, days: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return rate, rate * days


def _mean(history: np.ndarray, days: int) -> np.ndarray:
    part = history[:, -days:]
    return part.sum(axis=1) / max(part.shape[1], 1)
