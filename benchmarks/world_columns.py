"""Columns of order exports: what each field of a layout holds, as text.

Status words, places and the wording of each market lie in `demo/words.yml`.
Personal columns are invented, masked and few.
"""

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import yaml

from benchmarks.world_sellers import DEMO_FOLDER
from benchmarks.world_specs import MINOR_DIGITS, Spec
from planner.seller import Shop

STAMPS = (
    "ordered_at", "paid_at", "ready_at", "shipped_at", "delivered_at", "completed_at",
    "cancelled_at",
)  # fmt: skip
"""Moments that exports show."""
TAX_RATE = {"US": 0.07}
"""Sales tax the buyer pays on top, where the export has a column for it. [unitless]"""
N_BUYER = 40
PREORDER_EVERY = 151
"""One order in so many is a pre-order, in the markets below; no draw of the world changes."""
PREORDER_MARKETS = ("TH",)
TOKOPEDIA_EVERY = 7
"""One order in so many of a shop in Indonesia comes from Tokopedia."""
ID_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def column_fields(spec: Spec, shop: Shop, seen: pd.DataFrame) -> dict[str, pd.Series]:
    """Return every field that a layout may show, one text per order line.

    Parameters
    ----------
    seen : DataFrame
        Order lines of the shop as `world_exports.as_seen` returns them.

    Returns
    -------
    dict of Series, shape (n_line,)
        By the source names of `demo/layouts.csv`.
    """
    return {
        **_order_fields(shop, seen),
        **_goods_fields(spec, shop, seen),
        **_money_fields(spec, shop, seen),
        **_people_fields(shop, seen),
    }


def _order_fields(shop: Shop, seen: pd.DataFrame) -> dict[str, pd.Series]:
    words = _words()[shop.dialect]
    facts, status, cancels = _words()[shop.market], words["status"], _words()["cancels"]
    number = _text(seen["order_id"])
    is_off = seen["status"] == "cancelled"
    is_back = seen["returned_units"] > 0
    sent = seen["shipped_at"].notna()
    own = number.str[4:16]
    return {
        "order_id": _shopee_ids(seen) if shop.platform == "shopee" else number,
        "status_word": seen["status"].map({key: word[0] for key, word in status.items()}),
        "substatus_word": seen["status"].map({key: word[1] for key, word in status.items()}),
        "cancel_type": _chosen([is_off, is_back], ["Cancel", "Return/Refund"]),
        "return_word": _chosen([is_back], ["Permintaan Disetujui"]),
        "cancel_by": seen["fate"].map({k: v[0] for k, v in cancels.items()}).where(is_off, ""),
        "cancel_reason": seen["fate"].map({k: v[1] for k, v in cancels.items()}).where(is_off, ""),
        "payment": _chosen([seen["is_cash"]], [words["cash"]], facts["card"]),
        "type_word": _chosen([_is_preorder(shop, seen)], ["Pre-order"], "Normal"),
        "purchase_channel": _chosen([_is_tokopedia(seen)], ["Tokopedia"], "TikTok"),
        "channel_word": seen["channel"].map(_words()["channels"]),
        "tracking_id": (shop.market + own).where(sent, ""),
        "package_id": ("11" + own).where(sent, ""),
        "carrier": _chosen([sent], [facts["carrier"]]),
        "delivery_option": _constant(seen, "Standard shipping"),
        "fulfilment": _constant(seen, facts["fulfilment"]),
        "warehouse": _constant(seen, shop.warehouse),
        **{name: seen[name].dt.strftime(words["clock"]).fillna(words["blank"]) for name in STAMPS},
    }


def _goods_fields(spec: Spec, shop: Shop, seen: pd.DataFrame) -> dict[str, pd.Series]:
    listings = spec.listings
    bundles = {bundle for bundle, _, _ in spec.bundles}
    base = 1_729_400_000_000_000_000 + 1_000_003 * len(spec.folder.name)
    shop_number = spec.shops.index(shop)
    ids = [str(base + 7_919 * (place + 50 * shop_number)) for place in range(len(listings))]
    named = {
        "sku": [item.sku for item in listings],
        "bundle_sku": [item.sku if item.sku in bundles else "" for item in listings],
        "title": [item.title for item in listings],
        "platform_category": [item.platform_category for item in listings],
        "sku_id": ids,
        "product_id": [f"{item[:-1]}0" for item in ids],
        "weight_kg": [f"{item.weight_kg:g}" for item in listings],
    }
    fields = {name: seen["sku"].map(dict(enumerate(values))) for name, values in named.items()}
    return fields | {
        "units": _text(seen["units"]),
        "returned_units": _text(seen["returned_units"]),
    }


def _money_fields(spec: Spec, shop: Shop, seen: pd.DataFrame) -> dict[str, pd.Series]:
    order = seen["order_id"]
    net = seen["net_minor"]
    tax = (net * TAX_RATE.get(shop.market, 0)).round().astype(int)
    tax = tax.groupby(order).transform("sum")
    total = net.groupby(order).transform("sum") + tax
    is_off = (seen["status"] == "cancelled") & seen["paid_at"].notna()
    back = (net * seen["returned_units"] // seen["units"]).groupby(order).transform("sum")
    amounts = {
        "price": seen["price_minor"],
        "gross": seen["gross_minor"],
        "platform_discount": seen["platform_minor"],
        "seller_discount": seen["seller_minor"],
        "net": net,
        "deal_price": net // seen["units"],
        "deal_total": net,
        "tax": tax,
        "shipping_fee": 0 * net,
        "order_amount": total,
        "refund": total.where(is_off, back),
    }
    digits = MINOR_DIGITS[shop.currency]
    mark = "." if shop.platform == "shopee" else ""
    return {name: _money(amount, digits, mark) for name, amount in amounts.items()}


def _people_fields(shop: Shop, seen: pd.DataFrame) -> dict[str, pd.Series]:
    """Return personal columns: invented, masked, and few."""
    buyer = (seen["order_id"] // 7 % N_BUYER + 1).astype("int64")
    code = _text(buyer).str.zfill(3)
    facts = _words()[shop.market]
    places = facts["places"]
    place = buyer % len(places)
    region, city, postcode = (
        place.map(dict(enumerate(names))) for names in zip(*places, strict=True)
    )
    by_creator = seen["channel"].isin(["video", "live"])
    return {
        "buyer": "buyer" + code,
        "recipient": "Buyer " + code,
        "phone": _constant(seen, facts["phone"]),
        "address": _constant(seen, "*** (withheld)"),
        "country": _constant(seen, facts["country"]),
        "region": region,
        "city": city,
        "postcode": postcode,
        "creator": ("creator" + _text(buyer % 6 + 1)).where(by_creator, ""),
    }


def _is_preorder(shop: Shop, seen: pd.DataFrame) -> pd.Series:
    """Return which orders are for goods yet to come; the order's own number decides."""
    return (seen["order_id"] % PREORDER_EVERY == 0) & (shop.market in PREORDER_MARKETS)


def _is_tokopedia(seen: pd.DataFrame) -> pd.Series:
    return seen["order_id"] // 1000 % TOKOPEDIA_EVERY == 0


@cache
def _words() -> dict[str, Any]:
    return yaml.safe_load((DEMO_FOLDER / "words.yml").read_text(encoding="utf-8"))


def _shopee_ids(seen: pd.DataFrame) -> pd.Series:
    """Return ids as Shopee writes them: the day, then eight letters and digits."""
    rest = seen["order_id"].to_numpy()
    text = seen["ordered_at"].dt.strftime("%y%m%d")
    for _ in range(8):
        text = text + pd.Series([ID_LETTERS[digit] for digit in rest % 32], dtype="str")
        rest = rest // 32
    return text


def _money(amount: pd.Series, digits: int, thousands: str) -> pd.Series:
    scale = 10**digits
    whole = [f"{value:,}".replace(",", thousands) for value in amount // scale]
    if not digits:
        return pd.Series(whole, dtype="str")
    cents = amount % scale
    return pd.Series(
        [
            text if not part else f"{text}.{part:0{digits}d}".rstrip("0")
            for text, part in zip(whole, cents, strict=True)
        ],
        dtype="str",
    )


def _text(values: pd.Series) -> pd.Series:
    return values.astype("int64").astype("str")


def _constant(seen: pd.DataFrame, text: str) -> pd.Series:
    return pd.Series([text] * len(seen), dtype="str")


def _chosen(tests: list[pd.Series], words: list[str], other: str = "") -> pd.Series:
    return pd.Series(np.select([test.to_numpy() for test in tests], words, other), dtype="str")
