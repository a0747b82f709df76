"""Pieces that several figures share: ranges, marks, promotion bands, the list of rows."""

import re
from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from planner.pages.kinds import tell_text
from planner.pages.theme import (
    ACCENT,
    ACCENT_SOFT,
    EDITION_YEAR,
    MAX_DRAWN,
    MAX_LABEL,
    days,
    inert,
    labels,
    letters,
    new_figure,
    note_below,
    numbers,
    rows_height,
)
from planner.words import is_known, say

BAND_OPACITY = {"warm_up": 0.10, "sale": 0.24, "tail": 0.10}
BAND_FILL = "rgba(134,180,220,0.24)"  # ACCENT_SOFT, see-through
AXIS_ROOM = 1.05
NAME_PX = 13
"""Names of neighbouring bands stand at two heights, or they would cover each other. [px]"""
EDITION_DAY = re.compile(r"^\d{2}-\d{2}-")
"""The day before the name of an event that comes several times a year."""
NEW_RUN_DAYS = 14
"""A gap longer than this parts two editions of one event. [days]"""


def ranked(
    frame: pd.DataFrame, by: str, *, ascending: bool = False, most: int = MAX_DRAWN
) -> pd.DataFrame:
    """Return the rows a figure draws: sorted, no more than it can hold, with a `label` each.

    Parameters
    ----------
    frame : DataFrame
        With `sku`, and `shop` or `market`.
    by : str
        Column to sort by; unknown values come last.
    ascending : bool
    most : int
        Rows drawn.
    """
    shown = frame.sort_values(by, ascending=ascending, kind="stable").head(most)
    return shown.assign(label=labels(series_names(frame).loc[shown.index]))


def row_figure(shown: pd.DataFrame, left_out: int, lang: str, **layout: object) -> go.Figure:
    """Return a figure with one labelled row per row of a table, the first on top.

    Parameters
    ----------
    shown : DataFrame
        As `ranked` returns it.
    left_out : int
        Rows not drawn; the figure says how many.
    lang : {"zh", "en"}
    **layout : object
        Further keys of the layout.
    """
    figure = new_figure(rows_height(len(shown)), **layout)
    names = shown["label"].to_list()
    figure.update_yaxes(
        categoryorder="array", categoryarray=names, range=[len(names) - 0.4, -0.6], type="category"
    )
    if left_out > 0:
        note_below(figure, say("chart.left_out", lang, count=left_out))
    return figure


def add_ranges(
    figure: go.Figure,
    shown: pd.DataFrame,
    ends: tuple[str, str],
    *,
    name: str,
    colour: str = ACCENT_SOFT,
    width: int = 3,
) -> None:
    """Draw one horizontal line per row from the low to the high column.

    Parameters
    ----------
    figure : Figure
    shown : DataFrame
        As `ranked` returns it.
    ends : tuple of str
        Columns of the low and the high end.
    name : str
        What the legend says.
    colour : str
    width : int
        [px]
    """
    x: list[float | None] = []
    y: list[str | None] = []
    low, high = (numbers(shown[end]) for end in ends)
    for label, start, end in zip(shown["label"], low, high, strict=True):
        x += [start, end, None]
        y += [label, label, None]
    line = {"color": colour, "width": width}
    figure.add_scatter(x=x, y=y, mode="lines", name=name, line=line, hoverinfo="skip")


def add_marks(
    figure: go.Figure,
    shown: pd.DataFrame,
    column: str,
    *,
    name: str,
    symbol: str,
    colour: str,
    size: int = 9,
    digits: int = 0,
    fill: str | None = None,
) -> None:
    """Draw one mark per row at the value of a column.

    Parameters
    ----------
    figure : Figure
    shown : DataFrame
        As `ranked` returns it.
    column : str
    name : str
        What the legend and the hover say.
    symbol, colour : str
    size : int
        [px]
    digits : int
        Decimals of the value told.
    fill : str, optional
        Colour inside the mark; without it that of the mark.
    """
    figure.add_scatter(
        x=numbers(shown[column], digits), y=shown["label"].to_list(), mode="markers", name=name,
        marker={
            "symbol": symbol, "size": size, "color": fill or colour,
            "line": {"width": 2, "color": colour},
        },
        hovertemplate=f"%{{y}}<br>{name} %{{x:,.{digits}f}}<extra></extra>",
    )  # fmt: skip


def end_axis(figure: go.Figure, shown: pd.DataFrame, columns: Sequence[str]) -> None:
    """Let the horizontal axis run from zero to a little beyond the largest value drawn.

    Parameters
    ----------
    figure : Figure
    shown : DataFrame
    columns : sequence of str
        Columns that are drawn.
    """
    largest = shown[list(columns)].max().max()
    figure.update_xaxes(range=[0, AXIS_ROOM * (largest if largest > 0 else 1.0)])


def event_name(event: object, lang: str) -> str:
    """Return what an event is called; one that the glossary does not hold by its own code.

    Notes
    -----
    Without its year, which the axis tells.

    Examples
    --------
    >>> event_name("2023-black-friday", "en"), event_name("2024-11.11", "en")
    ('Black Friday', '11.11')
    """
    code = EDITION_YEAR.sub("", str(event))
    term = f"event.{EDITION_DAY.sub('', code)}"
    return say(term, lang) if is_known(term) else tell_text(code)


def add_promo_bands(figure: go.Figure, promo_days: pd.DataFrame, lang: str) -> None:
    """Shade past promotion days, each edition of an event named once above its days.

    Parameters
    ----------
    figure : Figure
        Its horizontal axis holds days.
    promo_days : DataFrame
        Rows with `event`, `phase` and `day`.
    lang : {"zh", "en"}
    """
    one_day = pd.Timedelta(days=1)
    editions = [
        (str(event), run)
        for event, lines in promo_days.groupby("event")
        for run in _editions(lines)
    ]
    editions.sort(key=lambda edition: edition[1]["day"].min())
    for place, (event, run) in enumerate(editions):
        for phase, span in run.groupby("phase"):
            start, end = days(pd.Series([span["day"].min(), span["day"].max() + one_day]))
            figure.add_vrect(
                x0=start, x1=end, fillcolor=ACCENT_SOFT, line_width=0, layer="below",
                opacity=BAND_OPACITY.get(str(phase), 0.1),
            )  # fmt: skip
        middle = run["day"].min() + (run["day"].max() - run["day"].min()) / 2
        figure.add_annotation(
            x=days(pd.Series([middle]))[0], y=1, yref="paper", yanchor="bottom",
            yshift=NAME_PX * (place % 2), text=inert(event_name(event, lang)), showarrow=False,
            font={"size": 11, "color": ACCENT},
        )  # fmt: skip
    figure.update_layout(legend={"y": 1.12}, margin_t=84)


def band_traces(promo_days: pd.DataFrame, lang: str) -> list[go.Scatter]:
    """Return past promotions as bands that can be shown and hidden as lines are.

    Parameters
    ----------
    promo_days : DataFrame
        Rows with `event`, `phase` and `day`.
    lang : {"zh", "en"}

    Returns
    -------
    list of Scatter
        The bands and the names above them, on a second axis from 0 to 1; none without promotions.
    """
    one_day = pd.Timedelta(days=1)
    x: list[str | None] = []
    y: list[float | None] = []
    middles, names = [], []
    for event, lines in promo_days.groupby("event"):
        for run in _editions(lines):
            first, last = run["day"].min(), run["day"].max() + one_day
            start, end, middle = days(pd.Series([first, last, first + (last - first) / 2]))
            x += [start, start, end, end, None]
            y += [0, 1, 1, 0, None]
            middles.append(middle)
            names.append(inert(event_name(event, lang)))
    if not names:
        return []
    order = sorted(range(len(names)), key=lambda place: middles[place])
    heights = {place: 0.99 - 0.05 * (rank % 2) for rank, place in enumerate(order)}
    return [
        go.Scatter(
            x=x, y=y, yaxis="y2", fill="toself", mode="lines", line={"width": 0},
            fillcolor=BAND_FILL, name=say("chart.promotion", lang), hoverinfo="skip",
        ),
        go.Scatter(
            x=middles, y=[heights[place] for place in range(len(names))], yaxis="y2", mode="text",
            text=names, textfont={"size": 11, "color": ACCENT}, textposition="bottom center",
            showlegend=False, hoverinfo="skip",
        ),
    ]  # fmt: skip


def series_names(frame: pd.DataFrame) -> pd.Series:
    """Return what to call each row: its SKU, and its shop or market where there are several."""
    skus = frame["sku"].map(tell_text)
    place = "shop" if "shop" in frame else "market"
    if frame[place].nunique() < 2:
        return skus
    short = short_names(frame[place].unique(), room=MAX_LABEL - skus.map(letters).max() - 3)
    return skus + " · " + frame[place].map(short).map(tell_text)


def short_names(names: Sequence[str], *, room: int) -> dict[str, str]:
    """Return what to call each of several shops: without what all begin with, if that is long.

    Examples
    --------
    >>> short_names(["qiaojiang-tiktok", "qiaojiang-shopee"], room=12)
    {'qiaojiang-tiktok': 'tiktok', 'qiaojiang-shopee': 'shopee'}
    >>> short_names(["a-one", "a-two"], room=12)
    {'a-one': 'a-one', 'a-two': 'a-two'}
    """
    first, last = min(names), max(names)
    alike = [one == other for one, other in zip(first, last, strict=False)]
    stem = first[: [*alike, False].index(False)]
    cut = 1 + max(stem.rfind(sign) for sign in "-_ ")
    if max(map(letters, names)) <= room or any(len(name) == cut for name in names):
        return {name: name for name in names}
    return {name: name[cut:] for name in names}


def _editions(lines: pd.DataFrame) -> list[pd.DataFrame]:
    ordered = lines.sort_values("day", kind="stable")
    edition = (ordered["day"].diff() > pd.Timedelta(days=NEW_RUN_DAYS)).cumsum()
    return [part for _, part in ordered.groupby(edition)]
