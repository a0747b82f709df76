"""Commands on a campaign: run it, list what was run, find report files that were changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from planner.commands.options import (
    EXIT_REFUSED,
    HomeOption,
    Language,
    SellersOption,
    home_of,
    note,
)
from planner.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import Console

    from planner.desk.runner import RunResult

STEP_TEXTS = ("1", "2", "3", "4", "5")


def run(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    seller: SellersOption = None,
    steps: Annotated[str, typer.Option(help="步骤，如 1-3 或 2,4 / steps")] = "1-5",
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    as_of: Annotated[
        str,
        typer.Option(
            help="从哪天看，另存一份；第 4 步可写 2026-11-12T14 / day to look from, or hour"
        ),
    ] = "",
    lang: Annotated[
        list[Language] | None,
        typer.Option(help="语言，默认两种 / language, both by default", show_default=False),
    ] = None,
    home: HomeOption = None,
    engine: Annotated[
        Literal["seller-kernel", "nbclient"], typer.Option(help="papermill 引擎 / engine")
    ] = "seller-kernel",
    jobs: Annotated[int, typer.Option(min=0, help="同时几家，0 为按核数 / sellers at a time")] = 0,
) -> None:
    """运行一场活动，每个卖家一份报告 / Run a campaign: one report per seller."""
    from rich.console import Console

    from planner.desk.progress import shown_on
    from planner.desk.runner import run_campaign

    result = run_campaign(
        home_of(home),
        campaign,
        sellers=seller or (),
        steps=parsed_steps(steps),
        scenario=scenario,
        as_of=as_of,
        langs=tuple(map(str, lang or Language)),
        engine=engine,
        jobs=jobs,
        progress=shown_on(Console(stderr=True)),
    )
    _tell_run(result, Console())
    raise typer.Exit(result.exit_code)


def list_(home: HomeOption = None) -> None:
    """列出活动、方案、卖家和已运行的内容 / List campaigns, scenarios, sellers and what was run."""
    from planner.desk.problems import both
    from planner.desk.sellers import list_runs

    for campaign in list_runs(home_of(home)):
        typer.echo(f"{campaign.campaign}  {campaign.name or campaign.problem}")
        if campaign.scenarios:
            typer.echo(f"  {both('cli.scenarios', names=', '.join(campaign.scenarios))}")
        for one in campaign.runs:
            steps = " ".join(f"{step:02d}{'!' * (step in one.stale)}" for step in one.steps)
            state = both(f"cli.{one.outcome}") if one.outcome else both("cli.never_run")
            typer.echo(f"  {one.id}  {state}  {steps}".rstrip())


def verify(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    as_of: Annotated[str, typer.Option(help="运行时的 --as-of / the run's --as-of")] = "",
    home: HomeOption = None,
) -> None:
    """核对报告文件是否被改动 / Find report files that were changed since they were made."""
    from planner.desk.home import find_home
    from planner.desk.ids import view_of
    from planner.desk.manifest import damaged_in
    from planner.desk.problems import both

    damaged = damaged_in(find_home(home).report_folder(campaign, view_of(scenario, as_of)))
    for name in damaged:
        typer.echo(name)
    typer.echo(both("cli.verify_bad" if damaged else "cli.verify_good", count=len(damaged)))
    raise typer.Exit(EXIT_REFUSED if damaged else 0)


def parsed_steps(text: str) -> tuple[int, ...]:
    """Return the steps that a text such as `1-3` or `2,4` names.

    Raises
    ------
    ConfigError
        If it names none, or others than 1 to 5.

    Examples
    --------
    >>> parsed_steps("1-3"), parsed_steps("4,2")
    ((1, 2, 3), (2, 4))
    """
    steps: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        ends = (first, last if dash else first)
        if not all(end in STEP_TEXTS for end in ends) or ends[0] > ends[1]:
            raise ConfigError(f"--steps is {text!r}; give steps from 1 to 5, such as 1-3 or 2,4")
        steps |= set(range(int(ends[0]), int(ends[1]) + 1))
    return tuple(sorted(steps))


def _tell_run(result: RunResult, console: Console) -> None:
    """Tell which steps are behind, how many sellers ended how, and where the index lies."""
    from planner.desk.problems import both
    from planner.desk.progress import plain_line

    for one in result.sellers:
        if one.stale:
            told = ", ".join(map(str, one.stale))
            plain_line(console, both("cli.stale", seller=one.seller, steps=told))
        if one.orders_until is not None:
            plain_line(console, both("cli.no_orders", seller=one.seller, day=one.orders_until))
    plain_line(console, both("cli.run_end", **result.counts))
    plain_line(console, f"{both('cli.index')}: {result.index}")
    if result.overview.problem:
        note(f"{both('cli.overview_failed')}: {result.overview.problem}")
