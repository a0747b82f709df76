"""The clock on scripted cases: deadline less lead time, and never later."""

import numpy as np
import pandas as pd
import pytest

from planner.season.acting.clock import in_time, landing_day, landing_deadline, last_useful

DAYS = pd.date_range("2025-11-11", periods=4)


@pytest.mark.parametrize(
    ("deadline", "lead_hours", "last"),
    [
        ("2025-11-13 00:00", 24.0, "2025-11-12 00:00"),
        ("2025-11-13 20:00", 6.5, "2025-11-13 13:30"),
        ("2025-11-13 00:00", 0.0, "2025-11-13 00:00"),
        ("2025-11-13 00:00", 240.0, "2025-11-03 00:00"),
    ],
)
def test_the_last_useful_moment_is_the_deadline_less_the_lead_time(deadline, lead_hours, last):
    assert last_useful(pd.Timestamp(deadline), lead_hours) == pd.Timestamp(last)


def test_a_lead_time_nobody_knows_has_no_last_moment_and_is_never_in_time():
    assert pd.isna(last_useful(pd.Timestamp("2025-11-13"), np.nan))
    assert pd.isna(last_useful(pd.NaT, 24.0))
    assert not in_time(pd.Timestamp("2000-01-01"), pd.NaT)


def test_a_minute_after_its_last_moment_an_action_is_out_of_time():
    last = pd.Timestamp("2025-11-12 10:00")
    assert in_time(last, last)
    assert not in_time(last + pd.Timedelta(minutes=1), last)


def test_units_must_land_while_somebody_still_goes_unserved():
    assert landing_deadline(np.array([0.0, 9.0, 4.0, 0.0]), DAYS) == DAYS[2]
    assert pd.isna(landing_deadline(np.zeros(4), DAYS))


def test_units_begun_at_their_last_useful_moment_land_on_the_deadline():
    deadline = landing_deadline(np.array([0.0, 9.0, 4.0, 0.0]), DAYS)
    for hours in (5.0, 24.0, 31.0):
        last = last_useful(deadline, hours)
        assert DAYS[landing_day(last, hours, DAYS)] == deadline
        assert landing_day(last + pd.Timedelta(minutes=1), hours, DAYS) == 3


def test_units_that_land_after_the_last_day_land_nowhere():
    assert landing_day(DAYS[0], 24.0 * 30, DAYS) == len(DAYS)
    assert landing_day(DAYS[0], np.nan, DAYS) == len(DAYS)
