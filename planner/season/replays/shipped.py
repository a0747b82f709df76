"""What shipments say of a campaign's goods: which were its order, which were late, and how late.

Reads the list of shipments only. Knows nothing of counts, demand or money.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS
from planner.supply.trips.lanes import receiving_days

DAY = pd.Timedelta(days=1)


class Shipped(NamedTuple):
    """Row i of every part is row i of the keys; columns are days from the first phase day on."""

    is_told: np.ndarray
    """Whether shipments tell how the order came, shape (n_sku,)."""
    before: np.ndarray
    """Of the order, on the shelf before the first phase day, shape (n_sku,). [units]"""
    by_day: np.ndarray
    """Of the order, shape (n_sku, n_days). [units]"""
    after: np.ndarray
    """Of the order, after the window or still on the way, shape (n_sku,). [units]"""
    came_late: np.ndarray
    """Of what was sent before the planning day, late, by day on the shelf. [units]"""
    due: np.ndarray
    """The same, and what never came in the window, by the day due. [units]"""
    late: np.ndarray
    """Sentence of the old shipment that was late, blank where none was; shape (n_sku,)."""


def shipped_units(
    shipments: pd.DataFrame, keys: pd.DataFrame, n_days: int, *, scope: Scope
) -> Shipped:
    """Return what shipments bring each SKU in the window.

    Parameters
    ----------
    shipments : DataFrame
        Table `Shipments`.
    keys : DataFrame
        market, sku: the rows to return.
    n_days : int
        Of the window.
    scope : Scope
        Sent from the planning day to the campaign's end is the campaign's order; sent before is
        goods that the plan knew to be on their way. Looked at from a day after the first phase
        day only, nobody can tell them apart.

    Notes
    -----
    A SKU with a shipment whose day of leaving nobody wrote down is not told. Due on the shelf is
    the day due at the door and the days that receiving takes as planned: quick receiving makes a
    shipment less late, not due sooner.
    """
    rows = _placed(shipments, keys, scope)
    n = len(keys)
    untold = rows["shipped_on"].isna()
    is_told = np.isin(np.arange(n), rows["place"])
    is_told &= ~np.isin(np.arange(n), rows.loc[untold, "place"])
    rows = rows[is_told[rows["place"].to_numpy(dtype=int)]]
    own = rows[rows["is_own"]]
    is_before, is_inside = own["column"] < 0, own["column"].between(0, n_days - 1)
    old = rows[~rows["is_own"]]
    late = old[(old["column"].fillna(n_days) > old["due_column"].clip(lower=0))]
    late = late[late["due_column"] < n_days]
    came_late = late[late["column"] < n_days]
    due = late.assign(column=late["due_column"].clip(lower=0))
    return Shipped(
        is_told=is_told,
        before=_sums(own[is_before], n),
        by_day=_by_day(own[is_inside], n, n_days),
        after=_sums(own[~is_before & ~is_inside], n),
        came_late=_by_day(came_late, n, n_days),
        due=_by_day(due, n, n_days),
        late=_sentences(late, n),
    )


def _placed(shipments: pd.DataFrame, keys: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the shipments of the keys: place, units, is_own, column and due_column."""
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    rows = shipments.assign(market=shipments["warehouse"].map(places)).dropna(subset=["market"])
    rows = rows[rows["market"].isin(scope.markets)]
    row = pd.MultiIndex.from_frame(keys[KEYS]).get_indexer(pd.MultiIndex.from_frame(rows[KEYS]))
    rows = rows.assign(place=row)[row >= 0]
    looks, starts, ends = (
        pd.to_datetime(rows["market"].map({name: day(name) for name in scope.markets}))
        for day in (
            lambda name: pd.Timestamp(scope.as_of(3)[name]),
            lambda name: pd.Timestamp(scope.plans[name].phases.start),
            lambda name: pd.Timestamp(scope.plans[name].phases.end),
        )
    )
    came = rows["received_units"].where(rows["arrived_on"].notna()).fillna(rows["units"])
    rows = rows.assign(
        units=came.astype(float),
        is_own=rows["shipped_on"] >= looks,
        column=(rows["shelf_on"] - starts) / DAY,
        due_column=np.ceil((rows["due_on"] - starts) / DAY + receiving_days(scope)),
    )
    return rows[~(rows["shipped_on"] > ends) & (looks <= starts)]


def _sums(rows: pd.DataFrame, n: int) -> np.ndarray:
    place = rows["place"].to_numpy(dtype=int)
    return np.bincount(place, weights=rows["units"].to_numpy(dtype=float), minlength=n)


def _by_day(rows: pd.DataFrame, n: int, n_days: int) -> np.ndarray:
    found = np.zeros((n, n_days))
    cell = rows["place"].to_numpy(dtype=int), rows["column"].to_numpy(dtype=int)
    np.add.at(found, cell, rows["units"].to_numpy(dtype=float))
    return found


def _sentences(late: pd.DataFrame, n: int) -> np.ndarray:
    """Return the sentence of each SKU's largest late shipment."""
    told = np.full(n, "", dtype=object)
    for row in late.sort_values("units").to_dict("records"):
        facts = f"shipment={row['shipment']}|units={row['units']:.0f}"
        term = "reason.late_shipment_missing"
        if not pd.isna(row["column"]):
            term, days = "reason.late_shipment", row["column"] - row["due_column"]
            facts += f"|days={days:.0f}"
        told[row["place"]] = f"{term}|{facts}"
    return told
