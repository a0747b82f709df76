"""Figures of the record: each past event, how far this method, the rule and last week were off."""

import pandas as pd
import plotly.graph_objects as go

from planner.demand.record import NAIVE, OURS, RULE
from planner.pages.big_numbers import percent
from planner.pages.marks import event_name
from planner.pages.telling import tell_number
from planner.pages.theme import (
    ACCENT,
    GREY,
    WARN,
    lines_of,
    new_figure,
    note_below,
    numbers,
)
from planner.words import say

COLOURS = {OURS: ACCENT, RULE: WARN, NAIVE: GREY}
TOP_RATE = 2.0
"""A method off by more than twice the demand is drawn to the top and told in words."""

TOLD_EVENTS = 6
"""With more events there is no room for figures above the bars; they are in the hover."""


def record_by_event(record: pd.DataFrame, lang: str) -> go.Figure | None:
    """Return the error of each method in each past event, in the order they came.

    Parameters
    ----------
    record : DataFrame
        Table `Record`.
    lang : {"zh", "en"}

    Returns
    -------
    Figure or None
        Bars of WAPE; below each event the share of totals inside the 80 % range. Nothing where
        nothing was replayed: the card above says why.
    """
    rows = record[(record["slice"] == "event") & record["method"].isin(COLOURS)]
    if rows.empty:
        return None
    ours = rows[rows["method"] == OURS].sort_values("value")
    names = _event_labels(ours, lang)
    figure = new_figure(380, barmode="group", bargap=0.3)
    for method, colour in COLOURS.items():
        part = rows[rows["method"] == method].set_index("value").reindex(ours["value"])
        rate = part["wape_rate"]
        told = [tell_number(value, "wape_rate", lang) for value in rate]
        short = [percent(value, lang) for value in rate]
        name = say(f"method.{method}", lang)
        figure.add_bar(
            x=names, y=numbers(rate.clip(upper=TOP_RATE), 4), name=name, marker_color=colour,
            customdata=told, hovertemplate=f"%{{x}}<br>{name} %{{customdata}}<extra></extra>",
            text=short if len(names) <= TOLD_EVENTS else None, textposition="outside",
            cliponaxis=False,
        )  # fmt: skip
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=names, tickangle=0)
    figure.update_yaxes(title=say("wape_rate", lang), rangemode="tozero", tickformat=".0%")
    note_below(figure, say("chart.record_note", lang), depth=88)
    return figure


def _event_labels(ours: pd.DataFrame, lang: str) -> list[str]:
    """Return name, year, day and coverage of each event, on lines short enough for a phone."""
    years, days = ours["value"].str.slice(0, 4), ours["value"].str.slice(5, 10)
    events = [lines_of(event_name(name, lang), 2) for name in ours["value"].str.slice(11)]
    covered = [tell_number(rate, "covered_80_rate", lang) for rate in ours["covered_80_rate"]]
    return [
        f"{event}<br>{year}<br>{day}<br>{rate}"
        for event, year, day, rate in zip(events, years, days, covered, strict=True)
    ]
