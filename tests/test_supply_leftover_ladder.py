"""Leftovers that bring less and less: by hand, against the plain formula, and by brute force."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner.supply.leftovers.leftover_ladder import (
    ladder_mean,
    ladder_of,
    ladder_units,
    ladder_worth,
    sorted_rows,
)
from planner.supply.quantity.newsvendor import critical_ratio, optimal_units

KEYS = pd.MultiIndex.from_tuples([("TH", "A")], names=["market", "sku"])


def exits(*rows: tuple[float, float]) -> pd.DataFrame:
    described = [
        {"market": "TH", "sku": "A", "max_units": most, "unit_revenue": revenue, "is_open": True}
        for most, revenue in rows
    ]
    columns = ["market", "sku", "max_units", "unit_revenue", "is_open"]
    return pd.DataFrame(described, columns=columns)


def test_the_steps_come_to_the_worth_of_the_exits_whatever_the_constant():
    rows = exits((10, 40.0), (20, 30.0), (np.nan, -5.0))
    left = np.array([[0.0, 5.0, 10.0, 25.0, 60.0]])
    by_hand = [0.0, 200.0, 400.0, 850.0, 850.0 + 150.0 - 150.0]
    assert case.leftover_value(rows, left)[0].tolist() == by_hand
    for constant in (40.0, 12.0):
        steps = ladder_of(rows, KEYS, [constant])
        found = constant * left + ladder_worth(np.zeros((1, 5)), left, steps)
        assert found[0].tolist() == pytest.approx(by_hand)


def test_without_a_known_exit_the_constant_stands():
    steps = ladder_of(exits(), KEYS, [40.0])
    assert ladder_worth(np.zeros((1, 2)), np.array([[3.0, 9.0]]), steps).tolist() == [[0.0, 0.0]]


@pytest.mark.parametrize("seed", range(20))
def test_with_one_exit_the_best_is_the_newsvendors(seed: int):
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 300, (1, 50)).astype(float)
    under, over = rng.uniform(0, 50, 2)
    steps = ladder_of(exits((np.nan, 40.0)), KEYS, [40.0])
    found = ladder_units(demand, under_cost=[under], over_cost=[over], ladder=steps)
    assert found == optimal_units(demand, critical_ratio([under], [over]))


@pytest.mark.parametrize("seed", range(20))
def test_with_falling_exits_and_lateness_it_is_the_best_of_all_quantities(seed: int):
    rng = np.random.default_rng(seed)
    demand = rng.integers(0, 60, (1, 40)).astype(float)
    worth = np.sort(rng.uniform(-10, 45, 3))[::-1]
    rows = exits((float(rng.integers(1, 15)), worth[0]), (float(rng.integers(1, 15)), worth[1]),
                 (np.nan, worth[2]))  # fmt: skip
    net, landed, late = 80.0, 50.0, rng.uniform(0, 20)
    steps = ladder_of(rows, KEYS, [worth[0]])
    found = ladder_units(
        demand, under_cost=[net - landed], over_cost=[landed - worth[0]], ladder=steps,
        late_cost=[late],
    )[0]  # fmt: skip
    units = np.arange(0.0, 80.0)
    sold = np.minimum(demand.T, units).mean(axis=0)
    brought = [case.leftover_value(rows, np.maximum(one - demand, 0.0)).mean() for one in units]
    profit = net * sold + np.array(brought) - (landed + late) * units
    assert profit[int(found)] == pytest.approx(profit.max())


def test_an_unknown_cost_has_no_best_quantity():
    steps = ladder_of(exits((np.nan, 4.0)), KEYS, [np.nan])
    demand = np.array([[10.0, 20.0]])
    assert np.isnan(ladder_units(demand, under_cost=[np.nan], over_cost=[1.0], ladder=steps)).all()


@pytest.mark.parametrize("seed", range(20))
def test_the_mean_over_worlds_is_that_of_every_world(seed: int):
    rng = np.random.default_rng(seed)
    keys = pd.MultiIndex.from_product([["TH"], ["A", "B"]], names=["market", "sku"])
    rows = exits((5.0, 40.0), (12.0, 11.0), (np.nan, -3.0))
    both = pd.concat([rows, rows.assign(sku="B")], ignore_index=True)
    demand, stock = rng.integers(0, 60, (2, 2, 30)).astype(float)
    order = rng.integers(0, 80, 2).astype(float)
    steps = ladder_of(both, keys, [40.0, 7.0])
    by_world = ladder_worth(demand, stock + order[:, None], steps).mean(axis=1)
    found = ladder_mean(sorted_rows(demand - stock), order, steps)
    assert found.tolist() == pytest.approx(by_world.tolist())
