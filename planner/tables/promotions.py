"""Tables on promotions: their days, what is done for them, what an analyst plans otherwise."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

PHASES = ("before", "warm_up", "sale", "tail", "after")
TARGETS = ("shop", "market", "category", "sku")
"""Columns by which an override names whom it touches."""
CHANGE_KINDS = ("ratio", "added_units", "set_units")
MAX_RATIO = 1000
"""Highest ratio of an override; more is a slip of the pen. [unitless]"""
MAX_UNITS = 1_000_000_000
"""Most units that an override may add or set. [units]"""


class CampaignsJoined(Table):
    """One row per past event, market and SKU that the seller says it joined or did not.

    A row without a SKU speaks for the whole shop.
    """

    event: str
    market: str
    sku: str
    starts_on: pd.Timestamp
    """First day of the sale, to tell one year's event from the next."""
    is_joined: bool
    tier: str
    discount_rate: float = pa.Field(nullable=True, ge=0, lt=1)


class Drivers(Table):
    """One row per event, market, phase and SKU: what was, or is known to be, done for a promotion.

    A row without a SKU holds for every SKU of the market that has none of its own.
    """

    event: str
    market: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    sku: str
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp
    discount_rate: float = pa.Field(nullable=True, ge=0, lt=1)
    tier_rank: float = pa.Field(nullable=True, ge=1)
    """1 the least. [unitless]"""
    is_joined: pd.BooleanDtype = pa.Field(nullable=True)
    live_hours: float = pa.Field(nullable=True, ge=0)
    live_sessions: float = pa.Field(nullable=True, ge=0)
    creators: float = pa.Field(nullable=True, ge=0)
    viewers: float = pa.Field(nullable=True, ge=0)
    ad_spend: float = pa.Field(nullable=True, ge=0)
    """In the seller's currency."""
    traffic_visits: float = pa.Field(nullable=True, ge=0)
    has_gift: pd.BooleanDtype = pa.Field(nullable=True)


class LivePlan(Table):
    """One row per live session and SKU: when, how long, by whom; unknown stays unknown."""

    shop: str
    sku: str
    starts_at: pd.Timestamp
    hours: float = pa.Field(gt=0, le=24)
    creator: str
    expected_viewers: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    ad_budget: float = pa.Field(nullable=True, ge=0)
    discount_rate: float = pa.Field(nullable=True, ge=0, lt=1)


class Events(Table):
    """One row per event, market and phase: days that were, or will be, a promotion."""

    event: str
    kind: str
    market: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    starts_on: pd.Timestamp
    ends_on: pd.Timestamp

    @pa.dataframe_check
    @classmethod
    def ends_after_it_starts(cls, frame: pd.DataFrame) -> pd.Series:
        """No phase ends before it starts."""
        return frame["ends_on"] >= frame["starts_on"]


class Overrides(Table):
    """One row per override in file order: whom it touches, how it changes the forecast, till when.

    An empty target holds for all; an empty phase means the whole horizon, warm-up to after.
    """

    row: int
    shop: str
    market: str
    category: str
    sku: str
    phase: str = pa.Field(isin=("", *PHASES))
    change: str
    """As written: `*1.2`, `+250`, `=1200`."""
    kind: str = pa.Field(isin=CHANGE_KINDS)
    amount: float = pa.Field(ge=-MAX_UNITS, le=MAX_UNITS)
    owner: str = pa.Field(str_length={"min_value": 1})
    reason: str = pa.Field(str_length={"min_value": 1})
    expires_on: pd.Timestamp
