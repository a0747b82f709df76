"""A day without stock is told from a day without buyers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from planner import tables
from planner.intake.stock_outs import stock_out_days

NO_STOCK = tables.empty(tables.StockHistory)


def days(units: Sequence[int], *, sku: str = "A", promo: range = range(0)) -> pd.DataFrame:
    count = len(units)
    return pd.DataFrame(
        {
            "shop": "s",
            "sku": sku,
            "day": pd.date_range("2025-01-01", periods=count, unit="us"),
            "units": units,
            "phase": ["sale" if n in promo else "" for n in range(count)],
        }
    ).astype({"sku": "str", "phase": "str"})


def report(left: Sequence[int], *, sku: str = "A") -> pd.DataFrame:
    frame = days(left, sku=sku)[["sku", "day", "units"]]
    return tables.checked(tables.StockHistory, frame)


def marked(frame: pd.DataFrame, stock: pd.DataFrame = NO_STOCK) -> list[int]:
    return np.flatnonzero(stock_out_days(frame, stock)).tolist()


def test_no_stock_at_the_days_end_and_few_sales_is_a_stock_out():
    sold = [10, 10, 10, 2, 0, 4, 10]
    left = [50, 40, 30, 0, 0, 0, 60]
    # 30 % of the mean of 10 is 3: two and none are few, four are not.
    assert marked(days(sold), report(left)) == [3, 4]


def test_a_day_without_a_sale_and_with_stock_is_no_stock_out():
    assert marked(days([10, 0, 0, 0, 0, 0, 0, 10]), report([9] * 8)) == []


def test_a_run_of_zeros_is_a_stock_out_only_where_chance_forbids_it():
    # exp(-2 x 2) = 0.018 and exp(-2 x 3) = 0.0025: two days may be chance at 2 a day, three not.
    ordinary = [2, 1, 3, 2, 2, 1, 3, 2, 2, 2]
    assert marked(days([*ordinary, 0, 0, *ordinary])) == []
    assert marked(days([*ordinary, 0, 0, 0, *ordinary])) == [10, 11, 12]


def test_a_slow_sku_may_sell_nothing_for_a_week():
    slow = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert marked(days(slow * 2)) == []


def test_a_sku_whose_days_differ_widely_needs_a_longer_run():
    bursts = [0, 12, 0, 0, 9, 0, 12, 0, 0, 11, 0, 10]  # mean 4.5, variance over mean about 6.5
    steady = [4, 5, 4, 5, 4, 5, 4, 5, 4, 5, 4, 5]
    assert marked(days([*steady, 0, 0, *steady])) == [12, 13]
    assert marked(days([*bursts, 0, 0, *bursts])) == []


def test_promotion_days_give_no_rate():
    quiet = [1, 0, 1, 0, 1, 0, 1, 0, 1, 0]
    loud = [50, 60, 50]
    frame = days([*quiet, *loud, 0, 0, 0, *quiet], promo=range(10, 13))
    assert marked(frame) == []


def test_a_long_silence_at_the_end_is_an_end_and_a_short_one_a_stock_out():
    ordinary = [5] * 30
    assert marked(days([*ordinary, *[0] * 28])) == list(range(30, 58))
    assert marked(days([*ordinary, *[0] * 29])) == []


def test_one_skus_silence_is_not_anothers():
    frame = pd.concat([days([5] * 10 + [0] * 2), days([0] + [1, 0] * 6, sku="B")])
    assert marked(frame.reset_index(drop=True)) == [10, 11]


def test_a_sku_with_too_little_history_has_no_rate():
    assert marked(days([9, 9, 9, 0, 0, 0, 9, 9])) == []


def test_days_without_a_report_are_judged_by_chance():
    sold = [5] * 10 + [0, 0, 0] + [5] * 10
    known = report([9] * 5)  # the first five days only
    assert marked(days(sold), known) == [10, 11, 12]
    assert marked(days([]), known) == []
