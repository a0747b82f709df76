"""Tables that notebook 01 writes: what the exports said, and what became of it."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

STATUSES = ("unpaid", "on_hold", "to_ship", "shipped", "delivered", "completed", "cancelled")
KINDS = (
    "firm",
    "cod",
    "preorder",
    "on_hold",
    "unpaid",
    "cancelled_unpaid",
    "cancelled_before",
    "cancelled_after",
    "sample",
    "gift",
    "replacement",
)
"""What an order line is; `intake/kinds.csv` says for each whether it is demand."""
SOURCES = ("", "live", "video", "mall", "affiliate")
"""What made the buyer order, empty where the export does not say."""
FULFILMENTS = ("", "fbt", "seller")
"""Who ships: the platform from its own warehouse, or the seller; empty if unknown."""
CANCELLERS = ("", "buyer", "seller", "carrier", "platform")
"""Who bears a cancellation; `platform` where its system cancelled and the reason says no more."""
TRACKINGS = ("", "none", "given", "wrong")
"""Tracking number of an order: not told, none, one, one that breaks its own check digit."""
RETURN_KINDS = ("return", "refund", "exchange")
RETURN_STATES = ("open", "done", "refused")
TRAIL_STEPS = (
    "cancelled_units",
    "unpaid_units",
    "sample_units",
    "bundle_units",
    "stock_out_units",
    "promo_units",
    "spike_units",
)
"""Corrections between the units imported and the final line, in the order they are made."""


class OrderLines(Table):
    """One row per order line kept: an order, a shop and a seller SKU, at its newest status."""

    shop: str
    market: str
    order_id: str
    sku: str
    units: int = pa.Field(ge=1)
    returned_units: int = pa.Field(ge=0)
    status: str = pa.Field(isin=STATUSES)
    returned_from: str = pa.Field(isin=("", "returns", "orders"))
    kind: str = pa.Field(isin=KINDS)
    is_demand: bool
    channel: str
    source: str = pa.Field(isin=SOURCES)
    fulfilment: str = pa.Field(isin=FULFILMENTS)
    ordered_at: pd.Timestamp
    paid_at: pd.Timestamp = pa.Field(nullable=True)
    shipped_at: pd.Timestamp = pa.Field(nullable=True)
    cancelled_at: pd.Timestamp = pa.Field(nullable=True)
    gross_minor: pd.Int64Dtype = pa.Field(nullable=True)
    amount_minor: pd.Int64Dtype = pa.Field(nullable=True)
    currency: str
    file: str
    row: int


class Parcels(Table):
    """One row per order kept: what its export says of its way to the buyer, and of its end."""

    shop: str
    market: str
    order_id: str
    ready_at: pd.Timestamp = pa.Field(nullable=True)
    """Packed and handed over for pick-up."""
    delivered_at: pd.Timestamp = pa.Field(nullable=True)
    cancelled_by: str = pa.Field(isin=CANCELLERS)
    """Who bears its cancellation; blank where it stands or nobody says."""
    tracking: str = pa.Field(isin=TRACKINGS)


class ReturnLines(Table):
    """One row per line of a return or refund, at its newest state: what comes back, and when."""

    shop: str
    market: str
    return_id: str
    order_id: str
    sku: str
    units: int = pa.Field(ge=1)
    kind: str = pa.Field(isin=RETURN_KINDS)
    state: str = pa.Field(isin=RETURN_STATES)
    requested_at: pd.Timestamp
    refunded_at: pd.Timestamp = pa.Field(nullable=True)
    reason: str
    file: str
    row: int


class RejectedRows(Table):
    """One row per row of an export that was not kept: where, what, why."""

    file: str
    row: int
    column: str
    value: str
    code: str
    amount_minor: pd.Int64Dtype = pa.Field(nullable=True)
    cells: str
    """JSON of header and text: the row's known cells that look like their column."""


class Reconciliation(Table):
    """One row per export file: rows and money in are rows and money kept plus rejected."""

    file: str
    shop: str
    dialect: str
    sha256: str
    rows_in: int = pa.Field(ge=0)
    rows_kept: int = pa.Field(ge=0)
    rows_rejected: int = pa.Field(ge=0)
    in_minor: int
    kept_minor: int
    rejected_minor: int
    unreadable_rows: int = pa.Field(ge=0)
    currency: str
    first_on: pd.Timestamp = pa.Field(nullable=True)
    last_on: pd.Timestamp = pa.Field(nullable=True)

    @pa.dataframe_check
    @classmethod
    def rows_balance(cls, frame: pd.DataFrame) -> pd.Series:
        """Rows in are rows kept plus rows rejected."""
        return frame["rows_in"] == frame["rows_kept"] + frame["rows_rejected"]

    @pa.dataframe_check
    @classmethod
    def money_balances(cls, frame: pd.DataFrame) -> pd.Series:
        """Money in is money kept plus money rejected, to the minor unit."""
        return frame["in_minor"] == frame["kept_minor"] + frame["rejected_minor"]


class Findings(Table):
    """One row per remark on a file that was read all the same: code and the facts to fill it."""

    file: str
    code: str
    facts: str


class DailySales(Table):
    """One row per shop, SKU and day, from the SKU's first sale in the shop to the last day."""

    shop: str
    market: str
    sku: str
    day: pd.Timestamp
    units: int = pa.Field(ge=0)
    revenue_minor: int
    cancelled_units: int = pa.Field(ge=0)
    is_stock_out: bool
    event: str
    phase: str = pa.Field(isin=("", "warm_up", "sale", "tail"))


class DemandTrail(Table):
    """One row per shop, SKU and day: from units imported to the ordinary line, step by step.

    Imported units plus all corrections are the final units, to the last digit of a float.
    """

    shop: str
    market: str
    sku: str
    day: pd.Timestamp
    imported_units: float
    cancelled_units: float
    unpaid_units: float
    sample_units: float
    bundle_units: float
    stock_out_units: float
    promo_units: float
    spike_units: float
    final_units: float
    demand_units: float
    """Estimate of what buyers wanted that day, promotion and spike included."""
    stock_out_rate: float = pa.Field(ge=0, le=1)
    """Chance that lack of stock cut the day's sales. [unitless]"""
    is_spike: bool
    event: str

    @pa.dataframe_check
    @classmethod
    def steps_add_up(cls, frame: pd.DataFrame) -> pd.Series:
        """Return where imported plus corrections is final."""
        parts = frame[["imported_units", *TRAIL_STEPS]].sum(axis=1)
        return (parts - frame["final_units"]).abs() < 1e-6


class SkuTrust(Table):
    """One row per shop and SKU: how far its history can be trusted, and what is missing."""

    shop: str
    market: str
    sku: str
    grade: str = pa.Field(isin=("A", "B", "C", "D"))
    grade_reason: str
    history_days: int = pa.Field(ge=0)
    in_stock_days: int = pa.Field(ge=0)
    past_events: int = pa.Field(ge=0)
    rejected_rate: float = pa.Field(ge=0, le=1)
    missing: str
    """Names of facts that are unknown, parted by semicolons."""
    revenue_share: float = pa.Field(ge=0, le=1, nullable=True)


class WantedFacts(Table):
    """One row per fact worth fetching, the most valuable first."""

    fact: str
    """Glossary term and its facts, parted by "|"."""
    market: str
    n_skus: int = pa.Field(ge=0)
    skus: str
    worth: float = pa.Field(nullable=True)
    """Money that rests on it in the seller's currency, unknown where it cannot be priced."""
    currency: str
    reason: str


class HourProfile(Table):
    """One row per shop, SKU and hour of the shop's clock: the share of units in that hour.

    The rows without a SKU are the whole shop's.
    """

    shop: str
    market: str
    sku: str
    hour: int = pa.Field(ge=0, le=23)
    units: int = pa.Field(ge=0)
    share_rate: float = pa.Field(ge=0, le=1)
