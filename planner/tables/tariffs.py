"""Registers of what things cost, and of the ways that goods left over or returned can take."""

import pandera.pandas as pa

from planner.tables.rules import Register


class Fees(Register):
    """One row per market, cost term and period: a tariff with its unit."""

    market: str
    term: str
    value: float = pa.Field(nullable=True)
    unit: str
    currency: str


class ReturnRates(Register):
    """One row per market and category: share returned, days until resaleable, share resaleable."""

    market: str
    category: str
    return_rate: float = pa.Field(ge=0, le=1)
    lag_days: float = pa.Field(ge=0)
    resale_rate: float = pa.Field(ge=0, le=1)


class Surcharges(Register):
    """One row per market, mode and kind of goods or event: what is added, or that it may not go."""

    market: str
    mode: str
    """`any` holds for every mode."""
    kind: str
    """`battery`, `liquid`, `powder`, or the kind of an event."""
    value: float = pa.Field(nullable=True, ge=0)
    unit: str
    """`share_freight`, `kg`, `shipment`, `unit`, `share_outbound` or `forbidden`."""
    currency: str


class DutyRates(Register):
    """One row per market and category: duty and import tax on the declared value."""

    market: str
    category: str
    duty_rate: float = pa.Field(nullable=True, ge=0)
    import_tax_rate: float = pa.Field(nullable=True, ge=0)
    base: str
    """`cif` (goods and freight) or `fob` (goods)."""


class HandlingFees(Register):
    """One row per market, warehouse kind and kind of work on a unit or a SKU."""

    market: str
    work: str
    """`label`, `assembly`, `photo`, `quality_check`, `integration` ..."""
    value: float = pa.Field(nullable=True, ge=0)
    unit: str
    """`unit`, `sku`, `shipment` or `month`."""
    currency: str


class ExitRules(Register):
    """One row per market, exit of goods left over and step: what it brings, costs and takes."""

    market: str
    exit: str
    """`holding` is no exit: the share of its landed cost that keeping a unit for `days` costs."""
    step: int = pa.Field(ge=1)
    """Of a ladder of markdowns or of stretches of ordinary days; 1 elsewhere."""
    share_rate: float = pa.Field(nullable=True, ge=0)
    """Of the price or of the landed cost, as `base` says."""
    base: str
    """`price`, `landed` or `fee`."""
    fee: float = pa.Field(nullable=True, ge=0)
    """A unit."""
    currency: str
    max_share_rate: float = pa.Field(nullable=True, ge=0, le=1)
    """Share that it can take of the demand it goes by: of ordinary days, the campaign or the
    horizon."""
    days: float = pa.Field(nullable=True, ge=0)


class ReturnRouteFees(Register):
    """One row per market and route of goods that come back: fees, what is kept, days."""

    market: str
    route: str
    """`resell`, `refurbish`, `bulk_return` or `destroy`."""
    unit_fee: float = pa.Field(nullable=True, ge=0)
    batch_fee: float = pa.Field(nullable=True, ge=0)
    currency: str
    value_rate: float = pa.Field(nullable=True, ge=0, le=1)
    """Share of a sound unit's worth that is kept."""
    usable_rate: float = pa.Field(nullable=True, ge=0, le=1)
    """Share of returned units that can take the route."""
    days: float = pa.Field(nullable=True, ge=0)


class WarehouseFees(Register):
    """One row per market, kind of warehouse and fee of running it."""

    market: str
    kind: str
    fee: str
    """`order`, `month`, `storage_cbm_day` ..."""
    value: float = pa.Field(nullable=True, ge=0)
    unit: str
    currency: str
