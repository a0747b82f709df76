"""Protection levels: what the better channel is kept, and what that is worth."""

import numpy as np
import pytest
import supply_case as case
from scipy.stats import norm, poisson

from planner.supply.sharing.protection import (
    best_shares,
    by_means,
    protection_levels,
    sell_low_first,
    sell_mixed,
    whole_units,
)

CHANCES = (np.arange(20_000) + 0.5) / 20_000


def worlds(seed: int, *means: float, n: int = 400) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.array([rng.negative_binomial(4, 4 / (4 + mean), n) for mean in means], dtype=float)


def every_pair(seed: int, *means: float) -> np.ndarray:
    """Return worlds in which the two demands are independent to the last digit."""
    first, second = worlds(seed, *means, n=40)
    return np.array([np.repeat(first, 40), np.tile(second, 40)])


def earned(sold: np.ndarray, worth: list[float]) -> float:
    return float(np.asarray(worth) @ sold.mean(axis=1))


def test_the_hotel_of_cachon_and_terwiesch_protects_24_of_118_rooms():
    # Matching Supply with Demand, chapter on revenue management: 118 rooms at $225 and $159,
    # full-price demand Poisson with mean 27.3: protect 24, expected revenue $20,166.
    demand = poisson.ppf(CHANCES, 27.3)
    level = case.littlewood(demand, 225.0, 159.0)
    assert level == 24
    cheap = np.full(len(demand), 500.0)
    sold = sell_low_first(np.array([demand, cheap]), 118, [level])
    assert sold.units[1].max() == 118 - 24
    assert earned(sold.units, [225.0, 159.0]) == pytest.approx(20_166, abs=2)


def test_two_classes_follow_littlewoods_formula():
    # y = F^-1(1 - low / high) of a normal demand.
    for mean, sd, high, low in [(100, 20, 10, 4), (60, 25, 8, 6), (300, 10, 5, 1)]:
        level = case.littlewood(norm.ppf(CHANCES, mean, sd), high, low)
        assert level == pytest.approx(norm.ppf(1 - low / high, mean, sd), abs=0.02)


def test_four_classes_match_the_emsr_b_levels_of_the_literature():
    # Talluri and van Ryzin (2004), chapter 2: fares 1050, 567, 534, 520, normal demands with
    # means 17.3, 45.1, 39.6, 34.0 and deviations 5.8, 15.0, 13.2, 11.3: 16.7, 50.9, 83.2.
    rng = np.random.default_rng(3)
    means, sds = [17.3, 45.1, 39.6, 34.0], [5.8, 15.0, 13.2, 11.3]
    demand = np.array(
        [rng.permutation(norm.ppf(CHANCES, mean, sd)) for mean, sd in zip(means, sds, strict=True)]
    )
    levels = protection_levels(demand, [1050, 567, 534, 520])
    assert levels == pytest.approx([16.7, 50.9, 83.2], abs=0.3)


def test_equal_worth_protects_nothing_and_a_worthless_class_gets_nothing():
    demand = worlds(1, 20, 20)
    assert protection_levels(demand, [5.0, 5.0]).tolist() == [0.0]
    assert protection_levels(demand, [5.0, 0.0]).tolist() == [demand[0].max()]


@pytest.mark.parametrize("seed", range(8))
def test_if_the_lesser_class_sells_first_no_level_beats_littlewoods(seed: int):
    demand, worth = every_pair(seed, 30, 50), [9.0, 5.0]
    level = case.littlewood(demand[0], *worth)
    best = earned(sell_low_first(demand, 60, [level]).units, worth)
    others = [earned(sell_low_first(demand, 60, [keep]).units, worth) for keep in range(61)]
    assert best == pytest.approx(max(others))


@pytest.mark.parametrize("seed", range(8))
def test_protection_beats_split_and_pool_if_the_lesser_class_sells_first(seed: int):
    demand, worth = every_pair(seed, 30, 50), [9.0, 4.0]
    level = case.littlewood(demand[0], *worth)
    kept = earned(sell_low_first(demand, 70, [level]).units, worth)
    pooled = earned(sell_low_first(demand, 70, [0.0]).units, worth)
    parts = by_means(demand, 70)
    split = earned(np.minimum(demand, parts[:, None]), worth)
    assert kept >= pooled - 1e-9
    assert kept >= split - 1e-9
    assert kept > min(pooled, split)


@pytest.mark.parametrize("sell", [sell_low_first, sell_mixed])
@pytest.mark.parametrize("seed", range(4))
def test_units_are_conserved_whatever_the_order(sell, seed: int):
    demand = worlds(seed, 20, 30, 10)
    sold = sell(demand, 45, [10, 25])
    assert sold.units.sum(axis=0) + sold.left_units == pytest.approx(np.full(400, 45.0))
    assert (sold.units <= demand + 1e-9).all()
    assert (sold.units >= 0).all()


def test_mixed_demand_shuts_the_lesser_class_when_the_rest_is_protected():
    # 10 an hour each, 12 units, 8 protected: 2 and 2 sell, then only the better class.
    sold = sell_mixed(np.array([[10.0], [10.0]]), 12, [8.0])
    assert sold.units.ravel() == pytest.approx([10.0, 2.0])


@pytest.mark.parametrize("seed", range(6))
def test_the_best_shares_are_those_that_trying_all_finds(seed: int):
    demand, worth = worlds(seed, 6, 9, n=40), np.array([7.0, 5.0])
    given = best_shares(demand, worth, 14, [0, 1])
    assert given.sum() == 14

    def value(first: int) -> float:
        return earned(np.minimum(demand, np.array([[first], [14 - first]])), worth)

    assert value(int(given[0])) == pytest.approx(max(value(first) for first in range(15)))


def test_stock_beyond_all_demand_goes_by_means_and_is_still_all_given():
    demand = np.array([[10.0, 10.0], [30.0, 30.0]])
    assert best_shares(demand, [2.0, 1.0], 80, [0, 1]).tolist() == [20, 60]


def test_whole_units_add_up_to_the_total():
    assert whole_units([0.4, 0.4, 0.2], 1).tolist() == [1, 0, 0]
    assert by_means(np.array([[1.0], [1.0], [1.0]]), 10).sum() == 10
