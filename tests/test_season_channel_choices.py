"""Goods held back from the channel that earns less, on scripted shelves, by hand."""

import math
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from test_season_choices import case

from planner.season.acting.channel_choices import Pair, keep_from, pairs_of

PAIR = Pair("th-two", 0.4, 50.0, 0.6, 80.0)
"""The lesser channel has four in ten of demand; a unit earns 50 there and 80 in the best."""


def test_units_the_lesser_channel_would_sell_serve_what_the_best_one_misses():
    # 30 on the shelf, 10 a day: three days sold, 12 of them by the lesser channel; six days are
    # missed, 36 by the best one. All 12 are worth 80 instead of 50.
    told = keep_from(case(), PAIR, lead_hours=1.0)
    assert (told.action, told.place, told.units) == ("raise_protection", "th-two", 12)
    assert told.value == pytest.approx(12 * 30)
    # The lesser channel sells until the end of the 14th; an hour until it shows.
    assert told.last_at == pd.Timestamp("2025-11-14 23:00")


def test_a_shelf_that_serves_all_needs_no_protection():
    assert keep_from(case(stock=90.0), PAIR, lead_hours=1.0) is None


def test_what_is_missed_before_goods_arrive_cannot_be_served_by_what_sells_after():
    # Empty now, 10 a day from the 18th on to the end: the lesser channel takes nothing before.
    assert keep_from(case(stock=0.0, arriving={6: 30}), PAIR, lead_hours=1.0) is None


def test_units_are_held_back_only_as_far_as_they_are_likely_to_be_missed():
    # In one world of two all is sold out, in the other nothing is missed: a unit held back is
    # worth half of 80 - 10 and costs 50 - 10 in both.
    worlds = case(stock=60.0, scale=(1.0, 0.5))
    dear = keep_from(worlds, PAIR, lead_hours=1.0)
    assert dear.units == 0
    cheap = keep_from(worlds, PAIR._replace(lesser_worth=30.0), lead_hours=1.0)
    # 24 the lesser sells in the one world, 18 in the other; the best misses 18 in the one.
    assert cheap.units == 18
    assert cheap.value == pytest.approx(18 * (0.5 * 70 - 20))


def test_an_unknown_worth_stays_unknown():
    told = keep_from(case(), PAIR._replace(best_worth=math.nan), lead_hours=1.0)
    assert np.isnan(told.value)
    assert told.reason == "reason.choice_worth_unknown"


def plan(*rows: tuple) -> list[SimpleNamespace]:
    names = ("channel", "rank", "demand_units", "unit_profit", "warehouse")
    return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in rows]


def test_only_channels_of_one_shelf_whose_sales_are_known_are_compared():
    rows = plan(("th-one", 1, 60.0, 40.0, "house"), ("th-two", 2, 40.0, 10.0, "house"),
                ("other", 3, 99.0, 5.0, "house"), ("far", 4, 0.0, 5.0, "elsewhere"))  # fmt: skip
    own = {"th-one", "th-two", "far"}
    assert pairs_of(rows, 40.0, own) == [Pair("th-two", 0.4, 50.0, 0.6, 80.0)]
    assert pairs_of(rows, 40.0, {"th-one"}) == []
