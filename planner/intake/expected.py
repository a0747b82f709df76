"""What a SKU sells on an ordinary day: weekday pattern times a level that moves slowly.

Knows arrays of shape (n_series, n_days) and which days count; a series is a SKU in a shop. Knows
no stock and no spike: who calls says with a weight how far each day may be believed.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter

from planner.intake.day_grid import WEEK_DAYS, Floats, Grid

HALF_LIFE_DAYS, MIDDLE_HALF_LIFE_DAYS, SLOW_HALF_LIFE_DAYS = 10.0, 14.0, 20.0
"""Age on either side at which a day counts half for the level of a fast SKU, of a middling one, of
a slow one: the less its days tell, the longer the level remembers. [days]"""
FAST_UNITS, MIDDLE_UNITS = 8.0, 3.0
"""Units a day from which a SKU is fast, middling. [units/day]"""
ONE_SIDED_SHARE, SIDE_SPREADS = 0.15, 1.0
PRIOR_DAYS = 0.5
"""Days of the series' long mean that stand behind its level. [days]"""
SHOP_WEEKDAY_UNITS, OWN_WEEKDAY_UNITS = 30.0, 150.0
"""Units a weekday must have sold to count as much as its prior (flat; the shop's). [units]"""
DISPERSION_RANGE = (0.01, 3.0)
"""Bounds of alpha in ``variance = mean + alpha mean**2``. [unitless]"""
FIRST_DISPERSION = 0.15
DISPERSION_DAYS = 20.0
"""Telling days at which a series' own dispersion counts as much as its shop's. [days]"""
QUIET_SPREADS = 3.0
"""A shop is quiet on a day so many spreads below what its other SKUs would sell. [unitless]"""
QUIET_UNITS = 3.0
QUIET_TELLING = 0.25
"""Where fewer of a shop's SKUs than this pass for in stock, it may be the shop: all are asked."""
QUIET_RATIO = 0.6
LIFT_UNITS, OWN_LIFT_UNITS, EVENT_LIFT_UNITS = 5.0, 15.0, 10.0
"""Units that stand behind a promo day's lift, a SKU's share in it, and in one event. [units]"""
LIFT_ROUNDS = 3
PROMO_WEIGHT = 0.5
"""What a promo day, its lift undone, tells of the level round it when a day is judged."""
PROMO_DISPERSION = 0.08
"""What a promotion adds to alpha: no two SKUs are lifted alike. [unitless]"""


@dataclass(frozen=True)
class Expected:
    """What each day would sell from a full shelf; arrays of shape (n_series, n_days)."""

    ordinary: Floats
    """Mean of an ordinary day. [units/day]"""
    least: Floats
    """The lower of what the days before and the days after tell. [units/day]"""
    mean: Floats
    """Mean with promotion and quiet days. [units/day]"""
    dispersion: Floats
    """Alpha of each day's negative binomial. [unitless]"""

    @property
    def test_mean(self) -> Floats:
        """The day's mean [units/day], no higher than either neighbourhood allows."""
        ratio = self.mean / np.maximum(self.ordinary, 1e-9)
        return np.minimum(self.mean, self.least * ratio)


def expected_units(
    grid: Grid, units: Floats, weight: Floats, *, in_stock: Floats, dispersion: Floats
) -> Expected:
    """Return what each day would have sold from a full shelf.

    Parameters
    ----------
    grid : Grid
        The days.
    units : array, shape (n_series, n_days)
        Units sold, spikes cut if the caller knows them. [units/day]
    weight : array, shape (n_series, n_days)
        How far each day tells what an ordinary day sells, 0 to 1. [unitless]
    in_stock : array, shape (n_series, n_days)
        Chance that the day was not cut by lack of stock, promotion days too. [unitless]
    dispersion : array, shape (n_series,)
        Alpha of ordinary days. [unitless]

    Notes
    -----
    The level at day d is ``sum k units / sum k factor`` over days with kernel
    ``k = weight * 0.5 ** (|days apart| / half_life)``, half a day of the long mean behind it. The
    memory that suits a level which walks is as long as a day's noise is large against its mean,
    ``sqrt(1 / mean + alpha)``: a SKU of two units a day needs twice that of one of twenty, or a
    week without stock is taken for a fallen level. On a day on which a shop's other SKUs together
    sell far less than they would, the whole shop is quiet and all means shrink with it: that is
    no stock-out of one SKU.
    """
    factor = _weekday_factors(grid, units, weight)
    both, least = _levels(units * weight, factor * weight, dispersion)
    ordinary = both * factor
    alpha = np.broadcast_to(dispersion[:, None], units.shape)
    quiet = _quiet_ratio(grid, units, ordinary, weight, alpha)
    lift = _promo_lift(grid, ordinary, in_stock)
    if (grid.promo >= 0).any():
        part = np.where(grid.promo >= 0, PROMO_WEIGHT * in_stock * grid.is_known, weight)
        _, least = _levels(grid.units / lift * part, factor * part, dispersion)
    least = least * factor
    mean = np.maximum(ordinary * quiet * lift, 1e-6)
    alpha = alpha + np.where(grid.promo >= 0, PROMO_DISPERSION, 0.0)
    return Expected(np.maximum(ordinary, 1e-6), np.maximum(least, 1e-6), mean, alpha)


def dispersion_of(grid: Grid, units: Floats, ordinary: Floats, weight: Floats) -> Floats:
    """Return alpha of each series, ``variance = mean + alpha mean**2``, shrunk to its shop's.

    Notes
    -----
    Slow SKUs tell little of it: a day with mean m weighs ``(m / (1 + m))**2``.
    """
    surplus = ((units - ordinary) ** 2 - ordinary) * weight
    square = np.maximum((ordinary**2 * weight).sum(axis=1), 1e-9)
    own = np.clip(surplus.sum(axis=1) / square, *DISPERSION_RANGE)
    telling = (weight * (ordinary / (1 + ordinary)) ** 2).sum(axis=1)
    shop = grid.shop
    mass = np.bincount(shop, telling)
    pool = (np.bincount(shop, telling * own) + FIRST_DISPERSION) / (mass + 1.0)
    return (telling * own + DISPERSION_DAYS * pool[shop]) / (telling + DISPERSION_DAYS)


def _weekday_factors(grid: Grid, units: Floats, weight: Floats) -> Floats:
    on_day = np.eye(WEEK_DAYS)[grid.weekday]
    sold, days = (units * weight) @ on_day, weight @ on_day
    mean = sold.sum(axis=1) / np.maximum(days.sum(axis=1), 1e-9)
    due = days * mean[:, None]
    n_shop = int(grid.shop.max()) + 1
    shops = np.eye(n_shop)[:, grid.shop]
    shop = (shops @ sold + SHOP_WEEKDAY_UNITS) / (shops @ due + SHOP_WEEKDAY_UNITS)
    prior = shop[grid.shop]
    own = (sold + OWN_WEEKDAY_UNITS * prior) / (due + OWN_WEEKDAY_UNITS)
    own = own / np.maximum(own.mean(axis=1, keepdims=True), 1e-9)
    return np.maximum(own, 0.02)[:, grid.weekday]


def _levels(sold: Floats, days: Floats, dispersion: Floats) -> tuple[Floats, Floats]:
    """Return the level from both sides, and the lower side's with its doubt on top."""
    whole = sold.sum(axis=1) / np.maximum(days.sum(axis=1), 1e-9)
    half_life = np.select(
        [whole >= FAST_UNITS, whole >= MIDDLE_UNITS],
        [HALF_LIFE_DAYS, MIDDLE_HALF_LIFE_DAYS],
        SLOW_HALF_LIFE_DAYS,
    )

    def before(values: Floats) -> Floats:
        told = np.zeros_like(values)
        for age in np.unique(half_life):
            here, decay = half_life == age, 0.5 ** (1.0 / age)
            told[here, 1:] = decay * lfilter([1.0], [1.0, -decay], values[here, :-1], axis=1)
        return told

    def after(values: Floats) -> Floats:
        return before(values[:, ::-1])[:, ::-1]

    prior = PRIOR_DAYS * whole[:, None]
    left, right = before(sold), after(sold)
    n_left, n_right = before(days), after(days)
    both = (left + right + sold + prior) / (n_left + n_right + days + PRIOR_DAYS)
    least = both
    for part, n in ((left, n_left), (right, n_right)):
        side = (part + prior) / (n + PRIOR_DAYS)
        doubt = np.sqrt((side + dispersion[:, None] * side**2) / (n + PRIOR_DAYS))
        enough = n > ONE_SIDED_SHARE * (n_left + n_right)
        least = np.where(enough, np.minimum(least, side + SIDE_SPREADS * doubt), least)
    return both, least


def _quiet_ratio(
    grid: Grid, units: Floats, ordinary: Floats, weight: Floats, dispersion: Floats
) -> Floats:
    n_shop = int(grid.shop.max()) + 1
    shops = np.eye(n_shop)[:, grid.shop]
    telling = weight > 0.3
    usual = ordinary * (grid.is_known & (grid.promo < 0))
    left = (shops @ (usual * telling)) < QUIET_TELLING * (shops @ usual)
    telling = telling | (left[grid.shop] & (usual > 0))
    sold, due = (units * telling, ordinary * telling)
    spread = (ordinary + dispersion * ordinary**2) * telling
    others = [(shops @ part)[grid.shop] - part for part in (sold, due, spread)]
    ratio = (others[0] + QUIET_UNITS) / (others[1] + QUIET_UNITS)
    is_far = others[0] < others[1] - QUIET_SPREADS * np.sqrt(others[2] + 1.0)
    return np.where(is_far & (ratio < QUIET_RATIO), ratio, 1.0)


def _promo_lift(grid: Grid, ordinary: Floats, in_stock: Floats) -> Floats:
    """Return what a promotion multiplies each day by: the shop's day, the SKU's share in it."""
    is_promo = grid.promo >= 0
    if not is_promo.any():
        return np.ones_like(ordinary)
    told = is_promo & grid.is_known & (in_stock > 0.5)
    sold, due = grid.units * told, ordinary * told
    share = np.ones_like(ordinary)
    for _ in range(LIFT_ROUNDS):
        common = _shop_lift(grid, sold, due * share)
        whole = _ratio(sold, due * common, OWN_LIFT_UNITS, 1.0)
        for phase in np.unique(grid.promo[is_promo]):
            here = grid.promo == phase
            own = _ratio(sold * here, due * common * here, EVENT_LIFT_UNITS, whole)
            share = np.where(here, own, share)
    return np.where(is_promo, common * share, 1.0)


def _shop_lift(grid: Grid, sold: Floats, due: Floats) -> Floats:
    """Return the lift of each shop's day, shrunk to that of its phase and of all such phases."""
    place = grid.shop
    shops = np.eye(int(place.max()) + 1)[:, place]
    lift = np.ones_like(sold)
    for codes in (grid.kind, grid.promo):
        for code in np.unique(codes[codes >= 0]):
            here = codes == code
            own = [(shops @ (part * here)).sum(axis=1)[place, None] for part in (sold, due)]
            lift = np.where(here, (own[0] + LIFT_UNITS * lift) / (own[1] + LIFT_UNITS), lift)
    on_day = [(shops @ part)[place] for part in (sold, due)]
    return (on_day[0] + LIFT_UNITS * lift) / (on_day[1] + LIFT_UNITS)


def _ratio(sold: Floats, due: Floats, behind: float, prior: Floats | float) -> Floats:
    return (sold.sum(axis=1, keepdims=True) + behind * prior) / (
        due.sum(axis=1, keepdims=True) + behind
    )
