"""Figures of the provider's overview: money by seller, space asked week by week."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from planner.frozen import Words
from planner.pages.kinds import tell_text
from planner.pages.telling import tell_number
from planner.pages.theme import (
    ACCENT,
    AMBER,
    MAX_DRAWN,
    PURPLE,
    SERIES,
    WARN,
    date_axis,
    days,
    empty_figure,
    labels,
    new_figure,
    note_below,
    numbers,
    rows_height,
)
from planner.tables import RISK_KINDS
from planner.words import say

RISK_COLOURS = {"price_lock": PURPLE, "gates": AMBER, "others": ACCENT}
WEEK_MS = 7 * 24 * 3600 * 1000
"""Width of a bar of one week. [ms]"""


TEXT_ROOM = 0.2
"""Share of the axis kept free for the figures at the ends of bars."""
PROFIT_COLOURS = {"actual_profit": ACCENT, "gap_profit": WARN}


def money_by_seller(
    risks: pd.DataFrame,
    profits: pd.DataFrame,
    weights: Mapping[str, float],
    names: Mapping[str, Words],
    lang: str,
    *,
    rates: pd.DataFrame,
) -> go.Figure:
    """Return the money by seller: at risk while one is under way, else what each earned and missed.

    Parameters
    ----------
    risks, profits : DataFrame
        Tables `SellerRisks` and `SellerProfits`.
    weights, names, lang, rates
        As `risk_by_seller` takes them.
    """
    if len(risks) or profits.empty:
        return risk_by_seller(risks, weights, names, lang, rates=rates)
    return profit_by_seller(profits, weights, names, lang, rates=rates)


def profit_by_seller(
    profits: pd.DataFrame,
    weights: Mapping[str, float],
    names: Mapping[str, Words],
    lang: str,
    *,
    rates: pd.DataFrame,
) -> go.Figure:
    """Return two bars per reviewed seller: what it earned, what it missed, in the shared currency.

    Parameters
    ----------
    profits : DataFrame
        Table `SellerProfits`, who missed most first.
    weights, names, lang, rates
        As `risk_by_seller` takes them.
    """
    currency = tell_text("" if rates.empty else rates["currency"].iloc[0])
    known = profits[profits["seller"].isin(list(weights)) & profits["actual_profit"].notna()]
    if known.empty:
        return empty_figure(lang, "empty.risk_by_seller")
    shown = known.head(MAX_DRAWN)
    figure = new_figure(rows_height(len(shown)) + 24 * len(shown), barmode="group")
    rows = labels([tell_text(names[seller].say(lang)) for seller in shown["seller"]])
    share = shown["seller"].map(dict(weights))
    for term, colour in PROFIT_COLOURS.items():
        worth = shown[term] * share
        told = [tell_number(value, "_profit", lang, decimals=0) for value in worth]
        figure.add_bar(
            y=rows, x=numbers(worth, 0), orientation="h", name=say(term, lang),
            marker_color=colour, text=told, textposition="outside", cliponaxis=False,
            hovertemplate=f"%{{y}}<br>{say(term, lang)} {currency} %{{x:,}}<extra></extra>",
        )  # fmt: skip
    ends = shown[list(PROFIT_COLOURS)].mul(share, axis=0).to_numpy()
    low, high = min(0.0, float(ends.min())), max(0.0, float(ends.max()))
    room = TEXT_ROOM * (high - low)
    span = [low - room if low < 0 else 0.0, high + room]
    figure.update_xaxes(title=say("chart.profit_in", lang, currency=currency), range=span)
    return _by_seller(figure, rows, len(known) - len(shown), lang)


def risk_by_seller(
    risks: pd.DataFrame,
    weights: Mapping[str, float],
    names: Mapping[str, Words],
    lang: str,
    *,
    rates: pd.DataFrame,
) -> go.Figure:
    """Return one bar per seller: money at risk by what it is about, in the shared currency.

    Parameters
    ----------
    risks : DataFrame
        Table `SellerRisks`, the most first.
    weights : Mapping
        By seller, units of the shared currency for one of its own; others are not drawn.
    names : Mapping
        By seller, its name.
    lang : {"zh", "en"}
    rates : DataFrame
        Table `SharedRates`, for the name of the shared currency.
    """
    currency = tell_text("" if rates.empty else rates["currency"].iloc[0])
    known = risks[risks["seller"].isin(list(weights)) & (risks["risk_cost"] > 0)]
    if known.empty:
        return empty_figure(lang, "empty.risk_by_seller")
    shown = known.head(MAX_DRAWN)
    figure = new_figure(rows_height(len(shown)), barmode="stack")
    rows = labels([tell_text(names[seller].say(lang)) for seller in shown["seller"]])
    share = shown["seller"].map(dict(weights))
    for kind in RISK_KINDS:
        worth, term = shown[f"{kind}_cost"] * share, f"{kind}_cost"
        if not (worth > 0).any():
            continue
        figure.add_bar(
            y=rows, x=numbers(worth, 0), orientation="h", name=say(term, lang),
            marker_color=RISK_COLOURS[kind],
            hovertemplate=f"%{{y}}<br>{say(term, lang)} {currency} %{{x:,}}<extra></extra>",
        )  # fmt: skip
    figure.update_xaxes(title=say("chart.at_risk_in", lang, currency=currency))
    return _by_seller(figure, rows, len(known) - len(shown), lang)


def _by_seller(figure: go.Figure, rows: list[str], left_out: int, lang: str) -> go.Figure:
    """Return the figure with its sellers from the top, and how many are not drawn."""
    figure.update_yaxes(categoryorder="array", categoryarray=rows, autorange="reversed")
    if left_out:
        note_below(figure, say("chart.left_out", lang, count=left_out))
    return figure


def space_by_week(asked: pd.DataFrame, lang: str) -> go.Figure:
    """Return the space that all sellers ask of each lane in the week goods must leave.

    Parameters
    ----------
    asked : DataFrame
        Table `CapacityAsked`; a lane of unknown volume is left out and counted below.
    lang : {"zh", "en"}
    """
    lanes = asked[asked["place_kind"] == "lane"]
    known = lanes[lanes["volume_cbm"] > 0]
    if known.empty:
        return empty_figure(lang, "empty.space_by_week")
    figure = new_figure(360, barmode="stack")
    for place, ((market, mode), part) in enumerate(known.groupby(["market", "place"])):
        name = lane_name(str(market), str(mode), lang)
        told = [tell_number(value, "volume_cbm", lang) for value in part["volume_cbm"]]
        figure.add_bar(
            x=days(part["week_on"]), y=numbers(part["volume_cbm"], 3), name=name,
            marker_color=SERIES[place % len(SERIES)], customdata=told, width=0.8 * WEEK_MS,
            hovertemplate=f"%{{x}}<br>{name} %{{customdata}}<extra></extra>",
        )  # fmt: skip
    figure.update_yaxes(title=f"{say('volume_cbm', lang)} ({say('unit.cbm', lang)})")
    date_axis(figure)
    weeks = sorted(set(days(known["week_on"])))
    figure.update_xaxes(tickvals=weeks, title=say("chart.week_of", lang))
    unmeasured = int(lanes["unmeasured_units"].sum())
    if unmeasured:
        note_below(figure, say("chart.unmeasured", lang, units=f"{unmeasured:,}"))
    return figure


def lane_name(market: str, mode: str, lang: str) -> str:
    """Return how a lane is called: its market and its mode."""
    return f"{say(f'market.{market}', lang)} · {say(f'mode.{mode}', lang)}"
