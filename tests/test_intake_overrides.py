"""overrides.csv: every way of writing a change, and one message per bad cell."""

from pathlib import Path

import pytest
from intake_case import xlsx_bytes

from planner import tables
from planner.errors import InputError
from planner.intake.masters import read_overrides
from planner.intake.override_rows import read_change

HEAD = "sku,category,market,phase,change,owner,reason,expires_on\n"


def put(folder: Path, text: str) -> Path:
    (folder / "overrides.csv").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("texts", "kind", "amount"),
    [
        (
            ("*1.2", "x1.2", "X1.2", "×1.2", "＊１．２", "1.2x", "1.2倍", "+20%", "*120%"),
            "ratio",
            1.2,
        ),
        (("-10%", "－１０％", "− 10 %", "*0.9"), "ratio", 0.9),
        (("+250", "＋２５０", "'+250", "+250 units", "加250件", "add 250"), "added_units", 250),
        (("-100", "－１００", "−100", "减100", "minus 100"), "added_units", -100),
        (("=1200", "＝１，２００", "= 1,200", "设为1200", "set 1200"), "set_units", 1200),
        (("*0", "-100%"), "ratio", 0),
        (("=0",), "set_units", 0),
    ],
)
def test_a_change_reads_the_same_however_it_is_typed(texts, kind, amount):
    assert {read_change(text) for text in texts} == {(kind, float(amount))}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1200", "no sign.*spreadsheet drops.*set 1200"),
        ("1.2", "no sign"),
        ("-0.1", "units are whole; a spreadsheet makes this of a percentage"),
        ("+2.5", "units are whole"),
        ("*-2", "no change of a forecast"),
        ("*1,2", "no change of a forecast"),
        ("-150%", "no ratio from 0 to 1000"),
        ("*5000", "no ratio from 0 to 1000"),
        ("=15%", "no ratio"),
        ("+99999999999", "more than 1,000,000,000 units"),
        ("lots", "no change of a forecast; write"),
    ],
)
def test_a_change_that_could_mean_two_things_is_refused_with_what_to_write(text, told):
    with pytest.raises(ValueError, match=told):
        read_change(text)


def test_the_older_file_with_demand_ratio_is_read_as_a_ratio(tmp_path: Path):
    text = "sku,phase,demand_ratio,owner,reason,expires_on\nA,sale,1.5,Li,live,2025-12-01\n"
    row = read_overrides(put(tmp_path, text)).iloc[0]
    assert (row["kind"], row["amount"], row["change"]) == ("ratio", 1.5, "*1.5")
    assert (row["shop"], row["market"], row["category"], row["row"]) == ("", "", "", 2)


def test_chinese_headings_and_words_are_read(tmp_path: Path):
    head = "SKU,类目,市场,阶段,调整,负责人,原因,失效日\n"
    text = head + "全部,家居,th,正式售卖,＋１０％,李,达人,2025/12/1\n"
    row = read_overrides(put(tmp_path, text)).iloc[0]
    assert row[["sku", "category", "market", "phase"]].tolist() == ["", "家居", "TH", "sale"]
    assert (row["kind"], row["amount"], row["owner"]) == ("ratio", 1.1, "李")


def test_an_empty_phase_is_the_whole_horizon_and_all_is_every_sku(tmp_path: Path):
    rows = read_overrides(
        put(
            tmp_path,
            HEAD
            + "all,,,,*1.1,Li,x,2025-12-01\n"
            + "A,,,whole horizon,+5,Li,x,2025-12-01\n"
            + "B,,,before,+5,Li,x,2025-12-01\n",
        )
    )
    assert rows["sku"].tolist() == ["", "A", "B"]
    assert rows["phase"].tolist() == ["", "", "before"]
    assert list(rows) == tables.columns(tables.Overrides)


def test_each_bad_cell_is_told_once_and_all_at_once(tmp_path: Path):
    bad = (
        "A,,,sale,1200,Li,x,2025-12-01\n"
        "A,,,sael,*1.2,Li,x,2025-12-01\n"
        ",,,sale,*1.2,Li,x,2025-12-01\n"
        "A,,,sale,,Li,x,2025-12-01\n"
        "A,,,sale,*1.2,,x,2025-12-01\n"
        "A,,,sale,*1.2,Li,x,soon\n"
    )
    with pytest.raises(InputError) as told:
        read_overrides(put(tmp_path, HEAD + bad))
    text = str(told.value)
    places = ['2, column "change"', '3, column "phase"', '4, column "sku"', '5, column "change"',
              '6, column "owner"', '7, column "expires_on"']  # fmt: skip
    assert [text.count(f"row {place}") for place in places] == [1] * 6
    assert text.count("column ") == 6
    assert "did you mean sale?" in text


def test_a_row_with_both_columns_or_copied_twice_is_refused(tmp_path: Path):
    head = "sku,phase,demand_ratio,change,owner,reason,expires_on\n"
    with pytest.raises(InputError, match=r"row 2.*keep one"):
        read_overrides(put(tmp_path, head + "A,sale,1.5,*2,Li,x,2025-12-01\n"))
    with pytest.raises(InputError, match=r'row 2, column "demand_ratio".*above 0'):
        read_overrides(put(tmp_path, head + "A,sale,0,,Li,x,2025-12-01\n"))
    with pytest.raises(InputError, match="rows 2, 3"):
        read_overrides(put(tmp_path, HEAD + "A,,,sale,*2,Li,x,2025-12-01\n" * 2))
    two = "A,,,sale,*2,Li,x,2025-12-01\nA,,,sale,+5,Li,x,2025-12-01\n"
    assert len(read_overrides(put(tmp_path, HEAD + two))) == 2


def test_a_workbook_reads_as_a_csv_and_what_a_sheet_counted_is_refused(tmp_path: Path):
    head = ["SKU", "Phase", "Override", "Owner", "Reason", "Valid until"]
    end = ["Li", "creator", "2025-12-01"]
    rows = (head, ["A", "Sale", "×1.2", *end], ["B", "", "add 250", *end], ["C", "", -100, *end])
    (tmp_path / "overrides.xlsx").write_bytes(xlsx_bytes(rows))
    read = read_overrides(tmp_path)
    assert read["amount"].tolist() == [1.2, 250, -100]
    assert read["phase"].tolist() == ["sale", "", ""]
    counted = (head, ["A", "Sale", 1200, *end], ["B", "Sale", -0.1, *end])
    (tmp_path / "overrides.xlsx").write_bytes(xlsx_bytes(counted))
    with pytest.raises(InputError, match=r"row 2.*'1200' has no sign.*row 3.*of a percentage"):
        read_overrides(tmp_path)


def test_a_file_of_a_header_alone_has_no_override(tmp_path: Path):
    assert read_overrides(put(tmp_path, HEAD)).empty
