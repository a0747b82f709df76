"""Shipments against plan: what is late, when goods are there now, what that costs."""

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope
from track_case import coming, economics, fixed_rest, shelf

from planner import tables
from planner.season.acting.milestones import as_expected, milestone_delays
from planner.season.stock.cover import cover_hours

SCOPE = a_scope(seen_from="2025-11-12")
CHAIN = {
    "production": ("2025-10-20", "2025-10-30"), "pickup": ("2025-10-30", "2025-11-01"),
    "line_haul": ("2025-11-01", "2025-11-08"), "truck": ("2025-11-08", "2025-11-10"),
    "receiving": ("2025-11-10", "2025-11-14"),
}  # fmt: skip


def stages() -> pd.DataFrame:
    rows = [
        (stage, place, pd.Timestamp(start), pd.Timestamp(end))
        for place, (stage, (start, end)) in enumerate(CHAIN.items())
    ]
    frame = pd.DataFrame(rows, columns=["stage", "place", "starts_on", "ends_on"])
    days = dict.fromkeys(("min_days", "typical_days", "max_days", "added_days"), 1.0)
    frame = frame.assign(market="TH", mode="sea", reason="", source="", **days)
    dates = {name: "datetime64[us]" for name in ("starts_on", "ends_on")}
    return tables.checked(tables.StageDays, frame.astype(dates))


def shipment(**changes) -> pd.DataFrame:
    row = {
        "shipment": "s1", "sku": "a", "warehouse": "th-house", "mode": "sea", "units": 60,
        "shipped_on": pd.Timestamp("2025-10-30"), "due_on": pd.NaT, "arrived_on": pd.NaT,
        "shelf_on": pd.NaT, "received_units": pd.NA,
    } | changes  # fmt: skip
    named = dict.fromkeys(tables.columns(tables.Shipments), "")
    frame = pd.DataFrame([named | row])
    frame["received_units"] = frame["received_units"].astype("Int64")
    for name in ("shipped_on", "due_on", "arrived_on", "shelf_on"):
        frame[name] = frame[name].astype("datetime64[us]")
    return tables.checked(tables.Shipments, frame)


def way(lead_days: float, landed: float) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "a", "mode": "air", "is_allowed": True, "lead_days": lead_days,
        "on_time_rate": 0.9, "late_days": 2.0, "unit_freight_cost": 8.0,
        "unit_surcharge_cost": 0.0, "landed_cost": landed, "missing": "", "reason": "",
        "currency": "CNY",
    }  # fmt: skip
    row |= dict.fromkeys(("produce_by", "ship_by", "shelf_by"), pd.Timestamp("2025-10-30"))
    frame = pd.DataFrame([row])
    dates = {name: "datetime64[us]" for name in ("produce_by", "ship_by", "shelf_by")}
    return tables.checked(tables.SkuWays, frame.astype(dates))


def delays(sent, *, ways=None, seen=None, stock=20.0, arriving=None, rest=True):
    return milestone_delays(
        sent, stages(), [fixed_rest([10.0] * 9)] if rest else [], shelf(stock),
        coming() if arriving is None else arriving, economics(),
        tables.empty(tables.SkuWays) if ways is None else ways, scope=SCOPE, seen_stages=seen,
    ).set_index("stage")  # fmt: skip


def test_a_shipment_that_left_on_its_day_and_is_overdue_is_as_late_as_today_shows():
    told = delays(shipment())
    assert told.loc["production", "late_days"] == 0
    assert told.loc["production", "is_over"]
    # The truck was planned for the 10th: two days over, yet line haul before it may hold the goods.
    assert np.isnan(told.loc["truck", "late_days"])
    assert not told.loc["truck", "is_over"]
    assert told.loc["truck", "expected_shelf_on"] == pd.Timestamp("2025-11-16")
    assert np.isnan(told.loc["receiving", "late_days"])  # planned for the 14th: not yet late


def test_a_shipment_that_left_late_is_expected_as_much_later():
    told = delays(shipment(shipped_on=pd.Timestamp("2025-11-04")))
    assert told.loc["production", "late_days"] == 5
    assert told["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-19")
    assert told["reason"].iloc[0].startswith("reason.milestone_late|days=5")


def test_goods_that_arrived_count_from_their_arrival():
    told = delays(shipment(arrived_on=pd.Timestamp("2025-11-11")))
    assert told.loc["truck", "late_days"] == 1
    assert told["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-15")
    assert told["faster_mode"].iloc[0] == ""


def test_a_date_on_the_looking_day_or_later_is_not_known():
    told = delays(shipment(arrived_on=pd.Timestamp("2025-11-12")))
    assert pd.isna(told.loc["truck", "actual_on"])


def test_the_due_day_of_a_shipment_moves_its_whole_plan():
    told = delays(shipment(due_on=pd.Timestamp("2025-11-15")))
    assert told["planned_shelf_on"].iloc[0] == pd.Timestamp("2025-11-19")


def test_what_a_tracking_page_told_counts_for_its_stage():
    seen = pd.DataFrame({"shipment": ["s1"], "stage": ["line_haul"]})
    seen["ended_on"] = pd.Timestamp("2025-11-11")
    told = delays(shipment(), seen=seen)
    assert told.loc["line_haul", "late_days"] == 3
    assert told.loc["pickup", "is_over"]
    assert pd.isna(told.loc["pickup", "actual_on"])
    assert told["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-17")


def test_a_stage_behind_an_open_one_is_not_called_late_and_the_shelf_day_is_as_late():
    seen = pd.DataFrame({"shipment": ["s1"], "stage": ["pickup"]})
    seen["ended_on"] = pd.Timestamp("2025-11-01")
    told = delays(shipment(), seen=seen)
    assert told.loc["pickup", "late_days"] == 0
    assert told.loc["line_haul", "late_days"] == 4  # planned for the 8th, looked at on the 12th
    assert np.isnan(told.loc["truck", "late_days"])
    assert told["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-18")
    told = delays(shipment(), seen=seen.assign(stage="line_haul"))
    assert told.loc["truck", "late_days"] == 2  # planned for the 10th; all before it are over


def test_lateness_costs_what_goes_unserved_meanwhile():
    told = delays(shipment(units=100)).iloc[0]  # 20 last two days; there on the 16th, not the 14th
    assert told["lost_units"] == pytest.approx(20)
    assert told["lost_profit"] == pytest.approx(20 * (80 - 10))


def test_a_later_day_that_a_stock_count_announces_for_the_same_units_is_believed():
    told = delays(shipment(units=100), arriving=coming("2025-11-25", 100))
    assert told["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-25")
    other = delays(shipment(units=100), arriving=coming("2025-11-25", 40))
    assert other["expected_shelf_on"].iloc[0] == pd.Timestamp("2025-11-16")


def test_goods_already_counted_as_coming_are_not_counted_twice():
    told = delays(shipment(units=100), arriving=coming("2025-11-14", 100)).iloc[0]
    assert told["lost_units"] == pytest.approx(20)


def test_a_faster_way_is_told_with_what_it_wins_and_refused_where_it_costs_more():
    sent = shipment(units=100, shipped_on=pd.Timestamp("2025-11-04"))  # there on the 19th
    wins = delays(sent, ways=way(1.0, 50.0)).iloc[0]  # 1 day and 4 of receiving: the 17th
    assert wins["faster_mode"] == "air"
    assert wins["faster_shelf_on"] == pd.Timestamp("2025-11-17")
    assert wins["faster_profit"] == pytest.approx(20 * 70 - 20 * (50 - 10))
    dear = delays(sent, ways=way(1.0, 90.0)).iloc[0]
    assert dear["faster_profit"] < 0
    assert "reason.milestone_faster_not_worth" in dear["reason"]
    slow = delays(sent, ways=way(9.0, 50.0)).iloc[0]
    assert slow["reason"].endswith("reason.milestone_no_faster")


def test_what_lateness_costs_is_what_the_empty_shelf_loses():
    # 20 last two days; 100 were to come on the 14th and come on the 25th, after the event.
    announced = coming("2025-11-25", 100)
    late = delays(shipment(units=100), arriving=announced).iloc[0]
    lost = cover_hours(
        [fixed_rest([10.0] * 9)], shelf(20.0), announced, scope=SCOPE,
        hours=tables.empty(tables.HourProfile), economics=economics(),
    ).iloc[0]  # fmt: skip
    assert late["lost_units"] == lost["lost_units"] == pytest.approx(70)
    assert late["lost_profit"] == lost["lost_profit"] == pytest.approx(70 * (80 - 10))


def test_without_demand_to_come_what_lateness_costs_is_unknown():
    told = delays(shipment(), rest=False).iloc[0]
    assert np.isnan(told["lost_units"])
    assert told["late_days"] >= 0


def expected(announced: pd.DataFrame, **changes) -> list[tuple[str, float]]:
    """What comes when, of a shipment of 60 that is expected on the shelf on the 19th."""
    sent = shipment(**({"shipped_on": pd.Timestamp("2025-11-04")} | changes))
    told = as_expected(announced, delays(sent).reset_index())
    return [(f"{row.day:%m-%d}", float(row.units)) for row in told.itertuples()]


def test_goods_on_their_way_come_on_the_day_now_expected_and_not_as_announced():
    assert expected(coming("2025-11-14", 60)) == [("11-19", 60)]
    assert expected(coming("2025-11-14", 100)) == [("11-14", 40), ("11-19", 60)]
    assert expected(coming("2025-11-14", 45)) == [("11-19", 45)]
    both = pd.concat([coming("2025-11-13", 25), coming("2025-11-15", 60)])
    assert expected(both) == [("11-13", 25), ("11-19", 60)]


def test_a_later_day_that_a_count_announces_stays():
    assert expected(coming("2025-11-25", 60)) == [("11-25", 60)]
    assert expected(coming("2025-11-25", 45)) == [("11-25", 45)]


def test_a_shipment_that_no_count_announces_comes_all_the_same():
    assert expected(coming()) == [("11-19", 60)]


def test_goods_that_have_arrived_come_as_their_warehouse_says():
    arrived = pd.Timestamp("2025-11-11")
    assert expected(coming("2025-11-13", 60), arrived_on=arrived) == [("11-13", 60)]
    assert expected(coming(), arrived_on=arrived) == []
