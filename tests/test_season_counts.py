"""Stock counts against sales, by hand."""

from datetime import date

import pandas as pd
import seen_case as case
from season_case import a_scope, sales, stock, value
from seen_case import moves

from planner import tables
from planner.scope import Scope
from planner.season.campaign_track import track_campaign
from planner.season.replays.day_grid import announced
from planner.season.stock.counts import arrivals, stock_today
from planner.season.stock.stock_check import check_stock


def history(sku, start, units):
    days = pd.date_range(start, periods=len(units))
    frame = pd.DataFrame({"sku": sku, "day": days, "units": units})
    return tables.checked(tables.StockHistory, frame)


NO_SALES = tables.empty(tables.DailySales)


def two_houses() -> Scope:
    """The shops of the market, each with a warehouse of its own."""
    scope = a_scope()
    one, two = scope.seller.shops
    house = scope.seller.warehouses[0]
    return scope.model_copy(update={"seller": scope.seller.model_copy(update={
        "shops": (one, two.model_copy(update={"warehouse": "th-north"})),
        "warehouses": (house, house.model_copy(update={"warehouse": "th-north"})),
    })})  # fmt: skip


def test_stock_today_is_the_count_less_sales_since_plus_what_has_come():
    # Counted 100 on the 11th before its sales; 30 + 25 sold on the 11th and 12th; 40 came on
    # the 12th: 100 - 55 + 40 = 85 on the 13th. Sales of the 10th are in the count already.
    count = stock(
        ("a", "on_hand", 100, None, "2025-11-11"),
        ("a", "in_transit", 40, "2025-11-12", "2025-11-11"),
    )
    seen = stock_today(count, sales("a", "2025-11-10", [9, 30, 25]), scope=a_scope())
    assert seen["stock_units"].tolist() == [85]
    assert seen["sold_units"].tolist() == [55]


def test_received_goods_are_not_sellable():
    count = stock(
        ("a", "on_hand", 10, None, "2025-11-13"),
        ("a", "receiving", 500, None, "2025-11-13"),
    )
    seen = stock_today(count, NO_SALES, scope=a_scope())
    assert seen["stock_units"].tolist() == [10]
    assert arrivals(count, scope=a_scope()).empty


def test_two_warehouses_of_a_market_counted_on_different_days_lose_their_own_sales_only():
    # Each shop sells 10 a day from its own house. 100 were counted on the 3rd, 50 on the 13th:
    # 100 - 10 * 10 + 50 - 0 = 50 on the 13th, and not 150 - 10 * 20.
    scope = two_houses()
    count = stock(
        ("a", "on_hand", 100, None, "2025-11-03"), ("a", "on_hand", 50, None, "2025-11-13")
    ).assign(warehouse=["th-house", "th-north"])
    daily = pd.concat(
        [sales("a", "2025-11-01", [10] * 12, shop=shop) for shop in ("th-one", "th-two")]
    )
    seen = stock_today(count, daily, scope=scope).iloc[0]
    assert (seen["stock_units"], seen["sold_units"]) == (50, 100)
    told = track_campaign(case.seen(daily=daily, stock=count), scope=scope)
    assert told.status["stock_units"].tolist() == [50]


def test_what_a_shop_sold_of_goods_that_only_another_house_counted_left_that_market():
    # th-house was counted and does not name the SKU: what its shop sold since came from the other.
    count = stock(
        ("b", "on_hand", 9, None, "2025-11-11"), ("a", "on_hand", 50, None, "2025-11-11")
    ).assign(warehouse=["th-house", "th-north"])
    seen = stock_today(count, sales("a", "2025-11-11", [10, 5]), scope=two_houses())
    assert seen.set_index("sku")["stock_units"].to_dict() == {"a": 35, "b": 9}


def test_a_sku_without_a_count_has_no_row_rather_than_a_zero():
    assert stock_today(stock(), NO_SALES, scope=a_scope()).empty


def test_a_count_of_a_later_day_is_not_known_yet():
    count = stock(("a", "on_hand", 70, None, "2025-11-12"), ("a", "on_hand", 5, None, "2025-11-14"))
    assert stock_today(count, NO_SALES, scope=a_scope())["stock_units"].tolist() == [70]


def test_inbound_that_its_own_snapshot_shows_as_missed_is_overdue_and_counts_nowhere():
    count = stock(
        ("a", "on_hand", 10, None, "2025-11-13"),
        ("a", "in_transit", 60, "2025-11-09", "2025-11-13"),
        ("a", "in_transit", 20, "2025-11-15", "2025-11-13"),
    )
    seen = stock_today(count, NO_SALES, scope=a_scope())
    assert seen[["stock_units", "overdue_units"]].to_numpy().tolist() == [[10, 60]]
    due = arrivals(count, scope=a_scope())
    assert due[["day", "units"]].to_numpy().tolist() == [[pd.Timestamp("2025-11-15"), 20]]


def test_stock_drawn_that_equals_sales_leaves_nothing_unexplained():
    checked = check_stock(
        sales("a", "2025-11-11", [30, 20]),
        history("a", "2025-11-10", [100, 70, 50]),
        scope=a_scope(),
    )
    assert checked["change_units"].tolist() == [-30, -20]
    assert checked["sold_units"].tolist() == [30, 20]
    assert checked["unexplained_units"].tolist() == [0, 0]
    assert checked["reason"].tolist() == ["reason.track_count_agrees"] * 2


def test_units_gone_without_an_order_come_first_with_their_number():
    # 100 -> 60 with 30 sold: 10 gone. Two shops draw on the same shelf: 20 + 10 = 30.
    daily = pd.concat(
        [sales("a", "2025-11-11", [20, 0]), sales("a", "2025-11-11", [10, 5], shop="th-two")]
    )
    checked = check_stock(daily, history("a", "2025-11-10", [100, 60, 55]), scope=a_scope())
    first = checked.iloc[0]
    assert first["unexplained_units"] == -10
    assert first["reason"] == "reason.track_units_gone|units=10"
    assert pd.isna(first["inbound_units"])


def test_announced_inbound_explains_a_rise():
    count = stock(("a", "in_transit", 50, "2025-11-11", "2025-11-01"))
    checked = check_stock(
        sales("a", "2025-11-11", [30]),
        history("a", "2025-11-10", [100, 125]),
        scope=a_scope(),
        stock=count,
    )
    # 100 - 30 + 50 = 120 expected, 125 counted: 5 appeared.
    assert checked["inbound_units"].tolist() == [50]
    assert checked["reason"].tolist() == ["reason.track_units_appeared|units=5"]


def test_an_announcement_that_a_later_count_moved_counts_once_on_its_new_day():
    count = stock(
        ("a", "in_transit", 50, "2025-11-11", "2025-11-01"),
        ("a", "in_transit", 50, "2025-11-12", "2025-11-10"),
    )
    checked = check_stock(
        sales("a", "2025-11-11", [30, 10]),
        history("a", "2025-11-10", [100, 70, 110]),
        scope=a_scope(),
        stock=count,
    ).sort_values("to_on")
    assert checked["inbound_units"].tolist() == [0, 50]
    assert checked["unexplained_units"].tolist() == [0, 0]


def on_their_day(*later: tuple) -> pd.Series:
    """50 announced for the 11th and 70 for the 20th; what the count of the 11th says beside."""
    count = stock(
        ("a", "in_transit", 50, "2025-11-11", "2025-11-10"),
        ("a", "in_transit", 70, "2025-11-20", "2025-11-10"),
        ("a", "on_hand", 150, None, "2025-11-11"),
        *later,
    )
    return check_stock(
        sales("a", "2025-11-11", [30]), history("a", "2025-11-10", [100, 120]),
        scope=a_scope(), stock=count,
    ).iloc[0]  # fmt: skip


def test_goods_on_the_shelf_when_their_own_day_is_counted_came_as_announced():
    # 100 - 30 + 50 = 120: the count of the 11th has them and announces them no more.
    told = on_their_day(("a", "in_transit", 70, "2025-11-20", "2025-11-11"))
    assert (told["inbound_units"], told["unexplained_units"]) == (50, 0)


def test_goods_that_the_count_of_their_own_day_announces_again_come_as_it_says():
    moved = on_their_day(("a", "in_transit", 50, "2025-11-15", "2025-11-11"))
    assert (moved["inbound_units"], moved["unexplained_units"]) == (0, 50)
    still_today = on_their_day(("a", "in_transit", 40, "2025-11-11", "2025-11-11"))
    assert still_today["inbound_units"] == 40
    undated = on_their_day(("a", "receiving", 50, None, "2025-11-11"))
    assert undated["inbound_units"] == 0
    added_to_the_next = on_their_day(("a", "in_transit", 120, "2025-11-20", "2025-11-11"))
    assert added_to_the_next["inbound_units"] == 0


def test_goods_that_the_first_count_has_already_do_not_come_a_second_time():
    count = stock(
        ("a", "in_transit", 50, "2025-11-11", "2025-11-10"),
        ("a", "on_hand", 150, None, "2025-11-11"),
    )
    for begins, units in ((11, []), (10, [50])):
        due = announced(count, a_scope(), since={"TH": date(2025, 11, begins)})
        assert due["units"].tolist() == units


def test_counts_days_apart_are_held_against_the_sales_between_them():
    days = history("a", "2025-11-09", [100, 0, 0, 60]).query("units > 0")
    checked = check_stock(sales("a", "2025-11-09", [7, 10, 10, 20]), days, scope=a_scope())
    # From the end of the 9th to the end of the 12th: 10 + 10 + 20 sold, 40 drawn.
    assert checked["sold_units"].tolist() == [40]
    assert checked["unexplained_units"].tolist() == [0]


def test_without_two_counts_there_is_nothing_to_check():
    one = history("a", "2025-11-10", [100])
    assert check_stock(sales("a", "2025-11-10", [5]), one, scope=a_scope()).empty


def test_the_known_movements_explain_a_count_and_what_is_left_has_a_cost():
    # 100 on the evening of the 11th, 20 sold, 30 shelved, 3 put back, 2 samples, 1 damaged:
    # 110 expected, 106 counted, so 4 are gone, each landed at 8.
    told = check_stock(
        sales("a", "2025-11-01", [0] * 11 + [20]),
        history("a", "2025-11-11", [100, 106]),
        scope=a_scope(),
        stock=stock(("a", "in_transit", 500, "2025-11-12", "2025-11-01")),
        moves=moves(
            ("2025-11-12", "arrived", 30),
            ("2025-11-12", "shelved", 30),
            ("2025-11-12", "returned", 3),
            ("2025-11-12", "sample", 2),
            ("2025-11-12", "damaged", 1),
        ),
        economics=value("a"),
    ).iloc[0]
    assert told["inbound_units"] == 30  # what was shelved, not what was announced
    assert told["moved_units"] == 0  # 3 - 2 - 1
    assert told["unexplained_units"] == -4
    assert told["gone_cost"] == 32
    assert told["reason"] == "reason.track_units_gone|units=4"


def test_samples_in_the_orders_left_the_shelf_though_they_are_no_demand():
    lines = pd.DataFrame({
        "sku": ["a", "a"], "kind": ["sample", "cancelled_before"], "units": [5, 9],
        "ordered_at": pd.to_datetime(["2025-11-12 10:00"] * 2),
    })  # fmt: skip
    given = {"daily": sales("a", "2025-11-01", [0] * 11 + [20]), "scope": a_scope()}
    count = history("a", "2025-11-11", [100, 75])
    told = check_stock(stock_history=count, lines=lines, **given).iloc[0]
    assert (told["moved_units"], told["unexplained_units"]) == (-5, 0)
    # Where the warehouse writes samples down itself they count once.
    both = check_stock(
        stock_history=count, lines=lines, moves=moves(("2025-11-12", "sample", 5)), **given
    ).iloc[0]
    assert (both["moved_units"], both["unexplained_units"]) == (-5, 0)


def test_who_writes_nothing_down_has_movements_unknown_and_not_zero():
    told = check_stock(
        sales("a", "2025-11-01", [0] * 11 + [20]), history("a", "2025-11-11", [100, 81]),
        scope=a_scope(),
    ).iloc[0]  # fmt: skip
    assert pd.isna(told["moved_units"])
    assert pd.isna(told["gone_cost"])
    # one more than is known: it may have been announced, and nobody told what was
    assert pd.isna(told["unexplained_units"])
    assert told["reason"] == "reason.track_inbound_unknown|units=1"


def test_shelving_of_one_warehouse_does_not_silence_what_another_was_announced():
    count = stock(
        ("a", "in_transit", 40, "2025-11-12", "2025-11-01"),
        ("b", "in_transit", 50, "2025-11-12", "2025-11-01"),
    )
    elsewhere = moves(("2025-11-12", "shelved", 7)).assign(sku="c", warehouse="far-house")
    days = pd.concat([history(sku, "2025-11-11", [100, units]) for sku, units in
                      (("a", 140), ("b", 150))])  # fmt: skip
    told = check_stock(
        sales("a", "2025-11-11", [0, 0]), days, scope=a_scope(), stock=count, moves=elsewhere
    ).set_index("sku")
    assert told["inbound_units"].to_dict() == {"a": 40, "b": 50}
    assert told["unexplained_units"].tolist() == [0, 0]


def test_a_warehouse_is_believed_from_its_first_shelving_on():
    # 40 announced for the 11th, before it told of anything, stand; 60 for the 12th came as 25.
    count = stock(
        ("a", "in_transit", 40, "2025-11-11", "2025-11-01"),
        ("a", "in_transit", 60, "2025-11-12", "2025-11-01"),
    )
    told = check_stock(
        sales("a", "2025-11-10", [0, 0, 0]), history("a", "2025-11-10", [100, 140, 165]),
        scope=a_scope(), stock=count, moves=moves(("2025-11-12", "shelved", 25)),
    ).set_index("to_on")  # fmt: skip
    assert told["inbound_units"].sort_index().tolist() == [40, 25]
    assert told["unexplained_units"].tolist() == [0, 0]
