"""Tables laid out by SKU and day: what each day sold and missed, what was announced for it.

Knows days and places. Knows nothing of orders or money.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS, planned_rates, sold_by_day
from planner.season.stock.counts import told_last
from planner.season.stock.lost import lost_by_day


def day_grid(
    daily: pd.DataFrame, forecast: pd.DataFrame, keys: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return every SKU and campaign day: units, is_stock_out, planned_units and lost_units."""
    grid = keys[KEYS].merge(days, on="market")
    grid = grid.merge(sold_by_day(daily, days), on=[*KEYS, "day", "phase"], how="left")
    grid = grid.merge(planned_rates(forecast), on=[*KEYS, "phase"], how="left")
    grid["units"] = grid["units"].fillna(0).astype("int64")
    grid["is_stock_out"] = grid["is_stock_out"].eq(True)
    grid["lost_units"] = lost_by_day(grid)
    return grid


def matrix(
    frame: pd.DataFrame,
    keys: pd.DataFrame,
    columns: pd.DataFrame,
    name: str,
    *,
    fill: float = 0.0,
) -> np.ndarray:
    """Return a column of a frame by market, SKU and day as shape (n_sku, n_days).

    Parameters
    ----------
    frame : DataFrame
        market, sku, day and the column asked for.
    keys, columns : DataFrame
        The rows; market, day and column of each of its days.
    name : str
    fill : float
        Where the frame says nothing.
    """
    n_days = int(columns["column"].max()) + 1 if len(columns) else 0
    rows = frame[[*KEYS, "day", name]].merge(columns, on=["market", "day"])
    place = pd.MultiIndex.from_frame(keys[KEYS]).get_indexer(pd.MultiIndex.from_frame(rows[KEYS]))
    rows, place = rows[place >= 0], place[place >= 0]
    found = np.full((len(keys), n_days), fill)
    found[place, rows["column"].to_numpy(dtype=int)] = rows[name].to_numpy(dtype=float)
    return found


def columns_of_days(days: pd.DataFrame) -> pd.DataFrame:
    """Return market, day and column, counted from each market's first day.

    Parameters
    ----------
    days : DataFrame
        market, day.
    """
    first = days.groupby("market")["day"].transform("min")
    return days[["market", "day"]].assign(column=(days["day"] - first).dt.days)


def announced(stock: pd.DataFrame, scope: Scope, *, since: Mapping[str, date]) -> pd.DataFrame:
    """Return market, sku, day, units of what was announced, as it stood when the day came.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it.
    scope : Scope
    since : Mapping of str to date
        By market the day on which the shelf begins: goods of that day that its own count shows
        are in what it begins with.

    Notes
    -----
    What counts is what the last snapshot before the day told, see `counts.told_last`.
    """
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    due = told_last(stock)
    due = due.assign(market=due["warehouse"].map(places)).dropna(subset=["market"])
    first = pd.to_datetime(due["market"].map(dict(since)))
    due = due[~(due["is_counted"] & (due["available_on"] == first))]
    sums = due.groupby([*KEYS, "available_on"], as_index=False)["units"].sum()
    return sums.rename(columns={"available_on": "day"}).astype({"market": "str"})
