"""The benchmark of recovered demand: what is scored, and that the planner beats its peers."""

import numpy as np
import pandas as pd
import pytest

from benchmarks import recovery
from benchmarks.recovery_worlds import ODDITIES, small_case


@pytest.fixture(scope="module")
def case():
    return small_case(ODDITIES["plain"], 5)


def test_a_day_is_cut_only_where_the_shelf_was_empty(case):
    assert (case.truth["demand_units"] >= case.daily["units"]).all()
    assert case.truth.loc[case.truth["is_cut"], "is_out"].all()
    assert 0.05 < case.truth["is_out"].mean() < 0.3


def test_scores_are_worked_by_hand():
    whole = pd.DataFrame(
        {
            "told": [10.0, 4, 5], "called": [True, False, False], "units": [2, 4, 5],
            "demand_units": [8, 8, 5], "is_cut": [True, True, False], "is_promo": False,
            "is_out": [True, True, False], "mean_units": 5.0,
            "ordinary": 5.0, "baseline_units": 5.0, "case": [0, 1, 1],
        }
    )  # fmt: skip
    scores = recovery.scores_of(whole)
    assert scores["bias"] == -0.125  # 14 told of 16
    assert scores["bias_sd"] == 0.375  # off by 3 and -3: sqrt(2 (9 + 9)) / 16
    assert scores["told_lost"] == -0.2  # 8 told of 10
    assert scores["recall"] == 0.6  # 6 of 10 lost units
    assert scores["promo_bias"] is None
    assert scores["false_alarms"] == 0
    assert scores["promo_days"] == 0
    assert scores["promo_left"] is None


def test_a_promotion_left_in_the_ordinary_line_is_counted():
    whole = pd.DataFrame({"ordinary": [4.0, 16.0], "baseline_units": [5.0, 5.0]})
    whole = whole.assign(
        told=5.0, called=False, units=5, demand_units=5, is_cut=False, is_out=False,
        mean_units=5.0, is_promo=True, case=0,
    )  # fmt: skip
    scores = recovery.scores_of(whole)
    assert scores["promo_left"] == 1.0  # 20 told of 10
    assert (scores["promo_days"], scores["promo_days_left"]) == (2, 1)


def test_who_comes_first_is_served_while_stock_lasts(case):
    days = case.daily.assign(is_cut=case.truth["is_cut"], lost=case.truth["demand_units"])
    days["lost"] -= days["units"]
    lines = case.lines.assign(day=case.lines["ordered_at"].dt.normalize())
    last = lines.groupby(["sku", "day"])["ordered_at"].max().rename("last").reset_index()
    days = days[days["units"] >= 10].merge(last, on=["sku", "day"])
    hour = days["last"].dt.hour
    assert len(lines) == case.history.merge(lines, on=["sku", "day"]).shape[0]
    assert hour[days["lost"] > 10].median() < 18 < 20 < hour[days["lost"] == 0].median()


def test_the_planner_beats_the_rule_of_zeros_and_no_correction(case):
    rows = pd.DataFrame(recovery.rows_of("plain", [case])).query("units_a_day == 'all'")
    off = np.abs(rows["bias"].to_numpy(dtype=float))
    assert rows["method"].tolist() == ["planner", "planner", "zero runs", "no correction"]
    assert off[0] < 0.1
    assert off[1] < off[2] < off[3]
