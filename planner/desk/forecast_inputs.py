"""What a seller's forecast may know on the planning day, gathered from the desk.

Knows where each input lies: tables of notebook 01, files of the seller's folder, dated
registers, memory. Cuts what the planning day may not see; computes no forecast.
"""

import pandas as pd

from planner import tables
from planner.demand.campaign_forecast import Known
from planner.demand.caps import units_per_order
from planner.demand.memory import usable_memory
from planner.desk.store import Desk
from planner.intake import driver_rows, drivers, masters, plans


def read_known(desk: Desk) -> tuple[Known, pd.DataFrame]:
    """Return what the forecast may know, and the findings met on the way.

    Parameters
    ----------
    desk : Desk
        Notebook 01 has written its tables.

    Returns
    -------
    known : Known
    findings : DataFrame
        Table `Findings`: drivers and campaigns joined that name an event nobody knows.

    Raises
    ------
    PlannerError
        Names file, row, column and value that cannot be read.
    """
    scope, folder = desk.scope, desk.seller_folder
    daily, events = desk.read(tables.DailySales), desk.read(tables.Events)
    catalogue, bundles = desk.read(tables.Catalogue), desk.read(tables.Bundles)
    said, joined = driver_rows.read_drivers(folder), plans.read_campaigns_joined(folder)
    lines = desk.read(tables.OrderLines)
    memory = desk.memory()
    campaign = scope.campaign.campaign
    known = Known(
        daily=daily,
        events=events,
        catalogue=catalogue,
        drivers=drivers.known_drivers(
            scope,
            events=events,
            said=said,
            live_plan=plans.read_live_plan(folder, scope.seller),
            joined=joined,
            catalogue=catalogue,
            bundles=bundles,
            daily=daily,
        ),
        joined=joined,
        overrides=masters.read_overrides(folder),
        memory=usable_memory(memory, campaign=campaign, as_of=scope.as_of(2)),
        stock_history=masters.read_stock_history(folder),
        priors=desk.rules(tables.UpliftPriors),
        launch_curve=desk.rules(tables.LaunchCurve),
        day_curve=desk.rules(tables.DayCurvePriors),
        units_per_order=units_per_order(lines, until=scope.as_of(2), bundles=bundles),
    )
    return known, drivers.driver_findings(said, joined, events=events, scope=scope)
