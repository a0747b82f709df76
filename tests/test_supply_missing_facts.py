"""What knowing a fact before the order would add to expected profit."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from planner.supply.decisions.knowing import Case, best_order, best_profit, loss_of_not_knowing
from planner.supply.decisions.missing_facts import (
    _bound_of,
    _demand_facts,
    _return_facts,
    _stock_facts,
    _time_facts,
    _unpriced,
    _worth_of_cost,
)

KEYS = pd.MultiIndex.from_tuples([("US", "A")], names=["market", "sku"])


def case(demand=(50.0, 150.0), *, stock=0.0, margin=6.0, over=2.0, penalty=0.0) -> Case:
    worlds = np.array([demand])
    return Case(
        KEYS, worlds, np.full(worlds.shape, stock), np.array([margin]), np.array([over]),
        np.array([penalty]),
    )  # fmt: skip


def doubts(share: float, doubt: str = "ratio") -> pd.DataFrame:
    row = {"market": "US", "sku": "A", "phase": "horizon", "doubt": doubt}
    return pd.DataFrame([{**row, "variance_share": share}])


def test_the_loss_of_not_knowing_by_hand():
    # Ratio 6 / 8 asks for 150: earns 6 x 100 - 2 x 50 = 500; who knew would earn 6 x 100 = 600.
    assert best_order(case()).tolist() == [150.0]
    assert best_profit(case()).tolist() == [500.0]
    assert loss_of_not_knowing(case()).tolist() == [100.0]


def test_stock_that_is_enough_in_every_world_leaves_nothing_to_know():
    assert loss_of_not_knowing(case(stock=150.0)).tolist() == [0.0]


def test_to_know_all_of_the_spread_is_worth_all_of_the_loss():
    (fact,) = _demand_facts(case(), doubts(1.0))
    assert fact["worth_profit"] == pytest.approx(100.0)


def test_three_quarters_of_the_variance_are_half_of_the_loss():
    (fact,) = _demand_facts(case(), doubts(0.75))
    assert fact["worth_profit"] == pytest.approx(50.0)


def test_a_fact_of_the_event_is_told_once_for_the_market():
    (fact,) = _demand_facts(case(), doubts(0.5, "shock"))
    assert (fact["market"], fact["sku"], fact["fact"]) == ("US", "", "event_plan")


def test_a_fact_that_cannot_change_the_order_is_worth_nothing():
    goods = pd.DataFrame({"leftover_revenue": [0.0], "landed_cost": [2.0]})
    same = _worth_of_cost(
        case((100.0, 100.0)), np.array([0.0]), np.array([1.0]), is_landed=False, goods=goods
    )
    assert same.tolist() == pytest.approx([0.0])


def test_a_cost_that_may_turn_profit_into_loss_is_worth_knowing():
    # Margin 6 less a cost of 0 to 12: half of the range would not be ordered at all.
    goods = pd.DataFrame({"leftover_revenue": [0.0], "landed_cost": [2.0]})
    sure = case((100.0, 100.0), margin=6.0)
    worth = _worth_of_cost(sure, np.array([0.0]), np.array([12.0]), is_landed=False, goods=goods)
    # The plan leaves the cost out and orders 100. Told, nothing is ordered at 7.5, 9, 10.5 and 12,
    # where these 100 would lose 150, 300, 450 and 600; at 6 and below both order them.
    assert worth.tolist() == pytest.approx([(150 + 300 + 450 + 600) / 9])


def test_a_low_range_that_the_plan_leaves_out_still_costs_what_it_costs():
    # Margin 4, cost 0 to 12, worlds 50 and 150: what the plan orders, against every order there is.
    goods = pd.DataFrame({"leftover_revenue": [1.0], "landed_cost": [2.0]})
    one = case((50.0, 90.0, 150.0), margin=4.0, over=1.0)
    worth = _worth_of_cost(one, np.array([0.0]), np.array([12.0]), is_landed=True, goods=goods)
    planned, gains = best_order(one)[0], []
    for cost in np.linspace(0, 12, 9):
        profits = [
            np.mean(
                [(4 - cost) * min(d, q) - (1 + cost * 0.5) * max(q - d, 0) for d in (50, 90, 150)]
            )
            for q in range(151)
        ]
        gains.append(max(profits) - profits[int(planned)])
    assert worth.item() == pytest.approx(np.mean(gains))


def test_duty_that_no_market_tells_lies_in_its_bound():
    bounds = pd.DataFrame([{"rule": "duty_unknown", "low": 0.0, "high": 0.15}])
    goods = pd.DataFrame({"unit_cost": [40.0, 100.0]})
    low, high = _bound_of("duty", goods, bounds)
    assert (low.tolist(), high.tolist()) == ([0, 0], [6, 15])
    assert _bound_of("insurance", goods, bounds) is None


def test_stock_that_nobody_counted_is_worth_counting():
    position = pd.DataFrame({"market": ["US"], "sku": ["A"], "is_known": [False]})
    (fact,) = _stock_facts(case((100.0, 100.0)), position)
    # Between 0 and 100 units on hand, even; told, the order fills up exactly and earns 600. Blind,
    # each unit more is short with a chance that falls from 1 to 0: 75 of 100 are ordered.
    blind = np.mean([600 - 6 * max(25 - h, 0) - 2 * max(h - 25, 0) for h in np.linspace(0, 100, 9)])
    assert fact["worth_profit"] == pytest.approx(600 - blind)


def test_stock_that_was_counted_asks_for_nothing():
    position = pd.DataFrame({"market": ["US"], "sku": ["A"], "is_known": [True]})
    assert _stock_facts(case(), position) == []


def ways(late_days: float, on_time: float, fast_cost: float) -> pd.DataFrame:
    rows = [
        ("sea", 30.0, 4.0, on_time, late_days),
        ("air", 7.0, fast_cost, 1.0, 0.0),
    ]
    names = ["mode", "lead_days", "landed_cost", "on_time_rate", "late_days"]
    told = {"is_allowed": True, "missing": "", "unit_freight_cost": 1.0}
    return pd.DataFrame(rows, columns=names).assign(market="US", sku="A", **told)


def scope_of_days(monkeypatch: pytest.MonkeyPatch, days: int) -> SimpleNamespace:
    monkeypatch.setattr(
        "planner.supply.decisions.missing_facts.horizon_days", lambda scope: {"US": days}
    )
    return SimpleNamespace()


def test_whether_the_slow_way_is_in_time_by_hand(monkeypatch: pytest.MonkeyPatch):
    scope = scope_of_days(monkeypatch, 20)
    # 100 units, 10 of 20 days missed if late: L = 100 x .5 x 6 = 300; fast costs 100 x 1 = 100.
    # Blind: min(.4 x 300, 100) = 100; told: .4 x 100 = 40.
    (fact,) = _time_facts(case((100.0, 100.0)), ways(10.0, 0.6, 5.0), scope)
    assert fact["worth_profit"] == pytest.approx(60.0)


def test_a_way_that_is_never_late_leaves_nothing_to_ask(monkeypatch: pytest.MonkeyPatch):
    scope = scope_of_days(monkeypatch, 20)
    (fact,) = _time_facts(case((100.0, 100.0)), ways(10.0, 1.0, 5.0), scope)
    assert fact["worth_profit"] == 0.0


def test_the_return_rate_is_priced_within_the_bound():
    day = pd.Timestamp("2025-01-01")
    bounds = pd.DataFrame([{"rule": "return_rate_spread", "low": 0.0, "high": 2.0}])
    rates = pd.DataFrame(
        [{"market": "US", "category": "any", "return_rate": 0.2, "lag_days": 14.0,
          "resale_rate": 0.5, "source": "a test", "valid_from": day}]
    )  # fmt: skip
    goods = pd.DataFrame({"market": ["US"], "sku": ["A"], "price": [60.0]})
    catalogue = pd.DataFrame({"sku": ["A"], "category": ["home"]})
    sure = case((100.0, 100.0), margin=6.0)
    (fact,) = _return_facts(sure, goods, rates, bounds, catalogue)
    # Margin 6 plus or minus 12: 18, 15 ... -6; only those above zero are ordered.
    margins = np.linspace(18.0, -6.0, 9)
    assert fact["worth_profit"] == pytest.approx(100 * np.maximum(margins, 0).mean() - 600)


def test_a_fact_that_nothing_bounds_says_how_many_skus_lack_it():
    goods = pd.DataFrame(
        {"market": "US", "sku": ["A", "B", "C"],
         "missing": ["cost.goods;cost.returns", "cost.returns", "cost.duty"]}
    )  # fmt: skip
    priced = [{"market": "US", "fact": "cost.duty"}]
    found = _unpriced(goods, priced, SimpleNamespace(markets=("US",)))
    assert [(row["fact"], row["spread"]) for row in found] == [
        ("cost.goods", "fact.unbounded|skus=1"),
        ("cost.returns", "fact.unbounded|skus=2"),
    ]
    assert all(np.isnan(row["worth_profit"]) for row in found)
