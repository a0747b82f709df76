"""Demand by phase: right days, right sums, quantiles in order."""

import numpy as np
import pandas as pd
import pytest
from demand_case import AS_OF, MARKET, PLAN, a_daily, forecast_parts

from planner.campaign import Demand
from planner.demand import forecast
from planner.errors import PlanningError

LEVELS = [4.0, 9.0, 20.0]


@pytest.fixture(scope="module")
def parts() -> dict[str, pd.DataFrame]:
    return forecast_parts(a_daily(LEVELS))


def grades(draws: pd.DataFrame) -> pd.DataFrame:
    keys = draws[["shop", "market", "sku"]].drop_duplicates()
    return keys.assign(grade="B", grade_reason="grade_reason.no_own_event")


def summary(parts: dict[str, pd.DataFrame], draws: pd.DataFrame | None = None) -> pd.DataFrame:
    planned = parts["draws"] if draws is None else draws
    return forecast.summarise_draws(
        planned, model_draws=parts["draws"], grades=grades(parts["draws"])
    )


def test_phases_follow_each_other_from_the_first_unknown_day_to_the_next_replenishment():
    spans = forecast.phase_spans(PLAN, first=pd.Timestamp(AS_OF))
    told = {name: (str(a.date()), str(b.date())) for name, (a, b) in spans.items()}
    assert told == {
        "before": ("2025-09-16", "2025-10-31"),
        "warm_up": ("2025-11-01", "2025-11-10"),
        "sale": ("2025-11-11", "2025-11-14"),
        "tail": ("2025-11-15", "2025-11-20"),
        "after": ("2025-11-21", "2025-11-30"),
    }


def test_a_phase_that_has_begun_keeps_its_days_to_come_and_one_that_is_over_falls_out():
    spans = forecast.phase_spans(PLAN, first=pd.Timestamp("2025-11-12"))
    assert list(spans) == ["sale", "tail", "after"]
    assert spans["sale"][0] == pd.Timestamp("2025-11-12")


def test_means_are_level_times_days_times_ratio(parts):
    means = summary(parts).pivot_table(index="sku", columns="phase", values="mean_units")
    ratio = parts["uplift"].pivot_table(index="sku", columns="phase", values="uplift_ratio")
    level = parts["fit"].set_index("sku")["level_units"]
    for phase, days in (("warm_up", 10), ("sale", 4), ("tail", 6)):
        expected = level * days * ratio[phase]
        assert means[phase].to_numpy() == pytest.approx(expected.to_numpy(), rel=0.08)
    assert means["before"].to_numpy() == pytest.approx((level * 46).to_numpy(), rel=0.05)


def test_the_horizon_is_warm_up_to_after_world_by_world_and_leaves_before_out(parts):
    rows = summary(parts)
    whole = rows[rows["phase"] == "horizon"]
    inside = rows[rows["phase"].isin(forecast.HORIZON_PHASES)]
    sums = inside.groupby("sku")["mean_units"].sum()
    assert whole["mean_units"].to_numpy() == pytest.approx(sums.to_numpy())
    assert set(whole["starts_on"]) == {pd.Timestamp("2025-11-01")}
    assert set(whole["ends_on"]) == {pd.Timestamp("2025-11-30")}
    assert forecast.horizon_rows(rows)["sku"].tolist() == ["S002", "S001", "S000"]


def test_quantiles_never_fall_and_are_never_negative(parts):
    levels = summary(parts)[list(forecast.QUANTILES)].to_numpy()
    assert (np.diff(levels, axis=1) >= 0).all()
    assert (levels >= 0).all()


def test_a_scenario_multiplies_the_promo_phases_only(parts):
    def means(ratio: float) -> pd.Series:
        draws = forecast.draw_demand(
            parts["fit"], parts["baseline"], parts["uplift"], plans={MARKET: PLAN},
            demand=Demand(demand_ratio=ratio), seed_text="demo|day",
        )  # fmt: skip
        return draws.groupby("phase")["draws"].apply(lambda rows: np.mean(rows.to_list()))

    change = means(1.5) / means(1.0)
    assert change[["warm_up", "sale", "tail"]].to_numpy() == pytest.approx(1.5, rel=0.02)
    assert change[["before", "after"]].to_numpy() == pytest.approx(1.0, rel=0.005)


def test_draw_k_is_one_world_for_both_shops_of_a_seller():
    daily = pd.concat([
        a_daily({"x": 300.0}, seed=1),
        a_daily({"x": 300.0}, shop="th-two", seed=2),
    ])  # fmt: skip
    found = forecast_parts(daily)
    draws = found["draws"].set_index(["shop", "phase"])["draws"]
    fit = found["fit"].set_index("shop").loc["th-one"]
    ratio = found["uplift"].set_index(["shop", "phase"]).loc["th-one", "sale"]
    together = fit["common_drift_sd"] ** 2 + ratio["common_log_sd"] ** 2
    alone = fit["drift_sd"] ** 2 + ratio["log_sd"] ** 2
    shared = np.corrcoef(draws["th-one", "sale"], draws["th-two", "sale"])[0, 1]
    # as far as doubt is common they go together; 500 draws tell a correlation within 0.045 (1 sd)
    assert shared == pytest.approx(together / (together + alone), abs=0.1)
    assert shared > 0.2


def test_the_same_inputs_give_the_same_forecast(parts):
    again = forecast_parts(a_daily(LEVELS))
    for name, table in parts.items():
        pd.testing.assert_frame_equal(table, again[name])


def test_a_stock_out_in_the_last_promotion_does_not_lower_the_forecast():
    daily = a_daily([10.0] * 10, ratio=4.0)
    out = daily["day"].between("2025-08-09", "2025-08-10")
    silent = daily.assign(units=daily["units"].mask(out, 0), is_stock_out=out)
    whole, told = (
        np.mean([d.mean() for d in forecast_parts(frame)["draws"]["draws"]])
        for frame in (daily, silent)
    )
    assert told == pytest.approx(whole, rel=0.05)


def test_a_seller_without_any_past_event_and_silent_skus_get_numbers_all_the_same():
    draws = forecast_parts(a_daily({"x": 0.0, "y": 3.0}, past={}))["draws"]
    worlds = np.stack(draws["draws"].to_list())
    assert np.isfinite(worlds).all()
    assert (worlds >= 0).all()
    assert (np.stack(draws.loc[draws["sku"] == "x", "draws"].to_list()) == 0).all()


def test_a_baseline_that_ends_too_soon_is_refused(parts):
    past = parts["baseline"][~parts["baseline"]["is_future"]]
    with pytest.raises(PlanningError, match="no day ahead"):
        forecast.draw_demand(
            parts["fit"], past, parts["uplift"], plans={MARKET: PLAN}, demand=Demand(),
            seed_text="demo",
        )  # fmt: skip


def test_ranges_hold_what_they_say_on_simulated_sales():
    levels = np.exp(np.random.default_rng(7).normal(2.0, 0.8, 150))
    draws = forecast_parts(a_daily(levels, ratio=3.0))["draws"]
    sale = draws[draws["phase"] == "sale"]
    truth = np.random.default_rng(8).poisson(levels * 3.0 * 4)
    low, high = np.quantile(np.stack(sale["draws"].to_list()), (0.1, 0.9), axis=1)
    inside = ((truth >= low) & (truth <= high)).mean()
    assert 0.75 <= inside <= 0.99
