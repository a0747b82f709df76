"""Figures of notebooks 04 and 05: the campaign against its plan, and how it ended."""

import pandas as pd
import plotly.graph_objects as go

from planner.demand.forecast import HORIZON_PHASES
from planner.pages.marks import ranked, row_figure
from planner.pages.telling import tell_date, tell_number, tell_range
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    AMBER,
    GREY,
    INK,
    LIGHT,
    PURPLE,
    WARN,
    date_axis,
    days,
    empty_figure,
    inert,
    new_figure,
    note_below,
    numbers,
)
from planner.pages.worlds import sum_ratios
from planner.words import say

ACTION_COLOURS = {
    "replenish": WARN,
    "check_stock": AMBER,
    "watch": AMBER,
    "slow_down": PURPLE,
    "clear": PURPLE,
    "none": ACCENT_SOFT,
}
SPREAD_FOR_LOG = 60
"""Largest over smallest value above which a logarithmic axis is easier to read."""
REST = {"rest_q10_units": 0.1, "rest_q50_units": 0.5, "rest_q90_units": 0.9}


def track_curve(
    track: pd.DataFrame, status: pd.DataFrame, lang: str, *, draws: pd.DataFrame | None = None
) -> go.Figure:
    """Return units sold since the start against plan, and where the campaign is heading.

    Parameters
    ----------
    track : DataFrame
        Table `TrackDaily`.
    status : DataFrame
        Table `TrackStatus`.
    lang : {"zh", "en"}
    draws : DataFrame, optional
        Table `DemandDraws`: how far SKUs rise and fall together.

    Returns
    -------
    Figure
        The mark at the right adds what is still expected, with the 80 % range of the sum; without
        draws that of the SKUs' ranges added up, which a note says.
    """
    if track.empty:
        return empty_figure(lang, "empty.track")
    total = track.groupby("day", as_index=False)[["units", "planned_units"]].sum()
    figure = new_figure(380)
    for column, term, colour, dash, width in (
        ("planned_units", "chart.planned", GREY, "dash", 2),
        ("units", "chart.sold", ACCENT, "solid", 3),
    ):
        figure.add_scatter(
            x=days(total["day"]), y=numbers(total[column].cumsum(), 0), name=say(term, lang),
            mode="lines+markers" if len(total) < 3 else "lines",
            line={"color": colour, "width": width, "dash": dash},
            hovertemplate=f"%{{x}}<br>{say(term, lang)} %{{y:,}}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(title=say("chart.units_so_far", lang), rangemode="tozero")
    date_axis(figure)
    _add_outlook(figure, total, status, draws, lang)
    return figure


def cover_days(status: pd.DataFrame, lang: str) -> go.Figure:
    """Return for how many days the stock of each SKU lasts, the shortest on top.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`.
    lang : {"zh", "en"}
    """
    if status.empty:
        return empty_figure(lang, "empty.track")
    known = status[status["cover_days"].notna()]
    shown = ranked(known, "cover_days", ascending=True)
    figure = row_figure(shown, len(known) - len(shown), lang)
    for action, part in shown.groupby("action", sort=False):
        figure.add_bar(
            y=part["label"].to_list(), x=numbers(part["cover_days"], 1), orientation="h",
            name=say(f"action.{action}", lang), marker_color=ACTION_COLOURS[str(action)],
            text=[_cover_text(row, lang) for row in part.itertuples()], textposition="outside",
            cliponaxis=False, hovertemplate="%{y}<br>%{text}<extra></extra>",
        )  # fmt: skip
    longest = max(float(shown["cover_days"].max()), 1.0) if len(shown) else 1.0
    figure.update_xaxes(title=say("cover_days", lang), range=[0, 1.4 * longest])
    if len(status) > len(known):
        note_below(figure, say("chart.cover_unknown", lang, count=len(status) - len(known)))
    return figure


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


def _add_outlook(
    figure: go.Figure,
    total: pd.DataFrame,
    status: pd.DataFrame,
    draws: pd.DataFrame | None,
    lang: str,
) -> None:
    rest = status[list(REST)].sum(min_count=1)
    if rest.isna().any():
        return
    shared = draws[draws["phase"].isin(HORIZON_PHASES)] if draws is not None else status.head(0)
    if len(shared):
        rest = rest * sum_ratios(shared, list(REST.values()))
    sold = float(total["units"].sum())
    low, middle, high = (sold + float(rest[column]) for column in REST)
    name = say("chart.outlook", lang)
    figure.add_scatter(
        x=[name], y=[round(middle)], xaxis="x2", mode="markers", name=name, showlegend=False,
        marker={"size": 11, "color": ACCENT},
        error_y={
            "type": "data", "symmetric": False, "array": [round(high - middle)],
            "arrayminus": [round(middle - low)], "color": INK, "thickness": 1.6, "width": 6,
        },
        hovertemplate=f"{name}<br>{tell_range(low, high, '_units', lang)}<extra></extra>",
    )  # fmt: skip
    figure.add_annotation(
        x=name, y=round(high), xref="x2", yanchor="bottom", showarrow=False, yshift=3,
        text=tell_range(low, high, "_units", lang), font={"size": 12},
    )  # fmt: skip
    figure.update_layout(
        xaxis_domain=[0, 0.78],
        xaxis2={"domain": [0.82, 1], "anchor": "y", "type": "category", "showgrid": False},
    )
    term = "chart.range_of_sum" if len(shared) else "chart.sum_of_ranges"
    note_below(figure, say(term, lang), depth=36)


def _cover_text(row: tuple, lang: str) -> str:
    told = f"{tell_number(row.cover_days, 'cover_days', lang)} {say('unit.days', lang)}"
    if pd.isna(row.runs_out_on):
        return told
    day = tell_date(row.runs_out_on, "runs_out_on", lang)
    return f"{told} · {say('chart.runs_out', lang, day=day)}"


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
