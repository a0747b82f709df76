"""Tables of notebook 04 on the platform: metrics, caps, orders in time, cases and tickets."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

EXCEPTIONS = (
    "stock_unexplained", "order_late", "metric_breached", "order_cap", "partition_breached",
    "milestone_late", "session_short", "stock_oversold", "arrived_short", "shelving_late",
)  # fmt: skip
EXCEPTION_STATES = ("open", "working", "done", "dropped")


class PlatformMetrics(Table):
    """One row per shop, platform metric and window: the rate against the threshold."""

    shop: str
    market: str
    metric: str
    counted_over: str = pa.Field(isin=("campaign", "platform"))
    """Orders paid since the campaign began, or within the platform's own days."""
    window_days: pd.Int64Dtype = pa.Field(nullable=True, ge=1)
    value_rate: float = pa.Field(nullable=True, ge=0, le=1)
    threshold_rate: float = pa.Field(nullable=True, ge=0)
    is_breached: pd.BooleanDtype = pa.Field(nullable=True)
    orders: int = pa.Field(ge=0)
    failed_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    left_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many more may fail until the limit is broken."""
    recover_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many good ones bring a broken limit back."""
    failed_ids: str
    """The orders that failed, parted by ";", the first ones if they are many."""
    consequence: str
    reason: str


class CapRisks(Table):
    """One row per shop and tier of a cap on orders: how near it is, and what it would take."""

    shop: str
    market: str
    cap_tier: int = pa.Field(ge=1)
    from_rate: float = pa.Field(gt=0, le=1)
    """Late dispatch rate from which the tier holds."""
    release_rate: float = pa.Field(ge=0, le=1)
    """Late dispatch rate below which it ends."""
    late_rate: float = pa.Field(nullable=True, ge=0, le=1)
    is_reached: pd.BooleanDtype = pa.Field(nullable=True)
    left_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many more may be late before it is."""
    release_orders: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    """So many orders in time end one that is reached."""
    base_orders: float = pa.Field(nullable=True, ge=0)
    """Mean of a day. [orders/day]"""
    cap_orders: float = pa.Field(nullable=True, ge=0)
    """Most of a day. [orders/day]"""
    starts_on: pd.Timestamp = pa.Field(nullable=True)
    ends_on: pd.Timestamp = pa.Field(nullable=True)
    """Days of the campaign that it would hold, if judged now."""
    wanted_orders: float = pa.Field(nullable=True, ge=0)
    lost_orders: float = pa.Field(nullable=True, ge=0)
    lost_units: float = pa.Field(nullable=True, ge=0)
    lost_profit: float = pa.Field(nullable=True)
    reason: str
    currency: str


class AgeingOrders(Table):
    """One row per order paid for and not shipped: how long it waits, and until when it may."""

    shop: str
    market: str
    order_id: str
    sku: str
    """All of the order, parted by ";"."""
    units: int = pa.Field(ge=1)
    order_revenue: float = pa.Field(nullable=True)
    order_profit: float = pa.Field(nullable=True)
    """What is not earned if the platform cancels it."""
    waiting_since_at: pd.Timestamp
    age_days: int = pa.Field(ge=0)
    dispatch_by: pd.Timestamp = pa.Field(nullable=True)
    late_days: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    hours_left: float = pa.Field(nullable=True)
    """Until it counts as late; below zero it does."""
    cancel_at: pd.Timestamp = pa.Field(nullable=True)
    """When the platform cancels it of its own accord."""
    reason: str
    currency: str


class Exceptions(Table):
    """One row per thing that went wrong and is not closed: what, evidence, owner, until when."""

    case: str = pa.Field(unique=True)
    """The same thing bears the same name in every run."""
    campaign: str
    case_kind: str = pa.Field(isin=EXCEPTIONS)
    market: str
    about: str
    """The shop, SKU, shipment or channel that it is about."""
    sku: str
    metric: str
    """The platform metric that it rests on; blank where none does."""
    found_on: pd.Timestamp = pa.Field(nullable=True)
    """First day on which it showed, as far as notes tell."""
    happened_at: pd.Timestamp = pa.Field(nullable=True)
    due_on: pd.Timestamp = pa.Field(nullable=True)
    """Of late orders: the last day on which they were to leave."""
    extent: float = pa.Field(nullable=True)
    """How much of it there is: units, orders, the tier of a cap, the place of a stage."""
    proof: str
    owner: str
    """Blank until somebody takes it."""
    act_until_at: pd.Timestamp = pa.Field(nullable=True)
    case_state: str = pa.Field(isin=EXCEPTION_STATES)
    is_seen: bool
    """Whether it still shows; one that somebody wrote of and that is gone stays in the log."""
    is_reopened: bool
    """Whether somebody had closed it before its newest evidence."""
    stake: float = pa.Field(nullable=True)
    """Money that rests on it, in the seller's currency."""
    note: str
    currency: str


class ExceptionNotes(Table):
    """One row per case that people wrote of: who has it, how far it is, when it was found."""

    case: str
    case_kind: str = pa.Field(isin=EXCEPTIONS)
    market: str
    about: str
    sku: str
    campaign: str
    found_on: pd.Timestamp = pa.Field(nullable=True)
    proof_on: pd.Timestamp = pa.Field(nullable=True)
    """Day of the evidence that whoever wrote this had before him."""
    extent: float = pa.Field(nullable=True)
    """How much of it there was by that evidence."""
    rejected_on: pd.Timestamp = pa.Field(nullable=True)
    """Day on which the platform turned the first appeal down."""
    owner: str
    case_state: str = pa.Field(isin=EXCEPTION_STATES)
    note: str
    screenshot: str
    """Name of the file that shows it."""


class Tickets(Table):
    """One row per ticket or appeal to open: what a provider or a platform asks to be told."""

    case: str
    send_to: str = pa.Field(isin=("provider", "platform"))
    order_id: str
    """Orders, or shipments where no order is concerned."""
    sku: str
    proof: str
    """What is to be described."""
    screenshot: str
    """Which page to take a picture of, and the file's name where there is one."""
    appeal_by: pd.Timestamp = pa.Field(nullable=True)
    """Last day of an appeal, of the second one once the first is turned down; empty where nobody
    says."""
    appeal_round: pd.Int64Dtype = pa.Field(nullable=True, ge=1, le=2)
    case_state: str = pa.Field(isin=EXCEPTION_STATES)
    owner: str
