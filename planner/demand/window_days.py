"""Window days: which days of people's own sales belong to an event ahead, series by series."""

import numpy as np
import pandas as pd

from planner.demand import patterns
from planner.demand.clean import Codes, Flags, Panel
from planner.demand.own_events import CLOSED
from planner.demand.own_sales import closed_days
from planner.demand.promo_runs import Runs


def last_stop(panel: Panel, runs: Runs, rows: pd.DataFrame, start: Codes) -> Codes:
    """Return the column after each series' last promotion, past or announced, before `start`."""
    last = patterns.last_stops(runs, len(panel.keys), before=start)
    between = rows[(rows["start"] >= panel.end) & (rows["kind"] != CLOSED)]
    stops = days_of(between, panel)[1]
    place = pd.Index(panel.keys["sku"]).get_indexer(between["sku"])
    for series, sku, stop in zip(place, between["sku"], stops, strict=True):
        if sku and series < 0:
            continue
        chosen = series if sku else slice(None)
        last[chosen] = np.where(stop <= start[chosen], np.maximum(last[chosen], stop), last[chosen])
    return last


def days_ahead_of(panel: Panel, ahead: pd.DataFrame, rows: pd.DataFrame, n_days: int) -> Flags:
    """Return the days of the event on which something can be sold, series by series."""
    window = np.zeros((len(panel.keys), n_days), dtype=bool)
    skus = pd.Index(panel.keys["sku"])
    starts, stops = days_of(ahead, panel)
    place = skus.get_indexer(ahead["sku"])
    for series, sku, start, stop in zip(place, ahead["sku"], starts, stops, strict=True):
        window[series if sku else slice(None), max(start, 0) : stop] = True
    return window & ~closed_days(rows, skus, first_on=panel.first_on, n_days=n_days)


def days_of(rows: pd.DataFrame, panel: Panel) -> tuple[Codes, Codes]:
    """Return the column of each row's first day, and that after its last."""
    start = (rows["start"] - panel.first_on).dt.days.to_numpy(dtype=int)
    return start, (rows["end"] - panel.first_on).dt.days.to_numpy(dtype=int) + 1


def by_precedence(past: pd.DataFrame, ahead: pd.DataFrame) -> pd.DataFrame:
    """Return past rows so that, where they overlap, the one most like the event ahead wins.

    Notes
    -----
    A later row overwrites an earlier one: last come those of the same kind, of a SKU of its own,
    of nearly the same length. The order of the file decides nothing.
    """
    days = (past["end"] - past["start"]).dt.days + 1
    wanted = float(((ahead["end"] - ahead["start"]).dt.days + 1).median())
    unlike = np.abs(np.log(days / wanted))
    order = np.lexsort((-unlike, past["sku"] != "", past["kind"].isin(ahead["kind"])))
    return past.iloc[order].reset_index(drop=True)


def row_of_series(panel: Panel, ahead: pd.DataFrame) -> Codes:
    """Return the position in `ahead` of the row that holds for each series; -1 without one."""
    common = np.flatnonzero(ahead["sku"] == "")
    place = np.full(len(panel.keys), common[-1] if len(common) else -1)
    own = pd.Series(np.arange(len(ahead)), index=ahead["sku"]).groupby(level=0).last()
    found = own.drop("", errors="ignore").reindex(panel.keys["sku"]).to_numpy()
    return np.where(np.isnan(found), place, np.nan_to_num(found)).astype(int)
