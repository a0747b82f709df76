"""What a unit costs on its way to the shelf, term by term, whether the plan ordered it or not.

Reads the landed cost of a way. Knows nothing of what was spent.
"""

import numpy as np
import pandas as pd

from planner.season.days import KEYS
from planner.supply.charges.costs import ORDER_TERMS

WAY_RATES = ("goods", "head_haul", "surcharge")
"""Terms whose rate is known of each SKU, ordered or not; the rest of its landed cost is one sum."""
REST = "rest"
"""What of the landed cost those three leave: inbound, duty, handling, cover and the like."""


def unit_rates(
    ways: pd.DataFrame, economics: pd.DataFrame, catalogue: pd.DataFrame
) -> pd.DataFrame:
    """Return what of the landed cost of one unit is goods, freight, surcharge and the rest.

    Parameters
    ----------
    ways, economics, catalogue : DataFrame
        Tables `SkuWays`, `UnitEconomics` and `Catalogue`. The way is the one whose landed cost
        stands in the economics.

    Returns
    -------
    DataFrame
        market, sku, goods, head_haul, surcharge, rest; SKUs without a landed cost are not in it.
        [currency/unit]
    """
    frame = ways.merge(economics[[*KEYS, "landed_cost"]], on=KEYS, suffixes=("", "_taken"))
    frame["off"] = (frame["landed_cost"] - frame["landed_cost_taken"]).abs()
    frame = frame[frame["off"].notna()].sort_values([*KEYS, "off", "mode"])
    frame = frame.drop_duplicates(KEYS).merge(catalogue[["sku", "unit_cost"]], on="sku")
    found = frame[KEYS].assign(
        goods=frame["unit_cost"],
        head_haul=frame["unit_freight_cost"],
        surcharge=frame["unit_surcharge_cost"].fillna(0.0),
    )
    found[REST] = frame["landed_cost"] - found[list(WAY_RATES)].sum(axis=1, skipna=False)
    return found[[*KEYS, *WAY_RATES, REST]].reset_index(drop=True)


def paid_once(costs: pd.DataFrame, mode_plan: pd.DataFrame) -> pd.DataFrame:
    """Return what the order of each SKU costs beyond its units: photos, clearance and the like.

    Parameters
    ----------
    costs, mode_plan : DataFrame
        Tables `CostLines` and `ModePlan` of the plan.

    Returns
    -------
    DataFrame
        market, sku, once_cost [currency]; a SKU without an order, or without a landed cost, is
        not in it. The fee of a shipment is shared as the plan shares it. A term that nobody knows
        is in none of the two, as in the landed cost of a way.

    Notes
    -----
    ``cost lines of the order - units * landed cost of their ways``. The plan's profit bears it, so
    every other profit of the review does wherever the SKU is sent.
    """
    terms = costs[costs["term"].isin(ORDER_TERMS)]
    whole = terms.groupby(KEYS)["amount_cost"].sum()
    landed = mode_plan.groupby(KEYS)["landed_cost"].agg(lambda own: own.sum(skipna=False))
    once = (whole - landed).dropna().clip(lower=0.0).rename("once_cost")
    return once.reset_index()


def rates_by_term(rows: pd.DataFrame, rates: pd.DataFrame | None) -> pd.Series:
    """Return what a unit of the order costs of each row's term, aligned with `rows`.

    Parameters
    ----------
    rows : DataFrame
        Table `CostLines`; the rest of a landed cost is parted as its sums part it.
    rates : DataFrame, optional
        As `unit_rates` returns them.

    Returns
    -------
    Series
        NaN of terms that do not follow the order and of SKUs without a rate. [currency/unit]
    """
    none = pd.Series(np.nan, index=rows.index)
    if rates is None or rates.empty:
        return none
    by_sku = rows[KEYS].merge(rates, on=KEYS, how="left").set_index(rows.index)
    found = none
    for term in WAY_RATES:
        found = found.mask(rows["term"].eq(term), by_sku[term])
    is_rest = rows["term"].isin(ORDER_TERMS) & ~rows["term"].isin(WAY_RATES)
    paid = rows["amount_cost"].where(is_rest)
    whole = paid.groupby(rows["market"]).transform("sum")
    share = paid.groupby([rows["market"], rows["term"]]).transform("sum") / whole.where(whole > 0)
    return found.mask(is_rest, by_sku[REST] * share)
