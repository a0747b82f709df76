"""Placement: in which warehouse each unit should lie, and what to move before anything is bought.

Weighs what a unit earns where it lies against what it earns elsewhere, net of the move.
Knows nothing of channels within a warehouse, and orders nothing: a unit that can be
bought is worth no more than its landed cost.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.places.moves import possible_moves
from planner.supply.places.shelves import Shelf, Steps, giving, shelves_of, taking
from planner.supply.places.transport import TIE_COST, Node, transported
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.position import by_warehouse
from planner.supply.trips.lanes import STEP
from planner.terms import ORIGIN

UNIT_TOLERANCE = 1e-6
"""The solver's 3.0000000001 units are 3 units. [units]"""


def place_stock(
    stock: pd.DataFrame,
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
    mode_plan: pd.DataFrame | None = None,
    daily: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return where each unit stays, what moves before buying, and where an order goes.

    Parameters
    ----------
    stock, draws, position, economics, ways, catalogue : DataFrame
        Tables `Stock`, `DemandDraws`, `StockPosition`, `UnitEconomics`, `SkuWays`, `Catalogue`.
    scope : Scope
        Its seller's warehouses and transfers.
    mode_plan : DataFrame, optional
        Table `ModePlan`; without it nothing is shipped yet.
    daily : DataFrame, optional
        Table `DailySales`: what was sold since the stock was counted.

    Returns
    -------
    DataFrame
        Table `Placement`. What stays and what leaves a warehouse add up to its stock on hand and
        inbound in time. A move that would pay but cannot be taken has a row of 0 units that says
        why, and below which cost a unit it would pay.

    Notes
    -----
    Maximises ``sum of W_i(in - out) - move cost``: a warehouse's worth ``W`` is concave in its
    units, being the mean over worlds of ``sale worth * sold + leftover worth * left``, and no unit
    is worth more than its landed cost where one can be bought. That is a transport problem with
    integral corners; HiGHS solves it for all SKUs at once. A unit moves once, and only units on
    hand move. Taking the best single move again and again would not do: it can use up a unit that
    only another warehouse can replace.
    """
    held = by_warehouse(stock, draws, scope=scope, daily=daily)
    moves = possible_moves(catalogue, ways, scope=scope)
    shelves = shelves_of(held, draws, position, economics, ways, catalogue, scope=scope)
    shelves = _as_spare(shelves, moves)
    weighed = _solved(moves, _nodes(moves, shelves))
    parts = [_transfers(weighed, scope), _shut(weighed, scope), _stays(held, weighed, scope)]
    placed = _joined(parts, scope)
    return placed if mode_plan is None else with_order(placed, mode_plan, catalogue, scope=scope)


def with_order(
    placement: pd.DataFrame, mode_plan: pd.DataFrame, catalogue: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return a placement decided before buying, with the order shipped to its warehouses.

    Parameters
    ----------
    placement : DataFrame
        Table `Placement`; its moves are kept as they are.
    mode_plan, catalogue : DataFrame
        Tables `ModePlan` and `Catalogue`.
    scope : Scope
    """
    before = placement[placement["move"] != "ship"]
    return _joined([before, _ships(mode_plan, catalogue, scope)], scope)


def moved_in(placement: pd.DataFrame) -> pd.Series:
    """Return by market and SKU the units that transfers bring in, net of what they take out.

    Parameters
    ----------
    placement : DataFrame
        Table `Placement`.

    Returns
    -------
    Series
        Index market, sku; below zero where a market gives more than it gets. Moves within one
        market change nothing. [units]
    """
    moved = placement[(placement["move"] == "transfer") & (placement["units"] > 0)]
    stays = placement[placement["move"].isin(["stay", "reserve"])]
    homes = stays.drop_duplicates("to_place").set_index("to_place")["market"]
    given = moved.assign(market=moved["from_place"].map(homes), units=-moved["units"])
    net = pd.concat([moved, given]).groupby(KEYS)["units"].sum()
    return net[net != 0]


def _joined(parts: list[pd.DataFrame], scope: Scope) -> pd.DataFrame:
    known = [part for part in parts if len(part)]
    if not known:
        return tables.empty(tables.Placement)
    kinds = {"units": "int64", "arrive_on": "datetime64[us]", "days": float, "move_cost": float}
    columns = tables.columns(tables.Placement)
    alike = [part.assign(currency=scope.seller.currency)[columns].astype(kinds) for part in known]
    frame = pd.concat(alike).sort_values([*KEYS, "move", "from_place", "to_place"])
    return tables.checked(tables.Placement, frame)


def _as_spare(
    shelves: dict[tuple[str, str], Shelf], moves: pd.DataFrame
) -> dict[tuple[str, str], Shelf]:
    """Return shelves whose units, where no shop is served, are worth what moving them later is.

    Nothing is moved only to be left over elsewhere: it could still be moved after the campaign.
    """
    found = dict(shelves)
    for row in moves[moves["reason"] == ""].itertuples():
        start, end = found.get((row.from_place, row.sku)), found.get((row.to_place, row.sku))
        if start is not None and end is not None and not start.sale_worth:
            later = end.left_worth - row.unit_cost
            found[row.from_place, row.sku] = start._replace(left_worth=max(start.left_worth, later))
    return found


def _nodes(
    moves: pd.DataFrame, shelves: dict[tuple[str, str], Shelf]
) -> dict[tuple[str, str], Node]:
    """Return the places of each SKU between which something could move."""
    starts = {*zip(moves["from_place"], moves["sku"], strict=True)} & {*shelves}
    starts = {key for key in starts if shelves[key].on_hand_units > 0}
    most: dict[str, int] = {}
    for key in starts:
        most[key[1]] = most.get(key[1], 0) + shelves[key].on_hand_units
    ends = {*zip(moves["to_place"], moves["sku"], strict=True)} & {*shelves}
    nothing = Steps(np.empty(0), np.empty(0))
    return {
        key: Node(
            giving(shelves[key]) if key in starts else nothing,
            taking(shelves[key], most[key[1]]) if key in ends else nothing,
        )
        for key in sorted(starts | ends)
        if key[1] in most
    }


def _solved(moves: pd.DataFrame, nodes: dict[tuple[str, str], Node]) -> pd.DataFrame:
    """Return possible moves with units, `gain` a unit, and `worth` of one more before its cost."""
    numbers = {key: place for place, key in enumerate(nodes)}
    ends = {
        name: [numbers.get(key, -1) for key in zip(moves[side], moves["sku"], strict=True)]
        for name, side in (("start", "from_place"), ("end", "to_place"))
    }
    known = moves.assign(**ends)
    known = known[(known["start"] >= 0) & (known["end"] >= 0)].reset_index(drop=True)
    is_open = known["reason"] == ""
    units, given, taken = transported(known[is_open], [*nodes.values()])
    known["units"] = 0
    known.loc[is_open, "units"] = units
    every = [*nodes.values()]
    loss = np.array([_next(node.gives, out) for node, out in zip(every, given, strict=True)])
    gain = np.array([_next(node.takes, into) for node, into in zip(every, taken, strict=True)])
    mean_loss = np.array([_mean(node.gives, out) for node, out in zip(every, given, strict=True)])
    mean_gain = np.array([_mean(node.takes, got) for node, got in zip(every, taken, strict=True)])
    start, end = known["start"].to_numpy(), known["end"].to_numpy()
    if len(known):
        known["worth"] = gain[end] - loss[start]
        known["gain"] = mean_gain[end] - mean_loss[start] - known["unit_cost"]
    return known


def _next(steps: Steps, used: float) -> float:
    """Return the worth of the unit after those used; NaN where there is none."""
    place = int(np.searchsorted(np.cumsum(steps.units), used + UNIT_TOLERANCE))
    return float(steps.worth[place]) if place < len(steps.worth) else float("nan")


def _mean(steps: Steps, used: float) -> float:
    """Return the mean worth of the units used; of the first where none is."""
    if not used:
        return _next(steps, 0.0)
    edges = np.concatenate([[0.0], np.cumsum(steps.units)])
    part = np.diff(np.minimum(edges, used))
    return float((part * steps.worth).sum() / used)


def _transfers(weighed: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    rows = weighed[weighed["units"] > 0]
    tail = f"|currency={scope.seller.currency}"
    told = [
        f"reason.move_pays_by|mode={row.mode}|gain={row.gain:.6g}{tail}"
        if row.mode
        else f"reason.move_pays|gain={row.gain:.6g}{tail}"
        for row in rows.itertuples()
    ]
    cost = rows["units"] * rows["unit_cost"]
    return rows.assign(move="transfer", move_cost=cost, reason=told)


def _shut(weighed: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the moves that would pay and cannot be taken, with what they are worth."""
    if weighed.empty:
        return weighed
    pays = weighed["worth"] > weighed["unit_cost"].fillna(0.0) + TIE_COST
    rows = weighed[(weighed["reason"] != "") & pays]
    told = [
        f"{row.reason};reason.move_would_pay|worth={row.worth:.6g}|currency={scope.seller.currency}"
        for row in rows.itertuples()
    ]
    return rows.assign(move="transfer", move_cost=np.nan, reason=told)


def _stays(held: pd.DataFrame, weighed: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    gone = weighed.groupby(["from_place", "sku"])["units"].sum()
    keys = pd.MultiIndex.from_frame(held[["warehouse", "sku"]])
    left = gone.reindex(keys, fill_value=0).to_numpy()
    there = held["on_hand_units"] + held["inbound_units"]
    serves = {shop.warehouse for shop in scope.shops}
    spare = {house.warehouse for house in scope.seller.warehouses if house.is_reserve} - serves
    frame = held.assign(
        from_place=held["warehouse"],
        to_place=held["warehouse"],
        move=np.where(held["warehouse"].isin(spare), "reserve", "stay"),
        units=there - left,
        move_cost=0.0,
        days=0.0,
        arrive_on=pd.NaT,
    )
    frame["reason"] = np.where(
        frame["move"] == "reserve", "reason.place_reserve", "reason.place_stays"
    )
    return frame[held["is_known"] & (there > 0)]


def _ships(mode_plan: pd.DataFrame, catalogue: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    rows = mode_plan.merge(catalogue[["sku", "unit_cost"]], on="sku", how="left")
    today = pd.to_datetime(rows["market"].map(scope.as_of(STEP)))
    return rows.assign(
        from_place=ORIGIN,
        to_place=rows["warehouse"],
        move="ship",
        move_cost=(rows["landed_cost"] - rows["unit_cost"] * rows["units"]).clip(lower=0),
        days=(rows["shelf_by"] - today).dt.days.clip(lower=0).astype(float),
        arrive_on=rows["shelf_by"],
        reason=[f"reason.place_ships|mode={mode}" for mode in rows["mode"]],
    )
