"""Exit kinds: what each way out of goods left over asks for, and what it would bring.

Knows the register of exits, the seller's channels and transfers, and the calendar. Knows nothing
of ranks, caps or how many units are left; that is `exits`.
"""

from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner.campaign import MarketPlan
from planner.scope import Scope
from planner.terms import Transfer


class Ways(NamedTuple):
    """What the exits of one market are worked out from."""

    goods: pd.DataFrame
    """SKUs of the market, as `goods_left` tells them."""
    everywhere: pd.DataFrame
    """SKUs of all markets of the plan."""
    rules: pd.DataFrame
    """Rows of the register in force for the market, `fee` in the seller's currency."""
    calendar: pd.DataFrame
    plan: MarketPlan
    market: str
    scope: Scope


def offers(ways: Ways) -> pd.DataFrame:
    """Return every exit of every SKU of a market before keeping is paid.

    Returns
    -------
    DataFrame
        The goods' columns, exit, exit_step, gross_revenue, wait_days (beyond the horizon, of a
        markdown beyond the sale), max_units, done_by, closed (reason, blank where open), reason.
    """
    kinds = {
        "ordinary": _ordinary,
        "next_event": _next_event,
        "other_channel": _other_channels,
        "other_market": _other_markets,
        "markdown": _markdowns,
        "ship_home": _ship_home,
        "destroy": _destroy,
    }
    parts = [
        part
        for name, kind in kinds.items()
        for part in kind(ways, ways.rules[ways.rules["exit"] == name].to_dict("records"))
    ]
    return pd.concat(parts, ignore_index=True) if parts else ways.goods.iloc[:0]


def _ordinary(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    """Each step is a stretch of ordinary days: units wait half of it on average."""
    parts, waited = [], 0.0
    for rule in rules:
        days = float(rule["days"])
        parts.append(
            _offer(
                ways,
                rule,
                gross=rule["share_rate"] * ways.goods["ordinary_revenue"] - rule["fee"],
                wait=waited + days / 2,
                most=ways.goods["daily_units"] * days * rule["max_share_rate"],
                done_by=_after(ways.plan.next_replenishment_on, waited + days),
                reason=f"reason.exit_ordinary|first={waited:.0f}|last={waited + days:.0f}",
            )
        )
        waited += days
    return parts


def _next_event(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    parts = []
    for rule in rules:
        found = next_event(ways.calendar, ways.market, ways.plan, within_days=rule["days"])
        if found is None:
            closed = "reason.exit_no_event"
            parts.append(_offer(ways, rule, gross=np.nan, wait=0.0, most=0.0, closed=closed))
            continue
        wait = (found["starts_on"] - pd.Timestamp(ways.plan.next_replenishment_on)).days
        parts.append(
            _offer(
                ways,
                rule,
                gross=rule["share_rate"] * ways.goods["sale_revenue"] - rule["fee"],
                wait=float(wait),
                most=ways.goods["campaign_units"] * rule["max_share_rate"],
                done_by=found["ends_on"],
                reason=f"reason.exit_event|event={found['event']}|day={found['starts_on']:%Y-%m-%d}",
            )
        )
    return parts


def next_event(
    calendar: pd.DataFrame, market: str, plan: MarketPlan, *, within_days: float = np.nan
) -> dict | None:
    """Return the first sale after the horizon, one of the plan's kind if there is any.

    Parameters
    ----------
    calendar : DataFrame
        Register `Calendar`.
    market : str
    plan : MarketPlan
    within_days : float
        How far ahead it may start; NaN for any day. [days]
    """
    first = pd.Timestamp(plan.next_replenishment_on)
    is_later = calendar["starts_on"] >= first
    if not np.isnan(within_days):
        is_later &= calendar["starts_on"] <= first + pd.Timedelta(days=within_days)
    is_sale = (calendar["market"] == market) & (calendar["phase"] == "sale")
    rows = calendar[is_later & is_sale]
    rows = rows.assign(is_other=rows["kind"] != plan.kind).sort_values(["is_other", "starts_on"])
    return None if rows.empty else rows.iloc[0].to_dict()


def _other_channels(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    houses = {h.warehouse for h in ways.scope.seller.warehouses if h.market == ways.market}
    shops = {shop.shop for shop in ways.scope.shops}
    open_to = [
        channel
        for channel in ways.scope.seller.channels
        if channel.warehouse in houses and channel.channel not in shops and channel.demand_ratio
    ]
    parts = []
    for rule in rules:
        if not open_to:
            closed = "reason.exit_no_channel"
            parts.append(_offer(ways, rule, gross=np.nan, wait=0.0, most=0.0, closed=closed))
        days = float(rule["days"])
        for step, channel in enumerate(open_to, 1):
            net = ways.goods["net_revenue"] * channel.net_price_ratio
            asked = ways.goods["daily_units"] * channel.demand_ratio * days
            parts.append(
                _offer(
                    ways,
                    rule | {"step": step},
                    gross=rule["share_rate"] * net - rule["fee"],
                    wait=days / 2,
                    most=asked * rule["max_share_rate"],
                    done_by=_after(ways.plan.next_replenishment_on, days),
                    reason=f"reason.exit_channel|channel={channel.channel}",
                )
            )
    return parts


def _other_markets(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    places = {house.warehouse: house.market for house in ways.scope.seller.warehouses}
    moves = [
        move
        for move in ways.scope.seller.transfers
        if places.get(move.from_warehouse) == ways.market
        and places.get(move.to_warehouse) in set(ways.scope.markets) - {ways.market}
    ]
    parts = []
    for rule in rules:
        if not moves:
            closed = "reason.exit_no_transfer"
            parts.append(_offer(ways, rule, gross=np.nan, wait=0.0, most=0.0, closed=closed))
        for step, move in enumerate(moves, 1):
            market = places[move.to_warehouse]
            there = ways.everywhere[ways.everywhere["market"] == market].set_index("sku")
            there = there.reindex(ways.goods["sku"]).reset_index().set_index(ways.goods.index)
            worth = np.minimum(there["ordinary_revenue"], there["landed_cost"])
            days = float(rule["days"])
            parts.append(
                _offer(
                    ways,
                    rule | {"step": step},
                    gross=rule["share_rate"] * worth - rule["fee"] - move_cost(move, ways.goods),
                    wait=move.days + days / 2,
                    most=there["daily_units"] * days * rule["max_share_rate"],
                    done_by=_after(ways.plan.next_replenishment_on, move.days + days),
                    reason=f"reason.exit_market|market={market}|days={move.days:.0f}",
                )
            )
    return parts


def move_cost(move: Transfer, goods: pd.DataFrame) -> pd.Series:
    """Return what moving a unit costs; NaN where neither a unit's nor a kilogram's price is known.

    Parameters
    ----------
    move : Transfer
    goods : DataFrame
        weight_kg.
    """
    by_unit = np.nan if move.unit_cost is None else move.unit_cost
    by_weight = np.nan if move.kg_cost is None else move.kg_cost * goods["weight_kg"]
    cost = pd.Series(by_unit, index=goods.index, dtype=float)
    if move.kg_cost is None:
        return cost
    return by_weight if move.unit_cost is None else cost + by_weight


def _markdowns(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    """Return the ladder; it starts the day after the sale, when leftovers show."""
    parts, starts_on = [], ways.plan.phases.sale.end + timedelta(days=1)
    for rule in rules:
        ends_on = starts_on + timedelta(days=int(rule["days"]) - 1)
        is_locked = ways.plan.price_lock_on is not None and starts_on <= ways.plan.phases.end
        waited = ((starts_on + (ends_on - starts_on) / 2) - ways.plan.phases.sale.end).days
        closed = f"reason.exit_price_locked|until={ways.plan.phases.end}" if is_locked else ""
        price = rule["share_rate"] * ways.goods["ordinary_price"]
        parts.append(
            _offer(
                ways,
                rule,
                gross=price - ways.goods["selling_cost"] - rule["fee"],
                wait=float(waited),
                most=ways.goods["horizon_units"] * rule["max_share_rate"],
                done_by=ends_on,
                closed=closed,
                reason=f"reason.exit_markdown|share={rule['share_rate']:.2f}|day={starts_on}",
            )
        )
        starts_on = ends_on + timedelta(days=1)
    return parts


def _ship_home(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    kept = ways.goods["landed_cost"]
    return [
        _offer(
            ways,
            rule,
            gross=rule["share_rate"] * kept - rule["fee"],
            wait=0.0,
            most=np.nan,
            done_by=_after(ways.plan.next_replenishment_on, rule["days"]),
            closed="reason.exit_fee_unknown" if np.isnan(rule["fee"]) else "",
            reason=f"reason.exit_ship_home|share={rule['share_rate']:.2f}",
        )
        for rule in rules
    ]


def _destroy(ways: Ways, rules: list[dict]) -> list[pd.DataFrame]:
    """Close it where the landed cost is unknown: no other exit could be weighed against it."""
    is_blind = ways.goods["landed_cost"].isna()
    open_to = pd.Series("", index=ways.goods.index, dtype="str").mask(
        is_blind, "reason.exit_cost_unknown"
    )
    return [
        _offer(
            ways,
            rule,
            gross=-rule["fee"],
            wait=0.0,
            most=np.nan,
            done_by=_after(ways.plan.next_replenishment_on, rule["days"]),
            closed="reason.exit_fee_unknown" if np.isnan(rule["fee"]) else open_to,
            reason="reason.exit_destroy",
        )
        for rule in rules
    ]


def _offer(
    ways: Ways,
    rule: dict,
    *,
    gross: float | pd.Series,
    wait: float,
    most: float | pd.Series,
    done_by: date | pd.Timestamp = pd.NaT,
    closed: str | pd.Series = "",
    reason: str = "",
) -> pd.DataFrame:
    return ways.goods.assign(
        exit=rule["exit"],
        exit_step=int(rule["step"]),
        gross_revenue=gross,
        wait_days=wait,
        max_units=most,
        done_by=pd.Timestamp(done_by),
        closed=closed,
        reason=reason,
    )


def _after(day: date, days: float) -> pd.Timestamp:
    known = 0.0 if np.isnan(days) else days
    return pd.Timestamp(day) + pd.Timedelta(days=int(np.ceil(known)))
