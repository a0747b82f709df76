"""The daily check: yesterday's sales beside what the shelf lost, one row for every SKU."""

import io

import pandas as pd
import seen_case as case

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
    return daily_check(now.status, checks, now.days, scope=case.scope()).iloc[0]


def test_a_sku_whose_count_agrees_has_its_row_too():
    row = told(("a", "2025-11-11", YESTERDAY, 20, -20, 0.0))
    names = ["yesterday_units", "change_units", "unexplained_units", "stock_units"]
    assert row[names].tolist() == [20, -20, 0, 60]
    assert row["day"] == pd.Timestamp(YESTERDAY)
    assert row["cover"].startswith("cover.days|days=")
    assert (row["action"], row["action_units"]) == ("slow_down", 0)


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


def test_the_workbook_begins_with_the_eight_headings_and_a_row_for_every_sku():
    daily = case.on_plan().daily
    other = daily.assign(sku="b", unexplained_units=0.0, change_units=-20.0, act_by=pd.NaT)
    book = track_workbook({"DailyCheck": pd.concat([daily, other])}, scope=case.scope())
    sheets = pd.read_excel(io.BytesIO(book), sheet_name=None, header=None, engine="calamine")
    assert next(iter(sheets)) == "每日核对 Daily check"
    cells = sheets["每日核对 Daily check"]
    heads = [str(cell).split("\n")[0] for cell in cells.iloc[3]]
    assert heads[:1] + heads[2:] == [
        "SKU", "昨日销量", "库存变化", "无法解释的差额", "可售库存", "还能卖多久", "动作",
        "动作件数", "最晚处理",
    ]  # fmt: skip
    assert cells.iloc[4:, 0].tolist() == ["a", "b"]
    assert cells.iloc[5, 3] == -20
    assert cells.iloc[5, 9] == "不限期 / no date"
