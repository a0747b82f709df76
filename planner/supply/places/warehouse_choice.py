"""Warehouse choice: provider, own warehouse or the platform's, by orders a month.

Knows what each kind costs by order and by month. Knows nothing of where units are now; a figure
that nobody gave is named and never taken for nothing.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.tariffs import DAYS_A_MONTH
from planner.supply.leftovers.leftover_goods import daily_ordinary
from planner.supply.leftovers.return_routes import best_from
from planner.supply.quantity.position import horizon_days
from planner.supply.trips.lanes import ANY_MARKET, known_rate

KINDS = ("third_party", "own", "fbt")
FEES = ("order", "delivery", "month", "storage_cbm_day")
"""Pick and pack, last mile, a month of running it, a cubic metre for a day."""
NO_SIZES: Mapping[str, float] = MappingProxyType({})


class _Fees(NamedTuple):
    order: float
    delivery: float
    month: float
    storage_cbm_day: float


def compare_warehouses(
    draws: pd.DataFrame,
    catalogue: pd.DataFrame,
    warehouse_fees: pd.DataFrame,
    fees: pd.DataFrame,
    *,
    scope: Scope,
    units_per_order: Mapping[str, float] = NO_SIZES,
) -> pd.DataFrame:
    """Return what each kind of warehouse costs a month in each market, and from which volume.

    Parameters
    ----------
    draws, catalogue : DataFrame
        Tables `DemandDraws` and `Catalogue`.
    warehouse_fees, fees : DataFrame
        Registers `WarehouseFees` and `Fees`, rows in force on the planning day.
    scope : Scope
        Own figures beat the register: `own.month`, `fbt.order`, `TH.third_party.delivery` under
        `fees`. The seller's own `outbound` and `storage` are those of the warehouse it is in.

    units_per_order : Mapping of str to float
        By shop; one unit an order where a shop's is not known. [units/order]

    Returns
    -------
    DataFrame
        Table `WarehouseChoice`.

    Notes
    -----
    ``order cost = order + delivery + storage a cbm-day * volume of an order * days in stock``
    ``total = order cost * monthly orders + month``

    Monthly orders are 30 ordinary days of the forecast over the units of an order; without a
    forecast those of the seller's profile, where it sells in one market. Volume is the mean over
    SKUs weighted by those units, times the units of an order; a unit stays half the days of the
    horizon, for stock falls evenly.
    Cheapest and break-even are among the kinds that are wholly priced; where fewer than two are,
    none is marked, for there is nothing to compare.
    """
    parts = [
        _market(market, draws, catalogue, warehouse_fees, fees, scope, units_per_order)
        for market in scope.markets
    ]
    frame = pd.concat(parts, ignore_index=True).assign(currency=scope.seller.currency)
    return tables.checked(tables.WarehouseChoice, frame[tables.columns(tables.WarehouseChoice)])


def _market(
    market: str,
    draws: pd.DataFrame,
    catalogue: pd.DataFrame,
    warehouse_fees: pd.DataFrame,
    fees: pd.DataFrame,
    scope: Scope,
    units_per_order: Mapping[str, float],
) -> pd.DataFrame:
    here = draws[draws["market"] == market]
    orders, volume = _volume(market, here, catalogue, scope, units_per_order)
    stay = horizon_days(scope)[market] / 2
    rows = []
    for kind in KINDS:
        found = _fees_of(kind, market, warehouse_fees, fees, scope)
        storage = found.storage_cbm_day * volume * stay if found.storage_cbm_day else 0.0
        by_order = found.order + found.delivery + storage
        rows.append(
            {
                "market": market,
                "kind": kind,
                "monthly_orders": orders,
                "order_cost": by_order,
                "fixed_cost": found.month,
                "total_cost": by_order * orders + found.month,
                "missing": _missing(kind, found, volume, orders),
            }
        )
    frame = pd.DataFrame(rows)
    frame["break_even_orders"] = best_from(-frame["order_cost"], frame["fixed_cost"])
    total = frame["total_cost"]
    frame["is_cheapest"] = total.notna() & (total == total.min()) & (total.notna().sum() > 1)
    is_alone = total.notna().sum() < 2
    frame["reason"] = [_reason(row, is_alone) for row in frame.to_dict("records")]
    return frame


def _volume(
    market: str,
    draws: pd.DataFrame,
    catalogue: pd.DataFrame,
    scope: Scope,
    units_per_order: Mapping[str, float],
) -> tuple[float, float]:
    """Return orders a month and cubic metres of one."""
    by_sku = daily_ordinary(draws).droplevel("market")
    volumes = catalogue.set_index("sku")["volume_cbm"].reindex(by_sku.index)
    is_known = volumes.notna() & (by_sku > 0)
    weight = by_sku[is_known].sum()
    volume = float((volumes * by_sku)[is_known].sum() / weight) if weight > 0 else np.nan
    if by_sku.sum() > 0:
        orders = sum(
            float(daily_ordinary(rows).sum()) / units_per_order.get(str(shop), 1.0)
            for shop, rows in draws.groupby("shop")
        )
        return orders * DAYS_A_MONTH, volume * float(by_sku.sum()) / orders
    told = scope.seller.profile.monthly_orders
    return (float(told) if told is not None and len(scope.markets) == 1 else np.nan), volume


def _fees_of(
    kind: str, market: str, warehouse_fees: pd.DataFrame, fees: pd.DataFrame, scope: Scope
) -> _Fees:
    values = {fee: _registered(warehouse_fees, market, kind, fee, scope) for fee in FEES}
    own = scope.seller.fees
    if kind == _kind_now(market, scope):
        outbound = own.get(f"{market}.outbound", own.get("outbound"))
        if outbound is not None:
            values |= {"order": outbound, "delivery": 0.0}
        values["storage_cbm_day"] = _own_storage(own, market, values["storage_cbm_day"], fees)
    for fee in FEES:
        told = own.get(f"{market}.{kind}.{fee}", own.get(f"{kind}.{fee}"))
        values[fee] = values[fee] if told is None else told
    return _Fees(**values)


def _own_storage(
    own: dict[str, float], market: str, registered: float, fees: pd.DataFrame
) -> float:
    """Return the seller's storage tariff where it is one by cubic metre and day."""
    units = fees.loc[(fees["market"] == market) & (fees["term"] == "storage"), "unit"]
    told = own.get(f"{market}.storage", own.get("storage"))
    is_by_cbm = units.empty or units.iloc[-1] == "cbm_day"
    return registered if told is None or not is_by_cbm else told


def _kind_now(market: str, scope: Scope) -> str:
    houses: Sequence = [h for h in scope.seller.warehouses if h.market == market]
    used = {shop.warehouse for shop in scope.shops if shop.market == market}
    return next((h.kind for h in houses if h.warehouse in used), "")


def _registered(
    warehouse_fees: pd.DataFrame, market: str, kind: str, fee: str, scope: Scope
) -> float:
    is_it = (warehouse_fees["kind"] == kind) & (warehouse_fees["fee"] == fee)
    for place in (market, ANY_MARKET):
        rows = warehouse_fees[is_it & (warehouse_fees["market"] == place)]
        if len(rows):
            row = rows.iloc[-1]
            value = float(row["value"])
            return 0.0 if value == 0 else value * known_rate(scope.seller, row["currency"])
    return np.nan


def _missing(kind: str, found: _Fees, volume: float, orders: float) -> str:
    lacking = [f"fee.{name}" for name, value in found._asdict().items() if np.isnan(value)]
    if found.storage_cbm_day and np.isnan(volume):
        lacking.append("fee.volume")
    if np.isnan(orders):
        lacking.append("fee.orders")
    return ";".join(lacking)


def _reason(row: dict, is_alone: bool) -> str:
    if row["missing"]:
        return "reason.warehouse_unknown"
    if is_alone:
        return "reason.warehouse_alone"
    if np.isnan(row["break_even_orders"]):
        return "reason.warehouse_never"
    return f"reason.warehouse_from|orders={row['break_even_orders']:.0f}"
