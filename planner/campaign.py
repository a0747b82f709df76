"""A campaign: its markets, phases, days and named scenarios.

Nothing here touches disk or a clock: `desk.store` hands in what the YAML said.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, model_validator

from planner.errors import ConfigError
from planner.frozen import ID_PATTERN, Frozen, Span, Words, built, merged
from planner.planned_drivers import PlannedDrivers
from planner.seller import (
    Market,
    Seller,
)

Lang = Literal["zh", "en"]
EventKind = Literal["double_date", "black_friday", "new_year", "mid_month", "payday", "platform"]
SCENARIO_KEYS = ("demand", "drivers", "policy", "markets")
STEP_AS_OF = {1: "plan", 2: "plan", 3: "plan", 4: "track", 5: "review"}


class Phases(Frozen):
    """The phases of one market: warm-up (预热), sale (正式售卖), tail (延续)."""

    warm_up: Span | None = None
    sale: Span
    tail: Span | None = None

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Phases:
        spans = [span for span in (self.warm_up, self.sale, self.tail) if span]
        for earlier, later in pairwise(spans):
            if later.start != earlier.end + timedelta(days=1):
                raise ValueError(
                    f"a phase starts on {later.start}, the one before ends on {earlier.end}; "
                    "phases follow each other without a gap"
                )
        return self

    def named(self) -> dict[str, Span]:
        """Return the phases that exist, in order of time."""
        spans = {"warm_up": self.warm_up, "sale": self.sale, "tail": self.tail}
        return {name: span for name, span in spans.items() if span}

    @property
    def start(self) -> date:
        """First day of the first phase."""
        return (self.warm_up or self.sale).start

    @property
    def end(self) -> date:
        """Last day of the last phase."""
        return (self.tail or self.sale).end


class AsOf(Frozen):
    """The day each step looks from; data of that day and later is not known to it."""

    plan: date
    """Day on which 01, 02 and 03 are made."""
    track: date | None = None
    """Day on which 04 is made; without one it is the planning day."""
    review: date | None = None
    """Day on which 05 is made; without one it is the planning day."""

    def of(self, step: int) -> date:
        """Return the day that notebook `step` looks from."""
        return getattr(self, STEP_AS_OF[step]) or self.plan


class MarketPlan(Frozen):
    """The campaign in one market."""

    event: str
    """Name of the event as sellers call it, for instance 11.11."""
    kind: EventKind
    phases: Phases
    sign_up: Span | None = None
    """Days between which sellers can sign up."""
    price_lock_on: date | None = None
    """From this day the campaign price cannot be changed."""
    shelf_by: date | None = None
    """Cut-off: stock must be on the shelf that day; without one, the first day of all."""
    next_replenishment_on: date
    """First day on which an ordinary order placed after the campaign can be on the shelf."""
    as_of: AsOf | None = None
    """Overrides the campaign's days for this market."""
    drivers: PlannedDrivers = PlannedDrivers()
    """What will drive demand here; each key comes before the campaign's."""

    @model_validator(mode="after")
    def _replenishment_after_the_end(self) -> MarketPlan:
        if self.next_replenishment_on <= self.phases.end:
            raise ValueError(
                f"next_replenishment_on is {self.next_replenishment_on}; give a day after the last "
                f"phase, which ends on {self.phases.end}"
            )
        return self

    @property
    def shelf_day(self) -> date:
        """Day on which stock must be on the shelf."""
        return self.shelf_by or self.phases.start


class Demand(Frozen):
    """What a scenario may assume about demand."""

    demand_ratio: float = Field(1.0, gt=0, le=10)
    """Multiplies demand in the promo phases."""
    sale_days_added: int = Field(0, ge=0, le=30)
    """Days by which the tail runs on."""


class Campaign(Frozen):
    """One campaign: markets, days and scenarios."""

    campaign: str = Field(pattern=ID_PATTERN)
    name: Words
    as_of: AsOf
    markets: dict[Market, MarketPlan] = Field(min_length=1)
    sellers: tuple[str, ...] = ()
    """Who takes part; empty means every seller with a shop in one of the markets."""
    demand: Demand = Demand()
    drivers: PlannedDrivers = PlannedDrivers()
    """What will drive demand in every market."""
    policy: dict[str, Any] = Field(default_factory=dict)
    """Keys of the seller's policy that this campaign sets for everyone."""
    scenarios: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """By name, what changes against the base: keys of demand, drivers, policy and markets only."""

    def as_of_day(self, market: str, step: int) -> date:
        """Return the day from which notebook `step` looks at a market."""
        return (self.markets[market].as_of or self.as_of).of(step)


def read_campaign(source: Mapping[str, Any], *, where: str) -> Campaign:
    """Return the campaign that a YAML file describes, or name every wrong key at once."""
    campaign = built(Campaign, source, where)
    for name, changes in campaign.scenarios.items():
        _refuse_unknown(changes, SCENARIO_KEYS, f"{where}: scenarios.{name}")
    return campaign


def in_scenario(campaign: Campaign, scenario: str) -> Campaign:
    """Return the campaign with one named scenario applied; `base` changes nothing.

    Raises
    ------
    ConfigError
        If the scenario is not named in the campaign file, or changes a key that does not exist.
    """
    if scenario == "base" and "base" not in campaign.scenarios:
        return campaign
    if scenario not in campaign.scenarios:
        known = ", ".join(["base", *campaign.scenarios])
        raise ConfigError(
            f"campaign {campaign.campaign} has no scenario {scenario!r}; it has {known}"
        )
    changed = merged(campaign.model_dump(mode="json"), campaign.scenarios[scenario])
    return built(Campaign, changed, f"campaign {campaign.campaign}, scenario {scenario}")


def schema_of(kind: type[Campaign] | type[Seller]) -> dict[str, Any]:
    """Return the JSON schema that editors use to complete and check a YAML file."""
    return kind.model_json_schema()


def _refuse_unknown(changes: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in changes:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{where}: unknown key {key}{hint} (known: {', '.join(known)})")
