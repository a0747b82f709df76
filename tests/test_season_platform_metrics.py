"""Platform metrics from marks of orders: delivery, cancellations, tracking, windows, caps."""

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope, forecast_of, value
from season_case import draws as drawn
from test_season_dispatch import lines, metrics, order

from planner import tables
from planner.campaign import AsOf
from planner.pages import platform_blocks
from planner.season.platform import working_days
from planner.season.platform.dispatch import campaign_metrics, dispatch_metrics
from planner.season.platform.order_caps import cap_risks
from planner.season.platform.order_clock import order_clock
from planner.season.platform.waiting_orders import ageing_orders
from planner.season.platform.working_days import days_later, is_unsure
from planner.words import LANGS, say

SCOPE = a_scope(seen_from="2025-11-14")
RULES = [("dispatch_days", 2.0, False), ("late_dispatch_rate", 0.1, False)]


def parcels(*rows):
    """Order id, delivered_at, cancelled_by, tracking."""
    frame = pd.DataFrame(rows, columns=["order_id", "delivered_at", "cancelled_by", "tracking"])
    frame = frame.assign(shop="th-one", market="TH", ready_at=pd.NaT)
    frame = frame.astype({"delivered_at": "datetime64[us]", "ready_at": "datetime64[us]"})
    return tables.checked(tables.Parcels, frame[tables.columns(tables.Parcels)])


def told(orders, rules, *, of=None, scope=SCOPE, bounds=None):
    found = dispatch_metrics(
        lines(*orders), metrics(*rules), scope=scope, parcels=of, bounds=bounds
    )
    own = found[(found["shop"] == "th-one") & (found["counted_over"] == "campaign")]
    return own.set_index("metric")


def left_in_time(count):
    return [order(f"ok{n}", "2025-11-10 09:00", "2025-11-11 09:00") for n in range(count)]


def test_so_many_more_may_be_late_until_the_limit_is_broken():
    # 1 late of 20 at a limit of 10 %: (1 + k) / (20 + k) <= 0.1 holds for k = 1, not for 2.
    late = order("late", "2025-11-10 09:00", "2025-11-13 09:00")
    row = told([*left_in_time(19), late], RULES).loc["late_dispatch_rate"]
    assert (row["failed_orders"], row["orders"], row["left_orders"]) == (1, 20, 1)
    assert row["recover_orders"] == 0


def test_a_broken_limit_says_how_many_good_orders_mend_it():
    # 1 late of 4 at 10 %: 1 / (4 + g) <= 0.1 asks for 6 good ones.
    late = order("late", "2025-11-10 09:00", "2025-11-13 09:00")
    row = told([*left_in_time(3), late], RULES).loc["late_dispatch_rate"]
    assert bool(row["is_breached"])
    assert (row["left_orders"], row["recover_orders"]) == (0, 6)


def test_on_time_dispatch_is_the_other_side_of_late_dispatch():
    late = order("late", "2025-11-10 09:00", "2025-11-13 09:00")
    row = told([*left_in_time(3), late], RULES).loc["on_time_dispatch_rate"]
    assert (row["value_rate"], row["threshold_rate"]) == (0.75, 0.9)
    assert bool(row["is_breached"])


def test_a_parcel_counts_as_late_once_its_last_moment_of_delivery_is_past():
    # Two working days to deliver: Monday the 10th ends with Wednesday the 12th.
    rules = [("deliver_days", 2.0, False), ("on_time_delivery_rate", 0.8, True)]
    come = [order(name, "2025-11-10 09:00", "2025-11-11 09:00") for name in ("a", "b", "c")]
    of = parcels(
        ("a", pd.Timestamp("2025-11-12 23:00"), "", "given"),
        ("b", pd.Timestamp("2025-11-13 01:00"), "", "given"),
        ("c", pd.NaT, "", "given"),
    )
    row = told(come, rules, of=of).loc["on_time_delivery_rate"]
    assert (row["failed_orders"], row["orders"]) == (2, 3)
    assert row["value_rate"] == pytest.approx(1 / 3)


def test_exports_without_delivery_times_leave_delivery_unknown():
    rules = [("deliver_days", 2.0, False), ("on_time_delivery_rate", 0.8, True)]
    of = parcels(("ok0", pd.NaT, "", "given"))
    row = told(left_in_time(1), rules, of=of).loc["on_time_delivery_rate"]
    assert pd.isna(row["value_rate"])
    assert row["reason"] == "reason.track_no_delivery_times"


def test_the_days_of_delivery_that_the_brief_asks_for_are_held_against_the_parcels():
    # Shipped on the 11th at 09:00: two days is fast, three days and an hour is not.
    bounds = pd.DataFrame({"rule": ["delivery"], "low": [1.0], "high": [3.0]})
    sent = [order(name, "2025-11-09 09:00", "2025-11-10 09:00") for name in ("a", "b")]
    of = parcels(
        ("a", pd.Timestamp("2025-11-12 09:00"), "", "given"),
        ("b", pd.Timestamp("2025-11-13 10:00"), "", "given"),
    )
    row = told(sent, RULES, of=of, bounds=bounds).loc["fast_delivery_rate"]
    assert row["value_rate"] == 0.5
    assert row["reason"] == "reason.track_delivery_days|days=2.5|target=3"


def test_cancellations_count_for_the_seller_only_where_he_bears_them():
    rules = [("seller_fault_cancel_rate", 0.2, False)]
    gone = [order(f"x{n}", "2025-11-10 09:00", status="cancelled") for n in range(3)]
    of = parcels(
        ("x0", pd.NaT, "buyer", "none"),
        ("x1", pd.NaT, "seller", "none"),
        ("x2", pd.NaT, "platform", "none"),
    )
    row = told([*left_in_time(2), *gone], rules, of=of).loc["seller_fault_cancel_rate"]
    assert (row["failed_orders"], row["orders"]) == (1, 5)
    assert row["reason"] == "reason.track_cancels_unknown|orders=1"


def test_an_order_that_nobody_paid_for_is_no_cancellation_of_the_seller():
    rules = [("seller_fault_cancel_rate", 0.2, False)]
    unpaid = order("u", None, status="cancelled", ordered="2025-11-10 09:00")
    of = parcels(("u", pd.NaT, "buyer", "none"))
    row = told([*left_in_time(2), unpaid], rules, of=of).loc["seller_fault_cancel_rate"]
    assert (row["failed_orders"], row["orders"]) == (0, 2)


def test_a_parcel_without_a_sound_number_breaks_valid_tracking():
    rules = [("valid_tracking_rate", 0.95, True)]
    of = parcels(
        ("ok0", pd.NaT, "", "given"), ("ok1", pd.NaT, "", "none"), ("ok2", pd.NaT, "", "wrong"),
        ("ok3", pd.NaT, "", "given"),
    )  # fmt: skip
    row = told(left_in_time(4), rules, of=of).loc["valid_tracking_rate"]
    assert (row["value_rate"], bool(row["is_breached"])) == (0.5, True)


def test_the_platforms_own_window_leaves_older_orders_out():
    rules = [*RULES, ("late_dispatch_window_days", 3.0, False)]
    old = order("old", "2025-11-03 09:00", "2025-11-10 09:00")
    new = order("new", "2025-11-12 09:00", "2025-11-13 09:00")
    found = dispatch_metrics(lines(old, new), metrics(*rules), scope=SCOPE)
    late = found[(found["shop"] == "th-one") & (found["metric"] == "late_dispatch_rate")]
    by_window = late.set_index("counted_over")
    assert by_window["value_rate"].to_dict() == {"campaign": 0.5, "platform": 0.0}
    assert by_window["window_days"].to_list()[1] == 3


def test_a_shop_of_another_platform_has_rates_and_no_limit():
    elsewhere = {"platform": "shopee", "dialect": "shopee-th"}
    shops = tuple(one.model_copy(update=elsewhere) for one in SCOPE.seller.shops)
    seller = SCOPE.seller.model_copy(update={"shops": shops})
    other = SCOPE.model_copy(update={"seller": seller})
    row = told(left_in_time(2), RULES, scope=other).loc["late_dispatch_rate"]
    assert row["value_rate"] == 0.0
    assert pd.isna(row["threshold_rate"])


def test_public_holidays_are_no_working_days():
    # Thailand, 5 December 2025 is a holiday, a Friday: Thursday and one working day make Monday.
    since = pd.Series(pd.to_datetime(["2025-12-04 10:00", "2025-12-04 10:00"]))
    days = days_later(since, pd.Series([1.0, 1.0]), pd.Series(["TH", "UK"]))
    assert days.dt.strftime("%m-%d").tolist() == ["12-08", "12-05"]


def test_a_last_day_beyond_a_holiday_may_be_a_day_off_and_so_may_each_of_an_unknown_calendar():
    # Thursday 4 December to Monday the 8th spans the Thai holiday of the 5th; the 1st to the 3rd
    # spans none. Of a market without a known calendar no last day is sure.
    since = pd.Series(pd.to_datetime(["2025-12-04 10:00", "2025-12-01 10:00"] * 2))
    markets = pd.Series(["TH", "TH", "ZZ", "ZZ"])
    until = days_later(since, pd.Series([1.0, 2.0, 1.0, 2.0]), markets)
    assert is_unsure(since, until, markets).tolist() == [True, False, True, True]


def test_a_last_day_that_a_holiday_moves_says_so():
    december = SCOPE.model_copy(update={"seen_from": pd.Timestamp("2025-11-20").date()})
    rules = [("dispatch_days", 1.0, False), ("late_dispatch_rate", 0.1, False)]
    with_holiday = pd.Series(["2025-11-14 10:00"])
    told = ageing_orders(lines(order("w", with_holiday[0])), scope=december,
                         metrics=metrics(*rules)).iloc[0]  # fmt: skip
    assert told["reason"] == "reason.track_waits"  # no Thai holiday from 14 to 17 November
    free = np.array(["2025-11-17"], dtype="datetime64[D]")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working_days, "holidays_of", lambda market, years: free)
        told = ageing_orders(lines(order("w", with_holiday[0])), scope=december,
                             metrics=metrics(*rules)).iloc[0]  # fmt: skip
        rate = dispatch_metrics(lines(order("w", with_holiday[0])), metrics(*rules), scope=december)
    assert told["dispatch_by"] == pd.Timestamp("2025-11-18")
    assert told["reason"] == "reason.track_waits_unsure"
    assert "reason.track_near_holiday|orders=1" in set(rate["reason"])


def test_an_order_before_the_cut_off_hour_must_leave_the_same_day():
    rules = metrics(("dispatch_days", 1.0, False), ("dispatch_cut_off_hour", 14.0, False))
    early, late = order("early", "2025-11-12 13:59"), order("late", "2025-11-12 14:00")
    waits = ageing_orders(lines(early, late), scope=SCOPE, metrics=rules, within_hours=24)
    assert waits.set_index("order_id")["dispatch_by"].dt.day.to_dict() == {"early": 12, "late": 13}


def test_at_an_hour_of_the_day_an_order_still_has_the_rest_of_its_last_day():
    # Paid Tuesday the 11th: until the end of the 13th. At 18:00 of that day six hours are left.
    hour = SCOPE.model_copy(update={"seen_from": pd.Timestamp("2025-11-13").date(),
                                    "seen_hour": 18})  # fmt: skip
    waiting = [order("w", "2025-11-11 10:00")]
    rules = metrics(("dispatch_days", 2.0, False), ("cancel_unready_days", 2.0, False))
    listed = ageing_orders(lines(*waiting), scope=hour, metrics=rules, within_hours=24).iloc[0]
    assert (listed["hours_left"], listed["late_days"]) == (6.0, 0)
    assert listed["cancel_at"] == pd.Timestamp("2025-11-14")
    assert ageing_orders(lines(*waiting), scope=hour, metrics=rules).empty


def test_a_cap_takes_what_is_wanted_above_its_share_of_the_mean_day():
    # 28 days of 2 orders a day; 4 a day are wanted on the 2 days of sale left; the tier allows
    # half: 1 a day. 2 x 3 orders are lost, at 5 a unit and one unit an order.
    days = pd.date_range("2025-10-17", "2025-11-13")
    orders = [order(f"{day:%m%d}-{n}", f"{day:%Y-%m-%d} 10:00") for day in days for n in (0, 1)]
    by_day = pd.DataFrame({
        "shop": "th-one", "market": "TH", "sku": "a", "phase": "tail",
        "day": pd.date_range("2025-11-15", "2025-11-16"), "mean_units": 4.0,
    })  # fmt: skip
    marks = dispatch_metrics(lines(*orders), metrics(*RULES), scope=SCOPE)
    tiers = pd.DataFrame([{
        "market": "TH", "mode": "local", "tier": 1, "from_rate": 0.1, "cap_rate": 0.5,
        "base_days": 28.0, "hold_days": 7.0, "release_rate": 0.1,
    }])  # fmt: skip
    told = cap_risks(
        lines(*orders), marks, tiers, by_day=by_day, economics=value("a", margin=5.0), scope=SCOPE
    )
    row = told[told["shop"] == "th-one"].iloc[0]
    assert (row["base_orders"], row["cap_orders"]) == (2.0, 1.0)
    assert (row["wanted_orders"], row["lost_orders"], row["lost_profit"]) == (8.0, 6.0, 30.0)
    assert bool(row["is_reached"])  # nothing was shipped: everything overdue is late


def tier(**changed):
    return pd.DataFrame([{
        "market": "TH", "mode": "local", "tier": 1, "from_rate": 0.1, "cap_rate": 0.5,
        "base_days": 28.0, "hold_days": 7.0, "release_rate": 0.1, **changed,
    }])  # fmt: skip


def capped(orders, of, *, rest=None, rules=RULES, economics=None):
    days = pd.date_range("2025-11-15", "2025-11-16")
    by_day = pd.DataFrame({"shop": "th-one", "market": "TH", "sku": "a", "phase": "tail",
                           "day": days, "mean_units": 4.0})  # fmt: skip
    marks = dispatch_metrics(lines(*orders), metrics(*rules), scope=SCOPE)
    told = cap_risks(lines(*orders), marks, of, by_day=by_day, scope=SCOPE, rest=rest,
                     economics=value("a") if economics is None else economics)  # fmt: skip
    return told[told["shop"] == "th-one"].iloc[0]


def test_a_cap_says_how_many_orders_in_time_end_it():
    # 1 late of 4; below 10 % it takes 1 / (4 + g) < 0.1, g = 7; at a release below 4 %, 22.
    late = order("late", "2025-11-10 09:00", "2025-11-13 09:00")
    assert capped([*left_in_time(3), late], tier())["release_orders"] == 7
    assert capped([*left_in_time(3), late], tier(release_rate=0.04))["release_orders"] == 22
    assert pd.isna(capped(left_in_time(20), tier())["release_orders"])


def test_a_shop_whose_orders_tell_no_size_has_its_loss_unknown_and_not_one_unit_each():
    # The only order is cancelled, so no demand tells how many units one holds.
    off = {**order("off", "2025-11-10 09:00", "2025-11-13 09:00"), "is_demand": False}
    row = capped([off], tier())
    assert pd.isna(row["wanted_orders"])
    assert pd.isna(row["lost_orders"])


def test_demand_that_nothing_moves_keeps_its_plan_and_is_named():
    rest = pd.DataFrame({"market": ["TH"], "sku": ["b"], "rest_mean_units": [9.0],
                         "planned_rest_units": [3.0]})  # fmt: skip
    row = capped(left_in_time(20), tier(), rest=rest)
    assert row["wanted_orders"] == 8.0
    assert row["reason"] == "reason.track_cap_part_moved|rate=0.00"
    assert capped(left_in_time(20), tier(), rest=rest.assign(sku="a"))["wanted_orders"] == 24.0


@pytest.mark.parametrize("market", ["US", "ID"])
def test_the_days_of_delivery_are_held_against_the_parcels_of_each_market(market):
    scope = a_scope(seen_from="2025-11-14", markets=(market,))
    shop = scope.shops[0].shop
    sent = [{**order(name, "2025-11-10 09:00", "2025-11-10 12:00"), "shop": shop, "market": market}
            for name in ("fast", "slow")]  # fmt: skip
    came = parcels(("fast", pd.Timestamp("2025-11-13 12:00"), "", ""),
                   ("slow", pd.Timestamp("2025-11-13 13:00"), "", ""))  # fmt: skip
    bounds = pd.DataFrame({"rule": ["delivery"], "high": [3.0]})
    found = dispatch_metrics(
        lines(*sent), metrics(*RULES).assign(market=market), scope=scope, bounds=bounds,
        parcels=came.assign(shop=shop, market=market),
    )  # fmt: skip
    row = found[(found["shop"] == shop) & (found["metric"] == "fast_delivery_rate")].iloc[0]
    assert (row["value_rate"], row["failed_ids"]) == (0.5, "slow")


@pytest.mark.parametrize(
    ("name", "metric", "rules"),
    [
        ("OTSR", "on_time_dispatch_rate", RULES),
        ("LDR", "late_dispatch_rate", RULES),
        ("OTDR", "on_time_delivery_rate", [("on_time_delivery_rate", 0.8, True)]),
        ("NDR", "non_delivery_rate", RULES),
        ("SFCR", "seller_fault_cancel_rate", [("seller_fault_cancel_rate", 0.1, False)]),
        ("VTR", "valid_tracking_rate", [("valid_tracking_rate", 0.95, True)]),
    ],
)
def test_each_metric_is_told_under_the_name_that_the_platform_gives_it(name, metric, rules):
    assert metric in told(left_in_time(4), rules).index
    marks = dispatch_metrics(lines(*left_in_time(4)), metrics(*rules), scope=SCOPE)
    for lang in LANGS:
        shown = platform_blocks.show_metrics(marks, lang).data["rows"]
        assert any(name in str(cell) for row in shown for cell in row)


def test_the_orders_that_fail_a_metric_are_named():
    late = order("late", "2025-11-10 09:00", "2025-11-13 09:00")
    over = order("over", "2025-11-11 10:00")
    row = told([*left_in_time(3), over, late], RULES).loc["late_dispatch_rate"]
    assert row["failed_ids"] == "late;over"


def test_an_order_that_waits_earns_its_amount_less_selling_cost_and_what_the_goods_keep():
    # 100 satang at 1 baht a hundred, 0.2 yuan a baht: 0.2 in; a fifth of it is selling cost
    # (4 of 20); a unit that comes back is worth 4.
    listed = ageing_orders(lines(order("w", "2025-11-10 09:00")), scope=SCOPE,
                           metrics=metrics(*RULES), economics=value("a")).iloc[0]  # fmt: skip
    assert listed["order_profit"] == pytest.approx(0.2 * 0.8 - 4.0)
    other = ageing_orders(lines(order("w", "2025-11-10 09:00")), scope=SCOPE,
                          metrics=metrics(*RULES), economics=value("b")).iloc[0]  # fmt: skip
    assert pd.isna(other["order_profit"])


def test_a_tier_that_is_not_reached_says_how_many_more_may_be_late():
    # None late of 20; at 10 % the third late order makes 3 of 23, the second 2 of 22 does not.
    marks = dispatch_metrics(lines(*left_in_time(20)), metrics(*RULES), scope=SCOPE)
    tiers = pd.DataFrame([{
        "market": "TH", "mode": "local", "tier": 1, "from_rate": 0.1, "cap_rate": 0.9,
        "base_days": 28.0, "hold_days": 7.0, "release_rate": 0.1,
    }])  # fmt: skip
    by_day = forecast_of(drawn("a", {"sale": 10})).assign(day=pd.Timestamp("2025-11-15"))
    told = cap_risks(
        lines(*left_in_time(20)), marks, tiers, by_day=by_day, economics=value("a"), scope=SCOPE
    )
    row = told[told["shop"] == "th-one"].iloc[0]
    assert (bool(row["is_reached"]), row["left_orders"]) == (False, 2)


def preorder(name, paid, shipped=None):
    return order(name, paid, shipped) | {"kind": "preorder"}


def test_a_preorder_has_a_clock_of_its_own_and_is_neither_late_nor_on_time():
    # Paid on the 3rd and not shipped by the 14th: an ordinary order would be days late.
    orders = [*left_in_time(2), preorder("p", "2025-11-03 09:00")]
    row = told(orders, RULES).loc["late_dispatch_rate"]
    assert (row["failed_orders"], row["orders"]) == (0, 2)
    assert row["reason"] == "reason.track_to_date;reason.track_preorders|orders=1"
    assert ageing_orders(lines(*orders), scope=SCOPE, metrics=metrics(*RULES)).empty
    firm = [*left_in_time(2), order("p", "2025-11-03 09:00")]
    assert told(firm, RULES).loc["late_dispatch_rate", "failed_orders"] == 1
    listed = ageing_orders(lines(*orders), scope=SCOPE)
    assert listed["reason"].tolist() == ["reason.track_preorder"]
    alone = told([preorder("p", "2025-11-03 09:00")], RULES).loc["late_dispatch_rate"]
    assert (alone["orders"], alone["reason"]) == (0, "reason.track_preorders|orders=1")


def test_the_share_that_left_on_the_day_counts_orders_paid_before_the_cut_off():
    # 14:00 is the hour: one left that day, one the day after, one was paid at 15:00, one still
    # waits since yesterday.
    rules = metrics(*RULES, ("dispatch_cut_off_hour", 14.0, False))
    orders = lines(
        order("same", "2025-11-10 09:00", "2025-11-10 18:00"),
        order("next", "2025-11-10 09:00", "2025-11-11 01:00"),
        order("evening", "2025-11-10 15:00", "2025-11-11 09:00"),
        order("waits", "2025-11-13 09:00"),
    )
    found = dispatch_metrics(orders, rules, scope=SCOPE)
    row = found[(found["shop"] == "th-one") & (found["metric"] == "same_day_dispatch_rate")].iloc[0]
    assert (row["failed_orders"], row["orders"]) == (2, 3)
    assert row["value_rate"] == pytest.approx(1 / 3)
    assert pd.isna(row["threshold_rate"])
    text = str(platform_blocks.metrics_answer(found, "en", caps=tables.empty(tables.CapRisks)).data)
    assert "33% dispatched the same day" in text


def test_what_no_platform_judges_says_who_asks_for_it():
    marks = dispatch_metrics(lines(*left_in_time(2)), metrics(*RULES), scope=SCOPE)
    told_goals = dict(zip(marks["metric"], platform_blocks.goals(marks), strict=True))
    assert told_goals["same_day_dispatch_rate"] == "goal.same_day"
    assert told_goals["non_delivery_rate"] == "goal.none"
    assert told_goals["late_dispatch_rate"] == "goal.limit|limit=0.1000"


def capped_days(looking, weekday):
    """First and last day that a cap would hold; the campaign ends on Thursday the 20th."""
    scope = a_scope(seen_from=looking)
    marks = dispatch_metrics(lines(*left_in_time(20)), metrics(*RULES), scope=scope)
    tiers = pd.DataFrame([{
        "market": "TH", "mode": "local", "tier": 1, "from_rate": 0.1, "cap_rate": 0.9,
        "base_days": 28.0, "hold_days": 7.0, "release_rate": 0.1,
    }])  # fmt: skip
    rules = metrics(*([("order_cap_weekday", weekday, False)] if weekday else RULES))
    by_day = forecast_of(drawn("a", {"sale": 10})).assign(day=pd.Timestamp("2025-11-15"))
    row = cap_risks(lines(*left_in_time(20)), marks, tiers, by_day=by_day, economics=value("a"),
                    scope=scope, metrics=rules).iloc[0]  # fmt: skip
    return row["starts_on"].day, row["ends_on"].day


def test_a_cap_begins_on_the_weekday_on_which_caps_are_set():
    assert capped_days("2025-11-13", None) == (14, 20)
    assert capped_days("2025-11-13", 1.0) == (17, 20)  # the 13th is a Thursday, the 17th a Monday
    assert capped_days("2025-11-08", 1.0) == (10, 16)


def test_a_limit_that_caps_the_next_campaign_says_from_when_to_when():
    rules = metrics(
        ("seller_fault_cancel_rate", 0.1, False),
        ("campaign_cap_before_days", 5.0, False),
        ("campaign_cap_after_days", 1.0, False),
    )
    rules["consequence"] = "campaign_order_cap"
    marks = dispatch_metrics(lines(*left_in_time(3)), rules, scope=SCOPE).set_index("metric")
    reason = marks.loc["seller_fault_cancel_rate", "reason"].iloc[0]
    assert reason.endswith("reason.track_campaign_cap|before=5|after=1")


def test_a_review_counts_all_orders_of_the_campaign_as_they_ended():
    # Paid on the 26th, left on the 28th: tracking on the 14th does not know it, the review does.
    # Paid on the 2nd of December, it belongs to the next replenishment.
    rules = metrics(*RULES, ("late_dispatch_window_days", 7.0, False))
    orders = lines(
        order("early", "2025-11-10 09:00", "2025-11-11 09:00"),
        order("late", "2025-11-17 09:00", "2025-11-27 09:00"),
        order("next", "2025-12-02 09:00", "2025-12-20 09:00"),
    )
    after = a_scope(seen_from="2025-12-24")
    whole = campaign_metrics(orders, rules, scope=after).set_index(["shop", "metric"])
    row = whole.loc[("th-one", "late_dispatch_rate")]
    assert (row["failed_orders"], row["orders"], row["failed_ids"]) == (1, 2, "late")
    assert set(whole["counted_over"]) == {"campaign"}, "the platform's own days have moved on"


def test_a_review_leaves_out_orders_after_the_last_phase_day_and_tracking_keeps_them():
    # The tail ends with the 20th; the next replenishment comes on the 1st of December. Tracking
    # looks ahead to that day, the campaign's orders end with its last phase day.
    orders = lines(
        order("last", "2025-11-20 23:00", "2025-11-27 09:00"),
        order("beyond", "2025-11-21 00:00", "2025-11-28 09:00"),
    )
    after = a_scope(seen_from="2025-12-24")
    whole = campaign_metrics(orders, metrics(*RULES), scope=after).set_index(["shop", "metric"])
    row = whole.loc[("th-one", "late_dispatch_rate")]
    assert (row["failed_orders"], row["orders"], row["failed_ids"]) == (1, 1, "last")
    row = told([order("beyond", "2025-11-21 09:00", "2025-11-28 09:00")], RULES, scope=after)
    assert row.loc["late_dispatch_rate", "orders"] == 1


def test_a_review_looks_from_its_own_day_and_not_from_that_of_tracking():
    # Without --as-of each step has its own day.
    days = {"plan": "2025-10-22", "track": "2025-11-13", "review": "2025-12-24"}
    campaign = SCOPE.campaign.model_copy(update={"as_of": AsOf(**days)})
    plain = SCOPE.model_copy(update={"seen_from": None, "campaign": campaign})
    orders = lines(order("late", "2025-11-17 09:00", "2025-11-27 09:00"))
    clock = order_clock(orders, metrics(*RULES), scope=plain, step=5)
    assert clock["looking"].tolist() == [pd.Timestamp(plain.as_of(5)["TH"])]
    found = campaign_metrics(orders, metrics(*RULES), scope=plain)
    late = found[(found["metric"] == "late_dispatch_rate") & (found["shop"] == "th-one")]
    assert late["failed_orders"].tolist() == [1]


@pytest.mark.parametrize("lang", LANGS)
def test_the_review_shows_broken_limits_first_and_what_nobody_can_tell_last(lang):
    rules = metrics(
        *RULES, ("valid_tracking_rate", 0.95, True), ("seller_fault_cancel_rate", 0.1, False)
    )
    late = order("late", "2025-11-10 09:00", "2025-11-13 09:00")
    marks = campaign_metrics(lines(*left_in_time(3), late), rules, scope=SCOPE)
    marks = marks[marks["shop"] == "th-one"]
    block = platform_blocks.show_kept(marks, lang).data
    told = block["rows"]
    names = [column["name"] for column in block["columns"]]
    met = [row[names.index("met")]["text"] for row in told]
    assert met == sorted(met, key=[say("word.no", lang), say("word.yes", lang), ""].index)
    assert met.count(say("word.no", lang)) == 2, "late dispatch and the other side of it"
    assert "None" not in str(platform_blocks.metrics_answer(marks, lang).data)
    legend = " ".join(column["meaning"] for column in block["columns"])
    for running in ("到现在", "至今", "to date", "SKU"):
        assert running not in legend, "it is over, and nothing here is of a SKU"


@pytest.mark.parametrize("lang", LANGS)
def test_the_review_shows_a_shop_where_no_metric_is_judged(lang):
    marks = campaign_metrics(
        lines(*left_in_time(3)), metrics(("dispatch_days", 2.0, False)), scope=SCOPE
    )
    assert marks["is_breached"].isna().all()
    block = platform_blocks.show_kept(marks, lang).data
    met = [column["name"] for column in block["columns"]].index("met")
    assert {row[met]["text"] for row in block["rows"]} == {""}
