"""Shipments against plan: which stage is late, when goods are on the shelf now, what that costs.

Joins shipments, the stages of the plan and the demand still to come. A tracking page is not read
here: what is known of a stage is handed in.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.acting.lateness import Chain, Cost, cost_of, markets_of
from planner.season.days import KEYS
from planner.season.outlook.rest_by_hour import MarketRest
from planner.supply.trips.stage_parts import PREPARATION

LEFT, ARRIVED = "left", "arrived"
"""The two dates that every shipment tells: the last stage before the trip, and its last."""
SHELF_STAGES = ("receiving", "shelf")
DAY = pd.Timedelta(days=1)
SHIPMENT = ["market", "shipment", "sku"]
STAGE = ("place", "stage", "planned_on", "actual_on", "late_days", "is_over")


def milestone_delays(
    shipments: pd.DataFrame,
    stages: pd.DataFrame,
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    *,
    scope: Scope,
    seen_stages: pd.DataFrame | None = None,
    today: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return each shipment's stages: planned end, what is known, and what lateness means.

    Parameters
    ----------
    shipments : DataFrame
        Table `Shipments`; dates on the looking day or later are not known.
    stages : DataFrame
        Table `StageDays`: the plan's dates of each way.
    rests : list of MarketRest
        As `rest_by_hour.rest_by_hour` returns them; without a market's, its costs are unknown.
    stock_today, arrivals : DataFrame
        As `counts.stock_today` and `counts.arrivals` return them. `arrivals` may already hold the
        shipment; it is taken out and put in again on the day looked at.
    economics, ways : DataFrame
        Tables `UnitEconomics` and `SkuWays`.
    scope : Scope
        Its looking days of step 4.
    seen_stages : DataFrame, optional
        Table `Milestones`: what a forwarder told beside the two dates of `Shipments`.
    today : DataFrame, optional
        Sales of the looking day before the moment; they have left the shelf.

    Returns
    -------
    DataFrame
        Table `MilestoneDelays`, the latest on top.

    Notes
    -----
    A shipment's plan is that of its way: preparation ends on `ship_by`, the trip on the end of its
    last stage, or on the shipment's own `due_on`, by which the whole chain is then moved. The new
    day on the shelf is the planned one plus the lateness of the last stage known to be over, or
    of an overdue stage if that is more: it can only have grown. Where a stock count announces the
    same units for a later day, that day is believed. An open stage is called late only if every
    stage before it is over: whoever waits for goods that another holds is not to blame.
    """
    homes = {house.warehouse: house.market for house in scope.seller.warehouses}
    known = shipments.assign(market=shipments["warehouse"].map(homes))
    known = known[known["market"].isin(scope.markets)]
    trail = _trail(known, seen_stages, scope)
    followed = {shipment for shipment, stage in trail if stage not in (LEFT, ARRIVED)}
    looking = {market: pd.Timestamp(day) for market, day in scope.as_of(4).items()}
    plans = {key: _plan_of(own) for key, own in stages.groupby(["market", "mode"])}
    coming = dict(tuple(arrivals.groupby(KEYS)))
    markets = markets_of(rests, stock_today, arrivals, economics, ways, today)
    rows: list[dict[str, object]] = []
    for row in known.itertuples():
        if (row.market, row.mode) not in plans:
            continue
        plan, here = plans[row.market, row.mode], looking[row.market]
        chain = _chain(row, plan, trail, here, is_followed=row.shipment in followed)
        chain = _as_announced(chain, row, coming.get((row.market, row.sku)))
        rows += _rows(row, plan, chain, cost_of(row, chain, markets.get(row.market), scope))
    if not rows:
        return tables.empty(tables.MilestoneDelays)
    kinds = tables.empty(tables.MilestoneDelays).dtypes.drop("currency").to_dict()
    kinds |= {name: "datetime64[us]" for name in kinds if name.endswith("_on")}
    frame = pd.DataFrame(rows)[list(kinds)].astype(kinds).assign(currency=scope.seller.currency)
    frame = frame.assign(most=frame["planned_shelf_on"] - frame["expected_shelf_on"])
    frame = frame.sort_values(["most", "market", "shipment", "sku", "place"])
    return tables.checked(tables.MilestoneDelays, frame[tables.columns(tables.MilestoneDelays)])


def as_expected(arrivals: pd.DataFrame, delays: pd.DataFrame) -> pd.DataFrame:
    """Return what is coming on the days on which it is now expected, not as it was announced.

    Parameters
    ----------
    arrivals : DataFrame
        market, sku, day, units as `counts.arrivals` returns them. [units]
    delays : DataFrame
        Table `MilestoneDelays`.

    Returns
    -------
    DataFrame
        As `arrivals`. Units of a shipment that is still on its way move to its expected day on
        the shelf, from those announced for the same SKU next to its planned or expected day,
        where that is earlier. A shipment of whose SKU no count announces anything is added.

    Notes
    -----
    Goods that have arrived stay on the day that the warehouse announces for them.
    """
    trip = delays[~delays["stage"].isin(SHELF_STAGES)].sort_values("place")
    ends = trip.drop_duplicates(SHIPMENT, keep="last")
    coming = arrivals.astype({"units": float}).reset_index(drop=True)
    told = {key: list(own.index) for key, own in coming.groupby(KEYS)}
    added = []
    for row in ends[~ends["is_over"]].itertuples():
        own = told.get((row.market, row.sku))
        new = {"market": row.market, "sku": row.sku, "day": row.expected_shelf_on}
        if own is None:
            added.append({**new, "units": float(row.units)})
            continue
        place = _announced_at(coming.loc[own], row)
        if place is not None and coming.loc[place, "day"] < row.expected_shelf_on:
            moved = min(float(row.units), coming.loc[place, "units"])
            coming.loc[place, "units"] -= moved
            added.append({**new, "units": moved})
    if not added:
        return arrivals
    both = pd.concat([coming, pd.DataFrame(added).astype(coming.dtypes.to_dict())])
    sums = both[both["units"] > 0].groupby([*KEYS, "day"], as_index=False)["units"].sum()
    return sums.astype({name: str(kind) for name, kind in arrivals.dtypes.items()})


def _announced_at(own: pd.DataFrame, row: object) -> object:
    """Return where a shipment stands among what is announced for its SKU, None if it is used up."""
    left = own[own["units"] > 0]
    if left.empty:
        return None
    days = [(left["day"] - day).abs() for day in (row.planned_shelf_on, row.expected_shelf_on)]
    same = ~np.isclose(left["units"], float(row.units))
    order = pd.DataFrame({"other": same, "gap": np.minimum(*days)}, index=left.index)
    return order.sort_values(["other", "gap"], kind="stable").index[0]


class _Plan(NamedTuple):
    """The stages of one market's way, of preparation only the last."""

    places: list[int]
    stages: list[str]
    ends: list[pd.Timestamp]
    arrives: pd.Timestamp
    """When the trip ends."""
    shelf: pd.Timestamp
    names: dict[str, str]
    """Which stages end with a date of `Shipments`."""


def _plan_of(stages: pd.DataFrame) -> _Plan:
    plan = stages.sort_values("place")
    trip = plan[~plan["stage"].isin(SHELF_STAGES)]
    ready = plan["stage"].isin(PREPARATION)
    kept = pd.concat([plan[ready].tail(1), plan[~ready]])
    kept = kept[kept["stage"] != "shelf"]
    told, shelf = kept["stage"].tolist(), plan["ends_on"].max()
    ends, arrives = kept["ends_on"].tolist(), trip["ends_on"].max()
    return _Plan(kept["place"].tolist(), told, ends, arrives, shelf, _known_as(told))


def _trail(
    known: pd.DataFrame, seen_stages: pd.DataFrame | None, scope: Scope
) -> dict[tuple[str, str], pd.Timestamp]:
    """Return by shipment and stage the day it was over, of what is known on the looking day."""
    looking = {market: pd.Timestamp(day) for market, day in scope.as_of(4).items()}
    ended: dict[tuple[str, str], pd.Timestamp] = {}
    for row in known.itertuples():
        for stage, day in ((LEFT, row.shipped_on), (ARRIVED, row.arrived_on)):
            if pd.notna(day) and day < looking[row.market]:
                ended[row.shipment, stage] = day
    if seen_stages is not None:
        market = dict(zip(known["shipment"], known["market"], strict=True))
        for row in seen_stages.itertuples():
            home = market.get(row.shipment)
            if home is not None and row.ended_on < looking[home]:
                ended[row.shipment, row.stage] = row.ended_on
    return ended


def _chain(
    row: object,
    plan: _Plan,
    trail: dict[tuple[str, str], pd.Timestamp],
    looking: pd.Timestamp,
    *,
    is_followed: bool,
) -> Chain:
    """Return the stages of one shipment, each with its planned end and what is known of it."""
    moved = row.due_on - plan.arrives if pd.notna(row.due_on) else pd.Timedelta(0)
    planned = [end + moved for end in plan.ends]
    actual = [
        trail.get((row.shipment, stage), trail.get((row.shipment, plan.names.get(stage, ""))))
        for stage in plan.stages
    ]
    done = [day is not None for day in actual]
    is_over = [any(done[place:]) for place in range(len(done))]
    late, open_late = [], []
    for place, stage in enumerate(plan.stages):
        days = (looking - planned[place]) / DAY
        is_overdue = not is_over[place] and planned[place] < looking
        is_overdue &= stage in plan.names or (is_followed and stage not in SHELF_STAGES)
        if done[place]:
            days = (actual[place] - planned[place]) / DAY
        elif is_overdue:
            open_late.append(days)
        is_next = all(is_over[:place])  # who waits behind another open stage is not to blame
        late.append(days if done[place] or (is_overdue and is_next) else math.nan)
    last = next((days for days, known in zip(late[::-1], done[::-1], strict=True) if known), 0.0)
    shelf = plan.shelf + moved
    expected = shelf + pd.Timedelta(days=math.ceil(max([last, *open_late])))
    landed = bool(pd.notna(row.arrived_on) and row.arrived_on < looking)
    expected = expected if landed else max(expected, looking)
    return Chain(planned, actual, late, is_over, shelf, expected, landed)


def _as_announced(chain: Chain, row: object, own: pd.DataFrame | None) -> Chain:
    """Return the chain with the day that stock counts announce for it, where that is later."""
    if chain.has_landed or own is None:
        return chain
    told = own.loc[np.isclose(own["units"].astype(float), float(row.units)), "day"]
    if told.empty:
        return chain
    return chain._replace(expected_shelf=max(chain.expected_shelf, told.min()))


def _known_as(stages: list[str]) -> dict[str, str]:
    """Return which stages end with a date of `Shipments`: the last before the trip, its last."""
    before = [stage for stage in stages if stage in PREPARATION]
    trip = [stage for stage in stages if stage not in (*PREPARATION, *SHELF_STAGES)]
    return dict.fromkeys(before[-1:], LEFT) | dict.fromkeys(trip[-1:], ARRIVED)


def _rows(row: object, plan: _Plan, chain: Chain, cost: Cost) -> list[dict[str, object]]:
    told = {
        "market": row.market,
        "shipment": row.shipment,
        "sku": row.sku,
        "mode": row.mode,
        "units": int(row.units),
        "planned_shelf_on": chain.planned_shelf,
        "expected_shelf_on": chain.expected_shelf,
        "lost_units": cost.lost_units,
        "lost_profit": cost.lost_profit,
        "faster_mode": cost.faster_mode,
        "faster_shelf_on": cost.faster_on,
        "faster_units": cost.faster_units,
        "faster_profit": cost.faster_profit,
        "reason": _reason(chain, cost),
    }
    stages = zip(
        plan.places, plan.stages, chain.planned, chain.actual, chain.late, chain.is_over,
        strict=True,
    )  # fmt: skip
    return [{**dict(zip(STAGE, stage, strict=True)), **told} for stage in stages]


def _reason(chain: Chain, cost: Cost) -> str:
    days = (chain.expected_shelf - chain.planned_shelf) / DAY
    if days <= 0:
        return "reason.milestone_on_plan"
    told = f"reason.milestone_late|days={days:.0f}|day={chain.expected_shelf:%Y-%m-%d}"
    if not cost.faster_mode:
        return f"{told};reason.milestone_no_faster"
    day = f"{cost.faster_on:%Y-%m-%d}"
    if math.isnan(cost.faster_profit):
        return f"{told};reason.milestone_faster_unknown|mode={cost.faster_mode}|day={day}"
    if cost.faster_profit <= 0:
        return f"{told};reason.milestone_faster_not_worth|mode={cost.faster_mode}"
    return f"{told};reason.milestone_faster|mode={cost.faster_mode}|day={day}"
