"""The parts of a whole plan agree on what a leftover is worth and what the order earns."""

import numpy as np
import pytest
from brief_plan import Whole, whole_plan

from planner.supply.newsvendor import KEYS
from planner.supply.way_choice import first_ways


@pytest.fixture(scope="module")
def unwritten() -> Whole:
    """No share of the cost for leftovers is written down, and nothing binds."""
    return whole_plan(policy={"production_days": 5}, limits={})


def test_the_rules_value_a_leftover_as_its_best_exit_does(unwritten: Whole):
    exits = unwritten.plan.exits
    best = exits[exits["is_open"]].sort_values("rank").drop_duplicates(KEYS)
    value = unwritten.plan.economics.merge(best[[*KEYS, "unit_revenue"]], on=KEYS)
    most = np.minimum(value["unit_revenue"], value["landed_cost"])
    assert value["leftover_revenue"].tolist() == pytest.approx(most.tolist())
    assert (value["leftover_revenue"] > 0.6 * value["landed_cost"]).any()


def test_where_nothing_binds_the_plan_earns_no_less_than_its_own_rule(unwritten: Whole):
    plan = unwritten.plan.plan.set_index(KEYS)
    open_rows = ~plan["is_blocked"] & (plan["order_units"] > 0)
    assert open_rows.any()
    rules = unwritten.plan.rules.query("rule == 'profit'").set_index(KEYS)["expected_profit"]
    short = (rules - plan["expected_profit"])[open_rows]
    assert short.max() <= 0.001 * rules[open_rows].max()


def test_the_meeting_sees_the_way_that_the_order_takes(unwritten: Whole):
    lines = unwritten.plan.mode_plan.drop_duplicates(KEYS).set_index(KEYS)["mode"]
    first = first_ways(unwritten.plan.ways).set_index(KEYS)["mode"]
    told = unwritten.plan.meeting.set_index(KEYS)["feasibility"]
    for key, mode in {**first.to_dict(), **lines.to_dict()}.items():
        if told[key].startswith("feasible.by"):
            assert f"mode={mode}|" in told[key]
