"""What a person's change was worth in money, worked by hand on one SKU of 300 wanted."""

from datetime import date

import pandas as pd
import pytest
from happened_case import PLANNED, SCOPE, happened, plan_row
from season_case import draws, forecast_of

from planner import tables
from planner.demand.overrides import apply_overrides
from planner.season.replays.course import campaign_course
from planner.season.replays.override_value import override_value, owner_totals

BLANK = dict.fromkeys(("shop", "market", "category", "sku", "phase"), "")
CATALOGUE = pd.DataFrame({"sku": ["a"], "category": ["home"]})
NO_DECISION = tables.empty(tables.Decisions)


def changed(*rows: dict[str, object], model: dict[str, float]):
    """Effects and forecast of overrides over a model that foresaw `model`."""
    blank = BLANK | {"owner": "Li", "reason": "x", "expires_on": pd.Timestamp("2026-01-31")}
    frame = pd.DataFrame([blank | {"row": n} | row for n, row in enumerate(rows, 2)])
    frame = tables.checked(tables.Overrides, frame.astype({"amount": float}))
    alone = draws("a", model)
    done = apply_overrides(alone, frame, as_of={"TH": date(2025, 10, 22)}, catalogue=CATALOGUE)
    forecast = forecast_of(done.draws).assign(model_mean_units=forecast_of(alone)["mean_units"])
    return done.effects, forecast


def valued(effects, forecast, **changes: object):
    tables_of = happened(forecast=forecast, **changes)
    got = campaign_course(tables_of, scope=SCOPE)
    return override_value(tables_of, got, effects, currency="CNY")


HALF = {name: units / 2 for name, units in PLANNED.items()}


def test_an_override_that_doubled_a_model_half_too_low_earned_the_sales_it_saved():
    double = {"sku": "a", "kind": "ratio", "amount": 2, "change": "*2"}
    row = valued(*changed(double, model=HALF)).iloc[0]
    assert row[["without_units", "planned_units"]].tolist() == [150, 300]
    # 150 more sold at a margin of 8.
    assert row["value_profit"] == pytest.approx(150 * 8)
    assert row["is_helped"]


def test_two_changes_that_only_help_together_share_the_help():
    # The model needs 150; *2 alone 300, +150 alone 300, both 450 for 300 wanted.
    rows = (
        {"sku": "a", "kind": "ratio", "amount": 2, "change": "*2", "owner": "Li"},
        {"sku": "a", "kind": "added_units", "amount": 150, "change": "+150", "owner": "Wu"},
    )
    plan = plan_row("a", target_units=450.0, needed_units=450.0, order_units=450)
    effects, forecast = changed(*rows, model=HALF)
    counted = happened().stock_history
    came = counted["day"] >= "2025-10-30"
    more = counted.assign(units=counted["units"].where(~came, counted["units"] + 150))
    found = valued(effects, forecast, plan=plan, history=more).set_index("owner")
    # Either alone earns 150 * 8 = 1200; the second only adds 150 left over at 8 - 4.
    gain, waste = 150 * 8, -150 * 4
    assert found["value_profit"].tolist() == [(gain + waste) / 2] * 2
    totals = owner_totals(found.reset_index())
    assert totals["value_profit"].sum() == gain + waste


def test_a_decision_of_the_meeting_is_valued_with_its_owner():
    decided = pd.DataFrame(
        {"market": ["TH"], "sku": ["a"], "decision": ["units"], "units": pd.array([300], "Int64"),
         "owner": ["Shen"], "note": [""], "decided_on": [pd.NaT]}
    )  # fmt: skip
    plan = plan_row("a", target_units=200.0, needed_units=200.0, order_units=300)
    effects = tables.empty(tables.OverrideEffects)
    row = valued(effects, forecast_of(draws("a", PLANNED)), plan=plan, decisions=decided).iloc[0]
    assert row[["source", "change", "owner"]].tolist() == ["decision", "=300", "Shen"]
    assert row[["without_units", "planned_units"]].tolist() == [200, 300]
    assert row["value_profit"] == pytest.approx(100 * 8)


def test_without_a_decision_stands_the_order_that_the_plan_told_of_itself():
    # The plan needed 60.3 in tens and, as one ten more would not pay, ordered 60 of its own.
    decided = pd.DataFrame(
        {"market": ["TH"], "sku": ["a"], "decision": ["units"], "units": pd.array([300], "Int64"),
         "owner": ["Shen"], "note": [""], "decided_on": [pd.NaT]}
    )  # fmt: skip
    said = "reason.decided_units|owner=Shen|decided_on=|units=300|own=60|cost=9"
    plan = plan_row("a", target_units=60.3, needed_units=60.3, order_units=300, reason=said)
    effects = tables.empty(tables.OverrideEffects)
    row = valued(effects, forecast_of(draws("a", PLANNED)), plan=plan, decisions=decided).iloc[0]
    assert row[["without_units", "planned_units"]].tolist() == [60, 300]
    assert row["value_profit"] == pytest.approx(240 * 8)


def test_a_change_that_nobody_acted_on_is_worth_nothing_and_says_so():
    double = {"sku": "a", "kind": "ratio", "amount": 2, "change": "*2"}
    plan = plan_row("a", target_units=600.0, needed_units=600.0, order_units=600)
    row = valued(*changed(double, model=PLANNED), plan=plan).iloc[0]
    assert row["value_profit"] == 0
    assert pd.isna(row["is_helped"])
    # The plan asked for 600 with the change and 300 without it; 300 came.
    assert row[["without_units", "planned_units"]].tolist() == [300, 600]
    assert row["reason"] == "reason.override_not_followed|sent=300"


def test_a_percentage_is_a_ratio_and_a_category_touches_its_skus():
    more = {"category": "home", "kind": "ratio", "amount": 2, "change": "+100%"}
    row = valued(*changed(more, model=HALF)).iloc[0]
    assert row["value_profit"] == pytest.approx(150 * 8)


def test_without_a_change_there_is_nothing_to_value():
    none = tables.empty(tables.OverrideEffects)
    assert valued(none, forecast_of(draws("a", PLANNED))).empty
