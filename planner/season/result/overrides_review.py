"""Whether what analysts planned otherwise came nearer to demand than the model alone.

Forecast value added: the miss without an override against the miss with it. Looks from the
review day; knows nothing of why an override was made.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner import tables
from planner.demand import accuracy
from planner.demand.overrides import touched
from planner.scope import Scope
from planner.season.days import campaign_days, known_until, planned_rates, seen_until, sold_by_day
from planner.season.stock.lost import lost_by_day

PLACE = ["shop", "market", "sku"]
JOINT = "\x1f"
"""Joins market and shop: each shop is then reviewed as a market of its own."""


def override_review(
    effects: pd.DataFrame,
    forecast: pd.DataFrame,
    daily: pd.DataFrame,
    *,
    scope: Scope,
    catalogue: pd.DataFrame,
) -> pd.DataFrame:
    """Return for each override that applied: planned with and without it, demand, and who won.

    Parameters
    ----------
    effects : DataFrame
        Table `OverrideEffects`; expired overrides and those that matched nothing fall out.
    forecast : DataFrame
        Table `Forecast`.
    daily : DataFrame
        Table `DailySales` as known on the review day.
    scope : Scope
        Its looking days of step 5.
    catalogue : DataFrame
        Table `Catalogue`: says which SKUs are of a category.

    Returns
    -------
    DataFrame
        Table `OverrideReview`; empty before the campaign. Where demand is unknown, so is the
        rest.

    Notes
    -----
    ``gained_units = |demand - without| - |demand - planned|`` on the total of all that the
    override touches; `without_units` holds the overrides above it. Of a phase not yet over only
    the days seen count, in proportion. Demand is ``sold + lost`` by shop, see `lost.lost_by_day`.
    """
    used = effects[effects["status"] == "applied"]
    cells = _cells(forecast, daily, scope=scope)
    if used.empty or cells.empty:
        return tables.empty(tables.OverrideReview)
    category = cells["sku"].map(catalogue.set_index("sku")["category"])
    cells["category"] = category.fillna("").astype("str")
    rows = [_reviewed(row, cells) for row in used.to_dict("records")]
    return tables.checked(tables.OverrideReview, _judged(pd.DataFrame(rows)))


def override_measures(
    effects: pd.DataFrame,
    forecast: pd.DataFrame,
    daily: pd.DataFrame,
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Return by market the error of the model alone, and what all overrides together gained.

    Parameters
    ----------
    effects, forecast, daily : DataFrame
        Tables `OverrideEffects`, `Forecast` and `DailySales` as known on the review day.
    scope : Scope
        Its looking days of step 5.

    Returns
    -------
    DataFrame
        Table `OutcomeMeasures` with `model_wape` and `override_gain` (above 0: the overrides
        brought the forecast nearer to demand); no rows where no override applied.

    Notes
    -----
    ``override_gain = WAPE of the model - WAPE of the plan``, over shops and SKUs.
    """
    cells = _cells(forecast, daily, scope=scope)
    if cells.empty or not (effects["status"] == "applied").any():
        return tables.empty(tables.OutcomeMeasures)
    columns = ["demand_units", "model_units", "planned_units"]
    sums = cells.groupby(PLACE)[columns].sum(min_count=1).reset_index()
    unknown = cells[cells["demand_units"].isna()][PLACE].drop_duplicates().assign(gone=True)
    sums = sums.merge(unknown, on=PLACE, how="left")
    rows = []
    for market, part in sums[sums["gone"].isna()].groupby("market", sort=True):
        real, alone, planned = (part[name].to_numpy(dtype=float) for name in columns)
        if np.allclose(alone, planned):
            continue
        model = accuracy.wape(real, alone)
        rows.append((market, "model_wape", model, "rate"))
        rows.append((market, "override_gain", model - accuracy.wape(real, planned), "rate"))
    if not rows:
        return tables.empty(tables.OutcomeMeasures)
    frame = pd.DataFrame(rows, columns=["market", "measure", "value", "unit"])
    return tables.checked(tables.OutcomeMeasures, frame)


def _cells(forecast: pd.DataFrame, daily: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return shop, market, sku, phase: demand, model and plan of the days seen, whole plan."""
    days = campaign_days(scope, until=_until(daily, scope))
    phases = forecast[~forecast["phase"].isin(("before", "horizon"))]
    if days.empty or phases.empty:
        return pd.DataFrame()
    shops = phases[["shop", "market"]].drop_duplicates()
    own_days = days.merge(shops, on="market")
    own_days = own_days.assign(market=_joined(own_days)).drop(columns="shop")
    sold = sold_by_day(daily.assign(market=_joined(daily)), own_days)
    rates = planned_rates(phases.assign(market=_joined(phases)))
    grid = rates.merge(own_days, on=["market", "phase"])
    grid = grid.merge(sold, on=["market", "sku", "day", "phase"], how="left")
    grid["units"] = grid["units"].fillna(0).astype("int64")
    grid["is_stock_out"] = grid["is_stock_out"].eq(True)
    grid["demand_units"] = grid["units"] + lost_by_day(grid)
    by_phase = grid.groupby(["market", "sku", "phase"])
    seen = by_phase.agg(days_seen=("day", "nunique")).reset_index()
    seen["demand_units"] = by_phase["demand_units"].sum(skipna=False).to_numpy()
    whole = phases.assign(place=phases["market"], market=_joined(phases))
    cells = seen.merge(whole, on=["market", "sku", "phase"])
    share = cells["days_seen"] / ((cells["ends_on"] - cells["starts_on"]).dt.days + 1)
    return pd.DataFrame(
        {
            "shop": cells["shop"],
            "market": cells["place"],
            "sku": cells["sku"],
            "phase": cells["phase"],
            "demand_units": cells["demand_units"],
            "model_units": cells["model_mean_units"] * share,
            "planned_units": cells["mean_units"] * share,
            "whole_units": cells["mean_units"],
        }
    )


def _reviewed(row: Mapping[str, object], cells: pd.DataFrame) -> dict[str, object]:
    own = cells[touched(cells, row)]
    whole = own["whole_units"].sum()
    share = own["planned_units"].sum() / whole if whole > 0 else 1.0
    names = ("row", "shop", "market", "category", "sku", "phase", "change", "owner")
    return {name: row[name] for name in names} | {
        "without_units": row["given_units"] * share,
        "planned_units": row["planned_units"] * share,
        "demand_units": own["demand_units"].sum(skipna=False) if len(own) else np.nan,
    }


def _judged(frame: pd.DataFrame) -> pd.DataFrame:
    without = (frame["demand_units"] - frame["without_units"]).abs()
    planned = (frame["demand_units"] - frame["planned_units"]).abs()
    gained = without - planned
    return frame.assign(
        without_error_units=without,
        planned_error_units=planned,
        gained_units=gained,
        is_helped=(gained > 0).astype("boolean").mask(gained.isna()),
    )


def _until(daily: pd.DataFrame, scope: Scope) -> dict[str, date]:
    return known_until(daily, seen_until(scope, step=5))


def _joined(frame: pd.DataFrame) -> pd.Series:
    return frame["market"] + JOINT + frame["shop"]
