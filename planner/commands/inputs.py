"""Commands on what a seller hands in: check it, begin a folder, read decisions back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from planner.commands.options import EXIT_REFUSED, HomeOption, SellersOption, home_of


def check(
    seller: SellersOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON")] = False,
    home: HomeOption = None,
) -> None:
    """检查全部输入文件，不写任何东西 / Read and validate every input; writes nothing."""
    from planner.desk.check import check_workspace, told_workspace, unusable_campaigns
    from planner.desk.home import find_home
    from planner.desk.problems import both

    remarks = check_workspace(find_home(home), seller or ())
    is_good = not any(remark.problem for remark in remarks)
    if as_json:
        told = {"is_good": is_good, "files": [remark._asdict() for remark in remarks]}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        for line in told_workspace(remarks):
            typer.echo(line)
        unusable = ", ".join(unusable_campaigns(remarks))
        good = "cli.check_good_but" if unusable else "cli.check_good"
        typer.echo(both(good if is_good else "cli.check_bad", campaigns=unusable))
    raise typer.Exit(0 if is_good else EXIT_REFUSED)


def new_seller(
    seller: Annotated[str, typer.Argument(help="小写字母、数字、连字符 / lower-case id")],
    market: Annotated[str, typer.Option(help="TH, US, ID ...")],
    platform: Annotated[
        str, typer.Option(help="平台 / platform: tiktok, shopee, lazada, own")
    ] = "tiktok",
    currency: Annotated[
        str, typer.Option(help="成本和报告的货币 / currency of costs", show_default=False)
    ] = "",
    home: HomeOption = None,
) -> None:
    """新建卖家文件夹 / Make a folder for a new seller, ready to fill."""
    from planner.desk import sellers
    from planner.desk.problems import both

    folder = sellers.new_seller(
        home_of(home), seller, market=market.upper(), platform=platform, currency=currency
    )
    typer.echo(both("cli.new_seller", path=folder, seller=seller))


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
    from planner.desk.problems import both
    from planner.desk.take_decisions import take_decisions

    taken = take_decisions(find_home(home), campaign, seller, filled, decided_on=on)
    counts = {"changed": taken.changed, "kept": taken.kept, "withdrawn": taken.withdrawn}
    is_new = taken.changed or taken.withdrawn
    typer.echo(both("cli.decisions" if is_new else "cli.decisions_none", path=taken.path, **counts))
    if taken.waiting:
        typer.echo(both("cli.decisions_waiting", count=taken.waiting))


def schema(kind: Annotated[Literal["campaign", "seller"], typer.Argument()]) -> None:
    """打印 YAML 的 JSON schema / Print the JSON schema that editors use."""
    from planner.desk.sellers import schema_text

    typer.echo(schema_text(kind), nl=False)
