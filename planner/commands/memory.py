"""Commands on memory: what the sellers of a provider let each other learn."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.commands.options import HomeOption, home_of


def share(
    campaign: Annotated[str, typer.Argument(help="已结束的活动 / campaign that is over")],
    again: Annotated[
        bool, typer.Option("--again", help="替换以前共享的内容 / replace what was shared before")
    ] = False,
    home: HomeOption = None,
) -> None:
    """共享各卖家复盘出的倍数，不含卖家名 / Share what reviews found, naming no seller."""
    from planner.desk.memory_inputs import share_campaign
    from planner.desk.problems import both

    told = share_campaign(home_of(home), campaign, again=again)
    sellers = {name: len(getattr(told, name)) for name in ("given", "withheld", "silent")}
    typer.echo(both(f"cli.shared_{told.state}", cells=told.cells, **sellers))
    for name in told.silent:
        typer.echo(both("cli.shared_silent", seller=name, campaign=campaign))
    for name in told.withheld:
        typer.echo(both("cli.shared_withheld", seller=name))
