"""Shares of a whole among its causes: exact Shapley values, and cents that add up.

Pure arithmetic on arrays, one column per SKU. Knows nothing of what a cause is.
"""

from math import factorial

import numpy as np

MAX_PLAYERS = 12
"""More than so many causes would ask for more than 4096 replays. [causes]"""


def subsets(n: int) -> np.ndarray:
    """Return every subset of `n` causes: bit i of the row number says whether it holds cause i.

    Returns
    -------
    ndarray of bool, shape (2 ** n, n)

    Raises
    ------
    ValueError
        If there are more than `MAX_PLAYERS` causes.

    Examples
    --------
    >>> subsets(2).astype(int).tolist()
    [[0, 0], [1, 0], [0, 1], [1, 1]]
    """
    if n > MAX_PLAYERS:
        raise ValueError(f"{n} causes ask for {2**n} replays; give at most {MAX_PLAYERS}")
    return (np.arange(2**n)[:, None] >> np.arange(n)[None, :] & 1).astype(bool)


def shapley(values: np.ndarray, *, first: int | None = None, then: int | None = None) -> np.ndarray:
    """Return each cause's gain, averaged over all orders in which causes can be repaired.

    Parameters
    ----------
    values : ndarray, shape (2 ** n, n_rows)
        Worth of every subset, in the order of `subsets`.
    first, then : int, optional
        A cause that lies over another: only orders count in which `first` is repaired before
        `then`.

    Returns
    -------
    ndarray, shape (n, n_rows)
        They add up to ``values[-1] - values[0]``, column by column.

    Notes
    -----
    ``sum over S without i of |S|! (n - |S| - 1)! / n! * (v(S + i) - v(S))``; with `first` and
    `then` the factorials count the orders that keep to it.

    References
    ----------
    Shapley, A value for n-person games (1953); Faigle and Kern, The Shapley value for cooperative
    games under precedence constraints (1992).

    Examples
    --------
    Two causes that only help together share what they help.

    >>> shapley(np.array([[0.0], [0.0], [0.0], [10.0]])).tolist()
    [[5.0], [5.0]]
    >>> shapley(np.array([[0.0], [-4.0], [7.0], [10.0]]), first=0, then=1).tolist()
    [[-4.0], [14.0]]
    """
    n = int(values.shape[0]).bit_length() - 1
    members = subsets(n)
    orders = _orders(members, first, then)
    rest = _orders(~members, first, then)
    parts = np.zeros((n, values.shape[1]))
    for cause in range(n):
        without = np.flatnonzero(~members[:, cause])
        with_it = without + (1 << cause)
        weight = orders[without] * rest[with_it] / orders[-1]
        if first is not None and then is not None:
            weight = weight * _may_follow(members, without, cause, first, then)
        parts[cause] = weight @ (values[with_it] - values[without])
    return parts


def in_cents(parts: np.ndarray) -> np.ndarray:
    """Return parts as whole cents whose sum is the whole rounded to a cent.

    Parameters
    ----------
    parts : ndarray, shape (n, n_rows)
        [currency]

    Returns
    -------
    ndarray of int, shape (n, n_rows)
        Largest remainders: every part is off by less than a cent. [cents]

    Examples
    --------
    >>> in_cents(np.array([[0.004], [0.004], [0.004]])).ravel().tolist()
    [1, 0, 0]
    """
    exact = np.asarray(parts, dtype=float) * 100.0
    low = np.floor(exact)
    spare = np.rint(exact.sum(axis=0)) - low.sum(axis=0)
    order = np.argsort(-(exact - low), axis=0, kind="stable")
    rank = np.argsort(order, axis=0, kind="stable")
    return (low + (rank < spare)).astype("int64")


def _orders(members: np.ndarray, first: int | None, then: int | None) -> np.ndarray:
    """Return in how many orders the causes of each subset can be repaired."""
    counts = np.array([float(factorial(k)) for k in range(members.shape[1] + 1)])
    found = counts[members.sum(axis=1)]
    if first is None or then is None:
        return found
    return np.where(members[:, first] & members[:, then], found / 2.0, found)


def _may_follow(
    members: np.ndarray, without: np.ndarray, cause: int, first: int, then: int
) -> np.ndarray:
    """Whether `cause` may be repaired right after each subset."""
    is_kept = members[without, first] | ~members[without, then]
    return is_kept & members[without, first] if cause == then else is_kept
