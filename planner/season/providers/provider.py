"""A provider's view of a campaign: how far each seller has come and what falls due next.

Knows the runs of many sellers, their alerts and their deadlines. Knows nothing of folders, and
of money only what an alert says.
"""

from datetime import date
from typing import Any

import pandas as pd

from planner import tables
from planner.campaign import Campaign
from planner.scope import extended

PLAN_STEP, TRACK_STEP = 3, 4
CLOSING = (
    "review_by", "decide_by", "produce_by", "inbound_request", "ship_by", "sign_up_ends",
    "price_lock", "arrive_by", "shelf_by", "paper_expires",
)  # fmt: skip
"""Deadlines by which somebody must have done something; the others only begin a time."""
KEYS = ["seller", "market"]


def looking_days(
    runs: pd.DataFrame, *, campaign: Campaign, as_of: date | None = None
) -> pd.DataFrame:
    """Return from which day each seller and market is judged: that of the last step it ran.

    Parameters
    ----------
    runs : DataFrame
        Table `SellerRuns`.
    campaign : Campaign
        With the scenario applied.
    as_of : date, optional
        One day from which all are judged instead.

    Returns
    -------
    DataFrame
        seller, market, last_step, looked_on, planned_on (day of the plan, NaT without one),
        is_over (whether the campaign's last phase has ended by then).
    """
    known = runs[runs["step"].notna()].sort_values([*KEYS, "step"])
    days = known.drop_duplicates(KEYS, keep="last").rename(columns={"step": "last_step"})
    plans = known[known["step"] == PLAN_STEP].set_index(KEYS)["looked_on"]
    days = days.merge(plans.rename("planned_on").reset_index(), on=KEYS, how="left")
    if as_of is not None:
        days = days.assign(looked_on=pd.Timestamp(as_of))
    ends = {name: pd.Timestamp(extended(campaign, name).phases.end) for name in campaign.markets}
    over = days["looked_on"] > days["market"].map(ends)
    return days.assign(is_over=over)[
        [*KEYS, "last_step", "looked_on", "planned_on", "is_over"]
    ].reset_index(drop=True)


def open_alerts(
    alerts: pd.DataFrame, days: pd.DataFrame, *, with_notes: bool = False
) -> pd.DataFrame:
    """Return the alerts that still mean something on the day each seller is judged from.

    Parameters
    ----------
    alerts : DataFrame
        Table `Alerts` with `seller` and `step`, the notebook that raised it.
    days : DataFrame
        As `looking_days` returns it.
    with_notes : bool
        Whether to keep the alerts that only tell.

    Returns
    -------
    DataFrame
        With `looked_on` and `is_missed` beside: the day to act by has passed and no later run
        has taken the alert back. Notes are left out, and what a market raised that is over;
        once a campaign is tracked, what was raised before.
    """
    placed = days.groupby("seller", as_index=False).agg(
        first_looked_on=("looked_on", "min"),
        newest=("last_step", "max"),
        all_over=("is_over", "all"),
    )
    found = alerts.merge(placed, on="seller").merge(days, on=KEYS, how="left")
    is_over = found["is_over"].astype("boolean").fillna(found["all_over"])
    last = found["last_step"].fillna(found["newest"])
    is_current = (found["step"] >= TRACK_STEP) | (last < TRACK_STEP)
    is_told = with_notes | (found["severity"] != "note")
    kept = found[~is_over & is_current & is_told]
    looked_on = kept["looked_on"].fillna(kept["first_looked_on"])
    kept = kept.assign(looked_on=looked_on, is_missed=kept["act_by"] < looked_on)
    return kept[[*alerts.columns, "looked_on", "is_missed"]].reset_index(drop=True)


def due_days(deadlines: pd.DataFrame, lines: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return what must be done by when, counted from the day each seller is judged from.

    Parameters
    ----------
    deadlines, lines : DataFrame
        Tables `Deadlines` and `ShipLines` with `seller`.
    days : DataFrame
        As `looking_days` returns it.

    Returns
    -------
    DataFrame
        seller, market, deadline, mode, due_on, days_left, is_missed. Days of a way are left out
        where the plan sends nothing that way, and all of a seller that tracks the campaign
        already; so is what had passed before the plan was made.
    """
    used = lines.loc[lines["units"] > 0, [*KEYS, "mode"]].drop_duplicates().assign(is_used=True)
    found = deadlines.merge(used, on=[*KEYS, "mode"], how="left")
    found = found[(found["mode"] == "") | found["is_used"].notna()]
    found = found[found["deadline"].isin(CLOSING)].merge(_with_no_market(days), on=KEYS)
    is_planned = (found["last_step"] <= PLAN_STEP) & ~found["is_over"].astype(bool)
    found = found[is_planned & (found["due_on"] >= found["planned_on"])]
    left = (found["due_on"] - found["looked_on"]).dt.days
    return found.assign(days_left=left, is_missed=left < 0)[
        [*KEYS, "deadline", "mode", "due_on", "days_left", "is_missed"]
    ].reset_index(drop=True)


def seller_states(
    runs: pd.DataFrame, alerts: pd.DataFrame, due: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return how far each seller has come, who needs a hand soonest first.

    Parameters
    ----------
    runs : DataFrame
        Table `SellerRuns`.
    alerts, due, days : DataFrame
        As `open_alerts`, `due_days` and `looking_days` return them.

    Returns
    -------
    DataFrame
        Table `SellerStates`. Late is who let a day pass since the plan was made; to settle, who
        has an alert that stops an order; ended, whose markets are all over.
    """
    rows = [
        _state(str(seller), part, _of(alerts, seller), _of(due, seller), _of(days, seller))
        for seller, part in runs.groupby("seller")
    ]
    if not rows:
        return tables.empty(tables.SellerStates)
    frame = pd.DataFrame(rows).astype(
        {"last_step": "Int64", "days_left": "Int64", "looked_on": "datetime64[us]",
         "due_on": "datetime64[us]"}
    )  # fmt: skip
    order = frame["seller_state"].map({name: n for n, name in enumerate(tables.SELLER_STATES)})
    frame = frame.assign(order=order).sort_values(["order", "due_on", "seller"], kind="stable")
    return tables.checked(tables.SellerStates, frame.drop(columns="order"))


def _with_no_market(days: pd.DataFrame) -> pd.DataFrame:
    """Return the days of each market, and a row of no market for what holds for the seller."""
    whole = days.groupby("seller", as_index=False).agg(
        last_step=("last_step", "max"), looked_on=("looked_on", "min"),
        planned_on=("planned_on", "min"), is_over=("is_over", "all"),
    )  # fmt: skip
    return pd.concat([days, whole.assign(market="")], ignore_index=True)


def _of(frame: pd.DataFrame, seller: object) -> pd.DataFrame:
    return frame[frame["seller"] == seller]


def _state(
    seller: str, runs: pd.DataFrame, alerts: pd.DataFrame, due: pd.DataFrame, days: pd.DataFrame
) -> dict[str, Any]:
    ahead = due[~due["is_missed"]].sort_values("due_on")
    acts = alerts[alerts["act_by"].notna() & ~alerts["is_missed"]].sort_values("act_by")
    next_due, due_on = "", pd.NaT
    if len(ahead):
        next_due, due_on = f"deadline.{ahead['deadline'].iloc[0]}", ahead["due_on"].iloc[0]
    if len(acts) and not acts["act_by"].iloc[0] >= due_on:
        next_due, due_on = "due.alert", acts["act_by"].iloc[0]
    looked_on = days["looked_on"].max() if len(days) else pd.NaT
    state, reason = _state_of(runs, alerts, due, days)
    return {
        "seller": seller,
        "seller_state": state,
        "last_step": days["last_step"].max() if len(days) else pd.NA,
        "looked_on": looked_on,
        "stop_count": int((alerts["severity"] == "stop").sum()),
        "warn_count": int((alerts["severity"] == "warn").sum()),
        "next_due": next_due,
        "due_on": due_on,
        "days_left": pd.NA if pd.isna(due_on) else (due_on - days["looked_on"].min()).days,
        "reason": reason,
    }


def _state_of(
    runs: pd.DataFrame, alerts: pd.DataFrame, due: pd.DataFrame, days: pd.DataFrame
) -> tuple[str, str]:
    outcome, message = runs[["outcome", "message"]].iloc[0]
    missed = int(due["is_missed"].sum()) or int(alerts["is_missed"].sum())
    stops = int((alerts["severity"] == "stop").sum())
    stale = runs.loc[runs["is_stale"], "step"].dropna().unique()
    if outcome in ("failed", "refused"):
        return outcome, message or f"reason.seller_{outcome}"
    if days.empty:
        return "not_run", "reason.seller_not_run"
    if days["is_over"].all():
        return "ended", f"reason.seller_ended|step={days['last_step'].max()}"
    if missed:
        return "late", f"reason.seller_late|n={missed}"
    if days["last_step"].max() < PLAN_STEP:
        return "unfinished", f"reason.seller_unfinished|step={days['last_step'].max()}"
    if len(stale):
        return "outdated", f"reason.seller_outdated|steps={' '.join(map(str, sorted(stale)))}"
    if stops:
        return "to_settle", f"reason.seller_to_settle|n={stops}"
    return "ready", "reason.seller_ready"
