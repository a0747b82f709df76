"""What came back is taken from the return exports first, row by row, and never more than sold."""

import csv
import io
from pathlib import Path

import pandas as pd
import pytest
from intake_case import a_folder, a_seller, an_order, csv_bytes, xlsx_bytes

from planner.errors import InputError
from planner.intake.came_back import findings_of_returns, return_lags, with_returns
from planner.intake.orders import read_orders
from planner.intake.returns import Returns, read_returns
from planner.words import say

HEAD = (
    "Return Order ID", "Order ID", "Order Amount", "Order Status", "Payment Method", "SKU ID",
    "Seller SKU", "Product Name", "Buyer Username", "Return Type", "Time Requested",
    "Return Reason", "Return unit price", "Return Quantity", "Return Status", "Refund Time",
    "Buyer Note",
)  # fmt: skip


def order_id(number: int) -> str:
    return f"5768590290000{number:05d}"


def a_return(number: int = 1, **cells: str) -> dict[str, str]:
    """One unit of MUG-01 of an order back, asked for on 9 January 2026, tabs as TikTok writes."""
    line = {
        "Return Order ID": f"4036000000000{number:05d}\t",
        "Order ID": f"{order_id(number)}\t",
        "Order Amount": "220.00",
        "SKU ID": "1729384756102938475\t",
        "Seller SKU": "MUG-01",
        "Buyer Username": "SECRETNAME",
        "Return Type": "Return and refund",
        "Time Requested": "09/01/2026 10:00:00\t",
        "Return Reason": "Damaged",
        "Return unit price": "THB 95.00",
        "Return Quantity": "1",
        "Return Status": "Completed",
        "Refund Time": "12/01/2026 10:00:00\t",
        "Buyer Note": "SECRETNOTE, call 0812345678",
    }
    return {name: line.get(name, "") for name in HEAD} | cells


def export(*rows: dict[str, str]) -> bytes:
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return ("\ufeff" + file.getvalue()).encode()


def returns_of(place: Path, *files: bytes, **options: object) -> Returns:
    (place / "returns").mkdir(exist_ok=True)
    for number, data in enumerate(files, 1):
        suffix = "xlsx" if data.startswith(b"PK") else "csv"
        (place / "returns" / f"part{number}.{suffix}").write_bytes(data)
    return read_returns(place, a_seller(), **options)


def orders_of(place: Path, *orders: dict[str, str]) -> pd.DataFrame:
    return read_orders(a_folder(place, orders__csv=csv_bytes(orders)), a_seller()).lines


def test_a_return_is_read_with_its_kind_state_and_moments(tmp_path: Path):
    found = returns_of(tmp_path, export(*(a_return(n) for n in (1, 2, 3))))
    line = found.lines.iloc[0]
    assert (line["order_id"], line["sku"], line["units"]) == (order_id(1), "MUG-01", 1)
    assert (line["kind"], line["state"], line["reason"]) == ("return", "done", "Damaged")
    assert line["requested_at"] == pd.Timestamp("2026-01-09 10:00")
    assert line["refunded_at"] == pd.Timestamp("2026-01-12 10:00")
    assert found.files["rows_in"].tolist() == found.files["rows_kept"].tolist() == [3]


def test_a_reason_is_kept_only_where_three_sound_rows_give_it(tmp_path: Path):
    own = [a_return(n, **{"Return Reason": "Somchai Jaidee"}) for n in (4, 5)]
    bad = a_return(6, **{"Return Reason": "Somchai Jaidee", "Return Quantity": "0"})
    found = returns_of(tmp_path, export(*(a_return(n) for n in (1, 2, 3)), *own, bad))
    assert found.lines["reason"].tolist() == ["Damaged"] * 3 + [""] * 2


def test_nobodys_name_or_note_is_kept(tmp_path: Path):
    bad = a_return(2, **{"Return Quantity": "SECRETNAME"})
    found = returns_of(tmp_path, export(a_return(), bad))
    told = "".join(frame.to_csv() for frame in found)
    assert "SECRET" not in told
    assert "08123" not in told


def test_a_seller_without_return_exports_has_none(tmp_path: Path):
    assert all(frame.empty for frame in read_returns(tmp_path, a_seller()))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Return Quantity": "0"}, "E_QTY"),
        ({"Return Quantity": "1.5"}, "E_QTY"),
        ({"Order ID": "5.76859E+17"}, "E_ID_PRECISION"),
        ({"Order ID": "12"}, "E_ID"),
        ({"Time Requested": "31/02/2026 10:00:00"}, "E_DATE"),
        ({"Time Requested": ""}, "E_DATE"),
        ({"Return Status": "Teleported"}, "E_STATUS"),
        ({"Return Type": "Barter"}, "E_RETURN_TYPE"),
        ({"Seller SKU": "1-Mar"}, "E_SKU"),
    ],
)
def test_a_wrong_row_is_rejected_and_every_row_is_counted(
    tmp_path: Path, cells: dict[str, str], code: str
):
    found = returns_of(tmp_path, export(a_return(), a_return(2, **cells)))
    header = next(iter(cells))
    rows = found.rejected[["row", "column", "code"]].to_numpy().tolist()
    assert rows == [[3, header, code]]
    assert found.files[["rows_in", "rows_kept", "rows_rejected"]].iloc[0].tolist() == [2, 1, 1]


def test_the_newest_file_speaks_for_a_return(tmp_path: Path):
    opened = a_return(1, **{"Return Status": "In process", "Refund Time": ""})
    found = returns_of(tmp_path, export(opened), export(a_return(), a_return(2)))
    assert found.lines["state"].tolist() == ["done", "done"]
    assert found.rejected[["file", "code"]].to_numpy().tolist() == [
        ["returns/part1.csv", "E_SUPERSEDED"]
    ]
    again = returns_of(tmp_path, export(a_return()))
    assert again.rejected["code"].tolist() == ["E_DUPLICATE"]


@pytest.mark.parametrize(
    "slip",
    [
        a_return(9, **{"Time Requested": "05/01/2036 10:00:00", "Return Quantity": "0"}),
        a_return(9, **{"Time Requested": "05/01/2036 10:00:00"}),
        a_return(9, **{"Refund Time": "05/01/2036 10:00:00"}),
    ],
    ids=["in a refused row", "of a request", "of a refund"],
)
def test_a_moment_of_another_year_does_not_make_an_old_file_the_newest(
    tmp_path: Path, slip: dict[str, str]
):
    opened = a_return(1, **{"Return Status": "In process", "Refund Time": ""})
    later = a_return(2, **{"Time Requested": "11/01/2026 10:00:00"})
    found = returns_of(tmp_path, export(opened, a_return(3), slip), export(a_return(), later))
    assert found.lines.set_index("order_id")["state"][order_id(1)] == "done"


def test_a_workbook_of_returns_says_the_same(tmp_path: Path):
    rows = [list(HEAD), list(a_return().values())]
    assert len(returns_of(tmp_path, xlsx_bytes(rows)).lines) == 1


def test_a_file_that_is_no_return_export_is_refused_by_name(tmp_path: Path):
    with pytest.raises(InputError, match=r"returns/part1\.csv"):
        returns_of(tmp_path, csv_bytes([an_order()]))


def test_a_folder_of_no_shop_is_refused(tmp_path: Path):
    (tmp_path / "returns" / "tiktok-ht").mkdir(parents=True)
    with pytest.raises(InputError, match=r"no shop of that name.*did you mean tiktok-th"):
        read_returns(tmp_path, a_seller())


def test_an_sku_of_another_seller_is_rejected(tmp_path: Path):
    rows = (a_return(), a_return(2, **{"Seller SKU": "CUP"}))
    assert returns_of(tmp_path, export(*rows), skus=["MUG-01"]).rejected["code"].tolist() == [
        "E_SKU"
    ]


def test_the_exports_count_before_the_orders_own_column(tmp_path: Path):
    day = {"Created Time": "09/01/2026 08:00:00"}
    before = {"Created Time": "02/01/2026 08:00:00", "Sku Quantity of return": "2"}
    lines = orders_of(
        tmp_path,
        an_order(1, **day),
        an_order(2, **day, **{"Sku Quantity of return": "1"}),  # the export says nothing came back
        an_order(3, **before),  # before the export begins
    )
    back = returns_of(tmp_path, export(a_return(1))).lines
    done = with_returns(lines, back).set_index("order_id")
    assert done.loc[order_id(1), ["returned_units", "returned_from"]].tolist() == [1, "returns"]
    assert done.loc[order_id(2), ["returned_units", "returned_from"]].tolist() == [0, "returns"]
    assert done.loc[order_id(3), ["returned_units", "returned_from"]].tolist() == [2, "orders"]
    found = findings_of_returns(done.reset_index(), back, a_seller())
    assert found["code"].tolist() == ["W_RETURNS_FALLBACK"]
    assert found["facts"].tolist() == ["shop=tiktok-th|rows=1|all=3"]


def test_a_refund_brings_nothing_back_and_a_refused_return_neither(tmp_path: Path):
    day = {"Created Time": "09/01/2026 08:00:00"}
    lines = orders_of(tmp_path, *(an_order(n, **day) for n in (1, 2, 3)))
    back = returns_of(
        tmp_path,
        export(
            a_return(1, **{"Return Type": "Refund only"}),
            a_return(2, **{"Return Status": "Refund rejected"}),
            a_return(3, **{"Return Type": "Exchange"}),
        ),
    ).lines
    done = with_returns(lines, back).sort_values("order_id")
    assert done["returned_units"].tolist() == [0, 0, 1]


def test_units_back_spread_over_the_lines_and_never_exceed_them(tmp_path: Path):
    day = {"Created Time": "09/01/2026 08:00:00"}
    other = {"SKU ID": "1729384756102938476", "Paid Time": "05/01/2026 10:04:00"}
    lines = orders_of(tmp_path, an_order(1, **day), an_order(1, **day, **other))
    assert lines["units"].tolist() == [2, 2]
    three = returns_of(tmp_path, export(a_return(1, **{"Return Quantity": "3"}))).lines
    assert with_returns(lines, three)["returned_units"].tolist() == [2, 1]
    nine = returns_of(tmp_path, export(a_return(1, **{"Return Quantity": "9"}))).lines
    assert with_returns(lines, nine)["returned_units"].tolist() == [2, 2]


def test_a_return_of_no_known_order_is_told(tmp_path: Path):
    lines = orders_of(tmp_path, an_order(1))
    back = returns_of(tmp_path, export(a_return(1), a_return(7))).lines
    found = findings_of_returns(with_returns(lines, back), back, a_seller())
    assert found["code"].tolist() == ["W_RETURNS_NO_ORDER"]


def test_a_return_of_an_sku_that_its_order_lacks_leaves_the_orders_own_column(tmp_path: Path):
    day = {"Created Time": "09/01/2026 08:00:00", "Sku Quantity of return": "1"}
    lines = orders_of(tmp_path, an_order(1, **day))
    renamed = a_return(1, **{"Seller SKU": "MUG-OLD"})
    back = returns_of(tmp_path, export(renamed, a_return(2))).lines
    done = with_returns(lines, back)
    assert done[["returned_units", "returned_from"]].iloc[0].tolist() == [1, "orders"]
    found = findings_of_returns(done, back[back["order_id"] == order_id(1)], a_seller())
    facts = found.set_index("code")["facts"]
    assert facts["W_RETURNS_NO_ORDER"] == "shop=tiktok-th|rows=1|all=1"


def test_more_units_asked_back_than_were_ordered_are_told(tmp_path: Path):
    lines = orders_of(tmp_path, an_order(1), an_order(2))
    rows = (a_return(1, **{"Return Quantity": "9"}), a_return(2, **{"Return Quantity": "2"}))
    back = returns_of(tmp_path, export(*rows)).lines
    found = findings_of_returns(with_returns(lines, back), back, a_seller()).set_index("code")
    told = found.loc["W_RETURNS_TOO_MANY", "facts"]
    assert told == "shop=tiktok-th|rows=1|sku=MUG-01|asked=9|ordered=2"
    facts = dict(fact.split("=") for fact in told.split("|"))
    assert "9 of 2" in say("finding.W_RETURNS_TOO_MANY", "en", **facts)


def test_the_days_from_order_to_request_are_told(tmp_path: Path):
    lines = orders_of(tmp_path, an_order(1), an_order(2))  # both on 5 January at 10:00
    later = {"Time Requested": "15/01/2026 10:00:00"}
    lags = return_lags(lines, returns_of(tmp_path, export(a_return(1), a_return(2, **later))).lines)
    assert lags.to_dict("records") == [
        {"shop": "tiktok-th", "returns": 2, "median_days": 7.0, "p90_days": pytest.approx(9.4)}
    ]
