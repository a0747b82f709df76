"""The stage: where a run prepares one seller, and how that becomes the published state.

A stage begins as a copy of what is published and is kept. Publishing moves it in
place by renames; a stage marked ready is finished by the next run if a run dies
half-way, any other leftover is thrown away. What is inside is not looked at.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from planner.desk.home import Home
from planner.desk.manifest import MANIFEST_NAME, write_manifest
from planner.desk.steps import step_of_file
from planner.desk.store import STAGE_VARIABLE
from planner.errors import RunError

READY_NAME = "ready"
BASE_SCENARIO = "base"


@dataclass(frozen=True)
class Stage:
    """The folder in which one seller of a run is prepared."""

    home: Home
    campaign: str
    scenario: str
    """With the day, if it is not the campaign's own: `ids.view_of`."""
    seller: str

    @property
    def folder(self) -> Path:
        """The stage itself."""
        return self.home.stage_folder(self.campaign, self.scenario, self.seller)

    @property
    def tables(self) -> Path:
        """Tables of this run, and those kept."""
        return self.folder / "tables"

    @property
    def memory(self) -> Path:
        """What this campaign's review remembers."""
        return self.folder / "memory"

    @property
    def report(self) -> Path:
        """Pages, workbook and manifest."""
        return self.folder / "report"

    @property
    def failed(self) -> Path:
        """Why the run broke, if it did: the broken notebook, the log and a manifest."""
        return self.folder / "failed"

    @property
    def log(self) -> Path:
        """What the worker and its kernel had to say."""
        return self.folder / f"{self.seller}.log"

    def notebook(self, step: int, lang: str) -> Path:
        """Return where a notebook that ran is kept; it travels with the tables it made."""
        return self.tables / "notebooks" / lang / f"{step:02d}.ipynb"


def prepare(stage: Stage, steps: Iterable[int]) -> None:
    """Make a stage anew, with the tables and notebooks of the steps that will not run."""
    discard(stage)
    for folder in (stage.tables, stage.memory, stage.report):
        folder.mkdir(parents=True)
    published = stage.home.tables_folder(stage.campaign, stage.scenario, stage.seller)
    again = set(steps)
    tables = [path for path in published.glob("*.parquet") if step_of_file(path) not in again]
    books = [path for path in published.glob("notebooks/*/*.ipynb") if int(path.stem) not in again]
    for path in (*tables, *books):
        kept = stage.tables / path.relative_to(published)
        kept.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, kept)


def publish(stage: Stage) -> None:
    """Put a whole stage in place: tables, memory, report; then its failure, or forget one before.

    Raises
    ------
    RunError
        If the stage has no manifest, or a folder cannot be replaced.

    Notes
    -----
    May be called again after it was cut off: what has moved already is left alone. Only the
    base scenario is remembered, on whatever day; what if must not teach the next forecast.
    """
    if not has_report(stage) and not (stage.folder / READY_NAME).exists():
        raise RunError(f"{stage.folder} is not whole; nothing was published")
    _settle(stage.folder)
    (stage.folder / READY_NAME).touch()
    key = (stage.campaign, stage.scenario, stage.seller)
    try:
        _swap(stage.tables, stage.home.tables_folder(*key), stage.folder / "old-tables")
        if stage.scenario.partition("@")[0] == BASE_SCENARIO:
            for path in sorted(stage.memory.rglob("*.csv")):
                folder = stage.home.memory_folder(stage.seller)
                target = folder / path.relative_to(stage.memory)
                target.parent.mkdir(parents=True, exist_ok=True)
                path.replace(target)
        _swap(stage.report, stage.home.report_folder(*key), stage.folder / "old-report")
    except OSError as problem:
        raise RunError(
            f"{problem.filename or stage.folder} cannot be replaced ({problem.strerror}); close "
            "the files that are open from it and run again"
        ) from None
    if stage.failed.is_dir():
        _swap(stage.failed, stage.home.failed_folder(*key), stage.folder / "old-failed")
    else:
        shutil.rmtree(stage.home.failed_folder(*key), ignore_errors=True)
    discard(stage)


def keep_broken(stage: Stage, notebook: Path | None, facts: Mapping[str, Any]) -> Path:
    """Keep why a seller failed, its broken notebook and its log; return their folder.

    Notes
    -----
    What the worker left of the steps before, a report with its manifest, is published with it.
    """
    kept = stage.failed
    kept.mkdir(parents=True, exist_ok=True)
    for path in (notebook, stage.log):
        if path is not None and path.is_file():
            shutil.copy2(path, kept / path.name)
    write_manifest(kept, facts)
    target = stage.home.failed_folder(stage.campaign, stage.scenario, stage.seller)
    if has_report(stage):
        publish(stage)
        return target
    _swap(kept, target, stage.folder / "old-failed")
    discard(stage)
    return target


def has_report(stage: Stage) -> bool:
    """Return whether the stage holds a report, of all steps or of those before one that broke."""
    return (stage.report / MANIFEST_NAME).is_file()


def discard(stage: Stage) -> None:
    """Remove a stage and all it holds."""
    shutil.rmtree(stage.folder, ignore_errors=True)
    if stage.folder.exists():
        raise RunError(f"{stage.folder} cannot be removed; close what is open from it")


def end_strays(stage: Stage) -> None:
    """End whatever a run that died has left running for a stage, known by its environment."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(STAGE_VARIABLE) == str(stage.folder):
                process.kill()


def recover(home: Home, campaign: str, scenario: str) -> tuple[str, ...]:
    """Finish what a run that died had ready, throw away the rest; return the sellers finished."""
    finished = []
    prefix = home.stage_folder(campaign, scenario, "x").name.removesuffix("x")
    for folder in sorted(home.stages_folder.glob(f"{prefix}*")):
        stage = Stage(home, campaign, scenario, folder.name.removeprefix(prefix))
        end_strays(stage)
        if (folder / READY_NAME).exists():
            publish(stage)
            finished.append(stage.seller)
        else:
            discard(stage)
    return tuple(finished)


def _swap(new: Path, final: Path, old: Path) -> None:
    if not new.exists():
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists():
        final.rename(old)
    new.rename(final)


def _settle(folder: Path) -> None:
    """Have the disk hold every file and folder before a rename makes them count."""
    for path in (*folder.rglob("*"), folder):
        if path.is_dir() and os.name == "nt":
            continue  # Windows cannot open a folder to flush it
        handle = os.open(path, os.O_RDWR if os.name == "nt" else os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
