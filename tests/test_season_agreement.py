"""A status that asks for more goods, held against what can still be brought."""

import numpy as np
import pandas as pd
from season_case import a_scope

from planner import tables
from planner.season.acting.agreement import agreed

LOOKING = pd.Timestamp("2025-11-12")


def status(action: str = "replenish") -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "a", "as_of": LOOKING, "units_to_date": 100,
        "planned_to_date": 90.0, "pace_ratio": 1.1, "stock_units": 5.0, "horizon_q10_units": 30.0,
        "horizon_q50_units": 40.0, "horizon_q90_units": 50.0, "cover_days": 0.5,
        "runs_out_on": LOOKING, "action": action, "action_units": 37, "act_by": LOOKING,
        "reason": "reason.track_enough",
    }  # fmt: skip
    return tables.checked(tables.TrackStatus, pd.DataFrame([row]))


def choices(*rows: tuple[str, float, bool]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["action", "units", "is_open"])
    frame = frame.assign(
        market="TH", sku="a", where="", rank=range(1, len(frame) + 1), value_profit=10.0,
        looking_at=LOOKING, last_useful_at=pd.Timestamp("2025-11-15 10:00"), hours_left=82.0,
        reason="reason.choice_" + frame["action"] + "|place=x|hours=3|share=0.3|days=2",
        currency=a_scope().seller.currency, lands_at=pd.NaT, event_units=5.0, event_profit=5.0,
        step_profit=10.0, step_event_profit=5.0, event_last_at=pd.Timestamp("2025-11-14 22:00"),
    )  # fmt: skip
    place = frame["is_open"].cumsum().where(frame["is_open"] & (frame["action"] != "markdown"))
    frame["step_rank"] = place.astype("Int64")
    frame["lands_at"] = frame["lands_at"].astype("datetime64[us]")
    return tables.checked(tables.ActionChoices, frame.astype({"units": float}))


def test_the_best_open_way_gives_units_last_day_and_reason():
    row = agreed(status(), choices(("transfer", 33.2, True), ("cap_ads", 9, True))).iloc[0]
    assert (row["action"], row["action_units"]) == ("replenish", 34)
    assert row["act_by"] == pd.Timestamp("2025-11-14")  # later it still helps after the event
    assert row["reason"].startswith("reason.choice_transfer")
    late = choices(("transfer", 33.2, True)).assign(event_last_at=pd.NaT)
    late["event_last_at"] = late["event_last_at"].astype("datetime64[us]")
    assert agreed(status(), late).iloc[0]["act_by"] == pd.Timestamp("2025-11-15")


def test_where_nothing_comes_in_time_the_shelf_is_made_to_last():
    row = agreed(status(), choices(("air_top_up", 30, False), ("cap_ads", 9, True))).iloc[0]
    assert (row["action"], row["action_units"]) == ("slow_down", 0)
    assert row["reason"].startswith("reason.choice_cap_ads")


def test_a_markdown_does_not_help_a_sku_that_runs_short():
    row = agreed(status(), choices(("markdown", 9, True))).iloc[0]
    assert (row["action"], row["reason"]) == ("watch", "reason.choice_nothing")


def test_other_actions_and_skus_that_were_not_weighed_stay_as_they_are():
    clear = status("clear")
    pd.testing.assert_frame_equal(agreed(clear, choices(("cap_ads", 9, True))), clear)
    alone = status()
    pd.testing.assert_frame_equal(agreed(alone, tables.empty(tables.ActionChoices)), alone)


def cover(**changes) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "a", "looking_at": LOOKING, "stock_units": 4.0,
        "coming_units": 0.0, "hour_units": 0.5, "cover_hours": 30.0, "low_cover_hours": 20.0,
        "cover_days": 1.25, "runs_out_at": pd.Timestamp("2025-11-13 06:00"),
        "low_runs_out_at": pd.Timestamp("2025-11-12 20:00"), "stock_out_rate": 1.0,
        "lost_units": 9.0, "lost_profit": 90.0, "reason": "", "currency": "CNY",
    } | changes  # fmt: skip
    frame = pd.DataFrame([row])
    dates = dict.fromkeys(("looking_at", "runs_out_at", "low_runs_out_at"), "datetime64[us]")
    return tables.checked(tables.CoverHours, frame.astype(dates))


def test_stock_cover_and_the_day_it_runs_out_are_those_of_the_shelf_by_the_hour():
    row = agreed(status(), tables.empty(tables.ActionChoices), cover()).iloc[0]
    assert (row["stock_units"], row["cover_days"]) == (4.0, 1.25)
    assert row["runs_out_on"] == pd.Timestamp("2025-11-13")
    lasts = cover(cover_hours=np.nan, cover_days=np.nan, runs_out_at=pd.NaT)
    row = agreed(status("none"), tables.empty(tables.ActionChoices), lasts).iloc[0]
    assert pd.isna(row["cover_days"])
    assert pd.isna(row["runs_out_on"])


def test_a_shelf_slowed_down_has_until_its_first_choice_and_not_until_today():
    row = agreed(status("slow_down"), choices(("backorder", 9, True))).iloc[0]
    assert (row["action"], row["act_by"]) == ("slow_down", pd.Timestamp("2025-11-14"))
    clear = agreed(status("clear"), choices(("markdown", 9, True))).iloc[0]
    assert (clear["action"], clear["act_by"]) == ("clear", pd.Timestamp("2025-11-15"))
