"""Corrected rows stand in for the rejected ones they name, and nothing counts twice."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from intake_case import COLUMNS, a_folder, a_seller, an_order, csv_bytes, orders, xlsx_bytes
from one_export import read_export

from planner.errors import InputError
from planner.intake.orders import Intake, read_orders, refuse_if_too_much_lost
from planner.seller import Policy

HEADER = ("source_file", "source_row", *COLUMNS)
BAD = [an_order(91, Quantity="x"), an_order(92, Quantity="0"), an_order(93, Country="Neverland")]


def fixed(row: int | str, file: str = "orders.csv", number: int = 91, **cells: str) -> dict:
    return {"source_file": file, "source_row": str(row), **an_order(number, **cells)}


def read(place: Path, *fixes: Sequence[Mapping[str, str]], **files: bytes) -> Intake:
    """Read three good rows and three bad ones (5 to 7), and files of corrections."""
    lists = {f"fix{n}__csv": csv_bytes(rows, columns=HEADER) for n, rows in enumerate(fixes, 1)}
    export = csv_bytes([*orders(3), *BAD])
    return read_orders(a_folder(place, orders__csv=export, **lists, **files), a_seller())


def verdicts(intake: Intake) -> list[tuple[str, int, str]]:
    return [(row.file, row.row, row.code) for row in intake.rejected.itertuples()]


def balances(intake: Intake) -> bool:
    files, money = intake.files, intake.lines["amount_minor"].sum()
    rows = files["rows_in"].sum() == len(intake.lines) + len(intake.rejected)
    in_minor = files["in_minor"].sum() == files["kept_minor"].sum() + files["rejected_minor"].sum()
    return rows and in_minor and files["kept_minor"].sum() == money


def test_a_corrected_row_counts_and_its_source_is_no_loss(tmp_path: Path):
    intake = read(tmp_path, [fixed(5)])
    assert intake.lines[["file", "row"]].to_numpy().tolist()[-1] == ["fix1.csv", 2]
    assert verdicts(intake) == [
        ("orders.csv", 5, "E_CORRECTED"),
        ("orders.csv", 6, "E_QTY"),
        ("orders.csv", 7, "E_MARKET"),
    ]
    assert balances(intake)
    assert intake.files["rows_in"].tolist() == [1, 6]
    refuse_if_too_much_lost(intake, Policy(max_lost_ratio=2 / 7))


def test_a_row_that_is_still_wrong_is_rejected_once(tmp_path: Path):
    intake = read(tmp_path, [fixed(5, Quantity="y"), fixed(6, number=92)])
    assert ("orders.csv", 5, "E_CORRECTED") in verdicts(intake)
    assert ("fix1.csv", 2, "E_QTY") in verdicts(intake)
    assert len(intake.lines) == 4
    assert balances(intake)


def test_a_file_in_which_nothing_is_mended_refuses_nobody(tmp_path: Path):
    intake = read(tmp_path, [{"source_file": "orders.csv", "source_row": "5", **BAD[0]}])
    assert ("fix1.csv", 2, "E_QTY") in verdicts(intake)
    assert len(intake.lines) == 3


def test_a_row_that_only_lost_its_bad_cell_is_not_mended(tmp_path: Path):
    intake = read(tmp_path, [fixed(7, number=93, Country=""), fixed(5)])
    assert ("fix1.csv", 2, "E_MARKET") in verdicts(intake)
    assert len(intake.lines) == 4


@pytest.mark.parametrize(
    ("fix", "column", "value"),
    [
        (fixed(2, number=1), "source_row", "2"),
        (fixed(99), "source_row", "99"),
        (fixed("five"), "source_row", ""),
        (fixed(5, file="other.csv"), "source_file", "other.csv"),
        (fixed(5, file="+66 81 234 5678"), "source_file", ""),
    ],
)
def test_a_correction_of_no_rejected_row_is_refused(tmp_path: Path, fix, column: str, value: str):
    intake = read(tmp_path, [fix])
    row = intake.rejected[intake.rejected["file"] == "fix1.csv"].iloc[0]
    assert (row["code"], row["column"], row["value"]) == ("E_CORRECTION", column, value)
    assert len(intake.lines) == 3
    assert balances(intake)


def test_of_two_corrections_of_a_row_the_last_good_one_counts(tmp_path: Path):
    good = [fixed(5, **{"Order Status": "Shipped"})]
    intake = read(tmp_path, [fixed(5)], good, [fixed(5, Quantity="z")])
    assert intake.lines["file"].tolist()[-1] == "fix2.csv"
    assert [one for one in verdicts(intake) if one[0] != "orders.csv"] == [
        ("fix1.csv", 2, "E_SUPERSEDED"),
        ("fix3.csv", 2, "E_SUPERSEDED"),
    ]
    assert balances(intake)


def test_a_correction_has_the_age_of_its_source_so_the_order_stays_whole(tmp_path: Path):
    lines = [an_order(1), an_order(1, Quantity="x", **{"Seller SKU": "LAMP"}), an_order(2)]
    newer = [an_order(2, **{"Order Status": "Shipped", "Shipped Time": "09/01/2026 09:00:00"})]
    fix = fixed(3, number=1, **{"Seller SKU": "LAMP", "Paid Time": "20/01/2026 10:00:00"})
    folder = a_folder(
        tmp_path,
        orders__csv=csv_bytes(lines),
        newer__csv=csv_bytes(newer),
        fix__csv=csv_bytes([fix], columns=HEADER),
    )
    kept = read_orders(folder, a_seller()).lines
    assert sorted(kept["sku"] + kept["file"]) == [
        "LAMPfix.csv",
        "MUG-01newer.csv",
        "MUG-01orders.csv",
    ]


def test_an_export_given_twice_is_corrected_once(tmp_path: Path):
    export = csv_bytes([*orders(3), *BAD])
    intake = read(tmp_path, [fixed(5)], **{"orders (1)__csv": export})
    assert len(intake.lines) == 4
    assert intake.rejected["code"].value_counts().to_dict() == {
        "E_DUPLICATE": 6, "E_CORRECTED": 1, "E_QTY": 1, "E_MARKET": 1,
    }  # fmt: skip
    assert balances(intake)


def test_a_workbook_whose_cells_a_spreadsheet_has_typed_is_read(tmp_path: Path):
    cells = fixed(5)
    row = [
        float(cells[name]) if name in ("source_row", "Quantity") else cells[name] for name in HEADER
    ]
    book = xlsx_bytes([["a title"], [], list(HEADER), row])
    intake = read(tmp_path, fix__xlsx=book)
    assert intake.lines[["file", "row"]].to_numpy().tolist()[-1] == ["fix.xlsx", 4]


def of_shop(name: str) -> bytes:
    return csv_bytes([{"shop": name, **fixed(5)}], columns=("shop", *HEADER))


def test_rows_of_another_shop_are_left_to_it(tmp_path: Path):
    place = tmp_path / "orders" / "tiktok-th"
    place.mkdir(parents=True)
    (place / "orders.csv").write_bytes(csv_bytes([*orders(3), *BAD]))
    (place / "fix.csv").write_bytes(of_shop("tiktok-us"))
    intake = read_orders(tmp_path, a_seller("tiktok-th", "tiktok-us"))
    told = intake.files.set_index("file").loc["tiktok-th/fix.csv"]
    assert (told["rows_in"], len(intake.lines)) == (0, 3)
    assert intake.findings.to_numpy().tolist()[1:] == [
        ["tiktok-th/fix.csv", "W_OTHER_SHOP", "rows=1"],
        ["tiktok-th/fix.csv", "W_CORRECTIONS", "rows=0|kept=0"],
    ]


def test_a_row_that_names_no_shop_of_the_seller_is_refused(tmp_path: Path):
    intake = read(tmp_path, fix__csv=of_shop("elsewhere"))
    row = intake.rejected[intake.rejected["file"] == "fix.csv"].iloc[0]
    assert (row["code"], row["column"], row["value"]) == ("E_CORRECTION", "shop", "")
    assert len(intake.lines) == 3
    assert balances(intake)


def test_a_correction_of_another_order_than_the_row_holds_is_refused(tmp_path: Path):
    intake = read(tmp_path, [fixed(5, number=94)])
    row = intake.rejected[intake.rejected["file"] == "fix1.csv"].iloc[0]
    assert (row["code"], row["column"]) == ("E_CORRECTION", "Order ID")
    assert ("orders.csv", 5, "E_QTY") in verdicts(intake)
    assert balances(intake)


def test_a_mended_row_that_repeats_a_sound_line_counts_once(tmp_path: Path):
    lines = [*orders(3), BAD[0], BAD[0], an_order(92, Quantity="x"), an_order(92)]
    fixes = [fixed(5), fixed(6), fixed(7, number=92)]
    folder = a_folder(
        tmp_path, orders__csv=csv_bytes(lines), fix__csv=csv_bytes(fixes, columns=HEADER)
    )
    intake = read_orders(folder, a_seller())
    assert intake.lines["order_id"].str[-2:].tolist() == ["01", "02", "03", "92", "91"]
    assert [one for one in verdicts(intake) if one[0] == "fix.csv"] == [
        ("fix.csv", 3, "E_DUPLICATE"),
        ("fix.csv", 4, "E_DUPLICATE"),
    ]
    assert balances(intake)


def test_two_damaged_copies_that_are_mended_count_once(tmp_path: Path):
    lines = [*orders(3), BAD[0], an_order(91, Quantity="y")]
    fixes = csv_bytes([fixed(5), fixed(6)], columns=HEADER)
    intake = read_orders(
        a_folder(tmp_path, orders__csv=csv_bytes(lines), fix__csv=fixes), a_seller()
    )
    assert len(intake.lines) == 4
    assert ("fix.csv", 3, "E_DUPLICATE") in verdicts(intake)


def test_what_a_correction_names_is_shown_only_if_it_looks_like_a_file_and_a_row(tmp_path: Path):
    intake = read(tmp_path, [fixed("Jane Doe 0812345678", file="12 Long Road")])
    row = intake.rejected[intake.rejected["file"] == "fix1.csv"].iloc[0]
    told = json.loads(row["cells"])
    assert (told["source_file"], told["source_row"]) == ("", "")


def test_a_repeated_header_is_no_loss_and_no_row_to_mend(tmp_path: Path):
    lines = [*orders(3), dict(zip(COLUMNS, COLUMNS, strict=True))]
    fix = csv_bytes([fixed(5)], columns=HEADER)
    intake = read_orders(a_folder(tmp_path, orders__csv=csv_bytes(lines), fix__csv=fix), a_seller())
    assert ("orders.csv", 5, "E_REPEATED_HEADER") in verdicts(intake)
    assert ("fix.csv", 2, "E_CORRECTION") in verdicts(intake)
    assert intake.files["unreadable_rows"].tolist() == [0, 0]
    own = intake.rejected[intake.rejected["file"] == "orders.csv"]
    refuse_if_too_much_lost(intake._replace(rejected=own), Policy(max_lost_ratio=0))


def test_a_correction_without_the_columns_of_an_export_is_refused(tmp_path: Path):
    data = csv_bytes([fixed(5)], columns=("source_file", "source_row", "Order ID"))
    with pytest.raises(InputError, match=r"fix.csv.*missing: .*E_MISSING_COLUMN"):
        read(tmp_path, fix__csv=data)


def test_corrections_without_their_export_are_refused(tmp_path: Path):
    path = tmp_path / "fix.csv"
    path.write_bytes(csv_bytes([fixed(5)], columns=HEADER))
    with pytest.raises(InputError, match="no export that they mend"):
        read_export(path, a_seller().shops[0])
