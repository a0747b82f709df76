"""The checklist of contract, confirmations, provider and agreement."""

from datetime import date

import guards_case
import pytest
import supply_case

from planner.guards.gate_checks import contract_papers, provider_papers
from planner.guards.paper_checks import paper_checks
from planner.pages.telling import tell_reason
from planner.seller import Contract
from planner.supply.plan_tables import Known
from planner.terms import Paper
from tests.test_guards_gates import scope


def checks(
    contract: Contract | None = None,
    papers: dict | None = None,
    known: Known | None = None,
    mode: str = "local",
):
    case = scope()
    shops = tuple(shop.model_copy(update={"mode": mode}) for shop in case.seller.shops)
    update = {"contract": contract or Contract(), "papers": papers or {}, "shops": shops}
    seller = case.seller.model_copy(update=update)
    found = paper_checks(
        known or guards_case.known(), scope=case.model_copy(update={"seller": seller})
    )
    return found.set_index(["subject", "paper"])


def test_what_nobody_said_is_unknown_and_neither_yes_nor_no():
    found = checks()
    assert set(found.drop(("agreement", "paper.shop_id"))["state"]) == {"unknown"}
    assert len(found) == 7 + 1 + 3 + 7 + 6


def test_terms_of_the_contract_are_there_refused_or_unknown():
    found = checks(Contract(is_signed=False, receiving_days=3, loss_compensation_rate=0.8))
    states = found.loc["contract"]["state"].to_dict()
    assert states["paper.signed"] == "missing"
    assert states["paper.receiving"] == "passed"
    assert found.loc[("contract", "paper.compensation"), "evidence"] == "0.8"
    assert states["paper.storage_relief"] == "unknown"


def test_a_confirmation_counts_with_its_day():
    found = checks(Contract(confirmed_customs_on=date(2025, 8, 1)))
    row = found.loc[("confirmation", "paper.customs")]
    assert (row["state"], f"{row['confirmed_on']:%Y-%m-%d}") == ("passed", "2025-08-01")


@pytest.mark.parametrize(
    ("paper", "state"),
    [
        (Paper(state="yes", evidence="licence.pdf"), "passed"),
        (Paper(state="no"), "missing"),
        (Paper(state="yes", expires_on=date(2025, 8, 31)), "expired"),
        (Paper(state="yes", expires_on=date(2025, 9, 1)), "passed"),
    ],
)
def test_a_paper_of_the_provider_is_judged_on_the_planning_day(paper: Paper, state: str):
    found = checks(papers={"business_licence": paper})
    assert found.loc[("provider", "paper.business_licence"), "state"] == state


def test_a_paper_that_is_not_on_the_list_is_listed_all_the_same():
    found = checks(papers={"iso_9001": Paper(state="yes")})
    assert found.loc[("provider", "paper.iso_9001"), "state"] == "passed"


def test_what_was_handed_in_need_not_be_asked_for():
    handed_in = guards_case.known(
        catalogue=supply_case.catalogue(), daily=supply_case.daily([1, 2])
    )
    found = checks(known=handed_in).loc["agreement"]["state"]
    assert found["paper.product_list"] == found["paper.sales_reports"] == "passed"


@pytest.mark.parametrize(
    ("written", "state"), [(True, "yes"), (False, "no"), ("unknown", "unknown")]
)
def test_yes_and_no_without_quotes_are_the_words_that_people_wrote(written: object, state: str):
    assert Paper(state=written).state == state


@pytest.mark.parametrize(
    ("mode", "duty", "state", "who"),
    [
        ("local", "DDP", "passed", "importer_provider"),
        ("local", "DDU", "passed", "importer_local"),
        ("local", None, "unknown", "importer_unknown"),
        ("cross_border", "DDP", "passed", "importer_provider"),
        ("cross_border", "DDU", "missing", "importer_nobody"),
        ("cross_border", None, "unknown", "importer_abroad_unknown"),
    ],
)
def test_who_imports_goes_by_the_mode_of_the_shop_and_the_terms_of_duty(
    mode: str, duty: str | None, state: str, who: str
):
    row = checks(Contract(duty=duty), mode=mode).loc[("contract", "paper.importer")]
    assert (row["state"], row["evidence"]) == (state, "US")
    by_parcel = ";paper.importer_parcel" if mode == "cross_border" else ""
    assert row["reason"] == f"paper.{who}|market=US{by_parcel}"
    assert all("{" not in tell_reason(row["reason"], lang) for lang in ("zh", "en"))


def test_a_cross_border_shop_whose_goods_nobody_imports_is_an_alert():
    found = checks(Contract(duty="DDU"), mode="cross_border").reset_index()
    told = guards_case.told(contract_papers(found, scope()))
    assert told[["code", "facts"]].to_numpy().tolist() == [["importer_missing", "places=US"]]
    assert contract_papers(checks(Contract(duty="DDU")).reset_index(), scope()) == []


@pytest.mark.parametrize(
    ("said", "state"),
    [("platform", "passed"), ("provider", "passed"), ("none", "passed"), (None, "unknown")],
)
def test_whose_full_management_is_meant_is_asked_and_the_platforms_own_is_an_alert(said, state):
    contract = Contract(managed_mode=said)
    found = checks(contract)
    row = found.loc[("contract", "paper.managed_mode")]
    assert (row["state"], row["reason"]) == (state, f"paper.managed_{said or 'unknown'}")
    case = scope()
    seller = case.seller.model_copy(update={"contract": contract})
    told = contract_papers(found.reset_index(), case.model_copy(update={"seller": seller}))
    codes = guards_case.told(told)["code"].to_list()
    assert codes == (["managed_by_platform"] if said == "platform" else [])


def test_a_confirmation_shows_its_evidence_and_is_none_without_its_day():
    told = {"lead_time_evidence": "mail-17.pdf", "customs_evidence": "licence 42"}
    rows = checks(Contract(confirmed_lead_time_on=date(2025, 8, 1), **told)).loc["confirmation"]
    assert rows["evidence"].to_list() == ["mail-17.pdf", "licence 42", ""]
    assert rows["state"].to_list() == ["passed", "unknown", "unknown"]


def test_numbers_of_the_tracking_test_are_held_against_their_format():
    tried = Paper(state="yes", evidence="RB473124829GB; TH01234ABCDE; RB473124820GB")
    found = checks(papers={"tracking_test": tried})
    row = found.loc[("provider", "paper.tracking_test")]
    assert (row["state"], row["reason"]) == (
        "refused", "paper.tracking_wrong|n=1|numbers=RB473124820GB",
    )  # fmt: skip
    refused = [entry for entry in provider_papers(found.reset_index(), scope())
               if entry["code"] == "provider_refused"]  # fmt: skip
    assert guards_case.told(refused)["facts"].to_list() == ["n=1|papers=paper.tracking_test"]
    sound = Paper(state="yes", evidence="RB473124829GB; TH01234ABCDE")
    row = checks(papers={"tracking_test": sound}).loc[("provider", "paper.tracking_test")]
    assert (row["state"], row["reason"]) == ("passed", "paper.tracking_tried|n=2|sound=1|rest=1")


def test_labels_are_asked_to_be_held_against_the_inbound_specification():
    assert checks().loc[("provider", "paper.label_spec"), "state"] == "unknown"
    kept = checks(papers={"label_spec": Paper(state="yes", evidence="spec-2025.pdf")})
    assert kept.loc[("provider", "paper.label_spec"), "state"] == "passed"
