"""Inventory reports are summed by SKU, dated by their names, and joined to hand-kept stock."""

from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest
from intake_case import SHARED, a_seller

from planner.errors import InputError
from planner.intake.inventory import (
    findings_of_stock,
    read_inventory,
    read_snapshots,
    read_stock,
    read_stock_history,
)
from planner.seller import Seller
from planner.words import say

HEAD = "Goods ID,Reference code,Warehouse name,Available inventory,In Transit: Total Quantity\n"
STOCK = "sku,warehouse,stage,units,available_on,as_of\n"


def us() -> Seller:
    return a_seller("tiktok-us")


def report(folder: Path, name: str, *rows: str) -> Path:
    (folder / "inventory" / "us").mkdir(parents=True, exist_ok=True)
    (folder / "inventory" / "us" / name).write_text(HEAD + "\n".join(rows) + "\n", "utf-8")
    return folder


def units(stock: pd.DataFrame) -> dict[tuple[str, str], int]:
    return {(row.sku, row.stage): row.units for row in stock.itertuples()}


def test_several_rows_of_a_sku_are_summed(tmp_path: Path):
    rows = ("G1,A,East,80,10", "G2,A,West,40,5", "G3,B,East,0,0")
    stock = read_stock(report(tmp_path, "fbt_2026-03-01.csv", *rows), us(), date(2026, 3, 5))
    assert units(stock) == {("A", "on_hand"): 120, ("B", "on_hand"): 0, ("A", "in_transit"): 15}
    assert stock["as_of"].eq(pd.Timestamp("2026-03-01")).all()
    assert stock["available_on"].isna().all()


def test_a_report_of_a_later_day_is_not_known_yet(tmp_path: Path):
    report(tmp_path, "20260301.csv", "G1,A,East,80,0")
    report(tmp_path, "20260310.csv", "G1,A,East,9,0")
    assert units(read_stock(tmp_path, us(), date(2026, 3, 9))) == {("A", "on_hand"): 80}
    assert read_stock(tmp_path, us(), date(2026, 2, 28)).empty
    assert read_stock_history(tmp_path, us())["units"].tolist() == [80, 9]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("inventory.csv", "the name bears no day"),
        ("inventory_2026-02-31.csv", "the name bears no day"),
        ("2026-01-01_to_2026-01-31.csv", "more than one day"),
    ],
)
def test_a_report_without_its_day_in_the_name_is_refused(tmp_path: Path, name: str, words: str):
    with pytest.raises(InputError, match=words) as told:
        read_inventory(report(tmp_path, name, "G1,A,East,80,0"), us())
    assert "for instance fbt_inventory_2026-11-22.csv" in str(told.value)


def test_two_reports_of_a_day_are_refused(tmp_path: Path):
    report(tmp_path, "2026-03-01.csv", "G1,A,East,80,0")
    with pytest.raises(InputError, match="a report of the same day"):
        read_inventory(report(tmp_path, "2026-03-01 (1).csv", "G1,A,East,8,0"), us())


def test_the_newer_of_report_and_hand_kept_stock_counts(tmp_path: Path):
    report(tmp_path, "2026-03-05.csv", "G1,A,East,80,10")
    stock = tmp_path / "stock.csv"
    stock.write_text(STOCK + "A,us,on_hand,70,,2026-03-01\n", "utf-8")
    assert units(read_stock(tmp_path, us(), date(2026, 3, 9)))[("A", "on_hand")] == 80
    stock.write_text(STOCK + "A,us,on_hand,70,,2026-03-08\n", "utf-8")
    assert units(read_stock(tmp_path, us(), date(2026, 3, 9))) == {("A", "on_hand"): 70}
    assert units(read_stock(tmp_path, us(), date(2026, 3, 6)))[("A", "on_hand")] == 80


def test_of_one_day_the_report_counts_the_shelf_and_the_hand_kept_rows_what_comes(tmp_path: Path):
    report(tmp_path, "2026-03-05.csv", "G1,A,East,80,10")
    rows = "A,us,on_hand,70,,2026-03-05\nA,us,in_transit,12,2026-04-01,2026-03-05\n"
    (tmp_path / "stock.csv").write_text(STOCK + rows, "utf-8")
    stock = read_stock(tmp_path, us(), date(2026, 3, 5))
    assert units(stock) == {("A", "on_hand"): 80, ("A", "in_transit"): 12}


def kept(folder: Path, *rows: str) -> Path:
    """Write the counts kept by hand: sku, warehouse, stage, units, available_on, as_of."""
    (folder / "stock.csv").write_text(STOCK + "\n".join(rows) + "\n", "utf-8")
    return folder


def test_every_count_by_report_and_by_hand_is_a_snapshot_and_the_newest_of_a_house_is_its_stock(
    tmp_path: Path,
):
    report(tmp_path, "2026-03-05.csv", "G1,A,East,80,0")
    kept(tmp_path, "A,us,on_hand,70,,2026-03-01", "A,us,on_hand,9,,2026-03-20")
    for day, units_seen in ((4, [70]), (6, [70, 80]), (20, [70, 9, 80]), (21, [70, 9, 80])):
        told = read_snapshots(tmp_path, us(), date(2026, 3, day))
        assert told["units"].tolist() == units_seen
    assert read_snapshots(tmp_path, us(), date(2026, 2, 28)).empty
    assert read_stock(tmp_path, us(), date(2026, 3, 19))["units"].tolist() == [80]


def test_the_newest_stock_that_is_known_counts_warehouse_by_warehouse(tmp_path: Path):
    kept(
        tmp_path,
        "A,north,on_hand,90,,2025-09-01",
        "A,north,on_hand,50,,2025-09-10",
        "A,north,in_transit,40,2025-10-01,2025-09-10",
        "A,north,on_hand,10,,2025-09-20",
        "A,south,on_hand,7,,2025-08-30",
    )
    stock = read_stock(tmp_path, us(), date(2025, 9, 16))
    assert sorted(stock["units"]) == [7, 40, 50]
    assert read_stock(tmp_path, us(), date(2025, 8, 1)).empty


def test_a_count_taken_at_an_hour_is_not_known_before_it(tmp_path: Path):
    report(tmp_path, "2026-03-05.csv", "G1,A,East,80,0")
    report(tmp_path, "2026-03-05T14.csv", "G1,A,East,75,0")
    assert read_stock(tmp_path, us(), datetime(2026, 3, 5, 13))["units"].tolist() == [80]
    assert read_stock(tmp_path, us(), datetime(2026, 3, 5, 14))["units"].tolist() == [75]


def test_each_market_is_known_up_to_its_own_day_and_a_house_elsewhere_up_to_the_last(
    tmp_path: Path,
):
    seller = a_seller("tiktok-us", "tiktok-th", "tiktok-vn")
    rows = [
        f"A,{house},on_hand,{units},,2026-03-{day}"
        for house in ("us", "th", "vn")
        for day, units in (("01", 50), ("09", 40))
    ]
    looking = {"US": date(2026, 3, 5), "TH": date(2026, 3, 10)}
    stock = read_stock(kept(tmp_path, *rows), seller, looking)
    assert dict(zip(stock["warehouse"], stock["units"], strict=True)) == {
        "us": 50, "th": 40, "vn": 40,
    }  # fmt: skip


def test_a_reference_code_that_nobody_knows_is_told(tmp_path: Path):
    folder = report(tmp_path, "2026-03-05.csv", "G1,A,East,80,10", "G2,Z9,East,8,0")
    found = read_inventory(folder, us(), skus=["A"])
    assert found.snapshots["sku"].tolist() == ["A"]
    assert found.rejected[["row", "column", "value", "code"]].to_numpy().tolist() == [
        [3, "Reference code", "Z9", "E_SKU"]
    ]
    facts = found.findings.set_index("code")["facts"]
    assert facts["W_STOCK_UNKNOWN_SKU"] == "rows=1|sku=Z9"


def test_a_count_that_is_none_is_rejected(tmp_path: Path):
    folder = report(tmp_path, "2026-03-05.csv", "G1,A,East,-8,1", "G2,B,East,8,1")
    found = read_inventory(folder, us())
    assert found.rejected["code"].tolist() == ["E_STOCK_UNITS"]
    assert found.snapshots["sku"].tolist() == ["B"]


def test_stock_that_is_older_than_the_orders_is_told(tmp_path: Path):
    report(tmp_path, "2026-03-05.csv", "G1,A,East,80,10")
    stock = read_stock(tmp_path, us(), date(2026, 4, 1))
    lines = pd.DataFrame({"ordered_at": pd.to_datetime(["2026-03-20 09:00"])})
    found = findings_of_stock(stock, lines, max_days=7)
    assert found["facts"].tolist() == ["as_of=2026-03-05|last=2026-03-20|days=15"]
    assert findings_of_stock(stock, lines, max_days=15).empty


def test_a_real_report_is_read(tmp_path: Path):
    path = SHARED / "data/importer-fixtures/sku_sales_inventory/fbt_inventory.csv"
    if not path.exists():
        pytest.skip("the shared fixtures are not here")
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "fbt-20260301.csv").write_bytes(path.read_bytes())
    stock = units(read_stock(tmp_path, us(), date(2026, 3, 1)))
    assert stock[("1001", "on_hand")] == 120  # 80 + 40
    assert stock[("1001", "in_transit")] == 15  # 10 + 5


def test_a_rejected_row_is_told_by_count_column_and_first_row(tmp_path: Path):
    rows = ("G1,A,East,80,10", 'G2,B,East,"1,200",1', "G3,C,East,8,x")
    found = read_inventory(report(tmp_path, "2026-03-05.csv", *rows), us())
    told = found.findings[found.findings["code"] == "W_STOCK_ROWS"]
    assert told["facts"].tolist() == ["rows=2|column=Available inventory|row=3"]
    assert told["file"].tolist() == ["inventory/us/2026-03-05.csv"]
    sentence = say("finding.W_STOCK_ROWS", "en", rows=2, column="Available inventory", row=3)
    assert 'row 3, column "Available inventory"' in sentence


def test_a_sku_with_a_rejected_row_is_unknown_and_not_partial(tmp_path: Path):
    rows = ('G1,A,East,"1,200",0', "G1,A,West,40,0", "G2,B,East,12,x", "G3,C,East,7,0")
    folder = report(tmp_path, "2026-03-05.csv", *rows)
    found = read_inventory(folder, us())
    assert found.snapshots["sku"].tolist() == ["C"]
    assert found.unknown["sku"].tolist() == ["A", "B"]
    assert units(read_stock(folder, us(), date(2026, 3, 5))) == {("C", "on_hand"): 7}
    assert read_stock_history(folder, us())["sku"].tolist() == ["C"]


def test_a_sku_that_one_of_two_warehouses_lost_is_of_unknown_stock_on_that_day(tmp_path: Path):
    report(tmp_path, "2026-03-05.csv", "G1,A,East,80,0", "G2,B,East,5,0")
    found = read_inventory(tmp_path, us())
    twin = found._replace(unknown=found.unknown.iloc[:0])
    lost = found.snapshots.head(1)[["warehouse", "day", "sku"]]
    assert read_stock_history(tmp_path, us(), counted=twin)["sku"].tolist() == ["A", "B"]
    torn = found._replace(unknown=lost)
    assert read_stock_history(tmp_path, us(), counted=torn)["sku"].tolist() == ["B"]


def test_reports_that_were_read_already_are_not_read_again(tmp_path: Path):
    folder = report(tmp_path, "2026-03-05.csv", "G1,A,East,80,10")
    counted = read_inventory(folder, us())
    (folder / "inventory" / "us" / "2026-03-05.csv").unlink()
    assert len(read_stock(folder, us(), date(2026, 3, 5), counted=counted)) == 2
    assert read_stock_history(folder, us(), counted=counted)["units"].tolist() == [80]
