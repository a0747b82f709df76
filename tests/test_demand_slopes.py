"""How a ratio bends with what is known of a promotion: slopes that were put in come out."""

import numpy as np
import pytest

from planner.demand.slopes import MAX_STEP, effect_of, fit_slopes


def promotions(slope: float, *, usual: float = 400.0, n: int = 200, seed: int = 1):
    rng = np.random.default_rng(seed)
    driver = rng.normal(0, 1, n)
    mean = np.full(n, usual)
    sold = rng.poisson(mean * np.exp(slope * driver)).astype(float)
    return driver[:, None], sold, mean


def slopes_of(driver, sold, usual, *, rises=False):
    flags = np.full(driver.shape[1], rises)
    return fit_slopes(driver, sold, usual, rises=flags, dispersion=1.0)


def test_what_a_seller_does_for_a_promotion_never_lowers_it():
    driver, sold, usual = promotions(-0.3)
    assert slopes_of(driver, sold, usual).slope[0] < 0
    assert slopes_of(driver, sold, usual, rises=True).slope.tolist() == [0.0]


def test_a_slope_that_was_put_in_comes_out_a_little_shrunk():
    told = slopes_of(*promotions(0.3))
    slope = told.slope[0] / told.unit[0]
    assert 0.24 < slope < 0.31


def test_small_numbers_show_no_slope_that_is_not_there():
    rng = np.random.default_rng(3)
    size = rng.choice([0.2, 20.0], 400)
    sold = rng.poisson(2.0 * size).astype(float)
    told = slopes_of(np.log(size)[:, None], sold, 2.0 * size)
    assert abs(told.slope[0]) < 0.06
    # a regression of log((sold + 1) / (usual + 1)) rounds small SKUs towards a ratio of one
    naive = np.log1p(sold) - np.log1p(2.0 * size)
    assert abs(np.polyfit(np.log(size), naive, 1)[0]) < 0.06


def test_an_unknown_driver_bends_nothing_and_hides_no_other():
    driver, sold, usual = promotions(0.3)
    unknown = np.full_like(driver, np.nan)
    alone = slopes_of(driver, sold, usual)
    both = slopes_of(np.hstack([driver, unknown]), sold, usual)
    assert both.slope.tolist() == pytest.approx([alone.slope[0], 0.0])
    assert effect_of(np.array([[1.0, 5.0]]), both) == pytest.approx(
        effect_of(np.ones((1, 1)), alone)
    )


def test_beyond_experience_a_driver_counts_no_further():
    told = slopes_of(*promotions(0.3))
    far, farther = effect_of(np.array([[10.0], [1000.0]]), told)
    assert far == farther


def test_without_promotions_or_drivers_there_is_no_slope():
    nothing = np.zeros(0)
    assert slopes_of(np.zeros((0, 2)), nothing, nothing).slope.tolist() == [0, 0]
    none = slopes_of(np.zeros((5, 0)), np.ones(5), np.ones(5))
    assert effect_of(np.zeros((3, 0)), none).tolist() == [0, 0, 0]


def test_an_expected_slope_holds_where_the_past_never_varied():
    lengths = np.full((4, 1), np.log(4.0))
    told = fit_slopes(
        lengths,
        np.full(4, 30.0),
        np.full(4, 30.0),
        rises=np.array([False]),
        dispersion=1.0,
        expected=np.array([-0.15]),
    )
    longer, endless = effect_of(np.array([[np.log(8.0)], [np.log(4000.0)]]), told)
    assert longer == pytest.approx(-0.15 * np.log(2))
    assert endless == pytest.approx(-0.15 * MAX_STEP)


def test_many_promotions_outweigh_an_expected_slope():
    driver, sold, usual = promotions(0.3)
    flags = np.array([False])
    told = fit_slopes(driver, sold, usual, rises=flags, dispersion=1.0, expected=np.array([-0.15]))
    one_up = effect_of(np.array([[1.0]]), told)[0] - effect_of(np.array([[0.0]]), told)[0]
    assert 0.2 < one_up < 0.31


def test_an_expected_slope_bends_nothing_that_nobody_knows():
    told = fit_slopes(
        np.full((3, 1), np.nan),
        np.ones(3),
        np.ones(3),
        rises=np.array([False]),
        dispersion=1.0,
        expected=np.array([-0.15]),
    )
    assert effect_of(np.array([[1.0]]), told).tolist() == [0.0]
