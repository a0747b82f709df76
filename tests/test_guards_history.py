"""What the exports say and leave out: days, gifts, samples, returns, routes, stock, materials."""

import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.guards import history_checks
from planner.guards.alerts import intake_alerts
from planner.guards.data_checks import days_exported, history
from planner.guards.entries import as_alerts
from planner.guards.materials import EFFORTS, handed_in, returns_before, returns_by_shop
from planner.pages.telling import tell_reason
from planner.words import LANGS, is_known

BOUNDS = case.register(tables.Bounds)
SCOPE = case.scope()
NO_RETURNS = tables.empty(tables.ReturnLines)


def lines(*rows: dict[str, object]) -> pd.DataFrame:
    blank = {
        "shop": "shop-1", "market": "TH", "order_id": "1", "sku": "A", "units": 1,
        "returned_units": 0, "returned_from": "returns", "kind": "firm", "is_demand": True,
        "channel": "TikTok Shop", "source": "", "fulfilment": "",
        "ordered_at": pd.Timestamp("2026-09-18 21:00"),
    }  # fmt: skip
    return pd.DataFrame([{**blank, **row} for row in rows])


def gaps(*spans: tuple[str, str, int]) -> pd.DataFrame:
    rows = [("shop-1", *map(pd.Timestamp, span[:2]), span[2]) for span in spans]
    frame = pd.DataFrame(rows, columns=["shop", "first_on", "last_on", "days"])
    return frame.assign(reason="between")


def facts(row: dict[str, object]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in str(row["facts"]).split("|"))


def told(entries: list[dict[str, object]]) -> dict[str, str]:
    """Return the facts of the only alert, after telling it in both languages."""
    (row,) = as_alerts(entries).to_dict("records")
    for term in (f"alert.{row['code']}", f"alert.{row['code']}.do"):
        assert is_known(term)
        for lang in LANGS:
            assert "{" not in tell_reason(f"{term}|{row['facts']}", lang)
    return facts(row) | {"code": row["code"], "severity": row["severity"], "market": row["market"]}


def test_missing_days_of_a_shop_are_one_alert_with_their_dates():
    found = told(
        history_checks.missing_days(
            gaps(("2026-08-03", "2026-08-05", 3), ("2026-07-01", "2026-07-01", 1)), SCOPE
        )
    )
    assert found["days"] == "4"
    assert found["spans"] == "2026-07-01, 2026-08-03..2026-08-05"
    assert (found["code"], found["severity"]) == ("days_missing", "warn")


def test_spikes_without_a_cause_are_one_note_with_the_units_capped():
    trail = pd.DataFrame(
        {
            "market": "TH", "sku": ["A", "A", "B", "B"], "is_spike": [True, True, True, False],
            "day": pd.to_datetime(["2026-08-01", "2026-08-02", "2026-08-01", "2026-08-03"]),
            "spike_units": [-10.0, -5.0, -2.0, 0.0],
        }
    )  # fmt: skip
    found = told(history_checks.spikes(trail, SCOPE))
    assert (found["n"], found["days"], found["units"]) == ("2", "2", "17")
    assert found["largest"] == "A 2026-08-01 (+10), A 2026-08-02 (+5), B 2026-08-01 (+2)"
    assert history_checks.spikes(trail.assign(is_spike=False), SCOPE) == []


def test_gifts_without_a_recipe_are_one_note():
    alone = pd.DataFrame({"shop": "shop-1", "market": "TH", "sku": ["G1", "G2"], "units": [3, 4]})
    found = told(history_checks.gifts(alone, SCOPE))
    assert (found["skus"], found["units"]) == ("G1, G2", "7")
    assert history_checks.gifts(alone.head(0), SCOPE) == []


@pytest.mark.parametrize(
    ("source", "code"), [("orders", "returns_from_orders"), ("", "returns_unknown")]
)
def test_returns_without_an_export_of_their_own_are_told(source: str, code: str):
    found = told(history_checks.returns_known(lines({"returned_from": source}), SCOPE))
    assert found["code"] == code


def test_one_line_with_a_return_export_is_enough():
    frame = lines({"returned_from": "orders"}, {"returned_from": "returns"})
    assert history_checks.returns_known(frame, SCOPE) == []


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("sample", "samples_high"),
        ("gift", "samples_high"),
        ("cancelled_after", "cancelled_after_high"),
    ],
)
def test_a_kind_of_line_is_told_only_above_its_share(kind: str, code: str):
    many = lines({"units": 94}, {"units": 6, "kind": kind, "is_demand": False})
    found = told(history_checks.kinds_high(many, BOUNDS, SCOPE))
    assert (found["code"], found["rate"], found["units"]) == (code, "0.06", "6")
    few = lines({"units": 95}, {"units": 5, "kind": kind, "is_demand": False})
    assert history_checks.kinds_high(few, BOUNDS, SCOPE) == []


def test_tokopedia_rows_in_a_file_are_told_with_their_share_of_demand():
    frame = lines({"units": 3}, {"units": 1, "channel": "Tokopedia"})
    found = told(history_checks.routes(frame, SCOPE))
    assert (found["code"], found["rate"]) == ("channel_mixed", "0.25")


def test_orders_from_fbt_and_from_the_seller_are_two_stocks():
    frame = lines({"units": 3, "fulfilment": "fbt"}, {"fulfilment": "seller"}, {"units": 9})
    found = told(history_checks.routes(frame, SCOPE))
    assert (found["code"], found["rate"], found["severity"]) == ("fulfilment_mixed", "0.75", "warn")
    assert history_checks.routes(lines({"fulfilment": "fbt"}), SCOPE) == []


def test_stock_that_is_older_than_the_newest_order_is_told():
    stock = pd.DataFrame({"warehouse": ["house"], "as_of": pd.to_datetime(["2026-09-16"])})
    found = told(history_checks.stock_fresh(stock, lines({}), SCOPE))
    assert (found["code"], found["days"], found["last"]) == ("stock_older", "2", "2026-09-18")
    fresh = stock.assign(as_of=pd.Timestamp("2026-09-18"))
    assert history_checks.stock_fresh(fresh, lines({}), SCOPE) == []


def test_days_whose_rows_were_rejected_are_another_alert():
    found = gaps(("2026-08-03", "2026-08-05", 3), ("2026-07-01", "2026-07-01", 1))
    found.loc[1, "reason"] = "rejected"
    entries = history_checks.missing_days(found, SCOPE)
    days = [(one["code"], facts(one)["days"]) for one in entries]
    assert days == [("days_missing", "3"), ("days_rejected", "1")]
    assert told(entries[1:])["spans"] == "2026-07-01"


def test_the_alerts_of_01_hold_what_the_new_checks_find():
    none = tables.empty
    frame = intake_alerts(
        none(tables.Reconciliation), none(tables.Findings), none(tables.RejectedRows),
        case.daily([1] * 120), none(tables.Bundles), case.catalogue(), BOUNDS, scope=SCOPE,
        lines=lines({"returned_from": ""}), gaps=gaps(("2026-08-03", "2026-08-05", 3)),
        trail=none(tables.DemandTrail), stock=none(tables.Stock),
    )  # fmt: skip
    assert {"days_missing", "returns_unknown"} <= set(frame["code"])


def materials(**more: object) -> pd.Series:
    given = {
        "daily": case.daily([1] * 120), "return_lines": NO_RETURNS, "catalogue": case.catalogue(),
        "bounds": BOUNDS, "lines": lines({}), "bundles": tables.empty(tables.Bundles),
        "stock": tables.empty(tables.Stock), "stock_days": tables.empty(tables.StockHistory),
        "joined": tables.empty(tables.CampaignsJoined), "live_plan": tables.empty(tables.LivePlan),
        "drivers": tables.empty(tables.Drivers), "scope": SCOPE,
    }  # fmt: skip
    frame = handed_in(**{**given, **more}).set_index("material")
    for text in frame["found"]:
        assert all("{" not in tell_reason(text, lang) for lang in LANGS)
    return frame["state"]


def test_materials_are_there_in_part_or_missing():
    state = materials()
    assert state[["orders", "hot_hours"]].to_list() == ["have", "have"]
    assert state[["stock", "contract"]].to_list() == ["missing", "missing"]
    assert state[["bundles", "live_plan", "campaigns_joined"]].to_list() == ["optional"] * 3


def test_what_drove_past_promotions_is_asked_for_and_only_the_next_one_is_a_part():
    assert materials()["drivers"] == "missing"
    days = pd.Timestamp(SCOPE.as_of(1)["TH"]) + pd.to_timedelta([-90, 60], "D")
    rows = pd.DataFrame({"event": ["9.9", "11.11"], "market": "TH", "phase": "sale"})
    rows = rows.assign(starts_on=days, **dict.fromkeys(EFFORTS, float("nan")))
    assert materials(drivers=rows)["drivers"] == "missing"  # a price alone is no plan of ads
    rows["ad_spend"] = [float("nan"), 500.0]
    assert materials(drivers=rows)["drivers"] == "partly"
    rows["ad_spend"] = [300.0, 500.0]
    assert materials(drivers=rows)["drivers"] == "have"


def test_a_history_under_three_months_is_there_in_part():
    assert materials(daily=case.daily([1] * 89))["orders"] == "partly"


def test_a_history_with_missing_days_is_there_in_part_and_says_how_many():
    daily = case.daily([1] * 120)
    first = daily["day"].min()
    hole = pd.DataFrame(
        {
            "shop": daily["shop"].iloc[0], "first_on": [first + pd.Timedelta(days=9)],
            "last_on": [first + pd.Timedelta(days=11)], "days": [3],
        }
    )  # fmt: skip
    assert days_exported(daily, hole) == 117
    assert materials(gaps=hole)["orders"] == "partly"
    assert materials(gaps=hole.head(0))["orders"] == "have"


def test_missing_days_make_a_history_short():
    daily = case.daily([1] * 90)
    first = daily["day"].min() + pd.Timedelta(days=1)
    hole = pd.DataFrame(
        {
            "shop": daily["shop"].iloc[0],
            "first_on": [first],
            "last_on": [first],
            "days": [1],
            "reason": ["quiet"],
        }
    )
    assert history(daily, BOUNDS, SCOPE) == []
    (found,) = history(daily, BOUNDS, SCOPE, gaps=hole)
    assert facts(found)["days"] == "89"


def test_returns_asked_for_on_the_day_or_later_are_not_known_yet():
    day = pd.Timestamp(SCOPE.as_of(1)["TH"])
    moments = [day - pd.Timedelta(seconds=1), day, day + pd.Timedelta(days=30)]
    asked = pd.DataFrame({"market": "TH", "requested_at": moments})
    assert returns_before(asked, scope=SCOPE).index.to_list() == [0]
    assert returns_before(NO_RETURNS, scope=SCOPE).empty


def test_returns_are_there_from_an_export_in_part_from_order_columns():
    assert materials(lines=lines({"returned_from": "orders"}))["returns"] == "partly"
    assert materials(lines=lines({"returned_from": ""}))["returns"] == "missing"
    some = pd.DataFrame({"shop": ["shop-1"], "order_id": ["1"]})
    assert materials(return_lines=some)["returns"] == "have"


def test_exports_without_a_time_of_day_give_no_hours():
    assert materials(lines=lines({"ordered_at": pd.Timestamp("2026-09-18")}))["hot_hours"] == (
        "missing"
    )


def test_returns_are_told_by_shop_with_rate_and_the_days_they_take():
    sold = lines(
        {"order_id": "1", "units": 8},
        {
            "order_id": "2",
            "units": 2,
            "returned_units": 1,
            "ordered_at": pd.Timestamp("2026-09-01"),
        },
    )
    back = pd.DataFrame(
        {
            "shop": "shop-1", "order_id": ["2"], "kind": "return", "state": "done",
            "requested_at": [pd.Timestamp("2026-09-08")],
        }
    )  # fmt: skip
    row = returns_by_shop(sold, back).iloc[0]
    assert (row["sold_units"], row["returned_units"], row["return_rate"]) == (10, 1, 0.1)
    assert (row["half_back_days"], row["most_back_days"]) == (7.0, 7.0)


def test_returns_that_nobody_tells_are_unknown_and_not_zero():
    row = returns_by_shop(lines({"returned_from": ""}), NO_RETURNS).iloc[0]
    assert row[["returned_units", "return_rate", "half_back_days"]].isna().all()
