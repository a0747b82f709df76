"""How much can be ordered where the platform limits a shop's orders a day.

Knows shops' limits and how many units an order holds; not who wants to buy. What lies above a
limit is lost, not put off: the buyer finds the goods elsewhere.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import Floats
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
    curve: pd.DataFrame | None = None,
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
    curve : DataFrame, optional
        Table `DayCurve`: how a phase falls on its days; evenly without it.

    Returns
    -------
    Capped
        Where a shop with a limit has no units per order, 1 is taken, the least an order can
        hold, and the finding `W_ORDER_UNITS` says so.

    Notes
    -----
    In each world and phase a shop's total `t` becomes the sum over days of
    ``min(t x share of the day, limit x units per order)``: sales that bunch on the first day
    meet the limit there. A day without a limit is not cut. All SKUs of the shop are scaled
    alike, so shares between them stay.
    """
    limited = {shop.shop: shop.daily_order_limits for shop in shops if shop.daily_order_limits}
    touched = draws[draws["shop"].isin(list(limited))]
    worlds = draws["draws"].to_numpy(dtype=object).copy()
    rows = []
    for (shop, phase), group in touched.groupby(["shop", "phase"], sort=True):
        first = group.iloc[0]
        days = pd.date_range(first["starts_on"], first["ends_on"])
        limits, sources = _limits_on(days, limited[str(shop)])
        if not np.isfinite(limits).any():
            continue
        per_order = units_per_order.get(str(shop), 1.0)
        total = np.asarray(group["draws"].sum(), dtype=float)
        shares = _shares(curve, str(first["market"]), str(phase), days)
        allowed = allowed_totals(total, limits * per_order, shares=shares)
        ratio = np.divide(allowed, total, out=np.ones_like(total), where=total > 0)
        for place in draws.index.get_indexer(group.index):
            worlds[place] = worlds[place] * ratio
        facts = _facts(limits, per_order, total, allowed)
        rows.append(group.iloc[[0]].assign(phase=phase, source=sources, **facts))
    if not rows:
        return Capped(draws, empty(OrderCaps), empty(Findings))
    caps = checked(OrderCaps, pd.concat(rows)[columns(OrderCaps)])
    found = _findings(caps["shop"].unique(), units_per_order)
    return Capped(checked(DemandDraws, draws.assign(draws=worlds)), caps, found)


def allowed_totals(total: Floats, limits: Floats, *, shares: Floats | None = None) -> Floats:
    """Return totals spread over days with each day cut to its limit.

    Parameters
    ----------
    total : array, shape (n_draws,)
        Units of a phase in each world. [units]
    limits : array, shape (n_days,)
        Most units of each day, infinite where nothing limits it. [units/day]
    shares : array, shape (n_days,), optional
        Part of the total that falls on each day; evenly without it.

    Examples
    --------
    >>> allowed_totals(np.array([90.0, 300.0]), np.array([40.0, 40.0, np.inf])).tolist()
    [90.0, 180.0]
    """
    spread = np.full(limits.size, 1.0 / limits.size) if shares is None else shares
    by_day = np.asarray(total, dtype=float)[:, None] * spread
    return np.minimum(by_day, limits).sum(axis=1)


def _shares(
    curve: pd.DataFrame | None, market: str, phase: str, days: pd.DatetimeIndex
) -> Floats | None:
    """Return each day's share of a phase; None where no curve tells it."""
    if curve is None:
        return None
    rows = curve[(curve["market"] == market) & (curve["phase"] == phase)]
    told = rows.set_index("day")["share_rate"].reindex(days).to_numpy(dtype=float)
    return None if np.isnan(told).any() else told / told.sum()


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
