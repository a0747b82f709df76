"""Tables of notebook 05 on figures, costs and risks: planned beside what came."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

REVIEW_RISKS = ("stock_out", "dead_stock", "over_storage", "refusal")
"""What a campaign's stock is at risk of."""
BILL_TERMS = (
    "head_haul", "clearance", "inbound", "storage", "outbound", "returns", "commission",
    "transaction", "order_fee", "affiliate", "ads", "duty", "import_tax", "surcharge",
    "insurance", "handling", "integration", "goods", "refusal",
)  # fmt: skip
"""What a bill may be for: the terms of `CostLines`, and goods refused at a warehouse's door."""


class ReviewMeasures(Table):
    """One row per market and figure of the review: planned, as it came, and the target."""

    market: str
    measure: str
    planned_value: float = pa.Field(nullable=True)
    actual_value: float = pa.Field(nullable=True)
    target_value: float = pa.Field(nullable=True)
    is_met: pd.BooleanDtype = pa.Field(nullable=True)
    """Empty where there is no target or no figure; a near miss on few SKUs counts as met."""
    unknown_skus: int = pa.Field(ge=0)
    """SKUs that the figure as it came leaves out, since nothing tells it of them."""
    unit: str
    reason: str
    """Who set the target; blank where nobody did."""


class CostReview(Table):
    """One row per market and cost term: planned, actual, and what the actual rests on."""

    market: str
    term: str
    planned_cost: float = pa.Field(nullable=True, ge=0)
    actual_cost: float = pa.Field(nullable=True, ge=0)
    """Of the SKUs of which it is known; empty where it is of none."""
    gap_cost: float = pa.Field(nullable=True)
    unknown_skus: int = pa.Field(ge=0)
    """SKUs whose planned or actual cost nothing tells: the gap leaves them out."""
    reason: str
    currency: str


class RiskCosts(Table):
    """One row per market, SKU and risk: what the plan expected it to cost, what it did cost."""

    market: str
    sku: str
    risk: str = pa.Field(isin=REVIEW_RISKS)
    expected_cost: float = pa.Field(nullable=True, ge=0)
    actual_cost: float = pa.Field(nullable=True, ge=0)
    reason: str
    currency: str


class LeftoverExits(Table):
    """One row per market, SKU and exit that its leftover units take."""

    market: str
    sku: str
    leftover_units: float = pa.Field(ge=0)
    elsewhere_units: float = pa.Field(ge=0)
    is_dead_stock: pd.BooleanDtype = pa.Field(nullable=True)
    exit: str
    """Blank where the plan knows none."""
    units: float = pa.Field(ge=0)
    unit_revenue: float = pa.Field(nullable=True)
    exit_revenue: float = pa.Field(nullable=True)
    done_by: pd.Timestamp = pa.Field(nullable=True)
    reason: str
    currency: str


class ActualCosts(Table):
    """One row per amount read off a bill after the campaign."""

    market: str
    sku: str
    """Blank where the bill is for all."""
    term: str
    amount_cost: float = pa.Field(ge=0)
    source: str


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
    stock_out_days: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """Empty, as `lost_units`, where no count and no sales tell whether the shelf was empty."""
    opening_units: float = pa.Field(nullable=True, ge=0)
    leftover_units: float = pa.Field(nullable=True, ge=0)
    elsewhere_units: float = pa.Field(ge=0)
    """Of those left over: in a warehouse from which the plan had fetched them and nobody did."""
    mean_stock_units: float = pa.Field(nullable=True, ge=0)
    turnover_ratio: float = pa.Field(nullable=True, ge=0)
    is_dead_stock: pd.BooleanDtype = pa.Field(nullable=True)
    returned_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """Empty where a shop that sold the SKU tells no returns."""
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
