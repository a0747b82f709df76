"""Alerts of a campaign that runs: which SKU loses money, what to begin with and until when.

Words and money are those of the SKU's first choice and of its cover; values nothing itself.
"""

import numpy as np
import pandas as pd

from planner.guards.entries import KEYS, TOLD_SINGLY, Entry, shared
from planner.scope import Scope

TRACK_SEVERITIES = {
    "replenish": "stop",
    "check_stock": "warn",
    "slow_down": "warn",
    "clear": "note",
    "watch": "note",
}
"""How grave it is that a SKU needs an action; `none` raises no alert."""
SHORT = ("replenish", "slow_down")
BRINGING = ("transfer", "air_top_up")
LEAST_LOST_UNITS = 0.5
"""Fewer are no loss to stop for. [units]"""
LEAST_LOSS_SHARE = 0.05
"""Of the loss of the market's worst SKU: less does not stop (house judgement). [share]"""
NOTHING_OPEN = "action.none_open"
"""What to begin with where nothing is in time and worth it."""
LASTS = "cover.next_order"
"""Until when a shelf lasts that does not run out."""
FACTS = ("units", "stock", "lost")
COVER = ("looking_at", "lost_units", "lost_profit", "runs_out_at", "low_runs_out_at")
NEAR = pd.Timedelta(hours=48)
"""A shelf that runs out within so many hours is told by the hour."""


def actions(
    status: pd.DataFrame,
    *,
    scope: Scope,
    first: pd.DataFrame | None = None,
    cover: pd.DataFrame | None = None,
    worth: pd.DataFrame | None = None,
) -> list[Entry]:
    """Return the alerts of each market's SKUs that need something, what loses most first.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`.
    scope : Scope
    first : DataFrame, optional
        Table `ActionChoices`, of each SKU the action to begin with: what the alert says to do,
        until when it still helps the event, and the money that doing it is worth.
    cover : DataFrame, optional
        Table `CoverHours`: a SKU that loses sales stops; where nothing is open for it, what it
        loses is the money at risk.
    worth : DataFrame, optional
        Rows of `ActionChoices` that are worth doing: a SKU of which all that can be done is not
        among them does not stop, and its alert says that it may be left.

    Returns
    -------
    list of Entry
        Codes `track_empty` and `track_short` of shelves that lose sales, with `_bring` where units
        are fetched, `_spare` where what can be done adds little and `_shut` where nothing is open;
        `track_<action>` of the others. SKUs that
        stop stand alone, up to three a market; where SKUs share an alert units are added up and
        days are the first of them.
    """
    rows = status[status["action"].isin(TRACK_SEVERITIES)]
    rows = rows.rename(columns={"action_units": "units", "stock_units": "stock"})
    rows = _with_first(_with_loss(rows, cover), first)
    rows = rows.assign(is_spare=_is_spare(rows, worth))
    rows = rows.assign(severity=_severity(rows), code=_code(rows))
    rows = rows.sort_values(
        ["lost_profit", "runs_out_on", "sku"], ascending=[False, True, True], na_position="last"
    )
    is_grave = rows["severity"] == "stop"
    place = rows[is_grave].groupby("market").cumcount().reindex(rows.index, fill_value=TOLD_SINGLY)
    rows["alone"] = rows["sku"].where(is_grave & (place < TOLD_SINGLY), "")
    found = []
    for (_, severity, code, begin, _), part in rows.groupby(
        ["market", "severity", "code", "begin", "alone"], sort=False
    ):
        found.append(
            shared(
                str(code), str(severity), part, scope=scope, facts=FACTS, begin=begin,
                until=_first(part["runs_out_on"], part["looking_at"]),
                soonest=_first(part["low_runs_out_at"], part["looking_at"]),
            )
        )  # fmt: skip
    return found


def _with_loss(rows: pd.DataFrame, cover: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows with units and money that each shelf loses, unknown without its cover."""
    if cover is None:
        unknown = dict.fromkeys(("lost", "lost_profit"), float("nan"))
        return rows.assign(**unknown, looking_at=pd.NaT, low_runs_out_at=pd.NaT)
    told = cover[[*KEYS, *COVER]].rename(columns={"lost_units": "lost"})
    rows = rows.drop(columns="looking_at", errors="ignore").merge(told, on=KEYS, how="left")
    return rows.assign(runs_out_on=rows["runs_out_at"].fillna(rows["runs_out_on"]))


def _with_first(rows: pd.DataFrame, first: pd.DataFrame | None) -> pd.DataFrame:
    """Return the rows with what to begin with, its last day and the money at risk.

    The action to begin with counts where it does what the status asks for: a markdown is none to
    a SKU that runs short, and to clear is nothing but a markdown.
    """
    named = [*KEYS, "begun", "last_useful_at", "event_last_at", "value_profit"]
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
    until = pd.to_datetime(rows["event_last_at"]).fillna(pd.to_datetime(rows["last_useful_at"]))
    rows["act_by"] = until.dt.normalize().where(fits, rows["act_by"])
    loss = rows["lost_profit"].where(rows["lost"] >= LEAST_LOST_UNITS)
    rows["risk_cost"] = rows["value_profit"].where(fits, loss).astype(float)
    return rows.assign(fits=fits)


def _is_spare(rows: pd.DataFrame, worth: pd.DataFrame | None) -> pd.Series:
    """Return where there is something to begin with, and it adds too little to be asked for."""
    if worth is None:
        return pd.Series(False, index=rows.index)
    is_worth = pd.MultiIndex.from_frame(rows[KEYS]).isin(pd.MultiIndex.from_frame(worth[KEYS]))
    return rows["fits"] & ~is_worth


def _severity(rows: pd.DataFrame) -> pd.Series:
    """Return how grave each row is: a loss stops, one that little can be done about does not."""
    most = rows.groupby("market")["lost_profit"].transform("max")
    is_losing = (rows["lost"] >= LEAST_LOST_UNITS) & rows["lost_profit"].gt(0)
    is_losing &= rows["lost_profit"] >= LEAST_LOSS_SHARE * most
    is_losing &= rows["action"].isin((*SHORT, "watch"))
    told = rows["action"].map(TRACK_SEVERITIES).mask(is_losing, "stop")
    return told.mask(rows["is_spare"] & (told == "stop"), "warn")


def _code(rows: pd.DataFrame) -> pd.Series:
    state = np.where(rows["stock"] <= 0, "empty", "short")
    begun = rows["begun"].where(rows["fits"])
    act = np.where(begun.isin(BRINGING), "_bring", "")
    act = np.where(rows["is_spare"], "_spare", act)
    act = np.where(rows["begin"] == NOTHING_OPEN, "_shut", act)
    is_short = rows["action"].isin(SHORT) | (rows["begin"] == NOTHING_OPEN)
    is_short |= (rows["action"] == "watch") & (rows["lost"] >= LEAST_LOST_UNITS)
    code = pd.Series(state, rows.index).radd("track_") + act
    return code.where(is_short, "track_" + rows["action"].astype("str"))


def _first(moments: pd.Series, looking: pd.Series) -> str:
    """Return the first moment as its day; with its hour where that is near."""
    first = moments.min()
    if pd.isna(first):
        return LASTS
    is_near = first - looking.min() <= NEAR
    return f"{first:%Y-%m-%d %H:%M}" if is_near else f"{first:%Y-%m-%d}"
