"""Work in the warehouse and the fee of joining systems."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case
from ways_case import handling

from planner.supply.charges.handling import handling_terms


def by_term(register: pd.DataFrame, **seller) -> pd.DataFrame:
    return handling_terms(register, scope=case.scope(**seller)).set_index("term")


def test_works_are_added_up_by_what_they_are_paid_for():
    frame = by_term(
        handling(label=(1.5, "unit"), assembly=(2.0, "unit"), photo=(80.0, "sku")),
    )
    row = frame.loc["handling"]
    assert (row["unit_cost"], row["sku_cost"], row["shipment_cost"]) == (3.5, 80, 0)
    assert row["is_known"]


def test_a_work_without_a_figure_makes_the_sum_unknown_and_keeps_the_known_part():
    row = by_term(handling(label=(1.5, "unit"), assembly=(np.nan, "unit"))).loc["handling"]
    assert row["unit_cost"] == 1.5
    assert not row["is_known"]
    nothing = by_term(handling(label=(np.nan, "unit"))).loc["handling"]
    assert np.isnan(nothing["unit_cost"])


def test_integration_is_a_term_of_its_own_paid_for_each_month_begun():
    frame = by_term(handling(label=(0.0, "unit"), integration=(500.0, "month")))
    assert frame.loc["integration", "shipment_cost"] == 500
    longer = {"plan": {"next_replenishment_on": "2026-12-02"}}
    frame = by_term(handling(integration=(500.0, "month")), **longer)
    assert frame.loc["integration", "shipment_cost"] == 1000


def test_the_sellers_own_figure_beats_the_register():
    fees = handling(label=(1.5, "unit"), photo=(np.nan, "sku"))
    own = {"handling.label": 0.0, "TH.handling.photo": 60.0}
    row = by_term(fees, fees=own).loc["handling"]
    assert (row["unit_cost"], row["sku_cost"], row["is_known"]) == (0, 60, True)
    assert row["source"] == "seller.yml: fees"


def test_a_markets_row_beats_one_of_any_market():
    fees = pd.concat(
        [handling(label=(9.0, "unit")).assign(market="any"), handling(label=(1, "unit"))]
    )
    assert by_term(fees).loc["handling", "unit_cost"] == 1


@pytest.mark.parametrize("unit", ["unit", "sku", "shipment", "month"])
def test_a_dearer_work_never_costs_less(unit: str):
    def cost(value: float) -> float:
        row = by_term(handling(label=(value, unit))).loc["handling"]
        return row[["unit_cost", "sku_cost", "shipment_cost"]].sum()

    assert cost(1.0) < cost(2.0)
