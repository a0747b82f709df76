"""What is ever read from an export of each kind, and how it is written; the rest stays out."""

from typing import Literal

ExportKind = Literal["orders", "returns", "inventory"]
Kind = Literal["id", "sku", "units", "money", "time", "word", "flag", "mark"]
"""A `mark` is judged where it is read and never told: what is kept is the verdict."""
FIELDS: dict[str, Kind] = {
    "order_id": "id",
    "line_id": "id",
    "status": "word",
    "substatus": "word",
    "return_status": "word",
    "seller_sku": "sku",
    "parent_sku": "sku",
    "sku_id": "sku",
    "units": "units",
    "returned_units": "units",
    "unit_price": "money",
    "deal_price": "money",
    "gross": "money",
    "platform_discount": "money",
    "seller_discount": "money",
    "amount": "money",
    "order_total": "money",
    "ordered_at": "time",
    "paid_at": "time",
    "ready_at": "time",
    "shipped_at": "time",
    "delivered_at": "time",
    "completed_at": "time",
    "cancelled_at": "time",
    "payment_method": "word",
    "order_type": "word",
    "cancel_type": "word",
    "channel": "word",
    "source": "word",
    "creator": "flag",
    "fulfilment": "word",
    "bundle_sku": "sku",
    "country": "word",
    "cancel_by": "mark",
    "cancel_reason": "mark",
    "tracking": "mark",
}
"""Of an order export: one record per line of an order."""
RETURN_FIELDS: dict[str, Kind] = {
    "return_id": "id",
    "order_id": "id",
    "seller_sku": "sku",
    "sku_id": "sku",
    "return_type": "word",
    "return_status": "word",
    "return_substatus": "word",
    "reason": "word",
    "units": "units",
    "unit_price": "money",
    "requested_at": "time",
    "refunded_at": "time",
    "country": "word",
}
"""Of a return and refund export: one record per line of a return."""
INVENTORY_FIELDS: dict[str, Kind] = {
    "seller_sku": "sku",
    "sku_id": "sku",
    "warehouse": "word",
    "available": "units",
    "in_transit": "units",
    "defective": "units",
    "reserved": "units",
}
"""Of an inventory report: one record per SKU and warehouse."""
FIELDS_BY_KIND: dict[ExportKind, dict[str, Kind]] = {
    "orders": FIELDS,
    "returns": RETURN_FIELDS,
    "inventory": INVENTORY_FIELDS,
}
KEYS: dict[ExportKind, str] = {
    "orders": "order_id",
    "returns": "order_id",
    "inventory": "seller_sku",
}
"""By kind: the field whose cell tells a record from a repeated header or a description."""
LINE_MONEY = (
    "unit_price",
    "deal_price",
    "gross",
    "platform_discount",
    "seller_discount",
    "amount",
)
"""Money of one order line; an export with at most one of them was trimmed on purpose."""


def fields_of(kind: ExportKind) -> dict[str, Kind]:
    """Return the fields of an export of this kind, and how each is written.

    Examples
    --------
    >>> list(fields_of("inventory"))[:2]
    ['seller_sku', 'sku_id']
    """
    return FIELDS_BY_KIND[kind]
