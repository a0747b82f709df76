"""Says of a seller's export files what each holds, whose it is, and what of it was not read.

Orders, returns and inventory reports; one remark per file, and one on what lies beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from planner.errors import PlannerError
from planner.intake import inventory, orders, returns
from planner.intake.coverage import gaps
from planner.intake.dialects import dialect_of
from planner.intake.fields import ExportKind
from planner.intake.folders import EXPORT_SUFFIXES, File, listed_below, listed_exports
from planner.intake.glance import glanced
from planner.intake.messages import printable
from planner.intake.overlaps import NOT_LOST
from planner.intake.recognise import Candidate
from planner.pages.telling import tell_reason
from planner.seller import Seller
from planner.words import LANGS, is_known, say

MAX_NAMES = 8
MAX_ROWS = 5
MAX_VALUE = 40
COMMAS = {"zh": "、", "en": ", "}
Notes = Mapping[str, tuple[str, ...]]
"""By the name of a file: what is told of it."""


class Remark(NamedTuple):
    """What one file holds, or what is wrong with it."""

    file: str
    problem: str = ""
    """Empty if the file can be used."""
    facts: Mapping[str, Any] = {}
    """Figures of the file: rows, money, days; plain numbers and texts."""
    notes: tuple[str, ...] = ()
    """Remarks on a file that can be used all the same."""


class Exports(NamedTuple):
    """What is told of a seller's exports, and the SKUs that its orders name."""

    remarks: tuple[Remark, ...]
    ordered: frozenset[str]


def export_remarks(folder: Path, seller: Seller) -> Exports:
    """Return a remark for every export of a seller, and for what lies beside them unread.

    Parameters
    ----------
    folder : Path
        The seller's folder.
    seller : Seller
    """
    ordered: set[str] = set()
    told = [*_orders(folder, seller, ordered), *_returns(folder, seller)]
    return Exports((*told, *_inventory(folder, seller)), frozenset(ordered))


def _orders(folder: Path, seller: Seller, ordered: set[str]) -> Iterator[Remark]:
    """Yield what the order exports hold; add the SKUs they name to those ordered."""
    where = f"{seller.seller}/orders"
    seen: Notes = {}
    ignored: Notes = {}
    try:
        files, others = listed_exports(folder / "orders", seller)
        seen = _seen(files, "orders")
        ignored = {name: (_told(f"finding.{code}"),) for name, code in others}
        intake = orders.read_orders(folder, seller)
    except PlannerError as problem:
        yield Remark(where, str(problem))
        yield from _told_of(seller, {**seen, **ignored})
        return
    ordered |= {*intake.lines["sku"]} - {""}
    for row in intake.files.to_dict("records"):
        remark = _export(seller, row, intake)
        yield remark._replace(notes=(*seen.get(row["file"], ()), *remark.notes))
    beside = intake.findings[~intake.findings["file"].isin(intake.files["file"])]
    missing = gaps(intake.files, intake.lines, rejected=intake.rejected)
    for findings in (beside, missing):
        for name in findings["file"].unique():
            yield Remark(f"{seller.seller}/{name}", notes=_remarks(findings, name))
    try:
        orders.refuse_if_too_much_lost(intake, seller.policy)
    except PlannerError as problem:
        yield Remark(where, str(problem))


def _returns(folder: Path, seller: Seller) -> Iterator[Remark]:
    seen, ignored = _recognised(folder, seller, "returns")
    try:
        back = returns.read_returns(folder, seller)
    except PlannerError as problem:
        yield Remark(f"{seller.seller}/returns", str(problem))
        yield from _told_of(seller, {**seen, **ignored})
        return
    for row in back.files.to_dict("records"):
        remark = _export(seller, row, back, kind="returns")
        yield remark._replace(notes=(*seen.get(row["file"], ()), *remark.notes))
    yield from _told_of(seller, ignored)


def _inventory(folder: Path, seller: Seller) -> Iterator[Remark]:
    seen, ignored = _recognised(folder, seller, "inventory")
    try:
        told = inventory.read_inventory(folder, seller)
    except PlannerError as problem:
        yield Remark(f"{seller.seller}/inventory", str(problem))
        yield from _told_of(seller, {**seen, **ignored})
        return
    for name, notes in seen.items():
        found = (*notes, *_remarks(told.findings, name), *_rejects(told.rejected, name))
        rows = int((told.snapshots["file"] == name).sum())
        yield Remark(f"{seller.seller}/{name}", facts={"rows": rows}, notes=found)
    yield from _told_of(seller, ignored)


def _told_of(seller: Seller, notes: Notes) -> Iterator[Remark]:
    for name, told in notes.items():
        yield Remark(f"{seller.seller}/{name}", notes=told)


def _recognised(folder: Path, seller: Seller, kind: ExportKind) -> tuple[Notes, Notes]:
    """Return by file of a folder of exports whose it seems to be; and what is not read there."""
    shops = {shop.shop: shop for shop in seller.shops}
    houses = {shop.warehouse: shop for shop in seller.shops}
    files: list[File] = []
    ignored: dict[str, tuple[str, ...]] = {}
    place = folder / kind
    outer = listed_below(place) if place.is_dir() else []
    inner = [one for path in outer if path.is_dir() for one in listed_below(path)]
    for path in [*(path for path in outer if not path.is_dir()), *inner]:
        name = printable(path.relative_to(folder).as_posix())
        if path.is_dir() or path.suffix.lower() not in EXPORT_SUFFIXES:
            code = "W_IGNORED_FOLDER" if path.is_dir() else "W_IGNORED_FILE"
            ignored[name] = (_told(f"finding.{code}"),)
        else:
            owner = path.parent.name
            files.append(File(path, name, shops.get(owner) or houses.get(owner, seller.shops[0])))
    return _seen(files, kind), ignored


def _seen(files: Sequence[File], kind: ExportKind) -> Notes:
    """Return by file whose it seems to be; nothing of a file that could not be looked at."""
    found = glanced(files, kind) if files else []
    return {
        file.name: () if candidates is None else _told_twice(candidates)
        for file, candidates in zip(files, found, strict=True)
    }


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
    name = row["file"]
    facts = {key: _plain(value) for key, value in row.items() if key not in ("file", "sha256")}
    shop = next(shop for shop in seller.shops if shop.shop == row["shop"])
    digits = dialect_of(shop, kind).minor_digits
    for fate in ("kept", "rejected"):
        facts[f"{fate}_money"] = _money(row[f"{fate}_minor"], digits)
    notes = (*_remarks(intake.findings, name), *_rejects(intake.rejected, name))
    return Remark(f"{seller.seller}/{name}", facts=facts, notes=notes)


def _remarks(findings: pd.DataFrame, file: str) -> tuple[str, ...]:
    own = findings[findings["file"] == file]
    return tuple(_told(f"finding.{one.code}|{one.facts}".rstrip("|")) for one in own.itertuples())


def _rejects(rejected: pd.DataFrame, file: str) -> tuple[str, ...]:
    """Return a line for each reason why rows were rejected: which, the first cell, the remedy."""
    own = rejected[rejected["file"] == file].sort_values("row", kind="stable")
    return tuple(
        " / ".join(_reject(str(code), rows, lang) for lang in LANGS)
        for code, rows in own.groupby("code", sort=True)
    )


def _reject(code: str, rows: pd.DataFrame, lang: str) -> str:
    first = rows.iloc[0]
    column, value = (printable(str(first[name]))[:MAX_VALUE] for name in ("column", "value"))
    lines = ", ".join(str(line) for line in rows["row"].head(MAX_ROWS))
    parts = [
        say(
            "cli.reject_rows",
            lang,
            code=code,
            count=len(rows),
            reason=say(f"reject.{code}", lang),
            rows=lines + ", ..." * (len(rows) > MAX_ROWS),
        )
    ]
    if column and code not in NOT_LOST:
        term = "cli.reject_cell" if value else "cli.reject_column"
        parts.append(say(term, lang, column=column, value=value))
    if is_known(f"remedy.{code}"):
        parts.append(say(f"remedy.{code}", lang))
    return {"zh": "；", "en": "; "}[lang].join(parts)


def _told(text: str) -> str:
    return " / ".join(dict.fromkeys(tell_reason(text, lang) for lang in LANGS))


def _money(minor: int, digits: int) -> str:
    return f"{Decimal(int(minor)).scaleb(-digits):,.{digits}f}"


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return str(value.date()) if isinstance(value, pd.Timestamp) else value
