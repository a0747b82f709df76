"""What was known on a day: later payments, shipments, cancellations and returns are undone."""

from datetime import date

import pandas as pd
import pytest
from intake_case import a_seller
from lines_case import lines

from planner import tables
from planner.errors import InputError
from planner.intake.known import as_known, known_counts, newest_known

UNTIL = {"TH": date(2025, 1, 11)}
CANCELLED = {"status": "cancelled"}


def returned(*requests: tuple[str, int], **changes: str) -> pd.DataFrame:
    """Return lines of returns of order 1 and SKU A: day asked, units."""
    rows = [
        {
            "shop": "s", "market": "TH", "return_id": str(n), "order_id": "1", "sku": "A",
            "units": units, "kind": "return", "state": "done", "requested_at": pd.Timestamp(day),
            "refunded_at": pd.NaT, "reason": "", "file": "r.csv", "row": n,
        } | changes
        for n, (day, units) in enumerate(requests, 2)
    ]  # fmt: skip
    empty = tables.empty(tables.ReturnLines).dtypes.to_dict()
    return tables.checked(tables.ReturnLines, pd.DataFrame(rows).astype(empty))


def test_a_market_that_is_not_looked_at_is_left_out():
    frame = lines({}, {"market": "VN", "shop": "v"})
    assert set(as_known(frame, UNTIL)["market"]) == {"TH"}
    assert as_known(frame, {"ID": date(2025, 1, 11)}).empty


def test_what_happens_on_the_day_or_later_is_not_known():
    known = as_known(lines({"ordered_at": "2025-01-10"}, {"ordered_at": "2025-01-11"}), UNTIL)
    assert known["ordered_at"].dt.day.tolist() == [10]


def test_a_later_cancellation_is_undone_and_an_earlier_one_stays():
    known = as_known(
        lines(
            CANCELLED | {"cancelled_at": "2025-01-12"},
            CANCELLED | {"cancelled_at": "2025-01-12", "shipped_at": "2025-01-03"},
            CANCELLED | {"cancelled_at": "2025-01-11"},
            CANCELLED | {"cancelled_at": "2025-01-10"},
            CANCELLED,
        ),
        UNTIL,
    )
    assert known["status"].tolist() == ["to_ship", "shipped", "to_ship", "cancelled", "cancelled"]
    assert known["kind"].tolist() == ["firm"] * 3 + ["cancelled_before"] * 2
    assert known["is_demand"].tolist() == [True, True, True, False, False]
    assert known["cancelled_at"].notna().tolist() == [False, False, False, True, False]


def test_a_cancellation_of_no_known_day_came_after_the_goods_had_left():
    late = CANCELLED | {"kind": "cancelled_after"}
    known = as_known(
        lines(late | {"shipped_at": "2025-01-12"}, late | {"shipped_at": "2025-01-05"}), UNTIL
    )
    assert known["kind"].tolist() == ["firm", "cancelled_after"]
    assert known["status"].tolist() == ["to_ship", "cancelled"]


def test_an_order_never_paid_is_unpaid_before_its_cancellation_unless_paid_on_delivery():
    never = CANCELLED | {"paid_at": None, "cancelled_at": "2025-01-12"}
    assert as_known(lines(never, {}), UNTIL)["kind"].tolist() == ["unpaid", "firm"]
    on_delivery = {"status": "to_ship", "paid_at": None, "kind": "cod"}
    known = as_known(lines(never, on_delivery), UNTIL)
    assert known["kind"].tolist() == ["cod", "cod"]
    assert known["is_demand"].all()


def test_a_prepaid_order_never_paid_was_unpaid_though_others_of_its_shop_pay_on_delivery():
    prepaid = CANCELLED | {"kind": "cancelled_unpaid", "paid_at": None}
    on_delivery = {"status": "to_ship", "paid_at": None, "kind": "cod"}
    known = as_known(lines(prepaid | {"cancelled_at": "2025-01-12"}, on_delivery), UNTIL)
    assert known["kind"].tolist() == ["unpaid", "cod"]
    assert known["status"].tolist() == ["unpaid", "to_ship"]
    assert known["is_demand"].tolist() == [False, True]


def test_an_order_that_was_paid_later_is_unpaid_yet():
    late = {"paid_at": "2025-01-12", "status": "to_ship"}
    known = as_known(lines({}, late | {"order_id": "2"}), UNTIL)
    assert known["kind"].tolist() == ["firm", "unpaid"]
    assert known["is_demand"].tolist() == [True, False]


def test_a_free_line_is_a_sample_or_a_gift_again_once_its_cancellation_is_undone():
    late = CANCELLED | {"cancelled_at": "2025-01-12"}
    free = {"gross_minor": 0, "amount_minor": 0}
    known = as_known(
        lines(late | free, late | {"order_id": "2"}, late | free | {"order_id": "2"}), UNTIL
    )
    assert known["kind"].tolist() == ["sample", "firm", "gift"]


def test_goods_that_had_not_left_have_not_come_back():
    back = {"returned_units": 1, "returned_from": "orders"}
    known = as_known(
        lines(back | {"shipped_at": "2025-01-05"}, back | {"shipped_at": "2025-01-15"}), UNTIL
    )
    assert known["returned_units"].tolist() == [1, 0]
    assert known["returned_from"].tolist() == ["orders", ""]
    assert known["status"].tolist() == ["completed", "to_ship"]


def test_units_come_back_on_the_day_their_return_was_asked_for():
    back = {"returned_units": 2, "returned_from": "returns"}
    frame = lines(back | {"units": 3}, back, back | {"order_id": "2"})
    asked = returned(("2025-01-05", 1), ("2025-01-10", 2), ("2025-01-11", 1))
    known = as_known(frame, UNTIL, returns=asked)
    assert known["returned_units"].tolist() == [2, 1, 0]  # 1 + 2 by the day, line after line
    assert as_known(frame, UNTIL)["returned_units"].tolist() == [2, 2, 2]  # undated: all of them


def test_a_refund_without_goods_and_a_refused_return_bring_nothing_back():
    frame = lines({"returned_units": 2, "returned_from": "returns"})
    for changes in ({"kind": "refund"}, {"state": "refused"}):
        asked = returned(("2025-01-05", 2), **changes)
        assert as_known(frame, UNTIL, returns=asked)["returned_units"].tolist() == [0]


def test_looking_from_after_the_last_event_changes_nothing():
    frame = lines({}, CANCELLED | {"cancelled_at": "2025-01-12"})
    pd.testing.assert_frame_equal(as_known(frame, {"TH": date(2026, 1, 1)}), frame)


def test_a_day_before_the_first_order_is_refused_with_the_first_order():
    frame = lines({"ordered_at": "2025-01-10"}, {"ordered_at": "2025-01-12"})
    with pytest.raises(InputError, match=r"2019-01-01, lies before .* first order .2025-01-10"):
        as_known(frame, {"TH": date(2019, 1, 1)})
    assert len(as_known(frame, {"TH": date(2025, 1, 11)})) == 1


def counts(*rows: tuple[str, str, int, str]) -> pd.DataFrame:
    """Return table Stock of sku, warehouse, units on hand, day."""
    frame = pd.DataFrame(rows, columns=["sku", "warehouse", "units", "as_of"])
    frame = frame.assign(stage="on_hand", available_on=pd.NaT)
    kinds = tables.empty(tables.Stock).dtypes.to_dict()
    return tables.checked(tables.Stock, frame.assign(as_of=pd.to_datetime(frame["as_of"]))[
        list(kinds)].astype(kinds))  # fmt: skip


def test_of_a_warehouse_the_newest_count_stands_whole_and_an_older_one_for_no_sku():
    told = counts(("a", "th", 30, "2025-08-01"), ("b", "th", 90, "2025-08-01"),
                  ("a", "th", 20, "2025-09-20"), ("b", "vn", 5, "2025-08-01"))  # fmt: skip
    seller = a_seller("tiktok-th", "tiktok-vn")
    newest = newest_known(told, {"TH": date(2025, 9, 20)}, seller=seller)
    assert newest[["sku", "warehouse", "units"]].to_numpy().tolist() == [
        ["a", "th", 20], ["b", "vn", 5],
    ]  # fmt: skip
    earlier = newest_known(told, {"TH": date(2025, 9, 19)}, seller=seller)
    assert earlier["units"].tolist() == [30, 90, 5]


def test_a_count_is_known_by_the_day_of_its_market_and_elsewhere_by_the_latest():
    told = counts(*((house, house, day, f"2025-11-{day:02d}")
                    for house in ("th", "vn", "us") for day in (1, 9)))  # fmt: skip
    seller = a_seller("tiktok-th", "tiktok-vn", "tiktok-us")
    looking = {"TH": date(2025, 11, 5), "VN": date(2025, 11, 10)}
    known = known_counts(told, looking, seller=seller)
    assert list(zip(known["sku"], known["units"], strict=True)) == [
        ("th", 1), ("vn", 1), ("vn", 9), ("us", 1), ("us", 9),
    ]  # fmt: skip
    assert newest_known(told, looking, seller=seller)["units"].tolist() == [1, 9, 9]
