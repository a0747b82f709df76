"""Return and refund exports: what came back, as the platform's file shows it.

Only sellers whose spec names them write them. Their orders' own column then tells of fewer
returns, as in real files: about one completed refund in five never reaches it.
"""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.world_columns import column_fields
from benchmarks.world_files import Row, write_csv
from benchmarks.world_specs import MINOR_DIGITS, Spec
from planner.seller import Shop

UNTOLD_RATE = 0.2
"""Share of returned lines of which the order export says nothing; export_quirks Q08."""
REFUND_ONLY_RATE = 0.15
"""Refunds that leave the goods with the buyer, over returns. [unitless]"""
OPEN_DAYS = (2, 9)
"""Days from request to refund. [days]"""
FILE_MONTHS = 6
DOWNLOADED_AT = time(9, 20)
CLOCK = "%d/%m/%Y %H:%M:%S\t"
REASONS = ("Damaged", "No longer needed", "Does not match the description", "Missing parts")
FIRST_RETURN_ID = 403_600_000_000_000_000
HEADER = (
    "Return Order ID", "Order ID", "Order Amount", "Order Status", "Order Substatus",
    "Payment Method", "SKU ID", "Seller SKU", "Product Name", "SKU Name", "Buyer Username",
    "Return Type", "Time Requested", "Return Reason", "Return unit price", "Return Quantity",
    "Return Logistics Tracking ID", "Return Status", "Return Sub Status", "Refund Time",
    "Dispute Status", "Appeal Status", "Compensation Status", "Compensation Amount", "Buyer Note",
)  # fmt: skip


def told_by_orders(spec: Spec, lines: pd.DataFrame, *, seed: int) -> pd.DataFrame:
    """Return the order lines as the order exports know them: some returns are not told."""
    if not spec.has_return_exports:
        return lines
    luck = np.random.default_rng([seed, 8]).random(len(lines))
    is_untold = luck < UNTOLD_RATE
    return lines.assign(
        returned_units=lines["returned_units"].where(~is_untold, 0),
        returned_at=lines["returned_at"].where(~is_untold),
    )


def write_returns(spec: Spec, lines: pd.DataFrame, folder: Path, *, seed: int) -> None:
    """Write the return exports of every TikTok shop, half a year each.

    Parameters
    ----------
    lines : DataFrame
        Order lines as `world_orders.draw_orders` returns them.
    folder : Path
        The seller's folder; files go to `returns/<shop>/`.
    """
    if not spec.has_return_exports:
        return
    for number, shop in enumerate(spec.shops):
        own = lines[(lines["shop"] == number) & lines["shipped_at"].notna()]
        asked = _requests(own, np.random.default_rng([seed, 9, number]))
        for start, end in _spans(spec):
            seen = datetime.combine(min(end + timedelta(days=1), spec.review_on), DOWNLOADED_AT)
            on = asked["requested_at"]
            part = asked[
                (on >= pd.Timestamp(start)) & (on < pd.Timestamp(end) + pd.Timedelta(1, "D"))
            ]
            part = part[part["requested_at"] <= seen]
            name = f"Return-{start:%Y%m%d}-{end:%Y%m%d}.csv"
            rows = return_rows(spec, shop, part.reset_index(drop=True), seen)
            write_csv(folder / "returns" / shop.shop / name, rows, has_bom=True)


def return_rows(spec: Spec, shop: Shop, asked: pd.DataFrame, seen: datetime) -> list[Row]:
    """Return header and rows of one file, newest request first, as known at one moment."""
    newest = asked.sort_values("requested_at", ascending=False).reset_index(drop=True)
    fields = column_fields(spec, shop, newest.assign(status="completed"))
    is_done = newest["refunded_at"] <= seen
    digits = MINOR_DIGITS[shop.currency]
    price = newest["net_minor"] / newest["units"] / 10**digits
    columns = {
        "Return Order ID": (FIRST_RETURN_ID + newest["order_id"] % FIRST_RETURN_ID // 8).astype(str)
        + "\t",
        "Order ID": fields["order_id"] + "\t",
        "Order Amount": fields["order_amount"],
        "Order Status": fields["status_word"],
        "Order Substatus": fields["substatus_word"],
        "Payment Method": fields["payment"],
        "SKU ID": fields["sku_id"] + "\t",
        "Seller SKU": fields["sku"],
        "Product Name": fields["title"],
        "Buyer Username": fields["buyer"],
        "Return Type": newest["return_type"],
        "Time Requested": newest["requested_at"].dt.strftime(CLOCK),
        "Return Reason": newest["return_reason"],
        "Return unit price": price.map(lambda amount: f"{shop.currency} {amount:.{digits}f}"),
        "Return Quantity": newest["asked_units"].astype(str),
        "Return Status": is_done.map({True: "Completed", False: "In process"}),
        "Refund Time": newest["refunded_at"].where(is_done).dt.strftime(CLOCK).fillna("\t"),
    }
    blank = pd.Series([""] * len(newest), dtype="str")
    table = pd.DataFrame({name: columns.get(name, blank) for name in HEADER})
    return [list(HEADER), *(list(row) for row in table.itertuples(index=False, name=None))]


def _requests(lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return one row per line that was asked back, and a few refunds without goods."""
    back = lines[lines["returned_units"] > 0]
    parts = [back.assign(return_type="Return and refund", asked_units=back["returned_units"])]
    others = lines[(lines["returned_units"] == 0) & (lines["fate"] == "sold")]
    count = round(REFUND_ONLY_RATE * len(back))
    only = others.iloc[np.sort(rng.choice(len(others), count, replace=False))]
    moment = only["delivered_at"] + pd.Timedelta(1, "D")
    only = only.assign(return_type="Refund only", asked_units=only["units"], returned_at=moment)
    asked = pd.concat([*parts, only]).sort_values(["returned_at", "order_id", "sku"])
    wait = rng.integers(*(days * 86_400 for days in OPEN_DAYS), len(asked))
    reason = np.array(REASONS)[rng.integers(0, len(REASONS), len(asked))]
    return asked.assign(
        requested_at=asked["returned_at"],
        refunded_at=asked["returned_at"] + pd.to_timedelta(wait, unit="s"),
        return_reason=reason,
    )


def _spans(spec: Spec) -> list[tuple[date, date]]:
    spans, start = [], spec.starts_on
    last = spec.review_on - timedelta(days=1)
    while start <= last:
        month = start.year * 12 + start.month - 1 + FILE_MONTHS
        end = min(date(month // 12, month % 12 + 1, 1) - timedelta(days=1), last)
        spans.append((start, end))
        start = end + timedelta(days=1)
    return spans
