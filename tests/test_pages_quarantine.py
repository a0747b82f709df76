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

from planner.intake.orders import Intake, read_orders
from planner.pages.quarantine import TOLD, quarantine_workbook
from planner.pages.sheets import TABLE_TOP
from planner.scope import Scope, scope_of
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


THAI = {"Order Status": "เสร็จสมบูรณ์", "Seller SKU": "แก้ว", "Payment Method": "เงินสด_ปลายทาง"}


def in_thai(place: Path, **files: bytes) -> Intake:
    lines = [an_order(n, **THAI) for n in (1, 2, 3)]
    bad = [an_order(91, Quantity="x", **THAI), an_order(92, **THAI | {"Created Time": "soon"})]
    return read_orders(a_folder(place, orders__csv=csv_bytes([*lines, *bad]), **files), a_seller())


def test_a_row_mended_in_thai_survives_every_next_workbook(tmp_path: Path):
    book = book_of(in_thai(tmp_path))
    assert told(book)["Order Status"].tolist() == [THAI["Order Status"]] * 2
    fixes = {(0, "Quantity"): "2", (1, "Created Time"): "05/01/2026 10:00:00"}
    book = rewritten(book, fixes)
    for _ in range(3):
        intake = in_thai(tmp_path, quarantine__xlsx=book)
        assert len(intake.lines) == 5
        assert intake.lines["sku"].tolist() == ["แก้ว"] * 5
        book = book_of(intake)


def test_a_list_made_by_hand_may_be_replaced_by_the_next_workbook(tmp_path: Path):
    fix = {"source_file": "orders.csv", "source_row": "5", **an_order(91)}
    by_hand = first(tmp_path, fix__csv=csv_bytes([fix], columns=tuple(fix)))
    (tmp_path / "orders" / "fix.csv").unlink()
    after = first(tmp_path, quarantine__xlsx=book_of(by_hand))
    assert len(after.lines) == len(by_hand.lines) == 4


def test_a_correction_is_not_laid_upon_another_row_of_a_newer_export(tmp_path: Path, book: bytes):
    mended = rewritten(book, {(0, "Quantity"): "2", (1, "Order Status"): "Completed"})
    newer = [*orders(3), an_order(94, Quantity="y"), BAD[1], BAD[2]]
    folder = a_folder(tmp_path, orders__csv=csv_bytes(newer), quarantine__xlsx=mended)
    intake = read_orders(folder, a_seller())
    assert intake.lines["order_id"].str[-2:].tolist() == ["01", "02", "03", "92"]
    codes = intake.rejected.set_index(["file", "row"])["code"]
    assert codes["orders.csv", 5] == "E_QTY"
    assert codes[codes.index.get_level_values("file") == "quarantine.xlsx"].tolist() == [
        "E_CORRECTION",
        "E_MARKET",
    ]


def test_a_row_without_an_order_id_is_corrected_in_the_very_file_only(tmp_path: Path):
    lines = [*orders(3), an_order(91, **{"Order ID": "none"})]
    export = csv_bytes(lines)
    book = book_of(read_orders(a_folder(tmp_path, orders__csv=export), a_seller()))
    mended = rewritten(book, {(0, "Order ID"): an_order(91)["Order ID"]})
    folder = a_folder(tmp_path, quarantine__xlsx=mended)
    assert len(read_orders(folder, a_seller()).lines) == 4
    other = csv_bytes([*orders(3), an_order(95, **{"Order ID": ""})])
    intake = read_orders(a_folder(tmp_path, orders__csv=other), a_seller())
    assert set(intake.rejected["code"]) == {"E_CORRECTION", "E_ID"}


def test_the_remedy_names_the_cell_to_mend(book: bytes):
    rows = told(book)
    assert 'mend the cell "Quantity" of this row' in rows["remedy_en"].iloc[0]
    assert "“Quantity”" in rows["remedy_zh"].iloc[0]
    assert "mend the cell" not in rows["remedy_en"].iloc[2]


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
