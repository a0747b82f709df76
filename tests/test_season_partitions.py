"""Channels of a shared warehouse against their part, by hand."""

import pandas as pd
import pytest
import seen_case as case
from lines_case import lines as order_lines

from planner import tables
from planner.season.campaign_track import track_campaign
from planner.season.stock.partitions import Goods, partition_use, partitions_there


def channels(*, limit: int, profit=(8.0, 5.0)) -> pd.DataFrame:
    frame = pd.DataFrame({
        "market": "TH", "warehouse": "th-house", "sku": "a", "channel": ["th-one", "th-two"],
        "rank": [1, 2], "demand_units": [60.0, 40.0], "unit_profit": profit, "locked_units": 0,
        "protected_units": [50, 0], "partition_units": [50, limit], "limit_units": [90, limit],
        "draws_on": "pool", "reason": "", "currency": "CNY",
    })  # fmt: skip
    return tables.checked(tables.ChannelPlan, frame)


def lines(*rows: tuple[str, int, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["shop", "units", "ordered_at"])
    frame["ordered_at"] = pd.to_datetime(frame["ordered_at"], format="ISO8601")
    return frame.assign(market="TH", sku="a", is_demand=True)


def used(sold, **changes) -> pd.DataFrame:
    told = partition_use(channels(**({"limit": 40} | changes)), sold, scope=case.scope())
    return told.set_index("channel")


def test_a_channel_beyond_its_part_is_a_breach_with_its_units_and_money():
    told = used(lines(("th-one", 30, "2025-11-02"), ("th-two", 46, "2025-11-05")))
    row = told.loc["th-two"]
    assert row["is_breached"]
    assert row["over_units"] == 6
    assert row["over_profit"] == pytest.approx(6 * 3)  # the first earns 8, the second 5
    assert not told.loc["th-one", "is_breached"]
    assert told.index[0] == "th-two"


def test_to_the_last_unit_of_its_part_a_channel_is_within_it():
    told = used(lines(("th-one", 1, "2025-11-02"), ("th-two", 40, "2025-11-05")))
    assert not told["is_breached"].any()
    assert told["over_profit"].sum() == 0


def test_what_sold_before_the_campaign_does_not_count():
    told = used(lines(("th-two", 50, "2025-10-31 23:59"), ("th-two", 40, "2025-11-01")))
    assert told.loc["th-two", "sold_units"] == 40


def test_of_an_unknown_worth_the_units_are_told_and_not_the_money():
    told = used(lines(("th-two", 46, "2025-11-05")), profit=(float("nan"), float("nan")))
    assert told.loc["th-two", "over_units"] == 6
    assert pd.isna(told.loc["th-two", "over_profit"])


def test_a_channel_without_exports_is_not_judged():
    told = used(lines(("th-two", 46, "2025-11-05")))
    assert "th-one" not in told.index


def test_the_lock_of_a_shop_that_sold_nothing_yet_can_be_eaten_too():
    # 30 are locked for the first shop, whose only order is of October; 5 are left: 25 are gone.
    plan = channels(limit=90).assign(locked_units=[30, 0])
    sold = lines(("th-one", 2, "2025-10-03"), ("th-two", 80, "2025-11-12"))
    told = partition_use(plan, sold, scope=case.scope(), cover=shelf(5.0)).set_index("channel")
    assert told["sold_units"].to_dict() == {"th-one": 0, "th-two": 80}
    assert (told.loc["th-two", "is_breached"], told.loc["th-two", "over_units"]) == (True, 25)


def test_no_shared_warehouse_no_rows():
    assert partition_use(
        tables.empty(tables.ChannelPlan), lines(("th-two", 1, "2025-11-05")), scope=case.scope()
    ).empty


def goods(stock: float, sold: int) -> Goods:
    plan = case.plan()
    held = pd.DataFrame({"market": ["TH"], "sku": ["a"], "stock_units": [stock]})
    days = case.seen(units=[sold]).daily
    return Goods(plan.draws, plan.economics, plan.by_day, held, days)


def test_parts_are_those_of_the_units_that_were_there_and_not_of_the_order():
    # By the plan's order the first channel may sell 90; 300 were there, 200 of them are sold.
    told = partitions_there(channels(limit=40), goods(100.0, 200), scope=case.scope())
    assert told["partition_units"].sum() == 300
    sold = lines(("th-one", 200, "2025-11-05"))
    assert used(sold).loc["th-one", "is_breached"]
    told = partition_use(channels(limit=40), sold, scope=case.scope(), there=told)
    assert not told["is_breached"].any()
    assert told.set_index("channel").loc["th-one", "limit_units"] > 200


def test_a_sku_without_a_count_keeps_the_parts_of_the_plan():
    told = partitions_there(channels(limit=40), goods(float("nan"), 40), scope=case.scope())
    assert told["limit_units"].tolist() == [90, 40]


def test_units_beyond_a_part_cost_as_much_as_the_goods_are_likely_to_run_out():
    cover = shelf(60.0).assign(stock_out_rate=0.25)
    told = partition_use(
        channels(limit=40), lines(("th-two", 46, "2025-11-05")), scope=case.scope(), cover=cover
    )
    assert told.set_index("channel").loc["th-two", "over_profit"] == pytest.approx(6 * 3 * 0.25)


def shelf(units: float) -> pd.DataFrame:
    """What is left at the moment, of goods that are sure to run out."""
    return pd.DataFrame(
        {"market": ["TH"], "sku": ["a"], "stock_units": [units], "stock_out_rate": [1.0]}
    )


def test_a_part_that_shrinks_in_hindsight_was_never_told_and_is_no_breach():
    # The plan lets the second channel sell 40. Of what came it should have had 10: nobody said so.
    came = channels(limit=10).assign(limit_units=[90, 10])
    told = partition_use(
        channels(limit=40), lines(("th-two", 24, "2025-11-05")), scope=case.scope(), there=came
    ).set_index("channel")
    row = told.loc["th-two"]
    assert (row["is_breached"], row["over_units"], row["limit_units"]) == (False, 0, 40)
    facts = "units=14|channel=th-one|lost=42.00|currency=CNY"
    assert row["reason"] == f"reason.partition_hindsight|{facts}"


def locked(left: float | None, *, one: int = 63, two: int = 50) -> pd.Series:
    """120 are promised to the first channel's campaign."""
    plan = channels(limit=40).assign(locked_units=[120, 0], limit_units=[400, 248])
    sold = lines(("th-one", one, "2025-11-02"), ("th-two", two, "2025-11-05"))
    cover = None if left is None else shelf(left)
    told = partition_use(plan, sold, scope=case.scope(), cover=cover)
    return told.set_index("channel").loc["th-two"]


def test_a_channel_that_sold_what_another_was_promised_is_a_breach_within_its_own_limit():
    # 57 of the 120 promised are still to sell and none is there: all 50 came out of them.
    row = locked(0.0)
    assert (row["is_breached"], row["over_units"]) == (True, 50)
    assert row["over_profit"] == pytest.approx(50 * 3)
    facts = "units=50|channel=th-one|locked=120|sold=63"
    assert row["reason"] == f"reason.partition_locked|{facts}"


def test_of_a_lock_only_what_is_no_longer_there_is_eaten():
    assert locked(20.0)["over_units"] == 37  # 57 are still promised, 20 of them are there
    assert not locked(57.0)["is_breached"]
    assert not locked(0.0, one=120)["is_breached"]
    assert not locked(None)["is_breached"]  # without a count nobody knows
    assert not locked(float("nan"))["is_breached"]


def test_at_an_hour_a_lock_is_held_against_what_is_left_at_that_hour():
    # 45 lay there in the morning, 40 went by two o'clock: 5 are left of the 29 still promised.
    plan = channels(limit=90).assign(locked_units=[30, 0])
    sold = order_lines(
        {"shop": "th-one", "sku": "a", "units": 1, "ordered_at": "2025-11-12"},
        {"shop": "th-two", "sku": "a", "units": 40, "ordered_at": "2025-11-12"},
        {"shop": "th-two", "sku": "a", "units": 40, "ordered_at": "2025-11-13 10:00"},
    )
    for n_orders, hour, over in ((2, 0, 0), (3, 14, 24)):
        seen = case.seen(lines=sold[:n_orders], held=45, plan=case.plan(channels=plan))
        seen = seen._replace(at={"TH": pd.Timestamp(2025, 11, 13, hour)})
        use = track_campaign(seen, scope=case.scope()).partitions.set_index("channel")
        assert use.loc["th-two", ["is_breached", "over_units"]].tolist() == [over > 0, over]
