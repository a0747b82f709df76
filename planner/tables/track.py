"""Tables of notebook 04 beside those of `season`: the rest of the event, and where units stand."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table


class RestTotals(Table):
    """One row per market: its campaign to date, and the rest of it with the range of the sum."""

    market: str
    looking_at: pd.Timestamp
    sold_units: float = pa.Field(ge=0)
    planned_to_date: float = pa.Field(ge=0)
    planned_rest_units: float = pa.Field(ge=0)
    """Mean of the plan for the time to come, to the last day of the last phase."""
    plan_low_units: float = pa.Field(ge=0)
    plan_high_units: float = pa.Field(ge=0)
    """80 % range of the plan for the time to come."""
    rest_q10_units: float = pa.Field(ge=0)
    rest_q50_units: float = pa.Field(ge=0)
    rest_q90_units: float = pa.Field(ge=0)
    width_ratio: float = pa.Field(nullable=True, ge=0)


class EventCurve(Table):
    """One row per market and day of its phases: units since the start, planned, sold, expected."""

    market: str
    day: pd.Timestamp
    planned_units: float = pa.Field(ge=0)
    sold_units: float = pa.Field(nullable=True, ge=0)
    """To the end of the day; of the running day to the looking moment, then empty."""
    low_units: float = pa.Field(nullable=True, ge=0)
    mid_units: float = pa.Field(nullable=True, ge=0)
    high_units: float = pa.Field(nullable=True, ge=0)
    """Sold plus expected, 80 % range; empty for days that are over."""


class RangeChecks(Table):
    """One row per market and earlier moment: what was then expected until the next, what came."""

    market: str
    from_at: pd.Timestamp
    until_at: pd.Timestamp
    n_skus: int = pa.Field(ge=0)
    """With a full shelf, so that sales are demand."""
    inside_count: int = pa.Field(ge=0)
    """SKUs whose sales lay inside the 80 % range."""
    inside_rate: float = pa.Field(nullable=True, ge=0, le=1)
    sold_units: float = pa.Field(ge=0)
    learnt_units: float = pa.Field(ge=0)
    planned_units: float = pa.Field(ge=0)


class DailyCheck(Table):
    """One row per market and SKU: yesterday's sales against its counts, and what to do today."""

    market: str
    sku: str
    day: pd.Timestamp
    """The last whole day."""
    yesterday_units: float = pa.Field(nullable=True, ge=0)
    change_units: float = pa.Field(nullable=True)
    """Between the counts of the last two evenings; empty where one is missing."""
    known_units: float = pa.Field(nullable=True)
    """What is known to have come in and moved otherwise, as far as anybody tells."""
    unexplained_units: float = pa.Field(nullable=True)
    stock_units: float = pa.Field(nullable=True, ge=0)
    cover: str
    """How long the shelf lasts, as a code."""
    action: str
    action_units: int = pa.Field(ge=0)
    act_by: pd.Timestamp = pa.Field(nullable=True)


class StockStages(Table):
    """One row per warehouse and SKU: units by stage, only the last of them sellable."""

    market: str
    warehouse: str
    sku: str
    counted_on: pd.Timestamp
    ordered_units: int = pa.Field(ge=0)
    in_transit_units: int = pa.Field(ge=0)
    arrived_units: int = pa.Field(ge=0)
    """At the warehouse and not yet checked."""
    checked_units: int = pa.Field(ge=0)
    """Checked and not yet on the shelf."""
    sellable_units: int = pa.Field(ge=0)
    next_on: pd.Timestamp = pa.Field(nullable=True)
    """First day on which more become sellable."""
    next_units: int = pa.Field(ge=0)
    """Of that day; what lands later is not among them."""
    overdue_units: int = pa.Field(ge=0)
    """Were to be sellable before they were counted."""
    platform_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """What the platform shows buyers; empty where nobody told."""
    platform_on: pd.Timestamp = pa.Field(nullable=True)
    platform_gap_units: pd.Int64Dtype = pa.Field(nullable=True)
    """Shown less sellable of the same day; empty where the days differ."""
    reason: str


class Receipts(Table):
    """One row per shipment and SKU: what came, what was checked, what can be sold, and when."""

    market: str
    warehouse: str
    shipment: str
    sku: str
    sent_units: int = pa.Field(ge=0)
    arrived_on: pd.Timestamp = pa.Field(nullable=True)
    came_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    checked_on: pd.Timestamp = pa.Field(nullable=True)
    checked_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """Empty where its warehouse writes nothing of shipments down; so is `sellable_units`."""
    sellable_on: pd.Timestamp = pa.Field(nullable=True)
    """Last day on which units of it went on the shelf."""
    sellable_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    stuck_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """Arrived and not yet sellable."""
    stuck_days: float = pa.Field(nullable=True, ge=0)
    missing_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """Sent and not among those that arrived."""
    reason: str


class PartitionUse(Table):
    """One row per channel of a shared warehouse and SKU: sold since the start against its limit."""

    market: str
    warehouse: str
    sku: str
    channel: str
    sold_units: float = pa.Field(ge=0)
    limit_units: int = pa.Field(ge=0)
    over_units: float = pa.Field(ge=0)
    over_profit: float = pa.Field(nullable=True, ge=0)
    """What the better channel of the warehouse would have earned more with them."""
    is_breached: bool
    reason: str
    currency: str
