"""What a seller's review may know on the review day, gathered from the desk.

Knows where each input lies: the plan as it stood before the campaign, the tables of what was
sold, files of the seller's folder, dated registers. Judges nothing.
"""

from typing import NamedTuple

import pandas as pd

from planner import tables
from planner.desk.freeze import PlanThen, plan_then, read_decisions_then
from planner.desk.store import Desk
from planner.intake import actual_costs, inventory, next_decisions, plans
from planner.intake.known import as_known
from planner.intake.parcels import known_parcels
from planner.intake.sales import daily_sales
from planner.scope import Scope
from planner.season.campaign_review import Seen
from planner.season.replays.course import Happened
from planner.supply.decisions.decided import due_decisions


class ToReview(NamedTuple):
    """The facts of a review, and which plan they are held against."""

    seen: Seen
    then: PlanThen


def read_seen(desk: Desk) -> ToReview:
    """Return what the review may know.

    Parameters
    ----------
    desk : Desk
        Notebooks 01 to 03 have written their tables.

    Raises
    ------
    PlannerError
        Names file, row, column and value that cannot be read.
    """
    scope, folder, then = desk.scope, desk.seller_folder, plan_then(desk)
    known = as_known(
        desk.read(tables.OrderLines), scope.as_of(5), returns=desk.read(tables.ReturnLines)
    )
    happened = _happened(desk, then, known)
    seen = Seen(
        happened=happened,
        draws=then.read(tables.DemandDraws),
        costs=then.read(tables.CostLines),
        ways=then.read(tables.SkuWays),
        exits=happened.exits,
        effects=then.read(tables.OverrideEffects),
        lines=known,
        bundles=desk.read(tables.Bundles),
        bounds=desk.rules(tables.Bounds),
        return_rates=then.read(tables.ReturnRates),
        bills=actual_costs.read_actual_costs(folder, scope.seller),
        written=next_decisions.read_next_decisions(folder),
        parcels=known_parcels(desk.read(tables.Parcels), known, scope.as_of(5)),
        metrics=_limits_then(desk),
        is_frozen=then.folder is not None,
    )
    return ToReview(seen, _not_over(then, scope))


def _happened(desk: Desk, then: PlanThen, known: pd.DataFrame) -> Happened:
    """Return what the plan was and what came of it."""
    scope, folder = desk.scope, desk.seller_folder
    counted = inventory.read_inventory(folder, scope.seller)
    history = inventory.read_stock_history(folder, scope.seller, counted=counted)
    return Happened(
        daily=daily_sales(
            known, bundles=desk.read(tables.Bundles), events=desk.read(tables.Events),
            stock_history=history, until=scope.as_of(5), catalogue=then.read(tables.Catalogue),
        ),
        forecast=then.read(tables.Forecast),
        baseline=then.read(tables.BaselineDaily),
        plan=then.read(tables.StockPlan),
        mode_plan=then.read(tables.ModePlan),
        position=then.read(tables.StockPosition),
        economics=then.read(tables.UnitEconomics),
        locks=then.read(tables.PriceLocks),
        gates=then.read(tables.Gates),
        decisions=due_decisions(read_decisions_then(then), scope=scope),
        catalogue=then.read(tables.Catalogue),
        stock=inventory.read_snapshots(folder, scope.seller, scope.as_of(5), counted=counted),
        stock_history=history,
        exits=then.read(tables.Exits),
        shipments=plans.read_shipments(folder, scope.seller),
        placement=then.read(tables.Placement),
    )  # fmt: skip


def _limits_then(desk: Desk) -> pd.DataFrame:
    """Return each market's limits as they were in force when its campaign ended."""
    parts = []
    for market, plan in desk.scope.plans.items():
        rows = desk.rules(tables.Metrics, on=plan.phases.end)
        parts.append(rows[rows["market"] == market])
    return pd.concat(parts, ignore_index=True)


def _not_over(then: PlanThen, scope: Scope) -> PlanThen:
    """Return the plan with the warning that the campaign still runs, where it does."""
    ends = [plan.phases.end for plan in scope.plans.values()]
    if all(day > end for day, end in zip(scope.as_of(5).values(), ends, strict=True)):
        return then
    return then._replace(reason=f"plan_then.not_over|end={max(ends)};{then.reason}", is_sure=False)
