"""The selection meeting: SKUs in order of what they are worth, and what was decided on each.

Knows plan, prices and gates. A decision never overwrites the plan's own figure: both stand side
by side, and the next run of the plan follows the decision.
"""

import re

import numpy as np
import pandas as pd

from planner import tables
from planner.supply.charges.way_choice import in_order
from planner.supply.locks.lock_reasons import LOCKED_UNITS
from planner.supply.quantity.newsvendor import KEYS

STOPPED = ("hold", "drop")
"""Decisions after which nothing is ordered."""
SURE = 0.99
"""No trip is told as surer than this: the days it was reckoned from are few."""


def meeting_sheet(
    plan: pd.DataFrame,
    ways: pd.DataFrame,
    gates: pd.DataFrame,
    locks: pd.DataFrame,
    decisions: pd.DataFrame,
    *,
    mode_plan: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the SKUs put to the meeting, most profitable and feasible first.

    Parameters
    ----------
    plan, ways, gates, locks : DataFrame
        Tables `StockPlan`, `SkuWays`, `Gates` and `PriceLocks`.
    decisions : DataFrame
        Table `Decisions`: what was decided before.
    mode_plan : DataFrame, optional
        Table `ModePlan`: the way shown is that of most units of the order, where there is one;
        else the first by `way_choice`.

    Returns
    -------
    DataFrame
        Table `MeetingSheet`.

    Notes
    -----
    What can be shipped in time stands above what waits for a paper, and that above what is
    blocked; within each by expected profit, unknown profit last. The advice is that of the price
    lock: what to do before signing up. The order counts on the registration: where the advice is
    against it, the units of the sale that would be gone stand beside.
    """
    names = ["expected_profit", "order_units", "available_units", "grade", "is_blocked", "currency"]
    rows = plan[[*KEYS, *names]]
    rows = rows.join(_best_ways(ways, mode_plan), on=KEYS).join(_held(gates), on=KEYS)
    rows = rows.merge(locks[[*KEYS, "advice", "reason"]], on=KEYS, how="left")
    rows["feasibility"] = [
        how + _at_stake(row) for how, row in zip(_feasibility(rows), rows.itertuples(), strict=True)
    ]
    rows["advice"] = "advice." + rows["advice"].fillna("unknown")
    rows["place"] = np.select([rows["is_blocked"], rows["held"].notna()], [2, 1], 0)
    rows = rows.sort_values(
        ["place", "expected_profit", *KEYS], ascending=[True, False, True, True], na_position="last"
    )
    rows["rank"] = np.arange(1, len(rows) + 1)
    decided = decisions[[*KEYS, "decision", "units", "owner", "note"]]
    rows = rows.merge(decided.rename(columns={"units": "decided_units"}), on=KEYS, how="left")
    texts = ["decision", "owner", "note"]
    rows[texts] = rows[texts].fillna("")
    return tables.checked(tables.MeetingSheet, rows[tables.columns(tables.MeetingSheet)])


def decided_units(decisions: pd.DataFrame) -> pd.Series:
    """Return by market and SKU the units that people decided on; a stopped SKU gets none.

    Parameters
    ----------
    decisions : DataFrame
        Table `Decisions`. Who decided to push a SKU left its quantity to the plan.
    """
    units = decisions["units"].where(decisions["decision"] == "units")
    units = units.mask(decisions["decision"].isin(STOPPED), 0)
    named = pd.Series(units.array, index=pd.MultiIndex.from_frame(decisions[KEYS]), name="units")
    return named.dropna().astype("int64")


def with_decisions(fixed: pd.Series, plan: pd.DataFrame, decisions: pd.DataFrame) -> pd.Series:
    """Return the fixed orders with what people decided in their place.

    Parameters
    ----------
    fixed : Series
        By market and SKU, orders that are not up to profit; see `allotment.fixed_units`.
    plan : DataFrame
        Table `StockPlan`. What the plan blocks a decision cannot order, but for grade D, whose
        range is there for people to decide on.
    decisions : DataFrame
        Table `Decisions`; of SKUs that the plan does not know nothing is made here.
    """
    rows = plan.set_index(KEYS)
    decided = decided_units(decisions)
    decided = decided[decided.index.isin(rows.index)]
    is_shut = rows["is_blocked"].reindex(decided.index).astype(bool)
    decided = decided[~is_shut | (decided == 0)]
    return pd.concat([fixed[~fixed.index.isin(decided.index)], decided]).astype("int64")


def _best_ways(ways: pd.DataFrame, mode_plan: pd.DataFrame | None) -> pd.DataFrame:
    """Return the way that most units of an order take; without an order the first of the SKU."""
    ranked = in_order(ways[ways["is_allowed"]])
    ranked["taken"] = 0
    if mode_plan is not None and len(mode_plan):
        units = mode_plan.groupby([*KEYS, "mode"])["units"].sum()
        ranked["taken"] = ranked.join(units, on=units.index.names)["units"].fillna(0)
    ranked = ranked.sort_values("taken", ascending=False, kind="stable")
    best = ranked.drop_duplicates(KEYS).set_index(KEYS)
    return best[["mode", "ship_by", "on_time_rate"]]


def _held(gates: pd.DataFrame) -> pd.Series:
    rows = gates[gates["blocks"] != ""].drop_duplicates(KEYS)
    return rows.set_index(KEYS)["reason"].rename("held")


def _at_stake(row: object) -> str:
    """Return the units of the sale in an order whose registration is advised against."""
    locked = re.search(LOCKED_UNITS, row.reason) if isinstance(row.reason, str) else None
    if row.advice != "refuse" or not row.order_units or locked is None:
        return ""
    return f";feasible.unregistered|units={locked[1]}"


def _feasibility(rows: pd.DataFrame) -> list[str]:
    told = []
    for row in rows.itertuples():
        if isinstance(row.held, str):
            told.append(row.held)
        elif not isinstance(row.mode, str):
            told.append("reason.too_late_for_all")
        elif not row.order_units and row.grade != "D":
            told.append("feasible.at_hand" if row.available_units else "feasible.no_order")
        else:
            chance = min(row.on_time_rate, SURE)
            facts = f"mode={row.mode}|ship_by={row.ship_by:%Y-%m-%d}|chance={chance:.4g}"
            told.append(f"feasible.by|{facts}")
    return told
