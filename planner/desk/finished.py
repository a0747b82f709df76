"""What a job leaves in its stage: pages, workbook and manifest of the steps that ended.

A job that breaks at a step still leaves those before it, so that an analyst has what was
reckoned. Which notebook runs, and what broke it, is not known here.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.desk import manifest
from planner.desk.asked_days import TRACKING
from planner.desk.files import hash_of
from planner.desk.home import STEPS
from planner.desk.job import Job
from planner.desk.reports import make_report
from planner.desk.stage import Stage
from planner.desk.steps import step_of_file, tables_in
from planner.desk.store import input_files
from planner.scope import Scope


def write_report(
    job: Job,
    scope: Scope,
    ran: Sequence[int],
    *,
    inputs: manifest.Hashes,
    seconds: Mapping[str, float],
) -> None:
    """Write the report of the steps that ran and of those that were kept, the manifest last.

    Parameters
    ----------
    job : Job
    scope : Scope
    ran : sequence of int
        Steps of this run whose notebooks ended, in every language.
    inputs : Hashes
        Of the files the run began with.
    seconds : Mapping
        By step and language, how long a notebook took. [s]

    Raises
    ------
    InputError
        If an input changed meanwhile.
    """
    began = time.monotonic()
    code = manifest.code_hash()
    steps = _steps_told(job, scope, ran, inputs, code)
    figures = make_report(job.stage, scope, steps)
    took = {**seconds, "pages": round(time.monotonic() - began, 2)}
    manifest.refuse_if_changed(inputs, input_files(job.home, job.campaign, job.seller), job.home)
    facts = _facts(job, ran, steps) | {"inputs": inputs, "code": code, "steps": steps}
    manifest.write_manifest(job.stage.report, facts | {"headline": figures, "seconds": took})


def steps_before(job: Job, broken: int) -> tuple[int, ...]:
    """Return the steps a job finished before one broke, none if their report would lose a page.

    Notes
    -----
    A page that was published and that this run should have made anew rests on what the run has
    changed: then the last good report stays as it is.
    """
    unmade = [step for step in job.steps if step >= broken]
    published = job.home.tables_folder(job.campaign, job.view, job.seller)
    loses = any(list(published.glob(f"notebooks/*/{step:02d}.ipynb")) for step in unmade)
    return () if loses else tuple(step for step in job.steps if step < broken)


def forget_steps(stage: Stage, steps: Iterable[int], *, broken: Path) -> None:
    """Remove what steps that did not end have made, and what they learnt.

    Parameters
    ----------
    stage : Stage
    steps : iterable of int
    broken : Path
        The notebook that broke; it is put where the failure is kept.
    """
    gone = set(steps)
    stage.failed.mkdir(exist_ok=True)
    broken.rename(stage.failed / broken.name)
    tables = [path for path in stage.tables.glob("*.parquet") if step_of_file(path) in gone]
    books = [path for path in stage.tables.glob("notebooks/*/*.ipynb") if int(path.stem) in gone]
    for path in (*tables, *books):
        path.unlink()
    if max(STEPS) in gone:
        shutil.rmtree(stage.memory)
        stage.memory.mkdir()


def _steps_told(
    job: Job, scope: Scope, steps: Sequence[int], inputs: manifest.Hashes, code: str
) -> dict[str, Any]:
    """Return what the manifest says of each step: of this run, or of the one it was kept from."""
    kept = _last_manifest(job).get("steps", {})
    told = {}
    for step in steps:
        facts = {
            "as_of": {market: _seen_from(scope, market, step) for market in scope.markets},
            "notebook": hash_of(job.home.notebook(step)),
        }
        made = manifest.run_id([facts, inputs, code, job.scenario])
        told[f"{step:02d}"] = {**facts, "langs": list(job.langs), "made": made}
    return {**kept, **told}


def _seen_from(scope: Scope, market: str, step: int) -> str:
    """Return the day a step looks from, with the hour where it looks from one."""
    has_hour = step == TRACKING and scope.seen_hour
    return scope.seen_at if has_hour else str(scope.as_of(step)[market])


def _facts(job: Job, ran: Sequence[int], steps: dict[str, Any]) -> dict[str, Any]:
    """Return what else the manifest says."""
    before, made = _last_manifest(job), tables_in(job.stage.tables)
    lock = job.home.lock_file
    return {
        "outcome": "done",
        "parameters": job.model_dump(mode="json", exclude={"root", "project"}),
        "stale": manifest.stale_steps(
            before.get("tables", {}),
            made,
            ran=ran,
            known=[int(step) for step in steps],
            stale=before.get("stale", []),
        ),
        "tables": made,
        "versions": manifest.versions(),
        "lock": hash_of(lock) if lock.is_file() else "",
    }


def _last_manifest(job: Job) -> dict[str, Any]:
    return manifest.read_manifest(job.home.report_folder(job.campaign, job.view, job.seller))
