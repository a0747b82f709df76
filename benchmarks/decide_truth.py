"""The true distribution of what a simulated seller's campaign will sell, as of the planning day.

Draws the days ahead many times from the simulator's own laws, with everything kept that had
happened by then: levels, SKUs' own ratios, the drift so far. What nobody can know is drawn anew:
further drift, the shock of the event, the noise of each day. The tests hold it to `world_demand`.
"""

import numpy as np
import pandas as pd

from benchmarks import world_demand as laws
from benchmarks.world_specs import Spec
from benchmarks.world_stock import components
from planner.demand.clean import Floats

N_WORLDS = 2000
"""True worlds that orders are valued on. [worlds]"""
PURPOSE = 77
"""Number of the random stream, apart from those of the simulator."""
PHASES = ("warm_up", "sale", "tail")


def true_totals(spec: Spec, seed: int, *, as_of: pd.Timestamp, n_worlds: int) -> dict[str, Floats]:
    """Return draws of the last promotion's demand by phase.

    Parameters
    ----------
    spec : Spec
    seed : int
        Of the world whose past is kept.
    as_of : Timestamp
        First day that is not yet known.
    n_worlds : int

    Returns
    -------
    dict of str to array, shape (n_shop, n_sku, n_worlds)
        In the order of `spec.shops` and `spec.skus`; zeros for a phase without days. [units]
    """
    days = laws.days_of(spec)
    promo, rng = spec.promos[-1], np.random.default_rng([seed, PURPOSE])
    base = _ordinary(spec, seed, days)
    drift = _drift_ahead(spec, seed, days, as_of, rng, n_worlds)
    mean = _phase_means(spec, seed, rng, n_worlds)
    parts = components(spec)
    totals = {}
    for phase, chosen in laws.phase_days(days, promo).items():
        curve = laws._sale_curve(chosen.sum()) if phase == "sale" else np.ones(chosen.sum())
        expected = (base[:, :, chosen, None] * drift[:, :, chosen]) * curve[:, None]
        units = laws._day_noise(expected * mean[phase][:, :, None], spec, rng).sum(axis=2)
        totals[phase] = np.einsum("hlk,ls->hsk", units, parts).astype(float)
    empty = np.zeros((len(spec.shops), len(spec.skus), n_worlds))
    return {phase: totals.get(phase, empty) for phase in PHASES}


def _ordinary(spec: Spec, seed: int, days: pd.DatetimeIndex) -> Floats:
    level = laws._levels(spec, laws._stream(seed, 1))
    return level[:, :, None] * laws._season(spec, days) * laws._weekday(spec, days)


def _drift_ahead(
    spec: Spec,
    seed: int,
    days: pd.DatetimeIndex,
    as_of: pd.Timestamp,
    rng: np.random.Generator,
    n_worlds: int,
) -> Floats:
    """Return drift factors, shape (n_shop, n_listing, n_day, n_worlds); known weeks are kept."""
    weeks = len(days) // 7 + 2
    shape = (len(spec.shops), len(spec.listings), weeks)
    sd = spec.habits.drift_log_sd
    steps = laws._stream(seed, 2).normal(0, sd, shape)
    known = int(days.searchsorted(as_of)) // 7
    walk = np.zeros((*shape, n_worlds), dtype=np.float32)
    for week in range(1, weeks):
        step = steps[:, :, week, None] if week <= known else rng.normal(0, sd, walk[:, :, 0].shape)
        walk[:, :, week] = laws.DRIFT_MEMORY * walk[:, :, week - 1] + step
    place = np.arange(len(days)) / 7
    whole = place.astype(int)
    part = (place - whole)[:, None]
    ahead = days >= as_of  # the days before are not asked for
    factors = np.ones((*shape[:2], len(days), n_worlds), dtype=np.float32)
    early, late = walk[:, :, whole[ahead]], walk[:, :, whole[ahead] + 1]
    factors[:, :, ahead] = np.exp(early * (1 - part[ahead]) + late * part[ahead])
    return factors


def _phase_means(
    spec: Spec, seed: int, rng: np.random.Generator, n_worlds: int
) -> dict[str, Floats]:
    """Return the ratio of each phase, shape (n_shop, n_listing, n_worlds), shocks drawn anew."""
    habits, promo = spec.habits, spec.promos[-1]
    n_listing = len(spec.listings)
    log_sale = np.log([habits.sale_ratios[item.category] for item in spec.listings])
    own_ratio = laws._stream(seed, 3).normal(0, habits.sku_log_sd, n_listing)
    shape = (len(spec.shops), n_listing, n_worlds)
    common = rng.normal(0, habits.event_log_sd, n_worlds)
    own, first, last = (
        rng.normal(0, sd, shape) for sd in (laws.OWN_LOG_SD, laws.QUIET_LOG_SD, laws.QUIET_LOG_SD)
    )
    sale = np.exp(promo.strength * (log_sale + own_ratio)[:, None] + common + own)
    return {
        "warm_up": laws.WARM_UP_RATIO * np.exp(common / 4 + first),
        "sale": sale.clip(*laws.SALE_BOUNDS),
        "tail": laws.TAIL_RATIO * np.exp(common / 4 + last),
    }
