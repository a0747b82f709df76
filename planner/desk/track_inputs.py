"""What tracking may know at the looking moment, gathered from the desk.

Knows where each input lies: tables of notebooks 01 to 03, files of the seller's folder, dated
registers with the seller's own rows on top. Computes nothing but what was known on the day.
"""

import pandas as pd

from planner import tables
from planner.desk.fresh import Fresh, read_fresh
from planner.desk.store import Desk
from planner.intake import plans, warehouse_moves
from planner.season.campaign_track import Plan, Seen

FROM_PLAN = {
    "forecast": tables.Forecast,
    "draws": tables.DemandDraws,
    "by_day": tables.ForecastDaily,
    "curve": tables.DayCurve,
    "fit": tables.BaselineFit,
    "hours": tables.HourProfile,
    "catalogue": tables.Catalogue,
    "options": tables.LaneOptions,
    "stages": tables.StageDays,
    "economics": tables.UnitEconomics,
    "ways": tables.SkuWays,
    "reserves": tables.Reserves,
    "exits": tables.Exits,
    "channels": tables.ChannelPlan,
}
"""Part of `Plan` and the table it is."""


def read_seen(desk: Desk, fresh: Fresh | None = None) -> Seen:
    """Return what tracking may know.

    Parameters
    ----------
    desk : Desk
        Notebooks 01 to 03 have written their tables.
    fresh : Fresh, optional
        What `read_fresh` found in the seller's files at the looking moment; read here without.

    Raises
    ------
    PlannerError
        Names file, row, column and value that cannot be read, or the notebook to run first.
    """
    scope, folder = desk.scope, desk.seller_folder
    fresh = fresh or read_fresh(desk)
    shipments = plans.read_shipments(folder, scope.seller)
    return Seen(
        plan=Plan(**{name: desk.read(table) for name, table in FROM_PLAN.items()}),
        lines=fresh.lines,
        daily=fresh.daily,
        bundles=fresh.bundles,
        stock=fresh.stock,
        stock_history=fresh.stock_days,
        moves=_before(warehouse_moves.read_stock_moves(folder, scope.seller), desk),
        shown=warehouse_moves.read_platform_counts(folder, scope.seller),
        shipments=shipments,
        stages_over=plans.read_milestones(folder, shipments),
        live_plan=plans.read_live_plan(folder, scope.seller),
        rules=desk.rules(tables.ActionRules),
        bounds=desk.rules(tables.Bounds),
        at=fresh.at,
    )


def _before(moves: pd.DataFrame, desk: Desk) -> pd.DataFrame:
    """Return the movements before the last looking day; later ones are not known."""
    return moves[moves["day"] < pd.Timestamp(desk.scope.last_day(4))].reset_index(drop=True)
