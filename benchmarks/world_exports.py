"""Order exports: order lines as a platform's file shows them on the day it was downloaded.

Layouts and status words lie beside this module in `demo/`. A file knows nothing
of what happens after its download; a later one that overlaps it knows more. A
few rows in a thousand are broken, as in real files; they repeat a good row under
an order id of their own, so that rejecting them loses nothing.
"""

import csv
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.world_columns import STAMPS, column_fields
from benchmarks.world_files import Row, write_csv, write_workbook
from benchmarks.world_sellers import DEMO_FOLDER
from benchmarks.world_specs import Exports, Spec
from planner.seller import Shop

DOWNLOADED_AT = time(9, 16)
MESSY_RATE = 0.003
"""Share of rows that are broken. [unitless]"""
DESCRIPTIONS = {
    "Order ID": "Platform unique order ID.",
    "Order Status": "Current order status.",
}
"""What the row under the header says in some files; other columns get their name and a stop."""
NO_DAY = "31/13/2025"
TIME_HEADERS = ("Created Time", "Waktu Pesanan Dibuat")
UNITS_HEADERS = ("Quantity", "Jumlah")


class File(NamedTuple):
    """One download: orders created from `start` until it was `seen`, or until `end`."""

    stem: str
    start: date
    end: date
    seen: datetime
    layout: str
    is_csv: bool
    is_described: bool


def export_files(spec: Spec, shop: Shop) -> list[File]:
    """Return the downloads of one shop in order of time."""
    plan = spec.exports[shop.shop]
    last = spec.review_on - timedelta(days=1)
    tail_on = spec.review_on - timedelta(days=plan.last_days)
    files, start, number = [], spec.starts_on, 0
    while start < tail_on:
        end = min(_months_on(start, plan.months), tail_on) - timedelta(days=1)
        seen = min(end + timedelta(days=plan.settle_days), spec.review_on)
        first = max(spec.starts_on, start - timedelta(days=plan.overlap_days))
        files.append(_file(plan, first, end, seen, number, is_csv=False))
        start, number = end + timedelta(days=1), number + 1
    if plan.last_days:
        first = tail_on - timedelta(days=plan.overlap_days)
        files.append(_file(plan, first, last, spec.review_on, number, is_csv=True))
    return files


def write_exports(spec: Spec, lines: pd.DataFrame, folder: Path, *, seed: int) -> None:
    """Write every order export of a seller.

    Parameters
    ----------
    lines : DataFrame
        Order lines as `world_orders.draw_orders` returns them.
    folder : Path
        The seller's folder; files go to `orders/`, or `orders/<shop>/` if there are several shops.
    seed : int
        Decides which rows are broken.
    """
    for number, shop in enumerate(spec.shops):
        home = folder / "orders" / (shop.shop if len(spec.shops) > 1 else "")
        own = lines[lines["shop"] == number]
        for place, file in enumerate(export_files(spec, shop)):
            rng = np.random.default_rng([seed, 7, number, place])
            rows = file_rows(spec, shop, own, file, rng)
            if file.is_csv:
                write_csv(home / f"{file.stem}.csv", rows, has_bom=True)
            else:
                sheet = "OrderSKUList" if shop.platform == "tiktok" else "orders"
                path = home / f"{file.stem}.xlsx"
                write_workbook(path, rows, sheet=sheet, part=f"sheet{place % 2 + 1}")


def file_rows(
    spec: Spec, shop: Shop, lines: pd.DataFrame, file: File, rng: np.random.Generator
) -> list[Row]:
    """Return header and rows of one file, newest order first, broken rows among them."""
    layout = _layouts()[file.layout]
    start, end = pd.Timestamp(file.start), pd.Timestamp(file.end) + pd.Timedelta(days=1)
    created = lines["ordered_at"]
    chosen = lines[(created >= start) & (created < end) & (created <= file.seen)]
    chosen = chosen.sort_values(["ordered_at", "order_id", "sku"], ascending=False)
    fields = column_fields(spec, shop, as_seen(chosen, file.seen).reset_index(drop=True))
    table = pd.DataFrame({number: _column(fields, it) for number, (_, it) in enumerate(layout)})
    header = [name for name, _ in layout]
    rows = [list(row) for row in table.itertuples(index=False, name=None)]
    rows = _with_messy(rows, header, rng)
    said = [DESCRIPTIONS.get(name, f"{name.strip()}.") for name in header]
    return [header, *([said] if file.is_described else []), *rows]


def as_seen(lines: pd.DataFrame, at: datetime) -> pd.DataFrame:
    """Return order lines as known at one moment: later times blank, status accordingly."""
    seen = lines.copy()
    for name in (*STAMPS, "returned_at"):
        seen[name] = lines[name].where(lines[name] <= at)
    is_back = seen["returned_at"].notna()
    seen["returned_units"] = lines["returned_units"].where(is_back, 0)
    known = {name: seen[name].notna() for name in STAMPS}
    seen["status"] = np.select(
        [
            known["cancelled_at"],
            known["completed_at"],
            known["delivered_at"],
            known["shipped_at"],
            known["paid_at"] | seen["is_cash"],
        ],
        ["cancelled", "completed", "delivered", "shipped", "to_ship"],
        "unpaid",
    )
    return seen


def _months_on(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _file(
    plan: Exports, start: date, end: date, seen_on: date, number: int, *, is_csv: bool
) -> File:
    seen = datetime.combine(seen_on, DOWNLOADED_AT)
    layout = [name for since, name in plan.layouts if since <= seen_on][-1]
    stem = plan.name.format(start=start, end=end, seen=seen)
    return File(stem, start, end, seen, layout, is_csv, number in plan.described)


@cache
def _layouts() -> dict[str, list[tuple[str, str]]]:
    layouts: dict[str, list[tuple[str, str]]] = {}
    with (DEMO_FOLDER / "layouts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            layouts.setdefault(row["layout"], []).append((row["header"], row["source"]))
    return layouts


def _column(fields: dict[str, pd.Series], source: str) -> pd.Series:
    """Return one column: a constant after ``=``, or a field, with the export's tab after ids."""
    if source == "" or source.startswith("="):
        length = len(fields["order_id"])
        return pd.Series([source[1:]] * length, dtype="str")
    name, _, tab = source.partition("+")
    return fields[name] + ("\t" if tab else "")


def _with_messy(rows: list[list[str]], header: list[str], rng: np.random.Generator) -> list[Row]:
    """Put a few broken rows in: a repeated header, a day that is none, units that are none."""
    count = round(MESSY_RATE * len(rows))
    places = np.sort(rng.choice(len(rows), count, replace=False)) if count else []
    ordered = next(place for place, name in enumerate(header) if name in TIME_HEADERS)
    units = next(place for place, name in enumerate(header) if name in UNITS_HEADERS)
    result = list(rows)
    for number, place in reversed(list(enumerate(places))):
        broken = list(rows[place])
        broken[0] = _other_id(broken[0])
        if number == 0:
            broken = list(header)
        elif number % 2:
            broken[ordered] = NO_DAY + broken[ordered][len(NO_DAY) :]
        else:
            broken[units] = ""
        result.insert(place, broken)
    return result


def _other_id(text: str) -> str:
    """Return an id that no order bears: one of its digits, far from the end, is another."""
    digit = text[5]
    other = {"9": "0"}.get(digit, str(int(digit) + 1)) if digit.isdigit() else "X"
    return text[:5] + other + text[6:]
