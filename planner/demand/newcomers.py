"""SKUs of the catalogue that have not sold yet: how they come into the forecast.

A new SKU enters as one day without stock in each shop: nothing is known of what it would have
sold, which is what such a day says. Knows no level; `cold_start` gives it one.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS
from planner.tables import DailySales, checked


def newcomers(
    daily: pd.DataFrame, catalogue: pd.DataFrame, *, until: Mapping[str, date]
) -> pd.DataFrame:
    """Return the SKUs that a shop has not sold yet and that its seller means to sell.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    catalogue : DataFrame
        Table `Catalogue`; a SKU is meant to sell if `like_sku` or `launch_on` is filled in.
    until : Mapping of str to date
        By market, the first day after the horizon; a later launch is left out.

    Returns
    -------
    DataFrame
        shop, market, sku, launch_on (NaT where the seller gives no day).
    """
    planned = _planned(catalogue)
    if planned.empty:
        return pd.DataFrame({name: [] for name in (*KEYS, "launch_on")})
    shops = daily[["shop", "market"]].drop_duplicates()
    stops = pd.to_datetime(shops["market"].map(dict(until)))
    pairs = shops.assign(stop=stops).merge(planned, how="cross")
    pairs = pairs[pairs["launch_on"].isna() | ~(pairs["launch_on"] >= pairs["stop"])]
    sold = pd.MultiIndex.from_frame(daily[KEYS].drop_duplicates())
    fresh = pairs[~pd.MultiIndex.from_frame(pairs[KEYS]).isin(sold)]
    return fresh[[*KEYS, "launch_on"]].sort_values(KEYS, ignore_index=True)


def with_newcomers(
    daily: pd.DataFrame, catalogue: pd.DataFrame, *, until: Mapping[str, date]
) -> pd.DataFrame:
    """Return the daily sales with one day without stock for each planned SKU without sales.

    Returns
    -------
    DataFrame
        Table `DailySales`; the day is the shop's last. A shop without sales gets none: there
        would be nothing to tell a level from.
    """
    fresh = newcomers(daily, catalogue, until=until)
    if fresh.empty:
        return checked(DailySales, daily)
    last = daily.sort_values("day").drop_duplicates(["shop", "market"], keep="last")
    rows = fresh[KEYS].merge(last[["shop", "market", "day"]], on=["shop", "market"])
    rows = rows.assign(
        units=0, revenue_minor=0, cancelled_units=0, is_stock_out=True, event="", phase=""
    )
    kinds = daily.dtypes.to_dict()
    whole = pd.concat([daily, rows[daily.columns].astype(kinds)], ignore_index=True)
    return checked(DailySales, whole.sort_values(["shop", "sku", "day"], ignore_index=True))


def launch_days(keys: pd.DataFrame, catalogue: pd.DataFrame | None) -> pd.Series:
    """Return the day on which each series is planned to be launched, NaT without one.

    Parameters
    ----------
    keys : DataFrame
        sku of each series.
    catalogue : DataFrame, optional
        Table `Catalogue`.
    """
    blank = pd.Series(pd.NaT, index=keys.index, dtype="datetime64[us]")
    if catalogue is None or "launch_on" not in catalogue:
        return blank
    planned = catalogue.drop_duplicates("sku").set_index("sku")["launch_on"]
    return pd.to_datetime(keys["sku"].map(planned)).fillna(blank)


def held_until_launch(baseline: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return the baseline with nothing sold before a SKU is launched.

    Parameters
    ----------
    baseline : DataFrame
        Table `BaselineDaily`.
    catalogue : DataFrame
        Table `Catalogue`; only days ahead and before `launch_on` are emptied, and only of SKUs
        that have not sold in that shop.
    """
    planned = _planned(catalogue)
    if planned.empty:
        return baseline
    launch_on = baseline["sku"].map(planned.set_index("sku")["launch_on"])
    ordinary = baseline["baseline_units"].where(~baseline["is_future"] & ~baseline["is_masked"], 0)
    has_past = ordinary.groupby([baseline[key] for key in KEYS]).transform("sum") > 0
    early = baseline["is_future"] & ~has_past & (baseline["day"] < launch_on)
    units = np.where(early.fillna(False), 0.0, baseline["baseline_units"])
    return baseline.assign(baseline_units=units)


def _planned(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return sku and launch_on of the SKUs that the seller means to sell."""
    launch_on = pd.to_datetime(catalogue.get("launch_on", pd.Series(pd.NaT, catalogue.index)))
    like = catalogue.get("like_sku", pd.Series("", catalogue.index, dtype="str"))
    named = launch_on.notna() | (like.fillna("") != "")
    table = pd.DataFrame({"sku": catalogue["sku"], "launch_on": launch_on})
    return table[named].reset_index(drop=True)
