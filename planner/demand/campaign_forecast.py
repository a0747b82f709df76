"""The forecast of one campaign for one seller: the steps in their order, and what each left.

Joins the rooms of `demand`; does no arithmetic of its own. Notebook 02 calls it, and
whoever wants the same tables without a notebook.
"""

from typing import NamedTuple

import pandas as pd

from planner.demand import (
    backtest,
    baseline,
    caps,
    day_curve,
    days_ahead,
    decomposition,
    evidence,
    feasts,
    forecast,
    newcomers,
    overrides,
    plausible,
    quiet,
    ratio_reasons,
    record,
    rest_of_phase,
    ripples,
    uplift,
)
from planner.demand.shared_cells import Shared
from planner.scope import Scope


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
    shared: Shared | None = None
    """What other sellers of the provider showed; cut by `memory.usable_memory`."""


class Foretold(NamedTuple):
    """What the forecast left; each a table named as in `planner.tables` unless said otherwise."""

    fit: pd.DataFrame
    baseline: pd.DataFrame
    uplift: pd.DataFrame
    effects: pd.DataFrame
    """`UpliftEffects`."""
    rest: pd.DataFrame
    """Phases of which only a rest is ahead, as `rest_of_phase.rest_ratios` tells them."""
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
    base_of = _ordinary_days(known, scope)
    daily, fit, base = base_of
    ratios = _told_ratios(known, base_of, scope)
    model_draws = forecast.draw_demand(
        fit,
        base,
        ratios.uplift,
        plans=scope.plans,
        demand=scope.campaign.demand,
        seed_text=scope.seed_text,
    )
    planned = overrides.apply_overrides(
        model_draws, known.overrides, as_of=scope.as_of(2), catalogue=known.catalogue
    )
    by_curve = {"baseline": base, "curve": ratios.curve, "quiet": ratios.other_days}
    capped = caps.capped_draws(
        planned.draws,
        shops=scope.shops,
        units_per_order=known.units_per_order,
        shares=days_ahead.day_shares(planned.draws, **by_curve),
    )
    replay = _replayed(known, scope)
    grades = evidence.grade_evidence(fit, ratios.uplift, backtest=replay, catalogue=known.catalogue)
    return Foretold(
        fit=fit,
        baseline=base,
        uplift=ratios.uplift,
        effects=ratios.effects,
        rest=ratios.rest,
        around=ratios.around,
        model_draws=model_draws,
        planned_draws=planned.draws,
        draws=capped.draws,
        override_effects=planned.effects,
        order_caps=capped.caps,
        findings=_findings(known, daily, base, capped, scope=scope),
        replay=replay,
        record=record.record_of(replay),
        forecast=forecast.summarise_draws(capped.draws, model_draws=model_draws, grades=grades),
        curve=ratios.curve,
        by_day=days_ahead.daily_forecast(capped.draws, **by_curve, fit=fit, limited=capped.by_day),
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
        rest=told.rest,
    )
    doubts = decomposition.share_doubt(told.forecast, fit=told.fit, uplift=told.uplift)
    reasons = ratio_reasons.explain_ratios(
        told.uplift,
        told.effects,
        priors=known.priors,
        plans=scope.plans,
        catalogue=known.catalogue,
        shared=known.shared,
    )
    return Explained(parts, doubts, reasons)


class _Ratios(NamedTuple):
    """Ratios of the days ahead, their roots, and how phases fall on days."""

    uplift: pd.DataFrame
    effects: pd.DataFrame
    rest: pd.DataFrame
    around: pd.DataFrame
    other_days: pd.DataFrame
    curve: pd.DataFrame


def _ordinary_days(known: Known, scope: Scope) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return daily sales with planned newcomers, and tables `BaselineFit` and `BaselineDaily`."""
    until, catalogue = scope.horizon_ends, known.catalogue
    daily = newcomers.with_newcomers(known.daily, catalogue, until=until)
    fit, base = baseline.fit_baseline(
        daily, until=until, catalogue=catalogue, launch=known.launch_curve
    )
    return daily, fit, newcomers.held_until_launch(base, catalogue)


def _told_ratios(
    known: Known, base_of: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame], scope: Scope
) -> _Ratios:
    daily, fit, base = base_of
    learnt = {"events": known.events, "priors": known.priors, "catalogue": known.catalogue}
    learnt |= {"plans": scope.plans}
    curve = day_curve.learn_day_curve(daily, base, plans=scope.plans, shipped=known.day_curve)
    promo = uplift.told_uplift(
        rest_of_phase.evened(daily, curve),
        base,
        memory=known.memory,
        drivers=known.drivers,
        fit=fit,
        shared=known.shared,
        **learnt,
    )
    rest = rest_of_phase.rest_ratios(base, curve)
    whole = ripples.with_ripples(promo.uplift, daily, base, joined=known.joined, **learnt)
    other_days = quiet.quiet_days(daily, base, joined=known.joined, **learnt)
    return _Ratios(
        uplift=rest_of_phase.for_the_rest(whole, rest),
        effects=promo.effects,
        rest=rest,
        around=ripples.effects_ahead(other_days, uplift=promo.uplift, rippled=whole),
        other_days=other_days,
        curve=curve,
    )


def _findings(
    known: Known, daily: pd.DataFrame, base: pd.DataFrame, capped: caps.Capped, *, scope: Scope
) -> pd.DataFrame:
    totals = plausible.total_ratios(capped.draws, base, daily, catalogue=known.catalogue)
    told = [
        feasts.feast_findings(known.daily, feasts.spans_ahead(base, scope.as_of(2))),
        capped.findings,
        plausible.doubtful_totals(totals),
    ]
    return pd.concat(told, ignore_index=True)


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
