"""Registers and hand-kept tables are right in every cell, or named by file, row and column."""

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from planner import tables
from planner.errors import ConfigError, InputError
from planner.intake.rules import in_force, read_register, read_table

RULES = Path(__file__).resolve().parents[1] / "data" / "rules"
HEAD = (
    "market,event,stage,starts_on,ends_on,added_days,valid_from,valid_to,confidence,source,as_of\n"
)
ROW = "TH,Songkran,truck,2026-04-13,2026-04-15,3,2026-01-01,,low,calendar,2026-01-01\n"


def register(folder: Path, text: str) -> pd.DataFrame:
    (folder / "risk_windows.csv").write_text(text, encoding="utf-8")
    return read_register(folder, tables.RiskWindows)


@pytest.mark.parametrize("kind", tables.REGISTERS, ids=lambda kind: kind.__name__)
def test_every_register_of_the_project_keeps_its_contract(kind: type[tables.Register]):
    assert len(read_register(RULES, kind)) > 0


def test_a_register_is_read_with_its_kinds(tmp_path: Path):
    frame = register(tmp_path, HEAD + ROW)
    assert list(frame.columns) == tables.columns(tables.RiskWindows)
    assert frame["added_days"].tolist() == [3.0]
    assert frame["starts_on"].tolist() == [pd.Timestamp("2026-04-13")]
    assert frame["valid_to"].isna().tolist() == [True]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (",3,", ",three,", "row 2, column \"added_days\": 'three' is not a number"),
        (",3,", ",-3,", 'row 2, column "added_days": -3.0 must be greater than or equal to 0'),
        ("2026-04-13", "13/04/2026", "row 2, column \"starts_on\": '13/04/2026' is not a day"),
        (",low,", ",sure,", "row 2, column \"confidence\": sure must be one of 'primary'"),
        (",calendar,", ",,", 'row 2, column "source"'),
        ("added_days", "aded_days", "unknown column 'aded_days'; did you mean added_days?"),
        ("2026-01-01,,", "2026-01-01,2025-01-01,", "row 2: valid_to is before valid_from"),
        ("calendar,", "calendar,,", "row 2: 12 cells where the header has 11"),
        ("calendar", '"calendar', "row 2: a quotation mark is opened"),
    ],
)
def test_a_wrong_cell_is_named_with_file_row_and_column(
    tmp_path: Path, old: str, new: str, words: str
):
    with pytest.raises(ConfigError) as told:
        register(tmp_path, (HEAD + ROW).replace(old, new, 1))
    assert str(told.value).startswith("risk_windows.csv, ")
    assert words in str(told.value)


def test_rows_of_one_key_stand_in_order_of_time(tmp_path: Path):
    older = ROW.replace("2026-01-01,,", "2025-01-01,,")
    assert len(register(tmp_path, HEAD + older + ROW)) == 2
    with pytest.raises(ConfigError, match="row 3: valid_from is earlier"):
        register(tmp_path, HEAD + ROW + older)


def test_a_register_that_is_not_there_is_named(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"lanes\.csv: no such file"):
        read_register(tmp_path, tables.Lanes)


def test_a_row_is_in_force_from_its_first_to_its_last_day():
    days = pd.to_datetime(["2025-01-01", "2025-07-01"])
    rows = pd.DataFrame({"valid_from": days, "valid_to": [pd.Timestamp("2025-06-30"), pd.NaT]})
    found = [
        in_force(rows, date(2025, month, day)).shape[0]
        for month, day in ((1, 1), (6, 30), (7, 1), (12, 31))
    ]
    assert found == [1, 1, 1, 1]
    assert in_force(rows, date(2024, 12, 31)).empty


def test_all_wrong_cells_are_told_at_once_up_to_eight(tmp_path: Path):
    path = tmp_path / "bundles.csv"
    path.write_text("sku,component,units\n" + "A,B,x\n" * 10, encoding="utf-8")
    with pytest.raises(InputError) as told:
        read_table(path, tables.Bundles)
    assert str(told.value).count("is not a whole number") == 8
    assert "and 2 more" in str(told.value)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_table_is_read_as_a_spreadsheet_saved_it(tmp_path: Path, encoding: str, delimiter: str):
    path = tmp_path / "bundles.csv"
    text = "SKU, component ,units\r\n套装,杯子,2\r\n\r\n".replace(",", delimiter)
    path.write_bytes(text.encode(encoding))
    frame = read_table(path, tables.Bundles)
    assert frame.to_numpy().tolist() == [[2, "套装", "杯子", 2]]
