"""A named source, its days and cost, and as many units as running short is worth."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from test_supply_placement import ways

from planner.pages.telling import tell_reason
from planner.supply.places.heroes import heroes_of
from planner.supply.places.reserves import reserve_sources

HOUSES = [
    {"warehouse": "house", "market": "TH"},
    {"warehouse": "spare", "market": "TH", "is_reserve": True},
]
HALF = 0.5
ROAD = {"from_warehouse": "spare", "to_warehouse": "house", "days": 2, "unit_cost": 5.0}
EXPRESS = {"mode": "express", "lead_days": 6.0}
# 80 units are held; 60 to 150 are asked for, all in the tail.
WANTED = [60.0, 90.0, 100.0, 120.0, 150.0]


def stock(spare: int) -> pd.DataFrame:
    rows = case.stock(("A", "on_hand", 80, None, "2026-09-20"), ("A", "on_hand", spare, None,
                                                                 "2026-09-20"))  # fmt: skip
    return rows.assign(warehouse=["house", "spare"])


def reserved(*, spare: int = 0, road: dict | None = None, **more: Any) -> pd.Series:
    transfers = [] if road is None else [road]
    given = {
        "draws": case.draws(tail=WANTED),
        "position": case.position(on_hand_units=80, available_units=80.0),
        "economics": case.economics(),
        "ways": ways().iloc[:0],
        "catalogue": case.catalogue(),
        "plan": pd.DataFrame([{"market": "TH", "sku": "A", "order_units": 0}]),
        "stock": stock(spare),
        "scope": case.scope(warehouses=HOUSES, transfers=transfers, **more.pop("seller", {})),
    }
    return reserve_sources(hero_share=HALF, **{**given, **more}).iloc[0]


def test_units_that_lie_in_the_reserve_cover_all_that_may_run_short():
    row = reserved(spare=100, road=ROAD)
    # Short by 0, 10, 20, 40 and 70: what lies there ties up nothing.
    assert (row["source_place"], row["units"], row["days"]) == ("spare", 70, 2.0)
    # Sold for 80 less 5 to fetch; kept, it is worth 0.6 of 40. 28 of them on average.
    assert row["reason"].startswith(f"reason.reserve_worth|worth={51 * 28:g}|currency=THB")
    assert row["last_day_on"] == pd.Timestamp("2026-11-10")


def test_a_reserve_holds_no_more_than_lies_there():
    assert reserved(spare=15, road=ROAD)["units"] == 15


def test_a_reserve_that_must_be_bought_follows_the_newsvendor():
    # By express 6 + 4 days; a unit gains 80 - 10 - 24 = 46 if needed and costs 16 to hold, so it
    # is held while the chance to need it is above 16 / 46 = 0.35: needed in two worlds of five.
    row = reserved(ways=ways(EXPRESS))
    assert (row["source_place"], row["mode"], row["units"]) == ("CN", "express", 40)
    assert row["reason"].endswith("reason.reserve_is_bought;reason.rank_loss_not_priced")


def test_the_penalty_of_policy_raises_the_reserve_and_is_then_not_called_unpriced():
    dear = case.economics(under_cost=30.0 + 100.0)
    row = reserved(
        ways=ways(EXPRESS), economics=dear,
        seller={"policy": {"stock_out_penalty_rate": 1.0}},
    )  # fmt: skip
    # 16 / 146 = 0.11: needed in one world of five.
    assert row["units"] == 70
    assert "rank_loss" not in row["reason"]


def test_goods_that_come_after_the_sale_are_no_help():
    row = reserved(ways=ways({"mode": "express", "lead_days": 40.0}))
    assert (row["source_place"], row["units"]) == ("", 0)
    assert row["reason"] == "reason.reserve_too_slow"


def test_without_any_source_that_is_said():
    assert reserved()["reason"] == "reason.reserve_no_source"


def test_a_source_of_unknown_cost_is_named_and_holds_nothing():
    row = reserved(spare=100, road={**ROAD, "unit_cost": None})
    assert (row["source_place"], row["units"]) == ("spare", 0)
    assert row["reason"] == "reason.reserve_cost_unknown"


def test_what_arrives_late_serves_only_what_is_sold_later():
    # All demand falls in the 7 warm-up days: after 10 days nothing is left to serve.
    row = reserved(draws=case.draws(warm_up=WANTED), ways=ways(EXPRESS))
    assert row["units"] == 0
    assert row["reason"].startswith("reason.reserve_not_worth")


def test_heroes_earn_half_of_the_profit_or_are_named():
    skus = {"A": 50.0, "B": 30.0, "C": 15.0, "D": 5.0}
    draws = case.draws_of({sku: {"sale": [units]} for sku, units in skus.items()})
    economics = pd.concat([case.economics(sku=sku) for sku in skus])
    goods = case.catalogue(*[{"sku": sku} for sku in skus])
    named = goods.assign(is_hero=[False, False, False, True])

    def heroes(goods: pd.DataFrame, share: float = HALF) -> list[str]:
        given = {"hero_share": share, "scope": case.scope()}
        return heroes_of(draws, economics, goods, **given)["sku"].tolist()

    assert heroes(goods) == ["A"]
    assert heroes(named) == ["A", "D"]
    assert heroes(goods, 0.8) == ["A", "B"]


def test_goods_that_are_blocked_earn_nothing_and_the_next_best_are_heroes():
    skus = {"A": 50.0, "B": 30.0, "C": 15.0, "D": 5.0}
    draws = case.draws_of({sku: {"sale": [units]} for sku, units in skus.items()})
    economics = pd.concat([case.economics(sku=sku) for sku in skus])
    goods = case.catalogue(*[{"sku": sku} for sku in skus])
    shut = pd.DataFrame([{"market": "TH", "sku": "A", "blocks": "order"}])
    late = pd.DataFrame([{"market": "TH", "sku": sku, "is_blocked": sku == "A"} for sku in skus])

    def heroes(goods: pd.DataFrame = goods, **more: Any) -> list[str]:
        given = {"hero_share": HALF, "scope": case.scope(), **more}
        return heroes_of(draws, economics, goods, **given)["sku"].tolist()

    # Of B, C and D, 50 units in all, B alone earns more than half.
    assert heroes(gates=shut) == heroes(plan=late) == ["B"]
    assert heroes(gates=shut.assign(blocks="ship")) == ["A"]
    named = goods.assign(is_hero=goods["sku"] == "A")
    assert heroes(named, plan=late) == ["B", "A"]
    assert heroes(named, gates=shut) == ["B"]


def test_a_sku_of_unknown_margin_is_no_hero():
    draws = case.draws(sale=[10.0])
    lost = case.economics(margin_profit=np.nan)
    assert heroes_of(draws, lost, case.catalogue(), hero_share=HALF, scope=case.scope()).empty


@pytest.mark.parametrize("days", [1, 2, 3])
def test_a_slower_source_is_asked_earlier(days: int):
    row = reserved(spare=100, road={**ROAD, "days": days})
    assert row["last_day_on"] == pd.Timestamp("2026-11-12") - pd.Timedelta(days=days)


def test_every_reason_of_a_reserve_is_told_in_both_languages():
    rows = [
        reserved(), reserved(spare=9, road=ROAD), reserved(ways=ways(EXPRESS)),
        reserved(spare=9, road={**ROAD, "unit_cost": None}),
    ]  # fmt: skip
    for row in rows:
        for lang in ("zh", "en"):
            assert not tell_reason(row["reason"], lang).startswith("reason.")


def test_a_reserve_with_nothing_in_it_says_so_and_not_that_none_is_needed():
    empty = reserved(spare=0, road=ROAD)
    assert (empty["source_place"], empty["units"]) == ("spare", 0)
    assert empty["reason"].split(";")[0] == "reason.reserve_empty"
    dear = reserved(spare=100, road={**ROAD, "unit_cost": 90.0})
    assert dear["reason"].split(";")[0] == "reason.reserve_not_worth"
    assert tell_reason("reason.reserve_empty", "zh")
