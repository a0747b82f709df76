"""Lock stock: what of the stock a locked price is about, and where the rest of it goes.

Knows which units are at hand when the sale starts and what sells after it. Knows no cost of its
own and gives no advice; that is `price_lock`.
"""

import numpy as np
import pandas as pd

from planner.supply.charges.prices import LOCKED_PHASES
from planner.supply.leftovers.exits import exit_ladder, ladder_value
from planner.supply.quantity.newsvendor import KEYS, market_draws
from planner.supply.quantity.position import available_by_world

EARLIER_PHASES, LATER_PHASES = ("warm_up",), ("tail", "after")
ORDINARY_PHASE = "after"
"""Phase whose pace of sales is that of a good that is in no promotion."""
"""Phases of the horizon on either side of those that the lock binds in."""
WHOLE_TOLERANCE = 1e-9
"""Stock of 99.9999999999 units is one of 100. [units]"""
Ladder = tuple[np.ndarray, np.ndarray]
"""Exits as `exits.exit_ladder` tells them."""


def demand_in(draws: pd.DataFrame, keys: pd.MultiIndex, phases: tuple[str, ...]) -> np.ndarray:
    """Return demand of some phases world by world, 0 for a SKU without draws.

    Parameters
    ----------
    draws : DataFrame
        Table `DemandDraws`.
    keys : MultiIndex, shape (n_sku,)
    phases : tuple of str

    Returns
    -------
    ndarray, shape (n_sku, n_draws)
        [units]
    """
    known, units = market_draws(draws, phases=phases)
    place = known.get_indexer(keys)
    return np.where((place >= 0)[:, None], units[place], 0.0)


def with_later_sales(ladder: Ladder, frame: pd.DataFrame, later: np.ndarray) -> Ladder:
    """Return the exits behind sales at the ordinary price, none above a sale at the locked one.

    Parameters
    ----------
    ladder : tuple of ndarray
        As `exits.exit_ladder` tells it.
    frame : DataFrame, n_sku rows
        landed_cost, margin_profit and ordinary_profit, as `LockWorlds.frame` holds them.
    later : ndarray, shape (n_sku,)
        Units that are asked for after the lock, within the horizon. [units]
    """
    landed = frame["landed_cost"].to_numpy(dtype=float)
    at_lock, after = (
        frame[name].to_numpy(dtype=float) + landed for name in ("margin_profit", "ordinary_profit")
    )
    room, worth = ladder[0], np.nan_to_num(ladder[1])
    best = np.fmax(np.minimum(after, landed), worth[:, 0])
    steps = np.column_stack([best, worth])
    return np.column_stack([later, room]), np.minimum(steps, np.maximum(at_lock, 0.0)[:, None])


def with_plan(
    frame: pd.DataFrame, plan: pd.DataFrame, catalogue: pd.DataFrame, draws: pd.DataFrame
) -> pd.DataFrame:
    """Return the figures with what the sale can take of what will be at hand when it starts.

    Parameters
    ----------
    frame : DataFrame
        market, sku and asked_units: what the sale may ask for.
    plan, catalogue, draws : DataFrame
        Tables `StockPlan`, `Catalogue` and `DemandDraws`.
    """
    keys = pd.MultiIndex.from_frame(frame[KEYS])
    units = (plan["available_units"] + plan["order_units"]).set_axis(
        pd.MultiIndex.from_frame(plan[KEYS])
    )
    before = demand_in(draws, keys, EARLIER_PHASES).mean(axis=1)
    held = units.reindex(keys).fillna(0.0).to_numpy(dtype=float) - before
    held = np.floor(np.maximum(held, 0.0) + WHOLE_TOLERANCE)
    carton = frame["sku"].map(catalogue.set_index("sku")["carton_units"]).astype("Float64")
    is_all = held <= frame["asked_units"].to_numpy()
    return frame.assign(
        asked_units=np.where(is_all, held, frame["asked_units"]),
        slack_units=carton.fillna(1.0).astype(float).to_numpy() - 1.0,
        cap_term=np.where(is_all, "reason.lock_cap_held", "reason.lock_cap"),
    )


def withdrawn_gain(
    frame: pd.DataFrame,
    plan: pd.DataFrame,
    position: pd.DataFrame,
    draws: pd.DataFrame,
    exits: pd.DataFrame,
) -> np.ndarray:
    """Return what the plan's own stock earns more if the SKU is not registered.

    Parameters
    ----------
    frame : DataFrame, n_sku rows
        market, sku, landed_cost, margin_profit and ordinary_profit.
    plan, position, draws, exits : DataFrame
        Tables `StockPlan`, `StockPosition`, `DemandDraws` and `Exits`.

    Returns
    -------
    ndarray, shape (n_sku,)
        NaN where money or the ordinary pace is not known. [currency]

    Notes
    -----
    Not registered, the days of the sale ask for what the days after the campaign do, never for
    more than the sale, at the ordinary price. Stock serves the phases in their order; what is
    left takes the exits either way, and the order stays.
    """
    keys = pd.MultiIndex.from_frame(frame[KEYS])
    order = plan.set_index(KEYS)["order_units"].reindex(keys).fillna(0.0).to_numpy(dtype=float)
    known, units = available_by_world(position, draws)
    held = units[known.get_indexer(keys)] + order[:, None]
    sale = demand_in(draws, keys, LOCKED_PHASES)
    pace = demand_in(draws, keys, (ORDINARY_PHASE,)) * _pace(draws, frame["market"])[:, None]
    net = frame[["margin_profit", "ordinary_profit"]].add(frame["landed_cost"], axis=0)
    locked, ordinary = net.to_numpy(dtype=float).T[:, :, None]
    before, later = (demand_in(draws, keys, part) for part in (EARLIER_PHASES, LATER_PHASES))
    ladder = exit_ladder(exits, keys=keys)

    def earned(asked: np.ndarray, price: np.ndarray) -> np.ndarray:
        left, worth = held, 0.0
        for wanted, each in ((before, ordinary), (asked, price), (later, ordinary)):
            sold = np.minimum(left, wanted)
            left, worth = left - sold, worth + each * sold
        return (worth + np.nan_to_num(ladder_value(*ladder, left))).mean(axis=1)

    return earned(np.minimum(pace, sale), ordinary) - earned(sale, locked)


def _pace(draws: pd.DataFrame, markets: pd.Series) -> np.ndarray:
    """Return days of the sale over days after the campaign; NaN where one of them has no draws."""
    spans = draws.drop_duplicates(["market", "phase"]).set_index(["phase", "market"])
    days = (spans["ends_on"] - spans["starts_on"]).dt.days + 1.0
    sale, after = (
        days.reindex(pd.MultiIndex.from_product([phases, markets.unique()]))
        .groupby(level=1)
        .sum(min_count=1)
        for phases in (LOCKED_PHASES, (ORDINARY_PHASE,))
    )
    return markets.map(sale / after).to_numpy(dtype=float)
