"""Reserves: where help comes from if a hero SKU runs out, how fast, how dear, and until when.

Knows the SKUs that earn most of a market's profit and the places their units could be
fetched from. Orders nothing: the units are a promise to hold, not a shipment.
"""

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.way_choice import whatever_the_day
from planner.supply.places.heroes import heroes_of
from planner.supply.places.moves import served_markets
from planner.supply.quantity.newsvendor import KEYS, expected_sold, market_draws
from planner.supply.quantity.position import HORIZON_PHASES, available_by_world, by_warehouse
from planner.terms import ORIGIN

FAST_MODES = ("air", "express", "truck")
"""Modes by which goods are fetched in an emergency."""
MONEY = ["price", "selling_cost", "landed_cost", "under_cost"]


def reserve_sources(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    plan: pd.DataFrame,
    stock: pd.DataFrame,
    *,
    hero_share: float,
    scope: Scope,
    placement: pd.DataFrame | None = None,
    gates: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each hero SKU the best place to fetch units from, and how many to hold there.

    Parameters
    ----------
    draws, position, economics, ways, catalogue, plan, stock : DataFrame
        Tables `DemandDraws`, `StockPosition`, `UnitEconomics`, `SkuWays`, `Catalogue`,
        `StockPlan` and `Stock`.
    hero_share : float
        See `heroes_of`.
    scope : Scope
        Its reserve warehouses (`is_reserve`), those in China, and transfers.
    placement : DataFrame, optional
        Table `Placement`: units that move away before the campaign are no reserve.
    gates : DataFrame, optional
        Table `Gates`: goods that may not be ordered need none.

    Returns
    -------
    DataFrame
        Table `Reserves`, one row per hero; `units` is 0 where no source helps or none pays.

    Notes
    -----
    The SKU is taken to be asked for as soon as the campaign begins to run ahead, so that units
    are there `days` after its first day and can serve the smaller of what is short and what is
    sold after that. The r-th unit of the reserve is worth ``P(needed >= r) * (price - selling
    cost + penalty - move cost - what it is worth if kept)``; a unit that lies there ties up
    nothing, one that has to be bought loses ``unit cost * (1 - leftover value rate)`` where it is
    not needed. Lost live hours and rank are in the penalty, if policy prices them.
    """
    heroes = heroes_of(
        draws, economics, catalogue, hero_share=hero_share, scope=scope, plan=plan, gates=gates
    )
    if heroes.empty:
        return tables.empty(tables.Reserves)
    goods = heroes.merge(economics[[*KEYS, *MONEY]], on=KEYS, how="left")
    goods = goods.merge(catalogue[["sku", "unit_cost", "weight_kg"]], on="sku", how="left")
    held = _spare(stock, draws, placement, scope)
    short = _short_units(draws, position, plan)
    fast = _by_good(whatever_the_day(ways[ways["mode"].isin(FAST_MODES)]), goods)
    wanted = _by_good(draws[draws["phase"].isin(HORIZON_PHASES)], goods)
    rows = []
    for good in goods.itertuples():
        sources = _sources(good, fast[good.market, good.sku], held, scope)
        need = _needed(good, sources, short, wanted[good.market, good.sku], scope)
        rows.append(_best(good, sources, need, scope))
    frame = pd.DataFrame(rows).assign(currency=scope.seller.currency)
    kinds = {"last_day_on": "datetime64[us]", "units": "int64"}
    kinds |= {"days": float, "unit_move_cost": float}
    return tables.checked(tables.Reserves, frame.astype(kinds))


def _by_good(frame: pd.DataFrame, goods: pd.DataFrame) -> dict[tuple[str, str], pd.DataFrame]:
    """Return the rows of each SKU, in their order; none where it has none."""
    rows = frame[frame["sku"].isin(goods["sku"])]
    found = {key: part for key, part in rows.groupby(KEYS)}
    return {
        key: found.get(key, frame.iloc[:0])
        for key in zip(goods["market"], goods["sku"], strict=True)
    }


def _spare(
    stock: pd.DataFrame, draws: pd.DataFrame, placement: pd.DataFrame | None, scope: Scope
) -> dict[tuple[str, str], int]:
    held = by_warehouse(stock, draws, scope=scope)
    units = held.set_index(["warehouse", "sku"])["on_hand_units"]
    if placement is not None and len(placement):
        moved = placement[placement["move"] == "transfer"]
        gone = moved.groupby(["from_place", "sku"])["units"].sum()
        units = units - gone.reindex(units.index, fill_value=0)
    return units.clip(lower=0).astype(int).to_dict()


def _short_units(
    draws: pd.DataFrame, position: pd.DataFrame, plan: pd.DataFrame
) -> dict[tuple[str, str], np.ndarray]:
    keys, demand = market_draws(draws, phases=HORIZON_PHASES)
    supply = available_by_world(position, draws)[1]
    ordered = plan.set_index(KEYS)["order_units"].reindex(keys, fill_value=0).to_numpy(float)
    short = np.maximum(demand - supply - ordered[:, None], 0.0)
    return dict(zip(keys, short, strict=True))


def _sources(
    good: Any, ways: pd.DataFrame, held: dict[tuple[str, str], int], scope: Scope
) -> list[dict[str, Any]]:
    """Return whence units could come while the campaign runs; `ways` are the fast ones."""
    served = [house for house, market in served_markets(scope).items() if market == good.market]
    spare = {house.warehouse for house in scope.seller.warehouses if house.is_reserve}
    found = []
    for part in scope.seller.transfers:
        if part.from_warehouse in spare and part.to_warehouse in served:
            told = part.unit_cost is not None or part.kg_cost is not None
            by_weight = (part.kg_cost or 0.0) * (good.weight_kg if part.kg_cost else 0.0)
            cost = (part.unit_cost or 0.0) + by_weight if told else float("nan")
            units = held.get((part.from_warehouse, good.sku), 0)
            found.append(_source(part.from_warehouse, "", part.days, cost, units, False))
    china = [house.warehouse for house in scope.seller.warehouses if house.market == ORIGIN]
    stocked = [(house, held.get((house, good.sku), 0)) for house in china]
    receiving = _receiving_days(scope)
    for way in ways.itertuples():
        cost = max(way.landed_cost - good.unit_cost, 0.0)
        days = way.lead_days + receiving
        found += [_source(house, way.mode, days, cost, n, False) for house, n in stocked if n]
        days += scope.policy.production_days
        found.append(_source(ORIGIN, way.mode, days, cost, 0, True))
    return found


def _source(
    place: str, mode: str, days: float, cost: float, units: int, is_bought: bool
) -> dict[str, Any]:
    return {
        "source_place": place, "mode": mode, "days": float(days), "unit_move_cost": cost,
        "held": units, "is_bought": is_bought,
    }  # fmt: skip


def _receiving_days(scope: Scope) -> float:
    return max(scope.policy.receiving_days, scope.seller.contract.receiving_days or 0.0)


def _needed(
    good: Any,
    sources: list[dict[str, Any]],
    short: dict[tuple[str, str], np.ndarray],
    own: pd.DataFrame,
    scope: Scope,
) -> list[np.ndarray]:
    """Return for each source what it could still serve of its own draws, world by world."""
    units = np.array(own["draws"].tolist(), dtype=float)
    days = ((own["ends_on"] - own["starts_on"]).dt.days + 1).to_numpy(dtype=float)
    first = pd.Timestamp(scope.plans[good.market].phases.start)
    found = []
    for source in sources:
        there = first + timedelta(days=int(np.ceil(source["days"])))
        left = ((own["ends_on"] - there).dt.days + 1).to_numpy(dtype=float)
        share = np.clip(left, 0.0, days) / np.maximum(days, 1.0)
        sold_later = (units * share[:, None]).sum(axis=0)
        found.append(np.minimum(short[good.market, good.sku], sold_later))
    return found


def _best(
    good: Any, sources: list[dict[str, Any]], need: list[np.ndarray], scope: Scope
) -> dict[str, Any]:
    """Return the source whose reserve is worth most; one of unknown cost is named, not taken."""
    priced = [
        (*_worth(good, source, needed, scope), place)
        for place, (source, needed) in enumerate(zip(sources, need, strict=True))
        if _last_day(good, source, scope) >= pd.Timestamp(scope.plans[good.market].phases.start)
    ]
    blank = {"market": good.market, "sku": good.sku, "source_place": "", "mode": "", "units": 0}
    nothing = {"days": np.nan, "unit_move_cost": np.nan, "last_day_on": pd.NaT}
    if not priced:
        why = "reason.reserve_too_slow" if sources else "reason.reserve_no_source"
        return {**blank, **nothing, "reason": why}
    known = [row for row in priced if not np.isnan(row[0])]
    worth, units, place = (
        max(known, key=lambda row: (row[0], -sources[row[2]]["days"]))
        if known
        else min(priced, key=lambda row: sources[row[2]]["days"])
    )
    source = sources[place]
    return {
        **blank,
        **{name: source[name] for name in ("source_place", "mode", "days", "unit_move_cost")},
        "units": units,
        "last_day_on": _last_day(good, source, scope),
        "reason": _told(source, worth, units, scope),
    }


def _worth(
    good: Any, source: dict[str, Any], needed: np.ndarray, scope: Scope
) -> tuple[float, int]:
    """Return what the best reserve of a source is worth, and its units."""
    keep = good.unit_cost * scope.policy.leftover_value_rate
    penalty = good.under_cost - (good.price - good.landed_cost - good.selling_cost)
    gain = good.price - good.selling_cost + penalty - source["unit_move_cost"] - keep
    cost = good.unit_cost - keep if source["is_bought"] else 0.0
    if np.isnan(gain + cost):
        return float("nan"), 0
    if gain <= cost:
        return 0.0, 0
    most = np.inf if source["is_bought"] else source["held"]
    exact = np.sort(needed)
    chance = 1.0 - np.arange(len(exact)) / len(exact)
    enough = exact[chance * gain > cost]
    units = int(min(np.floor(enough[-1]) if len(enough) else 0.0, most))
    served = float(expected_sold(needed[None, :], np.array([float(units)]))[0])
    return gain * served - cost * units, units


def _last_day(good: Any, source: dict[str, Any], scope: Scope) -> pd.Timestamp:
    """Return the last day on which asking brings units for the last day of the sale."""
    end = scope.plans[good.market].phases.sale.end
    return pd.Timestamp(end - timedelta(days=int(np.ceil(source["days"]))))


def _told(source: dict[str, Any], worth: float, units: int, scope: Scope) -> str:
    if np.isnan(worth):
        return "reason.reserve_cost_unknown"
    parts = [f"reason.reserve_worth|worth={worth:.6g}|currency={scope.seller.currency}"]
    if not units and not source["is_bought"] and not source["held"]:
        parts = ["reason.reserve_empty"]
    elif not units:
        parts = ["reason.reserve_not_worth"]
    elif source["is_bought"]:
        parts.append("reason.reserve_is_bought")
    if not scope.policy.stock_out_penalty_rate:
        parts.append("reason.rank_loss_not_priced")
    return ";".join(parts)
