"""Order model: what may be chosen and what binds it, as sparse rows for a linear solver.

Knows worth curves, ways, packs and the seller's limits, and writes them down as
variables and rows. Solves nothing and decides nothing; that is `allocation`.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint

from planner.supply.order.order_goods import Goods

FREE = np.inf


class Held(NamedTuple):
    """One limit of the seller as a row of the model."""

    limit: str
    market: str
    place: str
    cap: float
    unit: str
    row: int
    """Place of its row in the model."""


class Model(NamedTuple):
    """Minimise `cost @ choice` between bounds, so that `low <= matrix @ choice <= high`."""

    cost: np.ndarray
    whole: np.ndarray
    """1 where a variable is a whole number."""
    most: np.ndarray
    matrix: sparse.csr_array
    low: np.ndarray
    high: np.ndarray
    held: tuple[Held, ...]
    parts: dict[str, slice]
    """Variables by kind: cartons, pieces, houses, minimum, containers, raised, charged, owed,
    listed."""
    spread: np.ndarray
    """Of each variable its part of a fee that the SKU pays once, spread over all its cartons."""

    @property
    def bounds(self) -> Bounds:
        """Bounds of the variables."""
        return Bounds(np.zeros_like(self.most), self.most)

    @property
    def constraint(self) -> LinearConstraint:
        """All rows at once."""
        return LinearConstraint(self.matrix, self.low, self.high)


class _Rows:
    """Rows of the matrix as they are written down."""

    def __init__(self) -> None:
        self.cells: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self.low: list[np.ndarray] = []
        self.high: list[np.ndarray] = []
        self.count = 0

    def add(self, n_rows: int, low: object, high: object, *cells: tuple) -> int:
        """Write `n_rows` rows; every cell is (row from 0, variable, factor). Return the first."""
        for row, variable, factor in cells:
            row, variable, factor = np.broadcast_arrays(row, variable, factor)
            self.cells.append((row.ravel() + self.count, variable.ravel(), factor.ravel()))
        for side, given in ((self.low, low), (self.high, high)):
            side.append(np.broadcast_to(np.asarray(given, dtype=float), (n_rows,)))
        self.count += n_rows
        return self.count - n_rows

    def matrix(self, width: int) -> sparse.csr_array:
        rows, columns, factors = (
            np.concatenate([cell[part] for cell in self.cells]) for part in range(3)
        )
        shape = (self.count, width)
        return sparse.coo_array((factors.astype(float), (rows, columns)), shape=shape).tocsr()


def build(goods: Goods) -> Model:
    """Return the choice of cartons by way and warehouse as a model for a solver.

    Parameters
    ----------
    goods : Goods

    Returns
    -------
    Model

    Notes
    -----
    Variables: cartons by SKU and way, units by piece of a SKU's worth, cartons by SKU and
    warehouse, one yes or no for each minimum order, containers by market and mode, for each
    least charge of a lane what it adds and whether it is owed, and one yes or no for each fee that
    is paid once for a shipment or a SKU.

    A way and a warehouse bind apart: a SKU's cartons by way and by warehouse have the same sum.
    """
    parts = _parts(goods)
    rows = _Rows()
    _supply(rows, goods, parts)
    _least_charges(rows, goods, parts)
    _once(rows, goods, parts)
    held = (*_limits(rows, goods, parts), *_containers(rows, goods, parts))
    _minimum_orders(rows, goods, parts)
    width = sum(part.stop - part.start for part in parts.values())
    return Model(
        cost=_costs(goods, parts),
        whole=_whole(parts, width),
        most=_most(goods, parts, width),
        matrix=rows.matrix(width),
        low=np.concatenate(rows.low),
        high=np.concatenate(rows.high),
        held=held,
        parts=parts,
        spread=_spread(goods, width),
    )


def listed(goods: Goods) -> np.ndarray:
    """Return the rows of the SKUs that pay a fee of their own once they are ordered."""
    has_way = np.isin(np.arange(len(goods.keys)), goods.ways["row"])
    return np.flatnonzero((goods.sku_fee > 0) & has_way)


def _parts(goods: Goods) -> dict[str, slice]:
    sizes = {
        "cartons": len(goods.ways),
        "pieces": len(goods.pieces),
        "houses": len(goods.stays),
        "minimum": len(goods.minimums),
        "containers": len(goods.boxes),
        "raised": len(goods.charges),
        "charged": len(goods.charges),
        "owed": len(goods.fees),
        "listed": len(listed(goods)),
    }
    ends = np.cumsum(list(sizes.values()))
    return {
        name: slice(int(end - size), int(end))
        for (name, size), end in zip(sizes.items(), ends, strict=True)
    }


def _at(part: slice) -> np.ndarray:
    return np.arange(part.start, part.stop)


def _units_by_way(goods: Goods) -> np.ndarray:
    return goods.carton[goods.ways["row"].to_numpy()]


def _supply(rows: _Rows, goods: Goods, parts: dict[str, slice]) -> None:
    """Cartons by way come to the pieces used, to the fixed order, and to the cartons by house."""
    n = len(goods.keys)
    fixed = np.nan_to_num(goods.fixed)
    of_ways = (goods.ways["row"].to_numpy(), _at(parts["cartons"]), _units_by_way(goods))
    of_pieces = (goods.pieces["row"].to_numpy(), _at(parts["pieces"]), -1.0)
    rows.add(n, fixed, fixed, of_ways, of_pieces)
    if len(goods.stays):
        row = goods.stays["row"].to_numpy()
        is_split = np.isin(goods.ways["row"], row)
        place = np.full(n, -1)
        placed = np.unique(row)
        place[placed] = np.arange(len(placed))
        by_way = (place[goods.ways["row"][is_split]], _at(parts["cartons"])[is_split], 1.0)
        rows.add(len(placed), 0, 0, by_way, (place[row], _at(parts["houses"]), -1.0))


def _minimum_orders(rows: _Rows, goods: Goods, parts: dict[str, slice]) -> None:
    for place, (members, moq, most) in enumerate(goods.minimums):
        is_member = np.isin(goods.ways["row"], members)
        units = (0, _at(parts["cartons"])[is_member], _units_by_way(goods)[is_member])
        chosen = parts["minimum"].start + place
        rows.add(1, 0, FREE, units, (0, chosen, -moq))
        rows.add(1, -FREE, 0, units, (0, chosen, -most))


def _containers(rows: _Rows, goods: Goods, parts: dict[str, slice]) -> list[Held]:
    held, volume = [], goods.way_volume
    for place, box in enumerate(goods.boxes.itertuples()):
        inside = (goods.ways["box"] == place).to_numpy()
        goes_in = (0, _at(parts["cartons"])[inside], volume[inside])
        row = rows.add(1, -FREE, 0, goes_in, (0, parts["containers"].start + place, -box.cbm))
        held.append(Held("container_cbm", box.market, box.mode, box.cbm, "cbm", row))
    return held


def _least_charges(rows: _Rows, goods: Goods, parts: dict[str, slice]) -> None:
    """Write what a least charge adds: at least itself less the freight, once the lane is used."""
    freight = goods.ways["freight"].fillna(0.0).to_numpy() * _units_by_way(goods)
    for place in range(len(goods.charges)):
        inside = (goods.ways["charge"] == place).to_numpy()
        cartons = _at(parts["cartons"])[inside]
        raised, owed = parts["raised"].start + place, parts["charged"].start + place
        least = goods.charges["least"].iloc[place]
        rows.add(1, 0, FREE, (0, cartons, freight[inside]), (0, raised, 1.0), (0, owed, -least))
        _only_if(rows, goods, parts, np.flatnonzero(inside), owed)


def _once(rows: _Rows, goods: Goods, parts: dict[str, slice]) -> None:
    """Write that fees of shipments and SKUs are owed once any carton goes."""
    for place, (_, members) in enumerate(goods.fees):
        _only_if(rows, goods, parts, members, parts["owed"].start + place)
    members = np.flatnonzero(np.isin(goods.ways["row"], listed(goods)))
    place, row = pd.factorize(goods.ways["row"].iloc[members])
    most = goods.ways["most"].iloc[members].groupby(place).max().to_numpy(dtype=float)
    decided = _at(parts["listed"])[np.searchsorted(listed(goods), row)]
    cartons = (place, _at(parts["cartons"])[members], 1.0)
    rows.add(len(most), -FREE, 0, cartons, (np.arange(len(most)), decided, -most))


def _only_if(
    rows: _Rows, goods: Goods, parts: dict[str, slice], ways: np.ndarray, decision: int
) -> None:
    """Write that cartons go these ways only once the decision is made."""
    chosen = goods.ways.iloc[ways]
    most = float(chosen.groupby("row")["most"].max().sum())
    cartons = (0, _at(parts["cartons"])[ways], 1.0)
    rows.add(1, -FREE, 0, cartons, (0, decision, -max(most, 1.0)))


def _limits(rows: _Rows, goods: Goods, parts: dict[str, slice]) -> list[Held]:
    held = []
    volume, units = goods.way_volume, _units_by_way(goods)
    cartons, houses = _at(parts["cartons"]), _at(parts["houses"])
    if goods.limits.budget is not None:
        spent = goods.way_landed * units
        containers = (0, _at(parts["containers"]), goods.boxes["cost"].to_numpy())
        raised = (0, _at(parts["raised"]), 1.0)
        owed = (0, _at(parts["owed"]), np.array([amount for amount, _ in goods.fees]))
        of_skus = (0, _at(parts["listed"]), goods.sku_fee[listed(goods)])
        paid = (containers, raised, owed, of_skus)
        row = rows.add(1, -FREE, goods.limits.budget, (0, cartons, spent), *paid)
        held.append(Held("budget", "", "", goods.limits.budget, goods.currency, row))
    for market, mode, cap in goods.space:
        is_there = (goods.ways["market"] == market) if market else True
        inside = ((goods.ways["mode"] == mode) & is_there).to_numpy()
        row = rows.add(1, -FREE, cap, (0, cartons[inside], volume[inside]))
        held.append(Held("mode_cbm", market, mode, cap, "cbm", row))
    stays = goods.stays
    for limit, unit, caps in (
        ("warehouse_cbm", "cbm", goods.limits.warehouse_cbm),
        ("quota_units", "units", goods.limits.quota_units),
    ):
        for house, cap in caps.items():
            inside = (stays["warehouse"] == house).to_numpy()
            item = stays["row"].to_numpy()[inside]
            size = goods.carton[item] * (goods.volume[item] if unit == "cbm" else 1.0)
            row = rows.add(1, -FREE, cap, (0, houses[inside], np.nan_to_num(size)))
            market = goods.house_market.get(house, "")  # a reserve that nothing goes to
            held.append(Held(limit, market, house, float(cap), unit, row))
    return held


def _costs(goods: Goods, parts: dict[str, slice]) -> np.ndarray:
    late = goods.stays["late_cost"].to_numpy() * goods.carton[goods.stays["row"].to_numpy()]
    by_part = {
        "cartons": goods.way_cost * _units_by_way(goods),
        "pieces": -goods.pieces["slope"].to_numpy(),
        "houses": late,
        "minimum": np.zeros(len(goods.minimums)),
        "containers": goods.boxes["cost"].to_numpy(),
        "raised": np.ones(len(goods.charges)),
        "charged": np.zeros(len(goods.charges)),
        "owed": np.array([amount for amount, _ in goods.fees]),
        "listed": goods.sku_fee[listed(goods)],
    }
    return np.concatenate([np.asarray(by_part[name], dtype=float) for name in parts])


def _spread(goods: Goods, width: int) -> np.ndarray:
    fee = goods.sku_fee[goods.ways["row"].to_numpy()] / np.maximum(goods.ways["most"], 1.0)
    return np.concatenate([fee, np.zeros(width - len(fee))])


def _whole(parts: dict[str, slice], width: int) -> np.ndarray:
    whole = np.ones(width)
    whole[parts["pieces"]] = 0
    whole[parts["raised"]] = 0
    return whole


def _most(goods: Goods, parts: dict[str, slice], width: int) -> np.ndarray:
    most = np.full(width, FREE)
    most[parts["cartons"]] = goods.ways["most"]
    most[parts["pieces"]] = goods.pieces["units"]
    for name in ("minimum", "charged", "owed", "listed"):
        most[parts[name]] = 1
    return most
