"""Two views of one SKU side by side, for hands: Prophet's parts and the engine's own.

Levers move Prophet's fit and the promotion it assumes; the engine's figures stand as the
report has them. Nothing here is written anywhere, and no stock is sized by Prophet.
"""

from collections.abc import Mapping
from typing import NamedTuple

import ipywidgets as widgets
import pandas as pd
import plotly.graph_objects as go

from planner.demand.components import MIN_DAYS, Fitted, fit_series, half_of_each, what_if
from planner.demand.decomposition import BASE_PARTS, horizon_steps
from planner.demand.forecast import HORIZON_PHASES
from planner.pages.charts_parts import ladder_bars, largest_series
from planner.pages.kinds import tell_text
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    PURPLE,
    WARN,
    date_axis,
    days,
    inert,
    new_figure,
    numbers,
)
from planner.scope import Scope
from planner.tables import PROMO_PHASES
from planner.words import say

Key = tuple[str, str, str]

KEYS = ["shop", "market", "sku"]
FLEXIBILITIES = (0.01, 0.05, 0.1, 0.5)
START_FLEXIBILITY = 0.05
DISCOUNTS = tuple(step / 20 for step in range(15))
"""Depths to try: 0 to 70 %. [unitless]"""
AS_PLANNED = -1.0
"""Place of the discount lever at which it moves nothing: a slider cannot hold None."""
SHOWN_DAYS = 120
"""Days of history inside the window at first; the rest is one drag away. [days]"""
CURVES = (
    ("units", "explore.units", GREY),
    ("expected_units", "explore.expected_units", WARN),
    ("ordinary_units", "explore.ordinary_units", PURPLE),
)


class Engine(NamedTuple):
    """The report's own tables: `Forecast`, `ForecastDaily` and `Decomposition`."""

    forecast: pd.DataFrame
    by_day: pd.DataFrame
    parts: pd.DataFrame


def two_views_board(
    daily: pd.DataFrame,
    *,
    forecast: pd.DataFrame,
    by_day: pd.DataFrame,
    parts: pd.DataFrame,
    drivers: pd.DataFrame,
    scope: Scope,
    lang: str,
) -> widgets.VBox:
    """Return a board of one SKU: Prophet under assumptions beside the engine's decomposition.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    forecast, by_day, parts : DataFrame
        Tables `Forecast`, `ForecastDaily` and `Decomposition` of the same run.
    drivers : DataFrame
        Table `Drivers`: discount depths of the past, where they are known.
    scope : Scope
        Gives the phases and the horizon.
    lang : {"zh", "en"}

    Returns
    -------
    VBox
        Levers: SKU, flexibility of the trend, discount depth ahead, each phase on or off. Below
        them totals in words, the curve by day, both views by phase, and the engine's way from
        ordinary days to its mean.
    """
    engine = Engine(forecast, by_day, parts)
    levers = _levers(forecast, lang)
    curve, phases = go.FigureWidget(_curve_figure(lang)), go.FigureWidget(_phase_figure(lang))
    ladder, sentence = go.FigureWidget(new_figure(380)), widgets.HTML()
    ladder.add_trace(go.Bar(orientation="h"))
    fits: dict[tuple[Key, float], Fitted | None] = {}

    def redraw(_: object = None) -> None:
        key, flexibility = levers["series"].value, levers["trend_flexibility"].value
        if (key, flexibility) not in fits:
            fits[key, flexibility] = _fitted(daily, key, scope, flexibility, drivers)
        fitted = fits[key, flexibility]
        view = None if fitted is None else _asked(fitted, levers)
        _draw_curve(curve, view, daily, engine, key)
        _draw_phases(phases, view, engine, key, lang)
        _draw_ladder(ladder, engine, key, lang)
        sentence.value = _sentence(fitted, view, engine, key, daily, lang)

    for lever in levers.values():
        lever.observe(redraw, names="value")
    redraw()
    first, switches = list(levers.values())[:3], list(levers.values())[3:]
    rows = [widgets.HBox(first), widgets.HBox(switches), sentence, curve, phases, ladder]
    return widgets.VBox(rows)


def phase_views(view: pd.DataFrame, parts: pd.DataFrame, key: Key) -> pd.DataFrame:
    """Return ordinary units and what promotions add in each phase ahead, told both ways.

    Parameters
    ----------
    view : DataFrame
        What `components.what_if` gave; without rows where Prophet could not be fitted.
    parts : DataFrame
        Table `Decomposition`.
    key : tuple of str
        Shop, market and SKU.

    Returns
    -------
    DataFrame
        Index: phases of the horizon that the engine knows, in time. Columns prophet_ordinary,
        prophet_promo, engine_ordinary, engine_promo [units].
    """
    own = _rows(parts, key)
    is_base = own["part"].isin(BASE_PARTS)
    ordinary = own[is_base].groupby("phase")["part_units"].sum()
    promo = own[~is_base].groupby("phase")["part_units"].sum()
    known = [phase for phase in HORIZON_PHASES if phase in ordinary.index]
    told = pd.DataFrame({"engine_ordinary": ordinary, "engine_promo": promo}).reindex(known)
    ahead = view[view["is_future"]]
    is_after = (ahead["phase"] == "") & ahead["phase"].ne("").cummax()
    sums = ahead.assign(phase=ahead["phase"].mask(is_after, "after")).groupby("phase")[
        ["ordinary_units", "expected_units"]
    ].sum().reindex(known)  # fmt: skip
    told["prophet_ordinary"] = sums["ordinary_units"]
    told["prophet_promo"] = sums["expected_units"] - sums["ordinary_units"]
    return told.fillna(0.0)


def _levers(forecast: pd.DataFrame, lang: str) -> dict[str, widgets.Widget]:
    keys = largest_series(forecast, len(forecast))
    named = [(" · ".join(tell_text(text) for text in (key[0], key[2])), key) for key in keys]
    depths = [(say("explore.discount_unknown", lang), AS_PLANNED)]
    depths += [(f"{d:.0%}", d) for d in DISCOUNTS]
    levers = {
        "series": widgets.Dropdown(options=named, description=say("sku", lang)),
        "trend_flexibility": widgets.SelectionSlider(
            options=FLEXIBILITIES,
            value=START_FLEXIBILITY,
            description=say("explore.trend", lang),
        ),
        "discount": widgets.SelectionSlider(
            options=depths, value=AS_PLANNED, description=say("explore.discount", lang)
        ),
    }
    for phase in PROMO_PHASES:
        word = say("explore.on", lang, phase=say(f"phase.{phase}", lang))
        levers[phase] = widgets.Checkbox(value=True, description=word)
    return levers


def _fitted(
    daily: pd.DataFrame, key: Key, scope: Scope, flexibility: float, drivers: pd.DataFrame
) -> Fitted | None:
    """Return Prophet's fit; None where the history is too short for one."""
    if _history_days(daily, key) < MIN_DAYS:
        return None
    return fit_series(
        daily,
        shop=key[0],
        sku=key[2],
        plans=scope.plans,
        trend_flexibility=flexibility,
        drivers=drivers,
    )


def _history_days(daily: pd.DataFrame, key: Key) -> int:
    return int(((daily["shop"] == key[0]) & (daily["sku"] == key[2])).sum())


def _asked(fitted: Fitted, levers: Mapping[str, widgets.Widget]) -> pd.DataFrame:
    on = [phase for phase in PROMO_PHASES if levers[phase].value]
    depth = levers["discount"].value
    return what_if(fitted, phases_on=on, discount_rate=None if depth == AS_PLANNED else depth)


def _rows(table: pd.DataFrame, key: Key) -> pd.DataFrame:
    return table[(table[KEYS] == list(key)).all(axis=1)]


def _curve_figure(lang: str) -> go.Figure:
    figure = new_figure(360)
    for _, term, colour in CURVES:
        figure.add_scatter(name=say(term, lang), mode="lines", line={"color": colour, "width": 1.6})
    for place, name in enumerate(("", say("chart.range_80", lang))):
        figure.add_scatter(
            name=name, mode="lines", line={"width": 0}, showlegend=bool(place), hoverinfo="skip",
            fill="tonexty" if place else None, fillcolor="rgba(134, 180, 220, 0.35)",
        )  # fmt: skip
    figure.add_scatter(
        name=say("explore.engine_units", lang), mode="lines", line={"color": ACCENT, "width": 2.4}
    )
    figure.update_yaxes(title=say("chart.units_a_day", lang), rangemode="tozero")
    date_axis(figure)
    return figure


def _phase_figure(lang: str) -> go.Figure:
    figure = new_figure(320, barmode="relative", bargap=0.35)
    for term, colour in (("explore.ordinary", GREY), ("explore.promo", ACCENT_SOFT)):
        figure.add_bar(name=say(term, lang), marker_color=colour)
    figure.update_yaxes(title=say("unit.units", lang))
    return figure


def _draw_curve(
    figure: go.FigureWidget,
    view: pd.DataFrame | None,
    daily: pd.DataFrame,
    engine: Engine,
    key: Key,
) -> None:
    sold = daily[(daily["shop"] == key[0]) & (daily["sku"] == key[2])].sort_values("day")
    told = _rows(engine.by_day, key).sort_values("day")
    last = told["day"].max() if len(told) else sold["day"].max()
    with figure.batch_update():
        for trace, (column, _, _) in zip(figure.data, CURVES, strict=False):
            shown = sold if column == "units" else view
            trace.x = [] if shown is None else days(shown["day"])
            trace.y = [] if shown is None else numbers(shown[column], 1)
        columns = ("q10_units", "q90_units", "mean_units")
        for trace, column in zip(figure.data[len(CURVES) :], columns, strict=True):
            trace.x, trace.y = days(told["day"]), numbers(told[column], 1)
        first = sold["day"].max() - pd.Timedelta(days=SHOWN_DAYS)
        figure.layout.xaxis.range = days(pd.Series([first, last]))


def _draw_phases(
    figure: go.FigureWidget, view: pd.DataFrame | None, engine: Engine, key: Key, lang: str
) -> None:
    nothing = pd.DataFrame(
        columns=["is_future", "phase", "ordinary_units", "expected_units"]
    ).astype({"is_future": bool, "phase": "str", "ordinary_units": float, "expected_units": float})
    told = phase_views(nothing if view is None else view, engine.parts, key)
    sides = [("engine", say("explore.engine", lang))]
    if view is not None:
        sides.insert(0, ("prophet", say("explore.prophet", lang)))
    names = [[say(f"phase.{phase}", lang) for phase in told.index for _ in sides]]
    names.append([word for _ in told.index for _, word in sides])
    with figure.batch_update():
        for trace, part in zip(figure.data, ("ordinary", "promo"), strict=True):
            values = told[[f"{side}_{part}" for side, _ in sides]].to_numpy().ravel()
            trace.x, trace.y = names, numbers(pd.Series(values), 1)


def _draw_ladder(figure: go.FigureWidget, engine: Engine, key: Key, lang: str) -> None:
    bars = ladder_bars(horizon_steps(_rows(engine.parts, key)), lang)
    with figure.batch_update():
        figure.data[0].update(bars.to_plotly_json(), overwrite=False)
        figure.layout.yaxis.update(categoryorder="array", categoryarray=list(bars.y)[::-1])


def _sentence(
    fitted: Fitted | None,
    view: pd.DataFrame | None,
    engine: Engine,
    key: Key,
    daily: pd.DataFrame,
    lang: str,
) -> str:
    """Return both totals of the horizon in words, and what a lever cannot do."""
    if fitted is None or view is None:
        return say("explore.short", lang, days=_history_days(daily, key), least=MIN_DAYS)
    whole = _rows(engine.forecast, key)
    whole = whole[whole["phase"] == "horizon"].iloc[0]
    ahead = view[view["is_future"] & view["day"].between(whole["starts_on"], whole["ends_on"])]
    prophet = float(ahead["expected_units"].sum())
    facts = {"engine": whole["mean_units"], "low": whole["q10_units"], "high": whole["q90_units"]}
    told = [say("explore.totals", lang, prophet=prophet, **facts)]
    half = half_of_each(
        whole["q50_units"], prophet, known_days=fitted.known_days, grade=whole["grade"]
    )
    if pd.notna(half):
        told.append(say("explore.half", lang, half=half))
    if fitted.depth_units == 0:
        told.append(say("explore.no_depth", lang))
    return inert(" ".join(told))
