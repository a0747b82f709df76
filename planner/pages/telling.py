"""How a single value is told to a reader: numbers, dates, flags, codes, ranges.

Unknown is told as unknown, never as zero and never left blank. Nothing here
knows tables or pages.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import pandas as pd

from planner.errors import ConfigError
from planner.intake.dialects import dialects
from planner.pages.kinds import is_missing, kind_of, tell_text, tell_word
from planner.pages.reasons import MONEY_CENTS_BELOW, NEARLY_SURE, tell_reason
from planner.words import is_known, meaning, say, unit

DASH = "\u2013"
POINTS = ("added_value_rate",)
"""Differences of shares: told in points, since a % of a % would be read as a ratio."""
CHANCES = ("on_time_rate",)
"""Chances of trips that few days tell: none is told as certain."""
CODES = {"E_": "reject", "W_": "finding"}
BY_DAY = ("last_useful_at", "event_last_at")
"""Moments that stand for their day where they fall on its midnight: goods come by the day."""
DECIMALS = {"units": 0, "count": 0, "ratio": 2, "days": 1, "kg": 1, "cbm": 3, "plain": 2}
ONE_DECIMAL = ("level_units", "baseline_units")
"""Units of one ordinary day: often so few that a decimal matters."""


class Heading(NamedTuple):
    """What stands above a column: its name, its unit, what it means."""

    label: str
    unit: str
    meaning: str


def heading(column: str, lang: str, *, currency: str = "") -> Heading:
    """Return what stands above a column.

    Parameters
    ----------
    column : str
    lang : {"zh", "en"}
    currency : str
        The one currency of a money column; it takes the place of the unit.

    Raises
    ------
    ConfigError
        If the glossary lacks the column.
    """
    return Heading(say(column, lang), currency or unit(column, lang), meaning(column, lang))


def tell(value: object, column: str, lang: str, *, currency: str | None = None) -> str:
    """Return one value of a column as a reader should see it.

    Parameters
    ----------
    value : object
    column : str
        Decides how the value is told.
    lang : {"zh", "en"}
    currency : str, optional
        Of a money column.
    """
    if is_missing(value):
        return tell_missing(column, lang)
    kind = kind_of(column)
    if kind in TELLERS:
        return TELLERS[kind](value, column, lang)
    if kind != "text" or (isinstance(value, float | int) and not isinstance(value, bool)):
        return tell_number(value, column, lang, currency)
    if isinstance(value, bool):
        return tell_flag(value, column, lang)
    own = f"{column}.{value}"
    if not is_known(own) and str(value).startswith(f"{column}."):
        own = str(value)
    return say(own, lang) if is_known(own) else tell_text(value)


def tell_number(
    value: float,
    column: str,
    lang: str,
    currency: str | None = None,
    *,
    decimals: int | None = None,
) -> str:
    """Return a number rounded as its column asks, with separators for thousands.

    Parameters
    ----------
    value : float
    column : str
    lang : {"zh", "en"}
    currency : str, optional
        Written before money; of a column in minor units it also sets the decimals.
    decimals : int, optional
        For all cells of one column alike; without it, as the value's size asks.

    Raises
    ------
    PlannerError
        If a column is in minor units of a currency no dialect knows.

    Examples
    --------
    >>> tell_number(1234.4, "order_units", "en"), tell_number(0.153, "return_rate", "en")
    ('1,234', '15.3%')
    >>> tell_number(1234567, "in_minor", "en", "THB")
    'THB 12,345.67'
    """
    if is_missing(value):
        return tell_missing(column, lang)
    kind = kind_of(column)
    if column in POINTS:
        return _signed(f"{100 * float(value):.1f} {say('unit.points', lang)}")
    if kind == "rate" and column in CHANCES and value > NEARLY_SURE:
        return say("word.nearly_sure", lang)
    if kind == "rate":
        return _signed(f"{float(value):.1%}")
    if kind in ("money", "minor"):
        return _money(float(value), kind, currency, decimals)
    if kind == "units" and 0 < value < 0.5 and column not in ONE_DECIMAL:
        return "<1"
    places = _places(kind, column, float(value)) if decimals is None else decimals
    return _signed(f"{float(value):,.{places}f}")


def tell_flag(value: object, column: str, lang: str) -> str:
    """Return yes or no."""
    return say("word.yes" if value else "word.no", lang)


def tell_date(value: object, column: str, lang: str) -> str:
    """Return a day as year-month-day, a moment with hour and minute.

    Examples
    --------
    >>> tell_date("2025-12-02 18:00", "event_last_at", "en")
    '2025-12-02 18:00'
    >>> tell_date("2025-12-02", "event_last_at", "en"), tell_date("2025-12-02", "starts_at", "en")
    ('2025-12-02', '2025-12-02 00:00')
    """
    moment = pd.Timestamp(value)
    is_day = column in BY_DAY and moment == moment.normalize()
    return moment.strftime(
        "%Y-%m-%d %H:%M" if kind_of(column) == "time" and not is_day else "%Y-%m-%d"
    )


def tell_code(value: object, column: str, lang: str) -> str:
    """Return what a code of a rejected row, a finding or an alert means."""
    prefix = CODES.get(str(value)[:2], "alert")
    term = f"{prefix}.{value}"
    return say(term, lang) if is_known(term) else tell_text(value)


def tell_missing(column: str, lang: str) -> str:
    """Return the word for a value that is not known, or the column's own word for none."""
    own = f"{column}.none"
    return say(own if is_known(own) else "word.unknown", lang)


def tell_range(low: float, high: float, column: str, lang: str) -> str:
    """Return a range of a column's values."""
    ends = dict.fromkeys(tell_number(end, column, lang) for end in (low, high))
    return DASH.join(ends)


def minor_digits(currency: str) -> int:
    """Return how many decimals the minor unit of a currency stands for.

    Raises
    ------
    ConfigError
        If no dialect of an export is in this currency.
    """
    known = {dialect.currency: dialect.minor_digits for dialect in dialects().values()}
    if currency not in known:
        raise ConfigError(
            f"money in minor units of currency {currency!r} cannot be told, no export is written "
            f"in it; known are {', '.join(sorted(known))}"
        )
    return known[currency]


def _money(value: float, kind: str, currency: str | None, decimals: int | None) -> str:
    if kind == "minor":
        decimals = minor_digits(currency or "")
        value /= 10**decimals
    elif decimals is None:
        decimals = 0 if abs(value) >= MONEY_CENTS_BELOW else 2
    amount = _signed(f"{value:,.{decimals}f}")
    return f"{currency} {amount}" if currency else amount


def _places(kind: str, column: str, value: float) -> int:
    if column in ONE_DECIMAL:
        return 1
    if kind == "days" and math.isclose(value, round(value)):
        return 0
    if kind == "text":
        return 0 if math.isclose(value, round(value)) else DECIMALS["plain"]
    return DECIMALS[kind]


def _signed(text: str) -> str:
    is_zero = not text.strip("-0.,%")
    return text.lstrip("-") if is_zero else text.replace("-", "\u2212")


TELLERS: dict[str, Callable[[object, str, str], str]] = {
    "word": tell_word,
    "reason": lambda value, column, lang: tell_reason(str(value), lang),
    "code": tell_code,
    "grade": lambda value, column, lang: tell_text(value),
    "date": tell_date,
    "place": lambda value, column, lang: str(int(value)),
    "time": tell_date,
    "flag": tell_flag,
}
