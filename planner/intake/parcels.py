"""Orders on their way: packed, delivered, cancelled by whom, with a tracking number or without.

Knows what the lines of an order say together; counts nothing and judges no metric.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner.tables.contract import checked, columns
from planner.tables.intake import Parcels

KEY = ["shop", "market", "order_id"]
WORST_TRACKING = ("wrong", "none", "given", "")
"""Of the lines of one order the first of these speaks for it."""


def parcels_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per order of the kept rows of an export.

    Parameters
    ----------
    rows : DataFrame
        Rows as `balance` keeps them: columns of the contract Parcels, one row per line.

    Returns
    -------
    DataFrame
        Keeps the contract Parcels. The latest moment of its lines is an order's; its worst
        tracking number is.
    """
    codes = {name: place for place, name in enumerate(WORST_TRACKING)}
    lines = rows[columns(Parcels)].assign(rank=rows["tracking"].map(codes).astype("int64"))
    several = lines["order_id"].duplicated(keep=False).to_numpy(dtype=bool)
    alone, parted = lines[~several], lines[several]
    joint = parted.groupby(KEY, as_index=False, sort=False).agg(
        ready_at=("ready_at", "max"),
        delivered_at=("delivered_at", "max"),
        cancelled_by=("cancelled_by", "max"),
        rank=("rank", "min"),
    )
    whole = pd.concat([alone.drop(columns="tracking"), joint], ignore_index=True)
    ranked = np.array(WORST_TRACKING, dtype=object)[whole["rank"].to_numpy()]
    whole["tracking"] = pd.Series(ranked, index=whole.index, dtype="str")
    ordered = whole.sort_values(["shop", "order_id"], kind="stable")
    return checked(Parcels, ordered[columns(Parcels)])


def known_parcels(
    parcels: pd.DataFrame, lines: pd.DataFrame, as_of: Mapping[str, date]
) -> pd.DataFrame:
    """Return the ways of the orders known on a day or at a moment, later events undone.

    Parameters
    ----------
    parcels : DataFrame
        Keeps the contract Parcels; may run past the day.
    lines : DataFrame
        Table `OrderLines` as known then: whose orders, and which of them are cancelled.
    as_of : Mapping of str to date or datetime
        By market, what is not known any more.
    """
    marked = lines[KEY].assign(is_off=lines["status"] == "cancelled")
    found = parcels.merge(marked.groupby(KEY, as_index=False)["is_off"].all(), on=KEY)
    last = pd.to_datetime(found["market"].map(dict(as_of)))
    for name in ("ready_at", "delivered_at"):
        found[name] = found[name].where(found[name] < last)
    found["cancelled_by"] = found["cancelled_by"].where(found["is_off"], "")
    return checked(Parcels, found[columns(Parcels)])
