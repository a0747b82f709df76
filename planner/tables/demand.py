"""Tables that notebook 02 writes: how much will sell, and how sure that is."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table
from planner.tables.promotions import PHASES

GRADES = ("A", "B", "C", "D")
SLICES = ("all", "market", "kind", "past_events", "event")
OVERRIDE_STATUSES = ("applied", "expired", "nothing")


class Decomposition(Table):
    """One row per shop, SKU, phase and part that changes something: units it adds to the mean.

    The parts of a phase, in the order of their `place`, add up to the forecast's mean.
    """

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=(*PHASES, "horizon"))
    place: int = pa.Field(ge=0)
    part: str
    part_units: float


class DoubtShares(Table):
    """One row per shop, SKU, phase and source of doubt: its share of the forecast's variance."""

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=(*PHASES, "horizon"))
    doubt: str
    sd_units: float = pa.Field(ge=0)
    """Standard deviation if nothing else were in doubt. [units]"""
    variance_share: float = pa.Field(ge=0, le=1)


class ForecastDaily(Table):
    """One row per shop, SKU and day of the horizon: demand of the day; days add up to the phase."""

    shop: str
    market: str
    sku: str
    day: pd.Timestamp
    phase: str = pa.Field(isin=PHASES)
    mean_units: float = pa.Field(ge=0)
    q10_units: float = pa.Field(ge=0)
    q50_units: float = pa.Field(ge=0)
    q90_units: float = pa.Field(ge=0)


class DemandDraws(Table):
    """One row per shop, SKU and phase of the horizon: equally likely totals, draw k one world."""

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=PHASES)
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    draws: object


class OrderCaps(Table):
    """One row per shop and phase that an order limit touches: the ceiling, and what it cuts."""

    shop: str
    market: str
    phase: str = pa.Field(isin=PHASES)
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    limited_days: int = pa.Field(ge=1)
    limit_orders: float = pa.Field(ge=0)
    """Orders allowed on the limited days together. [orders]"""
    units_per_order: float = pa.Field(gt=0)
    wanted_units: float = pa.Field(ge=0)
    """Mean of what buyers want, before the ceiling. [units]"""
    mean_units: float = pa.Field(ge=0)
    """Mean of what can be ordered. [units]"""
    cut_units: float = pa.Field(ge=0)
    binding_rate: float = pa.Field(ge=0, le=1)
    """Share of the worlds in which the ceiling cuts something. [unitless]"""
    source: str


class Forecast(Table):
    """One row per shop, SKU and phase, and one for the horizon: demand, its spread, its grade."""

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=(*PHASES, "horizon"))
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    mean_units: float = pa.Field(ge=0)
    q05_units: float = pa.Field(ge=0)
    q10_units: float = pa.Field(ge=0)
    q20_units: float = pa.Field(ge=0)
    q50_units: float = pa.Field(ge=0)
    q80_units: float = pa.Field(ge=0)
    q90_units: float = pa.Field(ge=0)
    q95_units: float = pa.Field(ge=0)
    q975_units: float = pa.Field(ge=0)
    model_mean_units: float = pa.Field(ge=0)
    grade: str = pa.Field(isin=GRADES)
    grade_reason: str


class OverrideEffects(Table):
    """One row per override: whom it touches, the model's units, the planned units, and why not."""

    row: int
    shop: str
    market: str
    category: str
    sku: str
    phase: str
    change: str
    owner: str
    override_reason: str
    expires_on: pd.Timestamp
    status: str = pa.Field(isin=OVERRIDE_STATUSES)
    n_skus: int = pa.Field(ge=0)
    model_units: float = pa.Field(nullable=True, ge=0)
    """The model's total of all it touches. [units]"""
    given_units: float = pa.Field(nullable=True, ge=0)
    """The same after the overrides above it. [units]"""
    planned_units: float = pa.Field(nullable=True, ge=0)
    """The same after this override. [units]"""
    difference_units: float = pa.Field(nullable=True)
    """`planned_units` less `given_units`. [units]"""
    reason: str


class Backtest(Table):
    """One row per shop, SKU and past event forecast from the data known before it."""

    shop: str
    market: str
    sku: str
    event: str
    kind: str
    starts_on: pd.Timestamp
    cut_off_on: pd.Timestamp
    lead_days: int = pa.Field(ge=0)
    past_events: int = pa.Field(ge=0)
    actual_units: float = pa.Field(ge=0)
    mean_units: float = pa.Field(ge=0)
    q025_units: float = pa.Field(ge=0, nullable=True)
    q10_units: float = pa.Field(ge=0)
    q50_units: float = pa.Field(ge=0)
    q80_units: float = pa.Field(ge=0)
    q90_units: float = pa.Field(ge=0)
    q95_units: float = pa.Field(ge=0)
    q975_units: float = pa.Field(ge=0)
    rule_units: float = pa.Field(ge=0)
    naive_units: float = pa.Field(ge=0)
    is_covered: bool


class Record(Table):
    """One row per slice of the replayed events and method: how far its forecasts were off."""

    slice: str = pa.Field(isin=SLICES)
    value: str
    method: str
    event_count: int = pa.Field(ge=1)
    window_count: int = pa.Field(ge=1)
    wape_rate: float = pa.Field(ge=0, nullable=True)
    bias_rate: float = pa.Field(nullable=True)
    covered_80_rate: float = pa.Field(ge=0, le=1, nullable=True)
    covered_95_rate: float = pa.Field(ge=0, le=1, nullable=True)
    quantile_loss_rate: float = pa.Field(ge=0, nullable=True)
    added_value_rate: float = pa.Field(nullable=True)


class EventForecast(Table):
    """One row per SKU: total demand of one event, for people who bring their own daily sales."""

    sku: str
    mean: float = pa.Field(ge=0)
    q025: float = pa.Field(ge=0)
    q05: float = pa.Field(ge=0)
    q10: float = pa.Field(ge=0)
    q20: float = pa.Field(ge=0)
    q50: float = pa.Field(ge=0)
    q80: float = pa.Field(ge=0)
    q90: float = pa.Field(ge=0)
    q95: float = pa.Field(ge=0)
    q975: float = pa.Field(ge=0)
    grade: str = pa.Field(isin=GRADES)
    grade_reason: str
