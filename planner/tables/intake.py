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
STAGES = ("on_hand", "checked", "receiving", "in_transit", "ordered")
"""Where units are, the sellable first: on the shelf, quality-checked, arrived, travelling, asked
for. Only those on hand can be sold."""
TOLD_STAGES = (
    "waiting", "pickup", "export_customs", "line_haul", "import_customs", "truck", "receiving",
)  # fmt: skip
"""Stages of a trip whose end somebody can tell: a forwarder, a tracking page, a warehouse."""
MOVE_KINDS = (
    "arrived", "checked", "shelved", "returned", "found", "sample", "damaged", "lost", "sent_out",
    "other_channel",
)  # fmt: skip
"""What befell units at a warehouse; the first two do not change what can be sold."""
MOVES_IN, MOVES_OUT = MOVE_KINDS[2:5], MOVE_KINDS[5:]
"""Kinds that add to what can be sold, and that take from it."""
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
PHASES = ("before", "warm_up", "sale", "tail", "after")
TARGETS = ("shop", "market", "category", "sku")
"""Columns by which an override names whom it touches."""
CHANGE_KINDS = ("ratio", "added_units", "set_units")
MAX_RATIO = 1000
"""Highest ratio of an override; more is a slip of the pen. [unitless]"""
MAX_UNITS = 1_000_000_000
"""Most units that an override may add or set. [units]"""


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


class Shipments(Table):
    """One row per shipment and SKU: what was sent, how, and what arrived."""

    shipment: str
    sku: str
    warehouse: str
    mode: str
    units: int = pa.Field(ge=1)
    shipped_on: pd.Timestamp = pa.Field(nullable=True)
    due_on: pd.Timestamp = pa.Field(nullable=True)
    arrived_on: pd.Timestamp = pa.Field(nullable=True)
    """At the warehouse's door."""
    shelf_on: pd.Timestamp = pa.Field(nullable=True)
    """First day on which its units could be sold."""
    received_units: pd.Int64Dtype = pa.Field(nullable=True, ge=0)
    tracking: str
    """Tracking numbers, parted by `;`; blank where not known."""


class Milestones(Table):
    """One row per shipment and stage of its trip that is over, as a forwarder told it."""

    shipment: str
    stage: str = pa.Field(isin=TOLD_STAGES)
    ended_on: pd.Timestamp


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
    like_sku: str
    """SKUs it will sell like, parted by ";", each with a factor after ":"; blank if none."""
    launch_on: pd.Timestamp = pa.Field(nullable=True)
    """First day on sale of a SKU that has not sold yet."""


class GoodsFacts(Table):
    """One row per SKU: what customs, warehouses and the platform want to know of it."""

    sku: str = pa.Field(unique=True)
    category: str
    hs_code: str
    barcode: str
    certificates: str
    material: str
    purpose: str
    unit_cost: float = pa.Field(nullable=True, gt=0)
    price: float = pa.Field(nullable=True, gt=0)
    declared_cost: float = pa.Field(nullable=True, gt=0)
    """Value of a unit as it is declared to customs."""
    longest_cm: float = pa.Field(nullable=True, gt=0)
    weight_kg: float = pa.Field(nullable=True, gt=0)
    carton_cm: float = pa.Field(nullable=True, gt=0)
    """Longest edge of a full carton, as measured."""
    carton_kg: float = pa.Field(nullable=True, gt=0)
    """Weight of a full carton, as weighed."""
    is_hero: bool
    """Whether it must not run out."""
    has_unknown_flags: bool
    """Whether nobody said if it holds a battery, liquid or powder."""


class Evidence(Table):
    """One row per paper that the seller holds: for what it speaks, and until when."""

    market: str
    """Blank for every market; likewise category and SKU."""
    category: str
    sku: str
    certificate: str
    number: str
    file: str
    expires_on: pd.Timestamp = pa.Field(nullable=True)


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


class StockMoves(Table):
    """One row per movement of units at a warehouse that no order explains."""

    sku: str
    warehouse: str
    day: pd.Timestamp
    kind: str = pa.Field(isin=MOVE_KINDS)
    units: int = pa.Field(ge=1)
    shipment: str
    """Whose goods they are; blank where no shipment brought them."""
    note: str


class PlatformCounts(Table):
    """One row per shop, SKU and day: units that the platform shows buyers."""

    shop: str
    sku: str
    units: int = pa.Field(ge=0)
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
