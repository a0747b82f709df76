"""A provider's view: who is ready, late or broken, what comes first, money, space asked."""

import math

import pandas as pd
import provider_case as case
import pytest

from planner import tables
from planner.season.providers import provider_capacity, provider_money, provider_today


def state_of(*args: object, **options: object) -> str:
    return case.judged(*args, **options)[0]["seller_state"].iloc[0]


def test_a_seller_whose_plan_stands_and_has_nothing_open_is_ready():
    assert state_of(case.runs({"seller": "a"})) == "ready"


def test_an_alert_that_stops_an_order_is_to_settle_and_a_note_is_not():
    assert state_of(case.runs({"seller": "a"}), case.alerts({"seller": "a"})) == "to_settle"
    note = case.alerts({"seller": "a", "severity": "note"})
    assert state_of(case.runs({"seller": "a"}), note) == "ready"


def test_a_deadline_that_passed_since_the_plan_makes_late_and_one_ahead_is_the_next():
    due = case.deadlines(
        {"seller": "a", "due_on": "2025-09-28"}, {"seller": "a", "due_on": "2025-10-20"}
    )
    run = case.runs({"seller": "a"})
    assert state_of(run, None, due) == "ready"
    found = case.judged(run, None, due, as_of=case.LATER)[0].iloc[0]
    assert (found["seller_state"], found["next_due"]) == ("late", "deadline.decide_by")
    assert (str(found["due_on"].date()), found["days_left"]) == ("2025-10-20", 15)


def test_what_had_passed_before_the_plan_or_is_of_a_way_not_used_makes_nobody_late():
    due = case.deadlines(
        {"seller": "a", "due_on": "2025-09-12"},
        {"seller": "a", "due_on": "2025-09-28", "deadline": "ship_by", "mode": "air"},
        {"seller": "a", "due_on": "2025-09-28", "deadline": "warm_up"},
    )
    sent = case.lines({"seller": "a", "mode": "sea"})
    assert state_of(case.runs({"seller": "a"}), None, due, sent, as_of=case.LATER) == "ready"
    sent = case.lines({"seller": "a", "mode": "air"})
    assert state_of(case.runs({"seller": "a"}), None, due, sent, as_of=case.LATER) == "late"


def test_a_campaign_that_is_tracked_or_over_asks_no_more_for_the_plans_deadlines():
    due = case.deadlines({"seller": "a", "due_on": "2025-09-28"})
    old = case.alerts({"seller": "a", "act_by": "2025-09-28"})
    run = case.runs({"seller": "a"}, {"seller": "a", "step": 4, "looked_on": "2025-11-10"})
    assert state_of(run, old, due) == "ready"
    run = case.runs({"seller": "a"}, {"seller": "a", "step": 5, "looked_on": "2025-12-20"})
    assert state_of(run, old, due) == "ended"


@pytest.mark.parametrize(
    ("row", "state"),
    [
        ({"outcome": "failed", "message": "m"}, "failed"),
        ({"outcome": "refused", "message": "orders.csv, row 3"}, "refused"),
        ({"outcome": "", "step": None, "looked_on": None, "market": ""}, "not_run"),
        ({"step": 2}, "unfinished"),
        ({"is_stale": True}, "outdated"),
    ],
)
def test_each_way_of_having_no_usable_plan_has_a_state_of_its_own(row: dict, state: str):
    assert state_of(case.runs({"seller": "a", **row})) == state


def test_who_needs_a_hand_soonest_stands_first():
    run = case.runs(
        {"seller": "a"}, {"seller": "b", "outcome": "failed"}, {"seller": "c", "step": 1}
    )
    assert case.judged(run)[0]["seller"].to_list() == ["b", "c", "a"]


def test_first_come_broken_sellers_then_missed_days_then_what_is_due_in_a_week_then_money():
    run = case.runs(*({"seller": name} for name in "abc"), {"seller": "d", "outcome": "failed"})
    told = case.alerts(
        {"seller": "a", "risk_cost": 900.0},
        {"seller": "b", "risk_cost": 200.0, "act_by": "2025-10-12"},
        {"seller": "c", "risk_cost": 500.0, "severity": "warn"},
        {"seller": "c", "risk_cost": math.nan},
    )
    due = case.deadlines({"seller": "c", "due_on": "2025-09-28"})
    states, still, falls = case.judged(run, told, due, as_of=case.LATER)
    weights = dict.fromkeys("abcd", 1.0)
    risks = pd.DataFrame({"seller": ["c"], "risk_cost": [500.0], "currency": ["THB"]})
    first = provider_today.first_things(states, still, falls, weights, risks=risks)
    found = list(zip(first["seller"], first["code"], first["risk_cost"].fillna(-1), strict=True))
    assert found == [
        ("d", "seller_failed", -1),
        ("c", "days_missed", 500),
        ("b", "gate_hs_code", 200),
        ("a", "gate_hs_code", 900),
        ("c", "gate_hs_code", -1),
        ("c", "gate_hs_code", 500),
    ]


def test_findings_of_a_review_without_an_owner_are_something_to_do():
    nobody = {"state": "open", "owner": "", "due_on": pd.NaT}
    reviews = pd.DataFrame([{"seller": "a", **nobody}, {"seller": "a", **nobody, "owner": "Li"}])
    states, still, falls = case.judged(case.runs({"seller": "a"}))
    first = provider_today.first_things(states, still, falls, {}, reviews=reviews)
    assert first[["code", "facts"]].to_numpy().tolist() == [["review_undecided", "n=1"]]


def test_the_shared_currency_is_one_that_every_seller_can_tell():
    both = [case.seller("a", "THB", CNY=5.0, USD=33.0), case.seller("b", "USD", CNY=0.125)]
    rates = provider_money.shared_rates(both)
    assert set(rates["currency"]) == {"CNY"}
    assert provider_money.weights_of(rates) == {"a": 0.2, "b": 8.0}
    none = provider_money.shared_rates([case.seller("a"), case.seller("b", "USD")])
    assert set(none["currency"]) == {""}
    assert provider_money.weights_of(none) == {}


def test_amounts_of_two_currencies_without_a_rate_are_never_added_up():
    amounts = pd.DataFrame(
        {"seller": ["a", "b", "b"], "x": [10.0, 2.0, math.nan], "currency": ["THB", "USD", "USD"]}
    )
    with_rate = provider_money.shared_rates([case.seller("a", CNY=5.0), case.seller("b", "CNY")])
    without = provider_money.shared_rates([case.seller("a"), case.seller("b", "USD")])
    assert provider_money.in_one_currency(amounts, "x", with_rate) == [("CNY", 4.0)]
    assert provider_money.in_one_currency(amounts, "x", without) == [("THB", 10.0), ("USD", 2.0)]


def test_a_sku_of_two_alerts_is_at_risk_once_and_unknown_money_is_counted_apart():
    told = case.alerts(
        {"seller": "a", "risk_cost": 100.0},
        {"seller": "a", "risk_cost": 40.0, "code": "price_below_cost"},
        {"seller": "a", "risk_cost": 30.0, "code": "lock_raise", "sku": ""},
        {"seller": "a", "risk_cost": 5.0, "code": "stock_out_risk", "sku": ""},
        {"seller": "a", "risk_cost": math.nan, "code": "missing_cost", "sku": ""},
    )
    run = case.runs({"seller": "a"})
    states, still, _ = case.judged(run, told)
    rates = provider_money.shared_rates([case.seller("a")])
    found = provider_money.seller_risks(still, states, rates).iloc[0]
    parts = found[["price_lock_cost", "gates_cost", "others_cost", "risk_cost"]].to_list()
    assert parts == [30.0, 100.0, 5.0, 135.0]
    assert found["unknown_count"] == 1


def test_causes_add_up_over_sellers_in_one_currency_and_stay_apart_without_a_rate():
    totals = pd.DataFrame(
        [
            {"seller": "a", "market": "", "cause": "demand", "regret_profit": 50.0},
            {"seller": "a", "market": "TH", "cause": "demand", "regret_profit": 50.0},
            {"seller": "b", "market": "", "cause": "demand", "regret_profit": 10.0},
            {"seller": "b", "market": "", "cause": "lateness", "regret_profit": 20.0},
        ]
    )
    totals = totals.assign(currency=totals["seller"].map({"a": "THB", "b": "CNY"}))
    rates = provider_money.shared_rates([case.seller("a", CNY=5.0), case.seller("b", "CNY")])
    found = provider_money.cause_totals(totals, rates)
    assert found[["cause", "regret_profit", "n_sellers", "share_rate"]].to_numpy().tolist() == [
        ["demand", 20.0, 2, 0.5], ["lateness", 20.0, 1, 0.5],
    ]  # fmt: skip
    apart = provider_money.cause_totals(totals, provider_money.shared_rates([case.seller("a")]))
    assert len(apart) == 3


def test_the_largest_losses_are_ranked_in_the_shared_currency_and_told_in_their_own():
    ledger = pd.DataFrame(
        [
            {"seller": "a", "regret_profit": 100.0, "currency": "THB"},
            {"seller": "b", "regret_profit": 30.0, "currency": "CNY"},
            {"seller": "b", "regret_profit": -9.0, "currency": "CNY"},
        ]
    ).assign(market="TH", sku="A", cause="demand", missed_units=1.0, left_units=0.0, reason="")
    rates = provider_money.shared_rates([case.seller("a", CNY=5.0), case.seller("b", "CNY")])
    found = provider_money.seller_regrets(ledger, rates)
    assert found[["seller", "regret_profit"]].to_numpy().tolist() == [["b", 30.0], ["a", 100.0]]
    assert found["shared_profit"].tolist() == [30.0, 20.0]
    assert set(found["shared_currency"]) == {"CNY"}


def test_a_plan_that_was_not_put_aside_is_blamed_on_nobody_over_all_sellers_too():
    ledger = pd.DataFrame(
        [
            {"seller": "a", "cause": "execution", "reason": f"{provider_money.MADE_AGAIN}|was=1"},
            {"seller": "a", "cause": "lateness", "reason": "reason.regret_lateness|was=1"},
            {"seller": "b", "cause": "execution", "reason": "reason.regret_execution|was=1"},
        ]
    )
    named = provider_money.as_called(ledger, ledger)
    assert named["cause"].tolist() == ["execution_again", "lateness", "execution"]


def test_lanes_are_asked_in_the_week_of_leaving_and_warehouses_in_the_week_of_the_shelf():
    sent = case.lines(
        {"seller": "a"}, {"seller": "b", "units": 50, "ship_by": pd.Timestamp("2025-10-05")}
    )
    kept = case.ways({"seller": "a"}, {"seller": "b", "units": 50})
    asked = provider_capacity.capacity_asked(sent, kept, [case.seller("a"), case.seller("b")])
    found = asked[["place_kind", "place", "n_sellers", "units", "weight_kg", "volume_cbm"]]
    assert found.to_numpy().tolist() == [
        ["lane", "sea", 2, 150, 100.0, 4.0], ["warehouse", "bkk", 2, 150, 100.0, 4.0],
    ]  # fmt: skip
    assert [str(day.date()) for day in asked["week_on"]] == ["2025-09-29", "2025-10-27"]


def test_booked_space_of_a_lane_adds_up_and_free_space_of_a_warehouse_is_one_and_the_same():
    told = {"mode_cbm": {"sea": 2.0}, "warehouse_cbm": {"bkk": 3.0}}
    both = [case.seller("a", limits=told), case.seller("b", limits=told)]
    sent, kept = (part({"seller": "a"}, {"seller": "b"}) for part in (case.lines, case.ways))
    asked = provider_capacity.capacity_asked(sent, kept, both).set_index("place_kind")
    assert asked["cap_cbm"].to_dict() == {"lane": 4.0, "warehouse": 3.0}
    assert asked["is_too_much"].to_dict() == {"lane": False, "warehouse": True}


def test_space_that_not_all_told_and_goods_that_nobody_measured_give_no_verdict():
    told = {"mode_cbm": {"TH.sea": 2.0}, "warehouse_cbm": {"bkk": 9.0}}
    both = [case.seller("a", limits=told), case.seller("b")]
    blank = {"seller": "b", "volume_cbm": math.nan}
    asked = provider_capacity.capacity_asked(
        case.lines({"seller": "a"}, blank), case.ways({"seller": "a"}, blank), both
    ).set_index("place_kind")
    assert math.isnan(asked.loc["lane", "cap_cbm"])
    assert asked["is_too_much"].isna().all()
    assert asked["unmeasured_units"].to_dict() == {"lane": 100, "warehouse": 100}


def test_what_the_platform_lets_in_adds_up_and_units_beyond_it_are_too_much():
    one, other = case.seller("a", limits={"quota_units": {"bkk": 120}}), case.seller("b")
    sent, kept = (part({"seller": "a"}, {"seller": "b"}) for part in (case.lines, case.ways))
    for second, cap, verdict in ((other, None, None), (60, 180.0, True), (90, 210.0, False)):
        if isinstance(second, int):
            second = case.seller("b", limits={"quota_units": {"bkk": second}})
        asked = provider_capacity.capacity_asked(sent, kept, [one, second]).iloc[-1]
        found = asked[["cap_units", "is_too_much"]].astype(object)
        assert found.where(found.notna(), None).to_list() == [cap, verdict]


def test_without_sellers_every_table_is_empty_and_keeps_its_contract():
    runs = tables.empty(tables.SellerRuns)
    states, still, falls = case.judged(runs)
    rates = provider_money.shared_rates([])
    assert states.empty
    assert provider_today.first_things(states, still, falls, {}).empty
    assert provider_money.seller_risks(still, states, rates).empty
    assert provider_capacity.capacity_asked(
        case.lines(), case.ways({"seller": "", "units": 0}), []
    ).empty
