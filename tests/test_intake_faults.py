"""Every row is kept or refused by one code, at its row and column; no value leaks."""

import json
import re
from pathlib import Path

import pytest
from intake_case import COLUMNS, a_folder, a_seller, an_order, csv_bytes, intake_of, orders, refused

from planner.errors import InputError
from planner.intake.dialects import dialects
from planner.intake.faults import judged
from planner.intake.files import read_raw
from planner.intake.lines import parsed
from planner.intake.orders import read_orders

AFTER = "SKU Subtotal After Discount"
MONEY_HEADER = re.compile("Subtotal|Discount|Price|Amount")
ORIGIN_WORDS = ("FBT", "Somchai", "Somchai", "Seller Shipping", "Drone")


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("Order ID", "", "E_ID"),
        ("Order ID", "N/A", "E_ID"),
        ("Order ID", "-576859029000000001", "E_ID"),
        ("Order ID", "57685902900000000٧", "E_ID"),
        ("Order ID", "5.76859E+17", "E_ID_PRECISION"),
        ("Order ID", "576859029223086464.0", "E_ID_PRECISION"),
        ("SKU ID", "1.72938E+18", "E_ID_PRECISION"),
        ("Seller SKU", "1-Mar", "E_SKU"),
        ("Seller SKU", "1.00E+05", "E_SKU"),
        ("Seller SKU", "../../etc/x", "E_SKU"),
        ("Seller SKU", "MUG\x00-01", "E_CONTROL_CHAR"),
        ("Quantity", "0", "E_QTY"),
        ("Quantity", "1,000", "E_QTY"),
        ("Quantity", "", "E_QTY"),
        ("Sku Quantity of return", "3", "E_RETURN"),
        ("Sku Quantity of return", "-1", "E_RETURN"),
        (AFTER, "", "E_MONEY"),
        (AFTER, "190,00", "E_MONEY"),
        (AFTER, "USD 190.00", "E_CURRENCY"),
        (AFTER, "190.01", "E_ARITHMETIC"),
        ("SKU Subtotal Before Discount", "20000.00", "E_ARITHMETIC"),
        ("SKU Unit Original Price", "free", "E_MONEY"),
        ("Created Time", "30/02/2026 10:00:00", "E_DATE"),
        ("Created Time", "05/01/2099 10:00:00", "E_DATE"),
        ("Created Time", "05/01/2569 10:00:00", "E_DATE"),
        ("Created Time", "01/01/1970 00:00:00", "E_DATE"),
        ("Order Status", "Teleported", "E_STATUS"),
        ("Order Status", "", "E_STATUS"),
        ("Country", "Vietnam", "E_MARKET"),
    ],
)
def test_one_wrong_cell_refuses_its_row_alone(tmp_path: Path, column: str, value: str, code: str):
    lines = [an_order(1), an_order(2, **{column: value}), *orders(9)[2:]]
    intake = intake_of(tmp_path, lines)
    assert refused(intake) == [(3, column, code)]
    assert len(intake.lines) == 8
    file = intake.files.iloc[0]
    assert (file["rows_in"], file["rows_kept"], file["rows_rejected"]) == (9, 8, 1)
    assert file["kept_minor"] == 8 * 19_000


def test_a_repeated_line_of_a_tiktok_file_counts_once(tmp_path: Path):
    intake = intake_of(tmp_path, [*orders(3), an_order(2)])
    assert refused(intake) == [(5, "Order ID", "E_DUPLICATE")]
    assert intake.rejected["amount_minor"].tolist() == [19_000]


def test_money_balances_and_unreadable_money_is_counted(tmp_path: Path):
    total = dict.fromkeys(COLUMNS, "") | {"Order ID": "Total", AFTER: "99999.00"}
    lines = [*orders(5), an_order(6, Quantity="x"), an_order(7, **{AFTER: "?"}), total]
    file = intake_of(tmp_path, lines).files.iloc[0]
    assert (file["in_minor"], file["kept_minor"], file["rejected_minor"]) == (
        6 * 19_000,
        5 * 19_000,
        19_000,
    )
    assert (file["rows_in"], file["rows_rejected"], file["unreadable_rows"]) == (8, 3, 2)


def test_a_value_is_told_only_where_its_row_is_sound(tmp_path: Path):
    lines = [
        *orders(8),
        an_order(9, Quantity="1,5"),
        an_order(10, Quantity="0812345678", **{"Created Time": "x", "Order Status": "Somchai"}),
        an_order(11, Quantity="SECRETNAME 12"),
    ]
    rejected = intake_of(tmp_path, lines).rejected
    assert rejected["value"].tolist() == ["1,5", "", ""]
    assert "SECRET" not in rejected.to_csv()


def test_a_sku_outside_the_sellers_list_is_refused_if_there_is_one(tmp_path: Path):
    lines = [*orders(4), an_order(5, **{"Seller SKU": "MUG-O1"})]
    assert refused(intake_of(tmp_path, lines)) == []
    assert refused(intake_of(tmp_path, lines, skus={"MUG-01"})) == [(6, "Seller SKU", "E_SKU")]
    with pytest.raises(InputError, match="E_WRONG_SELLER"):
        intake_of(tmp_path, lines, skus={"LAMP"})


def test_a_listed_sku_is_kept_however_it_looks(tmp_path: Path):
    lines = [an_order(1, **{"Seller SKU": "1-Mar"}), an_order(2)]
    assert refused(intake_of(tmp_path, lines, skus={"MUG-01", "1-Mar"})) == []


def test_a_blank_seller_sku_falls_back_to_the_platforms_with_a_remark(tmp_path: Path):
    lines = [an_order(1), an_order(2, **{"Seller SKU": ""})]
    intake = intake_of(tmp_path, lines)
    assert intake.lines["sku"].tolist() == ["MUG-01", "1729384756102938475"]
    assert intake.findings[["code", "facts"]].to_numpy().tolist() == [
        ["W_SKU_FALLBACK", "rows=1|column=Seller SKU"]
    ]
    neither = intake_of(tmp_path, [an_order(1), an_order(2, **{"Seller SKU": "", "SKU ID": ""})])
    assert refused(neither) == [(3, "Seller SKU", "E_SKU")]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Created Time": "01/25/2026 10:00:00 AM"}, "E_DATE"),
        ({AFTER: "VND 190.00"}, "E_CURRENCY"),
        ({"Country": "Vietnam"}, "E_MARKET"),
        ({"Quantity": "0", "Sku Quantity of return": "2"}, "E_QTY"),
    ],
)
def test_a_fault_in_every_row_refuses_the_file(tmp_path: Path, changes: dict[str, str], code: str):
    with pytest.raises(InputError, match=code) as problem:
        intake_of(tmp_path, orders(6, **changes))
    assert "orders.csv, row 2" in str(problem.value)


@pytest.mark.parametrize(
    "changes", [{"Order Status": "Đã giao"}, {"Created Time": "01/25/2026 10:00:00 AM"}, {}]
)
def test_a_file_of_another_market_is_told_by_its_countries_before_anything_that_follows(
    tmp_path: Path, changes: dict[str, str]
):
    with pytest.raises(InputError) as told:
        intake_of(tmp_path, orders(6, Country="Vietnam", **changes))
    assert "looks like a tiktok-vn export; in seller.yml set market: VN" in str(told.value)
    assert "[E_MARKET]" in str(told.value)


def test_without_countries_the_words_tell_whose_export_it_is(tmp_path: Path):
    changes = {"Country": "", "Order Status": "Đã giao", "Order Substatus": "Đã giao"}
    with pytest.raises(InputError) as told:
        intake_of(tmp_path, orders(6, **changes))
    assert "looks like a tiktok-vn export and seller.yml says tiktok-th" in str(told.value)
    assert "[E_DIALECT]" in str(told.value)


def test_a_status_that_no_market_knows_is_told_as_such(tmp_path: Path):
    with pytest.raises(InputError, match="E_STATUS"):
        intake_of(tmp_path, orders(6, **{"Order Status": "Teleported", "Country": ""}))


def test_ids_that_a_spreadsheet_has_rounded_refuse_the_file(tmp_path: Path):
    lines = [an_order(n, **{"Order ID": f"57685902900{n:04d}000"}) for n in range(1, 7)]
    with pytest.raises(InputError, match="E_ID_PRECISION"):
        intake_of(tmp_path, lines)


def test_a_file_with_month_and_day_swapped_is_refused_though_some_days_could_be_read(
    tmp_path: Path,
):
    lines = [an_order(n, **{"Created Time": f"01/{n:02d}/2026 10:00:00"}) for n in range(1, 29)]
    with pytest.raises(InputError, match=r"16 of 28 rows name the month before the day"):
        intake_of(tmp_path, lines)


def test_days_that_can_be_read_both_ways_are_doubted_if_the_other_way_is_tighter(tmp_path: Path):
    swapped = [an_order(n, **{"Created Time": f"11/{n:02d}/2025 10:00:00"}) for n in range(1, 13)]
    findings = intake_of(tmp_path, swapped).findings
    assert findings["code"].tolist() == ["W_DATE_AMBIGUOUS"]
    assert findings["facts"].tolist() == ["days=334|other_days=11"]
    right = [an_order(n, **{"Created Time": f"{n:02d}/11/2025 10:00:00"}) for n in range(1, 13)]
    assert intake_of(tmp_path, right).findings.empty


def test_a_price_ten_times_the_median_is_kept_and_told(tmp_path: Path):
    dear = an_order(
        9,
        **{
            "SKU Unit Original Price": "1100.00",
            "SKU Subtotal Before Discount": "2200.00",
            AFTER: "2190.00",
        },
    )
    findings = intake_of(tmp_path, [*orders(8), dear]).findings
    assert findings["facts"].tolist() == ["rows=1|sku=MUG-01"]


def test_a_refused_row_shows_its_own_cells_that_look_like_their_columns(tmp_path: Path):
    lines = [*orders(4), an_order(5, Quantity="1,5", **{"Buyer Message": "SECRETNOTE"})]
    cells = json.loads(intake_of(tmp_path, lines).rejected["cells"].iloc[0])
    assert cells["Quantity"] == "1,5"
    assert cells["Created Time"] == "05/01/2026 10:00:00"
    assert cells["Payment Method"] == "COD"
    assert "SECRET" not in str(cells)
    assert "Sku Quantity of return" in cells
    assert "Order Substatus" not in cells  # an empty cell says nothing


def test_a_row_with_several_faults_shows_only_what_can_be_nothing_else(tmp_path: Path):
    shifted = {"Seller SKU": "Somchai 12", "Created Time": "Bangkok", "Country": "Somchai"}
    known = shifted | {"Seller SKU": "MUG-01", "Quantity": "0812345678"}
    intake = intake_of(tmp_path, [*orders(4), an_order(5, **shifted), an_order(6, **known)])
    first, second = (json.loads(text) for text in intake.rejected["cells"])
    sku_id = "1729384756102938475"
    assert first == {"Order ID": "576859029000000005", "SKU ID": sku_id, "Quantity": "2"}
    assert second == {
        "Order ID": "576859029000000006", "Seller SKU": "MUG-01", "SKU ID": sku_id,
    }  # fmt: skip


def test_a_row_out_of_shape_shows_nothing(tmp_path: Path):
    data = csv_bytes(orders(4)) + b"576859029000000005,Completed,0812345678\r\n"
    intake = read_orders(a_folder(tmp_path, orders__csv=data), a_seller())
    assert intake.rejected[["code", "cells"]].to_numpy().tolist() == [["E_COLUMN_COUNT", "{}"]]


def test_an_export_without_money_is_kept_and_its_money_is_unknown(tmp_path: Path):
    trimmed = [name for name in COLUMNS if not MONEY_HEADER.search(name)]
    intake = read_orders(
        a_folder(tmp_path, orders__csv=csv_bytes(orders(3), columns=trimmed)), a_seller()
    )
    assert intake.lines["amount_minor"].isna().all()
    assert intake.lines["gross_minor"].isna().all()
    assert intake.lines["is_demand"].all()  # no price is not a price of nothing
    assert intake.findings[["code", "facts"]].to_numpy().tolist() == [
        ["W_NO_MONEY", "columns=SKU Subtotal After Discount"]
    ]


def test_an_export_of_amounts_alone_is_kept_and_cannot_be_proved(tmp_path: Path):
    trimmed = [name for name in COLUMNS if not MONEY_HEADER.search(name) or name == AFTER]
    lines = [*orders(3), an_order(4, **{AFTER: "free"})]
    intake = read_orders(
        a_folder(tmp_path, orders__csv=csv_bytes(lines, columns=trimmed)), a_seller()
    )
    assert intake.lines["amount_minor"].tolist() == [19_000] * 3
    assert refused(intake) == [(5, AFTER, "E_MONEY")]
    assert intake.findings["code"].tolist() == ["W_NO_ARITHMETIC"]


def test_words_of_origin_that_nobody_knows_are_told_by_their_number_alone(tmp_path: Path):
    columns = [*COLUMNS, "Fulfillment Type"]
    lines = [an_order(n, **{"Fulfillment Type": word}) for n, word in enumerate(ORIGIN_WORDS, 1)]
    data = csv_bytes(lines, columns=columns)
    intake = read_orders(a_folder(tmp_path, orders__csv=data), a_seller())
    assert intake.lines["fulfilment"].tolist() == ["fbt", "", "", "seller", ""]
    assert intake.findings[["code", "facts"]].to_numpy().tolist() == [
        ["W_SOURCE_UNKNOWN", "rows=3|words=2|column=Fulfillment Type"]
    ]


def test_nothing_personal_is_in_any_table(tmp_path: Path):
    lines = [*orders(4), an_order(5, Quantity="SECRETNAME"), an_order(6, Country="SECRETPHONE")]
    intake = intake_of(tmp_path, lines)
    assert "SECRET" not in "".join(table.to_csv() for table in intake)


def test_a_dollar_export_has_separators_and_a_twelve_hour_clock(tmp_path: Path):
    line = an_order(
        1,
        **{
            "SKU Unit Original Price": "$1,000.00",
            "SKU Subtotal Before Discount": "$2,000.00",
            AFTER: "$1,990.00",
            "Created Time": "11/28/2025 9:05:00 PM\t",
            "Paid Time": "\t",
            "Country": "United States",
        },
    )
    folder = a_folder(tmp_path, orders__csv=csv_bytes([line]))
    kept = read_orders(folder, a_seller("tiktok-us")).lines.iloc[0]
    assert kept["amount_minor"] == 199_000
    assert str(kept["ordered_at"]) == "2025-11-28 21:05:00"


def test_an_export_in_universal_time_is_put_on_the_shops_own_clock(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes([an_order(1, **{"Created Time": "05/01/2026 20:00:00"})]))
    shop = a_seller().shops[0]
    for clock, moment in (("local", "2026-01-05 20:00"), ("utc", "2026-01-06 03:00")):
        dialect = dialects()["tiktok-th"].model_copy(update={"clock": clock})
        lines = parsed(read_raw(path, dialect), shop=shop, dialect=dialect)
        assert lines["ordered_at"].dt.strftime("%Y-%m-%d %H:%M").tolist() == [moment]


def test_moments_that_cannot_be_read_and_a_single_status_are_told(tmp_path: Path):
    lines = [*orders(19), an_order(20, **{"Shipped Time": "soon"})]
    findings = intake_of(tmp_path, lines).findings
    assert findings[["code", "facts"]].to_numpy().tolist() == [
        ["W_TIME", "rows=1|column=Shipped Time"],
        ["W_ONE_STATUS", "status=completed"],
    ]


def test_a_file_of_exactly_the_platforms_limit_is_probably_cut_off(tmp_path: Path):
    path = tmp_path / "orders.csv"
    path.write_bytes(csv_bytes(orders(3)))
    dialect = dialects()["tiktok-th"].model_copy(update={"export_caps": (3,)})
    verdicts = judged(read_raw(path, dialect), shop=a_seller().shops[0], dialect=dialect)
    assert verdicts.findings == [("W_EXPORT_CAP", "rows=3")]
