"""Each fact of a promotion comes from the first source that says it, and is else unknown."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from intake_case import a_seller, xlsx_bytes

from planner import tables
from planner.campaign import read_campaign
from planner.errors import InputError
from planner.intake.driver_findings import Said, driver_findings
from planner.intake.driver_rows import FACTS, DriversFile, read_drivers
from planner.intake.drivers import event_windows, known_drivers
from planner.scope import Scope

HEAD = "event,market,phase,sku,starts_on,discount_rate,tier,is_joined,live_hours,ad_spend,has_gift"
PHASES = {
    "warm_up": {"start": "2025-11-01", "end": "2025-11-10"},
    "sale": {"start": "2025-11-11", "end": "2025-11-14"},
    "tail": {"start": "2025-11-15", "end": "2025-11-20"},
}
"""10, 4 and 6 days: 20 together."""


def a_scope(drivers: Any = None, *, in_market: Any = None) -> Scope:
    campaign = read_campaign(
        {
            "campaign": "autumn",
            "name": {"zh": "秋", "en": "Autumn"},
            "as_of": {"plan": "2025-09-16"},
            "drivers": drivers or {},
            "markets": {
                "TH": {
                    "event": "11.11",
                    "kind": "double_date",
                    "phases": PHASES,
                    "next_replenishment_on": "2025-12-01",
                    "drivers": in_market or {},
                }
            },
        },
        where="c.yml",
    )
    return Scope(campaign=campaign, seller=a_seller())


def some_events(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    """Events of Thailand: name, phase, first and last day."""
    names, phases, starts, ends = zip(*rows, strict=True) if rows else ((), (), (), ())
    frame = pd.DataFrame({"event": names, "phase": phases}, dtype="str").assign(
        kind="double_date",
        market="TH",
        starts_on=pd.to_datetime(list(starts)),
        ends_on=pd.to_datetime(list(ends)),
    )
    return tables.checked(tables.Events, frame)


PAST = some_events(
    ("9.9", "warm_up", "2025-09-01", "2025-09-08"), ("9.9", "sale", "2025-09-09", "2025-09-10")
)


def filled(table: type[tables.Table], *rows: dict[str, Any]) -> pd.DataFrame:
    """Rows of a table; what a row leaves out is unknown."""
    blank = tables.empty(table)
    texts = {name: "" for name, kind in blank.dtypes.items() if kind == "str"}
    flags = {name: False for name, kind in blank.dtypes.items() if kind == "bool"}
    frame = pd.DataFrame([texts | flags | row for row in rows], columns=list(blank))
    return frame.astype(blank.dtypes.to_dict())


def drivers_of(scope: Scope, **sources: Any) -> pd.DataFrame:
    known = {
        "events": PAST,
        "said": tables.empty(DriversFile),
        "live_plan": tables.empty(tables.LivePlan),
        "joined": tables.empty(tables.CampaignsJoined),
        "catalogue": tables.empty(tables.Catalogue),
        "bundles": tables.empty(tables.Bundles),
    }
    return known_drivers(scope, **known | sources)


def fact(table: pd.DataFrame, name: str, *, sku: str = "", phase: str = "sale") -> Any:
    row = table[(table["sku"] == sku) & (table["phase"] == phase) & (table["event"] == "11.11")]
    return row[name].item()


def written(folder: Path, *rows: str, head: str = HEAD) -> Path:
    (folder / "drivers.csv").write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return folder


def test_nothing_said_is_no_row() -> None:
    assert drivers_of(a_scope()).empty


def test_what_holds_each_day_holds_in_every_phase_and_totals_are_shared_by_days() -> None:
    table = drivers_of(a_scope({"discount_rate": 0.25, "live_hours": 40, "tier": "A"}))
    assert table["discount_rate"].tolist() == [0.25] * 3
    assert table["tier_rank"].tolist() == [3.0] * 3
    assert table["live_hours"].tolist() == pytest.approx([20.0, 8.0, 12.0])  # 10, 4, 6 of 20 days
    assert table["ad_spend"].isna().all()
    assert table["has_gift"].isna().all()


def test_what_a_phase_takes_of_a_total_is_not_shared_again() -> None:
    table = drivers_of(a_scope({"ad_budget": 1000, "phases": {"sale": {"ad_budget": 840}}}))
    # 160 are left for 10 days of warm-up and 6 of tail
    assert table["ad_spend"].tolist() == pytest.approx([100.0, 840.0, 60.0])


def test_the_market_comes_before_the_campaign_and_a_sku_before_both() -> None:
    scope = a_scope(
        {"discount_rate": 0.1, "creators": 5, "skus": {"A": {"discount_rate": 0.4}}},
        in_market={"discount_rate": 0.2},
    )
    table = drivers_of(scope)
    assert fact(table, "discount_rate") == 0.2
    assert fact(table, "discount_rate", sku="A") == 0.4
    assert fact(table, "creators", sku="A") == 5.0  # said of all, so of A too


def test_each_source_gives_way_to_the_one_before_it() -> None:
    day = pd.Timestamp("2025-11-11")
    event = {"event": "11.11", "market": "TH", "starts_on": day}
    sources = {
        "catalogue": filled(tables.Catalogue, {"sku": "A", "price": 100.0, "promo_price": 90.0}),
        "joined": filled(
            tables.CampaignsJoined,
            event | {"sku": "", "is_joined": True, "discount_rate": 0.15, "tier": "S级"},
        ),
        "live_plan": filled(
            tables.LivePlan,
            {"shop": "tiktok-th", "sku": "A", "starts_at": pd.Timestamp("2025-11-11 20:00"),
             "hours": 2.0, "discount_rate": 0.2},
        ),
        "said": filled(DriversFile, event | {"phase": "sale", "sku": "", "discount_rate": 0.25}),
    }  # fmt: skip
    said: dict[str, Any] = {}
    found = []
    for name, frame in sources.items():
        said[name] = frame
        found.append(fact(drivers_of(a_scope(), **said), "discount_rate", sku="A"))
    found.append(fact(drivers_of(a_scope({"discount_rate": 0.3}), **said), "discount_rate"))
    scope = a_scope({"discount_rate": 0.3, "skus": {"A": {"discount_rate": 0.35}}})
    table = drivers_of(scope, **said)
    found.append(fact(table, "discount_rate", sku="A"))
    assert found == pytest.approx([0.1, 0.15, 0.2, 0.25, 0.3, 0.35])
    # What only a lower source says is still there.
    assert fact(table, "live_hours", sku="A") == 2.0
    assert fact(table, "tier_rank", sku="A") == 4.0
    assert bool(fact(table, "is_joined", sku="A"))


def test_sessions_are_added_up_by_the_days_of_each_phase() -> None:
    rows = [
        ("A", "2025-09-08 22:00", 3.0, "Mai", 100, 10.0, 0.1),  # warm-up of 9.9
        ("A", "2025-09-09 20:00", 2.0, "Mai", 500, 50.0, 0.3),
        ("A", "2025-09-10 20:00", 6.0, "Ploy", 300, 30.0, np.nan),
        ("B", "2025-09-10 20:00", 6.0, "", 300, np.nan, np.nan),
        ("A", "2025-09-11 20:00", 9.0, "Mai", 1, 1.0, 0.9),  # no event
        ("A", "2025-11-14 23:00", 4.0, "Mai", 1, 1.0, 0.5),  # ahead
    ]
    names = ("sku", "starts_at", "hours", "creator", "expected_viewers", "ad_budget",
             "discount_rate")  # fmt: skip
    live = filled(
        tables.LivePlan,
        *({"shop": "tiktok-th"} | dict(zip(names, row, strict=True)) for row in rows),
    )
    table = drivers_of(a_scope(), live_plan=live).set_index(["event", "phase", "sku"])
    sale = table.loc[("9.9", "sale", "A")]
    assert (sale["live_hours"], sale["live_sessions"], sale["creators"]) == (8.0, 2.0, 2.0)
    assert (sale["viewers"], sale["ad_spend"], sale["discount_rate"]) == (800.0, 80.0, 0.3)
    assert table.loc[("9.9", "warm_up", "A"), "live_hours"] == 3.0
    assert table.loc[("11.11", "sale", "A"), "live_hours"] == 4.0
    other = table.loc[("9.9", "sale", "B")]
    assert other[["creators", "ad_spend", "discount_rate"]].isna().all()  # not told is not 0
    assert len(table) == 4


def test_a_sum_of_which_one_session_is_silent_is_unknown() -> None:
    live = filled(
        tables.LivePlan,
        *(
            {"shop": "tiktok-th", "sku": "A", "starts_at": pd.Timestamp(f"2025-11-11 {hour}:00"),
             "hours": 1.0, "ad_budget": budget}
            for hour, budget in ((10, 5.0), (20, np.nan))
        ),
    )  # fmt: skip
    table = drivers_of(a_scope(), live_plan=live)
    assert fact(table, "live_hours", sku="A") == 2.0
    assert np.isnan(fact(table, "ad_spend", sku="A"))


def test_price_and_gift_speak_of_the_campaign_ahead_alone() -> None:
    catalogue = filled(
        tables.Catalogue,
        {"sku": "A", "price": 100.0, "promo_price": 80.0},
        {"sku": "B", "price": 100.0, "promo_price": 120.0},
        {"sku": "C", "price": 100.0},
    )
    recipes = [("A", "A"), ("A", "GIFT"), ("SET", "B"), ("SET", "C"), ("B", "B")]
    bundles = filled(tables.Bundles, *({"sku": s, "component": c, "units": 1} for s, c in recipes))
    table = drivers_of(a_scope(), catalogue=catalogue, bundles=bundles)
    assert set(table["event"]) == {"11.11"}
    assert set(table["sku"]) == {"A"}  # a dearer promo price, or none, tells no discount
    assert fact(table, "discount_rate", sku="A") == pytest.approx(0.2)
    assert table["discount_rate"].notna().sum() == 1  # in the sale alone
    assert table["has_gift"].tolist() == [True] * 3


def some_days(*rows: tuple[str, str, int, int, str, str]) -> pd.DataFrame:
    """Daily sales of one shop: SKU, day, units, revenue in minor units, event, phase."""
    names = ("sku", "day", "units", "revenue_minor", "event", "phase")
    facts = ({"shop": "tiktok-th", "market": "TH"} | dict(zip(names, row, strict=True))
             for row in rows)  # fmt: skip
    frame = filled(tables.DailySales, *(row | {"cancelled_units": 0} for row in facts))
    return tables.checked(tables.DailySales, frame)


def test_past_discounts_are_what_buyers_paid_against_the_weeks_before() -> None:
    daily = some_days(
        ("A", "2025-07-01", 10, 99_999, "", ""),  # more than eight weeks before
        ("A", "2025-08-01", 10, 10_000, "", ""),
        ("A", "2025-08-02", 3, 0, "", ""),  # units whose money is not known
        ("A", "2025-09-09", 20, 15_000, "9.9", "sale"),
        ("A", "2025-09-10", 30, 22_500, "9.9", "sale"),
        ("B", "2025-08-01", 10, 10_000, "", ""),
        ("B", "2025-09-09", 2, 2_400, "9.9", "sale"),  # dearer than before
        ("C", "2025-09-09", 2, 2_400, "9.9", "sale"),  # nothing before
        ("D", "2025-08-01", 4, 4_000, "", ""),  # too few before
        ("D", "2025-09-09", 2, 1_000, "9.9", "sale"),
    )
    table = drivers_of(a_scope(), daily=daily)
    assert dict(zip(table["sku"], table["discount_rate"], strict=True)) == {"A": 0.25, "B": 0.0}
    nine = {"event": "9.9", "market": "TH", "starts_on": pd.Timestamp("2025-09-09")}
    said = filled(DriversFile, nine | {"phase": "sale", "sku": "A", "discount_rate": 0.3})
    table = drivers_of(a_scope(), daily=daily, said=said)
    assert table.loc[table["sku"] == "A", "discount_rate"].tolist() == [0.3]


def test_the_campaign_file_says_when_its_own_event_is() -> None:
    calendar = some_events(
        ("11.11", "sale", "2024-11-11", "2024-11-11"),
        ("11.11", "sale", "2025-11-10", "2025-11-11"),
        ("12.12", "sale", "2025-12-12", "2025-12-12"),
    )
    windows = event_windows(calendar, a_scope())
    sales = windows[windows["phase"] == "sale"]
    assert sales["event"].tolist() == ["11.11", "12.12", "11.11"]
    assert sales["starts_on"].dt.strftime("%y%m%d").tolist() == ["241111", "251212", "251111"]
    assert sales["is_ahead"].tolist() == [False, False, True]
    assert windows.loc[windows["is_ahead"], "days"].tolist() == [10, 4, 6]


TWIN = some_events(
    ("9.9", "sale", "2025-09-09", "2025-09-10"), ("2025-11.11", "sale", "2025-11-11", "2025-11-11")
)
"""The campaign's event under the calendar's name, on one day of four."""


def test_a_calendars_event_that_starts_in_the_campaigns_sale_is_the_campaign() -> None:
    sales = event_windows(TWIN, a_scope()).query("phase == 'sale'")
    assert sales["event"].tolist() == ["9.9", "11.11"]
    later = some_events(("11.15", "sale", "2025-11-15", "2025-11-15"))
    assert event_windows(later, a_scope())["event"].tolist()[0] == "11.15"  # a day after the sale


def test_what_is_said_under_the_calendars_name_drives_the_campaign() -> None:
    day = pd.Timestamp("2025-11-11")
    other = {"event": "2025-11.11", "market": "TH", "starts_on": day}
    said = filled(DriversFile, other | {"phase": "sale", "discount_rate": 0.4})
    session = {"shop": "tiktok-th", "sku": "A", "starts_at": day, "hours": 2.0}
    live = filled(tables.LivePlan, session)
    joined = filled(tables.CampaignsJoined, other | {"is_joined": True, "tier": "S"})
    table = drivers_of(a_scope(), events=TWIN, said=said, live_plan=live, joined=joined)
    assert set(table["event"]) == {"11.11"}
    assert fact(table, "discount_rate") == 0.4
    assert fact(table, "tier_rank", phase="warm_up") == 4.0
    assert fact(table, "live_hours", sku="A") == 2.0
    found = driver_findings(Said(said, live, joined), events=TWIN, scope=a_scope(), skus=["A"])
    assert found.empty


def test_of_two_rows_of_one_sale_the_campaigns_own_name_counts_and_the_other_is_remarked() -> None:
    day = {"market": "TH", "starts_on": pd.Timestamp("2025-11-11"), "phase": "sale"}
    said = filled(
        DriversFile,
        day | {"event": "2025-11.11", "discount_rate": 0.4},
        day | {"event": "11.11", "discount_rate": 0.2},
        day | {"event": "2025-11.11", "sku": "A", "discount_rate": 0.3},
    )
    table = drivers_of(a_scope(), events=TWIN, said=said)
    assert fact(table, "discount_rate") == 0.2
    assert fact(table, "discount_rate", sku="A") == 0.3
    files = Said(said, tables.empty(tables.LivePlan), tables.empty(tables.CampaignsJoined))
    found = driver_findings(files, events=TWIN, scope=a_scope())
    assert found[["code", "facts"]].to_numpy().tolist() == [
        ["W_DRIVER_TWICE", "event=2025-11.11|market=TH|phase=sale|day=2025-11-11"]
    ]


def test_sessions_of_no_phase_and_skus_nobody_knows_are_remarked() -> None:
    live = filled(
        tables.LivePlan,
        *(
            {"shop": "tiktok-th", "sku": sku, "starts_at": pd.Timestamp(day), "hours": 1.0}
            for sku, day in (
                ("TH-HM-001", "2025-11-11 20:00"), ("TH-HM-001", "2025-12-24 20:00"),
                ("TH-HM-01", "2025-11-12 20:00"), ("TH-HM-001", "2025-10-02 01:00"),
            )
        ),
    )  # fmt: skip
    nine = {"event": "9.9", "market": "TH", "starts_on": pd.Timestamp("2025-09-09")}
    said = filled(DriversFile, nine | {"sku": "TH-HM-002x"}, nine)
    files = Said(said, live, tables.empty(tables.CampaignsJoined))
    known = ["TH-HM-001", "TH-HM-002", "ZZ"]
    found = driver_findings(files, events=PAST, scope=a_scope(), skus=known)
    assert found.to_numpy().tolist() == [
        ["drivers", "W_DRIVER_SKU", "sku=TH-HM-002x|rows=1|nearest=TH-HM-002"],
        ["live_plan", "W_LIVE_SKU", "sku=TH-HM-01|rows=1|nearest=TH-HM-001"],
        ["live_plan", "W_LIVE_DAY", "shop=tiktok-th|rows=2|day=2025-10-02"],
    ]
    unknown = driver_findings(files, events=PAST, scope=a_scope())
    assert unknown["code"].tolist() == ["W_LIVE_DAY"]  # without any SKU known, none is strange


def test_of_many_unknown_skus_five_are_told_and_the_rest_counted() -> None:
    day = pd.Timestamp("2025-11-11 20:00")
    session = {"shop": "tiktok-th", "starts_at": day, "hours": 1.0}
    live = filled(tables.LivePlan, *(session | {"sku": f"X{place}"} for place in range(7)))
    files = Said(tables.empty(DriversFile), live, tables.empty(tables.CampaignsJoined))
    found = driver_findings(files, events=PAST, scope=a_scope(), skus=["A"])
    assert found["code"].tolist() == ["W_LIVE_SKU"] * 5 + ["W_MORE_SKUS"]
    assert found["facts"].iloc[-1] == "count=2"


def test_the_sellers_own_file_is_read_and_blank_is_unknown(tmp_path: Path) -> None:
    folder = written(
        tmp_path,
        "9.9,TH,sale,,2025-09-09,0.2,gold,yes,12,,",
        "9.9,TH,,A,2025-09-09,,,,,500,是",
    )
    table = drivers_of(a_scope(), said=read_drivers(folder)).set_index(["phase", "sku"])
    whole, own = table.loc[("sale", "")], table.loc[("sale", "A")]
    assert (whole["discount_rate"], whole["tier_rank"], whole["live_hours"]) == (0.2, 3.0, 12.0)
    assert pd.isna(whole["has_gift"])
    assert own["ad_spend"] == pytest.approx(100.0)  # 500 over 10 days, 2 of them the sale
    assert bool(own["has_gift"])
    assert own["live_hours"] == 12.0
    assert table.loc[("warm_up", "A"), "ad_spend"] == pytest.approx(400.0)


def test_the_file_may_be_a_workbook_with_chinese_headers(tmp_path: Path) -> None:
    rows = [
        ["活动", "市场", "阶段", "SKU", "开始日", "折扣", "活动档位", "直播时长", "广告花费",
         "访客数", "有赠品", "达人数", "直播场次", "观看人数", "是否参加"],
        ["9.9", "TH", "sale", "A", "2025-09-09", 0.3, "S级", 5, 2000, 9000, "否", 3, 2, 800, "是"],
    ]  # fmt: skip
    (tmp_path / "drivers.xlsx").write_bytes(xlsx_bytes(rows))
    row = drivers_of(a_scope(), said=read_drivers(tmp_path)).iloc[0]
    values = [row[name] for name in FACTS]
    assert values == [0.3, 4.0, True, 5.0, 2.0, 3.0, 800.0, 2000.0, 9000.0, False]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("9.9,TH,sales,,2025-09-09,,,,,,", 'row 2, column "phase": sales must be one of'),
        ("9.9,TH,sale,,2025-09-09,20,,,,,", 'row 2, column "discount_rate": 20.0 must be'),
        ("9.9,TH,sale,,2025-09-09,,huge,,,,", "row 2, column \"tier\": 'huge' is no known tier"),
        ("9.9,TH,sale,,2025-09-09,,,maybe,,,", "column \"is_joined\": 'maybe' is not yes or no"),
        ("9.9,TH,sale,,2025-09-09,,,,-1,,", 'row 2, column "live_hours": -1.0 must be'),
        (",TH,sale,,2025-09-09,,,,,,", 'row 2, column "event": empty'),
        ("9.9,TH,sale,,,,,,,,", 'row 2, column "starts_on": empty'),
    ],
)
def test_a_wrong_cell_of_the_file_is_told(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as told:
        read_drivers(written(tmp_path, row))
    assert str(told.value).startswith("drivers.csv, ")
    assert words in str(told.value)


def test_a_row_said_twice_is_told(tmp_path: Path) -> None:
    row = "9.9,TH,sale,A,2025-09-09,0.2,,,,,"
    with pytest.raises(InputError, match=r"rows 2, 3: event 9\.9"):
        read_drivers(written(tmp_path, row, row))


def test_rows_of_unknown_events_and_tiers_without_rank_are_remarked() -> None:
    day = pd.Timestamp("2025-09-09")
    nine = {"event": "9.9", "market": "TH", "starts_on": day}
    said = filled(
        DriversFile,
        nine | {"phase": "sale"},
        nine | {"phase": ""},
        nine | {"phase": "tail"},  # 9.9 had none
        nine | {"event": "99"},
        nine | {"phase": "sale", "starts_on": pd.Timestamp("2024-09-09")},
    )
    joined = filled(tables.CampaignsJoined, nine | {"tier": "1"}, nine | {"tier": "S", "sku": "A"})
    files = Said(said, tables.empty(tables.LivePlan), joined)
    found = driver_findings(files, events=PAST, scope=a_scope())
    assert found["facts"].tolist() == [
        "event=9.9|market=TH|phase=tail|day=2025-09-09",
        "event=99|market=TH|phase=all|day=2025-09-09",
        "event=9.9|market=TH|phase=sale|day=2024-09-09",
        "word=1|rows=1",
    ]
    table = drivers_of(a_scope(), said=said, joined=joined)
    assert "99" not in set(table["event"])
