"""Length, rest and size of promotions, told by hand."""

import numpy as np
import pytest

from planner.demand import patterns, pooling


def runs(start: list[int], days: list[int], series: list[int], *, memory: bool = False):
    n = len(start)
    words = np.array([""] * n, dtype=object)
    return pooling.Runs(
        series=np.array(series),
        occurrence=np.arange(n),
        event=words,
        kind=words,
        category=words,
        sold=np.full(n, 30.0),
        expected=np.array(days) * 2.0,
        around=np.full(n, 10.0),
        drivers=np.zeros((n, 0)),
        start=np.array(start),
        days=np.array(days),
        is_memory=np.full(n, memory),
    )


def test_a_run_is_told_by_length_rest_before_it_and_daily_units():
    found = patterns.of_runs(runs([10, 30, 12], [5, 3, 7], [0, 0, 1]))
    # the second run of the first series begins 15 days after the first one ended
    assert found[1].tolist() == pytest.approx([np.log(3), np.exp(-15 / 7), np.log(2)])


def test_the_first_run_of_a_series_has_rested_since_the_history_began():
    found = patterns.of_runs(runs([10, 30, 12], [5, 3, 7], [0, 0, 1]))
    assert found[[0, 2], 1].tolist() == pytest.approx([np.exp(-10 / 7), np.exp(-12 / 7)])


def test_a_rest_counts_no_longer_than_two_months():
    found = patterns.of_runs(runs([10, 300], [5, 3], [0, 0]))
    assert found[1, 1] == pytest.approx(np.exp(-patterns.MAX_REST_DAYS / 7))


def test_what_is_only_remembered_has_no_pattern():
    assert np.isnan(patterns.of_runs(runs([-1], [1], [0], memory=True))).all()


def test_the_last_stop_is_the_day_after_the_latest_run():
    found = patterns.last_stops(runs([10, 30, 12], [5, 3, 7], [0, 0, 1]), 3)
    assert found.tolist() == [33, 19, -patterns.MAX_REST_DAYS]
