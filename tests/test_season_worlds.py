"""Demand draws as worlds. Numbers by hand stand beside each test."""

import numpy as np
import pandas as pd
import pytest
from season_case import draws

from planner.errors import PlanningError
from planner.season.outlook import worlds as draws_of

START, TODAY, END = (
    {"TH": pd.Timestamp(day).date()} for day in ("2025-11-01", "2025-11-13", "2025-12-01")
)


def test_the_shops_of_a_market_are_added_up_world_by_world():
    drawn = pd.concat(
        [draws("a", {"sale": [1, 2, 3]}), draws("a", {"sale": [10, 20, 30]}, shop="th-two")]
    )
    worlds = draws_of.market_worlds(drawn)
    assert worlds.units.tolist() == [[11, 22, 33]]
    assert worlds.keys[["market", "sku", "phase"]].to_numpy().tolist() == [["TH", "a", "sale"]]


def test_draws_of_different_numbers_are_no_worlds():
    drawn = pd.concat([draws("a", {"sale": [1, 2, 3]}), draws("b", {"sale": [1, 2]})])
    with pytest.raises(PlanningError, match="rows of 2 and of 3 draws"):
        draws_of.market_worlds(drawn)


def test_a_phase_cut_by_the_window_counts_by_its_share_of_days():
    # Warm-up (10 days) is over, 2 of 4 sale days are seen: 100 + 80 * 2/4 = 140.
    worlds = draws_of.market_worlds(
        draws("a", {"before": 70, "warm_up": 100, "sale": 80, "tail": 30})
    )
    keys, seen = draws_of.demand_between(worlds, START, TODAY)
    _, rest = draws_of.demand_between(worlds, TODAY, END)
    assert keys.to_numpy().tolist() == [["TH", "a"]]
    assert seen[0, 0] == pytest.approx(140)
    assert rest[0, 0] == pytest.approx(80 * 2 / 4 + 30)


def test_the_doubt_of_days_is_that_of_the_running_phase():
    # 40 of 140 lie in the running sale, two of its four days are seen:
    # (0.4 * 40 / 140) ** 2 * (1 / 2 - 1 / 4).
    worlds = draws_of.market_worlds(draws("a", {"warm_up": 100, "sale": 80}))
    doubt = draws_of.doubt_of_days(worlds, START, TODAY)
    assert doubt == pytest.approx([(0.4 * 40 / 140) ** 2 / 4])


def test_complete_phases_and_phases_not_begun_leave_no_doubt_of_days():
    worlds = draws_of.market_worlds(draws("a", {"warm_up": 100, "tail": 80}))
    assert draws_of.doubt_of_days(worlds, START, TODAY).tolist() == [0.0]


def test_quantiles_follow_the_weights():
    units = np.array([[30.0, 10.0, 20.0]])
    weights = np.array([[0.1, 0.5, 0.4]])
    assert draws_of.quantiles(units, weights, (0.5, 0.6, 0.95)).tolist() == [[10.0, 20.0, 30.0]]
