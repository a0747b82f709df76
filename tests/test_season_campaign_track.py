"""The composition of notebook 04 on a small seller, each part by hand."""

import numpy as np
import pandas as pd
import pytest
import seen_case as case
from season_case import stock
from test_season_milestones import shipment, stages

from planner import tables


@pytest.fixture(scope="module")
def on_plan():
    return case.on_plan()


def test_every_part_keeps_its_contract(on_plan):
    kinds = {
        "days": tables.TrackDaily, "status": tables.TrackStatus, "rest": tables.RestOfEvent,
        "totals": tables.RestTotals, "curve": tables.EventCurve, "ranges": tables.RangeChecks,
        "cover": tables.CoverHours, "choices": tables.ActionChoices,
        "first": tables.ActionChoices, "sessions": tables.SessionStock,
        "stages": tables.StockStages, "receipts": tables.Receipts, "checks": tables.StockCheck,
        "partitions": tables.PartitionUse, "delays": tables.MilestoneDelays,
        "daily": tables.DailyCheck,
    }  # fmt: skip
    assert set(kinds) == set(on_plan._fields)
    for name, kind in kinds.items():
        tables.checked(kind, getattr(on_plan, name))


def test_sales_to_date_and_the_rest_are_those_of_the_market(on_plan):
    # 100 in the warm-up and 40 of the sale were planned and sold; two days of sale and the tail
    # are to come: 40 + 60.
    row = on_plan.totals.iloc[0]
    assert (row["sold_units"], row["planned_to_date"]) == (140, pytest.approx(140))
    assert row["planned_rest_units"] == pytest.approx(100, rel=0.03)
    assert row["rest_q10_units"] < 100 < row["rest_q90_units"]


def test_the_curve_ends_with_what_is_sold_and_expected(on_plan):
    last = on_plan.curve.iloc[-1]
    assert last["day"] == pd.Timestamp("2025-11-20")
    assert last["planned_units"] == pytest.approx(240)
    totals = on_plan.totals.iloc[0]
    assert last["mid_units"] == pytest.approx(140 + totals["rest_q50_units"], abs=1)
    assert np.isnan(last["sold_units"])
    over = on_plan.curve[on_plan.curve["day"] < "2025-11-13"]
    assert over["high_units"].isna().all()


def test_a_shelf_that_ends_early_costs_what_the_missed_units_earn(on_plan):
    # 60 units against about 100 to come, each missed one worth 20 - 4 - 8.
    row = on_plan.cover.iloc[0]
    assert row["stock_out_rate"] > 0.9
    assert row["lost_units"] == pytest.approx(40, abs=6)
    assert row["lost_profit"] == pytest.approx(8 * row["lost_units"])


def test_the_first_action_is_the_one_worth_most_and_still_in_time(on_plan):
    assert on_plan.first["action"].tolist() == ["cap_ads"]
    assert (on_plan.first["last_useful_at"] >= on_plan.first["looking_at"]).all()
    best = on_plan.choices[on_plan.choices["is_open"]]["value_profit"].max()
    assert on_plan.first["value_profit"].iloc[0] == best


def test_enough_stock_leaves_nothing_to_do():
    safe = case.tracked(held=400)
    assert safe.cover["lost_profit"].iloc[0] == 0
    assert not (safe.first["action"] == "cap_ads").any()


def test_before_the_campaign_there_is_a_status_and_no_rest():
    early = case.early()
    assert early.totals.empty
    assert early.choices.empty
    assert early.status["reason"].str.startswith("reason.track_not_started").all()


def test_the_same_inputs_give_the_same_tables(on_plan):
    again = case.tracked()
    for name in on_plan._fields:
        pd.testing.assert_frame_equal(getattr(on_plan, name), getattr(again, name))


def test_a_live_session_gets_its_stock_told_and_is_short_where_the_shelf_is():
    live = pd.DataFrame({
        "shop": ["th-one"], "sku": ["a"], "starts_at": [pd.Timestamp("2025-11-16 20:00")],
        "hours": [2.0], "creator": [""], "expected_viewers": pd.array([pd.NA], dtype="Int64"),
        "ad_budget": [np.nan], "discount_rate": [np.nan],
    })  # fmt: skip
    level = pd.DataFrame({"rule": ["session_stock_level"], "low": [0.9], "high": [np.nan]})
    told = case.tracked(live_plan=live, bounds=level).sessions.iloc[0]
    # 13 to 16 November at 22:00: 20 + 20 + 10 + 10 x 22/24, and a tenth of worlds ask for more.
    assert told["session_units"] == pytest.approx(10 * 2 / 24, rel=0.25)
    assert told["session_need_units"] >= 61
    assert told["stock_units"] == 60
    # The shelf is empty before it begins: it is short of about what two hours sell.
    assert 1 <= told["short_units"] <= 2
    assert told["reason"] == "reason.session_short"


def test_an_unknown_cost_leaves_the_money_unknown_and_the_units_told():
    row = case.unpriced().cover.iloc[0]
    assert row["lost_units"] > 0
    assert np.isnan(row["lost_profit"])


def test_a_late_shipment_moves_the_day_on_which_every_other_table_counts_on_it():
    # 60 on the shelf last to 16 November; 100 are announced for the 15th. They left five days
    # late: on the shelf on the 19th, and the 17th and 18th, 10 a day, go unserved.
    held = stock(
        ("a", "on_hand", 60, None, case.LOOKING),
        ("a", "in_transit", 100, "2025-11-15", case.LOOKING),
    )
    late = shipment(units=100, shipped_on=pd.Timestamp("2025-11-04"))
    told = {"stock": held, "plan": case.plan(stages=stages())}
    announced, now = case.tracked(**told), case.tracked(**told, shipments=late)
    assert now.delays["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-19")
    assert announced.cover["lost_units"].iloc[0] < 3
    assert now.cover["lost_units"].iloc[0] == pytest.approx(20, abs=4)
    assert now.cover["coming_units"].iloc[0] == 100
    assert announced.status["runs_out_on"].isna().all()
    assert now.status["runs_out_on"].iloc[0] == pd.Timestamp("2025-11-17")
    assert now.choices["event_units"].max() > announced.choices["event_units"].fillna(0).max()
