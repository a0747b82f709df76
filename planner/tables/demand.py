"""Tables that notebook 02 writes: how much will sell, and how sure that is."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table
from planner.tables.intake import PHASES

GRADES = ("A", "B", "C", "D")
UPLIFT_SOURCES = ("sku", "category", "portfolio", "memory", "shipped")


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
    is_masked: bool
    is_future: bool


class Uplift(Table):
    """One row per shop, SKU and promo phase: units sold over units an ordinary day would sell."""

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    uplift_ratio: float = pa.Field(gt=0)
    low_ratio: float = pa.Field(gt=0)
    high_ratio: float = pa.Field(gt=0)
    own_ratio: float = pa.Field(nullable=True, gt=0)
    prior_ratio: float = pa.Field(gt=0)
    own_weight: float = pa.Field(ge=0, le=1)
    past_events: int = pa.Field(ge=0)
    log_sd: float = pa.Field(ge=0)
    common_log_sd: float = pa.Field(ge=0)
    source: str = pa.Field(isin=UPLIFT_SOURCES)


class DemandDraws(Table):
    """One row per shop, SKU and phase of the horizon: equally likely totals, draw k one world."""

    shop: str
    market: str
    sku: str
    phase: str = pa.Field(isin=PHASES)
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    draws: object


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


class Backtest(Table):
    """One row per shop, SKU and past event forecast from the data known before it."""

    shop: str
    market: str
    sku: str
    event: str
    cut_off_on: pd.Timestamp
    actual_units: float = pa.Field(ge=0)
    mean_units: float = pa.Field(ge=0)
    q10_units: float = pa.Field(ge=0)
    q50_units: float = pa.Field(ge=0)
    q90_units: float = pa.Field(ge=0)
    rule_units: float = pa.Field(ge=0)
    is_covered: bool


class EventForecast(Table):
    """One row per SKU: total demand of one event, for people who bring their own daily sales."""

    sku: str
    mean: float = pa.Field(ge=0)
    q05: float = pa.Field(ge=0)
    q10: float = pa.Field(ge=0)
    q20: float = pa.Field(ge=0)
    q50: float = pa.Field(ge=0)
    q80: float = pa.Field(ge=0)
    q90: float = pa.Field(ge=0)
    q95: float = pa.Field(ge=0)
    q975: float = pa.Field(ge=0)
    grade: str = pa.Field(isin=GRADES)
