"""Room for a rule's orders: what the seller's budget, booked space and warehouses leave of them.

Pure arithmetic on arrays but for the gathering. Knows nothing of how a rule comes to an order.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.order.limit_terms import market_and_mode
from planner.supply.places.moves import served_markets
from planner.supply.quantity.newsvendor import KEYS

TINY = 1e-9


class Room(NamedTuple):
    """The most that all orders of a campaign may take together; none where nothing is limited."""

    sizes: np.ndarray
    """What one unit takes of each limit, shape (n_limits, n_sku)."""
    caps: np.ndarray
    """shape (n_limits,)."""
    worth: np.ndarray
    """What a missed unit costs: who gets scarce room first, shape (n_sku,). [currency/unit]"""


def no_room_needed(n_sku: int) -> Room:
    """Return the room of a seller without limits."""
    return Room(np.zeros((0, n_sku)), np.zeros(0), np.zeros(n_sku))


def room_of(
    keys: pd.DataFrame,
    modes: pd.Series,
    economics: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
) -> Room:
    """Return what the seller's limits leave for an order that goes one way per SKU.

    Parameters
    ----------
    keys : DataFrame
        market, sku: the rows.
    modes : Series, shape (n_sku,)
        How each goes.
    economics, catalogue : DataFrame
        Tables `UnitEconomics` and `Catalogue`.
    scope : Scope
        Its seller's limits.

    Notes
    -----
    Budget takes a unit's landed cost; booked space and warehouses its volume, a quota the unit. A
    limit of a warehouse binds where it alone serves its market. Goods of unknown volume take no
    space, and of unknown cost no budget: our own plan is held to no more.
    """
    limits, served = scope.seller.limits, served_markets(scope)
    money = economics.set_index(KEYS).reindex(pd.MultiIndex.from_frame(keys[KEYS]))
    volume = keys["sku"].map(catalogue.set_index("sku")["volume_cbm"]).fillna(0.0).to_numpy(float)
    market, way = keys["market"].to_numpy(), modes.to_numpy()
    rows: list[tuple[np.ndarray, float]] = []
    if limits.budget is not None:
        rows.append((money["landed_cost"].fillna(0.0).to_numpy(dtype=float), limits.budget))
    for name, cap in limits.mode_cbm.items():
        where, mode = market_and_mode(name)
        is_there = (way == mode) & ((market == where) if where else True)
        rows.append((volume * is_there, cap))
    for caps, size in ((limits.warehouse_cbm, volume), (limits.quota_units, np.ones(len(keys)))):
        for house, cap in caps.items():
            alone = list(served.values()).count(served.get(house, "")) == 1
            if alone:
                rows.append((size * (market == served[house]), float(cap)))
    if not rows:
        return no_room_needed(len(keys))
    sizes, most = zip(*rows, strict=True)
    return Room(np.array(sizes), np.array(most, dtype=float), money["under_cost"].to_numpy(float))


def fitted(
    asked: np.ndarray,
    room: Room,
    used: np.ndarray,
    *,
    moq_units: np.ndarray,
    carton_units: np.ndarray,
) -> np.ndarray:
    """Return what of an order there is room for, shape (n_sku,). [units].

    Parameters
    ----------
    asked : ndarray, shape (n_sku,)
        Whole cartons, at least the minimum order. [units]
    room : Room
    used : ndarray, shape (n_limits,)
        Taken by earlier orders.
    moq_units, carton_units : ndarray, shape (n_sku,)

    Notes
    -----
    Where not all fits, goods that earn most for the share of the limits they take go first, each
    in whole cartons and not below its minimum order.

    Examples
    --------
    Room for 10: the second earns more, 6 of it go, and one carton of 4 of the first.

    >>> room = Room(np.ones((1, 2)), np.array([10.0]), np.array([1.0, 3.0]))
    >>> packs = {"moq_units": np.zeros(2), "carton_units": np.array([4.0, 1.0])}
    >>> fitted(np.array([8.0, 6.0]), room, np.zeros(1), **packs)
    array([4., 6.])
    """
    free = room.caps - used
    if (room.sizes @ asked <= free + TINY).all():
        return asked
    share = (room.sizes / np.maximum(room.caps, TINY)[:, None]).sum(axis=0)
    first = np.argsort(-room.worth / np.maximum(share, TINY), kind="stable")
    carton = np.maximum(np.nan_to_num(carton_units, nan=1.0), 1.0)
    least = np.minimum(np.maximum(np.nan_to_num(moq_units), carton), asked)
    is_open = (asked > 0) & (_most(free[:, None], room.sizes) >= least)
    kept = np.zeros(len(asked))
    for sku in first[is_open[first]]:
        size, most = room.sizes[:, sku], _most(free, room.sizes[:, sku])
        units = asked[sku] if asked[sku] <= most else np.floor(most / carton[sku]) * carton[sku]
        kept[sku] = units if units >= least[sku] else 0.0
        free = free - size * kept[sku]
    return kept


def _most(free: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return how many units the tightest limit still lets in; infinite where none binds."""
    fits = np.divide(free, sizes, out=np.full(sizes.shape, np.inf), where=sizes > 0)
    return np.maximum(fits.min(axis=0, initial=np.inf), 0.0) + TINY
