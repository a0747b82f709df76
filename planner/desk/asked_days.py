"""The day, or the hour of a day, that `--as-of` asks to look from.

Knows how a moment is written, and that only tracking looks from an hour; knows no campaign.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from planner.errors import ConfigError

TRACKING = 4
"""The step that may look from an hour of a day."""
DAY_HOURS = 24


def moment_of(as_of: str, *, steps: Iterable[int] = (4,)) -> tuple[date | None, int]:
    """Return the day and the hour of it that `--as-of` names, no day for an empty text.

    Parameters
    ----------
    as_of : str
        A day, or for step 4 an hour of it.
    steps : iterable of int
        Steps that are to look from there.

    Raises
    ------
    ConfigError
        If it is neither, or if an hour is given to a step that looks from days.

    Examples
    --------
    >>> moment_of("2026-11-12T14")
    (datetime.date(2026, 11, 12), 14)
    """
    text, mark, hour = as_of.partition("T")
    if not mark:
        return day_of(as_of), 0
    if not (text and re.fullmatch(r"\d{2}", hour, re.ASCII) and 0 < int(hour) < DAY_HOURS):
        raise ConfigError(
            f"as_of is {as_of!r}; give a day, or an hour of 01 to 23 such as 2026-11-12T14"
        )
    if set(steps) != {TRACKING}:
        raise ConfigError(f"as_of is {as_of!r}; only step 4 looks from an hour: add --steps 4")
    return day_of(text), int(hour)


def day_of(as_of: str, *, option: str = "as_of") -> date | None:
    """Return the day that an ISO text names, nothing for an empty text.

    Parameters
    ----------
    as_of : str
    option : str
        What asks for the day, as a refusal names it.

    Raises
    ------
    ConfigError
        If it is no day.

    Examples
    --------
    >>> day_of("2026-11-12")
    datetime.date(2026, 11, 12)
    """
    if not as_of:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", as_of, re.ASCII):
            raise ValueError
        return date.fromisoformat(as_of)
    except ValueError:
        raise ConfigError(f"{option} is {as_of!r}; give a day such as 2026-11-12") from None
