"""Small worlds in which it is known what every empty shelf cost, each odd in its own way.

Beside the demo world, which this project's engine was built on: other noise, other restocking,
goods that come in at noon, listings that trickle, sellers without a clock in their exports.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

N_DAY, N_SKU = 400, 30
FIRST_ON = pd.Timestamp("2024-01-01").as_unit("us")
PROMO_STARTS = (95, 155, 215, 275, 335)
PROMO_DAYS = 3
DAY_SECONDS = 86_400


class Case(NamedTuple):
    """What the planner may see of a world, and what it must not."""

    daily: pd.DataFrame
    history: pd.DataFrame
    lines: pd.DataFrame
    truth: pd.DataFrame
    """Aligned with `daily`: demand_units, is_out (shelf empty for a time), is_cut, mean_units (a
    SKU's usual day), baseline_units (that day's mean without promotion)."""


@dataclass(frozen=True)
class Oddity:
    """How one small world differs from a plain one."""

    alpha: float = 0.1
    """Day noise: variance = mean + alpha mean**2; 0 is Poisson. [unitless]"""
    weekday: tuple[float, ...] = (0.9, 0.9, 0.95, 1.0, 1.05, 1.1, 1.1)
    trend: float = 0.0
    """Growth from the first to the last day, half the SKUs the other way. [log units]"""
    viral: bool = False
    noon_restock: bool = False
    trickle_rate: float = 0.0
    """Share of demand that an empty shelf sells all the same. [unitless]"""
    has_clock: bool = True
    cover_days: float = 35.0
    late_days: float = 7.0
    """Mean delay of goods beyond their lead time. [days]"""


ODDITIES: Mapping[str, Oddity] = {
    "plain": Oddity(),
    "poisson, strong weekdays": Oddity(alpha=0.0, weekday=(0.6, 0.6, 0.7, 0.9, 1.2, 1.5, 1.5)),
    "very overdispersed": Oddity(alpha=0.8),
    "trend": Oddity(trend=1.2),
    "viral spikes": Oddity(viral=True),
    "goods come at noon": Oddity(noon_restock=True, late_days=3.0),
    "trickle": Oddity(trickle_rate=0.04, late_days=12.0),
    "no clock": Oddity(has_clock=False),
    "often out": Oddity(cover_days=14.0, late_days=9.0),
}


def small_case(oddity: Oddity, seed: int) -> Case:
    """Return one small world: 30 SKUs of 0.2 to 60 units a day, 400 days, five promotions."""
    rng = np.random.default_rng([seed, 11])
    mean, baseline, phase = _means(oddity, rng)
    noise = rng.gamma(1 / oddity.alpha, oddity.alpha, mean.shape) if oddity.alpha else 1.0
    demand = rng.poisson(mean * noise)
    sold, ends, wanted, opened, runs_out = _served(oddity, demand, mean, rng)
    days = FIRST_ON + pd.to_timedelta(np.arange(N_DAY), unit="D")
    skus = [f"S{place:02d}" for place in range(N_SKU)]
    index = pd.MultiIndex.from_product([skus, days], names=["sku", "day"])
    wide = {
        "units": sold, "demand_units": demand, "mean_units": mean, "ends": ends,
        "baseline_units": baseline,
        "is_cut": demand > sold, "is_out": (demand > sold) | (ends == 0) | (opened > 0),
    }  # fmt: skip
    frame = pd.DataFrame({name: part.reshape(-1) for name, part in wide.items()}, index=index)
    frame = frame.reset_index().assign(shop="s", market="TH")
    frame["phase"] = np.tile(np.where(phase > 0, "sale", ""), N_SKU)
    frame["event"] = np.tile(np.where(phase > 0, np.char.add("e", phase.astype(str)), ""), N_SKU)
    kept = _kept(sold, wanted, runs_out, rng)
    lines = _lines(*kept, opened, skus, has_clock=oddity.has_clock)
    history = frame[["sku", "day", "ends"]].rename(columns={"ends": "units"})
    started = frame["units"].groupby(frame["sku"]).cumsum() > 0
    frame = frame[started].reset_index(drop=True)
    told = {"revenue_minor": 0, "cancelled_units": 0, "is_stock_out": False}
    usual = frame.groupby("sku")["mean_units"].transform("median")
    truth = frame[["demand_units", "is_cut", "is_out", "baseline_units"]].assign(mean_units=usual)
    return Case(frame.assign(**told), history, lines, truth)


def _means(oddity: Oddity, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return mean units with promotions and without, and the number of each day's promotion."""
    level = np.exp(rng.uniform(np.log(0.2), np.log(60), N_SKU))
    weekday = np.array(oddity.weekday) / np.mean(oddity.weekday)
    sign = np.where(np.arange(N_SKU) % 2, 1, -1)[:, None]
    slope = np.exp(sign * oddity.trend * (np.arange(N_DAY) / N_DAY - 0.5))
    walk = np.cumsum(rng.normal(0, 0.01, (N_SKU, N_DAY)), axis=1)
    mean = level[:, None] * weekday[np.arange(N_DAY) % 7] * slope * np.exp(walk)
    baseline = mean.copy()
    phase = np.zeros(N_DAY, dtype=int)
    for number, start in enumerate(PROMO_STARTS, 1):
        phase[start : start + PROMO_DAYS] = number
        lift = rng.lognormal(np.log(2.5), 0.25, (N_SKU, 1)) * np.array([1.3, 0.9, 0.8])
        mean[:, start : start + PROMO_DAYS] *= lift
    if oddity.viral:
        for sku in range(0, N_SKU, 2):
            start = int(rng.integers(30, N_DAY - 30))
            mean[sku, start : start + int(rng.integers(1, 6))] *= rng.uniform(4, 10)
    return mean, baseline, phase


def _served(
    oddity: Oddity, demand: np.ndarray, mean: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, ...]:
    """Return units sold, stock at the end, units wanted since opening, opening, who ran out."""
    sold, ends = np.zeros_like(demand), np.zeros_like(demand)
    opened, runs_out = np.zeros(demand.shape), np.zeros(demand.shape, dtype=bool)
    present = np.zeros_like(demand)
    usual = np.median(mean, axis=1)
    shelf = np.ceil(usual * oddity.cover_days).astype(int)
    due = np.full(len(shelf), -1)
    for day in range(N_DAY):
        comes = due == day
        gone = np.where(comes & (shelf == 0) & oddity.noon_restock, rng.uniform(0.2, 0.7), 0.0)
        shelf = shelf + np.where(comes, np.ceil(usual * oddity.cover_days).astype(int), 0)
        due[comes] = -1
        late = rng.binomial(demand[:, day], gone)
        wanted = demand[:, day] - late
        crumbs = rng.binomial(wanted, oddity.trickle_rate) * (shelf == 0)
        sold[:, day] = np.minimum(wanted, shelf + crumbs)
        opened[:, day], present[:, day], runs_out[:, day] = gone, wanted, shelf > 0
        shelf = np.maximum(shelf - sold[:, day], 0)
        ends[:, day] = shelf
        asks = (due < 0) & (shelf < 12 * usual)
        wait = 10 + rng.exponential(oddity.late_days, len(shelf)).astype(int)
        due = np.where(asks, day + wait, due)
    return sold, ends, present, opened, runs_out


def _kept(
    sold: np.ndarray, wanted: np.ndarray, runs_out: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return SKU, day and moment of each unit sold: who comes first is served.

    An empty shelf's crumbs go to anybody.
    """
    sku, day = (np.repeat(index, wanted[wanted > 0]) for index in np.nonzero(wanted))
    moment = rng.random(len(sku))
    turn = np.where(runs_out[sku, day], moment, rng.random(len(sku)))
    cell = sku * wanted.shape[1] + day
    order = np.lexsort((turn, cell))
    count = wanted.reshape(-1)
    rank = np.arange(len(cell)) - np.repeat(np.cumsum(count) - count, count)
    served = order[rank < sold.reshape(-1)[cell]]
    return sku[served], day[served], moment[served]


def _lines(
    sku: np.ndarray,
    day: np.ndarray,
    moment: np.ndarray,
    opened: np.ndarray,
    skus: list[str],
    *,
    has_clock: bool,
) -> pd.DataFrame:
    share = opened[sku, day] + (1 - opened[sku, day]) * moment
    hours = np.array([1, 1, 1, 1, 1, 2, 3, 4, 5, 6, 6, 6, 7, 6, 6, 6, 6, 7, 8, 9, 10, 9, 6, 3])
    edges = np.append(0, np.cumsum(hours / hours.sum()))
    second = np.interp(share, edges, np.arange(25) * 3600).astype("int64") if has_clock else 0 * day
    at = FIRST_ON + pd.to_timedelta(day * DAY_SECONDS + second, unit="s")
    names = np.array(skus)[sku]
    frame = pd.DataFrame({"shop": "s", "market": "TH", "sku": names, "ordered_at": at, "units": 1})
    return frame.astype({"sku": "str", "shop": "str", "market": "str"})
