"""The campaign as it runs, by hand: plan of 10 a day in warm-up, 20 in sale, 5 in tail, 2 after."""

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope, draws, forecast_of, lanes, sales, stock, value

from planner import tables
from planner.season import track
from planner.season.stock.counts import arrivals, stock_today

PLAN = {"before": 100, "warm_up": 100, "sale": 80, "tail": 30, "after": 20}
ON_PLAN = [10] * 10 + [20, 20]
"""Sales of 1 to 12 November exactly as planned."""
NO_SALES = tables.empty(tables.DailySales)


def tracked(daily, drawn, seen_from="2025-11-13"):
    return track.track_daily(daily, forecast_of(drawn), scope=a_scope(seen_from=seen_from))


def status_of(
    count, *, sold=None, drawn=None, options=None, worth=None, seen_from="2025-11-13", **more
):
    drawn = draws("a", PLAN) if drawn is None else drawn
    daily = sales("a", "2025-11-01", ON_PLAN) if sold is None else sold
    days = tracked(daily, drawn, seen_from)
    options = lanes(("air", 3.0)) if options is None else options
    worth = value("a") if worth is None else worth
    scope = a_scope(seen_from=seen_from)
    on_shelf, coming = stock_today(count, daily, scope=scope), arrivals(count, scope=scope)
    return track.track_status(
        days, drawn, on_shelf, coming, options, worth, scope=scope, **more
    )  # fmt: skip


def uncertain_level():
    """Worlds that scale all phases alike: log-normal with mean 1 and log sd 0.4."""
    level = np.random.default_rng(3).lognormal(0, 0.4, 500)
    return draws("a", {phase: units * level / level.mean() for phase, units in PLAN.items()})


def held(units, as_of="2025-11-13"):
    return stock(("a", "on_hand", units, None, as_of))


# --- sold against plan -----------------------------------------------------------------------


def test_the_plan_of_a_phase_is_spread_evenly_over_its_days():
    days = tracked(sales("a", "2025-11-01", ON_PLAN), draws("a", PLAN))
    assert days["planned_units"].tolist() == [10.0] * 10 + [20.0] * 2
    assert days["units"].tolist() == ON_PLAN
    assert days["phase"].tolist() == ["warm_up"] * 10 + ["sale"] * 2


def test_the_shops_of_a_market_are_tracked_together():
    drawn = pd.concat([draws("a", PLAN), draws("a", PLAN, shop="th-two")])
    daily = pd.concat(
        [
            sales("a", "2025-11-01", [3, 4], out=(1,)),
            sales("a", "2025-11-01", [5, 6], shop="th-two"),
        ]
    )
    days = tracked(daily, drawn, "2025-11-03")
    assert days["units"].tolist() == [8, 10]
    assert days["planned_units"].tolist() == [20.0, 20.0]
    assert days["is_stock_out"].tolist() == [False, True]


def test_before_the_campaign_there_is_nothing_to_track():
    days = tracked(sales("a", "2025-10-01", [4] * 30), draws("a", PLAN), "2025-10-31")
    assert days.empty


def test_the_tracking_day_itself_is_not_known():
    days = tracked(sales("a", "2025-11-01", ON_PLAN), draws("a", PLAN), "2025-11-05")
    assert days["day"].max() == pd.Timestamp("2025-11-04")


def test_a_planned_sku_that_sold_nothing_is_tracked_at_zero():
    drawn = pd.concat([draws("a", PLAN), draws("b", PLAN)])
    days = tracked(sales("a", "2025-11-01", [9, 9]), drawn, "2025-11-03")
    assert days.loc[days["sku"] == "b", "units"].tolist() == [0, 0]


def test_a_sku_sold_without_a_plan_has_no_planned_units():
    days = tracked(sales("new", "2025-11-01", [2, 3]), draws("a", PLAN), "2025-11-03")
    assert days.loc[days["sku"] == "new", "planned_units"].isna().all()
    assert days.loc[days["sku"] == "new", "units"].tolist() == [2, 3]


def test_days_after_the_end_of_the_exports_are_unknown_not_zero():
    days = tracked(sales("a", "2025-11-01", [10] * 4), draws("a", PLAN))
    assert days["day"].max() == pd.Timestamp("2025-11-04")


def test_a_market_without_any_sales_row_has_no_days():
    assert tracked(NO_SALES, draws("a", PLAN)).empty


def test_seen_after_the_horizon_the_days_end_where_the_horizon_ends():
    days = tracked(sales("a", "2025-11-01", [1] * 45), draws("a", PLAN), "2025-12-16")
    assert days["day"].max() == pd.Timestamp("2025-11-30")
    assert days.loc[days["phase"] == "after", "planned_units"].tolist() == [2.0] * 10


# --- the rest, stock and cover ---------------------------------------------------------------


def test_the_rest_runs_from_the_tracking_day_to_the_horizon():
    # Two sale days of 20, six tail days of 5, ten days of 2: 40 + 30 + 20.
    row = status_of(held(300)).iloc[0]
    levels = ["horizon_q10_units", "horizon_q50_units", "horizon_q90_units"]
    assert row[levels].tolist() == [90.0] * 3
    assert row["units_to_date"] == 140
    assert row["planned_to_date"] == pytest.approx(140)
    assert row["pace_ratio"] == pytest.approx(1.0)


def test_cover_is_stock_over_the_rate_of_the_current_phase():
    row = status_of(held(70)).iloc[0]
    assert row["cover_days"] == pytest.approx(70 / 20)
    # 40 go on the 13th and 14th, 5 a day from the 15th: the last 30 last to the 20th, and two
    # units are missed on the 21st.
    assert row["runs_out_on"] == pd.Timestamp("2025-11-21")


def test_inbound_counts_only_if_it_comes_before_the_shelf_is_empty():
    soon = stock(
        ("a", "on_hand", 30, None, "2025-11-13"),
        ("a", "in_transit", 15, "2025-11-14", "2025-11-13"),
        ("a", "in_transit", 500, "2025-11-25", "2025-11-13"),
    )
    row = status_of(soon).iloc[0]
    # 30 + 15 = 45: 20 + 20 sold, 5 left for the 15th, nothing on the 16th.
    assert row["stock_units"] == 30  # goods under way are not sellable stock
    assert row["cover_days"] == pytest.approx(45 / 20)
    assert row["runs_out_on"] == pd.Timestamp("2025-11-16")


def test_strong_sales_raise_what_is_still_to_come():
    drawn = uncertain_level()
    twice = status_of(
        held(300), sold=sales("a", "2025-11-01", [2 * n for n in ON_PLAN]), drawn=drawn
    )
    plain = status_of(held(300), drawn=drawn)
    # Every world scales all phases alike, so twice the plan to date points to 180 to come, were
    # all of the surplus to last; of its logarithm the share 0.16 / (0.16 + 0.04 + 0.01) does.
    assert twice.iloc[0]["horizon_q50_units"] == pytest.approx(90 * 2**0.76, rel=0.1)
    assert plain.iloc[0]["horizon_q50_units"] == pytest.approx(90, rel=0.1)
    assert twice.iloc[0]["pace_ratio"] == pytest.approx(2.0)


def test_a_stock_out_does_not_lower_what_is_still_to_come():
    drawn = uncertain_level()
    short = [10] * 5 + [0] * 7
    out = status_of(held(0), sold=sales("a", "2025-11-01", short, out=range(5, 12)), drawn=drawn)
    idle = status_of(held(0), sold=sales("a", "2025-11-01", short), drawn=drawn)
    assert out.iloc[0]["horizon_q50_units"] > 80
    assert idle.iloc[0]["horizon_q50_units"] < 50


def test_no_sales_yet_is_a_pace_of_nothing_to_compare_with():
    row = status_of(
        held(300), sold=sales("a", "2025-10-01", [9] * 31), seen_from="2025-11-01"
    ).iloc[0]
    assert row["units_to_date"] == 0
    assert row["planned_to_date"] == 0
    assert pd.isna(row["pace_ratio"])
    assert row["horizon_q50_units"] == pytest.approx(230)


# --- what to do ------------------------------------------------------------------------------


def test_a_shortage_that_a_lane_reaches_is_replenished_by_the_last_day_that_helps():
    # 50 held: 40 go by the 14th, two tail days take 10, the 17th is the first short day. A lane
    # of 3 days lands on the 17th if goods leave on the 14th. Short: 90 - 50.
    row = status_of(held(50)).iloc[0]
    assert (row["action"], row["action_units"]) == ("replenish", 40)
    assert row["act_by"] == pd.Timestamp("2025-11-14")
    assert row["reason"] == (
        "reason.track_short|low=40|high=40|empty_on=2025-11-17|mode=air|lead_days=3"
    )


def test_the_fastest_lane_decides_whatever_the_planning_day_thought_of_it():
    slow_first = lanes(("sea", 20.0), ("air", 2.2), ("truck", 6.0))
    row = status_of(held(50), options=slow_first).iloc[0]
    # 2.2 days are three whole days.
    assert row["act_by"] == pd.Timestamp("2025-11-14")
    assert "mode=air|lead_days=3" in row["reason"]


def test_a_lane_too_slow_for_the_first_short_day_still_serves_the_rest_of_the_campaign():
    # Landing on the 19th at the earliest: two tail days of 5 and ten of 2 can still be served,
    # 10 are missed. Goods that leave on the 14th land on the 20th, the last phase day.
    row = status_of(held(50), options=lanes(("air", 6.0))).iloc[0]
    assert (row["action"], row["action_units"]) == ("replenish", 30)
    assert row["act_by"] == pd.Timestamp("2025-11-14")
    assert row["reason"].startswith("reason.track_short_before_landing|")
    assert row["reason"].endswith("|missed=10")


def test_where_no_lane_lands_in_time_demand_is_slowed_down_before_the_shelf_is_empty():
    row = status_of(held(50), options=lanes(("sea", 8.0))).iloc[0]
    assert (row["action"], row["action_units"]) == ("slow_down", 40)
    assert row["act_by"] == pd.Timestamp("2025-11-16")
    assert row["reason"].startswith("reason.track_no_lane_in_time|")


def test_without_a_known_lane_nothing_is_promised():
    row = status_of(held(50), options=tables.empty(tables.LaneOptions)).iloc[0]
    assert row["action"] == "slow_down"
    assert row["reason"].startswith("reason.track_no_lane_known|")


def test_what_sells_at_a_loss_is_never_replenished():
    row = status_of(held(50), worth=value("a", margin=-1.0)).iloc[0]
    assert row["action"] == "slow_down"
    assert row["reason"].startswith("reason.track_sells_at_a_loss|")


def test_an_empty_shelf_runs_out_today():
    row = status_of(held(0)).iloc[0]
    assert row["runs_out_on"] == pd.Timestamp("2025-11-13")
    assert row["cover_days"] == 0
    assert (row["action"], row["act_by"]) == ("replenish", pd.Timestamp("2025-11-17"))


def two_kinds_of_worlds():
    """Seen on the first day: 6 of 10 worlds ask 230, 4 of 10 ask 460."""
    level = np.array([1.0] * 60 + [2.0] * 40)
    return draws("a", {phase: units * level for phase, units in PLAN.items()})


def test_a_shortage_only_in_strong_worlds_is_watched():
    row = status_of(
        held(300, "2025-11-01"),
        sold=sales("a", "2025-10-01", [9] * 31),
        drawn=two_kinds_of_worlds(),
        seen_from="2025-11-01",
    ).iloc[0]
    assert (row["action"], row["action_units"]) == ("watch", 0)
    assert row["reason"].startswith("reason.track_short_if_strong|high=160|")


def test_a_high_critical_ratio_replenishes_what_a_low_one_only_watches():
    row = status_of(
        held(300, "2025-11-01"),
        sold=sales("a", "2025-10-01", [9] * 31),
        drawn=two_kinds_of_worlds(),
        worth=value("a", ratio=0.8),
        seen_from="2025-11-01",
    ).iloc[0]
    assert (row["action"], row["action_units"]) == ("replenish", 160)


def test_stock_left_even_if_demand_is_high_is_cleared():
    row = status_of(held(500)).iloc[0]
    assert (row["action"], row["action_units"]) == ("clear", 410)
    assert row["act_by"] == pd.Timestamp("2025-11-20")


def test_stock_that_ordinary_days_will_sell_in_good_time_is_not_cleared():
    day = pd.Timestamp("2020-01-01")
    rule = {"rule": "dead_stock_days", "low": np.nan, "high": 90.0, "unit": "days"}
    source = {
        "valid_from": day,
        "valid_to": pd.NaT,
        "confidence": "low",
        "source": "t",
        "as_of": day,
    }
    bounds = tables.checked(tables.Bounds, pd.DataFrame([rule | source]))
    # 410 left, 2 a day for 90 days take 180: 230 too many. Of 260 held, 170 left: fine.
    assert status_of(held(500), bounds=bounds).iloc[0]["action_units"] == 230
    assert status_of(held(260), bounds=bounds).iloc[0]["action"] == "none"


def test_a_sku_nobody_counted_is_checked_and_its_stock_stays_unknown():
    row = status_of(stock()).iloc[0]
    assert (row["action"], row["reason"]) == ("check_stock", "reason.track_no_count")
    assert pd.isna(row["stock_units"])
    assert pd.isna(row["runs_out_on"])


def test_a_count_from_before_the_campaign_decides_nothing():
    row = status_of(held(500, "2025-10-30")).iloc[0]
    assert (row["action"], row["reason"]) == (
        "check_stock",
        "reason.track_old_count|counted_on=2025-10-30",
    )


def test_sales_beyond_the_count_contradict_it():
    # Counted 25 before the sales of the 11th; 40 sold since.
    row = status_of(held(25, "2025-11-11")).iloc[0]
    assert (row["action"], row["action_units"]) == ("check_stock", 15)
    assert row["reason"] == "reason.track_sold_more_than_held|held=25|sold=40"


def test_a_sku_sold_without_a_plan_is_watched_and_nothing_is_guessed():
    daily = pd.concat([sales("a", "2025-11-01", ON_PLAN), sales("new", "2025-11-01", [4] * 12)])
    row = status_of(held(300), sold=daily).set_index("sku").loc["new"]
    assert (row["action"], row["reason"]) == ("watch", "reason.track_no_plan|units=48")
    assert row[["horizon_q50_units", "stock_units", "pace_ratio", "planned_to_date"]].isna().all()


def test_overdue_inbound_is_told_beside_the_action():
    count = stock(
        ("a", "on_hand", 50, None, "2025-11-13"),
        ("a", "in_transit", 60, "2025-11-09", "2025-11-13"),
    )
    row = status_of(count).iloc[0]
    assert row["action"] == "replenish"
    assert row["reason"].endswith(";reason.track_overdue|units=60")


def test_before_the_campaign_nothing_is_to_be_done_here():
    row = status_of(held(0, "2025-10-25"), sold=NO_SALES, seen_from="2025-10-25").iloc[0]
    assert (row["action"], row["reason"]) == (
        "none",
        "reason.track_not_started|starts_on=2025-11-01",
    )


def test_after_the_horizon_nothing_is_to_be_done_here():
    row = status_of(
        held(9, "2025-12-20"), sold=sales("a", "2025-11-01", [1] * 49), seen_from="2025-12-20"
    ).iloc[0]
    assert (row["action"], row["reason"]) == ("none", "reason.track_over|replenished_on=2025-12-01")
    assert row["horizon_q50_units"] == 0


def test_the_frames_that_these_tests_make_keep_their_contracts():
    drawn = draws("a", PLAN)
    frames = (
        (tables.DemandDraws, drawn),
        (tables.Forecast, forecast_of(drawn)),
        (tables.DailySales, sales("a", "2025-11-01", ON_PLAN)),
        (tables.Stock, held(50)),
        (tables.LaneOptions, lanes(("air", 3.0))),
        (tables.UnitEconomics, value("a")),
    )
    for table, frame in frames:
        assert len(tables.checked(table, frame)) == len(frame)
