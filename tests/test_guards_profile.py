"""What a seller told of himself, against his exports."""

import pandas as pd
import pytest
import supply_case as case
from guards_case import told
from test_guards_history import lines

from planner import tables
from planner.guards.profile_checks import monthly_orders, profile, skus_sold

BOUNDS = case.register(tables.Bounds)


def orders(*days: tuple[str, int]) -> pd.DataFrame:
    rows = [
        {"order_id": f"{day}-{n}", "ordered_at": pd.Timestamp(day)}
        for day, count in days
        for n in range(count)
    ]
    return lines(*rows)


def alerts(*, orders_told=None, skus_told=None, category="home", **more):
    profile_told = {"category": category, "monthly_orders": orders_told, "sku_count": skus_told}
    scope = case.scope(profile=profile_told)
    found = told(profile(case.daily([1] * 60), case.catalogue(), BOUNDS, scope, **more))
    return found.set_index("code")["facts"].to_dict()


def test_an_ordinary_month_is_the_median_of_whole_months_counted_back():
    # Ninety days to 30 Sep: 10 in the newest month, 40 in one with a promotion, 12 before.
    known = orders(("2026-07-03", 12), ("2026-08-15", 40), ("2026-09-10", 9), ("2026-09-30", 1))
    assert monthly_orders(known) == 12.0


def test_an_order_of_two_lines_is_one_and_less_than_a_month_tells_nothing():
    double = lines({"order_id": "1"}, {"order_id": "1", "sku": "B"})
    assert monthly_orders(double) is None
    month = orders(("2026-09-01", 3), ("2026-09-30", 2))
    assert monthly_orders(pd.concat([month, month.assign(sku="B")])) == 5.0


@pytest.mark.parametrize(("said", "is_told"), [(9, True), (10, False), (40, False), (41, True)])
def test_orders_a_month_outside_half_to_twice_the_profile_are_asked_about(said: int, is_told: bool):
    known = orders(("2026-09-01", 10), ("2026-09-30", 10))
    found = alerts(orders_told=said, lines=known)
    assert found == ({"profile_orders": f"told={said}|seen=20"} if is_told else {})


def test_skus_sold_are_held_against_the_count_told():
    assert skus_sold(case.daily([1] * 60)) == 1
    assert alerts(skus_told=3) == {"profile_skus": "told=3|seen=1"}
    assert alerts(skus_told=2) == {}


def test_a_category_that_is_not_the_one_sold_most_is_asked_about():
    found = alerts(category="Beauty")
    assert found == {
        "profile_category": "told=category.beauty|seen=category.home|rate=1|own_rate=0"
    }
    assert alerts(category="home") == {}


def test_what_nobody_told_is_not_compared():
    assert alerts(lines=orders(("2026-09-01", 10), ("2026-09-30", 10))) == {}
