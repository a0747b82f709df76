"""Alerts: all that can go wrong, in one table per notebook, gravest first.

Knows which checks belong to which notebook. What each check looks for stands in
the modules beside this one; every sentence stands in the glossary.
"""

import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.guards import (
    data_checks,
    goods_checks,
    history_checks,
    money_checks,
    time_checks,
)
from planner.guards.entries import as_alerts, by_sku, in_order

TRACK_SEVERITIES = {
    "replenish": "stop",
    "check_stock": "warn",
    "slow_down": "warn",
    "clear": "note",
    "watch": "note",
}
"""How grave it is that a SKU needs an action; `none` raises no alert."""


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
            *data_checks.warehouses(scope),
            *data_checks.sign_up(bounds, scope),
            *data_checks.barcodes(catalogue, scope),
            *data_checks.bundles_known(bundles, catalogue, scope),
        ]
    )


def plan_alerts(
    plan: pd.DataFrame,
    forecast: pd.DataFrame,
    lane_options: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    costs: pd.DataFrame,
    catalogue: pd.DataFrame,
    certificates: pd.DataFrame,
    bounds: pd.DataFrame,
    *,
    scope: Scope,
    rules: pd.DataFrame | None = None,
    return_rates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what can go wrong with the plan, priced where it can be priced.

    Parameters
    ----------
    plan, forecast, lane_options, position, economics, costs, catalogue : DataFrame
        Tables `StockPlan`, `Forecast`, `LaneOptions`, `StockPosition`, `UnitEconomics`,
        `CostLines` and `Catalogue`.
    certificates, bounds : DataFrame
        Registers `Certificates` and `Bounds`, rows in force on the planning day.
    scope : Scope
    rules : DataFrame, optional
        Table `RuleComparison`; without it nothing is said of the formula on raw history.
    return_rates : DataFrame, optional
        Register `ReturnRates`; without it nothing is said of high returns.

    Returns
    -------
    DataFrame
        Table `Alerts`.
    """
    entries = [
        *time_checks.nothing_in_time(plan, lane_options, economics, scope),
        *time_checks.lanes(lane_options, bounds, scope),
        *time_checks.start(bounds, scope),
        *time_checks.price_lock(bounds, scope),
        *time_checks.inbound(position, economics, scope),
        *time_checks.stock_known(position, scope),
        *goods_checks.codes_missing(plan, catalogue, scope),
        *goods_checks.papers(plan, costs, catalogue, certificates, scope),
        *goods_checks.sensitive(plan, lane_options, catalogue, scope),
        *goods_checks.unsure(plan, forecast, scope),
        *money_checks.loss_makers(plan, economics, scope),
        *money_checks.unknown_costs(economics, plan, scope),
        *money_checks.exchange_rates(lane_options, scope),
        *money_checks.buffers(plan, economics, bounds, scope),
        *money_checks.dead_stock(plan, economics, bounds, scope),
        *money_checks.stock_outs(plan, economics, bounds, scope),
    ]
    if rules is not None:
        entries += money_checks.raw_history(rules, economics, bounds, scope)
    if return_rates is not None:
        entries += goods_checks.returns(plan, economics, catalogue, return_rates, bounds, scope)
    return as_alerts(entries)


def track_alerts(
    status: pd.DataFrame, *, scope: Scope, economics: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return an alert for each action and market: one for all SKUs, those to replenish first.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`.
    scope : Scope
    economics : DataFrame, optional
        Table `UnitEconomics`; prices what is at stake for replenishing and clearing.

    Returns
    -------
    DataFrame
        Table `Alerts`, codes `track_<action>`. SKUs to replenish stand alone, up to three; where
        SKUs share an alert units are added up and days are the first of them.
    """
    rows = status[status["action"].isin(TRACK_SEVERITIES)]
    costs = pd.DataFrame(columns=["market", "sku", "under_cost", "over_cost"])
    if economics is not None:
        costs = economics[costs.columns]
    rows = rows.merge(costs.astype({"under_cost": float, "over_cost": float}), how="left")
    worth = {"replenish": rows["under_cost"], "clear": rows["over_cost"]}
    rows["worth"] = float("nan")
    for action, money in worth.items():
        rows["worth"] = rows["worth"].where(rows["action"] != action, money)
    rows["risk_cost"] = rows["action_units"] * rows["worth"]
    rows = rows.rename(columns={"action_units": "units", "stock_units": "stock"})
    found = []
    for action, part in rows.groupby("action"):
        found += by_sku(
            f"track_{action}", TRACK_SEVERITIES[str(action)], part, scope=scope,
            facts=("units", "stock"), firsts=("runs_out_on",),
        )  # fmt: skip
    return as_alerts(found)


def all_alerts(*frames: pd.DataFrame) -> pd.DataFrame:
    """Return the alerts of several notebooks in one table: severity, day to act by, money.

    Parameters
    ----------
    *frames : DataFrame
        Tables `Alerts`; the same alert told twice stays once.
    """
    known = [frame for frame in frames if len(frame)]
    if not known:
        return tables.empty(tables.Alerts)
    together = pd.concat(known, ignore_index=True)
    return in_order(together.drop_duplicates(["code", "market", "sku", "facts"]))
