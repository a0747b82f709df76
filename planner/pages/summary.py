"""The figures of one seller's plan without a word of any language: what the index shows."""

from typing import Any

import pandas as pd

from planner.tables import GRADES, SEVERITIES

KEYS = ["market", "sku"]


def summary(
    plan: pd.DataFrame,
    forecast: pd.DataFrame | None,
    alerts: pd.DataFrame,
    costs: pd.DataFrame,
    *,
    ship: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Return the figures of one seller's plan without a word of any language, for the index.

    Parameters
    ----------
    plan, forecast, alerts, costs : DataFrame
        Tables `StockPlan`, `Forecast`, `Alerts` and `CostLines`.
    ship : DataFrame, optional
        Table `ShipLines`; without it there is no first day.

    Returns
    -------
    dict
        `order_units`, `order_skus` and `skus`; `range_skus` of grade D, never summed;
        `cost`, `cost_unknown_terms` and `currency`; `first_ship_by` and `first_mode`;
        `alerts` by severity; `grades` by letter.
    """
    unsure = plan["grade"] == "D"
    sure = plan[~unsure & (plan["order_units"] > 0)]
    known = known_cost(costs)
    unknown_terms = (
        costs.loc[~costs["is_known"].astype(bool), "term"].unique() if len(costs) else []
    )
    leaving = (
        ship[ship["units"] > 0].sort_values("ship_by", kind="stable") if ship is not None else []
    )
    graded = of_skus(forecast) if forecast is not None else plan
    return {
        "order_units": int(sure["order_units"].sum()),
        "order_skus": len(sure),
        "skus": len(plan),
        "range_skus": int(unsure.sum()),
        "cost": None if pd.isna(known) else round(float(known), 2),
        "cost_unknown_terms": [str(term) for term in unknown_terms],
        "currency": str(plan["currency"].iloc[0]) if len(plan) else "",
        "first_ship_by": str(leaving["ship_by"].iloc[0].date()) if len(leaving) else None,
        "first_mode": str(leaving["mode"].iloc[0]) if len(leaving) else None,
        "alerts": {name: int((alerts["severity"] == name).sum()) for name in SEVERITIES},
        "grades": grade_counts(graded),
    }


def of_skus(forecast: pd.DataFrame, by: str = "mean_units") -> pd.DataFrame:
    """Return one row per market and SKU, that of the shop which sells most of it.

    Parameters
    ----------
    forecast : DataFrame
        With `market` and `sku`; where there is a `phase`, only the horizon counts.
    by : str
        Column that says how much a shop sells. [units]

    Notes
    -----
    `supply.quantity.sizing` takes the grade of a SKU from the same shop, so that every page agrees.
    """
    whole = forecast[forecast["phase"] == "horizon"] if "phase" in forecast else forecast
    return whole.sort_values(by, ascending=False).drop_duplicates(KEYS)


def without_d(frame: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of SKUs that are not of grade D: what every sum of the pages holds.

    Parameters
    ----------
    frame : DataFrame
        With `market` and `sku`.
    forecast : DataFrame
        Table `Forecast`; a SKU has the grade of the shop that sells most of it.
    """
    skus = of_skus(forecast)
    sure = pd.MultiIndex.from_frame(skus.loc[skus["grade"] != "D", KEYS])
    return frame[pd.MultiIndex.from_frame(frame[KEYS]).isin(sure)]


def known_cost(costs: pd.DataFrame) -> float:
    """Return the sum of the known costs, NaN where nothing that costs money is known.

    Parameters
    ----------
    costs : DataFrame
        Table `CostLines`.

    Notes
    -----
    A SKU that is not ordered costs nothing, known or not: a zero beside unknown terms tells
    nothing and would read as free.
    """
    if costs.empty:
        return float("nan")
    total = float(costs["amount_cost"].sum(min_count=1))
    return float("nan") if not total and not costs["is_known"].all() else total


def grade_counts(frame: pd.DataFrame) -> dict[str, int]:
    """Return how many rows bear each grade.

    Parameters
    ----------
    frame : DataFrame
        With a column `grade`.
    """
    counts = frame["grade"].value_counts()
    return {grade: int(counts.get(grade, 0)) for grade in GRADES}
