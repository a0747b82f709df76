"""Where goods left over can go: worth, room, day and reason of every exit, and their order."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.scope import scope_of
from planner.seller import read_seller
from planner.supply.leftovers.exits import best_exits, exit_ladder

DEMAND = {
    "warm_up": [70.0, 70.0],
    "sale": [100.0, 200.0],
    "tail": [40.0, 40.0],
    "after": [20.0, 20.0],
}
"""280 units in the horizon, 260 in the campaign, 2 on an ordinary day."""
CALENDAR = [
    ("12.12", "double_date", "2026-12-12", "2026-12-13"),
    ("payday", "payday", "2026-12-02", "2026-12-03"),
    ("1.1", "double_date", "2027-01-01", "2027-01-01"),
]


def calendar(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    described = [
        {
            "event": event,
            "kind": kind,
            "market": "TH",
            "phase": "sale",
            "starts_on": pd.Timestamp(start),
            "ends_on": pd.Timestamp(end),
        }
        for event, kind, start, end in rows
    ]
    return case.dated(described) if rows else tables.empty(tables.Calendar)


def rules(*rows: dict) -> pd.DataFrame:
    plain = {
        "market": "any",
        "step": 1,
        "share_rate": 1.0,
        "base": "price",
        "fee": 0.0,
        "currency": "THB",
        "max_share_rate": 1.0,
        "days": 30.0,
    }
    return case.dated([{**plain, **row} for row in rows])


ORDINARY = [{"exit": "ordinary", "step": step} for step in (1, 2)]
MARKDOWN = [
    {"exit": "markdown", "step": 1, "share_rate": 0.9, "max_share_rate": 0.1, "days": 14.0},
    {"exit": "markdown", "step": 2, "share_rate": 0.5, "max_share_rate": 0.2, "days": 14.0},
]
HOLDING = {"exit": "holding", "share_rate": 0.365, "base": "landed", "days": 365.0}
DESTROY = {"exit": "destroy", "share_rate": np.nan, "base": "fee", "fee": 3.0, "days": 7.0}


def exits(
    *rows: dict,
    goods: pd.DataFrame | None = None,
    economics: pd.DataFrame | None = None,
    events: pd.DataFrame | None = None,
    demand: pd.DataFrame | None = None,
    fees: pd.DataFrame | None = None,
    **scope,
) -> pd.DataFrame:
    return best_exits(
        case.catalogue() if goods is None else goods,
        case.economics() if economics is None else economics,
        rules(*rows),
        calendar(*CALENDAR) if events is None else events,
        case.draws(**DEMAND) if demand is None else demand,
        scope=case.scope(**scope),
        fees=fees,
    )


def row(frame: pd.DataFrame, name: str, step: int = 1) -> pd.Series:
    return frame[(frame["exit"] == name) & (frame["exit_step"] == step)].iloc[0]


def test_kept_for_ordinary_days_a_unit_saves_the_next_purchase_less_what_waiting_costs():
    first, second = (row(exits(HOLDING, *ORDINARY), "ordinary", step) for step in (1, 2))
    # 50 landed, 0.1 % a day: half of 30 days, then 30 days and half of 30
    assert first["unit_revenue"] == pytest.approx(50 - 50 * 0.001 * 15)
    assert second["unit_revenue"] == pytest.approx(50 - 50 * 0.001 * 45)
    assert first["max_units"] == second["max_units"] == pytest.approx(60)
    assert (first["done_by"], second["done_by"]) == tuple(
        pd.to_datetime(["2026-12-31", "2027-01-30"])
    )


def test_a_net_price_below_the_landed_cost_is_what_keeping_brings():
    frame = exits(*ORDINARY, economics=case.economics(price=60.0), goods=case.catalogue(
        {"sku": "A", "price": 60.0}
    ))  # fmt: skip
    assert row(frame, "ordinary")["unit_revenue"] == pytest.approx(60 - 20)


def test_exits_after_the_event_go_by_the_ordinary_price_and_the_next_event_by_the_campaigns():
    frame = exits(
        {"exit": "ordinary", "fee": 20.0},
        {"exit": "next_event", "max_share_rate": 0.5, "fee": 20.0},
        {"exit": "markdown", "share_rate": 0.7, "max_share_rate": 0.1, "days": 14.0},
        economics=case.economics(
            price=60.0, sale_price=55.0, ordinary_price=80.0, selling_cost=30.0
        ),
    )
    assert row(frame, "ordinary")["unit_revenue"] == pytest.approx((60 - 30) * 80 / 60 - 20)
    assert row(frame, "next_event")["unit_revenue"] == pytest.approx(55 - 30 - 20)
    assert row(frame, "markdown")["unit_revenue"] == pytest.approx(0.7 * 80 - 30)


def test_no_exit_is_worth_more_than_a_sale_at_the_mean_price_and_the_cap_is_told():
    # Landed 50; a sale nets 30, an ordinary day 40: kept units would be dearer than sold ones.
    dear = {"price": 60.0, "ordinary_price": 80.0, "selling_cost": 30.0}
    kept = row(exits(*ORDINARY, economics=case.economics(**dear)), "ordinary")
    assert kept["unit_revenue"] == 30
    assert "reason.exit_capped_by_sale|net=30.00|currency=THB" in kept["reason"].split(";")
    shut, own = {"exit": "other_channel"}, {"policy": {"leftover_value_rate": 0.9}}
    flat = row(exits(shut, economics=case.economics(**dear), **own), "leftover_rate")
    assert flat["unit_revenue"] == 30
    assert "reason.exit_capped_by_sale|net=30.00" in flat["reason"]
    free = row(exits(*ORDINARY, economics=case.economics()), "ordinary")
    assert "capped_by_sale" not in free["reason"]


def test_where_a_sale_nets_less_than_nothing_a_kept_unit_is_worth_nothing():
    lost = case.economics(price=60.0, selling_cost=70.0)
    frame = exits({"exit": "other_channel"}, DESTROY, economics=lost)
    assert row(frame, "destroy")["unit_revenue"] == -3
    frame = exits({"exit": "other_channel"}, economics=lost)
    assert row(frame, "leftover_rate")["unit_revenue"] == 0


def test_storage_from_the_end_of_the_horizon_is_paid_and_an_unknown_tariff_is_named():
    known = case.fees(storage=(10.0, "cbm_day"))
    paid, unknown = exits(*ORDINARY, fees=known), exits(*ORDINARY)
    assert row(paid, "ordinary")["unit_revenue"] == pytest.approx(50 - 10 * 0.002 * 15)
    assert row(unknown, "ordinary")["unit_revenue"] == pytest.approx(50)
    assert row(unknown, "ordinary")["reason"].endswith("reason.exit_storage_unknown")
    assert "storage" not in row(paid, "ordinary")["reason"]


def test_the_next_event_is_the_first_of_the_same_kind_after_the_horizon():
    found = row(
        exits(HOLDING, {"exit": "next_event", "max_share_rate": 0.5, "days": 90.0}), "next_event"
    )
    assert found["done_by"] == pd.Timestamp("2026-12-13")
    assert found["unit_revenue"] == pytest.approx(50 - 50 * 0.001 * 11)
    assert found["max_units"] == pytest.approx(0.5 * 260)
    other = row(
        exits({"exit": "next_event", "days": 90.0}, events=calendar(CALENDAR[1])), "next_event"
    )
    assert other["done_by"] == pd.Timestamp("2026-12-03")


def test_without_a_later_event_that_exit_is_closed_with_its_reason():
    for day in ("2026-11-20", "2027-03-02"):
        far = calendar(("e", "double_date", day, day))
        found = row(exits({"exit": "next_event", "days": 90.0}, events=far), "next_event")
        assert not found["is_open"]
        assert found["reason"] == "reason.exit_no_event"


def test_a_ladder_of_markdowns_goes_down_in_price_and_on_in_time():
    frame = exits(HOLDING, *MARKDOWN)
    first, second = row(frame, "markdown", 1), row(frame, "markdown", 2)
    assert first["unit_revenue"] == pytest.approx(50 - 50 * 0.001 * 7)  # 70 net, capped at landed
    assert second["unit_revenue"] == pytest.approx(50 - 20 - 50 * 0.001 * 21)
    assert [first["max_units"], second["max_units"]] == pytest.approx([28, 56])
    assert [first["done_by"], second["done_by"]] == list(
        pd.to_datetime(["2026-11-26", "2026-12-10"])
    )


def test_no_markdown_starts_before_a_price_lock_ends():
    frame = exits(*MARKDOWN, plan={"price_lock_on": "2026-10-20"})
    first, second = row(frame, "markdown", 1), row(frame, "markdown", 2)
    assert not first["is_open"]
    assert first["reason"] == "reason.exit_price_locked|until=2026-11-20"
    assert second["is_open"]
    assert row(exits(*MARKDOWN), "markdown", 1)["is_open"]


def test_another_channel_takes_its_share_of_ordinary_days_at_its_own_net_price():
    channels = [
        {"channel": "lazada", "warehouse": "house", "net_price_ratio": 0.5, "demand_ratio": 0.4},
        {"channel": "shop-1", "warehouse": "house", "demand_ratio": 1.0},
    ]
    frame = exits({"exit": "other_channel", "max_share_rate": 0.5}, channels=channels)
    found = frame[frame["exit"] == "other_channel"]
    assert found["unit_revenue"].tolist() == pytest.approx([0.5 * 80])
    assert found["max_units"].tolist() == pytest.approx([0.5 * 0.4 * 2 * 30])
    closed = row(exits({"exit": "other_channel"}), "other_channel")
    assert closed["reason"] == "reason.exit_no_channel"


def two_markets(**transfer) -> pd.DataFrame:
    there = case.economics(market="VN", price=90.0, landed_cost=45.0)
    both = case.draws(**DEMAND)
    move = {"from_warehouse": "house", "to_warehouse": "house-vn", "days": 6.0, **transfer}
    return exits(
        {"exit": "other_market", "max_share_rate": 0.5},
        DESTROY,
        economics=pd.concat([case.economics(), there], ignore_index=True),
        demand=pd.concat([both, both.assign(market="VN", shop="shop-vn-1")]),
        markets=("TH", "VN"),
        transfers=[move],
    )


def test_another_market_pays_its_own_worth_less_the_transfer():
    frame = two_markets(unit_cost=4.0, kg_cost=2.0)
    found = row(frame[frame["market"] == "TH"], "other_market")
    assert found["unit_revenue"] == pytest.approx(45 - 4 - 2 * 0.5)
    assert found["max_units"] == pytest.approx(0.5 * 2 * 30)
    assert (
        row(frame[frame["market"] == "VN"], "other_market")["reason"] == "reason.exit_no_transfer"
    )


def test_a_transfer_without_a_price_opens_no_exit():
    frame = two_markets()
    found = row(frame[frame["market"] == "TH"], "other_market")
    assert not found["is_open"]
    assert found["reason"] == "reason.exit_cost_unknown"


def test_destroying_costs_its_fee_and_the_sellers_own_fee_comes_first():
    assert row(exits(DESTROY), "destroy")["unit_revenue"] == -3
    own = best_exits(
        case.catalogue(),
        case.economics(),
        rules(DESTROY),
        calendar(),
        case.draws(**DEMAND),
        scope=case.scope(fees={"exit.destroy": 5.0, "TH.exit.destroy": 7.0}),
    )
    assert row(own, "destroy")["unit_revenue"] == -7


def test_a_fee_nobody_gave_closes_the_exit_and_is_not_nothing():
    unknown = {**DESTROY, "fee": np.nan}
    home = {"exit": "ship_home", "share_rate": 0.5, "base": "landed", "fee": np.nan}
    frame = exits(unknown, home, *ORDINARY)
    for name in ("destroy", "ship_home"):
        found = row(frame, name)
        assert not found["is_open"]
        assert np.isnan(found["unit_revenue"])
        assert found["reason"] == "reason.exit_fee_unknown"


def test_goods_shipped_home_keep_a_share_of_what_they_cost():
    home = {"exit": "ship_home", "share_rate": 0.5, "base": "landed", "fee": 8.0}
    assert row(exits(home), "ship_home")["unit_revenue"] == pytest.approx(0.5 * 50 - 8)


def test_a_row_of_the_market_comes_before_one_of_any():
    frame = exits(DESTROY, {**DESTROY, "market": "TH", "fee": 9.0})
    assert row(frame, "destroy")["unit_revenue"] == -9


def test_the_best_open_exit_is_first_and_closed_ones_are_last():
    unknown = {"exit": "ship_home", "share_rate": 0.5, "base": "landed", "fee": np.nan}
    frame = exits(HOLDING, *ORDINARY, *MARKDOWN, DESTROY, unknown)
    is_open = frame["is_open"].tolist()
    assert is_open == sorted(is_open, reverse=True)
    revenue = frame.loc[frame["is_open"], "unit_revenue"]
    assert revenue.is_monotonic_decreasing
    assert frame["rank"].tolist() == list(range(1, len(frame) + 1))


def test_no_exit_is_worth_more_than_the_landed_cost():
    frame = exits(*ORDINARY, *MARKDOWN, {"exit": "next_event"})
    assert (frame.loc[frame["is_open"], "unit_revenue"] <= 50).all()


def test_a_rate_the_seller_wrote_caps_every_exit_and_a_default_caps_none():
    capped = exits(*ORDINARY, DESTROY, policy={"leftover_value_rate": 0.5})
    assert row(capped, "ordinary")["unit_revenue"] == pytest.approx(25)
    assert "reason.exit_capped|share=0.50" in row(capped, "ordinary")["reason"]
    assert row(capped, "destroy")["unit_revenue"] == -3
    assert row(exits(*ORDINARY), "ordinary")["unit_revenue"] == pytest.approx(50)


def test_a_campaign_that_sets_another_policy_key_does_not_make_the_rate_the_sellers_own():
    scope = case.scope()
    said = {"rule": "profit"}
    campaign = scope.campaign.model_copy(update={"policy": said})
    described = scope.seller.model_dump(mode="json", exclude_unset=True)
    seller = read_seller(described, where="test")
    changed = scope_of(campaign, seller)
    assert "leftover_value_rate" not in changed.policy.model_fields_set
    assert changed.policy.model_fields_set == {"rule"}


@pytest.mark.parametrize(
    ("policy", "worth", "reason"),
    [({}, 30.0, "assumed"), ({"leftover_value_rate": 0.4}, 20.0, "own")],
)
def test_where_no_exit_is_open_the_flat_rate_stands_in_and_says_whose_it_is(
    policy: dict, worth: float, reason: str
):
    frame = exits({**DESTROY, "fee": np.nan}, policy=policy)
    found = frame.iloc[0]
    assert (found["exit"], found["is_open"]) == ("leftover_rate", True)
    assert found["unit_revenue"] == pytest.approx(worth)
    assert found["reason"].startswith(f"reason.leftover_rate_{reason}")
    assert case.leftover_value(frame, [[7.0]]).tolist() == [[pytest.approx(7 * worth)]]


def test_a_sku_without_a_known_cost_has_no_open_exit_and_no_known_worth():
    frame = exits(*ORDINARY, economics=case.economics(landed_cost=np.nan, selling_cost=np.nan))
    assert not frame["is_open"].any()
    assert np.isnan(case.leftover_value(frame, [[0.0, 5.0]])).all()


def test_goods_of_unknown_cost_are_not_destroyed_for_want_of_another_price():
    blind = case.economics(landed_cost=np.nan)
    found = row(exits(*ORDINARY, DESTROY, economics=blind), "destroy")
    assert (found["is_open"], found["reason"]) == (False, "reason.exit_cost_unknown")


def test_a_sku_that_nobody_buys_on_ordinary_days_is_not_kept_for_them():
    frame = exits(*ORDINARY, DESTROY, demand=case.draws(sale=[10.0, 20.0], after=[0.0, 0.0]))
    assert row(frame, "ordinary")["reason"] == "reason.exit_no_demand"
    assert case.leftover_value(frame, [[4.0]]).tolist() == [[-12.0]]


def made(rows: list[tuple[str, float, float, bool]]) -> pd.DataFrame:
    """Exits of SKU A by hand: exit, most, revenue, open."""
    frame = pd.DataFrame(rows, columns=["exit", "max_units", "unit_revenue", "is_open"])
    return frame.assign(market="TH", sku="A")


def test_leftovers_take_the_best_exits_first_each_up_to_its_most():
    frame = made(
        [
            ("markdown", 10.0, 20.0, True),
            ("ordinary", 5.0, 40.0, True),
            ("destroy", np.nan, -2.0, True),
            ("next_event", 50.0, 45.0, False),
        ]
    )
    units = [[0.0, 3.0, 5.0, 9.0, 15.0, 25.0]]
    assert case.leftover_value(frame, units).tolist() == [[0, 120, 200, 280, 400, 380]]


def test_units_that_no_exit_takes_bring_nothing():
    assert case.leftover_value(made([("ordinary", 5.0, 40.0, True)]), [[20.0]]).tolist() == [
        [200.0]
    ]


def test_rows_follow_the_keys_given_and_an_unknown_sku_is_unknown():
    frame = pd.concat([made([("ordinary", 5.0, 40.0, True)]).assign(sku=sku) for sku in "BA"])
    frame.loc[frame["sku"] == "B", "unit_revenue"] = 10.0
    keys = pd.MultiIndex.from_tuples([("TH", "B"), ("TH", "Z"), ("TH", "A")])
    value = case.leftover_value(frame, [[1.0], [1.0], [1.0]], keys=keys)[:, 0]
    assert value[[0, 2]].tolist() == [10.0, 40.0]
    assert np.isnan(value[1])


def at_random(rng: np.random.Generator) -> pd.DataFrame:
    count = int(rng.integers(1, 7))
    most = np.where(rng.random(count) < 0.3, np.nan, rng.integers(0, 30, count).astype(float))
    revenue = rng.normal(10, 20, count)
    return made(list(zip("abcdefg", most, revenue, rng.random(count) < 0.8, strict=False)))


@pytest.mark.parametrize("seed", range(40))
def test_the_value_is_concave_and_worse_exits_never_raise_it(seed: int):
    rng = np.random.default_rng(seed)
    frame = at_random(rng)
    frame.loc[0, "is_open"] = True
    units = np.arange(0.0, 120.0)[None, :]
    value = case.leftover_value(frame, units)[0]
    assert value[0] == 0
    assert (np.diff(value, 2) <= 1e-9).all()
    worse = frame.copy()
    place = int(rng.integers(len(frame)))
    what = ("unit_revenue", "max_units", "is_open")[seed % 3]
    if what == "unit_revenue":
        worse.loc[place, what] -= 15
    elif what == "max_units":
        worse.loc[place, what] /= 2
    elif place:
        worse.loc[place, what] = False
    assert (case.leftover_value(worse, units)[0] <= value + 1e-9).all()


def test_the_ladder_holds_as_many_units_as_its_exits():
    frame = made([("a", 10.0, 5.0, True), ("b", 4.0, 7.0, True)])
    most, revenue = exit_ladder(frame)
    assert most.tolist() == [[4, 10, np.inf]]
    assert revenue.tolist() == [[7, 5, 0]]


def test_the_shipped_register_opens_exits_in_every_market_of_the_register():
    markets = ("UK", "US", "TH", "VN", "MY", "PH", "SG", "ID")
    economics = pd.concat([case.economics(market=market) for market in markets])
    demand = pd.concat([case.draws(**DEMAND).assign(market=market) for market in markets])
    frame = best_exits(
        case.catalogue(),
        economics.reset_index(drop=True),
        case.register(tables.ExitRules),
        case.register(tables.Calendar),
        demand,
        scope=case.scope(markets=markets, fx_rates={"USD": 33.0, "CNY": 4.6}),
    )
    best = frame[frame["rank"] == 1].set_index("market")
    assert sorted(best.index) == sorted(markets)
    assert best["is_open"].all()
    destroyed = frame[frame["exit"] == "destroy"].set_index("market")["unit_revenue"]
    assert destroyed["US"] == pytest.approx(-1.46 * 33)
    assert destroyed.drop("US").isna().all()


def test_no_goods_no_exits():
    frame = best_exits(
        case.catalogue(),
        tables.empty(tables.UnitEconomics),
        rules(DESTROY),
        calendar(),
        case.draws(**DEMAND),
        scope=case.scope(),
    )
    assert frame.empty


def test_where_no_sku_has_a_known_cost_the_ladder_has_no_rows_and_nothing_breaks():
    known = exits(*ORDINARY, *MARKDOWN)
    nobody = pd.MultiIndex.from_arrays([[], []], names=["market", "sku"])
    room, worth = exit_ladder(known, keys=nobody)
    assert room.shape[0] == worth.shape[0] == 0
    assert case.leftover_value(known, np.zeros((0, 3)), keys=nobody).shape == (0, 3)
