"""A plain file is read at once and as the strict reader reads it; any other is left to that."""

from pathlib import Path

import pandas as pd
import pytest

from planner.desk.own_event import read_own_sales, strictly_read_sales
from planner.desk.plain_sales import read_plain_sales

PLAIN = (
    "sku,date,units,in_stock,category\n"
    "A,2025-01-01,3,1,home\nA,2025-01-02,0,0,home\nB,2025-01-01,2.5,1,\n"
)


def a_file(folder: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = folder / "sales.csv"
    path.write_bytes(text.encode(encoding))
    return path


def test_a_plain_file_is_read_as_the_strict_reader_reads_it(tmp_path: Path):
    path = a_file(tmp_path, PLAIN)
    quick, strict = read_plain_sales(path), strictly_read_sales(path)
    assert quick is not None
    pd.testing.assert_frame_equal(
        quick, strict[list(quick.columns)], check_dtype=False, check_like=True
    )
    pd.testing.assert_frame_equal(read_own_sales(path), quick)


@pytest.mark.parametrize(
    "text",
    [
        "sku,date,units\n",
        "sku,date,units\nA,2025-13-01,3\n",
        "sku,date,units\nA,01/02/2025,3\n",
        "sku,date,units\nA,2025-01-01,-3\n",
        "sku,date,units\nA,2025-01-01,three\n",
        "sku,date,units\nA,2025-01-01,\n",
        "sku,date,units\nA,2025-01-01,inf\n",
        "sku,date,units\n,2025-01-01,3\n",
        "sku,date,units\n A,2025-01-01,3\n",
        'sku,date,units\n"A,2025-01-01,3\n',
        'sku,date,units\n"A""B",2025-01-01,3\n',
        'sku,date,units,category\nA,2025-01-01,3,"x\nB,2025-01-01,3,y"\n',
        "sku,date,units\nA,2025-01-01,3\nA,2025-01-01,3\n",
        "sku,date,units,in_stock\nA,2025-01-01,3,yes\n",
        "sku,date,units,discount_rate\nA,2025-01-01,3,40\n",
        "sku,date,units,colour\nA,2025-01-01,3,red\n",
        "sku,date\nA,2025-01-01\n",
        "sku,date,units\nA,2025-01-01\n",
    ],
)
def test_whatever_is_not_plain_is_left_to_the_strict_reader(tmp_path: Path, text: str):
    assert read_plain_sales(a_file(tmp_path, text)) is None


def test_quoted_cells_are_read_as_the_strict_reader_reads_them(tmp_path: Path):
    path = a_file(tmp_path, '"sku","date","units"\n"A, red","2025-01-01",3\n"B","2025-01-01",1\n')
    quick, strict = read_plain_sales(path), strictly_read_sales(path)
    assert quick is not None
    pd.testing.assert_frame_equal(quick, strict[list(quick.columns)], check_dtype=False)


def test_another_encoding_is_left_to_the_strict_reader(tmp_path: Path):
    text = "sku,date,units\n收纳盒,2025-01-01,3\n"
    assert read_plain_sales(a_file(tmp_path, text, encoding="gb18030")) is None
    assert read_plain_sales(a_file(tmp_path, text)) is not None
    assert read_plain_sales(a_file(tmp_path, text, encoding="utf-8-sig")) is None
