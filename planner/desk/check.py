"""Reads every input and says what it holds or what is wrong with it; writes nothing.

One remark per file. What is read by the notebooks is read here the same way, so
what passes here is not refused there for its form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from planner import tables
from planner.campaign import in_scenario
from planner.desk.check_drivers import driver_notes
from planner.desk.check_exports import Remark, export_remarks
from planner.desk.check_names import Skus, strange_files, strange_skus, unlisted_skus
from planner.desk.check_plans import odd_notes, plan_problem, skus_of
from planner.desk.home import Home
from planner.desk.known_markets import refuse_unknown_markets
from planner.desk.memories import memory_files, read_memory, table_of
from planner.desk.problems import both, faults_of, told_problem
from planner.desk.store import file_of
from planner.errors import ConfigError, PlannerError
from planner.intake import (
    actual_costs,
    decisions,
    driver_rows,
    exception_notes,
    goods_facts,
    masters,
    next_decisions,
    own_rules,
    plans,
    rules,
    warehouse_moves,
)
from planner.intake.dialects import dialect_of, dialects, market_hint
from planner.intake.folders import EXPORT_SUFFIXES
from planner.seller import Seller

CAMPAIGNS = "campaigns/"
RULES = "rules/"
"""Every snapshot of stock is looked at, whenever it was taken."""
TOLD_BY = {"rows": "cli.check_rows", "shops": "cli.check_shops", "markets": "cli.check_campaign"}
"""By a fact of a file: the term of its line."""
UNKNOWN_WITHOUT = {"catalogue": "cli.no_catalogue", "stock": "cli.no_stock"}
"""Tables that may be absent, and the term of what is unknown then."""


def check_workspace(home: Home, sellers: Sequence[str] = ()) -> tuple[Remark, ...]:
    """Return a remark for every input file: campaigns, registers, sellers.

    Parameters
    ----------
    home : Home
    sellers : sequence of str
        Only these sellers, and a wrong campaign that none of them takes part in is then a note;
        without any, all of the workspace.

    Raises
    ------
    ConfigError
        If a named seller does not exist, or the sellers' folders cannot be told apart.
    """
    chosen = tuple(sellers) or home.seller_ids()
    for seller in chosen:
        if seller not in home.seller_ids():
            home.seller(seller)
    strays = [
        Remark(f"sellers/{name}", notes=(both("cli.stray_folder", name=name),))
        for name in home.stray_folders()
    ]
    remarks = [*_campaigns(home, sellers), *_registers(home), *strays]
    for seller in chosen:
        remarks += _seller(home, seller)
    return tuple(remarks)


def unusable_campaigns(remarks: Sequence[Remark]) -> tuple[str, ...]:
    """Return the campaigns with a fault that stops none of the sellers who were looked at."""
    found = (one.file for one in remarks if one.file.startswith(CAMPAIGNS) and one.notes)
    return tuple(file.removeprefix(CAMPAIGNS).removesuffix(".yml") for file in found)


def told_workspace(remarks: Sequence[Remark]) -> tuple[str, ...]:
    """Return what the command line says: registers without a remark in one line, then each file."""
    fine = [
        one.file for one in remarks if one.file.startswith(RULES) and not (one.problem or one.notes)
    ]
    head = [f"  {RULES}  {both('cli.check_registers', count=len(fine))}"] if fine else []
    rest = (one for one in remarks if one.file not in fine)
    return (*head, *(line for one in rest for line in told_lines(one)))


def told_lines(remark: Remark) -> tuple[str, ...]:
    """Return what the command line says of a file: a short line, then its faults and notes."""
    faults = faults_of(remark.problem, within=remark.file.rpartition("/")[2])
    told = [" / ".join(filter(None, fault)) for fault in faults]
    if len(told) > 1:
        head = f"! {remark.file}  {both('cli.check_faults', count=len(told))}"
    elif told:
        head, told = f"! {remark.file}  {told[0]}", []
    else:
        head = f"  {remark.file}  {_told_facts(remark.facts)}".rstrip()
    return (head, *(f"      {line}" for line in (*told, *remark.notes)))


def _told_facts(facts: Mapping[str, Any]) -> str:
    if "rows_in" in facts:
        days = f"{facts['first_on']} .. {facts['last_on']}  " if facts["first_on"] else ""
        return days + both("cli.check_orders", **facts)
    term = next((term for fact, term in TOLD_BY.items() if fact in facts), "")
    return both(term, **facts) if term else ""


def _campaigns(home: Home, sellers: Sequence[str]) -> Iterator[Remark]:
    for campaign in home.campaign_ids():
        file = f"{CAMPAIGNS}{campaign}.yml"
        remark = _tried(file, lambda name=campaign: _campaign(home, name))
        if remark.problem and sellers and not _concerns(home, campaign, sellers):
            yield Remark(file, notes=(told_problem(remark.problem),))
        else:
            yield remark


def _concerns(home: Home, campaign: str, sellers: Sequence[str]) -> bool:
    """Return whether one of the sellers takes part in a campaign that can be read."""
    try:
        read = home.campaign(campaign)
        shared = [{*home.seller(seller).markets} & {*read.markets} for seller in sellers]
    except PlannerError:
        return False
    return any(shared) and (not read.sellers or bool({*sellers} & {*read.sellers}))


def _campaign(home: Home, campaign: str) -> Mapping[str, Any]:
    read = home.campaign(campaign)
    refuse_unknown_markets(home, read)
    known = sorted({dialect.market for dialect in dialects().values()})
    for market in read.markets:
        if market not in known:
            raise ConfigError(
                f"{campaign}.yml: markets.{market}: no exports of that market can be read"
                f"{market_hint(market, known)} (known: {', '.join(known)})"
            )
    for scenario in read.scenarios:
        in_scenario(read, scenario)
    for seller in read.sellers:
        home.seller_folder(seller)
    return {"markets": len(read.markets), "scenarios": len(read.scenarios)}


def _registers(home: Home) -> Iterator[Remark]:
    for register in tables.REGISTERS:
        name = file_of(register)
        folder = home.rules_folder(name)
        yield _tried(
            f"rules/{name}", lambda at=folder, kind=register: _rows(rules.read_register(at, kind))
        )


def _seller(home: Home, name: str) -> Iterator[Remark]:
    try:
        seller = home.seller(name)
        for shop in seller.shops:
            dialect_of(shop)
    except PlannerError as problem:
        yield Remark(f"{name}/seller.yml", str(problem))
        return
    folder = home.seller_folder(name)
    odd = odd_notes(home, seller)
    refused = plan_problem(home, seller)
    facts = {} if refused else {"shops": len(seller.shops)}
    yield Remark(f"{name}/seller.yml", refused, facts, odd.get("seller.yml", ()))
    exports = export_remarks(folder, seller)
    yield from exports.remarks
    skus = Skus(skus_of(folder, seller), exports.ordered)
    notes = driver_notes(home, seller)
    readers = readers_of(folder, seller)
    for table, read in readers.items():
        for remark in _master(folder, name, table, read, skus):
            told = (*notes.get(table, ()), *odd.get(table, ()))
            yield remark._replace(notes=(*remark.notes, *told))
    yield from strange_files(folder, name, readers)
    for remark in _own_registers(folder / "rules", name):
        yield remark._replace(notes=odd.get(remark.file.removeprefix(f"{name}/"), ()))
    memory = home.memory_folder(name)
    for path in sorted(memory_files(memory)):
        where = f"memory/{name}/{path.relative_to(memory).as_posix()}"
        yield _tried(where, lambda path=path: _rows(read_memory(path, table_of(path))))


def readers_of(folder: Path, seller: Seller) -> Mapping[str, Callable[[], pd.DataFrame]]:
    """Return by the name of each hand-kept table what reads it, as the notebooks do."""
    return {
        "catalogue": lambda: masters.read_catalogue(folder, seller),
        "bundles": lambda: masters.read_bundles(folder),
        "stock": lambda: _stock(folder, seller),
        "stock_history": lambda: masters.read_stock_history_file(folder),
        "events": lambda: masters.read_events(folder, tables.empty(tables.Calendar)),
        "overrides": lambda: masters.read_overrides(folder),
        "campaigns_joined": lambda: plans.read_campaigns_joined(folder),
        "live_plan": lambda: plans.read_live_plan(folder, seller),
        "drivers": lambda: driver_rows.read_drivers(folder),
        "shipments": lambda: plans.read_shipments(folder, seller),
        "milestones": lambda: plans.read_milestones(folder, plans.read_shipments(folder, seller)),
        "certificates": lambda: goods_facts.read_evidence(folder),
        "decisions": lambda: decisions.read_decisions(folder),
        "next_decisions": lambda: next_decisions.read_next_decisions(folder),
        "exceptions": lambda: exception_notes.read_exception_notes(folder),
        "stock_moves": lambda: warehouse_moves.read_stock_moves(folder, seller),
        "platform_stock": lambda: warehouse_moves.read_platform_counts(folder, seller),
        "actual_costs": lambda: actual_costs.read_actual_costs(folder, seller),
    }


def _own_registers(folder: Path, seller: str) -> Iterator[Remark]:
    try:
        own_rules.refuse_strange_files(folder, tables.REGISTERS)
    except PlannerError as problem:
        yield Remark(f"{seller}/rules", str(problem))
    for register in tables.REGISTERS:
        if (folder / file_of(register)).exists():
            yield _tried(
                f"{seller}/rules/{file_of(register)}",
                lambda kind=register: _rows(own_rules.read_own_rows(folder, kind)),
            )


def _master(
    folder: Path, seller: str, table: str, read: Callable[[], pd.DataFrame], skus: Skus
) -> Iterator[Remark]:
    """Return the remark on a table of the seller's, if it is there or its absence counts."""
    try:
        path = masters.master_path(folder, table)
    except PlannerError as problem:
        yield Remark(f"{seller}/{table}", str(problem))
        return
    has_reports = table == "stock" and any(
        path.suffix.lower() in EXPORT_SUFFIXES for path in (folder / "inventory").glob("**/*")
    )
    if path is None and (table not in UNKNOWN_WITHOUT or has_reports):
        return
    file = f"{seller}/{path.name if path else f'{table}.csv'}"
    try:
        rows = read()
    except PlannerError as problem:
        yield Remark(file, str(problem))
        return
    notes = strange_skus(table, rows, skus)
    if table == "catalogue":
        notes += unlisted_skus(skus)
    if table in UNKNOWN_WITHOUT and rows.empty and not has_reports:
        notes += (both(UNKNOWN_WITHOUT[table]),)
    yield Remark(file, facts=_rows(rows), notes=notes)


def _stock(folder: Path, seller: Seller) -> pd.DataFrame:
    masters.refuse_unknown_warehouses(folder, seller)
    return masters.read_stock_file(folder)


def _tried(file: str, read: Callable[[], Mapping[str, Any]]) -> Remark:
    try:
        return Remark(file, facts=read())
    except PlannerError as problem:
        return Remark(file, str(problem))


def _rows(frame: pd.DataFrame) -> Mapping[str, Any]:
    return {"rows": len(frame)}
