"""The answer of notebook 04: ahead or behind, the rest and its range, money at risk, what to do."""

import pandas as pd

from planner.pages.big_numbers import (
    BETWEEN_SENTENCES,
    answer,
    big_number,
    early,
    named,
    percent,
)
from planner.pages.blocks import Block
from planner.pages.telling import tell_date, tell_number, tell_range
from planner.pages.track_lead import LIKELY_RATE, first_act, later, lead, stakes, worth_now
from planner.scope import Scope
from planner.season import held_back
from planner.season.acting.clock import LEAST_UNITS
from planner.words import say

EVEN_RATE = 0.005
"""A pace that rounds to 100 % is neither ahead nor behind. [unitless]"""


def track_headline(
    status: pd.DataFrame,
    totals: pd.DataFrame,
    cover: pd.DataFrame,
    choices: pd.DataFrame,
    sessions: pd.DataFrame,
    lang: str,
    *,
    ages: pd.DataFrame | None = None,
    scope: Scope | None = None,
) -> Block:
    """Return where the campaign stands at the looking moment and what is worth doing.

    Parameters
    ----------
    status, totals, cover : DataFrame
        Tables `TrackStatus`, `RestTotals` and `CoverHours`; without totals no market runs.
    choices, sessions : DataFrame
        Tables `ActionChoices` and `SessionStock`.
    lang : {"zh", "en"}
    ages : DataFrame, optional
        Table `DataAges`, with the `scope` whose campaign begins on a day of each market: where no
        shop has an order since, what was sold is unknown, and that is all that is told.
    scope : Scope, optional

    Notes
    -----
    Ranges of several markets are added up end to end, which is wider than the range of the sum.
    """
    if totals.empty:
        is_over = status["reason"].str.startswith("reason.track_over").any()
        return early("head.track_over" if is_over else "head.track_early", lang)
    known = None if ages is None or scope is None else held_back.orders_before(ages, scope)
    if known is not None:
        return _unknown(known, scope, lang)
    sums = totals.drop(columns=["market", "looking_at", "width_ratio"]).sum()
    pace = sums["sold_units"] / sums["planned_to_date"] if sums["planned_to_date"] else float("nan")
    numbers = [
        big_number(
            "head.pace", percent(pace, lang), lang,
            note=say(
                "head.pace_note", lang,
                sold=tell_number(sums["sold_units"], "_units", lang),
                plan=tell_number(sums["planned_to_date"], "_units", lang),
            ),
        ),
        _rest_number(sums, lang),
        _risk_number(cover, lang),
    ]  # fmt: skip
    acts = worth_now(choices)
    parts = [
        lead(cover, choices, sessions, lang),
        _stand(totals, sums, cover, pace, lang),
        _missing(status, cover, pace, lang),
        *_stake(status, cover, choices, lang),
    ]
    first, *rest = (part for part in parts if part)
    tone = "stop" if len(acts) else ""
    detail = BETWEEN_SENTENCES[lang].join(rest)
    return answer(first, numbers, lang, tone=tone, detail=detail)


def _unknown(known: pd.Timestamp, scope: Scope, lang: str) -> Block:
    """Return that nothing is known of the campaign: no sales are told, for none is a figure."""
    first = min(plan.phases.start for plan in scope.plans.values())
    terms = ("head.pace", "head.rest", "head.risk")
    numbers = [big_number(term, say("word.unknown", lang), lang) for term in terms]
    sentence = say("head.track_never", lang)
    if pd.notna(known):
        told = tell_date(known, "orders_until_at", lang)
        sentence = say("head.track_no_orders", lang, known=told, first=str(first))
    return answer(sentence, numbers, lang, tone="stop")


def _rest_number(sums: pd.Series, lang: str) -> dict[str, str]:
    note = say("head.rest_note", lang, range=_range(sums, lang), plan=_plan(sums, lang))
    middle = tell_number(sums["rest_q50_units"], "_units", lang)
    return big_number("head.rest", middle, lang, note=note, unit_term="unit.units")


def _risk_number(cover: pd.DataFrame, lang: str) -> dict[str, str]:
    """Return what is lost for want of stock if nothing is done; unknown costs are counted out."""
    uncounted = int(cover["stock_units"].isna().sum())
    blind = say("head.risk_uncounted", lang, count=uncounted) if uncounted else ""
    if len(cover) and uncounted == len(cover):
        return big_number("head.risk", say("word.unknown", lang), lang, note=blind)
    losing = cover[cover["lost_units"] >= LEAST_UNITS]
    known = losing["lost_profit"].clip(lower=0)
    lost = tell_number(cover["lost_units"].sum(), "_units", lang)
    unpriced = int(known.isna().sum())
    parts = [
        say("head.risk_note", lang, units=lost),
        say("head.lost_unknown", lang, count=unpriced) if unpriced else "",
        say("head.risk_blind", lang, blind=blind) if blind else "",
    ]
    currency = cover["currency"].iloc[0] if len(cover) else ""
    value = known.sum(min_count=1) if len(known) else 0.0
    told = tell_number(value, "_cost", lang, decimals=0)
    tone = "stop" if value > 0 else ""
    number = big_number("head.risk", told, lang, note="".join(parts), tone=tone)
    return number | {"unit": currency}


def _stand(
    totals: pd.DataFrame, sums: pd.Series, cover: pd.DataFrame, pace: float, lang: str
) -> str:
    """Return what is sold against the plan, and what is still asked for and has no stock."""
    term = "head.track_even"
    if pd.notna(pace) and abs(pace - 1) >= EVEN_RATE:
        term = "head.track_ahead" if pace > 1 else "head.track_behind"
    lost = cover["lost_units"].sum()
    units = tell_number(lost, "_units", lang)
    facts = {
        "unserved": say("head.track_unserved", lang, units=units) if lost >= LEAST_UNITS else "",
        "at": tell_date(totals["looking_at"].max(), "looking_at", lang),
        "sold": tell_number(sums["sold_units"], "_units", lang),
        "gap": percent(abs(pace - 1), lang),
        "rest": tell_number(sums["rest_q50_units"], "_units", lang),
    }
    return say(term, lang, **facts)


def _missing(status: pd.DataFrame, cover: pd.DataFrame, pace: float, lang: str) -> str:
    """Return how much of falling behind is of shelves that are empty: no sales, not no demand."""
    empty = cover[cover["stock_units"] <= 0]
    rows = status.merge(empty[["market", "sku"]], on=["market", "sku"])
    gap = (rows["planned_to_date"] - rows["units_to_date"]).clip(lower=0)
    rows, gap = rows[gap >= 1], gap[gap >= 1]
    if rows.empty or pd.isna(pace) or pace >= 1 - EVEN_RATE:
        return ""
    units = tell_number(gap.sum(), "_units", lang)
    return say("head.track_empty_gap", lang, units=units, skus=named(rows, lang))


def _stake(
    status: pd.DataFrame, cover: pd.DataFrame, choices: pd.DataFrame, lang: str
) -> list[str]:
    """Return what runs out, what is worth doing, and what must be counted before anything.

    A shelf that nobody counted is not called safe: where none is counted, counting is all that
    is told; where some are, the others are.
    """
    short = cover[cover["stock_out_rate"] >= LIKELY_RATE]
    is_known = cover["stock_units"].notna()
    told = say("head.track_safe", lang) if is_known.all() else ""
    if len(short):
        told = say("head.track_short", lang, count=len(short))
    acts, wait = worth_now(choices), later(choices, lang)
    do = [say("head.track_nothing", lang)] if is_known.any() and not wait else []
    if len(acts):
        do = stakes(acts, first_act(cover, choices), lang)
    blind = int((status["action"] == "check_stock").sum())
    is_rest_safe = is_known.any() and not is_known.all() and short.empty
    return [
        told,
        say("head.track_blind", lang, count=blind) if blind else "",
        say("head.track_rest_safe", lang) if is_rest_safe else "",
        *do,
        *wait,
    ]


def _range(sums: pd.Series, lang: str) -> str:
    return tell_range(sums["rest_q10_units"], sums["rest_q90_units"], "_units", lang)


def _plan(sums: pd.Series, lang: str) -> str:
    return tell_number(sums["planned_rest_units"], "_units", lang)
