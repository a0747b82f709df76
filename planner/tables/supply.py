"""Tables that notebook 03 writes: what to ship, which way, by which day, at what cost."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

RULES = ("profit", "service_level", "extremes")
FACTOR_RULES = ("seed_style", "seed_style_10", "seed_style_20")
"""Forecast with a factor on top: shown beside the rules, never a policy."""
COMPARED_RULES = (*RULES, *FACTOR_RULES)
SEVERITIES = ("stop", "warn", "note")


class LaneOptions(Table):
    """One row per market and mode: the dates counted back from the day on the shelf."""

    market: str
    mode: str
    produce_by: pd.Timestamp
    ship_by: pd.Timestamp
    arrive_by: pd.Timestamp
    shelf_by: pd.Timestamp
    lead_days: float = pa.Field(gt=0)
    min_lead_days: float = pa.Field(gt=0)
    max_lead_days: float = pa.Field(gt=0)
    added_days: float = pa.Field(ge=0)
    slack_days: int
    on_time_rate: float = pa.Field(ge=0, le=1)
    late_days: float = pa.Field(ge=0)
    """Mean days late of the trips that are late; 0 where none is."""
    is_feasible: bool
    reason: str
    freight_rate: float = pa.Field(nullable=True, ge=0)
    rate_unit: str = pa.Field(isin=("kg", "cbm"))
    cbm_divisor_kg: float = pa.Field(gt=0)
    min_charge: float = pa.Field(nullable=True, ge=0)
    currency: str
    source: str


class StockPosition(Table):
    """One row per market and SKU: stock that can serve the promotion, before any new order."""

    market: str
    sku: str
    on_hand_units: int = pa.Field(ge=0)
    inbound_units: int = pa.Field(ge=0)
    late_units: int = pa.Field(ge=0)
    """Not on the shelf by the first phase day, or on a day that nobody told."""
    later_units: int = pa.Field(ge=0)
    """Of them, dated within the horizon: they serve demand from that day on."""
    later_on: pd.Timestamp = pa.Field(nullable=True)
    """By when all of these are there."""
    later_left_units: float = pa.Field(ge=0)
    """Of them, what demand from then on leaves: they are left over beside stock and order."""
    demand_before_units: float = pa.Field(ge=0)
    early_units: float = pa.Field(ge=0)
    """Sent back by buyers and on the shelf again before the first phase day."""
    returning_units: float = pa.Field(ge=0)
    """Sent back and on the shelf again on a day of the horizon."""
    again_units: float = pa.Field(ge=0)
    """Of them, sold in the horizon: a sale's earnings hold their worth already."""
    available_units: float = pa.Field(ge=0)
    is_known: bool


class UnitEconomics(Table):
    """One row per market and SKU: what a unit sold earns and a unit left over loses."""

    market: str
    sku: str
    price: float = pa.Field(nullable=True, ge=0)
    """Mean over the expected units of the horizon; sale and ordinary price by their shares."""
    sale_price: float = pa.Field(nullable=True, ge=0)
    """While the campaign price binds: the phase `sale`."""
    warm_up_price: float = pa.Field(nullable=True, ge=0)
    tail_price: float = pa.Field(nullable=True, ge=0)
    """The ordinary price less what buyers got off in that phase of the shop's past events."""
    ordinary_price: float = pa.Field(nullable=True, ge=0)
    """After the campaign, and on ordinary days."""
    price_source: str
    """Whose figure the ordinary price is: `price_source.paid|days=56|units=332`."""
    landed_cost: float = pa.Field(nullable=True, ge=0)
    selling_cost: float = pa.Field(nullable=True, ge=0)
    margin_profit: float = pa.Field(nullable=True)
    leftover_revenue: float = pa.Field(nullable=True)
    """Below zero where getting rid of a unit costs money."""
    under_cost: float = pa.Field(nullable=True)
    over_cost: float = pa.Field(nullable=True)
    critical_ratio: float = pa.Field(nullable=True, ge=0, le=1)
    missing: str
    currency: str


class StockPlan(Table):
    """One row per market and SKU: the order under the seller's rule, every term of it shown."""

    market: str
    sku: str
    rule: str = pa.Field(isin=RULES)
    demand_units: float = pa.Field(ge=0)
    safety_units: float
    buffer_units: float = pa.Field(ge=0)
    target_units: float = pa.Field(ge=0)
    available_units: float = pa.Field(ge=0)
    needed_units: float = pa.Field(ge=0)
    order_units: int = pa.Field(ge=0)
    low_units: int = pa.Field(ge=0)
    high_units: int = pa.Field(ge=0)
    service_level: float = pa.Field(ge=0, le=1)
    lost_units: float = pa.Field(ge=0)
    leftover_units: float = pa.Field(ge=0)
    expected_profit: float = pa.Field(nullable=True)
    grade: str = pa.Field(isin=("A", "B", "C", "D"))
    is_blocked: bool
    is_stock_known: bool
    """Where false nobody counted the stock: `available_units` means nothing, the order is the most
    that can be needed."""
    reason: str
    currency: str


class RuleComparison(Table):
    """One row per market, SKU and rule: what each rule would hold, and what that is worth."""

    market: str
    sku: str
    rule: str = pa.Field(isin=COMPARED_RULES)
    target_units: float = pa.Field(ge=0)
    order_units: int = pa.Field(ge=0)
    held_back_units: int = pa.Field(ge=0)
    """Asked for by the rule beyond the seller's limits."""
    service_level: float = pa.Field(ge=0, le=1)
    lost_units: float = pa.Field(ge=0)
    leftover_units: float = pa.Field(ge=0)
    expected_profit: float = pa.Field(nullable=True)
    low_profit: float = pa.Field(nullable=True)
    """5 % of worlds earn less."""
    high_profit: float = pa.Field(nullable=True)
    """5 % of worlds earn more."""
    raw_history_units: float = pa.Field(nullable=True, ge=0)
    currency: str


class ShipLines(Table):
    """One row per market, SKU and mode: cartons to hand over, and by when."""

    market: str
    sku: str
    mode: str
    units: int = pa.Field(ge=0)
    cartons: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    weight_kg: float = pa.Field(nullable=True, ge=0)
    volume_cbm: float = pa.Field(nullable=True, ge=0)
    chargeable: float = pa.Field(nullable=True, ge=0)
    rate_unit: str
    freight_cost: float = pa.Field(nullable=True, ge=0)
    produce_by: pd.Timestamp
    ship_by: pd.Timestamp
    arrive_by: pd.Timestamp
    shelf_by: pd.Timestamp
    block_reason: str
    """What holds the line back; blank where it may leave. Its units stay as planned."""
    currency: str


class CostLines(Table):
    """One row per market, SKU and cost term: money the plan spends; an unknown one is empty."""

    market: str
    sku: str
    term: str
    amount_cost: float = pa.Field(nullable=True, ge=0)
    is_known: bool
    source: str
    currency: str


class Alerts(Table):
    """One row per thing that can go wrong: what, where, until when, and the money at risk."""

    code: str
    severity: str = pa.Field(isin=SEVERITIES)
    market: str
    sku: str
    act_by: pd.Timestamp = pa.Field(nullable=True)
    risk_cost: float = pa.Field(nullable=True, ge=0)
    currency: str
    facts: str
