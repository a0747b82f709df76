"""One seller, one process: runs the notebooks, makes the pages, writes the manifest.

`python -m planner.desk.worker JOB.json` does one job inside a stage and tells its
parent by lines of JSON; whatever else is said goes to stderr, which is the
seller's log. Publishing is not its business.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psutil
from pydantic import Field, ValidationError

from planner.campaign import Lang
from planner.desk import manifest
from planner.desk.engine import SellerKernelEngine
from planner.desk.files import hash_of
from planner.desk.home import HOME_VARIABLE, PROJECT_VARIABLE, Home, view_of
from planner.desk.notebooks import NotebookError, refuse_other_parameters, run_notebook
from planner.desk.reports import make_report
from planner.desk.stage import Stage
from planner.desk.store import (
    STAGE_VARIABLE,
    TRACKING,
    input_files,
    open_scope,
    tables_in,
)
from planner.errors import PlannerError, RunError
from planner.frozen import ID_PATTERN, Frozen
from planner.intake import masters
from planner.scope import Scope, refuse_if_over

WITH_PARENT = "--with-parent"
"""Ask a worker to end, with all it started, when its standard input closes."""
MAX_REASON = 300
KILL_SECONDS = 10
"""Longest wait for a killed process to be gone. [s]"""
EXIT_BROKEN = 1

Tell = Callable[[dict[str, Any]], None]


class Job(Frozen):
    """What a worker is asked to do; every text in it is checked before use."""

    campaign: str = Field(pattern=ID_PATTERN)
    seller: str = Field(pattern=ID_PATTERN)
    scenario: str = Field(pattern=ID_PATTERN)
    as_of: str = Field(pattern=r"^(\d{4}-\d{2}-\d{2}(T\d{2})?)?$")
    steps: tuple[Literal[1, 2, 3, 4, 5], ...] = Field(min_length=1)
    langs: tuple[Lang, ...] = Field(min_length=1)
    root: Path
    project: Path
    engine: Literal["seller-kernel", "nbclient"] = "seller-kernel"

    @property
    def home(self) -> Home:
        """The workspace."""
        return Home(root=self.root, project=self.project)

    @property
    def stage(self) -> Stage:
        """Where the job is prepared."""
        return Stage(self.home, self.campaign, self.view, self.seller)

    @property
    def view(self) -> str:
        """How the folders of the run are called."""
        return view_of(self.scenario, self.as_of)

    def parameters(self, lang: str) -> dict[str, str]:
        """Return what a notebook's parameters cell is given."""
        return {
            "campaign": self.campaign,
            "seller": self.seller,
            "scenario": self.scenario,
            "lang": lang,
            "as_of": self.as_of,
        }


class Result(NamedTuple):
    """How a job ended; `refused` is the analyst's to mend, `failed` a fault."""

    outcome: Literal["done", "refused", "failed"]
    message: str = ""
    notebook: str = ""
    """Path of the notebook that broke."""


def environment(job: Job) -> dict[str, str]:
    """Return the environment of a job's process and kernel, on top of the present one.

    Notes
    -----
    One hash seed, one thread for linear algebra, one clock and no start-up file of the user's
    own: the same input gives the same bytes.
    """
    folder = job.stage.folder
    return {
        **os.environ,
        HOME_VARIABLE: str(job.root),
        PROJECT_VARIABLE: str(job.project),
        STAGE_VARIABLE: str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


def run_job(job: Job, tell: Tell) -> Result:
    """Do a job inside its stage; never raises for what notebooks or data do.

    Parameters
    ----------
    job : Job
    tell : callable
        Takes one mapping for each notebook and language that begins.
    """
    begun: list[Path] = []
    try:
        _do(job, tell, begun)
    except PlannerError as problem:
        return Result("refused", str(problem), _last(begun))
    except NotebookError as problem:
        sys.stderr.write(f"{problem}\n{problem.trace}\n")
        return Result("failed", str(problem), _last(begun))
    except Exception as problem:
        traceback.print_exc()
        reason = " ".join(f"{type(problem).__name__}: {problem}".split())
        return Result("failed", reason[:MAX_REASON], _last(begun))
    finally:
        SellerKernelEngine.close()
    return Result("done")


def end_tree(pid: int, *, and_self: bool = True) -> None:
    """End a process started here and all that it started; return when none of them runs."""
    try:
        process = psutil.Process(pid)
        family = process.children(recursive=True) + ([process] if and_self else [])
    except psutil.NoSuchProcess:
        return
    for member in family:
        with suppress(psutil.NoSuchProcess):
            member.kill()
    until = time.monotonic() + KILL_SECONDS
    while any(_runs(member) for member in family) and time.monotonic() < until:
        time.sleep(0.02)


def main(arguments: list[str]) -> int:
    """Do the job of a file; tell how it ended as the last line of standard output."""
    tell = _own_channel()
    if WITH_PARENT in arguments:
        threading.Thread(target=_end_with_parent, daemon=True).start()
    job = read_job(Path(arguments[0]))
    os.environ.update(environment(job))
    result = run_job(job, tell)
    tell({"at": "end", **result._asdict()})
    end_tree(os.getpid(), and_self=False)
    return 0 if result.outcome == "done" else EXIT_BROKEN


def read_job(path: Path) -> Job:
    """Return the job that a file describes.

    Raises
    ------
    RunError
        If it is no valid job.
    """
    try:
        return Job.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as problem:
        raise RunError(f"{path} is no job: {' '.join(str(problem).split())}") from None


def _do(job: Job, tell: Tell, begun: list[Path]) -> None:
    """Do the job, noting each notebook that begins, so that the caller knows where it broke."""
    seconds: dict[str, float] = {}
    home, stage = job.home, job.stage
    scope = open_scope(home, job.campaign, job.seller, scenario=job.scenario, as_of=job.as_of)
    refuse_if_over(scope, job.steps)
    masters.refuse_unknown_warehouses(home.seller_folder(job.seller), scope.seller)
    paths = input_files(home, job.campaign, job.seller)
    inputs = manifest.hashes_of(paths, home)
    books = {step: home.notebook(step) for step in job.steps}
    for path in books.values():
        refuse_other_parameters(path, job.parameters("en"))
    todo = [(step, lang) for step in job.steps for lang in job.langs]
    for place, (step, lang) in enumerate(todo):
        output = stage.notebook(step, lang)
        begun.append(output)
        tell({"at": "step", "step": step, "lang": lang, "done": place, "of": len(todo) + 1})
        began = time.monotonic()
        run_notebook(books[step], output, job.parameters(lang), engine=job.engine)
        seconds[f"{step:02d}.{lang}"] = round(time.monotonic() - began, 2)
    SellerKernelEngine.close()
    begun.clear()
    tell({"at": "pages", "done": len(todo), "of": len(todo) + 1})
    began = time.monotonic()
    code = manifest.code_hash()
    steps = _steps_told(job, scope, inputs, code)
    figures = make_report(stage, scope, steps)
    seconds["pages"] = round(time.monotonic() - began, 2)
    manifest.refuse_if_changed(inputs, input_files(home, job.campaign, job.seller), home)
    facts = _facts(job, steps) | {"inputs": inputs, "code": code, "steps": steps}
    manifest.write_manifest(stage.report, facts | {"headline": figures, "seconds": seconds})


def _steps_told(job: Job, scope: Scope, inputs: manifest.Hashes, code: str) -> dict[str, Any]:
    """Return what the manifest says of each step: of this run, or of the one it was kept from."""
    kept = _last_manifest(job).get("steps", {})
    told = {}
    for step in job.steps:
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


def _facts(job: Job, steps: dict[str, Any]) -> dict[str, Any]:
    """Return what else the manifest says."""
    before, made = _last_manifest(job), tables_in(job.stage.tables)
    lock = job.home.lock_file
    return {
        "outcome": "done",
        "parameters": job.model_dump(mode="json", exclude={"root", "project"}),
        "stale": manifest.stale_steps(
            before.get("tables", {}),
            made,
            ran=job.steps,
            known=[int(step) for step in steps],
            stale=before.get("stale", []),
        ),
        "tables": made,
        "versions": manifest.versions(),
        "lock": hash_of(lock) if lock.is_file() else "",
    }


def _last_manifest(job: Job) -> dict[str, Any]:
    return manifest.read_manifest(job.home.report_folder(job.campaign, job.view, job.seller))


def _runs(process: psutil.Process) -> bool:
    """Return whether a process does anything yet; one that only waits to be reaped does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _last(begun: list[Path]) -> str:
    return str(begun[-1]) if begun else ""


def _own_channel() -> Tell:
    """Return how to tell the parent; what others print to standard output goes to the log."""
    own = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def tell(message: dict[str, Any]) -> None:
        own.write(json.dumps(message, ensure_ascii=False) + "\n")
        own.flush()

    return tell


def _end_with_parent() -> None:
    """Wait until standard input closes, as it does when the parent is gone; then end all."""
    while os.read(0, 1):  # past sys.stdin, whose lock would outlive the interpreter
        pass
    end_tree(os.getpid(), and_self=False)
    os._exit(EXIT_BROKEN)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
