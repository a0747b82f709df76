"""Writes order exports of any size for the intake benchmark: one Thai shop, invented people.

As Seller Center writes them: 54 columns, a row that describes the columns, ids and moments with
a trailing tab, statuses in Thai, addresses in quotation marks, orders of one to three lines in no
order. The same size gives the same bytes.
"""

from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from planner.seller import Seller, read_seller

DIALECT = "tiktok-th"
LINES_PER_FILE = 15_000  # how many rows one TikTok export holds at most
FIRST_DAY = pd.Timestamp("2024-01-01")
HISTORY_DAYS = 730
N_SKU = 400
SEED = 20261111
COLUMNS = (
    "Order ID", "Order Status", "Order Substatus", "Cancelation/Return Type",
    "Normal or Pre-order", "SKU ID", "Seller SKU", "Product Name", "Variation", "Quantity",
    "Sku Quantity of return", "SKU Unit Original Price", "SKU Subtotal Before Discount",
    "SKU Platform Discount", "SKU Seller Discount", "SKU Subtotal After Discount",
    "Shipping Fee After Discount", "Original Shipping Fee", "Shipping Fee Seller Discount",
    "Shipping Fee Platform Discount", "Taxes", "Small Order Fee", "Order Amount",
    "Order Refund Amount", "Created Time", "Paid Time", "RTS Time", "Shipped Time",
    "Delivered Time", "Cancelled Time", "Cancel By", "Cancel Reason", "Fulfillment Type",
    "Warehouse Name", "Tracking ID", "Delivery Option", "Shipping Provider Name", "Buyer Message",
    "Buyer Username", "Recipient", "Phone #", "Zipcode", "Country", "Province", "District",
    "Detail Address", "Additional address information", "Payment Method", "Weight(kg)",
    "Product Category", "Package ID", "Seller Note", "Checked Status", "Checked Marked by",
)  # fmt: skip
STATUSES = (("เสร็จสมบูรณ์", "เสร็จสมบูรณ์"), ("จัดส่งแล้ว", "อยู่ระหว่างการขนส่ง"), ("ยกเลิกแล้ว", "ยกเลิกแล้ว"))
STATUS_SHARES = (0.86, 0.05, 0.09)
COMPLETED, SENT, CANCELLED = range(3)
PRODUCTS = (
    "กล่องเก็บของพลาสติก มีฝาปิด",
    "Storage box, with lid",
    "ที่แขวนผ้า 10 ชิ้น",
    "Lamp 9W, warm white",
)
PLACES = (("กรุงเทพมหานคร", "บางรัก"), ("เชียงใหม่", "เมืองเชียงใหม่"), ("Chon Buri", "Bang Lamung"))
NOTES = ("", "", "", "ฝากไว้ที่ป้อมยาม", "Leave it at the door, thanks")
DESCRIBED = {"Order ID": "Platform unique order ID."}


def write_exports(folder: Path, lines: int) -> int:
    """Write `lines` order lines as exports below ``folder/orders``; return how many bytes.

    Files beyond the first hold full exports, the last one what remains.
    """
    orders = folder / "orders"
    orders.mkdir(parents=True)
    full, rest = divmod(lines, LINES_PER_FILE)
    sizes = [LINES_PER_FILE] * full + [rest] * bool(rest)
    write = partial(_write, orders, len(sizes))
    with ProcessPoolExecutor(max_workers=2) as pool:
        return sum(pool.map(write, range(len(sizes)), sizes))


def benchmark_seller() -> Seller:
    """Return the seller whose exports these are."""
    shop = {
        "shop": "th", "platform": "tiktok", "market": "TH", "currency": "THB",
        "time_zone": "Asia/Bangkok", "dialect": DIALECT, "warehouse": "th",
    }  # fmt: skip
    said: dict[str, Any] = {
        "seller": "benchmark",
        "name": {"zh": "基准卖家", "en": "Benchmark seller"},
        "currency": "THB",
        "profile": {"category": "home"},
        "shops": [shop],
        "warehouses": [{"warehouse": "th", "market": "TH"}],
    }
    return read_seller(said, where="the benchmark's seller")


def sku_names() -> list[str]:
    """Return every SKU of the seller."""
    return [f"HOME-{number:04d}" for number in range(N_SKU)]


def _write(orders: Path, files: int, number: int, lines: int) -> int:
    path = orders / f"orders_{number + 1:03d}.csv"
    header = ",".join(COLUMNS)
    described = ",".join(DESCRIBED.get(name, f"About {name}.") for name in COLUMNS)
    text = "\r\n".join([header, described, *_rows(number, files, lines), ""])
    return path.write_bytes(b"\xef\xbb\xbf" + text.encode("utf-8"))


def _rows(number: int, files: int, lines: int) -> list[str]:
    """Return the lines of one file: every order whole, orders shuffled."""
    rng = np.random.default_rng([SEED, number])
    counts = rng.choice([1, 2, 3], lines, p=[0.7, 0.2, 0.1])
    counts = counts[: np.searchsorted(np.cumsum(counts), lines) + 1]
    counts[-1] -= counts.sum() - lines
    days = HISTORY_DAYS * 86_400 // files
    seconds = number * days + np.sort(rng.integers(0, days, len(counts)))
    status = rng.choice(3, len(counts), p=STATUS_SHARES)
    rows: list[str] = []
    for place in rng.permutation(len(counts)).tolist():
        order = number * LINES_PER_FILE + place
        rows += _order(rng, order, int(counts[place]), int(seconds[place]), int(status[place]))
    return rows


def _order(rng: np.random.Generator, order: int, count: int, second: int, status: int) -> list[str]:
    draws = rng.integers(0, 1 << 30, 2 * count + 1).tolist()
    moments = _moments(FIRST_DAY.timestamp() + second, status, draws[0])
    people = draws[0] % 90_000
    province, district = PLACES[people % len(PLACES)]
    skus = [(draws[0] + 131 * n) % N_SKU for n in range(count)]  # an order names a SKU once
    items = [_item(sku, *draws[2 * n + 1 : 2 * n + 3]) for n, sku in enumerate(skus)]
    total = sum(item[-1] for item in items)
    is_off, is_sent = status == CANCELLED, status != CANCELLED
    head = f"{576_859_029_000_000_000 + order * 7_919}\t,{','.join(STATUSES[status])},"
    head += ("Cancel" if is_off else "") + ",Normal,"
    tail = (
        f"0,0,0,0,0,0,{total}.00,0,{moments},{'User' if is_off else ''},"
        f"{'ไม่ต้องการแล้ว' if is_off else ''},Fulfillment by seller,BKK-1,"
        f"{f'TH{order:012d}' if is_sent else ''},Standard shipping,"
        f"{'J&T Express' if is_sent else ''},"
        f"{_quoted(NOTES[people % len(NOTES)])},buyer{people:05d},B***r {people % 97},"
        f"(+66)*******{people % 89:02d},{10_000 + people}\t,Thailand,{province},{district},"
        f'"{people % 300}/{people % 17} Soi {people % 41}, Building ""{people % 7}"", *****",,'
        f"{'เก็บเงินปลายทาง' if people % 3 else 'บัตรเครดิต'},0.5,Home Supplies,"
        f"{1_153_891_868_590_053_777 + order}\t,,Unchecked,"
    )
    return [f"{head}{text},{tail}" for text, _ in items]


def _item(sku: int, count: int, cut: int) -> tuple[str, int]:
    units = (1, 1, 1, 1, 2, 3)[count % 6]
    price = 45 + 7 * (sku % 90)
    discounts = (cut % 4 * 5, cut % 3 * 5)
    net = price * units - sum(discounts)
    text = (
        f"{1_729_384_756_102_938_475 + 101 * sku}\t,HOME-{sku:04d},"
        f"{_quoted(PRODUCTS[sku % len(PRODUCTS)])},Default,{units},0,{price}.00,"
        f"{price * units}.00,{discounts[0]}.00,{discounts[1]}.00,{net}.00"
    )
    return text, net


def _moments(start: float, status: int, draw: int) -> str:
    paid, ready = start + 60 + draw % 600, start + 7_200 + draw % 80_000
    sent = ready + 3_600 + draw % 9_000
    none = ["\t"] * 6
    none[0], none[1] = _moment(start), _moment(paid)
    if status == CANCELLED:
        none[5] = _moment(start + 1_800 + draw % 40_000)
    else:
        none[2], none[3] = _moment(ready), _moment(sent)
    if status == COMPLETED:
        none[4] = _moment(sent + 90_000 + draw % 200_000)
    return ",".join(none)


def _moment(second: float) -> str:
    day, rest = divmod(int(second), 86_400)
    hour, rest = divmod(rest, 3_600)
    minute, second = divmod(rest, 60)
    return f"{_day(day)} {hour:02d}:{minute:02d}:{second:02d}\t"


_DAYS: dict[int, str] = {}


def _day(number: int) -> str:
    if number not in _DAYS:
        _DAYS[number] = pd.Timestamp(number, unit="D").strftime("%d/%m/%Y")
    return _DAYS[number]


def _quoted(text: str) -> str:
    return f'"{text}"' if "," in text else text
