"""Spikes, day noise and drift: what is put in is found again."""

import numpy as np
import pytest

from planner.demand import level, spread


def all_of(values: np.ndarray) -> np.ndarray:
    return np.ones(values.shape, dtype=bool)


def test_sales_that_never_spike_keep_their_level():
    values = np.full((2, 50), 6.0)
    ratio = spread.spike_ratio(values, values, all_of(values), np.array([6.0, 6.0]))
    assert ratio == pytest.approx([1.0, 1.0])


def test_the_mass_of_a_spike_is_spread_over_the_whole_history():
    raw, cut = np.full((1, 28), 10.0), np.full((1, 28), 10.0)
    raw[0, 20], cut[0, 20] = 290.0, 10.0
    # own ratio 560 / 280 = 2, the seller's is the same, so shrinking changes nothing
    assert spread.spike_ratio(raw, cut, all_of(raw), np.array([10.0])) == pytest.approx([2.0])


def test_poisson_days_have_a_variance_like_their_mean():
    rng = np.random.default_rng(3)
    units = rng.poisson(8.0, (200, 150)).astype(float)
    noise = spread.day_noise(units, np.full(units.shape, 8.0), all_of(units))
    assert np.median(noise.dispersion) == pytest.approx(1.0, abs=0.06)
    assert noise.pooled == pytest.approx(1.0, abs=0.03)


def test_overdispersed_days_are_found_again():
    rng = np.random.default_rng(4)
    units = rng.poisson(rng.gamma(8.0 / 2.0, 2.0, (200, 150))).astype(float)
    noise = spread.day_noise(units, np.full(units.shape, 8.0), all_of(units))
    assert np.median(noise.dispersion) == pytest.approx(3.0, abs=0.25)


def test_silent_series_have_the_dispersion_of_chance():
    units = np.zeros((3, 40))
    noise = spread.day_noise(units, units, all_of(units))
    assert (noise.dispersion >= 1.0).all()
    assert noise.pooled == 1.0


def test_levels_that_stay_drift_little_and_levels_that_wander_drift_much():
    rng = np.random.default_rng(5)

    def drift_of(sd: float) -> spread.Drift:
        steps = rng.normal(0.0, sd, (60, 7)).cumsum(axis=1)
        values = 50.0 * np.exp(np.repeat(steps, 28, axis=1)[:, :180])
        return spread.lead_drift(
            values, values, all_of(values), half_life_days=28.0,
            dispersion=np.ones(60), lift=np.ones(60),
        )  # fmt: skip

    assert drift_of(0.0).own_sd < 0.1
    assert drift_of(0.3).own_sd == pytest.approx(0.4, abs=0.12)


def test_what_all_skus_do_together_is_common_drift():
    values = np.full((40, 180), 30.0)
    values[:, 130:] *= 1.8
    drift = spread.lead_drift(
        values, values, all_of(values), half_life_days=28.0,
        dispersion=np.ones(40), lift=np.ones(40),
    )  # fmt: skip
    assert drift.common_sd > 0.2
    assert drift.own_sd < 0.1


def test_a_short_history_keeps_the_prior_drift():
    values = np.full((5, 40), 9.0)
    drift = spread.lead_drift(
        values, values, all_of(values), half_life_days=28.0,
        dispersion=np.ones(5), lift=np.ones(5),
    )  # fmt: skip
    assert drift.own_sd == pytest.approx(spread.OWN_DRIFT_SD)
    assert drift.common_sd == pytest.approx(spread.COMMON_DRIFT_SD)
    assert level.pseudo_origins(40) == []


def test_what_is_not_known_ahead_is_added_as_a_variance_up_to_the_most_believed():
    known = np.array([0.3, 0.3])
    found = spread.with_unknown(known, np.array([0.16, 9.0]))
    assert found == pytest.approx([0.5, np.sqrt(0.09 + spread.MAX_LOG_VARIANCE)])
