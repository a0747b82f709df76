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
from planner.season.stock.cover import Shelf, run_worlds, shelf_of
from planner.season.stock.unit_worth import UnitWorth, unit_worth

LEVEL = "session_stock_level"
"""Rule of `Bounds`: share of worlds in which the stock asked for is enough. [unitless]"""


def session_stock(
    live_plan: pd.DataFrame,
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    *,
    scope: Scope,
    hours: pd.DataFrame,
    level: float,
    today: pd.DataFrame | None = None,
    economics: pd.DataFrame | None = None,
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
    level : float
        Share of worlds in which the stock is to be enough; NaN tells no session.
    today : DataFrame, optional
        Sales of the looking day before the moment.
    economics : DataFrame, optional
        Table `UnitEconomics`: what a missed unit would have earned; without it nobody knows.

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

    Short is the level's quantile of what the session asks for and, world by world, no longer
    finds: buyers whom an empty shelf turned away before it began do not come back for it.
    """
    home = {shop.shop: shop.market for shop in scope.shops}
    plan = live_plan.assign(market=live_plan["shop"].map(home)).dropna(subset=["market"])
    parts = []
    for rest in rests if not np.isnan(level) else ():
        shelf = shelf_of(rest, stock_today, arrivals, today)
        own = plan[plan["market"] == rest.market]
        ends = own["starts_at"] + pd.to_timedelta(own["hours"], unit="h")
        own = own.assign(ends_at=ends.astype("datetime64[us]"))
        own = own[(own["ends_at"] > rest.sight.at) & own["sku"].isin(rest.sight.keys["sku"])]
        if len(own):
            worth = unit_worth(rest, economics) if economics is not None else None
            parts.append(_rows(own, rest, shelf, hours, level, worth))
    if not parts:
        return tables.empty(tables.SessionStock)
    frame = pd.concat(parts, ignore_index=True).assign(currency=scope.seller.currency)
    frame = frame.sort_values(["starts_at", "market", "shop", "sku"]).reset_index(drop=True)
    return tables.checked(tables.SessionStock, frame[tables.columns(tables.SessionStock)])


def level_of(bounds: pd.DataFrame) -> float:
    """Return in what share of worlds a session's stock is to be enough, NaN if no rule says."""
    rows = bounds.loc[bounds["rule"] == LEVEL, "low"]
    return float(rows.iloc[-1]) if len(rows) else float("nan")


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
    own: pd.DataFrame,
    rest: MarketRest,
    shelf: Shelf,
    hours: pd.DataFrame,
    level: float,
    worth: UnitWorth | None,
) -> pd.DataFrame:
    keys = rest.sight.keys
    place = pd.Index(keys["sku"]).get_indexer(own["sku"])
    curve = hour_shares(hours, keys)
    values = []
    for row, session in zip(place, own.itertuples(), strict=True):
        before = sold_between(rest, row, rest.sight.at, session.starts_at, curve[row])
        during = sold_between(rest, row, session.starts_at, session.ends_at, curve[row])
        come = rest.sight.days[rest.ahead] <= session.starts_at
        coming = shelf.arriving[row] * come
        missed = _missed(float(shelf.stock[row]), coming, before, during)
        lost = np.nan
        if worth is not None:
            one = UnitWorth(*(values_of[[row]] for values_of in worth))
            expected = missed.mean(axis=1)[None]
            lost = one.missed(expected, shelf.arriving[[row]].sum(axis=1))[0]
        need = _units_at((before + during).sum(axis=0), level)
        held = float(shelf.stock[row]) + coming.sum()
        short = _units_at(missed.sum(axis=0), level)
        values.append((float(during.sum(axis=0).mean()), need, held, short, lost))
    names = ["session_units", "session_need_units", "stock_units", "short_units", "short_profit"]
    frame = pd.DataFrame(values, columns=names, index=own.index)
    told = np.where(frame["short_units"] > 0, "reason.session_short", "reason.session_enough")
    reason = np.where(frame["stock_units"].isna(), "reason.track_no_count", told)
    return own.assign(**frame, reason=pd.array(reason, dtype="str"))


def _missed(stock: float, coming: np.ndarray, before: np.ndarray, during: np.ndarray) -> np.ndarray:
    """Return what a session asks for and does not find, by day and world; NaN without a count."""
    shelf = run_worlds(np.array([stock]), coming[None], before[None]).left
    return run_worlds(shelf, np.zeros(coming.shape)[None], during[None]).unmet[0]


def _units_at(values: np.ndarray, level: float) -> float:
    """Return the level's quantile over the worlds, in whole units."""
    return float(np.maximum(np.ceil(np.quantile(values, level) - 1e-9), 0.0))
