"""The exception log and its tickets: stable names, people's notes, the fields that are asked."""

import io
from pathlib import Path

import pandas as pd
import pytest
from season_case import a_scope

from planner import tables
from planner.errors import InputError
from planner.guards import alerts
from planner.intake.exception_notes import read_exception_notes
from planner.intake.rules import read_register
from planner.pages import cards, exception_blocks, platform_blocks
from planner.pages.track_book import exceptions_csv, track_workbook
from planner.season.platform.cases import Evidence
from planner.season.platform.exceptions import exception_log, notes_of
from planner.season.platform.tickets import tickets

SCOPE = a_scope(seen_from="2025-11-14")


def table(kind, **columns):
    empty = tables.empty(kind)
    frame = pd.DataFrame({name: columns.get(name, "") for name in empty}, index=[0])
    for name, dtype in empty.dtypes.items():
        if name not in columns and not str(dtype).startswith("str"):
            frame[name] = pd.array([None], dtype="Int64") if dtype == "Int64" else None
        if name not in columns and dtype == "int64":
            frame[name] = 0
    return frame.astype(empty.dtypes.to_dict())


def ageing(order_id="57001", hours=-10.0, sku="a;b"):
    return table(
        tables.AgeingOrders, shop="th-one", market="TH", order_id=order_id, sku=sku, units=2,
        order_revenue=40.0, order_profit=12.0, age_days=3,
        waiting_since_at=pd.Timestamp("2025-11-11 10:00"),
        dispatch_by=pd.Timestamp("2025-11-13"), late_days=1, hours_left=hours,
        cancel_at=pd.Timestamp("2025-11-15"), reason="reason.track_waits", currency="CNY",
    )  # fmt: skip


def broken(market="TH", metric="late_dispatch_rate"):
    return table(
        tables.PlatformMetrics, shop="th-one", market=market, metric=metric,
        counted_over="platform", window_days=7, value_rate=0.12, threshold_rate=0.1,
        is_breached=True, orders=50, failed_orders=6, left_orders=0, recover_orders=10,
        failed_ids="57001;57009", consequence="order_limit", reason="reason.track_to_date",
    )  # fmt: skip


def test_absent_tables_say_nothing():
    assert exception_log(Evidence(), scope=SCOPE).empty


def test_a_case_bears_the_same_name_in_every_run_however_its_figures_move():
    first = exception_log(Evidence(ageing=ageing(hours=-10.0)), scope=SCOPE)
    later = exception_log(
        Evidence(ageing=pd.concat([ageing(hours=-20.0), ageing("57002", -20.0)])), scope=SCOPE
    )
    assert first["case"].tolist() == later["case"].tolist()
    assert later.loc[0, "proof"] == "proof.order_late|orders=2|day=2025-11-13"
    assert later.loc[0, "stake"] == 24.0


def test_late_orders_stake_their_profit_and_nothing_is_known_if_one_of_them_is_not():
    # What is at stake is what the two orders earn, not what their buyers pay.
    blank = ageing("57002").assign(order_profit=float("nan"))
    assert exception_log(Evidence(ageing=ageing()), scope=SCOPE).loc[0, "stake"] == 12.0
    log = exception_log(Evidence(ageing=pd.concat([ageing(), blank])), scope=SCOPE)
    assert pd.isna(log.loc[0, "stake"])


def test_a_case_tells_its_kind_time_evidence_and_deadline():
    # Due on the 13th: late from midnight, and the platform cancels it at the start of the 15th.
    row = exception_log(Evidence(ageing=ageing()), scope=SCOPE).iloc[0]
    told = ["case_kind", "campaign", "about", "found_on", "happened_at", "due_on", "act_until_at"]
    assert row[told].tolist() == [
        "order_late", "eleven", "th-one", pd.Timestamp("2025-11-14"), pd.Timestamp("2025-11-14"),
        pd.Timestamp("2025-11-13"), pd.Timestamp("2025-11-15"),
    ]  # fmt: skip
    assert row["proof"] == "proof.order_late|orders=1|day=2025-11-13"
    assert (row["owner"], row["case_state"]) == ("", "open")


def test_orders_that_are_still_in_time_are_no_exception():
    assert exception_log(Evidence(ageing=ageing(hours=3.0)), scope=SCOPE).empty


def test_two_windows_of_one_metric_are_one_case():
    both = pd.concat([broken(), broken().assign(counted_over="campaign", value_rate=0.3)])
    log = exception_log(Evidence(marks=both), scope=SCOPE)
    assert log["proof"].str.contains("rate=0.1200").tolist() == [True]


def test_units_that_come_back_cancel_those_that_go():
    row = table(tables.StockCheck, sku="a", from_on=pd.Timestamp("2025-11-01"),
                to_on=pd.Timestamp("2025-11-02"), unexplained_units=-5.0, gone_cost=50.0,
                reason="x", currency="CNY")  # fmt: skip
    back = row.assign(unexplained_units=5.0, gone_cost=0.0)
    assert exception_log(Evidence(checks=pd.concat([row, back])), scope=SCOPE).empty
    log = exception_log(Evidence(checks=row), scope=SCOPE)
    assert (log.loc[0, "stake"], log.loc[0, "act_until_at"]) == (50.0, pd.Timestamp("2025-11-15"))
    # 5 gone at 10 each, 2 came back: the three that are gone on the whole are at stake.
    some = exception_log(
        Evidence(checks=pd.concat([row, back.assign(unexplained_units=2.0)])), scope=SCOPE
    )
    assert (some.loc[0, "extent"], some.loc[0, "stake"]) == (3.0, 30.0)


def gone(units, to="2025-11-02"):
    return table(tables.StockCheck, sku="a", from_on=pd.Timestamp("2025-11-01"),
                 to_on=pd.Timestamp(to), unexplained_units=-float(units), gone_cost=10.0 * units,
                 reason="x", currency="CNY")  # fmt: skip


def late_at(stage, place, lost=7.0):
    return table(tables.MilestoneDelays, market="TH", shipment="S1", sku="a", stage=stage,
                 place=place, planned_on=pd.Timestamp("2025-11-01"), late_days=3.0,
                 expected_shelf_on=pd.Timestamp("2025-11-18"), lost_profit=lost)  # fmt: skip


def written(tmp_path, log, notes=None, **changes):
    """Return the notes as a person saves the report's file, some cells filled."""
    told = exceptions_csv(notes_of(log, notes))
    frame = pd.read_csv(io.BytesIO(told), dtype="str").fillna("")
    frame.assign(**changes).to_csv(tmp_path / "exceptions.csv", index=False)
    return read_exception_notes(tmp_path)


def test_what_a_person_wrote_is_found_again_in_the_next_run(tmp_path):
    log = exception_log(Evidence(ageing=ageing()), scope=SCOPE)
    notes = written(tmp_path, log, owner="Lin Yue", case_state="working", note="carrier called")
    again = exception_log(Evidence(ageing=ageing()), scope=SCOPE, notes=notes).iloc[0]
    told = ["owner", "case_state", "note", "is_seen"]
    assert again[told].tolist() == ["Lin Yue", "working", "carrier called", True]


def test_a_case_that_is_gone_stays_while_somebody_has_written_of_it(tmp_path):
    log = exception_log(Evidence(ageing=ageing()), scope=SCOPE)
    notes = written(tmp_path, log, owner="Lin Yue", case_state="done")
    gone = exception_log(Evidence(), scope=SCOPE, notes=notes).iloc[0]
    assert (gone["case"], gone["is_seen"], gone["case_state"]) == (
        log.loc[0, "case"],
        False,
        "done",
    )


def test_a_closed_case_of_one_campaign_does_not_close_that_of_the_next(tmp_path):
    nine = SCOPE.model_copy(update={"campaign": SCOPE.campaign.model_copy(update={
        "campaign": "nine"})})  # fmt: skip
    before = exception_log(Evidence(checks=gone(5)), scope=nine)
    notes = written(tmp_path, before, case_state="done", note="found again")
    log = exception_log(Evidence(checks=gone(900)), scope=SCOPE, notes=notes)
    assert before.loc[0, "case"] != log.loc[0, "case"]
    assert log[["case_state", "note", "extent"]].to_numpy().tolist() == [["open", "", 900.0]]
    assert len(tickets(log, scope=SCOPE, notes=notes)) == 1
    kept = written(tmp_path, log, notes)  # what was said of the other campaign is not lost
    assert kept["campaign"].tolist() == ["eleven", "nine"]
    assert kept["note"].tolist() == ["", "found again"]


@pytest.mark.parametrize(
    ("later", "state"),
    [(gone(5), "done"), (gone(3), "done"), (gone(6), "open"), (gone(5, to="2025-11-09"), "open")],
)
def test_a_closed_case_opens_again_only_if_its_evidence_is_newer_or_more(tmp_path, later, state):
    log = exception_log(Evidence(checks=gone(5)), scope=SCOPE)
    notes = written(tmp_path, log, owner="Lin Yue", case_state="done")
    again = exception_log(Evidence(checks=later), scope=SCOPE, notes=notes).iloc[0]
    assert (again["case_state"], again["owner"]) == (state, "Lin Yue")
    assert again["is_reopened"] == (state == "open")


def test_a_shipment_that_is_late_at_its_next_stage_is_the_same_case(tmp_path):
    log = exception_log(Evidence(delays=late_at("waiting", 1)), scope=SCOPE)
    notes = written(tmp_path, log, owner="Lin Yue", case_state="working")
    again = exception_log(Evidence(delays=late_at("truck", 2)), scope=SCOPE, notes=notes)
    assert again[["owner", "case_state", "is_seen"]].to_numpy().tolist() == [
        ["Lin Yue", "working", True]
    ]
    assert again.loc[0, "proof"] == "proof.milestone_late|stage=truck|days=3"


def test_a_shipment_is_as_late_as_its_goods_are_for_the_shelf():
    late = late_at("truck", 2).assign(
        planned_shelf_on=pd.Timestamp("2025-10-30"), expected_shelf_on=pd.Timestamp("2025-12-11")
    )
    log = exception_log(Evidence(delays=late), scope=SCOPE)
    assert log.loc[0, "proof"] == "proof.milestone_late|stage=truck|days=42"


def test_a_late_shipment_of_which_no_stage_is_known_blames_none():
    log = exception_log(Evidence(delays=late_at("", 0)), scope=SCOPE)
    assert log.loc[0, "proof"] == "proof.shipment_late|days=3"


def trail(*over: str) -> pd.DataFrame:
    """A shipment 40 days late on the shelf, whose stages are over as far as they are named."""
    names = ("waiting", "line_haul", "import_customs", "truck", "receiving")
    rows = [late_at(name, place) for place, name in enumerate(names)]
    frame = pd.concat(rows, ignore_index=True)
    done = frame["stage"].isin(over)
    return frame.assign(
        actual_on=pd.Timestamp("2025-11-04").as_unit("us"), is_over=done,
        planned_shelf_on=pd.Timestamp("2025-10-09"),
        late_days=frame["late_days"].mask(frame["stage"] == "receiving"),
    ).assign(actual_on=lambda of: of["actual_on"].where(done))  # fmt: skip


@pytest.mark.parametrize(
    ("over", "proof"),
    [
        # The line haul is over, customs is not: the goods are in customs, not on the truck.
        (("waiting", "line_haul"), "proof.milestone_late|stage=import_customs|days=40"),
        (("waiting",), "proof.shipment_silent|days=40"),  # anywhere since it left
        ((), "proof.milestone_late|stage=waiting|days=40"),  # it has not left
        (("waiting", "truck"), "proof.shipment_arrived|days=40"),
    ],
)
def test_a_shipment_is_stuck_in_the_first_stage_after_the_last_that_is_over(over, proof):
    log = exception_log(Evidence(delays=trail(*over)), scope=SCOPE)
    assert log["proof"].tolist() == [proof]


def test_a_shipment_that_is_behind_is_a_case_though_no_stage_is_known_to_be_late():
    silent = trail("waiting").assign(late_days=float("nan"))
    log = exception_log(Evidence(delays=silent), scope=SCOPE)
    assert log["proof"].tolist() == ["proof.shipment_silent|days=40"]


def test_a_shipment_on_the_shelf_or_in_time_for_it_after_all_is_no_case():
    done = trail("waiting", "truck", "receiving")
    assert exception_log(Evidence(delays=done), scope=SCOPE).empty
    caught_up = trail("waiting").assign(planned_shelf_on=pd.Timestamp("2025-11-18"))
    assert exception_log(Evidence(delays=caught_up), scope=SCOPE).empty


def test_goods_that_arrive_short_or_stay_unshelved_are_cases_with_a_ticket():
    came = table(tables.Receipts, market="TH", warehouse="th-house", shipment="S1", sku="a",
                 sent_units=50, came_units=48, missing_units=2, stuck_units=9, stuck_days=5.0,
                 arrived_on=pd.Timestamp("2025-11-09"))  # fmt: skip
    costs = pd.DataFrame({"market": ["TH"], "sku": ["a"], "landed_cost": [7.5]})
    log = exception_log(Evidence(receipts=came, costs=costs, receiving_days=4.0), scope=SCOPE)
    told = log.set_index("case_kind")
    assert told.loc["arrived_short", "proof"] == "proof.arrived_short|sent=50|came=48"
    assert told.loc["arrived_short", "stake"] == 15.0
    strict = Evidence(receipts=came, exact=frozenset({"th-house"}))
    proof = exception_log(strict, scope=SCOPE).loc[0, "proof"]
    assert proof == "proof.arrived_short|sent=50|came=48;proof.exact_counts"
    assert told.loc["shelving_late", "proof"] == "proof.shelving_late|units=9|days=5|limit=4"
    assert told.loc["shelving_late", "happened_at"] == pd.Timestamp("2025-11-13")
    asked = tickets(log, scope=SCOPE)
    assert asked[["send_to", "order_id"]].to_numpy().tolist() == [["provider", "S1"]] * 2
    for days in (5.0, float("nan")):  # in time, or nobody says in how many days
        log = exception_log(Evidence(receipts=came, receiving_days=days), scope=SCOPE)
        assert log["case_kind"].tolist() == ["arrived_short"]
        assert log["stake"].isna().all()


def test_a_platform_that_shows_more_than_there_is_is_a_case_of_today_without_a_ticket():
    shown = table(tables.StockStages, market="TH", warehouse="th-house", sku="a",
                  sellable_units=40, platform_units=45, platform_gap_units=5,
                  platform_on=pd.Timestamp("2025-11-14"))  # fmt: skip
    log = exception_log(Evidence(stages=shown), scope=SCOPE)
    assert log[["case_kind", "proof"]].to_numpy().tolist() == [
        ["stock_oversold", "proof.stock_oversold|units=5|shown=45|held=40"]
    ]
    assert log.loc[0, "act_until_at"] == pd.Timestamp("2025-11-15")
    assert tickets(log, scope=SCOPE).empty
    fewer = shown.assign(platform_gap_units=-5)
    assert exception_log(Evidence(stages=fewer), scope=SCOPE).empty


def test_a_late_shipment_says_how_late_its_goods_will_be_on_the_shelf():
    # Three days late at the port so far, 42 on the shelf: 30 October to 11 December.
    late = late_at("port", 1).assign(planned_shelf_on=pd.Timestamp("2025-10-30"),
                                     expected_shelf_on=pd.Timestamp("2025-12-11"))  # fmt: skip
    log = exception_log(Evidence(delays=late), scope=SCOPE)
    assert log.loc[0, "proof"] == "proof.milestone_late|stage=port|days=42"


def test_the_nearest_cap_of_all_shops_is_told_and_what_nobody_knows_is_unknown():
    cap = table(tables.CapRisks, shop="th-one", market="TH", cap_tier=1, from_rate=0.1,
                release_rate=0.1, late_rate=0.05, is_reached=False, left_orders=9,
                base_orders=1000.0, cap_orders=40.0, wanted_orders=9.0,
                lost_profit=30.0, currency="CNY")  # fmt: skip
    near = cap.assign(shop="th-two", left_orders=2, cap_orders=float("nan"),
                      lost_profit=float("nan"))  # fmt: skip
    marks = broken().assign(is_breached=False)
    told = str(platform_blocks.metrics_answer(marks, "en", caps=pd.concat([cap, near])))
    assert "2 more late orders" in told
    assert "at unknown a day" in told
    assert "nan" not in told


def test_a_metric_that_caps_orders_by_unknown_tiers_says_so():
    marks = broken("US", "on_time_delivery_rate").assign(is_breached=False, threshold_rate=0.8)
    nothing = tables.empty(tables.CapRisks)
    told = str(platform_blocks.metrics_answer(marks, "zh", caps=nothing).data)
    assert "准时送达率（OTDR）越过 80% 会限单；限多少单，规则表里没有（未知）" in told
    advised = marks.assign(consequence="recommended")
    assert "限单" not in str(platform_blocks.metrics_answer(advised, "zh", caps=nothing).data)


def test_a_note_comes_back_as_it_was_written(tmp_path):
    log = exception_log(Evidence(ageing=ageing()), scope=SCOPE)
    told = log.assign(note="-5 sent", owner="=Lin")
    notes = written(tmp_path, told)
    assert notes[["note", "owner"]].to_numpy().tolist() == [["-5 sent", "=Lin"]]


def test_a_state_that_nobody_knows_is_refused_by_its_cell(tmp_path):
    (tmp_path / "exceptions.csv").write_text(
        "case,case_kind,owner,case_state\nX-1,order_late,Lin,finished\n", encoding="utf-8"
    )
    with pytest.raises(InputError, match=r'exceptions\.csv, row 2.*"case_state".*finished'):
        read_exception_notes(tmp_path)


def test_a_ticket_has_order_number_sku_description_and_screenshot():
    late = ageing()
    log = exception_log(Evidence(ageing=late), scope=SCOPE)
    row = tickets(log, scope=SCOPE, ageing=late).iloc[0]
    assert (row["send_to"], row["order_id"], row["sku"]) == ("provider", "57001", "a;b")
    assert row["proof"].startswith("proof.order_late")
    assert row["screenshot"] == "shot.order_late"
    assert pd.isna(row["appeal_by"])


def test_a_ticket_on_late_orders_names_them_whenever_the_case_was_found(tmp_path):
    log = exception_log(Evidence(ageing=ageing()), scope=SCOPE)
    notes = written(tmp_path, log, found_on="2025-11-16")
    again = exception_log(Evidence(ageing=ageing()), scope=SCOPE, notes=notes)
    asked = tickets(again, scope=SCOPE, ageing=ageing(), notes=notes)
    assert asked["order_id"].tolist() == ["57001"]


def shipped_rules():
    folder = Path(__file__).resolve().parents[1] / "data" / "rules"
    return read_register(folder, tables.Metrics)


def appealed(marks, notes=None, metrics=None):
    """Return the log and the tickets of an American shop."""
    told = {"scope": AMERICA, "notes": notes, "metrics": shipped_rules()}
    log = exception_log(Evidence(marks=marks), **told)
    return log, tickets(log, marks=marks, **told)


AMERICA = a_scope(seen_from="2025-11-14", markets=("US",))
DELIVERY = broken("US", "on_time_delivery_rate")


def test_an_appeal_ends_so_many_days_after_the_case_was_found(tmp_path):
    log, asked = appealed(DELIVERY)
    assert asked[["send_to", "appeal_by", "appeal_round"]].to_numpy().tolist() == [
        ["platform", pd.Timestamp("2025-12-14"), 1]
    ]
    assert log.loc[0, "act_until_at"] == pd.Timestamp("2025-12-14")
    notes = written(tmp_path, log, found_on="2025-11-10")
    assert appealed(DELIVERY, notes)[1].loc[0, "appeal_by"] == pd.Timestamp("2025-12-10")


def test_a_second_appeal_ends_so_many_days_after_the_first_was_turned_down(tmp_path):
    notes = written(tmp_path, appealed(DELIVERY)[0], rejected_on="2025-12-01")
    log, asked = appealed(DELIVERY, notes)
    assert (asked.loc[0, "appeal_by"], asked.loc[0, "appeal_round"]) == (
        pd.Timestamp("2025-12-16"), 2,
    )  # fmt: skip
    assert log.loc[0, "act_until_at"] == pd.Timestamp("2025-12-16")
    assert written(tmp_path, log, notes).loc[0, "rejected_on"] == pd.Timestamp("2025-12-01")


@pytest.mark.parametrize("metric", ["late_dispatch_rate", "valid_tracking_rate"])
def test_days_of_appeal_hold_for_the_metric_that_they_name_and_for_no_other(metric):
    log, asked = appealed(broken("US", metric))
    assert asked["appeal_by"].isna().all()
    assert log["act_until_at"].isna().all()


def test_an_appeal_names_the_orders_that_fail_its_own_metric():
    # The late order 57001 is merely unshipped: the appeal on delivery names what came too late.
    marks = pd.concat([
        broken("US", "late_dispatch_rate").assign(failed_ids="57001", is_breached=False),
        DELIVERY.assign(counted_over="campaign", failed_ids="60;61;62"),
        DELIVERY.assign(failed_ids="61;62"),
    ])  # fmt: skip
    assert appealed(marks)[1]["order_id"].tolist() == ["61;62"]


def test_a_limit_that_is_only_advised_is_not_appealed_against():
    assert appealed(DELIVERY.assign(consequence="recommended"))[1].empty


def test_open_cases_of_broken_limits_raise_alerts(tmp_path):
    use = table(tables.PartitionUse, market="TH", channel="th-two", sku="a", warehouse="th-house",
                is_breached=True, over_units=7.0, limit_units=8.0, over_profit=21.0)  # fmt: skip
    cap = table(tables.CapRisks, shop="th-one", market="TH", cap_tier=1, from_rate=0.1,
                release_rate=0.1, late_rate=0.12, is_reached=True, cap_orders=9.0,
                lost_orders=3.0, lost_profit=30.0)  # fmt: skip
    seen = Evidence(marks=broken(), caps=cap, partitions=use)
    log = exception_log(seen, scope=SCOPE)
    status = tables.empty(tables.TrackStatus)
    told = alerts.track_alerts(status, scope=SCOPE, log=log)
    assert told[["code", "severity"]].to_numpy().tolist() == [
        ["order_cap", "stop"], ["partition_breached", "warn"], ["metric_breached", "warn"],
    ]  # fmt: skip
    assert told["risk_cost"].fillna(-1).tolist() == [30.0, 21.0, -1.0]
    said = [cards.alert_card(row, "zh")["text"] for row in told.to_dict("records")]
    assert "th-one" in said[0]
    assert said[1] == "渠道 th-two 有 1 个 SKU 卖了该留给别的渠道的货，共 7 件"
    assert said[2] == "店铺 th-one 的延迟发货率（LDR）超标：6 单不合格"
    notes = written(tmp_path, log, case_state="done")
    closed = exception_log(seen, scope=SCOPE, notes=notes)
    assert alerts.track_alerts(status, scope=SCOPE, log=closed).empty


def test_the_answer_says_how_many_cases_have_no_money_told():
    priced = Evidence(ageing=ageing(), marks=broken())
    block = exception_blocks.log_answer(exception_log(priced, scope=SCOPE), "en")
    assert "The money of 1 more is unknown." in str(block)


def test_without_a_rule_on_appeals_the_last_day_is_unknown_and_not_never():
    log = exception_log(Evidence(marks=broken()), scope=SCOPE)
    assert tickets(log, scope=SCOPE)["appeal_by"].isna().all()


def test_a_closed_case_asks_for_no_ticket(tmp_path):
    log = exception_log(Evidence(ageing=ageing()), scope=SCOPE)
    notes = written(tmp_path, log, case_state="done")
    closed = exception_log(Evidence(ageing=ageing()), scope=SCOPE, notes=notes)
    assert tickets(closed, scope=SCOPE, ageing=ageing()).empty


def test_the_workbook_holds_a_formula_of_a_sku_as_text():
    late = ageing(sku="=HYPERLINK(1)")
    log = exception_log(Evidence(ageing=late), scope=SCOPE)
    told = {"Exceptions": log, "Tickets": tickets(log, scope=SCOPE, ageing=late)}
    book = track_workbook({**told, "AgeingOrders": late}, scope=SCOPE)
    assert book == track_workbook({**told, "AgeingOrders": late}, scope=SCOPE)
    sheets = pd.read_excel(io.BytesIO(book), sheet_name=None, header=None, engine="calamine")
    assert list(sheets) == ["异常清单 Exceptions", "服务商工单 Tickets", "平台申诉 Appeals",
                            "待发订单 Waiting orders"]  # fmt: skip
    cells = sheets["服务商工单 Tickets"]
    assert cells.iloc[4, 1:3].tolist() == ["57001", "=HYPERLINK(1)"]
    assert cells.iloc[3, 1] == "订单号 / 货件号\nOrder or shipment"
    assert cells.iloc[3, 3] == "问题描述\nDescription"
    evil = exceptions_csv(notes_of(log.assign(note="=1+1"))).decode("utf-8-sig")
    assert ",=1+1" not in evil
