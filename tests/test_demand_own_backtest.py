"""Own events replayed: each from its own past, nothing from the future, what is left out named."""

import numpy as np
import pandas as pd
import pytest
from demand_case import the_priors

from planner.demand.own_backtest import replay_own
from planner.demand.peers import Told, Windows
from planner.demand.record import record_of
from planner.errors import PlanningError

EVENTS = pd.DataFrame(
    {
        "event": ["5.5", "6.6", "7.7", "8.8"],
        "kind": "double_date",
        "start": pd.to_datetime(["2025-05-05", "2025-06-06", "2025-07-07", "2025-08-08"]),
    }
).assign(end=lambda rows: rows["start"] + pd.Timedelta(days=1))


def own_sales(levels: dict[str, float], *, ratio: float = 3.0, days: int = 180) -> pd.DataFrame:
    """Return daily sales to 2025-08-31, two sale days of each event at `ratio` times the level."""
    day = pd.date_range(end="2025-08-31", periods=days)
    sale = np.isin(day, [*EVENTS["start"], *EVENTS["end"]])
    mean = np.array(list(levels.values()))[:, None] * np.where(sale, ratio, 1.0)
    units = np.random.default_rng(5).poisson(mean)
    return pd.DataFrame(
        {"sku": np.repeat(list(levels), days), "date": np.tile(day, len(levels))}
    ).assign(units=units.ravel())


def replayed(sales: pd.DataFrame, events: pd.DataFrame = EVENTS, **more: object):
    return replay_own(sales, events, **{"lead_days": 28, "priors": the_priors()} | more)


def test_every_event_that_was_over_is_forecast_from_its_own_past():
    found = replayed(own_sales({"a": 20.0, "b": 8.0}))
    events = found.replay.groupby("event")["cut_off_on"].first()
    assert events.to_dict() == {
        "5.5": pd.Timestamp("2025-04-07"), "6.6": pd.Timestamp("2025-05-09"),
        "7.7": pd.Timestamp("2025-06-09"), "8.8": pd.Timestamp("2025-07-11"),
    }  # fmt: skip
    assert found.replay.groupby("event")["past_events"].first().tolist() == [0, 1, 2, 3]
    assert set(found.replay["lead_days"]) == {28}


def test_nothing_after_a_cut_off_changes_its_forecast():
    sales = own_sales({"a": 20.0, "b": 8.0})
    later = sales["date"] >= "2025-07-11"
    scrambled = sales.assign(units=sales["units"].mask(later, 77))
    said = ["mean_units", "q10_units", "q90_units", "rule_units", "naive_units"]
    first, second = (replayed(one).replay for one in (sales, scrambled))
    pd.testing.assert_frame_equal(first[said], second[said])
    assert second.loc[second["event"] == "8.8", "actual_units"].tolist() == [154.0, 154.0]


def test_the_record_of_a_steady_seller_beats_rule_and_naive():
    levels = dict(zip(map(str, range(30)), np.geomspace(2, 60, 30), strict=True))
    found = record_of(replayed(own_sales(levels)).replay)
    wape = found[found["slice"] == "all"].set_index("method")["wape_rate"]
    assert wape["ours"] < wape["rule"] < wape["naive"]
    assert found.loc[found["slice"] == "all", "event_count"].tolist() == [4, 4, 4]


def test_an_event_without_four_weeks_before_its_cut_off_is_named_not_replayed():
    found = replayed(own_sales({"a": 20.0}, days=120))
    assert found.skipped["event"].tolist() == ["5.5", "6.6"]
    assert set(found.skipped["reason"]) == {"too_early"}
    assert set(found.replay["event"]) == {"7.7", "8.8"}


def test_a_window_with_a_day_without_stock_is_left_out():
    sales = own_sales({"a": 20.0, "b": 8.0}).assign(in_stock="yes")
    out = (sales["sku"] == "a") & (sales["date"] == "2025-08-09")
    found = replayed(sales.assign(in_stock=sales["in_stock"].mask(out, "no"))).replay
    assert found.loc[found["event"] == "8.8", "sku"].tolist() == ["b"]
    assert found.loc[found["event"] == "7.7", "sku"].tolist() == ["a", "b"]


def test_an_event_of_one_sku_is_replayed_for_that_sku_alone():
    events = EVENTS.assign(sku=["", "", "", "b"])
    found = replayed(own_sales({"a": 20.0, "b": 8.0}), events).replay
    assert found.loc[found["event"] == "8.8", "sku"].tolist() == ["b"]


def test_an_event_that_the_sales_do_not_reach_to_the_end_is_named():
    found = replayed(own_sales({"a": 20.0}), as_of=pd.Timestamp("2025-08-09").date())
    assert set(found.replay["event"]) == {"5.5", "6.6", "7.7"}
    late = EVENTS.assign(end=EVENTS["end"].where(EVENTS["event"] != "8.8", "2025-09-30"))
    sales = own_sales({"a": 20.0})
    told = replayed(sales, late, as_of=pd.Timestamp("2025-10-15").date()).skipped
    assert told[["event", "reason"]].to_numpy().tolist() == [["8.8", "not_told"]]


def test_the_same_name_a_year_later_is_another_event():
    events = pd.concat([EVENTS, EVENTS.assign(start="2026-08-08", end="2026-08-09")[-1:]])
    assert len(set(replayed(own_sales({"a": 20.0}), events).replay["starts_on"])) == 4


def test_no_event_that_was_over_is_refused_in_words():
    with pytest.raises(PlanningError, match=r"events: none was over by 2025-05-01"):
        replayed(own_sales({"a": 20.0}), as_of=pd.Timestamp("2025-05-01").date())


def test_peers_see_the_past_and_the_calendar_and_nothing_else():
    seen: list[Windows] = []

    def peer(windows: Windows) -> Told:
        seen.append(windows)
        mean = np.arange(len(windows.units), dtype=float)
        return Told(mean=mean, quantiles=np.tile(mean[:, None], 7))

    found = replayed(own_sales({"a": 20.0, "b": 8.0}), peers={"count": peer})
    last = seen[-1]
    assert last.units.shape[1] == (pd.Timestamp("2025-07-11") - last.first_on).days
    assert last.window.sum(axis=1).tolist() == [2, 2]
    assert last.drivers_ahead[0, :, 0].sum() == 2
    assert last.drivers[0, :, 0].sum() == 6
    assert found.peers["point"].tolist() == [0.0, 1.0] * 4
    assert set(record_of(found.replay, peers=found.peers)["method"]) == {
        "ours", "rule", "naive", "count",
    }  # fmt: skip


def test_days_the_shop_was_closed_are_no_promotion_and_take_no_part():
    shut = pd.Timestamp("2025-08-09")
    sales = own_sales({"a": 20.0, "b": 8.0})
    sales = sales.assign(units=sales["units"].mask(sales["date"] == shut, 0))
    closed = pd.DataFrame([{"event": "holiday", "kind": "closed", "start": shut, "end": shut}])
    found = replayed(sales, pd.concat([EVENTS, closed], ignore_index=True)).replay
    assert set(found["event"]) == set(EVENTS["event"])
    last = found[found["event"] == "8.8"]
    one_day = sales[sales["date"] == "2025-08-08"].sort_values("sku")["units"]
    assert last["actual_units"].tolist() == one_day.tolist()
    assert last["rule_units"].sum() == pytest.approx(3 * 28, rel=0.2)
