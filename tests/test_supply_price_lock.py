"""The price-lock guard: refused at a loss, capped where a unit more stops to earn, least price."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.leftovers.exits import exit_ladder
from planner.supply.locks.lock_worlds import lock_worlds
from planner.supply.locks.price_lock import guard_prices, last_worth
from planner.supply.quantity.newsvendor import expected_leftover, expected_sold

WORLDS = 400
KEYS = pd.MultiIndex.from_tuples([("TH", "A")], names=["market", "sku"])


def bounds(**changed: tuple[float, float]) -> pd.DataFrame:
    """No spread of anything unless told; a loss may come one time in ten."""
    rows = {
        "affiliate": (0.0, 0.0),
        "fx_volatility": (0.0, 0.0),
        "return_rate_spread": (1.0, 1.0),
        "duty_unknown": (0.0, 0.0),
        "price_lock_loss_chance": (np.nan, 0.1),
        **changed,
    }
    return case.dated(
        [{"rule": rule, "low": low, "high": high, "unit": ""} for rule, (low, high) in rows.items()]
    )


WIDE = {
    "affiliate": (0.0, 0.16),
    "fx_volatility": (0.3, 0.5),
    "return_rate_spread": (0.5, 1.5),
    "duty_unknown": (0.0, 0.15),
}


def exits(*rows: tuple[float, float]) -> pd.DataFrame:
    """Open exits of SKU A: units they take, and what one brings."""
    described = [
        {"market": "TH", "sku": "A", "max_units": most, "unit_revenue": revenue, "is_open": True}
        for most, revenue in (rows or ((np.nan, 40.0),))
    ]
    return pd.DataFrame(described)


def ways(freight: float = 10.0) -> pd.DataFrame:
    rows = [("sea", freight, 50.0, True, 20.0), ("truck", 4.0, 44.0, False, 9.0)]
    columns = ["mode", "unit_freight_cost", "landed_cost", "is_allowed", "lead_days"]
    return pd.DataFrame(rows, columns=columns).assign(market="TH", sku="A", missing="")


def guard(
    *,
    economics: dict | None = None,
    demand: list[float] | None = None,
    around: dict[str, list[float]] | None = None,
    out: pd.DataFrame | None = None,
    way: pd.DataFrame | None = None,
    limits: pd.DataFrame | None = None,
    fees: pd.DataFrame | None = None,
    rate: float = 0.0,
    spread: float = 1.0,
    held: pd.DataFrame | None = None,
    gates: pd.DataFrame | None = None,
    **scope,
) -> pd.Series:
    scope.setdefault("contract", {"duty": "DDP"})
    return guard_prices(
        case.catalogue(),
        case.economics(**(economics or {})),
        way,
        case.draws(sale=demand or [100.0, 200.0], **(around or {})),
        exits() if out is None else out,
        case.fees(commission=(0.05, "share_price")) if fees is None else fees,
        scope=case.scope(**scope),
        lanes=case.lanes(),
        duty_rates=tables.empty(tables.DutyRates),
        return_rates=case.returns(rate),
        bounds=bounds() if limits is None else limits,
        n=WORLDS,
        spread=spread,
        plan=held,
        position=None if held is None else _position(held),
        gates=gates,
    ).iloc[0]


def _position(held: pd.DataFrame) -> pd.DataFrame:
    units = held["available_units"].iloc[0]
    return case.position(on_hand_units=int(units), available_units=units)


def test_without_any_spread_a_unit_earns_its_margin_less_its_share_of_leftovers():
    row = guard()
    # critical ratio 30 / (30 + 10) = 0.75 of two worlds: lock 200, sell 150, 50 left lose 10 each
    assert row["max_units"] == 200
    by_hand = 30 - 50 * 10 / 150
    for name in ("mean_unit_profit", "low_unit_profit", "high_unit_profit"):
        assert row[name] == pytest.approx(by_hand)
    assert row["loss_chance"] == 0
    assert row["advice"] == "register"


def test_the_lock_counts_the_locked_price_and_the_units_of_its_own_days_alone():
    # The mean unit earns 30 at 100; locked at 80, where 5 % commission goes by the price, it earns
    # 11. What the sale leaves, 50 of 200 units on the mean, is sold after it and loses nothing.
    dear = {"price": 100.0, "sale_price": 80.0, "ordinary_price": 110.0}
    row = guard(economics=dear, around={"warm_up": [900.0] * 2, "tail": [60.0] * 2,
                                        "after": [140.0] * 2})  # fmt: skip
    assert row["price"] == 80
    assert row["mean_unit_profit"] == pytest.approx(30 - 0.95 * 20)
    assert row["max_units"] == 200
    told = "reason.lock_days|first=2026-11-08|last=2026-11-12|units=150"
    assert row["reason"].endswith(told)
    alone = guard(economics=dear)
    assert alone["mean_unit_profit"] < row["mean_unit_profit"]


def test_a_lock_below_cost_is_refused_though_the_unit_earns_over_the_whole_horizon():
    row = guard(economics={"price": 100.0, "sale_price": 60.0, "ordinary_price": 110.0})
    assert row["advice"] == "refuse"
    assert row["reason"].startswith("reason.lock_refuse|loss=8.00")


def test_a_refused_price_tells_what_not_registering_would_earn_by_hand():
    # Commission is 5 % of the price: a unit earns 30 at 100, so -8 at 60 and 39.5 at 110. Of 70 at
    # hand the lock sells all, at 42 before their 50 of landed cost. Left out, the 5 days of the
    # sale take 20 at 89.5, as the 10 days after them take 40; 10 are left over at 40.
    held = pd.DataFrame([{"market": "TH", "sku": "A", "available_units": 70.0, "order_units": 0}])
    prices = {"price": 100.0, "sale_price": 60.0, "ordinary_price": 110.0}
    around = {"after": [40.0, 40.0]}
    row = guard(economics=prices, demand=[100.0, 100.0], around=around, held=held)
    gain = (60 * 89.5 + 10 * 40) - 70 * 42
    assert row["reason"].split(";")[-1] == f"reason.lock_withdraw|gain={gain:.0f}|currency=THB"
    alone = guard(economics=prices, held=held)  # no days after the campaign tell the ordinary pace
    assert "lock_withdraw" not in alone["reason"]


def test_a_refusal_tells_the_known_loss_and_the_mean_loss_as_two_figures():
    prices = {"price": 100.0, "sale_price": 60.0, "ordinary_price": 110.0}
    row = guard(economics=prices, limits=bounds(affiliate=(0.0, 0.1)))
    told = row["reason"].split(";")[0]
    # creators take 5 % of 60 on average; nothing is locked, so no leftovers weigh on it
    assert told == "reason.lock_refuse_more|loss=8.00|mean=11.00|currency=THB"
    assert row["mean_unit_profit"] == pytest.approx(-11.0)


def test_what_may_not_be_ordered_cannot_be_registered_either():
    shut = pd.DataFrame([{"market": "TH", "sku": "A", "blocks": "order"}])
    row = guard(gates=shut)
    assert (row["advice"], row["max_units"]) == ("unlisted", 0)
    assert row["reason"] == "reason.lock_unlisted"
    assert guard(gates=shut.assign(blocks="ship"))["advice"] == "register"


@pytest.mark.parametrize(
    ("as_of", "sign_up_ends", "locked", "day"),
    [
        ("2026-09-20", "2026-10-05", "2026-10-25", "2026-10-05"),
        ("2026-09-20", "2026-10-28", "2026-10-25", "2026-10-25"),
        ("2026-10-10", "2026-10-05", "2026-10-25", "2026-10-25"),
        ("2026-10-26", "2026-10-05", "2026-10-25", "2026-10-25"),
    ],
)
def test_a_price_is_settled_by_the_first_of_sign_up_and_lock_that_is_not_past(
    as_of: str, sign_up_ends: str, locked: str, day: str
):
    sign_up = {"start": "2026-09-10", "end": sign_up_ends}
    row = guard(as_of=as_of, plan={"sign_up": sign_up, "price_lock_on": locked})
    assert row["settle_by"] == pd.Timestamp(day)


def test_what_is_sold_before_the_sale_is_not_at_hand_to_lock():
    row = {"market": "TH", "sku": "A", "available_units": 150.0, "order_units": 0}
    held = pd.DataFrame([row])
    demand = [100.0] * 19 + [500.0]
    assert guard(demand=demand, held=held)["advice"] == "cap"
    before = {"warm_up": [50.0] * 20}
    assert guard(demand=demand, held=held, around=before)["advice"] == "register"


def test_the_textbook_newsvendor_is_the_cap_where_leftovers_bring_one_price():
    # Silver, Pyke and Thomas: the last unit k with P(D >= k) > over / (under + over)
    demand = [float(units) for units in range(1, 101)]
    row = guard(demand=demand, out=exits((np.nan, 20.0)))
    under, over = 30.0, 30.0
    assert row["max_units"] == sum((101 - k) / 100 > over / (under + over) for k in range(1, 101))


@pytest.mark.parametrize("seed", range(20))
def test_the_cap_is_where_trying_every_number_says_that_one_unit_more_stops_to_earn(seed: int):
    rng = np.random.default_rng(seed)
    demand = rng.gamma(3, 20, (1, 60))
    landed, net = 50.0, rng.uniform(40, 120)
    ladder = [(float(most), revenue) for most, revenue in
              zip(rng.integers(5, 40, 3), rng.uniform(-5, 49, 3), strict=True)]  # fmt: skip
    out = exits(*ladder, (np.nan, -6.0))
    found = last_worth(demand, exit_ladder(out, keys=KEYS), np.array([net]), np.array([landed]))[0]
    steps = sorted([*ladder, (np.inf, -6.0)], key=lambda step: -step[1])

    def brings(left: float) -> float:
        total = 0.0
        for most, revenue in steps:
            taken = min(left, most)
            total, left = total + taken * revenue, left - taken
        return total

    def worth(units: int) -> float:
        sold = np.minimum(demand[0], units)
        return float(np.mean(net * sold + [brings(left) for left in units - sold])) - landed * units

    gains = np.diff([worth(units) for units in range(int(demand.max()) + 3)])
    assert found == np.sum(gains > 1e-9)
    assert (gains[: int(found)] > -1e-9).all()


def test_worse_exits_never_raise_the_cap():
    caps = [guard(out=exits((np.nan, brings)))["max_units"] for brings in (45, 30, 10, -20)]
    many = [float(units) for units in range(10, 200, 7)]
    finer = [
        guard(demand=many, out=exits((30.0, brings), (np.nan, 0.0)))["max_units"]
        for brings in (49, 40, 20, 0)
    ]
    assert caps == sorted(caps, reverse=True)
    assert finer == sorted(finer, reverse=True)
    assert finer[0] > finer[-1]


@pytest.mark.parametrize("seed", range(12))
def test_a_loss_at_the_mean_cost_is_always_refused(seed: int):
    rng = np.random.default_rng(seed)
    margin = -rng.uniform(0.01, 30)
    row = guard(
        economics={"price": 70.0 + margin, "margin_profit": margin},
        way=ways(rng.uniform(0, 30)),
        limits=bounds(**WIDE),
        rate=0.1,
        out=exits((np.nan, rng.uniform(-10, 49))),
        spread=rng.uniform(0, 3),
    )
    assert row["advice"] == "refuse"
    assert row["max_units"] == 0
    assert row["mean_unit_profit"] < 0
    assert row["least_price"] > row["price"]
    assert row["reason"].startswith("reason.lock_refuse")


@pytest.mark.parametrize("price", [75.0, 82.0, 90.0, 110.0])
def test_wider_ranges_never_lower_the_chance_of_a_loss_of_what_earns_on_average(price: float):
    rows = [
        guard(
            economics={"price": price, "margin_profit": price - 70},
            way=ways(20.0),
            limits=bounds(**{**WIDE, "affiliate": (0.0, 0.02)}),
            rate=0.1,
            spread=spread,
        )
        for spread in (0.0, 0.25, 0.5, 1.0, 1.5)
    ]
    assert rows[0]["mean_unit_profit"] > 0
    chances = [row["loss_chance"] for row in rows]
    assert chances == sorted(chances)
    assert chances[0] == 0


def test_ranges_leave_the_mean_where_it_is():
    narrow, wide = (
        guard(way=ways(), limits=bounds(**WIDE), rate=0.1, spread=spread) for spread in (0.0, 1.0)
    )
    assert narrow["mean_unit_profit"] == pytest.approx(wide["mean_unit_profit"])
    assert wide["low_unit_profit"] < narrow["low_unit_profit"]


def test_freight_lies_in_its_published_range():
    row = guard(way=ways(freight=10.0), out=exits((np.nan, 50.0)))
    # sea is published at 400 to 600: 20 % either way of 10; the even middle 90 % is told
    assert row["low_unit_profit"] == pytest.approx(30 - 0.9 * 2, abs=0.02)
    assert row["high_unit_profit"] == pytest.approx(30 + 0.9 * 2, abs=0.02)


def test_the_creators_share_is_taken_off_where_the_seller_names_none():
    guessed = guard(limits=bounds(affiliate=(0.0, 0.1)), spread=0.0, out=exits((np.nan, 50.0)))
    assert guessed["mean_unit_profit"] == pytest.approx(30 - 0.05 * 100)
    assert "cost.affiliate" in guessed["reason"]
    named = guard(
        limits=bounds(affiliate=(0.0, 0.1)),
        out=exits((np.nan, 50.0)),
        fees=case.fees(commission=(0.05, "share_price"), affiliate=(0.08, "share_price")),
    )
    assert named["mean_unit_profit"] == pytest.approx(30)
    assert "cost.affiliate" not in named["reason"]


def test_a_duty_nobody_knows_is_a_risk_and_one_in_the_contract_is_none():
    facts = {"limits": bounds(duty_unknown=(0.0, 0.2)), "demand": [100.0, 100.0]}
    unknown = guard(contract={}, **facts)
    assert unknown["mean_unit_profit"] == pytest.approx(30 - 0.1 * 40)
    assert unknown["high_unit_profit"] == pytest.approx(30 - 0.01 * 40, abs=0.05)
    assert guard(**facts)["low_unit_profit"] == pytest.approx(30)


def test_goods_paid_in_yuan_move_with_the_rate_over_the_days_to_the_end():
    wide = bounds(fx_volatility=(0.1, 0.1))
    row = guard(limits=wide, out=exits((np.nan, 50.0)))
    years = (pd.Timestamp("2026-11-20") - pd.Timestamp("2026-09-20")).days / 365
    assert 30 - row["low_unit_profit"] == pytest.approx(1.645 * 0.1 * years**0.5 * 40, rel=0.1)


def test_the_least_price_keeps_the_chance_of_a_loss_and_no_lower_one_does():
    told = {"price": 72.0, "margin_profit": 2.0}
    facts = {"way": ways(30.0), "limits": bounds(fx_volatility=(0.3, 0.3)), "rate": 0.1}
    row = guard(economics=told, **facts)
    assert row["advice"] == "raise_price"
    assert row["loss_chance"] > 0.1
    worlds = lock_worlds(
        case.catalogue(),
        case.economics(**told),
        facts["way"],
        case.fees(commission=(0.05, "share_price")),
        scope=case.scope(contract={"duty": "DDP"}),
        lanes=case.lanes(),
        duty_rates=tables.empty(tables.DutyRates),
        return_rates=case.returns(0.1),
        bounds=facts["limits"],
        n=WORLDS,
    )
    demand = np.array([[100.0, 200.0]])
    held = np.array([row["max_units"]])
    lost = 50 * expected_leftover(demand, held) - 40 * expected_leftover(demand, held)
    cost = worlds.cost[0] + (lost / expected_sold(demand, held))[0]

    def chance(price: float) -> float:
        return float(np.mean(price * (1 - worlds.share[0]) - cost < 0))

    assert row["least_price"] > 72
    assert chance(row["least_price"] + 1e-9) <= 0.1 < chance(row["least_price"] - 0.01)


def test_where_demand_may_ask_for_more_than_is_worth_locking_the_number_is_capped():
    row = guard(demand=[10.0] * 9 + [500.0])
    assert row["advice"] == "cap"
    assert row["max_units"] == 10
    assert row["reason"].startswith("reason.lock_cap|units=10|asked=")


@pytest.mark.parametrize("name", ["price", "landed_cost", "selling_cost"])
def test_what_is_not_known_gets_no_advice(name: str):
    row = guard(economics={name: np.nan, "missing": "cost.goods"})
    assert row["advice"] == "unknown"
    assert np.isnan(row["loss_chance"])
    assert np.isnan(row["max_units"])
    assert row["reason"].startswith("reason.lock_unknown|what=cost.goods")


def test_nothing_is_locked_that_nobody_will_buy():
    row = guard(demand=[0.0, 0.0])
    assert (row["advice"], row["max_units"]) == ("refuse", 0)
    assert row["reason"].split(";")[0] == "reason.lock_no_demand"


def test_the_day_of_the_lock_is_told_and_the_same_seed_draws_the_same_worlds():
    facts = {"limits": bounds(**WIDE), "plan": {"price_lock_on": "2026-10-20"}}
    first, second = guard(**facts), guard(**facts)
    assert first["settle_by"] == pd.Timestamp("2026-10-20")
    pd.testing.assert_series_equal(first, second)


def test_the_shipped_bounds_are_enough_and_no_goods_need_no_advice():
    assert guard(limits=case.register(tables.Bounds), way=ways())["advice"] != "unknown"
    empty = guard_prices(
        case.catalogue(),
        tables.empty(tables.UnitEconomics),
        None,
        case.draws(sale=[1.0, 2.0]),
        exits(),
        case.fees(),
        scope=case.scope(),
        lanes=case.lanes(),
        duty_rates=tables.empty(tables.DutyRates),
        return_rates=case.returns(),
        bounds=bounds(),
    )
    assert empty.empty


def test_a_guess_alone_asks_for_a_higher_price_and_never_refuses():
    row = guard(
        economics={"price": 72.0, "margin_profit": 2.0}, limits=bounds(affiliate=(0.0, 0.2))
    )
    assert row["mean_unit_profit"] < 0
    assert row["advice"] == "raise_price"
    assert row["least_price"] > 72


def test_more_demand_never_lowers_the_cap():
    many = [float(units) for units in range(10, 200, 7)]
    caps = [guard(demand=[units * more for units in many])["max_units"] for more in (1, 1.3, 2)]
    assert caps == sorted(caps)
    assert caps[0] < caps[-1]


@pytest.mark.parametrize(
    ("available", "ordered", "advice", "told"),
    [
        (30.0, 60, "register", "lock_register"),  # less than the 100 that are worth locking
        (39.4, 70, "register", "lock_register"),  # 109 units: 100 rounded up to a carton of 10
        (40.0, 70, "cap", "lock_cap_held|units=100|asked=110"),
        (400.0, 0, "cap", "lock_cap|units=100|asked=120"),  # the sale asks for no more of them
    ],
)
def test_what_is_at_hand_by_plan_is_registered_unless_it_is_more_than_is_worth_locking(
    available: float, ordered: int, advice: str, told: str
):
    row = {"market": "TH", "sku": "A", "available_units": available, "order_units": ordered}
    found = guard(demand=[100.0] * 19 + [500.0], held=pd.DataFrame([row]))
    assert found["max_units"] == 100
    assert found["advice"] == advice
    assert found["reason"].startswith(f"reason.{told}")


def test_a_cap_never_reads_as_many_units_as_are_asked_for():
    # 10 are worth locking and 10.4 may be asked for: told as 11.
    row = guard(demand=[10.0] * 9 + [10.8])
    assert row["advice"] == "cap"
    units, asked = (int(part.split("=")[1]) for part in row["reason"].split(";")[0].split("|")[1:])
    assert asked > units == row["max_units"]
