"""The course of a campaign out of tables: shelf, order and price, by hand."""

import numpy as np
import pandas as pd
import pytest
from happened_case import DATED, SCOPE, arrived, happened, plan_row
from lines_case import lines
from season_case import sales, stock

from planner.season.replays.course import campaign_course
from planner.season.replays.regret import causes_present, regret_ledger, season_profits
from planner.season.replays.replay import Repairs, limited, replay
from planner.season.replays.shapley import subsets
from planner.season.replays.shelf_path import shelf_path
from planner.season.replays.unsold import no_loss, unsold_units
from planner.season.stock.held import held_stock


def gathered(**changed: object):
    return campaign_course(happened(**changed), scope=SCOPE)


def dated(**changed: object):
    """The same, with a planning day of its own."""
    return campaign_course(happened(**changed), scope=DATED).course


def shares(course) -> pd.Series:
    ledger = regret_ledger(course, currency="CNY")
    return ledger.groupby("cause")["regret_profit"].sum()


def test_a_campaign_that_went_as_planned_has_no_gap():
    course = gathered().course
    assert course.opening.tolist() == [0]
    assert course.order.sent_units.tolist() == [300]
    assert course.order.actual_share[0, 0] == 1
    assert season_profits(course, currency="CNY")["gap_profit"].tolist() == [0]


def test_the_replay_sells_what_was_sold_whatever_the_counts_say():
    rng = np.random.default_rng(3)
    sold = rng.poisson(8.0, (6, 20)).astype(float)
    told = np.where(rng.random((6, 20)) < 0.5, rng.integers(0, 90, (6, 20)), np.nan)
    lost = np.where(rng.random((6, 20)) < 0.2, 5.0, 0.0)
    opening = rng.integers(0, 60, 6).astype(float)
    path = shelf_path(opening, told, 0.0 * sold, sold, lost)
    held = opening.copy()
    for day in range(20):
        held = held + path.receipts[:, day] - path.gone[:, day]
        ready = held - path.stranded[:, day]
        assert np.minimum(sold[:, day] + lost[:, day], ready) == pytest.approx(sold[:, day])
        held = held - sold[:, day]
    assert (held >= -1e-9).all()


def test_an_order_that_came_ten_days_late_is_booked_to_lateness():
    daily = pd.concat(
        [
            sales("a", "2025-10-22", [0] * 10),
            sales("a", "2025-11-01", [0] * 10 + [10] * 20, out=tuple(range(10))),
        ],
        ignore_index=True,
    )
    course = gathered(daily=daily, history=arrived("a", 300, 10)).course
    assert np.flatnonzero(course.order.actual_share[0]).tolist() == [10]
    found = shares(course)
    # 100 units missed at 16 net that were left over at 4 instead.
    assert found["lateness"] == pytest.approx(100 * (16 - 4))
    assert found.drop("lateness").abs().sum() == 0


def test_units_that_vanish_are_a_loss_and_parcels_that_come_back_are_none():
    ends = [300 - 10 * n for n in range(31)]
    ends = [e - 20 if 5 <= n < 9 else e for n, e in enumerate(ends)]
    whole = happened().stock_history
    path = whole[whole["day"] < "2025-10-31"]
    back = pd.concat([path, _counts(ends)], ignore_index=True)
    catalogue = happened().catalogue.assign(carton_units=pd.array([50], "Int64"))
    both = gathered(history=back, catalogue=catalogue).course
    assert both.gone.sum() == 0
    more = path.assign(units=path["units"].replace(300, 320))
    lost = [320 - 10 * n - (20 if n >= 5 else 0) for n in range(31)]
    gone = gathered(history=pd.concat([more, _counts(lost)], ignore_index=True)).course
    assert gone.gone.sum() == 20
    assert shares(gone)["stock_loss"] > 0


def test_samples_and_parcels_on_their_way_back_are_no_stock_loss():
    # 20 are gone on the 5th: a set of 12 a was sent as a sample, 5 were refused, 3 nobody names.
    more = happened().stock_history
    path = more[more["day"] < "2025-10-31"].assign(units=lambda rows: rows["units"] + 20)
    ends = [320 - 10 * n - (20 if n >= 5 else 0) for n in range(31)]
    history = pd.concat([path[path["units"] > 20], _counts(ends)], ignore_index=True)
    had = happened(history=history)
    on_fifth = {"market": "TH", "sku": "a", "ordered_at": "2025-11-05"}
    free = {"gross_minor": 0, "amount_minor": 0, "kind": "sample"}
    named = lines(
        on_fifth | free | {"sku": "set", "units": 6},
        on_fifth | {"order_id": "2", "units": 5, "status": "cancelled", "kind": "cancelled_after"},
        on_fifth | {"order_id": "3", "units": 9, "status": "cancelled"},  # it never left
    )
    recipe = pd.DataFrame({"sku": ["set"], "component": ["a"], "units": [2]})
    told = unsold_units(named, recipe)
    assert told[["given_units", "refused_units"]].sum().tolist() == [12, 5]
    course = campaign_course(had, scope=SCOPE, unsold=told).course
    assert course.gone.sum() == 3
    assert course.gone[0, 4] == 3
    assert course.arriving[0, 4] == -17
    ledger = regret_ledger(course, currency="CNY").set_index("cause")
    # 320 lay there, 17 of them given away or on their way.
    assert ledger.loc["stock_loss", "reason"] == "reason.regret_stock_loss|was=3|right=303"
    assert campaign_course(had, scope=SCOPE).course.gone.sum() == 20


def one(*units: float) -> np.ndarray:
    return np.array([units], dtype=float)


def test_a_refused_parcel_that_is_back_forgives_no_unit_that_went_missing():
    none = one(0, 0, 0, 0)
    gone, back = one(1, 0, 1, 0), one(0, 0, 0, 1)  # the first is missing, the second refused
    kept = no_loss(gone, back, given=none, refused=one(0, 0, 1, 0))
    assert (gone - kept).tolist() == [[1, 0, 0, 0]]
    assert (gone - no_loss(gone, back, given=none, refused=none)).sum() == 1
    # Counted two days after its order; and one that no count shows takes nothing off.
    assert no_loss(one(0, 0, 1, 0), none, given=one(1, 1, 0, 0), refused=none).sum() == 1


def test_a_refused_order_would_have_been_rounded_as_any_other():
    plan = plan_row("a", needed_units=295.0, target_units=295.0, order_units=0, is_blocked=True)
    empty = happened().stock_history.assign(units=0)
    daily = sales("a", "2025-11-01", [0] * 30, out=tuple(range(30)))
    course = gathered(plan=plan, history=empty, daily=daily).course
    assert course.order.limited_units.tolist() == [300]
    assert course.order.is_refused.tolist() == [True]
    assert "refusals" in causes_present(course)
    assert shares(course)["refusals"] > 0


def test_what_was_not_worth_a_carton_is_no_limit():
    plan = plan_row("a", needed_units=4.0, order_units=0, reason="reason.pack_not_worth|needed=4")
    order = gathered(plan=plan).course.order
    assert order.cap_units.tolist() == [np.inf]
    # Full cartons of 10, missed at 8 and left over at a loss of 4: a lot pays from 10 * 4 / 12 on.
    assert order.least_units.tolist() == [4]


def test_a_minimum_order_is_taken_from_the_need_on_at_which_it_pays():
    # 8 of 150 were needed: 150 pay from 150 * 4 / (8 + 4) = 50 on.
    goods = happened().catalogue.assign(moq_units=pd.array([150], "Int64"))
    plan = plan_row("a", needed_units=8.0, order_units=0, reason="reason.pack_not_worth|needed=8")
    order = gathered(plan=plan, catalogue=goods).course.order
    assert order.least_units.tolist() == [50]
    assert limited(order, np.array([14.0])).tolist() == [0]
    assert limited(order, np.array([51.0])).tolist() == [150]
    # Nor does a SKU that had enough take 150 for 14 more; a rule that rounds up would.
    enough = plan_row("a", target_units=0.0, needed_units=0.0, order_units=0)
    assert gathered(plan=enough, catalogue=goods).course.order.least_units.tolist() == [50]
    up = gathered(plan=enough.assign(rule="service_level"), catalogue=goods).course.order
    assert limited(up, np.array([14.0])).tolist() == [150]
    # The meeting took 150 all the same; the plan's own order was 0.
    said = "reason.decided_units|owner=Li|own=0|cost=9"
    own = plan_row("a", needed_units=8.0, order_units=150, reason=said)
    assert gathered(plan=own, catalogue=goods).course.order.least_units.tolist() == [50]
    # The meeting dropped what the plan would have ordered: without that it is ordered.
    drop = pd.DataFrame(
        {"market": ["TH"], "sku": ["a"], "decision": ["drop"], "units": pd.array([None], "Int64"),
         "owner": ["Li"], "note": [""], "decided_on": [pd.NaT]}
    )  # fmt: skip
    said = "reason.decided_drop|owner=Li|own=150|cost=9"
    away = plan_row("a", needed_units=120.0, order_units=0, reason=said)
    order = gathered(plan=away, catalogue=goods, decisions=drop).course.order
    assert limited(order, np.array([120.0])).tolist() == [150]


def test_a_gate_that_stops_only_the_shipping_refuses_no_order():
    plan = plan_row("a", needed_units=4.0, order_units=0, reason="reason.pack_not_worth|needed=4")
    gates = pd.DataFrame({"market": ["TH"], "sku": ["a"], "blocks": ["ship"]})
    order = gathered(plan=plan, gates=gates).course.order
    assert order.is_refused.tolist() == [False]
    assert order.limited_units.tolist() == [0]
    shut = gathered(plan=plan, gates=gates.assign(blocks="order")).course.order
    assert shut.is_refused.tolist() == [True]


def test_an_order_other_than_planned_is_booked_to_execution():
    course = gathered(plan=plan_row("a", order_units=500, needed_units=500.0)).course
    end = replay(course, Repairs((), subsets(0)))
    assert end.sent_units.tolist() == [[300]]
    assert "execution" in causes_present(course)


def test_a_lock_binds_the_days_of_the_sale_and_only_where_staying_out_earns_more():
    advice = pd.DataFrame({"market": ["TH"], "sku": ["a"], "advice": ["refuse"]})
    # The sale is days 10 to 13. It was sold at 52.50 THB, 10.50 CNY; the other days at 20 CNY.
    days = [sales("a", "2025-10-22", [0] * 10), sales("a", "2025-11-01", [10] * 10),
            sales("a", "2025-11-11", [10] * 4, price_minor=5250),
            sales("a", "2025-11-15", [10] * 16)]  # fmt: skip
    usual = happened().economics.assign(ordinary_price=25.0)
    sold = pd.concat(days, ignore_index=True)
    lost = gathered(locks=advice, daily=sold, economics=usual).course
    # 4 a day at 25 earn (25 * 0.8 - 8) * 16 = 192, 10 a day at the lock (8.40 - 8) * 40 = 16.
    assert lost.free_wanted[0].tolist() == [10] * 10 + [4] * 4 + [10] * 16
    rest = [16.0] * 10, [16.0] * 16
    assert lost.money.net_price[0] == pytest.approx([*rest[0], *[8.4] * 4, *rest[1]])
    assert lost.money.free_net_price[0] == pytest.approx([*rest[0], *[20.0] * 4, *rest[1]])
    ledger = regret_ledger(lost, currency="CNY")
    own = ledger[ledger["cause"] == "price_lock"]["reason"]
    assert own.tolist() == ["reason.regret_price_lock|was=8.40|right=20.00|currency=CNY"]
    kept = gathered(locks=advice).course
    assert (kept.free_wanted == kept.wanted).all()
    assert kept.money.free_net_price.tolist() == kept.money.net_price.tolist()


def test_profit_rests_on_what_buyers_paid_and_on_what_exits_take():
    half = happened().daily.assign(revenue_minor=lambda rows: rows["revenue_minor"] * 3 // 2)
    rows = {
        "exit": ["markdown", "destroy"],
        "exit_step": 1,
        "rank": [1, 2],
        "max_units": [60.0, np.nan],
        "unit_revenue": [5.0, -1.0],
        "is_open": True,
    }
    exits = pd.DataFrame(rows).assign(market="TH", sku="a")
    more = happened().stock_history
    more = more.assign(units=more["units"] + 100 * (more["day"] >= "2025-10-30"))
    course = dated(daily=half, history=more, exits=exits)
    profit = season_profits(course, currency="CNY", plan=plan_row("a", expected_profit=2000.0))
    # Bought 400, sold 300 at 30 less a fifth; of 100 left 60 bring 5 and 40 cost 1.
    assert profit["actual_profit"].tolist() == [300 * 24 - 400 * 8 + 60 * 5 - 40]
    assert profit["planned_profit"].tolist() == [2000]


def test_goods_owned_on_the_planning_day_cost_nothing_more():
    held = pd.DataFrame({"market": ["TH"], "sku": ["a"], "on_hand_units": [0],
        "inbound_units": [100], "late_units": [0], "available_units": [100.0]})  # fmt: skip
    plan = plan_row("a", needed_units=200.0, available_units=100.0, order_units=200)
    course = gathered(position=held, plan=plan).course
    assert course.order.sent_units.tolist() == [200]
    profit = season_profits(course, currency="CNY")
    assert profit[["actual_profit", "gap_profit"]].iloc[0].tolist() == [300 * 16 - 200 * 8, 0]


def sent(*rows: tuple[str, int, str, str, str, str]) -> pd.DataFrame:
    names = ["shipment", "units", "shipped_on", "due_on", "arrived_on", "shelf_on"]
    frame = pd.DataFrame(rows, columns=names).assign(
        sku="a", warehouse="th-house", mode="sea", tracking=""
    )
    frame[names[2:]] = frame[names[2:]].apply(pd.to_datetime)
    return frame.assign(received_units=frame["units"].astype("Int64"))


def test_shipments_tell_what_was_the_order_whichever_came_first():
    # 100 left before the planning day and came on the 15th, due on the 4th and planned to be
    # received by the 8th, though it took a day; the order of 200 came in time.
    ships = sent(
        ("OLD", 100, "2025-09-01", "2025-11-04", "2025-11-14", "2025-11-15"),
        ("NEW", 200, "2025-10-25", "2025-10-29", "2025-10-29", "2025-10-30"),
    )
    held = pd.DataFrame({"market": ["TH"], "sku": ["a"], "on_hand_units": [0],
        "inbound_units": [100], "late_units": [0], "available_units": [100.0]})  # fmt: skip
    ends = [200 - 10 * n + (100 if n >= 15 else 0) for n in range(31)]
    early = happened().stock_history
    early = early[early["day"] < "2025-10-31"].assign(units=lambda rows: rows["units"] * 2 // 3)
    history = pd.concat([early, _counts(ends)], ignore_index=True)
    plan = plan_row("a", needed_units=200.0, available_units=100.0, order_units=200)
    course = dated(position=held, plan=plan, history=history, shipments=ships)
    assert course.order.sent_units.tolist() == [200]
    assert course.order.actual_share[0, 0] == 1
    assert np.flatnonzero(course.moved[0]).tolist() == [7, 14]
    assert course.late.tolist() == ["reason.late_shipment|shipment=OLD|units=100|days=7"]
    by_count = dated(position=held, plan=plan, history=history)
    assert np.flatnonzero(by_count.order.actual_share[0]).tolist() == [0, 14]


def test_a_shipment_whose_day_of_leaving_nobody_wrote_down_tells_nothing():
    ships = sent(("NEW", 40, "2025-10-25", None, "2025-10-29", "2025-10-30"))
    assert dated(shipments=ships).order.sent_units.tolist() == [40]
    assert dated(shipments=ships.assign(shipped_on=pd.NaT)).order.sent_units.tolist() == [300]


def test_what_was_bought_between_plan_and_campaign_is_no_gift():
    # 120 came with no shipment and were on their way on no list: they are on the shelf with 180.
    ships = sent(("NEW", 180, "2025-10-25", "2025-10-29", "2025-10-29", "2025-10-30"))
    course = dated(shipments=ships)
    assert course.bought.tolist() == [120]
    assert season_profits(course, currency="CNY")["actual_profit"].tolist() == [300 * (16 - 8)]


def test_an_old_shipment_that_was_late_is_booked_to_lateness_under_its_name():
    ships = sent(("OLD", 300, "2025-09-01", "2025-10-28", "2025-11-09", "2025-11-11"))
    held = pd.DataFrame({"market": ["TH"], "sku": ["a"], "on_hand_units": [0],
        "inbound_units": [300], "late_units": [0], "available_units": [300.0]})  # fmt: skip
    daily = pd.concat(
        [sales("a", "2025-10-22", [0] * 10),
         sales("a", "2025-11-01", [0] * 10 + [10] * 20, out=tuple(range(10)))],
        ignore_index=True,
    )  # fmt: skip
    plan = plan_row("a", needed_units=0.0, available_units=300.0, order_units=0)
    course = dated(
        daily=daily, history=arrived("a", 300, 10), shipments=ships, position=held, plan=plan
    )
    assert course.order.sent_units.tolist() == [0]
    # 100 units missed at 16 net that were left over at 4 instead; nothing had to be bought.
    assert shares(course)["lateness"] == pytest.approx(100 * (16 - 4))
    ledger = regret_ledger(course, currency="CNY")
    assert ledger["reason"].tolist() == ["reason.late_shipment|shipment=OLD|units=300|days=10"]


def test_units_of_the_order_sold_before_the_first_day_are_not_lost_from_what_came():
    ships = sent(("NEW", 300, "2025-10-23", "2025-10-24", "2025-10-24", "2025-10-25"))
    early = _counts_from("2025-10-21", [0] * 4 + [300, 300, 300, 300, 260, 260])
    history = pd.concat([early, _counts([260 - 10 * min(n, 26) for n in range(31)])])
    daily = pd.concat(
        [sales("a", "2025-10-22", [0] * 7 + [40, 0, 0]),
         sales("a", "2025-11-01", [10] * 26 + [0] * 4, out=tuple(range(26, 30)))],
        ignore_index=True,
    )  # fmt: skip
    course = dated(daily=daily, history=history, shipments=ships)
    assert course.order.sent_units.tolist() == [300]
    assert course.opening.tolist() == [-40]
    profit = season_profits(course, currency="CNY")
    # 260 sold in the window and 260 paid for in it; 40 more would have served the last four days.
    assert profit["actual_profit"].tolist() == [260 * (16 - 8)]
    assert profit["gap_profit"].tolist() == [40 * (16 - 8)]


def test_what_came_after_buyers_had_left_was_never_in_the_wrong_place():
    one = lambda *units: np.array([units], dtype=float)  # noqa: E731
    path = shelf_path(np.array([2.0]), one(400, 390), one(0, 0), one(2, 10), one(5, 0))
    assert path.stranded.sum() == 0
    assert path.receipts.tolist() == [[0, 400]]


def test_what_is_left_is_counted_on_the_last_day_of_the_window():
    later = stock(("a", "on_hand", 7, None, "2025-12-04"))
    none = sales("a", "2025-11-01", [0])
    keys = pd.DataFrame({"market": ["TH"], "sku": ["a"]})
    counts = _counts([50 - n for n in range(31)]).assign(market="TH")
    assert held_stock(counts, later, keys, daily=none, scope=SCOPE)["leftover_units"].tolist() == [
        20
    ]
    short = counts[counts["day"] < "2025-11-20"]
    assert held_stock(short, later, keys, daily=none, scope=SCOPE)["leftover_units"].tolist() == [7]


def test_a_sku_without_costs_is_named_and_left_out():
    got = gathered(economics=happened().economics.assign(landed_cost=np.nan))
    assert got.course.keys.empty
    assert got.missing["missing"].tolist() == ["landed_cost"]
    profits = season_profits(got.course, got.missing, currency="CNY")
    assert profits["gap_profit"].isna().all()
    assert regret_ledger(got.course, currency="CNY").empty


def _counts(ends: list[float]) -> pd.DataFrame:
    return _counts_from("2025-10-31", ends)


def _counts_from(start: str, ends: list[float]) -> pd.DataFrame:
    days = pd.date_range(start, periods=len(ends))
    return pd.DataFrame({"sku": "a", "day": days, "units": np.array(ends, dtype=int)})
