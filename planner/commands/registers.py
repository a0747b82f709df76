"""Commands on the registers of dated facts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from planner.commands.options import HomeOption, SellersOption


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
