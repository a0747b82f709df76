"""The cells of a table: each told as its column asks, with what a reader needs to sort by.

Money finds its currency, a quantity of grade D becomes a range, and stock that
was never counted is unknown. Nothing here knows how a table is drawn.
"""

import math
from typing import Any

import numpy as np
import pandas as pd

from planner.pages.kinds import is_missing, kind_of, tell_text
from planner.pages.telling import (
    DASH,
    MONEY_CENTS_BELOW,
    heading,
    tell,
    tell_missing,
    tell_number,
    tell_range,
)
from planner.words import is_known, say

RANGES = {"order_units": ("low_units", "high_units"), "q50_units": ("q10_units", "q90_units")}
"""Columns that a row of grade D tells as a range, and the columns the range is read from."""
UNTOLD_OF_D = (
    "demand_units", "safety_units", "buffer_units", "target_units", "needed_units", "mean_units",
    "model_mean_units", "expected_profit", "service_level",
)  # fmt: skip
"""Columns that a row of grade D does not tell: the range beside them says all there is."""
LARGE = 100
"""A bare number of this size and more is told with one decimal, a smaller one with two."""
UNTOLD_OF_BLOCKED = ("safety_units",)
"""Columns that mean nothing where a row says `is_blocked`: nothing is ordered there."""
UNTOLD_WITHOUT = {"saved_cost": "blocks"}
"""Columns that mean nothing where another is blank: a gate that stops nothing saves nothing."""
COUNTED = ("on_hand_units", "inbound_units", "late_units", "available_units")
"""Columns that mean nothing where a row says that its stock is not known: nobody counted it."""
RIGHT = (
    "units",
    "rate",
    "ratio",
    "days",
    "kg",
    "cbm",
    "money",
    "minor",
    "count",
    "place",
    "date",
    "time",
)
KEYS = ("order_units", "q50_units", "action", "ship_by", "actual_units")
"""Columns a reader looks for first."""
WIDE = ("remedy", "value", "name")


def column_head(frame: pd.DataFrame, name: str, lang: str) -> dict[str, Any]:
    """Return what stands above a column: label, unit, meaning, and how the column is set.

    Parameters
    ----------
    frame : DataFrame
    name : str
    lang : {"zh", "en"}

    Raises
    ------
    ConfigError
        If the glossary lacks the column.
    """
    top = heading(name, lang, currency=_one_currency(frame, name) or _one_rate(frame, name, lang))
    if top.unit.lower() == top.label.lower():
        top = top._replace(unit="")
    column = frame[name]
    is_number = pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)
    return {
        "name": name,
        **top._asdict(),
        "align": "right" if kind_of(name) in RIGHT or is_number else "left",
        "key": name in KEYS,
        "wide": "wide" if kind_of(name) == "reason" or name in WIDE else "",
    }


def column_cells(frame: pd.DataFrame, name: str, lang: str) -> list[dict[str, Any]]:
    """Return the cells of a column: text, tone and what to sort by.

    Parameters
    ----------
    frame : DataFrame
        Beside the column: `currency`, `grade` with the ends of a range, `is_known`.
    name : str
    lang : {"zh", "en"}
    """
    money = _currencies(frame, name)
    is_folded = bool(_one_currency(frame, name))
    decimals = _decimals(frame[name])
    cells = []
    for place, value in enumerate(frame[name].array):
        currency = None if money is None else str(money.iloc[place])
        cell = _cell(value, name, lang, currency, decimals)
        if is_folded:
            cell["text"] = cell["text"].removeprefix(f"{currency} ")
        cells.append(cell)
    if name == "chargeable" and not _one_rate(frame, name, lang):
        cells = _with_rates(frame, lang, cells)
    return _unknown_stock(frame, name, lang, _untold(frame, name, lang, cells))


def _currencies(frame: pd.DataFrame, name: str) -> pd.Series | None:
    kind = kind_of(name)
    if name == "shared_profit":
        return frame["shared_currency"]
    if kind == "money" and "cost_currency" in frame:
        return frame["cost_currency"]
    return frame["currency"] if kind in ("money", "minor") and "currency" in frame else None


def _one_currency(frame: pd.DataFrame, name: str) -> str:
    money = _currencies(frame, name)
    return tell_text(money.iloc[0]) if money is not None and len(money.unique()) == 1 else ""


def rate_unit(rate: object, lang: str) -> str:
    """Return what a rate is charged by, such as kg; empty where that is not known."""
    term = f"unit.{rate}"
    return say(term, lang) if is_known(term) else ""


def _one_rate(frame: pd.DataFrame, name: str, lang: str) -> str:
    if name != "chargeable" or "rate_unit" not in frame:
        return ""
    rates = frame["rate_unit"].unique()
    return rate_unit(rates[0], lang) if len(rates) == 1 else ""


def _with_rates(
    frame: pd.DataFrame, lang: str, cells: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if "rate_unit" not in frame:
        return cells
    return [
        cell if is_missing(value) else {**cell, "text": f"{cell['text']} {rate_unit(rate, lang)}"}
        for cell, value, rate in zip(cells, frame["chargeable"], frame["rate_unit"], strict=True)
    ]


def _decimals(column: pd.Series) -> int | None:
    kind = kind_of(str(column.name))
    if kind == "money":
        return 0 if column.abs().max() >= MONEY_CENTS_BELOW else 2
    is_bare = kind == "text" and pd.api.types.is_numeric_dtype(column)
    if kind == "days" or (is_bare and not pd.api.types.is_bool_dtype(column)):
        is_whole = bool(((column % 1).fillna(0) == 0).all())
        return 0 if is_whole else 1 if kind == "days" or column.abs().max() >= LARGE else 2
    return None


def _cell(
    value: object, name: str, lang: str, currency: str | None, decimals: int | None
) -> dict[str, Any]:
    if is_missing(value):
        return _missing_cell(name, lang)
    if decimals is None:
        text = tell(value, name, lang, currency=currency)
    else:
        text = tell_number(value, name, lang, currency, decimals=decimals)
    tone = f"grade-{text}" if kind_of(name) == "grade" else ""
    return {"text": text, "tone": tone, "sort": _sort_value(value)}


def _missing_cell(name: str, lang: str) -> dict[str, Any]:
    text = tell_missing(name, lang)
    is_unknown = text == say("word.unknown", lang)
    return {"text": text, "tone": "unknown" if is_unknown else "none", "sort": None}


def _sort_value(value: object) -> float | None:
    if isinstance(value, str | pd.Timestamp):
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def _untold(
    frame: pd.DataFrame, name: str, lang: str, cells: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    cells = _grade_d(frame, name, lang, cells)
    for place in _idle(frame, name).nonzero()[0]:
        cells[place] = {"text": DASH, "tone": "none", "sort": None}
    return cells


def _idle(frame: pd.DataFrame, name: str) -> np.ndarray:
    """Return in which rows a column means nothing, so that a dash stands there."""
    if name in UNTOLD_OF_BLOCKED and "is_blocked" in frame:
        return frame["is_blocked"].to_numpy(dtype=bool)
    other = UNTOLD_WITHOUT.get(name)
    if other in frame:
        return (frame[other] == "").to_numpy(dtype=bool)
    return np.zeros(len(frame), dtype=bool)


def _grade_d(
    frame: pd.DataFrame, name: str, lang: str, cells: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    if "grade" not in frame or name not in (*RANGES, *UNTOLD_OF_D):
        return cells
    ends = RANGES.get(name, ())
    has_range = bool(ends) and set(ends) <= set(frame)
    for place in (frame["grade"] == "D").to_numpy().nonzero()[0]:
        low, high = (frame[end].iloc[place] for end in ends) if has_range else (None, None)
        text = tell_range(low, high, name, lang) if has_range else DASH
        cells[place] = {"text": text, "tone": "range", "sort": None if low is None else float(low)}
    return cells


def _unknown_stock(
    frame: pd.DataFrame, name: str, lang: str, cells: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    flag = next((flag for flag in ("is_stock_known", "is_known") if flag in frame), None)
    if name not in COUNTED or flag is None:
        return cells
    for place in (~frame[flag].astype(bool)).to_numpy().nonzero()[0]:
        cells[place] = _missing_cell(name, lang)
    return cells
