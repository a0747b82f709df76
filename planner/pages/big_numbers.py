"""Pieces of an answer: the sentence, the big numbers under it, the grades as chips."""

import pandas as pd

from planner.pages.blocks import Block
from planner.pages.kinds import tell_text
from planner.pages.telling import heading
from planner.words import meaning, say


def answer(
    sentence: str,
    numbers: list[dict[str, str]],
    lang: str,
    *,
    grades: dict[str, int] | None = None,
    tone: str = "",
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
