"""Figures of notebook 05: how the campaign ended against its plan."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.marks import ranked, row_figure
from planner.pages.telling import tell_number, tell_range
from planner.pages.theme import (
    ACCENT,
    LIGHT,
    WARN,
    empty_figure,
    inert,
    new_figure,
    numbers,
)
from planner.words import say

SPREAD_FOR_LOG = 60
"""Largest over smallest value above which a logarithmic axis is easier to read."""


def forecast_against_actual(outcome: pd.DataFrame, lang: str) -> go.Figure:
    """Return demand as it came against demand as forecast, one point per SKU.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        On the diagonal the forecast was right; the bar is the 80 % range given at the time.
    """
    known = outcome[outcome["forecast_units"].notna()]
    if known.empty:
        return empty_figure(lang, "empty.outcome")
    demand = known["actual_units"] + known["lost_units"].fillna(0)
    figure = new_figure(460)
    ends = _ends(pd.concat([known["low_units"], known["high_units"], demand]))
    figure.add_scatter(
        x=ends, y=ends, mode="lines", line={"color": LIGHT, "width": 1.5}, hoverinfo="skip",
        name=say("chart.diagonal", lang),
    )  # fmt: skip
    covered = known["is_covered"].fillna(False).astype(bool)
    for is_covered, term, symbol, colour in (
        (True, "chart.inside_range", "circle", ACCENT),
        (False, "chart.outside_range", "diamond", WARN),
    ):
        chosen = covered == is_covered
        _add_points(figure, known[chosen], demand[chosen], lang, say(term, lang), symbol, colour)
    figure.update_xaxes(title=say("chart.forecast_demand", lang))
    figure.update_yaxes(title=say("chart.actual_demand", lang))
    if ends[0] > 0 and ends[1] / ends[0] > SPREAD_FOR_LOG:
        figure.update_xaxes(type="log", dtick=1)
        figure.update_yaxes(type="log", dtick=1)
    return figure


def loss_split(outcome: pd.DataFrame, lang: str) -> go.Figure:
    """Return for each SKU the units missed for lack of stock and the units left over.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`.
    lang : {"zh", "en"}
    """
    if outcome.empty:
        return empty_figure(lang, "empty.outcome")
    sides = outcome.assign(
        lost=-outcome["lost_units"].fillna(0), left=outcome["leftover_units"].fillna(0)
    )
    sides = sides.assign(size=sides["left"] - sides["lost"])
    shown = ranked(sides[sides["size"] > 0], "size")
    if shown.empty:
        return empty_figure(lang, "empty.loss")
    figure = row_figure(
        shown, int((sides["size"] > 0).sum()) - len(shown), lang, barmode="relative"
    )
    for column, term, colour in (("lost", "lost_units", WARN), ("left", "leftover_units", ACCENT)):
        told = [tell_number(abs(value), "_units", lang) if value else "" for value in shown[column]]
        figure.add_bar(
            y=shown["label"].to_list(), x=numbers(shown[column], 0), orientation="h",
            name=say(term, lang), marker_color=colour, text=told, textposition="outside",
            cliponaxis=False, hovertemplate=f"%{{y}}<br>{say(term, lang)} %{{text}}<extra></extra>",
        )  # fmt: skip
    figure.update_layout(legend_traceorder="normal")
    figure.update_xaxes(title=say("chart.short_and_over", lang), showticklabels=False)
    reach = float(shown["size"].max()) * 1.25
    low = float(shown["lost"].min()) * 1.4
    figure.update_xaxes(range=[min(low, -0.12 * reach), reach])
    return figure


def _ends(values: pd.Series) -> list[float]:
    known = values[values > 0]
    if known.empty:
        return [0.0, 1.0]
    return [round(float(known.min()) * 0.8, 1), round(float(known.max()) * 1.1, 1)]


def _add_points(
    figure: go.Figure, part: pd.DataFrame, demand: pd.Series, lang: str, name: str, symbol: str,
    colour: str,
) -> None:  # fmt: skip
    if part.empty:
        return
    word = say("chart.actual_demand", lang)
    told = [
        f"{inert(row.sku)} · {tell_range(row.low_units, row.high_units, '_units', lang)}"
        for row in part.itertuples()
    ]
    figure.add_scatter(
        x=numbers(part["forecast_units"], 0), y=numbers(demand, 0), mode="markers", name=name,
        marker={"symbol": symbol, "size": 9, "color": colour}, customdata=told,
        error_x={
            "type": "data", "symmetric": False, "color": colour, "thickness": 1, "width": 3,
            "array": numbers((part["high_units"] - part["forecast_units"]).clip(lower=0), 0),
            "arrayminus": numbers((part["forecast_units"] - part["low_units"]).clip(lower=0), 0),
        },
        hovertemplate=f"%{{customdata}}<br>{word} %{{y:,}}<extra></extra>",
    )  # fmt: skip
