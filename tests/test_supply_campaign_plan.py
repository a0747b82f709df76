"""The parts of a whole plan agree on what a leftover is worth and what the order earns."""

import numpy as np
import pandas as pd
import pytest
from brief_plan import SELLER, Whole, plain, whole_plan

from planner.supply.charges.once_costs import once_by_sku
from planner.supply.charges.way_choice import first_ways
from planner.supply.places.placement import place_stock
from planner.supply.quantity.newsvendor import KEYS

WEIGHED_WITH: list[pd.DataFrame] = []
"""Economics that the transfers of the plan `unwritten` were weighed with."""


@pytest.fixture(scope="module")
def unwritten() -> Whole:
    """No share of the cost for leftovers is written down, and nothing binds."""

    def looked_at(stock, draws, position, economics, *rest, **more):
        WEIGHED_WITH.append(economics)
        return place_stock(stock, draws, position, economics, *rest, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("planner.supply.places.placement.place_stock", looked_at)
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


def test_transfers_are_weighed_with_the_leftovers_that_the_order_is_weighed_with(
    unwritten: Whole,
):
    assert len(WEIGHED_WITH) == 1
    pd.testing.assert_frame_equal(WEIGHED_WITH[0], unwritten.plan.economics)


@pytest.fixture(scope="module")
def charged() -> Whole:
    """Photos of each SKU and a shipment's clearance are paid, and the budget binds."""
    fees = SELLER["fees"] | {"handling.photo": 250.0}
    contract = SELLER["contract"] | {"has_clearance": False}
    return whole_plan(fees=fees, contract=contract, limits={"budget": 30_000})


def test_the_row_of_the_policys_rule_is_the_plan_to_the_unit(charged: Whole):
    plan = charged.plan.plan.set_index(KEYS)
    row = charged.plan.rules.query("rule == 'profit'").set_index(KEYS).loc[plan.index]
    same = ["order_units", "expected_profit", "lost_units", "leftover_units", "service_level"]
    pd.testing.assert_frame_equal(row[same], plan[same])
    assert (row["low_profit"].dropna() <= row["expected_profit"].dropna()).all()


def test_what_a_gate_blocks_is_ordered_under_no_rule(charged: Whole):
    stopped = charged.gates.loc[charged.gates["blocks"] == "order", "sku"].unique()
    assert len(stopped)
    rows = charged.plan.rules[charged.plan.rules["sku"].isin(stopped)]
    assert (rows["order_units"] == 0).all()


def test_what_is_paid_once_is_the_same_money_in_profit_and_cost_lines(charged: Whole):
    made = charged.plan
    keys = pd.MultiIndex.from_frame(made.plan[KEYS])
    once = once_by_sku(made.terms, made.mode_plan, keys)
    ordered = (made.plan["order_units"] > 0).to_numpy()
    assert (once.to_numpy()[ordered] >= 250).all()
    assert (once.to_numpy()[~ordered] == 0).all()
    units = made.mode_plan.groupby(KEYS)["units"].sum()
    lines = made.costs[made.costs["term"].isin(["clearance", "handling"])]
    per_unit = made.terms[made.terms["term"].isin(["clearance", "handling"])]
    per_unit = per_unit.groupby([*KEYS, "mode"])["unit_cost"].sum().rename("by_unit")
    by_unit = made.mode_plan.join(per_unit, on=[*KEYS, "mode"])
    by_unit = (by_unit["units"] * by_unit["by_unit"]).groupby([by_unit[k] for k in KEYS]).sum()
    told = lines.groupby(KEYS)["amount_cost"].sum().reindex(units.index)
    assert (told - by_unit).tolist() == pytest.approx(once.reindex(units.index).tolist())
    free = plain().plan.plan["expected_profit"].sum()  # without fees, and with a larger budget
    assert made.plan["expected_profit"].sum() < free - once.sum()
