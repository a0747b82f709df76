"""What kind of value a column holds, read off its name; and values that are words or text.

The names of columns say their unit (house.md, Names), so that nothing else has to.
"""

import re

import pandas as pd

from planner.pages.theme import UNSAFE_CHARACTERS
from planner.words import is_known, say

WORDS = {
    "phase": "phase",
    "mode": "mode",
    "slow_mode": "mode",
    "fast_mode": "mode",
    "faster_mode": "mode",
    "rule": "rule",
    "status": "status",
    "action": "action",
    "term": "cost",
    "severity": "severity",
    "stage": "stage",
    "passed_stage": "stage",
    "kind": "kind",
    "market": "market",
    "fulfilment": "fulfilment",
    "returned_from": "returned_from",
    "rate_unit": "rate_unit",
    "metric": "metric",
    "measure": "measure",
    "cause": "cause",
    "risk": "risk",
    "change_kind": "change_kind",
    "change_effect": "change_effect",
    "consequence": "consequence",
    "counted_over": "counted_over",
    "case_kind": "case",
    "case_state": "state",
    "send_to": "send_to",
    "memory": "remembered",
    "price_band": "price_band",
}
"""Columns whose values are terms of the glossary, and the terms' prefix."""
REASONS = (
    "next_subject",
    "next_finding",
    "next_decision",
    "asked_by",
    "cause_facts",
    "reason",
    "grade_reason",
    "made_from",
    "missing",
    "facts",
    "fact",
    "spread",
    "block_reason",
    "feasibility",
    "next_due",
    "proof",
    "screenshot",
    "cover",
    "faster",
    "goal",
    "metric_over",
)
KINDS = (
    (
        "money",
        re.compile(
            r"(_cost|_profit|_revenue|^price|_price|^freight_rate|^min_charge|^worth|^stake)$"
        ),
    ),
    ("minor", re.compile(r"_minor$")),
    ("units", re.compile(r"(^|_)units$|^cartons$|_to_date$")),
    ("rate", re.compile(r"(_rate|_level|_share|_chance|^own_weight)$")),
    ("ratio", re.compile(r"(_ratio|_sd)$")),
    ("days", re.compile(r"(^|_)(days|hours)$")),
    ("kg", re.compile(r"_kg$")),
    ("cbm", re.compile(r"_cbm$")),
    ("date", re.compile(r"((?<!draws)_on|_by|^day|^as_of|^date)$")),
    ("time", re.compile(r"_at$")),
    ("flag", re.compile(r"^(is|has)_")),
    ("place", re.compile(r"^(row|hour)$")),
    ("count", re.compile(r"^(rows_\w+|\w*_rows|\w*orders|past_events|n_skus|\w+_count)$")),
)


def kind_of(column: str) -> str:
    """Return how a column's values are told: units, rate, money, date, flag, word, reason or text.

    Examples
    --------
    >>> [kind_of(name) for name in ("order_units", "service_level", "ship_by", "mode", "sku")]
    ['units', 'rate', 'date', 'word', 'text']
    """
    if column in WORDS:
        return "word"
    if column in REASONS:
        return "reason"
    if column in ("grade", "code"):
        return column
    return next((kind for kind, pattern in KINDS if pattern.search(column)), "text")


def tell_word(value: object, column: str, lang: str) -> str:
    """Return the word of a value such as `sea` or `warm_up`; a value without a word as it is."""
    term = f"{WORDS[column]}.{value}"
    return say(term, lang) if is_known(term) else tell_text(value)


def tell_text(value: object) -> str:
    r"""Return a text as it is, control and direction characters made visible.

    Examples
    --------
    >>> tell_text("A\u202eB")
    'A\ufffdB'
    """
    return UNSAFE_CHARACTERS.sub("\ufffd", str(value))


def is_missing(value: object) -> bool:
    """Return whether a single value is unknown: NaN, NaT, NA or None."""
    return value is None or bool(pd.api.types.is_scalar(value) and pd.isna(value))
