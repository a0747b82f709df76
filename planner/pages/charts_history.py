"""Figures of notebook 01: what the exports held, and what the daily sales look like."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.blocks import NO_LOSS_CODES
from planner.pages.kinds import tell_text
from planner.pages.marks import add_promo_bands
from planner.pages.telling import tell_code, tell_number
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    FRAME_PX,
    GREY,
    INK,
    MAX_DRAWN,
    ROW_PX,
    SERIES,
    WARN,
    date_axis,
    days,
    empty_figure,
    inert,
    labels,
    new_figure,
    note_below,
    numbers,
)
from planner.words import say

TWO_LINES_PX = 40
TEXT_ROOM = 1.4
"""The axis runs on by this much so that a text behind the longest bar is not cut off."""


def reconciliation(
    files: pd.DataFrame, lang: str, *, rejected: pd.DataFrame | None = None
) -> go.Figure:
    """Return one bar per export file: rows kept, rows that are no loss, rows lost.

    Parameters
    ----------
    files : DataFrame
        Table `Reconciliation`.
    lang : {"zh", "en"}
    rejected : DataFrame, optional
        Table `RejectedRows`; tells repeated and superseded rows from lost ones. Without it every
        rejected row counts as lost.
    """
    if files.empty:
        return empty_figure(lang, "empty.files")
    shown = files.sort_values("rows_in", ascending=False, kind="stable").head(MAX_DRAWN)
    names = labels(shown["file"], lines=2)
    figure = _listed(names, len(files) - len(shown), lang, row_px=TWO_LINES_PX)
    repeats = pd.Series(0, index=shown.index)
    if rejected is not None:
        harmless = rejected.loc[rejected["code"].isin(NO_LOSS_CODES), "file"].value_counts()
        repeats = shown["file"].map(harmless).fillna(0).astype("int64")
    lost = shown["rows_rejected"] - repeats
    bars = [("rows_kept", shown["rows_kept"], ACCENT), ("chart.lost_rows", lost, WARN)]
    if rejected is not None:
        bars.insert(1, ("chart.no_loss", repeats, GREY))
    for term, counts, colour in bars:
        word = say(term, lang)
        figure.add_bar(
            y=names, x=numbers(counts), orientation="h", name=word, marker_color=colour,
            hovertemplate=f"%{{y}}<br>{word} %{{x:,}}<extra></extra>",
        )  # fmt: skip
    told = [
        say("chart.kept_lost", lang, kept=kept, lost=gone)
        for kept, gone in zip(shown["rows_kept"], lost, strict=True)
    ]
    figure.add_scatter(
        y=names, x=numbers(shown["rows_in"]), mode="text", text=[f"  {text}" for text in told],
        textposition="middle right",
        textfont={"size": 12, "color": INK}, cliponaxis=False, showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    longest = float(shown["rows_in"].max())
    figure.update_xaxes(title=say("chart.rows", lang), range=[0, TEXT_ROOM * max(longest, 1.0)])
    return figure


def rejected_by_reason(rejected: pd.DataFrame, lang: str) -> go.Figure:
    """Return one bar per reason: rows rejected, those that are no loss in grey.

    Parameters
    ----------
    rejected : DataFrame
        Table `RejectedRows`.
    lang : {"zh", "en"}
    """
    if rejected.empty:
        return empty_figure(lang, "empty.rejected")
    counts = rejected["code"].value_counts().head(MAX_DRAWN)
    names = labels([tell_code(code, "code", lang) for code in counts.index], lines=2)
    figure = _listed(names, rejected["code"].nunique() - len(counts), lang, row_px=TWO_LINES_PX)
    for is_loss, term, colour in ((True, "chart.to_mend", WARN), (False, "chart.no_loss", GREY)):
        chosen = [(code not in NO_LOSS_CODES) == is_loss for code in counts.index]
        part = counts[chosen]
        figure.add_bar(
            y=[name for name, take in zip(names, chosen, strict=True) if take], x=part.to_list(),
            orientation="h", name=say(term, lang), marker_color=colour, text=part.to_list(),
            texttemplate="%{x:,}", textposition="outside", cliponaxis=False,
            customdata=[inert(code) for code in part.index],
            hovertemplate="%{y}<br>%{customdata} · %{x:,}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=say("chart.rows", lang))
    return figure


def daily_history(daily: pd.DataFrame, lang: str, *, sku: str | None = None) -> go.Figure:
    """Return units sold by day, one line per shop, past promotions as named bands.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    lang : {"zh", "en"}
    sku : str, optional
        Only this SKU; without it the sum of all.

    Returns
    -------
    Figure
        Hollow marks are days on which a SKU drawn was out of stock.
    """
    part = daily if sku is None else daily[daily["sku"] == sku]
    if part.empty:
        return empty_figure(lang)
    figure = new_figure(420)
    totals = part.groupby(["shop", "day"], as_index=False).agg(
        units=("units", "sum"), skus_out=("is_stock_out", "sum")
    )
    for place, (shop, lines) in enumerate(totals.groupby("shop")):
        figure.add_scatter(
            x=days(lines["day"]), y=numbers(lines["units"]), mode="lines",
            name=inert(tell_text(shop)), line={"color": SERIES[place % len(SERIES)], "width": 1.6},
            hovertemplate=f"%{{x}}<br>%{{y:,}} {say('unit.units', lang)}<extra></extra>",
        )  # fmt: skip
    _add_stock_outs(figure, totals[totals["skus_out"] > 0], lang)
    add_promo_bands(figure, part[part["event"] != ""], lang)
    figure.update_yaxes(title=say("chart.units_a_day", lang), rangemode="tozero")
    date_axis(figure)
    return figure


def hour_profile(profile: pd.DataFrame, lang: str) -> go.Figure:
    """Return the share of units ordered in each hour of the shop's own clock.

    Parameters
    ----------
    profile : DataFrame
        Table `HourProfile`; the rows of whole shops are drawn.
    lang : {"zh", "en"}
    """
    profile = profile[profile["sku"] == ""]
    if profile.empty:
        return empty_figure(lang)
    figure = new_figure(320, barmode="group")
    many = len(profile["shop"].unique()) > 1
    for place, (shop, part) in enumerate(profile.groupby("shop")):
        peak = part["share_rate"].max()
        colours = [ACCENT if share == peak else ACCENT_SOFT for share in part["share_rate"]]
        figure.add_bar(
            x=part["hour"].to_list(), y=numbers(part["share_rate"], 4), name=inert(tell_text(shop)),
            marker_color=SERIES[place % len(SERIES)] if many else colours,
            hovertemplate=f"%{{x}}:00<br>{say('share_rate', lang)} %{{y:.1%}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(showlegend=many, bargap=0.2, margin_t=40 if many else 20)
    figure.update_xaxes(title=say("chart.hour", lang), tickmode="linear", tick0=0, dtick=2)
    figure.update_yaxes(tickformat=".0%", title=say("share_rate", lang))
    return figure


def _listed(names: list[str], left_out: int, lang: str, *, row_px: int = ROW_PX) -> go.Figure:
    figure = new_figure(FRAME_PX + row_px * max(len(names), 2), barmode="stack")
    figure.update_yaxes(
        categoryorder="array", categoryarray=names, range=[len(names) - 0.4, -0.6], type="category"
    )
    if left_out:
        note_below(figure, say("chart.left_out", lang, count=left_out))
    return figure


def _add_stock_outs(figure: go.Figure, out: pd.DataFrame, lang: str) -> None:
    if out.empty:
        return
    word = say("is_stock_out", lang)
    figure.add_scatter(
        x=days(out["day"]), y=numbers(out["units"]), mode="markers", name=word,
        marker={"symbol": "circle-open", "size": 7, "color": WARN, "line": {"width": 1.5}},
        customdata=[tell_number(count, "count", lang) for count in out["skus_out"]],
        hovertemplate=f"%{{x}}<br>{word} · %{{customdata}} SKU<extra></extra>",
    )  # fmt: skip
