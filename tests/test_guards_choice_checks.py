"""What is told of the plan's choices: prices, limits, reserves, waiting, decisions, cartons."""

import guards_case as case
import pandas as pd
import pytest
import supply_case

from planner import tables
from planner.guards import choice_checks, money_checks

SCOPE = supply_case.scope()
PLANNED = case.planned(
    plan=case.stock_plan(), ways=case.way(), economics=supply_case.economics(), locks=case.lock()
)


def locks(planned=PLANNED, scope=SCOPE) -> pd.DataFrame:
    return case.told(choice_checks.locks(planned, scope))


def test_a_price_that_may_lose_money_is_told_with_the_mean_loss_until_the_lock():
    found = locks()
    row = found.iloc[0]
    # 2 a unit on the 60 of the sale; the horizon's other 90 are sold at the ordinary price
    assert (row["code"], row["severity"], row["risk_cost"]) == ("lock_raise", "warn", 2.0 * 60)
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-10-10"


def test_a_cap_is_a_note_with_its_units_and_no_money():
    found = locks(PLANNED._replace(locks=case.lock(advice="cap")))
    assert (found["code"].iloc[0], found["severity"].iloc[0]) == ("lock_cap", "note")
    assert case.facts(found)["units"] == "120"
    assert found["risk_cost"].isna().all()


@pytest.mark.parametrize("advice", ["register", "unknown"])
def test_a_price_that_may_be_locked_or_is_unknown_raises_no_lock_alert(advice: str):
    assert locks(PLANNED._replace(locks=case.lock(advice=advice))).empty


def test_a_sku_that_loses_money_at_its_known_costs_is_told_as_that_and_not_twice():
    losing = supply_case.economics(margin_profit=-3.0)
    planned = PLANNED._replace(economics=losing, locks=case.lock(advice="refuse"))
    assert locks(planned).empty
    loss = money_checks.loss_makers(planned.plan, losing, SCOPE)
    assert [found["code"] for found in loss] == ["price_below_cost"]
    nobody = PLANNED._replace(locks=case.lock(advice="refuse"))
    assert locks(nobody)["code"].to_list() == ["lock_refuse"]


def test_a_price_already_locked_has_no_day_left():
    assert locks(scope=supply_case.scope(as_of="2026-10-11"))["act_by"].isna().all()


def limit(**columns) -> pd.DataFrame:
    row = {
        "limit": "budget", "market": "", "place": "", "cap": 10_000.0, "used": 10_000.0,
        "unit": "THB", "is_binding": True, "rise": 1000.0, "shadow_price": 0.3, "reason": "",
        "currency": "THB",
    }  # fmt: skip
    return pd.DataFrame([{**row, **columns}])


def limits(rows: pd.DataFrame, profit: float = 20_000.0) -> pd.DataFrame:
    plan = case.stock_plan(expected_profit=profit)
    return case.told(choice_checks.limits(PLANNED._replace(limits=rows, plan=plan), SCOPE))


def test_a_limit_that_binds_says_what_a_step_more_is_worth():
    found = limits(limit())
    assert case.facts(found) == {
        "limits": "limit.budget", "each": "THB", "rise": "1000", "worth": "300.00", "money": "THB",
    }  # fmt: skip
    room = limit(limit="warehouse_cbm", place="house", market="TH", unit="cbm", shadow_price=500.0)
    found = limits(room)
    assert found["code"].to_list() == ["limit_binds_at"]
    assert case.facts(found)["each"] == "unit.cbm"
    space = limits(limit(limit="mode_cbm", place="sea", unit="cbm", shadow_price=500.0))
    assert case.facts(space)["place"] == "mode.sea"
    assert limits(limit(is_binding=False, shadow_price=0.0)).empty


@pytest.mark.parametrize(
    ("profit", "severities"), [(20_000.0, ["warn"]), (200_000.0, ["note"]), (400_000.0, [])]
)
def test_a_limit_is_told_by_how_much_it_weighs_on_the_profit(profit: float, severities: list):
    # one per cent more of the budget earns 0.3 * 100 = 30: 0.15, 0.015 and 0.0075 per cent.
    assert limits(limit(), profit)["severity"].to_list() == severities


def test_minimum_orders_of_a_market_share_a_note():
    rows = pd.concat(
        [limit(limit="moq", market="TH", place=sku, unit="units", shadow_price=price)
         for sku, price in (("A", 6.0), ("B", 9.0))]
    )  # fmt: skip
    found = limits(rows)
    assert (found["code"].to_list(), found["severity"].to_list()) == (["limit_moq"], ["note"])
    assert case.facts(found)["worth"] == "9.00"
    assert case.facts(found)["n"] == "2"


@pytest.mark.parametrize(
    ("reason", "is_told"),
    [
        ("reason.reserve_too_slow", True), ("reason.reserve_no_source", True),
        ("reason.reserve_not_worth;reason.rank_loss_not_priced", False),
    ],
)  # fmt: skip
def test_a_hero_without_a_reserve_is_told_unless_none_is_worth_it(reason: str, is_told: bool):
    reserve = pd.DataFrame({"market": ["TH"], "sku": ["A"], "units": [0], "reason": [reason]})
    found = case.told(choice_checks.heroes(PLANNED._replace(reserves=reserve), SCOPE))
    assert (found["code"].to_list() == ["hero_no_reserve"]) is is_told
    if is_told:
        assert found["risk_cost"].to_list() == [10 * 30]
        assert f"{found['act_by'].iloc[0]:%Y-%m-%d}" == "2026-10-15"


def test_waiting_that_pays_is_a_note_with_its_day():
    rows = pd.DataFrame(
        {"market": "TH", "sku": ["A", "B"], "is_worth": [True, False], "held_units": [30, 0],
         "option_profit": [900.0, 0.0], "decide_on": pd.to_datetime(["2026-11-05"] * 2)}
    )  # fmt: skip
    found = case.told(choice_checks.waiting(rows, SCOPE))
    assert (found["severity"].iloc[0], found["sku"].iloc[0]) == ("note", "A")
    assert f"{found['act_by'].iloc[0]:%Y-%m-%d}" == "2026-11-05"
    assert case.facts(found)["held_units"] == "30"


def decided(sku: str, decision: str, units: int | None = None) -> pd.DataFrame:
    row = {"market": "TH", "sku": sku, "decision": decision, "units": units, "owner": "Li",
           "note": "", "decided_on": pd.NaT}  # fmt: skip
    frame = pd.DataFrame([row])
    return tables.checked(
        tables.Decisions, frame.astype({"units": "Int64", "decided_on": "datetime64[us]"})
    )


def worth(**columns) -> pd.DataFrame:
    """Return what became of a decision on 150 units where the plan has 200; it costs 900."""
    row = {
        "market": "TH", "sku": "A", "decision": "units", "asked_units": 150, "own_units": 200,
        "order_units": 150, "moq_units": 100.0, "decision_cost": 900.0, "state": "followed",
        "owner": "Li", "decided_on": pd.NaT, "reason": "", "currency": "THB",
    }  # fmt: skip
    kinds = dict.fromkeys(("asked_units", "own_units", "order_units"), "Int64")
    frame = pd.DataFrame([{**row, **columns}]).astype(kinds | {"decided_on": "datetime64[us]"})
    return tables.checked(tables.DecisionWorth, frame)


@pytest.mark.parametrize(
    ("found", "codes"),
    [
        (worth(state="unknown", decision_cost=float("nan")), ["decision_unknown"]),
        (worth(state="waits", decision_cost=0.0), ["decision_waits"]),
        (worth(state="blocked", order_units=0), ["decision_blocked"]),
        (worth(state="changed", order_units=140), ["decision_changed", "decision_costs"]),
        (worth(state="below_moq", order_units=60), ["decision_below_moq", "decision_costs"]),
        (worth(decision_cost=0.0), []),
        (worth(decision_cost=-50.0), []),
        (worth(decision_cost=float("nan")), []),
    ],
)
def test_a_decision_that_was_not_followed_or_costs_money_is_told(found, codes: list):
    told = case.told(choice_checks.decisions(found, SCOPE))
    assert told["code"].to_list() == codes


def test_what_decisions_cost_is_told_once_for_all_with_the_money():
    both = pd.concat([worth(), worth(sku="B", decision_cost=100.0)])
    found = case.told(choice_checks.decisions(both, SCOPE))
    assert (found["code"].to_list(), found["risk_cost"].to_list()) == (["decision_costs"], [1000.0])
    assert case.facts(found)["n"] == "2"


def test_goods_without_a_carton_size_are_told():
    loose = pd.DataFrame({"market": ["TH"], "sku": ["A"], "units": [40]})
    found = case.told(choice_checks.loose_goods(loose, SCOPE))
    assert case.facts(found) == {"n": "1", "skus": "A", "units": "40"}


def test_a_sku_that_a_gate_or_a_decision_stops_needs_no_second_reason():
    gates = case.gate(gate="admission", state="pending", blocks="order")
    held = case.gate("B")
    found = choice_checks.settled(pd.concat([gates, held]), decided("C", "drop"))
    assert sorted(found) == [("TH", "A"), ("TH", "C")]


def weak(register: str, fact: str, state: str = "weak") -> dict:
    return {"market": "TH", "register": register, "fact": fact, "state": state}


def test_only_weak_facts_that_move_these_goods_are_told():
    rows = pd.DataFrame(
        [
            weak("Fees", "cost.storage", "missing"),
            weak("Fees", "cost.duty", "missing"),
            weak("DutyRates", "category.home"),
            weak("DutyRates", "category.beauty"),
            weak("Surcharges", "fact.surcharge|mode=air|kinds=category.battery"),
            weak("Surcharges", "fact.surcharge|mode=air|kinds=category.liquid"),
            weak("LaneStages", "sea line_haul"),
            weak("Certificates", "toys TISI", "expired"),
        ]
    )
    goods = supply_case.catalogue({"sku": "A", "has_battery": True})
    used = money_checks.weak_in_use(rows, supply_case.economics(missing="cost.duty"), goods)
    assert used.index.to_list() == [0, 2, 4, 7]
    found = case.told(money_checks.weak_facts(used, SCOPE)).set_index("code")
    assert case.facts(found.loc[["facts_weak"]])["facts"] == "cost.duty, cost.surcharge"
    assert found.loc["facts_expired", "severity"] == "warn"
