"""The scope of one run: one seller in one scenario of one campaign, seen from given days.

Precedence, lowest to highest: the default in `campaign` and `seller`, the seller's file,
the campaign's file, the chosen scenario.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from pydantic import Field

from planner.campaign import Campaign, MarketPlan, in_scenario
from planner.errors import ConfigError
from planner.frozen import Frozen, Span, built, merged
from planner.seller import Policy, Seller, Shop

LOOKING_AHEAD = {2, 3}
"""Steps that forecast and plan; the others look back."""


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
        """What random draws are seeded from: the seller and the campaign's planning days.

        Another looking day leaves them: one moment has one answer, however it was asked for.
        """
        days = {market: self.campaign.as_of_day(market, 2) for market in self.markets}
        return f"{self.seller.seller}|{sorted(days.items())}"

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
