"""Goods of which nobody knows what they earn: last in line, no container, no dear way."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.order.allocation import Allocation, allocate
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves
from planner.terms import Limits

DAY = pd.Timestamp("2026-09-25")
SKUS = ("A", "B")
INDEX = pd.MultiIndex.from_product([["TH"], SKUS], names=KEYS)


def way(sku: str, mode: str = "sea", landed: float = 50.0, freight: float = 5.0) -> dict:
    return {
        "market": "TH", "sku": sku, "mode": mode, "is_allowed": True, "produce_by": DAY,
        "ship_by": DAY, "shelf_by": DAY, "lead_days": 30.0 if mode == "sea" else 8.0,
        "on_time_rate": 1.0, "late_days": 0.0, "unit_freight_cost": freight,
        "unit_surcharge_cost": 0.0, "landed_cost": landed,
        "missing": "" if landed > 0 else "cost.goods", "reason": "", "currency": "THB",
    }  # fmt: skip


def blank(mode: str = "sea", freight: float = 5.0) -> dict:
    return way("B", mode, np.nan, freight)


def order(
    *rows: dict, asked: int = 100, worth: float = 80.0, firm: bool = False,
    prices: pd.Series | None = None, **limits,
) -> Allocation:  # fmt: skip
    """Order A, whose first 100 units are worth `worth`, and `asked` units of B of unknown worth.

    Both are sold at 100; a unit of A costs 40 before it is carried, 0.01 CBM.
    """
    value = np.array([[0.0, 100 * worth, 100 * worth], [np.nan] * 3])
    goods = [
        {"sku": sku, "carton_units": 1, "moq_units": 1, "volume_cbm": 0.01, "price": 100.0,
         "promo_price": 100.0, "unit_cost": cost}
        for sku, cost in zip(SKUS, (40.0, None), strict=True)
    ]  # fmt: skip
    return allocate(
        Curves(INDEX, np.array([[0.0, 100, 200]] * 2), value),
        tables.checked(tables.SkuWays, pd.DataFrame(rows)),
        case.catalogue(*goods),
        Limits(**limits),
        scope=case.scope(),
        fixed_units=pd.Series([asked], index=INDEX[1:]),
        firm=INDEX[1:] if firm else None,
        prices=prices,
        max_gap=1e-9,
    )


def test_a_unit_of_unknown_worth_never_buys_a_container():
    # A loses 20 on each unit, so no container is bought, however many units of B are asked for.
    found = order(way("A"), blank(), worth=30.0, container_cbm=1.0)
    assert found.units.tolist() == [0, 0]
    row = found.limit_prices.set_index("limit").loc["container_cbm"]
    assert str(row["cap"]) == "0.0"
    assert not row["is_binding"]
    assert row["reason"].startswith("reason.no_container_pays|size=1")


def test_it_fills_the_container_that_others_pay_for():
    # A takes 100 units, 1 CBM of the 1.5 of a container; B gets the room that is left.
    found = order(way("A"), blank(), container_cbm=1.5)
    assert found.units.tolist() == [100, 50]
    assert found.reasons.iloc[1] == "reason.fixed_cut|wanted=100;reason.goes_unknown|ways=mode.sea"
    # The container costs 500 a CBM, and A pays all of it, for which it was bought.
    landed = found.mode_plan.set_index("sku")["landed_cost"]
    assert landed["A"] == pytest.approx(100 * 45 + 500 * 1.5)


def test_it_takes_no_room_from_goods_that_are_known_to_earn():
    found = order(way("A"), blank(), mode_cbm={"sea": 1.2})
    assert found.units.tolist() == [100, 20]
    assert "limits=limit.mode_cbm|wanted=100" in found.reasons.iloc[1]


def test_units_that_people_decided_on_come_before_what_only_earns():
    found = order(way("A"), blank(), firm=True, mode_cbm={"sea": 1.2})
    assert found.units.tolist() == [20, 100]


@pytest.mark.parametrize(("freight", "units"), [(40.0, 100), (41.0, 0)])
def test_without_sea_it_flies_only_if_the_usual_goods_could_pay_for_that(
    freight: float, units: int
):
    # The usual unit, A, sells for 80 net of its selling costs and costs 40: 40 of 100 are left.
    found = order(way("A", "air", 60.0), blank("air", freight))
    assert found.units.tolist() == [100, units]
    if not units:
        told = "reason.waits_for_cost|mode=air|carriage=41|currency=THB"
        assert found.reasons.iloc[1] == told


def test_what_the_usual_goods_could_pay_is_a_share_of_the_price_they_are_sold_at():
    # Sold at 80 on the mean, A has half its price left; half of the 100 of B pays for 41.
    prices = pd.Series([80.0], index=INDEX[:1])
    assert order(way("A", "air", 60.0), blank("air", 41.0), prices=prices).units.tolist()[1] == 100
    assert order(way("A", "air", 60.0), blank("air", 51.0), prices=prices).units.tolist()[1] == 0


def test_without_a_known_freight_it_waits_for_the_air_but_takes_the_sea():
    by_air = order(way("A", "air", 60.0), blank("air", np.nan))
    assert by_air.units.tolist() == [100, 0]
    assert by_air.reasons.iloc[1] == "reason.waits_for_price|mode=air"
    by_sea = order(way("A"), blank("sea", np.nan))
    assert by_sea.units.tolist() == [100, 100]
