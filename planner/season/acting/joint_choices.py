"""Actions of one SKU taken together: what each adds to those before it.

What brings goods or takes demand away leaves another shelf, on which the rest is weighed again.
Knows no source and no rule; it is handed ways to weigh.
"""

import math
from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np

from planner.season.acting.choice_case import Case, Choice, on_other_terms
from planner.season.acting.choice_kinds import without_ads
from planner.season.acting.clock import LEAST_UNITS, in_time, landing_day

BRINGING = ("transfer", "air_top_up")
MARKDOWN = "markdown"
MOST_STEPS = 3
"""Actions of one SKU that are told together. [count]"""


class Option(NamedTuple):
    """One thing that can be done: how to weigh it on any shelf of its SKU."""

    weigh: Callable[[Case], Choice | None]
    lead_hours: float = math.nan
    """Until units fetched are on the shelf. [hours]"""
    share: float = math.nan
    """Of demand, that not advertising takes away."""


class Step(NamedTuple):
    """One action of those taken together."""

    rank: int
    """1 for the one to begin with."""
    added: float
    """What it adds to those before it. [currency]"""
    event_added: float
    """Of this, what comes before the last phase ends. [currency]"""


def is_open(case: Case, choice: Choice) -> bool:
    """Return whether an action is in time, of known worth and worth more than nothing."""
    is_worth = choice.value > 0 and choice.units >= LEAST_UNITS
    return bool(in_time(case.at, choice.last_at) and is_worth)


def together(case: Case, options: list[Option]) -> dict[int, Step]:
    """Return which options are taken together, in their order, and what each adds.

    Parameters
    ----------
    case : Case
    options : list of Option

    Returns
    -------
    dict of int to Step
        By place of `options`.

    Notes
    -----
    First comes what brings most before the last phase ends, then what adds most to it. A markdown
    waits while the shelf runs short in the event: what it would clear is still to come. What is
    not worth doing alone is not told as part of more. What
    neither brings goods nor takes demand away ends the row, as its effect on the shelf is not told.
    """
    is_short = case.unmet[: case.event_days].mean(axis=1).sum() >= LEAST_UNITS
    able = _able(case, options, range(len(options)))
    able = [(at, one) for at, one in able if one.action != MARKDOWN or not is_short]
    found: dict[int, Step] = {}
    while able and len(found) < MOST_STEPS:
        at, best = max(able, key=lambda each: (each[1].event_value, each[1].value))
        found[at] = Step(len(found) + 1, best.value, best.event_value)
        after = _after(case, options[at], best)
        if after is None:
            break
        case = after
        able = _able(case, options, [at for at, _ in able if at not in found])
    return found


def _able(case: Case, options: list[Option], places: Iterable[int]) -> list[tuple[int, Choice]]:
    """Return the options at some places that are open on a shelf, weighed."""
    weighed = [(at, options[at].weigh(case)) for at in places]
    return [(at, one) for at, one in weighed if one is not None and is_open(case, one)]


def _after(case: Case, option: Option, choice: Choice) -> Case | None:
    """Return the shelf that an action leaves; none where it is not told."""
    if choice.action in BRINGING:
        day = landing_day(case.at, option.lead_hours, case.days)
        arriving = case.arriving.copy()
        arriving[day] += choice.units
        return on_other_terms(case, demand=case.demand, arriving=arriving)
    if not np.isnan(option.share):
        demand = without_ads(case, option.share)
        return on_other_terms(case, demand=demand, arriving=case.arriving)
    return None
