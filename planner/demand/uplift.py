"""How much more a promotion sells than ordinary days, and how sure that is.

Weighs what past promotions (`promotions`) say of each phase, with what is known to drive
them, and how wide the ranges must be. Knows nothing of levels ahead, nor of draws.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand import drivers as known_drivers
from planner.demand import patterns
from planner.demand.calibration import spread_factor, widened
from planner.demand.clean import KEYS, Flags, Floats, Panel, panel_of
from planner.demand.pooling import Names, Pooled, pool
from planner.demand.promo_runs import Runs, Target
from planner.demand.promotions import (
    Past,
    announced_stops,
    days_ahead,
    joined_runs,
    past_of,
    past_runs,
    remembered_runs,
    target_of,
    unseen_memory,
)
from planner.demand.shared_cells import Shared, with_shared
from planner.demand.spread import day_noise
from planner.tables import PROMO_PHASES, Uplift, UpliftEffects, checked, columns


class Told(NamedTuple):
    """Ratios of the promotion ahead, and what each consists of."""

    uplift: pd.DataFrame
    """Table `Uplift`."""
    effects: pd.DataFrame
    """Table `UpliftEffects`, rows as in `uplift`."""


def estimate_uplift(
    daily: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    events: pd.DataFrame,
    priors: pd.DataFrame,
    memory: pd.DataFrame,
    catalogue: pd.DataFrame,
    drivers: pd.DataFrame | None = None,
    drivers_ahead: pd.DataFrame | None = None,
    fit: pd.DataFrame | None = None,
    shared: Shared | None = None,
) -> pd.DataFrame:
    """Return the ratio of each phase ahead to ordinary days, with its range and its roots.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    baseline : DataFrame
        Table `BaselineDaily` of the same history.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    events : DataFrame
        Table `Events`; gives the kind of each past event.
    priors : DataFrame
        Register `UpliftPriors`; a category or kind of "*" holds for all.
    memory : DataFrame
        Table `UpliftMemory`, already cut by `memory.usable_memory`.
    catalogue : DataFrame
        Table `Catalogue`.
    drivers : DataFrame, optional
        Table `Drivers`: what is known of past promotions and of the one ahead.
    drivers_ahead : DataFrame, optional
        The same as far as it is known of the promotion ahead; without it `drivers` tells both.
    fit : DataFrame, optional
        Table `BaselineFit` that belongs to `baseline`; with it, the ranges are widened or
        narrowed by how past promotions fell into theirs.
    shared : Shared, optional
        What other sellers of the provider showed; it stands in the register's place for a phase
        in which the seller has no promotion of its own, none remembered either. Beside own ones
        it did not help: in four made worlds of four it erred more (`bench memory`).

    Returns
    -------
    DataFrame
        Table `Uplift`: `uplift_ratio` is the mean, `low_ratio` and `high_ratio` hold 80 %.

    Notes
    -----
    Days without stock are left out of what a past promotion sold and of what was expected
    alike. How seller, kind of event, category and SKU are weighed: see `pooling.pool`.
    """
    return told_uplift(
        daily,
        baseline,
        plans=plans,
        events=events,
        priors=priors,
        memory=memory,
        catalogue=catalogue,
        drivers=drivers,
        drivers_ahead=drivers_ahead,
        fit=fit,
        shared=shared,
    ).uplift


def told_uplift(
    daily: pd.DataFrame,
    baseline: pd.DataFrame,
    *,
    plans: Mapping[str, MarketPlan],
    events: pd.DataFrame,
    priors: pd.DataFrame,
    memory: pd.DataFrame,
    catalogue: pd.DataFrame,
    drivers: pd.DataFrame | None = None,
    drivers_ahead: pd.DataFrame | None = None,
    fit: pd.DataFrame | None = None,
    shared: Shared | None = None,
) -> Told:
    """Return what `estimate_uplift` does, with what each ratio consists of.

    Parameters
    ----------
    daily, baseline, plans, events, priors, memory, catalogue, drivers, drivers_ahead, fit, shared
        As `estimate_uplift` takes them.
    """
    panel = panel_of(daily, catalogue=catalogue)
    past = past_of(panel, baseline)
    noise = day_noise(panel.units, past.expected, past.is_clean)
    kinds = dict(zip(events["event"], events["kind"], strict=True))
    unseen = unseen_memory(memory, daily)
    known = drivers, drivers if drivers_ahead is None else drivers_ahead
    tables, effects, spread_ratio = [], [], 1.0
    for phase in PROMO_PHASES:
        runs = past_runs(panel, past.expected, past.is_clean, phase=phase, kinds=kinds)
        runs = joined_runs(runs, remembered_runs(unseen, panel, phase))
        behind = None if runs.series.size else shared
        target, is_shared = _target(panel, plans, priors, phase, behind)
        runs, target = _driven(runs, target, panel, past, plans, phase, known, events)
        pooled = pool(
            runs,
            target,
            dispersion=noise.dispersion,
            seller_dispersion=noise.pooled,
            pattern_slopes=patterns.EXPECTED_SLOPES,
        )
        if phase == "sale":
            spread_ratio = _spread_ratio(panel, past, fit, noise.dispersion, runs, pooled, plans)
        table = _table(panel, pooled, _source(runs, target, pooled, is_shared), phase)
        takes_part = _takes_part(panel, plans, phase)
        tables.append(table[takes_part])
        effects.append(_effects(panel, pooled, phase)[takes_part])
    table = pd.concat(tables, ignore_index=True).sort_values(KEYS, kind="stable")
    parts = pd.concat(effects, ignore_index=True).sort_values(KEYS, kind="stable")
    return Told(checked(Uplift, widened(table, spread_ratio)), checked(UpliftEffects, parts))


def _driven(
    runs: Runs,
    target: Target,
    panel: Panel,
    past: Past,
    plans: Mapping[str, MarketPlan],
    phase: str,
    known: tuple[pd.DataFrame | None, pd.DataFrame | None],
    events: pd.DataFrame,
) -> tuple[Runs, Target]:
    """Return runs and target with their patterns, and with what is known to drive them."""
    start, days = days_ahead(panel, plans, phase)
    last = patterns.last_stops(runs, len(panel.keys), before=start)
    last = np.maximum(last, announced_stops(panel, events, before=start))
    seen = patterns.of_runs(runs)
    seen = patterns.with_whole_length(seen, runs, start=start, days=days)
    ahead = patterns.of_target(start=start, days=days, last_stop=last, daily_units=past.daily_ahead)
    if phase != "sale":  # warm-ups and tails are few and quiet: their pattern is mostly chance
        seen, ahead = np.full_like(seen, np.nan), np.full_like(ahead, np.nan)
    drivers, drivers_ahead = known
    if drivers is not None and len(drivers):
        series = np.where(runs.is_memory, -1, runs.series)
        told = known_drivers.of_runs(
            drivers, panel, phase=phase, series=series, event=runs.event, start=runs.start
        )
        seen = np.column_stack([seen, told])
        ahead = np.column_stack(
            [ahead, known_drivers.of_target(drivers_ahead, panel, plans, phase)]
        )
    seen[:, np.isnan(ahead).all(axis=0)] = np.nan  # what nobody knows ahead explains no past
    return runs._replace(drivers=seen), target._replace(drivers=ahead)


def _spread_ratio(
    panel: Panel,
    past: Past,
    fit: pd.DataFrame | None,
    dispersion: Floats,
    runs: Runs,
    pooled: Pooled,
    plans: Mapping[str, MarketPlan],
) -> float:
    if fit is None or not plans:
        return 1.0
    known = fit.set_index(KEYS).reindex(pd.MultiIndex.from_frame(panel.keys[KEYS]))
    starts = (pd.Timestamp(plan.phases.sale.start) - panel.end for plan in plans.values())
    drift = known["drift_sd"] ** 2 + known["common_drift_sd"] ** 2
    return spread_factor(
        panel,
        factor=past.factor,
        is_clean=past.is_clean,
        half_life_days=float(known["half_life_days"].max()),
        drift_variance=drift.fillna(0.0).to_numpy(),
        dispersion=dispersion,
        runs=runs,
        pooled=pooled,
        lead_days=max(min(gap.days for gap in starts), 1),
    )


def _target(
    panel: Panel,
    plans: Mapping[str, MarketPlan],
    priors: pd.DataFrame,
    phase: str,
    shared: Shared | None,
) -> tuple[Target, Flags]:
    """Return the promotion ahead, and for which series other sellers stand behind it."""
    kinds = {market: plan.kind for market, plan in plans.items()}
    kind = np.array([kinds.get(market, "") for market in panel.keys["market"]], dtype=object)
    target = target_of(kind, panel.keys["category"].to_numpy(dtype=object), priors, phase=phase)
    if shared is None:
        return target, np.zeros(len(kind), dtype=bool)
    return with_shared(target, panel, shared, phase=phase)


def _takes_part(panel: Panel, plans: Mapping[str, MarketPlan], phase: str) -> Flags:
    having = [market for market, plan in plans.items() if phase in plan.phases.named()]
    return panel.keys["market"].isin(having).to_numpy()


def _source(runs: Runs, target: Target, pooled: Pooled, is_shared: Flags) -> Names:
    """Return the nearest root of each ratio: SKU, category, seller, memory, others, register."""
    fresh = ~runs.is_memory
    seen = set(runs.category[fresh])
    in_category = np.array([name in seen for name in target.category], dtype=bool)
    remembered = bool(runs.is_memory.any())
    has_runs = bool(fresh.any())
    choices = [pooled.past_runs > 0, pooled.own_weight > 0, in_category & (target.category != "")]
    others = np.where(is_shared, "shared", "shipped")
    rest = "portfolio" if has_runs else ("memory" if remembered else others)
    return np.select(choices, ["sku", "memory", "category"], rest)


def _table(panel: Panel, pooled: Pooled, source: Names, phase: str) -> pd.DataFrame:
    return panel.keys[KEYS].assign(
        phase=phase,
        uplift_ratio=np.exp(pooled.log_ratio),
        own_ratio=np.exp(pooled.own_log_ratio),
        prior_ratio=np.exp(pooled.log_prior),
        own_weight=pooled.own_weight,
        past_events=pooled.past_runs,
        log_sd=pooled.log_sd,
        unknown_variance=pooled.unknown_variance,
        common_log_sd=pooled.common_log_sd,
        source=pd.array(source.astype(object), dtype="str"),
    )


def _effects(panel: Panel, pooled: Pooled, phase: str) -> pd.DataFrame:
    """Return the rows of `UpliftEffects`; a driver that nobody told of adds nothing."""
    named = ["seller", "kind", "category", *patterns.PATTERNS, *known_drivers.DRIVER_COLUMNS]
    parts = pooled.effects[:, :-1]
    table = panel.keys[KEYS].assign(phase=phase, data_weight=pooled.data_weight)
    table["own_log_sd"] = pooled.own_log_sd
    for place, name in enumerate(named):
        table[f"{name}_effect"] = parts[:, place] if place < parts.shape[1] else 0.0
    return table.assign(own_effect=pooled.effects[:, -1])[columns(UpliftEffects)]
