"""How far buyers paid less in past promotions than in the weeks before them.

Knows daily units and money; not what the seller meant to take off. A platform's own vouchers
count, and so does a SKU that sold more in bundles: it is what moved buyers, not a price list.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from planner.intake.driver_rows import EDITION, as_rows

BEFORE_DAYS = 56
"""Ordinary days before a phase that tell the usual price: eight weeks, as `clean.RISE_DAYS`."""
MIN_UNITS = 5
"""Units sold on those days, below which their mean price is chance (house judgement). [units]"""
MAX_DISCOUNT = 0.95
"""More than that off is a gift or a wrong amount. [unitless]"""


def paid_discounts(daily: pd.DataFrame, windows: pd.DataFrame) -> pd.DataFrame:
    """Return the discount that buyers got in each past phase, SKU by SKU.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    windows : DataFrame
        Phases of events: `event`, `market`, `sale_on`, `phase`, `starts_on`, `ends_on`.

    Returns
    -------
    DataFrame
        `event`, `market`, `sale_on`, `phase`, `sku` and the facts, of which only
        `discount_rate` is told.

    Notes
    -----
    ``1 - (money / units of the phase) / (money / units of ordinary days in the 8 weeks before)``,
    by shop, then the mean over shops weighted by the phase's units; 0 where buyers paid more,
    unknown where fewer than 5 units sold before. Days whose money is not known are left out.
    """
    paid = daily[(daily["units"] > 0) & (daily["revenue_minor"] > 0)]
    parts = []
    for market, rows in paid.groupby("market"):
        rows = rows.sort_values("day", kind="stable")
        shop, shops = pd.factorize(rows["shop"])
        sku, names = pd.factorize(rows["sku"])
        code, skus = shop * len(names) + sku, pd.Index(np.tile(names, len(shops)))
        usual = _Sales.of(rows, code, (rows["phase"] == "").to_numpy())
        promos = rows.groupby(["event", "phase"]).indices
        for window in windows[windows["market"] == market].itertuples():
            place = promos.get((window.event, window.phase))
            if place is None:
                continue
            promo = _Sales.of(rows, code, np.sort(place))
            first = window.starts_on - pd.Timedelta(days=BEFORE_DAYS)
            last = window.starts_on - pd.Timedelta(days=1)
            now = promo.between(window.starts_on, window.ends_on, len(skus))
            rates = _discounts(now, usual.between(first, last, len(skus)), skus)
            named = {name: getattr(window, name) for name in (*EDITION, "phase")}
            parts.append(rates.assign(**named))
    blank = pd.DataFrame(columns=[*EDITION, "phase", "sku", "discount_rate"])
    filled = [part for part in parts if len(part)]
    return as_rows(pd.concat(filled, ignore_index=True) if filled else blank)


class _Sales(NamedTuple):
    """Sales in order of days: day, series, money and units of each row."""

    day: NDArray[np.datetime64]
    series: NDArray[np.int64]
    money: NDArray[np.float64]
    units: NDArray[np.float64]

    @classmethod
    def of(
        cls, rows: pd.DataFrame, code: NDArray[np.int64], which: NDArray[np.int64 | np.bool_]
    ) -> "_Sales":
        """Return some rows of a frame that is sorted by day."""
        names = ("revenue_minor", "units")
        money, units = (rows[name].to_numpy(dtype=float)[which] for name in names)
        return cls(rows["day"].to_numpy()[which], code[which], money, units)

    def between(
        self, first: pd.Timestamp, last: pd.Timestamp, n_series: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return money and units of each series from the first to the last day."""
        start = int(np.searchsorted(self.day, first.to_datetime64()))
        stop = int(np.searchsorted(self.day, last.to_datetime64(), side="right"))
        part = slice(start, stop)
        money = np.bincount(self.series[part], self.money[part], n_series)
        return money, np.bincount(self.series[part], self.units[part], n_series)


def _discounts(
    now: tuple[NDArray[np.float64], NDArray[np.float64]],
    before: tuple[NDArray[np.float64], NDArray[np.float64]],
    skus: pd.Index,
) -> pd.DataFrame:
    """Return `sku` and `discount_rate`, the mean over shops."""
    (money, units), (usual_money, usual_units) = now, before
    is_told = (units > 0) & (usual_units >= MIN_UNITS)
    price = money[is_told] / units[is_told]
    rate = np.maximum(1 - price * usual_units[is_told] / usual_money[is_told], 0.0)
    told = pd.DataFrame({"sku": skus[is_told], "off": rate * units[is_told], "n": units[is_told]})
    sums = told[rate <= MAX_DISCOUNT].groupby("sku")[["off", "n"]].sum()
    return (sums["off"] / sums["n"]).rename("discount_rate").reset_index()
