"""What people decided: when it counts, what becomes of it, and what it costs against the plan."""

import pandas as pd
import pytest
import supply_case
from brief_plan import known_goods, plain, whole_plan

from planner import tables
from planner.pages.reasons import tell_reason
from planner.supply.decisions.decided import decision_worth, due_decisions, with_reasons

SCOPE = supply_case.scope()  # plans on 2026-09-20
GOODS = pd.DataFrame({"sku": ["A", "B"], "moq_units": [100.0, float("nan")]})


def decisions(*rows: tuple) -> pd.DataFrame:
    """Sku, decision, units, day of the decision."""
    told = [("TH", sku, what, units, "Li", "", day) for sku, what, units, day in rows]
    names = ["market", "sku", "decision", "units", "owner", "note", "decided_on"]
    frame = pd.DataFrame(told, columns=names).astype({"units": "Int64"})
    frame["decided_on"] = pd.to_datetime(frame["decided_on"]).astype("datetime64[us]")
    texts = ["market", "sku", "decision", "owner", "note"]
    return tables.checked(tables.Decisions, frame.astype(dict.fromkeys(texts, "str")))


def plan(**units: int) -> pd.DataFrame:
    """Profit is 10 a unit up to 200 and falls by 5 a unit beyond."""
    rows = [
        {
            "market": "TH", "sku": sku, "rule": "profit", "demand_units": 150.0,
            "safety_units": 50.0, "buffer_units": 0.0, "target_units": 200.0,
            "available_units": 0.0, "needed_units": 200.0, "order_units": number,
            "low_units": 0, "high_units": 900, "service_level": 0.8, "lost_units": 1.0,
            "leftover_units": 2.0, "grade": "B", "is_blocked": False, "currency": "THB",
            "is_stock_known": True,
            "expected_profit": 10.0 * min(number, 200) - 5.0 * max(number - 200, 0),
            "reason": "reason.by_profit",
        }
        for sku, number in units.items()
    ]  # fmt: skip
    return tables.checked(tables.StockPlan, pd.DataFrame(rows))


def worth(made: pd.DataFrame, own: pd.DataFrame, now: pd.DataFrame) -> dict:
    found = decision_worth(made, own, now, GOODS, scope=SCOPE)
    assert len(found) == 1
    return found.iloc[0].to_dict()


def test_a_decision_after_the_planning_day_waits_and_is_named_with_both_days():
    made = decisions(("A", "drop", None, "2026-09-21"), ("B", "drop", None, "2026-09-20"))
    assert due_decisions(made, scope=SCOPE)["sku"].to_list() == ["B"]
    undated = decisions(("A", "drop", None, None))
    assert due_decisions(undated, scope=SCOPE)["sku"].to_list() == ["A"]
    row = worth(made.iloc[[0]], plan(A=200), plan(A=200))
    assert row["state"] == "waits"
    for lang in ("zh", "en"):
        told = tell_reason(row["reason"], lang)
        assert "2026-09-21" in told
        assert "2026-09-20" in told


@pytest.mark.parametrize(
    ("made", "ordered", "state", "cost"),
    [
        (("A", "units", 120, None), 120, "followed", 800.0),  # 2,000 less 1,200
        (("A", "units", 260, None), 260, "followed", 300.0),  # 60 units too many at 5
        (("A", "units", 60, None), 60, "below_moq", 1400.0),
        (("A", "units", 200, None), 200, "followed", 0.0),
        (("A", "drop", None, None), 0, "followed", 2000.0),
        (("A", "hold", None, None), 0, "followed", 2000.0),
        (("A", "push", None, None), 200, "followed", 0.0),
        (("A", "units", 150, None), 120, "changed", 800.0),
        (("A", "push", None, None), 0, "blocked", 2000.0),
    ],
)
def test_a_decision_costs_what_the_plan_would_have_earned_more(made, ordered, state, cost):
    row = worth(decisions(made), plan(A=200), plan(A=ordered))
    assert (row["state"], row["decision_cost"]) == (state, cost)
    assert (row["own_units"], row["order_units"]) == (200, ordered)


def test_a_decision_on_goods_the_plan_does_not_know_has_no_cost():
    row = worth(decisions(("Z", "units", 5, None)), plan(A=200), plan(A=200))
    assert row["state"] == "unknown"
    assert pd.isna(row["decision_cost"])


def test_where_profit_is_unknown_so_is_the_cost_and_it_is_said():
    own = plan(B=200).assign(expected_profit=float("nan"))
    now = plan(B=50).assign(expected_profit=float("nan"))
    row = worth(decisions(("B", "units", 50, None)), own, now)
    assert pd.isna(row["decision_cost"])
    assert "unknown" in tell_reason(row["reason"], "en")


def test_the_plan_says_who_decided_when_how_many_and_at_what_cost_and_no_more_largest_profit():
    made = decisions(("A", "units", 60, "2026-09-15"))
    found = decision_worth(made, plan(A=200, B=10), plan(A=60, B=10), GOODS, scope=SCOPE)
    reasons = with_reasons(plan(A=60, B=10), found).set_index("sku")["reason"]
    told = tell_reason(reasons["A"], "en")
    for fact in ("Li", "2026-09-15", "60 units", "200", "THB 1,400", "minimum order of 100"):
        assert fact in told
    assert "Largest expected profit" not in told
    assert "少赚 THB 1,400" in tell_reason(reasons["A"], "zh")
    assert reasons["B"] == "reason.by_profit"


def test_what_limits_say_of_a_decided_sku_stays_behind_the_decision():
    now = plan(A=120).assign(reason="reason.fixed_cut|wanted=150;reason.several_ways")
    made = decisions(("A", "units", 150, None))
    found = decision_worth(made, plan(A=200), now, GOODS, scope=SCOPE)
    reason = with_reasons(now, found)["reason"].iloc[0]
    assert reason.startswith("reason.decided_units|owner=Li")
    assert reason.endswith("reason.fixed_cut|wanted=150;reason.several_ways")


def test_a_name_with_marks_of_a_reason_in_it_breaks_nothing():
    made = decisions(("A", "drop", None, None)).assign(owner="Li|x=1;reason.by_profit")
    row = worth(made, plan(A=200), plan(A=0))
    assert tell_reason(row["reason"], "en").startswith("Dropped by Li/x=1,reason.by_profit")


def test_a_whole_plan_follows_what_is_due_says_so_and_leaves_what_is_dated_later():
    """MUG gets fewer units than the plan wants, FAN is dropped a day after the planning day."""
    made = decisions(("MUG", "units", 20, "2026-09-18"), ("FAN", "drop", None, "2026-09-21"))
    whole = whole_plan(known_goods(decisions=made))
    own = plain().plan.plan.set_index("sku")
    plan, worth = (frame.set_index("sku") for frame in (whole.plan.plan, whole.plan.decided))
    assert worth["state"].to_dict() == {"MUG": "followed", "FAN": "waits"}
    assert worth.loc["MUG", "own_units"] == own.loc["MUG", "order_units"]
    gap = own.loc["MUG", "expected_profit"] - plan.loc["MUG", "expected_profit"]
    assert worth.loc["MUG", "decision_cost"] == pytest.approx(gap)
    assert gap > 0
    assert "Decided by Li (2026-09-18)" in tell_reason(plan.loc["MUG", "reason"], "en")
    assert "2026-09-21" in tell_reason(plan.loc["FAN", "reason"], "en")
