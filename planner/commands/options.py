"""What the commands share: options of the same meaning, exit codes, a line on stderr."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from planner.desk.home import Home

EXIT_BROKEN, EXIT_REFUSED = 1, 2


class Language(StrEnum):
    """A language of the reports."""

    zh = "zh"
    en = "en"


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


def home_of(given: Path | None) -> Home:
    """Return the workspace, and tell of folders beside the sellers' that are not read."""
    from planner.desk.home import find_home
    from planner.desk.problems import both

    home = find_home(given)
    for name in home.stray_folders():
        note(both("cli.stray_folder", name=name))
    return home


def note(line: str) -> None:
    """Write one line on stderr, without control characters."""
    told = " ".join(line.split())
    typer.echo("".join(sign if sign.isprintable() else " " for sign in told), err=True)
