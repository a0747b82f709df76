"""What is told of time beyond single lanes: seasons, weak figures, the weeks that making takes."""

import pandas as pd
import supply_case as case

from planner import tables
from planner.guards import time_checks
from planner.guards.entries import as_alerts
from planner.supply.trips.lanes import chain_dates
from planner.supply.trips.stages import stage_days

BOUNDS = case.register(tables.Bounds)
STAGES = case.register(tables.LaneStages)


def facts(row: dict) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in row["facts"].split("|"))


def test_the_four_weeks_leave_out_what_making_takes():
    def codes(days: float) -> list[tuple[str, str]]:
        scope = case.scope(as_of="2026-10-01", policy={"production_days": days})
        return [(row["code"], facts(row)["days"]) for row in time_checks.start(BOUNDS, scope)]

    # 31 days to the shelf: enough for 3 days of making, not for 4.
    assert codes(0) == codes(3) == []
    assert codes(4) == [("start_excludes_own", "31")]
    late = case.scope(as_of="2026-10-05", policy={"production_days": 4})
    assert [row["code"] for row in time_checks.start(BOUNDS, late)] == ["start_late"]


def test_lanes_in_time_on_unverified_figures_are_named_once_a_market():
    scope = case.scope()
    options = case.options(scope)
    assert facts(time_checks.weak_lanes(options, scope)[0]) == {
        "n": "2", "modes": "mode.sea, mode.truck",
    }  # fmt: skip
    sure = options.assign(source="https://a.test (secondary, 2026-01-01)")
    assert time_checks.weak_lanes(sure, scope) == []
    late = options.assign(is_feasible=[False, True])
    assert facts(time_checks.weak_lanes(late, scope)[0])["modes"] == "mode.truck"


def test_a_season_that_stretches_stages_is_told_once_a_market_with_its_days_and_modes():
    scope = case.scope(contract={"confirmed_lead_time_on": "2026-09-01", "receiving_days": 4})
    risks = case.windows(("2026-10-22", "2026-10-25", 2.5)).assign(stage="line_haul")
    options = chain_dates(case.lanes(), risks, BOUNDS, scope=scope, lane_stages=STAGES)
    days = stage_days(options, STAGES, risks, scope=scope, confidence=0.9)
    told = time_checks.seasons(days, options, scope)
    assert [facts(row) for row in told] == [
        {"stages": "stage.line_haul", "days": "2.5", "modes": "mode.truck"}
    ]
    frame = as_alerts(told)
    assert frame["severity"].to_list() == ["note"]
    assert pd.isna(frame["act_by"]).all()
