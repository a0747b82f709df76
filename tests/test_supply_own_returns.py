"""Return rates of the register drawn to the seller's own mature orders."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.charges.own_returns import PRIOR_ORDERS, own_return_rates

GOODS = case.catalogue({"sku": "A", "category": "home"})


def lines(orders: int, back: int, *, day: str = "2026-08-01", told: bool = True) -> pd.DataFrame:
    """Orders of one unit of SKU A, the first `back` of them returned."""
    at = pd.Timestamp(day)
    row = {
        "shop": "shop-1", "market": "TH", "sku": "A", "units": 1, "status": "completed",
        "kind": "firm", "is_demand": True, "channel": "", "source": "", "fulfilment": "",
        "ordered_at": at, "paid_at": at, "shipped_at": at, "cancelled_at": pd.NaT,
        "gross_minor": 100, "amount_minor": 100, "currency": "THB", "file": "f", "row": 1,
        "returned_from": "orders" if told else "",
    }  # fmt: skip
    frame = pd.DataFrame([row] * orders)
    return frame.assign(
        order_id=[f"{day}-{n}" for n in range(orders)],
        returned_units=(np.arange(orders) < back).astype(int),
    )


def drawn(known: pd.DataFrame, rates: pd.DataFrame | None = None) -> pd.DataFrame:
    rates = case.returns(0.2) if rates is None else rates
    found = own_return_rates(rates, known, GOODS, scope=case.scope())
    return found.set_index(["market", "category"])


def test_the_rate_lies_between_the_register_and_the_own_orders_by_their_count():
    row = drawn(lines(300, 15)).loc[("TH", "home")]
    assert row["return_rate"] == pytest.approx((15 + 0.2 * PRIOR_ORDERS) / (300 + PRIOR_ORDERS))
    assert row["source"].startswith("own orders: 300 older than 14 days, 15 of 300 units back")
    assert "weighed as 200 orders, 20.0%: by hand" in row["source"]


def test_a_young_order_may_still_come_back_and_counts_nowhere():
    young = lines(900, 0, day="2026-09-15")
    both = drawn(pd.concat([lines(300, 15), young], ignore_index=True))
    pd.testing.assert_frame_equal(both, drawn(lines(300, 15)))


def test_a_shop_that_tells_no_returns_has_not_told_that_there_are_none():
    found = drawn(lines(300, 0, told=False))
    assert found["return_rate"].tolist() == [0.2]
    assert found["source"].tolist() == ["by hand"]


def test_a_rate_that_the_seller_wrote_down_is_not_touched():
    own = case.returns(0.2).assign(source="seller: counted by hand")
    found = drawn(lines(300, 15), own)
    assert set(found["return_rate"]) == {0.2}


def test_a_market_without_a_row_stays_without_and_no_orders_leave_the_register():
    empty = drawn(tables.empty(tables.OrderLines))
    assert empty["return_rate"].tolist() == [0.2]
    silent = own_return_rates(
        tables.empty(tables.ReturnRates), lines(30, 3), GOODS, scope=case.scope()
    )
    assert silent.empty
