"""Feasts by their dates, which of them a history has seen, and what is said of them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
from demand_case import MARKET, a_daily, the_priors

from planner import tables
from planner.demand import feasts, seasons
from planner.demand.own_markets import of_market
from planner.demand.own_remarks import own_remarks
from planner.errors import PlanningError


def span(first: str, last: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    return pd.Timestamp(first), pd.Timestamp(last)


@pytest.mark.parametrize(
    ("market", "feast", "first", "last"),
    [
        ("ID", "ramadan", "2025-03-02", "2025-03-30"),
        ("ID", "eid_fitr", "2026-03-21", "2026-03-22"),
        ("TH", "songkran", "2026-04-13", "2026-04-15"),
        ("VN", "spring_festival", "2026-02-17", "2026-02-19"),
        ("MY", "deepavali", "2026-11-08", "2026-11-08"),
    ],
)
def test_a_feast_stands_on_the_days_of_its_own_calendar(market, feast, first, last):
    year = first[:4]
    found = feasts.feasts_of(market, *span(f"{year}-01-01", f"{year}-12-31")).set_index("feast")
    assert (found.loc[feast, "starts_on"], found.loc[feast, "ends_on"]) == span(first, last)


def test_two_editions_of_ramadan_begin_in_one_year_where_the_moon_is_early_enough():
    found = feasts.feasts_of("MY", *span("2030-01-01", "2030-12-31"))
    assert found["feast"].tolist().count("ramadan") == 2


def test_a_market_keeps_its_own_feasts_and_no_others():
    assert feasts.feasts_of("US", *span("2026-01-01", "2026-12-31")).empty
    assert set(feasts.feasts_of("TH", *span("2026-01-01", "2026-12-31"))["feast"]) == {
        "spring_festival",
        "songkran",
    }


def test_an_estimated_edition_bears_the_name_of_those_before_it():
    days = pd.date_range("2025-01-01", "2027-12-31")
    told = seasons._holidays("ID", days)
    eid = told[told["holiday"] == "eid_fitr"]["ds"].dt.year
    assert sorted(eid.unique()) == [2025, 2026, 2027]
    assert not told["holiday"].str.contains("estimated|Eid|Lunar").any()


@pytest.mark.parametrize(
    ("known_from", "term"),
    [
        ("2025-06-01", "remark.feast_unseen"),
        ("2025-02-20", "remark.feast_short"),
        ("2024-12-01", "remark.feast_learnt"),
    ],
)
def test_what_is_known_of_a_feast_follows_from_the_editions_in_the_history(known_from, term):
    told = feasts.feast_remarks(
        "ID", known=span(known_from, "2026-01-20"), ahead=span("2026-02-25", "2026-03-01")
    )
    assert [remark.split("|")[0] for remark in told] == [term]
    assert "feast=feast.ramadan|start=2026-02-19|end=2026-03-20" in told[0]


def test_a_horizon_without_a_feast_says_nothing():
    daily = a_daily([5.0])
    assert feasts.feast_findings(daily, {MARKET: span("2025-09-16", "2025-11-30")}).empty


def test_feasts_between_the_last_order_and_the_looking_day_are_not_ahead():
    days = pd.date_range("2025-12-01", "2026-05-31")  # the history ends in November
    base = pd.DataFrame({"market": MARKET, "day": days, "is_future": True})
    assert feasts.spans_ahead(base, {MARKET: date(2026, 4, 20)}) == {
        MARKET: span("2026-04-20", "2026-05-31")
    }
    early, late = (
        feasts.feast_findings(a_daily([5.0]), feasts.spans_ahead(base, {MARKET: day}))
        for day in (date(2026, 4, 1), date(2026, 4, 20))
    )
    assert "feast.songkran" in " ".join(early["facts"])
    assert "feast.songkran" not in " ".join(late["facts"])


def test_a_finding_names_market_feast_and_days():
    daily = a_daily([5.0])
    told = feasts.feast_findings(daily, {MARKET: span("2026-03-20", "2026-04-20")})
    assert told["code"].tolist() == ["W_FEAST_SHORT"]
    assert told["facts"].iloc[0].startswith("market=TH|feast=feast.songkran|start=2026-04-13")
    assert tables.checked(tables.Findings, told) is not None


def an_index(n_days: int, first_on: str, lift: float) -> np.ndarray:
    """Return a flat log index, lifted in Ramadan, with a little noise."""
    days = pd.date_range(first_on, periods=n_days)
    in_feast = days.isin(feasts.feast_days("ID", days[0], days[-1]).query("holiday=='ramadan'").ds)
    return np.where(in_feast, np.log(lift), 0.0) + np.random.default_rng(1).normal(0, 0.05, n_days)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # Prophet 1.5 on pandas 3.1
def test_one_past_ramadan_lifts_the_next_which_comes_eleven_days_sooner():
    first = pd.Timestamp("2025-01-01")
    season = seasons.season_index(
        an_index(405, "2025-01-01", 1.5), first_on=first, n_days=450, market="ID"
    )
    at = {day: (pd.Timestamp(day) - first).days for day in ("2026-02-12", "2026-02-25")}
    assert season[at["2026-02-25"]] / season[at["2026-02-12"]] == pytest.approx(1.5, rel=0.15)


def test_where_no_season_is_kept_the_feasts_alone_still_stand():
    season = seasons.feast_season(
        an_index(405, "2025-01-01", 1.5),
        first_on=pd.Timestamp("2025-01-01"),
        n_days=450,
        market="ID",
    )
    days = pd.date_range("2025-01-01", periods=450)
    ramadan = season[days.get_loc(pd.Timestamp("2026-02-25"))]
    assert ramadan == pytest.approx(1.5, rel=0.1)
    assert season[days.get_loc(pd.Timestamp("2025-08-01"))] == 1.0


def test_feasts_nobody_felt_leave_the_days_as_they_are():
    season = seasons.feast_season(
        an_index(405, "2025-01-01", 1.0),
        first_on=pd.Timestamp("2025-01-01"),
        n_days=450,
        market="ID",
    )
    assert np.abs(np.log(season)).max() < 0.08
    plain = seasons.feast_season(
        np.zeros(405), first_on=pd.Timestamp("2025-01-01"), n_days=450, market=""
    )
    assert (plain == 1.0).all()


def some_events() -> pd.DataFrame:
    return pd.DataFrame(
        {"event": ["f"], "kind": ["payday"], "start": ["2026-03-01"], "end": ["2026-03-02"]}
    )


def some_sales(**columns: object) -> pd.DataFrame:
    days = pd.date_range("2026-01-01", periods=40)
    return pd.DataFrame({"sku": "a", "date": days, "units": 5.0}).assign(**columns)


def told(market: str, sales: pd.DataFrame | None = None) -> list[str]:
    found = own_remarks(
        some_sales() if sales is None else sales,
        some_events(),
        event="f",
        today=pd.Timestamp("2026-02-10"),
        kinds=set(the_priors()["kind"]) | {"payday"},
        market=market,
    )
    return [remark.split("|")[0] for remark in found]


def test_without_a_market_a_feast_is_asked_about_and_with_one_it_is_named():
    assert told("") == ["remark.which_market"]
    assert told("ID") == ["remark.feast_unseen"]
    assert told("US") == []


def test_days_without_a_row_are_told_where_they_are_no_likely_days_of_nothing():
    gappy = some_sales().drop(index=range(5, 15))
    assert told("US", gappy) == ["remark.gaps_unlikely"]
    beside = some_sales(units=[0.0, 1.0] * 20).drop(index=range(5, 15))
    assert told("US", beside) == ["remark.gaps_beside_zeros"]
    seldom = some_sales(units=1.0).drop(index=range(5, 15))
    assert told("US", seldom) == []


def test_rows_of_another_market_are_left_out_and_blank_ones_hold_everywhere():
    sales = some_sales(market=["TH", "my"] * 20)
    events = some_events().assign(market=["MY"])
    mine, rows, market = of_market(sales, events, market="TH")
    assert (len(mine), len(rows), market) == (20, 0, "TH")
    assert len(of_market(sales, some_events().assign(market=""), market="MY")[1]) == 1
    assert of_market(sales[sales["market"] == "TH"], events)[2] == "TH"


def test_several_markets_without_a_choice_are_refused_by_name():
    with pytest.raises(PlanningError, match="MY, TH"):
        of_market(some_sales(market=["TH", "MY"] * 20), some_events())
    with pytest.raises(PlanningError, match="no row of market ID"):
        of_market(some_sales(market="TH"), some_events(), market="ID")
