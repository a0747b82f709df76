"""Shipments against plan: which stage is late, when goods are on the shelf now, what that costs.

Joins shipments, the stages of the plan and the demand still to come. A tracking page is not read
here: what is known of a stage is handed in.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.season.cover import Shelf, run_worlds, shelf_of
from planner.season.rest_by_hour import MarketRest
from planner.supply.stage_parts import PREPARATION

LEFT, ARRIVED = "left", "arrived"
"""The two dates that every shipment tells: the last stage before the trip, and its last."""
SHELF_STAGES = ("receiving", "shelf")
DAY = pd.Timedelta(days=1)
COLUMNS = ["place", "stage", "planned_on", "actual_on", "late_days", "is_over"]


class Cost(NamedTuple):
    """What coming on one day instead of another loses, and what a faster way wins back."""

    lost_units: float
    lost_profit: float
    faster_mode: str
    faster_on: pd.Timestamp
    faster_units: float
    faster_profit: float


NOTHING = Cost(math.nan, math.nan, "", pd.NaT, math.nan, math.nan)


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
        shipment, stage, ended_on: what a tracking page told beside the two dates of `Shipments`.

    Returns
    -------
    DataFrame
        Table `MilestoneDelays`, the latest on top.

    Notes
    -----
    A shipment's plan is that of its way: preparation ends on `ship_by`, the trip on the end of its
    last stage, or on the shipment's own `due_on`, by which the whole chain is then moved. The new
    day on the shelf is the planned one plus the lateness of the last stage known to be over, or
    of an overdue stage if that is more: it can only have grown.
    """
    homes = {house.warehouse: house.market for house in scope.seller.warehouses}
    known = shipments.assign(market=shipments["warehouse"].map(homes))
    known = known[known["market"].isin(scope.markets)]
    trail = _trail(known, seen_stages, scope)
    parts = []
    for row in known.itertuples():
        plan = stages[(stages["market"] == row.market) & (stages["mode"] == row.mode)]
        looking = pd.Timestamp(scope.as_of(4)[row.market])
        if plan.empty:
            continue
        chain = _chain(row, plan.sort_values("place"), trail, looking)
        cost = _cost(row, chain, rests, stock_today, arrivals, economics, ways, scope)
        parts.append(_rows(row, chain, cost))
    if not parts:
        return tables.empty(tables.MilestoneDelays)
    frame = pd.concat(parts, ignore_index=True).assign(currency=scope.seller.currency)
    late = frame.groupby(["market", "shipment", "sku"])["late_days"].transform("max")
    frame = frame.assign(most=-late.fillna(0.0))
    frame = frame.sort_values(["most", "market", "shipment", "sku", "place"])
    return tables.checked(tables.MilestoneDelays, frame[tables.columns(tables.MilestoneDelays)])


class _Chain(NamedTuple):
    """One shipment's stages, and its day on the shelf as planned and as now expected."""

    stages: pd.DataFrame
    planned_shelf: pd.Timestamp
    expected_shelf: pd.Timestamp
    has_landed: bool


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
    row: object, plan: pd.DataFrame, trail: dict[tuple[str, str], pd.Timestamp], looking: object
) -> _Chain:
    """Return the stages of one shipment, each with its planned end and what is known of it."""
    trip = plan[~plan["stage"].isin(SHELF_STAGES)]
    arrives = trip["ends_on"].max()
    moved = row.due_on - arrives if pd.notna(row.due_on) else pd.Timedelta(0)
    ready = plan["stage"].isin(PREPARATION)
    kept = pd.concat([plan[ready].tail(1), plan[~ready]])
    kept = kept[kept["stage"] != "shelf"]
    planned = kept["ends_on"] + moved
    shelf = plan["ends_on"].max() + moved
    names = _known_as(kept["stage"].tolist())
    actual = [
        trail.get((row.shipment, stage), trail.get((row.shipment, names.get(stage, "")), pd.NaT))
        for stage in kept["stage"]
    ]
    stages = kept[["place", "stage"]].assign(planned_on=planned, actual_on=actual)
    stages["actual_on"] = stages["actual_on"].astype("datetime64[us]")
    done = stages["actual_on"].notna().to_numpy()
    is_over = np.array([done[place:].any() for place in range(len(done))])
    is_tracked = np.array(
        [_is_tracked(row.shipment, stage, names, trail) for stage in kept["stage"]]
    )
    overdue = ~is_over & is_tracked & (stages["planned_on"] < looking).to_numpy()
    late = (stages["actual_on"] - stages["planned_on"]) / DAY
    open_late = (looking - stages["planned_on"]) / DAY
    stages["late_days"] = late.where(done, open_late.where(overdue))
    stages["is_over"] = is_over
    last = late[done].iloc[-1] if done.any() else 0.0
    behind = max([last, *open_late[overdue].tolist()])
    expected = shelf + pd.Timedelta(days=math.ceil(behind))
    landed = pd.notna(row.arrived_on) and row.arrived_on < looking
    return _Chain(stages, shelf, max(expected, looking) if not landed else expected, bool(landed))


def _known_as(stages: list[str]) -> dict[str, str]:
    """Return which stages end with a date of `Shipments`: the last before the trip, its last."""
    before = [stage for stage in stages if stage in PREPARATION]
    trip = [stage for stage in stages if stage not in (*PREPARATION, *SHELF_STAGES)]
    return dict.fromkeys(before[-1:], LEFT) | dict.fromkeys(trip[-1:], ARRIVED)


def _is_tracked(
    shipment: str,
    stage: str,
    names: dict[str, str],
    trail: dict[tuple[str, str], pd.Timestamp],
) -> bool:
    """Return whether the end of a stage would be known, so that its silence says it is late."""
    told = {name for which, name in trail if which == shipment} - {LEFT, ARRIVED}
    return stage in names or (bool(told) and stage not in SHELF_STAGES)


def _cost(
    row: object,
    chain: _Chain,
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    scope: Scope,
) -> Cost:
    """Return what the shipment's lateness loses, and whether a faster way still helps."""
    found = [rest for rest in rests if rest.market == row.market]
    if not found or row.sku not in set(found[0].sight.keys["sku"]):
        return NOTHING
    rest = found[0]
    place = int(pd.Index(rest.sight.keys["sku"]).get_loc(row.sku))
    shelf = shelf_of(rest, stock_today, arrivals, None)
    case = _Shelf(rest, place, shelf, float(row.units))
    planned, expected = (case.unmet(day) for day in (chain.planned_shelf, chain.expected_shelf))
    lost = max(expected - planned, 0.0)
    gain, keep = _money(economics, row.market, row.sku)
    mode, lands, extra = _faster(row, chain, ways, scope)
    if not mode:
        return Cost(lost, lost * gain, "", pd.NaT, math.nan, math.nan)
    won = max(expected - case.unmet(lands), 0.0)
    units = math.ceil(won)
    profit = won * gain - (extra - keep) * units
    return Cost(lost, lost * gain, mode, lands, float(units), profit)


class _Shelf(NamedTuple):
    """One SKU's shelf without one shipment, to which the shipment is added on a day."""

    rest: MarketRest
    place: int
    shelf: Shelf
    units: float

    def unmet(self, lands: pd.Timestamp) -> float:
        """Return expected unmet demand of the event if the shipment is there on a day. [units]."""
        days = self.rest.sight.days[self.rest.ahead]
        arriving = self.shelf.arriving[[self.place]].copy()
        known = np.flatnonzero(np.isclose(arriving[0], self.units))
        arriving[0, known[:1]] -= self.units
        day = int(days.searchsorted(lands))
        if day < len(days):
            arriving[0, day] += self.units
        demand = self.rest.by_day(np.array([self.place]))
        run = run_worlds(self.shelf.stock[[self.place]], arriving, demand)
        return float(run.unmet[0, self.rest.is_event_day].sum(axis=0).mean())


def _money(economics: pd.DataFrame, market: str, sku: str) -> tuple[float, float]:
    """Return what a unit sold instead of left over brings, and one left over. [currency]."""
    rows = economics[(economics["market"] == market) & (economics["sku"] == sku)]
    if rows.empty:
        return math.nan, math.nan
    row = rows.iloc[0]
    keep = float(row["leftover_revenue"])
    penalty = row["under_cost"] - row["margin_profit"]
    return float(row["price"] - row["selling_cost"] + penalty) - keep, keep


def _faster(
    row: object, chain: _Chain, ways: pd.DataFrame, scope: Scope
) -> tuple[str, pd.Timestamp, float]:
    """Return the cheapest way that lands before the shipment, its day, and what a unit costs.

    Units are ordered anew and paid in full; as many of the late ones are then left over.
    """
    looking = pd.Timestamp(scope.as_of(4)[row.market])
    own = ways[(ways["market"] == row.market) & (ways["sku"] == row.sku)]
    receiving = max(scope.policy.receiving_days, scope.seller.contract.receiving_days or 0.0)
    days = np.ceil(own["lead_days"] + receiving + scope.policy.production_days)
    lands = looking + pd.to_timedelta(days, unit="D")
    own = own.assign(lands=lands)[lands < chain.expected_shelf]
    own = own[~own["reason"].str.contains("reason.way_forbidden", regex=False)]
    if chain.has_landed or own.empty:
        return "", pd.NaT, math.nan
    best = own.sort_values(["landed_cost", "lands"], na_position="last").iloc[0]
    return str(best["mode"]), pd.Timestamp(best["lands"]), float(best["landed_cost"])


def _rows(row: object, chain: _Chain, cost: Cost) -> pd.DataFrame:
    return chain.stages[COLUMNS].assign(
        market=row.market,
        shipment=row.shipment,
        sku=row.sku,
        mode=row.mode,
        units=int(row.units),
        planned_shelf_on=chain.planned_shelf,
        expected_shelf_on=chain.expected_shelf,
        lost_units=cost.lost_units,
        lost_profit=cost.lost_profit,
        faster_mode=cost.faster_mode,
        faster_shelf_on=cost.faster_on,
        faster_units=cost.faster_units,
        faster_profit=cost.faster_profit,
        reason=_reason(chain, cost),
    )


def _reason(chain: _Chain, cost: Cost) -> str:
    days = (chain.expected_shelf - chain.planned_shelf) / DAY
    if days <= 0:
        return "reason.milestone_on_plan"
    told = f"reason.milestone_late|days={days:.0f}|day={chain.expected_shelf:%Y-%m-%d}"
    if not cost.faster_mode:
        return f"{told};reason.milestone_no_faster"
    if math.isnan(cost.faster_profit):
        return f"{told};reason.milestone_faster_unknown|mode={cost.faster_mode}"
    if cost.faster_profit <= 0:
        return f"{told};reason.milestone_faster_not_worth|mode={cost.faster_mode}"
    return f"{told};reason.milestone_faster|mode={cost.faster_mode}|day={cost.faster_on:%Y-%m-%d}"
