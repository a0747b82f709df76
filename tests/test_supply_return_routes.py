"""What to do with goods that come back: units conserved, money by hand, break-even of routes."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.leftovers.return_routes import ROUTES, best_from, choose_routes
from planner.supply.quantity.position import stock_position

DEMAND = {
    "warm_up": [70.0, 70.0],
    "sale": [100.0, 200.0],
    "tail": [40.0, 40.0],
    "after": [20.0, 20.0],
}
"""280 units on average."""
FEES = {
    "resell": (4.0, 0.0, 1.0, np.nan, 0.0),
    "refurbish": (12.0, 100.0, 0.8, 0.9, 14.0),
    "bulk_return": (6.0, 500.0, 0.5, 1.0, 45.0),
    "destroy": (2.0, 0.0, 0.0, 1.0, 7.0),
}
"""Fee by unit and batch [THB], share of worth kept, share fit for it, days."""


def route_fees(**changed: tuple) -> pd.DataFrame:
    names = ["unit_fee", "batch_fee", "value_rate", "usable_rate", "days"]
    rows = [
        {"market": "any", "route": route, "currency": "THB", **dict(zip(names, row, strict=True))}
        for route, row in {**FEES, **changed}.items()
    ]
    return case.dated(rows)


def routes(
    rate: float = 0.1,
    *,
    lag_days: float = 14.0,
    resale_rate: float = 0.5,
    fees: pd.DataFrame | None = None,
    economics: pd.DataFrame | None = None,
    demand: pd.DataFrame | None = None,
    **scope,
) -> pd.DataFrame:
    frame = choose_routes(
        case.draws(**DEMAND) if demand is None else demand,
        case.economics() if economics is None else economics,
        case.returns(rate, lag_days=lag_days, resale_rate=resale_rate),
        route_fees() if fees is None else fees,
        scope=case.scope(**scope),
        catalogue=case.catalogue(),
    )
    return frame.set_index("route")


def test_every_route_by_hand():
    frame = routes()
    # 10 % of 280 come back; a sound unit is worth min(100 - 20, 50) = 50
    assert frame["units"].tolist() == pytest.approx([28.0] * 4)
    by_hand = {
        "resell": 0.5 * 50 - 4 - 0.5 * 2,
        "refurbish": 0.9 * 0.8 * 50 - 12 - 0.1 * 2,
        "bulk_return": 0.5 * 50 - 6,
        "destroy": -2.0,
    }
    for route, unit in by_hand.items():
        assert frame.loc[route, "unit_revenue"] == pytest.approx(unit)
    assert frame.loc["refurbish", "route_profit"] == pytest.approx(28 * by_hand["refurbish"] - 100)
    assert frame.index[frame["is_best"]].tolist() == ["refurbish"]


def test_break_even_is_where_the_dearer_batch_has_paid_for_itself():
    frame = routes()
    gain = (0.9 * 0.8 * 50 - 12 - 0.2) - (0.5 * 50 - 4 - 1)
    assert frame.loc["resell", "break_even_units"] == 0
    assert frame.loc["refurbish", "break_even_units"] == pytest.approx(100 / gain)
    assert frame.loc[["bulk_return", "destroy"], "break_even_units"].isna().all()
    few, many = routes(25 / 280), routes(27 / 280)
    assert 25 < 100 / gain < 27
    assert few.index[few["is_best"]].tolist() == ["resell"]
    assert many.index[many["is_best"]].tolist() == ["refurbish"]


@pytest.mark.parametrize("seed", range(25))
def test_break_even_is_where_trying_every_number_puts_it(seed: int):
    rng = np.random.default_rng(seed)
    slope, fixed = rng.normal(5, 4, 4), rng.integers(0, 60, 4).astype(float)
    units = np.linspace(0, 400, 40_001)
    best = (slope[:, None] * units - fixed[:, None]).argmax(axis=0)
    for line, start in enumerate(best_from(slope, fixed)):
        found = np.flatnonzero(best == line)
        if np.isnan(start):
            assert len(found) <= 1
        elif start < 400:
            assert units[found[0]] == pytest.approx(start, abs=0.011)


def test_of_two_equal_lines_the_first_counts_and_an_unknown_one_takes_no_part():
    assert best_from([2.0, 2.0, np.nan], [1.0, 1.0, 0.0])[:1].tolist() == [0.0]
    assert np.isnan(best_from([2.0, 2.0, np.nan], [1.0, 1.0, 0.0])[1:]).all()


@pytest.mark.parametrize("lag_days", [0.0, 5.0, 14.0, 25.0, 60.0])
def test_units_are_conserved_on_every_route(lag_days: float):
    frame = routes(lag_days=lag_days)
    parts = frame[["back_units", "after_units", "lost_units"]].sum(axis=1)
    assert parts.tolist() == pytest.approx(frame["units"].tolist())
    assert frame.loc["destroy", "lost_units"] == pytest.approx(28)


@pytest.mark.parametrize("lag_days", [0.0, 3.5, 14.0, 29.0])
def test_what_is_resold_in_time_is_the_second_supply_that_the_position_counts(lag_days: float):
    demand = case.draws(**DEMAND)
    scope = case.scope()
    held = stock_position(
        case.stock(("A", "on_hand", 10, None, "2026-09-19")),
        demand,
        scope=scope,
        return_rates=case.returns(0.1, lag_days=lag_days, resale_rate=0.5),
        daily=tables.empty(tables.DailySales),
        catalogue=case.catalogue(),
    )
    found = routes(lag_days=lag_days, demand=demand).loc["resell", "back_units"]
    assert found == pytest.approx(held["returning_units"].iloc[0])


def test_refurbishing_takes_longer_so_that_less_of_it_is_back_in_time():
    frame = routes(resale_rate=0.9)
    assert 0 < frame.loc["refurbish", "back_units"] < frame.loc["resell", "back_units"]
    assert frame.loc["resell", "back_on"] == pd.Timestamp("2026-11-26")
    assert frame.loc["refurbish", "back_on"] == pd.Timestamp("2026-12-10")
    assert frame.loc[["bulk_return", "destroy"], "back_units"].tolist() == [0, 0]


def test_a_fee_nobody_gave_leaves_its_route_out_and_is_named():
    frame = routes(fees=route_fees(refurbish=(np.nan, 100.0, 0.8, 0.9, 14.0)))
    assert np.isnan(frame.loc["refurbish", "route_profit"])
    assert not frame.loc["refurbish", "is_best"]
    assert "route.unit_fee" in frame.loc["refurbish", "reason"]
    assert frame["is_best"].sum() == 1


def test_an_unknown_fee_for_destroying_is_missed_only_where_something_is_unsound():
    frame = routes(fees=route_fees(destroy=(np.nan, 0.0, 0.0, 1.0, 7.0)))
    assert frame.loc["bulk_return", "unit_revenue"] == pytest.approx(0.5 * 50 - 6)
    assert np.isnan(frame.loc["resell", "unit_revenue"])
    assert "route.destroy_fee" in frame.loc["resell", "reason"]


def test_an_unknown_cost_leaves_only_destroying_priced():
    frame = routes(economics=case.economics(landed_cost=np.nan))
    assert frame.index[frame["route_profit"].notna()].tolist() == ["destroy"]
    assert "route.sound_revenue" in frame.loc["resell", "reason"]


def test_the_sellers_own_fees_come_first_and_the_market_before_the_rest():
    own = {"return.resell": 1.0, "TH.return.resell": 0.5, "return.refurbish.batch": 7.0}
    frame = choose_routes(
        case.draws(**DEMAND),
        case.economics(),
        case.returns(0.1),
        route_fees(),
        scope=case.scope(fees=own),
        catalogue=case.catalogue(),
    ).set_index("route")
    assert frame.loc["resell", "unit_revenue"] == pytest.approx(0.5 * 50 - 0.5 - 1)
    assert frame.loc["refurbish", "fixed_cost"] == 7


def test_a_sku_whose_return_rate_is_unknown_has_no_routes():
    frame = choose_routes(
        case.draws(**DEMAND),
        case.economics(),
        tables.empty(tables.ReturnRates),
        route_fees(),
        scope=case.scope(),
        catalogue=case.catalogue(),
    )
    assert frame.empty


def test_the_shipped_register_prices_the_united_states_and_names_what_is_missing_elsewhere():
    both = pd.concat([case.economics(market=market) for market in ("TH", "US")])
    frame = choose_routes(
        pd.concat([case.draws(**DEMAND).assign(market=market) for market in ("TH", "US")]),
        both.reset_index(drop=True),
        case.register(tables.ReturnRates),
        case.register(tables.ReturnRouteFees),
        scope=case.scope(markets=("TH", "US"), fx_rates={"USD": 1.0}),
        catalogue=case.catalogue(),
    ).set_index(["market", "route"])
    assert frame.index.get_level_values("route").tolist() == list(ROUTES) * 2
    assert frame.loc["US", "route_profit"].notna().sum() == 3
    assert frame.loc["US", "is_best"].sum() == 1
    assert frame.loc["TH", "route_profit"].isna().all()
    assert frame.loc["TH", "reason"].str.contains("route.unit_fee").all()
