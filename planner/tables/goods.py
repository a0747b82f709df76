"""Tables on goods: what a SKU is, what it is made of, which papers the seller holds for it."""

import pandas as pd
import pandera.pandas as pa

from planner.tables.contract import Table


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
