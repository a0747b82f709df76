"""Whose export a file is: by its headers, and by the rows below where headers do not tell."""

import csv
import io
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest
from intake_case import SHARED, an_order, csv_bytes, xlsx_bytes

from planner.intake import texts
from planner.intake.dialects import dialects
from planner.intake.glance import heads_of
from planner.intake.headers import Heads, layout_of
from planner.intake.recognise import Candidate, advice_for, recognised


def heads(text: str) -> Heads:
    return [texts.head_records(text, mark) for mark in texts.DELIMITERS]


def table(*rows: Mapping[str, str]) -> str:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def names(candidates: Sequence[Candidate]) -> list[str]:
    return [one.dialect for one in candidates]


def order(**cells: str) -> str:
    return csv_bytes([an_order(1, **({"Country": ""} | cells))]).decode()


def test_the_buyers_country_tells_the_market():
    (one,) = recognised(heads(order(Country="Singapore")))
    assert (one.dialect, one.kind, one.n_known, one.n_headers) == ("tiktok-sg", "orders", 23, 23)


def test_words_of_status_tell_the_market():
    (one,) = recognised(heads(order(**{"Order Status": "เสร็จสมบูรณ์"})))
    assert (one.dialect, one.language, one.date_order) == ("tiktok-th", "th", "day_first")


def test_marks_of_currency_tell_the_market():
    paid = {"SKU Subtotal After Discount": "RM 190.00", "SKU Unit Original Price": "RM 100.00"}
    assert names(recognised(heads(order(**paid)))) == ["tiktok-my"]


def test_forms_of_amounts_and_moments_tell_the_market():
    comma = {"SKU Subtotal After Discount": "35,91", "Created Time": "12/15/2025 9:30:33 AM"}
    assert names(recognised(heads(order(**comma, **{"SKU Unit Original Price": "35,91"})))) == [
        "tiktok-br"
    ]
    assert names(recognised(heads(order(**{"Created Time": "12/15/2025 9:30:33 AM"})))) == [
        "tiktok-us"
    ]


def test_markets_that_nothing_tells_apart_are_all_named_the_sellers_own_first():
    found = names(recognised(heads(order()), dialects()["tiktok-ph"]))
    assert found[0] == "tiktok-ph"
    assert {"tiktok-th", "tiktok-my", "tiktok-sg", "tiktok-uk"} <= set(found)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_shopee_in_vietnam_is_known_by_composed_and_decomposed_headers(form: str):
    dialect = dialects()["shopee-vn"]
    row = {rule.headers[0]: "" for rule in dialect.columns.values()}
    text = unicodedata.normalize(form, table(row))
    assert names(recognised(heads(text))) == ["shopee-vn"]


def test_returns_inventory_and_lazada_are_told_from_tiktok_orders():
    for kind, name in (("returns", "tiktok-returns-sg"), ("inventory", "tiktok-inventory-sg")):
        dialect = dialects(kind)[name]
        row = {rule.headers[0]: "" for rule in dialect.columns.values()}
        (one,) = recognised(heads(table(row)), dialects()["tiktok-sg"])
        assert (one.dialect, one.kind) == (name, kind)
    row = {"orderItemId": "1", "orderNumber": "1234567890", "sellerSku": "A", "paidPrice": "5",
           "unitPrice": "5", "status": "confirmed", "createTime": "01 Sep 2025 10:11",
           "shippingCountry": "Thailand"}  # fmt: skip
    assert names(recognised(heads(table(row)))) == ["lazada-th"]


def test_an_unknown_file_is_told_the_nearest_dialect_what_it_lacks_and_what_is_strange():
    text = csv_bytes([an_order()]).decode().replace("Quantity,", "Menge,")
    (one, *_) = recognised(heads(text), dialects()["tiktok-th"])
    assert (one.dialect, one.missing, one.unknown) == ("tiktok-th", ("Quantity",), ("Menge",))
    assert recognised(heads("a,b\n1,2\n")) == []


def test_a_list_of_the_sellers_own_never_beats_a_platform():
    assert not any(name.startswith("own") for name in names(recognised(heads(order()))))
    text = table(
        {"订单编号": "A1", "商家编码": "MUG", "数量": "2", "下单时间": "2026-01-05 10:00:00"}
    )
    assert {name.partition("-")[0] for name in names(recognised(heads(text)))} == {"own"}


def test_an_export_of_another_kind_is_to_be_moved_to_its_folder():
    asked = dialects("returns")["tiktok-returns-th"]
    told = advice_for(heads(order(Country="Thailand")), asked)
    assert told == (
        "this looks like a tiktok-th export, of orders and not of returns; move it to orders/"
    )
    head = {rule.headers[0]: "1" for rule in asked.columns.values()}
    told = advice_for(heads(table(head)), dialects()["tiktok-th"])
    assert told.endswith("export, of returns and not of orders; move it to returns/")
    assert "tiktok-returns-th" in told


def test_what_to_set_is_told_where_a_file_is_another_dialects_and_nothing_where_none_fits():
    told = advice_for(heads(order(Country="Singapore")), dialects()["tiktok-th"])
    assert told == (
        "this looks like a tiktok-sg export and seller.yml says tiktok-th; in seller.yml set "
        "market: SG, currency: SGD, the time_zone of that market and dialect: tiktok-sg"
    )
    assert advice_for(heads(order()), dialects()["tiktok-th"]) == ""
    assert advice_for(heads("a,b,c\n1,2,3\n"), dialects()["tiktok-th"]) == ""


def test_a_candidate_tells_no_cell():
    found = recognised(heads(order(**{"Buyer Message": "SECRETNOTE"})))
    assert "SECRET" not in str(found)


def test_the_first_records_of_a_workbook_and_of_a_long_text_are_enough(tmp_path: Path):
    line = an_order(Country="Singapore")
    (tmp_path / "a.xlsx").write_bytes(xlsx_bytes([list(line), list(line.values())], cover=True))
    (tmp_path / "b.csv").write_bytes(csv_bytes([line] * 3_000))
    (tmp_path / "c.xlsx").write_bytes(b"PK\x03\x04 broken")
    assert names(recognised(heads_of(tmp_path / "a.xlsx"))) == ["tiktok-sg"]
    assert names(recognised(heads_of(tmp_path / "b.csv"))) == ["tiktok-sg"]
    assert heads_of(tmp_path / "c.xlsx") == []


def test_a_layout_is_found_below_a_title_and_its_columns_by_name():
    text = "Orders of June\n\n" + order()
    layout = layout_of(texts.head_records(text, ","), dialects()["tiktok-th"])
    assert (layout.line, layout.places["seller_sku"], layout.headers["units"]) == (3, 4, "Quantity")


@pytest.mark.parametrize(
    ("file", "name", "missing"),
    [
        ("tiktok-inline/tiktok_th_2026.csv", "tiktok-th", ()),
        ("tiktok-inline/tiktok_us_2026.csv", "tiktok-us", ()),
        ("tiktok-inline/tiktok_sg_zh_2026.csv", "tiktok-sg", ("Quantity",)),
        ("sku_sales_inventory/fbt_inventory.csv", "tiktok-inventory-us", ()),
        ("sku_sales_inventory/tiktok_shop_orders.csv", "tiktok-us", ("Created Time",)),
    ],
)
def test_collected_fixtures_are_recognised(file: str, name: str, missing: tuple[str, ...]):
    path = SHARED / "data" / "importer-fixtures" / file
    if not path.is_file():
        pytest.skip("the collected fixtures are not beside the project")
    first = recognised(heads_of(path), dialects()["tiktok-us"])[0]
    assert (first.dialect, first.missing) == (name, missing)
