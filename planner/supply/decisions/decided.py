"""Decided: which decisions of people a plan may follow, and what each costs against its own order.

Knows days, minimum orders, and the plan made with and without decisions. Orders nothing: which
units a decision stands for says `meeting`.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.decisions.meeting import STOPPED, decided_units
from planner.supply.quantity.newsvendor import KEYS

STEP = 3
CHOSEN_BY_PLAN = (
    "reason.by_profit",
    "reason.by_service_level",
    "reason.by_extremes",
    "reason.by_real_costs",
    "reason.pack_not_worth",
    "reason.moq_raises",
)
"""Reasons of an order that the plan chose; they are no reason of one that people chose."""
LEAST_COST = 0.005
"""A smaller difference of profit is none. [currency]"""


def due_decisions(decisions: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return the decisions that a plan may follow: taken by its planning day, or undated.

    Parameters
    ----------
    decisions : DataFrame
        Table `Decisions`.
    scope : Scope
        Its planning day by market; a decision on another market is kept.
    """
    return decisions[~_is_later(decisions, scope)].reset_index(drop=True)


def decision_worth(
    decisions: pd.DataFrame,
    own: pd.DataFrame,
    plan: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Return what became of each decision, and what it costs against the plan's own order.

    Parameters
    ----------
    decisions : DataFrame
        Table `Decisions`, those that wait among them.
    own, plan : DataFrame
        Tables `StockPlan`, made without and with the decisions.
    catalogue : DataFrame
        Table `Catalogue`: minimum orders.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `DecisionWorth`, in the order of the decisions.

    Notes
    -----
    ``decision_cost = own profit - profit`` of the SKU, in expectation; below zero where the
    decision earns more, as it can under a rule other than profit or where limits bind. Unknown
    where either profit is. What other SKUs gain by the room that a decision leaves is theirs.
    """
    if decisions.empty:
        return tables.empty(tables.DecisionWorth)
    rows = decisions.join(decided_units(decisions).rename("asked_units"), on=KEYS)
    for name, made in (("own", own), ("now", plan)):
        part = made.set_index(KEYS)[["order_units", "expected_profit"]]
        rows = rows.join(part.add_prefix(f"{name}_"), on=KEYS)
    least = catalogue.set_index("sku")["moq_units"].astype(float)
    rows["moq_units"] = rows["sku"].map(least)
    rows["state"] = _states(rows, _is_later(decisions, scope))
    cost = rows["own_expected_profit"] - rows["now_expected_profit"]
    rows["decision_cost"] = cost.where(~(rows["own_order_units"] == rows["now_order_units"]), 0.0)
    rows["decision_cost"] = rows["decision_cost"].where(rows["now_order_units"].notna())
    rows["currency"] = scope.seller.currency
    days = {market: f"{day:%Y-%m-%d}" for market, day in scope.as_of(STEP).items()}
    reasons = [_reason(row, days) for row in rows.to_dict("records")]
    rows = rows.rename(columns={"own_order_units": "own_units", "now_order_units": "order_units"})
    units = ["asked_units", "own_units", "order_units"]
    rows[units] = rows[units].astype("Int64")
    rows["reason"] = pd.Series(reasons, index=rows.index, dtype="str")
    return tables.checked(tables.DecisionWorth, rows[tables.columns(tables.DecisionWorth)])


def with_reasons(plan: pd.DataFrame, worth: pd.DataFrame) -> pd.DataFrame:
    """Return the plan whose rows name the decision on them: who, when, how many, at what cost.

    Parameters
    ----------
    plan : DataFrame
        Table `StockPlan`, made with the decisions.
    worth : DataFrame
        Table `DecisionWorth`.
    """
    if worth.empty:
        return plan
    told = worth.set_index(KEYS)["reason"]
    is_own = worth.set_index(KEYS)["state"].isin(("waits", "unknown"))
    reasons = []
    for key, said in zip(
        plan[KEYS].itertuples(index=False, name=None), plan["reason"], strict=True
    ):
        if key not in told.index:
            reasons.append(said)
            continue
        parts = [part for part in said.split(";") if part]
        if not is_own[key]:
            parts = [part for part in parts if not part.startswith(CHOSEN_BY_PLAN)]
        reasons.append(";".join([told[key], *parts]))
    frame = plan.assign(reason=pd.Series(reasons, index=plan.index, dtype="str"))
    return tables.checked(tables.StockPlan, frame)


def _is_later(decisions: pd.DataFrame, scope: Scope) -> pd.Series:
    today = pd.to_datetime(decisions["market"].map(scope.as_of(STEP))).astype("datetime64[us]")
    return decisions["decided_on"] > today


def _states(rows: pd.DataFrame, is_later: pd.Series) -> np.ndarray:
    """Return what became of each decision; what holds is looked for in this order."""
    units, asked = rows["now_order_units"], rows["asked_units"].astype(float)
    wants = (rows["decision"] == "push") | (asked > 0)
    states = np.select(
        [
            units.isna(),
            is_later.to_numpy(),
            wants & (units == 0),
            asked.notna() & (asked != units),
            (units > 0) & (units < rows["moq_units"]) & asked.notna(),
        ],
        ["unknown", "waits", "blocked", "changed", "below_moq"],
        default="followed",
    )
    return states.astype(str)


def _reason(row: dict, days: dict[str, str]) -> str:
    who = _inert(row["owner"])
    day = "" if pd.isna(row["decided_on"]) else f"{row['decided_on']:%Y-%m-%d}"
    facts = f"|owner={who}|decided_on={day}"
    if row["state"] == "unknown":
        return f"reason.decision_unknown{facts}"
    if row["state"] == "waits":
        return f"reason.decision_waits{facts}|today={days[row['market']]}"
    asked, own = row["asked_units"], row["own_order_units"]
    if row["decision"] in STOPPED or pd.isna(asked):
        parts = [f"reason.decided_{row['decision']}{facts}|own={own:.0f}"]
    else:
        parts = [f"reason.decided_units{facts}|units={asked:.0f}|own={own:.0f}"]
    if row["state"] == "blocked":
        return ";".join([*parts, "reason.decision_blocked"])
    if row["state"] == "changed":
        parts.append(f"reason.decision_changed|units={row['now_order_units']:.0f}")
    least = row["moq_units"]
    if 0 < row["now_order_units"] < least and not pd.isna(asked):
        parts.append(f"reason.decision_below_moq|moq={least:.0f}")
    return ";".join([*parts, _cost(row["decision_cost"], row["currency"])])


def _cost(cost: float, currency: str) -> str:
    if pd.isna(cost):
        return "reason.decision_cost_unknown"
    if abs(cost) < LEAST_COST:
        return "reason.decision_free"
    kind = "costs" if cost > 0 else "earns"
    return f"reason.decision_{kind}|cost={abs(cost):.2f}|currency={currency}"


def _inert(text: str) -> str:
    """Return a name that cannot be taken for the end of a fact or of a reason."""
    return text.replace("|", "/").replace(";", ",")
