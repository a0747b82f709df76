"""Every word a reader sees, in Chinese and English.

The glossary beside this module holds one term per row: its name, what it is in
each language, its unit, what it means, and words to avoid. A sentence is a term
too; its facts stand in braces.
"""

import csv
from functools import cache
from importlib import resources
from typing import NamedTuple

from planner.errors import ConfigError

LANGS = ("zh", "en")


class Term(NamedTuple):
    """One row of the glossary."""

    term: str
    zh: str
    en: str
    unit: str
    meaning_zh: str
    meaning_en: str
    avoid: str


@cache
def glossary() -> dict[str, Term]:
    """Return every term by its name.

    Raises
    ------
    ConfigError
        If a term stands twice or lacks a language.
    """
    text = resources.files("planner").joinpath("glossary.csv").read_text(encoding="utf-8")
    terms: dict[str, Term] = {}
    for row in csv.DictReader(text.splitlines()):
        term = Term(**row)
        if term.term in terms:
            raise ConfigError(f"glossary.csv: {term.term} stands twice")
        if not (term.zh and term.en):
            raise ConfigError(f"glossary.csv: {term.term} lacks a language")
        terms[term.term] = term
    return terms


def say(term: str, lang: str, **facts: object) -> str:
    """Return a term in one language, its facts filled in.

    Raises
    ------
    ConfigError
        If the glossary lacks the term, or the sentence names a fact that was not given.

    Examples
    --------
    >>> say("phase.sale", "en")
    'Sale'
    """
    row = glossary().get(term)
    if row is None:
        raise ConfigError(f"glossary.csv lacks the term {term!r}; add a row with zh and en")
    text = row.zh if lang == "zh" else row.en
    try:
        return text.format(**facts) if facts else text
    except KeyError as missing:
        raise ConfigError(f"glossary.csv: {term} needs the fact {missing}") from None


def unit(term: str, lang: str) -> str:
    """Return a term's unit in one language, empty if it has none."""
    row = glossary().get(term)
    return say(f"unit.{row.unit}", lang) if row and row.unit else ""


def meaning(term: str, lang: str) -> str:
    """Return what a term means in one language, empty if the name says it all."""
    row = glossary().get(term)
    return "" if row is None else (row.meaning_zh if lang == "zh" else row.meaning_en)


def is_known(term: str) -> bool:
    """Return whether the glossary holds the term."""
    return term in glossary()
