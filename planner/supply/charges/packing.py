"""Packing: units into cartons, cartons onto a lane, and what the lane charges for them.

Knows weights, volumes and how freight is counted. Knows nothing of demand; what
to order is decided in `sizing`.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from planner import tables
from planner.errors import PlanningError
from planner.scope import Scope
from planner.supply.charges.freight_rates import own_rates
from planner.supply.charges.way_choice import UNPRICED, in_order
from planner.supply.trips.lanes import SEA_MODES

KEYS = ["market", "sku"]
ROUNDING_TOLERANCE = 1e-9
"""A need of 100.0000000001 units is one of 100 units. [units]"""
TRAVEL_FLAGS = ("battery", "liquid", "powder")
LANE_COLUMNS = [
    "market", "mode", "produce_by", "ship_by", "arrive_by", "shelf_by", "lead_days",
    "min_lead_days", "max_lead_days", "is_feasible", "freight_rate", "rate_unit",
    "cbm_divisor_kg", "min_charge", "source",
]  # fmt: skip


def round_order(
    units: npt.ArrayLike, *, moq_units: npt.ArrayLike, carton_units: npt.ArrayLike
) -> np.ndarray:
    """Return what must be ordered so that at least `units` come, in full cartons.

    Parameters
    ----------
    units : array_like, shape (n_sku,)
        Units needed; nothing needed orders nothing. [units]
    moq_units, carton_units : array_like, shape (n_sku,)
        Minimum order and carton content; NA where unknown, which then binds nothing. [units]

    Returns
    -------
    ndarray of int, shape (n_sku,)
        [units]

    Examples
    --------
    >>> round_order([101, 3, 0], moq_units=[0, 50, 50], carton_units=[24, 24, 24]).tolist()
    [120, 72, 0]
    """
    needed = np.ceil(np.asarray(units, dtype=float) - ROUNDING_TOLERANCE)
    moq = _known_or(moq_units, 0.0)
    carton = _known_or(carton_units, 1.0)
    cartons = np.ceil(np.maximum(needed, moq) / carton)
    return np.where(needed > 0, cartons * carton, 0.0).astype("int64")


def chargeable(
    weight_kg: npt.ArrayLike,
    volume_cbm: npt.ArrayLike,
    *,
    rate_unit: npt.ArrayLike,
    cbm_divisor_kg: npt.ArrayLike,
    min_charge: npt.ArrayLike = 0.0,
) -> np.ndarray:
    """Return the amount that freight is charged for: the larger of weight and volume.

    Parameters
    ----------
    weight_kg, volume_cbm : array_like, shape (n,)
        [kg], [cbm]
    rate_unit : array_like of str
        `kg` or `cbm`.
    cbm_divisor_kg : array_like
        Kilograms that one cubic metre counts as. [kg/cbm]
    min_charge : array_like
        Least amount charged; NaN where none is known, which charges what there is. [rate_unit]

    Returns
    -------
    ndarray, shape (n,)
        NaN where weight or volume is unknown. [rate_unit]

    Notes
    -----
    By weight ``max(kg, cbm * divisor)``, by volume ``max(cbm, kg / divisor)``.

    Examples
    --------
    >>> chargeable(100, 1.0, rate_unit="kg", cbm_divisor_kg=167).item()
    167.0
    >>> chargeable(700, 1.0, rate_unit="cbm", cbm_divisor_kg=500).item()
    1.4
    """
    kg, cbm = np.asarray(weight_kg, dtype=float), np.asarray(volume_cbm, dtype=float)
    divisor = np.asarray(cbm_divisor_kg, dtype=float)
    by_weight = np.maximum(kg, cbm * divisor)
    by_volume = np.maximum(cbm, kg / divisor)
    amount = np.where(np.asarray(rate_unit) == "kg", by_weight, by_volume)
    least = np.asarray(min_charge, dtype=float)
    return np.where(np.isnan(least), amount, np.maximum(amount, least))


def choose_lanes(
    goods: pd.DataFrame,
    catalogue: pd.DataFrame,
    lane_options: pd.DataFrame,
    *,
    scope: Scope,
    ways: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return for each market and SKU the lane it would take.

    Parameters
    ----------
    goods : DataFrame
        market, sku; other columns are left out.
    catalogue : DataFrame
        Table `Catalogue`: weight and volume of a unit.
    lane_options : DataFrame
        Table `LaneOptions`.
    scope : Scope
        A head haul among the seller's own fees beats the price of every lane.
    ways : DataFrame, optional
        Table `SkuWays`: with it the lane is the one of least landed cost that the goods may take,
        one whose cost is not fully known only where there is no other; see `way_choice`.

    Returns
    -------
    DataFrame
        market, sku, the lane's columns and `unit_freight_cost` [currency/unit]: the cheapest
        feasible lane of the market, by the chargeable weight of one unit. Where no lane is
        feasible it is the cheapest of all, marked so; without prices the slowest feasible one,
        for time costs money. With `ways`, `is_feasible` says whether the goods may go that way.
    """
    units = (
        goods[KEYS]
        .drop_duplicates()
        .merge(catalogue[["sku", "weight_kg", "volume_cbm"]], on="sku", how="left")
    )
    pairs = units.merge(own_rates(lane_options, scope)[LANE_COLUMNS], on="market", how="inner")
    pairs["unit_freight_cost"] = unit_freight(pairs, scope)
    told = ["is_allowed", "landed_cost", "missing"]
    if ways is None:
        carriage = pairs["unit_freight_cost"]
        pairs = pairs.assign(is_allowed=pairs["is_feasible"], landed_cost=carriage, missing="")
    else:
        pairs = pairs.merge(ways[[*KEYS, "mode", *told]], on=[*KEYS, "mode"], how="left")
        pairs["missing"] = pairs["missing"].fillna(UNPRICED)
        pairs["is_allowed"] = pairs["is_allowed"].fillna(False).astype(bool)
        pairs["is_feasible"] = pairs["is_allowed"]
    chosen = in_order(pairs).drop_duplicates(KEYS)
    return chosen.drop(columns=["weight_kg", "volume_cbm", *told]).reset_index(drop=True)


def unit_freight(pairs: pd.DataFrame, scope: Scope) -> pd.Series:
    """Return the head haul of one unit by the lane of its row, the seller's own figure first.

    Parameters
    ----------
    pairs : DataFrame
        market, weight_kg, volume_cbm and the lane's freight_rate, rate_unit, cbm_divisor_kg.

    Returns
    -------
    Series
        NaN where weight, volume or rate is unknown. The least charge of a lane is one for the
        whole shipment and stands in `ship_lines`. [currency/unit]
    """
    amount = chargeable(
        pairs["weight_kg"],
        pairs["volume_cbm"],
        rate_unit=pairs["rate_unit"],
        cbm_divisor_kg=pairs["cbm_divisor_kg"],
    )
    own = own_freight(pairs["market"], scope)
    return own.where(own.notna(), amount * pairs["freight_rate"])


def own_freight(markets: pd.Series, scope: Scope) -> pd.Series:
    """Return the seller's own head haul of one unit, NaN where the lanes decide."""
    fees = scope.seller.fees
    return markets.map(
        lambda market: fees.get(f"{market}.head_haul", fees.get("head_haul"))
    ).astype(float)


def ship_lines(
    plan: pd.DataFrame,
    catalogue: pd.DataFrame,
    lane_options: pd.DataFrame,
    *,
    scope: Scope,
    mode_plan: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what to hand over to which lane, in cartons, by which day.

    Parameters
    ----------
    plan : DataFrame
        Table `StockPlan`.
    catalogue, lane_options : DataFrame
        Tables `Catalogue` and `LaneOptions`.
    scope : Scope
    mode_plan : DataFrame, optional
        Table `ModePlan` of the same plan: a SKU may then go by several modes.

    Returns
    -------
    DataFrame
        Table `ShipLines`: one line per ordered SKU and mode it goes by, without `mode_plan` on its
        cheapest feasible lane. A SKU that no lane can bring in time has no line; `alerts` says so.

    Raises
    ------
    PlanningError
        If the modes of a SKU do not add up to its order.

    Notes
    -----
    The least charge of a lane is one for the whole shipment: where the lines of a market and
    mode stay below it, each pays its share of it. Where the seller buys whole containers the
    lines of a mode share what is paid for those that they fill.
    """
    ordered = plan.loc[plan["order_units"] > 0, [*KEYS, "order_units"]]
    ordered = ordered.rename(columns={"order_units": "units"})
    if mode_plan is None:
        lanes = choose_lanes(ordered, catalogue, lane_options, scope=scope)
        lines = ordered.merge(lanes[lanes["is_feasible"]], on=KEYS, how="inner")
    else:
        lines = _by_mode(ordered, mode_plan, own_rates(lane_options, scope))
    if lines.empty:
        return tables.empty(tables.ShipLines)
    lines = lines.merge(
        catalogue[["sku", "weight_kg", "volume_cbm", "carton_units"]], on="sku", how="left"
    )
    lines["cartons"] = -(-lines["units"].astype("Int64") // lines["carton_units"])
    lines["weight_kg"] *= lines["units"]
    lines["volume_cbm"] *= lines["units"]
    lines["chargeable"] = _charged_together(lines, scope.seller.limits.container_cbm)
    own = own_freight(lines["market"], scope) * lines["units"]
    lines["freight_cost"] = own.where(own.notna(), lines["chargeable"] * lines["freight_rate"])
    lines["currency"], lines["block_reason"] = scope.seller.currency, ""
    return tables.checked(tables.ShipLines, lines[tables.columns(tables.ShipLines)])


def travel_flags(catalogue: pd.DataFrame) -> pd.DataFrame:
    """Return sku and flag (`battery`, `liquid`, `powder`), one row per flag that is set."""
    parts = [
        catalogue.loc[catalogue[f"has_{flag}"], ["sku"]].assign(flag=flag) for flag in TRAVEL_FLAGS
    ]
    return pd.concat(parts, ignore_index=True).astype("str")


def _by_mode(ordered: pd.DataFrame, mode_plan: pd.DataFrame, lanes: pd.DataFrame) -> pd.DataFrame:
    """Return the units of each SKU and mode with the days and prices of the lane."""
    lines = mode_plan.groupby([*KEYS, "mode"], as_index=False).agg(
        units=("units", "sum"), ship_by=("ship_by", "min"), shelf_by=("shelf_by", "max")
    )
    sums = lines.groupby(KEYS)["units"].sum()
    gap = sums.sub(ordered.set_index(KEYS)["units"], fill_value=0)
    if gap.ne(0).any():
        named = ", ".join(" ".join(key) for key in gap.index[gap.ne(0)][:5])
        raise PlanningError(f"the modes of {named} do not add up to the order; allocate anew")
    lane_columns = [name for name in LANE_COLUMNS if name not in ("ship_by", "shelf_by")]
    return lines.merge(lanes[lane_columns], on=["market", "mode"], how="left")


def _charged_together(lines: pd.DataFrame, container_cbm: float | None) -> pd.Series:
    amount = chargeable(
        lines["weight_kg"],
        lines["volume_cbm"],
        rate_unit=lines["rate_unit"],
        cbm_divisor_kg=lines["cbm_divisor_kg"],
    )
    single = pd.Series(amount, index=lines.index)
    shipment = [lines["market"], lines["mode"]]
    total = single.groupby(shipment).transform("sum")
    least = lines["min_charge"].fillna(0.0)
    if container_cbm:
        volume = lines["volume_cbm"].groupby(shipment).transform("sum")
        bought = np.ceil(volume / container_cbm - ROUNDING_TOLERANCE) * container_cbm
        is_boxed = lines["mode"].isin(SEA_MODES) & (lines["rate_unit"] == "cbm")
        single = single.where(~is_boxed, lines["volume_cbm"])
        total, least = total.where(~is_boxed, volume), least.where(~is_boxed, bought)
    raised = least / total.where(total > 0)
    return single * raised.where(raised > 1, 1.0)


def _known_or(values: npt.ArrayLike, otherwise: float) -> np.ndarray:
    known = pd.to_numeric(
        pd.Series(np.atleast_1d(np.asarray(values, dtype=object))), errors="coerce"
    )
    return known.astype(float).fillna(otherwise).to_numpy()
