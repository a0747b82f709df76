"""Rows in are rows kept plus rows rejected; the newest export speaks for an order."""

import io
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from intake_case import (
    SHARED,
    a_folder,
    a_seller,
    an_order,
    csv_bytes,
    intake_of,
    orders,
    refused,
    table_of,
    xlsx_bytes,
)
from one_export import read_export

from planner import tables
from planner.errors import InputError
from planner.intake.dialects import dialects
from planner.intake.orders import Intake, read_orders, refuse_if_too_much_lost
from planner.seller import Policy

SHIPPED = {"Order Status": "Shipped", "Shipped Time": "08/01/2026 09:00:00"}
CANCELLED = {"Order Status": "Cancelled", "Cancelled Time": "09/01/2026 09:00:00"}


def by_file(intake: Intake, column: str) -> dict[str, int]:
    return intake.files.set_index("file")[column].astype(int).to_dict()


def test_the_newest_export_speaks_for_an_order_whatever_the_files_are_called(tmp_path: Path):
    folder = a_folder(
        tmp_path,
        z__csv=csv_bytes([an_order(1), an_order(2, **SHIPPED), an_order(3)]),
        a__csv=csv_bytes([an_order(2, **CANCELLED), an_order(4)]),
    )
    intake = read_orders(folder, a_seller())
    second = intake.lines[intake.lines["order_id"].str.endswith("2")]
    assert second[["file", "status"]].to_numpy().tolist() == [["a.csv", "cancelled"]]
    assert intake.rejected[["file", "row", "code"]].to_numpy().tolist() == [
        ["z.csv", 3, "E_SUPERSEDED"]
    ]
    assert by_file(intake, "rows_kept") == {"a.csv": 2, "z.csv": 2}
    assert by_file(intake, "rejected_minor") == {"a.csv": 0, "z.csv": 19_000}


def test_an_export_downloaded_twice_counts_once(tmp_path: Path):
    data = csv_bytes(orders(3))
    folder = a_folder(tmp_path, orders__csv=data, **{"orders (1)__csv": data})
    intake = read_orders(folder, a_seller())
    assert len(intake.lines) == 3
    assert set(intake.lines["file"]) == {"orders (1).csv"}
    assert intake.rejected["code"].tolist() == ["E_DUPLICATE"] * 3


def test_all_lines_of_an_order_come_from_one_file(tmp_path: Path):
    two = [an_order(1), an_order(1, **{"Seller SKU": "LAMP"})]
    one = [an_order(1, **CANCELLED)]
    folder = a_folder(tmp_path, a__csv=csv_bytes(two), b__csv=csv_bytes(one))
    intake = read_orders(folder, a_seller())
    assert intake.lines["sku"].tolist() == ["MUG-01"]
    assert intake.rejected["code"].tolist() == ["E_SUPERSEDED", "E_SUPERSEDED"]


def test_an_order_over_the_seam_of_two_part_files_keeps_its_lines(tmp_path: Path):
    lamp = an_order(2, **{"Seller SKU": "LAMP"})
    later = an_order(3, **{"Created Time": "06/01/2026 10:00:00", "Paid Time": ""})
    parts = {"part1__csv": [an_order(1), an_order(2)], "part2__csv": [lamp, later]}
    folder = a_folder(tmp_path, **{name: csv_bytes(lines) for name, lines in parts.items()})
    intake = read_orders(folder, a_seller())
    assert (len(intake.lines), len(intake.rejected), len(intake.findings)) == (4, 0, 0)


def test_an_order_over_a_seam_whose_parts_disagree_is_told(tmp_path: Path):
    lamp = an_order(2, **SHIPPED, **{"Seller SKU": "LAMP"})
    parts = {"part1__csv": [an_order(1), an_order(2)], "part2__csv": [lamp, an_order(3)]}
    folder = a_folder(tmp_path, **{name: csv_bytes(lines) for name, lines in parts.items()})
    intake = read_orders(folder, a_seller())
    assert intake.rejected["code"].tolist() == ["E_SUPERSEDED"]
    assert intake.findings.to_numpy().tolist() == [["part1.csv", "W_INCOMPLETE", "rows=1|orders=1"]]


def test_a_row_that_is_refused_supersedes_nothing(tmp_path: Path):
    newer = [an_order(1, Quantity="x", **SHIPPED), an_order(2, **SHIPPED)]
    folder = a_folder(tmp_path, a__csv=csv_bytes(orders(2)), b__csv=csv_bytes(newer))
    intake = read_orders(folder, a_seller())
    assert intake.lines[["file", "row"]].to_numpy().tolist() == [["a.csv", 2], ["b.csv", 3]]


def test_csv_and_workbook_of_the_same_orders_give_the_same_lines(tmp_path: Path):
    (tmp_path / "x").mkdir()
    text = intake_of(tmp_path, orders(3))
    folder = a_folder(tmp_path / "x", orders__xlsx=xlsx_bytes(table_of(orders(3))))
    book = read_orders(folder, a_seller())
    same = text.lines.columns.drop("file")
    pd.testing.assert_frame_equal(text.lines[same], book.lines[same])


def test_one_export_can_be_read_alone(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes(orders(2)))
    assert len(read_export(path, a_seller().shops[0]).lines) == 2


def test_each_shop_has_its_folder(tmp_path: Path):
    seller = a_seller("tiktok-th", "tiktok-vn")
    dong = {
        name: "100"
        for name in ("SKU Unit Original Price", "SKU Subtotal Before Discount")
    } | {"SKU Platform Discount": "0", "SKU Seller Discount": "0"}  # fmt: skip
    vietnamese = an_order(
        1, Quantity="1", Country="Vietnam", **dong, **{"SKU Subtotal After Discount": "100"}
    )
    for name, lines in (("tiktok-th", orders(2)), ("tiktok-vn", [vietnamese])):
        (tmp_path / "orders" / name).mkdir(parents=True)
        (tmp_path / "orders" / name / "orders.csv").write_bytes(csv_bytes(lines))
    intake = read_orders(tmp_path, seller)
    assert intake.lines["shop"].tolist() == ["tiktok-th", "tiktok-th", "tiktok-vn"]
    assert intake.lines["amount_minor"].tolist() == [19_000, 19_000, 100]
    assert intake.files["file"].tolist() == ["tiktok-th/orders.csv", "tiktok-vn/orders.csv"]


def test_a_loose_file_of_a_seller_with_two_shops_is_refused(tmp_path: Path):
    a_folder(tmp_path, orders__csv=csv_bytes(orders(1)))
    with pytest.raises(InputError, match="put the file into the folder of its shop"):
        read_orders(tmp_path, a_seller("tiktok-th", "tiktok-us"))


def test_a_folder_of_no_shop_is_told_the_nearest(tmp_path: Path):
    (tmp_path / "orders" / "tiktok-ht").mkdir(parents=True)
    with pytest.raises(InputError, match="did you mean tiktok-th"):
        read_orders(tmp_path, a_seller())


def test_a_seller_without_exports_is_told_where_to_put_them(tmp_path: Path):
    with pytest.raises(InputError, match="no order export"):
        read_orders(tmp_path, a_seller())


def test_a_shop_without_files_and_a_strange_file_are_remarks(tmp_path: Path):
    seller = a_seller("tiktok-th", "tiktok-us")
    inner = tmp_path / "orders" / "tiktok-th"
    inner.mkdir(parents=True)
    (inner / "orders.csv").write_bytes(csv_bytes(orders(1)))
    (inner / "notes.docx").write_bytes(b"x")
    (inner / ".hidden").write_bytes(b"x")
    findings = read_orders(tmp_path, seller).findings
    assert findings[["file", "code"]].to_numpy().tolist() == [
        ["tiktok-th/notes.docx", "W_IGNORED_FILE"],
        ["orders/tiktok-us", "W_NO_FILES"],
    ]


def test_one_file_given_for_two_shops_is_refused(tmp_path: Path):
    seller = a_seller("tiktok-th")
    twin = seller.shops[0].model_copy(update={"shop": "twin"})
    seller = seller.model_copy(update={"shops": (*seller.shops, twin)})
    for name in ("tiktok-th", "twin"):
        (tmp_path / "orders" / name).mkdir(parents=True)
        (tmp_path / "orders" / name / "orders.csv").write_bytes(csv_bytes(orders(1)))
    with pytest.raises(InputError, match="given for two shops"):
        read_orders(tmp_path, seller)


def test_too_many_lost_rows_refuse_the_seller_with_reasons_and_examples(tmp_path: Path):
    bad = [
        an_order(91, Quantity="1,5"),
        an_order(92, Quantity="zwei"),
        an_order(93, **{"Created Time": "32/01/2026 10:00:00"}),
        an_order(94, **{"Order Status": "Teleported"}),
        an_order(95, Quantity="0"),
    ]
    intake = intake_of(tmp_path, [*orders(95), *bad])
    refuse_if_too_much_lost(intake, Policy(max_lost_ratio=0.05))
    with pytest.raises(InputError) as problem:
        refuse_if_too_much_lost(intake, Policy(max_lost_ratio=0.04))
    message = str(problem.value)
    assert message.startswith("5 of 100 rows of the order exports cannot be used, 5.0%")
    assert "(1) 3 x The quantity is not a whole number" in message
    assert "orders.csv, row 97, column \"Quantity\": '1,5'. Check it" in message
    assert "[E_DATE]" in message
    assert "[E_STATUS]" in message


def test_rows_that_another_row_stands_for_are_not_lost(tmp_path: Path):
    intake = intake_of(tmp_path, [*orders(3), *orders(3)])
    assert intake.rejected["code"].tolist() == ["E_DUPLICATE"] * 3
    refuse_if_too_much_lost(intake, Policy(max_lost_ratio=0.0))


def test_the_tables_keep_their_contracts(tmp_path: Path):
    intake = intake_of(tmp_path, [*orders(3), an_order(4, Quantity="x")])
    kinds = (
        tables.OrderLines,
        tables.RejectedRows,
        tables.Reconciliation,
        tables.Findings,
        tables.Parcels,
    )
    for kind, frame in zip(kinds, intake, strict=True):
        assert list(frame.columns) == tables.columns(kind)
        tables.checked(kind, frame)


def test_a_file_that_would_end_the_reader_refuses_itself_and_the_others_are_told(tmp_path: Path):
    book = xlsx_bytes([*table_of(orders(2)), *[[""]] * 3])
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    folder = a_folder(tmp_path, far__xlsx=file.getvalue(), good__csv=csv_bytes(orders(2)))
    with pytest.raises(InputError, match=r"far.xlsx.*E_SHEET_SIZE") as told:
        read_orders(folder, a_seller())
    assert "good.csv" not in str(told.value)
    (folder / "orders" / "far.xlsx").unlink()
    assert len(read_orders(folder, a_seller()).lines) == 2


def test_every_row_of_a_file_given_twice_is_no_loss(tmp_path: Path):
    data = csv_bytes([*orders(2), an_order(3, Quantity="x")])
    folder = a_folder(tmp_path, a__csv=data, b__csv=data)
    intake = read_orders(folder, a_seller())
    assert intake.rejected["code"].value_counts().to_dict() == {"E_DUPLICATE": 3, "E_QTY": 1}
    assert by_file(intake, "rejected_minor") == {"a.csv": 57_000, "b.csv": 19_000}


def test_the_folder_of_a_shop_may_be_written_in_another_case(tmp_path: Path):
    inner = tmp_path / "orders" / "TikTok-TH"
    inner.mkdir(parents=True)
    (inner / "orders.csv").write_bytes(csv_bytes(orders(1)))
    intake = read_orders(tmp_path, a_seller())
    assert intake.lines[["shop", "file"]].to_numpy().tolist() == [
        ["tiktok-th", "TikTok-TH/orders.csv"]
    ]
    (tmp_path / "orders" / "tiktok-th").mkdir(exist_ok=True)
    if len(list((tmp_path / "orders").iterdir())) == 2:
        with pytest.raises(InputError, match="two folders for the shop tiktok-th"):
            read_orders(tmp_path, a_seller())


def test_what_systems_leave_is_passed_over_and_a_folder_is_named(tmp_path: Path):
    inner = tmp_path / "orders" / "tiktok-th"
    (inner / "backup.csv").mkdir(parents=True)
    (inner / "orders.csv").write_bytes(csv_bytes(orders(1)))
    for name in ("~$orders.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini"):
        (inner / name).write_bytes(b"x")
    findings = read_orders(tmp_path, a_seller()).findings
    assert findings.to_numpy().tolist() == [["tiktok-th/backup.csv", "W_IGNORED_FOLDER", ""]]


def test_money_that_is_not_known_is_counted_and_added_to_nothing(tmp_path: Path):
    bad = an_order(9, **{"SKU Subtotal After Discount": "soon", "Quantity": "x"})
    told = intake_of(tmp_path, [*orders(2), bad]).files.iloc[0]
    assert (told["unreadable_rows"], told["in_minor"]) == (1, 38_000)


def real_folder(tmp_path: Path, name: str) -> Path:
    source = SHARED / "data" / name
    if not source.is_dir():
        pytest.skip("the real exports are not beside the project")
    (tmp_path / "orders").mkdir()
    for path in source.glob("*.xlsx"):
        (tmp_path / "orders" / path.name).write_bytes(path.read_bytes())
    return tmp_path


def test_a_year_of_real_shopee_exports_is_read_to_the_last_line(tmp_path: Path):
    intake = read_orders(real_folder(tmp_path, "shopee-vn-2023"), a_seller("shopee-vn"))
    assert len(intake.files) == 12
    assert (len(intake.lines), len(intake.rejected)) == (6_052, 0)
    assert (intake.lines["status"] == "cancelled").sum() == 1_278
    content = intake.lines.columns.drop(["row", "file"])
    assert intake.lines.duplicated(content).sum() == 32  # 31 whole lines; one SKU in two listings
    assert not (intake.lines["sku"] == "").any()
    assert intake.files["in_minor"].sum() == intake.lines["amount_minor"].sum()


def test_real_malaysian_exports_lose_one_row_that_has_no_day(tmp_path: Path):
    intake = read_orders(
        real_folder(tmp_path, "importer-fixtures/shopee-my"), a_seller("shopee-my")
    )
    assert refused(intake) == [(9, "Order Creation Date", "E_DATE")]
    assert len(intake.lines) == 17
    assert intake.lines["sku"].unique().tolist() == ["123", "126", "125", "124"]
    assert intake.lines["returned_units"].sum() == 2


def test_exports_of_another_platform_are_told_once_with_what_to_change(tmp_path):
    dialect = dialects()["shopee-vn"]
    head = ",".join(f'"{rule.headers[0]}"' for rule in dialect.columns.values())
    row = ",".join("x" for _ in dialect.columns)
    data = f"{head}\n{row}\n".encode()
    folder = a_folder(tmp_path, a__csv=data, b__csv=data + row.encode())
    with pytest.raises(InputError) as told:
        read_orders(folder, a_seller("tiktok-vn"))
    assert str(told.value) == (
        "2 of 2 order exports: a.csv, b.csv: this looks like a shopee-vn export and seller.yml "
        "says tiktok-vn; in seller.yml set platform: shopee and dialect: shopee-vn [E_DIALECT]"
    )


def test_exports_of_another_market_are_told_with_the_market_to_declare(tmp_path):
    data = csv_bytes(orders(3, Country="Vietnam"))
    with pytest.raises(InputError, match=r"set market: VN, currency: VND, .* dialect: tiktok-vn"):
        read_orders(a_folder(tmp_path, a__csv=data), a_seller())
