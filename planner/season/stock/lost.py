"""Units that could not be sold because the shelf was empty.

Estimates demand on stock-out days from the plan and from the days in stock. Knows
nothing of why the shelf was empty or what a unit is worth.
"""

import numpy as np
import pandas as pd

from planner.season.days import KEYS


def lost_by_day(sold: pd.DataFrame) -> pd.Series:
    """Return the units of demand that each day's empty shelf turned away.

    Parameters
    ----------
    sold : DataFrame
        market, sku, day, units, planned_units [units/day], is_stock_out: every SKU and day of
        the window; planned units are NaN where no forecast exists.

    Returns
    -------
    Series
        Aligned with `sold`; 0 on days in stock, NaN on stock-out days of a SKU without a plan.
        [units]

    Notes
    -----
    ``lost = max(planned * day factor * pace - sold, 0)`` on stock-out days. The day factor is
    what the market's SKUs in stock sold that day over what was planned for them (it carries the
    shape of the sale, such as a peak on the first day); without any SKU in stock it is that
    ratio over all days. The pace is what the SKU itself sold on its days in stock over planned
    units times day factor; without such a day it is 1. Demand moved to a later day or to
    another SKU is counted as lost, so the figure errs high.

    Examples
    --------
    A SKU planned at 10 a day sells 20, 20, then is out: the pace is 2, so 20 units are lost.

    >>> days = pd.date_range("2025-11-11", periods=3)
    >>> frame = pd.DataFrame({"market": "TH", "sku": "a", "day": days, "units": [20, 20, 0],
    ...     "planned_units": 10.0, "is_stock_out": [False, False, True]})
    >>> lost_by_day(frame).tolist()
    [0.0, 0.0, 20.0]
    """
    in_stock = sold[~sold["is_stock_out"] & sold["planned_units"].notna()]
    factor = _day_factor(sold, in_stock)
    expected = sold["planned_units"] * factor
    pace = _pace(sold, in_stock, expected)
    missed = (expected * pace - sold["units"]).clip(lower=0)
    return missed.where(sold["is_stock_out"], 0.0)


def _day_factor(sold: pd.DataFrame, in_stock: pd.DataFrame) -> pd.Series:
    by_day = _ratio(in_stock.groupby(["market", "day"])[["units", "planned_units"]].sum())
    overall = _ratio(in_stock.groupby("market")[["units", "planned_units"]].sum())
    days = pd.MultiIndex.from_frame(sold[["market", "day"]])
    known = by_day.reindex(days).to_numpy(dtype=float)
    usual = overall.reindex(sold["market"]).fillna(1.0).to_numpy(dtype=float)
    return pd.Series(np.where(np.isnan(known), usual, known), index=sold.index)


def _pace(sold: pd.DataFrame, in_stock: pd.DataFrame, expected: pd.Series) -> pd.Series:
    own = in_stock[KEYS].assign(units=in_stock["units"], planned_units=expected.loc[in_stock.index])
    ratio = _ratio(own.groupby(KEYS)[["units", "planned_units"]].sum())
    keys = pd.MultiIndex.from_frame(sold[KEYS])
    return pd.Series(ratio.reindex(keys).fillna(1.0).to_numpy(dtype=float), index=sold.index)


def _ratio(sums: pd.DataFrame) -> pd.Series:
    return sums["units"] / sums["planned_units"].where(sums["planned_units"] > 0)
