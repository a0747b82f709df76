"""Movements at a warehouse and what the platform shows: read whole, or refused by row, column."""

from pathlib import Path

import pytest
from season_case import a_scope

from planner.errors import InputError
from planner.intake.warehouse_moves import read_platform_counts, read_stock_moves

SELLER = a_scope().seller
MOVES = "sku,warehouse,day,kind,units,shipment,note\n"
SHOWN = "shop,sku,units,as_of\n"


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def test_without_a_file_nothing_is_told(tmp_path: Path):
    assert read_stock_moves(tmp_path, SELLER).empty
    assert read_platform_counts(tmp_path, SELLER).empty


def test_movements_come_by_day_and_two_alike_are_two(tmp_path: Path):
    row = "a,th-house,2025-11-11,sample,1,,for a host\n"
    text = f"{MOVES}{row}{row}a,th-house,2025-11-08,arrived,50,S1,\n"
    told = read_stock_moves(put(tmp_path, "stock_moves.csv", text), SELLER)
    assert told["kind"].tolist() == ["arrived", "sample", "sample"]
    assert told["shipment"].tolist() == ["S1", "", ""]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,th-hause,2025-11-11,sample,1,,", 'row 2, column "warehouse"'),
        ("a,th-house,2025-11-11,gone,1,,", "kind"),
        ("a,th-house,2025-11-11,sample,-1,,", "units"),
        ("a,th-house,11 Nov,sample,1,,", "day"),
        (",th-house,2025-11-11,sample,1,,", 'row 2, column "sku"'),
    ],
)
def test_what_is_wrong_is_refused_by_name(tmp_path: Path, row: str, told: str):
    with pytest.raises(InputError) as problem:
        read_stock_moves(put(tmp_path, "stock_moves.csv", f"{MOVES}{row}\n"), SELLER)
    assert str(problem.value).startswith("stock_moves.csv")
    assert told in str(problem.value)


def test_a_shop_shows_one_number_a_day(tmp_path: Path):
    row = "th-one,a,40,2025-11-12\n"
    folder = put(tmp_path, "platform_stock.csv", f"{SHOWN}{row}")
    assert read_platform_counts(folder, SELLER)["units"].tolist() == [40]
    put(tmp_path, "platform_stock.csv", f"{SHOWN}{row}{row}")
    with pytest.raises(InputError, match=r"platform_stock\.csv"):
        read_platform_counts(tmp_path, SELLER)
    put(tmp_path, "platform_stock.csv", f"{SHOWN}th-onne,a,40,2025-11-12\n")
    with pytest.raises(InputError, match="th-one"):
        read_platform_counts(tmp_path, SELLER)
