"""Reads every input and says what it holds or what is wrong with it; writes nothing.

One remark per file. What is read by the notebooks is read here the same way, so
what passes here is not refused there for its form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from planner import tables
from planner.campaign import in_scenario
from planner.desk.home import Home
from planner.desk.store import file_of, read_memory
from planner.errors import PlannerError
from planner.intake import masters, orders, rules
from planner.intake.dialects import dialect_of
from planner.pages.telling import tell_reason
from planner.seller import Seller
from planner.words import LANGS

LAST_DAY = date(9999, 12, 31)
"""Every snapshot of stock is looked at, whenever it was taken."""


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
        Only these sellers; without any, all of the workspace.

    Raises
    ------
    ConfigError
        If a named seller does not exist, or the sellers' folders cannot be told apart.
    """
    chosen = tuple(sellers) or home.seller_ids()
    for seller in chosen:
        if seller not in home.seller_ids():
            home.seller(seller)
    remarks = [*_campaigns(home), *_registers(home)]
    for seller in chosen:
        remarks += _seller(home, seller)
    return tuple(remarks)


def _campaigns(home: Home) -> Iterator[Remark]:
    for campaign in home.campaign_ids():
        yield _tried(f"campaigns/{campaign}.yml", lambda name=campaign: _campaign(home, name))


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
        "stock.csv": lambda: masters.read_stock(folder, LAST_DAY),
        "stock_history.csv": lambda: masters.read_stock_history(folder),
        "events.csv": lambda: masters.read_events(folder, tables.empty(tables.Calendar)),
        "overrides.csv": lambda: masters.read_overrides(folder),
    }
    for file, read in readers.items():
        if (folder / file).exists():
            yield _tried(f"{name}/{file}", lambda read=read: _rows(read()))
    for path in sorted(home.memory_folder(name).glob("*.csv")):
        yield _tried(f"memory/{name}/{path.name}", lambda path=path: _rows(read_memory(path)))


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


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return str(value.date()) if isinstance(value, pd.Timestamp) else value
