"""The campaign of a market as a whole: sold to date, still to come, with the range of the sum.

Adds worlds up over SKUs, so that what SKUs share widens the sum and what is each one's own does
not. Knows nothing of stock or money.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.season.outlook.rest_by_hour import LEVELS, MarketRest, planned_rest
from planner.season.outlook.sightings import PHASES


def rest_totals(rests: list[MarketRest]) -> pd.DataFrame:
    """Return each market's campaign to date and the rest of it, beside the plan for both.

    Parameters
    ----------
    rests : list of MarketRest
        As `rest_by_hour.rest_by_hour` returns them.

    Returns
    -------
    DataFrame
        Table `RestTotals`.
    """
    rows = [_totals(rest) for rest in rests]
    if not rows:
        return tables.empty(tables.RestTotals)
    return tables.checked(tables.RestTotals, pd.DataFrame(rows))


def event_curve(rests: list[MarketRest]) -> pd.DataFrame:
    """Return day by day what was planned, sold and is now expected since the campaign began.

    Parameters
    ----------
    rests : list of MarketRest
        As `rest_by_hour.rest_by_hour` returns them.

    Returns
    -------
    DataFrame
        Table `EventCurve`. Within a phase the range holds what is not known of its total; how far
        single days stray from their share is not in it.
    """
    parts = [_curve(rest) for rest in rests]
    if not parts:
        return tables.empty(tables.EventCurve)
    return tables.checked(tables.EventCurve, pd.concat(parts, ignore_index=True))


def _totals(rest: MarketRest) -> dict[str, object]:
    sight = rest.sight
    event = rest.learnt.totals("tail").sum(axis=0)
    planned = planned_rest(sight).sum(axis=0)
    low, middle, high = np.quantile(event, LEVELS)
    plan_low, plan_high = np.quantile(planned, (LEVELS[0], LEVELS[-1]))
    width = plan_high - plan_low
    return {
        "market": rest.market,
        "looking_at": sight.at,
        "sold_units": float(sight.sold.sum()),
        "planned_to_date": float((sight.expected * sight.past).sum()),
        "planned_rest_units": float(planned.mean()),
        "plan_low_units": float(plan_low),
        "plan_high_units": float(plan_high),
        "rest_q10_units": float(low),
        "rest_q50_units": float(middle),
        "rest_q90_units": float(high),
        "width_ratio": float((high - low) / width) if width > 0 else float("nan"),
    }


def _curve(rest: MarketRest) -> pd.DataFrame:
    sight, ahead = rest.sight, rest.ahead[rest.is_event_day]
    sold = sight.sold.sum(axis=0).cumsum()
    to_come = rest.by_day()[:, rest.is_event_day].sum(axis=0).cumsum(axis=0)
    ends = np.full((3, len(sight.days)), np.nan)
    if len(ahead):
        ends[:, ahead] = sight.sold.sum() + np.quantile(to_come, LEVELS, axis=1)
    frame = pd.DataFrame({
        "market": rest.market,
        "day": sight.days,
        "planned_units": sight.expected.sum(axis=0).cumsum(),
        "sold_units": np.where(sight.days < sight.at, sold, np.nan),
        "low_units": ends[0],
        "mid_units": ends[1],
        "high_units": ends[2],
    })  # fmt: skip
    return frame[sight.phase < PHASES.index("after")].astype({"market": "str"})
