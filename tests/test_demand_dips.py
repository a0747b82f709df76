"""Days near a promotion: which they are, what they say, and how little one event is believed."""

import numpy as np
import pandas as pd
import pytest
from demand_case import a_catalogue, a_daily, the_priors

from planner import tables
from planner.demand import dips
from planner.demand.clean import Panel, panel_of

LEVELS = [40.0, 20.0]


def dipped(ratio: float, *, before: float = 1.0, past: dict[str, str] | None = None) -> Panel:
    """Two SKUs that sell `ratio` times their level on days 1 to 7 after each past sale."""
    starts = past or {"6.6": "2025-06-06", "8.8": "2025-08-08"}
    daily = a_daily(LEVELS, past=starts, noise=False)
    for start in pd.to_datetime(list(starts.values())):
        after = (daily["day"] - start).dt.days - 2
        near = after.between(1, 7)
        daily.loc[near, "units"] = (daily.loc[near, "units"] * ratio).astype(int)
        wait = (start - daily["day"]).dt.days.between(1, 7)
        daily.loc[wait, "units"] = (daily.loc[wait, "units"] * before).astype(int)
    return panel_of(tables.checked(tables.DailySales, daily), catalogue=a_catalogue(["S000"]))


def told(panel: Panel, priors: pd.DataFrame | None = None) -> dict[str, dips.Ripple]:
    expected = np.broadcast_to(np.array(LEVELS)[:, None], panel.units.shape)
    known = the_priors() if priors is None else priors
    return dips.told_dips(panel, expected, is_big=panel.is_promo, priors=known, dispersion=1.0)


def test_days_one_to_seven_eight_to_fourteen_and_the_week_before_are_told_apart():
    promo = np.zeros(60, dtype=bool)
    promo[[10, 50]] = True
    code = dips.day_codes(promo)
    assert code[[10, 11, 17, 18, 24, 25, 42, 43, 49]].tolist() == [-1, 0, 0, 1, 1, 3, 3, 2, 2]


def test_a_day_between_two_promotions_tells_neither_dip_nor_waiting():
    promo = np.zeros(12, dtype=bool)
    promo[[0, 11]] = True
    assert (dips.day_codes(promo, is_strict=True)[4:11] == dips.PROMO).all()
    assert dips.day_codes(promo)[4:11].tolist() == [0, 0, 0, 0, 1, 1, 1]


def test_one_event_is_believed_half_where_its_spread_is_that_of_the_prior():
    one = dips.Told(np.array([np.log(0.64)]), np.array([0.0]))
    ripple = dips.shrunk(one, 0.0, dips.EVENT_SD)
    assert np.exp(ripple.log_ratio) == pytest.approx(0.8)
    assert ripple.past_events == 1


def test_four_events_of_one_dip_are_believed_four_fifths():
    four = dips.Told(np.full(4, np.log(0.8)), np.zeros(4))
    spread = 3 * dips.EVENT_SD**2 / 6
    ripple = dips.shrunk(four, 0.0, float(np.sqrt(spread)))
    assert ripple.log_ratio == pytest.approx(0.8 * np.log(0.8))
    assert ripple.log_sd == pytest.approx(np.sqrt(spread / 5 + spread))


def test_without_events_the_register_speaks_with_its_own_spread():
    ripple = dips.shrunk(dips.Told(np.zeros(0), np.zeros(0)), np.log(0.97), 0.12)
    assert (np.exp(ripple.log_ratio), ripple.log_sd) == pytest.approx((0.97, 0.12))


def test_a_dip_of_a_half_is_found_on_its_days_and_not_on_the_others():
    found = told(dipped(0.5))
    assert np.exp(found["dip_1_7"].log_ratio) < 0.75
    assert np.exp(found["dip_8_14"].log_ratio) == pytest.approx(1.0, abs=0.02)
    assert np.exp(found["wait_1_7"].log_ratio) == pytest.approx(1.0, abs=0.02)
    assert found["dip_1_7"].past_events == 2


def test_buyers_who_wait_are_found_before_the_promotion():
    found = told(dipped(1.0, before=0.5))
    assert np.exp(found["wait_1_7"].log_ratio) < 0.8
    assert np.exp(found["dip_1_7"].log_ratio) == pytest.approx(1.0, abs=0.02)


def test_a_register_without_such_rows_means_ordinary_days_give_or_take_a_tenth():
    assert dips.prior_of(the_priors(), "dip_1_7") == (0.0, dips.UNNAMED_LOG_SD)
    assert dips.prior_of(the_priors(dip_1_7=0.9), "dip_1_7") == pytest.approx((np.log(0.9), 0.5))


def test_a_level_told_from_dips_is_lifted_by_their_mean_ratio():
    expected, clean = np.ones((1, 4)), np.array([[True, True, True, False]])
    log = np.log([0.5, 1.0, 1.0, 1.0])
    assert dips.usual_ratio(expected, clean, log, np.array([0, 3, 3, 0])) == pytest.approx(2.5 / 3)
    assert dips.usual_ratio(expected, clean & False, log, np.array([0, 3, 3, 0])) == 1.0
