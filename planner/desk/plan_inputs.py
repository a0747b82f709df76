"""What a seller's plan may know on the planning day, gathered from the desk.

Knows where each input lies: tables of notebooks 01 and 02, files of the seller's folder, dated
registers with the seller's own rows on top. Computes no plan.
"""

import pandas as pd

from planner import tables
from planner.demand.caps import units_per_order
from planner.desk.memory_inputs import read_rules
from planner.desk.store import Desk
from planner.intake import (
    decisions,
    goods_facts,
    inventory,
    masters,
    next_decisions,
    own_rules,
)
from planner.season.decisions_next import still_open
from planner.supply.charges.own_returns import own_return_rates
from planner.supply.charges.weak_facts import still_weak, weak_rows
from planner.supply.plan_tables import Known

REGISTERS = (
    tables.Lanes,
    tables.LaneStages,
    tables.RiskWindows,
    tables.InboundRules,
    tables.Bounds,
    tables.Fees,
    tables.Surcharges,
    tables.DutyRates,
    tables.HandlingFees,
    tables.ReturnRates,
    tables.ReturnRouteFees,
    tables.ExitRules,
    tables.WarehouseFees,
    tables.Calendar,
    tables.Certificates,
    tables.Admissions,
)
"""Dated facts that a plan rests on."""


def read_known(desk: Desk) -> Known:
    """Return what the plan may know.

    Parameters
    ----------
    desk : Desk
        Notebooks 01 and 02 have written their tables.

    Raises
    ------
    PlannerError
        Names file, row, column and value that cannot be read.
    """
    scope, folder = desk.scope, desk.seller_folder
    own_rules.refuse_strange_files(desk.own_rules_folder, tables.REGISTERS)
    rows = read_rules(desk, REGISTERS)
    rows[tables.ReturnRates] = _with_own_returns(rows[tables.ReturnRates], desk)
    catalogue = desk.read(tables.Catalogue)
    return Known(
        draws=desk.read(tables.DemandDraws),
        forecast=desk.read(tables.Forecast),
        by_day=desk.read(tables.ForecastDaily),
        doubts=desk.read(tables.DoubtShares),
        daily=desk.read(tables.DailySales),
        catalogue=catalogue,
        facts=goods_facts.read_goods_facts(folder, scope.seller),
        evidence=goods_facts.read_evidence(folder),
        decisions=decisions.read_decisions(folder),
        stock=inventory.read_stock(folder, scope.seller, scope.as_of(3)),
        registers=rows,
        weak=still_weak(read_weak(desk), rows[tables.ReturnRates], catalogue),
        units_per_order=units_per_order(
            desk.read(tables.OrderLines), until=scope.as_of(3), bundles=masters.read_bundles(folder)
        ),
    )


def read_open_decisions(desk: Desk) -> pd.DataFrame:
    """Return what earlier reviews decided and nobody has done by the planning day.

    Returns
    -------
    DataFrame
        As `season.decisions_next.still_open` returns it; no rows if nothing was written.

    Raises
    ------
    InputError
        Names file, row, column and value of `next_decisions.csv` that cannot be read.
    """
    written = next_decisions.read_next_decisions(desk.seller_folder)
    return still_open(written, on=pd.Timestamp(desk.scope.first_day(3)))


def read_weak(desk: Desk) -> pd.DataFrame:
    """Return the facts on which the plan should not rest unseen, as `tables.WeakRows`."""
    judged = [kind for kind in REGISTERS if kind is not tables.Calendar]
    return weak_rows(
        {kind.__name__: desk.all_rules(kind) for kind in judged},
        {kind.__name__: own_rules.key_of(kind) for kind in judged},
        scope=desk.scope,
    )


def _with_own_returns(return_rates: pd.DataFrame, desk: Desk) -> pd.DataFrame:
    """Return `tables.ReturnRates` as the plan believes them, own mature orders weighed in."""
    return own_return_rates(
        return_rates,
        desk.read(tables.OrderLines),
        desk.read(tables.Catalogue),
        scope=desk.scope,
        returns=desk.read(tables.ReturnLines),
    )
