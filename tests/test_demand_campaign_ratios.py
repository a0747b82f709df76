"""What one campaign leaves as ratios: sums by cell, nothing that nobody told."""

from collections.abc import Sequence

import pandas as pd
import pytest
from season_case import a_scope

from planner import tables
from planner.demand.campaign_ratios import Seen, campaign_ratios

SCOPE = a_scope(seen_from="2025-12-20")
BOUNDS = pd.DataFrame({"rule": ["price_band"], "low": [0.67], "high": [1.5]})


def a_line(sku: str, units: int, back: int, **changed: object) -> dict[str, object]:
    plain = {
        "shop": "th-one", "market": "TH", "sku": sku, "units": units, "returned_units": back,
        "returned_from": "orders" if back else "", "status": "completed", "is_demand": True,
        "ordered_at": pd.Timestamp("2025-11-11 09:00"),
    }  # fmt: skip
    return plain | changed


def a_shipment(name: str, **days: str) -> dict[str, object]:
    told = {"shipped_on": "", "arrived_on": "", "shelf_on": ""} | days
    days = {name: pd.Timestamp(day) if day else pd.NaT for name, day in told.items()}
    return {"shipment": name, "sku": "a", "warehouse": "th-house", "mode": "sea"} | days


def seen(
    *, lines: Sequence[dict[str, object]] = (), shipments: Sequence[dict[str, object]] = ()
) -> Seen:
    lanes = pd.DataFrame({"market": ["TH"], "mode": ["sea"], "typical_days": [10.0]})
    return Seen(
        learnt=tables.empty(tables.UpliftMemory),
        daily=tables.empty(tables.DailySales),
        baseline=tables.empty(tables.BaselineDaily),
        lines=pd.DataFrame(lines or [a_line("a", 1, 0)]).iloc[0 if lines else 1 :],
        shipments=pd.DataFrame(shipments or [a_shipment("x")]),
        lanes=lanes,
        stages=pd.DataFrame({"market": ["TH"], "mode": ["sea"], "added_days": [2.0]}),
        return_rates=pd.DataFrame({"market": ["TH"], "category": ["any"], "lag_days": [14.0]}),
        catalogue=pd.DataFrame({"sku": ["a", "b"], "category": ["home", "beauty"]}),
        bounds=BOUNDS,
    )


def cells(known: Seen, memory: str) -> pd.DataFrame:
    found = campaign_ratios(known, scope=SCOPE)
    return found[found["memory"] == memory]


def test_units_back_are_held_against_units_sold_in_the_campaign_by_category():
    lines = [
        a_line("a", 8, 1), a_line("a", 12, 2), a_line("b", 5, 0),
        a_line("a", 50, 50, ordered_at=pd.Timestamp("2025-10-01")),  # before the campaign
        a_line("a", 50, 50, status="cancelled"),
    ]  # fmt: skip
    found = cells(seen(lines=lines), "returns").set_index("category")
    assert found["actual_sum"].to_dict() == {"home": 3.0, "beauty": 0.0}
    assert found["expected_sum"].to_dict() == {"home": 20.0, "beauty": 5.0}
    assert (found["seller"] + found["campaign"] == "demo" + "eleven").all()


def test_a_shop_whose_exports_tell_of_no_return_tells_nothing():
    silent = [a_line("a", 30, 0), a_line("a", 10, 1, shop="th-two")]
    assert cells(seen(lines=silent), "returns")["expected_sum"].tolist() == [10.0]
    assert cells(seen(lines=silent[:1]), "returns").empty


def test_units_that_may_still_come_back_are_left_out():
    late = a_scope(seen_from="2025-11-20")
    lines = [
        a_line("a", 8, 1, ordered_at=pd.Timestamp("2025-11-05 23:00")),  # 14 days are over
        a_line("a", 90, 0, ordered_at=pd.Timestamp("2025-11-06 00:10")),
    ]
    found = campaign_ratios(seen(lines=lines), scope=late)
    assert found["expected_sum"].tolist() == [8.0]


def test_days_of_trips_are_held_against_lane_and_season_once_a_shipment():
    trips = [
        a_shipment("s1", shipped_on="2025-10-01", arrived_on="2025-10-16"),
        a_shipment("s1", shipped_on="2025-10-01", arrived_on="2025-10-16") | {"sku": "b"},
        a_shipment("s2", shipped_on="2025-10-02", arrived_on="2025-10-11"),
        a_shipment("s3", shipped_on="2025-10-02"),
        a_shipment("s4", shipped_on="2025-12-10", arrived_on="2025-12-21"),  # after the review
    ]
    row = cells(seen(shipments=trips), "lead").iloc[0]
    # 15 and 9 days of 10 + 2 planned each
    assert (row["actual_sum"], row["expected_sum"], row["n_skus"]) == (24.0, 24.0, 2)
    assert (row["mode"], row["place"], row["market"]) == ("sea", "trip", "TH")


def test_days_from_dock_to_shelf_are_told_by_kind_of_warehouse():
    there = [
        a_shipment("s1", shipped_on="2025-10-01", arrived_on="2025-10-10", shelf_on="2025-10-14"),
        a_shipment("s2", shipped_on="2025-10-01", arrived_on="2025-10-10", shelf_on="2025-10-19"),
        a_shipment("s3", shipped_on="2025-10-01", arrived_on="2025-10-10"),
    ]
    row = cells(seen(shipments=there), "receiving").iloc[0]
    assert (row["actual_sum"], row["expected_sum"], row["place"]) == (13.0, 2.0, "third_party")


def test_uplift_is_summed_over_skus_by_price_band_and_days_by_their_place():
    learnt = pd.DataFrame(
        {
            "seller": "demo", "shop": "th-one", "market": "TH", "category": "home",
            "sku": list("abcd"), "campaign": "eleven", "event": "11.11", "kind": "double_date",
            "phase": "sale", "ended_on": pd.Timestamp("2025-11-14"), "uplift_ratio": 2.0,
            "expected_units": [10.0, 20.0, 30.0, 40.0], "actual_units": [20.0, 60.0, 60.0, 40.0],
        }
    )  # fmt: skip
    goods = pd.DataFrame({"sku": list("abcd"), "category": "home", "price": [5.0, 10, 10, 30]})
    days = pd.date_range("2025-11-11", "2025-11-14", unit="us")
    key = {"shop": "th-one", "market": "TH", "sku": "a"}
    daily = pd.DataFrame({**key, "day": days, "units": [40, 20, 20, 20], "is_stock_out": False})
    base = pd.DataFrame({**key, "day": days, "is_future": True, "baseline_units": 10.0})
    known = seen()._replace(learnt=learnt, daily=daily, baseline=base, catalogue=goods)
    uplift = cells(known, "uplift").set_index("price_band")
    assert uplift["actual_sum"].to_dict() == {"low": 20.0, "middle": 120.0, "high": 40.0}
    assert uplift["expected_sum"].to_dict() == {"low": 10.0, "middle": 50.0, "high": 40.0}
    day = cells(known, "phase_day").set_index("place")
    # 25 a day is even: the first day sold 1.6 of it
    ratio = day["actual_sum"] / day["expected_sum"]
    assert ratio.to_dict() == pytest.approx(
        {"start_1": 1.6, "start_2": 0.8, "start_3": 0.8, "start_4": 0.8, "end_1": 0.8, "end_2": 0.8}
    )
