"""Cover in hours: demand of known days on known shelves."""

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope
from track_case import coming, fixed_rest, shelf

from planner import tables
from planner.season.stock.cover import cover_hours

SCOPE = a_scope(seen_from="2025-11-12")
EVEN = tables.empty(tables.HourProfile)


def cover(rest, stock, arriving=None, today=None, hours=EVEN):
    arriving = coming() if arriving is None else arriving
    return cover_hours([rest], stock, arriving, scope=SCOPE, hours=hours, today=today).iloc[0]


def test_a_shelf_of_a_day_and_a_half_is_empty_at_noon_of_the_second_day():
    told = cover(fixed_rest([24.0] * 9), shelf(36))
    assert told["cover_hours"] == pytest.approx(36)
    assert told["cover_days"] == pytest.approx(1.5)
    assert told["runs_out_at"] == pd.Timestamp("2025-11-13 12:00")
    assert told["lost_units"] == pytest.approx(9 * 24 - 36)
    assert told["hour_units"] == pytest.approx(1.0)


def test_within_a_day_cover_counts_from_the_moment_and_by_the_hours_left():
    told = cover(fixed_rest([12.0] + [24.0] * 8, at="2025-11-12 12:00"), shelf(18))
    assert told["cover_hours"] == pytest.approx(18)  # 12 sell until midnight, 6 more until 6:00
    assert told["runs_out_at"] == pd.Timestamp("2025-11-13 06:00")


def test_goods_that_come_in_time_keep_the_shelf_full():
    told = cover(fixed_rest([24.0] * 4), shelf(36), coming("2025-11-13", 100))
    assert np.isnan(told["cover_hours"])
    assert told["reason"] == "reason.cover_lasts"
    assert told["coming_units"] == 100


def test_only_goods_that_land_before_the_event_ends_count_as_coming():
    # The tail ends on 20 November: 100 of the 21st may sell later, but rescue nothing of the event.
    late = cover(fixed_rest([24.0] * 15), shelf(36), coming("2025-11-21", 100))
    assert late["coming_units"] == 0
    assert late["lost_units"] == pytest.approx(9 * 24 - 36)
    last = cover(fixed_rest([24.0] * 15), shelf(36), coming("2025-11-20", 100))
    assert last["coming_units"] == 100


def test_goods_that_come_after_the_shelf_is_empty_do_not_lengthen_cover():
    told = cover(fixed_rest([24.0] * 9), shelf(36), coming("2025-11-15", 100))
    assert told["cover_hours"] == pytest.approx(36)


def test_one_strong_world_in_ten_shows_in_the_low_cover_only():
    told = cover(fixed_rest([24.0] * 9, scale=(1.0,) * 8 + (10.0,) * 2), shelf(60))
    assert told["cover_hours"] == pytest.approx(60)
    assert told["low_cover_hours"] == pytest.approx(6)


def test_a_shelf_nobody_counted_has_no_cover_and_says_so():
    told = cover(fixed_rest([24.0] * 9), shelf(np.nan))
    assert pd.isna(told["cover_hours"])
    assert pd.isna(told["stock_out_rate"])
    assert told["reason"] == "reason.track_no_count"


def test_what_sold_today_has_left_the_shelf():
    today = pd.DataFrame({"market": ["TH"], "sku": ["a"], "units": [12]})
    told = cover(fixed_rest([24.0] * 9), shelf(48), today=today)
    assert told["stock_units"] == 36


def test_a_shelf_counted_empty_stays_a_counted_shelf_when_orders_come_after_the_count():
    today = pd.DataFrame({"market": ["TH"], "sku": ["a"], "units": [1]})
    told = cover(fixed_rest([24.0] * 9), shelf(0), today=today)
    assert (told["stock_units"], told["cover_hours"]) == (0, 0)
    assert told["lost_units"] == pytest.approx(9 * 24)
