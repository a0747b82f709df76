"""Units missed for lack of stock, by hand."""

import pandas as pd
import pytest

from planner.season.stock.lost import lost_by_day


def grid(sku, units, planned, out=()):
    days = pd.date_range("2025-11-11", periods=len(units))
    return pd.DataFrame(
        {
            "market": "TH",
            "sku": sku,
            "day": days,
            "units": units,
            "planned_units": planned,
            "is_stock_out": [place in out for place in range(len(units))],
        }
    )


def lost(*frames):
    table = pd.concat(frames, ignore_index=True)
    return lost_by_day(table).groupby(table["sku"]).sum(min_count=1).to_dict()


def test_a_sku_never_out_of_stock_lost_nothing_however_little_it_sold():
    assert lost(grid("a", [0, 1, 0], 10.0)) == {"a": 0}


def test_a_stock_out_day_loses_the_plan_at_the_pace_of_the_days_in_stock():
    # Sold 15 of 10 planned on two days: pace 1.5. Third day: 10 * 1.5 less the 4 sold.
    assert lost(grid("a", [15, 15, 4], 10.0, out=(2,))) == {"a": pytest.approx(11)}


def test_a_sku_never_in_stock_loses_its_plan():
    assert lost(grid("a", [0, 0], 10.0, out=(0, 1))) == {"a": pytest.approx(20)}


def test_a_day_that_sold_more_than_expected_lost_nothing():
    assert lost(grid("a", [10, 30], 10.0, out=(1,))) == {"a": 0}


def test_the_shape_of_the_sale_comes_from_the_skus_in_stock():
    # b sells 30, 15, 15 of 20 planned: day factors 1.5, 0.75, 0.75 (with a on days 2 and 3:
    # day 2: (15 + 7.5) / 30). a is in stock on days 2 and 3 and sells just that shape, so its
    # pace is 1; on day 1 it would have sold 10 * 1.5.
    a = grid("a", [0, 7.5, 7.5], 10.0, out=(0,))
    b = grid("b", [30, 15, 15], 20.0)
    assert lost(a, b) == {"a": pytest.approx(15), "b": 0}


def test_without_a_plan_the_loss_is_unknown_not_zero():
    table = grid("a", [5, 0], float("nan"), out=(1,))
    assert lost_by_day(table).isna().tolist() == [False, True]


def test_a_sku_that_sold_nothing_in_stock_lost_nothing_when_out_of_stock():
    b = grid("b", [20, 20], 20.0)
    assert lost(grid("a", [0, 0], 10.0, out=(1,)), b) == {"a": 0, "b": 0}
