"""Puts pages on disk: a seller's report from its notebooks and tables, the index of a run.

What a page looks like is decided in `pages`; here it is decided which there are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from planner import tables
from planner.campaign import Campaign, in_scenario
from planner.desk import index_figures, manifest, slides
from planner.desk.files import put_in_place
from planner.desk.home import STEPS, Home
from planner.desk.ids import ASSETS_NAME, view_of
from planner.desk.index_figures import ALERT_STEPS
from planner.desk.overview_page import INDEX_NAME
from planner.desk.overview_page import PAGE_NAME as OVERVIEW_NAME
from planner.desk.problems import chinese_of
from planner.desk.stage import Stage
from planner.desk.store import Desk
from planner.errors import ConfigError
from planner.frozen import Words
from planner.guards import alerts
from planner.intake.exception_notes import read_exception_notes
from planner.intake.goods_facts import read_goods_facts
from planner.pages import (
    assumptions,
    csv_twins,
    decision_sheet,
    quarantine,
    rules_csv,
    site,
    track_book,
    workbook,
)
from planner.pages.index import in_order
from planner.scope import Scope
from planner.season.platform.exceptions import notes_of
from planner.supply.papers.quote import quote_products
from planner.words import LANGS

PLAN_STEP = 3
WORKBOOK_NAME = "plan.xlsx"
TWIN_NAME = "plan-{sheet}.csv"
QUARANTINE_NAME = "quarantine.xlsx"
DECISIONS_NAME = "next_decisions.csv"
RULES_NAME = "rules.csv"
TRACK_NAME = "track.xlsx"
EXCEPTIONS_NAME = "exceptions.csv"
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
    tables.ReturnRates,
)
"""What the workbook shows if notebook 03 wrote it."""
TRACK_TABLES = (
    tables.DailyCheck,
    tables.Exceptions,
    tables.Tickets,
    tables.PlatformMetrics,
    tables.CapRisks,
    tables.AgeingOrders,
)
LINKED = (
    WORKBOOK_NAME, TRACK_NAME, EXCEPTIONS_NAME, DECISIONS_NAME, RULES_NAME, QUARANTINE_NAME,
)  # fmt: skip
"""Files of a run that the index leads to, in this order."""


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
            as_of={market: _told(day) for market, day in facts["as_of"].items()},
            index=f"../{INDEX_NAME}",
            assets=f"../{ASSETS_NAME}",
            quarantine=QUARANTINE_NAME if has_quarantine and step == 1 else "",
        )
        (stage.report / name).write_text(page, encoding="utf-8", newline="\n")
    _write_decisions(stage, desk)
    _write_track(stage, desk, scope)
    if not desk.has(tables.StockPlan):
        return {}
    plan = {table.__name__: desk.read(table) for table in PLAN_TABLES}
    if (stage.tables / f"{tables.StockPlan.__name__}.parquet").is_file():
        # a run that only tracks rests on the plan's own report
        _write_workbook(stage, _for_workbook(desk, plan), scope)
    return index_figures.figures_of(desk, plan, steps)


def make_index(home: Home, campaign: Campaign, scenario: str, *, seen_at: str = "") -> Path:
    """Write the index of all sellers that have a report or failed, and what all pages share.

    Parameters
    ----------
    home : Home
    campaign : Campaign
        With the scenario applied.
    scenario : str
    seen_at : str
        The day or hour that overrides the campaign's own; only runs seen from it are shown.
    """
    view = view_of(scenario, seen_at)
    folder = home.report_folder(campaign.campaign, view)
    names = sorted({path.parent.name for path in folder.glob(f"*/{manifest.MANIFEST_NAME}")})
    sellers = sorted({name.removesuffix(FAILED_SUFFIX) for name in names})
    found = [_entry(home, campaign.campaign, view, seller) for seller in sellers]
    entries = in_order(found, index_figures.worth_of(home, sellers))
    text = site.render_index(
        entries,
        campaign=campaign,
        scenario=scenario,
        made=manifest.run_id(
            [(entry.seller, entry.state, dict(entry.summary)) for entry in entries]
        ),
        as_of=dict.fromkeys(campaign.markets, _told(seen_at)) if seen_at else None,
        assets=ASSETS_NAME,
        overview=OVERVIEW_NAME if (folder / OVERVIEW_NAME).is_file() else "",
    )
    for name, content in site.assets().items():
        path = folder / ASSETS_NAME / name
        if not path.is_file() or path.read_bytes() != content:
            put_in_place(path, lambda target, content=content: target.write_bytes(content))
    index = folder / INDEX_NAME
    put_in_place(index, lambda target: target.write_text(text, encoding="utf-8", newline="\n"))
    return index


def renew_index(home: Home, campaign: str, scenario: str, *, seen_at: str = "") -> None:
    """Write the index of a run anew, if it has one, so that it leads to what came since."""
    if (home.report_folder(campaign, view_of(scenario, seen_at)) / INDEX_NAME).is_file():
        plan = in_scenario(home.campaign(campaign), scenario)
        make_index(home, plan, scenario, seen_at=seen_at)


def _told(seen_at: str) -> str:
    """Return a day, or an hour of it, as a reader is told."""
    day, mark, hour = seen_at.partition("T")
    return f"{day} {hour}:00" if mark else day


def _books(stage: Stage, step: int) -> dict[str, Any]:
    paths = {lang: stage.notebook(step, lang) for lang in LANGS}
    return {
        lang: json.loads(path.read_text(encoding="utf-8"))
        for lang, path in paths.items()
        if path.is_file()
    }


def _for_workbook(desk: Desk, plan: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return what the workbook is made from, by name: the plan's and what is beside."""
    more = [table for table in MORE_PLAN_TABLES if desk.has(table)]
    plan = {**plan, **{table.__name__: desk.read(table) for table in more}}
    plan["Alerts"] = _alerts_of_plan(desk)
    if tables.QuoteRequest in more:
        facts = read_goods_facts(desk.seller_folder, desk.scope.seller)
        plan["QuoteProducts"] = quote_products(plan["ShipLines"], facts, plan["Catalogue"])
    registers = {register: desk.rules(register) for register in assumptions.PLAN_REGISTERS}
    plan["RulesUsed"] = assumptions.rules_used(registers, scope=desk.scope, plan=plan)
    return plan


def _write_workbook(stage: Stage, plan: Mapping[str, pd.DataFrame], scope: Scope) -> None:
    """Write plan.xlsx, and beside it each of its sheets as CSV."""
    book = workbook.plan_workbook(plan, scope=scope)
    (stage.report / WORKBOOK_NAME).write_bytes(book)
    for name, twin in csv_twins.csv_twins(book, workbook.sheet_names(plan)).items():
        (stage.report / TWIN_NAME.format(sheet=name)).write_bytes(twin)


def _write_quarantine(stage: Stage, desk: Desk, scope: Scope) -> None:
    """Write the rows of the exports that do not count, if there are any."""
    is_own = (stage.tables / f"{tables.RejectedRows.__name__}.parquet").is_file()
    if not (is_own and desk.has(tables.Reconciliation)):
        return
    rejected, files = desk.read(tables.RejectedRows), desk.read(tables.Reconciliation)
    if len(rejected):
        book = quarantine.quarantine_workbook(rejected, files, scope=scope)
        (stage.report / QUARANTINE_NAME).write_bytes(book)


def _write_track(stage: Stage, desk: Desk, scope: Scope) -> None:
    """Write what tracking asks to be sent and filled in, if it ran."""
    found = [table for table in TRACK_TABLES if desk.has(table)]
    if tables.Exceptions not in found:
        return
    told = {table.__name__: desk.read(table) for table in found}
    book = track_book.track_workbook(told, scope=scope)
    (stage.report / TRACK_NAME).write_bytes(book)
    notes = read_exception_notes(desk.seller_folder)
    filled = track_book.exceptions_csv(notes_of(told["Exceptions"], notes))
    (stage.report / EXCEPTIONS_NAME).write_bytes(filled)


def _write_decisions(stage: Stage, desk: Desk) -> None:
    """Write what the review asks people to decide, as a file to fill in, and the rules' days."""
    if desk.has(tables.NextDecisions) and len(found := desk.read(tables.NextDecisions)):
        path = stage.report / DECISIONS_NAME
        path.write_bytes(decision_sheet.next_decisions_csv(found))
    needed = (tables.SellerRules, tables.UnitEconomics)
    if all(desk.has(table) for table in needed) and len(days := desk.read(tables.SellerRules)):
        told = rules_csv.rules_csv(days, desk.read(tables.UnitEconomics))
        (stage.report / RULES_NAME).write_bytes(told)


def _alerts_of_plan(desk: Desk) -> pd.DataFrame:
    """Return the alerts known when the plan was made; those of tracking are of another day."""
    parts = [part for part, step in ALERT_STEPS.items() if step <= PLAN_STEP]
    return alerts.all_alerts(
        *(desk.read(tables.Alerts, part) for part in parts if desk.has(tables.Alerts, part))
    )


def _entry(home: Home, campaign: str, scenario: str, seller: str) -> site.Entry:
    folder = home.report_folder(campaign, scenario, seller)
    good = manifest.read_manifest(folder)
    bad = manifest.read_manifest(home.failed_folder(campaign, scenario, seller))
    files = good.get("files", {})
    return site.Entry(
        seller=seller,
        name=_name(home, seller),
        state=bad.get("outcome") or good.get("outcome", "done"),
        reason=_reason(bad.get("message") or good.get("message", "")),
        summary=good.get("headline", {}),
        pages={step: f"{seller}/{step:02d}.html" for step in STEPS if f"{step:02d}.html" in files},
        files=_links(folder, seller, files),
        stale=tuple(good.get("stale", ())),
        as_of=_last_days(good.get("steps", {})),
        is_part=bool(bad.get("is_part")),
    )


def _reason(message: str) -> str | Words:
    """Return why a seller failed, in Chinese where it can be told so."""
    zh = chinese_of(message)
    return Words(zh=zh, en=message) if zh else message


def _links(folder: Path, seller: str, made: Mapping[str, str]) -> dict[str, str]:
    """Return the address of each file for people: of the run, and slides made since."""
    names = [name for name in LINKED if name in made]
    names += [name for name in slides.file_names() if (folder / name).is_file()]
    return {name: f"{seller}/{name}" for name in names}


def _last_days(steps: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the days from which the last step looked, blank if none did."""
    last = steps.get(max(steps, default=""), {}).get("as_of", {})
    return " / ".join(sorted({_told(day) for day in last.values()}))


def _name(home: Home, seller: str) -> Words:
    try:
        return home.seller(seller).name
    except ConfigError:
        return Words(zh=seller, en=seller)
