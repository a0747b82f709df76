"""Order places: containers, least charges and warehouses, as the order model needs them."""

import pandas as pd

from planner.scope import Scope
from planner.supply.charges.freight_rates import own_rates
from planner.supply.charges.packing import own_freight
from planner.supply.trips.lanes import SEA_MODES, receiving_days
from planner.terms import Limits


def container_prices(
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    limits: Limits,
    lane_options: pd.DataFrame | None,
    scope: Scope,
) -> pd.DataFrame:
    """Return market and mode bought by whole containers, and what one costs.

    Parameters
    ----------
    ways, catalogue : DataFrame
        Tables `SkuWays` and `Catalogue`.
    limits : Limits
    lane_options : DataFrame, optional
        Table `LaneOptions`: the price of a cubic metre; without it the least that a SKU pays.
    scope : Scope

    Returns
    -------
    DataFrame
        market, mode, cbm and cost of one container; without a known price a mode has no row.
    """
    columns = {"market": "str", "mode": "str", "cbm": float, "cost": float}
    sea = ways[ways["is_allowed"] & ways["mode"].isin(SEA_MODES)]
    if limits.container_cbm is None or sea.empty:
        return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})
    sized = sea.merge(catalogue[["sku", "volume_cbm"]], on="sku", how="left")
    sized["rate"] = sized["unit_freight_cost"] / sized["volume_cbm"].where(sized["volume_cbm"] > 0)
    boxes = sized.groupby(["market", "mode"], as_index=False)["rate"].min()
    if lane_options is not None:
        told = own_rates(lane_options, scope)
        told = told[told["rate_unit"] == "cbm"]
        boxes = boxes.merge(told[["market", "mode", "freight_rate"]], how="left")
        is_own = own_freight(boxes["market"], scope).notna()
        boxes["rate"] = boxes["freight_rate"].where(~is_own).fillna(boxes["rate"])
    boxes["cbm"] = limits.container_cbm
    boxes["cost"] = boxes["rate"] * boxes["cbm"]
    return boxes.loc[boxes["cost"].notna(), list(columns)].reset_index(drop=True)


def least_charges(
    boxes: pd.DataFrame, lane_options: pd.DataFrame | None, scope: Scope
) -> pd.DataFrame:
    """Return market and mode with a least charge in money, containers and own tariffs apart.

    Parameters
    ----------
    boxes : DataFrame
        What `container_prices` gave.
    lane_options : DataFrame, optional
        Table `LaneOptions`; without it there is none.
    scope : Scope

    Returns
    -------
    DataFrame
        market, mode, least [currency].
    """
    none = pd.DataFrame({"market": [], "mode": [], "least": []}).astype({"least": float})
    if lane_options is None:
        return none
    lanes = own_rates(lane_options, scope)
    lanes["least"] = lanes["min_charge"] * lanes["freight_rate"]
    boxed = pd.MultiIndex.from_frame(boxes[["market", "mode"]])
    is_boxed = pd.MultiIndex.from_frame(lanes[["market", "mode"]]).isin(boxed)
    is_own = own_freight(lanes["market"], scope).notna()
    kept = lanes[(lanes["least"] > 0) & lanes["is_feasible"] & ~is_boxed & ~is_own]
    return kept[["market", "mode", "least"]].reset_index(drop=True)


def houses_of(scope: Scope) -> pd.DataFrame:
    """Return where goods may go: reserves only where a market has nothing else.

    Parameters
    ----------
    scope : Scope

    Returns
    -------
    DataFrame
        market, warehouse, and `late_rate`: share of the campaign's days lost because it receives
        more slowly than the lanes reckon with. The first of a market is the one goods go to.
    """
    own = {shop.warehouse for shop in scope.seller.shops}
    usual, days = receiving_days(scope), sale_days(scope)
    rows = []
    for place, house in enumerate(scope.seller.warehouses):
        if house.market not in days:
            continue
        takes = usual if house.receiving_days is None else house.receiving_days
        late = min(max(takes - usual, 0.0) / days[house.market], 1.0)
        is_spare = house.is_reserve and house.warehouse not in own
        name = house.warehouse
        rows.append((house.market, name, late, is_spare, name not in own, place))
    columns = ["market", "warehouse", "late_rate", "is_spare", "is_other", "place"]
    houses = pd.DataFrame(rows, columns=columns).sort_values(
        ["market", "is_spare", "late_rate", "is_other", "place"]
    )
    is_usable = ~houses["is_spare"] | houses.groupby("market")["is_spare"].transform("all")
    return houses[is_usable].reset_index(drop=True)


def sale_days(scope: Scope) -> dict[str, int]:
    """Return by market the days from the first phase day to the last."""
    return {
        market: (plan.phases.end - plan.phases.start).days + 1
        for market, plan in scope.plans.items()
    }
