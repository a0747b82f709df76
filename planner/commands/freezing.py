"""The command that puts a plan aside before a campaign, so that the review can be honest."""

from __future__ import annotations

from typing import Annotated

import typer

from planner.commands.options import HomeOption, SellersOption, home_of, note


def freeze(
    campaign: Annotated[str, typer.Argument(help="活动 / campaign")],
    seller: SellersOption = None,
    scenario: Annotated[str, typer.Option(help="方案 / scenario")] = "base",
    on: Annotated[str, typer.Option(help="封存日，如 2025-10-20 / day of freezing")] = "",
    force: Annotated[bool, typer.Option("--force", help="换掉已封存的 / replace another")] = False,
    home: HomeOption = None,
) -> None:
    """封存开卖前的计划，复盘时对比 / Put the plan aside before the campaign, for the review."""
    from planner.desk.asked_days import day_of
    from planner.desk.freeze import freeze_plan
    from planner.desk.problems import both
    from planner.desk.runner import chosen_sellers

    place, day = home_of(home), day_of(on, option="--on")
    for one in chosen_sellers(place, place.campaign(campaign), seller or ()):
        done = freeze_plan(place, campaign, one, scenario=scenario, on=day, force=force)
        typer.echo(both(f"cli.freeze_{done.state}", seller=one, count=done.count))
        if done.is_begun:
            note(both("cli.freeze_begun", seller=one))
