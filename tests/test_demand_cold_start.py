"""Levels of SKUs with few ordinary days, launch curves, newcomers: small worlds by hand."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from planner import tables
from planner.demand import cold_start, launch, neighbours, newcomers
from planner.demand.baseline import fit_baseline
from planner.demand.clean import panel_of

DAYS = 60


def started(levels: list[float], own: list[float], **told: object) -> cold_start.Start:
    """Start of the last SKU: the others sold `levels` on 60 days, it sold `own` on the last."""
    flat = np.repeat(np.array([*levels, 0.0])[:, None], DAYS, axis=1)
    known = np.ones(flat.shape, dtype=bool)
    known[-1] = False
    if own:
        flat[-1, -len(own) :], known[-1, -len(own) :] = own, True
    first = np.array([0] * len(levels) + [DAYS - len(own)])
    group = np.zeros(len(flat), dtype=int)
    return cold_start.starting_levels(
        flat,
        flat,
        is_clean=known,
        is_promo=np.zeros_like(known),
        **{"group": group, "first": first, **told},
    )


def test_a_sku_with_a_history_of_its_own_keeps_its_mean():
    found = started([2.0, 4.0, 9.0], [])
    assert found.level[:3].tolist() == [2.0, 4.0, 9.0]
    assert found.source[:3].tolist() == [-1, -1, -1]
    assert found.doubt[:3].tolist() == [0.0, 0.0, 0.0]


def test_a_sku_born_yesterday_does_not_get_its_first_days_sales_for_a_level():
    found = started([4.0] * 8, [40.0])
    assert 4.0 < found.level[-1] < 36.0


def test_the_sale_that_made_a_sku_known_tells_nothing_of_its_level():
    # one unit on the first day counts as none in half a day, so the level falls below others' word
    found = started([4.0] * 8, [1.0])
    assert found.level[-1] < found.prior[-1]


def test_each_own_day_takes_doubt_away():
    doubts = [started([2.0, 4.0, 9.0, 5.0], [4.0] * days).doubt[-1] for days in (1, 3, 7, 14)]
    assert doubts == sorted(doubts, reverse=True)
    assert doubts[-1] < 0.5 * doubts[0]


def test_the_like_item_that_the_seller_named_outweighs_the_middle():
    pair = neighbours.Like(np.array([8]), np.array([7]), np.array([0.5]))
    found = started([1.0] * 7 + [60.0], [], like=pair, group=np.zeros(9, dtype=int))
    assert neighbours.SOURCES[found.source[-1]] == "like"
    # half of 60 a day, times the mean of a lognormal with the spread shipped for like items
    assert found.prior[-1] == pytest.approx(30.0 * np.exp(0.125), rel=0.02)


def test_near_prices_speak_where_price_tells_the_level():
    price = np.array([10.0, 11, 12, 13, 100, 110, 120, 130, 12.5])
    levels = [20.0, 21, 19, 20, 2, 2.1, 1.9, 2]
    found = started(levels, [], price=price)
    assert neighbours.SOURCES[found.source[-1]] == "price"
    assert 18.0 < found.prior[-1] < 30.0


def test_a_shop_that_never_sold_has_no_level_to_lean_on():
    flat = np.zeros((2, 10))
    found = cold_start.starting_levels(
        flat, flat, is_clean=flat == 0, is_promo=flat > 0, group=np.zeros(2, dtype=int)
    )
    assert found.level.tolist() == [0.0, 0.0]


def test_promo_days_of_a_new_sku_count_by_what_that_day_added_to_the_others():
    flat = np.full((6, DAYS), 5.0)
    flat[:, -3:] = 15.0
    promo = np.zeros(flat.shape, dtype=bool)
    promo[:, -3:] = True
    clean = ~promo
    clean[-1] = False
    found = cold_start.starting_levels(
        flat, flat, is_clean=clean, is_promo=promo, group=np.zeros(6, dtype=int)
    )
    assert found.level[-1] == pytest.approx(5.0, rel=0.15)


def test_like_items_are_looked_up_in_the_same_shop():
    keys = pd.DataFrame(
        {"shop": ["a", "a", "b"], "market": "TH", "sku": ["OLD", "NEW", "NEW"]}, dtype="str"
    )
    goods = pd.DataFrame({"sku": ["OLD", "NEW"], "like_sku": ["", "OLD:0.8"]}, dtype="str")
    found = neighbours.like_pairs(keys, goods)
    assert [found.child.tolist(), found.parent.tolist()] == [[1], [0]]
    assert found.factor.tolist() == [0.8]


def launches_of(ratio: list[float], *, count: int = 30) -> launch.Curve:
    """Curve told by `count` launches that sold `ratio` of their later level, week by week."""
    flat = np.full((count + 1, 200), 20.0)
    flat[1:, :60] = 0.0
    for week, part in enumerate(ratio):
        flat[1:, 60 + 7 * week : 67 + 7 * week] = 20.0 * part
    known = np.ones(flat.shape, dtype=bool)
    known[1:, :60] = False
    first = launch.first_days(flat, known)
    return launch.fit_launch(flat, is_clean=known, first=first, shipped=launch.shipped_curve())


def test_launches_that_rise_are_told_as_rising():
    curve = launches_of([0.4, 0.5, 0.6, 0.8, 0.9, 1.0])
    assert curve.launches == 30
    assert (np.diff(curve.ratio) >= 0).all()
    assert curve.ratio[0] == pytest.approx(0.4, abs=0.05)


def test_launches_that_fade_are_told_as_falling():
    curve = launches_of([2.0, 1.6, 1.3, 1.1, 1.0, 1.0])
    assert (np.diff(curve.ratio) <= 0).all()
    assert curve.ratio[0] == pytest.approx(2.0, abs=0.2)


def test_a_seller_without_launches_keeps_the_shipped_curve():
    assert launches_of([1.0], count=0).ratio.tolist() == [1.0] * launch.CURVE_WEEKS


def test_skus_as_old_as_the_shop_are_no_launches():
    factor = launch.launch_factor(
        launches_of([0.4] * 6), np.array([0, 14, 40]), n_days=100, n_total=100
    )
    assert (factor[:2] == 1.0).all()
    assert factor[2, 40] < 0.8
    assert factor[2, 39] == 1.0


def a_daily(skus: list[str]) -> pd.DataFrame:
    day = pd.date_range("2025-08-01", periods=40, unit="us")
    rows = pd.MultiIndex.from_product([skus, day], names=["sku", "day"]).to_frame(index=False)
    frame = rows.assign(
        shop="th-one",
        market="TH",
        units=5,
        revenue_minor=0,
        cancelled_units=0,
        is_stock_out=False,
        event="",
        phase="",
    )
    texts = ["shop", "market", "sku", "event", "phase"]
    return tables.checked(tables.DailySales, frame.astype(dict.fromkeys(texts, "str")))


def some_goods(**launch_on: str | None) -> pd.DataFrame:
    frame = pd.DataFrame({"sku": pd.Series(list(launch_on), dtype="str")})
    days = [pd.NaT if day is None else pd.Timestamp(day) for day in launch_on.values()]
    return frame.assign(like_sku="", launch_on=pd.Series(days, dtype="datetime64[us]"))


UNTIL = {"TH": date(2025, 12, 1)}


def test_a_sku_to_be_launched_enters_with_one_day_without_stock():
    whole = newcomers.with_newcomers(
        a_daily(["A"]), some_goods(A=None, N="2025-10-01", LATER="2026-03-01"), until=UNTIL
    )
    added = whole[whole["sku"] != "A"]
    assert added["sku"].tolist() == ["N"]
    assert added["is_stock_out"].all()
    panel = panel_of(whole)
    assert not panel.is_clean[1].any()


def test_a_catalogue_without_plans_adds_nothing():
    daily = a_daily(["A"])
    pd.testing.assert_frame_equal(
        newcomers.with_newcomers(daily, some_goods(A=None, N=None), until=UNTIL), daily
    )


def test_nothing_is_sold_before_the_launch():
    day = pd.date_range("2025-09-10", periods=4, unit="us")
    baseline = pd.DataFrame(
        {
            "shop": "th-one",
            "market": "TH",
            "sku": "N",
            "day": day,
            "baseline_units": 3.0,
            "is_masked": [True, False, False, False],
            "is_future": [False, True, True, True],
        }
    )
    held = newcomers.held_until_launch(baseline, some_goods(N="2025-09-12"))
    assert held["baseline_units"].tolist() == [3.0, 0.0, 3.0, 3.0]


def test_the_launch_curve_counts_from_the_planned_day_within_the_horizon():
    daily = a_daily(["A", "B"])
    goods = some_goods(A=None, B=None, N="2025-10-20").assign(category="home")
    whole = newcomers.with_newcomers(daily, goods, until=UNTIL)
    rising = pd.DataFrame({"week": range(1, 7), "log_sd": 0.2}).assign(
        launch_ratio=[0.4, 0.5, 0.6, 0.7, 0.8, 0.9]
    )
    _, baseline = fit_baseline(whole, until=UNTIL, catalogue=goods, launch=rising)
    held = newcomers.held_until_launch(baseline, goods)
    ahead = held[(held["sku"] == "N") & held["is_future"]].set_index("day")["baseline_units"]
    assert (ahead[: pd.Timestamp("2025-10-19")] == 0).all()
    first_week = ahead[pd.Timestamp("2025-10-20") : pd.Timestamp("2025-10-26")].mean()
    seventh = ahead[pd.Timestamp("2025-12-01") - pd.Timedelta(days=1) :].mean()
    assert first_week / seventh == pytest.approx(0.4 / 0.9, rel=0.1)
    # a month ahead no launch is old yet: without the planned day week one would be long gone
    assert first_week > 0


def test_a_launch_day_that_passed_without_a_sale_is_still_to_come():
    first = launch.planned_first_days(
        np.array([60, 60, 3]),
        pd.Series(pd.to_datetime(["2025-08-01", "2025-12-01", "2025-12-01"])),
        first_on=pd.Timestamp("2025-07-18"),
        n_days=60,
    )
    assert first.tolist() == [60, 136, 3]
