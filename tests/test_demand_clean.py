"""The daily table as arrays: masks, caps and runs of zeros, worked by hand."""

import numpy as np
import pandas as pd
import pytest
from demand_case import a_catalogue, a_daily

from planner.demand import clean
from planner.errors import PlanningError


def a_day(sku: str, day: str, units: int, **fields: object) -> dict[str, object]:
    row = {"shop": "a", "market": "TH", "sku": sku, "day": pd.Timestamp(day), "units": units}
    return row | {"is_stock_out": False, "event": "", "phase": ""} | fields


def test_days_a_series_does_not_have_are_unknown_and_not_zero():
    rows = [a_day("x", "2025-01-01", 4), a_day("x", "2025-01-02", 5), a_day("y", "2025-01-02", 7)]
    panel = clean.panel_of(pd.DataFrame(rows))
    assert panel.units.tolist() == [[4.0, 5.0], [0.0, 7.0]]
    assert panel.is_known.tolist() == [[True, True], [False, True]]
    assert panel.end == pd.Timestamp("2025-01-03")


def test_promo_and_stock_out_days_are_not_clean():
    rows = [
        a_day("x", "2025-01-01", 4),
        a_day("x", "2025-01-02", 9, event="1.1", phase="sale"),
        a_day("x", "2025-01-03", 0, is_stock_out=True),
        a_day("x", "2025-01-04", 6, event="1.1", phase="warm_up"),
    ]
    panel = clean.panel_of(pd.DataFrame(rows))
    assert panel.is_clean.tolist() == [[True, False, False, False]]
    assert panel.is_promo.tolist() == [[False, True, False, True]]
    assert panel.events == ("1.1",)


def test_the_category_comes_from_the_catalogue_and_stays_blank_without():
    daily = a_daily({"x": 3, "y": 3}, days=3)
    panel = clean.panel_of(daily, catalogue=a_catalogue(["x"], "beauty"))
    assert panel.keys["category"].tolist() == ["beauty", ""]


def test_a_day_that_stands_twice_is_refused_by_name():
    rows = pd.DataFrame([a_day("x", "2025-01-01", 4), a_day("x", "2025-01-01", 4)])
    with pytest.raises(PlanningError, match="SKU x, 2025-01-01 stands twice"):
        clean.panel_of(rows)


def test_no_sales_at_all_are_refused():
    with pytest.raises(PlanningError, match="no row"):
        clean.panel_of(a_daily([3]).head(0))


def test_a_long_run_of_zeros_in_steady_sales_is_a_stock_out():
    units = np.full((1, 60), 5.0)
    units[0, 30:36] = 0
    found = clean.suspected_stock_outs(units, np.ones(units.shape, dtype=bool))
    assert np.flatnonzero(found[0]).tolist() == list(range(30, 36))


def test_zeros_of_a_slow_sku_are_no_stock_out():
    units = np.zeros((1, 60))
    units[0, ::6] = 1.0
    assert not clean.suspected_stock_outs(units, np.ones(units.shape, dtype=bool)).any()


def test_zeros_at_the_end_are_believed_because_a_sku_may_have_died():
    units = np.full((1, 60), 5.0)
    units[0, 50:] = 0
    assert not clean.suspected_stock_outs(units, np.ones(units.shape, dtype=bool)).any()


def test_zeros_before_the_first_sale_may_be_too_many_to_be_chance():
    units = np.full((1, 60), 5.0)
    units[0, :20] = 0
    found = clean.suspected_stock_outs(units, np.ones(units.shape, dtype=bool))
    assert np.flatnonzero(found[0]).tolist() == list(range(20))


def test_stock_outs_are_those_the_table_names_and_no_zero_is_asked():
    daily = a_daily({"x": 8.0}, noise=False, past={})
    zeros = daily["day"].between("2025-07-01", "2025-07-06")
    silent = daily.assign(units=daily["units"].mask(zeros, 0))
    assert clean.panel_of(silent).is_stock_out.sum() == 0
    assert clean.panel_of(silent.assign(is_stock_out=zeros)).is_stock_out.sum() == 6


def test_a_viral_day_is_capped_at_the_median_and_four_robust_spreads():
    units = np.array([[8.0, 9.0, 10.0, 11.0, 12.0, 400.0]])
    # median 10.5, absolute deviations .5 .5 1.5 1.5 2.5 389.5, their median 1.5
    cap = 10.5 + 4 * 1.4826 * 1.5 + 3 * np.sqrt(10.5) + 3
    cut = clean.capped(units, np.ones(units.shape, dtype=bool))
    assert cut[0, :5].tolist() == [8.0, 9.0, 10.0, 11.0, 12.0]
    assert cut[0, 5] == pytest.approx(cap)


def test_a_level_that_has_risen_for_good_is_not_cut():
    units = np.concatenate([np.full(124, 10.0), np.full(56, 40.0)])[None, :]
    mask = np.ones(units.shape, dtype=bool)
    assert (clean.capped(units, mask) == units).all()
    units[0, 170] = 900.0
    assert clean.capped(units, mask)[0, 170] == pytest.approx(10 + 3 * np.sqrt(10) + 3 + 30)


def test_a_busy_weekday_is_no_spike_once_its_factor_is_known():
    units = np.array([[1000.0, 1000.0, 1000.0, 1000.0, 2000.0]])
    mask = np.ones(units.shape, dtype=bool)
    assert clean.capped(units, mask)[0, 4] < 1200
    factor = np.array([[1.0, 1.0, 1.0, 1.0, 2.0]])
    assert clean.capped(units, mask, factor=factor)[0, 4] == 2000
    assert clean.capped(units, mask, slack=2.0)[0, 4] == 2000


def test_the_median_of_no_days_is_zero():
    nothing = np.zeros((1, 3), dtype=bool)
    assert clean.masked_median(np.array([[5.0, 6.0, 7.0]]), nothing).tolist() == [0.0]


def test_the_median_of_an_even_number_of_days_is_the_middle_of_two():
    mask = np.array([[True, True, True, True, False]])
    assert clean.masked_median(np.array([[4.0, 1.0, 3.0, 2.0, 99.0]]), mask).tolist() == [2.5]


def test_neighbours_are_counted_from_the_edges_of_the_gap():
    mask = np.array([[True, True, False, False, True, True]])
    start, stop = clean.reach(mask, 2)
    assert start[0].tolist() == [0, 0, 0, 0, 3, 4]
    assert stop[0].tolist() == [2, 3, 6, 6, 6, 6]
