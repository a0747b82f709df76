"""Where more units of a SKU could still come from while the campaign runs: how fast, how dear.

Reads transfers, reserves and ways; values nothing. A cost or a lead time that nobody told stays
unknown.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.known import newest_known
from planner.scope import Scope
from planner.season.days import KEYS
from planner.supply.places.reserves import FAST_MODES
from planner.terms import ORIGIN, Transfer

DAY_HOURS = 24.0
STEP = 4
"""Notebook whose looking day counts."""
FORBIDDEN = "reason.way_forbidden"


class Source(NamedTuple):
    """One way to get units of one SKU."""

    market: str
    sku: str
    action: str
    """`transfer` or `air_top_up`."""
    place: str
    mode: str
    max_units: float
    """Infinite where units are bought. [units]"""
    lead_hours: float
    """From the decision to the shelf; NaN if not known. [hours]"""
    unit_cost: float
    """Of moving a unit, and of buying it where it has to be bought; NaN if not known."""
    is_bought: bool


def sources_of(
    stock: pd.DataFrame,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
    reserves: pd.DataFrame | None = None,
) -> list[Source]:
    """Return every place that units of a SKU could come from, by market.

    Parameters
    ----------
    stock, ways, catalogue : DataFrame
        Tables `Stock`, `SkuWays` and `Catalogue`; of each warehouse its newest known count.
    scope : Scope
        Its transfers, warehouses and receiving days.
    reserves : DataFrame, optional
        Table `Reserves`: units that are promised to hero SKUs; a reserve of a place comes before
        what the count of the same place says.

    Notes
    -----
    A transfer takes its days door to shelf. Units that lie in China go by air, express or truck:
    lead days and receiving; a unit costs the landed cost less what was paid for it. Units still
    to be made take the production days on top and cost the whole landed cost.
    """
    held = _held(stock, scope)
    found = _reserved(reserves)
    told = {(one.market, one.sku, one.place, one.mode) for one in found}
    for one in [*_transfers(held, catalogue, scope), *_by_way(held, ways, catalogue, scope)]:
        if (one.market, one.sku, one.place, one.mode) not in told:
            found.append(one)
    return found


def _held(stock: pd.DataFrame, scope: Scope) -> dict[tuple[str, str], int]:
    newest = newest_known(stock, scope.as_of(STEP), seller=scope.seller)
    rows = newest[newest["stage"] == "on_hand"]
    return rows.groupby(["warehouse", "sku"])["units"].sum().to_dict()


def _reserved(reserves: pd.DataFrame | None) -> list[Source]:
    if reserves is None or reserves.empty:
        return []
    rows = reserves[(reserves["source_place"] != "") & (reserves["source_place"] != ORIGIN)]
    rows = rows[rows["units"] > 0]
    return [
        Source(
            row.market, row.sku, "air_top_up" if row.mode else "transfer", row.source_place,
            row.mode, float(row.units), float(row.days) * DAY_HOURS, float(row.unit_move_cost),
            False,
        )
        for row in rows.itertuples()
    ]  # fmt: skip


def _transfers(
    held: dict[tuple[str, str], int], catalogue: pd.DataFrame, scope: Scope
) -> list[Source]:
    served: dict[str, str] = {}
    for shop in scope.shops:
        served.setdefault(shop.warehouse, shop.market)
    found = []
    for part in scope.seller.transfers:
        if part.to_warehouse not in served or part.from_warehouse in served:
            continue
        for good in catalogue.itertuples():
            units = held.get((part.from_warehouse, good.sku), 0)
            if units:
                cost = _transfer_cost(part, float(good.weight_kg))
                market = served[part.to_warehouse]
                hours = part.days * DAY_HOURS
                found.append(
                    Source(market, good.sku, "transfer", part.from_warehouse, "", float(units),
                           hours, cost, False)
                )  # fmt: skip
    return found


def _transfer_cost(part: Transfer, weight_kg: float) -> float:
    if part.unit_cost is None and part.kg_cost is None:
        return math.nan
    by_weight = part.kg_cost * weight_kg if part.kg_cost is not None else 0.0
    return (part.unit_cost or 0.0) + by_weight


def _by_way(
    held: dict[tuple[str, str], int], ways: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope
) -> list[Source]:
    china = [house.warehouse for house in scope.seller.warehouses if house.market == ORIGIN]
    moved = {(part.from_warehouse) for part in scope.seller.transfers}
    fast = ways[ways["mode"].isin(FAST_MODES) & ways["market"].isin(scope.markets)]
    fast = fast[~fast["reason"].str.contains(FORBIDDEN, regex=False)]
    fast = fast.merge(catalogue[["sku", "unit_cost"]], on="sku", how="left")
    receiving = max(scope.policy.receiving_days, scope.seller.contract.receiving_days or 0.0)
    found = []
    for way in fast.sort_values([*KEYS, "lead_days"]).itertuples():
        hours = (way.lead_days + receiving) * DAY_HOURS
        carried = way.landed_cost - way.unit_cost
        for house in china:
            units = held.get((house, way.sku), 0)
            if units and house not in moved:
                found.append(
                    Source(way.market, way.sku, "air_top_up", house, way.mode, float(units), hours,
                           max(carried, 0.0) if not np.isnan(carried) else math.nan, False)
                )  # fmt: skip
        made = hours + scope.policy.production_days * DAY_HOURS
        found.append(
            Source(way.market, way.sku, "air_top_up", ORIGIN, way.mode, math.inf, made,
                   float(way.landed_cost), True)
        )  # fmt: skip
    return found
