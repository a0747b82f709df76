"""How much can be ordered where the platform limits a shop's orders a day.

Knows shops' limits and how many units an order holds; not who wants to buy. What lies above a
limit is lost, not put off: the buyer finds the goods elsewhere.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import KEYS, Floats
from planner.intake.bundles import explode
from planner.seller import OrderLimit, Shop
from planner.tables import Bundles, DemandDraws, Findings, OrderCaps, checked, columns, empty


class Capped(NamedTuple):
    """Demand that can be ordered, what the limits cut off, and what was not known."""

    draws: pd.DataFrame
    """Table `DemandDraws`."""
    caps: pd.DataFrame
    """Table `OrderCaps`."""
    findings: pd.DataFrame
    """Table `Findings`."""
    by_day: pd.DataFrame
    """shop, market, sku, phase and day of phases with a limit: mean_units of the SKU after it,
    and limit_units that the shop can take on that day, infinite without a limit. [units]"""


def units_per_order(
    lines: pd.DataFrame, *, until: Mapping[str, date], bundles: pd.DataFrame | None = None
) -> dict[str, float]:
    """Return the mean units of an order of each shop, bundles counted by what they draw.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines`; only lines that are demand count.
    until : Mapping of str to date
        By market, the first day that is not known.
    bundles : DataFrame, optional
        Table `Bundles`.

    Returns
    -------
    dict of str to float
        By shop, at least 1; a shop without an order is left out. [units/order]
    """
    first_unknown = pd.to_datetime(lines["market"].map(dict(until)))
    known = lines[lines["is_demand"] & (lines["ordered_at"] < first_unknown)]
    sold = explode(
        known[["shop", "order_id", "sku", "units"]],
        empty(Bundles) if bundles is None else bundles,
    )
    shops = sold.groupby("shop", sort=True)
    means = shops["units"].sum() / shops["order_id"].nunique()
    return {str(shop): max(float(mean), 1.0) for shop, mean in means.items()}


def capped_draws(
    draws: pd.DataFrame,
    *,
    shops: Iterable[Shop],
    units_per_order: Mapping[str, float],
    shares: pd.DataFrame | None = None,
) -> Capped:
    """Return the draws with no shop's total above what its order limits allow.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`, overrides applied: a limit of the platform holds for them too.
    shops : iterable of Shop
        With their `daily_order_limits`.
    units_per_order : Mapping of str to float
        By shop. [units/order]
    shares : DataFrame, optional
        What `days_ahead.day_shares` gave: how a phase falls on its days; evenly without it.

    Returns
    -------
    Capped
        Where a shop with a limit has no units per order, 1 is taken, the least an order can
        hold, and the finding `W_ORDER_UNITS` says so.

    Notes
    -----
    In each world and phase a shop's day is the sum of its SKUs' shares of that day; where it is
    above ``limit x units per order`` all its SKUs are scaled alike down to it: sales that bunch
    on the first day meet the limit there. A day without a limit is not cut.
    """
    limited = {shop.shop: shop.daily_order_limits for shop in shops if shop.daily_order_limits}
    touched = draws[draws["shop"].isin(list(limited))]
    worlds = draws["draws"].to_numpy(dtype=object).copy()
    rows, by_day = [], []
    for (shop, phase), group in touched.groupby(["shop", "phase"], sort=True):
        first = group.iloc[0]
        days = pd.date_range(first["starts_on"], first["ends_on"])
        limits, sources = _limits_on(days, limited[str(shop)])
        if not np.isfinite(limits).any():
            continue
        per_order = units_per_order.get(str(shop), 1.0)
        wanted = np.stack(group["draws"].to_list())
        left, means = cut_to_limits(wanted, limits * per_order, shares=_shares(shares, group, days))
        for place, row in zip(draws.index.get_indexer(group.index), left, strict=True):
            worlds[place] = row
        facts = _facts(limits, per_order, wanted.sum(axis=0), left.sum(axis=0))
        rows.append(group.iloc[[0]].assign(phase=phase, source=sources, **facts))
        by_day.append(_by_day(group, days, means, limits * per_order))
    if not rows:
        return Capped(draws, empty(OrderCaps), empty(Findings), pd.DataFrame())
    caps = checked(OrderCaps, pd.concat(rows)[columns(OrderCaps)])
    found = _findings(caps["shop"].unique(), units_per_order)
    capped = checked(DemandDraws, draws.assign(draws=worlds))
    return Capped(capped, caps, found, pd.concat(by_day, ignore_index=True))


def cut_to_limits(worlds: Floats, limits: Floats, *, shares: Floats) -> tuple[Floats, Floats]:
    """Return a shop's totals spread over days with each day cut to its limit.

    Parameters
    ----------
    worlds : array, shape (n_skus, n_draws)
        Units of a phase in each world. [units]
    limits : array, shape (n_days,)
        Most units of the shop on each day, infinite where nothing limits it. [units/day]
    shares : array, shape (n_skus, n_days)
        Part of each SKU's total that falls on each day.

    Returns
    -------
    left : array, shape (n_skus, n_draws)
        [units]
    means : array, shape (n_skus, n_days)
        Mean of what is left of each day. [units/day]

    Examples
    --------
    >>> limits, even = np.array([40.0, 40.0, np.inf]), np.full((1, 3), 1 / 3)
    >>> left, means = cut_to_limits(np.array([[90.0, 300.0]]), limits, shares=even)
    >>> left.round(6).tolist(), means.round(6).tolist()
    ([[90.0, 180.0]], [[35.0, 35.0, 65.0]])
    """
    left, means = np.zeros(worlds.shape), np.zeros(shares.shape)
    for day, limit in enumerate(limits):
        of_day = worlds * shares[:, day, None]
        total = of_day.sum(axis=0)
        kept = of_day * np.divide(
            np.minimum(total, limit), total, out=np.ones_like(total), where=total > 0
        )
        left += kept
        means[:, day] = kept.mean(axis=1)
    return left, means


def _shares(shares: pd.DataFrame | None, group: pd.DataFrame, days: pd.DatetimeIndex) -> Floats:
    """Return each day's share of a phase, shape (n_skus, n_days); even where nothing tells it."""
    even = np.full((len(group), len(days)), 1.0 / len(days))
    if shares is None:
        return even
    first = group.iloc[0]
    is_of = (shares["shop"] == first["shop"]) & (shares["phase"] == first["phase"])
    told = shares[is_of].pivot_table(index="sku", columns="day", values="share")
    found = told.reindex(index=group["sku"], columns=days).to_numpy(dtype=float)
    is_told = ~np.isnan(found).any(axis=1, keepdims=True)
    return np.where(is_told, found, even)


def _by_day(
    group: pd.DataFrame, days: pd.DatetimeIndex, means: Floats, limits: Floats
) -> pd.DataFrame:
    rows = group[[*KEYS, "phase"]].loc[group.index.repeat(len(days))]
    return rows.assign(
        day=np.tile(days, len(group)),
        mean_units=means.ravel(),
        limit_units=np.tile(limits, len(group)),
    )


def _limits_on(days: pd.DatetimeIndex, limits: Iterable[OrderLimit]) -> tuple[Floats, str]:
    """Return the lowest limit of each day, infinite without one, and where they were read."""
    lowest = np.full(len(days), np.inf)
    sources: list[str] = []
    for limit in limits:
        inside = days >= pd.Timestamp(limit.start)
        if limit.end:
            inside &= days <= pd.Timestamp(limit.end)
        if inside.any() and limit.source not in sources:
            sources.append(limit.source)
        lowest = np.where(inside, np.minimum(lowest, limit.orders), lowest)
    return lowest, "; ".join(sources)


def _facts(limits: Floats, per_order: float, total: Floats, allowed: Floats) -> dict[str, float]:
    is_limited = np.isfinite(limits)
    cut = np.maximum(total - allowed, 0.0)
    return {
        "limited_days": int(is_limited.sum()),
        "limit_orders": float(limits[is_limited].sum()),
        "units_per_order": per_order,
        "wanted_units": float(total.mean()),
        "mean_units": float(allowed.mean()),
        "cut_units": float(cut.mean()),
        "binding_rate": float((cut > 1e-9 * np.maximum(total, 1.0)).mean()),
    }


def _findings(shops: Iterable[str], units_per_order: Mapping[str, float]) -> pd.DataFrame:
    rows = [
        ("seller.yml", "W_ORDER_UNITS", f"shop={shop}")
        for shop in shops
        if shop not in units_per_order
    ]
    return checked(Findings, pd.DataFrame(rows, columns=columns(Findings)).astype("str"))
