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

from planner.desk import manifest
from planner.desk.engine import SellerKernelEngine
from planner.desk.finished import forget_steps, steps_before, write_report
from planner.desk.job import Job, environment, read_job
from planner.desk.notebooks import NotebookError, refuse_other_parameters, run_notebook
from planner.desk.store import input_files, open_scope
from planner.errors import PlannerError
from planner.intake import masters
from planner.scope import Scope, refuse_if_over

WITH_PARENT = "--with-parent"
"""Ask a worker to end, with all it started, when its standard input closes."""
MAX_REASON = 300
KILL_SECONDS = 10
"""Longest wait for a killed process to be gone. [s]"""
EXIT_BROKEN = 1

Tell = Callable[[dict[str, Any]], None]


class Result(NamedTuple):
    """How a job ended; `refused` is the analyst's to mend, `failed` a fault."""

    outcome: Literal["done", "refused", "failed"]
    message: str = ""
    notebook: str = ""
    """Path of the notebook that broke."""


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
        try:
            run_notebook(books[step], output, job.parameters(lang), engine=job.engine)
        except (PlannerError, NotebookError):
            _leave(job, scope, output, inputs=inputs, seconds=seconds)
            raise
        seconds[f"{step:02d}.{lang}"] = round(time.monotonic() - began, 2)
    SellerKernelEngine.close()
    begun.clear()
    tell({"at": "pages", "done": len(todo), "of": len(todo) + 1})
    write_report(job, scope, job.steps, inputs=inputs, seconds=seconds)


def _leave(
    job: Job, scope: Scope, broken: Path, *, inputs: manifest.Hashes, seconds: dict[str, float]
) -> None:
    """Make the report of the steps before the one that broke; what hinders that is only logged."""
    finished = steps_before(job, int(broken.stem))
    try:
        if finished:
            forget_steps(job.stage, set(job.steps) - set(finished), broken=broken)
            write_report(job, scope, finished, inputs=inputs, seconds=seconds)
    except Exception:
        traceback.print_exc()


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
