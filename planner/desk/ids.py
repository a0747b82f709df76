"""Names that may be folders on every system: of campaigns, scenarios, sellers and runs.

Makes no path and touches no disk.
"""

from __future__ import annotations

import re

from planner.errors import ConfigError
from planner.frozen import ID_PATTERN

ASSETS_NAME = "assets"
"""Folder beside the sellers' reports that all pages share."""
SHARED_NAME = "shared"
"""Folder beside the sellers' memories of what they showed together."""
RESERVED_NAMES = frozenset(
    [
        *("con", "prn", "aux", "nul", ASSETS_NAME, SHARED_NAME),
        *(f"{port}{number}" for port in ("com", "lpt") for number in range(10)),
    ]
)
SEEN_PATTERN = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2})?"
"""A day or an hour of it, as the folders of a run are called: no sign that Windows refuses."""


def checked_id(name: str, what: str) -> str:
    """Return `name` if it may name a folder on every system.

    Raises
    ------
    ConfigError
        If it is no id, or a name that Windows or the report keeps for itself.

    Examples
    --------
    >>> checked_id("demo-home", "seller")
    'demo-home'
    """
    if not re.fullmatch(ID_PATTERN, name):
        raise ConfigError(
            f"{what} {name[:80]!r} is no id; use 1 to 63 lower-case letters, digits and hyphens, "
            "beginning with a letter or digit, for instance demo-home"
        )
    if name in RESERVED_NAMES:
        raise ConfigError(f"{what} {name!r} is a reserved name; take another, say {name}-1")
    return name


def is_id(name: str) -> bool:
    """Return whether a name may name a folder on every system.

    Examples
    --------
    >>> is_id("demo-home"), is_id("my-shop - Copy"), is_id("con")
    (True, False, False)
    """
    return bool(re.fullmatch(ID_PATTERN, name)) and name not in RESERVED_NAMES


def view_of(scenario: str, as_of: object = "") -> str:
    """Return how the folders of a run are called: the scenario, and the day if another is asked.

    Examples
    --------
    >>> view_of("base"), view_of("base", "2025-10-01"), view_of("base", "2025-11-11T14")
    ('base', 'base@2025-10-01', 'base@2025-11-11T14')
    """
    return f"{scenario}@{as_of}" if as_of else scenario


def run_ids(campaign: str, scenario: str, *seller: str) -> tuple[str, ...]:
    """Return the names of the nested folders of a run, each of them checked.

    Parameters
    ----------
    campaign : str
    scenario : str
        As `view_of` names it: the scenario, perhaps with the day it is seen from.
    *seller : str
        One, or none for what belongs to the whole campaign.

    Raises
    ------
    ConfigError
        If one of them is no id, or the scenario's day is none.

    Examples
    --------
    >>> run_ids("double-11", "base@2025-10-01", "demo-home")
    ('double-11', 'base@2025-10-01', 'demo-home')
    """
    return (
        checked_id(campaign, "campaign"),
        _checked_view(scenario),
        *(checked_id(name, "seller") for name in seller),
    )


def _checked_view(view: str) -> str:
    scenario, _, day = view.partition("@")
    checked_id(scenario, "scenario")
    if view != view_of(scenario, day) or (day and not re.fullmatch(SEEN_PATTERN, day)):
        raise ConfigError(f"{view[:80]!r} is no scenario and day; write base@2025-10-01")
    return view
