"""Where the units left over after a campaign can go: the plan's exits, filled best first.

Knows what was counted at the end and the exits of the plan. Sets no price.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.season.days import KEYS

ROUNDING = 1e-9
"""A sum of parts may lie so much below the whole number it is. [units]"""


def leftover_loss(frame: pd.DataFrame, left: pd.DataFrame) -> np.ndarray:
    """Return what the units left over of each row lost: landed cost less what their exits bring.

    Parameters
    ----------
    frame : DataFrame
        market, sku, leftover_units_seen [units], landed_cost, over_cost [currency/unit].
    left : DataFrame
        Table `LeftoverExits`; units without an exit lose `over_cost` each.

    Returns
    -------
    ndarray, shape (n_rows,)
        0 of nothing left and where the exits bring more; NaN where a count or a cost is unknown.
        [currency]
    """
    told = left.merge(frame[[*KEYS, "landed_cost", "over_cost"]], on=KEYS, how="left")
    own = told["landed_cost"] - told["unit_revenue"]
    loss = told["units"] * own.where(told["unit_revenue"].notna(), told["over_cost"])
    sums = loss.groupby([told[key] for key in KEYS]).sum(skipna=False)
    found = sums.reindex(pd.MultiIndex.from_frame(frame[KEYS])).to_numpy(dtype=float)
    units = frame["leftover_units_seen"].to_numpy(dtype=float)
    return np.where(units == 0, 0.0, np.where(np.isnan(units), np.nan, np.maximum(found, 0.0)))


def missed_loss(frame: pd.DataFrame, left: pd.DataFrame) -> np.ndarray:
    """Return what the units missed of each row would have earned.

    Parameters
    ----------
    frame : DataFrame
        market, sku, lost_units_seen [units], under_cost, landed_cost, over_cost [currency/unit].
    left : DataFrame
        Table `LeftoverExits`.

    Returns
    -------
    ndarray, shape (n_rows,)
        NaN where a count or a cost is unknown. [currency]

    Notes
    -----
    ``under * missed``. Of a SKU with units left over, goods that are bought and came too late would
    have served: they cost nothing more, and of what their exits bring the least is given up.
    """
    rows = left.merge(frame[[*KEYS, "lost_units_seen", "landed_cost", "over_cost"]], on=KEYS)
    worth = rows["unit_revenue"].fillna(rows["landed_cost"] - rows["over_cost"])
    rows = rows.assign(spared=rows["landed_cost"] - worth).iloc[::-1]
    until = rows.groupby(KEYS)["units"].cumsum()
    taken = np.clip(rows["lost_units_seen"] - (until - rows["units"]), 0.0, rows["units"])
    spared = (taken * rows["spared"]).groupby([rows[key] for key in KEYS]).sum()
    more = spared.reindex(pd.MultiIndex.from_frame(frame[KEYS])).fillna(0.0).to_numpy(dtype=float)
    missed = frame["lost_units_seen"].to_numpy(dtype=float)
    earned = frame["under_cost"].clip(lower=0).to_numpy(dtype=float) * missed
    return np.where(missed == 0, 0.0, np.maximum(earned + more, 0.0))


def leftover_exits(outcome: pd.DataFrame, exits: pd.DataFrame) -> pd.DataFrame:
    """Return for each SKU left over where its units can go and what they bring there.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`.
    exits : DataFrame
        Table `Exits`; only those that are open.

    Returns
    -------
    DataFrame
        Table `LeftoverExits`, the SKUs with most units first; units for which the plan knows no
        exit stand under a blank one.

    Notes
    -----
    The best exit takes what it can in whole units, the next one the rest.
    """
    left = outcome[outcome["leftover_units"] > 0]
    left = left[[*KEYS, "leftover_units", "elsewhere_units", "is_dead_stock", "cost_currency"]]
    if left.empty:
        return tables.empty(tables.LeftoverExits)
    ways = exits[exits["is_open"]].sort_values([*KEYS, "rank", "exit_step"])
    room = ways["max_units"].fillna(float("inf"))
    ways["until"] = np.floor(room.groupby([ways[key] for key in KEYS]).cumsum() + ROUNDING)
    ways["before"] = ways.groupby(KEYS)["until"].shift(fill_value=0.0)
    rows = left.merge(ways, on=KEYS, how="inner")
    filled = rows[["leftover_units", "until"]].min(axis=1)
    rows["units"] = (filled - rows["before"]).clip(lower=0)
    rows = rows[rows["units"] > 0].sort_values([*KEYS, "rank", "exit_step"])
    placed = rows.groupby(KEYS)["units"].sum().reindex(pd.MultiIndex.from_frame(left[KEYS]))
    spare = left["leftover_units"].to_numpy() - placed.fillna(0.0).to_numpy()
    rest = left.assign(units=spare, exit="", done_by=pd.NaT, reason="reason.no_exit")
    rest = rest[rest["units"] > 0].assign(unit_revenue=float("nan"))
    parts = [part for part in (rows, rest) if len(part)]
    columns = [*left.columns, "exit", "units", "unit_revenue", "done_by", "reason"]
    frame = pd.concat([part[columns] for part in parts], ignore_index=True)
    frame["exit_revenue"] = frame["units"] * frame["unit_revenue"]
    frame = frame.rename(columns={"cost_currency": "currency"})
    frame = frame.astype({"done_by": "datetime64[us]", "is_dead_stock": "boolean"})
    size = frame["leftover_units"]
    frame = frame.assign(size=-size).sort_values(["size", *KEYS], kind="stable")
    return tables.checked(
        tables.LeftoverExits, frame[tables.columns(tables.LeftoverExits)].reset_index(drop=True)
    )
