"""The record of replayed events: worked by hand, sliced, honest about what has no range."""

import numpy as np
import pandas as pd
import pytest

from planner import tables
from planner.demand import record
from planner.demand.backtest import LEVELS


def a_replay(*rows: dict[str, object]) -> pd.DataFrame:
    """Return `Backtest` rows; without more said, one SKU of one event forecast exactly."""
    plain = {
        "shop": "th-one", "market": "TH", "sku": "x", "event": "8.8", "kind": "double_date",
        "starts_on": pd.Timestamp("2025-08-08"), "cut_off_on": pd.Timestamp("2025-07-11"),
        "lead_days": 28, "past_events": 1, "actual_units": 10.0, "mean_units": 10.0,
        "rule_units": 20.0, "naive_units": 4.0, "is_covered": True,
    } | {"q025_units": 5.0, "q10_units": 7.0, "q50_units": 10.0, "q80_units": 12.0,
         "q90_units": 13.0, "q95_units": 14.0, "q975_units": 15.0}  # fmt: skip
    return tables.checked(tables.Backtest, pd.DataFrame([plain | row for row in rows]))


TWO = ({}, {"sku": "y", "actual_units": 30.0, "mean_units": 24.0, "rule_units": 10.0})


def of(found: pd.DataFrame, part: str, method: str, value: str = "") -> pd.Series:
    rows = found[(found["slice"] == part) & (found["method"] == method) & (found["value"] == value)]
    assert len(rows) == 1
    return rows.iloc[0]


def test_wape_bias_and_added_value_are_those_worked_by_hand():
    found = record.record_of(a_replay(*TWO))
    ours, rule, naive = (of(found, "all", name) for name in ("ours", "rule", "naive"))
    assert ours["wape_rate"] == pytest.approx(6 / 40)
    assert ours["bias_rate"] == pytest.approx(-6 / 40)
    assert rule["wape_rate"] == pytest.approx((10 + 20) / 40)
    assert naive["wape_rate"] == pytest.approx((6 + 26) / 40)
    assert ours["added_value_rate"] == pytest.approx(30 / 40 - 6 / 40)
    assert np.isnan(rule["added_value_rate"])


def test_coverage_counts_windows_and_a_method_without_ranges_has_none():
    found = record.record_of(a_replay(*TWO))
    assert of(found, "all", "ours")[["covered_80_rate", "covered_95_rate"]].tolist() == [0.5, 0.5]
    assert found.loc[found["method"] != "ours", "covered_80_rate"].isna().all()


def test_the_quantile_loss_of_a_single_figure_is_that_figure_at_every_level():
    found = record.record_of(a_replay({}))
    # 20 said, 10 came: (1 - level) x 10 at .5 .8 .9 .95, mean 2.125, doubled, over 10
    assert of(found, "all", "rule")["quantile_loss_rate"] == pytest.approx(0.425)


def test_slices_part_markets_kinds_events_and_past_promotions():
    rows = (
        *TWO,
        {"market": "US", "event": "bf", "kind": "black_friday", "past_events": 7},
        {"market": "US", "event": "bf", "kind": "black_friday", "past_events": 4, "sku": "y"},
    )
    found = record.record_of(a_replay(*rows))
    ours = found[found["method"] == "ours"]
    counts = ours.set_index(["slice", "value"])["window_count"].to_dict()
    assert counts == {
        ("all", ""): 4, ("market", "TH"): 2, ("market", "US"): 2, ("kind", "double_date"): 2,
        ("kind", "black_friday"): 2, ("past_events", "1"): 2, ("past_events", "3"): 2,
        ("event", "2025-08-08 8.8"): 2, ("event", "2025-08-08 bf"): 2,
    }  # fmt: skip
    assert of(found, "all", "ours")["event_count"] == 2


def test_two_editions_of_one_name_are_two_events():
    later = {"starts_on": pd.Timestamp("2026-08-08"), "cut_off_on": pd.Timestamp("2026-07-11")}
    found = record.record_of(a_replay({}, later))
    assert of(found, "all", "ours")["event_count"] == 2


def test_an_event_that_sold_nothing_has_no_wape_rather_than_one_of_zero():
    found = record.record_of(a_replay({"actual_units": 0.0}))
    assert np.isnan(of(found, "all", "ours")["wape_rate"])


def test_peers_stand_beside_the_methods_on_the_same_windows():
    replay = a_replay(*TWO)
    peer = record.told_by(replay)
    peer = peer[peer["method"] == "ours"].assign(method="prophet", point=40.0)
    found = record.record_of(replay, peers=peer)
    assert of(found, "all", "prophet")["wape_rate"] == pytest.approx((30 + 10) / 40)


def test_an_unknown_lower_end_leaves_the_95_range_unknown():
    found = record.record_of(a_replay({"q025_units": np.nan}))
    assert np.isnan(of(found, "all", "ours")["covered_95_rate"])
    assert of(found, "all", "ours")["covered_80_rate"] == 1.0


def test_no_replay_gives_an_empty_record_of_the_right_form():
    found = record.record_of(tables.empty(tables.Backtest))
    assert found.empty
    assert list(found.columns) == tables.columns(tables.Record)
    assert set(LEVELS) < set(tables.columns(tables.Backtest))
