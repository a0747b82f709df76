"""Goods that left the shelf and were no sale, though an order names them: samples and refusals.

Reads order lines and counts of the shelf. What nobody names stays a loss; nothing here is priced.
"""

import numpy as np
import pandas as pd

from planner.intake.bundles import explode
from planner.intake.kinds import kinds
from planner.season.days import KEYS
from planner.season.replays.shelf_path import away_and_back, came_again


def unsold_units(lines: pd.DataFrame, bundles: pd.DataFrame) -> pd.DataFrame:
    """Return what left the shelf by orders and is no demand, on the day it was ordered.

    Parameters
    ----------
    lines, bundles : DataFrame
        Tables `OrderLines` as known on the review day and `Bundles`.

    Returns
    -------
    DataFrame
        market, sku, day, given_units and refused_units [units]: samples, gifts and replacements
        never come back; a parcel cancelled on its way does.
    """
    told = kinds()
    told = told[told["draws_stock"] & ~told["is_demand"]].set_index("kind")["comes_back"]
    left = explode(lines[lines["kind"].isin(told.index)], bundles)
    comes_back = left["kind"].map(told).astype(bool)
    left = left[["market", "sku"]].assign(
        day=left["ordered_at"].dt.normalize(),
        given_units=left["units"].mask(comes_back, 0),
        refused_units=left["units"].where(comes_back, 0),
    )
    return left.groupby([*KEYS, "day"], as_index=False).sum()


def no_loss(
    gone: np.ndarray, back: np.ndarray, *, given: np.ndarray, refused: np.ndarray
) -> np.ndarray:
    """Return what of the units gone is no loss, on the day each left.

    Parameters
    ----------
    gone, back : ndarray, shape (n_sku, n_days)
        Left without a sale; came, and was no delivery. [units]
    given, refused : ndarray, shape (n_sku, n_days)
        Of `unsold_units`, by the day of the order. [units]

    Notes
    -----
    An order is laid on the first day from its own on whose count shows it. Refused parcels that
    are not back by the end are on their way; those that are back forgive nothing else. Of what no
    order names, what came back is no loss either.

    Examples
    --------
    One went missing, one was refused and came back, one was a sample: the missing one is a loss.

    >>> one = lambda *units: np.array([units], dtype=float)
    >>> no_loss(one(1, 1, 0, 1), one(0, 0, 1, 0), given=one(0, 0, 0, 1), refused=one(0, 1, 0, 0))
    array([[0., 1., 0., 1.]])
    """
    on_way = _shown(refused, gone)
    given_away = _shown(given, gone - on_way)
    rest = gone - on_way - given_away
    return on_way + given_away + away_and_back(rest, back - came_again(on_way, back))


def _shown(told: np.ndarray, gone: np.ndarray) -> np.ndarray:
    """Return what counts show of the units told, from the day of each on."""
    found, waiting = np.zeros(gone.shape), np.zeros(len(gone))
    for day in range(gone.shape[1]):
        waiting = waiting + told[:, day]
        found[:, day] = np.minimum(gone[:, day], waiting)
        waiting = waiting - found[:, day]
    return found
