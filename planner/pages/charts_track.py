"""Figures of notebook 04: the campaign since its start, and the rest of it SKU by SKU."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.marks import add_marks, add_ranges, end_axis, ranked, row_figure
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    date_axis,
    days,
    empty_figure,
    new_figure,
    numbers,
)
from planner.words import say

MOST_DRAWN = 10
"""SKUs whose rest is drawn, those of most demand; the table below has them all."""
FAN_FILL = "rgba(134,180,220,0.35)"  # ACCENT_SOFT, see-through


def event_curve(curve: pd.DataFrame, lang: str) -> go.Figure:
    """Return units since the campaign began: planned, sold, and expected to its end with a range.

    Parameters
    ----------
    curve : DataFrame
        Table `EventCurve`.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        One set of lines per market, named by it where there are several.
    """
    if curve.empty:
        return empty_figure(lang, "empty.track")
    figure = new_figure(400)
    markets = curve["market"].unique()
    for market in markets:
        own = curve[curve["market"] == market]
        prefix = f"{say(f'market.{market}', lang)} · " if len(markets) > 1 else ""
        own = _joined(own)
        _add_fan(figure, own, prefix + say("chart.event_range", lang))
        for column, term, colour, dash in (
            ("planned_units", "chart.planned", GREY, "dash"),
            ("mid_units", "chart.event_mid", ACCENT, "dot"),
            ("sold_units", "chart.sold", ACCENT, "solid"),
        ):
            name = prefix + say(term, lang)
            part = own[own[column].notna()]
            figure.add_scatter(
                x=days(part["day"]), y=numbers(part[column], 0), name=name,
                mode="lines+markers" if len(part) < 3 else "lines",
                line={"color": colour, "width": 3 if dash == "solid" else 2, "dash": dash},
                hovertemplate=f"%{{x}}<br>{name} %{{y:,}}<extra></extra>",
            )  # fmt: skip
    figure.update_yaxes(title=say("chart.units_so_far", lang), rangemode="tozero")
    date_axis(figure)
    return figure


def rest_ranges(rest: pd.DataFrame, lang: str) -> go.Figure:
    """Return for each SKU what is still expected, its 80 % range, and what the plan had.

    Parameters
    ----------
    rest : DataFrame
        Table `RestOfEvent`.
    lang : {"zh", "en"}
    """
    if rest.empty:
        return empty_figure(lang, "empty.track")
    shown = ranked(rest, "rest_q50_units").head(MOST_DRAWN)
    figure = row_figure(shown, len(rest) - len(shown), lang)
    ends = ("rest_q10_units", "rest_q90_units")
    add_ranges(figure, shown, ends, name=say("chart.range_80", lang), width=7)
    add_marks(
        figure, shown, "planned_rest_units", name=say("chart.planned_rest", lang),
        symbol="line-ns", colour=GREY, size=12,
    )  # fmt: skip
    add_marks(
        figure, shown, "rest_q50_units", name=say("chart.rest_middle", lang), symbol="circle",
        colour=ACCENT, size=8,
    )  # fmt: skip
    end_axis(figure, shown, [*ends, "planned_rest_units"])
    figure.update_xaxes(title=say("chart.rest_units", lang))
    return figure


def _joined(own: pd.DataFrame) -> pd.DataFrame:
    """Return one market's curve with what is expected begun where what is sold ends."""
    is_last = own["day"] == own.loc[own["sold_units"].notna(), "day"].max()
    ends = {
        name: own[name].mask(is_last & own[name].isna(), own["sold_units"])
        for name in ("low_units", "mid_units", "high_units")
    }
    return own.assign(**ends)


def _add_fan(figure: go.Figure, own: pd.DataFrame, name: str) -> None:
    """Draw the range of the days ahead as one area, its two ends not named."""
    part = own[own["high_units"].notna()]
    line = {"width": 0, "color": ACCENT_SOFT}
    figure.add_scatter(
        x=days(part["day"]), y=numbers(part["high_units"], 0), mode="lines", line=line,
        showlegend=False, hoverinfo="skip",
    )  # fmt: skip
    figure.add_scatter(
        x=days(part["day"]), y=numbers(part["low_units"], 0), mode="lines", line=line,
        fill="tonexty", fillcolor=FAN_FILL, name=name, hoverinfo="skip",
    )  # fmt: skip
