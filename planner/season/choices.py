"""What can still be done for each SKU at risk, what it is worth now, and until when.

Joins shelf, demand to come and the tables of the plan; the arithmetic stands in `choice_kinds`.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.campaign import Scope
from planner.season import choice_kinds as kinds
from planner.season.choice_kinds import Case, Choice
from planner.season.choice_sources import Source, sources_of
from planner.season.clock import in_time
from planner.season.cover import Shelf, run_worlds, shelf_of
from planner.season.days import KEYS
from planner.season.live_stock import sold_between
from planner.season.rest_by_hour import MarketRest
from planner.season.sightings import hour_shares

RISK_RATE = 0.10
"""A SKU that runs out in so many of the worlds is at risk. House judgement, no source."""
ANY = "any"
MONEY = ["price", "selling_cost", "margin_profit", "under_cost", "leftover_revenue", "landed_cost"]
MARKDOWN = "markdown"


class Planned(NamedTuple):
    """What the plan left that actions rest on; tables of notebook 03, each may be empty."""

    economics: pd.DataFrame
    """`UnitEconomics`."""
    ways: pd.DataFrame
    """`SkuWays`."""
    catalogue: pd.DataFrame
    stock: pd.DataFrame
    """`Stock`, also of warehouses that serve no shop."""
    rules: pd.DataFrame
    """Register `ActionRules`, rows in force."""
    reserves: pd.DataFrame | None = None
    exits: pd.DataFrame | None = None
    channels: pd.DataFrame | None = None
    """`ChannelPlan`."""
    live_plan: pd.DataFrame | None = None


def action_choices(
    rests: list[MarketRest],
    stock_today: pd.DataFrame,
    arrivals: pd.DataFrame,
    planned: Planned,
    *,
    scope: Scope,
    hours: pd.DataFrame,
    today: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return every action for every SKU at risk, open ones first, the most money on top.

    Parameters
    ----------
    rests : list of MarketRest
        As `rest_by_hour.rest_by_hour` returns them.
    stock_today, arrivals : DataFrame
        As `counts.stock_today` and `counts.arrivals` return them.
    planned : Planned
    scope : Scope
    hours : DataFrame
        Table `HourProfile`.
    today : DataFrame, optional
        Sales of the looking day before the moment.

    Returns
    -------
    DataFrame
        Table `ActionChoices`. An action past its last useful moment, of unknown lead time or
        worth, or worth nothing is not open; the reason says why. A SKU whose count or economics
        is unknown has no row where nothing can be weighed.
    """
    exits, channels = _by_sku(planned.exits), _by_sku(planned.channels)
    landed = planned.economics.set_index(KEYS)["landed_cost"].to_dict()
    sources: dict[tuple[str, str], list[Source]] = {}
    for one in sources_of(
        planned.stock, planned.ways, planned.catalogue, scope=scope, reserves=planned.reserves
    ):
        sources.setdefault((one.market, one.sku), []).append(one)
    found = []
    for rest in rests:
        shelf = shelf_of(rest, stock_today, arrivals, today)
        curve = hour_shares(hours, rest.sight.keys)
        opens_on, rules = _price_opens(scope, rest), _rules(planned.rules, rest.market)
        for place, case in _cases(rest, shelf, planned.economics):
            key = (case.market, case.sku)
            options = [kinds.bring(case, source) for source in sources.get(key, [])]
            options += _by_rule(case, rules)
            options += _sessions(case, rest, place, curve[place], planned.live_plan, rules, scope)
            if key in channels:
                options += _channels(case, channels[key], landed.get(key, math.nan), rules, scope)
            if key in exits:
                options += _markdowns(case, exits[key], rules, opens_on)
            found += [(case, option) for option in options if option is not None]
    if not found:
        return tables.empty(tables.ActionChoices)
    return _table(found, scope)


def first_choices(choices: pd.DataFrame) -> pd.DataFrame:
    """Return the first recommended action of each market and SKU: open, and worth most."""
    return choices[choices["is_open"]].drop_duplicates(KEYS).reset_index(drop=True)


def _cases(rest: MarketRest, shelf: Shelf, economics: pd.DataFrame) -> Iterator[tuple[int, Case]]:
    """Yield the SKUs that may run out or keep something, with their place in the sight."""
    keys, n_event = rest.sight.keys, int(rest.is_event_day.sum())
    money = economics.set_index(KEYS)[MONEY].reindex(pd.MultiIndex.from_frame(keys))
    demand = rest.by_day()
    run = run_worlds(shelf.stock, shelf.arriving, demand)
    at_risk = (run.unmet.sum(axis=1) > 0).mean(axis=1) > RISK_RATE
    has_left = np.nan_to_num(np.quantile(run.left, 0.5, axis=1)) >= 1
    days = rest.sight.days[rest.ahead]
    for place in np.flatnonzero((at_risk | has_left) & ~np.isnan(shelf.stock)):
        row = money.iloc[place]
        penalty = row["under_cost"] - row["margin_profit"]
        yield int(place), Case(
            market=rest.market, sku=str(keys["sku"].iloc[place]), at=rest.sight.at, days=days,
            event_days=n_event, stock=float(shelf.stock[place]), arriving=shelf.arriving[place],
            demand=demand[place], gain=float(row["price"] - row["selling_cost"] + penalty),
            keep=float(row["leftover_revenue"]), penalty=float(penalty),
            unmet=run.unmet[place], left=run.left[place],
        )  # fmt: skip


def _price_opens(scope: Scope, rest: MarketRest) -> pd.Timestamp:
    """Return the first day on which a price may be cut: today, or the day after a locked event."""
    plan, today = scope.plans[rest.market], rest.sight.at.normalize()
    if plan.price_lock_on is None or plan.price_lock_on > today.date():
        return today
    return max(today, pd.Timestamp(plan.phases.end) + pd.Timedelta(days=1))


def _rules(rules: pd.DataFrame, market: str) -> dict[str, dict[str, float]]:
    """Return the rules of a market by action; its own come before those for any."""
    rows = rules[rules["market"].isin((market, ANY))].assign(own=rules["market"] == market)
    rows = rows.sort_values("own").drop_duplicates("action", keep="last")
    return rows.set_index("action").to_dict("index")


def _fact(rules: dict[str, dict[str, float]], action: str, name: str) -> float:
    return float(rules.get(action, {}).get(name, math.nan))


def _by_rule(case: Case, rules: dict[str, dict[str, float]]) -> list[Choice | None]:
    told = {
        action: {name: _fact(rules, action, name) for name in ("share_rate", "unit_cost")}
        for action in ("cap_ads", "backorder")
    }
    return [
        kinds.cap_ads(
            case,
            told["cap_ads"]["share_rate"],
            told["cap_ads"]["unit_cost"],
            _fact(rules, "cap_ads", "lead_hours"),
        ),
        kinds.backorder(
            case,
            told["backorder"]["share_rate"],
            told["backorder"]["unit_cost"],
            _fact(rules, "backorder", "wait_days"),
            _fact(rules, "backorder", "lead_hours"),
        ),
    ]


def _sessions(
    case: Case,
    rest: MarketRest,
    place: int,
    curve: np.ndarray,
    live_plan: pd.DataFrame | None,
    rules: dict[str, dict[str, float]],
    scope: Scope,
) -> list[Choice | None]:
    if live_plan is None or live_plan.empty:
        return []
    shops = {shop.shop for shop in scope.shops if shop.market == case.market}
    own = live_plan[(live_plan["sku"] == case.sku) & live_plan["shop"].isin(shops)]
    found = []
    for row in own[own["starts_at"] >= case.at].itertuples():
        ends = row.starts_at + pd.Timedelta(hours=row.hours)
        asked = sold_between(rest, place, row.starts_at, ends, curve)
        found.append(
            kinds.move_live(case, row.starts_at, asked, _fact(rules, "move_live", "lead_hours"))
        )
    return found


def _by_sku(frame: pd.DataFrame | None) -> dict[tuple[str, str], pd.DataFrame]:
    """Return a table's rows by market and SKU; nothing where there is no table."""
    return {} if frame is None or frame.empty else dict(tuple(frame.groupby(KEYS)))


def _channels(
    case: Case,
    rows: pd.DataFrame,
    landed_cost: float,
    rules: dict[str, dict[str, float]],
    scope: Scope,
) -> list[Choice | None]:
    shops = {shop.shop for shop in scope.shops if shop.market == case.market}
    own_rank = rows.loc[rows["channel"].isin(shops), "rank"].min()
    found: list[Choice | None] = []
    for row in rows[~rows["channel"].isin(shops)].itertuples():
        worth = float(row.unit_profit) + landed_cost
        free = float(row.partition_units - row.locked_units)
        fact = {"channel": row.channel, "units": max(free, 0.0), "worth": worth}
        fact["short"] = max(math.floor(row.demand_units - row.partition_units), 0)
        if row.rank > own_rank:
            hours = _fact(rules, "raise_protection", "lead_hours")
            found.append(kinds.raise_protection(case, fact, hours))
        hours = _fact(rules, "release_protection", "lead_hours")
        found.append(kinds.release_protection(case, fact, hours))
    return found


def _markdowns(
    case: Case, own: pd.DataFrame, rules: dict[str, dict[str, float]], opens_on: pd.Timestamp
) -> list[Choice | None]:
    others = own[(own["exit"] != MARKDOWN) & own["is_open"]]
    known = [(float(one.unit_revenue), float(one.max_units)) for one in others.itertuples()]
    hours = _fact(rules, MARKDOWN, "lead_hours")
    return [
        kinds.markdown(
            case,
            {
                "step": int(row.exit_step), "unit_revenue": float(row.unit_revenue),
                "max_units": float(row.max_units), "done_by": row.done_by, "others": known,
            },
            opens_on,
            hours,
        )
        for row in own[own["exit"] == MARKDOWN].itertuples()
    ]  # fmt: skip


def _table(found: list[tuple[Case, Choice]], scope: Scope) -> pd.DataFrame:
    rows = [_row(case, choice) for case, choice in found]
    frame = pd.DataFrame(rows).assign(currency=scope.seller.currency)
    order = frame.assign(shut=~frame["is_open"], least=-frame["value_profit"])
    order = order.sort_values(["shut", "least", *KEYS, "action", "where"], na_position="last")
    frame = frame.loc[order.index].reset_index(drop=True)
    frame["rank"] = np.arange(1, len(frame) + 1)
    kinds_of = {"last_useful_at": "datetime64[us]", "looking_at": "datetime64[us]"}
    frame = frame.astype(kinds_of | dict.fromkeys(("units", "value_profit", "hours_left"), float))
    return tables.checked(tables.ActionChoices, frame)


def _row(case: Case, choice: Choice) -> dict[str, object]:
    is_timely = in_time(case.at, choice.last_at)
    is_known = not math.isnan(choice.value)
    left = (
        (choice.last_at - case.at) / pd.Timedelta(hours=1) if pd.notna(choice.last_at) else np.nan
    )
    return {
        "market": case.market,
        "sku": case.sku,
        "action": choice.action,
        "where": choice.place,
        "units": choice.units,
        "value_profit": choice.value,
        "looking_at": case.at,
        "last_useful_at": choice.last_at,
        "hours_left": left,
        "is_open": bool(is_timely and is_known and choice.value > 0 and choice.units > 0),
        "reason": _told(choice, is_timely=is_timely, is_known=is_known),
    }


def _told(choice: Choice, *, is_timely: bool, is_known: bool) -> str:
    if not is_known:
        return choice.reason
    if pd.isna(choice.last_at):
        return "reason.choice_no_moment"
    if not is_timely:
        return f"reason.choice_too_late|last_at={choice.last_at:%Y-%m-%d %H:%M}"
    if choice.value <= 0 or choice.units <= 0:
        return "reason.choice_not_worth"
    return choice.reason
