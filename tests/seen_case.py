"""What tracking may know of a small seller: one market, one SKU, numbers by hand."""

from functools import cache

import numpy as np
import pandas as pd
from season_case import a_scope, draws, forecast_of, sales, stock, value
from test_season_choices import rules
from track_case import by_day

from planner import tables
from planner.season.campaign_track import Plan, Seen, Tracked, track_campaign

PHASES = {"warm_up": 100.0, "sale": 80.0, "tail": 60.0, "after": 50.0}
"""10 a day in the warm-up, 20 in the sale, 10 in the tail, 5 after."""
SOLD = [10] * 10 + [20, 20]
"""1 to 12 November, as planned."""
LOOKING = "2025-11-13"


def scope(seen_from: str = LOOKING):
    return a_scope(seen_from=seen_from)


def plan(**changes) -> Plan:
    drawn = draws("a", {name: _spread(units) for name, units in PHASES.items()})
    base = Plan(
        forecast=forecast_of(drawn),
        draws=drawn,
        by_day=by_day(**PHASES),
        curve=tables.empty(tables.DayCurve),
        fit=tables.empty(tables.BaselineFit),
        hours=tables.empty(tables.HourProfile),
        catalogue=tables.empty(tables.Catalogue),
        options=tables.empty(tables.LaneOptions),
        stages=tables.empty(tables.StageDays),
        economics=value("a", margin=8.0),
        ways=tables.empty(tables.SkuWays),
        reserves=tables.empty(tables.Reserves),
        exits=tables.empty(tables.Exits),
        channels=tables.empty(tables.ChannelPlan),
    )
    return base._replace(**changes)


def _spread(units: float) -> np.ndarray:
    """200 worlds about a mean, 20 % either way."""
    return np.round(units * np.random.default_rng(3).lognormal(-0.02, 0.2, 200))


def seen(units=SOLD, held: int = 60, **changes) -> Seen:
    base = Seen(
        plan=plan(),
        lines=tables.empty(tables.OrderLines),
        daily=sales("a", "2025-11-01", list(units)),
        bundles=tables.empty(tables.Bundles),
        stock=stock(("a", "on_hand", held, None, LOOKING)),
        stock_history=tables.empty(tables.StockHistory),
        moves=tables.empty(tables.StockMoves),
        shown=tables.empty(tables.PlatformCounts),
        shipments=tables.empty(tables.Shipments),
        stages_over=tables.empty(tables.Milestones),
        live_plan=tables.empty(tables.LivePlan),
        rules=rules(),
        bounds=tables.empty(tables.Bounds),
    )
    return base._replace(**changes)


def tracked(seen_from: str = LOOKING, **changes) -> Tracked:
    return track_campaign(seen(**changes), scope=scope(seen_from))


@cache
def on_plan() -> Tracked:
    """Tracking of sales as planned on a shelf too small."""
    return tracked()


@cache
def early() -> Tracked:
    """Tracking before the campaign has begun."""
    return tracked("2025-10-25", daily=sales("a", "2025-10-22", [5, 5, 5]))


@cache
def unpriced() -> Tracked:
    """Tracking of a SKU whose costs nobody knows."""
    return tracked(plan=plan(economics=value("a").assign(under_cost=np.nan, critical_ratio=np.nan)))


def moves(*rows: tuple) -> pd.DataFrame:
    """StockMoves: day, kind, units and, if any, the shipment."""
    frame = pd.DataFrame(
        [(*row, "")[:4] for row in rows], columns=["day", "kind", "units", "shipment"]
    )
    frame = frame.assign(sku="a", warehouse="th-house", note="", day=pd.to_datetime(frame["day"]))
    return tables.checked(tables.StockMoves, frame.astype({"day": "datetime64[us]"}))
