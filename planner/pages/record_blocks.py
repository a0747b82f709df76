"""The seller's own record, told before the forecast: how far off the same method was before.

Knows table `Record`; computes no measure. Few events are called few, and a method
that lost to the spreadsheet says so.
"""

from collections.abc import Mapping

import pandas as pd

from planner.demand.past_plans import MIN_HISTORY_DAYS
from planner.demand.record import MANY_PAST_EVENTS, NAIVE, OURS, RULE
from planner.pages.big_numbers import answer, big_number, percent
from planner.pages.blocks import Block, show_table
from planner.pages.kinds import tell_text
from planner.words import is_known, say

FEW_EVENTS = 3
"""Fewer events than this show a direction and prove nothing (house judgement). [events]"""
PLAIN_BIAS = 0.10
"""A record off in one direction by more than this says so. [unitless]"""
TABLE_SLICES = ("all", "market", "kind", "past_events")
TABLE_COLUMNS = (
    "record_slice", "method", "event_count", "window_count", "wape_rate", "bias_rate",
    "covered_80_rate", "covered_95_rate", "quantile_loss_rate", "added_value_rate",
)  # fmt: skip
BETWEEN_SENTENCES = {"zh": "", "en": " "}


def record_card(
    record: pd.DataFrame,
    lang: str,
    *,
    lead_days: Mapping[str, int] | None = None,
    past_events: int = 0,
) -> Block:
    """Return how far this method, the spreadsheet rule and the last week were off in the past.

    Parameters
    ----------
    record : DataFrame
        Table `Record`; without rows the card says what is needed to have one.
    lang : {"zh", "en"}
    lead_days : Mapping of str to int, optional
        By market, days from the last known one to the promotion. [days]
    past_events : int
        Past promotions of the seller, replayed or not.
    """
    whole = record[record["slice"] == "all"].set_index("method")
    if whole.empty:
        needed = _why_none(lang, lead_days, past_events)
        return answer(needed, [], lang, tone="early")
    ours = whole.loc[OURS]
    numbers = [
        big_number(f"record.wape_{name}", percent(whole.loc[name, "wape_rate"], lang), lang)
        for name in (OURS, RULE, NAIVE)
    ]
    covered = percent(ours["covered_80_rate"], lang)
    numbers.append(big_number("record.covered", covered, lang, note=say("record.aim", lang)))
    sentence = record_sentence(record, lang)
    if lead_days:
        ahead = say("record.ahead", lang, lead=_lead(lead_days))
        sentence = BETWEEN_SENTENCES[lang].join([sentence, ahead])
    return answer(sentence, numbers, lang)


def record_sentence(record: pd.DataFrame, lang: str, *, shows_figures: bool = True) -> str:
    """Return the record in words, with what must be added to it.

    Parameters
    ----------
    record : DataFrame
        Table `Record`, with rows.
    lang : {"zh", "en"}
    shows_figures : bool
        Whether a forecast stands below; without one a warning speaks of the forecast itself.
    """
    whole = record[record["slice"] == "all"].set_index("method")
    ours = whole.loc[OURS]
    told = {name: percent(whole.loc[name, "wape_rate"], lang) for name in (OURS, RULE, NAIVE)}
    covered = percent(ours["covered_80_rate"], lang)
    counts = {"events": int(ours["event_count"]), "windows": int(ours["window_count"])}
    term = "record.sentence" if counts["events"] > 1 else "record.sentence_one"
    sentences = [say(term, lang, covered=covered, **told, **counts)]
    off = ours["bias_rate"]
    if abs(off) > PLAIN_BIAS:
        term = "record.too_much" if off > 0 else "record.too_little"
        sentences.append(say(term, lang, share=percent(abs(off), lang)))
    if ours["added_value_rate"] < 0:
        term = "record.rule_won" if shows_figures else "record.rule_won_own"
        sentences.append(say(term, lang))
    if counts["events"] < FEW_EVENTS:
        sentences.append(say("record.few", lang, **counts))
    return BETWEEN_SENTENCES[lang].join(sentences)


def record_table(record: pd.DataFrame, lang: str) -> Block | None:
    """Return the record as a table: all of it; by market, kind and past once a reader asks.

    Parameters
    ----------
    record : DataFrame
        Table `Record`.
    lang : {"zh", "en"}

    Returns
    -------
    Block or None
        Nothing where nothing was replayed: the card above says why.
    """
    if record.empty:
        return None
    kept = [part for name in TABLE_SLICES if len(part := _telling(record, name))]
    rows = pd.concat(kept, ignore_index=True)
    names = [
        slice_name(part, value, lang)
        for part, value in zip(rows["slice"], rows["value"], strict=True)
    ]
    shown = rows.assign(record_slice=pd.array(names, dtype="str"))
    whole = int((rows["slice"] == "all").sum())
    return show_table(shown, lang, columns=TABLE_COLUMNS, first=whole)


def slice_name(part: str, value: str, lang: str) -> str:
    """Return what a slice of the record is called.

    Parameters
    ----------
    part : {"all", "market", "kind", "past_events", "event"}
    value : str
    lang : {"zh", "en"}
    """
    if part == "all":
        return say("slice.all", lang)
    if part == "past_events":
        more = value == str(MANY_PAST_EVENTS)
        one = "record.past_one" if value == "1" else "record.past"
        return say("record.past_more" if more else one, lang, count=value)
    own = f"{part}.{value}"
    return say(own, lang) if is_known(own) else tell_text(value)


def _lead(lead_days: Mapping[str, int]) -> str:
    """Return the days ahead, of several markets the least and the most."""
    ends = sorted({min(lead_days.values()), max(lead_days.values())})
    return "\u2013".join(str(days) for days in ends)


def _why_none(lang: str, lead_days: Mapping[str, int] | None, past_events: int) -> str:
    if not lead_days or not past_events:
        return say("record.none", lang, days=MIN_HISTORY_DAYS)
    facts = {"events": past_events, "lead": _lead(lead_days), "days": MIN_HISTORY_DAYS}
    return say("record.none_of" if past_events > 1 else "record.none_of_one", lang, **facts)


def _telling(record: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the rows of one slice, none where all of them would repeat the whole."""
    rows = record[record["slice"] == name]
    return rows if name == "all" or len(rows["value"].unique()) > 1 else rows.head(0)
