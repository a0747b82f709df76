"""What is used where there is no forecast: the spreadsheet rule, and the last week repeated.

Knows the sales before a cut-off and which days are to come; knows no uplift, no
season and no range. A forecast must be better than these to be worth its trouble.
"""

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, PHASE_CODES, Floats, Panel
from planner.demand.level import NEIGHBOUR_DAYS, WEEK_DAYS

MIN_RULE_DAYS = 5
"""Clean days before a promotion without which a spreadsheet gives no multiplier. [days]"""


def rule_units(panel: Panel, window: pd.DataFrame) -> pd.Series:
    """Return what the spreadsheet rule says of a window: last multiplier x clean 28-day mean.

    Parameters
    ----------
    panel : Panel
        Sales known at the cut-off.
    window : DataFrame
        shop, market, sku, day and phase of the days to come that count.

    Returns
    -------
    Series
        Indexed by shop, market and sku. [units]
    """
    n_days = panel.units.shape[1]
    base, _ = _clean_mean(panel, np.full(len(panel.keys), n_days))
    overall, _ = _clean_mean(panel, np.full(len(panel.keys), n_days), days=n_days)
    mean = np.where(np.isnan(base), np.nan_to_num(overall), base)
    multiplier = _last_multiplier(panel)
    known = multiplier[np.isfinite(multiplier)]
    multiplier = np.where(np.isnan(multiplier), np.median(known) if known.size else 1.0, multiplier)
    index = pd.MultiIndex.from_frame(panel.keys[KEYS])
    is_sale = window["phase"] == "sale"
    sale_days = window[is_sale].groupby(KEYS).size().reindex(index, fill_value=0).to_numpy()
    other_days = window[~is_sale].groupby(KEYS).size().reindex(index, fill_value=0).to_numpy()
    return pd.Series(mean * (multiplier * sale_days + other_days), index=index)


def naive_units(panel: Panel, window: pd.DataFrame) -> pd.Series:
    """Return what the last week says of a window: each day as the same weekday, last known.

    Parameters
    ----------
    panel : Panel
        Sales known at the cut-off.
    window : DataFrame
        shop, market, sku and day of the days to come that count.

    Returns
    -------
    Series
        Indexed by shop, market and sku. [units]

    Notes
    -----
    A day without stock or a report is passed over, up to four weeks back; a weekday that none
    of the four tells counts nothing.
    """
    index = pd.MultiIndex.from_frame(panel.keys[KEYS])
    n_days = panel.units.shape[1]
    last = np.arange(max(n_days - NEIGHBOUR_DAYS, 0), n_days)
    weekday = panel.days[last].day_of_week.to_numpy()
    told = np.zeros((len(index), WEEK_DAYS))
    for column, day in zip(last, weekday, strict=True):
        counts = panel.is_known[:, column] & ~panel.is_stock_out[:, column]
        told[:, day] = np.where(counts, panel.units[:, column], told[:, day])
    series = index.get_indexer(pd.MultiIndex.from_frame(window[KEYS]))
    ahead = window["day"].dt.day_of_week.to_numpy()
    inside = series >= 0
    sums = np.bincount(series[inside], told[series[inside], ahead[inside]], len(index))
    return pd.Series(sums, index=index)


def _last_multiplier(panel: Panel) -> Floats:
    n_days = panel.units.shape[1]
    column = np.broadcast_to(np.arange(n_days), panel.units.shape)
    sale = (panel.phase == PHASE_CODES["sale"]) & panel.is_known & ~panel.is_stock_out
    last = np.where(sale, column, -1).max(axis=1)
    same = sale & (panel.event == panel.event[np.arange(len(last)), last][:, None])
    same &= column > (last - NEIGHBOUR_DAYS)[:, None]
    first = np.where(same, column, n_days).min(axis=1)
    rate = (panel.units * same).sum(axis=1) / np.maximum(same.sum(axis=1), 1)
    before, count = _clean_mean(panel, first)
    fits = (last >= 0) & (count >= MIN_RULE_DAYS) & (np.nan_to_num(before) > 0)
    return np.where(fits, rate / np.where(fits, before, 1.0), np.nan)


def _clean_mean(
    panel: Panel, end: np.ndarray, *, days: int = NEIGHBOUR_DAYS
) -> tuple[Floats, Floats]:
    """Return mean and number of clean days among the last `days` before column `end`."""
    column = np.arange(panel.units.shape[1])[None, :]
    chosen = panel.is_clean & (column < end[:, None]) & (column >= end[:, None] - days)
    count = chosen.sum(axis=1)
    mean = (panel.units * chosen).sum(axis=1) / np.maximum(count, 1)
    return np.where(count > 0, mean, np.nan), count
