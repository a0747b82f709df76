"""The rules sellers use today: their rates and orders against values worked by hand."""

import numpy as np
import pandas as pd
import pytest
from happened_case import DATED
from review_case import late_seen

from planner.season.replays.course import campaign_course
from planner.season.replays.regret import season_profits
from planner.season.replays.rule_shelf import (
    RuleTerms,
    Start,
    averaging_rule,
    formula_rule,
    largest_average,
    largest_rule,
    run_once,
    run_rule,
    weighted_average,
)
from planner.season.replays.seller_rules import replay_rules, rule_sums
from planner.supply.order.rule_room import Room, fitted, no_room_needed
from planner.terms import Limits

NONE = np.zeros(1)


def a_start(history, wanted, *, opening=0.0, lead=2, longest=None, known=0.0, came=None, packs=1):
    wanted = np.array([wanted], dtype=float)
    return Start(
        history=np.array([history], dtype=float),
        wanted=wanted,
        opening=NONE + opening,
        arriving=np.zeros_like(wanted) if came is None else np.array([came], dtype=float),
        known=NONE + known,
        lead_days=NONE + lead,
        longest_lead_days=NONE + (lead if longest is None else longest),
        moq_units=NONE,
        carton_units=NONE + packs,
        is_refused=NONE > 0,
        room=no_room_needed(1),
    )


def test_equal_weights_after_seven_days_at_five_times_the_rate_give_2_95_times_it():
    # 5.00, 5.00, 3.00, 1.93, 1.47 and 1.31 times the rate; their mean is 2.95.
    rate = weighted_average(np.array([[20.0] * 83 + [100.0] * 7]))[0] / 20
    parts = [5, 5, 3, 58 / 30, 88 / 60, 118 / 90]
    assert rate == pytest.approx(np.mean(parts))
    assert round(rate, 2) == 2.95


def test_the_rate_a_rule_goes_by_is_2_95_times_on_the_day_after_the_promotion():
    start = a_start([20.0] * 90, [100.0] * 7 + [20.0], opening=10_000.0)
    run = run_rule(start, averaging_rule(start, RuleTerms()))
    assert run.daily[0, 0] == pytest.approx(20)
    assert run.daily[0, 7] / 20 == pytest.approx(2.952, abs=5e-4)


def test_weights_that_a_seller_has_set_are_used_and_need_not_add_up_to_one():
    history = np.array([[0.0] * 4 + [3.0] * 3])
    # 3 days: 3; 7 days: 9 / 7; weights 1 and 3.
    rate = weighted_average(history, {3: 1.0, 7: 3.0})[0]
    assert rate == pytest.approx((3 + 3 * 9 / 7) / 4)


def test_a_short_history_counts_by_the_days_there_are():
    assert weighted_average(np.array([[4.0, 8.0]]), {30: 1.0})[0] == 6
    assert weighted_average(np.zeros((1, 0)))[0] == 0


def test_the_largest_average_keeps_a_promotion_for_ninety_days():
    quiet = [10.0] * 60
    after = np.array([[100.0] * 30 + quiet])
    # Of 30 and 60 quiet days the average is 10, of 90 it is 40.
    assert largest_average(after)[0] == 40


def test_the_averaging_rule_orders_up_to_lead_review_and_safety_days_of_its_rate():
    start = a_start([10.0] * 90, [10.0] * 4, opening=100.0, lead=2)
    terms = RuleTerms(safety_days=5, review_days=5)
    run = run_rule(start, averaging_rule(start, terms))
    # Level 10 x (2 + 5 + 5) = 120: 20 at once, then what the day before sold.
    assert run.orders[0].tolist() == [20, 10, 10, 10]
    assert run.coming[0].tolist() == [20, 30, 20, 20]
    assert run.ends[0].tolist() == [90, 80, 90, 90]


def test_units_known_to_be_on_their_way_are_not_ordered_again():
    start = a_start([10.0] * 90, [10.0] * 3, opening=60.0, known=60.0, came=[0.0, 60.0, 0.0])
    run = run_rule(start, averaging_rule(start, RuleTerms(safety_days=5, review_days=5)))
    assert run.orders[0, 0] == 0
    assert run.orders[0].tolist() == [0, 10, 10]


def test_the_largest_rule_keeps_its_days_of_turnover():
    start = a_start([10.0] * 90, [10.0] * 2, opening=100.0)
    run = run_rule(start, largest_rule(start, RuleTerms(turnover_days=60)))
    assert run.orders[0].tolist() == [500, 10]


def test_the_formula_adds_the_longest_lead_at_the_largest_day():
    start = a_start([10.0] * 179 + [40.0], [0.0], lead=3, longest=5)
    run = run_rule(start, formula_rule(start, RuleTerms(review_days=7)))
    mean = (1790 + 40) / 180
    level = mean * 10 + (40 * 5 - mean * 3)
    assert run.daily[0, 0] == pytest.approx(mean)
    assert run.orders[0, 0] == np.ceil(level)


def test_orders_are_rounded_up_to_cartons_and_arrive_after_the_lead_time():
    start = a_start([10.0] * 90, [10.0] * 4, opening=10.0, lead=2, packs=50)
    run = run_rule(start, averaging_rule(start, RuleTerms(safety_days=0, review_days=0)))
    # 10 short of 20: one carton; the shelf is empty on day 1 and full again on day 2.
    assert run.orders[0].tolist() == [50, 0, 0, 0]
    assert run.sold[0].tolist() == [10, 0, 10, 10]
    assert run.lost[0].tolist() == [0, 10, 0, 0]
    assert run.ends[0].tolist() == [0, 0, 40, 30]


def test_a_rule_orders_nothing_of_what_a_gate_refuses():
    start = a_start([10.0] * 90, [10.0] * 4, opening=15.0)._replace(is_refused=NONE == 0)
    run = run_rule(start, averaging_rule(start, RuleTerms()))
    assert run.orders[0].tolist() == [0, 0, 0, 0]
    assert run.sold[0].tolist() == [10, 5, 0, 0]


def test_a_rule_sees_the_sales_its_own_shelf_allowed_and_not_what_was_wanted():
    start = a_start([10.0] * 90, [50.0] * 3, opening=30.0, lead=90)
    run = run_rule(start, averaging_rule(start, RuleTerms(weights={3: 1.0})))
    assert run.sold[0].tolist() == [30, 0, 0]
    assert run.daily[0] == pytest.approx([10, 50 / 3, 40 / 3])


def test_one_order_is_sold_from_the_day_it_comes():
    start = a_start([0.0], [5.0, 5.0, 5.0], opening=4.0)
    run = run_once(start, NONE + 8, np.array([[0.0, 8.0, 0.0]]))
    assert run.sold[0].tolist() == [4, 5, 3]
    assert run.coming[0].tolist() == [8, 0, 0]
    assert np.isnan(run.daily).all()


def room_for(cap: float, *, size: float = 1.0, worth: tuple[float, ...] = (1.0,)) -> Room:
    return Room(np.full((1, len(worth)), size), np.array([cap]), np.array(worth))


def test_what_does_not_fit_is_cut_by_whole_cartons_and_dearest_goods_go_first():
    packs = {"moq_units": np.array([0.0, 50.0]), "carton_units": np.array([12.0, 10.0])}
    asked, none = np.array([60.0, 60.0]), np.zeros(1)
    # 100 fit: all 60 of the first, which is worth more, and 40 of the second are below its 50.
    assert fitted(asked, room_for(100, worth=(3, 1)), none, **packs).tolist() == [60, 0]
    # All 60 of the second, and of the first three cartons of 12 into the 40 that are left.
    assert fitted(asked, room_for(100, worth=(1, 3)), none, **packs).tolist() == [36, 60]
    assert fitted(asked, room_for(120, worth=(1, 3)), none, **packs).tolist() == [60, 60]
    assert fitted(asked, room_for(120, worth=(1, 3)), np.array([120.0]), **packs).tolist() == [0, 0]


def test_a_rule_that_orders_again_and_again_is_held_to_one_room_for_all_its_orders():
    start = a_start([10.0] * 90, [10.0] * 4, opening=100.0)._replace(room=room_for(35))
    run = run_rule(start, averaging_rule(start, RuleTerms(safety_days=5, review_days=5)))
    # It would order 20, 10, 10 and 10.
    assert run.orders[0].tolist() == [20, 10, 5, 0]
    assert run.held_back[0].tolist() == [0, 0, 5, 15]


def late_rules(scope=DATED, *, once: pd.DataFrame | None = None, **changed: object) -> pd.DataFrame:
    had = late_seen(**changed)
    got = campaign_course(had.happened, scope=scope, once=once)
    return replay_rules(had.happened, got, had.ways, scope=scope).totals.set_index("rule")


def limited_to(**limits: object):
    seller = DATED.seller.model_copy(update={"limits": Limits(**limits)})
    return DATED.model_copy(update={"seller": seller})


def test_what_is_left_under_a_rule_is_all_that_it_had_and_did_not_sell():
    rules = late_rules()
    # Nothing lay there and 300 were wanted; the plan had all of them there in time.
    assert rules.loc["ours", ["order_units", "sold_units", "leftover_units"]].tolist() == [
        300
    ] * 2 + [0]
    assert (rules["order_units"] - rules["sold_units"] - rules["leftover_units"]).abs().max() < 1e-9
    assert (rules["unneeded_units"] <= rules["leftover_units"]).all()


def test_the_end_of_a_rule_is_worth_what_exits_pay():
    factor = late_rules().loc["forecast_factor"]
    # 345 asked, 350 in cartons; they sell at 16 net from the tenth day on and cost 8, left at 4.
    sold, left = factor["sold_units"], factor["leftover_units"]
    assert factor["order_units"] == 350
    assert factor["rule_profit"] == pytest.approx(sold * 16 - 350 * 8 + left * 4)


def test_what_is_paid_once_for_an_order_is_paid_under_every_rule_that_orders():
    once = pd.DataFrame({"market": ["TH"], "sku": ["a"], "once_cost": [50.0]})
    free, paid = late_rules(), late_rules(once=once)
    fee = free["rule_profit"] - paid["rule_profit"]
    assert fee.to_dict() == pytest.approx((50.0 * (free["order_units"] > 0)).to_dict())
    assert fee["ours"] == pytest.approx(50)


def test_a_rule_beyond_the_budget_of_the_seller_is_cut_to_it_and_says_by_how_much():
    rules = late_rules(limited_to(budget=2400.0))
    assert rules.loc["forecast_factor", ["order_units", "held_back_units"]].tolist() == [300, 50]
    assert (rules["order_units"] * 8 <= 2400).all()
    sums = rule_sums(rules.reset_index()).set_index("rule")
    assert sums.loc["forecast_factor", "held_back_units"] == 50


def test_the_best_attainable_is_not_below_our_plan_as_planned():
    had = late_seen().happened
    got = campaign_course(had, scope=DATED).course
    best = season_profits(got, currency="CNY")["best_profit"].iloc[0]
    assert late_rules().loc["ours", "rule_profit"] <= best + 0.005


def test_a_rule_does_not_start_from_an_empty_shelf_where_nobody_counted_on_the_planning_day():
    # 500 lie there unseen until the count of 31 October: no rule would have ordered on top of 0.
    had = late_seen().happened
    blind = had.position.assign(is_known=False)
    assert late_rules(happened=had._replace(position=blind)).empty
    sums = rule_sums(late_rules().reset_index())
    assert sums["skus"].eq(1).all()


def test_a_sku_without_any_way_is_left_out_and_not_given_one():
    assert late_rules(ways=late_seen().ways.iloc[:0]).empty
