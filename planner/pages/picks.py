"""A list inside a figure from which a reader picks one series; works without a network."""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from planner.pages.kinds import tell_text
from planner.pages.marks import short_names
from planner.pages.theme import LIGHT, MAX_LABEL, PAPER, labels, letters

KEYS = ["shop", "market", "sku"]
PICK_PX = 70
"""Height of the list above a figure. [px]"""

Key = tuple[str, str, str]


def first_series(daily: pd.DataFrame, frame: pd.DataFrame, most: int) -> list[Key]:
    """Return shop, market and SKU of the series that bring most revenue, those of a table only.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    frame : DataFrame
        Has the columns shop, market and sku.
    most : int
    """
    known = frame[KEYS].drop_duplicates()
    sums = daily.groupby(KEYS, as_index=False)[["revenue_minor", "units"]].sum()
    ranked = known.merge(sums, on=KEYS, how="left").sort_values(
        ["revenue_minor", "units", "sku"], ascending=[False, False, True]
    )
    return list(ranked.head(most)[KEYS].itertuples(index=False, name=None))


def names_of(chosen: Sequence[Key]) -> list[str]:
    """Return what the list calls each series: its SKU, and its shop where there are several."""
    is_one = len({shop for shop, _, _ in chosen}) < 2
    room = MAX_LABEL - max((letters(sku) for _, _, sku in chosen), default=0) - 3
    short = {} if is_one else short_names([shop for shop, _, _ in chosen], room=room)
    texts = [sku if is_one else f"{sku} · {short[shop]}" for shop, _, sku in chosen]
    return labels([tell_text(text) for text in texts])


def add_picks(figure: go.Figure, names: Sequence[str], members: Sequence[Sequence[int]]) -> None:
    """Show the first series, and put a list on top from which the reader picks another.

    Parameters
    ----------
    figure : Figure
    names : sequence of str
        Inert texts, one per series.
    members : sequence of sequences of int
        Places of the traces that belong to each series.
    """
    count = len(figure.data)
    buttons = []
    for name, places in zip(names, members, strict=True):
        shown = [place in places for place in range(count)]
        buttons.append({"label": name, "method": "restyle", "args": [{"visible": shown}]})
    for place, trace in enumerate(figure.data):
        trace.visible = place in members[0]
    if len(buttons) < 2:
        return
    figure.update_layout(
        updatemenus=[
            {
                "buttons": buttons, "type": "dropdown", "x": 0, "y": 1, "xanchor": "left",
                "yanchor": "bottom", "pad": {"b": 40, "t": 0}, "bgcolor": PAPER,
                "bordercolor": LIGHT, "font": {"size": 12}, "showactive": True,
            }
        ],
        margin_t=40 + PICK_PX,
        height=figure.layout.height + PICK_PX,
    )  # fmt: skip
