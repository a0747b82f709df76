"""Commands that make pages for people beyond a run: the provider's overview, a review's slides."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.commands.options import HomeOption, home_of
from planner.errors import RunError


def overview(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    as_of: Annotated[
        str, typer.Option(help="从哪一天看全部卖家，如 2026-10-12 / day to judge all sellers from")
    ] = "",
    home: HomeOption = None,
) -> None:
    """服务商总览：全部卖家一页 / The provider's page over all sellers."""
    from planner.desk.overview_page import make_overview
    from planner.desk.problems import both
    from planner.desk.reports import renew_index

    found = home_of(home)
    made = make_overview(found, campaign, scenario=scenario, as_of=as_of)
    if made.page is None:
        raise RunError(made.problem or "this project has no provider_overview.ipynb in notebooks")
    renew_index(found, campaign, scenario, seen_at=as_of)
    typer.echo(f"{both('cli.overview')}: {made.page}")


def slides(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    seller: Annotated[list[str], typer.Argument(help="卖家，可多个 / sellers")],
    pdf: Annotated[
        bool, typer.Option("--pdf", help="另存 PDF，需要浏览器 / PDFs too; needs a browser")
    ] = False,
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    as_of: Annotated[str, typer.Option(help="运行时的 --as-of / the run's --as-of")] = "",
    home: HomeOption = None,
) -> None:
    """复盘会的幻灯片，离线单文件 / Slides of the review, one file that needs no network."""
    from planner.desk.home import find_home
    from planner.desk.problems import both
    from planner.desk.reports import renew_index
    from planner.desk.slides import make_slides

    found = find_home(home)
    for one in seller:
        made = make_slides(found, campaign, one, scenario=scenario, as_of=as_of, with_pdf=pdf)
        for path in (made.slides, *made.pdfs):
            typer.echo(f"{both('cli.slides')}: {path}")
    renew_index(found, campaign, scenario, seen_at=as_of)
