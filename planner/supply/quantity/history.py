"""History: what an ordinary day sold, and what the same figures look like uncleaned.

The two formulas of the trade want mean, spread and peak of a day. Taken from
ordinary days in stock they mean what they say; taken from all days, promotions
and empty shelves included, they are a warning.
"""

import numpy as np
import pandas as pd

from planner.supply.quantity.newsvendor import KEYS


def daily_figures(daily: pd.DataFrame) -> pd.DataFrame:
    """Return mean, spread and peak of a day, from clean days and from all days.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`; the shops of a market are added up day by day.

    Returns
    -------
    DataFrame
        Indexed by market and sku: clean_days [days], mean_daily_units, daily_sd_units,
        peak_daily_units and the same three with `raw_` before them [units/day]. A SKU without a
        clean day has NaN there: no history is not a history of zeros.

    Notes
    -----
    A clean day lies in no phase of a promotion and has no stock-out in any shop of the market.
    The spread is that of the sample, NaN from a single day.
    """
    marked = daily.assign(is_promo=daily["phase"] != "")
    by_day = marked.groupby([*KEYS, "day"]).agg(
        units=("units", "sum"), is_stock_out=("is_stock_out", "any"), is_promo=("is_promo", "any")
    )
    clean = by_day[~by_day["is_stock_out"] & ~by_day["is_promo"]]
    raw = _figures(by_day["units"]).drop(columns="days").add_prefix("raw_")
    figures = raw.join(_figures(clean["units"]), how="left")
    figures["clean_days"] = figures.pop("days").fillna(0).astype("int64")
    return figures


def _figures(units: pd.Series) -> pd.DataFrame:
    grouped = units.astype(float).groupby(level=KEYS)
    return grouped.agg(
        mean_daily_units="mean", daily_sd_units="std", peak_daily_units="max", days="count"
    ).astype(np.float64)
