"""What a provider does first today, over all sellers of a campaign.

Orders what others found: sellers without a result, days that passed, alerts, findings without an
owner. Finds nothing itself.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from planner import tables

URGENT_DAYS = 7
"""What falls due within a week cannot wait for the next weekly meeting. [days]"""
STEP = "next_step."
"""Beginning of a decision that nobody has taken yet: what is proposed."""
SKU_FACT = r"\|sku=([^|;]+)"
"""How a finding names the SKU that was missed most."""
NO_RESULT = ("failed", "refused", "not_run", "unfinished", "outdated")


def first_things(
    states: pd.DataFrame,
    alerts: pd.DataFrame,
    due: pd.DataFrame,
    weights: Mapping[str, float],
    *,
    risks: pd.DataFrame | None = None,
    reviews: pd.DataFrame | None = None,
    profits: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what to do now over all sellers, the most pressing first.

    Parameters
    ----------
    states : DataFrame
        Table `SellerStates`.
    alerts, due : DataFrame
        As `provider.open_alerts` and `provider.due_days` return them.
    weights : Mapping
        By seller, units of one shared currency for one of its own; a seller without one comes
        after those with one.
    risks : DataFrame, optional
        Table `SellerRisks`: what stands behind a seller that let days pass.
    reviews : DataFrame, optional
        Table `NextDecisions` with `seller`: what reviews found and nobody has taken on yet.
    profits : DataFrame, optional
        Table `SellerProfits`: what those findings are worth.

    Returns
    -------
    DataFrame
        Table `FirstThings`: sellers without a run that ended well, days that passed, then alerts
        that stop an order before the others; within each what falls due in a week first, then by
        money, unknown last, then by day.
    """
    rows = [*_broken(states), *_missed(due, risks), *_told(alerts), *_undecided(reviews, profits)]
    if not rows:
        return tables.empty(tables.FirstThings)
    frame = pd.DataFrame(rows).astype({"act_by": "datetime64[us]", "risk_cost": float})
    worth = frame["risk_cost"] * frame["seller"].map(dict(weights)).astype(float)
    frame = frame.assign(worth=worth.fillna(-1.0)).sort_values(
        ["grave", "is_urgent", "worth", "act_by", "seller", "code"],
        ascending=[True, False, False, True, True, True],
        kind="stable",
    )
    frame["rank"] = range(1, len(frame) + 1)
    return tables.checked(tables.FirstThings, frame[tables.columns(tables.FirstThings)])


def unowned(decisions: pd.DataFrame) -> pd.DataFrame:
    """Return the decisions of reviews that are open and that nobody has taken on.

    Parameters
    ----------
    decisions : DataFrame
        Table `NextDecisions`.
    """
    return decisions[(decisions["state"] == "open") & (decisions["owner"] == "")]


def _broken(states: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in states.to_dict("records"):
        if row["seller_state"] in NO_RESULT:
            facts = {"code": f"seller_{row['seller_state']}", "act_by": row["due_on"]}
            yield _thing(row["seller"], **facts, severity="stop", grave=0)


def _missed(due: pd.DataFrame, risks: pd.DataFrame | None) -> Iterator[dict[str, Any]]:
    behind = {} if risks is None else risks.set_index("seller").to_dict("index")
    for seller, part in due[due["is_missed"]].groupby("seller"):
        first = part.sort_values("due_on").iloc[0]
        known = behind.get(str(seller), {})
        facts = f"n={len(part)}|what=deadline.{first['deadline']}|day={first['due_on'].date()}"
        yield _thing(
            str(seller), code="days_missed", severity="stop", grave=1, market=first["market"],
            act_by=first["due_on"], facts=facts,
            risk_cost=known.get("risk_cost", float("nan")), currency=known.get("currency", ""),
        )  # fmt: skip


def _told(alerts: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in alerts.to_dict("records"):
        grave = 2 if row["severity"] == "stop" else 3
        is_urgent = (row["act_by"] - row["looked_on"]).days <= URGENT_DAYS  # False without a day
        known = {name: row[name] for name in tables.columns(tables.FirstThings) if name in row}
        yield {**known, "grave": grave, "is_urgent": is_urgent}


def _undecided(
    reviews: pd.DataFrame | None, profits: pd.DataFrame | None
) -> Iterator[dict[str, Any]]:
    """Yield for each seller what its review found and nobody has taken on, with its money."""
    if reviews is None:
        return
    found = {} if profits is None else profits.set_index("seller").to_dict("index")
    for seller, part in unowned(reviews).groupby("seller"):
        known = found.get(str(seller), {})
        code, facts, sku = "review_undecided", f"n={len(part)}", ""
        if known.get("cause") and known["gap_profit"] > 0:
            code = "review_missed"
            facts += f"|cause={known['cause']}|step={_step(part, known['cause'])}"
            sku = _dearest(part, known["cause"])
            facts += f"|share={100 * known['cause_profit'] / known['gap_profit']:.0f}"
        yield _thing(
            str(seller), code=code, severity="warn", grave=3,
            act_by=part["due_on"].min(), facts=facts, sku=sku,
            risk_cost=max(known.get("gap_profit", float("nan")), 0.0),
            currency=known.get("currency", ""),
        )  # fmt: skip


def _step(decisions: pd.DataFrame, cause: str) -> str:
    """Return what a review proposes against a cause, as a term without facts."""
    told = _about(decisions, cause)["decision"]
    is_plain = len(told) and told.iloc[0].startswith(STEP) and "|" not in told.iloc[0]
    return str(told.iloc[0]) if is_plain else f"{STEP}{cause}"


def _dearest(decisions: pd.DataFrame, cause: str) -> str:
    """Return the SKU that a finding names, blank if it names none."""
    told = _about(decisions, cause)["finding"].str.extract(SKU_FACT, expand=False).dropna()
    return str(told.iloc[0]) if len(told) else ""


def _about(decisions: pd.DataFrame, cause: str) -> pd.DataFrame:
    return decisions[decisions["subject"].str.startswith(f"next_subject.{cause}|")]


def _thing(seller: str, **facts: object) -> dict[str, Any]:
    blank = {
        "market": "", "sku": "", "risk_cost": float("nan"), "currency": "", "facts": "",
        "is_urgent": True,
    }  # fmt: skip
    return {"seller": seller, **blank, **facts}
