"""Campaign, seller and scenario files: what they accept, and how they refuse."""

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from planner.campaign import Campaign, in_scenario, read_campaign, schema_of
from planner.errors import ConfigError
from planner.scope import extended, refuse_if_over, scope_of
from planner.seller import Policy, read_seller


def campaign_source(**changes: Any) -> dict[str, Any]:
    return {
        "campaign": "autumn",
        "name": {"zh": "秋季大促", "en": "Autumn sale"},
        "as_of": {"plan": "2025-09-16", "track": "2025-11-12"},
        "markets": {
            "TH": {
                "event": "11.11",
                "kind": "double_date",
                "phases": {
                    "warm_up": {"start": "2025-11-01", "end": "2025-11-10"},
                    "sale": {"start": "2025-11-11", "end": "2025-11-13"},
                    "tail": {"start": "2025-11-14", "end": "2025-11-20"},
                },
                "next_replenishment_on": "2025-12-01",
            }
        },
        "scenarios": {
            "strong": {"demand": {"demand_ratio": 1.3}},
            "longer": {"demand": {"sale_days_added": 14}},
        },
        **changes,
    }


def seller_source(**changes: Any) -> dict[str, Any]:
    return {
        "seller": "a-shop",
        "name": {"zh": "甲店", "en": "Shop A"},
        "currency": "THB",
        "profile": {"category": "home"},
        "shops": [
            {
                "shop": "th-tiktok",
                "platform": "tiktok",
                "market": "TH",
                "currency": "THB",
                "time_zone": "Asia/Bangkok",
                "dialect": "tiktok-th",
                "warehouse": "bkk-1",
            }
        ],
        "warehouses": [{"warehouse": "bkk-1", "market": "TH"}],
        "fx_rates": {"USD": 32.5},
        **changes,
    }


def test_an_unknown_key_is_refused_by_name_with_the_nearest_right_one() -> None:
    source = seller_source(polcy={"rule": "profit"})
    with pytest.raises(ConfigError, match=r"a\.yml: unknown key polcy; did you mean policy\?"):
        read_seller(source, where="a.yml")


def test_an_unknown_key_deep_inside_names_its_path_and_the_nearest_right_one() -> None:
    source = seller_source()
    source["policy"] = {"service_levl": 0.9}
    with pytest.raises(ConfigError, match=r"policy\.service_levl; did you mean service_level\?"):
        read_seller(source, where="a.yml")


def test_all_wrong_keys_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as told:
        read_campaign({"campaign": "autumn", "nam": "x"}, where="c.yml")
    for part in ("missing key name", "missing key as_of", "missing key markets", "unknown key nam"):
        assert part in str(told.value)


def test_a_file_that_is_no_mapping_is_refused() -> None:
    with pytest.raises(ConfigError, match="expected keys and values, found list"):
        read_seller(["a"], where="a.yml")  # type: ignore[arg-type]


def test_phases_follow_each_other_without_a_gap() -> None:
    source = campaign_source()
    source["markets"]["TH"]["phases"]["tail"]["start"] = "2025-11-15"
    with pytest.raises(ConfigError, match="starts on 2025-11-15, the one before ends on 2025-11"):
        read_campaign(source, where="c.yml")


def test_a_span_that_ends_before_it_starts_is_refused() -> None:
    source = campaign_source()
    source["markets"]["TH"]["phases"]["sale"]["end"] = "2025-11-09"
    with pytest.raises(ConfigError, match="ends on 2025-11-09, before it starts on 2025-11-11"):
        read_campaign(source, where="c.yml")


def test_replenishment_inside_the_campaign_is_refused() -> None:
    source = campaign_source()
    source["markets"]["TH"]["next_replenishment_on"] = "2025-11-20"
    with pytest.raises(ConfigError, match="give a day after the last phase"):
        read_campaign(source, where="c.yml")


def test_a_misspelt_time_zone_names_the_nearest_one() -> None:
    source = seller_source()
    source["shops"][0]["time_zone"] = "Asia/Bankok"
    with pytest.raises(ConfigError, match="the nearest is Asia/Bangkok"):
        read_seller(source, where="a.yml")


def test_a_shop_in_an_unlisted_warehouse_is_refused() -> None:
    source = seller_source(warehouses=[{"warehouse": "other", "market": "TH"}])
    with pytest.raises(ConfigError, match="draws on warehouse 'bkk-1', which is not listed"):
        read_seller(source, where="a.yml")


@pytest.mark.parametrize("name", ["../x", "A-Shop", "a/b", ".", "a" * 64, ""])
def test_a_seller_id_that_could_be_a_path_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="seller"):
        read_seller(seller_source(seller=name), where="a.yml")


def test_a_scenario_changes_only_what_it_names() -> None:
    base = read_campaign(campaign_source(), where="c.yml")
    strong = in_scenario(base, "strong")
    assert strong.demand.demand_ratio == 1.3
    same = strong.model_copy(update={"demand": base.demand})
    assert same == base


def test_an_unknown_scenario_is_refused_with_the_known_ones() -> None:
    base = read_campaign(campaign_source(), where="c.yml")
    with pytest.raises(ConfigError, match="it has base, strong, longer"):
        in_scenario(base, "strng")


def test_a_scenario_may_not_change_who_takes_part() -> None:
    source = campaign_source(scenarios={"odd": {"sellers": ["x"]}})
    with pytest.raises(ConfigError, match=r"scenarios\.odd: unknown key sellers"):
        read_campaign(source, where="c.yml")


def test_a_longer_tail_moves_the_end_and_the_horizon_when_it_must() -> None:
    longer = in_scenario(read_campaign(campaign_source(), where="c.yml"), "longer")
    plan = extended(longer, "TH")
    assert plan.phases.end == date(2025, 12, 4)
    assert plan.next_replenishment_on == date(2025, 12, 5)


def test_the_as_of_day_of_a_step_without_one_is_the_planning_day() -> None:
    campaign = read_campaign(campaign_source(), where="c.yml")
    days = [campaign.as_of_day("TH", step) for step in (1, 3, 4, 5)]
    assert days == [date(2025, 9, 16), date(2025, 9, 16), date(2025, 11, 12), date(2025, 9, 16)]


def test_the_buffer_follows_the_rule_unless_it_is_given() -> None:
    assert Policy().buffer == 0.0
    assert Policy(rule="extremes").buffer == 0.15
    assert Policy(rule="extremes", buffer_rate=0.1).buffer == 0.1


def test_a_policy_cannot_be_changed_in_place() -> None:
    with pytest.raises(ValidationError):
        Policy().rule = "extremes"  # type: ignore[misc]


def test_the_campaigns_policy_beats_the_sellers() -> None:
    campaign = read_campaign(campaign_source(policy={"service_level": 0.9}), where="c.yml")
    scope = scope_of(campaign, read_seller(seller_source(), where="a.yml"))
    assert scope.policy.service_level == 0.9


def test_a_seller_without_a_market_of_the_campaign_is_refused() -> None:
    source = campaign_source()
    source["markets"] = {"US": source["markets"]["TH"]}
    with pytest.raises(ConfigError, match="they share no market"):
        scope_of(read_campaign(source, where="c.yml"), read_seller(seller_source(), where="a.yml"))


def test_lead_days_run_from_the_planning_day_to_the_first_phase() -> None:
    campaign = read_campaign(campaign_source(), where="c.yml")
    scope = scope_of(campaign, read_seller(seller_source(), where="a.yml"))
    assert scope.lead_days == {"TH": 46}
    seen_later = scope_of(
        campaign, read_seller(seller_source(), where="a.yml"), seen_from=date(2025, 10, 1)
    )
    assert seen_later.lead_days == {"TH": 31}


def test_a_currency_without_a_rate_says_what_to_add() -> None:
    seller = read_seller(seller_source(), where="a.yml")
    assert seller.fx_rate("USD") == 32.5
    assert seller.fx_rate("THB") == 1.0
    with pytest.raises(ConfigError, match=r"add to seller\.yml under fx_rates: CNY"):
        seller.fx_rate("CNY")


def test_the_schema_for_editors_forbids_unknown_keys() -> None:
    assert schema_of(Campaign)["additionalProperties"] is False


@pytest.mark.parametrize("steps", [(2,), (3,), (1, 2, 3, 4, 5)])
def test_a_plan_after_the_end_is_refused_with_the_last_day(steps: tuple[int, ...]):
    campaign, seller = read_campaign(campaign_source(), where="c"), read_a_seller()
    refuse_if_over(scope_of(campaign, seller, seen_from=date(2025, 11, 20)), steps)
    late = scope_of(campaign, seller, seen_from=date(2025, 11, 21))
    told = "is over on that day .TH: last phase ends on 2025-11-20.; give a day before 2025-11-01"
    with pytest.raises(ConfigError, match=told):
        refuse_if_over(late, steps)


def test_looking_back_after_the_end_makes_sense():
    campaign = read_campaign(campaign_source(), where="c")
    refuse_if_over(scope_of(campaign, read_a_seller(), seen_from=date(2026, 1, 1)), (1, 4, 5))


def test_a_wrong_entry_of_a_list_is_told_without_the_list_being_short():
    shops = [seller_source()["shops"][0] | {"platform": "e Bay"}]
    with pytest.raises(ConfigError) as told:
        read_seller(seller_source(shops=shops), where="seller.yml")
    assert "shops.0.platform is 'e Bay'" in str(told.value)
    assert "at least 1 of them" not in str(told.value)
    with pytest.raises(ConfigError, match="at least 1 of them"):
        read_seller(seller_source(shops=[]), where="seller.yml")


def read_a_seller():
    return read_seller(seller_source(), where="seller.yml")


def test_one_look_has_one_seed_however_its_day_was_asked_for() -> None:
    campaign = read_campaign(campaign_source(), where="autumn.yml")
    seller = read_seller(seller_source(), where="seller.yml")
    asked = scope_of(campaign, seller, seen_from=date(2025, 11, 12))
    assert asked.as_of(4) == scope_of(campaign, seller).as_of(4)
    assert asked.seed_text == scope_of(campaign, seller).seed_text
