"""Days on which a SKU sold little because there was nothing to sell.

A stock report decides where there is one; without it a run of days without a sale that is too
long for chance. Marks days and changes none.
"""

import numpy as np
import pandas as pd

SOLD_OUT_RATIO = 0.3
"""Share of the SKU's mean below which a day without stock counts as out of stock: at 30 % and
less sellers' tools call a day a partial stock-out (SoStocked help, MySales documentation)."""
CHANCE = 0.01
"""A run of zeros that is rarer than this is no chance."""
WINDOW_DAYS = 28  # days on each side of a run from which the SKU's own rate is taken
MIN_RATE_DAYS = 7  # ordinary days without which there is no rate
LONGEST_END_DAYS = 28  # a longer run at the end of the history: the SKU has ended


def stock_out_days(daily: pd.DataFrame, stock_history: pd.DataFrame) -> np.ndarray:
    """Return for every day of sales whether the SKU was out of stock.

    Parameters
    ----------
    daily : DataFrame
        `shop`, `sku`, `day`, `units`, `phase` (empty on ordinary days); every day of a shop's
        SKU, in order.
    stock_history : DataFrame
        Keeps the contract StockHistory; may be empty, or hold some SKUs and days only.

    Returns
    -------
    ndarray of bool, shape (n_days,)
        Aligned with `daily`.

    Notes
    -----
    Days with a stock report: no unit left at the day's end, and none sold or fewer than 0.3
    times the mean of the SKU's ordinary days before that ended with stock.

    Other days: within a run of L days without a sale with ``P(0)**L < 0.01``. P(0) is the chance
    of no sale at the mean m of the ordinary days within 28 days of the run: ``exp(-m)``
    (Poisson), or ``d**(-m / (d - 1))`` (negative binomial) where the variance of the SKU's
    ordinary days is d > 1 times their mean. No rate comes from fewer than 7 days. A run at the
    end of the history that is longer than 28 days is no stock-out: the SKU has ended.
    """
    units = daily["units"].to_numpy(dtype="float64")
    ordinary = (daily["phase"] == "").to_numpy()
    series = daily.groupby(["shop", "sku"], sort=False).ngroup().to_numpy()
    by_runs = _long_runs(units, ordinary, series)
    reports = stock_history.rename(columns={"units": "left"})
    left = daily[["sku", "day"]].merge(reports, on=["sku", "day"], how="left")["left"].to_numpy()
    sold_out = (left == 0) & _sold_little(units, ordinary & (left != 0), series)
    return np.where(np.isnan(left.astype("float64")), by_runs, sold_out)


def _sold_little(units: np.ndarray, usual: np.ndarray, series: np.ndarray) -> np.ndarray:
    days = pd.DataFrame({"count": usual.astype("float64"), "units": units * usual})
    before = days.groupby(series).cumsum() - days
    mean = before["units"] / before["count"].where(before["count"] > 0)
    return (units == 0) | (units < SOLD_OUT_RATIO * mean.to_numpy())


def _long_runs(units: np.ndarray, ordinary: np.ndarray, series: np.ndarray) -> np.ndarray:
    if not len(units):
        return np.zeros(0, dtype=bool)
    is_zero = units == 0
    opens = np.r_[True, (series[1:] != series[:-1]) | (is_zero[1:] != is_zero[:-1])]
    starts = np.flatnonzero(opens)
    ends = np.r_[starts[1:], len(units)]
    own = series[starts]
    first = np.searchsorted(series, own)
    last = np.searchsorted(series, own, side="right")
    sold = np.r_[0, np.cumsum(units * ordinary)]
    days = np.r_[0, np.cumsum(ordinary)]
    since = np.maximum(starts - WINDOW_DAYS, first)
    till = np.minimum(ends + WINDOW_DAYS, last)
    count = days[starts] - days[since] + days[till] - days[ends]
    total = sold[starts] - sold[since] + sold[till] - sold[ends]
    rate = total / np.maximum(count, 1)
    length = ends - starts
    log_chance = length * _log_no_sale(rate, _dispersion(units, ordinary, series)[own])
    has_ended = (ends == last) & (length > LONGEST_END_DAYS)
    is_long = is_zero[starts] & (log_chance < np.log(CHANCE)) & (count >= MIN_RATE_DAYS)
    return np.repeat(is_long & ~has_ended, length)


def _dispersion(units: np.ndarray, ordinary: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Return for each series the variance of its ordinary days over their mean, at least 1."""
    usual = pd.Series(np.where(ordinary, units, np.nan)).groupby(series)
    mean = usual.mean()
    ratio = usual.var() / mean.where(mean > 0)
    return ratio.fillna(1).clip(lower=1).to_numpy()


def _log_no_sale(rate: np.ndarray, dispersion: np.ndarray) -> np.ndarray:
    spread = np.maximum(dispersion - 1, np.finfo(float).eps)
    return np.where(dispersion > 1, -rate * np.log(dispersion) / spread, -rate)
