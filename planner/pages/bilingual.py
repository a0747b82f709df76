"""Words of the workbook: every cell a buyer reads says it in Chinese and in English."""

from collections.abc import Sequence

from planner.pages.reasons import tell_reason
from planner.pages.telling import DASH
from planner.words import LANGS, say, unit


def both(term: str, **facts: object) -> str:
    """Return a term in Chinese and English."""
    zh, en = say(term, "zh", **facts), say(term, "en", **facts)
    return zh if zh == en else f"{zh} / {en}"


def head_of(term: str, *, currency: str = "") -> str:
    """Return a heading in both languages, its unit or currency in brackets."""
    name = "\n".join(dict.fromkeys([say(term, "zh"), say(term, "en")]))
    measured = currency or "/".join(dict.fromkeys([unit(term, "zh"), unit(term, "en")]))
    return f"{name}\n({measured})" if measured else name


def words(family: str, values: Sequence[str]) -> list[str]:
    """Return values of a closed list in both languages, for instance of `mode`."""
    return [both(f"{family}.{value}") if value else "" for value in values]


def reasons(texts: Sequence[str]) -> list[str]:
    """Return code strings as sentences in both languages."""
    return [" / ".join(dict.fromkeys(tell_reason(text, lang) for lang in LANGS)) for text in texts]


def unless(hidden: Sequence[bool], values: Sequence[object]) -> list[object]:
    """Return values, a dash in place of those that are hidden: figures of grade D."""
    return [DASH if hide else value for hide, value in zip(hidden, values, strict=True)]
