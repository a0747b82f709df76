"""Channels of a shared shelf: what giving, taking back or holding back goods is worth now.

Joins the parts of the plan and the rules; what a channel without exports does to a shelf is
weighed in `choice_kinds`.
"""

import math
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.acting import choice_kinds as kinds
from planner.season.acting.choice_case import Case, Choice
from planner.season.acting.choice_rules import fact_of
from planner.season.acting.clock import LEAST_UNITS, last_useful
from planner.season.acting.joint_choices import Option

PROTECT, RELEASE = "raise_protection", "release_protection"
DAY = pd.Timedelta(days=1)


class Pair(NamedTuple):
    """The best channel of a shelf and one that earns less by the unit."""

    lesser: str
    lesser_share: float
    """Of the SKU's demand. [unitless]"""
    lesser_worth: float
    """A unit sold there. [currency]"""
    best_share: float
    best_worth: float


def channel_options(
    market: str,
    rows: list[Any],
    landed_cost: float,
    rules: dict[str, dict[str, float]],
    *,
    scope: Scope,
) -> list[Option]:
    """Return what can be done between the channels of one SKU's shelf.

    Parameters
    ----------
    market : str
    rows : list of namedtuple
        Rows of `ChannelPlan` of the market and SKU.
    landed_cost : float
        Of a unit. [currency]
    rules : dict
        As `choice_rules.rules_of` returns them.
    scope : Scope
        Its shops are the channels whose sales are known: between them goods are held back from
        the lesser. To another, whose sales nobody knows, goods are given, or taken back from it.
    """
    shops = {shop.shop for shop in scope.shops if shop.market == market}
    hours = {name: fact_of(rules, name, "lead_hours") for name in (PROTECT, RELEASE)}
    found = [
        Option(partial(keep_from, pair=pair, lead_hours=hours[PROTECT]))
        for pair in pairs_of(rows, landed_cost, shops)
    ]
    own_rank = min((row.rank for row in rows if row.channel in shops), default=math.nan)
    for row in (row for row in rows if row.channel not in shops):
        worth = float(row.unit_profit) + landed_cost
        free = float(row.partition_units - row.locked_units)
        fact = {"channel": row.channel, "units": max(free, 0.0), "worth": worth}
        fact["short"] = max(math.floor(row.demand_units - row.partition_units), 0)
        for name, weigh in ((PROTECT, kinds.raise_protection), (RELEASE, kinds.release_protection)):
            if name == RELEASE or row.rank > own_rank:
                found.append(Option(partial(weigh, row=fact, lead_hours=hours[name])))
    return found


def pairs_of(rows: list[Any], landed_cost: float, own: set[str]) -> list[Pair]:
    """Return the lesser channels of a shelf, each beside the best, of those whose sales are known.

    Parameters
    ----------
    rows : list of namedtuple
        Rows of `ChannelPlan` of one market and SKU.
    landed_cost : float
        Of a unit. [currency]
    own : set of str
        Channels whose exports are read.
    """
    known = [row for row in rows if row.channel in own]
    total = sum(row.demand_units for row in known)
    if len(known) < 2 or not total > 0:
        return []
    best = min(known, key=lambda row: row.rank)
    return [
        Pair(
            row.channel, row.demand_units / total, row.unit_profit + landed_cost,
            best.demand_units / total, best.unit_profit + landed_cost,
        )
        for row in known
        if row.rank > best.rank and row.warehouse == best.warehouse
    ]  # fmt: skip


def keep_from(case: Case, pair: Pair, lead_hours: float) -> Choice | None:
    """Return what holding units back from the lesser channel is worth, in the best number.

    Parameters
    ----------
    case : Case
        The SKU on its shelf, with the demand of both channels.
    pair : Pair
    lead_hours : float
        Until all channels show it; NaN if not known. [hours]

    Returns
    -------
    Choice, optional
        None where the best channel misses nothing that the lesser one sells before.

    Notes
    -----
    A unit held back of ``S``, what the lesser channel would sell, serves the best one's unmet
    demand of that day or a later one, ``M`` in all, or is left over:
    ``value(q) = E min(q, M) (best - keep) - E min(q, S) (lesser - keep)``.
    """
    event = slice(0, case.event_days)
    sold = (case.demand - case.unmet)[event] * pair.lesser_share
    served = _served_later(sold, case.unmet[event] * pair.best_share)
    days = np.flatnonzero(served.mean(axis=1) > 0)
    if not len(days):
        return None
    last = last_useful(case.days[days[-1]] + DAY, lead_hours)
    gain, loss = pair.best_worth - case.keep, max(pair.lesser_worth - case.keep, 0.0)
    if math.isnan(gain) or math.isnan(pair.lesser_worth):
        reason = "reason.choice_worth_unknown"
        return Choice(PROTECT, pair.lesser, math.nan, math.nan, last, reason)
    moved, withheld = served.sum(axis=0), sold.sum(axis=0)
    tried = np.arange(int(np.ceil(moved.max())) + 1)
    kept = np.minimum(moved, tried[:, None]).mean(axis=1)
    values = kept * gain - np.minimum(withheld, tried[:, None]).mean(axis=1) * loss
    units = int(values.argmax())
    reason = f"reason.choice_raise_protection|channel={pair.lesser}"
    in_event = last if units >= LEAST_UNITS else pd.NaT
    return Choice(
        PROTECT, pair.lesser, float(units), float(values[units]), last, reason,
        event_value=float(values[units]), event_last_at=in_event,
    )  # fmt: skip


def _served_later(sold: np.ndarray, missed: np.ndarray) -> np.ndarray:
    """Return by day and world the units sold that could serve what is missed then or later.

    Examples
    --------
    >>> sold, missed = np.array([[2.0], [5.0], [1.0]]), np.array([[0.0], [4.0], [2.0]])
    >>> _served_later(sold, missed).ravel().tolist()
    [0.0, 5.0, 1.0]
    """
    served, waiting = np.zeros(sold.shape), np.zeros(sold.shape[1:])
    for day in reversed(range(len(sold))):
        waiting = waiting + missed[day]
        served[day] = np.minimum(waiting, sold[day])
        waiting = waiting - served[day]
    return served
