"""What sensitive goods and busy events add to a way, and which ways they close."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from ways_case import surcharges

from planner.supply.charges.surcharges import parcel_rush, way_surcharges

PAIR = {
    "market": "TH", "sku": "A", "mode": "truck", "unit_freight_cost": 20.0, "charged_kg": 0.5,
    "outbound_cost": 5.0,
}  # fmt: skip


def added(rows: pd.DataFrame, *, mode: str = "truck", scope: dict | None = None, **goods):
    pairs = pd.DataFrame([{**PAIR, "mode": mode}])
    items = case.catalogue({"sku": "A", **goods})
    return way_surcharges(pairs, items, rows, scope=case.scope(**(scope or {}))).iloc[0]


@pytest.mark.parametrize(
    ("value", "unit", "cost"),
    [(0.4, "share_freight", 8.0), (21.0, "kg", 10.5), (3.0, "unit", 3.0), (1, "share_outbound", 5)],
)
def test_a_surcharge_goes_by_its_unit(value: float, unit: str, cost: float):
    row = added(surcharges(("truck", "battery", value, unit)), has_battery=True)
    assert row["unit_cost"] == pytest.approx(cost)
    assert row["is_known"]
    assert row["kinds"] == "battery"


def test_a_surcharge_of_a_shipment_costs_one_unit_more_nothing():
    row = added(surcharges(("truck", "battery", 90.0, "shipment")), has_battery=True)
    assert (row["unit_cost"], row["shipment_cost"]) == (0, 90)


def test_goods_that_are_not_sensitive_pay_none():
    row = added(surcharges(("truck", "battery", 21.0, "kg")))
    assert (row["unit_cost"], row["is_known"], row["kinds"]) == (0, True, "")


def test_of_the_classes_on_a_card_the_dearest_is_charged():
    card = surcharges(("truck", "battery", 21.0, "kg"), ("truck", "beauty", 61.0, "kg"))
    row = added(card, has_battery=True, category="Beauty")
    assert row["unit_cost"] == pytest.approx(0.5 * 61)


def test_an_event_comes_on_top_of_the_goods():
    both = surcharges(
        ("truck", "battery", 3.0, "unit"), ("any", "double_date", 0.2, "share_freight")
    )
    assert added(both, has_battery=True)["unit_cost"] == pytest.approx(3 + 0.2 * 20)


def test_what_an_event_adds_to_parcels_is_no_part_of_a_way_and_is_told_by_market():
    rows = surcharges(("any", "double_date", 0.2, "share_outbound"))
    assert added(rows)["unit_cost"] == 0
    assert parcel_rush(rows, scope=case.scope())["TH"] == 0.2
    friday = case.scope(plan={"kind": "black_friday"})
    assert parcel_rush(rows, scope=friday)["TH"] == 0
    own = case.scope(fees={"surcharge.double_date": 0.3})
    assert parcel_rush(rows, scope=own)["TH"] == 0.3
    unknown = surcharges(("any", "double_date", np.nan, "share_outbound"))
    assert np.isnan(parcel_rush(unknown, scope=case.scope())["TH"])
    assert added(unknown)["is_known"]


def test_a_mode_of_its_own_beats_any_mode():
    rows = surcharges(("truck", "battery", 3.0, "unit"), ("any", "battery", 9.0, "unit"))
    assert added(rows, has_battery=True)["unit_cost"] == 3
    assert added(rows, has_battery=True, mode="air")["unit_cost"] == 9


def test_a_market_of_its_own_beats_any_market():
    rows = surcharges(("any", "battery", 3.0, "unit"), ("truck", "battery", 9.0, "unit"))
    rows["market"] = ["TH", "any"]
    assert added(rows, has_battery=True)["unit_cost"] == 3


def test_sensitive_goods_that_nobody_priced_are_unknown_and_not_free():
    for rows in (surcharges(), surcharges(("any", "powder", np.nan, "share_freight"))):
        row = added(rows, has_powder=True)
        assert np.isnan(row["unit_cost"])
        assert not row["is_known"]


def test_a_known_part_stays_where_another_is_unknown():
    rows = surcharges(("truck", "battery", 3.0, "unit"))
    row = added(rows, has_battery=True, has_liquid=True)
    assert row["unit_cost"] == 3
    assert not row["is_known"]


def test_what_is_forbidden_names_the_goods():
    rows = surcharges(("air", "powder", np.nan, "forbidden"))
    assert added(rows, mode="air", has_powder=True)["forbidden"] == "powder"
    assert added(rows, mode="truck", has_powder=True)["forbidden"] == ""
    assert added(rows, mode="air")["forbidden"] == ""


@pytest.mark.parametrize("key", ["surcharge.powder", "air.surcharge.powder"])
def test_the_sellers_own_figure_opens_a_way_that_the_register_forbids(key: str):
    rows = surcharges(("air", "powder", np.nan, "forbidden"))
    row = added(rows, mode="air", has_powder=True, scope={"fees": {key: 0.5}})
    assert (row["forbidden"], row["unit_cost"]) == ("", 10)


def test_a_price_in_another_currency_needs_a_rate():
    dollars = surcharges(("any", "battery", 2.0, "unit")).assign(currency="USD")
    assert not added(dollars, has_battery=True)["is_known"]
    known = added(dollars, has_battery=True, scope={"fx_rates": {"USD": 32.0}})
    assert known["unit_cost"] == 64


def test_the_road_card_of_thailand_as_the_register_has_it():
    from planner import tables

    row = added(case.register(tables.Surcharges), has_battery=True)
    assert row["unit_cost"] == pytest.approx((70 - 49) * 0.5)
