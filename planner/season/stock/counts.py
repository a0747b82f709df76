"""Stock counts: what can be sold today, and what will arrive.

Received is not sellable: only the stage `on_hand` counts as stock. Knows nothing of
forecasts or money.
"""

import pandas as pd

from planner.intake.known import newest_known, sold_since
from planner.scope import Scope
from planner.season.days import KEYS


def stock_today(
    stock: pd.DataFrame, daily: pd.DataFrame, *, scope: Scope, step: int = 4
) -> pd.DataFrame:
    """Return by market and SKU what can be sold on the looking day.

    Parameters
    ----------
    stock : DataFrame
        Table `Stock`; several snapshots may stand in it, of each warehouse the newest counts.
    daily : DataFrame
        Table `DailySales`: the sales since the count.
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
    ``stock = counted + arrived since - sold since``, each warehouse from its own count on, what
    its shops sold; `counted_on` is the oldest. A snapshot dated D is taken as made before the
    sales of D. Inbound announced for a day before its own snapshot that is still not on the
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
    sold = sold_since(newest, daily, scope.as_of(step), seller=scope.seller)
    sold = sold.groupby(KEYS)["units"].sum().reindex(pd.MultiIndex.from_frame(held[KEYS]))
    held["sold_units"] = sold.fillna(0).to_numpy(dtype="int64")
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

    Returns
    -------
    DataFrame
        Rows of `Stock` with is_counted: whether a snapshot of their own day has them on the shelf.

    Notes
    -----
    A snapshot tells of the days from its own to the next one of its warehouse: what it announces
    for later, the next one announces again or shows on the shelf. What it announces for the very
    day of the next one came, unless that one announces goods of the SKU anew; a delivery that
    both announce alike for a later day is another one. Goods overdue when they were counted had
    not come on their day.
    """
    coming = stock[stock["stage"] != "on_hand"]
    due = coming[coming["available_on"].notna()]
    later = _neighbour(due, stock, places=-1)
    names = ["warehouse", "sku", "as_of"]
    anew = pd.MultiIndex.from_frame(coming.loc[_is_new(coming, stock), names])
    is_again = pd.MultiIndex.from_frame(due[names].assign(as_of=later)).isin(anew)
    is_counted = (due["available_on"] == later) & ~is_again
    is_last = later.isna() | (due["available_on"] < later) | is_counted
    told = due.assign(is_counted=is_counted)
    return told[is_last & (due["available_on"] >= due["as_of"])]


def _neighbour(rows: pd.DataFrame, stock: pd.DataFrame, *, places: int) -> pd.Series:
    """Return by row the moment of the snapshot of its warehouse so many places before its own."""
    shots = stock[["warehouse", "as_of"]].drop_duplicates().sort_values("as_of")
    moments = shots.groupby("warehouse")["as_of"].shift(places)
    found = pd.Series(moments.to_numpy(), index=pd.MultiIndex.from_frame(shots))
    asked = pd.MultiIndex.from_frame(rows[["warehouse", "as_of"]])
    return pd.Series(found.reindex(asked).to_numpy(), index=rows.index)


def _is_new(coming: pd.DataFrame, stock: pd.DataFrame) -> pd.Series:
    """Whether goods still to come stand otherwise in the snapshot before, or are due by now."""
    parcel = ["warehouse", "sku", "units", "available_on", "as_of"]
    before = coming[parcel].assign(as_of=_neighbour(coming, stock, places=1))
    is_known = pd.MultiIndex.from_frame(before).isin(pd.MultiIndex.from_frame(coming[parcel]))
    return ~(is_known & (coming["available_on"] > coming["as_of"]))


def _newest(stock: pd.DataFrame, scope: Scope, step: int) -> pd.DataFrame:
    places = {shop.warehouse: shop.market for shop in scope.shops}
    known = newest_known(stock, scope.as_of(step), seller=scope.seller)
    known = known[known["warehouse"].isin(places)]
    return known.assign(market=known["warehouse"].map(places).astype("str"))
