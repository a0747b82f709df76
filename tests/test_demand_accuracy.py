"""The measures of the design, worked by hand."""

import math

import numpy as np
import pytest

from planner.demand import accuracy

TRUTH = [10.0, 30.0, 0.0]


def test_wape_is_absolute_error_over_demand():
    assert accuracy.wape(TRUTH, [14.0, 26.0, 2.0]) == pytest.approx(10 / 40)


def test_bias_is_above_zero_for_too_much():
    assert accuracy.bias(TRUTH, [14.0, 26.0, 2.0]) == pytest.approx(2 / 40)


def test_pinball_weighs_too_little_by_the_level_and_too_much_by_the_rest():
    assert accuracy.pinball([10.0, 10.0], [6.0, 14.0], level=0.8) == pytest.approx([3.2, 0.8])


def test_weighted_quantile_loss_is_twice_the_mean_pinball_over_demand():
    quantiles = {0.5: [10.0, 20.0, 0.0], 0.9: [12.0, 30.0, 5.0]}
    # pinball 0.5: 0 + 5 + 0; pinball 0.9: 0.2 + 0 + 0.5; 2 * (5 + 0.7) / 2 / 40
    assert accuracy.weighted_quantile_loss(TRUTH, quantiles) == pytest.approx(5.7 / 40)


def test_wql_of_the_median_alone_is_wape():
    guess = [14.0, 26.0, 2.0]
    found = accuracy.weighted_quantile_loss(TRUTH, {0.5: guess})
    assert found == pytest.approx(accuracy.wape(TRUTH, guess))


def test_coverage_counts_both_ends():
    assert accuracy.coverage([1, 5, 9, 10], [1, 6, 8, 8], [2, 7, 9, 9]) == 0.5


def test_shares_of_nothing_are_unknown():
    assert math.isnan(accuracy.wape([0.0], [3.0]))
    assert math.isnan(accuracy.coverage(np.array([]), np.array([]), np.array([])))
