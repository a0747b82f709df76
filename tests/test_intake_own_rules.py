"""A seller's own rows of the registers, and files among them that nobody would read."""

from pathlib import Path

import pytest

from planner import tables
from planner.errors import ConfigError
from planner.intake.own_rules import read_own_rows, refuse_strange_files

HEAD = "market,term,value,unit,currency,valid_from,valid_to,confidence,source,as_of\n"
ROW = "TH,outbound,12,unit,THB,2025-01-01,,measured,invoice 7,2025-09-01\n"


def test_a_file_that_bears_no_registers_name_is_refused(tmp_path: Path):
    (tmp_path / "fee.csv").write_text("market\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"rules/fee\.csv .*did you mean fees\.csv"):
        refuse_strange_files(tmp_path, tables.REGISTERS)


@pytest.mark.parametrize("name", ["fees.CSV", "fees.xlsx"])
def test_a_register_that_is_no_csv_is_refused_and_not_passed_over(tmp_path: Path, name: str):
    (tmp_path / name).write_text(HEAD + ROW, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"did you mean fees\.csv"):
        refuse_strange_files(tmp_path, tables.REGISTERS)


def test_files_of_registers_and_no_files_at_all_are_in_order(tmp_path: Path):
    refuse_strange_files(tmp_path / "none", tables.REGISTERS)
    (tmp_path / "fees.csv").write_text(HEAD + ROW, encoding="utf-8")
    (tmp_path / "README.md").write_text("why", encoding="utf-8")
    refuse_strange_files(tmp_path, tables.REGISTERS)


def test_an_own_row_says_that_it_is_the_sellers(tmp_path: Path):
    (tmp_path / "fees.csv").write_text(HEAD + ROW, encoding="utf-8")
    own = read_own_rows(tmp_path, tables.Fees)
    assert own["source"].tolist() == ["seller: invoice 7"]
    assert read_own_rows(tmp_path, tables.Lanes).empty
