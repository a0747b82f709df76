"""The first sentence of notebook 04: which SKU is short, the next session, what to do first.

Also tells, for every sentence of the page, until when an action helps and what it is worth.
"""

import pandas as pd

from planner.pages.big_numbers import large_money, listed
from planner.pages.kinds import tell_text
from planner.pages.telling import tell, tell_date, tell_number
from planner.pages.track_blocks import KEYS, LEAST_SHARE, worth_doing
from planner.words import say

LIKELY_RATE = 0.5
"""A shelf that runs out in so many of the worlds will probably run out. [unitless]"""
NEAR_HOURS = 36
"""A session that begins within so many hours is told at once. [hours]"""
OPENS_ON = r"reason\.choice_markdown\|day=(\d{4}-\d{2}-\d{2})"
"""How the reason tells from which day a locked price may be cut."""
MOST_OTHERS = 2
"""Actions told beside the first; the table has them all."""
BRINGING = ("transfer", "air_top_up")


def lead(cover: pd.DataFrame, choices: pd.DataFrame, sessions: pd.DataFrame, lang: str) -> str:
    """Return what is most urgent in one or two sentences, blank where nothing is.

    Parameters
    ----------
    cover, choices, sessions : DataFrame
        Tables `CoverHours`, `ActionChoices` and `SessionStock`.
    lang : {"zh", "en"}

    Notes
    -----
    Of the shelves that will probably run out, the one that loses most; where none will, the SKU
    whose actions are worth most. Then the next session near that is short of another SKU.
    """
    worst, best, near = _worst(cover), first_act(cover, choices), _near(cover, sessions)
    if len(worst):
        row = worst.iloc[0]
        is_own = (near["market"] == row["market"]) & (near["sku"] == row["sku"])
        told = _state(row, lang) + _session(near[is_own], lang)
        act = _act(best.iloc[0], lang) if len(best) else say("head.lead_none", lang)
        return say("head.lead", lang, state=told, act=act) + _others(near[~is_own], lang)
    if best.empty:
        return _others(near, lang)
    sku = tell_text(best["sku"].iloc[0])
    first = say("head.lead_act", lang, sku=sku, act=_act(best.iloc[0], lang))
    return first + _others(near, lang)


def first_act(cover: pd.DataFrame, choices: pd.DataFrame) -> pd.DataFrame:
    """Return the action that the first sentence asks for, no row where it asks for none.

    Parameters
    ----------
    cover, choices : DataFrame
        Tables `CoverHours` and `ActionChoices`.
    """
    worst = _worst(cover)
    if worst.empty:
        return worth_now(choices).head(1)
    begun = choices[choices["step_rank"].eq(1).fillna(False).astype(bool) & ~_waits(choices)]
    is_own = (begun["market"] == worst["market"].iloc[0]) & (begun["sku"] == worst["sku"].iloc[0])
    return begun[is_own].head(1)


def worth_now(choices: pd.DataFrame) -> pd.DataFrame:
    """Return what is worth doing and can be begun at once, as `track_blocks.worth_doing`."""
    acts = worth_doing(choices)
    return acts[~_waits(acts)]


def stakes(acts: pd.DataFrame, first: pd.DataFrame, lang: str) -> list[str]:
    """Return what acting now adds, and what there is to do beside the first action.

    Parameters
    ----------
    acts, first : DataFrame
        As `worth_now` and `first_act` return them; at least one action.
    lang : {"zh", "en"}
    """
    told = say("head.track_do", lang, count=acts["sku"].nunique(), worth=worth(acts, lang))
    others = acts.drop(index=first.index, errors="ignore").head(MOST_OTHERS)
    also = [_also(row, lang) for _, row in others.iterrows()]
    return [told, say("head.track_also", lang, acts=listed(also, lang))] if also else [told]


def later(choices: pd.DataFrame, lang: str) -> list[str]:
    """Return what is worth doing and cannot be begun yet, with the day from which it can."""
    acts = worth_doing(choices)
    acts = acts[_waits(acts)].head(MOST_OTHERS)
    told = [
        say(
            "head.track_later_one", lang, sku=tell_text(row["sku"]), day=f"{day:%Y-%m-%d}",
            action=say(f"action.{row['action']}", lang), worth=worth(pd.DataFrame([row]), lang),
        )
        for (_, row), day in zip(acts.iterrows(), _opens_on(acts), strict=True)
    ]  # fmt: skip
    return [say("head.track_later", lang, acts=listed(told, lang))] if told else []


def until(acts: pd.DataFrame) -> pd.Series:
    """Return until when each action helps the event, or at all where it helps only after it."""
    return acts["event_last_at"].fillna(acts["last_useful_at"])


def worth(acts: pd.DataFrame, lang: str) -> str:
    """Return what actions taken together add in the event, and what after it if that is much.

    Parameters
    ----------
    acts : DataFrame
        Rows of `ActionChoices` with a step.
    lang : {"zh", "en"}
    """
    whole, event = acts["step_profit"].sum(), acts["step_event_profit"].sum()
    currency, least = acts["currency"].iloc[0], LEAST_SHARE * whole
    told = {
        name: large_money(value, currency, lang)
        for name, value in (("event", event), ("after", whole - event))
        if value > least
    }
    return say(f"head.worth_{'_'.join(told)}", lang, **told)


def _worst(cover: pd.DataFrame) -> pd.DataFrame:
    """Return the shelf that will probably run out and loses most, no row where none will."""
    short = cover[cover["stock_out_rate"] >= LIKELY_RATE]
    return short.sort_values("lost_profit", ascending=False, na_position="last").head(1)


def _opens_on(acts: pd.DataFrame) -> pd.Series:
    """Return from which day an action can be taken; no day where it can at once."""
    days = acts["reason"].str.extract(OPENS_ON, expand=False)
    return pd.to_datetime(days).astype("datetime64[us]")


def _waits(acts: pd.DataFrame) -> pd.Series:
    return (_opens_on(acts) > acts["looking_at"]).astype(bool)


def _near(cover: pd.DataFrame, sessions: pd.DataFrame) -> pd.DataFrame:
    """Return the sessions that begin soon and are short, the next one first."""
    if cover.empty:
        return sessions.head(0)
    latest = cover["looking_at"].max() + pd.Timedelta(hours=NEAR_HOURS)
    rows = sessions[(sessions["short_units"] > 0) & (sessions["starts_at"] <= latest)]
    return rows.sort_values(["starts_at", "short_profit"], ascending=[True, False])


def _state(row: pd.Series, lang: str) -> str:
    sku = tell_text(row["sku"])
    if row["stock_units"] <= 0:
        return say("head.lead_empty", lang, sku=sku)
    at = tell_date(row["runs_out_at"], "runs_out_at", lang)
    return say("head.lead_short", lang, sku=sku, at=at)


def _session(own: pd.DataFrame, lang: str) -> str:
    """Return what the SKU's next session lacks, blank where none is near or none is short."""
    if own.empty:
        return ""
    at = tell_date(own["starts_at"].iloc[0], "starts_at", lang)
    units = tell_number(own["short_units"].iloc[0], "short_units", lang)
    return say("head.lead_session", lang, at=at, units=units)


def _others(near: pd.DataFrame, lang: str) -> str:
    """Return what other SKUs the next session lacks, blank where it lacks none."""
    if near.empty:
        return ""
    rows = near[near["starts_at"] == near["starts_at"].iloc[0]].drop_duplicates(KEYS)
    told = [
        say(
            "head.lead_lacks", lang,
            sku=tell_text(row.sku), units=tell_number(row.short_units, "short_units", lang),
        )
        for row in rows.itertuples()
    ]  # fmt: skip
    at = tell_date(rows["starts_at"].iloc[0], "starts_at", lang)
    return say("head.lead_next", lang, at=at, lacks=listed(told, lang))


def _also(row: pd.Series, lang: str) -> str:
    facts = {
        "sku": tell_text(row["sku"]),
        "action": say(f"action.{row['action']}", lang),
        "worth": worth(pd.DataFrame([row]), lang),
        "by": tell_date(until(pd.DataFrame([row])).iloc[0], "last_useful_at", lang),
    }
    if row["action"] not in BRINGING:
        return say("head.track_also_do", lang, **facts)
    where, units = tell(row["where"], "where", lang), tell_number(row["units"], "_units", lang)
    return say("head.track_also_bring", lang, **facts, where=where, units=units)


def _act(row: pd.Series, lang: str) -> str:
    only = pd.DataFrame([row])
    facts = {
        "action": say(f"action.{row['action']}", lang),
        "worth": worth(only, lang),
        "by": tell_date(until(only).iloc[0], "last_useful_at", lang),
    }
    if row["action"] not in BRINGING:
        return say("head.lead_do", lang, **facts)
    return say(
        "head.lead_bring", lang, **facts,
        where=tell(row["where"], "where", lang),
        units=tell_number(row["units"], "_units", lang),
        on=f"{row['lands_at']:%Y-%m-%d}",
    )  # fmt: skip
