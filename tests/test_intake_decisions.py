"""Decisions of a meeting, read back."""

from pathlib import Path

import pytest

from planner.errors import InputError
from planner.intake.decisions import read_decisions

HEAD = "market,sku,decision,units,owner,note,decided_on\n"


def read(folder: Path, text: str):
    (folder / "decisions.csv").write_text(text, encoding="utf-8")
    return read_decisions(folder)


def test_without_a_file_nothing_was_decided(tmp_path: Path):
    assert read_decisions(tmp_path).empty


def test_each_decision_keeps_owner_note_and_day(tmp_path: Path):
    rows = "TH,A,units,240,Li,two pallets,2025-09-20\nTH,B,drop,,Li,,\n"
    found = read(tmp_path, HEAD + rows)
    assert found["decision"].tolist() == ["units", "drop"]
    assert found["units"].tolist()[0] == 240
    assert found["units"].isna().tolist() == [False, True]


def test_columns_that_need_not_be_there_may_be_left_out(tmp_path: Path):
    assert len(read(tmp_path, "market,sku,decision,owner\nTH,A,push,Li\n")) == 1


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("TH,A,units,,Li,,", 'row 2, column "units": empty'),
        ("TH,A,hold,5,Li,,", "beside another decision"),
        ("TH,A,maybe,,Li,,", "maybe"),
        ("TH,A,push,,,,", 'column "owner": empty'),
        ("TH,A,push,,Li,,\nTH,A,drop,,Li,,", "rows 2, 3"),
    ],
)
def test_a_wrong_row_is_named_with_its_remedy(tmp_path: Path, row: str, told: str):
    with pytest.raises(InputError, match=r"decisions\.csv") as problem:
        read(tmp_path, HEAD + row + "\n")
    assert told in str(problem.value)
