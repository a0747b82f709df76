"""Shares of a phase by day: learnt, shrunk, fitted to any length, and days that add up."""

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PLAN, a_daily, forecast_parts

from planner import tables
from planner.demand import day_curve, days_ahead

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
