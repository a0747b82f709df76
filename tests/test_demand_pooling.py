"""Many past promotions against one: shrinking from seller to SKU, worked by hand."""

import numpy as np
import pytest

from planner.demand import pooling, shocks


def runs(
    sold: list[float],
    expected: list[float],
    *,
    series: list[int] | None = None,
    occurrence: list[int] | None = None,
    kind: list[str] | None = None,
    category: list[str] | None = None,
    depth: list[float] | None = None,
) -> pooling.Runs:
    n = len(sold)
    return pooling.Runs(
        series=np.array(series if series is not None else range(n), dtype=int),
        occurrence=np.array(occurrence if occurrence is not None else [0] * n, dtype=int),
        event=np.array(["an event"] * n, dtype=object),
        kind=np.array(kind or ["double_date"] * n, dtype=object),
        category=np.array(category or ["home"] * n, dtype=object),
        sold=np.array(sold, dtype=float),
        expected=np.array(expected, dtype=float),
        around=np.full(n, 1e6),
        drivers=np.array(depth or [np.nan] * n, dtype=float)[:, None],
        start=np.arange(n),
        days=np.ones(n, dtype=int),
        is_memory=np.zeros(n, dtype=bool),
    )


def target(
    n: int,
    *,
    kind: str = "double_date",
    category: str = "home",
    ratio: float = 2.0,
    sd: float = 0.5,
    depth: float = np.nan,
) -> pooling.Target:
    return pooling.Target(
        kind=np.array([kind] * n, dtype=object),
        category=np.array([category] * n, dtype=object),
        log_prior=np.full(n, np.log(ratio)),
        prior_sd=np.full(n, sd),
        drivers=np.full((n, 1), depth),
    )


def pooled(past: pooling.Runs, ahead: pooling.Target) -> pooling.Pooled:
    n = len(ahead.kind)
    return pooling.pool(past, ahead, dispersion=np.ones(n), seller_dispersion=1.0)


def test_without_any_past_the_shipped_ratio_stands_with_a_wide_spread():
    found = pooled(runs([], []), target(2, ratio=2.5, sd=0.6))
    assert np.exp(found.log_ratio).tolist() == pytest.approx([2.5, 2.5])
    assert (found.own_weight == 0).all()
    assert np.isnan(found.own_log_ratio).all()
    assert found.log_sd[0] == pytest.approx(np.sqrt(0.6**2 + 0.3**2))


def test_many_events_of_many_skus_outweigh_the_shipped_ratio():
    n = 40
    past = runs([300.0] * n, [100.0] * n, occurrence=[i % 8 for i in range(n)])
    found = pooled(past, target(n, ratio=1.0))
    assert np.exp(found.log_ratio) == pytest.approx(np.full(n, 3.0), rel=0.05)
    assert found.data_weight[0] > 0.98


def test_one_event_weighs_by_how_far_events_lie_apart():
    found = pooled(runs([3000.0], [1000.0]), target(1))
    # no other event tells: shock 0.18^2, halfway to the prior 0.3^2, and 1 / 3001 for chance
    variance = (0.3**2 + 0.18**2) / 2 + 1 / 3001
    assert found.data_weight[0] == pytest.approx(0.25 / (0.25 + variance))


def test_a_single_event_lies_between_what_it_showed_and_the_shipped_ratio():
    found = pooled(runs([400.0] * 6, [100.0] * 6), target(6, ratio=2.0))
    assert (np.exp(found.log_ratio) < 4.0).all()
    assert (np.exp(found.log_ratio) > 3.0).all()


def test_a_sku_unlike_the_others_keeps_part_of_its_own_ratio():
    n = 30
    series = [s for s in range(n) for _ in range(3)]
    occurrence = [e for _ in range(n) for e in range(3)]
    rng = np.random.default_rng(1)
    own = np.repeat(np.exp(rng.normal(0, 0.5, n)), 3)
    past = runs((3.0 * own * 400).tolist(), [400.0] * (3 * n), series=series, occurrence=occurrence)
    found = pooled(past, target(n))
    truth = np.log(3.0 * own[::3])
    assert np.corrcoef(found.log_ratio, truth)[0, 1] > 0.99
    assert np.ptp(found.log_ratio) < np.ptp(truth)
    assert (found.own_weight > 0.8).all()
    assert found.past_runs.tolist() == [3] * n


def test_small_skus_weigh_less_in_their_own_ratio():
    past = runs([600.0, 6.0], [200.0, 2.0])
    found = pooled(past, target(2))
    assert found.own_weight[0] > 2 * found.own_weight[1]
    assert found.own_log_ratio == pytest.approx([np.log(601 / 201), np.log(7 / 3)])


def test_a_kind_of_event_has_a_ratio_of_its_own():
    past = runs(
        [1500.0] * 8 + [500.0] * 8,
        [500.0] * 16,
        series=[0] * 16,
        occurrence=list(range(16)),
        kind=["double_date"] * 8 + ["payday"] * 8,
    )
    big, small = (
        np.exp(pooled(past, target(1, kind=kind)).log_ratio[0])
        for kind in ("double_date", "payday")
    )
    assert big == pytest.approx(3.0, rel=0.2)
    assert small == pytest.approx(1.0, rel=0.2)


def test_a_kind_seen_once_stays_near_the_seller():
    past = runs(
        [1000.0] * 8 + [4000.0],
        [500.0] * 9,
        series=[0] * 9,
        occurrence=list(range(9)),
        kind=["double_date"] * 8 + ["black_friday"],
    )
    friday = np.exp(pooled(past, target(1, kind="black_friday")).log_prior[0])
    assert 2.0 < friday < 4.5


def test_a_category_moves_those_in_it_alone():
    past = runs(
        [3000.0] * 4 + [1500.0] * 4,
        [1000.0] * 8,
        series=[0] * 4 + [1] * 4,
        occurrence=[0, 1, 2, 3] * 2,
        category=["beauty"] * 4 + ["home"] * 4,
    )
    ahead = pooling.Target(
        kind=np.array(["double_date"] * 2, dtype=object),
        category=np.array(["beauty", "home"], dtype=object),
        log_prior=np.full(2, np.log(2.0)),
        prior_sd=np.full(2, 0.5),
        drivers=np.full((2, 1), np.nan),
    )
    beauty, home = np.exp(pooled(past, ahead).log_prior)
    assert beauty == pytest.approx(3.0, rel=0.1)
    assert home == pytest.approx(1.5, rel=0.1)


def test_deeper_discounts_are_expected_to_sell_more_where_they_did():
    depth = [0.1, 0.5] * 20
    past = runs(
        [1500.0 if d < 0.3 else 3000.0 for d in depth],
        [1000.0] * 40,
        series=[0] * 40,
        occurrence=list(range(40)),
        depth=depth,
    )
    shallow, deep, unknown = (
        pooled(past, target(1, depth=d)).log_ratio[0] for d in (0.1, 0.5, np.nan)
    )
    assert shallow < unknown < deep


def test_spreads_of_nothing_are_the_prior_ones():
    nothing = np.zeros(0)
    spreads = shocks.told_spreads(nothing, nothing, series=nothing.astype(int), shock=0.18**2)
    assert spreads.within == pytest.approx(0.045)
    assert spreads.between == pytest.approx(0.045)
    assert spreads.shock == pytest.approx(0.18**2)


def shocked(sd: float) -> pooling.Pooled:
    """Return fifty SKUs of one ratio in twelve events, each event moved by a shock of its own."""
    rng = np.random.default_rng(2)
    n, events = 50, 12
    occurrence = np.tile(np.arange(events), n)
    moved = np.exp(rng.normal(0, 0.1, n * events) + rng.normal(0, sd, events)[occurrence])
    past = runs(
        (2000.0 * moved).tolist(),
        [1000.0] * n * events,
        series=np.repeat(np.arange(n), events).tolist(),
        occurrence=occurrence.tolist(),
    )
    return pooled(past, target(n))


def test_events_that_move_all_skus_at_once_show_a_common_shock():
    assert float(shocked(0.0).common_log_sd) < 0.12
    assert float(shocked(0.4).common_log_sd) == pytest.approx(0.4, abs=0.15)


def test_a_shock_that_all_skus_share_does_not_widen_each_skus_own_range():
    calm, moved = shocked(0.0), shocked(0.4)
    assert np.sqrt(moved.others_variance.mean()) < np.sqrt(calm.others_variance.mean()) + 0.05


def test_what_the_other_runs_say_of_a_run_leaves_that_run_out():
    past = runs([900.0, 300.0, 300.0], [300.0] * 3, series=[0, 0, 0], occurrence=[0, 1, 2])
    found = pooled(past, target(1))
    assert found.others_log_ratio[0] < found.others_log_ratio[1]
    assert (found.others_variance > 0).all()


def test_a_sku_that_is_only_remembered_teaches_its_category_and_no_series():
    past = runs([900.0] * 5, [300.0] * 5, series=[-1] * 5, occurrence=list(range(5)))
    found = pooled(past, target(1, ratio=1.0))
    assert np.exp(found.log_ratio[0]) > 2.5
    assert found.own_weight.tolist() == [0.0]


def test_half_of_what_the_sum_of_a_kind_fell_short_by_is_made_good():
    every = np.ones(4, dtype=bool)
    past = runs([400.0] * 3 + [90.0], [100.0] * 4, occurrence=[0, 1, 2, 3], kind=[*"aaab"])
    # told 300 where 1200 were sold, 30 pseudo-units behind both, and three events count as 2 of 4
    missing = pooling._missing_in_sums(past, every, np.zeros(4), 1.0)
    assert missing["a"] == pytest.approx(0.5 * (2 / 4) * np.log(1230 / 330))
    assert missing["b"] == 0.0  # seen once
    right = pooling._missing_in_sums(past, every, np.full(4, np.log(4.0)), 1.0)
    assert right["a"] == pytest.approx(0.0)


def test_parts_of_a_ratio_add_up_to_it():
    past = runs([90.0, 20.0, 45.0, 10.0], [30.0, 9.0, 10.0, 5.0], series=[0, 0, 1, 2])
    found = pooled(past, target(3))
    assert found.effects.sum(axis=1) == pytest.approx(found.log_ratio)
