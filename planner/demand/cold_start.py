"""What a SKU with few ordinary days sells: its own days, and what other SKUs say of it.

Pure arithmetic on arrays of shape (n_series, n_days); who the others are, and how far they are
to be believed, is the business of `neighbours`. Knows no promotion ahead.
"""

from typing import NamedTuple

import numpy as np

from planner.demand.clean import Codes, Flags, Floats
from planner.demand.neighbours import Like, others

MIN_CLEAN_DAYS = 28
"""Below this a series leans on others. [days]"""
HALF_UNIT = 0.5
"""Stands for the sales of a SKU that sold nothing, so that a logarithm exists. [units]"""
RATIO_UNITS = 10.0
"""Ordinary units at which a promo day's own ratio counts as much as that of all. [units]"""
MIN_DAY_RATIO = 0.5
DEFAULT_EXCESS = 0.3
"""alpha in var = mean + alpha mean^2 where no series shows it (as in `spread`). [unitless]"""


class Start(NamedTuple):
    """Level to start from, one element per series."""

    level: Floats
    """Own days and others' word together. [units/day]"""
    doubt: Floats
    """Variance of its logarithm where it leans, 0 elsewhere. [unitless]"""
    prior: Floats
    """What others say; the own mean where it does not lean. [units/day]"""
    prior_days: Floats
    """Own days that outweigh it; NaN where it does not lean. [days]"""
    source: Codes
    """Position in SOURCES of who spoke, -1 where it does not lean."""


def starting_levels(
    flat: Floats,
    raw: Floats,
    *,
    is_clean: Flags,
    is_promo: Flags,
    group: Codes,
    shop: Codes | None = None,
    price: Floats | None = None,
    like: Like | None = None,
    first: Codes | None = None,
    is_newcomer: Flags | None = None,
) -> Start:
    """Return the level of every series, leaning on other SKUs where own clean days are few.

    Parameters
    ----------
    flat, raw : array, shape (n_series, n_days)
        Units free of weekday, season and launch, capped and not. [units/day]
    is_clean, is_promo : array, shape (n_series, n_days)
        Ordinary days, and promo days in stock.
    group, shop : array, shape (n_series,)
        Codes of each series' category within its market, and of its shop.
    price : array, shape (n_series,), optional
        NaN where unknown. [currency]
    like : Like, optional
    first : array, shape (n_series,), optional
        Column of the first sale of series whose history begins with it.
    is_newcomer : array, shape (n_series,), optional
        Series launched after the shop; their place among the others is told by those of them
        whose level is known (launches sell less than what has stayed, for instance).

    Notes
    -----
    Others' word is a lognormal law of mean ``m`` and log variance ``v``, and weighs as much as
    ``E = phi / (m (exp(v) - 1))`` own days; the level is ``(S + E m) / (days + E)``. A history
    begins with the sale that made it known, so that its first day of `n` units counts as
    ``n - 1`` units in ``n / (n + 1)`` of a day. Promo days count divided by what promotions of
    the other SKUs add.
    """
    count, total = is_clean.sum(axis=1), (flat * is_clean).sum(axis=1)
    telling = count >= MIN_CLEAN_DAYS
    mean = total / np.maximum(count, 1)
    if telling.all():
        calm = np.zeros(len(mean))
        return Start(mean, calm, mean, np.full(len(mean), np.nan), np.full(len(mean), -1))
    sold, days = _own_evidence(flat, raw, is_clean, is_promo, telling, mean, first)
    speaks = telling if telling.any() else days > 0
    shown = np.log((sold + HALF_UNIT) / np.maximum(days, 1.0))
    middle, variance, source = others(
        shown,
        speaks,
        group=group,
        shop=np.zeros(len(mean), int) if shop is None else shop,
        price=np.full(len(mean), np.nan) if price is None else price,
        like=like,
        is_newcomer=np.zeros(len(mean), dtype=bool) if is_newcomer is None else is_newcomer,
    )
    prior = np.exp(middle + 0.5 * variance)
    phi = 1.0 + _excess(flat, is_clean, mean, telling) * prior
    prior_days = phi / (prior * np.expm1(variance))
    level = (sold + prior_days * prior) / (days + prior_days)
    sells = bool(raw.any())  # where nothing was ever sold there is nothing to lean on
    doubt = np.log1p(phi / ((days + prior_days) * level))
    return Start(
        np.where(telling, mean, level * sells),
        np.where(telling, 0.0, doubt),
        np.where(telling, mean, prior * sells),
        np.where(telling, np.nan, prior_days),
        np.where(telling, -1, source),
    )


def _own_evidence(
    flat: Floats,
    raw: Floats,
    is_clean: Flags,
    is_promo: Flags,
    telling: Flags,
    mean: Floats,
    first: Codes | None,
) -> tuple[Floats, Floats]:
    """Return units and days that a series itself shows."""
    ordinary = np.where(is_clean, flat, raw * is_promo / _day_ratio(raw, is_promo, telling, mean))
    days = (is_clean | is_promo).sum(axis=1).astype(float)
    units = ordinary.sum(axis=1)
    if first is None:
        return units, days
    rows = np.flatnonzero((first > 0) & (first < flat.shape[1]) & ~telling)
    cell = rows, first[rows]
    rows = rows[(is_clean | is_promo)[cell]]
    cell = rows, first[rows]
    value = ordinary[cell]
    units[rows] -= np.minimum(value, 1.0)
    days[rows] -= 1.0 / (value + 1.0)
    return units, days


def _day_ratio(raw: Floats, is_promo: Flags, telling: Flags, mean: Floats) -> Floats:
    """Return what each promo day adds to the SKUs whose level is known, shrunk to all days'."""
    sold = (raw * is_promo)[telling].sum(axis=0)
    usual = (mean[:, None] * is_promo)[telling].sum(axis=0)
    whole = sold.sum() / usual.sum() if usual.sum() > 0 else 1.0
    ratio = (sold + RATIO_UNITS * whole) / (usual + RATIO_UNITS)
    return np.maximum(ratio, MIN_DAY_RATIO)


def _excess(flat: Floats, is_clean: Flags, mean: Floats, telling: Flags) -> float:
    rest = np.where(is_clean, flat - mean[:, None], 0.0)[telling]
    days, level = is_clean.sum(axis=1)[telling], mean[telling]
    seen = ((rest**2).sum(axis=1) - days * level) / np.maximum(days * level**2, 1e-9)
    seen = np.clip(seen[days * level > 20], 0.0, 4.0)
    return float(np.median(seen)) if seen.size else DEFAULT_EXCESS
