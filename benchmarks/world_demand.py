"""True demand: the level of ordinary days, what promotions do to it, and the noise of a day.

Arrays have the shape (n_shop, n_listing, n_day). Stock plays no part here: this
is what buyers would have ordered from shelves that are never empty.
"""

from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.world_specs import Promo, Spec, Spell
from planner.frozen import Span

DECIMALS = 6
"""Means are rounded before units are drawn, so that every machine draws the same world."""
PEAK_DAY = 340
"""Day of the year on which the season peaks: early December. [days]"""
DRIFT_MEMORY = 0.97
"""Share of a week's drift that lives on into the next. [unitless]"""
WARM_UP_RATIO = 0.95
"""Buyers wait: a warm-up sells about what ordinary days do. [unitless]"""
TAIL_RATIO = 1.12
DAY_DECAY = 0.75
"""What a further sale day keeps of the first day's surplus over the last. [unitless]"""
FIRST_DAY_RATIO = 1.5
"""First sale day over the sale's mean, before scaling. [unitless]"""
QUIET_LOG_SD = 0.05
"""How much warm-ups and tails vary, about a third of what sales do. [log units]"""
OWN_LOG_SD = 0.12
"""What only one SKU does in only one event. [log units]"""
SALE_BOUNDS = (1.3, 6.0)
"""Mean uplift of a sale, whatever chance says. [unitless]"""


class Demand(NamedTuple):
    """What each shop and listing would sell each day, and what it is made of."""

    baseline_units: np.ndarray
    uplift_ratio: np.ndarray
    viral_ratio: np.ndarray
    units: np.ndarray

    @property
    def mean_units(self) -> np.ndarray:
        """Expected units [units/day], shape (n_shop, n_listing, n_day)."""
        return np.round(self.baseline_units * self.uplift_ratio * self.viral_ratio, DECIMALS)


def days_of(spec: Spec) -> pd.DatetimeIndex:
    """Return the simulated days, from the first to the day before the review."""
    return pd.date_range(spec.starts_on, spec.review_on, inclusive="left", unit="us")


def draw_demand(spec: Spec, seed: int) -> Demand:
    """Return the demand of one world.

    Notes
    -----
    ``mean = level x drift x season x weekday x uplift x viral``; units are
    gamma-Poisson round it, so that their variance is ``mean + alpha x mean^2``.
    """
    days = days_of(spec)
    level = _levels(spec, _stream(seed, 1))
    drift = _drift(spec, len(days), _stream(seed, 2))
    calm = _season(spec, days) * _weekday(spec, days)
    baseline = np.round(level[:, :, None] * drift * calm, DECIMALS)
    uplift = _uplift(spec, days, _stream(seed, 3))
    viral = np.ones_like(baseline)
    for spell in spec.viral:
        viral[:, _row_of(spec, spell), _within(days, spell.days)] = spell.ratio
    mean = np.round(baseline * uplift * viral, DECIMALS)
    return Demand(baseline, uplift, viral, _day_noise(mean, spec, _stream(seed, 4)))


def phase_days(days: pd.DatetimeIndex, promo: Promo) -> dict[str, np.ndarray]:
    """Return for each phase of a promotion which of the days belong to it."""
    return {name: _within(days, span) for name, span in promo.phases.named().items()}


def position(days: pd.DatetimeIndex, day: date) -> int:
    """Return how many of the days come before one day."""
    return int(days.searchsorted(pd.Timestamp(day)))


def _stream(seed: int, number: int) -> np.random.Generator:
    return np.random.default_rng([seed, number])


def _levels(spec: Spec, rng: np.random.Generator) -> np.ndarray:
    habits = spec.habits
    weight = np.array([item.popularity for item in spec.listings])
    weight = weight * rng.lognormal(0, habits.level_log_sd, len(weight))
    share = np.array(habits.shop_shares)[:, None] * rng.lognormal(
        0, 0.15, (len(habits.shop_shares), len(weight))
    )
    return habits.daily_units * (weight / weight.sum()) * (share / share.sum(axis=0))


def _drift(spec: Spec, n_day: int, rng: np.random.Generator) -> np.ndarray:
    weeks = n_day // 7 + 2
    shape = (len(spec.shops), len(spec.listings), weeks)
    steps = rng.normal(0, spec.habits.drift_log_sd, shape)
    walk = np.zeros(shape)
    for week in range(1, weeks):
        walk[:, :, week] = DRIFT_MEMORY * walk[:, :, week - 1] + steps[:, :, week]
    place = np.arange(n_day) / 7
    whole = place.astype(int)
    part = place - whole
    return np.exp(walk[:, :, whole] * (1 - part) + walk[:, :, whole + 1] * part)


def _season(spec: Spec, days: pd.DatetimeIndex) -> np.ndarray:
    angle = 2 * np.pi * (days.day_of_year.to_numpy() - PEAK_DAY) / 365.25
    return np.exp(np.log(spec.habits.season_ratio) * np.cos(angle))


def _weekday(spec: Spec, days: pd.DatetimeIndex) -> np.ndarray:
    profile = np.array(spec.habits.weekday)
    return (profile / profile.mean())[days.day_of_week.to_numpy()]


def _uplift(spec: Spec, days: pd.DatetimeIndex, rng: np.random.Generator) -> np.ndarray:
    habits = spec.habits
    n_shop, n_listing = len(spec.shops), len(spec.listings)
    log_sale = np.log([habits.sale_ratios[item.category] for item in spec.listings])
    log_sale = log_sale + rng.normal(0, habits.sku_log_sd, n_listing)
    ratio = np.ones((n_shop, n_listing, len(days)))
    for promo in spec.promos:
        common = rng.normal(0, habits.event_log_sd)
        own = rng.normal(0, OWN_LOG_SD, (n_shop, n_listing))
        quiet = rng.normal(0, QUIET_LOG_SD, (2, n_shop, n_listing))
        sale = np.exp(promo.strength * log_sale + common + own).clip(*SALE_BOUNDS)
        means = {
            "warm_up": WARM_UP_RATIO * np.exp(common / 4 + quiet[0]),
            "sale": sale,
            "tail": TAIL_RATIO * np.exp(common / 4 + quiet[1]),
        }
        for phase, chosen in phase_days(days, promo).items():
            curve = _sale_curve(chosen.sum()) if phase == "sale" else np.ones(chosen.sum())
            ratio[:, :, chosen] = np.round(means[phase][:, :, None] * curve, DECIMALS)
    return ratio


def _sale_curve(n_day: int) -> np.ndarray:
    curve = 1 + (FIRST_DAY_RATIO - 1) * DAY_DECAY ** np.arange(n_day)
    return curve / curve.mean()


def _day_noise(mean: np.ndarray, spec: Spec, rng: np.random.Generator) -> np.ndarray:
    alpha = spec.habits.noise_alpha
    luck = np.round(rng.gamma(1 / alpha, alpha, mean.shape), DECIMALS)
    return rng.poisson(np.round(mean * luck, DECIMALS))


def _row_of(spec: Spec, spell: Spell) -> int:
    return [item.sku for item in spec.listings].index(spell.sku)


def _within(days: pd.DatetimeIndex, span: Span) -> np.ndarray:
    start, end = pd.Timestamp(span.start), pd.Timestamp(span.end)
    return np.asarray((days >= start) & (days <= end))
