"""The daily check: what each SKU sold yesterday beside what its shelf lost, and what to do today.

Joins counts and status; weighs nothing itself.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS

DAY = pd.Timedelta(days=1)
COUNTED = {"sold_units": "counted_sold_units", "change_units": "change_units",
           "unexplained_units": "unexplained_units"}  # fmt: skip
"""Columns of `StockCheck` and their names here."""


def daily_check(
    status: pd.DataFrame, checks: pd.DataFrame, days: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return one row per market and SKU: sales of the last whole day against its counts.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`: stock, cover and what to do.
    checks : DataFrame
        Table `StockCheck`: of each SKU the span between the counts of the last two evenings.
    days : DataFrame
        Table `TrackDaily`: sales of the day where no count tells them.
    scope : Scope
        Its looking days of step 4.

    Returns
    -------
    DataFrame
        Table `DailyCheck`, SKUs with an unexplained difference first, then the first to act on. A
        SKU that was not counted on both evenings has its change and difference unknown, not zero.
    """
    looking = pd.to_datetime(status["market"].map(scope.as_of(4)))
    frame = status.assign(day=(looking - DAY).astype("datetime64[us]"))
    is_one_day = checks["to_on"] - checks["from_on"] == DAY
    counted = checks[is_one_day].rename(columns={"to_on": "day", **COUNTED})
    counted = counted[["sku", "day", *COUNTED.values()]].astype({"day": "datetime64[us]"})
    frame = frame.merge(counted, on=["sku", "day"], how="left")
    frame = frame.merge(days[[*KEYS, "day", "units"]], on=[*KEYS, "day"], how="left")
    frame["yesterday_units"] = frame["counted_sold_units"].fillna(frame["units"]).astype(float)
    frame["cover"] = [
        _cover(*pair) for pair in zip(frame["stock_units"], frame["cover_days"], strict=True)
    ]
    frame["change_units"] = frame["change_units"].astype(float)
    order = frame.assign(least=-frame["unexplained_units"].fillna(0.0).abs())
    order = order.sort_values(["least", "act_by", *KEYS], na_position="last", kind="stable")
    frame = frame.loc[order.index].reset_index(drop=True)
    return tables.checked(tables.DailyCheck, frame[tables.columns(tables.DailyCheck)])


def _cover(stock: float, days: float) -> str:
    """Return how long a shelf lasts, as a code: unknown, empty, past the replenishment, or days."""
    if np.isnan(stock):
        return "cover.unknown"
    if stock < 1:
        return "cover.out"
    return "cover.lasts" if np.isnan(days) else f"cover.days|days={days:.1f}"
