"""The shelf day by day, by hand."""

import numpy as np

from planner.season.stock import shelf


def course(stock, arriving, demand):
    return shelf.run_down(
        np.array([stock], float), np.array([arriving], float), np.array([demand], float)
    )


def test_demand_that_finds_an_empty_shelf_is_lost_and_does_not_wait():
    # 10 held: 8 sold; 2 left of 8 asked, 6 lost; 5 arrive, 4 sold, 1 left.
    seen = course(10, [0, 0, 5], [8, 8, 4])
    assert seen.unmet_units.tolist() == [[0, 6, 0]]
    assert seen.left_units.tolist() == [1]


def test_the_first_empty_day_is_the_first_with_unmet_demand():
    assert shelf.first_empty_day(course(10, [0, 0, 5], [8, 8, 4])).tolist() == [1]


def test_a_shelf_that_ends_exactly_empty_did_not_run_out():
    assert shelf.first_empty_day(course(10, [0, 0], [4, 6])).tolist() == [-1]


def test_units_that_land_later_serve_only_what_is_unmet_from_then_on():
    seen = course(0, [0, 0, 0], [5, 6, 7])
    assert shelf.unmet_from(seen, np.array([1.0])).tolist() == [13]
    assert shelf.unmet_from(seen, np.array([3.0])).tolist() == [0]
    assert shelf.unmet_from(seen, np.array([np.nan])).tolist() == [0]


def test_inbound_counts_as_stock_only_up_to_the_day_the_shelf_runs_empty():
    arriving = np.array([[1.0, 2.0, 4.0]] * 2)
    assert shelf.coming_until(arriving, np.array([1, -1])).tolist() == [3, 7]


def test_unknown_stock_stays_unknown():
    seen = course(np.nan, [0, 0], [5, 5])
    assert np.isnan(seen.left_units).all()
    assert shelf.first_empty_day(seen).tolist() == [-1]
