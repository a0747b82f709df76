"""The solving benchmark: the same seller each time, and limits that are felt."""

from benchmarks import solve
from planner.supply.order.allocation import allocate
from planner.terms import Limits


def test_every_size_is_solved_with_limits_that_bind_within_the_gap():
    row = solve.measured(40)
    assert row["skus"] == 40
    assert row["gap"] <= 0.001
    assert not row["is_cut_short"]
    assert row["limits_binding"]
    assert 0 < row["seconds"] < 60


def test_the_made_seller_is_alike_each_time_and_orders_within_its_limits():
    first, second = solve.made_world(20), solve.made_world(20)
    assert (first.curves.value == second.curves.value).all()
    alone = allocate(first.curves, first.ways, first.catalogue, Limits(), scope=first.scope)
    limits = solve.tight_limits(alone)
    plan = allocate(first.curves, first.ways, first.catalogue, limits, scope=first.scope)
    lines = plan.mode_plan
    assert lines["landed_cost"].sum() <= limits.budget * (1 + 1e-9)
    assert lines.groupby("warehouse")["volume_cbm"].sum().get("north", 0) <= (
        limits.warehouse_cbm["north"] + 1e-9
    )
    assert (
        lines.loc[lines["warehouse"] == "platform", "units"].sum()
        <= (limits.quota_units["platform"])
    )
