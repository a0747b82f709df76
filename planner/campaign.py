"""A campaign, its phases, days and named scenarios, and the scope of one run.

Precedence, lowest to highest: the default written here, the seller's file, the
campaign's file, the chosen scenario. Nothing here touches disk or a clock:
`desk.store` hands in what the YAML said.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Literal

from pydantic import Field, model_validator

from planner.errors import ConfigError
from planner.frozen import ID_PATTERN, Frozen, Span, Words, built, merged
from planner.planned_drivers import PlannedDrivers
from planner.seller import (
    Market,
    Policy,
    Seller,
    Shop,
)

Lang = Literal["zh", "en"]
EventKind = Literal["double_date", "black_friday", "new_year", "mid_month", "payday", "platform"]
PhaseName = Literal["warm_up", "sale", "tail"]
LOOKING_AHEAD = {2, 3}
"""Steps that forecast and plan; the others look back."""
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


class Scope(Frozen):
    """What one run plans: one seller in one scenario of one campaign, seen from given days."""

    campaign: Campaign
    seller: Seller
    scenario: str = "base"
    seen_from: date | None = None
    """Overrides every as-of day of the campaign."""
    seen_hour: int = Field(0, ge=0, le=23)
    """Hour of that day, by each shop's clock, up to which tracking knows what came. [h]"""

    @property
    def seen_at(self) -> str:
        """The day or the hour that overrides the campaign's, as `--as-of` takes it."""
        return f"{self.seen_from or ''}" + (f"T{self.seen_hour:02d}" if self.seen_hour else "")

    @property
    def markets(self) -> tuple[str, ...]:
        """Markets that the campaign runs in and the seller sells in."""
        return tuple(market for market in self.seller.markets if market in self.campaign.markets)

    @property
    def plans(self) -> dict[str, MarketPlan]:
        """The market plans, tails prolonged as the scenario says."""
        return {market: extended(self.campaign, market) for market in self.markets}

    @property
    def policy(self) -> Policy:
        """The policy in force."""
        return self.seller.policy

    @property
    def shops(self) -> tuple[Shop, ...]:
        """The seller's shops in the campaign's markets."""
        return tuple(shop for shop in self.seller.shops if shop.market in self.markets)

    @property
    def horizon_ends(self) -> dict[str, date]:
        """First day by market that the promo order need not cover."""
        return {market: plan.next_replenishment_on for market, plan in self.plans.items()}

    @property
    def lead_days(self) -> dict[str, int]:
        """By market, from the planning day to the first day of the campaign [days]."""
        seen = self.as_of(2)
        return {name: (plan.phases.start - seen[name]).days for name, plan in self.plans.items()}

    @property
    def seed_text(self) -> str:
        """What random draws are seeded from: the seller and the planning days."""
        return f"{self.seller.seller}|{sorted(self.as_of(2).items())}"

    def first_day(self, step: int) -> date:
        """Return the earliest day over markets from which notebook `step` looks."""
        return min(self.as_of(step).values())

    def last_day(self, step: int) -> date:
        """Return the latest day over markets from which notebook `step` looks."""
        return max(self.as_of(step).values())

    def as_of(self, step: int) -> dict[str, date]:
        """Return by market the day from which notebook `step` looks; that day is not yet known."""
        return {
            market: self.seen_from or self.campaign.as_of_day(market, step)
            for market in self.markets
        }

    def moments(self, step: int) -> dict[str, datetime]:
        """Return by market the moment from which `step` looks, by the clock of its shops."""
        hour = time(self.seen_hour)
        return {market: datetime.combine(day, hour) for market, day in self.as_of(step).items()}


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


def in_campaign(seller: Seller, campaign: Campaign) -> Seller:
    """Return the seller under the campaign's policy keys."""
    if not campaign.policy:
        return seller
    said = seller.model_dump(mode="json", exclude_unset=True)  # what is not written stays so
    changed = merged(said, {"policy": campaign.policy})
    return built(Seller, changed, f"campaign {campaign.campaign}: policy")


def extended(campaign: Campaign, market: str) -> MarketPlan:
    """Return a market's plan with the tail prolonged by the scenario's added days."""
    plan = campaign.markets[market]
    added = campaign.demand.sale_days_added
    if not added:
        return plan
    end = plan.phases.end + timedelta(days=added)
    start = plan.phases.tail.start if plan.phases.tail else plan.phases.end + timedelta(days=1)
    phases = plan.phases.model_copy(update={"tail": Span(start=start, end=end)})
    later = max(plan.next_replenishment_on, end + timedelta(days=1))
    return plan.model_copy(update={"phases": phases, "next_replenishment_on": later})


def scope_of(
    campaign: Campaign,
    seller: Seller,
    *,
    scenario: str = "base",
    seen_from: date | None = None,
    seen_hour: int = 0,
) -> Scope:
    """Return the scope of one run: the scenario applied, then the campaign's policy.

    Raises
    ------
    ConfigError
        If the seller has no shop in any market of the campaign, or the scenario is unknown.
    """
    chosen = in_scenario(campaign, scenario)
    scope = Scope(
        campaign=chosen,
        seller=in_campaign(seller, chosen),
        scenario=scenario,
        seen_from=seen_from,
        seen_hour=seen_hour,
    )
    if not scope.markets:
        raise ConfigError(
            f"seller {seller.seller} sells in {', '.join(seller.markets)}; campaign "
            f"{campaign.campaign} runs in {', '.join(campaign.markets)}; they share no market"
        )
    return scope


def refuse_if_over(scope: Scope, steps: Iterable[int]) -> None:
    """Raise if a forecast or a plan is asked for on a day on which the campaign is over.

    Raises
    ------
    ConfigError
        Names the last day of each market that is over, and the days that can be given.

    Notes
    -----
    Cleaning (1), tracking (4) and review (5) make sense on any day; 2 and 3 look ahead.
    """
    if scope.seen_from is None or not LOOKING_AHEAD & set(steps):
        return
    plans = scope.plans
    over = {name: plan for name, plan in plans.items() if plan.phases.end < scope.seen_from}
    if over:
        ends = ", ".join(f"{name}: last phase ends on {p.phases.end}" for name, p in over.items())
        first = min(plan.phases.start for plan in over.values())
        raise ConfigError(
            f"--as-of {scope.seen_from}: the campaign is over on that day ({ends}); give a day "
            f"before {first}, or only the steps 4 and 5"
        )


def schema_of(kind: type[Campaign] | type[Seller]) -> dict[str, Any]:
    """Return the JSON schema that editors use to complete and check a YAML file."""
    return kind.model_json_schema()


def _refuse_unknown(changes: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    for key in changes:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise ConfigError(f"{where}: unknown key {key}{hint} (known: {', '.join(known)})")
