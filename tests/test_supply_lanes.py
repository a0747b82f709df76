"""The chain of days backwards from the shelf."""

import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.campaign import MarketPlan
from planner.errors import ConfigError
from planner.supply.trips.lanes import (
    bound,
    chain_dates,
    lead_spread,
    on_time_chance,
    safe_days,
)

BOUNDS = case.register(tables.Bounds)
CONFIRMED = {"contract": {"confirmed_lead_time_on": "2026-09-01"}}


def options(
    *windows: tuple[str, str, float], lanes: pd.DataFrame | None = None, **scope
) -> pd.DataFrame:
    frame = chain_dates(
        case.lanes() if lanes is None else lanes,
        case.windows(*windows),
        BOUNDS,
        scope=case.scope(**scope),
    )
    return frame.set_index("mode")


def days(row: pd.Series) -> list[str]:
    return [f"{row[name]:%m-%d}" for name in ("produce_by", "ship_by", "arrive_by", "shelf_by")]


def test_the_chain_runs_backwards_from_the_first_phase_day():
    # 90 % of trips take up to 37.5 - sqrt(0.1 * 22.5 * 17.5) = 31.2 days by sea, 7.3 by truck.
    lanes = options()
    assert days(lanes.loc["sea"]) == ["09-26", "09-26", "10-28", "11-01"]
    assert days(lanes.loc["truck"]) == ["10-20", "10-20", "10-28", "11-01"]
    assert lanes["slack_days"].to_dict() == {"sea": 6, "truck": 30}
    assert lanes["is_feasible"].all()
    assert lanes.loc["sea", "reason"] == "reason.in_time|slack=6|ship_by=2026-09-26"
    assert lanes["lead_days"].to_dict() == {"sea": 20, "truck": 5}


def test_production_and_the_cut_off_move_the_chain():
    slow = {"plan": {"shelf_by": "2026-10-30"}, "policy": {"production_days": 10}}
    sea = options(**slow, as_of="2026-09-01").loc["sea"]
    assert days(sea) == ["09-14", "09-24", "10-26", "10-30"]
    assert sea["slack_days"] == 13


def test_receiving_takes_the_longer_of_policy_and_contract():
    slow = options(contract={"receiving_days": 9}, policy={"receiving_days": 4}).loc["sea"]
    assert days(slow)[2] == "10-23"
    quick = options(contract={"receiving_days": 2}, policy={"receiving_days": 4}).loc["sea"]
    assert days(quick)[2] == "10-28"


def test_a_lane_whose_last_day_has_passed_is_too_late_and_says_when_it_was():
    late = options(as_of="2026-09-27")
    assert not late.loc["sea", "is_feasible"]
    expected = "reason.too_late_for_sea|ship_by=2026-09-26|ready_on=2026-09-27"
    assert late.loc["sea", "reason"] == expected
    assert late.loc["truck", "is_feasible"]


def test_on_its_last_day_a_lane_is_still_in_time():
    assert options(as_of="2026-09-26").loc["sea", "is_feasible"]


def test_a_risk_window_that_the_trip_touches_adds_its_days():
    sea = options(("2026-10-01", "2026-10-10", 3.5), as_of="2026-09-10").loc["sea"]
    assert sea["added_days"] == 3.5
    assert [sea[f"{kind}lead_days"] for kind in ("min_", "", "max_")] == [18.5, 23.5, 41.0]


def test_a_longer_trip_touches_an_earlier_window_too():
    windows = [("2026-10-05", "2026-10-10", 3.5), ("2026-09-20", "2026-09-24", 2.0)]
    assert options(*windows, as_of="2026-09-10").loc["sea", "added_days"] == 5.5
    assert options(windows[1], as_of="2026-09-10").loc["sea", "added_days"] == 0


def test_in_a_risk_window_sea_must_leave_45_days_ahead():
    window = ("2026-10-01", "2026-10-10", 3.5)
    just = options(window, as_of="2026-09-17").loc["sea"]
    assert f"{just['ship_by']:%m-%d}" == "09-17"
    assert just["is_feasible"]
    assert just["reason"] == "reason.in_time_45|days=45|slack=0|ship_by=2026-09-17"
    late = options(window, as_of="2026-09-18").loc["sea"]
    assert not late["is_feasible"]
    expected = "reason.needs_45_days|days=45|ship_by=2026-09-17|ready_on=2026-09-18"
    assert late["reason"] == expected
    later = options(window, as_of="2026-10-20").loc["sea"]
    assert later["reason"].startswith("reason.needs_45_days|days=45|ship_by=2026-09-17")


def test_the_45_days_bind_no_truck():
    truck = options(("2026-10-20", "2026-10-25", 1.0), as_of="2026-10-01").loc["truck"]
    assert truck["is_feasible"]
    assert f"{truck['ship_by']:%m-%d}" == "10-19"


def test_a_sea_trip_within_two_weeks_is_not_believed():
    fast = case.lanes({"mode": "sea", "min_days": 10.0, "typical_days": 12.0, "max_days": 14.0,
                       "low_rate": 1.0, "high_rate": 2.0, "rate_unit": "cbm",
                       "cbm_divisor_kg": 500.0, "min_charge": 1.0})  # fmt: skip
    sea = options(lanes=fast).loc["sea"]
    assert not sea["is_feasible"]
    assert sea["reason"] == "reason.lead_time_implausible|days=12|least=14"


def test_a_mode_that_the_policy_rules_out_stays_visible_and_is_not_used():
    lanes = options(policy={"lanes": ["truck"]})
    assert lanes.loc["sea", "reason"] == "reason.mode_not_allowed|mode=sea"
    assert lanes["is_feasible"].to_dict() == {"sea": False, "truck": True}


def test_lead_times_nobody_confirmed_are_stretched():
    assert options().loc["sea", "max_lead_days"] == 30 * 1.25
    assert options(**CONFIRMED).loc["sea", "max_lead_days"] == 30


@pytest.mark.parametrize("as_of", ["2026-09-01", "2026-09-20", "2026-10-09"])
def test_the_chance_to_be_on_time_counts_from_the_last_day_goods_may_leave(as_of: str):
    sea = options(as_of=as_of, **CONFIRMED).loc["sea"]
    assert f"{sea['ship_by']:%m-%d}" == "10-01"
    assert (sea["arrive_by"] - sea["ship_by"]).days == 27
    assert sea["on_time_rate"] == pytest.approx(1 - (30 - 27) ** 2 / (15 * 10))


@pytest.mark.parametrize("market", ["UK", "US", "TH", "VN", "MY", "PH", "SG", "ID"])
@pytest.mark.parametrize("contract", [{}, CONFIRMED])
def test_whoever_ships_on_the_last_day_is_in_time_nine_times_in_ten(market: str, contract: dict):
    seasons = case.register(tables.RiskWindows)
    scope = case.scope(markets=(market,), **contract)
    lanes = chain_dates(case.register(tables.Lanes), seasons, BOUNDS, scope=scope)
    assert bound(BOUNDS, "ship_by_confidence").low == 0.9
    assert (lanes["on_time_rate"] >= 0.9).all()
    left = (lanes["arrive_by"] - lanes["ship_by"]).dt.days
    assert (left >= lanes["lead_days"]).all()


def test_a_smaller_chance_asked_for_by_the_register_leaves_later_and_is_late_more_often():
    few = BOUNDS.assign(low=BOUNDS["low"].mask(BOUNDS["rule"] == "ship_by_confidence", 0.6))
    scope = case.scope()
    sure, bold = (
        chain_dates(case.lanes(), case.windows(), bounds, scope=scope) for bounds in (BOUNDS, few)
    )
    assert (bold["ship_by"] > sure["ship_by"]).all()
    assert bold["on_time_rate"].between(0.6, 0.9, inclusive="left").all()


@pytest.mark.parametrize("trip", [(15, 20, 30), (3, 5, 7), (20, 20, 30), (10, 30, 30), (4, 4, 4)])
@pytest.mark.parametrize("chance", [0.05, 0.5, 0.9, 0.99])
def test_the_safe_days_are_those_of_the_chance(trip: tuple[int, int, int], chance: float):
    days = safe_days(chance, *trip)
    assert trip[0] <= days <= trip[2]
    expected = chance if trip[0] < trip[2] else 1.0
    assert on_time_chance(days, *trip) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("left", "chance"), [(14.9, 0), (15, 0), (20, 1 / 3), (25, 5 / 6), (30, 1), (99, 1)]
)
def test_the_triangle_by_hand(left: float, chance: float):
    assert on_time_chance(left, 15, 20, 30) == pytest.approx(chance)


def test_a_trip_without_spread_is_on_time_or_not():
    assert on_time_chance(19.9, 20, 20, 20) == 0
    assert on_time_chance(20, 20, 20, 20) == 1


def test_the_spread_of_a_triangle_by_hand():
    lanes = pd.DataFrame({"min_lead_days": [15.0], "lead_days": [20.0], "max_lead_days": [30.0]})
    square = (225 + 400 + 900 - 300 - 450 - 600) / 18
    assert lead_spread(lanes).to_list() == pytest.approx([square**0.5])


def test_a_price_is_the_middle_of_its_range_in_the_sellers_currency():
    dollars = case.lanes().assign(currency="USD")
    frame = options(lanes=dollars, fx_rates={"USD": 36.0})
    assert frame.loc["sea", "freight_rate"] == 500 * 36
    assert set(frame["currency"]) == {"THB"}


def test_without_an_exchange_rate_the_price_is_unknown_and_not_zero():
    frame = options(lanes=case.lanes().assign(currency="USD"))
    assert frame["freight_rate"].isna().all()
    assert set(frame["currency"]) == {"USD"}


def test_one_end_of_a_price_is_used_and_no_end_is_unknown():
    lanes = case.lanes()
    half = options(lanes=lanes.assign(low_rate=float("nan")))
    assert half.loc["sea", "freight_rate"] == 600
    none = options(lanes=lanes.assign(low_rate=float("nan"), high_rate=float("nan")))
    assert none["freight_rate"].isna().all()


def test_a_market_without_a_lane_is_refused_with_the_remedy():
    with pytest.raises(ConfigError, match="no row in force for SG; add one row per mode"):
        options(markets=("TH", "SG"))


def test_the_mean_days_late_are_those_of_the_trips_that_come_late():
    # 27 days are left of at most 30: a third of the rest.
    sea = options(as_of="2026-09-01", **CONFIRMED).loc["sea"]
    assert sea["late_days"] == pytest.approx((30 - 27) / 3)
    sure = options(("2026-10-01", "2026-10-10", 0.0), as_of="2026-09-01", **CONFIRMED).loc["sea"]
    assert (sure["on_time_rate"], sure["late_days"]) == (1.0, 0.0)


def test_lanes_from_another_origin_are_not_taken():
    here = case.lanes().assign(origin="CN")
    there = case.lanes().assign(origin="VN", min_days=1.0, typical_days=1.0, max_days=1.0)
    both = pd.concat([here, there], ignore_index=True)
    assert options(lanes=both)["lead_days"].to_dict() == {"sea": 20, "truck": 5}
    with pytest.raises(ConfigError, match="no row in force for TH"):
        options(lanes=there)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"typical_days": 40.0}, r"lanes.csv, row TH sea \(15 / 40 / 30 days\): min_days, typical"),
        ({"min_days": 21.0}, r"lanes.csv, row TH sea \(21 / 20 / 30 days\): min_days, typical"),
    ],
)
def test_days_out_of_order_are_refused_by_row(wrong: dict, words: str):
    lanes = case.lanes()
    lanes.loc[0, list(wrong)] = list(wrong.values())
    with pytest.raises(ConfigError, match=words):
        options(lanes=lanes)


def test_a_lane_that_stands_twice_in_force_is_refused_by_row():
    twice = pd.concat([case.lanes(), case.lanes().iloc[[1]]], ignore_index=True)
    with pytest.raises(ConfigError, match=r"row TH truck .* stands more than once in force"):
        options(lanes=twice)


def test_a_cut_off_that_has_passed_is_refused_with_its_key():
    told = r"seller hand: markets.TH.shelf_by 2026-09-19 lies before the planning day 2026-09-20"
    with pytest.raises(ConfigError, match=told):
        options(plan={"shelf_by": "2026-09-19"})
    assert len(options(plan={"shelf_by": "2026-09-20"})) == 2


def test_a_cut_off_behind_the_campaign_is_refused_with_its_key():
    with pytest.raises(ConfigError, match="shelf_by 2026-11-21 lies behind the last day"):
        options(plan={"shelf_by": "2026-11-21"})


def test_a_campaign_that_has_begun_can_still_be_planned():
    assert not options(as_of="2026-11-05")["is_feasible"].any()


def test_a_sign_up_that_ends_before_it_opens_is_refused_with_its_key():
    with pytest.raises(ConfigError, match=r"(?s)sign_up.*before it starts on 2026-10-01"):
        case.scope(plan={"sign_up": {"start": "2026-10-01", "end": "2026-09-25"}})


def test_a_bound_that_is_missing_is_named():
    with pytest.raises(ConfigError, match="'no_such_rule'"):
        bound(BOUNDS, "no_such_rule")


@pytest.mark.parametrize("market", ["UK", "US", "TH", "VN", "MY", "PH", "SG", "ID"])
def test_every_market_has_a_lane_by_sea_and_by_air(market: str):
    lanes = case.register(tables.Lanes)
    assert {"sea", "air"} <= set(lanes.loc[lanes["market"] == market, "mode"])


def test_the_shipped_registers_give_a_chain_for_thailand():
    frame = chain_dates(
        case.register(tables.Lanes), case.register(tables.RiskWindows), BOUNDS, scope=case.scope()
    )
    reasons = frame.set_index("mode")["reason"].str.split("|").str[0].to_dict()
    assert reasons == {
        "air": "reason.in_time",
        "express": "reason.in_time",
        "sea": "reason.needs_45_days",
        "truck": "reason.in_time",
    }


def test_the_scope_of_the_tests_is_a_valid_plan():
    assert isinstance(case.scope().plans["TH"], MarketPlan)
