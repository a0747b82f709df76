"""quarantine.xlsx: inert text that goes back whole, and every row counted once on the way."""

import io
import zipfile
from pathlib import Path

import pages_samples as samples
import pandas as pd
import pytest
import python_calamine
import xlsxwriter
from intake_case import a_folder, a_seller, an_order, csv_bytes, orders

from planner.campaign import Scope, scope_of
from planner.intake.orders import Intake, read_orders
from planner.pages.quarantine import TOLD, quarantine_workbook
from planner.pages.sheets import TABLE_TOP
from planner.seller import Seller

BAD = [
    an_order(91, Quantity="x"),
    an_order(92, **{"Order Status": "Teleported"}),
    an_order(93, Country="Neverland"),
]


def scope(seller: Seller) -> Scope:
    return scope_of(samples.campaign(), seller)


def book_of(intake: Intake) -> bytes:
    return quarantine_workbook(intake.rejected, intake.files, scope=scope(a_seller()))


def cells_of(book: bytes, place: int = 0) -> list[list[object]]:
    workbook = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book))
    return workbook.get_sheet_by_index(place).to_python(skip_empty_area=False)


def told(book: bytes) -> pd.DataFrame:
    rows = cells_of(book)
    return pd.DataFrame(rows[TABLE_TOP + 1 :], columns=rows[TABLE_TOP])


def rewritten(book: bytes, changes: dict[tuple[int, str], str]) -> bytes:
    """Return the workbook as a person saves it, with some cells changed."""
    count = len(python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(book)).sheet_names)
    sheets = [cells_of(book, place) for place in range(count)]
    header = sheets[0][TABLE_TOP]
    for (row, column), text in changes.items():
        sheets[0][TABLE_TOP + 1 + row][header.index(column)] = text
    file = io.BytesIO()
    with xlsxwriter.Workbook(file) as made:
        for rows in sheets:
            sheet = made.add_worksheet()
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
    return file.getvalue()


def first(place: Path, **files: bytes) -> Intake:
    export = csv_bytes([*orders(3), *BAD, an_order(3)])
    return read_orders(a_folder(place, orders__csv=export, **files), a_seller())


@pytest.fixture
def book(tmp_path: Path) -> bytes:
    return book_of(first(tmp_path))


def test_the_rows_to_mend_stand_first_with_reason_and_remedy(book: bytes):
    rows = told(book)
    assert rows.columns[: len(TOLD)].tolist() == list(TOLD)
    assert rows["source_row"].tolist() == ["5", "6", "7"]
    assert rows["code"].tolist() == ["E_QTY", "E_STATUS", "E_MARKET"]
    assert rows["Order ID"].tolist()[0] == an_order(91)["Order ID"]
    assert rows["Quantity"].tolist() == ["x", "2", "2"]
    assert rows["problem_column"].tolist() == ["Quantity", "Order Status", "Country"]


def test_rows_without_loss_have_a_sheet_of_their_own(book: bytes):
    assert [row[:3] for row in cells_of(book, 1)[TABLE_TOP + 1 :]] == [
        ["orders.csv", "8", "E_DUPLICATE"]
    ]


def test_the_same_rows_give_the_same_bytes(book: bytes, tmp_path: Path):
    assert book_of(first(tmp_path)) == book


def test_no_cell_is_a_formula_whatever_it_begins_with(tmp_path: Path):
    lines = [*orders(3), an_order(4, **{"Seller SKU": "=1+1", "Quantity": "x"})]
    book = book_of(read_orders(a_folder(tmp_path, orders__csv=csv_bytes(lines)), a_seller()))
    assert "=1+1" in told(book)["Seller SKU"].tolist()
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        bodies = [archive.read(name) for name in archive.namelist() if "worksheets/sheet" in name]
    assert not any(b"<f>" in body or b"<f " in body or b"hyperlink" in body for body in bodies)


def test_two_rows_mended_of_three_count_and_the_third_is_rejected_once(tmp_path: Path, book: bytes):
    mended = rewritten(book, {(0, "Quantity"): "2", (1, "Order Status"): "Completed"})
    intake = first(tmp_path, quarantine__xlsx=mended)
    assert len(intake.lines) == 5
    codes = intake.rejected["code"].value_counts().to_dict()
    assert codes == {"E_CORRECTED": 3, "E_MARKET": 1, "E_DUPLICATE": 1}
    files = intake.files
    assert files["rows_in"].sum() == len(intake.lines) + len(intake.rejected)
    assert files["kept_minor"].sum() == intake.lines["amount_minor"].sum() == 5 * 19_000
    assert files["in_minor"].sum() == (files["kept_minor"] + files["rejected_minor"]).sum()


def test_a_workbook_put_back_untouched_changes_nothing_that_counts(tmp_path: Path, book: bytes):
    before = first(tmp_path)
    after = first(tmp_path, quarantine__xlsx=book)
    pd.testing.assert_frame_equal(before.lines, after.lines)
    assert (
        after.rejected["code"].value_counts()[["E_QTY", "E_STATUS", "E_MARKET"]].tolist() == [1] * 3
    )


def test_the_next_workbook_may_replace_the_last_one(tmp_path: Path, book: bytes):
    mended = rewritten(book, {(0, "Quantity"): "2", (1, "Order Status"): "Completed"})
    second = book_of(first(tmp_path, quarantine__xlsx=mended))
    rows = told(second)
    assert rows[["source_file", "source_row", "code"]].to_numpy().tolist() == [
        ["orders.csv", "7", "E_MARKET"],
        ["orders.csv", "5", "E_CORRECTED"],
        ["orders.csv", "6", "E_CORRECTED"],
    ]
    whole = first(tmp_path, quarantine__xlsx=rewritten(second, {(0, "Country"): "Thailand"}))
    assert len(whole.lines) == 6
    assert set(whole.rejected["code"]) == {"E_CORRECTED", "E_DUPLICATE"}


def test_a_workbook_of_two_shops_goes_into_the_folder_of_each(tmp_path: Path):
    seller = a_seller("tiktok-th", "tiktok-us")
    american = {
        "Country": "United States",
        "Created Time": "01/05/2026 10:00:00 AM",
        "Paid Time": "",
    }
    lines = {
        "tiktok-th": [*orders(3), BAD[0]],
        "tiktok-us": [*orders(3, **american), an_order(9, **american | {"Quantity": "x"})],
    }
    for shop, rows in lines.items():
        folder = tmp_path / "orders" / shop
        folder.mkdir(parents=True)
        (folder / "orders.csv").write_bytes(csv_bytes(rows))
    intake = read_orders(tmp_path, seller)
    book = quarantine_workbook(intake.rejected, intake.files, scope=scope(seller))
    assert len(cells_of(book, 1)) == TABLE_TOP + 2
    mended = rewritten(book, {(0, "Quantity"): "2"})
    for shop in lines:
        (tmp_path / "orders" / shop / "quarantine.xlsx").write_bytes(mended)
    after = read_orders(tmp_path, seller)
    assert after.lines["shop"].value_counts().to_dict() == {"tiktok-th": 4, "tiktok-us": 3}
    assert (after.rejected["code"] == "E_QTY").sum() == 1
