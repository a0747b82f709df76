"""Alerts: what can go wrong, until when, and the money at risk."""

from collections.abc import Iterator

import guards_case as made
import numpy as np
import pandas as pd
import pytest
import supply_case as case

from planner import tables
from planner.guards import alerts, entries, track_checks
from planner.guards.data_checks import is_barcode
from planner.guards.entries import TOLD_SINGLY
from planner.pages.cards import alert_card
from planner.pages.telling import tell_reason
from planner.supply.charges.costs import cost_lines
from planner.supply.charges.economics import unit_economics
from planner.supply.charges.packing import ship_lines
from planner.supply.quantity.position import stock_position
from planner.supply.quantity.sizing import compare_rules, size_stock
from planner.words import is_known, say

BOUNDS = case.register(tables.Bounds)
CERTIFICATES = case.register(tables.Certificates)
SETTLED = {
    "contract": {
        "is_signed": True,
        "confirmed_lead_time_on": "2026-09-01",
        "confirmed_customs_on": "2026-09-01",
        "confirmed_last_mile_on": "2026-09-01",
    },
    "plan": {"sign_up": {"start": "2026-09-01", "end": "2026-10-15"}},
}


def intake(**more) -> pd.DataFrame:
    given = {
        "reconciliation": tables.empty(tables.Reconciliation),
        "findings": tables.empty(tables.Findings),
        "rejected": tables.empty(tables.RejectedRows),
        "daily": case.daily([1] * 120),
        "bundles": tables.empty(tables.Bundles),
        "catalogue": case.catalogue(),
        "bounds": BOUNDS,
        "scope": case.scope(**SETTLED),
    }
    return remember(alerts.intake_alerts(**{**given, **more}))


def stock_plan(**columns) -> pd.DataFrame:
    return made.stock_plan(**columns)


def plan(
    *,
    scope=None,
    gates: pd.DataFrame | None = None,
    papers: pd.DataFrame | None = None,
    registers: dict | None = None,
    known: dict | None = None,
    **parts,
) -> pd.DataFrame:
    scope = scope or case.scope(**SETTLED)
    given = {
        "plan": stock_plan(),
        "options": sure(case.options(scope)),
        "ways": made.way(),
        "position": case.position(),
        "economics": case.economics(),
        "mode_plan": made.ordered(),
    }
    rest = {"forecast": case.forecast(), "catalogue": case.catalogue(), **(known or {})}
    rules = {tables.Bounds: BOUNDS, tables.ReturnRates: case.returns(), **(registers or {})}
    frame = alerts.alerts_of_plan(
        made.planned(**{**given, **parts}),
        tables.empty(tables.Gates) if gates is None else gates,
        tables.empty(tables.PaperChecks) if papers is None else papers,
        made.known(registers=rules, **rest),
        scope=scope,
    )
    return remember(frame)


def sure(lanes: pd.DataFrame) -> pd.DataFrame:
    return lanes.assign(source="by hand (secondary, 2026-01-01)")


SEEN: dict[tuple[str, str], None] = {}


def remember(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep every alert that a test raised; the last test tells them all in both languages."""
    SEEN.update(dict.fromkeys(zip(frame["code"], frame["facts"], strict=True)))
    return frame


def only(frame: pd.DataFrame, code: str) -> pd.Series:
    rows = frame[frame["code"] == code]
    assert len(rows) == 1, sorted(frame["code"])
    return rows.iloc[0]


def facts(row: pd.Series) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in row["facts"].split("|"))


def test_a_seller_in_order_hears_only_of_the_open_sign_up():
    assert intake()["code"].to_list() == ["sign_up_deadline"]


def test_a_plan_in_order_raises_no_alert():
    assert plan()["code"].to_list() == []


@pytest.mark.parametrize(("days", "severity"), [(89, "warn"), (12, "warn")])
def test_a_history_under_90_days_is_short(days: int, severity: str):
    row = only(intake(daily=case.daily([1] * days)), "history_short")
    assert (row["severity"], row["market"]) == (severity, "TH")
    assert facts(row) == {"days": str(days), "least": "90"}


def test_no_history_at_all_stops():
    row = only(intake(daily=tables.empty(tables.DailySales)), "history_short")
    assert row["severity"] == "stop"


def reconciliation(rejected: int) -> pd.DataFrame:
    row = {"file": "a.csv", "shop": "shop-1", "rows_in": 100, "rows_rejected": rejected}
    return pd.DataFrame([row])


@pytest.mark.parametrize(("lost", "severity"), [(2, "warn"), (3, "stop")])
def test_lost_rows_warn_up_to_the_limit_and_stop_beyond(lost: int, severity: str):
    rejected = pd.DataFrame({"file": ["a.csv"] * lost, "code": ["E_QTY"] * lost})
    row = only(intake(reconciliation=reconciliation(lost), rejected=rejected), "rows_rejected")
    assert row["severity"] == severity
    assert facts(row)["codes"] == "reject.E_QTY"


def test_a_file_at_the_export_limit_is_probably_cut_off():
    findings = pd.DataFrame({"file": ["a.csv"], "code": ["W_EXPORT_CAP"], "facts": [""]})
    assert facts(only(intake(findings=findings), "export_cut_off"))["files"] == "a.csv"


def test_a_missing_contract_and_missing_confirmations_are_red_lines():
    frame = intake(scope=case.scope(contract={"confirmed_customs_on": "2026-09-02"}))
    assert facts(only(frame, "contract_missing"))["storage"] == ""
    row = only(frame, "contract_unconfirmed")
    assert row["severity"] == "stop"
    assert facts(row) == {
        "n": "2", "open": "confirm.lead_time_open, confirm.last_mile_open",
        "lead_time_on": "", "customs_on": "2026-09-02", "last_mile_on": "",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("missing", "longest"), [("lead_time", 37.5), ("customs", 30.0), ("last_mile", 30.0)]
)
def test_each_confirmation_is_a_red_line_of_the_plan_and_only_a_lead_time_stretches_the_trip(
    missing: str, longest: float
):
    terms = {**SETTLED["contract"], f"confirmed_{missing}_on": None}
    scope = case.scope(**{**SETTLED, "contract": terms})
    row = only(plan(scope=scope), "contract_unconfirmed")
    assert (row["severity"], facts(row)["open"]) == ("stop", f"confirm.{missing}_open")
    stretched = "stretched" in say(facts(row)["open"], "en")
    assert stretched is (missing == "lead_time")
    lanes = case.options(scope).set_index("mode")
    assert lanes.loc["sea", "max_lead_days"] == longest


def test_two_shops_on_one_warehouse_are_told():
    row = only(intake(scope=case.scope(**SETTLED, shops=2)), "shared_warehouse")
    assert facts(row) == {"warehouse": "house", "n": "2", "shops": "shop-1, shop-2"}


@pytest.mark.parametrize(
    ("end", "code", "severity"),
    [
        ("2026-09-19", "sign_up_closed", "warn"),
        ("2026-09-27", "sign_up_deadline", "warn"),
        ("2026-09-28", "sign_up_deadline", "note"),
    ],
)
def test_the_sign_up_deadline_grows_graver(end: str, code: str, severity: str):
    scope = case.scope(plan={"sign_up": {"start": "2026-09-01", "end": end}})
    assert only(intake(scope=scope), code)["severity"] == severity


def test_unknown_sign_up_days_are_said():
    assert only(intake(scope=case.scope()), "sign_up_unknown")["market"] == "TH"


@pytest.mark.parametrize(
    ("text", "is_right"),
    [("4006381333931", True), ("4006381333932", False), ("036000291452", True), ("123", False),
     ("96385074", True), ("40063813339 1", False), ("４００６３８１３３３９３１", False)],
)  # fmt: skip
def test_a_barcode_has_a_known_length_and_check_digit(text: str, is_right: bool):
    assert is_barcode(text) is is_right


def test_wrong_barcodes_are_named_and_empty_ones_are_not():
    goods = case.catalogue({"sku": "A", "barcode": "4006381333932"}, {"sku": "B"})
    assert facts(only(intake(catalogue=goods), "barcode_wrong"))["skus"] == "A"


def test_a_component_outside_the_catalogue_is_named():
    bundles = pd.DataFrame({"sku": ["SET"], "component": ["Z"], "units": [1]})
    assert only(intake(bundles=bundles), "component_unknown")["sku"] == "Z"


def test_a_lane_that_is_too_late_is_a_note_while_another_is_in_time():
    row = only(plan(scope=case.scope(**SETTLED, as_of="2026-10-09")), "too_late_for_mode")
    assert row["severity"] == "note"
    assert pd.isna(row["act_by"])
    assert facts(row)["mode"] == "sea"


def test_no_lane_in_time_stops_and_is_priced():
    scope = case.scope(**SETTLED, as_of="2026-10-30")
    frame = plan(scope=scope, plan=stock_plan(lost_units=120.0, is_blocked=True, order_units=0))
    row = only(frame, "too_late_for_all")
    assert row["severity"] == "stop"
    assert row["risk_cost"] == 120 * 30
    assert facts(row)["mode"] == "truck"


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        ("reason.needs_45_days|days=45|ship_by=2026-09-17|ready_on=2026-09-20", "ship_ahead_45"),
        ("reason.lead_time_implausible|days=12|least=14", "sea_lead_implausible"),
    ],
)
def test_the_two_warnings_of_the_brief_about_time_are_told(reason: str, code: str):
    lanes = case.options(case.scope(**SETTLED)).copy()
    lanes.loc[lanes["mode"] == "sea", ["is_feasible", "reason"]] = [False, reason]
    row = only(plan(options=lanes), code)
    assert row["severity"] == "warn"
    assert pd.isna(row["act_by"])


def test_a_lane_near_its_last_day_says_until_when():
    row = only(plan(scope=case.scope(**SETTLED, as_of="2026-09-25")), "ship_deadline")
    assert facts(row)["slack"] == "6"
    assert facts(row)["on_time"] == "0.94"
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-10-01"


def test_a_start_within_four_weeks_is_late():
    row = only(plan(scope=case.scope(**SETTLED, as_of="2026-10-08")), "start_late")
    assert facts(row)["days"] == "24"


def test_a_loss_at_the_locked_price_stops_until_the_price_is_locked():
    settled = {**SETTLED, "plan": {**SETTLED["plan"], "price_lock_on": "2026-10-10"}}
    frame = plan(
        scope=case.scope(**settled),
        economics=case.economics(margin_profit=-3.0, under_cost=-3.0, critical_ratio=0.0),
    )
    row = only(frame, "price_below_cost")
    assert (row["severity"], row["sku"], row["risk_cost"]) == ("stop", "A", 3 * 150)
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-10-10"
    assert facts(only(frame, "price_lock_deadline"))["days"] == "20"


@pytest.mark.parametrize("as_of", ["2026-09-20", "2026-10-12", "2026-10-20", "2026-10-30"])
def test_no_alert_asks_to_act_before_the_day_of_planning(as_of: str):
    plan_days = {**SETTLED["plan"], "price_lock_on": "2026-10-10"}
    losing = case.economics(margin_profit=-3.0, under_cost=-3.0, critical_ratio=0.0)
    scope = case.scope(**{**SETTLED, "plan": plan_days}, as_of=as_of)
    frame = plan(scope=scope, economics=losing)
    assert "price_below_cost" in set(frame["code"])
    assert (frame["act_by"].dropna() >= pd.Timestamp(as_of)).all()


def test_the_unknown_terms_of_a_market_are_told_at_once():
    both = pd.concat(
        [
            case.economics(missing="cost.goods;cost.duty"),
            case.economics(sku="B", missing="cost.goods"),
        ]
    )
    frame = plan(economics=both, plan=pd.concat([stock_plan(), stock_plan(sku="B")]))
    costs = frame[frame["code"] == "missing_cost"]
    assert costs["severity"].to_list() == ["warn"]
    told = facts(costs.iloc[0])
    assert (told["n"], told["all"], told["skus"]) == ("2", "2", "A, B")
    assert told["terms"] == "cost.goods, cost.duty"
    light = plan(economics=case.economics(missing="cost.duty"))
    assert only(light, "missing_cost")["severity"] == "note"


def test_a_lane_in_a_currency_without_a_rate_is_told():
    lanes = case.options(case.scope(**SETTLED)).assign(currency="USD", freight_rate=np.nan)
    assert facts(only(plan(options=lanes), "missing_fx_rate")) == {"rate_of": "USD", "n": "2"}


def test_every_category_of_the_register_has_its_word():
    assert [
        name for name in set(CERTIFICATES["category"]) if not is_known(f"category.{name}")
    ] == []


def test_a_loss_is_told_as_a_positive_amount_with_its_currency():
    told = tell_reason("reason.loss_at_price|loss=11532.39|currency=IDR", "zh")
    assert told == "按整期平均售价每件亏 11,532 IDR"


def test_sensitive_goods_that_can_only_fly_in_time_are_told():
    goods = {"catalogue": case.catalogue({"sku": "A", "has_battery": True})}
    flying = made.way(mode="air")
    row = only(plan(known=goods, ways=flying), "sensitive_goods")
    assert row["severity"] == "warn"
    assert (facts(row)["battery"], facts(row)["mode"]) == ("1", "air")
    both = pd.concat([flying, made.way()])
    assert "sensitive_goods" not in set(plan(known=goods, ways=both)["code"])


@pytest.mark.parametrize(
    ("rate", "is_told"), [(0.05, True), (0.1, False), (0.2, False), (0.3, True)]
)
def test_a_buffer_outside_ten_to_twenty_percent_is_told(rate: float, is_told: bool):
    frame = plan(scope=case.scope(**SETTLED, policy={"buffer_rate": rate}))
    assert ("buffer_outside_range" in set(frame["code"])) is is_told


def test_two_cushions_at_once_are_told_with_the_level_they_mean():
    frame = plan(plan=stock_plan(buffer_units=22.5, service_level=0.97))
    row = only(frame, "cushions_double")
    assert row["risk_cost"] == 22.5 * 10
    assert facts(row)["level"] == "0.97"


def test_cushions_that_a_limit_cut_away_are_told_with_the_order_and_not_as_too_many():
    # 200 are aimed at, 133 of them must be bought, and the space lets 12 through
    cut = stock_plan(
        buffer_units=22.5, service_level=0.1, target_units=200.0, available_units=67.0,
        needed_units=133.0, order_units=12,
    )  # fmt: skip
    frame = plan(plan=cut)
    assert "cushions_double" not in set(frame["code"])
    told = facts(only(frame, "cushions_cut"))
    assert (told["order_units"], told["needed_units"], told["level"]) == ("12", "133", "0.1")


def test_no_limit_is_blamed_for_a_sku_of_grade_d_whose_order_people_set():
    left = stock_plan(
        buffer_units=80.0, safety_units=642.0, service_level=0.0, target_units=1257.0,
        needed_units=1257.0, order_units=0, grade="D",
    )  # fmt: skip
    assert not {"cushions_cut", "cushions_double"} & set(plan(plan=left)["code"])


def test_a_sum_of_money_tells_of_how_many_skus_it_is_not_known():
    rows = pd.DataFrame({"market": "TH", "sku": ["A", "B"], "risk_cost": [300.0, np.nan]})
    rows["lost_units"] = 5.0
    told = {"scope": case.scope(), "facts": ("lost_units",)}
    found = entries.as_alerts([entries.shared("stock_out_risk", "warn", rows, **told)])
    assert facts(found.iloc[0])["unpriced"] == "1"
    assert alert_card(found.iloc[0], "en")["risk"] == "THB 300.00; further SKUs of unknown worth: 1"
    alone = entries.shared("stock_out_risk", "warn", rows.iloc[[0]], scope=case.scope())
    assert "unpriced" not in alone["facts"]


def test_what_limits_hold_back_runs_out_for_no_thin_margin():
    held = [
        stock_plan(sku="A", service_level=0.2, lost_units=40.0,
                   reason="reason.limit_binds|wanted=200|limits=budget"),
        stock_plan(sku="B", service_level=0.3, lost_units=30.0,
                   reason="reason.economics_unknown|terms=cost.goods;reason.fixed_cut_by|limits=budget|wanted=9"),
        stock_plan(sku="C", service_level=0.3, lost_units=5.0),
    ]  # fmt: skip
    frame = plan(plan=pd.concat(held))
    limited, thin = only(frame, "stock_out_limits"), only(frame, "stock_out_risk")
    assert (facts(limited)["n"], facts(limited)["lost_units"]) == ("2", "70")
    assert (thin["sku"], facts(thin)["lost_units"]) == ("C", "5")


def test_a_hero_without_a_reserve_is_not_told_to_run_out_a_second_time():
    short = stock_plan(service_level=0.2)
    assert "stock_out_risk" in set(plan(plan=short)["code"])
    bare = pd.DataFrame(
        {"market": ["TH"], "sku": ["A"], "units": [0], "reason": ["reason.reserve_no_source"]}
    )
    codes = set(plan(plan=short, reserves=bare)["code"])
    assert "hero_no_reserve" in codes
    assert "stock_out_risk" not in codes


def test_the_formula_on_raw_history_is_priced_against_clean_days():
    rules = pd.DataFrame(
        {"market": "TH", "sku": ["A"], "target_units": [300.0], "raw_history_units": [900.0]}
    )
    row = only(plan(rules=rules), "raw_history_gap")
    assert row["risk_cost"] == 600 * 50
    assert facts(row)["gap_units"] == "600"
    near = plan(rules=rules.assign(raw_history_units=440.0))
    assert "raw_history_gap" not in set(near["code"])


@pytest.mark.parametrize(("rate", "is_told"), [(0.149, False), (0.15, True)])
def test_returns_at_the_rate_of_the_brief_are_told(rate: float, is_told: bool):
    frame = plan(registers={tables.ReturnRates: case.returns(rate)})
    assert ("return_rate_high" in set(frame["code"])) is is_told
    if is_told:
        assert only(frame, "return_rate_high")["risk_cost"] == pytest.approx(140 * rate * 100)


def test_an_unknown_stock_stops_if_it_is_all_the_stock():
    assert only(plan(position=case.position(is_known=False)), "stock_unknown")["severity"] == "stop"
    some = pd.concat([case.position(is_known=False), case.position(sku="B")])
    assert only(plan(position=some), "stock_unknown")["severity"] == "warn"


def test_a_sku_that_a_gate_stops_is_not_told_to_run_out_as_well():
    short = stock_plan(service_level=0.1, order_units=0, lost_units=90.0)
    review = made.gate(gate="admission", state="pending", blocks="order",
                       reason="gate.admission.review|category=category.beauty")  # fmt: skip
    frame = plan(plan=short, gates=review)
    assert "gate_admission" in set(frame["code"])
    assert "stock_out_risk" not in set(frame["code"])
    assert "stock_out_risk" in set(plan(plan=short)["code"])


def test_a_lock_that_asks_for_something_takes_the_place_of_the_bare_deadline():
    days = {**SETTLED, "plan": {**SETTLED["plan"], "price_lock_on": "2026-10-10"}}
    scope = case.scope(**days)
    assert "price_lock_deadline" in set(plan(scope=scope)["code"])
    frame = plan(scope=scope, locks=made.lock())
    assert "lock_raise" in set(frame["code"])
    assert "price_lock_deadline" not in set(frame["code"])


def test_only_lanes_that_the_plan_ships_by_are_near_their_last_day():
    scope = case.scope(**SETTLED, as_of="2026-09-25")
    ship = pd.DataFrame({"market": ["TH"], "mode": ["truck"], "sku": ["A"],
                         "ship_by": pd.to_datetime(["2026-10-15"])})  # fmt: skip
    assert "ship_deadline" in set(plan(scope=scope)["code"])
    assert "ship_deadline" not in set(plan(scope=scope, ship=ship)["code"])


def test_late_inbound_is_priced_as_leftover():
    row = only(plan(position=case.position(late_units=40)), "inbound_late")
    assert row["risk_cost"] == 40 * 10


def test_late_inbound_is_priced_by_its_exits_and_what_still_sells_costs_nothing():
    left = pd.DataFrame(
        {"market": "TH", "sku": "A", "exit": ["ordinary", "ship_home"], "exit_step": 1,
         "rank": [1, 2], "unit_revenue": [40.0, -5.0], "max_units": [10.0, np.nan],
         "is_open": True}
    )  # fmt: skip
    held = case.position(late_units=40, later_units=30, later_left_units=18.0)
    frame = plan(position=held, exits=left)
    # 12 of the 30 that land midway still sell: 28 are too late, 10 of them leave for 40 each
    assert only(frame, "inbound_late")["risk_cost"] == pytest.approx(28 * 50 - 10 * 40 + 18 * 5)


def test_much_leftover_and_a_likely_stock_out_are_told_with_their_money():
    much = only(plan(plan=stock_plan(leftover_units=61.0)), "dead_stock_risk")
    assert much["risk_cost"] == 61 * 10
    short = only(plan(plan=stock_plan(service_level=0.4, lost_units=50.0)), "stock_out_risk")
    assert short["risk_cost"] == 50 * 30
    for row in ({"is_blocked": True}, {"order_units": 0}):
        held = stock_plan(available_units=90.0, leftover_units=61.0, **row)
        assert "dead_stock_risk" not in set(plan(plan=held)["code"])
    blocked = plan(plan=stock_plan(service_level=0.4, is_blocked=True))
    assert "stock_out_risk" not in set(blocked["code"])


def test_grade_d_tells_its_range():
    weak = case.forecast(grade="D", q10_units=20.0, q90_units=90.0)
    row = only(
        plan(plan=stock_plan(grade="D", is_blocked=True), known={"forecast": weak}), "grade_d"
    )
    assert (facts(row)["low"], facts(row)["high"]) == ("20", "90")


def test_unknown_money_is_empty_and_not_zero():
    poor = case.economics(over_cost=np.nan, under_cost=np.nan, margin_profit=np.nan)
    frame = plan(economics=poor, plan=stock_plan(leftover_units=90.0))
    assert np.isnan(only(frame, "dead_stock_risk")["risk_cost"])


def test_one_alert_speaks_for_all_skus_of_a_market_the_gravest_first():
    skus = [f"S{number:02}" for number in range(TOLD_SINGLY + 3)]
    many = pd.concat([stock_plan(sku=sku, leftover_units=90.0 + i) for i, sku in enumerate(skus)])
    money = pd.concat([case.economics(sku=sku) for sku in skus])
    frame = plan(
        plan=many, economics=money, known={"catalogue": case.catalogue(*[{"sku": s} for s in skus])}
    )
    told = frame[frame["code"] == "dead_stock_risk"]
    assert len(told) == 1
    assert facts(told.iloc[0])["skus"] == "S05, S04, S03, S02, S01, ..."
    assert facts(told.iloc[0])["n"] == "6"
    assert told["risk_cost"].sum() == pytest.approx(sum(900 + 10 * i for i in range(6)))


def test_what_stops_is_told_sku_by_sku_up_to_three_and_then_at_once():
    skus = [f"S{number:02}" for number in range(TOLD_SINGLY + 3)]
    many = pd.concat([stock_plan(sku=sku, demand_units=100.0 + i) for i, sku in enumerate(skus)])
    money = pd.concat([case.economics(sku=sku, margin_profit=-1.0) for sku in skus])
    frame = plan(
        plan=many, economics=money, known={"catalogue": case.catalogue(*[{"sku": s} for s in skus])}
    )
    told = frame[frame["code"] == "price_below_cost"]
    assert sorted(told["sku"]) == ["", "S03", "S04", "S05"]
    assert facts(told[told["sku"] == ""].iloc[0])["skus"] == "S02, S01, S00"


def status(**columns) -> pd.DataFrame:
    row = {
        "market": "TH",
        "sku": "A",
        "action": "replenish",
        "action_units": 80,
        "stock_units": 12.0,
        "act_by": pd.Timestamp("2026-11-10"),
        "runs_out_on": pd.Timestamp("2026-11-12"),
    }
    return pd.DataFrame([{**row, **columns}])


def first_choice(action: str = "transfer", **columns) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "A", "action": action, "value_profit": 640.0,
        "last_useful_at": pd.Timestamp("2026-11-20 14:00"),
        "event_last_at": pd.Timestamp("2026-11-10 14:00"),
    }  # fmt: skip
    return pd.DataFrame([row | columns])


def lasting(lost: float = 25.0, profit: float = 900.0) -> pd.DataFrame:
    row = {
        "market": "TH", "sku": "A", "lost_units": lost, "lost_profit": profit,
        "low_runs_out_at": pd.Timestamp("2026-11-11 03:00"),
        "runs_out_at": pd.Timestamp("2026-11-12 20:00"),
        "looking_at": pd.Timestamp("2026-11-10"),
    }  # fmt: skip
    return pd.DataFrame([row])


def test_an_action_on_the_tracking_day_is_an_alert_worth_what_doing_it_adds():
    told = {"scope": case.scope(), "first": first_choice(), "cover": lasting()}
    frame = remember(alerts.track_alerts(status(), **told))
    row = only(frame, "track_short_bring")
    assert (row["severity"], row["risk_cost"]) == ("stop", 640)
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-11-10"
    known = facts(row)
    assert (known["soonest"], known["until"]) == ("2026-11-11 03:00", "2026-11-12")
    assert (known["begin"], known["lost"]) == ("action.transfer", "25")
    assert alerts.track_alerts(status(action="none"), scope=case.scope()).empty


def test_a_shelf_that_loses_money_stops_whatever_is_done_and_names_the_loss_if_nothing_is():
    told = {"scope": case.scope(), "cover": lasting()}
    soft = only(
        remember(alerts.track_alerts(status(action="slow_down"), first=first_choice("backorder"),
                                     **told)), "track_short",
    )  # fmt: skip
    assert (soft["severity"], soft["risk_cost"]) == ("stop", 640)
    shut = only(remember(alerts.track_alerts(status(action="watch"), **told)), "track_short_shut")
    assert (shut["severity"], shut["risk_cost"]) == ("stop", 900)
    assert facts(shut)["begin"] == "action.none_open"
    calm = {"scope": case.scope(), "cover": lasting(0.0, 0.0)}
    calm = only(remember(alerts.track_alerts(status(action="watch"), **calm)), "track_watch")
    assert calm["severity"] == "note"


def test_a_markdown_is_not_what_a_short_shelf_begins_with():
    cut = first_choice("markdown")
    row = only(
        remember(alerts.track_alerts(status(action="watch"), scope=case.scope(), first=cut,
                                     cover=lasting())), "track_short_shut",
    )  # fmt: skip
    assert facts(row)["begin"] == "action.none_open"
    clear = remember(alerts.track_alerts(status(action="clear"), scope=case.scope(), first=cut))
    assert only(clear, "track_clear")["risk_cost"] == 640


def test_one_action_for_several_skus_is_one_alert_with_the_first_day():
    both = pd.concat(
        [
            status(action="slow_down"),
            status(action="slow_down", sku="B", stock_units=8.0, act_by=pd.Timestamp("2026-11-09"),
                   runs_out_on=pd.Timestamp("2026-11-11")),
        ]
    )  # fmt: skip
    row = only(remember(alerts.track_alerts(both, scope=case.scope())), "track_short")
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-11-09"
    told = facts(row)
    assert (told["n"], told["stock"], told["until"]) == ("2", "20", "2026-11-11")


def several(**columns) -> pd.DataFrame:
    """Rows of SKUs A, B, C: each column is a list of three."""
    rows = [
        {name: values[at] for name, values in columns.items()} | {"sku": sku}
        for at, sku in enumerate("ABC")
    ]
    return pd.DataFrame(rows)


def test_what_loses_most_is_told_first_whenever_its_last_day_is():
    # C's last day is the first, but the sold out A loses most.
    shelves = pd.concat(
        [status(sku=sku, stock_units=stock) for sku, stock in (("C", 9.0), ("B", 5.0), ("A", 0.0))]
    )
    last = pd.to_datetime(["2026-11-18", "2026-11-17", "2026-11-10"])
    first = several(event_last_at=last, value_profit=[300.0, 500.0, 100.0])
    first = first.assign(market="TH", action="transfer", last_useful_at=last[0])
    cover = pd.concat([lasting(25.0, loss).assign(sku=sku) for sku, loss in
                       (("A", 900.0), ("B", 700.0), ("C", 600.0))])  # fmt: skip
    told = {"scope": case.scope(), "first": first, "cover": cover}
    rows = remember(alerts.track_alerts(shelves, **told))
    assert rows["sku"].to_list() == ["A", "B", "C"]
    assert rows["code"].to_list() == ["track_empty_bring", *["track_short_bring"] * 2]
    # What is not worth doing beside the others is told, but does not stop.
    soft = remember(alerts.track_alerts(shelves, **told, worth=first[first["sku"] != "A"]))
    assert soft["sku"].to_list() == ["B", "C", "A"]
    assert soft["severity"].to_list() == ["stop", "stop", "warn"]
    # What the page asks for first and what the card says are one: A may be left.
    assert soft["code"].to_list() == [*["track_short_bring"] * 2, "track_empty_spare"]
    card = alert_card(soft.iloc[2].to_dict(), "zh")
    assert card["do"].startswith("不动也可以：「调拨」")
    assert card["risk_label"] == "一共能多赚（含活动后）"


def test_what_helps_only_after_the_event_has_until_its_last_moment():
    late = first_choice(event_last_at=pd.NaT)
    row = alerts.track_alerts(status(), scope=case.scope(), first=late, cover=lasting()).iloc[0]
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-11-20"


@pytest.mark.parametrize("action", ["check_stock", "slow_down", "clear", "watch"])
def test_every_action_has_its_alert(action: str):
    frame = status(action=action, act_by=pd.NaT, runs_out_on=pd.NaT)
    code = "track_short" if action == "slow_down" else f"track_{action}"
    row = only(remember(alerts.track_alerts(frame, scope=case.scope())), code)
    assert np.isnan(row["risk_cost"])
    assert set(tables.ACTIONS) == {*track_checks.TRACK_SEVERITIES, "none"}


def test_alerts_stand_by_severity_then_day_then_money():
    row = {"market": "TH", "sku": "", "currency": "THB", "facts": ""}
    frame = pd.DataFrame(
        [
            {**row, "code": "d", "severity": "warn", "act_by": pd.NaT, "risk_cost": 9.0},
            {**row, "code": "c", "severity": "warn", "act_by": pd.NaT, "risk_cost": np.nan},
            {
                **row,
                "code": "b",
                "severity": "warn",
                "act_by": pd.Timestamp("2026-10-02"),
                "risk_cost": 1.0,
            },
            {
                **row,
                "code": "a",
                "severity": "warn",
                "act_by": pd.Timestamp("2026-10-01"),
                "risk_cost": 1.0,
            },
            {**row, "code": "e", "severity": "stop", "act_by": pd.NaT, "risk_cost": np.nan},
        ]
    )
    together = alerts.all_alerts(frame.iloc[:2], frame.iloc[2:], frame.iloc[:1])
    assert "".join(together["code"]) == "eabdc"
    assert alerts.all_alerts(tables.empty(tables.Alerts)).empty


def test_a_seller_without_anything_to_forecast_gets_empty_tables_and_no_fault():
    none, scope = tables.empty, case.scope(**SETTLED)
    lanes, rates = case.options(scope), case.returns()
    draws, daily, goods = none(tables.DemandDraws), none(tables.DailySales), none(tables.Catalogue)
    given = {"scope": scope, "catalogue": goods}
    held = stock_position(none(tables.Stock), draws, return_rates=rates, daily=daily, **given)
    value = unit_economics(goods, lanes, case.fees(), rates, scope=scope)
    rules = compare_rules(draws, daily, held, value, lanes, **given)
    forecast = none(tables.Forecast)
    order = size_stock(draws, daily, held, value, forecast, lanes, goods, scope=scope)
    ship = ship_lines(order, goods, lanes, scope=scope)
    more = {"lane_options": lanes, "return_rates": rates}
    money = cost_lines(order, ship, value, draws, case.fees(), **given, **more)
    assert [len(frame) for frame in (held, value, rules, order, ship, money)] == [0] * 6
    told = plan(
        plan=order, position=held, economics=value, costs=money, rules=rules, ship=ship,
        options=sure(lanes), mode_plan=none(tables.ModePlan), ways=none(tables.SkuWays),
        known={"forecast": forecast, "catalogue": goods}, scope=scope,
    )  # fmt: skip
    assert told.empty


def told_in_both_languages() -> Iterator[tuple[str, str, str]]:
    for code, text in SEEN:
        for lang in ("zh", "en"):
            for term in (f"alert.{code}", f"alert.{code}.do"):
                tail = f"{text}|act_by=2026-11-10" if "act_by" not in text else text
                yield code, term, tell_reason(f"{term}|{tail}", lang)


def test_every_alert_raised_above_can_be_told_in_both_languages():
    plan(scope=case.scope(**SETTLED, as_of="2026-10-09"))
    plan(position=case.position(is_known=False, late_units=3))
    assert SEEN
    for code, term, sentence in told_in_both_languages():
        assert is_known(term), code
        assert "{" not in sentence
        assert not sentence.startswith("alert."), sentence
