"""Keep stock in the market or mail by the order, and where to open a warehouse."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from test_supply_placement import ways

from planner.supply.places.network import advise_network, direct_mail


def mailed(*, wanted: list[float], landed: float = 60.0, **more) -> pd.Series:
    given = {"scope": case.scope(), "sla_days": 3.0, **more}
    economics = given.pop("economics", case.economics())
    express = ways({"mode": "express", "landed_cost": landed, "lead_days": 7.0})
    return direct_mail(case.draws(sale=wanted), economics, express, **given).iloc[0]


def test_mail_must_keep_the_share_of_buyers_that_pays_as_much_as_stock():
    row = mailed(wanted=[10.0, 10.0])
    # Stock earns 30 a unit, a parcel 100 - 20 - 60 = 20: mail never matches it.
    assert (row["stock_profit"], row["mail_unit_profit"]) == (300.0, 20.0)
    assert row["break_even_rate"] == 1.5
    assert row["mail_advice"] == "fallback"
    assert row["is_late"]


def test_goods_that_sell_seldom_are_mailed_once_enough_buyers_are_known_to_wait():
    # One world of four sells 40: at a ratio of 0.75 no stock is worth holding.
    wanted = [0.0, 0.0, 0.0, 40.0]
    row = mailed(wanted=wanted, economics=case.economics(over_cost=20.0, critical_ratio=0.6))
    assert (row["stock_profit"], row["mail_advice"]) == (0.0, "mail")
    some = [0.0, 10.0, 20.0, 40.0]
    base = mailed(wanted=some)
    assert base["mail_advice"] == "fallback"
    rate = float(base["break_even_rate"])
    assert mailed(wanted=some, mail_rates={"TH": rate + 0.01})["mail_advice"] == "mail"
    assert mailed(wanted=some, mail_rates={"TH": rate - 0.01})["mail_advice"] == "fallback"


def test_a_parcel_that_loses_money_leaves_stock_as_the_only_way():
    row = mailed(wanted=[10.0, 10.0], landed=95.0)
    assert row["mail_advice"] == "stock"
    assert "loss=15" in row["reason"]


def test_an_unknown_parcel_price_is_named_and_decides_nothing():
    row = mailed(wanted=[10.0, 10.0], landed=np.nan)
    assert (row["mail_advice"], row["missing"]) == ("unknown", "cost.head_haul")


def away(**more):
    china = [{"warehouse": "house", "market": "CN"}]
    return advise_network(case.draws(sale=[60.0, 60.0]), scope=case.scope(warehouses=china), **more)


def test_a_market_without_a_warehouse_gets_the_cheapest_kind_at_its_volume():
    houses = pd.DataFrame({
        "market": "TH", "kind": ["own", "third_party"], "is_cheapest": [False, True],
        "order_cost": [30.0, 12.0],
    })  # fmt: skip
    row = away(houses=houses).iloc[0]
    # 60 units in the 30 days from 1 to 30 November.
    assert row["monthly_orders"] == pytest.approx(60.0)
    assert (row["kind"], row["order_cost"], row["served_from"]) == ("third_party", 12.0, "house")


def test_without_fees_the_kind_is_not_known_and_a_market_with_a_warehouse_needs_none():
    assert away().iloc[0]["kind"] == "unknown"
    assert advise_network(case.draws(sale=[60.0]), scope=case.scope()).empty
