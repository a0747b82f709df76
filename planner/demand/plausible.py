"""Whether the horizon's total is one the seller has ever come near.

Knows draws, ordinary days and the past; tells a finding and changes nothing.
"""

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, Floats, panel_of
from planner.demand.day_curve import past_expected
from planner.demand.forecast import HORIZON_PHASES
from planner.tables import Findings, checked, empty

TOTAL_MARGIN = 1.5
"""How far beyond the largest ratio ever seen a total may lie (house judgement). [unitless]"""
MIN_WINDOW_UNITS = 20.0
"""Ordinary units in a past window below which its ratio is chance. [units]"""
CODE = "W_TOTAL_HIGH"


def total_ratios(
    draws: pd.DataFrame, baseline: pd.DataFrame, daily: pd.DataFrame, *, catalogue: pd.DataFrame
) -> pd.DataFrame:
    """Return by market and category the horizon's ratio to ordinary days, and the largest seen.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws` to plan with.
    baseline, daily, catalogue : DataFrame
        Tables `BaselineDaily`, `DailySales` and `Catalogue`.

    Returns
    -------
    DataFrame
        market, category, days [days], total_units [units], total_ratio, seen_ratio: the
        largest of any past window of as many days (of the whole past if that is shorter), NaN
        where no window sold enough to tell.
    """
    inside = draws[draws["phase"].isin(HORIZON_PHASES)]
    spans = inside.groupby("market").agg(first=("starts_on", "min"), last=("ends_on", "max"))
    panel = panel_of(daily, catalogue=catalogue)
    expected, _ = past_expected(panel, baseline)
    counted = panel.is_known & ~panel.is_stock_out
    total = inside.assign(total=[worlds.mean() for worlds in inside["draws"]])
    total = total.groupby(KEYS)["total"].sum()
    ahead = baseline[baseline["is_future"]].merge(spans, left_on="market", right_index=True)
    ahead = ahead[ahead["day"].between(ahead["first"], ahead["last"])]
    usual = ahead.groupby(KEYS)["baseline_units"].sum()
    rows = []
    for (market, category), members in panel.keys.groupby(["market", "category"]).indices.items():
        if market not in spans.index:
            continue
        keys = pd.MultiIndex.from_frame(panel.keys.loc[members, KEYS])
        days = int((spans.loc[market, "last"] - spans.loc[market, "first"]).days) + 1
        units = float(total.reindex(keys).sum())
        ordinary = float(usual.reindex(keys).sum())
        seen = _largest((panel.units * counted)[members], (expected * counted)[members], days)
        ratio = units / ordinary if ordinary > 0 else np.nan
        rows.append((market, category, days, units, ratio, seen))
    names = ["market", "category", "days", "total_units", "total_ratio", "seen_ratio"]
    return pd.DataFrame(rows, columns=names)


def doubtful_totals(ratios: pd.DataFrame, *, margin: float = TOTAL_MARGIN) -> pd.DataFrame:
    """Return one finding for each category whose total lies beyond all it has ever shown.

    Parameters
    ----------
    ratios : DataFrame
        What `total_ratios` gave.
    margin : float
        Factor on the largest ratio seen. [unitless]

    Returns
    -------
    DataFrame
        Table `Findings`; its file is the table `Forecast`.
    """
    high = ratios[ratios["total_ratio"] > margin * ratios["seen_ratio"].clip(lower=1.0)]
    if high.empty:
        return empty(Findings)
    facts = [
        f"market={row.market}|category={row.category or '-'}|units={row.total_units:.0f}"
        f"|ratio={row.total_ratio:.2f}|seen={row.seen_ratio:.2f}|days={row.days}"
        for row in high.itertuples()
    ]
    table = pd.DataFrame({"file": "Forecast", "code": CODE, "facts": facts})
    return checked(Findings, table)


def _largest(sold: Floats, usual: Floats, days: int) -> float:
    window = min(days, sold.shape[1])
    kernel = np.ones(window)
    got = np.convolve(sold.sum(axis=0), kernel, mode="valid")
    ordinary = np.convolve(usual.sum(axis=0), kernel, mode="valid")
    told = ordinary >= MIN_WINDOW_UNITS
    return float((got[told] / ordinary[told]).max()) if told.any() else float("nan")
