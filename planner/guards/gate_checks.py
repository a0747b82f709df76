"""Checks of gates and papers: what keeps goods from being ordered or shipped, and until when.

Each function returns the alerts of one subject. Which gate is shut was decided in `gates`, which
paper is there in `paper_checks`; here it is told, with the loss that is avoided.
"""

import pandas as pd

from planner.guards.entries import KEYS, Entry, entry, named, named_terms, shared
from planner.guards.gates import batch_costs
from planner.guards.goods_checks import wanted
from planner.scope import Scope
from planner.supply.plan_tables import Planned

CODES = {
    ("admission", "pending"): "gate_admission",
    ("admission", "refused"): "gate_refused",
    ("size", "refused"): "gate_size",
    ("certificate", "missing"): "gate_paper",
    ("certificate", "expired"): "gate_paper_expired",
    ("hs_code", "missing"): "gate_hs_code",
    ("barcode", "refused"): "gate_barcode",
    ("carton", "refused"): "gate_carton",
}
"""By gate and state of what is shut: the alert it is."""
PAPER = r"paper=([^|;]+)"
"""Where a gate's reason names the paper."""
CATEGORY = r"category=([^|;]+)"
"""Where it names the category."""
PAPER_STATES = {"expired": "warn", "refused": "warn", "missing": "warn", "unknown": "note"}
"""How grave it is that a paper of the provider is not there."""
PAPER_SUBJECTS = ("provider", "agreement")
"""Contract and confirmations are told with the files handed in."""


def shut_gates(planned: Planned, gates: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market and kind of gate that blocks goods the plan wants.

    Parameters
    ----------
    planned : Planned
    gates : DataFrame
        Table `Gates`, priced.
    scope : Scope

    Notes
    -----
    The money is the loss avoided by not shipping, each SKU counted once. A paper helps until the
    day on which the first of its goods must leave; an approval until the last day on which the
    first of its goods can still be made and sent.
    """
    rows = gates[gates["blocks"] != ""].merge(wanted(planned.plan), on=KEYS)
    rows = rows.join(last_days(planned), on=KEYS)
    rows["act_by"] = rows["make_by"].where(rows["blocks"] == "order", rows["leave_by"])
    rows["paper"] = rows["reason"].str.extract(PAPER)[0]
    found = []
    for (_, gate, state), part in rows.groupby(["market", "gate", "state"]):
        one_each = part.drop_duplicates("sku").assign(risk_cost=lambda own: own["saved_cost"])
        facts: dict[str, object] = {}
        if gate == "admission":
            facts["categories"] = named_terms(sorted(set(part["reason"].str.extract(CATEGORY)[0])))
        if gate == "certificate":
            facts["papers"] = named(sorted(set(part["paper"])))
        if state == "expired":
            facts["until"] = part["expires_on"].min()
        found.append(shared(CODES[gate, state], "stop", one_each, scope=scope, **facts))
    return found


def unsure_papers(planned: Planned, gates: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose goods may need a paper, if a weak source is right."""
    is_open = (gates["gate"] == "certificate") & (gates["blocks"] == "")
    rows = gates[is_open & gates["state"].isin(["missing", "expired"])]
    rows = rows.merge(wanted(planned.plan), on=KEYS).merge(batch_costs(planned), on=KEYS)
    rows["paper"] = rows["reason"].str.extract(PAPER)[0]
    return [
        shared(
            "paper_unsure", "warn",
            part.drop_duplicates("sku").rename(columns={"batch_cost": "risk_cost"}),
            scope=scope, papers=named(sorted(set(part["paper"]))),
        )
        for _, part in rows.groupby("market")
    ]  # fmt: skip


def unsure_cartons(planned: Planned, gates: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose cartons break a limit of a weak source."""
    is_open = (gates["gate"] == "carton") & (gates["blocks"] == "")
    rows = gates[is_open & (gates["state"] == "refused")].merge(wanted(planned.plan), on=KEYS)
    return [
        shared("carton_unsure", "warn", part, scope=scope) for _, part in rows.groupby("market")
    ]


def ending_papers(planned: Planned, gates: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market with papers that end before the campaign's stock is sold.

    Notes
    -----
    They are valid on the day on the shelf, and end before the next ordinary replenishment.
    """
    ends = {market: plan.next_replenishment_on for market, plan in scope.plans.items()}
    until = pd.to_datetime(gates["market"].map(ends))
    rows = gates[(gates["state"] == "passed") & (gates["expires_on"] < until)]
    rows = rows.merge(wanted(planned.plan), on=KEYS)
    rows["paper"] = rows["reason"].str.extract(PAPER)[0]
    return [
        shared(
            "paper_ends", "warn", part.drop_duplicates("sku"), scope=scope,
            act_by=part["expires_on"].min(), until=part["expires_on"].min(),
            papers=named(sorted(set(part["paper"].dropna()))),
        )
        for _, part in rows.groupby("market")
    ]  # fmt: skip


def provider_papers(papers: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each state of the provider's and the agreement's papers not there.

    Parameters
    ----------
    papers : DataFrame
        Table `PaperChecks`.
    scope : Scope
    """
    asked = papers[papers["subject"].isin(PAPER_SUBJECTS)]
    found = []
    for state, severity in PAPER_STATES.items():
        names = asked.loc[asked["state"] == state, "paper"].to_list()
        if names:
            code, facts = f"provider_{state}", {"n": len(names), "papers": named_terms(names)}
            found.append(entry(code, severity, scope=scope, **facts))
    return found


def contract_papers(papers: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return alerts for terms of the contract on which the whole plan hangs.

    Parameters
    ----------
    papers : DataFrame
        Table `PaperChecks`.
    scope : Scope

    Notes
    -----
    Goods that nobody imports are not let in; under the platform's own full management price and
    stock are the platform's to set, so that the order of this plan is advice.
    """
    found = []
    lost = papers[(papers["paper"] == "paper.importer") & (papers["state"] == "missing")]
    if len(lost):
        places = ", ".join(sorted(set(lost["evidence"])))
        found.append(entry("importer_missing", "warn", scope=scope, places=places))
    if scope.seller.contract.managed_mode == "platform":
        found.append(entry("managed_by_platform", "warn", scope=scope))
    return found


def last_days(planned: Planned) -> pd.DataFrame:
    """Return by market and SKU the last days that help: `make_by` and `leave_by`.

    Parameters
    ----------
    planned : Planned

    Notes
    -----
    `leave_by` is the first day on which a shipping line must leave; without a line the last day
    of any way that the goods may take. `make_by` is the last day to begin making them.
    """
    ways = planned.ways[planned.ways["is_allowed"]].groupby(KEYS)[["produce_by", "ship_by"]].max()
    leaves = planned.ship.groupby(KEYS)["ship_by"].min().rename("leave_by")
    days = ways.rename(columns={"produce_by": "make_by"}).join(leaves, how="outer")
    days["leave_by"] = days["leave_by"].fillna(days["ship_by"])
    return days[["make_by", "leave_by"]]
