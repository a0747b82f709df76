"""What a campaign file plans to do is read strictly; what it does not say stays unknown."""

from typing import Any

import pytest

from planner.campaign import Campaign, in_scenario, read_campaign
from planner.errors import ConfigError
from planner.planned_drivers import tier_rank


def a_campaign(drivers: Any, *, in_market: Any = None, **changes: Any) -> Campaign:
    market = {
        "event": "11.11",
        "kind": "double_date",
        "phases": {"sale": {"start": "2025-11-11", "end": "2025-11-13"}},
        "next_replenishment_on": "2025-12-01",
    }
    source = {
        "campaign": "autumn",
        "name": {"zh": "秋", "en": "Autumn"},
        "as_of": {"plan": "2025-09-16"},
        "markets": {"TH": market | ({"drivers": in_market} if in_market else {})},
        "drivers": drivers,
        **changes,
    }
    return read_campaign(source, where="c.yml")


def test_a_campaign_without_drivers_says_nothing_of_them() -> None:
    (whole,) = a_campaign({}).drivers.rows()
    assert whole.pop("phase") == ""
    assert set(whole.values()) == {None}


def test_a_phase_and_a_sku_may_say_more_than_the_whole() -> None:
    planned = a_campaign(
        {
            "tier": "S",
            "live_hours": 30,
            "phases": {"sale": {"live_hours": 20}},
            "skus": {"A": {"discount_rate": 0.3}},
        }
    ).drivers
    told = {row["phase"]: (row["tier"], row["live_hours"]) for row in planned.rows()}
    assert told == {"": ("S", 30.0), "sale": (None, 20.0)}
    assert planned.skus["A"].discount_rate == 0.3


@pytest.mark.parametrize(
    ("drivers", "words"),
    [
        ({"discount": 0.2}, "unknown key drivers.discount; did you mean discount_rate?"),
        ({"phases": {"sales": {}}}, "unknown key drivers.phases.sales; did you mean sale?"),
        ({"skus": {"A": {"has_gfit": True}}}, "drivers.skus.A.has_gfit; did you mean has_gift?"),
        ({"skus": {1001: {"has_gift": True}}}, "the SKU 1001 is read as a number; write '1001'"),
        ({"tier": "goldd"}, "no known tier; did you mean gold? (known, from the least: C, B"),
        ({"tier": 1}, "drivers.tier is 1: no known tier"),
        ({"discount_rate": 20}, "drivers.discount_rate is 20: must be less than 1"),
        ({"ad_budget": -5}, "drivers.ad_budget is -5"),
        (
            {"live_hours": 10, "phases": {"sale": {"live_hours": 8}, "tail": {"live_hours": 4}}},
            "live_hours is 10 for all phases together, but 12 in the phases named",
        ),
    ],
)
def test_a_wrong_driver_is_told(drivers: Any, words: str) -> None:
    with pytest.raises(ConfigError) as told:
        a_campaign(drivers)
    assert words in str(told.value)


def test_a_wrong_driver_of_a_market_names_its_path() -> None:
    with pytest.raises(ConfigError, match=r"markets\.TH\.drivers\.teir; did you mean tier\?"):
        a_campaign({}, in_market={"teir": "S"})


def test_a_scenario_may_change_one_driver_and_leaves_the_others() -> None:
    base = a_campaign(
        {"discount_rate": 0.2, "live_hours": 10},
        scenarios={"deep": {"drivers": {"discount_rate": 0.35}}},
    )
    deep = in_scenario(base, "deep").drivers
    assert (deep.discount_rate, deep.live_hours) == (0.35, 10.0)


@pytest.mark.parametrize(
    ("word", "rank"),
    [("S", 4), ("s级大促", 4), ("A级", 3), (" Gold tier ", 3), ("中", 2), ("c", 1), ("1", None)],
)
def test_the_words_of_a_tier_have_a_rank(word: str, rank: int | None) -> None:
    assert tier_rank(word) == rank
