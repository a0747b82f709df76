"""What a campaign taught: ratios against ordinary days, and never to itself."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from demand_case import (
    MARKET,
    PLAN,
    a_catalogue,
    a_daily,
    a_memory,
    forecast_parts,
    the_events,
    the_priors,
)
from season_case import a_scope

from planner.demand import memory
from planner.demand.uplift import estimate_uplift


def after_the_campaign(ratio: float, level: float = 10.0) -> pd.DataFrame:
    """Sales of the 11.11 itself: sale days at `ratio`, other days at `level`."""
    daily = a_daily({"x": level}, days=260, past={}, noise=False, until="2025-12-01")
    phase = pd.Series("", index=daily.index, dtype="str")
    for name, span in PLAN.phases.named().items():
        phase[daily["day"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))] = name
    units = daily["units"].where(phase != "sale", round(level * ratio))
    event = pd.Series("11.11", index=daily.index).where(phase != "", "").astype("str")
    return daily.assign(phase=phase, event=event, units=units)


def remembered(daily: pd.DataFrame, baseline: pd.DataFrame) -> pd.DataFrame:
    found = memory.remembered_uplift(
        daily, baseline, plans={MARKET: PLAN}, scope=a_scope(), catalogue=a_catalogue(["x"])
    )
    return found.set_index("phase")


@pytest.fixture(scope="module")
def planned() -> pd.DataFrame:
    return forecast_parts(a_daily({"x": 10.0}, past={}, noise=False))["baseline"]


def test_each_phase_that_is_over_is_remembered_with_its_ratio(planned):
    found = remembered(after_the_campaign(5.0), planned)
    assert found.index.tolist() == ["warm_up", "sale", "tail"]
    # 4 days at 50 against 4 at 10
    assert found.loc["sale", "uplift_ratio"] == pytest.approx(201 / 41, rel=0.02)
    assert found.loc["warm_up", "uplift_ratio"] == pytest.approx(1.0, rel=0.02)
    row = found.loc["sale"]
    assert (row["seller"], row["campaign"], row["event"]) == ("demo", "eleven", "11.11")
    assert (row["category"], row["kind"]) == ("home", "double_date")
    assert row["ended_on"] == pd.Timestamp("2025-11-14")


def test_a_level_that_rose_since_the_plan_is_not_remembered_as_uplift(planned):
    risen = after_the_campaign(5.0, level=20.0)
    found = remembered(risen, planned)
    assert found.loc["sale", "uplift_ratio"] == pytest.approx(5.0, rel=0.06)


def test_days_without_stock_are_left_out_of_both_sums(planned):
    daily = after_the_campaign(5.0)
    out = daily["day"].between("2025-11-12", "2025-11-14")
    daily = daily.assign(is_stock_out=out, units=daily["units"].mask(out, 0))
    found = remembered(daily, planned)
    assert found.loc["sale", "uplift_ratio"] == pytest.approx(51 / 11, rel=0.03)


def test_a_phase_that_still_runs_is_not_remembered(planned):
    daily = after_the_campaign(5.0)
    found = remembered(daily[daily["day"] <= "2025-11-13"], planned)
    assert found.index.tolist() == ["warm_up"]


def test_before_the_campaign_there_is_nothing_to_remember(planned):
    daily = a_daily({"x": 10.0}, past={}, noise=False)
    found = memory.remembered_uplift(
        daily, planned, plans={MARKET: PLAN}, scope=a_scope(), catalogue=a_catalogue(["x"])
    )
    assert found.empty


def test_a_campaign_never_learns_from_itself():
    rows = pd.concat([a_memory(campaign="eleven"), a_memory(campaign="five")], ignore_index=True)
    usable = memory.usable_memory(rows, campaign="eleven", as_of={MARKET: date(2025, 9, 16)})
    assert usable["campaign"].tolist() == ["five"]


def test_only_what_was_over_before_the_planning_day_may_be_used():
    rows = pd.concat(
        [a_memory(ended_on=pd.Timestamp(day)) for day in ("2025-09-15", "2025-09-16")],
        ignore_index=True,
    )
    usable = memory.usable_memory(rows, campaign="eleven", as_of={MARKET: date(2025, 9, 16)})
    assert usable["ended_on"].tolist() == [pd.Timestamp("2025-09-15")]


def test_a_market_outside_the_campaign_is_seen_from_the_earliest_day():
    rows = a_memory(market="MY", ended_on=pd.Timestamp("2025-09-10"))
    as_of = {MARKET: date(2025, 9, 16), "US": date(2025, 9, 9)}
    assert memory.usable_memory(rows, campaign="eleven", as_of=as_of).empty


def test_what_is_remembered_is_what_the_next_forecast_reads(planned):
    learnt = remembered(after_the_campaign(5.0), planned).reset_index()
    learnt = learnt.assign(ended_on=learnt["ended_on"] - pd.Timedelta(days=180))
    usable = memory.usable_memory(learnt, campaign="twelve", as_of={MARKET: date(2025, 9, 16)})
    quiet = a_daily({"x": 10.0}, days=30, past={}, noise=False)
    base = forecast_parts(quiet)["baseline"]
    found = estimate_uplift(
        quiet, base, plans={MARKET: PLAN}, events=the_events().head(0), priors=the_priors(),
        memory=usable,
        catalogue=a_catalogue(["x"]),
    ).set_index("phase")  # fmt: skip
    assert found.loc["sale", "source"] == "memory"
    assert 2.0 < found.loc["sale", "uplift_ratio"] < 5.0
    assert np.isfinite(found["log_sd"]).all()
