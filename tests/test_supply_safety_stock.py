"""Safety stock by the brief's formula and by a service level."""

import pandas as pd
import pytest

from planner.errors import PlanningError
from planner.supply.quantity.safety_stock import by_extremes, by_service_level


def test_the_example_of_the_brief_gives_1200():
    assert by_extremes(100.0, 300.0, 3.0, 5.0) == 300 * 5 - 100 * 3 == 1200


def test_a_promotion_left_in_the_history_makes_eight_times_the_stock():
    clean = by_extremes(30.0, 55.0, 40.0, 60.0)
    raw = by_extremes(40.9, 300.0, 40.0, 60.0)
    assert clean == 2100
    assert raw == pytest.approx(300 * 60 - 40.9 * 40) == pytest.approx(16_364)


def test_the_service_level_formula_wants_358_where_the_extremes_want_2100():
    units = by_service_level(30.0, 9.0, 40.0, 7.0, service_level=0.95)
    assert units == pytest.approx(1.644854 * (40 * 81 + 900 * 49) ** 0.5, abs=0.01)
    assert round(units) == 358


def test_half_the_spans_need_no_safety_stock():
    assert by_service_level(30.0, 9.0, 40.0, 7.0, service_level=0.5) == 0


@pytest.mark.parametrize(("low", "high"), [(0.5, 0.8), (0.8, 0.95), (0.95, 0.999)])
def test_a_higher_service_level_needs_more(low: float, high: float):
    figures = (30.0, 9.0, 40.0, 7.0)
    assert by_service_level(*figures, service_level=low) < by_service_level(
        *figures, service_level=high
    )


def test_a_peak_below_its_mean_is_refused_by_name():
    index = pd.MultiIndex.from_tuples([("TH", "A"), ("TH", "B")])
    mean, peak = pd.Series([5.0, 9.0], index=index), pd.Series([6.0, 8.0], index=index)
    with pytest.raises(
        PlanningError, match=r"peak_daily_units is below mean_daily_units for TH B$"
    ):
        by_extremes(mean, peak, 20.0, 30.0)


def test_a_longest_trip_below_the_mean_trip_is_refused():
    with pytest.raises(PlanningError, match="longest_lead_days is below mean_lead_days"):
        by_extremes(5.0, 6.0, 30.0, 20.0)


def test_a_single_trip_is_no_longest_trip():
    with pytest.raises(PlanningError, match="rest on one trip"):
        by_extremes(5.0, 6.0, 20.0, 20.0, lead_records=1)
    assert by_extremes(5.0, 6.0, 20.0, 20.0, lead_records=2) == 20


def test_an_unknown_history_gives_an_unknown_stock_and_no_zero():
    nothing, index = float("nan"), pd.Index(["A", "B"])
    mean, peak = pd.Series([nothing, 10.0], index), pd.Series([nothing, 12.0], index)
    units = by_extremes(mean, peak, 20.0, 30.0)
    assert units.isna().tolist() == [True, False]
    assert units["B"] == 12 * 30 - 10 * 20


@pytest.mark.parametrize("level", [0.49, 1.0])
def test_a_service_level_out_of_range_is_refused_with_the_range(level: float):
    with pytest.raises(PlanningError, match=r"give 0.5 to 0.999"):
        by_service_level(30.0, 9.0, 40.0, 7.0, service_level=level)


def test_a_spread_below_zero_is_refused():
    with pytest.raises(PlanningError, match="lead_sd_days is below zero"):
        by_service_level(30.0, 9.0, 40.0, -7.0, service_level=0.9)
