"""What a campaign came to: forecast against demand, stock, money, and the measures of a review.

Looks from the review day. Knows nothing of why things went as they did.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.demand import accuracy
from planner.scope import Scope
from planner.season.days import (
    KEYS,
    campaign_days,
    known_until,
    planned_rates,
    seen_until,
    sold_by_day,
)
from planner.season.outlook import worlds as draws_of
from planner.season.result import money
from planner.season.stock.held import counts_by_market, dead_stock_days, held_stock
from planner.season.stock.lost import lost_by_day

LOW_LEVEL, HIGH_LEVEL = 0.10, 0.90
MIN_AFTER_DAYS = 7
"""Days in stock after the campaign that tell an ordinary rate. [days]"""


def review(
    daily: pd.DataFrame,
    forecast: pd.DataFrame,
    draws: pd.DataFrame,
    stock_history: pd.DataFrame,
    stock: pd.DataFrame,
    lines: pd.DataFrame,
    *,
    scope: Scope,
    bounds: pd.DataFrame | None = None,
    bundles: pd.DataFrame | None = None,
    elsewhere: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what became of each SKU, from the first phase day to the review day or the horizon.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales` as known on the review day.
    forecast, draws : DataFrame
        Tables `Forecast` and `DemandDraws`; a horizon not yet over counts by its days seen.
    stock_history, stock : DataFrame
        Tables `StockHistory` and `Stock`.
    lines : DataFrame
        Table `OrderLines` as known on the review day.
    scope : Scope
        Its looking days of step 5.
    bounds : DataFrame, optional
        Register `Bounds`: its rule `dead_stock_days` says when leftover is dead. Without it that
        is unknown.
    bundles : DataFrame, optional
        Table `Bundles`, so that returned bundles count as returned components.
    elsewhere : DataFrame, optional
        market, sku, elsewhere_units: what the plan counted on and nobody brought, see
        `owned.unmoved_units`; left over with what the shelf holds.

    Returns
    -------
    DataFrame
        Table `Outcome`; empty before the campaign. What no file tells is empty and named in
        `missing`.

    Notes
    -----
    Demand without the limit of stock is ``sold + lost``; it, not sales, is held against the
    forecast. A SKU without any count and without a stock-out that its sales show may have run out
    or not: units lost and days out are unknown, and sales stand for its demand. See
    `lost.lost_by_day` for lost units and `held.held_stock` for stock; costs stand in
    `spent.cost_review`. Stock is dead if it would last longer than `dead_stock_days` at the daily
    rate after the campaign: units sold per day in stock after the last phase, or, with fewer than
    7 such days, the rate forecast for then.
    """
    until = known_until(daily, seen_until(scope, step=5))
    days = campaign_days(scope, until=until)
    if days.empty:
        return tables.empty(tables.Outcome)
    sold = sold_by_day(daily, days)
    told = _foretold(forecast, draws, scope, until)
    keys = pd.concat([told[KEYS], sold[KEYS]]).drop_duplicates().sort_values(KEYS)
    keys = keys[keys["market"].isin(until)].reset_index(drop=True)
    grid = _grid(keys, days, sold, forecast)
    frame = keys.merge(told, on=KEYS, how="left").merge(_sold(grid), on=KEYS, how="left")
    counts = counts_by_market(stock_history, daily, scope=scope)
    frame = frame.merge(held_stock(counts, stock, keys, daily=daily, scope=scope), on=KEYS)
    frame = _with_elsewhere(frame, elsewhere)
    unseen = frame[["opening_units", "mean_stock_units"]].isna().all(axis=1)
    unseen &= frame["stock_out_days"].eq(0)
    unknown = {"lost_units": np.nan, "stock_out_days": pd.NA}
    frame = frame.assign(**{name: frame[name].mask(unseen, gap) for name, gap in unknown.items()})
    frame["turnover_ratio"] = _quotient(frame["actual_units"], frame["mean_stock_units"])
    frame["is_covered"] = _is_covered(frame)
    frame["is_dead_stock"] = _is_dead(frame, grid, forecast, bounds)
    frame["returned_units"] = money.returned_units(lines, keys, days, bundles=bundles)
    revenue = money.revenue_by_sku(daily, keys, days, scope=scope, lines=lines, bundles=bundles)
    frame = frame.merge(revenue, on=KEYS)
    frame["missing"] = _missing(frame)
    return tables.checked(tables.Outcome, frame)


def measures(outcome: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of the review meeting, market by market.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`.

    Returns
    -------
    DataFrame
        Table `OutcomeMeasures`; a figure no SKU can tell is empty.

    Notes
    -----
    forecast_wape ``= sum |forecast - demand| / sum demand``; forecast_bias
    ``= sum (forecast - demand) / sum demand``, above zero is too much; coverage: share of SKUs
    whose demand fell inside the 80 % range; turnover ``= sum sold / sum mean stock``;
    dead_stock_rate ``= dead units / units left``; return_rate ``= returned / sold``. Demand is
    sold + lost.
    """
    rows = [row for market, part in outcome.groupby("market") for row in _measured(market, part)]
    if not rows:
        return tables.empty(tables.OutcomeMeasures)
    frame = pd.DataFrame(rows, columns=["market", "measure", "value", "unit"])
    return tables.checked(tables.OutcomeMeasures, frame.astype({"value": float}))


def paired_share(above: pd.Series, below: pd.Series) -> float:
    """Return the share of sums over the rows that know both; NaN where none does.

    Parameters
    ----------
    above, below : Series
        Of the same rows.

    Examples
    --------
    >>> paired_share(pd.Series([1.0, 2.0]), pd.Series([4.0, float("nan")]))
    0.25
    """
    known = above.notna() & below.notna()
    whole = below[known].sum()
    return float(above[known].sum() / whole) if known.any() and whole > 0 else np.nan


def demand_seen(outcome: pd.DataFrame) -> pd.Series:
    """Return what was wanted of each SKU: sold and lost, or sold alone where no one saw the shelf.

    Parameters
    ----------
    outcome : DataFrame
        Table `Outcome`. [units]
    """
    return outcome["actual_units"] + outcome["lost_units"].mask(outcome["stock_out_days"].isna(), 0)


def _foretold(
    forecast: pd.DataFrame, draws: pd.DataFrame, scope: Scope, until: dict[str, object]
) -> pd.DataFrame:
    """Return forecast_units, low_units and high_units of the days seen."""
    starts = {market: plan.phases.start for market, plan in scope.plans.items()}
    inside = draws[draws["market"].isin(until)]
    keys, units = draws_of.demand_between(draws_of.market_worlds(inside), starts, until)
    equal = np.full(units.shape, 1.0 / units.shape[1])
    spread = draws_of.quantiles(units, equal, (LOW_LEVEL, HIGH_LEVEL))
    keys = keys.assign(low_units=spread[:, 0], high_units=spread[:, 1])
    days = campaign_days(scope, until=until).groupby(["market", "phase"], as_index=False).size()
    means = planned_rates(forecast).merge(days, on=["market", "phase"])
    means["forecast_units"] = means["planned_units"] * means["size"]
    sums = means.groupby(KEYS, as_index=False)["forecast_units"].sum()
    return keys.merge(sums, on=KEYS, how="outer")


def _grid(
    keys: pd.DataFrame, days: pd.DataFrame, sold: pd.DataFrame, forecast: pd.DataFrame
) -> pd.DataFrame:
    """Return every SKU and day with units sold, planned and lost; days without a row sold 0."""
    grid = keys.merge(days, on="market").merge(sold, on=[*KEYS, "day", "phase"], how="left")
    grid = grid.merge(planned_rates(forecast), on=[*KEYS, "phase"], how="left")
    grid["units"] = grid["units"].fillna(0).astype("int64")
    grid["is_stock_out"] = grid["is_stock_out"].eq(True)
    grid["lost_units"] = lost_by_day(grid)
    return grid


def _sold(grid: pd.DataFrame) -> pd.DataFrame:
    in_phases = grid["units"].where(grid["phase"] != "after", 0)
    grouped = grid.assign(campaign_units=in_phases).groupby(KEYS, as_index=False)
    sums = grouped.agg(
        actual_units=("units", "sum"),
        campaign_units=("campaign_units", "sum"),
        stock_out_days=("is_stock_out", "sum"),
    ).astype({"stock_out_days": "Int64"})
    sums["lost_units"] = grouped["lost_units"].sum(skipna=False)["lost_units"]
    return sums


def _with_elsewhere(frame: pd.DataFrame, elsewhere: pd.DataFrame | None) -> pd.DataFrame:
    if elsewhere is None:
        return frame.assign(elsewhere_units=0.0)
    told = frame.merge(elsewhere[[*KEYS, "elsewhere_units"]], on=KEYS, how="left")
    units = told["elsewhere_units"].fillna(0.0)
    return told.assign(elsewhere_units=units, leftover_units=told["leftover_units"] + units)


def _quotient(above: pd.Series, below: pd.Series) -> pd.Series:
    return above / below.where(below > 0)


def _is_covered(frame: pd.DataFrame) -> pd.Series:
    demand = demand_seen(frame)
    inside = (frame["low_units"] <= demand) & (demand <= frame["high_units"])
    return inside.astype("boolean").mask(frame["low_units"].isna() | demand.isna())


def _is_dead(
    frame: pd.DataFrame, grid: pd.DataFrame, forecast: pd.DataFrame, bounds: pd.DataFrame | None
) -> pd.Series:
    limit = dead_stock_days(bounds)
    rate = _after_rate(frame, grid, forecast)
    dead = (frame["leftover_units"] > limit * rate) & (frame["leftover_units"] > 0)
    unknown = frame["leftover_units"].isna() | rate.isna() | np.isnan(limit)
    return dead.astype("boolean").mask(unknown & ~frame["leftover_units"].eq(0))


def _after_rate(frame: pd.DataFrame, grid: pd.DataFrame, forecast: pd.DataFrame) -> pd.Series:
    """Return the daily rate after the campaign, as sold or else as forecast. [units/day]."""
    rates = planned_rates(forecast)
    foretold = rates[rates["phase"] == "after"].set_index(KEYS)["planned_units"]
    seen = grid[(grid["phase"] == "after") & ~grid["is_stock_out"]].groupby(KEYS)["units"]
    shown = seen.mean().where(seen.size() >= MIN_AFTER_DAYS)
    places = pd.MultiIndex.from_frame(frame[KEYS])
    rate = shown.reindex(places).fillna(foretold.reindex(places))
    return pd.Series(rate.to_numpy(dtype=float), index=frame.index)


def _missing(frame: pd.DataFrame) -> pd.Series:
    """Return the terms of what is unknown in each row, joined by a semicolon."""
    watched = (
        "forecast_units", "lost_units", "opening_units", "leftover_units", "is_dead_stock",
        "returned_units", "sold_revenue",
    )  # fmt: skip
    unknown = frame[list(watched)].isna()
    named = [";".join(name for name, gone in zip(watched, row, strict=True) if gone)
             for row in unknown.to_numpy()]  # fmt: skip
    return pd.Series(named, index=frame.index, dtype="str")


def _measured(market: str, part: pd.DataFrame) -> list[tuple[str, str, float, str]]:
    demand = demand_seen(part)
    known = part[part["forecast_units"].notna() & demand.notna()]
    real, told = demand[known.index].to_numpy(), known["forecast_units"].to_numpy()
    left = part["leftover_units"].where(part["is_dead_stock"].notna())
    dead = left.where(part["is_dead_stock"].fillna(False).astype(bool), 0.0)
    figures = (
        ("forecast_wape", accuracy.wape(real, told), "rate"),
        ("forecast_bias", accuracy.bias(real, told), "rate"),
        ("coverage", part["is_covered"].astype("Float64").mean(), "rate"),
        ("lost_units", part["lost_units"].sum(min_count=1), "units"),
        ("stock_out_days", part["stock_out_days"].sum(min_count=1), "days"),
        ("turnover", paired_share(part["actual_units"], part["mean_stock_units"]), "ratio"),
        ("dead_stock_rate", paired_share(dead, left), "rate"),
        ("return_rate", paired_share(part["returned_units"], part["actual_units"]), "rate"),
        ("revenue", part["sold_revenue"].sum(min_count=1), part["cost_currency"].iloc[0]),
    )
    return [(market, name, number_of(value), measured_in) for name, value, measured_in in figures]


def number_of(value: object) -> float:
    """Return a figure as a float, NaN where it is not known."""
    return float("nan") if pd.isna(value) else float(value)
