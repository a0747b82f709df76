"""What the seller planned and joined is read right, or told by file, row and column."""

from pathlib import Path

import pandas as pd
import pytest
from intake_case import a_seller

from planner import tables
from planner.errors import InputError
from planner.intake.plans import (
    events_joined,
    read_campaigns_joined,
    read_live_plan,
    read_shipments,
)

LIVE = "shop,sku,starts_at,hours,creator,expected_viewers,ad_budget,discount_rate\n"
SENT = "shipment,sku,warehouse,mode,units,shipped_on,due_on,arrived_on,received_units\n"
JOINED = "event,market,sku,starts_on,is_joined,tier,discount_rate\n"


def put(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def events(*rows: tuple[str, str, str]) -> pd.DataFrame:
    """Sales of one day each in Thailand: event, phase, day."""
    names, phases, days = zip(*rows, strict=True)
    dated = pd.to_datetime(list(days))
    frame = pd.DataFrame({"event": names, "phase": phases, "starts_on": dated, "ends_on": dated})
    frame = frame.assign(kind="double_date", market="TH")
    return tables.checked(tables.Events, frame)


def joined(*rows: tuple[str, str, str, bool]) -> pd.DataFrame:
    """Rows of event, sku, day, and whether it was joined."""
    facts = [
        {"event": event, "market": "TH", "sku": sku, "starts_on": pd.Timestamp(day),
         "is_joined": is_joined, "tier": "", "discount_rate": float("nan")}
        for event, sku, day, is_joined in rows
    ]  # fmt: skip
    kinds = tables.empty(tables.CampaignsJoined).dtypes.to_dict()
    return tables.checked(tables.CampaignsJoined, pd.DataFrame(facts).astype(kinds))


def test_plans_that_are_not_there_are_empty_tables(tmp_path: Path):
    assert read_live_plan(tmp_path, a_seller()).empty
    assert read_shipments(tmp_path, a_seller()).empty
    assert list(read_campaigns_joined(tmp_path)) == tables.columns(tables.CampaignsJoined)


def test_a_live_session_says_when_and_how_long_and_leaves_the_rest_unknown(tmp_path: Path):
    text = LIVE + "tiktok-th,A,2026-11-11 20:00,2.5,,,,\n"
    live = read_live_plan(put(tmp_path, "live_plan.csv", text), a_seller()).iloc[0]
    assert live["starts_at"] == pd.Timestamp("2026-11-11 20:00")
    assert live["hours"] == 2.5
    assert live[["expected_viewers", "ad_budget", "discount_rate"]].isna().all()


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("tiktok-ht,A,2026-11-11 20:00,2,,,,", "'tiktok-ht' is not known; did you mean tiktok-th?"),
        ("tiktok-th,A,2026-11-11,2,,,,", "'2026-11-11' is not a day and hour, such as"),
        ("tiktok-th,A,2026-11-11 20:00,0,,,,", 'column "hours": 0.0 must be greater than 0'),
        ("tiktok-th,,2026-11-11 20:00,2,,,,", 'row 2, column "sku": empty'),
    ],
)
def test_a_wrong_live_session_is_told(tmp_path: Path, row: str, words: str):
    with pytest.raises(InputError) as told:
        read_live_plan(put(tmp_path, "live_plan.csv", f"{LIVE}{row}\n"), a_seller())
    assert str(told.value).startswith("live_plan.csv, ")
    assert words in str(told.value)


def test_a_shipment_under_way_has_no_arrival_and_no_count(tmp_path: Path):
    text = (
        SENT + "S1,A,th,sea,500,2026-09-01,2026-10-01,,\nS0,A,th,air,9,2026-08-01,,2026-08-09,8\n"
    )
    sent = read_shipments(put(tmp_path, "shipments.csv", text), a_seller())
    assert sent["received_units"].isna().tolist() == [True, False]
    assert sent["arrived_on"].isna().tolist() == [True, False]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("S,A,thh,sea,5,,,,", "row 2, column \"warehouse\": 'thh' is not known; did you mean th?"),
        ("S,A,th,seaa,5,,,,", "did you mean sea? (known: sea, sea_fast, air"),
        ("S,A,th,sea,5,2026-09-02,,2026-09-01,5", "row 2: arrived_on is before shipped_on"),
        ("S,A,th,sea,5,2026-09-02,,,5", "row 2: units were received and no day of arrival"),
    ],
)
def test_a_wrong_shipment_is_told(tmp_path: Path, row: str, words: str):
    with pytest.raises(InputError) as told:
        read_shipments(put(tmp_path, "shipments.csv", f"{SENT}{row}\n"), a_seller())
    assert words in str(told.value)


def test_every_wrong_cell_of_a_plan_is_told_at_once(tmp_path: Path):
    live = "shopX,A,2026-11-11 20:00,-2,,,,1.5\ntiktok-th,A,2026-11-12,2,,,,\n"
    with pytest.raises(InputError) as told:
        read_live_plan(put(tmp_path, "live_plan.csv", LIVE + live), a_seller())
    for words in ("'shopX' is not known", "-2.0 must be", "1.5 must be", "'2026-11-12' is not a"):
        assert words in str(told.value)
    sent = "S,A,mainn,boat,-5,2026-09-02,,2026-09-01,x\n"
    with pytest.raises(InputError) as told:
        read_shipments(put(tmp_path, "shipments.csv", SENT + sent), a_seller())
    for words in ("'mainn'", "'boat'", "-5 must be", "arrived_on is before", "'x' is not a whole"):
        assert words in str(told.value)


def test_what_was_joined_is_read_with_chinese_headers_too(tmp_path: Path):
    text = "活动,市场,开始日,是否参加\n11.11,TH,2025-11-11,否\n"
    said = read_campaigns_joined(put(tmp_path, "campaigns_joined.csv", text))
    assert said["is_joined"].tolist() == [False]
    assert said["sku"].tolist() == [""]


def test_an_event_the_market_did_not_join_is_no_event_in_any_phase():
    all_events = events(
        ("11.11", "warm_up", "2025-11-08"), ("11.11", "sale", "2025-11-11"),
        ("11.11", "sale", "2024-11-11"), ("12.12", "sale", "2025-12-12"),
    )  # fmt: skip
    kept, exceptions = events_joined(all_events, joined(("11.11", "", "2025-11-11", False)))
    assert kept["starts_on"].tolist() == list(pd.to_datetime(["2024-11-11", "2025-12-12"]))
    assert exceptions.empty


def test_skus_of_which_the_contrary_is_true_are_named():
    all_events = events(("11.11", "sale", "2025-11-11"), ("12.12", "sale", "2025-12-12"))
    said = joined(
        ("11.11", "A", "2025-11-10", False),
        ("11.11", "B", "2025-11-11", True),
        ("12.12", "", "2025-12-12", False),
        ("12.12", "B", "2025-12-12", True),
    )
    kept, exceptions = events_joined(all_events, said)
    assert len(kept) == 2
    rows = [(row.event, row.sku, row.is_joined) for row in exceptions.itertuples()]
    assert rows == [("11.11", "A", False), ("12.12", "", False), ("12.12", "B", True)]
    assert exceptions["starts_on"].iloc[0] == pd.Timestamp("2025-11-11")  # as the events have it


def test_a_monthly_event_is_told_from_the_one_of_the_month_before():
    days = ("2025-08-25", "2025-09-25", "2025-10-25")
    all_events = events(*[("Payday", "sale", day) for day in days])
    kept, _ = events_joined(all_events, joined(("Payday", "", "2025-09-26", False)))
    assert kept["starts_on"].dt.month.tolist() == [8, 10]


def test_without_a_word_every_event_was_joined():
    all_events = events(("11.11", "sale", "2025-11-11"))
    kept, exceptions = events_joined(all_events, tables.empty(tables.CampaignsJoined))
    assert kept.equals(all_events)
    assert exceptions.empty
