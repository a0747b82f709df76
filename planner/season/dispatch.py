"""Platform metrics that the exports can tell: orders late, not delivered, still waiting.

Thin by intent: only what timestamps of order lines say. A metric that needs the
carrier's or the platform's own record is named as unknown, never guessed.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.season.days import seen_until
from planner.seller import Shop

LATE_DISPATCH = "late_dispatch_rate"
"""A platform may name several thresholds for it: `late_dispatch_rate_enforced` is one more."""
NON_DELIVERY = "non_delivery_rate"
"""Always told: no platform page names a threshold for it."""
DISPATCH_DAYS = "dispatch_days"
"""Row of the register `Metrics` that holds the working days within which an order must ship."""
CROSS_BORDER_DAYS = "dispatch_days_cross_border"
"""The same for shops that ship across the border. No platform page with a figure was found
(searched 2026-11-22): without a row, of the register or the seller's own, it is unknown."""
WORKING_WEEK = "1111100"
SHIPPED = ("shipped", "delivered", "completed")
FBT = "fbt"
RATE = "_rate"
"""Metrics that are shares of orders say so; scores and points are no rates and are left out."""


class Count(NamedTuple):
    """Orders that fail a metric, orders that count for it, and what the reader should know."""

    failed: int | None
    orders: int
    reason: str


UNRULED = "reason.track_no_dispatch_rule"
UNTOLD = Count(None, 0, "reason.track_not_in_exports")


def dispatch_metrics(lines: pd.DataFrame, metrics: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return each platform metric of each shop for the campaign to date.

    The platform's own names: OTDR or OTSR, LDR (late dispatch), NDR (non-delivery), SFCR
    (cancelled by the seller's fault).

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known on the tracking day.
    metrics : DataFrame
        Register `Metrics` in force; its row `dispatch_days` gives the working days allowed to a
        local shop, `dispatch_days_cross_border` those of a cross-border shop.
    scope : Scope
        Orders paid from the first phase day up to the tracking day count.

    Returns
    -------
    DataFrame
        Table `PlatformMetrics`, one row per shop and metric of its market. Where the exports
        cannot tell, the rate is empty and the reason says why.

    Notes
    -----
    ``late_dispatch_rate = orders shipped after their last day, or not yet shipped though it is
    past / orders whose last day is past or that have shipped``. The last day is the paid day
    (the order's day if it is paid on delivery) plus the working days, Monday to Friday; public
    holidays are not taken out, so the rate errs high around them. Platforms use windows of
    their own (7 to 90 days): read it as a warning, not as their figure.

    ``non_delivery_rate = orders cancelled after they shipped / orders shipped``: refused at the
    door or not delivered. Parcels under way may still fail, so the rate errs low.
    """
    orders = _orders(lines, metrics, scope)
    judged = _judged(metrics, scope)
    kinds = {house.warehouse: house.kind for house in scope.seller.warehouses}
    rows = [
        _metric_row(shop, row, orders[orders["shop"] == shop.shop], kinds[shop.warehouse] == FBT)
        for shop in scope.shops
        for row in judged[judged["market"] == shop.market].to_dict("records")
    ]
    if not rows:
        return tables.empty(tables.PlatformMetrics)
    frame = pd.DataFrame(rows)
    frame["is_breached"] = frame["is_breached"].astype("boolean")
    frame["failed_orders"] = frame["failed_orders"].astype("Int64")
    return tables.checked(tables.PlatformMetrics, frame)


def ageing_orders(
    lines: pd.DataFrame, *, scope: Scope, metrics: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the orders that are paid for and not shipped, the longest waiting first.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known on the tracking day.
    scope : Scope
    metrics : DataFrame, optional
        Register `Metrics` in force. With it only orders past their last day are listed;
        without it all waiting orders are, and `dispatch_by` is unknown.

    Returns
    -------
    DataFrame
        Table `AgeingOrders`.
    """
    known = tables.empty(tables.Metrics) if metrics is None else metrics
    orders = _orders(lines, known, scope)
    waiting = orders[orders["is_waiting"]]
    if metrics is not None:
        waiting = waiting[waiting["dispatch_by"] < waiting["looking"]]
    if waiting.empty:
        return tables.empty(tables.AgeingOrders)
    late = (waiting["looking"] - waiting["dispatch_by"]).dt.days
    unruled = waiting["dispatch_by"].isna()
    listed = waiting.assign(
        age_days=(waiting["looking"] - waiting["waiting_since_at"].dt.normalize()).dt.days,
        late_days=late.clip(lower=0).astype("Int64"),
        reason=np.where(unruled, UNRULED, "reason.track_waits"),
    )
    ranked = listed.sort_values(["waiting_since_at", "shop", "order_id"])
    return tables.checked(tables.AgeingOrders, ranked[tables.columns(tables.AgeingOrders)])


def _judged(metrics: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the rates of the register, and non-delivery for every market without a threshold."""
    columns = ["market", "metric", "threshold", "is_floor"]
    rates = metrics.loc[metrics["metric"].str.contains(RATE, regex=False), columns]
    told = set(rates.loc[rates["metric"] == NON_DELIVERY, "market"])
    bare = [(market, NON_DELIVERY, np.nan, False) for market in scope.markets if market not in told]
    return pd.concat([rates, pd.DataFrame(bare, columns=columns)]) if bare else rates


def _orders(lines: pd.DataFrame, metrics: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return one row per order of the campaign to date, with its last day to ship.

    A shipping time on the looking day or later is not yet known: such an order waits.
    """
    kept = lines[lines["shop"].isin([shop.shop for shop in scope.shops])]
    looking = pd.to_datetime(kept["market"].map(scope.as_of(4)))
    shipped = kept["shipped_at"].where(kept["shipped_at"] < looking)
    is_cod = kept["paid_at"].isna() | (kept["paid_at"] > kept["shipped_at"])
    is_cancelled = kept["status"] == "cancelled"
    marked = kept.assign(
        looking=looking,
        known_shipped_at=shipped,
        waiting_since_at=kept["paid_at"].mask(is_cod, kept["ordered_at"]),
        is_waiting=(kept["status"] == "to_ship")
        | (~is_cancelled & (kept["shipped_at"] >= looking)),
        is_refused=is_cancelled & shipped.notna(),
        is_untimed=kept["status"].isin(SHIPPED) & kept["shipped_at"].isna(),
    )[~is_cancelled | shipped.notna()]
    orders = marked.groupby(["shop", "market", "order_id"], as_index=False).agg(
        units=("units", "sum"),
        looking=("looking", "first"),
        waiting_since_at=("waiting_since_at", "min"),
        shipped_at=("known_shipped_at", "max"),
        is_waiting=("is_waiting", "any"),
        is_refused=("is_refused", "any"),
        is_untimed=("is_untimed", "any"),
    )
    orders = orders[_in_season(orders, scope)].reset_index(drop=True)
    orders["dispatch_by"] = _last_days(orders, metrics, scope)
    return orders


def _in_season(orders: pd.DataFrame, scope: Scope) -> pd.Series:
    starts = {market: plan.phases.start for market, plan in scope.plans.items()}
    ends = seen_until(scope, step=4)
    since = orders["waiting_since_at"]
    begins = pd.to_datetime(orders["market"].map(starts))
    return (since >= begins) & (since < pd.to_datetime(orders["market"].map(ends)))


def dispatch_rules(metrics: pd.DataFrame, scope: Scope) -> dict[str, float]:
    """Return the working days in which each shop must ship, NaN without a rule for its mode.

    Parameters
    ----------
    metrics : DataFrame
        Register `Metrics`, rows in force.
    scope : Scope
        Its shops say whether they are local or ship across the border. [working days]
    """
    found = {}
    for shop in scope.shops:
        name = DISPATCH_DAYS if shop.mode == "local" else CROSS_BORDER_DAYS
        is_rule = (metrics["metric"] == name) & (metrics["market"] == shop.market)
        days = metrics.loc[is_rule, "threshold"]
        found[shop.shop] = float(days.iloc[-1]) if len(days) else np.nan
    return found


def _last_days(orders: pd.DataFrame, metrics: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return the last day on which each order ships in time; empty without a rule."""
    allowed = orders["shop"].map(dispatch_rules(metrics, scope)).astype(float)
    since = orders["waiting_since_at"].to_numpy(dtype="datetime64[D]")
    days = allowed.fillna(0).to_numpy(dtype="int64")
    last = np.busday_offset(since, days, roll="backward", weekmask=WORKING_WEEK)
    dates = pd.Series(last.astype("datetime64[us]"), index=orders.index)
    return dates.where(allowed.notna())


def _metric_row(
    shop: Shop, row: dict[str, object], orders: pd.DataFrame, is_fbt: bool
) -> dict[str, object]:
    count = _counted(str(row["metric"]), orders, is_fbt)
    if count.reason == UNRULED and shop.mode == "cross_border":
        count = count._replace(reason="reason.track_no_cross_border_rule")
    is_told = count.failed is not None and count.orders > 0
    rate, limit = count.failed / count.orders if is_told else np.nan, float(row["threshold"])
    is_breached = rate < limit if row["is_floor"] else rate > limit
    return {
        "shop": shop.shop,
        "market": shop.market,
        "metric": row["metric"],
        "value_rate": rate,
        "threshold_rate": limit,
        "is_breached": bool(is_breached) if is_told and not np.isnan(limit) else None,
        "orders": count.orders,
        "failed_orders": count.failed,
        "reason": count.reason,
    }


def _counted(metric: str, orders: pd.DataFrame, is_fbt: bool) -> Count:
    is_late_rate = metric.startswith(LATE_DISPATCH)
    if not is_late_rate and metric != NON_DELIVERY:
        return UNTOLD
    if is_late_rate and is_fbt:
        return Count(None, 0, "reason.track_platform_ships")
    if orders.empty:
        return Count(None, 0, "reason.track_no_orders")
    has_shipped = orders["shipped_at"].notna()
    if orders["is_untimed"].any() and not has_shipped.any():
        return Count(None, 0, "reason.track_no_ship_times")
    if is_late_rate:
        return _late(orders, has_shipped)
    failed = int(orders["is_refused"].sum())
    return Count(failed, int(has_shipped.sum()), "reason.track_to_date")


def _late(orders: pd.DataFrame, has_shipped: pd.Series) -> Count:
    if orders["dispatch_by"].isna().all():
        return Count(None, 0, UNRULED)
    overdue = orders["is_waiting"] & (orders["dispatch_by"] < orders["looking"])
    too_late = has_shipped & (orders["shipped_at"].dt.normalize() > orders["dispatch_by"])
    due = int((has_shipped | overdue).sum())
    return Count(int((too_late | overdue).sum()), due, "reason.track_to_date")
