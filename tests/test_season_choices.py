"""What can still be done, on scripted shelves: worth by hand, closed in time, unknown stays so."""

import math

import numpy as np
import pandas as pd
import pytest
from season_case import a_scope
from track_case import coming, economics, fixed_rest, shelf

from planner import tables
from planner.pages.reasons import tell_reason
from planner.season.acting import choice_kinds as kinds
from planner.season.acting.choice_kinds import Case
from planner.season.acting.choice_sources import Source, sources_of
from planner.season.acting.choices import Planned, action_choices, first_choices
from planner.season.stock.cover import run_worlds
from planner.seller import Warehouse
from planner.terms import Transfer

DAYS = pd.date_range("2025-11-12", periods=9, unit="us")
"""12 to 20 November: the rest of the event."""
EVEN = tables.empty(tables.HourProfile)


def case(units=10.0, stock=30.0, arriving=None, at="2025-11-12", penalty=0.0, scale=(1.0,)):
    """Nine days of 10: a shelf of 30 is empty after three. Sold brings 80, left over 10."""
    coming_in = np.zeros(9)
    for day, number in (arriving or {}).items():
        coming_in[day] = number
    demand = np.full((9, 1), units) * np.array(scale)[None, :]
    run = run_worlds(np.array([stock]), coming_in[None], demand[None])
    return Case(
        "TH", "a", pd.Timestamp(at), DAYS, 9, stock, coming_in, demand,
        np.full(9, 80.0 + penalty), 10.0, penalty, run.unmet[0], run.left[0],
    )  # fmt: skip


def source(**changes) -> Source:
    base = Source("TH", "a", "transfer", "reserve", "", 100.0, 48.0, 5.0, False)
    return base._replace(**changes)


def rules(**changes: float) -> pd.DataFrame:
    """Register `ActionRules`: a day of notice for a session, an hour for the rest."""
    rows = {
        "at_risk": (np.nan, 0.1, np.nan, np.nan),
        "move_live": (24.0, np.nan, np.nan, np.nan),
        "cap_ads": (1.0, 0.2, -4.0, np.nan),
        "backorder": (1.0, 0.5, 2.0, 5.0),
        "raise_protection": (1.0, np.nan, np.nan, np.nan),
        "release_protection": (1.0, np.nan, np.nan, np.nan),
        "markdown": (2.0, np.nan, np.nan, np.nan),
    }
    names = ["lead_hours", "share_rate", "unit_cost", "wait_days"]
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=names).rename_axis("action")
    frame = frame.reset_index().assign(
        market="any", currency="CNY", valid_from=pd.Timestamp("2020-01-01"), valid_to=pd.NaT,
        confidence="unverified", source="test", as_of=pd.Timestamp("2025-01-01"),
    )  # fmt: skip
    frame["valid_to"] = frame["valid_to"].astype("datetime64[us]")
    for name, value in changes.items():
        action, column = name.split("__")
        frame.loc[frame["action"] == action, column] = value
    return tables.checked(tables.ActionRules, frame)


def reserve_scope():
    """The small seller, with a reserve two days away at 5 a unit."""
    scope = a_scope(seen_from="2025-11-12")
    house = Warehouse(warehouse="reserve", market="TH", kind="own", is_reserve=True)
    move = Transfer(from_warehouse="reserve", to_warehouse="th-house", days=2, unit_cost=5)
    seller = scope.seller.model_copy(
        update={"warehouses": (*scope.seller.warehouses, house), "transfers": (move,)}
    )
    return scope.model_copy(update={"seller": seller})


def held(units: int) -> pd.DataFrame:
    row = {
        "sku": "a", "warehouse": "reserve", "stage": "on_hand", "units": units,
        "available_on": pd.NaT, "as_of": pd.Timestamp("2025-11-12"),
    }  # fmt: skip
    frame = pd.DataFrame([row])
    frame["available_on"] = frame["available_on"].astype("datetime64[us]")
    return tables.checked(tables.Stock, frame)


def planned(**changes) -> Planned:
    goods = tables.empty(tables.Catalogue).reindex(range(1))
    goods["sku"] = "a"
    base = Planned(economics(), tables.empty(tables.SkuWays), goods, held(100), rules())
    return base._replace(**changes)


def chosen(rest=None, stock=30.0, arriving=None, **changes) -> pd.DataFrame:
    told = fixed_rest([10.0] * 9) if rest is None else rest
    arriving = coming() if arriving is None else arriving
    return action_choices(
        [told], shelf(stock), arriving, planned(**changes), scope=reserve_scope(), hours=EVEN
    )


def test_a_transfer_is_worth_what_it_serves_after_it_lands():
    told = kinds.bring(case(), source())
    assert told.units == 60  # days 4 to 9 go unserved; landing on day 3 misses none
    assert told.value == pytest.approx(60 * (80 - 10) - 60 * 5)
    assert told.last_at == pd.Timestamp("2025-11-18")  # lands on the 20th, the last day of demand


def test_an_action_says_what_has_to_be_paid_for_it():
    # A transfer of 60 at 5 each; goods bought at 12 each are paid for whole, though what is left
    # of them keeps 10; half of the 60 that go unserved wait for goods of the sixth day, at 2 each.
    assert kinds.bring(case(), source()).cost == 60 * 5
    bought = kinds.bring(case(), source(unit_cost=12.0, is_bought=True))
    assert bought.cost == bought.units * 12
    wait = kinds.backorder(case(arriving={5: 60}), 0.5, 2.0, 5.0, 1.0)
    assert wait.cost == pytest.approx(wait.units * 2)
    assert kinds.cap_ads(case(), 0.2, -4.0, 1.0).cost == 0, "it saves money"
    begun = first_choices(chosen()).iloc[0]
    assert begun["reason"].endswith(";reason.choice_paid|cost=300.00|currency=CNY")
    assert "CNY 300" in tell_reason(begun["reason"], "en")


def test_what_helps_the_event_has_an_earlier_last_moment_than_what_helps_at_all():
    # The event ends with the fifth day, the 16th; the last demand is on the 20th.
    short = case()._replace(event_days=5)
    moved = kinds.bring(short, source())
    assert (moved.event_last_at, moved.last_at) == (pd.Timestamp("2025-11-14"), DAYS[6])
    wait = kinds.backorder(case(arriving={5: 60})._replace(event_days=5), 0.5, 2.0, 5.0, 1.0)
    assert wait.event_last_at == pd.Timestamp("2025-11-16 23:00")
    capped = kinds.cap_ads(short, 0.2, -4.0, 1.0)
    assert capped.event_last_at == capped.last_at == pd.Timestamp("2025-11-16 23:00")
    late = kinds.bring(short, source(lead_hours=6 * 24.0))
    assert pd.isna(late.event_last_at)
    assert late.last_at == pd.Timestamp("2025-11-14")


def test_the_register_says_from_which_chance_on_goods_are_looked_at():
    # They run out in two worlds of three and keep nothing in half of them.
    doubtful = fixed_rest([10.0] * 9, scale=(0.1, 1.0, 1.0))
    told = [
        chosen(rest=doubtful, rules=rules(at_risk__share_rate=rate)).empty for rate in (0.6, 0.7)
    ]
    assert told == [False, True]


def test_a_transfer_that_lands_late_serves_only_the_rest():
    told = kinds.bring(case(), source(lead_hours=6 * 24.0))
    assert told.units == 30
    assert told.value == pytest.approx(30 * 65)


def test_no_more_is_fetched_than_lies_there():
    assert kinds.bring(case(), source(max_units=7.0)).units == 7


def test_units_that_must_be_bought_pay_their_cost_and_keep_what_is_left():
    told = kinds.bring(case(), source(is_bought=True, unit_cost=90.0, max_units=math.inf))
    assert (told.units, told.value) == (0, 0)  # 80 for what costs 90
    doubtful = case(scale=(0.5, 1.0))
    few = kinds.bring(doubtful, source(is_bought=True, unit_cost=50.0, max_units=math.inf))
    assert few.units == 15  # the 16th is needed in half the worlds: 35 for what costs 40
    assert few.value == pytest.approx(15 * (80 - 50))
    many = kinds.bring(doubtful, source(is_bought=True, unit_cost=40.0, max_units=math.inf))
    assert many.units == 60  # 35 for what costs 30


def test_an_unknown_cost_or_lead_time_is_unknown_and_never_open():
    for unknown in (source(unit_cost=math.nan), source(lead_hours=math.nan)):
        told = kinds.bring(case(), unknown)
        assert math.isnan(told.value)
    shut = chosen(economics=economics(leftover_revenue=np.nan))
    assert not shut["is_open"].any()
    unruled = chosen(rules=rules(cap_ads__share_rate=np.nan)).set_index("action").loc["cap_ads"]
    assert np.isnan(unruled["value_profit"])
    assert not unruled["is_open"]
    assert unruled["reason"] == "reason.choice_share_unknown"


def test_a_session_moved_behind_fresh_stock_sells_what_it_would_have_lost():
    asked = np.zeros((9, 1))
    asked[2] = 10  # the last stock before goods come on the fifth day
    told = kinds.move_live(
        case(stock=25.0, arriving={4: 100}), pd.Timestamp("2025-11-14 20:00"), asked, 24.0
    )
    assert told.value == pytest.approx(10 * 70)  # 15 unserved before, 5 after
    assert told.last_at == pd.Timestamp("2025-11-13 20:00")
    assert kinds.move_live(case(), pd.Timestamp("2025-11-14 20:00"), asked, 24.0) is None
    full = case(stock=500.0, arriving={4: 100})  # nothing goes unserved, moved or not
    assert kinds.move_live(full, pd.Timestamp("2025-11-14 20:00"), asked, 24.0) is None


def test_ads_capped_on_a_shelf_that_empties_anyway_save_their_cost_alone():
    told = kinds.cap_ads(case(stock=20.0), 0.2, -4.0, 1.0)
    assert told.units == pytest.approx(18)
    assert told.value == pytest.approx(18 * 4)
    full = kinds.cap_ads(case(stock=85.0), 0.2, -4.0, 1.0)
    assert full.value < 0  # 13 sales given up for 72 of ads


def test_those_who_wait_are_served_from_goods_under_way_that_nobody_else_wants():
    told = kinds.backorder(case(stock=30.0, arriving={5: 60}), 0.5, 2.0, 5.0, 1.0)
    assert told.units == pytest.approx(10)  # two days of 10 unserved, half of them wait
    assert told.value == pytest.approx(10 * 68)
    none_left = kinds.backorder(case(stock=30.0, arriving={5: 40}), 0.5, 2.0, 5.0, 1.0)
    assert none_left.value == 0


def test_units_taken_back_from_a_poorer_channel_earn_the_difference():
    told = kinds.raise_protection(case(), {"channel": "other", "units": 20.0, "worth": 50.0}, 1.0)
    assert told.units == 20
    assert told.value == pytest.approx(20 * (80 - 50))


def test_units_that_will_be_left_are_given_to_the_channel_that_is_short():
    told = kinds.release_protection(
        case(stock=100.0), {"channel": "other", "short": 15, "worth": 50.0}, 1.0
    )
    assert told.units == 10  # 90 are asked for here
    assert told.value == pytest.approx(10 * 40)


def test_a_markdown_waits_for_the_lock_and_closes_when_its_step_is_over():
    row = {
        "step": 1, "unit_revenue": 40.0, "max_units": 5.0, "others": [(10.0, np.nan)],
        "done_by": pd.Timestamp("2025-11-25"),
    }  # fmt: skip
    told = kinds.markdown(case(stock=100.0), row, pd.Timestamp("2025-11-21"), 2.0)
    assert (told.units, told.value) == (5, pytest.approx(150))
    assert told.last_at == pd.Timestamp("2025-11-25 22:00")
    shut = kinds.markdown(case(stock=100.0), row, pd.Timestamp("2025-11-26"), 2.0)
    assert pd.isna(shut.last_at)


def test_a_markdown_is_worth_what_it_adds_to_the_exits_that_are_open():
    row = {"step": 1, "unit_revenue": 40.0, "max_units": 5.0, "done_by": pd.Timestamp("2025-11-25")}
    dearer = row | {"others": [(50.0, 8.0), (10.0, np.nan)]}  # takes 8 of the 10 that are left
    told = kinds.markdown(case(stock=100.0), dearer, pd.Timestamp("2025-11-21"), 2.0)
    assert (told.units, told.value) == (2, pytest.approx(2 * 30))
    plenty = row | {"others": [(50.0, np.nan)]}
    assert kinds.markdown(case(stock=100.0), plenty, pd.Timestamp("2025-11-21"), 2.0) is None


def test_open_actions_stand_on_top_by_money_and_the_first_is_the_best():
    told = chosen()
    assert told["is_open"].is_monotonic_decreasing
    assert told.loc[told["is_open"], "value_profit"].is_monotonic_decreasing
    first = first_choices(told).iloc[0]
    assert (first["action"], first["units"]) == ("transfer", 60)
    assert first["event_last_at"] <= first["last_useful_at"]
    assert first["step_event_profit"] <= first["step_profit"]
    assert first["hours_left"] == pytest.approx(6 * 24)


@pytest.mark.parametrize("hour", [0, 5, 12, 23])
@pytest.mark.parametrize("day", range(12, 21))
def test_nothing_is_ever_recommended_after_its_last_useful_moment(day, hour):
    at = f"2025-11-{day} {hour:02d}:00"
    left = [10.0] * (21 - day)
    told = chosen(fixed_rest(left, at=at), stock=5.0)
    late = told[told["last_useful_at"] < told["looking_at"]]
    assert not late["is_open"].any()
    assert (told.loc[told["is_open"], "last_useful_at"] >= pd.Timestamp(at)).all()
    transfer = told[told["action"] == "transfer"]
    if day >= 19:  # two days away, the last demand is on the 20th
        assert not transfer["is_open"].any()


def test_a_shelf_nobody_counted_is_not_weighed():
    assert chosen(stock=np.nan).empty


def test_units_in_the_reserve_are_found_with_their_days_and_price():
    found = sources_of(
        held(100), tables.empty(tables.SkuWays), planned().catalogue, scope=reserve_scope()
    )
    assert [(one.action, one.place, one.lead_hours, one.unit_cost) for one in found] == [
        ("transfer", "reserve", 48.0, 5.0)
    ]


def test_channels_and_exits_of_the_plan_become_actions_of_their_sku():
    names = ["channel", "rank", "demand_units", "unit_profit", "locked_units", "partition_units"]
    rows = [("th-one", 1, 90.0, 40.0, 0, 30), ("other", 2, 50.0, 10.0, 5, 25)]
    channels = pd.DataFrame(rows, columns=names).assign(market="TH", sku="a")
    exits = pd.DataFrame(
        {
            "market": "TH", "sku": "a", "exit": ["ordinary", "markdown"], "exit_step": 1,
            "max_units": [np.nan, 20.0], "unit_revenue": [10.0, 30.0], "is_open": True,
            "done_by": pd.to_datetime(["2025-12-30", "2025-12-04"]),
        }
    )  # fmt: skip
    short = chosen(channels=channels).set_index("action").loc["raise_protection"]
    assert short["where"] == "other"
    assert short["units"] == 20  # 25 less the 5 promised
    assert short["value_profit"] == pytest.approx(20 * (80 - 50))  # 10 above its landed cost of 40
    plenty = chosen(stock=120.0, channels=channels, exits=exits).set_index("action")
    assert plenty.loc["release_protection", "units"] == 25
    assert plenty.loc["markdown", "value_profit"] == pytest.approx(20 * 20)
