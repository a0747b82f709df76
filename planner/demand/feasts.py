"""Feasts that move through the calendar: which a market keeps, and on which days.

Knows the dates that package `holidays` gives for the lunar, Hijri and Hindu calendars; what a
feast does to sales is learnt by `seasons` or not at all. Dates by sight of the moon may lie a
day beside.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

import holidays
import pandas as pd

from planner.tables import Findings, checked, columns, empty

DAY = pd.Timedelta(days=1)
LEARN_DAYS = 400
"""Shorter histories have no season, and so no effect of a feast (see `seasons`). [days]"""
FILE = "Forecast"
CODES = {
    "remark.feast_unseen": "W_FEAST_UNSEEN",
    "remark.feast_short": "W_FEAST_SHORT",
    "remark.feast_learnt": "W_FEAST_LEARNT",
}


class Feast(NamedTuple):
    """One feast: where its first day is read, who keeps it, and how long it is shopped for."""

    country: str
    """Country of package `holidays` whose list holds it."""
    named: str
    """Its name in that list, in English."""
    markets: tuple[str, ...]
    days: int
    """Days it lasts. [days]"""
    lead_days: int
    """Days before it on which people shop for it (house judgement). [days]"""


FEASTS = {
    "spring_festival": Feast("SG", "Chinese New Year", ("ID", "MY", "PH", "SG", "TH", "VN"), 3, 21),
    "eid_fitr": Feast("SG", "Eid al-Fitr", ("ID", "MY", "PH", "SG"), 2, 0),
    "ramadan": Feast("BN", "First Day of Ramadan", ("ID", "MY", "PH", "SG"), 0, 0),
    "eid_adha": Feast("SG", "Eid al-Adha", ("ID", "MY", "PH", "SG"), 1, 7),
    "songkran": Feast("TH", "Songkran Festival", ("TH",), 3, 7),
    "deepavali": Feast("SG", "Diwali", ("MY", "SG"), 1, 14),
}
"""Ramadan lasts until the eve of Eid al-Fitr, and is itself the time to shop for it."""
FEAST_NAMES = ("Lunar New Year", *(feast.named for feast in FEASTS.values()))
"""Names in English of the holidays that these feasts stand for."""


def feasts_of(market: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return the feasts of a market whose days, or days before them, lie in a span.

    Parameters
    ----------
    market : str
    first, last : Timestamp
        Both included.

    Returns
    -------
    DataFrame
        feast, shop_from, starts_on, ends_on; by first day.

    Examples
    --------
    >>> found = feasts_of("ID", pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-31"))
    >>> found["feast"].to_list(), str(found["starts_on"].iloc[0].date())
    (['ramadan', 'eid_fitr'], '2026-02-19')
    """
    rows = []
    for name, feast in FEASTS.items():
        if market in feast.markets:
            for year in range(first.year - 1, last.year + 2):
                rows += [(name, start, end) for start, end in _editions(name, year)]
    table = pd.DataFrame(rows, columns=["feast", "starts_on", "ends_on"])
    table = table.astype({"starts_on": "datetime64[us]", "ends_on": "datetime64[us]"})
    lead = pd.to_timedelta(table["feast"].map({n: f.lead_days for n, f in FEASTS.items()}), "D")
    table.insert(1, "shop_from", table["starts_on"] - lead)
    inside = (table["shop_from"] <= last) & (table["ends_on"] >= first)
    return table[inside].sort_values(["starts_on", "feast"], ignore_index=True)


def feast_days(market: str, first: pd.Timestamp, last: pd.Timestamp) -> pd.DataFrame:
    """Return the days of a market's feasts, and those before them, as Prophet takes holidays.

    Returns
    -------
    DataFrame
        holiday, ds; a feast bears one name in every year, so that one edition tells the next.
    """
    rows = []
    for row in feasts_of(market, first, last).itertuples():
        before = pd.date_range(row.shop_from, row.starts_on - DAY)
        rows += [(f"before {row.feast}", day) for day in before]
        rows += [(row.feast, day) for day in pd.date_range(row.starts_on, row.ends_on)]
    return pd.DataFrame(rows, columns=["holiday", "ds"]).astype({"ds": "datetime64[us]"})


def feast_remarks(
    market: str,
    *,
    known: tuple[pd.Timestamp, pd.Timestamp],
    ahead: tuple[pd.Timestamp, pd.Timestamp],
) -> list[str]:
    """Return one remark for each feast that touches the days ahead, and what is known of it.

    Parameters
    ----------
    market : str
    known, ahead : tuple of Timestamp
        First and last day of the history, and of the days forecast.

    Returns
    -------
    list of str
        `term|key=value` each: a feast of which the history holds no edition, one of which it
        holds some but is too short to learn from, or one that may be learnt.
    """
    past = feasts_of(market, *known)
    whole = past[(past["shop_from"] >= known[0]) & (past["ends_on"] <= known[1])]
    seen = whole["feast"].value_counts()
    days = (known[1] - known[0]).days + 1
    told = []
    for row in feasts_of(market, *ahead).itertuples():
        count = int(seen.get(row.feast, 0))
        learns = "remark.feast_short" if days < LEARN_DAYS else "remark.feast_learnt"
        term = learns if count else "remark.feast_unseen"
        span = f"start={row.starts_on:%Y-%m-%d}|end={row.ends_on:%Y-%m-%d}"
        told.append(f"{term}|feast=feast.{row.feast}|{span}|count={count}|days={days}")
    return told


def feast_findings(
    daily: pd.DataFrame, spans: Mapping[str, tuple[pd.Timestamp, pd.Timestamp]]
) -> pd.DataFrame:
    """Return one finding for each feast that touches a market's days ahead.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    spans : Mapping of str to tuple of Timestamp
        By market, first and last day of the days forecast.

    Returns
    -------
    DataFrame
        Table `Findings`; its file is the table `Forecast`.
    """
    rows = []
    known = daily.groupby("market")["day"].agg(["min", "max"])
    for market, span in sorted(spans.items()):
        if market not in known.index:
            continue
        history = (known.loc[market, "min"], known.loc[market, "max"])
        for remark in feast_remarks(market, known=history, ahead=span):
            term, facts = remark.split("|", 1)
            rows.append((FILE, CODES[term], f"market={market}|{facts}"))
    if not rows:
        return empty(Findings)
    return checked(Findings, pd.DataFrame(rows, columns=columns(Findings)).astype("str"))


def spans_ahead(
    base: pd.DataFrame, as_of: Mapping[str, date]
) -> dict[str, tuple[pd.Timestamp, pd.Timestamp]]:
    """Return the looking day and the last day forecast of each market.

    Parameters
    ----------
    base : DataFrame
        Table `BaselineDaily`.
    as_of : Mapping of str to date
        By market, the day one looks from: what the history lacks before it is not ahead.
    """
    last = base[base["is_future"]].groupby("market")["day"].max()
    return {str(market): (pd.Timestamp(as_of[str(market)]), day) for market, day in last.items()}


@cache
def _editions(name: str, year: int) -> tuple[tuple[pd.Timestamp, pd.Timestamp], ...]:
    """Return first and last day of a feast's editions that begin in a year; rarely two."""
    feast = FEASTS[name]
    starts = _first_days(feast, year)
    if name == "ramadan":
        eids = [*_first_days(FEASTS["eid_fitr"], year), *_first_days(FEASTS["eid_fitr"], year + 1)]
        ends = [min(eid for eid in eids if eid > start) - DAY for start in starts]
    else:
        ends = [start + (feast.days - 1) * DAY for start in starts]
    return tuple(zip(starts, ends, strict=True))


@cache
def _first_days(feast: Feast, year: int) -> tuple[pd.Timestamp, ...]:
    named = holidays.country_holidays(feast.country, years=year, language="en_US")
    days = sorted(
        pd.Timestamp(day)
        for day, names in named.items()
        for name in names.split("; ")
        if name.removesuffix(" (estimated)") == feast.named
    )
    return tuple(day for place, day in enumerate(days) if not place or day - days[place - 1] > DAY)
