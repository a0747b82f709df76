"""What an ordinary day sells, and the chances of selling less or more than that."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import nbinom

from planner.intake import chances, day_grid, expected, first_look
from planner.intake.moments import moments_of

N_DAY = 140
COUNTS = np.arange(8.0)


def a_grid(units: np.ndarray, *, phase: np.ndarray | None = None) -> day_grid.Grid:
    days = pd.date_range("2025-01-06", periods=units.shape[1], unit="us")  # a Monday
    names = np.repeat([f"S{n}" for n in range(len(units))], units.shape[1])
    word = np.tile(np.full(units.shape[1], "") if phase is None else phase, len(units))
    frame = pd.DataFrame({"shop": "s", "market": "TH", "sku": names, "phase": word})
    frame["event"] = np.where(word != "", "e", "")
    return day_grid.grid_of(
        frame.assign(day=np.tile(days, len(units)), units=units.reshape(-1).round())
    )


def told(grid: day_grid.Grid) -> expected.Expected:
    weight = day_grid.first_weight(grid)
    alpha = np.full(len(grid.keys), 0.1)
    in_stock = np.ones_like(weight)
    return expected.expected_units(grid, grid.units, weight, in_stock=in_stock, dispersion=alpha)


def test_weekdays_keep_their_own_share():
    week = np.array([60, 80, 100, 100, 100, 120, 140])
    found = told(a_grid(np.tile(week, 20)[None, :]))
    assert found.ordinary[0, 70:77] == pytest.approx(week, rel=0.05)


def test_the_level_follows_a_slow_trend():
    trend = np.linspace(50, 150, N_DAY)[None, :]
    found = told(a_grid(trend))
    assert found.ordinary[0, 20:-20] == pytest.approx(trend[0, 20:-20], rel=0.1)


def test_a_promotion_leaves_the_ordinary_day_alone_and_lifts_the_mean():
    units = np.full((2, N_DAY), 20.0)
    phase = np.full(N_DAY, "", dtype="U8")
    units[:, 70:73], phase[70:73] = 60, "sale"
    found = told(a_grid(units, phase=phase))
    assert found.ordinary[:, 70:73] == pytest.approx(20, rel=0.02)
    assert found.mean[:, 70:73] == pytest.approx(60, rel=0.1)


def test_a_usual_week_is_seen_through_a_month_without_stock():
    units = np.full((1, N_DAY), 30.0)
    units[0, 60:90] = 0
    grid = a_grid(units)
    assert first_look.usual_units(grid, day_grid.first_weight(grid))[0, 75] == 30


def test_a_shelf_that_has_just_emptied_after_a_long_promotion_lowers_no_usual_week():
    units, phase = np.full((1, N_DAY), 30.0), np.full(N_DAY, "", dtype="U8")
    units[0, -21:], phase[-49:-21] = 0, "sale"
    grid = a_grid(units, phase=phase)
    assert first_look.usual_units(grid, day_grid.first_weight(grid))[0, -1] == 30


def test_the_level_of_a_slow_sku_remembers_twice_as_long():
    units = np.stack([np.repeat([20.0, 0.0], [N_DAY - 20, 20]), np.repeat([2.0, 0.0], [120, 20])])
    left = told(a_grid(units)).ordinary[:, -1] / units[:, 0]
    assert left[0] == pytest.approx(0.25, abs=0.05)  # 20 days are two half-lives
    assert left[1] == pytest.approx(0.50, abs=0.05)  # and one


def test_before_a_jump_and_after_a_drop_the_day_is_judged_by_the_lower_side():
    units = np.concatenate([np.full(70, 10.0), np.full(70, 60.0)])[None, :]
    found = told(a_grid(units))
    assert found.ordinary[0, 69] > 25
    assert found.test_mean[0, 69] < 14


def test_dispersion_is_found_and_slow_skus_lean_on_the_shop():
    rng = np.random.default_rng(3)
    mean = np.array([[40.0], [40.0], [40.0], [0.3]])
    units = rng.poisson(mean * rng.gamma(2, 0.5, (4, 400)))  # alpha 0.5
    grid = a_grid(units.astype(float))
    weight = day_grid.first_weight(grid)
    alpha = expected.dispersion_of(grid, grid.units, np.broadcast_to(mean, units.shape), weight)
    assert alpha == pytest.approx(0.5, abs=0.12)


def test_chances_are_those_of_a_negative_binomial():
    mean, alpha = np.array(3.0), np.array(0.4)
    law = nbinom(1 / 0.4, 1 / (1 + 3.0 * 0.4))
    assert np.exp(chances.log_chance(COUNTS, mean, alpha)) == pytest.approx(law.pmf(COUNTS))
    assert chances.chance_of_more(COUNTS, mean, alpha) == pytest.approx(law.sf(COUNTS - 1))
    every = np.arange(400)
    wanted = [(every * law.pmf(every))[int(x) :].sum() / law.sf(x - 1) for x in COUNTS]
    assert chances.mean_at_least(COUNTS, mean, alpha) == pytest.approx(wanted)


def test_sums_over_days_lie_round_each_day():
    assert day_grid.rolling_sum(np.array([[1.0, 2, 3, 4]]), 3).tolist() == [[3, 6, 9, 7]]


def test_moments_are_shares_of_the_shops_own_day():
    grid = a_grid(np.full((1, 30), 24.0))
    at = pd.date_range("2025-01-06", periods=30 * 24, freq="h", unit="us")
    lines = pd.DataFrame({"shop": "s", "market": "TH", "sku": "S0", "ordered_at": at})
    cut = lines[(at.day != 20) | (at.hour <= 12)]
    found = moments_of(grid, cut)
    assert found.has.all()
    assert found.first[0] == pytest.approx(0)
    assert found.last[0, 14] == pytest.approx(0.5, abs=0.03)
    assert found.last[0, 13] == pytest.approx(23 / 24, abs=0.03)


def test_dates_without_a_clock_tell_no_moment():
    grid = a_grid(np.full((1, 30), 1.0))
    at = pd.date_range("2025-01-06", periods=30, unit="us")
    lines = pd.DataFrame({"shop": "s", "market": "TH", "sku": "S0", "ordered_at": at})
    assert not moments_of(grid, lines).has.any()
