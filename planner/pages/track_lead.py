"""The first sentence of notebook 04: which SKU is short, its next session, what to do first."""

import pandas as pd

from planner.pages.big_numbers import money
from planner.pages.kinds import tell_text
from planner.pages.telling import tell, tell_date, tell_number
from planner.pages.track_blocks import worth_doing
from planner.words import say

LIKELY_RATE = 0.5
"""A shelf that runs out in so many of the worlds will probably run out. [unitless]"""
NEAR_HOURS = 36
"""A session that begins within so many hours is told at once. [hours]"""
BRINGING = ("transfer", "air_top_up")


def lead(cover: pd.DataFrame, choices: pd.DataFrame, sessions: pd.DataFrame, lang: str) -> str:
    """Return what is most urgent in one sentence, blank where nothing is short or to be done.

    Parameters
    ----------
    cover, choices, sessions : DataFrame
        Tables `CoverHours`, `ActionChoices` and `SessionStock`.
    lang : {"zh", "en"}

    Notes
    -----
    Of the shelves that will probably run out, the one that loses most; where none will, the SKU
    whose actions are worth most.
    """
    short = cover[cover["stock_out_rate"] >= LIKELY_RATE]
    acts = choices[choices["step_rank"].eq(1).fillna(False).astype(bool)]
    if len(short):
        row = short.sort_values("lost_profit", ascending=False, na_position="last").iloc[0]
        told = _state(row, lang) + _session(row, sessions, lang)
        own = acts[(acts["market"] == row["market"]) & (acts["sku"] == row["sku"])]
        act = _act(own.iloc[0], lang) if len(own) else say("head.lead_none", lang)
        return say("head.lead", lang, state=told, act=act)
    best = worth_doing(choices).head(1)
    if best.empty:
        return ""
    sku = tell_text(best["sku"].iloc[0])
    return say("head.lead_act", lang, sku=sku, act=_act(best.iloc[0], lang))


def _state(row: pd.Series, lang: str) -> str:
    sku = tell_text(row["sku"])
    if row["stock_units"] <= 0:
        return say("head.lead_empty", lang, sku=sku)
    at = tell_date(row["runs_out_at"], "runs_out_at", lang)
    return say("head.lead_short", lang, sku=sku, at=at)


def _session(row: pd.Series, sessions: pd.DataFrame, lang: str) -> str:
    """Return what the SKU's next session lacks, blank where none is near or none is short."""
    until = row["looking_at"] + pd.Timedelta(hours=NEAR_HOURS)
    own = sessions[(sessions["sku"] == row["sku"]) & (sessions["market"] == row["market"])]
    own = own[(own["short_units"] > 0) & (own["starts_at"] <= until)].sort_values("starts_at")
    if own.empty:
        return ""
    at = tell_date(own["starts_at"].iloc[0], "starts_at", lang)
    units = tell_number(own["short_units"].iloc[0], "short_units", lang)
    return say("head.lead_session", lang, at=at, units=units)


def _act(row: pd.Series, lang: str) -> str:
    facts = {
        "action": say(f"action.{row['action']}", lang),
        "money": money(row["step_profit"], row["currency"], lang),
        "by": tell_date(row["last_useful_at"], "last_useful_at", lang),
    }
    if row["action"] not in BRINGING:
        return say("head.lead_do", lang, **facts)
    return say(
        "head.lead_bring", lang, **facts,
        where=tell(row["where"], "where", lang),
        units=tell_number(row["units"], "_units", lang),
        on=f"{row['lands_at']:%Y-%m-%d}",
    )  # fmt: skip
