"""Channels of one warehouse: kept apart by default, protected in a pool, compared in money."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner.errors import ConfigError
from planner.pages.telling import tell_reason
from planner.supply.sharing.channels import breaches, protect, release_clock
from planner.supply.sharing.seats import held_units, seats_of

POOLED = [
    {"channel": "shop-1", "warehouse": "house", "pool": "th"},
    {"channel": "shop-2", "warehouse": "house", "pool": "th", "net_price_ratio": 0.7},
]
WORLDS = 200


def plan(sku: str = "A", *, available: float = 60.0, ordered: int = 60) -> pd.DataFrame:
    row = {"market": "TH", "sku": sku, "available_units": available, "order_units": ordered}
    return pd.DataFrame([row])


def draws(seed: int, *means: float, sku: str = "A") -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    parts = [
        case.draws_of({sku: {"sale": rng.negative_binomial(4, 4 / (4 + mean), WORLDS).tolist()}},
                      shop=f"shop-{n}")
        for n, mean in enumerate(means, 1)
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def protected(seed: int = 1, *, channels: list[dict] = POOLED, held: int = 120, **more):
    scope = case.scope(shops=2, channels=channels)
    given = {"economics": case.economics(), "scope": scope, **more}
    half = held // 2
    return protect(draws(seed, 60, 80), plan=plan(available=held - half, ordered=half), **given)


def test_two_channels_of_a_pool_are_kept_apart_by_littlewoods_level():
    kept, _ = protected()
    # Worth above a leftover of 40: 80 less 40, and 0.7 * 80 less 40.
    demand = np.array(draws(1, 60, 80)["draws"].iloc[0])
    level = case.littlewood(demand, 40.0, 16.0)
    first, last = kept.to_dict("records")
    assert (first["channel"], first["protected_units"], first["limit_units"]) == (
        "shop-1", level, 120,
    )  # fmt: skip
    assert (last["channel"], last["protected_units"]) == ("shop-2", 0)
    assert last["limit_units"] == last["partition_units"] == 120 - level
    assert kept["partition_units"].sum() == 120
    assert kept["unit_profit"].tolist() == pytest.approx([30.0, 6.0])


def test_without_a_pool_nobody_draws_on_anothers_units():
    kept, worth = protected(channels=[])
    assert kept["draws_on"].tolist() == ["", ""]
    assert kept["limit_units"].tolist() == kept["partition_units"].tolist()
    assert kept["partition_units"].sum() == 120
    agreed = worth.set_index("pooling")["is_agreed"]
    assert agreed.to_dict() == {
        "protected": True, "split": True, "pooled": False, "opened": False,
    }  # fmt: skip
    assert "reason.pool_not_told" in worth.set_index("pooling").loc["opened", "reason"]


@pytest.mark.parametrize("seed", range(6))
def test_protection_is_worth_no_less_than_split_and_pool(seed: int):
    # Order assumed: the channel that earns less sells first. Draws by shop are independent.
    for held in (60, 120, 240):
        worth = protected(seed, held=held)[1].set_index("pooling")["expected_profit"]
        slack = 0.01 * abs(worth["protected"])
        assert worth["protected"] >= worth["pooled"] - slack
        assert worth["protected"] >= worth["split"] - slack


@pytest.mark.parametrize("seed", range(6))
def test_the_best_partition_is_never_below_the_split_by_means(seed: int):
    worth = protected(seed, channels=[])[1].set_index("pooling")["expected_profit"]
    assert worth["protected"] >= worth["split"] - 1e-6


def test_the_money_of_a_split_is_that_of_two_newsvendors():
    table = protected(held=100)[1].set_index("pooling")
    rows = draws(1, 60, 80)["draws"]
    demand = np.array(rows.tolist())
    shares = 100 * demand.mean(axis=1) / demand.mean(axis=1).sum()
    units = np.round(shares)
    sold = np.minimum(demand, units[:, None]).mean(axis=1)
    profit = sold @ [80.0, 56.0] + 40.0 * (100 - sold.sum()) - 50.0 * 100
    assert table.loc["split", "expected_profit"] == pytest.approx(profit)


def test_units_promised_to_a_campaign_come_first_and_cannot_exceed_the_stock():
    promised = [{**POOLED[0]}, {**POOLED[1], "locked_units": {"A": 50}}]
    kept, _ = protected(channels=promised)
    row = kept.set_index("channel").loc["shop-2"]
    assert row["locked_units"] == 50
    assert row["partition_units"] >= 50
    assert kept["partition_units"].sum() == 120
    over = protected(channels=[{**POOLED[0]}, {**POOLED[1], "locked_units": {"A": 500}}])[0]
    assert over.set_index("channel")["partition_units"].to_dict() == {"shop-1": 0, "shop-2": 120}
    assert "reason.locked_over_stock|promised=500|stock=120" in over["reason"].iloc[1]


def test_a_channel_without_exports_has_the_shops_demand_times_its_ratio_dealt_anew():
    lone = [{"channel": "lazada", "warehouse": "house", "demand_ratio": 0.5}]
    kept, _ = protect(draws(1, 60), case.economics(), plan(), scope=case.scope(channels=lone))
    means = kept.set_index("channel")["demand_units"]
    assert means["lazada"] == pytest.approx(means["shop-1"] / 2)
    again, _ = protect(draws(1, 60), case.economics(), plan(), scope=case.scope(channels=lone))
    pd.testing.assert_frame_equal(kept, again)


def test_a_channel_of_unknown_demand_says_so_and_keeps_its_promise():
    silent = [{"channel": "lazada", "warehouse": "house", "locked_units": {"A": 7}}]
    kept, _ = protect(draws(1, 60), case.economics(), plan(), scope=case.scope(channels=silent))
    row = kept.set_index("channel").loc["lazada"]
    assert (row["locked_units"], row["partition_units"]) == (7, 7)
    assert row["reason"].endswith("reason.channel_demand_unknown")


def test_unknown_money_parts_the_stock_by_demand_and_names_it():
    kept, worth = protected(economics=case.economics(price=np.nan))
    assert kept["partition_units"].sum() == 120
    assert kept["unit_profit"].isna().all()
    assert worth["expected_profit"].isna().all()
    assert not worth["is_best"].any()
    assert worth["reason"].str.contains("reason.pool_skus_unpriced|n=1", regex=False).all()


def test_overselling_costs_the_penalty_and_is_unknown_without_the_hours():
    policy = {"stock_out_penalty_rate": 0.1}
    scope = case.scope(shops=2, channels=POOLED, policy=policy)
    daily = pd.DataFrame({
        "shop": ["shop-1", "shop-2"], "sku": "A", "phase": "sale", "mean_units": [24.0, 24.0],
    })  # fmt: skip
    given = (draws(1, 60, 80), case.economics(under_cost=40.0), plan(available=10.0, ordered=10))
    silent = protect(*given, scope=scope, daily=daily)[1].set_index("pooling")
    assert np.isnan(silent.loc["pooled", "oversold_units"])
    assert silent.loc["split", "oversold_units"] == 0
    told = protect(*given, scope=scope, daily=daily, sync_hours=2)[1].set_index("pooling")
    # 48 a day for 2 hours: 4 units, where as many are asked for.
    assert told.loc["pooled", "oversold_units"] == pytest.approx(4, abs=0.2)
    gap = silent.loc["pooled", "expected_profit"] - told.loc["pooled", "expected_profit"]
    assert gap == pytest.approx(10 * told.loc["pooled", "oversold_units"])


def test_a_warehouse_of_one_channel_needs_no_plan():
    kept, worth = protect(draws(1, 60), case.economics(), plan(), scope=case.scope())
    assert kept.empty
    assert worth.empty


def test_a_channel_on_an_unknown_or_another_warehouse_is_refused_by_name():
    lost = case.scope(channels=[{"channel": "lazada", "warehouse": "nowhere"}])
    with pytest.raises(ConfigError, match="lazada draws on warehouse 'nowhere'"):
        seats_of(lost)
    houses = [{"warehouse": "house", "market": "TH"}, {"warehouse": "other", "market": "TH"}]
    two = case.scope(warehouses=houses, channels=[{"channel": "shop-1", "warehouse": "other"}])
    with pytest.raises(ConfigError, match="write the same warehouse in both"):
        seats_of(two)


def test_the_units_of_two_warehouses_add_up_to_those_of_the_market():
    scope = case.scope(shops=2, warehouses=[
        {"warehouse": "house", "market": "TH"}, {"warehouse": "other", "market": "TH"},
    ])  # fmt: skip
    seller = scope.seller.model_dump(mode="json")
    seller["shops"][1]["warehouse"] = "other"
    both = scope.model_copy(update={"seller": type(scope.seller).model_validate(seller)})
    units = held_units(plan(available=60.9, ordered=61), draws(1, 60, 80), scope=both)
    assert units.sum() == 121
    assert (units > 0).all()


def test_a_channel_that_sold_more_than_its_limit_is_a_breach():
    kept, _ = protected()
    limit = int(kept["limit_units"].iloc[1])
    sold = pd.DataFrame({
        "warehouse": "house", "sku": "A", "channel": ["shop-1", "shop-2", "shop-2"],
        "units": [5, limit, 3],
    })  # fmt: skip
    found = breaches(kept, sold)
    assert [(row.channel, row.sold_units - row.limit_units) for row in found] == [("shop-2", 3)]
    assert breaches(kept, sold.iloc[:2]) == []


def test_protection_is_released_as_the_demand_to_come_shrinks():
    kept, _ = protected()
    daily = pd.DataFrame({
        "shop": "shop-1", "market": "TH", "sku": "A", "phase": "sale", "mean_units": [30.0, 10.0],
        "day": pd.to_datetime(["2026-11-08", "2026-11-09"]),
    })  # fmt: skip
    clock = release_clock(kept, daily, scope=case.scope(shops=2, channels=POOLED))
    level = kept["protected_units"].iloc[0]
    assert clock["channel"].unique().tolist() == ["shop-1"]
    assert clock["demand_left_share"].tolist() == [1.0, 0.25]
    assert clock["protected_units"].tolist() == [level, np.ceil(level / 4)]


@pytest.mark.parametrize("seed", range(4))
def test_if_orders_come_mixed_protection_that_is_released_is_worth_no_less_than_a_pool(seed: int):
    worth = protected(seed)[1].set_index("pooling")["mixed_profit"]
    assert worth["protected"] >= worth["pooled"] - 0.01 * abs(worth["pooled"])


def test_every_reason_is_told_in_both_languages():
    for part in [*protected(), *protected(channels=[]), *protected(sync_hours=1.0)]:
        for reason in part["reason"]:
            for lang in ("zh", "en"):
                assert not tell_reason(reason, lang).startswith("reason.")


@pytest.mark.parametrize(
    ("money", "why"),
    [
        ({"price": 60.0, "selling_cost": 15.0, "landed_cost": 50.0}, "reason.channel_loses"),
        ({"price": 50.0, "selling_cost": 15.0, "landed_cost": 50.0}, "reason.channel_loses"),
        ({"landed_cost": np.nan, "leftover_revenue": np.nan}, "reason.channel_unpriced"),
    ],
)
@pytest.mark.parametrize("pool", ["th", ""])
def test_where_no_channel_earns_anything_units_go_by_demand_and_it_is_said(
    money: dict, why: str, pool: str
):
    channels = [{**row, "pool": pool} for row in POOLED]
    kept, _ = protected(economics=case.economics(**money), channels=channels)
    means = np.array([np.mean(row) for row in draws(1, 60, 80)["draws"]])
    by_hand = 120 * means / means.sum()
    assert np.abs(kept["partition_units"] - by_hand).max() < 1
    assert kept["partition_units"].sum() == 120
    assert kept["reason"].str.contains(why).all()
    whole = (
        [120, 120 - kept["partition_units"].iloc[0]] if pool else kept["partition_units"].tolist()
    )
    assert kept["limit_units"].tolist() == whole
