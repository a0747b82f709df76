"""Papers of the other side: what the contract settles, what the provider shows and confirms.

Each is a line of a checklist with its evidence and date. What nobody said is unknown: it is
asked for, and counts as neither yes nor no.
"""

import math
from datetime import date

import pandas as pd

from planner import tables
from planner.intake.tracking_numbers import keeps_format, numbers_in, wrong_numbers
from planner.scope import Scope
from planner.supply.plan_tables import Known
from planner.terms import Paper

STEP = 3
PROVIDER = (
    "business_licence",
    "warehouse_licence",
    "customs_filing",
    "client_cases",
    "platform_partner",
    "tracking_test",
    "label_spec",
)
"""What the brief tells sellers to check of a provider."""
AGREEMENT = (
    "own_licence",
    "product_list",
    "msds_reports",
    "shop_id",
    "logistics_channels",
    "sales_reports",
)
"""What a provider asks for before the service agreement is signed."""
CONTRACT = ("signed", "receiving", "compensation", "storage_relief", "clearance", "duty_terms")
CONFIRMATIONS = ("lead_time", "customs", "last_mile")
TRACKING_TEST = "tracking_test"
"""Its evidence may list numbers that were tried; each is held against its carrier's format."""
IMPORTERS = {
    ("local", "DDP"): ("passed", "importer_provider"),
    ("local", "DDU"): ("passed", "importer_local"),
    ("local", None): ("unknown", "importer_unknown"),
    ("cross_border", "DDP"): ("passed", "importer_provider"),
    ("cross_border", "DDU"): ("missing", "importer_nobody"),
    ("cross_border", None): ("unknown", "importer_abroad_unknown"),
}
"""By mode of the shop and the contract's terms of duty: who imports stock into the market. A
local shop's own company can take goods in; a cross-border shop has none there."""
BY_PARCEL = "paper.importer_parcel"
"""What is mailed to a buyer by the order is imported parcel by parcel, stock is not."""


def paper_checks(known: Known, *, scope: Scope) -> pd.DataFrame:
    """Return the checklist of contract, confirmations, provider and agreement.

    Parameters
    ----------
    known : Known
        Its catalogue is the product list, its daily sales the reports, where they have rows.
    scope : Scope
        Its seller's `contract` and `papers` say what is there.

    Returns
    -------
    DataFrame
        Table `PaperChecks`.

    Notes
    -----
    A paper of `papers` that has expired by the planning day is `expired`. Names in `papers` that
    are not on the list are listed all the same, under the provider.
    """
    today = scope.first_day(STEP)
    own = {
        "product_list": not known.catalogue.empty,
        "sales_reports": not known.daily.empty,
        "shop_id": True,
    }
    papers = scope.seller.papers
    rows = [*_contract(scope), *_importers(scope), *_confirmations(scope)]
    for subject, names in (("provider", PROVIDER), ("agreement", AGREEMENT)):
        for name in names:
            handed_in = own.get(name, False) if subject == "agreement" else False
            rows.append(_paper(name, subject, papers.get(name), today, handed_in))
    more = [name for name in papers if name not in (*PROVIDER, *AGREEMENT)]
    rows += [_paper(name, "provider", papers[name], today, False) for name in more]
    frame = pd.DataFrame(rows)
    frame["confirmed_on"] = pd.to_datetime(frame["confirmed_on"]).astype("datetime64[us]")
    return tables.checked(tables.PaperChecks, frame)


def _contract(scope: Scope) -> list[dict[str, object]]:
    terms = scope.seller.contract
    said = {
        "signed": terms.is_signed,
        "receiving": terms.receiving_days,
        "compensation": terms.loss_compensation_rate,
        "storage_relief": terms.free_storage_days,
        "clearance": terms.has_clearance,
        "duty_terms": terms.duty,
    }
    rows = [_row(name, "contract", _state(said[name]), _told(said[name])) for name in CONTRACT]
    mode = terms.managed_mode
    managed = _row("managed_mode", "contract", _state(mode), _told(mode))
    asked = "paper.managed_unknown" if mode is None else f"paper.managed_{mode}"
    return [*rows, {**managed, "reason": asked}]


def _importers(scope: Scope) -> list[dict[str, object]]:
    """Return who imports stock, for each market and mode of the shops."""
    rows = []
    for market, mode in dict.fromkeys((shop.market, shop.mode) for shop in scope.shops):
        state, who = IMPORTERS[mode, scope.seller.contract.duty]
        row = _row("importer", "contract", state, market)
        reason = f"paper.{who}|market={market}"
        more = f";{BY_PARCEL}" if mode == "cross_border" else ""
        rows.append({**row, "reason": reason + more})
    return rows


def _confirmations(scope: Scope) -> list[dict[str, object]]:
    terms = scope.seller.contract
    days = (
        terms.confirmed_lead_time_on,
        terms.confirmed_customs_on,
        terms.confirmed_last_mile_on,
    )
    papers = (terms.lead_time_evidence, terms.customs_evidence, terms.last_mile_evidence)
    return [
        _row(name, "confirmation", "passed" if day else "unknown", paper or _told(day), day)
        for name, day, paper in zip(CONFIRMATIONS, days, papers, strict=True)
    ]


def _paper(
    name: str, subject: str, paper: Paper | None, today: date, is_handed_in: bool
) -> dict[str, object]:
    if paper is None:
        return _row(name, subject, "passed" if is_handed_in else "unknown", "")
    state = {"yes": "passed", "no": "missing", "unknown": "unknown"}[paper.state]
    if paper.expires_on and paper.expires_on < today:
        state = "expired"
    row = _row(name, subject, state, paper.evidence, paper.confirmed_on)
    return _tested(row, paper.evidence) if name == TRACKING_TEST else row


def _tested(row: dict[str, object], evidence: str) -> dict[str, object]:
    """Return the line of the tracking test, held against the numbers that its evidence lists."""
    numbers = numbers_in(evidence)
    wrong = wrong_numbers(numbers)
    if wrong:
        reason = f"paper.tracking_wrong|n={len(wrong)}|numbers={', '.join(wrong)}"
        return {**row, "state": "refused", "reason": reason}
    if not numbers or row["state"] != "passed":
        return row
    sound = sum(keeps_format(number) is True for number in numbers)
    reason = f"paper.tracking_tried|n={len(numbers)}|sound={sound}|rest={len(numbers) - sound}"
    return {**row, "reason": reason}


def _row(
    name: str, subject: str, state: str, evidence: str, confirmed_on: date | None = None
) -> dict[str, object]:
    return {
        "paper": f"paper.{name}",
        "subject": subject,
        "state": state,
        "evidence": evidence,
        "confirmed_on": confirmed_on,
        "reason": f"paper.{state}",
    }


def _state(said: object) -> str:
    if said is None or (isinstance(said, float) and math.isnan(said)):
        return "unknown"
    return "missing" if said is False else "passed"


def _told(said: object) -> str:
    if said is None or isinstance(said, bool):
        return ""
    return f"{said:g}" if isinstance(said, float) else str(said)
