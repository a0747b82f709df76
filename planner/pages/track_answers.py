"""Sentences with which sections of notebook 04 begin: is it off, what does it cost, what to do.

Every sentence is a term of the glossary filled with figures of the tables; a figure that is not
known is called unknown.
"""

import pandas as pd

from planner.pages.big_numbers import listed, money, named, percent, spoken
from planner.pages.blocks import Block
from planner.pages.telling import tell_date, tell_number
from planner.pages.track_blocks import late_shipments, worth_doing
from planner.pages.track_lead import LIKELY_RATE, until
from planner.season.stock.receipts import shares_shelf
from planner.words import say

NARROWER_RATIO = 0.95
"""A range of this width over the plan's, or less, has narrowed. [unitless]"""


def first_answer(
    choices: pd.DataFrame,
    cover: pd.DataFrame,
    lang: str,
    *,
    orders_until: pd.Timestamp | None = None,
) -> Block:
    """Return how many SKUs are worth acting on, and for which that run out nothing helps.

    Parameters
    ----------
    choices : DataFrame
        Table `ActionChoices`.
    cover : DataFrame
        Table `CoverHours`.
    lang : {"zh", "en"}
    orders_until : Timestamp, optional
        As `held_back.orders_before` returns it: with it only the new export is asked for.
    """
    if orders_until is not None:
        return spoken([say("answer.orders_first", lang)], lang)
    short = cover[cover["stock_out_rate"] >= LIKELY_RATE]
    shut = short[~short["sku"].isin(choices.loc[choices["step_rank"].notna(), "sku"])]
    acts = worth_doing(choices)
    unknown = cover[cover["stock_units"].isna()]
    if acts.empty and short.empty:
        return spoken(_safe(cover, unknown, "choices", lang), lang)
    told = say("answer.choices_shut", lang)
    if len(acts):
        told = say("answer.choices", lang, count=acts["sku"].nunique())
        told += _soonest(acts, lang)
    lost = say("answer.choices_late", lang, skus=named(shut, lang)) if len(shut) else ""
    count = say("answer.choices_blind", lang, skus=named(unknown, lang)) if len(unknown) else ""
    return spoken([told, lost, count], lang)


def _safe(
    rows: pd.DataFrame, unknown: pd.DataFrame, what: str, lang: str, **facts: int
) -> list[str]:
    """Return that nothing runs out, and only of the shelves that somebody counted."""
    if unknown.empty:
        return [say(f"answer.{what}_safe", lang, **facts)]
    blind = say(f"answer.{what}_blind", lang, skus=named(unknown, lang))
    is_some = len(unknown) < len(rows)
    return [blind, say(f"answer.{what}_rest_safe", lang) if is_some else ""]


def _soonest(acts: pd.DataFrame, lang: str) -> str:
    """Return which action's last moment is the next, one that still helps the event if any does."""
    in_event = acts[acts["event_last_at"].notna()]
    rows = in_event if len(in_event) else acts
    soon = rows.loc[[until(rows).idxmin()]]
    return say(
        "answer.choices_soon" if len(in_event) else "answer.choices_soon_after", lang,
        sku=named(soon, lang),
        action=say(f"action.{soon['action'].iloc[0]}", lang),
        by=tell_date(until(soon).iloc[0], "last_useful_at", lang),
    )  # fmt: skip


def ranges_answer(
    ranges: pd.DataFrame,
    rest: pd.DataFrame,
    totals: pd.DataFrame,
    lang: str,
    *,
    orders_until: pd.Timestamp | None = None,
) -> Block:
    """Return how often this campaign's own earlier ranges held, and how much narrower they are.

    Parameters
    ----------
    ranges, rest, totals : DataFrame
        Tables `RangeChecks`, `RestOfEvent` and `RestTotals`.
    lang : {"zh", "en"}
    orders_until : Timestamp, optional
        As `first_answer` takes it.
    """
    if orders_until is not None:
        return spoken([say("answer.orders_first", lang)], lang)
    if totals.empty:
        return spoken([say("empty.track", lang)], lang)
    narrower = int((rest["width_ratio"] <= NARROWER_RATIO).sum())
    told = say(
        "answer.width", lang,
        sum=percent(totals["width_ratio"].median(), lang), count=len(rest), narrower=narrower,
        why=say("answer.width_few", lang) if 2 * narrower < len(rest) else "",
    )  # fmt: skip
    cut = rest[rest["is_censored"]]
    floor = say("answer.censored", lang, skus=named(cut, lang)) if len(cut) else ""
    if ranges.empty:
        return spoken([told, floor, say("answer.ranges_none", lang)], lang)
    seen, inside = int(ranges["n_skus"].sum()), int(ranges["inside_count"].sum())
    facts = {
        "days": ranges["from_at"].nunique(),
        "seen": seen,
        "inside": inside,
        "rate": percent(inside / seen, lang),
    }
    return spoken([told, floor, say("answer.ranges", lang, **facts)], lang)


def cover_answer(
    cover: pd.DataFrame, lang: str, *, orders_until: pd.Timestamp | None = None
) -> Block:
    """Return which shelves run out before the event ends, when, and for how much.

    Parameters
    ----------
    cover : DataFrame
        Table `CoverHours`.
    lang : {"zh", "en"}
    orders_until : Timestamp, optional
        As `first_answer` takes it.
    """
    if orders_until is not None:
        return spoken([say("answer.orders_first", lang)], lang)
    if cover.empty:
        return spoken([say("empty.track", lang)], lang)
    risky = cover[cover["stock_out_rate"] >= LIKELY_RATE]
    unknown = cover[cover["stock_units"].isna()]
    told = _safe(cover, unknown, "cover", lang)
    if len(risky):
        empty = risky[risky["stock_units"] <= 0]
        known = risky.loc[risky["lost_profit"] > 0, "lost_profit"].sum()
        first = say(
            "answer.cover", lang,
            count=len(risky),
            empty=len(empty),
            skus=named(risky, lang),
            units=tell_number(risky["lost_units"].sum(), "_units", lang),
            money=money(known, cover["currency"].iloc[0], lang),
        )  # fmt: skip
        blind = say("answer.cover_blind", lang, skus=named(unknown, lang)) if len(unknown) else ""
        told = [first, blind]
    return spoken(told, lang)


def sessions_answer(
    sessions: pd.DataFrame, lang: str, *, orders_until: pd.Timestamp | None = None
) -> Block:
    """Return whether the shelf is ready for each live session ahead.

    Parameters
    ----------
    sessions : DataFrame
        Table `SessionStock`.
    lang : {"zh", "en"}
    orders_until : Timestamp, optional
        As `first_answer` takes it.
    """
    if orders_until is not None:
        return spoken([say("answer.orders_first", lang)], lang)
    if sessions.empty:
        return spoken([say("answer.sessions_none", lang)], lang)
    short = sessions[sessions["short_units"] > 0]
    count = len(sessions[["shop", "starts_at"]].drop_duplicates())
    unknown = sessions[sessions["stock_units"].isna()]
    if short.empty:
        return spoken(_safe(sessions, unknown, "sessions", lang, count=count), lang)
    first = short.iloc[0]
    facts = {
        "count": count,
        "skus": named(short, lang),
        "at": tell_date(first["starts_at"], "starts_at", lang),
        "sku": named(short.head(1), lang),
        "units": tell_number(first["short_units"], "_units", lang),
    }
    blind = say("answer.sessions_blind", lang, skus=named(unknown, lang)) if len(unknown) else ""
    return spoken([say("answer.sessions", lang, **facts), blind], lang)


def stages_answer(stages: pd.DataFrame, receipts: pd.DataFrame, lang: str) -> Block:
    """Return what has arrived and cannot be sold yet, and where the platform shows otherwise.

    Parameters
    ----------
    stages, receipts : DataFrame
        Tables `StockStages` and `Receipts`.
    lang : {"zh", "en"}
    """
    if stages.empty:
        return spoken([say("answer.stages_none", lang)], lang)
    waiting = int((stages["arrived_units"] + stages["checked_units"]).sum())
    facts = {"units": tell_number(waiting, "_units", lang)}
    told = say("answer.stages" if waiting else "answer.stages_clear", lang, **facts)
    gap = stages["platform_gap_units"].mask(shares_shelf(stages), 0).fillna(0)
    if stages["platform_units"].isna().all():
        shown = say("answer.platform_none", lang)
    elif gap.eq(0).all():
        shown = say("answer.platform_agrees", lang)
    else:
        sums = {"over": int(gap.clip(lower=0).sum()), "under": int(-gap.clip(upper=0).sum())}
        parts = [
            say(f"answer.platform_{name}", lang, units=units)
            for name, units in sums.items()
            if units
        ]
        facts = {"count": int(gap.ne(0).sum()), "parts": listed(parts, lang)}
        shown = say("answer.platform_gap", lang, **facts)
    missing = receipts[receipts["missing_units"].fillna(0) > 0]
    units = tell_number(missing["missing_units"].sum(), "_units", lang)
    lost = say("answer.receipts_missing", lang, units=units, skus=named(missing, lang))
    return spoken([told, shown, lost if len(missing) else ""], lang)


def checks_answer(checks: pd.DataFrame, lang: str) -> Block:
    """Return how many units counts, receipts and sales leave unexplained.

    Parameters
    ----------
    checks : DataFrame
        Table `StockCheck`.
    lang : {"zh", "en"}
    """
    if checks.empty:
        return spoken([say("answer.checks_none", lang)], lang)
    off = checks[checks["unexplained_units"] != 0]
    if off.empty:
        return spoken([say("answer.checks_agree", lang, count=len(checks))], lang)
    sums = {
        "gone": -off["unexplained_units"].clip(upper=0).sum(),
        "extra": off["unexplained_units"].clip(lower=0).sum(),
    }
    parts = [
        say(f"answer.checks_{name}", lang, units=tell_number(units, "_units", lang))
        for name, units in sums.items()
        if units
    ]
    facts = {"count": len(checks), "off": len(off), "parts": listed(parts, lang)}
    untold = say("answer.checks_untold", lang) if checks["moved_units"].isna().all() else ""
    return spoken([say("answer.checks", lang, **facts), untold], lang)


def partitions_answer(partitions: pd.DataFrame, lang: str) -> Block:
    """Return whether a channel sells what is kept for another.

    Parameters
    ----------
    partitions : DataFrame
        Table `PartitionUse`.
    lang : {"zh", "en"}
    """
    if partitions.empty:
        return spoken([say("answer.partitions_none", lang)], lang)
    over = partitions[partitions["is_breached"]]
    if over.empty:
        return spoken([say("answer.partitions_kept", lang)], lang)
    facts = {
        "skus": named(over, lang),
        "units": tell_number(over["over_units"].sum(), "_units", lang),
        "money": money(over["over_profit"].sum(), over["currency"].iloc[0], lang),
    }
    return spoken([say("answer.partitions", lang, **facts)], lang)


def delays_answer(delays: pd.DataFrame, lang: str) -> Block:
    """Return which shipments come late, what that costs, and whether a faster way pays.

    Parameters
    ----------
    delays : DataFrame
        Table `MilestoneDelays`.
    lang : {"zh", "en"}
    """
    if delays.empty:
        return spoken([say("answer.delays_none", lang)], lang)
    late = late_shipments(delays)
    if late.empty:
        return spoken([say("answer.delays_on_plan", lang)], lang)
    faster = late[late["faster_profit"] > 0]
    facts = {
        "count": late["shipment"].nunique(),
        "skus": named(late, lang),
        "units": tell_number(late["lost_units"].sum(), "_units", lang),
        "money": money(late["lost_profit"].sum(min_count=1), late["currency"].iloc[0], lang),
    }
    told = say("answer.delays", lang, **facts)
    gain = money(faster["faster_profit"].sum(), late["currency"].iloc[0], lang)
    way = say("answer.delays_faster", lang, skus=named(faster, lang), money=gain)
    unsure = late[late["faster_profit"].isna() & (late["faster_mode"] != "")]
    ask = say("answer.delays_unpriced", lang, skus=named(unsure, lang))
    none = "" if len(faster) or len(unsure) else say("answer.delays_no_faster", lang)
    return spoken([told, way if len(faster) else none, ask if len(unsure) else ""], lang)
