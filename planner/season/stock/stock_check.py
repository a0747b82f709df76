"""Stock counts against what is known to have come and gone: the difference nobody explains.

Counts, orders, announced inbound and the warehouse's own movements are held against one another.
Knows nothing of forecasts.
"""

from datetime import date, timedelta

import pandas as pd

from planner import tables
from planner.intake.kinds import kinds
from planner.scope import Scope
from planner.season.stock.counts import told_last

LOOK_BACK = "count_check_days"
"""Rule of `Bounds`: so many days before the looking day are checked at least. [days]"""
DAY = pd.Timedelta(days=1)
SHELVED = "shelved"
OPEN_REASON = "reason.track_inbound_unknown|units={:.0f}"


def check_stock(
    daily: pd.DataFrame,
    stock_history: pd.DataFrame,
    *,
    scope: Scope,
    stock: pd.DataFrame | None = None,
    moves: pd.DataFrame | None = None,
    lines: pd.DataFrame | None = None,
    economics: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return, between each two stock counts of a SKU, units sold against units drawn.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales` as known on the tracking day.
    stock_history : DataFrame
        Table `StockHistory`: sellable units at each day's end, over all markets of the seller.
    scope : Scope
        Counts from the first phase day (or some days before the tracking day, if that is
        earlier) to the tracking day are checked.
    stock : DataFrame, optional
        Table `Stock`: announced inbound; without it `inbound_units` is unknown and empty, but
        where all warehouses tell what they put on the shelf.
    moves : DataFrame, optional
        Table `StockMoves`: what a warehouse says went on the shelf takes the place of what it was
        announced, where it says so at all; what else came and went explains counts too.
    lines : DataFrame, optional
        Table `OrderLines`, bundles exploded: samples, gifts and replacements leave the shelf and
        are no demand. Where movements tell samples, orders do not tell them again.
    economics : DataFrame, optional
        Table `UnitEconomics`: what a unit gone has cost to land, in the cheapest market.
    bounds : DataFrame, optional
        Register `Bounds`: how many days before the tracking day; none where it does not say.

    Returns
    -------
    DataFrame
        Table `StockCheck`, the widest difference first.

    Notes
    -----
    ``unexplained = closing - (opening - sold + inbound + moved)``. Below zero, units left the
    shelf that nobody explains: another channel, damage, samples, or a broken interface. Above
    zero, units appeared that nobody announced: a receipt, a return or a recount. Where inbound is
    unknown, what appeared is unknown too and empty; what is gone is gone at least.

    A warehouse whose movements tell of goods put on the shelf is believed from its first such
    movement on: what it was announced for later days then counts as its movements say, no movement
    being nothing shelved. What other warehouses, and earlier days, were announced counts as
    announced.
    """
    first, end = _check_window(scope, bounds)
    counts = stock_history.sort_values(["sku", "day"])
    counts = counts[(counts["day"] >= pd.Timestamp(first)) & (counts["day"] < pd.Timestamp(end))]
    before = counts.groupby("sku")[["day", "units"]].shift()
    spans = counts.assign(from_on=before["day"], opening_units=before["units"])
    spans = spans.dropna().reset_index(drop=True)
    if spans.empty:
        return tables.empty(tables.StockCheck)
    spans = spans.rename(columns={"day": "to_on", "units": "closing_units"})
    spans["opening_units"] = spans["opening_units"].astype("int64")
    spans["sold_units"] = _between(daily, spans).astype("int64")
    spans["change_units"] = spans["closing_units"] - spans["opening_units"]
    spans["inbound_units"] = _inbound(stock, moves, spans, scope)
    spans["moved_units"] = _moved(moves, lines, spans)
    rest = spans["change_units"] + spans["sold_units"] - spans["moved_units"].fillna(0.0)
    left = rest - spans["inbound_units"].fillna(0.0)
    is_open = spans["inbound_units"].isna() & (left > 0)
    spans["unexplained_units"] = left.mask(is_open)
    gone = spans["unexplained_units"].clip(upper=0).abs()
    spans["gone_cost"] = gone * spans["sku"].map(_landed(economics))
    spans["reason"] = left.map(_check_reason).mask(is_open, left.map(OPEN_REASON.format))
    spans["currency"] = scope.seller.currency
    spans["width"] = -spans["unexplained_units"].abs()
    spans = spans.sort_values(["width", "sku", "to_on"])
    return tables.checked(tables.StockCheck, spans[tables.columns(tables.StockCheck)])


def _inbound(
    stock: pd.DataFrame | None, moves: pd.DataFrame | None, spans: pd.DataFrame, scope: Scope
) -> pd.Series:
    """Return what went on the shelf, as each warehouse says; else what was announced for it."""
    if moves is None:
        return _announced(stock, spans)
    shelved = moves[moves["kind"] == SHELVED]
    since = shelved.groupby("warehouse")["day"].min()
    told = _between(shelved, spans).astype(float)
    if stock is not None:
        first = stock["warehouse"].map(since)
        return told + _announced(stock[~(stock["available_on"] >= first)], spans)
    houses = [house.warehouse for house in scope.seller.warehouses]
    all_tell = since.reindex(houses).max(skipna=False)  # not a time where one of them is silent
    return told.where(spans["from_on"] >= all_tell - DAY)


def _moved(
    moves: pd.DataFrame | None, lines: pd.DataFrame | None, spans: pd.DataFrame
) -> pd.Series:
    """Return what else is known to have come (above zero) and gone, NaN where nobody tells."""
    parts = []
    if moves is not None and len(moves):
        sign = moves["kind"].isin(tables.MOVES_IN).astype(int)
        sign = (sign - moves["kind"].isin(tables.MOVES_OUT)).where(moves["kind"] != SHELVED, 0)
        parts.append(moves[["sku", "day"]].assign(units=moves["units"] * sign))
    if lines is not None:
        parts.append(_given(lines, has_samples=bool(parts) and (moves["kind"] == "sample").any()))
    if not parts:
        return pd.Series(float("nan"), index=spans.index)
    both = pd.concat(parts, ignore_index=True)
    both["day"] = both["day"].astype(spans["to_on"].dtype)
    return _between(both, spans).astype(float)


def _given(lines: pd.DataFrame, *, has_samples: bool) -> pd.DataFrame:
    """Return units that left by orders and are no demand, below zero; what came back is a move."""
    told = kinds()
    leaving = set(told.loc[told["draws_stock"] & ~told["is_demand"], "kind"])
    leaving -= {"sample"} if has_samples else set()
    rows = lines[lines["kind"].isin(leaving)]
    return rows[["sku"]].assign(day=rows["ordered_at"].dt.normalize(), units=-rows["units"])


def _landed(economics: pd.DataFrame | None) -> dict[str, float]:
    return {} if economics is None else economics.groupby("sku")["landed_cost"].min().to_dict()


def _check_window(scope: Scope, bounds: pd.DataFrame | None) -> tuple[date, date]:
    looking = scope.as_of(4)
    end = max(looking.values())
    start = min(scope.plans[market].phases.start for market in looking)
    rows = (
        pd.Series(dtype=float) if bounds is None else bounds.loc[bounds["rule"] == LOOK_BACK, "low"]
    )
    back = timedelta(days=float(rows.iloc[-1]) if len(rows) else 0.0)
    return min(start, end - back) - timedelta(days=1), end


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
    due = told_last(stock)
    pairs = spans[["sku", "from_on", "to_on"]].reset_index(names="place").merge(due, on="sku")
    inside = (pairs["available_on"] > pairs["from_on"]) & (pairs["available_on"] <= pairs["to_on"])
    sums = pairs[inside].groupby("place")["units"].sum()
    return sums.reindex(spans.index, fill_value=0).astype(float)


def _check_reason(units: float) -> str:
    if units == 0:
        return "reason.track_count_agrees"
    term = "reason.track_units_gone" if units < 0 else "reason.track_units_appeared"
    return f"{term}|units={abs(units):.0f}"
