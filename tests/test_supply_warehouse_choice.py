"""Provider, own or platform warehouse by orders: costs by hand, crossings, what is missing."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.places.warehouse_choice import KINDS, compare_warehouses

FEES = {
    "third_party": {"order": 10.0, "delivery": 5.0, "month": 0.0, "storage_cbm_day": 2.0},
    "own": {"order": 4.0, "delivery": 5.0, "month": 6000.0, "storage_cbm_day": 0.0},
    "fbt": {"order": 13.0, "delivery": 0.0, "month": 500.0, "storage_cbm_day": 4.0},
}
DEMAND = {"sale": [500.0, 500.0], "after": [20.0, 20.0]}
"""2 units on an ordinary day: 60 orders a month."""
STORED = 0.002 * 30 / 2
"""Cubic metre-days of a unit of 0.002 CBM that stays half of 30 days."""


def fees_by_kind(changed: dict[str, dict[str, float]] | None = None) -> pd.DataFrame:
    rows = [
        {"market": "any", "kind": kind, "fee": fee, "value": value, "unit": "", "currency": "THB"}
        for kind, fees in FEES.items()
        for fee, value in {**fees, **(changed or {}).get(kind, {})}.items()
    ]
    return case.dated(rows)


def houses(
    *,
    changed: dict[str, dict[str, float]] | None = None,
    demand: pd.DataFrame | None = None,
    goods: pd.DataFrame | None = None,
    **scope,
) -> pd.DataFrame:
    frame = compare_warehouses(
        case.draws(**DEMAND) if demand is None else demand,
        case.catalogue() if goods is None else goods,
        fees_by_kind(changed),
        case.fees(storage=(np.nan, "cbm_day")),
        scope=case.scope(**scope),
    )
    return frame.set_index("kind")


def test_an_order_and_a_month_by_hand():
    frame = houses()
    assert frame.index.tolist() == list(KINDS)
    assert frame["monthly_orders"].tolist() == [60.0] * 3
    by_order = [15 + 2 * STORED, 9.0, 13 + 4 * STORED]
    assert frame["order_cost"].tolist() == pytest.approx(by_order)
    assert frame["total_cost"].tolist() == pytest.approx(
        [60 * by_order[0], 60 * 9 + 6000, 60 * by_order[2] + 500]
    )
    assert frame.index[frame["is_cheapest"]].tolist() == ["third_party"]


def test_two_units_an_order_halve_the_orders_and_double_the_room_of_one():
    frame = compare_warehouses(
        case.draws(**DEMAND), case.catalogue(), fees_by_kind(),
        case.fees(storage=(np.nan, "cbm_day")), scope=case.scope(),
        units_per_order=dict.fromkeys(case.draws(**DEMAND)["shop"], 2.0),
    ).set_index("kind")  # fmt: skip
    assert frame["monthly_orders"].tolist() == [30.0] * 3
    assert frame["order_cost"].tolist() == pytest.approx([15 + 4 * STORED, 9.0, 13 + 8 * STORED])


def test_break_even_is_where_the_lines_cross():
    frame = houses()
    by_order = frame["order_cost"]
    first = 500 / (by_order["third_party"] - by_order["fbt"])
    second = (6000 - 500) / (by_order["fbt"] - by_order["own"])
    assert frame["break_even_orders"].tolist() == pytest.approx([0, second, first])
    many = case.draws(after=[second * 10 / 30 + 1] * 2)
    assert houses(demand=many).loc["own", "is_cheapest"]


def test_a_kind_that_never_is_the_cheapest_has_no_break_even():
    frame = houses(changed={"fbt": {"month": 50_000.0}})
    assert np.isnan(frame.loc["fbt", "break_even_orders"])
    assert frame.loc["fbt", "reason"] == "reason.warehouse_never"


def test_a_missing_fee_is_named_and_never_nothing():
    frame = houses(changed={"own": {"month": np.nan, "delivery": np.nan}})
    assert frame.loc["own", "missing"] == "fee.delivery;fee.month"
    assert np.isnan(frame.loc["own", "total_cost"])
    assert not frame.loc["own", "is_cheapest"]
    assert frame["is_cheapest"].sum() == 1


def test_with_one_kind_priced_there_is_nothing_to_compare():
    frame = houses(changed={"own": {"month": np.nan}, "fbt": {"order": np.nan}})
    assert not frame["is_cheapest"].any()
    assert frame.loc["third_party", "reason"] == "reason.warehouse_alone"


def test_the_sellers_own_figures_come_first():
    own = {"own.month": 100.0, "TH.own.month": 50.0, "fbt.order": 1.0}
    frame = houses(**{"fees": own})
    assert frame.loc["own", "fixed_cost"] == 50
    assert frame.loc["fbt", "order_cost"] == pytest.approx(1 + 4 * STORED)


def test_the_outbound_fee_a_seller_pays_is_the_whole_order_in_the_warehouse_it_is_in():
    frame = houses(fees={"outbound": 12.0, "storage": 3.0})
    assert frame.loc["third_party", "order_cost"] == pytest.approx(12 + 3 * STORED)
    assert frame.loc["own", "order_cost"] == pytest.approx(9)


def test_storage_is_missed_only_where_it_is_charged_and_the_volume_unknown():
    frame = houses(goods=case.catalogue({"sku": "A", "volume_cbm": np.nan}))
    assert frame.loc["third_party", "missing"] == "fee.volume"
    assert frame.loc["own", "missing"] == ""


def test_without_a_forecast_the_orders_of_the_profile_count():
    told = {"profile": {"category": "home", "monthly_orders": 900}}
    empty = tables.empty(tables.DemandDraws)
    cheap = {kind: {"storage_cbm_day": 0.0} for kind in KINDS}
    assert houses(demand=empty, changed=cheap, **told)["monthly_orders"].tolist() == [900.0] * 3
    unknown = houses(demand=empty, changed=cheap)
    assert unknown["missing"].str.contains("fee.orders").all()
    assert unknown["total_cost"].isna().all()


def test_the_shipped_register_names_what_nobody_gave():
    markets = ("TH", "US", "UK")
    frame = compare_warehouses(
        pd.concat([case.draws(**DEMAND).assign(market=market) for market in markets]),
        case.catalogue(),
        case.register(tables.WarehouseFees),
        case.register(tables.Fees),
        scope=case.scope(markets=markets, fx_rates={"USD": 33.0, "GBP": 44.0}),
    ).set_index(["market", "kind"])
    assert frame.loc[("UK", "fbt"), "missing"] == ""
    assert frame.loc[("UK", "fbt"), "order_cost"] == pytest.approx(44 * (1.8 + 0.12 * STORED))
    assert frame.loc[("US", "third_party"), "missing"] == "fee.delivery"
    assert frame.loc[("US", "fbt"), "missing"] == "fee.storage_cbm_day"
    assert (frame.loc["TH", "missing"] != "").all()
