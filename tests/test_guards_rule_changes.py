"""Which facts differ between two states of the registers, and which SKUs flip by it."""

import guards_case as case
import pandas as pd
import pytest
import supply_case

from planner import tables
from planner.guards.rule_changes import changed_facts, flips, gaps
from planner.pages.reasons import tell_reason

SCOPE = supply_case.scope()
FEES = supply_case.fees(commission=(0.06, "share_price"), outbound=(5.0, "order"))
BOUNDS = supply_case.dated([{"rule": "buffer", "low": 0.1, "high": 0.2, "unit": "share"}])


def state(fees: pd.DataFrame = FEES, bounds: pd.DataFrame = BOUNDS) -> dict:
    return {tables.Fees: fees, tables.Bounds: bounds}


def test_a_changed_value_is_told_with_both_values_and_its_source():
    dearer = FEES.assign(value=[0.09, 5.0], source="notice 7")
    row = changed_facts(state(), state(dearer), scope=SCOPE).iloc[0].to_dict()
    assert row == {
        "market": "TH", "register": "Fees", "fact": "commission", "field": "value",
        "old_value": "0.06", "new_value": "0.09", "source": "notice 7",
    }  # fmt: skip


def test_a_new_source_alone_changes_nothing():
    other = FEES.assign(source="another", confidence="primary")
    assert changed_facts(state(), state(other), scope=SCOPE).empty


def test_a_fact_in_one_state_only_is_told_whole():
    row = changed_facts(state(), state(FEES.iloc[:1]), scope=SCOPE).iloc[0]
    assert (row["field"], row["old_value"], row["new_value"]) == ("", "5 order THB", "")


def test_facts_of_other_markets_are_left_out_and_those_of_any_market_are_not():
    elsewhere = FEES.assign(market="US", value=[0.5, 0.5])
    both = pd.concat([FEES, elsewhere])
    assert changed_facts(state(), state(both), scope=SCOPE).empty
    everywhere = pd.concat([FEES, elsewhere.assign(market="any").iloc[:1]])
    assert changed_facts(state(), state(everywhere), scope=SCOPE)["market"].to_list() == ["any"]
    wider = BOUNDS.assign(high=0.3)
    row = changed_facts(state(), state(bounds=wider), scope=SCOPE).iloc[0]
    assert (row["market"], row["fact"], row["field"]) == ("", "buffer", "high")


def test_a_fee_may_begin_and_not_end_and_a_bound_may_do_neither():
    fewer = FEES.iloc[:1]
    assert gaps(state(fewer), state(), scope=SCOPE) == []
    assert gaps(state(), state(fewer), scope=SCOPE) == [("Fees", "TH outbound", True)]
    none = BOUNDS.iloc[:0]
    assert gaps(state(), state(bounds=none), scope=SCOPE) == [("Bounds", "buffer", True)]
    assert gaps(state(bounds=none), state(), scope=SCOPE) == [("Bounds", "buffer", False)]


def plan(**columns):
    way = {"mode": columns.pop("mode", "truck"), "landed_cost": columns.pop("cost", 10_000.0)}
    advice = columns.pop("advice", "cap")
    row = case.stock_plan(**columns)
    sent = case.ordered(units=row["order_units"].iloc[0], **way)
    return case.planned(plan=row, mode_plan=sent, locks=case.lock(advice=advice))


@pytest.mark.parametrize(
    ("after", "reason"),
    [
        ({"order_units": 150}, "diff.units|old=200|new=150"),
        ({"mode": "air"}, "diff.modes|before=mode.truck|now=mode.air"),
        ({"is_blocked": True}, "diff.blocked"),
        ({"advice": "refuse"}, "diff.advice|before=advice.cap|now=advice.refuse"),
        ({"expected_profit": 0.5, "cost": 12_000.0}, ""),
    ],
)
def test_a_flip_is_other_units_way_block_or_advice_and_not_money_alone(after: dict, reason: str):
    found = flips(plan(), plan(**after), scope=SCOPE).iloc[0]
    assert (found["reason"], found["is_flip"]) == (reason, bool(reason))
    for lang in ("zh", "en"):
        assert "{" not in tell_reason(reason, lang)
        assert "diff." not in tell_reason(reason, lang)


def test_the_money_of_a_change_is_the_second_state_less_the_first():
    found = flips(plan(), plan(expected_profit=-2.0, cost=12_500.0), scope=SCOPE).iloc[0]
    assert (found["profit_difference"], found["cost_difference"]) == (-3.0, 2500.0)
    nothing = flips(plan(), plan(order_units=0), scope=SCOPE).iloc[0]
    assert nothing["cost_difference"] == -10_000.0


def test_flips_stand_first_and_the_dearest_of_them_on_top():
    def both(**second):
        rows = [case.stock_plan(), case.stock_plan("B", **second.pop("b")), case.stock_plan("C")]
        return case.planned(
            plan=pd.concat(rows), locks=pd.concat([case.lock(sku) for sku in "ABC"])
        )

    before, after = both(b={}), both(b={"order_units": 0, "expected_profit": -9.0})
    assert flips(before, after, scope=SCOPE)["sku"].to_list() == ["B", "A", "C"]
