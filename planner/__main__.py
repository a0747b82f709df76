"""The command line: parses, calls the desk, prints; no arithmetic.

Heavy packages are imported by the command that needs them, so that help and
lists come at once. Whatever an analyst can mend ends in one line on stderr.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from planner.errors import ConfigError, PlannerError, RunError

EXIT_BROKEN, EXIT_REFUSED = 1, 2
STEP_TEXTS = ("1", "2", "3", "4", "5")


class Language(StrEnum):
    """A language of the reports."""

    zh = "zh"
    en = "en"


app = typer.Typer(
    name="planner",
    help="大促备货工作台 / Plans stock for big TikTok Shop promotions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

rules_app = typer.Typer(help="规则表 / Registers of dated facts.", no_args_is_help=True)
app.add_typer(rules_app, name="rules")

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="工作区文件夹 / workspace folder [PLANNER_HOME]", show_default=False
    ),
]
SellersOption = Annotated[
    list[str] | None,
    typer.Option("--seller", help="卖家，可多次 / seller, may be repeated", show_default=False),
]

MarketOption = Annotated[
    str,
    typer.Option(
        help="站点，如 TH：知道当地的节日 / market, such as TH: its holidays and feasts are known",
        show_default=False,
    ),
]


@app.command()
def run(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    seller: SellersOption = None,
    steps: Annotated[str, typer.Option(help="步骤，如 1-3 或 2,4 / steps")] = "1-5",
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    as_of: Annotated[
        str, typer.Option(help="从哪一天看，另存一份，如 2026-11-12 / day to look from")
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

    from planner.desk.home import find_home
    from planner.desk.progress import both, plain_line, shown_on
    from planner.desk.runner import run_campaign

    result = run_campaign(
        find_home(home),
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
    console = Console()
    for one in result.sellers:
        if one.stale:
            told = ", ".join(str(step) for step in one.stale)
            plain_line(console, both("cli.stale", seller=one.seller, steps=told))
    plain_line(console, both("cli.run_end", **result.counts))
    plain_line(console, f"{both('cli.index')}: {result.index}")
    raise typer.Exit(result.exit_code)


@app.command("list")
def list_(home: HomeOption = None) -> None:
    """列出活动、方案、卖家和已运行的内容 / List campaigns, scenarios, sellers and what was run."""
    from planner.desk.home import find_home
    from planner.desk.progress import both
    from planner.desk.sellers import list_runs

    for campaign in list_runs(find_home(home)):
        typer.echo(f"{campaign.campaign}  {campaign.name or campaign.problem}")
        if campaign.scenarios:
            typer.echo(f"  {both('cli.scenarios', names=', '.join(campaign.scenarios))}")
        for one in campaign.runs:
            steps = " ".join(f"{step:02d}{'!' * (step in one.stale)}" for step in one.steps)
            state = both(f"cli.{one.outcome}") if one.outcome else both("cli.never_run")
            typer.echo(f"  {one.id}  {state}  {steps}".rstrip())


@app.command()
def check(
    seller: SellersOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
    home: HomeOption = None,
) -> None:
    """检查全部输入文件，不写任何东西 / Read and validate every input; writes nothing."""
    from planner.desk.check import check_workspace, told_lines
    from planner.desk.home import find_home
    from planner.desk.progress import both

    remarks = check_workspace(find_home(home), seller or ())
    is_good = not any(remark.problem for remark in remarks)
    if as_json:
        told = {"is_good": is_good, "files": [remark._asdict() for remark in remarks]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for remark in remarks:
            for line in told_lines(remark):
                typer.echo(line)
        typer.echo(both("cli.check_good" if is_good else "cli.check_bad"))
    raise typer.Exit(0 if is_good else EXIT_REFUSED)


@app.command("new-seller")
def new_seller(
    seller: Annotated[str, typer.Argument(help="小写字母、数字、连字符 / lower-case id")],
    market: Annotated[str, typer.Option(help="TH, US, ID ...")],
    platform: Annotated[Literal["tiktok", "shopee"], typer.Option()] = "tiktok",
    currency: Annotated[
        str, typer.Option(help="成本和报告的货币 / currency of costs", show_default=False)
    ] = "",
    home: HomeOption = None,
) -> None:
    """新建卖家文件夹 / Make a folder for a new seller, ready to fill."""
    from planner.desk import sellers
    from planner.desk.home import find_home
    from planner.desk.progress import both

    folder = sellers.new_seller(
        find_home(home), seller, market=market.upper(), platform=platform, currency=currency
    )
    typer.echo(both("cli.new_seller", path=folder, seller=seller))


@app.command()
def forecast(
    sales: Annotated[Path, typer.Option(help="sku,date,units[,...]")],
    events: Annotated[Path, typer.Option(help="event,kind,start,end[,...]")],
    event: Annotated[str, typer.Option(help="要预测的活动 / event to forecast")],
    as_of: Annotated[str, typer.Option(help="从哪一天看 / day to look from")],
    market: MarketOption = "",
    out: Annotated[
        Path | None, typer.Option(help="写入文件 / file to write", show_default=False)
    ] = None,
    home: HomeOption = None,
) -> None:
    """用自己的日销量预测一场活动 / Forecast one event from your own daily sales.

    每个 SKU 一行：均值、分位数、等级和依据。
    D 级也照样给数，但只够定一个试单：先看依据再用。
    提醒写到 stderr，不进表格。

    One row per SKU: mean, quantiles, grade and the reason for it.
    Grade D has figures too, good for a trial order only: read its reason.
    Notes go to stderr, never into the table.
    """
    from planner.desk.files import put_in_place
    from planner.desk.home import find_home
    from planner.desk.own_event import forecast_own

    told = forecast_own(
        find_home(home), sales, events, event=event, as_of=as_of, market=market, tell=_note
    )
    if out is None:
        typer.echo(told, nl=False)
    else:
        put_in_place(out, lambda path: path.write_text(told, encoding="utf-8", newline="\n"))


@app.command()
def backtest(
    sales: Annotated[Path, typer.Option(help="sku,date,units[,...]")],
    events: Annotated[Path, typer.Option(help="event,kind,start,end[,...]")],
    as_of: Annotated[
        str, typer.Option(help="从哪一天看，默认最后一天之后 / day to look from")
    ] = "",
    lead_days: Annotated[int, typer.Option(help="提前几天预测 / days before each event")] = 28,
    peers: Annotated[
        Literal["none", "fast", "all"],
        typer.Option(help="同时比较别的方法 / other methods beside it"),
    ] = "none",
    market: MarketOption = "",
    out: Annotated[
        Path | None, typer.Option(help="成绩写入文件 / file for the record", show_default=False)
    ] = None,
    windows: Annotated[
        Path | None,
        typer.Option(help="逐 SKU 逐场写入文件 / file for every forecast", show_default=False),
    ] = None,
    home: HomeOption = None,
) -> None:
    """用自己的日销量回测过去每一场活动 / Replay every past event of your own daily sales."""
    from rich.console import Console

    from planner.desk.files import put_in_place
    from planner.desk.home import find_home
    from planner.desk.own_backtest import as_csv, backtest_own, tell_record

    found = backtest_own(
        find_home(home),
        sales,
        events,
        as_of=as_of,
        lead_days=lead_days,
        peers=peers,
        market=market,
        tell=_note,
    )
    tell_record(found, Console())
    for path, frame in ((out, found.record), (windows, found.windows)):
        if path is not None:
            text = as_csv(frame)
            put_in_place(
                path,
                lambda made, text=text: made.write_text(text, encoding="utf-8", newline="\n"),
            )


@app.command()
def decisions(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    seller: Annotated[str, typer.Argument(help="卖家 / seller")],
    filled: Annotated[
        Path, typer.Option("--from", help="填好的 plan.xlsx / the plan.xlsx that was filled in")
    ],
    on: Annotated[str, typer.Option(help="决定的日期，如 2026-09-20 / day of the decisions")] = "",
    home: HomeOption = None,
) -> None:
    """读回 plan.xlsx 黄色格里的决定 / Read back what was decided in a plan.xlsx."""
    from planner.desk.home import find_home
    from planner.desk.progress import both
    from planner.desk.take_decisions import take_decisions

    taken = take_decisions(find_home(home), campaign, seller, filled, decided_on=on)
    counts = {"changed": taken.changed, "kept": taken.kept, "withdrawn": taken.withdrawn}
    is_new = taken.changed or taken.withdrawn
    typer.echo(both("cli.decisions" if is_new else "cli.decisions_none", path=taken.path, **counts))


@app.command()
def verify(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    as_of: Annotated[str, typer.Option(help="运行时的 --as-of / the run's --as-of")] = "",
    home: HomeOption = None,
) -> None:
    """核对报告文件是否被改动 / Find report files that were changed since they were made."""
    from planner.desk.home import find_home, view_of
    from planner.desk.manifest import damaged_in
    from planner.desk.progress import both

    damaged = damaged_in(find_home(home).report_folder(campaign, view_of(scenario, as_of)))
    for name in damaged:
        typer.echo(name)
    typer.echo(both("cli.verify_bad" if damaged else "cli.verify_good", count=len(damaged)))
    raise typer.Exit(EXIT_REFUSED if damaged else 0)


@rules_app.command("diff")
def rules_diff(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    first: Annotated[str, typer.Option("--from", help="规则在哪天的样子 / first day")] = "",
    second: Annotated[str, typer.Option("--to", help="和哪天比 / second day")] = "",
    changed: Annotated[
        Path | None,
        typer.Option("--with", help="改过的规则文件或文件夹 / file or folder of changed rows"),
    ] = None,
    seller: SellersOption = None,
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    csv: Annotated[
        Path | None, typer.Option(help="写入文件 / file to write", show_default=False)
    ] = None,
    home: HomeOption = None,
) -> None:
    """规则变了，哪些 SKU 的决定跟着变，差多少钱 / Which decisions flip when rules change."""
    from rich.console import Console

    from planner.desk.files import put_in_place
    from planner.desk.home import find_home
    from planner.desk.rules_diff import as_csv, diff_rules, tell_diff

    found = diff_rules(
        find_home(home),
        campaign,
        sellers=seller or (),
        scenario=scenario,
        first=first,
        second=second,
        changed=changed,
    )
    tell_diff(found, Console())
    if csv is not None:
        put_in_place(
            csv, lambda path: path.write_text(as_csv(found), encoding="utf-8", newline="\n")
        )


@app.command()
def schema(kind: Annotated[Literal["campaign", "seller"], typer.Argument()]) -> None:
    """打印 YAML 的 JSON schema / Print the JSON schema that editors use."""
    from planner.desk.sellers import schema_text

    typer.echo(schema_text(kind), nl=False)


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


def main() -> None:
    """Run a command; tell a mistake in one line, a fault in one line and a log."""
    sys.exit(_guarded(lambda: app(prog_name="planner")))


def _guarded(command: Callable[[], Any]) -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else EXIT_BROKEN
    except PlannerError as problem:
        _tell("cli.broken_run" if isinstance(problem, RunError) else "cli.refused_input", problem)
        return EXIT_BROKEN if isinstance(problem, RunError) else EXIT_REFUSED
    except Exception as problem:
        from planner.desk.files import log_fault

        _tell("cli.fault", f"{type(problem).__name__}: {problem}", log=log_fault())
        return EXIT_BROKEN
    return 0


def _tell(term: str, problem: object, **facts: object) -> None:
    from planner.desk.progress import both, told_problem

    _note(f"{both(term, **facts)}: {told_problem(problem)}")


def _note(line: str) -> None:
    """Write one line on stderr, without control characters."""
    told = " ".join(line.split())
    typer.echo("".join(sign if sign.isprintable() else " " for sign in told), err=True)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
