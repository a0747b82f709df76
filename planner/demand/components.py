"""What one SKU's sales consist of, by Prophet: trend, week and the phases of promotions.

The interactive view of `explore_forecast`. Its interval sizes no stock: measured
on real promotions it holds far less than it claims, so only the draws of
`demand.forecast` decide.
"""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.clean import Floats
from planner.demand.seasons import quiet_prophet
from planner.errors import PlanningError
from planner.intake.paid_prices import MAX_DISCOUNT
from planner.tables import PROMO_PHASES

MIN_DAYS = 28
YEARLY_MIN_DAYS = 730
SEED = 1
DEPTH = "depth"


class Fitted(NamedTuple):
    """One fit of one series; arrays of shape (n_days,), history and horizon."""

    days: pd.DataFrame
    """day, units (empty ahead), phase, depth (NaN where unknown), is_future."""
    trend: Floats
    """[units/day]"""
    week: Floats
    """[units/day]"""
    year: Floats
    """[units/day]; 0 on less than two years."""
    phase_units: dict[str, float]
    """What a day of a phase adds, at the mean of known discounts; 0 if never seen. [units/day]"""
    depth_units: float
    """What a day adds per unit of ``-log(1 - discount)``; 0 where too little is known."""
    mean_depth: float
    """Mean of the known ``-log(1 - discount)``; NaN without one."""
    known_days: int
    """Days of history. [days]"""


def fit_series(
    daily: pd.DataFrame,
    *,
    shop: str,
    sku: str,
    plans: Mapping[str, MarketPlan],
    trend_flexibility: float = 0.05,
    drivers: pd.DataFrame | None = None,
) -> Fitted:
    """Return Prophet's fit of one SKU, ready to be asked what if.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`.
    shop, sku : str
        The series.
    plans : Mapping of str to MarketPlan
        By market, the phases ahead.
    trend_flexibility : float
        Prophet's `changepoint_prior_scale`. [unitless]
    drivers : DataFrame, optional
        Table `Drivers`; with two or more discount depths in the past, depth is fitted too.

    Raises
    ------
    PlanningError
        If the series has fewer than 28 days.
    """
    series = daily[(daily["shop"] == shop) & (daily["sku"] == sku)].sort_values("day")
    if len(series) < MIN_DAYS:
        raise PlanningError(
            f"shop {shop}, SKU {sku}: {len(series)} days of history; {MIN_DAYS} are needed"
        )
    market = series["market"].iloc[0]
    days = _with_horizon(series, plans[market])
    known = int((~days["is_future"]).sum())
    days[DEPTH] = np.nan if drivers is None else _depth(days, drivers, market, sku)
    past = days[~days["is_future"] & (days["phase"] != "")]
    names = [name for name in PROMO_PHASES if (past["phase"] == name).any()]
    mean_depth = float(past[DEPTH].mean()) if past[DEPTH].notna().any() else np.nan
    fits_depth = past[DEPTH].nunique() >= 2
    table = _regressors(days, mean_depth if fits_depth else np.nan)
    model = quiet_prophet(
        uncertainty_samples=0,
        yearly_seasonality=known >= YEARLY_MIN_DAYS,
        weekly_seasonality=True,
        daily_seasonality=False,
        changepoint_prior_scale=trend_flexibility,
    )
    for name in [*names, *([DEPTH] if fits_depth else [])]:
        model.add_regressor(name, standardize=False)
    model.fit(table.iloc[:known], seed=SEED)
    told = model.predict(table)
    slope = _slopes(model)
    return Fitted(
        days=days,
        trend=told["trend"].to_numpy(),
        week=told["weekly"].to_numpy(),
        year=told["yearly"].to_numpy() if "yearly" in told else np.zeros(len(days)),
        phase_units={name: slope.get(name, 0.0) for name in PROMO_PHASES},
        depth_units=slope.get(DEPTH, 0.0),
        mean_depth=mean_depth,
        known_days=known,
    )


def what_if(
    fitted: Fitted,
    *,
    phases_on: Collection[str] = PROMO_PHASES,
    discount_rate: float | None = None,
) -> pd.DataFrame:
    """Return history and horizon of a fit under an assumption on the promotion ahead.

    Parameters
    ----------
    fitted : Fitted
    phases_on : collection of str
        Phases ahead that take place; the past stays as it was.
    discount_rate : float, optional
        Discount of every phase ahead; without it what `Drivers` plans, else the usual one.

    Returns
    -------
    DataFrame
        day, phase, is_future, units (empty ahead), trend_units, week_units, year_units,
        promo_units, ordinary_units without promotions and expected_units with them [units/day].
    """
    days = fitted.days
    phase, ahead = days["phase"], days["is_future"].to_numpy()
    depth = days[DEPTH].to_numpy(dtype=float)
    if discount_rate is not None:
        depth = np.where(ahead, -np.log1p(-min(discount_rate, MAX_DISCOUNT)), depth)
    beyond = np.nan_to_num(depth - fitted.mean_depth)
    is_on = (phase != "").to_numpy() & (~ahead | phase.isin(list(phases_on)).to_numpy())
    added = phase.map(fitted.phase_units).fillna(0.0).to_numpy() + fitted.depth_units * beyond
    promo = np.where(is_on, added, 0.0)
    quiet = fitted.trend + fitted.week + fitted.year
    return days[["day", "phase", "is_future", "units"]].assign(
        trend_units=fitted.trend,
        week_units=fitted.week,
        year_units=fitted.year,
        promo_units=promo,
        ordinary_units=np.maximum(quiet, 0.0),
        expected_units=np.maximum(quiet + promo, 0.0),
    )


def half_of_each(
    engine_units: float, prophet_units: float, *, known_days: int, grade: str
) -> float:
    """Return half of the engine's median and half of Prophet's total; NaN where it is no help.

    Parameters
    ----------
    engine_units, prophet_units : float
        Over the same days. [units]
    known_days : int
        History; two years are needed. [days]
    grade : {"A", "B", "C", "D"}
        Grade of the evidence; only `A` will do.

    Notes
    -----
    To look at only: on long histories of large SKUs the mean of both erred less than either, but
    no plan uses it.

    Examples
    --------
    >>> half_of_each(100.0, 140.0, known_days=800, grade="A")
    120.0
    """
    if known_days < YEARLY_MIN_DAYS or grade != "A":
        return np.nan
    return 0.5 * engine_units + 0.5 * prophet_units


def _with_horizon(series: pd.DataFrame, plan: MarketPlan) -> pd.DataFrame:
    last = pd.Timestamp(plan.next_replenishment_on - timedelta(days=1))
    end = series["day"].iloc[-1]
    days = pd.DataFrame({"day": pd.date_range(series["day"].iloc[0], max(last, end))})
    known = series.set_index("day").reindex(days["day"])
    days["is_future"] = days["day"] > end
    days["units"] = known["units"].to_numpy(dtype=float)
    stock_out = known["is_stock_out"].fillna(False).to_numpy(dtype=bool)
    days["in_stock_units"] = days["units"].mask(stock_out)
    phase = known["phase"].fillna("").to_numpy(dtype=object)
    for name, span in plan.phases.named().items():
        inside = days["day"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))
        phase[(inside & days["is_future"]).to_numpy()] = name
    return days.assign(phase=phase)


def _depth(days: pd.DataFrame, drivers: pd.DataFrame, market: str, sku: str) -> Floats:
    """Return ``-log(1 - discount)`` of each promo day, the SKU's own before the market's."""
    known = drivers[drivers["discount_rate"].notna() & (drivers["market"] == market)]
    depth = np.full(len(days), np.nan)
    for owner in ("", sku):
        for row in known[known["sku"] == owner].itertuples():
            inside = days["day"].between(row.starts_on, row.ends_on) & (days["phase"] == row.phase)
            depth[inside.to_numpy()] = -np.log1p(-min(row.discount_rate, MAX_DISCOUNT))
    return depth


def _regressors(days: pd.DataFrame, mean_depth: float) -> pd.DataFrame:
    """Return what Prophet takes: day, sales in stock, a flag per phase, depth round its mean."""
    flags = {name: (days["phase"] == name).astype(float) for name in PROMO_PHASES}
    beyond = (days[DEPTH] - mean_depth).where(days["phase"] != "").fillna(0.0)
    return pd.DataFrame({"ds": days["day"], "y": days["in_stock_units"], **flags, DEPTH: beyond})


def _slopes(model: object) -> dict[str, float]:
    """Return units a day per unit of each regressor."""
    from prophet.utilities import regressor_coefficients

    if not model.extra_regressors:
        return {}
    table = regressor_coefficients(model)
    return dict(zip(table["regressor"], table["coef"].astype(float), strict=True))
