"""Daily sales: what was known on a day, every day counted, every minor unit kept."""

from datetime import date
from typing import Any

import pandas as pd
import pytest

from planner import tables
from planner.errors import InputError
from planner.intake.sales import as_known, daily_sales, hour_profile

NO_BUNDLES = tables.empty(tables.Bundles)
NO_EVENTS = tables.empty(tables.Events)
NO_STOCK = tables.empty(tables.StockHistory)
UNTIL = {"TH": date(2025, 1, 11)}


def lines(*changes: dict[str, Any]) -> pd.DataFrame:
    """Order lines of 2 units at 100.00, paid at once, each with its changes."""
    line = {
        "shop": "s", "market": "TH", "order_id": "1", "sku": "A", "units": 2, "returned_units": 0,
        "status": "completed", "not_demand": "", "channel": "tiktok", "ordered_at": "2025-01-01",
        "paid_at": "2025-01-01", "shipped_at": None, "cancelled_at": None, "gross_minor": 20_000,
        "amount_minor": 20_000, "currency": "THB", "file": "f.csv", "row": 2,
    }  # fmt: skip
    frame = pd.DataFrame([line | change for change in changes])
    moments = [name for name in frame if name.endswith("_at")]
    for name in moments:
        frame[name] = pd.to_datetime(frame[name], format="ISO8601").astype("datetime64[us]")
    texts = ("shop", "market", "order_id", "sku", "status", "not_demand", "channel", "currency")
    return tables.checked(tables.OrderLines, frame.astype(dict.fromkeys((*texts, "file"), "str")))


def daily(frame: pd.DataFrame, **given: Any) -> pd.DataFrame:
    options = {"bundles": NO_BUNDLES, "events": NO_EVENTS, "stock_history": NO_STOCK} | given
    return daily_sales(frame, until=options.pop("until", UNTIL), **options)


def an_event(phase: str, start: str, end: str, *, event: str = "1.1") -> dict[str, Any]:
    days = {"starts_on": pd.Timestamp(start), "ends_on": pd.Timestamp(end)}
    return {"event": event, "kind": "double_date", "market": "TH", "phase": phase} | days


def test_every_day_from_the_first_sale_to_the_last_known_day_has_a_row():
    days = daily(lines({"ordered_at": "2025-01-03"}, {"ordered_at": "2025-01-05", "units": 3}))
    assert days["day"].dt.day.tolist() == [3, 4, 5, 6, 7, 8, 9, 10]
    assert days["units"].tolist() == [2, 0, 3, 0, 0, 0, 0, 0]
    assert days["revenue_minor"].sum() == 40_000


def test_the_second_before_midnight_belongs_to_its_own_day():
    days = daily(
        lines({"ordered_at": "2025-01-01 23:59:59"}, {"ordered_at": "2025-01-02 00:00:00"})
    )
    assert days["units"].tolist()[:3] == [2, 2, 0]


def test_lines_that_are_no_demand_sell_nothing_and_cancelled_units_are_counted_apart():
    days = daily(
        lines(
            {},
            {"status": "cancelled", "not_demand": "cancelled", "units": 5},
            {"status": "cancelled", "not_demand": "cancelled", "units": 7, "gross_minor": 0},
            {"not_demand": "sample", "gross_minor": 0, "amount_minor": 0},
            {"status": "unpaid", "not_demand": "unpaid"},
        )
    )
    assert days.iloc[0][["units", "revenue_minor", "cancelled_units"]].tolist() == [2, 20_000, 5]


def test_a_bundle_is_its_components_and_no_minor_unit_is_lost():
    bundles = pd.DataFrame({"sku": ["SET", "SET"], "component": ["A", "B"], "units": [2, 1]})
    sold = lines({"sku": "SET", "units": 3, "amount_minor": 1_000}, {"sku": "A", "units": 1})
    days = daily(sold, bundles=bundles.astype({"sku": "str", "component": "str"}))
    first = days[days["day"] == "2025-01-01"].set_index("sku")
    assert first["units"].to_dict() == {"A": 7, "B": 3}  # 3 sets of two A and one B, and one A
    assert first["revenue_minor"].to_dict() == {"A": 20_667, "B": 333}  # 667 + 333 = 1000
    assert "SET" not in set(days["sku"])


def test_promotion_days_bear_the_event_and_phase_and_a_sale_goes_before_a_warm_up():
    events = pd.DataFrame(
        [
            an_event("warm_up", "2025-01-02", "2025-01-04"),
            an_event("sale", "2025-01-05", "2025-01-06"),
            an_event("warm_up", "2025-01-06", "2025-01-08", event="1.8"),
        ]
    ).astype({name: "str" for name in ("event", "kind", "market", "phase")})
    days = daily(lines({}), events=events)
    assert days["phase"].tolist() == [
        "", "warm_up", "warm_up", "warm_up", "sale", "sale", "warm_up", "warm_up", "", "",
    ]  # fmt: skip
    assert days["event"].tolist()[4:8] == ["1.1", "1.1", "1.8", "1.8"]


def test_a_market_that_is_not_looked_at_is_left_out():
    frame = lines({}, {"market": "VN", "shop": "v"})
    assert set(daily(frame)["market"]) == {"TH"}
    assert set(as_known(frame, UNTIL)["market"]) == {"TH"}
    assert daily(frame, until={"ID": date(2025, 1, 11)}).empty
    assert as_known(frame, {"ID": date(2025, 1, 11)}).empty


def test_what_happens_on_the_day_or_later_is_not_known():
    known = as_known(lines({"ordered_at": "2025-01-10"}, {"ordered_at": "2025-01-11"}), UNTIL)
    assert known["ordered_at"].dt.day.tolist() == [10]


def test_a_later_cancellation_is_undone_and_an_earlier_one_stays():
    cancelled = {"status": "cancelled", "not_demand": "cancelled"}
    known = as_known(
        lines(
            cancelled | {"cancelled_at": "2025-01-12"},
            cancelled | {"cancelled_at": "2025-01-12", "shipped_at": "2025-01-03"},
            cancelled | {"cancelled_at": "2025-01-11"},
            cancelled | {"cancelled_at": "2025-01-10"},
            cancelled,
        ),
        UNTIL,
    )
    assert known["status"].tolist() == ["to_ship", "shipped", "to_ship", "cancelled", "cancelled"]
    assert known["not_demand"].tolist() == ["", "", "", "cancelled", "cancelled"]
    assert known["cancelled_at"].notna().tolist() == [False, False, False, True, False]


def test_an_order_never_paid_is_unpaid_before_its_cancellation_unless_paid_on_delivery():
    never = {"status": "cancelled", "not_demand": "cancelled", "paid_at": None}
    never |= {"cancelled_at": "2025-01-12"}
    assert as_known(lines(never, {}), UNTIL)["not_demand"].tolist() == ["unpaid", ""]
    on_delivery = {"status": "to_ship", "paid_at": None}
    assert as_known(lines(never, on_delivery), UNTIL)["not_demand"].tolist() == ["", ""]


def test_goods_that_had_not_left_have_not_come_back():
    known = as_known(
        lines(
            {"returned_units": 1, "shipped_at": "2025-01-05"},
            {"returned_units": 1, "shipped_at": "2025-01-15"},
        ),
        UNTIL,
    )
    assert known["returned_units"].tolist() == [1, 0]
    assert known["status"].tolist() == ["completed", "to_ship"]


def test_looking_from_after_the_last_event_changes_nothing():
    frame = lines(
        {}, {"status": "cancelled", "not_demand": "cancelled", "cancelled_at": "2025-01-12"}
    )
    pd.testing.assert_frame_equal(as_known(frame, {"TH": date(2026, 1, 1)}), frame)


def test_a_history_without_demand_is_an_empty_table():
    frame = lines({"status": "cancelled", "not_demand": "cancelled"})
    assert daily(frame).empty
    assert hour_profile(frame).empty


def test_the_hours_of_a_shop_add_up_to_one():
    frame = lines(
        {"ordered_at": "2025-01-01 09:15:00", "units": 1},
        {"ordered_at": "2025-01-02 21:00:00", "units": 3},
        {"ordered_at": "2025-01-02 22:00:00", "not_demand": "cancelled", "status": "cancelled"},
    )
    profile = hour_profile(frame)
    assert len(profile) == 24
    assert profile.set_index("hour")["share_rate"].loc[[9, 21, 22]].tolist() == [0.25, 0.75, 0.0]


def test_a_day_before_the_first_order_is_refused_with_the_first_order():
    frame = lines({"ordered_at": "2025-01-10"}, {"ordered_at": "2025-01-12"})
    with pytest.raises(InputError, match=r"2019-01-01, lies before .* first order .2025-01-10"):
        as_known(frame, {"TH": date(2019, 1, 1)})
    assert len(as_known(frame, {"TH": date(2025, 1, 11)})) == 1
