"""The money the plan will spend, term by term."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from ways_case import INSURED, duties, handling, surcharges, terms

from planner import tables
from planner.supply.charges.costs import ENTRY_TERMS, TERMS, cost_lines
from planner.supply.charges.packing import ship_lines
from planner.supply.charges.tariffs import OPTIONAL_TERMS, storage_per_cbm, tariffs_in_force

ALL_FEES = {
    "clearance": (650.0, "shipment"),
    "inbound": (2.0, "unit"),
    "storage": (0.5, "cbm_day"),
    "outbound": (5.0, "unit"),
    "returns": (4.0, "unit"),
    "commission": (0.06, "share_price"),
    "transaction": (0.03, "share_price"),
    "duty": (0.1, "share_cost"),
}


def plan(**columns) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "A", "rule": "profit", "demand_units": 150.0, "safety_units": 50.0,
        "buffer_units": 0.0, "target_units": 200.0, "available_units": 0.0, "needed_units": 200.0,
        "order_units": 200, "low_units": 100, "high_units": 300, "service_level": 0.8,
        "lost_units": 10.0, "leftover_units": 60.0, "expected_profit": 1.0, "grade": "B",
        "is_blocked": False, "is_stock_known": True, "reason": "",
        "currency": "THB",
    }  # fmt: skip
    return tables.checked(tables.StockPlan, pd.DataFrame([{**row, **columns}]))


def lines(
    known: dict | None = None,
    *,
    order: pd.DataFrame | None = None,
    given: dict | None = None,
    **scope,
) -> pd.DataFrame:
    chosen = case.scope(**scope)
    order = plan() if order is None else order
    options = case.options(chosen)
    goods = case.catalogue({"sku": "A"}, {"sku": "B"})
    ship = ship_lines(order, goods, options, scope=chosen)
    economics = pd.concat([case.economics(), case.economics(sku="B")])
    demand = case.draws_of({sku: {"sale": [100, 200]} for sku in order["sku"]})
    return cost_lines(
        order,
        ship,
        economics,
        demand,
        case.fees(**(ALL_FEES if known is None else known)),
        scope=chosen,
        catalogue=goods,
        lane_options=options,
        return_rates=case.returns(0.1),
        **(given or {}),
    )


def mode_plan(**units: int) -> pd.DataFrame:
    rows = [{"market": "TH", "sku": "A", "mode": mode, "units": n} for mode, n in units.items()]
    return pd.DataFrame(rows)


def amounts(frame: pd.DataFrame) -> dict[str, float]:
    return frame.set_index("term")["amount_cost"].to_dict()


def test_every_term_of_the_plan_by_hand():
    sold = 150 - 10
    volume, days = 200 * 0.002, 30
    mean_share = ((1 + 0.5) / 2 + (1 + 0) / 2) / 2  # of 200 units 100 or 200 are sold
    assert amounts(lines()) == pytest.approx(
        {
            "head_haul": 500 * 1,
            "clearance": 650,
            "inbound": 200 * 2,
            "storage": 0.5 * volume * days * mean_share,
            "outbound": sold * 5,
            "returns": sold * 0.1 * 4,
            "commission": sold * 6,
            "transaction": sold * 3,
            "duty": 200 * 4,
            "goods": 200 * 40,
        }
    )


def test_the_six_terms_of_the_brief_come_first():
    terms = lines()["term"].to_list()
    assert terms[:6] == ["head_haul", "clearance", "inbound", "storage", "outbound", "returns"]
    unheard = {*OPTIONAL_TERMS, *ENTRY_TERMS}
    assert terms == [term for term in TERMS if term not in unheard]


def test_an_unknown_tariff_is_listed_without_an_amount_and_never_as_zero():
    frame = lines({"inbound": (np.nan, "unit")}).set_index("term")
    unknown = ["clearance", "inbound", "storage", "outbound", "returns", "commission", "duty"]
    assert frame.loc[unknown, "amount_cost"].isna().all()
    assert not frame.loc[unknown, "is_known"].any()
    assert frame.loc["clearance", "source"] == "not in fees.csv"
    assert frame.loc[["head_haul", "goods"], "is_known"].all()


def test_every_line_says_where_its_figure_comes_from():
    told = lines(fees={"outbound": 9.0}).set_index("term")["source"]
    assert told["outbound"] == "seller.yml: fees"
    assert told["inbound"] == "by hand (low, 2020-01-01)"
    assert told["goods"] == "catalogue.csv: unit_cost"
    assert (told != "").all()


def test_nothing_ordered_costs_nothing_however_unknown_the_tariff():
    empty = plan(order_units=0, needed_units=0.0)
    frame = lines({}, order=empty).set_index("term")
    assert (
        frame.loc[["head_haul", "clearance", "inbound", "duty", "goods"], "amount_cost"].eq(0).all()
    )
    assert frame.loc[["outbound", "commission"], "amount_cost"].isna().all()


def test_a_fee_per_shipment_is_shared_by_units():
    both = pd.concat([plan(order_units=100), plan(sku="B", order_units=300)])
    frame = lines(order=both)
    shared = frame[frame["term"] == "clearance"].set_index("sku")["amount_cost"]
    assert shared.to_dict() == pytest.approx({"A": 650 / 4, "B": 650 * 3 / 4})


def test_a_fee_per_order_stands_only_where_the_market_has_one():
    frame = lines({**ALL_FEES, "order_fee": (1.07, "order")})
    assert amounts(frame)["order_fee"] == pytest.approx(140 * 1.07)


def test_free_storage_days_of_the_contract_are_free():
    frame = lines(contract={"free_storage_days": 30})
    assert amounts(frame)["storage"] == 0


def test_free_days_of_the_register_count_where_the_contract_is_silent():
    known = {**ALL_FEES, "storage_free_days": (30.0, "day")}
    assert amounts(lines(known))["storage"] == 0
    assert amounts(lines(known, contract={"free_storage_days": 0}))["storage"] > 0
    unknown = {**ALL_FEES, "storage_free_days": (np.nan, "day")}
    assert amounts(lines(unknown))["storage"] == amounts(lines())["storage"]


def test_an_order_that_no_lane_brings_has_an_unknown_freight():
    frame = lines(as_of="2026-10-30")
    assert np.isnan(amounts(frame)["head_haul"])


ENTERED = {
    "duty_rates": duties(0.1, 0.07),
    "handling_fees": handling(
        label=(1.0, "unit"), photo=(80.0, "sku"), integration=(300.0, "month")
    ),
    "surcharges": surcharges(("truck", "home", 2.0, "unit")),
}


def entered(order: pd.DataFrame | None = None, scope: dict | None = None, **units: int):
    told = terms({"sku": "A"}, scope=scope, **ENTERED)
    moved = {"mode_plan": mode_plan(**units)} if units else {}
    return lines(order=order, given={"terms": told, **moved}, **{**INSURED, **(scope or {})})


def test_what_the_ways_cost_is_told_term_by_term():
    frame = entered()
    money = amounts(frame)
    duty = 0.1 * 41
    assert money["duty"] == pytest.approx(200 * duty)
    assert money["import_tax"] == pytest.approx(200 * 0.07 * (41 + duty))
    assert money["handling"] == pytest.approx(200 * 1 + 80)
    assert money["integration"] == pytest.approx(300)
    assert (money["surcharge"], money["insurance"]) == (0, 0)
    assert money["clearance"] == pytest.approx(650)
    assert frame["is_known"].all()
    assert (frame["source"] != "").all()


def test_units_that_take_two_ways_cost_what_each_way_costs():
    money = amounts(entered(sea=150, truck=50))
    by_sea, by_truck = 0.1 * 41, 0.1 * (40 + 20 + 2)
    assert money["duty"] == pytest.approx(150 * by_sea + 50 * by_truck)
    assert money["surcharge"] == pytest.approx(50 * 2)
    assert money["clearance"] == pytest.approx(2 * 650)
    assert money["handling"] == pytest.approx(200 + 80)
    assert money["integration"] == pytest.approx(300)


def test_units_without_a_way_leave_its_terms_unknown():
    frame = entered(sea=150).set_index("term")
    assert np.isnan(frame.loc["duty", "amount_cost"])
    assert not frame.loc["duty", "is_known"]
    assert frame.loc["goods", "is_known"]


def test_a_part_that_is_known_is_told_and_marked_as_a_part():
    told = terms(
        {"sku": "A"},
        scope={"insurance": {"cover": "all_risks", "premium_rate": 0.03}},
    )
    frame = lines(given={"terms": told}).set_index("term")
    assert frame.loc["insurance", "amount_cost"] == pytest.approx(200 * 1.2)
    assert not frame.loc["insurance", "is_known"]


def test_nothing_ordered_brings_no_cost_of_entry():
    frame = entered(plan(order_units=0, needed_units=0.0)).set_index("term")
    assert frame.loc[list(ENTRY_TERMS), "amount_cost"].eq(0).all()
    assert frame.loc[list(ENTRY_TERMS), "is_known"].all()


def test_affiliates_and_ads_are_costs_where_the_seller_gives_a_rate():
    money = amounts(lines(fees={"affiliate": 0.1, "TH.ads": 0.05}))
    assert money["affiliate"] == pytest.approx(140 * 10)
    assert money["ads"] == pytest.approx(140 * 5)
    assert "affiliate" not in amounts(lines())


def test_a_seller_share_without_a_row_in_the_register_is_a_share_and_no_money():
    fees = {term: value for term, value in ALL_FEES.items() if term != "commission"}
    assert amounts(lines(fees, fees={"commission": 0.06}))["commission"] == pytest.approx(140 * 6)


UK_CARD = {
    "storage": (0.12, "cbm_day"),
    "storage_from_31": (0.30, "cbm_day"),
    "storage_from_91": (0.72, "cbm_day"),
}
"""The card of the platform's own warehouses in the UK of 2024-07-07, per CBM and day."""


@pytest.mark.parametrize(
    ("days", "free_days", "left", "cost"),
    [
        (30, 0, 1.0, 30 * 0.12),
        (100, 0, 1.0, 30 * 0.12 + 60 * 0.30 + 10 * 0.72),
        (100, 60, 1.0, 30 * 0.30 + 10 * 0.72),
        (60, 0, 0.0, 30 * 0.12 * 0.75 + 30 * 0.30 * 0.25),
        (60, 0, -1.0, 30 * 0.12 * 0.5),
        (60, 30, -1.0, 0.0),
    ],
)
def test_the_step_tariff_of_the_platforms_warehouse_by_hand(days, free_days, left, cost):
    card = tariffs_in_force(case.fees(**UK_CARD), scope=case.scope())
    stay = {"days": days, "free_days": free_days, "left_share": np.array([left])}
    assert storage_per_cbm(card, "TH", **stay).tolist() == pytest.approx([cost])


def test_the_mean_storage_over_worlds_is_more_than_that_of_the_mean_world():
    card = tariffs_in_force(case.fees(**UK_CARD), scope=case.scope())
    worlds = np.array([[0.9, -3.0]])
    stay = {"days": 60, "free_days": 0}
    by_world = storage_per_cbm(card, "TH", **stay, left_share=worlds)
    assert by_world.shape == (1, 2)
    mean = storage_per_cbm(card, "TH", **stay, left_share=worlds.mean(axis=1))
    assert by_world.mean() > mean[0]


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_dearer_card_and_fewer_free_days_never_cost_less(seed: int):
    rng = np.random.default_rng(seed)
    left, days = rng.uniform(-2, 1, 8), float(rng.integers(20, 150))
    card = tariffs_in_force(case.fees(**UK_CARD), scope=case.scope())
    dear = card.assign(value=card["value"] * 1.5)
    costs = [
        storage_per_cbm(one, "TH", days=days, free_days=free, left_share=left)
        for one, free in ((card, 40), (card, 10), (dear, 10))
    ]
    assert (costs[0] <= costs[1] + 1e-9).all()
    assert (costs[1] <= costs[2] + 1e-9).all()


def test_the_rush_of_an_event_follows_units_sold():
    keys = pd.MultiIndex.from_tuples([("TH", "A")], names=["market", "sku"])
    found = {}
    for name, more in (("plain", 0.0), ("rush", 0.2), ("unknown", np.nan)):
        table = lines(given={"rush": pd.Series([more], keys)})
        found[name] = table[table["term"] == "outbound"].iloc[0]
    # 150 wanted on the mean and 10 missed: 140 parcels at 5
    assert found["rush"]["amount_cost"] == pytest.approx(140 * 5 * 1.2)
    assert found["unknown"]["amount_cost"] == found["plain"]["amount_cost"]
    assert (found["rush"]["is_known"], found["unknown"]["is_known"]) == (True, False)


def test_what_the_platforms_own_warehouse_charges_is_charged_there_alone():
    fees = case.fees(**{"fbt.inbound": (0.31, "unit"), "inbound": (np.nan, "unit")})
    figures = {
        kind: tariffs_in_force(
            fees,
            scope=case.scope(warehouses=[{"warehouse": "house", "market": "TH", "kind": kind}]),
        ).set_index("term")
        for kind in ("third_party", "fbt")
    }
    assert np.isnan(figures["third_party"].loc["inbound", "value"])
    assert figures["fbt"].loc["inbound", "value"] == 0.31
    assert not any(name.startswith("fbt.") for name in figures["fbt"].index)
