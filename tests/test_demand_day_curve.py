"""Shares of a phase by day: learnt, shrunk, fitted to any length, and days that add up."""

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PLAN, a_daily, forecast_parts

from planner import tables
from planner.campaign import MarketPlan
from planner.demand import day_curve, days_ahead, rest_of_phase

PEAKS = np.array([1.5, 0.9, 0.6])
"""Three sale days against their mean."""


def shipped(**ratios: float) -> pd.DataFrame:
    """Return `DayCurvePriors` of the sale: ratio by position, log_sd 0.2."""
    frame = pd.DataFrame({"position": list(ratios), "day_ratio": list(ratios.values())}).assign(
        phase="sale", log_sd=0.2, valid_from=pd.Timestamp("2020-01-01"), valid_to=pd.NaT,
        confidence="low", source="test", as_of=pd.Timestamp("2025-01-01"),
    )  # fmt: skip
    kinds = {"valid_to": "datetime64[us]", "position": "str", "day_ratio": float}
    return tables.checked(tables.DayCurvePriors, frame.astype(kinds))


def peaked() -> pd.DataFrame:
    daily = a_daily([300.0, 200.0], noise=False)
    for name in ("6.6", "7.7", "8.8"):
        day = daily.loc[daily["event"] == name].groupby("sku")["day"].rank().astype(int) - 1
        lifted = daily.loc[day.index, "units"] * PEAKS[day.to_numpy()]
        daily.loc[day.index, "units"] = lifted.round().astype(int)
    return daily


def curve_of(daily: pd.DataFrame, register: pd.DataFrame, phase: str = "sale") -> pd.DataFrame:
    base = forecast_parts(daily)["baseline"]
    curve = day_curve.learn_day_curve(daily, base, plans={MARKET: PLAN}, shipped=register)
    return curve[curve["phase"] == phase]


@pytest.fixture(scope="module")
def parts() -> dict[str, pd.DataFrame]:
    daily = peaked()
    made = forecast_parts(daily)
    made["curve"] = day_curve.learn_day_curve(
        daily, made["baseline"], plans={MARKET: PLAN}, shipped=shipped()
    )
    return made


def test_without_past_and_register_every_day_has_an_even_share():
    curve = curve_of(a_daily([30.0], past={}), shipped())
    assert curve["share_rate"].to_numpy() == pytest.approx(np.full(4, 0.25))
    assert set(curve["source"]) == {"shipped"}
    assert (curve["share_low_rate"] < 0.25).all()
    assert (curve["share_high_rate"] > 0.25).all()


def test_the_register_alone_gives_its_own_ratios_scaled_to_one():
    curve = curve_of(a_daily([30.0], past={}), shipped(start_1=2.0))
    assert curve["share_rate"].to_numpy() == pytest.approx([0.4, 0.2, 0.2, 0.2])


def test_three_events_pull_the_curve_most_of_the_way_to_what_they_showed():
    curve = curve_of(peaked(), shipped())
    share = curve["share_rate"].to_numpy()
    assert share[0] / share[1] == pytest.approx(1.5 / 0.9, rel=0.15)
    assert share[0] == max(share)
    assert share.sum() == pytest.approx(1.0)
    assert set(curve["past_events"]) == {3}


def test_shares_of_every_phase_sum_to_one_whatever_its_length(parts):
    sums = parts["curve"].groupby(["market", "phase"])["share_rate"].sum()
    assert sums.to_numpy() == pytest.approx(np.ones(3))
    assert parts["curve"].groupby("phase").size().to_dict() == {"sale": 4, "tail": 6, "warm_up": 10}


def test_a_single_day_is_a_first_day_and_the_last_of_four_is_both_fourth_and_last():
    assert np.flatnonzero(day_curve.places_of(1)[0]).tolist() == [0]
    named = [day_curve.POSITIONS[place] for place in np.flatnonzero(day_curve.places_of(4)[3])]
    assert named == ["start_4", "end_1"]


def test_days_add_up_to_the_mean_of_their_phase(parts):
    daily = days_ahead.daily_forecast(
        parts["draws"], parts["baseline"], parts["curve"], fit=parts["fit"]
    )
    keys = ["shop", "market", "sku", "phase"]
    draws = parts["draws"].set_index(keys)["draws"].map(np.mean).sort_index()
    sums = daily.groupby(keys)["mean_units"].sum().sort_index()
    assert sums.to_numpy() == pytest.approx(draws.to_numpy())
    assert (daily["q10_units"] <= daily["q50_units"]).all()
    assert (daily["q50_units"] <= daily["q90_units"]).all()


def test_a_day_is_its_share_and_its_weekday():
    curve = pd.DataFrame(
        {
            "market": "TH",
            "phase": "sale",
            "day": pd.date_range("2025-11-11", periods=2, unit="us"),
            "phase_day": [1, 2],
            "share_rate": [0.6, 0.4],
            "share_low_rate": [0.5, 0.3],
            "share_high_rate": [0.7, 0.5],
            "source": "shipped",
            "past_events": 0,
        }
    )
    key = {"shop": "a", "market": "TH", "sku": "S"}
    baseline = pd.DataFrame([key, key]).assign(
        day=curve["day"], baseline_units=[1.0, 3.0], is_masked=False, is_future=True
    )
    draws = pd.DataFrame([key]).assign(
        phase="sale",
        starts_on=curve["day"].min(),
        ends_on=curve["day"].max(),
        draws=[np.full(10, 90.0)],
    )
    told = days_ahead.daily_forecast(draws, baseline, curve)
    assert told["mean_units"].to_list() == pytest.approx([30.0, 60.0])  # 0.6 x 1 to 0.4 x 3


def test_a_sku_that_sells_nothing_has_days_of_nothing(parts):
    draws = parts["draws"].assign(draws=[worlds * 0.0 for worlds in parts["draws"]["draws"]])
    daily = days_ahead.daily_forecast(draws, parts["baseline"], parts["curve"])
    assert (daily[["mean_units", "q10_units", "q90_units"]] == 0).all(axis=None)


RUNNING = MarketPlan.model_validate(
    {
        "event": "9.9",
        "kind": "double_date",
        "phases": {"sale": {"start": "2025-09-13", "end": "2025-09-18"}},
        "next_replenishment_on": "2025-10-01",
    }
)
"""Three of its six days are known on the as-of day."""


def running(first_days: list[int]) -> pd.DataFrame:
    """Return sales of 20 a day, with the first three days of the sale given."""
    daily = a_daily([20.0, 20.0], noise=False, ratio=3.0)
    days = pd.date_range("2025-09-13", "2025-09-15")
    inside = daily["day"].isin(days)
    units = daily["day"].map(dict(zip(days, first_days, strict=True)))
    daily.loc[inside, "units"] = units[inside].astype(int)
    daily.loc[inside, ["event", "phase"]] = ["9.9", "sale"]
    return daily


def test_the_rest_of_a_front_loaded_phase_sells_less_a_day_than_the_whole():
    daily = running([120, 60, 30])
    baseline = forecast_parts(daily, plans={MARKET: RUNNING})["baseline"]
    curve = day_curve.learn_day_curve(
        daily, baseline, plans={MARKET: RUNNING}, shipped=shipped(start_1=3.0, start_2=1.5)
    )
    rest = rest_of_phase.rest_ratios(baseline, curve)
    share = curve["share_rate"].to_numpy()
    assert set(rest["phase"]) == {"sale"}
    assert rest["rest_ratio"].to_numpy() == pytest.approx(share[3:].sum() / 0.5, rel=1e-6)
    assert rest["rest_ratio"].max() < 0.8


def test_the_days_sold_of_a_running_phase_count_as_their_place_in_the_curve():
    daily = running([120, 60, 30])
    baseline = forecast_parts(daily, plans={MARKET: RUNNING})["baseline"]
    curve = day_curve.learn_day_curve(daily, baseline, plans={MARKET: RUNNING}, shipped=shipped())
    told = rest_of_phase.evened(daily, curve)
    share = curve["share_rate"].to_numpy()
    first = told.loc[told["day"] == pd.Timestamp("2025-09-13"), "units"]
    assert first.to_numpy() == pytest.approx(120 / (6 * share[0]))
    before = daily["day"] < pd.Timestamp("2025-09-13")
    assert told.loc[before, "units"].to_list() == daily.loc[before, "units"].to_list()


def test_the_last_known_day_of_a_running_phase_is_not_taken_for_its_last():
    baseline = forecast_parts(running([120, 60, 30]), plans={MARKET: RUNNING})["baseline"]
    curve = day_curve.learn_day_curve(
        running([120, 60, 30]), baseline, plans={MARKET: RUNNING}, shipped=shipped()
    )
    share = curve["share_rate"].to_numpy()
    # the third day's slump says nothing of the last one
    assert share[-1] > share[2]


def test_a_whole_phase_has_no_rest(parts):
    assert rest_of_phase.rest_ratios(parts["baseline"], parts["curve"]).empty
