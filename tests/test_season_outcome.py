"""What a campaign came to, by hand: 30 days from 1 November, 230 units planned."""

import numpy as np
import pandas as pd
import pytest
from lines_case import lines
from season_case import a_scope, draws, forecast_of, sales, stock

from planner import tables
from planner.season.result import outcome
from planner.season.stock.held import EMPTY, held_stock

PLAN = {"before": 100, "warm_up": 100, "sale": 80, "tail": 30, "after": 20}
AS_PLANNED = [10] * 10 + [20] * 4 + [5] * 6 + [2] * 10
"""1 to 30 November."""
NO_HISTORY = tables.empty(tables.StockHistory)
NO_LINES = tables.empty(tables.OrderLines)


def reviewed(daily, *, drawn=None, seen_from="2025-12-05", markets=("TH",), **files):
    drawn = draws("a", PLAN) if drawn is None else drawn
    return outcome.review(
        daily,
        forecast_of(drawn),
        drawn,
        files.pop("stock_history", NO_HISTORY),
        files.pop("stock", stock()),
        files.pop("lines", NO_LINES),
        scope=a_scope(seen_from=seen_from, markets=markets),
        **files,
    )


def history(units, start="2025-10-31", sku="a"):
    days = pd.date_range(start, periods=len(units))
    return pd.DataFrame({"sku": sku, "day": days, "units": units})


def bounds(days=90.0):
    day = pd.Timestamp("2020-01-01")
    row = {
        "rule": "dead_stock_days",
        "low": np.nan,
        "high": days,
        "unit": "days",
        "valid_from": day,
        "valid_to": pd.NaT,
        "confidence": "low",
        "source": "test",
        "as_of": day,
    }
    return tables.checked(tables.Bounds, pd.DataFrame([row]))


# --- forecast against demand -----------------------------------------------------------------


def test_a_campaign_as_planned_is_covered_and_lost_nothing():
    # The shelf was counted; without a count nobody knows whether anything was missed.
    row = reviewed(
        sales("a", "2025-11-01", AS_PLANNED), stock_history=history([400] + [300] * 30)
    ).iloc[0]
    assert row["forecast_units"] == pytest.approx(230)
    assert (row["actual_units"], row["campaign_units"]) == (230, 210)
    assert (row["lost_units"], row["stock_out_days"]) == (0, 0)
    assert bool(row["is_covered"])


def test_days_before_the_campaign_and_after_the_horizon_do_not_count():
    # Ten days of October and four of December at 50 a day.
    daily = sales("a", "2025-10-22", [50] * 10 + AS_PLANNED + [50] * 4)
    assert reviewed(daily).iloc[0]["actual_units"] == 230


def test_a_horizon_not_yet_over_counts_by_its_days():
    # Up to 12 November: 100 of warm-up, half of the sale's 80.
    row = reviewed(sales("a", "2025-11-01", AS_PLANNED), seen_from="2025-11-13").iloc[0]
    assert row["forecast_units"] == pytest.approx(140)
    assert row["low_units"] == pytest.approx(140)
    assert row["actual_units"] == 140


def test_the_range_of_a_market_comes_from_worlds_not_from_adding_quantiles():
    # The shops move against each other: each swings from 100 to 200, together always 300.
    swing = np.array([100.0] * 50 + [200.0] * 50)
    drawn = pd.concat(
        [draws("a", {"warm_up": swing}), draws("a", {"warm_up": 300 - swing}, shop="th-two")]
    )
    row = reviewed(sales("a", "2025-11-01", [10] * 30), drawn=drawn).iloc[0]
    assert row[["low_units", "high_units"]].tolist() == [300, 300]
    assert row["forecast_units"] == pytest.approx(300)


def test_the_forecast_is_held_against_demand_not_against_sales():
    # Nothing on the shelf in the sale: 80 planned units were missed at a pace of 1.
    units = [10] * 10 + [0] * 4 + [5] * 6 + [2] * 10
    row = reviewed(sales("a", "2025-11-01", units, out=range(10, 14))).iloc[0]
    assert row["actual_units"] == 150
    assert row["lost_units"] == pytest.approx(80)
    assert row["stock_out_days"] == 4
    assert bool(row["is_covered"])


def test_a_shelf_that_nobody_saw_lost_neither_nothing_nor_something():
    # 10 a day for ten days, then nothing for twenty, and no count: sold out or out of fashion?
    daily = sales("a", "2025-11-01", [10] * 10 + [0] * 20)
    row = reviewed(daily).iloc[0]
    assert row[["lost_units", "stock_out_days"]].isna().all()
    assert "lost_units" in row["missing"].split(";")
    # Sales alone are held against the forecast: 100 below the low end of 230.
    assert row["forecast_units"] == pytest.approx(230)
    assert not row["is_covered"]
    told = measured(reviewed(daily))
    assert told[["lost_units", "stock_out_days"]].isna().all()
    assert told["forecast_bias"] == pytest.approx((230 - 100) / 100)


def test_a_stock_out_that_sales_alone_show_is_known_without_a_count():
    row = reviewed(sales("a", "2025-11-01", [10] * 29 + [0], out=(29,))).iloc[0]
    assert row["stock_out_days"] == 1
    assert row["lost_units"] > 0


def test_demand_outside_the_range_is_not_covered():
    daily = sales("a", "2025-11-01", [2 * n for n in AS_PLANNED])
    assert not reviewed(daily).iloc[0]["is_covered"]


def test_a_sku_sold_without_a_forecast_is_reviewed_and_its_forecast_stays_unknown():
    daily = pd.concat([sales("a", "2025-11-01", AS_PLANNED), sales("new", "2025-11-01", [3] * 30)])
    row = reviewed(daily).set_index("sku").loc["new"]
    assert row["actual_units"] == 90
    assert pd.isna(row["forecast_units"])
    assert pd.isna(row["is_covered"])
    assert "forecast_units" in row["missing"].split(";")


def test_before_the_campaign_there_is_nothing_to_review():
    ended = reviewed(sales("a", "2025-10-01", [4] * 20), seen_from="2025-10-21")
    assert ended.empty
    assert outcome.measures(ended).empty


# --- stock -----------------------------------------------------------------------------------


def test_opening_is_the_report_of_the_evening_before():
    # 400 on 31 October, 300 on every evening of November; 170 on 4 December are another window's.
    row = reviewed(
        sales("a", "2025-11-01", AS_PLANNED),
        stock_history=history([400] + [300] * 30),
        stock=stock(("a", "on_hand", 170, None, "2025-12-04")),
    ).iloc[0]
    assert row["opening_units"] == 400
    assert row["leftover_units"] == 300
    assert row["mean_stock_units"] == 300
    assert row["turnover_ratio"] == pytest.approx(230 / 300)


def test_without_a_report_two_snapshots_give_opening_leftover_and_mean():
    row = reviewed(
        sales("a", "2025-11-01", AS_PLANNED),
        stock=stock(
            ("a", "on_hand", 400, None, "2025-10-30"), ("a", "on_hand", 100, None, "2025-12-01")
        ),
    ).iloc[0]
    assert row[["opening_units", "leftover_units", "mean_stock_units"]].tolist() == [400, 100, 250]


def leftover(*shots: tuple, sold: pd.DataFrame | None = None) -> float:
    """What is left on 1 December of a review in January, of counts kept by hand alone."""
    keys = pd.DataFrame({"market": ["TH"], "sku": ["a"]})
    none = pd.DataFrame({"market": [], "sku": [], "day": [], "units": []}).astype(EMPTY)
    told = held_stock(
        none, stock(*shots), keys, scope=a_scope(seen_from="2026-01-20"),
        daily=sales("a", "2025-12-01", [0]) if sold is None else sold,
    )  # fmt: skip
    return told["leftover_units"].iloc[0]


def test_what_was_counted_long_after_the_season_is_not_what_it_was_left_with():
    # The replenishment is on the shelf on 1 December: the 900 of January are its goods.
    early, late = (
        ("a", "on_hand", 40, None, "2025-11-30"),
        ("a", "on_hand", 900, None, "2026-01-19"),
    )
    assert leftover(early, late) == 40
    assert np.isnan(leftover(late))


def test_a_count_near_the_end_of_the_season_is_carried_to_it():
    sold = sales("a", "2025-11-01", [3] * 40)
    # 40 on the morning of 29 November: two days of 3 are still to sell.
    assert leftover(("a", "on_hand", 40, None, "2025-11-29"), sold=sold) == 40 - 2 * 3
    # 40 on 4 December: 3 of each day since lay there still, and the 20 of the 2nd did not yet.
    counted = ("a", "on_hand", 40, None, "2025-12-04")
    assert leftover(counted, sold=sold) == 40 + 3 * 3
    came = ("a", "in_transit", 20, "2025-12-02", "2025-10-20")
    assert leftover(counted, came, sold=sold) == 40 + 3 * 3 - 20
    # A count of the last week goes before one of the week after, that before an older one.
    old = ("a", "on_hand", 70, None, "2025-11-10")
    assert leftover(old, counted, sold=sold) == 49
    assert leftover(old, ("a", "on_hand", 40, None, "2025-11-24"), counted, sold=sold) == 40 - 7 * 3
    assert leftover(old, sold=sold) == 70 - 21 * 3


def test_without_any_count_stock_is_unknown_and_named():
    row = reviewed(sales("a", "2025-11-01", AS_PLANNED)).iloc[0]
    assert row[["opening_units", "leftover_units", "turnover_ratio"]].isna().all()
    assert pd.isna(row["is_dead_stock"])
    assert {"opening_units", "leftover_units"} <= set(row["missing"].split(";"))


def test_a_snapshot_of_long_before_is_neither_opening_nor_leftover():
    row = reviewed(
        sales("a", "2025-11-01", AS_PLANNED), stock=stock(("a", "on_hand", 9, None, "2025-09-20"))
    ).iloc[0]
    assert row[["opening_units", "leftover_units"]].isna().all()


def test_leftover_that_lasts_longer_than_the_rule_is_dead():
    # 2 a day after the campaign: 180 units last 90 days.
    for units, is_dead in ((180, False), (181, True)):
        count = stock(("a", "on_hand", units, None, "2025-12-04"))
        row = reviewed(sales("a", "2025-11-01", AS_PLANNED), stock=count, bounds=bounds()).iloc[0]
        assert bool(row["is_dead_stock"]) is is_dead


def test_leftover_of_what_no_longer_sells_is_dead():
    units = AS_PLANNED[:20] + [0] * 10
    count = stock(("a", "on_hand", 1, None, "2025-12-04"))
    row = reviewed(sales("a", "2025-11-01", units), stock=count, bounds=bounds()).iloc[0]
    assert bool(row["is_dead_stock"])


def test_a_shelf_sold_empty_is_not_dead():
    units = AS_PLANNED[:20] + [0] * 10
    count = stock(("a", "on_hand", 0, None, "2025-12-04"))
    row = reviewed(sales("a", "2025-11-01", units), stock=count, bounds=bounds()).iloc[0]
    assert not row["is_dead_stock"]


def test_without_the_rule_nobody_knows_what_is_dead():
    count = stock(("a", "on_hand", 900, None, "2025-12-04"))
    row = reviewed(sales("a", "2025-11-01", AS_PLANNED), stock=count).iloc[0]
    assert pd.isna(row["is_dead_stock"])
    assert "is_dead_stock" in row["missing"].split(";")


def test_stock_of_a_sku_sold_in_two_markets_cannot_be_told_apart():
    daily = pd.concat(
        [
            sales("a", "2025-11-01", AS_PLANNED),
            sales("a", "2025-11-01", AS_PLANNED, shop="id-one", market="ID"),
            sales("b", "2025-11-01", AS_PLANNED, shop="id-one", market="ID"),
        ]
    )
    drawn = pd.concat([draws("a", PLAN), draws("a", PLAN, shop="id-one", market="ID")])
    both = pd.concat([history([400] * 31), history([90] * 31, sku="b")])
    ended = reviewed(daily, drawn=drawn, markets=("TH", "ID"), stock_history=both)
    assert ended.loc[ended["sku"] == "a", "opening_units"].isna().all()
    assert ended.loc[ended["sku"] == "b", "opening_units"].tolist() == [90]


# --- money and returns -----------------------------------------------------------------------


def test_revenue_is_told_in_the_shops_currency_and_in_the_sellers():
    # 230 units of 100.00 baht; one baht is 0.2 yuan.
    row = reviewed(sales("a", "2025-11-01", AS_PLANNED)).iloc[0]
    assert (row["revenue_minor"], row["currency"]) == (2_300_000, "THB")
    assert row["sold_revenue"] == pytest.approx(4600)


def test_a_sale_whose_amount_no_export_tells_leaves_revenue_unknown_and_not_small():
    sold = {"shop": "th-one", "ordered_at": "2025-11-12", "amount_minor": None}
    recipe = pd.DataFrame({"sku": ["SET"], "component": ["a"], "units": [1]})
    daily = sales("a", "2025-11-01", AS_PLANNED)
    for sku, bundles in (("a", None), ("SET", recipe)):
        row = reviewed(daily, lines=lines(sold | {"sku": sku}), bundles=bundles).iloc[0]
        assert row[["revenue_minor", "sold_revenue"]].isna().all()
        assert "sold_revenue" in row["missing"].split(";")
    free = sold | {"sku": "a", "kind": "sample"}
    assert reviewed(daily, lines=lines(free)).iloc[0]["revenue_minor"] == 2_300_000


def test_without_an_exchange_rate_revenue_stays_unknown_in_the_sellers_currency():
    daily = sales("a", "2025-11-01", AS_PLANNED, shop="us-one", market="US")
    drawn = draws("a", PLAN, shop="us-one", market="US")
    row = reviewed(daily, drawn=drawn, markets=("US",)).iloc[0]
    assert row["revenue_minor"] == 2_300_000
    assert pd.isna(row["sold_revenue"])
    assert row["missing"].split(";")[-1] == "sold_revenue"


def line(sku, day, *, units=3, returned=1):
    return {
        "shop": "th-one",
        "market": "TH",
        "order_id": f"{sku}-{day}",
        "sku": sku,
        "units": units,
        "returned_units": returned,
        "returned_from": "orders" if returned else "",
        "ordered_at": pd.Timestamp(day) + pd.Timedelta(hours=20),
        "is_demand": True,
        "amount_minor": 10000 * units,
    }


def test_returns_count_by_the_day_of_the_order_and_bundles_by_their_components():
    # One unit of a, and one bundle of two a: three units; an order of October does not count.
    back = pd.DataFrame(
        [line("a", "2025-11-11"), line("set", "2025-11-12"), line("a", "2025-10-30", returned=3)]
    )
    bundles = pd.DataFrame({"sku": ["set"], "component": ["a"], "units": [2]})
    daily = sales("a", "2025-11-01", AS_PLANNED)
    assert reviewed(daily, lines=back, bundles=bundles).iloc[0]["returned_units"] == 3
    assert reviewed(daily, lines=back).iloc[0]["returned_units"] == 1


def test_of_a_shop_that_tells_no_returns_nobody_knows_what_came_back():
    daily = sales("a", "2025-11-01", AS_PLANNED)
    silent = pd.DataFrame([line("a", "2025-11-11", returned=0)])
    row = reviewed(daily, lines=silent).iloc[0]
    assert pd.isna(row["returned_units"])
    assert "returned_units" in row["missing"].split(";")
    # One return of another SKU, and the shop is known to tell them: of a none came back.
    telling = pd.concat([silent, pd.DataFrame([line("b", "2025-11-12")])])
    assert reviewed(daily, lines=telling).iloc[0]["returned_units"] == 0


def test_returns_of_a_sku_are_unknown_where_one_shop_that_sold_it_tells_none():
    # th-one tells returns, th-two does not: a sells in th-one alone, b in both, c of a bundle.
    one = [line("a", "2025-11-11"), line("b", "2025-11-11", returned=0)]
    two = [line(sku, "2025-11-12", returned=0) | {"shop": "th-two"} for sku in ("b", "set")]
    early = line("a", "2025-10-02", returned=0) | {"shop": "th-two"}
    bundles = pd.DataFrame({"sku": ["set"], "component": ["c"], "units": [2]})
    daily = pd.concat([sales(sku, "2025-11-01", AS_PLANNED) for sku in "abc"])
    told = reviewed(daily, lines=pd.DataFrame([*one, *two, early]), bundles=bundles)
    back = told.set_index("sku")["returned_units"]
    assert back["a"] == 1
    assert back[["b", "c"]].isna().all()


# --- measures --------------------------------------------------------------------------------


def ended(**columns):
    """Two SKUs of a market, all figures known."""
    base = {
        "market": ["TH", "TH"],
        "sku": ["a", "b"],
        "forecast_units": [100.0, 50.0],
        "low_units": [80.0, 40.0],
        "high_units": [120.0, 60.0],
        "actual_units": [90, 70],
        "campaign_units": [80, 60],
        "lost_units": [30.0, 10.0],
        "is_covered": pd.array([True, False], dtype="boolean"),
        "stock_out_days": [2, 1],
        "opening_units": [200.0, 100.0],
        "leftover_units": [60.0, 20.0],
        "elsewhere_units": [0.0, 0.0],
        "mean_stock_units": [100.0, 60.0],
        "turnover_ratio": [0.9, 1.2],
        "is_dead_stock": pd.array([True, False], dtype="boolean"),
        "returned_units": pd.array([9, 7], dtype="Int64"),
        "sold_revenue": [4000.0, 2000.0],
        "cost_currency": "CNY",
        "revenue_minor": pd.array([2_000_000, 1_000_000], dtype="Int64"),
        "currency": "THB",
        "missing": "",
    }
    return tables.checked(tables.Outcome, pd.DataFrame(base | columns))


def measured(frame):
    return outcome.measures(frame).set_index("measure")["value"]


def test_the_measures_of_a_market():
    told = measured(ended())
    # Demand 120 and 80 against 100 and 50.
    assert told["forecast_wape"] == pytest.approx((20 + 30) / 200)
    assert told["forecast_bias"] == pytest.approx(-50 / 200)
    assert told["coverage"] == pytest.approx(0.5)
    assert told["lost_units"] == 40
    assert told["stock_out_days"] == 3
    assert told["turnover"] == pytest.approx(160 / 160)
    assert told["dead_stock_rate"] == pytest.approx(60 / 80)
    assert told["return_rate"] == pytest.approx(16 / 160)
    assert told["revenue"] == 6000


def test_money_is_measured_in_the_sellers_currency():
    told = outcome.measures(ended()).set_index("measure")
    assert told.loc["revenue", "unit"] == "CNY"
    assert told.loc["coverage", "unit"] == "rate"


def test_markets_are_measured_apart():
    told = outcome.measures(ended(market=["ID", "TH"]))
    assert told.groupby("market")["measure"].count().to_dict() == {"ID": 9, "TH": 9}


def test_what_no_sku_knows_is_an_empty_measure():
    nothing = [np.nan, np.nan]
    unknown = pd.array([pd.NA, pd.NA], dtype="boolean")
    told = measured(
        ended(
            forecast_units=nothing,
            is_covered=unknown,
            is_dead_stock=unknown,
            leftover_units=nothing,
            mean_stock_units=nothing,
            sold_revenue=nothing,
        )
    )
    gone = ["forecast_wape", "forecast_bias", "coverage", "turnover", "dead_stock_rate"]
    assert told[[*gone, "revenue"]].isna().all()
    assert told["lost_units"] == 40


def test_a_sku_whose_leftover_is_not_judged_is_not_in_the_dead_share():
    told = measured(ended(is_dead_stock=pd.array([True, pd.NA], dtype="boolean")))
    assert told["dead_stock_rate"] == pytest.approx(1.0)
