"""What one SKU's sales consist of, by Prophet: trend, week and the phases of promotions.

The interactive view of `explore_forecast`. Its interval sizes no stock: measured
on real promotions it holds far less than it claims, so only the draws of
`demand.forecast` decide.
"""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.baseline import quiet_prophet
from planner.errors import PlanningError

PROMO_PHASES = ("warm_up", "sale", "tail")
MIN_DAYS = 28
YEARLY_MIN_DAYS = 730
SEED = 1


def explain_series(
    daily: pd.DataFrame,
    *,
    shop: str,
    sku: str,
    plans: Mapping[str, MarketPlan],
    trend_flexibility: float = 0.05,
) -> pd.DataFrame:
    """Return history and horizon of one SKU with Prophet's expectation.

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

    Returns
    -------
    DataFrame
        day, units (empty ahead), expected_units with promotions, ordinary_units without
        [units/day].

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
    days = _with_horizon(series, plans[series["market"].iloc[0]])
    fitted = _fit(days, len(series), trend_flexibility)
    effect = fitted.get("extra_regressors_additive", 0.0)
    expected = fitted["yhat"].to_numpy()
    return pd.DataFrame(
        {
            "day": days["ds"],
            "units": days["y_seen"],
            "expected_units": np.maximum(expected, 0),
            "ordinary_units": np.maximum(expected - effect, 0),
        }
    )


def _with_horizon(series: pd.DataFrame, plan: MarketPlan) -> pd.DataFrame:
    last = pd.Timestamp(plan.next_replenishment_on - timedelta(days=1))
    end = max(last, series["day"].iloc[-1])
    days = pd.DataFrame({"ds": pd.date_range(series["day"].iloc[0], end)})
    known = series.set_index("day").reindex(days["ds"])
    days["y_seen"] = known["units"].to_numpy(dtype=float)
    stock_out = known["is_stock_out"].fillna(False).to_numpy(dtype=bool)
    days["y"] = np.where(stock_out, np.nan, days["y_seen"])
    phase = known["phase"].fillna("").to_numpy(dtype=object)
    for name, span in plan.phases.named().items():
        inside = days["ds"].between(pd.Timestamp(span.start), pd.Timestamp(span.end))
        phase[inside.to_numpy()] = name
    for name in PROMO_PHASES:
        days[name] = (phase == name).astype(float)
    return days


def _fit(days: pd.DataFrame, known_days: int, trend_flexibility: float) -> pd.DataFrame:
    model = quiet_prophet(
        uncertainty_samples=0,
        yearly_seasonality=known_days >= YEARLY_MIN_DAYS,
        weekly_seasonality=True,
        daily_seasonality=False,
        changepoint_prior_scale=trend_flexibility,
    )
    past = days.iloc[:known_days]
    for name in PROMO_PHASES:
        if past[name].any():
            model.add_regressor(name, standardize=False)
    model.fit(past, seed=SEED)
    return model.predict(days)
