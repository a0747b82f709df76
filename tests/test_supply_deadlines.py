"""The sheet of what falls due."""

import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.pages.reasons import tell_reason
from planner.supply.trips.deadlines import due_dates
from planner.supply.trips.lanes import chain_dates

BOUNDS = case.register(tables.Bounds)
PLAN = {
    "sign_up": {"start": "2026-09-10", "end": "2026-10-05"},
    "price_lock_on": "2026-10-25",
}


def sheet(scope=None, *, options: pd.DataFrame | None = None, **more) -> pd.DataFrame:
    scope = scope or case.scope(plan=PLAN)
    options = case.options(scope) if options is None else options
    return due_dates(options, scope=scope, **({"horizon_days": 60} | more))


def days(frame: pd.DataFrame) -> dict[tuple[str, str], str]:
    rows = zip(frame["deadline"], frame["mode"], frame["due_on"], strict=True)
    return {(name, mode): f"{day:%m-%d}" for name, mode, day in rows}


def test_the_sheet_by_hand():
    """Planned on 20 Sep: sixty days reach to 19 Nov."""
    assert days(sheet()) == {
        ("sign_up_opens", ""): "09-10",
        ("decide_by", ""): "09-26",
        ("produce_by", "sea"): "09-26",
        ("ship_by", "sea"): "09-26",
        ("sign_up_ends", ""): "10-05",
        ("produce_by", "truck"): "10-20",
        ("ship_by", "truck"): "10-20",
        ("price_lock", ""): "10-25",
        ("arrive_by", ""): "10-28",
        ("shelf_by", ""): "11-01",
        ("warm_up", ""): "11-01",
        ("sale", ""): "11-08",
        ("tail", ""): "11-13",
    }


def test_it_stands_in_order_of_days_and_says_what_has_passed():
    frame = sheet()
    assert frame["due_on"].is_monotonic_increasing
    assert frame.iloc[0][["deadline", "days_left", "is_past"]].to_list() == [
        "sign_up_opens", -10, True,
    ]  # fmt: skip
    assert frame["is_past"].sum() == 1
    today = pd.Timestamp("2026-09-20")
    assert (frame["days_left"] == (frame["due_on"] - today).dt.days).all()


@pytest.mark.parametrize("horizon", [0, 10, 60, 200])
def test_nothing_beyond_the_horizon_is_told_and_all_before_it(horizon: int):
    whole, part = sheet(horizon_days=10_000), sheet(horizon_days=horizon)
    assert len(part) == (whole["days_left"] <= horizon).sum()
    assert part["days_left"].max() <= horizon
    assert ("next_replenishment" in set(part["deadline"])) == (horizon >= 72)


def test_a_sign_up_that_nobody_named_is_reckoned_60_to_30_days_ahead_and_says_so():
    frame = sheet(case.scope(), bounds=BOUNDS).set_index("deadline")
    assert f"{frame.loc['sign_up_opens', 'due_on']:%m-%d}" == "09-02"
    assert f"{frame.loc['sign_up_ends', 'due_on']:%m-%d}" == "10-02"
    assert frame.loc["sign_up_ends", "reason"] == "reason.due_usual|days=30"
    assert "sign_up_ends" not in set(sheet(case.scope())["deadline"])


def test_the_day_to_decide_is_the_first_on_which_a_lane_in_time_is_lost():
    early = sheet().set_index("deadline").loc["decide_by"]
    assert early["reason"] == "reason.due_decide|mode=sea|n=2"
    later = sheet(case.scope(plan=PLAN, as_of="2026-10-10"))
    row = later.set_index("deadline").loc["decide_by"]
    assert (f"{row['due_on']:%m-%d}", row["reason"]) == (
        "10-20", "reason.due_decide|mode=truck|n=1",
    )  # fmt: skip
    assert later.query("mode == 'sea'")["is_past"].all()


def test_where_no_lane_is_in_time_the_last_day_to_decide_has_passed():
    row = sheet(case.scope(as_of="2026-10-25")).set_index("deadline").loc["decide_by"]
    assert (row["is_past"], row["reason"]) == (True, "reason.too_late_for_all")
    assert f"{row['due_on']:%m-%d}" == "10-20"


def test_lanes_that_the_policy_rules_out_have_no_deadline():
    scope = case.scope(policy={"lanes": ["truck"]})
    assert set(sheet(scope)["mode"]) == {"", "truck"}


def test_a_season_to_come_is_told_by_its_start_and_one_that_runs_by_its_end():
    windows = case.windows(
        ("2026-09-01", "2026-09-30", 3.0),
        ("2026-10-01", "2026-10-07", 2.0),
        ("2026-12-20", "2027-01-01", 9.0),
        ("2026-08-01", "2026-09-01", 9.0),
    ).assign(stage="line_haul")
    found = sheet(windows=windows).query("deadline.str.startswith('season')")
    assert days(found) == {("season_ends", ""): "09-30", ("season_starts", ""): "10-01"}
    assert "season=window-0|stage=line_haul|days=3" in found["reason"].iloc[0]


def test_papers_of_the_seller_and_of_the_goods_are_told_when_they_expire():
    scope = case.scope(
        papers={
            "own_licence": {"state": "yes", "expires_on": "2026-10-15"},
            "far": {"state": "yes", "expires_on": "2027-10-15"},
            "without": {"state": "yes"},
        }
    )
    gate = {
        "market": "TH", "gate": "certificate", "state": "passed", "is_blocking": False,
        "evidence": "x", "saved_cost": float("nan"), "reason": "", "source": "", "currency": "THB",
    }  # fmt: skip
    ends = pd.to_datetime(["2026-10-20", "2026-10-20", None]).astype("datetime64[us]")
    gates = pd.DataFrame([{**gate, "sku": sku} for sku in "ABC"]).assign(expires_on=ends)
    found = sheet(scope, gates=gates).query("deadline == 'paper_expires'")
    assert found[["market", "reason", "days_left"]].to_numpy().tolist() == [
        ["", "reason.due_paper|paper=paper.own_licence", 25],
        ["TH", "reason.due_gate|gate=gate.certificate|n=2", 30],
    ]


def test_the_platforms_own_warehouse_opens_its_windows_before_the_last_arrival():
    house = {"warehouse": "house-us", "market": "US", "kind": "fbt", "receiving_days": 4}
    rules = case.register(tables.InboundRules)

    def windows_of(kind: str) -> dict[tuple[str, str], str]:
        scope = case.scope(markets=("US",), warehouses=[{**house, "kind": kind}])
        options = chain_dates(
            case.register(tables.Lanes), case.windows(), BOUNDS, scope=scope, inbound_rules=rules
        )
        frame = sheet(scope, options=options, inbound_rules=rules)
        return days(frame[frame["deadline"].str.startswith("inbound")])

    assert windows_of("fbt") == {("inbound_request", ""): "08-14", ("inbound_opens", ""): "10-14"}
    assert windows_of("third_party") == {}


def test_a_market_counts_from_its_own_day_of_planning():
    own = case.scope(plan={**PLAN, "as_of": {"plan": "2026-09-25"}})
    assert sheet(own).set_index("deadline").loc["sale", "days_left"] == 44
    assert sheet().set_index("deadline").loc["sale", "days_left"] == 49


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_reason_of_the_sheet_can_be_told(lang: str):
    windows = case.register(tables.RiskWindows)
    frame = sheet(windows=windows, bounds=BOUNDS, horizon_days=500)
    told = [tell_reason(reason, lang) for reason in frame["reason"]]
    assert not [text for text in told if "reason." in text or "season." in text or "{" in text]


def test_without_a_lane_the_days_of_the_campaign_are_left():
    frame = sheet(options=tables.empty(tables.LaneOptions))
    assert set(frame["deadline"]) >= {"sign_up_ends", "price_lock", "sale"}
    assert set(frame["mode"]) == {""}


def reviewed(scope, *, days: str = "") -> pd.Series:
    gate = {
        "market": "TH", "sku": "A", "gate": "admission", "state": "pending",
        "expires_on": pd.NaT, "reason": f"gate.admission.review|category=category.toys{days}",
    }  # fmt: skip
    gates = pd.DataFrame([gate]).astype({"expires_on": "datetime64[us]"})
    row = sheet(scope, gates=gates).set_index("deadline").loc["review_by"]
    assert all("{" not in tell_reason(row["reason"], lang) for lang in ("zh", "en"))
    return row


def test_a_category_under_review_is_handed_in_so_early_that_sign_up_is_still_open():
    row = reviewed(case.scope(plan=PLAN), days="|days=7")
    # Sign-up ends on 5 October; seven days before that is 28 September.
    assert (f"{row['due_on']:%m-%d}", row["is_past"]) == ("09-28", False)
    assert row["reason"].endswith("|n=1|until=2026-10-05|days=7")


def test_without_a_sign_up_ahead_the_review_must_end_by_the_shelf_day():
    late = case.scope(plan=PLAN, as_of="2026-10-10")
    row = reviewed(late, days="|days=7")
    shelf = late.plans["TH"].shelf_day
    assert row["due_on"] == pd.Timestamp(shelf) - pd.Timedelta(days=7)


def test_a_review_of_unknown_length_is_applied_for_today():
    row = reviewed(case.scope(plan=PLAN))
    assert (f"{row['due_on']:%m-%d}", row["days_left"]) == ("09-20", 0)
    assert row["reason"].startswith("reason.due_review_unknown|category=category.toys")


def test_the_register_says_how_far_the_sheet_looks_ahead():
    scope = case.scope(plan=PLAN)
    near = BOUNDS.assign(high=BOUNDS["high"].mask(BOUNDS["rule"] == "deadline_horizon", 20.0))
    told = due_dates(case.options(scope), scope=scope, bounds=near)
    assert 0 < told["days_left"].max() <= 20
    assert due_dates(case.options(scope), scope=scope, bounds=BOUNDS)["days_left"].max() <= 60
