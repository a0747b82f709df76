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
from planner.demand.past_plans import past_plans
from planner.demand.rules_of_thumb import naive_units


def replayed(daily: pd.DataFrame, **changed: object) -> pd.DataFrame:
    known = {
        "events": the_events(), "lead_days": 28, "priors": the_priors(), "memory": no_memory(),
        "catalogue": a_catalogue(daily["sku"].unique()), "seed_text": "demo",
    } | changed  # fmt: skip
    return backtest.replay_events(daily, known.pop("events"), **known, most=1)


def replayed_all(daily: pd.DataFrame, *, most: int = backtest.MAX_EVENTS) -> pd.DataFrame:
    return backtest.replay_events(
        daily, the_events(), lead_days=28, priors=the_priors(), memory=no_memory(),
        catalogue=a_catalogue(daily["sku"].unique()), seed_text="demo", most=most,
    )  # fmt: skip


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
    assert past_plans(both, MARKET, end=end)[-1].event == "8.8"
    assert past_plans(minor, MARKET, end=end)[-1].event == "15th"
    assert past_plans(both, "US", end=end) == []


def test_an_event_still_running_is_not_replayed():
    assert past_plans(the_events(), MARKET, end=pd.Timestamp("2025-08-09"))[-1].event == "7.7"


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


def test_every_past_event_is_replayed_from_its_own_cut_off():
    found = replayed_all(a_daily([6.0, 12.0, 30.0]))
    cut_offs = found.groupby("event")["cut_off_on"].first()
    assert cut_offs.dt.strftime("%m-%d").to_dict() == {
        "6.6": "05-09", "7.7": "06-09", "8.8": "07-11",
    }  # fmt: skip
    assert found.groupby("event")["past_events"].first().to_dict() == {"6.6": 0, "7.7": 1, "8.8": 2}
    pd.testing.assert_frame_equal(backtest.last_of(found), replayed(a_daily([6.0, 12.0, 30.0])))


def test_no_more_events_are_replayed_than_asked_for_the_latest_first():
    assert set(replayed_all(a_daily([6.0]), most=2)["event"]) == {"7.7", "8.8"}


def test_quantiles_of_a_replay_never_fall_and_are_never_negative():
    found = replayed_all(a_daily([0.2, 6.0, 40.0]))
    worlds = found[list(backtest.LEVELS)].to_numpy()
    assert (np.diff(worlds, axis=1) >= 0).all()
    assert (worlds >= 0).all()


def test_naive_repeats_the_same_weekday_of_the_last_week_known():
    daily = a_daily({"x": 10.0}, noise=False, past={})
    last_week = daily["day"] >= "2025-09-09"
    weekday = daily["day"].dt.day_of_week
    daily = daily.assign(units=daily["units"].mask(last_week, weekday))
    window = pd.DataFrame({"day": pd.to_datetime(["2025-10-06", "2025-10-12", "2025-10-19"])})
    window = window.assign(shop="th-one", market=MARKET, sku="x")
    assert naive_units(panel_of(daily), window).tolist() == [0 + 6 + 6]
    out = daily.assign(is_stock_out=daily["day"] == "2025-09-14")
    assert naive_units(panel_of(out), window).tolist() == [0 + 10 + 10]


def test_a_sku_that_took_no_part_or_had_no_stock_is_not_scored():
    daily = a_daily({"x": 10.0, "y": 10.0, "z": 10.0})
    event = daily["event"] == "8.8"
    stayed_away = event & (daily["sku"] == "y")
    blank = {name: daily[name].mask(stayed_away, "") for name in ("event", "phase")}
    empty_shelf = event & (daily["sku"] == "z")
    found = replayed(daily.assign(**blank, is_stock_out=empty_shelf))
    assert found["sku"].tolist() == ["x"]


def test_the_same_name_a_year_later_is_another_event():
    twice = pd.concat([the_events({"8.8": "2024-08-08"}), the_events({"8.8": "2025-08-08"})])
    plans = backtest.past_plans(twice, MARKET, end=pd.Timestamp("2025-09-15"))
    assert [plan.phases.start.year for plan in plans] == [2024, 2025]


def test_a_mark_that_only_later_sales_explain_is_judged_again():
    daily = a_daily({"slow": 0.4, "fast": 40.0}, noise=False)
    silent = (daily["day"] >= "2025-07-06") & (daily["day"] < "2025-07-20")
    daily = daily.assign(units=daily["units"].mask(silent, 0), is_stock_out=silent)
    cut_off = pd.Timestamp("2025-07-11")
    known = backtest.known_then(daily, cut_off)
    assert known["day"].max() == pd.Timestamp("2025-07-10")
    marks = known[known["is_stock_out"]].groupby("sku").size().to_dict()
    assert marks.get("fast", 0) >= 4
    assert marks.get("slow", 0) == 0


def test_marks_between_two_known_sales_stay():
    daily = a_daily({"x": 20.0})
    out = (daily["day"] >= "2025-05-20") & (daily["day"] < "2025-05-24")
    daily = daily.assign(units=daily["units"].mask(out, 0), is_stock_out=out)
    known = backtest.known_then(daily, pd.Timestamp("2025-07-11"))
    assert known["is_stock_out"].sum() == 4
