"""Figures of notebook 03 on money: a unit's profit at the locked price, the worth of facts."""

import pandas as pd
import plotly.graph_objects as go

from planner.pages.kinds import tell_text
from planner.pages.marks import add_marks, add_ranges, ranked, row_figure
from planner.pages.reasons import tell_reason
from planner.pages.telling import tell, tell_number
from planner.pages.theme import (
    ACCENT,
    AMBER,
    GOOD,
    GREY,
    WARN,
    empty_figure,
    inert,
    new_figure,
    numbers,
)
from planner.words import say

ADVICE_COLOURS = {"register": GOOD, "cap": ACCENT, "raise_price": AMBER, "refuse": WARN}
SHOWN_LOCKS = 12
"""Prices nearest to a loss; the others stand in the table."""
SHOWN_FACTS = 5
"""A tired manager fetches five facts."""
FACT_PX = 44
"""Room for the two lines of a fact's name."""
TEXT_ROOM = 1.3
"""The axis runs on by this much so that a text behind the longest bar is not cut off."""
AXIS_ROOM = 0.04
"""Share of the axis kept free beyond the outermost marks."""
FLOOR_SHARE = -30.0
"""A price that loses more is marked at this edge, or it would squeeze all others. [%]"""


def price_locks(locks: pd.DataFrame, lang: str) -> go.Figure:
    """Return each SKU's profit by unit at the locked price: mean, and the range of 90 %.

    Parameters
    ----------
    locks : DataFrame
        Table `PriceLocks`; a SKU whose profit is unknown is not drawn but counted.
    lang : {"zh", "en"}

    Returns
    -------
    Figure
        Colours by advice: refused and dearer prices stand out, and so does the line of no profit.
        A loss beyond `FLOOR_SHARE` stands at the edge with its figure.
    """
    known = locks[locks["mean_unit_profit"].notna()]
    if known.empty:
        return empty_figure(lang)
    part = 100 / known["price"]
    rows = known.assign(
        share=known["mean_unit_profit"] * part,
        low_share=known["low_unit_profit"] * part,
        high_share=known["high_unit_profit"] * part,
    )
    shown = ranked(rows, "share", ascending=True).head(SHOWN_LOCKS)
    figure = row_figure(shown, len(locks) - len(shown), lang)
    is_off = shown["share"] < FLOOR_SHARE
    inside = shown[~is_off].assign(low_share=shown["low_share"].clip(lower=FLOOR_SHARE))
    add_ranges(figure, inside, ("low_share", "high_share"), name=say("chart.lock_range", lang))
    _add_off_scale(figure, shown[is_off], lang)
    for advice in dict.fromkeys(inside["advice"]):
        add_marks(
            figure,
            inside[inside["advice"] == advice],
            "share",
            name=say(f"advice.{advice}", lang),
            symbol="circle",
            colour=ADVICE_COLOURS.get(advice, GREY),
            digits=1,
        )
    figure.add_vline(x=0, line_color=WARN, line_width=1)
    ends = [min(inside["low_share"].min(), 0.0), max(inside["high_share"].max(), 0.0)]
    low = FLOOR_SHARE if is_off.any() else ends[0]
    room = AXIS_ROOM * (ends[1] - low)
    span = [low - room, ends[1] + room]
    figure.update_xaxes(title=say("chart.lock_axis", lang), ticksuffix="%", range=span)
    return figure


def worth_of_facts(facts: pd.DataFrame, lang: str) -> go.Figure:
    """Return the dearest missing facts, what knowing each would add to expected profit.

    Parameters
    ----------
    facts : DataFrame
        Table `MissingFacts`.
    lang : {"zh", "en"}
    """
    priced = facts[facts["worth_profit"] > 0].head(SHOWN_FACTS)
    if priced.empty:
        return empty_figure(lang)
    places = [tell(market, "market", lang) for market in priced["market"]]
    who = priced["sku"].where(priced["sku"] != "", places)
    names = [
        f"{inert(tell(fact, 'fact', lang))}<br>{inert(tell_text(place))}"
        for fact, place in zip(priced["fact"], who, strict=True)
    ]
    shown = priced.assign(label=names)
    figure = new_figure(FACT_PX * len(names) + 90, bargap=0.5)
    currency = str(priced["currency"].iloc[0])
    figure.add_bar(
        y=names,
        x=numbers(shown["worth_profit"], 2),
        orientation="h",
        marker_color=ACCENT,
        textposition="outside",
        text=[tell_number(value, "worth_profit", lang) for value in shown["worth_profit"]],
        customdata=[tell_reason(text, lang) for text in shown["spread"]],
        hovertemplate="%{y}<br>%{text}<br>%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    figure.update_yaxes(autorange="reversed", type="category")
    longest = float(shown["worth_profit"].max())
    title = f"{say('worth_profit', lang)} ({inert(currency)})"
    figure.update_xaxes(title=title, range=[0, TEXT_ROOM * longest], nticks=6)
    return figure


def _add_off_scale(figure: go.Figure, off: pd.DataFrame, lang: str) -> None:
    if off.empty:
        return
    shares = [f"{share:.0f}%".replace("-", "\u2212") for share in off["share"]]
    figure.add_scatter(
        x=[FLOOR_SHARE] * len(off), y=off["label"].to_list(), mode="markers+text",
        marker={"symbol": "triangle-left", "size": 11, "color": WARN}, showlegend=False,
        text=[f"  {say('chart.lock_off', lang, share=share)}" for share in shares],
        textposition="middle right", textfont={"size": 11, "color": WARN}, cliponaxis=False,
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )  # fmt: skip
