"""Seats: who draws on a warehouse, what each asks for and earns, and what lies there for all.

Knows the shops and channels of seller.yml. Knows nothing of how units are kept apart.
"""

from collections.abc import Mapping
from typing import NamedTuple
from zlib import crc32

import numpy as np
import pandas as pd

from planner.errors import ConfigError
from planner.scope import Scope
from planner.supply.charges.packing import ROUNDING_TOLERANCE
from planner.supply.places.shelves import warehouse_draws
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import HORIZON_PHASES
from planner.supply.sharing.protection import best_shares, by_means, protection_levels, whole_units

MONEY = ["price", "selling_cost", "leftover_revenue", "landed_cost"]


class Seat(NamedTuple):
    """One channel of a warehouse."""

    channel: str
    shop: str
    """Shop whose demand it has, or that its demand is told from."""
    pool: str
    net_price_ratio: float
    demand_ratio: float
    """1 where it has exports of its own."""
    locked_units: Mapping[str, int]


class Case(NamedTuple):
    """One SKU of one warehouse, channels best first."""

    sku: str
    stock_units: int
    locked: np.ndarray
    """Units promised, shape (n_channel,)."""
    demand: np.ndarray
    """Shape (n_channel, n_draws). [units]"""
    net_price: np.ndarray
    """Of a unit sold, shape (n_channel,). [currency]"""
    left_worth: float
    landed_cost: float
    penalty: float
    """Of a sale missed, beyond its margin. [currency/unit]"""
    daily_units: float
    """What all channels sell on the strongest day. [units]"""

    @property
    def worth(self) -> np.ndarray:
        """Of a unit sold above one left over; equal for all channels where it is unknown."""
        worth = self.net_price + self.penalty - self.left_worth
        return worth if self.is_priced else np.ones(len(worth))

    @property
    def is_priced(self) -> bool:
        """Whether the money of a unit is known."""
        return not np.isnan(self.net_price.sum() + self.left_worth + self.landed_cost)

    @property
    def is_by_demand(self) -> bool:
        """Whether no channel is worth protecting: profit unknown, or a loss in every channel."""
        if not self.is_priced:
            return True
        return bool(self.net_price.max() < self.landed_cost or self.worth.max() <= 0)

    @property
    def beyond(self) -> np.ndarray:
        """Demand that is not served from promised units."""
        return np.maximum(self.demand - self.locked[:, None], 0.0)

    @property
    def free_units(self) -> int:
        """Stock that nobody was promised."""
        return self.stock_units - int(self.locked.sum())

    def parted(self, groups: np.ndarray) -> np.ndarray:
        """Return the free units of each pool: where they are worth most, else by mean demand."""
        if self.is_by_demand:
            shares = by_means(self.beyond, self.free_units)
            return np.bincount(groups, weights=shares).astype("int64")
        return best_shares(self.beyond, self.worth, self.free_units, groups)

    def levels(self, places: np.ndarray) -> np.ndarray:
        """Return whole units to protect for the first, the first two ... of these channels."""
        if self.is_by_demand:
            return np.cumsum(by_means(self.beyond, self.free_units)[places])[:-1].astype(float)
        exact = protection_levels(self.beyond[places], self.worth[places])
        return np.ceil(exact - ROUNDING_TOLERANCE)


def seats_of(scope: Scope) -> dict[str, list[Seat]]:
    """Return by warehouse the channels that draw on it, the one that earns most by unit first.

    Raises
    ------
    ConfigError
        If a channel stands twice, or names a warehouse that is not listed or serves no shop.

    Notes
    -----
    Every shop of the campaign is a channel. One that seller.yml names beside the shops takes its
    demand from the first shop of its warehouse. Without a pool a channel shares with none.
    """
    named = {part.channel: part for part in scope.seller.channels}
    if len(named) < len(scope.seller.channels):
        raise ConfigError(f"seller {scope.seller.seller}: channels: a channel stands twice")
    found: dict[str, list[Seat]] = {}
    for shop in scope.shops:
        told = named.pop(shop.shop, None)
        pool, ratio, locked = ("", 1.0, {}) if told is None else (
            told.pool, told.net_price_ratio, told.locked_units
        )  # fmt: skip
        if told is not None and told.warehouse != shop.warehouse:
            raise ConfigError(
                f"seller {scope.seller.seller}: channels: {shop.shop} draws on {told.warehouse!r} "
                f"there, and on {shop.warehouse!r} as a shop; write the same warehouse in both"
            )
        seat = Seat(shop.shop, shop.shop, pool, ratio, 1.0, locked)
        found.setdefault(shop.warehouse, []).append(seat)
    known = {house.warehouse for house in scope.seller.warehouses}
    own = {shop.shop for shop in scope.seller.shops}
    for part in named.values():
        if part.warehouse not in known:
            raise ConfigError(
                f"seller {scope.seller.seller}: channels: {part.channel} draws on warehouse "
                f"{part.warehouse!r}, which is not listed ({', '.join(sorted(known))})"
            )
        if part.warehouse in found and part.channel not in own:
            first = found[part.warehouse][0].shop
            seat = Seat(
                part.channel, first, part.pool, part.net_price_ratio, part.demand_ratio,
                part.locked_units,
            )  # fmt: skip
            found[part.warehouse].append(seat)
    return {
        house: sorted(seats, key=lambda seat: -seat.net_price_ratio)
        for house, seats in found.items()
    }


def held_units(
    plan: pd.DataFrame,
    draws: pd.DataFrame,
    *,
    scope: Scope,
    placement: pd.DataFrame | None = None,
) -> pd.Series:
    """Return by warehouse and SKU the whole units that serve the campaign there.

    Parameters
    ----------
    plan, draws, placement
        As in `protect`.
    scope : Scope

    Notes
    -----
    ``available + ordered`` of the market. Where several warehouses of the market serve shops it
    is parted as the placement parts its units, else by mean demand.
    """
    houses = pd.DataFrame(
        {(shop.warehouse, shop.market) for shop in scope.shops}, columns=["warehouse", "market"]
    ).astype("str")
    total = plan.assign(total=(plan["available_units"] + plan["order_units"]).astype(int))
    rows = houses.sort_values("warehouse").merge(total[[*KEYS, "total"]], on="market")
    rows["weight"] = _weights(rows, draws, scope, placement)
    if not houses["market"].duplicated().any():
        rows["units"] = rows["total"].astype("int64")
        return rows.set_index(["warehouse", "sku"])["units"]
    parts = [
        pd.Series(whole_units(part["total"] * _shares(part["weight"]), int(part["total"].iloc[0])),
                  index=part.index)
        for _, part in rows.groupby(KEYS)
    ]  # fmt: skip
    rows["units"] = pd.concat(parts)
    return rows.set_index(["warehouse", "sku"])["units"]


def cases_of(
    house: str,
    channels: list[Seat],
    held: pd.Series,
    draws: pd.DataFrame,
    economics: pd.DataFrame,
    daily: pd.DataFrame | None,
    scope: Scope,
) -> list[Case]:
    """Return the SKUs of a warehouse with what its channels ask for and earn.

    Parameters
    ----------
    house : str
    channels : list of Seat
        Of this warehouse.
    held : Series
        As `held_units` returns it.
    draws, economics : DataFrame
        Tables `DemandDraws` and `UnitEconomics`.
    daily : DataFrame or None
        Table `ForecastDaily`.
    scope : Scope
    """
    market = next(shop.market for shop in scope.shops if shop.warehouse == house)
    stock = held.xs(house)
    money = economics[economics["market"] == market].set_index("sku")[MONEY].reindex(stock.index)
    by_seat = [_seat_draws(seat, stock.index, draws, scope) for seat in channels]
    peak = _peak_units(channels, stock.index, daily)
    ratio = np.array([seat.net_price_ratio for seat in channels])
    found = []
    for place, (sku, row) in enumerate(zip(stock.index, money.to_dict("records"), strict=True)):
        wanted = np.array([units[place] for units in by_seat])
        locked = _promised(channels, str(sku), int(stock[sku]))
        penalty = scope.policy.stock_out_penalty_rate * row["price"]
        net = (row["price"] - row["selling_cost"]) * ratio
        found.append(
            Case(
                str(sku), int(stock[sku]), locked, wanted, net,
                float(row["leftover_revenue"]), float(row["landed_cost"]), float(penalty),
                float(peak[place]),
            )
        )  # fmt: skip
    return found


def _weights(
    rows: pd.DataFrame, draws: pd.DataFrame, scope: Scope, placement: pd.DataFrame | None
) -> np.ndarray:
    keys, units = warehouse_draws(draws, scope=scope, phases=HORIZON_PHASES)
    weight = pd.Series(units.mean(axis=1), index=keys)
    if placement is not None and len(placement):
        weight = placement.groupby(["to_place", "sku"])["units"].sum()
    wanted = pd.MultiIndex.from_frame(rows[["warehouse", "sku"]])
    return weight.reindex(wanted, fill_value=0).to_numpy(dtype=float)


def _shares(weight: pd.Series) -> np.ndarray:
    total = weight.sum()
    return (weight / total if total > 0 else weight * 0 + 1 / len(weight)).to_numpy()


def _seat_draws(seat: Seat, skus: pd.Index, draws: pd.DataFrame, scope: Scope) -> np.ndarray:
    """Return demand of a channel by SKU and world; a channel without exports is dealt anew."""
    keys, units = market_draws(draws[draws["shop"] == seat.shop], phases=HORIZON_PHASES)
    rows = pd.Index(keys.get_level_values("sku")).get_indexer(skus)
    found = np.zeros((len(skus), len(draws["draws"].iloc[0])))
    found[rows >= 0] = units[rows[rows >= 0]]
    if seat.channel == seat.shop:
        return found
    seed = crc32(f"{scope.seed_text}|{seat.channel}".encode())
    order = np.random.default_rng(seed).permutation(found.shape[1])
    return found[:, order] * seat.demand_ratio


def _peak_units(channels: list[Seat], skus: pd.Index, daily: pd.DataFrame | None) -> np.ndarray:
    if daily is None or daily.empty:
        return np.full(len(skus), np.nan)
    total = pd.Series(0.0, index=skus)
    for seat in channels:
        own = daily[(daily["shop"] == seat.shop) & daily["phase"].isin(HORIZON_PHASES)]
        peak = own.groupby("sku")["mean_units"].max() * seat.demand_ratio
        total = total + peak.reindex(skus, fill_value=0.0)
    return total.to_numpy()


def _promised(channels: list[Seat], sku: str, stock_units: int) -> np.ndarray:
    """Return the units promised to each channel, as far as the stock goes, the best first."""
    wanted = np.array([seat.locked_units.get(sku, 0) for seat in channels])
    return np.diff(np.minimum(np.cumsum(wanted), stock_units), prepend=0).astype("int64")
