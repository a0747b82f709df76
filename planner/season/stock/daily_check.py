"""The daily check: what each SKU sold yesterday beside what its shelf lost, and what to do today.

Joins counts and status; weighs nothing itself.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS

DAY = pd.Timedelta(days=1)
COUNTED = ["change_units", "known_units", "unexplained_units"]
"""What only a count of all warehouses tells."""
CHECK_STOCK = "check_stock"
"""What comes before anything that rests on a count."""


def daily_check(
    status: pd.DataFrame,
    checks: pd.DataFrame,
    daily: pd.DataFrame,
    *,
    scope: Scope,
    first: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return one row per market and SKU: sales of the last whole day against its counts.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`: stock, cover and what to do.
    checks : DataFrame
        Table `StockCheck`: of each SKU the span between the counts of the last two evenings.
    daily : DataFrame
        Table `DailySales`: what each market sold, and which SKUs several markets sell.
    scope : Scope
        Its looking days of step 4.
    first : DataFrame, optional
        Table `ActionChoices`, of each SKU the step to begin with: action, units and last day are
        that one's. Without one they are those of the status.

    Returns
    -------
    DataFrame
        Table `DailyCheck`, SKUs with an unexplained difference first, then the first to act on. A
        SKU that was not counted on both evenings has its change and difference unknown, not zero,
        as has one that several markets sell: counts do not tell them apart.

    Notes
    -----
    ``yesterday + change - known == unexplained``, what is known being what came in and what else
    moved; where neither is told it is empty and counts as none.
    """
    status = status if first is None else _with_first(status, first)
    looking = pd.to_datetime(status["market"].map(scope.as_of(4)))
    frame = status.assign(day=(looking - DAY).astype("datetime64[us]"))
    frame = frame.merge(_counted(checks), on=["sku", "day"], how="left")
    frame["yesterday_units"] = _sold_on(frame, daily).fillna(frame["sold_units"])
    markets = pd.concat([frame[KEYS], daily[KEYS]]).drop_duplicates()["sku"].value_counts()
    is_alone = frame["sku"].map(markets) == 1
    frame[COUNTED] = frame[COUNTED].astype(float).where(is_alone)
    frame["cover"] = [
        _cover(*pair) for pair in zip(frame["stock_units"], frame["cover_days"], strict=True)
    ]
    order = frame.assign(least=-frame["unexplained_units"].fillna(0.0).abs())
    order = order.sort_values(["least", "act_by", *KEYS], na_position="last", kind="stable")
    frame = frame.loc[order.index].reset_index(drop=True)
    return tables.checked(tables.DailyCheck, frame[tables.columns(tables.DailyCheck)])


def _counted(checks: pd.DataFrame) -> pd.DataFrame:
    """Return what the counts of two evenings in a row tell, by SKU and the day between them."""
    part = checks[checks["to_on"] - checks["from_on"] == DAY]
    known = part[["inbound_units", "moved_units"]].sum(axis=1, min_count=1)
    part = part.assign(day=part["to_on"].astype("datetime64[us]"), known_units=known)
    return part[["sku", "day", "sold_units", *COUNTED]]


def _sold_on(frame: pd.DataFrame, daily: pd.DataFrame) -> pd.Series:
    """Return what each row's SKU sold in its market on its day; NaN where exports end before."""
    sums = daily.groupby([*KEYS, "day"])["units"].sum()
    sold = sums.reindex(pd.MultiIndex.from_frame(frame[[*KEYS, "day"]]), fill_value=0)
    last = frame["market"].map(daily.groupby("market")["day"].max())
    told = pd.Series(sold.to_numpy(dtype=float), index=frame.index)
    return told.where(frame["day"] <= pd.to_datetime(last))


def _with_first(status: pd.DataFrame, first: pd.DataFrame) -> pd.DataFrame:
    """Return the status with what the first step of a SKU does, how much of it and until when."""
    until = first["event_last_at"].fillna(first["last_useful_at"]).dt.normalize()
    step = first[KEYS].assign(begun=first["action"], units=first["units"].round(), until=until)
    rows = status.merge(step, on=KEYS, how="left")
    is_begun = rows["begun"].notna() & (rows["action"] != CHECK_STOCK)
    return status.reset_index(drop=True).assign(
        action=rows["action"].mask(is_begun, rows["begun"]),
        action_units=rows["action_units"].mask(is_begun, rows["units"]).astype(int),
        act_by=rows["act_by"].mask(is_begun, rows["until"]),
    )


def _cover(stock: float, days: float) -> str:
    """Return how long a shelf lasts, as a code: unknown, empty, past the replenishment, or days."""
    if np.isnan(stock):
        return "cover.unknown"
    if stock < 1:
        return "cover.out"
    return "cover.lasts" if np.isnan(days) else f"cover.days|days={days:.1f}"
