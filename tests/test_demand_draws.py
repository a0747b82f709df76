"""Draws: right means, right spread, the same worlds for all, and nothing left to chance."""

import numpy as np
import pytest
from scipy.stats import nbinom

from planner.demand import draws


def doubt(n: int, **changed: object) -> draws.Doubt:
    calm = {
        "dispersion": np.ones(n),
        "drift_sd": np.zeros(n),
        "common_drift_sd": 0.0,
        "ratio_sd": np.zeros((n, 1)),
        "common_ratio_sd": np.zeros(1),
    }
    return draws.Doubt(**(calm | changed))


def drawn(expected: list[float], seen: draws.Doubt, **options: object) -> np.ndarray:
    names = [f"S{i}" for i in range(len(expected))]
    known = {"names": names, "event": "11.11", "seed_text": "demo|day"} | options
    return draws.draw_totals(np.array(expected)[:, None], seen, **known)[:, 0]


def test_without_doubt_a_total_is_poisson():
    worlds = drawn([100.0] * 40, doubt(40))
    assert worlds.mean() == pytest.approx(100.0, rel=0.01)
    assert worlds.var(axis=1).mean() == pytest.approx(100.0, rel=0.05)


def test_dispersion_is_variance_over_mean():
    worlds = drawn([100.0] * 40, doubt(40, dispersion=np.full(40, 4.0)))
    assert worlds.var(axis=1).mean() == pytest.approx(400.0, rel=0.07)


def test_doubt_widens_and_keeps_the_mean():
    sure = drawn([1000.0] * 20, doubt(20))
    unsure = drawn([1000.0] * 20, doubt(20, drift_sd=np.full(20, 0.5)))
    assert unsure.mean() == pytest.approx(sure.mean(), rel=0.02)
    assert np.log(unsure).std(axis=1).mean() == pytest.approx(0.5, rel=0.03)


def test_skus_share_the_worlds_of_seller_and_event():
    alone = drawn([500.0] * 30, doubt(30, drift_sd=np.full(30, 0.3)))
    together = drawn([500.0] * 30, doubt(30, common_ratio_sd=np.array([0.3])))
    sd_alone, sd_together = alone.sum(axis=0).std(), together.sum(axis=0).std()
    assert sd_together > 4 * sd_alone
    assert np.corrcoef(together)[0, 1] > 0.9
    assert abs(np.corrcoef(alone)[0, 1]) < 0.2


def test_phases_of_one_sku_share_its_drift():
    seen = doubt(
        1,
        drift_sd=np.array([0.4]),
        ratio_sd=np.zeros((1, 2)),
        common_ratio_sd=np.zeros(2),
    )
    worlds = draws.draw_totals(
        np.array([[400.0, 900.0]]),
        seen,
        names=["S0"],
        event="e",
        seed_text="demo",
        phases=("warm_up", "sale"),
    )
    assert np.corrcoef(worlds[0])[0, 1] > 0.95


def test_every_phase_is_named():
    one = doubt(1, ratio_sd=np.zeros((1, 2)), common_ratio_sd=np.zeros(2))
    with pytest.raises(ValueError, match="zip"):
        draws.draw_totals(np.ones((1, 2)), one, names=["S0"], event="e", seed_text="demo")


def test_the_same_text_gives_the_same_draws_and_another_text_others():
    seen = doubt(2, drift_sd=np.full(2, 0.2))
    first = drawn([30.0, 50.0], seen)
    assert (first == drawn([30.0, 50.0], seen)).all()
    assert (first != drawn([30.0, 50.0], seen, seed_text="demo|other")).any()


def test_a_sku_keeps_its_draws_when_another_one_joins():
    one = drawn([30.0], doubt(1, drift_sd=np.array([0.2])), names=["a"])
    two = drawn([30.0, 50.0], doubt(2, drift_sd=np.full(2, 0.2)), names=["a", "b"])
    assert (one[0] == two[0]).all()


def test_nothing_expected_draws_nothing_and_no_draw_is_broken():
    worlds = drawn([0.0, 1e12], doubt(2, drift_sd=np.full(2, 0.9)))
    assert (worlds[0] == 0).all()
    assert np.isfinite(worlds).all()
    assert (worlds == np.round(worlds)).all()


def test_a_sku_keeps_its_draws_wherever_it_stands_among_many():
    names = [f"S{i}" for i in range(200)]
    seen = doubt(200, drift_sd=np.full(200, 0.3), dispersion=np.full(200, 2.0))
    many = drawn([8.0] * 200, seen, names=names)
    alone = drawn([8.0], doubt(1, drift_sd=np.array([0.3]), dispersion=np.array([2.0])))
    assert (many[0] == alone[0]).all()
    backwards = drawn([8.0] * 200, seen, names=names[::-1])
    assert (many == backwards[::-1]).all()


@pytest.mark.parametrize(
    ("mean", "dispersion"),
    [(0.4, 1.0), (3.0, 1.5), (12.0, 6.0), (5.0, 1.0), (25.0, 1.5), (60.0, 4.0), (400.0, 20.0)],
)
def test_few_and_many_units_follow_the_same_law(mean: float, dispersion: float):
    seen = doubt(60, dispersion=np.full(60, dispersion))
    worlds = drawn([mean] * 60, seen)
    share = 1 / max(dispersion, 1 + draws.MIN_EXCESS)
    law = nbinom(mean * share / (1 - share), share)
    told = np.quantile(worlds, [0.05, 0.5, 0.8, 0.95])
    within = max(0.05 * np.sqrt(mean * dispersion), 1.0)
    assert np.abs(told - law.ppf([0.05, 0.5, 0.8, 0.95])).max() <= within
    assert worlds.mean() == pytest.approx(mean, rel=0.02)
    assert worlds.std() == pytest.approx(law.std(), rel=0.05)


def test_skus_that_share_orders_do_not_move_together():
    seen = doubt(400, drift_sd=np.full(400, 0.4))
    worlds = np.log1p(drawn([500.0] * 400, seen))
    found = np.corrcoef(worlds)[np.triu_indices(400, 1)]
    assert abs(found.mean()) < 0.005
    assert np.abs(found).max() < 0.5


def test_a_series_that_stays_out_of_the_event_has_no_part_in_its_shock():
    shock = np.array([[0.4], [0.4], [0.0]])
    inside, beside, outside = drawn([5000.0] * 3, doubt(3, common_ratio_sd=shock))
    assert np.corrcoef(inside, beside)[0, 1] > 0.9
    assert abs(np.corrcoef(inside, outside)[0, 1]) < 0.2
    assert outside.std() < 0.3 * inside.std()


def two_phases(seen: draws.Doubt) -> np.ndarray:
    return draws.draw_totals(
        np.full((1, 2), 4000.0),
        seen,
        names=["S0"],
        event="e",
        seed_text="demo",
        phases=["warm_up", "sale"],
    )[0]


def test_a_warm_up_that_surprises_says_nothing_of_the_sale():
    for shared, own in ((0.3, 0.0), (0.0, 0.3)):
        doubt_of_two = doubt(1, ratio_sd=np.full((1, 2), own), common_ratio_sd=np.full(2, shared))
        worlds = two_phases(doubt_of_two)
        assert abs(np.corrcoef(worlds)[0, 1]) < 0.15
        # variances add up: sqrt(2) times the spread of one phase, not twice
        assert worlds.sum(axis=0).std() / worlds[0].std() == pytest.approx(np.sqrt(2), rel=0.12)


def test_a_phase_keeps_its_draws_when_another_one_joins():
    seen = doubt(1, ratio_sd=np.full((1, 2), 0.3), common_ratio_sd=np.full(2, 0.2))
    alone = seen._replace(ratio_sd=np.full((1, 1), 0.3), common_ratio_sd=np.full(1, 0.2))
    one = draws.draw_totals(
        np.full((1, 1), 4000.0),
        alone,
        names=["S0"],
        event="e",
        seed_text="demo",
        phases=["warm_up"],
    )
    assert (one[0, 0] == two_phases(seen)[0]).all()
