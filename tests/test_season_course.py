"""The course of a campaign out of tables: shelf, order and price, by hand."""

import numpy as np
import pandas as pd
import pytest
from happened_case import SCOPE, arrived, happened, plan_row
from season_case import sales

from planner.season.course import campaign_course
from planner.season.regret import causes_present, regret_ledger, season_profits
from planner.season.replay import Repairs, replay
from planner.season.shapley import subsets
from planner.season.shelf_path import shelf_path


def gathered(**changed: object):
    return campaign_course(happened(**changed), scope=SCOPE)


def shares(course) -> pd.Series:
    ledger = regret_ledger(course, currency="CNY")
    return ledger.groupby("cause")["regret_profit"].sum()


def test_a_campaign_that_went_as_planned_has_no_gap():
    course = gathered().course
    assert course.opening.tolist() == [0]
    assert course.order.sent_units.tolist() == [300]
    assert course.order.actual_share[0, 0] == 1
    assert season_profits(course, currency="CNY")["gap_profit"].tolist() == [0]


def test_the_replay_sells_what_was_sold_whatever_the_counts_say():
    rng = np.random.default_rng(3)
    sold = rng.poisson(8.0, (6, 20)).astype(float)
    told = np.where(rng.random((6, 20)) < 0.5, rng.integers(0, 90, (6, 20)), np.nan)
    lost = np.where(rng.random((6, 20)) < 0.2, 5.0, 0.0)
    opening = rng.integers(0, 60, 6).astype(float)
    path = shelf_path(opening, told, 0.0 * sold, sold, lost)
    held = opening.copy()
    for day in range(20):
        held = held + path.receipts[:, day] - path.gone[:, day]
        ready = held - path.stranded[:, day]
        assert np.minimum(sold[:, day] + lost[:, day], ready) == pytest.approx(sold[:, day])
        held = held - sold[:, day]
    assert (held >= -1e-9).all()


def test_an_order_that_came_ten_days_late_is_booked_to_lateness():
    daily = pd.concat(
        [
            sales("a", "2025-10-22", [0] * 10),
            sales("a", "2025-11-01", [0] * 10 + [10] * 20, out=tuple(range(10))),
        ],
        ignore_index=True,
    )
    course = gathered(daily=daily, history=arrived("a", 300, 10)).course
    assert np.flatnonzero(course.order.actual_share[0]).tolist() == [10]
    found = shares(course)
    # 100 units missed at 16 net that were left over at 4 instead.
    assert found["lateness"] == pytest.approx(100 * (16 - 4))
    assert found.drop("lateness").abs().sum() == 0


def test_units_that_vanish_are_a_loss_and_parcels_that_come_back_are_none():
    ends = [300 - 10 * n for n in range(31)]
    ends = [e - 20 if 5 <= n < 9 else e for n, e in enumerate(ends)]
    whole = happened().stock_history
    path = whole[whole["day"] < "2025-10-31"]
    back = pd.concat([path, _counts(ends)], ignore_index=True)
    catalogue = happened().catalogue.assign(carton_units=pd.array([50], "Int64"))
    both = gathered(history=back, catalogue=catalogue).course
    assert both.gone.sum() == 0
    more = path.assign(units=path["units"].replace(300, 320))
    lost = [320 - 10 * n - (20 if n >= 5 else 0) for n in range(31)]
    gone = gathered(history=pd.concat([more, _counts(lost)], ignore_index=True)).course
    assert gone.gone.sum() == 20
    assert shares(gone)["stock_loss"] > 0


def test_a_refused_order_would_have_been_rounded_as_any_other():
    plan = plan_row("a", needed_units=295.0, target_units=295.0, order_units=0, is_blocked=True)
    empty = happened().stock_history.assign(units=0)
    daily = sales("a", "2025-11-01", [0] * 30, out=tuple(range(30)))
    course = gathered(plan=plan, history=empty, daily=daily).course
    assert course.order.limited_units.tolist() == [300]
    assert course.order.is_refused.tolist() == [True]
    assert "refusals" in causes_present(course)
    assert shares(course)["refusals"] > 0


def test_what_was_not_worth_a_carton_is_no_limit():
    plan = plan_row("a", needed_units=4.0, order_units=0, reason="reason.pack_not_worth|needed=4")
    order = gathered(plan=plan).course.order
    assert order.cap_units.tolist() == [np.inf]
    assert order.least_units.tolist() == [4]


def test_an_order_other_than_planned_is_booked_to_execution():
    course = gathered(plan=plan_row("a", order_units=500, needed_units=500.0)).course
    end = replay(course, Repairs((), subsets(0)))
    assert end.sent_units.tolist() == [[300]]
    assert "execution" in causes_present(course)


def test_a_lock_below_the_ordinary_price_counts_only_where_staying_out_earns_more():
    advice = pd.DataFrame({"market": ["TH"], "sku": ["a"], "advice": ["refuse"]})
    cheap = happened().economics.assign(price=10.5, selling_cost=2.1, margin_profit=0.4)
    lost = gathered(locks=advice, economics=cheap).course
    # 4 a day at 25: (25 * 0.8 - 8) * 120 = 1440, against 0.4 * 300 at the lock.
    assert lost.free_wanted[0, 0] == 4
    assert lost.money.free_net_price[0] == pytest.approx(20)
    kept = gathered(locks=advice).course
    assert (kept.free_wanted == kept.wanted).all()


def test_a_sku_without_costs_is_named_and_left_out():
    got = gathered(economics=happened().economics.assign(landed_cost=np.nan))
    assert got.course.keys.empty
    assert got.missing["missing"].tolist() == ["landed_cost"]
    profits = season_profits(got.course, got.missing, currency="CNY")
    assert profits["gap_profit"].isna().all()
    assert regret_ledger(got.course, currency="CNY").empty


def _counts(ends: list[float]) -> pd.DataFrame:
    days = pd.date_range("2025-10-31", periods=len(ends))
    return pd.DataFrame({"sku": "a", "day": days, "units": np.array(ends, dtype=int)})
