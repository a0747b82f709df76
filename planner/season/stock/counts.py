"""Stock counts: what can be sold today, and what will arrive.

Received is not sellable: only the stage `on_hand` counts as stock. Knows nothing of
forecasts or money.
"""

import pandas as pd

from planner.intake.known import newest_known
from planner.scope import Scope
from planner.season.days import KEYS


def stock_today(
    stock: pd.DataFrame, track: pd.DataFrame, *, scope: Scope, step: int = 4
) -> pd.DataFrame:
    """Return by market and SKU what can be sold on the looking day.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it, of each warehouse the newest counts.
    track : DataFrame
        Table `TrackDaily`: the sales since the count.
    scope : Scope
        Its shops place stock in markets: goods in a house that serves none of them must be moved
        before they can be sold.
    step : int
        Notebook that looks.

    Returns
    -------
    DataFrame
        market, sku, counted_on, counted_units, arrived_units, sold_units, stock_units,
        overdue_units [units]. A SKU without a count has no row: unknown is not zero.

    Notes
    -----
    ``stock = counted + arrived since - sold since``. A snapshot dated D is taken as made before
    the sales of D. Inbound announced for a day before its own snapshot that is still not on the
    shelf is overdue and counts nowhere; a negative `stock_units` is a contradiction to be told.
    """
    newest = _newest(stock, scope, step)
    looking = pd.to_datetime(newest["market"].map(scope.as_of(step)))
    is_shelf = newest["stage"] == "on_hand"
    is_overdue = ~is_shelf & (newest["available_on"] < newest["as_of"])
    has_come = ~is_shelf & ~is_overdue & (newest["available_on"] < looking)
    parts = newest.assign(
        counted_units=newest["units"].where(is_shelf, 0),
        arrived_units=newest["units"].where(has_come, 0),
        overdue_units=newest["units"].where(is_overdue, 0),
    )
    held = parts.groupby(KEYS, as_index=False).agg(
        counted_on=("as_of", "min"),
        counted_units=("counted_units", "sum"),
        arrived_units=("arrived_units", "sum"),
        overdue_units=("overdue_units", "sum"),
    )
    held["sold_units"] = _sold_since(track, held)
    held["stock_units"] = held["counted_units"] + held["arrived_units"] - held["sold_units"]
    return held


def arrivals(stock: pd.DataFrame, *, scope: Scope, step: int = 4) -> pd.DataFrame:
    """Return the announced inbound that becomes sellable on the looking day or later.

    Returns
    -------
    DataFrame
        market, sku, day, units [units]. Inbound without a date, or with a date that its own
        snapshot already shows as missed, is left out.
    """
    newest = _newest(stock, scope, step)
    looking = pd.to_datetime(newest["market"].map(scope.as_of(step)))
    ahead = (
        (newest["stage"] != "on_hand")
        & (newest["available_on"] >= looking)
        & (newest["available_on"] >= newest["as_of"])
    )
    due = newest[ahead].rename(columns={"available_on": "day"})
    return due.groupby([*KEYS, "day"], as_index=False)["units"].sum()


def told_last(stock: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of goods on their way as they stood when their day came.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it.

    Notes
    -----
    A snapshot tells of the days from its own to the next one of its warehouse: what it announces
    for later, the next one announces again or shows on the shelf. Goods overdue when they were
    counted had not come on their day.
    """
    due = stock[(stock["stage"] != "on_hand") & stock["available_on"].notna()]
    shots = stock[["warehouse", "as_of"]].drop_duplicates().sort_values("as_of")
    following = shots.groupby("warehouse")["as_of"].shift(-1)
    found = pd.Series(following.to_numpy(), index=pd.MultiIndex.from_frame(shots))
    places = pd.MultiIndex.from_frame(due[["warehouse", "as_of"]])
    later = pd.Series(found.reindex(places).to_numpy(), index=due.index)
    is_last = later.isna() | (due["available_on"] < later)
    return due[is_last & (due["available_on"] >= due["as_of"])]


def _newest(stock: pd.DataFrame, scope: Scope, step: int) -> pd.DataFrame:
    places = {shop.warehouse: shop.market for shop in scope.shops}
    known = newest_known(stock, scope.as_of(step), seller=scope.seller)
    known = known[known["warehouse"].isin(places)]
    return known.assign(market=known["warehouse"].map(places).astype("str"))


def _sold_since(track: pd.DataFrame, held: pd.DataFrame) -> pd.Series:
    sales = track[[*KEYS, "day", "units"]].merge(held[[*KEYS, "counted_on"]], on=KEYS)
    since = sales[sales["day"] >= sales["counted_on"]].groupby(KEYS)["units"].sum()
    keys = pd.MultiIndex.from_frame(held[KEYS])
    return pd.Series(since.reindex(keys, fill_value=0).to_numpy(), index=held.index)
