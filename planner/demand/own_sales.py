"""Daily sales and events as people bring them, read into a panel.

Knows the two plain tables and what can be wrong in them; nothing dated on or
after the as-of day is read. Knows no forecast.
"""

import difflib

import numpy as np
import pandas as pd

from planner.demand.clean import PHASE_CODES, Codes, Floats, Panel, suspected_stock_outs
from planner.errors import PlanningError

SALES_COLUMNS = ("sku", "date", "units")
EVENT_COLUMNS = ("event", "kind", "start", "end")
OWN, NOWHERE = "own", ""
"""Shop and market of people's own sales, which name neither."""
SAME_EVENT_DAYS = 60
"""Rows of one name that start within so many days are one edition of the event. [days]"""
OUT_OF_STOCK_WORDS = ("0", "0.0", "false", "no", "n", "否")


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

    Raises
    ------
    PlanningError
        Names row, column and value that cannot be read, or two rows that contradict.
    """
    _refuse_missing(sales, SALES_COLUMNS, "sales")
    sales = sales.reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "sku": _skus(sales["sku"]),
            "date": _days(sales["date"], "sales", "date"),
            "units": _numbers(sales, "units", "sales"),
            "in_stock": _in_stock(sales),
            "category": _text(sales["category"]) if "category" in sales else "",
        }
    )
    bad = rows["units"] < 0
    if bad.any():
        _refuse(
            "sales", bad, "units", rows["units"], "0 or more units sold; returns stand elsewhere"
        )
    rows = rows[(rows["date"] < today) & (rows["sku"] != "")].drop_duplicates()
    double = rows.duplicated(["sku", "date"])
    if double.any():
        _refuse("sales", double, "date", rows["date"], "one row per SKU and day")
    if rows.empty:
        raise PlanningError(
            f"sales: no row before the as-of day {today:%Y-%m-%d}; give daily sales of the weeks "
            "before it, at least one day"
        )
    return rows.reset_index(drop=True)


def read_events(events: pd.DataFrame) -> pd.DataFrame:
    """Return the events with each cell checked; a blank SKU holds for all.

    Returns
    -------
    DataFrame
        event, kind, start, end, sku, discount_rate (NaN where unknown).

    Raises
    ------
    PlanningError
        Names row, column and value that cannot be read, or an end before its start.
    """
    _refuse_missing(events, EVENT_COLUMNS, "events")
    events = events.reset_index(drop=True)
    rows = pd.DataFrame(
        {
            "event": events["event"].astype("str"),
            "kind": events["kind"].fillna("").astype("str"),
            "start": _days(events["start"], "events", "start"),
            "end": _days(events["end"], "events", "end"),
            "sku": _skus(events["sku"]) if "sku" in events else "",
            "discount_rate": _numbers(events, "discount_rate", "events"),
        }
    )
    backwards = rows["end"] < rows["start"]
    if backwards.any():
        _refuse("events", backwards, "end", rows["end"], "a day on or after the start")
    return rows


def rows_ahead(rows: pd.DataFrame, event: str, *, today: pd.Timestamp) -> pd.DataFrame:
    """Return the rows of the next edition of one event.

    Raises
    ------
    PlanningError
        If no event bears the name (the nearest is told), or all its editions are over.
    """
    named = rows[rows["event"] == str(event)]
    if named.empty:
        near = difflib.get_close_matches(str(event), rows["event"].unique(), 1, cutoff=0.0)
        hint = f"; the nearest is {near[0]!r}" if near else "; the events table is empty"
        raise PlanningError(f"events: no event {event!r}{hint}")
    ahead = named[named["end"] >= today]
    if ahead.empty:
        raise PlanningError(
            f"events: {event} ended on {named['end'].max():%Y-%m-%d}, before the as-of day "
            f"{today:%Y-%m-%d}; add a row with its next days, or choose an earlier as-of day"
        )
    edition = ahead["start"].min() + pd.Timedelta(days=SAME_EVENT_DAYS)
    return ahead[ahead["start"] <= edition]


def panel_of_sales(
    sales: pd.DataFrame, past: pd.DataFrame, ahead: pd.DataFrame, *, today: pd.Timestamp
) -> tuple[Panel, Floats]:
    """Return the panel, and the discount of each promo day.

    Parameters
    ----------
    sales : DataFrame
        What `read_sales` gave.
    past, ahead : DataFrame
        Rows of `read_events` that have begun, and those of the event ahead; a SKU that only
        the event names takes part without a history.
    today : Timestamp
        First day not known.

    Notes
    -----
    Days without a row sold nothing; runs of zeros too long to be chance are stock-outs if the
    file does not say when a SKU was in stock. Two exceptions: zeros before a SKU's first sale
    that are too many to be chance (not on sale yet), and days after the file's last sale, if
    silence of all SKUs for so long would be no chance either (the file ends early).
    """
    named = ahead.loc[ahead["sku"] != "", "sku"]
    skus = pd.Index(np.unique(np.concatenate([sales["sku"], named]).astype(str)))
    first_on = sales["date"].min()
    shape = (len(skus), int((today - first_on).days))
    at = skus.get_indexer(sales["sku"]), (sales["date"] - first_on).dt.days.to_numpy()
    units, is_known = np.zeros(shape), np.ones(shape, dtype=bool)
    units[at] = sales["units"].fillna(0.0)
    is_known[at] = sales["units"].notna()
    reported = np.zeros(shape, dtype=bool)
    reported[at] = sales["in_stock"].eq(0)
    is_known &= (np.bincount(at[0], minlength=len(skus)) > 0)[:, None]
    suspected = suspected_stock_outs(units, is_known & ~reported)
    is_known &= ~(suspected & (np.cumsum(units, axis=1) == 0))
    is_told = bool(sales["in_stock"].notna().any())
    phase, event, depth = _promo_days(skus, past, first_on, shape)
    keep = slice(0, _told_days(units))
    keys = pd.DataFrame({"shop": OWN, "market": NOWHERE, "sku": skus.astype("str")})
    panel = Panel(
        keys=keys.assign(category=_categories(sales, skus)),
        first_on=first_on,
        units=units[:, keep],
        is_known=is_known[:, keep],
        is_stock_out=((reported if is_told else suspected) & is_known)[:, keep],
        phase=phase[:, keep],
        event=event[:, keep],
        events=tuple(pd.unique(past["event"])),
    )
    return panel, depth[:, keep]


def _promo_days(
    skus: pd.Index, past: pd.DataFrame, first_on: pd.Timestamp, shape: tuple[int, int]
) -> tuple[Codes, Codes, Floats]:
    phase, event = np.zeros(shape, dtype=int), np.full(shape, -1)
    depth = np.full(shape, np.nan)
    codes = pd.factorize(past["event"])[0]
    starts = np.maximum((past["start"] - first_on).dt.days.to_numpy(), 0)
    stops = np.maximum((past["end"] - first_on).dt.days.to_numpy() + 1, 0)
    series = skus.get_indexer(past["sku"])
    for row, sku in enumerate(past["sku"]):
        if sku and series[row] < 0:
            continue
        cell = slice(None) if not sku else series[row], slice(starts[row], stops[row])
        phase[cell], event[cell] = PHASE_CODES["sale"], codes[row]
        depth[cell] = past["discount_rate"].iloc[row]
    return phase, event, depth


def _told_days(units: Floats) -> int:
    """Return the days up to which the file tells; a file that ends early says nothing later."""
    total = units.sum(axis=0)
    with_later_sale = np.append(total, max(total.mean(), 1.0))[None, :]
    silent = suspected_stock_outs(with_later_sale, np.ones(with_later_sale.shape, dtype=bool))
    last = int(np.flatnonzero(total > 0)[-1]) + 1 if total.any() else len(total)
    return last if last < len(total) and silent[0, last] else len(total)


def _categories(sales: pd.DataFrame, skus: pd.Index) -> np.ndarray:
    named = sales[sales["category"] != ""]
    last = named.groupby("sku")["category"].last().astype("str")
    return last.reindex(skus).fillna("").to_numpy()


def _refuse_missing(frame: pd.DataFrame, needed: tuple[str, ...], where: str) -> None:
    missing = [name for name in needed if name not in frame]
    if missing:
        found = ", ".join(str(name) for name in frame.columns)
        raise PlanningError(
            f"{where}: column {', '.join(missing)} is missing; needed are {', '.join(needed)}; "
            f"found {found}"
        )


def _refuse(where: str, bad: pd.Series, column: str, values: pd.Series, right: str) -> None:
    row = int(np.flatnonzero(bad.to_numpy())[0])
    value = values.iloc[row]
    told = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)
    told = repr(value) if isinstance(value, str) else told
    raise PlanningError(f"{where}, row {row + 1}, column {column}: {told}; give {right}")


def _skus(column: pd.Series) -> pd.Series:
    """Return SKUs as text; a blank beside numbers makes 1001.0 of 1001, which is undone."""
    text = _text(column)
    return text.str.removesuffix(".0") if pd.api.types.is_float_dtype(column) else text


def _text(column: pd.Series) -> pd.Series:
    return column.astype("str").fillna("").str.strip()


def _days(column: pd.Series, where: str, name: str) -> pd.Series:
    days = pd.to_datetime(column, errors="coerce", format="mixed")
    if days.isna().any():
        _refuse(where, days.isna(), name, column, "a day such as 2025-11-11")
    return days.dt.tz_localize(None).dt.normalize()


def _numbers(frame: pd.DataFrame, name: str, where: str) -> pd.Series:
    if name not in frame:
        return pd.Series(np.nan, index=frame.index)
    numbers = pd.to_numeric(frame[name], errors="coerce").astype(float)
    bad = (numbers.isna() & frame[name].notna()) | np.isinf(numbers)
    if bad.any():
        _refuse(where, bad, name, frame[name], "a number, or nothing where it is unknown")
    return numbers


def _in_stock(sales: pd.DataFrame) -> pd.Series:
    """Return 1 in stock, 0 out of stock, NaN where the file does not say."""
    if "in_stock" not in sales:
        return pd.Series(np.nan, index=sales.index)
    words = _text(sales["in_stock"]).str.lower()
    return (~words.isin(OUT_OF_STOCK_WORDS)).astype(float).where(words != "")
