"""Levers for hands: the same calls as the report, moved by sliders in JupyterLab.

Nothing here is written anywhere; a board shows what one SKU's order would be
under other assumptions. Reports never use it.
"""

from collections.abc import Callable

import ipywidgets as widgets
import numpy as np
import pandas as pd
import plotly.graph_objects as go

from planner.pages.theme import ACCENT, GREY, WARN, template
from planner.scope import Scope
from planner.supply.quantity import newsvendor
from planner.supply.quantity.position import HORIZON_PHASES
from planner.words import say

BINS = 40


def order_board(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    *,
    scope: Scope,
    lang: str,
) -> widgets.VBox:
    """Return a board: pick a SKU, move demand, rule, service level and buffer, see the order.

    Parameters
    ----------
    draws, position, economics : DataFrame
        Tables `DemandDraws`, `StockPosition` and `UnitEconomics` of one run.
    scope : Scope
        Gives the policy from which the levers start.
    lang : {"zh", "en"}
        Language of labels.

    Returns
    -------
    VBox
        Levers above, one figure and one sentence below; the figure follows the levers.
    """
    worlds = _horizon_worlds(draws)
    levers = _levers(worlds, scope, lang)
    figure = go.FigureWidget(_empty_histogram(lang))
    sentence = widgets.HTML()

    def redraw(_: object = None) -> None:
        key = levers["sku"].value
        demand = worlds[key] * levers["demand_ratio"].value
        held = _row(position, key)["available_units"]
        target = _target(demand, _row(economics, key)["critical_ratio"], levers)
        _paint(figure, demand, target, held)
        sentence.value = _sentence(demand, target, held, lang)

    return _wired(levers, figure, sentence, redraw)


def _wired(
    levers: dict[str, widgets.Widget],
    figure: go.FigureWidget,
    sentence: widgets.HTML,
    redraw: Callable[[object], None],
) -> widgets.VBox:
    for lever in levers.values():
        lever.observe(redraw, names="value")
    redraw(None)
    return widgets.VBox(
        [
            widgets.HBox(list(levers.values())[:3]),
            widgets.HBox(list(levers.values())[3:]),
            sentence,
            figure,
        ]
    )


def _horizon_worlds(draws: pd.DataFrame) -> dict[tuple[str, str], np.ndarray]:
    keys, demand = newsvendor.market_draws(draws, phases=HORIZON_PHASES)
    return dict(zip(keys, demand, strict=True))


def _levers(
    worlds: dict[tuple[str, str], np.ndarray], scope: Scope, lang: str
) -> dict[str, widgets.Widget]:
    policy = scope.policy
    return {
        "sku": widgets.Dropdown(
            options=[(f"{market} · {sku}", (market, sku)) for market, sku in worlds],
            description=say("sku", lang),
        ),
        "rule": widgets.Dropdown(
            options=[(say(f"rule.{rule}", lang), rule) for rule in ("profit", "service_level")],
            value=policy.rule if policy.rule != "extremes" else "profit",
            description=say("rule", lang),
        ),
        "demand_ratio": widgets.FloatSlider(
            value=1.0, min=0.5, max=2.0, step=0.05, description=say("demand_ratio", lang)
        ),
        "service_level": widgets.FloatSlider(
            value=policy.service_level,
            min=0.5,
            max=0.99,
            step=0.01,
            description=say("service_level", lang),
        ),
        "buffer_rate": widgets.FloatSlider(
            value=policy.buffer,
            min=0.0,
            max=0.3,
            step=0.01,
            description=say("explore.buffer_rate", lang),
        ),
    }


def _target(demand: np.ndarray, ratio: float, levers: dict[str, widgets.Widget]) -> float:
    use_profit = levers["rule"].value == "profit" and np.isfinite(ratio)
    level = ratio if use_profit else levers["service_level"].value
    wanted = float(newsvendor.optimal_units(demand[None, :], level)[0])
    return wanted + levers["buffer_rate"].value * demand.mean()


def _row(table: pd.DataFrame, key: tuple[str, str]) -> pd.Series:
    market, sku = key
    return table[(table["market"] == market) & (table["sku"] == sku)].iloc[0]


def _empty_histogram(lang: str) -> go.Figure:
    figure = go.Figure(layout=go.Layout(template=template(), height=380, bargap=0.02))
    figure.add_bar(name=say("explore.worlds", lang), marker_color=GREY)
    for term, colour in (("target_units", ACCENT), ("available_units", WARN)):
        figure.add_scatter(name=say(term, lang), mode="lines", line={"color": colour, "width": 3})
    figure.update_xaxes(title=say("demand_units", lang))
    return figure


def _paint(figure: go.FigureWidget, demand: np.ndarray, target: float, held: float) -> None:
    counts, edges = np.histogram(demand, bins=BINS)
    with figure.batch_update():
        figure.data[0].x, figure.data[0].y = (edges[:-1] + edges[1:]) / 2, counts
        for trace, place in zip(figure.data[1:], (target, held), strict=True):
            trace.x, trace.y = [place, place], [0, counts.max()]


def _sentence(demand: np.ndarray, target: float, held: float, lang: str) -> str:
    lasting = float(np.mean(demand <= max(target, held)))
    return say(
        "explore.sentence",
        lang,
        target=target,
        held=held,
        order=max(target - held, 0.0),
        lasting=lasting,
    )
