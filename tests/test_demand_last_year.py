"""Last year's same weeks: what they add to days ahead, worked by hand, and when they are silent."""

import numpy as np
import pytest

from planner.demand.last_year import MAX_LOG, WEIGHT, last_year_ratio

N_DAYS, N_TOTAL = 420, 470


def a_year(step: float, *, n_days: int = N_DAYS, units: float = 50.0) -> np.ndarray:
    """Return two SKUs; from 70 days after last year's today on they sold `step` times as much."""
    flat = np.full((2, n_days), units)
    flat[:, n_days - 365 + 10 : n_days - 365 + 60] *= step
    return flat


def told(flat: np.ndarray, *, clean: np.ndarray | None = None, ahead: int = 50) -> np.ndarray:
    everywhere = np.ones(flat.shape, dtype=bool)
    clean = everywhere if clean is None else clean
    return last_year_ratio(flat, clean, n_total=flat.shape[1] + ahead)


def test_a_rise_of_last_year_comes_again_by_six_tenths():
    found = told(a_year(1.5))
    assert (found[:N_DAYS] == 1.0).all()
    # day 35 ahead: all of its 21 days a year ago lay in the rise, the six weeks before did not;
    # the two steps of the rise are all that its 60 weeks show of chance
    assert found[N_DAYS + 35] == pytest.approx(1.5**WEIGHT, rel=0.01)
    assert found[N_DAYS + 35] <= 1.5**WEIGHT


def test_a_fall_comes_again_too_and_steady_sales_say_nothing():
    assert told(a_year(0.5))[N_DAYS + 35] == pytest.approx(0.5**WEIGHT, rel=0.01)
    assert told(a_year(1.0)).tolist() == pytest.approx([1.0] * N_TOTAL)


def test_no_rise_doubles_days_ahead_more_than_once():
    assert told(a_year(100.0)).max() <= np.exp(MAX_LOG) + 1e-9


def test_shorter_and_longer_histories_are_left_to_others():
    for n_days in (399, 730):
        assert (told(a_year(1.5, n_days=n_days)) == 1.0).all()


def test_a_market_of_a_few_units_a_day_is_told_nothing():
    assert (told(a_year(1.5, units=2.0)) == 1.0).all()


def test_weeks_that_nobody_knows_tell_nothing():
    clean = np.ones((2, N_DAYS), dtype=bool)
    clean[:, N_DAYS - 365 + 20 : N_DAYS - 365 + 50] = False  # a stock-out of all a year ago
    assert told(a_year(1.5), clean=clean)[N_DAYS + 35] == 1.0


def test_a_change_like_any_other_week_counts_little():
    rng = np.random.default_rng(2)
    weeks = np.repeat(np.exp(rng.normal(0, 0.5, 61)), 7)[:N_DAYS]
    found = told(50.0 * np.tile(weeks, (2, 1)))[N_DAYS:]
    assert np.abs(np.log(found)).max() < 0.25
