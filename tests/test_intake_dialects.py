"""A dialect is data: read once, checked, and found by the shop that uses it."""

import csv
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from intake_case import SHARED, a_seller

from planner.errors import ConfigError
from planner.intake import dialects as module
from planner.intake.cells import fold, money
from planner.intake.dialects import Dialect, dialect_of, dialects, fields_of
from planner.intake.written_times import times
from planner.seller import Shop

NAMES = [
    *(f"tiktok-{market}" for market in ("th", "us", "id", "vn", "my", "ph", "sg", "uk")),
    "tiktok-br",
    *(f"shopee-{market}" for market in ("vn", "my", "id", "sg", "th", "ph", "br")),
    *(f"lazada-{market}" for market in ("vn", "my", "id", "sg", "th", "ph")),
    *(f"own-{market}" for market in ("br", "th", "us", "id", "vn", "my", "ph", "sg", "uk")),
]
KINDS = ("orders", "returns", "inventory")
EVERY = [dialect for kind in KINDS for dialect in dialects(kind).values()]
MARKETS_REGISTER = Path(__file__).resolve().parents[1] / "data" / "rules" / "markets.csv"


def test_there_is_a_dialect_for_every_platform_and_market():
    assert sorted(dialects()) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_dialect_is_named_after_its_platform_and_market(name: str):
    dialect = dialects()[name]
    assert f"{dialect.platform}-{dialect.market.lower()}" == name
    assert {"order_id", "seller_sku", "ordered_at"} <= set(dialect.required)
    assert "units" in dialect.required or dialect.units_per_row == 1
    assert "status" in dialect.required or dialect.status_if_absent == "completed"


def test_a_dialect_writes_the_currency_of_its_market():
    with MARKETS_REGISTER.open(encoding="utf-8", newline="") as file:
        currencies = {row["market"]: row["currency"] for row in csv.DictReader(file)}
    known = [d for d in dialects().values() if d.market in currencies]
    assert [d.name for d in known if currencies[d.market] != d.currency] == []
    assert {d.name for d in dialects().values()} - {d.name for d in known} == {
        "tiktok-br", "shopee-br", "own-br",
    }  # fmt: skip


def test_dialects_of_one_currency_count_the_same_minor_units():
    digits = {(dialect.currency, dialect.minor_digits) for dialect in dialects().values()}
    assert len(digits) == len({currency for currency, _ in digits})
    assert {("VND", 0), ("IDR", 0), ("THB", 2)} <= digits


@pytest.mark.parametrize("dialect", EVERY, ids=lambda dialect: dialect.name)
def test_no_header_stands_for_two_fields_and_no_word_for_two_meanings(dialect: Dialect):
    headers = [fold(head) for rule in dialect.columns.values() for head in rule.headers]
    others = {fold(head) for head in (*dialect.other_headers, *dialect.free_text)}
    assert len(set(headers)) == len(headers)
    assert not others & set(headers)
    for said in (dialect.statuses, dialect.kind_words):
        words = [(fold(word), meaning) for meaning, known in said.items() for word in known]
        assert len(dict(words)) == len(set(words))


@pytest.mark.parametrize("dialect", EVERY, ids=lambda dialect: dialect.name)
def test_a_dialect_names_fields_of_its_kind_and_every_field_it_must_have(dialect: Dialect):
    assert set(dialect.columns) <= set(fields_of(dialect.kind))
    assert {dialect.key, *dialect.sku_from} <= set(dialect.columns)
    assert dialect.key in dialect.required
    assert dialect.required


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
        ("shopee-my", "Order Received, But the buyer may return it until 2026-06-10", "delivered"),
        ("shopee-th", "ยังไม่ชำระ", "unpaid"),
        ("shopee-th", "รอการจัดส่ง", "to_ship"),
        ("shopee-br", "O comprador pode pedir uma devolução até 2026-08-30", "delivered"),
        ("shopee-br", "A Enviar", "to_ship"),
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


@pytest.mark.parametrize("kind", KINDS)
def test_every_field_is_read_by_some_dialect(kind: str):
    used = {field for dialect in dialects(kind).values() for field in dialect.columns}
    assert used == set(fields_of(kind))


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


WHOLE = (
    "order_id", "status", "seller_sku", "sku_id", "units", "unit_price", "gross",
    "platform_discount", "seller_discount", "amount", "order_total", "ordered_at",
)  # fmt: skip


@pytest.mark.parametrize("lost", WHOLE)
def test_a_whole_export_that_lost_a_column_is_missing_it(lost: str):
    found = [field for field in (*WHOLE, "substatus") if field != lost]
    assert dialects()["tiktok-th"].missing(found) == [lost]


@pytest.mark.parametrize(
    ("found", "missing"),
    [
        (("order_id", "substatus", "sku_id", "units", "ordered_at"), []),
        (("order_id", "status", "seller_sku", "units", "ordered_at", "amount"), []),
        (("order_id", "status", "seller_sku", "units", "ordered_at", "gross"), []),
        (("order_id", "seller_sku", "units", "ordered_at"), ["status"]),
        (("order_id", "status", "units", "ordered_at"), ["seller_sku"]),
        (("order_id", "status", "seller_sku", "ordered_at"), ["units"]),
    ],
)
def test_a_trimmed_export_needs_order_status_sku_units_and_day_and_no_money(
    found: tuple[str, ...], missing: list[str]
):
    assert dialects()["tiktok-th"].missing(found) == missing


def shop(dialect: str = "tiktok-th", **said: Any) -> Shop:
    platform, market = dialect.rsplit("-", 1)
    currency = dialects()[dialect].currency if dialect in dialects() else "THB"
    source = {
        "shop": "here", "platform": platform, "market": market.upper(), "currency": currency,
        "time_zone": "Asia/Bangkok", "warehouse": "main",
    }  # fmt: skip
    return Shop.model_validate(source | said)


def test_a_shop_that_names_no_dialect_has_that_of_its_platform_and_market():
    assert shop().dialect == "tiktok-th"
    assert dialect_of(shop()).name == "tiktok-th"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"platform": "tiktock"}, "platform 'tiktock', which has no dialect; did you mean tiktok"),
        ({"market": "TX"}, "market 'TX', which has no dialect of tiktok; did you mean TH"),
        (
            {"columns": {"order_idd": "单号"}},
            "columns: no field 'order_idd'; did you mean order_id",
        ),
        ({"statuses": {"complete": "好"}}, "columns: no status 'complete'; did you mean completed"),
        ({"columns": {"amount": "Order ID"}}, "'Order ID' is the order_id of tiktok-th; name the"),
    ],
)
def test_what_a_shop_cannot_be_is_told_with_the_nearest(said: dict[str, Any], told: str):
    with pytest.raises(ConfigError, match=told):
        dialect_of(shop(**said))


def test_a_market_of_one_letter_too_many_is_refused_with_what_would_be_right():
    with pytest.raises(ValueError, match="two capital letters, for instance TH; did you mean MY"):
        shop(market="my")


def test_columns_of_the_seller_come_before_those_of_the_dialect():
    said = {
        "columns": {"order_id": "编号", "ordered_at": ["下单", "日期"], "units": "Seller SKU",
                    "seller_sku": "货"},
        "time_formats": "%d.%m.%Y",
        "statuses": {"completed": "成了", "cancelled": "Completed"},
    }  # fmt: skip
    dialect = dialect_of(shop(**said))
    assert (
        dialect.field_by_header["编号"][0] == dialect.field_by_header["order id"][0] == "order_id"
    )
    assert dialect.columns["ordered_at"].headers[:2] == ("下单", "日期")
    assert dialect.field_by_header["seller sku"] == ("units", "Seller SKU")
    assert dialect.time_formats == ("%d.%m.%Y", "%d/%m/%Y %H:%M:%S")
    assert (dialect.status_of("成了"), dialect.status_of("Completed")) == ("completed", "cancelled")
    assert dialects()["tiktok-th"].field_by_header["seller sku"][0] == "seller_sku"


def test_a_list_of_one_row_per_unit_needs_no_column_of_units_and_repeats_lines():
    dialect = dialect_of(shop("own-th", units_per_row=1))
    assert "units" not in dialect.required
    assert dialect.repeated_line == "second_line"


@pytest.mark.parametrize("market", ["TH", "ID", "US"])
def test_a_list_of_their_own_is_read_in_chinese_and_english_with_iso_days(market: str):
    dialect = dialect_of(shop(f"own-{market.lower()}"))
    for heads in (
        ("订单编号", "商家编码", "数量", "下单时间"),
        ("order_id", "sku", "qty", "Order Time"),
    ):
        found = [dialect.field_by_header[fold(head)][0] for head in heads]
        assert found == ["order_id", "seller_sku", "units", "ordered_at"]
        assert dialect.missing(found) == []
    days = pd.Series(["2026-01-05 10:00:00", "2026/1/5 10:00", "2026-01-05"])
    assert times(days, dialect.time_formats).dt.strftime("%m-%d").tolist() == ["01-05"] * 3
    amounts = {"ID": ["IDR 1.299", "Rp 1.299"]}.get(market, ["1,299.50", "1299.50"])
    assert len(set(money(pd.Series(amounts), dialect.money).dropna())) == 1


@pytest.mark.parametrize(
    ("market", "amount"),
    [("TH", "฿1,299.50"), ("US", "$1,299.50"), ("UK", "£1299.50"), ("MY", "RM 1,299.50"),
     ("VN", "₫1,299"), ("SG", "S$1,299.50")],
)  # fmt: skip
def test_a_list_of_their_own_takes_commas_and_the_currencys_sign_in_every_market(
    market: str, amount: str
):
    dialect = dialect_of(shop(f"own-{market.lower()}"))
    assert money(pd.Series([amount]), dialect.money).notna().all()


def test_a_list_kept_in_yuan_takes_the_sign_plain_and_full_width():
    dialect = dialect_of(shop("own-th", currency="CNY"))
    amounts = pd.Series(["¥99", "￥99.00", "¥1,299.5", "RMB 99"])
    assert money(amounts, dialect.money).tolist() == [9900, 9900, 129950, 9900]


def test_a_list_kept_in_another_currency_than_its_markets_is_read_in_that():
    dialect = dialect_of(shop("own-id", currency="CNY"))
    assert (dialect.currency, dialect.minor_digits) == ("CNY", 2)
    assert money(pd.Series(["CNY 1,234.50", "88"]), dialect.money).tolist() == [123450, 8800]


@pytest.mark.parametrize("kind", ["returns", "inventory"])
def test_other_exports_take_money_and_clock_from_the_markets_orders(kind: str):
    ours, orders = dialect_of(shop("tiktok-id"), kind), dialects()["tiktok-id"]
    assert (ours.kind, ours.name) == (kind, f"tiktok-{kind}-id")
    for name in ("currency", "money", "clock", "countries", "first_year"):
        assert getattr(ours, name) == getattr(orders, name)
    with pytest.raises(ConfigError, match="returns exports of shopee cannot be read"):
        dialect_of(shop("shopee-id"), "returns")


@pytest.mark.parametrize(
    ("word", "state"),
    [("To process", "open"), ("In process", "open"), ("Completed", "done"), ("已退款", "done"),
     ("Refund rejected", "refused"), ("Canceled", "refused"), ("Đã hoàn tiền", "done")],
)  # fmt: skip
def test_states_of_returns_are_read(word: str, state: str):
    assert dialects("returns")["tiktok-returns-vn"].status_of(word) == state


def test_the_25_columns_of_a_return_export_are_all_known():
    path = SHARED / "facts" / "other_export_headers.csv"
    if not path.is_file():
        pytest.skip("the collected headers are not beside the project")
    with path.open(encoding="utf-8", newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["export"].startswith(("return_refund", "FBT"))]
    returns = dialects("returns")["tiktok-returns-sg"].known_headers
    known = returns | dialects("inventory")["tiktok-inventory-us"].known_headers
    assert len(rows) == 28
    assert [row["header_exact"] for row in rows if fold(row["header_exact"]) not in known] == []


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_vietnamese_headers_are_found_composed_and_decomposed(form: str):
    dialect = dialects()["shopee-vn"]
    for field, rule in dialect.columns.items():
        written = unicodedata.normalize(form, rule.headers[0])
        assert dialect.field_by_header[fold(written)][0] == field


def test_a_lazada_row_is_one_unit_known_by_its_item():
    dialect = dialects()["lazada-th"]
    assert (dialect.units_per_row, dialect.repeated_line) == (1, "second_line")
    assert dialect.missing(["order_id", "line_id", "status", "seller_sku", "amount", "unit_price",
                            "ordered_at"]) == []  # fmt: skip
    moments = pd.Series(["01 Sep 2025 10:11", "2025-09-01 10:11"])
    assert len(set(times(moments, dialect.time_formats))) == 1
    for word, status in (("confirmed", "completed"), ("Package Returned", "cancelled")):
        assert dialect.status_of(word) == status


def test_brazil_writes_a_decimal_comma_and_the_month_first():
    dialect = dialects()["tiktok-br"]
    assert money(pd.Series(["BRL 35,91", "R$ 1.062,90"]), dialect.money).tolist() == [3591, 106290]
    moment = times(pd.Series(["12/15/2025 9:30:33 AM"]), dialect.time_formats)
    assert moment.dt.strftime("%Y-%m-%d %H").tolist() == ["2025-12-15 09"]
    assert dialect.status_of("Não pago") == "unpaid"


SHOPEE_OF_2026 = {
    "shopee-id": "No. Pesanan, Status Pesanan, Status Pembatalan/ Pengembalian, "
    "Waktu Pesanan Dibuat, SKU Induk, Nomor Referensi SKU, Harga Awal, Harga Setelah Diskon, "
    "Jumlah, Returned quantity, Subtotal Pesanan, Total Pembayaran",
    "shopee-vn": "Mã đơn hàng, Ngày đặt hàng, Trạng Thái Đơn Hàng, SKU sản phẩm, "
    "SKU phân loại hàng, Giá gốc, Giá ưu đãi, Số lượng, Số lượng sản phẩm được hoàn trả, "
    "Tổng số tiền Người mua thanh toán, Tổng số tiền người mua thanh toán, Tên kho hàng",
    "shopee-br": "ID do pedido, Status do pedido, Data de criação do pedido, "
    "Nº de referência do SKU principal, Número de referência SKU, Preço original, Preço acordado, "
    "Quantidade, Returned quantity, Subtotal do produto, Valor Total, Cidade",
}  # fmt: skip


@pytest.mark.parametrize("name", SHOPEE_OF_2026)
def test_shopee_exports_of_2026_lack_nothing_and_hold_nothing_unknown(name: str):
    dialect = dialects()[name]
    heads = [fold(head) for head in SHOPEE_OF_2026[name].split(", ")]
    assert [head for head in heads if head not in dialect.known_headers] == []
    found = {dialect.field_by_header[head][0] for head in heads if head in dialect.field_by_header}
    assert {"units", "returned_units"} <= found
    assert dialect.missing(found) == []


def test_shopee_in_brazil_writes_a_decimal_point():
    texts = pd.Series(["29.90", "R$ 1,062.90", "29,90"])
    assert money(texts, dialects()["shopee-br"].money).tolist() == [2990, 106290, pd.NA]


@pytest.fixture
def dropped_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for path in module.dialect_folder().glob("*.yml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    monkeypatch.setattr(module, "dialect_folder", lambda: tmp_path)
    caches = (module._said, module.dialects)
    for one in caches:
        one.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    for one in caches:
        one.cache_clear()


def test_a_new_market_is_one_data_file(dropped_in: Path):
    text = """
extends: tiktok
market: MX
currency: MXN
money_marks: [MXN]
minor_digits: 2
thousands: ","
time_formats: ["%d/%m/%Y %H:%M:%S"]
countries: {MX: [Mexico, México]}
statuses: {cancelled: [Cancelada]}
"""
    (dropped_in / "tiktok-mx.yml").write_text(text, encoding="utf-8")
    dialect = dialect_of(shop("tiktok-mx"))
    assert (dialect.currency, dialect.status_of("cancelada")) == ("MXN", "cancelled")
    assert dialect_of(shop("tiktok-mx"), "returns").currency == "MXN"
    assert dialect_of(shop("own-mx")).market == "MX"


def test_a_new_market_without_the_names_of_its_country_is_told(dropped_in: Path):
    text = (
        (dropped_in / "tiktok-th.yml")
        .read_text(encoding="utf-8")
        .replace("market: TH", "market: MX")
    )
    (dropped_in / "tiktok-mx.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"tiktok-mx.yml.*countries: give the names of MX"):
        dialects()
