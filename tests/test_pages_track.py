"""Page of notebook 04: one sentence, three numbers, first actions with a clock, then evidence."""

import json

import numpy as np
import pandas as pd
import pytest
import seen_case as case

from planner import tables
from planner.pages import charts, headline, track_answers, track_blocks, track_lead
from planner.pages.blocks import Block, show_alerts
from planner.season import held_back
from planner.season.stock import stock_check
from planner.words import LANGS, say


@pytest.fixture(scope="module")
def now():
    return case.on_plan()


def parts(now, lang: str) -> list[Block]:
    return [
        headline.track_headline(now.status, now.totals, now.cover, now.choices, now.sessions, lang),
        track_answers.first_answer(now.choices, now.cover, lang),
        track_blocks.show_first(now.choices, lang),
        track_blocks.show_others(now.choices, lang),
        track_blocks.show_daily(now.daily, lang),
        track_answers.ranges_answer(now.ranges, now.rest, now.totals, lang),
        track_blocks.show_rest(now.rest, lang),
        track_answers.cover_answer(now.cover, lang),
        track_blocks.show_cover(now.cover, lang),
        track_answers.sessions_answer(now.sessions, lang),
        track_blocks.show_sessions(now.sessions, lang),
        track_answers.stages_answer(now.stages, now.receipts, lang),
        track_blocks.show_stages(now.stages, lang),
        track_blocks.show_receipts(now.receipts, lang),
        track_answers.checks_answer(now.checks, lang),
        track_blocks.show_checks(now.checks, lang),
        track_answers.partitions_answer(now.partitions, lang),
        track_blocks.show_partitions(now.partitions, lang),
        track_answers.delays_answer(now.delays, lang),
        track_blocks.show_delays(now.delays, lang),
        track_blocks.show_milestones(now.delays, lang),
    ]


def first_screen(one, lang: str = "en") -> Block:
    return headline.track_headline(
        one.status, one.totals, one.cover, one.choices, one.sessions, lang
    )


def told(block: Block) -> str:
    return block.data["text"]


def delays(**changes) -> pd.DataFrame:
    day = pd.Timestamp("2025-11-01")
    rows = pd.DataFrame({
        "market": "TH", "shipment": "S1", "sku": "a", "mode": "sea", "units": 100,
        "place": [2, 3], "stage": ["waiting", "truck"], "planned_on": day,
        "actual_on": [day, pd.NaT], "late_days": [0.0, 12.0], "is_over": [True, False],
        "planned_shelf_on": day, "expected_shelf_on": pd.Timestamp("2025-11-18"),
        "lost_units": 20.0, "lost_profit": 90.0, "faster_mode": "air",
        "faster_shelf_on": pd.Timestamp("2025-11-15"), "faster_units": 15.0,
        "faster_profit": 40.0, "reason": "reason.milestone_on_plan", "currency": "CNY",
    })  # fmt: skip
    return tables.checked(tables.MilestoneDelays, rows.assign(**changes))


@pytest.mark.parametrize("lang", LANGS)
def test_every_part_is_told_in_words_with_and_without_rows(now, lang: str):
    for tracked in (now, case.early()):
        for block in parts(tracked, lang):
            text = json.dumps(block.as_json(), ensure_ascii=False)
            assert "nan" not in text.lower()
            assert "reason." not in text
            assert "answer." not in text


def whole(block: Block) -> str:
    """The sentence of an answer and what stands below it."""
    return f"{block.data['sentence']} {block.data['detail']}"


def test_the_first_sentence_is_the_action_and_the_stand_is_below_it(now):
    block = first_screen(now)
    assert block.data["sentence"] == track_lead.lead(now.cover, now.choices, now.sessions, "en")
    assert block.data["detail"].startswith("By ")


def test_the_first_screen_tells_the_stand_the_range_and_the_money(now):
    block = headline.track_headline(
        now.status, now.totals, now.cover, now.choices, now.sessions, "en"
    )
    sentence = whole(block)
    assert "140 units are sold, on plan" in sentence
    assert "80% range" in block.data["numbers"][1]["note"]
    assert "SKUs worth acting on now: 1" in sentence
    assert [item["label"] for item in block.data["numbers"]] == [
        say(term, "en") for term in ("head.pace", "head.rest", "head.risk")
    ]
    assert block.data["numbers"][2]["value"] == f"{now.cover['lost_profit'].sum():,.0f}"


@pytest.mark.parametrize(("sold", "words"), [(168.0, "20% ahead"), (112.0, "20% behind")])
def test_ahead_and_behind_are_told_apart(now, sold: float, words: str):
    totals = now.totals.assign(sold_units=sold)
    block = first_screen(now._replace(totals=totals))
    assert words in whole(block)


def test_before_the_campaign_the_headline_says_so_and_shows_no_numbers():
    early = case.early()
    block = headline.track_headline(
        early.status, early.totals, early.cover, early.choices, early.sessions, "en"
    )
    assert block.data["sentence"] == say("head.track_early", "en")
    assert block.data["numbers"] == []


def test_a_sku_without_a_count_is_sent_to_be_counted():
    blind = case.tracked(stock=case.stock(("b", "on_hand", 1, None, case.LOOKING)))
    block = headline.track_headline(
        blind.status, blind.totals, blind.cover, blind.choices, blind.sessions, "en"
    )
    assert say("head.track_blind", "en", count=1) in whole(block)
    assert "a" in told(track_answers.cover_answer(blind.cover, "en"))


def uncounted(now, *skus: str):
    """What tracking leaves of shelves that nobody counted, the SKUs named and no other."""
    kept = pd.concat([now.cover] + [now.cover.assign(sku=sku) for sku in skus])
    unknown = ["stock_units", "stock_out_rate", "lost_units", "lost_profit", "cover_hours",
               "low_cover_hours", "cover_days"]  # fmt: skip
    blind = kept["sku"].isin(skus)
    kept.loc[blind, unknown] = np.nan
    kept.loc[~blind, ["stock_out_rate", "lost_units", "lost_profit"]] = 0.0
    status = pd.concat([now.status.assign(sku=sku, action="check_stock") for sku in skus])
    return now._replace(
        cover=kept, status=status, choices=now.choices.head(0), sessions=now.sessions.head(0)
    )


def test_where_no_shelf_is_counted_nothing_is_called_safe(now):
    blind = uncounted(now, "x", "y", "z")
    blind = blind._replace(cover=blind.cover[blind.cover["sku"] != "a"])
    block = first_screen(blind)
    assert say("head.track_safe", "en") not in whole(block)
    assert say("head.track_nothing", "en") not in whole(block)
    assert say("head.track_blind", "en", count=3) in whole(block)
    risk = block.data["numbers"][2]
    assert (risk["value"], risk["unit"]) == (say("word.unknown", "en"), "")
    assert risk["note"] == "3 SKUs not counted"
    named = "x, y, z"
    assert told(track_answers.cover_answer(blind.cover, "en")) == say(
        "answer.cover_blind", "en", skus=named
    )
    assert told(track_answers.first_answer(blind.choices, blind.cover, "en")) == say(
        "answer.choices_blind", "en", skus=named
    )
    rows = session("x", "2025-11-13 18:00", 0.0).assign(stock_units=np.nan, short_units=np.nan)
    assert told(track_answers.sessions_answer(rows, "en")) == say(
        "answer.sessions_blind", "en", skus="x"
    )


def test_of_shelves_that_are_counted_in_part_only_the_counted_are_called_safe(now):
    blind = uncounted(now, "x")
    block = first_screen(blind)
    assert say("head.track_safe", "en") not in whole(block)
    assert say("head.track_rest_safe", "en") in whole(block)
    assert block.data["numbers"][2]["note"].endswith("; 1 SKUs not counted")
    assert block.data["numbers"][2]["value"] == "0"
    answers = (
        ("cover", track_answers.cover_answer(blind.cover, "en")),
        ("choices", track_answers.first_answer(blind.choices, blind.cover, "en")),
    )
    for what, answer in answers:
        assert say(f"answer.{what}_safe", "en") not in told(answer)
        assert say(f"answer.{what}_blind", "en", skus="x") in told(answer)
        assert say(f"answer.{what}_rest_safe", "en") in told(answer)


def test_where_no_order_is_of_the_campaign_actions_cover_and_sessions_ask_for_the_export(now):
    scope = case.scope(case.LOOKING)
    ages = pd.DataFrame({
        "market": ["TH"], "looking_at": pd.Timestamp(case.LOOKING),
        "orders_until_at": pd.to_datetime(["2025-09-28 20:00"]),
    })  # fmt: skip
    until = held_back.orders_before(ages, scope)
    held = held_back.only_known(now, until)
    answers = (
        track_answers.ranges_answer(held.ranges, held.rest, held.totals, "en", orders_until=until),
        track_answers.first_answer(held.choices, held.cover, "en", orders_until=until),
        track_answers.cover_answer(held.cover, "en", orders_until=until),
        track_answers.sessions_answer(held.sessions, "en", orders_until=until),
    )
    assert {told(block) for block in answers} == {say("answer.orders_first", "en")}
    shown = (
        track_blocks.show_first(held.choices, "en"), track_blocks.show_others(held.choices, "en"),
        track_blocks.show_daily(held.daily, "en"), track_blocks.show_cover(held.cover, "en"),
        track_blocks.show_sessions(held.sessions, "en"),
    )  # fmt: skip
    assert all(not block.data.get("rows") and not block.data.get("text") for block in shown)
    assert held.status.empty
    assert held.first.empty
    assert held.rest.empty  # its units sold would be zeros that nobody knows
    assert len(held.totals) == len(now.totals)
    none = show_alerts(tables.empty(tables.Alerts), "en", only_grave=True)
    assert none.data["empty"] == ""


def test_nothing_is_held_back_once_an_order_is_of_the_campaign_or_before_it_begins(now):
    scope = case.scope(case.LOOKING)
    begun = pd.Timestamp(scope.plans["TH"].phases.start)
    rows = pd.DataFrame({
        "market": ["TH"], "looking_at": pd.Timestamp(case.LOOKING), "orders_until_at": begun,
    })  # fmt: skip
    assert held_back.orders_before(rows, scope) is None
    early = rows.assign(looking_at=begun, orders_until_at=begun - pd.Timedelta(days=9))
    assert held_back.orders_before(early, scope) is None
    assert held_back.only_known(now, None) is now


def test_a_seller_without_any_order_is_told_so_and_not_on_which_day_they_end(now):
    ages = pd.DataFrame({
        "market": ["TH"], "looking_at": pd.Timestamp(case.LOOKING),
        "orders_until_at": pd.to_datetime([None]),
    })  # fmt: skip
    tables = (now.status, now.totals, now.cover, now.choices, now.sessions)
    block = headline.track_headline(*tables, "en", ages=ages, scope=case.scope(case.LOOKING))
    assert block.data["sentence"] == say("head.track_never", "en")


def test_where_no_order_is_of_the_campaign_nothing_sold_is_told_as_unknown(now):
    ages = pd.DataFrame({
        "market": ["TH"], "looking_at": pd.Timestamp(case.LOOKING),
        "orders_until_at": pd.to_datetime(["2025-09-28 20:00"]),
    })  # fmt: skip
    scope = case.scope(case.LOOKING)
    begun = scope.plans["TH"].phases.start
    tables = (now.status, now.totals, now.cover, now.choices, now.sessions)
    block = headline.track_headline(*tables, "en", ages=ages, scope=scope)
    assert f"none since the campaign began on {begun}" in block.data["sentence"]
    assert "sold," not in whole(block)
    assert {item["value"] for item in block.data["numbers"]} == {say("word.unknown", "en")}
    fresh = ages.assign(orders_until_at=pd.Timestamp(begun))
    block = headline.track_headline(*tables, "en", ages=fresh, scope=scope)
    assert "140 units are sold" in whole(block)


def test_an_unknown_loss_is_not_called_nothing():
    lost = case.unpriced()
    block = headline.track_headline(
        lost.status, lost.totals, lost.cover, lost.choices, lost.sessions, "en"
    )
    assert block.data["numbers"][2]["value"] == say("word.unknown", "en")


def test_an_action_is_shown_once_as_first_and_the_others_fold(now):
    first = track_blocks.show_first(now.choices, "en").data["rows"]
    others = track_blocks.show_others(now.choices, "en").data["rows"]
    assert len(first) + len(others) == len(now.choices)


def test_a_late_shipment_says_what_it_passed_last_and_that_a_faster_way_pays():
    late = track_blocks.late_shipments(delays()).iloc[0]
    assert (late["passed_stage"], late["passed_on"].day) == ("sent", 1)
    text = told(track_answers.delays_answer(delays(), "en"))
    assert "A faster way still pays for a" in text
    never = delays(faster_mode="", faster_profit=np.nan)
    assert say("answer.delays_no_faster", "en") in told(track_answers.delays_answer(never, "en"))
    fine = delays(expected_shelf_on=pd.Timestamp("2025-11-01"))
    assert told(track_answers.delays_answer(fine, "en")) == say("answer.delays_on_plan", "en")


def test_a_faster_way_of_unknown_cost_is_told_as_unknown_and_not_as_none():
    facts = "mode=express|day=2025-11-22"
    late = "reason.milestone_late|days=17|day=2025-11-18"
    unsure = delays(
        faster_mode="express", faster_profit=np.nan,
        reason=f"{late};reason.milestone_faster_unknown|{facts}",
    )  # fmt: skip
    text = told(track_answers.delays_answer(unsure, "en"))
    assert say("answer.delays_no_faster", "en") not in text
    assert "A faster way exists for a; whether it pays is unknown" in text
    row = str(track_blocks.show_delays(unsure, "en").data["rows"])
    assert "By express on the shelf on 2025-11-22; whether it pays is unknown" in row
    pays = delays(reason=f"{late};reason.milestone_faster|{facts}")
    assert "about CNY 40 more" in str(track_blocks.show_delays(pays, "en").data["rows"])


def test_a_span_that_nobody_explains_is_told_with_its_cost_only_if_units_are_gone():
    history = pd.DataFrame({
        "sku": "a", "day": pd.to_datetime(["2025-11-11", "2025-11-12"]), "units": [100, 70],
    })  # fmt: skip
    checks = stock_check.check_stock(
        case.sales("a", "2025-11-01", case.SOLD),
        tables.checked(tables.StockHistory, history),
        scope=case.scope(),
        economics=case.value("a"),
    )
    block = track_blocks.show_checks(checks, "en")
    assert say("gone_cost", "en") in {column["label"] for column in block.data["columns"]}
    assert "10 units gone" in told(track_answers.checks_answer(checks, "en"))


def test_the_figures_speak_both_languages_hold_plain_numbers_and_may_be_empty(now):
    for figure, table in ((charts.event_curve, now.curve), (charts.rest_ranges, now.rest)):
        zh, en = (figure(table, lang) for lang in LANGS)
        assert zh.to_json() != en.to_json()
        assert '"bdata"' not in en.to_json()
        empty = figure(table.head(0), "en")
        assert len(empty.data) == 0
        assert empty.layout.annotations[0].text == say("empty.track", "en")


def test_the_fan_begins_where_sales_end(now):
    figure = charts.event_curve(now.curve, "en")
    lines = {one.name: one for one in figure.data if one.name}
    middle, sold = lines[say("chart.event_mid", "en")], lines[say("chart.sold", "en")]
    assert (middle.x[0], middle.y[0]) == (sold.x[-1], sold.y[-1]) == ("2025-11-12", 140)


def choices(*rows: tuple) -> pd.DataFrame:
    """ActionChoices of one market: SKU, action, where, step, what it adds, when it lands."""
    named = ["sku", "action", "where", "step_rank", "step_profit", "lands_at"]
    frame = pd.DataFrame(rows, columns=named)
    frame = frame.assign(
        market="TH", units=30.0, rank=range(1, len(frame) + 1), value_profit=frame["step_profit"],
        looking_at=pd.Timestamp(case.LOOKING), last_useful_at=pd.Timestamp("2025-11-14 10:00"),
        event_last_at=pd.Timestamp("2025-11-13 22:00"), step_event_profit=frame["step_profit"] / 2,
        hours_left=34.0, is_open=True, event_units=20.0, event_profit=50.0, currency="CNY",
        reason="reason.choice_not_worth", lands_at=pd.to_datetime(frame["lands_at"]),
    )  # fmt: skip
    kinds = {"step_rank": "Int64", "lands_at": "datetime64[us]"}
    return tables.checked(tables.ActionChoices, frame.astype(kinds))


def session(sku: str, at: str, short: float) -> pd.DataFrame:
    row = {
        "shop": "th-one", "market": "TH", "sku": sku, "starts_at": pd.Timestamp(at),
        "ends_at": pd.Timestamp(at), "creator": "", "session_units": 9.0,
        "session_need_units": 16.0, "stock_units": 0.0, "short_units": short, "reason": "",
        "short_profit": 70.0, "currency": "CNY",
    }  # fmt: skip
    dates = dict.fromkeys(("starts_at", "ends_at"), "datetime64[us]")
    return tables.checked(tables.SessionStock, pd.DataFrame([row]).astype(dates))


def test_the_page_opens_with_the_sku_that_loses_most_its_session_and_what_to_do_first(now):
    cover = now.cover.assign(stock_units=0.0)
    acts = choices(
        ("a", "transfer", "reserve", 1, 188.0, "2025-11-15"), ("b", "cap_ads", "", 1, 900.0, None)
    )
    said = track_lead.lead(cover, acts, session("a", "2025-11-13 18:00", 16.0), "zh")
    assert said == (
        "a 已卖空，2025-11-13 18:00 直播卖得快时会缺 16 件。"
        "先做：从 reserve 调拨 30 件，2025-11-15 到架，"
        "活动内多赚 CNY 94.00，之后再多赚 CNY 94.00；最晚 2025-11-13 22:00，越早越值。"
    )
    far = track_lead.lead(cover, acts, session("a", "2025-11-16 18:00", 16.0), "zh")
    assert "直播" not in far
    none = track_lead.lead(cover, acts[acts["sku"] == "b"], now.sessions, "zh")
    assert say("head.lead_none", "zh") in none


def test_the_next_session_short_of_another_sku_is_told_beside_the_worst(now):
    cover = now.cover.assign(stock_units=0.0)
    acts = choices(("a", "transfer", "reserve", 1, 188.0, "2025-11-15"))
    soon = pd.concat([
        session("b", "2025-11-13 18:00", 7.0), session("c", "2025-11-13 18:00", 2.0),
        session("d", "2025-11-13 20:00", 9.0),
    ])  # fmt: skip
    said = track_lead.lead(cover, acts, soon, "zh")
    assert said.endswith("2025-11-13 18:00 的直播卖得快时还会缺 b 7 件、c 2 件。")
    ready = track_lead.lead(cover, acts, soon.assign(short_units=0.0), "zh")
    assert "直播" not in ready


def test_money_of_the_event_and_after_it_are_told_apart():
    acts = choices(("a", "markdown", "", 1, 90.0, None), ("b", "cap_ads", "", 1, 10.0, None))
    assert track_lead.worth(acts, "zh") == "活动内多赚 CNY 50.00，之后再多赚 CNY 50.00"
    inside = acts.assign(step_event_profit=acts["step_profit"] * 0.97)
    assert track_lead.worth(inside, "zh") == "活动内多赚 CNY 97.00"
    after = acts.assign(step_event_profit=0.0, event_last_at=pd.NaT)
    assert track_lead.worth(after, "zh") == "活动后多赚 CNY 100.00"
    assert (track_lead.until(after) == after["last_useful_at"]).all()


def test_the_rest_is_told_as_demand_and_what_of_it_has_no_stock_beside_it(now):
    said = whole(first_screen(now))
    lost = now.cover["lost_units"].sum()
    assert f"more are wanted to the end of the event, about {lost:.0f} of them without" in said
    safe = whole(first_screen(now._replace(cover=now.cover.assign(lost_units=0.0))))
    assert "more are wanted to the end of the event." in safe


def test_most_skus_that_learnt_nothing_are_counted_and_not_hidden_in_a_median(now):
    rest = pd.concat([now.rest.assign(sku=sku, width_ratio=ratio) for sku, ratio in
                      (("a", 0.6), ("b", 1.0), ("c", 1.1))])  # fmt: skip
    said = told(track_answers.ranges_answer(now.ranges, rest, now.totals, "en"))
    assert "of 3 SKUs 1 have a narrower one; the others have sold too few" in said


def test_what_can_be_done_now_is_counted_apart_from_what_must_wait(now):
    # a: 30 now for 47 in the event and 47 after it, and 30 by express. The price of b is locked.
    acts = choices(
        ("a", "transfer", "reserve", 1, 94.0, "2025-11-15"),
        ("a", "air_top_up", "CN_express", 2, 60.0, "2025-11-18"),
        ("b", "markdown", "markdown_3", 1, 40.0, None),
    )
    wait = "reason.choice_markdown|day=2025-11-24"
    acts["reason"] = acts["reason"].mask(acts["sku"] == "b", wait)
    cover = now.cover.assign(stock_units=0.0, stock_out_rate=1.0)
    first = track_lead.first_act(cover, acts)
    assert first[["sku", "action"]].to_numpy().tolist() == [["a", "transfer"]]
    assert track_lead.stakes(track_lead.worth_now(acts), first, "zh") == [
        "现在值得动手的有 1 个 SKU，合计活动内多赚 CNY 77.00，之后再多赚 CNY 77.00。",
        "还有：a 空运补货 30 件（中国 · 快递；最晚 2025-11-13 22:00，"
        "活动内多赚 CNY 30.00，之后再多赚 CNY 30.00）。",
    ]
    assert track_lead.later(acts, "zh") == [
        "现在还不能做：b 2025-11-24 起解锁后降价（活动内多赚 CNY 20.00，之后再多赚 CNY 20.00）。"
    ]
    open_now = acts.assign(reason="reason.choice_markdown|day=2025-11-13")
    assert track_lead.later(open_now, "zh") == []
    assert track_lead.lead(now.cover.head(0), acts[acts["sku"] == "b"], now.sessions, "zh") == ""


def test_what_adds_little_is_folded_and_steps_of_a_sku_stand_together():
    acts = choices(
        ("b", "transfer", "CN_express", 2, 60.0, "2025-11-30"), ("a", "cap_ads", "", 1, 2.0, None),
        ("b", "transfer", "reserve", 1, 100.0, "2025-11-15"), ("c", "cap_ads", "", 1, 90.0, None),
    )  # fmt: skip
    rows = track_blocks.worth_doing(acts)
    assert rows[["sku", "step_rank"]].to_numpy().tolist() == [["b", 1], ["b", 2], ["c", 1]]
    shown = track_blocks.show_first(acts, "zh").data["rows"]
    assert "中国 · 快递" in json.dumps(shown, ensure_ascii=False)
    assert len(track_blocks.show_others(acts, "zh").data["rows"]) == 1


def test_sessions_that_are_short_stand_on_screen_and_the_others_fold():
    rows = [
        session(sku, "2025-11-13 18:00", short)
        for sku, short in zip("abc", (0.0, 4.0, 0.0), strict=True)
    ]
    block = track_blocks.show_sessions(pd.concat(rows), "en").data
    assert block["first"] == 1
    assert "b" in json.dumps(block["rows"][0])


def test_alerts_that_do_not_stop_fold_where_a_table_has_told_them():
    row = {"market": "TH", "currency": "THB", "facts": "skus=a|stock=3|begin=action.watch",
           "act_by": pd.NaT, "risk_cost": np.nan, "code": "track_watch"}  # fmt: skip
    grave = ["stop", "warn", "note"]
    rows = [row | {"severity": name, "sku": sku} for name, sku in zip(grave, "abc", strict=True)]
    alerts = pd.DataFrame(rows).astype({"act_by": "datetime64[us]"})
    assert show_alerts(alerts, "en").data["shown"] == 3
    assert show_alerts(alerts, "en", only_grave=True).data["shown"] == 1
    facts = "skus=a|stock=3|until=cover.next_order|soonest=2025-11-13|lost=9|begin=action.cap_ads"
    gain = alerts.assign(code="track_short", risk_cost=40.0, facts=facts)
    first = show_alerts(gain, "en").data["items"][0]
    assert (first["risk_label"], first["risk"]) == ("Adds in all", "THB 40.00")
    assert "until the next replenishment (in strong sales 2025-11-13)" in first["text"]


def test_falling_behind_for_want_of_stock_is_not_told_as_a_lack_of_demand(now):
    totals, cover = now.totals.assign(sold_units=112.0), now.cover.assign(stock_units=0.0)
    status = now.status.assign(units_to_date=112, planned_to_date=140.0)
    said = whole(first_screen(now._replace(totals=totals, cover=cover, status=status)))
    assert say("head.track_empty_gap", "en", units="28", skus="a") in said
