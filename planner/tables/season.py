"""Tables that notebooks 04 and 05 write: the campaign as it runs, and what it taught."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

ACTIONS = ("none", "replenish", "slow_down", "clear", "watch", "check_stock")


class TrackDaily(Table):
    """One row per market, SKU and campaign day to date: sold against plan."""

    market: str
    sku: str
    day: pd.Timestamp
    phase: str
    units: int = pa.Field(ge=0)
    planned_units: float = pa.Field(nullable=True, ge=0)
    is_stock_out: bool


class TrackStatus(Table):
    """One row per market and SKU on the tracking day: sales, stock, cover and what to do."""

    market: str
    sku: str
    as_of: pd.Timestamp
    units_to_date: int = pa.Field(ge=0)
    planned_to_date: float = pa.Field(nullable=True, ge=0)
    pace_ratio: float = pa.Field(nullable=True, ge=0)
    stock_units: float = pa.Field(nullable=True, ge=0)
    rest_q10_units: float = pa.Field(nullable=True, ge=0)
    rest_q50_units: float = pa.Field(nullable=True, ge=0)
    rest_q90_units: float = pa.Field(nullable=True, ge=0)
    cover_days: float = pa.Field(nullable=True, ge=0)
    runs_out_on: pd.Timestamp = pa.Field(nullable=True)
    action: str = pa.Field(isin=ACTIONS)
    action_units: int = pa.Field(ge=0)
    act_by: pd.Timestamp = pa.Field(nullable=True)
    reason: str


class StockCheck(Table):
    """One row per SKU and span between two stock counts: units sold against units drawn."""

    sku: str
    from_on: pd.Timestamp
    to_on: pd.Timestamp
    opening_units: int = pa.Field(ge=0)
    sold_units: int = pa.Field(ge=0)
    inbound_units: float = pa.Field(nullable=True, ge=0)
    closing_units: int = pa.Field(ge=0)
    change_units: int
    unexplained_units: float
    reason: str


class PlatformMetrics(Table):
    """One row per shop and platform metric: the campaign's rate to date against the threshold."""

    shop: str
    market: str
    metric: str
    value_rate: float = pa.Field(nullable=True, ge=0, le=1)
    threshold_rate: float = pa.Field(nullable=True, ge=0)
    is_breached: pd.BooleanDtype = pa.Field(nullable=True)
    orders: int = pa.Field(ge=0)
    failed_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    reason: str


class AgeingOrders(Table):
    """One row per order paid for and not shipped: how long it waits, and until when it may."""

    shop: str
    market: str
    order_id: str
    units: int = pa.Field(ge=1)
    waiting_since_at: pd.Timestamp
    age_days: int = pa.Field(ge=0)
    dispatch_by: pd.Timestamp = pa.Field(nullable=True)
    late_days: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    reason: str


class Outcome(Table):
    """One row per market and SKU after the campaign: forecast, truth, stock and money."""

    market: str
    sku: str
    forecast_units: float = pa.Field(nullable=True, ge=0)
    low_units: float = pa.Field(nullable=True, ge=0)
    high_units: float = pa.Field(nullable=True, ge=0)
    actual_units: int = pa.Field(ge=0)
    campaign_units: int = pa.Field(ge=0)
    lost_units: float = pa.Field(nullable=True, ge=0)
    is_covered: pd.BooleanDtype = pa.Field(nullable=True)
    stock_out_days: int = pa.Field(ge=0)
    opening_units: float = pa.Field(nullable=True, ge=0)
    leftover_units: float = pa.Field(nullable=True, ge=0)
    mean_stock_units: float = pa.Field(nullable=True, ge=0)
    turnover_ratio: float = pa.Field(nullable=True, ge=0)
    is_dead_stock: pd.BooleanDtype = pa.Field(nullable=True)
    returned_units: int = pa.Field(ge=0)
    planned_cost: float = pa.Field(nullable=True, ge=0)
    actual_cost: float = pa.Field(nullable=True, ge=0)
    sold_revenue: float = pa.Field(nullable=True)
    cost_currency: str
    revenue_minor: pd.Int64Dtype = pa.Field(nullable=True)
    currency: str
    missing: str


class OverrideReview(Table):
    """One row per override that applied: the plan without it and with it, and which came nearer."""

    row: int
    shop: str
    market: str
    category: str
    sku: str
    phase: str
    change: str
    owner: str
    without_units: float = pa.Field(ge=0)
    planned_units: float = pa.Field(ge=0)
    demand_units: float = pa.Field(nullable=True, ge=0)
    without_error_units: float = pa.Field(nullable=True, ge=0)
    planned_error_units: float = pa.Field(nullable=True, ge=0)
    gained_units: float = pa.Field(nullable=True)
    is_helped: pd.BooleanDtype = pa.Field(nullable=True)


class OutcomeMeasures(Table):
    """One row per market and measure: one figure of the review, with its unit."""

    market: str
    measure: str
    value: float = pa.Field(nullable=True)
    unit: str


class UpliftMemory(Table):
    """One row per shop, category, SKU, event and phase: the ratio a past campaign showed."""

    seller: str
    shop: str
    market: str
    category: str
    sku: str
    campaign: str
    event: str
    kind: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    ended_on: pd.Timestamp
    uplift_ratio: float = pa.Field(gt=0)
    expected_units: float = pa.Field(ge=0)
    actual_units: float = pa.Field(ge=0)
