"""What is told of gates and papers: what is held, the loss avoided, the last day that helps."""

import guards_case as case
import pandas as pd
import pytest
import supply_case

from planner import tables
from planner.guards import alerts, gate_checks
from planner.guards.gates import priced

SCOPE = supply_case.scope()
PLANNED = case.planned(
    plan=case.stock_plan(), ways=case.way(), mode_plan=case.ordered(),
    economics=supply_case.economics(),
)  # fmt: skip
MISSING = {"gate": "certificate", "reason": "gate.paper_missing|paper=TFDA"}


def shut(*held: pd.DataFrame, planned=PLANNED) -> pd.DataFrame:
    return case.told(gate_checks.shut_gates(planned, pd.concat(held), SCOPE))


def test_a_missing_paper_stops_the_goods_with_the_loss_avoided_and_the_day_they_must_leave():
    found = shut(case.gate(**MISSING))
    row = found.iloc[0]
    assert (row["code"], row["severity"], row["risk_cost"]) == ("gate_paper", "stop", 8500)
    assert case.facts(found)["papers"] == "TFDA"
    assert f"{row['act_by']:%Y-%m-%d}" == "2026-10-15"


def test_a_line_that_leaves_earlier_than_the_last_way_sets_the_day():
    ship = pd.DataFrame({"market": ["TH"], "sku": ["A"], "ship_by": pd.to_datetime(["2026-10-02"])})
    found = shut(case.gate(), planned=PLANNED._replace(ship=ship))
    assert f"{found['act_by'].iloc[0]:%Y-%m-%d}" == "2026-10-02"


def test_two_papers_of_one_sku_are_one_alert_and_its_batch_counts_once():
    other = case.gate(gate="certificate", reason="gate.paper_missing|paper=MSDS")
    found = shut(case.gate(**MISSING), other)
    assert found["risk_cost"].to_list() == [8500]
    assert case.facts(found)["papers"] == "MSDS, TFDA"


def test_a_closed_gate_is_told_once_a_market_with_all_its_skus():
    both = PLANNED._replace(plan=pd.concat([case.stock_plan(), case.stock_plan("B")]))
    found = shut(case.gate(), case.gate("B", saved_cost=100.0), planned=both)
    assert case.facts(found) == {"n": "2", "skus": "A, B"}
    assert found["risk_cost"].to_list() == [8600]


def test_an_approval_helps_until_the_goods_can_still_be_made():
    review = case.gate(
        gate="admission", state="pending", blocks="order",
        reason="gate.admission.review|category=category.beauty",
    )  # fmt: skip
    found = shut(review)
    assert found["code"].to_list() == ["gate_admission"]
    assert case.facts(found)["categories"] == "category.beauty"
    assert f"{found['act_by'].iloc[0]:%Y-%m-%d}" == "2026-10-10"


@pytest.mark.parametrize(
    ("gate", "state", "code"),
    [
        ("admission", "refused", "gate_refused"), ("size", "refused", "gate_size"),
        ("hs_code", "missing", "gate_hs_code"), ("barcode", "refused", "gate_barcode"),
    ],
)  # fmt: skip
def test_every_gate_that_blocks_has_its_alert(gate: str, state: str, code: str):
    reason = "gate.admission.closed|category=category.toys"
    found = shut(case.gate(gate=gate, state=state, reason=reason))
    assert found["code"].to_list() == [code]


def test_an_expired_paper_says_since_when():
    ends = pd.Timestamp("2026-10-20")
    reason = "gate.paper_expired|paper=FDA|until=2026-10-20"
    found = shut(case.gate(gate="certificate", state="expired", expires_on=ends, reason=reason))
    assert found["code"].to_list() == ["gate_paper_expired"]
    assert case.facts(found)["until"] == "2026-10-20"


def test_a_paper_of_goods_that_only_high_demand_would_order_stops_nothing_now():
    later = PLANNED._replace(plan=case.stock_plan(order_units=0, high_units=300))
    assert shut(case.gate(**MISSING), planned=later).empty
    found = case.told(gate_checks.gates_of_more(later, case.gate(**MISSING), SCOPE))
    assert (found["code"].to_list(), found["severity"].to_list()) == (["gate_of_more"], ["note"])
    assert case.facts(found)["high_units"] == "300"
    assert found["risk_cost"].isna().all()
    assert gate_checks.gates_of_more(PLANNED, case.gate(**MISSING), SCOPE) == []


def test_what_is_not_ordered_is_not_told_to_be_made_and_not_shipped():
    none = pd.concat([case.stock_plan(), case.stock_plan(sku="B", order_units=0)])
    held = pd.concat(
        [case.gate(), case.gate("B"), case.gate("B", gate="admission", blocks="order"),
         case.gate("B", gate="barcode", blocks="")]
    )  # fmt: skip
    shown = gate_checks.gates_to_show(held, none)
    assert (shown["sku"] + ":" + shown["blocks"]).tolist() == ["A:ship", "B:order", "B:"]


def test_a_batch_that_is_not_ordered_saves_nothing_and_one_that_is_blocked_what_it_would_cost():
    nothing = case.planned(plan=case.stock_plan(order_units=0), economics=supply_case.economics())
    both = pd.concat([case.gate(), case.gate(gate="admission", state="pending", blocks="order")])
    saved = priced(both, nothing, scope=SCOPE).set_index("blocks")["saved_cost"]
    assert saved.to_dict() == {"ship": 0.0, "order": 300 * 50.0}


def test_the_card_of_a_review_and_the_deadlines_tell_the_same_day_to_apply():
    reason = "gate.admission.review|category=category.beauty"
    review = case.gate(gate="admission", state="pending", blocks="order", reason=reason)
    due = pd.DataFrame(
        {"market": "TH", "deadline": ["review_by", "review_by", "price_lock"],
         "due_on": pd.to_datetime(["2026-09-20", "2026-09-01", "2026-09-02"]),
         "reason": ["reason.due_review_unknown|category=category.beauty|n=1",
                    "reason.due_review_unknown|category=category.toys|n=1", "reason.due_lock"]}
    )  # fmt: skip
    found = shut(review, planned=PLANNED._replace(deadlines=due))
    assert f"{found['act_by'].iloc[0]:%Y-%m-%d}" == "2026-09-20"


def test_a_batch_that_a_gate_holds_is_not_counted_again_for_a_paper_of_a_weak_source():
    weak = case.gate(**MISSING, blocks="", saved_cost=float("nan"))
    both = pd.concat([case.gate(), weak])
    assert case.told(gate_checks.unsure_papers(PLANNED, both, SCOPE))["risk_cost"].isna().all()


def test_goods_that_nobody_would_order_raise_no_gate():
    nothing = PLANNED._replace(plan=case.stock_plan(order_units=0, high_units=0))
    assert shut(case.gate(), planned=nothing).empty
    assert gate_checks.unsure_papers(nothing, case.gate(**MISSING, blocks=""), SCOPE) == []


def test_a_paper_of_a_weak_source_warns_with_its_batch_and_holds_nothing():
    weak = case.gate(**MISSING, blocks="", saved_cost=float("nan"))
    assert shut(weak).empty
    row = case.told(gate_checks.unsure_papers(PLANNED, weak, SCOPE)).iloc[0]
    assert (row["code"], row["severity"], row["risk_cost"]) == ("paper_unsure", "warn", 10_000)


@pytest.mark.parametrize(("ends", "is_told"), [("2026-11-30", True), ("2026-12-01", False)])
def test_a_paper_that_ends_before_the_goods_are_sold_is_told(ends: str, is_told: bool):
    held = {"state": "passed", "blocks": "", "reason": "gate.paper_held|paper=FDA"}
    gates = case.gate(gate="certificate", expires_on=pd.Timestamp(ends), **held)
    found = case.told(gate_checks.ending_papers(PLANNED, gates, SCOPE))
    assert (found["code"].to_list() == ["paper_ends"]) is is_told


def test_papers_of_the_provider_are_told_by_state_and_the_contract_is_not_told_again():
    rows = [
        ("paper.business_licence", "provider", "expired"),
        ("paper.tracking_test", "provider", "missing"),
        ("paper.own_licence", "agreement", "unknown"),
        ("paper.client_cases", "provider", "unknown"),
        ("paper.signed", "contract", "missing"),
        ("paper.shop_id", "agreement", "passed"),
    ]
    papers = pd.DataFrame(rows, columns=["paper", "subject", "state"])
    found = case.told(gate_checks.provider_papers(papers, SCOPE)).set_index("code")
    assert found["severity"].to_dict() == {
        "provider_expired": "warn", "provider_missing": "warn", "provider_unknown": "note",
    }  # fmt: skip
    asked = found.loc[["provider_unknown"]]
    assert case.facts(asked) == {"n": "2", "papers": "paper.own_licence, paper.client_cases"}


def test_a_wrong_barcode_is_told_by_the_plan_and_not_again_by_what_was_handed_in():
    row = {"severity": "warn", "market": "", "sku": "A", "act_by": pd.NaT, "risk_cost": 1.0,
           "currency": "THB", "facts": "n=1|skus=A"}  # fmt: skip
    early = pd.DataFrame([{**row, "code": "barcode_wrong"}, {**row, "code": "contract_missing"}])
    plan = pd.DataFrame([{**row, "code": "gate_barcode"}])
    assert set(alerts.all_alerts(early, plan)["code"]) == {"contract_missing", "gate_barcode"}
    assert "barcode_wrong" in set(alerts.all_alerts(early)["code"])
    assert alerts.all_alerts(tables.empty(tables.Alerts)).empty


def test_a_carton_over_a_limit_of_a_weak_source_warns_once_a_market():
    heavy = {"gate": "carton", "state": "refused", "blocks": "", "saved_cost": float("nan")}
    gates = pd.concat([case.gate(sku=sku, **heavy) for sku in "AB"])
    plan = pd.concat([case.stock_plan(sku=sku) for sku in "AB"])
    planned = case.planned(plan=plan, mode_plan=case.ordered(), ways=case.way())
    found = case.told(gate_checks.unsure_cartons(planned, gates, SCOPE))
    assert found[["code", "severity", "facts"]].to_numpy().tolist() == [
        ["carton_unsure", "warn", "n=2|skus=A, B"]
    ]
    sure = gates.assign(blocks="ship", saved_cost=5.0)
    assert gate_checks.unsure_cartons(planned, sure, SCOPE) == []
    told = case.told(gate_checks.shut_gates(planned, sure, SCOPE))
    assert told["code"].to_list() == ["gate_carton"]
