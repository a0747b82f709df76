"""From order lines to daily sales: by shop, SKU and day of the shop's calendar.

Days without a sale are days with zero; days without stock and days of a promotion are marked,
never removed. Nothing here forecasts.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.intake.bundles import explode
from planner.intake.kinds import CANCELLED
from planner.intake.plans import events_joined
from planner.intake.stock_outs import stock_outs
from planner.tables.contract import checked, columns, empty
from planner.tables.intake import DailySales
from planner.tables.promotions import CampaignsJoined

KEY = ["shop", "market", "sku"]
SHOP_DAY = ["shop", "day"]
SALE = ["event", "market", "sale_on"]
YEAR = r"^20\d{2}-"
PHASE_ORDER = {"sale": 0, "warm_up": 1, "tail": 2}
"""Where two promotions overlap, the one that moves demand most names the day."""
ORDER_MOMENT = [*KEY, "ordered_at", "units"]


class DemandRead(NamedTuple):
    """Daily sales, and what was found of stock on the way: `demand_trail` need not ask again."""

    daily: pd.DataFrame
    """Keeps the contract DailySales."""
    stock: pd.DataFrame
    """`stock_outs.stock_outs` of it, row by row."""


def daily_sales(
    lines: pd.DataFrame,
    *,
    bundles: pd.DataFrame,
    events: pd.DataFrame,
    stock_history: pd.DataFrame,
    until: Mapping[str, date],
    joined: pd.DataFrame | None = None,
    uncovered: pd.DataFrame | None = None,
    catalogue: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return units and revenue per shop, SKU and day, every day from the first sale on.

    Parameters
    ----------
    lines, bundles, events, stock_history : DataFrame
        Keep their contracts. Times of lines are the shop's own clock, so a day is its day.
    until : mapping of market to date
        First day that is not known any more; markets that are not named are left out.
    joined : DataFrame, optional
        Keeps the contract CampaignsJoined: a promotion that a SKU did not join does not name its
        days.
    uncovered : DataFrame, optional
        `shop` and `day` of days that no export covers: without an order they are unknown, not
        zero, and have no row. With `reason`, a day ``one_status`` has none in any case: the
        exports hold a part of its orders.
    catalogue : DataFrame, optional
        Keeps the contract Catalogue: its list prices share a bundle's money among its components.

    Returns
    -------
    DataFrame
        Keeps the contract DailySales, sorted by shop, SKU and day. `units` are demand;
        `cancelled_units` were ordered and later cancelled, samples apart. `is_stock_out` is
        `stock_outs.stock_outs`: lack of stock cut the day, more likely than not.

    Notes
    -----
    A bundle sold is its components sold: units times units per bundle, revenue split by list
    price, or by units where one of its prices is unknown, the remainder of the division on the
    first component, so that no minor unit is lost. Amounts
    that an export does not tell add nothing to `revenue_minor`.
    """
    return read_demand(
        lines,
        bundles=bundles,
        events=events,
        stock_history=stock_history,
        until=until,
        joined=joined,
        uncovered=uncovered,
        catalogue=catalogue,
    ).daily


def read_demand(
    lines: pd.DataFrame,
    *,
    bundles: pd.DataFrame,
    events: pd.DataFrame,
    stock_history: pd.DataFrame,
    until: Mapping[str, date],
    joined: pd.DataFrame | None = None,
    uncovered: pd.DataFrame | None = None,
    catalogue: pd.DataFrame | None = None,
) -> DemandRead:
    """Return `daily_sales` of the same arguments and the stock-outs found on the way."""
    sold = sold_before(lines, {market: pd.Timestamp(on) for market, on in until.items()})
    amounts, counts = ["revenue_minor"], ["units", "cancelled_units"]
    prices = None if catalogue is None else catalogue.set_index("sku")["price"]
    summed = explode(_summed(sold), bundles, counts=counts, amounts=amounts, prices=prices)
    summed = summed.groupby([*KEY, "day"], as_index=False, observed=True).sum()
    whole = _with_every_day(summed, until)
    if uncovered is not None and len(uncovered):
        whole = _without(whole, uncovered)
    if whole.empty:
        none = empty(DailySales)
        return DemandRead(none, stock_outs(none, stock_history))
    named = _with_events(whole, events, empty(CampaignsJoined) if joined is None else joined)
    told = stock_outs(named, stock_history, lines=order_moments(sold, bundles))
    named["is_stock_out"] = told["is_stock_out"].to_numpy(dtype=bool)
    return DemandRead(checked(DailySales, named[columns(DailySales)]), told)


def sold_before(lines: pd.DataFrame, ends: Mapping[str, pd.Timestamp]) -> pd.DataFrame:
    """Return the lines ordered before their market's end; markets that have none are left out."""
    codes, markets = pd.factorize(lines["market"])
    last = pd.DatetimeIndex([ends.get(name, pd.NaT) for name in markets]).as_unit("us")
    before = np.zeros(len(lines), dtype=bool)
    for code in np.flatnonzero(last.notna()):
        before |= (codes == code) & (lines["ordered_at"] < last[code]).to_numpy(dtype=bool)
    return lines if before.all() else lines[before]


def order_moments(lines: pd.DataFrame, bundles: pd.DataFrame) -> pd.DataFrame:
    """Return which SKU could be ordered when: every order, cancelled too, bundles exploded."""
    return explode(lines[ORDER_MOMENT], bundles)


def _summed(sold: pd.DataFrame) -> pd.DataFrame:
    is_demand = sold["is_demand"]
    is_paid_for = sold["gross_minor"].ne(0).fillna(True).astype(bool)
    is_cancelled = sold["kind"].isin(CANCELLED) & is_paid_for
    amount = sold["amount_minor"].fillna(0).astype("int64")
    by_day = pd.DataFrame(
        {
            **{name: sold[name] for name in KEY},
            "day": sold["ordered_at"].dt.normalize(),
            "units": sold["units"].where(is_demand, 0),
            "revenue_minor": amount.where(is_demand, 0),
            "cancelled_units": sold["units"].where(is_cancelled, 0),
        }
    )
    return by_day.groupby([*KEY, "day"], as_index=False).sum()


def _with_every_day(summed: pd.DataFrame, until: Mapping[str, date]) -> pd.DataFrame:
    first = summed[summed["units"] > 0].groupby(KEY, as_index=False)["day"].min()
    last = pd.to_datetime(first["market"].map(dict(until))) - pd.Timedelta(days=1)
    length = (last - first["day"]).dt.days.to_numpy() + 1
    rows = first.loc[np.repeat(first.index, length)].reset_index(drop=True)
    step = np.arange(len(rows)) - np.repeat(np.cumsum(length) - length, length)
    rows["day"] = rows["day"] + pd.to_timedelta(step, unit="D").astype("timedelta64[us]")
    whole = rows.merge(summed, on=[*KEY, "day"], how="left").sort_values(
        ["shop", "sku", "day"], ignore_index=True
    )
    counts = ["units", "revenue_minor", "cancelled_units"]
    return whole.assign(**{name: whole[name].fillna(0).astype("int64") for name in counts})


def _without(whole: pd.DataFrame, uncovered: pd.DataFrame) -> pd.DataFrame:
    """Return the days that are known: covered by an export, and by one of all statuses."""
    days = pd.MultiIndex.from_frame(whole[SHOP_DAY])
    is_gap = days.isin(_days_of(uncovered))
    is_part = np.zeros(len(whole), dtype=bool)
    if "reason" in uncovered:
        is_part = days.isin(_days_of(uncovered[uncovered["reason"] == "one_status"]))
    is_idle = (whole["units"] == 0) & (whole["cancelled_units"] == 0)
    return whole[~(is_gap & (is_idle | is_part))].reset_index(drop=True)


def _days_of(uncovered: pd.DataFrame) -> pd.MultiIndex:
    days = uncovered[SHOP_DAY].astype({"day": "datetime64[us]"})
    return pd.MultiIndex.from_frame(days)


def _with_events(whole: pd.DataFrame, events: pd.DataFrame, joined: pd.DataFrame) -> pd.DataFrame:
    kept, exceptions = events_joined(events, _as_called(joined, events))
    days = _event_days(kept)
    exceptions = exceptions.rename(columns={"starts_on": "sale_on"})
    usual = _named(days, exceptions[exceptions["sku"] == ""])
    found = whole.merge(usual, on=["market", "day"], how="left")
    alike: dict[tuple[tuple[object, ...], ...], list[str]] = {}
    for sku, own in exceptions[exceptions["sku"] != ""].groupby("sku", sort=False):
        said = own[[*SALE, "is_joined"]].sort_values([*SALE, "is_joined"])
        alike.setdefault(tuple(said.itertuples(index=False, name=None)), []).append(str(sku))
    for skus in alike.values():  # SKUs of which the same is true are named together
        own = exceptions[exceptions["sku"] == skus[0]]
        usually_not = exceptions[(exceptions["sku"] == "")].merge(
            own.loc[own["is_joined"], SALE], on=SALE, how="left", indicator=True
        )
        left_out = usually_not[usually_not["_merge"] == "left_only"]
        mine = _named(days, pd.concat([left_out[SALE], own.loc[~own["is_joined"], SALE]]))
        here = found["sku"].isin(skus)
        rows = found.loc[here, ["market", "day"]].merge(mine, on=["market", "day"], how="left")
        found.loc[here, ["event", "phase"]] = rows[["event", "phase"]].to_numpy()
    return found.assign(event=found["event"].fillna(""), phase=found["phase"].fillna(""))


def _as_called(joined: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return what was joined by the names of the calendar: the 9.9 of 2025 may be "2025-9.9"."""
    names = events[["event", "market"]].drop_duplicates()
    names = names.assign(plain=names["event"].str.replace(YEAR, "", regex=True))
    said = joined.assign(plain=joined["event"].str.replace(YEAR, "", regex=True))
    both = said.drop(columns="event").merge(names, on=["plain", "market"])
    return both[[*joined.columns]]


def _event_days(events: pd.DataFrame) -> pd.DataFrame:
    """Return every day of every phase, the one that names a day first, with its sale's start."""
    length = (events["ends_on"] - events["starts_on"]).dt.days.to_numpy() + 1
    names = ["market", "event", "phase", "starts_on"]
    phases = events[names].reset_index(names="place")
    sales = phases.loc[phases["phase"] == "sale", ["market", "event", "starts_on"]]
    pairs = phases.merge(
        sales.rename(columns={"starts_on": "sale_on"}), on=["market", "event"], how="left"
    )
    pairs["apart"] = (pairs["starts_on"] - pairs["sale_on"]).abs()
    phases = pairs.sort_values(["place", "apart"]).drop_duplicates("place").set_index("place")
    days = phases.loc[np.repeat(events.index, length)].reset_index(drop=True)
    step = np.arange(len(days)) - np.repeat(np.cumsum(length) - length, length)
    days = days.assign(
        day=days["starts_on"] + pd.to_timedelta(step, unit="D").astype("timedelta64[us]"),
        rank=days["phase"].map(PHASE_ORDER),
    )
    order = ["market", "day", "rank", "starts_on", "event"]
    return days.sort_values(order, ascending=[True, True, True, False, True])


def _named(days: pd.DataFrame, left_out: pd.DataFrame) -> pd.DataFrame:
    gone = left_out[SALE].drop_duplicates().assign(is_gone=True)
    kept = days.merge(gone, on=SALE, how="left")["is_gone"].isna().to_numpy()
    named = days[kept].drop_duplicates(["market", "day"])
    return named[["market", "day", "event", "phase"]]
