"""Small exports for the tests of the intake room: a few orders, numbers by hand."""

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from planner.intake.orders import Intake, read_orders
from planner.seller import Seller, read_seller

COLUMNS = (
    "Order ID", "Order Status", "Order Substatus", "SKU ID", "Seller SKU", "Product Name",
    "Quantity", "Sku Quantity of return", "SKU Unit Original Price",
    "SKU Subtotal Before Discount", "SKU Platform Discount", "SKU Seller Discount",
    "SKU Subtotal After Discount", "Order Amount", "Created Time", "Paid Time", "Shipped Time",
    "Cancelled Time", "Buyer Message", "Recipient", "Phone #", "Country", "Payment Method",
)  # fmt: skip
PLACES = {
    "tiktok-th": ("tiktok", "TH", "THB", "Asia/Bangkok"),
    "tiktok-us": ("tiktok", "US", "USD", "America/Los_Angeles"),
    "tiktok-vn": ("tiktok", "VN", "VND", "Asia/Ho_Chi_Minh"),
    "shopee-vn": ("shopee", "VN", "VND", "Asia/Ho_Chi_Minh"),
    "shopee-my": ("shopee", "MY", "MYR", "Asia/Kuala_Lumpur"),
}
SHARED = Path(__file__).resolve().parents[2] / "shared"


def a_seller(*dialects: str, policy: Mapping[str, Any] | None = None) -> Seller:
    """One seller with a shop per dialect, each named after it."""
    names = dialects or ("tiktok-th",)
    places = {name: PLACES[name] for name in names}
    return read_seller(
        {
            "seller": "a-seller",
            "name": {"zh": "卖家", "en": "Seller"},
            "currency": "CNY",
            "fx_rates": {"USD": 7.0, "THB": 0.2},
            "profile": {"category": "home"},
            "policy": dict(policy or {}),
            "shops": [
                {
                    "shop": name, "platform": platform, "market": market, "currency": currency,
                    "time_zone": zone, "dialect": name, "warehouse": market.lower(),
                }
                for name, (platform, market, currency, zone) in places.items()
            ],
            "warehouses": [
                {"warehouse": market.lower(), "market": market}
                for market in dict.fromkeys(place[1] for place in places.values())
            ],
        },
        where="seller.yml",
    )  # fmt: skip


def an_order(number: int = 1, **cells: str) -> dict[str, str]:
    """One line of 2 x 100.00, 10.00 off: order 5768590290000000NN, on 5 January 2026 at 10:00."""
    line = {
        "Order ID": f"5768590290000{number:05d}",
        "Order Status": "Completed",
        "SKU ID": "1729384756102938475",
        "Seller SKU": "MUG-01",
        "Product Name": "Mug, boxed",
        "Quantity": "2",
        "Sku Quantity of return": "0",
        "SKU Unit Original Price": "100.00",
        "SKU Subtotal Before Discount": "200.00",
        "SKU Platform Discount": "4.00",
        "SKU Seller Discount": "6.00",
        "SKU Subtotal After Discount": "190.00",
        "Order Amount": "220.00",
        "Created Time": "05/01/2026 10:00:00",
        "Paid Time": "05/01/2026 10:03:00",
        "Recipient": "SECRETNAME",
        "Phone #": "SECRETPHONE",
        "Country": "Thailand",
        "Payment Method": "COD",
    }
    return {name: line.get(name, "") for name in COLUMNS} | cells


def orders(count: int, **cells: str) -> list[dict[str, str]]:
    """Several such lines, each of its own order."""
    return [an_order(number, **cells) for number in range(1, count + 1)]


def csv_bytes(
    lines: Sequence[Mapping[str, str]], *, columns: Sequence[str] = COLUMNS, delimiter: str = ","
) -> bytes:
    """Return the lines as an export in CSV, UTF-8 without a mark."""
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(columns), delimiter=delimiter, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(lines)
    return file.getvalue().encode("utf-8")


def xlsx_bytes(rows: Sequence[Sequence[Any]], *, cover: bool = False) -> bytes:
    """Return rows of cells as a workbook; a datetime becomes a real date."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "default_date_format": "dd/mm/yyyy hh:mm"})
    if cover:
        book.add_worksheet("Cover").write_string(0, 0, "Cover")
    sheet = book.add_worksheet("OrderSKUList")
    for number, row in enumerate(rows):
        for place, cell in enumerate(row):
            (sheet.write_string if isinstance(cell, str) else sheet.write)(number, place, cell)
    book.close()
    return file.getvalue()


def table_of(lines: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
    """Return the lines as rows of cells below their header."""
    return [list(COLUMNS), *([line[name] for name in COLUMNS] for line in lines)]


def a_folder(place: Path, **files: bytes) -> Path:
    """Return a seller's folder with exports of one shop; `__` in a name stands for the dot."""
    (place / "orders").mkdir(exist_ok=True)
    for name, data in files.items():
        (place / "orders" / name.replace("__", ".")).write_bytes(data)
    return place


def intake_of(place: Path, lines: Sequence[Mapping[str, str]], **options: Any) -> Intake:
    """Read one CSV export of a Thai shop."""
    return read_orders(a_folder(place, orders__csv=csv_bytes(lines)), a_seller(), **options)


def refused(intake: Intake) -> list[tuple[int, str, str]]:
    """Return row, column and code of every rejected row."""
    rows = intake.rejected.itertuples()
    return [(row.row, row.column, row.code) for row in rows]
