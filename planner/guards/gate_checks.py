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
REVIEW = "review_by"
"""Deadline by which to apply for a category."""
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
    first of its goods can still be made and sent, or the day to apply if that comes first. What
    only high demand would order stops nothing now: it is a note, see `gates_of_more`.
    """
    rows = _stopped(gates, planned.plan).join(last_days(planned), on=KEYS)
    rows["act_by"] = rows["make_by"].where(rows["blocks"] == "order", rows["leave_by"])
    rows["paper"] = rows["reason"].str.extract(PAPER)[0]
    found = []
    for (market, gate, state), part in rows.groupby(["market", "gate", "state"]):
        one_each = part.drop_duplicates("sku").assign(risk_cost=lambda own: own["saved_cost"])
        facts: dict[str, object] = {}
        if gate == "admission":
            kinds = sorted(set(part["reason"].str.extract(CATEGORY)[0]))
            facts["categories"] = named_terms(kinds)
            facts["act_by"] = _apply_by(planned.deadlines, market, kinds, part["act_by"].min())
        if gate == "certificate":
            facts["papers"] = named(sorted(set(part["paper"])))
        if state == "expired":
            facts["until"] = part["expires_on"].min()
        found.append(shared(CODES[gate, state], "stop", one_each, scope=scope, **facts))
    return found


def gates_of_more(planned: Planned, gates: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one note for each market whose SKUs, ordered only if demand is high, are held."""
    more = planned.plan[~planned.plan["is_blocked"] & (planned.plan["order_units"] == 0)]
    more = more.loc[more["high_units"] > 0, [*KEYS, "high_units"]]
    held = gates[gates["blocks"] == "ship"].merge(more, on=KEYS)
    found = []
    for _, part in held.groupby("market"):
        names = named_terms(sorted({f"gate.{gate}" for gate in part["gate"]}))
        one_each = part.drop_duplicates("sku").drop(columns="saved_cost")
        facts = ("high_units",)
        found.append(
            shared("gate_of_more", "note", one_each, scope=scope, facts=facts, gates=names)
        )
    return found


def gates_to_show(gates: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Return the gates less those that only keep goods from leaving of which none are ordered.

    Parameters
    ----------
    gates, plan : DataFrame
        Tables `Gates` and `StockPlan`.

    Notes
    -----
    There is nothing to make or to ship of them; what high demand would order `gates_of_more` tells.
    """
    none = pd.MultiIndex.from_frame(plan.loc[plan["order_units"] == 0, KEYS])
    is_idle = pd.MultiIndex.from_frame(gates[KEYS]).isin(none) & (gates["blocks"] == "ship")
    return gates[~is_idle]


def unsure_papers(planned: Planned, gates: pd.DataFrame, scope: Scope) -> list[Entry]:
    """Return one alert for each market whose goods may need a paper, if a weak source is right.

    Notes
    -----
    A batch that a gate holds anyway is not counted again, nor one that is not ordered.
    """
    is_open = (gates["gate"] == "certificate") & (gates["blocks"] == "")
    rows = gates[is_open & gates["state"].isin(["missing", "expired"])]
    rows = rows.merge(wanted(planned.plan), on=KEYS).merge(batch_costs(planned), on=KEYS)
    shut = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] != "", KEYS])
    is_told = pd.MultiIndex.from_frame(rows[KEYS]).isin(shut) | (rows["batch_cost"] == 0)
    rows["batch_cost"] = rows["batch_cost"].mask(is_told)
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


def _stopped(gates: pd.DataFrame, plan: pd.DataFrame) -> pd.DataFrame:
    """Return the gates that hold what is ordered, or keep what is wanted from being ordered."""
    ordered = pd.MultiIndex.from_frame(plan.loc[plan["order_units"] > 0, KEYS])
    rows = gates[gates["blocks"] != ""].merge(wanted(plan), on=KEYS)
    is_ordered = pd.MultiIndex.from_frame(rows[KEYS]).isin(ordered)
    return rows[(rows["blocks"] == "order") | is_ordered]


def _apply_by(
    deadlines: pd.DataFrame, market: str, kinds: list[str], make_by: pd.Timestamp
) -> pd.Timestamp:
    """Return the day to apply for the first of some categories, else the day to make goods by."""
    asked = deadlines[(deadlines["market"] == market) & (deadlines["deadline"] == REVIEW)]
    asked = asked[asked["reason"].str.extract(CATEGORY)[0].isin(kinds)]
    return asked["due_on"].min() if len(asked) else make_by


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
