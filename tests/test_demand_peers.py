"""Peers: the naive week and the spreadsheet by hand; the others where they are installed."""

import importlib.util

import numpy as np
import pandas as pd
import pytest

from planner.demand.peers import (
    LEVELS,
    Windows,
    excel_rule,
    filled,
    of_normal,
    package,
    promo_runs,
    seasonal_naive,
)
from planner.demand.peers_learned import PEERS
from planner.errors import PlannerError

NEEDS = {"autoets": "statsforecast", "lgbm_recursive": "mlforecast", "lgbm_direct": "lightgbm"}


def some_windows(*, n_series: int = 2, n_days: int = 84, ahead: int = 35) -> Windows:
    """Return series of 10 a day, 30 on the seven promo days 35 to 41; window days 28 to 34."""
    is_promo = np.zeros((n_series, n_days))
    is_promo[:, 35:42] = 1.0
    window = np.zeros((n_series, ahead), dtype=bool)
    window[:, 28:] = True
    return Windows(
        first_on=pd.Timestamp("2024-01-01"),
        units=np.where(is_promo > 0, 30.0, 10.0),
        is_known=np.ones(is_promo.shape, dtype=bool),
        drivers=is_promo[:, :, None],
        drivers_ahead=window[:, :, None].astype(float),
        is_open_ahead=np.ones(window.shape, dtype=bool),
        window=window,
        category=np.zeros(n_series, dtype=int),
    )


def noisy_windows() -> Windows:
    windows = some_windows(n_series=8, n_days=120, ahead=56)
    units = np.random.default_rng(3).poisson(windows.units).astype(float)
    return windows._replace(units=units)


def test_the_spreadsheet_takes_the_last_multiplier_times_the_mean_of_28_days():
    told = excel_rule(some_windows())
    assert told.mean.tolist() == [7 * 10 * 3.0] * 2
    assert (told.quantiles == 210.0).all()  # clean days never differ


def test_promo_days_left_in_raise_the_mean_of_a_short_history():
    windows = some_windows(n_days=56)  # the last 28 days hold the promotion: 7 x 30 + 21 x 10
    told = excel_rule(windows, keeps_promo_days=True)
    assert told.mean == pytest.approx([7 * 15.0 * 3.0] * 2)


def test_a_series_without_a_promotion_takes_the_median_multiplier_of_the_others():
    windows = some_windows(n_series=3)
    drivers = windows.drivers.copy()
    drivers[2] = 0.0
    units = windows.units.copy()
    units[2] = 4.0
    told = excel_rule(windows._replace(drivers=drivers, units=units))
    assert told.mean[2] == pytest.approx(7 * 4.0 * 3.0)


def test_the_naive_week_repeats_itself_and_its_range_is_ordered():
    windows = some_windows()
    units = windows.units.copy()
    units[:, -7:] = np.arange(7.0)
    told = seasonal_naive(windows._replace(units=units))
    assert told.mean.tolist() == [21.0, 21.0]
    assert (np.diff(told.quantiles, axis=1) >= 0).all()


def test_a_closed_day_ahead_sells_nothing():
    windows = some_windows()
    is_open = windows.is_open_ahead.copy()
    is_open[0, 30] = False
    told = excel_rule(windows._replace(is_open_ahead=is_open))
    assert told.mean.tolist() == [180.0, 210.0]


def test_unknown_days_take_the_day_before():
    windows = some_windows(n_series=1, n_days=8)
    units, known = np.arange(8.0)[None, :], np.ones((1, 8), dtype=bool)
    known[0, [0, 3, 4]] = False
    assert filled(windows._replace(units=units, is_known=known)).tolist() == [
        [1, 1, 2, 2, 2, 5, 6, 7]
    ]


def test_an_unknown_day_inside_does_not_end_a_promotion_an_ordinary_one_does():
    windows = some_windows(n_series=1)
    known = windows.is_known.copy()
    known[0, 37] = False
    assert promo_runs(windows._replace(is_known=known)).tolist() == [[0, 35, 42]]
    drivers = windows.drivers.copy()
    drivers[0, 37] = 0.0
    assert promo_runs(windows._replace(drivers=drivers)).tolist() == [[0, 35, 37], [0, 38, 42]]


def test_independent_days_add_their_variances():
    windows = some_windows(n_series=1)
    told = of_normal(windows, np.full((1, 35), 10.0), np.full((1, 35), 2.0))
    assert told.mean.tolist() == [70.0]
    upper = told.quantiles[0, LEVELS.index(0.9)]
    assert upper == pytest.approx(70 + 1.2816 * 2 * np.sqrt(7), abs=1e-3)


def test_a_missing_package_is_named_with_the_remedy():
    with pytest.raises(PlannerError, match=r"no_such_peer.*pip install -e \".\[bench\]\""):
        package("no_such_peer")


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # the packages' own, about the versions they meet
@pytest.mark.parametrize("name", [name for name in PEERS if name not in ("snaive", "excel")])
def test_each_peer_tells_ordered_totals_between_ordinary_days_and_promotion(name):
    needed = NEEDS.get(name, "prophet")
    if importlib.util.find_spec(needed) is None:
        pytest.skip(f"{needed} is not installed; extra bench")
    windows = noisy_windows()
    told = PEERS[name].forecast(windows)
    assert told.mean.shape == (8,)
    assert told.quantiles.shape == (8, len(LEVELS))
    assert (np.diff(told.quantiles, axis=1) >= 0).all()
    assert (told.quantiles >= 0).all()
    # 28 promo days of 30, or of 10 for a peer that knows of no promotion.
    assert 28 * 10 * 0.8 < told.mean.mean() < 28 * 30 * 1.3
