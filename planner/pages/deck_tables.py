"""How a table of a page is cut to a slide: the columns and rows that a meeting room can read.

Block in, block out; nothing is drawn. What is left out is counted below and stands on the page.
"""

from collections.abc import Mapping
from typing import Any

from planner.pages.big_numbers import listed
from planner.pages.telling import heading
from planner.pages.theme import letters
from planner.words import is_known, say

ROOM_LETTERS = 108
"""Width of a table on a slide; a Chinese character is as wide as two letters. [letters]"""
TABLE_ROWS = 11
"""Rows of a table on a slide; of two tables or figures on one slide, half. [rows]"""
CELL_LETTERS = 20
"""A cell longer than this is broken into lines. [letters]"""
MIN_COLUMNS = 3
LESSER = (
    "forecast_bias", "turnover", "service_rate", "stock_out_days", "dead_stock_rate", "coverage",
)  # fmt: skip
"""Figures that a meeting can do without, the first to go first, where not all find room."""
GAP_LETTERS = 3


def fitted_table(block: Mapping[str, Any], lang: str, *, rows: int = TABLE_ROWS) -> dict[str, Any]:
    """Return a table block cut to the rows and columns that a slide holds.

    Parameters
    ----------
    block : Mapping
        A block of kind `table`.
    lang : {"zh", "en"}
    rows : int

    Returns
    -------
    dict
        Without legend or folding; columns that do not fit are left out from the right, and what
        is left out is said below.
    """
    kept = _fitting_columns(block)
    shown = [[row[place] for place in kept] for row in _fitting_rows(block, rows, lang)]
    hidden, narrow = len(block["rows"]) - len(shown), len(block["columns"]) - len(kept)
    parts = {"slides.more_rows": hidden, "slides.more_columns": narrow}
    told = [say(term, lang, count=count) for term, count in parts.items() if count > 0]
    return {
        **block,
        "columns": [{**block["columns"][place], "meaning": ""} for place in kept],
        "rows": shown,
        "show_all": "",
        "folded": "",
        "scroll": "",
        "cards": False,
        "more": say("slides.left_out", lang, what=listed(told, lang)) if told else "",
    }


def _fitting_rows(block: Mapping[str, Any], most: int, lang: str) -> list[list[Any]]:
    """Return the rows that fit; of figures those go first that a meeting can do without."""
    rows = [list(row) for row in block["rows"]]
    names = [column.get("name", "") for column in block["columns"]]
    if "measure" not in names:
        return rows[:most]
    told = names.index("measure")
    for name in LESSER:
        term = f"measure.{name}" if is_known(f"measure.{name}") else name
        label = heading(term, lang).label
        places = [place for place, row in enumerate(rows) if row[told]["text"].startswith(label)]
        if len(rows) > most and places:
            rows.pop(places[0])
    return rows[:most]


def _fitting_columns(block: Mapping[str, Any]) -> list[int]:
    columns, rows = block["columns"], block["rows"]
    widths = []
    for place, column in enumerate(columns):
        texts = [letters(row[place]["text"]) for row in rows]
        heads = [letters(word) for word in str(column["label"]).split()] or [0]
        widths.append(min(max([*texts, *heads, letters(column["unit"])], default=0), CELL_LETTERS))
    kept: list[int] = []
    room = ROOM_LETTERS
    for place, width in enumerate(widths):
        room -= width + GAP_LETTERS
        if room < 0 and len(kept) >= MIN_COLUMNS:
            break
        kept.append(place)
    return kept
