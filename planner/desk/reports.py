"""Puts pages on disk: a seller's report from its notebooks and tables, the index of a run.

What a page looks like is decided in `pages`; here it is decided which there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from planner import tables
from planner.campaign import Campaign, Scope
from planner.desk import manifest
from planner.desk.files import put_in_place
from planner.desk.home import ASSETS_NAME, STEPS, Home, view_of
from planner.desk.stage import Stage
from planner.desk.store import Desk
from planner.errors import ConfigError
from planner.frozen import Words
from planner.guards import alerts
from planner.intake.goods_facts import read_goods_facts
from planner.pages import assumptions, csv_twins, headline, quarantine, site, workbook
from planner.supply.quote import quote_products
from planner.words import LANGS

WORKBOOK_NAME = "plan.xlsx"
TWIN_NAME = "plan-{sheet}.csv"
QUARANTINE_NAME = "quarantine.xlsx"
INDEX_NAME = "index.html"
FAILED_SUFFIX = ".failed"
PLAN_TABLES = (
    tables.StockPlan,
    tables.ShipLines,
    tables.RuleComparison,
    tables.Forecast,
    tables.CostLines,
    tables.Catalogue,
)
MORE_PLAN_TABLES = (
    tables.LaneOptions,
    tables.MeetingSheet,
    tables.CartonMarks,
    tables.QuoteRequest,
    tables.Gates,
    tables.PaperChecks,
    tables.Deadlines,
    tables.PriceLocks,
    tables.LimitPrices,
    tables.WeakRows,
)
"""What the workbook shows if notebook 03 wrote it."""
ALERT_PARTS = ("clean", "plan", "track")


def make_report(
    stage: Stage, scope: Scope, steps: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """Write a seller's pages and workbook into the stage; return the figures for the index.

    Parameters
    ----------
    stage : Stage
        Its notebooks, of this run or kept, become pages.
    scope : Scope
    steps : mapping
        By two-digit step, what the manifest says of it: `as_of` by market and `made`.
    """
    desk = Desk(home=stage.home, scope=scope, stage=stage.folder)
    _write_quarantine(stage, desk, scope)
    has_quarantine = (stage.report / QUARANTINE_NAME).is_file()
    books = {step: _books(stage, step) for step in STEPS}
    nav = {step: f"{step:02d}.html" for step in STEPS if books[step]}
    for step, name in nav.items():
        days = {market: str(day) for market, day in scope.as_of(step).items()}
        facts = {"as_of": days, "made": "", **steps.get(f"{step:02d}", {})}
        page = site.render_page(
            books[step],
            step=step,
            seller=scope.seller,
            campaign=scope.campaign,
            nav=nav,
            made=facts["made"],
            scenario=scope.scenario,
            as_of={market: date.fromisoformat(day) for market, day in facts["as_of"].items()},
            index=f"../{INDEX_NAME}",
            assets=f"../{ASSETS_NAME}",
            quarantine=QUARANTINE_NAME if has_quarantine and step == 1 else "",
        )
        (stage.report / name).write_text(page, encoding="utf-8", newline="\n")
    if not desk.has(tables.StockPlan):
        return {}
    plan = _plan_tables(desk)
    _write_workbook(stage, plan, scope)
    return headline.summary(
        plan["StockPlan"],
        plan["Forecast"],
        plan["Alerts"],
        plan["CostLines"],
        ship=plan["ShipLines"],
    )


def make_index(
    home: Home, campaign: Campaign, scenario: str, *, seen_from: date | None = None
) -> Path:
    """Write the index of all sellers that have a report or failed, and what all pages share.

    Parameters
    ----------
    home : Home
    campaign : Campaign
        With the scenario applied.
    scenario : str
    seen_from : date, optional
        The day that overrides the campaign's own; only runs seen from it are shown.
    """
    view = view_of(scenario, seen_from or "")
    folder = home.report_folder(campaign.campaign, view)
    names = sorted({path.parent.name for path in folder.glob(f"*/{manifest.MANIFEST_NAME}")})
    sellers = sorted({name.removesuffix(FAILED_SUFFIX) for name in names})
    entries = [_entry(home, campaign.campaign, view, seller) for seller in sellers]
    text = site.render_index(
        entries,
        campaign=campaign,
        scenario=scenario,
        made=manifest.run_id(
            [(entry.seller, entry.state, dict(entry.summary)) for entry in entries]
        ),
        as_of=dict.fromkeys(campaign.markets, seen_from) if seen_from else None,
        assets=ASSETS_NAME,
    )
    for name, content in site.assets().items():
        path = folder / ASSETS_NAME / name
        if not path.is_file() or path.read_bytes() != content:
            put_in_place(path, lambda target, content=content: target.write_bytes(content))
    index = folder / INDEX_NAME
    put_in_place(index, lambda target: target.write_text(text, encoding="utf-8", newline="\n"))
    return index


def _books(stage: Stage, step: int) -> dict[str, Any]:
    paths = {lang: stage.notebook(step, lang) for lang in LANGS}
    return {
        lang: json.loads(path.read_text(encoding="utf-8"))
        for lang, path in paths.items()
        if path.is_file()
    }


def _plan_tables(desk: Desk) -> dict[str, pd.DataFrame]:
    """Return what the workbook is made from, by name."""
    more = [table for table in MORE_PLAN_TABLES if desk.has(table)]
    plan = {table.__name__: desk.read(table) for table in (*PLAN_TABLES, *more)}
    plan["Alerts"] = _all_alerts(desk)
    if tables.QuoteRequest in more:
        facts = read_goods_facts(desk.seller_folder, desk.scope.seller)
        plan["QuoteProducts"] = quote_products(plan["ShipLines"], facts, plan["Catalogue"])
    registers = {register: desk.rules(register) for register in assumptions.PLAN_REGISTERS}
    plan["RulesUsed"] = assumptions.rules_used(registers, scope=desk.scope)
    return plan


def _write_workbook(stage: Stage, plan: Mapping[str, pd.DataFrame], scope: Scope) -> None:
    """Write plan.xlsx, and beside it each of its sheets as CSV."""
    book = workbook.plan_workbook(plan, scope=scope)
    (stage.report / WORKBOOK_NAME).write_bytes(book)
    for name, twin in csv_twins.csv_twins(book, workbook.sheet_names(plan)).items():
        (stage.report / TWIN_NAME.format(sheet=name)).write_bytes(twin)


def _write_quarantine(stage: Stage, desk: Desk, scope: Scope) -> None:
    """Write the rows of the exports that do not count, if there are any."""
    if not (desk.has(tables.RejectedRows) and desk.has(tables.Reconciliation)):
        return
    rejected, files = desk.read(tables.RejectedRows), desk.read(tables.Reconciliation)
    if len(rejected):
        book = quarantine.quarantine_workbook(rejected, files, scope=scope)
        (stage.report / QUARANTINE_NAME).write_bytes(book)


def _all_alerts(desk: Desk) -> pd.DataFrame:
    parts = [part for part in ALERT_PARTS if desk.has(tables.Alerts, part)]
    return alerts.all_alerts(*(desk.read(tables.Alerts, part) for part in parts))


def _entry(home: Home, campaign: str, scenario: str, seller: str) -> site.Entry:
    folder = home.report_folder(campaign, scenario, seller)
    good = manifest.read_manifest(folder)
    bad = manifest.read_manifest(home.failed_folder(campaign, scenario, seller))
    files = good.get("files", {})
    return site.Entry(
        seller=seller,
        name=_name(home, seller),
        state=bad.get("outcome") or good.get("outcome", "done"),
        reason=bad.get("message") or good.get("message", ""),
        summary=good.get("headline", {}),
        pages={step: f"{seller}/{step:02d}.html" for step in STEPS if f"{step:02d}.html" in files},
        workbook=f"{seller}/{WORKBOOK_NAME}" if WORKBOOK_NAME in files else "",
        quarantine=f"{seller}/{QUARANTINE_NAME}" if QUARANTINE_NAME in files else "",
        stale=tuple(good.get("stale", ())),
    )


def _name(home: Home, seller: str) -> Words:
    try:
        return home.seller(seller).name
    except ConfigError:
        return Words(zh=seller, en=seller)
