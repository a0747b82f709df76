"""What holding an order means: the profit from the planning day on, with stock already paid for."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner.supply.quantity.cushions import gather
from planner.supply.quantity.order_worth import consequences, profit_range
from planner.supply.quantity.value_curves import plain_curves, worth_at


def told(
    order: int,
    *,
    stock: int = 0,
    demand: tuple[float, ...] = (60.0,),
    again: float = 0.0,
    **money: float,
) -> dict:
    """Return what an order means: price 100, selling 20, landed 50, a leftover brings 40."""
    scope = case.scope()
    held = case.position(on_hand_units=stock, available_units=float(stock), again_units=again)
    economics = case.economics(**money)
    known = gather(
        case.draws(sale=list(demand)), case.daily([2, 2]), held, economics, case.options(scope),
        None, scope,
    )  # fmt: skip
    units = pd.Series([order], index=known.frame.index)
    found = consequences(known, units) | profit_range(known, units)
    return {name: values.item() for name, values in found.items()}


def test_stock_that_is_owned_brings_what_it_sells_and_leaves_for_and_costs_nothing():
    assert told(0, stock=63)["expected_profit"] == pytest.approx(80 * 60 + 40 * 3)


def test_only_the_order_is_paid_for_by_hand():
    # 60 or 100 wanted, 50 owned and 30 ordered: 60 sold and 20 left, or 80 sold and 20 missed.
    found = told(30, stock=50, demand=(60.0, 100.0))
    worlds = [80 * 60 + 40 * 20 - 50 * 30, 80 * 80 - 50 * 30]
    assert found["expected_profit"] == pytest.approx(np.mean(worlds))
    low, high = np.quantile(worlds, [0.05, 0.95])
    assert (found["low_profit"], found["high_profit"]) == (pytest.approx(low), pytest.approx(high))


def test_a_dearer_lane_changes_the_profit_by_the_order_alone():
    dearer = {"landed_cost": 58.0, "margin_profit": 22.0, "under_cost": 22.0, "over_cost": 18.0}
    for order in (0, 40):
        plain, dear = told(order, stock=50), told(order, stock=50, **dearer)
        assert plain["expected_profit"] - dear["expected_profit"] == pytest.approx(8 * order)
        assert plain["low_profit"] - dear["low_profit"] == pytest.approx(8 * order)


def test_an_order_adds_what_it_sells_and_leaves_less_what_it_costs():
    added = told(40, stock=50)["expected_profit"] - told(0, stock=50)["expected_profit"]
    assert added == pytest.approx(80 * 10 + 40 * 30 - 50 * 40)


def test_unknown_money_stays_unknown():
    unknown = dict.fromkeys(("landed_cost", "margin_profit", "under_cost", "over_cost"), np.nan)
    assert np.isnan(told(10, stock=5, **unknown)["expected_profit"])


def test_a_unit_that_comes_back_in_the_horizon_is_worth_a_leftover_once():
    # selling cost credits 40 for the share of every sale that comes back fit for sale
    plain, again = told(0, stock=63), told(0, stock=63, again=3.0)
    assert plain["expected_profit"] - again["expected_profit"] == pytest.approx(40 * 3)
    assert plain["low_profit"] - again["low_profit"] == pytest.approx(40 * 3)


def midway_by_hand(order: int, exits: tuple[tuple[float, float], ...]) -> float:
    """Return the mean profit of two worlds: 20 on the shelf, 30 more from the day after on."""
    worlds = []
    for first, rest in ((50.0, 10.0), (10.0, 60.0)):
        shelf = 20 + order
        early = min(first, shelf)
        late = min(rest, shelf - early + 30)
        left, brought = shelf - early + 30 - late, 0.0
        for room, revenue in exits:
            brought += min(left, room) * revenue
            left -= min(left, room)
        worlds.append(80 * (early + late) + brought - 50 * order)
    return float(np.mean(worlds))


@pytest.mark.parametrize("order", [0, 15, 45, 90])
def test_goods_that_land_midway_serve_later_buyers_and_share_the_exits(order):
    steps = ((12.0, 40.0), (np.inf, 5.0))
    left = pd.DataFrame(
        {"market": "TH", "sku": "A", "exit": ["ordinary", "ship_home"], "exit_step": 1,
         "unit_revenue": [40.0, 5.0], "max_units": [12.0, np.nan], "is_open": True, "rank": [1, 2]}
    )  # fmt: skip
    held = case.position(
        on_hand_units=20, late_units=30, later_units=30, later_on=pd.Timestamp("2026-11-21")
    )
    drawn = case.draws(sale=[50.0, 10.0], after=[10.0, 60.0])
    scope = case.scope()
    known = gather(drawn, case.daily([2, 2]), held, case.economics(), case.options(scope), None,
                   scope, exits=left)  # fmt: skip
    units = pd.Series([order], index=known.frame.index)
    by_hand = midway_by_hand(order, steps)
    assert consequences(known, units)["expected_profit"].item() == pytest.approx(by_hand)
    curve = plain_curves(drawn, held, case.economics(), left, scope=scope)
    none = midway_by_hand(0, steps)
    added = worth_at(curve, np.array([float(order)])) - worth_at(curve, np.array([0.0]))
    assert added.item() - 50 * order <= by_hand - none + 1e-6
    at = np.isin(curve.units[0], np.arange(0, 200))
    for point in curve.units[0][at]:
        value = worth_at(curve, np.array([point])) - worth_at(curve, np.array([0.0]))
        assert value.item() == pytest.approx(
            midway_by_hand(int(point), steps) - none + 50 * point, abs=1e-6
        )
