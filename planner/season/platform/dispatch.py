"""Platform metrics that the exports can tell: orders late, not delivered, cancelled, untracked.

Only what the moments and marks of orders say. A metric that needs the carrier's or the
platform's own record is named as unknown, never guessed.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.platform.counted_orders import (
    TO_DATE,
    Counted,
    counted_orders,
    good_needed,
    room_left,
)
from planner.season.platform.order_clock import (
    caps_around,
    in_season,
    order_clock,
)
from planner.seller import Shop

NON_DELIVERY = "non_delivery_rate"
"""Always told: no platform page names a threshold for it."""
ON_TIME = "on_time_dispatch_rate"
"""Always told: what platforms call OTSR; the other side of late dispatch and of its threshold."""
SAME_DAY = "same_day_dispatch_rate"
"""Always told: orders that left on the day of their payment, as the brief asks for."""
FAST_DELIVERY = "fast_delivery_rate"
"""Always told: parcels with the buyer within the days that the brief asks for."""
LATE = "late_dispatch_rate"
FBT = "fbt"
TIKTOK = "tiktok"
"""Whose thresholds the register holds; a shop of another platform has its rates and no limit."""
RATE = "_rate"
"""Metrics that are shares of orders say so; scores and points are no rates and are left out."""
WINDOW = "_window_days"
"""Ending of the rows of the register that say over how many days a platform counts a metric."""
CAMPAIGN_CAP = "campaign_order_cap"
"""Consequence of a limit for which orders are capped around the next campaign; the enforced limit
of late dispatch has it beside its own."""
DELIVERY = "delivery"
"""Row of the register `Bounds`: days from dispatch to the buyer that the brief asks for."""
OTHER_PLATFORM = "reason.track_other_platform"
REVIEW = 5
NAMED_ORDERS = 20
"""Orders that a broken limit names; nobody reads more."""


class Span(NamedTuple):
    """Which orders count: those of the campaign to date, or of the platform's own window."""

    window: str
    days: int | None


def dispatch_metrics(
    lines: pd.DataFrame,
    metrics: pd.DataFrame,
    *,
    scope: Scope,
    parcels: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
    orders: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return each platform metric of each shop, for the campaign to date and the platform's window.

    The platform's own names: OTSR (dispatch on time), LDR (late dispatch), OTDR (delivery on
    time), NDR (non-delivery), SFCR (cancelled by the seller's fault), VTR (valid tracking).

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known at the looking moment.
    metrics : DataFrame
        Register `Metrics` in force: thresholds, days to ship (`dispatch_days`, and
        `dispatch_days_cross_border` for shops that ship across the border) and to deliver, and
        the days of each metric's window.
    scope : Scope
    parcels : DataFrame, optional
        Table `Parcels`: deliveries, cancellers, tracking numbers.
    bounds : DataFrame, optional
        Register `Bounds`: the days of delivery that the brief asks for.
    orders : DataFrame, optional
        What `order_clock` made of the same lines, metrics and parcels: it says from which moment
        one looks. Without it that of tracking.

    Returns
    -------
    DataFrame
        Table `PlatformMetrics`. Where the exports cannot tell, the rate is empty and the reason
        says why.

    Notes
    -----
    ``left_orders`` is the largest k for which ``(failed + k) / (orders + k)`` keeps the limit:
    so many more may fail. Is the limit broken, ``recover_orders`` good ones mend it.
    """
    if orders is None:
        orders = order_clock(lines, metrics, scope=scope, parcels=parcels)
    fast, cap_days = _fast_days(bounds), caps_around(metrics)
    kinds = {house.warehouse: house.kind for house in scope.seller.warehouses}
    rows = []
    for shop in scope.shops:
        own = orders[orders["shop"] == shop.shop]
        is_fbt = kinds[shop.warehouse] == FBT
        for row in _judged(metrics, shop.market).to_dict("records"):
            if shop.platform != TIKTOK and "_rate_" in str(row["metric"]):
                continue  # one more limit of TikTok Shop on a rate that is told already
            for span in _spans(str(row["metric"]), metrics, shop):
                seen = _within(own, span, scope)
                count = counted_orders(
                    str(row["metric"]), seen, is_fbt=is_fbt, fast_days=fast, mode=shop.mode
                )
                if row["consequence"] == CAMPAIGN_CAP or row["metric"] == f"{LATE}_enforced":
                    count = count._replace(reason=count.reason + cap_days.get(shop.market, ""))
                rows.append(_metric_row(shop, row, span, count))
    if not rows:
        return tables.empty(tables.PlatformMetrics)
    kinds_of = tables.empty(tables.PlatformMetrics).dtypes.to_dict()
    return tables.checked(tables.PlatformMetrics, pd.DataFrame(rows).astype(kinds_of))


def campaign_metrics(
    lines: pd.DataFrame,
    metrics: pd.DataFrame,
    *,
    scope: Scope,
    parcels: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return each platform metric of each shop over the whole campaign, seen from the review.

    Takes what `dispatch_metrics` takes, as known on the review day. Orders after the last phase
    day are of no campaign.

    Returns
    -------
    DataFrame
        Table `PlatformMetrics`. No row of a platform's own window: it has moved past the campaign.
    """
    orders = order_clock(lines, metrics, scope=scope, parcels=parcels, step=REVIEW)
    orders = orders[in_season(orders, scope, is_over=True)]
    marks = dispatch_metrics(lines, metrics, scope=scope, bounds=bounds, orders=orders)
    whole = marks[marks["counted_over"] == "campaign"].reset_index(drop=True)
    return whole.assign(
        reason=whole["reason"].str.replace(TO_DATE, "", regex=False).str.lstrip(";")
    )


def _or_na(count: int | None) -> object:
    return pd.NA if count is None else count


def _judged(metrics: pd.DataFrame, market: str) -> pd.DataFrame:
    """Return the rates of the register, and those that are told without a threshold too."""
    columns = ["metric", "threshold", "is_floor", "consequence"]
    own = metrics[metrics["market"] == market]
    rates = own.loc[
        own["metric"].str.endswith(RATE) | own["metric"].str.contains("_rate_"), columns
    ]
    limit = rates.loc[rates["metric"] == LATE, "threshold"]
    on_time = 1.0 - float(limit.iloc[-1]) if len(limit) else np.nan
    bare = [
        (ON_TIME, on_time, True, ""),
        (NON_DELIVERY, np.nan, False, ""),
        (SAME_DAY, np.nan, True, ""),
        (FAST_DELIVERY, np.nan, True, ""),
    ]
    more = [row for row in bare if row[0] not in set(rates["metric"])]
    return pd.concat([rates, pd.DataFrame(more, columns=columns)], ignore_index=True)


def _spans(metric: str, metrics: pd.DataFrame, shop: Shop) -> list[Span]:
    subject = metric.partition(RATE)[0]
    is_own = (metrics["market"] == shop.market) & (metrics["metric"] == f"{subject}{WINDOW}")
    days = metrics.loc[is_own, "threshold"]
    whole = [Span("campaign", None)]
    has_window = len(days) and shop.platform == TIKTOK
    return [*whole, Span("platform", int(days.iloc[-1]))] if has_window else whole


def _within(orders: pd.DataFrame, span: Span, scope: Scope) -> pd.DataFrame:
    """Return the orders of a span before the looking moment that each of them bears."""
    if span.days is None:
        return orders[in_season(orders, scope)]
    since, looking = orders["waiting_since_at"], orders["looking"]
    return orders[(since >= looking - pd.Timedelta(days=span.days)) & (since < looking)]


def _fast_days(bounds: pd.DataFrame | None) -> float:
    rows = pd.Series(dtype=float) if bounds is None else bounds.loc[
        bounds["rule"] == DELIVERY, "high"
    ]  # fmt: skip
    return float(rows.iloc[-1]) if len(rows) else np.nan


def _metric_row(
    shop: Shop, row: dict[str, object], span: Span, count: Counted
) -> dict[str, object]:
    is_own = shop.platform == TIKTOK
    is_floor, limit = bool(row["is_floor"]), float(row["threshold"]) if is_own else np.nan
    is_told = count.failed is not None and count.orders > 0
    bad = count.failed / count.orders if is_told else np.nan
    most = 1.0 - limit if is_floor else limit
    is_judged = is_told and not np.isnan(limit)
    is_breached = is_judged and bad > most + 1e-12
    return {
        "shop": shop.shop,
        "market": shop.market,
        "metric": row["metric"],
        "counted_over": span.window,
        "window_days": pd.NA if span.days is None else span.days,
        "value_rate": 1.0 - bad if is_floor else bad,
        "threshold_rate": limit,
        "is_breached": is_breached if is_judged else pd.NA,
        "orders": count.orders,
        "failed_orders": pd.NA if count.failed is None else count.failed,
        "left_orders": _or_na(
            room_left(count.failed, count.orders, most, is_strict=False) if is_judged else None
        ),
        "recover_orders": _or_na(
            good_needed(count.failed, count.orders, most, is_strict=False) if is_judged else None
        ),
        "failed_ids": ";".join(count.failed_ids[:NAMED_ORDERS]),
        "consequence": row["consequence"] if is_own else "",
        "reason": _reason(count, span, is_own=is_own or not is_told),
    }


def _reason(count: Counted, span: Span, *, is_own: bool) -> str:
    if not is_own:
        return OTHER_PLATFORM
    first, joint, rest = count.reason.partition(";")
    if first == TO_DATE and span.days is not None:
        first = f"reason.track_in_window|days={span.days}"
    return first + joint + rest
