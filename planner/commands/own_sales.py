"""Commands on daily sales of one's own: forecast an event, replay the past ones."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from planner.commands.options import HomeOption, MarketOption, note


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
        find_home(home), sales, events, event=event, as_of=as_of, market=market, tell=note
    )
    if out is None:
        typer.echo(told, nl=False)
    else:
        put_in_place(out, lambda path: path.write_text(told, encoding="utf-8", newline="\n"))


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
        tell=note,
    )
    tell_record(found, Console())
    for path, frame in ((out, found.record), (windows, found.windows)):
        if path is not None:
            text = as_csv(frame)
            put_in_place(
                path,
                lambda made, text=text: made.write_text(text, encoding="utf-8", newline="\n"),
            )
