"""What each action would change on one SKU's shelf, in money, if begun now.

Arithmetic on one SKU's worlds. Every value is expected profit with the action less without it; an
unknown price, cost or share makes the value unknown, never nothing.
"""

import math

import numpy as np
import pandas as pd

from planner.season.acting.choice_case import (
    Case,
    Choice,
    best_units,
    changed,
    fetchable,
    sales_worth,
)
from planner.season.acting.choice_sources import Source
from planner.season.acting.clock import LEAST_UNITS, landing_day, landing_deadline, last_useful
from planner.terms import ORIGIN

CENT = 0.01
"""Money below it is the rest of a sum, no value."""


def bring(case: Case, source: Source) -> Choice | None:
    """Return what fetching units is worth, in the number that is worth most.

    Notes
    -----
    Begun now, units are there from the landing day on and serve what would go unserved after it,
    `N`, in order of time, each day at its own gain. The q-th unit is worth ``P(N >= q) (gain -
    keep) - cost + keep`` if it has to be bought, without the last `keep` if it lies somewhere and
    is worth as much there.
    """
    deadline = landing_deadline(case.unmet.mean(axis=1), case.days)
    if pd.isna(deadline):
        return None
    last = last_useful(deadline, source.lead_hours)
    day = landing_day(case.at, source.lead_hours, case.days)
    where = "_".join(part for part in (source.place, source.mode) if part)
    cost = source.unit_cost - (case.keep if source.is_bought else 0.0)
    if math.isnan(source.lead_hours) or math.isnan(cost + case.gain - case.keep):
        return Choice(source.action, where, math.nan, math.nan, last, _unknown(source))
    lands = case.at + pd.Timedelta(minutes=round(source.lead_hours * 60))
    need, gains = case.unmet[day:].cumsum(axis=0), case.gains[day:] - case.keep
    values = sales_worth(need, gains, source.max_units) - cost * fetchable(need, source.max_units)
    units = int(values.argmax())
    n_event = max(case.event_days - day, 0)
    in_event = np.diff(np.minimum(need, units).mean(axis=1)[:n_event], prepend=0.0)
    event_value = float(in_event @ gains[:n_event]) - cost * in_event.sum()
    facts = f"|place={_place_term(source)}|mode={source.mode}|days={source.lead_hours / 24:.0f}"
    event_last = last_useful(_event_deadline(case), source.lead_hours)
    if not n_event or in_event.sum() < LEAST_UNITS:
        facts += f";reason.choice_after_event|units={units}"
        event_last = pd.NaT
    reason = f"reason.choice_{source.action}{facts}"
    return Choice(
        source.action, where, float(units), float(values[units]), last, reason, lands,
        float(in_event.sum()), event_value, event_last, units * source.unit_cost,
    )  # fmt: skip


def move_live(
    case: Case, session: pd.Timestamp, asked: np.ndarray, lead_hours: float
) -> Choice | None:
    """Return what moving a session to the first day with fresh stock is worth.

    Parameters
    ----------
    case : Case
    session : Timestamp
        Its beginning.
    asked : ndarray, shape (n_days, n_draws)
        What the session is expected to sell of the SKU, by day. [units]
    lead_hours : float
        Notice that the host needs; NaN if not known. [hours]
    """
    last = last_useful(session, lead_hours)
    later = np.flatnonzero((case.arriving > 0) & (case.days > session.normalize()))
    later = later[later < case.event_days]
    if not len(later):
        return None
    moved = case.demand - asked
    moved[later[0]] += asked.sum(axis=0)
    value, units = changed(case, moved), float(asked.sum(axis=0).mean())
    if abs(value) < CENT:
        return None
    reason = f"reason.choice_move_live|day={case.days[later[0]]:%Y-%m-%d}|starts_at={session:%H:%M}"
    where = f"{session:%Y-%m-%d %H:%M}"
    return Choice(
        "move_live", where, units, value, last, reason, event_value=value, event_last_at=last
    )


def cap_ads(
    case: Case, share: float, unit_cost: float, lead_hours: float, known: str = ""
) -> Choice | None:
    """Return what not advertising is worth until fresh stock comes or the event ends.

    Parameters
    ----------
    case : Case
    share : float
        Of demand that ads bring; NaN if not known.
    unit_cost : float
        Of a unit so brought, below zero as it is saved; NaN if not known.
    lead_hours : float
    known : str
        How well the share is known, a term of the glossary.
    """
    deadline = _event_deadline(case)
    if pd.isna(deadline):
        return None
    last = last_useful(deadline + pd.Timedelta(days=1), lead_hours)
    if math.isnan(share) or math.isnan(unit_cost):
        return Choice("cap_ads", "", math.nan, math.nan, last, "reason.choice_share_unknown")
    fewer = without_ads(case, share)
    units = float((case.demand - fewer).sum(axis=0).mean())
    value = changed(case, fewer) - unit_cost * units
    reason = f"reason.choice_cap_ads|share={share:.2f}|known={known}"
    return Choice("cap_ads", "", units, value, last, reason, event_value=value, event_last_at=last)


def without_ads(case: Case, share: float) -> np.ndarray:
    """Return demand without what ads bring until fresh stock comes or the event ends."""
    later = np.flatnonzero(case.arriving > 0)
    end = min([*later[later > 0][:1], case.event_days])
    fewer = case.demand.copy()
    fewer[:end] *= 1 - share
    return fewer


def backorder(
    case: Case, share: float, unit_cost: float, wait_days: float, lead_hours: float, known: str = ""
) -> Choice | None:
    """Return what letting buyers order what will come is worth.

    Notes
    -----
    Of what goes unserved on a day, `share` waits up to `wait_days` for goods under way; only
    goods that nobody asks for otherwise are given to them.
    """
    deadline = landing_deadline(case.unmet.mean(axis=1), case.days)
    comes = np.flatnonzero(case.arriving > 0)
    if pd.isna(deadline) or not len(comes):
        return None
    last = last_useful(deadline + pd.Timedelta(days=1), lead_hours)
    if math.isnan(share) or math.isnan(wait_days) or math.isnan(unit_cost):
        return Choice("backorder", "", math.nan, math.nan, last, "reason.choice_share_unknown")
    day = np.arange(len(case.days))
    waits = ((comes[None, :] > day[:, None]) & (comes[None, :] - day[:, None] <= wait_days)).any(1)
    waiting = share * case.unmet * waits[:, None]
    served = np.diff(np.minimum(waiting.cumsum(axis=0), case.left), axis=0, prepend=0.0)
    by_day = served.mean(axis=1)
    worth = by_day * (case.gains - case.keep - unit_cost)
    reason = f"reason.choice_backorder|days={wait_days:.0f}|share={share:.2f}|known={known}"
    return Choice(
        "backorder", "", float(by_day.sum()), float(worth.sum()), last, reason,
        event_units=float(by_day[: case.event_days].sum()),
        event_value=float(worth[: case.event_days].sum()),
        event_last_at=_last_in_event(case, lead_hours),
        cost=float(by_day.sum()) * unit_cost,
    )  # fmt: skip


def raise_protection(case: Case, row: dict, lead_hours: float) -> Choice | None:
    """Return what taking units back from a channel that earns less is worth.

    Parameters
    ----------
    case : Case
    row : dict
        channel, units (still kept there), worth (a unit sold there). [currency]
    lead_hours : float
    """
    need = np.sort(case.unmet.sum(axis=0))
    deadline = landing_deadline(case.unmet.mean(axis=1), case.days)
    if pd.isna(deadline) or row["units"] < 1:
        return None
    last = last_useful(deadline + pd.Timedelta(days=1), lead_hours)
    gap, cost = case.gain - case.keep, row["worth"] - case.keep
    if math.isnan(gap) or math.isnan(cost):
        reason = "reason.choice_worth_unknown"
        return Choice("raise_protection", row["channel"], math.nan, math.nan, last, reason)
    units = best_units(need, gap, max(cost, 0.0), row["units"])
    value = float(np.minimum(need, units).mean()) * gap - max(cost, 0.0) * units
    reason = f"reason.choice_raise_protection|channel={row['channel']}"
    short = case.unmet.mean(axis=1)
    part = float(short[: case.event_days].sum() / short.sum())
    return Choice(
        "raise_protection", row["channel"], units, value, last, reason,
        event_units=float(np.minimum(need, units).mean()) * part, event_value=value * part,
        event_last_at=_last_in_event(case, lead_hours),
    )  # fmt: skip


def release_protection(case: Case, row: dict, lead_hours: float) -> Choice | None:
    """Return what giving units to a channel that could sell more is worth.

    Parameters
    ----------
    case : Case
    row : dict
        channel, short (what it could still sell), worth (a unit sold there). [currency]
    lead_hours : float
    """
    left = case.left
    if row["short"] < 1 or np.quantile(left, 0.5) < LEAST_UNITS:
        return None
    last = last_useful(case.days[case.event_days - 1] + pd.Timedelta(days=1), lead_hours)
    gain, loss = row["worth"] - case.keep, case.gain - case.keep
    if math.isnan(gain) or math.isnan(loss):
        reason = "reason.choice_worth_unknown"
        return Choice("release_protection", row["channel"], math.nan, math.nan, last, reason)
    spare = np.sort(left)
    chance_needed = np.searchsorted(spare, np.arange(1, row["short"] + 1)) / len(spare)
    units = float((chance_needed * loss < gain).sum())
    value = gain * units - loss * float(np.maximum(units - left, 0.0).mean())
    reason = f"reason.choice_release_protection|channel={row['channel']}"
    return Choice(
        "release_protection", row["channel"], units, value, last, reason, event_value=value,
        event_last_at=last,
    )  # fmt: skip


def markdown(case: Case, row: dict, opens_on: pd.Timestamp, lead_hours: float) -> Choice | None:
    """Return what cutting the price of what is left is worth, once the lock allows it.

    Parameters
    ----------
    case : Case
    row : dict
        step, unit_revenue, max_units, done_by (a row of `Exits`), others (unit revenue and units
        of every other exit that is open; NaN takes any number). [currency]
    opens_on : Timestamp
        First day on which the price may change.
    lead_hours : float

    Notes
    -----
    What is left leaves by the best exit first; the markdown is worth what it adds to that. One
    that adds nothing is not told.
    """
    left, here = case.left, (row["unit_revenue"], row["max_units"])
    if float(left.mean()) < 1:
        return None
    ends = row["done_by"] + pd.Timedelta(days=1) if pd.notna(row["done_by"]) else pd.NaT
    last = last_useful(ends, lead_hours)
    where = f"markdown_{row['step']}"
    if pd.notna(ends) and ends <= opens_on:
        last = pd.NaT
    if math.isnan(here[0]) or any(math.isnan(revenue) for revenue, _ in row["others"]):
        return Choice("markdown", where, math.nan, math.nan, last, "reason.choice_worth_unknown")
    without, _ = _by_best_exit(left, row["others"], here)
    value, taken = _by_best_exit(left, [*row["others"], here], here)
    gain = float((value - without).mean())
    reason = f"reason.choice_markdown|day={opens_on:%Y-%m-%d}"
    return Choice("markdown", where, taken, gain, last, reason) if gain > 0 else None


def _by_best_exit(
    left: np.ndarray, exits: list[tuple[float, float]], mine: tuple[float, float]
) -> tuple[np.ndarray, float]:
    """Return what units left bring if the best exits take them first, and what one of them takes.

    Returns
    -------
    ndarray, shape (n_draws,)
        [currency]
    float
        Mean units that leave by `mine`. [units]
    """
    rest, value, taken = left.copy(), np.zeros(left.shape), 0.0
    for exit_ in sorted(exits, key=lambda one: -one[0]):
        part = np.minimum(rest, math.inf if math.isnan(exit_[1]) else exit_[1])
        value, rest = value + part * exit_[0], rest - part
        taken += float(part.mean()) if exit_ is mine else 0.0
    return value, taken


def _event_deadline(case: Case) -> pd.Timestamp:
    """Return the last day of the event on which units that land still find a buyer."""
    n_event = case.event_days
    return landing_deadline(case.unmet[:n_event].mean(axis=1), case.days[:n_event])


def _last_in_event(case: Case, lead_hours: float) -> pd.Timestamp:
    """Return until when what works from its first hour on still changes a day of the event."""
    return last_useful(_event_deadline(case) + pd.Timedelta(days=1), lead_hours)


def _place_term(source: Source) -> str:
    return f"place.{source.place}" if source.place == ORIGIN else source.place


def _unknown(source: Source) -> str:
    if math.isnan(source.lead_hours):
        return f"reason.choice_lead_unknown|place={_place_term(source)}"
    return f"reason.choice_cost_unknown|place={_place_term(source)}"
