"""What the rules sellers use today would have ordered, day by day, and what it would have cost.

Replays each beside our plan through the same campaign, with the same demand and lead times. The
arithmetic of a rule is `rule_shelf`; here tables become arrays and money.
"""

from typing import NamedTuple

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.season.days import KEYS, known_until, seen_until
from planner.season.replays import rule_shelf
from planner.season.replays.course import Gathered, Happened
from planner.season.replays.regret import rows_of
from planner.season.replays.replay import Course, worth_of_left
from planner.season.replays.rule_shelf import RuleTerms, Run, Start
from planner.season.replays.rule_start import columns_of, first_columns, start_of, way_taken
from planner.supply.charges.packing import round_order
from planner.supply.order.rule_room import fitted
from planner.supply.quantity.position import HORIZON_PHASES

RULES = {
    "weighted_average": rule_shelf.averaging_rule,
    "largest_average": rule_shelf.largest_rule,
    "formula": rule_shelf.formula_rule,
}


class RuleReplay(NamedTuple):
    """What every rule did, day by day and in sum."""

    days: pd.DataFrame
    """Table `SellerRules`."""
    totals: pd.DataFrame
    """Table `SellerRuleTotals`."""


def replay_rules(
    happened: Happened,
    gathered: Gathered,
    ways: pd.DataFrame,
    *,
    scope: Scope,
    terms: RuleTerms | None = None,
) -> RuleReplay:
    """Return what each rule would have done from the planning day to the window's end.

    Parameters
    ----------
    happened : Happened
    gathered : Gathered
        As `course.campaign_course` returns it for the same tables: its SKUs are replayed, but for
        those that have no way to their market and those that nobody had counted on the planning
        day.
    ways : DataFrame
        Table `SkuWays`: how long goods take; the way most of the plan goes, else the cheapest.
    scope : Scope
    terms : RuleTerms, optional
        What the seller has set in its ERP; without it equal weights and the defaults.

    Notes
    -----
    All rules start from the stock of the planning day and see raw sales, promotions left in, as
    they do in the trade; from the first phase on a rule sees what its own shelf sold. Until then
    sales, and what came besides the campaign's order, are as they were, for every rule and for our
    plan: they differ in what they order for the campaign. The forecast with a factor and our plan
    order once. Units sold and missed, and their profit, count from the first phase day on.

    What a gate of our plan refuses no rule orders: they are held to the same papers, and to the
    same budget, booked space and warehouses, see `rule_room.fitted`. Goods that the plan fetches
    from another warehouse are there for all.

    Profit is that of `replay.replay`: net price of the day, exits of all that lies or comes at the
    end, landed cost of what was bought, returned units once. `unneeded_units` is what of the end
    ordinary days through lead, review and safety time would not use up; `ordinary` is the mean of
    the days outside the phases.
    """
    terms = RuleTerms() if terms is None else terms
    has_way = way_taken(gathered.course.keys, ways, happened.mode_plan)["lead_days"].notna()
    counted = happened.position.loc[happened.position["is_known"], KEYS]
    places = pd.MultiIndex.from_frame(gathered.course.keys[KEYS])
    is_in = has_way.to_numpy() & places.isin(pd.MultiIndex.from_frame(counted))
    gathered = gathered._replace(course=rows_of(gathered.course, np.flatnonzero(is_in)))
    course, until = gathered.course, known_until(happened.daily, seen_until(scope, step=5))
    columns = columns_of(scope, until)
    if course.keys.empty or columns.empty:
        return RuleReplay(tables.empty(tables.SellerRules), tables.empty(tables.SellerRuleTotals))
    start = start_of(happened, gathered, ways, columns, scope)
    runs = {"ours": _ours(happened, gathered, start, scope)}
    runs |= {name: rule_shelf.run_rule(start, made(start, terms)) for name, made in RULES.items()}
    runs["forecast_factor"] = _by_factor(happened, course.keys, start, terms)
    spare_days = start.lead_days + terms.review_days + terms.safety_days
    usual = _usual(start.wanted, course.keys, columns, scope)
    frames = [_told(run, name, course.keys, columns) for name, run in runs.items()]
    sums = [
        _summed(_in_campaign(run, course.keys, scope), name, course, usual * spare_days, scope)
        for name, run in runs.items()
    ]
    days = pd.concat(frames, ignore_index=True).sort_values([*KEYS, "day", "rule"])
    return RuleReplay(
        tables.checked(tables.SellerRules, days), _against_ours(pd.concat(sums), scope)
    )


def rule_sums(totals: pd.DataFrame) -> pd.DataFrame:
    """Return by rule what it would have ordered, missed, left and earned over all SKUs.

    Parameters
    ----------
    totals : DataFrame
        Table `SellerRuleTotals`.

    Returns
    -------
    DataFrame
        rule, order_units, held_back_units, sold_units, lost_units, leftover_units,
        unneeded_units, rule_profit, gained_profit, currency, skus (how many were replayed); the
        most profitable first.
    """
    names = [
        "order_units", "held_back_units", "sold_units", "lost_units", "leftover_units",
        "unneeded_units", "rule_profit",
    ]  # fmt: skip
    grouped = totals.groupby(["rule", "currency"])
    sums = grouped[[*names, "gained_profit"]].sum().assign(skus=grouped.size()).reset_index()
    sums = sums.sort_values("rule_profit", ascending=False)
    return sums[["rule", *names, "gained_profit", "currency", "skus"]].reset_index(drop=True)


def _ours(happened: Happened, gathered: Gathered, start: Start, scope: Scope) -> Run:
    """Return our plan as it was planned: one order, on the shelf when it was due."""
    keys, order = gathered.course.keys, gathered.course.order
    asked = np.where(order.is_refused, 0.0, order.limited_units)
    arriving = np.zeros(start.wanted.shape)
    share = order.planned_share
    for row, begins in enumerate(first_columns(keys, scope)):
        span = min(arriving.shape[1] - begins, share.shape[1])
        arriving[row, begins : begins + span] = asked[row] * share[row, :span]
    return rule_shelf.run_once(start, asked, arriving)


def _by_factor(happened: Happened, keys: pd.DataFrame, start: Start, terms: RuleTerms) -> Run:
    rows = happened.forecast[happened.forecast["phase"].isin(HORIZON_PHASES)]
    places = pd.MultiIndex.from_frame(keys[KEYS])
    mean = rows.groupby(KEYS)["mean_units"].sum().reindex(places)
    held = happened.position.set_index(KEYS)["available_units"].reindex(places)
    needed = np.maximum(terms.factor * mean.to_numpy() - held.to_numpy(), 0.0)
    needed = np.where(start.is_refused, 0.0, needed)
    packs = {"moq_units": start.moq_units, "carton_units": start.carton_units}
    wished = np.where(needed > 0, round_order(needed, **packs), 0).astype(float)
    units = fitted(wished, start.room, np.zeros(len(start.room.caps)), **packs)
    arriving = np.zeros(start.wanted.shape)
    inside = start.lead_days < arriving.shape[1]
    arriving[np.flatnonzero(inside), start.lead_days[inside].astype(int)] = units[inside]
    run = rule_shelf.run_once(start, units, arriving)
    run.held_back[:, 0] = wished - units
    return run


def _usual(
    wanted: np.ndarray, keys: pd.DataFrame, columns: pd.DataFrame, scope: Scope
) -> np.ndarray:
    """Return the mean demand of a day outside the phases. [units/day]."""
    is_usual = np.zeros(wanted.shape, dtype=bool)
    for market, part in columns.groupby("market"):
        phases = scope.plans[market].phases
        inside = part["day"].between(pd.Timestamp(phases.start), pd.Timestamp(phases.end))
        rows = np.flatnonzero(keys["market"] == market)
        is_usual[np.ix_(rows, part.loc[~inside, "column"].to_numpy(dtype=int))] = True
    return (wanted * is_usual).sum(axis=1) / np.maximum(is_usual.sum(axis=1), 1)


def _told(run: Run, rule: str, keys: pd.DataFrame, columns: pd.DataFrame) -> pd.DataFrame:
    rows = keys[KEYS].reset_index(names="place").merge(columns, on="market")
    cell = rows["place"].to_numpy(dtype=int), rows["column"].to_numpy(dtype=int)
    return rows[[*KEYS, "day"]].assign(
        rule=rule,
        daily_units=run.daily[cell],
        order_units=run.orders[cell].round().astype("int64"),
        shelf_units=run.ends[cell],
        coming_units=run.coming[cell],
        sold_units=run.sold[cell],
        lost_units=run.lost[cell],
    )


def _in_campaign(run: Run, keys: pd.DataFrame, scope: Scope) -> Run:
    """Return a run that sold and missed nothing before the first phase day."""
    begins = np.array(first_columns(keys, scope))[:, None]
    is_inside = np.arange(run.sold.shape[1]) >= begins
    return run._replace(sold=run.sold * is_inside, lost=run.lost * is_inside)


def _summed(run: Run, rule: str, course: Course, needed: np.ndarray, scope: Scope) -> pd.DataFrame:
    """Return the sums of one rule by SKU; `needed` is the stock that ordinary days will use."""
    keys, money = course.keys, course.money
    sold, lost, orders = (part.sum(axis=1) for part in (run.sold, run.lost, run.orders))
    at_end = run.ends[:, -1] + run.coming[:, -1]
    earned = np.zeros(len(keys))
    for row, begins in enumerate(first_columns(keys, scope)):
        own = run.sold[row, begins:][: money.net_price.shape[1]]
        earned[row] = own @ money.net_price[row, : len(own)]
    profit = earned + worth_of_left(money, at_end) - money.landed_cost * (orders + course.bought)
    profit = profit - money.penalty_cost * lost - money.returned_revenue * course.again
    profit = profit - money.once_cost * (orders > 0)
    return keys[KEYS].assign(
        rule=rule,
        order_units=orders.round().astype("int64"),
        held_back_units=run.held_back.max(axis=1).round().astype("int64"),
        sold_units=sold,
        lost_units=lost,
        leftover_units=at_end,
        unneeded_units=np.maximum(at_end - needed, 0.0),
        rule_profit=profit,
    )


def _against_ours(sums: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    ours = sums[sums["rule"] == "ours"].set_index(KEYS)["rule_profit"]
    best = ours.reindex(pd.MultiIndex.from_frame(sums[KEYS])).to_numpy()
    frame = sums.assign(gained_profit=best - sums["rule_profit"], currency=scope.seller.currency)
    frame = frame.sort_values([*KEYS, "rule"])[tables.columns(tables.SellerRuleTotals)]
    return tables.checked(tables.SellerRuleTotals, frame)
