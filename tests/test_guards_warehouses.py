"""Shared stock and the last mile: who draws on a warehouse, and what the carriers can take."""

import math
from typing import Any

import pandas as pd
import supply_case as case

from planner.guards.alerts import all_alerts
from planner.guards.data_checks import carriers, warehouses
from planner.guards.entries import as_alerts
from planner.pages.telling import tell_reason
from planner.supply.sharing.pool_worth import free_for_all_cost


def codes(**seller: Any) -> list[tuple[str, str]]:
    found = warehouses(case.scope(**seller))
    for row in found:
        for lang in ("zh", "en"):
            assert "{" not in tell_reason(f"alert.{row['code']}|{row['facts']}", lang)
    return [(str(row["code"]), str(row["severity"])) for row in found]


def channel(name: str, pool: str = "") -> dict[str, str]:
    return {"channel": name, "warehouse": "house", "pool": pool}


def test_two_channels_of_a_warehouse_warn_until_they_stand_in_one_pool():
    assert codes() == []
    assert codes(shops=2) == [("shared_warehouse", "warn")]
    assert codes(channels=[channel("lazada")]) == [("shared_warehouse", "warn")]
    assert codes(shops=2, channels=[channel("shop-1", "th")]) == [("shared_warehouse", "warn")]
    both = [channel("shop-1", "th"), channel("shop-2", "th")]
    assert codes(shops=2, channels=both) == [("pool_shared", "note")]
    parted = [channel("shop-1", "th"), channel("shop-2", "other")]
    assert codes(shops=2, channels=parted) == [("shared_warehouse", "warn")]


def test_a_shared_warehouse_tells_what_a_free_for_all_would_cost():
    ways = [("split", 80.0), ("protected", 100.0), ("pooled", 70.0)]
    pools = pd.DataFrame(ways, columns=["pooling", "expected_profit"]).assign(warehouse="house")
    (row,) = warehouses(case.scope(shops=2), free_for_all_cost(pools))
    assert (row["code"], row["risk_cost"]) == ("shared_warehouse", 30.0)
    (blank,) = warehouses(case.scope(shops=2), free_for_all_cost(pools.head(0)))
    assert math.isnan(blank["risk_cost"])
    # The first notebook tells it without money; of the two the priced one stays.
    (told,) = all_alerts(as_alerts([blank]), as_alerts([row]))["risk_cost"]
    assert told == 30.0


def test_stock_in_the_platforms_warehouse_and_beside_it_is_not_taken_for_shared():
    houses = [
        {"warehouse": "house", "market": "TH"},
        {"warehouse": "fbt-th", "market": "TH", "kind": "fbt"},
    ]
    assert codes(warehouses=houses) == [("pool_platform", "note")]


def days(*units: float) -> pd.DataFrame:
    dates = pd.date_range("2026-11-08", periods=len(units))
    return pd.DataFrame({"market": "TH", "day": dates, "mean_units": units})


def checked(*most: int | None, units: tuple[float, ...] = (100.0, 400.0), **more: Any) -> list:
    rows = [{"carrier": f"c{n}", "market": "TH", "daily_orders": m} for n, m in enumerate(most)]
    found = carriers(days(*units), case.scope(carriers=rows), **more)
    for row in found:
        assert "{" not in tell_reason(f"alert.{row['code']}|{row['facts']}", "zh")
    return found


def test_carriers_are_held_against_the_strongest_day():
    row = checked(200, 150)[0]
    assert (row["code"], row["severity"]) == ("carrier_short", "warn")
    assert row["facts"] == "day=2026-11-09|orders=400|most=350|carriers=c0, c1"
    assert checked(200, 200) == []


def test_a_carrier_of_unknown_capacity_is_asked_only_where_the_rest_is_not_enough():
    assert checked(200, None)[0]["code"] == "carrier_unknown"
    assert checked(400, None) == []


def test_orders_of_several_units_need_fewer_parcels():
    assert checked(200, units_per_order=2.0) == []


def test_a_market_whose_carriers_nobody_named_is_asked_for_them():
    (row,) = checked()
    assert (row["code"], row["severity"]) == ("carrier_nobody", "note")
    assert row["facts"] == "day=2026-11-09|orders=400"
