"""Past promotions read from daily sales: what they sold, what was expected, where it comes from."""

import numpy as np
import pandas as pd
import pytest
from demand_case import (
    MARKET,
    PAST,
    PLAN,
    a_catalogue,
    a_daily,
    a_memory,
    forecast_parts,
    the_events,
    the_priors,
)

from planner.demand import promotions, uplift
from planner.demand.baseline import fit_panel
from planner.demand.clean import panel_of


def sale(table: pd.DataFrame) -> pd.DataFrame:
    return table[table["phase"] == "sale"].set_index("sku")


def test_a_known_ratio_comes_back():
    found = sale(forecast_parts(a_daily([8.0] * 30, ratio=3.5))["uplift"])
    assert found["uplift_ratio"].mean() == pytest.approx(3.5, rel=0.05)
    assert (found["low_ratio"] < 3.5).all()
    assert (found["high_ratio"] > 3.4).all()
    assert set(found["past_events"]) == {3}
    assert set(found["source"]) == {"sku"}


def test_a_past_run_counts_its_days_in_stock_only():
    daily = a_daily({"x": 10.0}, ratio=4.0, noise=False)
    out = (daily["day"] == "2025-08-09") | (daily["day"] == "2025-08-10")
    daily = daily.assign(is_stock_out=out, units=daily["units"].mask(out, 0))
    panel = panel_of(daily)
    fitted = fit_panel(panel, horizon_days=0)
    runs = promotions.past_runs(panel, fitted.expected, fitted.is_clean, phase="sale", kinds={})
    assert runs.sold.tolist() == [120.0, 120.0, 40.0]
    assert runs.expected == pytest.approx([30.0, 30.0, 10.0], rel=0.02)
    assert len(set(runs.occurrence)) == 3


def test_a_stock_out_in_the_last_promotion_does_not_lower_the_ratio():
    daily = a_daily([10.0] * 12, ratio=3.0)
    out = daily["day"].between("2025-08-09", "2025-08-10")
    silent = daily.assign(units=daily["units"].mask(out, 0))
    whole = sale(forecast_parts(daily)["uplift"])["uplift_ratio"].mean()
    told = sale(forecast_parts(silent.assign(is_stock_out=out))["uplift"])["uplift_ratio"].mean()
    assert told == pytest.approx(whole, rel=0.05)


def test_expected_sales_come_from_both_sides_of_a_promotion():
    daily = a_daily({"x": 10.0}, ratio=1.0, noise=False, past={"8.8": PAST["8.8"]})
    risen = daily.assign(units=daily["units"].where(daily["day"] < "2025-08-08", 30))
    panel = panel_of(risen)
    fitted = fit_panel(panel, horizon_days=0)
    runs = promotions.past_runs(panel, fitted.expected, fitted.is_clean, phase="sale", kinds={})
    assert runs.expected[0] / 3 == pytest.approx(20.0, rel=0.1)


def test_every_phase_of_the_plan_has_its_own_row_and_prior():
    found = forecast_parts(a_daily([6.0, 9.0]))["uplift"]
    assert found.groupby("sku")["phase"].agg(list).tolist() == [["warm_up", "sale", "tail"]] * 2
    warm_up = found[found["phase"] == "warm_up"]
    assert warm_up["uplift_ratio"].to_numpy() == pytest.approx(1.05)
    assert set(warm_up["source"]) == {"shipped"}
    assert warm_up["own_ratio"].isna().all()
    assert (warm_up["log_sd"] > 0.5).all()


def test_a_sku_without_a_past_takes_its_category_before_the_rest():
    daily = a_daily({"a": 10.0, "b": 10.0, "c": 10.0}, ratio=3.0)
    fresh = daily[(daily["sku"] != "c") | (daily["day"] >= "2025-08-20")]
    assert sale(forecast_parts(fresh)["uplift"]).loc["c", "source"] == "category"
    parts = forecast_parts(fresh)
    other = pd.concat([a_catalogue(["a", "b"]), a_catalogue(["c"], "beauty")])
    found = uplift.estimate_uplift(
        fresh,
        parts["baseline"],
        plans={MARKET: PLAN},
        events=the_events(),
        priors=the_priors(),
        memory=a_memory().head(0),
        catalogue=other,
    )
    assert sale(found).loc["c", "source"] == "portfolio"
    assert sale(found).loc["c", "past_events"] == 0


def test_memory_fills_in_where_the_history_holds_no_promotion():
    daily = a_daily([10.0, 10.0], past={})
    without = sale(forecast_parts(daily)["uplift"])
    remembered = a_memory(actual_units=120.0, uplift_ratio=4.0)
    with_memory = sale(forecast_parts(daily, memory=remembered)["uplift"])
    assert set(without["source"]) == {"shipped"}
    assert set(with_memory["source"]) == {"memory"}
    assert (with_memory["uplift_ratio"] > without["uplift_ratio"]).all()
    assert (with_memory["past_events"] == 0).all()
    assert with_memory.loc["S000", "own_ratio"] == pytest.approx(121 / 31)


def test_a_remembered_promotion_that_the_history_holds_is_not_counted_twice():
    daily = a_daily([10.0] * 4)
    plain = forecast_parts(daily)["uplift"]
    again = a_memory(ended_on=pd.Timestamp("2025-08-10"), actual_units=900.0)
    pd.testing.assert_frame_equal(plain, forecast_parts(daily, memory=again)["uplift"])


def test_the_closest_row_of_the_register_is_taken():
    rows = pd.DataFrame(
        {
            "category": ["any", "any", "home", "home"],
            "kind": ["any", "payday", "any", "payday"],
            "phase": "sale",
            "uplift_ratio": [2.0, 1.2, 2.5, 1.4],
            "log_sd": 0.5,
        }
    )

    def ratio(category: str, kind: str) -> float:
        log_ratio, _ = promotions.shipped_prior(rows, category=category, kind=kind, phase="sale")
        return round(float(np.exp(log_ratio)), 6)

    assert ratio("home", "payday") == 1.4
    assert ratio("home", "platform") == 2.5
    assert ratio("toys", "payday") == 1.2
    assert ratio("toys", "platform") == 2.0


def test_a_phase_the_register_lacks_is_as_likely_below_ordinary_days_as_above():
    log_ratio, sd = promotions.shipped_prior(
        the_priors(sale=2.0), category="home", kind="payday", phase="tail"
    )
    assert log_ratio == 0.0
    assert sd == promotions.UNKNOWN_LOG_SD


def test_ranges_hold_eighty_percent_of_the_draws_they_stand_for():
    found = forecast_parts(a_daily([6.0] * 10))["uplift"]
    sd = np.sqrt(found["log_sd"] ** 2 + found["common_log_sd"] ** 2)
    width = np.log(found["high_ratio"] / found["low_ratio"])
    assert width.to_numpy() == pytest.approx((2 * 1.2816 * sd).to_numpy())
    assert (found["low_ratio"] < found["uplift_ratio"]).all()
