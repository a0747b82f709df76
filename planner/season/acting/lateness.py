"""What coming late costs a shipment's SKU, and what the cheapest faster way wins back.

Works on one shipment at a time: its shelf with the goods on the planned day, on the expected one
and on that of another way.
"""

import math
from collections.abc import Hashable
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.scope import Scope
from planner.season.days import KEYS
from planner.season.outlook.rest_by_hour import MarketRest
from planner.season.stock.cover import Shelf, run_worlds, shelf_of
from planner.season.stock.unit_worth import UnitWorth, unit_worth


class Chain(NamedTuple):
    """One shipment's stages, and its day on the shelf as planned and as now expected."""

    planned: list[pd.Timestamp]
    """When each stage was to end."""
    actual: list[pd.Timestamp | None]
    """When each stage ended, as far as known."""
    late: list[float]
    """How late each stage is, NaN where nothing is known. [days]"""
    is_over: list[bool]
    planned_shelf: pd.Timestamp
    expected_shelf: pd.Timestamp
    has_landed: bool


class Cost(NamedTuple):
    """What coming on one day instead of another loses, and what a faster way wins back."""

    lost_units: float
    lost_profit: float
    faster_mode: str
    faster_on: pd.Timestamp
    faster_units: float
    faster_profit: float


class Market(NamedTuple):
    """What the shipments of one market meet, worked out once for all of them."""

    rest: MarketRest
    places: dict[Hashable, int]
    """Place of each SKU in the rest."""
    shelf: Shelf
    worth: UnitWorth
    ways: dict[Hashable, pd.DataFrame]
    """`SkuWays` by SKU."""


NOTHING = Cost(math.nan, math.nan, "", pd.NaT, math.nan, math.nan)


def markets_of(
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    today: pd.DataFrame | None = None,
) -> dict[str, Market]:
    """Return by market what its shipments meet; tables as `milestones.milestone_delays` takes them.

    A market of which no rest is known has none.
    """
    by_sku = dict(tuple(ways.groupby(KEYS)))
    found = {}
    for rest in rests:
        skus = rest.sight.keys["sku"].tolist()
        found[rest.market] = Market(
            rest=rest,
            places={sku: place for place, sku in enumerate(skus)},
            shelf=shelf_of(rest, stock_today, arrivals, today),
            worth=unit_worth(rest, economics),
            ways={sku: own for (market, sku), own in by_sku.items() if market == rest.market},
        )
    return found


def cost_of(row: object, chain: Chain, market: Market | None, scope: Scope) -> Cost:
    """Return what the shipment's lateness loses, and whether a faster way still helps.

    Parameters
    ----------
    row : namedtuple
        A row of `Shipments` with its market.
    chain : Chain
    market : Market, optional
        Without it, its demand is unknown.
    scope : Scope

    Returns
    -------
    Cost
        Nothing lost where the goods are there or come no later than planned; unknown where the
        market's demand is.
    """
    if market is None or row.sku not in market.places:
        return NOTHING
    if chain.has_landed or chain.expected_shelf <= chain.planned_shelf:
        return Cost(0.0, 0.0, "", pd.NaT, math.nan, math.nan)
    rest, place, worth = market.rest, market.places[row.sku], market.worth
    case = _Shelf(rest, place, market.shelf, float(row.units))
    planned, expected = (case.unmet(day) for day in (chain.planned_shelf, chain.expected_shelf))
    keep = float(worth.keep[place])
    gains = worth.gains[place][rest.is_event_day] - keep
    lost = np.maximum(expected - planned, 0.0)
    mode, lands, extra = _faster(row, chain, market.ways.get(row.sku), scope)
    if not mode:
        return Cost(float(lost.sum()), float(lost @ gains), "", pd.NaT, math.nan, math.nan)
    won = np.maximum(expected - case.unmet(lands), 0.0)
    units = math.ceil(won.sum())
    profit = float(won @ gains) - (extra - keep) * units
    return Cost(float(lost.sum()), float(lost @ gains), mode, lands, float(units), profit)


class _Shelf(NamedTuple):
    """One SKU's shelf without one shipment, to which the shipment is added on a day."""

    rest: MarketRest
    place: int
    shelf: Shelf
    units: float

    def unmet(self, lands: pd.Timestamp) -> np.ndarray:
        """Return expected unmet demand by day of the event if the shipment lands on a day."""
        days = self.rest.sight.days[self.rest.ahead]
        arriving = self.shelf.arriving[[self.place]].copy()
        known = np.flatnonzero(np.isclose(arriving[0], self.units))
        arriving[0, known[:1]] -= self.units
        day = int(days.searchsorted(lands))
        if day < len(days):
            arriving[0, day] += self.units
        demand = self.rest.by_day(np.array([self.place]))
        run = run_worlds(self.shelf.stock[[self.place]], arriving, demand)
        return run.unmet[0, self.rest.is_event_day].mean(axis=1)


def _faster(
    row: object, chain: Chain, own: pd.DataFrame | None, scope: Scope
) -> tuple[str, pd.Timestamp, float]:
    """Return the cheapest way that lands before the shipment, its day, and what a unit costs.

    Units are ordered anew and paid in full; as many of the late ones are then left over.
    """
    if own is None:
        return "", pd.NaT, math.nan
    looking = pd.Timestamp(scope.as_of(4)[row.market])
    receiving = max(scope.policy.receiving_days, scope.seller.contract.receiving_days or 0.0)
    days = np.ceil(own["lead_days"] + receiving + scope.policy.production_days)
    lands = looking + pd.to_timedelta(days, unit="D")
    own = own.assign(lands=lands)[lands < chain.expected_shelf]
    own = own[~own["reason"].str.contains("reason.way_forbidden", regex=False)]
    if chain.has_landed or own.empty:
        return "", pd.NaT, math.nan
    best = own.sort_values(["landed_cost", "lands"], na_position="last").iloc[0]
    return str(best["mode"]), pd.Timestamp(best["lands"]), float(best["landed_cost"])
