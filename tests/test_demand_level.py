"""Weekday profile, weighted and local means: numbers worked by hand."""

import numpy as np
import pytest

from planner.demand import level

ALONE = np.zeros(1, dtype=int)


def all_of(values: np.ndarray) -> np.ndarray:
    return np.ones(values.shape, dtype=bool)


def test_a_day_of_one_half_life_counts_half():
    values = np.array([[8.0, 2.0]])
    found, weight = level.weighted_level(
        values, all_of(values), half_life_days=1.0, prior=np.array([6.0]), end=2
    )
    # (0.5 * 8 + 1 * 2 + 5 pseudo-days * 6) / (0.5 + 1 + 5); 30 units are five days of 6
    assert found.tolist() == [36 / 6.5]
    assert weight.tolist() == [4.5]


def test_masked_days_do_not_count_for_the_level():
    values = np.array([[4.0, 4.0, 90.0]])
    mask = np.array([[True, True, False]])
    found, _ = level.weighted_level(values, mask, half_life_days=28.0, prior=np.array([4.0]), end=3)
    assert found == pytest.approx([4.0])


def test_weekday_factors_of_a_large_seller_are_its_ratios():
    weekday = np.arange(70) % 7
    values = np.where(weekday == 5, 2000.0, 1000.0)[None, :]
    factors = level.weekday_profile(values, all_of(values), weekday, ALONE)
    assert factors[0, 5] / factors[0, 0] == pytest.approx(2.0, rel=0.01)
    assert factors[0].mean() == pytest.approx(1.0, rel=0.01)


def test_weekday_factors_of_a_tiny_seller_stay_near_one():
    weekday = np.arange(14) % 7
    values = np.where(weekday == 5, 1.0, 0.0)[None, :]
    factors = level.weekday_profile(values, all_of(values), weekday, ALONE)
    assert factors.min() > 0.9
    assert factors.max() < 1.3


def test_a_weekday_without_a_sale_in_large_volume_is_closed():
    weekday = np.arange(140) % 7
    values = np.where(weekday == 6, 0.0, 900.0)[None, :]
    factors = level.weekday_profile(values, all_of(values), weekday, ALONE)
    assert factors[0, 6] == 0.0


def test_weekday_factors_are_flat_where_nothing_was_sold():
    values = np.zeros((2, 30))
    factors = level.weekday_profile(values, all_of(values), np.arange(30) % 7, np.array([0, 0]))
    assert (factors == 1.0).all()


def test_steady_sales_lean_on_long_half_lives_and_a_break_on_short_ones():
    rng = np.random.default_rng(1)
    steady = rng.poisson(20, (30, 180)).astype(float)
    long = level.half_life_weights(steady, all_of(steady))
    assert long[168.0] > long[21.0]
    broken = rng.poisson(np.where(np.arange(180) < 70, 5, 40), (30, 180)).astype(float)
    short = level.half_life_weights(broken, all_of(broken))
    assert short[21.0] == max(short.values())
    assert sum(short.values()) == pytest.approx(1.0)


def test_a_short_history_takes_the_default_half_life():
    values = np.full((3, 60), 5.0)
    weights = level.half_life_weights(values, all_of(values))
    assert weights == {level.DEFAULT_HALF_LIFE_DAYS: 1.0}


def test_a_mixed_level_is_the_geometric_mean_of_its_levels():
    values = np.array([[4.0] * 40 + [16.0] * 40])
    parts = [
        level.weighted_level(
            values, all_of(values), half_life_days=days, prior=np.array([10.0]), end=80
        )[0][0]
        for days in (21.0, 84.0)
    ]
    mixed, _ = level.mixed_level(
        values, all_of(values), weights={21.0: 0.5, 84.0: 0.5}, prior=np.array([10.0]), end=80
    )
    assert mixed[0] == pytest.approx(np.sqrt(parts[0] * parts[1]))


def test_a_silent_series_has_a_level_of_nothing():
    values = np.zeros((1, 80))
    mixed, _ = level.mixed_level(
        values, all_of(values), weights={21.0: 1.0}, prior=np.array([0.0]), end=80
    )
    assert mixed.tolist() == [0.0]


def test_a_season_that_is_known_leaves_no_error():
    season = np.where(np.arange(180) >= 100, 2.0, 1.0)
    values = 10.0 * season[None, :]
    plain = level.level_errors(values, all_of(values), [28.0], origin=96)
    known = level.level_errors(values, all_of(values), [28.0], origin=96, season=season)
    assert plain == pytest.approx([28 * 10.0])
    assert known == pytest.approx([0.0])


def test_the_mean_round_a_promotion_takes_both_sides():
    values = np.concatenate([np.full(28, 10.0), np.full(5, 99.0), np.full(28, 20.0)])[None, :]
    mask = np.concatenate([np.full(28, True), np.full(5, False), np.full(28, True)])[None, :]
    around = level.mean_around(values, mask, np.array([15.0]))
    assert around[0, 30] == pytest.approx(15.0)


def test_the_smaller_a_sku_the_more_it_leans_on_its_long_mean():
    values = np.array([[2.0] * 10, [200.0] * 10])
    found, _ = level.weighted_level(
        values, all_of(values), half_life_days=1e9, prior=np.array([1.0, 100.0]), end=10
    )
    # 30 pseudo-days of 1 behind ten days of 2; one pseudo-day of 100 behind ten days of 200
    assert found == pytest.approx([50 / 40, 2100 / 11])


def test_a_promotion_of_a_small_sku_is_judged_by_its_long_mean_too():
    values = np.array([[3.0] * 20])
    found = level.mean_around(values, all_of(values), np.array([1.0]))
    # twenty days of 3 and 30 pseudo-days of 1
    assert found[0, 5] == pytest.approx(90 / 50)
