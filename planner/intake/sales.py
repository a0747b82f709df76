"""From order lines to daily sales: what was known on a day, by shop, SKU and day of its calendar.

Days without a sale are days with zero; days without stock and days of a promotion are marked,
never removed. Nothing here forecasts.
"""

from collections.abc import Mapping
from datetime import date

import numpy as np
import pandas as pd

from planner.errors import InputError
from planner.intake.stock_outs import stock_out_days
from planner.tables.contract import checked, columns, empty
from planner.tables.intake import DailySales, HourProfile, OrderLines

HOURS = pd.DataFrame({"hour": range(24)})
KEY = ["shop", "market", "sku"]
PHASE_ORDER = {"sale": 0, "warm_up": 1, "tail": 2}
"""Where two promotions overlap, the one that moves demand most names the day."""


def as_known(lines: pd.DataFrame, as_of: Mapping[str, date]) -> pd.DataFrame:
    """Return the order lines as they stood on a day, later events undone.

    Parameters
    ----------
    lines : DataFrame
        Keeps the contract OrderLines; may run past the day.
    as_of : mapping of market to date
        The day each market is looked at from; that day and later are not known. Lines of a
        market that is not named are left out.

    Returns
    -------
    DataFrame
        Keeps the contract OrderLines: lines ordered before the day. A payment, shipment or
        cancellation dated on the day or after it has not happened; units of an order that had
        not left by then have not come back.

    Raises
    ------
    InputError
        If all orders are later than the day.

    Notes
    -----
    An order whose cancellation is undone counts as demand if it was paid or shipped by the day,
    or if the shop has live orders without a payment moment (cash on delivery); else it is
    unpaid. A cancellation without a moment of its own stays: when it happened is unknown.
    """
    day = lines["market"].map({market: pd.Timestamp(on) for market, on in as_of.items()})
    day = day.astype("datetime64[us]")
    known = lines[lines["ordered_at"] < day].copy()
    _refuse_before_the_first_order(lines.loc[day.notna(), "ordered_at"], known, as_of)
    day = day[known.index]
    is_undone = known["cancelled_at"] >= day
    for name in ("paid_at", "shipped_at", "cancelled_at"):
        known[name] = known[name].where(known[name] < day)
    is_out = known["shipped_at"].notna()
    trusting = lines.loc[(lines["not_demand"] == "") & lines["paid_at"].isna(), "shop"].unique()
    is_firm = known["paid_at"].notna() | is_out | known["shop"].isin(trusting)
    was_sample = is_undone & (known["gross_minor"] == 0)
    known["status"] = (
        known["status"]
        .mask(is_undone | _has_happened_since(lines, known, "shipped_at"), "to_ship")
        .mask(is_undone & is_out, "shipped")
        .mask(is_undone & ~is_firm, "unpaid")
    )
    known["not_demand"] = (
        known["not_demand"]
        .mask(is_undone, "")
        .mask(is_undone & ~is_firm, "unpaid")
        .mask(was_sample & is_firm, "sample")
    )
    had_left = is_out | lines.loc[known.index, "shipped_at"].isna()
    known["returned_units"] = known["returned_units"].where(had_left, 0)
    return checked(OrderLines, known)


def daily_sales(
    lines: pd.DataFrame,
    *,
    bundles: pd.DataFrame,
    events: pd.DataFrame,
    stock_history: pd.DataFrame,
    until: Mapping[str, date],
) -> pd.DataFrame:
    """Return units and revenue per shop, SKU and day, every day from the first sale on.

    Parameters
    ----------
    lines, bundles, events, stock_history : DataFrame
        Keep their contracts. Times of lines are the shop's own clock, so a day is its day.
    until : mapping of market to date
        First day that is not known any more; markets that are not named are left out.

    Returns
    -------
    DataFrame
        Keeps the contract DailySales, sorted by shop, SKU and day. `units` are demand;
        `cancelled_units` were ordered and later cancelled, samples apart.

    Notes
    -----
    A bundle sold is its components sold: units times units per bundle, revenue split by units,
    the remainder of the division on the first component, so that no minor unit is lost.
    """
    last = lines["market"].map({market: pd.Timestamp(on) for market, on in until.items()})
    sold = lines[lines["ordered_at"] < last.astype("datetime64[us]")]
    is_demand = sold["not_demand"] == ""
    is_cancelled = (sold["not_demand"] == "cancelled") & (sold["gross_minor"] != 0)
    by_day = pd.DataFrame(
        {
            **{name: sold[name] for name in KEY},
            "day": sold["ordered_at"].dt.normalize(),
            "units": sold["units"].where(is_demand, 0),
            "revenue_minor": sold["amount_minor"].where(is_demand, 0),
            "cancelled_units": sold["units"].where(is_cancelled, 0),
        }
    )
    summed = by_day.groupby([*KEY, "day"], as_index=False).sum()
    summed = _exploded(summed, bundles)
    if not (summed["units"] > 0).any():
        return empty(DailySales)
    whole = _with_every_day(summed, until)
    named = _with_events(whole, events)
    named["is_stock_out"] = stock_out_days(named, stock_history)
    return checked(DailySales, named[columns(DailySales)])


def hour_profile(lines: pd.DataFrame) -> pd.DataFrame:
    """Return for each shop the share of demand units by hour of its own clock.

    Returns
    -------
    DataFrame
        Keeps the contract HourProfile: 24 rows for every shop with demand; shares add up to 1.
    """
    demand = lines[lines["not_demand"] == ""]
    if demand.empty:
        return empty(HourProfile)
    hours = demand["ordered_at"].dt.hour.astype("int64").rename("hour")
    counts = demand.groupby(["shop", "market", hours])["units"].sum()
    shops = demand[["shop", "market"]].drop_duplicates().merge(HOURS, how="cross")
    rows = shops.merge(counts.reset_index(), on=["shop", "market", "hour"], how="left")
    units = rows["units"].fillna(0).astype("int64")
    rows = rows.assign(units=units, share_rate=units / units.groupby(rows["shop"]).transform("sum"))
    return checked(HourProfile, rows)


def _refuse_before_the_first_order(
    moments: pd.Series, known: pd.DataFrame, as_of: Mapping[str, date]
) -> None:
    if len(moments) and known.empty:
        first = moments.min().date()
        raise InputError(
            f"the day to look from, {max(as_of.values())}, lies before the seller's first order "
            f"({first}): nothing is known on it; give a later day, or add older exports"
        )


def _has_happened_since(lines: pd.DataFrame, known: pd.DataFrame, name: str) -> pd.Series:
    later = lines.loc[known.index, name].notna() & known[name].isna()
    return later & known["status"].isin(("shipped", "delivered", "completed"))


def _exploded(summed: pd.DataFrame, bundles: pd.DataFrame) -> pd.DataFrame:
    if not summed["sku"].isin(bundles["sku"]).any():
        return summed
    is_bundle = summed["sku"].isin(bundles["sku"])
    parts = bundles.sort_values(["sku", "component"]).rename(columns={"units": "per_bundle"})
    parts = parts.assign(
        in_bundle=parts.groupby("sku")["per_bundle"].transform("sum"),
        is_first=~parts.duplicated("sku"),
    )
    sold = summed[is_bundle].reset_index(names="line").merge(parts, on="sku")
    share = sold["revenue_minor"] * sold["per_bundle"] // sold["in_bundle"]
    rest = sold["revenue_minor"] - share.groupby(sold["line"]).transform("sum")
    exploded = sold.assign(
        sku=sold["component"],
        units=sold["units"] * sold["per_bundle"],
        cancelled_units=sold["cancelled_units"] * sold["per_bundle"],
        revenue_minor=share + rest.where(sold["is_first"], 0),
    )
    both = pd.concat([summed[~is_bundle], exploded[summed.columns]])
    return both.groupby([*KEY, "day"], as_index=False).sum()


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


def _with_events(whole: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    length = (events["ends_on"] - events["starts_on"]).dt.days.to_numpy() + 1
    days = events.loc[np.repeat(events.index, length), ["market", "event", "phase", "starts_on"]]
    step = np.arange(len(days)) - np.repeat(np.cumsum(length) - length, length)
    days = days.assign(
        day=days["starts_on"] + pd.to_timedelta(step, unit="D").astype("timedelta64[us]"),
        rank=days["phase"].map(PHASE_ORDER),
    )
    order = ["market", "day", "rank", "starts_on", "event"]
    days = days.sort_values(order, ascending=[True, True, True, False, True])
    named = days.drop_duplicates(["market", "day"])[["market", "day", "event", "phase"]]
    found = whole.merge(named, on=["market", "day"], how="left")
    return found.assign(event=found["event"].fillna(""), phase=found["phase"].fillna(""))
