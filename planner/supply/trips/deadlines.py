"""Deadlines: everything that falls due before and during a campaign, on one sheet by day.

Knows the days of the campaign, of the lanes, of papers and of seasons, and which come first.
Knows nothing of quantities or money, and decides nothing.
"""

import math
from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd

from planner import tables
from planner.campaign import MarketPlan
from planner.scope import Scope
from planner.supply.trips.lanes import STEP, bound
from planner.supply.trips.legs import windows_of
from planner.supply.trips.stage_parts import inbound_rule
from planner.words import is_known

HORIZON = "deadline_horizon"
"""Rule of `Bounds`: how far the sheet looks ahead. [days]"""
NOT_USED = ("reason.mode_not_allowed", "reason.lead_time_implausible")
"""Reasons of lanes that nobody will take, however early."""
ORDER = (
    "sign_up_opens", "review_by", "decide_by", "produce_by", "inbound_request", "ship_by",
    "sign_up_ends", "price_lock", "inbound_opens", "arrive_by", "shelf_by", "warm_up", "sale",
    "tail", "next_replenishment", "paper_expires", "season_starts", "season_ends",
)  # fmt: skip
"""Of things that fall due on one day."""

Row = dict[str, object]


def due_dates(
    options: pd.DataFrame,
    *,
    scope: Scope,
    horizon_days: float | None = None,
    gates: pd.DataFrame | None = None,
    windows: pd.DataFrame | None = None,
    bounds: pd.DataFrame | None = None,
    inbound_rules: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what falls due, the first first; what has passed stands there and is marked.

    Parameters
    ----------
    options : DataFrame
        Table `LaneOptions`.
    scope : Scope
    horizon_days : int
        What falls due later is left out. [days]
    gates : DataFrame, optional
        Table `Gates`: papers that expire are told, one row per gate and day; and until when a
        category that is under review must be handed in.
    windows, bounds, inbound_rules : DataFrame, optional
        Registers `RiskWindows`, `Bounds` and `InboundRules`, rows in force. Without `windows` no
        season is told; without `bounds` no sign-up that the campaign file does not name; without
        `inbound_rules` no window of the platform's own warehouse.

    Returns
    -------
    DataFrame
        Table `Deadlines`. `mode` is blank where it holds for all; `market` is blank for papers
        of the seller.

    Notes
    -----
    `decide_by` is the last day on which every lane that is still in time stays open, the earliest
    `produce_by` of those; where none is left, the last day on which one was. A season that has
    begun is told by its end, one to come by its start.
    """
    rows: list[Row] = []
    for market, plan in scope.plans.items():
        ways = options[options["market"] == market]
        ways = ways[~ways["reason"].str.split("|").str[0].isin(NOT_USED)]
        found = [*_campaign(plan, bounds), *_ways(ways)]
        found += _inbound(market, ways, scope, inbound_rules)
        if windows is not None:
            found += _seasons(market, windows, scope)
        rows += [_row(market, *each, today=scope.as_of(STEP)[market]) for each in found]
    rows += [*_papers(scope, gates), *_reviews(scope, gates, bounds)]
    if horizon_days is None:
        horizon_days = math.inf if bounds is None else bound(bounds, HORIZON).high
    kept = [row for row in rows if row["days_left"] <= horizon_days]
    if not kept:
        return tables.empty(tables.Deadlines)
    frame = pd.DataFrame(kept).astype({"due_on": "datetime64[us]"})
    frame = frame.assign(place=frame["deadline"].map({name: n for n, name in enumerate(ORDER)}))
    frame = frame.sort_values(["due_on", "place", "market", "mode", "reason"], kind="stable")
    return tables.checked(tables.Deadlines, frame.drop(columns="place").drop_duplicates())


def _campaign(plan: MarketPlan, bounds: pd.DataFrame | None) -> Iterator[tuple]:
    """Yield deadline, day, mode and reason of the campaign's own days."""
    yield from _sign_up(plan, bounds)
    if plan.price_lock_on is not None:
        yield "price_lock", plan.price_lock_on, "", "reason.due_lock"
    for phase, span in plan.phases.named().items():
        yield phase, span.start, "", f"reason.due_phase|starts_on={span.start}|ends_on={span.end}"
    yield "next_replenishment", plan.next_replenishment_on, "", "reason.due_replenishment"


def _sign_up(plan: MarketPlan, bounds: pd.DataFrame | None) -> Iterator[tuple]:
    if plan.sign_up is not None:
        yield "sign_up_opens", plan.sign_up.start, "", "reason.due_told"
        yield "sign_up_ends", plan.sign_up.end, "", "reason.due_told"
    elif bounds is not None:
        rule = bound(bounds, "sign_up")
        for name, days in (("sign_up_opens", rule.high), ("sign_up_ends", rule.low)):
            day = plan.phases.start - timedelta(days=round(days))
            yield name, day, "", f"reason.due_usual|days={days:g}"


def _ways(ways: pd.DataFrame) -> Iterator[tuple]:
    """Yield the days of the lanes, and until when to decide."""
    for row in ways.to_dict("records"):
        for name in ("produce_by", "ship_by"):
            yield name, row[name].date(), row["mode"], row["reason"]
    if ways.empty:
        return
    open_ways = ways[ways["is_feasible"]]
    if open_ways.empty:
        last = ways.sort_values("produce_by").iloc[-1]
        yield "decide_by", last["produce_by"].date(), "", "reason.too_late_for_all"
    else:
        first = open_ways.sort_values(["produce_by", "mode"]).iloc[0]
        reason = f"reason.due_decide|mode={first['mode']}|n={len(open_ways)}"
        yield "decide_by", first["produce_by"].date(), "", reason
    arrival, shelf = ways["arrive_by"].min().date(), ways["shelf_by"].min().date()
    yield "arrive_by", arrival, "", f"reason.due_arrive|days={(shelf - arrival).days}"
    yield "shelf_by", shelf, "", "reason.due_shelf"


def _inbound(
    market: str, ways: pd.DataFrame, scope: Scope, rules: pd.DataFrame | None
) -> Iterator[tuple]:
    """Yield the windows in which the platform's own warehouse takes goods in."""
    used = {shop.warehouse for shop in scope.shops if shop.market == market}
    is_fbt = any(
        house.kind == "fbt" for house in scope.seller.warehouses if house.warehouse in used
    )
    if not is_fbt or ways.empty:
        return
    arrival = ways["arrive_by"].min().date()
    names = {"inbound_opens": "arrival_window_days", "inbound_request": "request_open_days"}
    for name, rule in names.items():
        days = inbound_rule(rules, market, "fbt", rule)
        if not math.isnan(days):
            day = arrival - timedelta(days=round(days))
            yield name, day, "", f"reason.due_{name}|days={days:g}"


def _seasons(market: str, windows: pd.DataFrame, scope: Scope) -> Iterator[tuple]:
    """Yield when seasons begin that the days up to the next replenishment meet, or end."""
    today, last = scope.as_of(STEP)[market], scope.plans[market].next_replenishment_on
    for window in windows_of(windows, market, by_stage=True):
        if not window.meets(today, last):
            continue
        facts = f"season={window.season}|stage={window.stage}"
        if math.isnan(window.added_days):
            reason = f"reason.due_season_unknown|{facts}"
        else:
            reason = f"reason.due_season|{facts}|days={window.added_days:g}"
        if window.starts_on >= today:
            yield "season_starts", window.starts_on, "", reason
        else:
            yield "season_ends", window.ends_on, "", reason


def _papers(scope: Scope, gates: pd.DataFrame | None) -> Iterator[Row]:
    """Yield papers that expire: those of the seller's file, and those that goods need."""
    today = scope.first_day(STEP)
    for name, paper in scope.seller.papers.items():
        if paper.expires_on is not None:
            reason = f"reason.due_paper|paper={_term('paper', name)}"
            yield _row("", "paper_expires", paper.expires_on, "", reason, today=today)
    if gates is None:
        return
    dated = gates[gates["expires_on"].notna()]
    for (market, gate, day), part in dated.groupby(["market", "gate", "expires_on"]):
        reason = f"reason.due_gate|gate={_term('gate', str(gate))}|n={part['sku'].nunique()}"
        seen = scope.as_of(STEP).get(str(market), today)
        yield _row(str(market), "paper_expires", day.date(), "", reason, today=seen)


def _reviews(
    scope: Scope, gates: pd.DataFrame | None, bounds: pd.DataFrame | None
) -> Iterator[Row]:
    """Yield until when to apply for categories that are not yet admitted.

    The review must end before sign-up does, or, once that has passed, before the shelf day. How
    long it takes is unknown for most: then the day to apply is today.
    """
    if gates is None:
        return
    waiting = gates[(gates["state"] == "pending") & (gates["gate"] == "admission")]
    for (market, reason), part in waiting.groupby(["market", "reason"]):
        today, plan = scope.as_of(STEP)[str(market)], scope.plans[str(market)]
        ends = [day for name, day, *_ in _sign_up(plan, bounds) if name == "sign_up_ends"]
        until = min([plan.shelf_day, *(day for day in ends if day >= today)])
        facts = dict(pair.split("=", 1) for pair in str(reason).split("|")[1:])
        told = f"category={facts['category']}|n={part['sku'].nunique()}|until={until}"
        if "days" in facts:
            day = until - timedelta(days=math.ceil(float(facts["days"])))
            why = f"reason.due_review|{told}|days={facts['days']}"
        else:
            day, why = today, f"reason.due_review_unknown|{told}"
        yield _row(str(market), "review_by", day, "", why, today=today)


def _term(family: str, name: str) -> str:
    term = f"{family}.{name}"
    return term if is_known(term) else name


def _row(market: str, deadline: str, day: date, mode: str, reason: str, *, today: date) -> Row:
    days_left = (day - today).days
    return {
        "market": market,
        "due_on": day,
        "deadline": deadline,
        "mode": mode,
        "days_left": days_left,
        "is_past": days_left < 0,
        "reason": reason,
    }
