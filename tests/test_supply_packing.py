"""Cartons, chargeable amounts and ship lines."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from hypothesis import given, settings
from hypothesis import strategies as st

from planner import tables
from planner.supply.charges.packing import (
    chargeable,
    choose_lanes,
    round_order,
    ship_lines,
    travel_flags,
)
from planner.supply.trips.lanes import chain_dates

GOODS = pd.DataFrame({"market": ["TH"], "sku": ["A"]})


def options(scope, lanes: pd.DataFrame | None = None) -> pd.DataFrame:
    known = case.lanes() if lanes is None else lanes
    return chain_dates(known, case.windows(), case.register(tables.Bounds), scope=scope)


def plan(**orders: int) -> pd.DataFrame:
    return pd.DataFrame({"market": "TH", "sku": list(orders), "order_units": list(orders.values())})


@pytest.mark.parametrize(
    ("units", "moq", "carton", "order"),
    [
        (101, 0, 24, 120),
        (100, 0, 25, 100),
        (3, 50, 24, 72),
        (0, 50, 24, 0),
        (7.2, pd.NA, pd.NA, 8),
        (100.0000000001, 0, 10, 100),
    ],
)
def test_an_order_covers_the_need_in_full_cartons(units, moq, carton, order: int):
    assert round_order([units], moq_units=[moq], carton_units=[carton]).tolist() == [order]


@settings(max_examples=60, deadline=None)
@given(st.floats(0, 1e5), st.integers(0, 500), st.integers(1, 60))
def test_an_order_is_enough_a_carton_multiple_and_never_a_carton_too_many(
    units: float, moq: int, carton: int
):
    order = round_order([units], moq_units=[moq], carton_units=[carton])[0]
    assert order % carton == 0
    assert order >= units - 1e-6
    assert order == 0 or order - carton < max(units, moq)


def test_light_goods_pay_by_volume_and_heavy_goods_by_weight():
    air = {"rate_unit": "kg", "cbm_divisor_kg": 167}
    assert chargeable([100, 300], [1, 1], **air).tolist() == [167, 300]
    sea = {"rate_unit": "cbm", "cbm_divisor_kg": 500}
    assert chargeable([100, 700], [1, 1], **sea).tolist() == [1, 1.4]


def test_a_least_charge_binds_and_an_unknown_size_stays_unknown():
    amount = chargeable([10, np.nan], [0.1, 0.1], rate_unit="cbm", cbm_divisor_kg=500, min_charge=1)
    no_minimum = chargeable([10], [0.1], rate_unit="cbm", cbm_divisor_kg=500, min_charge=[np.nan])
    assert no_minimum == pytest.approx([0.1])
    assert amount[0] == 1
    assert np.isnan(amount[1])


def test_the_cheapest_lane_in_time_is_chosen():
    scope = case.scope()
    lane = choose_lanes(GOODS, case.catalogue(), options(scope), scope=scope).iloc[0]
    assert lane["mode"] == "sea"
    assert lane["unit_freight_cost"] == pytest.approx(0.002 * 500)


def test_a_dense_unit_goes_by_truck_when_sea_is_too_late():
    scope = case.scope(as_of="2026-10-09")
    lane = choose_lanes(GOODS, case.catalogue(), options(scope), scope=scope).iloc[0]
    assert lane["mode"] == "truck"
    assert lane["unit_freight_cost"] == pytest.approx(max(0.5, 0.002 * 200) * 40)


def test_without_prices_the_slowest_lane_in_time_is_taken_as_the_cheap_one():
    scope = case.scope()
    lanes = case.lanes().assign(low_rate=np.nan, high_rate=np.nan)
    lane = choose_lanes(GOODS, case.catalogue(), options(scope, lanes), scope=scope).iloc[0]
    assert lane["mode"] == "sea"
    assert np.isnan(lane["unit_freight_cost"])


def test_the_sellers_own_head_haul_beats_the_lanes():
    scope = case.scope(fees={"head_haul": 3.0, "TH.head_haul": 2.5})
    lane = choose_lanes(GOODS, case.catalogue(), options(scope), scope=scope).iloc[0]
    assert lane["unit_freight_cost"] == 2.5


def test_a_ship_line_by_hand():
    scope = case.scope()
    line = ship_lines(plan(A=1000), case.catalogue(), options(scope), scope=scope).iloc[0]
    assert (line["mode"], line["units"], line["cartons"]) == ("sea", 1000, 100)
    assert (line["weight_kg"], line["volume_cbm"]) == (500, 2)
    assert line["chargeable"] == max(2, 500 / 500)
    assert line["freight_cost"] == 2 * 500


def test_lines_that_share_a_small_shipment_share_its_least_charge():
    scope = case.scope()
    goods = case.catalogue({"sku": "A"}, {"sku": "B"})
    lines = ship_lines(plan(A=100, B=300), goods, options(scope), scope=scope)
    assert lines["chargeable"].to_list() == pytest.approx([0.25, 0.75])
    assert lines["freight_cost"].sum() == pytest.approx(1 * 500)


def test_units_are_conserved_between_plan_and_ship_lines():
    scope = case.scope()
    goods = case.catalogue({"sku": "A"}, {"sku": "B", "weight_kg": np.nan}, {"sku": "C"})
    orders = plan(A=100, B=230, C=0)
    lines = ship_lines(orders, goods, options(scope), scope=scope)
    assert lines["units"].sum() == orders["order_units"].sum()
    assert lines["sku"].to_list() == ["A", "B"]


def test_an_unknown_weight_makes_the_freight_unknown_and_not_zero():
    scope = case.scope()
    goods = case.catalogue({"sku": "A", "weight_kg": np.nan, "carton_units": pd.NA})
    line = ship_lines(plan(A=100), goods, options(scope), scope=scope).iloc[0]
    assert np.isnan(line["freight_cost"])
    assert pd.isna(line["cartons"])


def test_what_no_lane_brings_in_time_has_no_ship_line():
    scope = case.scope(as_of="2026-10-30")
    lines = ship_lines(plan(A=100), case.catalogue(), options(scope), scope=scope)
    assert lines.empty
    assert list(lines.columns) == tables.columns(tables.ShipLines)


def test_each_flag_that_is_set_has_a_row():
    goods = case.catalogue({"sku": "A", "has_battery": True, "has_liquid": True}, {"sku": "B"})
    assert travel_flags(goods).to_numpy().tolist() == [["A", "battery"], ["A", "liquid"]]
