"""What is paid once for a SKU or a shipment: by whom, how much, and the same money everywhere."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
import ways_case

from planner import tables
from planner.supply.charges.once_costs import lane_fees, once_by_sku, once_lines, sku_fees
from planner.supply.order.allocation import allocate
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves
from planner.terms import Limits

DAY = pd.Timestamp("2026-09-25")


def term(sku: str = "A", mode: str = "sea", name: str = "handling", **costs: float) -> dict:
    whole = {"unit_cost": 1.0, "sku_cost": 0.0, "shipment_cost": 0.0, "risk_cost": 0.0}
    told = {"is_known": True, "source": "by hand", "currency": "THB"}
    return {"market": "TH", "sku": sku, "mode": mode, "term": name, **whole, **told, **costs}


def terms(*rows: dict) -> pd.DataFrame:
    return tables.checked(tables.WayTerms, pd.DataFrame(rows))


def moved(**units: int) -> pd.DataFrame:
    """Units by SKU and mode, as A_sea=10."""
    rows = [(*name.split("_"), count) for name, count in units.items()]
    return pd.DataFrame(rows, columns=["sku", "mode", "units"]).assign(market="TH")


def owed(frame: pd.DataFrame) -> dict[tuple[str, str], float]:
    return frame.set_index(["sku", "term"])["amount"].to_dict()


def test_a_fee_of_a_sku_is_paid_once_by_whatever_ways_it_goes():
    rows = terms(*(term(mode=mode, sku_cost=40.0) for mode in ("sea", "air")), term("B"))
    assert owed(once_lines(rows, moved(A_sea=10, A_air=30, B_sea=5))) == {("A", "handling"): 40.0}
    assert owed(once_lines(rows, moved(A_sea=0, B_sea=5))) == {}
    assert sku_fees(rows).to_dict() == {("TH", "A"): 40.0, ("TH", "B"): 0.0}


def test_a_shipment_is_paid_once_by_mode_and_shared_by_units():
    rows = terms(
        *(
            term(sku, mode, "clearance", shipment_cost=650.0)
            for sku in "AB"
            for mode in ("sea", "air")
        )
    )
    lines = once_lines(rows, moved(A_sea=100, B_sea=300, B_air=7))
    # 650 for the sea and 650 for the air: A pays a quarter of the first.
    assert owed(lines) == pytest.approx({("A", "clearance"): 162.5, ("B", "clearance"): 1137.5})


def test_goods_that_go_together_pay_the_dearest_of_their_fees_once():
    rows = terms(
        term("A", name="surcharge", shipment_cost=50.0),
        term("B", name="surcharge", shipment_cost=150.0),
    )
    lines = once_lines(rows, moved(A_sea=10, B_sea=10))
    assert owed(lines) == pytest.approx({("A", "surcharge"): 25.0, ("B", "surcharge"): 125.0})
    assert lines["amount"].sum() == 150.0
    assert [amount for amount, _ in lane_fees(rows)] == [50.0, 100.0]


def test_a_system_is_joined_once_for_the_market():
    rows = terms(*(term("A", mode, "integration", shipment_cost=900.0) for mode in ("sea", "air")))
    assert len(lane_fees(rows)) == 1
    assert owed(once_lines(rows, moved(A_sea=1, A_air=1))) == {("A", "integration"): 900.0}


def test_an_unknown_fee_is_left_out_of_the_money_and_not_zero_in_the_terms():
    rows = terms(term(sku_cost=np.nan, shipment_cost=np.nan, is_known=False), term("B", sku_cost=9))
    keys = pd.MultiIndex.from_tuples([("TH", "A"), ("TH", "B")], names=KEYS)
    assert once_by_sku(rows, moved(A_sea=5, B_sea=5), keys).tolist() == [0.0, 9.0]


def way(sku: str, mode: str = "sea", landed: float = 50.0) -> dict:
    return {
        "market": "TH", "sku": sku, "mode": mode, "is_allowed": True, "produce_by": DAY,
        "ship_by": DAY, "shelf_by": DAY, "lead_days": 30.0 if mode == "sea" else 8.0,
        "on_time_rate": 1.0, "late_days": 0.0, "unit_freight_cost": 5.0,
        "unit_surcharge_cost": 0.0, "landed_cost": landed, "missing": "", "reason": "",
        "currency": "THB",
    }  # fmt: skip


def curves(*skus: str, worth: float = 80.0) -> Curves:
    keys = pd.MultiIndex.from_product([["TH"], skus], names=KEYS)
    value = [[0.0, 10 * worth, 10 * worth]] * len(skus)
    return Curves(keys, np.array([[0.0, 10, 20]] * len(skus)), np.array(value))


def goods(*skus: str) -> pd.DataFrame:
    return case.catalogue(*({"sku": sku, "carton_units": 1, "moq_units": 1} for sku in skus))


def order(rows: list[dict], fees: pd.DataFrame, *skus: str, **limits: float):
    ways = tables.checked(tables.SkuWays, pd.DataFrame(rows))
    return allocate(
        curves(*skus), ways, goods(*skus), Limits(**limits), scope=case.scope(), terms=fees,
        max_gap=1e-9,
    )  # fmt: skip


@pytest.mark.parametrize(("fee", "units"), [(299.0, 10), (301.0, 0)])
def test_a_sku_that_does_not_earn_its_own_fee_is_not_ordered(fee: float, units: int):
    # Ten units earn 30 each.
    found = order([way("A")], terms(term(sku_cost=fee)), "A")
    assert found.units.tolist() == [units]
    assert found.extra_costs.tolist() == [fee if units else 0.0]
    if not units:
        assert found.reasons.tolist() == ["reason.once_not_worth|wanted=10|fee=301.00|currency=THB"]


@pytest.mark.parametrize(("fee", "units"), [(599.0, [10, 10]), (601.0, [0, 0])])
def test_a_shipment_leaves_only_if_all_its_goods_together_earn_its_fee(fee: float, units: list):
    rows = terms(*(term(sku, name="clearance", shipment_cost=fee) for sku in "AB"))
    found = order([way("A"), way("B")], rows, "A", "B")
    assert found.units.tolist() == units
    assert found.extra_costs.sum() == pytest.approx(fee if sum(units) else 0.0)


def test_goods_join_a_dearer_lane_whose_fee_another_sku_pays_anyway():
    # B may only fly; A saves 2 a unit by sea, and 100 of clearance if it flies with B.
    rows = [way("A"), way("A", "air", 52.0), way("B", "air", 50.0)]
    fees = terms(*(term(row["sku"], row["mode"], "clearance", shipment_cost=100.0) for row in rows))
    found = order(rows, fees, "A", "B")
    assert set(found.mode_plan["mode"]) == {"air"}
    assert found.units.tolist() == [10, 10]


def test_the_budget_pays_for_what_is_paid_once():
    # Ten units of A cost 500 and photos 60: 540 pay for nine and the photos, 570 for all.
    for budget, units in ((540.0, 9), (570.0, 10)):
        found = order([way("A")], terms(term(sku_cost=60.0)), "A", budget=budget)
        assert found.units.tolist() == [units]


def test_clearance_of_a_shipment_reaches_the_terms_of_every_way():
    rows = ways_case.terms({"sku": "A"}, {"sku": "B"})
    fees = {
        (tuple(sorted(set(ways.get_level_values("sku")))), fee) for fee, ways in lane_fees(rows)
    }
    assert fees == {(("A", "B"), 650.0)}
