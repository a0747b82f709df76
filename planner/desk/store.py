"""The desk: the door through which notebooks read and write tables.

One file per table, checked against its contract on the way in and out, and put
in place by one rename. Nothing here computes.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pandas as pd

from planner import tables
from planner.desk import memories, parquet
from planner.desk.asked_days import moment_of
from planner.desk.files import put_in_place
from planner.desk.home import Home, find_home
from planner.desk.ids import checked_id, view_of
from planner.desk.steps import step_of
from planner.errors import InputError, RunError, TableError
from planner.intake import own_rules, rules
from planner.scope import Scope, scope_of

STAGE_VARIABLE = "PLANNER_STAGE"
BASE = "base"
PART_PATTERN = r"[a-z][a-z0-9_]{0,31}"
OWN_RULES = "rules"
"""Folder of a seller's own rows of the registers."""
PASSING = (".", "~$")
"""Beginnings of names that systems and Excel make for a while; nobody reads such a file."""
WHOLE_REGISTERS = (tables.Calendar, tables.UpliftPriors)
"""Read with every row: the past is what they are for."""


@dataclass(frozen=True)
class Desk:
    """What one seller's notebooks work with: scope, files, registers, tables and memory."""

    home: Home
    scope: Scope
    stage: Path | None = None
    """Folder with tables/ and memory/ that is read first and alone is written."""

    @property
    def seller_folder(self) -> Path:
        """Folder of the seller's files."""
        return self.home.seller_folder(self.scope.seller.seller)

    @property
    def own_rules_folder(self) -> Path:
        """Folder of the seller's own rows of the registers; it need not exist."""
        return self.home.inside("data", "sellers", self.scope.seller.seller, OWN_RULES)

    def rules(self, register: type[tables.Register], *, on: date | None = None) -> pd.DataFrame:
        """Return a register's rows in force on the planning day of each market.

        Parameters
        ----------
        register : type of Register
        on : date, optional
            Another day, the same for all markets.

        Notes
        -----
        A row of no market of this plan is judged by the campaign's planning day. The calendar
        and the priors come whole. A row of the seller's own (`rules/` in his folder) takes the
        place of the one that names the same fact.
        """
        frame = rules.read_register(self.home.rules_folder(file_of(register)), register)
        if register in WHOLE_REGISTERS:
            return frame
        own = own_rules.read_own_rows(self.own_rules_folder, register)
        here, mine = self.in_force(frame, on), self.in_force(own, on)
        return here if own.empty else own_rules.with_own_rows(here, mine, register)

    def all_rules(self, register: type[tables.Register]) -> pd.DataFrame:
        """Return every row of a register, ended ones too, the seller's in place of those named."""
        frame = rules.read_register(self.home.rules_folder(file_of(register)), register)
        own = own_rules.read_own_rows(self.own_rules_folder, register)
        key = own_rules.key_of(register)
        is_named = pd.MultiIndex.from_frame(frame[key]).isin(pd.MultiIndex.from_frame(own[key]))
        return frame if own.empty else pd.concat([frame[~is_named], own], ignore_index=True)

    def in_force(self, frame: pd.DataFrame, on: date | None = None) -> pd.DataFrame:
        """Return the rows of a register in force on a day, else on each market's planning day."""
        if on is not None:
            return rules.in_force(frame, on)
        days = self.scope.as_of(1)
        other = self.scope.seen_from or self.scope.campaign.as_of.plan
        if "market" not in frame.columns or set(days.values()) == {other}:
            return rules.in_force(frame, other)
        row_days = frame["market"].map(days).fillna(other)
        parts = [rules.in_force(frame[row_days == day], day) for day in sorted(set(row_days))]
        return pd.concat(parts, ignore_index=True) if parts else frame

    def read(self, table: type[tables.Table], part: str = "") -> pd.DataFrame:
        """Return a table that an earlier notebook wrote.

        Raises
        ------
        RunError
            If it has not been written yet, or by another version of the planner that knew other
            columns; names the notebook to run.
        """
        name = _file_name(table, part)
        for folder in (*self._table_folders, *self._plan_folders(table, part)):
            if (folder / name).is_file():
                frame = parquet.read_table(folder / name)
                try:
                    return tables.checked(table, frame)
                except TableError as problem:
                    why = f"was written by another version of the planner ({problem})"
                    raise RunError(self._to_run(table, part, why)) from None
        raise RunError(self._to_run(table, part, "is not there"))

    def has(self, table: type[tables.Table], part: str = "") -> bool:
        """Return whether a table has been written."""
        name = _file_name(table, part)
        folders = (*self._table_folders, *self._plan_folders(table, part))
        return any((folder / name).is_file() for folder in folders)

    def write(self, table: type[tables.Table], frame: pd.DataFrame, part: str = "") -> None:
        """Check a table and put it in place by one rename.

        Raises
        ------
        TableError
            If the frame does not keep the table's contract.
        """
        kept = tables.checked(table, frame)
        folder = self._table_folders[0]
        put_in_place(folder / _file_name(table, part), lambda path: parquet.write_table(kept, path))

    def memory(self, table: type[tables.Table] = tables.UpliftMemory) -> pd.DataFrame:
        """Return what all reviews of this seller remember: `UpliftMemory` or `CampaignRatios`."""
        return memories.read_memories(self._memory_folders, table)

    def shared_memory(self) -> pd.DataFrame:
        """Return what enough sellers of the provider showed together, as `SharedRatios`."""
        return memories.read_memories((self.home.shared_memory_folder,), tables.SharedRatios)

    def remember(
        self, frame: pd.DataFrame, table: type[tables.Table] = tables.UpliftMemory
    ) -> None:
        """Put down what this campaign's review found; a second review replaces the first.

        Notes
        -----
        Only what happened may teach the next forecast: the base scenario, on the campaign's own
        days or seen from a day on which the whole campaign is over.
        """
        kept = tables.checked(table, frame)
        scope, seen = self.scope, self.scope.seen_from
        is_over = seen is None or all(seen > plan.phases.end for plan in scope.plans.values())
        if scope.scenario == BASE and is_over:
            memories.put_down(self._memory_folders[0], scope.campaign.campaign, table, kept)

    @cached_property
    def _table_folders(self) -> tuple[Path, ...]:
        scope = self.scope
        view = view_of(scope.scenario, scope.seen_at)
        published = self.home.tables_folder(scope.campaign.campaign, view, scope.seller.seller)
        return (self.stage / "tables", published) if self.stage else (published,)

    def _plan_folders(self, table: type[tables.Table], part: str) -> tuple[Path, ...]:
        """Return where a run seen from another day finds what it did not make itself.

        The scenario's own run is used if it looked from no later day: tracking rests on the plan.
        """
        scope, step = self.scope, step_of(table, part)
        if scope.seen_from is None or not scope.markets:
            return ()
        own = scope.model_copy(update={"seen_from": None, "seen_hour": 0})
        if own.last_day(step) > scope.seen_from:
            return ()
        key = (scope.campaign.campaign, scope.scenario, scope.seller.seller)
        return (self.home.tables_folder(*key),)

    @cached_property
    def _memory_folders(self) -> tuple[Path, ...]:
        published = self.home.memory_folder(self.scope.seller.seller)
        return (self.stage / "memory", published) if self.stage else (published,)

    def _to_run(self, table: type[tables.Table], part: str, why: str) -> str:
        scope = self.scope
        campaign, seller = scope.campaign.campaign, scope.seller.seller
        step = step_of(table, part)
        seen = f" --as-of {scope.seen_at}" if scope.seen_from else ""
        return (
            f"{seller}: the table {Path(_file_name(table, part)).stem} of campaign {campaign}, "
            f"scenario {scope.scenario}, {why}; run notebook {step:02d} first: "
            f"python run.py run {campaign} --seller {seller} --scenario {scope.scenario} "
            f"--steps {step}{seen}"
        )


def open_desk(campaign: str, seller: str, scenario: str = "base", as_of: str = "") -> Desk:
    """Return the desk of one seller in one scenario of a campaign.

    Parameters
    ----------
    campaign, seller, scenario : str
        Their ids.
    as_of : str
        ISO day that overrides every as-of day of the campaign, or an hour of it as
        2025-11-11T14 by the shops' clock; empty for none.

    Raises
    ------
    ConfigError
        If one of them is unknown, a file is wrong, or the day is no day.
    """
    home = find_home()
    stage = os.environ.get(STAGE_VARIABLE)
    return Desk(
        home=home,
        scope=open_scope(home, campaign, seller, scenario=scenario, as_of=as_of),
        stage=Path(stage).resolve() if stage else None,
    )


def open_scope(home: Home, campaign: str, seller: str, *, scenario: str, as_of: str) -> Scope:
    """Return the scope of one run, from the files of a workspace."""
    day, hour = moment_of(as_of)
    return scope_of(
        home.campaign(campaign),
        home.seller(seller),
        scenario=checked_id(scenario, "scenario"),
        seen_from=day,
        seen_hour=hour,
    )


def file_of(register: type[tables.Register]) -> str:
    """Return the file name of a register.

    Examples
    --------
    >>> file_of(tables.RiskWindows)
    'risk_windows.csv'
    """
    return re.sub(r"(?<!^)(?=[A-Z])", "_", register.__name__).lower() + ".csv"


def input_files(home: Home, campaign: str, seller: str) -> list[Path]:
    """Return every file that a run of one seller may learn from, in order of path.

    What the campaign itself is remembered by is none of them: its forecast may not use it.

    Raises
    ------
    InputError
        If one of the seller's files is a symbolic link or no plain file.
    """
    found = home.seller_folder(seller).rglob("*")
    own = [path for path in found if not path.is_dir() and not path.name.startswith(PASSING)]
    for path in own:
        if path.is_symlink() or not path.is_file():
            name = path.relative_to(home.sellers_folder).as_posix()
            raise InputError(f"{name} is a link or no plain file; put the file itself there")
    registers = [
        home.rules_folder(file_of(register)) / file_of(register) for register in tables.REGISTERS
    ]
    remembered = (home.memory_folder(seller), home.shared_memory_folder)
    memory = [path for root in remembered for path in memories.memory_files(root, beside=campaign)]
    frozen = home.inside("data", "frozen").glob(f"{campaign}/*/{seller}/frozen.json")
    shared = [path for path in (*registers, *memory, *frozen) if path.is_file()]
    return sorted([home.campaign_file(campaign), *own, *shared])


def _file_name(table: type[tables.Table], part: str) -> str:
    if part and not re.fullmatch(PART_PATTERN, part):
        raise RunError(f"{part!r} cannot name a part of {table.__name__}; use a word like clean")
    return f"{table.__name__}-{part}.parquet" if part else f"{table.__name__}.parquet"
