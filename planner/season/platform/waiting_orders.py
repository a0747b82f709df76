"""Orders that are paid for and not shipped: how long each waits, and until when it may."""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.platform.counted_orders import (
    UNRULED,
)
from planner.season.platform.order_clock import (
    ORDER,
    in_season,
    order_clock,
    order_profits,
)


def ageing_orders(
    lines: pd.DataFrame,
    *,
    scope: Scope,
    metrics: pd.DataFrame | None = None,
    parcels: pd.DataFrame | None = None,
    within_hours: float = 0.0,
    economics: pd.DataFrame | None = None,
    bundles: pd.DataFrame | None = None,
    orders: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the orders that are paid for and not shipped, the longest waiting first.

    Parameters
    ----------
    lines : DataFrame
        Table `OrderLines` as known at the moment of tracking.
    scope : Scope
    metrics : DataFrame, optional
        Register `Metrics` in force. With it only orders past their last moment are listed;
        without it all waiting orders are, and `dispatch_by` is unknown.
    parcels : DataFrame, optional
        Table `Parcels`: which of them are packed, and so cancelled later.
    within_hours : float
        Also list those whose last moment comes within so many hours. [h]
    economics, bundles : DataFrame, optional
        Tables `UnitEconomics` and `Bundles`: what an order earns; unknown without them.
    orders : DataFrame, optional
        What `order_clock` made of the same lines, metrics and parcels.

    Returns
    -------
    DataFrame
        Table `AgeingOrders`.
    """
    known = tables.empty(tables.Metrics) if metrics is None else metrics
    if orders is None:
        orders = order_clock(lines, known, scope=scope, parcels=parcels)
    orders = orders[in_season(orders, scope)]
    hours = (orders["dispatch_until_at"] - orders["looking"]) / pd.Timedelta(hours=1)
    is_listed = orders["is_waiting"]
    if metrics is not None:
        is_listed &= hours <= within_hours
    waiting = orders.assign(hours_left=hours)[is_listed]
    if waiting.empty:
        return tables.empty(tables.AgeingOrders)
    today = waiting["looking"].dt.normalize()
    late = (today - waiting["dispatch_by"]).dt.days
    told = np.where(waiting["hours_left"] > 0, "reason.track_due", "reason.track_waits")
    told = np.where(waiting["is_unsure"], told.astype(object) + "_unsure", told)
    blind = np.where(waiting["is_preorder"], "reason.track_preorder", UNRULED)
    listed = _with_profits(waiting, lines, economics, bundles, scope).assign(
        age_days=(today - waiting["waiting_since_at"].dt.normalize()).dt.days,
        late_days=late.clip(lower=0).astype("Int64"),
        reason=np.where(waiting["dispatch_by"].isna(), blind, told),
        currency=scope.seller.currency,
    )
    ranked = listed.sort_values(["waiting_since_at", "shop", "order_id"])
    return tables.checked(tables.AgeingOrders, ranked[tables.columns(tables.AgeingOrders)])


def _with_profits(
    waiting: pd.DataFrame,
    lines: pd.DataFrame,
    economics: pd.DataFrame | None,
    bundles: pd.DataFrame | None,
    scope: Scope,
) -> pd.DataFrame:
    if economics is None:
        return waiting.assign(order_profit=np.nan)
    own = lines.merge(waiting[ORDER], on=ORDER)
    profits = order_profits(own, economics, scope=scope, bundles=bundles)
    return waiting.merge(profits, on=ORDER, how="left").set_axis(waiting.index)
