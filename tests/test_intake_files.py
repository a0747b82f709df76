"""A file is opened for what its bytes are; its shape is proved, its personal columns stay out."""

import os
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
import xlsxwriter
from intake_case import (
    COLUMNS,
    a_folder,
    a_seller,
    an_order,
    csv_bytes,
    orders,
    table_of,
    xlsx_bytes,
)

from planner.errors import InputError
from planner.intake.dialects import dialects
from planner.intake.files import RawTable, read_raw
from planner.intake.messages import printable
from planner.intake.orders import read_orders

DIALECT = dialects()["tiktok-th"]


def raw(place: Path, data: bytes, name: str = "orders.csv") -> RawTable:
    path = place / name
    path.write_bytes(data)
    return read_raw(path, DIALECT)


def told(place: Path, data: bytes, name: str = "orders.csv") -> str:
    with pytest.raises(InputError) as problem:
        raw(place, data, name)
    return str(problem.value)


def test_ids_and_skus_stay_text_to_the_last_digit(tmp_path: Path):
    line = an_order(7, **{"Seller SKU": "00123"})
    frame = raw(tmp_path, csv_bytes([line])).frame
    assert frame["order_id"].tolist() == ["576859029000000007"]
    assert frame["seller_sku"].tolist() == ["00123"]
    assert frame["row"].tolist() == [2]


def test_no_personal_column_gets_in(tmp_path: Path):
    frame = raw(tmp_path, csv_bytes(orders(3, **{"Buyer Message": "SECRETNOTE"}))).frame
    assert "SECRET" not in frame.to_csv()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_from_the_header(tmp_path: Path, delimiter: str):
    frame = raw(tmp_path, csv_bytes(orders(2), delimiter=delimiter)).frame
    assert frame["units"].tolist() == ["2", "2"]


def test_the_header_is_found_below_titles_and_a_separator_line(tmp_path: Path):
    data = b"sep=,\r\nOrders of January\r\n\r\n" + csv_bytes(orders(2))
    assert raw(tmp_path, data).frame["row"].tolist() == [5, 6]


def test_headers_match_trimmed_folded_and_shuffled(tmp_path: Path):
    data = csv_bytes(orders(1), columns=COLUMNS[::-1])
    data = data.replace(b"Order ID", b" order id ").replace(b"Quantity", b"QUANTITY", 1)
    found = raw(tmp_path, data.replace(b"Created Time", "Created\u00a0Time".encode()))
    assert found.frame[["order_id", "units", "ordered_at"]].to_numpy().tolist() == [
        ["576859029000000001", "2", "05/01/2026 10:00:00"]
    ]
    assert found.headers["order_id"] == "Order ID"


@pytest.mark.parametrize("described", [0, 1, 2])
def test_rows_that_describe_the_columns_are_no_orders(tmp_path: Path, described: int):
    about = {name: f"About {name}." for name in COLUMNS} | {"Order ID": "Platform unique order ID."}
    frame = raw(tmp_path, csv_bytes([*[about] * described, *orders(2)])).frame
    assert frame["row"].tolist() == [2 + described, 3 + described]


def test_blank_lines_are_no_orders_and_keep_their_numbers(tmp_path: Path):
    first, *rest = csv_bytes(orders(2)).splitlines(keepends=True)
    data = first + rest[0] + b"\r\n" + b"," * (len(COLUMNS) - 1) + b"\r\n" + rest[1]
    assert raw(tmp_path, data).frame["row"].tolist() == [2, 5]


def test_a_note_of_several_lines_moves_no_row_number(tmp_path: Path):
    lines = [an_order(1, **{"Buyer Message": 'one\ntwo\r\n"three"'}), an_order(2)]
    assert raw(tmp_path, csv_bytes(lines)).frame["row"].tolist() == [2, 5]


def test_a_surplus_cell_on_every_line_is_forgiven_and_on_one_line_is_not(tmp_path: Path):
    header, *rest = csv_bytes(orders(3)).splitlines()
    every = b"\r\n".join([header, *(line + b"," for line in rest)])
    one = b"\r\n".join([header, rest[0] + b",", *rest[1:]])
    assert raw(tmp_path, every).frame["code"].tolist() == ["", "", ""]
    frame = raw(tmp_path, one).frame
    assert frame["code"].tolist() == ["E_COLUMN_COUNT", "", ""]
    assert frame["order_id"].tolist()[0] == ""


def test_a_header_again_in_the_middle_is_marked(tmp_path: Path):
    lines = [an_order(1), {name: name for name in COLUMNS}, an_order(2)]
    assert raw(tmp_path, csv_bytes(lines)).frame["code"].tolist() == ["", "E_REPEATED_HEADER", ""]


def test_a_row_in_another_encoding_is_marked_at_its_column(tmp_path: Path):
    data = csv_bytes([an_order(1), an_order(2, **{"Product Name": "@@"})])
    frame = raw(tmp_path, data.replace(b"@@", b"\xb3\xaf\xe9")).frame
    assert frame[["code", "column"]].to_numpy().tolist() == [
        ["", ""],
        ["E_ENCODING", "Product Name"],
    ]


def test_a_file_saved_by_a_chinese_spreadsheet_is_read_and_told(tmp_path: Path):
    text = csv_bytes([an_order(1, **{"Product Name": "红色衣架"})]).decode()
    found = raw(tmp_path, text.encode("gb18030"))
    assert found.findings == [("W_ENCODING", "encoding=gb18030")]
    assert raw(tmp_path, text.encode("utf-16")).frame["units"].tolist() == ["2"]


def test_a_workbook_reads_like_the_csv_of_the_same_rows(tmp_path: Path):
    lines = [an_order(n) | {"Quantity": 2.0, "Created Time": datetime(2026, 1, 5)} for n in (1, 2)]
    book = raw(tmp_path, xlsx_bytes(table_of(lines), cover=True), "orders.xlsx").frame
    text = raw(tmp_path, csv_bytes(orders(2, **{"Created Time": "05/01/2026 00:00:00"}))).frame
    assert book.equals(text)


def test_what_a_file_is_its_bytes_decide(tmp_path: Path):
    found = raw(tmp_path, xlsx_bytes(table_of(orders(1))), "orders.csv")
    assert found.frame["units"].tolist() == ["2"]
    assert found.findings == [("W_EXTENSION", "suffix=.csv")]


def test_columns_that_nobody_declared_are_told(tmp_path: Path):
    found = raw(tmp_path, csv_bytes(orders(1), columns=[*COLUMNS, "Brand | New", "Gift=1"]))
    assert found.findings == [("W_UNKNOWN_COLUMN", "columns=Brand / New, Gift:1")]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b" \r\n\t\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"<!DOCTYPE html><html>log in</html>", "web page"),
        (b'{"code":105002}', "error message"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x1f\x8b\x08" + b"\0" * 40, "gzip"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"), ".xls"),
        (bytes(range(256)) * 16, "neither text nor a workbook"),
    ],
)
def test_something_else_is_refused_by_its_name(tmp_path: Path, data: bytes, words: str):
    message = told(tmp_path, data)
    assert message.startswith("orders.csv: ")
    assert words in message
    assert message.endswith("[E_CONTAINER]")


def test_a_link_a_folder_and_a_pipe_are_refused_without_being_opened(
    tmp_path: Path, make_link: Callable[[Path, Path | str], None], make_pipe: Callable[[Path], None]
):
    (tmp_path / "real.csv").write_bytes(csv_bytes(orders(1)))
    make_link(tmp_path / "link.csv", "real.csv")
    (tmp_path / "folder.csv").mkdir()
    make_pipe(tmp_path / "pipe.csv")
    for name in ("link.csv", "folder.csv", "pipe.csv", "absent.csv"):
        with pytest.raises(InputError, match="E_NOT_A_FILE"):
            read_raw(tmp_path / name, DIALECT)


@pytest.mark.parametrize("change", [b"9999,late\r\n", None])
def test_a_file_that_grows_or_goes_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: bytes | None
):
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes(orders(2)))
    fstat = os.fstat

    def disturbed(number: int) -> os.stat_result:
        said = fstat(number)
        path.unlink(missing_ok=True) if change is None else path.write_bytes(b"x" + change)
        return said

    monkeypatch.setattr("planner.intake.files.os.fstat", disturbed)
    with pytest.raises(InputError, match="E_CHANGED"):
        read_raw(path, DIALECT)


@pytest.mark.parametrize(
    "name", ["Order ID", "Order Status", "Quantity", "Created Time", "Seller SKU"]
)
def test_a_missing_column_is_named_with_the_nearest_unknown_one(tmp_path: Path, name: str):
    data = csv_bytes(orders(1)).replace(name.encode(), f"{name}s".encode(), 1)
    message = told(tmp_path, data)
    assert f'row 1, column "{name}": missing: {name}; did you mean {name}s?' in message
    assert "[E_MISSING_COLUMN]" in message


def test_columns_that_come_together_are_all_there_or_none(tmp_path: Path):
    group = ("SKU Subtotal Before Discount", "SKU Platform Discount", "SKU Seller Discount")
    without = [name for name in COLUMNS if name not in group]
    assert raw(tmp_path, csv_bytes(orders(1), columns=without)).frame["units"].tolist() == ["2"]
    message = told(tmp_path, csv_bytes(orders(1), columns=[*without, group[0]]))
    assert "missing: SKU Platform Discount, SKU Seller Discount" in message


def test_a_column_that_stands_twice_is_refused(tmp_path: Path):
    data = csv_bytes(orders(1), columns=[*COLUMNS, "Quantity"])
    assert "E_DUPLICATE_COLUMN" in told(tmp_path, data)


def test_a_header_without_orders_is_refused(tmp_path: Path):
    assert "[E_NO_ROWS]" in told(tmp_path, csv_bytes([]))


def test_a_quotation_mark_that_swallows_lines_is_refused_even_if_the_file_parses(tmp_path: Path):
    lines = csv_bytes(orders(6, **{"Product Name": "Item"})).decode().split("\r\n")
    lines[2] = lines[2].replace("Item", '"Item')
    lines[4] = lines[4].replace("Item", 'Item"')
    message = told(tmp_path, "\r\n".join(lines).encode())
    assert 'orders.csv, row 3, column "Product Name"' in message
    assert "[E_QUOTE]" in message
    open_only = "\r\n".join(lines[:4]).encode()
    assert "orders.csv, row 3: a quotation mark is opened" in told(tmp_path, open_only)


def test_swallowed_lines_are_seen_in_a_free_text_column_too(tmp_path: Path):
    lines = csv_bytes(orders(6, **{"Buyer Message": "note"})).decode().split("\r\n")
    lines[2] = lines[2].replace("note", '"note')
    lines[4] = lines[4].replace("note", 'note"')
    assert "[E_QUOTE]" in told(tmp_path, "\r\n".join(lines).encode())


def test_several_faulty_files_are_told_together(tmp_path: Path):
    folder = a_folder(tmp_path, a__csv=b"%PDF", b__csv=csv_bytes(orders(1)), c__csv=b"")
    with pytest.raises(InputError) as problem:
        read_orders(folder, a_seller())
    message = str(problem.value)
    assert message.startswith("2 of 3 order exports cannot be used:")
    assert message.count("[E_CONTAINER]") == 2
    assert "a.csv" in message
    assert "c.csv" in message


def test_no_sign_of_a_file_name_can_move_the_message():
    assert printable("a\u202efdp\n\x1b[31m.csv") == "a?fdp??[31m.csv"


def test_a_workbook_without_a_sheet_of_orders_is_refused(tmp_path: Path):
    message = told(tmp_path, xlsx_bytes([["Note"], ["see the other file"]], cover=True), "a.xlsx")
    assert message.startswith('a.xlsx, column "Order ID": no sheet and no row')
    assert "[E_MISSING_COLUMN]" in message


def test_a_hostile_workbook_is_refused_by_its_code(tmp_path: Path):
    assert "[E_CONTAINER]" in told(tmp_path, xlsx_bytes(table_of(orders(3)))[:900], "a.xlsx")


def test_a_list_of_the_sellers_own_is_mended_in_the_seller_file(tmp_path: Path):
    (tmp_path / "list.csv").write_text(
        "订单编号,货品,数量,下单时间\nA1,MUG,1,2026-01-05\n", "utf-8"
    )
    with pytest.raises(InputError) as told:
        read_raw(tmp_path / "list.csv", dialects()["own-th"])
    assert "missing: sku" in str(told.value)
    assert "the list has these besides: 货品" in str(told.value)
    assert "in seller.yml" in str(told.value).lower()
    assert "under columns" in str(told.value)


def test_a_workbook_with_orders_on_two_sheets_is_refused_and_not_half_read(tmp_path: Path):
    buffer = BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for first in (1, 4):
            sheet = book.add_worksheet()
            for place, row in enumerate(table_of(orders(first)[first - 1 :])):
                sheet.write_row(place, 0, row)
    assert "2 sheets hold an export each" in told(tmp_path, buffer.getvalue(), "a.xlsx")


def test_a_damaged_byte_in_a_file_of_another_layout_is_told_and_breaks_nothing(tmp_path: Path):
    data = (
        csv_bytes(orders(4)).replace(b"Seller SKU", b"Seller S\xb5U").replace(b"190.00", b"1\xb2.0")
    )
    assert "[E_MISSING_COLUMN]" in told(tmp_path, data)
