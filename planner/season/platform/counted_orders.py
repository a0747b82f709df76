"""One platform metric of one shop: which orders count for it, and which of them failed.

Knows the definitions of the metrics; no thresholds, windows or markets.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd

LATE_DISPATCH = "late_dispatch"
"""A platform may name several thresholds for it: `late_dispatch_rate_enforced` is one more."""
CLOCKED = (LATE_DISPATCH, "on_time_dispatch", "on_time_delivery", "same_day_dispatch")
"""Subjects that hold orders to a clock; pre-orders have one of their own that nobody knows."""
UNRULED = "reason.track_no_dispatch_rule"
TO_DATE = "reason.track_to_date"
DAY = pd.Timedelta(days=1)
EDGE = 1e-9
"""What rounding may add to a count of orders."""


class Counted(NamedTuple):
    """Orders that fail a metric, orders that count for it, and what the reader should know."""

    failed: int | None
    orders: int
    reason: str
    failed_ids: tuple[str, ...] = ()
    """Numbers of the orders that fail."""


UNTOLD = Counted(None, 0, "reason.track_not_in_exports")


def counted_orders(
    metric: str, orders: pd.DataFrame, *, is_fbt: bool, fast_days: float, mode: str
) -> Counted:
    """Return what one metric counts among orders.

    Parameters
    ----------
    metric : str
        As in the register `Metrics`.
    orders : DataFrame
        As `order_clock` returns them, of one shop and window.
    is_fbt : bool
        Whether the platform's own warehouse ships.
    fast_days : float
        Days from dispatch to the buyer that count as fast; NaN if nobody says. [days]
    mode : {"local", "cross_border"}
        Of the shop.

    Notes
    -----
    Late dispatch: orders that left after their last moment, or wait though it is past, over those
    that left or should have. Dispatch on the same day: likewise by the end of the day of payment,
    of orders paid before the hour set for it. Delivery on time: likewise by the moment of
    delivery, of orders that have arrived or should have. Pre-orders count for none of these. Non-
    delivery: orders cancelled after they left over orders that left; parcels under way may still
    fail, so it errs low. Seller's fault: cancellations that the seller bears over orders paid for.
    Valid tracking: orders that left with a number whose form is sound; whether a carrier ever
    scanned it no export says.
    """
    subject = metric.partition("_rate")[0]
    if subject not in COUNTS:
        return UNTOLD
    is_shipping = subject in CLOCKED and subject != "on_time_delivery"
    if is_shipping and is_fbt:
        return Counted(None, 0, "reason.track_platform_ships")
    if orders.empty:
        return Counted(None, 0, "reason.track_no_orders")
    if subject in CLOCKED and orders["is_preorder"].any():
        return _without_preorders(metric, orders, is_fbt=is_fbt, fast_days=fast_days, mode=mode)
    needs_moments = subject not in ("seller_fault_cancel", "on_time_delivery")
    if needs_moments and orders["is_untimed"].any() and not orders["shipped_at"].notna().any():
        return Counted(None, 0, "reason.track_no_ship_times")
    count = COUNTS[subject](orders, fast_days)
    if count.reason == UNRULED and mode == "cross_border":
        return count._replace(reason="reason.track_no_cross_border_rule")
    return count


def _without_preorders(metric: str, orders: pd.DataFrame, **told: object) -> Counted:
    """Return what the others count, and how many pre-orders are left out."""
    others = orders[~orders["is_preorder"]]
    left_out = f"reason.track_preorders|orders={len(orders) - len(others)}"
    if others.empty:
        return Counted(None, 0, left_out)
    count = counted_orders(metric, others, **told)
    return count._replace(reason=f"{count.reason};{left_out}")


def _late(orders: pd.DataFrame, fast_days: float) -> Counted:
    if orders["dispatch_by"].isna().all():
        return Counted(None, 0, UNRULED)
    open_orders = orders[~orders["is_cancelled"] | orders["is_refused"]]
    has_left = open_orders["shipped_at"].notna()
    is_past = open_orders["dispatch_until_at"] <= open_orders["looking"]
    overdue = open_orders["is_waiting"] & is_past
    too_late = has_left & (open_orders["shipped_at"] >= open_orders["dispatch_until_at"])
    return _counted(open_orders, too_late | overdue, has_left | overdue, _sure(open_orders))


def _not_same_day(orders: pd.DataFrame, fast_days: float) -> Counted:
    open_orders = orders[~orders["is_cancelled"] | orders["is_refused"]]
    open_orders = open_orders[open_orders["is_same_day"]]
    until = open_orders["waiting_since_at"].dt.normalize() + DAY
    has_left = open_orders["shipped_at"].notna()
    overdue = open_orders["is_waiting"] & (until <= open_orders["looking"])
    too_late = has_left & (open_orders["shipped_at"] >= until)
    return _counted(open_orders, too_late | overdue, has_left | overdue, TO_DATE)


def _delivered_late(orders: pd.DataFrame, fast_days: float) -> Counted:
    if orders["deliver_until_at"].isna().all():
        return Counted(None, 0, "reason.track_no_delivery_rule")
    if orders["delivered_at"].isna().all():
        return Counted(None, 0, "reason.track_no_delivery_times")
    open_orders = orders[~orders["is_cancelled"]]
    has_come = open_orders["delivered_at"].notna()
    until = open_orders["deliver_until_at"]
    is_past = until <= open_orders["looking"]
    too_late = has_come & (open_orders["delivered_at"] >= until)
    due = has_come | is_past
    return _counted(open_orders, too_late | (is_past & ~has_come), due, TO_DATE)


def _slow(orders: pd.DataFrame, fast_days: float) -> Counted:
    came = orders[orders["delivered_at"].notna() & orders["shipped_at"].notna()]
    if came.empty:
        return Counted(None, 0, "reason.track_no_delivery_times")
    if np.isnan(fast_days):
        return Counted(None, 0, "reason.track_no_delivery_rule")
    days = (came["delivered_at"] - came["shipped_at"]) / pd.Timedelta(days=1)
    told = f"reason.track_delivery_days|days={days.median():.1f}|target={fast_days:g}"
    return _counted(came, days > fast_days, came["shipped_at"].notna(), told)


def _refused(orders: pd.DataFrame, fast_days: float) -> Counted:
    return _counted(orders, orders["is_refused"], orders["shipped_at"].notna(), TO_DATE)


def _seller_cancelled(orders: pd.DataFrame, fast_days: float) -> Counted:
    paid = orders[~orders["is_unpaid"] | (orders["cancelled_by"] == "seller")]
    off = paid[paid["is_cancelled"]]
    unknown = int(off["cancelled_by"].isin(("", "platform")).sum())
    if len(off) and unknown == len(off):
        return UNTOLD
    reason = f"reason.track_cancels_unknown|orders={unknown}" if unknown else TO_DATE
    bears = paid["is_cancelled"] & (paid["cancelled_by"] == "seller")
    return _counted(paid, bears, paid["order_id"].notna(), reason)


def _untracked(orders: pd.DataFrame, fast_days: float) -> Counted:
    left = orders[orders["shipped_at"].notna() & (orders["tracking"] != "")]
    if left.empty:
        return UNTOLD
    failed = left["tracking"].isin(("none", "wrong"))
    return _counted(left, failed, left["order_id"].notna(), "reason.track_unscanned")


def room_left(failed: int, orders: int, limit: float, *, is_strict: bool) -> int | None:
    """Return how many more orders may fail until a limit is broken, None if none breaks it.

    Parameters
    ----------
    failed, orders : int
        As they are.
    limit : float
        Largest share that may fail; is the rule strict, the share itself is too much.
    is_strict : bool

    Notes
    -----
    The largest k for which ``(failed + k) / (orders + k)`` keeps the limit; 0 if it is broken.

    Examples
    --------
    >>> room_left(1, 20, 0.1, is_strict=False), room_left(0, 20, 0.1, is_strict=True)
    (1, 2)
    """
    if limit >= 1.0:
        return None
    most = (limit * orders - failed) / (1.0 - limit)
    found = np.ceil(most - EDGE) - 1 if is_strict else np.floor(most + EDGE)
    return max(int(found), 0)


def good_needed(failed: int, orders: int, limit: float, *, is_strict: bool) -> int | None:
    """Return how many good orders bring a rate back to a limit, or below it if it is strict.

    Examples
    --------
    >>> good_needed(1, 4, 0.1, is_strict=False), good_needed(1, 4, 0.1, is_strict=True)
    (6, 7)
    """
    if limit <= 0.0:
        return None
    least = failed / limit - orders
    found = np.floor(least + EDGE) + 1 if is_strict else np.ceil(least - EDGE)
    return max(int(found), 0)


def _counted(orders: pd.DataFrame, bad: pd.Series, counts: pd.Series, reason: str) -> Counted:
    names = orders.loc[bad].sort_values("waiting_since_at", kind="stable")["order_id"]
    return Counted(int(bad.sum()), int(counts.sum()), reason, tuple(names))


def _sure(orders: pd.DataFrame) -> str:
    """Return the reason of a rate of dispatch: how many last days may be a day early or late."""
    unsure = int(orders["is_unsure"].sum())
    return f"reason.track_near_holiday|orders={unsure}" if unsure else TO_DATE


COUNTS: dict[str, Callable[[pd.DataFrame, float], Counted]] = {
    LATE_DISPATCH: _late,
    "on_time_dispatch": _late,
    "same_day_dispatch": _not_same_day,
    "on_time_delivery": _delivered_late,
    "fast_delivery": _slow,
    "non_delivery": _refused,
    "seller_fault_cancel": _seller_cancelled,
    "valid_tracking": _untracked,
}
