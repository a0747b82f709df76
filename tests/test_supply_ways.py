"""Which way a SKU may go, and what one unit costs on the shelf."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
import ways_case
from ways_case import INSURED, duties, handling, surcharges, term, terms, ways

from planner import tables
from planner.errors import ConfigError
from planner.supply.charges.economics import unit_economics
from planner.supply.charges.freight_rates import own_rates
from planner.supply.charges.packing import chargeable, choose_lanes
from planner.supply.charges.ways import LANDED_TERMS, ways_and_terms

SEA, TRUCK = ("A", "sea"), ("A", "truck")
SEEDS = (1, 2, 3)


def test_the_landed_cost_of_a_unit_by_sea_by_hand():
    frame = ways({"sku": "A"}, handling_fees=handling(label=(1.0, "unit")))
    freight = 0.002 * 500
    duty = 0.1 * (40 + freight)
    tax = 0.07 * (40 + freight + duty)
    row = frame.loc[SEA]
    assert row["unit_freight_cost"] == pytest.approx(freight)
    assert row["landed_cost"] == pytest.approx(40 + freight + 2 + duty + tax + 1)
    assert row["missing"] == ""
    assert row["is_allowed"]


def test_the_terms_add_up_to_the_landed_cost():
    long = terms({"sku": "A"}, {"sku": "B", "unit_cost": 7.0})
    sums = long[long["term"].isin(LANDED_TERMS)].groupby(["sku", "mode"])["unit_cost"].sum()
    frame = ways({"sku": "A"}, {"sku": "B", "unit_cost": 7.0})
    assert sums.to_dict() == pytest.approx(frame["landed_cost"].to_dict())


def test_there_is_one_row_for_each_market_sku_and_mode():
    frame = ways({"sku": "A"}, {"sku": "B"}, {"sku": "C"})
    assert len(frame) == 3 * 2
    assert not frame.index.duplicated().any()
    given = ways_case.registers()
    scope = case.scope()
    empty = ways_and_terms(case.catalogue().head(0), case.options(scope), **given, scope=scope)
    assert list(empty[0].columns) == tables.columns(tables.SkuWays)
    assert list(empty[1].columns) == tables.columns(tables.WayTerms)


def test_a_way_that_is_too_late_is_not_allowed_and_says_why():
    frame = ways({"sku": "A"}, scope={"as_of": "2026-10-09"})
    assert not frame.loc[SEA, "is_allowed"]
    assert frame.loc[SEA, "reason"].startswith("reason.too_late_for_sea")
    assert frame.loc[TRUCK, "is_allowed"]


def test_goods_that_a_mode_does_not_take_are_not_allowed_on_it_and_others_are():
    closed = surcharges(("sea", "liquid", np.nan, "forbidden"))
    frame = ways({"sku": "A", "has_liquid": True}, {"sku": "B"}, surcharges=closed)
    assert not frame.loc[SEA, "is_allowed"]
    assert frame.loc[SEA, "reason"].startswith(
        "reason.way_forbidden|mode=sea|kinds=category.liquid"
    )
    assert frame.loc[TRUCK, "is_allowed"]
    assert frame.loc[("B", "sea"), "is_allowed"]


@pytest.mark.parametrize("needed", ["unit_cost", "weight_kg"])
def test_without_goods_or_freight_there_is_no_landed_cost(needed: str):
    frame = ways({"sku": "A", needed: np.nan})
    assert frame["landed_cost"].isna().all()
    name = "cost.goods" if needed == "unit_cost" else "cost.head_haul"
    assert frame.loc[SEA, "missing"].split(";")[0] == name


def test_what_else_is_unknown_is_left_out_and_named():
    frame = ways(
        {"sku": "A"},
        scope={"insurance": {}},
        fees=case.fees(inbound=(2.0, "unit")),
        duty_rates=duties(),
        handling_fees=handling(label=(np.nan, "unit")),
    )
    assert frame.loc[SEA, "landed_cost"] == pytest.approx(40 + 1 + 2)
    named = ["clearance", "duty", "import_tax", "handling", "insurance"]
    assert frame.loc[SEA, "missing"] == ";".join(f"cost.{name}" for name in named)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("dearer", ["fees", "surcharges", "duty_rates", "handling_fees"])
def test_a_dearer_tariff_never_lowers_the_landed_cost(seed: int, dearer: str):
    rng = np.random.default_rng(seed)
    value = dict(zip("abcdef", rng.uniform(0, 20, 6), strict=True))

    def by(ratio: float) -> pd.Series:
        up = {name: ratio if name == dearer else 1.0 for name in ways_case.registers()}
        given = {
            "fees": case.fees(
                inbound=(value["a"] * up["fees"], "unit"),
                outbound=(value["b"] * up["fees"], "unit"),
                clearance=(value["c"] * up["fees"], "kg"),
            ),
            "surcharges": surcharges(
                ("any", "battery", value["d"] * up["surcharges"], "kg"),
                ("sea", "double_date", 0.1 * up["surcharges"], "share_outbound"),
            ),
            "duty_rates": duties(0.01 * value["e"] * up["duty_rates"], 0.07 * up["duty_rates"]),
            "handling_fees": handling(label=(value["f"] * up["handling_fees"], "unit")),
        }
        return ways({"sku": "A", "has_battery": True}, **given)["landed_cost"]

    ratio = 1 + rng.uniform(0, 3)
    assert (by(ratio) >= by(1.0)).all()
    assert (by(ratio) > by(1.0)).any()


def test_a_rush_of_freight_is_paid_only_at_its_kind_of_event_and_that_of_parcels_never_here():
    rush = surcharges(("any", "black_friday", 0.2, "share_freight"))
    parcels = surcharges(("any", "black_friday", 0.2, "share_outbound"))
    plain = ways({"sku": "A"}, surcharges=rush)
    friday = ways({"sku": "A"}, surcharges=rush, scope={"plan": {"kind": "black_friday"}})
    of_parcels = ways({"sku": "A"}, surcharges=parcels, scope={"plan": {"kind": "black_friday"}})
    freight = friday.loc[SEA, "unit_freight_cost"]
    assert plain.loc[SEA, "unit_surcharge_cost"] == 0
    assert friday.loc[SEA, "unit_surcharge_cost"] == pytest.approx(0.2 * freight)
    assert of_parcels.loc[SEA, "unit_surcharge_cost"] == 0


def test_the_premium_and_the_loss_that_nobody_pays_by_hand():
    cover = {"cover": "all_risks", "premium_rate": 0.03, "payout_rate": 0.8, "loss_rate": 0.02}
    before = 40 + 1 + 2 + 4.1 + 0.07 * 45.1
    insured = term("insurance", {"sku": "A"}, scope={"insurance": cover})
    assert insured["unit_cost"] == pytest.approx(0.03 * 40 + 0.02 * 0.2 * before)
    assert insured["is_known"]


def test_cover_of_the_warehouse_alone_pays_nothing_on_the_way_and_the_contract_does():
    cover = {"cover": "storage", "premium_rate": 0.01, "payout_rate": 1.0, "loss_rate": 0.02}
    before = 40 + 1 + 2 + 4.1 + 0.07 * 45.1
    bare = term("insurance", {"sku": "A"}, scope={"insurance": cover})
    assert not bare["is_known"]
    assert bare["unit_cost"] == pytest.approx(0.4 + 0.02 * before)
    scope = {"insurance": cover, "contract": {"loss_compensation_rate": 0.5}}
    paid = term("insurance", {"sku": "A"}, scope=scope)
    assert paid["unit_cost"] == pytest.approx(0.4 + 0.02 * 0.5 * before)


def test_goods_lost_without_cover_cost_what_they_have_cost_until_then():
    before = 40 + 1 + 2 + 4.1 + 0.07 * 45.1
    none = {"cover": "none", "loss_rate": 0.02}
    agreed = {"insurance": none, "contract": {"loss_compensation_rate": 0.0}}
    for scope, is_known in (({"insurance": none}, False), (agreed, True)):
        part = term("insurance", {"sku": "A"}, scope=scope)
        assert part["unit_cost"] == pytest.approx(0.02 * before)
        assert part["is_known"] == is_known


def test_giving_up_cover_never_makes_a_lossy_trip_cheaper_than_cover_without_a_premium():
    covered = {"cover": "all_risks", "premium_rate": 0.0, "payout_rate": 0.8, "loss_rate": 0.02}
    untold = {**covered, "payout_rate": None}
    costs = [
        ways({"sku": "A"}, scope={"insurance": cover}).loc[SEA, "landed_cost"]
        for cover in (covered, untold, {"cover": "none", "loss_rate": 0.02})
    ]
    assert costs[0] < costs[1] == costs[2]


def test_more_compensation_never_costs_more():
    def cost(rate: float) -> float:
        scope = {
            "insurance": {"loss_rate": 0.03},
            "contract": {"loss_compensation_rate": rate},
        }
        return term("insurance", {"sku": "A"}, scope=scope)["unit_cost"]

    costs = [cost(rate) for rate in (0.0, 0.4, 1.0)]
    assert costs == sorted(costs, reverse=True)
    assert costs[-1] == 0 < costs[0]


def test_a_premium_nobody_gave_is_the_registers_where_it_has_one():
    scope = {"insurance": {"cover": "all_risks", "payout_rate": 1.0, "loss_rate": 0.01}}
    fees = case.fees(**ways_case.FEES, insurance=(0.03, "share_cost"))
    assert term("insurance", {"sku": "A"}, scope=scope, fees=fees)["unit_cost"] == pytest.approx(
        1.2
    )
    assert not term("insurance", {"sku": "A"}, scope=scope)["is_known"]


def test_the_sellers_own_freight_by_mode_beats_the_lane():
    own = {**INSURED, "fees": {"sea.freight_kg": 4.0, "TH.sea.divisor": 250.0}}
    frame = ways({"sku": "A"}, scope=own)
    assert frame.loc[SEA, "unit_freight_cost"] == pytest.approx(max(0.5, 0.002 * 250) * 4)
    assert frame.loc[TRUCK, "unit_freight_cost"] == pytest.approx(20)


def test_a_rate_by_another_unit_leaves_the_least_charge_behind_and_two_rates_are_refused():
    scope = case.scope(fees={"sea.freight_kg": 4.0, "truck.least": 21.0})
    lanes = own_rates(case.options(case.scope()), scope).set_index("mode")
    assert np.isnan(lanes.loc["sea", "min_charge"])
    assert lanes.loc["sea", ["freight_rate", "rate_unit"]].to_list() == [4, "kg"]
    assert lanes.loc["truck", "min_charge"] == 21
    both = case.scope(fees={"sea.freight_kg": 4.0, "TH.sea.freight_cbm": 500.0})
    with pytest.raises(ConfigError, match="sea in TH has both freight_kg and freight_cbm"):
        own_rates(case.options(case.scope()), both)


def test_economics_take_the_cheapest_way_that_is_open():
    closed = surcharges(("sea", "liquid", np.nan, "forbidden"))
    goods = ({"sku": "A", "has_liquid": True}, {"sku": "B"})
    frame = ways(*goods, surcharges=closed)
    scope = case.scope(**INSURED)
    fees, options = case.fees(**ways_case.FEES), case.options(scope)
    value = unit_economics(
        case.catalogue(*goods), options, fees, case.returns(), scope=scope,
        ways=frame.reset_index(),
    ).set_index("sku")  # fmt: skip
    assert value.loc["A", "landed_cost"] == frame.loc[TRUCK, "landed_cost"]
    assert value.loc["B", "landed_cost"] == frame.loc[("B", "sea"), "landed_cost"]
    assert value.loc["B", "missing"] == ""
    lanes = choose_lanes(
        value.reset_index(), case.catalogue(*goods), options, scope=scope, ways=frame.reset_index()
    )
    assert lanes.set_index("sku")["mode"].to_dict() == {"A": "truck", "B": "sea"}
    assert lanes["is_feasible"].all()


def test_where_no_way_is_open_the_margin_is_still_told():
    closed = surcharges(("any", "liquid", np.nan, "forbidden"))
    goods = ({"sku": "A", "has_liquid": True},)
    frame = ways(*goods, surcharges=closed).reset_index()
    scope = case.scope(**INSURED)
    args = (case.catalogue(*goods), case.options(scope), case.fees(**ways_case.FEES))
    value = unit_economics(*args, case.returns(), scope=scope, ways=frame)
    assert value["landed_cost"].to_list() == [frame["landed_cost"].min()]
    assert not choose_lanes(value, args[0], args[1], scope=scope, ways=frame)["is_feasible"].any()


def test_a_leftover_is_worth_what_its_best_open_exit_brings_and_never_more_than_it_cost():
    scope = case.scope()
    fees = case.fees(**ways_case.FEES)
    exits = pd.DataFrame(
        {
            "market": "TH",
            "sku": ["A", "A", "B", "C"],
            "rank": [1, 2, 1, 1],
            "is_open": [False, True, True, True],
            "unit_revenue": [90.0, 25.0, 500.0, -3.0],
        }
    )
    goods = case.catalogue({"sku": "A"}, {"sku": "B"}, {"sku": "C"}, {"sku": "D"})
    value = unit_economics(
        goods, case.options(scope), fees, case.returns(), scope=scope, exits=exits
    ).set_index("sku")
    landed = 40 + 1 + 2
    assert value["leftover_revenue"].to_dict() == pytest.approx(
        {"A": 25, "B": landed, "C": -3, "D": 0.6 * landed}
    )
    assert value["over_cost"].to_dict() == pytest.approx(
        {"A": landed - 25, "B": 0, "C": landed + 3, "D": 0.4 * landed}
    )


@pytest.mark.parametrize(
    ("rate", "box_cm", "kg"),
    [
        (1_000_000 / 6000, (60, 50, 40), 20.0),
        (1_000_000 / 5000, (60, 50, 40), 24.0),
        (166.75, (12 * 2.54, 10 * 2.54, 8 * 2.54), 2.623),
    ],
)
def test_volumetric_weight_by_each_carriers_divisor(rate, box_cm, kg):
    cbm = box_cm[0] * box_cm[1] * box_cm[2] / 1_000_000
    light = chargeable(0.5, cbm, rate_unit="kg", cbm_divisor_kg=rate).item()
    heavy = chargeable(99, cbm, rate_unit="kg", cbm_divisor_kg=rate).item()
    assert (light, heavy) == pytest.approx((kg, 99), rel=1e-4)


def test_the_shipped_registers_price_every_market_and_forbid_powder_by_express():
    markets = ("UK", "US", "TH", "VN", "MY", "PH", "SG", "ID")
    rates = {"USD": 33.0, "GBP": 44.0, "MYR": 8.0, "SGD": 25.0, "PHP": 0.6, "VND": 0.0013}
    scope = case.scope(markets=markets, fx_rates={**rates, "IDR": 0.002, "CNY": 4.6})
    options = pd.concat(
        [
            case.options(case.scope()).assign(market=market, mode=mode, reason="reason.in_time")
            for market in markets
            for mode in ("sea", "express")
        ]
    ).drop_duplicates(["market", "mode"])
    kinds = (tables.Fees, tables.Surcharges, tables.DutyRates, tables.HandlingFees)
    goods = case.catalogue({"sku": "A"}, {"sku": "P", "has_powder": True})
    tariffs = [case.register(kind) for kind in kinds]
    frame, _ = ways_and_terms(goods, options, *tariffs, scope=scope)
    closed = frame[~frame["is_allowed"]]
    assert sorted(set(closed["sku"] + closed["mode"])) == ["Pexpress"]
    assert closed["market"].nunique() == len(markets)
    assert frame["landed_cost"].notna().all()
    assert frame.loc[frame["sku"] == "P", "missing"].str.contains("cost.surcharge").any()
    assert "cost.import_tax" not in frame.set_index("market").loc["TH", "missing"].iloc[0]
