"""Duty and import tax: a cost, a part of the price, or a risk at the door."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from ways_case import duties, term

from planner.guards.money_checks import duty_at_door
from planner.supply.charges.duty import unit_duty

FREIGHT = 10.0


def duty(rates: pd.DataFrame, *, category: str = "home", **seller) -> pd.Series:
    goods = pd.DataFrame(
        {
            "market": "TH",
            "sku": ["A"],
            "category": category,
            "unit_cost": 40.0,
            "carriage_cost": FREIGHT,
        }
    )
    return unit_duty(goods, rates, scope=case.scope(**seller)).iloc[0]


def test_duty_on_goods_and_freight_and_tax_on_top_by_hand():
    row = duty(duties(0.1, 0.07))
    assert row["duty_cost"] == pytest.approx(0.1 * 50)
    assert row["import_tax_cost"] == pytest.approx(0.07 * 55)


def test_where_nothing_is_shipped_nothing_is_due():
    goods = pd.DataFrame({"market": ["TH"], "category": ["home"], "unit_cost": [40.0],
                          "carriage_cost": [FREIGHT]})  # fmt: skip
    due = unit_duty(goods.head(0), duties(0.1, 0.07), scope=case.scope())
    assert len(due) == 0
    assert {"duty_cost", "import_tax_cost"} <= set(due)


def test_under_fob_the_freight_is_not_taxed():
    row = duty(duties(0.1, 0.07, base="fob"))
    assert row["duty_cost"] == pytest.approx(4)
    assert row["import_tax_cost"] == pytest.approx(0.07 * 44)


def test_a_category_has_its_own_rate_and_what_it_lacks_comes_from_any():
    rates = duties(0.1, 0.07, toys=(0.2, np.nan))
    assert duty(rates, category="Toys ")["duty_cost"] == pytest.approx(10)
    assert duty(rates, category="toys")["import_tax_cost"] == pytest.approx(0.07 * 60)
    assert duty(rates)["duty_cost"] == pytest.approx(5)


def test_a_price_that_includes_duty_makes_it_a_known_zero():
    row = duty(duties(), contract={"duty": "DDP"})
    assert (row["duty_cost"], row["import_tax_cost"]) == (0, 0)
    assert row["duty_known"]
    assert row["duty_source"] == "seller.yml: contract.duty is DDP"


def test_duty_that_is_billed_beside_the_price_is_a_cost():
    billed = {"duty": "DDP", "is_duty_billed": True}
    assert duty(duties(0.1, 0.07), contract=billed)["duty_cost"] == pytest.approx(5)


def test_unpaid_duty_is_no_cost_but_a_risk():
    row = duty(duties(0.1, 0.07), contract={"duty": "DDU"})
    assert (row["duty_cost"], row["import_tax_cost"]) == (0, 0)
    assert row["duty_risk"] == pytest.approx(5)
    assert row["import_tax_risk"] == pytest.approx(0.07 * 55)
    assert not duty(duties(), contract={"duty": "DDU"})["duty_known"]


def test_an_unknown_risk_stays_unknown():
    row = term("duty", {"sku": "A"}, scope={"contract": {"duty": "DDU"}}, duty_rates=duties())
    assert np.isnan(row["risk_cost"])
    assert (row["unit_cost"], row["is_known"]) == (0, False)


def test_a_rate_nobody_gave_is_unknown_and_leaves_the_tax_on_what_is_known():
    row = duty(duties(np.nan, 0.07))
    assert np.isnan(row["duty_cost"])
    assert not row["duty_known"]
    assert row["import_tax_cost"] == pytest.approx(0.07 * 50)


@pytest.mark.parametrize("fees", [{"duty": 0.3}, {"TH.duty": 0.3, "duty": 0.9}])
def test_the_sellers_own_rate_beats_register_and_contract(fees: dict):
    for contract in ({}, {"duty": "DDP"}):
        row = duty(duties(0.1, 0.07), fees=fees, contract=contract)
        assert row["duty_cost"] == pytest.approx(15)
        assert row["duty_source"] == "seller.yml: fees"


def test_the_terms_of_delivery_change_who_pays_and_not_the_amount():
    def whole(delivery: str | None) -> float:
        contract = {"contract": {"duty": delivery, "is_duty_billed": True}}
        row = term("duty", {"sku": "A"}, scope=contract)
        return row["unit_cost"] + row["risk_cost"]

    assert whole("DDP") == whole("DDU") == whole(None) > 0


def test_the_alert_prices_what_falls_due_at_the_door():
    scope = case.scope(contract={"duty": "DDU"})
    owed = pd.DataFrame(
        {
            "market": "TH", "sku": "A", "mode": "sea", "term": ["duty", "import_tax", "inbound"],
            "risk_cost": [5.0, 3.0, 0.0],
        }
    )  # fmt: skip
    moved = pd.DataFrame({"market": ["TH"], "sku": ["A"], "mode": ["sea"], "units": [100]})
    (alert,) = duty_at_door(moved, owed, scope)
    assert (alert["code"], alert["risk_cost"]) == ("duty_at_door", 800)
    assert "units=100" in alert["facts"]
    assert duty_at_door(moved, owed, case.scope()) == []
