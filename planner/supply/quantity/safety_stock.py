"""Safety stock: the units held against demand and lead time being other than expected.

Pure arithmetic on numbers or on series aligned by SKU. Nothing here knows of
files, campaigns or languages, and no function rounds: rounding belongs to
`packing`, where units become cartons.
"""

from statistics import NormalDist
from typing import TypeVar

import numpy as np
import pandas as pd

from planner.errors import PlanningError

Amount = TypeVar("Amount", float, pd.Series)

MIN_SERVICE_LEVEL = 0.50
MAX_SERVICE_LEVEL = 0.999
MIN_LEAD_RECORDS = 2
"""One trip has no longest and no mean that differ."""


def by_extremes(
    mean_daily_units: Amount,
    peak_daily_units: Amount,
    mean_lead_days: Amount,
    longest_lead_days: Amount,
    *,
    lead_records: int | pd.Series | None = None,
) -> Amount:
    """Return the safety stock that outlasts the best day on the slowest trip.

    Parameters
    ----------
    mean_daily_units, peak_daily_units : float or Series, shape (n_sku,)
        Sales of a mean and of the best day, from days that were in stock and no promotion; NaN
        where there is no such day, and the answer is NaN too. [units/day]
    mean_lead_days, longest_lead_days : float or Series, shape (n_sku,)
        From order placed to shelf ready. [days]
    lead_records : int or Series, optional
        How many trips the two lead times rest on, where that is known.

    Returns
    -------
    float or Series, shape (n_sku,)
        Never below zero, not rounded. [units]

    Raises
    ------
    PlanningError
        If a figure is below zero, a peak lies below its mean, the longest trip below the mean
        trip, or the lead times rest on a single trip.

    Notes
    -----
    ``peak * longest - mean * mean_lead``. It assumes that the best day and the slowest trip fall
    together and last, so it errs high, and one freak day or one late ship sets the answer. A
    promotion left in the history is counted twice: here and in the forecast.

    References
    ----------
    The brief, entry safety stock: (maximum daily sales x longest lead time) - (mean x mean).

    Examples
    --------
    >>> by_extremes(100.0, 300.0, 3.0, 5.0)
    1200.0
    >>> by_extremes(30.0, 55.0, 40.0, 60.0)
    2100.0
    """
    _refuse(mean_daily_units < 0, "mean_daily_units is below zero")
    _refuse(mean_lead_days < 0, "mean_lead_days is below zero")
    _refuse(peak_daily_units < mean_daily_units, "peak_daily_units is below mean_daily_units")
    _refuse(longest_lead_days < mean_lead_days, "longest_lead_days is below mean_lead_days")
    if lead_records is not None:
        _refuse(
            lead_records < MIN_LEAD_RECORDS,
            "the lead times rest on one trip, whose longest is its mean; "
            "give a second trip or the provider's range",
        )
    return peak_daily_units * longest_lead_days - mean_daily_units * mean_lead_days


def by_service_level(
    mean_daily_units: Amount,
    daily_sd_units: Amount,
    mean_lead_days: Amount,
    lead_sd_days: Amount,
    *,
    service_level: float,
) -> Amount:
    """Return the safety stock that meets demand through a lead time this often.

    Parameters
    ----------
    mean_daily_units, daily_sd_units : float or Series, shape (n_sku,)
        Mean and standard deviation of a day's demand. [units/day]
    mean_lead_days, lead_sd_days : float or Series, shape (n_sku,)
        Mean and standard deviation of the days to be covered. [days]
    service_level : float
        Share of such spans in which stock lasts, 0.50 to 0.999.

    Returns
    -------
    float or Series, shape (n_sku,)
        NaN where an input is NaN; not rounded. [units]

    Raises
    ------
    PlanningError
        If the service level is out of range or a spread is below zero.

    Notes
    -----
    ``z * sqrt(lead * sd_day**2 + mean_day**2 * sd_lead**2)``: the variance of demand over a lead
    time that itself varies. It takes days as independent and their sum as normal.

    References
    ----------
    Silver, Pyke, Thomas, Inventory and Production Management in Supply Chains, section 6.10.

    Examples
    --------
    >>> round(by_service_level(30.0, 9.0, 40.0, 7.0, service_level=0.95))
    358
    """
    if not MIN_SERVICE_LEVEL <= service_level <= MAX_SERVICE_LEVEL:
        raise PlanningError(
            f"service_level is {service_level}; "
            f"give {MIN_SERVICE_LEVEL} to {MAX_SERVICE_LEVEL}, 0.95 for instance"
        )
    _refuse(daily_sd_units < 0, "daily_sd_units is below zero")
    _refuse(lead_sd_days < 0, "lead_sd_days is below zero")
    _refuse(mean_lead_days < 0, "mean_lead_days is below zero")
    variance = mean_lead_days * daily_sd_units**2 + mean_daily_units**2 * lead_sd_days**2
    return NormalDist().inv_cdf(service_level) * variance**0.5


def _refuse(broken: bool | pd.Series, what: str) -> None:
    if not np.any(broken):
        return
    where = ""
    if isinstance(broken, pd.Series):
        named = [" ".join(map(str, np.atleast_1d(key))) for key in broken.index[broken][:5]]
        where = f" for {', '.join(named)}"
    raise PlanningError(f"{what}{where}")
