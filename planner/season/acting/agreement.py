"""What each SKU's status says, held against the hours its shelf lasts and what can still be done.

A status reckons with lanes and whole days; cover and choices with every source, its lead time and
its money by the hour. Where they differ the hours count, so that a page has one clock.
"""

import math

import pandas as pd

from planner import tables
from planner.season.days import KEYS

BRINGING = ("transfer", "air_top_up")
MARKDOWN = "markdown"
REPLENISH, SLOW_DOWN, CLEAR, WATCH = "replenish", "slow_down", "clear", "watch"
SHORT = (REPLENISH, SLOW_DOWN)
"""What a status asks for where a shelf runs short."""
CLOCK = ["stock_units", "cover_days", "runs_out_at"]


def agreed(
    status: pd.DataFrame, choices: pd.DataFrame, cover: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the status with the clock of the shelves and what the choices leave of its actions.

    Parameters
    ----------
    status : DataFrame
        Table `TrackStatus`.
    choices : DataFrame
        Table `ActionChoices`.
    cover : DataFrame, optional
        Table `CoverHours`; without it the status keeps its own days.

    Returns
    -------
    DataFrame
        Table `TrackStatus`. Stock, days of cover and the day it runs out are those of `cover`,
        empty where the shelf outlasts the horizon. A SKU that runs short does what its first
        choice says: units and reason are that one's, and so is the day, until when it still helps
        the event or, of what helps only after it, at all; what brings none is to slow down. Where
        none is open it is watched. What is to be cleared has until the markdown's last moment.
        Other actions stay, and so does a SKU for which nothing was weighed.
    """
    weighed = set(choices[KEYS].itertuples(index=False, name=None))
    begun = choices[choices["step_rank"].eq(1).fillna(False).astype(bool)].set_index(KEYS)
    cuts = choices[choices["is_open"] & (choices["action"] == MARKDOWN)]
    cuts = cuts.drop_duplicates(KEYS).set_index(KEYS)
    clock = _clock(cover)
    rows = status.to_dict("records")
    for row in rows:
        key = (row["market"], row["sku"])
        row |= clock.get(key, {})
        if row["action"] == CLEAR and key in cuts.index:
            row["act_by"] = cuts.loc[key, "last_useful_at"].normalize()
        if row["action"] in SHORT and key in weighed:
            is_begun = key in begun.index and begun.loc[key, "action"] != MARKDOWN
            row |= _of(begun.loc[key]) if is_begun else _nothing()
    told = pd.DataFrame(rows, columns=list(status)).astype(status.dtypes.to_dict())
    return tables.checked(tables.TrackStatus, told)


def _clock(cover: pd.DataFrame | None) -> dict[tuple[str, str], dict[str, object]]:
    if cover is None:
        return {}
    told = cover[cover["stock_units"].notna()].set_index(KEYS)[CLOCK]
    told["runs_out_on"] = told.pop("runs_out_at").dt.normalize()
    return told.to_dict("index")


def _of(choice: pd.Series) -> dict[str, object]:
    brings = choice["action"] in BRINGING
    return {
        "action": REPLENISH if brings else SLOW_DOWN,
        "action_units": math.ceil(choice["units"]) if brings else 0,
        "act_by": _until(choice).normalize(),
        "reason": choice["reason"],
    }


def _until(choice: pd.Series) -> pd.Timestamp:
    in_event = choice["event_last_at"]
    return choice["last_useful_at"] if pd.isna(in_event) else in_event


def _nothing() -> dict[str, object]:
    return {
        "action": WATCH, "action_units": 0, "act_by": pd.NaT, "reason": "reason.choice_nothing",
    }  # fmt: skip
