"""Which way how many units go under all limits: against enumeration, duality and the newsvendor."""

import itertools

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.errors import ConfigError
from planner.supply.order.allocation import Allocation, allocate
from planner.supply.quantity.newsvendor import optimal_units
from planner.supply.quantity.value_curves import Curves, plain_curves, worth_at
from planner.terms import Limits

WORLDS = [100.0, 110, 120, 130, 140, 150, 160, 170, 180, 240]
EXACT = {"max_gap": 1e-9}
NEAR = 1e-3
SHARES = (0.2, 0.5, 0.8, 1.1)
DAY = pd.Timestamp("2026-09-25")


def ways(*rows: dict) -> pd.DataFrame:
    """Ways of SKU A by sea at 50 landed, never late, unless told otherwise."""
    whole = {
        "market": "TH", "sku": "A", "mode": "sea", "is_allowed": True, "produce_by": DAY,
        "ship_by": DAY, "shelf_by": pd.Timestamp("2026-11-01"), "lead_days": 30.0,
        "on_time_rate": 1.0, "late_days": 0.0, "unit_freight_cost": 5.0,
        "unit_surcharge_cost": 0.0, "landed_cost": 50.0, "missing": "", "reason": "",
        "currency": "THB",
    }  # fmt: skip
    return tables.checked(tables.SkuWays, pd.DataFrame([{**whole, **row} for row in rows or ({},)]))


def curve(units: list[float], value: list[float], *skus: str) -> Curves:
    names = skus or ("A",)
    keys = pd.MultiIndex.from_product([["TH"], names], names=["market", "sku"])
    return Curves(
        keys, np.array([units] * len(names), float), np.array([value] * len(names), float)
    )


def many(n: int, seed: int, **seller) -> dict:
    """Return `n` SKUs of random worth, two ways each, in a scope of two warehouses."""
    rng = np.random.default_rng(seed)
    skus = [f"S{number}" for number in range(n)]
    keys = pd.MultiIndex.from_product([["TH"], skus], names=["market", "sku"])
    steps = rng.uniform(10, 40, (n, 6))
    slopes = np.sort(rng.uniform(0, 120, (n, 6)), axis=1)[:, ::-1]
    nothing = np.zeros((n, 1))
    units = np.concatenate([nothing, np.cumsum(steps, axis=1)], axis=1)
    value = np.concatenate([nothing, np.cumsum(steps * slopes, axis=1)], axis=1)
    volume = rng.uniform(0.001, 0.01, n)
    slow = [{"sku": sku, "landed_cost": 30 + 400 * v} for sku, v in zip(skus, volume, strict=True)]
    fast = [
        {"sku": sku, "mode": "air", "landed_cost": 30 + 4000 * v, "lead_days": 8.0}
        for sku, v in zip(skus, volume, strict=True)
    ]
    goods = [
        {"sku": sku, "volume_cbm": v, "carton_units": int(c), "moq_units": int(m)}
        for sku, v, c, m in zip(
            skus, volume, rng.choice([1, 5, 12], n), rng.choice([0, 0, 60], n), strict=True
        )
    ]
    houses = [
        {"warehouse": "house", "market": "TH"},
        {"warehouse": "second", "market": "TH", "receiving_days": 8},
    ]
    return {
        "curves": Curves(keys, units, value),
        "ways": ways(*slow, *fast),
        "catalogue": case.catalogue(*goods),
        "scope": case.scope(warehouses=houses, **seller),
        "volume": volume,
    }


def solved(world: dict, limits: Limits, **more) -> Allocation:
    given = {name: world[name] for name in ("curves", "ways", "catalogue")}
    return allocate(**given, limits=limits, scope=world["scope"], **{**EXACT, **more})


def profit(world: dict, plan: Allocation) -> float:
    curves = world["curves"]
    worth = worth_at(curves, plan.units.to_numpy()) - worth_at(curves, np.zeros(len(curves.keys)))
    return float(worth.sum() - plan.mode_plan["landed_cost"].sum())


@pytest.mark.parametrize("carton", [1, 10, 24])
def test_without_limits_the_order_is_that_of_the_newsvendor_up_to_one_carton(carton: int):
    draws = case.draws(sale=WORLDS)
    economics = case.economics()
    curves = plain_curves(draws, case.position(), economics, None, scope=case.scope())
    goods = case.catalogue({"sku": "A", "carton_units": carton})
    plan = allocate(curves, ways(), goods, scope=case.scope())
    newsvendor = optimal_units(np.array([WORLDS]), economics["critical_ratio"])[0]
    assert newsvendor == 170
    assert abs(plan.units.iloc[0] - newsvendor) < carton
    assert plan.mode_plan["units"].tolist() == plan.units.tolist()
    assert plan.gap == 0


def test_of_two_ways_the_cheaper_is_taken_unless_it_is_too_often_late():
    goods = case.catalogue({"sku": "A", "carton_units": 1})
    curves = curve([0, 100, 200], [0, 10_000, 10_000])
    # Late by 10 of the 20 days of the campaign half the sale is missed: 0.2 * 0.5 * 100 = 10.
    sea = {"on_time_rate": 0.8, "late_days": 10.0}
    air = {"mode": "air", "landed_cost": 58.0}
    dear = {"mode": "air", "landed_cost": 61.0}
    for fast, mode in ((air, "air"), (dear, "sea")):
        plan = allocate(curves, ways(sea, fast), goods, scope=case.scope()).mode_plan
        assert plan[["mode", "units"]].to_numpy().tolist() == [[mode, 100]]


def test_tiny_instances_equal_the_best_of_all_choices():
    rng = np.random.default_rng(5)
    for _ in range(12):
        size = rng.uniform(0.05, 0.3, 2)
        cost = rng.uniform(20, 60, (2, 2))
        slopes = np.sort(rng.uniform(10, 120, (2, 3)), axis=1)[:, ::-1]
        value = np.concatenate([np.zeros((2, 1)), np.cumsum(slopes * 4, axis=1)], axis=1)
        keys = pd.MultiIndex.from_product([["TH"], ["A", "B"]], names=["market", "sku"])
        curves = Curves(keys, np.array([[0.0, 4, 8, 12]] * 2), value)
        carton, moq = np.array([2, 3]), np.array([rng.choice([0, 6]), 0])
        goods = case.catalogue(*(
            {"sku": sku, "volume_cbm": v, "carton_units": int(c), "moq_units": int(m)}
            for sku, v, c, m in zip("AB", size, carton, moq, strict=True)
        ))  # fmt: skip
        rows = [
            {"sku": sku, "mode": mode, "landed_cost": cost[i, j], "lead_days": 30.0 - 10 * j}
            for i, sku in enumerate("AB")
            for j, mode in enumerate(("sea", "air"))
        ]
        budget, space, quota = rng.uniform(200, 600), rng.uniform(0.3, 1.5), int(rng.integers(3, 9))
        houses = [{"warehouse": name, "market": "TH"} for name in ("house", "second")]
        limits = Limits(
            budget=budget, mode_cbm={"sea": space}, quota_units={"house": quota},
            warehouse_cbm={"second": 1.0},
        )  # fmt: skip
        scope = case.scope(warehouses=houses)
        plan = allocate(curves, ways(*rows), goods, limits, scope=scope, **EXACT)
        best = 0.0
        for counts in itertools.product(range(7), range(7), range(5), range(5)):
            sea = np.array([counts[0], counts[2]]) * carton
            air = np.array([counts[1], counts[3]]) * carton
            units = sea + air
            money = (cost[:, 0] * sea + cost[:, 1] * air).sum()
            if money > budget or (sea * size).sum() > space or (units > 12).any():
                continue
            if 0 < units[0] < moq[0] or not fits(units, carton, size, quota, 1.0):
                continue
            best = max(best, float(worth_at(curves, units).sum() - money))
        got = worth_at(curves, plan.units.to_numpy()).sum() - plan.mode_plan["landed_cost"].sum()
        assert got == pytest.approx(best, abs=1e-6)


def fits(units: np.ndarray, carton: np.ndarray, size: np.ndarray, quota: int, room: float) -> bool:
    """Return whether units can be split by cartons between a quota and a room."""
    for a, b in itertools.product(
        *(range(0, u + 1, c) for u, c in zip(units, carton, strict=True))
    ):
        if a + b <= quota and ((units - [a, b]) * size).sum() <= room + 1e-9:
            return True
    return False


def test_the_price_of_a_limit_is_what_a_step_more_of_it_would_earn():
    goods = case.catalogue(
        {"sku": "A", "carton_units": 1, "volume_cbm": 0.001},
        {"sku": "B", "carton_units": 1, "volume_cbm": 0.002},
    )
    curves = curve([0, 400, 800, 1200], [0, 40_000, 64_000, 72_000], "A", "B")
    rows = ways({"sku": "A"}, {"sku": "B"})

    # 400 of each earn 50 and take 1.2 CBM; then A at 10 a unit for 0.001 CBM, 200 of it by 1.4.
    # One more CBM takes the other 200 of A for 2,000 and 400 of B at 10 for 0.002 CBM each.
    def earned(room: float) -> tuple[float, pd.DataFrame]:
        limits = Limits(mode_cbm={"sea": room})
        plan = allocate(curves, rows, goods, limits, scope=case.scope(), **EXACT)
        money = plan.mode_plan["landed_cost"].sum()
        return worth_at(curves, plan.units.to_numpy()).sum() - money, plan.limit_prices

    base, prices = earned(1.4)
    more, _ = earned(2.4)
    row = prices.iloc[0]
    assert row["is_binding"]
    assert (row["rise"], row["shadow_price"]) == (1.0, pytest.approx(2000 + 4000))
    assert row["shadow_price"] == pytest.approx(more - base)
    assert row["used"] == pytest.approx(1.4)
    assert row["reason"].startswith("reason.worth_of_mode_cbm|rise=1.00|worth=6000|")


def test_a_limit_with_room_is_worth_nothing_more():
    world = many(6, 1)
    prices = solved(world, Limits(budget=1e9, mode_cbm={"sea": 1e6})).limit_prices
    assert prices["shadow_price"].tolist() == [0, 0]
    assert not prices["is_binding"].any()
    assert prices["reason"].str.startswith("reason.limit_has_room").all()


def test_more_of_any_limit_never_earns_less():
    world = many(12, 2)
    near = {"max_gap": NEAR}
    free = solved(world, Limits())
    money = free.mode_plan["landed_cost"].sum()
    space = float(free.mode_plan["volume_cbm"].sum())
    units = int(free.units.sum())
    for limits in (
        [Limits(budget=money * share) for share in SHARES],
        [Limits(mode_cbm={"TH.sea": space * share}) for share in SHARES],
        [Limits(warehouse_cbm={"house": space * share}) for share in SHARES],
        [Limits(quota_units={"house": int(units * share), "second": 50}) for share in SHARES],
    ):
        earned = [profit(world, solved(world, limit, **near)) for limit in limits]
        assert all(b >= a * (1 - NEAR) for a, b in itertools.pairwise(earned))
        assert earned[-1] <= profit(world, free) + 1e-6


def test_units_are_conserved_between_sku_way_and_warehouse_and_all_limits_are_kept():
    world = many(25, 3)
    free = solved(world, Limits())
    space = float(free.mode_plan["volume_cbm"].sum())
    limits = Limits(
        budget=0.8 * free.mode_plan["landed_cost"].sum(),
        mode_cbm={"sea": 0.5 * space},
        warehouse_cbm={"house": 0.4 * space},
        quota_units={"second": 400},
    )
    plan = solved(world, limits, max_gap=NEAR)
    lines = plan.mode_plan
    assert lines.groupby("sku")["units"].sum().to_dict() == {
        sku: units for (_, sku), units in plan.units.items() if units
    }
    goods = world["catalogue"].set_index("sku")
    assert (lines["units"] % goods["carton_units"].loc[lines["sku"]].to_numpy() == 0).all()
    ordered = plan.units[plan.units > 0].droplevel("market")
    assert (ordered >= goods["moq_units"].loc[ordered.index]).all()
    assert lines["landed_cost"].sum() <= limits.budget + 1e-6
    assert lines.loc[lines["mode"] == "sea", "volume_cbm"].sum() <= 0.5 * space + 1e-9
    assert lines.loc[lines["warehouse"] == "house", "volume_cbm"].sum() <= 0.4 * space + 1e-9
    assert lines.loc[lines["warehouse"] == "second", "units"].sum() <= 400
    prices = plan.limit_prices.set_index(["limit", "place"])
    assert prices.loc[("budget", ""), "used"] == pytest.approx(lines["landed_cost"].sum())
    assert plan.mode_plan["reason"].str.contains("reason.limit_binds").any()


def test_more_demand_never_ships_less_and_worse_exits_never_ship_more():
    def units(demand: float = 1.0, rate: float = 0.6) -> int:
        economics = case.economics(leftover_revenue=50 * rate, over_cost=50 * (1 - rate))
        draws = case.draws(sale=[demand * world for world in WORLDS])
        curves = plain_curves(draws, case.position(), economics, None, scope=case.scope())
        goods = case.catalogue({"sku": "A", "carton_units": 6, "moq_units": 30})
        return int(allocate(curves, ways(), goods, scope=case.scope()).units.iloc[0])

    by_demand = [units(demand=share) for share in (0.1, 0.3, 0.7, 1.0, 1.5, 3.0)]
    assert by_demand == sorted(by_demand)
    assert by_demand[0] < by_demand[-1]
    by_exit = [units(rate=rate) for rate in (0.9, 0.6, 0.3, 0.0)]
    assert by_exit == sorted(by_exit, reverse=True)
    assert by_exit[-1] < by_exit[0]


def test_whole_containers_are_paid_empty_or_full():
    goods = case.catalogue({"sku": "A", "carton_units": 1, "volume_cbm": 0.01})
    curves = curve([0, 100, 200], [0, 8000, 14_000])
    # Of 50 landed 5 are freight: 500 a CBM, a container of 1 CBM holds 100 units and costs 500.
    # The first earns 100 * (80 - 45) - 500, the second 100 * (60 - 45) - 500.
    plan = allocate(curves, ways(), goods, Limits(container_cbm=1.0), scope=case.scope(), **EXACT)
    assert plan.units.tolist() == [200]
    assert plan.mode_plan["landed_cost"].tolist() == pytest.approx([200 * 45 + 2 * 500])
    row = plan.limit_prices.iloc[0]
    assert (row["limit"], row["cap"], row["used"]) == ("container_cbm", 2.0, pytest.approx(2.0))
    assert "reason.containers|count=2|fill=1.0000" in row["reason"]
    dear = ways({"unit_freight_cost": 25.0, "landed_cost": 70.0})
    plan = allocate(curves, dear, goods, Limits(container_cbm=1.0), scope=case.scope(), **EXACT)
    assert plan.units.tolist() == [100]


def test_the_least_charge_of_a_lane_is_owed_once_and_may_turn_goods_away():
    goods = case.catalogue({"sku": "A", "carton_units": 1, "volume_cbm": 0.002})
    curves = curve([0, 10, 20], [0, 800, 1000])
    lanes = case.options(case.scope()).query("mode == 'sea'")
    small = lanes.assign(min_charge=0.5)
    plan = allocate(curves, ways(), goods, scope=case.scope(), lane_options=small, **EXACT)
    # Owed are 0.5 CBM at 500; 10 units pay 50 of the 250 and still earn 300 - 200.
    assert plan.units.tolist() == [10]
    big = lanes.assign(min_charge=1.0)
    plan = allocate(curves, ways(), goods, scope=case.scope(), lane_options=big, **EXACT)
    assert plan.units.tolist() == [0]


def test_a_minimum_order_is_met_or_nothing_is_ordered_and_its_price_is_told():
    curves = curve([0, 100, 200], [0, 8000, 10_000])
    rows, scope = ways(), case.scope()
    budget = Limits(budget=7000.0)
    fine = case.catalogue({"sku": "A", "carton_units": 1, "moq_units": 130})
    plan = allocate(curves, rows, fine, budget, scope=scope, **EXACT)
    assert plan.units.tolist() == [130]
    row = plan.limit_prices.set_index("limit").loc["moq"]
    # The units beyond 100 are worth 20 and cost 50.
    assert (row["cap"], row["used"], row["shadow_price"]) == (130, 130, pytest.approx(30))
    less = case.catalogue({"sku": "A", "carton_units": 1, "moq_units": 129})
    eased = allocate(curves, rows, less, budget, scope=scope, **EXACT)
    money = [p.mode_plan["landed_cost"].sum() for p in (plan, eased)]
    worth = [worth_at(curves, p.units.to_numpy()).sum() for p in (plan, eased)]
    assert (worth[1] - money[1]) - (worth[0] - money[0]) == pytest.approx(30)
    tight = allocate(curves, rows, fine, Limits(budget=6000.0), scope=scope, **EXACT)
    assert tight.units.tolist() == [0]


def test_a_minimum_order_may_be_filled_by_two_markets():
    scope = case.scope(markets=("TH", "VN"))
    keys = pd.MultiIndex.from_tuples([("TH", "A"), ("VN", "A")], names=["market", "sku"])
    curves = Curves(keys, np.array([[0.0, 60, 120]] * 2), np.array([[0.0, 6000, 6000]] * 2))
    rows = ways({}, {"market": "VN"})
    goods = case.catalogue({"sku": "A", "carton_units": 1, "moq_units": 120})
    plan = allocate(curves, rows, goods, Limits(budget=1e6), scope=scope, **EXACT)
    assert plan.units.tolist() == [60, 60]


def test_what_a_gate_blocks_or_nobody_can_price_gets_nothing():
    curves = curve([0, 100, 200], [0, 8000, 10_000], "A", "B", "C")
    curves.value[2] = np.nan
    goods = case.catalogue({"sku": "A"}, {"sku": "B"}, {"sku": "C"})
    rows = ways({"sku": "A"}, {"sku": "B"}, {"sku": "C"})
    gate = {
        "market": "TH", "sku": "B", "gate": "certificate", "state": "missing", "blocks": "order",
        "evidence": "", "expires_on": pd.NaT, "saved_cost": np.nan, "reason": "", "source": "",
        "currency": "THB",
    }  # fmt: skip
    gates = pd.DataFrame([gate])
    plan = allocate(curves, rows, goods, scope=case.scope(), gates=gates)
    assert plan.units.droplevel("market").to_dict() == {"A": 100, "B": 0, "C": 0}
    fixed = pd.Series([35, 0], index=curves.keys[[2, 0]])
    plan = allocate(curves, rows, goods, scope=case.scope(), gates=gates, fixed_units=fixed)
    assert plan.units.droplevel("market").to_dict() == {"A": 0, "B": 0, "C": 40}


def test_fixed_units_that_contradict_a_limit_are_cut_and_it_is_said():
    curves = curve([0, 100, 200], [0, 8000, 10_000], "A", "B")
    goods = case.catalogue({"sku": "A"}, {"sku": "B"})
    rows = ways({"sku": "A"}, {"sku": "B"})
    fixed = pd.Series([100], index=curves.keys[[0]])
    fits = allocate(
        curves, rows, goods, Limits(budget=6000.0), scope=case.scope(), fixed_units=fixed, **EXACT
    )
    assert fits.units.tolist() == [100, 20]
    cut = allocate(
        curves, rows, goods, Limits(budget=4200.0), scope=case.scope(), fixed_units=fixed, **EXACT
    )
    assert cut.units.tolist() == [80, 0]
    assert cut.reasons.iloc[0] == "reason.fixed_cut_by|limits=limit.budget|wanted=100"


def test_an_unknown_cost_goes_the_slow_way_and_the_budget_says_that_it_is_not_counted():
    curves = curve([0, 100, 200], [np.nan] * 3)
    rows = ways({"landed_cost": np.nan}, {"mode": "air", "landed_cost": np.nan, "lead_days": 8.0})
    fixed = pd.Series([50], index=curves.keys)
    plan = allocate(
        curves, rows, case.catalogue(), Limits(budget=10.0), scope=case.scope(), fixed_units=fixed
    )
    assert plan.mode_plan[["mode", "units"]].to_numpy().tolist() == [["sea", 50]]
    assert np.isnan(plan.mode_plan["landed_cost"].iloc[0])
    assert "reason.limit_not_counted|count=1" in plan.limit_prices["reason"].iloc[0]


@pytest.mark.parametrize(
    ("limits", "named"),
    [
        (Limits(mode_cbm={"boat": 5.0}), "boat"),
        (Limits(mode_cbm={"XX.sea": 5.0}), "XX.sea"),
        (Limits(warehouse_cbm={"shed": 5.0}), "shed"),
        (Limits(quota_units={"shed": 5}), "shed"),
    ],
)
def test_a_limit_of_something_that_does_not_exist_is_refused_by_name(limits: Limits, named: str):
    with pytest.raises(ConfigError, match=named):
        allocate(
            curve([0, 1, 2], [0, 80, 90]), ways(), case.catalogue(), limits, scope=case.scope()
        )


def test_a_limit_of_a_reserve_that_nothing_goes_to_has_room():
    houses = [
        {"warehouse": "house", "market": "TH"},
        {"warehouse": "spare", "market": "TH", "is_reserve": True},
    ]
    limits, scope = Limits(warehouse_cbm={"spare": 5.0}), case.scope(warehouses=houses)
    plan = allocate(curve([0, 1, 2], [0, 80, 90]), ways(), case.catalogue(), limits, scope=scope)
    row = plan.limit_prices.iloc[0]
    assert (row["place"], row["used"], row["is_binding"]) == ("spare", 0.0, False)


def test_no_sku_at_all_is_an_empty_plan():
    keys = pd.MultiIndex.from_arrays([[], []], names=["market", "sku"])
    none = Curves(keys, np.zeros((0, 3)), np.zeros((0, 3)))
    plan = allocate(none, ways().head(0), case.catalogue(), Limits(budget=5.0), scope=case.scope())
    assert plan.mode_plan.empty
    assert plan.units.empty


def test_a_price_that_is_dust_beside_the_profit_is_no_price():
    curves = curve([0, 100, 200], [0, 8000, 8000])
    goods = case.catalogue({"sku": "A", "carton_units": 1})

    def price(dearer: float) -> pd.Series:
        rows = ways({}, {"mode": "air", "lead_days": 8.0, "landed_cost": 50.0 + dearer})
        plan = allocate(
            curves, rows, goods, Limits(mode_cbm={"sea": 0.1}), scope=case.scope(), **EXACT
        )
        assert plan.units.tolist() == [100]
        return plan.limit_prices.iloc[0]

    # Half of the 100 units go by air: a CBM more saves what air costs more, on these 50.
    assert price(1.0)["shadow_price"] == pytest.approx(50.0)
    assert price(1e-5)["shadow_price"] == 0
    assert not price(1e-5)["is_binding"]


def test_a_limit_that_the_next_lot_does_not_fit_into_binds_and_the_lot_is_its_worth():
    keys = pd.MultiIndex.from_product([["TH"], ["A", "B", "C"]], names=["market", "sku"])
    units = np.array([[0.0, 34, 200], [0.0, 72, 200], [0.0, 20, 200]])
    value = np.array([[0.0, 34 * 200, 34 * 200], [0.0, 72 * 80, 72 * 80], [0.0, 20 * 51, 20 * 51]])
    goods = case.catalogue(
        {"sku": "A", "carton_units": 34, "volume_cbm": 0.01},
        {"sku": "B", "carton_units": 36, "moq_units": 72, "volume_cbm": 0.01},
        {"sku": "C", "carton_units": 60, "volume_cbm": 0.001},
    )
    plan = allocate(
        Curves(keys, units, value), ways(*({"sku": sku} for sku in "ABC")), goods,
        Limits(mode_cbm={"sea": 1.0}), scope=case.scope(), **EXACT,
    )  # fmt: skip
    assert plan.units.tolist() == [34, 0, 0]
    row = plan.limit_prices.iloc[0]
    # B asks for 0.72 of the 0.66 left, 72 units at 80 less 50; a second CBM would earn nothing.
    assert (row["is_binding"], row["reason"]) == (
        True, "reason.worth_of_mode_cbm|rise=1.00|worth=2160|currency=THB;reason.then_free",
    )  # fmt: skip
    # A carton of C would lose money, limit or not.
    assert plan.reasons.tolist() == ["", "reason.limit_binds|wanted=72|limits=limit.mode_cbm", ""]


def test_a_full_warehouse_is_named_only_if_no_other_of_the_market_has_room():
    houses = [{"warehouse": name, "market": "TH"} for name in ("house", "second")]
    goods = case.catalogue({"sku": "A", "carton_units": 50})
    curves = curve([0, 100, 200], [0, 8000, 8000])
    told = []
    for caps in ({"house": 60, "second": 40}, {"house": 20, "second": 20}):
        plan = allocate(
            curves, ways(), goods, Limits(quota_units=caps), scope=case.scope(warehouses=houses),
            **EXACT,
        )  # fmt: skip
        told.append((plan.units.iloc[0], plan.reasons.iloc[0]))
    assert told == [(50, "reason.limit_binds|wanted=100|limits=limit.quota_units"),
                    (0, "reason.limit_binds|wanted=100|limits=limit.quota_units")]  # fmt: skip
    scope = case.scope(warehouses=houses)
    wide = allocate(
        curves, ways(), goods, Limits(quota_units={"house": 0}), scope=scope, **EXACT
    )  # fmt: skip
    assert (wide.units.iloc[0], wide.reasons.iloc[0]) == (100, "")


def test_costs_beyond_the_landed_cost_are_told_by_sku():
    goods = case.catalogue({"sku": "A", "carton_units": 1, "volume_cbm": 0.002})
    curves = curve([0, 10, 20], [0, 800, 1000])
    lanes = case.options(case.scope()).query("mode == 'sea'").assign(min_charge=0.5)
    rows = ways({"on_time_rate": 0.8, "late_days": 10.0})
    plan = allocate(curves, rows, goods, scope=case.scope(), lane_options=lanes, **EXACT)
    assert plan.units.tolist() == [10]
    # Late: 0.2 * 10 / 20 days of the 60 that the first unit earns more than the last; and 0.5 CBM
    # at 500 are owed, of which 10 units pay 5 each.
    assert plan.extra_costs.tolist() == pytest.approx([10 * 0.1 * 60 + 250 - 50])


def test_a_search_that_is_cut_short_tells_its_gap_and_what_that_is_worth():
    world = many(12, 3)
    budget = 0.6 * solved(world, Limits()).mode_plan["landed_cost"].sum()
    whole = solved(world, Limits(budget=budget))
    assert whole.gap < 1e-6
    plan = solved(world, Limits(budget=budget), max_branches=1, max_gap=1e-12)
    assert plan.is_cut_short
    assert plan.gap > 1e-6
    assert profit(world, plan) <= profit(world, whole) + 1e-6
    assert profit(world, plan) >= (1 - plan.gap) * profit(world, whole) - 1e-6
    told = plan.limit_prices["reason"].iloc[0]
    assert f"reason.plan_cut_short|gap={plan.gap:.6f}|worth=" in told


def test_the_search_is_the_same_each_time():
    world = many(20, 4)
    budget = 0.5 * solved(world, Limits()).mode_plan["landed_cost"].sum()
    limits = Limits(budget=budget, container_cbm=1.0)
    first, second = (solved(world, limits, max_gap=0.002) for _ in range(2))
    pd.testing.assert_frame_equal(first.mode_plan, second.mode_plan)
    assert (first.gap, first.is_cut_short) == (second.gap, False)
