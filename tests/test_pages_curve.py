"""Figures of the day curve: a point per day, an even share beside it, both languages."""

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
    assert any("3" in note.text for note in figure.layout.annotations)


def test_without_past_events_the_note_says_that_the_curve_is_the_shipped_one():
    figure = charts_curve.day_curve(a_curve(0), "en")
    assert any("shipped" in note.text for note in figure.layout.annotations)


def test_the_horizon_by_day_adds_up_the_skus():
    days = pd.date_range("2025-11-11", periods=2)
    rows = pd.DataFrame(
        {
            "sku": ["A", "A", "B", "B"],
            "day": [*days, *days],
            "mean_units": [5.0, 3.0, 1.0, 2.0],
            "q10_units": [2.0, 1.0, 0.0, 0.0],
            "q90_units": [9.0, 6.0, 3.0, 4.0],
        }
    )
    low, high, mean = charts_curve.horizon_by_day(rows, "en").data
    assert (list(low.y), list(high.y), list(mean.y)) == ([2, 1], [12, 10], [6, 5])
    assert list(charts_curve.horizon_by_day(rows, "en", sku="A").data[2].y) == [5, 3]


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
