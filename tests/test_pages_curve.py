"""Figures of the day curve: a point per day, an even share beside it, both languages."""

import numpy as np
import pandas as pd
import pytest

from planner.demand.ripples import effects_ahead
from planner.pages import blocks, charts_curve
from planner.words import say


def a_curve(past_events: int = 3) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "market": "TH",
            "phase": "sale",
            "day": pd.date_range("2025-11-11", periods=3),
            "phase_day": [1, 2, 3],
            "share_rate": [0.5, 0.3, 0.2],
            "share_low_rate": [0.4, 0.25, 0.15],
            "share_high_rate": [0.6, 0.36, 0.26],
            "source": "portfolio",
            "past_events": past_events,
        }
    )


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_curve_shows_its_shares_their_range_and_the_even_share(lang):
    figure = charts_curve.day_curve(a_curve(), lang)
    line, even = figure.data
    assert line.name == say("phase.sale", lang)
    assert list(line.y) == [0.5, 0.3, 0.2]
    assert list(line.error_y.array) == pytest.approx([0.1, 0.06, 0.06])
    assert list(line.error_y.arrayminus) == pytest.approx([0.1, 0.05, 0.05])
    assert list(even.y) == pytest.approx([0.3333] * 3)
    told = f"{say('phase.sale', lang)} 3"
    assert any(told in note.text for note in figure.layout.annotations)


def test_without_past_events_the_note_says_that_the_curve_is_the_shipped_one():
    figure = charts_curve.day_curve(a_curve(0), "en")
    assert any("shipped" in note.text for note in figure.layout.annotations)


def test_the_horizon_by_day_adds_up_the_skus():
    days = pd.date_range("2025-11-11", periods=2)
    rows = pd.DataFrame(
        {
            "market": "TH",
            "sku": ["A", "A", "B", "B"],
            "phase": "sale",
            "day": [*days, *days],
            "mean_units": [5.0, 3.0, 1.0, 2.0],
            "q10_units": [2.0, 1.0, 0.0, 0.0],
            "q90_units": [9.0, 6.0, 3.0, 4.0],
        }
    )
    together = pd.DataFrame(
        {
            "market": "TH",
            "phase": "sale",
            "draws": [np.linspace(0, 16, 101), np.linspace(0, 6, 101)],
        }
    )
    low, high, mean = charts_curve.horizon_by_day(rows, together, "en").data
    assert (list(low.y), list(high.y), list(mean.y)) == ([2, 1], [12, 10], [6, 5])
    alone = charts_curve.horizon_by_day(rows, together, "en", sku="A")
    assert list(alone.data[2].y) == [5, 3]
    # One world's gain is the other's loss: the sum is as sure as 16 - 6 are apart, 10 of 22.
    apart = together.assign(draws=[np.linspace(0, 16, 101), np.linspace(6, 0, 101)])
    low, high, _ = charts_curve.horizon_by_day(rows, apart, "en").data
    assert list(low.y) == pytest.approx([6 - 4 * 10 / 22, 5 - 4 * 10 / 22], abs=0.06)
    assert list(high.y) == pytest.approx([6 + 6 * 10 / 22, 5 + 5 * 10 / 22], abs=0.06)


def test_a_day_that_an_event_lifts_bears_its_name_without_the_year():
    days = pd.date_range("2025-10-09", periods=3)
    rows = pd.DataFrame(
        {"market": "TH", "sku": "A", "phase": "before", "day": days,
         "mean_units": [5.0, 12.0, 6.0], "q10_units": 2.0, "q90_units": 15.0}
    )  # fmt: skip
    draws = pd.DataFrame({"market": "TH", "phase": "before", "draws": [np.arange(10.0)]})
    events = pd.DataFrame(
        {"market": ["TH", "TH", "US"], "phase": "sale",
         "event": ["2025-10.10", "payday", "else"], "starts_on": days[[1, 2, 1]]}
    )  # fmt: skip
    figure = charts_curve.horizon_by_day(rows, draws, "en", events=events)
    assert [note.text for note in figure.layout.annotations] == ["10.10"]


def test_causes_are_told_by_their_words_and_an_event_by_its_name():
    keys = {"shop": "a", "market": "TH", "sku": "S", "phase": "after", "baseline_units": 10.0}
    quiet = pd.DataFrame([keys | {"cause": "dip_1_7", "day_ratio": 0.9},
                          keys | {"cause": "12.12", "day_ratio": 2.0}])  # fmt: skip
    quiet = quiet.assign(day=pd.date_range("2025-12-11", periods=2), own_sd=0.0, common_sd=0.1)
    uplift = pd.DataFrame(
        {"shop": ["a"], "market": "TH", "sku": "S", "phase": "sale", "uplift_ratio": 2.0,
         "log_sd": 0.1}
    )  # fmt: skip
    told = effects_ahead(quiet, uplift=uplift, rippled=uplift)
    assert told["added_units"].to_list() == pytest.approx([10.0, -1.0])
    shown = str(blocks.show_table(told, "zh")._repr_mimebundle_())
    assert say("cause.dip_1_7", "zh") in shown
    assert "12.12" in shown
