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
from planner.season.replays.replay import Course, worth_of_left
from planner.season.replays.rule_shelf import RuleTerms, Run, Start
from planner.season.replays.rule_start import columns_of, first_columns, start_of
from planner.supply.charges.packing import round_order
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
        As `course.campaign_course` returns it for the same tables: its SKUs are replayed.
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

    What a gate of our plan refuses no rule orders: they are held to the same papers.

    ``profit = net price * sold + value of the end - landed cost * bought - penalty * lost``; of
    what lies or comes at the end, ordinary days through lead, review and safety time are worth
    their landed cost, the rest what its exits bring. Goods owned on the planning day cost nothing
    more. `ordinary` is the mean of the days outside the phases.
    """
    terms = RuleTerms() if terms is None else terms
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
        _summed(_in_campaign(run, course.keys, scope), name, course, usual * spare_days)
        for name, run in runs.items()
    ]
    days = pd.concat(frames, ignore_index=True).sort_values([*KEYS, "day", "rule"])
    return RuleReplay(
        tables.checked(tables.SellerRules, days), _against_ours(pd.concat(sums), scope)
    )


def rule_sums(totals: pd.DataFrame) -> pd.DataFrame:
    """Return by rule what it would have ordered, missed, left over and earned over all SKUs.

    Parameters
    ----------
    totals : DataFrame
        Table `SellerRuleTotals`.

    Returns
    -------
    DataFrame
        rule, order_units, sold_units, lost_units, leftover_units, rule_profit, gained_profit,
        currency; the most profitable first.
    """
    names = ["order_units", "sold_units", "lost_units", "leftover_units", "rule_profit"]
    sums = totals.groupby(["rule", "currency"], as_index=False)[[*names, "gained_profit"]].sum()
    sums = sums.sort_values("rule_profit", ascending=False)
    return sums[["rule", *names, "gained_profit", "currency"]].reset_index(drop=True)


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
    mean = rows.groupby(KEYS)["mean_units"].sum().reindex(places).fillna(0.0)
    held = happened.position.set_index(KEYS)["available_units"].reindex(places).fillna(0.0)
    needed = np.maximum(terms.factor * mean.to_numpy() - held.to_numpy(), 0.0)
    needed = np.where(start.is_refused, 0.0, needed)
    packs = {"moq_units": start.moq_units, "carton_units": start.carton_units}
    units = np.where(needed > 0, round_order(needed, **packs), 0).astype(float)
    arriving = np.zeros(start.wanted.shape)
    inside = start.lead_days < arriving.shape[1]
    arriving[np.flatnonzero(inside), start.lead_days[inside].astype(int)] = units[inside]
    return rule_shelf.run_once(start, units, arriving)


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


def _summed(run: Run, rule: str, course: Course, needed: np.ndarray) -> pd.DataFrame:
    """Return the sums of one rule by SKU; `needed` is the stock that ordinary days will use."""
    keys, money = course.keys, course.money
    sold, lost, orders = (part.sum(axis=1) for part in (run.sold, run.lost, run.orders))
    at_end = run.ends[:, -1] + run.coming[:, -1]
    useful = np.minimum(at_end, needed)
    worth = money.landed_cost * useful + worth_of_left(money, at_end - useful)
    profit = money.net_price * sold + worth - money.landed_cost * (orders + course.bought)
    return keys[KEYS].assign(
        rule=rule,
        order_units=orders.round().astype("int64"),
        sold_units=sold,
        lost_units=lost,
        leftover_units=at_end - useful,
        rule_profit=profit - money.penalty_cost * lost,
    )


def _against_ours(sums: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    ours = sums[sums["rule"] == "ours"].set_index(KEYS)["rule_profit"]
    best = ours.reindex(pd.MultiIndex.from_frame(sums[KEYS])).to_numpy()
    frame = sums.assign(gained_profit=best - sums["rule_profit"], currency=scope.seller.currency)
    frame = frame.sort_values([*KEYS, "rule"])[tables.columns(tables.SellerRuleTotals)]
    return tables.checked(tables.SellerRuleTotals, frame)
