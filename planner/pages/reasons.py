"""Sentences that tables hold as codes: a term of the glossary and the facts that fill it."""

import re

from planner.errors import ConfigError
from planner.pages.kinds import WORDS, kind_of, tell_text, tell_word
from planner.words import glossary, is_known, say

FACT_VALUE = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
TERM = re.compile(r"[a-z]\w*(\.\w+|_\w+)+")
"""What a fact must look like to be taken for a term: a bare word may be a SKU."""
LISTED = re.compile(r"\s*[;,]\s*")
JOINTS = {"zh": "、", "en": ", "}
NAMES = ("sku", "skus", "shop", "file", "value", "event")
"""Facts that a seller or a file named; never a term."""
MONEY, WHOLE_MONEY = ",.2f", ",.0f"
"""How the glossary asks for money with cents, and how it is told where they say nothing."""
MONEY_CENTS_BELOW = 1000
"""Money of this size and more is told without decimals."""
CHANCE, NEARLY_SURE = "on_time", 0.99
"""The chance of trips that few days tell: above this it is not told as certain."""
LIMITS = "limits"
"""Names that an English sentence tells in small letters."""
NOTHING = ("", "nan", "NaN", "NaT", "None", "<NA>")


def tell_reason(text: str, lang: str) -> str:
    """Return the sentence that a code string stands for.

    Parameters
    ----------
    text : str
        A term, or `term|key=value|key=value`; several of them are joined by `;`.
    lang : {"zh", "en"}

    Returns
    -------
    str
        A text whose term the glossary lacks comes back as it is.

    Raises
    ------
    ConfigError
        If the sentence needs a fact that the text does not give.

    Examples
    --------
    >>> tell_reason("phase.sale", "en")
    'Sale'
    """
    parts = [part.strip() for part in str(text).split(";")]
    if len(parts) > 1 and all(is_known(part.split("|")[0]) for part in parts if part):
        joint = "；" if lang == "zh" else "; "
        return joint.join(tell_sentence(part, lang) for part in parts if part)
    return tell_sentence(str(text), lang)


def tell_sentence(text: str, lang: str) -> str:
    """Return the sentence of one code string, whose facts may hold semicolons.

    Parameters
    ----------
    text : str
        `term` or `term|key=value|key=value`. A fact of terms joined by commas or semicolons is
        told in their words.
    lang : {"zh", "en"}

    Raises
    ------
    ConfigError
        If the sentence needs a fact that the text does not give.
    """
    term, *pairs = text.split("|")
    row = glossary().get(term)
    if row is None:
        return tell_text(text)
    facts = dict(pair.split("=", 1) for pair in pairs if "=" in pair)
    told = {key: _fact(key, value, lang) for key, value in facts.items()}
    try:
        return (row.zh if lang == "zh" else row.en).format_map(told)
    except KeyError as missing:
        raise ConfigError(f"glossary.csv: {term} needs the fact {missing}") from None


class _Fact(str):
    """A fact of a sentence: text that a number format may still be asked of."""

    __slots__ = ()

    def __format__(self, spec: str) -> str:
        if spec and FACT_VALUE.fullmatch(self):
            if spec == MONEY and abs(float(self)) >= MONEY_CENTS_BELOW:
                spec = WHOLE_MONEY
            return (
                format(float(self), spec) if "d" not in spec else format(round(float(self)), spec)
            )
        return str(self)


def _fact(key: str, value: str, lang: str) -> _Fact:
    if value in NOTHING:
        return _Fact(say("word.unknown", lang))
    if key == CHANCE and FACT_VALUE.fullmatch(value) and float(value) > NEARLY_SURE:
        return _Fact(say("word.nearly_sure", lang))
    if key == LIMITS and lang == "en":
        return _Fact(_terms_told(value, lang).lower())
    if key in WORDS:
        return _Fact(tell_word(value, key, lang))
    if kind_of(key) == "date":
        return _Fact(tell_text(value)[:10])
    return _Fact(_terms_told(value, lang) if key not in NAMES else tell_text(value))


def _terms_told(value: str, lang: str) -> str:
    parts = [part for part in LISTED.split(value) if part]
    if parts and all(TERM.fullmatch(part) and is_known(part) for part in parts):
        return JOINTS[lang].join(say(part, lang) for part in parts)
    return tell_text(value)
