"""Days that sold far more than a SKU's usual without a cause in the calendar.

Names them and tells the excess; takes nothing away. A level that stays high is no spike.
"""

import numpy as np
import pandas as pd

from planner.intake.chances import chance_of_more
from planner.intake.day_grid import Flags, Floats
from planner.tables.contract import checked, empty
from planner.tables.intake import Findings

CHANCE = 1e-4
"""A day rarer than this at the SKU's usual rate is no chance."""
CAP_SPREADS = 3.0
"""The excess of a spike is what lies above the mean plus so many spreads."""
LEAST_RATIO, LEAST_UNITS = 2.0, 5.0
"""A spike sells at least so many times, and units more than, the usual."""
LONGEST_SPIKE_DAYS = 10
"""Days in a row above the cap that are a new level, not a spike. [days]"""
AFTER_DAYS, STAY_SHARE = 14, 0.5
"""If the two weeks after keep so much of the excess, the level has risen."""
BULK_UNITS, BULK_RATIO = 20, 10.0
"""A line above both, units and times the SKU's usual line, is a bulk order."""


def spikes(
    daily: pd.DataFrame, stock: pd.DataFrame, *, lines: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return for every day of sales whether it is a spike, its excess, and why.

    Parameters
    ----------
    daily : DataFrame
        Rows of DailySales, every shop's SKU in the order of its days.
    stock : DataFrame
        `stock_outs.stock_outs` of `daily`.
    lines : DataFrame, optional
        `shop`, `market`, `sku`, `ordered_at`, `units` of demand, bundles exploded: tells bulk
        orders.

    Returns
    -------
    DataFrame
        Aligned with `daily`: `is_spike`, `excess_units` [units], `reason` (`spike`, `bulk_order`
        or empty). Days of a promotion are none.

    Notes
    -----
    A spike is a day without promotion whose units are rarer than 1 in 10,000 for a negative
    binomial at the SKU's usual rate. Its excess is what exceeds the mean by more than three
    spreads.
    """
    if daily.empty:
        return pd.DataFrame(columns=["is_spike", "excess_units", "reason"], index=daily.index)
    units = daily["units"].to_numpy(dtype=float)
    mean, alpha = (stock[name].to_numpy(float) for name in ("ordinary_units", "dispersion_ratio"))
    spread = np.sqrt(mean + alpha * mean**2)
    cap = mean + CAP_SPREADS * spread
    is_free = (daily["phase"] == "").to_numpy()
    is_rare = chance_of_more(units, mean, alpha) < CHANCE
    is_far = is_rare & (units > LEAST_RATIO * mean) & (units > mean + LEAST_UNITS)
    series = daily.groupby(["shop", "market", "sku"], sort=False).ngroup().to_numpy()
    is_spike = is_free & is_far & ~_lasts(units, mean, is_free & is_far, series)
    bulk = _bulk_units(daily, lines)
    is_bulk = is_free & (bulk > 0) & (units - mean > CAP_SPREADS * spread)
    rest = np.where(is_spike & ~is_bulk, units - cap, 0.0)
    excess = np.where(is_bulk, np.maximum(np.minimum(bulk, units - mean), 0.0), rest)
    chosen = is_spike | is_bulk
    return pd.DataFrame(
        {
            "is_spike": chosen,
            "excess_units": np.where(chosen, np.maximum(excess, 0.0), 0.0),
            "reason": np.select([is_bulk, is_spike], ["bulk_order", "spike"], ""),
        },
        index=daily.index,
    )


def spike_findings(daily: pd.DataFrame, found: pd.DataFrame) -> pd.DataFrame:
    """Return one finding per spike or bulk order, the largest first.

    Parameters
    ----------
    daily, found : DataFrame
        Daily sales and `spikes` of them.

    Returns
    -------
    DataFrame
        Keeps the contract Findings: `file` is the shop, `facts` name SKU, day, units and excess.
    """
    rows = daily.assign(excess=found["excess_units"], why=found["reason"])
    rows = rows[found["is_spike"].to_numpy(dtype=bool)]
    rows = rows.sort_values(["excess", "shop", "sku", "day"], ascending=[False, True, True, True])
    if rows.empty:
        return empty(Findings)
    told = [
        {
            "file": row.shop,
            "code": "W_BULK_ORDER" if row.why == "bulk_order" else "W_SPIKE",
            "facts": f"sku={row.sku}|day={row.day:%Y-%m-%d}|units={row.units}"
            f"|excess={round(row.excess)}",
        }
        for row in rows.itertuples()
    ]
    return checked(Findings, pd.DataFrame(told).astype("str"))


def _lasts(units: Floats, mean: Floats, high: Flags, series: Floats) -> Flags:
    """Return the high days of runs that are a level which has risen for good."""
    opens = np.r_[True, (series[1:] != series[:-1]) | (high[1:] != high[:-1])]
    starts = np.flatnonzero(opens)
    ends = np.r_[starts[1:], len(units)]
    last = np.searchsorted(series, series[starts], side="right")
    until = np.minimum(ends + AFTER_DAYS, last)
    sold, usual = (np.r_[0.0, np.cumsum(part)] for part in (units, mean))
    length = ends - starts
    above = (sold[ends] - sold[starts] - usual[ends] + usual[starts]) / length
    n_after = np.maximum(until - ends, 1)
    after = (sold[until] - sold[ends] - usual[until] + usual[ends]) / n_after
    stays = (after > STAY_SHARE * above) & (until - ends >= AFTER_DAYS // 2)
    return np.repeat(stays | (length > LONGEST_SPIKE_DAYS), length)


def _bulk_units(daily: pd.DataFrame, lines: pd.DataFrame | None) -> Floats:
    if lines is None or lines.empty:
        return np.zeros(len(daily))
    large = lines[lines["units"] > BULK_UNITS]
    if large.empty:
        return np.zeros(len(daily))
    key = ["shop", "market", "sku"]
    own = lines[lines["sku"].isin(large["sku"].unique())]
    usual = own.groupby(key)["units"].median().rename("usual").reset_index()
    large = large.merge(usual, on=key)
    large = large[large["units"] > BULK_RATIO * large["usual"]]
    large = large.assign(
        day=large["ordered_at"].dt.normalize(), over=large["units"] - large["usual"]
    )
    summed = large.groupby([*key, "day"], as_index=False)["over"].sum()
    found = daily[[*key, "day"]].merge(summed, on=[*key, "day"], how="left")["over"]
    return found.fillna(0.0).to_numpy(dtype=float)
