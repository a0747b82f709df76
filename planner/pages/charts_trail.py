"""Figures of notebook 01 on the way from units imported to the ordinary line.

A figure with many SKUs holds them all and shows one; the reader picks another from a
list inside the page, which works without a network. Only the first SKUs by revenue are held.
"""

import pandas as pd
import plotly.graph_objects as go

from planner.intake.trail import trail_summary
from planner.pages.kinds import tell_text
from planner.pages.marks import band_traces
from planner.pages.picks import KEYS, add_picks, first_series, names_of
from planner.pages.telling import tell_number
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    GREY,
    MAX_DRAWN,
    PURPLE,
    WARN,
    date_axis,
    days,
    empty_figure,
    inert,
    labels,
    new_figure,
    note_below,
    numbers,
    rows_height,
)
from planner.tables.intake import TRAIL_STEPS
from planner.words import say

DAY_MS = 86_400_000  # length of a day as plotly counts it
LEAST_RATE = 0.1
"""Chance of a stock-out below which a day bears no mark. [unitless]"""
LEAST_OPACITY = 0.25
SPIKES_NAMED = 8
"""Spikes of one SKU that bear their day as a name; the others tell it under the pointer."""


def trail_steps(trail: pd.DataFrame, lang: str) -> go.Figure:
    """Return a ladder from units imported to the final line, one bar per correction, all nine.

    Parameters
    ----------
    trail : DataFrame
        Table `DemandTrail`.
    lang : {"zh", "en"}
    """
    if trail.empty:
        return empty_figure(lang)
    sums = trail_summary(trail).set_index("step")["units"]
    names = tuple(sums.index)
    told = labels([say(f"chart.trail.{name}", lang) for name in names])
    figure = new_figure(rows_height(len(names)))
    level, bases, sizes, colours, texts = 0.0, [], [], [], []
    for name in names:
        amount = float(sums[name])
        is_step = name in TRAIL_STEPS
        bases.append(level + min(amount, 0.0) if is_step else 0.0)
        sizes.append(abs(amount))
        colours.append((WARN if amount < 0 else ACCENT_SOFT) if is_step else ACCENT)
        told_units = tell_number(round(amount), "_units", lang)
        texts.append(("+" if is_step and amount >= 0.5 else "") + told_units)
        level = level + amount if is_step else amount
    figure.add_bar(
        y=told, x=[round(size, 1) for size in sizes], base=[round(base, 1) for base in bases],
        orientation="h", marker_color=colours, text=texts, textposition="outside",
        cliponaxis=False, showlegend=False, constraintext="none",
        hovertemplate="%{y}<br>%{text}<extra></extra>",
    )  # fmt: skip
    figure.update_yaxes(
        categoryorder="array", categoryarray=told, range=[len(told) - 0.4, -0.6], type="category"
    )
    longest = max(base + size for base, size in zip(bases, sizes, strict=True))
    figure.update_xaxes(title=say("unit.units", lang), range=[0, 1.15 * max(longest, 1.0)])
    return figure


def trail_by_sku(
    trail: pd.DataFrame, daily: pd.DataFrame, lang: str, *, most: int = MAX_DRAWN
) -> go.Figure:
    """Return the imported and the final line of one SKU at a time, with what lies between.

    Parameters
    ----------
    trail, daily : DataFrame
        Tables `DemandTrail` and `DailySales`; revenue of the latter ranks the SKUs.
    lang : {"zh", "en"}
    most : int
        SKUs that can be picked.

    Returns
    -------
    Figure
        Bands are promotions, hollow marks days that likely lacked stock, the fuller the likelier,
        diamonds spikes without a cause.
    """
    if trail.empty:
        return empty_figure(lang)
    chosen = first_series(daily, trail, most)
    groups = dict(iter(trail.groupby(KEYS, sort=False)))
    phases = daily[daily["phase"] != ""]
    figure, members, names = new_figure(480), [], []
    for shop, part in trail.groupby("shop", sort=False):
        whole = part.groupby(["market", "day"], as_index=False)[
            ["imported_units", "final_units"]
        ].sum()
        whole = whole.assign(stock_out_rate=0.0, is_spike=False)
        is_one = len(trail["shop"].unique()) == 1
        words = say("chart.all_skus", lang)
        names.append(words if is_one else f"{words} · {inert(tell_text(shop))}")
        members.append(_drawn(figure, whole, phases[phases["shop"] == shop], lang))
    for key, label in zip(chosen, names_of(chosen), strict=True):
        is_own = (phases["shop"] == key[0]) & (phases["sku"] == key[2])
        names.append(label)
        members.append(_drawn(figure, groups[key], phases[is_own], lang))
    add_picks(figure, names, members)
    figure.update_layout(
        yaxis2={"overlaying": "y", "range": [0, 1], "visible": False, "fixedrange": True}
    )
    figure.update_yaxes(title=say("chart.units_a_day", lang), rangemode="tozero", selector=0)
    date_axis(figure)
    left_out = len(groups) - len(chosen)
    if left_out > 0:
        note_below(figure, say("chart.left_out", lang, count=left_out))
    return figure


def _drawn(
    figure: go.Figure, series: pd.DataFrame, promo_days: pd.DataFrame, lang: str
) -> list[int]:
    """Draw one series and return the places of its traces."""
    first = len(figure.data)
    rows = series.sort_values("day")
    figure.add_traces(band_traces(promo_days, lang))
    start = days(rows["day"].head(1))[0]
    # A day without a row is unknown: a gap in the line, not a line that runs ahead of its days.
    every = pd.date_range(rows["day"].iloc[0], rows["day"].iloc[-1])
    drawn = rows.set_index("day").reindex(every)
    for column, colour, width in (("imported_units", GREY, 1.2), ("final_units", ACCENT, 2.2)):
        figure.add_scatter(
            x0=start, dx=DAY_MS, y=numbers(drawn[column], 1), mode="lines",
            name=say(f"chart.trail.{column}", lang), line={"color": colour, "width": width},
            hovertemplate="%{x}<br>%{y:,.1f}<extra></extra>",
        )  # fmt: skip
    _mark_stock_outs(figure, rows[rows["stock_out_rate"] >= LEAST_RATE], lang)
    _mark_spikes(figure, rows[rows["is_spike"]], lang)
    return list(range(first, len(figure.data)))


def _mark_stock_outs(figure: go.Figure, out: pd.DataFrame, lang: str) -> None:
    if out.empty:
        return
    opacity = out["stock_out_rate"].clip(lower=LEAST_OPACITY)
    figure.add_scatter(
        x=days(out["day"]), y=numbers(out["imported_units"], 1), mode="markers",
        name=say("is_stock_out", lang), customdata=numbers(out["stock_out_rate"]),
        marker={"symbol": "circle", "size": 7, "color": WARN, "opacity": numbers(opacity)},
        hovertemplate=f"%{{x}}<br>{say('stock_out_rate', lang)} %{{customdata:.0%}}<extra></extra>",
    )  # fmt: skip


def _mark_spikes(figure: go.Figure, spikes: pd.DataFrame, lang: str) -> None:
    if spikes.empty:
        return
    told = days(spikes["day"])
    largest = set(spikes["imported_units"].nlargest(SPIKES_NAMED).index)
    figure.add_scatter(
        x=told, y=numbers(spikes["imported_units"], 1), mode="markers+text",
        name=say("is_spike", lang), textposition="top center", cliponaxis=False,
        text=[
            day[5:] if place in largest else ""
            for day, place in zip(told, spikes.index, strict=True)
        ],
        textfont={"size": 11}, marker={"symbol": "diamond-open", "size": 9, "color": PURPLE},
        hovertemplate=f"%{{x}}<br>{say('is_spike', lang)} %{{y:,}}<extra></extra>",
    )  # fmt: skip
