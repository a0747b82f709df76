"""Orders shipped late and orders waiting, by the calendar: 11.11 of 2025 is a Tuesday."""

import pandas as pd
import pytest
from season_case import a_scope

from planner import tables
from planner.season.platform.order_clock import order_clock
from planner.season.track import ageing_orders, dispatch_metrics

SCOPE = a_scope(seen_from="2025-11-14")


def order(name, paid, shipped=None, *, status=None, units=1, ordered=None, shop="th-one"):
    """One order line; the 14th of November is not known yet."""
    return {
        "shop": shop,
        "market": "TH",
        "order_id": name,
        "sku": "a",
        "units": units,
        "returned_units": 0,
        "status": status or ("shipped" if shipped else "to_ship"),
        "returned_from": "",
        "kind": "firm",
        "is_demand": True,
        "channel": "",
        "source": "",
        "fulfilment": "",
        "ordered_at": pd.Timestamp(ordered or paid),
        "paid_at": pd.Timestamp(paid) if paid else pd.NaT,
        "shipped_at": pd.Timestamp(shipped) if shipped else pd.NaT,
        "cancelled_at": pd.NaT,
        "gross_minor": 100,
        "amount_minor": 100,
        "currency": "THB",
        "file": "f.csv",
        "row": 1,
    }


def lines(*orders):
    frame = pd.DataFrame(list(orders))
    return tables.checked(
        tables.OrderLines, frame.astype(tables.empty(tables.OrderLines).dtypes.to_dict())
    )


def metrics(*rows):
    day = pd.Timestamp("2020-01-01")
    frame = pd.DataFrame(
        [
            {
                "valid_from": day,
                "valid_to": pd.NaT,
                "confidence": "primary",
                "source": "test",
                "as_of": day,
                "market": "TH",
                "metric": metric,
                "threshold": threshold,
                "is_floor": is_floor,
                "consequence": "",
            }
            for metric, threshold, is_floor in rows
        ]
    )
    return tables.checked(tables.Metrics, frame.astype({"valid_to": "datetime64[us]"}))


RULES = metrics(("dispatch_days", 2.0, False), ("late_dispatch_rate", 0.3, False))
BY_NAME = {
    "in time": order("1", "2025-11-10 09:00", "2025-11-12 23:00"),
    "late": order("2", "2025-11-10 09:00", "2025-11-13 01:00"),
    "overdue": order("3", "2025-11-11 10:00"),
    "still in time": order("4", "2025-11-12 10:00"),
}


def first(*names, rules=RULES, **more):
    chosen = [BY_NAME[name] for name in names] + list(more.get("orders", []))
    return dispatch_metrics(lines(*chosen), rules, scope=SCOPE).iloc[0]


def test_an_order_is_late_once_its_last_working_day_is_past():
    # Paid Monday the 10th: last day Wednesday the 12th; paid Tuesday: Thursday the 13th, past
    # on the 14th; paid Wednesday: Friday the 14th, not yet. 2 late of 3.
    row = first("in time", "late", "overdue", "still in time")
    assert row["value_rate"] == pytest.approx(2 / 3)
    assert (row["orders"], row["failed_orders"]) == (3, 2)
    assert bool(row["is_breached"])


def test_a_rate_at_the_threshold_is_kept():
    rules = metrics(("dispatch_days", 2.0, False), ("late_dispatch_rate", 0.5, False))
    assert not first("in time", "late", rules=rules)["is_breached"]


def test_weekends_do_not_count():
    # Paid Saturday the 8th: Monday and Tuesday count, so Tuesday the 11th is the last day.
    saturday = order("5", "2025-11-08 12:00", "2025-11-11 20:00")
    too_late = order("6", "2025-11-08 12:00", "2025-11-12 00:10")
    assert first(orders=[saturday])["failed_orders"] == 0
    assert first(orders=[too_late])["failed_orders"] == 1


def test_a_shipping_time_after_the_tracking_day_is_not_known_yet():
    later = order("7", "2025-11-11 10:00", "2025-11-15 10:00")
    assert first(orders=[later])["failed_orders"] == 1


def test_cash_on_delivery_counts_from_the_order():
    # Paid at the door on the 13th, ordered on Monday the 10th: last day is the 12th.
    cash = order("8", "2025-11-13 18:00", "2025-11-12 08:00", ordered="2025-11-10 09:00")
    assert first(orders=[cash])["failed_orders"] == 0
    unpaid_yet = order("9", None, ordered="2025-11-10 09:00")
    assert first(orders=[unpaid_yet])["failed_orders"] == 1


def test_cancelled_orders_and_orders_before_the_campaign_are_left_out():
    gone = order("10", "2025-11-10 09:00", status="cancelled")
    old = order("11", "2025-10-20 09:00", "2025-10-30 09:00")
    row = first("in time", orders=[gone, old])
    assert (row["orders"], row["failed_orders"]) == (1, 0)


def test_exports_without_shipping_times_make_the_rate_unknown():
    shipped = order("12", "2025-11-10 09:00", status="completed")
    row = first(orders=[shipped])
    assert pd.isna(row["value_rate"])
    assert pd.isna(row["is_breached"])
    assert row["reason"] == "reason.track_no_ship_times"


def test_waiting_orders_alone_do_not_make_a_rate_where_shipping_times_are_missing():
    # One order overdue, one shipped on an unknown day: 1 of 1 would be a false alarm.
    row = first("overdue", orders=[order("12", "2025-11-10 09:00", status="completed")])
    assert pd.isna(row["value_rate"])
    assert row["reason"] == "reason.track_no_ship_times"


def test_parcels_cancelled_after_shipping_were_not_delivered():
    # Three shipped, one of them came back refused; one cancelled before shipping does not count.
    refused = order("14", "2025-11-10 09:00", "2025-11-11 09:00", status="cancelled")
    gone = order("15", "2025-11-10 09:00", status="cancelled")
    told = dispatch_metrics(
        lines(BY_NAME["in time"], BY_NAME["late"], refused, gone), RULES, scope=SCOPE
    )
    row = told[(told["shop"] == "th-one") & (told["metric"] == "non_delivery_rate")].iloc[0]
    assert row["value_rate"] == pytest.approx(1 / 3)
    assert (row["orders"], row["failed_orders"]) == (3, 1)
    assert row[["threshold_rate", "is_breached"]].isna().all()


def test_without_a_dispatch_rule_the_rate_is_unknown():
    row = first("late", rules=metrics(("late_dispatch_rate", 0.04, False)))
    assert pd.isna(row["value_rate"])
    assert row["reason"] == "reason.track_no_dispatch_rule"


def test_a_metric_the_exports_cannot_tell_is_named_as_unknown():
    rules = metrics(
        ("dispatch_days", 2.0, False),
        ("late_dispatch_rate", 0.04, False),
        ("late_dispatch_rate_enforced", 0.1, False),
        ("shop_performance_score", 3.5, True),
        ("valid_tracking_rate", 0.95, True),
    )
    told = dispatch_metrics(lines(BY_NAME["late"]), rules, scope=SCOPE)
    of_one = told[told["shop"] == "th-one"].set_index("metric")
    assert list(of_one.index) == [
        "late_dispatch_rate",
        "late_dispatch_rate_enforced",
        "valid_tracking_rate",
        "on_time_dispatch_rate",
        "non_delivery_rate",
        "same_day_dispatch_rate",
        "fast_delivery_rate",
    ]
    assert of_one["value_rate"].tolist()[:2] == [1.0, 1.0]
    assert of_one.loc["valid_tracking_rate", "reason"] == "reason.track_not_in_exports"


def test_a_shop_without_orders_has_no_rate():
    told = dispatch_metrics(lines(BY_NAME["late"]), RULES, scope=SCOPE)
    row = told[told["shop"] == "th-two"].iloc[0]
    assert (row["orders"], row["reason"]) == (0, "reason.track_no_orders")
    assert pd.isna(row["value_rate"])


def test_orders_past_their_last_day_are_listed_the_longest_waiting_first():
    waiting = ageing_orders(
        lines(
            BY_NAME["overdue"], order("13", "2025-11-07 09:00", units=3), BY_NAME["still in time"]
        ),
        scope=SCOPE,
        metrics=RULES,
    )
    # Seen on Friday the 14th. Paid Friday the 7th: last day Tuesday the 11th, three days ago; paid
    # Tuesday the 11th: last day the 13th, one day ago.
    assert waiting["order_id"].tolist() == ["13", "3"]
    assert waiting["age_days"].tolist() == [7, 3]
    assert waiting["late_days"].tolist() == [3, 1]
    assert waiting["units"].tolist() == [3, 1]


def test_without_a_rule_every_waiting_order_is_listed_and_its_last_day_is_unknown():
    waiting = ageing_orders(lines(BY_NAME["late"], BY_NAME["still in time"]), scope=SCOPE)
    assert waiting["order_id"].tolist() == ["4"]
    assert waiting["dispatch_by"].isna().all()
    assert waiting["late_days"].isna().all()


def test_one_clock_of_all_orders_serves_both_tables():
    sold = lines(*BY_NAME.values())
    clock = order_clock(sold, RULES, scope=SCOPE)
    told = {"scope": SCOPE, "orders": clock}
    marks = dispatch_metrics(sold, RULES, **told)
    pd.testing.assert_frame_equal(marks, dispatch_metrics(sold, RULES, scope=SCOPE))
    waiting = ageing_orders(sold, metrics=RULES, **told)
    pd.testing.assert_frame_equal(waiting, ageing_orders(sold, metrics=RULES, scope=SCOPE))
    assert len(waiting) == 1  # "overdue": the other waits within its two working days
    late = clock[clock["order_id"] != "3"]
    assert ageing_orders(sold, metrics=RULES, scope=SCOPE, orders=late).empty


def test_nothing_waiting_is_an_empty_list():
    assert ageing_orders(lines(BY_NAME["in time"]), scope=SCOPE, metrics=RULES).empty


def test_a_cross_border_shop_goes_by_its_own_rule_and_without_one_nobody_knows():
    shops = tuple(shop.model_copy(update={"mode": "cross_border"}) for shop in SCOPE.seller.shops)
    seller = SCOPE.seller.model_copy(update={"shops": shops})
    abroad = SCOPE.model_copy(update={"seller": seller})
    late = lines(BY_NAME["late"])
    # Paid Monday the 10th, shipped on Thursday the 13th: late for a local shop, in time in four.
    row = dispatch_metrics(late, RULES, scope=abroad).iloc[0]
    assert pd.isna(row["value_rate"])
    assert row["reason"] == "reason.track_no_cross_border_rule"
    assert first("late")["failed_orders"] == 1
    own = metrics(
        ("dispatch_days", 2.0, False),
        ("dispatch_days_cross_border", 4.0, False),
        ("late_dispatch_rate", 0.3, False),
    )
    row = dispatch_metrics(late, own, scope=abroad).iloc[0]
    assert (row["orders"], row["failed_orders"]) == (1, 0)
