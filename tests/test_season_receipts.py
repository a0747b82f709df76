"""Arrived, checked, sellable, and what the platform shows: each kept apart."""

import pandas as pd
import seen_case as case
from season_case import stock

from planner import tables
from planner.season.stock.receipts import receipts, stock_by_stage

NOTHING_SHOWN = tables.empty(tables.PlatformCounts)


def shown(units: int, as_of: str = case.LOOKING, shop: str = "th-one") -> pd.DataFrame:
    frame = pd.DataFrame({"shop": [shop], "sku": ["a"], "units": [units], "as_of": [as_of]})
    frame["as_of"] = pd.to_datetime(frame["as_of"]).astype("datetime64[us]")
    return frame


def sent(units=100, *, received=None, arrived="2025-11-08", shelf=None) -> pd.DataFrame:
    frame = pd.DataFrame({
        "shipment": ["S1"], "sku": ["a"], "warehouse": ["th-house"], "mode": ["sea"],
        "units": [units], "shipped_on": ["2025-10-01"], "due_on": ["2025-11-06"],
        "arrived_on": [arrived], "received_units": pd.array([received], dtype="Int64"),
        "tracking": [""],
    })  # fmt: skip
    frame = frame.assign(shelf_on=shelf)
    for column in ("shipped_on", "due_on", "arrived_on", "shelf_on"):
        frame[column] = pd.to_datetime(frame[column]).astype("datetime64[us]")
    return tables.checked(tables.Shipments, frame)


def staged(count, told=NOTHING_SHOWN):
    return stock_by_stage(count, told, scope=case.scope()).iloc[0]


def test_each_stage_has_its_own_units_and_only_the_shelf_is_sellable():
    row = staged(
        stock(
            ("a", "on_hand", 40, None, "2025-11-13"),
            ("a", "checked", 12, "2025-11-14", "2025-11-13"),
            ("a", "receiving", 30, "2025-11-16", "2025-11-13"),
            ("a", "in_transit", 100, "2025-11-25", "2025-11-13"),
        )
    )
    names = ["sellable_units", "checked_units", "arrived_units", "in_transit_units"]
    assert row[names].tolist() == [40, 12, 30, 100]
    assert (row["next_on"], row["next_units"]) == (pd.Timestamp("2025-11-14"), 12)
    assert row["reason"] == "reason.stage_no_platform"


def test_goods_due_before_their_own_count_are_overdue():
    row = staged(
        stock(
            ("a", "on_hand", 40, None, "2025-11-13"),
            ("a", "receiving", 30, "2025-11-10", "2025-11-13"),
        )
    )
    assert row["overdue_units"] == 30
    assert pd.isna(row["next_on"])
    assert row["next_units"] == 0


def test_what_the_platform_shows_beyond_the_shelf_may_be_oversold():
    count = stock(("a", "on_hand", 40, None, "2025-11-13"))
    assert staged(count, shown(46))["platform_gap_units"] == 6
    assert staged(count, shown(46))["reason"] == "reason.stage_oversold"


def test_what_a_shop_of_a_shared_warehouse_shows_too_little_is_told_and_sorted_last():
    # Two shops draw on the warehouse: if they part it, one of them need not show all of it.
    count = stock(("a", "on_hand", 40, None, "2025-11-13"), ("b", "on_hand", 9, None, "2025-11-13"))
    both = pd.concat([shown(15), shown(10).assign(sku="b")])
    rows = stock_by_stage(count, both, scope=case.scope())
    assert rows[["sku", "platform_gap_units", "reason"]].to_numpy().tolist() == [
        ["b", 1, "reason.stage_oversold"], ["a", -25, "reason.stage_shared|units=25"],
    ]  # fmt: skip


def test_counts_of_different_days_are_not_compared():
    row = staged(stock(("a", "on_hand", 40, None, "2025-11-13")), shown(46, "2025-11-12"))
    assert pd.isna(row["platform_gap_units"])
    assert row["reason"] == "reason.stage_other_day"


def test_a_snapshot_of_a_later_day_is_not_known_yet():
    later = stock(("a", "on_hand", 40, None, "2025-11-14"))
    assert stock_by_stage(later, NOTHING_SHOWN, scope=case.scope()).empty


def test_a_shipment_has_three_dates_and_the_rest_of_it_is_stuck():
    told = receipts(
        sent(received=98),
        case.moves(
            ("2025-11-09", "checked", 98, "S1"),
            ("2025-11-11", "shelved", 50, "S1"),
            ("2025-11-12", "shelved", 20, "S1"),
            ("2025-11-13", "shelved", 28, "S1"),  # of the looking day: not known
        ),
        scope=case.scope(),
    ).iloc[0]
    days = [told[name].day for name in ("arrived_on", "checked_on", "sellable_on")]
    assert days == [8, 9, 12]
    assert (told["came_units"], told["checked_units"], told["sellable_units"]) == (98, 98, 70)
    assert (told["stuck_units"], told["stuck_days"], told["missing_units"]) == (28, 5, 2)
    assert told["reason"] == "reason.receipt_stuck;reason.receipt_missing"


def test_without_any_movement_nobody_knows_what_is_stuck():
    told = receipts(sent(received=100), tables.empty(tables.StockMoves), scope=case.scope())
    assert told[["checked_units", "sellable_units", "stuck_units"]].isna().all(axis=None)
    assert told["reason"].iloc[0] == "reason.receipt_untold"


def test_a_return_put_back_tells_nothing_of_a_shipment():
    back = case.moves(("2025-11-09", "returned", 3))
    told = receipts(sent(received=100), back, scope=case.scope()).iloc[0]
    assert pd.isna(told["stuck_units"])
    assert told["reason"] == "reason.receipt_untold"


def test_who_shelved_one_shipment_has_shelved_nothing_of_another_he_is_silent_of():
    other = sent(received=40).assign(shipment="S2")
    both = pd.concat([sent(received=100), other], ignore_index=True)
    moved = case.moves(("2025-11-09", "shelved", 100, "S1"))
    told = receipts(both, moved, scope=case.scope()).set_index("shipment")
    assert told["stuck_units"].to_dict() == {"S2": 40, "S1": 0}
    assert told["checked_units"].to_dict() == {"S2": 0, "S1": 0}


def test_the_day_on_the_shelf_that_a_shipment_tells_stands_for_all_of_it():
    told = receipts(
        sent(received=100, shelf="2025-11-11"),
        tables.empty(tables.StockMoves),
        scope=case.scope(),
    ).iloc[0]
    assert (told["sellable_units"], told["stuck_units"]) == (100, 0)
    assert told["sellable_on"] == pd.Timestamp("2025-11-11")


def test_a_shipment_that_arrives_on_the_looking_day_has_not_arrived():
    late = sent(arrived="2025-11-13")
    assert receipts(late, tables.empty(tables.StockMoves), scope=case.scope()).empty
