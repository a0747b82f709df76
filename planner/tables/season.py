"""Tables that notebooks 04 and 05 write: the campaign as it runs, and what it taught."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

ACTIONS = ("none", "replenish", "slow_down", "clear", "watch", "check_stock")
CHOICES = (
    "transfer", "air_top_up", "move_live", "cap_ads", "backorder", "raise_protection",
    "release_protection", "markdown",
)  # fmt: skip


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
    horizon_q10_units: float = pa.Field(nullable=True, ge=0)
    horizon_q50_units: float = pa.Field(nullable=True, ge=0)
    horizon_q90_units: float = pa.Field(nullable=True, ge=0)
    """Demand to the next ordinary replenishment; that of the event stands in `RestOfEvent`."""
    cover_days: float = pa.Field(nullable=True, ge=0)
    runs_out_on: pd.Timestamp = pa.Field(nullable=True)
    action: str = pa.Field(isin=ACTIONS)
    action_units: int = pa.Field(ge=0)
    act_by: pd.Timestamp = pa.Field(nullable=True)
    reason: str


class RestOfEvent(Table):
    """One row per market and SKU: demand from a moment of the campaign on, learnt from sales."""

    market: str
    sku: str
    looking_at: pd.Timestamp
    sold_units: float = pa.Field(ge=0)
    """Of the campaign, up to the moment."""
    is_censored: bool
    """Whether a shelf was empty or a day is unknown, so that sales are a floor under demand."""
    planned_rest_units: float = pa.Field(ge=0)
    """Mean of the plan for the same time."""
    rest_q10_units: float = pa.Field(ge=0)
    rest_q50_units: float = pa.Field(ge=0)
    rest_q90_units: float = pa.Field(ge=0)
    rest_mean_units: float = pa.Field(ge=0)
    """To the last day of the last phase."""
    horizon_mean_units: float = pa.Field(ge=0)
    """To the next ordinary replenishment."""
    width_ratio: float = pa.Field(nullable=True, ge=0)
    """Width of the 80 % range over that of the plan for the same time."""


class CoverHours(Table):
    """One row per market and SKU: how long the shelf lasts from a moment of the campaign on."""

    market: str
    sku: str
    looking_at: pd.Timestamp
    stock_units: float = pa.Field(nullable=True, ge=0)
    coming_units: float = pa.Field(ge=0)
    """On their way and on the shelf by the last day of the last phase."""
    hour_units: float = pa.Field(ge=0)
    """Expected of one hour of the next 24. [units/hour]"""
    cover_hours: float = pa.Field(nullable=True, ge=0)
    """In the middle world; empty where the shelf outlasts the horizon."""
    low_cover_hours: float = pa.Field(nullable=True, ge=0)
    """One world in ten runs out sooner."""
    cover_days: float = pa.Field(nullable=True, ge=0)
    runs_out_at: pd.Timestamp = pa.Field(nullable=True)
    low_runs_out_at: pd.Timestamp = pa.Field(nullable=True)
    stock_out_rate: float = pa.Field(nullable=True, ge=0, le=1)
    """Share of worlds that run out before the last phase ends."""
    lost_units: float = pa.Field(nullable=True, ge=0)
    """Expected to be asked for and not served before the last phase ends."""
    lost_profit: float = pa.Field(nullable=True)
    """What these units would have earned; empty where a cost is unknown."""
    reason: str
    currency: str


class ActionChoices(Table):
    """One row per market, SKU and thing that can still be done: its worth now, and until when."""

    market: str
    sku: str
    action: str = pa.Field(isin=CHOICES)
    where: str
    """Where units come from, the channel, the session or the exit; blank where there is none."""
    rank: int = pa.Field(ge=1)
    units: float = pa.Field(nullable=True, ge=0)
    value_profit: float = pa.Field(nullable=True)
    """Expected profit with it less without, if begun now."""
    looking_at: pd.Timestamp
    last_useful_at: pd.Timestamp = pa.Field(nullable=True)
    """Begun later, it changes nothing."""
    event_last_at: pd.Timestamp = pa.Field(nullable=True)
    """Begun later, it changes nothing before the last phase ends; empty where it never does."""
    hours_left: float = pa.Field(nullable=True)
    is_open: bool
    """Still in time, of known worth, and worth more than nothing."""
    lands_at: pd.Timestamp = pa.Field(nullable=True)
    """When the units it brings are on the shelf."""
    event_units: float = pa.Field(nullable=True)
    """Sales it saves before the last phase ends."""
    event_profit: float = pa.Field(nullable=True)
    """What it brings before the last phase ends."""
    step_rank: pd.Int64Dtype = pa.Field(nullable=True, ge=1)
    """1 for the action to begin with, 2 and 3 for those taken with it; empty for the others."""
    step_profit: float = pa.Field(nullable=True)
    """What it adds to the steps before it."""
    step_event_profit: float = pa.Field(nullable=True)
    """Of this, what comes before the last phase ends."""
    reason: str
    currency: str


class SessionStock(Table):
    """One row per live session and SKU: units needed on the shelf before it, and what is short."""

    shop: str
    market: str
    sku: str
    starts_at: pd.Timestamp
    ends_at: pd.Timestamp
    creator: str
    session_units: float = pa.Field(ge=0)
    """Expected in the session."""
    session_need_units: float = pa.Field(ge=0)
    """For the session at the level asked for, and for what sells before it."""
    stock_units: float = pa.Field(nullable=True, ge=0)
    """On the shelf now, and due before the session."""
    short_units: float = pa.Field(nullable=True, ge=0)
    """Asked for in the session and not there, at the level; what is missed before is no part."""
    short_profit: float = pa.Field(nullable=True)
    """What the units expected to be missed in the session would have earned."""
    reason: str
    currency: str


class MilestoneDelays(Table):
    """One row per shipment, SKU and stage of its way: planned end, what is known, what it means."""

    market: str
    shipment: str
    sku: str
    mode: str
    units: int = pa.Field(ge=0)
    place: int = pa.Field(ge=0)
    stage: str
    planned_on: pd.Timestamp
    actual_on: pd.Timestamp = pa.Field(nullable=True)
    late_days: float = pa.Field(nullable=True)
    """Below zero: early. Of an overdue stage: the least it can be; unknown behind an open one."""
    is_over: bool
    planned_shelf_on: pd.Timestamp
    expected_shelf_on: pd.Timestamp
    lost_units: float = pa.Field(nullable=True, ge=0)
    """Expected sales lost because the goods come when expected and not as planned."""
    lost_profit: float = pa.Field(nullable=True)
    faster_mode: str
    faster_shelf_on: pd.Timestamp = pa.Field(nullable=True)
    faster_units: float = pa.Field(nullable=True, ge=0)
    faster_profit: float = pa.Field(nullable=True)
    """What sending these units the faster way adds; empty where a cost is unknown."""
    reason: str
    currency: str


class StockCheck(Table):
    """One row per SKU and span between two stock counts: units sold against units drawn."""

    sku: str
    from_on: pd.Timestamp
    to_on: pd.Timestamp
    opening_units: int = pa.Field(ge=0)
    sold_units: int = pa.Field(ge=0)
    inbound_units: float = pa.Field(nullable=True, ge=0)
    moved_units: float = pa.Field(nullable=True)
    """Known to have come or gone otherwise, below zero gone; empty where no file tells."""
    closing_units: int = pa.Field(ge=0)
    change_units: int
    unexplained_units: float = pa.Field(nullable=True)
    """Empty where more is there than is known to have come, and what came is unknown."""
    gone_cost: float = pa.Field(nullable=True, ge=0)
    """Landed cost of units that are gone and nobody explains; empty where it is unknown."""
    reason: str
    currency: str


class DataAges(Table):
    """One row per shop: up to which moment its orders and its stock are known when tracked."""

    shop: str
    market: str
    looking_at: pd.Timestamp
    orders_until_at: pd.Timestamp = pa.Field(nullable=True)
    """Newest moment in its exports, to the whole hour."""
    behind_hours: float = pa.Field(nullable=True, ge=0)
    counted_at: pd.Timestamp = pa.Field(nullable=True)
    count_age_hours: float = pa.Field(nullable=True, ge=0)
    new_files_count: int = pa.Field(ge=0)
    """Exports that the plan had not seen."""
