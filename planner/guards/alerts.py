"""Alerts: all that can go wrong, in one table per notebook, gravest first.

Knows which checks belong to which notebook. What each check looks for stands in
the modules beside this one; every sentence stands in the glossary.
"""

import pandas as pd

from planner import tables
from planner.guards import (
    case_checks,
    choice_checks,
    data_checks,
    gate_checks,
    goods_checks,
    history_checks,
    money_checks,
    profile_checks,
    time_checks,
    track_checks,
)
from planner.guards.entries import KEYS, Entry, as_alerts, as_ranked, in_order
from planner.scope import Scope
from planner.supply.decisions.decided import due_decisions
from planner.supply.plan_tables import Known, Planned
from planner.supply.sharing.pool_worth import free_for_all_cost

PRICED_IN = (tables.Fees, tables.Surcharges, tables.HandlingFees)
"""Registers whose rows stand in a currency."""
TOLD_AGAIN = {"barcode_wrong": "gate_barcode"}
"""Alerts of what was handed in that one of the plan tells again, with its money."""


def intake_alerts(
    reconciliation: pd.DataFrame,
    findings: pd.DataFrame,
    rejected: pd.DataFrame,
    daily: pd.DataFrame,
    bundles: pd.DataFrame,
    catalogue: pd.DataFrame,
    bounds: pd.DataFrame,
    *,
    scope: Scope,
    lines: pd.DataFrame | None = None,
    trail: pd.DataFrame | None = None,
    gaps: pd.DataFrame | None = None,
    gifts_alone: pd.DataFrame | None = None,
    stock: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what is wrong or missing in what the seller handed in.

    Parameters
    ----------
    reconciliation, findings, rejected : DataFrame
        Tables `Reconciliation`, `Findings` and `RejectedRows`.
    daily, bundles, catalogue : DataFrame
        Tables `DailySales`, `Bundles` and `Catalogue`.
    bounds : DataFrame
        Register `Bounds`, rows in force on the planning day.
    scope : Scope
    lines, trail, gaps, gifts_alone, stock : DataFrame, optional
        Tables `OrderLines` and `DemandTrail`; runs of days whose orders are missing; gifts that no
        recipe names; table `Stock`. Without one of them nothing is said of its subject.

    Returns
    -------
    DataFrame
        Table `Alerts`.
    """
    more = []
    if gaps is not None:
        more += history_checks.missing_days(gaps, scope)
    if trail is not None:
        more += history_checks.spikes(trail, scope)
    if gifts_alone is not None:
        more += history_checks.gifts(gifts_alone, scope)
    if lines is not None:
        more += history_checks.returns_known(lines, scope)
        more += history_checks.kinds_high(lines, bounds, scope)
        more += history_checks.routes(lines, scope)
    if lines is not None and stock is not None:
        more += history_checks.stock_fresh(stock, lines, scope)
    return as_alerts(
        [
            *more,
            *data_checks.history(daily, bounds, scope, gaps=gaps),
            *data_checks.files(reconciliation, findings, rejected, bounds, scope),
            *data_checks.contract(scope),
            *data_checks.confirmations(scope),
            *profile_checks.profile(daily, catalogue, bounds, scope, lines=lines),
            *data_checks.warehouses(scope),
            *data_checks.sign_up(bounds, scope),
            *data_checks.barcodes(catalogue, scope),
            *data_checks.bundles_known(bundles, catalogue, scope),
        ]
    )


def alerts_of_plan(
    planned: Planned, gates: pd.DataFrame, papers: pd.DataFrame, known: Known, *, scope: Scope
) -> pd.DataFrame:
    """Return what can go wrong with the plan, priced where it can be priced.

    Parameters
    ----------
    planned : Planned
        What the plan left.
    gates, papers : DataFrame
        Tables `Gates`, priced, and `PaperChecks`.
    known : Known
        What the plan rests on.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `Alerts`. What two checks would tell is told by the one that names its cause: a SKU
        that a gate or a decision stops, or a hero without a reserve, is not told again to run
        out, a price lock that asks for
        something is not told again as a deadline, a figure that a SKU lacks not again as a row.
    """
    return as_alerts(
        [
            *gate_checks.shut_gates(planned, gates, scope),
            *gate_checks.gates_of_more(planned, gates, scope),
            *gate_checks.unsure_papers(planned, gates, scope),
            *gate_checks.unsure_cartons(planned, gates, scope),
            *gate_checks.ending_papers(planned, gates, scope),
            *gate_checks.provider_papers(papers, scope),
            *gate_checks.contract_papers(papers, scope),
            *_of_time(planned, known, scope),
            *_of_goods(planned, known, scope),
            *_of_money(planned, known, scope),
            *_of_cushions(planned, gates, known, scope),
            *_of_choices(planned, known, scope),
        ]
    )


def track_alerts(
    status: pd.DataFrame,
    *,
    scope: Scope,
    first: pd.DataFrame | None = None,
    cover: pd.DataFrame | None = None,
    worth: pd.DataFrame | None = None,
    log: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the alerts of a campaign that runs: gravest first, then what loses most.

    Parameters
    ----------
    status, scope, first, cover, worth
        As `track_checks.actions` takes them.
    log : DataFrame, optional
        Table `Exceptions`: broken metrics, order caps and partitions.

    Returns
    -------
    DataFrame
        Table `Alerts`, codes `track_...` and kinds of case.
    """
    told = track_checks.actions(status, scope=scope, first=first, cover=cover, worth=worth)
    return as_ranked([*told, *([] if log is None else case_checks.broken_limits(log, scope))])


def all_alerts(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts of several notebooks in one table: severity, day to act by, money.

    Parameters
    ----------
    *frames : DataFrame
        Tables `Alerts`; the same alert told twice stays once, and one of what was handed in goes
        where the plan tells it again.
    """
    known = [frame for frame in frames if len(frame)]
    if not known:
        return tables.empty(tables.Alerts)
    together = pd.concat(known, ignore_index=True)
    together = together[~together["code"].map(TOLD_AGAIN).isin(together["code"])]
    together = together.sort_values("risk_cost", kind="stable")  # of two the one that is priced
    return in_order(together.drop_duplicates(["code", "market", "sku", "facts"]))


def _of_time(planned: Planned, known: Known, scope: Scope) -> list[Entry]:
    bounds, options = known.registers[tables.Bounds], planned.options
    return [
        *time_checks.nothing_in_time(planned.plan, options, planned.economics, scope),
        *time_checks.lanes(options, bounds, scope, ship=planned.ship),
        *time_checks.start(bounds, scope),
        *time_checks.inbound(planned.position, planned.economics, planned.exits, scope),
        *time_checks.stock_known(planned.position, scope),
        *time_checks.weak_lanes(options, scope),
        *time_checks.seasons(planned.stages, options, scope),
        *data_checks.confirmations(scope),
        *data_checks.carriers(known.by_day, scope),
        *data_checks.warehouses(scope, free_for_all_cost(planned.pools)),
    ]


def _of_goods(planned: Planned, known: Known, scope: Scope) -> list[Entry]:
    plan, goods, rows = planned.plan, known.catalogue, known.registers
    back = (rows[tables.ReturnRates], rows[tables.Bounds])
    return [
        *goods_checks.sensitive(plan, planned.ways, goods, scope),
        *goods_checks.unsure(plan, known.forecast, scope),
        *goods_checks.returns(plan, planned.economics, goods, *back, scope),
        *choice_checks.loose_goods(planned.loose, scope),
    ]


def _of_money(planned: Planned, known: Known, scope: Scope) -> list[Entry]:
    plan, value = planned.plan, planned.economics
    priced = [known.registers[kind] for kind in PRICED_IN]
    used = money_checks.weak_in_use(known.weak, value, known.catalogue)
    return [
        *money_checks.loss_makers(plan, value, scope),
        *money_checks.unknown_costs(value, plan, scope),
        *money_checks.exchange_rates(planned.options, scope, registers=priced),
        *money_checks.duty_at_door(planned.mode_plan, planned.terms, scope),
        *money_checks.weak_facts(used, scope),
    ]


def _of_cushions(planned: Planned, gates: pd.DataFrame, known: Known, scope: Scope) -> list[Entry]:
    plan, value, bounds = planned.plan, planned.economics, known.registers[tables.Bounds]
    settled = choice_checks.settled(gates, due_decisions(known.decisions, scope=scope))
    keys = pd.MultiIndex.from_frame(plan[KEYS])
    is_settled = keys.isin(settled) | keys.isin(choice_checks.bare_heroes(planned.reserves))
    return [
        *money_checks.buffers(plan, value, bounds, scope),
        *money_checks.raw_history(planned.rules, value, bounds, scope),
        *money_checks.dead_stock(plan, value, planned.position, bounds, scope),
        *money_checks.stock_outs(plan[~is_settled], value, bounds, scope),
    ]


def _of_choices(planned: Planned, known: Known, scope: Scope) -> list[Entry]:
    locks = choice_checks.locks(planned, scope)
    told = {found["market"] for found in locks if pd.notna(found["act_by"])}
    days = time_checks.price_lock(known.registers[tables.Bounds], scope)
    return [
        *locks,
        *(found for found in days if found["market"] not in told),
        *choice_checks.limits(planned, scope),
        *choice_checks.heroes(planned, scope),
        *choice_checks.waiting(planned.option, scope),
        *choice_checks.decisions(planned.decided, scope),
    ]
