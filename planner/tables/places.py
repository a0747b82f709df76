"""Tables that notebook 03 writes on places: where units stand, and who may sell them."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table

MOVES = ("stay", "transfer", "ship", "reserve")
POOLINGS = ("protected", "split", "pooled", "opened")


class Placement(Table):
    """One row per SKU, place it comes from and place it goes to."""

    market: str
    sku: str
    from_place: str
    to_place: str
    move: str = pa.Field(isin=MOVES)
    units: int = pa.Field(ge=0)
    move_cost: float = pa.Field(nullable=True, ge=0)
    days: float = pa.Field(nullable=True, ge=0)
    arrive_on: pd.Timestamp = pa.Field(nullable=True)
    reason: str
    currency: str


class Reserves(Table):
    """One row per market and hero SKU: where help comes from if it runs out, how fast, how dear."""

    market: str
    sku: str
    source_place: str
    mode: str
    units: int = pa.Field(ge=0)
    days: float = pa.Field(nullable=True, ge=0)
    unit_move_cost: float = pa.Field(nullable=True, ge=0)
    last_day_on: pd.Timestamp = pa.Field(nullable=True)
    """Last day on which asking for it still helps the sale."""
    reason: str
    currency: str


class ChannelPlan(Table):
    """One row per warehouse, SKU and channel: the units kept for it and the most it may sell."""

    market: str
    warehouse: str
    sku: str
    channel: str
    rank: int = pa.Field(ge=1)
    """1 earns most by unit."""
    demand_units: float = pa.Field(ge=0)
    unit_profit: float = pa.Field(nullable=True)
    locked_units: int = pa.Field(ge=0)
    """Promised to a campaign of the platform."""
    protected_units: int = pa.Field(ge=0)
    """Kept from the channels below."""
    partition_units: int = pa.Field(ge=0)
    """Its virtual location; those of a warehouse and SKU add up to the stock."""
    limit_units: int = pa.Field(ge=0)
    """The most it may sell."""
    draws_on: str
    """Pool it may draw on; blank where it shares with none."""
    reason: str
    currency: str


class PoolWorth(Table):
    """One row per warehouse and way of sharing it: profit, lost sales and units oversold."""

    market: str
    warehouse: str
    pooling: str = pa.Field(isin=POOLINGS)
    expected_profit: float = pa.Field(nullable=True)
    """If the channels that earn less sell first: the order that theory assumes, and the worst."""
    mixed_profit: float = pa.Field(nullable=True)
    """If all channels sell evenly mixed and what is protected is released day by day."""
    lost_units: float = pa.Field(ge=0)
    oversold_units: float = pa.Field(nullable=True, ge=0)
    """Sold after the stock was gone, before the channels were told; empty where not known."""
    is_agreed: bool
    """By the pools that seller.yml tells."""
    is_best: bool
    """Of those agreed."""
    reason: str
    currency: str


class ReleaseClock(Table):
    """One row per warehouse, SKU, protected channel and day: the units still kept for it."""

    market: str
    warehouse: str
    sku: str
    channel: str
    day: pd.Timestamp
    demand_left_share: float = pa.Field(ge=0, le=1)
    """Of the channel's demand of the campaign, what is still to come from that day on."""
    protected_units: int = pa.Field(ge=0)


class NetworkAdvice(Table):
    """One row per market without a warehouse of the seller: where to keep its goods."""

    market: str
    monthly_orders: float = pa.Field(ge=0)
    served_from: str
    kind: str
    """Kind of warehouse to take; `unknown` where no fee is known."""
    order_cost: float = pa.Field(nullable=True, ge=0)
    reason: str
    currency: str


class WarehouseChoice(Table):
    """One row per market and kind of warehouse: what an order costs there at this volume."""

    market: str
    kind: str
    monthly_orders: float = pa.Field(nullable=True, ge=0)
    order_cost: float = pa.Field(nullable=True, ge=0)
    fixed_cost: float = pa.Field(nullable=True, ge=0)
    """A month."""
    total_cost: float = pa.Field(nullable=True, ge=0)
    """A month, at this volume."""
    break_even_orders: float = pa.Field(nullable=True, ge=0)
    """Orders a month from which it is the cheapest; empty where it never is."""
    is_cheapest: bool
    missing: str
    reason: str
    currency: str
