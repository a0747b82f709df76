"""The order under each rule, every term of it shown."""

import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.supply.quantity.history import daily_figures
from planner.supply.quantity.newsvendor import critical_ratio
from planner.supply.quantity.safety_stock import by_service_level
from planner.supply.quantity.sizing import compare_rules, size_stock
from planner.tables.supply import COMPARED_RULES

TEN = [100.0, 110, 120, 130, 140, 150, 160, 170, 180, 240]
MEAN = 150.0
CLEAN = [2, 4, 3, 3, 3]


def parts(**more) -> dict:
    scope = more.pop("scope", None) or case.scope(**more.pop("scoped", {}))
    options = case.options(scope)
    given = {
        "draws": case.draws(sale=TEN),
        "daily": case.daily(CLEAN),
        "position": case.position(),
        "economics": case.economics(),
        "lane_options": options,
        "scope": scope,
    }
    return {**given, **more}


def rules(**more) -> pd.DataFrame:
    given = parts(**more)
    frames = [
        given.pop(name) for name in ("draws", "daily", "position", "economics", "lane_options")
    ]
    return compare_rules(*frames, **given).set_index("rule")


def size(**more) -> pd.Series:
    forecast = more.pop("forecast", case.forecast())
    catalogue = more.pop("catalogue", case.catalogue())
    given = parts(**more)
    frames = [given[name] for name in ("draws", "daily", "position", "economics")]
    plan = size_stock(*frames, forecast, given["lane_options"], catalogue, scope=given["scope"])
    return plan.iloc[0]


def test_the_profit_rule_stocks_the_quantile_of_the_critical_ratio():
    plan = size()
    assert plan["rule"] == "profit"
    assert plan["demand_units"] == MEAN
    assert plan["safety_units"] == 170 - MEAN
    assert plan["buffer_units"] == 0
    assert plan["target_units"] == plan["needed_units"] == plan["order_units"] == 170
    assert plan["service_level"] == 0.8
    assert plan["lost_units"] == pytest.approx((10 + 70) / 10)
    assert plan["leftover_units"] == pytest.approx((70 + 60 + 50 + 40 + 30 + 20 + 10) / 10)
    sold = MEAN - 8
    assert plan["expected_profit"] == pytest.approx(30 * sold - 10 * 28)
    assert plan["reason"] == "reason.by_profit"


def test_a_dear_leftover_makes_the_safety_of_the_profit_rule_negative():
    ratio = float(critical_ratio([10.0], [30.0])[0])
    plan = size(economics=case.economics(under_cost=10.0, over_cost=30.0, critical_ratio=ratio))
    assert plan["safety_units"] == 120 - MEAN
    assert plan["target_units"] == 120


def test_stock_at_hand_is_taken_off_and_the_rest_fills_cartons():
    plan = size(position=case.position(on_hand_units=63, available_units=63.0))
    assert plan["needed_units"] == 107
    assert plan["order_units"] == 110
    # The 20 % and 80 % ends of demand are 110 and 170: targets 170 * 110/150 and 170 * 170/150.
    assert (plan["low_units"], plan["high_units"]) == (70, 130)
    assert plan["service_level"] == 0.8


def test_enough_stock_orders_nothing_even_with_a_minimum_order():
    held = case.position(on_hand_units=900, available_units=900.0)
    plan = size(position=held, catalogue=case.catalogue({"sku": "A", "moq_units": 500}))
    assert plan["order_units"] == 0
    assert plan["reason"] == "reason.enough_stock|available=900"


def test_a_minimum_order_that_doubles_the_need_is_said():
    plan = size(catalogue=case.catalogue({"sku": "A", "moq_units": 500}))
    assert plan["order_units"] == 500
    assert plan["reason"] == "reason.moq_raises|needed=170"


def test_a_minimum_order_a_carton_above_the_need_is_said_too():
    # Needed are 107; the minimum of 120 is a carton more than the 110 that would do.
    held = case.position(on_hand_units=63, available_units=63.0)
    plan = size(position=held, catalogue=case.catalogue({"sku": "A", "moq_units": 120}))
    assert (plan["order_units"], plan["reason"]) == (120, "reason.moq_raises|needed=107")
    usual = size(position=held, catalogue=case.catalogue({"sku": "A", "moq_units": 110}))
    assert (usual["order_units"], usual["reason"]) == (110, "reason.by_profit")


def test_a_minimum_order_that_would_lose_money_is_not_placed():
    # 2000 units would sell 150 at +30 and leave 1850 at -10; ordering nothing loses nothing.
    plan = size(catalogue=case.catalogue({"sku": "A", "moq_units": 2000}))
    assert plan["needed_units"] == 170
    assert plan["order_units"] == 0
    assert plan["reason"] == "reason.pack_not_worth|needed=170"


def test_the_service_level_rule_by_hand():
    plan = size(scoped={"policy": {"rule": "service_level", "service_level": 0.9}})
    lead_sd = ((15**2 + 20**2 + 37.5**2 - 15 * 20 - 15 * 37.5 - 20 * 37.5) / 18) ** 0.5
    variance = np.var(TEN) + 3**2 * lead_sd**2
    assert plan["safety_units"] == pytest.approx(1.2815516 * variance**0.5, rel=1e-6)
    assert plan["buffer_units"] == pytest.approx(0.15 * MEAN)
    terms = plan["demand_units"] + plan["safety_units"] + plan["buffer_units"]
    assert plan["target_units"] == pytest.approx(terms)


def test_the_extremes_rule_by_hand():
    plan = size(scoped={"policy": {"rule": "extremes"}})
    assert plan["safety_units"] == 4 * (37.5 + 4) - 3 * (20 + 4)
    assert plan["buffer_units"] == pytest.approx(0.15 * MEAN)


def test_a_promotion_left_in_the_history_is_shown_and_not_used():
    sales = case.daily([*CLEAN, 63], phase=["", "", "", "", "", "sale"], event="9.9")
    row = rules(daily=sales).loc["extremes"]
    target = MEAN + 4 * 41.5 - 3 * 24 + 0.15 * MEAN
    raw = MEAN + 63 * 41.5 - 13 * 24 + 0.15 * MEAN
    assert row["target_units"] == pytest.approx(target)
    assert row["raw_history_units"] == pytest.approx(raw)
    assert rules(daily=sales).loc["profit", "raw_history_units"] != raw


def test_clean_days_are_in_stock_and_in_no_promotion():
    sales = pd.concat(
        [
            case.daily(
                [10, 12, 0, 99],
                phase=["", "", "", "sale"],
                is_stock_out=[False, False, True, False],
            ),
            case.daily([1, 1, 1, 1], shop="shop-2"),
        ]
    )
    figures = daily_figures(sales).loc[("TH", "A")]
    assert figures["clean_days"] == 2
    assert figures["mean_daily_units"] == 12
    assert figures["peak_daily_units"] == 13
    assert figures["raw_peak_daily_units"] == 100
    assert figures["raw_mean_daily_units"] == (11 + 13 + 1 + 100) / 4


def test_three_rules_stand_side_by_side_with_what_each_is_worth():
    frame = rules()
    assert frame.index.to_list() == list(COMPARED_RULES)
    assert frame["expected_profit"].idxmax() == "profit"
    assert frame["service_level"].between(0, 1).all()


def test_every_rule_is_held_to_the_limits_of_the_plan():
    # 8,500 pay for 170 units at 50 each: what the profit rule orders, and the others beyond it.
    alone = rules()["order_units"]
    scope = case.scope(limits={"budget": 8500.0})
    found = rules(scope=scope)
    assert found["order_units"].max() == 170
    assert found["held_back_units"].to_dict() == (alone - 170).clip(lower=0).to_dict()
    assert found.loc["seed_style", ["order_units", "held_back_units"]].tolist() == [170, 3]
    profits = found["expected_profit"]
    assert profits["service_level"] == profits["profit"] == pytest.approx(30 * 142 - 10 * 28)
    assert rules()["held_back_units"].eq(0).all()


def test_the_row_of_the_plan_says_what_its_limits_held_back():
    plan = pd.DataFrame([size()]).assign(
        order_units=120, reason="reason.limit_binds|wanted=170|limits=budget;reason.several_ways"
    )
    row = rules(plan=plan).loc["profit"]
    assert row[["order_units", "held_back_units"]].tolist() == [120, 50]


def test_unknown_economics_fall_back_to_the_service_level_and_name_the_gap():
    unknown = dict.fromkeys(("margin_profit", "under_cost", "over_cost", "critical_ratio"), np.nan)
    poor = case.economics(**unknown, missing="cost.goods;cost.duty")
    plan = size(economics=poor)
    assert plan["rule"] == "service_level"
    assert plan["buffer_units"] == pytest.approx(0.15 * MEAN)
    assert np.isnan(plan["expected_profit"])
    assert plan["reason"] == "reason.economics_unknown|terms=cost.goods,cost.duty"
    frame = rules(economics=poor, catalogue=case.catalogue())
    assert frame.index.to_list() == list(COMPARED_RULES)
    assert frame.loc["profit", "order_units"] == plan["order_units"]
    assert frame.loc["service_level", "order_units"] == plan["order_units"]
    assert frame["expected_profit"].isna().all()


def test_without_a_clean_day_the_extremes_fall_back_too():
    promo = case.daily(CLEAN, phase="sale", event="9.9")
    plan = size(daily=promo, scoped={"policy": {"rule": "extremes"}})
    assert plan["rule"] == "service_level"
    assert plan["reason"] == "reason.no_clean_days"


def test_without_any_history_an_order_is_still_sized_from_the_draws():
    plan = size(daily=tables.empty(tables.DailySales))
    assert plan["order_units"] == 170
    frame = rules(daily=tables.empty(tables.DailySales))
    assert frame.index.to_list() == list(COMPARED_RULES)
    orders = frame["order_units"]
    assert orders["extremes"] == orders["service_level"]
    assert np.isnan(frame.loc["extremes", "raw_history_units"])


def test_a_loss_at_the_campaign_price_is_blocked():
    losing = case.economics(margin_profit=-3.2, under_cost=-3.2, critical_ratio=0.0)
    plan = size(economics=losing)
    assert plan["is_blocked"]
    assert (plan["order_units"], plan["low_units"], plan["high_units"]) == (0, 0, 0)
    assert plan["reason"] == "reason.loss_at_price|loss=3.20|currency=THB"
    assert plan["lost_units"] == MEAN


def test_a_penalty_that_outweighs_the_loss_lifts_the_block():
    promoted = case.economics(margin_profit=-3.0, under_cost=30.0, critical_ratio=0.75)
    assert not size(economics=promoted)["is_blocked"]


def test_grade_d_gives_a_range_and_no_order():
    weak = case.forecast(grade="D", grade_reason="reason.history_short|days=12")
    plan = size(forecast=weak)
    assert plan["is_blocked"]
    assert plan["order_units"] == 0
    assert (plan["low_units"], plan["high_units"]) == (130, 200)
    assert plan["reason"] == "reason.grade_d;reason.history_short|days=12"


def test_the_shop_that_sells_most_gives_the_grade():
    both = pd.concat(
        [
            case.forecast(grade="D", mean_units=5.0),
            case.forecast(grade="A", mean_units=50.0, shop="shop-2"),
        ]
    )
    assert size(forecast=both)["grade"] == "A"


def test_nothing_is_ordered_that_no_lane_brings_in_time():
    plan = size(scoped={"as_of": "2026-10-30"})
    assert plan["is_blocked"]
    assert plan["order_units"] == 0
    assert plan["high_units"] == 0
    assert plan["reason"] == "reason.too_late_for_all"


def test_an_unknown_stock_is_said_in_the_reason():
    assert size(position=case.position(is_known=False))["reason"] == "reason.stock_unknown"


def test_a_rich_world_before_the_start_leaves_less_for_the_promotion():
    draws = case.draws(before=[0.0] * 9 + [100.0], sale=[100.0] * 10)
    held = case.position(on_hand_units=100, available_units=90.0, demand_before_units=10.0)
    rule = {"policy": {"rule": "service_level", "service_level": 0.5, "buffer_rate": 0.0}}
    plan = size(draws=draws, position=held, scoped=rule)
    assert plan["order_units"] == 10
    assert plan["lost_units"] == pytest.approx(90 / 10)


def many_orders(policy: dict | None = None, **columns: float) -> np.ndarray:
    """Return the orders of 40 SKUs with the same 40 sets of demand draws at each call."""
    demand = np.random.default_rng(11).gamma(2.0, 80.0, (40, 50)).round()
    skus = [f"S{number:02}" for number in range(40)]
    given = parts(
        draws=case.draws_of(
            {sku: {"sale": list(row)} for sku, row in zip(skus, demand, strict=True)}
        ),
        scoped={"policy": policy or {}},
    )

    def of_all(row: pd.DataFrame) -> pd.DataFrame:
        return pd.concat([row] * len(skus), ignore_index=True).assign(sku=skus)

    plan = size_stock(
        given["draws"],
        given["daily"],
        of_all(case.position()),
        of_all(case.economics(**columns)),
        of_all(case.forecast()),
        given["lane_options"],
        of_all(case.catalogue()),
        scope=given["scope"],
    )
    return plan["order_units"].to_numpy()


MANY = [f"S{number:02}" for number in range(40)]
BLANK = dict.fromkeys(("margin_profit", "under_cost", "over_cost", "critical_ratio"), np.nan)


def mixed_case(rule: str) -> dict:
    """Return 40 SKUs: packs that are not worth it, losses, gaps, grade D, stock, long tails."""
    rng = np.random.default_rng(7)
    demand = rng.gamma(0.3, 200.0, (40, 60)).round()
    demand[3] = 0
    money = [
        {} if place % 5 else BLANK if place % 2 else {"margin_profit": -2.0, "under_cost": -2.0,
                                                      "critical_ratio": 0.0}
        for place in range(40)
    ]  # fmt: skip
    over = [float(cost) for cost in rng.uniform(1, 60, 40)]
    economics = [
        {"over_cost": cost, "critical_ratio": 30 / (30 + cost)} | row
        for cost, row in zip(over, money, strict=True)
    ]
    held = [0.0, 20.0, 150.0, 0.0]
    return {
        "draws": case.draws_of(
            {sku: {"sale": list(row)} for sku, row in zip(MANY, demand, strict=True)}
        ),
        "daily": pd.concat([case.daily(CLEAN, sku=sku) for sku in MANY[::2]]),
        "position": pd.concat(
            [
                case.position(sku=sku, on_hand_units=int(held[i % 4]), available_units=held[i % 4])
                for i, sku in enumerate(MANY)
            ]
        ),
        "economics": pd.concat(
            [case.economics(sku=sku, **row) for sku, row in zip(MANY, economics, strict=True)]
        ),
        "forecast": pd.concat(
            [case.forecast(sku, "D" if i % 9 == 8 else "B") for i, sku in enumerate(MANY)]
        ),
        "catalogue": case.catalogue(
            *[{"sku": sku, "moq_units": [0, 60, 240][i % 3]} for i, sku in enumerate(MANY)]
        ),
        "scope": case.scope(policy={"rule": rule}),
    }


def plan_and_rules(rule: str, **more) -> tuple[pd.DataFrame, pd.DataFrame]:
    given = mixed_case(rule) | more
    options = case.options(given["scope"])
    first = [given[name] for name in ("draws", "daily", "position", "economics")]
    more = {name: given[name] for name in ("scope", "catalogue", "forecast")}
    compared = compare_rules(*first, options, **more)
    plan = size_stock(*first, given["forecast"], options, given["catalogue"], scope=given["scope"])
    return plan, compared


@pytest.mark.parametrize("rule", tables.RULES)
def test_an_order_lies_within_the_orders_of_low_and_high_demand(rule: str):
    plan, _ = plan_and_rules(rule)
    sure = plan[plan["grade"] != "D"]
    assert (sure["low_units"] <= sure["order_units"]).all()
    assert (sure["order_units"] <= sure["high_units"]).all()
    assert (sure["low_units"] < sure["high_units"]).sum() > 10
    lost = sure[sure["reason"].str.startswith("reason.loss_at_price")]
    assert len(lost) > 0
    assert lost["high_units"].max() == 0
    doubtful = plan[plan["grade"] == "D"]
    assert (doubtful["low_units"] <= doubtful["high_units"]).all()
    assert doubtful["high_units"].max() > 0


def test_a_pack_that_is_not_worth_it_may_be_worth_it_at_high_demand():
    # A pack of 500 sells 150 and leaves 350: 30 * 150 - 13 * 350 < 0. At the high end it sells 170.
    dear = case.economics(over_cost=13.0, critical_ratio=30 / 43)
    plan = size(economics=dear, catalogue=case.catalogue({"sku": "A", "moq_units": 500}))
    assert plan["reason"].startswith("reason.pack_not_worth")
    assert (plan["low_units"], plan["order_units"], plan["high_units"]) == (0, 0, 500)


@pytest.mark.parametrize("rule", tables.RULES)
def test_the_rule_in_force_adds_up_to_the_plan_and_all_rules_cover_the_same_skus(rule: str):
    plan, compared = plan_and_rules(rule)
    own = compared[compared["rule"] == rule].set_index("sku")
    assert own["order_units"].to_dict() == plan.set_index("sku")["order_units"].to_dict()
    assert compared.groupby("rule")["sku"].apply(set).to_list() == [set(MANY)] * len(COMPARED_RULES)
    blocked = plan.loc[plan["is_blocked"], "sku"]
    assert len(blocked) > 3
    assert compared.loc[compared["sku"].isin(blocked), "order_units"].max() == 0


def test_without_a_lane_every_rule_orders_nothing():
    late = case.scope(as_of="2026-10-30")
    plan, compared = plan_and_rules("profit", scope=late)
    assert compared["order_units"].sum() == plan["order_units"].sum() == 0


def test_orders_fall_as_a_leftover_is_worth_less():
    def orders(rate: float) -> np.ndarray:
        over = 50.0 * (1 - rate)
        ratio = float(critical_ratio([30.0], [over])[0])
        return many_orders(over_cost=over, critical_ratio=ratio, leftover_revenue=50.0 * rate)

    worthless, middling, lasting = orders(0.0), orders(0.5), orders(0.9)
    assert (worthless <= middling).all()
    assert (middling <= lasting).all()
    assert (worthless < lasting).all()


def test_orders_rise_with_the_service_level():
    def orders(level: float) -> np.ndarray:
        return many_orders({"rule": "service_level", "service_level": level})

    half, most = orders(0.5), orders(0.95)
    assert (half < most).all()


@pytest.mark.parametrize(
    ("table", "frame"),
    [
        (tables.Catalogue, case.catalogue()),
        (tables.DemandDraws, case.draws(sale=TEN)),
        (tables.DailySales, case.daily(CLEAN)),
        (tables.Stock, case.stock(("A", "on_hand", 1, None, "2026-09-20"))),
        (tables.StockPosition, case.position()),
        (tables.UnitEconomics, case.economics()),
        (tables.Forecast, case.forecast()),
        (tables.Lanes, case.lanes()),
        (tables.RiskWindows, case.windows(("2026-10-01", "2026-10-02", 1.0))),
        (tables.ReturnRates, case.returns()),
        (tables.Fees, case.fees(inbound=(1.0, "unit"))),
    ],
)
def test_the_tables_made_by_hand_keep_their_contracts(table, frame: pd.DataFrame):
    assert list(tables.checked(table, frame).columns) == tables.columns(table)


def test_the_level_of_the_whole_horizon_is_that_of_its_days_together():
    spread = np.std(TEN)
    at_once = by_service_level(3.0, spread, 1.0, 2.0, service_level=0.9)
    by_days = by_service_level(3.0, spread / 30**0.5, 30.0, 2.0, service_level=0.9)
    assert at_once == pytest.approx(by_days)
