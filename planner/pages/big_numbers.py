"""Pieces of an answer: the sentence, the big numbers under it, the grades as chips."""

from collections.abc import Sequence

import pandas as pd

from planner.pages.blocks import Block
from planner.pages.kinds import tell_text
from planner.pages.reasons import JOINTS, NEARLY_SURE
from planner.pages.telling import heading, tell_number
from planner.words import meaning, say

BETWEEN_SENTENCES = {"zh": "", "en": " "}
BETWEEN_LARGE = {"zh": " ", "en": ""}
"""Between a large number and its word."""
LARGE_MONEY = 1e6
"""From here on a sentence tells money in few digits. [currency]"""
NAMED = 3
"""SKUs that a sentence names before it says how many there are."""


def answer(
    sentence: str,
    numbers: list[dict[str, str]],
    lang: str,
    *,
    grades: dict[str, int] | None = None,
    tone: str = "",
    detail: str = "",
) -> Block:
    """Return an answer: a sentence, big numbers, how many SKUs there are of each grade.

    Parameters
    ----------
    sentence : str
    numbers : list of dict
        As `big_number` returns them.
    lang : {"zh", "en"}
    grades : dict of str to int, optional
        SKUs by grade; a grade of none is left out.
    tone : {"", "stop", "early"}
    detail : str
        What stands below the sentence, in smaller letters.
    """
    chips = [
        {"grade": grade, "count": count, "meaning": say(f"grade.{grade}", lang)}
        for grade, count in (grades or {}).items()
        if count
    ]
    return Block(
        "headline",
        {
            "lang": lang,
            "sentence": sentence,
            "detail": detail,
            "numbers": numbers,
            "grades": chips,
            "grades_label": say("head.grades", lang),
            "tone": tone,
        },
    )


def early(term: str, lang: str) -> Block:
    """Return the answer of a step before its time, or without data: only a sentence."""
    return answer(say(term, lang), [], lang, tone="early")


def big_number(
    term: str, value: str, lang: str, *, note: str = "", unit_term: str = "", tone: str = ""
) -> dict[str, str]:
    """Return one big number: its name, value, unit, a note below, and what it means."""
    is_known = value != say("word.unknown", lang)
    return {
        "label": heading(term, lang).label,
        "value": tell_text(value),
        "unit": say(unit_term, lang) if unit_term and is_known else "",
        "note": note,
        "meaning": meaning(term, lang),
        "tone": tone if is_known else "unknown",
    }


def percent(rate: float, lang: str, *, sign: bool = False, digits: int = 0) -> str:
    """Return a share as a percentage, unknown where it is not known."""
    if pd.isna(rate):
        return say("word.unknown", lang)
    told = f"{rate:+.{digits}%}" if sign else f"{rate:.{digits}%}"
    return told.replace("-", "\u2212")


def chance(rate: float, lang: str) -> str:
    """Return the chance to be in time as a percentage; none is told as certain."""
    is_sure = rate > NEARLY_SURE
    return tell_number(rate, "on_time_rate", lang) if is_sure else percent(rate, lang)


def spoken(sentences: Sequence[str], lang: str) -> Block:
    """Return an answer of sentences alone, for the head of a section.

    Parameters
    ----------
    sentences : sequence of str
        An empty one is left out.
    lang : {"zh", "en"}
    """
    text = BETWEEN_SENTENCES[lang].join(text for text in sentences if text)
    return Block("note", {"lang": lang, "text": text, "tone": "answer"})


def listed(texts: Sequence[str], lang: str) -> str:
    """Return several texts in one sentence, as the language joins them."""
    return JOINTS[lang].join(texts)


def counted(values: pd.Series, prefix: str, lang: str) -> str:
    """Return how often each value comes, in its own words, the most frequent first.

    Parameters
    ----------
    values : Series
    prefix : str
        The glossary knows a value as `prefix.value`.
    lang : {"zh", "en"}
    """
    counts = values.value_counts()
    told = [say(f"{prefix}.{value}", lang) for value in counts.index]
    return listed([f"{name} {count}" for name, count in zip(told, counts, strict=True)], lang)


def money(value: float, currency: str, lang: str) -> str:
    """Return an amount with its currency."""
    return tell_number(value, "_cost", lang, tell_text(currency))


def large_money(value: float, currency: str, lang: str) -> str:
    """Return an amount for a sentence: of millions three digits say enough.

    Parameters
    ----------
    value : float
    currency : str
    lang : {"zh", "en"}

    Examples
    --------
    >>> large_money(72_300_599.0, "IDR", "zh"), large_money(72_300_599.0, "IDR", "en")
    ('IDR 7,230 万', 'IDR 72.3M')
    >>> large_money(6_892.24, "USD", "en")
    'USD 6,892'
    """
    if pd.isna(value) or abs(value) < LARGE_MONEY:
        return money(value, currency, lang)
    number, word = large_number(value, lang)
    return f"{tell_text(currency)} {number}{BETWEEN_LARGE[lang]}{word}"


def large_number(value: float, lang: str) -> tuple[str, str]:
    """Return an amount of millions in few digits, and the word that follows it.

    Examples
    --------
    >>> large_number(-1_455_743.0, "en")
    ('\u22121.46', 'M')
    >>> large_number(4_120.0, "en"), large_number(874_501.0, "en")
    (('0.0041', 'M'), ('0.87', 'M'))
    """
    if abs(value) < LARGE_MONEY:  # beside a larger one, in its unit
        few = value / (1e4 if lang == "zh" else 1e6)
        return f"{few:.2g}".replace("-", "\u2212"), say("unit.large_money", lang)
    digits = 3 - len(f"{abs(value):.0f}")
    whole = round(value, digits)
    in_english = f"{whole / 1e6:,.0f}" if abs(whole) >= 1e9 else f"{whole / 1e6:.3g}"
    told = f"{whole / 1e4:,.0f}" if lang == "zh" else in_english
    return told.replace("-", "\u2212"), say("unit.large_money", lang)


def named(rows: pd.DataFrame, lang: str) -> str:
    """Return the first SKUs of a table by name, and how many there are in all.

    Parameters
    ----------
    rows : DataFrame
        With a column `sku`.
    lang : {"zh", "en"}
    """
    skus = [tell_text(sku) for sku in rows["sku"].drop_duplicates()]
    told = listed(skus[:NAMED], lang)
    is_cut = len(skus) > NAMED
    return say("answer.and_more", lang, skus=told, count=len(skus)) if is_cut else told
