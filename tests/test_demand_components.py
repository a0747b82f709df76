"""Prophet's view of one SKU: what a phase and a discount add, and what a lever changes."""

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PAST, PLAN, a_daily

from planner import tables
from planner.demand.components import fit_series, half_of_each, what_if
from planner.errors import PlanningError

# Prophet 1.5 on pandas 3.1
pytestmark = pytest.mark.filterwarnings("ignore:The inplace keyword")
WHOM = {"shop": "th-one", "sku": "S000", "plans": {MARKET: PLAN}}


def the_drivers(discounts: list[float]) -> pd.DataFrame:
    """Return `Drivers` of the past sales, one discount each."""
    starts = pd.to_datetime(list(PAST.values()))
    frame = pd.DataFrame({"event": list(PAST), "starts_on": starts}).assign(
        market=MARKET,
        phase="sale",
        sku="",
        ends_on=starts + pd.Timedelta(days=2),
        discount_rate=discounts,
    )
    blank = tables.empty(tables.Drivers)
    return tables.checked(tables.Drivers, pd.concat([blank, frame])[tables.columns(tables.Drivers)])


@pytest.fixture
def steady():
    """30 a day, three times as many on nine sale days."""
    return fit_series(a_daily([30.0], noise=False), **WHOM)


def test_a_sale_that_trebles_thirty_a_day_adds_sixty(steady):
    assert steady.phase_units["sale"] == pytest.approx(60.0, abs=3.0)
    assert steady.phase_units["warm_up"] == 0.0


def test_switching_the_sale_off_takes_its_days_ahead_back_and_no_day_of_the_past(steady):
    on, off = what_if(steady), what_if(steady, phases_on=())
    ahead = on["is_future"] & (on["phase"] == "sale")
    assert ahead.sum() == 4
    lost = on["expected_units"] - off["expected_units"]
    assert lost[ahead].sum() == pytest.approx(4 * steady.phase_units["sale"])
    assert (lost[~ahead] == 0).all()


def test_parts_of_a_day_add_up_to_its_expectation(steady):
    told = what_if(steady)
    names = ["trend_units", "week_units", "year_units", "promo_units"]
    np.testing.assert_allclose(told[names].sum(axis=1), told["expected_units"])


def test_a_deeper_discount_ahead_sells_more_where_deeper_ones_did():
    daily = a_daily([30.0], noise=False)
    deep = daily["event"] == "8.8"
    daily = daily.assign(units=daily["units"].mask(deep, 150))
    fitted = fit_series(daily, **WHOM, drivers=the_drivers([0.1, 0.1, 0.4]))
    few, many = (what_if(fitted, discount_rate=rate) for rate in (0.1, 0.4))
    ahead = few["is_future"] & (few["phase"] == "sale")
    # 90 a day at 10 % off, 150 at 40 %: 60 more on each of four days, held back by priors.
    assert (many["expected_units"] - few["expected_units"])[ahead].sum() == pytest.approx(
        240, rel=0.15
    )


def test_one_known_discount_tells_nothing_of_depth():
    fitted = fit_series(a_daily([30.0]), **WHOM, drivers=the_drivers([0.2, 0.2, 0.2]))
    assert fitted.depth_units == 0.0
    few, many = (what_if(fitted, discount_rate=rate) for rate in (0.0, 0.7))
    assert few.equals(many)


def test_days_out_of_stock_do_not_pull_prophet_down():
    daily = a_daily([30.0], noise=False)
    out = daily["day"] >= daily["day"].max() - pd.Timedelta(days=13)
    empty = daily.assign(units=daily["units"].mask(out, 0), is_stock_out=out)
    told = what_if(fit_series(empty, **WHOM))
    assert told["ordinary_units"][told["is_future"]].mean() == pytest.approx(30.0, rel=0.1)


def test_four_weeks_are_the_least_and_the_message_says_so():
    with pytest.raises(PlanningError, match="27 days of history; 28 are needed"):
        fit_series(a_daily([30.0], days=27), **WHOM)


def test_half_of_each_needs_two_years_and_grade_a():
    assert half_of_each(100.0, 140.0, known_days=730, grade="A") == 120.0
    assert np.isnan(half_of_each(100.0, 140.0, known_days=729, grade="A"))
    assert np.isnan(half_of_each(100.0, 140.0, known_days=730, grade="B"))
