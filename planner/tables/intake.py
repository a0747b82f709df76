"""Tables that notebook 01 writes: what the exports said, and what became of it."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

STATUSES = ("unpaid", "on_hold", "to_ship", "shipped", "delivered", "completed", "cancelled")
REASONS = ("", "cancelled", "unpaid", "sample")
STAGES = ("on_hand", "receiving", "in_transit", "ordered")
PHASES = ("before", "warm_up", "sale", "tail", "after")


class OrderLines(Table):
    """One row per order line kept: an order, a shop and a seller SKU, at its newest status."""

    shop: str
    market: str
    order_id: str
    sku: str
    units: int = pa.Field(ge=1)
    returned_units: int = pa.Field(ge=0)
    status: str = pa.Field(isin=STATUSES)
    not_demand: str = pa.Field(isin=REASONS)
    channel: str
    ordered_at: pd.Timestamp
    paid_at: pd.Timestamp = pa.Field(nullable=True)
    shipped_at: pd.Timestamp = pa.Field(nullable=True)
    cancelled_at: pd.Timestamp = pa.Field(nullable=True)
    gross_minor: int
    amount_minor: int
    currency: str
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


class HourProfile(Table):
    """One row per shop and hour of its own clock: the share of units ordered in that hour."""

    shop: str
    market: str
    hour: int = pa.Field(ge=0, le=23)
    units: int = pa.Field(ge=0)
    share_rate: float = pa.Field(ge=0, le=1)


class Catalogue(Table):
    """One row per SKU: what it is, what it costs, how it travels."""

    sku: str = pa.Field(unique=True)
    name: str
    category: str
    price: float = pa.Field(nullable=True, gt=0)
    promo_price: float = pa.Field(nullable=True, gt=0)
    unit_cost: float = pa.Field(nullable=True, gt=0)
    weight_kg: float = pa.Field(nullable=True, gt=0)
    volume_cbm: float = pa.Field(nullable=True, gt=0)
    carton_units: pd.Int64Dtype = pa.Field(nullable=True, ge=1)
    moq_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    hs_code: str
    barcode: str
    certificates: str
    has_battery: bool
    has_liquid: bool
    has_powder: bool


class Bundles(Table):
    """One row per bundle and component: selling one bundle draws these units."""

    sku: str
    component: str
    units: int = pa.Field(ge=1)


class Stock(Table):
    """One row per SKU, warehouse, stage and arrival date: units that exist or are on their way."""

    sku: str
    warehouse: str
    stage: str = pa.Field(isin=STAGES)
    units: int = pa.Field(ge=0)
    available_on: pd.Timestamp = pa.Field(nullable=True)
    as_of: pd.Timestamp


class StockHistory(Table):
    """One row per SKU and day of a stock report: sellable units at the day's end."""

    sku: str
    day: pd.Timestamp
    units: int = pa.Field(ge=0)


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
    """One row per SKU and phase that an analyst would plan otherwise, and until when."""

    sku: str
    phase: str = pa.Field(isin=("warm_up", "sale", "tail"))
    demand_ratio: float = pa.Field(gt=0)
    owner: str = pa.Field(str_length={"min_value": 1})
    reason: str = pa.Field(str_length={"min_value": 1})
    expires_on: pd.Timestamp
