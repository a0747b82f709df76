"""The selection meeting: order of SKUs, and decisions that are read back."""

import pandas as pd

from planner import tables
from planner.pages.reasons import tell_reason
from planner.supply.decisions.meeting import decided_units, meeting_sheet

KEYS = ["market", "sku"]
DAY = pd.Timestamp("2025-10-01")


def plan() -> pd.DataFrame:
    rows = [("A", 100.0, 10, False), ("B", 900.0, 20, False), ("C", 500.0, 0, True),
            ("D", 700.0, 30, False)]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["sku", "expected_profit", "order_units", "is_blocked"])
    return frame.assign(available_units=0, market="US", grade="B", currency="USD")


def ways() -> pd.DataFrame:
    rows = [(sku, mode, cost) for sku in "ABD" for mode, cost in (("sea", 4.0), ("air", 9.0))]
    frame = pd.DataFrame(rows, columns=["sku", "mode", "landed_cost"])
    frame = frame.assign(market="US", is_allowed=True, ship_by=DAY, on_time_rate=0.9)
    return frame.assign(lead_days=30.0, unit_freight_cost=1.0, missing="")


def gates() -> pd.DataFrame:
    return pd.DataFrame(
        [{"market": "US", "sku": "B", "blocks": "ship", "reason": "gate.hs_missing"}]
    )


def locks() -> pd.DataFrame:
    days = "reason.lock_days|first=2025-11-26|last=2025-12-01|units=16"
    rows = [("A", "cap", f"reason.lock_cap|units=5|asked=9;{days}"),
            ("D", "refuse", f"reason.lock_refuse|loss=2|currency=USD;{days}"),
            ("C", "refuse", f"reason.lock_refuse|loss=2|currency=USD;{days}")]  # fmt: skip
    return pd.DataFrame(rows, columns=["sku", "advice", "reason"]).assign(market="US")


def decisions(*rows: tuple) -> pd.DataFrame:
    names = ["market", "sku", "decision", "units", "owner", "note", "decided_on"]
    frame = pd.DataFrame(rows, columns=names).astype({"units": "Int64"})
    frame["decided_on"] = pd.to_datetime(frame["decided_on"]).astype("datetime64[us]")
    texts = ["market", "sku", "decision", "owner", "note"]
    return tables.checked(tables.Decisions, frame.astype(dict.fromkeys(texts, "str")))


def sheet(*rows: tuple) -> pd.DataFrame:
    return meeting_sheet(plan(), ways(), gates(), locks(), decisions(*rows)).set_index("sku")


def test_what_can_be_shipped_comes_first_then_what_waits_then_what_is_blocked():
    assert list(sheet().index) == ["D", "A", "B", "C"]
    assert sheet()["rank"].tolist() == [1, 2, 3, 4]


def test_each_sku_says_how_it_gets_there_or_why_not():
    told = sheet()["feasibility"]
    assert told["A"] == "feasible.by|mode=sea|ship_by=2025-10-01|chance=0.9"
    assert told["B"] == "gate.hs_missing"
    assert told["C"] == "reason.too_late_for_all"


def test_a_sku_that_nothing_is_ordered_of_is_told_no_ship_to_catch():
    held = plan().assign(order_units=0, available_units=[7, 0, 0, 0])
    sheet = meeting_sheet(held, ways(), gates(), locks(), tables.empty(tables.Decisions))
    told = sheet.set_index("sku")["feasibility"]
    assert told["A"] == "feasible.at_hand"
    assert told["D"] == "feasible.no_order"


def test_the_advice_of_the_price_lock_stands_beside_and_is_unknown_without_one():
    assert sheet()["advice"].to_dict() == {
        "D": "advice.refuse", "A": "advice.cap", "B": "advice.unknown", "C": "advice.refuse",
    }  # fmt: skip


def test_an_order_whose_registration_is_advised_against_tells_the_units_of_the_sale_in_it():
    told = sheet()["feasibility"]
    assert told["D"].split(";")[1:] == ["feasible.unregistered|units=16"]
    assert "unregistered" not in told["C"]  # nothing is ordered of it
    assert tell_reason(told["D"], "en").endswith("settle it anew if it is not registered")


def test_a_decision_stands_beside_the_plans_own_figure():
    row = sheet(("US", "A", "units", 48, "Li", "pallet", None)).loc["A"]
    assert (row["order_units"], row["decided_units"], row["owner"]) == (10, 48, "Li")


def test_stopped_skus_get_nothing_and_pushed_ones_what_the_plan_says():
    found = decided_units(
        decisions(
            ("US", "A", "units", 48, "Li", "", None), ("US", "B", "hold", None, "Li", "", None),
            ("US", "C", "drop", None, "Li", "", None), ("US", "D", "push", None, "Li", "", None),
        )
    )  # fmt: skip
    assert found.to_dict() == {("US", "A"): 48, ("US", "B"): 0, ("US", "C"): 0}


def test_the_way_shown_is_the_one_that_most_of_the_order_takes():
    lines = pd.DataFrame(
        [("US", "D", "sea", 10), ("US", "D", "air", 15), ("US", "D", "air", 5)],
        columns=[*KEYS, "mode", "units"],
    )
    given = (plan(), ways(), gates(), locks(), decisions())
    told = meeting_sheet(*given, mode_plan=lines).set_index("sku")["feasibility"]
    assert told["D"].startswith("feasible.by|mode=air")
    assert told["A"].startswith("feasible.by|mode=sea")


def test_without_an_order_a_way_of_unknown_cost_is_not_shown_as_the_best():
    rows = ways()
    rows.loc[rows["mode"] == "sea", "missing"] = "cost.surcharge"
    told = meeting_sheet(plan(), rows, gates(), locks(), decisions()).set_index("sku")
    assert told.loc["D", "feasibility"].startswith("feasible.by|mode=air")
