"""Tracking by the forecast of each day: a peak on the first day is planned, not a surprise."""

import numpy as np
import pandas as pd
import pytest
from season_case import PHASES, a_scope, draws, forecast_of, sales

from planner.season import track
from planner.season.outlook import rest
from planner.season.outlook import worlds as draws_of

START, TODAY, END = (
    {"TH": pd.Timestamp(day).date()} for day in ("2025-11-01", "2025-11-13", "2025-12-01")
)
SALE = [40.0, 20.0, 12.0, 8.0]
"""80 units of sale over its four days."""


def by_day(shops: tuple[str, ...] = ("th-one",)) -> pd.DataFrame:
    """Return `ForecastDaily`: 10 a day in warm-up, the sale as above, 5 a day in the tail."""
    parts = []
    for shop in shops:
        for phase, units in (("warm_up", [10.0] * 10), ("sale", SALE), ("tail", [5.0] * 6)):
            days = pd.date_range(*PHASES[phase])
            parts.append(pd.DataFrame({"shop": shop, "phase": phase, "day": days, "mean": units}))
    table = pd.concat(parts, ignore_index=True).rename(columns={"mean": "mean_units"})
    return table.assign(market="TH", sku="a", q10_units=0.0, q50_units=0.0, q90_units=0.0)


def drawn() -> pd.DataFrame:
    return draws("a", {"warm_up": 100, "sale": 80, "tail": 30})


def test_a_window_takes_of_a_phase_what_its_days_are_forecast_to_sell():
    worlds = draws_of.market_worlds(drawn())
    _, seen = draws_of.demand_between(worlds, START, TODAY, by_day=by_day())
    _, left = draws_of.demand_between(worlds, TODAY, END, by_day=by_day())
    assert seen[0, 0] == pytest.approx(100 + 60)  # 40 + 20 of the sale's 80
    assert left[0, 0] == pytest.approx(12 + 8 + 30)


def test_a_sku_without_days_of_its_own_is_spread_evenly():
    worlds = draws_of.market_worlds(draws("b", {"sale": 80}))
    _, seen = draws_of.demand_between(worlds, START, TODAY, by_day=by_day())
    assert seen[0, 0] == pytest.approx(40)


def test_the_plan_of_a_day_is_its_own_forecast_shops_added_up():
    daily = sales("a", "2025-11-01", [9] * 12)
    told = track.track_daily(
        daily, forecast_of(drawn()), scope=a_scope(), by_day=by_day(("th-one", "th-two"))
    ).set_index("day")["planned_units"]
    assert told["2025-11-11"] == pytest.approx(80)
    assert told["2025-11-12"] == pytest.approx(40)
    assert told["2025-11-10"] == pytest.approx(20)


def test_what_is_to_come_falls_on_days_as_forecast_and_keeps_its_total():
    sums = pd.DataFrame(
        {
            "market": ["TH"],
            "sku": ["a"],
            "units_to_date": [np.nan],
            "is_censored": [False],
            "seen_until": [pd.Timestamp("2025-11-13")],
        }
    )
    told = rest.rest_of_campaign(drawn(), sums, scope=a_scope(), by_day=by_day())
    assert told.daily[0, :4] == pytest.approx([12, 8, 5, 5])
    assert told.daily[0].sum() == pytest.approx(told.units[0, 0])


def test_days_that_are_forecast_one_by_one_leave_less_to_doubt():
    worlds = draws_of.market_worlds(drawn())
    even = draws_of.doubt_of_days(worlds, START, TODAY)
    told = draws_of.doubt_of_days(worlds, START, TODAY, by_day=by_day())
    part = 60 / 160
    by_hand = (draws_of.CURVE_LOG_SD * part) ** 2 * (1 / 2 - 1 / 4)
    assert told[0] == pytest.approx(by_hand)
    assert told[0] < even[0]
