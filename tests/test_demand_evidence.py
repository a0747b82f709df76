"""Grades: each threshold by name, the worst evidence stands, its reason is told."""

import pandas as pd
import pytest

from planner.demand import evidence

KEY = {"shop": "a", "market": "TH", "sku": "x"}


def fit(**fields: object) -> pd.DataFrame:
    solid = {
        "level_units": 50.0, "half_life_days": 28.0, "clean_days": 200, "masked_promo_days": 20,
        "masked_stock_out_days": 0, "dispersion_ratio": 1.5, "drift_sd": 0.1,
        "common_drift_sd": 0.05, "method": "method.weighted",
    }  # fmt: skip
    return pd.DataFrame([KEY | solid | fields])


def uplift(**fields: object) -> pd.DataFrame:
    solid = {
        "phase": "sale", "uplift_ratio": 3.0, "log_sd": 0.15, "common_log_sd": 0.1,
        "spread_ratio": 1.0, "past_events": 4,
    }  # fmt: skip
    return pd.DataFrame([KEY | solid | fields])


def graded(
    fit_row: pd.DataFrame, uplift_row: pd.DataFrame, backtest: pd.DataFrame | None = None
) -> tuple[str, str]:
    row = evidence.grade_evidence(fit_row, uplift_row, backtest=backtest).iloc[0]
    return row["grade"], row["grade_reason"]


def test_solid_evidence_is_an_a_and_says_on_what():
    assert graded(fit(), uplift()) == ("A", "grade_reason.solid|days=200|events=4")


@pytest.mark.parametrize(
    ("days", "grade"),
    [(180, "A"), (179, "B"), (90, "B"), (89, "C"), (28, "C"), (27, "D"), (0, "D")],
)
def test_days_of_history_set_the_best_grade(days: int, grade: str):
    assert graded(fit(clean_days=days, masked_promo_days=0), uplift())[0] == grade


@pytest.mark.parametrize(("days", "grade"), [(90, "A"), (89, "B"), (45, "B"), (44, "C")])
def test_of_a_long_history_half_must_be_ordinary_days(days: int, grade: str):
    assert graded(fit(clean_days=days, masked_promo_days=200), uplift())[0] == grade


def test_six_months_with_their_promotions_are_six_months():
    assert graded(fit(clean_days=128, masked_promo_days=54), uplift())[0] == "A"


def test_a_short_history_says_how_many_days_there_are_and_how_many_it_takes():
    reason = graded(fit(clean_days=70, masked_promo_days=5), uplift())[1]
    assert reason == "grade_reason.short_history|days=75|needed=90"
    reason = graded(fit(clean_days=60, masked_promo_days=200), uplift())[1]
    assert reason == "grade_reason.few_clean_days|days=60|needed=90"


@pytest.mark.parametrize(("events", "grade"), [(2, "A"), (1, "B"), (0, "C")])
def test_own_past_events_set_the_best_grade(events: int, grade: str):
    assert graded(fit(), uplift(past_events=events))[0] == grade


def test_no_event_and_few_events_have_their_own_reasons():
    assert graded(fit(), uplift(past_events=0))[1] == "grade_reason.no_own_event"
    assert graded(fit(), uplift(past_events=1))[1] == "grade_reason.few_events|events=1"


@pytest.mark.parametrize(("lost", "grade"), [(10, "A"), (12, "B"), (50, "C"), (140, "D")])
def test_the_share_of_stock_out_days_sets_the_best_grade(lost: int, grade: str):
    assert graded(fit(masked_stock_out_days=lost), uplift())[0] == grade


def test_stock_outs_are_told_as_a_share():
    assert graded(fit(masked_stock_out_days=50), uplift())[1] == "grade_reason.stock_outs|share=20%"


@pytest.mark.parametrize(("sd", "grade"), [(0.1, "A"), (0.5, "B"), (0.8, "C"), (1.1, "D")])
def test_a_wide_range_lowers_the_grade(sd: float, grade: str):
    assert graded(fit(), uplift(log_sd=sd))[0] == grade


def test_the_range_ratio_sums_the_parts_of_the_doubt():
    row = pd.concat([fit(level_units=20.0), uplift()], axis=1)
    row = row.loc[:, ~row.columns.duplicated()]
    # 0.1^2 + 0.05^2 + 0.15^2 + 0.1^2 + 1.5 / (20 * 3 * 5 + 1) = 0.04998; exp(2 * 1.2816 * 0.2236)
    assert evidence.range_ratio(row)[0] == pytest.approx(1.774, abs=0.002)


def test_a_sku_that_never_sold_gets_a_range_and_no_number():
    assert graded(fit(level_units=0.0), uplift()) == ("D", "grade_reason.never_sold")


def replay(covered: int, missed: int) -> pd.DataFrame:
    flags = [True] * covered + [False] * missed
    return pd.DataFrame({"market": "TH", "is_covered": flags})


def test_a_replay_that_missed_too_often_lowers_the_grade_of_its_market():
    assert graded(fit(), uplift(), replay(6, 4))[0] == "A"
    assert graded(fit(), uplift(), replay(5, 5)) == ("B", "grade_reason.replay_missed|covered=50%")
    assert graded(fit(), uplift(), replay(3, 7))[0] == "C"


def test_a_replay_of_a_few_series_lowers_nothing():
    assert graded(fit(), uplift(), replay(0, 4))[0] == "A"


def test_a_sku_without_a_row_of_uplift_has_no_event_of_its_own():
    assert graded(fit(), uplift().head(0)) == ("C", "grade_reason.no_own_event")
