"""Ranges that past promotions show to be too wide are narrowed, and the other way round."""

import numpy as np
import pandas as pd
import pytest

from planner.demand import pooling, promotions
from planner.demand.calibration import RANGE, calibrated_noise, spread_factor
from planner.demand.clean import PHASE_CODES, Panel

N_SERIES, N_DAYS, EVERY, LENGTH = 40, 360, 30, 5


def a_panel(shock_sd: float, *, seed: int = 1) -> Panel:
    """Return SKUs of 50 a day that sell double in a promotion a month, each with its own luck."""
    rng = np.random.default_rng(seed)
    phase = np.zeros((N_SERIES, N_DAYS), dtype=int)
    event = np.full((N_SERIES, N_DAYS), -1)
    mean = np.full((N_SERIES, N_DAYS), 50.0)
    starts = range(20, N_DAYS - LENGTH, EVERY)
    for code, start in enumerate(starts):
        days = slice(start, start + LENGTH)
        phase[:, days], event[:, days] = PHASE_CODES["sale"], code
        mean[:, days] *= 2.0 * np.exp(rng.normal(0, shock_sd, N_SERIES))[:, None]
    keys = pd.DataFrame({
        "shop": "one", "market": "TH", "sku": [f"s{i:02d}" for i in range(N_SERIES)],
        "category": "",
    })  # fmt: skip
    everywhere = np.ones(mean.shape, dtype=bool)
    return Panel(
        keys=keys,
        first_on=pd.Timestamp("2025-01-01"),
        units=rng.poisson(mean).astype(float),
        is_known=everywhere,
        is_stock_out=~everywhere,
        phase=phase,
        event=event,
        events=tuple(f"e{code}" for code in range(len(starts))),
    )


def factor_of(panel: Panel, *, told_sd: float) -> float:
    expected = np.full(panel.units.shape, 50.0)
    runs = promotions.past_runs(panel, expected, panel.is_clean, phase="sale", kinds={})
    words = np.array([""] * N_SERIES, dtype=object)
    target = pooling.Target(
        words, words, np.zeros(N_SERIES), np.full(N_SERIES, 0.5), np.zeros((N_SERIES, 0))
    )
    ones = np.ones(N_SERIES)
    pooled = pooling.pool(runs, target, dispersion=ones, seller_dispersion=1.0)
    return spread_factor(
        panel,
        factor=np.ones(panel.units.shape),
        is_clean=panel.is_clean,
        half_life_days=42.0,
        drift_variance=np.full(N_SERIES, told_sd**2),
        dispersion=ones,
        runs=runs,
        pooled=pooled,
        lead_days=28,
    )


def test_ranges_far_too_wide_are_narrowed():
    assert factor_of(a_panel(0.05), told_sd=0.5) < 0.7


def test_ranges_that_fit_stay_as_they_are():
    assert factor_of(a_panel(0.2), told_sd=0.05) == pytest.approx(1.0, abs=0.15)


def test_the_factor_knows_bounds():
    assert RANGE[0] <= factor_of(a_panel(0.0), told_sd=3.0) <= RANGE[1]


def test_without_enough_past_promotions_nothing_is_changed():
    short = a_panel(0.2)
    few = Panel(**{**vars(short), "units": short.units[:, :60], "is_known": short.is_known[:, :60],
                   "is_stock_out": short.is_stock_out[:, :60], "phase": short.phase[:, :60],
                   "event": short.event[:, :60]})  # fmt: skip
    assert factor_of(few, told_sd=0.5) == 1.0


def test_noise_narrows_with_the_ranges_down_to_that_of_counts_and_never_widens():
    dispersion = np.array([1.0, 2.0, 9.0])
    assert calibrated_noise(dispersion, 0.5).tolist() == [1.0, 1.0, 9.0 / 4]
    assert calibrated_noise(dispersion, 1.6).tolist() == dispersion.tolist()
