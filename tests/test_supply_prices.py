"""What a unit sells for: the campaign price while the sale lasts, the ordinary one around it."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner.supply.charges.prices import (
    PRIOR_UNITS,
    ordinary_prices,
    phase_discounts,
    sale_share,
    unit_prices,
)

GOODS = {"sku": "A", "price": 100.0, "promo_price": 60.0}


def sold(units: list[int], price: float, **more) -> pd.DataFrame:
    """Daily sales at one price; money in hundredths."""
    return case.daily(units, revenue_minor=[round(n * price * 100) for n in units], **more)


def told(daily: pd.DataFrame, *goods: dict, **scope) -> pd.DataFrame:
    frame = ordinary_prices(daily, case.catalogue(*(goods or (GOODS,))), scope=case.scope(**scope))
    return frame.set_index("sku")


def test_the_campaign_price_binds_in_the_sale_and_the_ordinary_one_in_every_other_phase():
    draws = case.draws(before=[900.0, 900.0], warm_up=[30.0, 10.0], sale=[20.0, 40.0],
                       tail=[20.0, 20.0], after=[40.0, 20.0])  # fmt: skip
    row = unit_prices(
        sold([100] * 40, 90.0), draws, case.catalogue(GOODS), scope=case.scope()
    ).iloc[0]
    # 30 of 100 expected units are sold in the sale; what is sold before counts nowhere
    assert row["sale_price"] == 60
    assert row["ordinary_price"] == pytest.approx(90.0)
    assert row["price"] == pytest.approx(0.3 * 60 + 0.7 * row["ordinary_price"])
    assert row["price_source"] == "price_source.paid|days=56|units=4000"


def test_warm_up_and_tail_sell_at_what_past_events_took_off():
    usual = sold([100] * 60, 90.0, last="2026-06-30")
    warm = sold([10] * 4, 81.0, last="2026-07-04", event="mid-year", phase="warm_up")
    other = sold([30] * 2, 84.6, last="2026-07-04", sku="B", event="mid-year", phase="warm_up")
    known = sold([50] * 60, 90.0, last="2026-06-30", sku="B")
    tail = sold([10] * 2, 90.0, last="2026-07-10", event="mid-year", phase="tail")
    recent = sold([100] * 40, 90.0)
    daily = pd.concat([usual, warm, other, known, tail, recent])
    off = phase_discounts(daily).loc["TH"]
    # 40 units at a tenth off and 60 at six hundredths; the tail at the usual price
    assert off["warm_up"] == pytest.approx((40 * 0.10 + 60 * 0.06) / 100)
    assert off["tail"] == pytest.approx(0.0, abs=1e-9)
    draws = case.draws(warm_up=[20.0], sale=[30.0], tail=[10.0], after=[40.0])
    row = unit_prices(daily, draws, case.catalogue(GOODS), scope=case.scope()).iloc[0]
    assert row["warm_up_price"] == pytest.approx(90 * (1 - 0.076))
    assert row["tail_price"] == row["ordinary_price"] == pytest.approx(90.0)
    assert row["price"] == pytest.approx(0.2 * 90 * 0.924 + 0.3 * 60 + 0.5 * 90)


def test_editions_of_an_event_are_told_apart_by_the_days_between_them():
    before = sold([100] * 50, 100.0, last="2025-10-30")
    first = sold([10], 90.0, last="2025-11-01", event="double", phase="tail")
    between = sold([100] * 60, 50.0, last="2026-06-01")
    second = sold([10], 45.0, last="2026-06-05", event="double", phase="tail")
    off = phase_discounts(pd.concat([before, first, between, second]))
    assert off.loc["TH", "tail"] == pytest.approx(0.1)
    assert phase_discounts(before).empty


def test_a_horizon_without_expected_units_is_priced_as_the_sale():
    draws = case.draws(sale=[0.0, 0.0], after=[0.0, 0.0])
    assert sale_share(draws).isna().all()
    row = unit_prices(sold([9], 90.0), draws, case.catalogue(GOODS), scope=case.scope()).iloc[0]
    assert row["price"] == 60


def test_without_a_campaign_price_the_ordinary_one_holds_in_the_sale_too():
    goods = case.catalogue(GOODS | {"promo_price": np.nan})
    row = unit_prices(sold([50], 90.0), case.draws(sale=[5.0]), goods, scope=case.scope()).iloc[0]
    assert row["sale_price"] == row["price"] == row["ordinary_price"] == pytest.approx(90.0)


def test_few_units_are_drawn_to_the_list_price_less_what_the_shop_usually_takes_off():
    many = {"sku": "B", "price": 50.0, "promo_price": 40.0}
    daily = pd.concat([sold([2], 70.0), sold([98], 45.0, sku="B")])
    prices = told(daily, GOODS, many)
    level = (2 * 70 + 98 * 45) / (2 * 100 + 98 * 50)
    by_hand = (2 * 70 + PRIOR_UNITS * 100 * level) / (2 + PRIOR_UNITS)
    assert prices.loc["A", "ordinary_price"] == pytest.approx(by_hand)
    assert prices.loc["A", "price_source"] == "price_source.few|days=56|units=2"
    assert prices.loc["B", "price_source"] == "price_source.paid|days=56|units=98"


@pytest.mark.parametrize(
    ("goods", "price", "source"),
    [
        (GOODS, 90.0, "price_source.usual|off=0.100"),  # B was paid at nine tenths of its list
        (GOODS | {"price": np.nan}, 60.0, "price_source.campaign"),
        (GOODS | {"price": np.nan, "promo_price": np.nan}, np.nan, "price_source.none"),
    ],
)
def test_a_price_that_nobody_paid_says_whose_figure_it_is(goods: dict, price: float, source: str):
    prices = told(sold([10], 45.0, sku="B"), goods, {"sku": "B", "price": 50.0})
    assert prices.loc["A", "ordinary_price"] == pytest.approx(price, nan_ok=True)
    assert prices.loc["A", "price_source"] == source


def test_where_nothing_sold_the_list_price_stands_as_it_is():
    prices = told(sold([0], 90.0))
    assert prices.loc["A", "ordinary_price"] == 100
    assert prices.loc["A", "price_source"] == "price_source.catalogue"


def test_campaign_days_old_days_and_days_without_money_tell_no_ordinary_price():
    plain = sold([20], 90.0)
    promo = sold([500], 10.0, last="2026-09-10", phase="sale", event="9.9")
    old = sold([500], 10.0, last="2026-07-25")
    silent = case.daily([500], last="2026-09-12")
    prices = told(pd.concat([plain, promo, old, silent]))
    assert prices.loc["A", "ordinary_price"] == pytest.approx(90.0)
    assert prices.loc["A", "price_source"].endswith("|units=20")


def test_days_after_the_planning_day_are_not_known_yet():
    late = sold([500], 10.0, last="2026-09-25")
    prices = told(pd.concat([sold([20], 90.0), late]))
    assert prices.loc["A", "price_source"].endswith("|units=20")
