"""Every unit imported is led to the final line, and no step loses one."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from lines_case import lines

from planner import tables
from planner.intake.sales import daily_sales, read_demand
from planner.intake.trail import demand_trail, trail_summary

UNTIL = {"TH": date(2025, 3, 12)}
BUNDLES = pd.DataFrame({"sku": "SET", "component": ["A", "B"], "units": [2, 1]}).astype(
    {"sku": "str", "component": "str"}
)
NOT_DEMAND = {"is_demand": False}


def steady() -> list[dict[str, object]]:
    """Ten A a day for ten weeks; 40 on the sale of 20 February, none on 1 to 5 March."""
    days = pd.date_range("2025-01-01", "2025-03-11")
    units = {pd.Timestamp("2025-02-20"): 40} | {
        day: 0 for day in pd.date_range("2025-03-01", "2025-03-05")
    }
    return [
        {"ordered_at": f"{day:%Y-%m-%d} 12:00", "units": units.get(day, 10), "order_id": str(n)}
        for n, day in enumerate(days)
        if units.get(day, 10)
    ]


@pytest.fixture(scope="module")
def trail() -> pd.DataFrame:
    odd = {"ordered_at": "2025-01-20 09:00"}
    sold = lines(
        *steady(),
        odd | NOT_DEMAND | {"kind": "cancelled_before", "units": 3, "status": "cancelled"},
        odd | NOT_DEMAND | {"kind": "cancelled_after", "units": 4, "status": "cancelled"},
        odd | NOT_DEMAND | {"kind": "unpaid", "units": 5, "status": "unpaid"},
        odd | NOT_DEMAND | {"kind": "gift", "units": 1},
        odd | {"sku": "SET", "units": 6},
        {"ordered_at": "2025-02-05 09:00", "units": 90},
    )
    events = pd.DataFrame(
        {
            "event": ["2.20"], "kind": ["pay_day"], "market": ["TH"], "phase": ["sale"],
            "starts_on": pd.to_datetime(["2025-02-20"]), "ends_on": pd.to_datetime(["2025-02-20"]),
        }
    ).astype({name: "str" for name in ("event", "kind", "market", "phase")})  # fmt: skip
    given = {"bundles": BUNDLES, "stock_history": tables.empty(tables.StockHistory)}
    daily = daily_sales(sold, events=events, until=UNTIL, **given)
    return demand_trail(sold, daily, **given)


def on(trail: pd.DataFrame, day: str, sku: str = "A") -> pd.Series:
    return trail[(trail["day"] == day) & (trail["sku"] == sku)].iloc[0]


def test_imported_units_and_all_steps_are_the_final_units(trail):
    steps = trail[["imported_units", *tables.TRAIL_STEPS]].sum(axis=1)
    assert np.abs(steps - trail["final_units"]).max() < 1e-9


def test_cancelled_unpaid_and_given_away_units_leave_in_their_own_step(trail):
    row = on(trail, "2025-01-20")
    assert row["imported_units"] == 23
    assert row[["cancelled_units", "unpaid_units", "sample_units"]].tolist() == [-7, -5, -1]


def test_a_bundle_leaves_its_listing_and_arrives_at_its_components(trail):
    day = "2025-01-20"
    told = [on(trail, day, sku)["bundle_units"] for sku in ("SET", "A", "B")]
    assert told == [-6, 12, 6]  # six sets of two A and one B
    assert on(trail, day, "SET")["final_units"] == 0


def test_days_without_stock_are_filled_to_the_usual_day(trail):
    row = on(trail, "2025-03-03")
    assert row["stock_out_rate"] > 0.9
    assert row["final_units"] == pytest.approx(10, rel=0.15)
    assert row["demand_units"] == row["final_units"]


def test_a_promotion_day_is_lifted_out_by_name_and_stays_in_demand(trail):
    row = on(trail, "2025-02-20")
    assert row["event"] == "2.20"
    assert row["promo_units"] == pytest.approx(-30, abs=1.5)
    assert row["demand_units"] == 40


def test_a_bulk_order_is_capped_out_and_not_erased(trail):
    row = on(trail, "2025-02-05")
    assert row["is_spike"]
    assert row["spike_units"] == pytest.approx(-80, abs=10)
    assert row["demand_units"] == 100


def test_the_summary_has_one_row_per_step_and_adds_up(trail):
    told = trail_summary(trail).set_index("step")
    assert told.index[0] == "imported_units"
    assert told.index[-1] == "final_units"
    assert told["units"].iloc[:-1].sum() == pytest.approx(told["units"].iloc[-1])
    assert told.loc["cancelled_units"].tolist() == [-7, 1, 1]
    assert told.loc["promo_units", "n_days"] == 2  # both SKUs are in the event


def test_a_day_that_is_known_in_part_has_no_row_in_the_trail():
    sold = lines(*steady())
    given = {"bundles": BUNDLES, "stock_history": tables.empty(tables.StockHistory)}
    day = sold["ordered_at"].dt.normalize().sort_values().iloc[len(sold) // 2]
    gap = pd.DataFrame({"shop": [sold["shop"].iloc[0]], "day": [day], "reason": ["one_status"]})
    read = read_demand(
        sold, events=tables.empty(tables.Events), until=UNTIL, uncovered=gap, **given
    )
    told = demand_trail(sold, read.daily, stock=read.stock, **given)
    assert day not in set(told["day"])
    assert (told["bundle_units"] == 0).all()


def test_no_sales_leave_no_trail():
    none = tables.empty(tables.DailySales)
    given = {"bundles": BUNDLES, "stock_history": tables.empty(tables.StockHistory)}
    assert demand_trail(lines({}), none, **given).empty


def test_stock_found_with_the_daily_sales_need_not_be_found_again(monkeypatch):
    sold = lines(*steady())
    given = {"bundles": BUNDLES, "stock_history": tables.empty(tables.StockHistory)}
    read = read_demand(sold, events=tables.empty(tables.Events), until=UNTIL, **given)
    anew = demand_trail(sold, read.daily, **given)
    monkeypatch.delattr("planner.intake.trail.stock_outs")
    pd.testing.assert_frame_equal(demand_trail(sold, read.daily, stock=read.stock, **given), anew)
