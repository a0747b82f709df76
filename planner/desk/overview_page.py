"""Makes the provider's page: runs the overview notebook in a process of its own, renders it.

The page lies beside the index, never in a seller's folder. What it shows is decided in the
notebook; a failure takes no seller along.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from planner.campaign import in_scenario
from planner.desk import manifest
from planner.desk.asked_days import moment_of
from planner.desk.engine import SellerKernelEngine
from planner.desk.files import put_in_place
from planner.desk.home import HOME_VARIABLE, PROJECT_VARIABLE, Home, find_home
from planner.desk.ids import ASSETS_NAME, view_of
from planner.desk.notebooks import refuse_other_parameters, run_notebook
from planner.desk.store import STAGE_VARIABLE
from planner.errors import PlannerError, RunError
from planner.pages import site
from planner.words import LANGS

BOOK_NAME = "provider_overview.ipynb"
PAGE_NAME = "overview.html"
INDEX_NAME = "index.html"
PAGE_SECONDS = 900
"""Longest making of the page. [s]"""
MAX_REASON = 300
RESULT_NAME = "told.json"


class Made(NamedTuple):
    """The page, or why there is none."""

    page: Path | None
    problem: str = ""


def has_overview(home: Home, campaign: str, view: str) -> bool:
    """Return whether a campaign's folder holds the provider's page already."""
    return (home.report_folder(campaign, view) / PAGE_NAME).is_file()


def make_overview(
    home: Home,
    campaign: str,
    *,
    scenario: str = "base",
    as_of: str = "",
    langs: Sequence[str] = LANGS,
) -> Made:
    """Make the provider's page of a campaign and put it beside the index.

    Parameters
    ----------
    home : Home
    campaign, scenario : str
    as_of : str
        ISO day from which all sellers are judged; empty for the day of each one's last step.
    langs : sequence of {"zh", "en"}

    Returns
    -------
    Made
        Without a page where the project has no such notebook, or with what went wrong; then an
        earlier page is taken away, for it would tell of a run before this one.
    """
    if not (home.project / "notebooks" / BOOK_NAME).is_file():
        return Made(None)
    folder = home.report_folder(campaign, view_of(scenario, as_of))
    with tempfile.TemporaryDirectory(prefix="planner-overview-") as stage:
        job = {"campaign": campaign, "scenario": scenario, "as_of": as_of, "langs": list(langs)}
        problem = _worked(home, Path(stage), job)
        books = {lang: _read(Path(stage) / f"{lang}.ipynb") for lang in langs if not problem}
    page = folder / PAGE_NAME
    if problem:
        page.unlink(missing_ok=True)
        return Made(None, problem)
    text = _rendered(home, campaign, scenario, as_of, books)
    put_in_place(page, lambda path: path.write_text(text, encoding="utf-8", newline="\n"))
    for name, content in site.assets().items():
        target = folder / ASSETS_NAME / name
        if not target.is_file():
            put_in_place(target, lambda path, content=content: path.write_bytes(content))
    return Made(page)


def main(arguments: Sequence[str]) -> int:
    """Run the notebook in each language of a job's file; leave word of what went wrong."""
    stage = Path(arguments[0])
    job = _read(stage / "job.json")
    problem = ""
    try:
        _run(find_home(), stage, job)
    except PlannerError as told:
        problem = str(told)
    except Exception as fault:
        problem = f"{type(fault).__name__}: {fault}"
    finally:
        SellerKernelEngine.close()
    text = json.dumps({"problem": " ".join(problem.split())[:MAX_REASON]}, ensure_ascii=False)
    (stage / RESULT_NAME).write_text(text, encoding="utf-8")
    return 0


def _run(home: Home, stage: Path, job: dict[str, Any]) -> None:
    book = home.project / "notebooks" / BOOK_NAME
    facts = {name: job[name] for name in ("campaign", "scenario", "as_of")}
    refuse_other_parameters(book, facts | {"lang": "en"})
    for lang in job["langs"]:
        engine = "seller-kernel"
        run_notebook(book, stage / f"{lang}.ipynb", facts | {"lang": lang}, engine=engine)


def _worked(home: Home, stage: Path, job: dict[str, Any]) -> str:
    """Run a job in a process of its own; return what went wrong, blank if nothing did."""
    (stage / "job.json").write_text(json.dumps(job), encoding="utf-8")
    command = [sys.executable, "-m", "planner.desk.overview_page", str(stage)]
    try:
        with (stage / "log").open("wb") as log:
            subprocess.run(
                command, cwd=stage, env=_environment(home, stage), stdout=log, stderr=log,
                stdin=subprocess.DEVNULL, timeout=PAGE_SECONDS, check=False,
            )  # fmt: skip
    except subprocess.TimeoutExpired:
        return f"it ran longer than {PAGE_SECONDS} s"
    except KeyboardInterrupt:
        raise RunError(
            "interrupted while the provider's page was made; the sellers' reports stand, the index "
            "is that of an earlier run"
        ) from None
    if not (stage / RESULT_NAME).is_file():
        return "its process ended early, perhaps for want of memory"
    return str(_read(stage / RESULT_NAME)["problem"])


def _environment(home: Home, stage: Path) -> dict[str, str]:
    """Return the environment of the process and its kernel: as for sellers, without a stage."""
    kept = {name: value for name, value in os.environ.items() if name != STAGE_VARIABLE}
    return {
        **kept,
        HOME_VARIABLE: str(home.root),
        PROJECT_VARIABLE: str(home.project),
        "IPYTHONDIR": str(stage / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(stage / "runtime"),
        "PLOTLY_RENDERER": "plotly_mimetype",
        "PYTHONHASHSEED": "0",
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
    }


def _rendered(home: Home, campaign: str, scenario: str, as_of: str, books: dict[str, Any]) -> str:
    plan = in_scenario(home.campaign(campaign), scenario)
    own = (
        not as_of or (home.report_folder(campaign, view_of(scenario, as_of)) / INDEX_NAME).is_file()
    )
    texts = [[cell.get("outputs", []) for cell in book["cells"]] for book in books.values()]
    return site.render_overview(
        books,
        campaign=plan,
        scenario=scenario,
        as_of=moment_of(as_of)[0],
        index=INDEX_NAME if own else f"../{scenario}/{INDEX_NAME}",
        made=manifest.run_id([_without_counts(text) for text in texts]),
        assets=ASSETS_NAME,
    )


def _without_counts(outputs: list[list[dict[str, Any]]]) -> list[Any]:
    return [[output.get("data") for output in cell] for cell in outputs]


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as problem:
        raise RunError(f"{path.name} cannot be read: {problem}") from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
