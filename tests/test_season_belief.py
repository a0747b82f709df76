"""Belief in worlds of demand once sales are seen. Numbers by hand stand beside each test."""

import numpy as np
import pytest

from planner.season.outlook.belief import believe
from planner.season.outlook.worlds import quantiles


def believed(to_date, rest, sold, *, doubt=0.0, is_censored=False):
    return believe(
        np.array([to_date], float),
        np.array([rest], float),
        np.array([sold], float),
        market=np.array(["TH"]),
        doubt=np.array([doubt]),
        is_censored=np.array([is_censored]),
    )


def mean_rest(rest, belief):
    return float((np.array(rest) * belief.weights[0]).sum() * belief.scale[0])


def test_nothing_seen_leaves_every_world_equally_likely():
    belief = believed([10, 20, 30, 40], [1, 2, 3, 4], np.nan)
    assert belief.weights[0].tolist() == [0.25] * 4
    assert belief.scale.tolist() == [1.0]


def test_worlds_that_explain_the_sales_are_believed_more():
    # Two kinds of worlds, 100 and 400 to date; 400 were sold: the rest is that of the second.
    to_date = [100.0] * 100 + [400.0] * 100
    rest = [50.0] * 100 + [200.0] * 100
    belief = believed(to_date, rest, 400)
    assert belief.weights[0][100:].sum() > 0.99
    assert mean_rest(rest, belief) == pytest.approx(200, rel=0.01)


def test_sales_on_plan_leave_the_forecast_where_it_was_and_narrow_it():
    rng = np.random.default_rng(5)
    to_date = rng.lognormal(np.log(300), 0.3, 2000)
    rest = to_date * rng.lognormal(np.log(0.8), 0.1, 2000)
    belief = believed(to_date, rest, 300)
    assert mean_rest(rest, belief) == pytest.approx(240, rel=0.05)
    spread = quantiles(rest[None, :], belief.weights, (0.1, 0.9))[0]
    before = np.quantile(rest, (0.1, 0.9))
    assert spread[1] - spread[0] < 0.7 * (before[1] - before[0])


def test_only_what_lasts_of_a_surplus_is_carried_into_the_rest():
    # Log-normal forecast of log sd 0.3, twice the plan sold. Of the logarithm of 2 the share
    # 0.09 / (0.09 + 0.04 + 1 / 300) lasts, 0.2 ** 2 being what may pass: 300 * 2 ** 0.675.
    to_date = np.random.default_rng(9).lognormal(np.log(300), 0.3, 4000)
    belief = believed(to_date, to_date, 600)
    middle = quantiles(to_date[None, :], belief.weights, (0.5,))[0, 0] * belief.scale[0]
    assert middle == pytest.approx(300 * 2**0.675, rel=0.05)


def test_sales_far_above_every_world_still_lift_the_rest():
    # Five times plan: 300 * 5 ** 0.675 to date at the same share, and 0.8 of that to come; the
    # boldest world holds less.
    to_date = np.random.default_rng(6).lognormal(np.log(300), 0.3, 500)
    belief = believed(to_date, 0.8 * to_date, 1500)
    middle = quantiles(0.8 * to_date[None, :], belief.weights, (0.5,)) * belief.scale
    assert middle[0, 0] == pytest.approx(0.8 * 300 * 5**0.675, rel=0.1)
    assert middle[0, 0] > 0.8 * np.quantile(to_date, 0.99)


def test_a_strong_market_lifts_a_sku_that_has_sold_nothing_special_itself():
    # Worlds are half weak and half strong for all SKUs alike. Ten SKUs sell as in the strong
    # ones; the eleventh, too slow to tell, sells between.
    strong = np.array([1.0] * 100 + [2.0] * 100)
    to_date = np.vstack([100 * strong] * 10 + [2 * strong])
    belief = believe(
        to_date,
        to_date,
        np.array([200.0] * 10 + [3.0]),
        market=np.array(["TH"] * 11),
        doubt=np.zeros(11),
        is_censored=np.zeros(11, dtype=bool),
    )
    assert belief.weights[10][100:].sum() > 0.95


def test_another_market_teaches_nothing():
    strong = np.array([1.0] * 100 + [2.0] * 100)
    to_date = np.vstack([100 * strong, 2 * strong])
    belief = believe(
        to_date,
        to_date,
        np.array([200.0, 3.0]),
        market=np.array(["TH", "ID"]),
        doubt=np.zeros(2),
        is_censored=np.zeros(2, dtype=bool),
    )
    assert belief.weights[1][100:].sum() == pytest.approx(0.5, abs=0.1)


def test_a_tenth_of_the_worlds_always_keeps_a_say():
    rng = np.random.default_rng(7)
    to_date = rng.lognormal(np.log(5000), 0.5, 500)
    belief = believed(to_date, to_date, 200_000)
    assert 1 / (belief.weights[0] ** 2).sum() >= 0.1 * 500 * 0.99


def test_a_peak_on_the_first_day_of_a_phase_moves_the_rest_less_than_a_whole_phase_does():
    to_date = np.random.default_rng(8).lognormal(np.log(100), 0.3, 1000)
    finished = believed(to_date, to_date, 180, doubt=0.0)
    running = believed(to_date, to_date, 180, doubt=0.4**2 * (1 - 1 / 3))
    assert 105 < mean_rest(to_date, running) < mean_rest(to_date, finished) < 180


def test_sales_cut_short_by_an_empty_shelf_are_only_a_floor():
    # Stock ran out at 100 sold: worlds of 200 explain that as well as worlds of 100.
    to_date = [20.0] * 100 + [100.0] * 100 + [200.0] * 100
    belief = believed(to_date, to_date, 100, is_censored=True)
    low, middle, high = (belief.weights[0][n : n + 100].sum() for n in (0, 100, 200))
    assert low < 0.001
    assert middle == pytest.approx(high)
