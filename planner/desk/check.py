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
from planner.errors import ConfigError, PlannerError
from planner.intake import inventory, masters, orders, plans, returns, rules
from planner.intake.dialects import dialect_of, dialects, market_hint
from planner.intake.fields import ExportKind
from planner.intake.folders import EXPORT_SUFFIXES, File, listed_exports
from planner.intake.glance import glanced
from planner.intake.recognise import Candidate
from planner.pages.telling import tell_reason
from planner.seller import Seller
from planner.words import LANGS, say

MAX_NAMES = 8
COMMAS = {"zh": "、", "en": ", "}
LAST_DAY = date(9999, 12, 31)
"""Every snapshot of stock is looked at, whenever it was taken."""
TOLD_BY = {"rows": "cli.check_rows", "shops": "cli.check_shops", "markets": "cli.check_campaign"}
"""By a fact of a file: the term of its line."""
UNKNOWN_WITHOUT = {"catalogue": "cli.no_catalogue", "stock": "cli.no_stock"}
"""Tables that may be absent, and the term of what is unknown then."""


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
    yield Remark(f"{name}/seller.yml", facts={"shops": len(seller.shops)})
    yield from _orders(folder, seller)
    yield from _returns(folder, seller)
    yield from _inventory(folder, seller)
    readers: dict[str, Callable[[], pd.DataFrame]] = {
        "catalogue": lambda: masters.read_catalogue(folder, seller),
        "bundles": lambda: masters.read_bundles(folder),
        "stock": lambda: _stock(folder, seller),
        "stock_history": lambda: inventory.read_stock_history(folder, seller),
        "events": lambda: masters.read_events(folder, tables.empty(tables.Calendar)),
        "overrides": lambda: masters.read_overrides(folder),
        "campaigns_joined": lambda: plans.read_campaigns_joined(folder),
        "live_plan": lambda: plans.read_live_plan(folder, seller),
        "shipments": lambda: plans.read_shipments(folder, seller),
    }
    for table, read in readers.items():
        yield from _master(folder, name, table, read)
    for path in sorted(home.memory_folder(name).glob("*.csv")):
        yield _tried(f"memory/{name}/{path.name}", lambda path=path: _rows(read_memory(path)))


def _master(
    folder: Path, seller: str, table: str, read: Callable[[], pd.DataFrame]
) -> Iterator[Remark]:
    """Return the remark on a table of the seller's, if it is there or its absence counts."""
    try:
        path = masters.master_path(folder, table)
    except PlannerError as problem:
        yield Remark(f"{seller}/{table}", str(problem))
        return
    if path is None and table not in UNKNOWN_WITHOUT:
        return
    remark = _tried(f"{seller}/{path.name if path else f'{table}.csv'}", lambda: _rows(read()))
    is_bare = table in UNKNOWN_WITHOUT and not (remark.problem or remark.facts["rows"])
    yield remark._replace(notes=(both(UNKNOWN_WITHOUT[table]),)) if is_bare else remark


def _stock(folder: Path, seller: Seller) -> pd.DataFrame:
    masters.refuse_unknown_warehouses(folder, seller)
    return inventory.read_stock(folder, seller, LAST_DAY)


def _orders(folder: Path, seller: Seller) -> Iterator[Remark]:
    where = f"{seller.seller}/orders"
    seen: dict[str, tuple[str, ...]] = {}
    try:
        files = listed_exports(folder / "orders", seller).files
        seen = dict(zip([file.name for file in files], _seen(files, "orders"), strict=True))
        intake = orders.read_orders(folder, seller)
    except PlannerError as problem:
        yield Remark(where, str(problem))
        for name, notes in seen.items():
            yield Remark(f"{seller.seller}/{name}", notes=notes)
        return
    for row in intake.files.to_dict("records"):
        remark = _export(seller, row, intake)
        yield remark._replace(notes=(*seen.get(row["file"], ()), *remark.notes))
    try:
        orders.refuse_if_too_much_lost(intake, seller.policy)
    except PlannerError as problem:
        yield Remark(where, str(problem))


def _returns(folder: Path, seller: Seller) -> Iterator[Remark]:
    seen = _recognised(folder, seller, "returns")
    try:
        back = returns.read_returns(folder, seller)
    except PlannerError as problem:
        yield Remark(f"{seller.seller}/returns", str(problem))
        for name, notes in seen.items():
            yield Remark(f"{seller.seller}/{name}", notes=notes)
        return
    for row in back.files.to_dict("records"):
        remark = _export(seller, row, back, kind="returns")
        yield remark._replace(notes=(*seen.get(row["file"], ()), *remark.notes))


def _inventory(folder: Path, seller: Seller) -> Iterator[Remark]:
    for name, notes in _recognised(folder, seller, "inventory").items():
        yield Remark(f"{seller.seller}/{name}", notes=notes)
    if (folder / "inventory").is_dir():
        where = f"{seller.seller}/inventory"
        yield _tried(where, lambda: _rows(inventory.read_inventory(folder, seller).snapshots))


def _recognised(folder: Path, seller: Seller, kind: ExportKind) -> dict[str, tuple[str, ...]]:
    """Return by file of a folder of exports whose it seems to be."""
    shops = {shop.shop: shop for shop in seller.shops}
    houses = {shop.warehouse: shop for shop in seller.shops}
    found = sorted(path for path in (folder / kind).rglob("*") if path.is_file())
    files = [
        File(path, path.relative_to(folder).as_posix(), owner)
        for path in found
        if path.suffix.lower() in EXPORT_SUFFIXES and not path.name.startswith((".", "~$"))
        for owner in [shops.get(path.parent.name) or houses.get(path.parent.name, seller.shops[0])]
    ]
    return dict(zip([file.name for file in files], _seen(files, kind), strict=True))


def _seen(files: Sequence[File], kind: ExportKind) -> list[tuple[str, ...]]:
    return [_told_twice(candidates) for candidates in glanced(files, kind)] if files else []


def _told_twice(candidates: Sequence[Candidate]) -> tuple[str, ...]:
    zh, en = (_told_candidates(candidates, lang) for lang in LANGS)
    return tuple(f"{one} / {other}" for one, other in zip(zh, en, strict=True))


def _told_candidates(candidates: Sequence[Candidate], lang: str) -> list[str]:
    """Return whose export a file seems to be and why; headers at most, never a cell."""
    if not candidates:
        return [say("recognised.none", lang)]
    first = candidates[0]
    counts = {"dialect": first.dialect, "known": first.n_known, "headers": first.n_headers}
    mark = COMMAS[lang]
    if first.missing:
        told = [say("recognised.nearest", lang, **counts, missing=_names(first.missing, mark))]
        unknown = [say("recognised.unknown", lang, names=_names(first.unknown, mark))]
        return told + unknown * bool(first.unknown)
    why = [say(f"language.{first.language}", lang)] if first.language else []
    why += [say(f"recognised.{first.date_order}", lang)] if first.date_order else []
    told = [mark.join([say("recognised.as", lang, **counts), *why])]
    if len(candidates) > 1:
        names = _names([one.dialect for one in candidates[1:]], mark)
        told.append(say("recognised.also", lang, names=names))
    return told


def _names(names: Sequence[str], mark: str) -> str:
    return mark.join(names[:MAX_NAMES]) + (" ..." if len(names) > MAX_NAMES else "")


def _export(
    seller: Seller,
    row: Mapping[str, Any],
    intake: orders.Intake | returns.Returns,
    *,
    kind: ExportKind = "orders",
) -> Remark:
    remarks = intake.findings[intake.findings["file"] == row["file"]]
    lost = intake.rejected[intake.rejected["file"] == row["file"]]
    notes = [_told(f"finding.{found.code}|{found.facts}") for found in remarks.itertuples()]
    for code, rows in lost.groupby("code", sort=True):
        lines = ", ".join(str(line) for line in rows["row"].head(5))
        more = ", ..." if len(rows) > 5 else ""
        notes.append(f"{code} x {len(rows)}: {_told(f'reject.{code}')} (row {lines}{more})")
    facts = {name: _plain(value) for name, value in row.items() if name not in ("file", "sha256")}
    shop = next(shop for shop in seller.shops if shop.shop == row["shop"])
    digits = dialect_of(shop, kind).minor_digits
    for kind in ("kept", "rejected"):
        facts[f"{kind}_money"] = _money(row[f"{kind}_minor"], digits)
    return Remark(f"{seller.seller}/{row['file']}", facts=facts, notes=tuple(notes))


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
