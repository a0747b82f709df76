"""Tables on where units are: on a shelf, moved in a warehouse, travelling, seen by buyers."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

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
