"""The chain of states: what the days round a day add, and how often a shop runs out."""

import numpy as np
import pandas as pd
import pytest

from planner.intake import shelf_states
from planner.intake.day_grid import Grid, grid_of

N_DAY = 100
IN_STOCK, RUNS_OUT, OUT, COMES_IN = range(4)


def a_grid(*shops: str) -> Grid:
    days = pd.date_range("2025-01-06", periods=N_DAY, unit="us")
    frame = pd.DataFrame({"shop": np.repeat(shops, N_DAY), "day": np.tile(days, len(shops))})
    given = {"market": "TH", "sku": "A", "units": 5, "event": "", "phase": ""}
    return grid_of(frame.assign(**given).astype({"phase": "str", "event": "str"}))


def sure(states: np.ndarray) -> np.ndarray:
    return np.eye(4)[states]


def test_a_day_of_which_nothing_is_known_is_out_between_days_out():
    likelihood = sure(np.full((1, 9), OUT))
    likelihood[0, 4] = 1.0
    assert shelf_states.smoothed(likelihood, np.ones(1))[0, 4, OUT] > 0.9


def test_a_doubtful_day_of_a_shop_that_never_runs_out_is_in_stock():
    likelihood = sure(np.full((2, 9), IN_STOCK)).astype(float)
    likelihood[:, 4] = (1.0, 1.0, 30.0, 1.0)
    chance = shelf_states.smoothed(likelihood, np.array([0.1, 5.0]))[:, 4, IN_STOCK]
    assert chance[0] > 0.95 > chance[1]


def test_states_of_one_day_add_up_whatever_the_shop():
    states = shelf_states.smoothed(np.ones((3, 30, 4)), np.array([0.1, 1.0, 5.0]))
    assert states.sum(axis=2) == pytest.approx(np.ones((3, 30)))
    assert states[0, 15, IN_STOCK] > states[1, 15, IN_STOCK] > states[2, 15, IN_STOCK]


def test_how_often_a_shop_runs_out_is_learnt_from_its_own_days():
    grid = a_grid("never", "often")
    states = np.zeros((2, N_DAY), dtype=int)
    states[1, 5::10] = OUT  # ten starts, ninety days in stock
    often = shelf_states.how_often(grid, np.full((2, N_DAY), 5.0), sure(states))
    # p = 0.01: (0 + 10) / 1100 / 0.01 and (10 + 10) / 1090 / 0.01
    assert often == pytest.approx([1000 / 1100, 2000 / 1090])


def test_a_shop_of_slow_skus_tells_nothing_of_how_often_it_runs_out():
    grid = a_grid("slow")
    states = sure(np.arange(N_DAY)[None] % 2 * OUT)
    assert shelf_states.how_often(grid, np.full((1, N_DAY), 1.9), states) == pytest.approx([1.0])


def test_shops_that_are_out_on_the_same_days_tell_their_shelf_together():
    grid = a_grid("one", "two", "else")
    told = np.full((3, N_DAY, 4), (1.0, 0.1, 2.0, 0.1))
    states = np.zeros((3, N_DAY), dtype=int)
    states[:2, 40:60] = OUT
    apart = shelf_states.of_one_shelf(grid, told, sure(states))
    assert np.array_equal(apart, told)  # the third shop sells from a shelf of its own
    states[2, 40:60] = OUT
    joint = shelf_states.of_one_shelf(grid, told, sure(states))
    assert joint[0, 50, OUT] / joint[0, 50, IN_STOCK] == pytest.approx(8)  # twice, three times


def test_a_slow_shop_does_not_speak_against_an_empty_shelf():
    grid = a_grid("one", "slow")
    told = np.full((2, N_DAY, 4), (1.0, 0.1, 2.0, 0.1))
    told[1] = (1.0, 0.0, 0.0, 0.0)
    states = sure(np.full((2, N_DAY), OUT))
    joint = shelf_states.of_one_shelf(grid, told, states)
    assert joint[0, 50, OUT] / joint[0, 50, IN_STOCK] == pytest.approx(2)
    assert joint[1, 50].argmax() == IN_STOCK
