"""The shelf day by day: when it runs empty, what that costs in units, what more could still help.

Pure arithmetic on matrices, one row per market and SKU, one column per day from the
looking day to the horizon's end. Knows nothing of tables, lanes or words.
"""

from typing import NamedTuple

import numpy as np

TINY_UNITS = 1e-9


class Course(NamedTuple):
    """What a shelf does when demand meets it."""

    unmet_units: np.ndarray
    """shape (n_sku, n_days): demand that found the shelf empty. [units]"""
    left_units: np.ndarray
    """shape (n_sku,): stock after the last day. [units]"""


def run_down(stock: np.ndarray, arriving: np.ndarray, demand: np.ndarray) -> Course:
    """Return what a shelf cannot serve and what it keeps.

    Parameters
    ----------
    stock : ndarray, shape (n_sku,)
        Sellable before the first day; NaN stays NaN. [units]
    arriving, demand : ndarray, shape (n_sku, n_days)
        Units sellable from that day on, and units asked for on it. [units]

    Notes
    -----
    Demand that finds the shelf empty is lost, it does not wait.

    Examples
    --------
    >>> course = run_down(np.array([10.0]), np.array([[0, 0, 5.0]]), np.array([[8.0, 8.0, 4.0]]))
    >>> course.unmet_units.tolist(), course.left_units.tolist()
    ([[0.0, 6.0, 0.0]], [1.0])
    """
    held = stock.astype(float)
    unmet = np.zeros(demand.shape)
    for day in range(demand.shape[1]):
        held = held + arriving[:, day]
        sold = np.minimum(held, demand[:, day])
        unmet[:, day] = demand[:, day] - sold
        held = held - sold
    unmet[unmet < TINY_UNITS] = 0.0
    return Course(unmet, held)


def first_empty_day(course: Course) -> np.ndarray:
    """Return the column of the first day with unmet demand, -1 if there is none.

    Returns
    -------
    ndarray of int, shape (n_sku,)
    """
    is_empty = course.unmet_units > 0
    return np.where(is_empty.any(axis=1), is_empty.argmax(axis=1), -1)


def unmet_from(course: Course, day: np.ndarray) -> np.ndarray:
    """Return the unmet demand from a day on: what units landing on that day could still serve.

    Parameters
    ----------
    course : Course
    day : ndarray, shape (n_sku,)
        Column of the landing day; NaN where nothing can land. [days]

    Returns
    -------
    ndarray, shape (n_sku,)
        0 where nothing can land. [units]
    """
    days = np.arange(course.unmet_units.shape[1])
    return np.where(days >= day[:, None], course.unmet_units, 0.0).sum(axis=1)


def coming_until(arriving: np.ndarray, day: np.ndarray) -> np.ndarray:
    """Return the units that arrive up to and on a day; all of them where the day is -1.

    Returns
    -------
    ndarray, shape (n_sku,)
        [units]
    """
    days = np.arange(arriving.shape[1])
    last = np.where(day < 0, arriving.shape[1], day)
    return np.where(days <= last[:, None], arriving, 0.0).sum(axis=1)
