"""Says what a plan would refuse of a seller's files, and what in them is odd, before any run.

What is refused is refused by the plan's own first step, asked for every campaign that the seller
takes part in. What is odd is only told: no plan stops at it, and most of it is a slip of the pen.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from planner import tables
from planner.desk.files import read_mapping
from planner.desk.home import Home
from planner.desk.store import Desk, file_of
from planner.errors import PlannerError
from planner.guards.goods_checks import alternatives
from planner.guards.odd_rows import odd_decisions, odd_evidence, odd_goods, odd_rules
from planner.guards.odd_settings import Odd, Words, odd_settings
from planner.intake import decisions, goods_facts, inventory, masters, own_rules, rules
from planner.intake.contracts import text_columns
from planner.scope import Scope, scope_of
from planner.seller import Seller
from planner.supply.charges.tariffs import KNOWN_TERMS, STORAGE_TIER
from planner.supply.places.warehouse_choice import FEES as HOUSE_FEES
from planner.supply.roads import REGISTERS, roads_of
from planner.words import LANGS, say

NEAR = 0.6
"""How like a known word must be to be offered, as `difflib` measures it. [unitless]"""
UNITS = ("unit", "order", "shipment", "kg", "cbm", "cbm_day", "share_price", "share_cost", "day")
"""Units of a fee, as `supply.charges.tariffs` reads them; see data/README.md."""
HOUSES = ("third_party", "fbt", "own")


class Files(NamedTuple):
    """What a seller keeps, read once."""

    folder: Path
    seller: Seller
    registers: Mapping[type[tables.Register], pd.DataFrame]
    """Shipped rows, ended ones too."""
    skus: frozenset[str]


def plan_problem(home: Home, seller: Seller) -> str:
    """Return what the plan of the seller's first campaign that refuses his files says, or blank.

    Parameters
    ----------
    home : Home
    seller : Seller
    """
    try:
        catalogue = masters.read_catalogue(home.seller_folder(seller.seller), seller)
    except PlannerError:
        return ""  # told of the catalogue
    for scope in joined_scopes(home, seller):
        desk = Desk(home=home, scope=scope)
        try:
            registers = {kind: desk.rules(kind) for kind in REGISTERS}
        except PlannerError:
            continue  # told of the register
        try:
            roads_of(catalogue, registers, scope=scope)
        except PlannerError as problem:
            return str(problem)
    return ""


def joined_scopes(home: Home, seller: Seller) -> list[Scope]:
    """Return the campaigns that can be read and that the seller takes part in."""
    scopes = []
    for name in home.campaign_ids():
        try:
            campaign = home.campaign(name)
            if not campaign.sellers or seller.seller in campaign.sellers:
                scopes.append(scope_of(campaign, seller))
        except PlannerError:
            continue  # told of the campaign's file
    return scopes


def odd_notes(home: Home, seller: Seller) -> Mapping[str, tuple[str, ...]]:
    """Return what is odd in a seller's files, by the file or the table's name.

    Parameters
    ----------
    home : Home
    seller : Seller

    Notes
    -----
    A file that cannot be read is left out: it is told as such.
    """
    folder = home.seller_folder(seller.seller)
    try:
        registers = {
            kind: rules.read_register(home.rules_folder(file_of(kind)), kind)
            for kind in tables.REGISTERS
        }
    except PlannerError:
        return {}  # told of the register
    files = Files(folder, seller, registers, skus_of(folder, seller))
    lines = getattr(read_mapping(folder / "seller.yml", where="seller.yml"), "lines", {})
    finders: dict[str, Callable[[], Iterator[Odd]]] = {
        "seller.yml": lambda: _settings(files),
        "catalogue": lambda: _goods(files),
        "certificates": lambda: _evidence(files),
        "decisions": lambda: _decisions(files, joined_scopes(home, seller)),
        **{
            f"rules/{file_of(kind)}": lambda kind=kind: _own_rules(files, kind)
            for kind in tables.REGISTERS
        },
    }
    notes = {}
    for name, find in finders.items():
        try:
            told = tuple(told_odd(odd, lines) for odd in find())
        except PlannerError:
            continue  # told of the file
        if told:
            notes[name] = told
    return notes


def skus_of(folder: Path, seller: Seller) -> frozenset[str]:
    """Return the SKUs of the catalogue and the bundles; none without a catalogue."""
    try:
        goods = masters.read_catalogue(folder, seller)
        bundles = masters.read_bundles(folder)
    except PlannerError:
        return frozenset()  # told of the file
    return frozenset([*goods["sku"], *bundles["sku"]]) if len(goods) else frozenset()


def told_odd(odd: Odd, lines: Mapping[tuple[object, ...], int]) -> str:
    """Return one odd thing in both languages: place, value, what is odd, what may be meant."""
    return " / ".join(_told(odd, lines, lang) for lang in LANGS)


def _told(odd: Odd, lines: Mapping[tuple[object, ...], int], lang: str) -> str:
    if odd.row:
        place = say("odd.at_cell", lang, row=odd.row, column=odd.column)
    else:
        key = ".".join(str(part) for part in odd.path)
        line = lines.get(odd.path, 0)
        place = say("odd.at_line", lang, line=line, key=key) if line else key
    told = say(f"odd.{odd.code}", lang, value=odd.value, **odd.facts)
    near = difflib.get_close_matches(odd.value, odd.known, 1, NEAR)
    hint = say("odd.near", lang, near=near[0]) if near else ""
    return say("odd.told", lang, place=place, what=f"{told}{hint}")


def _settings(files: Files) -> Iterator[Odd]:
    held: dict[tuple[str, str], float] = {}
    stock = inventory.read_stock(files.folder, files.seller, pd.Timestamp.max.date())
    for row in stock[stock["stage"] == "on_hand"].to_dict("records"):
        key = (row["warehouse"], row["sku"])
        held[key] = held.get(key, 0.0) + row["units"]
    return odd_settings(files.seller, _words(files), skus=files.skus, stock=held)


def _words(files: Files) -> Words:
    def column(kind: type[tables.Register], name: str) -> frozenset[str]:
        own = own_rules.read_own_rows(files.folder / "rules", kind)
        return frozenset([*files.registers[kind][name], *own[name]])

    return Words(
        markets=column(tables.Markets, "market"),
        modes=column(tables.Lanes, "mode"),
        surcharges=column(tables.Surcharges, "kind"),
        works=column(tables.HandlingFees, "work"),
        exits=column(tables.ExitRules, "exit"),
        routes=column(tables.ReturnRouteFees, "route"),
        houses=frozenset(HOUSES),
        house_fees=frozenset(HOUSE_FEES),
    )


def _goods(files: Files) -> Iterator[Odd]:
    rows = goods_facts.catalogue_rows(files.folder)
    return odd_goods(rows, categories=_categories(files), papers=_papers(files))


def _evidence(files: Files) -> Iterator[Odd]:
    return odd_evidence(
        goods_facts.evidence_rows(files.folder),
        categories=_categories(files),
        papers=_papers(files),
        skus=files.skus,
        markets=files.seller.markets,
    )


def _decisions(files: Files, scopes: list[Scope]) -> Iterator[Odd]:
    goods = goods_facts.catalogue_rows(files.folder)
    days = {
        market: max(scope.as_of(3)[market] for scope in scopes if market in scope.markets)
        for market in {name for scope in scopes for name in scope.markets}
    }
    return odd_decisions(
        decisions.decision_rows(files.folder),
        skus=files.skus,
        markets=dict.fromkeys(files.seller.markets) | days,
        least=dict(zip(goods["sku"], goods["moq_units"].fillna(0.0), strict=True)),
    )


def _own_rules(files: Files, kind: type[tables.Register]) -> Iterator[Odd]:
    path = files.folder / "rules" / file_of(kind)
    if not path.exists():
        return iter(())
    own = rules.read_table(path, kind)
    words = {name: _said(files, name) for name in text_columns(kind)}
    if kind is tables.Fees:
        tiers = own.loc[own["term"].str.match(STORAGE_TIER), "term"]
        words["term"] |= {*KNOWN_TERMS, *tiers}
        words["unit"] = {*UNITS}
    return odd_rules(own, words)


def _said(files: Files, column: str) -> set[str]:
    """Return what all shipped registers say in a column of that name."""
    frames = [frame for frame in files.registers.values() if column in frame]
    more = HOUSES if column == "kind" else ()
    return {*more, *(name for frame in frames for name in frame[column])}


def _categories(files: Files) -> frozenset[str]:
    frames = [frame for frame in files.registers.values() if "category" in frame]
    own = [
        own_rules.read_own_rows(files.folder / "rules", kind)
        for kind, frame in files.registers.items()
        if "category" in frame
    ]
    return frozenset(
        name.strip().lower() for frame in (*frames, *own) for name in frame["category"]
    )


def _papers(files: Files) -> frozenset[str]:
    own = own_rules.read_own_rows(files.folder / "rules", tables.Certificates)
    named = [*files.registers[tables.Certificates]["certificate"], *own["certificate"]]
    return frozenset(part for paper in named for part in alternatives(paper))
