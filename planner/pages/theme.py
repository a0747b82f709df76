"""The look of every figure, and the folder of page templates: colours, fonts, heights.

Nothing here knows a table. Colours are those of Okabe and Ito (2008), darkened
where text must stand on white, so that readers who mix up red and green can
still tell the series apart; shape or position always says the same as colour.
"""

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd
import plotly.graph_objects as go
from markupsafe import Markup

from planner.words import say

INK = "#1a2430"
MUTED = "#5a6675"
GREY = "#8d98a5"
LIGHT = "#d5dce4"
FAINT = "#eef1f5"
ACCENT = "#0f5c9c"
ACCENT_SOFT = "#86b4dc"
WARN = "#d1500a"
AMBER = "#d99a00"
GOOD = "#00866a"
PURPLE = "#8c62a8"
PAPER = "#ffffff"
SERIES = (ACCENT, WARN, GOOD, PURPLE, AMBER, "#56b4e9", GREY, INK)
GRADE_SYMBOLS = {"A": "circle", "B": "diamond", "C": "square", "D": "line-ns"}

FONT = '"Noto Sans","Microsoft YaHei","PingFang SC","Noto Sans CJK SC",sans-serif'
DATE_FORMAT = "%Y-%m-%d"
MAX_DRAWN = 30
"""Rows one figure shows; a reader compares no more, and a phone scrolls no further."""
MAX_LABEL = 26
"""Width of a line of a label beside an axis; a Chinese character is as wide as two. [letters]"""
SHORT_TEXT = 24
"""A longer text in a cell may break. [letters]"""
ROW_PX = 26
FRAME_PX = 96

THEME_FOLDER = Path(__file__).resolve().parents[2] / "reports" / "theme"
KEPT_WHOLE = re.compile(r"\d{4}-\d{2}-\d{2}|[\d,.]+\u2013[\d,.]+")
EDITION_YEAR = re.compile(r"^\d{4}-")
"""The year before the name of an event of the calendar; a figure's axis tells it already."""
UNSAFE_CHARACTERS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


@cache
def template() -> go.layout.Template:
    """Return the one plotly template: fonts, grid, colours, ISO dates, no dragging."""
    axis = {
        "gridcolor": FAINT,
        "linecolor": LIGHT,
        "zerolinecolor": LIGHT,
        "tickfont": {"color": MUTED, "size": 12},
        "title": {"font": {"color": MUTED, "size": 12}, "standoff": 10},
        "automargin": True,
        "fixedrange": True,
        "tickformat": ",",
        "ticklabelstandoff": 6,
    }
    layout = go.Layout(
        font={"family": FONT, "size": 13, "color": INK},
        colorway=list(SERIES),
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        margin={"l": 12, "r": 16, "t": 40, "b": 40},
        hoverlabel={"font": {"family": FONT, "size": 12}, "align": "left"},
        legend={
            "orientation": "h",
            "x": 0,
            "y": 1,
            "yanchor": "bottom",
            "font": {"size": 12},
            "traceorder": "normal",
        },
        xaxis=axis,
        yaxis=axis,
        separators=".,",
        dragmode=False,
        bargap=0.35,
        uniformtext={"minsize": 9, "mode": "show"},
    )
    return go.layout.Template(layout=layout)


def new_figure(height: int, **layout: object) -> go.Figure:
    """Return an empty figure in the shared look.

    Parameters
    ----------
    height : int
        [px]
    **layout : object
        Further keys of the layout.

    Returns
    -------
    Figure
    """
    figure = go.Figure(layout={"height": height, **layout})
    figure.layout.template = template()
    return figure


def empty_figure(lang: str, term: str = "empty.figure") -> go.Figure:
    """Return a figure that says in words that there is nothing to draw."""
    figure = new_figure(120, xaxis={"visible": False}, yaxis={"visible": False})
    figure.add_annotation(
        text=say(term, lang), x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False,
        font={"size": 14, "color": MUTED},
    )  # fmt: skip
    return figure


def note_below(figure: go.Figure, text: str, *, depth: int = 54) -> None:
    """Write one muted line under the axis, for instance what was left out.

    Parameters
    ----------
    figure : Figure
        Grows by the height of the line.
    text : str
    depth : int
        What stands between the axis and the line: its labels and title. [px]
    """
    figure.add_annotation(
        text=text, x=0, y=0, xref="paper", yref="paper", xanchor="left", yanchor="top",
        yshift=-depth, showarrow=False, align="left", font={"size": 12, "color": MUTED},
    )  # fmt: skip
    figure.update_layout(margin_b=depth + 24, height=figure.layout.height + depth - 16)


def rows_height(rows: int) -> int:
    """Return the height that so many labelled rows need. [px].

    Examples
    --------
    >>> rows_height(10)
    356
    """
    return FRAME_PX + ROW_PX * max(rows, 2)


def date_axis(figure: go.Figure) -> None:
    """Write the days of the horizontal axis as year-month-day, never as month names."""
    figure.update_xaxes(type="date", tickformat=DATE_FORMAT, hoverformat=DATE_FORMAT, nticks=7)


def labels(texts: Sequence[object], *, lines: int = 1) -> list[str]:
    """Return texts fit to stand beside an axis: inert, short, each one different.

    Examples
    --------
    >>> labels(["<b>A-1</b>", "A-1"])
    ['&lt;b&gt;A-1&lt;/b&gt;', 'A-1']
    """
    seen: dict[str, int] = {}
    told = []
    for text in map(str, texts):
        shown = lines_of(text, lines)
        seen[shown] = seen.get(shown, 0) + 1
        told.append(shown if seen[shown] == 1 else f"{shown} ({seen[shown]})")
    return told


def lines_of(text: str, lines: int) -> str:
    """Return a text in at most so many lines of `MAX_LABEL`, inert, dots in place of its middle.

    Examples
    --------
    >>> lines_of("Quantity is not a whole number from 1 to 100000", 2)
    'Quantity is not a whole<br>number from 1 to 100000'
    >>> lines_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ-RED", 1)
    'ABCDEFGHIJKLM…RSTUVWXYZ-RED'
    """
    parts: list[str] = []
    while text and len(parts) < lines - 1 and letters(text) > MAX_LABEL:
        end = _fitting(text)
        joints = [place + 1 for place, sign in enumerate(text[:end]) if sign in " -_"]
        end = joints[-1] if joints and joints[-1] > end // 2 else end
        parts, text = [*parts, text[:end].rstrip()], text[end:].lstrip()
    if letters(text) > MAX_LABEL:
        text = _shortened(text)
    return "<br>".join(inert(part) for part in [*parts, text] if part)


def letters(text: str) -> int:
    """Return the width of a text, a Chinese character counting as two. [letters]."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def inert(text: object) -> str:
    """Return a text that plotly draws as it stands: no markup, no link, no control character.

    Examples
    --------
    >>> inert("<a href='x'>A&B</a>")
    "&lt;a href='x'&gt;A&amp;B&lt;/a&gt;"
    """
    return html.escape(UNSAFE_CHARACTERS.sub("\ufffd", str(text)), quote=False)


def numbers(values: pd.Series, digits: int = 2) -> list[float | None]:
    """Return plain rounded numbers, unknown ones as None, so that a page holds no binary."""
    return [None if pd.isna(value) else round(float(value), digits) for value in values]


def days(values: pd.Series) -> list[str]:
    """Return dates as text, the form in which plotly reads them without a time zone."""
    return [str(day) for day in pd.to_datetime(values).dt.strftime(DATE_FORMAT)]


def _shortened(text: str) -> str:
    """Return a text that fits on a line: names often differ at their end, so both ends stay."""
    room = (MAX_LABEL - 1) // (2 if letters(text) > len(text) else 1)
    return f"{text[: room // 2 + 1]}…{text[-(room - room // 2) :]}"


def _fitting(text: str) -> int:
    """Return how many characters of a text fit on one line."""
    widths = list(accumulate(letters(letter) for letter in text))
    return sum(width <= MAX_LABEL for width in widths)


@cache
def environment() -> jinja2.Environment:
    """Return the template engine: everything escaped, an unknown name an error."""
    engine = jinja2.Environment(
        loader=jinja2.FileSystemLoader(THEME_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    engine.filters["unbroken"] = unbroken
    engine.filters["letters"] = letters
    engine.filters["cell_class"] = cell_class
    return engine


def cell_class(
    value: Mapping[str, Any], column: Mapping[str, Any], is_first: bool, is_card: bool
) -> Markup:
    """Return the classes of a table's cell; worked out here, as a page has a hundred thousand.

    Parameters
    ----------
    value, column : Mapping
        As `cells.column_cells` and `cells.column_head` return them.
    is_first, is_card : bool
        Whether the cell names its row, and whether the row becomes a card on a phone.
    """
    found = ["right" if column["align"] == "right" else "left"]
    if column["wide"]:
        found.append("wide")
    if value["tone"] in ("unknown", "range"):
        found.append(f"is-{value['tone']}")
    if column["key"]:
        found.append("is-key")
    if value["tone"] == "none":
        found.append("is-none")
    if len(value["text"]) <= SHORT_TEXT and (is_first or not column["wide"]):
        found.append("is-short")
    elif is_first:
        found.append("is-long")
    elif letters(value["text"]) > SHORT_TEXT:
        found.append("is-text")
    if is_card and column["brief"]:
        found.append("is-brief")
    return Markup(" ".join(found))


def unbroken(text: str) -> Markup:
    """Return a sentence in HTML whose dates and ranges never break at the end of a line.

    Examples
    --------
    >>> str(unbroken("<b> by 2025-09-20"))
    '&lt;b&gt; by <span class="keep">2025-09-20</span>'
    """
    return Markup(KEPT_WHOLE.sub(r'<span class="keep">\g<0></span>', html.escape(text)))


@cache
def shipped(name: str) -> str:
    """Return the text of a style sheet or script that the project ships."""
    return (THEME_FOLDER / name).read_text(encoding="utf-8")
