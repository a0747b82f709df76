"""The reader by columns says what the reader by cells says, or says nothing."""

import csv
import io
import tempfile
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from intake_case import COLUMNS, an_order, csv_bytes, orders

from planner.errors import InputError
from planner.intake import files
from planner.intake.dialects import dialects
from planner.intake.files import read_raw
from planner.intake.headers import Layout
from planner.intake.plain import plain_records

DIALECT = dialects()["tiktok-th"]
HEADER = ["Order ID", "Order Status", "SKU ID", "Seller SKU", "Quantity", "Created Time", "Note"]
CELLS = [
    "", "1", "2", "576859029000000001", "576859029000000001\t", " 7 ", "\u00a0", "\u3000x",
    "a,b", 'say "hi"', '"', "one\ntwo", "one\r\ntwo\r\n", "=\"00123\"", "'00123", "Order ID",
    " ORDER  id", "Platform unique order ID.", "红色", "e\u0301", "\u200b", "\x07", "\x85", "a\tb",
    "\x1c", "a\u200eb",
]  # fmt: skip


@st.composite
def files_of_any_kind(draw: st.DrawFn) -> bytes:
    """A file of a few records, mostly regular: every kind of cell, end, width and quotation."""
    end = draw(st.sampled_from(["\r\n", "\n"]))
    mark = draw(st.sampled_from([",", ",", ";", "\t"]))
    width = len(HEADER) + draw(st.sampled_from([0, 0, 0, 1]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    record = st.lists(st.sampled_from(CELLS), min_size=width, max_size=width)
    if width > len(HEADER) and draw(st.booleans()):
        record = record.map(lambda cells: [*cells[:-1], ""])
    odd = st.lists(st.sampled_from(CELLS), max_size=9)
    rows = draw(st.lists(st.one_of(record, record, record, odd), max_size=12))
    rows += draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
    rows += [["x"] * width] * draw(st.sampled_from([0, 3, 9]))
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=mark, quoting=quoting, lineterminator=end).writerows(
        [*draw(st.sampled_from([[], [["A title"], []]])), HEADER, *rows]
    )
    data = text.getvalue()
    if draw(st.booleans()):
        place = draw(st.integers(0, len(data)))
        data = (
            data[:place] + draw(st.sampled_from(['"', "\n", "\r", mark, "x", end])) + data[place:]
        )
    if draw(st.booleans()):
        data = data.removesuffix(end)
    return (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + data.encode("utf-8")


def answer(path: Path) -> object:
    try:
        return read_raw(path, DIALECT)
    except InputError as problem:
        return str(problem)


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(files_of_any_kind())
def test_both_readers_say_the_same_of_every_file(data: bytes):
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "orders.csv"
        path.write_bytes(data)
        by_columns = answer(path)
        with mock.patch.object(files, "plain_grid", return_value=None):
            by_cells = answer(path)
    if isinstance(by_cells, str) or isinstance(by_columns, str):
        assert by_columns == by_cells
        return
    pd.testing.assert_frame_equal(by_columns.frame, by_cells.frame)
    assert by_columns[3:5] == by_cells[3:5]


def records_of(data: bytes):
    places = {"order_id": 0, "units": 2}
    layout = Layout(1, ["Order ID", "Name", "Quantity"], places, {}, ",")
    return plain_records(data, layout, key=["order_id"], described=lambda cell: cell == "about")


def test_records_keep_their_lines_below_blank_ones_descriptions_and_tall_cells():
    found = records_of(b'Order ID,Name,Quantity\nabout,,\n1,"a\nb",2\n\n,,\n2,"x, y",3\n1,"a\nb",2')
    assert found.lines.tolist() == [3, 7, 8]
    assert found.cells["units"].to_pylist() == ["2", "3", "2"]
    assert found.is_repeat.tolist() == [False, False, True]
    assert [record.line for record in found.tall] == [3, 8]


def test_the_same_cells_in_other_quotation_marks_are_an_equal_record():
    found = records_of(b'Order ID,Name,Quantity\n1,a,2\n"1",a,"2"\n1,b,2\n')
    assert found.is_repeat.tolist() == [False, True, False]


def test_a_record_of_another_width_is_kept_apart_with_its_cells():
    found = records_of(b"Order ID,Name,Quantity\n1,a,2\n2,b\n3,c,4\n")
    assert found.is_whole.tolist() == [True, False, True]
    assert found.cells["order_id"].to_pylist() == ["1", "", "3"]
    assert found.odd[1].cells == ["2", "b"]


@pytest.mark.parametrize(
    "rows",
    [
        b'1,a"b,2\n',  # a mark inside a bare cell
        b'1,"a"b,2\n',  # text behind a closed one
        b'1,"a,2\n',  # never closed
        b"1,a,2\r2,b,3\n",  # lines that end in two ways
        b"1,a\0,2\n",
        b"1,a\n2,b\n3,c\n",  # a width of their own
    ],
)
def test_of_an_irregular_file_nothing_is_said(rows: bytes):
    assert records_of(b"Order ID,Name,Quantity\n" + rows) is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_a_regular_file_is_read_by_columns_whatever_its_encoding(tmp_path: Path, encoding: str):
    lines = [an_order(1, **{"Product Name": "红色, 衣架"}), *orders(40)]
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes(lines, columns=COLUMNS).decode().encode(encoding))
    with mock.patch.object(files.texts, "records", side_effect=AssertionError):
        assert len(read_raw(path, DIALECT).frame) == 41
