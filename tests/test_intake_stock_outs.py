"""A day without stock is told from a day without buyers, and what it cut is told."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.recovery import planner, scores_of
from benchmarks.recovery_worlds import ODDITIES, small_case
from planner import tables
from planner.intake.stock_outs import stock_outs

NO_STOCK = tables.empty(tables.StockHistory)
STEADY = [9, 11, 10, 8, 12, 10, 10]


def days(units: Sequence[int], *, sku: str = "A", promo: range = range(0)) -> pd.DataFrame:
    count = len(units)
    phase = ["sale" if n in promo else "" for n in range(count)]
    return pd.DataFrame(
        {
            "shop": "s", "market": "TH", "sku": sku,
            "day": pd.date_range("2025-01-01", periods=count, unit="us"),
            "units": units, "event": ["e" if word else "" for word in phase], "phase": phase,
        }
    ).astype({"sku": "str", "phase": "str", "event": "str"})  # fmt: skip


def report(left: Sequence[int], *, sku: str = "A") -> pd.DataFrame:
    return tables.checked(tables.StockHistory, days(left, sku=sku)[["sku", "day", "units"]])


def told(frame: pd.DataFrame, stock: pd.DataFrame = NO_STOCK, **given: Any) -> pd.DataFrame:
    return stock_outs(frame, stock, **given)


def marked(frame: pd.DataFrame, stock: pd.DataFrame = NO_STOCK) -> list[int]:
    return np.flatnonzero(told(frame, stock)["is_stock_out"]).tolist()


def orders(frame: pd.DataFrame, *, from_hour: int = 0, to_hour: int = 24) -> pd.DataFrame:
    """One line per unit, spread evenly over the hours from and to."""
    rows = frame.loc[np.repeat(frame.index, frame["units"])]
    place = rows.groupby(level=0).cumcount() / rows["units"]
    hours = from_hour + (to_hour - from_hour) * place
    at = (rows["day"] + pd.to_timedelta((hours * 3600).round(), unit="s")).dt.as_unit("us")
    return rows[["shop", "market", "sku"]].assign(ordered_at=at, units=1)


def test_no_stock_at_the_days_end_is_a_stock_out_and_its_demand_no_zero():
    sold = [*STEADY * 4, 2, 0, 4, *STEADY * 2]
    left = [*[50] * 28, 0, 0, 0, *[60] * 14]
    found = told(days(sold), report(left))
    assert np.flatnonzero(found["is_stock_out"]).tolist() == [28, 29, 30]
    assert found["demand_units"].to_numpy()[28:31] == pytest.approx(10, abs=1.5)


def test_a_day_without_a_sale_and_with_stock_is_no_stock_out():
    sold = [*STEADY * 4, 0, 0, 0, 0, *STEADY * 2]
    assert marked(days(sold), report([9] * len(sold))) == []


def test_a_shelf_that_emptied_late_lost_little_and_one_that_emptied_early_much():
    sold = [*STEADY * 6, 8, *STEADY * 2]
    left = [*[50] * 42, 0, *[60] * 14]
    frame = days(sold)
    ordinary = orders(frame.drop(index=42))
    late = pd.concat([ordinary, orders(frame.loc[[42]], to_hour=23)])
    early = pd.concat([ordinary, orders(frame.loc[[42]], to_hour=12)])
    by_late, by_early = (told(frame, report(left), lines=lines).iloc[42] for lines in (late, early))
    assert 8 < by_late["demand_units"] < 11
    assert by_early["demand_units"] > by_late["demand_units"] + 2
    assert by_early["rate"] > by_late["rate"]


def test_sales_as_usual_on_an_empty_report_are_another_warehouses():
    sold = STEADY * 8
    assert marked(days(sold), report([0] * len(sold))) == []


def test_a_run_of_zeros_is_a_stock_out_only_where_chance_forbids_it():
    ordinary = [2, 1, 3, 2, 2, 1, 3, 2, 2, 2] * 4
    assert marked(days([*ordinary, 0, 0, *ordinary])) == []
    assert marked(days([*ordinary, *[0] * 6, *ordinary])) == list(range(40, 46))


def test_a_slow_sku_may_sell_nothing_for_a_week_and_tells_nothing():
    slow = [1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1]
    assert marked(days(slow * 4)) == []


def test_a_trickle_far_below_the_usual_is_an_empty_shelf():
    crumbs = [0, 1, 0, 0, 1, 0, 0, 1]
    found = told(days([*STEADY * 5, *crumbs, *STEADY * 3]))
    assert np.flatnonzero(found["is_stock_out"]).tolist() == list(range(35, 43))
    assert found["demand_units"].to_numpy()[35:43].sum() == pytest.approx(80, rel=0.1)


def test_a_level_that_falls_for_good_is_no_stock_out():
    assert marked(days([*STEADY * 8, *[1, 2, 0, 1, 1, 2, 1] * 10])) == []


def test_a_first_month_of_few_sales_is_a_start():
    assert marked(days([1, 0, 1, 2, 0, 1, 2, 3, *STEADY * 8])) == []


def test_a_long_silence_at_the_end_is_an_end_and_a_short_one_a_stock_out():
    assert marked(days([*STEADY * 6, *[0] * 20])) == list(range(42, 62))
    assert marked(days([*STEADY * 6, *[0] * 29])) == []


def test_a_day_on_which_the_whole_shop_stands_still_is_no_skus_stock_out():
    quiet = [*STEADY * 5, 0, 0, *STEADY * 5]
    shop = pd.concat([days(quiet, sku=name) for name in "ABCDEF"], ignore_index=True)
    assert marked(shop) == []
    alone = pd.concat(
        [days(quiet), *(days([*STEADY * 10, 9, 10], sku=name) for name in "BCDEF")],
        ignore_index=True,
    )
    assert marked(alone) == [35, 36]


def test_days_without_a_row_are_unknown_and_judge_nothing():
    whole = days([*STEADY * 5, *[0] * 7, *STEADY * 5])
    assert marked(whole.drop(index=range(35, 42)).reset_index(drop=True)) == []


def test_a_promotion_day_that_ran_out_is_filled_to_the_promotions_level():
    others = [
        days([*STEADY * 5, 30, 30, 30, *STEADY * 3], sku=name, promo=range(35, 38))
        for name in "BCDE"
    ]
    sold = [*STEADY * 5, 30, 6, 0, *STEADY * 3]
    left = [*[50] * 36, 0, 0, *[60] * 21]
    frame = pd.concat([days(sold, promo=range(35, 38)), *others], ignore_index=True)
    found = told(frame, report(left)).iloc[:59]
    assert np.flatnonzero(found["is_stock_out"]).tolist() == [36, 37]
    assert found["demand_units"].to_numpy()[36:38] == pytest.approx(30, rel=0.1)
    assert found["ordinary_units"].to_numpy()[36:38] == pytest.approx(10, rel=0.1)


def test_an_empty_table_has_no_stock_out():
    assert told(days([])).empty


@pytest.mark.parametrize("has_reports", [True, False])
@pytest.mark.parametrize("name", ["plain", "trend", "goods come at noon"])
def test_demand_of_days_out_is_recovered_within_a_tenth_and_alarms_are_few(
    name: str, has_reports: bool
):
    case = small_case(ODDITIES[name], 77)
    demand, called, ordinary = planner(case, has_reports)
    is_promo = case.daily["phase"] != ""
    whole = case.truth.assign(
        told=demand, called=called, units=case.daily["units"], is_promo=is_promo
    ).assign(ordinary=ordinary, case=0)
    scores = scores_of(whole)
    assert abs(scores["bias"]) < 0.1
    assert scores["false_alarms"] < 0.02
    assert scores["promo_days_left"] == 0
    assert scores["recall"] > 0.9
