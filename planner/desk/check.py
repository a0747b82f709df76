"""Reads every input and says what it holds or what is wrong with it; writes nothing.

One remark per file. What is read by the notebooks is read here the same way, so
what passes here is not refused there for its form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from planner import tables
from planner.campaign import in_scenario
from planner.desk.home import Home
from planner.desk.progress import both, told_problem
from planner.desk.store import file_of, read_memory
from planner.errors import PlannerError
from planner.intake import masters, orders, rules
from planner.intake.dialects import dialect_of, dialects
from planner.pages.telling import tell_reason
from planner.seller import Seller
from planner.words import LANGS

LAST_DAY = date(9999, 12, 31)
"""Every snapshot of stock is looked at, whenever it was taken."""
TOLD_BY = {"rows": "cli.check_rows", "shops": "cli.check_shops", "markets": "cli.check_campaign"}
"""By a fact of a file: the term of its line."""
UNKNOWN_WITHOUT = {"catalogue.csv": "cli.no_catalogue", "stock.csv": "cli.no_stock"}
"""Files that may be absent, and the term of what is unknown then."""


class Remark(NamedTuple):
    """What one file holds, or what is wrong with it."""

    file: str
    problem: str = ""
    """Empty if the file can be used."""
    facts: Mapping[str, Any] = {}
    """Figures of the file: rows, money, days; plain numbers and texts."""
    notes: tuple[str, ...] = ()
    """Remarks on a file that can be used all the same."""


def check_workspace(home: Home, sellers: Sequence[str] = ()) -> tuple[Remark, ...]:
    """Return a remark for every input file: campaigns, registers, sellers.

    Parameters
    ----------
    home : Home
    sellers : sequence of str
        Only these sellers, and a campaign that is wrong is then a note; without any, all of the
        workspace.

    Raises
    ------
    ConfigError
        If a named seller does not exist, or the sellers' folders cannot be told apart.
    """
    chosen = tuple(sellers) or home.seller_ids()
    for seller in chosen:
        if seller not in home.seller_ids():
            home.seller(seller)
    remarks = [*_campaigns(home, is_told_only=bool(sellers)), *_registers(home)]
    for seller in chosen:
        remarks += _seller(home, seller)
    return tuple(remarks)


def told_lines(remark: Remark) -> tuple[str, ...]:
    """Return what the command line says of a file: one short line, then the notes."""
    if remark.problem:
        head = f"! {remark.file}  {told_problem(remark.problem)}"
    else:
        head = f"  {remark.file}  {_told_facts(remark.facts)}".rstrip()
    return (head, *(f"      {note}" for note in remark.notes))


def _told_facts(facts: Mapping[str, Any]) -> str:
    if "rows_in" in facts:
        days = f"{facts['first_on']} .. {facts['last_on']}  " if facts["first_on"] else ""
        return days + both("cli.check_orders", **facts)
    term = next((term for fact, term in TOLD_BY.items() if fact in facts), "")
    return both(term, **facts) if term else ""


def _campaigns(home: Home, *, is_told_only: bool) -> Iterator[Remark]:
    for campaign in home.campaign_ids():
        file = f"campaigns/{campaign}.yml"
        remark = _tried(file, lambda name=campaign: _campaign(home, name))
        if remark.problem and is_told_only:
            yield Remark(file, notes=(told_problem(remark.problem),))
        else:
            yield remark


def _campaign(home: Home, campaign: str) -> Mapping[str, Any]:
    read = home.campaign(campaign)
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
    yield Remark(f"{name}/seller.yml", facts={"shops": len(seller.shops)})
    yield from _orders(folder, seller)
    readers: dict[str, Callable[[], pd.DataFrame]] = {
        "catalogue.csv": lambda: masters.read_catalogue(folder, seller),
        "bundles.csv": lambda: masters.read_bundles(folder),
        "stock.csv": lambda: _stock(folder, seller),
        "stock_history.csv": lambda: masters.read_stock_history(folder),
        "events.csv": lambda: masters.read_events(folder, tables.empty(tables.Calendar)),
        "overrides.csv": lambda: masters.read_overrides(folder),
    }
    for file, read in readers.items():
        if (folder / file).exists() or file in UNKNOWN_WITHOUT:
            remark = _tried(f"{name}/{file}", lambda read=read: _rows(read()))
            is_bare = file in UNKNOWN_WITHOUT and not (remark.problem or remark.facts["rows"])
            yield remark._replace(notes=(both(UNKNOWN_WITHOUT[file]),)) if is_bare else remark
    for path in sorted(home.memory_folder(name).glob("*.csv")):
        yield _tried(f"memory/{name}/{path.name}", lambda path=path: _rows(read_memory(path)))


def _stock(folder: Path, seller: Seller) -> pd.DataFrame:
    masters.refuse_unknown_warehouses(folder, seller)
    return masters.read_stock(folder, LAST_DAY)


def _orders(folder: Path, seller: Seller) -> Iterator[Remark]:
    where = f"{seller.seller}/orders"
    try:
        intake = orders.read_orders(folder, seller)
    except PlannerError as problem:
        yield Remark(where, str(problem))
        return
    for row in intake.files.to_dict("records"):
        yield _order_file(seller.seller, row, intake)
    try:
        orders.refuse_if_too_much_lost(intake, seller.policy)
    except PlannerError as problem:
        yield Remark(where, str(problem))


def _order_file(seller: str, row: Mapping[str, Any], intake: orders.Intake) -> Remark:
    remarks = intake.findings[intake.findings["file"] == row["file"]]
    lost = intake.rejected[intake.rejected["file"] == row["file"]]
    notes = [_told(f"finding.{found.code}|{found.facts}") for found in remarks.itertuples()]
    for code, rows in lost.groupby("code", sort=True):
        lines = ", ".join(str(line) for line in rows["row"].head(5))
        more = ", ..." if len(rows) > 5 else ""
        notes.append(f"{code} x {len(rows)}: {_told(f'reject.{code}')} (row {lines}{more})")
    facts = {name: _plain(value) for name, value in row.items() if name not in ("file", "sha256")}
    digits = dialects()[row["dialect"]].minor_digits
    for kind in ("kept", "rejected"):
        facts[f"{kind}_money"] = _money(row[f"{kind}_minor"], digits)
    return Remark(f"{seller}/{row['file']}", facts=facts, notes=tuple(notes))


def _tried(file: str, read: Callable[[], Mapping[str, Any]]) -> Remark:
    try:
        return Remark(file, facts=read())
    except PlannerError as problem:
        return Remark(file, str(problem))


def _rows(frame: pd.DataFrame) -> Mapping[str, Any]:
    return {"rows": len(frame)}


def _told(text: str) -> str:
    return " / ".join(dict.fromkeys(tell_reason(text, lang) for lang in LANGS))


def _money(minor: int, digits: int) -> str:
    return f"{Decimal(int(minor)).scaleb(-digits):,.{digits}f}"


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return str(value.date()) if isinstance(value, pd.Timestamp) else value
