"""Orders: how units sold become order lines, with their clock, money and fate.

One row per order line. Lines that are no demand (cancelled before shipping,
never paid, refused at the door, free samples) come on top of the sales the
warehouse saw, and bear their fate by name.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.world_demand import days_of, phase_days
from benchmarks.world_specs import PRICE_STEP_MINOR, Spec
from benchmarks.world_stock import Stock

FATES = ("sold", "refused", "sample", "cancelled", "unpaid")
HOUR_WEIGHTS = (
    1.6, 0.8, 0.5, 0.3, 0.25, 0.3, 0.6, 1.2, 1.8, 2.4, 3.0, 3.4,
    4.0, 3.6, 3.2, 3.1, 3.3, 3.8, 4.5, 5.6, 6.8, 7.2, 5.8, 3.2,
)  # fmt: skip
"""Orders by hour of the shop's clock on ordinary days. [unitless]"""
MIDNIGHT_WEIGHTS = (14.0, 5.0, 1.5)
"""First hours of a first sale day: vouchers open at midnight. [unitless]"""
SAME_LINE_RATE = 0.1
"""Share of further units that join the line before. [unitless]"""
SAME_ORDER_RATE = 0.1
CHANNELS = ("video", "live", "mall")
CHANNEL_SHARES = (0.45, 0.25, 0.3)
SALE_CHANNEL_SHARES = (0.35, 0.45, 0.2)
VOUCHER_RATE = 0.2
"""Share of lines on which the platform pays a voucher; only TikTok's file shows it. [unitless]"""
VOUCHER_RATIO = 0.05
QUIET_DISCOUNT = 0.05
"""Seller's discount in warm-ups and tails. [unitless]"""
FIRST_ID = 576_000_000_000_000_000
IDS_PER_SECOND = 150_000_000
HOUR = 3600
DAY = 24 * HOUR


class Cells(NamedTuple):
    """Where a unit was ordered: shop, listing and day, each an index."""

    shop: np.ndarray
    listing: np.ndarray
    day: np.ndarray


def draw_orders(
    spec: Spec, demand_units: np.ndarray, stock: Stock, rng: np.random.Generator
) -> pd.DataFrame:
    """Return every order line of one world, sorted by shop and time.

    Returns
    -------
    DataFrame
        shop (index), order_id, sku (index of the listing), units, fate, returned_units, times
        from `ordered_at` to `returned_at` (NaT: never), money in minor units, channel, is_cash.
    """
    habits = spec.habits
    extra = {
        "cancelled": rng.poisson(np.round(habits.cancel_rate * stock.sold_units, 6)),
        "unpaid": rng.poisson(np.round(habits.unpaid_rate * stock.sold_units, 6)),
    }
    known = {"sold": stock.sold_units, "refused": stock.refused_units, "sample": stock.sample_units}
    full_rate = np.where(demand_units > 0, stock.sold_units / np.maximum(demand_units, 1), 1.0)
    parts = [_lines(spec, units, fate, full_rate, rng) for fate, units in (known | extra).items()]
    lines = pd.concat(parts, ignore_index=True)
    lines = lines.sort_values(["shop", "second", "sku", "fate"], ignore_index=True)
    lines = _in_orders(lines, rng)
    lines["returned_units"] = _returned(lines, stock.returned_units)
    lines = _priced(spec, lines, rng)
    lines["channel"] = _channels(spec, lines, rng)
    pays_cash = (rng.random(len(lines)) < habits.cash_rate) & (lines["fate"] != "unpaid")
    lines["is_cash"] = _per_order(lines, pays_cash.to_numpy())
    return _timed(spec, lines, rng)


def hour_shares() -> np.ndarray:
    """Return the share of ordinary orders by hour [unitless], shape (24,)."""
    weights = np.array(HOUR_WEIGHTS)
    return weights / weights.sum()


def _lines(
    spec: Spec, units: np.ndarray, fate: str, full_rate: np.ndarray, rng: np.random.Generator
) -> pd.DataFrame:
    cells = Cells(*(np.repeat(index, units[units > 0]) for index in np.nonzero(units)))
    n_unit = len(cells.day)
    same = np.zeros(n_unit, dtype=bool)
    for index in cells:
        same[1:] |= index[1:] != index[:-1]
    joins = ~same & (rng.random(n_unit) < SAME_LINE_RATE)
    joins[:1] = False
    first = np.flatnonzero(~joins)
    counts = np.diff(np.append(first, n_unit))
    shop, sku, day = (index[first] for index in cells)
    open_share = full_rate[shop, sku, day]
    second = _seconds(spec, day, rng.random(len(first)) * open_share)
    return pd.DataFrame(
        {"shop": shop, "sku": sku, "day": day, "units": counts, "fate": fate, "second": second}
    )


def _seconds(spec: Spec, day: np.ndarray, quantile: np.ndarray) -> np.ndarray:
    """Return seconds since the first day; on days that sold out only the early ones."""
    first_days = [np.flatnonzero(phase_days(days_of(spec), it)["sale"])[0] for it in spec.promos]
    rush = np.array(HOUR_WEIGHTS)
    rush[: len(MIDNIGHT_WEIGHTS)] = MIDNIGHT_WEIGHTS
    clocks = [np.append(0, np.cumsum(w / w.sum())) for w in (np.array(HOUR_WEIGHTS), rush)]
    edges = np.arange(25) * HOUR
    is_rush = np.isin(day, first_days)
    second = np.where(
        is_rush, np.interp(quantile, clocks[1], edges), np.interp(quantile, clocks[0], edges)
    )
    return day * DAY + np.minimum(second.astype(int), DAY - 1)


def _in_orders(lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Join some neighbours into one order: same shop, day and fate, another SKU."""
    before = lines.shift(1)
    alike = (lines[["shop", "day", "fate"]] == before[["shop", "day", "fate"]]).all(axis=1)
    can_join = alike & (lines["sku"] != before["sku"]) & (lines["fate"] == "sold")
    joins = can_join & (rng.random(len(lines)) < SAME_ORDER_RATE)
    joins &= ~joins.shift(1, fill_value=False)
    order = (~joins).cumsum()
    first = lines.groupby(order)["second"].transform("first")
    ids = _order_ids(first[~joins].to_numpy(), rng)
    return lines.assign(second=first, order_id=ids[order.to_numpy() - 1])


def _order_ids(second: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return 18-digit numbers that grow with time, all different, none ending in 000."""
    ids = FIRST_ID + second * IDS_PER_SECOND + rng.integers(1, IDS_PER_SECOND, len(second))
    ids = np.where(ids % 1000 == 0, ids + 1, ids)
    if len(np.unique(ids)) < len(ids):
        raise ValueError("two orders bear the same id; use another seed")
    return ids


def _returned(lines: pd.DataFrame, returned: np.ndarray) -> np.ndarray:
    """Spread the returned units of each shop, listing and day over its lines, late ones first."""
    is_sold = lines["fate"] == "sold"
    sold = lines[is_sold]
    cell = ["shop", "sku", "day"]
    total = returned[tuple(sold[name].to_numpy() for name in cell)]
    before = sold.groupby(cell)["units"].cumsum() - sold["units"]
    units = np.zeros(len(lines), dtype=int)
    units[is_sold] = np.clip(total - before.to_numpy(), 0, sold["units"])
    return units


def _priced(spec: Spec, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    price = np.array([item.price_minor for item in spec.listings])[lines["sku"]]
    promo_price = np.array([item.promo_price_minor for item in spec.listings])[lines["sku"]]
    phase = _phase_of(spec)[lines["day"]]
    step = PRICE_STEP_MINOR[spec.seller.currency]
    quiet = np.round(price * QUIET_DISCOUNT / step).astype(int) * step
    cut = np.select([phase == "sale", phase != ""], [price - promo_price, quiet], 0)
    is_sample = (lines["fate"] == "sample").to_numpy()
    price, cut = np.where(is_sample, 0, price), np.where(is_sample, 0, cut)
    shows_vouchers = np.array([shop.platform == "tiktok" for shop in spec.shops])[lines["shop"]]
    has_voucher = shows_vouchers & (rng.random(len(lines)) < VOUCHER_RATE)
    voucher = np.where(has_voucher, VOUCHER_RATIO * (price - cut), 0)
    voucher = np.round(voucher / step).astype(int) * step
    units = lines["units"].to_numpy()
    return lines.assign(
        price_minor=price,
        gross_minor=price * units,
        platform_minor=voucher * units,
        seller_minor=cut * units,
        net_minor=(price - cut - voucher) * units,
    )


def _phase_of(spec: Spec) -> np.ndarray:
    days = days_of(spec)
    phase = np.full(len(days), "", dtype="U8")
    for promo in spec.promos:
        for name, chosen in phase_days(days, promo).items():
            phase[chosen] = name
    return phase


def _channels(spec: Spec, lines: pd.DataFrame, rng: np.random.Generator) -> np.ndarray:
    luck = rng.random(len(lines))
    in_sale = _phase_of(spec)[lines["day"]] == "sale"
    ordinary = np.searchsorted(np.cumsum(CHANNEL_SHARES)[:-1], luck, side="right")
    selling = np.searchsorted(np.cumsum(SALE_CHANNEL_SHARES)[:-1], luck, side="right")
    return _per_order(lines, np.array(CHANNELS)[np.where(in_sale, selling, ordinary)])


def _per_order(lines: pd.DataFrame, values: np.ndarray) -> np.ndarray:
    return pd.Series(values).groupby(lines["order_id"].to_numpy()).transform("first").to_numpy()


def _timed(spec: Spec, lines: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Add what happened when, in the shop's own clock; NaT is never."""
    n_line = len(lines)

    def after(start: np.ndarray, low: float, high: float) -> np.ndarray:
        return start + _per_order(lines, rng.integers(int(low), int(high), n_line))

    ordered = lines["second"].to_numpy()
    ready = after(ordered, 2 * HOUR, 22 * HOUR)
    shipped = after(ready, HOUR, 14 * HOUR)
    delivered = after(shipped, 1.2 * DAY, 4.5 * DAY)
    paid = np.where(lines["is_cash"], delivered, after(ordered, 5, 90))
    cancelled = np.select(
        [lines["fate"] == "cancelled", lines["fate"] == "unpaid", lines["fate"] == "refused"],
        [after(ordered, 1800, 2 * HOUR), ordered + 2 * DAY, after(shipped, 2 * DAY, 5 * DAY)],
    )
    fate = lines["fate"]
    goes = fate.isin(["sold", "sample", "refused"])
    comes = fate.isin(["sold", "sample"])
    times = {
        "ordered_at": (ordered, fate != ""),
        "paid_at": (paid, (fate != "unpaid") & ((~lines["is_cash"]) | comes)),
        "ready_at": (ready, goes),
        "shipped_at": (shipped, goes),
        "delivered_at": (delivered, comes),
        "completed_at": (after(delivered, 5 * DAY, 7 * DAY), comes),
        "cancelled_at": (cancelled, fate.isin(["cancelled", "unpaid", "refused"])),
        "returned_at": (after(delivered, DAY, 7 * DAY), lines["returned_units"] > 0),
    }
    start = pd.Timestamp(spec.starts_on).as_unit("us")
    stamps = {
        name: (start + pd.Series(pd.to_timedelta(second, unit="s"))).where(happens)
        for name, (second, happens) in times.items()
    }
    return lines.assign(**stamps).drop(columns="second")
