"""The daily check: yesterday's sales beside what the shelf lost, one row for every SKU."""

import io

import pandas as pd
import seen_case as case
from season_case import a_scope, sales

from planner import tables
from planner.pages.track_book import track_workbook
from planner.season.stock.daily_check import daily_check

YESTERDAY = "2025-11-12"


def counts(*rows: tuple) -> pd.DataFrame:
    """StockCheck rows: sku, from, to, sold, change and what nobody explains."""
    frame = pd.DataFrame(
        rows, columns=["sku", "from_on", "to_on", "sold_units", "change_units", "unexplained_units"]
    )
    for name in ("from_on", "to_on"):
        frame[name] = pd.to_datetime(frame[name]).astype("datetime64[us]")
    return frame.assign(
        opening_units=80, inbound_units=0.0, moved_units=0.0, closing_units=60,
        gone_cost=0.0, reason="", currency="CNY",
    )  # fmt: skip


def told(*rows: tuple) -> pd.Series:
    now = case.on_plan()
    checks = counts(*rows) if rows else tables.empty(tables.StockCheck)
    return daily_check(now.status, checks, case.seen().daily, scope=case.scope()).iloc[0]


def test_a_sku_whose_count_agrees_has_its_row_too():
    row = told(("a", "2025-11-11", YESTERDAY, 20, -20, 0.0))
    names = ["yesterday_units", "change_units", "unexplained_units", "stock_units"]
    assert row[names].tolist() == [20, -20, 0, 60]
    assert row["day"] == pd.Timestamp(YESTERDAY)
    assert row["cover"].startswith("cover.days|days=")
    assert (row["action"], row["action_units"]) == ("slow_down", 0)


def first_step(action: str, units: float, event_last_at: str | None) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "a", "action": action, "units": units,
        "event_last_at": event_last_at, "last_useful_at": "2025-11-24 22:00",
    }  # fmt: skip
    moments = ["event_last_at", "last_useful_at"]
    return pd.DataFrame([row]).astype(dict.fromkeys(moments, "datetime64[us]"))


def test_what_to_do_today_is_the_step_that_comes_first_for_the_sku():
    # 14.53 units read 15 in the table of steps; the day is the last that still helps the event.
    now, checks = case.on_plan(), tables.empty(tables.StockCheck)

    def begun(first: pd.DataFrame, status: pd.DataFrame = now.status) -> list[object]:
        row = daily_check(status, checks, case.seen().daily, scope=case.scope(), first=first).iloc[
            0
        ]
        return [row["action"], row["action_units"], f"{row['act_by']:%Y-%m-%d}"]

    wait = first_step("backorder", 14.53, "2025-11-20 22:00")
    assert begun(wait) == ["backorder", 15, "2025-11-20"]
    assert begun(first_step("markdown", 5.63, None)) == ["markdown", 6, "2025-11-24"]
    # Where counts are in doubt, counting comes before anything that rests on them.
    blind = now.status.assign(action="check_stock")
    assert begun(wait, blind)[0] == "check_stock"
    step = now.first.iloc[0]
    assert now.daily["action"].tolist() == [step["action"]]


def test_what_sold_what_changed_and_what_is_known_to_have_moved_add_up_to_the_difference():
    # 100 to 106: 20 sold, 30 came in, 3 back, 2 samples, 1 damaged: 6 + 20 - 30 leave 4 below.
    found = [
        case.moves(("2025-11-12", "shelved", 30), ("2025-11-12", "returned", 3),
                   ("2025-11-12", "sample", 2), ("2025-11-12", "damaged", 1)),
        case.moves(("2025-11-05", "shelved", 9)), tables.empty(tables.StockMoves),
    ]  # fmt: skip
    for moves, units, known, rest in zip(
        found, (106, 78, 78), (30, 0, 0), (-4, -2, -2), strict=True
    ):
        history = pd.DataFrame(
            {"sku": "a", "day": ["2025-11-11", YESTERDAY], "units": [100, units]}
        )
        history["day"] = pd.to_datetime(history["day"]).astype("datetime64[us]")
        row = case.tracked(stock_history=history, moves=moves).daily.iloc[0]
        left = row["yesterday_units"] + row["change_units"] - row["known_units"]
        assert [row["known_units"], left, row["unexplained_units"]] == [known, rest, rest]


def test_a_sku_sold_in_two_markets_has_the_sales_of_each_and_no_difference():
    scope = a_scope(markets=("TH", "ID"))
    daily = pd.concat([
        sales("a", "2025-11-01", [10] * 12),
        sales("a", "2025-11-01", [30] * 12, shop="id-one", market="ID"),
    ])  # fmt: skip
    one = case.on_plan().status
    status = pd.concat([one, one.assign(market="ID")], ignore_index=True)
    checks = counts(("a", "2025-11-11", YESTERDAY, 40, -40, 0.0))
    told = daily_check(status, checks, daily, scope=scope).set_index("market")
    assert told["yesterday_units"].to_dict() == {"TH": 10, "ID": 30}
    assert told[["change_units", "known_units", "unexplained_units"]].isna().all(axis=None)


def test_on_the_first_phase_day_yesterday_is_the_day_before_the_campaign():
    row = case.tracked("2025-11-01", daily=sales("a", "2025-10-01", [5] * 31)).daily.iloc[0]
    assert (row["day"], row["yesterday_units"]) == (pd.Timestamp("2025-10-31"), 5)
    ends = case.tracked("2025-11-01", daily=sales("a", "2025-10-01", [5] * 30)).daily.iloc[0]
    assert pd.isna(ends["yesterday_units"])


def test_units_that_nobody_explains_stand_beside_the_sales_of_the_day():
    row = told(("a", "2025-11-11", YESTERDAY, 20, -25, -5.0))
    assert (row["yesterday_units"], row["change_units"], row["unexplained_units"]) == (20, -25, -5)


def test_a_sku_not_counted_on_both_evenings_has_sales_and_no_difference():
    for rows in ((), (("a", "2025-11-10", YESTERDAY, 40, -40, 0.0),),
                 (("a", "2025-11-10", "2025-11-11", 20, -20, 0.0),)):  # fmt: skip
        row = told(*rows)
        assert row["yesterday_units"] == 20
        assert row[["change_units", "unexplained_units"]].isna().all()


def test_a_shelf_without_a_count_and_one_that_outlasts_the_plan_are_told_apart():
    blind = case.tracked(stock=case.stock(("b", "on_hand", 1, None, case.LOOKING))).daily
    assert blind.set_index("sku").loc["a", "cover"] == "cover.unknown"
    assert case.tracked(held=900).daily["cover"].tolist() == ["cover.lasts"]
    assert case.tracked(held=0).daily["cover"].tolist() == ["cover.out"]


def test_the_workbook_begins_with_its_headings_and_a_row_for_every_sku():
    daily = case.on_plan().daily
    other = daily.assign(sku="b", unexplained_units=0.0, change_units=-20.0, act_by=pd.NaT)
    book = track_workbook({"DailyCheck": pd.concat([daily, other])}, scope=case.scope())
    sheets = pd.read_excel(io.BytesIO(book), sheet_name=None, header=None, engine="calamine")
    assert next(iter(sheets)) == "每日核对 Daily check"
    cells = sheets["每日核对 Daily check"]
    heads = [str(cell).split("\n")[0] for cell in cells.iloc[3]]
    assert heads[:1] + heads[2:] == [
        "SKU", "昨日销量", "库存变化", "已知进出", "无法解释的差额", "可售库存", "还能卖多久",
        "动作", "动作件数", "最晚处理",
    ]  # fmt: skip
    assert cells.iloc[4:, 0].tolist() == ["a", "b"]
    assert cells.iloc[5, 3] == -20
    assert cells.iloc[5, 10] == "不限期 / no date"
    both = pd.concat([daily, daily.assign(market="ID")])
    book = track_workbook({"DailyCheck": both}, scope=case.scope())
    cells = pd.read_excel(io.BytesIO(book), header=None, engine="calamine")
    assert cells.iloc[4:, 0].tolist() == ["泰国 / Thailand", "印度尼西亚 / Indonesia"]
