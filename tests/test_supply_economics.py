"""What a unit sold earns and a unit left over loses; tariffs and where they come from."""

import math

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.errors import ConfigError
from planner.supply.charges.economics import in_the_rush, unit_economics
from planner.supply.charges.tariffs import per_unit, storage_per_cbm, tariffs_in_force
from planner.supply.trips.lanes import chain_dates

ALL_FEES = {
    "head_haul": (np.nan, "unit"),
    "clearance": (1.0, "unit"),
    "inbound": (2.0, "unit"),
    "storage": (0.5, "cbm_day"),
    "outbound": (5.0, "unit"),
    "returns": (4.0, "unit"),
    "commission": (0.06, "share_price"),
    "transaction": (0.03, "share_price"),
    "duty": (0.1, "share_cost"),
    "order_fee": (1.0, "order"),
}


def economics(
    *,
    goods: dict | None = None,
    fees: pd.DataFrame | None = None,
    rate: float = 0.1,
    unit_prices: pd.DataFrame | None = None,
    rush: float | None = None,
    **scope,
) -> pd.Series:
    chosen = case.scope(**scope)
    options = case.options(chosen)
    frame = unit_economics(
        case.catalogue({"sku": "A", **(goods or {})}),
        options,
        case.fees(**ALL_FEES) if fees is None else fees,
        case.returns(rate),
        scope=chosen,
        unit_prices=unit_prices,
        rush=None if rush is None else pd.Series([rush], pd.MultiIndex.from_tuples([("TH", "A")])),
    )
    return frame.iloc[0]


def fees_without(*terms: str) -> pd.DataFrame:
    return case.fees(
        **{
            term: (np.nan if term in terms else value, unit)
            for term, (value, unit) in ALL_FEES.items()
        }
    )


def test_every_term_of_a_unit_by_hand():
    row = economics()
    landed = 40 + 0.002 * 500 + 1 + 2 + 0.1 * 40
    leftover = 0.6 * landed
    returns = 0.1 * (100 + 4 - 0.5 * leftover)
    selling = 6 + 3 + 5 + 1 + returns
    assert row["price"] == 100
    assert row["landed_cost"] == pytest.approx(landed) == pytest.approx(48)
    assert row["leftover_revenue"] == pytest.approx(leftover)
    assert row["selling_cost"] == pytest.approx(selling)
    assert row["margin_profit"] == pytest.approx(100 - landed - selling)
    assert row["under_cost"] == row["margin_profit"]
    assert row["over_cost"] == pytest.approx(landed - leftover)
    assert row["critical_ratio"] == pytest.approx(
        row["under_cost"] / (row["under_cost"] + row["over_cost"])
    )
    assert row["missing"] == ""


def test_the_campaign_price_counts_where_there_is_one():
    assert economics(goods={"promo_price": 80.0})["price"] == 80


def test_a_unit_sells_at_the_mean_of_sale_and_ordinary_price_and_both_stand_beside():
    prices = pd.DataFrame(
        {"market": ["TH"], "sku": ["A"], "price": [88.0], "sale_price": [60.0],
         "warm_up_price": [93.0], "tail_price": [94.0], "ordinary_price": [95.0],
         "price_source": ["price_source.paid|days=56|units=40"]}
    )  # fmt: skip
    at_mean = economics(goods={"promo_price": 60.0}, unit_prices=prices)
    assert (at_mean["price"], at_mean["sale_price"], at_mean["ordinary_price"]) == (88, 60, 95)
    assert at_mean["price_source"].startswith("price_source.paid")
    in_the_sale = economics(goods={"promo_price": 60.0})
    assert in_the_sale["price"] == in_the_sale["sale_price"] == 60
    # commission 6 %, transaction 3 % and a tenth returned go by the price
    more = 28 * (1 - 0.06 - 0.03 - 0.1)
    assert at_mean["margin_profit"] - in_the_sale["margin_profit"] == pytest.approx(more)
    assert at_mean["critical_ratio"] > in_the_sale["critical_ratio"]


def test_a_rush_of_parcels_is_paid_by_what_is_sold_and_by_no_unit_ordered():
    plain, rush = economics(), economics(rush=0.3)
    assert rush["landed_cost"] == plain["landed_cost"]
    assert rush["selling_cost"] - plain["selling_cost"] == pytest.approx(0.3 * 5.0)
    unknown = economics(rush=np.nan)
    assert unknown["selling_cost"] == plain["selling_cost"]
    assert "cost.surcharge" in unknown["missing"].split(";")


def test_a_unit_sold_in_the_rush_pays_all_of_it_and_not_the_mean():
    keys = pd.MultiIndex.from_tuples([("TH", "A")], names=["market", "sku"])
    mean = economics(rush=0.1).to_frame().T
    row = in_the_rush(
        mean, case.catalogue({"sku": "A"}), case.fees(**ALL_FEES), scope=case.scope(),
        rush=pd.Series([0.1], keys), full=pd.Series({"TH": 0.3}),
    ).iloc[0]  # fmt: skip
    in_full = economics(rush=0.3)
    for name in ("selling_cost", "margin_profit", "under_cost"):
        assert row[name] == pytest.approx(in_full[name])


def test_a_stock_out_penalty_adds_to_what_a_missed_sale_costs():
    plain, strict = economics(), economics(policy={"stock_out_penalty_rate": 0.2})
    assert strict["under_cost"] - plain["under_cost"] == pytest.approx(20)
    assert strict["critical_ratio"] > plain["critical_ratio"]


@pytest.mark.parametrize(
    ("goods", "missing"),
    [
        ({"unit_cost": np.nan}, "cost.goods;cost.duty"),
        ({"price": np.nan}, "cost.price;cost.commission;cost.transaction"),
        ({"weight_kg": np.nan}, "cost.head_haul"),
    ],
)
def test_without_price_cost_or_freight_the_margin_is_unknown_and_the_gap_named(
    goods: dict, missing: str
):
    row = economics(goods=goods)
    assert math.isnan(row["margin_profit"])
    assert math.isnan(row["critical_ratio"])
    assert row["missing"] == missing


def test_an_unknown_commission_makes_the_margin_unknown():
    row = economics(fees=fees_without("commission"))
    assert math.isnan(row["margin_profit"])
    assert row["missing"] == "cost.commission"
    assert not math.isnan(row["landed_cost"])


def test_a_smaller_unknown_term_is_left_out_and_named():
    row = economics(fees=fees_without("duty", "outbound"))
    assert row["landed_cost"] == pytest.approx(44)
    assert row["missing"] == "cost.duty;cost.outbound"


def test_an_empty_register_names_all_that_nobody_gave():
    row = economics(fees=tables.empty(tables.Fees))
    names = ["clearance", "inbound", "duty", "commission", "transaction", "outbound", "returns"]
    assert row["missing"] == ";".join(f"cost.{name}" for name in names)


def test_the_value_of_a_leftover_moves_the_ratio():
    ratios = [
        economics(policy={"leftover_value_rate": rate})["critical_ratio"] for rate in (0, 0.5, 0.9)
    ]
    assert ratios == sorted(ratios)
    assert ratios[0] < ratios[2]


def test_a_leftover_is_never_worth_more_than_a_sale_nets_returns_included():
    # Landed is beyond the price: 95 % of it would be more than a sale brings.
    row = economics(goods={"unit_cost": 150.0}, policy={"leftover_value_rate": 0.95})
    assert row["leftover_revenue"] < 0.95 * row["landed_cost"]
    assert row["leftover_revenue"] == pytest.approx(row["price"] - row["selling_cost"])
    assert row["over_cost"] == pytest.approx(-row["margin_profit"])
    free = economics(policy={"leftover_value_rate": 0.95})
    assert free["leftover_revenue"] == pytest.approx(0.95 * free["landed_cost"])


def test_a_sale_that_nets_less_than_nothing_leaves_leftovers_worth_nothing():
    row = economics(goods={"price": 4.0, "promo_price": 4.0})
    assert row["price"] < row["selling_cost"]
    assert row["leftover_revenue"] == 0


def test_no_lane_in_time_still_prices_what_is_missed():
    row = economics(as_of="2026-10-30")
    assert row["margin_profit"] > 0


def test_a_known_zero_needs_no_measure():
    row = economics(goods={"unit_cost": np.nan}, contract={"duty": "DDP"})
    assert row["missing"] == "cost.goods"


def test_the_shipped_registers_price_a_unit_in_every_market():
    markets = ("UK", "US", "TH", "VN", "MY", "PH", "SG", "ID")
    rates = {"USD": 33.0, "GBP": 44.0, "MYR": 8.0, "SGD": 25.0, "PHP": 0.6, "VND": 0.0013}
    scope = case.scope(markets=markets, fx_rates={**rates, "IDR": 0.002, "CNY": 4.6})
    bounds, windows = case.register(tables.Bounds), case.register(tables.RiskWindows)
    frame = unit_economics(
        case.catalogue(),
        chain_dates(case.register(tables.Lanes), windows, bounds, scope=scope),
        case.register(tables.Fees),
        case.register(tables.ReturnRates),
        scope=scope,
    ).set_index("market")
    unpriced = ["ID", "MY", "VN"]
    assert sorted(frame.index[frame["margin_profit"].isna()]) == unpriced
    assert "cost.commission" in frame.loc["ID", "missing"]
    assert frame.loc[["MY", "VN"], "missing"].str.startswith("cost.head_haul").all()
    assert frame["missing"].str.contains("cost.returns").all()


def tariffs(known: pd.DataFrame | None = None, **scope) -> pd.DataFrame:
    chosen = case.scope(**scope)
    return tariffs_in_force(case.fees(**ALL_FEES) if known is None else known, scope=chosen)


def value(frame: pd.DataFrame, term: str) -> tuple[float, str]:
    row = frame[frame["term"] == term].iloc[0]
    return row["value"], row["source"]


def test_the_sellers_own_figure_beats_the_register_and_a_market_beats_a_term():
    frame = tariffs(fees_without("outbound"), fees={"outbound": 9.0, "TH.inbound": 3.0})
    assert value(frame, "outbound") == (9.0, "seller.yml: fees")
    assert value(frame, "inbound") == (3.0, "seller.yml: fees")
    assert value(frame, "returns")[0] == 4.0


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("outbond", "outbond is no cost term; did you mean outbound"),
        ("TH.comission", "TH.comission is no cost term; did you mean commission"),
        ("VN.outbound", "VN.outbound: the seller sells in TH, not VN"),
    ],
)
def test_a_key_of_the_sellers_fees_that_nobody_reads_is_refused_by_name(key: str, told: str):
    with pytest.raises(ConfigError, match=told):
        tariffs(fees={key: 9.0})


def test_what_the_contract_includes_is_a_known_zero():
    frame = tariffs(contract={"has_clearance": True, "duty": "DDP"})
    assert value(frame, "clearance") == (0.0, "seller.yml: contract.has_clearance")
    assert value(frame, "duty")[0] == 0
    assert value(tariffs(contract={"duty": "DDU"}), "duty")[0] == 0.1


def test_a_tariff_in_another_currency_needs_a_rate():
    dollars = case.fees(outbound=(2.0, "unit"), commission=(0.05, "share_price")).assign(
        currency="USD"
    )
    assert value(tariffs(dollars, fx_rates={"USD": 36.0}), "outbound")[0] == 72
    unknown, source = value(tariffs(dollars), "outbound")
    assert math.isnan(unknown)
    assert source == "no exchange rate for USD in seller.yml"
    assert value(tariffs(dollars), "commission")[0] == 0.05


@pytest.mark.parametrize(
    ("unit", "cost"),
    [("unit", 2.0), ("kg", 1.0), ("cbm", 0.004), ("share_price", 200), ("share_cost", 80)],
)
def test_a_tariff_goes_by_its_unit(unit: str, cost: float):
    goods = case.catalogue()[["sku", "price", "unit_cost", "weight_kg", "volume_cbm"]]
    goods = goods.assign(market="TH")
    frame = tariffs(case.fees(inbound=(2.0, unit)))
    assert per_unit(frame, "inbound", goods).to_list() == pytest.approx([cost])


def test_a_tariff_per_shipment_costs_one_more_unit_nothing_and_unknown_stays_unknown():
    goods = case.catalogue().assign(market="TH")
    known = tariffs(case.fees(clearance=(650.0, "shipment")))
    assert per_unit(known, "clearance", goods).to_list() == [0]
    unknown = tariffs(case.fees(clearance=(np.nan, "shipment")))
    assert per_unit(unknown, "clearance", goods).isna().all()


def test_storage_by_hand_with_free_days_and_tiers():
    frame = tariffs(case.fees(storage=(1.0, "cbm_day"), storage_from_31=(3.0, "cbm_day")))
    kept = np.array([1.0])
    stay = {"days": 40, "left_share": kept}
    assert storage_per_cbm(frame, "TH", free_days=0, **stay).tolist() == [30 * 1 + 10 * 3]
    assert storage_per_cbm(frame, "TH", free_days=20, **stay).tolist() == [10 * 1 + 10 * 3]
    sold_out = storage_per_cbm(frame, "TH", days=40, free_days=0, left_share=np.array([0.0]))
    assert sold_out.tolist() == pytest.approx([30 * (1 - 15 / 40) + 3 * 10 * (1 - 35 / 40)])


def test_unknown_storage_is_unknown():
    frame = tariffs(case.fees(storage=(np.nan, "cbm_day")))
    cost = storage_per_cbm(frame, "TH", days=30, free_days=0, left_share=np.array([0.5]))
    assert np.isnan(cost).all()


def test_a_share_over_one_is_refused_with_the_figure_it_was_meant_to_be():
    with pytest.raises(ConfigError, match=r"commission: 6\.5 .* is written 0\.065"):
        tariffs(fees={"commission": 6.5})
