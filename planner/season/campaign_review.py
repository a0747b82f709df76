"""The review of one campaign for one seller: what came of it, where the money went, what next.

Joins the rooms of `season`; does no arithmetic of its own. Notebook 05 calls it, and whoever
wants the same tables without a notebook.
"""

from typing import NamedTuple

import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season import decisions_next
from planner.season.days import KEYS, campaign_days, known_until, seen_until
from planner.season.platform import dispatch
from planner.season.replays import course, override_value, owned, regret, seller_rules, unsold
from planner.season.result import (
    cost_rates,
    kpis,
    leftovers,
    outcome,
    overrides_review,
    profit_parts,
    spent,
)
from planner.supply.quantity.returning import returns_of


class Seen(NamedTuple):
    """What the review may know; each a table named as in `planner.tables`."""

    happened: course.Happened
    draws: pd.DataFrame
    costs: pd.DataFrame
    """`CostLines` of the plan."""
    ways: pd.DataFrame
    """`SkuWays`."""
    exits: pd.DataFrame
    effects: pd.DataFrame
    """`OverrideEffects`."""
    lines: pd.DataFrame
    """`OrderLines` as known on the review day."""
    bundles: pd.DataFrame
    bounds: pd.DataFrame
    return_rates: pd.DataFrame
    bills: pd.DataFrame
    """`ActualCosts`."""
    written: pd.DataFrame
    """`NextDecisions` as people left them."""
    parcels: pd.DataFrame
    """`Parcels` as known on the review day."""
    metrics: pd.DataFrame
    """Register `Metrics`: the limits in force while the campaign ran."""
    is_frozen: bool = True
    """Whether the plan is the one that people ordered by, put aside before the campaign."""


class Reviewed(NamedTuple):
    """What the review found; each a table named as in `planner.tables`."""

    outcome: pd.DataFrame
    measures: pd.DataFrame
    """`OutcomeMeasures`."""
    figures: pd.DataFrame
    """`ReviewMeasures`."""
    marks: pd.DataFrame
    """`PlatformMetrics` of the whole campaign."""
    judged: pd.DataFrame
    """`OverrideReview`."""
    gains: pd.DataFrame
    """`OutcomeMeasures` of the overrides."""
    ledger: pd.DataFrame
    """`RegretLedger`."""
    profits: pd.DataFrame
    """`SeasonProfits`."""
    totals: pd.DataFrame
    """`RegretTotals`."""
    changes: pd.DataFrame
    """`OverrideValue`."""
    rule_days: pd.DataFrame
    """`SellerRules`."""
    rule_totals: pd.DataFrame
    """`SellerRuleTotals`."""
    costs: pd.DataFrame
    """`CostReview`."""
    earned_costs: pd.DataFrame
    """`CostReview` of the SKUs that profit counts."""
    risks: pd.DataFrame
    """`RiskCosts`."""
    left: pd.DataFrame
    """`LeftoverExits`."""
    decisions: pd.DataFrame
    """`NextDecisions`."""


FORMS = Reviewed(
    outcome=tables.Outcome,
    measures=tables.OutcomeMeasures,
    figures=tables.ReviewMeasures,
    marks=tables.PlatformMetrics,
    judged=tables.OverrideReview,
    gains=tables.OutcomeMeasures,
    ledger=tables.RegretLedger,
    profits=tables.SeasonProfits,
    totals=tables.RegretTotals,
    changes=tables.OverrideValue,
    rule_days=tables.SellerRules,
    rule_totals=tables.SellerRuleTotals,
    costs=tables.CostReview,
    earned_costs=tables.CostReview,
    risks=tables.RiskCosts,
    left=tables.LeftoverExits,
    decisions=tables.NextDecisions,
)
"""The contract of each table of `Reviewed`."""


def review_campaign(seen: Seen, *, scope: Scope) -> Reviewed:
    """Return what became of a campaign, why, and what to do otherwise next time.

    Parameters
    ----------
    seen : Seen
        The plan as it stood before the campaign, and what happened, known on the review day.
    scope : Scope
        Its looking days of step 5.

    Returns
    -------
    Reviewed
        Empty tables before the first phase day, but for what earlier reviews left open.
    """
    until = known_until(seen.happened.daily, seen_until(scope, step=5))
    if campaign_days(scope, until=until).empty:
        none = Reviewed(*(tables.empty(form) for form in FORMS))
        return none._replace(decisions=_next(none.totals, none.ledger, seen))
    rates = _rates(seen)
    judged = _judged(seen, rates, scope)
    return Reviewed(**judged, **_money(seen, judged, rates, scope))


def _judged(seen: Seen, rates: pd.DataFrame, scope: Scope) -> dict[str, pd.DataFrame]:
    """Return what came, and how near the plan and the changes of people were to it."""
    had = seen.happened
    ended = outcome.review(
        had.daily, had.forecast, seen.draws, had.stock_history, had.stock,
        seen.lines, scope=scope, bounds=seen.bounds, bundles=seen.bundles,
        elsewhere=_elsewhere(had, scope),
    )  # fmt: skip
    return {
        "outcome": ended,
        "measures": outcome.measures(ended),
        "marks": dispatch.campaign_metrics(
            seen.lines, seen.metrics, scope=scope, parcels=seen.parcels, bounds=seen.bounds
        ),
        "judged": overrides_review.override_review(
            seen.effects, had.forecast, had.daily, scope=scope, catalogue=had.catalogue
        ),
        "gains": overrides_review.override_measures(
            seen.effects, had.forecast, had.daily, scope=scope
        ),
        "left": leftovers.leftover_exits(ended, seen.exits),
    }


def _money(
    seen: Seen, judged: dict[str, pd.DataFrame], rates: pd.DataFrame, scope: Scope
) -> dict[str, pd.DataFrame]:
    """Return where the money went: by cause, by change, by rule, by cost term and risk."""
    had, currency, ended = seen.happened, scope.seller.currency, judged["outcome"]
    once = cost_rates.paid_once(seen.costs, had.mode_plan)
    got = _course(seen, once, scope)
    ledger = regret.regret_ledger(got.course, currency=currency, is_frozen=seen.is_frozen)
    totals = regret.regret_totals(ledger, currency=currency)
    profits = regret.season_profits(*got, currency=currency, plan=had.plan, position=had.position)
    rules = seller_rules.replay_rules(had, got, seen.ways, scope=scope)
    came = got.course.keys[KEYS].assign(came_units=got.course.order.sent_units)
    units = spent.units_of(ended, had.plan, came, rates, had.economics)
    by_way = cost_rates.unit_rates(seen.ways, had.economics, had.catalogue)
    parts = profit_parts.profit_parts(
        got.course, ended, had.plan, had.economics, profits, had.position, once
    )
    return {
        "figures": kpis.plan_against_outcome(
            ended, had.plan, had.economics, rates,
            scope=scope, bounds=seen.bounds, parts=parts, left=judged["left"],
        ),
        "ledger": ledger,
        "profits": profits,
        "totals": totals,
        "changes": override_value.override_value(had, got, seen.effects, currency=currency),
        "rule_days": rules.days,
        "rule_totals": rules.totals,
        "costs": spent.cost_review(seen.costs, units, seen.bills, rates=by_way),
        "earned_costs": _earned_costs(seen, units, parts, by_way),
        "risks": spent.risk_costs(
            ended, had.plan, had.economics, seen.costs, had.gates, seen.bills,
            left=judged["left"], shipments=had.shipments,
        ),
        "decisions": _next(totals, ledger, seen),
    }  # fmt: skip


def _course(seen: Seen, once: pd.DataFrame, scope: Scope) -> course.Gathered:
    return course.campaign_course(
        seen.happened,
        scope=scope,
        returned=_returned(seen),
        unsold=unsold.unsold_units(seen.lines, seen.bundles),
        once=once,
    )


def _elsewhere(had: course.Happened, scope: Scope) -> pd.DataFrame:
    """Return market, sku, elsewhere_units: what the plan had fetched and nobody brought."""
    units = owned.unmoved_units(had.placement, had.stock, had.plan, scope=scope)
    return had.plan[KEYS].assign(elsewhere_units=units)


def _earned_costs(
    seen: Seen, units: spent.Units, parts: pd.DataFrame, by_way: pd.DataFrame
) -> pd.DataFrame:
    """Return the cost terms of the SKUs that profit counts, and bills of theirs or of all goods."""
    skus = pd.MultiIndex.from_frame(parts[KEYS])
    is_own = pd.MultiIndex.from_frame(seen.costs[KEYS]).isin(skus)
    bills = seen.bills[(seen.bills["sku"] == "") | seen.bills["sku"].isin(parts["sku"])]
    return spent.cost_review(seen.costs[is_own], units, bills, rates=by_way)


def _rates(seen: Seen) -> pd.DataFrame:
    """Return market, sku, return_rate as the plan expected them."""
    return _returned(seen)[[*KEYS, "return_rate"]]


def _returned(seen: Seen) -> pd.DataFrame:
    had = seen.happened
    return returns_of(seen.return_rates, had.plan[KEYS], had.catalogue)


def _next(totals: pd.DataFrame, ledger: pd.DataFrame, seen: Seen) -> pd.DataFrame:
    return decisions_next.next_decisions(
        totals,
        ledger,
        seen.written,
        is_frozen=seen.is_frozen,
        least_share=decisions_next.least_share_of(seen.bounds),
    )
