"""Where the rules of sellers start: the shelf of the planning day, history, lead times, demand.

Turns tables into the arrays that `rule_shelf` runs on. Knows nothing of rules or money.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pandas as pd

from planner.intake.known import known_counts
from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.replays.course import Gathered, Happened
from planner.season.replays.day_grid import announced, matrix
from planner.season.replays.replay import Course
from planner.season.replays.rule_shelf import FORMULA_DAYS, Start
from planner.season.replays.shelf_path import shelf_path
from planner.supply.order.rule_room import room_of
from planner.supply.trips.lanes import receiving_days
from planner.supply.trips.legs import own_days


def columns_of(scope: Scope, until: Mapping[str, date]) -> pd.DataFrame:
    """Return market, day and column of every day from the planning day to the window's end.

    Parameters
    ----------
    scope : Scope
    until : Mapping of str to date
        By market, the first day left out.
    """
    spans = [
        pd.DataFrame(
            {"market": market,
             "day": pd.date_range(scope.as_of(3)[market], end, inclusive="left", unit="us")}
        )
        for market, end in until.items()
    ]  # fmt: skip
    days = pd.concat(spans, ignore_index=True) if spans else pd.DataFrame({"market": [], "day": []})
    first = days.groupby("market")["day"].transform("min")
    return days.assign(column=(days["day"] - first).dt.days) if len(days) else days


def start_of(
    happened: Happened, gathered: Gathered, ways: pd.DataFrame, columns: pd.DataFrame, scope: Scope
) -> Start:
    """Return where every rule starts, from the planning day on.

    Parameters
    ----------
    happened : Happened
    gathered : Gathered
    ways : DataFrame
        Table `SkuWays`.
    columns : DataFrame
        As `columns_of` returns them.
    scope : Scope
    """
    course = gathered.course
    keys, order = course.keys, course.order
    place = happened.position.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys))
    opening = place["on_hand_units"].to_numpy(dtype=float)
    early = columns[columns["day"] < pd.to_datetime(columns["market"].map(_starts(scope)))]
    wanted, flows = _before(happened, course, early, opening, scope)
    n_days = int(columns["column"].max()) + 1
    wanted, flows = (_widened(part, n_days) for part in (wanted, flows))
    for row, begins in enumerate(first_columns(keys, scope)):
        span = min(n_days - begins, course.wanted.shape[1])
        wanted[row, begins : begins + span] = course.wanted[row, :span]
        flows[row, begins : begins + span] = (course.arriving - course.gone)[row, :span]
        flows[row, min(begins, n_days - 1)] += course.unmoved[row]
    taken = way_taken(keys, ways, happened.mode_plan)
    lead, longest = lead_days_of(taken, scope=scope)
    facts = happened.economics, happened.catalogue
    return Start(
        history=_history(happened.daily, keys, scope),
        wanted=wanted,
        opening=opening,
        arriving=flows,
        known=(place["inbound_units"] + place["late_units"]).to_numpy(dtype=float),
        lead_days=lead,
        longest_lead_days=longest,
        moq_units=order.moq_units,
        carton_units=order.carton_units,
        is_refused=order.is_refused,
        room=room_of(keys, taken["mode"], *facts, scope=scope),
    )


def way_taken(keys: pd.DataFrame, ways: pd.DataFrame, mode_plan: pd.DataFrame) -> pd.DataFrame:
    """Return how most of each SKU goes by the plan, else the cheapest way that is open.

    Parameters
    ----------
    keys : DataFrame
        market, sku.
    ways, mode_plan : DataFrame
        Tables `SkuWays` and `ModePlan`.

    Returns
    -------
    DataFrame
        The rows of `SkuWays` in the order of `keys`; empty cells where a SKU has no way at all.
    """
    sent = mode_plan.groupby([*KEYS, "mode"], as_index=False)["units"].sum()
    rows = ways.merge(sent, on=[*KEYS, "mode"], how="left")
    rows = rows.assign(less=-rows["units"].fillna(0), shut=~rows["is_allowed"])
    rows = rows.sort_values([*KEYS, "less", "shut", "landed_cost", "mode"]).drop_duplicates(KEYS)
    return rows.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys[KEYS]))


def lead_days_of(taken: pd.DataFrame, *, scope: Scope) -> tuple[np.ndarray, np.ndarray]:
    """Return whole days from order to shelf of each SKU, as usual and at the longest.

    Parameters
    ----------
    taken : DataFrame
        As `way_taken` returns it.
    scope : Scope
        The seller's own days and those of receiving.

    Notes
    -----
    At the longest a trip takes the mean days late of those that are late on top.
    """
    ends = sum(own_days(scope).values()) + receiving_days(scope)
    usual = taken["lead_days"].to_numpy(dtype=float) + ends
    return np.ceil(usual), np.ceil(usual + taken["late_days"].to_numpy(dtype=float))


def first_columns(keys: pd.DataFrame, scope: Scope) -> list[int]:
    """Return the column of the first phase day, row by row of `keys`."""
    gaps = {
        market: (plan.phases.start - scope.as_of(3)[market]) // timedelta(days=1)
        for market, plan in scope.plans.items()
    }
    return [max(gaps[market], 0) for market in keys["market"]]


def _before(
    happened: Happened, course: Course, early: pd.DataFrame, opening: np.ndarray, scope: Scope
) -> tuple[np.ndarray, np.ndarray]:
    """Return sales before the first phase, and what came or left besides: it ends as it did."""
    if early.empty:
        none = np.zeros((len(course.keys), 0))
        return none, none
    keys = course.keys
    sold = matrix(_sold(happened.daily), keys, early, "units")
    looking = scope.as_of(3)
    known = known_counts(happened.stock, looking, seller=scope.seller)
    due = announced(known, scope, since=looking)
    unknown = np.full(sold.shape, np.nan)
    told = matrix(due, keys, early, "units")
    path = shelf_path(opening, unknown, told, sold, 0.0 * sold)
    net = path.receipts - path.gone
    last = np.array(first_columns(keys, scope)) - 1
    rows = np.flatnonzero(last >= 0)
    net[rows, last[rows]] += np.maximum(course.opening[rows], 0.0) - path.ends[rows, last[rows]]
    return sold, net


def _widened(part: np.ndarray, n_days: int) -> np.ndarray:
    wide = np.zeros((len(part), n_days))
    wide[:, : part.shape[1]] = part
    return wide


def _starts(scope: Scope) -> dict[str, pd.Timestamp]:
    return {market: pd.Timestamp(plan.phases.start) for market, plan in scope.plans.items()}


def _sold(daily: pd.DataFrame) -> pd.DataFrame:
    return daily.groupby([*KEYS, "day"], as_index=False)["units"].sum()


def _history(daily: pd.DataFrame, keys: pd.DataFrame, scope: Scope) -> np.ndarray:
    days = [
        pd.DataFrame({"market": market, "day": pd.date_range(
            end=pd.Timestamp(looking) - pd.Timedelta(days=1), periods=FORMULA_DAYS, unit="us"),
            "column": range(FORMULA_DAYS)})
        for market, looking in scope.as_of(3).items()
    ]  # fmt: skip
    return matrix(_sold(daily), keys, pd.concat(days, ignore_index=True), "units")
