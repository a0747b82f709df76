"""The money the plan will spend, term by term."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.costs import TERMS, cost_lines
from planner.supply.packing import ship_lines

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
        "is_blocked": False, "reason": "", "currency": "THB",
    }  # fmt: skip
    return tables.checked(tables.StockPlan, pd.DataFrame([{**row, **columns}]))


def lines(known: dict | None = None, *, order: pd.DataFrame | None = None, **scope) -> pd.DataFrame:
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
    )


def amounts(frame: pd.DataFrame) -> dict[str, float]:
    return frame.set_index("term")["amount_cost"].to_dict()


def test_every_term_of_the_plan_by_hand():
    sold = 150 - 10
    volume, days, left = 200 * 0.002, 30, 60 / 200
    assert amounts(lines()) == pytest.approx(
        {
            "head_haul": 500 * 1,
            "clearance": 650,
            "inbound": 200 * 2,
            "storage": 0.5 * volume * days * (1 - (1 - left) / 2),
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
    assert terms == [term for term in TERMS if term != "order_fee"]


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


def test_an_order_that_no_lane_brings_has_an_unknown_freight():
    frame = lines(as_of="2026-10-30")
    assert np.isnan(amounts(frame)["head_haul"])
