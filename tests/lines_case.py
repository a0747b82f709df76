"""Order lines for tests, worked by hand: 2 units at 100.00, paid at once, each with its changes."""

from typing import Any

import pandas as pd

from planner import tables

KIND_OF = {"cancelled": "cancelled_before", "unpaid": "unpaid", "on_hold": "on_hold"}
NOT_DEMAND = (
    "cancelled_unpaid",
    "cancelled_before",
    "cancelled_after",
    "unpaid",
    "sample",
    "gift",
    "replacement",
)


def lines(*changes: dict[str, Any]) -> pd.DataFrame:
    """Return lines that keep the contract; the kind follows from the status unless it is given."""
    line = {
        "shop": "s", "market": "TH", "order_id": "1", "sku": "A", "units": 2, "returned_units": 0,
        "status": "completed", "returned_from": "", "channel": "tiktok", "source": "",
        "fulfilment": "", "ordered_at": "2025-01-01", "paid_at": "2025-01-01", "shipped_at": None,
        "cancelled_at": None, "gross_minor": 20_000, "amount_minor": 20_000, "currency": "THB",
        "file": "f.csv", "row": 2,
    }  # fmt: skip
    frame = pd.DataFrame([line | {"kind": kind_of(change)} | change for change in changes])
    frame["is_demand"] = ~frame["kind"].isin(NOT_DEMAND)
    for name in [name for name in frame if name.endswith("_at")]:
        frame[name] = pd.to_datetime(frame[name], format="ISO8601").astype("datetime64[us]")
    empty = tables.empty(tables.OrderLines).dtypes.to_dict()
    return tables.checked(tables.OrderLines, frame.astype(empty))


def kind_of(change: dict[str, Any]) -> str:
    """Return the kind that a status alone tells."""
    return KIND_OF.get(change.get("status", ""), "firm")
