"""What goes now, what waits for warm-up sales, and what waiting is worth."""

import time

import numpy as np
import pandas as pd
import pytest

from planner import tables
from planner.supply.later import freight_option
from planner.supply.later.freight_option import weigh_options
from planner.supply.later.news_worth import Order, learn, parted_orders, trigger, weigh
from planner.supply.later.two_stage import Lots, Rule, Terms, Worlds, earned, salvage, up_to
from planner.supply.quantity import newsvendor
from tests import supply_case as case

PRICE, SLOW, FAST, LEFT = 13.0, 5.8, 8.0, 2.0


def worlds_of(rho: float, *, n: int = 3, k: int = 500, seed: int = 7) -> tuple:
    rng = np.random.default_rng(seed)
    told, own = rng.standard_normal((2, n, k))
    other = rho * told + np.sqrt(1 - rho**2) * own
    return np.round(60 * np.exp(0.4 * told)), np.round(300 * np.exp(0.4 * other))


def arrays(rho: float, **terms: float) -> tuple[Worlds, Terms]:
    warm, rest = worlds_of(rho, n=terms.pop("n", 3), k=terms.pop("k", 500))
    ones = np.ones(len(warm))
    money = {
        "net_price": PRICE,
        "penalty_cost": 0.0,
        "slow_cost": SLOW,
        "fast_cost": FAST,
        "slow_on_time": 1.0,
        "fast_on_time": 1.0,
        "late_warm": 1.0,
        "late_rest": 0.5,
    } | terms
    is_known = bool(money.pop("is_late_known", True))
    both = {name: value * ones for name, value in money.items()}
    ladder = {"exit_revenue": LEFT * ones[:, None], "exit_units": np.inf * ones[:, None]}
    worlds = Worlds(np.zeros_like(warm), warm, rest, warm, warm)
    return worlds, Terms(**both, is_late_known=ones * is_known > 0, **ladder)


def way(mode: str, cost: float, lead: float, ship_by: str, **more: object) -> dict:
    row = {
        "market": "TH",
        "sku": "A",
        "mode": mode,
        "is_allowed": True,
        "produce_by": pd.Timestamp(ship_by),
        "ship_by": pd.Timestamp(ship_by),
        "shelf_by": pd.Timestamp("2026-10-31"),
        "lead_days": lead,
        "on_time_rate": 1.0,
        "late_days": 0.0,
        "unit_freight_cost": cost - 5.0,
        "unit_surcharge_cost": 0.0,
        "landed_cost": cost,
        "missing": "",
        "reason": "",
        "currency": "THB",
    }
    return row | more


def ways(*rows: dict) -> pd.DataFrame:
    sea, air = way("sea", SLOW, 20.0, "2026-10-05"), way("air", FAST, 4.0, "2026-10-26")
    return tables.checked(tables.SkuWays, pd.DataFrame(list(rows or (sea, air))))


def option(rho: float = 0.9, *rows: dict, order: int = 400, **more: object) -> pd.Series:
    """Return the advice on 400 units that go by sea, in cartons of one unless told."""
    warm, rest = worlds_of(rho, n=1)
    return advice(case.draws(warm_up=warm[0], sale=rest[0]), ways(*rows), order=order, **more)


def advice(
    drawn: pd.DataFrame,
    open_ways: pd.DataFrame,
    *,
    order: int = 400,
    mode: str = "sea",
    carton: int = 1,
    moq: int = 1,
    stock: int = 0,
    exits: pd.DataFrame | None = None,
    value: pd.DataFrame | None = None,
    with_before: bool = False,
) -> pd.Series:
    sent = pd.DataFrame([{"market": "TH", "sku": "A", "mode": mode, "units": order}])
    goods = pd.DataFrame([{"sku": "A", "carton_units": carton, "moq_units": moq}])
    held, money = position(stock), economics() if value is None else value
    return weigh_options(
        drawn, held, money, open_ways, exits, mode_plan=sent, catalogue=goods, scope=case.scope(),
        with_before=with_before,
    ).iloc[0]  # fmt: skip


def position(stock: int = 0) -> pd.DataFrame:
    row = {"market": "TH", "sku": "A", "on_hand_units": stock, "inbound_units": 0}
    row |= {"late_units": 0, "later_units": 0, "later_on": pd.NaT, "later_left_units": 0.0}
    row |= {
        "demand_before_units": 0.0,
        "early_units": 0.0,
        "returning_units": 0.0,
        "again_units": 0.0,
    }
    row |= {"available_units": float(stock), "is_known": True}
    return pd.DataFrame([row])


def economics(**more: object) -> pd.DataFrame:
    row = {"market": "TH", "sku": "A", "price": PRICE, "landed_cost": SLOW, "selling_cost": 0.0}
    row |= {"margin_profit": PRICE - SLOW, "leftover_revenue": LEFT, "under_cost": PRICE - SLOW}
    row |= {"over_cost": SLOW - LEFT, "critical_ratio": (PRICE - SLOW) / (PRICE - LEFT)}
    return pd.DataFrame([row | {"missing": "", "currency": "THB"} | more])


def test_the_day_of_decision_is_the_ship_day_for_a_shelf_filled_when_the_sale_begins():
    # shipped by 26 Oct it is there on 1 Nov; the sale begins 7 days later
    assert option()["decide_on"] == pd.Timestamp("2026-11-02")


def test_news_that_tells_the_sale_is_worth_waiting_for():
    air = way("air", FAST, 4.0, "2026-10-30")
    found = option(0.95, way("sea", SLOW, 20.0, "2026-10-05"), air)
    assert found["is_worth"]
    assert found["option_profit"] > 0.02 * found["single_profit"]
    assert found["held_units"] > 0
    assert found["now_units"] + found["held_units"] == 400
    assert found["reason"].startswith("reason.option_pays|profit=")
    assert (found["slow_mode"], found["fast_mode"]) == ("sea", "air")


def test_shuffled_news_is_worth_nothing_and_leaves_the_plain_order():
    worlds, terms = arrays(0.95, n=20)
    stream = np.random.default_rng(1)
    order = stream.permutation(worlds.news.shape[1])
    blind = worlds._replace(rest=worlds.rest[:, order])
    found = weigh(blind, terms)
    ratio = (PRICE - SLOW) / (PRICE - LEFT)
    plain = newsvendor.optimal_units(blind.warm + blind.rest, np.full(20, ratio))
    assert found.gain.tolist() == [0.0] * 20
    assert found.now_units.tolist() == plain.tolist()
    assert found.later_units.tolist() == [0.0] * 20


def test_two_stages_beat_each_way_alone_in_worlds_not_seen():
    worlds, terms = arrays(0.95, k=500)
    found = weigh(worlds, terms)
    warm, rest = worlds_of(0.95, k=20_000, seed=99)
    fresh = Worlds(np.zeros_like(warm), warm, rest, warm, warm)
    rule = learn(worlds, np.full(3, (PRICE - FAST) / (PRICE - LEFT)))
    both = earned(fresh, terms, found.now_units, rule)[0].mean(axis=1)
    slow = earned(fresh, terms, found.plain_units, None)[0].mean(axis=1)
    fast_terms = terms._replace(slow_cost=terms.fast_cost)
    level = np.full(3, (PRICE - FAST) / (PRICE - LEFT))
    fast_units = newsvendor.optimal_units(worlds.warm + worlds.rest, level)
    fast = earned(fresh, fast_terms, fast_units, None)[0].mean(axis=1)
    assert (both > 1.03 * np.maximum(slow, fast)).all()
    assert both - slow == pytest.approx(found.gain, rel=0.35)


@pytest.mark.parametrize("rho", [0.0, 0.3, 0.6, 0.95])
@pytest.mark.parametrize("late", [0.0, 0.3])
def test_waiting_loses_nothing_in_worlds_not_seen_and_where_it_does_not_pay_all_goes_now(
    rho: float, late: float
):
    worlds, terms = arrays(rho, slow_on_time=1 - late)
    found = weigh(worlds, terms)
    waits = found.gain > 0
    assert found.now_units[~waits].tolist() == found.plain_units[~waits].tolist()
    warm, rest = worlds_of(rho, k=20_000, seed=99)
    fresh = Worlds(np.zeros_like(warm), warm, rest, warm, warm)
    rule = learn(worlds, np.full(3, (PRICE - FAST) / (PRICE - LEFT)))
    both = earned(fresh, terms, found.now_units, rule)[0].mean(axis=1)
    slow = earned(fresh, terms, found.plain_units, None)[0].mean(axis=1)
    assert (both - slow)[waits].min(initial=0.0) >= 0
    assert waits.any() or rho < 0.5


def test_a_fast_way_dearer_than_the_sale_is_worth_nothing():
    found = option(0.95, way("sea", SLOW, 20.0, "2026-10-05"), way("air", 13.5, 4.0, "2026-10-30"))
    assert (found["option_profit"], found["held_units"]) == (0.0, 0)
    assert found["reason"] == "reason.option_fast_dear"


def test_a_fast_way_that_cannot_wait_for_the_warm_up_is_worth_nothing_and_says_so():
    found = option(0.95, way("sea", SLOW, 30.0, "2026-10-01"), way("air", FAST, 20.0, "2026-10-20"))
    assert found["option_profit"] == 0
    assert found["decide_on"] == pd.Timestamp("2026-10-27")
    assert found["reason"] == "reason.option_no_news|day=2026-10-27"


def test_of_two_quicker_ways_the_one_that_can_wait_is_taken_even_if_dearer():
    sea = way("sea", SLOW, 30.0, "2026-10-01")
    rail, air = way("rail", 6.5, 15.0, "2026-10-16"), way("air", FAST, 3.0, "2026-10-29")
    assert option(0.9, sea, rail, air)["fast_mode"] == "air"


def test_one_way_only_leaves_the_order_whole():
    found = option(0.95, way("sea", SLOW, 20.0, "2026-10-05"))
    assert (found["now_units"], found["held_units"]) == (400, 0)
    assert (found["fast_mode"], found["reason"]) == ("", "reason.option_one_way")


def test_goods_that_no_way_brings_in_time_are_named():
    found = option(0.9, way("sea", SLOW, 20.0, "2026-10-05", is_allowed=False))
    assert found["reason"] == "reason.option_no_way"
    assert np.isnan(found["single_profit"])


def test_unknown_money_is_told_as_such_and_not_as_a_lane_that_is_missing():
    warm, rest = worlds_of(0.9, n=1)
    drawn = case.draws(warm_up=warm[0], sale=rest[0])
    for unknown, open_ways in (
        (economics(price=np.nan), ways()),
        (economics(), ways(way("sea", np.nan, 20.0, "2026-10-05", missing="cost.goods"))),
    ):
        found = advice(drawn, open_ways, value=unknown)
        assert (found["now_units"], found["reason"]) == (400, "reason.option_unknown")
        assert np.isnan(found["option_profit"])


def test_an_order_of_one_lot_or_of_nothing_is_not_parted():
    air = way("air", FAST, 4.0, "2026-10-30")
    sea = way("sea", SLOW, 20.0, "2026-10-05")
    # one carton less would be below what the factory takes
    at_minimum = option(0.95, sea, air, carton=40, moq=400)
    assert (at_minimum["now_units"], at_minimum["held_units"]) == (400, 0)
    assert at_minimum["reason"] == "reason.option_one_lot"
    nothing = option(0.95, sea, air, order=0)
    assert (nothing["now_units"], nothing["held_units"]) == (0, 0)
    assert nothing["reason"] == "reason.option_no_order"


def test_what_waits_is_whole_cartons_of_the_order_and_the_rest_no_less_than_the_minimum():
    air = way("air", FAST, 4.0, "2026-10-30")
    found = option(0.95, way("sea", SLOW, 20.0, "2026-10-05"), air, carton=50, moq=200)
    assert found["is_worth"]
    assert found["held_units"] in {50, 100, 150, 200}
    assert found["now_units"] + found["held_units"] == 400
    tried, lots = parted_orders(Order(*(np.array([units]) for units in (384.0, 48.0, 240.0))))
    assert {*tried[:, 0]} == {384.0, 336.0, 288.0, 240.0}
    assert [lot.held.item() for lot in lots] == (384.0 - tried[:, 0]).tolist()


def test_the_second_lot_is_whole_cartons_and_never_more_than_was_held():
    worlds, terms = arrays(0.9, n=1, k=400)
    lots = Lots(np.array([30.0]), np.array([60.0]))
    rule = learn(worlds, np.array([0.5]))
    later = earned(worlds, terms, np.array([200.0]), rule, lots=lots)[1]
    assert {*later.ravel()} == {0.0, 30.0, 60.0}


def test_an_order_that_limits_sent_another_way_is_not_parted_again():
    assert option(0.95, mode="air")["reason"] == "reason.option_by_limits"


def test_a_gain_that_no_second_shipment_is_worth_is_told_but_not_advised(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(freight_option, "LEAST_GAIN", 0.03)  # it adds 2.3 % of the order's profit
    found = option(0.95, way("sea", SLOW, 20.0, "2026-10-05"), way("air", FAST, 4.0, "2026-10-30"))
    assert found["reason"].startswith("reason.option_small|profit=4")
    assert (found["held_units"], found["option_profit"], found["is_worth"]) == (0, 0.0, False)


def test_lateness_that_is_known_in_time_makes_the_fast_way_an_insurance():
    known = weigh(*arrays(0.0, slow_on_time=0.8))
    unknown = weigh(*arrays(0.0, slow_on_time=0.8, is_late_known=False))
    assert (known.gain > 0.02 * known.single_profit).all()
    assert (known.gain > unknown.gain).all()


def test_the_trigger_is_where_stock_asked_for_passes_stock_left():
    rule = Rule(np.zeros(1), np.ones(1))  # asks for as many units as were sold
    seen = np.array([[10.0, 30.0]])
    worlds = Worlds(0 * seen, seen, seen, seen, seen)
    # 40 went: after s sold, 40 - s are left and s are asked for; one is sent at s = 20.5
    assert trigger(rule, worlds, np.array([40.0])).tolist() == [21.0]
    assert np.isnan(trigger(rule, worlds, np.array([900.0]))).all()


def test_more_news_never_asks_for_less():
    worlds, _ = arrays(-0.9)
    rule = learn(worlds, np.full(3, 0.5))
    asked = up_to(rule, np.broadcast_to(np.arange(0.0, 200.0), (3, 200)))
    assert (np.diff(asked, axis=1) >= 0).all()


def test_late_goods_serve_only_what_comes_after_them_by_hand():
    ten = np.array([[10.0]])
    worlds = Worlds(0 * ten, ten, 10 * ten, ten, ten)
    _, terms = arrays(0.0, n=1, slow_on_time=0.5)
    # in time: 110 sold. late: the warm-up and half of the rest are missed, 50 sold, 60 left over
    expected = 0.5 * 110 * PRICE + 0.5 * (50 * PRICE + 60 * LEFT) - 110 * SLOW
    made, later = earned(worlds, terms, np.array([110.0]), None)
    assert made.item() == pytest.approx(expected)
    assert later.item() == 0


def test_leftovers_take_the_best_exit_first():
    _, terms = arrays(0.0, n=1)
    terms = terms._replace(exit_revenue=np.array([[5.0, 1.0]]), exit_units=np.array([[10, np.inf]]))
    assert salvage(terms, np.array([[4.0, 10.0, 12.0]])).tolist() == [[20.0, 50.0, 52.0]]


def test_sales_before_the_warm_up_are_news_only_if_asked_for():
    news, rest = worlds_of(0.95, n=1)
    drawn = case.draws(before=news[0], warm_up=np.full(500, 10.0), sale=rest[0])
    late_choice = way("rail", FAST, 12.0, "2026-10-25")  # decided on 1 Nov, before any warm-up day
    both = ways(way("sea", SLOW, 20.0, "2026-10-05"), late_choice)

    def weighed(**more: bool) -> pd.Series:
        return advice(drawn, both, **more)

    assert weighed()["reason"] == "reason.option_no_news|day=2026-11-01"
    assert weighed(with_before=True)["is_worth"]


def exits(*revenues: float) -> pd.DataFrame:
    rows = [
        {
            "market": "TH",
            "sku": "A",
            "exit": f"exit-{place}",
            "rank": place + 1,
            "max_units": np.nan if place else 20.0,
            "unit_revenue": revenue,
            "done_by": pd.NaT,
            "is_open": True,
            "reason": "",
            "currency": "THB",
        }
        for place, revenue in enumerate(revenues)
    ]
    return pd.DataFrame(rows)


def test_worse_exits_never_send_more_now():
    warm, rest = worlds_of(0.8, n=1)
    drawn = case.draws(warm_up=warm[0], sale=rest[0])

    def now(*revenues: float) -> int:
        return advice(drawn, ways(), exits=exits(*revenues))["now_units"]

    orders = [now(5.0, 4.0), now(4.0, 2.0), now(2.0, 0.0), now(0.0, -2.0)]
    assert orders == sorted(orders, reverse=True)
    assert orders[0] > orders[-1]


def test_the_same_tables_give_the_same_advice():
    assert option(0.9).equals(option(0.9))


def test_five_hundred_skus_are_weighed_in_seconds():
    worlds, terms = arrays(0.6, n=500, slow_on_time=0.9, fast_on_time=0.95)
    started = time.process_time()
    weigh(worlds, terms)
    assert time.process_time() - started < 6.0  # 2 s alone on one core; shared machines are slower


def test_the_profit_of_all_at_once_is_on_the_basis_of_the_plan():
    # Nothing is news here and sea is never late: demand 40 or 80 and 30 at hand.
    drawn = case.draws(sale=[40.0, 80.0])
    only_sea = ways(way("sea", SLOW, 20.0, "2026-10-05"))
    found = advice(drawn, only_sea, order=50, stock=30)
    # 50 go: 60 sold on average and 20 left over, 50 paid.
    by_hand = PRICE * 60 + LEFT * 20 - SLOW * 50
    assert found["single_profit"] == pytest.approx(by_hand)
