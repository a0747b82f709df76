"""Daily sales as people bring them, read into a panel with the events that fell on them.

Knows the plain table of sales and what can be wrong in it; nothing dated on or
after the as-of day is read. Knows no forecast.
"""

import numpy as np
import pandas as pd

from planner.demand.clean import PHASE_CODES, Codes, Flags, Floats, Panel, suspected_stock_outs
from planner.demand.own_cells import (
    coded,
    days_of,
    in_stock_of,
    numbers_of,
    refuse_cell,
    refuse_missing,
    sku_texts,
    texts,
)
from planner.demand.own_events import CLOSED
from planner.demand.own_markets import NOWHERE
from planner.errors import PlanningError

SALES_COLUMNS = ("sku", "date", "units")
OWN = "own"
"""Shop of people's own sales, which name none."""


def read_sales(sales: pd.DataFrame, *, today: pd.Timestamp) -> pd.DataFrame:
    """Return the sales before `today`, each cell checked.

    Parameters
    ----------
    sales : DataFrame
        sku, date, units, and if known in_stock and category; other columns are left alone.
    today : Timestamp
        The day one looks from.

    Returns
    -------
    DataFrame
        sku, date, units and in_stock (1 or 0), NaN where unknown; category, blank where unknown.
        Texts are categorical: a long file repeats few of them, and codes are quick and small.

    Raises
    ------
    PlanningError
        Names row, column and value that cannot be read, or two rows that contradict.
    """
    refuse_missing(sales, SALES_COLUMNS, "sales")
    sales = sales.reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "sku": coded(sales["sku"], sku_texts),
            "date": days_of(sales["date"], "sales", "date"),
            "units": numbers_of(sales, "units", "sales"),
            "in_stock": in_stock_of(sales),
            "category": coded(sales["category"], texts) if "category" in sales else "",
        }
    )
    bad = rows["units"] < 0
    if bad.any():
        refuse_cell(
            "sales", bad, "units", rows["units"], "0 or more units sold; returns stand elsewhere"
        )
    rows = rows[(rows["date"] < today) & (rows["sku"] != "")]
    if _has_repeats(rows):
        rows = rows.drop_duplicates()
        double = rows.duplicated(["sku", "date"])
        if double.any():
            refuse_cell("sales", double, "date", rows["date"], "one row per SKU and day")
    if rows.empty:
        raise PlanningError(
            f"sales: no row before the as-of day {today:%Y-%m-%d}; give daily sales of the weeks "
            "before it, at least one day"
        )
    return rows.reset_index(drop=True)


def panel_of_sales(
    sales: pd.DataFrame,
    past: pd.DataFrame,
    ahead: pd.DataFrame,
    *,
    today: pd.Timestamp,
    market: str = NOWHERE,
) -> tuple[Panel, Codes]:
    """Return the panel, and the row of `past` that each promo day belongs to.

    Parameters
    ----------
    sales : DataFrame
        What `read_sales` gave.
    past, ahead : DataFrame
        Rows of `read_events` that have begun, and those of the event ahead; a SKU that only
        the event names takes part without a history.
    today : Timestamp
        First day not known.
    market : str
        Where all of it was sold, if known.

    Notes
    -----
    Days without a row sold nothing; runs of zeros too long to be chance are stock-outs if the
    file does not say when a SKU was in stock. Three exceptions: days before a SKU's first row,
    less one usual gap between its sales, and zeros before its first sale that are too many to be
    chance (not on sale yet); and days after the file's last sale, if silence of all SKUs for so
    long would be no chance either (the file ends early).
    """
    named = ahead.loc[ahead["sku"] != "", "sku"]
    codes, seen = pd.factorize(sales["sku"])
    seen = seen.astype("str")
    skus = pd.Index(np.unique(np.concatenate([seen, named]).astype(str)))
    first_on = sales["date"].min()
    shape = (len(skus), int((today - first_on).days))
    day = (sales["date"].to_numpy() - first_on.to_datetime64()) // np.timedelta64(1, "D")
    at = skus.get_indexer(seen)[codes], day.astype(int)
    units, is_known = np.zeros(shape), np.ones(shape, dtype=bool)
    units[at] = np.nan_to_num(sales["units"].to_numpy())
    is_known[at] = ~np.isnan(sales["units"].to_numpy())
    told_days = _told_days(units)
    reported = np.zeros(shape, dtype=bool)
    reported[at] = sales["in_stock"].to_numpy() == 0
    is_known &= np.arange(shape[1]) >= _first_days(units, at, told_days)[:, None]
    suspected = suspected_stock_outs(units, is_known & ~reported)
    is_known &= ~(suspected & (np.cumsum(units, axis=1) == 0))
    is_told = bool(sales["in_stock"].notna().any())
    is_known &= ~closed_days(past, skus, first_on=first_on, n_days=shape[1])
    row = _promo_days(skus, past, first_on, shape)
    edition, names = pd.factorize(past["event"])
    keep = slice(0, told_days)
    keys = pd.DataFrame({"shop": OWN, "market": market, "sku": skus.astype("str")})
    panel = Panel(
        keys=keys.assign(category=_categories(sales["category"], at[0], len(skus))),
        first_on=first_on,
        units=units[:, keep],
        is_known=is_known[:, keep],
        is_stock_out=((reported if is_told else suspected) & is_known)[:, keep],
        phase=np.where(row[:, keep] >= 0, PHASE_CODES["sale"], 0),
        event=np.where(row[:, keep] >= 0, np.append(edition, -1)[row[:, keep]], -1),
        events=tuple(str(name) for name in names),
    )
    return panel, row[:, keep]


def closed_days(
    rows: pd.DataFrame, skus: pd.Index, *, first_on: pd.Timestamp, n_days: int
) -> Flags:
    """Return the days on which nothing can be sold, for which the events name the kind `closed`.

    Returns
    -------
    array, shape (n_skus, n_days)
        Columns from `first_on` on.
    """
    closed = np.zeros((len(skus), n_days), dtype=bool)
    for cells in _cells(rows[rows["kind"] == CLOSED], skus, first_on):
        closed[cells] = True
    return closed


def _first_days(units: Floats, at: tuple[Codes, Codes], told_days: int) -> Codes:
    """Return the column from which each series counts as on sale; beyond the last without a row.

    Notes
    -----
    A file of sold days alone starts each SKU with a sale. It was on sale before: for the silent
    days that, on average from there on, lie between two sales.
    """
    n_series, n_days = units.shape
    first = np.full(n_series, n_days)
    np.minimum.at(first, *at)
    sold_days = np.maximum((units > 0).sum(axis=1), 1)
    silent_days = np.ceil((told_days - first) / sold_days).astype(int) - 1
    return np.where(first < n_days, first - np.maximum(silent_days, 0), n_days)


def _promo_days(
    skus: pd.Index, past: pd.DataFrame, first_on: pd.Timestamp, shape: tuple[int, int]
) -> Codes:
    row = np.full(shape, -1)
    promo = np.flatnonzero(past["kind"] != CLOSED)
    for place, cells in zip(promo, _cells(past.iloc[promo], skus, first_on), strict=True):
        row[cells] = place
    return row


def _cells(
    rows: pd.DataFrame, skus: pd.Index, first_on: pd.Timestamp
) -> list[tuple[slice | int, slice]]:
    """Return series and days of each row; no series for a SKU that is not there."""
    starts = np.maximum((rows["start"] - first_on).dt.days.to_numpy(), 0)
    stops = np.maximum((rows["end"] - first_on).dt.days.to_numpy() + 1, 0)
    found = []
    for sku, place, start, stop in zip(
        rows["sku"], skus.get_indexer(rows["sku"]), starts, stops, strict=True
    ):
        series = slice(None) if not sku else (place if place >= 0 else slice(0, 0))
        found.append((series, slice(start, stop)))
    return found


def _told_days(units: Floats) -> int:
    """Return the days up to which the file tells; a file that ends early says nothing later."""
    total = units.sum(axis=0)
    with_later_sale = np.append(total, max(total.mean(), 1.0))[None, :]
    silent = suspected_stock_outs(with_later_sale, np.ones(with_later_sale.shape, dtype=bool))
    last = int(np.flatnonzero(total > 0)[-1]) + 1 if total.any() else len(total)
    return last if last < len(total) and silent[0, last] else len(total)


def _categories(category: pd.Series, series: Codes, n_series: int) -> np.ndarray:
    """Return the last category that each series was given, blank without one."""
    named = np.flatnonzero((category != "").to_numpy())
    last = np.full(n_series, -1)
    last[series[named]] = named  # of several rows of a series the last one stays
    told = np.full(n_series, "", dtype=object)
    told[last >= 0] = category.iloc[last[last >= 0]].astype("str").to_numpy()
    return told


def _has_repeats(rows: pd.DataFrame) -> bool:
    """Return whether a SKU and day stands twice."""
    if rows.empty:
        return False
    day = (rows["date"] - rows["date"].min()).dt.days.to_numpy()
    cell = rows["sku"].cat.codes.to_numpy().astype(int) * (int(day.max()) + 1) + day
    return bool(np.bincount(cell).max() > 1)
