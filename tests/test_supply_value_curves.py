"""What a supply is worth: exact at its breakpoints, concave, and never more than its exits."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.quantity.newsvendor import critical_ratio, expected_profit, optimal_units
from planner.supply.quantity.value_curves import (
    Curves,
    exit_ladders,
    plain_curves,
    slopes_of,
    worth_at,
)

WORLDS = [100.0, 110, 120, 130, 140, 150, 160, 170, 180, 240]
KEYS = pd.MultiIndex.from_tuples([("TH", "A")], names=["market", "sku"])


def curves(**more) -> Curves:
    given = {
        "draws": case.draws(sale=WORLDS),
        "position": case.position(),
        "economics": case.economics(),
        "exits": None,
        "scope": case.scope(),
    } | more
    frames = [given[name] for name in ("draws", "position", "economics", "exits")]
    return plain_curves(*frames, scope=given["scope"])


def exits(*rows: tuple[str, float, float]) -> pd.DataFrame:
    """Rows of (exit, units it takes, what a unit brings)."""
    frame = pd.DataFrame(rows, columns=["exit", "max_units", "unit_revenue"])
    frame = frame.assign(
        market="TH", sku="A", rank=range(1, len(rows) + 1), done_by=pd.Timestamp("2026-12-31"),
        exit_step=1, is_open=True, reason="", currency="THB",
    )  # fmt: skip
    return tables.checked(tables.Exits, frame[tables.columns(tables.Exits)])


def test_worth_less_landed_cost_is_the_profit_of_the_newsvendor():
    line = curves()
    profit = [
        expected_profit(np.array([WORLDS]), [units], margin_profit=[30.0], over_cost=[10.0]).item()
        for units in line.units[0]
    ]
    assert line.value[0] - 50.0 * line.units[0] == pytest.approx(profit)
    assert worth_at(line, np.array([155.0])).item() - 50 * 155 == pytest.approx(
        expected_profit(np.array([WORLDS]), [155.0], margin_profit=[30.0], over_cost=[10.0]).item()
    )


def test_one_breakpoint_is_the_order_of_the_newsvendor_and_slopes_change_sign_there():
    line = curves()
    best = optimal_units(np.array([WORLDS]), [0.75])[0]
    place = int(np.flatnonzero(line.units[0] == best)[0])
    margin = slopes_of(line)[0] - 50.0
    assert margin[place - 1] > 0 > margin[place]


def test_curves_rise_in_units_and_are_concave():
    rng = np.random.default_rng(3)
    skus = {f"S{n}": {"sale": list(np.round(rng.gamma(2, 40, 200)))} for n in range(20)}
    held = pd.concat([case.position(sku=sku, on_hand_units=20) for sku in skus])
    value = pd.concat([case.economics(sku=sku) for sku in skus])
    line = curves(draws=case.draws_of(skus), position=held, economics=value)
    assert line.units.shape == (20, 24)
    assert (line.units[:, 0] == 0).all()
    assert (np.diff(line.units, axis=1) > 0).all()
    assert (np.diff(slopes_of(line), axis=1) <= 1e-6).all()


def test_stock_at_hand_takes_the_place_of_new_units():
    line = curves(position=case.position(on_hand_units=90, available_units=90.0))
    bare = curves()
    later = worth_at(bare, np.array([120.0]))
    assert worth_at(line, np.array([30.0])) == pytest.approx(later)


def test_leftovers_take_the_best_exit_first_and_a_worse_exit_never_adds_worth():
    rich = exits(("next_event", 20.0, 45.0), ("destroy", np.nan, -2.0))
    room, revenue = exit_ladders(rich, KEYS, np.array([40.0]))
    assert (room[0, 0], revenue[0, 0]) == (20, 45)
    assert (room[0, -1], revenue[0, -1]) == (np.inf, -2)
    flat = curves(draws=case.draws(sale=[100.0]), exits=rich)
    base = 80.0 * 100
    brought = worth_at(flat, np.array([100.0])).item()
    assert brought == pytest.approx(base)
    rest = flat.units[0, -1] - 120
    assert flat.value[0, -1] == pytest.approx(base + 20 * 45 - 2 * rest)
    worse = curves(exits=exits(("next_event", 20.0, 35.0), ("destroy", np.nan, -2.0)))
    better = curves(exits=rich)
    asked = np.linspace(0, 300, 31)
    for units in asked:
        at = np.array([units])
        assert worth_at(worse, at).item() <= worth_at(better, at).item() + 1e-6


def test_exits_may_be_any_function_of_the_units_left():
    same = curves(exits=lambda left: 40.0 * left)
    assert same.value == pytest.approx(curves().value)


def test_a_penalty_of_lost_sales_makes_units_worth_more_until_all_are_served():
    hard = case.scope(policy={"stock_out_penalty_rate": 0.1})
    assert slopes_of(curves(scope=hard))[0, 0] == pytest.approx(slopes_of(curves())[0, 0] + 10)


def test_a_buffer_of_the_profit_rule_moves_the_best_order_by_the_buffer():
    wide = case.scope(policy={"rule": "profit", "buffer_rate": 0.1})
    line = curves(scope=wide)
    margin = slopes_of(line)[0] - 50.0
    best = line.units[0, int(np.flatnonzero(margin < 0)[0])]
    assert best == pytest.approx(170 + 0.1 * 150)


def test_an_unknown_price_makes_the_curve_unknown_and_not_zero():
    line = curves(economics=case.economics(price=np.nan))
    assert np.isnan(line.value).all()


def test_a_leftover_worth_more_than_a_sale_still_gives_a_concave_line():
    line = curves(economics=case.economics(leftover_revenue=90.0))
    assert (np.diff(slopes_of(line), axis=1) <= 1e-6).all()


def test_the_newsboy_of_the_textbook():
    # Silver, Pyke, Thomas, section 10.2 (single-period, normal demand): the best stock is the
    # quantile at cu / (cu + co); with mean 100, deviation 30, cu 15, co 5: 100 + 0.6745 * 30.
    from statistics import NormalDist

    demand = NormalDist(100, 30)
    worlds = [demand.inv_cdf((n + 0.5) / 4000) for n in range(4000)]
    value = case.economics(
        price=30.0, selling_cost=0.0, landed_cost=15.0, leftover_revenue=10.0, margin_profit=15.0,
        under_cost=15.0, over_cost=5.0, critical_ratio=float(critical_ratio([15.0], [5.0])[0]),
    )  # fmt: skip
    line = curves(draws=case.draws(sale=worlds), economics=value)
    best = line.units[0, int(np.argmax(line.value[0] - 15.0 * line.units[0]))]
    assert best == pytest.approx(100 + 0.6745 * 30, abs=0.1)
    # Its profit: cu * mean - (cu + co) * deviation * density(0.6745) = 1500 - 20 * 30 * 0.3178.
    most = (line.value[0] - 15.0 * line.units[0]).max()
    assert most == pytest.approx(1500 - 20 * 30 * 0.3178, abs=0.5)
