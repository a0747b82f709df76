"""The figures of one seller for the index: its plan, what is open on its last day, its review.

Reads tables that a run published; says nothing in any language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

import pandas as pd

from planner import tables
from planner.desk.home import Home
from planner.desk.overview import ALERT_PARTS as ALERT_STEPS
from planner.desk.store import Desk
from planner.errors import ConfigError
from planner.pages import summary
from planner.season import held_back
from planner.season.providers import provider, provider_money

Steps = Mapping[str, Mapping[str, Any]]


def figures_of(desk: Desk, plan: Mapping[str, pd.DataFrame], steps: Steps) -> dict[str, Any]:
    """Return what the index tells of a seller, as `pages.summary` does and `review` beside.

    Parameters
    ----------
    desk : Desk
    plan : Mapping
        By name, the tables of the plan.
    steps : Mapping
        By two-digit step, what the manifest says of it.

    Returns
    -------
    dict
        Alerts are those that still mean something on the day of the last step; `review` holds
        `actual_profit`, `best_profit`, `gap_profit`, `open_count` and `currency`; `orders_until`
        is there only where tracking found no order of the campaign: the day of the last before.
    """
    told = summary.summary(
        plan["StockPlan"],
        plan["Forecast"],
        _open_alerts(desk, steps),
        plan["CostLines"],
        ship=plan["ShipLines"],
    )
    return told | _review_told(desk) | _orders_told(desk)


def worth_of(home: Home, sellers: Iterable[str]) -> dict[str, float]:
    """Return by seller what a unit of its currency is worth in one that all share; {} if none is.

    Parameters
    ----------
    home : Home
    sellers : iterable of str
        One whose file cannot be read is left out.
    """
    known = []
    for seller in sellers:
        with suppress(ConfigError):
            known.append(home.seller(seller))
    return provider_money.weights_of(provider_money.shared_rates(known))


def _orders_told(desk: Desk) -> dict[str, Any]:
    """Return until when orders are known, if tracking began and none is of the campaign."""
    ages = (
        desk.read(tables.DataAges) if desk.has(tables.DataAges) else tables.empty(tables.DataAges)
    )
    until = held_back.orders_before(ages, desk.scope)
    if until is None:
        return {}
    return {"orders_until": "" if pd.isna(until) else str(until.date())}


def _open_alerts(desk: Desk, steps: Steps) -> pd.DataFrame:
    """Return the alerts that still mean something on the day of the last step."""
    days = provider.looking_days(_runs(desk, steps), campaign=desk.scope.campaign)
    parts = [
        desk.read(tables.Alerts, part).assign(step=step, seller=desk.scope.seller.seller)
        for part, step in ALERT_STEPS.items()
        if desk.has(tables.Alerts, part)
    ]
    found = pd.concat(parts, ignore_index=True) if parts else tables.empty(tables.Alerts)
    return provider.open_alerts(found, days, with_notes=True) if len(days) and parts else found


def _runs(desk: Desk, steps: Steps) -> pd.DataFrame:
    """Return the steps of a seller's manifest as `provider` reads them."""
    rows = [
        {
            "seller": desk.scope.seller.seller,
            "step": int(step),
            "market": market,
            "looked_on": day[:10],
        }
        for step, facts in steps.items()
        for market, day in facts["as_of"].items()
    ]
    frame = pd.DataFrame(rows, columns=["seller", "step", "market", "looked_on"])
    return frame.astype({"looked_on": "datetime64[us]"})


def _review_told(desk: Desk) -> dict[str, Any]:
    """Return what the review found in money, and what of it nobody has taken on."""
    needed = (tables.SeasonProfits, tables.RegretTotals, tables.NextDecisions)
    if not all(desk.has(table) for table in needed):
        return {}
    named = [desk.read(table).assign(seller=desk.scope.seller.seller) for table in needed]
    found = provider_money.seller_profits(*named, tables.empty(tables.SharedRates))
    if found.empty:
        return {}
    row = found.iloc[0]
    money = {
        name: None if pd.isna(row[name]) else round(float(row[name]), 2)
        for name in provider_money.PROFITS
    }
    count, currency = int(row["open_count"]), str(row["currency"])
    return {"review": {**money, "open_count": count, "currency": currency}}
