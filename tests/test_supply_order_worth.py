"""What holding an order means: the profit from the planning day on, with stock already paid for."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner.supply.quantity.cushions import gather
from planner.supply.quantity.order_worth import consequences, profit_range


def told(order: int, *, stock: int = 0, demand: tuple[float, ...] = (60.0,), **money) -> dict:
    """Return what an order means: price 100, selling 20, landed 50, a leftover brings 40."""
    scope = case.scope()
    held = case.position(on_hand_units=stock, available_units=float(stock))
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
