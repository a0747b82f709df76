"""Where each unit lies: moves before buying, conserved, in time, and never at an unknown cost."""

import math
from itertools import product

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.errors import ConfigError
from planner.pages.telling import tell_reason
from planner.supply.places.placement import moved_in, place_stock, with_order
from planner.supply.places.shelves import Shelf, worth_of

HOUSES = [
    {"warehouse": "house", "market": "TH"},
    {"warehouse": "north", "market": "TH"},
    {"warehouse": "south", "market": "TH", "is_reserve": True},
]
MOVE = {"days": 5, "unit_cost": 3.0}
COUNTED = "2026-09-20"


def scope(*transfers: dict, houses: list[dict] | None = None, shops: int = 2, **more):
    """Shops of Thailand, each served by a warehouse of its own."""
    places = ("house", "north", "south")
    rows = [case.shop("TH", n + 1) | {"warehouse": places[n]} for n in range(shops)]
    base = case.scope(warehouses=houses or HOUSES, transfers=list(transfers), **more)
    seller = base.seller.model_dump(mode="json") | {"shops": rows}
    return base.model_copy(update={"seller": type(base.seller).model_validate(seller)})


def move(start: str, end: str, **more) -> dict:
    return {"from_warehouse": start, "to_warehouse": end, **MOVE, **more}


def stock(**units: int) -> pd.DataFrame:
    rows = [("A", "on_hand", held, None, COUNTED) for held in units.values()]
    return case.stock(*rows).assign(warehouse=list(units))


def draws(*shops: list[float], before: float = 0) -> pd.DataFrame:
    parts = [
        case.draws_of({"A": {"before": [before] * len(units), "sale": units}}, shop=f"shop-{n}")
        for n, units in enumerate(shops, 1)
    ]
    return pd.concat(parts, ignore_index=True)


def ways(*rows: dict) -> pd.DataFrame:
    whole = {
        "market": "TH", "sku": "A", "mode": "air", "is_allowed": True,
        "produce_by": pd.Timestamp("2026-10-10"), "ship_by": pd.Timestamp("2026-10-10"),
        "shelf_by": pd.Timestamp("2026-11-01"), "lead_days": 8.0, "on_time_rate": 0.9,
        "late_days": 2.0, "unit_freight_cost": 8.0, "unit_surcharge_cost": 0.0,
        "landed_cost": 50.0, "missing": "", "reason": "", "currency": "THB",
    }  # fmt: skip
    if not rows:
        return tables.empty(tables.SkuWays)
    return pd.DataFrame([{**whole, **row} for row in rows])


def placed(scope, stock, draws, **more) -> pd.DataFrame:
    given = {
        "position": case.position(),
        "economics": case.economics(),
        "ways": ways(),
        "catalogue": case.catalogue(),
        "scope": scope,
    }
    return place_stock(stock, draws, **{**given, **more})


def moved(table: pd.DataFrame) -> dict[tuple[str, str], int]:
    rows = table[(table["move"] == "transfer") & (table["units"] > 0)]
    return {(row.from_place, row.to_place): row.units for row in rows.itertuples()}


def test_spare_units_go_where_they_are_short():
    table = placed(scope(move("house", "north")), stock(house=100, north=0), draws([40], [30]))
    assert moved(table) == {("house", "north"): 30}
    row = table[table["move"] == "transfer"].iloc[0]
    # Sold for 100 - 20 there, left over for 40 here, moved for 3.
    assert row["reason"] == "reason.move_pays|gain=37|currency=THB"
    assert row["move_cost"] == 90.0
    assert row["arrive_on"] == pd.Timestamp("2026-09-25")


def test_a_unit_moves_only_as_long_as_its_chance_to_sell_pays_the_move():
    # Worth 80 if sold, 40 if left: a unit wanted in one world of ten gains 4, in two 8.
    wanted = [10.0] * 8 + [20.0, 30.0]
    plenty = stock(house=100, north=0)
    cheap = placed(scope(move("house", "north", unit_cost=3.9)), plenty, draws([0] * 10, wanted))
    dear = placed(scope(move("house", "north", unit_cost=4.1)), plenty, draws([0] * 10, wanted))
    assert moved(cheap) == {("house", "north"): 30}
    assert moved(dear) == {("house", "north"): 20}


def test_units_that_can_be_bought_for_less_are_not_moved():
    # Short here: a unit moved away is bought again for 50, one there too: the move buys nothing.
    short, dear = stock(house=20, north=0), scope(move("house", "north"))
    wanted = draws([20], [20])
    assert moved(placed(dear, short, wanted)) == {}
    spare = stock(house=60, north=0)
    # A spare unit is worth 40 here and saves a purchase of 50 there: 10 less 3 gained.
    row = placed(dear, spare, wanted, ways=ways({})).query("move == 'transfer'").iloc[0]
    assert row["units"] == 20
    assert row["reason"] == "reason.move_pays|gain=7|currency=THB"


def test_a_move_whose_cost_nobody_told_is_named_and_not_taken():
    table = placed(
        scope(move("house", "north", unit_cost=None)), stock(house=100, north=0), draws([40], [30])
    )
    assert moved(table) == {}
    row = table[table["move"] == "transfer"].iloc[0]
    assert row["units"] == 0
    assert math.isnan(row["move_cost"])
    assert row["reason"] == ("reason.move_cost_unknown;reason.move_would_pay|worth=40|currency=THB")


def test_two_warehouses_of_a_market_without_a_transfer_are_named_where_one_would_pay():
    table = placed(scope(), stock(house=100, north=0), draws([40], [30]))
    row = table[table["move"] == "transfer"].iloc[0]
    assert row["reason"].startswith("reason.move_not_told;reason.move_would_pay")
    even = placed(scope(), stock(house=30, north=30), draws([40], [40]))
    assert set(even["move"]) == {"stay"}


def test_a_transfer_that_comes_after_the_shelf_day_is_not_taken():
    table = placed(
        scope(move("house", "north", days=60)), stock(house=100, north=0), draws([40], [30])
    )
    row = table[table["move"] == "transfer"].iloc[0]
    assert (row["units"], row["arrive_on"]) == (0, pd.Timestamp("2026-11-19"))
    assert row["reason"].startswith("reason.move_too_late|arrive_on=2026-11-19|shelf_by=2026-11-01")


def test_a_cost_by_weight_counts_and_is_unknown_without_the_weight():
    by_weight = scope(move("house", "north", unit_cost=1.0, kg_cost=4.0))
    held, wanted = stock(house=100, north=0), draws([40], [30])
    assert placed(by_weight, held, wanted).query("units == 30")["move_cost"].iloc[0] == 90.0
    weightless = case.catalogue({"sku": "A", "weight_kg": np.nan})
    assert moved(placed(by_weight, held, wanted, catalogue=weightless)) == {}


def test_units_in_china_go_by_the_cheapest_way_that_is_open():
    houses = [*HOUSES, {"warehouse": "yiwu", "market": "CN"}]
    table = placed(
        scope(houses=houses), stock(house=0, north=0, yiwu=50), draws([40], [0]),
        ways=ways({}, {"mode": "sea", "landed_cost": 46.0, "is_allowed": False,
                       "reason": "reason.too_late_for_sea|ship_by=2026-09-10|ready_on=2026-09-20",
                       "ship_by": pd.Timestamp("2026-09-10")}),
    )  # fmt: skip
    assert moved(table) == {("yiwu", "house"): 40}
    row = table[(table["move"] == "transfer") & (table["units"] > 0)].iloc[0]
    assert row["move_cost"] == 40 * (50 - 40)
    # It saves a purchase of 50; kept, it could be left over there after the campaign: 40 less 10.
    assert row["reason"] == "reason.move_pays_by|mode=air|gain=10|currency=THB"
    assert moved_in(table).to_dict() == {("CN", "A"): -40, ("TH", "A"): 40}


def test_goods_that_lie_ready_may_still_go_when_goods_to_be_made_come_too_late():
    houses = [*HOUSES, {"warehouse": "yiwu", "market": "CN"}]
    late = {"is_allowed": False, "reason": "reason.too_late_for_air|ship_by=x|ready_on=y"}
    table = placed(
        scope(houses=houses), stock(house=0, north=0, yiwu=50), draws([40], [0]), ways=ways(late)
    )
    assert moved(table) == {("yiwu", "house"): 40}


def test_moves_within_a_market_change_nothing_for_the_order():
    table = placed(scope(move("house", "north")), stock(house=100, north=0), draws([40], [30]))
    assert moved_in(table).empty


def test_what_is_needed_before_the_campaign_stays():
    table = placed(
        scope(move("house", "north")), stock(house=100, north=0), draws([0], [80], before=50)
    )
    assert moved(table) == {("house", "north"): 50}


def test_a_shelf_that_nobody_counted_gets_nothing():
    table = placed(scope(move("house", "north")), stock(house=100), draws([40], [30]))
    assert moved(table) == {}


def test_a_transfer_between_unknown_warehouses_is_refused_by_name():
    with pytest.raises(ConfigError, match="from house to nowhere: 'nowhere' is not listed"):
        placed(scope(move("house", "nowhere")), stock(house=1, north=0), draws([1], [1]))


def test_the_order_is_shipped_to_the_warehouse_the_plan_names():
    row = {
        "market": "TH", "sku": "A", "mode": "sea", "warehouse": "north", "units": 30,
        "landed_cost": 1500.0, "volume_cbm": 0.06, "ship_by": pd.Timestamp("2026-10-01"),
        "shelf_by": pd.Timestamp("2026-10-30"), "reason": "", "currency": "THB",
    }  # fmt: skip
    table = placed(
        scope(), stock(house=5, north=0), draws([4], [30]), mode_plan=pd.DataFrame([row])
    )
    before = placed(scope(), stock(house=5, north=0), draws([4], [30]))
    after = with_order(before, pd.DataFrame([row]), case.catalogue(), scope=scope())
    pd.testing.assert_frame_equal(after, table)
    ship = table[table["move"] == "ship"].iloc[0]
    assert (ship["from_place"], ship["to_place"], ship["units"]) == ("CN", "north", 30)
    assert (ship["move_cost"], ship["days"]) == (1500.0 - 30 * 40.0, 40.0)


def some_case(seed: int) -> tuple:
    rng = np.random.default_rng(seed)
    units = dict(zip(("house", "north", "south"), rng.integers(0, 5, 3).tolist(), strict=True))
    wanted = [rng.integers(0, 7, 5).astype(float).tolist() for _ in range(3)]
    costs = {
        pair: float(rng.integers(0, 40))
        for pair in product(units, units)
        if pair[0] != pair[1] and rng.random() < 0.8
    }
    return units, wanted, costs


def best_worth(units: dict, wanted: list, costs: dict) -> float:
    """Return the greatest worth of all ways to move whole units, each tried."""
    names = list(units)
    nothing = np.zeros(5)
    worth = {}
    for name, demand in zip(names, wanted, strict=True):
        shelf = Shelf(units[name], 0, 0.0, nothing, np.array(demand), 80.0, 40.0, math.inf)
        nets = np.arange(-units[name], sum(units.values()) + 1)
        worth[name] = dict(zip(nets.tolist(), worth_of(shelf, nets).tolist(), strict=True))
    options = []
    for name in names:
        ends = [end for end in names if (name, end) in costs]
        counts = product(range(units[name] + 1), repeat=len(ends))
        options.append([
            {(name, end): n for end, n in zip(ends, some, strict=True)}
            for some in counts
            if sum(some) <= units[name]
        ])  # fmt: skip
    best = -math.inf
    for choice in product(*options):
        sent = {pair: n for part in choice for pair, n in part.items() if n}
        net = dict.fromkeys(names, 0)
        for (start, end), n in sent.items():
            net[start] -= n
            net[end] += n
        value = sum(worth[name][net[name]] for name in names)
        best = max(best, value - sum(costs[pair] * n for pair, n in sent.items()))
    return best


@pytest.mark.parametrize("seed", range(10))
def test_no_other_way_of_moving_whole_units_is_worth_more(seed: int):
    units, wanted, costs = some_case(seed)
    told = [move(*pair, unit_cost=cost) for pair, cost in costs.items()]
    table = placed(scope(*told, shops=3), stock(**units), draws(*wanted))
    sent = moved(table)
    value = -sum(costs[pair] * n for pair, n in sent.items())
    for name, demand in zip(units, wanted, strict=True):
        net = sum(n for pair, n in sent.items() if pair[1] == name)
        net -= sum(n for pair, n in sent.items() if pair[0] == name)
        shelf = Shelf(units[name], 0, 0.0, np.zeros(5), np.array(demand), 80.0, 40.0, math.inf)
        value += worth_of(shelf, np.array([net]))[0]
    assert value == pytest.approx(best_worth(units, wanted, costs), abs=1e-3)
    gone = table.groupby("from_place")["units"].sum()
    assert {name: gone.get(name, 0) for name in units} == units


def test_nothing_is_moved_from_china_only_to_be_left_over():
    houses = [*HOUSES, {"warehouse": "yiwu", "market": "CN"}]
    full = stock(house=60, north=0, yiwu=50)
    assert moved(placed(scope(houses=houses), full, draws([40], [0]), ways=ways({}))) == {}


def test_taking_the_best_single_move_first_would_lose_where_ours_does_not():
    # From the south a unit can go to both, from the house only to the north.
    units = {"house": 1, "north": 0, "south": 1}
    told = [
        move("south", "north", unit_cost=1.0),
        move("south", "house", unit_cost=2.0),
        move("house", "north", unit_cost=5.0),
    ]
    table = placed(scope(*told, shops=2), stock(**units), draws([1.0], [2.0]))
    assert moved(table) == {("south", "north"): 1}


@pytest.mark.parametrize("seed", range(5))
def test_the_worth_of_a_shelf_is_what_counting_world_by_world_gives_and_is_concave(seed: int):
    rng = np.random.default_rng(seed)
    before, demand = rng.poisson(6, 30).astype(float), rng.poisson(12, 30).astype(float)
    shelf = Shelf(9, 4, 2.5, before, demand, 80.0, 40.0, math.inf)
    nets = np.arange(-9, 15)
    counted = []
    for net in nets:
        own = 13 + min(net, 0)
        left = np.maximum(own - before, 0) + 2.5 + max(net, 0)
        sold = np.minimum(own, before) + np.minimum(left, demand)
        counted.append((80 * sold + 40 * np.maximum(left - demand, 0)).mean())
    assert worth_of(shelf, nets) == pytest.approx(np.array(counted))
    assert (np.diff(counted, n=2) < 1e-9).all()


def test_every_reason_is_told_in_both_languages():
    houses = [*HOUSES, {"warehouse": "yiwu", "market": "CN"}]
    told = scope(move("house", "north"), move("south", "north", unit_cost=None), houses=houses)
    held = stock(house=60, north=0, south=9, yiwu=50)
    table = placed(told, held, draws([50], [200]), ways=ways({}))
    assert {reason.split("|")[0] for reason in table["reason"]} >= {
        "reason.move_pays", "reason.move_pays_by", "reason.place_stays",
        "reason.move_cost_unknown;reason.move_would_pay",
    }  # fmt: skip
    for reason in table["reason"]:
        for lang in ("zh", "en"):
            assert not {"{", "|"} & set(tell_reason(reason, lang))
            assert not tell_reason(reason, lang).startswith("reason.")
