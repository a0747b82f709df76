"""What a seller's forecast may know on the planning day, gathered from the desk.

Knows where each input lies: tables of notebook 01, files of the seller's folder, dated
registers, memory. Cuts what the planning day may not see; computes no forecast.
"""

from functools import partial

import pandas as pd

from planner import tables
from planner.demand.campaign_forecast import Known
from planner.demand.caps import units_per_order
from planner.demand.driver_remarks import driver_limits
from planner.demand.memory import usable_memory
from planner.demand.shared_cells import with_shared_days
from planner.desk.memory_inputs import read_shared
from planner.desk.store import Desk
from planner.intake import driver_rows, drivers, inventory, masters, plans
from planner.intake.driver_findings import Said, driver_findings


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
        Table `Findings`: what the seller's files say of promotions and reaches none, and the
        drivers of the campaign ahead that the past cannot tell.

    Raises
    ------
    PlannerError
        Names file, row, column and value that cannot be read.
    """
    scope, folder = desk.scope, desk.seller_folder
    daily, events = desk.read(tables.DailySales), desk.read(tables.Events)
    catalogue, bundles = desk.read(tables.Catalogue), desk.read(tables.Bundles)
    said, joined = driver_rows.read_drivers(folder), plans.read_campaigns_joined(folder)
    live_plan = plans.read_live_plan(folder, scope.seller)
    lines, shared = desk.read(tables.OrderLines), read_shared(desk, 2)
    told = partial(
        drivers.known_drivers,
        scope,
        events=events,
        said=said,
        live_plan=live_plan,
        joined=joined,
        catalogue=catalogue,
        bundles=bundles,
    )
    known = Known(
        daily=daily,
        events=events,
        catalogue=catalogue,
        drivers=told(daily=daily),
        said=told(),
        joined=joined,
        overrides=masters.read_overrides(folder),
        memory=_memory(desk),
        stock_history=inventory.read_stock_history(folder, scope.seller),
        priors=desk.rules(tables.UpliftPriors),
        launch_curve=desk.rules(tables.LaunchCurve),
        day_curve=with_shared_days(desk.rules(tables.DayCurvePriors), shared, plans=scope.plans),
        units_per_order=units_per_order(lines, until=scope.as_of(2), bundles=bundles),
        shared=shared,
    )
    skus = {*catalogue["sku"], *bundles["sku"], *daily["sku"]}
    files = Said(said, live_plan, joined)
    strange = driver_findings(files, events=events, scope=scope, skus=skus)
    return known, pd.concat([strange, driver_limits(known.drivers, scope)], ignore_index=True)


def _memory(desk: Desk) -> pd.DataFrame:
    """Return what reviews of other campaigns remember by the planning day."""
    campaign = desk.scope.campaign.campaign
    return usable_memory(desk.memory(), campaign=campaign, as_of=desk.scope.as_of(2))
