"""Each known trap of real exports, one test named after it; then faults without a file of theirs.

Q01 to Q25 are the rows of a collection of traps that public importers of these exports met.
"""

import csv
import io
import itertools
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

import made_exports as made
import pandas as pd
import pytest
from intake_case import (
    COLUMNS,
    a_folder,
    a_seller,
    an_order,
    csv_bytes,
    intake_of,
    orders,
    refused,
    table_of,
    xlsx_bytes,
)
from one_export import read_export

from planner.errors import ConfigError, InputError
from planner.intake.bundles import explode
from planner.intake.dialects import dialects
from planner.intake.kinds import kinds
from planner.intake.orders import Intake, read_orders
from planner.seller import read_seller
from planner.tables import Bundles
from planner.tables.contract import checked

AFTER = "SKU Subtotal After Discount"
OLE = bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 500 + "EncryptedPackage".encode("utf-16-le")
FREE = {
    "SKU Unit Original Price": "0.00", "SKU Subtotal Before Discount": "0.00",
    "SKU Platform Discount": "0.00", "SKU Seller Discount": "0.00", AFTER: "0.00",
}  # fmt: skip


def read(
    place: Path,
    lines: Sequence[Mapping[str, str]],
    dialect: str = "tiktok-th",
    *,
    columns: Sequence[str] = COLUMNS,
    delimiter: str = ",",
) -> Intake:
    """Read one CSV export of a shop that writes a dialect."""
    path = place / "orders.csv"
    path.write_bytes(csv_bytes(lines, columns=columns, delimiter=delimiter))
    return read_export(path, made.shop_for(dialects()[dialect]))


def priced(price: str, gross: str, amount: str, *, country: str = "", at: str = "") -> dict:
    """Return the cells of two units at a price, nothing off."""
    cells = {
        "SKU Unit Original Price": price, "SKU Subtotal Before Discount": gross, AFTER: amount,
        "SKU Platform Discount": "", "SKU Seller Discount": "", "Order Amount": amount,
        "Country": country, "Paid Time": "",
    }  # fmt: skip
    return cells | ({"Created Time": at} if at else {})


def days(intake: Intake) -> list[str]:
    return intake.lines["ordered_at"].dt.strftime("%Y-%m-%d").tolist()


# ---------------------------------------------------------------- the traps
def test_q01_a_description_row_is_dropped_and_never_counted(tmp_path: Path):
    about = dict.fromkeys(COLUMNS, "About this.") | {"Order ID": "Platform unique order ID."}
    with_one = read(tmp_path, [about, *orders(2)])
    assert with_one.files[["rows_in", "rows_kept"]].to_numpy().tolist() == [[2, 2]]
    assert with_one.lines["row"].tolist() == [3, 4]
    assert read(tmp_path, orders(2)).lines["row"].tolist() == [2, 3]


def test_q01_a_description_row_of_another_language_is_no_order_and_is_told(tmp_path: Path):
    about = dict.fromkeys(COLUMNS, "คำอธิบาย")
    assert refused(read(tmp_path, [about, *orders(2)])) == [(2, "Order ID", "E_ID")]


def test_q02_a_trailing_tab_is_no_part_of_an_id_a_time_or_a_blank(tmp_path: Path):
    tabs = {"Order ID": "576859029000000001\t", "SKU ID": "1729384756102938475\t"}
    times = {"Created Time": "05/01/2026 10:00:00\t", "Shipped Time": "\t", "Paid Time": "\t"}
    line = read(tmp_path, [an_order(1, **tabs, **times)]).lines.iloc[0]
    assert line["order_id"] == "576859029000000001"
    assert line["ordered_at"] == pd.Timestamp("2026-01-05 10:00")
    assert pd.isna(line["shipped_at"])
    assert pd.isna(line["paid_at"])


@pytest.mark.parametrize("header", ["Cancelation/Return Type", "Cancellation/Return Type"])
def test_q03_headers_match_however_they_are_spelt_or_spaced(tmp_path: Path, header: str):
    line = an_order(1, **{header: "Cancel", " Virtual Bundle Seller SKU": "SET-1"})
    line |= {"Canceled Time": "06/01/2026 09:00:00", "Order Status": "Canceled"}
    columns = [c for c in COLUMNS if c != "Cancelled Time"]
    columns += [header, " Virtual Bundle Seller SKU", "Canceled Time"]
    intake = read(tmp_path, [line], columns=columns)
    assert intake.findings.empty
    assert intake.lines["cancelled_at"].tolist() == [pd.Timestamp("2026-01-06 09:00")]


def test_q04_columns_that_come_and_go_change_no_number(tmp_path: Path):
    fewer = [c for c in COLUMNS if c not in ("Paid Time", "Buyer Message", "Product Name")]
    more = ["Barcodes", *COLUMNS, "Small Order Fee 2"]
    plain, thin, wide = (read(tmp_path, orders(3), columns=c) for c in (COLUMNS, fewer, more))
    for one in (thin, wide):
        assert one.lines["amount_minor"].tolist() == plain.lines["amount_minor"].tolist()
        assert one.lines["units"].sum() == 6
    told = wide.findings[["code", "facts"]].to_numpy().tolist()
    assert told == [["W_UNKNOWN_COLUMN", "columns=Barcodes, Small Order Fee 2"]]


def test_q05_a_workbook_with_a_stale_size_and_a_row_per_cell_is_read_whole(tmp_path: Path):
    path = tmp_path / "OrderSKUList.xlsx"
    path.write_bytes(made.loose_xlsx(table_of(orders(3))))
    intake = read_export(path, made.shop_for(dialects()["tiktok-th"]))
    assert intake.files[["rows_in", "rows_kept", "kept_minor"]].to_numpy().tolist() == [
        [3, 3, 57_000]
    ]


def test_q06_money_of_the_order_that_stands_on_each_line_is_not_added_up(tmp_path: Path):
    first = an_order(1, **{"Order Amount": "400.00"})
    second = an_order(1, **{"Order Amount": "400.00", "Seller SKU": "TEE-1"})
    intake = read(tmp_path, [first, second])
    assert len(intake.lines["order_id"].unique()) == 1
    assert intake.files["kept_minor"].tolist() == [38_000]  # twice 190.00, not twice 400.00


def test_q07_the_latest_export_of_an_order_wins_whole(tmp_path: Path):
    one, gift = an_order(1), an_order(1, **{"Seller SKU": "TEE-1"})
    sent = {"Order Status": "Shipped", "Shipped Time": "06/01/2026 08:00:00"}
    early, late = csv_bytes([one, gift, an_order(2)]), csv_bytes([one | sent, gift | sent])
    intake = read_orders(a_folder(tmp_path, a__csv=late, b__csv=early), a_seller())
    assert intake.lines[["order_id", "status"]].to_numpy().tolist() == [
        ["576859029000000001", "shipped"],
        ["576859029000000001", "shipped"],
        ["576859029000000002", "completed"],
    ]
    assert intake.rejected["code"].tolist() == ["E_SUPERSEDED"] * 2


def test_q07_a_second_row_of_the_same_sku_in_one_file_stays(tmp_path: Path):
    more = {"Quantity": "3", "SKU Subtotal Before Discount": "300.00", AFTER: "290.00"}
    intake = read(tmp_path, [an_order(1), an_order(1, **more)])
    assert intake.lines["units"].tolist() == [2, 3]


def test_q08_returns_of_the_order_columns_are_marked_as_what_they_are(tmp_path: Path):
    intake = read(tmp_path, [an_order(1, **{"Sku Quantity of return": "1"}), an_order(2)])
    told = intake.lines[["returned_units", "returned_from"]].to_numpy().tolist()
    assert told == [[1, "orders"], [0, ""]]


def test_q09_an_id_that_a_spreadsheet_made_a_number_is_refused_and_not_guessed(tmp_path: Path):
    lines = [*orders(3), an_order(4, **{"Order ID": "5.76859E+17"})]
    assert refused(read(tmp_path, lines)) == [(5, "Order ID", "E_ID_PRECISION")]
    rounded = [an_order(n, **{"Order ID": f"5768590290000{n:02d}000"}) for n in range(1, 8)]
    with pytest.raises(InputError, match="E_ID_PRECISION"):
        read(tmp_path, rounded)


def test_q10_a_line_of_no_worth_is_a_sample_that_draws_stock_and_is_no_demand(tmp_path: Path):
    intake = read(tmp_path, [an_order(1, **FREE), an_order(2)])
    assert intake.lines[["kind", "is_demand"]].to_numpy().tolist() == [
        ["sample", False],
        ["firm", True],
    ]
    assert bool(kinds().set_index("kind").loc["sample", "draws_stock"])


def test_q10_a_free_line_beside_a_paid_one_is_a_gift(tmp_path: Path):
    gift = an_order(1, **FREE, **{"Seller SKU": "GIFT-1"})
    assert read(tmp_path, [an_order(1), gift]).lines["kind"].tolist() == ["firm", "gift"]


def test_q11_a_bundle_is_its_components_by_the_sellers_recipe(tmp_path: Path):
    intake = read(tmp_path, [an_order(1, **{"Seller SKU": "SET"}), an_order(2)])
    recipe = checked(
        Bundles, pd.DataFrame({"sku": "SET", "component": ["MUG-01", "TEE-1"], "units": [2, 1]})
    )
    drawn = explode(intake.lines, recipe, amounts=["amount_minor"])
    assert drawn.groupby("sku")["units"].sum().to_dict() == {"MUG-01": 4 + 2, "TEE-1": 2}
    assert drawn["amount_minor"].sum() == 2 * 19_000


def test_q12_a_blank_seller_sku_falls_back_to_the_platforms_and_is_told(tmp_path: Path):
    intake = read(tmp_path, [an_order(1, **{"Seller SKU": ""}), an_order(2)])
    assert intake.lines["sku"].tolist() == ["1729384756102938475", "MUG-01"]
    assert intake.findings["code"].tolist() == ["W_SKU_FALLBACK"]


def test_q13_months_stand_first_where_the_market_writes_them_first(tmp_path: Path):
    american = an_order(
        1, **{"Created Time": "01/02/2026 11:59:59 PM", "Paid Time": "", "Country": "US"}
    )
    assert days(read(tmp_path, [american], "tiktok-us")) == ["2026-01-02"]
    thai = an_order(1, **{"Created Time": "01/02/2026 23:59:59"})
    assert days(read(tmp_path, [thai])) == ["2026-02-01"]


def test_q13_a_file_with_months_first_is_refused_where_days_stand_first(tmp_path: Path):
    turned = [an_order(n, **{"Created Time": f"01/{12 + n}/2026 10:00:00"}) for n in range(1, 6)]
    with pytest.raises(InputError, match="E_DATE"):
        read(tmp_path, [*orders(3), *turned])


def test_q13_a_real_date_of_a_workbook_is_the_day_of_the_csv(tmp_path: Path):
    table = table_of(orders(2))
    place = COLUMNS.index("Created Time")
    for row, moment in zip(
        table[1:], [datetime(2026, 1, 5, 10), datetime(2026, 1, 6)], strict=True
    ):
        row[place] = moment
    (tmp_path / "orders.xlsx").write_bytes(xlsx_bytes(table))
    intake = read_export(tmp_path / "orders.xlsx", made.shop_for(dialects()["tiktok-th"]))
    assert days(intake) == ["2026-01-05", "2026-01-06"]


def test_q14_a_time_is_the_shops_own_wall_clock_in_every_market(tmp_path: Path):
    for name in ("tiktok-th", "tiktok-us", "tiktok-uk", "tiktok-id"):
        form = dialects()[name].time_formats[0]
        moments = [datetime(2026, 1, 5, 23, 59, 59), datetime(2026, 1, 6)]
        lines = [
            an_order(n, **priced("100", "200", "200", at=m.strftime(form)))
            for n, m in enumerate(moments, 1)
        ]
        assert days(read(tmp_path, lines, name)) == ["2026-01-05", "2026-01-06"]


@pytest.mark.parametrize(
    ("dialect", "price", "twice", "minor"),
    [
        ("tiktok-us", "$1,022.25", "$2,044.50", 204_450),
        ("tiktok-us", "41", "82", 8_200),
        ("tiktok-sg", "SGD 12.30", "SGD 24.60", 2_460),
        ("tiktok-sg", "S$12.30", "S$24.60", 2_460),
        ("tiktok-my", "RM 12.30", "RM 24.60", 2_460),
        ("tiktok-br", "BRL 35,91", "BRL 71,82", 7_182),
        ("tiktok-id", "50000", "100000", 100_000),
        ("tiktok-id", "Rp 120.000", "Rp 240.000", 240_000),
        ("tiktok-vn", "26000.00", "52000.00", 52_000),
        ("tiktok-th", "THB 199.00", "398.00", 39_800),
    ],
)
def test_q15_money_is_read_by_its_market_and_never_guessed(
    tmp_path: Path, dialect: str, price: str, twice: str, minor: int
):
    at = datetime(2026, 1, 5, 10).strftime(dialects()[dialect].time_formats[0])
    intake = read(tmp_path, [an_order(1, **priced(price, twice, twice, at=at))], dialect)
    assert intake.lines["amount_minor"].tolist() == [minor]


def test_q15_a_comma_for_the_point_is_no_amount_where_the_point_is_written(tmp_path: Path):
    wrong = an_order(2, **{AFTER: "190,00"})
    assert refused(read(tmp_path, [an_order(1), wrong])) == [(3, AFTER, "E_MONEY")]


def test_q16_orders_that_were_never_paid_are_no_demand_though_they_bear_money(tmp_path: Path):
    card = {"Paid Time": "", "Payment Method": "Credit card"}
    gone = card | {"Order Status": "Canceled", "Cancelled Time": "05/01/2026 12:00:00"}
    intake = read(
        tmp_path, [an_order(1, **card, **{"Order Status": "Unpaid"}), an_order(2, **gone)]
    )
    assert intake.lines["kind"].tolist() == ["unpaid", "cancelled_unpaid"]
    assert not intake.lines["is_demand"].any()
    assert intake.files["kept_minor"].tolist() == [38_000]


def test_q17_an_order_paid_at_the_door_is_demand_before_it_is_paid(tmp_path: Path):
    door = {"Paid Time": "", "Payment Method": "Cash on delivery", "Order Status": "To ship"}
    gone = door | {"Order Status": "Canceled", "Cancelled Time": "09/01/2026 12:00:00"}
    back = gone | {"Shipped Time": "06/01/2026 08:00:00"}
    lines = [an_order(n, **cells) for n, cells in enumerate((door, gone, back), 1)]
    told = read(tmp_path, lines).lines[["kind", "is_demand"]].to_numpy().tolist()
    assert told == [["cod", True], ["cancelled_before", False], ["cancelled_after", False]]
    table = kinds().set_index("kind")
    assert bool(table.loc["cancelled_after", "comes_back"])
    assert not bool(table.loc["cancelled_before", "draws_stock"])


def test_q18_tokopedia_orders_of_an_indonesian_file_keep_their_channel(tmp_path: Path):
    columns = [*COLUMNS, "Purchase Channel", "Tokopedia Invoice Number"]
    money = priced("50000", "100000", "100000", country="Indonesia")
    lines = [
        an_order(1, **money, **{"Purchase Channel": "TikTok"}),
        an_order(2, **money, **{"Purchase Channel": "Tokopedia"}),
        an_order(3, **money, **{"Purchase Channel": "Siti 0812"}),
    ]
    intake = read(tmp_path, lines, "tiktok-id", columns=columns)
    assert intake.lines["channel"].tolist()[:2] == ["tiktok", "tokopedia"]
    assert "Siti" not in intake.lines.to_csv() + intake.findings.to_csv()


def test_q19_an_export_of_one_tab_of_the_seller_center_is_told(tmp_path: Path):
    lines = orders(20, **{"Order Status": "To ship"})
    told = read(tmp_path, lines).findings[["code", "facts"]].to_numpy().tolist()
    assert told == [["W_ONE_STATUS", "status=to_ship"]]


def test_q19_two_files_of_one_minute_are_told_apart_by_what_is_in_them(tmp_path: Path):
    name = "All order-2026-01-09-07_16"
    files = {f"{name}__csv": csv_bytes(orders(2)), f"{name} (1)__csv": csv_bytes(orders(3)[2:])}
    intake = read_orders(a_folder(tmp_path, **files), a_seller())
    assert intake.lines["order_id"].nunique() == 3
    assert intake.files["sha256"].nunique() == 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_q20_encoding_and_delimiter_are_found(tmp_path: Path, encoding: str, delimiter: str):
    note = {"Buyer Message": 'one, two; "three"\nfour'}
    data = csv_bytes(orders(3, **note), delimiter=delimiter).decode().encode(encoding)
    (tmp_path / "orders.csv").write_bytes(data)
    intake = read_export(tmp_path / "orders.csv", made.shop_for(dialects()["tiktok-th"]))
    assert intake.lines["row"].tolist() == [2, 4, 6]


def test_q20_vietnamese_headers_may_be_decomposed_and_a_dash_is_no_moment(tmp_path: Path):
    cells = {
        "Mã đơn hàng": "230101ABCDEFGH", "Ngày đặt hàng": "2026-01-05 10:00",
        "Trạng Thái Đơn Hàng": "Hoàn thành", "SKU phân loại hàng": "MUG-01", "Số lượng": "2",
        "Giá gốc": "50000", "Giá ưu đãi": "45000.00", "Tổng giá bán (sản phẩm)": "90000",
        "Thời gian giao hàng": "-",
    }  # fmt: skip
    file = io.StringIO(newline="")
    csv.writer(file).writerows(
        [[unicodedata.normalize("NFD", head) for head in cells], cells.values()]
    )
    (tmp_path / "orders.csv").write_text(file.getvalue(), encoding="utf-8")
    intake = read_export(tmp_path / "orders.csv", made.shop_for(dialects()["shopee-vn"]))
    assert intake.lines[["units", "amount_minor"]].to_numpy().tolist() == [[2, 90_000]]
    assert pd.isna(intake.lines["shipped_at"].iloc[0])


@pytest.mark.parametrize(
    ("dialect", "word", "status"),
    [
        ("tiktok-th", "ยกเลิกแล้ว", "cancelled"),
        ("tiktok-th", "已完成", "completed"),
        ("tiktok-id", "Perlu dikirim", "to_ship"),
        ("tiktok-vn", "Đã hủy", "cancelled"),
        ("tiktok-br", "Cancelado", "cancelled"),
        ("tiktok-us", "Canceled", "cancelled"),
    ],
)
def test_q21_statuses_are_known_in_the_language_of_the_seller_center(
    tmp_path: Path, dialect: str, word: str, status: str
):
    at = datetime(2026, 1, 5, 10).strftime(dialects()[dialect].time_formats[0])
    cells = priced("100", "200", "200", at=at) | {"Order Status": word}
    assert read(tmp_path, [an_order(1, **cells)], dialect).lines["status"].tolist() == [status]


def test_q22_a_file_of_exactly_the_export_cap_is_probably_cut_off(tmp_path: Path):
    told = read(tmp_path, orders(5_000)).findings
    assert told[["code", "facts"]].to_numpy().tolist()[0] == ["W_EXPORT_CAP", "rows=5000"]
    assert "W_EXPORT_CAP" not in read(tmp_path, orders(4_999)).findings["code"].tolist()


def test_q23_newest_first_or_oldest_first_gives_the_same_days(tmp_path: Path):
    lines = [an_order(n, **{"Created Time": f"{n:02d}/01/2026 10:00:00"}) for n in range(1, 6)]
    up, down = read(tmp_path, lines), read(tmp_path, lines[::-1])
    assert sorted(days(up)) == sorted(days(down))
    for one in (up, down):
        assert one.files["first_on"].tolist() == [pd.Timestamp("2026-01-01")]
        assert one.files["last_on"].tolist() == [pd.Timestamp("2026-01-05")]


def test_q24_a_locked_file_is_told_as_locked(tmp_path: Path):
    (tmp_path / "orders.xlsx").write_bytes(OLE + b"\0" * 1000)
    with pytest.raises(InputError, match="locked with a password"):
        read_export(tmp_path / "orders.xlsx", made.shop_for(dialects()["tiktok-th"]))


def test_q25_no_personal_cell_is_in_any_table(tmp_path: Path):
    columns = [*COLUMNS, "Buyer Username", "Detail Address", "Creator Handle", "Zipcode"]
    private = dict.fromkeys(("Buyer Username", "Detail Address", "Creator Handle"), "SECRETNAME")
    private["Buyer Message"] = "call SECRETNAME"
    lines = [*orders(3, **private), an_order(4, **private, Quantity="0")]
    intake = read(tmp_path, lines, columns=columns)
    assert len(intake.rejected) == 1
    assert "SECRET" not in "".join(table.to_csv() for table in intake)


# ---------------------------------------------------------------- faults without a corpus file
def test_a_file_over_the_size_limit_is_refused_before_it_is_read(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("planner.intake.files.MAX_BYTES", 1_000)
    with pytest.raises(InputError, match="E_TOO_LARGE"):
        read(tmp_path, orders(20))


@pytest.mark.parametrize(
    ("dialect", "wrong", "right"),
    [
        ("tiktok-br", "199.00", "199,00"),
        ("tiktok-id", "199,005", "199.005"),
        ("tiktok-th", "199,00", "199.00"),
        ("tiktok-us", "1.999,00", "1,999.00"),
        ("tiktok-sg", "12,30", "12.30"),
        ("tiktok-vn", "26000.50", "26000"),
        ("tiktok-uk", "€5.00", "£5.00"),
        ("tiktok-my", "USD 5.00", "RM 5.00"),
        ("tiktok-ph", "5.000,00", "5,000.00"),
    ],
)
def test_another_markets_money_is_refused_by_the_declared_form(
    tmp_path: Path, dialect: str, wrong: str, right: str
):
    at = datetime(2026, 1, 5, 10).strftime(dialects()[dialect].time_formats[0])
    one = priced("", "", "", at=at) | {"Quantity": "1"}
    money = ("SKU Unit Original Price", "SKU Subtotal Before Discount", AFTER)
    good = an_order(1, **one | dict.fromkeys(money, right))
    bad = an_order(2, **one | dict.fromkeys(money, wrong))
    intake = read(tmp_path, [good, bad], dialect)
    assert intake.lines["row"].tolist() == [2]
    assert intake.rejected["code"].isin(("E_MONEY", "E_CURRENCY")).all()


def test_a_price_ten_times_the_usual_is_kept_and_named(tmp_path: Path):
    dear = an_order(9, **priced("2000.00", "4000.00", "4000.00"))
    intake = read(tmp_path, [*orders(8), dear])
    assert len(intake.lines) == 9
    assert intake.findings[["code", "facts"]].to_numpy().tolist() == [
        ["W_PRICE_OUTLIER", "rows=1|sku=MUG-01"]
    ]


def test_days_that_all_could_be_months_are_doubted_where_the_other_reading_is_tighter(
    tmp_path: Path,
):
    lines = [an_order(n, **{"Created Time": f"05/{n:02d}/2026 10:00:00"}) for n in range(1, 9)]
    assert read(tmp_path, lines).findings["code"].tolist() == ["W_DATE_AMBIGUOUS"]


MARKETS = sorted({one.market for one in dialects().values()})


@pytest.mark.parametrize("market", MARKETS)
def test_no_day_of_three_years_gains_or_loses_a_unit_in_any_zone(tmp_path: Path, market: str):
    """Leap day, both nights when clocks change, year end: every hour stays on its own day."""
    name = f"tiktok-{market.lower()}"
    form = dialects()[name].time_formats[0]
    start = date(2024, 1, 1)
    every = [start + timedelta(days=n) for n in range(3 * 366 - 1)]
    moments = [
        datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, minutes=59, seconds=59)
        for day, hour in zip(every, itertools.cycle((0, 1, 2, 23)))
    ]
    wanted = pd.Series(1, index=pd.DatetimeIndex(every))
    assert date(2024, 2, 29) in every
    assert date(2026, 12, 31) in every
    told = []
    for part in range(0, len(moments), 400):  # an export covers months, not three years
        lines = [
            an_order(part + n, **priced("100", "200", "200", at=moment.strftime(form)))
            for n, moment in enumerate(moments[part : part + 400])
        ]
        told.append(read(tmp_path, lines, name).lines)
    lines = pd.concat(told)
    by_day = lines.groupby(lines["ordered_at"].dt.normalize())["units"].sum()
    assert (by_day == 2 * wanted).all()
    assert lines["units"].sum() == 2 * len(every)


def test_one_file_for_two_shops_is_refused_for_the_second(tmp_path: Path):
    data = csv_bytes(orders(2, **{"Country": ""}))
    for shop in ("tiktok-th", "shopee-my"):
        (tmp_path / "orders" / shop).mkdir(parents=True)
    (tmp_path / "orders" / "tiktok-th" / "a.csv").write_bytes(data)
    seller = a_seller("tiktok-th", "shopee-my")
    twin = seller.shops[0].model_copy(update={"shop": "shopee-my"})
    twins = seller.model_copy(update={"shops": (seller.shops[0], twin)})
    (tmp_path / "orders" / "shopee-my" / "b.csv").write_bytes(data)
    with pytest.raises(InputError, match="the same file as"):
        read_orders(tmp_path, twins)


def test_another_sellers_file_is_refused_as_such(tmp_path: Path):
    with pytest.raises(InputError, match="E_WRONG_SELLER"):
        intake_of(tmp_path, orders(3), skus={"OTHER-1", "OTHER-2"})


@pytest.mark.parametrize(
    "name", ["../x", "a/b", ".", "CON", "x" * 300, "", "A-Seller", "a seller", "卖家", "-rf", "a\n"]
)
def test_a_seller_id_that_could_be_a_path_or_another_seller_is_refused(name: str):
    said = {
        "seller": name, "name": {"zh": "卖家", "en": "Seller"}, "currency": "CNY",
        "profile": {"category": "home"},
        "shops": [{"shop": "a", "platform": "tiktok", "market": "TH", "currency": "THB",
                   "time_zone": "Asia/Bangkok", "dialect": "tiktok-th", "warehouse": "w"}],
        "warehouses": [{"warehouse": "w", "market": "TH"}],
    }  # fmt: skip
    with pytest.raises(ConfigError):
        read_seller(said, where="seller.yml")
