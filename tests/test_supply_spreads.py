"""Chances of days: one triangle by hand, sums against the literature and against chance."""

import numpy as np
import pytest

from planner.supply.trips.spreads import late_days, on_time_chance, safe_days, sum_of

TRIP = (15.0, 20.0, 30.0)
THREE = [(1.0, 2.0, 6.0), (5.0, 11.0, 18.0), (0.0, 3.0, 9.0)]


def drawn(parts: list[tuple[float, float, float]], n: int = 200_000) -> np.ndarray:
    rng = np.random.default_rng(7)
    return sum(rng.triangular(*part, size=n) if part[0] < part[2] else part[0] for part in parts)


def test_parts_that_do_not_vary_move_the_one_that_does_and_nothing_else():
    spread = sum_of([(2.0, 2.0, 2.0), TRIP, (0.5, 0.5, 0.5)])
    for days in (10.0, 17.5, 19.9, 22.5, 27.0, 32.5, 40.0):
        assert spread.chance(days) == on_time_chance(days - 2.5, *TRIP)
        assert spread.late_days(days) == pytest.approx(late_days(days - 2.5, *TRIP))
    assert spread.days_for(0.9) == pytest.approx(safe_days(0.9, *TRIP) + 2.5)


def test_a_sum_that_cannot_vary_is_on_time_or_not():
    spread = sum_of([(2.0, 2.0, 2.0), (3.0, 3.0, 3.0)])
    assert [spread.chance(days) for days in (4.9, 5.0)] == [0.0, 1.0]
    assert [spread.late_days(days) for days in (4.0, 5.0)] == [1.0, 0.0]


@pytest.mark.parametrize(
    ("days", "chance"), [(1, 1 / 24), (2, 1 / 2), (3, 23 / 24), (0, 0), (4, 1), (-1, 0), (9, 1)]
)
def test_two_triangles_of_two_even_chances_each_are_the_sum_of_four(days: float, chance: float):
    """Irwin and Hall: (0, 1, 2) is the sum of two even chances on 0 to 1."""
    spread = sum_of([(0.0, 1.0, 2.0), (0.0, 1.0, 2.0)])
    assert spread.chance(days) == pytest.approx(chance, abs=1e-4)


def test_the_mean_lateness_of_four_even_chances_is_seven_fifteenths():
    """E(S - 2)+ is 7/30 of Irwin and Hall's sum of four, and half of all are late."""
    spread = sum_of([(0.0, 1.0, 2.0), (0.0, 1.0, 2.0)])
    assert spread.late_days(2.0) == pytest.approx(7 / 15, abs=1e-3)


def test_a_sum_agrees_with_draws_of_its_parts():
    spread, draws = sum_of(THREE), drawn(THREE)
    for days in (10, 14, 17, 20, 23, 27):
        assert spread.chance(days) == pytest.approx((draws <= days).mean(), abs=0.004)
        late = draws[draws > days] - days
        assert spread.late_days(days) == pytest.approx(late.mean(), abs=0.06)
    assert spread.days_for(0.9) == pytest.approx(np.quantile(draws, 0.9), abs=0.05)


@pytest.mark.parametrize("chance", [0.01, 0.3, 0.5, 0.9, 0.99])
def test_the_days_of_a_chance_are_turned_round_by_the_chance_of_days(chance: float):
    spread = sum_of(THREE)
    assert spread.chance(spread.days_for(chance)) == pytest.approx(chance)


def test_a_part_narrower_than_the_grid_hardly_matters():
    alone, beside = sum_of([TRIP]), sum_of([TRIP, (1.0, 1.01, 1.02)])
    for days in (18, 20, 25, 28):
        assert beside.chance(days + 1.01) == pytest.approx(alone.chance(days), abs=1e-3)


@pytest.mark.parametrize(
    ("left", "late"),
    [
        (30, 0.0),  # nobody is later
        (24, 2.0),  # a third of the six days left
        (15, 65 / 3 - 15),  # all are later: the mean of the triangle less 15
        (10, 65 / 3 - 10),
    ],
)
def test_the_mean_days_late_by_hand(left: float, late: float):
    assert late_days(left, *TRIP) == pytest.approx(late)


@pytest.mark.parametrize("trip", [TRIP, (20.0, 20.0, 30.0), (10.0, 30.0, 30.0)])
@pytest.mark.parametrize("left", [12.0, 16.0, 19.0, 22.0, 28.0])
def test_the_mean_days_late_agree_with_draws(trip: tuple[float, float, float], left: float):
    late = drawn([trip]) - left
    assert late_days(left, *trip) == pytest.approx(late[late > 0].mean(), rel=0.02)
