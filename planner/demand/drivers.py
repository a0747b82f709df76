"""What is known to drive promotions, as columns that a regression of log ratios can take.

Knows how each driver is to be scaled so that its effect on a log ratio is near a line; not how
strong it is, nor where the figures come from. Unknown stays NaN.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from dateutil.easter import easter

from planner.campaign import MarketPlan
from planner.demand.clean import Codes, Floats, Panel
from planner.intake.masters import SAME_EVENT_DAYS
from planner.intake.paid_prices import MAX_DISCOUNT
from planner.tables import Drivers, columns

DRIVER_COLUMNS = tuple(
    name
    for name in columns(Drivers)
    if name not in ("event", "market", "phase", "sku", "starts_on", "ends_on")
)
"""Drivers in the order of the last axis of every array here."""
PER_DAY = ("live_hours", "live_sessions", "viewers", "ad_spend", "traffic_visits")
"""Totals of a phase: a day's share of them drives a day's ratio."""
LOGGED = (*PER_DAY, "creators")
EASTER_DAYS = 8
"""Days before Easter Sunday on which people shop for it: the window that X-13ARIMA-SEATS takes for
retail sales (U.S. Census Bureau, reference manual, regressor easter[8]). [days]"""
EASTER_MARKETS = frozenset(
    ("", "US", "UK", "GB", "DE", "FR", "IT", "ES", "PT", "IE", "NL", "BE", "PL", "MX", "BR", "PH")
)
"""Markets that shop for it; a blank one is unknown, and the seller's own past decides."""


def driver_matrix(rows: pd.DataFrame, *, days: Floats | int = 1) -> Floats:
    """Return drivers scaled for a regression of log ratios.

    Parameters
    ----------
    rows : DataFrame, n rows
        Columns named as in `DRIVER_COLUMNS`; one that is absent is unknown.
    days : array of shape (n,) or int
        Days over which the totals of `PER_DAY` run. [days]

    Returns
    -------
    array, shape (n, k)
        ``-log(1 - discount)``, so that demand falls as a power of the price; ``log(1 + x)`` of
        creators, and of hours, sessions, viewers, money and visits a day; the tier's rank;
        flags as 0 and 1. NaN where unknown, never infinite.

    Examples
    --------
    >>> rows = pd.DataFrame({"discount_rate": [0.2], "live_hours": [6.0]})
    >>> driver_matrix(rows, days=3)[0, [0, 3]].round(4).tolist()
    [0.2231, 1.0986]
    """
    matrix = np.full((len(rows), len(DRIVER_COLUMNS)), np.nan)
    for place, name in enumerate(DRIVER_COLUMNS):
        if name not in rows:
            continue
        values = rows[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
        matrix[:, place] = _scaled(name, values / days if name in PER_DAY else values)
    return matrix


def easter_share(starts: pd.Series, ends: pd.Series, *, market: str) -> Floats:
    """Return the share of each promotion's days that lie in the week before Easter.

    Parameters
    ----------
    starts, ends : Series of n days
        First and last day.
    market : str
        Where it is held, blank if unknown.

    Returns
    -------
    array, shape (n,)
        Between 0 and 1; 0 in a market that does not shop for Easter. [unitless]

    Examples
    --------
    >>> days = pd.to_datetime(pd.Series(["2025-04-16", "2025-05-16"]))
    >>> easter_share(days, days + pd.Timedelta(days=7), market="DE").tolist()
    [0.5, 0.0]
    """
    if market not in EASTER_MARKETS:
        return np.zeros(len(starts))
    years = starts.dt.year
    sunday = years.map({year: pd.Timestamp(easter(year)) for year in years.unique()})
    sunday = pd.to_datetime(sunday)
    first = starts.clip(lower=sunday - pd.Timedelta(days=EASTER_DAYS))
    last = ends.clip(upper=sunday - pd.Timedelta(days=1))
    inside = ((last - first).dt.days + 1).clip(lower=0)
    return (inside / ((ends - starts).dt.days + 1)).to_numpy(dtype=float)


def of_runs(
    drivers: pd.DataFrame,
    panel: Panel,
    *,
    phase: str,
    series: Codes,
    event: Sequence[str],
    start: Codes,
) -> Floats:
    """Return the drivers of past runs of promo days, as `uplift.past_runs` finds them.

    Parameters
    ----------
    drivers : DataFrame
        Table `Drivers`.
    panel : Panel
        Daily sales.
    phase : {"warm_up", "sale", "tail"}
    series : array, shape (n_runs,)
        Position of each run's series in the panel; -1 for a SKU that is only remembered.
    event : sequence of str, length n_runs
        Name of each run's event.
    start : array, shape (n_runs,)
        Column of each run's first day; -1 for a run that is only remembered.

    Returns
    -------
    array, shape (n_runs, k)
        Columns as in `DRIVER_COLUMNS`. The event's edition is the one whose phase starts
        nearest to the run, within 60 days; fact by fact the SKU's own comes before the
        market's. NaN where nothing is known.
    """
    known = (series >= 0) & (start >= 0)
    keys = panel.keys[["market", "sku"]].take(np.where(known, series, 0)).reset_index(drop=True)
    days = panel.first_on + pd.to_timedelta(np.asarray(start, dtype=int), unit="D")
    wanted = keys.assign(event=pd.array(list(event), dtype="str"), starts_on=days)
    matrix = _looked_up(drivers[drivers["phase"] == phase], wanted)
    matrix[~known] = np.nan
    return matrix


def of_target(
    drivers: pd.DataFrame, panel: Panel, plans: Mapping[str, MarketPlan], phase: str
) -> Floats:
    """Return the drivers of one phase of the promotion ahead of each series.

    Parameters
    ----------
    drivers : DataFrame
        Table `Drivers`.
    panel : Panel
        Gives market and SKU of each series.
    plans : Mapping of str to MarketPlan
        By market, the promotion ahead.
    phase : {"warm_up", "sale", "tail"}

    Returns
    -------
    array, shape (n_series, k)
        Columns as in `DRIVER_COLUMNS`; NaN where nothing is known, also in a market without
        the phase.
    """
    named = {market: plan.phases.named() for market, plan in plans.items()}
    starts = {
        market: pd.Timestamp(phases[phase].start)
        for market, phases in named.items()
        if phase in phases
    }
    has_phase = panel.keys["market"].isin(list(starts)).to_numpy()
    matrix = np.full((len(panel.keys), len(DRIVER_COLUMNS)), np.nan)
    wanted = panel.keys.loc[has_phase, ["market", "sku"]].reset_index(drop=True)
    wanted["event"] = wanted["market"].map({m: plans[m].event for m in starts}).astype("str")
    wanted["starts_on"] = pd.to_datetime(wanted["market"].map(starts))
    matrix[has_phase] = _looked_up(drivers[drivers["phase"] == phase], wanted)
    return matrix


def _scaled(name: str, values: Floats) -> Floats:
    if name == "discount_rate":
        return -np.log1p(-np.clip(values, 0.0, MAX_DISCOUNT))
    return np.log1p(np.maximum(values, 0.0)) if name in LOGGED else values


def _looked_up(drivers: pd.DataFrame, wanted: pd.DataFrame) -> Floats:
    """Return the scaled drivers of each wanted row, the market's where the SKU has none."""
    if drivers.empty or wanted.empty:
        return np.full((len(wanted), len(DRIVER_COLUMNS)), np.nan)
    own = _matched(drivers, wanted)
    return np.where(np.isnan(own), _matched(drivers, wanted.assign(sku="")), own)


def _matched(drivers: pd.DataFrame, wanted: pd.DataFrame) -> Floats:
    key = ["event", "market", "sku"]
    told = [*key, "starts_on", "ends_on", *DRIVER_COLUMNS]
    kinds = {name: "str" for name in key} | {"starts_on": "datetime64[us]"}
    left = wanted.assign(place=np.arange(len(wanted))).astype(kinds).sort_values("starts_on")
    right = drivers[told].astype(kinds).sort_values("starts_on", kind="stable")
    right = right.assign(days=(right["ends_on"] - right["starts_on"]).dt.days + 1)
    reach = pd.Timedelta(SAME_EVENT_DAYS, unit="D")
    found = pd.merge_asof(
        left, right, on="starts_on", by=key, direction="nearest", tolerance=reach
    ).sort_values("place")
    return driver_matrix(found, days=found["days"].to_numpy(dtype=float))
