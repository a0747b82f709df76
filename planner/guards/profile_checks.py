"""Checks of what a seller told of himself first, against what his files show.

Orders a month, number of SKUs, main category. A figure that nobody told is not compared; one far
from the files is asked about: either the profile is old, or part of the exports is missing.
"""

import math

import pandas as pd

from planner.guards.entries import Entry, as_terms, entry
from planner.scope import Scope
from planner.supply.charges.tariffs import DAYS_A_MONTH
from planner.supply.trips.lanes import bound


def profile(
    daily: pd.DataFrame,
    catalogue: pd.DataFrame,
    bounds: pd.DataFrame,
    scope: Scope,
    *,
    lines: pd.DataFrame | None = None,
) -> list[Entry]:
    """Return alerts for a profile that does not fit the files.

    Parameters
    ----------
    daily, catalogue : DataFrame
        Tables `DailySales` and `Catalogue`.
    bounds : DataFrame
        Register `Bounds`; its row `profile_gap` says how far apart both may be, as a ratio.
    scope : Scope
        Its seller's profile.
    lines : DataFrame, optional
        Table `OrderLines`; without it orders are not counted.
    """
    limits, told = bound(bounds, "profile_gap"), scope.seller.profile
    if math.isnan(limits.low) or math.isnan(limits.high):
        return []
    seen = {
        "orders": (None if lines is None else monthly_orders(lines), told.monthly_orders),
        "skus": (skus_sold(daily), told.sku_count),
    }
    found = []
    for name, (counted, said) in seen.items():
        if not counted or said is None:
            continue
        if not limits.low * said <= counted <= limits.high * said:
            facts = {"told": said, "seen": counted}
            found.append(entry(f"profile_{name}", "warn", scope=scope, **facts))
    return found + _category(daily, catalogue, told.category, scope)


def monthly_orders(lines: pd.DataFrame) -> float | None:
    """Return the orders of an ordinary month; None if less than a month is known.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines`.

    Notes
    -----
    For each shop the median of whole months of 30 days, counted back from its last order, so that
    a promotion does not count for an ordinary month; shops are added up. [orders]
    """
    orders = lines[lines["is_demand"]].drop_duplicates(["shop", "order_id"])
    found = []
    for _, own in orders.groupby("shop"):
        back = (own["ordered_at"].max().normalize() - own["ordered_at"].dt.normalize()).dt.days
        months = (int(back.max()) + 1) // DAYS_A_MONTH
        if months:
            counts = (back // DAYS_A_MONTH).value_counts()
            found.append(counts.reindex(range(months), fill_value=0).median())
    return float(sum(found)) if found else None


def skus_sold(daily: pd.DataFrame) -> int:
    """Return how many SKUs sold at all."""
    return int(daily.loc[daily["units"] > 0, "sku"].nunique())


def _category(daily: pd.DataFrame, catalogue: pd.DataFrame, told: str, scope: Scope) -> list[Entry]:
    """Return an alert if the category told is not the one that most units sold are of."""
    goods = catalogue.assign(kind=catalogue["category"].str.strip().str.lower())
    sold = daily.groupby("sku")["units"].sum().rename("sold")
    kinds = goods[goods["kind"] != ""].join(sold, on="sku").groupby("kind")["sold"].sum()
    said = told.strip().lower()
    if not said or kinds.sum() == 0 or kinds.idxmax() == said:
        return []
    facts = {
        "told": as_terms("category", [said])[0],
        "seen": as_terms("category", [str(kinds.idxmax())])[0],
        "rate": float(kinds.max() / kinds.sum()),
        "own_rate": float(kinds.get(said, 0.0) / kinds.sum()),
    }
    return [entry("profile_category", "note", scope=scope, **facts)]
