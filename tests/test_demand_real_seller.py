"""One real seller's year, replayed event by event; skipped where its files are not at hand."""

from datetime import date, timedelta

import pandas as pd
import pytest
from demand_case import a_catalogue, no_memory, the_priors

from benchmarks.accuracy_sellers import marketplace_events, marketplace_folder, marketplace_lines
from planner import tables
from planner.demand import accuracy
from planner.demand.backtest import replay_events
from planner.intake.known import as_known
from planner.intake.sales import daily_sales

DAYS = ("2023-09-09", "2023-10-10", "2023-11-11", "2023-12-12")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        marketplace_folder() is None, reason="the shared exports are not beside the project"
    ),
]


@pytest.fixture(scope="module")
def replays() -> pd.DataFrame:
    """Return forecast and truth of four double dates, each from 28 days before."""
    lines, events = marketplace_lines(), marketplace_events()
    return pd.concat([a_replay(lines, events, day) for day in DAYS], ignore_index=True)


def a_replay(lines: pd.DataFrame, events: pd.DataFrame, day: str) -> pd.DataFrame:
    until = {"VN": date.fromisoformat(day) + timedelta(days=1)}
    daily = daily_sales(
        as_known(lines, until),
        bundles=tables.empty(tables.Bundles),
        events=events,
        stock_history=tables.empty(tables.StockHistory),
        until=until,
    )
    return replay_events(
        daily,
        events,
        lead_days=28,
        priors=the_priors(),
        memory=no_memory(),
        catalogue=a_catalogue(daily["sku"].unique()),
        seed_text="real",
        most=1,
    )


def test_each_double_date_is_replayed_from_28_days_before(replays):
    assert sorted(replays["event"].unique()) == list(DAYS)
    cut_offs = set(replays["cut_off_on"].dt.date)
    assert date(2023, 10, 14) in cut_offs


def test_the_forecast_errs_less_than_the_spreadsheet_rule(replays):
    ours = accuracy.wape(replays["actual_units"], replays["q50_units"])
    rule = accuracy.wape(replays["actual_units"], replays["rule_units"])
    assert ours < 0.9 * rule


def test_the_eighty_percent_range_holds_at_least_that(replays):
    inside = accuracy.coverage(replays["actual_units"], replays["q10_units"], replays["q90_units"])
    assert 0.75 <= inside <= 1.0


def test_the_seller_as_a_whole_is_neither_far_over_nor_under(replays):
    assert abs(accuracy.bias(replays["actual_units"], replays["mean_units"])) < 0.25
