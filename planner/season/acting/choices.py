"""What can still be done for each SKU at risk, what it is worth now, and until when.

Joins shelf, demand to come and the tables of the plan; the arithmetic stands in `choice_kinds`.
"""

import math
from collections.abc import Iterator
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.acting import choice_kinds as kinds
from planner.season.acting.channel_choices import channel_options
from planner.season.acting.choice_case import Case, Choice
from planner.season.acting.choice_rules import confidence_of, fact_of, rules_of
from planner.season.acting.choice_sources import Source, sources_of
from planner.season.acting.clock import LEAST_UNITS, in_time
from planner.season.acting.joint_choices import MARKDOWN, Option, Step, is_open, together
from planner.season.days import KEYS
from planner.season.outlook.rest_by_hour import MarketRest
from planner.season.outlook.sightings import hour_shares
from planner.season.stock.cover import Shelf, run_worlds, shelf_of
from planner.season.stock.live_stock import sold_between
from planner.season.stock.unit_worth import unit_worth

AT_RISK = "at_risk"
"""Row of the register that is no action: in which share of worlds goods may run out."""
NUMBERS = (
    "units", "value_profit", "hours_left", "event_units", "event_profit", "step_profit",
    "step_event_profit",
)  # fmt: skip
MOMENTS = ("last_useful_at", "event_last_at", "looking_at", "lands_at")


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
        is unknown has no row where nothing can be weighed. `step_rank` and `step_profit` tell
        which of a SKU's actions are taken together, see `joint_choices.together`.
    """
    exits, channels = _rows_by(planned.exits, KEYS), _rows_by(planned.channels, KEYS)
    sessions = _rows_by(planned.live_plan, ["sku"])
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
        opens_on, rules = _price_opens(scope, rest), rules_of(planned.rules, rest.market, scope)
        risk_rate = fact_of(rules, AT_RISK, "share_rate")
        for place, case in _cases(rest, shelf, planned.economics, risk_rate):
            key = (case.market, case.sku)
            options = [
                Option(partial(kinds.bring, source=one), lead_hours=one.lead_hours)
                for one in sources.get(key, [])
            ]
            options += _by_rule(rules)
            own = sessions.get((case.sku,), [])
            options += _sessions(case, rest, place, curve[place], own, rules, scope)
            if key in channels:
                told = channels[key], landed.get(key, math.nan)
                options += channel_options(case.market, *told, rules, scope=scope)
            if key in exits:
                options += _markdowns(exits[key], rules, opens_on)
            steps = together(case, options)
            weighed = [(option.weigh(case), steps.get(at)) for at, option in enumerate(options)]
            found += [(case, choice, step) for choice, step in weighed if choice is not None]
    if not found:
        return tables.empty(tables.ActionChoices)
    return _table(found, scope)


def first_choices(choices: pd.DataFrame) -> pd.DataFrame:
    """Return the action to begin with of each market and SKU: what brings most in the event."""
    return choices[choices["step_rank"].eq(1).fillna(False).astype(bool)].reset_index(drop=True)


def _cases(
    rest: MarketRest, shelf: Shelf, economics: pd.DataFrame, risk_rate: float
) -> Iterator[tuple[int, Case]]:
    """Yield the SKUs that may run out or keep something, with their place in the sight.

    Where the register tells no chance from which on goods are at risk, any chance counts.
    """
    keys, n_event = rest.sight.keys, int(rest.is_event_day.sum())
    worth = unit_worth(rest, economics)
    demand = rest.by_day()
    run = run_worlds(shelf.stock, shelf.arriving, demand)
    at_risk = (run.unmet.sum(axis=1) > 0).mean(axis=1) > np.nan_to_num(risk_rate)
    has_left = np.nan_to_num(np.quantile(run.left, 0.5, axis=1)) >= 1
    days = rest.sight.days[rest.ahead]
    for place in np.flatnonzero((at_risk | has_left) & ~np.isnan(shelf.stock)):
        yield int(place), Case(
            market=rest.market, sku=str(keys["sku"].iloc[place]), at=rest.sight.at, days=days,
            event_days=n_event, stock=float(shelf.stock[place]), arriving=shelf.arriving[place],
            demand=demand[place], gains=worth.gains[place],
            keep=float(worth.keep[place]), penalty=float(worth.penalty[place]),
            unmet=run.unmet[place], left=run.left[place],
        )  # fmt: skip


def _price_opens(scope: Scope, rest: MarketRest) -> pd.Timestamp:
    """Return the first day on which a price may be cut: today, or the day after a locked event."""
    plan, today = scope.plans[rest.market], rest.sight.at.normalize()
    if plan.price_lock_on is None or plan.price_lock_on > today.date():
        return today
    return max(today, pd.Timestamp(plan.phases.end) + pd.Timedelta(days=1))


def _by_rule(rules: dict[str, dict[str, float]]) -> list[Option]:
    told = {
        action: {
            "share": fact_of(rules, action, "share_rate"),
            "unit_cost": fact_of(rules, action, "unit_cost"),
            "lead_hours": fact_of(rules, action, "lead_hours"),
            "known": confidence_of(rules, action),
        }
        for action in ("cap_ads", "backorder")
    }
    capped = partial(kinds.cap_ads, **told["cap_ads"])
    days = fact_of(rules, "backorder", "wait_days")
    waited = Option(partial(kinds.backorder, wait_days=days, **told["backorder"]))
    return [Option(capped, share=told["cap_ads"]["share"]), waited]


def _sessions(
    case: Case,
    rest: MarketRest,
    place: int,
    curve: np.ndarray,
    own: list[Any],
    rules: dict[str, dict[str, float]],
    scope: Scope,
) -> list[Option]:
    """Return the live sessions of a SKU, rows of the live plan, that can still be moved."""
    shops = {shop.shop for shop in scope.shops if shop.market == case.market} if own else set()
    found = []
    for row in own:
        if row.shop not in shops or not row.starts_at >= case.at:
            continue
        ends = row.starts_at + pd.Timedelta(hours=row.hours)
        asked = sold_between(rest, place, row.starts_at, ends, curve)
        told = {"asked": asked, "lead_hours": fact_of(rules, "move_live", "lead_hours")}
        found.append(Option(partial(kinds.move_live, session=row.starts_at, **told)))
    return found


def _rows_by(frame: pd.DataFrame | None, names: list[str]) -> dict[tuple[str, ...], list[Any]]:
    """Return a table's rows by some of its columns; nothing where there is no table."""
    found: dict[tuple[str, ...], list[Any]] = {}
    if frame is not None:
        for key, row in zip(frame[names].itertuples(index=False), frame.itertuples(), strict=True):
            found.setdefault(tuple(key), []).append(row)
    return found


def _markdowns(
    own: list[Any], rules: dict[str, dict[str, float]], opens_on: pd.Timestamp
) -> list[Option]:
    others = [one for one in own if one.exit != MARKDOWN and one.is_open]
    known = [(float(one.unit_revenue), float(one.max_units)) for one in others]
    hours = fact_of(rules, MARKDOWN, "lead_hours")
    told = [
        {
            "step": int(row.exit_step), "unit_revenue": float(row.unit_revenue),
            "max_units": float(row.max_units), "done_by": row.done_by, "others": known,
        }
        for row in own
        if row.exit == MARKDOWN
    ]  # fmt: skip
    return [
        Option(partial(kinds.markdown, row=row, opens_on=opens_on, lead_hours=hours))
        for row in told
    ]


def _table(found: list[tuple[Case, Choice, Step | None]], scope: Scope) -> pd.DataFrame:
    currency = scope.seller.currency
    rows = [_row(case, choice, step, currency) for case, choice, step in found]
    frame = pd.DataFrame(rows).assign(currency=currency)
    order = frame.assign(shut=~frame["is_open"], least=-frame["value_profit"])
    order = order.sort_values(["shut", "least", *KEYS, "action", "where"], na_position="last")
    frame = frame.loc[order.index].reset_index(drop=True)
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame["step_rank"] = frame["step_rank"].astype("Int64")
    moments = dict.fromkeys(MOMENTS, "datetime64[us]")
    frame = frame.astype(moments | dict.fromkeys(NUMBERS, float))
    return tables.checked(tables.ActionChoices, frame)


def _row(case: Case, choice: Choice, step: Step | None, currency: str) -> dict[str, object]:
    is_timely = in_time(case.at, choice.last_at)
    is_known = not math.isnan(choice.value)
    does_in_event = in_time(case.at, choice.event_last_at) and choice.event_value > 0
    return {
        "market": case.market,
        "sku": case.sku,
        "action": choice.action,
        "where": choice.place,
        "units": choice.units,
        "value_profit": choice.value,
        "looking_at": case.at,
        "last_useful_at": choice.last_at,
        "event_last_at": choice.event_last_at if does_in_event else pd.NaT,
        "hours_left": (choice.last_at - case.at) / pd.Timedelta(hours=1),
        "lands_at": choice.lands_at,
        "event_units": choice.event_units if is_known else math.nan,
        "event_profit": choice.event_value if is_known else math.nan,
        "step_rank": step.rank if step else None,
        "step_profit": step.added if step else math.nan,
        "step_event_profit": step.event_added if step else math.nan,
        "is_open": is_open(case, choice),
        "reason": _told(choice, currency, is_timely=is_timely, is_known=is_known),
    }


def _told(choice: Choice, currency: str, *, is_timely: bool, is_known: bool) -> str:
    if not is_known:
        return choice.reason
    if pd.isna(choice.last_at):
        return "reason.choice_no_moment"
    if not is_timely:
        return f"reason.choice_too_late|last_at={choice.last_at:%Y-%m-%d %H:%M}"
    if choice.value <= 0 or choice.units < LEAST_UNITS:
        return "reason.choice_not_worth"
    if choice.cost > 0:
        return f"{choice.reason};reason.choice_paid|cost={choice.cost:.2f}|currency={currency}"
    return choice.reason
