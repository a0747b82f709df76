"""Drivers as columns of a regression: scaled by hand, matched to their event, NaN if unknown."""

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, PLAN, a_daily

from planner import tables
from planner.demand.clean import Panel, panel_of
from planner.demand.drivers import (
    DRIVER_COLUMNS,
    driver_matrix,
    easter_share,
    of_runs,
    of_target,
)

COLUMN = {name: place for place, name in enumerate(DRIVER_COLUMNS)}


def a_panel() -> Panel:
    return panel_of(a_daily({"A": 5.0, "B": 5.0}))


def some_drivers(*rows: dict[str, object]) -> pd.DataFrame:
    """Sales of 11.11: four days from 2025-11-11 unless a row says otherwise."""
    usual = {
        "event": "11.11", "market": MARKET, "phase": "sale", "sku": "",
        "starts_on": pd.Timestamp("2025-11-11"), "ends_on": pd.Timestamp("2025-11-14"),
    }  # fmt: skip
    blank = tables.empty(tables.Drivers)
    frame = pd.DataFrame([usual | row for row in rows], columns=list(blank))
    return tables.checked(tables.Drivers, frame.astype(blank.dtypes.to_dict()))


def test_each_driver_is_scaled_so_that_a_log_ratio_is_near_a_line_in_it() -> None:
    rows = pd.DataFrame(
        {
            "discount_rate": [0.5], "tier_rank": [4.0], "is_joined": [True], "live_hours": [12.0],
            "live_sessions": [4.0], "creators": [3.0], "viewers": [400.0], "ad_spend": [4000.0],
            "traffic_visits": [40.0], "has_gift": [False],
        }
    )  # fmt: skip
    found = dict(zip(DRIVER_COLUMNS, driver_matrix(rows, days=4)[0], strict=True))
    assert found["discount_rate"] == pytest.approx(np.log(2))
    assert (found["tier_rank"], found["is_joined"], found["has_gift"]) == (4.0, 1.0, 0.0)
    assert found["live_hours"] == pytest.approx(np.log(1 + 3))  # 12 hours over 4 days
    assert found["creators"] == pytest.approx(np.log(1 + 3))  # a count, not a total
    assert found["viewers"] == pytest.approx(np.log(101))
    assert found["ad_spend"] == pytest.approx(np.log(1001))
    assert found["traffic_visits"] == pytest.approx(np.log(11))
    assert found["live_sessions"] == pytest.approx(np.log(2))


def test_unknown_is_nan_and_nothing_is_infinite() -> None:
    rows = pd.DataFrame({"discount_rate": [np.nan, 0.999, 1.0], "has_gift": [pd.NA, True, False]})
    found = driver_matrix(rows)
    assert found.shape == (3, len(DRIVER_COLUMNS))
    assert np.isnan(found[0]).all()
    assert found[1:, COLUMN["discount_rate"]] == pytest.approx([np.log(20)] * 2)
    assert not np.isinf(found).any()
    assert np.isnan(found[:, COLUMN["ad_spend"]]).all()


def test_a_target_takes_its_own_facts_first_and_the_markets_for_the_rest() -> None:
    drivers = some_drivers(
        {"live_hours": 8.0, "discount_rate": 0.2},
        {"sku": "B", "discount_rate": 0.4},
        {"phase": "tail", "discount_rate": 0.9},
    )
    found = of_target(drivers, a_panel(), {MARKET: PLAN}, "sale")
    assert found[:, COLUMN["discount_rate"]] == pytest.approx([-np.log(0.8), -np.log(0.6)])
    assert found[:, COLUMN["live_hours"]] == pytest.approx([np.log(3)] * 2)
    assert np.isnan(found[:, COLUMN["has_gift"]]).all()


def test_another_year_another_phase_and_another_market_say_nothing_of_the_target() -> None:
    last_year = {"starts_on": pd.Timestamp("2024-11-11"), "ends_on": pd.Timestamp("2024-11-14")}
    drivers = some_drivers(
        {"discount_rate": 0.2} | last_year,
        {"discount_rate": 0.3, "phase": "warm_up"},
        {"discount_rate": 0.4, "market": "VN"},
    )
    assert np.isnan(of_target(drivers, a_panel(), {MARKET: PLAN}, "sale")).all()
    assert np.isnan(of_target(drivers.iloc[:0], a_panel(), {MARKET: PLAN}, "sale")).all()
    assert np.isnan(of_target(drivers, a_panel(), {"VN": PLAN}, "sale")).all()


def test_a_run_takes_the_edition_whose_phase_starts_nearest() -> None:
    panel = a_panel()
    day = {"event": "Payday", "live_hours": np.nan}
    drivers = some_drivers(
        *(
            day | {"starts_on": pd.Timestamp(first), "ends_on": pd.Timestamp(first), "sku": sku,
                   "discount_rate": rate}
            for first, sku, rate in (
                ("2025-06-25", "", 0.1), ("2025-07-25", "", 0.2), ("2025-07-25", "A", 0.3)
            )
        )
    )  # fmt: skip

    def column(day: str) -> int:
        return (pd.Timestamp(day) - panel.first_on).days

    found = of_runs(
        drivers,
        panel,
        phase="sale",
        series=np.array([1, 0, 1, -1, 0, 0]),
        event=["Payday", "Payday", "Payday", "Payday", "9.9", "Payday"],
        start=np.array(
            [
                column("2025-07-26"),
                column("2025-07-25"),
                column("2025-06-25"),
                column("2025-06-25"),
                9,
                -1,
            ]
        ),
    )
    depth = found[:, COLUMN["discount_rate"]]
    assert depth[:3] == pytest.approx([-np.log(0.8), -np.log(0.7), -np.log(0.9)])
    assert np.isnan(depth[3:]).all()  # only remembered; an event of another name


def test_no_run_gives_no_row() -> None:
    found = of_runs(
        some_drivers({"discount_rate": 0.2}), a_panel(), phase="sale",
        series=np.array([], dtype=int), event=[], start=np.array([], dtype=int),
    )  # fmt: skip
    assert found.shape == (0, len(DRIVER_COLUMNS))


def test_a_promotion_before_easter_is_told_by_its_share_of_those_eight_days() -> None:
    # Easter Sunday: 31 March 2024, 20 April 2025
    starts = pd.Series(pd.to_datetime(["2024-03-23", "2025-04-10", "2025-04-20", "2025-03-23"]))
    ends = starts + pd.Timedelta(days=3)
    # all four days; 12 and 13 April of four; Easter itself and a year in which it is late: none
    found = easter_share(starts, ends, market="")
    assert found.tolist() == [1.0, 0.5, 0.0, 0.0]
    assert easter_share(starts, ends, market="DE").tolist() == found.tolist()
    assert easter_share(starts, ends, market="TH").tolist() == [0.0] * 4
