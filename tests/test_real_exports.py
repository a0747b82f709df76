"""Real exports: counted by hand, kept or refused by name; twelve months of one run as a seller.

Skipped where the shared folder with real exports is not beside the project.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from made_exports import ZONES, shop_for
from one_export import read_export

from planner.desk.parquet import read_table
from planner.errors import InputError
from planner.intake.dialects import dialects
from planner.intake.orders import Intake
from planner.seller import Shop, read_seller

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
EXPORTS = sorted(DATA.glob("shopee-vn-*/Order.all.*.xlsx"))
SMALL = DATA / "importer-fixtures"
INLINE, SALES = SMALL / "tiktok-inline", SMALL / "sku_sales_inventory"
CAMPAIGN = """
campaign: double-11
name: {zh: 双11, en: Double 11}
as_of: {plan: 2023-09-25}
markets:
  VN:
    event: "2023-11.11"
    kind: double_date
    phases:
      warm_up: {start: 2023-11-04, end: 2023-11-10}
      sale: {start: 2023-11-11, end: 2023-11-13}
      tail: {start: 2023-11-14, end: 2023-11-20}
    next_replenishment_on: 2023-12-01
"""
COUNTED = {  # month: rows, units, cancelled rows, amounts in dong, counted without the planner
    "20230101_20230131": (781, 1_087, 220, 120_035_073),
    "20230201_20230228": (465, 700, 105, 67_621_616),
    "20230301_20230331": (281, 503, 51, 67_430_080),
    "20230401_20230430": (373, 576, 57, 63_593_290),
    "20230501_20230531": (491, 718, 105, 77_219_581),
    "20230601_20230630": (572, 880, 120, 71_570_995),
    "20230701_20230731": (498, 752, 110, 73_931_320),
    "20230801_20230831": (489, 718, 76, 62_430_770),
    "20230901_20230930": (541, 847, 101, 68_581_141),
    "20231001_20231031": (503, 854, 102, 80_015_450),
    "20231101_20231130": (510, 798, 114, 67_422_400),
    "20231201_20231231": (548, 885, 117, 84_682_600),
}

pytestmark = pytest.mark.skipif(
    len(EXPORTS) != 12, reason="the real exports are not beside the project (../shared/data)"
)


def planner(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "planner", *words, "--home", str(home)]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=home)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("real")
    made = planner(home, "new-seller", "real-shop", "--market", "VN", "--platform", "shopee")
    assert made.returncode == 0, made.stderr
    for path in EXPORTS:
        shutil.copy(path, home / "data" / "sellers" / "real-shop" / "orders")
    (home / "data" / "campaigns").mkdir(exist_ok=True)
    (home / "data" / "campaigns" / "double-11.yml").write_text(CAMPAIGN, encoding="utf-8")
    done = planner(home, "run", "double-11", "--steps", "1-3", "--lang", "zh")
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return home


def read(path: Path, dialect: str) -> Intake:
    return read_export(path, shop_for(dialects()[dialect]))


def own_shop(market: str, currency: str, **said: object) -> Shop:
    """Return a shop whose files the seller maps in seller.yml."""
    shop = {
        "shop": "a-shop", "platform": "own", "market": market, "currency": currency,
        "time_zone": ZONES[market], "warehouse": "main", **said,
    }  # fmt: skip
    seller = {
        "seller": "a-seller", "name": {"zh": "卖家", "en": "Seller"}, "currency": currency,
        "profile": {"category": "home"}, "shops": [shop],
        "warehouses": [{"warehouse": "main", "market": market}],
    }  # fmt: skip
    return read_seller(seller, where="seller.yml").shops[0]


# ---------------------------------------------------------------- file by file
@pytest.mark.parametrize("month", COUNTED)
def test_a_month_of_real_orders_is_kept_to_the_last_row_unit_and_dong(month: str):
    path = next(one for one in EXPORTS if month in one.name)
    rows, units, cancelled, amounts = COUNTED[month]
    intake = read(path, "shopee-vn")
    assert intake.files[["rows_in", "rows_kept", "rows_rejected"]].to_numpy().tolist() == [
        [rows, rows, 0]
    ]
    assert intake.lines["units"].sum() == units
    assert intake.lines["kind"].str.startswith("cancelled").sum() == cancelled
    assert intake.files["kept_minor"].tolist() == [amounts]


@pytest.mark.parametrize(
    ("name", "rejected"), [("orderSalesReport.xlsx", 1), ("orderSalesReport2.xlsx", 0)]
)
def test_small_malaysian_reports_are_read_but_for_a_row_without_a_day(name: str, rejected: int):
    intake = read(SMALL / "shopee-my" / name, "shopee-my")
    assert intake.files[["rows_in", "rows_kept", "rows_rejected"]].to_numpy().tolist() == [
        [9, 9 - rejected, rejected]
    ]
    assert intake.rejected["code"].tolist() == ["E_DATE"] * rejected
    assert intake.files["in_minor"].tolist() == [24_200]
    assert intake.lines["kind"].str.startswith("cancelled").sum() == 1 - rejected  # the same row


def test_a_trimmed_thai_export_is_kept_with_its_amounts():
    intake = read(INLINE / "tiktok_th_2026.csv", "tiktok-th")
    told = intake.lines[["sku", "units", "kind", "amount_minor"]].to_numpy().tolist()
    assert told == [  # no Seller SKU: the platform's own; the blank Paid Time is on delivery
        ["SKU-001", 2, "firm", 20_000],
        ["SKU-002", 1, "firm", 5_800],
        ["SKU-003", 1, "cancelled_before", 2_900],
        ["SKU-004", 1, "cod", 2_900],
    ]
    assert intake.rejected.empty


REFUSED = [
    (INLINE / "tiktok_us_2026.csv", "tiktok-us", "Order ID", "E_ID"),
    (INLINE / "tiktok_sg_zh_2026.csv", "tiktok-sg", "Quantity", "E_MISSING_COLUMN"),
    (SALES / "fbt_inventory.csv", "tiktok-us", "", "E_DIALECT"),
    (SALES / "tiktok_orders.csv", "tiktok-us", "Created Time", "E_MISSING_COLUMN"),
    (SALES / "tiktok_shop_orders.csv", "tiktok-us", "Created Time", "E_MISSING_COLUMN"),
    *(
        (SALES / f"{name}.csv", "tiktok-us", "", "E_MISSING_COLUMN")
        for name in (
            "amazon_orders", "amazon_sales", "awd_report", "fba_report", "flexport_inbound",
            "flexport_levels", "flexport_orders", "shopify_sales",
            "tiktok_sales", "walmart_inventory", "walmart_sales",
        )
    ),
]  # fmt: skip


@pytest.mark.parametrize(("path", "dialect", "column", "code"), REFUSED, ids=lambda one: str(one))
def test_what_is_no_order_export_is_refused_by_name_and_column(
    path: Path, dialect: str, column: str, code: str
):
    with pytest.raises(InputError) as told:
        read(path, dialect)
    assert str(told.value).startswith(path.name)
    assert f"[{code}]" in str(told.value)
    assert column in str(told.value)


def test_short_order_numbers_are_read_as_a_list_of_the_sellers_own():
    shop = own_shop(
        "US", "USD",
        columns={"amount": "SKU Subtotal Before Discount"},
        time_formats="%m/%d/%Y %I:%M:%S %p",
    )  # fmt: skip
    intake = read_export(INLINE / "tiktok_us_2026.csv", shop)
    told = intake.lines[["order_id", "sku", "units", "amount_minor"]].to_numpy().tolist()
    assert told == [["1", "SKU-1", 1, 1_999]]


def test_a_list_without_quantities_is_one_unit_a_row_where_the_seller_says_so():
    shop = own_shop(
        "SG", "SGD",
        columns={"status": "Order Substatus"},
        time_formats="%d/%m/%Y %H:%M:%S",
        units_per_row=1,
    )  # fmt: skip
    intake = read_export(INLINE / "tiktok_sg_zh_2026.csv", shop)
    told = intake.lines[["order_id", "sku", "units", "status"]].to_numpy().tolist()
    assert told == [["1", "V200-01", 1, "shipped"]]
    assert intake.lines["amount_minor"].isna().all()


def test_orders_without_a_day_cannot_be_mapped_and_say_so():
    shop = own_shop(
        "US", "USD",
        columns={
            "order_id": "amazon-order-id", "status": "order-status", "units": "quantity",
            "amount": "item-price",
        },
    )  # fmt: skip
    with pytest.raises(InputError, match=r"amazon_orders\.csv.*missing: ordered_at"):
        read_export(SALES / "amazon_orders.csv", shop)


# ---------------------------------------------------------------- a seller's whole year
def test_every_line_of_the_real_exports_is_kept_or_rejected(home):
    folder = home / "data" / "work" / "double-11" / "base" / "real-shop"
    files = read_table(folder / "Reconciliation.parquet")
    assert len(files) == 12
    assert files["rows_in"].sum() == 6052
    assert (files["rows_in"] == files["rows_kept"] + files["rows_rejected"]).all()
    assert (files["in_minor"] == files["kept_minor"] + files["rejected_minor"]).all()
    lines = read_table(folder / "OrderLines.parquet")
    assert len(lines) == files["rows_kept"].sum()
    assert lines["kind"].str.startswith("cancelled").sum() == 1278


def test_unknown_costs_and_stock_of_a_new_seller_stay_unknown(home):
    folder = home / "data" / "work" / "double-11" / "base" / "real-shop"
    economics = read_table(folder / "UnitEconomics.parquet")
    assert economics["landed_cost"].isna().all()
    assert not read_table(folder / "StockPosition.parquet")["is_known"].any()
    codes = set(read_table(folder / "Alerts-plan.parquet")["code"])
    assert {"stock_unknown", "missing_cost"} <= codes


def test_a_thin_history_is_told_as_a_range_and_no_number(home):
    folder = home / "data" / "work" / "double-11" / "base" / "real-shop"
    plan = read_table(folder / "StockPlan.parquet")
    doubtful = plan[plan["grade"] == "D"]
    assert len(doubtful) > 0
    assert (doubtful["order_units"] == 0).all()
    assert doubtful["is_blocked"].all()


def test_checking_the_seller_reads_everything_and_writes_nothing(home):
    before = sorted(path for path in home.rglob("*"))
    told = planner(home, "check", "--seller", "real-shop")
    assert told.returncode == 0
    assert told.stdout.count(" rows in, ") == 12
    assert sorted(path for path in home.rglob("*")) == before
