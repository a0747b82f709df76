"""Order goods: what the order model is about, row by row: packs, ways, worth, places, limits.

Puts curves, ways, catalogue and the seller's terms into arrays of one order, and
leaves out what can never pay. Writes no rows of a model; that is `order_model`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import Scope
from planner.errors import ConfigError
from planner.supply.newsvendor import KEYS
from planner.supply.order_places import container_prices, houses_of, least_charges
from planner.supply.order_ways import in_turn, late_loss, routes_of, with_prices, without_worse
from planner.supply.value_curves import Curves, slopes_of, worth_at
from planner.terms import Limits

SLOPE_TOLERANCE = 1e-9
"""A unit must earn more than this share of its cost to be ordered, or rounding decides."""
PACK_TOLERANCE = 1e-9
"""A need of 2.0000000001 cartons is one of 2. [cartons]"""


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
    ways: pd.DataFrame
    """One row per SKU and way it may go: row, market, mode, cost, landed, freight, most."""
    pieces: pd.DataFrame
    """One row per piece of a worth curve: row, units, slope."""
    stays: pd.DataFrame
    """One row per SKU and warehouse, where a warehouse of the market is limited."""
    minimums: list[tuple[np.ndarray, float, float]]
    """Of each minimum order: rows of the SKU, units, most units."""
    boxes: pd.DataFrame
    """One row per market and mode bought by whole containers: cbm and cost of one."""
    charges: pd.DataFrame
    """One row per market and mode with a least charge: least money owed."""
    houses: pd.DataFrame
    """Warehouses by market, the one goods go to first on top: late_rate."""
    budget: float | None
    space: list[tuple[str, str, float]]
    """Booked space: market (blank for all), mode, cbm."""
    house_cbm: dict[str, float]
    quota: dict[str, int]
    currency: str

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
    fixed_units: pd.Series | None = None,
    gates: pd.DataFrame | None = None,
    lane_options: pd.DataFrame | None = None,
) -> Goods:
    """Return what may be chosen; see `allocation.allocate` for the arguments.

    Raises
    ------
    ConfigError
        If a limit names a mode, market or warehouse that does not exist.

    Notes
    -----
    Left out, because they can never be part of the best plan: ways no cheaper than a way without
    a limit of its own, pieces of worth below the cheapest way, and SKUs of which no unit pays.

    Ways whose cost is not fully known are left out too where a SKU has one that is. Of a SKU whose
    goods have no known cost the ways are held against each other by their carriage, and where
    that is not known either it takes the first by `way_choice` and no other.
    """
    _refuse_unknown(limits, ways, scope)
    goods = _packs(curves.keys, catalogue)
    slopes = slopes_of(curves)
    fixed = _fixed(curves, fixed_units, gates, goods["carton"].to_numpy())
    boxes = container_prices(ways, catalogue, limits, lane_options, scope)
    charges = least_charges(boxes, lane_options, scope)
    routes = routes_of(curves.keys, ways, slopes, scope)
    routes = with_prices(routes, boxes, charges)
    is_free = np.isnan(fixed)
    known = is_free[routes["row"]] & routes["landed"].notna()
    routes = in_turn(routes[known | (fixed[routes["row"]] > 0)])
    routes = without_worse(routes, limits)
    fixed = np.where(np.isin(np.arange(len(fixed)), routes["row"]) | is_free, fixed, 0.0)
    routes, pieces = _worthwhile(routes, curves, slopes, goods, fixed)
    houses = houses_of(scope)
    return Goods(
        keys=curves.keys,
        carton=goods["carton"].to_numpy(),
        moq=goods["moq"].to_numpy(),
        volume=goods["volume_cbm"].to_numpy(),
        fixed=fixed,
        ways=routes,
        pieces=pieces,
        stays=_stays(routes, houses, limits, slopes),
        minimums=_minimums(routes, goods, fixed),
        boxes=boxes,
        charges=charges,
        houses=houses,
        budget=limits.budget,
        space=[(*_market_and_mode(name), cap) for name, cap in limits.mode_cbm.items()],
        house_cbm=dict(limits.warehouse_cbm),
        quota=dict(limits.quota_units),
        currency=scope.seller.currency,
    )


def _refuse_unknown(limits: Limits, ways: pd.DataFrame, scope: Scope) -> None:
    houses = {house.warehouse for house in scope.seller.warehouses}
    for key, named in (
        ("warehouse_cbm", limits.warehouse_cbm),
        ("quota_units", limits.quota_units),
    ):
        for house in sorted(set(named) - houses):
            raise ConfigError(
                f"seller {scope.seller.seller}: limits.{key} names warehouse {house!r}, which is "
                f"not listed; it has {', '.join(sorted(houses))}"
            )
    modes = set(ways["mode"]) or {"sea"}
    for name in limits.mode_cbm:
        market, mode = _market_and_mode(name)
        if mode not in modes or (market and market not in scope.seller.markets):
            raise ConfigError(
                f"seller {scope.seller.seller}: limits.mode_cbm names {name!r}; give a mode "
                f"({', '.join(sorted(modes))}) or a market and mode, for instance "
                f"{scope.seller.markets[0]}.{sorted(modes)[0]}"
            )


def _market_and_mode(name: str) -> tuple[str, str]:
    market, _, mode = name.rpartition(".")
    return market, mode


def _packs(keys: pd.MultiIndex, catalogue: pd.DataFrame) -> pd.DataFrame:
    sizes = catalogue.set_index("sku")[["carton_units", "moq_units", "volume_cbm"]]
    goods = sizes.astype("float64").reindex(keys.get_level_values("sku"))
    goods["carton"] = goods["carton_units"].fillna(1.0)
    goods["moq"] = goods["moq_units"].fillna(0.0)
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


def _worthwhile(
    routes: pd.DataFrame,
    curves: Curves,
    slopes: np.ndarray,
    goods: pd.DataFrame,
    fixed: np.ndarray,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return ways and pieces of worth that can pay, and the most cartons of each SKU."""
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
    return routes, _pieces(curves, carton, first, np.where(is_free, most, 0.0))


def _pieces(
    curves: Curves, carton: np.ndarray, first: np.ndarray, most: np.ndarray
) -> pd.DataFrame:
    """Return the pieces of worth between whole cartons, from the minimum order on.

    Every piece ends at a full carton and the first at the minimum order, so that the programme
    without whole numbers all but has them, and nothing is lost: between two breakpoints the
    curve is straight.
    """
    counts = curves.units / carton[:, None]
    corners = [np.floor(counts + PACK_TOLERANCE), np.ceil(counts - PACK_TOLERANCE)]
    counts = np.column_stack([*corners, first, most])
    counts = np.clip(counts, np.minimum(first, most)[:, None], most[:, None])
    counts = np.sort(np.column_stack([np.zeros(len(most)), counts]), axis=1)
    units = counts * carton[:, None]
    value = np.column_stack([worth_at(curves, column) for column in units.T])
    size = np.diff(units, axis=1)
    row, piece = np.nonzero(size > 0)
    slope = np.diff(value, axis=1)[row, piece] / size[row, piece]
    return pd.DataFrame({"row": row, "units": size[row, piece], "slope": slope})


def _stays(
    routes: pd.DataFrame, houses: pd.DataFrame, limits: Limits, slopes: np.ndarray
) -> pd.DataFrame:
    limited = houses["warehouse"].isin({*limits.warehouse_cbm, *limits.quota_units})
    there = houses[houses["market"].isin(houses.loc[limited, "market"])]
    placed = routes[["row", "market"]].drop_duplicates()
    stays = placed.merge(there[["market", "warehouse", "late_rate"]], on="market")
    stays["late_cost"] = stays["late_rate"] * late_loss(slopes)[stays["row"]]
    return stays


def _minimums(
    routes: pd.DataFrame, goods: pd.DataFrame, fixed: np.ndarray
) -> list[tuple[np.ndarray, float, float]]:
    """Return the minimum order of each SKU over its markets, where it can bind."""
    rows = routes.drop_duplicates("row")
    carton, moq = goods["carton"].to_numpy(), goods["moq"].to_numpy()
    found = []
    for _, members in rows[moq[rows["row"]] > carton[rows["row"]]].groupby("sku"):
        row = members["row"].to_numpy()
        if np.isnan(fixed[row]).any():
            most = float((members["most"].to_numpy() * carton[row]).sum())
            found.append((row, float(moq[row].max()), most))
    return found
