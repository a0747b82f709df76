"""The newsvendor on demand draws."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.errors import PlanningError
from planner.supply.quantity.newsvendor import (
    critical_ratio,
    expected_leftover,
    expected_lost,
    expected_profit,
    expected_sold,
    implied_level,
    market_draws,
    optimal_units,
)

FOUR = np.array([[40.0, 10.0, 30.0, 20.0]])


def test_a_missed_sale_three_times_as_dear_wants_stock_in_three_worlds_of_four():
    assert critical_ratio([30.0], [10.0]).tolist() == [0.75]
    assert optimal_units(FOUR, 0.75).tolist() == [30.0]


def test_a_ratio_between_two_draws_takes_the_upper_one():
    assert optimal_units(FOUR, 0.51).tolist() == [30.0]
    assert optimal_units(FOUR, 0.5).tolist() == [20.0]
    assert optimal_units(FOUR, 1.0).tolist() == [40.0]


def test_a_sale_that_earns_nothing_wants_no_stock():
    assert critical_ratio([-5.0], [10.0]).tolist() == [0.0]
    assert optimal_units(FOUR, 0.0).tolist() == [0.0]


def test_unknown_costs_give_an_unknown_ratio_and_an_unknown_quantity():
    ratio = critical_ratio([np.nan, 0.0], [10.0, 0.0])
    assert np.isnan(ratio).all()
    assert np.isnan(optimal_units(FOUR, ratio[0])).all()


def test_a_leftover_that_earns_money_is_refused():
    with pytest.raises(PlanningError, match="leftover_value_rate"):
        critical_ratio([5.0], [-1.0])


def test_sold_lost_and_leftover_by_hand():
    assert expected_sold(FOUR, [25.0]).tolist() == [(25 + 10 + 25 + 20) / 4]
    assert expected_lost(FOUR, [25.0]).tolist() == [(15 + 5) / 4]
    assert expected_leftover(FOUR, [25.0]).tolist() == [(15 + 5) / 4]
    assert implied_level(FOUR, [25.0]).tolist() == [0.5]


def test_stock_may_differ_from_world_to_world():
    held = np.array([[0.0, 10.0, 40.0, 20.0]])
    assert expected_lost(FOUR, held).tolist() == [10.0]
    assert implied_level(FOUR, held).tolist() == [0.75]


def test_profit_by_hand():
    profit = expected_profit(FOUR, [25.0], margin_profit=[6.0], over_cost=[2.0], penalty_cost=[1.0])
    assert profit.tolist() == [6 * 20 - 2 * 5 - 1 * 5]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.integers(0, 500), min_size=2, max_size=40),
    st.integers(1, 50),
    st.integers(1, 50),
)
def test_no_other_quantity_earns_more(demand: list[int], under: int, over: int):
    draws = np.array([demand], dtype=float)
    best = optimal_units(draws, critical_ratio([under], [over]))
    money = {"margin_profit": [float(under)], "over_cost": [float(over)]}
    most = expected_profit(draws, best, **money)[0]
    for units in set(demand):
        assert most >= expected_profit(draws, [float(units)], **money)[0] - 1e-6


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 500), min_size=1, max_size=40), st.integers(0, 600))
def test_what_is_sold_and_lost_is_what_was_asked_for(demand: list[int], held: int):
    draws = np.array([demand], dtype=float)
    sold, lost = expected_sold(draws, [held])[0], expected_lost(draws, [held])[0]
    assert sold + lost == pytest.approx(draws.mean())
    assert sold + expected_leftover(draws, [held])[0] == pytest.approx(held)


def test_shops_and_phases_add_up_world_by_world():
    draws = pd.concat(
        [
            case.draws_of({"A": {"sale": [10, 20], "after": [1, 2], "before": [100, 100]}}),
            case.draws_of({"A": {"sale": [5, 1]}}, shop="shop-2"),
        ]
    )
    keys, units = market_draws(draws, phases=("sale", "after"))
    assert keys.to_list() == [("TH", "A")]
    assert units.tolist() == [[16.0, 23.0]]


def test_a_phase_without_days_adds_nothing():
    _, units = market_draws(case.draws(sale=[10, 20]), phases=("before",))
    assert units.tolist() == [[0.0, 0.0]]


def test_draws_of_different_length_are_not_the_same_worlds():
    draws = pd.concat([case.draws(sale=[1, 2]), case.draws(tail=[1, 2, 3])])
    with pytest.raises(PlanningError, match="differ in length"):
        market_draws(draws, phases=("sale",))


def test_several_ratios_at_once_give_what_each_gives_alone():
    worlds = np.random.default_rng(5).poisson(20.0, (7, 40)).astype(float)
    ratios = np.array([[0.0], [0.3], [np.nan], [1.0]]) * np.linspace(0.5, 1.0, 7)
    alone = [optimal_units(worlds, ratio) for ratio in ratios]
    np.testing.assert_array_equal(optimal_units(worlds, ratios), alone)
