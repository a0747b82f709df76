"""Alerts of a campaign that runs: which SKU loses money, what to begin with and until when.

Words and money are those of the SKU's first choice and of its cover; values nothing itself.
"""

import pandas as pd

from planner.guards.entries import KEYS, Entry, by_sku
from planner.scope import Scope

TRACK_SEVERITIES = {
    "replenish": "stop",
    "check_stock": "warn",
    "slow_down": "warn",
    "clear": "note",
    "watch": "note",
}
"""How grave it is that a SKU needs an action; `none` raises no alert."""
LEAST_LOST_UNITS = 0.5
"""Fewer are no loss to stop for. [units]"""
LEAST_LOSS_SHARE = 0.05
"""Of the loss of the market's worst SKU: less does not stop (house judgement). [share]"""
NOTHING_OPEN = "action.none_open"
"""What to begin with where nothing is in time and worth it."""


def actions(
    status: pd.DataFrame,
    *,
    scope: Scope,
    first: pd.DataFrame | None = None,
    cover: pd.DataFrame | None = None,
) -> list[Entry]:
    """Return an alert for each action and market: one for all SKUs, those that stop first.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`.
    scope : Scope
    first : DataFrame, optional
        Table `ActionChoices`, of each SKU the action to begin with: what the alert says to do,
        until when, and the money that doing it is worth.
    cover : DataFrame, optional
        Table `CoverHours`: a SKU that loses sales stops; where nothing is open for it, what it
        loses is the money at risk.

    Returns
    -------
    list of Entry
        Codes `track_<action>`. SKUs that stop stand alone, up to three; where
        SKUs share an alert units are added up and days are the first of them.
    """
    rows = status[status["action"].isin(TRACK_SEVERITIES)]
    rows = rows.rename(columns={"action_units": "units", "stock_units": "stock"})
    rows = _with_first(_with_loss(rows, cover), first)
    most = rows.groupby("market")["lost_profit"].transform("max")
    is_losing = (rows["lost"] >= LEAST_LOST_UNITS) & rows["lost_profit"].gt(0)
    is_losing &= rows["lost_profit"] >= LEAST_LOSS_SHARE * most
    is_losing &= rows["action"].isin(("replenish", "slow_down", "watch"))
    rows["severity"] = rows["action"].map(TRACK_SEVERITIES).mask(is_losing, "stop")
    found = []
    for (action, severity, begin), part in rows.groupby(["action", "severity", "begin"]):
        told = by_sku(
            f"track_{action}", str(severity), part, scope=scope,
            facts=("units", "stock", "lost"), firsts=("low_runs_out_on", "runs_out_on"),
        )  # fmt: skip
        found += [one | {"facts": f"{one['facts']}|begin={begin}"} for one in told]
    return found


def _with_loss(rows: pd.DataFrame, cover: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows with units and money that each shelf loses, unknown without its cover."""
    if cover is None:
        return rows.assign(lost=float("nan"), lost_profit=float("nan"), low_runs_out_on=pd.NaT)
    told = cover[[*KEYS, "lost_units", "lost_profit", "low_runs_out_at"]]
    told = told.rename(columns={"lost_units": "lost", "low_runs_out_at": "low_runs_out_on"})
    return rows.merge(told, on=KEYS, how="left")


def _with_first(rows: pd.DataFrame, first: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows with what to begin with, its last day and the money at risk.

    The action to begin with counts where it does what the status asks for: a markdown is none to
    a SKU that runs short, and to clear is nothing but a markdown.
    """
    named = [*KEYS, "begun", "last_useful_at", "value_profit"]
    told = pd.DataFrame(columns=named)
    if first is not None:
        told = first.rename(columns={"action": "begun"})[named]
    rows = rows.merge(told, on=KEYS, how="left")
    fits = (rows["begun"] == "markdown") == (rows["action"] == "clear")
    fits &= rows["begun"].notna() & (rows["action"] != "check_stock")
    own = ("action." + rows["action"].astype("str")).mask(
        (rows["action"] == "watch") & (rows["lost"] >= LEAST_LOST_UNITS), NOTHING_OPEN
    )
    rows["begin"] = ("action." + rows["begun"].astype("str")).where(fits, own)
    rows["act_by"] = (
        pd.to_datetime(rows["last_useful_at"]).dt.normalize().where(fits, rows["act_by"])
    )
    loss = rows["lost_profit"].where(rows["lost"] >= LEAST_LOST_UNITS)
    rows["risk_cost"] = rows["value_profit"].where(fits, loss).astype(float)
    return rows
