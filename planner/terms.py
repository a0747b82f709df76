"""Terms of trade in a seller's file: limits, cover, warehouses, channels, papers.

What is not written is unknown or unlimited, as each key says; nothing defaults to zero.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from planner.frozen import ID_PATTERN, Frozen

ORIGIN = "CN"
"""Where goods are made and shipped from, if a warehouse stands there."""
Money = Annotated[float, Field(ge=0)]
Count = Annotated[int, Field(ge=0)]
ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


def _word(said: object) -> object:
    """Return YAML's true and false as the words that people wrote: yes and no."""
    return {True: "yes", False: "no"}[said] if isinstance(said, bool) else said


class Limits(Frozen):
    """The most that one campaign may take of each thing; what is not written is unlimited."""

    budget: Money | None = None
    """For goods, freight and entry of the order, in the seller's currency."""
    mode_cbm: dict[str, Money] = Field(default_factory=dict)
    """By mode, or market and mode (`TH.sea`), the space that is booked. [cbm]"""
    container_cbm: Annotated[float, Field(gt=0)] | None = None
    """Space of one container; sea freight is then bought by whole containers. [cbm]"""
    warehouse_cbm: dict[str, Money] = Field(default_factory=dict)
    """By warehouse, the space that is free for this order. [cbm]"""
    quota_units: dict[str, Count] = Field(default_factory=dict)
    """By warehouse, the units the platform lets in."""


class Insurance(Frozen):
    """Cover of the goods on their way and in the warehouse."""

    cover: Literal["all_risks", "storage", "none"] = "none"
    premium_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Of the declared value."""
    payout_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of a loss that is paid."""
    loss_rate: Annotated[float, Field(ge=0, le=1)] | None = None
    """Share of units lost or broken on the way; unknown where not written."""


class Transfer(Frozen):
    """How goods move from one warehouse to another."""

    from_warehouse: str = Field(pattern=ID_PATTERN)
    to_warehouse: str = Field(pattern=ID_PATTERN)
    days: float = Field(gt=0)
    """Door to shelf. [days]"""
    unit_cost: Money | None = None
    """In the seller's currency."""
    kg_cost: Money | None = None
    """In the seller's currency."""


class Channel(Frozen):
    """One channel that draws on a warehouse beside or instead of a shop of the seller."""

    channel: ChannelName
    """Name of a shop, or of a channel without exports here."""
    warehouse: str = Field(pattern=ID_PATTERN)
    pool: str = ""
    """Channels of one pool may draw on each other's units; blank shares with none."""
    net_price_ratio: float = Field(1.0, gt=0)
    """What it earns by unit after its fees, over what the campaign's shop earns."""
    demand_ratio: float = Field(0.0, ge=0)
    """Its demand over that of the campaign's shop, where it has no exports here."""
    locked_units: dict[str, Count] = Field(default_factory=dict)
    """By SKU, units promised to a campaign of its platform."""


class Carrier(Frozen):
    """One carrier of the last mile and what it can take."""

    carrier: str
    market: str = Field(pattern=r"^[A-Z]{2}$")
    daily_orders: int | None = Field(None, ge=0)
    days: float | None = Field(None, gt=0)
    """From warehouse to buyer. [days]"""


class Paper(Frozen):
    """Evidence that a paper or a confirmation exists."""

    state: Annotated[Literal["yes", "no", "unknown"], BeforeValidator(_word)] = "unknown"
    evidence: str = ""
    """File, number or link."""
    confirmed_on: date | None = None
    expires_on: date | None = None
