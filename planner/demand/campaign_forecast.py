"""The forecast of one campaign for one seller: the steps in their order, and what each left.

Joins the rooms of `demand`; does no arithmetic of its own. Notebook 02 calls it, and
whoever wants the same tables without a notebook.
"""

from typing import NamedTuple

import pandas as pd

from planner.campaign import Scope
from planner.demand import (
    backtest,
    baseline,
    caps,
    day_curve,
    days_ahead,
    decomposition,
    evidence,
    forecast,
    newcomers,
    overrides,
    plausible,
    quiet,
    ratio_reasons,
    record,
    ripples,
    uplift,
)


class Known(NamedTuple):
    """What is known on the planning day; each a table named as in `planner.tables`."""

    daily: pd.DataFrame
    events: pd.DataFrame
    catalogue: pd.DataFrame
    drivers: pd.DataFrame
    said: pd.DataFrame
    """`Drivers` without what only sales told afterwards: what a replay may know of its event."""
    joined: pd.DataFrame
    overrides: pd.DataFrame
    memory: pd.DataFrame
    """Cut by `memory.usable_memory`."""
    stock_history: pd.DataFrame
    priors: pd.DataFrame
    launch_curve: pd.DataFrame
    day_curve: pd.DataFrame
    """Register `DayCurvePriors`."""
    units_per_order: dict[str, float]
    """By shop, as `caps.units_per_order` tells it. [units/order]"""


class Foretold(NamedTuple):
    """What the forecast left; each a table named as in `planner.tables` unless said otherwise."""

    fit: pd.DataFrame
    baseline: pd.DataFrame
    uplift: pd.DataFrame
    effects: pd.DataFrame
    """`UpliftEffects`."""
    around: pd.DataFrame
    """What other events, dips and SKUs outside add, as `ripples.effects_ahead` tells it."""
    model_draws: pd.DataFrame
    """`DemandDraws` before overrides and order limits."""
    planned_draws: pd.DataFrame
    """`DemandDraws` after overrides and before order limits."""
    draws: pd.DataFrame
    override_effects: pd.DataFrame
    order_caps: pd.DataFrame
    findings: pd.DataFrame
    replay: pd.DataFrame
    """`Backtest` of every past event."""
    record: pd.DataFrame
    forecast: pd.DataFrame
    curve: pd.DataFrame
    by_day: pd.DataFrame


class Explained(NamedTuple):
    """What the forecast consists of; each a table named as in `planner.tables`."""

    parts: pd.DataFrame
    """`Decomposition`."""
    doubts: pd.DataFrame
    """`DoubtShares`."""
    reasons: pd.DataFrame
    """One sentence on each ratio, as `ratio_reasons.explain_ratios` tells it."""


def forecast_campaign(known: Known, *, scope: Scope) -> Foretold:
    """Return the forecast of a campaign and all that it rests on.

    Parameters
    ----------
    known : Known
        What is known on the planning day.
    scope : Scope
        Campaign, seller and scenario.

    Notes
    -----
    Baseline, uplift by phase, other events and dips around it, draws; then people's overrides,
    then the order limits of the shops, which nothing can exceed. The grades rest on the replay
    of every past event.
    """
    plans, catalogue = scope.plans, known.catalogue
    daily = newcomers.with_newcomers(known.daily, catalogue, until=scope.horizon_ends)
    fit, base = baseline.fit_baseline(
        daily, until=scope.horizon_ends, catalogue=catalogue, launch=known.launch_curve
    )
    base = newcomers.held_until_launch(base, catalogue)
    learnt = {"events": known.events, "priors": known.priors, "catalogue": catalogue}
    around = learnt | {"plans": plans, "joined": known.joined}
    promo = uplift.told_uplift(
        daily, base, plans=plans, memory=known.memory, drivers=known.drivers, fit=fit, **learnt
    )
    ratios = ripples.with_ripples(promo.uplift, daily, base, **around)
    other_days = quiet.quiet_days(daily, base, **around)
    model_draws = forecast.draw_demand(
        fit, base, ratios, plans=plans, demand=scope.campaign.demand, seed_text=scope.seed_text
    )
    planned = overrides.apply_overrides(
        model_draws, known.overrides, as_of=scope.as_of(2), catalogue=catalogue
    )
    curve = day_curve.learn_day_curve(daily, base, plans=plans, shipped=known.day_curve)
    capped = caps.capped_draws(
        planned.draws, shops=scope.shops, units_per_order=known.units_per_order, curve=curve
    )
    replay = _replayed(known, scope)
    grades = evidence.grade_evidence(fit, ratios, backtest=replay, catalogue=catalogue)
    totals = plausible.total_ratios(capped.draws, base, daily, catalogue=catalogue)
    return Foretold(
        fit=fit,
        baseline=base,
        uplift=ratios,
        effects=promo.effects,
        around=ripples.effects_ahead(other_days, uplift=promo.uplift, rippled=ratios),
        model_draws=model_draws,
        planned_draws=planned.draws,
        draws=capped.draws,
        override_effects=planned.effects,
        order_caps=capped.caps,
        findings=pd.concat([capped.findings, plausible.doubtful_totals(totals)], ignore_index=True),
        replay=replay,
        record=record.record_of(replay),
        forecast=forecast.summarise_draws(capped.draws, model_draws=model_draws, grades=grades),
        curve=curve,
        by_day=days_ahead.daily_forecast(capped.draws, base, curve, fit=fit, quiet=other_days),
    )


def explain_forecast(known: Known, told: Foretold, *, scope: Scope) -> Explained:
    """Return what each forecast consists of in units, what its doubt, and why each ratio.

    Parameters
    ----------
    known : Known
    told : Foretold
        What `forecast_campaign` left.
    scope : Scope
    """
    parts = decomposition.decompose(
        told.forecast,
        fit=told.fit,
        baseline=told.baseline,
        uplift=told.uplift,
        effects=told.effects,
        demand=scope.campaign.demand,
        planned=told.planned_draws,
    )
    doubts = decomposition.share_doubt(told.forecast, fit=told.fit, uplift=told.uplift)
    reasons = ratio_reasons.explain_ratios(
        told.uplift,
        told.effects,
        priors=known.priors,
        plans=scope.plans,
        catalogue=known.catalogue,
    )
    return Explained(parts, doubts, reasons)


def _replayed(known: Known, scope: Scope) -> pd.DataFrame:
    return backtest.replay_events(
        known.daily,
        known.events,
        lead_days=scope.lead_days,
        priors=known.priors,
        memory=known.memory,
        catalogue=known.catalogue,
        drivers=known.drivers,
        said=known.said,
        launch=known.launch_curve,
        seed_text=scope.seed_text,
        stock_history=known.stock_history,
    )
