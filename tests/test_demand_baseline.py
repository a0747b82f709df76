"""What an ordinary day sells: known levels come back, promotions and empty shelves do not count."""

import logging

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, UNTIL, a_catalogue, a_daily

from planner import tables
from planner.demand import baseline, seasons
from planner.demand.clean import panel_of

SKUS = ["S000", "S001"]


def fitted(daily: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    return baseline.fit_baseline(daily, until=UNTIL, catalogue=a_catalogue(daily["sku"].unique()))


def test_a_known_level_comes_back():
    levels = [2.0, 5.0, 12.0, 40.0] * 10
    fit, _ = fitted(a_daily(levels))
    assert fit["level_units"].to_numpy() / levels == pytest.approx(np.ones(40), abs=0.25)
    assert fit["level_units"].sum() == pytest.approx(sum(levels), rel=0.03)


def test_promo_days_left_in_would_raise_the_level():
    daily = a_daily([10.0] * 8, ratio=6.0)
    masked, _ = fitted(daily)
    left_in, _ = fitted(daily.assign(phase="", event=""))
    assert masked["level_units"].mean() == pytest.approx(10.0, rel=0.04)
    assert left_in["level_units"].mean() > 1.05 * masked["level_units"].mean()


def test_a_reported_stock_out_near_the_end_does_not_lower_the_level():
    daily = a_daily([10.0] * 8)
    empty = daily["day"] >= "2025-09-06"
    out = daily.assign(units=daily["units"].mask(empty, 0), is_stock_out=empty)
    told, _ = fitted(out)
    untold, _ = fitted(out.assign(is_stock_out=False))
    assert told["level_units"].mean() == pytest.approx(10.0, rel=0.05)
    assert untold["level_units"].mean() < 0.93 * told["level_units"].mean()
    assert told["masked_stock_out_days"].tolist() == [10] * 8


def test_days_are_counted_by_what_became_of_them():
    daily = a_daily({"x": 6.0})
    fit, base = fitted(daily.assign(is_stock_out=daily["day"] == "2025-07-20"))
    assert fit[
        ["clean_days", "masked_promo_days", "masked_stock_out_days"]
    ].to_numpy().tolist() == [[170, 9, 1]]
    assert base.loc[~base["is_future"], "is_masked"].sum() == 10


def test_the_baseline_runs_to_the_day_before_the_horizon_ends():
    _, base = fitted(a_daily([5.0, 9.0]))
    ahead = base[base["is_future"]]
    assert ahead["day"].min() == pd.Timestamp("2025-09-16")
    assert ahead["day"].max() == pd.Timestamp("2025-11-30")
    assert len(ahead) == 2 * 76


def test_a_market_known_for_less_long_begins_its_days_ahead_earlier():
    daily = pd.concat([
        a_daily({"x": 5.0}),
        a_daily({"x": 5.0}, shop="my-one", market="MY", until="2025-09-10"),
    ])  # fmt: skip
    until = {**UNTIL, "MY": pd.Timestamp("2025-10-01").date()}
    _, base = baseline.fit_baseline(daily, until=until, catalogue=a_catalogue(["x"]))
    ahead = base[base["is_future"]].groupby("market")["day"].agg(["min", "max"])
    assert ahead.loc["MY"].tolist() == [pd.Timestamp("2025-09-10"), pd.Timestamp("2025-09-30")]
    assert ahead.loc[MARKET, "min"] == pd.Timestamp("2025-09-16")


def test_a_weekday_pattern_is_carried_ahead():
    daily = a_daily([40.0] * 10, noise=False)
    saturday = daily["day"].dt.day_of_week == 5
    _, base = fitted(daily.assign(units=daily["units"].where(~saturday, daily["units"] * 2)))
    ahead = base[base["is_future"]]
    by_day = ahead.groupby(ahead["day"].dt.day_of_week)["baseline_units"].mean()
    assert by_day[5] / by_day[0] == pytest.approx(2.0, rel=0.05)


def test_silent_series_and_a_single_day_give_numbers_all_the_same():
    silent, _ = fitted(a_daily({"x": 0.0}))
    assert silent["level_units"].tolist() == [0.0]
    one_day, base = fitted(a_daily({"x": 5.0}, days=1, noise=False))
    assert one_day["level_units"].tolist() == pytest.approx([5.0], rel=0.3)
    assert base["baseline_units"].notna().all()


def test_a_sku_that_only_ever_sold_in_a_promotion_leans_on_the_others():
    daily = a_daily([10.0] * 6, ratio=4.0)
    late = (daily["sku"] == "S005") & (daily["phase"] == "")
    fit, _ = fitted(daily[~late])
    row = fit.set_index("sku").loc["S005"]
    assert row["clean_days"] == 0
    assert row["method"] == "method.category"
    assert row["level_units"] == pytest.approx(10.0, rel=0.3)
    assert row["drift_sd"] > fit["drift_sd"].min()


def test_history_after_the_planning_day_changes_nothing():
    daily = a_daily([4.0, 9.0], days=200)
    known = daily[daily["day"] < "2025-08-20"]
    other = daily.assign(units=daily["units"].where(daily["day"] < "2025-08-20", 999))
    first = fitted(known)
    second = fitted(other[other["day"] < "2025-08-20"])
    for one, two in zip(first, second, strict=True):
        pd.testing.assert_frame_equal(one, two)


def test_a_short_history_has_no_season_and_a_long_one_only_if_it_helps(monkeypatch):
    panel = panel_of(a_daily([6.0] * 5, days=300))
    assert not baseline.fit_panel(panel, horizon_days=10).has_season.any()
    long = panel_of(a_daily([6.0] * 5, days=420, market="US"))  # keeps none of the feasts
    monkeypatch.setattr(
        seasons, "season_index", lambda index, *, first_on, n_days, market: np.full(n_days, 1.5)
    )
    monkeypatch.setattr(seasons, "_season_helps", lambda *_: False)
    assert not baseline.fit_panel(long, horizon_days=10).has_season.any()
    monkeypatch.setattr(seasons, "_season_helps", lambda *_: True)
    assert baseline.fit_panel(long, horizon_days=10).has_season.all()


def test_yearly_seasonality_waits_for_two_years(monkeypatch):
    asked = []

    class Model:
        def fit(self, frame, seed):
            self.days = len(frame)

        def predict(self, frame):
            return pd.DataFrame({"yhat": np.linspace(-3, 3, len(frame))})

    monkeypatch.setattr(seasons, "quiet_prophet", lambda **o: asked.append(o) or Model())
    for days in (400, 729, 730):
        curve = seasons.season_index(
            np.zeros(days), first_on=pd.Timestamp("2023-01-01"), n_days=days + 60, market="UK"
        )
        assert curve.min() == pytest.approx(0.5)
        assert curve.max() == pytest.approx(2.0)
    assert [options["yearly_seasonality"] for options in asked] == [False, False, True]
    assert "Christmas Day" in set(asked[0]["holidays"]["holiday"])


def test_a_market_without_a_name_has_no_holidays():
    days = pd.date_range("2025-01-01", periods=30)
    assert seasons._holidays("", days) is None
    assert pd.Timestamp("2025-01-01") in set(seasons._holidays("TH", days)["ds"])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Prophet 1.5 on pandas 3.1
@pytest.mark.parametrize(("n_days", "height"), [(800, 0.5), (736, 0.25)])
def test_two_years_of_a_yearly_wave_are_found_by_prophet(caplog, n_days, height):
    days = pd.date_range(end="2025-09-15", periods=n_days)
    wave = np.exp(height * np.sin(2 * np.pi * days.day_of_year / 365.25))
    daily = a_daily([30.0] * 12, days=n_days, noise=False, past={})
    rng = np.random.default_rng(1)
    daily["units"] = rng.poisson(30.0 * np.tile(wave, 12))
    with caplog.at_level(logging.INFO):
        fit, base = fitted(tables.checked(tables.DailySales, daily))
    assert set(fit["method"]) == {"method.weighted_season"}
    ahead = base[base["is_future"]].groupby("day")["baseline_units"].mean()
    truth = 30.0 * np.exp(height * np.sin(2 * np.pi * ahead.index.day_of_year / 365.25))
    assert np.abs(ahead / truth - 1).mean() < 0.12
    assert not [r for r in caplog.records if r.name.startswith("cmdstanpy")]
