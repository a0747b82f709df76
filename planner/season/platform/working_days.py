"""Working days of a market: weekends and public holidays out, to a day or to the hour's end.

Holidays are those of package `holidays` for the whole country. Which of them a platform leaves
out it does not publish: around one the last day may be a day early or late, and of a market that
the package does not know every day may. `is_unsure` names such days.
"""

from functools import cache

import holidays
import numpy as np
import pandas as pd

WORKING_WEEK = "1111100"
COUNTRIES = {"UK": "GB"}
"""Countries whose code in package `holidays` is not the market's own."""


@cache
def holidays_of(market: str, years: tuple[int, ...]) -> np.ndarray:
    """Return a market's public holidays; `knows_holidays` says whether none means none.

    Parameters
    ----------
    market : str
    years : tuple of int

    Examples
    --------
    >>> holidays_of("TH", (2025,))[:1]
    array(['2025-01-01'], dtype='datetime64[D]')
    """
    country = COUNTRIES.get(market, market)
    if not knows_holidays(market):
        return np.array([], dtype="datetime64[D]")
    return np.array(sorted(holidays.country_holidays(country, years=years)), "datetime64[D]")


@cache
def knows_holidays(market: str) -> bool:
    """Return whether the public holidays of a market are known.

    Examples
    --------
    >>> knows_holidays("UK"), knows_holidays("ZZ")
    (True, False)
    """
    return COUNTRIES.get(market, market) in holidays.list_supported_countries()


def days_later(since: pd.Series, days: pd.Series, markets: pd.Series) -> pd.Series:
    """Return the day so many working days after the day of each moment.

    Parameters
    ----------
    since : Series of Timestamp
    days : Series of float
        Working days; NaN where no rule says how many. [days]
    markets : Series of str
        Whose weekends and holidays do not count.

    Returns
    -------
    Series of Timestamp
        Start of the day; NaT where `days` is unknown. A moment on a free day counts from the
        last working day before it, so that a Saturday and one working day make Monday.

    Examples
    --------
    >>> friday = pd.Series(pd.to_datetime(["2025-11-14 20:00"]))
    >>> days_later(friday, pd.Series([2.0]), pd.Series(["TH"])).dt.date.tolist()
    [datetime.date(2025, 11, 18)]
    """
    last = pd.Series(pd.NaT, index=since.index, dtype="datetime64[us]")
    for market in markets.unique():
        own = ((markets == market) & days.notna() & since.notna()).to_numpy(dtype=bool)
        if not own.any():
            continue
        starts = since[own].to_numpy(dtype="datetime64[D]")
        free = holidays_of(str(market), _years(starts))
        counts = days[own].to_numpy(dtype="int64")
        ends = np.busday_offset(
            starts, counts, roll="backward", weekmask=WORKING_WEEK, holidays=free
        )
        last[own] = ends.astype("datetime64[us]")
    return last


def is_working(since: pd.Series, markets: pd.Series) -> pd.Series:
    """Return which moments fall on a working day of their market."""
    found = pd.Series(False, index=since.index)
    for market in markets.unique():
        own = ((markets == market) & since.notna()).to_numpy(dtype=bool)
        if own.any():
            starts = since[own].to_numpy(dtype="datetime64[D]")
            free = holidays_of(str(market), _years(starts))
            found[own] = np.is_busday(starts, weekmask=WORKING_WEEK, holidays=free)
    return found


def is_unsure(since: pd.Series, until: pd.Series, markets: pd.Series) -> pd.Series:
    """Return which last days may be a day early or late.

    Parameters
    ----------
    since, until : Series of Timestamp
        Moments from which working days were counted, and the days they ended on.
    markets : Series of str

    Returns
    -------
    Series of bool
        True where a public holiday of the working week lies between, first and last day
        included, or the market's holidays are not known.
    """
    found = pd.Series(False, index=since.index)
    for market in markets.unique():
        own = ((markets == market) & since.notna() & until.notna()).to_numpy(dtype=bool)
        if not own.any():
            continue
        if not knows_holidays(str(market)):
            found[own] = True
            continue
        starts = since[own].to_numpy(dtype="datetime64[D]")
        ends = until[own].to_numpy(dtype="datetime64[D]")
        free = holidays_of(str(market), _years(starts))
        free = free[np.is_busday(free, weekmask=WORKING_WEEK)]
        first, after = np.minimum(starts, ends), np.maximum(starts, ends)
        found[own] = np.searchsorted(free, after, "right") > np.searchsorted(free, first, "left")
    return found


def _years(days: np.ndarray) -> tuple[int, ...]:
    """Return the years that the days and what follows them may touch."""
    years = days.astype("datetime64[Y]").astype(int) + 1970
    return tuple(range(int(years.min()) - 1, int(years.max()) + 2))
