"""Daily sales: every day counted, every minor unit kept, promotions named as they were joined."""

from datetime import date
from typing import Any

import pandas as pd
import pytest
from lines_case import lines

from planner import tables
from planner.intake.sales import daily_sales

NO_BUNDLES = tables.empty(tables.Bundles)
NO_EVENTS = tables.empty(tables.Events)
NO_STOCK = tables.empty(tables.StockHistory)
UNTIL = {"TH": date(2025, 1, 11)}
CANCELLED = {"status": "cancelled", "kind": "cancelled_before", "is_demand": False}


def daily(frame: pd.DataFrame, **given: Any) -> pd.DataFrame:
    options = {"bundles": NO_BUNDLES, "events": NO_EVENTS, "stock_history": NO_STOCK} | given
    return daily_sales(frame, until=options.pop("until", UNTIL), **options)


def events(*rows: dict[str, Any]) -> pd.DataFrame:
    texts = dict.fromkeys(("event", "kind", "market", "phase"), "str")
    times = dict.fromkeys(("starts_on", "ends_on"), "datetime64[us]")
    return pd.DataFrame(list(rows)).astype(texts | times)


def an_event(phase: str, start: str, end: str, *, event: str = "1.1") -> dict[str, Any]:
    days = {"starts_on": pd.Timestamp(start), "ends_on": pd.Timestamp(end)}
    return {"event": event, "kind": "double_date", "market": "TH", "phase": phase} | days


def joined(*rows: tuple[str, bool], event: str = "1.1") -> pd.DataFrame:
    """Which SKU joined an event of 5 January; no SKU is the whole shop."""
    frame = pd.DataFrame(
        [
            {
                "event": event, "market": "TH", "sku": sku, "starts_on": pd.Timestamp("2025-01-05"),
                "is_joined": said, "tier": "", "discount_rate": float("nan"),
            }
            for sku, said in rows
        ]
    )  # fmt: skip
    kinds = tables.empty(tables.CampaignsJoined).dtypes.to_dict()
    return tables.checked(tables.CampaignsJoined, frame.astype(kinds))


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
            CANCELLED | {"units": 5},
            CANCELLED | {"units": 7, "gross_minor": 0},
            {"kind": "sample", "is_demand": False, "gross_minor": 0, "amount_minor": 0},
            {"status": "unpaid", "kind": "unpaid", "is_demand": False},
        )
    )
    assert days.iloc[0][["units", "revenue_minor", "cancelled_units"]].tolist() == [2, 20_000, 5]


def test_an_amount_that_no_export_tells_adds_nothing_and_the_units_count():
    days = daily(lines({"gross_minor": pd.NA, "amount_minor": pd.NA}, {}))
    assert days.iloc[0][["units", "revenue_minor"]].tolist() == [4, 20_000]


def test_a_bundle_is_its_components_and_no_minor_unit_is_lost():
    bundles = pd.DataFrame({"sku": ["SET", "SET"], "component": ["A", "B"], "units": [2, 1]})
    sold = lines({"sku": "SET", "units": 3, "amount_minor": 1_000}, {"sku": "A", "units": 1})
    days = daily(sold, bundles=bundles.astype({"sku": "str", "component": "str"}))
    first = days[days["day"] == "2025-01-01"].set_index("sku")
    assert first["units"].to_dict() == {"A": 7, "B": 3}  # 3 sets of two A and one B, and one A
    assert first["revenue_minor"].to_dict() == {"A": 20_667, "B": 333}  # 667 + 333 = 1000
    assert "SET" not in set(days["sku"])
    # A lists at 1, two of them at 2; B at 8: of 1,000 the two A bear 200.
    goods = pd.DataFrame({"sku": ["A", "B"], "price": [1.0, 8.0]})
    priced = daily(sold, bundles=bundles, catalogue=goods)
    first = priced[priced["day"] == "2025-01-01"].set_index("sku")
    assert first["revenue_minor"].to_dict() == {"A": 20_200, "B": 800}


def test_promotion_days_bear_the_event_and_phase_and_a_sale_goes_before_a_warm_up():
    past = events(
        an_event("warm_up", "2025-01-02", "2025-01-04"),
        an_event("sale", "2025-01-05", "2025-01-06"),
        an_event("warm_up", "2025-01-06", "2025-01-08", event="1.8"),
    )
    days = daily(lines({}), events=past)
    assert days["phase"].tolist() == [
        "", "warm_up", "warm_up", "warm_up", "sale", "sale", "warm_up", "warm_up", "", "",
    ]  # fmt: skip
    assert days["event"].tolist()[4:8] == ["1.1", "1.1", "1.8", "1.8"]


@pytest.mark.parametrize(
    ("said", "in_event"),
    [
        ([("", False)], set()),
        ([("", True)], {"A", "B"}),
        ([("B", False)], {"A"}),
        ([("", False), ("B", True)], {"B"}),
    ],
)
def test_a_promotion_names_the_days_of_those_who_joined(said, in_event):
    past = events(
        an_event("warm_up", "2025-01-03", "2025-01-04"),
        an_event("sale", "2025-01-05", "2025-01-06"),
    )
    days = daily(lines({}, {"sku": "B"}), events=past, joined=joined(*said))
    named = days[days["event"] != ""]
    assert set(named["sku"]) == in_event
    assert named.groupby("sku").size().tolist() == [4] * len(in_event)


def test_a_sku_that_stayed_away_still_bears_another_event_of_the_day():
    past = events(
        an_event("sale", "2025-01-05", "2025-01-06"),
        an_event("sale", "2025-01-06", "2025-01-07", event="pay day"),
    )
    days = daily(lines({}, {"sku": "B"}), events=past, joined=joined(("B", False)))
    own = days[days["sku"] == "B"].set_index(days["day"].dt.day[days["sku"] == "B"])["event"]
    assert own.loc[[5, 6, 7]].tolist() == ["", "pay day", "pay day"]


def test_a_day_that_no_export_covers_is_unknown_unless_something_was_ordered():
    gap = pd.DataFrame({"shop": "s", "day": pd.to_datetime(["2025-01-04", "2025-01-05"])})
    days = daily(lines({}, {"ordered_at": "2025-01-05"}), uncovered=gap)
    assert days["day"].dt.day.tolist() == [1, 2, 3, 5, 6, 7, 8, 9, 10]


def test_a_day_of_which_there_is_one_status_only_is_unknown_whatever_was_ordered():
    gap = pd.DataFrame(
        {"shop": "s", "day": pd.to_datetime(["2025-01-04", "2025-01-05"]), "reason": "one_status"}
    )
    days = daily(lines({}, {"ordered_at": "2025-01-05"}), uncovered=gap)
    assert days["day"].dt.day.tolist() == [1, 2, 3, 6, 7, 8, 9, 10]
    every = pd.DataFrame({"shop": "s", "day": pd.date_range("2025-01-01", "2025-01-10")})
    assert daily(lines({}), uncovered=every.assign(reason="one_status")).empty


def test_a_promotion_is_meant_by_its_name_with_or_without_the_year():
    past = events(
        an_event("sale", "2025-01-05", "2025-01-05", event="2025-1.1"),
        an_event("sale", "2024-01-05", "2024-01-05", event="2024-1.1"),
    )
    assert (daily(lines({}), events=past)["event"] != "").sum() == 1
    assert (daily(lines({}), events=past, joined=joined(("", False)))["event"] == "").all()
    named = joined(("", False), event="2025-1.1")
    assert (daily(lines({}), events=past, joined=named)["event"] == "").all()


def test_skus_of_which_the_same_is_true_are_named_as_each_alone():
    past = events(an_event("sale", "2025-01-05", "2025-01-05"))
    frame = lines({}, {"sku": "B"}, {"sku": "C"}, {"sku": "D"})
    said = joined(("B", False), ("C", False), ("D", True))
    days = daily(frame, events=past, joined=said).query("event != ''")
    assert days["sku"].tolist() == ["A", "D"]


def test_a_market_that_is_not_looked_at_is_left_out():
    frame = lines({}, {"market": "VN", "shop": "v"})
    assert set(daily(frame)["market"]) == {"TH"}
    assert daily(frame, until={"ID": date(2025, 1, 11)}).empty


def test_a_history_without_demand_is_an_empty_table():
    assert daily(lines(CANCELLED)).empty
