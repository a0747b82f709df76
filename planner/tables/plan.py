"""Tables that notebook 03 writes beside the order: days, ways, limits, exits and routes back."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

WEAK_STATES = ("expired", "missing", "weak")
MAIL_ADVICE = ("stock", "mail", "fallback", "unknown")


class StageDays(Table):
    """One row per market, mode and stage of the chain: how long it takes and when it runs."""

    market: str
    mode: str
    stage: str
    place: int = pa.Field(ge=0)
    """0 is the first stage of the chain."""
    min_days: float = pa.Field(ge=0)
    typical_days: float = pa.Field(ge=0)
    max_days: float = pa.Field(ge=0)
    added_days: float = pa.Field(ge=0)
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    reason: str
    source: str


class Deadlines(Table):
    """One row per market and thing that falls due: what, when, how many days are left."""

    market: str
    due_on: pd.Timestamp
    deadline: str
    mode: str
    days_left: int
    is_past: bool
    reason: str


class SkuWays(Table):
    """One row per market, SKU and mode: may it go this way, is it in time, what does it cost."""

    market: str
    sku: str
    mode: str
    is_allowed: bool
    """In time, allowed by the policy and for these goods."""
    produce_by: pd.Timestamp
    ship_by: pd.Timestamp
    shelf_by: pd.Timestamp
    lead_days: float = pa.Field(gt=0)
    on_time_rate: float = pa.Field(ge=0, le=1)
    late_days: float = pa.Field(ge=0)
    """Mean days late of the trips that are late."""
    unit_freight_cost: float = pa.Field(nullable=True, ge=0)
    unit_surcharge_cost: float = pa.Field(nullable=True, ge=0)
    landed_cost: float = pa.Field(nullable=True, ge=0)
    """Of one unit on the shelf: goods, freight, surcharges, clearance, inbound, duty, cover."""
    missing: str
    reason: str
    currency: str


class WayTerms(Table):
    """One row per market, SKU, mode and cost term: what of the landed cost of one unit it is."""

    market: str
    sku: str
    mode: str
    term: str
    unit_cost: float = pa.Field(nullable=True, ge=0)
    sku_cost: float = pa.Field(nullable=True, ge=0)
    """Once for the SKU, however many units."""
    shipment_cost: float = pa.Field(nullable=True, ge=0)
    """Once for all the goods that go this way together."""
    risk_cost: float = pa.Field(nullable=True, ge=0)
    """Of one unit: not paid by the plan, but due before the goods are let in."""
    is_known: bool
    source: str
    currency: str


class WeakRows(Table):
    """One row per market and fact of a register that the plan should not rest on unseen."""

    market: str
    register: str
    fact: str
    """What names it in its register: a cost term, a mode, a category."""
    state: str = pa.Field(isin=WEAK_STATES)
    confidence: str
    valid_to: pd.Timestamp = pa.Field(nullable=True)
    as_of: pd.Timestamp
    source: str


class Exits(Table):
    """One row per market, SKU and exit: where a unit left over can go, and what it brings."""

    market: str
    sku: str
    exit: str
    exit_step: int = pa.Field(ge=1)
    """Stretch of ordinary days, step of a ladder of markdowns, channel or transfer; else 1."""
    rank: int = pa.Field(ge=1)
    max_units: float = pa.Field(nullable=True, ge=0)
    """Units the exit can take; empty where it takes any number."""
    unit_revenue: float = pa.Field(nullable=True)
    """Net of fees; below zero where getting rid of a unit costs money."""
    done_by: pd.Timestamp = pa.Field(nullable=True)
    is_open: bool
    reason: str
    currency: str


class ModePlan(Table):
    """One row per market, SKU, mode and warehouse that gets units."""

    market: str
    sku: str
    mode: str
    warehouse: str
    units: int = pa.Field(ge=0)
    landed_cost: float = pa.Field(nullable=True, ge=0)
    """Of all the units. [currency]"""
    volume_cbm: float = pa.Field(nullable=True, ge=0)
    ship_by: pd.Timestamp
    shelf_by: pd.Timestamp
    reason: str
    currency: str


class LimitPrices(Table):
    """One row per limit of the plan: what is used of it, and what a step more of it is worth."""

    limit: str
    market: str
    place: str
    """Warehouse, mode or SKU that it holds for; blank where it holds for all."""
    cap: float = pa.Field(ge=0)
    used: float = pa.Field(ge=0)
    unit: str
    is_binding: bool
    """Whether a step more earns something, or a SKU's next lot waits for room."""
    rise: float = pa.Field(gt=0)
    """The step that the price holds for, all other limits as they are. [unit]"""
    shadow_price: float = pa.Field(nullable=True, ge=0)
    """Expected profit of that step over its size. [currency/unit]"""
    reason: str
    currency: str


class FreightOptions(Table):
    """One row per market and SKU: what goes now and slow, what waits for news to go fast."""

    market: str
    sku: str
    slow_mode: str
    fast_mode: str
    now_units: int = pa.Field(ge=0)
    held_units: int = pa.Field(ge=0)
    """Units of the order that wait, in whole cartons."""
    trigger_units: float = pa.Field(nullable=True, ge=0)
    """Units sold in the warm-up, by the day of decision, from which sending pays."""
    decide_on: pd.Timestamp = pa.Field(nullable=True)
    single_profit: float = pa.Field(nullable=True)
    """Of the plan's order, sent at once."""
    option_profit: float = pa.Field(nullable=True, ge=0)
    """What waiting adds to it; 0 where the news teaches nothing."""
    is_worth: bool
    reason: str
    currency: str


class DirectMail(Table):
    """One row per market and SKU: keep it in the market, or mail it from China by the order."""

    market: str
    sku: str
    mode: str
    mail_days: float = pa.Field(nullable=True, ge=0)
    sla_days: float = pa.Field(nullable=True, ge=0)
    """Days within which buyers of the market are used to get a parcel."""
    is_late: bool
    stock_profit: float = pa.Field(nullable=True)
    """Of the best order kept in the market."""
    mail_unit_profit: float = pa.Field(nullable=True)
    break_even_rate: float = pa.Field(nullable=True, ge=0)
    """Share of buyers who must accept the longer wait for mail to earn as much as stock."""
    mail_advice: str = pa.Field(isin=MAIL_ADVICE)
    missing: str
    reason: str
    currency: str


class ReturnRoutes(Table):
    """One row per market, SKU and route of what comes back: what it brings, and from how many."""

    market: str
    sku: str
    route: str
    units: float = pa.Field(ge=0)
    unit_revenue: float = pa.Field(nullable=True)
    fixed_cost: float = pa.Field(nullable=True, ge=0)
    break_even_units: float = pa.Field(nullable=True, ge=0)
    """From how many units it beats the best other route; empty where it never does."""
    route_profit: float = pa.Field(nullable=True)
    back_on: pd.Timestamp = pa.Field(nullable=True)
    back_units: float = pa.Field(ge=0)
    """Back on the shelf before the horizon ends."""
    after_units: float = pa.Field(ge=0)
    """Sound, and back later or elsewhere."""
    lost_units: float = pa.Field(ge=0)
    """Not sound for the route, and destroyed."""
    is_best: bool
    reason: str
    currency: str
