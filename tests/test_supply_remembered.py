"""Returns, trips and days to the shelf: the seller's row, then memory, then the register."""

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope

from planner import tables
from planner.demand.shared_cells import shared_of
from planner.supply.remembered import Memory, remembered_rules

SCOPE = a_scope()
DATED = {
    "valid_from": pd.Timestamp("2020-01-01"), "valid_to": pd.NaT, "confidence": "low",
    "source": "an article", "as_of": pd.Timestamp("2025-01-01"),
}  # fmt: skip
NO_BANDS = pd.Series(dtype="str")


def register(kind: type[tables.Register], *rows: dict[str, object]) -> pd.DataFrame:
    frame = pd.DataFrame([DATED | row for row in rows]).astype({"valid_to": "datetime64[us]"})
    return tables.checked(kind, frame)


def rates(**changed: object) -> pd.DataFrame:
    row = {"market": "TH", "category": "any", "return_rate": 0.1, "lag_days": 14.0}
    return register(tables.ReturnRates, row | {"resale_rate": 0.7} | changed)


def own(**changed: object) -> pd.DataFrame:
    row = {
        "seller": "demo", "campaign": "sep", "memory": "returns", "kind": "", "phase": "",
        "place": "", "mode": "", "category": "home", "market": "TH", "price_band": "",
        "ended_on": pd.Timestamp("2025-09-30"), "actual_sum": 60.0, "expected_sum": 200.0,
        "n_skus": 5,
    }  # fmt: skip
    return tables.checked(tables.CampaignRatios, pd.DataFrame([row | changed]))


def cells(**changed: object) -> pd.DataFrame:
    row = {
        "campaign": "sep", "memory": "returns", "kind": "", "phase": "", "place": "", "mode": "",
        "category": "any", "market": "any", "price_band": "",
        "ended_on": pd.Timestamp("2025-09-30"), "cell_ratio": 0.3, "seller_log_sd": np.nan,
        "n_sellers": 4, "n_skus": 40,
    }  # fmt: skip
    return tables.checked(tables.SharedRatios, pd.DataFrame([row | changed]))


def told(
    frame: pd.DataFrame,
    kind: type[tables.Register],
    *,
    mine: pd.DataFrame | None = None,
    others: pd.DataFrame | None = None,
) -> pd.DataFrame:
    nothing = tables.empty(tables.CampaignRatios)
    shared = shared_of(tables.empty(tables.SharedRatios) if others is None else others, NO_BANDS)
    memory = Memory(nothing if mine is None else mine, shared)
    return remembered_rules(frame, kind, memory, scope=SCOPE, goods=["home", "beauty"])


def test_without_memory_the_register_comes_back_as_it_is():
    pd.testing.assert_frame_equal(told(rates(), tables.ReturnRates), rates())


def test_the_sellers_own_returns_are_weighed_against_the_register_and_named():
    found = told(rates(), tables.ReturnRates, mine=own()).set_index("category")
    # 60 of 200 back, and 200 units at the register's tenth
    assert found.loc["home", "return_rate"] == pytest.approx(80 / 400)
    assert found.loc["home", "source"] == "memory of sep: 60 over 200, 5 SKUs"
    assert found.loc["home", "confidence"] == "measured"
    assert found.loc["home", ["lag_days", "resale_rate"]].tolist() == [14.0, 0.7]
    assert found.loc["any", "return_rate"] == 0.1
    assert "beauty" not in found.index


def test_other_sellers_stand_between_own_returns_and_the_register():
    found = told(rates(), tables.ReturnRates, others=cells()).set_index("category")
    # .35^2 = .1225 of the register against .3^2 / 4 + .15^2 = .045
    weight = 0.1225 / 0.1675
    expected = np.exp(weight * np.log(0.3) + (1 - weight) * np.log(0.1))
    assert found.loc["beauty", "return_rate"] == pytest.approx(expected)
    assert found.loc["beauty", "source"] == "memory of at least 4 sellers: 40 SKUs, 1 campaigns"
    both = told(rates(), tables.ReturnRates, mine=own(), others=cells()).set_index("category")
    assert both.loc["home", "return_rate"] == pytest.approx((60 + 200 * expected) / 400)
    assert both.loc["home", "source"].count("memory of") == 2


def test_a_row_of_the_sellers_own_is_never_replaced():
    written = rates(source="seller: our own count")
    pd.testing.assert_frame_equal(
        told(written, tables.ReturnRates, mine=own(), others=cells()), written
    )


def test_days_of_a_trip_follow_what_trips_took_and_its_longest_are_not_shortened():
    lane = {
        "market": "TH", "mode": "sea", "origin": "CN", "min_days": 8.0, "typical_days": 10.0,
        "max_days": 14.0, "low_rate": 1.0, "high_rate": 2.0, "currency": "USD",
        "rate_unit": "cbm", "cbm_divisor_kg": 500.0, "min_charge": 1.0,
    }  # fmt: skip
    lanes = register(tables.Lanes, lane, {**lane, "mode": "truck"})
    trips = {"memory": "lead", "mode": "sea", "place": "trip", "category": ""}
    slow = own(**trips, actual_sum=52.0, expected_sum=40.0)
    found = told(lanes, tables.Lanes, mine=slow).set_index("mode")
    # 52 days of 40 planned, and two trips as planned: 72 / 60
    assert found.loc["sea", "typical_days"] == pytest.approx(12.0)
    assert found.loc["sea", ["min_days", "max_days"]].tolist() == pytest.approx([8.0, 16.8])
    assert found.loc["truck", "typical_days"] == 10.0
    quick = own(**trips, actual_sum=28.0, expected_sum=40.0)
    found = told(lanes, tables.Lanes, mine=quick).set_index("mode")
    days = found.loc["sea", ["min_days", "typical_days", "max_days"]].tolist()
    assert days == pytest.approx([6.4, 8.0, 14.0])


def test_days_to_the_shelf_are_told_for_the_kind_of_warehouse_that_took_them():
    rule = {"market": "any", "kind": "third_party", "rule": "receiving_days", "value": 4.0}
    rows = register(tables.InboundRules, {**rule, "unit": "days"})
    there = own(
        memory="receiving", place="third_party", category="", actual_sum=18.0, expected_sum=2.0
    )
    found = told(rows, tables.InboundRules, mine=there).set_index("market")
    # nine days twice, and two shipments at four
    assert found["value"].to_dict() == pytest.approx({"TH": 6.5, "any": 4.0})
    assert found.loc["TH", "kind"] == "third_party"


def test_what_is_no_number_in_the_register_is_not_made_up_from_others():
    rule = {"market": "any", "kind": "third_party", "rule": "receiving_days", "value": np.nan}
    rows = register(tables.InboundRules, {**rule, "unit": "days"})
    others = cells(memory="receiving", place="third_party", category="", cell_ratio=5.0)
    pd.testing.assert_frame_equal(told(rows, tables.InboundRules, others=others), rows)
    there = own(
        memory="receiving", place="third_party", category="", actual_sum=18.0, expected_sum=2.0
    )
    assert told(rows, tables.InboundRules, mine=there)["value"].iloc[0] == 9.0
