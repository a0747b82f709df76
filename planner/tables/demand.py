"""Tables that notebook 02 writes: how much will sell, and how sure that is."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table
from planner.tables.intake import PHASES

GRADES = ("A", "B", "C", "D")
SLICES = ("all", "market", "kind", "past_events", "event")
UPLIFT_SOURCES = ("sku", "category", "portfolio", "memory", "shared", "shipped")
OVERRIDE_STATUSES = ("applied", "expired", "nothing")


class BaselineFit(Table):
    """One row per shop and SKU: the level of ordinary days and what it rests on."""

    shop: str
    market: str
    sku: str
    level_units: float = pa.Field(ge=0)
    half_life_days: float = pa.Field(gt=0)
    clean_days: int = pa.Field(ge=0)
    masked_promo_days: int = pa.Field(ge=0)
    masked_stock_out_days: int = pa.Field(ge=0)
    dispersion_ratio: float = pa.Field(ge=1)
    drift_sd: float = pa.Field(ge=0)
    common_drift_sd: float = pa.Field(ge=0)
    method: str


class BaselineDaily(Table):
    """One row per shop, SKU and day of history and horizon: units an ordinary day would sell."""

    shop: str
    market: str
    sku: str
    day: pd.Timestamp
    baseline_units: float = pa.Field(ge=0)
    weekday_ratio: float = pa.Field(ge=0)
    season_ratio: float = pa.Field(gt=0)
    is_masked: bool
    is_future: bool


class Uplift(Table):
    """One row per shop, SKU and phase: units sold over units an ordinary day would sell.

    The rows of `before` and `after` tell of other events, of waiting and of the dip.
    """

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=PHASES)
    uplift_ratio: float = pa.Field(gt=0)
    low_ratio: float = pa.Field(gt=0)
    high_ratio: float = pa.Field(gt=0)
    own_ratio: float = pa.Field(nullable=True, gt=0)
    prior_ratio: float = pa.Field(gt=0)
    own_weight: float = pa.Field(ge=0, le=1)
    past_events: int = pa.Field(ge=0)
    log_sd: float = pa.Field(ge=0)
    common_log_sd: float = pa.Field(ge=0)
    spread_ratio: float = pa.Field(gt=0)
    source: str = pa.Field(isin=UPLIFT_SOURCES)


class UpliftEffects(Table):
    """One row per shop, SKU and promo phase: logarithms that add up to that of `uplift_ratio`.

    An effect of 0 changes nothing. The shipped prior is part of `seller_effect`.
    """

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    data_weight: float = pa.Field(ge=0, le=1)
    """Weight of the seller's promotions against the shipped prior. [unitless]"""
    own_log_sd: float = pa.Field(nullable=True, ge=0)
    """Doubt in the ratio if the SKU's own promotions alone told it, the event's shock left out."""
    seller_effect: float
    kind_effect: float
    category_effect: float
    promo_days_effect: float
    rest_days_effect: float
    daily_units_effect: float
    discount_rate_effect: float
    tier_rank_effect: float
    is_joined_effect: float
    live_hours_effect: float
    live_sessions_effect: float
    creators_effect: float
    viewers_effect: float
    ad_spend_effect: float
    traffic_visits_effect: float
    has_gift_effect: float
    own_effect: float


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


class DayCurve(Table):
    """One row per market, phase and day of the phase: its share of the phase's demand.

    The weekday is divided out: on an even weekday profile the shares would be those sold.
    """

    market: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    day: pd.Timestamp
    phase_day: int = pa.Field(ge=1)
    share_rate: float = pa.Field(gt=0, le=1)
    share_low_rate: float = pa.Field(gt=0, le=1)
    share_high_rate: float = pa.Field(gt=0, le=1)
    source: str = pa.Field(isin=("portfolio", "shipped"))
    past_events: int = pa.Field(ge=0)


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
