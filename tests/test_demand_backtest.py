"""The last event replayed: the right event, nothing from the future, the rule beside it."""

import numpy as np
import pandas as pd
import pytest
from demand_case import (
    MARKET,
    PAST,
    a_catalogue,
    a_daily,
    a_memory,
    no_memory,
    the_events,
    the_priors,
)

from planner import tables
from planner.demand import backtest
from planner.demand.clean import panel_of


def replayed(daily: pd.DataFrame, **changed: object) -> pd.DataFrame:
    known = {
        "events": the_events(), "lead_days": 28, "priors": the_priors(), "memory": no_memory(),
        "catalogue": a_catalogue(daily["sku"].unique()), "seed_text": "demo",
    } | changed  # fmt: skip
    return backtest.replay_last_event(daily, known.pop("events"), **known)


def test_the_last_event_is_forecast_from_its_lead_days_before_it():
    found = replayed(a_daily([6.0, 12.0, 30.0]))
    assert found["event"].tolist() == ["8.8"] * 3
    assert set(found["cut_off_on"]) == {pd.Timestamp("2025-07-11")}


def test_what_came_after_the_cut_off_changes_the_truth_and_not_the_forecast():
    daily = a_daily([6.0, 12.0, 30.0])
    later = daily["day"] >= "2025-07-11"
    scrambled = daily.assign(units=daily["units"].mask(later, 77))
    first, second = replayed(daily), replayed(scrambled)
    forecast = ["mean_units", "q10_units", "q50_units", "q90_units", "rule_units"]
    pd.testing.assert_frame_equal(first[forecast], second[forecast])
    assert second["actual_units"].tolist() == [231.0] * 3


def test_a_forecast_from_known_levels_and_ratios_covers_the_truth():
    levels = np.exp(np.random.default_rng(3).normal(2.5, 0.6, 60))
    found = replayed(a_daily(levels, ratio=3.0))
    assert 0.7 <= found["is_covered"].mean() <= 1.0
    assert found["mean_units"].sum() == pytest.approx(found["actual_units"].sum(), rel=0.1)


def test_days_without_stock_are_left_out_of_truth_forecast_and_rule():
    daily = a_daily([20.0] * 5, noise=False)
    out = daily["day"] == "2025-08-10"
    whole, part = replayed(daily), replayed(daily.assign(is_stock_out=out))
    assert part["actual_units"].tolist() == [120.0] * 5
    for column in ("mean_units", "rule_units"):
        assert (part[column] / whole[column]).to_numpy() == pytest.approx(2 / 3, rel=0.02)


def test_the_rule_is_the_last_multiplier_times_the_clean_mean_of_28_days():
    daily = a_daily({"x": 10.0}, ratio=4.0, noise=False)
    window = daily[daily["phase"] == "sale"].tail(3)
    known = panel_of(daily[daily["day"] < "2025-08-01"])
    assert backtest.rule_units(known, window).tolist() == [10 * 4 * 3]


def test_a_sku_without_a_promotion_takes_the_median_multiplier_of_the_others():
    daily = a_daily({"x": 10.0, "y": 5.0, "z": 8.0}, ratio=4.0, noise=False)
    new = (daily["sku"] == "z") & (daily["day"] < "2025-07-20")
    window = daily[(daily["phase"] == "sale") & (daily["day"] >= "2025-08-01")]
    rule = backtest.rule_units(panel_of(daily[~new & (daily["day"] < "2025-08-01")]), window)
    assert rule.tolist() == [120.0, 60.0, 96.0]


def test_minor_sales_are_replayed_only_where_there_was_no_other():
    minor = the_events({"15th": "2025-08-15"}).assign(kind="mid_month")
    both = pd.concat([the_events(), tables.checked(tables.Events, minor)])
    end = pd.Timestamp("2025-09-15")
    assert backtest.last_plan(both, MARKET, end=end).event == "8.8"
    assert backtest.last_plan(minor, MARKET, end=end).event == "15th"
    assert backtest.last_plan(both, "US", end=end) is None


def test_an_event_still_running_is_not_replayed():
    assert backtest.last_plan(the_events(), MARKET, end=pd.Timestamp("2025-08-09")).event == "7.7"


def test_too_little_history_gives_an_empty_table_of_the_right_form():
    found = replayed(a_daily([5.0], days=60))
    assert found.empty
    assert list(found.columns) == tables.columns(tables.Backtest)
    assert replayed(a_daily([5.0]), lead_days={"US": 28}).empty


def test_a_memory_from_after_the_cut_off_is_not_used():
    daily = a_daily([6.0, 12.0], past={"8.8": PAST["8.8"]})
    late = a_memory(ended_on=pd.Timestamp("2025-07-20"), actual_units=900.0)
    early = a_memory(ended_on=pd.Timestamp("2025-05-20"), actual_units=900.0)
    events = the_events({"8.8": PAST["8.8"]})
    without = replayed(daily, events=events)
    pd.testing.assert_frame_equal(replayed(daily, events=events, memory=late), without)
    assert replayed(daily, events=events, memory=early)["mean_units"].sum() > (
        without["mean_units"].sum()
    )
