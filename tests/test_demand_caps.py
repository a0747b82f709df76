"""No world sells more than the platform lets a shop take, and what is cut is told."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from demand_case import AS_OF, MARKET, PLAN, a_daily, forecast_parts

from planner import tables
from planner.demand import day_curve, days_ahead
from planner.demand.caps import capped_draws, cut_to_limits, units_per_order
from planner.errors import ConfigError
from planner.seller import Shop
from planner.tables.intake import OrderLines


def a_shop(*limits: dict[str, Any], shop: str = "th-one") -> Shop:
    return Shop.model_validate(
        {
            "shop": shop, "platform": "tiktok", "market": MARKET, "currency": "THB",
            "time_zone": "Asia/Bangkok", "warehouse": "th", "daily_order_limits": list(limits),
        }
    )  # fmt: skip


def a_limit(orders: int, start: str = "2025-11-11", end: str | None = "2025-11-14") -> dict:
    return {"orders": orders, "start": start, "end": end, "source": "Shop metrics, 2025-09-15"}


def some_draws(**worlds: list[float]) -> pd.DataFrame:
    """Draws of the four days' sale by SKU."""
    frame = pd.DataFrame({"sku": pd.array(list(worlds), dtype="str")}).assign(
        shop="th-one", market=MARKET, phase="sale",
        starts_on=pd.Timestamp("2025-11-11"), ends_on=pd.Timestamp("2025-11-14"),
    )  # fmt: skip
    column = np.empty(len(worlds), dtype=object)
    column[:] = [np.array(values, dtype=float) for values in worlds.values()]
    return tables.checked(tables.DemandDraws, frame.assign(draws=column))


def a_line(order: str, sku: str, units: int, **cells: Any) -> dict[str, Any]:
    blank = tables.empty(OrderLines)
    row: dict[str, Any] = {
        name: "" if kind == "str" else 0 if str(kind).lower() == "int64" else pd.NaT
        for name, kind in blank.dtypes.items()
    }
    return row | {
        "shop": "th-one", "market": MARKET, "order_id": order, "sku": sku, "units": units,
        "status": "completed", "kind": "firm", "is_demand": True,
        "ordered_at": pd.Timestamp("2025-09-01 10:00"), **cells,
    }  # fmt: skip


def some_lines(*rows: dict[str, Any]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows)).astype(tables.empty(OrderLines).dtypes.to_dict())
    return tables.checked(OrderLines, frame)


def test_each_world_is_cut_to_limit_times_days_times_units_per_order() -> None:
    draws = some_draws(A=[30.0, 300.0, 0.0], B=[10.0, 100.0, 0.0])
    capped = capped_draws(draws, shops=[a_shop(a_limit(20))], units_per_order={"th-one": 1.5})
    # 20 orders x 4 days x 1.5 units = 120: of 40 nothing is cut, 400 are scaled by 0.3
    assert capped.draws["draws"][0] == pytest.approx([30.0, 90.0, 0.0])
    assert capped.draws["draws"][1] == pytest.approx([10.0, 30.0, 0.0])
    row = capped.caps.iloc[0]
    assert (row["limited_days"], row["limit_orders"], row["units_per_order"]) == (4, 80.0, 1.5)
    assert row["wanted_units"] == pytest.approx(440 / 3)
    assert row["mean_units"] == pytest.approx(160 / 3)
    assert row["cut_units"] == pytest.approx(280 / 3)
    assert row["binding_rate"] == pytest.approx(1 / 3)
    assert row["source"] == "Shop metrics, 2025-09-15"
    assert capped.findings.empty


def test_the_draws_given_stay_as_they_were() -> None:
    draws = some_draws(A=[300.0])
    capped_draws(draws, shops=[a_shop(a_limit(1))], units_per_order={"th-one": 1.0})
    assert draws["draws"][0].tolist() == [300.0]


def test_days_without_a_limit_are_not_cut_and_the_lower_of_two_limits_counts() -> None:
    limits = a_limit(30, end="2025-11-12"), a_limit(10, start="2025-11-12", end="2025-11-12")
    capped = capped_draws(
        some_draws(A=[400.0]), shops=[a_shop(*limits)], units_per_order={"th-one": 1.0}
    )
    # 100 a day: 30 + 10 + 100 + 100
    assert capped.draws["draws"][0] == pytest.approx([240.0])
    assert capped.caps["limited_days"].tolist() == [2]
    assert capped.caps["limit_orders"].tolist() == [40.0]


def test_a_limit_without_an_end_holds_on_and_one_of_other_days_changes_nothing() -> None:
    draws = some_draws(A=[400.0])
    on = capped_draws(draws, shops=[a_shop(a_limit(10, end=None))], units_per_order={"th-one": 1.0})
    assert on.draws["draws"][0] == pytest.approx([40.0])
    past = a_shop(a_limit(10, start="2025-10-01", end="2025-10-31"))
    none = capped_draws(draws, shops=[past, a_shop(shop="other")], units_per_order={})
    assert none.draws is draws
    assert none.caps.empty
    assert none.findings.empty


def test_a_closed_shop_sells_nothing() -> None:
    capped = capped_draws(
        some_draws(A=[400.0, 0.0]), shops=[a_shop(a_limit(0))], units_per_order={"th-one": 2.0}
    )
    assert capped.draws["draws"][0].tolist() == [0.0, 0.0]
    assert capped.caps["binding_rate"].tolist() == [0.5]


def test_without_past_orders_one_unit_per_order_is_taken_and_said() -> None:
    capped = capped_draws(some_draws(A=[400.0]), shops=[a_shop(a_limit(20))], units_per_order={})
    assert capped.draws["draws"][0] == pytest.approx([80.0])
    found = capped.findings.iloc[0]
    assert (found["code"], found["facts"]) == ("W_ORDER_UNITS", "shop=th-one")


def test_units_per_order_count_what_bundles_draw_and_only_known_demand() -> None:
    lines = some_lines(
        a_line("1", "A", 1), a_line("1", "SET", 1), a_line("2", "A", 1),
        a_line("3", "A", 50, is_demand=False, kind="sample"),
        a_line("4", "A", 50, ordered_at=pd.Timestamp("2025-09-16 00:00")),
    )  # fmt: skip
    until = {MARKET: date.fromisoformat(AS_OF)}
    assert units_per_order(lines, until=until) == {"th-one": 1.5}
    parts = pd.DataFrame({"sku": "SET", "component": ["B", "C"], "units": [2, 1]})
    assert units_per_order(lines, until=until, bundles=parts) == {"th-one": 2.5}
    assert units_per_order(lines.iloc[:0], until=until) == {}


def test_no_world_of_a_forecast_is_above_its_ceiling_nor_below_zero() -> None:
    draws = forecast_parts(a_daily([4.0, 9.0, 0.5]))["draws"]
    shop = a_shop(a_limit(25, start="2025-11-01", end="2025-11-30"))
    capped = capped_draws(draws, shops=[shop], units_per_order={"th-one": 1.2})
    again = capped_draws(draws, shops=[shop], units_per_order={"th-one": 1.2})
    for phase, group in capped.draws.groupby("phase"):
        total = np.stack(group["draws"].to_list()).sum(axis=0)
        assert (np.stack(group["draws"].to_list()) >= 0).all()
        if phase != "before":
            first = group.iloc[0]
            days = (first["ends_on"] - first["starts_on"]).days + 1
            assert (total <= 25 * 1.2 * days + 1e-6).all()
    assert set(capped.caps["phase"]) == {"warm_up", "sale", "tail", "after"}
    assert PLAN.phases.sale.days == 4
    both = zip(capped.draws["draws"], again.draws["draws"], strict=True)
    assert all((one == other).all() for one, other in both)
    kept = draws["phase"] == "before"
    assert all(
        (one == other).all()
        for one, other in zip(draws["draws"][kept], capped.draws["draws"][kept], strict=True)
    )


def test_totals_below_the_limit_are_kept_to_the_unit() -> None:
    left, _ = cut_to_limits(
        np.array([[0.0, 99.0]]), np.full(3, 33.0), shares=np.full((1, 3), 1 / 3)
    )
    assert left[0] == pytest.approx([0.0, 99.0])


@pytest.mark.parametrize(
    "limit", [{"orders": -1}, {"source": ""}, {"end": "2025-11-01"}, {"order": 3}]
)
def test_a_wrong_limit_is_refused(limit: dict[str, Any]) -> None:
    with pytest.raises((ConfigError, ValueError), match=next(iter(limit)) + "|ends on"):
        a_shop(a_limit(5) | limit)


def test_a_first_day_that_bunches_meets_the_limit_though_the_whole_would_fit() -> None:
    worlds, limits = np.array([[90.0]]), np.full(3, 40.0)
    even, _ = cut_to_limits(worlds, limits, shares=np.full((1, 3), 1 / 3))
    bunched, days = cut_to_limits(worlds, limits, shares=np.array([[0.6, 0.3, 0.1]]))
    # 54 on the first day is cut to 40; 27 and 9 stay
    assert (even[0, 0], bunched[0, 0]) == pytest.approx((90.0, 76.0))
    assert days[0] == pytest.approx([40.0, 27.0, 9.0])


def test_no_day_of_a_limited_shop_says_more_than_the_limit_and_days_still_add_up() -> None:
    parts = forecast_parts(a_daily([20.0, 5.0]))
    curve = day_curve.learn_day_curve(
        a_daily([20.0, 5.0]), parts["baseline"], plans={MARKET: PLAN}, shipped=empty_shape()
    )
    curve.loc[curve["phase"] == "sale", "share_rate"] = [0.7, 0.1, 0.1, 0.1]
    shares = days_ahead.day_shares(parts["draws"], parts["baseline"], curve)
    capped = capped_draws(
        parts["draws"], shops=[a_shop(a_limit(60))], units_per_order={"th-one": 1.5}, shares=shares
    )
    told = days_ahead.daily_forecast(
        capped.draws, parts["baseline"], curve, fit=parts["fit"], limited=capped.by_day
    )
    figures = ["mean_units", "q10_units", "q50_units", "q90_units"]
    sale = told[told["day"].between(pd.Timestamp("2025-11-11"), pd.Timestamp("2025-11-14"))]
    of_day = sale.groupby("day")[figures].sum()
    assert (of_day <= 90.0 + 1e-9).all(axis=None)
    assert of_day["mean_units"].iloc[0] > 80.0
    keys = ["shop", "market", "sku", "phase"]
    sums = told.groupby(keys)["mean_units"].sum().sort_index()
    assert sums.to_numpy() == pytest.approx(
        capped.draws.set_index(keys)["draws"].map(np.mean).sort_index().to_numpy()
    )


def empty_shape() -> pd.DataFrame:
    return tables.empty(tables.DayCurvePriors)
