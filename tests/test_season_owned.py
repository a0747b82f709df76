"""Goods owned all along: left where they lay, returned, announced in one snapshot after another."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from happened_case import DATED, SCOPE, happened, plan_row
from review_case import late_seen
from season_case import a_scope, stock

from planner import tables
from planner.pages.review_costs import say_leftovers
from planner.season.campaign_review import review_campaign
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


def test_what_lies_where_two_markets_fetch_from_is_parted_by_what_each_planned():
    base = a_scope(seen_from="2025-12-05", markets=("TH", "ID"))
    seller = base.seller.model_dump()
    seller["warehouses"] = [*seller["warehouses"], ELSEWHERE]
    scope = base.model_copy(
        update={"campaign": DATED.campaign.model_copy(update={"markets": base.campaign.markets}),
                "seller": type(base.seller).model_validate(seller), "seen_from": None}
    )  # fmt: skip
    keys = pd.DataFrame({"market": ["TH", "ID"], "sku": "a"})

    def left(was: int, now: int, *planned: int) -> list[float]:
        moves = pd.DataFrame(
            {"market": ["TH", "ID"], "sku": "a", "from_place": "cn-house", "move": "transfer",
             "units": planned}
        )  # fmt: skip
        shots = lying((was, "2025-10-20"), (now, "2025-12-01"))
        return unmoved_units(moves, shots, keys, scope=scope).tolist()

    assert left(100, 100, 50, 0) == [50, 0]
    # Nothing was fetched; one of the two fetched its 50; only 60 lay there for the 100 planned.
    assert left(100, 100, 50, 50) == [50, 50]
    assert left(100, 50, 50, 50) == [25, 25]
    assert left(60, 60, 50, 50) == [30, 30]
    assert left(60, 60, 75, 25) == [45, 15]


def test_a_warehouse_that_nobody_counted_since_the_plan_tells_nothing():
    assert kept((200, "2025-10-20")) == [0, 0]
    assert unmoved_units(None, lying((9, "2025-12-01")), KEYS, scope=SEEN).tolist() == [0, 0]


def test_what_was_never_fetched_is_left_over_with_the_rest_and_named():
    # 100 lie on the shelf at the end, and 50 of the 120 that the plan fetched from elsewhere.
    seen, shots = late_seen(), lying((200, "2025-10-20"), (130, "2025-12-01"))
    had = seen.happened._replace(placement=MOVES, stock=shots)
    found = review_campaign(seen._replace(happened=had), scope=SEEN)
    assert found.outcome[["leftover_units", "elsewhere_units"]].to_numpy().tolist() == [[150, 50]]
    assert found.left["units"].sum() == 150
    told = found.figures.set_index("measure")["actual_value"]
    assert told["leftover_units"] == 150
    assert told["sell_through_rate"] == pytest.approx(200 / 350)
    text = say_leftovers(found.left, "en").data["text"]
    assert "50 of them are still in another warehouse" in text
    assert "(a 50)" in text
    none = review_campaign(seen, scope=SEEN)
    assert none.outcome[["leftover_units", "elsewhere_units"]].to_numpy().tolist() == [[100, 0]]
    assert "another warehouse" not in say_leftovers(none.left, "en").data["text"]


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
    told = announced(shots, SCOPE, since={"TH": date(2025, 11, 1)})
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
    held = held_stock(none, shots, keys, daily=tables.empty(tables.DailySales), scope=scope)
    assert held["opening_units"].tolist() == [87]


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
