"""The forecast benchmark: who sees what, and that it says what it measured."""

import json

import pandas as pd
import pytest

from benchmarks import forecast, results


@pytest.fixture(scope="module")
def case() -> forecast.Case:
    return forecast.case_of("demo-th-home", 101)


def test_no_forecaster_sees_the_planning_day_or_later(case):
    assert case.daily["day"].max() == pd.Timestamp("2025-09-15")
    assert case.events["ends_on"].max() < pd.Timestamp("2025-09-16")


def test_the_truth_is_what_buyers_wanted_in_the_campaign(case):
    assert list(case.wanted.index.names) == ["shop", "market", "sku"]
    assert (case.wanted > 0).all()
    assert len(case.wanted) == 24


def test_the_planner_beats_the_spreadsheet_and_the_naive_week_on_this_world(case):
    told = {
        name: forecast.score_row(name, "demo-th-home", [case])["wape"]
        for name in ("planner", "spreadsheet rule", "seasonal naive")
    }
    assert told["planner"] < told["spreadsheet rule"] < told["seasonal naive"]


def test_results_are_written_as_data_and_as_a_page(tmp_path, monkeypatch):
    monkeypatch.setattr(results, "RESULTS_FOLDER", tmp_path)
    rows = pd.DataFrame({"forecaster": ["a", "b"], "wape": [0.1, None]})
    page = results.write_results("try", rows, title="Try", notes=["one note"], is_short=True)
    told = json.loads((tmp_path / "try-short.json").read_text(encoding="utf-8"))
    assert [row["wape"] for row in told["rows"]] == [0.1, None]
    assert "| b | – |" in page.read_text(encoding="utf-8")
    assert "one note" in page.read_text(encoding="utf-8")
