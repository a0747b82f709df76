"""Stock counts against sales: what can be sold today, what will arrive, what is unexplained.

Received is not sellable: only the stage `on_hand` counts as stock. Knows nothing of
forecasts or money.
"""

from datetime import date, timedelta

import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.season.days import KEYS

LOOK_BACK_DAYS = 7
"""Days before a campaign whose stock counts are checked while it has not begun. [days]"""


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
        Its warehouses place stock in markets.
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


def check_stock(
    daily: pd.DataFrame,
    stock_history: pd.DataFrame,
    *,
    scope: Scope,
    stock: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return, between each two stock counts of a SKU, units sold against units drawn.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales` as known on the tracking day.
    stock_history : DataFrame
        Table `StockHistory`: sellable units at each day's end, over all markets of the seller.
    scope : Scope
        Counts from the first phase day (or the week before the tracking day, if that is
        earlier) to the tracking day are checked.
    stock : DataFrame, optional
        Table `Stock`: announced inbound; without it `inbound_units` is unknown and empty.

    Returns
    -------
    DataFrame
        Table `StockCheck`, the widest difference first.

    Notes
    -----
    ``unexplained = closing - (opening - sold + inbound)``. Below zero, units left the shelf that
    no order of these shops explains: another channel, damage, samples, or a broken interface.
    Above zero, units appeared that nobody announced: a receipt, a return or a recount.
    """
    first, end = _check_window(scope)
    counts = stock_history.sort_values(["sku", "day"])
    counts = counts[(counts["day"] >= pd.Timestamp(first)) & (counts["day"] < pd.Timestamp(end))]
    before = counts.groupby("sku")[["day", "units"]].shift()
    spans = counts.assign(from_on=before["day"], opening_units=before["units"]).dropna()
    if spans.empty:
        return tables.empty(tables.StockCheck)
    spans = spans.rename(columns={"day": "to_on", "units": "closing_units"})
    spans["opening_units"] = spans["opening_units"].astype("int64")
    spans["sold_units"] = _between(daily, spans).astype("int64")
    spans["change_units"] = spans["closing_units"] - spans["opening_units"]
    spans["inbound_units"] = _announced(stock, spans)
    inbound = spans["inbound_units"].fillna(0.0)
    spans["unexplained_units"] = spans["change_units"] + spans["sold_units"] - inbound
    spans["reason"] = spans["unexplained_units"].map(_check_reason)
    spans["width"] = -spans["unexplained_units"].abs()
    spans = spans.sort_values(["width", "sku", "to_on"]).drop(columns="width")
    return tables.checked(tables.StockCheck, spans)


def _newest(stock: pd.DataFrame, scope: Scope, step: int) -> pd.DataFrame:
    places = {house.warehouse: house.market for house in scope.seller.warehouses}
    known = stock.assign(market=stock["warehouse"].map(places))
    known = known[known["market"].isin(scope.markets)]
    known = known[known["as_of"] <= pd.to_datetime(known["market"].map(scope.as_of(step)))]
    latest = known.groupby(["market", "sku", "warehouse"])["as_of"].transform("max")
    return known[known["as_of"] == latest].astype({"market": "str"})


def _sold_since(track: pd.DataFrame, held: pd.DataFrame) -> pd.Series:
    sales = track[[*KEYS, "day", "units"]].merge(held[[*KEYS, "counted_on"]], on=KEYS)
    since = sales[sales["day"] >= sales["counted_on"]].groupby(KEYS)["units"].sum()
    keys = pd.MultiIndex.from_frame(held[KEYS])
    return pd.Series(since.reindex(keys, fill_value=0).to_numpy(), index=held.index)


def _check_window(scope: Scope) -> tuple[date, date]:
    looking = scope.as_of(4)
    end = max(looking.values())
    start = min(scope.plans[market].phases.start for market in looking)
    return min(start, end - timedelta(days=LOOK_BACK_DAYS)) - timedelta(days=1), end


def _between(daily: pd.DataFrame, spans: pd.DataFrame) -> pd.Series:
    """Return the units of each span's SKU sold after its first and up to its last count day."""
    sold = daily.groupby(["sku", "day"])["units"].sum().sort_index()
    totals = sold.groupby(level="sku").cumsum().rename("total").reset_index()
    return _up_to(totals, spans, "to_on") - _up_to(totals, spans, "from_on")


def _up_to(totals: pd.DataFrame, spans: pd.DataFrame, column: str) -> pd.Series:
    asked = spans[["sku", column]].rename(columns={column: "day"}).sort_values("day")
    found = pd.merge_asof(
        asked.reset_index(names="place"), totals.sort_values("day"), on="day", by="sku"
    )
    return found.set_index("place")["total"].fillna(0).reindex(spans.index)


def _announced(stock: pd.DataFrame | None, spans: pd.DataFrame) -> pd.Series:
    if stock is None:
        return pd.Series(float("nan"), index=spans.index)
    due = stock[(stock["stage"] != "on_hand") & stock["available_on"].notna()]
    due = due.sort_values("as_of").drop_duplicates(
        ["sku", "warehouse", "available_on"], keep="last"
    )
    pairs = spans[["sku", "from_on", "to_on"]].reset_index(names="place").merge(due, on="sku")
    inside = (pairs["available_on"] > pairs["from_on"]) & (pairs["available_on"] <= pairs["to_on"])
    sums = pairs[inside].groupby("place")["units"].sum()
    return sums.reindex(spans.index, fill_value=0).astype(float)


def _check_reason(units: float) -> str:
    if units == 0:
        return "reason.track_count_agrees"
    term = "reason.track_units_gone" if units < 0 else "reason.track_units_appeared"
    return f"{term}|units={abs(units):.0f}"
