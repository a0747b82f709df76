"""Blocks of notebook 03: the rows a decision needs, and the sentence that answers."""

import numpy as np
import pages_samples as samples
import pandas as pd
import pytest

from planner import tables
from planner.pages import ask_blocks, choice_answers, plan_answers, plan_blocks, stock_blocks
from planner.pages.blocks import Block, show_table
from planner.pages.charts import price_locks, worth_of_facts
from planner.pages.charts_worth import FLOOR_SHARE, SHOWN_FACTS
from planner.words import LANGS, say

MARKET = "TH"


def texts(block: Block, name: str) -> list[str]:
    place = [column["name"] for column in block.data["columns"]].index(name)
    return [row[place]["text"] for row in block.data["rows"]]


def said(block: Block) -> str:
    return block.data["text"]


def day(text: str | None) -> pd.Timestamp:
    return pd.Timestamp(text) if text else pd.NaT


def meeting(**columns: object) -> pd.DataFrame:
    frame = {
        "market": MARKET, "sku": ["A", "B", "C"], "order_units": [300, 0, 40],
        "decision": ["units", "hold", ""], "decided_units": pd.array([300, None, None], "Int64"),
        "owner": ["Shen Yi", "", ""],
    } | columns  # fmt: skip
    return pd.DataFrame(frame)


def ship() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": MARKET, "sku": ["A", "B", "C"], "mode": ["sea", "sea", "air"],
            "units": [100, 60, 20], "cartons": [5, 3, 1], "weight_kg": [50.0, 30.0, 8.0],
            "volume_cbm": [0.5, 0.25, 0.1], "chargeable": [50.0, 30.0, 8.0], "rate_unit": "kg",
            "freight_cost": [200.0, 120.0, np.nan],
            "produce_by": [day("2025-09-18")] * 2 + [day("2025-10-16")],
            "ship_by": [day("2025-09-25")] * 2 + [day("2025-10-20")],
            "arrive_by": day("2025-10-29"), "shelf_by": day("2025-11-01"),
            "block_reason": ["", "gate.hs_missing", ""], "currency": "THB",
        }
    )  # fmt: skip


def deadlines() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": MARKET,
            "due_on": [day("2025-09-10"), day("2025-09-18"), day("2025-10-16")],
            "deadline": ["sign_up_opens", "produce_by", "produce_by"],
            "mode": ["", "sea", "air"], "days_left": [-6, 2, 30],
            "is_past": [True, False, False], "reason": "reason.due_told",
        }
    )  # fmt: skip


def gates() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": MARKET, "sku": ["A", "B", "B", "C"],
            "gate": ["barcode", "hs_code", "declared_value", "admission"],
            "state": ["passed", "missing", "unknown", "missing"],
            "blocks": ["", "ship", "", "order"], "evidence": "", "expires_on": pd.NaT,
            "saved_cost": [np.nan, 500.0, np.nan, np.nan],
            "reason": [f"gate.{why}" for why in ("passed", "hs_missing", "declared_unknown",
                                                 "hs_missing")],
            "currency": "THB",
        }
    )  # fmt: skip


def plan(**columns: object) -> pd.DataFrame:
    frame = {
        "market": MARKET, "sku": ["A", "B", "C"], "rule": "profit", "order_units": [100, 60, 20],
        "grade": ["A", "B", "D"], "lost_units": [4.0, 2.0, 90.0], "buffer_units": [0.0, 9.0, 0.0],
        "leftover_units": [30.0, 0.4, 70.0], "expected_profit": [1000.0, np.nan, 5.0],
        "currency": "THB",
    } | columns  # fmt: skip
    return pd.DataFrame(frame)


def rules(**columns: object) -> pd.DataFrame:
    frame = {
        "market": MARKET, "sku": ["A", "B", "C"], "rule": "profit", "order_units": [100, 60, 20],
        "low_profit": [-250.0, 40.0, -9999.0],
    } | columns  # fmt: skip
    return pd.DataFrame(frame)


def locks() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": MARKET, "sku": ["A", "B", "C"], "price": 100.0,
            "mean_unit_profit": [12.0, -57.0, np.nan], "low_unit_profit": [3.0, -60.0, np.nan],
            "high_unit_profit": [20.0, -50.0, np.nan], "loss_chance": [0.02, 1.0, np.nan],
            "advice": ["cap", "refuse", "unknown"], "max_units": [90.0, 0.0, np.nan],
            "least_price": [80.0, 158.0, np.nan], "settle_by": day("2025-10-10"),
            "reason": "reason.due_told", "currency": "THB",
        }
    )  # fmt: skip


def option(**columns: object) -> pd.DataFrame:
    frame = {
        "market": MARKET, "sku": ["A", "B", "C"], "slow_mode": "sea", "fast_mode": "air",
        "now_units": [90, 60, 20], "held_units": [5, 0, 0], "trigger_units": [31.0, np.nan, np.nan],
        "decide_on": day("2025-11-05"), "option_profit": [8.0, 0.0, 0.0],
        "reason": ["reason.option_pays|profit=8|currency=THB", "reason.option_fast_dear",
                   "reason.option_fast_dear"],
        "currency": "THB",
    } | columns  # fmt: skip
    return pd.DataFrame(frame)


def limits() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "limit": ["budget", "mode_cbm", "moq"], "market": ["", MARKET, MARKET],
            "place": ["", "sea", "A"], "cap": [62_000_000.0, 3.8, 100.0],
            "used": [31_000_000.0, 3.8, 100.0], "unit": ["IDR", "cbm", "units"],
            "is_binding": [False, True, True], "rise": 1.0, "shadow_price": [0.0, 67.0, 3.0],
            "reason": "reason.limit_unpriced", "currency": "IDR",
        }
    )  # fmt: skip


def exits() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": MARKET, "sku": ["A", "A", "A", "A", "C"],
            "exit": ["next_event", "ordinary", "markdown", "destroy", "ordinary"],
            "rank": [1, 2, 3, 4, 1], "max_units": [20.0, 50.0, 9.0, np.nan, np.nan],
            "unit_revenue": [10.0, 5.0, 3.0, -1.0, 9.0], "done_by": day("2025-12-12"),
            "is_open": [True, True, True, False, True], "reason": "reason.exit_no_channel",
            "currency": "THB",
        }
    )  # fmt: skip


def facts() -> pd.DataFrame:
    worths = [900.0, 40.0, 30.0, 20.0, 10.0, 5.0, np.nan]
    return pd.DataFrame(
        {
            "market": MARKET, "sku": ["", "A", "B", "C", "D", "E", ""],
            "fact": ["fact.event_plan", *["fact.past_promotion"] * 5, "fact.cost.insurance"],
            "worth_profit": worths,
            "spread": [*["fact.share|share=0.15"] * 6, "fact.unbounded|skus=2"],
            "reason": "fact.event_plan.why", "currency": "THB",
        }
    )  # fmt: skip


def routes(best: bool) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": MARKET, "sku": ["A", "A", "B"], "route": ["resell", "destroy", "resell"],
            "units": [12.0, 12.0, 8.0], "is_best": [best, False, False],
            "reason": "reason.route_unknown|what=route.unit_fee,route.destroy_fee",
            "currency": "THB",
        }
    )  # fmt: skip


def test_a_decision_that_the_plan_follows_is_told_with_its_owner():
    told = said(plan_answers.decisions_answer(meeting(), "en"))
    assert "Decisions followed (2): A units 300 (Shen Yi), B hold" in told


def test_a_decision_that_limits_undo_is_not_called_followed():
    told = said(plan_answers.decisions_answer(meeting(order_units=[200, 0, 40]), "en"))
    assert "could not be followed (1): A units 300" in told
    assert "followed (1): B hold" in told


def test_without_a_decision_the_page_says_that_all_is_the_models_advice():
    told = said(plan_answers.decisions_answer(meeting(decision=""), "en"))
    assert told == say("answer.decisions_none", "en")


def test_the_first_batch_is_booked_with_its_days_left():
    told = said(plan_answers.book_answer(ship(), deadlines(), "en"))
    assert "sea LCL, 2 SKUs, 160 units" in told
    assert "by 2025-09-18 (days left: 2); leave by 2025-09-25" in told
    assert "60 units wait for their papers" in told
    assert "Further ways to book: 1" in told


def test_nothing_to_ship_is_told_and_draws_no_table():
    none = ship().head(0)
    assert said(plan_answers.book_answer(none, deadlines(), "en")) == say(
        "answer.book_nothing", "en"
    )
    html = plan_blocks.show_bookings(none, "en")._repr_mimebundle_()["text/html"]
    assert "<table" not in html


def test_a_booking_adds_its_lines_up_and_an_unknown_freight_stays_unknown():
    block = plan_blocks.show_bookings(ship(), "en")
    assert texts(block, "units") == ["160", "20"]
    assert texts(block, "stopped_units") == ["60", "0"]
    assert texts(block, "freight_cost") == ["320.00", say("word.unknown", "en")]


def test_why_a_line_is_held_up_is_told_in_words():
    block = plan_blocks.show_lines(ship(), "en")
    assert texts(block, "block_reason") == ["", say("gate.hs_missing", "en"), ""]
    assert block.data["folded"] == say("fold.ship", "en", count=3)


def test_days_that_are_past_come_last():
    assert texts(plan_blocks.show_deadlines(deadlines(), "en"), "days_left") == [
        "2",
        "30",
        "\u22126",
    ]


def test_gates_that_stop_an_order_come_first_and_passed_ones_not_at_all():
    block = plan_blocks.show_gates(gates(), "en")
    assert texts(block, "sku") == ["C", "B", "B"]
    assert block.data["first"] == 3


def test_skus_that_one_reason_holds_stand_in_one_row():
    # 100 + 200 where both losses are known; one unknown of two leaves the sum unknown.
    one = gates().query("blocks == 'ship'").iloc[[0]]
    rows = pd.concat([one.assign(sku=sku, saved_cost=cost) for sku, cost in
                      (("A", 100.0), ("B", 200.0))])  # fmt: skip
    block = plan_blocks.show_gates(rows, "en")
    assert (texts(block, "sku"), texts(block, "saved_cost")) == (["A, B"], ["300.00"])
    assert block.data["first"] == 2
    blind = rows.assign(saved_cost=[100.0, np.nan])
    assert texts(plan_blocks.show_gates(blind, "en"), "saved_cost") == [say("word.unknown", "en")]


def test_a_gate_that_stops_nothing_saves_nothing_and_an_unknown_loss_is_unknown():
    block = plan_blocks.show_gates(gates(), "en")
    assert texts(block, "saved_cost") == [say("word.unknown", "en"), "500.00", "\u2013"]
    assert texts(block, "expires_on") == ["\u2013"] * 3


def test_the_gates_sentence_parts_orders_from_shipments():
    told = said(plan_answers.gates_answer(gates(), "en"))
    assert "Do not order yet: C." in told
    assert "do not ship yet: B." in told
    assert "THB 500.00" in told
    free = said(plan_answers.gates_answer(gates().iloc[[0]], "en"))
    assert free == say("answer.gates_free", "en")


def test_what_is_left_of_goods_landing_midway_is_told_as_no_part_of_the_order():
    late = pd.DataFrame({"later_left_units": [384.0, 0.0]})
    told = said(plan_answers.stake_answer(plan(), rules(), "en", late))
    assert "384 of those left land while the campaign runs" in told
    none = late.assign(later_left_units=0.0)
    assert "while the campaign" not in said(plan_answers.stake_answer(plan(), rules(), "en", none))


def test_what_is_at_stake_leaves_out_grade_d_and_names_the_worst():
    told = said(plan_answers.stake_answer(plan(), rules(), "en"))
    assert "THB 1,000; 6 units of demand go unmet and 30 units" in told
    assert "1 of 2 ordered SKUs lose money; the worst is A with a loss of THB 250.00" in told
    assert say("answer.stake_unknown", "en", count=1) in told
    assert say("answer.no_buffer", "en") in told  # A has none on top of its target
    buffered = said(plan_answers.stake_answer(plan(buffer_units=5.0), rules(), "en"))
    assert say("answer.no_buffer", "en") not in buffered


def test_a_profit_of_another_order_is_not_called_the_worst_case():
    told = said(plan_answers.stake_answer(plan(), rules(order_units=[80, 60, 20]), "en"))
    assert "lose money" not in told


def test_prices_that_need_a_hand_come_first_and_a_chance_is_a_percentage():
    block = plan_blocks.show_locks(locks(), "en")
    assert texts(block, "sku") == ["B", "C", "A"]
    assert texts(block, "loss_chance") == ["100.0%", say("word.unknown", "en"), "2.0%"]
    assert texts(block, "lock_units")[1] == say("word.unknown", "en")
    assert block.data["show_all"] == ""


def test_the_price_sentence_counts_advice_and_names_the_worst_loss():
    told = said(plan_answers.locks_answer(locks(), "en"))
    assert "2025-10-10" in told
    assert "B: each unit loses THB 57.00; it needs a price of at least THB 158.00" in told


def test_a_huge_loss_stands_at_the_edge_and_does_not_squeeze_the_others():
    figure = price_locks(locks(), "en")
    edge = [trace for trace in figure.data if trace.marker.symbol == "triangle-left"]
    assert list(edge[0].x) == [FLOOR_SHARE]
    assert "\u221257%" in edge[0].text[0]
    drawn = [x for trace in figure.data for x in trace.x if x is not None]
    assert min(drawn) == FLOOR_SHARE


def test_lanes_that_are_taken_stand_first_and_late_ones_are_named():
    taken = samples.ship()
    ways = tables.empty(tables.SkuWays)
    block = plan_blocks.show_lanes(samples.options(), taken, ways, "en")
    assert set(texts(block, "mode")[:2]) == {say("mode.sea_fast", "en"), say("mode.truck", "en")}
    told = said(plan_answers.lanes_answer(samples.options(), taken, ways, "en"))
    assert "4 days to spare and a chance of 82%" in told
    assert f"Too late by now: {say('mode.sea', 'en')}." in told


def test_each_lane_is_priced_for_the_whole_order_and_says_which_goods_it_does_not_take():
    lanes = samples.options().iloc[[2, 3]]
    ship = pd.DataFrame({"market": MARKET, "sku": ["A", "B"], "mode": "truck", "units": [10, 5]})
    closed = "reason.way_forbidden|mode=air|kinds=category.battery;reason.in_time"
    ways = pd.DataFrame({
        "market": MARKET, "sku": ["A", "B", "A", "B"], "mode": ["truck", "truck", "air", "air"],
        "unit_freight_cost": [1.0, 2.0, 4.0, 9.0], "unit_surcharge_cost": [0.5, 0.0, 0.0, 0.0],
        "landed_cost": [11.0, np.nan, 14.0, 19.0], "reason": ["", "", "", closed],
    })  # fmt: skip
    block = plan_blocks.show_lanes(lanes, ship, ways, "en")
    assert texts(block, "lane_freight_cost") == ["25.00", "40.00"]
    assert texts(block, "lane_landed_cost") == [say("word.unknown", "en"), "140.00"]
    assert "1 SKUs may not go this way" in texts(block, "reason")[1]
    told = said(plan_answers.lanes_answer(lanes, ship, ways, "en"))
    assert "does not take: with battery (SKUs: 1): B." in told


def test_the_rules_stand_side_by_side_with_units_level_and_money():
    block = stock_blocks.show_rules(samples.comparison(), "en")
    asked = samples.comparison().groupby("rule", sort=False)["order_units"].sum()
    told = dict(zip(texts(block, "rule"), texts(block, "order_units"), strict=True))
    assert told == {say(f"rule.{rule}", "en"): f"{units:,}" for rule, units in asked.items()}
    assert "held_back_units" not in {column["name"] for column in block.data["columns"]}
    cut = samples.comparison().assign(held_back_units=lambda rows: 9 * (rows["rule"] != "profit"))
    held = texts(stock_blocks.show_rules(cut, "en"), "held_back_units")
    assert held == ["0", *[str(9 * len(samples.SKUS))] * 2]


def test_the_dearest_risks_stand_first_and_an_unknown_one_is_called_unknown():
    risks = pd.DataFrame({
        "market": MARKET, "sku": ["A", "B"], "currency": "THB", "stock_out_cost": [5.0, 50.0],
        "dead_stock_cost": [1.0, 2.0], "over_storage_cost": [0.5, np.nan],
        "refusal_cost": [0.0, 0.0],
    })  # fmt: skip
    block = stock_blocks.show_risks(risks, "en")
    assert texts(block, "sku") == ["B", "A"]
    assert texts(block, "over_storage_cost") == [say("word.unknown", "en"), "0.50"]


def test_goods_that_are_ready_are_not_ordered_from_the_factory():
    ship = samples.ship()
    early = ship.assign(produce_by=ship["ship_by"] - pd.Timedelta(days=7))
    now = ship.assign(produce_by=ship["ship_by"])
    due = pd.DataFrame(columns=["deadline", "mode", "market", "days_left"])
    assert "must be ready" in said(plan_answers.book_answer(now, due, "en"))
    assert "Order from the factory" in said(plan_answers.book_answer(early, due, "en"))


def test_of_the_ways_only_those_taken_and_the_next_best_are_shown():
    way = {
        "market": MARKET, "sku": ["A"] * 4 + ["Z"], "mode": ["sea", "air", "truck", "rail", "sea"],
        "is_allowed": [True, True, True, False, True], "landed_cost": [5.0, 9.0, 7.0, 1.0, 5.0],
        "ship_by": day("2025-09-25"), "on_time_rate": 0.9, "unit_freight_cost": 1.0,
        "unit_surcharge_cost": 0.0, "reason": "reason.due_told", "currency": "THB",
    }  # fmt: skip
    block = plan_blocks.show_ways(pd.DataFrame(way), ship(), "en")
    assert texts(block, "mode") == [say("mode.sea", "en"), say("mode.truck", "en")]
    assert texts(block, "is_taken") == [say("word.yes", "en"), say("word.no", "en")]


def test_where_waiting_pays_the_sentence_says_how_much_and_for_which_sku():
    told = said(choice_answers.option_answer(option(), "en"))
    assert "Waiting pays for 1 of the SKUs and adds THB 8.00" in told
    assert "send 90 units by sea LCL now, keep 5 until 2025-11-05" in told
    assert f"{say('why.option_fast_dear', 'en')} 2" in told
    assert texts(plan_blocks.show_option(option(), "en"), "sku") == ["A"]


def test_where_waiting_pays_nowhere_the_reasons_are_counted_and_no_table_drawn():
    none = option(option_profit=0.0, reason="reason.option_one_way")
    told = said(choice_answers.option_answer(none, "en"))
    assert told == say(
        "answer.option_none", "en", count=3, reasons=f"{say('why.option_one_way', 'en')} 3"
    )
    block = plan_blocks.show_option(none, "en")
    assert block.data["rows"] == []
    assert block.data["empty"] == ""


def test_every_reason_not_to_wait_has_a_short_word():
    kinds = ("unknown", "no_order", "one_lot", "by_limits", "small", "fast_dear", "no_news",
             "no_way", "one_way", "teaches_nothing")  # fmt: skip
    for lang in LANGS:
        assert len({say(f"why.option_{kind}", lang) for kind in kinds}) == len(kinds)


def test_the_limit_that_binds_is_named_and_minimum_orders_apart():
    told = said(choice_answers.limits_answer(limits(), "en"))
    assert f"held back by: {say('limit.mode_cbm', 'en').lower()}." in told
    assert "Minimum orders make us buy more than needed: A." in told


def test_goods_that_hold_room_and_may_not_leave_are_told_with_what_would_go_instead():
    stuck = (
        "reason.limit_tight|left=0.20|unit=unit.cbm;reason.room_for_stuck|room=0.35|unit=unit.cbm"
        "|skus=A|instead=B, C|ship_by=2025-09-17|worth=858659|currency=IDR"
    )
    told = said(choice_answers.limits_answer(limits().iloc[[1]].assign(reason=stuck), "zh"))
    assert told.endswith(
        "有 0.35 m³ 留给了现在还不能发的 A；到 2025-09-17 还不能发，换成 B, C 能多赚 858,659 IDR。"
    )


def test_a_limit_with_room_says_how_full_the_fullest_is():
    told = said(choice_answers.limits_answer(limits().iloc[[0]], "en"))
    assert told == say("answer.limits_room", "en", limit=say("limit.budget", "en"), share="50%")


def test_limits_are_told_in_their_own_units_and_as_a_share():
    block = plan_blocks.show_limits(limits(), "en")
    assert texts(block, "cap") == ["3.800 m\u00b3", "100 units", "IDR 62,000,000"]
    assert texts(block, "used_share") == ["100.0%", "100.0%", "50.0%"]
    assert texts(block, "place")[0] == say("mode.sea", "en")


def test_the_leftover_fills_the_best_exits_in_turn_and_no_other():
    taken = stock_blocks.taken_exits(exits(), plan())
    assert taken["exit"].to_list() == ["next_event", "ordinary"]
    assert taken["exit_units"].to_list() == [20.0, 10.0]


def test_the_exits_sentence_tells_units_money_and_what_is_stuck():
    told = said(choice_answers.exits_answer(exits(), plan(), "en"))
    assert "30 units are expected to be left over (SKUs: 1)" in told
    assert "THB 250.00" in told
    only = exits()[exits()["exit"] == "next_event"]
    stuck = said(choice_answers.exits_answer(only, plan(), "en"))
    assert say("answer.exits_stuck", "en", units="10") in stuck
    unknown = plan(expected_profit=np.nan)
    blind = said(choice_answers.exits_answer(only, unknown, "en"))
    assert say("answer.exits_unpriced", "en", units="10") in blind


def test_the_fact_worth_most_is_fetched_first_and_unbounded_ones_are_asked_for():
    told = said(plan_answers.facts_answer(facts(), "en"))
    assert f"Fetch first: {say('fact.event_plan', 'en')}." in told
    assert "THB 900.00" in told
    assert say("fact.cost.insurance", "en") in told
    # What nobody can bound may be worth more than the rest: it is told first, there and below.
    assert told.index(say("fact.cost.insurance", "en")) < told.index("Fetch first")
    spreads = texts(ask_blocks.show_facts(facts(), "en"), "spread")
    assert "fact.share" not in " ".join(spreads)
    assert spreads[0].endswith("2 SKUs lack it")


def test_the_figure_of_facts_draws_five_with_a_place_each():
    names = worth_of_facts(facts(), "en").data[0].y
    assert len(names) == SHOWN_FACTS
    assert say("market.TH", "en") in names[0]


def test_routes_that_nobody_priced_are_one_sentence_and_no_table():
    told = said(choice_answers.routes_answer(routes(best=False), "en"))
    assert "About 20 units will come back." in told
    assert "For 2 SKUs no route can be chosen" in told
    assert say("route.unit_fee", "en") in told
    row = {name: 1.0 for name in stock_blocks.ROUTE_COLUMNS if name not in routes(best=False)}
    block = stock_blocks.show_routes(routes(best=False).assign(**row), "en")
    assert (block.data["rows"], block.data["empty"]) == ([], "")
    known = said(choice_answers.routes_answer(routes(best=True), "en"))
    assert f"{say('route.resell', 'en')} 1." in known


def test_a_warehouse_without_a_price_is_unknown_and_not_called_dearer():
    frame = pd.DataFrame(
        {
            "market": MARKET, "kind": ["third_party", "own", "fbt"], "monthly_orders": 1500.0,
            "order_cost": [15.0, 6.0, np.nan], "fixed_cost": [4500.0, 26000.0, np.nan],
            "total_cost": [27000.0, 35000.0, np.nan], "break_even_orders": [0.0, 2257.0, np.nan],
            "is_cheapest": [True, False, False], "missing": ["", "", "fee.order"],
            "currency": "THB",
        }
    )  # fmt: skip
    block = stock_blocks.show_warehouses(frame, "en")
    words = [say("word.yes", "en"), say("word.no", "en"), say("word.unknown", "en")]
    assert texts(block, "is_cheapest") == words
    told = said(choice_answers.warehouses_answer(frame, "en"))
    assert "THB 27,000" in told
    assert say("kind.fbt", "en") in told.split("Not compared")[1]


def test_channels_that_share_nothing_are_one_sentence():
    none = pd.DataFrame(columns=["sku", "channel", "protected_units"])
    told = said(choice_answers.channels_answer(none, pd.DataFrame(), "en"))
    assert told == say("empty.channels", "en")


def test_channels_tell_the_best_way_of_sharing_and_what_it_gains():
    channels = pd.DataFrame(
        {"sku": ["A", "B"], "channel": ["one", "two"], "protected_units": [10.0, 0.0]}
    )
    pools = pd.DataFrame(
        {
            "market": MARKET, "warehouse": "bkk", "pooling": ["protected", "split"],
            "expected_profit": [700.0, 600.0], "is_best": [True, False], "currency": "THB",
        }
    )  # fmt: skip
    told = said(choice_answers.channels_answer(channels, pools, "en"))
    assert f"bkk: {say('pooling.protected', 'en')}; it earns THB 100.00 more" in told
    assert say("answer.channels_protect", "en", channels="one", skus="A") in told


def test_papers_that_lack_are_counted_and_named():
    papers = pd.DataFrame(
        {"paper": ["paper.signed", "paper.clearance"], "state": ["passed", "unknown"]}
    )
    told = said(plan_answers.papers_answer(papers, "en"))
    assert "1 of 2 are there, 1 are not" in told


def test_a_quote_request_says_what_is_open():
    quote = pd.DataFrame({"field": ["quote.products", "quote.cut_off"], "is_known": [False, True]})
    told = said(plan_answers.quote_answer(quote, "en"))
    assert told == say("answer.quote", "en", count=1, fields=say("quote.products", "en"))


@pytest.mark.parametrize("lang", LANGS)
def test_a_folded_table_hides_behind_its_sentence(lang: str):
    frame = pd.DataFrame({"sku": ["A", "B"]})
    html = show_table(frame, lang, fold_term="fold.ship")._repr_mimebundle_()["text/html"]
    assert f"<summary>{say('fold.ship', lang, count=2)}</summary>" in html
    assert html.index("<summary>") < html.index("<table")


def test_an_empty_table_is_one_sentence_without_a_heading_row():
    html = show_table(pd.DataFrame({"sku": []}), "en")._repr_mimebundle_()["text/html"]
    assert say("empty.table", "en") in html
    assert "<table" not in html


def test_exits_that_nobody_can_price_are_not_called_best():
    blind = exits().assign(unit_revenue=np.nan)
    assert stock_blocks.taken_exits(blind, plan()).empty
    told = said(choice_answers.exits_answer(blind, plan(), "en"))
    assert say("answer.exits_unpriced", "en", units="30") in told


def test_stock_that_moves_is_told_with_its_cost_and_stock_that_stays_is_not():
    placement = pd.DataFrame(
        {
            "market": MARKET, "sku": ["A", "B"], "from_place": "szx", "to_place": "bkk",
            "move": ["transfer", "stay"], "units": [35, 90], "move_cost": [70.0, 0.0],
            "days": [8.5, 0.0], "arrive_on": day("2025-10-01"), "reason": "reason.place_stays",
            "currency": "THB",
        }
    )  # fmt: skip
    told = said(choice_answers.moves_answer(placement, "en"))
    assert told == say("answer.moves", "en", units="35", skus="A", cost="THB 70.00")
    assert texts(stock_blocks.show_moves(placement, "en"), "sku") == ["A"]
    none = choice_answers.moves_answer(placement.head(0), "en")
    assert said(none) == say("empty.moves", "en")


def test_codes_of_meeting_papers_and_quote_are_told_in_words():
    rows = meeting(
        rank=1, grade="A", expected_profit=5.0, advice="advice.cap", currency="THB",
        feasibility="feasible.by|mode=sea|ship_by=2025-09-25|chance=0.92",
    )  # fmt: skip
    block = ask_blocks.show_meeting(rows, "en")
    assert texts(block, "advice")[0] == say("advice.cap", "en")
    assert "chance of 92%" in texts(block, "feasibility")[0]
    assert texts(block, "decided_units") == ["300", "\u2013", "\u2013"]
    quote = pd.DataFrame(
        {
            "market": MARKET, "field": ["quote.cut_off"], "value": ["quote.day|day=2025-10-28"],
            "is_known": [True], "reason": [""],
        }
    )  # fmt: skip
    told = ask_blocks.show_quote(quote, "en")
    assert texts(told, "field") == [say("quote.cut_off", "en")]
    assert texts(told, "value") == [say("quote.day", "en", day="2025-10-28")]
    papers = pd.DataFrame(
        {
            "paper": ["paper.clearance"], "subject": ["contract"], "state": ["unknown"],
            "evidence": "", "confirmed_on": pd.NaT, "reason": "paper.unknown",
        }
    )  # fmt: skip
    assert texts(ask_blocks.show_papers(papers, "en"), "paper") == [say("paper.clearance", "en")]


def test_what_is_ordered_stands_above_what_is_not():
    assert texts(plan_blocks.show_orders(samples.plan(), "en"), "order_units")[0] != "0"
    units = samples.plan()["order_units"].max()
    assert texts(plan_blocks.show_orders(samples.plan(), "en"), "order_units")[0] == f"{units:,}"
