"""The order in which ways are taken: a cost nobody knows never looks cheap."""

import numpy as np
import pandas as pd
import pytest
from test_supply_allocation import curve, ways

from planner.supply.charges.way_choice import (
    comparable,
    first_ways,
    in_order,
    is_priced,
    known_cost,
    whatever_the_day,
)
from planner.supply.order.order_ways import late_costs
from planner.supply.places.moves import possible_moves
from tests import supply_case as case

UNPRICED = "cost.duty;cost.surcharge"
AIR = {"mode": "air", "lead_days": 8.0}


@pytest.mark.parametrize(
    ("sea", "first", "kept"),
    [
        ({"landed_cost": 40.0}, "sea", ["air", "sea"]),
        ({"landed_cost": 60.0}, "air", ["air", "sea"]),
        ({"landed_cost": 50.0}, "sea", ["air", "sea"]),  # as dear: the slower one
        ({"landed_cost": 40.0, "missing": "cost.duty"}, "sea", ["air", "sea"]),
        ({"landed_cost": 40.0, "missing": UNPRICED}, "air", ["air"]),
        ({"landed_cost": np.nan, "unit_freight_cost": 1.0}, "air", ["air"]),
        ({"landed_cost": 40.0, "is_allowed": False}, "air", ["air"]),
    ],
)
def test_a_way_of_unknown_cost_stands_behind_every_way_whose_cost_is_known(
    sea: dict, first: str, kept: list[str]
):
    rows = ways(sea, {**AIR, "landed_cost": 50.0})
    assert first_ways(rows)["mode"].tolist() == [first]
    assert sorted(comparable(rows)["mode"]) == kept


def test_goods_of_unknown_cost_are_told_apart_by_carriage():
    blank = {"landed_cost": np.nan, "missing": "cost.goods"}
    rows = ways({**blank, "unit_freight_cost": 5.0}, {**AIR, **blank, "unit_freight_cost": 60.0})
    assert comparable(rows)["mode"].tolist() == ["sea", "air"]
    assert known_cost(comparable(rows)).tolist() == [5.0, 60.0]
    assert in_order(rows)["mode"].tolist() == ["sea", "air"]
    assert not is_priced(rows).any()


@pytest.mark.parametrize(
    ("blank", "cost"),
    [
        ({"unit_freight_cost": np.nan, "landed_cost": np.nan}, np.nan),
        ({"landed_cost": 9.0, "missing": UNPRICED}, 9.0),
    ],
)
def test_without_any_known_carriage_the_first_way_alone_is_left(blank: dict, cost: float):
    # What nobody knows costs an unknown amount, not nothing.
    rows = ways({**AIR, **blank}, blank)
    assert comparable(rows)["mode"].tolist() == ["sea"]
    assert known_cost(comparable(rows)).tolist() == pytest.approx([cost], nan_ok=True)


def test_being_late_costs_the_part_of_the_sale_that_is_missed():
    # Late one time in five by 10 of 20 days: 0.2 * 0.5 of the 100 a unit earns in the sale.
    rows = ways({"on_time_rate": 0.8, "late_days": 10.0}, {**AIR, "landed_cost": 90.0})
    found = late_costs(rows, curve([0, 100, 200], [0, 10_000, 10_000]), scope=case.scope())
    pd.testing.assert_series_equal(found, pd.Series([10.0], index=found.index), check_names=False)


def test_units_that_leave_later_take_ways_too_late_for_the_order_and_none_that_is_forbidden():
    shut = {"is_allowed": False}
    late = {**AIR, **shut, "landed_cost": 60.0, "reason": "reason.too_late_for_air|days=8"}
    forbidden = {"mode": "express", **shut, "landed_cost": 50.0}
    forbidden["reason"] = "reason.way_forbidden|mode=express|kinds=battery"
    dear = {"mode": "truck", "landed_cost": 70.0}
    assert whatever_the_day(ways(dear, late, forbidden))["mode"].tolist() == ["air", "truck"]
    unpriced = {**late, "missing": UNPRICED}
    assert whatever_the_day(ways(dear, unpriced, forbidden))["mode"].tolist() == ["truck"]


def test_facts_and_moves_take_the_way_that_the_order_takes():
    # Sea looks cheapest only because its surcharge has no price: the order goes by air.
    china = [{"warehouse": "cn", "market": "CN"}, {"warehouse": "house", "market": "TH"}]
    rows = ways({"landed_cost": 40.0, "missing": UNPRICED}, {**AIR, "landed_cost": 60.0})
    moves = possible_moves(case.catalogue(), rows, scope=case.scope(warehouses=china))
    assert moves[["mode", "unit_cost"]].to_numpy().tolist() == [["air", 60.0 - 40.0]]
    assert first_ways(rows)["mode"].tolist() == ["air"]
