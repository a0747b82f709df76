"""The calendar of notebook 03: each mode's chain of dates against the campaign."""

from datetime import timedelta

import pandas as pd
import plotly.graph_objects as go

from planner.pages.reasons import tell_reason
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    AMBER,
    FAINT,
    LIGHT,
    MUTED,
    WARN,
    date_axis,
    days,
    empty_figure,
    inert,
    new_figure,
    note_below,
)
from planner.scope import Scope
from planner.words import say

DAY_MS = 86_400_000
LANE_PX = 44
"""Room for two lines of text beside each bar."""
LEGS = (
    ("produce_by", "ship_by", "chart.leg_produce", AMBER),
    ("ship_by", "arrive_by", "chart.leg_ship", ACCENT),
    ("arrive_by", "shelf_by", "chart.leg_shelf", ACCENT_SOFT),
)


def lane_calendar(options: pd.DataFrame, lang: str, *, scope: Scope | None = None) -> go.Figure:
    """Return the date chain of each mode as bars, with the campaign's phases and the as-of day.

    Parameters
    ----------
    options : DataFrame
        Table `LaneOptions`.
    lang : {"zh", "en"}
    scope : Scope, optional
        Gives the phases and the day the plan is made.

    Returns
    -------
    Figure
        Modes that come too late are grey.
    """
    if options.empty:
        return empty_figure(lang)
    shown = options.sort_values(["market", "ship_by"], ascending=[True, False], kind="stable")
    shown = shown.assign(label=_lane_names(shown, lang))
    names = shown["label"].to_list()
    figure = new_figure(120 + LANE_PX * len(names), barmode="stack", bargap=0.5)
    figure.update_yaxes(
        categoryorder="array", categoryarray=names, range=[len(names) - 0.4, -0.6], type="category"
    )
    for start, end, term, colour in LEGS:
        _add_leg(figure, shown, (start, end), say(term, lang), colour, lang)
    date_axis(figure)
    if scope is not None:
        _add_campaign(figure, scope, lang)
    return figure


def _lane_names(shown: pd.DataFrame, lang: str) -> list[str]:
    many = len(shown["market"].unique()) > 1
    names = []
    for row in shown.itertuples():
        where = f" · {say(f'market.{row.market}', lang)}" if many else ""
        term = "chart.ship_by" if row.is_feasible else "chart.too_late"
        deadline = say(term, lang, day=f"{row.ship_by:%Y-%m-%d}")
        names.append(f"{say(f'mode.{row.mode}', lang)}{where}<br>{deadline}")
    return names


def _add_leg(
    figure: go.Figure, shown: pd.DataFrame, ends: tuple[str, str], name: str, colour: str, lang: str
) -> None:
    start, end = ends
    lasting = (shown[end] - shown[start]).dt.days
    colours = [colour if feasible else LIGHT for feasible in shown["is_feasible"]]
    figure.add_bar(
        y=shown["label"].to_list(), base=days(shown[start]), x=[int(n) * DAY_MS for n in lasting],
        orientation="h", name=name, marker_color=colours, showlegend=False,
        customdata=_leg_words(shown, start, end, lang),
        hovertemplate=f"%{{y}}<br>{name} %{{customdata[0]}}<br>%{{customdata[1]}}<extra></extra>",
    )  # fmt: skip
    marker = {"symbol": "square", "size": 11, "color": colour}
    figure.add_scatter(x=[None], y=[None], mode="markers", name=name, marker=marker)


def _leg_words(shown: pd.DataFrame, start: str, end: str, lang: str) -> list[list[str]]:
    spans = zip(days(shown[start]), days(shown[end]), shown["reason"], strict=True)
    return [[f"{begin} … {close}", inert(tell_reason(why, lang))] for begin, close, why in spans]


def _add_campaign(figure: go.Figure, scope: Scope, lang: str) -> None:
    plan = next(iter(scope.plans.values()))
    for phase, span in plan.phases.named().items():
        figure.add_vrect(
            x0=str(span.start), x1=str(span.end + timedelta(days=1)), line_width=0, layer="below",
            fillcolor=FAINT if phase != "sale" else LIGHT, opacity=0.8,
        )  # fmt: skip
    sale = plan.phases.sale
    figure.add_annotation(
        x=str(sale.start), y=1, yref="paper", yanchor="bottom", text=say("phase.sale", lang),
        showarrow=False, xanchor="left", font={"size": 11, "color": MUTED},
    )  # fmt: skip
    today = scope.first_day(3)
    figure.add_vline(x=str(today), line={"color": WARN, "width": 1.5, "dash": "dash"})
    figure.add_annotation(
        x=str(today), y=1, yref="paper", yanchor="bottom", showarrow=False, xanchor="left",
        text=f"{say('head.as_of', lang)} {today}", font={"size": 11, "color": WARN},
    )  # fmt: skip
    figure.update_layout(legend_y=1.1, margin_t=72)
    if len(scope.plans) > 1:
        named = say(f"market.{scope.markets[0]}", lang)
        note_below(figure, say("chart.bands_of", lang, market=named), depth=36)
