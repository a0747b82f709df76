"""The project's own forecast of the benchmark's windows, through the door that users have.

Writes what is known at a cut-off as a table of daily sales and one of events, as a seller would,
and reads the answer back. Knows nothing of the truth.
"""

from functools import cache

import numpy as np
import pandas as pd

from benchmarks.accuracy_windows import Case
from planner.demand.own_events import CLOSED
from planner.demand.peers import Told, promo_runs
from planner.demand.windows import forecast_event
from planner.desk.home import find_home
from planner.intake.rules import read_register
from planner.tables import UpliftPriors

AHEAD = "the event ahead"
QUANTILES = ("q025", "q10", "q50", "q80", "q90", "q95", "q975")
"""Columns of `EventForecast` that hold `peers.LEVELS`, in their order."""


def ours(case: Case) -> Told:
    """Return what `planner.demand.windows.forecast_event` says of the windows of a case."""
    return forecast_of(case, sales_of(case), events_of(case))


def forecast_of(case: Case, sales: pd.DataFrame, events: pd.DataFrame) -> Told:
    """Return the forecast of a case from tables, which a control may have changed."""
    seen = case.windows
    as_of = seen.days[seen.units.shape[1]].date()
    table = forecast_event(sales, events, event=AHEAD, as_of=as_of, priors=_priors())
    table = table.set_index("sku").reindex(list(case.skus))
    return Told(table["mean"].to_numpy(), table[list(QUANTILES)].to_numpy())


def sales_of(case: Case) -> pd.DataFrame:
    """Return the known days as a seller's table: sku, date, units, category, in_stock if told."""
    seen = case.windows
    n_series, n_days = seen.units.shape
    table = pd.DataFrame(
        {
            "sku": np.repeat(np.array(case.skus, dtype=object), n_days),
            "date": np.tile(seen.days[:n_days], n_series),
            "units": seen.units.ravel(),
            "category": np.repeat(np.array(case.category, dtype=object), n_days),
        }
    )
    return table if seen.is_known.all() else table.assign(in_stock=seen.is_known.ravel())


def events_of(case: Case) -> pd.DataFrame:
    """Return past promotions, the window, other promotions announced, and closed days ahead.

    Notes
    -----
    One row per series and run of days, with the inputs known ahead; past and announced promotions
    are named by the week in which they begin.
    """
    seen = case.windows
    n_days = seen.units.shape[1]
    announced = seen.is_promo_ahead & ~seen.window
    ahead = seen.drivers_ahead
    past = _rows(case, seen.drivers, promo_runs(seen).T, offset=0)
    coming = _rows(case, ahead, _spans(announced), offset=n_days)
    closed = _rows(case, ahead, _spans(~seen.is_open_ahead), offset=n_days)
    target = _rows(case, ahead, _spans(seen.window), offset=n_days)
    parts = [
        past.assign(event=_week(past)),
        coming.assign(event=_week(coming)),
        closed.assign(event=CLOSED, kind=CLOSED),
        target.assign(event=AHEAD),
    ]
    return pd.concat([part for part in parts if len(part)], ignore_index=True)


def _rows(
    case: Case,
    drivers: np.ndarray,
    spans: np.ndarray,
    *,
    offset: int,
) -> pd.DataFrame:
    series, starts, stops = spans
    days = case.windows.days
    table = pd.DataFrame(
        {
            "sku": np.array(case.skus, dtype=object)[series],
            "kind": np.array(case.kinds, dtype=object)[starts + offset],
            "start": days[starts + offset],
            "end": days[stops - 1 + offset],
        }
    )
    for place, name in enumerate(case.driver_names[1:], start=1):
        table[name] = [
            float(drivers[one, start:stop, place].mean())
            for one, start, stop in zip(series, starts, stops, strict=True)
        ]
    return table


def _spans(days: np.ndarray) -> np.ndarray:
    """Return series, first column and column after the last of each run of chosen days."""
    edge = np.diff(np.pad(days, ((0, 0), (1, 1))).astype(int), axis=1)
    series, starts = np.nonzero(edge == 1)
    return np.stack([series, starts, np.nonzero(edge == -1)[1]])


def _week(rows: pd.DataFrame) -> pd.Series:
    return rows["start"].dt.to_period("W").dt.start_time.dt.strftime("%Y-%m-%d")


@cache
def _priors() -> pd.DataFrame:
    return read_register(find_home().rules_folder("uplift_priors.csv"), UpliftPriors)
