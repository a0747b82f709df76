"""Says which names in a seller's folder nobody knows: of files, and of SKUs in the tables.

A file by another name is not read, a row of an unknown SKU does nothing, and neither stops a
plan; most are slips of the pen. Nothing here judges what a file holds otherwise.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from planner.desk.check_exports import COMMAS, MAX_NAMES, Remark
from planner.intake.folders import listed_below
from planner.intake.messages import printable
from planner.words import LANGS, say

FOLDERS = ("orders", "returns", "inventory", "rules")
SUFFIXES = (".csv", ".xlsx")
OWN_FILES = ("seller.yml", "catalogue.example.csv", "README.md")
NEAR_FILE, NEAR_SKU = 0.6, 0.75
"""How like a known name must be to be offered, as `difflib` measures it: SKUs of one seller are
like each other anyway. [unitless]"""
SKU_COLUMNS = {
    "stock": "sku",
    "stock_history": "sku",
    "overrides": "sku",
    "shipments": "sku",
    "stock_moves": "sku",
    "platform_stock": "sku",
    "bundles": "component",
}
"""Tables that name SKUs and in which column; live plan, drivers and decisions tell theirs."""


class Skus(NamedTuple):
    """What is known of a seller's goods."""

    listed: frozenset[str]
    """In the catalogue, or sold as a bundle; empty without a catalogue."""
    ordered: frozenset[str]
    """In the order exports; empty if none could be read."""


def strange_files(folder: Path, seller: str, tables: Collection[str]) -> Iterator[Remark]:
    """Yield a remark for every file or folder beside seller.yml that nothing reads.

    Parameters
    ----------
    folder : Path
        The seller's.
    seller : str
    tables : collection of str
        Names of the hand-kept tables.

    Notes
    -----
    Names count as they stand: Windows would find ``Stock.csv``, others would not.
    """
    files = [*OWN_FILES, *(f"{table}{suffix}" for table in tables for suffix in SUFFIXES)]
    for path in listed_below(folder):
        known = FOLDERS if path.is_dir() else files
        if path.name in known or path.name.startswith((".", "~$")):
            continue
        near = difflib.get_close_matches(path.name.casefold(), known, 1, NEAR_FILE)
        name = printable(path.name)
        yield Remark(f"{seller}/{name}", notes=(_both("cli.strange_file", near, name=name),))


def strange_skus(table: str, frame: pd.DataFrame, skus: Skus) -> tuple[str, ...]:
    """Return a note for each SKU of a table that no catalogue, bundle or order names.

    Parameters
    ----------
    table : str
        Name of a hand-kept table.
    frame : DataFrame
        Its rows.
    skus : Skus
    """
    column = SKU_COLUMNS.get(table, "")
    known = sorted(skus.listed | skus.ordered)
    if not (column and known):
        return ()
    strange = [name for name in dict.fromkeys(frame[column]) if name and name not in known]
    term = "cli.strange_component" if table == "bundles" else "cli.strange_sku"
    told = [
        _both(term, difflib.get_close_matches(name, known, 1, NEAR_SKU), sku=name)
        for name in strange[:MAX_NAMES]
    ]
    more = len(strange) - MAX_NAMES
    return (*told, *([_both("cli.why_more", (), more=more)] if more > 0 else []))


def unlisted_skus(skus: Skus) -> tuple[str, ...]:
    """Return a note on the SKUs that are ordered and stand in no catalogue, if there is one."""
    names = sorted(skus.ordered - skus.listed) if skus.listed else []
    if not names:
        return ()
    parts = []
    for lang in LANGS:
        shown = [f"{name}{_near(name, skus.listed, lang)}" for name in names[:MAX_NAMES]]
        rest = ["..."] if len(names) > MAX_NAMES else []
        told = COMMAS[lang].join([*shown, *rest])
        parts.append(say("cli.unlisted_skus", lang, count=len(names), names=told))
    return (" / ".join(parts),)


def _near(name: str, known: Collection[str], lang: str) -> str:
    near = difflib.get_close_matches(name, sorted(known), 1, NEAR_SKU)
    return say("cli.like_sku", lang, near=near[0]) if near else ""


def _both(term: str, near: Collection[str], **facts: object) -> str:
    """Return a term in both languages, with the nearest known name where there is one."""
    return " / ".join(
        say(term, lang, **facts) + "".join(say("odd.near", lang, near=name) for name in near)
        for lang in LANGS
    )
