"""A dialect is data: read once, checked, and found by the shop that uses it."""

import csv
from pathlib import Path

import pytest
from intake_case import SHARED, a_seller

from planner.errors import ConfigError
from planner.intake.dialects import FIELDS, dialect_of, dialects

NAMES = [
    *(f"tiktok-{market}" for market in ("th", "us", "id", "vn", "my", "ph", "sg", "uk")),
    *(f"shopee-{market}" for market in ("vn", "my", "id", "sg", "th", "ph")),
]
MARKETS_REGISTER = Path(__file__).resolve().parents[1] / "data" / "rules" / "markets.csv"


def test_there_is_a_dialect_for_every_platform_and_market():
    assert sorted(dialects()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_dialect_is_named_after_its_platform_and_market(name: str):
    dialect = dialects()[name]
    assert f"{dialect.platform}-{dialect.market.lower()}" == name
    assert {"order_id", "status", "units", "amount", "ordered_at"} <= set(dialect.required)


def test_a_dialect_writes_the_currency_of_its_market():
    with MARKETS_REGISTER.open(encoding="utf-8", newline="") as file:
        currencies = {row["market"]: row["currency"] for row in csv.DictReader(file)}
    strange = [d.name for d in dialects().values() if currencies[d.market] != d.currency]
    assert strange == []


def test_dialects_of_one_currency_count_the_same_minor_units():
    digits = {(dialect.currency, dialect.minor_digits) for dialect in dialects().values()}
    assert len(digits) == len({currency for currency, _ in digits})
    assert {("VND", 0), ("IDR", 0), ("THB", 2)} <= digits


@pytest.mark.parametrize("name", NAMES)
def test_no_two_fields_claim_one_header(name: str):
    dialect = dialects()[name]
    headers = [head for rule in dialect.columns.values() for head in rule.headers]
    assert len(dialect.field_by_header) == len(headers)


@pytest.mark.parametrize(
    ("name", "word", "status"),
    [
        ("tiktok-th", "CANCELED ", "cancelled"),
        ("tiktok-th", "จัดส่งแล้ว", "shipped"),
        ("tiktok-th", "待发货", "to_ship"),
        ("tiktok-id", "Belum dibayar", "unpaid"),
        ("shopee-vn", "Đã hủy", "cancelled"),
        ("shopee-vn", "Đã huỷ", "cancelled"),
        ("shopee-vn", "Hoàn thành", "completed"),
        ("shopee-vn", "Người mua xác nhận đã nhận được hàng, tới ngày 2026-09-10.", "delivered"),
        ("shopee-my", "Shipping", "shipped"),
        ("tiktok-us", "ที่จะจัดส่ง", ""),
    ],
)
def test_status_words_are_known_in_english_the_local_language_and_chinese(
    name: str, word: str, status: str
):
    assert dialects()[name].status_of(word) == status


def test_a_market_inherits_its_platform_and_names_its_own_headers_first():
    shopee = dialects()["shopee-vn"]
    assert shopee.header_of("order_id") == "Mã đơn hàng"
    assert shopee.columns["order_id"].headers == ("Mã đơn hàng", "Order ID")
    assert shopee.columns["order_id"].is_required
    assert (shopee.repeated_line, dialects()["tiktok-vn"].repeated_line) == ("second_line", "copy")


def test_a_shop_with_an_unknown_dialect_is_told_the_nearest():
    shop = a_seller("tiktok-th").shops[0].model_copy(update={"dialect": "tiktok-ht"})
    with pytest.raises(ConfigError, match="did you mean tiktok-th"):
        dialect_of(shop)


def test_a_shop_whose_currency_is_not_its_dialects_is_refused():
    shop = a_seller("tiktok-th").shops[0].model_copy(update={"currency": "USD"})
    with pytest.raises(ConfigError, match="currency USD; its dialect tiktok-th is for THB"):
        dialect_of(shop)


def test_every_field_is_read_by_some_dialect():
    used = {field for dialect in dialects().values() for field in dialect.columns}
    assert used == set(FIELDS)


def test_no_header_that_was_collected_is_unknown():
    path = SHARED / "facts" / "order_export_headers.csv"
    if not path.is_file():
        pytest.skip("the collected headers are not beside the project")
    markets = {"US": "tiktok-us", "ID": "tiktok-id", "TH": "tiktok-th", "VN": "tiktok-vn"}
    markets |= {"PH": "tiktok-ph"}
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    unknown = [
        (row["variant"], row["header_exact"])
        for row in rows
        if row["header_exact"].strip().casefold()
        not in dialects()[markets[row["variant"].split("_")[0]]].known_headers
    ]
    assert len(rows) > 300
    assert unknown == []
