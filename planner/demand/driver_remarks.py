"""Which drivers of a promotion ahead lie beyond what past promotions can tell.

Knows what the past held of each driver and what is said of the promotion ahead; not how
strong a driver is. The engine holds a driver within what it has seen: these say where.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.demand.clean import Floats
from planner.demand.drivers import DRIVER_COLUMNS, PER_DAY
from planner.scope import Scope
from planner.tables import Findings, checked, columns

TOLD_DRIVERS = (*DRIVER_COLUMNS, "display_rate")
SPAN_COLUMNS = (("start", "end"), ("starts_on", "ends_on"))
"""Names that the first and last day of a row may bear."""
SAME = 1e-9
"""Values as near as this, relative to themselves, are one."""
UNMOVED, ABOVE, ABOVE_A_DAY = "driver.unmoved", "driver.above", "driver.above_a_day"
BELOW, BELOW_A_DAY = "driver.below", "driver.below_a_day"
CODES = {
    UNMOVED: "W_DRIVER_UNMOVED",
    ABOVE: "W_DRIVER_ABOVE",
    ABOVE_A_DAY: "W_DRIVER_ABOVE_A_DAY",
    BELOW: "W_DRIVER_BELOW",
    BELOW_A_DAY: "W_DRIVER_BELOW_A_DAY",
}
"""By the term of a limit: the code of its finding."""
LEARNT_PHASES = ("warm_up", "sale", "tail")


class Limit(NamedTuple):
    """One driver that is said ahead and beyond the past: by which name, and what it counts as."""

    driver: str
    term: str
    most: str
    """What the furthest value counts as, a day for totals; blank where nothing is moved."""


def driver_remarks(past: pd.DataFrame, ahead: pd.DataFrame) -> list[str]:
    """Return a remark for each driver ahead of which the past cannot tell what it does.

    Parameters
    ----------
    past, ahead : DataFrame
        Rows of past promotions and of the one ahead: columns of `TOLD_DRIVERS` as far as they
        are known, and the first and last day (`start` and `end`, or `starts_on` and `ends_on`),
        without which totals are taken as they stand.

    Returns
    -------
    list of str
        `term|driver=...|most=...`, in order of `TOLD_DRIVERS`; empty if all lies within.

    Examples
    --------
    >>> past = pd.DataFrame({"discount_rate": [0.1, 0.3], "creators": [np.nan, np.nan]})
    >>> driver_remarks(past, pd.DataFrame({"discount_rate": [0.5], "creators": [4.0]}))
    ['driver.above|driver=driver.discount_rate|most=0.3', 'driver.unmoved|driver=driver.creators']
    """
    return [
        f"{limit.term}|driver=driver.{limit.driver}" + f"|most={limit.most}" * bool(limit.most)
        for limit in limits(past, ahead)
    ]


def driver_limits(drivers: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return as findings which drivers of the campaign ahead move nothing, or count as less.

    Parameters
    ----------
    drivers : DataFrame
        Table `Drivers`.
    scope : Scope
        Gives the campaign ahead, and the days before which a promotion is past.

    Returns
    -------
    DataFrame
        Keeps the contract Findings: one of `CODES` for each driver and limit, phases together.

    Notes
    -----
    Past promotions of all markets and SKUs teach together, each phase by itself.
    """
    today = pd.to_datetime(drivers["market"].map(scope.as_of(2)))
    is_past, is_ahead = drivers["starts_on"] < today, _is_of_campaign(drivers, scope)
    phases: dict[Limit, list[str]] = {}
    for phase in LEARNT_PHASES:
        inside = drivers["phase"] == phase
        past, ahead = drivers[inside & is_past & ~is_ahead], drivers[inside & is_ahead]
        for limit in limits(past, ahead):
            phases.setdefault(limit, []).append(f"phase.{phase}")
    rows = [
        ("drivers", CODES[limit.term],
         f"driver=driver.{limit.driver}|phases={', '.join(told)}|most={limit.most}")
        for limit, told in phases.items()
    ]  # fmt: skip
    return checked(Findings, pd.DataFrame(rows, columns=columns(Findings)).astype("str"))


def limits(past: pd.DataFrame, ahead: pd.DataFrame) -> list[Limit]:
    """Return the drivers ahead that the past holds back; see `driver_remarks`."""
    return [limit for name in TOLD_DRIVERS for limit in _limits_of(name, past, ahead)]


def _is_of_campaign(drivers: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return which rows are of the campaign ahead: its event, on the days it plans."""
    planned = pd.DataFrame(
        [
            (market, plan.event, phase, pd.Timestamp(span.start))
            for market, plan in scope.plans.items()
            for phase, span in plan.phases.named().items()
        ],
        columns=["market", "event", "phase", "starts_on"],
    )
    key = pd.MultiIndex.from_frame(drivers[list(planned)])
    found = key.isin(pd.MultiIndex.from_frame(planned))
    return pd.Series(found, index=drivers.index)


def _limits_of(name: str, past: pd.DataFrame, ahead: pd.DataFrame) -> Iterator[Limit]:
    """Yield what holds one driver back: no experience at all, or its furthest values.

    Notes
    -----
    A driver that stays what it always was has nothing to move, and is no remark.
    """
    said, seen = _values(name, ahead), _values(name, past)
    if not said.size:
        return
    if not seen.size or np.isclose(seen.min(), seen.max(), rtol=SAME, atol=SAME):
        if not (seen.size and np.allclose(said, seen[0], rtol=SAME, atol=SAME)):
            yield Limit(name, UNMOVED, "")
        return
    slack = SAME * (1 + abs(seen).max())
    a_day = name in PER_DAY
    if said.max() > seen.max() + slack:
        yield Limit(name, ABOVE_A_DAY if a_day else ABOVE, _told(seen.max()))
    if said.min() < seen.min() - slack:
        yield Limit(name, BELOW_A_DAY if a_day else BELOW, _told(seen.min()))


def _values(name: str, rows: pd.DataFrame) -> Floats:
    """Return the known values of a driver, totals as those of a day."""
    if name not in rows:
        return np.empty(0)
    values = rows[name].astype("Float64").to_numpy(dtype=float, na_value=np.nan)
    if name in PER_DAY:
        for first, last in SPAN_COLUMNS:
            if first in rows and last in rows:
                days = (rows[last] - rows[first]).dt.days.to_numpy(dtype=float) + 1
                values = values / days
    return values[np.isfinite(values)]


def _told(value: float) -> str:
    """Return three figures of a number, never with an exponent."""
    return f"{float(f'{value:.3g}'):.15g}"
