"""Stock for live sessions: what must be on the shelf before each one, and what is short.

Joins the live plan, the hours at which a SKU sells and the demand still to come. Knows nothing of
how demand was learnt.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.outlook.rest_by_hour import MarketRest
from planner.season.outlook.sightings import hour_shares
from planner.season.stock.cover import Shelf, shelf_of

LEVEL = 0.9
"""Share of worlds in which the stock asked for is enough. House judgement, no source. [unitless]"""


def session_stock(
    live_plan: pd.DataFrame,
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    *,
    scope: Scope,
    hours: pd.DataFrame,
    today: pd.DataFrame | None = None,
    level: float = LEVEL,
) -> pd.DataFrame:
    """Return what each live session ahead needs on the shelf before it begins.

    Parameters
    ----------
    live_plan : DataFrame
        Table `LivePlan`; moments by the shop's clock.
    rests : list of MarketRest
        As `rest_by_hour.rest_by_hour` returns them.
    stock_today, arrivals : DataFrame
        As `counts.stock_today` and `counts.arrivals` return them.
    scope : Scope
        Its shops place sessions in markets.
    hours : DataFrame
        Table `HourProfile`.
    today : DataFrame, optional
        Sales of the looking day before the moment.
    level : float
        Share of worlds in which the stock is to be enough.

    Returns
    -------
    DataFrame
        Table `SessionStock` of the sessions that are not over, by moment.

    Notes
    -----
    Needed is the level's quantile of what sells from the moment of looking to the session's end:
    each day's demand falls on its hours as the profile says. The profile holds the live hours of
    the past; a session at an hour that was never live is told too small, not too large. What
    arrives by the session's day counts as on the shelf.
    """
    home = {shop.shop: shop.market for shop in scope.shops}
    plan = live_plan.assign(market=live_plan["shop"].map(home)).dropna(subset=["market"])
    parts = []
    for rest in rests:
        shelf = shelf_of(rest, stock_today, arrivals, today)
        own = plan[plan["market"] == rest.market]
        ends = own["starts_at"] + pd.to_timedelta(own["hours"], unit="h")
        own = own.assign(ends_at=ends.astype("datetime64[us]"))
        own = own[(own["ends_at"] > rest.sight.at) & own["sku"].isin(rest.sight.keys["sku"])]
        if len(own):
            parts.append(_rows(own, rest, shelf, hours, level))
    if not parts:
        return tables.empty(tables.SessionStock)
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.sort_values(["starts_at", "market", "shop", "sku"]).reset_index(drop=True)
    return tables.checked(tables.SessionStock, frame[tables.columns(tables.SessionStock)])


def sold_between(
    rest: MarketRest, row: int, start: pd.Timestamp, end: pd.Timestamp, curve: np.ndarray
) -> np.ndarray:
    """Return what a SKU is asked for between two moments ahead, by day and world.

    Parameters
    ----------
    rest : MarketRest
    row : int
        Of the sight's keys.
    start, end : Timestamp
        A part that lies before the looking moment or after the horizon counts nothing.
    curve : ndarray, shape (24,)
        The SKU's hours.

    Returns
    -------
    ndarray, shape (n_ahead, n_draws)
        [units]
    """
    at = rest.sight.at
    days = rest.sight.days[rest.ahead]
    demand = rest.by_day(np.array([row]))[0]
    grid = days.to_numpy()[:, None] + np.arange(24) * np.timedelta64(1, "h")
    begin, stop = max(start, at), end
    inside = _overlap(grid, begin, stop) @ np.diag(curve)
    open_hours = _overlap(grid, at, days[-1] + pd.Timedelta(days=1)) @ np.diag(curve)
    whole = open_hours.sum(axis=1)
    share = np.divide(inside.sum(axis=1), whole, out=np.zeros(len(days)), where=whole > 0)
    return demand * share[:, None]


def _overlap(grid: np.ndarray, start: pd.Timestamp, end: pd.Timestamp) -> np.ndarray:
    """Return the share of each hour of the grid that lies between two moments."""
    hour = np.timedelta64(1, "h")
    begins = np.maximum(grid, np.datetime64(start))
    stops = np.minimum(grid + hour, np.datetime64(end))
    return np.clip((stops - begins) / hour, 0.0, 1.0)


def _rows(
    own: pd.DataFrame, rest: MarketRest, shelf: Shelf, hours: pd.DataFrame, level: float
) -> pd.DataFrame:
    keys = rest.sight.keys
    place = pd.Index(keys["sku"]).get_indexer(own["sku"])
    curve = hour_shares(hours, keys)
    days = rest.sight.days[rest.ahead]
    values = []
    for row, session in zip(place, own.itertuples(), strict=True):
        during = sold_between(rest, row, session.starts_at, session.ends_at, curve[row])
        until = sold_between(rest, row, rest.sight.at, session.ends_at, curve[row])
        needed = float(np.ceil(np.quantile(until.sum(axis=0), level) - 1e-9))
        come = days <= session.starts_at
        held = shelf.stock[row] + shelf.arriving[row, come].sum()
        short = max(needed - held, 0.0) if not np.isnan(held) else np.nan
        values.append((float(during.sum(axis=0).mean()), needed, held, short))
    names = ["session_units", "session_need_units", "stock_units", "short_units"]
    frame = pd.DataFrame(values, columns=names, index=own.index)
    told = np.where(frame["short_units"] > 0, "reason.session_short", "reason.session_enough")
    reason = np.where(frame["stock_units"].isna(), "reason.track_no_count", told)
    return own.assign(**frame, reason=pd.array(reason, dtype="str"))
