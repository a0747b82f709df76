"""The price of a missing fact: what knowing it before the order would add to expected profit.

Looks at what people can fetch: how past promotions went, how the event is planned, stock on
hand, tariffs, the return rate, whether the slow way will be in time. A fact that cannot change
the order is worth nothing; one that nothing bounds is named without a price.
"""

import numpy as np
import pandas as pd

from planner import tables
from planner.scope import Scope
from planner.supply.charges.tariffs import per_unit
from planner.supply.charges.way_choice import comparable, in_order
from planner.supply.decisions.knowing import (
    Case,
    best_order,
    best_profit,
    known_case,
    loss_of_not_knowing,
    profit_of,
)
from planner.supply.quantity.newsvendor import KEYS
from planner.supply.quantity.position import horizon_days
from planner.supply.quantity.returning import returns_of
from planner.supply.trips.lanes import bound

DOUBTS = {"ratio": "past_promotion", "shock": "event_plan"}
"""Sources of doubt in demand that a fact can lift, and the fact."""
OF_THE_MARKET = ("event_plan",)
"""Facts that hold for all SKUs of a market at once."""
LANDED_TERMS = ("clearance", "inbound", "duty", "import_tax", "head_haul")
BOUNDS_OF_COST = {"duty": "duty_unknown"}
"""Bound that holds a cost that no market's tariff tells, as a share of the unit cost."""
GRID = np.linspace(0.0, 1.0, 9)
"""Places in the range of a cost at which the best order is sought."""


def worth_of_facts(
    draws: pd.DataFrame,
    position: pd.DataFrame,
    economics: pd.DataFrame,
    ways: pd.DataFrame,
    doubts: pd.DataFrame,
    return_rates: pd.DataFrame,
    fees: pd.DataFrame,
    bounds: pd.DataFrame,
    catalogue: pd.DataFrame,
    *,
    scope: Scope,
) -> pd.DataFrame:
    """Return what each missing or doubtful fact is worth: first what nobody can bound, then by it.

    Parameters
    ----------
    draws, position, economics, ways, doubts, catalogue : DataFrame
        Tables `DemandDraws`, `StockPosition`, `UnitEconomics`, `SkuWays`, `DoubtShares` and
        `Catalogue`.
    return_rates, fees, bounds : DataFrame
        Registers, rows in force on the planning day.
    scope : Scope

    Returns
    -------
    DataFrame
        Table `MissingFacts`. What nothing bounds may be worth more than all the rest: it stands
        first, by the SKUs that lack it.

    Notes
    -----
    The expected value of perfect information on one input (Raiffa and Schlaifer, Applied
    Statistical Decision Theory, 1961, section 4.5): expected profit when the order may follow
    the fact, less that of the best order without it.

    A doubt in demand that makes a share `s` of the variance is lifted by pulling each world
    towards the mean by ``sqrt(1 - s)``: ``worth = loss(worlds) - loss(pulled worlds)``, with
    ``loss = profit if demand were known - profit of the best order``. Exact where the fact moves
    the place of the distribution and not its form.

    A cost lies evenly in the range that the register shows for it in all markets, duty else in
    that of the bound `duty_unknown`. The plan leaves an unknown cost out and orders as if it were
    nothing: the worth is the profit of the best order at each cost less that of this order, both
    over the whole range. The return rate
    lies in the range of the bound `return_rate_spread`. Stock that nobody counted lies between
    none and the whole demand. Whether the slow way is in time is worth
    ``min(p L, F) - p min(L, F)``, with the chance `p` to be late, the loss `L` if it is and the
    price `F` of the fast way instead.
    """
    case, facts = known_case(draws, position, economics), []
    if len(case.keys):
        facts = [
            *_demand_facts(case, doubts),
            *_cost_facts(case, economics, fees, bounds, catalogue, scope),
            *_return_facts(case, economics, return_rates, bounds, catalogue),
            *_stock_facts(case, position),
            *_time_facts(case, ways, scope),
        ]
    facts += _unpriced(economics, facts, scope)
    if not facts:
        return tables.empty(tables.MissingFacts)
    frame = pd.DataFrame(facts)
    frame["worth_profit"] = frame["worth_profit"].astype(float).clip(lower=0)
    frame = frame.sort_values(
        ["worth_profit", "skus", "market", "sku", "fact"],
        ascending=[False, False, True, True, True],
        na_position="first",
    )
    frame["rank"] = np.arange(1, len(frame) + 1)
    frame["reason"] = "fact." + frame["fact"] + ".why"
    frame["fact"] = "fact." + frame["fact"]
    frame["currency"] = scope.seller.currency
    return tables.checked(tables.MissingFacts, frame.drop(columns="skus"))


def _demand_facts(case: Case, doubts: pd.DataFrame) -> list[dict[str, object]]:
    whole = doubts[(doubts["phase"] == "horizon") & doubts["doubt"].isin(DOUBTS)]
    shares = whole.groupby([*KEYS, "doubt"])["variance_share"].mean()
    mean, now = case.demand.mean(axis=1, keepdims=True), loss_of_not_knowing(case)
    found = []
    for doubt, fact in DOUBTS.items():
        if doubt not in shares.index.get_level_values("doubt"):
            continue
        share = shares.xs(doubt, level="doubt").reindex(case.keys).fillna(0.0).to_numpy()
        pulled = mean + (case.demand - mean) * np.sqrt(1.0 - share)[:, None]
        worth = now - loss_of_not_knowing(case._replace(demand=pulled))
        rows = pd.DataFrame({"worth": worth, "share": share}, index=case.keys).reset_index()
        rows = rows[rows["share"] > 0]
        if fact in OF_THE_MARKET:
            means = rows.groupby("market").agg({"worth": "sum", "share": "mean"})
            rows = means.reset_index().assign(sku="")
        found += [
            _fact(row.market, row.sku, fact, row.worth, f"fact.share|share={row.share:.4g}")
            for row in rows.itertuples()
        ]
    return found


def _cost_facts(
    case: Case,
    economics: pd.DataFrame,
    fees: pd.DataFrame,
    bounds: pd.DataFrame,
    catalogue: pd.DataFrame,
    scope: Scope,
) -> list[dict[str, object]]:
    goods = economics.merge(catalogue[["sku", "unit_cost", "weight_kg", "volume_cbm"]], on="sku")
    goods = goods.set_index(KEYS, drop=False).loc[case.keys].reset_index(drop=True)
    lacks = goods["missing"].str.split(";")
    found = []
    for term in sorted({name for names in lacks for name in names if name}):
        name = term.removeprefix("cost.")
        ends = _range_of(name, goods, fees, scope) or _bound_of(name, goods, bounds)
        if ends is None:
            continue
        is_missing = lacks.map(lambda names, term=term: term in names).to_numpy()
        worth = _worth_of_cost(case, *ends, is_landed=name in LANDED_TERMS, goods=goods)
        for market in goods["market"].unique():
            rows = (goods["market"] == market).to_numpy() & is_missing
            if rows.any():
                low, high = (end[rows].mean() for end in ends)
                spread = f"fact.range|low={low:.4g}|high={high:.4g}"
                found.append(_fact(market, "", f"cost.{name}", worth[rows].sum(), spread))
    return found


def _range_of(
    term: str, goods: pd.DataFrame, fees: pd.DataFrame, scope: Scope
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the least and most that a term costs a unit, by what all markets pay for it."""
    rows = fees[(fees["term"] == term) & fees["value"].notna()]
    rates = rows["currency"].map(lambda name: scope.seller.fx_rates.get(name, np.nan))
    rates = rates.mask(rows["currency"] == scope.seller.currency, 1.0)
    rates = rates.mask(rows["unit"].str.startswith("share"), 1.0).astype(float)
    costs = []
    for row, rate in zip(rows.to_dict("records"), rates, strict=True):
        markets = pd.DataFrame({"market": goods["market"].unique()})
        tariff = markets.assign(term=term, value=row["value"] * rate, unit=row["unit"], source="")
        costs.append(per_unit(tariff, term, goods).to_numpy())
    table = np.array(costs)
    if not len(table) or np.isnan(table).all():
        return None
    table = table[~np.isnan(table).any(axis=1)]
    return (table.min(axis=0), table.max(axis=0)) if len(table) > 1 else None


def _bound_of(
    term: str, goods: pd.DataFrame, bounds: pd.DataFrame
) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the least and most that a term may cost a unit where a bound says so."""
    if term not in BOUNDS_OF_COST:
        return None
    rate, cost = bound(bounds, BOUNDS_OF_COST[term]), goods["unit_cost"].to_numpy(dtype=float)
    return rate.low * cost, rate.high * cost


def _worth_of_cost(
    case: Case, low: np.ndarray, high: np.ndarray, *, is_landed: bool, goods: pd.DataFrame
) -> np.ndarray:
    kept = (goods["leftover_revenue"] / goods["landed_cost"]).fillna(0.0).to_numpy()
    planned, gains = best_order(case), []
    for place in GRID:
        cost = low + (high - low) * place
        over = case.over + cost * (1.0 - kept) if is_landed else case.over
        there = case._replace(margin=case.margin - cost, over=over)
        gains.append(best_profit(there) - profit_of(there, planned))
    return np.mean(gains, axis=0)


def _return_facts(
    case: Case,
    economics: pd.DataFrame,
    return_rates: pd.DataFrame,
    bounds: pd.DataFrame,
    catalogue: pd.DataFrame,
) -> list[dict[str, object]]:
    spread = bound(bounds, "return_rate_spread")
    goods = economics.set_index(KEYS).loc[case.keys].reset_index()
    rate = returns_of(return_rates, goods, catalogue)["return_rate"].fillna(0.0).to_numpy()
    price = goods["price"].fillna(0.0).to_numpy()
    profits = []
    for place in (*GRID, 0.5):
        factor = spread.low + (spread.high - spread.low) * place - 1.0
        profits.append(best_profit(case, margin=case.margin - rate * price * factor))
    worth = np.maximum(np.mean(profits[:-1], axis=0) - profits[-1], 0.0)
    found = []
    for market in goods["market"].unique():
        rows = (goods["market"] == market).to_numpy() & (rate > 0)
        if rows.any():
            ends = (rate[rows].mean() * spread.low, rate[rows].mean() * spread.high)
            told = f"fact.rates|low={ends[0]:.4g}|high={ends[1]:.4g}"
            found.append(_fact(market, "", "return_rate", worth[rows].sum(), told))
    return found


def _stock_facts(case: Case, position: pd.DataFrame) -> list[dict[str, object]]:
    known = position.set_index(KEYS)["is_known"].reindex(case.keys).to_numpy(dtype=bool)
    if known.all():
        return []
    mean = case.demand.mean(axis=1, keepdims=True)
    held = [case._replace(stock=np.broadcast_to(mean * place, case.demand.shape)) for place in GRID]
    told = np.mean([best_profit(one) for one in held], axis=0)
    blind = [np.mean([profit_of(one, best_order(other)) for one in held], axis=0) for other in held]
    worth = np.maximum(told - np.max(blind, axis=0), 0.0)
    return [
        _fact(market, sku, "stock_on_hand", value, f"fact.range|low=0|high={top:.0f}")
        for (market, sku), value, top, is_known in zip(
            case.keys, worth, mean[:, 0], known, strict=True
        )
        if not is_known
    ]


def _time_facts(case: Case, ways: pd.DataFrame, scope: Scope) -> list[dict[str, object]]:
    taken = in_order(comparable(ways))
    taken = taken[taken["landed_cost"].notna()]
    if taken.empty:
        return []
    slow = taken.drop_duplicates(KEYS).set_index(KEYS)
    fast = taken.sort_values("lead_days", kind="stable").drop_duplicates(KEYS).set_index(KEYS)
    slow, fast = slow.reindex(case.keys), fast.reindex(case.keys)
    order = best_order(case)
    days = case.keys.get_level_values("market").map(horizon_days(scope)).to_numpy(dtype=float)
    missed = np.minimum(slow["late_days"].to_numpy() / days, 1.0)
    loss = order * missed * np.maximum(case.margin + case.penalty, 0.0)
    extra = order * (fast["landed_cost"] - slow["landed_cost"]).to_numpy()
    late = 1.0 - slow["on_time_rate"].to_numpy()
    worth = np.minimum(late * loss, extra) - late * np.minimum(loss, extra)
    frame = pd.DataFrame(
        {"market": case.keys.get_level_values("market"), "worth": worth, "late": late}
    )
    return [
        _fact(
            str(market), "", "slow_way_in_time", rows["worth"].sum(),
            f"fact.chance|chance={rows['late'].mean():.4g}",
        )
        for market, rows in frame.dropna().groupby("market")
    ]  # fmt: skip


def _unpriced(
    economics: pd.DataFrame, priced: list[dict[str, object]], scope: Scope
) -> list[dict[str, object]]:
    told = {(row["market"], row["fact"]) for row in priced}
    named = economics.assign(term=economics["missing"].str.split(";")).explode("term")
    named = named[named["term"].fillna("") != ""]
    pairs = named.groupby(["market", "term"])["sku"].nunique()
    return [
        _fact(market, "", term, float("nan"), f"fact.unbounded|skus={skus}", skus=skus)
        for (market, term), skus in pairs.items()
        if (market, term) not in told and market in scope.markets
    ]


def _fact(
    market: str, sku: str, fact: str, worth: float, spread: str, *, skus: int = 0
) -> dict[str, object]:
    return {
        "skus": skus,
        "market": market,
        "sku": sku,
        "fact": fact,
        "worth_profit": float(worth),
        "spread": spread,
    }
