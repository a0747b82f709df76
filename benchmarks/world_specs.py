"""What a simulated seller is made of: shops, listings, promotions, and how its world behaves.

Only forms and readers of the files beside it; `world_sellers` fills them for
the demo sellers, and `world.simulate` draws a world from a spec and a seed.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import yaml

from planner.campaign import Phases
from planner.frozen import Span
from planner.seller import Seller, Shop, read_seller

MINOR_DIGITS = {"THB": 2, "USD": 2, "IDR": 0}
"""Decimals that exports of the currency show; rupiah come without any."""
PRICE_STEP_MINOR = {"THB": 100, "USD": 1, "IDR": 100}
"""Smallest step of a price: a baht, a cent, a hundred rupiah."""


@dataclass(frozen=True)
class Listing:
    """What a buyer can order: a SKU, or a bundle of SKUs."""

    sku: str
    title: str
    category: str
    platform_category: str
    price_minor: int
    promo_price_minor: int
    weight_kg: float
    carton_units: int
    popularity: float
    """Weight of its level among the seller's listings, before chance. [unitless]"""
    plan_ratio: float
    """Stock of the hand plan for the campaign over the demand to come. [unitless]"""


@dataclass(frozen=True)
class Promo:
    """One promotion that the seller takes part in."""

    event: str
    kind: str
    strength: float
    """Exponent on the category's sale ratio: 1 is an ordinary big promotion. [unitless]"""
    phases: Phases


@dataclass(frozen=True)
class Spell:
    """Days on which one SKU is hit: demand multiplied (viral), or stock held back."""

    sku: str
    days: Span
    ratio: float = 1.0


@dataclass(frozen=True)
class Delivery:
    """Goods that were ordered before the planning day and come on a known day."""

    sku: str
    units: int
    ordered_on: date
    available_on: date


@dataclass(frozen=True)
class Exports:
    """How a shop's orders are downloaded."""

    layouts: tuple[tuple[date, str], ...]
    """Layout of the file by the first day on which exports bear it."""
    name: str
    """File name with the fields of `start`, `end` and `seen` (when it was downloaded)."""
    months: int = 1
    overlap_days: int = 0
    settle_days: int = 1
    """Days from the end of the period to the download."""
    described: tuple[int, ...] = ()
    """Positions of the files with a row of descriptions under the header."""
    last_days: int = 0
    """If set, the last days come as CSV, downloaded on the morning after. [days]"""


@dataclass(frozen=True)
class Habits:
    """How demand, buyers and the warehouse of one seller behave."""

    daily_units: float
    """Mean demand of an ordinary day over all listings and shops. [units/day]"""
    shop_shares: tuple[float, ...]
    sale_ratios: Mapping[str, float]
    """Mean uplift of an ordinary sale phase by category. [unitless]"""
    weekday: tuple[float, ...]
    """Monday to Sunday, before scaling to mean 1. [unitless]"""
    season_ratio: float = 1.0
    """Peak of the year (early December) over its mean; 1 is no season. [unitless]"""
    level_log_sd: float = 0.25
    drift_log_sd: float = 0.025
    """Weekly step of the slow drift. [log units]"""
    noise_alpha: float = 0.06
    """Day noise: variance = mean + alpha x mean^2. [unitless]"""
    event_log_sd: float = 0.15
    """Shock common to all SKUs of a sale. [log units]"""
    sku_log_sd: float = 0.22
    """How much SKUs of a category differ in a sale. [log units]"""
    return_rate: float = 0.04
    return_lag_days: int = 14
    resale_rate: float = 0.7
    cancel_rate: float = 0.05
    unpaid_rate: float = 0.02
    refused_rate: float = 0.0
    """Parcels refused at the door, over units sold. [unitless]"""
    sample_rate: float = 0.006
    cash_rate: float = 0.0
    """Share of orders paid in cash on delivery. [unitless]"""
    cover_days: int = 50
    """Days of demand that ordinary orders bring stock up to. [days]"""
    review_days: int = 14
    lead_days: int = 14


@dataclass(frozen=True, eq=False)
class Spec:
    """One seller's world before chance."""

    folder: Path
    starts_on: date
    plan_on: date
    track_on: date
    review_on: date
    """First day that is no longer simulated: 05 looks back from it."""
    next_replenishment_on: date
    promos: tuple[Promo, ...]
    """In order of time; the last one is the campaign that is planned."""
    habits: Habits
    exports: Mapping[str, Exports]
    """By shop."""
    has_return_exports: bool = False
    """Whether the seller downloads returns and refunds too; the orders then tell of fewer."""
    viral: tuple[Spell, ...] = ()
    holds: tuple[Spell, ...] = ()
    late: tuple[Delivery, ...] = ()
    seed: int = 0

    @cached_property
    def seller(self) -> Seller:
        """The seller as `seller.yml` describes it."""
        text = (self.folder / "seller.yml").read_text(encoding="utf-8")
        return read_seller(yaml.safe_load(text), where=f"{self.folder.name}/seller.yml")

    @property
    def shops(self) -> tuple[Shop, ...]:
        """Shops, in the order of every array's first axis."""
        return self.seller.shops

    @cached_property
    def rows(self) -> tuple[dict[str, str], ...]:
        """Rows of `skus.csv` as text, bundles last."""
        return tuple(_rows(self.folder / "skus.csv"))

    @cached_property
    def bundles(self) -> tuple[tuple[str, str, int], ...]:
        """Bundle, component and units of it."""
        rows = _rows(self.folder / "bundles.csv")
        return tuple((row["sku"], row["component"], int(row["units"])) for row in rows)

    @cached_property
    def stock_elsewhere(self) -> tuple[dict[str, str], ...]:
        """Counts of warehouses that serve no shop, as rows of `stock.csv`."""
        return tuple(_rows(self.folder / "stock_elsewhere.csv"))

    @cached_property
    def listings(self) -> tuple[Listing, ...]:
        """Listings, in the order of every array's second axis."""
        digits = MINOR_DIGITS[self.seller.currency]
        return tuple(_listing(row, digits) for row in self.rows)

    @cached_property
    def skus(self) -> tuple[str, ...]:
        """SKUs that lie in the warehouse: all listings that are no bundle."""
        bundled = {bundle for bundle, _, _ in self.bundles}
        return tuple(item.sku for item in self.listings if item.sku not in bundled)

    @property
    def campaign(self) -> Promo:
        """The promotion that is planned."""
        return self.promos[-1]


def minor(text: str, digits: int) -> int:
    """Return an amount in the smallest unit of its currency.

    Examples
    --------
    >>> minor("24.9", 2)
    2490
    """
    return int(Decimal(text) * 10**digits)


def _rows(path: Path) -> list[dict[str, str]]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _listing(row: Mapping[str, str], digits: int) -> Listing:
    return Listing(
        sku=row["sku"],
        title=row["title"],
        category=row["category"],
        platform_category=row["platform_category"],
        price_minor=minor(row["price"], digits),
        promo_price_minor=minor(row["promo_price"], digits),
        weight_kg=float(row["weight_kg"]),
        carton_units=int(row["carton_units"] or 1),
        popularity=float(row["popularity"]),
        plan_ratio=float(row["plan_ratio"] or 1),
    )
