"""The provider's page: its answer, its cards, its rates; every word in both languages."""

import math

import pandas as pd
import provider_case as case
import pytest

from planner import tables
from planner.frozen import Words
from planner.pages import charts_provider, headline_provider, provider_blocks
from planner.season.providers import provider_capacity, provider_money, provider_today
from planner.words import say

NAMES = {name: Words(zh=f"店{name}", en=f"Shop {name}") for name in "abc"}
SELLERS = [case.seller("a", "THB", CNY=5.0), case.seller("b", "CNY"), case.seller("c", "CNY")]
RATES = provider_money.shared_rates(SELLERS)
NO_PROFITS = tables.empty(tables.SellerProfits)
NO_CAUSES = tables.empty(tables.CauseTotals)


@pytest.fixture
def judged() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return states, first things and risks: a is late, b to settle, c failed."""
    run = case.runs({"seller": "a"}, {"seller": "b"}, {"seller": "c", "outcome": "failed"})
    told = case.alerts(
        {"seller": "a", "risk_cost": 100.0},
        {"seller": "b", "risk_cost": 30.0, "currency": "CNY", "act_by": "2025-10-20"},
        {"seller": "b", "risk_cost": math.nan, "currency": "CNY", "sku": "B"},
    )
    due = case.deadlines({"seller": "a", "due_on": "2025-09-28"})
    states, still, falls = case.judged(run, told, due, as_of=case.LATER)
    risks = provider_money.seller_risks(still, states, RATES)
    weights = provider_money.weights_of(RATES)
    return states, provider_today.first_things(states, still, falls, weights, risks=risks), risks


def test_the_answer_counts_sellers_tells_money_in_one_currency_and_the_next_deadline(judged):
    states, _, risks = judged
    told = headline_provider.provider_headline(
        states, risks, RATES, NAMES, "en", profits=NO_PROFITS, causes=NO_CAUSES
    ).data
    assert "3 sellers: 0 ready, 1 with things to settle, 1 late, 1 without" in told["sentence"]
    assert "Next deadline: Shop b" in told["sentence"]
    assert [number["value"] for number in told["numbers"]] == ["0", "1", "1", "CNY 50.00"]
    assert told["numbers"][-1]["note"].startswith("1 more alert")


def reviewed() -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return profits by seller, causes and decisions: a missed 4,000 CNY, b 300 and owns all."""
    money = pd.DataFrame(
        [["a", 9_000.0, 5_000.0, 25_000.0, 20_000.0, "THB"], ["a", 1.0, None, None, None, "THB"],
         ["b", 100.0, -100.0, 200.0, 300.0, "CNY"]],
        columns=["seller", *provider_money.PROFITS, "currency"],
    )  # fmt: skip
    parts = pd.DataFrame(
        [["a", "", "demand", 15_000.0, "THB"], ["a", "", "lateness", 5_000.0, "THB"],
         ["a", "TH", "demand", 15_000.0, "THB"], ["b", "", "lateness", 300.0, "CNY"]],
        columns=["seller", "market", "cause", "regret_profit", "currency"],
    )  # fmt: skip
    found = pd.DataFrame(
        [["a", "next_subject.lateness|market=TH", "", "next_step.lateness", "", "open"],
         ["a", "next_subject.demand|market=TH", "r|n=1|sku=MOP", "next_step.demand", "", "open"],
         ["b", "next_subject.lateness|market=TH", "", "Ship earlier", "Li", "open"]],
        columns=["seller", "subject", "finding", "decision", "owner", "state"],
    ).assign(due_on=pd.NaT)  # fmt: skip
    return money, parts, found


def test_once_all_is_reviewed_the_answer_tells_what_was_earned_and_missed_and_by_what():
    days = {"step": 5, "looked_on": "2025-12-20"}
    run = case.runs({"seller": "a", **days}, {"seller": "b", **days})
    states, still, _ = case.judged(run)
    risks = provider_money.seller_risks(still, states, RATES)
    money, parts, found = reviewed()
    profits = provider_money.seller_profits(money, parts, found, RATES)
    causes = provider_money.cause_totals(parts, RATES)
    told = headline_provider.provider_headline(
        states, risks, RATES, NAMES, "en", profits=profits, causes=causes
    ).data
    assert [number["value"] for number in told["numbers"]] == [
        "CNY 1,900", "CNY 900.00", "CNY 5,200", "CNY 4,300",
    ]  # fmt: skip
    assert "CNY 4,300 missed. Largest cause: Demand error (70%)" in told["sentence"]
    assert "2 findings have no owner" in told["sentence"]
    assert "1 SKUs left out" in told["numbers"][1]["note"]
    figure = charts_provider.money_by_seller(
        risks, profits, provider_money.weights_of(RATES), NAMES, "en", rates=RATES
    )
    assert [list(trace.x) for trace in figure.data] == [[1000.0, -100.0], [4000.0, 300.0]]
    shown = provider_blocks.show_profits(profits, NAMES, "en").data
    assert [row[0]["text"] for row in shown["rows"]] == ["Shop a", "Shop b"]
    assert provider_blocks.show_risks(risks, NAMES, "en", profits=profits).data["empty"] == ""
    heads = [
        head["name"] for head in provider_blocks.show_states(states, NAMES, "en").data["columns"]
    ]
    assert not {"days_left", "stop_count"} & {*heads}


def test_a_finding_that_nobody_owns_is_told_with_its_cause_its_money_and_a_first_step():
    money, parts, found = reviewed()
    profits = provider_money.seller_profits(money, parts, found, RATES)
    judged = case.judged(case.runs({"seller": "a", "step": 5, "looked_on": "2025-12-20"}))
    first = provider_today.first_things(*judged, {"a": 0.2}, reviews=found, profits=profits)
    assert first["seller"].tolist() == ["a"]
    card = provider_blocks.show_first(first, NAMES, "en").data["items"][0]
    assert card["text"] == "Largest cause of the gap: Demand error (75 %); 2 findings have no owner"
    assert card["where"] == "Shop a · MOP"
    assert say("next_step.demand", "en") in card["do"]
    assert (card["risk_label"], card["risk"]) == (say("gap_profit", "en"), "THB 20,000")


def test_headline_card_and_tables_name_the_cause_of_an_unfrozen_plan_as_its_review_does():
    money, parts, found = reviewed()
    parts = parts.replace({"cause": {"demand": "execution"}})
    found = found.assign(subject=found["subject"].str.replace("demand", "execution_again"))
    found = found.assign(decision=found["decision"].str.replace("demand", "execution_again"))
    ledger = pd.DataFrame(
        [["a", f"{provider_money.MADE_AGAIN}|was=1"]], columns=["seller", "reason"]
    )
    parts = provider_money.as_called(parts, ledger)
    profits = provider_money.seller_profits(money, parts, found, RATES)
    causes = provider_money.cause_totals(parts, RATES)
    days = {"step": 5, "looked_on": "2025-12-20"}
    judged = case.judged(case.runs({"seller": "a", **days}, {"seller": "b", **days}))
    told = headline_provider.provider_headline(
        judged[0], tables.empty(tables.SellerRisks), RATES, NAMES, "en",
        profits=profits, causes=causes,
    ).data  # fmt: skip
    again, blame = say("cause.execution_again", "en"), say("cause.execution", "en")
    assert f"Largest cause: {again} (70%)" in told["sentence"]
    first = provider_today.first_things(*judged, {"a": 0.2}, reviews=found, profits=profits)
    card = provider_blocks.show_first(first, NAMES, "en").data["items"][0]
    assert (card["where"], card["do"].endswith(say("next_step.execution", "en"))) == (
        "Shop a · MOP", False,
    )  # fmt: skip
    assert say("next_step.execution_again", "en") in card["do"]
    rows = str(provider_blocks.show_causes(causes, "en").data["rows"])
    assert again in rows
    assert blame not in rows


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_card_names_its_seller_and_every_block_can_be_told(judged, lang: str):
    states, first, risks = judged
    cards = provider_blocks.show_first(first, NAMES, lang).data["items"]
    assert [card["where"].split(" ")[0] for card in cards[:2]] == (
        ["店c", "店a"] if lang == "zh" else ["Shop", "Shop"]
    )
    asked = provider_capacity.capacity_asked(
        case.lines({"seller": "a"}), case.ways({"seller": "a"}), SELLERS
    )
    shown = [
        provider_blocks.show_states(states, NAMES, lang),
        provider_blocks.show_risks(risks, NAMES, lang, profits=NO_PROFITS),
        provider_blocks.show_lanes(asked, lang),
        provider_blocks.show_warehouses_asked(asked, lang),
        provider_blocks.show_causes(tables.empty(tables.CauseTotals), lang),
        provider_blocks.show_seller_regrets(tables.empty(tables.SellerRegrets), NAMES, lang),
        provider_blocks.show_without("overview.plan", ("a",), NAMES, lang),
        provider_blocks.show_without("overview.review", (), NAMES, lang),
    ]
    assert [block.kind for block in shown] == ["table"] * 6 + ["note"] * 2


def test_rates_are_told_once_by_currency_and_a_missing_one_is_a_warning():
    told = provider_blocks.show_rates(RATES, "en").data
    assert "CNY" in told["text"]
    assert "1 CNY = 5 THB (sellers: 1)" in told["text"]
    none = provider_money.shared_rates([case.seller("a"), case.seller("b", "USD")])
    lacking = provider_blocks.show_rates(none, "en").data
    assert lacking["tone"] == "warn"
    assert "THB, USD" in lacking["text"]


def test_the_figures_draw_only_what_can_be_added_up(judged):
    _, _, risks = judged
    weights = {"a": 0.2}
    figure = charts_provider.risk_by_seller(risks, weights, NAMES, "en", rates=RATES)
    assert [list(trace.x) for trace in figure.data] == [[20.0]]
    asked = provider_capacity.capacity_asked(
        case.lines({"seller": "a"}, {"seller": "b", "volume_cbm": math.nan}),
        case.ways({"seller": "a"}),
        SELLERS,
    )
    assert list(charts_provider.space_by_week(asked, "en").data[0].y) == [2.0]
