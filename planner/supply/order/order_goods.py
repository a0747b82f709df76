"""Order goods: what the order model is about, row by row: packs, ways, worth, places, limits.

Puts curves, ways, catalogue and the seller's terms into arrays of one order, and
leaves out what can never pay. Writes no rows of a model; that is `order_model`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.supply.charges.once_costs import lane_fees, sku_fees
from planner.supply.order.limit_terms import market_and_mode, refuse_bad_limits
from planner.supply.order.order_pieces import PACK_TOLERANCE, net_pieces, worth_pieces
from planner.supply.order.order_places import container_prices, houses_of, least_charges
from planner.supply.order.order_unknown import are_unknown, too_dear, waiting
from planner.supply.order.order_ways import (
    in_turn,
    late_loss,
    routes_of,
    with_prices,
    without_worse,
)
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.value_curves import Curves, slopes_of
from planner.terms import Limits

SLOPE_TOLERANCE = 1e-9
"""A unit must earn more than this share of its cost to be ordered, or rounding decides."""
PACKS = ("carton", "moq", "volume")
GOODS_COLUMNS = ["carton_units", "moq_units", "volume_cbm", "price", "unit_cost"]


class Goods(NamedTuple):
    """Markets and SKUs in one order, and all that may be chosen for them."""

    keys: pd.MultiIndex
    carton: np.ndarray
    """Units in a carton; 1 where unknown. [units]"""
    moq: np.ndarray
    """0 where unknown. [units]"""
    volume: np.ndarray
    """Of a unit, NaN where unknown. [cbm]"""
    fixed: np.ndarray
    """Units that a rule asks for in full cartons; NaN where worth decides. [units]"""
    unknown: np.ndarray
    """Whether units are asked for that nobody knows the worth of: they come last."""
    waits: pd.Series
    """Why goods of unknown worth wait, blank where they do not."""
    ways: pd.DataFrame
    """One row per SKU and way it may go: row, market, mode, cost, landed, freight, most."""
    pieces: pd.DataFrame
    """One row per piece of a worth curve: row, units, slope."""
    asked: pd.DataFrame
    """The same of fixed units, net of the cheapest way: which go first if not all fit."""
    stays: pd.DataFrame
    """One row per SKU and warehouse, where a warehouse of the market is limited."""
    minimums: list[tuple[np.ndarray, float, float]]
    """Of each minimum order: rows of the SKU, units, most units."""
    boxes: pd.DataFrame
    """One row per market and mode bought by whole containers: cbm and cost of one."""
    charges: pd.DataFrame
    """One row per market and mode with a least charge: least money owed."""
    fees: list[tuple[float, np.ndarray]]
    """What is paid once if anything goes: money, and the ways that owe it."""
    sku_fee: np.ndarray
    """What is paid once if the SKU is ordered. [currency]"""
    houses: pd.DataFrame
    """Warehouses by market, the one goods go to first on top: late_rate."""
    limits: Limits
    currency: str

    @property
    def space(self) -> list[tuple[str, str, float]]:
        """Booked space: market (blank for all), mode, cbm."""
        return [(*market_and_mode(name), cap) for name, cap in self.limits.mode_cbm.items()]

    @property
    def house_market(self) -> dict[str, str]:
        """Market by warehouse."""
        return dict(zip(self.houses["warehouse"], self.houses["market"], strict=True))

    @property
    def way_volume(self) -> np.ndarray:
        """Volume of a carton by way; 0 where unknown, as the limit's reason says (in cbm)."""
        row = self.ways["row"].to_numpy()
        return np.nan_to_num(self.volume[row]) * self.carton[row]

    @property
    def way_cost(self) -> np.ndarray:
        """Of a unit by way, lateness included, freight left out where containers are paid."""
        boxed = np.where(self.ways["box"] >= 0, self.ways["freight"].fillna(0.0), 0.0)
        return self.ways["cost"].to_numpy() - boxed

    @property
    def way_landed(self) -> np.ndarray:
        """Of a unit by way, freight left out where containers are paid; 0 where unknown."""
        boxed = np.where(self.ways["box"] >= 0, self.ways["freight"].fillna(0.0), 0.0)
        return np.nan_to_num(self.ways["landed"].to_numpy(dtype=float)) - boxed


def gather_goods(
    curves: Curves,
    ways: pd.DataFrame,
    catalogue: pd.DataFrame,
    limits: Limits,
    *,
    scope: Scope,
    fixed_units: pd.Series | None = None, gates: pd.DataFrame | None = None,
    lane_options: pd.DataFrame | None = None, terms: pd.DataFrame | None = None,
    firm: pd.MultiIndex | None = None, prices: pd.Series | None = None,
) -> Goods:  # fmt: skip
    """Return what may be chosen; see `allocation.allocate` for the arguments.

    Raises
    ------
    ConfigError
        If a limit names what does not exist or contradicts another; see `limit_terms`.

    Notes
    -----
    Left out, because they can never be part of the best plan: ways no cheaper than a way without
    a limit of its own, pieces of worth below the cheapest way, and SKUs of which no unit pays.

    Ways whose cost is not fully known are left out too where a SKU has one that is. Of a SKU whose
    goods have no known cost the ways are held against each other by their carriage, and where
    that is not known either it takes the first by `way_choice` and no other; see `order_unknown`
    for the dear ways that it does not take at all.
    """
    refuse_bad_limits(limits, modes=set(ways["mode"]), seller=scope.seller)
    goods, slopes = _packs(curves.keys, catalogue, prices), slopes_of(curves)
    fixed = _fixed(curves, fixed_units, gates, goods["carton"].to_numpy())
    boxes = container_prices(ways, catalogue, limits, lane_options, scope)
    charges = least_charges(boxes, lane_options, scope)
    fees, sku_fee = _fees(terms, curves.keys)
    unknown = are_unknown(curves.value, fixed, curves.keys.isin([] if firm is None else firm))
    routes = with_prices(routes_of(curves.keys, ways, slopes, scope), boxes, charges, fees)
    is_dear = too_dear(routes, unknown, slopes, goods)
    shut = routes[is_dear & ~routes["row"].isin(routes.loc[~is_dear, "row"])]
    routes, fixed = _open_routes(routes[~is_dear], fixed, limits)
    routes, pieces, asked = _worthwhile(routes, curves, slopes, goods, fixed)
    houses, packs = houses_of(scope), {name: goods[name].to_numpy() for name in PACKS}
    return Goods(
        **packs,
        keys=curves.keys,
        fixed=fixed,
        unknown=unknown,
        waits=waiting(shut, curves.keys),
        ways=routes,
        pieces=pieces,
        asked=asked,
        stays=_stays(routes, houses, limits, slopes),
        minimums=minimum_orders(routes, packs["carton"], packs["moq"], fixed),
        boxes=boxes,
        charges=charges,
        fees=_owed(fees, routes),
        sku_fee=sku_fee,
        houses=houses,
        limits=limits,
        currency=scope.seller.currency,
    )


def _open_routes(
    routes: pd.DataFrame, fixed: np.ndarray, limits: Limits
) -> tuple[pd.DataFrame, np.ndarray]:
    """Return the ways that may be part of a plan, and 0 asked for where none is left."""
    is_free = np.isnan(fixed)
    known = is_free[routes["row"]] & routes["landed"].notna()
    routes = without_worse(in_turn(routes[known | (fixed[routes["row"]] > 0)]), limits)
    has_way = np.isin(np.arange(len(fixed)), routes["row"])
    return routes, np.where(has_way | is_free, fixed, 0.0)


def _packs(keys: pd.MultiIndex, catalogue: pd.DataFrame, prices: pd.Series | None) -> pd.DataFrame:
    priced = catalogue.assign(price=catalogue["promo_price"].fillna(catalogue["price"]))
    sizes = priced.set_index("sku")[GOODS_COLUMNS]
    goods = sizes.astype("float64").reindex(keys.get_level_values("sku"))
    if prices is not None:
        own = prices.astype("float64").reindex(keys).to_numpy()
        goods["price"] = np.where(np.isnan(own), goods["price"].to_numpy(), own)
    goods["carton"] = goods["carton_units"].fillna(1.0)
    goods["moq"], goods["volume"] = goods["moq_units"].fillna(0.0), goods["volume_cbm"]
    return goods.reset_index(drop=True)


def _fixed(
    curves: Curves, fixed_units: pd.Series | None, gates: pd.DataFrame | None, carton: np.ndarray
) -> np.ndarray:
    """Return the units asked for, 0 where goods may not go or nobody knows what they earn."""
    fixed = np.where(np.isnan(curves.value).any(axis=1), 0.0, np.nan)
    if fixed_units is not None:
        asked = fixed_units.astype(float).reindex(curves.keys).to_numpy()
        fixed = np.where(np.isnan(asked), fixed, np.ceil(asked / carton - PACK_TOLERANCE) * carton)
    if gates is not None:
        stopped = pd.MultiIndex.from_frame(gates.loc[gates["blocks"] == "order", KEYS])
        fixed = np.where(curves.keys.isin(stopped), 0.0, fixed)
    return fixed


def _fees(
    terms: pd.DataFrame | None, keys: pd.MultiIndex
) -> tuple[list[tuple[float, pd.MultiIndex]], np.ndarray]:
    """Return what is paid once for a shipment, with its ways, and once for each SKU."""
    if terms is None or terms.empty:
        return [], np.zeros(len(keys))
    return lane_fees(terms), sku_fees(terms).reindex(keys).fillna(0.0).to_numpy(dtype=float)


def _owed(
    fees: list[tuple[float, pd.MultiIndex]], routes: pd.DataFrame
) -> list[tuple[float, np.ndarray]]:
    """Return the fees that a way left over may owe, with the places of these ways."""
    ways = pd.MultiIndex.from_frame(routes[[*KEYS, "mode"]])
    found = [(amount, np.flatnonzero(ways.isin(members))) for amount, members in fees]
    return [(amount, members) for amount, members in found if len(members)]


def _worthwhile(
    routes: pd.DataFrame,
    curves: Curves,
    slopes: np.ndarray,
    goods: pd.DataFrame,
    fixed: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return ways and pieces of worth that can pay, and those of fixed units, pay or not."""
    carton, moq = goods["carton"].to_numpy(), goods["moq"].to_numpy()
    cheapest = np.full(len(fixed), np.inf)
    np.minimum.at(cheapest, routes["row"].to_numpy(), routes["paid"].to_numpy())
    paid = np.where(np.isinf(cheapest), 0.0, cheapest)
    least = cheapest + SLOPE_TOLERANCE * (1.0 + np.abs(paid))
    pays = slopes > least[:, None]
    useful = np.where(pays[:, :-1], curves.units[:, 1:], 0.0).max(axis=1)
    is_free = np.isnan(fixed)
    first = np.ceil(moq / carton - PACK_TOLERANCE)
    most = np.ceil(np.where(is_free, useful, fixed) / carton - PACK_TOLERANCE)
    most = np.where(is_free & (most > 0), np.maximum(most, first), most)
    routes = routes.assign(most=most[routes["row"]])
    routes = routes[routes["most"] > 0].reset_index(drop=True)
    alone = routes.drop_duplicates("row")
    alone = alone.loc[~alone["sku"].duplicated(keep=False), "row"]
    first = np.where(np.isin(np.arange(len(fixed)), alone), first, 0.0)
    pieces = worth_pieces(curves, carton, first, np.where(is_free, most, 0.0))
    asked = worth_pieces(curves, carton, np.zeros(len(fixed)), np.where(is_free, 0.0, most))
    return routes, pieces, net_pieces(asked, paid)


def _stays(
    routes: pd.DataFrame, houses: pd.DataFrame, limits: Limits, slopes: np.ndarray
) -> pd.DataFrame:
    limited = houses["warehouse"].isin({*limits.warehouse_cbm, *limits.quota_units})
    there = houses[houses["market"].isin(houses.loc[limited, "market"])]
    placed = routes[["row", "market"]].drop_duplicates()
    stays = placed.merge(there[["market", "warehouse", "late_rate"]], on="market")
    stays["late_cost"] = stays["late_rate"] * late_loss(slopes)[stays["row"]]
    return stays


def minimum_orders(
    routes: pd.DataFrame, carton: np.ndarray, moq: np.ndarray, fixed: np.ndarray
) -> list[tuple[np.ndarray, float, float]]:
    """Return the minimum order of each SKU over its markets, where it can bind.

    Parameters
    ----------
    routes : DataFrame
        Ways that may be chosen: row, sku, most.
    carton, moq, fixed : ndarray, shape (n_sku,)
        As in `Goods`. [units]

    Returns
    -------
    list of tuple
        Rows of the SKU, its minimum and the most that can be ordered. [units]
    """
    rows = routes.drop_duplicates("row")
    found = []
    for _, members in rows[moq[rows["row"]] > carton[rows["row"]]].groupby("sku"):
        row = members["row"].to_numpy()
        if np.isnan(fixed[row]).any():
            most = float((members["most"].to_numpy() * carton[row]).sum())
            found.append((row, float(moq[row].max()), most))
    return found
