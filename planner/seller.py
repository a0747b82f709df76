"""One seller: shops, warehouses, contract terms and policy, as frozen objects.

A term of the contract that is missing is unknown, not zero.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from planner.errors import ConfigError
from planner.frozen import CURRENCY_PATTERN, ID_PATTERN, Frozen, Words, built
from planner.terms import Carrier, Channel, Insurance, Limits, Paper, Transfer

RULE_BUFFER_RATES = {"profit": 0.0, "service_level": 0.15, "extremes": 0.15}

MARKET_PATTERN = r"^[A-Z]{2}$"
PLATFORM_PATTERN = r"^[a-z][a-z0-9_]{1,30}$"


def _market(text: str) -> str:
    if not re.fullmatch(MARKET_PATTERN, text):
        near = text.strip().upper()
        hint = f"; did you mean {near}?" if re.fullmatch(MARKET_PATTERN, near) else ""
        raise ValueError(f"a market is two capital letters, for instance TH{hint}")
    return text


Market = Annotated[
    str, AfterValidator(_market), WithJsonSchema({"type": "string", "pattern": MARKET_PATTERN})
]
"""Which markets can be read, the dialects say: there is one data file for each."""
Platform = Annotated[str, Field(pattern=PLATFORM_PATTERN)]
Names = Annotated[
    tuple[str, ...], BeforeValidator(lambda said: (said,) if isinstance(said, str) else said)
]
"""One text or a list of texts."""
Mode = Literal["sea", "sea_fast", "air", "express", "truck", "rail"]


class Policy(Frozen):
    """How a seller wants to be planned."""

    rule: Literal["profit", "service_level", "extremes"] = "profit"
    service_level: float = Field(0.95, ge=0.5, le=0.999)
    """Share of campaigns in which stock should last, for the rule of that name."""
    buffer_rate: float | None = Field(None, ge=0, le=1)
    """Extra stock on top of the rule; without one 0 for profit and 0.15 for the other rules."""
    max_lost_ratio: float = Field(0.02, ge=0, le=1)
    """Share of rejected rows above which the seller is refused."""
    lanes: tuple[Mode, ...] = ()
    """Modes that may be used; empty means every mode the register knows for the market."""
    production_days: float = Field(0, ge=0)
    """Days of making; 0 for goods already made. [days]"""
    materials_days: float = Field(0, ge=0)
    """Days until the materials are there, before making begins. [days]"""
    waiting_days: float = Field(0, ge=0)
    """Days that goods made wait for their pickup. [days]"""
    receiving_days: float = Field(4, ge=0)
    """Days from the warehouse's door to the shelf. [days]"""
    leftover_value_rate: float = Field(0.6, ge=0, le=1)
    """What a unit left over is worth, of its landed cost; written down, it caps every exit."""
    stock_out_penalty_rate: float = Field(0.0, ge=0)
    """Loss beyond the margin for a sale missed, as a share of the price."""

    @property
    def buffer(self) -> float:
        """The buffer rate in force."""
        return RULE_BUFFER_RATES[self.rule] if self.buffer_rate is None else self.buffer_rate


class OrderLimit(Frozen):
    """The most orders a day that the platform lets one shop take, between two days."""

    orders: int = Field(ge=0)
    """Orders a day, as the shop's page of metrics shows them."""
    start: date
    """First day on which it holds."""
    end: date | None = None
    """Last day on which it holds; without one until further notice."""
    source: str = Field(min_length=1)
    """Where the figure was read and when."""

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> OrderLimit:
        if self.end and self.end < self.start:
            raise ValueError(f"ends on {self.end}, before it starts on {self.start}")
        return self


class Shop(Frozen):
    """One shop on one platform in one market."""

    shop: str = Field(pattern=ID_PATTERN)
    platform: Platform
    market: Market
    currency: str = Field(pattern=CURRENCY_PATTERN)
    time_zone: str
    mode: Literal["local", "cross_border"] = "local"
    """A cross-border shop has no company in its market: it says who can import, and which rule on
    dispatch holds."""
    dialect: str = ""
    """Name of the dialect of its exports; without one, that of its platform and market."""
    warehouse: str
    columns: dict[str, Names] = Field(default_factory=dict)
    """By field, headers of a file of the seller's own; they come before the dialect's."""
    time_formats: Names = ()
    """How such a file writes moments, for instance %Y-%m-%d %H:%M:%S."""
    statuses: dict[str, Names] = Field(default_factory=dict)
    """By status, words of such a file."""
    units_per_row: int = Field(0, ge=0)
    """Units of a row where such a file has no column of units."""
    daily_order_limits: tuple[OrderLimit, ...] = ()
    """Ceilings on orders a day; of two that hold on a day the lower counts."""

    @model_validator(mode="before")
    @classmethod
    def _dialect_of_platform_and_market(cls, said: Any) -> Any:
        if not isinstance(said, Mapping) or said.get("dialect"):
            return said
        return {**said, "dialect": f"{said.get('platform')}-{said.get('market')}".lower()}

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in available_timezones():
            near = difflib.get_close_matches(zone, available_timezones(), 1)
            hint = f"; the nearest is {near[0]}" if near else ""
            raise ValueError(f"{zone!r} is no time zone{hint}")
        return zone

    @property
    def zone(self) -> ZoneInfo:
        """The shop's clock."""
        return ZoneInfo(self.time_zone)


class Warehouse(Frozen):
    """One warehouse and who runs it."""

    warehouse: str = Field(pattern=ID_PATTERN)
    market: Market
    kind: Literal["third_party", "fbt", "own"] = "third_party"
    is_reserve: bool = False
    """Whether hero SKUs may be fetched from it in an emergency."""
    receiving_days: float | None = Field(None, ge=0)
    """From its door to the shelf; without one that of the policy or the contract. [days]"""
    address: str = ""
    """As a forwarder asks for it."""


class Contract(Frozen):
    """What the service contract says; a term that is missing is unknown, not zero."""

    is_signed: bool | None = None
    has_clearance: bool | None = None
    """Whether customs clearance is in the price."""
    duty: Literal["DDP", "DDU"] | None = None
    is_duty_billed: bool | None = None
    """Whether duty under DDP is billed beside the price; else it is taken to be in the price."""
    receiving_days: float | None = Field(None, ge=0)
    loss_compensation_rate: float | None = Field(None, ge=0, le=1)
    free_storage_days: float | None = Field(None, ge=0)
    managed_mode: Literal["platform", "provider", "none"] | None = None
    """Who is meant by full management: the platform's own mode, the provider's service, nobody."""
    confirmed_lead_time_on: date | None = None
    confirmed_customs_on: date | None = None
    confirmed_last_mile_on: date | None = None
    lead_time_evidence: str | None = None
    """File, number or link that shows the confirmation."""
    customs_evidence: str | None = None
    last_mile_evidence: str | None = None


class Profile(Frozen):
    """What a seller tells the provider first."""

    category: str
    monthly_orders: int | None = Field(None, ge=0)
    sku_count: int | None = Field(None, ge=0)


class Seller(Frozen):
    """One seller: shops, warehouses, contract and policy."""

    seller: str = Field(pattern=ID_PATTERN)
    name: Words
    currency: str = Field(pattern=CURRENCY_PATTERN)
    """Currency of costs, prices and reports."""
    profile: Profile
    shops: tuple[Shop, ...] = Field(min_length=1)
    warehouses: tuple[Warehouse, ...] = Field(min_length=1)
    fx_rates: dict[str, Annotated[float, Field(gt=0)]] = Field(default_factory=dict)
    """Units of the seller's currency that one unit of another currency buys."""
    fees: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """The seller's own tariffs by cost term, in the seller's currency; they beat the register."""
    contract: Contract = Contract()
    policy: Policy = Policy()
    limits: Limits = Limits()
    insurance: Insurance = Insurance()
    transfers: tuple[Transfer, ...] = ()
    channels: tuple[Channel, ...] = ()
    carriers: tuple[Carrier, ...] = ()
    papers: dict[str, Paper] = Field(default_factory=dict)
    """By name, papers of the provider, the contract and the service agreement."""
    share_memory: bool = False
    """Whether what its reviews find may, unnamed, help the provider's other sellers: only where
    the seller has said so, silence is no consent."""

    @model_validator(mode="after")
    def _shops_stand_in_known_warehouses(self) -> Seller:
        known = {house.warehouse: house.market for house in self.warehouses}
        if len(known) < len(self.warehouses):
            raise ValueError("two warehouses bear the same name")
        for shop in self.shops:
            if shop.warehouse not in known:
                raise ValueError(
                    f"shop {shop.shop} draws on warehouse {shop.warehouse!r}, which is not listed"
                )
        if len({shop.shop for shop in self.shops}) < len(self.shops):
            raise ValueError("two shops bear the same name")
        return self

    @model_validator(mode="after")
    def _transfers_lead_from_one_warehouse_to_another(self) -> Seller:
        pairs = [(move.from_warehouse, move.to_warehouse) for move in self.transfers]
        for start, end in pairs:
            if start == end:
                raise ValueError(f"transfers: {start} to itself; name two warehouses")
            if pairs.count((start, end)) > 1:
                raise ValueError(f"transfers: {start} to {end} stands twice; keep one")
        if self.fx_rates.get(self.currency, 1.0) != 1.0:
            raise ValueError(f"fx_rates: {self.currency} is the seller's own currency; take it out")
        return self

    @property
    def markets(self) -> tuple[str, ...]:
        """Markets the seller sells in, each once, in the order of its shops."""
        return tuple(dict.fromkeys(shop.market for shop in self.shops))

    def fx_rate(self, currency: str) -> float:
        """Return the units of the seller's currency that one unit of `currency` buys.

        Raises
        ------
        ConfigError
            If seller.yml gives no rate for the currency.
        """
        if currency == self.currency:
            return 1.0
        if currency not in self.fx_rates:
            raise ConfigError(
                f"seller {self.seller}: no exchange rate for {currency}; add to seller.yml under "
                f"fx_rates: {currency}: <units of {self.currency} for 1 {currency}>"
            )
        return self.fx_rates[currency]


def read_seller(source: Mapping[str, Any], *, where: str) -> Seller:
    """Return the seller that a YAML file describes, or name every wrong key at once."""
    return built(Seller, source, where)
