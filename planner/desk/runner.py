"""Runs a campaign: one worker process per seller, some at a time, each published when whole.

A seller that breaks takes nobody along: its last good report stays, its broken
notebook and log are kept beside it. Nothing here knows what a notebook does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any, NamedTuple

from planner.campaign import Campaign, in_scenario
from planner.desk import manifest
from planner.desk.asked_days import TRACKING, moment_of
from planner.desk.engine import ENGINE_NAME
from planner.desk.home import STEPS, Home
from planner.desk.ids import view_of
from planner.desk.job import Job
from planner.desk.known_markets import refuse_unknown_markets
from planner.desk.lock import held
from planner.desk.overview_page import Made, has_overview, make_overview
from planner.desk.progress import Progress, Silence
from planner.desk.reports import make_index
from planner.desk.stage import discard, has_report, keep_broken, prepare, publish, recover
from planner.desk.team import Team
from planner.errors import ConfigError, PlannerError, RunError
from planner.words import LANGS

EXIT_DONE, EXIT_BROKEN, EXIT_REFUSED = 0, 1, 2
HEAR_SECONDS = 0.5
"""Longest time until an interrupt is heard. A wait without an end sleeps through one that another
thread takes or that comes just before it, and through all on Windows. [s]"""


class SellerResult(NamedTuple):
    """How one seller's run ended."""

    seller: str
    outcome: str
    message: str = ""
    folder: Path | None = None
    """The report, or what is kept of a failure."""
    seconds: float = 0.0
    stale: tuple[int, ...] = ()
    """Steps whose page rests on tables that this run has changed."""
    orders_until: str | None = None
    """Where tracking found no order of the campaign: the day of the last before, or blank."""


class RunResult(NamedTuple):
    """How a run ended, seller by seller in order of name."""

    campaign: str
    scenario: str
    sellers: tuple[SellerResult, ...]
    index: Path
    overview: Made = Made(None)
    """The provider's page: made if all sellers ran, renewed if it was there."""

    @property
    def counts(self) -> dict[str, int]:
        """How many sellers were done, refused, failed."""
        outcomes = [result.outcome for result in self.sellers]
        return {name: outcomes.count(name) for name in ("done", "refused", "failed")}

    @property
    def exit_code(self) -> int:
        """0 if all is good, 2 if a seller was refused or failed."""
        good = all(result.outcome == "done" for result in self.sellers)
        return EXIT_DONE if good else EXIT_REFUSED


def run_campaign(
    home: Home,
    campaign: str,
    *,
    sellers: Sequence[str] = (),
    steps: Sequence[int] = STEPS,
    scenario: str = "base",
    as_of: str = "",
    langs: Sequence[str] = LANGS,
    engine: str = ENGINE_NAME,
    jobs: int = 0,
    progress: Progress | None = None,
) -> RunResult:
    """Run notebooks for the sellers of a campaign and publish their reports.

    Parameters
    ----------
    home : Home
    campaign, scenario : str
    sellers : sequence of str
        Without any, those the campaign names, or all with a shop in one of its markets.
    steps : sequence of int
        Notebooks to run; tables and pages of the others are kept.
    as_of : str
        ISO day that overrides the campaign's as-of days, or for step 4 alone an hour of it such
        as 2025-11-11T14; such a run has folders of its own.
    langs : sequence of {"zh", "en"}
    engine : {"seller-kernel", "nbclient"}
    jobs : int
        Sellers at a time; 0 for as many as there are cores.
    progress : Progress, optional
        Who is told how far the run is.

    Raises
    ------
    ConfigError
        If campaign, scenario, market, seller or day is unknown.
    RunError
        If another run of the same campaign and scenario is going on, or this one is interrupted.
    """
    plan = in_scenario(home.campaign(campaign), scenario)
    refuse_unknown_markets(home, plan)
    moment_of(as_of, steps=steps)  # refuses what is neither day nor hour before anything runs
    for step in steps:
        home.notebook(step)
    todo = [
        Job(
            campaign=campaign,
            seller=seller,
            scenario=scenario,
            as_of=as_of,
            steps=tuple(sorted(set(steps))),
            langs=tuple(langs),
            root=home.root,
            project=home.project,
            engine=engine,
        )
        for seller in chosen_sellers(home, plan, sellers)
    ]
    view = view_of(scenario, as_of)
    with held(home.run_lock(campaign, view), what=f"{campaign}, scenario {view}"):
        recover(home, campaign, view)
        results = _run_all(todo, jobs or min(_cores(), len(todo)), progress or Silence())
        made = Made(None)
        if not sellers or has_overview(home, campaign, view):
            made = make_overview(home, campaign, scenario=scenario, as_of=as_of, langs=langs)
        index = make_index(home, plan, scenario, seen_at=as_of)
    return RunResult(campaign, scenario, results, index, made)


def chosen_sellers(home: Home, campaign: Campaign, named: Sequence[str]) -> tuple[str, ...]:
    """Return the sellers that a run covers, in order of name.

    Notes
    -----
    A seller whose seller.yml cannot be read is taken along: its run says what is wrong.

    Raises
    ------
    ConfigError
        If a named seller does not exist, or there is nobody.
    """
    known = home.seller_ids()
    wanted = named or campaign.sellers
    for seller in wanted:
        if seller not in known:
            home.seller(seller)
    if wanted:
        return tuple(sorted(set(wanted)))
    found = tuple(seller for seller in known if home.may_take_part(seller, campaign))
    if not found:
        raise ConfigError(
            f"no seller has a shop in a market of campaign {campaign.campaign} "
            f"({', '.join(campaign.markets)}); python run.py new-seller makes one"
        )
    return found


def _run_all(todo: Sequence[Job], at_once: int, progress: Progress) -> tuple[SellerResult, ...]:
    team = Team()
    results: list[SellerResult] = []
    progress.begin(len(todo))
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        try:
            running = {pool.submit(_run_seller, job, team, progress) for job in todo}
            while running:
                ended, running = wait(running, HEAR_SECONDS, FIRST_COMPLETED)
                for future in ended:
                    results.append(future.result())
                    progress.end(results[-1].seller, results[-1].outcome, results[-1].message)
        except KeyboardInterrupt:
            team.stop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise RunError(
                f"interrupted; {len(results)} of {len(todo)} sellers were finished and published, "
                "nothing half-made was left"
            ) from None
        finally:
            progress.finish()
    return tuple(sorted(results))


def _run_seller(job: Job, team: Team, progress: Progress) -> SellerResult:
    began = time.monotonic()
    try:
        prepare(job.stage, job.steps)
        end = team.work(job, progress)
    except (PlannerError, OSError) as problem:
        end = {"outcome": "failed", "message": str(problem), "notebook": ""}
    if team.is_stopped:
        discard(job.stage)
        result = SellerResult(job.seller, "failed", "stopped")
    else:
        result = _published(job) if end["outcome"] == "done" else _kept(job, end)
    return result._replace(seconds=round(time.monotonic() - began, 2))


def _published(job: Job) -> SellerResult:
    folder = job.home.report_folder(job.campaign, job.view, job.seller)
    try:
        publish(job.stage)
    except (
        PlannerError,
        OSError,
    ) as problem:  # the stage stays: it is whole, and the next run publishes it
        return SellerResult(job.seller, "failed", str(problem), folder)
    told = manifest.read_manifest(folder)
    until = told["headline"].get("orders_until") if TRACKING in job.steps else None
    return SellerResult(
        job.seller, "done", folder=folder, stale=tuple(told["stale"]), orders_until=until
    )


def _kept(job: Job, end: Mapping[str, Any]) -> SellerResult:
    """Keep what is left of a seller that was refused or failed; say where."""
    outcome, message = end["outcome"], " ".join(end["message"].split())
    broken = Path(end["notebook"]) if end["notebook"] else None
    if has_report(job.stage):
        message = f"{message}; pages {_pages_left(job)} are published"
    facts = {"outcome": outcome, "message": message, "parameters": job.parameters("")}
    facts["is_part"] = has_report(job.stage)
    try:
        folder = keep_broken(job.stage, broken, facts)
    except (PlannerError, OSError) as problem:
        return SellerResult(job.seller, outcome, f"{message}; nothing could be kept: {problem}")
    if outcome == "failed":
        log = folder.relative_to(job.home.root) / f"{job.seller}.log"
        message = f"{message}; more in {log.as_posix()}"
    return SellerResult(job.seller, outcome, message, folder)


def _pages_left(job: Job) -> str:
    """Return the pages that a stage holds, as people call them: `01 02 03`."""
    return " ".join(sorted(path.stem for path in job.stage.report.glob("0*.html")))


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
