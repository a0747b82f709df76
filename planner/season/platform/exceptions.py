"""The exception log: whatever went wrong in a running campaign, one case each, until it is closed.

Gives each case a name that is the same in every run of its campaign, so that what a person wrote
of it is found again. What the cases are and what shows them stands in `cases`.
"""

import hashlib

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.platform.appeals import AppealDays, appeal_days, appeal_until
from planner.season.platform.cases import DAY, Evidence, Row, cases

CLOSED = ("done", "dropped")
APPEALED = ("metric_breached", "order_cap")
"""Kinds that a platform punishes, and that can be appealed against."""
ID_LETTERS = 8
WRITTEN = ("owner", "case_state", "note")
"""What people write of a case."""
NAMED = ("case", "case_kind", "campaign", "market", "about", "sku", "extent")
"""What a note tells of a case that no longer shows."""


def exception_log(
    found: Evidence,
    *,
    scope: Scope,
    notes: pd.DataFrame | None = None,
    metrics: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every exception with its evidence, owner, deadline, state and money.

    Parameters
    ----------
    found : Evidence
    scope : Scope
        Its looking moments of step 4.
    notes : DataFrame, optional
        Table `ExceptionNotes`: owner, state and note of each case, as people wrote them.
    metrics : DataFrame, optional
        Register `Metrics`: until when a breach can be appealed.

    Returns
    -------
    DataFrame
        Table `Exceptions`: open cases first, the nearest deadline on top, then the most money.

    Notes
    -----
    A case that somebody closed and that still shows is kept closed and `is_seen`, as long as its
    evidence is what he had before him; is it newer, or has its extent grown by one or more, the
    case is open again and `is_reopened`. One that no longer shows stays as long as the notes of
    this campaign name it.
    """
    days = appeal_days(metrics)
    told = [_case(row, scope) for row in cases(found)]
    written = tables.empty(tables.ExceptionNotes) if notes is None else notes
    rows = [_dated(row, days) for row in _with_notes(told, written, scope)]
    kinds = tables.empty(tables.Exceptions).dtypes.to_dict()
    frame = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
    return tables.checked(tables.Exceptions, _ranked(frame))


def notes_of(log: pd.DataFrame, notes: pd.DataFrame | None = None) -> pd.DataFrame:
    """Return the log as a person fills it in: table `ExceptionNotes`.

    Parameters
    ----------
    log : DataFrame
        Table `Exceptions`.
    notes : DataFrame, optional
        What people wrote before; what they wrote of other campaigns stays below.
    """
    before = tables.empty(tables.ExceptionNotes) if notes is None else notes
    kept = log[[*NAMED, "found_on", *WRITTEN]].assign(proof_on=log["happened_at"].dt.normalize())
    said = before.set_index("case")[["screenshot", "rejected_on"]].reindex(kept["case"])
    kept["screenshot"] = said["screenshot"].fillna("").to_numpy()
    kept["rejected_on"] = said["rejected_on"].to_numpy()
    others = before[~before["case"].isin(kept["case"])]
    order = tables.columns(tables.ExceptionNotes)
    whole = [frame[order] for frame in (kept, others) if len(frame)] or [kept[order]]
    kinds = tables.empty(tables.ExceptionNotes).dtypes.to_dict()
    return tables.checked(tables.ExceptionNotes, pd.concat(whole, ignore_index=True).astype(kinds))


def case_of(*parts: str) -> str:
    """Return the name of a case from what makes it this one and no other, its campaign first.

    Examples
    --------
    >>> case_of("eleven", "order_late", "TH", "shop-th", "", "2025-11-13")
    'X-63b87281'
    """
    text = "|".join(parts)
    return f"X-{hashlib.sha256(text.encode()).hexdigest()[:ID_LETTERS]}"


def _case(row: Row, scope: Scope) -> Row:
    looking = scope.moments(4)
    seen = pd.Timestamp(looking.get(row["market"], min(looking.values())))
    if row.pop("is_due_today", False):
        row["act_until_at"] = seen.normalize() + DAY
    names = (row["case_kind"], row["market"], row["about"], row.get("sku", ""), row.pop("key"))
    return {
        "case": case_of(scope.campaign.campaign, *names),
        "campaign": scope.campaign.campaign,
        "sku": "",
        "metric": "",
        "owner": "",
        "case_state": "open",
        "is_seen": True,
        "is_reopened": False,
        "note": "",
        "found_on": seen.normalize(),
        "happened_at": pd.NaT,
        "due_on": pd.NaT,
        "act_until_at": pd.NaT,
        "stake": np.nan,
        "currency": scope.seller.currency,
        **row,
    }


def _with_notes(told: list[Row], notes: pd.DataFrame, scope: Scope) -> list[Row]:
    """Return the cases with what people wrote, and those that only people still name."""
    own = notes[notes["campaign"].isin(("", scope.campaign.campaign))]
    said = {row["case"]: row for row in own.to_dict("records")}
    rows = [_noted(case, said.pop(case["case"], None)) for case in told]
    gone = [
        {
            **{name: row[name] for name in (*NAMED, *WRITTEN)},
            "campaign": scope.campaign.campaign,
            "metric": "",
            "proof": "proof.gone",
            "found_on": row["found_on"],
            "happened_at": row["found_on"] if pd.isna(row["proof_on"]) else row["proof_on"],
            "due_on": pd.NaT,
            "act_until_at": pd.NaT,
            "is_seen": False,
            "is_reopened": False,
            "stake": np.nan,
            "currency": scope.seller.currency,
        }
        for row in said.values()
    ]
    return rows + gone


def _noted(case: Row, note: Row | None) -> Row:
    """Return a case with its note; what has no moment of its own began when it was found."""
    row = {**case, "rejected_on": pd.NaT}
    if note is not None:
        row |= {name: note[name] for name in (*WRITTEN, "rejected_on")}
        if not pd.isna(note["found_on"]):
            row["found_on"] = note["found_on"]
    if pd.isna(row["happened_at"]):
        row["happened_at"] = row["found_on"]
    if note is not None and row["case_state"] in CLOSED and _is_newer(row, note):
        row |= {"case_state": "open", "is_reopened": True}
    return row


def _is_newer(row: Row, note: Row) -> bool:
    """Return whether the evidence is newer, or more, than whoever closed the case had seen."""
    seen = note["found_on"] if pd.isna(note["proof_on"]) else note["proof_on"]
    is_later = not pd.isna(seen) and pd.Timestamp(row["happened_at"]).normalize() > seen
    return bool(is_later or row["extent"] >= note["extent"] + 1)


def _dated(row: Row, days: AppealDays) -> Row:
    """Return a breach with the last moment of its appeal, where a register knows the days."""
    if row["case_kind"] not in APPEALED or not row["is_seen"]:
        return row
    last = appeal_until(days, row["market"], row["metric"], row["found_on"], row["rejected_on"])
    return row if pd.isna(last.until) else {**row, "act_until_at": last.until}


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    order = frame.assign(
        is_closed=frame["case_state"].isin(CLOSED) | ~frame["is_seen"], least=-frame["stake"]
    )
    by = ["is_closed", "act_until_at", "least", "case"]
    return order.sort_values(by, na_position="last", kind="stable")[list(frame.columns)]
