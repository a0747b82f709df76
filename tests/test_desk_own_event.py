from pathlib import Path

import pandas as pd
import pytest
from desk_world import make_home, put, put_registers

from planner.demand.own_events import KNOWN_AHEAD
from planner.desk.home import Home
from planner.desk.own_event import (
    OwnEvents,
    forecast_own,
    read_own_events,
    read_own_sales,
    strictly_read_sales,
)
from planner.errors import ConfigError, InputError, PlanningError
from planner.tables import columns

EVENTS = (
    "event,kind,start,end\n9.9,double_date,2025-09-09,2025-09-09\n"
    "11.11,double_date,2025-11-11,2025-11-11\n"
)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    made = make_home(tmp_path)
    put_registers(made)
    return made


def sales_text() -> str:
    days = pd.date_range("2025-08-01", "2025-10-31")
    rows = [f"A-1,{day:%Y-%m-%d},{40 if day.day == day.month else 10}" for day in days]
    return "\n".join(["sku,date,units", *rows]) + "\n"


def test_two_files_give_one_row_per_sku(home: Home, tmp_path: Path) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    events = put(tmp_path / "events.csv", EVENTS)
    told = forecast_own(home, sales, events, event="11.11", as_of="2025-11-01").splitlines()
    assert told[0] == "sku,mean,q025,q05,q10,q20,q50,q80,q90,q95,q975,grade,grade_reason"
    row = told[1].split(",")
    assert row[0] == "A-1"
    assert 10 < float(row[5]) < 60


def test_the_same_files_give_the_same_text(home: Home, tmp_path: Path) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    events = put(tmp_path / "events.csv", EVENTS)
    told = {forecast_own(home, sales, events, event="11.11", as_of="2025-11-01") for _ in "ab"}
    assert len(told) == 1


def test_an_unknown_event_and_a_missing_day_are_refused(home: Home, tmp_path: Path) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    events = put(tmp_path / "events.csv", EVENTS)
    with pytest.raises(PlanningError, match=r"11\.11"):
        forecast_own(home, sales, events, event="11.12", as_of="2025-11-01")
    with pytest.raises(ConfigError, match="--as-of is empty"):
        forecast_own(home, sales, events, event="11.11", as_of="")


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("A-1,2025-13-01,1,", 'row 2, column "date"'),
        ("A-1,01/02/2025,1,", 'row 2, column "date"'),
        ("A-1,2025-01-01,ten,", 'row 2, column "units"'),
        ("A-1,2025-01-01,-1,", 'row 2, column "units"'),
        ("A-1,2025-01-01,1e3,", 'row 2, column "units"'),
        ("A-1,2025-01-01,1,perhaps", 'row 2, column "in_stock"'),
        (",2025-01-01,1,", 'row 2, column "sku": empty; fill it in$'),
        ("A-1,,1,", 'row 2, column "date": empty is not a day, such as 2026-11-22$'),
        ("A-1,2025-01-01,20%,", 'row 2, column "units": .20%. is not a number, .*; write 0.2$'),
        ("A-1,2025-01-01,1,\nA-1,2025-01-01,2,", "rows 2, 3"),
        ("A-1,2025-01-01", "row 2: 2 cells"),
    ],
)
def test_a_wrong_cell_of_the_sales_is_told_by_row_and_column(
    tmp_path: Path, row: str, told: str
) -> None:
    path = put(tmp_path / "daily.csv", f"sku,date,units,in_stock\n{row}\n")
    with pytest.raises(InputError, match=rf"daily\.csv, {told}"):
        read_own_sales(path)


def test_a_missing_or_misspelt_column_is_told(tmp_path: Path) -> None:
    path = put(tmp_path / "daily.csv", "sku,date,unit\nA-1,2025-01-01,1\n")
    with pytest.raises(InputError, match=r"unknown column 'unit'; did you mean units"):
        read_own_sales(path)


def test_an_identical_row_is_read_once_and_ids_stay_text(tmp_path: Path) -> None:
    path = put(tmp_path / "daily.csv", "sku,date,units\n00123,2025-01-01,1\n00123,2025-01-01,1\n")
    frame = read_own_sales(path)
    assert frame["sku"].tolist() == ["00123"]
    assert list(frame.columns) == ["sku", "date", "units", "category"]


def test_an_empty_word_for_stock_is_unknown_and_a_blank_column_is_left_out(tmp_path: Path) -> None:
    text = "sku,date,units,in_stock,price\nA,2025-01-01,1,,\nA,2025-01-02,1,no,\n"
    frame = read_own_sales(put(tmp_path / "daily.csv", text))
    assert frame["in_stock"].tolist() == ["", "no"]
    assert "price" not in frame


def test_an_event_that_ends_before_it_starts_is_told_by_its_row(tmp_path: Path) -> None:
    path = put(tmp_path / "events.csv", EVENTS + "12.12,double_date,2025-12-12,2025-12-11\n")
    with pytest.raises(InputError, match=r'events\.csv, row 4, column "end": 2025-12-11'):
        read_own_events(path)


def test_what_is_known_beforehand_is_read_and_a_column_left_out_stays_out(tmp_path: Path) -> None:
    text = "event,kind,start,end,live_hours\n9.9,double_date,2025-09-09,2025-09-09,6\n"
    frame = read_own_events(put(tmp_path / "events.csv", text))
    assert frame["live_hours"].tolist() == [6.0]
    assert "discount_rate" not in frame


def noted(home: Home, sales: Path, events: Path, **options: str) -> list[str]:
    """Return the English half of each remark on a forecast."""
    lines: list[str] = []
    known = {"event": "11.11", "as_of": "2025-11-01"} | options
    forecast_own(home, sales, events, **known, tell=lines.append)
    assert all(line.startswith("提醒 / Note: ") for line in lines)
    return [line.rpartition(" / ")[2] for line in lines]


def test_two_plain_files_are_told_nothing_of(home: Home, tmp_path: Path) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    assert noted(home, sales, put(tmp_path / "events.csv", EVENTS)) == []


def test_a_market_by_option_or_column_names_the_feasts_of_its_own(
    home: Home, tmp_path: Path
) -> None:
    events = put(tmp_path / "events.csv", EVENTS.replace("11-11", "10-20"))
    plain = put(tmp_path / "daily.csv", sales_text())
    assert "give --market" in noted(home, plain, events, as_of="2025-10-01")[-1]
    told = noted(home, plain, events, as_of="2025-10-01", market="my")
    assert told[-1].startswith("the days forecast touch Deepavali (2025-10-20 to 2025-10-20")
    rows = [
        line + (",market" if line.startswith("sku") else ",MY") for line in sales_text().split()
    ]
    named = put(tmp_path / "named.csv", "\n".join(rows) + "\n")
    assert "Deepavali" in noted(home, named, events, as_of="2025-10-01")[-1]
    with pytest.raises(ConfigError, match="'XX' is not one of those that are known: ID, MY"):
        forecast_own(home, plain, events, event="11.11", as_of="2025-10-01", market="XX")


def test_one_sku_may_sell_in_two_markets_on_a_day_but_not_twice_in_one(
    home: Home, tmp_path: Path
) -> None:
    head = "sku,date,units,market\n"
    both = head + "A,2025-10-01,3,TH\nA,2025-10-01,4,MY\n"
    assert len(read_own_sales(put(tmp_path / "two.csv", both))) == 2
    twice = put(tmp_path / "twice.csv", both + "A,2025-10-01,5,MY\n")
    with pytest.raises(InputError, match="market MY stands more than once"):
        read_own_sales(twice)


def test_days_not_used_and_days_without_a_row_are_told(home: Home, tmp_path: Path) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    events = put(tmp_path / "events.csv", EVENTS + "spring,platform,2026-06-01,2026-06-02\n")
    assert noted(home, sales, events, as_of="2025-10-31") == [
        "1 row of sales from 2025-10-31 on is not used"
    ]
    assert noted(home, sales, events, as_of="2025-11-08") == []
    assert noted(home, sales, events, as_of="2025-11-09") == [
        "sales end on 2025-10-31: 8 days up to the as-of day have no row"
    ]
    (far,) = noted(home, sales, events, event="spring")
    assert far.startswith("the event is 212 days after the last sales (2025-10-31)")


def test_an_unknown_kind_and_an_unknown_sku_are_told_with_the_nearest(
    home: Home, tmp_path: Path
) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    text = (
        "event,kind,start,end,sku\n8.8,双日大促,2025-08-08,2025-08-08,\n"
        "9.9,double_dte,2025-09-09,2025-09-09,\n10.10,flash,2025-10-10,2025-10-10,ZZZ\n"
        "11.11,double_date,2025-11-11,2025-11-11,A-2\n"
    )
    assert noted(home, sales, put(tmp_path / "events.csv", text)) == [
        "kind '双日大促' is new; did you mean double_date?",
        "kind 'double_dte' is new; did you mean double_date?",
        "kind 'flash' is new: no experience is shipped for it, its ratio is learnt from your own "
        "events",
        "the events name SKU 'ZZZ', of which there is no sale: it counts as new, without a history",
        "the events name SKU 'A-2', of which there is no sale; did you mean 'A-1'?",
    ]


def test_many_strange_skus_are_counted_and_a_doubled_row_is_told(
    home: Home, tmp_path: Path
) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    row = "11.11,double_date,2025-11-11,2025-11-11,"
    rows = [f"{row}{sku}" for sku in ("", "X1", "X2", "X3", "X4", "X5", "X5", "")]
    told = noted(
        home, sales, put(tmp_path / "events.csv", "\n".join(["event,kind,start,end,sku", *rows]))
    )
    assert len(told) == 5
    assert told[3:] == [
        "2 more SKUs of the events have no sale",
        "event '11.11' from 2025-11-11 on stands more than once; each SKU goes by the last row",
    ]


def test_a_driver_that_the_past_cannot_tell_is_noted(home: Home, tmp_path: Path) -> None:
    sales = put(tmp_path / "daily.csv", sales_text())
    text = (
        "event,kind,start,end,discount_rate,creators\n8.8,double_date,2025-08-08,2025-08-08,0.1,\n"
        "9.9,double_date,2025-09-09,2025-09-09,0.3,\n"
        "11.11,double_date,2025-11-11,2025-11-11,0.5,4\n"
    )
    discount, creators = noted(home, sales, put(tmp_path / "events.csv", text))
    assert discount.startswith("Discount ")
    assert "counts as 0.3" in discount
    assert "it moves nothing" in creators


def test_chinese_headers_are_read_as_the_english_ones(tmp_path: Path) -> None:
    chinese = put(tmp_path / "daily.csv", "货号,日期,销量\nA-1,2025-01-01,3\n")
    english = put(tmp_path / "own.csv", "sku,date,units\nA-1,2025-01-01,3\n")
    pd.testing.assert_frame_equal(read_own_sales(chinese), strictly_read_sales(english))
    events = put(tmp_path / "events.csv", "活动,类型,开始,结束\n9.9,x,2025-09-09,2025-09-10\n")
    assert read_own_events(events)["end"].tolist() == [pd.Timestamp("2025-09-10")]


def test_every_input_that_the_forecast_knows_has_a_column_in_the_file() -> None:
    assert set(KNOWN_AHEAD) <= set(columns(OwnEvents))
