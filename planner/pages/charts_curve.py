"""Figures of how demand falls on days: the curve inside a phase, and the horizon day by day."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.telling import tell_range
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    INK,
    SERIES,
    date_axis,
    days,
    empty_figure,
    new_figure,
    note_below,
    numbers,
)
from planner.tables import PROMO_PHASES
from planner.words import say

RANGE_OPACITY = 0.18


def day_curve(curve: pd.DataFrame, lang: str) -> go.Figure:
    """Return each day's share of its phase with its 80 % range, and an even share beside it.

    Parameters
    ----------
    curve : DataFrame
        Table `DayCurve`.
    lang : {"zh", "en"}
    """
    if curve.empty:
        return empty_figure(lang)
    figure = new_figure(380)
    markets = list(curve["market"].unique())
    for place, market in enumerate(markets):
        of_market = curve[curve["market"] == market]
        for phase in PROMO_PHASES:
            part = of_market[of_market["phase"] == phase]
            if len(part):
                named = [say(f"phase.{phase}", lang)]
                named = [say(f"market.{market}", lang), *named] if len(markets) > 1 else named
                colour = ACCENT if phase == "sale" else ACCENT_SOFT
                colour = SERIES[place % len(SERIES)] if len(markets) > 1 else colour
                _add_phase(figure, part, " · ".join(named), colour, lang)
    figure.update_yaxes(
        title=say("chart.share_of_phase", lang), tickformat=".0%", rangemode="tozero"
    )
    date_axis(figure)
    seen = int(curve["past_events"].max())
    term = "chart.curve_seen" if seen else "chart.curve_shipped"
    note_below(figure, say(term, lang, events=seen))
    return figure


def horizon_by_day(forecast: pd.DataFrame, lang: str, *, sku: str | None = None) -> go.Figure:
    """Return demand of each day of the horizon with its 80 % range.

    Parameters
    ----------
    forecast : DataFrame
        Table `ForecastDaily`.
    lang : {"zh", "en"}
    sku : str, optional
        Only this SKU; without it the sum of all, whose range is the sum of their ranges.
    """
    rows = forecast if sku is None else forecast[forecast["sku"] == sku]
    if rows.empty:
        return empty_figure(lang)
    sums = rows.groupby("day")[["mean_units", "q10_units", "q90_units"]].sum().reset_index()
    figure = new_figure(400)
    x = days(sums["day"])
    figure.add_scatter(
        x=x, y=numbers(sums["q10_units"], 1), mode="lines", line={"width": 0},
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=numbers(sums["q90_units"], 1), mode="lines", line={"width": 0}, fill="tonexty",
        fillcolor=_soft(ACCENT), name=say("chart.range_80", lang), hoverinfo="skip",
    )  # fmt: skip
    told = [tell_range(row.q10_units, row.q90_units, "_units", lang) for row in sums.itertuples()]
    figure.add_scatter(
        x=x, y=numbers(sums["mean_units"], 1), mode="lines", name=say("mean_units", lang),
        line={"color": ACCENT, "width": 2.4}, customdata=told,
        hovertemplate=f"%{{x}}<br>{say('mean_units', lang)} %{{y:,}}<br>"
        f"{say('chart.range_80', lang)} %{{customdata}}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(title=say("chart.units_a_day", lang), rangemode="tozero")
    date_axis(figure)
    if sku is None and len(forecast["sku"].unique()) > 1:
        note_below(figure, say("chart.sum_of_ranges", lang))
    return figure


def _add_phase(figure: go.Figure, part: pd.DataFrame, name: str, colour: str, lang: str) -> None:
    x = days(part["day"])
    share = part["share_rate"]
    above = numbers(part["share_high_rate"] - share, 4)
    below = numbers(share - part["share_low_rate"], 4)
    told = [
        f"{low:.1%} – {high:.1%}"
        for low, high in zip(part["share_low_rate"], part["share_high_rate"], strict=True)
    ]
    figure.add_scatter(
        x=x, y=numbers(share, 4), mode="lines+markers", name=name, customdata=told,
        line={"color": colour, "width": 2}, marker={"size": 8},
        error_y={
            "type": "data", "symmetric": False, "array": above, "arrayminus": below,
            "color": INK, "thickness": 1.2, "width": 4,
        },
        hovertemplate=f"%{{x}}<br>{name} %{{y:.1%}}<br>{say('chart.range_80', lang)} "
        "%{customdata}<extra></extra>",
    )  # fmt: skip
    figure.add_scatter(
        x=x, y=[round(1 / len(part), 4)] * len(part), mode="lines", showlegend=False,
        line={"color": GREY, "width": 1.2, "dash": "dot"}, hoverinfo="skip",
    )  # fmt: skip


def _soft(colour: str) -> str:
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{RANGE_OPACITY})"
