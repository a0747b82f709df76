"""What the seller keeps is right in every cell, unknown where it says nothing, never guessed."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_case import a_seller, xlsx_bytes

from planner import tables
from planner.errors import ConfigError, InputError
from planner.intake.masters import (
    completed,
    read_bundles,
    read_catalogue,
    read_events,
    read_overrides,
    read_stock_file,
    read_stock_history_file,
)
from planner.intake.strict_yaml import mapping_of

DAY = date(2025, 9, 1)
CALENDAR = pd.DataFrame(
    {
        "event": ["11.11", "11.11", "11.11", "12.12"],
        "kind": ["double_date"] * 4,
        "market": ["TH", "TH", "VN", "TH"],
        "phase": ["sale"] * 4,
        "starts_on": pd.to_datetime(["2024-11-11", "2025-11-11", "2025-11-11", "2025-12-12"]),
        "ends_on": pd.to_datetime(["2024-11-11", "2025-11-11", "2025-11-11", "2025-12-12"]),
    }
).astype({name: "str" for name in ("event", "kind", "market", "phase")})


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def book(folder: Path, name: str, *rows: list[Any], cover: bool = False) -> Path:
    (folder / name).write_bytes(xlsx_bytes(rows, cover=cover))
    return folder


def test_files_that_are_not_there_are_empty_tables(tmp_path: Path):
    seller = a_seller()
    for frame, kind in (
        (read_catalogue(tmp_path, seller), tables.Catalogue),
        (read_bundles(tmp_path), tables.Bundles),
        (read_stock_file(tmp_path), tables.Stock),
        (read_stock_history_file(tmp_path), tables.StockHistory),
        (read_overrides(tmp_path), tables.Overrides),
        (read_events(tmp_path, tables.empty(tables.Calendar)), tables.Events),
    ):
        assert frame.empty
        assert list(frame.columns) == tables.columns(kind)


def test_headers_that_chinese_sellers_write_are_known(tmp_path: Path):
    put(tmp_path, "catalogue.csv", "商家编码,商品名称,成本\nA,杯子,12.5\n")
    put(tmp_path, "stock.csv", "商家编码,仓库,状态,数量,截至日期\nA,th,on_hand,7,2025-09-01\n")
    goods = read_catalogue(tmp_path, a_seller()).iloc[0]
    assert (goods["sku"], goods["name"], goods["unit_cost"]) == ("A", "杯子", 12.5)
    assert read_stock_file(tmp_path)["units"].tolist() == [7]


def test_a_strange_header_is_answered_with_the_known_ones_in_both_languages(tmp_path: Path):
    with pytest.raises(InputError) as told:
        read_bundles(put(tmp_path, "bundles.csv", "SKU,零件,数量\nA,B,1\n"))
    assert "unknown column '零件'" in str(told.value)
    assert "component (组件)" in str(told.value)
    assert "units (件数)" in str(told.value)


@pytest.mark.parametrize("kind", ["pipe", "folder", "link"])
def test_a_master_that_is_no_plain_file_is_named_as_such(
    tmp_path: Path,
    kind: str,
    make_link: Callable[[Path, Path | str], None],
    make_pipe: Callable[[Path], None],
):
    path = tmp_path / "stock.csv"
    make = {"pipe": make_pipe, "folder": Path.mkdir, "link": lambda at: make_link(at, "gone")}
    make[kind](path)
    with pytest.raises(InputError, match=r"stock\.csv: a folder, link or device, not a plain file"):
        read_stock_file(tmp_path)


def test_every_wrong_cell_is_told_at_once_unreadable_or_out_of_bounds(tmp_path: Path):
    rows = "A,th,shelf,1,2025-09-01\nB,th,on_hand,x,2025-09-01\nC,th,on_hand,-1,2025-09-01\n"
    with pytest.raises(InputError) as told:
        read_stock_file(put(tmp_path, "stock.csv", f"sku,warehouse,stage,units,as_of\n{rows}"))
    assert [f"row {row}, " in str(told.value) for row in (2, 3, 4)] == [True] * 3
    assert str(told.value).count("row 3, ") == 1


def test_a_catalogue_with_nothing_but_skus_leaves_everything_unknown(tmp_path: Path):
    goods = read_catalogue(put(tmp_path, "catalogue.csv", "sku\nMUG-01\n"), a_seller()).iloc[0]
    assert goods["name"] == ""
    assert goods[["price", "unit_cost", "weight_kg", "volume_cbm", "moq_units"]].isna().all()
    assert not goods["has_battery"]
    assert read_catalogue(put(tmp_path, "catalogue.csv", "sku,name\n"), a_seller()).empty


def test_costs_and_sizes_come_in_the_units_of_the_contract(tmp_path: Path):
    text = (
        "sku,unit_cost,cost_currency,length_cm,width_cm,height_cm,volume_cbm,certificates,"
        "has_battery\nA,10,,50,40,30,,CE; FCC ;,yes\nB,10,USD,50,40,30,0.1,,no\nC,,,50,,30,,,\n"
    )
    goods = read_catalogue(put(tmp_path, "catalogue.csv", text), a_seller()).set_index("sku")
    assert goods.loc["A", "unit_cost"] == 10
    assert goods.loc["B", "unit_cost"] == 70  # 7 yuan for a dollar
    assert goods.loc[["A", "B"], "volume_cbm"].tolist() == [0.06, 0.1]  # 50 x 40 x 30 / 10^6
    assert goods.loc["C", ["unit_cost", "volume_cbm"]].isna().all()
    assert goods["certificates"].tolist() == ["CE;FCC", "", ""]
    assert goods["has_battery"].tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sku,unit_cots\nA,1\n", "unknown column 'unit_cots'; did you mean unit_cost?"),
        ("name\nMug\n", "column 'sku' is missing"),
        ("sku,price\nA,cheap\n", "row 2, column \"price\": 'cheap' is not a number"),
        ('sku,price\nA,"1,5"\n', "row 2, column \"price\": '1,5' is not a number"),
        ("sku,price\nA,0\n", 'row 2, column "price": 0.0 must be greater than 0'),
        ("sku,carton_units\nA,0\n", 'row 2, column "carton_units": 0 must be greater than or'),
        ("sku,has_battery\nA,maybe\n", "row 2, column \"has_battery\": 'maybe' is not yes or no"),
        ("sku,name\nA,x\nA,y\n", 'row 2, column "sku": A stands more than once'),
        ("sku,name\nA,x\n,y\n", 'row 3, column "sku": empty'),
    ],
)
def test_a_wrong_catalogue_is_told_by_row_column_and_value(tmp_path: Path, text: str, words: str):
    with pytest.raises(InputError) as told:
        read_catalogue(put(tmp_path, "catalogue.csv", text), a_seller())
    assert str(told.value).startswith("catalogue.csv, ")
    assert words in str(told.value)


def test_a_currency_without_a_rate_is_told_with_the_place_to_add_it(tmp_path: Path):
    folder = put(tmp_path, "catalogue.csv", "sku,unit_cost,cost_currency\nA,1,EUR\n")
    with pytest.raises(ConfigError, match=r"no exchange rate for EUR; add to seller\.yml"):
        read_catalogue(folder, a_seller())


def test_skus_that_were_sold_join_the_catalogue_as_unknown(tmp_path: Path):
    goods = read_catalogue(put(tmp_path, "catalogue.csv", "sku,price\nA,5\n"), a_seller())
    whole = completed(goods, ["B", "A", "C"])
    assert whole["sku"].tolist() == ["A", "B", "C"]
    assert whole["price"].isna().tolist() == [False, True, True]
    assert completed(tables.empty(tables.Catalogue), ["A"])["sku"].tolist() == ["A"]
    assert completed(goods, []).equals(goods)


def test_bundles_are_made_of_goods_and_not_of_bundles(tmp_path: Path):
    good = read_bundles(put(tmp_path, "bundles.csv", "sku,component,units\nSET,A,2\nSET,B,1\n"))
    assert good["units"].tolist() == [2, 1]
    with pytest.raises(InputError, match="row 3, column \"component\": 'SET' is itself a bundle"):
        read_bundles(put(tmp_path, "bundles.csv", "sku,component,units\nSET,A,2\nBIG,SET,1\n"))
    with pytest.raises(InputError, match="rows 2, 3: sku SET, component A stands more"):
        read_bundles(put(tmp_path, "bundles.csv", "sku,component,units\nSET,A,2\nSET,A,1\n"))


def test_every_stock_count_of_the_file_is_kept_and_nothing_else(tmp_path: Path):
    text = (
        "sku,warehouse,stage,units,available_on,as_of\n"
        "A,north,on_hand,90,,2025-09-01\n"
        "A,north,in_transit,40,2025-10-01,2025-09-10\n"
        "A,south,on_hand,7,,2025-08-30\n"
    )
    assert read_stock_file(put(tmp_path, "stock.csv", text))["units"].tolist() == [90, 40, 7]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("A,north,on_hand,-1,,2025-09-01", 'column "units": -1 must be'),
        ("A,north,lost,1,,2025-09-01", "column \"stage\": lost must be one of 'on_hand'"),
        ("A,north,on_hand,1,,", 'column "as_of": empty is not a day'),
        (",north,on_hand,1,,2025-09-01", 'column "sku": empty'),
    ],
)
def test_wrong_stock_is_told(tmp_path: Path, row: str, words: str):
    text = f"sku,warehouse,stage,units,available_on,as_of\n{row}\n"
    with pytest.raises(InputError) as told:
        read_stock_file(put(tmp_path, "stock.csv", text))
    assert words in str(told.value)


def test_the_sellers_own_event_stands_in_place_of_the_calendars_of_that_year(tmp_path: Path):
    text = (
        "event,kind,market,phase,starts_on,ends_on\n"
        "11.11,double_date,TH,sale,2025-11-10,2025-11-12\n"
        "Payday,payday,TH,sale,2025-09-25,2025-09-27\n"
    )
    events = read_events(put(tmp_path, "events.csv", text), CALENDAR, markets=["TH"])
    told = [
        (event, start.strftime("%Y-%m-%d"), end.strftime("%m-%d"))
        for event, start, end in events[["event", "starts_on", "ends_on"]].to_numpy()
    ]
    assert told == [
        ("11.11", "2024-11-11", "11-11"),
        ("Payday", "2025-09-25", "09-27"),
        ("11.11", "2025-11-10", "11-12"),
        ("12.12", "2025-12-12", "12-12"),
    ]
    assert len(read_events(tmp_path / "none", CALENDAR)) == 4


def test_an_event_that_ends_before_it_starts_is_told(tmp_path: Path):
    row = "11.11,double_date,TH,sale,2025-11-12,2025-11-10"
    text = f"event,kind,market,phase,starts_on,ends_on\n{row}\n"
    with pytest.raises(InputError, match=r"events.csv, row 2.*ends after it starts"):
        read_events(put(tmp_path, "events.csv", text), CALENDAR)


def test_an_override_needs_owner_and_reason(tmp_path: Path):
    head = "sku,phase,demand_ratio,owner,reason,expires_on\n"
    good = read_overrides(put(tmp_path, "overrides.csv", head + "A,sale,1.5,Li,live,2025-12-01\n"))
    assert good["amount"].tolist() == [1.5]
    with pytest.raises(InputError, match='row 2, column "owner"'):
        read_overrides(put(tmp_path, "overrides.csv", head + "A,sale,1.5,,live,2025-12-01\n"))


def test_yaml_is_read_with_its_days():
    said = mapping_of("day: 2025-11-11\nlist: [1, a]\n", "a.yml")
    assert said == {"day": date(2025, 11, 11), "list": [1, "a"]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1: expected keys and values, found nothing"),
        ("# only a remark\n", "found nothing"),
        ("- a\n- b\n", "found a list"),
        ("just words\n", "found a str"),
        ("a: 1\nb: [1, 2\nc: 3\n", "line 3"),
        ("a: 1\nb: 2\na: 3\n", "line 3: key 'a' stands twice"),
        ("a: !!python/object/apply:os.system [x]\n", "line 1: could not determine a constructor"),
        ("a: 2025-13-45\n", "not readable as YAML"),
    ],
)
def test_yaml_that_is_no_mapping_or_breaks_its_grammar_is_refused(text: str, words: str):
    with pytest.raises(ConfigError) as told:
        mapping_of(text, "a.yml")
    assert str(told.value).startswith("a.yml")
    assert words in str(told.value)


def test_a_stock_report_says_each_day_of_a_sku_once(tmp_path: Path):
    head = "sku,day,units\n"
    good = read_stock_history_file(put(tmp_path, "stock_history.csv", head + "A,2025-09-01,0\n"))
    assert good["units"].tolist() == [0]
    twice = head + "A,2025-09-01,0\nA,2025/9/1,5\n"
    with pytest.raises(InputError, match="rows 2, 3: sku A, day 2025-09-01 stands"):
        read_stock_history_file(put(tmp_path, "stock_history.csv", twice))


def test_a_workbook_says_the_same_as_a_csv(tmp_path: Path):
    rows = [
        ["SKU", "售价", "Weight (kg)", "每箱件数（件）", "含电池", "海关编码", ""],
        ["00123", 19.9, 0.25, 12.0, True, "8509.40", ""],
        ["MUG", "", "", "", "否", 85094000.0, ""],
    ]
    goods = read_catalogue(book(tmp_path, "catalogue.xlsx", *rows, cover=True), a_seller())
    assert goods["sku"].tolist() == ["00123", "MUG"]
    assert goods.loc[0, ["price", "weight_kg", "carton_units"]].tolist() == [19.9, 0.25, 12]
    assert goods.loc[1, ["price", "weight_kg", "carton_units"]].isna().all()
    assert goods["has_battery"].tolist() == [True, False]
    assert goods["hs_code"].tolist() == ["8509.40", "85094000"]


def test_a_workbooks_days_are_days(tmp_path: Path):
    rows = [
        ["Stock on 1 September"],
        ["sku", "warehouse", "stage", "units", "as_of"],
        ["A", "th", "on_hand", 5.0, datetime(2025, 9, 1)],
        ["B", "th", "on_hand", 7, "2025/9/1"],
    ]
    stock = read_stock_file(book(tmp_path, "stock.xlsx", *rows))
    assert stock["units"].tolist() == [5, 7]
    assert stock["as_of"].dt.day.tolist() == [1, 1]
    rows[1].append("available_on")
    rows[2].append(datetime(2025, 9, 1, 13, 30))
    with pytest.raises(InputError, match=r"row 3, column .available_on.: '2025-09-01 13:30:00' is"):
        read_stock_file(book(tmp_path, "stock.xlsx", *rows))


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("sku", 5.76859029e17),
        ("barcode", 6901234567890123.0),
        ("sku", datetime(2025, 3, 1)),
        ("hs_code", 8509.4),
        ("barcode", "6.90123E+12"),
        ("sku", "1-Mar"),
    ],
)
def test_a_code_that_a_spreadsheet_has_changed_is_told(tmp_path: Path, column: str, cell: Any):
    goods = {"sku": "A", "barcode": "", "hs_code": ""} | {column: cell}
    folder = book(tmp_path, "catalogue.xlsx", list(goods), list(goods.values()))
    with pytest.raises(InputError, match=f'row 2, column "{column}": .* has changed it') as told:
        read_catalogue(folder, a_seller())
    assert "formatted as text" in str(told.value)


def test_a_wrong_cell_of_a_workbook_is_told_by_its_own_header(tmp_path: Path):
    folder = book(tmp_path, "catalogue.xlsx", ["SKU", "售价"], ["A", 1], ["B", "cheap"])
    with pytest.raises(InputError, match=r"row 3, column .售价.: 'cheap' is not"):
        read_catalogue(folder, a_seller())


def test_two_files_of_one_table_are_refused_by_name(tmp_path: Path):
    put(book(tmp_path, "bundles.xlsx", ["sku"]), "bundles.csv", "sku,component,units\n")
    with pytest.raises(InputError, match=r"bundles\.csv and bundles\.xlsx are both there"):
        read_bundles(tmp_path)


def test_a_workbook_that_cannot_be_opened_is_told(tmp_path: Path):
    (tmp_path / "stock.xlsx").write_bytes(b"PK\x03\x04 cut short")
    with pytest.raises(InputError, match=r"stock\.xlsx: .*; save it again as XLSX"):
        read_stock_file(tmp_path)


def test_a_good_with_a_gift_draws_itself_and_the_gift(tmp_path: Path):
    text = "sku,component,units\nA,A,1\nA,GIFT,1\n"
    assert len(read_bundles(put(tmp_path, "bundles.csv", text))) == 2
    with pytest.raises(InputError, match="row 4, column \"component\": 'A' is itself a bundle"):
        read_bundles(put(tmp_path, "bundles.csv", text + "SET,A,2\n"))
