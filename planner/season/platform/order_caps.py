"""Order caps: what a platform lets a shop take while it ships late, and what that would cost.

Knows the tiers, the shop's mean orders and what is still expected; forecasts nothing itself.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.demand.caps import units_per_order
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.platform.counted_orders import good_needed, room_left
from planner.season.platform.dispatch import LATE, TIKTOK
from planner.season.platform.order_clock import days_by_rule
from planner.seller import Shop

PLATFORM = "platform"
WEEK_DAYS = 7
CAP_WEEKDAY = "order_cap_weekday"
"""Row of the register `Metrics`: the day of the week on which a market's caps are set, 1 Monday to
7 Sunday; without it a cap may begin on any day."""


class Wanted(NamedTuple):
    """What is expected of one shop on each day that a cap would hold."""

    days: pd.DatetimeIndex
    units: np.ndarray
    """shape (n_days,). [units/day]"""
    margin: float
    """Mean profit of a unit, by what sells; NaN if no margin is known."""
    known_rate: float
    """Share of the units whose margin is known. [unitless]"""
    unmoved_rate: float
    """Share of the units of which nothing tells whether what sold moves them. [unitless]"""


def cap_risks(
    lines: pd.DataFrame,
    marks: pd.DataFrame,
    caps: pd.DataFrame,
    *,
    by_day: pd.DataFrame,
    economics: pd.DataFrame,
    scope: Scope,
    rest: pd.DataFrame | None = None,
    bundles: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each shop and tier whether it is reached, and what it takes of the rest.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known at the moment of tracking.
    marks : DataFrame
        Table `PlatformMetrics`.
    caps : DataFrame
        Register `OrderCapRules` in force.
    by_day, economics : DataFrame
        Tables `ForecastDaily` and `UnitEconomics`.
    scope : Scope
    rest : DataFrame, optional
        Table `RestOfEvent`: by how much what has sold moves the plan of the days ahead.
    bundles : DataFrame, optional
        Table `Bundles`: an order of a bundle holds its parts.
    metrics : DataFrame, optional
        Register `Metrics`, rows in force: on which weekday a market's caps are set.

    Returns
    -------
    DataFrame
        Table `CapRisks`; no row for a shop of another platform, or whose market has no tiers.

    Notes
    -----
    ``cap = cap_rate x mean orders a day of the base days``; of each day from tomorrow, or the next
    day on which caps are set, while it holds and the campaign runs,
    ``lost = max(0, wanted - cap)``. Orders above a cap are lost, not put off. The profit is what
    is expected on average: with luck more is lost. A shop of which no order tells how many units
    one holds has its orders
    unknown, not one unit each. A tier that is reached ends once the rate falls below its
    `release_rate`.
    """
    rows = []
    sizes = units_per_order(lines, until=_until(scope), bundles=bundles)
    weekdays = {} if metrics is None else days_by_rule(metrics, CAP_WEEKDAY)
    for shop in scope.shops:
        if shop.platform != TIKTOK:
            continue
        own = caps[(caps["market"] == shop.market) & (caps["mode"] == shop.mode)]
        late = _late(marks, shop)
        for tier in own.sort_values("tier").to_dict("records"):
            days = _capped_days(shop, float(tier["hold_days"]), weekdays.get(shop.market), scope)
            wanted = _wanted(shop, by_day, rest, economics, days)
            base = _base_orders(lines, shop, float(tier["base_days"]), scope)
            rows.append(_row(shop, tier, late, wanted, base, sizes.get(shop.shop, np.nan), scope))
    kinds = tables.empty(tables.CapRisks).dtypes.to_dict()
    return tables.checked(tables.CapRisks, pd.DataFrame(rows, columns=list(kinds)).astype(kinds))


def _row(
    shop: Shop,
    tier: dict[str, object],
    late: pd.Series | None,
    wanted: Wanted,
    base: float,
    size: float,
    scope: Scope,
) -> dict[str, object]:
    cap = base * float(tier["cap_rate"])
    is_over = not wanted.units.any()
    orders = np.zeros(len(wanted.units)) if is_over else wanted.units / size
    lost = 0.0 if is_over else np.maximum(orders - cap, 0.0).sum()
    units = 0.0 if is_over else lost * size
    rate = np.nan if late is None else float(late["value_rate"])
    is_told = not np.isnan(rate)
    is_reached = is_told and rate >= float(tier["from_rate"])
    return {
        "shop": shop.shop,
        "market": shop.market,
        "cap_tier": tier["tier"],
        "from_rate": tier["from_rate"],
        "release_rate": tier["release_rate"],
        "late_rate": rate,
        "is_reached": is_reached if is_told else pd.NA,
        "left_orders": _steps(room_left, late, tier["from_rate"]) if is_told else pd.NA,
        "release_orders": _steps(good_needed, late, tier["release_rate"]) if is_reached else pd.NA,
        "base_orders": base,
        "cap_orders": cap,
        "starts_on": wanted.days[0] if len(wanted.days) else pd.NaT,
        "ends_on": wanted.days[-1] if len(wanted.days) else pd.NaT,
        "wanted_orders": orders.sum(),
        "lost_orders": lost,
        "lost_units": units,
        "lost_profit": units * wanted.margin if units else 0.0,
        "reason": _reason(late, wanted, base, size),
        "currency": scope.seller.currency,
    }


def _reason(late: pd.Series | None, wanted: Wanted, base: float, size: float) -> str:
    if not len(wanted.days):
        return "reason.track_cap_over"
    if np.isnan(base):
        return "reason.track_no_orders"
    if late is None or np.isnan(float(late["value_rate"])):
        return "reason.track_not_in_exports" if late is None else str(late["reason"])
    if np.isnan(size):
        return "reason.track_cap_no_size"
    if wanted.unmoved_rate > 0.0:
        return f"reason.track_cap_part_moved|rate={1.0 - wanted.unmoved_rate:.2f}"
    if wanted.known_rate < 1.0:
        return f"reason.track_cap_part_priced|rate={wanted.known_rate:.2f}"
    return "reason.track_cap_priced"


def _late(marks: pd.DataFrame, shop: Shop) -> pd.Series | None:
    """Return the shop's late dispatch, over the platform's own window where there is one."""
    own = marks[(marks["shop"] == shop.shop) & (marks["metric"] == LATE)]
    ranked = own.sort_values("counted_over", key=lambda of: of != PLATFORM, kind="stable")
    return ranked.iloc[0] if len(ranked) else None


def _steps(count: Callable[..., int | None], late: pd.Series, limit: object) -> object:
    """Return how many orders lie between a rate and one that must stay below a limit."""
    found = count(int(late["failed_orders"]), int(late["orders"]), float(limit), is_strict=True)
    return pd.NA if found is None else found


def _base_orders(lines: pd.DataFrame, shop: Shop, days: float, scope: Scope) -> float:
    """Return the shop's mean orders a day over the days before the looking day, NaN without any."""
    looking = pd.Timestamp(scope.as_of(4)[shop.market])
    own = lines[(lines["shop"] == shop.shop) & lines["is_demand"]]
    first = looking - pd.Timedelta(days=days)
    seen = own[(own["ordered_at"] >= first) & (own["ordered_at"] < looking)]
    if seen.empty:
        return float("nan")
    since = max(first, own["ordered_at"].min().normalize())
    return seen["order_id"].nunique() / max((looking - since).days, 1)


def _wanted(
    shop: Shop,
    by_day: pd.DataFrame,
    rest: pd.DataFrame | None,
    economics: pd.DataFrame,
    days: pd.DatetimeIndex,
) -> Wanted:
    own = by_day[(by_day["shop"] == shop.shop) & by_day["day"].isin(days)]
    unmoved = 0.0
    if rest is not None:
        ratio = rest["rest_mean_units"] / rest["planned_rest_units"].where(
            rest["planned_rest_units"] > 0
        )
        moved = rest[KEYS].assign(pace=ratio)
        own = own.merge(moved, on=KEYS, how="left")
        is_unmoved = own["pace"].isna() & (own["mean_units"] > 0)
        own["mean_units"] = own["mean_units"].where(
            own["pace"].isna(), own["mean_units"] * own["pace"]
        )
        unmoved = own.loc[is_unmoved, "mean_units"].sum()
    units = own.groupby("day")["mean_units"].sum().reindex(days, fill_value=0.0)
    priced = own.merge(economics[[*KEYS, "margin_profit"]], on=KEYS, how="left")
    known = priced.dropna(subset=["margin_profit"])
    total, told = priced["mean_units"].sum(), known["mean_units"].sum()
    profit = (known["mean_units"] * known["margin_profit"]).sum()
    margin = profit / told if told > 0 else float("nan")
    shares = (told / total, unmoved / total) if total > 0 else (1.0, 0.0)
    return Wanted(days, units.to_numpy(dtype=float), margin, *shares)


def _capped_days(
    shop: Shop, hold_days: float, weekday: float | None, scope: Scope
) -> pd.DatetimeIndex:
    """Return the days of the campaign that a cap would hold, if the shop were judged now."""
    first = scope.as_of(4)[shop.market] + timedelta(days=1)
    if weekday is not None:
        first += timedelta(days=(int(weekday) - first.isoweekday()) % WEEK_DAYS)
    last = first + timedelta(days=int(hold_days) - 1)
    phases = scope.plans[shop.market].phases
    span = pd.date_range(max(first, phases.start), min(last, phases.end), unit="us")
    return pd.DatetimeIndex(span)


def _until(scope: Scope) -> dict[str, date]:
    return {market: day + timedelta(days=1) for market, day in scope.as_of(4).items()}
