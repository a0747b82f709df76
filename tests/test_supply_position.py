"""Stock that can serve the promotion before anything new is ordered."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner.supply.quantity.position import (
    available_by_world,
    by_warehouse,
    horizon_days,
    midway,
    stock_position,
    without_midway,
)
from planner.supply.quantity.returning import returns_of

NO_SALES = case.daily([0])
EMPTY_SHELF = case.stock(("A", "on_hand", 0, None, "2026-09-20"))


def position(stock: pd.DataFrame, draws: pd.DataFrame, **more) -> pd.Series:
    given = {
        "return_rates": case.returns(0.0),
        "daily": NO_SALES,
        "catalogue": case.catalogue(),
        "scope": case.scope(),
    }
    return stock_position(stock, draws, **{**given, **more}).iloc[0]


def test_stock_on_hand_less_what_is_sold_before_is_floored_world_by_world():
    held = case.stock(("A", "on_hand", 100, None, "2026-09-20"))
    row = position(held, case.draws(before=[40, 160], sale=[10, 10]))
    assert row["on_hand_units"] == 100
    assert row["demand_before_units"] == 100
    assert row["available_units"] == (60 + 0) / 2
    assert row["is_known"]


def test_inbound_counts_up_to_the_first_phase_day_and_is_late_after_it():
    held = case.stock(
        ("A", "on_hand", 10, None, "2026-09-20"),
        ("A", "in_transit", 20, "2026-11-01", "2026-09-20"),
        ("A", "in_transit", 40, "2026-11-02", "2026-09-20"),
        ("A", "ordered", 80, None, "2026-09-20"),
        ("A", "receiving", 160, "2026-09-19", "2026-09-20"),
    )
    row = position(held, case.draws(warm_up=[0, 0], sale=[0, 0]))
    assert (row["on_hand_units"], row["inbound_units"]) == (10, 20)
    assert row["late_units"] == 40 + 80 + 160
    assert (row["later_units"], row["later_on"]) == (40, pd.Timestamp("2026-11-02"))
    assert row["available_units"] == 30


def test_goods_that_land_midway_serve_demand_from_their_day_on_and_the_rest_is_left():
    held = case.stock(
        ("A", "on_hand", 10, None, "2026-09-20"),
        ("A", "in_transit", 60, "2026-11-26", "2026-09-20"),
    )
    draws = case.draws(sale=[30, 10], after=[100, 20])
    # 26 to 30 November are half of the days after the campaign: 50 or 10 are wanted then
    row = position(held, draws)
    assert row["available_units"] == 10 + (50 + 10) / 2
    assert row["later_left_units"] == 60 - (50 + 10) / 2
    frame = row.to_frame().T.infer_objects().astype({"later_on": "datetime64[us]"})
    assert midway(frame, draws).served[0] == pytest.approx([50, 10])


def test_what_lands_midway_is_not_at_hand_when_the_campaign_starts():
    held = case.position(available_units=40.0, later_units=60, later_left_units=30.0)
    plan = pd.DataFrame({"market": ["TH", "TH"], "sku": ["B", "A"], "available_units": [7.0, 40.0]})
    assert without_midway(plan, held)["available_units"].to_list() == [7, 10]


def test_goods_dated_after_the_horizon_count_nowhere():
    held = case.stock(
        ("A", "on_hand", 10, None, "2026-09-20"),
        ("A", "in_transit", 60, "2027-01-15", "2026-09-20"),
    )
    row = position(held, case.draws(sale=[30, 10], after=[100, 20]))
    assert (row["late_units"], row["later_units"], row["available_units"]) == (60, 0, 10)


def test_goods_being_received_on_the_day_of_the_count_are_not_overdue():
    today = "2026-09-20"
    held = case.stock(
        ("A", "on_hand", 5, None, today),
        ("A", "receiving", 60, today, today),
        ("A", "in_transit", 7, "2026-09-19", today),
    )
    row = position(held, case.draws(sale=[1, 1]))
    assert row["inbound_units"] == 60
    assert row["late_units"] == 7


def test_the_newest_snapshot_up_to_today_counts():
    held = case.stock(
        ("A", "on_hand", 10, None, "2026-09-01"),
        ("A", "on_hand", 70, None, "2026-09-20"),
        ("A", "on_hand", 500, None, "2026-09-21"),
    )
    assert position(held, case.draws(sale=[1, 1]))["on_hand_units"] == 70


def test_what_was_sold_since_the_count_is_gone():
    held = case.stock(("A", "on_hand", 50, None, "2026-09-18"))
    sales = case.daily([9, 8, 7, 6])
    row = position(held, case.draws(sale=[1, 1]), daily=sales)
    assert row["on_hand_units"] == 50 - 7 - 6


def test_a_sku_without_a_stock_row_is_unknown_and_says_so():
    other = case.stock(("B", "on_hand", 50, None, "2026-09-18"))
    row = position(other, case.draws(before=[1, 1], sale=[1, 1]))
    assert not row["is_known"]
    assert row["on_hand_units"] == row["available_units"] == 0


def test_shops_of_one_market_draw_on_the_same_units():
    both = pd.concat(
        [
            case.draws_of({"A": {"before": [30, 30]}}),
            case.draws_of({"A": {"before": [20, 20]}}, shop="shop-2"),
        ]
    )
    held = case.stock(("A", "on_hand", 100, None, "2026-09-20"))
    row = position(held, both, scope=case.scope(shops=2))
    assert row["available_units"] == 50


def test_returns_come_back_only_if_the_horizon_still_runs():
    draws = case.draws(sale=[100, 100], after=[50, 50])
    row = position(EMPTY_SHELF, draws, return_rates=case.returns(0.2, lag_days=20, resale_rate=0.5))
    days_of_sale_back_by_30_nov = 3
    assert row["returning_units"] == pytest.approx(
        0.2 * 0.5 * 100 * days_of_sale_back_by_30_nov / 5
    )
    assert row["available_units"] == row["returning_units"]


def test_only_what_the_horizon_sells_earns_its_return_twice():
    draws = case.draws(before=[70, 70], sale=[100, 100])
    row = position(EMPTY_SHELF, draws, return_rates=case.returns(0.2, lag_days=10, resale_rate=0.5))
    assert row["again_units"] == pytest.approx(0.1 * 100)
    assert row["returning_units"] > row["again_units"]
    old = position(EMPTY_SHELF, case.draws(sale=[0, 0]), daily=case.daily([40, 30]),
                   return_rates=case.returns(0.2, lag_days=45, resale_rate=0.5))  # fmt: skip
    assert (old["returning_units"], old["again_units"]) == (pytest.approx(7.0), 0)


def test_recent_sales_come_back_in_the_horizon_too():
    sales = case.daily([40, 30])
    rates = case.returns(0.1, lag_days=45, resale_rate=1.0)
    row = position(EMPTY_SHELF, case.draws(sale=[0, 0]), return_rates=rates, daily=sales)
    assert row["returning_units"] == pytest.approx(0.1 * 70)
    rates = case.returns(0.1, lag_days=14, resale_rate=1.0)
    old = case.daily([40, 30], last="2026-09-05")
    row = position(EMPTY_SHELF, case.draws(sale=[0, 0]), return_rates=rates, daily=old)
    assert row["returning_units"] == 0


def test_what_comes_back_before_the_campaign_serves_what_sells_before_it():
    rates = case.returns(0.1, lag_days=14, resale_rate=1.0)
    given = {"return_rates": rates, "daily": case.daily([40, 30])}
    some = position(EMPTY_SHELF, case.draws(sale=[50, 50]), **given)
    assert some["early_units"] == pytest.approx(7.0)
    assert some["available_units"] - some["returning_units"] == pytest.approx(7.0)
    busy = position(EMPTY_SHELF, case.draws(before=[90, 90], sale=[50, 50]), **given)
    assert busy["early_units"] > some["early_units"]
    assert busy["available_units"] == pytest.approx(busy["returning_units"])


def test_returns_make_no_stock_where_the_stock_is_not_known():
    rates = case.returns(0.5, lag_days=1, resale_rate=1.0)
    given = {"return_rates": rates, "daily": case.daily([400])}
    draws = case.draws(sale=[100, 100])
    row = position(case.stock(), draws, **given)
    assert not row["is_known"]
    assert (row["returning_units"], row["available_units"]) == (0, 0)
    assert position(EMPTY_SHELF, draws, **given)["available_units"] == pytest.approx(0.5 * 500)


def test_without_a_rate_no_return_is_assumed():
    elsewhere = case.returns(0.5, market="SG")
    row = position(EMPTY_SHELF, case.draws(sale=[100, 100]), return_rates=elsewhere)
    assert row["returning_units"] == 0


def test_the_category_beats_the_market():
    rates = pd.concat([case.returns(0.1), case.returns(0.3).assign(category="home")])
    goods = pd.DataFrame({"market": ["TH", "TH"], "sku": ["A", "B"]})
    found = returns_of(rates, goods, case.catalogue({"sku": "A"}, {"sku": "B", "category": "toys"}))
    assert found["return_rate"].to_list() == [0.3, 0.1]


def test_the_mean_over_worlds_is_the_position():
    draws = case.draws(before=[40, 160, 90], sale=[1, 2, 3])
    held = case.stock(("A", "on_hand", 100, None, "2026-09-20"))
    row = position(held, draws, return_rates=case.returns(0.4, lag_days=45))
    _, worlds = available_by_world(row.to_frame().T.infer_objects(), draws)
    assert worlds.shape == (1, 3)
    assert worlds.mean() == pytest.approx(row["available_units"])
    assert np.ptp(worlds) == 60


def test_the_horizon_runs_from_the_first_phase_day_to_replenishment():
    assert horizon_days(case.scope()) == {"TH": 30}


HOUSES = [
    {"warehouse": "house", "market": "TH"},
    {"warehouse": "north", "market": "TH"},
    {"warehouse": "yiwu", "market": "CN"},
]


def at_houses(*rows: tuple, **more) -> pd.DataFrame:
    held = case.stock(*[row[1:] for row in rows]).assign(warehouse=[row[0] for row in rows])
    scope = case.scope(warehouses=HOUSES)
    table = by_warehouse(held, case.draws(sale=[1]), scope=scope, **more)
    return table.set_index("warehouse")


def test_units_are_told_by_warehouse_and_china_is_one_of_them():
    table = at_houses(
        ("house", "A", "on_hand", 10, None, "2026-09-20"),
        ("house", "A", "in_transit", 5, "2026-10-10", "2026-09-20"),
        ("yiwu", "A", "on_hand", 70, None, "2026-09-18"),
        ("yiwu", "A", "ordered", 30, "2026-10-01", "2026-09-18"),
    )
    assert table["market"].to_dict() == {"house": "TH", "north": "TH", "yiwu": "CN"}
    assert table["on_hand_units"].to_dict() == {"house": 10, "north": 0, "yiwu": 70}
    assert table["inbound_units"].to_dict() == {"house": 5, "north": 0, "yiwu": 0}
    assert table["late_units"].to_dict() == {"house": 0, "north": 0, "yiwu": 30}


def test_a_warehouse_that_nobody_counted_is_unknown_and_a_counted_one_without_the_sku_is_empty():
    alone = at_houses(("house", "A", "on_hand", 10, None, "2026-09-20"))
    assert alone["is_known"].to_dict() == {"house": True, "north": False, "yiwu": False}
    counted = at_houses(
        ("house", "A", "on_hand", 10, None, "2026-09-20"),
        ("north", "B", "on_hand", 10, None, "2026-09-20"),
    )
    assert counted["is_known"].to_dict() == {"house": True, "north": True, "yiwu": False}


def test_warehouses_counted_on_different_days_lose_their_own_sales_and_sum_to_the_market():
    # Each shop sells 10 a day from its own house; counted 100 ten days ago and 50 today: 0 + 50.
    scope = case.scope(warehouses=HOUSES, shops=2)
    one, two = scope.seller.shops
    shops = (one, two.model_copy(update={"warehouse": "north"}))
    scope = scope.model_copy(update={"seller": scope.seller.model_copy(update={"shops": shops})})
    held = case.stock(
        ("A", "on_hand", 100, None, "2026-09-10"), ("A", "on_hand", 50, None, "2026-09-20")
    ).assign(warehouse=["house", "north"])
    daily = pd.concat([case.daily([10] * 19), case.daily([10] * 19).assign(shop="shop-2")])
    draws = case.draws(sale=[1, 1])
    places = by_warehouse(held, draws, scope=scope, daily=daily).set_index("warehouse")
    assert places["on_hand_units"].to_dict() == {"house": 0, "north": 50, "yiwu": 0}
    assert position(held, draws, scope=scope, daily=daily)["on_hand_units"] == 50


def test_what_a_shop_sold_since_the_count_is_gone_from_its_own_warehouse_only():
    table = at_houses(
        ("house", "A", "on_hand", 10, None, "2026-09-18"),
        ("north", "A", "on_hand", 10, None, "2026-09-18"),
        daily=case.daily([100, 2, 1]),
    )
    # 2 on the 18th, 1 on the 19th; what was sold before the count is in it.
    assert table["on_hand_units"].to_dict() == {"house": 7, "north": 10, "yiwu": 0}
