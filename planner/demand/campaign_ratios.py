"""What one campaign of one seller showed, as ratios that carry over to the next.

Knows how units, days and returns of a campaign that is over become sums by cell: event,
phase, category, market, price band. Joins no sellers and shrinks nothing; `shared_memory` and
`shared_cells` do.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.demand.day_curve import POSITIONS, places_of
from planner.intake.known import telling_shops
from planner.scope import Scope
from planner.tables import CampaignRatios, checked, columns, empty

CELL = ["memory", "kind", "phase", "place", "mode", "category", "market", "price_band"]
"""What names a cell; blank where it does not matter."""
MIN_BAND_SKUS = 3
"""Fewer priced SKUs of a category have no middle to be cheap or dear against. [SKUs]"""
NO_BANDS = pd.Series(dtype="str")
KEYS = ["shop", "market", "sku"]


class Seen(NamedTuple):
    """What is known of a campaign once it is over; each a table named as in `planner.tables`."""

    learnt: pd.DataFrame
    """`UpliftMemory` of this campaign."""
    daily: pd.DataFrame
    baseline: pd.DataFrame
    """`BaselineDaily` of the planning day."""
    lines: pd.DataFrame
    """`OrderLines` as known today."""
    shipments: pd.DataFrame
    lanes: pd.DataFrame
    """Register `Lanes` without what memory added: a plan is not remembered as the truth."""
    stages: pd.DataFrame
    """`StageDays`; its added days belong to the plan."""
    return_rates: pd.DataFrame
    catalogue: pd.DataFrame
    bounds: pd.DataFrame


def campaign_ratios(seen: Seen, *, scope: Scope) -> pd.DataFrame:
    """Return every cell that one campaign filled.

    Parameters
    ----------
    seen : Seen
    scope : Scope
        Names seller and campaign, gives the phases, and the day of the review.

    Returns
    -------
    DataFrame
        Table `CampaignRatios`. What nobody told (no shipment, no return of a shop) has no row.
    """
    rows = [
        *_uplifts(seen.learnt, price_bands(seen.catalogue, seen.bounds)),
        *_days(seen.daily, seen.baseline, scope.plans),
        *_returns(seen, scope),
        *_trips(seen, scope),
        *_receivings(seen.shipments, scope),
    ]
    if not rows:
        return empty(CampaignRatios)
    named = {"seller": scope.seller.seller, "campaign": scope.campaign.campaign}
    blank = dict.fromkeys(CELL, "")
    frame = pd.DataFrame([named | blank | row for row in rows])[columns(CampaignRatios)]
    frame["ended_on"] = frame["ended_on"].astype("datetime64[us]")
    return checked(CampaignRatios, frame.sort_values(CELL, kind="stable"))


def price_bands(catalogue: pd.DataFrame, bounds: pd.DataFrame) -> pd.Series:
    """Return for each SKU whether it is cheap or dear for its category.

    Parameters
    ----------
    catalogue : DataFrame
        Table `Catalogue`, or a part of it.
    bounds : DataFrame
        Register `Bounds`; the row `price_band` says from where to where the middle goes.

    Returns
    -------
    Series
        `low`, `middle` or `high` by SKU; blank where price or category is not known, and in
        a category of fewer than three prices.

    Notes
    -----
    ``price / median price of the seller's category``: no unit, so that it holds in any currency.
    """
    edges = bounds[bounds["rule"] == "price_band"]
    if "price" not in catalogue or edges.empty or catalogue.empty:
        return NO_BANDS
    priced = catalogue[catalogue["price"].notna() & (catalogue["category"] != "")]
    of_category = priced.groupby("category")["price"]
    ratio = priced["price"] / of_category.transform("median")
    row, many = edges.iloc[-1], of_category.transform("size") >= MIN_BAND_SKUS
    band = np.select(
        [~many, ratio < row["low"], ratio > row["high"]], ["", "low", "high"], "middle"
    )
    return pd.Series(band, index=priced["sku"].to_numpy(), dtype="str")


def bands_of(skus: pd.Series, bands: pd.Series) -> list[str]:
    """Return the price band of each SKU named, blank where it is not known."""
    known = bands.to_dict()
    return [str(known.get(sku, "")) for sku in skus]


def _uplifts(learnt: pd.DataFrame, bands: pd.Series) -> Iterator[dict[str, object]]:
    """Yield units sold against ordinary units."""
    named = learnt.assign(price_band=bands_of(learnt["sku"], bands))
    cell = ["kind", "phase", "category", "market", "price_band"]
    for key, part in named[named["expected_units"] > 0].groupby(cell):
        yield dict(zip(cell, key, strict=True)) | {
            "memory": "uplift",
            "ended_on": part["ended_on"].max(),
            "actual_sum": part["actual_units"].sum(),
            "expected_sum": part["expected_units"].sum(),
            "n_skus": part["sku"].nunique(),
        }


def _days(
    daily: pd.DataFrame, baseline: pd.DataFrame, plans: Mapping[str, MarketPlan]
) -> Iterator[dict[str, object]]:
    """Yield what each day of a phase sold against an even day, weekdays divided out."""
    days = daily[~daily["is_stock_out"]].merge(
        baseline.loc[baseline["is_future"], [*KEYS, "day", "baseline_units"]], on=[*KEYS, "day"]
    )
    for market, plan in plans.items():
        for phase, span in plan.phases.named().items():
            dates = pd.date_range(span.start, span.end)
            part = days[(days["market"] == market) & days["day"].isin(dates)]
            sums = part.groupby("day")[["units", "baseline_units"]].sum().reindex(dates)
            if len(dates) < 2 or sums.isna().any(axis=None) or not sums["units"].sum():
                continue
            even = sums["baseline_units"] * (sums["units"].sum() / sums["baseline_units"].sum())
            shared = {"kind": plan.kind, "market": market, "ended_on": dates[-1]}
            shared |= {"memory": "phase_day", "phase": phase, "n_skus": part["sku"].nunique()}
            place = places_of(len(dates)).astype(bool)
            for number, name in enumerate(POSITIONS):
                taken = place[:, number]
                if even[taken].sum() > 0:
                    sold, usual = float(sums["units"][taken].sum()), float(even[taken].sum())
                    yield shared | {"place": name, "actual_sum": sold, "expected_sum": usual}


def _returns(seen: Seen, scope: Scope) -> Iterator[dict[str, object]]:
    """Yield units back against units sold in the campaign, where they had the time to come back.

    Shops that tell no returns are left out: what came back of their orders nobody knows.
    """
    telling = telling_shops(seen.lines)
    lines = seen.lines[seen.lines["is_demand"] & (seen.lines["status"] != "cancelled")]
    category = seen.catalogue.set_index("sku")["category"].to_dict()
    lines = lines[lines["shop"].isin(telling)]
    lines = lines.assign(category=[str(category.get(sku, "")) for sku in lines["sku"]])
    for market, plan in scope.plans.items():
        rates = seen.return_rates[seen.return_rates["market"] == market]
        until = pd.Timestamp(scope.as_of(5)[market])
        if rates.empty:
            continue
        settled = until - pd.to_timedelta(rates["lag_days"].max(), unit="D")
        span = pd.Timestamp(plan.phases.start), pd.Timestamp(plan.phases.end)
        day = lines["ordered_at"].dt.normalize()
        of_market = lines[(lines["market"] == market) & day.between(*span) & (day < settled)]
        for name, part in of_market.groupby("category"):
            yield {
                "memory": "returns",
                "category": name,
                "market": market,
                "ended_on": until - pd.Timedelta(days=1),
                "actual_sum": float(part["returned_units"].sum()),
                "expected_sum": float(part["units"].sum()),
                "n_skus": part["sku"].nunique(),
            }


def _trips(seen: Seen, scope: Scope) -> Iterator[dict[str, object]]:
    """Yield days from pickup to the warehouse's door against those planned, by mode."""
    sent = _of_markets(seen.shipments, scope).dropna(subset=["shipped_on", "arrived_on"])
    lanes = seen.lanes.drop_duplicates(["market", "mode"], keep="last")
    typical = lanes.set_index(["market", "mode"])["typical_days"]
    added = seen.stages.groupby(["market", "mode"])["added_days"].sum()
    planned = typical.add(added.reindex(typical.index).fillna(0.0))
    for (mode, market), part in sent.groupby(["mode", "market"]):
        if (market, mode) not in planned.index:
            continue
        trips = part.drop_duplicates("shipment")
        yield {
            "memory": "lead",
            "place": "trip",
            "mode": mode,
            "market": market,
            "ended_on": trips["arrived_on"].max(),
            "actual_sum": float((trips["arrived_on"] - trips["shipped_on"]).dt.days.sum()),
            "expected_sum": float(planned[market, mode]) * len(trips),
            "n_skus": part["sku"].nunique(),
        }


def _receivings(shipments: pd.DataFrame, scope: Scope) -> Iterator[dict[str, object]]:
    """Yield days from the warehouse's door to the shelf over shipments, by kind of warehouse."""
    there = _of_markets(shipments, scope).dropna(subset=["arrived_on", "shelf_on"])
    for (kind, market), part in there.groupby(["house", "market"]):
        counted = part.drop_duplicates("shipment")
        yield {
            "memory": "receiving",
            "place": kind,
            "market": market,
            "ended_on": counted["shelf_on"].max(),
            "actual_sum": float((counted["shelf_on"] - counted["arrived_on"]).dt.days.sum()),
            "expected_sum": float(len(counted)),
            "n_skus": part["sku"].nunique(),
        }


def _of_markets(shipments: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return shipments with market and kind of their warehouse, what is seen by the review."""
    houses = {house.warehouse: house for house in scope.seller.warehouses}
    named = shipments[shipments["warehouse"].isin(list(houses))]
    market = named["warehouse"].map(lambda name: houses[name].market).astype("str")
    kind = named["warehouse"].map(lambda name: houses[name].kind).astype("str")
    named = named.assign(market=market, house=kind)[market.isin(scope.markets)]
    last = named["market"].map({name: pd.Timestamp(day) for name, day in scope.as_of(5).items()})
    days = named[["shipped_on", "arrived_on", "shelf_on"]]
    return named.assign(**{name: days[name].where(days[name] < last) for name in days})
