"""Cells of the plain tables that people bring: texts, days, numbers, and how a wrong one is told.

Knows what a cell may look like and names row, column and value of one that cannot be read.
Knows no table, and nothing of what the cells are for.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from planner.errors import PlanningError

OUT_OF_STOCK_WORDS = ("0", "0.0", "false", "no", "n", "否")


def refuse_missing(frame: pd.DataFrame, needed: tuple[str, ...], where: str) -> None:
    """Refuse a table that lacks a column.

    Raises
    ------
    PlanningError
        Names what is missing, what is needed and what was found.
    """
    missing = [name for name in needed if name not in frame]
    if missing:
        found = ", ".join(str(name) for name in frame.columns)
        raise PlanningError(
            f"{where}: column {', '.join(missing)} is missing; needed are {', '.join(needed)}; "
            f"found {found}"
        )


def refuse_cell(where: str, bad: pd.Series, column: str, values: pd.Series, right: str) -> None:
    """Refuse the first of the cells that are bad.

    Parameters
    ----------
    where : str
        Name of the table.
    bad : Series of bool
        True where a cell cannot be; at least one is.
    column : str
        Name of the column.
    values : Series
        Its cells, as they are told.
    right : str
        What would be right.

    Raises
    ------
    PlanningError
        Names table, row (1-based, without the header), column and value.
    """
    row = int(np.flatnonzero(bad.to_numpy())[0])
    value = values.iloc[row]
    told = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
    told = repr(value) if isinstance(value, str) else told
    raise PlanningError(f"{where}, row {row + 1}, column {column}: {told}; give {right}")


def coded(column: pd.Series, read: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return texts as categories, each different value read once.

    Parameters
    ----------
    column : Series
    read : function
        `texts` or `sku_texts`.
    """
    codes, values = pd.factorize(column, use_na_sentinel=False)
    again, words = pd.factorize(read(pd.Series(values, dtype=column.dtype)))
    told = pd.Categorical.from_codes(again[codes], categories=words)
    return pd.Series(told, index=column.index)


def texts(column: pd.Series) -> pd.Series:
    """Return cells as text without blanks at the ends; a cell without anything is an empty one."""
    return _by_value(column, lambda values: values.astype("str").fillna("").str.strip())


def sku_texts(column: pd.Series) -> pd.Series:
    """Return SKUs as text; a blank beside numbers makes 1001.0 of 1001, which is undone.

    Examples
    --------
    >>> sku_texts(pd.Series([1001.0, np.nan])).tolist()
    ['1001', '']
    """
    text = texts(column)
    return text.str.removesuffix(".0") if pd.api.types.is_float_dtype(column) else text


def days_of(column: pd.Series, where: str, name: str) -> pd.Series:
    """Return cells as days, without hour and zone.

    Raises
    ------
    PlanningError
        Names the first cell that is no day.
    """
    days = _by_value(column, _as_days)
    if days.isna().any():
        refuse_cell(where, days.isna(), name, column, "a day such as 2025-11-11")
    return days


def numbers_of(frame: pd.DataFrame, name: str, where: str) -> pd.Series:
    """Return a column as numbers, NaN where it is unknown or there is no such column.

    Raises
    ------
    PlanningError
        Names the first cell that is no number, or an endless one.
    """
    if name not in frame:
        return pd.Series(np.nan, index=frame.index)
    numbers = pd.to_numeric(frame[name], errors="coerce").astype(float)
    bad = (numbers.isna() & frame[name].notna()) | np.isinf(numbers)
    if bad.any():
        refuse_cell(where, bad, name, frame[name], "a number, or nothing where it is unknown")
    return numbers


def in_stock_of(sales: pd.DataFrame) -> pd.Series:
    """Return 1 in stock, 0 out of stock, NaN where the file does not say."""
    if "in_stock" not in sales:
        return pd.Series(np.nan, index=sales.index)
    words = texts(sales["in_stock"]).str.lower()
    return (~words.isin(OUT_OF_STOCK_WORDS)).astype(float).where(words != "")


def _as_days(values: pd.Series) -> pd.Series:
    days = pd.to_datetime(values, errors="coerce", format="mixed")
    return days.dt.tz_localize(None).dt.normalize()


def _by_value(column: pd.Series, read: Callable[[pd.Series], pd.Series]) -> pd.Series:
    """Return a column read value by value: a long file repeats few SKUs and days."""
    codes, values = pd.factorize(column, use_na_sentinel=False)
    told = read(pd.Series(values, dtype=column.dtype))
    return told.take(codes).set_axis(column.index)
