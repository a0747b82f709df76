"""Prices of the horizon: the campaign's while the sale lasts, what buyers pay around it.

Knows daily units and money, the catalogue and the forecast's units by phase. Knows no cost. The
locked price binds in the phase `sale`. In warm-up and tail buyers get something off too, as in
the shop's own past events; after the campaign they pay what they always paid. Every unit of the
horizon counts at the mean price, the last one too.
"""

import numpy as np
import pandas as pd

from planner.demand.lost_rows import worth_of_minor_unit
from planner.intake.paid_prices import BEFORE_DAYS, MIN_UNITS, paid_discounts
from planner.scope import Scope
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.position import HORIZON_PHASES
from planner.supply.trips.lanes import STEP

LOCKED_PHASES = ("sale",)
"""Phases in which the campaign price binds."""
PRIOR_UNITS = float(MIN_UNITS)
"""Units that the list price less the shop's usual discount weighs (house judgement). [units]"""
AROUND_PHASES = ("warm_up", "tail")
"""Phases of an event around its sale."""
EDITION_GAP_DAYS = 14
"""Days of one phase farther apart belong to two editions of an event. [days]"""
PRICES = [
    "price", "sale_price", "warm_up_price", "tail_price", "ordinary_price", "price_source",
]  # fmt: skip


def unit_prices(
    daily: pd.DataFrame, draws: pd.DataFrame, catalogue: pd.DataFrame, *, scope: Scope
) -> pd.DataFrame:
    """Return what a unit of each SKU sells for in each market of the plan.

    Parameters
    ----------
    daily, draws, catalogue : DataFrame
        Tables `DailySales`, `DemandDraws` and `Catalogue`.
    scope : Scope
        Markets, exchange rates and the planning day.

    Returns
    -------
    DataFrame
        market, sku, price (mean over the horizon's expected units), sale_price, warm_up_price,
        tail_price, ordinary_price, price_source (whose figure the ordinary price is).
        [currency/unit]

    Notes
    -----
    ``price = sum over phases of w * price of the phase`` with `w` the share of the phase in the
    expected units of the horizon; all of it the sale's where no unit is expected. Without a
    campaign price the ordinary one holds in the sale too.
    ``warm_up_price = ordinary_price * (1 - off)``, the tail's likewise, see `phase_discounts`.
    """
    markets = pd.DataFrame({"market": pd.Series(scope.markets, dtype="str")})
    goods = markets.merge(catalogue[["sku", "promo_price"]], how="cross")
    ordinary = ordinary_prices(daily, catalogue, scope=scope)
    goods = goods.merge(ordinary, on=KEYS, how="left").sort_values(KEYS)
    sale = goods["promo_price"].fillna(goods["ordinary_price"])
    keys = pd.MultiIndex.from_frame(goods[KEYS])
    around = goods["ordinary_price"].fillna(sale)
    goods = goods.assign(sale_price=sale, ordinary_price=around)
    off = phase_discounts(daily)
    for phase in AROUND_PHASES:
        less = off[phase].reindex(goods["market"]).fillna(0.0).to_numpy()
        goods[f"{phase}_price"] = around * (1.0 - less)
    in_the_sale = {phase: float(phase in LOCKED_PHASES) for phase in HORIZON_PHASES}
    weights = phase_shares(draws).reindex(keys).fillna(in_the_sale).to_numpy()
    by_phase = goods[[_price_of(phase) for phase in HORIZON_PHASES]].to_numpy(dtype=float)
    goods["price"] = (by_phase * weights).sum(axis=1)
    return goods[[*KEYS, *PRICES]].reset_index(drop=True)


def phase_discounts(daily: pd.DataFrame) -> pd.DataFrame:
    """Return by market how much less buyers paid around the sales of past events.

    Parameters
    ----------
    daily : DataFrame
        Table `DailySales`, as known on the planning day.

    Returns
    -------
    DataFrame
        Indexed by market: warm_up and tail, shares of the usual price. NaN where no past event
        tells. [unitless]

    Notes
    -----
    Mean of `paid_prices.paid_discounts` over SKUs and editions, weighted by units.
    """
    rows = daily[daily["phase"].isin(AROUND_PHASES) & (daily["units"] > 0)]
    if rows.empty:
        return pd.DataFrame(columns=list(AROUND_PHASES), dtype=float)
    windows = _editions(rows)
    edition = ["event", "market", "phase", "sale_on"]
    units = rows.merge(windows, on=["event", "market", "phase"])
    units = units[(units["day"] >= units["starts_on"]) & (units["day"] <= units["ends_on"])]
    sold = units.groupby([*edition, "sku"])["units"].sum().rename("units").reset_index()
    told = paid_discounts(daily, windows)[[*edition, "sku", "discount_rate"]]
    told = told.dropna(subset="discount_rate").merge(sold, on=[*edition, "sku"])
    told["off"] = told["discount_rate"].astype(float) * told["units"]
    sums = told.groupby(["market", "phase"])[["off", "units"]].sum()
    sums["rate"] = sums["off"] / sums["units"]
    rates = sums.reset_index().pivot_table(index="market", columns="phase", values="rate")
    return rates.reindex(columns=list(AROUND_PHASES))


def ordinary_prices(daily: pd.DataFrame, catalogue: pd.DataFrame, *, scope: Scope) -> pd.DataFrame:
    """Return what buyers paid for a unit on the last ordinary days, SKU by SKU.

    Parameters
    ----------
    daily, catalogue : DataFrame
        Tables `DailySales` and `Catalogue`.
    scope : Scope

    Returns
    -------
    DataFrame
        market, sku, ordinary_price, price_source. [currency/unit]

    Notes
    -----
    ``(money + 5 * usual) / (units + 5)`` over the eight weeks before the planning day, or before
    the last day known; ``usual = list price * money of all SKUs / their units at list price``.
    Days of a campaign, and days whose money is not known, are left out.

    ======================  ============================================================
    price_source            the ordinary price is
    ======================  ============================================================
    price_source.paid       paid by buyers, in at least as many units as the usual one weighs
    price_source.few        paid by few buyers, drawn to the list price less usual discount
    price_source.usual      the list price less the shop's usual discount: no unit sold
    price_source.catalogue  the list price: nothing sold whose money is known
    price_source.campaign   the campaign price: no list price either
    price_source.none       not known
    ======================  ============================================================
    """
    markets = pd.DataFrame({"market": pd.Series(scope.markets, dtype="str")})
    listed = catalogue[["sku", "price", "promo_price"]].rename(columns={"price": "listed"})
    goods = markets.merge(listed, how="cross")
    goods = goods.merge(_paid(daily, scope), on=KEYS, how="left")
    goods[["units", "money"]] = goods[["units", "money"]].fillna(0.0)
    level = goods["market"].map(_usual_level(goods))
    usual = goods["listed"] * level.fillna(1.0)
    weight = PRIOR_UNITS * usual.notna()
    seen = goods["units"] + weight
    price = (goods["money"] + weight * usual.fillna(0.0)) / seen.where(seen > 0)
    return goods[KEYS].assign(
        ordinary_price=price.fillna(goods["promo_price"]),
        price_source=_sources(goods, level),
    )


def sale_share(draws: pd.DataFrame) -> pd.Series:
    """Return by market and SKU the share of the horizon's expected units that the sale sells.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.

    Returns
    -------
    Series
        NaN where no unit is expected. [unitless]
    """
    return phase_shares(draws)[list(LOCKED_PHASES)].sum(axis=1, skipna=False)


def rush_of_units(rush: pd.Series, draws: pd.DataFrame) -> pd.Series:
    """Return by market and SKU what the rush of the sale adds to a unit of the horizon.

    Parameters
    ----------
    rush : Series
        By market, as `surcharges.parcel_rush` tells it.
    draws : DataFrame
        Table `DemandDraws`.

    Returns
    -------
    Series
        ``rush * share of the sale in the expected units``; NaN where the rush is unknown.
        [unitless]
    """
    share = sale_share(draws).fillna(1.0)
    by_market = rush.reindex(share.index.get_level_values("market")).to_numpy(dtype=float)
    return share * by_market


def phase_shares(draws: pd.DataFrame) -> pd.DataFrame:
    """Return by market and SKU the share of the horizon's expected units that each phase sells.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.

    Returns
    -------
    DataFrame
        One column per phase of the horizon; NaN where no unit is expected. [unitless]
    """
    rows = draws.loc[draws["phase"].isin(HORIZON_PHASES), [*KEYS, "phase", "draws"]]
    means = [float(np.mean(row)) for row in rows["draws"]]
    rows = rows[[*KEYS, "phase"]].assign(mean=pd.Series(means, index=rows.index, dtype=float))
    by_phase = rows.pivot_table(index=KEYS, columns="phase", values="mean", aggfunc="sum")
    by_phase = by_phase.reindex(columns=list(HORIZON_PHASES)).fillna(0.0)
    whole = by_phase.sum(axis=1)
    return by_phase.div(whole.where(whole > 0), axis=0)


def _price_of(phase: str) -> str:
    return "ordinary_price" if phase == "after" else f"{phase}_price"


def _editions(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the editions of each event's phases that were sold in, from first to last day."""
    series = ["event", "market", "phase"]
    days = rows[[*series, "day"]].drop_duplicates().sort_values([*series, "day"])
    apart = days.groupby(series)["day"].diff() > pd.Timedelta(days=EDITION_GAP_DAYS)
    days["edition"] = apart.astype(int).groupby([days[name] for name in series]).cumsum()
    spans = days.groupby([*series, "edition"])["day"].agg(starts_on="min", ends_on="max")
    return spans.assign(sale_on=spans["starts_on"]).reset_index().drop(columns="edition")


def _paid(daily: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return units and money [currency] of the last ordinary days by market and SKU."""
    rows = daily[daily["market"].isin(scope.markets)]
    today = rows["market"].map({m: pd.Timestamp(day) for m, day in scope.as_of(STEP).items()})
    last = rows.groupby("market")["day"].transform("max") + pd.Timedelta(days=1)
    ends = last.where(last < today, today)
    is_recent = (rows["day"] < ends) & (rows["day"] >= ends - pd.Timedelta(days=BEFORE_DAYS))
    is_known = (rows["phase"] == "") & (rows["units"] > 0) & (rows["revenue_minor"] > 0)
    rows = rows[is_recent & is_known]
    worth = {shop.shop: worth_of_minor_unit(shop, scope) for shop in scope.shops}
    money = rows["revenue_minor"] * rows["shop"].map(worth).astype(float)
    rows = rows[[*KEYS, "units"]].assign(money=money)
    return rows[money.notna()].groupby(KEYS, as_index=False)[["units", "money"]].sum()


def _usual_level(goods: pd.DataFrame) -> pd.Series:
    """Return by market what buyers paid over the list price of what they bought."""
    told = goods[goods["listed"].notna() & (goods["units"] > 0)]
    at_list = (told["units"] * told["listed"]).groupby(told["market"]).sum()
    return told.groupby("market")["money"].sum() / at_list


def _sources(goods: pd.DataFrame, level: pd.Series) -> pd.Series:
    units = goods["units"].map("{:.0f}".format)
    told = f"|days={BEFORE_DAYS}|units=" + units
    is_listed = goods["listed"].notna()
    paid = np.where(goods["units"] >= PRIOR_UNITS, "price_source.paid", "price_source.few")
    off = (1.0 - level.fillna(1.0)).map("{:.3f}".format)
    chosen = np.select(
        [goods["units"] > 0, is_listed & level.notna(), is_listed, goods["promo_price"].notna()],
        [paid + told, "price_source.usual|off=" + off, "price_source.catalogue",
         "price_source.campaign"],
        "price_source.none",
    )  # fmt: skip
    return pd.Series(chosen, index=goods.index, dtype="str")
