"""Earlier days of the campaign looked at again: what was expected then, and what came."""

import numpy as np
import pandas as pd
import pytest
import seen_case as case

from planner import tables
from planner.season import track
from planner.season.outlook.hindsight import range_checks


def checks(units, seen_from=case.LOOKING, out=(), days_back=3):
    scope, plan = case.scope(seen_from), case.plan()
    daily = case.sales("a", "2025-11-01", list(units), out=out)
    days = track.track_daily(daily, plan.forecast, scope=scope, by_day=plan.by_day)
    return range_checks(plan.draws, plan.by_day, days, scope=scope, days_back=days_back)


def test_sales_as_planned_lie_inside_and_are_the_days_before_the_looking_day():
    told = checks(case.SOLD)
    assert told["from_at"].dt.strftime("%m-%d").tolist() == ["11-12", "11-11", "11-10"]
    assert (told["inside_rate"] == 1).all()
    assert told["sold_units"].tolist() == [20, 20, 10]
    assert told["planned_units"].to_numpy() == pytest.approx([20, 20, 10])


def test_a_day_of_five_times_the_plan_lies_outside_its_range():
    told = checks([*case.SOLD[:-1], 100])
    assert told["inside_count"].tolist() == [0, 1, 1]
    assert told["inside_rate"].iloc[0] == 0


def test_what_is_learnt_follows_sales_that_the_plan_did_not_see():
    told = checks([15] * 12, days_back=1).iloc[0]
    plain = checks([10] * 10 + [20, 20], days_back=1).iloc[0]
    assert told["learnt_units"] > plain["learnt_units"]


def test_a_shelf_that_was_empty_tells_no_demand():
    told = checks(case.SOLD, out=(11,))
    assert told["from_at"].dt.day.tolist() == [11, 10]


def test_on_the_first_day_there_is_nothing_to_look_at_again():
    first = checks([], seen_from="2025-11-01")
    assert first.empty
    assert list(first) == tables.columns(tables.RangeChecks)


def test_over_many_campaigns_the_range_holds_four_days_in_five():
    # Demand drawn as the plan says: a level of the campaign and the days' chance.
    rng = np.random.default_rng(7)
    inside = []
    for _ in range(10):
        level = rng.lognormal(-0.02, 0.2)
        units = rng.poisson(level * np.array(case.SOLD) * rng.lognormal(0, 0.2, 12))
        inside.append(checks(units, days_back=1)["inside_count"].iloc[0])
    assert 0.65 < np.mean(inside) <= 1.0


def test_the_same_days_give_the_same_ranges():
    pd.testing.assert_frame_equal(checks(case.SOLD), checks(case.SOLD))
