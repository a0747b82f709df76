"""The plan as it stood before the campaign: tables of steps 2 and 3 put aside, hashed, read back.

A review that compares with a plan made again after the fact flatters nobody but itself. What is
frozen is never changed; who freezes another plan over it must say so. Computes nothing.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from planner import tables
from planner.desk import parquet
from planner.desk.files import hash_of
from planner.desk.home import Home
from planner.desk.ids import checked_id
from planner.desk.steps import step_of_file
from planner.desk.store import BASE, Desk, open_scope
from planner.errors import RunError, TableError
from planner.intake.decisions import read_decisions
from planner.scope import Scope

FROZEN_STEPS = (2, 3)
"""Notebooks whose tables are the plan."""
FROZEN_BESIDE = (tables.Catalogue,)
"""Tables of step 1 that the plan's order cannot be understood without: cartons, prices."""
FACTS_NAME = "frozen.json"
DECISIONS_NAME = "Decisions"
OLD = ".{}.old"
"""Name beside it of the folder that is being replaced."""


class Freezing(NamedTuple):
    """What freezing did: `frozen`, `same` where nothing had changed, or `replaced`."""

    state: str
    folder: Path
    count: int
    """Tables put aside."""
    is_begun: bool
    """Whether the campaign had begun by then."""


class PlanThen(NamedTuple):
    """Where the review reads the plan from, and what a reader must know of it."""

    desk: Desk
    folder: Path | None
    """Of the frozen tables; nothing where the plan in work is read."""
    hashes: Mapping[str, str]
    reason: str
    """Code of the sentence that stands above the review."""
    is_sure: bool
    """Whether it is the plan as it stood before the campaign began."""

    def read(self, table: type[tables.Table]) -> pd.DataFrame:
        """Return a table of the plan as it stood.

        Raises
        ------
        RunError
            If a frozen table was changed by hand, or was written by another version.
        """
        name = table.__name__
        if self.folder is None or name not in self.hashes:
            return self.desk.read(table)
        path = self.folder / f"{name}.parquet"
        where = f"{self.folder.name}, {path.name}"
        mend = "put the file back from a copy, or freeze the plan again with --force"
        if not path.is_file() or hash_of(path) != self.hashes[name]:
            raise RunError(f"{where}: not the table that was frozen; {mend}")
        try:
            return tables.checked(table, parquet.read_table(path))
        except TableError as problem:
            raise RunError(f"{where}: frozen by another version ({problem}); {mend}") from None


def freeze_plan(
    home: Home,
    campaign: str,
    seller: str,
    *,
    scenario: str = BASE,
    on: date | None = None,
    force: bool = False,
) -> Freezing:
    """Put the published plan of a seller aside for the review.

    Parameters
    ----------
    home : Home
    campaign, seller, scenario : str
    on : date, optional
        The day of freezing. A campaign has begun if that day or an order known lies in it: a day
        given says nothing against orders that are there.
    force : bool
        Whether another plan frozen before may be replaced.

    Raises
    ------
    RunError
        If there is no plan, or another one is frozen already.
    """
    scope = open_scope(home, campaign, seller, scenario=scenario, as_of="")
    source = home.tables_folder(campaign, scenario, seller)
    paths = [path for path in sorted(source.glob("*.parquet")) if _is_plan(path)]
    if not any(path.stem == tables.StockPlan.__name__ for path in paths):
        raise RunError(
            f"{seller}: campaign {campaign}, scenario {scenario}, has no plan to freeze; run "
            f"python run.py run {campaign} --seller {seller} --scenario {scenario} --steps 1-3"
        )
    folder = frozen_folder(home, campaign, scenario, seller)
    new = _copied(folder, paths, home.seller_folder(seller))
    hashes = {path.stem: hash_of(path) for path in sorted(new.glob("*.parquet"))}
    before = read_facts(folder)
    known = _known_of_campaign(scope, source)
    is_begun = bool(known) or _is_begun(scope, on)
    told = {"campaign": campaign, "scenario": scenario, "seller": seller}
    facts = told | {
        "on": str(on or ""),
        "begun": is_begun,
        "known": known,
        "as_of": {market: str(day) for market, day in scope.as_of(3).items()},
        "tables": hashes,
        "before": _earlier(before),
    }
    if before.get("tables") == hashes:
        shutil.rmtree(new)
        return Freezing("same", folder, len(hashes), bool(before["begun"]))
    if before and not force:
        shutil.rmtree(new)
        raise RunError(_other_plan(before, hashes, told))
    text = json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    (new / FACTS_NAME).write_text(text, encoding="utf-8", newline="\n")
    _swap(new, folder)
    return Freezing("replaced" if before else "frozen", folder, len(hashes), is_begun)


def plan_then(desk: Desk) -> PlanThen:
    """Return the plan as it stood: frozen if there is one, else the plan in work, and say which.

    Parameters
    ----------
    desk : Desk

    Raises
    ------
    RunError
        If what was frozen cannot be read.
    """
    scope = desk.scope
    key = (scope.campaign.campaign, scope.scenario, scope.seller.seller)
    folder = frozen_folder(desk.home, *key)
    facts = read_facts(folder)
    if not facts:
        days = sorted({str(day) for day in scope.as_of(3).values()})
        return PlanThen(desk, None, {}, f"plan_then.made_again|since={', '.join(days)}", False)
    hashes = facts["tables"]
    changed = [name for name in hashes if not _is_same(desk, folder, name, hashes[name])]
    known = facts.get("known", "")
    late = "plan_then.known" if known else "plan_then.begun"
    term = late if facts["begun"] else "plan_then.frozen"
    when = f"|frozen_on={facts['on']}|tables={len(hashes)}" + (f"|known={known}" if known else "")
    parts = [term + ("_on" if facts["on"] else "") + when]
    parts += [f"plan_then.changed|tables={len(changed)}"] if changed else []
    parts += [f"plan_then.again|times={len(facts['before'])}"] if facts["before"] else []
    return PlanThen(desk, folder, hashes, ";".join(parts), not facts["begun"])


def read_decisions_then(then: PlanThen) -> pd.DataFrame:
    """Return what people had decided by the time the plan was frozen, else what they decided."""
    if DECISIONS_NAME in then.hashes:
        return then.read(tables.Decisions)
    return read_decisions(then.desk.seller_folder)


def frozen_folder(home: Home, campaign: str, scenario: str, seller: str) -> Path:
    """Return the folder of a seller's frozen plan; it need not exist."""
    names = ((campaign, "campaign"), (scenario, "scenario"), (seller, "seller"))
    return home.inside("data", "frozen", *(checked_id(name, what) for name, what in names))


def read_facts(folder: Path) -> dict[str, Any]:
    """Return what freezing wrote beside the tables; nothing where nothing is frozen.

    A plan that a stopped freezing left aside is put back first.

    Raises
    ------
    RunError
        If the file is damaged.
    """
    _put_back(folder)
    path = folder / FACTS_NAME
    if not path.is_file():
        return {}
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
        return {**facts, "tables": dict(facts["tables"]), "before": list(facts["before"])}
    except (OSError, ValueError, KeyError, TypeError):
        raise RunError(
            f"{path} is damaged; put it back from a copy, or delete {folder} and freeze again"
        ) from None


def _is_plan(path: Path) -> bool:
    beside = [table.__name__ for table in FROZEN_BESIDE]
    return step_of_file(path) in FROZEN_STEPS or path.stem in beside


def _copied(folder: Path, paths: list[Path], seller_folder: Path) -> Path:
    """Return a folder beside the frozen one with the tables, and the decisions as they stand."""
    new = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    for path in paths:
        shutil.copy2(path, new / path.name)
    parquet.write_table(read_decisions(seller_folder), new / f"{DECISIONS_NAME}.parquet")
    return new


def _swap(new: Path, folder: Path) -> None:
    old = folder.with_name(OLD.format(folder.name))
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    new.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def _put_back(folder: Path) -> None:
    """Undo a change of folders that stopped half-way: the plan frozen before is there again."""
    old = folder.with_name(OLD.format(folder.name))
    if old.is_dir() and not folder.exists():
        old.rename(folder)


def _is_begun(scope: Scope, on: date | None) -> bool:
    """Return whether the plan or the day given reaches into a campaign."""
    starts = {market: plan.phases.start for market, plan in scope.plans.items()}
    is_late = any(day > starts[market] for market, day in scope.as_of(3).items())
    return is_late or (on is not None and any(on >= start for start in starts.values()))


def _known_of_campaign(scope: Scope, source: Path) -> str:
    """Return the last day of a campaign with orders that lie in the folder; blank without any."""
    path = source / f"{tables.OrderLines.__name__}.parquet"
    if not path.is_file():
        return ""
    last = parquet.read_table(path).groupby("market")["ordered_at"].max()
    starts = {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}
    known = [
        last[market] for market, day in starts.items() if market in last and last[market] >= day
    ]
    return str(max(known).date()) if known else ""


def _is_same(desk: Desk, folder: Path, name: str, frozen: str) -> bool:
    """Return whether the plan in work still has a table as it was frozen."""
    if name == DECISIONS_NAME:
        path = folder / f"{name}.parquet"
        was = parquet.read_table(path) if path.is_file() else tables.empty(tables.Decisions)
        return was.equals(read_decisions(desk.seller_folder))
    scope = desk.scope
    key = (scope.campaign.campaign, scope.scenario, scope.seller.seller)
    folders = [desk.stage / "tables"] if desk.stage else []
    for place in (*folders, desk.home.tables_folder(*key)):
        path = place / f"{name}.parquet"
        if path.is_file():
            return hash_of(path) == frozen
    return False


def _earlier(before: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what was frozen before, oldest first: its day and how it can be known again."""
    if not before:
        return []
    mark = {"on": before["on"], "begun": before["begun"], "StockPlan": before["tables"].get(
        tables.StockPlan.__name__, "")}  # fmt: skip
    return [*before["before"], mark]


def _other_plan(before: Mapping[str, Any], hashes: Mapping[str, str], told: dict[str, str]) -> str:
    moved = sorted(dict(before["tables"].items() ^ hashes.items()))
    return (
        f"{told['seller']}: another plan of {told['campaign']}, scenario {told['scenario']}, is "
        f"frozen already; {len(moved)} tables differ, such as {', '.join(moved[:3])}. Leave it, "
        "or freeze this one in its place with --force"
    )
