from pathlib import Path

import pandas as pd
import pytest
from desk_world import make_home, put, put_registers

from planner.demand.own_sales import KNOWN_AHEAD
from planner.desk.home import Home
from planner.desk.own_event import OwnEvents, forecast_own, read_own_events, read_own_sales
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
        (",2025-01-01,1,", 'row 2, column "sku"'),
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


def test_every_input_that_the_forecast_knows_has_a_column_in_the_file() -> None:
    assert set(KNOWN_AHEAD) <= set(columns(OwnEvents))
