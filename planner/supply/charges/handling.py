"""Handling: work on a unit or a SKU in the warehouse, and the fixed fee of joining systems.

Knows labels, assembly, photos, quality checks and integration. Knows nothing of
who needs which of them: a work that is not needed is a 0 in the seller's file.
"""

import math
from datetime import timedelta

import pandas as pd

from planner.scope import Scope
from planner.supply.charges.tariffs import DAYS_A_MONTH, own_figure, told_source
from planner.supply.trips.lanes import ANY_MARKET, known_rate

INTEGRATION = "integration"
"""The one work that is no work on goods: a term of its own."""
COLUMNS = ["market", "term", "unit_cost", "sku_cost", "shipment_cost", "is_known", "source"]


def handling_terms(handling_fees: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return for each market what handling and integration cost.

    Parameters
    ----------
    handling_fees : DataFrame
        Register `HandlingFees`, rows in force on the planning day; a market's row beats one of
        `any`.
    scope : Scope
        The seller's own figures are keys of `fees` such as `handling.label` or
        `TH.handling.photo`, in the register's unit.

    Returns
    -------
    DataFrame
        market, term (`handling` or `integration`), unit_cost [currency/unit], sku_cost
        [currency/SKU], shipment_cost [currency/shipment], is_known, source. The known works are
        added up; `is_known` says whether all of them are; NaN where none is.

    Notes
    -----
    A fee by the month is paid for as many months, begun ones included, as lie between the first
    day of the campaign and the next replenishment.
    """
    rows = [row for market in scope.markets for row in _works(market, handling_fees, scope)]
    if not rows:
        return pd.DataFrame({name: pd.Series(dtype="object") for name in COLUMNS})
    works = pd.DataFrame(rows)
    works["term"] = works["work"].where(works["work"] == INTEGRATION, "handling")
    works["is_known"] = works["value"].notna()
    for column, units in (
        ("unit_cost", ("unit",)),
        ("sku_cost", ("sku",)),
        ("shipment_cost", ("shipment", "month")),
    ):
        works[column] = works["value"].where(works["unit"].isin(units), 0.0)
        works[column] = works[column].where(works["is_known"])
    grouped = works.groupby(["market", "term"], sort=False)
    sums = grouped[["unit_cost", "sku_cost", "shipment_cost"]].sum(min_count=1)
    sums["is_known"] = grouped["is_known"].all()
    sums["source"] = grouped["source"].agg(lambda told: "; ".join(dict.fromkeys(told)))
    return sums.reset_index()[COLUMNS]


def _works(market: str, handling_fees: pd.DataFrame, scope: Scope) -> list[dict[str, object]]:
    there = handling_fees[handling_fees["market"].isin([ANY_MARKET, market])]
    ranked = there.assign(far=there["market"] == ANY_MARKET).sort_values(["work", "far"])
    known = ranked.drop_duplicates("work").to_dict("records")
    rows = []
    for row in known:
        own = own_figure(scope, market, f"handling.{row['work']}")
        rate = known_rate(scope.seller, row["currency"])
        value = row["value"] * rate if own is None else own
        if row["unit"] == "month":
            value = value * _months(market, scope)
        source = told_source(row) if own is None else "seller.yml: fees"
        rows.append({**row, "market": market, "value": value, "source": source})
    return rows


def _months(market: str, scope: Scope) -> int:
    plan = scope.plans[market]
    days = (plan.next_replenishment_on - plan.phases.start) / timedelta(days=1)
    return math.ceil(days / DAYS_A_MONTH)
