"""The rest of a campaign learnt from sales to date: by day and hour, from others, from floors."""

import itertools

import pandas as pd
import pytest
from track_case import by_day, certain, doubtful, rest_of, sold

from planner import tables
from planner.season.outlook import sightings
from planner.season.outlook.rest_by_hour import as_rest, rest_table

PLAN = {"warm_up": 1000.0, "sale": 800.0, "tail": 300.0, "after": 400.0}
NO_HOURS = tables.empty(tables.HourProfile)


def of_one(units: list[int], seen_from: str, **more):
    return rest_table(rest_of(sold("a", units), doubtful("a", 1, **PLAN), by_day(**PLAN),
                              seen_from=seen_from, **more)).iloc[0]  # fmt: skip


def test_twice_the_plan_to_date_raises_what_is_to_come():
    as_planned = of_one([100] * 10 + [200], "2025-11-12")
    twice = of_one([200] * 10 + [400], "2025-11-12")
    assert as_planned["rest_mean_units"] == pytest.approx(900, rel=0.1)  # 3 x 200 + 300
    assert twice["rest_mean_units"] > 1.2 * as_planned["rest_mean_units"]


def test_every_further_day_leaves_less_units_in_doubt_and_less_than_the_plan_had():
    told = [of_one([100] * 10 + [200] * sale, f"2025-11-{11 + sale}") for sale in (0, 1, 2, 3)]
    widths = [row["rest_q90_units"] - row["rest_q10_units"] for row in told]
    assert all(later < earlier for earlier, later in itertools.pairwise(widths))
    alone = {"is_pooled": False}
    assert of_one([100] * 10 + [200] * 2, "2025-11-13", **alone)["width_ratio"] < 1.1


def test_an_empty_shelf_makes_sales_a_floor_that_never_lowers_the_rest():
    drawn, plan = doubtful("a", 1, **PLAN), by_day(**PLAN)
    units = [100] * 10 + [20]
    full = rest_table(rest_of(sold("a", units), drawn, plan)).iloc[0]
    empty = rest_table(rest_of(sold("a", units, out=(10,)), drawn, plan)).iloc[0]
    above = rest_table(rest_of(sold("a", [100] * 10 + [900], out=(10,)), drawn, plan)).iloc[0]
    assert empty["is_censored"]
    assert not full["is_censored"]
    assert empty["rest_mean_units"] > full["rest_mean_units"]
    assert above["rest_mean_units"] > 1.2 * empty["rest_mean_units"]


def test_a_sku_without_sales_of_its_own_learns_from_the_others():
    parts = [doubtful(sku, 1, **PLAN) for sku in ("a", "b", "c")]  # one shock for all
    drawn = pd.concat(parts, ignore_index=True)
    plan = pd.concat([by_day(sku, **PLAN) for sku in ("a", "b", "c")], ignore_index=True)
    others = [sold(sku, [180] * 10 + [360]) for sku in ("b", "c")]
    hidden = sold("a", [0] * 11, out=tuple(range(11)))
    daily = pd.concat([hidden, *others], ignore_index=True)
    pooled = rest_table(rest_of(daily, drawn, plan)).set_index("sku").loc["a"]
    alone = rest_table(rest_of(daily, drawn, plan, is_pooled=False)).set_index("sku").loc["a"]
    # the others sold 1.8 times their plan; 1.29 to 1.37 over eight seeds
    assert pooled["rest_mean_units"] > 1.25 * alone["rest_mean_units"]


def test_hours_of_the_running_day_count_by_the_hours_at_which_the_shop_sells():
    hours = pd.DataFrame({"hour": range(24), "share_rate": [0.5] + [0.5 / 23] * 23, "units": 100})
    hours = hours.assign(shop="th-one", market="TH", sku="").astype({"sku": "str"})
    keys = pd.DataFrame({"market": ["TH"], "sku": ["a"]})
    noon = pd.Timestamp("2025-11-11 12:00")
    assert sightings.share_before(NO_HOURS, keys, noon)[0] == pytest.approx(0.5)
    by_hand = 0.5 + 11 * 0.5 / 23
    assert sightings.share_before(hours, keys, noon)[0] == pytest.approx(by_hand)


def test_six_strong_hours_raise_the_rest_before_the_day_is_over():
    today = pd.DataFrame({"market": ["TH"], "sku": ["a"], "units": [150]})
    more = {"hour": 6, "hours": NO_HOURS, "today": today}
    strong = of_one([100] * 10, "2025-11-11", **more)
    usual = of_one([100] * 10, "2025-11-11", **(more | {"today": today.assign(units=50)}))
    assert strong["looking_at"] == pd.Timestamp("2025-11-11 06:00")
    assert strong["rest_mean_units"] > 1.1 * usual["rest_mean_units"]


def test_hours_that_nobody_counted_are_unknown_and_not_zero():
    unknown = of_one([100] * 10, "2025-11-11", hour=6, hours=NO_HOURS)
    nothing = pd.DataFrame({"market": ["TH"], "sku": ["a"], "units": [0]})
    zero = of_one([100] * 10, "2025-11-11", hour=6, hours=NO_HOURS, today=nothing)
    assert unknown["is_censored"]
    assert unknown["rest_mean_units"] > 1.5 * zero["rest_mean_units"]


def test_sales_of_today_stop_at_the_moment_and_count_demand_only():
    lines = pd.DataFrame(
        {
            "shop": "th-one",
            "market": "TH",
            "sku": ["a", "a", "a", "b"],
            "units": [2, 3, 5, 7],
            "is_demand": [True, True, True, False],
            "ordered_at": pd.to_datetime(
                ["2025-11-11 01:00", "2025-11-11 06:00", "2025-11-10 23:59", "2025-11-11 01:00"]
            ),
        }
    )
    told = sightings.sales_today(lines, at={"TH": pd.Timestamp("2025-11-11 06:00")})
    assert told[["sku", "units"]].to_numpy().tolist() == [["a", 2]]


def test_the_same_sales_teach_the_same_twice():
    first, again = (of_one([100] * 10 + [250], "2025-11-12") for _ in range(2))
    assert first.equals(again)


def test_before_the_campaign_and_after_its_horizon_there_is_no_rest():
    for day in ("2025-10-25", "2025-12-02"):
        assert rest_of(sold("a", [1]), certain(**PLAN), by_day(**PLAN), seen_from=day) == []


def test_the_rest_has_the_form_that_the_daily_track_reads():
    found = rest_of(sold("a", [100] * 10 + [200]), certain(**PLAN), by_day(**PLAN))
    told = as_rest(found)
    assert told.daily.sum() == pytest.approx(told.units.mean(), rel=1e-6)
    assert told.daily.shape == (1, 19)  # 12 to 30 November
    assert told.weights.sum() == pytest.approx(1)
    assert told.after[0] == pytest.approx(40, rel=0.05)
