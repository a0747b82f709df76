"""Tables that notebook 02 learns from the past: ordinary days, uplift, shares of the days."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table
from planner.tables.promotions import PHASES

UPLIFT_SOURCES = ("sku", "category", "portfolio", "memory", "shared", "shipped")


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
