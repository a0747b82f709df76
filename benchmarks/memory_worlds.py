"""Providers with many sellers whose promotions follow one truth: what memory could learn from.

A world draws how strong categories, markets and price bands are, then sellers, then SKUs. The
sellers sell through one promotion; a second one lies ahead. What the planner sees is daily sales.
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import read_campaign
from planner.scope import Scope, scope_of
from planner.seller import read_seller

MARKETS = {"TH": ("THB", "Asia/Bangkok"), "ID": ("IDR", "Asia/Jakarta")}
CATEGORIES = ("home", "beauty", "small_appliance")
FIRST_ON = pd.Timestamp("2025-03-01").as_unit("us")
EVENTS = {"sep": ("9.9", date(2025, 8, 10), 9), "nov": ("11.11", date(2025, 10, 10), 11)}
"""By campaign: its event, the planning day, and month and day of the sale."""
SALE_DAYS = 4
WEEKDAY = np.array([0.9, 0.9, 0.95, 1.0, 1.05, 1.1, 1.1])
DAY_SHAPE = np.array([1.5, 0.95, 0.8, 0.75])
"""Days of a sale against an even day; they average 1."""
BAND_EFFECTS = {0: 0.12, 1: 0.0, 2: -0.12}
"""Log uplift of cheap, middle and dear SKUs."""


@dataclass(frozen=True)
class Truths:
    """How a provider's world differs from another; spreads in log units."""

    base: float = 2.0
    """Uplift round which a world's own is drawn; the register's."""
    base_sd: float = 0.45
    category_sd: float = 0.25
    market_sd: float = 0.15
    seller_sd: float = 0.3
    sku_sd: float = 0.25
    event_sd: float = 0.12
    seller_event_sd: float = 0.08
    n_sellers: int = 12
    n_skus: int = 18


WORLDS = {
    "as the register expects": Truths(),
    "sellers far apart": Truths(category_sd=0.1, seller_sd=0.6),
    "the register is right": Truths(base_sd=0.0, category_sd=0.05, market_sd=0.05),
    "six sellers": Truths(n_sellers=6),
}


class Shop(NamedTuple):
    """One seller of a world."""

    name: str
    market: str
    catalogue: pd.DataFrame
    level: np.ndarray
    """[units/day], shape (n_skus,)."""
    ratio: dict[str, np.ndarray]
    """By campaign, the true uplift of each SKU's sale."""
    units: dict[str, np.ndarray]
    """What was sold on all days, shape (n_skus, n_days): with both promotions, or with the
    second alone."""


def provider(truths: Truths, seed: int) -> list[Shop]:
    """Return the sellers of one world."""
    rng = np.random.default_rng([seed, 77])
    base = np.log(truths.base) + rng.normal(0, truths.base_sd)
    category = dict(
        zip(CATEGORIES, rng.normal(0, truths.category_sd, len(CATEGORIES)), strict=True)
    )
    market = dict(zip(MARKETS, rng.normal(0, truths.market_sd, len(MARKETS)), strict=True))
    shock = {name: rng.normal(0, truths.event_sd) for name in EVENTS}
    return [
        _shop(f"seller-{number:02d}", truths, base, category, market, shock, rng, number)
        for number in range(truths.n_sellers)
    ]


def days_of(shop: Shop) -> pd.DatetimeIndex:
    """Return the days of a seller's history."""
    return pd.date_range(FIRST_ON, periods=shop.units["both"].shape[1], unit="us")


def sale_of(campaign: str) -> pd.DatetimeIndex:
    """Return the sale days of a campaign."""
    month = EVENTS[campaign][2]
    return pd.date_range(f"2025-{month:02d}-{month:02d}", periods=SALE_DAYS, unit="us")


def daily_of(shop: Shop, *, until: date, joined: bool) -> pd.DataFrame:
    """Return `DailySales` of the days before one, with the first promotion or without it."""
    days = days_of(shop)
    seen = days < pd.Timestamp(until)
    units = shop.units["both" if joined else "second"][:, seen]
    event, phase = np.full(len(days), "", dtype=object), np.full(len(days), "", dtype=object)
    for campaign, (name, *_) in EVENTS.items():
        if joined or campaign != "sep":
            inside = days.isin(sale_of(campaign))
            event[inside], phase[inside] = name, "sale"
    skus = shop.catalogue["sku"].to_numpy()
    frame = pd.DataFrame(
        {
            "shop": f"{shop.name}-shop",
            "market": shop.market,
            "sku": np.repeat(skus, seen.sum()),
            "day": np.tile(days[seen], len(skus)),
            "units": units.reshape(-1),
            "revenue_minor": 0,
            "cancelled_units": 0,
            "is_stock_out": False,
            "event": np.tile(event[seen], len(skus)).astype(str),
            "phase": np.tile(phase[seen], len(skus)).astype(str),
        }
    )
    return tables.checked(tables.DailySales, frame)


def scope_in(shop: Shop, campaign: str) -> Scope:
    """Return the scope of one seller's campaign: a sale of four days and nothing round it."""
    event, plan_on, _ = EVENTS[campaign]
    start, end = sale_of(campaign)[[0, -1]]
    review = end + pd.Timedelta(days=20)
    plan = {
        "event": event, "kind": "double_date",
        "phases": {"sale": {"start": f"{start:%Y-%m-%d}", "end": f"{end:%Y-%m-%d}"}},
        "next_replenishment_on": f"{review:%Y-%m-%d}",
    }  # fmt: skip
    as_of = {"plan": f"{plan_on:%Y-%m-%d}", "review": f"{review:%Y-%m-%d}"}
    told = {
        "campaign": campaign, "name": {"zh": "活动", "en": "Campaign"}, "as_of": as_of,
        "markets": {shop.market: plan},
    }  # fmt: skip
    currency, zone = MARKETS[shop.market]
    seller = {
        "seller": shop.name, "name": {"zh": "卖家", "en": "Seller"}, "currency": currency,
        "profile": {"category": "home"},
        "shops": [
            {
                "shop": f"{shop.name}-shop", "platform": "tiktok", "market": shop.market,
                "currency": currency, "time_zone": zone, "warehouse": "house",
            }
        ],
        "warehouses": [{"warehouse": "house", "market": shop.market}],
    }  # fmt: skip
    return scope_of(read_campaign(told, where="world"), read_seller(seller, where="world"))


def _shop(
    name: str,
    truths: Truths,
    base: float,
    category: dict[str, float],
    market: dict[str, float],
    shock: dict[str, float],
    rng: np.random.Generator,
    number: int,
) -> Shop:
    place = list(MARKETS)[number % len(MARKETS)]
    own = rng.choice(CATEGORIES, size=2, replace=False)
    goods = np.array([own[n % 2] for n in range(truths.n_skus)])
    band = np.arange(truths.n_skus) // 2 % 3
    level = np.exp(rng.uniform(np.log(0.5), np.log(20), truths.n_skus))
    log_ratio = base + market[place] + rng.normal(0, truths.seller_sd)
    log_ratio = log_ratio + np.array([category[one] for one in goods])
    log_ratio = log_ratio + np.array([BAND_EFFECTS[one] for one in band])
    log_ratio = log_ratio + rng.normal(0, truths.sku_sd, truths.n_skus)
    ratio = {
        campaign: np.exp(log_ratio + shock[campaign] + rng.normal(0, truths.seller_event_sd))
        for campaign in EVENTS
    }
    catalogue = pd.DataFrame(
        {
            "sku": [f"S{n:02d}" for n in range(truths.n_skus)],
            "category": goods,
            "price": np.array([8.0, 20.0, 50.0])[band] * rng.uniform(0.95, 1.05, truths.n_skus),
        }
    ).astype({"sku": "str", "category": "str"})
    return Shop(name, place, catalogue, level, ratio, _units(level, ratio, rng))


def _units(
    level: np.ndarray, ratio: dict[str, np.ndarray], rng: np.random.Generator
) -> dict[str, np.ndarray]:
    days = pd.date_range(FIRST_ON, "2025-12-10", unit="us")
    mean = level[:, None] * WEEKDAY[days.day_of_week]
    lift = np.ones_like(mean)
    for campaign, told in ratio.items():
        lift[:, days.isin(sale_of(campaign))] = told[:, None] * DAY_SHAPE
    noise = rng.gamma(10.0, 0.1, mean.shape)
    both = rng.poisson(mean * lift * noise)
    first = days.isin(sale_of("sep"))
    second = both.copy()
    second[:, first] = rng.poisson((mean * noise)[:, first])
    return {"both": both, "second": second}
