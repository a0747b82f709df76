"""Registers of dated facts: each row is valid for a time and says where it comes from."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

CONFIDENCES = ("primary", "secondary", "low", "unverified", "measured")


class Register(Table):
    """One row per fact and period of validity."""

    valid_from: pd.Timestamp
    valid_to: pd.Timestamp = pa.Field(nullable=True)
    confidence: str = pa.Field(isin=CONFIDENCES)
    source: str = pa.Field(str_length={"min_value": 1})
    as_of: pd.Timestamp


class Markets(Register):
    """One row per market: currency, clock and names."""

    market: str
    name_zh: str
    name_en: str
    currency: str
    minor_digits: int = pa.Field(ge=0, le=3)
    time_zone: str


class Calendar(Register):
    """One row per platform event, market and phase that took place or is announced."""

    event: str
    kind: str
    market: str
    phase: str
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp


class Lanes(Register):
    """One row per market, mode and origin: door-to-door days and price of the head haul."""

    market: str
    mode: str
    origin: str
    """Country that the goods leave."""
    min_days: float = pa.Field(gt=0)
    typical_days: float = pa.Field(gt=0)
    max_days: float = pa.Field(gt=0)
    low_rate: float = pa.Field(nullable=True, ge=0)
    high_rate: float = pa.Field(nullable=True, ge=0)
    currency: str
    rate_unit: str
    cbm_divisor_kg: float
    min_charge: float = pa.Field(nullable=True, ge=0)


class RiskWindows(Register):
    """One row per place, season and stage of the chain in which goods are late."""

    market: str
    event: str
    stage: str
    """Stage of the chain that it stretches: `trip` for all of the head haul."""
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    added_days: float = pa.Field(nullable=True, ge=0)
    """Empty where nobody says how many."""


class UpliftPriors(Register):
    """One row per category, kind of event and phase: uplift where nothing else is known."""

    category: str
    kind: str
    phase: str
    """Of a promotion, or `dip_1_7`, `dip_8_14`, `wait_1_7` (days near one) and `beside` (SKUs
    outside one)."""
    uplift_ratio: float = pa.Field(gt=0)
    log_sd: float = pa.Field(gt=0)


class DayCurvePriors(Register):
    """One row per phase and place of a day in it: the day over an even day, nothing else known."""

    phase: str
    position: str
    """`start_1` is the first day, `end_1` the last; days not named are even days."""
    day_ratio: float = pa.Field(gt=0)
    log_sd: float = pa.Field(gt=0)


class LaunchCurve(Register):
    """One row per category and week since a SKU's first sale: its sales over the later level."""

    category: str
    week: int = pa.Field(ge=1, le=6)
    launch_ratio: float = pa.Field(ge=0.3, le=3)
    log_sd: float = pa.Field(gt=0)


class Certificates(Register):
    """One row per market, category and certificate that goods need to enter or be listed."""

    market: str
    category: str
    certificate: str


class Bounds(Register):
    """One row per rule of thumb of the brief: the range in which a figure is expected."""

    rule: str
    low: float = pa.Field(nullable=True)
    high: float = pa.Field(nullable=True)
    unit: str


class Metrics(Register):
    """One row per market and platform metric: the threshold and what follows."""

    market: str
    metric: str
    threshold: float
    is_floor: bool
    consequence: str


class OrderCapRules(Register):
    """One row per market, mode of shop and tier: what late dispatch makes the platform allow."""

    market: str
    mode: str = pa.Field(isin=("local", "cross_border"))
    tier: int = pa.Field(ge=1)
    from_rate: float = pa.Field(gt=0, le=1)
    """Late dispatch rate from which the tier holds."""
    cap_rate: float = pa.Field(ge=0, le=1)
    """Share of the mean daily orders that may still be taken."""
    base_days: float = pa.Field(gt=0)
    """Days whose mean is meant."""
    hold_days: float = pa.Field(gt=0)
    """Days until it is judged again."""
    release_rate: float = pa.Field(ge=0, le=1)
    """Late dispatch rate below which it ends."""


class LaneStages(Register):
    """One row per market, mode and stage: its share of the days of a trip, and how it can swell."""

    market: str
    """`any` holds for every market that has no row of its own."""
    mode: str
    stage: str
    place: int = pa.Field(ge=0)
    share_rate: float = pa.Field(ge=0, le=1)
    """Share of the typical days of the trip."""
    max_ratio: float = pa.Field(ge=1)
    """Longest over typical, where the stage goes wrong."""


class Admissions(Register):
    """One row per market and category: whether it may be listed, and how long the review takes."""

    market: str
    category: str
    """`any` holds for every market or category."""
    admission: str
    """`open`, `review`, `invite` or `closed`."""
    review_days: float = pa.Field(nullable=True, ge=0)


class InboundRules(Register):
    """One row per market, kind of warehouse and rule on how goods must arrive."""

    market: str
    kind: str
    """Kind of warehouse: `third_party`, `fbt`, `own` or `any`."""
    rule: str
    value: float = pa.Field(nullable=True)
    unit: str


class ActionRules(Register):
    """One row per market and action of a running campaign: how long it takes, what it moves."""

    market: str
    """`any` holds for every market that has no row of its own."""
    action: str
    """As in `ActionChoices`; `at_risk` says which goods are looked at."""
    lead_hours: float = pa.Field(nullable=True, ge=0)
    """From the decision to its effect, beside days of transport."""
    share_rate: float = pa.Field(nullable=True, ge=0, le=1)
    """Share of demand that a cap on ads stops, or of buyers who wait for a backorder; for
    `at_risk` the share of worlds in which goods may run out before something is done."""
    unit_cost: float = pa.Field(nullable=True)
    """Cost of the action by unit it touches; below zero where it saves (ads not shown)."""
    currency: str
    wait_days: float = pa.Field(nullable=True, ge=0)
    """Longest that a backorder may wait."""
