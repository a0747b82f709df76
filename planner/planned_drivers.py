"""What a campaign file says will drive demand: discount, tier, live, creators, ads, visits, gifts.

Knows the keys and the words of tiers; not what a driver does to demand. What is not said is
unknown, never 0.
"""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from planner.frozen import Frozen

AMOUNTS = ("live_hours", "live_sessions", "ad_budget", "traffic_visits")
"""Keys that add up over phases; the others hold in each."""
TIER_WORDS: dict[int, tuple[str, ...]] = {
    1: ("c", "small", "minor", "bronze", "小型", "小", "铜"),
    2: ("b", "medium", "regular", "silver", "中型", "中", "银", "普通"),
    3: ("a", "large", "major", "gold", "大型", "大", "金", "重点"),
    4: ("s", "mega", "super", "platinum", "diamond", "flagship", "超级", "特大", "铂金", "钻石"),
}
"""Words of a tier by rank, 4 the greatest (house judgement). A bare number is no tier: to some
shops 1 is the greatest, to others the least."""
TIER_ENDINGS = ("级大促", "级活动", "级", "档", " tier", " level")


def tier_rank(word: str) -> int | None:
    """Return the rank of a tier's word, 4 the greatest; None if the word is not known.

    Examples
    --------
    >>> [tier_rank(word) for word in ("S级", "gold tier", "2")]
    [4, 3, None]
    """
    text = word.strip().casefold()
    for ending in TIER_ENDINGS:
        text = text.removesuffix(ending)
    return next((rank for rank, words in TIER_WORDS.items() if text in words), None)


def tier_hint(word: str) -> str:
    """Return what a wrong word may have meant, and some words that are known."""
    words = [known for words in TIER_WORDS.values() for known in words]
    near = difflib.get_close_matches(word.strip().casefold(), words, 1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"{hint} (known, from the least: C, B, A, S; small, medium, large, mega)"


def _tier(word: object) -> object:
    text = str(word)
    if word is not None and tier_rank(text) is None:
        raise ValueError(f"no known tier{tier_hint(text)}")
    return word


def _named_by_text(said: object) -> object:
    """Refuse a SKU that YAML has read as a number: zeros before it would be lost."""
    if isinstance(said, dict):
        for sku in said:
            if not isinstance(sku, str):
                raise ValueError(f"the SKU {sku} is read as a number; write '{sku}' in quotes")
    return said


class DriverFacts(Frozen):
    """What is planned; a key that is not written is unknown, not zero."""

    discount_rate: float | None = Field(None, ge=0, lt=1)
    """Share of the price taken off, 0.2 is 20 % off."""
    tier: Annotated[str | None, BeforeValidator(_tier)] = None
    """Tier of the campaign: S, A, B, C, or mega, large, medium, small."""
    live_hours: float | None = Field(None, ge=0)
    """Hours of live in which the goods are shown, over all days. [hours]"""
    live_sessions: float | None = Field(None, ge=0)
    """Live sessions, over all days."""
    creators: int | None = Field(None, ge=0)
    """Creators who show the goods."""
    ad_budget: float | None = Field(None, ge=0)
    """Money for advertising over all days, in the seller's currency."""
    traffic_visits: float | None = Field(None, ge=0)
    """Visits expected over all days."""
    has_gift: bool | None = None
    """Whether a gift goes with the goods."""


class DriverPhases(Frozen):
    """What is planned for one phase alone; it comes before what is said of all."""

    warm_up: DriverFacts | None = None
    sale: DriverFacts | None = None
    tail: DriverFacts | None = None

    def named(self) -> dict[str, DriverFacts]:
        """Return the phases of which something is said."""
        said = {"warm_up": self.warm_up, "sale": self.sale, "tail": self.tail}
        return {name: facts for name, facts in said.items() if facts}


class PhasedDrivers(DriverFacts):
    """What is planned for the whole campaign, and what phase by phase."""

    phases: DriverPhases = DriverPhases()

    @model_validator(mode="after")
    def _phases_are_part_of_the_whole(self) -> PhasedDrivers:
        for key in AMOUNTS:
            whole = getattr(self, key)
            said = [getattr(facts, key) for facts in self.phases.named().values()]
            part = sum(value for value in said if value is not None)
            if whole is not None and part > whole + 1e-9:
                raise ValueError(
                    f"{key} is {whole:g} for all phases together, but {part:g} in the phases "
                    "named; the whole holds its phases"
                )
        return self

    def rows(self) -> list[dict[str, Any]]:
        """Return one row for the whole (phase "") and one for each phase named."""
        parts: dict[str, DriverFacts] = {"": self, **self.phases.named()}
        keys = list(DriverFacts.model_fields)
        return [
            {"phase": phase} | {key: getattr(facts, key) for key in keys}
            for phase, facts in parts.items()
        ]


class PlannedDrivers(PhasedDrivers):
    """What is planned for all SKUs of a market, and what SKU by SKU."""

    skus: Annotated[dict[str, PhasedDrivers], BeforeValidator(_named_by_text)] = Field(
        default_factory=dict
    )
    """By SKU; comes before what is said of all."""
