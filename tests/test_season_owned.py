"""Goods owned all along: left where they lay, returned, announced in one snapshot after another."""

import numpy as np
import pandas as pd
from happened_case import DATED, SCOPE, happened, plan_row
from season_case import stock

from planner.season.replays.course import campaign_course
from planner.season.replays.day_grid import announced
from planner.season.replays.owned import unmoved_units
from planner.season.replays.regret import season_profits
from planner.season.stock.held import held_stock

KEYS = pd.DataFrame({"market": ["TH", "TH"], "sku": ["a", "b"]})
ELSEWHERE = {"warehouse": "cn-house", "market": "CN", "kind": "own", "is_reserve": True}
SEEN = DATED.model_copy(
    update={
        "seller": DATED.seller.model_validate(
            DATED.seller.model_dump()
            | {"warehouses": [*DATED.seller.model_dump()["warehouses"], ELSEWHERE]}
        )
    }
)
MOVES = pd.DataFrame(
    {"market": "TH", "sku": ["a", "b"], "from_place": ["cn-house", "th-house"], "move": "transfer",
     "to_place": "th-house", "units": [120, 60]}
)  # fmt: skip


def lying(*units_and_days: tuple[int, str]) -> pd.DataFrame:
    rows = [stock(("a", "on_hand", units, None, day)) for units, day in units_and_days]
    return pd.concat(rows, ignore_index=True).assign(warehouse="cn-house")


def kept(*units_and_days: tuple[int, str]) -> list[float]:
    return unmoved_units(MOVES, lying(*units_and_days), KEYS, scope=SEEN).tolist()


def test_what_the_plan_fetched_and_what_still_lies_elsewhere_was_never_moved():
    assert kept((200, "2025-10-20"), (200, "2025-12-01")) == [120, 0]
    # 70 of the 120 left; 50 did not.
    assert kept((200, "2025-10-20"), (130, "2025-12-01")) == [50, 0]
    assert kept((200, "2025-10-20"), (80, "2025-12-01")) == [0, 0]
    # Only 30 lie there now, whatever else became of the rest.
    assert kept((30, "2025-12-01")) == [30, 0]


def test_a_warehouse_that_nobody_counted_since_the_plan_tells_nothing():
    assert kept((200, "2025-10-20")) == [0, 0]
    assert unmoved_units(None, lying((9, "2025-12-01")), KEYS, scope=SEEN).tolist() == [0, 0]


def test_units_back_within_the_window_are_known_by_rate_and_lag_and_by_the_shelf():
    rates = pd.DataFrame(
        {"market": ["TH"], "sku": ["a"], "return_rate": [0.1], "lag_days": [9.5],
         "resale_rate": [0.5]}
    )  # fmt: skip
    back = happened().stock_history
    # 10 a day for 30 days; what the first 20 days sold is back: 200 at 5 % are 10, in lots of 4.
    back = back.assign(
        units=back["units"] + 4 * ((back["day"] - pd.Timestamp("2025-11-15")).dt.days.clip(0, 4))
    )
    catalogue = happened().catalogue.assign(carton_units=pd.array([50], "Int64"))
    had = happened(stock_history=back, catalogue=catalogue)
    course = campaign_course(had, scope=SCOPE, returned=rates).course
    assert course.arriving.sum() == 16
    assert course.again.tolist() == [10]
    assert campaign_course(had, scope=SCOPE).course.again.tolist() == [0]
    whole = campaign_course(happened(catalogue=catalogue), scope=SCOPE, returned=rates).course
    assert whole.again.tolist() == [0]


def test_an_announcement_counts_as_it_stood_when_its_day_came():
    shots = stock(
        ("a", "in_transit", 100, "2025-11-05", "2025-10-20"),
        ("a", "in_transit", 40, "2025-11-20", "2025-10-20"),
        ("a", "on_hand", 30, None, "2025-11-12"),
        ("a", "in_transit", 40, "2025-11-24", "2025-11-12"),
        ("a", "in_transit", 7, "2025-11-10", "2025-11-12"),
    )
    told = announced(shots, SCOPE)
    # The 40 were put off; the 7 are overdue and had not come.
    assert told["day"].dt.strftime("%m-%d").tolist() == ["11-05", "11-24"]
    assert told["units"].tolist() == [100, 40]
    assert np.issubdtype(told["units"].dtype, np.integer)


def test_each_warehouse_counts_as_it_was_counted_last_whenever_the_others_were():
    second = {"warehouse": "th-other", "market": "TH", "kind": "own"}
    houses = [*SCOPE.seller.model_dump()["warehouses"], second]
    seller = type(SCOPE.seller).model_validate(SCOPE.seller.model_dump() | {"warehouses": houses})
    scope = SCOPE.model_copy(update={"seller": seller})
    one = stock(("a", "on_hand", 90, None, "2025-10-29"), ("a", "on_hand", 80, None, "2025-10-30"))
    other = stock(("a", "on_hand", 7, None, "2025-10-31")).assign(warehouse="th-other")
    shots, keys = pd.concat([one, other], ignore_index=True), KEYS.iloc[:1]
    none = pd.DataFrame({"market": [], "sku": [], "day": [], "units": []})
    none = none.astype({"market": "str", "sku": "str", "day": "datetime64[us]", "units": "int64"})
    assert held_stock(none, shots, keys, scope=scope)["opening_units"].tolist() == [87]


def test_goods_owned_are_told_as_the_plan_counted_on_them_and_as_they_came():
    held = happened().position.assign(available_units=140.0, later_left_units=5.0)
    plan = plan_row("a", needed_units=160.0, available_units=140.0, order_units=160)
    plan = plan.assign(expected_profit=3000.0)
    had = happened(position=held, plan=plan)
    profits = season_profits(
        campaign_course(had, scope=SCOPE).course, currency="CNY", plan=plan, position=held
    )
    # 300 lay there before the first day and nobody tells what was the order: 160 of them.
    told = profits[["planned_owned_units", "owned_units", "planned_profit"]]
    assert told.to_numpy().tolist() == [[145, 140, 3000]]
