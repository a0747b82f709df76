"""From the text of an export to lines: status, kind, channel, source, fulfilment, money."""

from pathlib import Path

import pandas as pd
import pytest
from intake_case import COLUMNS, a_seller, an_order, csv_bytes

from planner.intake.dialects import Dialect, dialects
from planner.intake.files import read_raw
from planner.intake.lines import parsed, unknown_origins

PRICES = tuple(name for name in COLUMNS if name.startswith("SKU ") and name != "SKU ID")
FREE = dict.fromkeys(PRICES, "0.00")
MONEY = (*PRICES, "Order Amount")
MORE = ("Normal or Pre-order", "Cancelation/Return Type", "Purchase Channel", "Order Channel",
        "Creator Handle", "Fulfillment Type", "Virtual Bundle Seller SKU")  # fmt: skip


def lines_of(
    place: Path, *changes: dict[str, str], leave_out: tuple[str, ...] = (), **words: object
) -> pd.DataFrame:
    """Read one line per change, each of its own order, with the dialect's words as given."""
    path = place / "orders.csv"
    rows = [an_order(number, **change) for number, change in enumerate(changes, 1)]
    used = [name for name in MORE if any(name in change for change in changes)]
    columns = [name for name in (*COLUMNS, *used) if name not in leave_out]
    path.write_bytes(csv_bytes(rows, columns=columns))
    dialect = dialects()["tiktok-th"].model_copy(update=words)
    return parsed(read_raw(path, dialect), shop=a_seller().shops[0], dialect=dialect)


@pytest.mark.parametrize(
    ("changes", "status", "kind"),
    [
        ({}, "completed", "firm"),
        ({"Order Status": "Canceled"}, "cancelled", "cancelled_before"),
        (
            {"Order Status": "ยกเลิกแล้ว", "Shipped Time": "06/01/2026 10:00:00"},
            "cancelled",
            "cancelled_after",
        ),
        ({"Order Status": "已取消"}, "cancelled", "cancelled_before"),
        (  # the buyer of a prepaid order that was never paid
            {"Order Status": "Canceled", "Paid Time": "", "Payment Method": "Mobile Banking"},
            "cancelled",
            "cancelled_unpaid",
        ),
        (
            {"Order Status": "Canceled", "Paid Time": "", "Payment Method": "COD"},
            "cancelled",
            "cancelled_before",
        ),
        ({"Order Status": "Unpaid", "Payment Method": "Card"}, "unpaid", "unpaid"),
        ({"Order Status": "To ship", "Paid Time": "", "Payment Method": "COD"}, "to_ship", "cod"),
        ({"Order Status": "To ship", "Paid Time": "", "Payment Method": ""}, "to_ship", "firm"),
        (
            {"Order Status": "To ship", "Paid Time": "", "Payment Method": "Card"},
            "to_ship",
            "unpaid",
        ),
        ({"Order Status": "To ship", "Order Substatus": "On hold"}, "on_hold", "on_hold"),
        ({"Order Status": "Shipped", "Order Substatus": "Delivered"}, "delivered", "firm"),
        ({"Normal or Pre-order": "Pre-order"}, "completed", "preorder"),
        (FREE, "completed", "sample"),
    ],
)
def test_status_and_kind_follow_the_words_of_the_export(
    tmp_path: Path, changes: dict[str, str], status: str, kind: str
):
    line = lines_of(tmp_path, changes).iloc[0]
    assert (line["status"], line["kind"]) == (status, kind)


def test_a_replacement_is_what_the_dialect_calls_one_in_either_column(tmp_path: Path):
    words = {"replacement": ("Exchange",), "preorder": ("Pre-order",)}
    lines = lines_of(
        tmp_path,
        {"Cancelation/Return Type": "exchange"},
        {"Normal or Pre-order": "Exchange"},
        {"Normal or Pre-order": "Normal", "Cancelation/Return Type": "Cancel"},
        kind_words=words,
    )
    assert lines["kind"].tolist() == ["replacement", "replacement", "firm"]
    assert lines["is_demand"].tolist() == [False, False, True]


def test_a_gift_is_a_free_line_beside_a_paid_one(tmp_path: Path):
    one = {"Order ID": "576859029000000077"}
    lines = lines_of(tmp_path, one, one | FREE | {"Seller SKU": "BAG"}, FREE)
    assert lines["kind"].tolist() == ["firm", "gift", "sample"]


def test_an_export_without_the_main_status_is_read_by_the_finer_one(tmp_path: Path):
    lines = lines_of(
        tmp_path,
        {"Order Substatus": "Awaiting collection"},
        {"Order Substatus": "运输中"},
        {"Order Substatus": "Teleported"},
        leave_out=("Order Status", *MONEY),
    )
    assert lines["status"].tolist() == ["to_ship", "shipped", ""]


def test_a_channel_is_the_platform_unless_the_dialect_names_another(tmp_path: Path):
    words = ["", "TikTok Shop", "tokopedia", "Bazaar"]
    lines = lines_of(
        tmp_path,
        *({"Purchase Channel": word} for word in words),
        channel_words={"tokopedia": ("Tokopedia",)},
    )
    assert lines["channel"].tolist() == ["tiktok", "tiktok", "tokopedia", ""]


def test_a_creator_makes_an_order_of_no_other_source_an_affiliates(tmp_path: Path):
    creator = {"Creator Handle": "SECRETNAME"}
    lines = lines_of(
        tmp_path,
        creator | {"Order Channel": "LIVE"},
        creator | {"Order Channel": ""},
        {"Order Channel": "Video", "Creator Handle": ""},
        {"Order Channel": "", "Creator Handle": ""},
        source_words={"live": ("Live",), "video": ("Video",)},
    )
    assert lines["source"].tolist() == ["live", "affiliate", "video", ""]
    assert "SECRET" not in lines.to_csv()


def test_only_words_that_no_list_holds_are_unknown(tmp_path: Path):
    path = tmp_path / "orders.csv"
    words = ["Drone", "FBT", ""]
    rows = [an_order(n, **{"Fulfillment Type": word}) for n, word in enumerate(words, 1)]
    path.write_bytes(csv_bytes(rows, columns=[*COLUMNS, "Fulfillment Type"]))
    dialect: Dialect = dialects()["tiktok-th"]
    unknown = unknown_origins(read_raw(path, dialect), dialect)
    assert {field: text.tolist() for field, text in unknown.items()} == {"fulfilment": ["Drone"]}


def test_returned_units_of_order_columns_are_marked_as_such(tmp_path: Path):
    lines = lines_of(tmp_path, {"Sku Quantity of return": "1"}, {})
    assert lines["returned_from"].tolist() == ["orders", ""]


def test_money_without_a_column_is_unknown_and_never_nothing(tmp_path: Path):
    lines = lines_of(tmp_path, {}, leave_out=MONEY)
    assert lines[["gross_minor", "amount_minor"]].isna().all(axis=None)
    assert lines["kind"].tolist() == ["firm"]


def test_a_bundle_without_a_seller_sku_is_named_by_its_bundle_then_by_the_platform(tmp_path: Path):
    bundle = {"Virtual Bundle Seller SKU": "SET-1"}
    lines = lines_of(
        tmp_path,
        bundle,
        bundle | {"Seller SKU": ""},
        {"Seller SKU": "", "Virtual Bundle Seller SKU": ""},
        sku_from=("seller_sku", "bundle_sku", "sku_id"),
    )
    assert lines["sku"].tolist() == ["MUG-01", "SET-1", "1729384756102938475"]


def test_the_newest_moment_of_a_record_is_the_latest_it_knows_of(tmp_path: Path):
    lines = lines_of(tmp_path, {"Cancelled Time": "09/01/2026 09:00:00"}, {"Paid Time": ""})
    assert lines["last_at"].dt.strftime("%d %H:%M").tolist() == ["09 09:00", "05 10:00"]
