"""The days of a campaign that have been seen, what was planned for them and what was sold.

Knows phases and looking days. Knows nothing of draws, stock or money.
"""

from collections.abc import Mapping
from datetime import date, timedelta

import pandas as pd

from planner.campaign import MarketPlan
from planner.scope import Scope

KEYS = ["market", "sku"]
NO_DAYS = {"market": "str", "day": "datetime64[us]", "phase": "str"}


def seen_until(scope: Scope, *, step: int) -> dict[str, date]:
    """Return by market the first day that notebook `step` does not count.

    It is the looking day or the day the next ordinary replenishment is on the shelf,
    whichever comes first.
    """
    return {
        market: min(day, scope.plans[market].next_replenishment_on)
        for market, day in scope.as_of(step).items()
    }


def campaign_days(scope: Scope, *, until: Mapping[str, date]) -> pd.DataFrame:
    """Return every day from the first phase day on that lies before `until`.

    Parameters
    ----------
    scope : Scope
        Its market plans give the phases.
    until : Mapping of str to date
        By market, the first day left out; a market without one has no days.

    Returns
    -------
    DataFrame
        market, day, phase (`warm_up`, `sale`, `tail` or `after`); empty before the campaign.
    """
    frames = [_days_of(market, scope.plans[market], end) for market, end in until.items()]
    frames = [frame for frame in frames if len(frame)]
    if not frames:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in NO_DAYS.items()})
    return pd.concat(frames, ignore_index=True).astype(NO_DAYS)


def sold_by_day(daily: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return what each market sold on the given days, its shops added up.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    days : DataFrame
        As `campaign_days` returns them.

    Returns
    -------
    DataFrame
        market, sku, day, phase, units [units], is_stock_out. A day counts as a stock-out if
        any shop of the market had one: sales of such a day are only a floor under demand.
    """
    sales = daily[["market", "sku", "day", "units", "is_stock_out"]]
    seen = sales.merge(days, on=["market", "day"], how="inner")
    grouped = seen.groupby(["market", "sku", "day", "phase"], as_index=False, sort=True)
    return grouped.agg(units=("units", "sum"), is_stock_out=("is_stock_out", "any"))


def planned_rates(forecast: pd.DataFrame) -> pd.DataFrame:
    """Return the mean forecast of one day of each phase, its shops added up.

    Parameters
    ----------
    forecast : DataFrame
        Table `Forecast`.

    Returns
    -------
    DataFrame
        market, sku, phase, planned_units [units/day]; without `before` and the whole horizon.

    Notes
    -----
    ``phase mean / days of the phase``: the forecast is spread evenly over a phase.
    """
    phases = forecast[~forecast["phase"].isin(("before", "horizon"))]
    days = (phases["ends_on"] - phases["starts_on"]).dt.days + 1
    rates = phases.assign(planned_units=phases["mean_units"] / days)
    return rates.groupby([*KEYS, "phase"], as_index=False)["planned_units"].sum()


def planned_by_day(by_day: pd.DataFrame) -> pd.DataFrame:
    """Return the mean forecast of each campaign day, its shops added up.

    Parameters
    ----------
    by_day : DataFrame
        Table `ForecastDaily`.

    Returns
    -------
    DataFrame
        market, sku, phase, day, planned_units [units/day]; without `before`.
    """
    rows = by_day[by_day["phase"] != "before"]
    sums = rows.groupby([*KEYS, "phase", "day"], as_index=False)["mean_units"].sum()
    return sums.rename(columns={"mean_units": "planned_units"})


def known_until(daily: pd.DataFrame, until: Mapping[str, date]) -> dict[str, date]:
    """Return by market the first day without data: `until`, or earlier where the exports end.

    A market without any sales row is left out: nothing is known of it, not even zeros.
    """
    last = daily.groupby("market")["day"].max()
    return {
        market: min(day, (last[market] + timedelta(days=1)).date())
        for market, day in until.items()
        if market in last.index
    }


def _days_of(market: str, plan: MarketPlan, end: date) -> pd.DataFrame:
    days = pd.date_range(plan.phases.start, end, inclusive="left", unit="us")
    phase = pd.Series("after", index=days, dtype="str")
    for name, span in plan.phases.named().items():
        phase[(days >= pd.Timestamp(span.start)) & (days <= pd.Timestamp(span.end))] = name
    return pd.DataFrame({"market": market, "day": days, "phase": phase.to_numpy()})
