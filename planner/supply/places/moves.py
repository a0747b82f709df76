"""Moves: how a unit gets from one warehouse to another, at what cost, and whether in time.

Knows the transfers that seller.yml tells, and the ways of a SKU from a warehouse in
China. Knows nothing of demand: whether a move pays is decided in `placement`. A cost
that nobody told is unknown; such a move is named and never taken.
"""

import math
from datetime import timedelta

import numpy as np
import pandas as pd

from planner.errors import ConfigError
from planner.scope import Scope
from planner.supply.charges.way_choice import in_order
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.trips.lanes import STEP
from planner.terms import ORIGIN, Transfer

LATE_WAY = "too_late_for_"
"""Beginning of a reason of a way where only goods still to be made come too late."""
COLUMNS = [
    "from_place", "to_place", "market", "sku", "mode", "days", "arrive_on", "unit_cost", "reason",
]  # fmt: skip
PAIR = ["from_place", "to_place", "sku"]


def served_markets(scope: Scope) -> dict[str, str]:
    """Return by warehouse the market whose shops draw on it, of the campaign's shops only.

    Notes
    -----
    A warehouse that serves shops of two markets counts for that of its first shop.
    """
    served: dict[str, str] = {}
    for shop in scope.shops:
        served.setdefault(shop.warehouse, shop.market)
    return served


def possible_moves(catalogue: pd.DataFrame, ways: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return every move of a SKU to a warehouse that sells, and why it cannot be taken.

    Parameters
    ----------
    catalogue : DataFrame
        Table `Catalogue`: what a unit weighs and costs.
    ways : DataFrame
        Table `SkuWays`: how units that lie in China get to a market.
    scope : Scope
        Its seller's transfers, and the days they start and must be on the shelf.

    Returns
    -------
    DataFrame
        from_place, to_place, market (of the shops there), sku, mode (blank for a transfer),
        days, arrive_on, unit_cost [currency/unit], reason; one row per pair of places and SKU.
        A blank reason says that the move can be taken.

    Raises
    ------
    ConfigError
        If a transfer names a warehouse that seller.yml does not list, or goes nowhere.

    Notes
    -----
    A transfer costs ``unit_cost + kg_cost * weight``, which is to hold all that it takes, duty
    included where it crosses a border; it starts on the planning day. From China a unit goes by
    the cheapest way that is open: ``landed cost - unit cost``, since the unit is already paid.
    Two warehouses of one market between which no transfer is told are named as such.
    """
    served = served_markets(scope)
    goods = catalogue[["sku", "weight_kg", "unit_cost"]].rename(columns={"unit_cost": "goods_cost"})
    parts = [
        _transfer_rows(transfer, goods, served[transfer.to_warehouse], scope)
        for transfer in told_transfers(scope)
        if transfer.to_warehouse in served
    ]
    parts.append(_way_rows(goods, ways, served, scope))
    told = {(part.from_warehouse, part.to_warehouse) for part in scope.seller.transfers}
    parts += [
        goods[["sku"]].assign(
            from_place=start, to_place=end, market=served[end], mode="", days=np.nan,
            arrive_on=pd.NaT, unit_cost=np.nan, reason="reason.move_not_told",
        )
        for start, end in _neighbours(served, scope)
        if (start, end) not in told
    ]  # fmt: skip
    moves = pd.concat([part[COLUMNS] for part in parts if len(part)] or [_none()])
    moves["is_shut"] = moves["reason"] != ""
    moves = moves.sort_values([*PAIR, "is_shut", "unit_cost", "days", "mode"], na_position="last")
    return moves.drop_duplicates(PAIR)[COLUMNS].reset_index(drop=True)


def told_transfers(scope: Scope) -> list[Transfer]:
    """Return the transfers of seller.yml.

    Raises
    ------
    ConfigError
        If one leads from or to a warehouse that is not listed, or to where it starts.
    """
    known = {house.warehouse for house in scope.seller.warehouses}
    found = []
    for transfer in scope.seller.transfers:
        start, end = transfer.from_warehouse, transfer.to_warehouse
        unknown = sorted({start, end} - known)
        if unknown or start == end:
            wrong = f"{unknown[0]!r} is not listed" if unknown else "it goes to where it starts"
            raise ConfigError(
                f"seller {scope.seller.seller}: transfers: from {start} to {end}: {wrong}; name "
                f"two of the warehouses in seller.yml ({', '.join(sorted(known))})"
            )
        found.append(transfer)
    return found


def _transfer_rows(
    transfer: Transfer, goods: pd.DataFrame, market: str, scope: Scope
) -> pd.DataFrame:
    arrive_on = scope.as_of(STEP)[market] + timedelta(days=math.ceil(transfer.days))
    shelf_by = scope.plans[market].shelf_day
    cost = pd.Series(transfer.unit_cost or 0.0, index=goods.index)
    if transfer.kg_cost is not None:
        cost = cost + transfer.kg_cost * goods["weight_kg"]
    elif transfer.unit_cost is None:
        cost = cost * np.nan
    reason = pd.Series("", index=goods.index).where(cost.notna(), "reason.move_cost_unknown")
    if arrive_on > shelf_by:
        reason[:] = f"reason.move_too_late|arrive_on={arrive_on}|shelf_by={shelf_by}"
    return goods[["sku"]].assign(
        from_place=transfer.from_warehouse, to_place=transfer.to_warehouse, market=market,
        mode="", days=transfer.days, arrive_on=pd.Timestamp(arrive_on), unit_cost=cost,
        reason=reason,
    )  # fmt: skip


def _way_rows(
    goods: pd.DataFrame, ways: pd.DataFrame, served: dict[str, str], scope: Scope
) -> pd.DataFrame:
    starts = [house.warehouse for house in scope.seller.warehouses if house.market == ORIGIN]
    pairs = pd.DataFrame(
        [(start, end, served[end]) for start in starts for end in served if start != end],
        columns=["from_place", "to_place", "market"],
    ).astype("str")
    if pairs.empty or ways.empty:
        return _none()
    today = pd.to_datetime(ways["market"].map(scope.as_of(STEP)))
    is_made = ways["reason"].str.startswith(f"reason.{LATE_WAY}") & (ways["ship_by"] >= today)
    taken = in_order(ways.assign(is_allowed=ways["is_allowed"] | is_made)).drop_duplicates(KEYS)
    rows = pairs.merge(taken, on="market").merge(goods, on="sku")
    is_open = rows["is_allowed"]
    cost = (rows["landed_cost"] - rows["goods_cost"]).clip(lower=0)
    told = rows["reason"].where(rows["reason"] != "", "reason.move_shut")
    shut = told.where(~is_open, "reason.move_cost_unknown")
    return rows.assign(
        days=rows["lead_days"],
        arrive_on=rows["shelf_by"],
        unit_cost=cost,
        reason=shut.where(~is_open | cost.isna(), ""),
    )[COLUMNS]


def _neighbours(served: dict[str, str], scope: Scope) -> list[tuple[str, str]]:
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    return [
        (start, end)
        for end in served
        for start, market in places.items()
        if start != end and market == places[end]
    ]


def _none() -> pd.DataFrame:
    kinds = dict.fromkeys(COLUMNS, "str")
    kinds |= {"days": "float64", "unit_cost": "float64", "arrive_on": "datetime64[us]"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in kinds.items()})
