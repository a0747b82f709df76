"""What the shelf did, day by day: what came, what left without a sale, what could not be sold.

Pure arithmetic on arrays, one row per market and SKU, one column per day. A replay of its answer
sells exactly what was sold.
"""

from typing import NamedTuple

import numpy as np


class Path(NamedTuple):
    """One course of the shelf; every part of shape (n_sku, n_days). [units]."""

    receipts: np.ndarray
    gone: np.ndarray
    stranded: np.ndarray
    """Left on the shelf on days on which demand went away."""
    ends: np.ndarray


def shelf_path(
    opening: np.ndarray,
    counts: np.ndarray,
    announced: np.ndarray,
    sold: np.ndarray,
    lost: np.ndarray,
    *,
    leftover: np.ndarray | None = None,
) -> Path:
    """Return what came to the shelf and left it.

    Parameters
    ----------
    opening : ndarray, shape (n_sku,)
        On the shelf before the first day. [units]
    counts : ndarray, shape (n_sku, n_days)
        Counted at the end of the day; NaN where nobody counted. [units]
    announced : ndarray, shape (n_sku, n_days)
        Announced for the day; used where nobody counted. [units]
    sold, lost : ndarray, shape (n_sku, n_days)
        Units sold, and turned away. [units]
    leftover : ndarray, optional, shape (n_sku,)
        Counted after the last day; NaN where nobody did. [units]

    Notes
    -----
    On a counted day ``change + sold`` above zero came, below zero is gone. On another day what was
    announced came, and what was sold beyond the shelf must have come too. What came on a day on
    which demand went away, beyond what was sold of it, came after buyers had left: it counts from
    the next day on, and was never in the wrong place.

    Examples
    --------
    10 lay there, 4 were sold, 3 are counted: 3 are gone.

    >>> one = lambda *units: np.array([units], dtype=float)
    >>> path = shelf_path(np.array([10.0]), one(3), one(0), one(4), one(0))
    >>> path.gone.tolist(), path.receipts.tolist(), path.ends.tolist()
    ([[3.0]], [[0.0]], [[3.0]])
    """
    parts = Path(*(np.zeros(sold.shape) for _ in Path._fields))
    held, evening = opening.astype(float), np.zeros(len(opening))
    last = sold.shape[1] - 1
    for day in range(sold.shape[1]):
        told = counts[:, day]
        if day == last and leftover is not None:
            told = np.where(np.isnan(told), leftover, told)
        is_told = ~np.isnan(told)
        held = held + evening
        change = np.where(is_told, told, held) - held + sold[:, day]
        fall_short = np.maximum(sold[:, day] - held - announced[:, day], 0.0)
        came = np.where(is_told, np.maximum(change, 0.0), announced[:, day] + fall_short)
        used = np.minimum(came, np.maximum(sold[:, day] - held, 0.0))
        is_after = (lost[:, day] > 0) & (day < last)
        parts.receipts[:, day] = evening + np.where(is_after, used, came)
        evening = np.where(is_after, came - used, 0.0)
        parts.gone[:, day] = np.where(is_told, np.maximum(-change, 0.0), 0.0)
        held = held + came - evening - parts.gone[:, day] - sold[:, day]
        parts.ends[:, day] = held
        parts.stranded[:, day] = np.where(lost[:, day] > 0, held, 0.0)
    return parts


def settled(told: np.ndarray, receipts: np.ndarray) -> np.ndarray:
    """Return units told for days, laid on the day on which receipts show them.

    Parameters
    ----------
    told, receipts : ndarray, shape (n_sku, n_days)
        [units]

    Notes
    -----
    On the first day from the one told on that has room for them; a SKU whose receipts do not show
    all of it keeps the days told.

    Examples
    --------
    >>> settled(np.array([[5.0, 0.0]]), np.array([[1.0, 9.0]])).tolist()
    [[1.0, 4.0]]
    """
    found, waiting = np.zeros(told.shape), np.zeros(len(told))
    for day in range(told.shape[1]):
        waiting = waiting + told[:, day]
        found[:, day] = np.clip(receipts[:, day], 0.0, waiting)
        waiting = waiting - found[:, day]
    return np.where((waiting > 0)[:, None], told, found)


def after_the_first(receipts: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Return what of the receipts comes after the first `units` of them, day by day.

    Parameters
    ----------
    receipts : ndarray, shape (n_sku, n_days)
    units : ndarray, shape (n_sku,)

    Examples
    --------
    >>> after_the_first(np.array([[5.0, 5.0, 5.0]]), np.array([7.0])).tolist()
    [[0.0, 3.0, 5.0]]
    """
    total = np.maximum(np.cumsum(receipts, axis=1) - units[:, None], 0.0)
    return np.diff(total, axis=1, prepend=0.0)


def away_and_back(gone: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Return what of the units gone came back later, on the day each left.

    Parameters
    ----------
    gone, back : ndarray, shape (n_sku, n_days)
        Left without a sale; came, and was no delivery. [units]

    Notes
    -----
    Parcels that nobody took leave and come back: no loss, whoever is asked. First gone, first
    back.

    Examples
    --------
    >>> away_and_back(np.array([[2.0, 0.0, 3.0]]), np.array([[1.0, 1.0, 0.0]])).tolist()
    [[1.0, 0.0, 0.0]]
    """
    return gone - after_the_first(gone, came_again(gone, back).sum(axis=1))


def came_again(gone: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Return what of the units that came are some that had gone, on the day each came.

    Parameters
    ----------
    gone, back : ndarray, shape (n_sku, n_days)
        As `away_and_back` takes them. [units]

    Examples
    --------
    >>> came_again(np.array([[2.0, 0.0, 3.0]]), np.array([[1.0, 3.0, 0.0]])).tolist()
    [[0.0, 2.0, 0.0]]
    """
    found, out = np.zeros(gone.shape), np.zeros(len(gone))
    for day in range(gone.shape[1]):
        found[:, day] = np.minimum(back[:, day], out)
        out = out - found[:, day] + gone[:, day]
    return found
